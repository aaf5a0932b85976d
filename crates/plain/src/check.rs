//! An outcome of `solve match` against its instance, without the solver.

use std::borrow::{Borrow, Cow};
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Display};
use std::marker::PhantomData;

use minsheng_model::{Door, Text};
use minsheng_verify::{Check, Report};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::certify::proved;
use crate::decide::Decision;
use crate::error::PlainError;
use crate::input::{Instance, Mechanism};
use crate::market::Built;
use crate::outcome::{Cutoff, door_name, outcome};
use crate::solve::{read, syntax};

/// An outcome as it was told.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told<'a> {
    #[serde(borrow)]
    assignment: ByName<'a, Option<Name<'a>>>,
    #[serde(borrow)]
    doors: ByName<'a, Name<'a>>,
    #[serde(borrow)]
    cutoffs: BTreeMap<Cow<'a, str>, Cutoff<'a>>,
    #[serde(borrow, default)]
    caps: BTreeMap<Cow<'a, str>, Cutoff<'a>>,
    #[serde(default)]
    orders: BTreeMap<String, Vec<String>>,
    not_acceptable: Vec<[String; 2]>,
    blocking: Vec<BTreeMap<String, Option<String>>>,
    #[serde(default)]
    closed: Vec<IgnoredAny>,
    #[serde(default)]
    given_up: Vec<IgnoredAny>,
    #[serde(default, rename = "compared")]
    _compared: Option<IgnoredAny>,
    certificate: Certified,
}

