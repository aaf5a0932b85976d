//! Cells into typed columns, each with its checks.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray as _, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder,
    StringArray, StringBuilder,
};
use datafusion::arrow::datatypes::{Date32Type, Decimal128Type};
use minsheng_model::{Column, Date, Decimal, Table, Type};

use super::bad::{Bad, Reason};
use super::parts::Numbers;
use crate::register::decimal_type;

/// The longest cell.
pub(super) const CELL_CHARS_MAX: usize = 65_536;

/// One declared column with what the checks need.
pub(super) struct Wanted<'t> {
    index: usize,
    column: &'t Column,
    /// What a missing value would be; `None` where one may be missing.
    missing: Option<Reason>,
    /// The allowed values, sorted.
    values: Vec<&'t str>,
}

/// Returns the table's columns with what the checks need.
pub(super) fn wanted(table: &Table) -> Vec<Wanted<'_>> {
    table
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let mut values: Vec<&str> = column.values.iter().map(String::as_str).collect();
            values.sort_unstable();
            let missing = if table.key.contains(&column.name) {
                Some(Reason::KeyMissing)
            } else if column.nullable {
                None
            } else {
                Some(Reason::Missing)
            };
            Wanted {
                index,
                column,
                missing,
                values,
            }
        })
        .collect()
}

/// The bad cells of one column.
struct Notes<'a> {
    wanted: &'a Wanted<'a>,
    numbers: &'a Numbers,
    bad: Vec<Bad>,
}

impl Notes<'_> {
    fn add(&mut self, row: usize, value: &str, reason: Reason) {
        let number = self.numbers.get(row);
        self.bad
            .push(Bad::new(number, self.wanted.index, value, reason));
    }

    fn missing(&mut self, row: usize) {
        if let Some(reason) = self.wanted.missing {
            self.add(row, "", reason);
        }
    }

    /// Walks the cells that are there and not too long.
    fn each(&mut self, texts: &StringArray, mut read: impl FnMut(Option<&str>) -> Option<Reason>) {
        for (row, text) in texts.iter().enumerate() {
            let Some(text) = text.filter(|t| !t.is_empty()) else {
                self.missing(row);
                read(None);
                continue;
            };
            if too_long(text) {
                self.add(row, text, Reason::TooLong);
                read(None);
            } else if let Some(reason) = read(Some(text)) {
                self.add(row, text, reason);
            }
        }
    }
}

fn too_long(text: &str) -> bool {
    text.len() > CELL_CHARS_MAX && text.chars().nth(CELL_CHARS_MAX).is_some()
}

/// Reads a column of text cells; an empty cell is a missing value.
pub(super) fn parse(
    wanted: &Wanted<'_>,
    texts: &ArrayRef,
    numbers: &Numbers,
) -> (ArrayRef, Vec<Bad>) {
    let mut notes = Notes {
        wanted,
        numbers,
        bad: Vec::new(),
    };
    let empty = StringArray::new_null(texts.len());
    let texts = texts.as_string_opt::<i32>().unwrap_or(&empty);
    let rows = texts.len();
    let array: ArrayRef = match wanted.column.data_type {
        Type::Text => return text(wanted, texts, numbers),
        Type::Integer => {
            let mut out = Int64Builder::with_capacity(rows);
            notes.each(texts, |cell| {
                let number = cell.map(integer);
                out.append_option(number.flatten());
                (number == Some(None)).then_some(Reason::NotInteger)
            });
            Arc::new(out.finish())
        }
        Type::Decimal { scale } => {
            let mut out =
                Decimal128Builder::with_capacity(rows).with_data_type(decimal_type(scale));
            notes.each(texts, |cell| {
                let read = |c: &str| c.parse::<Decimal>().and_then(|d| d.rescale(scale)).ok();
                let number = cell.map(read);
                out.append_option(number.flatten().map(Decimal::mantissa));
                (number == Some(None)).then_some(Reason::NotDecimal(scale))
            });
            Arc::new(out.finish())
        }
        Type::Boolean => {
            let mut out = BooleanBuilder::with_capacity(rows);
            notes.each(texts, |cell| {
                let truth = cell.map(boolean);
                out.append_option(truth.flatten());
                (truth == Some(None)).then_some(Reason::NotBoolean)
            });
            Arc::new(out.finish())
        }
        Type::Date => {
            let mut out = Date32Builder::with_capacity(rows);
            notes.each(texts, |cell| {
                let day = cell.map(|c| c.parse::<Date>().ok());
                out.append_option(day.flatten().map(Date::days));
                (day == Some(None)).then_some(Reason::NotDate)
            });
            Arc::new(out.finish())
        }
    };
    (array, notes.bad)
}

/// Digits with at most a minus before them: `str::parse` would take a plus, too.
fn integer(text: &str) -> Option<i64> {
    let plain = text
        .bytes()
        .next()
        .is_some_and(|b| b == b'-' || b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "TRUE" | "True" => Some(true),
        "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

fn text(wanted: &Wanted<'_>, texts: &StringArray, numbers: &Numbers) -> (ArrayRef, Vec<Bad>) {
    let mut notes = Notes {
        wanted,
        numbers,
        bad: Vec::new(),
    };
    let mut rebuild = false;
    notes.each(texts, |cell| {
        let cell = cell?;
        let listed = wanted.values.is_empty() || wanted.values.binary_search(&cell).is_ok();
        (!listed).then_some(Reason::NotAllowed)
    });
    for text in texts.iter().flatten() {
        rebuild |= text.is_empty() || too_long(text);
    }
    if !rebuild {
        return (Arc::new(texts.clone()), notes.bad);
    }
    let mut out = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
    for text in texts {
        out.append_option(text.filter(|t| !t.is_empty() && !too_long(t)));
    }
    (Arc::new(out.finish()), notes.bad)
}

/// Checks a column that is typed already.
pub(super) fn check(
    wanted: &Wanted<'_>,
    array: &ArrayRef,
    numbers: &Numbers,
) -> (ArrayRef, Vec<Bad>) {
    if let Some(texts) = array.as_string_opt::<i32>() {
        return text(wanted, texts, numbers);
    }
    let mut notes = Notes {
        wanted,
        numbers,
        bad: Vec::new(),
    };
    if wanted.missing.is_some() && array.null_count() > 0 {
        for row in (0..array.len()).filter(|row| array.is_null(*row)) {
            notes.missing(row);
        }
    }
    if let Some(days) = array.as_primitive_opt::<Date32Type>() {
        for (row, day) in days.iter().enumerate() {
            if let Some(day) = day.filter(|d| Date::from_days(*d).is_none()) {
                notes.add(row, &day.to_string(), Reason::DateRange);
            }
        }
    }
    if let (Some(digits), Type::Decimal { scale }) = (
        array.as_primitive_opt::<Decimal128Type>(),
        wanted.column.data_type,
    ) {
        for (row, number) in digits.iter().enumerate() {
            if let Some(number) = number.filter(|n| Decimal::new(*n, scale).is_err()) {
                notes.add(row, &number.to_string(), Reason::NotDecimal(scale));
            }
        }
    }
    (Arc::clone(array), notes.bad)
}
