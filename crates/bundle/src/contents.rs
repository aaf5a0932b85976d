use std::collections::BTreeSet;

use minsheng_model::{ApplicantRow, ChoiceRow, Date, DoorRow, Mechanism, ProviderRow, Rules};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Round;

/// The name of the folder's format, in `certificate.json` and `manifest.json`.
pub const FORMAT: &str = "minsheng-bundle/1";

/// The mechanism of a programme that matches.
pub const MECHANISM: &str = "deferred-acceptance";

/// Returns the word that a certificate has for the rules' mechanism.
#[must_use]
pub fn mechanism_name(rules: &Rules) -> &'static str {
    match &rules.mechanism {
        Mechanism::Match => MECHANISM,
        Mechanism::Select(_) => "optimise",
        Mechanism::Rank(_) => "ranked",
        Mechanism::Calendar(_) => "calendar",
        Mechanism::Assign(_) => "assign",
        Mechanism::Access(_) => "access",
        Mechanism::Site(_) => "site",
    }
}

/// Everything that a bundle says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The rules, resolved for the cycle.
    pub rules: Rules,
    /// The programme file the rules were read from, byte for byte.
    pub programme_file: Vec<u8>,
    /// Counts, roots and the draw.
    pub certificate: Certificate,
    /// By ticket; empty when the bundle shows roots only.
    pub applicants: Vec<ApplicantRow>,
    /// By applicant and position; empty when the bundle shows roots only.
    pub choices: Vec<ChoiceRow>,
    /// By key.
    pub providers: Vec<ProviderRow>,
    /// For each provider in order: kept, each reserve, open, each ceiling.
    pub doors: Vec<DoorRow>,
    /// What was solved; absent where applicants are matched.
    pub decided: Option<Decided>,
    /// What a later round says beside that; `None` for the decision itself.
    pub round: Option<Round>,
}

impl Contents {
    /// Returns which round of its cycle this is; the decision is the first.
    #[must_use]
    pub fn round_number(&self) -> u32 {
        self.round.as_ref().map_or(1, |r| r.seal.number)
    }
}

/// A plain instance and its outcome with the proof, as `minsheng solve` reads and
/// writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The instance: `instance.json`.
    pub instance: String,
    /// The outcome: `outcome.json`.
    pub outcome: String,
}

impl Decided {
    /// Returns who the outcome says is chosen, served or well enough supplied; `None` when it names nobody in a form
    /// that is known.
    #[must_use]
    pub fn chosen(&self) -> Option<BTreeSet<String>> {
        let outcome: Value = serde_json::from_str(&self.outcome).ok()?;
        if let Some(starts) = outcome.get("starts") {
            // A calendar: whoever starts within it.
            let list = starts.as_array()?.iter();
            let list = list.filter(|s| s.get("start").is_some_and(Value::is_u64));
            return list
                .map(|s| Some(s.get("id")?.as_str()?.to_owned()))
                .collect();
        }
        match outcome.get("mechanism").and_then(Value::as_str) {
            Some("assign") => {
                let served = outcome.get("assignment")?.as_object()?;
                return Some(served.keys().cloned().collect());
            }
            Some("access") => return reached(outcome.get("now")?),
            // Those that this decision opens, not those that stood before.
            Some("site") => return self.opened(outcome.get("open")?),
            _ => {}
        }
        let list = outcome.get("chosen")?.as_array()?.iter();
        // Ranked lists name each with its place.
        list.map(|one| one.get("id").unwrap_or(one).as_str().map(str::to_owned))
            .collect()
    }

    fn opened(&self, open: &Value) -> Option<BTreeSet<String>> {
        let instance: Value = serde_json::from_str(&self.instance).ok()?;
        let sites = instance.get("sites")?.as_array()?.iter();
        let before: BTreeSet<&str> = sites
            .filter(|s| s.get("state").and_then(Value::as_str) == Some("open"))
            .filter_map(|s| s.get("id")?.as_str())
            .collect();
        let list = open.as_array()?.iter();
        let list: Option<Vec<&str>> = list.map(Value::as_str).collect();
        let new = list?.into_iter().filter(|id| !before.contains(id));
        Some(new.map(str::to_owned).collect())
    }
}

/// Returns the demand places that have what they ought to: they are not below the floor,
/// or, where there is none, reach anything at all.
fn reached(now: &Value) -> Option<BTreeSet<String>> {
    let score = now.get("score")?.as_object()?;
    let below: Option<BTreeSet<&str>> = match now.get("below") {
        Some(list) => Some(list.as_array()?.iter().filter_map(Value::as_str).collect()),
        None => None,
    };
    let in_reach = |(id, score): &(&String, &Value)| match &below {
        Some(below) => !below.contains(id.as_str()),
        None => score.as_i64() != Some(0),
    };
    Some(
        score
            .iter()
            .filter(in_reach)
            .map(|(id, _)| id.clone())
            .collect(),
    )
}

/// The figures by which a stranger proves the decision again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// [`FORMAT`].
    pub format: String,
    /// [`mechanism_name`].
    pub mechanism: String,
    /// The programme's short name.
    pub programme: String,
    /// The version of the programme file.
    pub version: u32,
    /// The cycle's short name.
    pub cycle: String,
    /// The day on which facts and parameters were read.
    pub as_of: Date,
    /// Hex root over the rows, see [`crate::rows_root`].
    pub rows_root: String,
    /// How many applied.
    pub applicants: u64,
    /// How many entries their lists have.
    pub choices: u64,
    /// How many providers there are.
    pub providers: u64,
    /// How many applicants are eligible.
    pub eligible: u64,
    /// How many are not.
    pub not_eligible: u64,
    /// Of how many it depends on a missing fact.
    pub undetermined: u64,
    /// How many got a place.
    pub placed: u64,
    /// Applicants, providers, choices: the frozen registers.
    pub registers: Vec<RegisterSeal>,
    /// The decision that the candidates come from; `None` where they come from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<CarriedSeal>,
    /// Providers that did not open for want of people, in the order of closing; none
    /// where the rules name no minimum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<Closing>,
    /// The draw; empty where there is none.
    #[serde(default, skip_serializing_if = "DrawSeal::is_empty")]
    pub draw: DrawSeal,
    /// The published figures.
    pub indicators: Vec<IndicatorValue>,
}

/// What identifies the decision that candidates come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedSeal {
    /// Its programme.
    pub programme: String,
    /// Its cycle.
    pub cycle: String,
    /// The identity of its bundle.
    pub id: String,
    /// How many came over.
    pub rows: u64,
}

/// What identifies a frozen register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterSeal {
    /// Its name in the rules.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// Hex SHA-256 of its canonical CSV.
    pub sha256: String,
}

/// A provider that did not open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// The provider's key.
    pub provider: String,
    /// How many people it needs.
    pub minimum: u32,
    /// How many it had when it was closed.
    pub had: u32,
}

/// What identifies a draw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawSeal {
    /// Which draw it is.
    pub id: String,
    /// How many numbers stood in it.
    pub pool_size: u64,
    /// Hex root over the numbers in byte order.
    pub pool_root: String,
    /// The announced sources' numbers as one text.
    pub canonical: String,
    /// Hex seed.
    pub seed: String,
}

impl DrawSeal {
    /// Returns whether there is no draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One published figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorValue {
    /// The indicator.
    pub id: String,
    /// The group counted, where the indicator counts by a column (empty text: the
    /// column is missing).
    pub group: Option<String>,
    /// The count; absent when it is above 0 and below the programme's smallest cell.
    pub value: Option<u64>,
}
