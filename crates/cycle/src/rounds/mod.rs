//! Later rounds: answers are taken, places that became free go along the waiting
//! lists, late applications and appeals come in; nobody loses a place.

mod appeal;
mod arrivals;
mod doors;
mod facts;
mod order;
mod people;
mod replies;

use minsheng_bundle::{Answers, Contents, RegisterSeal, Round, RoundSeal, hex, standings_root};
use minsheng_matching::{self as matching, State};
use minsheng_model::{
    Answer, ApplicantRow, Diagnostic, Door, Offers, Placement, Rules, Standing, StandingRow, Text,
};
use minsheng_registers::Register;

use crate::{Registers, Step, indicators, one, uneven};
use people::People;

pub use appeal::{APPEAL, Appeal, Listed, Owing, Seen, appeal};
pub(crate) use arrivals::in_time;
pub(crate) use replies::of_round;

/// What a later round comes after.
#[derive(Debug)]
pub struct After<'a> {
    /// The bundle of the round before, with its rows.
    pub previous: &'a Contents,
    /// Its identity.
    pub id: &'a str,
    /// The register of replies: the answers to every round so far.
    pub replies: &'a Register,
    /// Appeals that were decided since.
    pub appeals: &'a [Appeal],
}

fn refuse(code: &str, zh: String, en: String, help: (&str, &str)) -> Vec<Diagnostic> {
    vec![Diagnostic::error(code, Text::new(zh, en)).help(Text::new(help.0, help.1))]
}

/// Decides the round after a bundle: takes the answers to it, late applications and
/// appeals, and gives the places that became free to those who wait.
///
/// Nobody who holds a place is put out of it or gets a worse one. The rows of those
/// who were there are the bundle's; only who comes late and whose appeal is entered is
/// evaluated. The result depends on nothing but the arguments.
///
/// # Errors
/// Located diagnostics when the bundle is of another programme, cycle or rules, when
/// it was the last round, when a register is not what it was, when answers or appeals
/// do not fit, and as [`crate::decide`].
pub fn next_round(
    rules: &Rules,
    programme_file: &[u8],
    registers: &Registers,
    after: &After<'_>,
    progress: &dyn Fn(Step),
) -> Result<Contents, Vec<Diagnostic>> {
    let offers = follows(rules, after)?;
    let number = after.previous.round_number() + 1;
    progress(Step::Rules);
    unchanged(rules, offers, registers, after)?;
    let standings = replies::standings(after.previous);
    let replies = replies::read(offers, after.previous, &standings, after.replies)?;
    let within = in_time(rules, registers, number)?;
    let registers = within.as_ref().unwrap_or(registers);
    let people = People::new(rules, registers, after)?;

    progress(Step::Draw);
    let seed = minsheng_bundle::unhex(&after.previous.certificate.draw.seed)
        .ok_or_else(|| vec![uneven()])?;
    let prepared = &people.prepared;
    let ranks = order::ranks(
        rules.tie_break.method,
        &seed,
        &prepared.names,
        &prepared.choices,
        &people.arrived,
    );

    progress(Step::Match);
    let before = people.standings(offers, after, &standings, &replies.answers, number)?;
    let built = people.market(rules, &ranks, &before)?;
    let state = people.state(&built, &before)?;
    let (done, _) =
        matching::next_round(&built.market, &state, &[]).map_err(|e| one(prepared.told(&e)))?;

    progress(Step::Certify);
    let moved = people.settle(&built, &done, before, number);
    let (applicants, standings) = moved;
    let table = doors::Table {
        rules,
        people: &people,
        ranks: &ranks,
        applicants: &applicants,
        standings: &standings,
        number,
    };
    let (providers, doors) = table.doors(&after.previous.providers);
    let lines = table.lines();
    let seal = RoundSeal {
        number,
        previous: after.id.to_owned(),
        until: offers.until(number - 1).ok_or_else(|| vec![uneven()])?,
        replies: replies.seal,
        answers: count(&standings),
        arrived: people.new_ones(),
        appeals: after.appeals.len() as u64,
        vacant: lines.iter().map(|l| u64::from(l.vacant)).sum(),
        offered: offered(&standings, number),
        moved: ups(&standings, &applicants, number),
        waiting: table.waiting(),
        standings_root: hex(&standings_root(&applicants, &standings)
            .map_err(|e| vec![Diagnostic::error("cycle/too-large", e.text())])?),
        lines,
    };
    let mut contents = Contents {
        rules: rules.clone(),
        programme_file: programme_file.to_vec(),
        certificate: after.previous.certificate.clone(),
        applicants,
        choices: people.prepared.choices,
        providers,
        doors,
        decided: None,
        round: Some(Round { seal, standings }),
    };
    certify(&mut contents, registers);
    Ok(contents)
}

