//! What is told of a decision.

use std::borrow::Cow;
use std::collections::BTreeMap;

use minsheng_model::Door;
use serde::{Deserialize, Serialize, Serializer};

use crate::certify::{Blocks, Certificate};
use crate::compare::Compared;
use crate::decide::Decision;
use crate::input::{Instance, Provider};
use crate::market::Built;

#[derive(Serialize)]
pub(crate) struct Outcome<'a> {
    assignment: ByName<'a, Option<&'a str>>,
    doors: ByName<'a, Cow<'static, str>>,
    pub cutoffs: BTreeMap<&'a str, Cutoff<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub caps: BTreeMap<&'a str, Cutoff<'a>>,
    /// The order in which a provider with shares calls its people.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub orders: BTreeMap<&'a str, Vec<&'a str>>,
    /// Entries left out because the provider does not name the applicant.
    pub not_acceptable: Vec<[&'a str; 2]>,
    /// Applicants who, each with the provider named, prefer that to what they have and
    /// would be taken there; the two of a couple together.
    pub blocking: Vec<BTreeMap<&'a str, Option<&'a str>>>,
    /// Providers that did not reach their minimum, in the order of closing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    closed: Vec<Closed<'a>>,
    /// Entries that a family gave up to stay together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    given_up: Vec<[&'a str; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<Compared>,
    certificate: Certificate,
}

/// Values by name, in the order of names: a whole city's in one list.
struct ByName<'a, V>(Vec<(&'a str, V)>);

impl<V: Serialize> Serialize for ByName<'_, V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[derive(Serialize, Deserialize, PartialEq, Eq)]
pub(crate) struct Cutoff<'a> {
    capacity: u32,
    placed: u32,
    /// The one served last, when every seat is taken.
    #[serde(borrow)]
    last: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct Closed<'a> {
    provider: &'a str,
    minimum: u32,
    placed: u32,
}

/// Returns everything in the words of the instance.
pub(crate) fn outcome<'a>(
    instance: &'a Instance,
    built: &Built,
    decision: &Decision,
    certificate: Certificate,
    blocks: &Blocks,
    compared: Option<Compared>,
) -> Outcome<'a> {
    let names = Names { instance, decision };
    let mut assignment = Vec::with_capacity(decision.got.len());
    let mut doors = Vec::new();
    let mut tallies: Vec<Tally<'a>> = vec![(0, None); instance.providers.len()];
    // Under caps the door comes before the place in the order.
    let mut served: Vec<Served<'a>> = vec![(0, None); instance.providers.len()];
    for (applicant, (number, got)) in instance.applicants.iter().zip((0u32..).zip(&decision.got)) {
        let id = applicant.id.as_str();
        let entry = got.map(|(entry, _)| entry);
        let provider = entry.and_then(|e| names.wanted(number, e));
        assignment.push((id, provider.and_then(|p| names.provider(p))));
        let (Some(provider), Some((entry, door))) = (provider, *got) else {
            continue;
        };
        doors.push((id, names.door(provider, door)));
        let key = names.key(number, entry);
        if let Some((count, worst)) = tallies.get_mut(provider as usize) {
            *count += 1;
            *worst = (*worst).max(Some((key, id)));
        }
        if let Some((count, worst)) = served.get_mut(provider as usize) {
            *count += 1;
            *worst = (*worst).max(Some(((door, key), id)));
        }
    }
    let told = |capacity: u32, tally: Tally<'a>| Cutoff {
        capacity,
        placed: tally.0,
        last: tally
            .1
            .filter(|_| tally.0 == capacity)
            .map(|(_, id)| id.into()),
    };
    let cutoffs = instance.providers.iter().zip(&tallies);
    let pair = |(a, p): &(u32, u32)| Some([names.applicant(*a)?, names.provider(*p)?]);
    let block = |moves: &Vec<(u32, Option<u32>)>| {
        let moves = moves.iter().filter_map(|(a, entry)| {
            let to = entry.and_then(|e| names.provider(names.wanted(*a, e)?));
            Some((names.applicant(*a)?, to))
        });
        moves.collect()
    };
    assignment.sort_unstable_by_key(|(id, _)| *id);
    doors.sort_unstable_by_key(|(id, _)| *id);
    Outcome {
        assignment: ByName(assignment),
        doors: ByName(doors),
        caps: caps(instance, built, &served),
        orders: instance
            .providers
            .iter()
            .zip(&built.orders)
            .filter(|(p, _)| !p.shares.is_empty())
            .map(|(p, o)| {
                let people = o.iter().filter_map(|a| names.applicant(*a));
                (p.id.as_str(), people.collect())
            })
            .collect(),
        cutoffs: cutoffs
            .map(|(p, tally)| (p.id.as_str(), told(p.capacity, *tally)))
            .collect(),
        not_acceptable: built.not_acceptable.iter().filter_map(pair).collect(),
        blocking: blocks.iter().map(block).collect(),
        closed: decision
            .closed
            .iter()
            .filter_map(|(provider, placed)| {
                Some(Closed {
                    provider: names.provider(*provider)?,
                    minimum: instance.providers.get(*provider as usize)?.minimum,
                    placed: *placed,
                })
            })
            .collect(),
        given_up: decision.struck.iter().filter_map(pair).collect(),
        compared,
        certificate,
    }
}

