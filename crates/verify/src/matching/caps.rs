//! Nested caps over providers.

use minsheng_model::Door;

use super::best::{Envious, Way, cycle};
use super::seats::{Thresholds, doors};
use super::view::{Got, Groups, People, Person, View};

/// A forest of caps over providers.
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
    /// The lower key; an applicant has one key at all providers of a tree. Kept seats
    /// come first, then the providers' first reserves, their second ones and so on, then
    /// open seats.
    Master,
    /// Providers take turns in their order, each with its own best, first up to
    /// their targets, then beyond; kept seats first, then reserved, then open ones.
    Providers(&'a [u32]),
}

/// When somebody is let in: the door's step, then the key.
type Step<K> = (u16, K);

/// A turn of a provider: kept, reserved or open; beyond the target; how many it has
/// before; which provider.
type Slot = (u8, bool, u32, usize);

/// The order in which people are let in under a cap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank<K> {
    /// All the same where there is one order of people.
    slot: Slot,
    step: Step<K>,
}

const OPEN: u16 = u16::MAX;

fn step(door: Door) -> u16 {
    match door {
        Door::Kept => 0,
        Door::Reserve(index) => 1 + u16::from(index),
        Door::Open => OPEN,
    }
}

fn phase(step: u16) -> u8 {
    match step {
        0 => 0,
        OPEN => 2,
        _ => 1,
    }
}

/// What is inside each provider and under each node.
struct Inside<'a, K> {
    caps: Caps<'a>,
    people: People<K>,
    count: Vec<u32>,
    bars: Vec<Thresholds<K>>,
    /// The last one let in at each provider.
    last: Vec<Option<Step<K>>>,
    under: Vec<u32>,
    last_under: Vec<Option<Rank<K>>>,
}

impl<'a, K: Ord + Copy> Inside<'a, K> {
    fn new(view: &View<'_, K>, caps: Caps<'a>, got: &Got) -> Self {
        let nodes = caps.parent.len();
        let mut inside = Self {
            caps,
            people: view.people(got),
            count: Vec::with_capacity(view.seats.len()),
            bars: Vec::with_capacity(view.seats.len()),
            last: Vec::with_capacity(view.seats.len()),
            under: vec![0; nodes],
            last_under: vec![None; nodes],
        };
        for (provider, seats) in view.seats.iter().enumerate() {
            let own = inside.people.of(provider);
            let ways = doors(seats, own);
            let steps = own.iter().zip(&ways);
            let last = steps
                .filter_map(|(p, door)| Some((step((*door)?), p.key)))
                .max();
            let count = u32::try_from(own.len()).unwrap_or(u32::MAX);
            inside.bars.push(Thresholds::new(seats, own, &ways));
            inside.count.push(count);
            inside.last.push(last);
            let rank = last.map(|last| inside.rank(provider, last, count.saturating_sub(1)));
            let path: Vec<usize> = inside.path(provider).collect();
            for node in path {
                if let (Some(under), Some(slot)) =
                    (inside.under.get_mut(node), inside.last_under.get_mut(node))
                {
                    *under += count;
                    *slot = (*slot).max(rank);
                }
            }
        }
        inside
    }

