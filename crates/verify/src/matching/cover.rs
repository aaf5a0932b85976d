//! The most people that can have a place at all.

use super::view::View;

/// Returns an upper bound on how many can be placed, or `None` when the two sets do
/// not prove one: every entry has to be of one of the applicants or at one of the
/// providers. Then no more can be placed than there are such applicants and such
/// providers' seats (König 1931).
#[must_use]
pub fn covers<K: Ord + Copy>(
    view: &View<'_, K>,
    applicants: &[u32],
    providers: &[u32],
) -> Option<u64> {
    covers_where(view, applicants, providers, |_| true)
}

/// As [`covers`], of the entries that are possible.
pub(crate) fn covers_where<K: Ord + Copy>(
    view: &View<'_, K>,
    applicants: &[u32],
    providers: &[u32],
    possible: impl Fn(u32) -> bool,
) -> Option<u64> {
    let mut covered = vec![false; view.applicants()];
    for applicant in applicants {
        *covered.get_mut(*applicant as usize)? = true;
    }
    let mut shut = vec![false; view.seats.len()];
    let mut bound = 0u64;
    for provider in providers {
        let slot = shut.get_mut(*provider as usize)?;
        if !*slot {
            bound += u64::from(view.seats.get(*provider as usize)?.capacity);
        }
        *slot = true;
    }
    bound += covered.iter().filter(|c| **c).count() as u64;
    for (applicant, covered) in covered.iter().enumerate() {
        for entry in view.list(applicant) {
            if !covered && possible(entry) && !shut.get(view.provider(entry)).copied()? {
                return None;
            }
        }
    }
    Some(bound)
}
