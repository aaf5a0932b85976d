//! What the providers of a tree of caps choose together.

use crate::caps::{Caps, Turn};
use crate::choice::{Candidate, choose};
use crate::lists::{NONE, at, set};
use crate::market::{Door, Market, Unused, ceilings, is_kept, reserves};

/// The common choice of a tree's providers.
pub(crate) struct Choice<'a> {
    market: &'a Market,
    caps: &'a Caps,
    /// The applicant of each entry.
    owner: &'a [u32],
    /// Whether each provider has reserves, ceilings or kept seats.
    grouped: Vec<bool>,
    /// How many are in under each node.
    under: Vec<u32>,
    /// The seats of each provider that are not taken and not held for a reserve.
    left: Vec<u32>,
    /// How many came in through the door of the step at each provider.
    step: Vec<u32>,
    /// How many are in through open seats under each ceiling of each provider.
    ceiling: Vec<Vec<u32>>,
}

/// Chosen or not, for each entry of a pool.
type Taken = Vec<bool>;

impl<'a> Choice<'a> {
    pub fn new(market: &'a Market, caps: &'a Caps, owner: &'a [u32]) -> Self {
        Self {
            market,
            caps,
            owner,
            grouped: market.grouped(),
            under: vec![0; caps.parent.len()],
            left: market.seats.iter().map(|s| s.capacity).collect(),
            step: vec![0; market.seats.len()],
            ceiling: market
                .seats
                .iter()
                .map(|s| vec![0; s.ceilings.len()])
                .collect(),
        }
    }

    /// Leaves the chosen entries in the pool and returns the others.
    pub fn reject(&mut self, pool: &mut Vec<u32>) -> Vec<u32> {
        for entry in pool.iter() {
            self.clear(self.provider(*entry));
        }
        let taken = match &self.caps.turn {
            Turn::Master => {
                pool.sort_unstable_by_key(|e| self.key(*e));
                self.by_people(pool)
            }
            Turn::Providers(target) => self.in_turn(pool, target),
        };
        let mut rejected = Vec::new();
        let mut chosen = taken.into_iter();
        pool.retain(|entry| {
            let stays = chosen.next().unwrap_or(false);
            if !stays {
                rejected.push(*entry);
            }
            stays
        });
        rejected
    }

    fn provider(&self, entry: u32) -> u32 {
        at(&self.market.provider, entry, NONE)
    }

    fn key(&self, entry: u32) -> u64 {
        at(&self.market.key, entry, 0)
    }

    /// One order of people: the steps one after another, each in that order.
    fn by_people(&mut self, pool: &[u32]) -> Taken {
        let mut taken = vec![false; pool.len()];
        if pool
            .iter()
            .any(|e| at(&self.grouped, self.provider(*e), false))
        {
            for (entry, taken) in pool.iter().zip(&mut taken) {
                *taken = is_kept(self.market.groups_of(*entry as usize)) && self.enter(*entry);
            }
            let deepest = pool
                .iter()
                .filter_map(|e| self.market.seats.get(self.provider(*e) as usize))
                .map(|s| s.reserves.len())
                .max();
            for index in 0..deepest.unwrap_or(0) {
                self.reserve(pool, &mut taken, index);
            }
        }
        for (entry, taken) in pool.iter().zip(&mut taken).filter(|(_, t)| !**t) {
            if self.below_ceiling(*entry) && self.enter(*entry) {
                self.count_ceiling(*entry);
                *taken = true;
            }
        }
        taken
    }

    /// Fills the reserve with this index at every provider.
    fn reserve(&mut self, pool: &[u32], taken: &mut Taken, index: usize) {
        for entry in pool {
            let provider = self.provider(*entry);
            set(&mut self.step, provider, 0);
        }
        for (entry, taken) in pool.iter().zip(taken.iter_mut()).filter(|(_, t)| !**t) {
            let provider = self.provider(*entry);
            let member = reserves(self.market.groups_of(*entry as usize)) >> index & 1 == 1;
            let declared = self.declared(provider, index).map_or(0, |(seats, _)| seats);
            if member && at(&self.step, provider, 0) < declared && self.enter(*entry) {
                *taken = true;
                if let Some(count) = self.step.get_mut(provider as usize) {
                    *count += 1;
                }
            }
        }
        // What a hard reserve does not use is nobody's; once for each provider.
        for entry in pool {
            let provider = self.provider(*entry);
            if let Some((declared, Unused::Empty)) = self.declared(provider, index) {
                let unused = declared.saturating_sub(at(&self.step, provider, 0));
                if let Some(left) = self.left.get_mut(provider as usize) {
                    *left = left.saturating_sub(unused);
                }
                set(&mut self.step, provider, declared);
            }
        }
    }

    fn declared(&self, provider: u32, index: usize) -> Option<(u32, Unused)> {
        let seats = self.market.seats.get(provider as usize)?;
        seats.reserves.get(index).copied()
    }

