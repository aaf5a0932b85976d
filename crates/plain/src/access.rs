//! Who reaches how much.

use std::collections::{BTreeMap, HashMap, HashSet};

use minsheng_siting::access::{Access, Field, Kind, UNIT, Ways, access, gaussian};
use minsheng_verify::Report;
use minsheng_verify::siting::{AccessCase, AccessClaim, AccessFloor, CaseMetric, check_access};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Number, Value, json};

use crate::error::PlainError;
use crate::site::fields::Fields;
use crate::site::place::{Measured, wrong};
use crate::site::{Ground, Round};
use crate::solve::syntax;
use crate::travel::{self, Pair};
use crate::words::number;

/// A question of access.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// `2sfca` (also with zones of different weights, then called E2SFCA) or `bfca`.
    method: Method,
    /// Where people are.
    demands: Vec<Demand>,
    /// Where supply is.
    suppliers: Vec<Supplier>,
    /// How far counts, in units of distance: one zone of full weight.
    reach: Option<i64>,
    /// Zones instead of one reach: up to `distance`, `weight` in thousandths.
    zones: Option<Vec<Zone>>,
    /// With `reach`: a Gaussian in so many rings.
    gaussian_rings: Option<i64>,
    /// How much there ought to be: demands that reach less are named.
    floor: Option<Floor>,
    /// Instead of coordinates: (demand, supplier, distance), whole numbers; a pair that
    /// is not named is out of reach.
    pairs: Option<Vec<Pair>>,
    metric: Option<Ground>,
    units_per_metre: Option<i64>,
    rounding: Option<Round>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