/// How many are in, and the last of them.
type Tally<'a> = (u32, Option<(u64, &'a str)>);

/// As a tally, with the door in front.
type Served<'a> = (u32, Option<((Door, u64), &'a str)>);

/// Returns the cut-offs of the caps: the last of all under each, kept seats being given
/// before reserved ones and those before open ones.
fn caps<'a>(
    instance: &'a Instance,
    built: &Built,
    served: &[Served<'a>],
) -> BTreeMap<&'a str, Cutoff<'a>> {
    let Some(own) = &built.extras.caps else {
        return BTreeMap::new();
    };
    // Only one order of people has a last one under a cap.
    let one = own.turn == minsheng_matching::Turn::Master;
    let by_id: BTreeMap<&str, &[crate::input::Id]> = instance
        .caps
        .iter()
        .map(|c| (c.id.as_str(), c.members.as_slice()))
        .collect();
    let providers: BTreeMap<&str, &Served<'a>> = instance
        .providers
        .iter()
        .zip(served)
        .map(|(p, t)| (p.id.as_str(), t))
        .collect();
    let mut caps = BTreeMap::new();
    for cap in &instance.caps {
        let mut sum: Served<'a> = (0, None);
        let mut inside: Vec<&str> = cap.members.iter().map(crate::input::Id::as_str).collect();
        while let Some(member) = inside.pop() {
            if let Some((count, worst)) = providers.get(member) {
                sum.0 += count;
                sum.1 = sum.1.max(worst.filter(|_| one));
            } else if let Some(members) = by_id.get(member) {
                inside.extend(members.iter().map(crate::input::Id::as_str));
            }
        }
        let own = Cutoff {
            capacity: cap.capacity,
            placed: sum.0,
            last: sum
                .1
                .filter(|_| sum.0 == cap.capacity)
                .map(|(_, id)| id.into()),
        };
        caps.insert(cap.id.as_str(), own);
    }
    caps
}

struct Names<'a, 'd> {
    instance: &'a Instance,
    decision: &'d Decision,
}

impl<'a> Names<'a, '_> {
    fn applicant(&self, number: u32) -> Option<&'a str> {
        Some(self.instance.applicants.get(number as usize)?.id.as_str())
    }

    fn provider(&self, number: u32) -> Option<&'a str> {
        Some(self.instance.providers.get(number as usize)?.id.as_str())
    }

    fn at<T: Copy>(&self, values: &[T], applicant: u32, entry: u32) -> Option<T> {
        let start = self.decision.market.first.get(applicant as usize)?;
        values.get((start + entry) as usize).copied()
    }

    fn wanted(&self, applicant: u32, entry: u32) -> Option<u32> {
        self.at(&self.decision.market.provider, applicant, entry)
    }

    fn key(&self, applicant: u32, entry: u32) -> u64 {
        let key = self.at(&self.decision.market.key, applicant, entry);
        key.unwrap_or(u64::MAX)
    }

    fn door(&self, provider: u32, door: Door) -> Cow<'static, str> {
        let provider = self.instance.providers.get(provider as usize);
        door_name(provider, door)
    }
}

/// Returns what an outcome calls a door.
pub(crate) fn door_name(provider: Option<&Provider>, door: Door) -> Cow<'static, str> {
    match door {
        Door::Kept => "kept".into(),
        Door::Open => "open".into(),
        Door::Reserve(index) => {
            let reserve = provider.and_then(|p| p.reserves.get(usize::from(index)));
            format!("reserve:{}", reserve.map_or("", |r| r.id.as_str())).into()
        }
    }
}
