//! Joint applications.

use super::view::{Got, View};

/// Two applicants who apply together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Couple {
    /// Who.
    pub members: [u32; 2],
    /// Pairs of entries, each counted on the member's own list, the most wanted
    /// pair first; `None` is "no place".
    pub pairs: Vec<[Option<u32>; 2]>,
}

/// A move that everybody concerned prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CouplesBlock {
    /// An applicant alone, and the entry.
    Single(u32, u32),
    /// A couple, and which of its pairs.
    Couple(usize, usize),
}

/// Returns what is wrong with an assignment: couples that have something not on
/// their list, providers over their seats, and everything that blocks.
///
/// Somebody alone, or a couple, blocks with a better entry or pair when every
/// provider concerned would take the newcomers out of the people it has, without
/// the one or two themselves, and the newcomers.
#[must_use]
pub fn couples_blocking<K: Ord + Copy>(
    view: &View<'_, K>,
    couples: &[Couple],
    got: &Got,
) -> (Vec<usize>, Vec<usize>, Vec<CouplesBlock>) {
    let people = view.people(got);
    let takes = |entries: &[(u32, u32)], leaving: &[u32]| {
        entries.iter().all(|(_, entry)| {
            let provider = view.provider(*entry);
            let key = view.key(*entry);
            let capacity = view.seats.get(provider).map_or(0, |s| s.capacity as usize);
            let here = people.of(provider).iter();
            let ahead = here.filter(|p| !leaving.contains(&p.applicant) && Some(p.key) < key);
            let with = entries.iter().filter(|(_, other)| {
                other != entry && view.provider(*other) == provider && view.key(*other) < key
            });
            ahead.count() + with.count() < capacity
        })
    };
    let mut joint = vec![false; view.applicants()];
    for member in couples.iter().flat_map(|c| c.members) {
        if let Some(flag) = joint.get_mut(member as usize) {
            *flag = true;
        }
    }
    let mut blocks = Vec::new();
    for (applicant, joint) in (0u32..).zip(&joint) {
        let better = view.better(got, applicant as usize);
        for (position, entry) in (0u32..).zip(better).filter(|_| !joint) {
            if takes(&[(applicant, entry)], &[applicant]) {
                blocks.push(CouplesBlock::Single(applicant, position));
            }
        }
    }
    let mut wrong = Vec::new();
    for (index, couple) in couples.iter().enumerate() {
        let own = |m: u32| got.get(m as usize).copied().flatten().map(|(e, _)| e);
        let now = couple.members.map(own);
        let place = couple.pairs.iter().position(|p| *p == now);
        if place.is_none() && now != [None, None] {
            wrong.push(index);
        }
        let better = couple.pairs.iter().take(place.unwrap_or(usize::MAX));
        for (position, pair) in better.enumerate() {
            let members = couple.members.iter().zip(pair);
            let entries: Vec<(u32, u32)> = members
                .filter_map(|(m, e)| Some((*m, view.list(*m as usize).start + (*e)?)))
                .collect();
            if takes(&entries, &couple.members) {
                blocks.push(CouplesBlock::Couple(index, position));
            }
        }
    }
    let over = (0..view.seats.len()).filter(|p| {
        let capacity = view.seats.get(*p).map_or(0, |s| s.capacity as usize);
        people.of(*p).len() > capacity
    });
    (wrong, over.collect(), blocks)
}
