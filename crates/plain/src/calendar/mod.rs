//! `solve calendar`: in which period each project starts.

mod build;
mod input;

use std::collections::BTreeMap;

use minsheng_selection::{Branch, Effort, PartProof, Timetable, Window, schedule};
use serde::Serialize;
use serde_json::Number;

use crate::error::PlainError;
use crate::selection::{Mistakes, gap, number, status, text};
use crate::solve::syntax;

use build::Built;
use input::Instance;

/// In millions of multiplications; some ten seconds.
const EFFORT: u64 = 6_000;

#[derive(Serialize)]
struct Written<'a> {
    mechanism: &'static str,
    status: String,
    objective: Option<Number>,
    bound: Option<Number>,
    gap: Option<Number>,
    starts: Option<Vec<Start<'a>>>,
    #[serde(rename = "use")]
    used: BTreeMap<&'a str, Vec<Number>>,
    reached: Vec<u64>,
    certificate: Certificate<'a>,
}

#[derive(Serialize)]
struct Start<'a> {
    id: &'a str,
    start: Option<u32>,
    finish: Option<u32>,
    cost: i64,
}

#[derive(Serialize)]
struct Certificate<'a> {
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    projects: &'a [u32],
    bound: Option<Number>,
    scale: i64,
    tree: Vec<NodeOut<'a>>,
}

/// A node as it is written; what it does not have is left out.
#[derive(Default, Serialize)]
struct NodeOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    prices: Option<&'a [(u32, i64)]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict: Option<&'a [(u32, i64)]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<u32>,
}

/// Returns the JSON Schema of the input of [`solve_calendar`].
#[must_use]
pub fn schema_calendar() -> serde_json::Value {
    schemars::schema_for!(Instance).to_value()
}

/// Places projects in periods; the instance and the outcome are JSON.
///
/// The outcome was checked by code that shares nothing with the solver before it is
/// returned.
///
/// # Errors
/// Every mistake of the instance with its line and column.
pub fn solve_calendar(instance: &str) -> Result<String, PlainError> {
    let read: Instance = serde_json::from_str(instance).map_err(|e| syntax(&e))?;
    let built = build::build(instance, &read)?;
    let effort = Effort {
        work: read.effort.unwrap_or(EFFORT).saturating_mul(1_000_000),
        ..Effort::default()
    };
    let table = schedule(&built.calendar, effort).map_err(|e| {
        let mut mistakes = Mistakes::new(instance);
        mistakes.add(
            String::new(),
            format!("无法求解:{e}"),
            format!("cannot be solved: {e}"),
        );
        match mistakes.end() {
            Err(error) => error,
            Ok(()) => PlainError::whole(e.to_string(), e.to_string()),
        }
    })?;
    let outcome = text(&written(&read, &built, &table))
        .map_err(|e| PlainError::whole(e.to_string(), e.to_string()))?;
    let report = minsheng_verify::selection::check_calendar(instance, &outcome);
    crate::selection::withheld(&report)?;
    Ok(outcome)
}

fn written<'a>(instance: &'a Instance, built: &'a Built, table: &'a Timetable) -> Written<'a> {
    // A schedule that costs more than the bound: the gap is that of the negatives.
    let negative = |n: Option<i128>| n.and_then(i128::checked_neg);
    let mut written = Written {
        mechanism: "calendar",
        status: status(table.status, 0),
        objective: table.objective.and_then(|o| number(o, 0)),
        bound: table.bound.and_then(|b| number(b, 0)),
        gap: gap(negative(table.objective), negative(table.bound), 0),
        starts: None,
        used: BTreeMap::new(),
        reached: Vec::new(),
        certificate: Certificate {
            parts: table.proof.iter().map(part).collect(),
        },
    };
    let Some(taken) = &table.taken else {
        return written;
    };
    let mut used = vec![0i128; built.calendar.cells.len()];
    written.reached = vec![0; built.calendar.targets.len()];
    let mut starts = Vec::new();
    for (at, (project, taken)) in instance.projects.iter().zip(taken).enumerate() {
        let choice = built.calendar.projects.get(at).and_then(|c| c.get(*taken));
        let Some(choice) = choice else { continue };
        for (cell, amount) in &choice.uses {
            if let Some(own) = used.get_mut(*cell as usize) {
                *own += i128::from(*amount);
            }
        }
        for target in &choice.counts {
            if let Some(own) = written.reached.get_mut(*target as usize) {
                *own += 1;
            }
        }
        let finish = built.finishes.get(at).and_then(|f| f.get(*taken)).copied();
        starts.push(Start {
            id: &project.id,
            start: choice.start,
            finish: finish.filter(|f| *f > 0),
            cost: choice.cost,
        });
    }
    let periods = (instance.periods as usize).max(1);
    for (row, used) in built.rows.iter().zip(used.chunks(periods)) {
        let all = used.iter().filter_map(|u| number(*u, 0)).collect();
        written.used.insert(row, all);
    }
    written.starts = Some(starts);
    written
}

fn part(part: &PartProof) -> Part<'_> {
    Part {
        projects: &part.projects,
        bound: part.bound.and_then(|b| number(b, 0)),
        scale: part.scale,
        tree: part.tree.iter().map(node).collect(),
    }
}

fn node(branch: &Branch) -> NodeOut<'_> {
    let prices = Some(branch.prices.as_slice());
    match branch.split {
        Window::Leaf => NodeOut {
            prices,
            ..NodeOut::default()
        },
        Window::Conflict => NodeOut {
            conflict: prices,
            ..NodeOut::default()
        },
        Window::Start(project, by) => NodeOut {
            project: Some(project),
            by: Some(by),
            ..NodeOut::default()
        },
    }
}
