//! Efficiency-adjusted deferred acceptance, as Kesten 2010 tells it.

use super::{Got, Plain};

/// Returns Kesten's outcome: deferred acceptance is run step by step; in the last
/// step in which a consenting interrupter is turned away from the provider at which
/// it interrupted, all such pairs of that step are noted, the interrupters' entries
/// struck, and everything is run again.
///
/// An applicant interrupts at a provider when it is held there while somebody else
/// is turned away, and is turned away itself later.
#[must_use]
pub fn kesten(market: &Plain, consent: &[bool]) -> Got {
    let mut struck: Vec<Vec<bool>> = market.lists.iter().map(|l| vec![false; l.len()]).collect();
    loop {
        let (got, mut pairs) = steps(market, &struck);
        pairs.retain(|(_, applicant, _)| consent[*applicant]);
        let Some(last) = pairs.iter().map(|(step, _, _)| *step).max() else {
            return got;
        };
        for (_, applicant, entry) in pairs.into_iter().filter(|(step, _, _)| *step == last) {
            struck[applicant][entry] = true;
        }
    }
}

/// Runs deferred acceptance in simultaneous steps; returns the outcome and each
/// interrupting pair: the step in which it was turned away, applicant, entry.
fn steps(market: &Plain, struck: &[Vec<bool>]) -> (Got, Vec<(usize, usize, usize)>) {
    let people = market.lists.len();
    let after = |a: usize, from: usize| (from..market.lists[a].len()).find(|e| !struck[a][*e]);
    let mut at: Got = (0..people).map(|a| after(a, 0)).collect();
    let mut held = vec![false; people];
    let mut interrupts = vec![false; people];
    let mut pairs = Vec::new();
    for step in 0.. {
        let mut turned_away = Vec::new();
        for provider in 0..market.capacity.len() {
            let mut asking: Vec<(u64, usize)> = market
                .people(&at, provider)
                .into_iter()
                .map(|a| (market.key(a, provider).unwrap_or(u64::MAX), a))
                .collect();
            asking.sort_unstable();
            let (stay, go) = asking.split_at(market.capacity[provider].min(asking.len()));
            for (_, a) in stay {
                // Who is held while another is turned away may be an interrupter.
                interrupts[*a] |= !go.is_empty();
                held[*a] = true;
            }
            turned_away.extend(go.iter().map(|(_, a)| *a));
        }
        if turned_away.is_empty() {
            return (at, pairs);
        }
        for a in turned_away {
            if let Some(entry) = at[a] {
                if held[a] && interrupts[a] {
                    pairs.push((step, a, entry));
                }
                at[a] = after(a, entry + 1);
            }
            held[a] = false;
            interrupts[a] = false;
        }
    }
    (at, pairs)
}
