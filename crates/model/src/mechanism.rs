//! By which mechanism the scarce thing is decided, and what the rules say of it.
//!
//! A programme that matches applicants to places says so in [`crate::Rules`] itself.
//! Every other kind has a part of its own here, made of figures: whole numbers that an
//! SQL expression gives for a candidate, for a group of candidates, or once.

use serde::{Deserialize, Serialize};

use crate::{AccessRules, Assignment, Calendar, Score, Siting, Text, Tier};

/// The kind of a programme.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// Applicants to places.
    #[default]
    Match,
    /// Which candidates, so that the total value is greatest under the limits.
    Select(Box<Selection>),
    /// Down a list by tier, score and tie, whoever fits the limits.
    Rank(Box<Ranking>),
    /// In which period each candidate starts.
    Calendar(Box<Calendar>),
    /// Who goes where, so that all together go as short a way as can be.
    Assign(Box<Assignment>),
    /// How much of a supply people reach from where they are.
    Access(Box<AccessRules>),
    /// Where to open.
    Site(Box<Siting>),
}

/// Which candidates, so that the total value is greatest under the limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// What a candidate is worth.
    pub value: Figure,
    /// What the choice has to keep to.
    pub limits: Limits,
    /// Whether the choice is made again for everybody left out, to say what would have
    /// changed the answer.
    pub explain: bool,
    /// How hard to try, in millions of multiplications; the mechanism's own measure
    /// when it is absent.
    pub effort: Option<u32>,
}

/// Down a list by tier, score and tie, whoever fits the limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranking {
    /// Served in this order; who meets none comes last.
    pub tiers: Vec<Tier>,
    /// Orders candidates within a tier.
    pub score: Score,
    /// Orders candidates within a score, the lowest first; what is equal in it too is
    /// parted by the public draw, where there is one.
    pub tie: Option<Figure>,
    /// What the list has to keep to.
    pub limits: Limits,
    /// The first candidate that a budget does not suffice for ends the list.
    pub stop_at_budget: bool,
    /// Whether the least change is searched that would have let in each one left out.
    pub explain: bool,
}

/// A cited whole number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// What people call it.
    pub title: Text,
    /// An integer SQL expression over a candidate, never missing.
    pub sql: String,
    /// The unit, if any.
    pub unit: Option<String>,
    /// The law it comes from.
    pub cite: String,
}

/// What a choice of candidates has to keep to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The candidates' column that names a row of the groups' register; `None` when
    /// there is no such register.
    pub member: Option<String>,
    /// A boolean SQL expression over a candidate, never missing: who is in beforehand.
    pub must: Option<Must>,
    /// Sums over what is chosen.
    pub budgets: Vec<Budget>,
    /// How many in all.
    pub count: Option<Count>,
    /// How many of a group, or how much of a budget it has.
    pub quotas: Vec<Quota>,
    /// Who is chosen only together with another candidate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// Candidates that stand in one another's way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<Exclusion>,
}

/// A candidate is chosen only together with the one that its column names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// The published text column of the candidates that holds the other's number;
    /// missing where nothing is needed.
    pub column: String,
    /// The law it comes from.
    pub cite: String,
}

/// At most so many of the candidates that share a value of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// The published text column of the candidates; who has no value stands in nobody's
    /// way.
    pub by: String,
    /// An integer SQL expression over parameters alone: the most; 1 when it is absent.
    pub most: Option<String>,
    /// The law it comes from.
    pub cite: String,
}

/// Who is in beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Must {
    /// What people call it.
    pub title: Text,
    /// A boolean SQL expression over a candidate, never missing.
    pub sql: String,
    /// The law it comes from.
    pub cite: String,
}

/// A sum over what is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// The unit, if any.
    pub unit: Option<String>,
    /// An integer SQL expression over a candidate, never missing.
    pub cost: String,
    /// An integer SQL expression over parameters alone: the least in all.
    pub least: Option<String>,
    /// The same: the most in all.
    pub most: Option<String>,
    /// The law it comes from.
    pub cite: String,
}

/// How many in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// An integer SQL expression over parameters alone: the least.
    pub least: Option<String>,
    /// The same: the most.
    pub most: Option<String>,
    /// The law it comes from.
    pub cite: String,
}

/// Of whom a quota speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grouping {
    /// A quota for each value of this publishable text column of the candidates.
    By(String),
    /// One group: a boolean SQL expression over a candidate, never missing.
    Members(String),
}

/// How many of a group, or how much of a budget it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// Of whom it speaks.
    pub group: Grouping,
    /// Sums this budget's costs; without one, candidates are counted.
    pub budget: Option<String>,
    /// An integer SQL expression: the least. It sees the group's row where the group is
    /// one of the groups' register, else parameters alone.
    pub least: Option<String>,
    /// The same: the most.
    pub most: Option<String>,
    /// The law it comes from.
    pub cite: String,
}

/// What an expression of a mechanism sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees {
    /// One candidate's row.
    Candidate,
    /// One row of the groups' register.
    Group,
    /// Parameters alone.
    Parameters,
}

/// What an expression of a mechanism gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// A whole number, never missing.
    Whole,
    /// True or false, never missing; as a number 1 or 0.
    Truth,
    /// True, false or, by a cited rule, missing, which counts as false.
    Doubt,
}

