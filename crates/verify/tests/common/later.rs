//! A plain way from a bundle, answers and late applications to the next round.

use std::collections::BTreeMap;

use minsheng_bundle::{
    Answers, Closing, Contents, Line, Next, RegisterSeal, Round, RoundSeal, hex, standings_root,
};
use minsheng_lottery as lottery;
use minsheng_matching::{self as matching, pack_groups};
use minsheng_model::{
    Answer, Date, Door, DoorRow, Order, Owed, Placement, Silence, Standing, StandingRow, TieMethod,
    Unused, Value, Verdict,
};

use minsheng_spec::market::Assignment;

use crate::common::{City, Cycle, Table, figures};

/// Closes those that have too few people, by the rule: all decided again after each,
/// the furthest below first, of equals the last; those that nobody has come last.
pub fn solve_closing(cycle: &mut Cycle, minimum: u32) -> Assignment {
    let mut had = vec![None; cycle.seats.len()];
    loop {
        let result = cycle.solve();
        let count = |p: usize| {
            let here = result.iter().zip(&cycle.wishes);
            let here = here.filter(|(r, w)| r.is_some_and(|(e, _)| w[e].provider == p));
            u32::try_from(here.count()).unwrap()
        };
        let open = (0..had.len()).filter(|p| had[*p].is_none() && count(*p) < minimum);
        let some = open.clone().filter(|p| count(*p) > 0);
        let next = some.max_by_key(|p| (minimum - count(*p), *p));
        let Some(next) = next.or_else(|| open.min()) else {
            return result;
        };
        had[next] = Some(count(next));
        cycle.seats[next].capacity = 0;
        cycle.contents.providers[next].capacity = 0;
        cycle.contents.certificate.closed.push(Closing {
            provider: cycle.contents.providers[next].provider.clone(),
            minimum,
            had: count(next),
        });
    }
}

pub fn day(month: u32, day: u32) -> Date {
    Date::from_ymd(2024, month, day).unwrap()
}

fn date(value: &Option<Value>) -> Date {
    match value {
        Some(Value::Date(day)) => *day,
        _ => panic!("no day"),
    }
}

/// Returns the registers as they were on a day.
pub fn until(city: &City, last: Date) -> City {
    let [people, places, wishes] = &city.0;
    let there: Vec<_> = people
        .rows
        .iter()
        .filter(|r| date(&r[8]) <= last)
        .cloned()
        .collect();
    let tickets: Vec<_> = there.iter().map(|r| r[0].clone()).collect();
    let wanted = wishes
        .rows
        .iter()
        .filter(|r| tickets.contains(&r[0]))
        .cloned();
    City([
        Table::new(there),
        places.clone(),
        Table::new(wanted.collect()),
    ])
}

pub type Key = (bool, bool, u8, i64, u32);

/// Somebody whose facts are corrected, and the position owed, if any.
pub type Entered = BTreeMap<String, Option<u32>>;

fn blank(standing: Standing) -> StandingRow {
    StandingRow {
        answer: None,
        standing,
        held: None,
        since: None,
        extra: false,
        arrived: None,
        refused: Vec::new(),
        owed: None,
        appeal: None,
    }
}

pub fn standings(contents: &Contents) -> Vec<StandingRow> {
    match &contents.round {
        Some(round) => round.standings.clone(),
        None => contents
            .applicants
            .iter()
            .map(|a| StandingRow {
                since: a.placement.as_ref().map(|_| 1),
                ..blank(match (&a.placement, a.verdict) {
                    (Some(_), _) => Standing::Offered,
                    (_, Verdict::Eligible) => Standing::Waiting,
                    _ => Standing::Out,
                })
            })
            .collect(),
    }
}

/// What an answer leaves: the definition, word by word.
fn leave(
    contents: &Contents,
    was: &StandingRow,
    place: Option<&Placement>,
    answer: Option<Answer>,
) -> StandingRow {
    let offers = contents.rules.offers.as_ref().unwrap();
    let answer = answer.or((was.standing == Standing::Offered).then_some(Answer::Silent));
    let mut now = StandingRow {
        answer,
        held: place.cloned(),
        extra: was.extra && was.held.as_ref() == place,
        ..was.clone()
    };
    let silent_keeps = offers.silence == Silence::Keep;
    match answer {
        None => return now,
        Some(Answer::Accept) => now.standing = Standing::Settled,
        Some(Answer::Keep) => now.standing = Standing::Kept,
        Some(Answer::Silent) if silent_keeps => now.standing = Standing::Kept,
        Some(Answer::Decline) => {
            now.standing = Standing::Waiting;
            now.refused.push(place.unwrap().position);
            now.refused.sort_unstable();
        }
        Some(_) => {
            now.standing = Standing::Out;
            now.owed = None;
        }
    }
    if matches!(now.standing, Standing::Waiting | Standing::Out) {
        (now.held, now.since, now.extra) = (None, None, false);
    }
    now
}

