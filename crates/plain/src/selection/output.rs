//! What an outcome looks like.

use minsheng_selection::{Node, Outcome, Prices, Proof, Split, Status};
use serde::Serialize;
use serde_json::{Number, Value, json};

use super::case::Case;
use super::decimal::write;

#[derive(Serialize)]
pub(crate) struct Written<'a> {
    pub mechanism: &'static str,
    pub status: String,
    pub objective: Option<Number>,
    pub bound: Option<Number>,
    pub gap: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated_optimum: Option<Number>,
    pub chosen: Option<Vec<&'a str>>,
    pub left_out: Vec<LeftOut<'a>>,
    pub rows: Vec<RowOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explanations: Vec<Explained<'a>>,
    pub certificate: Certificate<'a>,
}

#[derive(Serialize)]
pub(crate) struct LeftOut<'a> {
    id: &'a str,
    why: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<&'a str>,
    /// It would have to be worth at least so much more.
    #[serde(skip_serializing_if = "Option::is_none")]
    short_by: Option<Number>,
}

#[derive(Serialize)]
pub(crate) struct RowOut<'a> {
    row: &'a str,
    used: Option<Number>,
    least: Option<Number>,
    most: Option<Number>,
}

#[derive(Serialize)]
pub(crate) struct Explained<'a> {
    id: &'a str,
    status: String,
    objective: Option<Number>,
    bound: Option<Number>,
    chosen: Option<Vec<&'a str>>,
    increase: Option<Value>,
    certificate: Certificate<'a>,
}

#[derive(Serialize)]
pub(crate) struct Certificate<'a> {
    method: &'static str,
    step: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tree: Vec<NodeOut<'a>>,
}

/// A node as it is written; what it does not have is left out.
#[derive(Default, Serialize)]
pub(crate) struct NodeOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    prices: Option<&'a Prices>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict: Option<&'a Prices>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    again: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
}

pub(crate) fn number(scaled: i128, places: u32) -> Option<Number> {
    write(scaled, places).parse().ok()
}

pub(crate) fn status(status: Status, places: u32) -> String {
    match status {
        Status::ProvedOptimal => "proved-optimal".to_owned(),
        Status::Within(k) => format!("within {} of optimum", write(k, places)),
        Status::NoBound => "feasible, no bound".to_owned(),
        Status::ProvedInfeasible => "proved-infeasible".to_owned(),
        Status::Undecided => "undecided".to_owned(),
    }
}

/// The part of the objective by which the bound exceeds it, rounded up to a
/// billionth; of an objective below one unit, of that unit.
pub(crate) fn gap(objective: Option<i128>, bound: Option<i128>, places: u32) -> Option<Number> {
    let (objective, bound) = (objective?, bound?);
    let unit = 10i128.checked_pow(places)?;
    let size = objective.checked_abs()?.max(unit);
    let nano = (bound - objective).checked_mul(1_000_000_000)?;
    number(
        nano.div_euclid(size) + i128::from(nano.rem_euclid(size) != 0),
        9,
    )
}

pub(crate) fn certificate(proof: &Proof, step: i128) -> Certificate<'_> {
    let step = Number::from_i128(step).unwrap_or_else(|| 1.into());
    match proof {
        Proof::Table => Certificate {
            method: "table",
            step,
            scale: None,
            tree: Vec::new(),
        },
        Proof::Tree { scale, nodes } => Certificate {
            method: "prices",
            step,
            scale: Some(*scale),
            tree: nodes.iter().map(node).collect(),
        },
    }
}

fn node(node: &Node) -> NodeOut<'_> {
    let own = Some(&node.prices);
    let some = own.filter(|p| !p.is_empty());
    let none = NodeOut::default();
    match node.split {
        Split::Conflict => NodeOut {
            conflict: own,
            ..none
        },
        Split::Leaf => NodeOut {
            prices: own,
            ..none
        },
        Split::Again => NodeOut {
            prices: some,
            again: true,
            ..none
        },
        Split::Item(item) => NodeOut {
            prices: some,
            item: Some(item),
            ..none
        },
        Split::Row(row, at) => NodeOut {
            prices: some,
            row: Some(row),
            at: Some(at),
            ..none
        },
    }
}

fn ids<'a>(case: &'a Case, chosen: Option<&[bool]>) -> Option<Vec<&'a str>> {
    let pairs = case.ids.iter().zip(chosen?);
    Some(
        pairs
            .filter(|(_, c)| **c)
            .map(|(id, _)| id.as_str())
            .collect(),
    )
}

/// Returns what is said of an outcome.
pub(crate) fn written<'a>(
    case: &'a Case,
    outcome: &'a Outcome,
    explained: &'a [(usize, Outcome)],
) -> Written<'a> {
    let chosen = outcome.chosen.as_deref();
    let step = case.problem.step();
    Written {
        mechanism: "optimise",
        status: status(outcome.status, case.places),
        objective: outcome.objective.and_then(|o| number(o, case.places)),
        bound: outcome.bound.and_then(|b| number(b, case.places)),
        gap: gap(outcome.objective, outcome.bound, case.places),
        stated_optimum: case.stated.as_ref().and_then(|s| s.parse().ok()),
        chosen: ids(case, chosen),
        left_out: chosen.map_or_else(Vec::new, |chosen| left_out(case, outcome, chosen)),
        rows: rows(case, chosen),
        explanations: explained
            .iter()
            .filter_map(|(at, own)| explanation(case, outcome, *at, own, step))
            .collect(),
        certificate: certificate(&outcome.proof, step),
    }
}

fn left_out<'a>(case: &'a Case, outcome: &Outcome, chosen: &[bool]) -> Vec<LeftOut<'a>> {
    let short = outcome.short_by(&case.problem);
    let mut all = Vec::new();
    for (at, (id, own)) in case.ids.iter().zip(chosen).enumerate() {
        if *own {
            continue;
        }
        let said = case.ineligible.get(at).and_then(Option::as_deref);
        let why = match case.problem.fixed.get(at) {
            _ if said.is_some() => "ineligible",
            Some(Some(false)) => "never",
            _ => "not-best",
        };
        let short = short.get(at).copied().filter(|s| *s > 0);
        all.push(LeftOut {
            id,
            why,
            said,
            short_by: short.and_then(|s| number(s, case.places)),
        });
    }
    all
}

fn rows<'a>(case: &'a Case, chosen: Option<&[bool]>) -> Vec<RowOut<'a>> {
    let all = case.rows.iter().zip(&case.problem.rows);
    all.map(|(named, row)| RowOut {
        row: &named.name,
        used: chosen.and_then(|c| number(row.sum(c), named.places)),
        least: row.lower.and_then(|l| number(l.into(), named.places)),
        most: row.upper.and_then(|u| number(u.into(), named.places)),
    })
    .collect()
}

fn explanation<'a>(
    case: &'a Case,
    outcome: &Outcome,
    at: usize,
    own: &'a Outcome,
    step: i128,
) -> Option<Explained<'a>> {
    let increase = match (outcome.objective, outcome.bound, own.objective, own.bound) {
        (Some(o), Some(b), Some(z), Some(most)) => Some(json!({
            "at_least": Number::from_i128((o - most).max(0))?,
            "enough": Number::from_i128((b - z).max(0))?,
        })),
        _ => None,
    };
    Some(Explained {
        id: case.ids.get(at)?,
        status: status(own.status, case.places),
        objective: own.objective.and_then(|o| number(o, case.places)),
        bound: own.bound.and_then(|b| number(b, case.places)),
        chosen: ids(case, own.chosen.as_deref()),
        increase,
        certificate: certificate(&own.proof, step),
    })
}