/// Sees that a round may come after the bundle.
fn follows<'r>(rules: &'r Rules, after: &After<'_>) -> Result<&'r Offers, Vec<Diagnostic>> {
    let previous = after.previous;
    let own = (&rules.programme, &rules.cycle);
    if (&previous.rules.programme, &previous.rules.cycle) != own {
        let (p, c) = (&previous.rules.programme, &previous.rules.cycle);
        return Err(refuse(
            "round/other-cycle",
            format!(
                "上一轮的公示包属于 `{p}` 的 `{c}`,不是 `{}` 的 `{}`",
                own.0, own.1
            ),
            format!(
                "the bundle before is of `{p}`, cycle `{c}`, not of `{}`, cycle `{}`",
                own.0, own.1
            ),
            (
                "指明本周期上一轮的公示包",
                "name the bundle of this cycle's last round",
            ),
        ));
    }
    let Some(offers) = &rules.offers else {
        return Err(refuse(
            "round/no-offers",
            "项目文件没有 `[offers]`:决定即为终局,没有下一轮".to_owned(),
            "the programme file has no `[offers]`: the decision is final, there is no next round"
                .to_owned(),
            (
                "写明 `[offers]` 后重新作出第一轮决定",
                "declare `[offers]` and decide the first round again",
            ),
        ));
    };
    if previous.rules != *rules {
        return Err(refuse(
            "round/rules-changed",
            "自上一轮以来项目文件的规则有改动:一个周期只有一套规则".to_owned(),
            "the rules of the programme file are not those of the round before: a cycle has one set of rules".to_owned(),
            ("恢复上一轮公示包中的 programme.toml;新规则用于新的周期", "restore the programme.toml of the bundle before; new rules are for a new cycle"),
        ));
    }
    if previous.applicants.len() as u64 != previous.certificate.applicants {
        return Err(refuse(
            "round/no-rows",
            "上一轮的公示包只公布根值,须先由名册重现各行".to_owned(),
            "the bundle before shows roots only: its rows have to be made again from the registers first".to_owned(),
            ("把本周期各轮公示包放在同一文件夹", "keep the bundles of all rounds in one folder"),
        ));
    }
    let rounds = offers.rounds();
    if previous.round_number() as usize >= rounds {
        return Err(refuse(
            "round/last",
            format!("第 {rounds} 轮是最后一轮,没有下一轮"),
            format!("round {rounds} was the last one"),
            (
                "轮数由 `[offers]` 的 `reply_until` 规定",
                "`reply_until` of `[offers]` says how many rounds there are",
            ),
        ));
    }
    Ok(offers)
}

/// Sees that the registers are what they were when the round before was decided, but
/// for what came in since.
fn unchanged(
    rules: &Rules,
    offers: &Offers,
    registers: &Registers,
    after: &After<'_>,
) -> Result<(), Vec<Diagnostic>> {
    let round = after.previous.round_number();
    let within = in_time(rules, registers, round)?;
    let then = within.as_ref().unwrap_or(registers);
    let tables = [&then.applicants, &then.providers, &then.choices];
    for (seal, register) in after.previous.certificate.registers.iter().zip(tables) {
        if (&seal.sha256, seal.rows) != (&register.sha256, register.rows as u64) {
            let name = &register.table.name;
            return Err(refuse(
                "round/register-changed",
                format!("名册 `{name}` 与第 {round} 轮决定时不同:当时已有的行被增删或改动"),
                format!(
                    "register `{name}` is not what it was when round {round} was decided: rows that were there have been changed, added or removed"
                ),
                (
                    "恢复原来的行;个别事实有误的,以 `minsheng appeal` 复核并随下一轮纳入;新申请须填到达日期",
                    "restore those rows; correct a fact by `minsheng appeal` and enter that into the next round; a new application needs its day of arrival",
                ),
            ));
        }
    }
    let Some(earlier) = &after.previous.round else {
        return Ok(());
    };
    let taken = replies::of_round(offers, after.replies, round - 1)?;
    if replies::seal(&taken) != earlier.seal.replies {
        let before = round - 1;
        return Err(refuse(
            "round/replies-changed",
            format!("对第 {before} 轮的答复已计入第 {round} 轮,现在却有改动"),
            format!(
                "answers to round {before}, which round {round} took into account, have been changed since"
            ),
            (
                "恢复那些行;新的答复写最近一轮的轮次",
                "restore those rows; new answers name the last round",
            ),
        ));
    }
    Ok(())
}

