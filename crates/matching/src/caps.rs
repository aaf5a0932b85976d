//! Nested caps over providers: school, street, district.

use crate::deferred::Outcome;
use crate::jointly::Choice;
use crate::lists::{NONE, applicants, at, bounds, set};
use crate::market::{Market, MarketError, is_kept};
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
    /// The lower key; an applicant must have one key at all providers of a tree. Kept
    /// seats come first, then every provider's first reserve, every provider's second
    /// and so on, then the open seats, each by the order of people.
    #[default]
    Master,
    /// Providers take turns in their order, each with its own best: first up to its
    /// target (one number per provider), then beyond (Kamada and Kojima 2015, 2018).
    /// Kept seats come first, then reserved seats, then open ones; who takes a
    /// provider's turns is the provider's own choice.
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
        self.kept_fit(market)
    }

    /// Sees that every cap has room for the seats kept under it: they are promised, and
    /// a cap below the promise could not be kept to.
    fn kept_fit(&self, market: &Market) -> Result<(), MarketError> {
        let mut kept = vec![0u32; self.parent.len()];
        for (provider, groups) in market.provider.iter().zip(&market.groups) {
            let mut node = at(&self.node, *provider, NONE);
            while node != NONE && is_kept(*groups) {
                if let Some(count) = kept.get_mut(node as usize) {
                    *count += 1;
                }
                node = at(&self.parent, node, NONE);
            }
        }
        for ((cap, kept), most) in (0..).zip(kept).zip(&self.most) {
            if kept > *most {
                let most = *most;
                return Err(MarketError::KeptUnderCap { cap, kept, most });
            }
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
/// by deferred acceptance in which the providers of a tree choose together: step by
/// step (kept seats, reserves, open seats under the ceilings) pairs are taken one by
/// one while no seat, group and cap on the way up is exceeded; [`Turn`] says in which
/// order.
///
/// Every step is greedy under nested limits and leaves less to the next by what it
/// took, so one pair more to choose from makes room for no pair that was refused
/// (substitutability) and never makes the number chosen fall (law of aggregate
/// demand). Both together make the result independent of the order of proposals and
/// mean that no misreport pays (Hatfield and Milgrom 2005; for caps Kamada and Kojima
/// 2018, for reserves that move on Westkamp 2013, for choices of this form in general
/// Kojima, Tamura and Yokoo 2018). An applicant may ask for several providers of a
/// tree; an own place there stays counted when another pair of the same applicant is
/// looked at (a completion in the sense of Hatfield and Kominers 2019).
///
/// Time is one sort of a tree's candidates for each round of proposals, and a pass
/// for each reserve.
///
/// # Errors
/// When market and caps do not fit together, somebody is under two ceilings or under a
/// ceiling and in a reserve, or more seats are kept under a cap than it allows.
pub fn deferred_acceptance_under_caps(
    market: &Market,
    caps: &Caps,
) -> Result<Outcome, MarketError> {
    market.check()?;
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
    let mut choice = Choice::new(market, caps, &owner);
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
