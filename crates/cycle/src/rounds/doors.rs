//! What a later round publishes of each provider: the seats of its doors and their
//! last admitted in this round, vacancies, and whose turn is next.

use minsheng_bundle::{Line, Next};
use minsheng_model::{
    ApplicantRow, ChoiceRow, Door, DoorRow, Order, ProviderRow, Rules, Standing, StandingRow,
    Unused,
};

use super::people::{People, usable};

/// Where somebody stands in the order of a round: owed first, late last.
type Key = (bool, bool, u8, i64, u32);

/// Somebody at a provider.
#[derive(Clone, Copy)]
struct Here<'a> {
    applicant: usize,
    row: usize,
    choice: &'a ChoiceRow,
    door: Door,
    /// Whether this place was held before the round's moves, and is one more than the
    /// capacity.
    stays: bool,
    extra: bool,
}

/// Everything that the tables are made of.
pub(crate) struct Table<'a> {
    pub rules: &'a Rules,
    pub people: &'a People,
    pub ranks: &'a [u32],
    pub applicants: &'a [ApplicantRow],
    pub standings: &'a [StandingRow],
    pub number: u32,
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl<'a> Table<'a> {
    fn choices(&self) -> impl Iterator<Item = (usize, &'a ChoiceRow)> + use<'a> {
        self.people.prepared.choices.iter().enumerate()
    }

    /// Smaller is better.
    fn key(&self, row: usize, choice: &ChoiceRow) -> Key {
        let own = self.standings.get(choice.applicant as usize);
        let score = match self.rules.score.as_ref().map(|s| s.order) {
            Some(Order::HighFirst) => choice.score.saturating_neg(),
            _ => choice.score,
        };
        (
            own.is_none_or(|s| s.owed != Some(choice.position)),
            own.is_some_and(|s| s.arrived.is_some()),
            choice.tier,
            score,
            self.ranks.get(row).copied().unwrap_or(u32::MAX),
        )
    }

    /// Returns everybody who has a place, by provider.
    fn here(&self) -> Vec<Vec<Here<'a>>> {
        let mut here = vec![Vec::new(); self.people.prepared.names.providers.len()];
        for (row, choice) in self.choices() {
            let applicant = choice.applicant as usize;
            let (Some(own), Some(standing)) = (
                self.applicants.get(applicant),
                self.standings.get(applicant),
            ) else {
                continue;
            };
            let place = own
                .placement
                .as_ref()
                .filter(|p| p.position == choice.position);
            let (Some(place), Some(slot)) = (place, here.get_mut(choice.provider as usize)) else {
                continue;
            };
            slot.push(Here {
                applicant,
                row,
                choice,
                door: place.door,
                stays: standing.held.as_ref() == Some(place),
                extra: standing.extra,
            });
        }
        here
    }

    /// Returns the rows of providers and doors.
    pub fn doors(&self, before: &[ProviderRow]) -> (Vec<ProviderRow>, Vec<DoorRow>) {
        let here = self.here();
        let mut providers = Vec::with_capacity(before.len());
        let mut doors = Vec::new();
        for (index, (row, here)) in before.iter().zip(&here).enumerate() {
            providers.push(ProviderRow {
                placed: count(here.len()),
                ..row.clone()
            });
            self.provider(index, row, here, &mut doors);
        }
        (providers, doors)
    }

    fn provider(&self, index: usize, row: &ProviderRow, here: &[Here<'a>], out: &mut Vec<DoorRow>) {
        let Some(facts) = self.people.prepared.seats.get(index) else {
            return;
        };
        let stays = |door: Door| {
            here.iter()
                .filter(move |h| h.stays && !h.extra && h.door == door)
        };
        let new = |door: Door| -> Vec<Here<'a>> {
            here.iter()
                .filter(|h| !h.stays && h.door == door)
                .copied()
                .collect()
        };
        let holders = here.iter().filter(|h| h.stays);
        let kept = count(holders.clone().count());
        let extra = count(holders.filter(|h| h.extra).count());
        let mut remaining = row.capacity.saturating_add(extra).saturating_sub(kept);
        let name = &row.provider;
        out.push(self.row(name, "kept".to_owned(), (kept, kept, kept), &[]));
        for (i, (reserve, declared)) in (0u8..).zip(self.rules.reserves.iter().zip(&facts.reserves))
        {
            let taken = count(stays(Door::Reserve(i)).count());
            let members = new(Door::Reserve(i));
            let seats = declared.saturating_sub(taken).min(remaining);
            remaining -= match reserve.unused {
                Unused::Open => count(members.len()).min(remaining),
                Unused::Empty => seats,
            };
            let numbers = (*declared, seats, count(members.len()));
            out.push(self.row(name, format!("reserve:{}", reserve.id), numbers, &members));
        }
        let open = new(Door::Open);
        let numbers = (row.capacity, remaining, count(open.len()));
        out.push(self.row(name, "open".to_owned(), numbers, &open));
        for (i, (ceiling, declared)) in self.rules.ceilings.iter().zip(&facts.ceilings).enumerate()
        {
            let under = |h: &&Here<'_>| h.choice.ceilings >> i & 1 == 1;
            let seats = declared.saturating_sub(count(stays(Door::Open).filter(under).count()));
            let members: Vec<Here<'a>> = open.iter().filter(under).copied().collect();
            let numbers = (*declared, seats, count(members.len()));
            out.push(self.row(name, format!("ceiling:{}", ceiling.id), numbers, &members));
        }
    }

    fn row(
        &self,
        provider: &str,
        door: String,
        (declared, seats, placed): (u32, u32, u32),
        members: &[Here<'a>],
    ) -> DoorRow {
        let full = seats > 0 && placed == seats;
        let last = members
            .iter()
            .max_by_key(|h| self.key(h.row, h.choice))
            .filter(|_| full);
        DoorRow {
            provider: provider.to_owned(),
            door,
            declared,
            seats,
            placed,
            last_ticket: last.and_then(|h| Some(self.applicants.get(h.applicant)?.ticket.clone())),
            last_tier: last.map(|h| h.choice.tier),
            last_score: last.map(|h| h.choice.score),
            last_rank: last.and_then(|h| self.ranks.get(h.row).copied()),
        }
    }

    /// Returns how many seats of each provider were held before anything moved.
    fn held(&self) -> Vec<u32> {
        let mut held = vec![0u32; self.people.prepared.names.providers.len()];
        for (_, choice) in self.choices() {
            let own = self.standings.get(choice.applicant as usize);
            let here = own.is_some_and(|s| {
                let place = s.held.as_ref();
                !s.extra && place.is_some_and(|p| p.position == choice.position)
            });
            if let (true, Some(count)) = (here, held.get_mut(choice.provider as usize)) {
                *count += 1;
            }
        }
        held
    }

    /// Returns whether an entry is waited for: it is better than what is held and may
    /// be had, and the provider opens.
    fn waits(&self, choice: &ChoiceRow) -> bool {
        let applicant = choice.applicant as usize;
        let (Some(own), Some(standing)) = (
            self.applicants.get(applicant),
            self.standings.get(applicant),
        ) else {
            return false;
        };
        let takes_part = matches!(
            standing.standing,
            Standing::Waiting | Standing::Kept | Standing::Offered
        );
        let closed = self.people.closed.get(choice.provider as usize);
        takes_part
            && closed != Some(&true)
            && usable(own, choice)
            && own
                .placement
                .as_ref()
                .is_none_or(|p| choice.position < p.position)
            && !standing.refused.contains(&choice.position)
    }

    /// Returns how many wait for something.
    pub fn waiting(&self) -> u64 {
        let mut last = None;
        let mut waiting = 0;
        for (_, choice) in self.choices().filter(|(_, c)| self.waits(c)) {
            if last != Some(choice.applicant) {
                waiting += 1;
                last = Some(choice.applicant);
            }
        }
        waiting
    }

    /// Returns the vacancies and waiting list of every provider.
    pub fn lines(&self) -> Vec<Line> {
        let names = &self.people.prepared.names.providers;
        let mut waiting: Vec<(u32, Option<(Key, usize)>)> = vec![(0, None); names.len()];
        for (row, choice) in self.choices().filter(|(_, c)| self.waits(c)) {
            let Some((count, first)) = waiting.get_mut(choice.provider as usize) else {
                continue;
            };
            *count += 1;
            let own = (self.key(row, choice), row);
            if first.is_none_or(|f| own < f) {
                *first = Some(own);
            }
        }
        let here = self.here();
        let before = self.held();
        let mut lines = Vec::with_capacity(names.len());
        for (index, ((name, facts), (count_waiting, first))) in names
            .iter()
            .zip(&self.people.prepared.seats)
            .zip(waiting)
            .enumerate()
        {
            let here = here.get(index).map_or(&[][..], Vec::as_slice);
            let seated = count(here.iter().filter(|h| !(h.stays && h.extra)).count());
            let new = |h: &&Here<'_>| {
                let standing = self.standings.get(h.applicant);
                standing.is_some_and(|s| s.since == Some(self.number))
            };
            let held = before.get(index).copied().unwrap_or(0);
            lines.push(Line {
                provider: name.clone(),
                vacant: facts.capacity.saturating_sub(held),
                offered: count(here.iter().filter(new).count()),
                free: facts.capacity.saturating_sub(seated),
                waiting: count_waiting,
                next: first.and_then(|((.., rank), row)| {
                    let choice = self.people.prepared.choices.get(row)?;
                    let own = self.standings.get(choice.applicant as usize)?;
                    Some(Next {
                        owed: own.owed == Some(choice.position),
                        late: own.arrived.is_some(),
                        tier: choice.tier,
                        score: choice.score,
                        rank,
                    })
                }),
            });
        }
        lines
    }
}
