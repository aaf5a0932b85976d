use std::borrow::Cow;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray as _, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Field, Int64Type, Schema, SchemaRef,
};
use minsheng_model::{Date, Decimal, Table, Type, Value};

/// A register in memory: typed columns, rows in key order.
#[derive(Debug, Clone)]
pub struct Register {
    /// Its declaration.
    pub table: Table,
    /// The columns in the declared order.
    pub batch: RecordBatch,
    /// Hex SHA-256 of its canonical CSV: heading, rows by key, RFC 4180.
    pub sha256: String,
    /// How many rows.
    pub rows: usize,
}

impl Register {
    /// Returns the register of a table that the rules do not have: no rows, no file.
    #[must_use]
    pub fn none(table: &Table) -> Self {
        Self {
            table: table.clone(),
            batch: RecordBatch::new_empty(arrow_schema(table)),
            sha256: String::new(),
            rows: 0,
        }
    }

    /// Returns the value of a column in a row; `None` is missing (or no such cell).
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> Option<Value> {
        value_at(self.batch.columns().get(column)?.as_ref(), row)
    }

    /// Returns a cell as text, without a copy where the column is text; `None` is
    /// missing (or no such cell).
    #[must_use]
    pub fn text(&self, row: usize, column: usize) -> Option<Cow<'_, str>> {
        let array = self.batch.columns().get(column)?;
        match array.as_string_opt::<i32>() {
            Some(texts) if row < texts.len() && texts.is_valid(row) => {
                Some(Cow::Borrowed(texts.value(row)))
            }
            Some(_) => None,
            None => self.value(row, column).map(|v| Cow::Owned(v.to_string())),
        }
    }

    /// Returns a text column's values, row by row; `None` when there is no text
    /// column of that name.
    #[must_use]
    pub fn texts(&self, column: &str) -> Option<Vec<Option<&str>>> {
        let array = self.batch.column_by_name(column)?;
        Some(array.as_string_opt::<i32>()?.iter().collect())
    }

    /// Returns a row's register and key, as messages name it.
    pub(crate) fn name_of(&self, row: usize) -> String {
        let keys = self.table.key.iter();
        let values: Vec<String> = keys
            .filter_map(|k| self.value(row, self.table.column_index(k)?))
            .map(|v| v.to_string())
            .collect();
        format!("`{}` [{}]", self.table.name, values.join(", "))
    }
}

/// Returns the Arrow type of a declared type.
pub(crate) fn arrow_type(data_type: Type) -> DataType {
    match data_type {
        Type::Text => DataType::Utf8,
        Type::Integer => DataType::Int64,
        Type::Decimal { scale } => decimal_type(scale),
        Type::Boolean => DataType::Boolean,
        Type::Date => DataType::Date32,
    }
}

/// Every decimal has 38 digits, so that only the scale tells types apart.
pub(crate) fn decimal_type(scale: u8) -> DataType {
    DataType::Decimal128(38, i8::try_from(scale).unwrap_or(i8::MAX))
}

/// Returns the Arrow schema of a declared table.
pub(crate) fn arrow_schema(table: &Table) -> SchemaRef {
    let fields: Vec<Field> = table
        .columns
        .iter()
        .map(|c| {
            let nullable = c.nullable && !table.key.contains(&c.name);
            Field::new(&c.name, arrow_type(c.data_type), nullable)
        })
        .collect();
    Arc::new(Schema::new(fields))
}

/// Returns the value in a row of a column.
pub(crate) fn value_at(array: &dyn Array, row: usize) -> Option<Value> {
    if row >= array.len() || array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Utf8 => {
            let text = array.as_string_opt::<i32>()?.value(row);
            Some(Value::Text(text.to_owned()))
        }
        DataType::Int64 => {
            let numbers = array.as_primitive_opt::<Int64Type>()?;
            Some(Value::Integer(numbers.value(row)))
        }
        DataType::Date32 => {
            let days = array.as_primitive_opt::<Date32Type>()?;
            Date::from_days(days.value(row)).map(Value::Date)
        }
        DataType::Boolean => Some(Value::Boolean(array.as_boolean_opt()?.value(row))),
        DataType::Decimal128(_, scale) => {
            let digits = array.as_primitive_opt::<Decimal128Type>()?.value(row);
            let decimal = Decimal::new(digits, u8::try_from(*scale).ok()?);
            decimal.ok().map(Value::Decimal)
        }
        _ => None,
    }
}
