//! Bounds from multipliers, and multipliers that make them good.
#![expect(
    clippy::indexing_slicing,
    reason = "demands and sites were checked by the instance"
)]

use crate::capacity::fill;
use crate::choose::{Forced, choose};
use crate::instance::Instance;
use crate::near::Near;

/// A multiplier of the budget counts as one over this.
pub(crate) const BUDGET_UNIT: i64 = 1 << 20;

/// Multipliers: one of a unit of each demand, times the scale, and one of the budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Multipliers {
    /// For each demand.
    pub demand: Vec<i64>,
    /// Of the budget, in 2^-20 times the scale; nothing or more.
    pub budget: i64,
    /// Of each floor, times the scale; nothing or more.
    pub floor: Vec<i64>,
}

/// For each site (demand, cost), with offsets.
pub(crate) type Reversed = (Vec<usize>, Vec<(u32, i64)>);

/// The state of an ascent.
pub(crate) struct Ascent<'a> {
    pub instance: &'a Instance,
    pub near: &'a Near,
    pub scale: i64,
    pub now: Multipliers,
    pub best: Multipliers,
    /// The best bound, times the scale.
    pub bound: Option<i64>,
    /// Each site's value at the multipliers last priced.
    pub value: Vec<i64>,
    pub chosen: Vec<bool>,
    /// How often each site was chosen lately.
    pub often: Vec<u32>,
    /// Pairs looked at.
    pub work: u64,
    /// The length of the next step, as a share of what is missing.
    pub theta: f64,
    slope: Vec<i32>,
    /// For each floor what its group may leave out.
    slack: Vec<i64>,
    /// For capacitated instances, the lists turned round.
    reversed: Option<Reversed>,
    taken: Vec<(u32, i64)>,
}

impl<'a> Ascent<'a> {
    pub fn new(instance: &'a Instance, near: &'a Near, scale: i64, start: Multipliers) -> Self {
        let m = instance.sites();
        Self {
            instance,
            near,
            scale,
            best: start.clone(),
            now: start,
            bound: None,
            value: vec![0; m],
            chosen: vec![false; m],
            often: vec![0; m],
            work: 0,
            theta: 1.0,
            slope: vec![0; instance.demands()],
            slack: instance.slack(),
            reversed: instance.capacity.as_ref().map(|_| near.reversed(m)),
            taken: Vec::new(),
        }
    }

    /// Prices the present multipliers: returns the bound times the scale, or nothing
    /// when no set fits the forced states.
    pub fn price(&mut self, forced: &Forced) -> Option<i64> {
        let constant = self.values();
        let mut sum = choose(self.instance, forced, &self.value, &mut self.chosen)?;
        sum += constant;
        if self.bound.is_none_or(|b| sum > b) {
            self.bound = Some(sum);
            self.best.clone_from(&self.now);
        }
        Some(sum)
    }

    /// Computes each site's value and returns what does not depend on the sites.
    pub fn values(&mut self) -> i64 {
        let mut constant = 0i64;
        let instance = self.instance;
        for (value, fixed) in self.value.iter_mut().zip(&instance.fixed) {
            *value = fixed * self.scale;
        }
        if let Some(budget) = &instance.budget {
            let own = i128::from(self.now.budget);
            let unit = i128::from(BUDGET_UNIT);
            for (value, price) in self.value.iter_mut().zip(&budget.price) {
                *value += narrow((own * i128::from(*price)).div_euclid(unit));
            }
            let all = own * i128::from(budget.limit);
            constant -= narrow(-(-all).div_euclid(unit));
        }
        for (own, slack) in self.now.floor.iter().zip(&self.slack) {
            constant -= narrow(i128::from(*own) * i128::from(*slack));
        }
        for (demand, (own, amount)) in self.now.demand.iter().zip(&instance.amount).enumerate() {
            constant += own * amount;
            if self.reversed.is_some() {
                continue;
            }
            for at in self.near.first[demand]..self.near.first[demand + 1] {
                let less = self.near.cost[at] * self.scale - own;
                if less >= 0 {
                    break;
                }
                self.value[self.near.site[at] as usize] += amount * less;
                self.work += 1;
            }
            self.work += 1;
        }
        if let (Some((first, pairs)), Some(capacity)) = (&self.reversed, &instance.capacity) {
            for site in 0..self.value.len() {
                let own = &pairs[first[site]..first[site + 1]];
                self.taken.clear();
                self.value[site] += fill(
                    instance,
                    &self.now.demand,
                    self.scale,
                    own,
                    capacity[site],
                    &mut self.taken,
                );
            }
            self.work += 2 * pairs.len() as u64;
        }
        constant
    }

    /// Makes up to `rounds` steps towards `target` (times the scale); stops early
    /// when `done` says so of the best bound.
    pub fn climb(
        &mut self,
        forced: &Forced,
        rounds: u32,
        target: i64,
        done: impl Fn(i64) -> bool,
    ) -> Option<i64> {
        let mut since = 0;
        self.often.fill(0);
        for _ in 0..rounds {
            let before = self.bound;
            let sum = self.price(forced)?;
            if done(self.bound.unwrap_or(sum)) {
                break;
            }
            since = if self.bound > before { 0 } else { since + 1 };
            if since >= 25 {
                (self.theta, since) = (self.theta * 0.65, 0);
                self.now.clone_from(&self.best);
                if self.theta < 0.002 {
                    break;
                }
                continue;
            }
            for (often, chosen) in self.often.iter_mut().zip(&self.chosen) {
                *often += u32::from(*chosen);
            }
            if !self.step(sum, target, self.theta) {
                break;
            }
        }
        self.bound
    }

