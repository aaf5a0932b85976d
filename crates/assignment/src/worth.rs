//! What one seat more or less is worth, from the plan alone.
#![expect(
    clippy::indexing_slicing,
    reason = "providers and demands come from the plan"
)]

use crate::basis::Basis;
use crate::number::Number;
use crate::transport::{Costs, FORBIDDEN};

impl<P: Number, C: Costs> Basis<'_, P, C> {
    /// Returns for each provider what one more seat would save: the best chain of
    /// moves that ends there. These are the lowest prices that prove the plan.
    pub fn gains(&self, flow: &[(u32, u32, i64)]) -> Vec<P> {
        let mut gain = vec![P::ZERO; self.problem.capacity.len()];
        let mut row = vec![0; gain.len()];
        loop {
            let mut changed = false;
            for (demand, home, _) in flow {
                self.problem.costs.row(*demand as usize, &mut row);
                let home = *home as usize;
                let base = gain[home] + P::from(row[home]);
                for (own, cost) in gain.iter_mut().zip(&row) {
                    if *cost == FORBIDDEN {
                        continue;
                    }
                    // A unit moves there, and its seat here is free in turn.
                    let saved = base - P::from(*cost);
                    if saved > *own {
                        *own = saved;
                        changed = true;
                    }
                }
            }
            if !changed {
                return gain;
            }
        }
    }

    /// Returns for each provider what the plan costs more with one seat less: the
    /// cheapest chain of moves from there to a free seat.
    pub fn losses(&self, flow: &[(u32, u32, i64)]) -> Vec<Option<P>> {
        let mut used = vec![0i64; self.problem.capacity.len()];
        for (_, provider, units) in flow {
            used[*provider as usize] += units;
        }
        let free = used.iter().zip(self.problem.capacity).map(|(u, c)| u < c);
        let mut loss: Vec<Option<P>> = free.map(|f| f.then_some(P::ZERO)).collect();
        let mut row = vec![0; loss.len()];
        loop {
            let mut changed = false;
            for (demand, home, _) in flow {
                self.problem.costs.row(*demand as usize, &mut row);
                let home = *home as usize;
                let base = P::from(row[home]);
                let cheapest = row
                    .iter()
                    .zip(&loss)
                    .filter(|(cost, _)| **cost != FORBIDDEN)
                    .filter_map(|(cost, l)| Some(P::from(*cost) - base + (*l)?))
                    .min();
                if let Some(new) = cheapest.filter(|n| loss[home].is_none_or(|old| *n < old)) {
                    loss[home] = Some(new);
                    changed = true;
                }
            }
            if !changed {
                return loss;
            }
        }
    }
}
