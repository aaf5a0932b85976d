//! How groups of demands are served by a plan.

use std::cmp::Ordering;

use super::case::{Pairs, SitingCase};
use super::plan::PlanOfSites;

/// What a plan means for one group of demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupFigures {
    /// Its units.
    pub weight: i128,
    /// Those that are served.
    pub served: i128,
    /// What serving them costs together.
    pub cost: i128,
    /// The largest cost of anybody served.
    pub farthest: i64,
}

impl GroupFigures {
    /// Returns whether a smaller share of this group is served than of the other, or, of
    /// an equal share, its mean cost is larger.
    #[must_use]
    pub fn is_worse_than(&self, other: &Self) -> bool {
        let cross = |a: i128, b: i128, c: i128, d: i128| match (a.checked_mul(b), c.checked_mul(d))
        {
            (Some(x), Some(y)) => x.cmp(&y),
            _ => Ordering::Equal,
        };
        let share = cross(self.served, other.weight, other.served, self.weight);
        let mean = cross(
            self.cost,
            other.served.max(1),
            other.cost,
            self.served.max(1),
        );
        share.then(mean.reverse()) == Ordering::Less
    }
}

/// Computes the figures of each group again from a plan that was checked.
#[must_use]
pub fn group_figures(
    case: &SitingCase,
    plan: &PlanOfSites,
    of: &[Option<usize>],
    groups: usize,
) -> Vec<GroupFigures> {
    let pairs = Pairs::new(case);
    let mut figures = vec![GroupFigures::default(); groups];
    let group = |demand: usize| of.get(demand).copied().flatten();
    for (demand, amount) in case.amount.iter().enumerate() {
        if let Some(own) = group(demand).and_then(|g| figures.get_mut(g)) {
            own.weight += i128::from(*amount);
        }
    }
    for (demand, site, units) in &plan.flow {
        let own = group(*demand).and_then(|g| figures.get_mut(g));
        if let (Some(own), Some(cost)) = (own, pairs.cost(*demand, *site)) {
            own.served += i128::from(*units);
            own.cost = own
                .cost
                .saturating_add(i128::from(cost) * i128::from(*units));
            own.farthest = own.farthest.max(cost);
        }
    }
    figures
}
