//! Keys from classes and draws.

use crate::lists::{NONE, at, set};

/// Returns the keys of entries where one draw orders everybody (a single lottery):
/// the class of the entry, then the applicant's place in the draw (all different).
///
/// `first` are the offsets of the lists, `class` is given for every entry.
#[must_use]
pub fn single_draw(first: &[u32], class: &[u32], rank: &[u32]) -> Vec<u64> {
    let mut keys = Vec::with_capacity(class.len());
    for (bounds, rank) in first.windows(2).zip(rank) {
        let &[start, end] = bounds else { continue };
        for entry in start..end {
            keys.push(u64::from(at(class, entry, NONE)) << 32 | u64::from(*rank));
        }
    }
    keys
}

/// Returns the keys of entries where every provider draws for itself (a multiple
/// lottery): the class of the entry, then the order of the numbers drawn at that
/// provider; equal numbers go by the applicants' order.
///
/// `number` is given for every entry.
#[must_use]
pub fn draw_at_each_provider(provider: &[u32], class: &[u32], number: &[u64]) -> Vec<u64> {
    let mut order: Vec<(u32, u32, u64, u32)> = (0u32..)
        .zip(provider)
        .map(|(entry, p)| {
            (
                *p,
                at(class, entry, NONE),
                at(number, entry, u64::MAX),
                entry,
            )
        })
        .collect();
    // Entries are in the order of applicants.
    order.sort_unstable();
    let mut keys = vec![0u64; provider.len()];
    let mut before = NONE;
    let mut place = 0u64;
    for (own, class, _, entry) in order {
        place = if own == before { place + 1 } else { 0 };
        before = own;
        set(&mut keys, entry, u64::from(class) << 32 | place);
    }
    keys
}

/// Returns a draw by family: members stand together, at the best place that one of
/// them has in `rank`, and among themselves in the order of `rank`. `family` is
/// `u32::MAX` for nobody's.
#[must_use]
pub fn draw_by_family(rank: &[u32], family: &[u32]) -> Vec<u32> {
    let families = family
        .iter()
        .filter(|f| **f != NONE)
        .max()
        .map_or(0, |f| *f as usize + 1);
    let mut best = vec![NONE; families];
    for (own, rank) in family.iter().zip(rank) {
        if let Some(best) = best.get_mut(*own as usize) {
            *best = (*best).min(*rank);
        }
    }
    let mut order: Vec<(u32, u32, u32)> = (0u32..)
        .zip(family.iter().zip(rank))
        .map(|(applicant, (own, rank))| (at(&best, *own, *rank), *rank, applicant))
        .collect();
    order.sort_unstable();
    let mut places = vec![0; rank.len()];
    for (place, (.., applicant)) in (0u32..).zip(order) {
        set(&mut places, applicant, place);
    }
    places
}
