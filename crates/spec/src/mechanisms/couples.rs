//! Joint applications, by enumeration.

use super::{Got, Plain};

/// Two applicants who apply together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Couple {
    /// Who.
    pub members: [usize; 2],
    /// Pairs of entries of their own lists, the most wanted pair first; `None` is
    /// "no place".
    pub pairs: Vec<[Option<usize>; 2]>,
}

/// Returns what blocks: an applicant alone with a better entry, or a couple with a
/// better pair, such that each provider concerned, with the people it has except
/// the one or two themselves, would take the newcomers. Given as the members'
/// entries; one member for somebody alone.
#[must_use]
pub fn couples_blocking(
    market: &Plain,
    couples: &[Couple],
    got: &Got,
) -> Vec<Vec<(usize, Option<usize>)>> {
    let mut blocking = Vec::new();
    for applicant in 0..market.lists.len() {
        if couples.iter().any(|c| c.members.contains(&applicant)) {
            continue;
        }
        let better = got[applicant].unwrap_or(market.lists[applicant].len());
        for entry in 0..better {
            let move_ = vec![(applicant, Some(entry))];
            if takes(market, got, &move_) {
                blocking.push(move_);
            }
        }
    }
    for couple in couples {
        let [a, b] = couple.members;
        let now = couple.pairs.iter().position(|p| *p == [got[a], got[b]]);
        for pair in &couple.pairs[..now.unwrap_or(couple.pairs.len())] {
            let move_ = vec![(a, pair[0]), (b, pair[1])];
            if takes(market, got, &move_) {
                blocking.push(move_);
            }
        }
    }
    blocking
}

fn takes(market: &Plain, got: &Got, move_: &[(usize, Option<usize>)]) -> bool {
    let mut after = got.clone();
    for (applicant, entry) in move_ {
        after[*applicant] = *entry;
    }
    move_.iter().all(|(applicant, _)| {
        let Some(provider) = market.provider(&after, *applicant) else {
            return true;
        };
        let key = |a: usize| market.key(a, provider).unwrap_or(u64::MAX);
        let people = market.people(&after, provider);
        let ahead = people.iter().filter(|a| key(**a) < key(*applicant));
        ahead.count() < market.capacity[provider]
    })
}

/// Returns every stable assignment: couples have a pair of their list or nothing,
/// and nothing blocks.
#[must_use]
pub fn couples_stable(market: &Plain, couples: &[Couple]) -> Vec<Got> {
    let mut all = market.assignments();
    all.retain(|got| {
        couples.iter().all(|c| {
            let now = c.members.map(|m| got[m]);
            now == [None, None] || c.pairs.contains(&now)
        }) && couples_blocking(market, couples, got).is_empty()
    });
    all
}
