//! Weakly stable assignments that place as many as possible.

use std::collections::{BinaryHeap, VecDeque};

use crate::deferred::Outcome;
use crate::improve::tied;
use crate::lists::{NONE, applicants, at, bounds, set};
use crate::market::{Market, MarketError};
use crate::providers::outcome;

/// A weakly stable assignment and how large one could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Largest {
    /// The assignment.
    pub outcome: Outcome,
    /// How many it places.
    pub placed: u64,
    /// No assignment at all, stable or not, places more than this.
    pub bound: u64,
    /// The proof of the bound: every entry is of one of these applicants or at one
    /// of these providers, so no more can be placed than there are such applicants
    /// and such providers' seats.
    pub cover_applicants: Vec<u32>,
    /// See [`Largest::cover_applicants`].
    pub cover_providers: Vec<u32>,
}

/// Returns a weakly stable assignment that places at least two thirds of the most
/// that any weakly stable one places (Király 2011, ties at providers): who was turned
/// away by the whole list asks once more, and now comes before others of the same
/// class. The exact maximum is out of reach in general (it is APX-hard; a search is
/// [`crate::largest()`]); when `placed` equals `bound` it is reached and proved.
///
/// `class` gives the class of each entry at its provider, lower first; keys have to
/// refine it. It pays to misreport, and the draw within a class no longer decides
/// alone.
///
/// Time O(E log capacity) for E entries, and O(E sqrt(V)) for the bound.
///
/// # Errors
/// When market and classes do not fit together.
pub fn maximum_size(market: &Market, class: &[u32]) -> Result<Largest, MarketError> {
    tied(market, class)?;
    let (held, proposals) = promote(market, class);
    let placed = held.iter().filter(|e| **e != NONE).count() as u64;
    let mut flow = Flow::new(market, &held);
    while flow.phase() {}
    let (cover_applicants, cover_providers) = flow.cover();
    Ok(Largest {
        outcome: outcome(market, &held, proposals),
        placed,
        bound: flow.size(),
        cover_applicants,
        cover_providers,
    })
}

/// Returns the entries held at the end, and how many proposals were made.
pub(crate) fn promote(market: &Market, class: &[u32]) -> (Vec<u32>, u64) {
    /// Class, not promoted, key, applicant: the largest leaves first.
    type Held = BinaryHeap<(u32, bool, u64, u32)>;
    let people = market.applicants();
    let mut providers: Vec<Held> = vec![BinaryHeap::new(); market.seats.len()];
    let mut next: Vec<u32> = market.first.iter().take(people).copied().collect();
    let mut ordinary = vec![true; people];
    let mut proposals = 0;
    let mut free: VecDeque<u32> = (0..u32::try_from(people).unwrap_or(NONE)).collect();
    while let Some(applicant) = free.pop_front() {
        let list = bounds(&market.first, applicant as usize);
        let entry = at(&next, applicant, NONE);
        if entry as usize >= list.end {
            // Once more from the top, now before one's equals.
            if at(&ordinary, applicant, false) {
                set(&mut ordinary, applicant, false);
                set(
                    &mut next,
                    applicant,
                    u32::try_from(list.start).unwrap_or(NONE),
                );
                if !list.is_empty() {
                    free.push_front(applicant);
                }
            }
            continue;
        }
        proposals += 1;
        let provider = at(&market.provider, entry, NONE) as usize;
        let capacity = market
            .seats
            .get(provider)
            .map_or(0, |s| s.capacity as usize);
        let Some(held) = providers.get_mut(provider) else {
            continue;
        };
        let own = at(&ordinary, applicant, true);
        held.push((
            at(class, entry, NONE),
            own,
            at(&market.key, entry, 0),
            applicant,
        ));
        if held.len() > capacity
            && let Some((.., rejected)) = held.pop()
        {
            if let Some(next) = next.get_mut(rejected as usize) {
                *next += 1;
            }
            free.push_back(rejected);
        }
    }
    let mut held = vec![NONE; people];
    for (.., applicant) in providers.into_iter().flatten() {
        set(&mut held, applicant, at(&next, applicant, NONE));
    }
    (held, proposals)
}

/// The largest assignment without regard to priorities (Hopcroft and Karp 1973, with
/// capacities), begun from a given one.
pub(crate) struct Flow<'a> {
    market: &'a Market,
    held: Vec<u32>,
    owner: Vec<u32>,
    /// For each provider the entries that ask for it.
    first: Vec<u32>,
    asking: Vec<u32>,
    count: Vec<u32>,
    level: Vec<u32>,
}

