//! Better sets by adding, dropping and exchanging sites.
//!
//! For each demand the nearest and the second nearest open site are kept; the gain of
//! opening a site is then a sum over the demands near it, and the loss of closing one
//! is known at all times (Whitaker 1983; Resende and Werneck 2007). Only pairs in the
//! short lists are looked at.
#![expect(
    clippy::indexing_slicing,
    reason = "demands and sites were checked by the instance"
)]

use std::collections::VecDeque;

use crate::instance::{Instance, State};
use crate::near::Near;

const NONE: u32 = u32::MAX;

/// What does not change during a search.
pub(crate) struct Ground<'a> {
    pub instance: &'a Instance,
    pub near: &'a Near,
    first: Vec<usize>,
    pairs: Vec<(u32, i64)>,
    /// For each demand what a unit costs when no listed site is open.
    far: Vec<i64>,
    /// For each site those that must not be open with it.
    apart: Vec<Vec<u32>>,
}

impl<'a> Ground<'a> {
    pub fn new(instance: &'a Instance, near: &'a Near) -> Self {
        let (first, pairs) = near.reversed(instance.sites());
        let most = instance.fixed.iter().max().copied().unwrap_or(0);
        let far = (0..instance.demands())
            .map(|demand| match &instance.penalty {
                Some(penalty) => penalty[demand],
                None => {
                    let last = near.first[demand + 1];
                    let last = if last > near.first[demand] {
                        near.cost[last - 1]
                    } else {
                        0
                    };
                    let share = most / instance.amount[demand].max(1);
                    last.saturating_mul(2)
                        .saturating_add(share)
                        .saturating_add(1)
                }
            })
            .collect();
        let mut apart = vec![Vec::new(); instance.sites()];
        for (a, b) in &instance.apart {
            apart[*a as usize].push(*b);
            apart[*b as usize].push(*a);
        }
        Self {
            instance,
            near,
            first,
            pairs,
            far,
            apart,
        }
    }

    fn around(&self, site: usize) -> &[(u32, i64)] {
        &self.pairs[self.first[site]..self.first[site + 1]]
    }

    /// Returns a set that keeps every limit, preferring sites with low values; nothing
    /// when none is found.
    pub fn repair(&self, value: &[i64], chosen: &[bool]) -> Option<Vec<bool>> {
        let instance = self.instance;
        let mut order: Vec<(bool, i64, u32)> = (0u32..)
            .zip(value)
            .map(|(site, value)| (!chosen[site as usize], *value, site))
            .collect();
        order.sort_unstable();
        let mut set = Set::new(self);
        for (site, state) in instance.state.iter().enumerate() {
            if *state == State::Open {
                if !set.may_add(site, None) {
                    return None;
                }
                set.add(site);
            }
        }
        // First what a group must have, then the chosen, then up to the fewest.
        for stage in 0..3 {
            for (out, _, site) in &order {
                let site = *site as usize;
                let wanted = match stage {
                    0 => set.group_needs(site),
                    1 => !*out,
                    _ => set.count < instance.count.0,
                };
                if wanted && !set.open[site] && set.may_add(site, None) {
                    set.add(site);
                }
            }
        }
        set.is_full().then_some(set.open)
    }
}

/// A set with its counts.
struct Set<'a> {
    ground: &'a Ground<'a>,
    open: Vec<bool>,
    /// The open sites, in no order, and where each stands.
    members: Vec<u32>,
    place: Vec<u32>,
    count: u32,
    spent: i64,
    group: Vec<u32>,
    /// For each site how many open ones it must not be with.
    blocked: Vec<u32>,
}

impl<'a> Set<'a> {
    fn new(ground: &'a Ground<'a>) -> Self {
        let m = ground.instance.sites();
        let groups = ground
            .instance
            .groups
            .as_ref()
            .map_or(0, |g| g.bounds.len());
        Self {
            ground,
            open: vec![false; m],
            members: Vec::new(),
            place: vec![NONE; m],
            count: 0,
            spent: 0,
            group: vec![0; groups],
            blocked: vec![0; m],
        }
    }

    fn group_of(&self, site: usize) -> Option<(usize, (u32, u32))> {
        let groups = self.ground.instance.groups.as_ref()?;
        let group = groups.of[site] as usize;
        Some((group, groups.bounds[group]))
    }

