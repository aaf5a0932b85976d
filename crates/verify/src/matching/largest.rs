//! How many a weakly stable assignment can place at most.

use std::collections::VecDeque;

use super::cover::covers_where;
use super::view::View;

/// A part of a proof by cases: a split is followed by all parts of its first side, then
/// of its second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// First: the applicant gets this entry (counted on the own list) or a better one.
    /// Second: something worse.
    Split {
        /// Who.
        applicant: u32,
        /// The entry.
        entry: u32,
    },
    /// What is possible on this side is all of one of these applicants or at one of
    /// these providers.
    Cover {
        /// The applicants.
        applicants: Vec<u32>,
        /// The providers.
        providers: Vec<u32>,
    },
    /// Nothing weakly stable is on this side.
    Nothing,
}

/// Returns the most that a weakly stable assignment can place, or `None` when the proof
/// does not hold. Keys are classes here: people of one class are equals.
///
/// On each side of each split, what is in no weakly stable assignment is taken away
/// first:
/// 1. somebody for whom fewer others than there are seats could come before or beside at
///    a provider gets this provider or a better one, or else would block;
/// 2. nobody comes to a provider of whom somebody of a better class gets less for
///    certain, or as many as there are seats of better classes get no better for certain;
/// 3. who gets less for certain than a provider keeps it full of people at least as good:
///    if there are only as many as seats, all of them come.
///
/// What is left has to be covered as the part says. Linear in the entries for each
/// sweep and part.
#[must_use]
pub fn at_most<K: Ord + Copy>(view: &View<'_, K>, parts: &[Part]) -> Option<u64> {
    let askers = Askers::new(view)?;
    let mut open = vec![Possible {
        entry: vec![true; view.provider.len()],
        nothing: vec![true; view.applicants()],
    }];
    let mut most = 0;
    let mut parts = parts.iter();
    while let Some(mut side) = open.pop() {
        let something = side.narrow(view, &askers);
        match parts.next()? {
            Part::Nothing if something => return None,
            Part::Nothing => {}
            Part::Cover {
                applicants,
                providers,
            } => {
                let bound = covers_where(view, applicants, providers, |e| side.may(e))?;
                most = most.max(bound);
            }
            Part::Split { applicant, entry } => {
                let list = view.list(*applicant as usize);
                let entry = list
                    .start
                    .checked_add(*entry)
                    .filter(|e| list.contains(e))?;
                let mut worse = side.clone();
                worse.strike(list.start..entry + 1);
                side.strike(entry + 1..list.end);
                side.strike_nothing(*applicant);
                open.push(worse);
                open.push(side);
            }
        }
    }
    parts.next().is_none().then_some(most)
}

/// For each provider who asks for it: class, applicant, entry, the best class first.
struct Askers<K> {
    of: Vec<Vec<(K, u32, u32)>>,
}

impl<K: Ord + Copy> Askers<K> {
    fn new(view: &View<'_, K>) -> Option<Self> {
        let mut of: Vec<Vec<(K, u32, u32)>> = vec![Vec::new(); view.seats.len()];
        for (number, applicant) in (0u32..).zip(0..view.applicants()) {
            for entry in view.list(applicant) {
                let own = of.get_mut(view.provider(entry))?;
                own.push((view.key(entry)?, number, entry));
            }
        }
        for own in &mut of {
            own.sort_unstable();
        }
        Some(Self { of })
    }
}

/// What everybody may still get.
#[derive(Clone)]
struct Possible {
    entry: Vec<bool>,
    nothing: Vec<bool>,
}

impl Possible {
    fn may(&self, entry: u32) -> bool {
        self.entry.get(entry as usize) == Some(&true)
    }

    /// Returns whether anything was struck.
    fn strike(&mut self, entries: std::ops::Range<u32>) -> bool {
        let range = entries.start as usize..entries.end as usize;
        let own = self.entry.get_mut(range).unwrap_or_default();
        let any = own.contains(&true);
        own.fill(false);
        any
    }

    fn strike_nothing(&mut self, applicant: u32) -> bool {
        let slot = self.nothing.get_mut(applicant as usize);
        slot.is_some_and(std::mem::take)
    }