/// A name of the outcome, without a copy where it needs none.
#[derive(Deserialize, PartialEq, Eq, Hash)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl Borrow<str> for Name<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Values by name; a name that comes twice is refused, since readers differ on which
/// value it has.
struct ByName<'a, V>(HashMap<Name<'a>, V>);

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for ByName<'a, V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs<'a, V>(PhantomData<(&'a str, V)>);

        impl<'de: 'a, 'a, V: Deserialize<'de>> Visitor<'de> for Pairs<'a, V> {
            type Value = ByName<'a, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("values by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut values = HashMap::new();
                while let Some((name, value)) = map.next_entry::<Name<'a>, V>()? {
                    if values.insert(name, value).is_some() {
                        return Err(A::Error::custom("a name comes twice"));
                    }
                }
                Ok(ByName(values))
            }
        }

        from.deserialize_map(Pairs(PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Certified {
    mechanism: Mechanism,
    stable: bool,
    #[serde(default)]
    applicant_optimal: Option<bool>,
    #[serde(default)]
    efficient: Option<bool>,
    checked: u64,
    placed: u64,
    #[serde(default, rename = "unique")]
    _unique: Option<bool>,
    #[serde(default, rename = "most")]
    _most: Option<IgnoredAny>,
    #[serde(default, rename = "search")]
    _search: Option<IgnoredAny>,
}

/// Returns whether a text is an outcome of a match: no other has doors.
pub(crate) fn is_match(outcome: &str) -> bool {
    #[derive(Deserialize)]
    struct Peek {
        #[expect(dead_code, reason = "that it is there is enough")]
        assignment: IgnoredAny,
        #[expect(dead_code, reason = "that it is there is enough")]
        doors: IgnoredAny,
    }
    serde_json::from_str::<Peek>(outcome).is_ok()
}

/// Checks an outcome of [`crate::solve_match`] against its instance: that everybody is
/// on a place of the own list, that no provider and no cap has too many, that nothing
/// blocks but what is told, and what the certificate says of that.
///
/// # Errors
/// A wrong instance, an outcome that is none, or one of a market with families, couples
/// or minimums: what was decided there does not follow from the outcome alone.
pub fn verify_match(outcome: &str, instance: &str) -> Result<Report, PlainError> {
    // The instance is the larger of the two; what reading it needs is gone by then.
    let (instance, mut built) = read(instance)?;
    let told: Told<'_> = serde_json::from_str(outcome).map_err(|e| syntax(&e))?;
    let joint = built.extras.families.is_some() || built.extras.couples.is_some();
    if joint || instance.providers.iter().any(|p| p.minimum > 0) {
        return Err(PlainError::whole(
            "含家庭、双人申请或最低人数的结果不能单独复核:请重新求解",
            "an outcome with families, couples or minimums cannot be checked by itself: solve it again",
        ));
    }
    let mut checks = Vec::new();
    let placed = places(&instance, &mut built, &told);
    let people = instance.applicants.len();
    let (zh, en) = (
        "每人均在本人志愿内",
        "everybody is on a place of the own list",
    );
    match placed {
        Err(offender) => add(&mut checks, "match/lists", (zh, en), people, Some(offender)),
        Ok(decision) => {
            add(&mut checks, "match/lists", (zh, en), people, None);
            judge(&instance, &built, &decision, &told, &mut checks);
        }
    }
    Ok(Report {
        checks,
        proved: said(&told.certificate),
        not_proved: Text::new(
            "结果是否唯一、是否人数最多(须由求解器说明);实例本身是否属实",
            "whether the result is unique or the largest (only a solver can tell); whether the instance is true",
        ),
    })
}

fn said(certificate: &Certified) -> Text {
    let best = certificate.stable && certificate.applicant_optimal == Some(true);
    if best {
        return Text::new(
            "各人的安排、各供给方的末位均正确;无人被越过,且没有对任何人更好的稳定结果",
            "everybody's place and every cut-off is right; nobody was passed over, and no stable result is better for anybody",
        );
    }
    Text::new(
        "各人的安排、各供给方的末位均正确;被越过者均已列出",
        "everybody's place and every cut-off is right; whoever was passed over is listed",
    )
}

fn add(
    checks: &mut Vec<Check>,
    id: &'static str,
    (zh, en): (&str, &str),
    count: usize,
    offender: Option<Text>,
) {
    checks.push(Check {
        id,
        title: Text::new(zh, en),
        count: count as u64,
        ok: offender.is_none(),
        offender,
    });
}

/// Returns the decision that an outcome tells.
fn places(instance: &Instance, built: &mut Built, told: &Told<'_>) -> Result<Decision, Text> {
    let market = std::mem::take(&mut built.market);
    let provider_of: HashMap<&str, u32> = instance
        .providers
        .iter()
        .map(|p| p.id.as_str())
        .zip(0..)
        .collect();
    let mut got = Vec::with_capacity(instance.applicants.len());
    let mut named = 0;
    for (applicant, bounds) in instance.applicants.iter().zip(market.first.array_windows()) {
        let id = applicant.id.as_str();
        let place = told.assignment.0.get(id);
        let place = place.ok_or_else(|| {
            let what = ("没有结果", "has no result");
            offends(id, what)
        })?;
        let Some(place) = place else {
            got.push(None);
            continue;
        };
        let [start, end] = *bounds;
        let provider = provider_of.get(place.0.as_ref()).copied();
        let list = market.provider.get(start as usize..end as usize);
        let entry = list
            .unwrap_or_default()
            .iter()
            .position(|p| Some(*p) == provider)
            .and_then(|e| u32::try_from(e).ok());
        let Some(entry) = entry else {
            let what = (
                "的安排不在可用志愿内",
                "is at a place that the own list does not have",
            );
            return Err(offends(id, what));
        };
        let own = provider.and_then(|p| instance.providers.get(p as usize));
        let reserves = own.map_or(0, |p| p.reserves.len());
        let doors = (0..reserves).filter_map(|i| Some(Door::Reserve(u8::try_from(i).ok()?)));
        let mut doors = [Door::Open, Door::Kept].into_iter().chain(doors);
        let word = told.doors.0.get(id);
        let door = doors.find(|d| word.is_some_and(|w| w.0 == door_name(own, *d)));
        let door = door.ok_or_else(|| offends(id, ("没有入口", "has no door")))?;
        named += 1;
        got.push(Some((entry, door)));
    }
    if told.assignment.0.len() != got.len() || told.doors.0.len() != named {
        let what = (
            "含有他人",
            "name somebody who did not apply or has no place",
        );
        return Err(offends("assignment, doors", what));
    }
    Ok(Decision {
        market,
        got,
        closed: Vec::new(),
        struck: Vec::new(),
        joint: None,
        largest: None,
    })
}

fn offends(subject: &str, (zh, en): (&str, &str)) -> Text {
    Text::new(format!("`{subject}` {zh}"), format!("`{subject}` {en}"))
}

/// Makes every check of a decision.
fn judge(
    instance: &Instance,
    built: &Built,
    decision: &Decision,
    told: &Told<'_>,
    checks: &mut Vec<Check>,
) {
    let providers = instance.providers.len();
    let seats = (
        "各供给方的人数与入口均合规",
        "every provider has people by its seats and doors",
    );
    let (own, blocks) = match proved(instance, built, decision) {
        Ok(proved) => proved,
        Err(what) => {
            let offender = Some(Text::new(format!("不成立:{what}"), what));
            return add(checks, "match/seats", seats, providers, offender);
        }
    };
    add(checks, "match/seats", seats, providers, None);
    let certified = &told.certificate;
    let (checked, placed) = (own.checked, own.placed);
    let differing = differs(
        "mechanism",
        &word(instance.mechanism),
        &word(certified.mechanism),
    )
    .or_else(|| differs("stable", &own.stable, &certified.stable))
    .or_else(|| {
        let (own, told) = (own.applicant_optimal, certified.applicant_optimal);
        differs("applicant_optimal", &truth(own), &truth(told))
    })
    .or_else(|| {
        let (own, told) = (own.efficient, certified.efficient);
        differs("efficient", &truth(own), &truth(told))
    })
    .or_else(|| differs("checked", &checked, &certified.checked))
    .or_else(|| differs("placed", &placed, &certified.placed));
    let title = ("证明所说均成立", "what the certificate says holds");
    add(checks, "match/certificate", title, 6, differing);
    let short = promise(instance.mechanism, own.stable, own.applicant_optimal);
    let title = ("达到该机制所承诺的", "what the mechanism promises is kept");
    add(checks, "match/promise", title, 1, short);

    let again = outcome(instance, built, decision, own, &blocks, None);
    let same = |a: &BTreeMap<&str, Cutoff<'_>>, b: &BTreeMap<Cow<'_, str>, Cutoff<'_>>| {
        let pairs = a.iter().zip(b);
        let wrong = pairs.filter(|((n, c), (m, d))| **n != m.as_ref() || c != d);
        let first = wrong.map(|((name, _), _)| (*name).to_owned()).next();
        let length = (a.len() != b.len()).then(|| "cutoffs".to_owned());
        first.or(length)
    };
    let wrong = same(&again.cutoffs, &told.cutoffs).or_else(|| same(&again.caps, &told.caps));
    let wrong = wrong.map(|name| offends(&name, ("的末位有误", "has a wrong cut-off")));
    let title = ("末位相符", "the last served are right");
    add(checks, "match/cut-offs", title, providers, wrong);

    let listed = again.not_acceptable.iter().eq(told.not_acceptable.iter());
    let orders = again.orders.iter().zip(&told.orders);
    let mut orders = orders.map(|((a, x), (b, y))| a == b && x.iter().eq(y));
    let listed = listed
        && same_blocks(&again.blocking, &told.blocking)
        && again.orders.len() == told.orders.len()
        && orders.all(|same| same)
        // There are no families and no minimums here.
        && told.closed.is_empty()
        && told.given_up.is_empty();
    let wrong = (!listed).then(|| {
        let what = ("所列不全或有误", "are not all that there are");
        offends("blocking, not_acceptable, orders", what)
    });
    let title = (
        "被越过者与未列入者均已写明",
        "whoever is passed over or not acceptable is listed",
    );
    let count = usize::try_from(checked).unwrap_or(usize::MAX);
    add(checks, "match/blocking", title, count, wrong);
}

fn same_blocks(
    own: &[BTreeMap<&str, Option<&str>>],
    told: &[BTreeMap<String, Option<String>>],
) -> bool {
    own.len() == told.len()
        && own.iter().zip(told).all(|(a, b)| {
            let b = b.iter().map(|(k, v)| (k.as_str(), v.as_deref()));
            a.iter().map(|(k, v)| (*k, *v)).eq(b)
        })
}

/// Returns what the mechanism promises and the result does not keep.
fn promise(mechanism: Mechanism, stable: bool, optimal: Option<bool>) -> Option<Text> {
    let kept = match mechanism {
        Mechanism::DeferredAcceptance => stable && optimal == Some(true),
        Mechanism::ProviderProposing
        | Mechanism::StableImprovementCycles
        | Mechanism::MaximumSize => stable,
        // Other promises are about efficiency, which the certificate tells.
        _ => true,
    };
    (!kept).then(|| {
        let what = ("的结果未达到承诺", "promises more than this result keeps");
        offends(&word(mechanism), what)
    })
}

fn word(mechanism: Mechanism) -> String {
    let value = serde_json::to_value(mechanism).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn truth(value: Option<bool>) -> &'static str {
    match value {
        None => "-",
        Some(true) => "true",
        Some(false) => "false",
    }
}

fn differs<T: PartialEq + Display>(what: &str, own: &T, told: &T) -> Option<Text> {
    (own != told).then(|| {
        Text::new(
            format!("`{what}` 应为 {own},实为 {told}"),
            format!("`{what}`: expected {own}, found {told}"),
        )
    })
}
