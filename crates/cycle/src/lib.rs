//! One cycle of a programme: registers and rules in, a decision with its
//! certificate out.
//!
//! **Invariant:** this is the one crate that knows every mechanism, and it holds
//! no policy: all of it comes from [`minsheng_model::Rules`]. It reads and writes
//! no files of its own; it neither prints nor asks the time.

mod carried;
mod doors;
mod draw;
mod facts;
mod indicators;
mod kinds;
mod market;
mod prepared;
mod rounds;
mod wishes;

use std::collections::BTreeSet;

use minsheng_bundle::{Certificate, Closing, Contents, RegisterSeal};
use minsheng_model::{ApplicantRow, Diagnostic, Placement, Rules, Text, Verdict};
use minsheng_registers::Register;
use rayon::prelude::*;

pub use carried::carry_over;
pub use facts::{Names, receipt_facts};
pub use market::Built;
pub use prepared::Prepared;
pub use rounds::{APPEAL, After, Appeal, Listed, Owing, Seen, appeal, next_round};

/// The three registers of a cycle, imported and in key order.
#[derive(Debug, Clone)]
pub struct Registers {
    /// Who asks.
    pub applicants: Register,
    /// Who has places.
    pub providers: Register,
    /// Who asks for what.
    pub choices: Register,
}

/// The steps of a cycle, for progress reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Clauses, tiers, scores and seats.
    Rules,
    /// The public draw.
    Draw,
    /// The mechanism.
    Match,
    /// Rows, cut-offs, indicators, roots.
    Certify,
}

/// Returns the registers as they are for a round, counted from 1: without the
/// applications that came in too late for it and what they ask for. `None` where all
/// are in time.
///
/// # Errors
/// When a day of arrival is missing.
pub fn in_time(
    rules: &Rules,
    registers: &Registers,
    round: u32,
) -> Result<Option<Registers>, Vec<Diagnostic>> {
    rounds::in_time(rules, registers, round)
}

/// Returns the rows of a register of replies that answer a round, counted from 1.
///
/// # Errors
/// When the rules have no rounds.
pub fn replies_to(
    rules: &Rules,
    replies: &Register,
    round: u32,
) -> Result<Register, Vec<Diagnostic>> {
    let offers = rules.offers.as_ref().ok_or_else(|| vec![uneven()])?;
    rounds::of_round(offers, replies, round)
}

/// Decides a cycle: every applicant's verdict, place and reasons, ready to be
/// published.
///
/// `programme_file` is the text the rules were read from; it goes into the bundle
/// as it is. The result depends on nothing but the arguments: neither on the
/// rows' order nor on the number of threads.
///
/// # Errors
/// A located diagnostic when the registers do not fit together (a choice of an
/// unknown applicant or provider, a position given twice), when a rule cannot be
/// evaluated on a row, or when seats and groups contradict each other.
pub fn decide(
    rules: &Rules,
    programme_file: &[u8],
    registers: &Registers,
    progress: &dyn Fn(Step),
) -> Result<Contents, Vec<Diagnostic>> {
    decide_once(rules, programme_file, registers.clone(), progress)
}

