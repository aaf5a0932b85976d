//! A round against the one before: the link, what was carried over, and what answers
//! and appeals leave everybody with.

use minsheng_bundle::{Contents, Round};
use minsheng_model::{
    Answer, ApplicantRow, ChoiceRow, Door, Offers, Owed, Placement, Silence, Standing, StandingRow,
    Verdict,
};

use super::table::{Table, standings};
use crate::lists::{Lists, usable};
use crate::matching::seats::{Thresholds, doors};
use crate::order::Service;
use crate::report::{Found, differs, offends};

/// The round before and where its applicants stand in this one.
pub(crate) struct Before<'a> {
    pub contents: &'a Contents,
    pub id: &'a str,
    pub standings: Vec<StandingRow>,
    /// For each applicant of this round the index in the one before.
    prior: Vec<Option<usize>>,
}

impl<'a> Before<'a> {
    pub fn new(now: &Contents, contents: &'a Contents, id: &'a str) -> Self {
        let find = |row: &ApplicantRow| {
            let found = contents
                .applicants
                .binary_search_by(|a| a.ticket.cmp(&row.ticket));
            found.ok()
        };
        Self {
            contents,
            id,
            standings: standings(contents),
            prior: now.applicants.iter().map(find).collect(),
        }
    }

    fn of(&self, index: usize) -> Option<(&StandingRow, &'a ApplicantRow)> {
        let prior = self.prior.get(index).copied().flatten()?;
        Some((
            self.standings.get(prior)?,
            self.contents.applicants.get(prior)?,
        ))
    }
}

/// Checks that this round follows that one.
pub(crate) fn link(now: &Contents, round: &Round, before: &Before<'_>) -> Found {
    let (a, b) = (&now.rules, &before.contents.rules);
    differs("previous", before.id, &round.seal.previous)
        .or_else(|| differs("programme", &b.programme, &a.programme))
        .or_else(|| differs("cycle", &b.cycle, &a.cycle))
        .or_else(|| {
            differs(
                "number",
                before.contents.round_number() + 1,
                round.seal.number,
            )
        })
        .or_else(|| {
            (a != b).then(|| {
                offends(
                    "rules.json",
                    "与上一轮的规则不同",
                    "is not that of the round before",
                )
            })
        })
        .or_else(|| {
            let same = now.certificate.closed == before.contents.certificate.closed;
            (!same).then(|| {
                offends(
                    "closed",
                    "与上一轮不同:关闭与否由决定而定,以后各轮不变",
                    "are not those of the round before: the decision says what opens, and later rounds change nothing of it",
                )
            })
        })
        .or_else(|| {
            let same = now.certificate.draw == before.contents.certificate.draw;
            (!same).then(|| {
                offends(
                    "draw",
                    "与上一轮的摇号不同",
                    "is not that of the round before",
                )
            })
        })
}

/// Returns whether an appeal was entered between two rounds.
fn entered(then: &StandingRow, now: &StandingRow) -> bool {
    now.appeal.is_some() && now.appeal != then.appeal
}

