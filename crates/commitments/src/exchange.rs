//! Forms that others read: Table Schema, IATI XML, the four-column performance
//! table.

use minsheng_model::{Date, Text};
use serde::{Deserialize, Serialize};

pub use crate::iati::iati;
use crate::register::Register;
use crate::statement::COLUMNS;

/// Returns the Table Schema (Frictionless) of the statements' CSV.
#[must_use]
pub fn table_schema() -> serde_json::Value {
    let fields: Vec<serde_json::Value> = COLUMNS
        .iter()
        .map(|name| {
            let kind = match *name {
                "start" | "end" => "integer",
                "value" | "lower" | "upper" => "number",
                "period_start" | "period_end" => "date",
                _ => "string",
            };
            let mut field = serde_json::json!({ "name": name, "type": kind });
            let constraints = match *name {
                "start" | "end" => Some(serde_json::json!({ "required": true, "minimum": 0 })),
                "quote" => Some(serde_json::json!({ "required": true })),
                "comparator" => Some(serde_json::json!({ "enum": ["exact", "about", "nearly", "more_than", "less_than", "at_least", "at_most", "between", "expected"] })),
                "status" => Some(serde_json::json!({ "required": true, "enum": ["done", "planned", "ongoing", "future", "proposal", "forecast", "aim"] })),
                "as_of" => Some(serde_json::json!({ "pattern": "\\d{4}(-\\d{2}(-\\d{2})?)?" })),
                _ => None,
            };
            if let (Some(c), Some(map)) = (constraints, field.as_object_mut()) {
                map.insert("constraints".to_owned(), c);
            }
            field
        })
        .collect();
    serde_json::json!({ "fields": fields, "missingValues": [""] })
}

/// The columns of the table that bureaus publish each year.
pub const PERFORMANCE_COLUMNS: [&str; 4] = ["序号", "任务名称", "年度任务及目标", "全年完成情况"];

/// One row of the performance table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerformanceRow {
    /// 序号.
    pub number: String,
    /// 任务名称.
    pub task: String,
    /// 年度任务及目标.
    pub target: String,
    /// 全年完成情况.
    pub result: String,
}

/// Reads the table from CSV.
///
/// # Errors
/// A heading that is not the four columns, or a row that has other than four
/// cells, with its line.
pub fn read_performance(csv_text: &str) -> Result<Vec<PerformanceRow>, (usize, Text)> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(csv_text.trim_start_matches('\u{feff}').as_bytes());
    let heading: Vec<String> = reader
        .headers()
        .map(|h| h.iter().map(|c| c.trim().to_owned()).collect())
        .unwrap_or_default();
    if heading != PERFORMANCE_COLUMNS {
        return Err((
            1,
            Text::new(
                format!("表头应为 `{}`", PERFORMANCE_COLUMNS.join(",")),
                format!("the heading has to be `{}`", PERFORMANCE_COLUMNS.join(",")),
            ),
        ));
    }
    let mut rows = Vec::new();
    for (n, record) in reader.records().enumerate() {
        let wrong = |zh: String, en: String| (n + 2, Text::new(zh, en));
        let record = record.map_err(|e| wrong(e.to_string(), e.to_string()))?;
        let cells: Vec<&str> = record.iter().map(str::trim).collect();
        let [number, task, target, result] = cells.as_slice() else {
            return Err(wrong(
                format!("有 {} 格,应有 4 格", cells.len()),
                format!("{} cells, expected 4", cells.len()),
            ));
        };
        rows.push(PerformanceRow {
            number: (*number).to_owned(),
            task: (*task).to_owned(),
            target: (*target).to_owned(),
            result: (*result).to_owned(),
        });
    }
    Ok(rows)
}

/// Writes the table as a text whose rows a [`crate::Reader`] reads cell by cell:
/// targets as planned, results as done, of the year if one is given.
#[must_use]
pub fn performance_text(rows: &[PerformanceRow], year: Option<i32>) -> String {
    let [number, task, target, result] = PERFORMANCE_COLUMNS;
    let (target, result) = match year {
        Some(y) => (format!("{y}年任务及目标"), format!("{y}年完成情况")),
        None => (target.to_owned(), result.to_owned()),
    };
    let mut text = format!("{number}\t{task}\t{target}\t{result}\n");
    for row in rows {
        let cells = [&row.number, &row.task, &row.target, &row.result];
        let cells = cells.map(|c| c.split_whitespace().collect::<Vec<_>>().join(" "));
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    text
}

/// Writes the table of one year from the register: every commitment with a target
/// for the year, or a due day in it.
///
/// # Errors
/// Never for a buffer in memory; the writer's error is passed on.
pub fn write_performance(
    register: &Register,
    year: i32,
    as_of: Date,
) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(PERFORMANCE_COLUMNS)?;
    let mut number = 0;
    for c in &register.commitments {
        let targets: Vec<_> = c
            .targets
            .iter()
            .filter(|t| t.period_end.is_some_and(|d| d.ymd().0 == year) && t.announced <= as_of)
            .collect();
        let due = c.due.is_some_and(|d| d.ymd().0 == year);
        if targets.is_empty() && !due {
            continue;
        }
        let (mut promised, mut done) = (Vec::new(), Vec::new());
        for t in targets {
            let Some(i) = register.indicator(&t.indicator) else {
                continue;
            };
            promised.push(format!("{}{}{}", i.title.zh, t.value, i.unit));
            let latest = c
                .observations
                .iter()
                .filter(|o| {
                    o.indicator == t.indicator && o.known <= as_of && o.period_end.ymd().0 == year
                })
                .max_by_key(|o| (o.period_end, o.known));
            if let Some(o) = latest {
                done.push(format!("{}{}{}", i.title.zh, o.value, i.unit));
            }
        }
        if promised.is_empty() {
            promised.extend(c.what_would_count.as_ref().map(|w| w.zh.clone()));
        }
        number += 1;
        writer.write_record([
            number.to_string(),
            c.title.zh.clone(),
            promised.join(";"),
            if done.is_empty() {
                "无数据".to_owned()
            } else {
                done.join(";")
            },
        ])?;
    }
    let bytes = writer
        .into_inner()
        .map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