    /// Returns whether somebody has nothing left to get.
    fn stuck<K: Ord + Copy>(&self, view: &View<'_, K>, applicant: u32) -> bool {
        let nothing = self.nothing.get(applicant as usize) == Some(&true);
        !nothing && !view.list(applicant as usize).any(|e| self.may(e))
    }

    /// Takes away what is in no weakly stable assignment; returns whether everybody has
    /// something left.
    fn narrow<K: Ord + Copy>(&mut self, view: &View<'_, K>, askers: &Askers<K>) -> bool {
        let mut queue: VecDeque<usize> = (0..view.seats.len()).collect();
        let mut inside = vec![true; view.seats.len()];
        let people = 0..u32::try_from(view.applicants()).unwrap_or(u32::MAX);
        if people.into_iter().any(|a| self.stuck(view, a)) {
            return false;
        }
        while let Some(provider) = queue.pop_front() {
            if let Some(flag) = inside.get_mut(provider) {
                *flag = false;
            }
            for applicant in self.at_one(view, askers, provider) {
                if self.stuck(view, applicant) {
                    return false;
                }
                for entry in view.list(applicant as usize) {
                    let other = view.provider(entry);
                    if let Some(flag) = inside.get_mut(other).filter(|f| !**f) {
                        *flag = true;
                        queue.push_back(other);
                    }
                }
            }
        }
        true
    }

    /// The three rules at one provider; returns whose possibilities changed.
    fn at_one<K: Ord + Copy>(
        &mut self,
        view: &View<'_, K>,
        askers: &Askers<K>,
        provider: usize,
    ) -> Vec<u32> {
        let own = askers
            .of
            .get(provider)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let seats = view.seats.get(provider).map_or(0, |s| s.capacity as usize);
        let list = |a: u32| view.list(a as usize);
        let mut changed = Vec::new();
        // Who gets the provider at best, and the best class of who gets less.
        let best: Vec<Option<u32>> = own
            .iter()
            .map(|(_, a, _)| list(*a).find(|e| self.may(*e)))
            .collect();
        let pairs = own.iter().zip(&best);
        let sure = pairs.clone().filter(|((.., e), best)| Some(*e) == **best);
        // The class that has the last of as many as there are seats; worse ones are out.
        let closing = match seats.checked_sub(1) {
            Some(last) => sure.map(|((k, ..), _)| *k).nth(last),
            None => None,
        };
        let less = pairs.filter(|((.., e), best)| best.is_none_or(|b| b > *e));
        let less = less.map(|((k, ..), _)| *k).next();
        let shut = |k: K| closing.is_some_and(|c| k > c) || less.is_some_and(|c| k > c);
        for (k, applicant, entry) in own {
            if (seats == 0 || shut(*k)) && self.strike(*entry..*entry + 1) {
                changed.push(*applicant);
            }
        }
        let ahead = |side: &Self, k: K| {
            let upto = own.partition_point(|(other, ..)| *other <= k);
            let upto = own.get(..upto).unwrap_or_default();
            upto.iter().filter(|(.., e)| side.may(*e)).count()
        };
        let mut known: Option<(K, usize)> = None;
        for (k, applicant, entry) in own {
            let count = match known {
                Some((class, count)) if class == *k => count,
                _ => ahead(self, *k),
            };
            known = Some((*k, count));
            let others = count - usize::from(self.may(*entry));
            if others < seats {
                let worse = self.strike(*entry + 1..list(*applicant).end);
                if self.strike_nothing(*applicant) || worse {
                    changed.push(*applicant);
                }
            }
        }
        if let Some(k) = less.filter(|k| ahead(self, *k) <= seats) {
            for (_, applicant, entry) in own.iter().take_while(|(other, ..)| *other <= k) {
                if self.may(*entry) {
                    let own = list(*applicant);
                    let worse = self.strike(*entry + 1..own.end);
                    let better = self.strike(own.start..*entry);
                    if self.strike_nothing(*applicant) || worse || better {
                        changed.push(*applicant);
                    }
                }
            }
        }
        changed
    }
}
