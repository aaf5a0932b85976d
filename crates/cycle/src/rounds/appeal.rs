//! One row again with corrected facts: what would have followed under the published
//! cut-offs, and whether a place is owed.

use std::collections::BTreeMap;

use minsheng_bundle::{Contents, facts_hash, hex, jcs, leaf_hash};
use minsheng_matching::{self as matching, Candidate, pack_groups};
use minsheng_model::{
    ApplicantRow, ChoiceRow, Date, Diagnostic, Door, Placement, Rules, Scope, Text, Verdict,
};
use minsheng_registers::Register;
use serde::{Deserialize, Serialize};

use super::facts::correct;
use super::{in_time, order, people::usable, replies};
use crate::market::{score_places, seats_of};
use crate::{Prepared, Registers, uneven};

/// The format of a record.
pub const APPEAL: &str = "minsheng-appeal/1";

/// The record of an appeal. It holds personal facts and stays with the city; a bundle
/// has only its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appeal {
    /// [`APPEAL`].
    pub format: String,
    /// The programme.
    pub programme: String,
    /// The cycle.
    pub cycle: String,
    /// The round whose decision is looked at again.
    pub round: u32,
    /// The identity of its bundle.
    pub bundle: String,
    /// The application number.
    pub ticket: String,
    /// The corrected facts by column, as text; `None` is missing.
    pub facts: BTreeMap<String, Option<String>>,
    /// What was decided.
    pub before: Seen,
    /// What follows from the corrected facts.
    pub after: Seen,
    /// The place that is owed, if any.
    pub owed: Option<Owing>,
    /// The seal that the secret of the application gives the record: what is published.
    pub sealed: String,
}

/// A row as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The verdict.
    pub verdict: Verdict,
    /// The applicants' clauses that hold.
    pub met: Vec<String>,
    /// Those that do not.
    pub failed: Vec<String>,
    /// Those that are unknown.
    pub unknown: Vec<String>,
    /// The own list.
    pub choices: Vec<Listed>,
}

/// An entry of the own list as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as the fields of a choice row")]
pub struct Listed {
    pub position: u32,
    pub provider: String,
    pub verdict: Verdict,
    pub tier: u8,
    pub score: i64,
    pub reserves: u16,
    pub ceilings: u16,
}

/// A place that somebody should have had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owing {
    /// At which provider.
    pub provider: String,
    /// Its position on the own list.
    pub position: u32,
    /// `kept`, `reserve:ID` or `open`: the door that lets this person in.
    pub door: String,
}

fn wrong(code: &str, zh: String, en: String) -> Diagnostic {
    Diagnostic::error(code, Text::new(zh, en))
}

/// Evaluates one application again with corrected facts, given by column as text
/// (`None` where a fact turns out to be missing), under the published cut-offs of a
/// round.
///
/// # Errors
/// When the bundle shows no rows or no such application, when a column is unknown or
/// may not be corrected, when a value is not of its column's type, and when the
/// registers are not those of the bundle.
pub fn appeal(
    rules: &Rules,
    registers: &Registers,
    (contents, id): (&Contents, &str),
    ticket: &str,
    facts: &BTreeMap<String, Option<String>>,
) -> Result<Appeal, Vec<Diagnostic>> {
    if contents.rules != *rules {
        return Err(vec![wrong(
            "appeal/rules-changed",
            "项目文件的规则与公示包的不同".to_owned(),
            "the rules of the programme file are not those of the bundle".to_owned(),
        )]);
    }
    let found = contents
        .applicants
        .binary_search_by(|a| a.ticket.as_str().cmp(ticket));
    let row = found.ok().and_then(|i| contents.applicants.get(i));
    let Some((index, row)) = found.ok().zip(row) else {
        return Err(vec![wrong(
            "appeal/unknown-ticket",
            format!("公示包中没有申请编号 `{ticket}`"),
            format!("the bundle has no application `{ticket}`"),
        )]);
    };
    let round = contents.round_number();
    let within = in_time(rules, registers, round)?;
    let then = within.as_ref().unwrap_or(registers);
    let corrections = [(ticket, facts)];
    let corrected = correct(rules, &then.applicants, &corrections)?;
    let prepared = Prepared::new(
        rules,
        &Registers {
            applicants: corrected.clone(),
            providers: then.providers.clone(),
            choices: then.choices.clone(),
        },
    )?;
    let own = prepared.names.tickets.iter().position(|t| t == ticket);
    let (Some(own), Some(mask)) = (own, own.and_then(|i| prepared.masks.get(i))) else {
        return Err(vec![uneven()]);
    };
    let now = ApplicantRow {
        holds: mask.holds,
        unknown: mask.unknown,
        verdict: prepared.verdicts.get(own).copied().unwrap_or(row.verdict),
        ..row.clone()
    };
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let list = |choices: &[ChoiceRow], owner: u32| -> Vec<ChoiceRow> {
        let own = choices.iter().filter(|c| c.applicant == owner);
        own.copied().collect()
    };
    let before = list(&contents.choices, number(index));
    let after: Vec<ChoiceRow> = list(&prepared.choices, number(own))
        .into_iter()
        .map(|c| ChoiceRow {
            applicant: number(index),
            ..c
        })
        .collect();
    let owed = owed(rules, contents, (index, &now), &before, &after)?;
    let mut record = Appeal {
        format: APPEAL.to_owned(),
        programme: rules.programme.clone(),
        cycle: rules.cycle.clone(),
        round,
        bundle: id.to_owned(),
        ticket: ticket.to_owned(),
        facts: facts.clone(),
        before: seen(rules, contents, row, &before),
        after: seen(rules, contents, &now, &after),
        owed,
        sealed: String::new(),
    };
    record.sealed = sealed(rules, &corrected, own, &record)?;
    Ok(record)
}