    fn group_needs(&self, site: usize) -> bool {
        self.group_of(site)
            .is_some_and(|(group, (low, _))| self.group[group] < low)
    }

    /// Returns whether the site may be opened, when another is closed for it.
    fn may_add(&self, site: usize, instead: Option<usize>) -> bool {
        let instance = self.ground.instance;
        if instance.state[site] == State::Closed || self.open[site] {
            return false;
        }
        if self.count - u32::from(instead.is_some()) >= instance.count.1 {
            return false;
        }
        if let Some(budget) = &instance.budget {
            let back = instead.map_or(0, |r| budget.price[r]);
            if self.spent - back + budget.price[site] > budget.limit {
                return false;
            }
        }
        if let Some((group, (_, high))) = self.group_of(site) {
            let same = instead.is_some_and(|r| self.group_of(r).map(|g| g.0) == Some(group));
            if self.group[group] - u32::from(same) >= high {
                return false;
            }
        }
        let freed = instead.is_some_and(|r| {
            self.ground.apart[site]
                .iter()
                .any(|other| *other as usize == r)
        });
        self.blocked[site] <= u32::from(freed)
    }

    /// Returns whether the site may be closed, when another is opened for it.
    fn may_drop(&self, site: usize, instead: Option<usize>) -> bool {
        let instance = self.ground.instance;
        if instance.state[site] == State::Open
            || instead.is_none() && self.count <= instance.count.0
        {
            return false;
        }
        self.group_of(site).is_none_or(|(group, (low, _))| {
            let same = instead.is_some_and(|c| self.group_of(c).map(|g| g.0) == Some(group));
            same || self.group[group] > low
        })
    }

    fn add(&mut self, site: usize) {
        self.change(site, true);
    }

    fn change(&mut self, site: usize, open: bool) {
        let step = |n: &mut u32| *n = if open { *n + 1 } else { *n - 1 };
        self.open[site] = open;
        if open {
            self.place[site] = u32::try_from(self.members.len()).unwrap_or(NONE);
            self.members.push(u32::try_from(site).unwrap_or(NONE));
        } else {
            let at = self.place[site] as usize;
            self.members.swap_remove(at);
            if let Some(moved) = self.members.get(at) {
                self.place[*moved as usize] = self.place[site];
            }
        }
        step(&mut self.count);
        if let Some(budget) = &self.ground.instance.budget {
            let price = budget.price[site];
            self.spent += if open { price } else { -price };
        }
        if let Some((group, _)) = self.group_of(site) {
            step(&mut self.group[group]);
        }
        for other in &self.ground.apart[site] {
            step(&mut self.blocked[*other as usize]);
        }
    }

    fn is_full(&self) -> bool {
        let groups = self.ground.instance.groups.as_ref();
        let filled = groups.is_none_or(|g| {
            let mut pairs = self.group.iter().zip(&g.bounds);
            pairs.all(|(have, (low, _))| have >= low)
        });
        self.count >= self.ground.instance.count.0 && filled
    }
}

/// A set being made better.
pub(crate) struct Search<'a> {
    ground: &'a Ground<'a>,
    set: Set<'a>,
    one: Vec<(i64, u32)>,
    two: Vec<i64>,
    loss: Vec<i64>,
    /// Scratch: by how much less closing a site loses.
    less: Vec<i64>,
    touched: Vec<u32>,
    free: bool,
    /// What everything costs, by the lists.
    cost: i64,
    /// Sites to look at again, and whether one waits already.
    queue: VecDeque<u32>,
    waits: Vec<bool>,
    /// The moves since the last mark: (opened, closed).
    done: Vec<(Option<usize>, Option<usize>)>,
    pub work: u64,
}

impl<'a> Search<'a> {
    /// Starts from a set that keeps every limit.
    pub fn new(ground: &'a Ground<'a>, open: &[bool]) -> Self {
        let instance = ground.instance;
        let (n, m) = (instance.demands(), instance.sites());
        let mut set = Set::new(ground);
        for (site, is_open) in open.iter().enumerate() {
            if *is_open {
                set.add(site);
            }
        }
        let mut search = Self {
            ground,
            set,
            one: vec![(0, NONE); n],
            two: vec![0; n],
            loss: vec![0; m],
            less: vec![0; m],
            touched: Vec::new(),
            cost: 0,
            queue: (0..u32::try_from(m).unwrap_or(NONE)).collect(),
            waits: vec![true; m],
            done: Vec::new(),
            free: instance.budget.is_none()
                && instance.groups.is_none()
                && instance.apart.is_empty(),
            work: 0,
        };
        for demand in 0..n {
            search.look(demand);
        }
        search
    }

