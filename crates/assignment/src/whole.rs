//! Whole-unit plans: every demand at one provider.
#![expect(
    clippy::indexing_slicing,
    reason = "providers and demands come from the plan"
)]

use crate::error::AssignmentError;
use crate::transport::{Costs, FORBIDDEN, Plan, Problem};

/// A plan without split demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// For each demand its provider; nothing only for one of no units that can go
    /// nowhere.
    pub provider: Vec<Option<u32>>,
    /// What it costs.
    pub cost: i128,
}

/// Returns a plan that keeps every demand whole, made from a cheapest split plan; or
/// nothing when none was found, which does not prove that there is none.
///
/// At most one demand fewer than there are providers is split in the plan; these are
/// placed whole, the largest first, then single moves and exchanges of two lower the
/// cost until none does. The split plan's prices bound what is possible.
///
/// # Errors
/// None at present; sums are in 128 bits.
pub fn whole_units<C: Costs>(
    problem: &Problem<'_, C>,
    plan: &Plan,
) -> Result<Option<Whole>, AssignmentError> {
    let mut search = Search::new(problem, plan);
    if !search.place() {
        return Ok(None);
    }
    while search.shift() || search.exchange() {}
    Ok(Some(search.finish()))
}

const NONE: u32 = u32::MAX;
/// How many better providers an exchange is tried with.
const LIKED: usize = 8;

/// What it costs, the provider, and who moves where to make room.
type Choice = (i128, usize, Option<(u32, usize)>);

struct Search<'a, C> {
    problem: &'a Problem<'a, C>,
    provider: Vec<u32>,
    left: Vec<i64>,
    homeless: Vec<u32>,
    row: Vec<i64>,
}

impl<'a, C: Costs> Search<'a, C> {
    fn new(problem: &'a Problem<'a, C>, plan: &Plan) -> Self {
        let mut search = Self {
            problem,
            provider: vec![NONE; problem.amount.len()],
            left: problem.capacity.to_vec(),
            homeless: Vec::new(),
            row: vec![0; problem.capacity.len()],
        };
        for (demand, provider, units) in &plan.flow {
            if *units == problem.amount[*demand as usize] {
                search.provider[*demand as usize] = *provider;
                search.left[*provider as usize] -= units;
            }
        }
        search.homeless = (0u32..)
            .zip(&search.provider)
            .filter(|(_, p)| **p == NONE)
            .map(|(demand, _)| demand)
            .collect();
        let amount = problem.amount;
        search.homeless.sort_by_key(|d| (-amount[*d as usize], *d));
        search
    }

    fn total(&self, demand: usize, cost: i64) -> i128 {
        i128::from(cost) * i128::from(self.problem.amount[demand])
    }

    /// Places the homeless where it costs least; makes room by moving one other.
    fn place(&mut self) -> bool {
        for demand in self.homeless.clone() {
            let d = demand as usize;
            let units = self.problem.amount[d];
            self.problem.costs.row(d, &mut self.row);
            let row = self.row.clone();
            let open = row.iter().enumerate().filter(|(_, c)| **c != FORBIDDEN);
            let mut best: Option<Choice> = None;
            for (provider, cost) in open {
                let cost = self.total(d, *cost);
                if self.left[provider] >= units {
                    if best.is_none_or(|(least, ..)| cost < least) {
                        best = Some((cost, provider, None));
                    }
                } else if let Some((more, other, to)) = self.make_room(provider, units)
                    && best.is_none_or(|(least, ..)| cost + more < least)
                {
                    best = Some((cost + more, provider, Some((other, to))));
                }
            }
            let Some((_, provider, moved)) = best else {
                if units == 0 {
                    continue;
                }
                return false;
            };
            if let Some((other, to)) = moved {
                self.go(other as usize, to);
            }
            self.provider[d] = u32::try_from(provider).unwrap_or(NONE);
            self.left[provider] -= units;
        }
        true
    }

