//! Scores of access, computed again pair by pair.

use minsheng_model::Text;
use rayon::prelude::*;

use super::case::CaseMetric;
use super::catchment::Catchments;
use crate::report::{Checks, Found, Report, differs};

/// Where people and supply are.
#[derive(Debug, Clone)]
pub struct AccessCase {
    /// Demand is people, sites are suppliers.
    pub metric: CaseMetric,
    /// People at each demand.
    pub people: Vec<i64>,
    /// What each supplier has.
    pub supply: Vec<i64>,
    /// Up to this distance this weight in thousandths; distances ascend.
    pub zones: Vec<(i64, i64)>,
    /// Whether people share themselves among the suppliers.
    pub balanced: bool,
    /// The groups of each demand whose figures are added up.
    pub groups: Vec<Vec<usize>>,
    /// How much there ought to be.
    pub floor: Option<AccessFloor>,
}

/// So much supply for so many people.
#[derive(Debug, Clone, Copy)]
pub struct AccessFloor {
    /// Supply.
    pub supply: i64,
    /// People, at least one.
    pub people: i64,
}

/// What is claimed.
#[derive(Debug, Clone)]
pub struct AccessClaim {
    /// For each supplier the weighted people in its catchment.
    pub load: Vec<i128>,
    /// For each demand supply a person in billionths.
    pub score: Vec<i128>,
    /// The supply that reaches anybody.
    pub served: i128,
    /// What rounding leaves: served times a billion less people times score.
    pub left_over: i128,
    /// For each group: people, people within reach of any supplier, and people times
    /// score over people, rounded down.
    pub groups: Vec<(i128, i128, i128)>,
    /// The demands below the floor, in order; nothing where there is no floor.
    pub below: Option<Vec<usize>>,
}

const UNIT: i128 = 1_000_000_000;

/// Checks scores against their definition, over every pair, and that people times
/// access is the supply served.
#[must_use]
pub fn check_access(case: &AccessCase, claim: &AccessClaim) -> Report {
    let mut checks = Checks::default();
    let pairs = case.people.len().saturating_mul(case.supply.len());
    let again = again(case);
    checks.add(
        "load",
        "每个供给点服务圈内的加权人数",
        "each supplier's weighted people",
        claim.load.len(),
        first("load", &again.load, &claim.load),
    );
    checks.add(
        "score",
        "每个需求点的可达性",
        "each demand's access",
        pairs,
        first("score", &again.score, &claim.score),
    );
    checks.add(
        "identity",
        "人口乘可达性之和等于所服务的供给",
        "people times access is the supply served",
        case.people.len(),
        identity(case, claim, again.reached),
    );
    checks.add(
        "groups",
        "各组人数、覆盖人数与平均可达性",
        "each group's people, those covered, and mean access",
        claim.groups.len(),
        groups(case, &again, claim),
    );
    if case.floor.is_some() || claim.below.is_some() {
        checks.add(
            "below",
            "低于标准的恰为所列各处",
            "exactly those named are below the floor",
            claim.score.len(),
            below(case, &again.score, claim),
        );
    }
    checks.report(
        Text::new("可达性按定义计算", "access is what its definition says"),
        Text::new("实例本身是否属实", "that the instance describes the world"),
    )
}

/// What the definition gives.
struct Again {
    load: Vec<i128>,
    score: Vec<i128>,
    /// Whether a demand has any supplier in reach.
    near: Vec<bool>,
    /// The supply of those that reach anybody.
    reached: i128,
}

/// How many demands are looked at together.
const CHUNK: usize = 4096;

/// The most parts of scores that are kept.
const PARTS: usize = 4_000_000;

