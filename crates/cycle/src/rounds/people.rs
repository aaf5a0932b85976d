//! Everybody in a later round: the rows of the bundle before, with those who came
//! late and those whose appeal is entered evaluated.

use std::collections::BTreeSet;

use minsheng_bundle::Contents;
use minsheng_matching::{self as matching, State, pack_groups, unpack_groups};
use minsheng_model::{
    Answer, ApplicantRow, ChoiceRow, Date, Diagnostic, Door, Offers, Owed, Placement, Rules,
    Standing, StandingRow, Verdict,
};

use super::{
    After, appeal, arrivals, at, facts as corrections, market_door, no_state, order, replies,
    stands,
};
use crate::facts;
use crate::market::Built;
use crate::{Prepared, Registers, uneven};

/// Everybody's row and list, without a place.
pub(crate) struct People {
    /// The rules' answers, those of the bundle before where it has them.
    pub prepared: Prepared,
    /// The rows without places.
    rows: Vec<ApplicantRow>,
    /// The day of arrival of those who came late.
    pub arrived: Vec<Option<Date>>,
    /// Where each stands in the bundle before.
    prior: Vec<Option<usize>>,
    /// Whose appeal is entered, as index into the appeals.
    appealed: Vec<Option<usize>>,
    /// Which providers the decision closed for want of people: they stay closed, and
    /// have no seats.
    pub closed: Vec<bool>,
}

impl People {
    /// Evaluates the rules for those who are new or corrected; everybody else is as in
    /// the bundle before.
    pub fn new(
        rules: &Rules,
        registers: &Registers,
        after: &After<'_>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let previous = after.previous;
        let corrected = corrections::corrected(rules, registers, after.appeals)?;
        let registers = corrected.as_ref().unwrap_or(registers);
        let mut prepared = Prepared::new(rules, registers)?;
        let arrived = arrivals::late_days(rules, &registers.applicants)?;
        let people = prepared.names.tickets.len();
        let find = |ticket: &String| {
            let found = previous
                .applicants
                .binary_search_by(|a| a.ticket.cmp(ticket));
            found.ok()
        };
        let prior: Vec<Option<usize>> = prepared.names.tickets.iter().map(find).collect();
        let appealed: Vec<Option<usize>> = prepared
            .names
            .tickets
            .iter()
            .map(|t| after.appeals.iter().position(|a| a.ticket == *t))
            .collect();
        if prior.iter().flatten().count() != previous.applicants.len() {
            return Err(vec![uneven()]);
        }
        let columns = facts::group_columns(rules, registers);
        let mut rows = Vec::with_capacity(people);
        for index in 0..people {
            let (Some(mask), Some(verdict), Some(ticket), Some(draw_ticket)) = (
                prepared.masks.get(index),
                prepared.verdicts.get(index),
                prepared.names.tickets.get(index),
                prepared.names.draw_tickets.get(index),
            ) else {
                return Err(vec![uneven()]);
            };
            rows.push(ApplicantRow {
                ticket: ticket.clone(),
                draw_ticket: draw_ticket.clone(),
                holds: mask.holds,
                unknown: mask.unknown,
                verdict: *verdict,
                placement: None,
                facts_hash: String::new(),
                groups: facts::groups(&columns, registers, index),
            });
        }
        facts::seal_facts(rules, registers, &mut rows);
        // The draw was held over the numbers as they were: a correction gives no new one.
        for (index, prior) in prior.iter().enumerate() {
            let then = prior.and_then(|p| previous.applicants.get(p));
            let (Some(then), Some(row)) = (then, rows.get_mut(index)) else {
                continue;
            };
            if appealed.get(index).copied().flatten().is_some() {
                row.draw_ticket.clone_from(&then.draw_ticket);
            } else {
                *row = ApplicantRow {
                    placement: None,
                    ..then.clone()
                };
            }
            if let Some(slot) = prepared.names.draw_tickets.get_mut(index) {
                slot.clone_from(&row.draw_ticket);
            }
            if let Some(slot) = prepared.verdicts.get_mut(index) {
                *slot = row.verdict;
            }
        }
        prepared.choices = lists(previous, &prior, &appealed, &prepared.choices);
        let shut = previous.certificate.closed.iter();
        let shut: BTreeSet<&str> = shut.map(|c| c.provider.as_str()).collect();
        let names = prepared.names.providers.iter();
        let closed: Vec<bool> = names.map(|name| shut.contains(name.as_str())).collect();
        for (facts, closed) in prepared.seats.iter_mut().zip(&closed) {
            if *closed {
                facts.capacity = 0;
            }
        }
        Ok(Self {
            prepared,
            rows,
            arrived,
            prior,
            appealed,
            closed,
        })
    }

