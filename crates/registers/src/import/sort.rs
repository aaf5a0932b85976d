//! Rows by key: integers by size, everything else by its bytes, days and decimals
//! by value.

use std::cmp::Ordering;
use std::path::Path;

use datafusion::arrow::array::{
    Array, AsArray as _, BooleanArray, RecordBatch, StringArray, UInt32Array,
};
use datafusion::arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type};
use minsheng_model::{Diagnostic, Table};
use rayon::prelude::*;

use super::bad::{Bad, Reason};
use super::fault;
use super::parts::Numbers;
use crate::register::value_at;

enum Values<'a> {
    Text(&'a StringArray),
    Integer(&'a [i64]),
    Decimal(&'a [i128]),
    Boolean(&'a BooleanArray),
    Date(&'a [i32]),
}

/// A column of the key.
struct Part<'a> {
    array: &'a dyn Array,
    values: Values<'a>,
}

impl<'a> Part<'a> {
    fn new(array: &'a dyn Array) -> Option<Self> {
        let values = match array.data_type() {
            DataType::Utf8 => Values::Text(array.as_string_opt()?),
            DataType::Int64 => Values::Integer(array.as_primitive_opt::<Int64Type>()?.values()),
            DataType::Decimal128(..) => {
                Values::Decimal(array.as_primitive_opt::<Decimal128Type>()?.values())
            }
            DataType::Boolean => Values::Boolean(array.as_boolean_opt()?),
            DataType::Date32 => Values::Date(array.as_primitive_opt::<Date32Type>()?.values()),
            _ => return None,
        };
        Some(Self { array, values })
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "rows come from `0..num_rows`, which is every column's length"
    )]
    fn compare(&self, a: usize, b: usize) -> Ordering {
        match &self.values {
            Values::Text(texts) => texts.value(a).as_bytes().cmp(texts.value(b).as_bytes()),
            Values::Integer(numbers) => numbers[a].cmp(&numbers[b]),
            Values::Decimal(digits) => digits[a].cmp(&digits[b]),
            Values::Boolean(truths) => truths.value(a).cmp(&truths.value(b)),
            Values::Date(days) => days[a].cmp(&days[b]),
        }
    }
}

fn compare(key: &[Part<'_>], a: usize, b: usize) -> Ordering {
    key.iter()
        .map(|part| part.compare(a, b))
        .find(|o| o.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn key<'a>(table: &Table, batch: &'a RecordBatch) -> Option<Vec<Part<'a>>> {
    let columns = table.key.iter().map(|k| batch.column_by_name(k));
    columns.map(|c| Part::new(c?.as_ref())).collect()
}

/// The order of the rows by key; rows with the same key stay in the file's order.
pub(super) struct Order {
    /// `None` when the rows are in order as they stand.
    pub permutation: Option<UInt32Array>,
}

impl Order {
    fn at(&self, index: usize) -> usize {
        match &self.permutation {
            Some(indices) => indices.value(index) as usize,
            None => index,
        }
    }
}

/// Returns the order of the rows by key.
pub(super) fn by_key(
    path: &Path,
    table: &Table,
    batch: &RecordBatch,
) -> Result<Order, Vec<Diagnostic>> {
    let rows = batch.num_rows();
    let (Some(key), Ok(end)) = (key(table, batch), u32::try_from(rows)) else {
        return Err(fault(
            path,
            "register/internal",
            "名册的主键没有声明为列".to_owned(),
            "the register's key is not among its columns".to_owned(),
        ));
    };
    let sorted = (1..rows)
        .into_par_iter()
        .with_min_len(16_384)
        .all(|row| compare(&key, row - 1, row).is_le());
    if sorted {
        return Ok(Order { permutation: None });
    }
    let mut indices: Vec<u32> = (0..end).collect();
    indices.par_sort_unstable_by(|a, b| {
        compare(&key, *a as usize, *b as usize).then_with(|| a.cmp(b))
    });
    Ok(Order {
        permutation: Some(indices.into()),
    })
}

/// Returns every row whose key stands in an earlier row already.
pub(super) fn repeats(
    table: &Table,
    batch: &RecordBatch,
    order: &Order,
    numbers: &Numbers,
) -> Vec<Bad> {
    let Some(key) = key(table, batch) else {
        return Vec::new();
    };
    (1..batch.num_rows())
        .into_par_iter()
        .with_min_len(16_384)
        .filter_map(|index| {
            let (before, row) = (order.at(index - 1), order.at(index));
            let present = key
                .iter()
                .all(|p| p.array.is_valid(row) && p.array.is_valid(before));
            if !present || compare(&key, before, row).is_ne() {
                return None;
            }
            let values: Vec<String> = key
                .iter()
                .filter_map(|p| value_at(p.array, row))
                .map(|v| v.to_string())
                .collect();
            Some(Bad {
                row: numbers.get(row),
                column: None,
                value: values.join("+").chars().take(200).collect(),
                reason: Reason::Repeated(numbers.get(before)),
            })
        })
        .collect()
}