/// Checks that rows, lists and places are those of the round before, but for who came
/// since and whose appeal was entered.
pub(crate) fn carried(table: &Table<'_>, round: &Round, before: &Before<'_>) -> Found {
    let (now, then) = (table.contents, before.contents);
    let there = before.prior.iter().flatten().count();
    if there != then.applicants.len() {
        return Some(offends(
            "applicants",
            "有人不见了",
            "are not all there any more",
        ));
    }
    let providers = now
        .providers
        .iter()
        .map(|p| (&p.provider, p.capacity, &p.facts));
    if !providers.eq(then
        .providers
        .iter()
        .map(|p| (&p.provider, p.capacity, &p.facts)))
    {
        return Some(offends(
            "providers",
            "与上一轮不同",
            "are not those of the round before",
        ));
    }
    let declared = |c: &Contents| -> Vec<(String, u32)> {
        let doors = c.doors.iter().filter(|d| d.door != "kept");
        doors.map(|d| (d.door.clone(), d.declared)).collect()
    };
    if declared(now) != declared(then) {
        return Some(offends(
            "doors",
            "规则给出的名额与上一轮不同",
            "declare other seats than in the round before",
        ));
    }
    let lists = Lists::new(then);
    let (mut new, mut appeals) = (0, 0);
    for (index, (row, standing)) in now.applicants.iter().zip(table.standings).enumerate() {
        let wrong = |zh: &str, en: &str| Some(offends(&row.ticket, zh, en));
        let Some((was, old)) = before.of(index) else {
            new += 1;
            let offers = now.rules.offers.as_ref();
            let since = offers.and_then(|o| o.in_time(round.seal.number - 1));
            let late = standing
                .arrived
                .is_some_and(|day| since.is_some_and(|s| day > s));
            if standing.appeal.is_some() {
                return wrong(
                    "是新申请,不能已有复核",
                    "is new, and can have no appeal yet",
                );
            }
            if !late {
                return wrong(
                    "不是逾期申请,上一轮却没有",
                    "was not in the round before, and did not come in since",
                );
            }
            continue;
        };
        if standing.arrived != was.arrived {
            return wrong(
                "到达日期与上一轮不同",
                "has another day of arrival than in the round before",
            );
        }
        if row.draw_ticket != old.draw_ticket {
            return wrong(
                "摇号用号与上一轮不同",
                "stands in the draw by another number than before",
            );
        }
        if entered(was, standing) {
            appeals += 1;
            continue;
        }
        let same = |a: &ApplicantRow, b: &ApplicantRow| {
            (a.holds, a.unknown, a.verdict, &a.facts_hash, &a.groups)
                == (b.holds, b.unknown, b.verdict, &b.facts_hash, &b.groups)
        };
        let prior = before
            .prior
            .get(index)
            .copied()
            .flatten()
            .unwrap_or(usize::MAX);
        let own = |c: &ChoiceRow| ChoiceRow { applicant: 0, ..*c };
        let list = table.lists.of(now, index).iter().map(own);
        if !same(row, old) || !list.eq(lists.of(then, prior).iter().map(own)) {
            return wrong(
                "行或志愿与上一轮不同,又没有复核",
                "has another row or list than in the round before, without an appeal",
            );
        }
    }
    differs("arrived", new, round.seal.arrived)
        .or_else(|| differs("appeals", appeals, round.seal.appeals))
}

/// Checks that everybody stands where the answer, and an appeal, leave them.
pub(crate) fn follows(table: &Table<'_>, before: &Before<'_>) -> Found {
    let now = table.contents;
    let (offers, round) = (now.rules.offers.as_ref()?, now.round.as_ref()?);
    let lists = Lists::new(before.contents);
    let Some(service) = Service::new(before.contents) else {
        return Some(offends("draw.seed", "不是种子", "is not a seed"));
    };
    let past = Table {
        contents: before.contents,
        standings: &before.standings,
        lists: &lists,
        service: &service,
    };
    let needed = table.standings.iter().enumerate();
    let needed = needed
        .filter(|(i, s)| before.of(*i).is_some_and(|(was, _)| entered(was, s)))
        .count();
    let bars = if needed > 0 { bars(&past) } else { Vec::new() };
    for (index, (row, standing)) in now.applicants.iter().zip(table.standings).enumerate() {
        let expected = match before.of(index) {
            None => StandingRow {
                arrived: standing.arrived,
                standing: if row.verdict == Verdict::Eligible {
                    Standing::Waiting
                } else {
                    Standing::Out
                },
                ..blank()
            },
            Some((was, old)) => {
                let mut left = match after(offers, was, old, standing.answer) {
                    Ok(left) => left,
                    Err((zh, en)) => return Some(offends(&row.ticket, zh, en)),
                };
                if entered(was, standing) {
                    left.appeal.clone_from(&standing.appeal);
                    let list = table.lists.of(now, index);
                    let owed = owed(
                        &past,
                        &bars,
                        (before.prior.get(index).copied().flatten(), was),
                        (row, list),
                    );
                    enter(now, offers, &mut left, (row, old, list), owed);
                }
                left
            }
        };
        if let Some((zh, en)) = unlike(&expected, row, standing, round.seal.number) {
            return Some(offends(&row.ticket, zh, en));
        }
    }
    None
}

