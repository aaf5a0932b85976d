//! What the rules of a choice of sites say: where to open, for whom, within what.

use serde::{Deserialize, Serialize};

use crate::mechanism::candidate;
use crate::{Figure, Gives, Must, Sees, Text, Travel, Wanted};

/// Where to open. Sites are the candidates, demands the other register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Siting {
    /// What is made best.
    pub model: SiteModel,
    /// How many units a demand has: an integer SQL expression over the demand's row.
    pub weight: Figure,
    /// Which sites exist already: they stay open, whatever the clauses say of them.
    pub open: Option<Must>,
    /// What opening a site adds to the objective.
    pub cost: Option<Figure>,
    /// What opening a site takes of the budget.
    pub price: Option<Figure>,
    /// The most units that a site serves.
    pub capacity: Option<Figure>,
    /// Exactly how many sites are open, those that exist already among them.
    pub p: Option<Amount>,
    /// At least how many.
    pub min_open: Option<Amount>,
    /// At most how many.
    pub max_open: Option<Amount>,
    /// What all open sites may cost together, by their price.
    pub budget: Option<Amount>,
    /// How far open sites stand apart at least, in metres.
    pub spacing: Option<Amount>,
    /// How many of each group of sites are open.
    pub groups: Option<SiteGroups>,
    /// A published text column of the demands: groups by which results are told, and of
    /// which floors speak.
    pub by: Option<String>,
    /// How much of each of these groups is within reach at least.
    pub floors: Option<SiteFloors>,
    /// A published text column of the demands: whatever has the same name here stands in
    /// one place, and may be asked about together.
    pub place: Option<String>,
    /// The years in which sites are opened, in their order.
    pub years: Vec<SiteYear>,
    /// Whether what a year leaves of its budget may be spent later.
    pub carry: bool,
    /// Who can go where.
    pub travel: Travel,
    /// How hard to try, in millions of pairs looked at; the mechanism's own measure when
    /// it is absent.
    pub effort: Option<u32>,
}

/// What a choice of sites makes best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteModel {
    /// The least sum of units times cost.
    PMedian,
    /// The least largest cost of anybody.
    PCenter,
    /// The cheapest sites such that everybody has one within reach.
    SetCover,
    /// The most units within reach.
    MaxCover,
    /// The least sum of opening and serving.
    Uncapacitated,
    /// The same within capacities.
    Capacitated,
}

/// A cited whole number over parameters alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// What people call it.
    pub title: Text,
    /// An integer SQL expression over parameters alone.
    pub sql: String,
    /// The unit, if any.
    pub unit: Option<String>,
    /// The law it comes from.
    pub cite: String,
}

/// How many of each group of sites are open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteGroups {
    /// What people call it.
    pub title: Text,
    /// A published text column of the sites: a group for each of its values.
    pub by: String,
    /// An integer SQL expression over parameters alone: at least so many.
    pub least: Option<String>,
    /// The same: at most so many.
    pub most: Option<String>,
    /// The law it comes from.
    pub cite: String,
}

/// How much of each group of demands is within reach at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteFloors {
    /// What people call it.
    pub title: Text,
    /// An integer SQL expression over parameters alone: thousandths of the group's units.
    pub per_mille: String,
    /// The law it comes from.
    pub cite: String,
}

/// A year in which sites are opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteYear {
    /// Its name.
    pub id: String,
    /// An integer SQL expression over parameters alone: at least so many are opened.
    pub least: Option<String>,
    /// The same: at most so many.
    pub most: Option<String>,
    /// The same: what those opened in it may cost together, by their price.
    pub budget: Option<String>,
    /// The same: how much the year counts in the sum.
    pub weight: Option<String>,
    /// The law it comes from.
    pub cite: String,
}

impl SiteModel {
    /// Every model.
    pub const ALL: [Self; 6] = [
        Self::PMedian,
        Self::PCenter,
        Self::SetCover,
        Self::MaxCover,
        Self::Uncapacitated,
        Self::Capacitated,
    ];

    /// Returns the word used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PMedian => "p-median",
            Self::PCenter => "p-center",
            Self::SetCover => "set-cover",
            Self::MaxCover => "max-cover",
            Self::Uncapacitated => "uncapacitated",
            Self::Capacitated => "capacitated",
        }
    }

    /// Returns the model of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.as_str() == word)
    }

    /// Returns whether only being within reach counts.
    #[must_use]
    pub fn covers(self) -> bool {
        matches!(self, Self::SetCover | Self::MaxCover)
    }
}

impl SiteYear {
    /// Returns the expressions of the year that are there, by the key of the file.
    #[must_use]
    pub fn amounts(&self) -> Vec<(&'static str, &String)> {
        let all = [
            ("least", &self.least),
            ("most", &self.most),
            ("budget", &self.budget),
            ("weight", &self.weight),
        ];
        all.into_iter()
            .filter_map(|(k, sql)| Some((k, sql.as_ref()?)))
            .collect()
    }
}

impl Siting {
    /// Returns the figures that a site has, by the key of the file.
    #[must_use]
    pub fn of_site(&self) -> Vec<(&'static str, &Figure)> {
        let all = [
            ("cost", &self.cost),
            ("price", &self.price),
            ("capacity", &self.capacity),
        ];
        all.into_iter()
            .filter_map(|(k, f)| Some((k, f.as_ref()?)))
            .collect()
    }

    /// Returns the limits that are one number each, by the key of the file.
    #[must_use]
    pub fn amounts(&self) -> Vec<(&'static str, &Amount)> {
        let all = [
            ("p", &self.p),
            ("min_open", &self.min_open),
            ("max_open", &self.max_open),
            ("budget", &self.budget),
            ("spacing", &self.spacing),
        ];
        all.into_iter()
            .filter_map(|(k, a)| Some((k, a.as_ref()?)))
            .collect()
    }

    pub(crate) fn figures<'r>(&'r self, list: &mut Vec<Wanted<'r>>) {
        list.push(Wanted {
            at: "site.weight".to_owned(),
            sees: Sees::Group,
            gives: Gives::Whole,
            sql: &self.weight.sql,
        });
        if let Some(open) = &self.open {
            candidate(list, "site.open", Gives::Truth, &open.sql);
        }
        for (key, figure) in self.of_site() {
            candidate(list, &format!("site.{key}"), Gives::Whole, &figure.sql);
        }
        let mut fixed = |at: String, sql: &'r str| {
            list.push(Wanted {
                at,
                sees: Sees::Parameters,
                gives: Gives::Whole,
                sql,
            });
        };
        for (key, amount) in self.amounts() {
            fixed(format!("site.{key}"), &amount.sql);
        }
        if let Some(groups) = &self.groups {
            for (end, sql) in [("least", &groups.least), ("most", &groups.most)] {
                if let Some(sql) = sql {
                    fixed(format!("site.groups.{end}"), sql);
                }
            }
        }
        if let Some(floors) = &self.floors {
            fixed("site.floors.per_mille".to_owned(), &floors.per_mille);
        }
        for year in &self.years {
            for (key, sql) in year.amounts() {
                fixed(format!("site.years.{}.{key}", year.id), sql);
            }
        }
        self.travel.figures("site", list);
    }
}
