//! Who reaches how much, read from a bundle's files.

use std::collections::BTreeMap;

use minsheng_model::Text;
use serde::Deserialize;
use serde_json::Number;

use super::{Pair, metric, parse, report, scaled, unique};
use crate::report::{Report, offends};
use crate::siting::{AccessCase, AccessClaim, AccessFloor, check_access, gaussian_zones};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Instance {
    method: String,
    demands: Vec<Demand>,
    suppliers: Vec<Supplier>,
    #[serde(default)]
    pairs: Option<Vec<Pair>>,
    #[serde(default)]
    reach: Option<i64>,
    #[serde(default)]
    gaussian_rings: Option<i64>,
    #[serde(default)]
    zones: Option<Vec<Zone>>,
    #[serde(default)]
    floor: Option<Floor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Zone {
    distance: i64,
    weight: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Floor {
    supply: i64,
    people: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Demand {
    id: String,
    people: i64,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    x: Option<i64>,
    #[serde(default)]
    y: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Supplier {
    id: String,
    supply: i64,
    #[serde(default)]
    before: Option<i64>,
    #[serde(default)]
    x: Option<i64>,
    #[serde(default)]
    y: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    mechanism: String,
    unit: i64,
    now: Side,
    #[serde(default)]
    before: Option<Side>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Side {
    people: Number,
    covered: Number,
    mean_score: Number,
    served: Number,
    score: BTreeMap<String, Number>,
    groups: BTreeMap<String, Group>,
    #[serde(default)]
    below: Option<Vec<String>>,
    certificate: Certificate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    people: Number,
    covered: Number,
    mean_score: Number,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate {
    format: String,
    load: Vec<Number>,
    left_over: Number,
}

/// Scores are billionths.
const DIGITS: u32 = 9;

/// Checks an outcome against its instance, both as a bundle has them.
pub(crate) fn check(instance: &str, outcome: &str) -> Report {
    report("access/read", run(instance, outcome))
}

fn run(instance: &str, outcome: &str) -> Result<Report, Text> {
    let instance: Instance = parse("instance.json", instance)?;
    let outcome: Outcome = parse("outcome.json", outcome)?;
    if outcome.mechanism != "access" || outcome.unit != 10i64.pow(DIGITS) {
        return Err(offends("mechanism", "应为 `access`", "has to be `access`"));
    }
    let demands = unique(instance.demands.iter().map(|d| &d.id))?;
    let suppliers = unique(instance.suppliers.iter().map(|s| &s.id))?;
    let compares = instance.suppliers.iter().any(|s| s.before.is_some());
    if compares != outcome.before.is_some() {
        let said = offends("before", "与实例不合", "does not fit the instance");
        return Err(said);
    }
    let mut report = check_access(
        &case(&instance, &demands, &suppliers, false)?,
        &claim(&instance, &demands, &outcome.now)?,
    );
    if let Some(side) = &outcome.before {
        let before = check_access(
            &case(&instance, &demands, &suppliers, true)?,
            &claim(&instance, &demands, side)?,
        );
        report.checks.extend(before.checks);
    }
    Ok(report)
}

fn zones(instance: &Instance) -> Result<Vec<(i64, i64)>, Text> {
    let wrong = || offends("zones", "有误", "are not right");
    let found = match (&instance.zones, instance.reach, instance.gaussian_rings) {
        (Some(zones), None, None) => zones.iter().map(|z| (z.distance, z.weight)).collect(),
        (None, Some(reach), None) => vec![(reach, 1000)],
        (None, Some(reach), Some(rings)) => gaussian_zones(reach, rings).ok_or_else(wrong)?,
        _ => return Err(wrong()),
    };
    let ascending = found
        .windows(2)
        .all(|w| w.first().map(|z| z.0) < w.last().map(|z| z.0));
    let fits = |z: &(i64, i64)| z.0 >= 0 && (0..=1000).contains(&z.1);
    if found.is_empty() || !ascending || !found.iter().all(fits) {
        return Err(wrong());
    }
    Ok(found)
}

/// The names of the groups in order.
fn names(instance: &Instance) -> Vec<&str> {
    let names = instance.demands.iter().filter_map(|d| d.group.as_deref());
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn case(
    instance: &Instance,
    demands: &[&str],
    suppliers: &[&str],
    before: bool,
) -> Result<AccessCase, Text> {
    let from = instance.demands.iter().map(|d| d.x.zip(d.y)).collect();
    let to = instance.suppliers.iter().map(|s| s.x.zip(s.y)).collect();
    let pairs = instance.pairs.as_deref();
    let names = names(instance);
    let supply = |s: &Supplier| {
        if before {
            s.before.unwrap_or(s.supply)
        } else {
            s.supply
        }
    };
    let people: Vec<i64> = instance.demands.iter().map(|d| d.people).collect();
    let supply: Vec<i64> = instance.suppliers.iter().map(supply).collect();
    if people.iter().chain(&supply).any(|n| *n < 0) {
        return Err(offends("instance.json", "数值为负", "has a number below 0"));
    }
    let group = |d: &Demand| {
        let own = d.group.as_deref();
        let own = own.and_then(|g| names.iter().position(|n| *n == g));
        own.into_iter().chain([names.len()]).collect()
    };
    Ok(AccessCase {
        metric: metric(pairs, [demands, suppliers], [&from, &to])?,
        people,
        supply,
        zones: zones(instance)?,
        balanced: match instance.method.as_str() {
            "2sfca" => false,
            "bfca" => true,
            other => return Err(offends(other, "不是方法", "is no method")),
        },
        groups: instance.demands.iter().map(group).collect(),
        floor: instance.floor.as_ref().map(|f| AccessFloor {
            supply: f.supply,
            people: f.people,
        }),
    })
}

fn claim(instance: &Instance, demands: &[&str], side: &Side) -> Result<AccessClaim, Text> {
    if side.certificate.format != "minsheng-access-1" {
        return Err(offends("format", "有误", "is not known"));
    }
    let names = names(instance);
    if side.score.len() != demands.len() || side.groups.len() != names.len() {
        let said = offends("score", "须逐处列出", "has to name every place once");
        return Err(said);
    }
    let missing = |name: &str| offends(name, "没有分数", "has no score");
    let score = demands.iter().map(|name| {
        let own = side.score.get(*name).ok_or_else(|| missing(name))?;
        scaled(name, own, DIGITS)
    });
    let group = |people: &Number, covered: &Number, mean: &Number| {
        Ok((
            scaled("people", people, 0)?,
            scaled("covered", covered, 0)?,
            scaled("mean_score", mean, DIGITS)?,
        ))
    };
    let mut groups = Vec::with_capacity(names.len() + 1);
    for name in &names {
        let own = side.groups.get(*name).ok_or_else(|| missing(name))?;
        groups.push(group(&own.people, &own.covered, &own.mean_score)?);
    }
    groups.push(group(&side.people, &side.covered, &side.mean_score)?);
    let place = |name: &String| demands.iter().position(|d| d == name);
    let below = match &side.below {
        None => None,
        Some(list) => {
            let all: Option<Vec<usize>> = list.iter().map(place).collect();
            Some(all.ok_or_else(|| offends("below", "有误", "names nobody"))?)
        }
    };
    let load = side.certificate.load.iter();
    Ok(AccessClaim {
        load: load
            .map(|n| scaled("load", n, 0))
            .collect::<Result<_, _>>()?,
        score: score.collect::<Result<_, Text>>()?,
        served: scaled("served", &side.served, 0)?,
        left_over: scaled("left_over", &side.certificate.left_over, 0)?,
        groups,
        below,
    })
}