fn blank() -> StandingRow {
    StandingRow {
        answer: None,
        standing: Standing::Out,
        held: None,
        since: None,
        extra: false,
        arrived: None,
        refused: Vec::new(),
        owed: None,
        appeal: None,
    }
}

type Says = (&'static str, &'static str);

/// Returns how what is published differs from what answer and appeal leave, and from
/// what a move makes of it.
fn unlike(left: &StandingRow, row: &ApplicantRow, now: &StandingRow, round: u32) -> Option<Says> {
    if left.held != now.held {
        return Some(("所占名额与答复不符", "does not hold what the answer leaves"));
    }
    if (&left.refused, left.owed, left.extra) != (&now.refused, now.owed, now.extra) {
        return Some((
            "谢绝、应得或另加的名额与上一轮不符",
            "has refused, is owed or holds above the capacity something else",
        ));
    }
    let moved = row.placement.is_some() && row.placement != now.held;
    let right = if moved {
        // Who accepted for good and who takes no part is given nothing.
        !matches!(left.standing, Standing::Settled | Standing::Out)
            && (now.standing, now.since) == (Standing::Offered, Some(round))
    } else {
        (now.standing, now.since) == (left.standing, left.since)
    };
    (!right).then_some((
        "状态与答复不符",
        "does not stand where the answer leaves it",
    ))
}

/// Returns what an answer leaves somebody with.
fn after(
    offers: &Offers,
    was: &StandingRow,
    row: &ApplicantRow,
    answer: Option<Answer>,
) -> Result<StandingRow, Says> {
    let mut left = StandingRow {
        answer,
        held: row.placement.clone(),
        extra: was.extra && was.held == row.placement,
        ..was.clone()
    };
    let give_up = |left: &mut StandingRow| {
        left.held = None;
        left.since = None;
        left.extra = false;
    };
    let keeps = if offers.keep {
        Standing::Kept
    } else {
        Standing::Settled
    };
    let open = matches!(was.standing, Standing::Offered | Standing::Kept);
    match answer {
        None if was.standing == Standing::Offered => {
            return Err(("有名额而没有答复", "has an offer that nothing is said of"));
        }
        None => {}
        Some(Answer::Silent) if was.standing != Standing::Offered => {
            return Err(("没有待答复的名额", "had no offer to be silent about"));
        }
        Some(Answer::Silent) if offers.silence == Silence::Keep => left.standing = keeps,
        Some(Answer::Accept) if open || was.standing == Standing::Settled => {
            left.standing = Standing::Settled;
        }
        Some(Answer::Keep) if open && offers.keep => left.standing = Standing::Kept,
        Some(Answer::Decline) if open => {
            if let Some(place) = &row.placement {
                left.refused.push(place.position);
                left.refused.sort_unstable();
            }
            left.standing = Standing::Waiting;
            give_up(&mut left);
        }
        Some(Answer::Silent) => {
            left.standing = Standing::Out;
            left.owed = None;
            give_up(&mut left);
        }
        Some(Answer::Withdraw) if was.standing != Standing::Out => {
            left.standing = Standing::Out;
            left.owed = None;
            give_up(&mut left);
        }
        Some(_) => return Err(("不能这样答复", "could not answer that")),
    }
    Ok(left)
}

/// What it took to get in at each provider in the round before.
fn bars(past: &Table<'_>) -> Vec<Thresholds<super::table::Key>> {
    let flat = past.flat();
    let view = flat.view();
    let people = view.people(flat.got());
    let each = flat.seats.iter().enumerate();
    each.map(|(provider, seats)| {
        let own = people.of(provider);
        Thresholds::new(seats, own, &doors(seats, own))
    })
    .collect()
}

