//! Mechanisms that are deferred acceptance under other keys.

use crate::deferred::{Outcome, deferred_acceptance};
use crate::lists::{at, set};
use crate::market::{Market, MarketError};

/// Immediate acceptance, the "Boston mechanism" or preference-first rule: in round
/// `k` every applicant still without a place asks for the `k`-th entry, and
/// providers give seats away for good.
///
/// It is deferred acceptance where the place on the list counts before the key, and
/// that is also what it means here for seats with reserves and ceilings: a reserved
/// seat waits for members of later rounds. It pays to misreport (Abdulkadiroğlu and
/// Sönmez 2003), so it is meant for comparison.
///
/// Time O(E log E) for E entries.
///
/// # Errors
/// When the market does not fit together.
pub fn immediate_acceptance(market: &Market) -> Result<Outcome, MarketError> {
    market.check()?;
    let mut order: Vec<(u32, u32, u64, u32)> = Vec::with_capacity(market.provider.len());
    for bounds in market.first.windows(2) {
        let &[start, end] = bounds else { continue };
        for (rank, entry) in (start..end).enumerate() {
            let rank = u32::try_from(rank).unwrap_or(u32::MAX);
            let (provider, key) = (at(&market.provider, entry, 0), at(&market.key, entry, 0));
            order.push((provider, rank, key, entry));
        }
    }
    order.sort_unstable();
    let mut key = vec![0u64; market.key.len()];
    let mut before = None;
    for (position, (provider, rank, old, entry)) in (0u64..).zip(order) {
        if before == Some((provider, rank, old)) {
            return Err(MarketError::SameKey { provider });
        }
        before = Some((provider, rank, old));
        set(&mut key, entry, position);
    }
    deferred_acceptance(&Market {
        key,
        ..market.clone()
    })
}

/// Serial dictatorship: one after another in the given order (`order[a]` is the
/// place of applicant `a`, lower first, all different), everybody takes the best
/// place left on the own list. Keys at providers do not count.
///
/// It is deferred acceptance where all providers have this one order, and that is
/// what it means for seats with reserves and ceilings. No misreport pays, and with
/// plain seats the result is efficient.
///
/// # Errors
/// When the market does not fit together, or two applicants have one place in the
/// order.
pub fn serial_dictatorship(market: &Market, order: &[u32]) -> Result<Outcome, MarketError> {
    market.check()?;
    if order.len() != market.applicants() {
        return Err(MarketError::Shape("the order does not name everybody"));
    }
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(MarketError::Shape(
            "two applicants have one place in the order",
        ));
    }
    let mut key = Vec::with_capacity(market.key.len());
    for (bounds, place) in market.first.windows(2).zip(order) {
        let &[_, end] = bounds else { continue };
        key.resize(end as usize, u64::from(*place));
    }
    deferred_acceptance(&Market {
        key,
        ..market.clone()
    })
}
