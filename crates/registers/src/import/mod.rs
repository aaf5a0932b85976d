//! Registers in: a file becomes typed columns in key order, or a list of all that
//! is wrong with it.

mod bad;
mod cells;
mod csv;
mod heading;
mod parquet;
mod parts;
mod sort;
mod xlsx;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::take_record_batch;
use datafusion::arrow::error::ArrowError;
use minsheng_model::{Diagnostic, Table, Text};

use crate::canonical;
use crate::register::{Register, arrow_schema};
use parts::Whole;

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Rows that the officer says to leave out, by their number: the first row
    /// after the heading is 1.
    pub set_aside: Vec<u64>,
    /// Where to list bad rows: a CSV file with row, column, value and reason.
    pub rejects: Option<PathBuf>,
}

/// Imports a register from a file ending in `.csv`, `.parquet` or `.xlsx`: reads
/// every row, checks every cell, and gives either the whole register in key order
/// or everything that is wrong with it.
///
/// # Errors
/// The file cannot be read, its heading or its types differ from the declaration,
/// or rows are bad; bad rows are all listed in [`Options::rejects`] and told in
/// one diagnostic.
pub fn import(path: &Path, table: &Table, options: &Options) -> Result<Register, Vec<Diagnostic>> {
    let mut set_aside = options.set_aside.clone();
    set_aside.sort_unstable();
    set_aside.dedup();
    let mut whole = read(path, table, &set_aside)?;
    sight(path, &set_aside, whole.rows_in_file)?;

    let unsorted = RecordBatch::try_new(parts::lenient_schema(table), whole.columns)
        .map_err(|e| internal(path, &e))?;
    let order = sort::by_key(path, table, &unsorted)?;
    let repeats = sort::repeats(table, &unsorted, &order, &whole.numbers);
    whole.bad.extend(repeats);
    if !whole.bad.is_empty() {
        return Err(vec![bad::refuse(path, table, whole.bad, options)]);
    }

    let sorted = match &order.permutation {
        Some(indices) => take_record_batch(&unsorted, indices).map_err(|e| internal(path, &e))?,
        None => unsorted,
    };
    let batch = RecordBatch::try_new(arrow_schema(table), sorted.columns().to_vec())
        .map_err(|e| internal(path, &e))?;
    let sha256 = canonical::sha256(table, &batch)
        .ok_or_else(|| internal(path, &ArrowError::SchemaError("column type".to_owned())))?;
    Ok(Register {
        table: table.clone(),
        rows: batch.num_rows(),
        batch,
        sha256,
        origin: None,
    })
}

/// Reads a file by its ending.
fn read(path: &Path, table: &Table, set_aside: &[u64]) -> Result<Whole, Vec<Diagnostic>> {
    let ending = path
        .extension()
        .map(|e| e.to_string_lossy().to_ascii_lowercase());
    let reader = match ending.as_deref() {
        Some("csv") => csv::read,
        Some("parquet") => parquet::read,
        Some("xlsx") => xlsx::read,
        _ => {
            return Err(fault(
                path,
                "register/format",
                "名册文件应以 .csv、.parquet 或 .xlsx 结尾".to_owned(),
                "a register file ends in .csv, .parquet or .xlsx".to_owned(),
            ));
        }
    };
    // The decoders of compressed formats may panic on damaged files; a damaged
    // file is the user's mistake, not ours.
    catch_unwind(AssertUnwindSafe(|| reader(path, table, set_aside))).unwrap_or_else(|_| {
        Err(fault(
            path,
            "register/unreadable",
            "文件已损坏".to_owned(),
            "the file is damaged".to_owned(),
        ))
    })
}

/// Sees that every row to be set aside exists: a mistyped number would leave the
/// wrong row in.
fn sight(path: &Path, set_aside: &[u64], rows: u64) -> Result<(), Vec<Diagnostic>> {
    match set_aside.iter().find(|r| !(1..=rows).contains(r)) {
        None => Ok(()),
        Some(row) => Err(fault(
            path,
            "register/set-aside",
            format!("要搁置的第 {row} 行不存在,文件共有 {rows} 行"),
            format!("row {row} is to be set aside, but the file has {rows} rows"),
        )),
    }
}

/// Returns one error about a file.
fn fault(path: &Path, code: &str, zh: String, en: String) -> Vec<Diagnostic> {
    vec![Diagnostic::error(code, Text::new(zh, en)).in_file(path.display().to_string())]
}

/// Returns the error of a file that cannot be read.
fn unreadable(path: &Path, said: &dyn std::fmt::Display) -> Vec<Diagnostic> {
    fault(
        path,
        "register/unreadable",
        format!("无法读取:{said}"),
        format!("cannot be read: {said}"),
    )
}

fn internal(path: &Path, error: &ArrowError) -> Vec<Diagnostic> {
    fault(
        path,
        "register/internal",
        format!("无法整理名册:{error}"),
        format!("the register cannot be put in order: {error}"),
    )
}
