//! Nested caps over providers: school, street, district.

use crate::deferred::Outcome;
use crate::lists::{NONE, applicants, at, bounds, set};
use crate::market::{Market, MarketError};
use crate::providers::outcome;

/// A forest of caps over providers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caps {
    /// The node above each node, [`Caps::NONE`] at the top; it has to have a smaller
    /// number.
    pub parent: Vec<u32>,
    /// The most that the providers under each node may have together.
    pub most: Vec<u32>,
    /// The node right above each provider, [`Caps::NONE`] for none.
    pub node: Vec<u32>,
    /// Who comes first where a cap binds.
    pub turn: Turn,
}

/// Who comes first where a cap binds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Turn {
    /// The lower key; an applicant must have one key at all providers of a tree.
    #[default]
    Master,
    /// Providers take turns in their order, each with its own best: first up to its
    /// target (one number per provider), then beyond (Kamada and Kojima 2015, 2018).
    Providers(Vec<u32>),
}

impl Caps {
    /// No node.
    pub const NONE: u32 = NONE;

    fn check(&self, market: &Market) -> Result<(), MarketError> {
        let nodes = u32::try_from(self.parent.len()).unwrap_or(NONE);
        let fits = self.most.len() == self.parent.len()
            && self.node.len() == market.seats.len()
            && (0..).zip(&self.parent).all(|(n, p)| *p == NONE || *p < n)
            && self.node.iter().all(|n| *n == NONE || *n < nodes)
            && match &self.turn {
                Turn::Master => true,
                Turn::Providers(target) => target.len() == market.seats.len(),
            };
        if !fits {
            return Err(MarketError::Shape("the caps do not fit the providers"));
        }
        if self.turn == Turn::Master {
            self.one_order(market)?;
        }
        Ok(())
    }

    /// Sees that every applicant has one key in each tree, and no two the same.
    fn one_order(&self, market: &Market) -> Result<(), MarketError> {
        let mut keys: Vec<(u32, u32, u64)> = Vec::new();
        for (applicant, entries) in (0u32..).zip(market.first.windows(2)) {
            let &[start, end] = entries else { continue };
            for entry in start..end {
                let root = self.root(at(&market.provider, entry, NONE));
                if root < self.lone(0) {
                    keys.push((root, applicant, at(&market.key, entry, 0)));
                }
            }
        }
        keys.sort_unstable();
        keys.dedup();
        for pair in keys.windows(2) {
            if let [(r, a, _), (s, b, _)] = pair
                && (r, a) == (s, b)
            {
                return Err(MarketError::TwoOrders { applicant: *a });
            }
        }
        keys.sort_unstable_by_key(|(root, _, key)| (*root, *key));
        for pair in keys.windows(2) {
            if let [(r, _, k), (s, b, l)] = pair
                && (r, k) == (s, l)
            {
                return Err(MarketError::TwoOrders { applicant: *b });
            }
        }
        Ok(())
    }

    /// Returns the tree of a provider: its top node, or a number of its own.
    fn root(&self, provider: u32) -> u32 {
        let mut node = at(&self.node, provider, NONE);
        if node == NONE {
            return self.lone(provider);
        }
        loop {
            let above = at(&self.parent, node, NONE);
            if above == NONE {
                return node;
            }
            node = above;
        }
    }

    /// Returns the number of the tree that is one provider without a cap.
    fn lone(&self, provider: u32) -> u32 {
        u32::try_from(self.parent.len()).unwrap_or(NONE) + provider
    }
}