    /// Returns how many are new.
    pub fn new_ones(&self) -> u64 {
        self.prior.iter().filter(|p| p.is_none()).count() as u64
    }

    /// Returns an applicant's list.
    pub fn list(&self, applicant: usize) -> &[ChoiceRow] {
        let number = u32::try_from(applicant).unwrap_or(u32::MAX);
        let choices = &self.prepared.choices;
        let start = choices.partition_point(|c| c.applicant < number);
        let end = choices.partition_point(|c| c.applicant <= number);
        choices.get(start..end).unwrap_or_default()
    }

    /// Returns where everybody stands once answers and appeals are in; `held` is the
    /// place each holds, before anything moves.
    pub fn standings(
        &self,
        offers: &Offers,
        after: &After<'_>,
        before: &[StandingRow],
        answers: &[Option<Answer>],
        number: u32,
    ) -> Result<Vec<StandingRow>, Vec<Diagnostic>> {
        let mut standings = Vec::with_capacity(self.rows.len());
        for (index, row) in self.rows.iter().enumerate() {
            let prior = self.prior.get(index).copied().flatten();
            let then =
                prior.and_then(|p| Some((before.get(p)?, after.previous.applicants.get(p)?)));
            let mut standing = match then {
                Some((before, then)) => {
                    let given = prior.and_then(|p| answers.get(p).copied().flatten());
                    replies::after(offers, before, then.placement.as_ref(), given)
                }
                None => StandingRow {
                    arrived: self.arrived.get(index).copied().flatten(),
                    ..replies::new_row(match row.verdict {
                        Verdict::Eligible => Standing::Waiting,
                        _ => Standing::Out,
                    })
                },
            };
            if let Some(own) = self.appealed.get(index).copied().flatten() {
                let Some((own, (_, then))) = after.appeals.get(own).zip(then) else {
                    return Err(vec![uneven()]);
                };
                self.enter(offers, own, (index, then), &mut standing, number);
            }
            standings.push(standing);
        }
        Ok(standings)
    }

    /// Enters an appeal: what the corrected facts no longer allow is gone, and what is
    /// owed is given.
    fn enter(
        &self,
        offers: &Offers,
        own: &appeal::Appeal,
        (index, then): (usize, &ApplicantRow),
        standing: &mut StandingRow,
        number: u32,
    ) {
        standing.appeal = Some(own.sealed.clone());
        let Some(row) = self.rows.get(index) else {
            return;
        };
        let list = self.list(index);
        let held = standing.held.as_ref().and_then(|p| list.get(at(list, p)?));
        if standing.held.is_some() && held.is_none_or(|c| !usable(row, c)) {
            standing.held = None;
            standing.since = None;
            standing.extra = false;
            standing.standing = Standing::Waiting;
        }
        // A place in a reserve goes on as one that counts towards none.
        if let (Some(place), Some(choice)) = (&mut standing.held, held)
            && let Door::Reserve(bit) = place.door
            && u32::from(choice.reserves) >> bit & 1 == 0
        {
            place.door = Door::Kept;
        }
        if row.verdict != Verdict::Eligible {
            standing.standing = Standing::Out;
            standing.owed = None;
            return;
        }
        if then.verdict != Verdict::Eligible {
            standing.standing = Standing::Waiting;
        }
        let takes_part = matches!(standing.standing, Standing::Waiting | Standing::Kept);
        let Some(owed) = own.owed.as_ref().filter(|_| takes_part) else {
            return;
        };
        if standing.refused.contains(&owed.position) {
            return;
        }
        match offers.owed {
            Owed::First => standing.owed = Some(owed.position),
            Owed::Extra => {
                standing.held = Some(Placement {
                    provider: owed.provider.clone(),
                    door: Door::Kept,
                    position: owed.position,
                });
                standing.since = Some(number);
                standing.extra = true;
                standing.standing = Standing::Offered;
            }
        }
    }

    /// Builds the market of the round: who comes first after an appeal comes first in
    /// the keys, who came late last.
    pub fn market(
        &self,
        rules: &Rules,
        ranks: &[u32],
        before: &[StandingRow],
    ) -> Result<Built, Vec<Diagnostic>> {
        let mut built = self.prepared.market(rules, ranks)?;
        let row = |entry: &u32| self.prepared.choices.get(*entry as usize);
        for (key, choice) in built.market.key.iter_mut().zip(built.row.iter().map(row)) {
            let Some((choice, own)) =
                choice.and_then(|c| Some((c, before.get(c.applicant as usize)?)))
            else {
                continue;
            };
            *key = order::key(
                *key,
                own.owed == Some(choice.position),
                own.arrived.is_some(),
            );
        }
        for groups in &mut built.market.groups {
            // A seat kept for somebody was offered in the first round.
            let (_, reserves, ceilings) = unpack_groups(*groups);
            *groups = pack_groups(false, reserves, if reserves == 0 { ceilings } else { 0 });
        }
        Ok(built)
    }

