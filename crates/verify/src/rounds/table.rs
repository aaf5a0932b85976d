//! A round as a market of those who wait: the seats that places held leave, and the
//! entries that are better than what each holds.

use std::collections::BTreeSet;

use minsheng_bundle::Contents;
use minsheng_model::{
    ApplicantRow, ChoiceRow, Door, Placement, Standing, StandingRow, Unused, Verdict,
};
use minsheng_spec::market::Seats;

use crate::lists::{Lists, usable};
use crate::matching::{Got, Groups, View};
use crate::order::Service;
use crate::seats::blocks;

/// Where somebody stands at a provider: who comes first after an appeal, then those on
/// time, then tier, score and draw. Smaller comes first.
pub(crate) type Key = (bool, bool, u8, i64, u32);

/// Returns where everybody stands: what a round says, or, after the decision, what
/// follows from it.
pub(crate) fn standings(contents: &Contents) -> Vec<StandingRow> {
    let Some(round) = &contents.round else {
        return contents.applicants.iter().map(decided).collect();
    };
    round.standings.clone()
}

/// Returns where the decision leaves somebody.
fn decided(row: &ApplicantRow) -> StandingRow {
    let standing = if row.placement.is_some() {
        Standing::Offered
    } else if row.verdict == Verdict::Eligible {
        Standing::Waiting
    } else {
        Standing::Out
    };
    StandingRow {
        answer: None,
        standing,
        held: None,
        since: row.placement.as_ref().map(|_| 1),
        extra: false,
        arrived: None,
        refused: Vec::new(),
        owed: None,
        appeal: None,
    }
}

/// A bundle with what is needed to look at its round.
pub(crate) struct Table<'a> {
    pub contents: &'a Contents,
    pub standings: &'a [StandingRow],
    pub lists: &'a Lists,
    pub service: &'a Service<'a>,
}

/// The market of those who wait, flat.
#[derive(Default)]
pub(crate) struct Flat {
    pub first: Vec<u32>,
    pub provider: Vec<u32>,
    pub key: Vec<Key>,
    pub groups: Vec<Groups>,
    pub seats: Vec<Seats>,
    pub got: Vec<Option<(u32, Door)>>,
    /// Who has a place of this round that is not among the entries waited for.
    pub astray: Option<usize>,
}

impl Flat {
    pub fn view(&self) -> View<'_, Key> {
        View {
            first: &self.first,
            provider: &self.provider,
            key: &self.key,
            groups: &self.groups,
            seats: &self.seats,
        }
    }

    pub fn got(&self) -> &Got {
        &self.got
    }
}

/// Returns whether somebody is in the market of a round.
pub(crate) fn waits(standing: &StandingRow) -> bool {
    !matches!(standing.standing, Standing::Settled | Standing::Out)
}

/// Returns for each provider whether the decision closed it: nobody waits there.
pub(crate) fn closed(contents: &Contents) -> Vec<bool> {
    let shut = contents.certificate.closed.iter();
    let shut: BTreeSet<&str> = shut.map(|c| c.provider.as_str()).collect();
    let all = contents.providers.iter();
    all.map(|p| shut.contains(p.provider.as_str())).collect()
}

/// Returns whether a place was held before the round's moves.
pub(crate) fn stays(row: &ApplicantRow, standing: &StandingRow) -> bool {
    row.placement.is_some() && row.placement == standing.held
}

