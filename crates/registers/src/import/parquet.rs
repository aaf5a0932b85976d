use std::path::Path;

use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::compute::{cast, take_record_batch};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::error::ArrowError;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use minsheng_model::{Diagnostic, Table, Type};
use rayon::prelude::*;

use super::cells::{check, wanted};
use super::csv::open;
use super::parts::{Numbers, Part, Whole, join, numbers, staying};
use super::{fault, heading, internal, unreadable};
use crate::register::arrow_type;

/// Rows read at a time.
const BATCH_ROWS: usize = 65_536;

/// Reads a Parquet file whose column types hold the declared ones without loss.
pub(super) fn read(
    path: &Path,
    table: &Table,
    set_aside: &[u64],
) -> Result<Whole, Vec<Diagnostic>> {
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(open(path)?).map_err(|e| unreadable(path, &e))?;
    let schema = builder.schema().clone();
    let names: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
    let places = heading::places(path, table, &names)?;
    let mut wrong = Vec::new();
    for (column, at) in table.columns.iter().zip(&places) {
        let found = schema
            .fields()
            .get(*at)
            .map_or(&DataType::Null, |f| f.data_type());
        if !fits(column.data_type, found) {
            let (name, declared) = (&column.name, column.data_type);
            wrong.extend(fault(
                path,
                "register/column-type",
                format!("列 `{name}` 声明为 {declared},文件中是 {found}"),
                format!("column `{name}` is declared {declared}, but the file has {found}"),
            ));
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }

    let reader = builder
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|e| unreadable(path, &e))?;
    let wanted = wanted(table);
    let mut parts = Vec::new();
    let mut rows = 0u64;
    for batch in reader {
        let batch = batch.map_err(|e| unreadable(path, &e))?;
        let first = rows + 1;
        rows += batch.num_rows() as u64;
        let (batch, numbers) = stay(batch, first, set_aside).map_err(|e| internal(path, &e))?;
        let checked: Vec<_> = wanted
            .par_iter()
            .zip(&places)
            .zip(&table.columns)
            .map(|((wanted, at), column)| {
                let array = cast(batch.column(*at), &arrow_type(column.data_type))?;
                Ok(check(wanted, &array, &numbers))
            })
            .collect::<Result<_, ArrowError>>()
            .map_err(|e| unreadable(path, &e))?;
        let (columns, bad): (Vec<_>, Vec<_>) = checked.into_iter().unzip();
        parts.push(Part {
            columns,
            bad: bad.into_iter().flatten().collect(),
        });
    }
    let (columns, bad) = join(path, table, parts)?;
    Ok(Whole {
        columns,
        bad,
        numbers: numbers(rows, set_aside),
        rows_in_file: rows,
    })
}

fn stay(
    batch: RecordBatch,
    first: u64,
    set_aside: &[u64],
) -> Result<(RecordBatch, Numbers), ArrowError> {
    let Some(rows) = staying(first, batch.num_rows(), set_aside) else {
        return Ok((batch, Numbers::From(first)));
    };
    let numbers = rows.iter().map(|r| first + *r as u64).collect();
    let indices = rows.iter().filter_map(|r| u32::try_from(*r).ok());
    let batch = take_record_batch(&batch, &UInt32Array::from_iter_values(indices))?;
    Ok((batch, Numbers::List(numbers)))
}

/// Whether a file's column type holds the declared values without loss.
fn fits(declared: Type, found: &DataType) -> bool {
    match (declared, found) {
        (Type::Text, DataType::Dictionary(_, inner)) => fits(declared, inner),
        (Type::Text, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
        | (Type::Boolean, DataType::Boolean)
        | (Type::Date, DataType::Date32) => true,
        (Type::Integer, found) => found.is_integer() && *found != DataType::UInt64,
        (Type::Decimal { scale }, DataType::Decimal128(_, s)) => i8::try_from(scale) == Ok(*s),
        _ => false,
    }
}