/// One expression of a mechanism.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted<'r> {
    /// Where it stands in the programme file, such as `select.budgets.money.cost`.
    pub at: String,
    /// What it sees.
    pub sees: Sees,
    /// What it gives.
    pub gives: Gives,
    /// The expression.
    pub sql: &'r str,
}

impl Mechanism {
    /// Returns the word of the programme file.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Select(_) => "select",
            Self::Rank(_) => "rank",
            Self::Calendar(_) => "calendar",
            Self::Assign(_) => "assign",
            Self::Access(_) => "access",
            Self::Site(_) => "site",
        }
    }

    /// Returns whether applicants are matched to places.
    #[must_use]
    pub fn is_match(&self) -> bool {
        matches!(self, Self::Match)
    }

    /// Returns the limits of a choice of candidates.
    #[must_use]
    pub fn limits(&self) -> Option<&Limits> {
        match self {
            Self::Match | Self::Calendar(_) | Self::Assign(_) | Self::Access(_) | Self::Site(_) => {
                None
            }
            Self::Select(own) => Some(&own.limits),
            Self::Rank(own) => Some(&own.limits),
        }
    }

    /// Returns the budgets.
    #[must_use]
    pub fn budgets(&self) -> &[Budget] {
        match self {
            Self::Match | Self::Assign(_) | Self::Access(_) | Self::Site(_) => &[],
            Self::Select(own) => &own.limits.budgets,
            Self::Rank(own) => &own.limits.budgets,
            Self::Calendar(own) => &own.budgets,
        }
    }

    /// Returns every expression of the mechanism, in the order of the file's reference.
    #[must_use]
    pub fn figures(&self) -> Vec<Wanted<'_>> {
        let mut list = Vec::new();
        match self {
            Self::Match => {}
            Self::Select(own) => {
                candidate(&mut list, "select.value", Gives::Whole, &own.value.sql);
                own.limits.figures("select", &mut list);
            }
            Self::Rank(own) => {
                for tier in &own.tiers {
                    let at = format!("rank.tiers.{}", tier.id);
                    candidate(&mut list, &at, Gives::Doubt, &tier.when);
                }
                candidate(&mut list, "rank.score", Gives::Whole, &own.score.sql);
                if let Some(tie) = &own.tie {
                    candidate(&mut list, "rank.tie", Gives::Whole, &tie.sql);
                }
                own.limits.figures("rank", &mut list);
            }
            Self::Calendar(own) => own.figures(&mut list),
            Self::Assign(own) => own.figures(&mut list),
            Self::Access(own) => own.figures(&mut list),
            Self::Site(own) => own.figures(&mut list),
        }
        list
    }
}

/// Adds a figure over a candidate.
pub(crate) fn candidate<'r>(list: &mut Vec<Wanted<'r>>, at: &str, gives: Gives, sql: &'r str) {
    list.push(Wanted {
        at: at.to_owned(),
        sees: Sees::Candidate,
        gives,
        sql,
    });
}

/// Adds a whole number over a row of the groups' register.
pub(crate) fn group<'r>(list: &mut Vec<Wanted<'r>>, at: String, sql: &'r str) {
    list.push(Wanted {
        at,
        sees: Sees::Group,
        gives: Gives::Whole,
        sql,
    });
}

/// Adds a whole number over parameters alone.
pub(crate) fn parameters<'r>(list: &mut Vec<Wanted<'r>>, at: String, sql: &'r str) {
    list.push(Wanted {
        at,
        sees: Sees::Parameters,
        gives: Gives::Whole,
        sql,
    });
}

impl Limits {
    /// Returns whether a quota's ends are read from the groups' register.
    #[must_use]
    pub fn by_register(&self, quota: &Quota) -> bool {
        matches!((&quota.group, &self.member), (Grouping::By(by), Some(member)) if by == member)
    }

    fn figures<'r>(&'r self, kind: &str, list: &mut Vec<Wanted<'r>>) {
        if let Some(must) = &self.must {
            candidate(list, &format!("{kind}.must"), Gives::Truth, &must.sql);
        }
        let ends = |list: &mut Vec<Wanted<'r>>, at: &str, sees, least, most| {
            let both: [(&str, &'r Option<String>); 2] = [("least", least), ("most", most)];
            for (end, sql) in both {
                if let Some(sql) = sql {
                    list.push(Wanted {
                        at: format!("{at}.{end}"),
                        sees,
                        gives: Gives::Whole,
                        sql,
                    });
                }
            }
        };
        for budget in &self.budgets {
            let at = format!("{kind}.budgets.{}", budget.id);
            candidate(list, &format!("{at}.cost"), Gives::Whole, &budget.cost);
            ends(list, &at, Sees::Parameters, &budget.least, &budget.most);
        }
        if let Some(count) = &self.count {
            let at = format!("{kind}.count");
            ends(list, &at, Sees::Parameters, &count.least, &count.most);
        }
        for quota in &self.quotas {
            let at = format!("{kind}.quotas.{}", quota.id);
            if let Grouping::Members(sql) = &quota.group {
                candidate(list, &format!("{at}.members"), Gives::Truth, sql);
            }
            let sees = if self.by_register(quota) {
                Sees::Group
            } else {
                Sees::Parameters
            };
            ends(list, &at, sees, &quota.least, &quota.most);
        }
        for exclusion in &self.exclusions {
            let at = format!("{kind}.exclusions.{}", exclusion.id);
            ends(list, &at, Sees::Parameters, &None, &exclusion.most);
        }
    }
}
