//! The instance that the rules and the rows give, held against the one published.

use minsheng_bundle::Contents;
use minsheng_model::{ApplicantRow, Limits, Mechanism, Order, Ranking, Text, Verdict};
use serde_json::{Map, Value, json};

use super::known::{Known, Numbers};
use super::{calendar, limits, places, site};
use crate::draw;
use crate::report::{Found, offends};

/// An eligible candidate: its row, its figures, and what the instance has of it.
pub(super) struct Candidate<'a> {
    pub row: &'a ApplicantRow,
    pub numbers: &'a Numbers,
    pub found: &'a Value,
}

impl Candidate<'_> {
    /// Returns a figure: the computed one, or, where it reads what is not published, the
    /// instance's own.
    pub fn number(&self, at: &str, key: &str) -> Value {
        match self.numbers.get(at) {
            Some(number) => json!(number),
            None => self.found.get(key).cloned().unwrap_or_default(),
        }
    }
}

/// Checks that the instance is exactly what rules and rows give.
pub(super) fn check(contents: &Contents, known: &Known, instance: &str) -> Found {
    let found: Value = match serde_json::from_str(instance) {
        Ok(found) => found,
        Err(e) => return Some(offends("instance.json", &e.to_string(), &e.to_string())),
    };
    match expected(contents, known, &found) {
        Ok(wanted) => first_difference("", &wanted, &found),
        Err(said) => Some(said),
    }
}

/// Returns the instance; figures that nobody can compute are taken from `found`.
fn expected(contents: &Contents, known: &Known, found: &Value) -> Result<Value, Text> {
    let rules = &contents.rules;
    if let Mechanism::Site(own) = &rules.mechanism {
        return site::expected(contents, known, found, own);
    }
    let eligible: Vec<usize> = contents
        .applicants
        .iter()
        .enumerate()
        .filter(|(_, a)| a.verdict == Verdict::Eligible)
        .map(|(row, _)| row)
        .collect();
    let nothing = Value::Null;
    let listed = match &rules.mechanism {
        Mechanism::Assign(_) | Mechanism::Access(_) => "demands",
        _ => "projects",
    };
    let mut candidates = Vec::with_capacity(eligible.len());
    for (place, row) in eligible.iter().enumerate() {
        let own = (contents.applicants.get(*row), known.candidates.get(*row));
        let (Some(own), Some(numbers)) = own else {
            return Err(offends("candidates", "行数有误", "are of another number"));
        };
        let at = found.get(listed).and_then(|p| p.get(place));
        candidates.push(Candidate {
            row: own,
            numbers,
            found: at.unwrap_or(&nothing),
        });
    }
    match &rules.mechanism {
        Mechanism::Match | Mechanism::Site(_) => {
            Err(offends("mechanism", "没有实例", "has no instance"))
        }
        Mechanism::Calendar(own) => calendar::expected(contents, known, found, own, &candidates),
        Mechanism::Assign(own) => places::assignment(contents, known, found, own, &candidates),
        Mechanism::Access(own) => places::access(contents, known, found, own, &candidates),
        Mechanism::Select(own) => {
            let mut all = around(contents, known, found, "select", &own.limits, &candidates)?;
            let projects = candidates.iter().map(|c| {
                let mut project = limits::project(contents, "select", &own.limits, c)?;
                project.insert("value".to_owned(), c.number("select.value", "value"));
                Ok(Value::from(project))
            });
            let projects: Result<Vec<Value>, Text> = projects.collect();
            all.insert("projects".to_owned(), projects?.into());
            all.insert("mechanism".to_owned(), json!("optimise"));
            if let Some(effort) = own.effort {
                all.insert("effort".to_owned(), json!(effort));
            }
            explained(&mut all, own.explain, &candidates);
            Ok(all.into())
        }
        Mechanism::Rank(own) => {
            let mut all = around(contents, known, found, "rank", &own.limits, &candidates)?;
            let ties = ties(contents, own, &eligible, &candidates);
            let projects = candidates.iter().zip(ties).map(|(c, tie)| {
                let mut project = limits::project(contents, "rank", &own.limits, c)?;
                project.insert("tier".to_owned(), tier(own, c));
                project.insert("score".to_owned(), score(own, c));
                project.insert("tie".to_owned(), tie);
                Ok(Value::from(project))
            });
            let projects: Result<Vec<Value>, Text> = projects.collect();
            all.insert("projects".to_owned(), projects?.into());
            all.insert("mechanism".to_owned(), json!("ranked"));
            all.insert("stop_at_budget".to_owned(), json!(own.stop_at_budget));
            explained(&mut all, own.explain, &candidates);
            Ok(all.into())
        }
    }
}

