//! Bad cells: why they are bad, and the file that lists them all.

use std::io::{BufWriter, Write};
use std::path::Path;

use minsheng_model::{Diagnostic, Table, Text};

use super::Options;
use super::cells::CELL_CHARS_MAX;

/// Characters of a bad value that are shown.
const SHOWN_CHARS: usize = 200;

/// Why a cell is bad. Sentences are made only when they are written: a file may
/// have millions of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    Missing,
    KeyMissing,
    NotAllowed,
    NotInteger,
    /// With so many digits behind the point.
    NotDecimal(u8),
    NotBoolean,
    NotDate,
    DateRange,
    TooLong,
    /// The key stands in this row already.
    Repeated(u64),
    /// A spreadsheet's number where a text is declared.
    NumberForText,
    /// A spreadsheet's error value.
    SpreadsheetError,
}

/// A cell that cannot stay as it is.
#[derive(Debug, Clone)]
pub(super) struct Bad {
    /// From 1, the heading not counted.
    pub row: u64,
    /// The declared column; `None` is the key as a whole.
    pub column: Option<usize>,
    /// What was found, cut short.
    pub value: String,
    pub reason: Reason,
}

impl Bad {
    pub fn new(row: u64, column: usize, value: &str, reason: Reason) -> Self {
        Self {
            row,
            column: Some(column),
            value: value.chars().take(SHOWN_CHARS).collect(),
            reason,
        }
    }

    fn column_name<'t>(&self, table: &'t Table) -> std::borrow::Cow<'t, str> {
        match self.column {
            Some(index) => table.columns.get(index).map_or("", |c| &c.name).into(),
            None => table.key.join("+").into(),
        }
    }

    fn text(&self, table: &Table) -> Text {
        match self.reason {
            Reason::Missing => Text::new("不可缺失", "may not be missing"),
            Reason::KeyMissing => Text::new("主键不可缺失", "a key may not be missing"),
            Reason::NotAllowed => {
                let column = self.column.and_then(|c| table.columns.get(c));
                let values = column.map_or_else(String::new, |c| c.values.join(", "));
                Text::new(
                    format!("应为 {values} 之一"),
                    format!("expected one of {values}"),
                )
            }
            Reason::NotInteger => Text::new("应为 64 位整数", "expected a whole number of 64 bits"),
            Reason::NotDecimal(scale) => Text::new(
                format!("应为最多 {scale} 位小数的数,如 `12.50`"),
                format!("expected a number with at most {scale} decimals, such as `12.50`"),
            ),
            Reason::NotBoolean => Text::new("应为 true 或 false", "expected true or false"),
            Reason::NotDate => Text::new("应为日期 YYYY-MM-DD", "expected a day as YYYY-MM-DD"),
            Reason::DateRange => Text::new(
                "日期超出 0001 至 9999 年",
                "the day is outside the years 0001 to 9999",
            ),
            Reason::TooLong => Text::new(
                format!("单元格超过 {CELL_CHARS_MAX} 个字符"),
                format!("the cell is longer than {CELL_CHARS_MAX} characters"),
            ),
            Reason::Repeated(row) => Text::new(
                format!("主键与第 {row} 行相同"),
                format!("the same key as row {row}"),
            ),
            Reason::NumberForText => Text::new(
                "应为文字:单元格是数字,前导零可能已丢失;请把该列设为文本格式后重新录入",
                "expected a text: the cell is a number, leading zeros may be lost; set the column's format to text and enter it again",
            ),
            Reason::SpreadsheetError => {
                Text::new("单元格是公式错误", "the cell is a formula's error")
            }
        }
    }
}

/// Lists the bad cells in a file and returns the one diagnostic that tells of them.
pub(super) fn refuse(
    path: &Path,
    table: &Table,
    mut bad: Vec<Bad>,
    options: &Options,
) -> Diagnostic {
    bad.sort_unstable_by_key(|b| (b.row, b.column.unwrap_or(usize::MAX)));
    let count = 1 + bad
        .windows(2)
        .filter(|w| matches!(w, [a, b] if a.row != b.row))
        .count();
    let mut message = Text::new(
        format!("有 {count} 行有误,一行也没有导入"),
        format!("bad rows: {count}; nothing was imported"),
    );
    if let Some(first) = bad.first() {
        let (row, column, value) = (first.row, first.column_name(table), &first.value);
        let value: String = value.chars().take(60).collect();
        let reason = first.text(table);
        message.zh += &format!(
            "。最先是第 {row} 行 `{column}` 列的 `{value}`:{}",
            reason.zh
        );
        message.en += &format!(
            "; the first is row {row}, column `{column}`, `{value}`: {}",
            reason.en
        );
    }
    let diagnostic =
        Diagnostic::error("register/bad-rows", message).in_file(path.display().to_string());
    let Some(target) = &options.rejects else {
        return diagnostic;
    };
    let at = target.display();
    match list(target, table, &bad) {
        Ok(()) => diagnostic.help(Text::new(
            format!("全部列在 `{at}`;请改正后重来,或指明要搁置的行"),
            format!("all of them are listed in `{at}`; mend them, or say which rows to set aside"),
        )),
        Err(error) => diagnostic.help(Text::new(
            format!("清单无法写入 `{at}`:{error}"),
            format!("the list could not be written to `{at}`: {error}"),
        )),
    }
}

/// Writes the list beside its place and then moves it there, so that it is never
/// seen half.
fn list(target: &Path, table: &Table, bad: &[Bad]) -> std::io::Result<()> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.partial", std::process::id()));
    let partial = target.with_file_name(name);
    let written = write_list(&partial, table, bad).and_then(|()| std::fs::rename(&partial, target));
    if written.is_err() {
        // The first failure is the one to tell.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

fn write_list(partial: &Path, table: &Table, bad: &[Bad]) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::fs::File::create(partial)?);
    // With its byte order mark a spreadsheet shows the Chinese.
    out.write_all("\u{feff}row,column,value,reason\n".as_bytes())?;
    for cell in bad {
        let reason = cell.text(table);
        write!(out, "{},", cell.row)?;
        write_quoted(&mut out, &cell.column_name(table))?;
        out.write_all(b",")?;
        write_quoted(&mut out, &cell.value)?;
        out.write_all(b",")?;
        write_quoted(&mut out, &format!("{} / {}", reason.zh, reason.en))?;
        out.write_all(b"\n")?;
    }
    out.into_inner()
        .map_err(std::io::IntoInnerError::into_error)?
        .sync_all()
}

fn write_quoted(out: &mut impl Write, text: &str) -> std::io::Result<()> {
    if text.contains([',', '"', '\n', '\r']) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}
