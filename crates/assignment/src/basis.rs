//! The transportation simplex on a compressed basis.
//!
//! The full basis is a tree over all demands and providers. Nearly every demand is a
//! leaf of it: served by one provider. Those are kept as a word each; the tree holds
//! the providers, the demands that are split just now, one demand `DUMMY` for the
//! seats nobody takes, and one provider `NOWHERE`, dearer than anything, for what is
//! not served. There is never more than one split demand for each provider.
#![expect(
    clippy::indexing_slicing,
    reason = "node ids are made here; every array has one entry for each"
)]

use crate::error::AssignmentError;
use crate::number::Number;
use crate::transport::{Costs, FORBIDDEN, Problem};
use crate::tree::{NONE, Tree};

/// How many providers a short list holds.
const SHORT: usize = 24;

/// Each demand's short list, one after another.
struct Lists {
    length: usize,
    cells: Vec<(u32, i64)>,
}

impl Lists {
    fn of(&self, demand: usize) -> impl Iterator<Item = &(u32, i64)> {
        let from = demand * self.length;
        let cells = &self.cells[from..from + self.length];
        cells.iter().take_while(|(provider, _)| *provider != NONE)
    }

    fn replace(&mut self, demand: usize, list: &[(u32, i64)]) {
        let from = demand * self.length;
        self.cells[from..from + self.length].copy_from_slice(list);
    }
}

/// A basis: where each demand is, the tree, flows and potentials.
pub(crate) struct Basis<'a, P, C> {
    pub(crate) problem: &'a Problem<'a, C>,
    providers: usize,
    big: P,
    /// For each demand the provider it is wholly at, or its node when it is split.
    home: Vec<u32>,
    /// For each node from `providers + 2` on, the demand that is split there.
    split: Vec<u32>,
    free: Vec<u32>,
    tree: Tree,
    /// For each node the flow between it and its parent.
    flow: Vec<i64>,
    /// Minus the price of each provider; the price paid by each split demand.
    potential: Vec<P>,
}

impl<'a, P: Number, C: Costs> Basis<'a, P, C> {
    /// Returns the start: nobody is served.
    pub fn new(problem: &'a Problem<'a, C>, big: P) -> Result<Self, AssignmentError> {
        let providers = problem.capacity.len();
        let nodes = 2 * providers + 6;
        let (dummy, nowhere) = (providers, providers + 1);
        let id = |n: usize| u32::try_from(n).unwrap_or(NONE);
        let mut basis = Self {
            problem,
            providers,
            big,
            home: vec![id(nowhere); problem.amount.len()],
            split: vec![NONE; nodes],
            free: (id(providers + 2)..id(nodes)).rev().collect(),
            tree: Tree::new(nodes),
            flow: vec![0; nodes],
            potential: vec![P::ZERO; nodes],
        };
        basis.tree.link(id(dummy), id(nowhere));
        for (provider, capacity) in problem.capacity.iter().enumerate() {
            // One without seats stays outside: its arc could not carry anything.
            if *capacity > 0 {
                basis.tree.link(id(provider), id(dummy));
                basis.flow[provider] = *capacity;
            }
        }
        Ok(basis)
    }

    /// Prices every demand against every provider until nothing improves.
    ///
    /// Most steps are found on a short list of each demand's cheapest providers; what
    /// ends the search is a pass over every pair that finds nothing.
    pub fn run(&mut self) -> Result<(), AssignmentError> {
        let dummy = self.providers;
        let mut row = vec![0; self.providers];
        let mut lists = self.short_lists();
        loop {
            while self.pass_lists(&lists)? {}
            let mut improved = false;
            for demand in 0..self.home.len() {
                self.problem.costs.row(demand, &mut row);
                let mut found = false;
                while let Some((provider, cost)) = self.better(demand, &row) {
                    let node = self.node(demand)?;
                    self.pivot(node, provider, cost);
                    found = true;
                }
                if found {
                    improved = true;
                    let list = self.short_list(&row);
                    lists.replace(demand, &list);
                }
            }
            while let Some(provider) = self.freer() {
                self.pivot(id(dummy), provider, P::ZERO);
                improved = true;
            }
            if !improved {
                return Ok(());
            }
        }
    }

    /// Goes once over the short lists; returns whether anything improved.
    fn pass_lists(&mut self, lists: &Lists) -> Result<bool, AssignmentError> {
        let mut improved = false;
        for demand in 0..self.home.len() {
            loop {
                let own = self.own(demand);
                let mut best = None;
                let mut least = own;
                for (provider, cost) in lists.of(demand) {
                    let cost = P::from(*cost);
                    let price = cost - self.potential[*provider as usize];
                    if price < least {
                        (least, best) = (price, Some((*provider, cost)));
                    }
                }
                let Some((provider, cost)) = best else { break };
                let node = self.node(demand)?;
                self.pivot(node, provider, cost);
                improved = true;
            }
        }
        while let Some(provider) = self.freer() {
            self.pivot(id(self.providers), provider, P::ZERO);
            improved = true;
        }
        Ok(improved)
    }

