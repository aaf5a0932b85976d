use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Projects, and what a choice of them has to keep to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Instance {
    /// How it is chosen.
    #[serde(default)]
    pub mechanism: Mechanism,
    pub projects: Vec<Project>,
    /// Sums over the projects' costs.
    #[serde(default)]
    pub budgets: Vec<Budget>,
    /// How many projects in all.
    #[serde(default)]
    pub count: Option<Count>,
    /// How many, or how much of a budget, of a group.
    #[serde(default)]
    pub quotas: Vec<Quota>,
    /// Projects of which at most some may be chosen together.
    #[serde(default)]
    pub exclusions: Vec<Exclusion>,
    /// Projects for which it is to be said what would have let them in.
    #[serde(default)]
    pub explain: Vec<String>,
    /// For `ranked`: the first project that a budget does not suffice for ends the
    /// list; otherwise it is passed over.
    #[serde(default)]
    pub stop_at_budget: bool,
    /// For `optimise`: how hard to try, in millions of multiplications.
    #[serde(default)]
    pub effort: Option<u64>,
}

/// How it is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mechanism {
    /// The greatest total value.
    #[default]
    Optimise,
    /// Down a list by tier, score and tie, whoever fits.
    Ranked,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Project {
    pub id: String,
    /// What it is worth; `ranked` only sums it.
    #[serde(default)]
    pub value: Option<i64>,
    /// For `ranked`: lower comes first.
    #[serde(default)]
    pub tier: Option<i64>,
    /// For `ranked`: higher comes first within the tier.
    #[serde(default)]
    pub score: Option<i64>,
    /// For `ranked`: lower comes first among equals.
    #[serde(default)]
    pub tie: Option<i64>,
    /// What it costs of each budget; what is not named costs nothing.
    #[serde(default)]
    pub costs: BTreeMap<String, i64>,
    /// Groups it belongs to.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Projects without which it cannot be chosen.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether it is in or out beforehand.
    #[serde(default)]
    pub state: Option<State>,
    /// Why it may not be chosen, as whoever checked its gates says.
    #[serde(default)]
    pub ineligible: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Must,
    Never,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Budget {
    pub id: String,
    #[serde(default)]
    pub least: Option<i64>,
    #[serde(default)]
    pub most: Option<i64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Count {
    #[serde(default)]
    pub least: Option<i64>,
    #[serde(default)]
    pub most: Option<i64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quota {
    pub group: String,
    /// Sums this budget's costs; without one, projects are counted.
    #[serde(default)]
    pub budget: Option<String>,
    #[serde(default)]
    pub least: Option<i64>,
    #[serde(default)]
    pub most: Option<i64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exclusion {
    /// What it is called: its row is then `exclusion:INDEX:GROUP`.
    #[serde(default)]
    pub group: Option<String>,
    pub projects: Vec<String>,
    /// 1 unless said otherwise.
    #[serde(default)]
    pub most: Option<i64>,
}
