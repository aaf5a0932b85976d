//! The doors, lines and counts of a round, made again from the rows.

use minsheng_bundle::{Answers, Line, Next};
use minsheng_model::{Answer, ChoiceRow, Door, DoorRow, Verdict};

use super::table::{Key, Table, closed, stays, takes, waits};
use crate::lists::usable;
use crate::report::{Found, differs, offends};
use crate::seats::{blocks, names};

/// Somebody who was given a place of this round.
#[derive(Clone, Copy)]
struct New {
    key: Key,
    applicant: usize,
    row: usize,
    door: Door,
    ceilings: u16,
}

/// What the rows say of a provider.
#[derive(Default, Clone)]
struct Here {
    new: Vec<New>,
    /// Doors and ceilings of those who stay; `None` for a place above the capacity.
    stay: Vec<Option<(Door, u16)>>,
    /// Seats held before anything moved.
    held: u32,
    offered: u32,
    waiting: u32,
    next: Option<(Key, Next)>,
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn gather(table: &Table<'_>, round: u32) -> Vec<Here> {
    let contents = table.contents;
    let mut here = vec![Here::default(); contents.providers.len()];
    let closed = closed(contents);
    for (index, (row, standing)) in contents.applicants.iter().zip(table.standings).enumerate() {
        let held = standing.held.as_ref().filter(|_| !standing.extra);
        if let Some((_, choice)) = held.and_then(|p| table.choice(index, p))
            && let Some(own) = here.get_mut(choice.provider as usize)
        {
            own.held += 1;
        }
        if let Some((place, (at, choice))) = row
            .placement
            .as_ref()
            .and_then(|p| Some((p, table.choice(index, p)?)))
            && let Some(own) = here.get_mut(choice.provider as usize)
        {
            own.offered += u32::from(standing.since == Some(round));
            if stays(row, standing) {
                let counts = !standing.extra;
                own.stay
                    .push(counts.then_some((place.door, choice.ceilings)));
            } else {
                own.new.push(New {
                    key: table.key(at, choice),
                    applicant: index,
                    row: at,
                    door: place.door,
                    ceilings: choice.ceilings,
                });
            }
        }
        let end = row.placement.as_ref().map_or(u32::MAX, |p| p.position);
        let range = table.lists.range(index);
        let list = contents.choices.get(range.clone()).unwrap_or_default();
        for (at, choice) in range.zip(list) {
            let wanted = waits(standing)
                && closed.get(choice.provider as usize) != Some(&true)
                && usable(row, choice)
                && choice.position < end
                && !standing.refused.contains(&choice.position);
            let Some(own) = here.get_mut(choice.provider as usize).filter(|_| wanted) else {
                continue;
            };
            own.waiting += 1;
            let key = table.key(at, choice);
            if own.next.as_ref().is_none_or(|(first, _)| key < *first) {
                let next = Next {
                    owed: !key.0,
                    late: key.1,
                    tier: choice.tier,
                    score: choice.score,
                    rank: key.4,
                };
                own.next = Some((key, next));
            }
        }
    }
    here
}

/// Checks seats, counts and last admitted of every door.
pub(crate) fn doors(table: &Table<'_>, round: u32) -> Found {
    let contents = table.contents;
    let names = names(&contents.rules);
    if contents.doors.len() != names.len() * contents.providers.len() {
        return Some(offends("doors", "行数有误", "has a wrong number of rows"));
    }
    let here = gather(table, round);
    for ((provider, rows), here) in blocks(contents).zip(&here) {
        let placed = number(here.new.len() + here.stay.len());
        if let Some(wrong) = differs(&provider.provider, placed, provider.placed) {
            return Some(wrong);
        }
        let expected = provider_doors(table, &provider.provider, provider.capacity, rows, here);
        let pairs = rows.iter().zip(&expected).zip(&names);
        for ((row, right), name) in pairs {
            if row != right || row.door != *name {
                let at = format!("{} {}", row.provider, row.door);
                let right = format!("{} {} {:?}", right.seats, right.placed, right.last_ticket);
                return Some(offends(
                    &at,
                    &format!("名额、人数或末位有误,应为 {right}"),
                    &format!("seats, count or last admitted are wrong, expected {right}"),
                ));
            }
        }
    }
    None
}

/// Returns the rows that a provider should have; what the rules declare is taken from
/// those that are there, and checked elsewhere.
fn provider_doors(
    table: &Table<'_>,
    provider: &str,
    capacity: u32,
    rows: &[DoorRow],
    here: &Here,
) -> Vec<DoorRow> {
    let rules = &table.contents.rules;
    let declared = |slot: usize| rows.get(slot).map_or(0, |r| r.declared);
    let kept = number(here.stay.len());
    let extra = number(here.stay.iter().filter(|s| s.is_none()).count());
    let through = |door: Door| here.stay.iter().flatten().filter(move |(d, _)| *d == door);
    let new = |door: Door| -> Vec<New> {
        here.new
            .iter()
            .filter(|n| n.door == door)
            .copied()
            .collect()
    };
    let row = |door: String, declared: u32, seats: u32, members: &[New]| {
        row(table, provider, door, (declared, seats), members)
    };
    let mut expected = vec![row("kept".to_owned(), kept, kept, &[])];
    if let Some(first) = expected.first_mut() {
        first.placed = kept;
    }
    let mut left = capacity.saturating_add(extra).saturating_sub(kept);
    for (index, (slot, reserve)) in (0u8..).zip((1..).zip(&rules.reserves)) {
        let members = new(Door::Reserve(index));
        let held = number(through(Door::Reserve(index)).count());
        let seats = declared(slot).saturating_sub(held).min(left);
        left = left.saturating_sub(takes(reserve.unused, seats, number(members.len())));
        expected.push(row(
            format!("reserve:{}", reserve.id),
            declared(slot),
            seats,
            &members,
        ));
    }
    let open = new(Door::Open);
    expected.push(row("open".to_owned(), capacity, left, &open));
    for (bit, ceiling) in rules.ceilings.iter().enumerate() {
        let slot = 2 + rules.reserves.len() + bit;
        let under = |mask: u16| mask >> bit & 1 == 1;
        let held = number(through(Door::Open).filter(|(_, c)| under(*c)).count());
        let members: Vec<New> = open.iter().filter(|n| under(n.ceilings)).copied().collect();
        let seats = declared(slot).saturating_sub(held);
        expected.push(row(
            format!("ceiling:{}", ceiling.id),
            declared(slot),
            seats,
            &members,
        ));
    }
    expected
}

fn row(
    table: &Table<'_>,
    provider: &str,
    door: String,
    (declared, seats): (u32, u32),
    members: &[New],
) -> DoorRow {
    let placed = number(members.len());
    let full = seats > 0 && placed >= seats;
    let last = members.iter().max_by_key(|n| n.key).filter(|_| full);
    let choice = last.and_then(|n| table.contents.choices.get(n.row));
    DoorRow {
        provider: provider.to_owned(),
        door,
        declared,
        seats,
        placed,
        last_ticket: last
            .and_then(|n| Some(table.contents.applicants.get(n.applicant)?.ticket.clone())),
        last_tier: choice.map(|c| c.tier),
        last_score: choice.map(|c| c.score),
        last_rank: last.map(|n| n.key.4),
    }
}

/// Checks the vacancies and waiting lists.
pub(crate) fn lines(table: &Table<'_>, round: u32, found: &[Line]) -> Found {
    let contents = table.contents;
    let here = gather(table, round);
    let expected = contents.providers.iter().zip(here).map(|(provider, here)| {
        let seated = number(here.new.len() + here.stay.iter().flatten().count());
        Line {
            provider: provider.provider.clone(),
            vacant: provider.capacity.saturating_sub(here.held),
            offered: here.offered,
            free: provider.capacity.saturating_sub(seated),
            waiting: here.waiting,
            next: here.next.map(|(_, next)| next),
        }
    });
    let expected: Vec<Line> = expected.collect();
    if let Some((right, _)) = expected.iter().zip(found).find(|(a, b)| a != b) {
        return Some(offends(
            &right.provider,
            "空缺或候补有误",
            "has wrong vacancies or a wrong waiting list",
        ));
    }
    differs("lines", expected.len(), found.len())
}

/// Checks what `round.json` counts.
pub(crate) fn figures(table: &Table<'_>) -> Found {
    let seal = &table.contents.round.as_ref()?.seal;
    let pairs = || table.contents.applicants.iter().zip(table.standings);
    let answered = |answer: Answer| {
        let same = table.standings.iter().filter(|s| s.answer == Some(answer));
        same.count() as u64
    };
    let answers = Answers {
        accept: answered(Answer::Accept),
        keep: answered(Answer::Keep),
        decline: answered(Answer::Decline),
        withdraw: answered(Answer::Withdraw),
        silent: answered(Answer::Silent),
    };
    let offered = pairs()
        .filter(|(_, s)| s.since == Some(seal.number))
        .count() as u64;
    let moved = pairs()
        .filter(|(a, s)| s.since == Some(seal.number) && s.held.is_some() && !stays(a, s))
        .count() as u64;
    let closed = closed(table.contents);
    let opens = |choice: &ChoiceRow| closed.get(choice.provider as usize) != Some(&true);
    let waiting = pairs()
        .enumerate()
        .filter(|(index, (row, standing))| {
            let end = row.placement.as_ref().map_or(u32::MAX, |p| p.position);
            let own = table.lists.of(table.contents, *index).iter();
            waits(standing)
                && row.verdict == Verdict::Eligible
                && own
                    .filter(|c| usable(row, c) && opens(c))
                    .any(|c| c.position < end && !standing.refused.contains(&c.position))
        })
        .count() as u64;
    let given = seal.answers;
    let replies = given.accept + given.keep + given.decline + given.withdraw;
    (answers != given)
        .then(|| offends("answers", "计数有误", "are counted wrongly"))
        .or_else(|| differs("replies.rows", replies, seal.replies.rows))
        .or_else(|| differs("offered", offered, seal.offered))
        .or_else(|| differs("moved", moved, seal.moved))
        .or_else(|| differs("waiting", waiting, seal.waiting))
        .or_else(|| differs("vacant", vacant(&seal.lines), seal.vacant))
}

/// Returns the sum of the vacancies.
pub(crate) fn vacant(lines: &[Line]) -> u64 {
    lines.iter().map(|l| u64::from(l.vacant)).sum()
}
