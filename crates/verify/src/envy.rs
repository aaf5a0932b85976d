//! Nobody is passed over, no wanted place stays empty, everybody came through the
//! right door.

use minsheng_bundle::Contents;
use minsheng_model::{ChoiceRow, Door, DoorRow};
use rayon::prelude::*;

use crate::lists::{Lists, choice_name, usable};
use crate::order::{Key, Service};
use crate::report::{Found, offends};
use crate::seats::{full, names};
use crate::seen::{Seen, Tally, placed_choice};

/// A provider's doors, with counts and the last admitted.
struct Doors<'a> {
    rows: &'a [DoorRow],
    tallies: &'a [Tally],
}

impl Doors<'_> {
    /// Returns whether somebody with this key would be admitted through a door (or
    /// under a ceiling) of its own: there is room, or somebody worse sits there.
    fn admits(&self, slot: usize, key: Key) -> bool {
        let (Some(row), Some(tally)) = (self.rows.get(slot), self.tallies.get(slot)) else {
            return false;
        };
        !full(row) || tally.worst.is_some_and(|(worst, ..)| key < worst)
    }

    fn full(&self, slot: usize) -> bool {
        self.rows.get(slot).is_none_or(full)
    }
}

/// The state of every provider.
pub(crate) struct Market<'a> {
    contents: &'a Contents,
    lists: &'a Lists,
    service: &'a Service<'a>,
    seen: &'a Seen,
    per_provider: usize,
}

impl<'a> Market<'a> {
    pub fn new(
        contents: &'a Contents,
        lists: &'a Lists,
        service: &'a Service<'a>,
        seen: &'a Seen,
    ) -> Self {
        Self {
            contents,
            lists,
            service,
            seen,
            per_provider: names(&contents.rules).len(),
        }
    }

    fn doors(&self, provider: usize) -> Doors<'_> {
        let start = provider * self.per_provider;
        let rows = self
            .contents
            .doors
            .get(start..start + self.per_provider)
            .unwrap_or_default();
        Doors {
            rows,
            tallies: self.seen.of(provider),
        }
    }

    /// Returns whether the provider would choose this person out of its own people
    /// and this person.
    fn would_choose(&self, choice: &ChoiceRow, key: Key) -> bool {
        if choice.kept {
            return true;
        }
        let doors = self.doors(choice.provider as usize);
        let reserves = self.contents.rules.reserves.len();
        let mut own = (0..reserves).filter(|i| choice.reserves >> i & 1 == 1);
        if own.any(|i| doors.admits(1 + i, key)) {
            return true;
        }
        let (open, ceilings) = (1 + reserves, self.contents.rules.ceilings.len());
        let over = (0..ceilings)
            .map(|i| (i, open + 1 + i))
            .find(|(i, slot)| choice.ceilings >> i & 1 == 1 && doors.full(*slot));
        match over {
            Some((_, slot)) => doors.admits(slot, key),
            None => doors.admits(open, key),
        }
    }

    /// Returns the first person who likes a provider better than the own result and
    /// whom that provider would choose; and how many such pairs were looked at.
    pub fn envy(&self) -> (usize, Found) {
        let looked: usize = (0..self.contents.applicants.len())
            .into_par_iter()
            .map(|a| self.better(a).count())
            .sum();
        let first = (0..self.contents.applicants.len())
            .into_par_iter()
            .filter_map(|a| {
                self.better(a)
                    .find(|(row, c)| self.would_choose(c, self.service.key(*row, c)))
            })
            .find_first(|_| true);
        let found = first.map(|(_, choice)| {
            offends(
                &choice_name(self.contents, choice),
                "更想去的供给方应当收下此人",
                "a provider that this person likes better would have to choose this person",
            )
        });
        (looked, found)
    }

    /// Returns the usable choices that an applicant likes better than the result.
    fn better(&self, applicant: usize) -> impl Iterator<Item = (usize, &'a ChoiceRow)> + use<'a> {
        let row = self.contents.applicants.get(applicant);
        let limit = row
            .and_then(|r| r.placement.as_ref())
            .map_or(u32::MAX, |p| p.position);
        let unplaced = row.is_some_and(|r| r.placement.is_none());
        let range = self.lists.range(applicant);
        let list = self.contents.choices.get(range.clone()).unwrap_or_default();
        range.zip(list).filter(move |(_, c)| {
            (unplaced || c.position < limit) && row.is_some_and(|r| usable(r, c))
        })
    }

    /// Returns the first person who came through a later door although an earlier
    /// one should have let this person in.
    pub fn doors_in_order(&self) -> Found {
        let reserves = self.contents.rules.reserves.len();
        let wrong = (0..self.contents.applicants.len())
            .into_par_iter()
            .find_first(|applicant| {
                let Some((row, choice, door)) =
                    placed_choice(self.contents, self.lists, *applicant)
                else {
                    return false;
                };
                let earlier = match door {
                    Door::Kept => 0,
                    Door::Reserve(index) => usize::from(index),
                    Door::Open => reserves,
                };
                let doors = self.doors(choice.provider as usize);
                let key = self.service.key(row, choice);
                (0..earlier).any(|i| choice.reserves >> i & 1 == 1 && doors.admits(1 + i, key))
            })?;
        let ticket = self
            .contents
            .applicants
            .get(wrong)
            .map_or("?", |a| &a.ticket);
        Some(offends(
            ticket,
            "应经更早的入口进入",
            "should have come through an earlier door",
        ))
    }
}