fn around(
    contents: &Contents,
    known: &Known,
    found: &Value,
    kind: &str,
    own: &Limits,
    candidates: &[Candidate<'_>],
) -> Result<Map<String, Value>, Text> {
    let mut all = Map::new();
    limits::add(contents, known, found, kind, own, candidates, &mut all)?;
    Ok(all)
}

fn explained(all: &mut Map<String, Value>, explain: bool, candidates: &[Candidate<'_>]) {
    let asked = candidates.iter().filter(|_| explain);
    let asked: Vec<Value> = asked.map(|c| json!(c.row.ticket)).collect();
    all.insert("explain".to_owned(), asked.into());
}

/// The place of the first tier that holds.
fn tier(own: &Ranking, candidate: &Candidate<'_>) -> Value {
    for (place, tier) in own.tiers.iter().enumerate() {
        match candidate.numbers.get(&format!("rank.tiers.{}", tier.id)) {
            Some(1) => return json!(place),
            Some(_) => {}
            None => return candidate.found.get("tier").cloned().unwrap_or_default(),
        }
    }
    json!(own.tiers.len())
}

/// Higher comes first in an instance.
fn score(own: &Ranking, candidate: &Candidate<'_>) -> Value {
    match (candidate.numbers.get("rank.score"), own.score.order) {
        (Some(score), Order::HighFirst) => json!(score),
        (Some(score), Order::LowFirst) => json!(score.checked_neg()),
        (None, _) => candidate.found.get("score").cloned().unwrap_or_default(),
    }
}

/// The rules' figure; with a draw, places in the order of that figure and the draw.
fn ties(
    contents: &Contents,
    own: &Ranking,
    eligible: &[usize],
    candidates: &[Candidate<'_>],
) -> Vec<Value> {
    let figures: Vec<Option<i64>> = candidates
        .iter()
        .map(|c| match &own.tie {
            Some(_) => c.numbers.get("rank.tie").copied(),
            None => Some(0),
        })
        .collect();
    let published = |c: &Candidate<'_>| c.found.get("tie").cloned().unwrap_or_default();
    let drawn = !contents.rules.draw.sources.is_empty();
    if !drawn {
        let pairs = figures.iter().zip(candidates);
        return pairs
            .map(|(figure, c)| figure.map_or_else(|| published(c), |n| json!(n)))
            .collect();
    }
    let known: Option<Vec<i64>> = figures.into_iter().collect();
    let (Some(known), Some(ranks)) = (known, draw::ranks(contents)) else {
        return candidates.iter().map(published).collect();
    };
    let keys = known.iter().zip(eligible);
    let keys: Vec<(i64, Option<u32>)> = keys
        .map(|(k, row)| (*k, ranks.get(*row).copied()))
        .collect();
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|place| keys.get(*place).copied());
    let mut ties = vec![Value::Null; keys.len()];
    for (tie, place) in (1u64..).zip(order) {
        if let Some(own) = ties.get_mut(place) {
            *own = json!(tie);
        }
    }
    ties
}

/// Returns the first place where two values differ.
fn first_difference(at: &str, wanted: &Value, found: &Value) -> Found {
    match (wanted, found) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|k| !a.contains_key(*k)));
            for key in keys {
                let at = format!("{at}/{key}");
                let none = Value::Null;
                let (left, right) = (a.get(key), b.get(key));
                if left.is_some() != right.is_some() {
                    return Some(unlike(&at, left.unwrap_or(&none), right.unwrap_or(&none)));
                }
                let pair = (left.unwrap_or(&none), right.unwrap_or(&none));
                if let Some(said) = first_difference(&at, pair.0, pair.1) {
                    return Some(said);
                }
            }
            None
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(i, (a, b))| first_difference(&format!("{at}/{i}"), a, b))
        }
        (Value::Array(a), Value::Array(b)) => Some(unlike(at, &json!(a.len()), &json!(b.len()))),
        _ if wanted == found => None,
        _ => Some(unlike(at, wanted, found)),
    }
}

fn unlike(at: &str, wanted: &Value, found: &Value) -> Text {
    offends(
        &format!("instance.json{at}"),
        &format!("应为 {wanted},实为 {found}"),
        &format!("expected {wanted}, found {found}"),
    )
}
