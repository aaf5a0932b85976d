//! After the decision: how places are offered, answered and passed on, and where
//! everybody stands between two rounds.

use serde::{Deserialize, Serialize};

use crate::{Date, Placement, Table};

/// The rules of a programme's rounds. The first round is the decision itself; each
/// later one takes the answers to the round before and passes free places on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offers {
    /// The last day for answers to the offers of each round, ascending; there are as
    /// many rounds as days.
    pub reply_until: Vec<Date>,
    /// What it means not to answer.
    pub silence: Silence,
    /// Whether one may accept a place and go on waiting for a better one.
    pub keep: bool,
    /// Who comes in after the closing day, and where they stand; `None` where the
    /// register has no day of arrival.
    pub late: Option<Late>,
    /// What a place is that somebody should have had.
    pub owed: Owed,
    /// The register of answers.
    pub replies: Table,
    /// Its columns: application number, round answered, answer, day.
    pub reply_applicant: String,
    /// See [`Offers::reply_applicant`].
    pub reply_round: String,
    /// See [`Offers::reply_applicant`].
    pub reply_answer: String,
    /// See [`Offers::reply_applicant`].
    pub reply_day: String,
    /// The law it comes from.
    pub cite: String,
}

impl Offers {
    /// Returns how many rounds there are, the decision included.
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.reply_until.len()
    }

    /// Returns the last day for answers to the offers of a round, counted from 1.
    #[must_use]
    pub fn until(&self, round: u32) -> Option<Date> {
        let index = usize::try_from(round.checked_sub(1)?).ok()?;
        self.reply_until.get(index).copied()
    }

    /// Returns the last day on which an application is in time for a round: the
    /// closing day for the first, for others the last day for answers to the round
    /// before. `None` where days of arrival mean nothing.
    #[must_use]
    pub fn in_time(&self, round: u32) -> Option<Date> {
        let late = self.late.as_ref()?;
        if round < 2 || !late.admitted {
            return Some(late.closes);
        }
        Some(self.until(round - 1)?.max(late.closes))
    }
}

/// What it means not to answer an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Silence {
    /// The offer is gone, and so is the place on waiting lists.
    Lapse,
    /// As if the place had been kept, or accepted where nobody may keep.
    Keep,
}

/// Applications after the closing day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Late {
    /// The applicants' column with the day on which the application came in.
    pub arrived: String,
    /// The last day on which an application is on time.
    pub closes: Date,
    /// Whether those who come later stand behind everybody who was on time; if not,
    /// they take no part in this cycle.
    pub admitted: bool,
}

/// What a place is that somebody should have had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owed {
    /// One more than the provider's capacity, as long as it is held.
    Extra,
    /// The first place of the provider that becomes free.
    First,
}

/// What was answered to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The place is taken for good.
    Accept,
    /// The place is taken, and better ones are waited for.
    Keep,
    /// The place is refused, and others are waited for.
    Decline,
    /// Place and waiting are given up.
    Withdraw,
    /// Nothing was answered in time to an offer.
    Silent,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 5] = [
        Self::Accept,
        Self::Keep,
        Self::Decline,
        Self::Withdraw,
        Self::Silent,
    ];

    /// Returns the word used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Keep => "keep",
            Self::Decline => "decline",
            Self::Withdraw => "withdraw",
            Self::Silent => "silent",
        }
    }

    /// Returns the answer that [`Answer::as_str`] names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str() == word)
    }
}

/// Where somebody stands after a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Has an offer that is to be answered.
    Offered,
    /// Holds a place and waits for better ones.
    Kept,
    /// Holds a place for good.
    Settled,
    /// Has no place and waits.
    Waiting,
    /// Takes no part: withdrawn, lapsed, or not eligible.
    Out,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 5] = [
        Self::Offered,
        Self::Kept,
        Self::Settled,
        Self::Waiting,
        Self::Out,
    ];

    /// Returns the word used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Kept => "kept",
            Self::Settled => "settled",
            Self::Waiting => "waiting",
            Self::Out => "out",
        }
    }

    /// Returns the standing that [`Standing::as_str`] names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }
}

/// One applicant between two rounds, beside the own row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingRow {
    /// What was answered to the round before; `None` where nothing was asked.
    pub answer: Option<Answer>,
    /// After this round.
    pub standing: Standing,
    /// The place held once the answers were in, before anything moved.
    pub held: Option<Placement>,
    /// The round in which the present place was offered.
    pub since: Option<u32>,
    /// The place held is one more than the capacity; it is gone when it is left.
    pub extra: bool,
    /// The day of arrival, of those who came after the closing day.
    pub arrived: Option<Date>,
    /// The positions of the own list that were refused, ascending.
    pub refused: Vec<u32>,
    /// The position at whose provider this person comes before everybody who waits, or
    /// did when it was given.
    pub owed: Option<u32>,
    /// Hex hash of the last appeal of this application that was entered.
    pub appeal: Option<String>,
}
