//! Side constraints: weighted sums of open sites that a user adds to a model.
//!
//! A general solver finds the sites and a price for each constraint; who goes where and
//! the bound are made by our own kernel under those prices, so nothing that is proved
//! rests on the general solver. Without it an outcome can still be checked.

use std::collections::{BTreeMap, HashMap};

use minsheng_verify::siting::CaseSide;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::input::{Input, Model};
use super::place::wrong;
use super::problem::Problem;
use crate::error::PlainError;

/// A weighted sum of open sites that has to stay between two ends.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Constraint {
    /// Its name.
    pub id: String,
    /// What each site counts when it is open; a site that is not named counts nothing.
    pub sites: BTreeMap<String, i64>,
    /// The least sum.
    pub least: Option<i64>,
    /// The greatest sum.
    pub most: Option<i64>,
}

/// Constraints by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sides {
    /// Their names.
    pub names: Vec<String>,
    /// What they say.
    pub cases: Vec<CaseSide>,
}

/// Reads the constraints.
pub(super) fn read(text: &str, input: &Input, sites: &[String]) -> Result<Sides, PlainError> {
    let index: HashMap<&str, usize> = sites
        .iter()
        .enumerate()
        .map(|(k, id)| (id.as_str(), k))
        .collect();
    let mut sides = Sides::default();
    for (k, own) in input.constraints.iter().enumerate() {
        let id = &own.id;
        if sides.names.contains(id) {
            return Err(wrong(
                text,
                &format!("/constraints/{k}/id"),
                &format!("`{id}` 出现两次"),
                &format!("`{id}` is named twice"),
            ));
        }
        let ends = (own.least, own.most);
        if matches!(ends, (None, None)) || matches!(ends, (Some(l), Some(m)) if l > m) {
            return Err(wrong(
                text,
                &format!("/constraints/{k}"),
                "应有 `least` 或 `most`,且前者不大于后者",
                "has to have `least` or `most`, the first not above the second",
            ));
        }
        let mut weights = Vec::with_capacity(own.sites.len());
        for (name, weight) in &own.sites {
            let Some(site) = index.get(name.as_str()) else {
                return Err(wrong(
                    text,
                    &format!("/constraints/{k}/sites/{name}"),
                    &format!("没有点位 `{name}`"),
                    &format!("there is no site `{name}`"),
                ));
            };
            weights.push((*site, *weight));
        }
        weights.sort_unstable();
        sides.names.push(id.clone());
        sides.cases.push(CaseSide {
            weights,
            least: own.least,
            most: own.most,
        });
    }
    Ok(sides)
}

/// Refuses models that have no such bound.
pub(super) fn allow(model: Model, staged: bool) -> Result<(), PlainError> {
    if model == Model::PCenter || staged {
        return Err(PlainError::whole(
            "`constraints` 不能与 `p-center` 或 `years` 同用",
            "`constraints` cannot stand with `p-center` or `years`",
        ));
    }
    Ok(())
}

/// Returns the sum of each constraint over open sites.
fn sums(sides: &Sides, open: &[usize]) -> Map<String, Value> {
    let own = sides.names.iter().zip(&sides.cases);
    own.map(|(name, side)| {
        let counted = side.weights.iter().filter(|(site, _)| open.contains(site));
        let sum: i128 = counted.map(|(_, weight)| i128::from(*weight)).sum();
        let sum = i64::try_from(sum).map_or_else(|_| json!(sum.to_string()), |s| json!(s));
        (name.clone(), sum)
    })
    .collect()
}

/// Writes each constraint's sum.
pub(super) fn report(problem: &Problem, open: &[u32], out: &mut Map<String, Value>) {
    if !problem.sides.names.is_empty() {
        let open: Vec<usize> = open.iter().map(|s| *s as usize).collect();
        let own = sums(&problem.sides, &open);
        out.insert("constraints".into(), own.into());
    }
}

/// Checks the sums that an outcome names.
pub(super) fn check(problem: &Problem, value: &Value, open: &[usize]) -> Result<(), PlainError> {
    let found = value.get("constraints");
    let wanted = (!problem.sides.names.is_empty()).then(|| sums(&problem.sides, open).into());
    if found == wanted.as_ref() {
        return Ok(());
    }
    Err(Fields::wrong(
        "constraints",
        "与开设点不符",
        "does not fit the open sites",
    ))
}
