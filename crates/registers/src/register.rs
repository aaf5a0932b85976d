use std::borrow::Cow;
use std::sync::Arc;

use crate::carry::Origin;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray as _, BooleanArray, Date32Array, Decimal128Array, Int64Array,
    RecordBatch, StringArray,
};
use datafusion::arrow::compute::filter_record_batch;
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
    /// The decision that rows come over from; `None` where all come from a file.
    pub origin: Option<Origin>,
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
            origin: None,
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

    /// Returns the rows that are kept, sealed anew as if there were no others; the same
    /// register where all are. `None` when `keep` is not one truth for each row.
    #[must_use]
    pub fn only(&self, keep: &[bool]) -> Option<Self> {
        if keep.len() != self.rows {
            return None;
        }
        if keep.iter().all(|k| *k) {
            return Some(self.clone());
        }
        let batch = filter_record_batch(&self.batch, &BooleanArray::from(keep.to_vec())).ok()?;
        Some(Self {
            sha256: crate::canonical::sha256(&self.table, &batch)?,
            rows: batch.num_rows(),
            table: self.table.clone(),
            origin: self.origin.clone(),
            batch,
        })
    }

    /// Returns the register with values, given as row, column and value, in place of its
    /// own, **under its own seal**: that of the rows as they came in.
    ///
    /// `None` when a value is not of its column's type, or missing where none may be.
    #[must_use]
    pub fn corrected(&self, values: &[(usize, usize, Option<Value>)]) -> Option<Self> {
        let mut columns = self.batch.columns().to_vec();
        for (index, declared) in self.table.columns.iter().enumerate() {
            let mut own: Vec<(usize, &Option<Value>)> = values
                .iter()
                .filter(|(_, column, _)| *column == index)
                .map(|(row, _, value)| (*row, value))
                .collect();
            own.sort_by_key(|(row, _)| *row);
            if own.is_empty() {
                continue;
            }
            let cell = |row: usize| match own.binary_search_by_key(&row, |(r, _)| *r) {
                Ok(found) => own.get(found).and_then(|(_, value)| (*value).clone()),
                Err(_) => self.value(row, index),
            };
            let cells: Vec<Option<Value>> = (0..self.rows).map(cell).collect();
            *columns.get_mut(index)? = array_of(declared.data_type, &cells)?;
        }
        if values
            .iter()
            .any(|(row, column, _)| *row >= self.rows || *column >= columns.len())
        {
            return None;
        }
        Some(Self {
            batch: RecordBatch::try_new(self.batch.schema(), columns).ok()?,
            ..self.clone()
        })
    }

    /// Drops every cell; declaration, seal and number of rows stay.
    pub fn forget_cells(&mut self) {
        self.batch = RecordBatch::new_empty(self.batch.schema());
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

/// Returns an array of the declared type; `None` when a value has another.
pub(crate) fn array_of(data_type: Type, cells: &[Option<Value>]) -> Option<ArrayRef> {
    /// Every value through `take`, which knows one type alone.
    fn each<T>(
        cells: &[Option<Value>],
        take: impl Fn(&Value) -> Option<T>,
    ) -> Option<Vec<Option<T>>> {
        cells
            .iter()
            .map(|cell| match cell {
                None => Some(None),
                Some(value) => take(value).map(Some),
            })
            .collect()
    }
    Some(match data_type {
        Type::Text => Arc::new(StringArray::from(each(cells, |v| match v {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })?)),
        Type::Integer => Arc::new(Int64Array::from(each(cells, |v| match v {
            Value::Integer(number) => Some(*number),
            _ => None,
        })?)),
        Type::Boolean => Arc::new(BooleanArray::from(each(cells, |v| match v {
            Value::Boolean(truth) => Some(*truth),
            _ => None,
        })?)),
        Type::Date => Arc::new(Date32Array::from(each(cells, |v| match v {
            Value::Date(day) => Some(day.days()),
            _ => None,
        })?)),
        Type::Decimal { scale } => {
            let digits = each(cells, |v| match v {
                Value::Decimal(decimal) => Some(decimal.rescale(scale).ok()?.mantissa()),
                _ => None,
            })?;
            let array = Decimal128Array::from(digits);
            Arc::new(array.with_data_type(decimal_type(scale)))
        }
    })
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
