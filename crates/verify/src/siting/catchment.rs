//! Who is in reach of whom, and in which zone.

use std::collections::BTreeMap;

use super::access::AccessCase;
use super::case::{CaseMetric, Distances};

/// The suppliers in square boxes as wide as the last zone, so that a demand has to look
/// at its own box and those beside it.
pub(super) struct Catchments<'a> {
    case: &'a AccessCase,
    distances: Distances,
    side: i64,
    /// Whether squares of distances between neighbouring boxes fit in 64 bits.
    small: bool,
    /// For each zone about the largest square within it, and how near to that a square
    /// has to be for its distance to be looked at.
    ends: Vec<(u128, u128)>,
    boxes: BTreeMap<[i64; 3], Vec<(usize, [i64; 3])>>,
}

impl<'a> Catchments<'a> {
    pub(super) fn new(case: &'a AccessCase) -> Self {
        let distances = Distances::new(&case.metric);
        let reach = case.zones.last().map_or(0, |z| z.0);
        let side = i64::try_from(distances.limit(reach).isqrt()).unwrap_or(i64::MAX / 4);
        let side = side.clamp(1, i64::MAX / 4);
        let mut boxes: BTreeMap<[i64; 3], Vec<(usize, [i64; 3])>> = BTreeMap::new();
        for (site, place) in distances.places().1.iter().enumerate() {
            let own = boxes.entry(place.map(|x| x.div_euclid(side))).or_default();
            own.push((site, *place));
        }
        let ends = case.zones.iter().map(|z| end(&distances, z.0)).collect();
        Self {
            case,
            distances,
            side,
            small: side <= 1 << 29,
            ends,
            boxes,
        }
    }

    /// Calls `meet` with every supplier that a demand has in a zone of some weight, and
    /// that zone.
    pub(super) fn each(&self, demand: usize, meet: &mut impl FnMut(usize, usize)) {
        let (demands, _) = self.distances.places();
        let mut offer = |site: usize, zone: Option<usize>| {
            if let Some(zone) = zone.filter(|z| self.weight(*z) > 0) {
                meet(site, zone);
            }
        };
        if let CaseMetric::Sparse(lists) = &self.case.metric {
            for (site, distance) in lists.get(demand).into_iter().flatten() {
                let zone = self.case.zones.iter().position(|z| *distance <= z.0);
                offer(*site as usize, zone);
            }
            return;
        }
        let Some(from) = demands.get(demand) else {
            return;
        };
        let [x, y, z] = from.map(|v| v.div_euclid(self.side));
        for a in x - 1..=x + 1 {
            for b in y - 1..=y + 1 {
                for c in z - 1..=z + 1 {
                    for (site, to) in self.boxes.get(&[a, b, c]).into_iter().flatten() {
                        offer(*site, self.zone(self.squared(from, to)));
                    }
                }
            }
        }
    }

    /// The weight of a zone.
    pub(super) fn weight(&self, zone: usize) -> i128 {
        self.case.zones.get(zone).map_or(0, |z| i128::from(z.1))
    }

    fn squared(&self, from: &[i64; 3], to: &[i64; 3]) -> u128 {
        let sides = from.iter().zip(to).map(|(a, b)| a.abs_diff(*b));
        if self.small {
            // Neighbouring boxes: below 3 · (2 · 2^29)².
            u128::from(sides.map(|side| side * side).sum::<u64>())
        } else {
            sides
                .map(|side| u128::from(side).saturating_mul(side.into()))
                .fold(0, u128::saturating_add)
        }
    }

    /// The first zone that has a squared distance. Where it is near a zone's end the
    /// distance itself decides.
    fn zone(&self, squared: u128) -> Option<usize> {
        let zones = self.ends.iter().zip(&self.case.zones);
        let mut zones = zones.enumerate();
        let found = zones.find(|(_, ((end, near), (limit, _)))| {
            if squared.abs_diff(*end) > *near {
                squared < *end
            } else {
                self.distances.length(squared) <= *limit
            }
        });
        found.map(|(zone, _)| zone)
    }
}

/// Returns about the largest squared distance of a length up to `limit`, found by
/// halving, and a millionth of it.
fn end(distances: &Distances, limit: i64) -> (u128, u128) {
    let (mut low, mut high) = (0, distances.limit(limit).saturating_add(1));
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if distances.length(middle) <= limit {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low, low / 1_000_000 + 1)
}