    /// Returns the cheapest move of one demand away that makes enough room.
    fn make_room(&mut self, provider: usize, units: i64) -> Option<(i128, u32, usize)> {
        let mut best: Option<(i128, u32, usize)> = None;
        let mut row = vec![0; self.left.len()];
        for other in 0..self.provider.len() {
            let own = self.problem.amount[other];
            if self.provider[other] as usize != provider || self.left[provider] + own < units {
                continue;
            }
            self.problem.costs.row(other, &mut row);
            for (to, cost) in row.iter().enumerate() {
                if to == provider || *cost == FORBIDDEN || self.left[to] < own {
                    continue;
                }
                let more = self.total(other, *cost) - self.total(other, row[provider]);
                if best.is_none_or(|(least, ..)| more < least) {
                    best = Some((more, u32::try_from(other).unwrap_or(NONE), to));
                }
            }
        }
        best
    }

    fn go(&mut self, demand: usize, to: usize) {
        let units = self.problem.amount[demand];
        self.left[self.provider[demand] as usize] += units;
        self.left[to] -= units;
        self.provider[demand] = u32::try_from(to).unwrap_or(NONE);
    }

    /// Moves single demands to cheaper providers with room.
    fn shift(&mut self) -> bool {
        let mut moved = false;
        for demand in 0..self.provider.len() {
            let home = self.provider[demand] as usize;
            if home >= self.left.len() {
                continue;
            }
            let units = self.problem.amount[demand];
            self.problem.costs.row(demand, &mut self.row);
            let (mut least, mut best) = (self.row[home], None);
            for (to, cost) in self.row.iter().enumerate() {
                if *cost < least && self.left[to] >= units {
                    (least, best) = (*cost, Some(to));
                }
            }
            if let Some(to) = best.filter(|_| units > 0) {
                self.go(demand, to);
                moved = true;
            }
        }
        moved
    }

    /// Exchanges two demands where both together get cheaper: each demand with those
    /// at the few providers that it would like better.
    fn exchange(&mut self) -> bool {
        let mut here: Vec<Vec<u32>> = vec![Vec::new(); self.left.len()];
        for (demand, provider) in (0u32..).zip(&self.provider) {
            if let Some(list) = here.get_mut(*provider as usize) {
                list.push(demand);
            }
        }
        let mut moved = false;
        for a in 0..self.provider.len() {
            let from = self.provider[a] as usize;
            if from >= self.left.len() {
                continue;
            }
            self.problem.costs.row(a, &mut self.row);
            let mut liked: Vec<(i64, usize)> = (0..self.row.len())
                .map(|j| (self.row[j], j))
                .filter(|(cost, _)| *cost < self.row[from])
                .collect();
            liked.sort_unstable();
            liked.truncate(LIKED);
            let best = self.partner(a, from, &liked, &here);
            if let Some((_, b)) = best {
                let to = self.provider[b] as usize;
                self.go(a, to);
                self.go(b, from);
                moved = true;
            }
        }
        moved
    }

    fn partner(
        &self,
        a: usize,
        from: usize,
        liked: &[(i64, usize)],
        here: &[Vec<u32>],
    ) -> Option<(i128, usize)> {
        let own = self.problem.amount[a];
        let mut best: Option<(i128, usize)> = None;
        for (there, to) in liked {
            let saved = self.total(a, self.row[from]) - self.total(a, *there);
            for b in here[*to].iter().map(|b| *b as usize) {
                let other = self.problem.amount[b];
                let fits = self.left[*to] + other >= own && self.left[from] + own >= other;
                if self.provider[b] as usize != *to || !fits {
                    continue;
                }
                let back = self.problem.costs.at(b, from);
                if back == FORBIDDEN {
                    continue;
                }
                let change =
                    self.total(b, back) - self.total(b, self.problem.costs.at(b, *to)) - saved;
                if change < best.map_or(0, |(least, _)| least) {
                    best = Some((change, b));
                }
            }
        }
        best
    }

    fn finish(self) -> Whole {
        let mut cost = 0;
        for (demand, provider) in self.provider.iter().enumerate() {
            if *provider != NONE {
                cost += self.total(demand, self.problem.costs.at(demand, *provider as usize));
            }
        }
        let named = |p: &u32| (*p != NONE).then_some(*p);
        Whole {
            provider: self.provider.iter().map(named).collect(),
            cost,
        }
    }
}
