use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Projects that have to be done, the periods, and what there is in each. Periods
/// are numbered from 1.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Instance {
    /// How many periods there are.
    pub periods: u32,
    /// Periods in which nothing may start.
    #[serde(default)]
    pub no_start: Vec<u32>,
    /// Periods in which no work is done: what is under way pauses, and nothing
    /// starts.
    #[serde(default)]
    pub no_work: Vec<u32>,
    pub districts: Vec<District>,
    #[serde(default)]
    pub budgets: Vec<Budget>,
    pub projects: Vec<Project>,
    #[serde(default)]
    pub targets: Vec<Target>,
    #[serde(default)]
    pub objective: Objective,
    /// How hard to try, in millions of multiplications.
    #[serde(default)]
    pub effort: Option<u64>,
}

/// What is to be as small as possible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Objective {
    /// The sum of weight times the period of finishing.
    #[default]
    Completion,
    /// The sum of weight times the periods by which `due` is missed.
    Lateness,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct District {
    pub id: String,
    /// Crews: one number for all periods, or one per period.
    pub crews: Vec<i64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Budget {
    pub id: String,
    /// The most that may be spent in a period: one number for all, or one each.
    pub most: Vec<i64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Project {
    pub id: String,
    pub district: String,
    /// Periods of work.
    pub duration: u32,
    /// Crews in every period of work; 1 unless said otherwise.
    #[serde(default)]
    pub crews: Option<i64>,
    /// How much finishing early matters; 1 unless said otherwise.
    #[serde(default)]
    pub weight: Option<i64>,
    /// The first period it may start in.
    #[serde(default)]
    pub earliest: Option<u32>,
    /// The last period it may start in.
    #[serde(default)]
    pub latest: Option<u32>,
    /// The last period it may finish in.
    #[serde(default)]
    pub deadline: Option<u32>,
    /// For `lateness`: the period it ought to be finished in.
    #[serde(default)]
    pub due: Option<u32>,
    /// What it takes of each budget, in the period it starts in.
    #[serde(default)]
    pub costs: BTreeMap<String, i64>,
    /// It need not be done, at this cost to the objective.
    #[serde(default)]
    pub skip: Option<i64>,
    /// Projects that have to be finished before it starts.
    #[serde(default)]
    pub after: Vec<String>,
    /// Why it may not start, as whoever checked its gates says: it is not done, at no
    /// cost.
    #[serde(default)]
    pub ineligible: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    pub count: Count,
    /// At least so many projects,
    pub least: i64,
    /// by the end of this period.
    pub by: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Count {
    Started,
    Finished,
}