/// Returns the hash of a record under the application's secret, so that nobody can
/// guess the facts from it; without a secret the facts are left out.
fn sealed(
    rules: &Rules,
    register: &Register,
    row: usize,
    record: &Appeal,
) -> Result<String, Vec<Diagnostic>> {
    let column = rules
        .secret
        .as_deref()
        .and_then(|s| register.table.column_index(s));
    let secret = column
        .and_then(|c| register.value(row, c))
        .map(|v| v.to_string());
    let mut shown = record.clone();
    if secret.is_none() {
        shown.facts.clear();
    }
    let internal = |_| vec![uneven()];
    let value = serde_json::to_value(&shown).map_err(|_| vec![uneven()])?;
    let text = String::from_utf8(jcs(&value).map_err(internal)?).map_err(|_| vec![uneven()])?;
    let Some(secret) = secret else {
        return Ok(hex(&leaf_hash(text.as_bytes())));
    };
    Ok(facts_hash(
        &secret,
        &[("appeal".to_owned(), Some(text))].into(),
    ))
}

fn seen(rules: &Rules, contents: &Contents, row: &ApplicantRow, list: &[ChoiceRow]) -> Seen {
    let (mut met, mut failed, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for (bit, clause) in (0u32..).zip(rules.clauses_of(Scope::Applicant)) {
        let set = |mask: u32| mask.checked_shr(bit).unwrap_or(0) & 1 == 1;
        let list = if set(row.holds) {
            &mut met
        } else if set(row.unknown) {
            &mut unknown
        } else {
            &mut failed
        };
        list.push(clause.id.clone());
    }
    let entry = |c: &ChoiceRow| Listed {
        position: c.position,
        provider: contents
            .providers
            .get(c.provider as usize)
            .map_or_else(String::new, |p| p.provider.clone()),
        verdict: c.verdict,
        tier: c.tier,
        score: c.score,
        reserves: c.reserves,
        ceilings: c.ceilings,
    };
    Seen {
        verdict: row.verdict,
        met,
        failed,
        unknown,
        choices: list.iter().map(entry).collect(),
    }
}

/// Returns the best place that this person, with the corrected row and list, would
/// have been chosen for out of those who got one in the round.
fn owed(
    rules: &Rules,
    contents: &Contents,
    (index, row): (usize, &ApplicantRow),
    before: &[ChoiceRow],
    list: &[ChoiceRow],
) -> Result<Option<Owing>, Vec<Diagnostic>> {
    let standings = replies::standings(contents);
    let own = standings.get(index).ok_or_else(|| vec![uneven()])?;
    let held = row.placement.as_ref().map_or(u32::MAX, |p| p.position);
    let still = list
        .iter()
        .find(|c| c.position == held)
        .is_some_and(|c| usable(row, c));
    let limit = if still { held } else { u32::MAX };
    let bar = Bar::new(rules, contents, (before, list))?;
    for choice in list {
        if choice.position >= limit
            || !usable(row, choice)
            || own.refused.contains(&choice.position)
        {
            continue;
        }
        if let Some(door) = bar.lets_in(index, choice) {
            return Ok(Some(Owing {
                provider: contents
                    .providers
                    .get(choice.provider as usize)
                    .map_or_else(String::new, |p| p.provider.clone()),
                position: choice.position,
                door: minsheng_bundle::door_name(rules, door).unwrap_or_default(),
            }));
        }
    }
    Ok(None)
}

/// The people of a round's doors and the keys that order them.
struct Bar<'a> {
    rules: &'a Rules,
    contents: &'a Contents,
    standings: Vec<minsheng_model::StandingRow>,
    /// Keys of the bundle's choices, then of the corrected list.
    keys: Vec<u64>,
    from: usize,
    corrected: &'a [ChoiceRow],
}

