//! Minimum shares of groups in an order.

use std::collections::{BTreeMap, VecDeque};

use crate::market::MarketError;

/// Returns the order in which people are called, given in the order of their ranking,
/// so that of the first `n` called, for every `n`, each group has at least its share
/// in percent as long as it has members left (the rule of the French admission
/// platform's call order).
///
/// Person by person: a group binds when it has members left and would have less than
/// its share of the list with one more; the next is the best ranked who is in all
/// groups that bind, and where nobody is, the last of those groups is let go, and so
/// on. `groups` has bit `g` for a member of the `g`-th group; groups that come first
/// in `percent` weigh more.
///
/// Time O(n × 2^groups) at most, with as many kinds of people as there are.
///
/// # Errors
/// More than 16 groups, or a share above 100.
pub fn call_order(groups: &[u32], percent: &[u32]) -> Result<Vec<u32>, MarketError> {
    if percent.len() > 16 || percent.iter().any(|p| *p > 100) {
        return Err(MarketError::Shape(
            "there are more than 16 shares or one is above 100 percent",
        ));
    }
    let known = (1u32 << percent.len()) - 1;
    // For each kind of people those left, the best first.
    let mut left: BTreeMap<u32, VecDeque<u32>> = BTreeMap::new();
    for (person, own) in (0u32..).zip(groups) {
        left.entry(own & known).or_default().push_back(person);
    }
    let mut called = Vec::with_capacity(groups.len());
    let mut counts = vec![(0u64, 0u64); percent.len()];
    for (bit, (_, members)) in counts.iter_mut().enumerate() {
        let inside = groups.iter().filter(|g| **g >> bit & 1 == 1);
        *members = inside.count() as u64;
    }
    while called.len() < groups.len() {
        let length = called.len() as u64 + 1;
        let mut binding = 0u32;
        for (bit, ((count, members), percent)) in counts.iter().zip(percent).enumerate() {
            if count < members && count * 100 < u64::from(*percent) * length {
                binding |= 1 << bit;
            }
        }
        let kind = loop {
            let fits = left.iter().filter(|(kind, _)| **kind & binding == binding);
            let best = fits
                .filter_map(|(kind, people)| Some((people.front()?, *kind)))
                .min();
            match best {
                Some((_, kind)) => break Some(kind),
                None if binding == 0 => break None,
                // The group that weighs least is let go.
                None => binding &= !(1 << binding.ilog2()),
            }
        };
        let next = kind.and_then(|k| left.get_mut(&k)?.pop_front().map(|p| (k, p)));
        let Some((kind, person)) = next else { break };
        called.push(person);
        for (bit, (count, _)) in counts.iter_mut().enumerate() {
            *count += u64::from(kind >> bit & 1);
        }
    }
    Ok(called)
}
