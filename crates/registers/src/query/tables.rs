//! Tables as queries see them: whole numbers as decimals of 19 digits, decimals of
//! at most 28, so that sums of any number of rows stay exact.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchReader as _};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::MemTable;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Digits of a whole number of 64 bits.
pub(super) const WHOLE_DIGITS: u8 = 19;

/// Digits of a decimal: ten fewer than there are, for sums.
const DECIMAL_DIGITS: u8 = 28;

/// Reads all rows of a Parquet file.
pub(super) fn parquet(path: &Path) -> std::result::Result<Vec<RecordBatch>, String> {
    let file = File::open(path).map_err(|e| e.to_string())?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|e| e.to_string())?;
    let schema = reader.schema();
    let mut batches = reader
        .collect::<std::result::Result<Vec<_>, ArrowError>>()
        .map_err(|e| e.to_string())?;
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema));
    }
    Ok(batches)
}

/// The type a column has for a query.
fn exact_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::UInt64 => DataType::Decimal128(WHOLE_DIGITS + 1, 0),
        t if t.is_integer() => DataType::Decimal128(WHOLE_DIGITS, 0),
        DataType::Decimal128(digits, scale) => {
            DataType::Decimal128((*digits).min(DECIMAL_DIGITS), *scale)
        }
        DataType::Dictionary(_, inner) => exact_type(inner),
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        other => other.clone(),
    }
}

/// Makes a table in memory of the batches, which have one schema.
pub(super) fn exact(batches: Vec<RecordBatch>) -> Result<Arc<MemTable>> {
    let fields: Vec<Field> = batches
        .first()
        .map(|b| {
            let fields = b.schema().fields().clone();
            let wanted =
                |f: &Arc<Field>| Field::new(f.name(), exact_type(f.data_type()), f.is_nullable());
            fields.iter().map(wanted).collect()
        })
        .unwrap_or_default();
    let schema = Arc::new(Schema::new(fields));
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    let batches: Vec<RecordBatch> = batches
        .iter()
        .map(|b| {
            let columns: Vec<ArrayRef> = b
                .columns()
                .iter()
                .zip(schema.fields())
                .map(|(c, f)| cast_with_options(c, f.data_type(), &options))
                .collect::<std::result::Result<_, ArrowError>>()?;
            RecordBatch::try_new(Arc::clone(&schema), columns)
        })
        .collect::<std::result::Result<_, ArrowError>>()
        .map_err(|e| DataFusionError::ArrowError(Box::new(e), None))?;
    MemTable::try_new(schema, vec![batches]).map(Arc::new)
}