    /// Providers take turns: each one's choice out of its own people, the best first,
    /// and the turns in the order of their ranks while the caps allow.
    fn in_turn(&mut self, pool: &mut Vec<u32>, target: &[u32]) -> Taken {
        pool.sort_unstable_by_key(|e| (self.provider(*e), self.key(*e)));
        let mut turns: Vec<(u8, bool, u32, u32, u32)> = Vec::with_capacity(pool.len());
        let mut ranked = Vec::with_capacity(pool.len());
        for own in pool.chunk_by(|a, b| self.provider(*a) == self.provider(*b)) {
            let provider = own.first().map_or(NONE, |e| self.provider(*e));
            for (place, (phase, entry)) in (0u32..).zip(self.picks(provider, own)) {
                if phase == REFUSED {
                    ranked.push(entry);
                    continue;
                }
                let beyond = phase != 0 && place >= at(target, provider, 0);
                turns.push((phase, beyond, place, provider, entry));
            }
        }
        turns.sort_unstable();
        let mut taken = vec![false; ranked.len()];
        for (.., entry) in turns {
            ranked.push(entry);
            taken.push(self.enter(entry));
        }
        *pool = ranked;
        taken
    }

    /// Returns a provider's people with the phase (0 kept, 1 reserved, 2 open) in which
    /// each is taken, in the order of taking; those refused are last.
    fn picks(&self, provider: u32, own: &[u32]) -> Vec<(u8, u32)> {
        let Some(seats) = self.market.seats.get(provider as usize) else {
            return own.iter().map(|e| (REFUSED, *e)).collect();
        };
        if !at(&self.grouped, provider, false) {
            let seats = seats.capacity as usize;
            let phase = |place: usize| if place < seats { 2 } else { REFUSED };
            let pairs = own.iter().enumerate();
            return pairs.map(|(place, e)| (phase(place), *e)).collect();
        }
        let mut candidates: Vec<Candidate> = own
            .iter()
            .map(|e| Candidate {
                key: self.key(*e),
                applicant: at(self.owner, *e, NONE),
                groups: self.market.groups_of(*e as usize),
            })
            .collect();
        // Both are in the order of keys, which are unique here.
        let doors = choose(seats, &mut candidates);
        let mut picks: Vec<(Option<Door>, u64, u32)> = doors
            .into_iter()
            .zip(own)
            .map(|(door, e)| (door, self.key(*e), *e))
            .collect();
        picks.sort_unstable_by_key(|(door, key, _)| (door.is_none(), *door, *key));
        let phase = |door| match door {
            Some(Door::Kept) => 0,
            Some(Door::Reserve(_)) => 1,
            Some(Door::Open) => 2,
            None => REFUSED,
        };
        picks.into_iter().map(|(d, _, e)| (phase(d), e)).collect()
    }

    /// Takes an entry when its provider has a seat left and no cap above is reached.
    fn enter(&mut self, entry: u32) -> bool {
        let provider = self.provider(entry);
        let mut fits = at(&self.left, provider, 0) > 0;
        let mut node = at(&self.caps.node, provider, NONE);
        while node != NONE && fits {
            fits = at(&self.under, node, 0) < at(&self.caps.most, node, 0);
            node = at(&self.caps.parent, node, NONE);
        }
        if !fits {
            return false;
        }
        if let Some(left) = self.left.get_mut(provider as usize) {
            *left -= 1;
        }
        let mut node = at(&self.caps.node, provider, NONE);
        while node != NONE {
            if let Some(under) = self.under.get_mut(node as usize) {
                *under += 1;
            }
            node = at(&self.caps.parent, node, NONE);
        }
        true
    }

    /// The ceiling over an entry, if there is one: how many are in, and the most.
    fn ceiling_of(&self, entry: u32) -> Option<(usize, u32)> {
        let group = ceilings(self.market.groups_of(entry as usize));
        let seats = self.market.seats.get(self.provider(entry) as usize)?;
        let mut own = seats.ceilings.iter().enumerate();
        let (index, most) = own.find(|(i, _)| group >> i & 1 == 1)?;
        Some((index, *most))
    }

    fn below_ceiling(&self, entry: u32) -> bool {
        let Some((index, most)) = self.ceiling_of(entry) else {
            return true;
        };
        let counts = self.ceiling.get(self.provider(entry) as usize);
        counts.and_then(|c| c.get(index)).is_some_and(|c| *c < most)
    }

    fn count_ceiling(&mut self, entry: u32) {
        let provider = self.provider(entry) as usize;
        if let Some((index, _)) = self.ceiling_of(entry)
            && let Some(count) = self
                .ceiling
                .get_mut(provider)
                .and_then(|c| c.get_mut(index))
        {
            *count += 1;
        }
    }

    fn clear(&mut self, provider: u32) {
        let capacity = self.market.seats.get(provider as usize);
        set(&mut self.left, provider, capacity.map_or(0, |s| s.capacity));
        if let Some(counts) = self.ceiling.get_mut(provider as usize) {
            counts.fill(0);
        }
        let mut node = at(&self.caps.node, provider, NONE);
        while node != NONE {
            set(&mut self.under, node, 0);
            node = at(&self.caps.parent, node, NONE);
        }
    }
}

/// The phase of nobody.
const REFUSED: u8 = 3;
