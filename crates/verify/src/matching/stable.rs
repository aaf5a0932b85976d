//! Stability, and every pair that blocks.

use minsheng_model::Door;

use super::seats::{Thresholds, doors};
use super::view::{Got, View};

/// Why an assignment is not even what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The applicant has an entry that is not on the own list.
    NotListed(u32),
    /// The provider would not choose its own people by the doors they have.
    NotChosen(u32),
}

/// Returns what is wrong with an assignment by itself, before anybody's envy.
#[must_use]
pub fn faults<K: Ord + Copy>(view: &View<'_, K>, got: &Got) -> Vec<Fault> {
    let mut faults = Vec::new();
    if got.len() != view.applicants() {
        faults.push(Fault::NotListed(
            u32::try_from(got.len()).unwrap_or(u32::MAX),
        ));
    }
    for (applicant, own) in (0u32..).zip(got) {
        let entry = view.entry(got, applicant as usize);
        if own.is_some() && entry.is_none_or(|e| view.provider(e) >= view.seats.len()) {
            faults.push(Fault::NotListed(applicant));
        }
    }
    let people = view.people(got);
    for (provider, seats) in (0u32..).zip(view.seats) {
        let own = people.of(provider as usize);
        let told = own.iter().map(|p| door(got, p.applicant));
        if !told.eq(doors(seats, own)) {
            faults.push(Fault::NotChosen(provider));
        }
    }
    faults
}

fn door(got: &Got, applicant: u32) -> Option<Door> {
    got.get(applicant as usize)
        .copied()
        .flatten()
        .map(|(_, d)| d)
}

/// Returns every applicant and entry (counted on the own list) that block: the
/// applicant likes the entry better than the own result, and the provider would
/// choose the applicant out of its own people and this one.
#[must_use]
pub fn blocking<K: Ord + Copy>(view: &View<'_, K>, got: &Got) -> Vec<(u32, u32)> {
    let people = view.people(got);
    let pairs = view.seats.iter().enumerate();
    let bars: Vec<Thresholds<K>> = pairs
        .map(|(provider, seats)| {
            let own = people.of(provider);
            Thresholds::new(seats, own, &doors(seats, own))
        })
        .collect();
    let mut found = Vec::new();
    for applicant in 0..view.applicants() {
        for (position, entry) in (0u32..).zip(view.better(got, applicant)) {
            let bar = bars.get(view.provider(entry));
            let taken = bar.zip(view.key(entry));
            if taken.is_none_or(|(bar, key)| bar.takes(key, view.groups(entry))) {
                found.push((u32::try_from(applicant).unwrap_or(u32::MAX), position));
            }
        }
    }
    found
}

/// Returns whether an assignment is stable: it has no fault, and nothing blocks it.
#[must_use]
pub fn stable<K: Ord + Copy>(view: &View<'_, K>, got: &Got) -> bool {
    faults(view, got).is_empty() && blocking(view, got).is_empty()
}
