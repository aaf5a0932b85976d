use std::fmt;

use schemars::JsonSchema;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::ids::{Classes, Ids};

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
    pub tie_break: Option<Vec<Id>>,
    /// Serial dictatorship: the order of all applicants; without it, `tie_break`.
    #[serde(default)]
    pub order: Option<Vec<Id>>,
    /// Efficiency-adjusted acceptance: who lets others pass where it costs the own
    /// result nothing; without it, everybody.
    #[serde(default)]
    pub consent: Option<Vec<Id>>,
    /// Caps over providers, of which any two are nested or apart.
    #[serde(default)]
    pub caps: Vec<Cap>,
    /// Who comes first where a cap binds.
    #[serde(default)]
    pub cap_order: CapOrder,
    /// Brothers and sisters.
    #[serde(default)]
    pub families: Vec<Family>,
    /// Joint applications of two.
    #[serde(default)]
    pub couples: Vec<Couple>,
}

impl Instance {
    /// Drops what everybody asks for and in which order: the market has it all.
    pub fn forget_lists(&mut self) {
        for applicant in &mut self.applicants {
            applicant.preferences = Ids::default();
        }
        for provider in &mut self.providers {
            provider.priorities = Classes::default();
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mechanism {
    DeferredAcceptance,
    ProviderProposing,
    ImmediateAcceptance,
    SerialDictatorship,
    TopTradingCycles,
    EfficiencyAdjusted,
    StableImprovementCycles,
    MaximumSize,
}

/// A name: text, or a whole number that is taken as its digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub String);

impl Id {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Numbers of any length arrive as a map with one private key.
    pub fn of_number<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let entry = map.next_entry::<String, String>()?;
        match entry {
            Some((key, digits))
                if key == "$serde_json::private::Number"
                    && digits.bytes().all(|b| b.is_ascii_digit() || b == b'-') =>
            {
                Ok(Self(digits))
            }
            _ => Err(A::Error::custom("an id has to be text or a whole number")),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for Id {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": ["string", "integer"]})
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl<'de> Visitor<'de> for IdVisitor {
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id: text or a whole number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Id, E> {
        Ok(Id(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Id, E> {
        Ok(Id(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Id, E> {
        Ok(Id(number.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Id, A::Error> {
        Id::of_number(map)
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Applicant {
    pub id: Id,
    /// Providers, the most wanted first.
    #[serde(default)]
    pub preferences: Ids,
    /// The grade, where families are decided grade by grade; smaller ones first.
    #[serde(default)]
    pub grade: u32,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Provider {
    pub id: Id,
    pub capacity: u32,
    /// Applicants from the first served to the last; a list inside the list holds
    /// equals. Who is not named cannot be placed here.
    pub priorities: Classes,
    /// Seats for a group, filled in this order before the open ones.
    #[serde(default)]
    pub reserves: Vec<Reserve>,
    /// The most of a group that come in through open seats.
    #[serde(default)]
    pub ceilings: Vec<Ceiling>,
    /// Applicants whose present seat here is theirs if they want it.
    #[serde(default)]
    pub kept: Vec<Id>,
    /// Minimum shares of groups: the priorities become a call order in which every
    /// beginning has at least these shares; shares that come first weigh more.
    #[serde(default)]
    pub shares: Vec<Share>,
    /// With fewer people than this the provider does not open.
    #[serde(default)]
    pub minimum: u32,
    /// The site, where families are to be at one; without it, the provider itself.
    #[serde(default)]
    pub site: Option<Id>,
    /// Under caps whose order is `providers`: how many it may take before others take
    /// turns beyond their targets.
    #[serde(default)]
    pub target: u32,
}

/// How a class of [`Classes`] is written.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is there for the schema")]
pub(crate) enum Class {
    One(Id),
    Tied(Vec<Id>),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reserve {
    pub id: Id,
    pub seats: u32,
    pub members: Vec<Id>,
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
    pub id: Id,
    pub seats: u32,
    pub members: Vec<Id>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Share {
    pub id: Id,
    /// From 0 to 100.
    pub percent: u32,
    pub members: Vec<Id>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cap {
    pub id: Id,
    pub capacity: u32,
    /// Providers and other caps.
    pub members: Vec<Id>,
    /// The order of people under this cap, where its providers' priorities do not
    /// give one; only for a cap that is under no other.
    #[serde(default)]
    pub order: Option<Vec<Id>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CapOrder {
    /// One order of people under a cap.
    #[default]
    People,
    /// Providers take turns in their order in the file, each with its own best, first
    /// up to their targets.
    Providers,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Family {
    pub members: Vec<Id>,
    pub wish: FamilyWish,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FamilyWish {
    /// Priority where somebody of the family got a place in an earlier grade.
    Priority,
    /// As above, and that place comes first on the list.
    Linked,
    /// All at one site or none at all.
    Together,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Couple {
    pub members: [Id; 2],
    /// Pairs of providers, the most wanted first; `null` is no place.
    pub preferences: Vec<[Option<Id>; 2]>,
}