pub fn keys_of(contents: &Contents, standings: &[StandingRow]) -> Vec<Key> {
    let seed = minsheng_bundle::unhex(&contents.certificate.draw.seed).unwrap();
    let label = |row: usize| {
        let c = &contents.choices[row];
        let draw = &contents.applicants[c.applicant as usize].draw_ticket;
        match contents.rules.tie_break.method {
            TieMethod::Single => draw.clone(),
            TieMethod::Multiple => format!(
                "{draw}\n{}",
                contents.providers[c.provider as usize].provider
            ),
        }
    };
    let order = |row: usize| {
        let a = contents.choices[row].applicant as usize;
        let number = lottery::number(&seed, label(row).as_bytes());
        (
            standings[a].arrived,
            number,
            contents.applicants[a].ticket.clone(),
        )
    };
    let single = contents.rules.tie_break.method == TieMethod::Single;
    let everybody: Vec<_> = (0..contents.applicants.len())
        .map(|a| {
            let draw = &contents.applicants[a].draw_ticket;
            let number = lottery::number(&seed, draw.as_bytes());
            (
                standings[a].arrived,
                number,
                contents.applicants[a].ticket.clone(),
            )
        })
        .collect();
    let high = contents.rules.score.as_ref().unwrap().order == Order::HighFirst;
    (0..contents.choices.len())
        .map(|row| {
            let c = &contents.choices[row];
            let own = &standings[c.applicant as usize];
            let mine = order(row);
            let before = if single {
                everybody.iter().filter(|o| **o < mine).count()
            } else {
                let here = (0..contents.choices.len())
                    .filter(|r| contents.choices[*r].provider == c.provider);
                here.filter(|r| order(*r) < mine).count()
            };
            let score = if high { -c.score } else { c.score };
            let rank = u32::try_from(before + 1).unwrap();
            (
                own.owed != Some(c.position),
                own.arrived.is_some(),
                c.tier,
                score,
                rank,
            )
        })
        .collect()
}

/// Returns the round after `before`: `base` has everybody's rows, evaluated, without
/// places.
pub fn later(
    before: &Contents,
    id: &str,
    base: &Contents,
    city: &City,
    answers: &BTreeMap<String, Answer>,
    entered: &Entered,
) -> Contents {
    let number = before.round_number() + 1;
    let offers = before.rules.offers.clone().unwrap();
    let mut contents = base.clone();
    contents.certificate.draw = before.certificate.draw.clone();
    contents.certificate.closed = before.certificate.closed.clone();
    for row in &mut contents.providers {
        let mut closed = before.certificate.closed.iter();
        if closed.any(|c| c.provider == row.provider) {
            row.capacity = 0;
        }
    }
    let then = standings(before);
    let mut now: Vec<StandingRow> = Vec::new();
    for (index, row) in contents.applicants.iter_mut().enumerate() {
        let prior = before
            .applicants
            .iter()
            .position(|a| a.ticket == row.ticket);
        let arrived = date(&city.0[0].rows[index][8]);
        let late = (arrived > offers.late.as_ref().unwrap().closes).then_some(arrived);
        let mut own = match prior {
            Some(p) => leave(
                before,
                &then[p],
                before.applicants[p].placement.as_ref(),
                answers.get(&row.ticket).copied(),
            ),
            None => StandingRow {
                arrived: late,
                ..blank(if row.verdict == Verdict::Eligible {
                    Standing::Waiting
                } else {
                    Standing::Out
                })
            },
        };
        let list: Vec<_> = base
            .choices
            .iter()
            .filter(|c| c.applicant as usize == index)
            .collect();
        if let Some(owed) = entered.get(&row.ticket) {
            own.appeal = Some("ab".repeat(32));
            let usable = |position: u32| {
                list.iter().any(|c| {
                    c.position == position
                        && row.verdict == Verdict::Eligible
                        && (c.verdict == Verdict::Eligible || c.kept)
                })
            };
            if own.held.as_ref().is_some_and(|h| !usable(h.position)) {
                (own.held, own.since, own.extra) = (None, None, false);
                own.standing = Standing::Waiting;
            }
            if let Some(held) = &mut own.held
                && let Door::Reserve(i) = held.door
                && list
                    .iter()
                    .any(|c| c.position == held.position && c.reserves >> i & 1 == 0)
            {
                held.door = Door::Kept;
            }
            if row.verdict != Verdict::Eligible {
                (own.standing, own.owed) = (Standing::Out, None);
            } else {
                if before.applicants[prior.unwrap()].verdict != Verdict::Eligible {
                    own.standing = Standing::Waiting;
                }
                let part = matches!(own.standing, Standing::Waiting | Standing::Kept);
                match owed.filter(|p| part && !own.refused.contains(p)) {
                    Some(position) if offers.owed == Owed::First => own.owed = Some(position),
                    Some(position) => {
                        let provider = list
                            .iter()
                            .find(|c| c.position == position)
                            .unwrap()
                            .provider;
                        own.held = Some(Placement {
                            provider: base.providers[provider as usize].provider.clone(),
                            door: Door::Kept,
                            position,
                        });
                        (own.since, own.extra) = (Some(number), true);
                        own.standing = Standing::Offered;
                    }
                    None => {}
                }
            }
        }
        now.push(own);
    }
    let keys = keys_of(&contents, &now);
    place(&mut contents, &mut now, &keys, number);
    publish(&mut contents, now, &keys, (number, id), answers, before);
    contents
}

