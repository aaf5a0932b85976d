//! Immediate acceptance, serial dictatorship, top trading cycles, efficiency.

use super::{Got, Plain, at_least_as_good};

/// Immediate acceptance: in round `k` those without a place ask for their `k`-th
/// entry; each provider takes the best of them into the seats left, for good.
#[must_use]
pub fn immediate(market: &Plain) -> Got {
    let mut got: Got = vec![None; market.lists.len()];
    let longest = market.lists.iter().map(Vec::len).max().unwrap_or(0);
    let mut left = market.capacity.clone();
    for round in 0..longest {
        for (provider, left) in left.iter_mut().enumerate() {
            let mut asking: Vec<(u64, usize)> = (0..market.lists.len())
                .filter(|a| got[*a].is_none())
                .filter_map(|a| Some((market.lists[a].get(round)?, a)))
                .filter(|((p, _), _)| *p == provider)
                .map(|((_, key), a)| (*key, a))
                .collect();
            asking.sort_unstable();
            for (_, applicant) in asking.into_iter().take(*left) {
                got[applicant] = Some(round);
                *left -= 1;
            }
        }
    }
    got
}

/// Serial dictatorship: in the given order everybody takes the best place left.
#[must_use]
pub fn serial(market: &Plain, order: &[usize]) -> Got {
    let mut got: Got = vec![None; market.lists.len()];
    let mut left = market.capacity.clone();
    for applicant in order {
        let best = market.lists[*applicant]
            .iter()
            .position(|(p, _)| left[*p] > 0);
        if let Some(entry) = best {
            left[market.lists[*applicant][entry].0] -= 1;
        }
        got[*applicant] = best;
    }
    got
}

/// Top trading cycles: as long as somebody wants a provider with a seat left,
/// everybody points to the best such provider, each provider to its first person
/// still there, and everybody on a cycle gets the provider pointed to.
#[must_use]
pub fn trading(market: &Plain, orders: &[Vec<usize>]) -> Got {
    let mut got: Got = vec![None; market.lists.len()];
    let mut there: Vec<bool> = vec![true; market.lists.len()];
    let mut left = market.capacity.clone();
    loop {
        let wish = |a: usize| market.lists[a].iter().position(|(p, _)| left[*p] > 0);
        for applicant in 0..there.len() {
            there[applicant] &= got[applicant].is_none() && wish(applicant).is_some();
        }
        let Some(start) = there.iter().position(|t| *t) else {
            return got;
        };
        let step = |a: usize| {
            let entry = wish(a)?;
            let provider = market.lists[a][entry].0;
            let first = orders[provider].iter().find(|b| there[**b])?;
            Some((entry, provider, *first))
        };
        // Whoever is reached after as many steps as there are people is on a cycle.
        let mut on = start;
        for _ in 0..there.len() {
            on = step(on).map_or(on, |s| s.2);
        }
        let mut trades = Vec::new();
        let mut walker = on;
        while let Some((entry, provider, next)) = step(walker) {
            trades.push((walker, entry, provider));
            walker = next;
            if walker == on {
                break;
            }
        }
        for (applicant, entry, provider) in trades {
            got[applicant] = Some(entry);
            left[provider] -= 1;
        }
    }
}

/// Returns whether no other assignment is as good for everybody and better for
/// somebody.
#[must_use]
pub fn efficient(market: &Plain, got: &Got) -> bool {
    let all = market.assignments();
    !all.iter()
        .any(|other| other != got && at_least_as_good(other, got))
}