impl Table<'_> {
    /// Returns the key of a choice, given with its row.
    pub fn key(&self, row: usize, choice: &ChoiceRow) -> Key {
        let own = self.standings.get(choice.applicant as usize);
        let (tier, score, rank) = self.service.key(row, choice);
        (
            own.is_none_or(|s| s.owed != Some(choice.position)),
            own.is_some_and(|s| s.arrived.is_some()),
            tier,
            score,
            rank,
        )
    }

    /// Returns the groups of a choice: a seat kept from the beginning is offered in the
    /// decision alone.
    pub fn groups(&self, choice: &ChoiceRow) -> Groups {
        let kept = choice.kept && self.contents.round.is_none();
        let apart = kept || choice.reserves == 0;
        Groups {
            kept,
            reserves: choice.reserves,
            ceilings: if apart { choice.ceilings } else { 0 },
        }
    }

    /// Returns the choice of a place on somebody's list.
    pub fn choice(&self, applicant: usize, place: &Placement) -> Option<(usize, &ChoiceRow)> {
        let range = self.lists.range(applicant);
        let list = self.contents.choices.get(range.clone())?;
        let offset = list
            .binary_search_by_key(&place.position, |c| c.position)
            .ok()?;
        let choice = list.get(offset)?;
        let provider = self.contents.providers.get(choice.provider as usize)?;
        (provider.provider == place.provider).then_some((range.start + offset, choice))
    }

    /// Returns the seats of every provider as the rules give them.
    pub fn declared(&self) -> Vec<Seats> {
        let reserves = &self.contents.rules.reserves;
        let each = blocks(self.contents).map(|(provider, doors)| Seats {
            capacity: provider.capacity,
            reserves: doors
                .iter()
                .skip(1)
                .zip(reserves)
                .map(|(row, r)| (row.declared, r.unused))
                .collect(),
            ceilings: doors
                .iter()
                .skip(2 + reserves.len())
                .map(|row| row.declared)
                .collect(),
        });
        each.collect()
    }

    /// Returns the seats that the places which stay have left.
    pub fn left(&self) -> Vec<Seats> {
        let mut left = self.declared();
        for (index, (row, standing)) in self
            .contents
            .applicants
            .iter()
            .zip(self.standings)
            .enumerate()
        {
            let place = row
                .placement
                .as_ref()
                .filter(|_| stays(row, standing) && !standing.extra);
            let found = place.and_then(|p| Some((p.door, self.choice(index, p)?.1)));
            if let Some((door, choice)) = found
                && let Some(seats) = left.get_mut(choice.provider as usize)
            {
                change(seats, door, choice, |n| n.saturating_sub(1));
            }
        }
        left
    }

    /// Returns the market of those who wait.
    pub fn flat(&self) -> Flat {
        let mut flat = Flat {
            seats: self.left(),
            ..Flat::default()
        };
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        for (index, (row, standing)) in self
            .contents
            .applicants
            .iter()
            .zip(self.standings)
            .enumerate()
        {
            let start = flat.provider.len();
            flat.first.push(count(start));
            let new = row.placement.as_ref().filter(|_| !stays(row, standing));
            let end = standing.held.as_ref().map_or(u32::MAX, |p| p.position);
            let mut got = None;
            let range = self.lists.range(index);
            let list = self.contents.choices.get(range.clone()).unwrap_or_default();
            for (at, choice) in range.zip(list) {
                let wanted = waits(standing)
                    && choice.position < end
                    && usable(row, choice)
                    && !standing.refused.contains(&choice.position);
                if !wanted {
                    continue;
                }
                if let Some(place) = new.filter(|p| p.position == choice.position)
                    && self.choice(index, place).is_some()
                {
                    got = Some((count(flat.provider.len() - start), place.door));
                }
                flat.provider.push(choice.provider);
                flat.key.push(self.key(at, choice));
                flat.groups.push(self.groups(choice));
            }
            if new.is_some() && got.is_none() && flat.astray.is_none() {
                flat.astray = Some(index);
            }
            flat.got.push(got);
        }
        flat.first.push(count(flat.provider.len()));
        flat
    }
}

/// Changes the number of seats that a place at a door takes.
pub(crate) fn change(seats: &mut Seats, door: Door, choice: &ChoiceRow, by: impl Fn(u32) -> u32) {
    seats.capacity = by(seats.capacity);
    match door {
        Door::Kept => {}
        Door::Reserve(index) => {
            if let Some((left, _)) = seats.reserves.get_mut(usize::from(index)) {
                *left = by(*left);
            }
        }
        Door::Open => {
            for (bit, left) in seats.ceilings.iter_mut().enumerate() {
                if choice.ceilings >> bit & 1 == 1 {
                    *left = by(*left);
                }
            }
        }
    }
}

/// Returns what a reserve takes of the seats that remain.
pub(crate) fn takes(unused: Unused, seats: u32, placed: u32) -> u32 {
    match unused {
        Unused::Open => placed,
        Unused::Empty => seats,
    }
}
