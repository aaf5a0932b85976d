//! Top trading cycles.

use crate::deferred::Outcome;
use crate::lists::{NONE, applicants, at, bounds, row, set};
use crate::market::{Market, MarketError};
use crate::providers::outcome;

/// For each provider its people in order of priority, the first served first.
///
/// They may name people who do not ask for the provider: who is first there can
/// trade that away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Priorities {
    /// Offsets into the people, one more than there are providers.
    pub first: Vec<u32>,
    /// The people.
    pub applicant: Vec<u32>,
}

impl Priorities {
    /// Returns the order of those who ask for each provider, by their keys.
    ///
    /// # Errors
    /// When the market does not fit together.
    pub fn of_askers(market: &Market) -> Result<Self, MarketError> {
        market.check()?;
        let askers = crate::lists::Askers::new(market)?;
        let mut own = Self {
            first: vec![0],
            applicant: Vec::with_capacity(market.provider.len()),
        };
        for provider in 0..u32::try_from(market.seats.len()).unwrap_or(NONE) {
            let people = askers.of(provider).iter();
            own.applicant
                .extend(people.map(|e| at(&askers.applicant, *e, NONE)));
            own.first
                .push(u32::try_from(own.applicant.len()).unwrap_or(NONE));
        }
        Ok(own)
    }

    fn check(&self, market: &Market) -> Result<(), MarketError> {
        let wrong = Err(MarketError::Shape("the priorities do not fit the market"));
        let fits = self.first.len() == market.seats.len() + 1
            && self.first.first() == Some(&0)
            && self.first.is_sorted()
            && self.first.last().map(|l| *l as usize) == Some(self.applicant.len());
        if !fits {
            return wrong;
        }
        let mut named = vec![NONE; market.applicants()];
        // Everybody who asks has to have a place in the order, and one only.
        let owner = applicants(market);
        let mut asked: Vec<(u32, u32)> = market.provider.iter().copied().zip(owner).collect();
        asked.sort_unstable();
        let mut asked = asked.into_iter().peekable();
        for provider in 0..u32::try_from(market.seats.len()).unwrap_or(NONE) {
            for applicant in row(&self.first, &self.applicant, provider as usize) {
                match named.get_mut(*applicant as usize) {
                    Some(last) if *last != provider => *last = provider,
                    _ => return wrong,
                }
            }
            while let Some((_, applicant)) = asked.next_if(|(p, _)| *p == provider) {
                if at(&named, applicant, NONE) != provider {
                    return wrong;
                }
            }
        }
        Ok(())
    }
}

/// Top trading cycles with capacities (Shapley and Scarf 1974; Abdulkadiroğlu and
/// Sönmez 2003): everybody points to the best provider with a seat left, that
/// provider to the first of its people still there, and each cycle trades.
///
/// The result is efficient for applicants and no misreport pays; it is not stable.
/// Seats are plain: with reserves or ceilings it is refused. Keys do not count,
/// the priorities do.
///
/// Time O(E + P) for E entries and P places in the priorities.
///
/// # Errors
/// When market or priorities do not fit together.
pub fn top_trading_cycles(
    market: &Market,
    priorities: &Priorities,
) -> Result<Outcome, MarketError> {
    market.check()?;
    market.plain_only("top trading cycles know plain seats only")?;
    priorities.check(market)?;
    let mut run = Run {
        market,
        priorities,
        left: market.seats.iter().map(|s| s.capacity).collect(),
        next: market.first.clone(),
        first: priorities.first.clone(),
        held: vec![NONE; market.applicants()],
        gone: vec![false; market.applicants()],
        place: vec![NONE; market.applicants()],
        steps: 0,
    };
    for applicant in 0..u32::try_from(market.applicants()).unwrap_or(NONE) {
        if !at(&run.gone, applicant, false) {
            run.walk(applicant);
        }
    }
    Ok(outcome(market, &run.held, run.steps))
}

struct Run<'a> {
    market: &'a Market,
    priorities: &'a Priorities,
    /// Seats left.
    left: Vec<u32>,
    /// The entry each applicant stands at, the person each provider stands at.
    next: Vec<u32>,
    first: Vec<u32>,
    held: Vec<u32>,
    gone: Vec<bool>,
    /// Where an applicant stands on the path.
    place: Vec<u32>,
    steps: u64,
}

impl Run<'_> {
    /// Follows the pointers from an applicant until that one is gone.
    fn walk(&mut self, start: u32) {
        let mut path = vec![start];
        set(&mut self.place, start, 0);
        while let Some(&applicant) = path.last() {
            self.steps += 1;
            let Some(entry) = self.wish(applicant) else {
                // Nothing left: whoever pointed here looks again.
                set(&mut self.gone, applicant, true);
                path.pop();
                continue;
            };
            let Some(next) = self.best(at(&self.market.provider, entry, NONE)) else {
                break;
            };
            let place = at(&self.place, next, NONE);
            if place == NONE {
                set(
                    &mut self.place,
                    next,
                    u32::try_from(path.len()).unwrap_or(NONE),
                );
                path.push(next);
                continue;
            }
            for member in path.split_off(place as usize) {
                let entry = at(&self.next, member, NONE);
                set(&mut self.held, member, entry);
                set(&mut self.gone, member, true);
                let provider = at(&self.market.provider, entry, NONE);
                if let Some(left) = self.left.get_mut(provider as usize) {
                    *left -= 1;
                }
            }
        }
    }

    /// Returns the best entry with a seat left.
    fn wish(&mut self, applicant: u32) -> Option<u32> {
        let end = bounds(&self.market.first, applicant as usize).end;
        let next = self.next.get_mut(applicant as usize)?;
        while (*next as usize) < end {
            let provider = at(&self.market.provider, *next, NONE);
            if at(&self.left, provider, 0) > 0 {
                return Some(*next);
            }
            *next += 1;
        }
        None
    }

    /// Returns the first of a provider's people who is still there.
    fn best(&mut self, provider: u32) -> Option<u32> {
        let end = bounds(&self.priorities.first, provider as usize).end;
        let first = self.first.get_mut(provider as usize)?;
        while (*first as usize) < end {
            let applicant = at(&self.priorities.applicant, *first, NONE);
            if !at(&self.gone, applicant, true) {
                return Some(applicant);
            }
            *first += 1;
        }
        None
    }
}