    pub fn open(&self) -> &[bool] {
        &self.set.open
    }

    /// Finds a demand's two nearest again and adds to the loss of the nearest.
    fn look(&mut self, demand: usize) {
        let far = self.ground.far[demand];
        let (mut one, mut two) = ((far, NONE), far);
        for (site, cost) in self.ground.near.of(demand) {
            self.work += 1;
            if cost >= far {
                break;
            }
            if self.set.open[site as usize] {
                if one.1 == NONE {
                    one = (cost, site);
                } else {
                    two = cost;
                    break;
                }
            }
        }
        self.one[demand] = one;
        self.two[demand] = two;
        self.cost += one.0 * self.ground.instance.amount[demand];
        if one.1 != NONE {
            self.loss[one.1 as usize] += self.ground.instance.amount[demand] * (two - one.0);
        }
    }

    fn forget(&mut self, demand: usize) {
        let (cost, site) = self.one[demand];
        self.cost -= cost * self.ground.instance.amount[demand];
        if site != NONE {
            self.loss[site as usize] -=
                self.ground.instance.amount[demand] * (self.two[demand] - cost);
        }
    }

    /// Opens one site and closes another, either may be missing.
    fn exchange(&mut self, opened: Option<usize>, closed: Option<usize>) {
        let mut near: Vec<u32> = Vec::new();
        for site in opened.into_iter().chain(closed) {
            for (demand, cost) in self.ground.around(site) {
                if *cost <= self.two[*demand as usize] {
                    near.push(*demand);
                }
            }
        }
        near.sort_unstable();
        near.dedup();
        self.work += 16 * near.len() as u64;
        for demand in &near {
            self.forget(*demand as usize);
        }
        let fixed = |site: Option<usize>| site.map_or(0, |s| self.ground.instance.fixed[s]);
        self.cost += fixed(opened) - fixed(closed);
        for (site, open) in closed
            .map(|s| (s, false))
            .into_iter()
            .chain(opened.map(|s| (s, true)))
        {
            self.set.change(site, open);
        }
        for demand in near {
            let before = self.two[demand as usize];
            self.look(demand as usize);
            self.wake(demand as usize, before.max(self.two[demand as usize]));
        }
        self.done.push((opened, closed));
    }

    /// Lets every site that could now be of use to a demand be looked at again.
    fn wake(&mut self, demand: usize, below: i64) {
        for (site, cost) in self.ground.near.of(demand) {
            if cost >= below {
                break;
            }
            self.work += 1;
            if !std::mem::replace(&mut self.waits[site as usize], true) {
                self.queue.push_back(site);
            }
        }
    }

    /// Makes improving moves until no site that waits gives one, or the work is done.
    fn settle(&mut self, limit: u64) {
        while let Some(site) = self.queue.pop_front() {
            let site = site as usize;
            self.waits[site] = false;
            if self.work > limit {
                continue;
            }
            let moved = if self.set.open[site] {
                self.try_drop(site)
            } else {
                self.try_open(site)
            };
            if moved && !std::mem::replace(&mut self.waits[site], true) {
                self.queue.push_back(u32::try_from(site).unwrap_or(NONE));
            }
        }
    }

    /// Makes improving moves, going round all sites until none gives one, or the work
    /// is done.
    pub fn run(&mut self, limit: u64) {
        loop {
            self.done.clear();
            self.settle(limit);
            if self.done.is_empty() || self.work > limit {
                return;
            }
            for site in 0..self.waits.len() {
                self.waits[site] = true;
                self.queue.push_back(u32::try_from(site).unwrap_or(NONE));
            }
        }
    }