impl<'a> Flow<'a> {
    pub fn new(market: &'a Market, held: &[u32]) -> Self {
        let mut count = vec![0; market.seats.len()];
        for entry in held.iter().filter(|e| **e != NONE) {
            if let Some(count) = count.get_mut(at(&market.provider, *entry, NONE) as usize) {
                *count += 1;
            }
        }
        let mut order: Vec<(u32, u32)> = market.provider.iter().copied().zip(0u32..).collect();
        order.sort_unstable();
        let mut first = vec![0u32; market.seats.len() + 1];
        for (provider, _) in &order {
            if let Some(count) = first.get_mut(*provider as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        Self {
            market,
            held: held.to_vec(),
            owner: applicants(market),
            first,
            asking: order.into_iter().map(|(_, e)| e).collect(),
            count,
            level: Vec::new(),
        }
    }

    pub fn size(&self) -> u64 {
        self.held.iter().filter(|e| **e != NONE).count() as u64
    }

    /// Returns the entry of each applicant, the largest number for none.
    pub fn held(&self) -> &[u32] {
        &self.held
    }

    fn room(&self, provider: u32) -> bool {
        let capacity = self
            .market
            .seats
            .get(provider as usize)
            .map_or(0, |s| s.capacity);
        at(&self.count, provider, 0) < capacity
    }

    /// Numbers the providers by how many people have to move until somebody without
    /// a place gets in, the wishes being followed backwards from free seats.
    fn levels(&mut self) {
        let providers = u32::try_from(self.market.seats.len()).unwrap_or(NONE);
        self.level = vec![NONE; self.market.seats.len()];
        let mut queue: VecDeque<u32> = (0..providers).filter(|p| self.room(*p)).collect();
        for provider in &queue {
            set(&mut self.level, *provider, 0);
        }
        while let Some(provider) = queue.pop_front() {
            let level = at(&self.level, provider, 0);
            for entry in crate::lists::row(&self.first, &self.asking, provider as usize) {
                let held = at(&self.held, at(&self.owner, *entry, NONE), NONE);
                let from = at(&self.market.provider, held, NONE);
                if held != NONE && at(&self.level, from, 0) == NONE {
                    set(&mut self.level, from, level + 1);
                    queue.push_back(from);
                }
            }
        }
    }

    /// Places more people by shortest chains; returns whether anybody was.
    pub fn phase(&mut self) -> bool {
        self.levels();
        let mut next: Vec<u32> = self.first.clone();
        let mut any = false;
        for applicant in 0..u32::try_from(self.held.len()).unwrap_or(NONE) {
            if at(&self.held, applicant, 0) == NONE {
                any |= self.place(applicant, &mut next);
            }
        }
        any
    }

    /// Looks for a chain of moves, depth first along falling levels, that ends at a
    /// free seat.
    fn place(&mut self, applicant: u32, next: &mut [u32]) -> bool {
        for start in bounds(&self.market.first, applicant as usize) {
            let start = u32::try_from(start).unwrap_or(NONE);
            let provider = at(&self.market.provider, start, NONE);
            if at(&self.level, provider, NONE) == NONE {
                continue;
            }
            // The entries taken up along the chain; the last one's provider is here.
            let mut chain = vec![start];
            while let Some(&last) = chain.last() {
                let here = at(&self.market.provider, last, NONE);
                if self.room(here) {
                    self.shift(&chain, here);
                    return true;
                }
                match self.onward(here, next) {
                    Some(entry) => chain.push(entry),
                    None => {
                        // No way on from here in this phase.
                        set(&mut self.level, here, NONE);
                        chain.pop();
                    }
                }
            }
        }
        false
    }

    /// Returns a move of somebody at a full provider to one a level nearer to a free
    /// seat.
    fn onward(&self, here: u32, next: &mut [u32]) -> Option<u32> {
        let level = at(&self.level, here, NONE);
        let end = bounds(&self.first, here as usize).end;
        let cursor = next.get_mut(here as usize)?;
        while (*cursor as usize) < end {
            let applicant = at(&self.owner, at(&self.asking, *cursor, NONE), NONE);
            *cursor += 1;
            let held = at(&self.held, applicant, NONE);
            if held == NONE || at(&self.market.provider, held, NONE) != here {
                continue;
            }
            let list = bounds(&self.market.first, applicant as usize);
            let onward = list.filter_map(|e| u32::try_from(e).ok()).find(|e| {
                let to = at(&self.level, at(&self.market.provider, *e, NONE), NONE);
                to != NONE && to + 1 == level
            });
            if let Some(entry) = onward {
                // The same person may be asked again for another way.
                *cursor -= 1;
                return Some(entry);
            }
        }
        None
    }

    fn shift(&mut self, chain: &[u32], end: u32) {
        for entry in chain {
            let applicant = at(&self.owner, *entry, NONE);
            set(&mut self.held, applicant, *entry);
        }
        if let Some(count) = self.count.get_mut(end as usize) {
            *count += 1;
        }
    }

    /// Returns a cover by applicants and providers as large as the assignment.
    ///
    /// Providers from which no free seat can be reached are full and taken whole;
    /// the people of the others are taken one by one.
    pub fn cover(&mut self) -> (Vec<u32>, Vec<u32>) {
        self.levels();
        let reaches = |p: u32| at(&self.level, p, NONE) != NONE;
        let providers = (0u32..).zip(&self.market.seats);
        let shut = providers.map(|(p, _)| p).filter(|p| !reaches(*p)).collect();
        let people = (0u32..).zip(&self.held);
        let free = people
            .filter(|(_, e)| **e != NONE && reaches(at(&self.market.provider, **e, NONE)))
            .map(|(a, _)| a)
            .collect();
        (free, shut)
    }
}