fn again(case: &AccessCase) -> Again {
    let around = Catchments::new(case);
    let demands: Vec<usize> = (0..case.people.len()).collect();
    let load = demands
        .par_chunks(CHUNK)
        .map(|chunk| loads(case, &around, chunk))
        .reduce(
            || vec![0i128; case.supply.len()],
            |mut all, own| {
                all.iter_mut().zip(own).for_each(|(a, b)| *a += b);
                all
            },
        );
    let parts = parts(case, &around, &load);
    let rows: Vec<(i128, bool)> = demands
        .par_iter()
        .with_min_len(CHUNK)
        .map_init(Vec::new, |row, demand| {
            score(case, &around, &load, &parts, *demand, row)
        })
        .collect();
    let (score, near) = rows.into_iter().unzip();
    let reached = load.iter().zip(&case.supply).filter(|(l, _)| **l > 0);
    let reached = reached.map(|(_, s)| i128::from(*s)).sum();
    Again {
        load,
        score,
        near,
        reached,
    }
}

/// The people of some demands, weighted, at each supplier.
fn loads(case: &AccessCase, around: &Catchments<'_>, demands: &[usize]) -> Vec<i128> {
    let mut load = vec![0i128; case.supply.len()];
    let mut row = Vec::new();
    for demand in demands {
        let people = case.people.get(*demand).map_or(0, |p| i128::from(*p));
        shares(case, around, *demand, &mut row);
        for (site, _, share) in &row {
            if let Some(sum) = load.get_mut(*site) {
                *sum += people * share;
            }
        }
    }
    load
}

/// Writes the suppliers in reach of a demand: supplier, zone, and the weight or, where
/// people share themselves, its part of all the demand's weights.
fn shares(
    case: &AccessCase,
    around: &Catchments<'_>,
    demand: usize,
    row: &mut Vec<(usize, usize, i128)>,
) {
    row.clear();
    around.each(demand, &mut |site, zone| {
        row.push((site, zone, around.weight(zone)))
    });
    if case.balanced {
        let all: i128 = row.iter().map(|(_, _, w)| *w).sum();
        for (_, _, w) in row {
            *w = UNIT * *w / all.max(1);
        }
    }
}

/// What a supplier gives to a demand of a share.
fn part(case: &AccessCase, load: &[i128], site: usize, share: i128) -> i128 {
    let all = load.get(site).copied().unwrap_or(0);
    let supply = case.supply.get(site).map_or(0, |s| i128::from(*s));
    (UNIT * supply * share).checked_div(all).unwrap_or(0)
}

/// What each supplier gives in each zone, where that is the same for everybody and not
/// too much to keep.
fn parts(case: &AccessCase, around: &Catchments<'_>, load: &[i128]) -> Vec<i128> {
    let zones = case.zones.len();
    if case.balanced || load.len().saturating_mul(zones) > PARTS {
        return Vec::new();
    }
    let pairs = (0..load.len()).flat_map(|site| (0..zones).map(move |zone| (site, zone)));
    pairs
        .map(|(site, zone)| part(case, load, site, around.weight(zone)))
        .collect()
}

fn score(
    case: &AccessCase,
    around: &Catchments<'_>,
    load: &[i128],
    parts: &[i128],
    demand: usize,
    row: &mut Vec<(usize, usize, i128)>,
) -> (i128, bool) {
    if parts.is_empty() {
        shares(case, around, demand, row);
        let own = row
            .iter()
            .map(|(site, _, share)| part(case, load, *site, *share));
        // A share of a great many weights may be rounded down to nothing.
        return (own.sum(), row.iter().any(|(_, _, share)| *share > 0));
    }
    let (mut sum, mut near) = (0, false);
    around.each(demand, &mut |site, zone| {
        near = true;
        let own = parts.get(site * case.zones.len() + zone);
        sum += own.copied().unwrap_or(0);
    });
    (sum, near)
}

fn first(name: &str, expected: &[i128], found: &[i128]) -> Found {
    differs(name, expected.len(), found.len()).or_else(|| {
        let at = expected.iter().zip(found).position(|(a, b)| a != b)?;
        let (a, b) = (expected.get(at)?, found.get(at)?);
        differs(&format!("{name} {at}"), *a, *b)
    })
}