/// Returns the position of the best place that somebody should have had in the round
/// before, with the row and list of now.
fn owed(
    past: &Table<'_>,
    bars: &[Thresholds<super::table::Key>],
    (prior, was): (Option<usize>, &StandingRow),
    (row, list): (&ApplicantRow, &[ChoiceRow]),
) -> Option<u32> {
    let prior = prior?;
    let old = past.contents.applicants.get(prior)?;
    let held = old.placement.as_ref().map(|p| p.position);
    let still = list.iter().find(|c| Some(c.position) == held);
    let limit = still
        .filter(|c| usable(row, c))
        .map_or(u32::MAX, |c| c.position);
    let then = past.lists.range(prior);
    let entries = past.contents.choices.get(then.clone())?;
    list.iter()
        .filter(|c| c.position < limit && usable(row, c) && !was.refused.contains(&c.position))
        .find(|c| {
            let at = entries.iter().position(|e| e.position == c.position);
            let Some(at) = at else { return false };
            let own = ChoiceRow {
                applicant: u32::try_from(prior).unwrap_or(u32::MAX),
                ..**c
            };
            let key = past.key(then.start + at, &own);
            bars.get(c.provider as usize)
                .is_some_and(|bar| bar.takes(key, past.groups(&own)))
        })
        .map(|c| c.position)
}

/// Enters an appeal into what an answer left.
fn enter(
    now: &Contents,
    offers: &Offers,
    left: &mut StandingRow,
    (row, old, list): (&ApplicantRow, &ApplicantRow, &[ChoiceRow]),
    owed: Option<u32>,
) {
    let at = |place: &Placement| list.iter().find(|c| c.position == place.position);
    let held = left.held.as_ref().and_then(at);
    if left.held.is_some() && held.is_none_or(|c| !usable(row, c)) {
        left.held = None;
        left.since = None;
        left.extra = false;
        left.standing = Standing::Waiting;
    }
    if let (Some(place), Some(choice)) = (&mut left.held, held)
        && let Door::Reserve(bit) = place.door
        && u32::from(choice.reserves) >> bit & 1 == 0
    {
        place.door = Door::Kept;
    }
    if row.verdict != Verdict::Eligible {
        left.standing = Standing::Out;
        left.owed = None;
        return;
    }
    if old.verdict != Verdict::Eligible {
        left.standing = Standing::Waiting;
    }
    let part = matches!(left.standing, Standing::Waiting | Standing::Kept);
    let Some(position) = owed.filter(|p| part && !left.refused.contains(p)) else {
        return;
    };
    if offers.owed == Owed::First {
        left.owed = Some(position);
        return;
    }
    let choice = list.iter().find(|c| c.position == position);
    let provider = choice.and_then(|c| now.providers.get(c.provider as usize));
    left.held = provider.map(|p| Placement {
        provider: p.provider.clone(),
        door: Door::Kept,
        position,
    });
    left.since = Some(now.round_number());
    left.extra = true;
    left.standing = Standing::Offered;
}

/// Checks the promise of every round in its own words: nobody who had a place and did
/// not give it up has none, or a worse one.
pub(crate) fn nobody_loses(table: &Table<'_>, before: &Before<'_>) -> (usize, Found) {
    let mut looked = 0;
    for (index, (row, standing)) in table
        .contents
        .applicants
        .iter()
        .zip(table.standings)
        .enumerate()
    {
        let Some((was, old)) = before.of(index) else {
            continue;
        };
        let gave_up = match standing.answer {
            Some(Answer::Decline | Answer::Withdraw) => true,
            Some(Answer::Silent) => table
                .contents
                .rules
                .offers
                .as_ref()
                .is_some_and(|o| o.silence == Silence::Lapse),
            _ => false,
        };
        let Some(place) = old
            .placement
            .as_ref()
            .filter(|_| !gave_up && !entered(was, standing))
        else {
            continue;
        };
        looked += 1;
        if row
            .placement
            .as_ref()
            .is_none_or(|p| p.position > place.position)
        {
            return (
                looked,
                Some(offends(
                    &row.ticket,
                    "失去了上一轮的名额或变差",
                    "has lost the place of the round before, or has a worse one",
                )),
            );
        }
    }
    (looked, None)
}
