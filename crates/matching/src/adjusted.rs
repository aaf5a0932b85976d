//! Efficiency-adjusted deferred acceptance.

use crate::deferred::{Outcome, deferred_acceptance};
use crate::lists::{NONE, at, bounds, set};
use crate::market::{Market, MarketError};
use crate::providers::outcome;

/// Efficiency-adjusted deferred acceptance with consent (Kesten 2010): who consents
/// lets others pass at providers where that costs the consenting person nothing.
/// Nobody fares worse than under deferred acceptance; with everybody's consent the
/// result is efficient. It pays to misreport, and only consenting people's
/// priorities are passed over.
///
/// The loop is that of Tang and Yu 2014: people at providers that nobody else wants
/// are settled, and where one of them does not consent, people of lower priority
/// give up the providers that this one would have liked better; then the rest is
/// solved again. Providers that become unwanted by settling are settled in the same
/// turn. At most as many turns as providers, each O(E log capacity).
///
/// Seats are plain: with reserves or ceilings it is refused.
///
/// # Errors
/// When the market does not fit together, or `consent` does not name everybody.
pub fn efficiency_adjusted(market: &Market, consent: &[bool]) -> Result<Outcome, MarketError> {
    market.check()?;
    market.plain_only("efficiency-adjusted acceptance knows plain seats only")?;
    if consent.len() != market.applicants() {
        return Err(MarketError::Shape("consent does not name everybody"));
    }
    let mut run = Run {
        market,
        consent,
        settled: vec![false; market.applicants()],
        held: vec![NONE; market.applicants()],
        closed: vec![false; market.seats.len()],
        bar: vec![u64::MAX; market.seats.len()],
        proposals: 0,
    };
    while run.settled.iter().any(|s| !s) {
        run.turn()?;
    }
    Ok(outcome(market, &run.held, run.proposals))
}

struct Run<'a> {
    market: &'a Market,
    consent: &'a [bool],
    settled: Vec<bool>,
    held: Vec<u32>,
    /// Providers whose people are settled.
    closed: Vec<bool>,
    /// Only keys up to this one may still ask for a provider.
    bar: Vec<u64>,
    proposals: u64,
}

impl Run<'_> {
    /// Returns the entries still asked for, as a market, and which they are.
    fn rest(&self) -> (Market, Vec<u32>) {
        let mut rest = Market {
            first: vec![0],
            seats: self.market.seats.clone(),
            ..Market::default()
        };
        let mut origin = Vec::new();
        for applicant in 0..self.settled.len() {
            let range = bounds(&self.market.first, applicant);
            let done = self.settled.get(applicant).copied().unwrap_or(true);
            for entry in range.filter(|_| !done) {
                let entry = u32::try_from(entry).unwrap_or(NONE);
                let provider = at(&self.market.provider, entry, NONE);
                let key = at(&self.market.key, entry, 0);
                if !at(&self.closed, provider, true) && key <= at(&self.bar, provider, 0) {
                    rest.provider.push(provider);
                    rest.key.push(key);
                    origin.push(entry);
                }
            }
            rest.first.push(u32::try_from(origin.len()).unwrap_or(NONE));
        }
        (rest, origin)
    }

    /// Solves what is left and settles everybody at providers nobody wants.
    fn turn(&mut self) -> Result<(), MarketError> {
        let (rest, origin) = self.rest();
        let solved = deferred_acceptance(&rest)?;
        self.proposals += solved.proposals;
        let mut wanted = vec![0u32; rest.seats.len()];
        let mut people: Vec<Vec<u32>> = vec![Vec::new(); rest.seats.len()];
        let mut better: Vec<std::ops::Range<usize>> = Vec::with_capacity(solved.entry.len());
        let mut leaving: Vec<u32> = Vec::new();
        for (applicant, got) in (0u32..).zip(&solved.entry) {
            let range = bounds(&rest.first, applicant as usize);
            let end = got.map_or(range.end, |g| range.start + g as usize);
            for provider in rest.provider.get(range.start..end).unwrap_or_default() {
                if let Some(count) = wanted.get_mut(*provider as usize) {
                    *count += 1;
                }
            }
            better.push(range.start..end);
            if at(&self.settled, applicant, true) {
                continue;
            }
            match rest.provider.get(end).filter(|_| got.is_some()) {
                Some(provider) => {
                    if let Some(list) = people.get_mut(*provider as usize) {
                        list.push(applicant);
                    }
                }
                None => leaving.push(applicant),
            }
        }
        let mut unwanted: Vec<u32> = (0u32..)
            .zip(&wanted)
            .filter(|(_, n)| **n == 0)
            .map(|(p, _)| p)
            .collect();
        loop {
            while let Some(applicant) = leaving.pop() {
                set(&mut self.settled, applicant, true);
                let range = better.get(applicant as usize).cloned().unwrap_or(0..0);
                if solved
                    .entry
                    .get(applicant as usize)
                    .is_some_and(Option::is_some)
                {
                    set(
                        &mut self.held,
                        applicant,
                        origin.get(range.end).copied().unwrap_or(NONE),
                    );
                }
                let consents = at(self.consent, applicant, false);
                for entry in range {
                    let entry = u32::try_from(entry).unwrap_or(NONE);
                    let provider = at(&rest.provider, entry, NONE);
                    if let Some(bar) = self.bar.get_mut(provider as usize).filter(|_| !consents) {
                        *bar = (*bar).min(at(&rest.key, entry, 0));
                    }
                    if let Some(count) = wanted.get_mut(provider as usize) {
                        *count -= 1;
                        if *count == 0 {
                            unwanted.push(provider);
                        }
                    }
                }
            }
            let Some(provider) = unwanted.pop() else {
                return Ok(());
            };
            set(&mut self.closed, provider, true);
            leaving.append(
                &mut people
                    .get_mut(provider as usize)
                    .map(std::mem::take)
                    .unwrap_or_default(),
            );
        }
    }
}