    /// Returns everybody's state in the market.
    pub fn state(&self, built: &Built, before: &[StandingRow]) -> Result<State, Vec<Diagnostic>> {
        let market = &built.market;
        let mut state = no_state(self.rows.len(), market.provider.len());
        for (index, own) in before.iter().enumerate() {
            let (Some(start), Some(end)) = (market.first.get(index), market.first.get(index + 1))
            else {
                return Err(vec![uneven()]);
            };
            let mut place = None;
            for (entry, number) in (*start..*end).zip(0u32..) {
                let choice = built
                    .row
                    .get(entry as usize)
                    .and_then(|row| self.prepared.choices.get(*row as usize));
                let Some(position) = choice.map(|c| c.position) else {
                    return Err(vec![uneven()]);
                };
                if let Some(held) = own.held.as_ref().filter(|h| h.position == position) {
                    place = Some((number, market_door(held.door)));
                }
                if let Some(slot) = state.refused.get_mut(entry as usize) {
                    *slot = own.refused.contains(&position);
                }
            }
            if place.is_none() && own.held.is_some() {
                return Err(vec![uneven()]);
            }
            let slots = (
                state.place.get_mut(index),
                state.standing.get_mut(index),
                state.extra.get_mut(index),
            );
            if let (Some(own_place), Some(standing), Some(extra)) = slots {
                (*own_place, *standing, *extra) = (place, stands(own.standing), own.extra);
            }
        }
        Ok(state)
    }

    /// Returns the rows with the places of this round, and where everybody stands.
    pub fn settle(
        &self,
        built: &Built,
        done: &State,
        before: Vec<StandingRow>,
        number: u32,
    ) -> (Vec<ApplicantRow>, Vec<StandingRow>) {
        let mut rows = self.rows.clone();
        let mut standings = before;
        for (index, (row, own)) in rows.iter_mut().zip(&mut standings).enumerate() {
            let start = built.market.first.get(index).copied().unwrap_or(0);
            let got = done.place.get(index).copied().flatten();
            row.placement = got.and_then(|(entry, door)| {
                let entry = start.checked_add(entry)?;
                let choice = built.row.get(entry as usize)?;
                let choice = self.prepared.choices.get(*choice as usize)?;
                Some(Placement {
                    provider: self
                        .prepared
                        .names
                        .providers
                        .get(choice.provider as usize)?
                        .clone(),
                    door: model_door(door),
                    position: choice.position,
                })
            });
            let Some(place) = &row.placement else {
                continue;
            };
            if own.held.as_ref() != Some(place) {
                own.since = Some(number);
                own.standing = Standing::Offered;
            }
        }
        (rows, standings)
    }
}

fn model_door(door: matching::Door) -> Door {
    match door {
        matching::Door::Kept => Door::Kept,
        matching::Door::Reserve(index) => Door::Reserve(index),
        matching::Door::Open => Door::Open,
    }
}

/// Returns whether a choice may be had.
pub(crate) fn usable(row: &ApplicantRow, choice: &ChoiceRow) -> bool {
    row.verdict == Verdict::Eligible && (choice.verdict == Verdict::Eligible || choice.kept)
}

/// Returns everybody's lists: those of the bundle before, and those evaluated now of
/// who is new or corrected.
fn lists(
    previous: &Contents,
    prior: &[Option<usize>],
    appealed: &[Option<usize>],
    now: &[ChoiceRow],
) -> Vec<ChoiceRow> {
    let mut all = Vec::with_capacity(now.len());
    for (number, (prior, appealed)) in (0u32..).zip(prior.iter().zip(appealed)) {
        let (list, owner) = match (prior, appealed) {
            (Some(prior), None) => (
                previous.choices.as_slice(),
                u32::try_from(*prior).unwrap_or(u32::MAX),
            ),
            _ => (now, number),
        };
        let start = list.partition_point(|c| c.applicant < owner);
        let own = list.iter().skip(start).take_while(|c| c.applicant == owner);
        all.extend(own.map(|c| ChoiceRow {
            applicant: number,
            ..*c
        }));
    }
    all
}
