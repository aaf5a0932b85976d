//! What the rules say where people are sent to places, and where it is measured how
//! much they reach.

use serde::{Deserialize, Serialize};

use crate::mechanism::{candidate, group, parameters};
use crate::{Figure, Gives, Text, Travel, Wanted};

/// Who goes where, so that all together go as short a way as can be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// How many units a demand has.
    pub amount: Figure,
    /// How many units a provider takes at most, seen from its row.
    pub capacity: Figure,
    /// How many it has to get at least.
    pub minimum: Option<Figure>,
    /// Whether every demand has to stay together.
    pub whole: bool,
    /// What happens when there is too little capacity.
    pub overload: Overload,
    /// How far it is.
    pub travel: Travel,
}

/// What happens when there is too little capacity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overload {
    /// Nothing is decided, and the refusal is proved.
    #[default]
    Refuse,
    /// Every capacity is stretched by the same smallest share.
    Share,
}

impl Overload {
    /// Returns the word used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Share => "share",
        }
    }
}

impl Assignment {
    /// Returns the figures over a provider, by the key of the file.
    #[must_use]
    pub fn of_provider(&self) -> Vec<(&'static str, &Figure)> {
        let least = self.minimum.as_ref().map(|f| ("minimum", f));
        std::iter::once(("capacity", &self.capacity))
            .chain(least)
            .collect()
    }

    pub(crate) fn figures<'r>(&'r self, list: &mut Vec<Wanted<'r>>) {
        candidate(list, "assign.amount", Gives::Whole, &self.amount.sql);
        for (key, figure) in self.of_provider() {
            group(list, format!("assign.{key}"), &figure.sql);
        }
        self.travel.figures("assign", list);
    }
}

/// How much of a supply people reach from where they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessRules {
    /// How shares are made.
    pub method: AccessMethod,
    /// How many people a demand place has.
    pub people: Figure,
    /// What a supplier has, seen from its row.
    pub supply: Figure,
    /// What it had before, for a comparison.
    pub before: Option<Figure>,
    /// How far counts.
    pub catchment: Catchment,
    /// A publishable text column of the demand places whose values are summed up.
    pub group: Option<String>,
    /// How much there ought to be.
    pub floor: Option<Floor>,
    /// Scores are shown for so many people.
    pub per: u32,
    /// How far it is.
    pub travel: Travel,
    /// The law the catchment comes from.
    pub cite: String,
}

/// How shares are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessMethod {
    /// Two-step floating catchment.
    #[serde(rename = "2sfca")]
    TwoStep,
    /// Balanced: people share themselves among the suppliers.
    #[serde(rename = "bfca")]
    Balanced,
}

impl AccessMethod {
    /// Returns the word used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TwoStep => "2sfca",
            Self::Balanced => "bfca",
        }
    }
}

/// How far counts; all expressions are whole numbers over parameters alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Catchment {
    /// Up to this distance, all alike.
    Reach(String),
    /// Up to this distance, falling off like a Gaussian in so many rings.
    Gaussian {
        /// The distance.
        reach: String,
        /// How many rings.
        rings: u32,
    },
    /// Rings of their own.
    Zones(Vec<Zone>),
}

/// A ring: up to a distance, a weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Up to this distance.
    pub distance: String,
    /// The weight in thousandths.
    pub weight: String,
}

/// How much supply there ought to be for so many people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// What people call it.
    pub title: Text,
    /// An integer SQL expression over parameters alone: so much supply.
    pub sql: String,
    /// For so many people.
    pub people: u32,
    /// The law it comes from.
    pub cite: String,
}

impl AccessRules {
    /// Returns the figures over a supplier, by the key of the file.
    #[must_use]
    pub fn of_supplier(&self) -> Vec<(&'static str, &Figure)> {
        let before = self.before.as_ref().map(|f| ("before", f));
        std::iter::once(("supply", &self.supply))
            .chain(before)
            .collect()
    }

    pub(crate) fn figures<'r>(&'r self, list: &mut Vec<Wanted<'r>>) {
        candidate(list, "access.people", Gives::Whole, &self.people.sql);
        for (key, figure) in self.of_supplier() {
            group(list, format!("access.{key}"), &figure.sql);
        }
        match &self.catchment {
            Catchment::Reach(reach) | Catchment::Gaussian { reach, .. } => {
                parameters(list, "access.reach".to_owned(), reach);
            }
            Catchment::Zones(zones) => {
                for (index, zone) in zones.iter().enumerate() {
                    let at = format!("access.zones.{index}");
                    parameters(list, format!("{at}.distance"), &zone.distance);
                    parameters(list, format!("{at}.weight"), &zone.weight);
                }
            }
        }
        if let Some(floor) = &self.floor {
            parameters(list, "access.floor".to_owned(), &floor.sql);
        }
        self.travel.figures("access", list);
    }
}
