//! Who goes where under capacities: the two mechanisms put together.

use minsheng_assignment::{Costs, FORBIDDEN, Problem, Transport, transport};
use minsheng_siting::{Assigned, Assigner, Instance};

/// Assigns by least-cost flow.
pub(super) struct Flows;

/// An instance with only some sites, and one more provider for what is left out.
struct Opened<'a> {
    instance: &'a Instance,
    open: &'a [u32],
}

impl Costs for Opened<'_> {
    fn row(&self, demand: usize, row: &mut [i64]) {
        for (provider, slot) in row.iter_mut().enumerate() {
            *slot = self.at(demand, provider);
        }
    }

    fn at(&self, demand: usize, provider: usize) -> i64 {
        match self.open.get(provider) {
            Some(site) => self
                .instance
                .cost(demand, *site as usize)
                .unwrap_or(FORBIDDEN),
            None => self
                .instance
                .penalty
                .as_ref()
                .and_then(|p| p.get(demand).copied())
                .unwrap_or(FORBIDDEN),
        }
    }
}

impl Assigner for Flows {
    fn assign(&self, instance: &Instance, open: &[u32]) -> Option<Assigned> {
        let all: i64 = instance
            .amount
            .iter()
            .try_fold(0i64, |s, a| s.checked_add(*a))?;
        let of = |list: &[i64], site: &u32| list.get(*site as usize).copied();
        let mut capacity: Vec<i64> = match &instance.capacity {
            Some(room) => open
                .iter()
                .filter_map(|s| of(room, s))
                .map(|c| c.min(all))
                .collect(),
            None => vec![all; open.len()],
        };
        if instance.penalty.is_some() {
            capacity.push(all);
        }
        let costs = Opened { instance, open };
        let problem = Problem {
            amount: &instance.amount,
            capacity: &capacity,
            costs: &costs,
        };
        let Ok(Transport::Optimal(plan)) = transport(&problem) else {
            return None;
        };
        let opening: i128 = open
            .iter()
            .filter_map(|s| of(&instance.fixed, s))
            .map(i128::from)
            .sum();
        let mut price = Vec::with_capacity(instance.demands());
        for demand in 0..instance.demands() {
            let paid = plan.price.iter().enumerate().filter_map(|(provider, p)| {
                let cost = costs.at(demand, provider);
                (cost != FORBIDDEN).then(|| i128::from(cost) + p)
            });
            price.push(i64::try_from(paid.min().unwrap_or(0)).ok()?);
        }
        // A demand of no units has to be served all the same.
        let mut empty = Vec::new();
        for (demand, _) in (0u32..).zip(&instance.amount).filter(|(_, a)| **a == 0) {
            let near = (0..open.len())
                .map(|provider| costs.at(demand as usize, provider))
                .zip(open)
                .filter(|(cost, _)| *cost != FORBIDDEN)
                .min();
            match near {
                Some((_, site)) => empty.push((demand, *site, 0)),
                None if instance.penalty.is_some() => {}
                None => return None,
            }
        }
        let kept = plan.flow.iter().filter_map(|(demand, provider, units)| {
            Some((*demand, *open.get(*provider as usize)?, *units))
        });
        let kept = kept.filter(|(demand, _, _)| instance.amount.get(*demand as usize) != Some(&0));
        let mut flow: Vec<(u32, u32, i64)> = kept.chain(empty).collect();
        flow.sort_unstable();
        Some(Assigned {
            cost: i64::try_from(plan.cost + opening).ok()?,
            flow,
            price,
        })
    }
}
