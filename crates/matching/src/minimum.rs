//! Classes that need a minimum.

use crate::deferred::{Closable, Outcome};
use crate::lists::{NONE, at, bounds};
use crate::market::{Market, MarketError};

/// A provider that was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Which.
    pub provider: u32,
    /// How many it had when it was closed.
    pub placed: u32,
}

/// Decides by deferred acceptance where providers with fewer people than their
/// minimum do not open: the one that is furthest below (of equals the last in the
/// order of providers) is closed, everything is decided again without it, and so on.
/// A seat kept at a closed provider is lost.
///
/// Returns the outcome, and the closed providers in the order of closing; those that
/// nobody got come last. Minimums as constraints on stability have no solution in
/// general, so closing is a rule, and **the result is stable given what is open**.
/// Whoever could influence what opens may gain by misreporting.
///
/// Nothing is in fact decided twice: who was refused in a larger set of providers is
/// refused in a smaller one, so closing a provider sends its people on along their
/// lists, and that is where deciding again would end. Time is that of deferred
/// acceptance once, and one look at all providers for each closing.
///
/// # Errors
/// When the market does not fit together, or `minimum` does not name every provider.
pub fn with_minimum(
    market: &Market,
    minimum: &[u32],
) -> Result<(Outcome, Vec<Closed>), MarketError> {
    market.check()?;
    fits(market, minimum)?;
    let mut run = Closable::new(market);
    let mut open = vec![true; market.seats.len()];
    let mut closed = Vec::new();
    loop {
        run.settle()?;
        let Some(worst) = worst(minimum, &run.counts(), &mut open, &mut closed) else {
            return Ok((run.finish(), closed));
        };
        run.close(worst);
    }
}

/// [`with_minimum`] under another mechanism, which decides each market by `solve`:
/// nothing is known of it, so it does decide again after each closing.
///
/// The keys of `market` are handed on; entries at closed providers are not there.
///
/// # Errors
/// What `solve` says; when the market does not fit together.
pub fn with_minimum_by(
    market: &Market,
    minimum: &[u32],
    mut solve: impl FnMut(&Market) -> Result<Outcome, MarketError>,
) -> Result<(Outcome, Vec<Closed>), MarketError> {
    market.check()?;
    fits(market, minimum)?;
    let mut open = vec![true; market.seats.len()];
    let mut closed = Vec::new();
    loop {
        let (rest, origin) = without(market, &open);
        let mut solved = solve(&rest)?;
        let mut placed = vec![0u32; market.seats.len()];
        for (applicant, entry) in solved.entry.iter_mut().enumerate() {
            let Some(own) = entry else { continue };
            let at_rest = bounds(&rest.first, applicant).start + *own as usize;
            let whole = origin.get(at_rest).copied().unwrap_or(NONE);
            let start = bounds(&market.first, applicant).start;
            *own = whole - u32::try_from(start).unwrap_or(0);
            if let Some(count) = placed.get_mut(at(&market.provider, whole, NONE) as usize) {
                *count += 1;
            }
        }
        if worst(minimum, &placed, &mut open, &mut closed).is_none() {
            return Ok((solved, closed));
        }
    }
}

fn fits(market: &Market, minimum: &[u32]) -> Result<(), MarketError> {
    if minimum.len() == market.seats.len() {
        Ok(())
    } else {
        Err(MarketError::Shape("the minimums do not fit the providers"))
    }
}

/// Notes down and returns the provider to close next; where only providers are below
/// their minimum that nobody has, notes all of these and returns none.
fn worst(
    minimum: &[u32],
    placed: &[u32],
    open: &mut [bool],
    closed: &mut Vec<Closed>,
) -> Option<u32> {
    let below = (0u32..)
        .zip(minimum.iter().zip(placed))
        .filter(|(_, (least, had))| had < least);
    let worst = below
        .clone()
        .filter(|(_, (_, had))| **had > 0)
        .max_by_key(|(p, (least, had))| (**least - **had, *p));
    if let Some((provider, (_, placed))) = worst {
        closed.push(Closed {
            provider,
            placed: *placed,
        });
        if let Some(flag) = open.get_mut(provider as usize) {
            *flag = false;
        }
        return Some(provider);
    }
    let empty = below.filter(|(p, _)| at(open, *p, false));
    closed.extend(empty.map(|(provider, _)| Closed {
        provider,
        placed: 0,
    }));
    None
}

/// Returns the market of the providers that are open, and which entries are left.
fn without(market: &Market, open: &[bool]) -> (Market, Vec<u32>) {
    let mut rest = Market {
        first: vec![0],
        seats: market.seats.clone(),
        ..Market::default()
    };
    let mut origin = Vec::with_capacity(market.provider.len());
    for applicant in 0..market.applicants() {
        for entry in bounds(&market.first, applicant) {
            let entry = u32::try_from(entry).unwrap_or(NONE);
            let provider = at(&market.provider, entry, NONE);
            if at(open, provider, false) {
                rest.provider.push(provider);
                rest.key.push(at(&market.key, entry, 0));
                if !market.groups.is_empty() {
                    rest.groups.push(at(&market.groups, entry, 0));
                }
                origin.push(entry);
            }
        }
        rest.first.push(u32::try_from(origin.len()).unwrap_or(NONE));
    }
    (rest, origin)
}
