//! When the works at a candidate start and finish, and what it had to wait for.

use minsheng_bundle::Contents;
use minsheng_model::{ApplicantRow, Calendar, Date, Verdict};
use serde_json::Value;

use super::outcome::{Outcome, number};
use super::{heading, pairs};
use crate::reasons::citation;
use crate::units::quantity;
use crate::words::Words;
use crate::{Lang, line, provider_name};

/// Adds the start, the numbers used, and the crews of the district in the months until
/// then.
pub(super) fn section(
    text: &mut String,
    contents: &Contents,
    own: &Calendar,
    outcome: &Outcome,
    row: &ApplicantRow,
    w: &Words,
) {
    heading(text, w.pick("结果", "Result"));
    let start = outcome.start();
    let said = match (row.verdict, start) {
        (Verdict::NotEligible, _) => w
            .pick(
                "未排入:有条件不符合,原因如下。",
                "Not in the calendar: a condition is not met, for the reasons below.",
            )
            .to_owned(),
        (Verdict::Undetermined, _) => w
            .pick(
                "尚不能确定:缺少材料。这不等于不符合条件,补齐后重新排期。",
                "Undetermined: a paper is missing. This is not a refusal; the calendar is made again once it is there.",
            )
            .to_owned(),
        (Verdict::Eligible, None) => w
            .pick("本期内不开工。", "Does not start within these months.")
            .to_owned(),
        (Verdict::Eligible, Some((from, until))) => {
            let (from, until) = (month(own.first, from), month(own.first, until));
            match w.lang() {
                Lang::Zh => format!("{from} 开工,{until} 完工。"),
                Lang::En => format!("Works start in {from} and finish in {until}."),
            }
        }
    };
    line(text, &said);
    waits(text, contents, own, outcome, row, w);
    line(text, "");
    let Some(project) = outcome.project() else {
        return;
    };
    heading(text, w.pick("所用的数", "The numbers used"));
    for (key, figure) in own.of_candidate() {
        if let Some(value) = number(project, key) {
            let value = quantity(&value.to_string(), figure.unit.as_deref(), w);
            let (title, colon) = (figure.title.get(w.code()), w.pick(":", ": "));
            let law = citation(&contents.rules, &figure.cite, w);
            line(text, &format!("{title}{colon}{value}{law}"));
        }
    }
    line(text, "");
    crews(text, contents, own, outcome, project, w);
}

/// Whom the works have to wait for, and until when.
fn waits(
    text: &mut String,
    contents: &Contents,
    own: &Calendar,
    outcome: &Outcome,
    row: &ApplicantRow,
    w: &Words,
) {
    for need in &own.after {
        let Some(other) = pairs::value(contents, row, &need.column) else {
            continue;
        };
        let (title, law) = (
            need.title.get(w.code()),
            citation(&contents.rules, &need.cite, w),
        );
        let colon = w.pick(":", ": ");
        let theirs = contents.applicants.iter().find(|a| a.ticket == other);
        let state = match (outcome.start_of(other), theirs.map(|a| a.verdict)) {
            (Some((_, until)), _) => {
                let until = month(own.first, until);
                match w.lang() {
                    Lang::Zh => format!("{until} 完工"),
                    Lang::En => format!("finished in {until}"),
                }
            }
            (None, Some(Verdict::Eligible)) => {
                w.pick("未排入日历", "not in the calendar").to_owned()
            }
            (None, Some(Verdict::Undetermined)) => w
                .pick(
                    "缺少材料,未排入",
                    "not in the calendar, for a paper is missing",
                )
                .to_owned(),
            (None, _) => w
                .pick(
                    "不符合条件,未排入",
                    "not in the calendar, for it is not eligible",
                )
                .to_owned(),
        };
        line(text, &format!("{title}{colon}`{other}`({state}){law}"));
    }
}

/// What the district's crews do in the months up to the start.
fn crews(
    text: &mut String,
    contents: &Contents,
    own: &Calendar,
    outcome: &Outcome,
    project: &Value,
    w: &Words,
) {
    let district = project.get("district").and_then(Value::as_str);
    let Some(district) = district else {
        return;
    };
    let all = outcome.instance.get("districts").and_then(Value::as_array);
    let capacity = all.into_iter().flatten().find_map(|d| {
        let same = d.get("id").and_then(Value::as_str) == Some(district);
        same.then(|| d.get("crews")?.get(0)?.as_i64())?
    });
    let used = outcome.used(district);
    let (Some(capacity), Some((start, _))) = (capacity, outcome.start()) else {
        return;
    };
    heading(text, w.pick("施工队", "Crews"));
    let name = provider_name(contents, district, w);
    let (title, colon) = (own.capacity.title.get(w.code()), w.pick(":", ": "));
    line(text, &format!("{name}{colon}{title} {capacity}"));
    for (period, used) in (1i64..).zip(used).take_while(|(p, _)| *p <= start) {
        let month = month(own.first, period);
        let season = |list: &[u32]| list.iter().any(|p| i64::from(*p) == period);
        let mut said = match w.lang() {
            Lang::Zh => format!("{month}:在用 {used}"),
            Lang::En => format!("{month}: {used} at work"),
        };
        if season(&own.no_work) {
            said += w.pick(",停工期", ", no work in this season");
        } else if season(&own.no_start) {
            said += w.pick(",不开新工", ", nothing starts in this season");
        }
        line(text, &said);
    }
    line(text, "");
}

/// Returns the month of a period, such as `2024-03`.
fn month(first: Date, period: i64) -> String {
    let day = first.to_string();
    let part = |from: usize, until: usize| day.get(from..until).and_then(|p| p.parse::<i64>().ok());
    let (year, month) = (part(0, 4).unwrap_or(0), part(5, 7).unwrap_or(1));
    let all = year * 12 + month - 1 + period - 1;
    format!("{:04}-{:02}", all.div_euclid(12), all.rem_euclid(12) + 1)
}
