use crate::core::{Core, Stand, floor_to};
use crate::outcome::{Outcome, Proof};
use crate::problem::Problem;

impl Outcome {
    /// Returns for every item how much more it would have to be worth, at least,
    /// before any best choice can hold it: what the first prices of the proof leave
    /// it short of. 0 where they say nothing.
    #[must_use]
    pub fn short_by(&self, problem: &Problem) -> Vec<i128> {
        let none = vec![0; problem.values.len()];
        let Proof::Tree { scale, nodes } = &self.proof else {
            return none;
        };
        let (Some(objective), Some(first)) = (self.objective, nodes.first()) else {
            return none;
        };
        let core = Core::new(problem, &problem.fixed);
        let stand = vec![Stand::Free; core.len()];
        let Some(priced) = core.price(&first.prices, *scale, &core.ends, &stand) else {
            return none;
        };
        let step = problem.step();
        let mut short = none;
        for (item, net) in core.items.iter().zip(&priced.reduced) {
            let with = floor_to(priced.total + (*net).min(0), *scale, step);
            if let Some(own) = short.get_mut(*item as usize) {
                *own = (objective - with).max(0);
            }
        }
        short
    }
}
