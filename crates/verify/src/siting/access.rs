//! Scores of access, computed again pair by pair.

use minsheng_model::Text;

use super::case::{CaseMetric, Distances};
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
}

const UNIT: i128 = 1_000_000_000;

/// Checks scores against their definition, over every pair, and that people times
/// access is the supply served.
#[must_use]
pub fn check_access(case: &AccessCase, claim: &AccessClaim) -> Report {
    let mut checks = Checks::default();
    let pairs = case.people.len().saturating_mul(case.supply.len());
    let (load, score, reached) = again(case);
    checks.add(
        "load",
        "每个供给点服务圈内的加权人数",
        "each supplier's weighted people",
        claim.load.len(),
        first("load", &load, &claim.load),
    );
    checks.add(
        "score",
        "每个需求点的可达性",
        "each demand's access",
        pairs,
        first("score", &score, &claim.score),
    );
    checks.add(
        "identity",
        "人口乘可达性之和等于所服务的供给",
        "people times access is the supply served",
        case.people.len(),
        identity(case, claim, reached),
    );
    checks.add(
        "groups",
        "各组人数、覆盖人数与平均可达性",
        "each group's people, those covered, and mean access",
        claim.groups.len(),
        groups(case, &score, claim),
    );
    checks.report(
        Text::new("可达性按定义计算", "access is what its definition says"),
        Text::new("实例本身是否属实", "that the instance describes the world"),
    )
}

fn weight(case: &AccessCase, distance: i64) -> i128 {
    let zone = case.zones.iter().find(|(limit, _)| distance <= *limit);
    zone.map_or(0, |(_, w)| i128::from(*w))
}

/// For each demand the weight of every supplier; computed twice rather than kept.
fn row(case: &AccessCase, distances: &Distances, demand: usize) -> Vec<(usize, i128)> {
    (0..case.supply.len())
        .filter_map(|site| Some((site, weight(case, distances.cost(demand, site)?))))
        .filter(|(_, w)| *w > 0)
        .collect()
}

fn again(case: &AccessCase) -> (Vec<i128>, Vec<i128>, i128) {
    let distances = Distances::new(&case.metric);
    // A demand's share in a supplier: its weight, or its part of all its weights.
    let shares = |demand: usize| {
        let mut own = row(case, &distances, demand);
        if case.balanced {
            let all: i128 = own.iter().map(|(_, w)| *w).sum();
            for (_, w) in &mut own {
                *w = UNIT * *w / all.max(1);
            }
        }
        own
    };
    let mut load = vec![0i128; case.supply.len()];
    for (demand, people) in case.people.iter().enumerate() {
        for (site, share) in shares(demand) {
            if let Some(sum) = load.get_mut(site) {
                *sum += i128::from(*people) * share;
            }
        }
    }
    let score = (0..case.people.len())
        .map(|demand| {
            let parts = shares(demand).into_iter().map(|(site, share)| {
                let all = load.get(site).copied().unwrap_or(0);
                let supply = case.supply.get(site).map_or(0, |s| i128::from(*s));
                (UNIT * supply * share).checked_div(all).unwrap_or(0)
            });
            parts.sum()
        })
        .collect();
    let reached = load.iter().zip(&case.supply).filter(|(l, _)| **l > 0);
    let reached = reached.map(|(_, s)| i128::from(*s)).sum();
    (load, score, reached)
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
    differs("served", reached, claim.served)
        .or_else(|| differs("left_over", claim.served * UNIT - given, claim.left_over))
}

fn groups(case: &AccessCase, score: &[i128], claim: &AccessClaim) -> Found {
    let distances = Distances::new(&case.metric);
    let mut sums = vec![(0i128, 0i128, 0i128); claim.groups.len()];
    for (demand, own) in case.groups.iter().enumerate() {
        let people = case.people.get(demand).map_or(0, |p| i128::from(*p));
        let near = !row(case, &distances, demand).is_empty();
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
            sum.2 += people * score.get(demand).copied().unwrap_or(0);
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
