//! Areas as discs of metres, their parts as smaller ones.

use crate::chance::Chance;
use crate::pattern::Filling;
use crate::plan::{Area, Plan};

/// A place in metres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    pub x: i64,
    pub y: i64,
}

impl Point {
    fn square(self, other: Self) -> u64 {
        let (x, y) = (self.x.abs_diff(other.x), self.y.abs_diff(other.y));
        x.saturating_mul(x).saturating_add(y.saturating_mul(y))
    }

    /// Returns whole metres.
    pub fn distance(self, other: Self) -> u64 {
        self.square(other).isqrt()
    }
}

/// Returns a place in the disc, evenly.
pub fn in_disc(chance: Chance, row: u64, centre: Point, radius: i64) -> Point {
    let within = u64::try_from(radius)
        .unwrap_or(0)
        .saturating_mul(u64::try_from(radius).unwrap_or(0));
    for turn in 0..32 {
        let x = chance.between(row, 2 * turn, -radius, radius);
        let y = chance.between(row, 2 * turn + 1, -radius, radius);
        let point = Point {
            x: centre.x + x,
            y: centre.y + y,
        };
        if point.square(centre) <= within {
            return point;
        }
    }
    centre
}

/// A street or the like.
#[derive(Debug, Clone)]
pub struct Part {
    pub name: String,
    pub area: usize,
    pub centre: Point,
    pub radius: i64,
}

/// The whole city: parts in the order of their areas.
#[derive(Debug)]
pub struct Land {
    pub parts: Vec<Part>,
    /// Where each area's parts begin.
    first: Vec<usize>,
}

impl Land {
    pub fn new(plan: &Plan) -> Self {
        let chance = Chance::new(&plan.seed, "parts");
        let mut land = Self {
            parts: Vec::new(),
            first: Vec::new(),
        };
        for (index, area) in plan.areas.iter().enumerate() {
            land.first.push(land.parts.len());
            let side = i64::from(area.parts.isqrt().max(1));
            // The parts' discs stay inside the area's.
            let radius = area.radius / side;
            for number in 1..=u64::from(area.parts) {
                let row = u64::try_from(land.parts.len()).unwrap_or(u64::MAX);
                let middle = Point {
                    x: area.x,
                    y: area.y,
                };
                let filling = Filling {
                    number,
                    within: number,
                    edition: 1,
                    area,
                    part: "",
                };
                land.parts.push(Part {
                    name: plan.part_name.fill(filling),
                    area: index,
                    centre: in_disc(chance, row, middle, area.radius - radius),
                    radius,
                });
            }
        }
        land
    }

    /// Returns for each part the other parts of its area, the nearest first.
    pub fn neighbours(&self) -> Vec<Vec<usize>> {
        let of = |(own, part): (usize, &Part)| {
            let other = |(index, p): (usize, &Part)| {
                let same = p.area == part.area && index != own;
                same.then(|| (p.centre.distance(part.centre), index))
            };
            let mut list: Vec<(u64, usize)> =
                self.parts.iter().enumerate().filter_map(other).collect();
            list.sort_unstable();
            list.into_iter().map(|(_, index)| index).collect()
        };
        self.parts.iter().enumerate().map(of).collect()
    }

    /// Returns the `n`-th part of the area, counted round.
    pub fn part_of(&self, area: usize, declared: &Area, n: u64) -> usize {
        let within = n % u64::from(declared.parts.max(1));
        self.first.get(area).copied().unwrap_or(0) + usize::try_from(within).unwrap_or(0)
    }
}
