//! How well demand reaches supply: floating catchments.
//!
//! Two-step floating catchment (Luo and Wang 2003), with distance zones (Luo and Qi
//! 2009) or Gaussian zones, and the balanced kind (Paez, Higgins and Vivona 2019), in
//! whole numbers: supply is cut into shares that add up exactly, so that people times
//! access is the supply served, without rounding.
//!
//! Nothing is kept for the pairs: each pass looks them up again.
#![expect(
    clippy::indexing_slicing,
    reason = "demands and suppliers are checked at the beginning"
)]

use crate::error::SitingError;
use crate::instance::Points;
use crate::points::PointTree;

/// Weights of distance are in thousandths.
pub const WEIGHT: i64 = 1000;

/// Which kind of catchment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Supply is shared among the people within reach, by weight.
    TwoStep,
    /// As before, and people share themselves among the suppliers within reach, so
    /// that nobody is counted twice.
    Balanced,
}

/// How far supply is from people.
#[derive(Debug, Clone, Copy)]
pub enum Ways<'a> {
    /// Demand is people, sites are suppliers.
    Points(&'a Points),
    /// For each demand (supplier, distance), a supplier at most once; who is not named
    /// cannot be reached.
    Pairs(&'a [Vec<(u32, i64)>]),
}

/// Where supply and people are and how far counts.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    /// How far it is.
    pub ways: Ways<'a>,
    /// People at each demand point.
    pub people: &'a [i64],
    /// What each supplier has.
    pub supply: &'a [i64],
    /// Zones: up to this distance this weight in thousandths; distances ascend.
    pub zones: &'a [(i64, i64)],
    /// Which kind.
    pub kind: Kind,
}

/// Scores of access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// For each supplier the people in its catchment times their weights: the
    /// denominator of its share. In the balanced kind, times [`UNIT`].
    pub load: Vec<i128>,
    /// For each demand its access: supply a person, times [`UNIT`], rounded down.
    pub score: Vec<i128>,
    /// How many suppliers reach each demand.
    pub suppliers: Vec<u32>,
    /// The supply of those that reach anybody.
    pub served: i128,
    /// What rounding down leaves over: `served * UNIT - sum(people * score)`; less than
    /// people times suppliers in reach.
    pub left_over: i128,
}

/// Scores are in billionths.
pub const UNIT: i128 = 1_000_000_000;

/// Returns the scores.
///
/// # Errors
/// Arrays that do not fit together, zones that do not ascend, negative numbers.
pub fn access(field: &Field<'_>) -> Result<Access, SitingError> {
    let zones = Zones::new(field)?;
    let (n, m) = (field.people.len(), field.supply.len());
    let members = (0..u32::try_from(m).unwrap_or(0)).collect();
    let tree = match field.ways {
        Ways::Points(points) => Some(PointTree::new(&points.site, members)),
        Ways::Pairs(_) => None,
    };
    let balanced = field.kind == Kind::Balanced;
    let mut load = vec![0i128; m];
    let mut row: Vec<Reached> = Vec::new();
    for demand in 0..n {
        zones.row(tree.as_ref(), field, demand, &mut row);
        let people = i128::from(field.people[demand]);
        let all: i128 = row.iter().map(|r| i128::from(r.weight)).sum();
        for reached in &row {
            let own = i128::from(reached.weight);
            load[reached.site as usize] += if balanced {
                people * (UNIT * own / all.max(1))
            } else {
                people * own
            };
        }
    }
    let mut access = Access {
        score: vec![0; n],
        suppliers: vec![0; n],
        served: 0,
        left_over: 0,
        load,
    };
    let parts = if balanced {
        Vec::new()
    } else {
        zones.parts(field.supply, &access.load)
    };
    for demand in 0..n {
        zones.row(tree.as_ref(), field, demand, &mut row);
        access.suppliers[demand] = u32::try_from(row.len()).unwrap_or(u32::MAX);
        let all: i128 = row.iter().map(|r| i128::from(r.weight)).sum();
        let mut score = 0i128;
        for reached in &row {
            let site = reached.site as usize;
            if let Some(part) = parts.get(site * zones.zones.len() + reached.zone) {
                score += part;
                continue;
            }
            if access.load[site] == 0 {
                continue;
            }
            let supply = i128::from(field.supply[site]) * UNIT;
            let own = i128::from(reached.weight);
            score += if balanced {
                // The same rounded share as in the load, so that shares add up.
                supply * (UNIT * own / all.max(1)) / access.load[site]
            } else {
                supply * own / access.load[site]
            };
        }
        access.score[demand] = score;
    }
    let reached = access
        .load
        .iter()
        .zip(field.supply)
        .filter(|(l, _)| **l > 0);
    access.served = reached.map(|(_, s)| i128::from(*s)).sum();
    let given: i128 = access
        .score
        .iter()
        .zip(field.people)
        .map(|(s, p)| s * i128::from(*p))
        .sum();
    access.left_over = access.served * UNIT - given;
    Ok(access)
}