    /// Returns the rank of somebody who is let in at a provider that has so many before.
    fn rank(&self, provider: usize, step: Step<K>, place: u32) -> Rank<K> {
        let slot = match self.caps.turn {
            Turn::Master => (0, false, 0, 0),
            Turn::Providers(targets) => {
                let phase = phase(step.0);
                let target = get(targets, provider).unwrap_or(0);
                (phase, phase > 0 && place >= target, place, provider)
            }
        };
        Rank { slot, step }
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

    /// Returns the nearest cap above a provider that keeps out who would be let in with
    /// this rank: it is full, and everybody under it came before.
    fn stops(&self, provider: usize, rank: Rank<K>) -> Option<usize> {
        self.path(provider).find(|node| {
            let full = get(&self.under, *node) >= get(self.caps.most, *node);
            // The same person may be under the cap already, at a place liked less.
            full && get(&self.last_under, *node)
                .flatten()
                .is_none_or(|last| match self.caps.turn {
                    Turn::Master => last < rank,
                    Turn::Providers(_) => last.slot < rank.slot,
                })
        })
    }

    /// Returns what happens to somebody who would like to come to a provider.
    fn meets(&self, provider: usize, key: K, groups: Groups) -> Meets<K> {
        let Some(bars) = self.bars.get(provider).filter(|_| !groups.kept) else {
            return Meets::Taken;
        };
        // A cap that stops somebody at one door stops the same person at every later one.
        let Some(door) = bars.ways(key, groups).next() else {
            return Meets::Full;
        };
        let step = (step(door), key);
        let later = |last: Step<K>| step < last;
        if matches!(self.caps.turn, Turn::Providers(_))
            && get(&self.last, provider).flatten().is_some_and(later)
        {
            // Somebody else is the provider's last and goes or stays.
            return Meets::Taken;
        }
        let count = get(&self.count, provider).unwrap_or(0);
        let rank = self.rank(provider, step, count);
        match self.stops(provider, rank) {
            None => Meets::Taken,
            Some(node) => Meets::Stopped(node, rank),
        }
    }
}

/// What keeps somebody out.
enum Meets<K> {
    /// Nothing.
    Taken,
    /// The provider itself would not choose this person.
    Full,
    /// This cap, where the person would be let in with this rank.
    Stopped(usize, Rank<K>),
}

fn get<T: Copy>(values: &[T], index: usize) -> Option<T> {
    values.get(index).copied()
}

/// Returns what is wrong with an assignment under caps: the providers and nodes
/// that have too many, and every applicant and entry that block. That each provider
/// would choose its own people is for [`super::faults`] to say.
///
/// A pair blocks when the applicant likes the entry better and the providers together
/// would choose it out of everything there is and this pair; the applicant's present
/// place stays counted. Under one order of people that is so when the provider would
/// let the applicant in by a door and at every full cap above somebody comes later.
/// Where providers take turns, either somebody else of the provider comes later, or the
/// turn that this one would use comes before one used under the nearest full cap.
///
/// Time is linear in the entries and the depth of the caps.
#[must_use]
pub fn caps_blocking<K: Ord + Copy>(
    view: &View<'_, K>,
    caps: Caps<'_>,
    got: &Got,
) -> (Vec<usize>, Vec<usize>, Vec<(u32, u32)>) {
    let inside = Inside::new(view, caps, got);
    let pairs = view.seats.iter().zip(&inside.count).enumerate();
    let providers = pairs
        .filter(|(_, (s, count))| **count > s.capacity)
        .map(|(p, _)| p);
    let nodes = (0..caps.most.len()).filter(|n| get(&inside.under, *n) > get(caps.most, *n));
    let mut blocking = Vec::new();
    for (number, applicant) in (0u32..).zip(0..view.applicants()) {
        for (position, entry) in (0u32..).zip(view.better(got, applicant)) {
            let taken = view.key(entry).is_none_or(|key| {
                let met = inside.meets(view.provider(entry), key, view.groups(entry));
                matches!(met, Meets::Taken)
            });
            if taken {
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
/// When somebody leaves a provider, next is whoever is let in first: the one whom the
/// provider alone would take, or the best of those whom nothing but a cap stops and
/// whose nearest such cap lies on the way up from that provider. Time is linear in the
/// entries and in the tree, up to one choice of a provider for each door in use.
#[must_use]
pub fn caps_improvement<K: Ord + Copy>(
    view: &View<'_, K>,
    caps: Caps<'_>,
    got: &Got,
) -> Option<Vec<u32>> {
    let inside = Inside::new(view, caps, got);
    // At each cap: the first of those whom it stops.
    let mut stopped: Vec<Option<(Rank<K>, u32)>> = vec![None; caps.parent.len()];
    for (number, applicant) in (0u32..).zip(0..view.applicants()) {
        for entry in view.better(got, applicant) {
            let Some(key) = view.key(entry) else { continue };
            let met = inside.meets(view.provider(entry), key, view.groups(entry));
            if let Meets::Stopped(node, rank) = met
                && let Some(slot) = stopped.get_mut(node)
                && slot.is_none_or(|s| (rank, number) < s)
            {
                *slot = Some((rank, number));
            }
        }
    }
    let envious = Envious::new(view, got);
    let mut successor: Vec<Option<u32>> = vec![None; view.applicants()];
    for (provider, seats) in view.seats.iter().enumerate() {
        let above = inside
            .path(provider)
            .filter_map(|n| get(&stopped, n).flatten());
        let above = above.min();
        let own = inside.people.of(provider);
        let ways = doors(seats, own);
        let mut known: Vec<(Way, Option<u32>)> = Vec::new();
        for (place, (person, way)) in own.iter().zip(ways).enumerate() {
            let under = if way == Some(Door::Open) {
                person.groups.ceilings
            } else {
                0
            };
            let found = known.iter().find(|(w, _)| *w == (way, under));
            let next = found.map(|(_, next)| *next).unwrap_or_else(|| {
                let local = alone(&inside, provider, seats, place, envious.of(provider));
                let next = local.into_iter().chain(above).min().map(|(_, a)| a);
                known.push(((way, under), next));
                next
            });
            if let Some(slot) = successor.get_mut(person.applicant as usize) {
                *slot = next;
            }
        }
    }
    cycle(&successor, |a| view.entry(got, a as usize).is_some())
}

/// Returns whom a provider by itself would take when the person at this place of its
/// own people leaves, and when.
fn alone<K: Ord + Copy>(
    inside: &Inside<'_, K>,
    provider: usize,
    seats: &minsheng_spec::market::Seats,
    leaves: usize,
    envious: &[Person<K>],
) -> Option<(Rank<K>, u32)> {
    let own = inside.people.of(provider);
    let stay = own.iter().enumerate().filter(|(place, _)| *place != leaves);
    let mut all: Vec<(Person<K>, bool)> = stay.map(|(_, p)| (*p, false)).collect();
    all.extend(envious.iter().map(|p| (*p, true)));
    all.sort_unstable_by_key(|(p, new)| (p.key, *new));
    let candidates: Vec<Person<K>> = all.iter().map(|(p, _)| *p).collect();
    let chosen = doors(seats, &candidates).into_iter().zip(&all);
    let mut picks: Vec<(Step<K>, bool, u32)> = chosen
        .filter_map(|(door, (p, new))| Some(((step(door?), p.key), *new, p.applicant)))
        .collect();
    picks.sort_unstable();
    match inside.caps.turn {
        Turn::Master => {
            let (step, _, applicant) = *picks.iter().find(|(_, new, _)| *new)?;
            Some((inside.rank(provider, step, 0), applicant))
        }
        Turn::Providers(_) => {
            // The turn that becomes free is filled by the provider's next pick, whoever
            // of its people moves up for that.
            let (last, ..) = *picks.get(own.len().checked_sub(1)?)?;
            let (.., applicant) = *picks.iter().take(own.len()).find(|(_, new, _)| *new)?;
            let place = u32::try_from(own.len() - 1).unwrap_or(u32::MAX);
            Some((inside.rank(provider, last, place), applicant))
        }
    }
}
