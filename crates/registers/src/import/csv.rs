use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::compute::take_record_batch;
use datafusion::arrow::csv::ReaderBuilder;
use datafusion::arrow::csv::reader::Format;
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::error::ArrowError;
use minsheng_model::{Diagnostic, Table, Text};
use rayon::prelude::*;

use super::cells::{Wanted, parse, wanted};
use super::parts::{Numbers, Part, Whole, join, numbers, staying};
use super::{fault, heading, internal, unreadable};

/// Rows read at a time.
const BATCH_ROWS: usize = 16_384;

/// Batches parsed in parallel.
const BATCHES_AHEAD: usize = 8;

/// Reads a CSV file: UTF-8 (a byte order mark is fine), comma, quotes as in RFC
/// 4180, one heading.
pub(super) fn read(
    path: &Path,
    table: &Table,
    set_aside: &[u64],
) -> Result<Whole, Vec<Diagnostic>> {
    let mut file = BufReader::with_capacity(1 << 20, open(path)?);
    let names = names(path, &mut file)?;
    let places = heading::places(path, table, &names)?;
    let fields: Vec<Field> = (0..names.len())
        .map(|n| Field::new(n.to_string(), DataType::Utf8, true))
        .collect();
    let reader = ReaderBuilder::new(Arc::new(Schema::new(fields)))
        .with_header(true)
        .with_batch_size(BATCH_ROWS)
        .build_buffered(file)
        .map_err(|e| malformed(path, &e))?;

    let wanted = wanted(table);
    let mut parts: Vec<Part> = Vec::new();
    let mut rows = 0u64;
    let mut ahead: Vec<(u64, RecordBatch)> = Vec::with_capacity(BATCHES_AHEAD);
    let drain = |ahead: &mut Vec<(u64, RecordBatch)>, parts: &mut Vec<Part>| {
        let typed: Result<Vec<Part>, ArrowError> = ahead
            .par_drain(..)
            .map(|(first, batch)| part(&wanted, &places, first, batch, set_aside))
            .collect();
        typed.map(|typed| parts.extend(typed))
    };
    for batch in reader {
        let batch = batch.map_err(|e| malformed(path, &e))?;
        let first = rows + 1;
        rows += batch.num_rows() as u64;
        ahead.push((first, batch));
        if ahead.len() == BATCHES_AHEAD {
            drain(&mut ahead, &mut parts).map_err(|e| internal(path, &e))?;
        }
    }
    drain(&mut ahead, &mut parts).map_err(|e| internal(path, &e))?;
    let (columns, bad) = join(path, table, parts)?;
    Ok(Whole {
        columns,
        bad,
        numbers: numbers(rows, set_aside),
        rows_in_file: rows,
    })
}

/// Opens a file that is one.
pub(super) fn open(path: &Path) -> Result<File, Vec<Diagnostic>> {
    let file = File::open(path).map_err(|error| {
        let code = if error.kind() == std::io::ErrorKind::NotFound {
            "register/missing-file"
        } else {
            "register/unreadable"
        };
        fault(
            path,
            code,
            format!("无法打开名册文件:{error}"),
            format!("the register's file cannot be opened: {error}"),
        )
    })?;
    match file.metadata() {
        Ok(about) if about.is_dir() => Err(unreadable(path, &"this is a folder")),
        _ => Ok(file),
    }
}

/// Returns the heading, and leaves the file standing before it, behind a byte
/// order mark.
fn names(path: &Path, file: &mut BufReader<File>) -> Result<Vec<String>, Vec<Diagnostic>> {
    let mut mark = Vec::with_capacity(3);
    file.by_ref()
        .take(3)
        .read_to_end(&mut mark)
        .map_err(|e| unreadable(path, &e))?;
    let start = if mark == "\u{feff}".as_bytes() { 3 } else { 0 };
    file.seek(SeekFrom::Start(start))
        .map_err(|e| unreadable(path, &e))?;
    let (schema, _) = Format::default()
        .with_header(true)
        .infer_schema(&mut *file, Some(0))
        .map_err(|_| not_utf8(path, "1"))?;
    file.seek(SeekFrom::Start(start))
        .map_err(|e| unreadable(path, &e))?;
    let names: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
    if names.is_empty() {
        return Err(fault(
            path,
            "register/empty",
            "文件是空的,连表头也没有".to_owned(),
            "the file is empty: not even a heading".to_owned(),
        ));
    }
    Ok(names)
}

fn part(
    wanted: &[Wanted<'_>],
    places: &[usize],
    first: u64,
    batch: RecordBatch,
    set_aside: &[u64],
) -> Result<Part, ArrowError> {
    let (batch, numbers) = match staying(first, batch.num_rows(), set_aside) {
        None => (batch, Numbers::From(first)),
        Some(rows) => {
            let numbers = rows.iter().map(|r| first + *r as u64).collect();
            let indices = rows.iter().filter_map(|r| u32::try_from(*r).ok());
            let indices = UInt32Array::from_iter_values(indices);
            (take_record_batch(&batch, &indices)?, Numbers::List(numbers))
        }
    };
    let mut columns = Vec::with_capacity(wanted.len());
    let mut bad = Vec::new();
    for (wanted, at) in wanted.iter().zip(places) {
        let (array, found) = parse(wanted, batch.column(*at), &numbers);
        columns.push(array);
        bad.extend(found);
    }
    Ok(Part { columns, bad })
}

fn not_utf8(path: &Path, line: &str) -> Vec<Diagnostic> {
    let found = fault(
        path,
        "register/csv",
        format!("第 {line} 行不是 UTF-8 编码"),
        format!("line {line} is not UTF-8"),
    );
    let help = Text::new(
        "另存为“CSV UTF-8(逗号分隔)”",
        "save the file as \"CSV UTF-8 (comma delimited)\"",
    );
    found.into_iter().map(|d| d.help(help.clone())).collect()
}

/// Returns the error of a file that is not a table, with its line.
fn malformed(path: &Path, error: &ArrowError) -> Vec<Diagnostic> {
    let said = match error {
        ArrowError::CsvError(said) => said.as_str(),
        other => return unreadable(path, other),
    };
    // The reader tells the line in its message only.
    let number_after = |word: &str| -> Option<String> {
        let (_, rest) = said.split_once(word)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    };
    let line = number_after("line ").unwrap_or_else(|| "?".to_owned());
    if said.contains("UTF-8") {
        return not_utf8(path, &line);
    }
    match (number_after("expected "), said.contains("incorrect number")) {
        (Some(expected), true) => {
            let more = number_after("got more than ").map(|_| "more".to_owned());
            let found = number_after("got ")
                .or(more)
                .unwrap_or_else(|| "?".to_owned());
            let found_zh = if found == "more" { "更多" } else { &found };
            fault(
                path,
                "register/csv",
                format!("第 {line} 行应有 {expected} 格,实有 {found_zh}(文件的第 1 行是表头)"),
                format!(
                    "line {line} must have {expected} cells, it has {found} (the heading is line 1)"
                ),
            )
        }
        _ => fault(
            path,
            "register/csv",
            format!("不是 CSV 表格:{said}"),
            format!("not a CSV table: {said}"),
        ),
    }
}