fn usable(contents: &Contents, row: usize) -> bool {
    let c = &contents.choices[row];
    let name = &contents.providers[c.provider as usize].provider;
    let mut closed = contents.certificate.closed.iter();
    contents.applicants[c.applicant as usize].verdict == Verdict::Eligible
        && !closed.any(|c| c.provider == *name)
        && (c.verdict == Verdict::Eligible || c.kept)
}

/// Solves the round and writes down places and standings.
fn place(contents: &mut Contents, now: &mut [StandingRow], keys: &[Key], number: u32) {
    let mut sorted: Vec<_> = keys
        .iter()
        .zip(0..)
        .map(|(k, row)| (*k, contents.choices[row].provider, row))
        .collect();
    sorted.sort_unstable();
    let mut rank = vec![0u64; keys.len()];
    for (place, (_, _, row)) in (0..).zip(sorted) {
        rank[row] = place;
    }
    let mut market = matching::Market {
        first: vec![0],
        ..matching::Market::default()
    };
    let reserves = contents.rules.reserves.len();
    let per = 2 + reserves + contents.rules.ceilings.len();
    for (p, provider) in contents.providers.iter().enumerate() {
        let doors = &contents.doors[p * per..(p + 1) * per];
        market.seats.push(matching::Seats {
            capacity: provider.capacity,
            reserves: (0..reserves)
                .map(|i| {
                    let unused = match contents.rules.reserves[i].unused {
                        Unused::Open => matching::Unused::Open,
                        Unused::Empty => matching::Unused::Empty,
                    };
                    (doors[1 + i].declared, unused)
                })
                .collect(),
            ceilings: doors[2 + reserves..].iter().map(|d| d.declared).collect(),
        });
    }
    let mut rows = Vec::new();
    let people = contents.applicants.len();
    let mut state = matching::State {
        place: vec![None; people],
        standing: vec![matching::Standing::Out; people],
        late: vec![false; people],
        refused: Vec::new(),
        extra: now.iter().map(|s| s.extra).collect(),
    };
    for (index, own) in now.iter().enumerate() {
        let start = rows.len();
        for (row, c) in contents
            .choices
            .iter()
            .enumerate()
            .filter(|(_, c)| c.applicant as usize == index)
        {
            if !usable(contents, row) {
                continue;
            }
            if let Some(held) = own.held.as_ref().filter(|h| h.position == c.position) {
                let door = match held.door {
                    Door::Kept => matching::Door::Kept,
                    Door::Reserve(i) => matching::Door::Reserve(i),
                    Door::Open => matching::Door::Open,
                };
                state.place[index] = Some((u32::try_from(rows.len() - start).unwrap(), door));
            }
            state.refused.push(own.refused.contains(&c.position));
            market.provider.push(c.provider);
            market.key.push(rank[row]);
            let ceilings = if c.reserves == 0 { c.ceilings } else { 0 };
            market.groups.push(pack_groups(false, c.reserves, ceilings));
            rows.push(row);
        }
        market.first.push(u32::try_from(rows.len()).unwrap());
        state.standing[index] = match own.standing {
            Standing::Settled => matching::Standing::Settled,
            Standing::Out => matching::Standing::Out,
            _ => matching::Standing::Waiting,
        };
    }
    let (done, _) = matching::next_round(&market, &state, &[]).unwrap();
    for (index, own) in now.iter_mut().enumerate() {
        let got = done.place[index].map(|(entry, door)| {
            let c = &contents.choices[rows[(market.first[index] + entry) as usize]];
            Placement {
                provider: contents.providers[c.provider as usize].provider.clone(),
                door: match door {
                    matching::Door::Kept => Door::Kept,
                    matching::Door::Reserve(i) => Door::Reserve(i),
                    matching::Door::Open => Door::Open,
                },
                position: c.position,
            }
        });
        if got.is_some() && got != own.held {
            (own.since, own.standing) = (Some(number), Standing::Offered);
        }
        contents.applicants[index].placement = got;
    }
}

