//! Later rounds of a cycle.
//!
//! A round is deferred acceptance among those who wait, over the seats that the places
//! held leave: whoever holds a place stands first there, and goes on holding it unless
//! a better one is given. Its proof is that of the decision: everybody chosen came by
//! the right door, nobody who waits would have been chosen instead of somebody given a
//! place now or for an empty one, and no circle of people could all do better. With the
//! bundle of the round before it is also proved that it is what answers and appeals
//! leave.

mod best;
mod doors;
mod form;
mod link;
mod table;

use std::path::Path;

use minsheng_bundle::{BundleError, Contents, Hashes, Round, read};
use minsheng_model::{Answer, Publish, Text, Value};

use crate::lists::{Lists, choice_name, shows_rows};
use crate::matching::{Fault, blocking, faults};
use crate::order::Service;
use crate::register::RegisterRows;
use crate::report::{Checks, Found, Report, differs, offends};
use crate::{anybody, seats};
use link::Before;
use table::{Flat, Table};

/// Checks the bundle of a later round as anybody can who has the bundle of the round
/// before; that one is checked by its own.
///
/// # Errors
/// As [`crate::anybody`], for the bundle before.
pub(crate) fn having_after(
    contents: &Contents,
    hashes: &Hashes,
    previous: &Path,
) -> Result<Report, BundleError> {
    let mut checks = Checks::default();
    anybody::check(contents, hashes, &mut checks);
    let (past, past_hashes) = read(previous)?;
    after(contents, &past, &past_hashes.id, &mut checks);
    Ok(report(contents, checks, true))
}

/// Makes the checks that need the round before.
pub(crate) fn after(contents: &Contents, past: &Contents, id: &str, checks: &mut Checks) {
    let Some(round) = &contents.round else {
        checks.add(
            "link",
            "接续上一轮",
            "the bundle follows the one before",
            1,
            Some(offends(
                "round",
                "是首轮,没有上一轮",
                "is the first, none is before it",
            )),
        );
        return;
    };
    let before = Before::new(contents, past, id);
    checks.add(
        "link",
        "由散列接续上一轮,规则与摇号相同",
        "linked by hash to the round before, under the same rules and draw",
        1,
        link::link(contents, round, &before),
    );
    if !shows_rows(contents) || !checks.ok() {
        return;
    }
    let lists = Lists::new(contents);
    let Some(service) = Service::new(contents) else {
        return;
    };
    let table = Table {
        contents,
        standings: &round.standings,
        lists: &lists,
        service: &service,
    };
    let people = contents.applicants.len();
    checks.add(
        "carried-over",
        "上一轮的行与志愿未变",
        "rows and lists are those of the round before",
        people,
        link::carried(&table, round, &before),
    );
    checks.add(
        "standings-follow",
        "各人状态由上一轮、答复与复核得出",
        "standings follow from the round before, answers and appeals",
        people,
        link::follows(&table, &before),
    );
    let (looked, found) = link::nobody_loses(&table, &before);
    checks.add(
        "nobody-loses",
        "未放弃名额者均未失去名额或变差",
        "nobody who did not give up a place lost it or got a worse one",
        looked,
        found,
    );
}

/// Makes the checks that need the rows of this round alone.
pub(crate) fn rows(contents: &Contents, lists: &Lists, checks: &mut Checks) {
    let Some(round) = &contents.round else { return };
    let people = contents.applicants.len();
    checks.add(
        "round",
        "轮次、期限与名册相符",
        "number, day and names are those of the rules",
        1,
        form::seal(contents, round),
    );
    checks.add(
        "standings-root",
        "各人状态的默克尔根相符",
        "the root over the standings is right",
        people,
        if round.standings.len() == people {
            form::root(contents, round)
        } else {
            Some(offends(
                "standings",
                "行数有误",
                "are not as many as the applicants",
            ))
        },
    );
    let Some(service) = Service::new(contents).filter(|_| checks.ok()) else {
        let offender = checks
            .ok()
            .then(|| offends("draw.seed", "不是种子", "is not a seed"));
        checks.add(
            "order",
            "先后次序可重算",
            "the order is recomputed",
            0,
            offender,
        );
        return;
    };
    let table = Table {
        contents,
        standings: &round.standings,
        lists,
        service: &service,
    };
    checks.add(
        "standings",
        "各人状态与本人一行、规则相符",
        "every standing goes with the own row and the rules",
        people,
        form::standings(&table, round.seal.number),
    );
    checks.add(
        "doors",
        "各入口名额、人数与末位可重算",
        "the doors' seats, counts and last admitted are recomputed",
        contents.doors.len(),
        doors::doors(&table, round.seal.number),
    );
    checks.add(
        "waiting-lists",
        "空缺与候补可重算",
        "vacancies and waiting lists are recomputed",
        contents.providers.len(),
        doors::lines(&table, round.seal.number, &round.seal.lines)
            .or_else(|| doors::figures(&table)),
    );
    if checks.ok() {
        market(&table, checks);
    }
}

