use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};
use datafusion::arrow::array::{ArrayRef, StringArray};
use minsheng_model::{Date, Diagnostic, Table, Type};

use super::bad::{Bad, Reason};
use super::cells::{parse, wanted};
use super::csv::open;
use super::parts::{Numbers, Part, Whole, join};
use super::{fault, heading, unreadable};

/// The largest whole number that a spreadsheet's cell holds exactly.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// A line of the sheet: its number and its cells by column.
struct Line {
    number: u32,
    cells: Vec<(u32, Cell)>,
}

/// A cell, kept apart from the file it was read from.
enum Cell {
    Text(String),
    Number(f64),
    Boolean(bool),
    Moment(ExcelDateTime),
    Error,
}

/// Reads the first sheet of a workbook: one heading, then one line per row. Lines
/// without any cell are no rows.
pub(super) fn read(
    path: &Path,
    table: &Table,
    set_aside: &[u64],
) -> Result<Whole, Vec<Diagnostic>> {
    let mut lines = lines(path)?.into_iter();
    let Some(head) = lines.next() else {
        return Err(fault(
            path,
            "register/empty",
            "第一张工作表是空的".to_owned(),
            "the first sheet is empty".to_owned(),
        ));
    };
    let mut names = Vec::new();
    let mut columns_at = Vec::new();
    for (at, cell) in &head.cells {
        names.push(match cell {
            Cell::Text(name) => name.clone(),
            Cell::Number(number) => number.to_string(),
            _ => String::new(),
        });
        columns_at.push(*at);
    }
    let places = heading::places(path, table, &names)?;
    stray(path, &columns_at, &head, lines.as_slice())?;
    let columns_at: Vec<u32> = places
        .iter()
        .filter_map(|p| columns_at.get(*p).copied())
        .collect();

    let all: Vec<Line> = lines.collect();
    let number_of = |line: &Line| u64::from(line.number - head.number);
    let rows_in_file = all.last().map_or(0, number_of);
    let lines: Vec<Line> = all
        .into_iter()
        .filter(|l| set_aside.binary_search(&number_of(l)).is_err())
        .collect();
    let numbers = Numbers::List(lines.iter().map(number_of).collect());

    let mut part = Part {
        columns: Vec::new(),
        bad: Vec::new(),
    };
    for ((wanted, column), at) in wanted(table).iter().zip(&table.columns).zip(columns_at) {
        let index = part.columns.len();
        let mut refused: Vec<Bad> = Vec::new();
        let texts: StringArray = lines
            .iter()
            .map(|line| {
                let (_, cell) = line.cells.iter().find(|(c, _)| *c == at)?;
                match text_of(cell, column.data_type) {
                    Ok(text) => Some(text),
                    Err((shown, reason)) => {
                        refused.push(Bad::new(number_of(line), index, &shown, reason));
                        None
                    }
                }
            })
            .collect();
        let texts: ArrayRef = Arc::new(texts);
        let (array, mut bad) = parse(wanted, &texts, &numbers);
        // A refused cell counts as missing, and is told once.
        bad.retain(|b| refused.binary_search_by_key(&b.row, |r| r.row).is_err());
        part.columns.push(array);
        part.bad.extend(refused);
        part.bad.extend(bad);
    }
    let (columns, bad) = join(path, table, vec![part])?;
    Ok(Whole {
        columns,
        bad,
        numbers,
        rows_in_file,
    })
}

