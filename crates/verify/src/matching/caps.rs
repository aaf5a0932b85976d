//! Nested caps over providers.

use super::best::cycle;
use super::view::{Got, View};

/// A forest of caps over providers with plain seats.
#[derive(Debug, Clone, Copy)]
pub struct Caps<'a> {
    /// The node above each node.
    pub parent: &'a [Option<u32>],
    /// The most that the providers under each node may have together.
    pub most: &'a [u32],
    /// The node right above each provider.
    pub node: &'a [Option<u32>],
    /// Who comes first where a cap binds.
    pub turn: Turn<'a>,
}

/// Who comes first where a cap binds.
#[derive(Debug, Clone, Copy)]
pub enum Turn<'a> {
    /// The lower key; an applicant has one key at all providers of a tree.
    Master,
    /// Providers take turns in their order, each with its own best, first up to
    /// their targets, then beyond.
    Providers(&'a [u32]),
}

/// A provider's seat in the order in which providers take turns: beyond the target,
/// how many it has before, which provider.
type Slot = (bool, u32, usize);

/// What is inside each provider and under each node.
struct Inside<'a, K> {
    caps: Caps<'a>,
    capacity: Vec<u32>,
    count: Vec<u32>,
    worst: Vec<Option<K>>,
    under: Vec<u32>,
    worst_under: Vec<Option<K>>,
    last_under: Vec<Option<Slot>>,
}

impl<'a, K: Ord + Copy> Inside<'a, K> {
    fn new(view: &View<'_, K>, caps: Caps<'a>, got: &Got) -> Self {
        let (providers, nodes) = (view.seats.len(), caps.parent.len());
        let mut inside = Self {
            caps,
            capacity: view.seats.iter().map(|s| s.capacity).collect(),
            count: vec![0; providers],
            worst: vec![None; providers],
            under: vec![0; nodes],
            worst_under: vec![None; nodes],
            last_under: vec![None; nodes],
        };
        for applicant in 0..view.applicants() {
            let Some(entry) = view.entry(got, applicant) else {
                continue;
            };
            let (provider, key) = (view.provider(entry), view.key(entry));
            if let (Some(count), Some(worst)) = (
                inside.count.get_mut(provider),
                inside.worst.get_mut(provider),
            ) {
                *count += 1;
                *worst = (*worst).max(key);
            }
        }
        for provider in 0..providers {
            let count = get(&inside.count, provider).unwrap_or(0);
            let last = count
                .checked_sub(1)
                .map(|place| inside.slot(provider, place));
            let worst = get(&inside.worst, provider).flatten();
            let path: Vec<usize> = inside.path(provider).collect();
            for node in path {
                if let (Some(under), Some(key), Some(slot)) = (
                    inside.under.get_mut(node),
                    inside.worst_under.get_mut(node),
                    inside.last_under.get_mut(node),
                ) {
                    *under += count;
                    *key = (*key).max(worst);
                    *slot = (*slot).max(last);
                }
            }
        }
        inside
    }

    fn slot(&self, provider: usize, place: u32) -> Slot {
        let target = match self.caps.turn {
            Turn::Master => 0,
            Turn::Providers(targets) => get(targets, provider).unwrap_or(0),
        };
        (place >= target, place, provider)
    }

    /// Returns the nodes above a provider, the nearest first.
    fn path(&self, provider: usize) -> impl Iterator<Item = usize> + use<'a, K> {
        let parent = self.caps.parent;
        let first = get(self.caps.node, provider).flatten();
        // A path longer than the forest would go round; it is cut.
        std::iter::successors(first, |node| get(parent, *node as usize).flatten())
            .take(parent.len())
            .map(|node| node as usize)
    }

    fn full(&self, provider: usize) -> bool {
        get(&self.count, provider) >= get(&self.capacity, provider)
    }

    fn full_under(&self, node: usize) -> bool {
        get(&self.under, node) >= get(self.caps.most, node)
    }

    /// Returns whether the providers together would choose an applicant with this
    /// key for this provider.
    fn takes(&self, provider: usize, key: K) -> bool {
        let own = get(&self.worst, provider).flatten();
        match self.caps.turn {
            Turn::Master => {
                let beats = |worst: Option<K>| worst.is_some_and(|w| key <= w);
                (!self.full(provider) || beats(own))
                    && self.path(provider).all(|node| {
                        !self.full_under(node) || beats(get(&self.worst_under, node).flatten())
                    })
            }
            Turn::Providers(_) => {
                if own.is_some_and(|worst| key < worst) {
                    return true;
                }
                let slot = self.slot(provider, get(&self.count, provider).unwrap_or(0));
                !self.full(provider)
                    && self.path(provider).all(|node| {
                        let last = get(&self.last_under, node).flatten();
                        !self.full_under(node) || last.is_some_and(|last| slot < last)
                    })
            }
        }
    }
}

