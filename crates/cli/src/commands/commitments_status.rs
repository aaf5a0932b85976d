use std::path::{Path, PathBuf};

use minsheng_commitments::exchange::{iati, table_schema, write_performance};
use minsheng_commitments::register::Unverified;
use minsheng_commitments::track::{
    ClockState, CommitmentStatus, ComputedFigure, Official, Schedule, TargetStatus, track,
};
use minsheng_model::Date;

use crate::args::{ExportArgs, ExportForm};
use crate::commands::commitments::register;
use crate::commands::commitments_actuals::figures;
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::table;

fn day(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|_| {
        Failure::new(
            Code::WrongFile,
            "commitments/as-of",
            format!("`{text}` 不是 `YYYY-MM-DD` 的日期"),
            format!("`{text}` is not a day as `YYYY-MM-DD`"),
        )
    })
}

/// Prints where every commitment stands on a day.
///
/// # Errors
/// A wrong register, located, or a day that is none.
pub fn status(
    console: &Console,
    city: &Path,
    as_of: &str,
    bundles: &[PathBuf],
) -> Result<(), Failure> {
    let (register, as_of) = (register(city)?, day(as_of)?);
    let figures = figures(console, city, &register, as_of, bundles)?;
    let all = track(&register, as_of, &figures).map_err(|(id, t)| {
        Failure::new(
            Code::Failed,
            "commitments/actual",
            format!("{id}: {}", t.zh),
            format!("{id}: {}", t.en),
        )
    })?;
    if console.json() {
        console.say(&serde_json::json!({ "as_of": as_of, "tolerance": register.tolerance, "unverified": register.unverified(as_of), "commitments": all }).to_string());
        return Ok(());
    }
    let pick = |zh: &'static str, en: &'static str| console.lang().pick(zh, en).to_owned();
    let heading = vec![
        pick("编号", "id"),
        pick("承诺", "commitment"),
        pick("自述", "official"),
        pick("实据", "evidence"),
        pick("日程", "schedule"),
        pick("指标", "indicator"),
        pick("期限", "by"),
        pick("目标", "target"),
        pick("应到", "expected"),
        pick("实绩", "actual"),
        "%".to_owned(),
        pick("上年", "last year"),
    ];
    let mut rows = vec![heading];
    for c in &all {
        rows.extend(lines(console, c));
    }
    console.say(table::render(&rows).trim_end());
    for f in all.iter().flat_map(|c| &c.computed) {
        let (title, counted) = (console.text(&f.title), console.text(&f.counted));
        if f.value.is_some() {
            console.tell(
                &format!("核算:{title},{},出自{counted}", f.as_of),
                &format!("counted: {title}, {}, from {counted}", f.as_of),
            );
        }
    }
    for (id, indicator, what) in register.unverified(as_of) {
        let (zh, en) = match what {
            Unverified::Day => ("公布日期未核实", "the day it became known is unverified"),
            Unverified::Figure => ("数字未核实", "the figure is unverified"),
        };
        console.tell(
            &format!("{id} `{indicator}`:{zh}"),
            &format!("{id} `{indicator}`: {en}"),
        );
    }
    console.tell(
        &format!("截至 {as_of};按进度的容差为千分之 {}", register.tolerance),
        &format!(
            "as of {as_of}; on track means within {} in a thousand of what is expected",
            register.tolerance
        ),
    );
    Ok(())
}

fn official(console: &Console, o: Official) -> String {
    let (zh, en) = match o {
        Official::Announced => ("已宣布", "announced"),
        Official::InProgress => ("在办", "in progress"),
        Official::Completed => ("已完成", "completed"),
        Official::Abandoned => ("已放弃", "abandoned"),
        Official::Unknown => ("不明", "unknown"),
    };
    console.lang().pick(zh, en).to_owned()
}

fn schedule(console: &Console, s: Schedule) -> String {
    let (zh, en) = match s {
        Schedule::NotStarted => ("未到期初", "not started"),
        Schedule::Running => ("期内", "running"),
        Schedule::Ended => ("已到期", "ended"),
        Schedule::Open => ("未定", "open"),
    };
    console.lang().pick(zh, en).to_owned()
}