/// Checks the market of those who wait.
fn market(table: &Table<'_>, checks: &mut Checks) {
    let contents = table.contents;
    let flat = table.flat();
    let ticket = |index: usize| {
        contents
            .applicants
            .get(index)
            .map_or("?", |a| a.ticket.as_str())
    };
    checks.add(
        "door-order",
        "本轮所给名额均经应经的入口",
        "everybody given a place came through the right door",
        flat.got.iter().flatten().count(),
        chosen(table, &flat),
    );
    let blocks = blocking(&flat.view(), flat.got());
    let found = blocks.first().map(|(applicant, position)| {
        let start = flat.first.get(*applicant as usize).copied().unwrap_or(0);
        let provider = flat.provider.get((start + position) as usize);
        let name = provider.and_then(|p| contents.providers.get(*p as usize));
        let choice = table.lists.of(contents, *applicant as usize).iter();
        let choice = choice.into_iter().find(|c| Some(&c.provider) == provider);
        offends(
            &choice.map_or_else(
                || ticket(*applicant as usize).to_owned(),
                |c| choice_name(contents, c),
            ),
            &format!("{} 应当给此人名额", name.map_or("?", |p| &p.provider)),
            &format!(
                "{} would have to give this person a place",
                name.map_or("?", |p| &p.provider)
            ),
        )
    });
    let nobody = found.is_none();
    checks.add(
        "no-envy",
        "候补中无人被越过,想要的名额无空置",
        "nobody who waits was passed over and no wanted place is free",
        flat.provider.len(),
        found,
    );
    if !nobody || !checks.ok() {
        return;
    }
    let circle = best::improvement(table, &flat).map(|circle| {
        let named: Vec<&str> = circle.iter().take(5).map(|a| ticket(*a as usize)).collect();
        offends(
            &named.join(", "),
            "等人可以依次换到各自更想去之处,而无人被越过",
            "and the rest of their circle could each move to a place liked better without anybody being passed over",
        )
    });
    checks.add(
        "optimal",
        "没有对任何人更好的结果",
        "no result without a passed-over person is better for anybody",
        contents.applicants.len(),
        circle,
    );
}

fn chosen(table: &Table<'_>, flat: &Flat) -> Found {
    let contents = table.contents;
    let ticket = |index: usize| {
        contents
            .applicants
            .get(index)
            .map_or("?", |a| a.ticket.as_str())
    };
    if let Some(index) = flat.astray {
        return Some(offends(
            ticket(index),
            "本轮所给名额不是其候补的",
            "is given a place that was not waited for",
        ));
    }
    faults(&flat.view(), flat.got())
        .first()
        .map(|fault| match fault {
            Fault::NotListed(a) => offends(
                ticket(*a as usize),
                "名额不在志愿表上",
                "is placed where the own list does not say",
            ),
            Fault::NotChosen(p) => {
                let name = contents
                    .providers
                    .get(*p as usize)
                    .map_or("?", |p| p.provider.as_str());
                offends(
                    name,
                    "所选的人或入口有误",
                    "would choose other people, or by other doors",
                )
            }
        })
}