    /// Moves the multipliers along the slope; returns whether there is one.
    fn step(&mut self, sum: i64, target: i64, theta: f64) -> bool {
        let mut norm = 0f64;
        self.slopes();
        for (slope, amount) in self.slope.iter().zip(&self.instance.amount) {
            norm += f64::from(*slope) * f64::from(*slope) * (*amount).max(1) as f64;
        }
        let over = self.over_budget();
        let lacks = self.lacks();
        if norm == 0.0 && over == 0 && lacks.iter().all(|l| *l == 0) {
            return false;
        }
        let missing = target.saturating_sub(sum).max(self.scale) as f64;
        let step = theta * missing / norm.max(1.0);
        let scale = self.scale;
        self.raise(&lacks, theta * missing);
        let ceilings = ceilings(self.instance, self.near, scale, &self.now.floor);
        for (demand, own) in self.now.demand.iter_mut().enumerate() {
            let slope = self.slope[demand];
            let moved = (step * f64::from(slope)).round() as i64;
            let low = self.near.first[demand];
            // Below the nearest site a multiplier gives away its own amount.
            let floor = if low < self.near.first[demand + 1] {
                self.near.cost[low].saturating_mul(scale)
            } else {
                0
            };
            let ceiling = ceilings.of(demand);
            *own = own.saturating_add(moved).clamp(floor.min(ceiling), ceiling);
        }
        if let Some(budget) = &self.instance.budget {
            let norm = (over as f64) * (over as f64);
            let unit = BUDGET_UNIT as f64;
            let moved = theta * missing * unit * over as f64 / norm.max(1.0) * 0.2;
            // What it adds to all sites together stays below 2^58.
            let all: i128 = budget.price.iter().map(|p| i128::from(*p)).sum();
            let most = (1i128 << 78) / all.max(i128::from(budget.limit)).max(1);
            let most = i64::try_from(most).unwrap_or(i64::MAX).min(1 << 60);
            let sum = self.now.budget.saturating_add(moved.round() as i64);
            self.now.budget = sum.clamp(0, most);
        }
        true
    }

    /// By how much the chosen set is over the budget.
    fn over_budget(&self) -> i64 {
        let Some(budget) = &self.instance.budget else {
            return 0;
        };
        let spent: i64 = self
            .chosen
            .iter()
            .zip(&budget.price)
            .filter(|(c, _)| **c)
            .map(|(_, price)| *price)
            .sum();
        spent - budget.limit
    }

    /// For each demand: how often it is served too little.
    fn slopes(&mut self) {
        if let Some((first, pairs)) = &self.reversed {
            self.slope.fill(1);
            let mut served = vec![0i64; self.slope.len()];
            let capacity = self.instance.capacity.as_deref().unwrap_or_default();
            for site in 0..self.chosen.len() {
                if self.chosen[site] {
                    self.taken.clear();
                    fill(
                        self.instance,
                        &self.now.demand,
                        self.scale,
                        &pairs[first[site]..first[site + 1]],
                        capacity[site],
                        &mut self.taken,
                    );
                    for (demand, units) in &self.taken {
                        served[*demand as usize] += units;
                    }
                }
            }
            for (demand, slope) in self.slope.iter_mut().enumerate() {
                let amount = self.instance.amount[demand].max(1);
                // In halves of the demand, so that a part counts.
                *slope = i32::try_from((2 * (amount - served[demand])) / amount).unwrap_or(-9);
            }
            return;
        }
        for demand in 0..self.slope.len() {
            let own = self.now.demand[demand];
            let mut slope = 1;
            for at in self.near.first[demand]..self.near.first[demand + 1] {
                if self.near.cost[at] * self.scale >= own {
                    break;
                }
                slope -= i32::from(self.chosen[self.near.site[at] as usize]);
                self.work += 1;
            }
            // Left out at its penalty: served by nobody is as good.
            if slope == 1
                && let Some(penalty) = &self.instance.penalty
                && own >= penalty[demand] * self.scale + self.floor_of(demand)
            {
                slope = 0;
            }
            self.slope[demand] = slope;
        }
    }
}

/// How far the multipliers may go.
pub(crate) struct Ceilings<'a> {
    instance: &'a Instance,
    near: &'a Near,
    scale: i64,
    floor: Vec<i64>,
}

pub(crate) fn ceilings<'a>(
    instance: &'a Instance,
    near: &'a Near,
    scale: i64,
    floor: &[i64],
) -> Ceilings<'a> {
    Ceilings {
        instance,
        near,
        scale,
        floor: floor.to_vec(),
    }
}

impl Ceilings<'_> {
    /// Returns the largest multiplier of a demand: what its list prices rightly, and not
    /// more than leaving it out costs with its group's floor.
    pub fn of(&self, demand: usize) -> i64 {
        let clip = self.near.clip[demand].saturating_mul(self.scale);
        let Some(floors) = self
            .instance
            .floors
            .as_ref()
            .filter(|_| !self.near.cut[demand])
        else {
            return clip;
        };
        let own = self.floor.get(floors.of[demand] as usize);
        clip.saturating_add(own.copied().unwrap_or(0))
    }
}

fn narrow(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 {
        i64::MIN / 8
    } else {
        i64::MAX / 8
    })
}
