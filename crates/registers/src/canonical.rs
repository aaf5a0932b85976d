//! The hash of a register: SHA-256 of its canonical CSV.
//!
//! Chunks of rows are written in parallel and hashed in order; nothing is
//! allocated per cell, so that millions of rows take about a second.

use std::io::Write as _;

use datafusion::arrow::array::{Array, AsArray as _, BooleanArray, RecordBatch, StringArray};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type};
use minsheng_model::{Date, Decimal, Table};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

/// Rows written by one task.
const CHUNK_ROWS: usize = 16_384;

/// Chunks in memory at a time.
const CHUNKS_AHEAD: usize = 16;

/// A column's values, without a look at its type per cell.
enum Cells<'a> {
    Text(&'a StringArray),
    Integer(&'a [i64]),
    Decimal(&'a [i128], u8),
    Boolean(&'a BooleanArray),
    Date(&'a [i32]),
}

struct Column<'a> {
    cells: Cells<'a>,
    nulls: Option<&'a NullBuffer>,
}

impl<'a> Column<'a> {
    fn new(array: &'a dyn Array) -> Option<Self> {
        let cells = match array.data_type() {
            DataType::Utf8 => Cells::Text(array.as_string_opt()?),
            DataType::Int64 => Cells::Integer(array.as_primitive_opt::<Int64Type>()?.values()),
            DataType::Date32 => Cells::Date(array.as_primitive_opt::<Date32Type>()?.values()),
            DataType::Boolean => Cells::Boolean(array.as_boolean_opt()?),
            DataType::Decimal128(_, scale) => {
                let digits = array.as_primitive_opt::<Decimal128Type>()?.values();
                Cells::Decimal(digits, u8::try_from(*scale).ok()?)
            }
            _ => return None,
        };
        Some(Self {
            cells,
            nulls: array.nulls(),
        })
    }

    /// Adds the cell to the line; a missing value is nothing at all.
    #[expect(
        clippy::indexing_slicing,
        reason = "`row` is below the batch's row count, which is every column's length"
    )]
    fn write(&self, line: &mut Vec<u8>, row: usize) {
        if self.nulls.is_some_and(|n| n.is_null(row)) {
            return;
        }
        // Writing to a vector cannot fail.
        match &self.cells {
            Cells::Text(texts) => write_text(line, texts.value(row)),
            Cells::Integer(numbers) => write_integer(line, numbers[row]),
            Cells::Boolean(truths) if truths.value(row) => line.extend_from_slice(b"true"),
            Cells::Boolean(_) => line.extend_from_slice(b"false"),
            Cells::Date(days) => {
                if let Some(day) = Date::from_days(days[row]) {
                    let _ = write!(line, "{day}");
                }
            }
            Cells::Decimal(digits, scale) => {
                if let Ok(decimal) = Decimal::new(digits[row], *scale) {
                    let _ = write!(line, "{decimal}");
                }
            }
        }
    }
}

fn write_integer(line: &mut Vec<u8>, number: i64) {
    let mut digits = [0u8; 20];
    let mut rest = number.unsigned_abs();
    let mut used = 0;
    for slot in digits.iter_mut().rev() {
        // The remainder is below 10.
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        used += 1;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        line.push(b'-');
    }
    line.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

/// Adds a text, in quotes only where RFC 4180 asks for them.
fn write_text(line: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    if !bytes
        .iter()
        .any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r'))
    {
        line.extend_from_slice(bytes);
        return;
    }
    line.push(b'"');
    for byte in bytes {
        if *byte == b'"' {
            line.push(b'"');
        }
        line.push(*byte);
    }
    line.push(b'"');
}

/// Returns the hex SHA-256 of the batch, which is sorted by key, as canonical CSV;
/// `None` when a column has a type that no declaration gives.
pub(crate) fn sha256(table: &Table, batch: &RecordBatch) -> Option<String> {
    let columns: Vec<Column<'_>> = batch
        .columns()
        .iter()
        .map(|c| Column::new(c.as_ref()))
        .collect::<Option<_>>()?;
    let mut hash = Sha256::new();
    let mut line = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        if index > 0 {
            line.push(b',');
        }
        write_text(&mut line, &column.name);
    }
    line.push(b'\n');
    hash.update(&line);

    let starts: Vec<usize> = (0..batch.num_rows()).step_by(CHUNK_ROWS).collect();
    let mut buffers: Vec<Vec<u8>> = vec![Vec::new(); CHUNKS_AHEAD];
    for window in starts.chunks(CHUNKS_AHEAD) {
        window
            .par_iter()
            .zip(buffers.par_iter_mut())
            .for_each(|(start, buffer)| {
                buffer.clear();
                let end = (start + CHUNK_ROWS).min(batch.num_rows());
                write_rows(&columns, *start..end, buffer);
            });
        for buffer in buffers.iter().take(window.len()) {
            hash.update(buffer);
        }
    }
    let digest: [u8; 32] = hash.finalize().into();
    Some(digest.iter().map(|b| format!("{b:02x}")).collect())
}

fn write_rows(columns: &[Column<'_>], rows: std::ops::Range<usize>, buffer: &mut Vec<u8>) {
    for row in rows {
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                buffer.push(b',');
            }
            column.write(buffer, row);
        }
        buffer.push(b'\n');
    }
}
