//! How far it is from people to places, as a programme says it.

use serde::{Deserialize, Serialize};

use crate::{Gives, Sees, Wanted};

/// How far it is from people to places, and which pairs can be used at all.
///
/// "People" are who is served, "places" where: the registers behind the two are the
/// kind's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Travel {
    /// How a distance is found.
    pub metric: TravelMetric,
    /// An integer SQL expression over parameters alone: pairs farther apart cannot be
    /// used.
    pub reach: Option<String>,
    /// Columns of people and of places that have to be equal.
    pub same: Vec<ColumnPair>,
    /// Columns of people and of places: the people's number may not exceed the place's.
    pub at_most: Vec<ColumnPair>,
    /// The law it comes from.
    pub cite: String,
}

/// How a distance is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TravelMetric {
    /// Straight lines of a plane, in whole metres rounded down.
    Planar(Coordinates),
    /// Arcs of the earth's sphere, in whole metres rounded down; longitude and latitude
    /// in degrees.
    GreatCircle(Coordinates),
    /// From a register of pairs: what is not there cannot be used.
    Pairs(PairColumns),
}

/// Where people and places are: two columns of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coordinates {
    /// Columns of the people: x and y, or longitude and latitude.
    pub from: [String; 2],
    /// The same of the places.
    pub to: [String; 2],
}

/// The columns of a register of pairs, which stands where choices do in a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairColumns {
    /// Names a row of the people's register by its key.
    pub from: String,
    /// Names a row of the places' register by its key.
    pub to: String,
    /// How far, a whole number.
    pub value: String,
}

/// A column of the people and one of the places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnPair {
    /// The people's column.
    pub from: String,
    /// The places' column.
    pub to: String,
}

impl Travel {
    /// Returns the columns that give where people and places are; `None` where a
    /// register of pairs says how far it is.
    #[must_use]
    pub fn coordinates(&self) -> Option<&Coordinates> {
        match &self.metric {
            TravelMetric::Planar(own) | TravelMetric::GreatCircle(own) => Some(own),
            TravelMetric::Pairs(_) => None,
        }
    }

    /// Returns the columns of the register of pairs, where there is one.
    #[must_use]
    pub fn pairs(&self) -> Option<&PairColumns> {
        match &self.metric {
            TravelMetric::Pairs(own) => Some(own),
            _ => None,
        }
    }

    /// Returns whether every pair can be used that is near enough.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.same.is_empty() && self.at_most.is_empty()
    }

    /// Adds the expressions of `[KIND.travel]` to a mechanism's list.
    pub fn figures<'r>(&'r self, kind: &str, list: &mut Vec<Wanted<'r>>) {
        if let Some(sql) = &self.reach {
            list.push(Wanted {
                at: format!("{kind}.travel.reach"),
                sees: Sees::Parameters,
                gives: Gives::Whole,
                sql,
            });
        }
    }
}