fn count(standings: &[StandingRow]) -> Answers {
    let of = |answer: Answer| {
        let same = standings.iter().filter(|s| s.answer == Some(answer));
        same.count() as u64
    };
    Answers {
        accept: of(Answer::Accept),
        keep: of(Answer::Keep),
        decline: of(Answer::Decline),
        withdraw: of(Answer::Withdraw),
        silent: of(Answer::Silent),
    }
}

fn offered(standings: &[StandingRow], number: u32) -> u64 {
    standings.iter().filter(|s| s.since == Some(number)).count() as u64
}

/// Returns how many moved up from a place they held.
fn ups(standings: &[StandingRow], applicants: &[ApplicantRow], number: u32) -> u64 {
    let up = |(s, a): &(&StandingRow, &ApplicantRow)| {
        s.since == Some(number) && s.held.is_some() && s.held != a.placement
    };
    standings.iter().zip(applicants).filter(up).count() as u64
}

/// Fills in the counts, seals, root and figures.
fn certify(contents: &mut Contents, registers: &Registers) {
    use minsheng_model::Verdict;
    let by = |v: Verdict| {
        let same = contents.applicants.iter().filter(|a| a.verdict == v);
        same.count() as u64
    };
    let (eligible, not_eligible, undetermined) = (
        by(Verdict::Eligible),
        by(Verdict::NotEligible),
        by(Verdict::Undetermined),
    );
    let placed = contents.applicants.iter().filter(|a| a.placement.is_some());
    let placed = placed.count() as u64;
    let root =
        minsheng_bundle::rows_root(&contents.applicants, &contents.choices, &contents.providers);
    let indicators = indicators::count(
        &contents.rules,
        &contents.applicants,
        &std::collections::BTreeSet::new(),
    );
    let (applicants, choices) = (
        contents.applicants.len() as u64,
        contents.choices.len() as u64,
    );
    let c = &mut contents.certificate;
    (c.applicants, c.choices) = (applicants, choices);
    (c.eligible, c.not_eligible, c.undetermined) = (eligible, not_eligible, undetermined);
    (c.placed, c.rows_root, c.indicators) = (placed, hex(&root), indicators);
    c.registers = [
        &registers.applicants,
        &registers.providers,
        &registers.choices,
    ]
    .into_iter()
    .map(|r| RegisterSeal {
        name: r.table.name.clone(),
        rows: r.rows as u64,
        sha256: r.sha256.clone(),
    })
    .collect();
}

/// Returns the door as the mechanism has it.
fn market_door(door: Door) -> matching::Door {
    match door {
        Door::Kept => matching::Door::Kept,
        Door::Reserve(index) => matching::Door::Reserve(index),
        Door::Open => matching::Door::Open,
    }
}

/// What a place needs to be found on the own list again.
fn at(list: &[minsheng_model::ChoiceRow], place: &Placement) -> Option<usize> {
    list.iter().position(|c| c.position == place.position)
}

/// Everybody's state as the mechanism has it.
fn no_state(people: usize, entries: usize) -> State {
    State {
        place: vec![None; people],
        standing: vec![matching::Standing::Out; people],
        late: vec![false; people],
        refused: vec![false; entries],
        extra: vec![false; people],
    }
}

/// Says whether somebody takes part in the market of a round.
fn stands(standing: Standing) -> matching::Standing {
    match standing {
        // Only between rounds is an offer open; one owed since is as good as kept.
        Standing::Kept | Standing::Waiting | Standing::Offered => matching::Standing::Waiting,
        Standing::Settled => matching::Standing::Settled,
        Standing::Out => matching::Standing::Out,
    }
}
