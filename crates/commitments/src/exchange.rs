//! Forms that others read: Table Schema, IATI XML, the four-column performance
//! table.

use minsheng_model::{Date, Text};
use serde::{Deserialize, Serialize};

use crate::register::{Commitment, Kind, Nature, Observation, Register};
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

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && c != '\n' => {}
            c => out.push(c),
        }
    }
    out
}

fn narrative(out: &mut String, indent: &str, text: &Text) {
    out.push_str(&format!(
        "{indent}<narrative xml:lang=\"zh\">{}</narrative>\n",
        escape(&text.zh)
    ));
    out.push_str(&format!(
        "{indent}<narrative xml:lang=\"en\">{}</narrative>\n",
        escape(&text.en)
    ));
}

/// Writes an IATI activity file (2.03): one activity per commitment with a result,
/// its indicators, and for every period the targets and the actuals known on the
/// day. Names are the standard's: result, indicator, period, target, actual.
#[must_use]
pub fn iati(register: &Register, city: &str, as_of: Date) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<iati-activities version=\"2.03\" generated-datetime=\"{as_of}T00:00:00Z\">\n"
    );
    for c in register
        .commitments
        .iter()
        .filter(|c| !matches!(c.nature, Nature::Proposal))
    {
        activity(&mut out, register, c, city, as_of);
    }
    out.push_str("</iati-activities>\n");
    out
}

fn activity(out: &mut String, register: &Register, c: &Commitment, city: &str, as_of: Date) {
    out.push_str(&format!("  <iati-activity xml:lang=\"zh\" default-currency=\"CNY\">\n    <iati-identifier>CN-{}-{}</iati-identifier>\n", escape(city), escape(&c.id)));
    out.push_str(&format!("    <reporting-org ref=\"CN-{}\" type=\"10\"><narrative>{}</narrative></reporting-org>\n    <title>\n", escape(city), escape(&c.body)));
    narrative(out, "      ", &c.title);
    out.push_str("    </title>\n");
    let ids: Vec<&str> = register
        .indicators
        .iter()
        .map(|i| i.id.as_str())
        .filter(|id| {
            c.targets.iter().any(|t| t.indicator == *id)
                || c.observations.iter().any(|o| o.indicator == *id)
        })
        .collect();
    if !ids.is_empty() {
        out.push_str("    <result type=\"1\">\n      <title>\n");
        narrative(out, "        ", &c.title);
        out.push_str("      </title>\n");
        for id in ids {
            indicator(out, register, c, id, as_of);
        }
        out.push_str("    </result>\n");
    }
    out.push_str("  </iati-activity>\n");
}

fn indicator(out: &mut String, register: &Register, c: &Commitment, id: &str, as_of: Date) {
    let Some(i) = register.indicator(id) else {
        return;
    };
    let measure = if i.kind == Kind::Ratio { 2 } else { 1 };
    let aggregation = i.kind == Kind::Flow;
    out.push_str(&format!("      <indicator measure=\"{measure}\" ascending=\"{}\" aggregation-status=\"{}\">\n        <title>\n", u8::from(i.ascending), u8::from(aggregation)));
    narrative(out, "          ", &i.title);
    out.push_str("        </title>\n");
    // Every period that a target or an actual names, in order.
    let known = |o: &&Observation| o.indicator == id && o.known <= as_of;
    let mut periods: Vec<(Option<Date>, Option<Date>)> = c
        .targets
        .iter()
        .filter(|t| t.indicator == id && t.announced <= as_of)
        .map(|t| (t.period_start, t.period_end))
        .collect();
    for o in c.observations.iter().filter(known) {
        let within = periods.iter().any(|(s, e)| {
            e.is_none_or(|e| o.period_end <= e)
                && s.is_none_or(|s| o.period_start.unwrap_or(o.period_end) >= s)
        });
        if !within {
            periods.push((o.period_start.or(Some(o.period_end)), Some(o.period_end)));
        }
    }
    periods.sort();
    periods.dedup();
    for (start, end) in periods {
        out.push_str("        <period>\n");
        for (tag, day) in [("period-start", start), ("period-end", end)] {
            if let Some(day) = day {
                out.push_str(&format!("          <{tag} iso-date=\"{day}\"/>\n"));
            }
        }
        for t in c.targets.iter().filter(|t| {
            t.indicator == id
                && t.announced <= as_of
                && (t.period_start, t.period_end) == (start, end)
        }) {
            out.push_str(&format!("          <target value=\"{}\"><comment><narrative>{}</narrative></comment></target>\n", t.value, escape(&t.source)));
        }
        let inside = |o: &&Observation| {
            end.is_none_or(|e| o.period_end <= e)
                && start.is_none_or(|s| o.period_start.unwrap_or(o.period_end) >= s)
        };
        for o in c.observations.iter().filter(known).filter(inside) {
            out.push_str(&format!("          <actual value=\"{}\"><comment><narrative>{}({})</narrative></comment></actual>\n", o.value, escape(&o.source), o.period_end));
        }
        out.push_str("        </period>\n");
    }
    out.push_str("      </indicator>\n");
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
