//! Branch and bound, written down so that it can be replayed.
#![expect(
    clippy::indexing_slicing,
    reason = "sites and demands were checked by the instance"
)]

use crate::choose::{Forced, choose};
use crate::instance::State;
use crate::interchange::{Ground, Search};
use crate::lagrange::{Ascent, Multipliers, ceilings};
use crate::near::Near;
use crate::solve::{Assigner, Node, Tree, plan_cost};

/// A search under way.
pub(crate) struct Branch<'a> {
    pub ground: &'a Ground<'a>,
    pub assigner: Option<&'a dyn Assigner>,
    pub scale: i64,
    /// The best plan: its cost and its sites.
    pub best: Option<(i64, Vec<bool>)>,
    /// Nothing better than this is looked for.
    pub enough: i64,
    pub tree: Tree,
    pub work: u64,
    pub limit: u64,
    /// How many more integers the tree may hold.
    pub room: usize,
    /// The least bound of a leaf that was not closed.
    pub open: Option<i64>,
    pub visited: u64,
    /// For each floor how much its group counts when better sets are looked for.
    pub boost: Vec<i64>,
}

/// What the bounds of a closed leaf have to reach.
pub(crate) fn ceil(bound: i64, scale: i64) -> i64 {
    -(-bound).div_euclid(scale)
}

