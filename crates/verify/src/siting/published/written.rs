//! The files of a bundle as they are written; a key that is not known is refused.

use std::collections::BTreeMap;

use minsheng_model::Text;
use serde::Deserialize;
use serde_json::{Number, Value};

use crate::report::offends;

/// `instance.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Instance {
    pub model: String,
    pub demands: Vec<Demand>,
    pub sites: Vec<Site>,
    pub reach: Option<i64>,
    pub pairs: Option<Vec<(String, String, i64)>>,
    pub p: Option<u64>,
    pub min_open: Option<u64>,
    pub max_open: Option<u64>,
    pub budget: Option<i64>,
    pub spacing: Option<i64>,
    #[serde(default)]
    pub groups: Vec<Group>,
    #[serde(default)]
    pub floors: Vec<Floor>,
    #[serde(default)]
    pub years: Vec<Year>,
    #[serde(default)]
    pub carry: bool,
    #[serde(rename = "effort")]
    pub _effort: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Demand {
    pub id: String,
    pub weight: i64,
    pub group: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub x: Option<i64>,
    pub y: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Site {
    pub id: String,
    pub state: Option<String>,
    pub cost: Option<i64>,
    pub price: Option<i64>,
    pub capacity: Option<i64>,
    pub group: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub x: Option<i64>,
    pub y: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub id: String,
    pub min: Option<u64>,
    pub max: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Floor {
    pub group: String,
    pub per_mille: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Year {
    pub id: String,
    pub least: Option<u64>,
    pub most: Option<u64>,
    pub budget: Option<i64>,
    pub weight: Option<i64>,
}

/// `outcome.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outcome {
    pub mechanism: String,
    pub model: String,
    pub status: String,
    pub objective: Option<Number>,
    pub bound: Option<Number>,
    pub gap: Option<Number>,
    pub open: Option<Vec<String>>,
    pub assignment: Option<BTreeMap<String, Value>>,
    pub opened: Option<BTreeMap<String, Option<String>>>,
    pub years: Option<Vec<Value>>,
    pub groups: Option<Value>,
    pub worst_served: Option<Value>,
    pub gaps: Option<Value>,
    pub certificate: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    pub format: String,
    pub scale: i64,
    pub multipliers: Vec<Multipliers>,
    pub nodes: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Multipliers {
    pub demand: Vec<i64>,
    pub budget: i64,
    #[serde(default)]
    pub floor: Vec<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Staged {
    pub format: String,
    pub scale: i64,
    pub demand: Vec<Vec<i64>>,
    pub opening: Vec<i64>,
    pub budget: Vec<i64>,
}

/// Reads a file.
pub(super) fn read<'a, T: Deserialize<'a>>(name: &str, text: &'a str) -> Result<T, Text> {
    serde_json::from_str(text).map_err(|e| offends(name, &e.to_string(), &e.to_string()))
}

/// Reads a number as whole units.
pub(super) fn whole(name: &str, number: Option<&Number>) -> Result<Option<i128>, Text> {
    let Some(number) = number else {
        return Ok(None);
    };
    match number.to_string().parse::<i128>() {
        // Differences of such numbers stay far from 128 bits.
        Ok(n) if n.unsigned_abs() < 1 << 110 => Ok(Some(n)),
        _ => Err(offends(name, "应为整数", "has to be a whole number")),
    }
}