    /// Returns each demand's cheapest providers.
    fn short_lists(&self) -> Lists {
        let mut lists = Lists {
            length: self.providers.min(SHORT),
            cells: Vec::with_capacity(self.home.len() * self.providers.min(SHORT)),
        };
        let mut row = vec![0; self.providers];
        for demand in 0..self.home.len() {
            self.problem.costs.row(demand, &mut row);
            lists.cells.extend(self.short_list(&row));
        }
        lists
    }

    /// Returns the providers that are cheapest at the present prices, as many as a
    /// list holds; what is missing is [`NONE`].
    fn short_list(&self, row: &[i64]) -> Vec<(u32, i64)> {
        let length = self.providers.min(SHORT);
        let mut cells: Vec<(P, u32, i64)> = Vec::with_capacity(row.len());
        for (provider, cost) in row.iter().enumerate() {
            if *cost != FORBIDDEN && !self.is_out(provider) {
                let price = P::from(*cost) - self.potential[provider];
                cells.push((price, id(provider), *cost));
            }
        }
        if cells.len() > length && length > 0 {
            cells.select_nth_unstable(length - 1);
        }
        let mut list: Vec<(u32, i64)> = cells.iter().map(|c| (c.1, c.2)).take(length).collect();
        list.resize(length, (NONE, 0));
        list
    }

    /// Returns what a demand's unit pays now: cost and price where it is.
    fn own(&self, demand: usize) -> P {
        let home = self.home[demand];
        if home as usize > self.providers + 1 {
            -self.potential[home as usize]
        } else {
            self.cost(demand, home) - self.potential[home as usize]
        }
    }

    fn is_out(&self, provider: usize) -> bool {
        provider < self.providers && self.problem.capacity[provider] == 0
    }

    /// Returns the provider that lowers the cost of a demand's unit the most.
    fn better(&self, demand: usize, row: &[i64]) -> Option<(u32, P)> {
        let own = self.own(demand);
        let (mut least, mut best) = (own, None);
        for (provider, (cost, potential)) in row.iter().zip(&self.potential).enumerate() {
            if *cost == FORBIDDEN {
                continue;
            }
            let price = P::from(*cost) - *potential;
            if price < least && !self.is_out(provider) {
                (least, best) = (price, Some((id(provider), P::from(*cost))));
            }
        }
        let nowhere = self.providers + 1;
        if self.big - self.potential[nowhere] < least {
            best = Some((id(nowhere), self.big));
        }
        best
    }

    /// Returns a provider whose free seats would be worth more than they are.
    fn freer(&self) -> Option<u32> {
        let own = self.potential[self.providers];
        let mut best: Option<(P, u32)> = None;
        for provider in (0..self.providers).chain([self.providers + 1]) {
            let potential = self.potential[provider];
            if own < potential
                && !self.is_out(provider)
                && best.is_none_or(|(most, _)| potential > most)
            {
                best = Some((potential, id(provider)));
            }
        }
        best.map(|(_, provider)| provider)
    }

    /// Returns the node of a demand; one that is a leaf enters the tree.
    fn node(&mut self, demand: usize) -> Result<u32, AssignmentError> {
        let home = self.home[demand];
        if home as usize > self.providers + 1 {
            return Ok(home);
        }
        let node = self
            .free
            .pop()
            .ok_or(AssignmentError::Overflow("split demands"))?;
        let x = node as usize;
        self.split[x] = id(demand);
        self.home[demand] = node;
        self.flow[x] = self.problem.amount[demand];
        self.potential[x] = self.potential[home as usize] - self.cost(demand, home);
        self.tree.link(node, home);
        Ok(node)
    }

    fn cost(&self, demand: usize, provider: u32) -> P {
        if provider as usize == self.providers + 1 {
            self.big
        } else {
            P::from(self.problem.costs.at(demand, provider as usize))
        }
    }

    /// Returns whether the node is a demand, so that its arc points to its parent.
    fn is_demand(&self, node: u32) -> bool {
        node as usize == self.providers || node as usize > self.providers + 1
    }

