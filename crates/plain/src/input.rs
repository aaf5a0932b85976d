use schemars::JsonSchema;
use serde::Deserialize;

/// A market: who asks for what, who has places, and in which order they are given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Instance {
    /// Which mechanism; `deferred-acceptance` is applicant-proposing.
    pub mechanism: Mechanism,
    /// Who asks.
    pub applicants: Vec<Applicant>,
    /// Who has places.
    pub providers: Vec<Provider>,
    /// One order of all applicants that parts equal priorities.
    #[serde(default)]
    pub tie_break: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mechanism {
    DeferredAcceptance,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Applicant {
    pub id: String,
    /// Providers, the most wanted first.
    pub preferences: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Provider {
    pub id: String,
    pub capacity: u32,
    /// Applicants from the first served to the last; a list inside the list holds
    /// equals. Who is not named cannot be placed here.
    pub priorities: Vec<Class>,
    /// Seats for a group, filled in this order before the open ones.
    #[serde(default)]
    pub reserves: Vec<Reserve>,
    /// The most of a group that come in through open seats.
    #[serde(default)]
    pub ceilings: Vec<Ceiling>,
    /// Applicants whose present seat here is theirs if they want it.
    #[serde(default)]
    pub kept: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "an applicant's id, or a list of ids of equal priority"
)]
pub(crate) enum Class {
    One(String),
    Tied(Vec<String>),
}

impl Class {
    pub fn members(&self) -> &[String] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Tied(ids) => ids,
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reserve {
    pub id: String,
    pub seats: u32,
    pub members: Vec<String>,
    /// What becomes of the rest: `open` seats for all, or `empty`.
    pub unused: Unused,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unused {
    Open,
    Empty,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ceiling {
    pub id: String,
    pub seats: u32,
    pub members: Vec<String>,
}
