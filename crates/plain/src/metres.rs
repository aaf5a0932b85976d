//! How far points are apart, as instances with coordinates measure it.

use minsheng_siting::{Instance, Metric, State};

use crate::site::place::Measured;
use crate::site::{Ground, Round};

/// Points of demands and of sites.
#[derive(Debug)]
pub struct Metres(Instance);

/// The largest coordinate of a plane, in metres.
const PLANE_MAX: i64 = 1_000_000_000;

impl Metres {
    /// Places points of a plane, in whole metres; `None` where a coordinate is too
    /// large.
    #[must_use]
    pub fn planar(demands: &[(i64, i64)], sites: &[(i64, i64)]) -> Option<Self> {
        let small = |p: &(i64, i64)| p.0.abs() <= PLANE_MAX && p.1.abs() <= PLANE_MAX;
        let all = demands.iter().chain(sites).all(small);
        let millimetres = |list: &[(i64, i64)]| -> Vec<(i64, i64)> {
            list.iter().map(|p| (p.0 * 1000, p.1 * 1000)).collect()
        };
        all.then(|| Self::of(Ground::Planar, &millimetres(demands), &millimetres(sites)))
    }

    /// Places points of the globe, longitude and latitude in billionths of a degree;
    /// `None` where one is none.
    #[must_use]
    pub fn globe(demands: &[(i64, i64)], sites: &[(i64, i64)]) -> Option<Self> {
        let real = |p: &(i64, i64)| p.0.abs() <= 360_000_000_000 && p.1.abs() <= 90_000_000_000;
        let all = demands.iter().chain(sites).all(real);
        all.then(|| Self::of(Ground::GreatCircle, demands, sites))
    }

    fn of(ground: Ground, demands: &[(i64, i64)], sites: &[(i64, i64)]) -> Self {
        let how = Measured {
            ground,
            per_metre: 1,
            rounding: Round::Floor,
        };
        let m = sites.len();
        Self(Instance {
            amount: vec![1; demands.len()],
            penalty: None,
            metric: Metric::Points(how.points(demands, sites)),
            reach: None,
            fixed: vec![0; m],
            state: vec![State::Candidate; m],
            count: (0, u32::MAX),
            budget: None,
            groups: None,
            apart: Vec::new(),
            capacity: None,
            floors: None,
        })
    }

    /// Returns the whole metres between a demand and a site, rounded down.
    #[must_use]
    pub fn between(&self, demand: usize, site: usize) -> Option<i64> {
        self.0.cost(demand, site)
    }
}

#[cfg(test)]
mod tests {
    use super::Metres;

    #[test]
    fn measures_planes_and_the_globe() {
        let plane = Metres::planar(&[(0, 0)], &[(3, 4), (1, 1)]).unwrap();
        assert_eq!(plane.between(0, 0), Some(5));
        assert_eq!(plane.between(0, 1), Some(1));
        assert!(Metres::planar(&[(i64::MAX, 0)], &[]).is_none());
        let globe = Metres::globe(&[(0, 0)], &[(90_000_000_000, 0)]).unwrap();
        // A quarter of the way round.
        assert_eq!(globe.between(0, 0), Some(10_007_557));
        assert!(Metres::globe(&[(0, 91_000_000_000)], &[]).is_none());
    }
}
