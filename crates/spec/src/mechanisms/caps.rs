//! Nested caps over providers, by enumeration.

use super::{Got, Plain};

/// Caps over sets of providers, any two of which are nested or apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caps {
    /// The most that the providers of a set may have together.
    pub sets: Vec<(Vec<usize>, usize)>,
    /// Who comes first where a cap binds.
    pub turn: Turn,
}

/// Who comes first where a cap binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// One order of people: the lower key. An applicant has one key everywhere.
    Master,
    /// Providers take turns in their order, each with its own best; first up to
    /// their targets, then beyond.
    Providers(Vec<usize>),
}

/// Returns which of the pairs (applicant, entry) the providers together choose.
///
/// Pairs are considered one by one, and one is taken when no set and no provider
/// becomes fuller than it may be.
#[must_use]
pub fn caps_choose(market: &Plain, caps: &Caps, pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let provider = |(a, e): (usize, usize)| market.lists[a][e].0;
    let key = |(a, e): (usize, usize)| market.lists[a][e].1;
    let mut order = pairs.to_vec();
    match &caps.turn {
        // Of two pairs of one applicant the better liked comes first.
        Turn::Master => order.sort_by_key(|pair| (key(*pair), pair.0, pair.1)),
        Turn::Providers(target) => order.sort_by_key(|pair| {
            let own = provider(*pair);
            let ahead = pairs
                .iter()
                .filter(|o| provider(**o) == own && key(**o) < key(*pair));
            let place = ahead.count();
            (place >= target[own], place, own)
        }),
    }
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for pair in order {
        let count =
            |inside: &dyn Fn(usize) -> bool| taken.iter().filter(|t| inside(provider(**t))).count();
        let own = provider(pair);
        let fits = count(&|p| p == own) < market.capacity[own]
            && caps
                .sets
                .iter()
                .filter(|(set, _)| set.contains(&own))
                .all(|(set, most)| count(&|p| set.contains(&p)) < *most);
        if fits {
            taken.push(pair);
        }
    }
    taken
}

/// Returns every stable assignment: the providers together choose all the pairs
/// there are, and would choose no pair of an applicant and a better liked entry if
/// it were there too.
#[must_use]
pub fn caps_stable(market: &Plain, caps: &Caps) -> Vec<Got> {
    let mut all = market.assignments();
    all.retain(|got| {
        let pairs: Vec<(usize, usize)> = got
            .iter()
            .enumerate()
            .filter_map(|(a, entry)| Some((a, (*entry)?)))
            .collect();
        if caps_choose(market, caps, &pairs).len() != pairs.len() {
            return false;
        }
        (0..market.lists.len()).all(|a| {
            let better = got[a].unwrap_or(market.lists[a].len());
            (0..better).all(|entry| {
                let mut with = pairs.clone();
                with.push((a, entry));
                !caps_choose(market, caps, &with).contains(&(a, entry))
            })
        })
    });
    all
}