impl<'a> Bar<'a> {
    fn new(
        rules: &'a Rules,
        contents: &'a Contents,
        (before, corrected): (&[ChoiceRow], &'a [ChoiceRow]),
    ) -> Result<Self, Vec<Diagnostic>> {
        let standings = replies::standings(contents);
        let seed = minsheng_bundle::unhex(&contents.certificate.draw.seed)
            .ok_or_else(|| vec![uneven()])?;
        let names = crate::Names {
            tickets: contents
                .applicants
                .iter()
                .map(|a| a.ticket.clone())
                .collect(),
            draw_tickets: contents
                .applicants
                .iter()
                .map(|a| a.draw_ticket.clone())
                .collect(),
            providers: contents
                .providers
                .iter()
                .map(|p| p.provider.clone())
                .collect(),
        };
        let arrived: Vec<Option<Date>> = standings.iter().map(|s| s.arrived).collect();
        let ranks = order::ranks(
            rules.tie_break.method,
            &seed,
            &names,
            &contents.choices,
            &arrived,
        );
        let mut all = contents.choices.clone();
        all.extend_from_slice(corrected);
        let scores = score_places(rules, &all)?;
        let rank = |row: usize, choice: &ChoiceRow| {
            if row < contents.choices.len() {
                return ranks.get(row).copied().unwrap_or(u32::MAX);
            }
            // A corrected list names the same providers at the same positions.
            let same = |c: &&ChoiceRow| c.position == choice.position;
            let then = before.iter().find(same);
            let place = then.and_then(|t| contents.choices.iter().position(|c| c == t));
            place
                .and_then(|p| ranks.get(p).copied())
                .unwrap_or(u32::MAX)
        };
        let key = |(row, choice): (usize, &ChoiceRow)| {
            let score = scores.get(row).copied().unwrap_or(u32::MAX);
            let key = u64::from(choice.tier) << 56
                | u64::from(score) << 32
                | u64::from(rank(row, choice));
            let own = standings.get(choice.applicant as usize);
            let owed = own.is_some_and(|s| s.owed == Some(choice.position));
            order::key(key, owed, own.is_some_and(|s| s.arrived.is_some()))
        };
        Ok(Self {
            rules,
            contents,
            keys: all.iter().enumerate().map(key).collect(),
            from: contents.choices.len(),
            standings,
            corrected,
        })
    }

    /// Returns the door by which a provider would have chosen a corrected entry out of
    /// those it chose in the round and this one.
    fn lets_in(&self, index: usize, choice: &ChoiceRow) -> Option<Door> {
        let first = self.contents.round.is_none();
        let place = self
            .corrected
            .iter()
            .position(|c| c.position == choice.position)?;
        let own_key = self.keys.get(self.from + place).copied()?;
        let mut seats = self.seats(choice.provider as usize)?;
        let groups = |c: &ChoiceRow| {
            let kept = first && c.kept;
            let ceilings = if c.reserves == 0 || kept {
                c.ceilings
            } else {
                0
            };
            pack_groups(kept, c.reserves, ceilings)
        };
        let mut people = vec![Candidate {
            key: own_key,
            applicant: u32::try_from(index).ok()?,
            groups: groups(choice),
        }];
        for (row, other) in self.contents.choices.iter().enumerate() {
            if other.provider != choice.provider || other.applicant as usize == index {
                continue;
            }
            let them = self.contents.applicants.get(other.applicant as usize)?;
            let Some(got) = them
                .placement
                .as_ref()
                .filter(|p| p.position == other.position)
            else {
                continue;
            };
            let standing = self.standings.get(other.applicant as usize)?;
            if !first && standing.held.as_ref() == Some(got) {
                if !standing.extra {
                    hold(&mut seats, got, other);
                }
                continue;
            }
            people.push(Candidate {
                key: self.keys.get(row).copied()?,
                applicant: other.applicant,
                groups: groups(other),
            });
        }
        let doors = matching::choose(&seats, &mut people);
        let own = people
            .iter()
            .zip(doors)
            .find(|(c, _)| c.applicant as usize == index);
        own.and_then(|(_, door)| door).map(|door| match door {
            matching::Door::Kept => Door::Kept,
            matching::Door::Reserve(i) => Door::Reserve(i),
            matching::Door::Open => Door::Open,
        })
    }

    /// Returns the seats that the rules give a provider, from its doors.
    fn seats(&self, provider: usize) -> Option<matching::Seats> {
        let reserves = self.rules.reserves.len();
        let per = 2 + reserves + self.rules.ceilings.len();
        let doors = self
            .contents
            .doors
            .get(provider * per..(provider + 1) * per)?;
        let declared: Vec<u32> = doors.iter().map(|d| d.declared).collect();
        Some(seats_of(
            self.rules,
            self.contents.providers.get(provider)?.capacity,
            declared.get(1..=reserves)?,
            declared.get(2 + reserves..)?,
        ))
    }
}

/// Takes the seat of a place held from before out of those that were given.
fn hold(seats: &mut matching::Seats, place: &Placement, choice: &ChoiceRow) {
    seats.capacity = seats.capacity.saturating_sub(1);
    match place.door {
        Door::Kept => {}
        Door::Reserve(index) => {
            if let Some((left, _)) = seats.reserves.get_mut(usize::from(index)) {
                *left = left.saturating_sub(1);
            }
        }
        Door::Open => {
            for (bit, left) in seats.ceilings.iter_mut().enumerate() {
                if choice.ceilings >> bit & 1 == 1 {
                    *left = left.saturating_sub(1);
                }
            }
        }
    }
}