/// Returns the stable assignment under nested caps that every applicant likes best,
/// by deferred acceptance in which the providers of a tree choose together: pairs
/// are taken one by one while no cap on the way up is exceeded. Since the caps are
/// nested this greedy choice is substitutable, so the result does not depend on the
/// order of proposals, and no misreport pays (Kamada and Kojima 2018).
///
/// Supported are plain seats with [`Turn::Master`] (one order of people in a tree)
/// or [`Turn::Providers`] (each provider its own order). Reserves, ceilings and kept
/// seats under caps are refused.
///
/// Time is one sort of a tree's candidates for each round of proposals.
///
/// # Errors
/// When market and caps do not fit together.
pub fn deferred_acceptance_under_caps(
    market: &Market,
    caps: &Caps,
) -> Result<Outcome, MarketError> {
    market.check()?;
    if market.grouped().iter().any(|g| *g) {
        return Err(MarketError::Unsupported(
            "caps know plain seats only, no reserves, ceilings or kept seats",
        ));
    }
    caps.check(market)?;
    crate::lists::Askers::new(market)?;
    let owner = applicants(market);
    let trees = caps.parent.len() + market.seats.len();
    let root: Vec<u32> = (0..u32::try_from(market.seats.len()).unwrap_or(NONE))
        .map(|p| caps.root(p))
        .collect();
    let mut pools: Vec<Vec<u32>> = vec![Vec::new(); trees];
    let mut next: Vec<u32> = market
        .first
        .iter()
        .take(market.applicants())
        .copied()
        .collect();
    let mut free: Vec<u32> = (0..u32::try_from(market.applicants()).unwrap_or(NONE)).collect();
    let mut choice = Choice::new(market, caps);
    let mut proposals = 0;
    while !free.is_empty() {
        let mut touched = Vec::new();
        for applicant in free.drain(..) {
            let entry = at(&next, applicant, NONE);
            if entry as usize >= bounds(&market.first, applicant as usize).end {
                continue;
            }
            proposals += 1;
            let tree = at(&root, at(&market.provider, entry, NONE), NONE);
            if let Some(pool) = pools.get_mut(tree as usize) {
                pool.push(entry);
                touched.push(tree);
            }
        }
        touched.sort_unstable();
        touched.dedup();
        for tree in touched {
            let Some(pool) = pools.get_mut(tree as usize) else {
                continue;
            };
            for entry in choice.reject(pool) {
                let applicant = at(&owner, entry, NONE);
                set(&mut next, applicant, entry + 1);
                free.push(applicant);
            }
        }
        free.sort_unstable();
    }
    let mut held = vec![NONE; market.applicants()];
    for entry in pools.into_iter().flatten() {
        set(&mut held, at(&owner, entry, NONE), entry);
    }
    Ok(outcome(market, &held, proposals))
}

/// The common choice of a tree's providers.
struct Choice<'a> {
    market: &'a Market,
    caps: &'a Caps,
    under: Vec<u32>,
    count: Vec<u32>,
}

impl<'a> Choice<'a> {
    fn new(market: &'a Market, caps: &'a Caps) -> Self {
        Self {
            market,
            caps,
            under: vec![0; caps.parent.len()],
            count: vec![0; market.seats.len()],
        }
    }

    /// Leaves the chosen entries in the pool and returns the others.
    fn reject(&mut self, pool: &mut Vec<u32>) -> Vec<u32> {
        let (provider, key) = (
            |e: &u32| at(&self.market.provider, *e, NONE),
            |e: &u32| at(&self.market.key, *e, 0),
        );
        match &self.caps.turn {
            Turn::Master => pool.sort_unstable_by_key(key),
            Turn::Providers(target) => {
                // A provider's best has place 0, the next place 1.
                pool.sort_unstable_by_key(|e| (provider(e), key(e)));
                let (mut before, mut place) = (NONE, 0);
                let mut slots: Vec<(bool, u32, u32, u32)> = Vec::with_capacity(pool.len());
                for entry in pool.iter() {
                    let own = provider(entry);
                    place = if own == before { place + 1 } else { 0 };
                    before = own;
                    slots.push((place >= at(target, own, 0), place, own, *entry));
                }
                slots.sort_unstable();
                *pool = slots.into_iter().map(|(.., e)| e).collect();
            }
        }
        let mut rejected = Vec::new();
        let entries = std::mem::take(pool);
        for entry in &entries {
            let own = at(&self.market.provider, *entry, NONE);
            if self.fits(own) {
                self.add(own);
                pool.push(*entry);
            } else {
                rejected.push(*entry);
            }
        }
        for entry in pool.iter() {
            self.clear(at(&self.market.provider, *entry, NONE));
        }
        rejected
    }

    fn fits(&self, provider: u32) -> bool {
        let capacity = self
            .market
            .seats
            .get(provider as usize)
            .map_or(0, |s| s.capacity);
        let mut fits = at(&self.count, provider, 0) < capacity;
        let mut node = at(&self.caps.node, provider, NONE);
        while node != NONE && fits {
            fits = at(&self.under, node, 0) < at(&self.caps.most, node, 0);
            node = at(&self.caps.parent, node, NONE);
        }
        fits
    }

    fn add(&mut self, provider: u32) {
        if let Some(count) = self.count.get_mut(provider as usize) {
            *count += 1;
        }
        let mut node = at(&self.caps.node, provider, NONE);
        while node != NONE {
            if let Some(under) = self.under.get_mut(node as usize) {
                *under += 1;
            }
            node = at(&self.caps.parent, node, NONE);
        }
    }

    fn clear(&mut self, provider: u32) {
        set(&mut self.count, provider, 0);
        let mut node = at(&self.caps.node, provider, NONE);
        while node != NONE {
            set(&mut self.under, node, 0);
            node = at(&self.caps.parent, node, NONE);
        }
    }
}