/// Returns the zones of a Gaussian that falls to nothing at `reach`, in `rings` rings
/// of equal width, by (e^(-x²/2) - e^(-1/2)) / (1 - e^(-1/2)) at the outer edge of the
/// ring before; weights in thousandths, to the nearest.
#[must_use]
pub fn gaussian(reach: i64, rings: i64) -> Vec<(i64, i64)> {
    let rings = rings.clamp(1, 1000);
    // e^(-1/2) and one, with 40 binary places.
    let one = 1i128 << 40;
    let fall = |numerator: i128, denominator: i128| {
        // e^(-y) for y = numerator / denominator <= 1/2, by its series.
        let y = one * numerator / denominator;
        let (mut term, mut sum, mut n) = (one, one, 1);
        while term != 0 {
            term = -(term * y) / one / n;
            sum += term;
            n += 1;
        }
        sum
    };
    let last = fall(1, 2);
    (1..=rings)
        .map(|ring| {
            let (x, all) = (i128::from(ring - 1), i128::from(rings));
            let share = (fall(x * x, 2 * all * all) - last) * 1000;
            let weight = (share + (one - last) / 2) / (one - last);
            let edge = i128::from(reach) * i128::from(ring) / all;
            (
                i64::try_from(edge).unwrap_or(i64::MAX),
                i64::try_from(weight).unwrap_or(0),
            )
        })
        .collect()
}

/// A supplier in reach of a demand: the zone it lies in and that zone's weight.
struct Reached {
    site: u32,
    zone: usize,
    weight: i64,
}

/// The most parts of scores that are kept.
const PARTS: usize = 1_000_000;

/// The zones as the largest squared distances within them, and their weights.
struct Zones {
    zones: Vec<(u128, i64)>,
    limit: u128,
}

impl Zones {
    fn new(field: &Field<'_>) -> Result<Self, SitingError> {
        let fits = match field.ways {
            Ways::Points(points) => {
                points.demand.len() == field.people.len() && points.site.len() == field.supply.len()
            }
            Ways::Pairs(lists) => {
                let known =
                    |(site, cost): &(u32, i64)| (*site as usize) < field.supply.len() && *cost >= 0;
                lists.len() == field.people.len() && lists.iter().flatten().all(known)
            }
        };
        if !fits {
            return Err(SitingError::Shape("one point per demand and supplier"));
        }
        let ascending = field.zones.windows(2).all(|w| w[0].0 < w[1].0);
        if field.zones.is_empty() || !ascending {
            return Err(SitingError::Shape("zones of ascending distance"));
        }
        for (what, values) in [("people", field.people), ("supply", field.supply)] {
            if let Some(index) = values.iter().position(|v| *v < 0) {
                return Err(SitingError::Negative { what, index });
            }
            let sum: i128 = values.iter().map(|v| i128::from(*v)).sum();
            if sum > i128::from(i64::MAX) {
                return Err(SitingError::Overflow(what));
            }
        }
        if let Some(index) = field
            .zones
            .iter()
            .position(|z| z.0 < 0 || !(0..=WEIGHT).contains(&z.1))
        {
            return Err(SitingError::Negative {
                what: "zone",
                index,
            });
        }
        let Ways::Points(Points { measure, .. }) = field.ways else {
            let plain = field.zones.iter();
            return Ok(Self {
                zones: plain
                    .map(|(d, w)| (u128::from(d.unsigned_abs()), *w))
                    .collect(),
                limit: 0,
            });
        };
        let zones: Vec<(u128, i64)> = field
            .zones
            .iter()
            .map(|(distance, weight)| {
                // Distances grow with their squares: halve to where the zone ends.
                let (mut low, mut high) = (0, measure.squared_limit(*distance) + 1);
                while high - low > 1 {
                    let middle = low + (high - low) / 2;
                    if measure.of(middle) <= *distance {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                (low, *weight)
            })
            .collect();
        let limit = zones.last().map_or(0, |z| z.0);
        Ok(Self { zones, limit })
    }

    /// Returns what each supplier adds to a score in each zone; nothing when that is too
    /// much to keep.
    fn parts(&self, supply: &[i64], load: &[i128]) -> Vec<i128> {
        if supply.len().saturating_mul(self.zones.len()) > PARTS {
            return Vec::new();
        }
        let mut parts = Vec::with_capacity(supply.len() * self.zones.len());
        for (supply, load) in supply.iter().zip(load) {
            for (_, weight) in &self.zones {
                let all = i128::from(*supply) * UNIT * i128::from(*weight);
                parts.push(all.checked_div(*load).unwrap_or(0));
            }
        }
        parts
    }

    /// Writes the suppliers in reach of a demand with their weights.
    fn row(
        &self,
        tree: Option<&PointTree<'_>>,
        field: &Field<'_>,
        demand: usize,
        row: &mut Vec<Reached>,
    ) {
        row.clear();
        let mut offer = |squared: u128, site: u32| {
            let mut zones = self.zones.iter().enumerate();
            if let Some((zone, (_, weight))) = zones.find(|(_, z)| squared <= z.0)
                && *weight > 0
            {
                row.push(Reached {
                    site,
                    zone,
                    weight: *weight,
                });
            }
        };
        match (field.ways, tree) {
            (Ways::Points(points), Some(tree)) => {
                tree.within(&points.demand[demand], self.limit, &mut offer);
            }
            (Ways::Pairs(lists), _) => {
                for (site, distance) in &lists[demand] {
                    offer(u128::from(distance.unsigned_abs()), *site);
                }
            }
            (Ways::Points(_), None) => {}
        }
    }
}
