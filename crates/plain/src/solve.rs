use std::collections::BTreeMap;

use minsheng_matching as matching;
use minsheng_model::{Door, Text};
use minsheng_spec::market::Assignment;
use serde::Serialize;

use crate::certify::certify;
use crate::error::{Mistake, PlainError};
use crate::input::{Instance, Mechanism};
use crate::market::{Built, build, flat};

/// Returns the JSON Schema of the input of [`solve_match`].
#[must_use]
pub fn schema_match() -> serde_json::Value {
    schemars::schema_for!(Instance).to_value()
}

#[derive(Serialize)]
struct Outcome<'a> {
    assignment: BTreeMap<&'a str, Option<&'a str>>,
    doors: BTreeMap<&'a str, String>,
    cutoffs: BTreeMap<&'a str, Cutoff<'a>>,
    /// Entries left out because the provider does not name the applicant.
    not_acceptable: Vec<[&'a str; 2]>,
    certificate: Certificate,
}

#[derive(Serialize)]
struct Cutoff<'a> {
    capacity: u32,
    placed: u32,
    /// The one served last, when every seat is taken.
    last: Option<&'a str>,
}

#[derive(Serialize)]
struct Certificate {
    mechanism: &'static str,
    /// No applicant would be taken by a provider liked better than the own result,
    /// and every provider keeps the people it has.
    stable: bool,
    /// How many entries were looked at.
    checked: u64,
}

/// Solves a market given as JSON and returns the outcome as JSON.
///
/// The outcome is the applicant-optimal stable matching (Gale and Shapley 1962)
/// under each provider's choice function: kept seats, reserves in their order, open
/// seats under the ceilings. It was checked for stability by other code than the
/// solver's before it is returned.
///
/// # Errors
/// Every mistake of the instance with its line, column and JSON Pointer.
pub fn solve_match(text: &str) -> Result<String, PlainError> {
    let instance: Instance = serde_json::from_str(text).map_err(|e| syntax(&e))?;
    let Mechanism::DeferredAcceptance = instance.mechanism;
    let built = build(text, &instance)?;
    let market = flat(&built)?;
    let solved = matching::deferred_acceptance(&market).map_err(|e| {
        PlainError::whole(
            format!("无法求解:{e}"),
            format!("the market cannot be solved: {e}"),
        )
    })?;
    let assignment: Assignment = solved
        .entry
        .iter()
        .zip(&solved.door)
        .map(|(entry, door)| Some(((*entry)? as usize, spec_door((*door)?))))
        .collect();
    let checked = certify(&built.seats, &built.lists, &assignment).map_err(|said| {
        PlainError::whole(
            format!("内部错误,结果未通过复核,不予输出:{said}"),
            format!("internal error, the outcome did not pass its check and is withheld: {said}"),
        )
    })?;
    let outcome = outcome(&instance, &built, &assignment, checked);
    serde_json::to_string_pretty(&outcome)
        .map_err(|e| PlainError::whole(e.to_string(), e.to_string()))
}

pub(crate) fn syntax(error: &serde_json::Error) -> PlainError {
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said);
    PlainError {
        mistakes: vec![Mistake {
            at: Some((error.line(), error.column())),
            pointer: String::new(),
            message: Text::new(format!("JSON 有误:{said}"), said.to_owned()),
        }],
    }
}

fn spec_door(door: matching::Door) -> Door {
    match door {
        matching::Door::Kept => Door::Kept,
        matching::Door::Reserve(index) => Door::Reserve(index),
        matching::Door::Open => Door::Open,
    }
}

fn outcome<'a>(
    instance: &'a Instance,
    built: &Built,
    assignment: &Assignment,
    checked: u64,
) -> Outcome<'a> {
    let mut placed = BTreeMap::new();
    let mut doors = BTreeMap::new();
    let mut last: Vec<(u32, Option<(u64, &str)>)> = vec![(0, None); instance.providers.len()];
    let lists = built.lists.iter().zip(assignment);
    for (applicant, (list, got)) in instance.applicants.iter().zip(lists) {
        let id = applicant.id.as_str();
        let wish = got.and_then(|(entry, door)| Some((list.get(entry)?, door)));
        let provider = wish.and_then(|(w, _)| instance.providers.get(w.provider));
        placed.insert(id, provider.map(|p| p.id.as_str()));
        let (Some((wish, door)), Some(provider)) = (wish, provider) else {
            continue;
        };
        let name = match door {
            Door::Kept => "kept".to_owned(),
            Door::Open => "open".to_owned(),
            Door::Reserve(index) => {
                let reserve = provider.reserves.get(usize::from(index));
                format!("reserve:{}", reserve.map_or("", |r| r.id.as_str()))
            }
        };
        doors.insert(id, name);
        if let Some((count, worst)) = last.get_mut(wish.provider) {
            *count += 1;
            if worst.is_none_or(|(key, _)| wish.key > key) {
                *worst = Some((wish.key, id));
            }
        }
    }
    let mut cutoffs = BTreeMap::new();
    for (provider, (placed, worst)) in instance.providers.iter().zip(last) {
        let (capacity, full) = (provider.capacity, placed == provider.capacity);
        let last = worst.filter(|_| full).map(|(_, id)| id);
        let cutoff = Cutoff {
            capacity,
            placed,
            last,
        };
        cutoffs.insert(provider.id.as_str(), cutoff);
    }
    let name = |(a, p): &(u32, u32)| {
        let applicant = instance.applicants.get(*a as usize)?;
        let provider = instance.providers.get(*p as usize)?;
        Some([applicant.id.as_str(), provider.id.as_str()])
    };
    Outcome {
        assignment: placed,
        doors,
        cutoffs,
        not_acceptable: built.not_acceptable.iter().filter_map(name).collect(),
        certificate: Certificate {
            mechanism: "deferred-acceptance",
            stable: true,
            checked,
        },
    }
}