enum Method {
    #[serde(rename = "2sfca")]
    TwoStep,
    #[serde(rename = "bfca")]
    Balanced,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Zone {
    distance: i64,
    weight: i64,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Floor {
    /// So much supply.
    supply: i64,
    /// For so many people.
    people: i64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Demand {
    id: String,
    people: i64,
    /// A group whose figures are added up.
    group: Option<String>,
    x: Option<Number>,
    y: Option<Number>,
    lon: Option<Number>,
    lat: Option<Number>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Supplier {
    id: String,
    supply: i64,
    /// What it had before, for a comparison.
    before: Option<i64>,
    x: Option<Number>,
    y: Option<Number>,
    lon: Option<Number>,
    lat: Option<Number>,
}

/// Returns the JSON Schema of the input of [`solve_access`].
#[must_use]
pub fn schema_access() -> Value {
    schemars::schema_for!(Input).to_value()
}

const FORMAT: &str = "minsheng-access-1";

struct Problem {
    input: Input,
    how: Measured,
    demand: Vec<(i64, i64)>,
    site: Vec<(i64, i64)>,
    zones: Vec<(i64, i64)>,
    /// Distances that were given, demand by demand.
    pairs: Option<Vec<Vec<(u32, i64)>>>,
}

fn read(text: &str) -> Result<Problem, PlainError> {
    let input: Input = serde_json::from_str(text).map_err(|e| syntax(&e))?;
    let fail = |pointer: &str, zh: &str, en: &str| Err(wrong(text, pointer, zh, en));
    let per_metre = input.units_per_metre.unwrap_or(1);
    if !(1..=1_000_000).contains(&per_metre) {
        return fail(
            "/units_per_metre",
            "应在 1 到 1000000 之间",
            "has to be from 1 to 1000000",
        );
    }
    let zones = match (&input.zones, input.reach, input.gaussian_rings) {
        (Some(zones), None, None) => zones.iter().map(|z| (z.distance, z.weight)).collect(),
        (None, Some(reach), None) => vec![(reach, 1000)],
        (None, Some(reach), Some(rings)) if (1..=1000).contains(&rings) && reach >= rings => {
            gaussian(reach, rings)
        }
        (None, Some(_), Some(_)) => {
            return fail(
                "/gaussian_rings",
                "应在 1 到 1000 之间且不大于半径",
                "has to be from 1 to 1000 and not above the reach",
            );
        }
        _ => {
            return fail(
                "",
                "应给出 `reach` 或 `zones` 之一",
                "has to have either `reach` or `zones`",
            );
        }
    };
    let ascending = zones
        .windows(2)
        .all(|w| w.first().map(|z| z.0) < w.last().map(|z| z.0));
    if zones.is_empty()
        || !ascending
        || zones.iter().any(|(d, w)| *d < 0 || !(0..=1000).contains(w))
    {
        return fail(
            "/zones",
            "距离应递增,权重为 0 到 1000",
            "need ascending distances and weights from 0 to 1000",
        );
    }
    if input.floor.is_some_and(|f| f.supply < 0 || f.people < 1) {
        return fail(
            "/floor",
            "供给不应为负,人数至少为 1",
            "needs a supply that is not negative, for at least 1 person",
        );
    }
    let how = Measured {
        ground: input.metric.unwrap_or(Ground::Planar),
        per_metre,
        rounding: input.rounding.unwrap_or(Round::Floor),
    };
    let mut seen = HashSet::new();
    let mut demand = Vec::with_capacity(input.demands.len());
    for (i, d) in input.demands.iter().enumerate() {
        if !seen.insert(&d.id) {
            return fail(
                &format!("/demands/{i}/id"),
                &format!("`{}` 出现两次", d.id),
                &format!("`{}` is named twice", d.id),
            );
        }
        if d.people < 0 {
            return fail(&format!("/demands/{i}/people"), "不应为负", "is negative");
        }
        if input.pairs.is_none() {
            demand.push(how.point(
                text,
                &format!("/demands/{i}"),
                [d.x.as_ref(), d.y.as_ref(), d.lon.as_ref(), d.lat.as_ref()],
            )?);
        }
    }
    seen.clear();
    let mut site = Vec::with_capacity(input.suppliers.len());
    for (j, s) in input.suppliers.iter().enumerate() {
        if !seen.insert(&s.id) {
            return fail(
                &format!("/suppliers/{j}/id"),
                &format!("`{}` 出现两次", s.id),
                &format!("`{}` is named twice", s.id),
            );
        }
        if s.supply < 0 || s.before.is_some_and(|b| b < 0) {
            return fail(
                &format!("/suppliers/{j}"),
                "供给不应为负",
                "has a negative supply",
            );
        }
        if input.pairs.is_none() {
            site.push(how.point(
                text,
                &format!("/suppliers/{j}"),
                [s.x.as_ref(), s.y.as_ref(), s.lon.as_ref(), s.lat.as_ref()],
            )?);
        }
    }
    let pairs = match &input.pairs {
        None => None,
        Some(pairs) => {
            let demands: Vec<String> = input.demands.iter().map(|d| d.id.clone()).collect();
            let suppliers: Vec<String> = input.suppliers.iter().map(|s| s.id.clone()).collect();
            Some(travel::lists(text, pairs, &demands, &suppliers)?)
        }
    };
    Ok(Problem {
        pairs,
        input,
        how,
        demand,
        site,
        zones,
    })
}

/// Returns whether a score, in billionths of supply a person, is less than the floor.
fn is_below(floor: Floor, score: i128) -> bool {
    // What leaves 128 bits is more than any floor.
    let own = score.checked_mul(i128::from(floor.people));
    own.is_some_and(|own| own < i128::from(floor.supply) * UNIT)
}

impl Problem {
    fn people(&self) -> Vec<i64> {
        self.input.demands.iter().map(|d| d.people).collect()
    }

    fn supply(&self, before: bool) -> Vec<i64> {
        let of = |s: &Supplier| {
            if before {
                s.before.unwrap_or(s.supply)
            } else {
                s.supply
            }
        };
        self.input.suppliers.iter().map(of).collect()
    }

    fn compares(&self) -> bool {
        self.input.suppliers.iter().any(|s| s.before.is_some())
    }

    /// Supply of nothing does not count as within reach.
    fn run(&self, before: bool) -> Result<Access, PlainError> {
        let points = self.how.points(&self.demand, &self.site);
        access(&Field {
            ways: match &self.pairs {
                Some(pairs) => Ways::Pairs(pairs),
                None => Ways::Points(&points),
            },
            people: &self.people(),
            supply: &self.supply(before),
            zones: &self.zones,
            kind: match self.input.method {
                Method::TwoStep => Kind::TwoStep,
                Method::Balanced => Kind::Balanced,
            },
        })
        .map_err(|e| PlainError::whole(format!("无法计算:{e}"), e.to_string()))
    }

    /// Returns one side of the comparison.
    fn shown(&self, found: &Access) -> Value {
        let numbers =
            |list: &[i128]| -> Vec<Value> { list.iter().map(|v| number(*v, 0)).collect() };
        let mut scores = Map::new();
        for (demand, score) in self.input.demands.iter().zip(&found.score) {
            scores.insert(demand.id.clone(), number(*score, 9));
        }
        let people: i128 = self
            .input
            .demands
            .iter()
            .map(|d| i128::from(d.people))
            .sum();
        let covered = self
            .input
            .demands
            .iter()
            .zip(&found.suppliers)
            .filter(|(_, s)| **s > 0);
        let covered: i128 = covered.map(|(d, _)| i128::from(d.people)).sum();
        let weighted = self.input.demands.iter().zip(&found.score);
        let weighted: i128 = weighted.map(|(d, s)| i128::from(d.people) * s).sum();
        let mut shown = json!({
            "people": number(people, 0),
            "mean_score": number(weighted.checked_div(people).unwrap_or(0), 9),
            "covered": number(covered, 0),
            "served": number(found.served, 0),
            "score": scores,
            "groups": self.groups(found),
            "certificate": {
                "format": FORMAT,
                "load": numbers(&found.load),
                "left_over": number(found.left_over, 0),
            },
        });
        if let (Some(floor), Value::Object(all)) = (self.input.floor, &mut shown) {
            let pairs = self.input.demands.iter().zip(&found.score);
            let below = pairs.filter(|(_, score)| is_below(floor, **score));
            let below: Vec<&str> = below.map(|(d, _)| d.id.as_str()).collect();
            all.insert("below".into(), json!(below));
        }
        shown
    }

    /// For each group: people, those covered, and people times access in billionths.
    fn groups(&self, found: &Access) -> Value {
        let mut sums: BTreeMap<&str, (i128, i128, i128)> = BTreeMap::new();
        let rows = self
            .input
            .demands
            .iter()
            .zip(found.score.iter().zip(&found.suppliers));
        for (demand, (score, suppliers)) in rows {
            let Some(group) = &demand.group else { continue };
            let own = sums.entry(group).or_default();
            let people = i128::from(demand.people);
            own.0 += people;
            own.1 += if *suppliers > 0 { people } else { 0 };
            own.2 += people * score;
        }
        let mut all = Map::new();
        for (group, (people, covered, weighted)) in sums {
            let mean = weighted.checked_div(people).unwrap_or(0);
            all.insert(group.to_owned(), json!({
                "people": number(people, 0), "covered": number(covered, 0), "mean_score": number(mean, 9),
            }));
        }
        Value::Object(all)
    }

    fn group_names(&self) -> Vec<&str> {
        let names = self.input.demands.iter().filter_map(|d| d.group.as_deref());
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Reads which demands are said to be below the floor.
    fn below(&self, fields: &Fields<'_>) -> Result<Option<Vec<usize>>, PlainError> {
        if fields.get("below").is_none() {
            return Ok(None);
        }
        let ids = self.input.demands.iter().map(|d| d.id.as_str());
        let places: HashMap<&str, usize> = ids.zip(0..).collect();
        let place = |v: &Value| {
            let found = v.as_str().and_then(|id| places.get(id).copied());
            found.ok_or_else(|| Fields::wrong("below", "没有该需求点", "names no demand"))
        };
        let all = fields.list("below")?.iter().map(place);
        all.collect::<Result<_, _>>().map(Some)
    }

    fn check(&self, before: bool, outcome: &Value) -> Result<Report, PlainError> {
        let fields = Fields(outcome);
        let certificate = fields.member("certificate")?;
        certificate.expect("format", FORMAT)?;
        let scores = fields.member("score")?;
        let mut score = Vec::with_capacity(self.input.demands.len());
        for demand in &self.input.demands {
            score.push(scores.wide(&demand.id, 9)?);
        }
        // The last group is everybody.
        let names: Vec<&str> = self.group_names();
        let mut groups = Vec::with_capacity(names.len() + 1);
        let all = fields.member("groups")?;
        for name in names.iter().map(|n| Some(*n)).chain([None]) {
            let own = match name {
                Some(name) => all.member(name)?,
                None => Fields(outcome),
            };
            groups.push((
                own.wide("people", 0)?,
                own.wide("covered", 0)?,
                own.wide("mean_score", 9)?,
            ));
        }
        let of = |d: &Demand| {
            let own = d
                .group
                .as_deref()
                .and_then(|g| names.iter().position(|n| *n == g));
            own.into_iter().chain([names.len()]).collect()
        };
        let claim = AccessClaim {
            groups,
            load: certificate.wide_list("load")?,
            score,
            served: fields.wide("served", 0)?,
            left_over: certificate.wide("left_over", 0)?,
            below: self.below(&fields)?,
        };
        let case = AccessCase {
            metric: match &self.pairs {
                Some(pairs) => CaseMetric::Sparse(pairs.clone()),
                None => self.how.case(self.demand.clone(), self.site.clone()),
            },
            people: self.people(),
            supply: self.supply(before),
            zones: self.zones.clone(),
            balanced: self.input.method == Method::Balanced,
            groups: self.input.demands.iter().map(of).collect(),
            floor: self.input.floor.map(|f| AccessFloor {
                supply: f.supply,
                people: f.people,
            }),
        };
        Ok(check_access(&case, &claim))
    }
}

/// Scores access (JSON) and returns the outcome as JSON. Where the certificate is small
/// enough to be computed again pair by pair, it was.
///
/// # Errors
/// Every mistake of the instance with its place.
pub fn solve_access(text: &str) -> Result<String, PlainError> {
    let problem = read(text)?;
    let now = problem.run(false)?;
    let mut out =
        json!({ "mechanism": "access", "unit": number(UNIT, 0), "now": problem.shown(&now) });
    let mut sides = vec![(false, "now")];
    if problem.compares() {
        let before = problem.run(true)?;
        if let Value::Object(map) = &mut out {
            map.insert("before".into(), problem.shown(&before));
        }
        sides.push((true, "before"));
    }
    for (before, name) in sides {
        let side = out.get(name).cloned().unwrap_or_default();
        let report = problem.check(before, &side)?;
        crate::site::finish(&side, &report)?;
    }
    serde_json::to_string(&out).map_err(|e| PlainError::whole(e.to_string(), e.to_string()))
}

/// Checks an outcome of [`solve_access`] against its instance.
///
/// # Errors
/// A wrong instance, or an outcome that is not one.
pub fn verify_access(outcome: &str, instance: &str) -> Result<Report, PlainError> {
    let problem = read(instance)?;
    let value = crate::site::outcome(outcome)?;
    let fields = Fields(&value);
    fields.expect("mechanism", "access")?;
    let mut report = problem.check(false, fields.member("now")?.0)?;
    if problem.compares() {
        let other = problem.check(true, fields.member("before")?.0)?;
        report.checks.extend(other.checks);
    }
    Ok(report)
}
