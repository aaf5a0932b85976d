//! Floors: of each group of demands at least so much has to be served.
//!
//! A floor's multiplier is what a unit of its group left out costs on top of its
//! penalty. With every multiplier as a constant, the least cost is again a sum over
//! sites, and the floors' slack times their multipliers is taken off.
#![expect(
    clippy::indexing_slicing,
    reason = "demands, sites and groups were checked by the instance"
)]

use crate::branch::Branch;
use crate::instance::Instance;
use crate::interchange::{Ground, Search};
use crate::lagrange::Ascent;
use crate::near::Near;

/// A group that counts once.
const ONCE: i64 = 16;

/// Returns how much each floor's group counts at first.
pub(crate) fn first_boost(instance: &Instance) -> Vec<i64> {
    let groups = instance.floors.as_ref().map_or(0, |f| f.least.len());
    vec![ONCE; groups]
}

/// Returns for each floor by how much a set leaves out more than it may; less than
/// nothing where there is room.
fn over(instance: &Instance, near: &Near, open: &[bool]) -> Vec<i64> {
    let mut over: Vec<i64> = instance.slack().iter().map(|s| -s).collect();
    let Some(floors) = &instance.floors else {
        return over;
    };
    for (demand, group) in floors.of.iter().enumerate() {
        let Some(slot) = over.get_mut(*group as usize) else {
            continue;
        };
        if !served(instance, near, open, demand) {
            *slot = slot.saturating_add(instance.amount[demand]);
        }
    }
    over
}

/// Returns whether a demand has an open site that costs no more than leaving it out.
fn served(instance: &Instance, near: &Near, open: &[bool], demand: usize) -> bool {
    let penalty = instance.penalty.as_ref().map_or(i64::MAX, |p| p[demand]);
    if let Some((_, cost)) = near.of(demand).find(|(site, _)| open[*site as usize]) {
        return cost <= penalty;
    }
    near.cut[demand]
        && (0..open.len())
            .filter(|s| open[*s])
            .any(|s| instance.cost(demand, s).is_some_and(|c| c <= penalty))
}

/// Returns whether a set keeps every floor.
pub(crate) fn kept(instance: &Instance, near: &Near, open: &[bool]) -> bool {
    instance.floors.is_none() || over(instance, near, open).iter().all(|o| *o <= 0)
}

/// Returns the floors' multipliers that close a place where only one set is left:
/// nothing when it keeps the floors, else more than any plan costs on the first that it
/// breaks.
pub(crate) fn settled(instance: &Instance, near: &Near, open: &[bool], scale: i64) -> Vec<i64> {
    let over = over(instance, near, open);
    let broken = over.iter().position(|o| *o > 0);
    let most = instance.beyond().saturating_mul(scale);
    (0..over.len())
        .map(|k| if Some(k) == broken { most } else { 0 })
        .collect()
}

impl Ascent<'_> {
    /// Returns the multiplier of a demand's floor.
    pub(crate) fn floor_of(&self, demand: usize) -> i64 {
        let group = self.instance.floors.as_ref().map(|f| f.of[demand] as usize);
        let own = group.and_then(|g| self.now.floor.get(g).copied());
        own.unwrap_or(0)
    }

    /// Returns for each floor by how much the chosen sites break it; nothing for one
    /// that they keep and that has no multiplier.
    pub(crate) fn lacks(&mut self) -> Vec<i64> {
        if self.instance.floors.is_none() {
            return Vec::new();
        }
        let over = over(self.instance, self.near, &self.chosen);
        self.work += self.instance.demands() as u64;
        let own = self.now.floor.iter().zip(over);
        own.map(|(own, o)| if *own == 0 { o.max(0) } else { o })
            .collect()
    }

    /// Moves the floors' multipliers, and the demands' with them, so that each keeps its
    /// share of what leaving it out costs.
    pub(crate) fn raise(&mut self, lacks: &[i64], push: f64) {
        let (Some(floors), Some(penalty)) = (&self.instance.floors, &self.instance.penalty) else {
            return;
        };
        let most = self.instance.beyond().saturating_mul(self.scale);
        let norm: f64 = lacks.iter().map(|l| (*l as f64) * (*l as f64)).sum();
        let before = self.now.floor.clone();
        for (own, lack) in self.now.floor.iter_mut().zip(lacks) {
            let moved = (push * 0.3 * *lack as f64 / norm.max(1.0)).round() as i64;
            *own = own.saturating_add(moved).clamp(0, most);
        }
        for (demand, own) in self.now.demand.iter_mut().enumerate() {
            let Some(group) = Some(floors.of[demand] as usize).filter(|g| *g < before.len()) else {
                continue;
            };
            let base = i128::from(penalty[demand]) * i128::from(self.scale);
            let old = base + i128::from(before[group]);
            let new = base + i128::from(self.now.floor[group]);
            if old > 0 && old != new {
                *own = i64::try_from(i128::from(*own) * new / old).unwrap_or(*own);
            }
        }
    }
}

impl Branch<'_> {
    /// Returns the instance in which groups whose floor is hard to keep count more.
    fn boosted(&self) -> Instance {
        let mut instance = self.ground.instance.clone();
        let all: i64 = instance.beyond();
        let limit = ((1i64 << 60) / all.max(1)).max(1);
        let Some(floors) = &instance.floors else {
            return instance;
        };
        for (amount, group) in instance.amount.iter_mut().zip(&floors.of) {
            let own = self.boost.get(*group as usize).copied().unwrap_or(ONCE);
            *amount = amount.saturating_mul(own.min(limit));
        }
        for fixed in &mut instance.fixed {
            *fixed = fixed.saturating_mul(ONCE.min(limit));
        }
        instance
    }

    /// Lets groups count more whose floor a set breaks, and less where there is room;
    /// returns whether the set keeps all of them.
    fn learn(&mut self, open: &[bool]) -> bool {
        let over = over(self.ground.instance, self.ground.near, open);
        for (boost, over) in self.boost.iter_mut().zip(&over) {
            *boost = if *over > 0 {
                boost.saturating_mul(2).min(1 << 40)
            } else {
                (*boost - *boost / 8).max(ONCE)
            };
        }
        over.iter().all(|o| *o <= 0)
    }

    /// Looks for better sets from one, again with other counts while floors are broken.
    pub(crate) fn improve_floors(&mut self, start: &[bool]) {
        let mut open = start.to_vec();
        self.offer(&open);
        let rounds = if self.visited == 0 { 12 } else { 2 };
        for _ in 0..rounds {
            let instance = self.boosted();
            let ground = Ground::new(&instance, self.ground.near);
            let mut search = Search::new(&ground, &open);
            search.run(40 * self.ground.near.site.len() as u64 + 100_000);
            self.work += search.work;
            open = search.open().to_vec();
            self.offer(&open);
            if self.learn(&open) {
                return;
            }
        }
    }

    /// Disturbs and settles a plan, with the counts as they were learned.
    pub(crate) fn polish_floors(&mut self, open: &[bool], limit: u64) {
        let instance = self.boosted();
        let ground = Ground::new(&instance, self.ground.near);
        let mut search = Search::new(&ground, open);
        search.polish(limit);
        self.work += search.work;
        let open = search.open().to_vec();
        self.offer(&open);
        self.learn(&open);
    }
}
