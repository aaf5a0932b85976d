//! Which providers do not open for want of people: the closings are held again, one
//! after the other, by the rule.
//!
//! All people offer themselves along their lists, every provider chooses by the
//! definition ([`minsheng_spec::market::choose`]), and whoever is not chosen goes on.
//! Closing a provider sends its people on; nothing that was refused before has to be
//! offered again, for a choice among more people never takes back a refusal. So the
//! state after each closing follows from the one before.

use std::collections::BTreeSet;

use minsheng_bundle::Contents;
use minsheng_model::Unused;
use minsheng_spec::market::{Seats, Wish, choose};

use crate::lists::{Lists, usable};
use crate::order::Service;
use crate::report::{Found, offends};
use crate::seats::blocks;
use crate::seen::placed_choice;

/// Offers and who is held.
struct Replay {
    seats: Vec<Seats>,
    /// Each applicant's usable wishes, with the choice row.
    lists: Vec<Vec<(usize, Wish)>>,
    /// How far each applicant has come along the list.
    at: Vec<usize>,
    /// Whom each provider holds.
    held: Vec<Vec<usize>>,
}

impl Replay {
    /// Lets everybody in the list offer themselves until nobody is left who can.
    fn run(&mut self, mut free: Vec<usize>) {
        let mut touched = BTreeSet::new();
        while !free.is_empty() {
            for applicant in free.drain(..) {
                let wish = self.wish(applicant);
                let provider = wish.map(|w| w.provider);
                if let Some((p, list)) = provider.and_then(|p| Some((p, self.held.get_mut(p)?))) {
                    list.push(applicant);
                    touched.insert(p);
                }
            }
            for provider in std::mem::take(&mut touched) {
                free.extend(self.choose(provider));
            }
        }
    }

    fn wish(&self, applicant: usize) -> Option<Wish> {
        let place = *self.at.get(applicant)?;
        self.lists.get(applicant)?.get(place).map(|(_, wish)| *wish)
    }

    /// Lets a provider choose; returns whom it refuses, each at the next wish.
    fn choose(&mut self, provider: usize) -> Vec<usize> {
        let held = self.held.get_mut(provider).map(std::mem::take);
        let people = held.unwrap_or_default();
        let wishes: Vec<Wish> = people.iter().filter_map(|a| self.wish(*a)).collect();
        let seats = self.seats.get(provider);
        let doors = seats.map_or_else(Vec::new, |s| choose(s, &wishes));
        let (mut kept, mut refused) = (Vec::new(), Vec::new());
        for (applicant, door) in people.into_iter().zip(doors) {
            if door.is_some() {
                kept.push(applicant);
            } else {
                if let Some(place) = self.at.get_mut(applicant) {
                    *place += 1;
                }
                refused.push(applicant);
            }
        }
        if let Some(list) = self.held.get_mut(provider) {
            *list = kept;
        }
        refused
    }

    fn count(&self, provider: usize) -> u32 {
        let held = self.held.get(provider);
        u32::try_from(held.map_or(0, Vec::len)).unwrap_or(u32::MAX)
    }

    fn close(&mut self, provider: usize) {
        if let Some(seats) = self.seats.get_mut(provider) {
            seats.capacity = 0;
        }
        let refused = self.choose(provider);
        self.run(refused);
    }
}

/// Returns the wishes of everybody; keys are places in the provider's own order.
fn wishes(contents: &Contents, lists: &Lists, service: &Service<'_>) -> Vec<Vec<(usize, Wish)>> {
    let mut order: Vec<_> = (0..contents.choices.len())
        .filter_map(|row| {
            let choice = contents.choices.get(row)?;
            Some((choice.provider, service.key(row, choice), row))
        })
        .collect();
    order.sort_unstable();
    let mut place = vec![0u64; contents.choices.len()];
    for ((_, _, row), number) in order.into_iter().zip(0..) {
        if let Some(place) = place.get_mut(row) {
            *place = number;
        }
    }
    let of = |(index, applicant)| {
        let range = lists.range(index);
        let list = contents.choices.get(range.clone()).unwrap_or_default();
        range
            .zip(list)
            .filter(|(_, c)| usable(applicant, c))
            .map(|(row, c)| {
                let wish = Wish {
                    provider: c.provider as usize,
                    key: place.get(row).copied().unwrap_or(u64::MAX),
                    kept: c.kept,
                    reserves: c.reserves,
                    ceilings: c.ceilings,
                };
                (row, wish)
            })
            .collect()
    };
    contents.applicants.iter().enumerate().map(of).collect()
}