fn get<T: Copy>(values: &[T], index: usize) -> Option<T> {
    values.get(index).copied()
}

/// Returns what is wrong with an assignment under caps: the providers and nodes
/// that have too many, and every applicant and entry that block.
///
/// A pair blocks when the applicant likes the entry better and the providers
/// together would choose it. Under one order of people that is so when at every
/// full cap above the entry somebody inside is worse or the applicant is inside;
/// where providers take turns the applicant's present place stays counted.
#[must_use]
pub fn caps_blocking<K: Ord + Copy>(
    view: &View<'_, K>,
    caps: Caps<'_>,
    got: &Got,
) -> (Vec<usize>, Vec<usize>, Vec<(u32, u32)>) {
    let inside = Inside::new(view, caps, got);
    let providers =
        (0..view.seats.len()).filter(|p| get(&inside.count, *p) > get(&inside.capacity, *p));
    let nodes = (0..caps.most.len()).filter(|n| get(&inside.under, *n) > get(caps.most, *n));
    let mut blocking = Vec::new();
    for (number, applicant) in (0u32..).zip(0..view.applicants()) {
        for (position, entry) in (0u32..).zip(view.better(got, applicant)) {
            let key = view.key(entry);
            if key.is_none_or(|key| inside.takes(view.provider(entry), key)) {
                blocking.push((number, position));
            }
        }
    }
    (providers.collect(), nodes.collect(), blocking)
}

/// Returns a cycle of applicants by which a **stable** assignment under caps could
/// be better for all of them and stay stable; `None` proves that no stable one is
/// better for anybody. See the module's text; the tree is one chooser.
///
/// When somebody leaves a provider, the next is the best of those who want in and
/// whose nearest full cap lies on the way up from that provider: all caps that stop
/// them are then relieved. Time is linear in the entries and in the tree.
#[must_use]
pub fn caps_improvement<K: Ord + Copy>(
    view: &View<'_, K>,
    caps: Caps<'_>,
    got: &Got,
) -> Option<Vec<u32>> {
    let inside = Inside::new(view, caps, got);
    // For each provider the best who wants in.
    let mut wants: Vec<Option<(K, u32)>> = vec![None; view.seats.len()];
    for (number, applicant) in (0u32..).zip(0..view.applicants()) {
        for entry in view.better(got, applicant) {
            if let (Some(best), Some(key)) = (wants.get_mut(view.provider(entry)), view.key(entry))
                && best.is_none_or(|b| (key, number) < b)
            {
                *best = Some((key, number));
            }
        }
    }
    // At the nearest full cap of each provider: the best of those it stops.
    let mut stopped: Vec<Option<(Rank<K>, u32)>> = vec![None; caps.parent.len()];
    for (provider, best) in wants.iter().enumerate() {
        let Some((key, applicant)) = *best else {
            continue;
        };
        if inside.full(provider) {
            continue;
        }
        let nearest = inside.path(provider).find(|node| inside.full_under(*node));
        let rank = match caps.turn {
            Turn::Master => Rank::Key(key),
            Turn::Providers(_) => {
                Rank::Slot(inside.slot(provider, get(&inside.count, provider).unwrap_or(0)))
            }
        };
        if let Some(slot) = nearest.and_then(|node| stopped.get_mut(node))
            && slot.is_none_or(|s| (rank, applicant) < s)
        {
            *slot = Some((rank, applicant));
        }
    }
    let next: Vec<Option<u32>> = (0..view.seats.len())
        .map(|provider| {
            let own = get(&wants, provider).flatten();
            let above = inside
                .path(provider)
                .filter_map(|n| get(&stopped, n).flatten());
            match caps.turn {
                Turn::Master => {
                    let own = own.map(|(key, a)| (Rank::Key(key), a));
                    above.chain(own).min().map(|(_, a)| a)
                }
                // A provider with somebody waiting fills its own seat.
                Turn::Providers(_) => match own {
                    Some((_, applicant)) => Some(applicant),
                    None => above.min().map(|(_, a)| a),
                },
            }
        })
        .collect();
    let successor: Vec<Option<u32>> = (0..view.applicants())
        .map(|a| get(&next, view.provider(view.entry(got, a)?)).flatten())
        .collect();
    cycle(&successor, |a| view.entry(got, a as usize).is_some())
}

/// In which order those who wait are let in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank<K> {
    Key(K),
    Slot(Slot),
}