/// Decides a cycle as [`decide`] does, for whoever needs the registers no longer: what
/// everybody asks for is gone from memory as soon as it has been read.
///
/// # Errors
/// As [`decide`].
pub fn decide_once(
    rules: &Rules,
    programme_file: &[u8],
    registers: Registers,
    progress: &dyn Fn(Step),
) -> Result<Contents, Vec<Diagnostic>> {
    if !rules.mechanism.is_match() {
        return kinds::decide(rules, programme_file, &registers, progress);
    }
    let mut registers = match rounds::in_time(rules, &registers, 1)? {
        Some(within) => within,
        None => registers,
    };
    if !draw::is_held(rules) {
        return Err(vec![draw::not_yet_held(rules, &registers)?]);
    }
    progress(Step::Rules);
    let prepared = Prepared::new(rules, &registers)?;
    registers.choices.forget_cells();
    let registers = &registers;

    progress(Step::Draw);
    let held = draw::hold(rules, &prepared.names, &prepared.choices);

    progress(Step::Match);
    let built = prepared.market(rules, &held.ranks)?;
    let placed = market::solve(rules, &prepared.names, &prepared.seats, &built)?;
    drop(built);
    let Prepared {
        names,
        masks,
        verdicts,
        choices,
        seats,
    } = prepared;

    progress(Step::Certify);
    let columns = facts::group_columns(rules, registers);
    let row_of = |index: usize| {
        let placement = placed.placements.get(index).copied().flatten();
        Some(ApplicantRow {
            ticket: names.tickets.get(index)?.clone(),
            draw_ticket: names.draw_tickets.get(index).cloned().unwrap_or_default(),
            holds: masks.get(index)?.holds,
            unknown: masks.get(index)?.unknown,
            verdict: *verdicts.get(index)?,
            placement: placement.and_then(|p| {
                let choice = choices.get(p.choice)?;
                Some(Placement {
                    provider: names.providers.get(choice.provider as usize)?.clone(),
                    door: p.door,
                    position: choice.position,
                })
            }),
            facts_hash: String::new(),
            groups: facts::groups(&columns, registers, index),
        })
    };
    let people = (0..names.tickets.len()).into_par_iter().map(row_of);
    let applicants: Option<Vec<ApplicantRow>> = people.collect();
    let mut applicants = applicants.ok_or_else(|| vec![uneven()])?;
    facts::seal_facts(rules, registers, &mut applicants);
    let (providers, doors) = doors::publish(
        rules,
        registers,
        &names,
        &seats,
        &choices,
        &placed,
        &held.ranks,
    );
    let rows_root = minsheng_bundle::rows_root(&applicants, &choices, &providers);
    let count = |v: Verdict| verdicts.iter().filter(|x| **x == v).count() as u64;
    let certificate = Certificate {
        format: minsheng_bundle::FORMAT.to_owned(),
        mechanism: minsheng_bundle::mechanism_name(rules).to_owned(),
        programme: rules.programme.clone(),
        version: rules.version,
        cycle: rules.cycle.clone(),
        as_of: rules.as_of,
        rows_root: hex(&rows_root),
        applicants: applicants.len() as u64,
        choices: choices.len() as u64,
        providers: providers.len() as u64,
        eligible: count(Verdict::Eligible),
        not_eligible: count(Verdict::NotEligible),
        undetermined: count(Verdict::Undetermined),
        placed: applicants.iter().filter(|a| a.placement.is_some()).count() as u64,
        registers: [
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
        .collect(),
        carried: None,
        closed: placed
            .closed
            .iter()
            .filter_map(|c| {
                let at = c.provider as usize;
                Some(Closing {
                    provider: (*names.providers.get(at)?).to_owned(),
                    minimum: seats.get(at)?.minimum,
                    had: c.placed,
                })
            })
            .collect(),
        draw: held.seal,
        indicators: indicators::count(rules, &applicants, &BTreeSet::new()),
    };
    Ok(Contents {
        rules: rules.clone(),
        programme_file: programme_file.to_vec(),
        certificate,
        applicants,
        choices,
        providers,
        doors,
        decided: None,
        round: None,
    })
}

fn one(diagnostic: Diagnostic) -> Vec<Diagnostic> {
    vec![diagnostic]
}

/// An answer of the rule engine that does not cover every row: a defect of ours,
/// never of the registers.
fn uneven() -> Diagnostic {
    Diagnostic::error(
        "cycle/internal",
        Text::new(
            "规则引擎返回的行数与名册不符",
            "the rule engine answered for another number of rows than the register has",
        ),
    )
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Sets how many threads evaluate rules; the result does not depend on it.
///
/// # Errors
/// When work has already begun on the default number.
pub fn set_threads(threads: usize) -> Result<(), rayon::ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
}