/// Holds the closings again. `open` are the seats and the minimum of every provider
/// by the rules, as if all opened.
pub(crate) fn check(
    contents: &Contents,
    lists: &Lists,
    service: &Service<'_>,
    open: &[(Seats, u32)],
) -> Found {
    let mut replay = Replay {
        seats: open.iter().map(|(seats, _)| seats.clone()).collect(),
        lists: wishes(contents, lists, service),
        at: vec![0; contents.applicants.len()],
        held: vec![Vec::new(); open.len()],
    };
    replay.run((0..contents.applicants.len()).collect());
    let mut shut = vec![false; open.len()];
    let mut closings = contents.certificate.closed.iter();
    loop {
        // The one furthest below its minimum, of equals the last; those that nobody
        // wants come last, in the providers' order.
        let below = (0..open.len()).filter_map(|p| {
            let (need, had) = (open.get(p)?.1, replay.count(p));
            let is_open = !shut.get(p).copied().unwrap_or(true);
            (is_open && had < need).then(|| (need - had, p, had))
        });
        let wanted = below.clone().filter(|(_, _, had)| *had > 0).max();
        let next = wanted.or_else(|| below.min_by_key(|(_, p, _)| *p));
        let (listed, (need, provider, had)) = match (closings.next(), next) {
            (None, None) => break,
            (Some(listed), Some((lacks, p, had))) => (listed, (lacks.saturating_add(had), p, had)),
            (Some(listed), None) => {
                return Some(offends(
                    &listed.provider,
                    "人数足够,不应关闭",
                    "has people enough and should not be closed",
                ));
            }
            (None, Some((_, p, _))) => {
                let name = contents.providers.get(p).map_or("?", |r| &r.provider);
                return Some(offends(
                    name,
                    "人数不足,应关闭",
                    "has too few people and should be closed",
                ));
            }
        };
        let name = contents
            .providers
            .get(provider)
            .map_or("?", |r| &r.provider);
        if listed.provider != name || listed.minimum != need || listed.had != had {
            return Some(offends(
                &listed.provider,
                &format!("此时应关闭 {name}(需要 {need} 人,有 {had} 人)"),
                &format!("{name} closes here (it needs {need} and has {had})"),
            ));
        }
        if let Some(flag) = shut.get_mut(provider) {
            *flag = true;
        }
        if had > 0 {
            replay.close(provider);
        }
    }
    same(contents, lists, &replay)
}

/// Everybody has the place at which the closings end.
fn same(contents: &Contents, lists: &Lists, replay: &Replay) -> Found {
    let differs = |index: &usize| {
        let place = replay.at.get(*index).copied();
        let own = replay.lists.get(*index);
        let row = place.and_then(|p| own?.get(p)).map(|(row, _)| *row);
        row != placed_choice(contents, lists, *index).map(|(row, ..)| row)
    };
    let wrong = (0..contents.applicants.len()).find(differs)?;
    let ticket = contents.applicants.get(wrong).map_or("?", |a| &a.ticket);
    Some(offends(
        ticket,
        "在关闭之后应得别的名额",
        "has another place than the one that the closings lead to",
    ))
}

/// Returns every provider's doors as seats, with this capacity.
pub(crate) fn seats(contents: &Contents, capacity: &[u32]) -> Vec<Seats> {
    let reserves = &contents.rules.reserves;
    let unused = |index: usize| reserves.get(index).map_or(Unused::Open, |r| r.unused);
    blocks(contents)
        .zip(capacity)
        .map(|((_, doors), capacity)| Seats {
            capacity: *capacity,
            reserves: (doors.iter().skip(1).take(reserves.len()).enumerate())
                .map(|(i, row)| (row.declared, unused(i)))
                .collect(),
            ceilings: (doors.iter().skip(2 + reserves.len()))
                .map(|row| row.declared)
                .collect(),
        })
        .collect()
}
