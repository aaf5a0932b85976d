//! What a JSON instance may say.

use super::side::Constraint;
use crate::travel::Pair;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Number;

/// A siting problem.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Which model, unless it is named outside.
    pub model: Option<Model>,
    /// Exactly how many sites are open.
    pub p: Option<u32>,
    /// At least how many, when `p` is not given.
    pub min_open: Option<u32>,
    /// At most how many, when `p` is not given.
    pub max_open: Option<u32>,
    /// Who is to be served; may be left out with `costs`.
    pub demands: Option<Vec<Demand>>,
    /// Where something may be opened; may be left out with `costs`.
    pub sites: Option<Vec<Site>>,
    /// For each demand the cost of a unit at every site; null where it cannot go.
    pub costs: Option<Vec<Vec<Option<Number>>>>,
    /// Instead of `costs` or coordinates: (demand, site, cost of a unit), whole numbers;
    /// a pair that is not named cannot be used.
    pub pairs: Option<Vec<Pair>>,
    /// How far points are apart, when there are no `costs`.
    pub metric: Option<Ground>,
    /// Units of cost a metre (1 unless given).
    pub units_per_metre: Option<i64>,
    /// How a distance becomes whole (`floor` unless given).
    pub rounding: Option<Round>,
    /// Pairs that cost more are not used; a cover counts what is within.
    pub reach: Option<i64>,
    /// What all open sites may cost together, by their `price`.
    pub budget: Option<i64>,
    /// How many of each group of sites are open.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// How much of each group of demands is served at least; only with `max-cover`.
    #[serde(default)]
    pub floors: Vec<Floor>,
    /// The years in which sites are opened, in their order; what is open stays open.
    #[serde(default)]
    pub years: Vec<YearInput>,
    /// Whether what a year leaves of its budget may be spent later (no unless given).
    pub carry: Option<bool>,
    /// Open sites stand at least so far apart, in units of cost; needs coordinates.
    pub spacing: Option<i64>,
    /// Weighted sums of open sites that have to stay between two ends.
    #[serde(default)]
    pub constraints: Vec<Constraint>,
    /// How many pairs the written search may look at.
    pub effort: Option<u64>,
}

/// A model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// The least sum of weight times cost, with so many sites.
    PMedian,
    /// The least largest cost, with so many sites.
    PCenter,
    /// The cheapest sites that reach everybody.
    SetCover,
    /// The most weight within reach, with so many sites.
    MaxCover,
    /// The least sum of opening and serving; capacities are not looked at.
    Uncapacitated,
    /// The least sum of opening and serving within the capacities.
    Capacitated,
}

/// A demand.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Demand {
    pub id: String,
    /// Units; 1 unless given.
    pub weight: Option<i64>,
    /// The group whose floor it counts for, and with which it is reported.
    pub group: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub x: Option<Number>,
    pub y: Option<Number>,
    pub lon: Option<Number>,
    pub lat: Option<Number>,
}

/// A site.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Site {
    pub id: String,
    /// What opening it adds to the objective.
    pub cost: Option<Number>,
    /// What opening it takes of the budget.
    pub price: Option<i64>,
    /// The most units it serves.
    pub capacity: Option<i64>,
    pub state: Option<SiteState>,
    pub group: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub x: Option<Number>,
    pub y: Option<Number>,
    pub lon: Option<Number>,
    pub lat: Option<Number>,
}

/// What may become of a site.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SiteState {
    Candidate,
    Open,
    Closed,
}

/// A group of sites.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub id: String,
    pub min: Option<u32>,
    pub max: Option<u32>,
}

/// A year in which sites are opened.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct YearInput {
    pub id: String,
    /// At least so many sites are opened in it; 0 unless given.
    pub least: Option<u32>,
    /// At most so many are opened in it.
    pub most: Option<u32>,
    /// What those opened in it may cost together, by their `price`.
    pub budget: Option<i64>,
    /// How much the year counts in the sum; 1 unless given.
    pub weight: Option<i64>,
}

/// A floor under what is served of a group of demands.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Floor {
    /// The group.
    pub group: String,
    /// At least so much weight.
    pub least: Option<i64>,
    /// At least so many thousandths of the group's weight, rounded up.
    pub per_mille: Option<i64>,
}

/// How far points are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ground {
    /// `x` and `y` are metres.
    Planar,
    /// `lon` and `lat` are degrees.
    GreatCircle,
}

/// How a distance becomes whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Round {
    Floor,
    Nearest,
    Ceil,
}