fn clock(console: &Console, s: ClockState) -> String {
    let (zh, en) = match s {
        ClockState::NotReceived => ("未见交办", "not handed over"),
        ClockState::Running => ("三个月内", "within three months"),
        ClockState::Extended => ("六个月内", "within six months"),
        ClockState::Late => ("超过六个月", "over six months"),
        ClockState::Replied => ("三个月内答复", "answered in three months"),
        ClockState::RepliedExtended => ("六个月内答复", "answered in six months"),
        ClockState::RepliedLate => ("逾期答复", "answered late"),
    };
    console.lang().pick(zh, en).to_owned()
}

fn lines(console: &Console, c: &CommitmentStatus) -> Vec<Vec<String>> {
    let title: String = console.text(&c.title).chars().take(30).collect();
    let head = vec![
        c.id.clone(),
        title,
        official(console, c.official),
        console.text(&c.evidence.text()).to_owned(),
        schedule(console, c.schedule),
    ];
    let blank = vec![String::new(); 5];
    let mut all: Vec<Vec<String>> = Vec::new();
    let mut push = |cells: Vec<String>| {
        let mut row = if all.is_empty() {
            head.clone()
        } else {
            blank.clone()
        };
        row.extend(cells);
        all.push(row);
    };
    for t in &c.targets {
        push(target(console, t));
    }
    for f in &c.figures {
        push(vec![
            console.text(&f.title).to_owned(),
            f.period_end.to_string(),
            String::new(),
            String::new(),
            format!("{} {}", f.value, f.unit),
        ]);
    }
    for f in &c.computed {
        push(computed(console, f));
    }
    if let Some(k) = &c.clocks {
        let host = if k.host.is_empty() {
            console.lang().pick("承办单位不明", "host unit unknown")
        } else {
            &k.host
        };
        push(vec![
            format!("{}: {}", k.deputies.join("、"), clock(console, k.state)),
            k.three_months.map_or_else(String::new, |d| d.to_string()),
            host.to_owned(),
            String::new(),
            k.class.clone(),
        ]);
    }
    if all.is_empty() {
        all.push(head);
    }
    all
}

/// A counted figure's own row: never in the place of a reported one.
fn computed(console: &Console, f: &ComputedFigure) -> Vec<String> {
    let show = |d: Option<minsheng_model::Decimal>| d.map_or_else(String::new, |d| d.to_string());
    let state = f
        .evidence
        .map_or_else(String::new, |s| console.text(&s.text()).to_owned());
    let none = console.lang().pick("无数据", "no data");
    let value = f
        .value
        .map_or_else(|| none.to_owned(), |v| format!("{v} {}", f.unit));
    vec![
        format!(
            "{} ({})",
            console.text(&f.title),
            console.lang().pick("核算", "counted")
        ),
        f.as_of.to_string(),
        show(f.target),
        String::new(),
        if state.is_empty() || f.value.is_none() {
            value
        } else {
            format!("{value} ({state})")
        },
    ]
}

fn target(console: &Console, t: &TargetStatus) -> Vec<String> {
    let show = |d: Option<minsheng_model::Decimal>| d.map_or_else(String::new, |d| d.to_string());
    let state = console.text(&t.evidence.text()).to_owned();
    vec![
        console.text(&t.title).to_owned(),
        t.period_end.map_or_else(String::new, |d| d.to_string()),
        format!("{} {}", t.target, t.unit),
        show(t.expected),
        if t.actual.is_some() {
            format!("{} ({state})", show(t.actual))
        } else {
            state
        },
        show(t.percent),
        show(t.last_year),
    ]
}

/// Writes one of the forms that others read.
///
/// # Errors
/// A wrong register, located, or a day that is none.
pub fn export(console: &Console, options: &ExportArgs) -> Result<(), Failure> {
    let (register, as_of) = (register(&options.city)?, day(&options.as_of)?);
    let name = options
        .city
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let text = match options.form {
        ExportForm::Iati => iati(&register, &name, as_of),
        ExportForm::TableSchema => table_schema().to_string(),
        ExportForm::Performance => {
            let year = options.year.unwrap_or(as_of.ymd().0);
            write_performance(&register, year, as_of).map_err(|e| {
                Failure::new(
                    Code::Failed,
                    "commitments/export",
                    e.to_string(),
                    e.to_string(),
                )
            })?
        }
    };
    console.say(text.trim_end());
    Ok(())
}
