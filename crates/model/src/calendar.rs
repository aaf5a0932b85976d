//! What the rules of a calendar say: in which period each candidate starts.

use serde::{Deserialize, Serialize};

use crate::mechanism::{candidate, group, parameters};
use crate::{Budget, Date, Figure, Gives, Need, Text, Wanted};

/// In which period each candidate starts, with crews by district.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// The candidates' column that names a row of the groups' register.
    pub member: String,
    /// How many periods there are; a period is a month.
    pub periods: u32,
    /// The day on which period 1 begins.
    pub first: Date,
    /// Periods in which nothing may start, from 1.
    pub no_start: Vec<u32>,
    /// Periods in which no work is done.
    pub no_work: Vec<u32>,
    /// The law that says so.
    pub seasons_cite: Option<String>,
    /// What is made as small as possible.
    pub objective: Objective,
    /// Crews of a group: an integer SQL expression over the group's row.
    pub capacity: Figure,
    /// Periods of work.
    pub duration: Figure,
    /// Crews in every period of work; 1 when it is absent.
    pub crews: Option<Figure>,
    /// How much finishing early matters; 1 when it is absent.
    pub weight: Option<Figure>,
    /// The first period it may start in.
    pub earliest: Option<Figure>,
    /// The last period it may start in.
    pub latest: Option<Figure>,
    /// The last period it may finish in.
    pub deadline: Option<Figure>,
    /// The period it ought to be finished in.
    pub due: Option<Figure>,
    /// It need not be done, at this cost to the objective.
    pub skip: Option<Figure>,
    /// Who starts only after another candidate has finished.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Need>,
    /// What may be spent in each period.
    pub budgets: Vec<Budget>,
    /// How many have to be started or finished by when.
    pub targets: Vec<Target>,
    /// How hard to try, in millions of multiplications.
    pub effort: Option<u32>,
}

/// What a calendar makes as small as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// The sum of weight times the period of finishing.
    Completion,
    /// The sum of weight times the periods by which `due` is missed.
    Lateness,
}

/// What a target counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reached {
    /// What has started.
    Started,
    /// What is finished.
    Finished,
}

/// How many have to be started or finished by the end of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// What is counted.
    pub count: Reached,
    /// An integer SQL expression over parameters alone: at least so many.
    pub least: String,
    /// The period by the end of which.
    pub by: u32,
    /// The law it comes from.
    pub cite: String,
}

impl Objective {
    /// Returns the word used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completion => "completion",
            Self::Lateness => "lateness",
        }
    }
}

impl Reached {
    /// Returns the word used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Finished => "finished",
        }
    }
}

impl Calendar {
    /// Returns the figures that a candidate may have, by the key of the file.
    #[must_use]
    pub fn of_candidate(&self) -> Vec<(&'static str, &Figure)> {
        let optional = [
            ("crews", &self.crews),
            ("weight", &self.weight),
            ("earliest", &self.earliest),
            ("latest", &self.latest),
            ("deadline", &self.deadline),
            ("due", &self.due),
            ("skip", &self.skip),
        ];
        let own = optional
            .into_iter()
            .filter_map(|(k, f)| Some((k, f.as_ref()?)));
        std::iter::once(("duration", &self.duration))
            .chain(own)
            .collect()
    }

    pub(crate) fn figures<'r>(&'r self, list: &mut Vec<Wanted<'r>>) {
        for (key, figure) in self.of_candidate() {
            candidate(list, &format!("calendar.{key}"), Gives::Whole, &figure.sql);
        }
        group(list, "calendar.capacity".to_owned(), &self.capacity.sql);
        for budget in &self.budgets {
            let at = format!("calendar.budgets.{}", budget.id);
            candidate(list, &format!("{at}.cost"), Gives::Whole, &budget.cost);
            if let Some(most) = &budget.most {
                parameters(list, format!("{at}.most"), most);
            }
        }
        for target in &self.targets {
            let at = format!("calendar.targets.{}.least", target.id);
            parameters(list, at, &target.least);
        }
    }
}