    /// Moves as much as can be moved from the demand's other provider to this one.
    fn pivot(&mut self, demand: u32, provider: u32, cost: P) {
        let apex = self.tree.apex(demand, provider);
        let mut delta = i64::MAX;
        let mut leaving = (demand, true);
        let mut node = demand;
        while node != apex {
            if self.is_demand(node) && self.flow[node as usize] < delta {
                (delta, leaving) = (self.flow[node as usize], (node, true));
            }
            node = self.tree.parent[node as usize];
        }
        node = provider;
        while node != apex {
            if !self.is_demand(node) && self.flow[node as usize] <= delta {
                (delta, leaving) = (self.flow[node as usize], (node, false));
            }
            node = self.tree.parent[node as usize];
        }
        for (end, own) in [(demand, false), (provider, true)] {
            let mut node = end;
            while node != apex {
                let more = self.is_demand(node) == own;
                self.flow[node as usize] += if more { delta } else { -delta };
                node = self.tree.parent[node as usize];
            }
        }
        let (out, demand_side) = leaving;
        let was = self.tree.parent[out as usize];
        let change = cost + self.potential[demand as usize] - self.potential[provider as usize];
        let (inner, outer, shift) = if demand_side {
            (demand, provider, -change)
        } else {
            (provider, demand, change)
        };
        self.rehang(inner, outer, out, delta, shift);
        for end in [out, was] {
            if end as usize > self.providers + 1 && self.tree.is_leaf(end) {
                self.settle(end);
            }
        }
    }

    fn rehang(&mut self, inner: u32, outer: u32, out: u32, delta: i64, shift: P) {
        let (mut node, mut parent, mut carried) = (inner, outer, delta);
        loop {
            let (above, was) = (self.tree.parent[node as usize], self.flow[node as usize]);
            self.tree.unlink(node);
            self.tree.link(node, parent);
            self.flow[node as usize] = carried;
            if node == out {
                break;
            }
            (parent, carried, node) = (node, was, above);
        }
        let potential = &mut self.potential;
        self.tree
            .walk(inner, |x| potential[x] = potential[x] + shift);
    }

    /// Takes a demand that is at one provider only out of the tree again.
    fn settle(&mut self, node: u32) {
        let demand = self.split[node as usize] as usize;
        self.home[demand] = self.tree.parent[node as usize];
        self.tree.unlink(node);
        self.split[node as usize] = NONE;
        self.free.push(node);
    }

    /// Returns where units go, by demand and then provider.
    pub fn flow(&self) -> Vec<(u32, u32, i64)> {
        let mut flow = Vec::with_capacity(self.home.len());
        for (demand, home) in self.home.iter().enumerate() {
            if (*home as usize) < self.providers {
                flow.push((id(demand), *home, self.problem.amount[demand]));
            }
        }
        for node in 0..self.tree.parent.len() {
            let parent = self.tree.parent[node];
            if parent == NONE {
                continue;
            }
            let (demand, provider) = if node > self.providers + 1 {
                (node, parent)
            } else {
                (parent as usize, id(node))
            };
            if demand > self.providers + 1 && (provider as usize) < self.providers {
                flow.push((self.split[demand], provider, self.flow[node]));
            }
        }
        flow.retain(|(_, _, units)| *units > 0);
        flow.sort_unstable();
        flow
    }

    /// Returns what is not served, as (demand, units).
    fn unserved(&self) -> Vec<(u32, i64)> {
        let nowhere = id(self.providers + 1);
        let whole = self
            .home
            .iter()
            .enumerate()
            .filter(|(_, home)| **home == nowhere)
            .map(|(demand, _)| (id(demand), self.problem.amount[demand]));
        let nodes = self.tree.parent.iter().enumerate();
        let split = nodes
            .filter(|(node, parent)| **parent == nowhere && *node > self.providers + 1)
            .map(|(node, _)| (self.split[node], self.flow[node]));
        whole.chain(split).filter(|(_, units)| *units > 0).collect()
    }

    /// Returns a set of demands that reaches too little capacity, if there is one.
    pub fn short(&self) -> Option<Vec<u32>> {
        let mut queue: Vec<u32> = self.unserved().iter().map(|(demand, _)| *demand).collect();
        if queue.is_empty() {
            return None;
        }
        let mut here: Vec<Vec<u32>> = vec![Vec::new(); self.providers];
        for (demand, provider, _) in self.flow() {
            here[provider as usize].push(demand);
        }
        let mut reached = vec![false; self.providers];
        let mut taken = vec![false; self.home.len()];
        for demand in &queue {
            taken[*demand as usize] = true;
        }
        let mut row = vec![0; self.providers];
        while let Some(demand) = queue.pop() {
            self.problem.costs.row(demand as usize, &mut row);
            for (provider, _) in row.iter().enumerate().filter(|(_, c)| **c != FORBIDDEN) {
                if std::mem::replace(&mut reached[provider], true) {
                    continue;
                }
                for other in &here[provider] {
                    if !std::mem::replace(&mut taken[*other as usize], true) {
                        queue.push(*other);
                    }
                }
            }
        }
        let members = taken.iter().enumerate().filter(|(_, t)| **t);
        Some(members.map(|(demand, _)| id(demand)).collect())
    }
}

/// Returns a node's id; their number was checked.
fn id(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(NONE)
}
