use std::fmt;

use serde::{Deserialize, Serialize};

/// The most clauses of one scope and the most tiers: masks are 32 bits wide.
pub const MASK_LIMIT: usize = 32;

/// The most reserves and the most ceilings: their masks are 16 bits wide.
pub const GROUP_LIMIT: usize = 16;

/// The most applicants one market can hold: ranks are 32-bit.
pub const APPLICANT_LIMIT: usize = u32::MAX as usize;

/// The tier of a kept seat: before every declared one. Declared tiers are
/// counted from 1 in rows and keys.
pub const GUARANTEE_TIER: u8 = 0;

/// The three answers to "may this person have it?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Yes, whatever the missing facts are.
    Eligible,
    /// No, whatever the missing facts are.
    NotEligible,
    /// It depends on a fact that is missing.
    Undetermined,
}

impl Verdict {
    /// Returns the word used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eligible => "eligible",
            Self::NotEligible => "not-eligible",
            Self::Undetermined => "undetermined",
        }
    }

    /// Returns the verdict that [`Verdict::as_str`] names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Eligible, Self::NotEligible, Self::Undetermined]
            .into_iter()
            .find(|v| v.as_str() == word)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The way into a provider: a group of its seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// The seat kept for this person.
    Kept,
    /// The `i`-th reserve.
    Reserve(u8),
    /// The open seats.
    Open,
}

/// A place somebody got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// The provider's key.
    pub provider: String,
    /// Through which door.
    pub door: Door,
    /// The position of that provider on the person's list.
    pub position: u32,
}

/// One applicant in a bundle, without a single personal fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicantRow {
    /// The public application number.
    pub ticket: String,
    /// The number that stands in the draw (the family's, or the ticket again).
    pub draw_ticket: String,
    /// Bit `i`: the applicants' `i`-th clause holds.
    pub holds: u32,
    /// Bit `i`: the applicants' `i`-th clause is unknown.
    pub unknown: u32,
    /// What follows from the masks.
    pub verdict: Verdict,
    /// The place, if any.
    pub placement: Option<Placement>,
    /// Hex SHA-256 over the secret and the facts; empty when no secret is declared.
    pub facts_hash: String,
    /// The values of the columns that indicators count by ([`crate::Rules::group_columns`]).
    pub groups: Vec<Option<String>>,
}

/// One entry of an applicant's list, as numbers: a city has millions of them.
/// In files the two indices are written as application number and provider key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChoiceRow {
    /// Index of the applicant, by ticket order.
    pub applicant: u32,
    /// 1 is the most wanted; a kept seat that was not listed comes last.
    pub position: u32,
    /// Index of the provider, by key order.
    pub provider: u32,
    /// Bit `i`: the choices' `i`-th clause holds.
    pub holds: u32,
    /// Bit `i`: the choices' `i`-th clause is unknown.
    pub unknown: u32,
    /// Bit `i`: the `i`-th tier's condition holds.
    pub tier_holds: u32,
    /// Bit `i`: the `i`-th tier's condition is unknown.
    pub tier_unknown: u32,
    /// The score; 0 where none is declared.
    pub score: i64,
    /// Bit `i`: a member of the `i`-th reserve.
    pub reserves: u16,
    /// Bit `i`: a member of the `i`-th ceiling's group.
    pub ceilings: u16,
    /// 0 for a kept seat, else 1 plus the first tier that holds, else 1 plus their number.
    pub tier: u8,
    /// What follows from the masks of the choice alone (not of the applicant).
    pub verdict: Verdict,
    /// A seat is kept here for this applicant.
    pub kept: bool,
}

/// One provider in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderRow {
    /// The provider's key.
    pub provider: String,
    /// All its seats.
    pub capacity: u32,
    /// How many were placed here.
    pub placed: u32,
    /// Publishable columns as text, in the order of the rules (the key left out).
    pub facts: Vec<Option<String>>,
}

/// One door or ceiling of one provider in a bundle, with its cut-off: the last
/// admitted, where it is full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorRow {
    /// The provider's key.
    pub provider: String,
    /// `kept`, `reserve:ID`, `open` or `ceiling:ID`.
    pub door: String,
    /// The seats that the rules give it: those kept, a reserve's, all of the
    /// provider's for `open`, a ceiling's.
    pub declared: u32,
    /// Its seats here: what the doors before it have left of them.
    pub seats: u32,
    /// How many came through it (for a ceiling: members placed through `open`).
    pub placed: u32,
    /// The last admitted, where `placed` equals `seats` and `seats` is not 0; its application number.
    pub last_ticket: Option<String>,
    /// The last admitted's tier.
    pub last_tier: Option<u8>,
    /// The last admitted's score.
    pub last_score: Option<i64>,
    /// The last admitted's place in the draw, from 1.
    pub last_rank: Option<u32>,
}
