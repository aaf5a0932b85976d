//! What instance and outcome of a calendar look like.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Instance {
    pub periods: usize,
    #[serde(default)]
    pub no_start: Vec<usize>,
    #[serde(default)]
    pub no_work: Vec<usize>,
    pub districts: Vec<District>,
    #[serde(default)]
    pub budgets: Vec<Budget>,
    pub projects: Vec<Project>,
    #[serde(default)]
    pub targets: Vec<Target>,
    #[serde(default)]
    pub objective: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "how hard the solver tried is not checked")]
    pub effort: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct District {
    pub id: String,
    pub crews: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    pub id: String,
    pub most: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Project {
    pub id: String,
    pub district: String,
    pub duration: usize,
    #[serde(default)]
    pub crews: Option<i64>,
    #[serde(default)]
    pub weight: Option<i64>,
    #[serde(default)]
    pub earliest: Option<usize>,
    #[serde(default)]
    pub latest: Option<usize>,
    #[serde(default)]
    pub deadline: Option<usize>,
    #[serde(default)]
    pub due: Option<usize>,
    #[serde(default)]
    pub costs: BTreeMap<String, i64>,
    #[serde(default)]
    pub skip: Option<i64>,
    #[serde(default)]
    pub after: Vec<String>,
    #[serde(default)]
    pub ineligible: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    pub count: String,
    pub least: i64,
    pub by: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outcome {
    pub mechanism: String,
    pub status: String,
    pub objective: Option<i128>,
    pub bound: Option<i128>,
    pub gap: Option<serde_json::Number>,
    pub starts: Option<Vec<Start>>,
    #[serde(rename = "use")]
    pub used: BTreeMap<String, Vec<i128>>,
    pub reached: Vec<i64>,
    pub certificate: Certificate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    pub id: String,
    pub start: Option<usize>,
    pub finish: Option<usize>,
    pub cost: i128,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Certificate {
    pub parts: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub projects: Vec<usize>,
    pub bound: Option<i128>,
    pub scale: i64,
    pub tree: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Node {
    #[serde(default)]
    pub prices: Option<Vec<(usize, i64)>>,
    #[serde(default)]
    pub conflict: Option<Vec<(usize, i64)>>,
    #[serde(default)]
    pub project: Option<usize>,
    #[serde(default)]
    pub by: Option<usize>,
}
