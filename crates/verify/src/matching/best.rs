//! The proof that no stable assignment is better for any applicant.

use minsheng_model::Door;
use minsheng_spec::market::Seats;

use super::seats::doors;
use super::view::{Got, People, Person, View};

/// Returns, of a **stable** assignment, applicants who could each move into the
/// seat of the one before (the first into the last's) so that the result is stable
/// too and better for all of them; `None` proves that no stable assignment is better
/// for anybody. The module's text says why.
///
/// Time is linear in the entries, up to sorting the people of each provider and
/// choosing among them once for every door that is in use.
#[must_use]
pub fn improvement<K: Ord + Copy>(view: &View<'_, K>, got: &Got) -> Option<Vec<u32>> {
    let people = view.people(got);
    let envious = Envious::new(view, got);
    let mut successor: Vec<Option<u32>> = vec![None; view.applicants()];
    for (provider, seats) in view.seats.iter().enumerate() {
        let own = people.of(provider);
        let mut known: Vec<(Way, Option<u32>)> = Vec::new();
        for person in own {
            let way = way(got, person);
            let next = match known.iter().find(|(w, _)| *w == way) {
                Some((_, next)) => *next,
                None => {
                    let next = next(seats, &people, provider, person, envious.of(provider));
                    known.push((way, next));
                    next
                }
            };
            if let Some(slot) = successor.get_mut(person.applicant as usize) {
                *slot = next;
            }
        }
    }
    // Only who has a seat can leave it to the next.
    cycle(&successor, |a| view.entry(got, a as usize).is_some())
}

/// How somebody came in: those who came the same way have the same successor.
pub(crate) type Way = (Option<Door>, u16);

fn way<K>(got: &Got, person: &Person<K>) -> Way {
    let door = got.get(person.applicant as usize).copied().flatten();
    let door = door.map(|(_, d)| d);
    let under = match door {
        Some(Door::Open) => person.groups.ceilings,
        _ => 0,
    };
    (door, under)
}

/// Returns whom the provider would take if a person left.
pub(crate) fn next<K: Ord + Copy>(
    seats: &Seats,
    people: &People<K>,
    provider: usize,
    leaves: &Person<K>,
    envious: &[Person<K>],
) -> Option<u32> {
    if seats.reserves.is_empty() && seats.ceilings.is_empty() {
        // Plain seats go to the best who wants one.
        return envious.iter().min_by_key(|p| p.key).map(|p| p.applicant);
    }
    let stay = people.of(provider).iter();
    let stay = stay.filter(|p| p.applicant != leaves.applicant);
    taken(seats, stay.copied(), envious)
}

/// Returns which of the envious a provider takes beside those who stay.
pub(crate) fn taken<K: Ord + Copy>(
    seats: &Seats,
    stay: impl Iterator<Item = Person<K>>,
    envious: &[Person<K>],
) -> Option<u32> {
    let mut all: Vec<(bool, Person<K>)> = stay.map(|p| (false, p)).collect();
    all.extend(envious.iter().map(|p| (true, *p)));
    all.sort_unstable_by_key(|(_, p)| p.key);
    let candidates: Vec<Person<K>> = all.iter().map(|(_, p)| *p).collect();
    let chosen = doors(seats, &candidates);
    let pairs = all.iter().zip(chosen);
    let mut new = pairs.filter(|((new, _), door)| *new && door.is_some());
    new.next().map(|((_, p), _)| p.applicant)
}

/// Of those who want a provider more than what they have, the ones who could be
/// next: the best of each reserve, of each ceiling, and of those under none.
pub(crate) struct Envious<K> {
    best: Vec<Vec<Person<K>>>,
}

impl<K: Ord + Copy> Envious<K> {
    pub fn new(view: &View<'_, K>, got: &Got) -> Self {
        let mut slots: Vec<Vec<Option<Person<K>>>> = view
            .seats
            .iter()
            .map(|s| vec![None; 1 + s.reserves.len() + s.ceilings.len()])
            .collect();
        for applicant in 0..view.applicants() {
            for entry in view.better(got, applicant) {
                let (Some(key), Ok(number)) = (view.key(entry), u32::try_from(applicant)) else {
                    continue;
                };
                let groups = view.groups(entry);
                let person = Person {
                    key,
                    applicant: number,
                    groups,
                };
                let provider = view.provider(entry);
                let Some((slots, seats)) = slots.get_mut(provider).zip(view.seats.get(provider))
                else {
                    continue;
                };
                let reserves = seats.reserves.len();
                let in_reserve = (0..reserves).filter(|i| groups.reserves >> i & 1 == 1);
                let under = (0..seats.ceilings.len()).find(|i| groups.ceilings >> i & 1 == 1);
                let last = under.map_or(0, |i| 1 + reserves + i);
                for slot in in_reserve.map(|i| 1 + i).chain([last]) {
                    if let Some(best) = slots.get_mut(slot)
                        && best.is_none_or(|b| key < b.key)
                    {
                        *best = Some(person);
                    }
                }
            }
        }
        let best = slots.into_iter().map(|slots| {
            let mut people: Vec<Person<K>> = slots.into_iter().flatten().collect();
            people.sort_unstable_by_key(|p| p.key);
            people.dedup_by_key(|p| p.applicant);
            people
        });
        Self {
            best: best.collect(),
        }
    }

    pub fn of(&self, provider: usize) -> &[Person<K>] {
        self.best
            .get(provider)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

/// Returns a cycle of a graph with at most one arrow out of each node, among the
/// nodes that may be on one.
pub(crate) fn cycle(successor: &[Option<u32>], may: impl Fn(u32) -> bool) -> Option<Vec<u32>> {
    // 0: not seen; else the walk on which it was seen.
    let mut walk = vec![0usize; successor.len()];
    for start in 0..successor.len() {
        let mut path: Vec<u32> = Vec::new();
        let mut node = u32::try_from(start).ok()?;
        loop {
            match walk.get_mut(node as usize) {
                Some(mark) if *mark == start + 1 => {
                    let from = path.iter().position(|n| *n == node)?;
                    return Some(path.split_off(from));
                }
                Some(mark) if *mark == 0 => *mark = start + 1,
                _ => break,
            }
            path.push(node);
            match successor.get(node as usize).copied().flatten() {
                Some(next) if may(next) => node = next,
                _ => break,
            }
        }
    }
    None
}
