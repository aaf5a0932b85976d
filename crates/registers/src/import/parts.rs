//! Chunks of rows on their way to becoming one register.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray as _, new_empty_array};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use minsheng_model::{Diagnostic, Table};

use super::bad::Bad;
use super::{fault, internal};
use crate::register::arrow_type;

/// Typed columns of some rows, in the declared order.
pub(super) struct Part {
    pub columns: Vec<ArrayRef>,
    pub bad: Vec<Bad>,
}

/// The rows' numbers in the file.
#[derive(Debug)]
pub(super) enum Numbers {
    /// All rows from this one on.
    From(u64),
    /// Some rows only.
    List(Vec<u64>),
}

impl Numbers {
    /// Returns the number of the `index`-th row.
    pub fn get(&self, index: usize) -> u64 {
        match self {
            Self::From(first) => first + index as u64,
            Self::List(list) => list.get(index).copied().unwrap_or(0),
        }
    }
}

/// A whole file, not yet sorted.
pub(super) struct Whole {
    pub columns: Vec<ArrayRef>,
    pub numbers: Numbers,
    /// The highest row number.
    pub rows_in_file: u64,
    pub bad: Vec<Bad>,
}

/// Until the checks have run, every column may hold missing values.
pub(super) fn lenient_schema(table: &Table) -> SchemaRef {
    let field = |c: &minsheng_model::Column| Field::new(&c.name, arrow_type(c.data_type), true);
    Arc::new(Schema::new(
        table.columns.iter().map(field).collect::<Vec<_>>(),
    ))
}

/// Joins parts to whole columns, one column after the other, so that little is in
/// memory twice.
///
/// # Errors
/// More rows or more text than one column can hold.
pub(super) fn join(
    path: &Path,
    table: &Table,
    parts: Vec<Part>,
) -> Result<(Vec<ArrayRef>, Vec<Bad>), Vec<Diagnostic>> {
    let mut bad = Vec::new();
    let mut stacks: Vec<Vec<ArrayRef>> = vec![Vec::with_capacity(parts.len()); table.columns.len()];
    for part in parts {
        bad.extend(part.bad);
        for (stack, column) in stacks.iter_mut().zip(part.columns) {
            stack.push(column);
        }
    }
    let mut columns = Vec::with_capacity(stacks.len());
    for (column, stack) in table.columns.iter().zip(stacks) {
        let rows: usize = stack.iter().map(|a| a.len()).sum();
        if rows > u32::MAX as usize || text_bytes(&stack) > i32::MAX as usize {
            let name = &column.name;
            return Err(fault(
                path,
                "register/too-large",
                format!("列 `{name}` 过大:最多 2 GiB 文字、42 亿行"),
                format!(
                    "column `{name}` is too large: at most 2 GiB of text in 4.2 thousand million rows"
                ),
            ));
        }
        let parts: Vec<&dyn Array> = stack.iter().map(AsRef::as_ref).collect();
        columns.push(match parts.as_slice() {
            [] => new_empty_array(&arrow_type(column.data_type)),
            _ => concat(&parts).map_err(|e| internal(path, &e))?,
        });
    }
    Ok((columns, bad))
}

fn text_bytes(stack: &[ArrayRef]) -> usize {
    let texts = stack.iter().filter(|a| *a.data_type() == DataType::Utf8);
    texts
        .filter_map(|a| a.as_string_opt::<i32>())
        .map(|a| a.value_data().len())
        .sum()
}

/// Returns, for rows numbered from `first`, which of them stay; `None` when all do.
pub(super) fn staying(first: u64, rows: usize, set_aside: &[u64]) -> Option<Vec<usize>> {
    let end = first + rows as u64;
    let within = set_aside.iter().any(|r| (first..end).contains(r));
    within.then(|| {
        (0..rows)
            .filter(|i| set_aside.binary_search(&(first + *i as u64)).is_err())
            .collect()
    })
}

/// Returns the numbers of `rows` rows less those set aside.
pub(super) fn numbers(rows: u64, set_aside: &[u64]) -> Numbers {
    if set_aside.is_empty() {
        return Numbers::From(1);
    }
    Numbers::List(
        (1..=rows)
            .filter(|r| set_aside.binary_search(r).is_err())
            .collect(),
    )
}