/// Fills in everything that follows from places and standings.
pub fn publish(
    contents: &mut Contents,
    now: Vec<StandingRow>,
    keys: &[Key],
    (number, id): (u32, &str),
    answers: &BTreeMap<String, Answer>,
    before: &Contents,
) {
    let rules = contents.rules.clone();
    let reserves = rules.reserves.len();
    let per = 2 + reserves + rules.ceilings.len();
    let old = std::mem::take(&mut contents.doors);
    let mut lines = Vec::new();
    for p in 0..contents.providers.len() {
        let name = contents.providers[p].provider.clone();
        let capacity = contents.providers[p].capacity;
        let here: Vec<usize> = (0..contents.choices.len())
            .filter(|row| {
                let c = &contents.choices[*row];
                let place = contents.applicants[c.applicant as usize].placement.as_ref();
                c.provider as usize == p && place.is_some_and(|pl| pl.position == c.position)
            })
            .collect();
        let own = |row: &usize| &now[contents.choices[*row].applicant as usize];
        let place = |row: &usize| {
            contents.applicants[contents.choices[*row].applicant as usize]
                .placement
                .clone()
                .unwrap()
        };
        let stays = |row: &usize| own(row).held.as_ref() == Some(&place(row));
        let through = |door: Door, old: bool| -> Vec<usize> {
            here.iter()
                .copied()
                .filter(|r| place(r).door == door && stays(r) == old && !(old && own(r).extra))
                .collect()
        };
        let kept = here.iter().filter(|r| stays(r)).count();
        let extra = here.iter().filter(|r| stays(r) && own(r).extra).count();
        let n = |n: usize| u32::try_from(n).unwrap();
        let mut left = capacity + n(extra) - n(kept);
        let mut rows = vec![("kept".to_owned(), n(kept), n(kept), n(kept), vec![])];
        for i in 0..reserves {
            let door = Door::Reserve(u8::try_from(i).unwrap());
            let declared = old[p * per + 1 + i].declared;
            let members = through(door, false);
            let seats = (declared - n(through(door, true).len())).min(left);
            left -= if rules.reserves[i].unused == Unused::Open {
                n(members.len())
            } else {
                seats
            };
            rows.push((
                format!("reserve:{}", rules.reserves[i].id),
                declared,
                seats,
                n(members.len()),
                members,
            ));
        }
        let open = through(Door::Open, false);
        rows.push((
            "open".to_owned(),
            capacity,
            left,
            n(open.len()),
            open.clone(),
        ));
        for i in 0..rules.ceilings.len() {
            let declared = old[p * per + 2 + reserves + i].declared;
            let under = |r: &usize| contents.choices[*r].ceilings >> i & 1 == 1;
            let held = through(Door::Open, true)
                .iter()
                .filter(|r| under(r))
                .count();
            let members: Vec<usize> = open.iter().copied().filter(under).collect();
            rows.push((
                format!("ceiling:{}", rules.ceilings[i].id),
                declared,
                declared.saturating_sub(n(held)),
                n(members.len()),
                members,
            ));
        }
        let doors: Vec<DoorRow> = rows
            .into_iter()
            .map(|(door, declared, seats, placed, members)| {
                let last = members
                    .iter()
                    .max_by_key(|r| keys[**r])
                    .filter(|_| placed == seats && seats > 0);
                DoorRow {
                    provider: name.clone(),
                    door,
                    declared,
                    seats,
                    placed,
                    last_ticket: last.map(|r| {
                        contents.applicants[contents.choices[*r].applicant as usize]
                            .ticket
                            .clone()
                    }),
                    last_tier: last.map(|r| contents.choices[*r].tier),
                    last_score: last.map(|r| contents.choices[*r].score),
                    last_rank: last.map(|r| keys[*r].4),
                }
            })
            .collect();
        let waits: Vec<usize> = (0..contents.choices.len())
            .filter(|row| {
                let c = &contents.choices[*row];
                let s = own(row);
                let better = contents.applicants[c.applicant as usize]
                    .placement
                    .as_ref()
                    .is_none_or(|pl| c.position < pl.position);
                c.provider as usize == p
                    && usable(contents, *row)
                    && better
                    && !matches!(s.standing, Standing::Settled | Standing::Out)
                    && !s.refused.contains(&c.position)
            })
            .collect();
        let held = now
            .iter()
            .enumerate()
            .filter(|(_, s)| !s.extra && s.held.as_ref().is_some_and(|h| h.provider == name))
            .count();
        let seated = here.len() - extra;
        lines.push(Line {
            provider: name,
            vacant: capacity - n(held),
            offered: n(here.iter().filter(|r| own(r).since == Some(number)).count()),
            free: capacity - n(seated),
            waiting: n(waits.len()),
            next: waits.iter().min_by_key(|r| keys[**r]).map(|r| Next {
                owed: !keys[*r].0,
                late: keys[*r].1,
                tier: contents.choices[*r].tier,
                score: contents.choices[*r].score,
                rank: keys[*r].4,
            }),
        });
        contents.providers[p].placed = n(here.len());
        contents.doors.extend(doors);
    }
    let count = |a: Answer| now.iter().filter(|s| s.answer == Some(a)).count() as u64;
    let waiting = |index: usize| {
        (0..contents.choices.len()).any(|row| {
            let c = &contents.choices[row];
            c.applicant as usize == index
                && usable(contents, row)
                && !matches!(now[index].standing, Standing::Settled | Standing::Out)
                && !now[index].refused.contains(&c.position)
                && contents.applicants[index]
                    .placement
                    .as_ref()
                    .is_none_or(|pl| c.position < pl.position)
        })
    };
    let offers = rules.offers.as_ref().unwrap();
    let then = standings(before);
    let old_appeal = |index: usize| {
        let prior = before
            .applicants
            .iter()
            .position(|a| a.ticket == contents.applicants[index].ticket);
        prior.and_then(|p| then[p].appeal.clone())
    };
    let seal = RoundSeal {
        number,
        previous: id.to_owned(),
        until: offers.until(number - 1).unwrap(),
        replies: RegisterSeal {
            name: offers.replies.name.clone(),
            rows: answers.len() as u64,
            sha256: "cd".repeat(32),
        },
        answers: Answers {
            accept: count(Answer::Accept),
            keep: count(Answer::Keep),
            decline: count(Answer::Decline),
            withdraw: count(Answer::Withdraw),
            silent: count(Answer::Silent),
        },
        arrived: (contents.applicants.len() - before.applicants.len()) as u64,
        appeals: (0..now.len())
            .filter(|i| now[*i].appeal.is_some() && now[*i].appeal != old_appeal(*i))
            .count() as u64,
        vacant: lines.iter().map(|l| u64::from(l.vacant)).sum(),
        offered: now.iter().filter(|s| s.since == Some(number)).count() as u64,
        moved: now
            .iter()
            .zip(&contents.applicants)
            .filter(|(s, a)| s.since == Some(number) && s.held.is_some() && s.held != a.placement)
            .count() as u64,
        waiting: (0..now.len()).filter(|i| waiting(*i)).count() as u64,
        standings_root: hex(&standings_root(&contents.applicants, &now).unwrap()),
        lines,
    };
    contents.round = Some(Round {
        seal,
        standings: now,
    });
    figures(contents);
}
