//! Mechanisms as their papers tell them: round by round, slow and obvious, on
//! markets of plain seats.
#![expect(
    clippy::indexing_slicing,
    reason = "the definitions read as written; every index comes from the arrays themselves"
)]

mod caps;
mod couples;
mod kesten;
mod rounds;
mod ties;
mod trees;

pub use caps::{Caps, Turn, caps_choose, caps_stable};
pub use couples::{Couple, couples_blocking, couples_stable};
pub use kesten::kesten;
pub use rounds::{efficient, immediate, serial, trading};
pub use ties::{improved, weakly_stable};
pub use trees::{Pair, Worth, trees_choose, trees_stable, trees_worth};

/// A market of plain seats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// Seats of each provider.
    pub capacity: Vec<usize>,
    /// For each applicant the providers asked for, most wanted first, with the key
    /// there: lower is better.
    pub lists: Vec<Vec<(usize, u64)>>,
}

/// For each applicant the entry of the own list.
pub type Got = Vec<Option<usize>>;

impl Plain {
    /// Returns the provider that an applicant got.
    #[must_use]
    pub fn provider(&self, got: &Got, applicant: usize) -> Option<usize> {
        got[applicant].map(|entry| self.lists[applicant][entry].0)
    }

    /// Returns the applicants at a provider.
    #[must_use]
    pub fn people(&self, got: &Got, provider: usize) -> Vec<usize> {
        (0..self.lists.len())
            .filter(|a| self.provider(got, *a) == Some(provider))
            .collect()
    }

    /// Returns the key of an applicant at a provider that the applicant asks for.
    #[must_use]
    pub fn key(&self, applicant: usize, provider: usize) -> Option<u64> {
        let found = self.lists[applicant].iter().find(|(p, _)| *p == provider);
        found.map(|(_, key)| *key)
    }

    /// Returns every assignment within the capacities.
    #[must_use]
    pub fn assignments(&self) -> Vec<Got> {
        let mut all: Vec<Got> = vec![Vec::new()];
        for list in &self.lists {
            let mut longer = Vec::new();
            for got in &all {
                for pick in (0..list.len()).map(Some).chain([None]) {
                    let mut with = got.clone();
                    with.push(pick);
                    longer.push(with);
                }
            }
            all = longer;
        }
        all.retain(|got| {
            (0..self.capacity.len()).all(|p| self.people(got, p).len() <= self.capacity[p])
        });
        all
    }
}

/// Returns whether everybody likes the first at least as much as the second.
#[must_use]
pub fn at_least_as_good(a: &Got, b: &Got) -> bool {
    let rank = |got: &Option<usize>| got.unwrap_or(usize::MAX);
    a.iter().zip(b).all(|(x, y)| rank(x) <= rank(y))
}
