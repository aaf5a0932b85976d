use minsheng_model::{ApplicantRow, Date, StandingRow};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::merkle::{leaf_hash, merkle_root};
use crate::{BundleError, RegisterSeal, jcs};

/// What the bundle of a later round says beside what every bundle says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Number, link and figures: `round.json`.
    pub seal: RoundSeal,
    /// Where everybody stands, by ticket: `standings.parquet`; empty when the bundle
    /// shows roots only.
    pub standings: Vec<StandingRow>,
}

/// `round.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundSeal {
    /// Which round; the decision is 1, so this is at least 2.
    pub number: u32,
    /// The identity of the bundle of the round before.
    pub previous: String,
    /// The last day on which answers to it were in time.
    pub until: Date,
    /// The answers to it: the rows of the register of replies that name that round.
    pub replies: RegisterSeal,
    /// How many answered what.
    pub answers: Answers,
    /// How many applications came in late since the round before.
    pub arrived: u64,
    /// How many appeals were entered.
    pub appeals: u64,
    /// How many places were free once the answers were in.
    pub vacant: u64,
    /// How many were offered a place in this round.
    pub offered: u64,
    /// How many of them moved up from a place they held.
    pub moved: u64,
    /// How many wait for a place, or for a better one, afterwards.
    pub waiting: u64,
    /// Hex root over the standings, see [`standings_root`].
    pub standings_root: String,
    /// One for each provider, in their order.
    pub lines: Vec<Line>,
}

/// How many answered what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Took the place for good.
    pub accept: u64,
    /// Took the place and wait.
    pub keep: u64,
    /// Refused the place and wait for others.
    pub decline: u64,
    /// Gave up place and waiting.
    pub withdraw: u64,
    /// Did not answer in time.
    pub silent: u64,
}

/// A provider's vacancies and waiting list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The provider's key.
    pub provider: String,
    /// Places free once the answers were in.
    pub vacant: u32,
    /// Places offered here in this round.
    pub offered: u32,
    /// Places free afterwards.
    pub free: u32,
    /// How many wait for this provider afterwards.
    pub waiting: u32,
    /// The first of them; `None` where nobody waits.
    pub next: Option<Next>,
}

/// The cut-off of a waiting list: whose turn is next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Next {
    /// Comes before everybody, after an appeal.
    pub owed: bool,
    /// Came after the closing day.
    pub late: bool,
    /// Tier.
    pub tier: u8,
    /// Score.
    pub score: i64,
    /// Place in the draw; those who came late follow behind the draw's last.
    pub rank: u32,
}

/// Returns the RFC 6962 root over everybody's standing, by ticket: a leaf is the
/// canonical JSON of `{"standing": …, "ticket": …}`.
///
/// # Errors
/// When a number is too large for JSON.
pub fn standings_root(
    applicants: &[ApplicantRow],
    standings: &[StandingRow],
) -> Result<[u8; 32], BundleError> {
    let pairs: Vec<(&ApplicantRow, &StandingRow)> = applicants.iter().zip(standings).collect();
    let leaves: Vec<[u8; 32]> = pairs
        .par_iter()
        .map(|(applicant, standing)| {
            let value = json!({ "standing": standing, "ticket": applicant.ticket });
            Ok(leaf_hash(&jcs(&value)?))
        })
        .collect::<Result<_, BundleError>>()?;
    Ok(merkle_root(&leaves))
}
