//! Flat lists: values cut into rows by offsets, and the entries turned round.

use crate::market::{Market, MarketError};

/// "Nobody", "nothing", "no entry" in arrays of numbers.
pub(crate) const NONE: u32 = u32::MAX;

/// Returns a row of values that are cut by offsets; empty where there is none.
pub(crate) fn row<'a, T>(first: &[u32], values: &'a [T], row: usize) -> &'a [T] {
    values.get(bounds(first, row)).unwrap_or_default()
}

/// Returns where a row stands.
pub(crate) fn bounds(first: &[u32], row: usize) -> std::ops::Range<usize> {
    match (first.get(row), first.get(row + 1)) {
        (Some(start), Some(end)) => *start as usize..*end as usize,
        _ => 0..0,
    }
}

/// Returns the value at a place, `default` where there is none.
pub(crate) fn at<T: Copy>(values: &[T], index: u32, default: T) -> T {
    values.get(index as usize).copied().unwrap_or(default)
}

/// Sets the value at a place, if it exists.
pub(crate) fn set<T>(values: &mut [T], index: u32, value: T) {
    if let Some(slot) = values.get_mut(index as usize) {
        *slot = value;
    }
}

/// For each provider the entries that ask for it, the best key first.
#[derive(Debug)]
pub(crate) struct Askers {
    first: Vec<u32>,
    entry: Vec<u32>,
    /// The applicant of each entry of the market.
    pub applicant: Vec<u32>,
}

impl Askers {
    /// Turns the entries of a checked market round.
    ///
    /// # Errors
    /// Two applicants with one key at a provider.
    pub fn new(market: &Market) -> Result<Self, MarketError> {
        let mut first = vec![0u32; market.seats.len() + 1];
        for provider in &market.provider {
            if let Some(count) = first.get_mut(*provider as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        let mut free = first.clone();
        let mut entry = vec![0u32; market.provider.len()];
        for (index, provider) in (0u32..).zip(&market.provider) {
            if let Some(slot) = free.get_mut(*provider as usize) {
                set(&mut entry, *slot, index);
                *slot += 1;
            }
        }
        let key = |e: &u32| at(&market.key, *e, u64::MAX);
        for provider in 0..market.seats.len() {
            let range = bounds(&first, provider);
            let Some(own) = entry.get_mut(range) else {
                continue;
            };
            own.sort_unstable_by_key(key);
            let same = |pair: &[u32]| matches!(pair, [a, b] if key(a) == key(b));
            if own.windows(2).any(same) {
                let provider = u32::try_from(provider).unwrap_or(NONE);
                return Err(MarketError::SameKey { provider });
            }
        }
        Ok(Self {
            first,
            entry,
            applicant: applicants(market),
        })
    }

    /// Returns the entries that ask for a provider, the best key first.
    pub fn of(&self, provider: u32) -> &[u32] {
        row(&self.first, &self.entry, provider as usize)
    }
}

/// Returns the applicant of each entry.
pub(crate) fn applicants(market: &Market) -> Vec<u32> {
    let mut owner = Vec::with_capacity(market.provider.len());
    for (applicant, bounds) in (0u32..).zip(market.first.windows(2)) {
        if let [_, end] = bounds {
            owner.resize(*end as usize, applicant);
        }
    }
    owner
}
