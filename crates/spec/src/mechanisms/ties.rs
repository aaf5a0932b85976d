//! Equal priorities: weak stability, by enumeration.

use super::{Got, Plain, at_least_as_good};

/// Returns every weakly stable assignment. Keys are classes here: two people may
/// have the same. An applicant and a better liked provider block when the provider
/// has a seat left or holds somebody of a strictly worse class.
#[must_use]
pub fn weakly_stable(market: &Plain) -> Vec<Got> {
    let mut all = market.assignments();
    all.retain(|got| {
        (0..market.lists.len()).all(|applicant| {
            let better = got[applicant].unwrap_or(market.lists[applicant].len());
            market.lists[applicant][..better]
                .iter()
                .all(|(provider, class)| {
                    let here = market.people(got, *provider);
                    here.len() >= market.capacity[*provider]
                        && here
                            .iter()
                            .all(|a| market.key(*a, *provider) <= Some(*class))
                })
        })
    });
    all
}

/// Returns whether a weakly stable assignment is as good for everybody as the given
/// one and better for somebody.
#[must_use]
pub fn improved(market: &Plain, got: &Got) -> bool {
    let stable = weakly_stable(market);
    stable
        .iter()
        .any(|other| other != got && at_least_as_good(other, got))
}
