//! Spreadsheets: the sheet that reviewers fill in, and the table of tasks and
//! results that offices publish.

use std::path::Path;

use calamine::{Data, Reader as _, Xlsx};
use minsheng_commitments::exchange::{performance_text, read_performance};
use minsheng_commitments::review;
use minsheng_model::{Diagnostic, Text};
use rust_xlsxwriter::{Format, FormatAlign, Workbook};

use crate::args::SheetArgs;
use crate::city::disk;
use crate::commands::commitments_read::{load, text_of, whole};
use crate::commands::whole_file::{Out, beside};
use crate::console::Console;
use crate::exit::{Code, Failure};

/// Returns whether a path names a workbook.
fn workbook(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("xlsx"))
}

/// Writes the sheet that reviewers fill in, as TSV or as a workbook.
///
/// # Errors
/// A file that is no text, a disk that is full.
pub(super) fn sheet(console: &Console, options: &SheetArgs) -> Result<(), Failure> {
    let texts = load(console, &options.texts)?;
    let mut tsv = String::new();
    for (k, (text, reading)) in whole(&texts).enumerate() {
        let sheet = review::export(&text.file, &text.source.sha256, &reading.statements);
        let rows = if k == 0 {
            sheet.as_str()
        } else {
            sheet.split_once('\n').map_or("", |(_, rest)| rest)
        };
        tsv.push_str(rows);
    }
    match options.out.as_deref() {
        Some(path) if workbook(path) => save(path, &tsv),
        path => {
            use std::io::Write as _;
            let mut out = Out::open(path)?;
            let told = out.write_all(tsv.as_bytes());
            out.finish(told)
        }
    }
}

/// Saves a TSV as a workbook: cells are text, so that no spreadsheet program turns
/// a key or a day into a number, and the heading stays in sight.
fn save(path: &Path, tsv: &str) -> Result<(), Failure> {
    let failed = |e: &dyn std::fmt::Display| {
        Failure::new(
            Code::Failed,
            "io/failed",
            format!("无法写入 `{}`:{e}", path.display()),
            format!("cannot write `{}`: {e}", path.display()),
        )
    };
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new()
        .set_num_format("@")
        .set_text_wrap()
        .set_align(FormatAlign::Top);
    let bold = Format::new().set_bold();
    let mut fill = || -> Result<(), rust_xlsxwriter::XlsxError> {
        sheet.set_freeze_panes(1, 0)?;
        for (column, width) in [18, 18, 60, 60, 24, 12, 12, 10].into_iter().enumerate() {
            let column = u16::try_from(column).unwrap_or(u16::MAX);
            sheet.set_column_width(column, f64::from(width))?;
            // The columns to fill in are text before anything stands in them.
            sheet.set_column_format(column, &plain)?;
        }
        for (row, line) in tsv.lines().enumerate() {
            let row_number = u32::try_from(row).unwrap_or(u32::MAX);
            for (column, cell) in (0u16..).zip(line.split('\t')) {
                let format = if row == 0 { &bold } else { &plain };
                sheet.write_string_with_format(row_number, column, cell, format)?;
            }
        }
        Ok(())
    };
    fill().map_err(|e| failed(&e))?;
    let part = beside(path);
    book.save(&part).map_err(|e| failed(&e))?;
    std::fs::rename(&part, path).map_err(|e| disk(path, &e))
}

/// Returns a sheet as TSV, whether it is one or a workbook.
///
/// # Errors
/// A file that is neither.
pub(super) fn tsv_of(path: &Path) -> Result<String, Failure> {
    if workbook(path) {
        return Ok(rows(path)?
            .iter()
            .map(|row| row.join("\t") + "\n")
            .collect());
    }
    Ok(text_of(path)?.text)
}

/// The first sheet of a workbook as rows of equal length; tabs and line ends in a
/// cell become blanks.
fn rows(path: &Path) -> Result<Vec<Vec<String>>, Failure> {
    let wrong = |zh: String, en: String| {
        Failure::wrong_file(vec![
            Diagnostic::error("commitments/workbook", Text::new(zh, en))
                .in_file(path.display().to_string()),
        ])
    };
    let bytes = std::fs::read(path).map_err(|e| disk(path, &e))?;
    let mut book = Xlsx::new(std::io::Cursor::new(bytes)).map_err(|e| {
        wrong(
            format!("不是 XLSX 工作簿:{e}"),
            format!("no XLSX workbook: {e}"),
        )
    })?;
    let first = book.worksheet_range_at(0).ok_or_else(|| {
        wrong(
            "工作簿没有工作表".to_owned(),
            "the workbook has no sheet".to_owned(),
        )
    })?;
    let range = first.map_err(|e| {
        wrong(
            format!("工作表读不出:{e}"),
            format!("the sheet cannot be read: {e}"),
        )
    })?;
    Ok(range
        .rows()
        .map(|row| row.iter().map(cell).collect())
        .collect())
}

/// A cell as a person reads it; a day is written as one, whatever the program made
/// of it.
fn cell(data: &Data) -> String {
    let text = match data {
        Data::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::DateTimeIso(text) => text.split('T').next().unwrap_or("").to_owned(),
        other => other.to_string(),
    };
    text.replace(['\t', '\n', '\r'], " ").trim().to_owned()
}

/// Prints a table of tasks and results as the text that `read` understands.
///
/// # Errors
/// A file that is not the four columns, with its line.
pub(super) fn import(path: &Path, year: Option<i32>, out: Option<&Path>) -> Result<(), Failure> {
    use std::io::Write as _;
    let csv = if workbook(path) {
        let quoted = |c: &String| format!("\"{}\"", c.replace('"', "\"\""));
        rows(path)?
            .iter()
            .map(|r| r.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n")
            .collect()
    } else {
        text_of(path)?.text
    };
    let table = read_performance(&csv).map_err(|(line, t)| {
        let at = |t: &str| format!("{}:{line}: {t}", path.display());
        Failure::new(
            Code::WrongFile,
            "commitments/performance",
            at(&t.zh),
            at(&t.en),
        )
    })?;
    let mut out = Out::open(out)?;
    let told = out.write_all(performance_text(&table, year).as_bytes());
    out.finish(told)
}