/// Makes the checks that need no rows, where none are shown.
pub(crate) fn roots(contents: &Contents, checks: &mut Checks) {
    let Some(round) = &contents.round else { return };
    checks.add(
        "round",
        "轮次、期限与名册相符",
        "number, day and names are those of the rules",
        1,
        form::seal(contents, round),
    );
    checks.add(
        "doors",
        "各入口名额与人数不矛盾",
        "the doors' seats and counts do not contradict each other",
        contents.doors.len(),
        loose_doors(contents),
    );
    checks.add(
        "waiting-lists",
        "空缺与候补不矛盾",
        "vacancies and waiting lists do not contradict each other",
        contents.providers.len(),
        loose_lines(contents),
    );
}

fn loose_doors(contents: &Contents) -> Found {
    let names = seats::names(&contents.rules);
    if contents.doors.len() != names.len() * contents.providers.len() {
        return Some(offends("doors", "行数有误", "has a wrong number of rows"));
    }
    for (provider, doors) in seats::blocks(contents) {
        let mut sum = 0u64;
        for (row, name) in doors.iter().zip(&names) {
            let ceiling = name.starts_with("ceiling:");
            let kept = name == "kept";
            let given = !kept && row.seats > 0 && row.placed == row.seats;
            let last = [
                row.last_ticket.is_some(),
                row.last_tier.is_some(),
                row.last_score.is_some(),
                row.last_rank.is_some(),
            ];
            let seats = if kept {
                row.seats == row.placed
            } else {
                row.seats <= row.declared
            };
            let fits = row.door == *name
                && row.provider == provider.provider
                && row.placed <= row.seats
                && seats
                && last == [given; 4];
            if !fits {
                let at = format!("{} {}", row.provider, row.door);
                return Some(offends(
                    &at,
                    "名额、人数或末位有误",
                    "has seats, a count or a last admitted that cannot be",
                ));
            }
            sum += if ceiling { 0 } else { u64::from(row.placed) };
        }
        if let Some(wrong) = differs(&provider.provider, sum, u64::from(provider.placed)) {
            return Some(wrong);
        }
    }
    None
}

fn loose_lines(contents: &Contents) -> Found {
    let seal = &contents.round.as_ref()?.seal;
    for (line, provider) in seal.lines.iter().zip(&contents.providers) {
        let fits = line.vacant <= provider.capacity
            && line.free <= provider.capacity
            && line.offered <= provider.placed
            && (line.waiting > 0) == line.next.is_some()
            && line.next.as_ref().is_none_or(|n| {
                usize::from(n.tier) <= contents.rules.tiers.len() + 1
                    && (contents.rules.score.is_some() || n.score == 0)
            });
        if !fits {
            return Some(offends(
                &line.provider,
                "空缺或候补有误",
                "has vacancies or a waiting list that cannot be",
            ));
        }
    }
    let given = seal.answers;
    let replies = given.accept + given.keep + given.decline + given.withdraw;
    let offered: u64 = seal.lines.iter().map(|l| u64::from(l.offered)).sum();
    differs("vacant", doors::vacant(&seal.lines), seal.vacant)
        .or_else(|| differs("offered", offered, seal.offered))
        .or_else(|| differs("replies.rows", replies, seal.replies.rows))
        .or_else(|| {
            (seal.moved > seal.offered).then(|| {
                offends(
                    "moved",
                    "多于所给名额",
                    "are more than were offered a place",
                )
            })
        })
}

/// Checks the answers against the register of replies.
pub(crate) fn answers(contents: &Contents, round: &Round, replies: &dyn RegisterRows) -> Found {
    let offers = contents.rules.offers.as_ref()?;
    let seal = &round.seal.replies;
    if let Some(wrong) = differs(&seal.name, replies.sha256(), seal.sha256.as_str())
        .or_else(|| differs(&seal.name, replies.len() as u64, seal.rows))
    {
        return Some(wrong);
    }
    if !shows_rows(contents) {
        return None;
    }
    let column = |name: &str| offers.replies.column_index(name);
    let (ticket, answer, day) = (
        column(&offers.reply_applicant)?,
        column(&offers.reply_answer)?,
        column(&offers.reply_day)?,
    );
    let mut given = 0;
    for row in 0..replies.len() {
        let text = |column| {
            replies
                .value(row, column)
                .map_or_else(String::new, |v: Value| v.to_string())
        };
        let name = text(ticket);
        let found = contents
            .applicants
            .binary_search_by(|a| a.ticket.as_str().cmp(&name))
            .ok()
            .and_then(|index| round.standings.get(index));
        let same =
            found.is_some_and(|s| s.answer.map(Answer::as_str) == Some(text(answer).as_str()));
        let in_time =
            matches!(replies.value(row, day), Some(Value::Date(d)) if d <= round.seal.until);
        if !same || !in_time {
            return Some(offends(
                &name,
                "答复与名册不符或逾期",
                "did not answer that, or too late",
            ));
        }
        given += 1;
    }
    let published = round.standings.iter();
    let published = published.filter(|s| s.answer.is_some_and(|a| a != Answer::Silent));
    differs("answers", given, published.count())
}