fn identity(case: &AccessCase, claim: &AccessClaim, reached: i128) -> Found {
    let given: i128 = claim
        .score
        .iter()
        .zip(&case.people)
        .map(|(s, p)| s.saturating_mul(i128::from(*p)))
        .fold(0, i128::saturating_add);
    differs("served", reached, claim.served).or_else(|| {
        differs(
            "left_over",
            reached.saturating_mul(UNIT).saturating_sub(given),
            claim.left_over,
        )
    })
}

fn below(case: &AccessCase, score: &[i128], claim: &AccessClaim) -> Found {
    let wrong = |zh, en| Some(crate::report::offends("below", zh, en));
    let (Some(floor), Some(claimed)) = (case.floor, &claim.below) else {
        return wrong("与实例不合", "does not fit the instance");
    };
    let wanted = i128::from(floor.supply) * UNIT;
    let lacks = |score: &i128| {
        // What leaves 128 bits is more than any floor.
        let own = score.checked_mul(i128::from(floor.people));
        own.is_some_and(|own| own < wanted)
    };
    let places = score.iter().enumerate();
    let found: Vec<usize> = places.filter(|(_, s)| lacks(s)).map(|(i, _)| i).collect();
    (found != *claimed)
        .then(|| wrong("与分数不符", "is not what the scores give"))
        .flatten()
}

/// Returns the zones of a Gaussian that falls to nothing at `reach`, in `rings` rings of
/// equal width; weights in thousandths, by the definition in the book. `None` where the
/// rings are not from 1 to 1000 or wider than nothing.
#[must_use]
pub fn gaussian_zones(reach: i64, rings: i64) -> Option<Vec<(i64, i64)>> {
    if !(1..=1000).contains(&rings) || reach < rings {
        return None;
    }
    const ONE: u128 = 1 << 60;
    // e^(-y) as one over the series of e^y.
    let fall = |numerator: u128, denominator: u128| {
        let y = ONE * numerator / denominator;
        let (mut sum, mut term, mut n) = (ONE, ONE, 1u128);
        while term > 0 {
            term = ((term * y) >> 60) / n;
            sum += term;
            n += 1;
        }
        ONE * ONE / sum
    };
    let (all, last) = (u128::try_from(rings).ok()?, fall(1, 2));
    let ring = |ring: i64| {
        let before = u128::try_from(ring - 1).ok()?;
        let share = fall(before * before, 2 * all * all) - last;
        let weight = (share * 1000 + (ONE - last) / 2) / (ONE - last);
        let edge = i128::from(reach) * i128::from(ring) / i128::from(rings);
        Some((i64::try_from(edge).ok()?, i64::try_from(weight).ok()?))
    };
    (1..=rings).map(ring).collect()
}

fn groups(case: &AccessCase, again: &Again, claim: &AccessClaim) -> Found {
    let mut sums = vec![(0i128, 0i128, 0i128); claim.groups.len()];
    for (demand, own) in case.groups.iter().enumerate() {
        let people = case.people.get(demand).map_or(0, |p| i128::from(*p));
        let near = again.near.get(demand) == Some(&true);
        for group in own {
            let Some(sum) = sums.get_mut(*group) else {
                return Some(crate::report::offends(
                    "groups",
                    "缺少一组",
                    "has one too few",
                ));
            };
            sum.0 += people;
            sum.1 += if near { people } else { 0 };
            sum.2 += people * again.score.get(demand).copied().unwrap_or(0);
        }
    }
    sums.iter()
        .zip(&claim.groups)
        .enumerate()
        .find_map(|(k, (sum, claimed))| {
            let mean = sum.2.checked_div(sum.0).unwrap_or(0);
            differs(&format!("people {k}"), sum.0, claimed.0)
                .or_else(|| differs(&format!("covered {k}"), sum.1, claimed.1))
                .or_else(|| differs(&format!("mean_score {k}"), mean, claimed.2))
        })
}
