//! The same market under many draws.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::deferred::{Outcome, deferred_acceptance_by_draw};
use crate::market::{Market, MarketError};

/// How an outcome looks from above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// How many have a place.
    pub placed: u64,
    /// How many have the first entry of their list, the second, and so on.
    pub at_entry: Vec<u64>,
}

/// Returns the figures of an outcome.
#[must_use]
pub fn figures(outcome: &Outcome) -> Figures {
    let mut figures = Figures {
        placed: 0,
        at_entry: Vec::new(),
    };
    for entry in outcome.entry.iter().flatten() {
        let entry = *entry as usize;
        if figures.at_entry.len() <= entry {
            figures.at_entry.resize(entry + 1, 0);
        }
        figures.placed += 1;
        if let Some(count) = figures.at_entry.get_mut(entry) {
            *count += 1;
        }
    }
    figures
}

/// Decides a market under many draws on several threads and returns what `look` says
/// of each outcome, in the order of the draws whatever the number of threads.
///
/// `draw` gives the places of the applicants in a draw of that number; priorities and
/// draws are as in [`deferred_acceptance_by_draw`]. Memory is the market once, and per
/// thread the run's own.
///
/// # Errors
/// When the market does not fit together: the error of the first draw that fails.
pub fn scenarios<T: Send>(
    market: &Market,
    class: &[u8],
    draws: u32,
    threads: usize,
    draw: impl Fn(u32) -> Vec<u32> + Sync,
    look: impl Fn(u32, &Outcome) -> T + Sync,
) -> Result<Vec<T>, MarketError> {
    let next = AtomicU32::new(0);
    let told: Mutex<Vec<(u32, Result<T, MarketError>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= draws {
                        break;
                    }
                    let solved = deferred_acceptance_by_draw(market, class, &draw(number));
                    let said = solved.map(|outcome| look(number, &outcome));
                    if let Ok(mut told) = told.lock() {
                        told.push((number, said));
                    }
                }
            });
        }
    });
    let mut told = told.into_inner().unwrap_or_default();
    told.sort_unstable_by_key(|(number, _)| *number);
    told.into_iter().map(|(_, said)| said).collect()
}