/// Returns the sheet's lines that have cells. Cells are read one by one: a sheet
/// that claims a thousand million cells costs nothing.
fn lines(path: &Path) -> Result<Vec<Line>, Vec<Diagnostic>> {
    let file = BufReader::new(open(path)?);
    let mut book: Xlsx<_> = Xlsx::new(file).map_err(|e| unreadable(path, &e))?;
    let Some(sheet) = book.sheet_names().first().cloned() else {
        return Err(unreadable(path, &"the workbook has no sheet"));
    };
    let mut reader = book
        .worksheet_cells_reader(&sheet)
        .map_err(|e| unreadable(path, &e))?;
    let mut lines: Vec<Line> = Vec::new();
    while let Some(cell) = reader.next_cell().map_err(|e| unreadable(path, &e))? {
        let (number, column) = cell.get_position();
        let cell = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::String(text) if text.is_empty() => continue,
            DataRef::SharedString("") => continue,
            DataRef::String(text) => Cell::Text(text.clone()),
            DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Text(text.clone()),
            #[expect(
                clippy::cast_precision_loss,
                reason = "a spreadsheet has no integers; beyond 2^53 the cell is refused later"
            )]
            DataRef::Int(number) => Cell::Number(*number as f64),
            DataRef::Float(number) => Cell::Number(*number),
            DataRef::Bool(truth) => Cell::Boolean(*truth),
            DataRef::DateTime(moment) => Cell::Moment(*moment),
            DataRef::Error(_) => Cell::Error,
        };
        match lines.last_mut() {
            Some(line) if line.number == number => line.cells.push((column, cell)),
            _ => lines.push(Line {
                number,
                cells: vec![(column, cell)],
            }),
        }
    }
    lines.sort_by_key(|l| l.number);
    Ok(lines)
}

/// Refuses cells under no heading: nobody would know what they are.
fn stray(path: &Path, known: &[u32], head: &Line, lines: &[Line]) -> Result<(), Vec<Diagnostic>> {
    let found = lines
        .iter()
        .find(|l| l.cells.iter().any(|(c, _)| !known.contains(c)));
    match found {
        None => Ok(()),
        Some(line) => {
            let row = line.number - head.number;
            Err(fault(
                path,
                "register/unknown-column",
                format!("第 {row} 行有单元格不在任何表头之下"),
                format!("row {row} has a cell under no heading"),
            ))
        }
    }
}

/// Returns a cell as the text that would stand in a CSV file.
fn text_of(cell: &Cell, declared: Type) -> Result<String, (String, Reason)> {
    match (cell, declared) {
        (Cell::Text(text), _) => Ok(text.clone()),
        (Cell::Number(number), Type::Text) => Err((number.to_string(), Reason::NumberForText)),
        (Cell::Number(number), Type::Integer) if number.abs() > EXACT_MAX => {
            Err((number.to_string(), Reason::NotInteger))
        }
        // The shortest decimal that is this cell is what the sheet shows; whether
        // it fits the declared type is seen when it is read.
        (Cell::Number(number), _) => Ok(number.to_string()),
        (Cell::Boolean(truth), Type::Text) => Err((truth.to_string(), Reason::NumberForText)),
        (Cell::Boolean(truth), _) => Ok(truth.to_string()),
        (Cell::Moment(moment), Type::Date) => day(moment)
            .map(|d| d.to_string())
            .ok_or_else(|| (moment.to_string(), Reason::NotDate)),
        (Cell::Moment(moment), Type::Text) => Err((moment.to_string(), Reason::NumberForText)),
        (Cell::Moment(moment), Type::Integer) => Err((moment.to_string(), Reason::NotInteger)),
        (Cell::Moment(moment), Type::Decimal { scale }) => {
            Err((moment.to_string(), Reason::NotDecimal(scale)))
        }
        (Cell::Moment(moment), Type::Boolean) => Err((moment.to_string(), Reason::NotBoolean)),
        (Cell::Error, _) => Err((String::new(), Reason::SpreadsheetError)),
    }
}

/// Returns the day of a moment that is one: midnight, and in the calendar (which
/// 1900-02-29, for a spreadsheet a day, is not).
fn day(moment: &ExcelDateTime) -> Option<Date> {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let midnight = (hour, minute, second, milli) == (0, 0, 0, 0);
    if !midnight || moment.is_duration() {
        return None;
    }
    Date::from_ymd(i32::from(year), u32::from(month), u32::from(day))
}
