//! The other end of the stable assignments.

use crate::choice::{Candidate, choose};
use crate::deferred::{Outcome, deferred_acceptance};
use crate::lists::{Askers, NONE, at, bounds, set};
use crate::market::{Door, Market, MarketError, Seats, is_kept};

/// Returns the stable assignment that every applicant likes least, by
/// provider-proposing deferred acceptance: providers offer to the people they would
/// choose of those who have not refused them (Gale and Shapley 1962; Hatfield and
/// Milgrom 2005 for choice functions).
///
/// Time O(E log E) for E entries where providers have plain seats; one evaluation
/// of the choice function for each batch of refusals where they have groups.
///
/// # Errors
/// When the market does not fit together.
pub fn provider_proposing(market: &Market) -> Result<Outcome, MarketError> {
    market.check()?;
    let askers = Askers::new(market)?;
    let mut run = Run::new(market, &askers);
    let providers = u32::try_from(market.seats.len()).unwrap_or(NONE);
    let mut dirty: Vec<u32> = (0..providers).rev().collect();
    while let Some(provider) = dirty.pop() {
        if at(&run.grouped, provider, false) {
            run.offer_grouped(provider, &mut dirty);
        } else {
            run.offer_plain(provider, &mut dirty);
        }
    }
    Ok(run.finish())
}

/// Returns the applicant-optimal outcome and whether it is the only stable one:
/// whether the provider-proposing run ends in the same assignment.
///
/// # Errors
/// When the market does not fit together.
pub fn unique(market: &Market) -> Result<(Outcome, bool), MarketError> {
    let best = deferred_acceptance(market)?;
    let worst = provider_proposing(market)?;
    let same = best.entry == worst.entry;
    Ok((best, same))
}

struct Run<'a> {
    market: &'a Market,
    askers: &'a Askers,
    grouped: Vec<bool>,
    /// For each applicant the entry held.
    held: Vec<u32>,
    /// For each provider how many hold its offer, and where a plain one stands.
    count: Vec<u32>,
    cursor: Vec<u32>,
    offers: u64,
}

impl<'a> Run<'a> {
    fn new(market: &'a Market, askers: &'a Askers) -> Self {
        Self {
            market,
            askers,
            grouped: market.grouped(),
            held: vec![NONE; market.applicants()],
            count: vec![0; market.seats.len()],
            cursor: vec![0; market.seats.len()],
            offers: 0,
        }
    }

    /// Makes an offer; returns whether it is held, and tells who lost a taker.
    fn offer(&mut self, entry: u32, dirty: &mut Vec<u32>) -> bool {
        let applicant = at(&self.askers.applicant, entry, NONE);
        let before = at(&self.held, applicant, NONE);
        self.offers += 1;
        if before < entry {
            return false;
        }
        set(&mut self.held, applicant, entry);
        if before != NONE {
            let loser = at(&self.market.provider, before, NONE);
            if let Some(count) = self.count.get_mut(loser as usize) {
                *count -= 1;
            }
            dirty.push(loser);
        }
        true
    }

    fn offer_plain(&mut self, provider: u32, dirty: &mut Vec<u32>) {
        let capacity = self
            .market
            .seats
            .get(provider as usize)
            .map_or(0, |s| s.capacity);
        let askers = self.askers.of(provider);
        let (mut count, mut cursor) = (at(&self.count, provider, 0), at(&self.cursor, provider, 0));
        while count < capacity {
            let Some(&entry) = askers.get(cursor as usize) else {
                break;
            };
            cursor += 1;
            count += u32::from(self.offer(entry, dirty));
        }
        set(&mut self.count, provider, count);
        set(&mut self.cursor, provider, cursor);
    }

    fn offer_grouped(&mut self, provider: u32, dirty: &mut Vec<u32>) {
        let none = Seats::default();
        let seats = self.market.seats.get(provider as usize).unwrap_or(&none);
        loop {
            let (mut candidates, entries) = self.willing(provider);
            let doors = choose(seats, &mut candidates);
            let mut refused = false;
            for (candidate, door) in candidates.iter().zip(doors) {
                let entry = at(&entries, candidate.applicant, NONE);
                let applicant = at(&self.askers.applicant, entry, NONE);
                if door.is_none() || at(&self.held, applicant, NONE) == entry {
                    continue;
                }
                if self.offer(entry, dirty) {
                    if let Some(count) = self.count.get_mut(provider as usize) {
                        *count += 1;
                    }
                } else {
                    refused = true;
                }
            }
            if !refused {
                break;
            }
        }
    }

    /// Returns those who have nothing better, as candidates that are numbered in
    /// their order, with the entry of each.
    fn willing(&self, provider: u32) -> (Vec<Candidate>, Vec<u32>) {
        let mut candidates = Vec::new();
        let mut entries = Vec::new();
        for entry in self.askers.of(provider) {
            let applicant = at(&self.askers.applicant, *entry, NONE);
            if at(&self.held, applicant, NONE) < *entry {
                continue;
            }
            candidates.push(Candidate {
                key: at(&self.market.key, *entry, 0),
                applicant: u32::try_from(entries.len()).unwrap_or(NONE),
                groups: self.market.groups_of(*entry as usize),
            });
            entries.push(*entry);
        }
        (candidates, entries)
    }

    fn finish(self) -> Outcome {
        outcome(self.market, &self.held, self.offers)
    }
}

/// Returns the outcome of held entries (absolute, `NONE` for nothing); the doors
/// follow from the choice function.
pub(crate) fn outcome(market: &Market, held: &[u32], proposals: u64) -> Outcome {
    let grouped = market.grouped();
    let mut people: Vec<Vec<Candidate>> = vec![Vec::new(); market.seats.len()];
    let mut door: Vec<Option<Door>> = vec![None; held.len()];
    let mut entry: Vec<Option<u32>> = vec![None; held.len()];
    for (applicant, own) in (0u32..).zip(held).filter(|(_, e)| **e != NONE) {
        let start = bounds(&market.first, applicant as usize).start;
        let start = u32::try_from(start).unwrap_or(NONE);
        set(&mut entry, applicant, Some(own.saturating_sub(start)));
        let provider = at(&market.provider, *own, NONE);
        if !at(&grouped, provider, false) {
            set(&mut door, applicant, Some(Door::Open));
        } else if let Some(people) = people.get_mut(provider as usize) {
            people.push(Candidate {
                key: at(&market.key, *own, 0),
                applicant,
                groups: market.groups_of(*own as usize),
            });
        }
    }
    for (seats, people) in market.seats.iter().zip(&mut people) {
        let doors = choose(seats, people);
        for (candidate, own) in people.iter().zip(doors) {
            // A mechanism without doors may seat more of a group than the choice
            // function would; those come in by the kept or the open door.
            let plain = if is_kept(candidate.groups) {
                Door::Kept
            } else {
                Door::Open
            };
            set(&mut door, candidate.applicant, Some(own.unwrap_or(plain)));
        }
    }
    Outcome {
        entry,
        door,
        proposals,
    }
}
