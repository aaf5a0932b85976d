//! The largest weakly stable assignment, by branch and bound.

use crate::deferred::{Outcome, deferred_acceptance};
use crate::improve::tied;
use crate::largest::{Flow, promote};
use crate::lists::{Askers, NONE, at, bounds, set};
use crate::market::{Market, MarketError};
use crate::narrow::{Allowed, Narrow};
use crate::providers::outcome;

/// A part of the proof, in the order in which the search went: a split is followed by
/// everything of its first side, then of its second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Either the applicant gets this entry (counted on the own list) or one liked
    /// better, or something liked less.
    Split {
        /// Who.
        applicant: u32,
        /// The entry.
        entry: u32,
    },
    /// No more can be placed on this side than there are such applicants and such
    /// providers' seats: every entry that is still possible is of one of them or at one
    /// of them.
    Cover {
        /// The applicants.
        applicants: Vec<u32>,
        /// The providers.
        providers: Vec<u32>,
    },
    /// Nothing stable is on this side: somebody has nothing left to get.
    Nothing,
}

/// A weakly stable assignment, and how far it can be from the largest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// The assignment.
    pub outcome: Outcome,
    /// How many it places.
    pub placed: u64,
    /// No weakly stable assignment places more; the same as `placed` when this one is
    /// proved to be a largest one.
    pub bound: u64,
    /// The proof of the bound.
    pub proof: Vec<Part>,
    /// How many sides of splits were looked at.
    pub nodes: u64,
}

/// Returns a weakly stable assignment that places as many as any, when the search ends
/// within this many nodes, and else the largest that was met with a bound.
///
/// Every weakly stable assignment is the stable one of some order that parts the ties,
/// and for one order all have the same size (Manlove and others 2002; Roth 1986). The
/// search begins with Király's assignment, takes away what is in no stable assignment
/// (see the rules below), bounds what is left by the largest assignment without regard
/// to priorities, and splits where that one is blocked. To find the maximum is hard in
/// general (NP-hard even for short lists), so the number of nodes is limited; it is
/// counted, not timed, so the answer is the same on every machine.
///
/// What is taken away: (1) what an applicant likes less than a provider that could
/// never be filled with others at least as good; (2) at a provider, everybody of a
/// worse class than somebody who gets nothing better for certain, as soon as there are
/// as many of those as seats, or one who does not get this provider either; (3) the
/// other entries of those without whom a provider could not be filled that has to be.
///
/// # Errors
/// When market and classes do not fit together.
pub fn largest(market: &Market, class: &[u32], nodes: u64) -> Result<Proved, MarketError> {
    tied(market, class)?;
    let (first, _) = promote(market, class);
    let askers = Askers::new(market)?;
    let mut search = Search {
        market,
        class,
        askers: &askers,
        best: first,
        proof: Vec::new(),
        nodes: 0,
        bound: 0,
        whole: None,
    };
    search.run(nodes)?;
    let placed = size(&search.best);
    // Where the cases say no more than the whole, the whole is proof enough.
    let bound = search.bound.max(placed);
    if let Some((_, part)) = search.whole.take().filter(|(whole, _)| *whole == bound) {
        search.proof = vec![part];
    }
    Ok(Proved {
        outcome: outcome(market, &search.best, search.nodes),
        placed,
        bound,
        proof: search.proof,
        nodes: search.nodes,
    })
}

fn size(held: &[u32]) -> u64 {
    held.iter().filter(|e| **e != NONE).count() as u64
}

struct Search<'a> {
    market: &'a Market,
    class: &'a [u32],
    askers: &'a Askers,
    best: Vec<u32>,
    proof: Vec<Part>,
    nodes: u64,
    bound: u64,
    /// What is known before any split.
    whole: Option<(u64, Part)>,
}

/// The largest assignment of a side, and the sets that prove it.
struct Relaxed {
    held: Vec<u32>,
    bound: u64,
    applicants: Vec<u32>,
    providers: Vec<u32>,
}

impl Relaxed {
    fn cover(&self) -> Part {
        Part::Cover {
            applicants: self.applicants.clone(),
            providers: self.providers.clone(),
        }
    }
}