/// Says what an auditor proved of a round.
pub(crate) fn audited(contents: &Contents, checks: Checks, linked: bool) -> Report {
    let appealed = contents.round.as_ref().map_or(0, |r| {
        r.standings.iter().filter(|s| s.appeal.is_some()).count()
    });
    let mut missing = Text::new("名册是否属实。", "Whether the registers are true.");
    if appealed > 0 {
        missing = Text::new(
            format!("{}经复核更正的 {appealed} 行(须凭复核记录)。", missing.zh),
            format!(
                "{} The {appealed} rows that appeals corrected (their records are with the city).",
                missing.en
            ),
        );
    }
    if !linked {
        missing = Text::new(
            format!(
                "{}各人状态是否由上一轮得出(未提供上一轮的各行)。",
                missing.zh
            ),
            format!(
                "{} Whether the standings follow from the round before (its rows were not given).",
                missing.en
            ),
        );
    }
    checks.report(
        Text::new(
            "以规范解释器逐人逐条重算,结果与名册相符;答复与答复名册相符;按所公布的规则,候补依次递补,无人被越过,占有名额者无人失去或变差。",
            "Every clause of every person, evaluated again from the registers, is as published; the answers are those of the register; under the published rules places went along the waiting lists in order, nobody was passed over, nobody lost a place.",
        ),
        missing,
    )
}

/// Says what was proved of a round.
pub(crate) fn report(contents: &Contents, checks: Checks, linked: bool) -> Report {
    let registers = "答复、条件结果与名册是否相符(审计者可查);名册是否属实。";
    let registers_en = "Whether answers and results of clauses agree with the registers (an auditor can tell); whether the registers are true.";
    let unlinked = "未提供上一轮的公示包:各人所占名额、状态是否由上一轮与答复得出,行是否未变(以 --previous 给出)。";
    let unlinked_en = "The bundle of the round before was not given: whether the places held and the standings follow from it and from the answers, whether rows are as they were (give it with --previous).";
    if contents.rules.publish == Publish::Roots {
        return checks.report(
            Text::new(
                "文件完整;规则出自项目文件;轮次、名额、空缺与人数不矛盾。",
                "The files are complete; the rules are the programme file's; number, seats, vacancies and counts do not contradict each other.",
            ),
            Text::new(
                format!("各人的状态与先后:本包只公布根值。{}", if linked { "" } else { unlinked }),
                format!("Anybody's standing and order: only roots are published. {}", if linked { "" } else { unlinked_en }),
            ),
        );
    }
    if linked {
        return checks.report(
            Text::new(
                "本轮由散列接续上一轮;各人状态由答复与复核得出;占有名额者无人失去或变差;候补依次递补,无人被越过,想要的名额无空置,且没有对任何人更好的这种结果:这是规则所允许的唯一结果。",
                "The round is linked by hash to the one before; standings follow from answers and appeals; nobody who holds a place lost it or got a worse one; places went along the waiting lists in order, nobody was passed over, no wanted place is free, and no such result is better for anybody: it is the only one the rules allow.",
            ),
            Text::new(registers, registers_en),
        );
    }
    checks.report(
        Text::new(
            "就本轮所列的所占名额与状态而言:无人失去名额或变差;候补依次递补,无人被越过,想要的名额无空置,且没有对任何人更好的这种结果。",
            "Given the places held and the standings as this round lists them: nobody lost a place or got a worse one; places went along the waiting lists in order, nobody was passed over, no wanted place is free, and no such result is better for anybody.",
        ),
        Text::new(format!("{unlinked}{registers}"), format!("{unlinked_en} {registers_en}")),
    )
}