    /// Disturbs the set in one place after another, settles it, and goes back when that
    /// did not help. Where and how follows from a counter, so always the same.
    pub fn polish(&mut self, limit: u64) {
        let n = self.ground.instance.demands() as u64;
        let mut counter = 0u64;
        while self.work < limit && n > 0 {
            counter += 1;
            self.work += 100;
            let mixed = mix(counter);
            let demand = (mixed % n) as usize;
            let (before, moves) = (self.cost, 2 + (mixed >> 40) % 4);
            self.done.clear();
            let mut fresh: Vec<usize> = Vec::new();
            let waiting: Vec<usize> = self
                .ground
                .near
                .of(demand)
                .map(|(site, _)| site as usize)
                .take(16 + 3 * self.set.open.len() / self.set.members.len().max(1))
                .filter(|site| !self.set.open[*site])
                .collect();
            for step in 0..moves {
                let pick = mix(mixed ^ step) as usize % waiting.len().max(1);
                if let Some(site) = waiting.get(pick).copied()
                    && !self.set.open[site]
                    && self.ground.instance.state[site] != State::Closed
                    && self.force(site, &fresh)
                {
                    fresh.push(site);
                }
            }
            self.settle(limit);
            if self.cost > before {
                for (opened, closed) in std::mem::take(&mut self.done).into_iter().rev() {
                    self.exchange(closed, opened);
                }
                self.rest();
            }
        }
    }

    /// Nothing waits any more: what was undone was settled before.
    fn rest(&mut self) {
        while let Some(site) = self.queue.pop_front() {
            self.waits[site as usize] = false;
        }
    }

    /// Opens a site for the one that loses least, better or not.
    fn force(&mut self, site: usize, fresh: &[usize]) -> bool {
        self.gain(site);
        let best = self.best_drop(site, fresh);
        self.forget_gain();
        let Some((_, closed)) = best else {
            return false;
        };
        self.exchange(Some(site), Some(closed));
        true
    }

    fn try_drop(&mut self, site: usize) -> bool {
        let saves = self.ground.instance.fixed[site];
        if self.loss[site] < saves && self.set.may_drop(site, None) {
            self.exchange(None, Some(site));
            return true;
        }
        false
    }

    /// Returns what opening a site saves, and notes by how much less closing others
    /// would then lose.
    fn gain(&mut self, site: usize) -> i64 {
        let ground = self.ground;
        let instance = ground.instance;
        let mut gain = -instance.fixed[site];
        for (demand, cost) in ground.around(site) {
            let d = *demand as usize;
            let ((first, home), second) = (self.one[d], self.two[d]);
            if *cost >= second {
                continue;
            }
            let amount = instance.amount[d];
            gain += amount * (first - cost).max(0);
            if home != NONE {
                if self.less[home as usize] == 0 {
                    self.touched.push(home);
                }
                self.less[home as usize] += amount * (second - cost.max(&first));
            }
        }
        self.work += ground.around(site).len() as u64;
        gain
    }

    fn forget_gain(&mut self) {
        for home in self.touched.drain(..) {
            self.less[home as usize] = 0;
        }
    }

    fn try_open(&mut self, site: usize) -> bool {
        if self.ground.instance.state[site] == State::Closed {
            return false;
        }
        let gain = self.gain(site);
        let best = self.best_drop(site, &[]);
        self.forget_gain();
        let add = (gain > 0 && self.set.may_add(site, None)).then_some(gain);
        let swap = best.map(|(loss, closed)| (gain - loss, closed));
        match (add, swap) {
            (Some(add), swap) if swap.is_none_or(|(s, _)| s <= add) => {
                self.exchange(Some(site), None);
                true
            }
            (_, Some((saved, closed))) if saved > 0 => {
                self.exchange(Some(site), Some(closed));
                true
            }
            _ => false,
        }
    }

    /// Returns the open site whose closing costs least once `site` is open.
    fn best_drop(&mut self, site: usize, fresh: &[usize]) -> Option<(i64, usize)> {
        let mut best: Option<(i64, usize)> = None;
        for closed in self.set.members.iter().map(|s| *s as usize) {
            let loss = self.loss[closed] - self.less[closed] - self.ground.instance.fixed[closed];
            if best.is_none_or(|(least, _)| loss < least)
                && !fresh.contains(&closed)
                && self.may_swap(site, closed)
            {
                best = Some((loss, closed));
            }
        }
        self.work += self.set.members.len() as u64 / 4;
        best
    }

    fn may_swap(&self, opened: usize, closed: usize) -> bool {
        if self.free {
            return self.ground.instance.state[closed] != State::Open;
        }
        self.set.may_drop(closed, Some(opened)) && self.set.may_add(opened, Some(closed))
    }
}

/// Scatters a counter over 64 bits (`SplitMix64`'s last step).
fn mix(counter: u64) -> u64 {
    let mut z = counter.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