impl Branch<'_> {
    /// The cost that a leaf has to reach to be closed.
    pub fn target(&self) -> i64 {
        let best = self
            .best
            .as_ref()
            .map_or(i64::MAX / self.scale / 4, |b| b.0);
        best.min(self.enough)
    }

    fn closed(&self, bound: i64) -> bool {
        ceil(bound, self.scale) >= self.target()
    }

    /// Takes a set when it is better.
    pub fn offer(&mut self, open: &[bool]) {
        let sites: Vec<u32> = (0u32..)
            .zip(open)
            .filter(|(_, o)| **o)
            .map(|(site, _)| site)
            .collect();
        let cost = match self.assigner {
            Some(assigner) => assigner
                .assign(self.ground.instance, &sites)
                .map(|plan| plan.cost),
            None => plan_cost(self.ground.instance, self.ground.near, open),
        };
        if let Some(cost) = cost
            && self.best.as_ref().is_none_or(|(best, _)| cost < *best)
        {
            self.best = Some((cost, open.to_vec()));
        }
    }

    /// Looks for a better plan near the chosen set.
    pub fn improve(&mut self, value: &[i64], chosen: &[bool]) {
        let Some(start) = self.ground.repair(value, chosen) else {
            return;
        };
        if self.ground.instance.floors.is_some() {
            self.improve_floors(&start);
            return;
        }
        let mut search = Search::new(self.ground, &start);
        search.run(40 * self.ground.near.site.len() as u64 + 100_000);
        self.work += search.work;
        let open = search.open().to_vec();
        self.offer(&open);
        if self.assigner.is_some() {
            self.offer(&start);
        }
    }

    /// Disturbs and settles the best plan for as much work as `limit`.
    pub fn polish(&mut self, limit: u64) {
        let Some((_, open)) = self.best.clone() else {
            return;
        };
        if self.ground.instance.floors.is_some() {
            self.polish_floors(&open, limit);
            return;
        }
        let mut search = Search::new(self.ground, &open);
        search.polish(limit);
        self.work += search.work;
        let open = search.open().to_vec();
        self.offer(&open);
    }

    fn leaf(&mut self, multipliers: Multipliers) {
        let index = self.keep(multipliers);
        self.tree.nodes.push(Node::Prune { multipliers: index });
    }

    fn keep(&mut self, multipliers: Multipliers) -> usize {
        if self.tree.multipliers.last() == Some(&multipliers) {
            return self.tree.multipliers.len() - 1;
        }
        self.room = self.room.saturating_sub(multipliers.demand.len());
        self.tree.multipliers.push(multipliers);
        self.tree.multipliers.len() - 1
    }

    /// Explores what is below the forced states.
    pub fn explore(&mut self, near: &Near, mut forced: Forced, start: Multipliers, depth: u32) {
        self.visited += 1;
        let instance = self.ground.instance;
        let mut ascent = Ascent::new(instance, near, self.scale, start);
        ascent.theta = 0.4;
        let target = self.target();
        let scale = self.scale;
        let goal = target.saturating_mul(scale);
        let bound = ascent.climb(&forced, 70, goal, |b| ceil(b, scale) >= target);
        self.work += ascent.work;
        let Some(bound) = bound else {
            // No set fits: any multipliers say so.
            self.leaf(ascent.best);
            return;
        };
        if self.closed(bound) {
            self.leaf(ascent.best);
            return;
        }
        ascent.now.clone_from(&ascent.best);
        let _ = ascent.price(&forced);
        if self.visited < 40 || self.visited.is_multiple_of(8) {
            self.improve(&ascent.value.clone(), &ascent.chosen.clone());
            if self.closed(bound) {
                self.leaf(ascent.best);
                return;
            }
        }
        if self.work > self.limit || self.room == 0 || depth > 400 {
            self.open = Some(self.open.map_or(bound, |o| o.min(bound)));
            self.leaf(ascent.best);
            return;
        }
        let (open, closed) = self.fixings(&mut ascent, &forced);
        if !open.is_empty() || !closed.is_empty() {
            for site in &open {
                forced.0[*site as usize] = State::Open;
            }
            for site in &closed {
                forced.0[*site as usize] = State::Closed;
            }
            let multipliers = self.keep(ascent.best.clone());
            self.tree.nodes.push(Node::Fix {
                multipliers,
                open,
                closed,
            });
        }
        if self.decided(&forced) {
            self.settle(near, &forced, ascent.best);
            return;
        }
        let site = self.pick(&ascent, &forced);
        self.tree.nodes.push(Node::Branch { site });
        let start = ascent.best.clone();
        drop(ascent);
        let alive = forced.0.iter().filter(|s| **s != State::Closed).count();
        let listed = near.site.len() / instance.demands().max(1);
        let smaller =
            (alive * 4 < listed * 3).then(|| near.only(|s| forced.0[s as usize] != State::Closed));
        let near = smaller.as_ref().unwrap_or(near);
        for state in [State::Open, State::Closed] {
            let mut child = forced.clone();
            child.0[site as usize] = state;
            self.explore(near, child, start.clone(), depth + 1);
        }
    }

    /// Returns the sites that have to be open, and closed, in anything better.
    fn fixings(&mut self, ascent: &mut Ascent<'_>, forced: &Forced) -> (Vec<u32>, Vec<u32>) {
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        let instance = self.ground.instance;
        if instance.sites() > 3000 {
            return (open, closed);
        }
        let constant = ascent.values();
        let value = ascent.value.clone();
        let chosen = ascent.chosen.clone();
        let mut scratch = vec![false; value.len()];
        let mut trial = forced.clone();
        for (site, is_in) in chosen.into_iter().enumerate() {
            if forced.0[site] != State::Candidate {
                continue;
            }
            trial.0[site] = if is_in { State::Closed } else { State::Open };
            let bound = choose(instance, &trial, &value, &mut scratch);
            trial.0[site] = State::Candidate;
            self.work += value.len() as u64;
            if bound.is_none_or(|b| self.closed(b + constant)) {
                let list = if is_in { &mut open } else { &mut closed };
                list.push(u32::try_from(site).unwrap_or(u32::MAX));
            }
        }
        (open, closed)
    }

    /// Returns whether only one set is left.
    fn decided(&self, forced: &Forced) -> bool {
        let instance = self.ground.instance;
        let of = |state| forced.0.iter().filter(|s| **s == state).count();
        of(State::Candidate) == 0 || of(State::Open) >= instance.count.1 as usize
    }

    /// Closes a place where only one set is left, by that set's own prices.
    fn settle(&mut self, near: &Near, forced: &Forced, mut multipliers: Multipliers) {
        let open: Vec<bool> = forced.0.iter().map(|s| *s == State::Open).collect();
        let instance = self.ground.instance;
        let allowed = instance.budget.as_ref().is_none_or(|budget| {
            let spent = budget.price.iter().zip(&open).filter(|(_, o)| **o);
            spent.map(|(p, _)| *p).sum::<i64>() <= budget.limit
        });
        let apart = instance
            .apart
            .iter()
            .all(|(a, b)| !open[*a as usize] || !open[*b as usize]);
        if allowed && apart {
            self.offer(&open);
        }
        if allowed {
            multipliers.budget = 0;
        }
        let sites: Vec<u32> = (0u32..)
            .zip(&open)
            .filter(|(_, o)| **o)
            .map(|(site, _)| site)
            .collect();
        match self.assigner {
            Some(assigner) => {
                if let Some(price) = self.prices(assigner, &sites) {
                    for (own, price) in multipliers.demand.iter_mut().zip(&price) {
                        *own = price.saturating_mul(self.scale);
                    }
                }
            }
            None => {
                multipliers.floor = crate::floors::settled(instance, near, &open, self.scale);
                let ceilings = ceilings(instance, near, self.scale, &multipliers.floor);
                for (demand, own) in multipliers.demand.iter_mut().enumerate() {
                    let home = near.of(demand).find(|(site, _)| open[*site as usize]);
                    let most = ceilings.of(demand);
                    *own = home.map_or(most, |(_, c)| c.saturating_mul(self.scale).min(most));
                }
                self.cut_off(near, &open, &mut multipliers);
            }
        }
        let mut ascent = Ascent::new(instance, near, self.scale, multipliers);
        if let Some(bound) = ascent.price(forced)
            && !self.closed(bound)
        {
            self.open = Some(self.open.map_or(bound, |o| o.min(bound)));
        }
        self.leaf(ascent.now);
    }

    /// Where somebody who has to be served reaches none of the open sites, raises that
    /// multiplier until it closes the place alone.
    fn cut_off(&self, near: &Near, open: &[bool], multipliers: &mut Multipliers) {
        let instance = self.ground.instance;
        let alone = |demand: &usize| {
            instance.amount[*demand] > 0
                && !near.cut[*demand]
                && !near.of(*demand).any(|(site, _)| open[site as usize])
        };
        let lost = (0..instance.demands()).find(alone);
        if let (None, Some(demand)) = (&instance.penalty, lost) {
            let share = self.target() / instance.amount[demand] + 1;
            let own = &mut multipliers.demand[demand];
            *own = own.saturating_add(share.saturating_mul(self.scale));
        }
    }

    /// Returns what each demand pays with these sites open; where they have too little
    /// room, what it pays when a unit left out costs as much as the best plan.
    fn prices(&self, assigner: &dyn Assigner, sites: &[u32]) -> Option<Vec<i64>> {
        let instance = self.ground.instance;
        if let Some(plan) = assigner.assign(instance, sites) {
            return Some(plan.price);
        }
        let all: i128 = instance.amount.iter().map(|a| i128::from(*a)).sum();
        let penalty = self.target().max(1);
        if all * i128::from(penalty) * i128::from(self.scale) >= 1 << 60 {
            return None;
        }
        let mut elastic = instance.clone();
        elastic.penalty = Some(vec![penalty; instance.demands()]);
        Some(assigner.assign(&elastic, sites)?.price)
    }

    /// Returns the free site that the ascent was least sure of.
    fn pick(&self, ascent: &Ascent<'_>, forced: &Forced) -> u32 {
        let most = ascent.often.iter().max().copied().unwrap_or(0);
        let sure = |site: usize| ascent.often[site].abs_diff(most / 2);
        (0u32..)
            .zip(&forced.0)
            .filter(|(_, s)| **s == State::Candidate)
            .map(|(site, _)| site)
            .min_by_key(|site| (sure(*site as usize), *site))
            .unwrap_or(0)
    }
}
