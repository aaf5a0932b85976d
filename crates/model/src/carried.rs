//! Candidates that come over from the decision of an earlier programme.

use serde::{Deserialize, Serialize};

/// Who takes part is whom an earlier programme decided on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// The earlier programme.
    pub programme: String,
    /// Its cycle.
    pub cycle: String,
    /// Who comes over.
    pub decided: Fate,
    /// Whether the register's file has rows of its own that take part too.
    pub others: bool,
    /// The columns whose values come over.
    pub columns: Vec<Taken>,
}

/// How an earlier programme decided on a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Whoever was chosen, or is in the calendar.
    Chosen,
    /// Whoever was eligible and not chosen.
    LeftOut,
}

impl Fate {
    /// Returns the word used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::LeftOut => "left-out",
        }
    }
}

/// A column whose values come over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Its name here.
    pub column: String,
    /// Its name there.
    pub of: String,
}