impl Search<'_> {
    fn run(&mut self, limit: u64) -> Result<(), MarketError> {
        let narrow = Narrow::new(self.market, self.class, self.askers);
        let mut open = vec![Allowed::all(self.market)];
        while let Some(mut side) = open.pop() {
            self.nodes += 1;
            if !narrow.reduce(&mut side) {
                self.proof.push(Part::Nothing);
                continue;
            }
            let relaxed = self.relax(&side);
            self.whole
                .get_or_insert_with(|| (relaxed.bound, relaxed.cover()));
            if relaxed.bound > size(&self.best) && self.nodes <= limit {
                self.guided(&relaxed.held)?;
            }
            let split = (relaxed.bound > size(&self.best) && self.nodes < limit)
                .then(|| self.split(&side, &relaxed.held))
                .flatten();
            let Some((applicant, entry)) = split else {
                self.bound = self.bound.max(relaxed.bound);
                self.proof.push(relaxed.cover());
                continue;
            };
            let start = u32::try_from(bounds(&self.market.first, applicant as usize).start);
            self.proof.push(Part::Split {
                applicant,
                entry: entry - start.unwrap_or(entry),
            });
            let mut worse = side.clone();
            worse.no_better(self.market, applicant, entry);
            side.no_worse(self.market, applicant, entry);
            open.push(worse);
            open.push(side);
        }
        Ok(())
    }

    /// Returns the largest assignment within what is allowed.
    fn relax(&self, side: &Allowed) -> Relaxed {
        let mut rest = Market {
            first: vec![0],
            seats: self.market.seats.clone(),
            ..Market::default()
        };
        let mut origin = Vec::new();
        let mut held = Vec::with_capacity(self.best.len());
        for (applicant, best) in self.best.iter().enumerate() {
            let mut own = NONE;
            for entry in bounds(&self.market.first, applicant) {
                let entry = u32::try_from(entry).unwrap_or(NONE);
                if side.entry(entry) {
                    let place = u32::try_from(origin.len()).unwrap_or(NONE);
                    own = if entry == *best { place } else { own };
                    rest.provider.push(at(&self.market.provider, entry, NONE));
                    origin.push(entry);
                }
            }
            held.push(own);
            rest.first.push(u32::try_from(origin.len()).unwrap_or(NONE));
        }
        let mut flow = Flow::new(&rest, &held);
        while flow.phase() {}
        let (applicants, providers) = flow.cover();
        Relaxed {
            bound: flow.size(),
            held: flow.held().iter().map(|e| at(&origin, *e, NONE)).collect(),
            applicants,
            providers,
        }
    }

    /// Parts the ties in favour of an assignment and takes what deferred acceptance
    /// makes of it, when it places more: a weakly stable assignment is found by itself.
    fn guided(&mut self, held: &[u32]) -> Result<(), MarketError> {
        let mut market = self.market.clone();
        for provider in 0..u32::try_from(market.seats.len()).unwrap_or(NONE) {
            for (rank, entry) in (0u64..).zip(self.askers.of(provider)) {
                let applicant = at(&self.askers.applicant, *entry, NONE);
                let other = u64::from(at(held, applicant, NONE) != *entry);
                let class = u64::from(at(self.class, *entry, NONE));
                // There are fewer than 2^31 people at one provider.
                set(&mut market.key, *entry, class << 32 | other << 31 | rank);
            }
        }
        let found = deferred_acceptance(&market)?;
        let starts = self.market.first.iter().zip(found.entry);
        let found: Vec<u32> = starts.map(|(s, e)| e.map_or(NONE, |e| s + e)).collect();
        if size(&found) > size(&self.best) {
            self.best = found;
        }
        Ok(())
    }

    /// Returns an applicant and an entry so that both sides are smaller: where the
    /// assignment is blocked if there is such a place, else anywhere; `None` when
    /// nothing is open.
    fn split(&self, side: &Allowed, held: &[u32]) -> Option<(u32, u32)> {
        let mut count = vec![0u32; self.market.seats.len()];
        let mut worst = vec![0u32; self.market.seats.len()];
        for entry in held.iter().filter(|e| **e != NONE) {
            let provider = at(&self.market.provider, *entry, NONE);
            if let (Some(count), Some(worst)) = (
                count.get_mut(provider as usize),
                worst.get_mut(provider as usize),
            ) {
                *count += 1;
                *worst = (*worst).max(at(self.class, *entry, 0));
            }
        }
        let mut any = None;
        for (applicant, own) in (0u32..).zip(held) {
            let list = bounds(&self.market.first, applicant as usize);
            let better = if *own == NONE {
                list.end
            } else {
                *own as usize
            };
            for entry in list.start..list.end {
                let entry = u32::try_from(entry).unwrap_or(NONE);
                if !side.parts(self.market, applicant, entry) {
                    continue;
                }
                any.get_or_insert((applicant, entry));
                let provider = at(&self.market.provider, entry, NONE);
                let seats = self.market.seats.get(provider as usize);
                let blocks = at(&count, provider, 0) < seats.map_or(0, |s| s.capacity)
                    || at(self.class, entry, NONE) < at(&worst, provider, 0);
                if blocks && (entry as usize) < better {
                    return Some((applicant, entry));
                }
            }
        }
        any
    }
}
