//! Programmes that choose among candidates: the eligible ones make a plain instance,
//! which is solved and certified as `minsheng solve` does it.

mod calendar;
mod limits;
mod pairs;
mod places;
mod select;
mod site;
mod travel;

use minsheng_bundle::{
    BundleError, CarriedSeal, Certificate, Contents, Decided, DrawSeal, RegisterSeal, jcs,
    mechanism_name, plain,
};
use minsheng_model::{
    ApplicantRow, Diagnostic, Mechanism, ProviderRow, Rules, Sees, Text, Value as Cell, Verdict,
};
use minsheng_plain::PlainError;
use minsheng_registers::{Engine, Figures};
use serde_json::Value;

use crate::facts::{self, Names};
use crate::{Registers, Step, draw, hex, indicators, one, uneven};

/// What an instance is made of: figures by the order of the mechanism's list.
pub(crate) struct Facts<'a> {
    pub rules: &'a Rules,
    pub registers: &'a Registers,
    pub names: &'a Names,
    /// Rows of the eligible candidates.
    pub eligible: Vec<usize>,
    /// Places of the candidates' figures in the file.
    pub candidate_at: Vec<String>,
    /// For each candidate's row, its figures.
    pub candidates: Vec<Vec<i64>>,
    pub group_at: Vec<String>,
    pub groups: Vec<Vec<i64>>,
    pub parameter_at: Vec<String>,
    pub parameters: Vec<i64>,
    /// Each applicant's place in the draw, from 1; empty where there is none.
    pub ranks: Vec<u32>,
}

impl Facts<'_> {
    /// Returns a candidate's figure.
    pub fn candidate(&self, row: usize, at: &str) -> i64 {
        find(&self.candidate_at, self.candidates.get(row), at).unwrap_or_default()
    }

    /// Returns whether the rules have a figure for candidates.
    pub fn has_candidate(&self, at: &str) -> bool {
        self.candidate_at.iter().any(|a| a == at)
    }

    /// Returns a group's figure, where the rules have it.
    pub fn group(&self, row: usize, at: &str) -> Option<i64> {
        find(&self.group_at, self.groups.get(row), at)
    }

    /// Returns a figure over parameters alone, where the rules have it.
    pub fn parameter(&self, at: &str) -> Option<i64> {
        find(&self.parameter_at, Some(&self.parameters), at)
    }

    /// Returns a text of a candidate's row, empty when it is missing.
    pub fn text(&self, row: usize, column: &str) -> String {
        let register = &self.registers.applicants;
        let index = register.table.column_index(column);
        let text = index.and_then(|c| register.text(row, c));
        text.map_or_else(String::new, |t| t.into_owned())
    }

    /// Returns a candidate's number.
    pub fn ticket(&self, row: usize) -> &str {
        self.names.tickets.get(row).map_or("", String::as_str)
    }
}

fn find(at: &[String], values: Option<&Vec<i64>>, wanted: &str) -> Option<i64> {
    let index = at.iter().position(|a| a == wanted)?;
    values?.get(index).copied()
}

/// Decides a cycle of a programme that matches nobody.
///
/// # Errors
/// As [`crate::decide`]; limits that no choice keeps; candidates that nothing parts.
pub(crate) fn decide(
    rules: &Rules,
    programme_file: &[u8],
    registers: &Registers,
    progress: &dyn Fn(Step),
) -> Result<Contents, Vec<Diagnostic>> {
    let drawn = !rules.draw.sources.is_empty();
    if drawn && rules.draw.sources.iter().all(|s| s.values.is_empty()) {
        return Err(vec![draw::not_yet_held(rules, registers)?]);
    }
    if rules.carried.is_some() != registers.applicants.origin.is_some() {
        return Err(vec![internal("the candidates' origin is not the rules'")]);
    }
    progress(Step::Rules);
    let engine = Engine::new(rules)?;
    let figures = Figures::new(rules)?;
    let names = Names::new(rules, registers)?;
    let masks = engine.applicants(&registers.applicants).map_err(one)?;
    let verdicts: Vec<Verdict> = masks
        .iter()
        .map(|m| facts::verdict(&rules.eligibility, m.holds, m.unknown))
        .collect();
    let mut ranks = Vec::new();
    let mut seal = DrawSeal::default();
    if drawn {
        progress(Step::Draw);
        (seal, ranks) = draw::hold_alone(rules, &names);
    }
    let known = gather(rules, registers, &names, &figures, &verdicts, ranks)?;
    progress(Step::Match);
    let decided = solve(&known)?;
    progress(Step::Certify);
    let columns = facts::group_columns(rules, registers);
    let mut applicants = Vec::with_capacity(names.tickets.len());
    for (index, ticket) in names.tickets.iter().enumerate() {
        let (Some(mask), Some(verdict)) = (masks.get(index), verdicts.get(index)) else {
            return Err(vec![uneven()]);
        };
        applicants.push(ApplicantRow {
            ticket: ticket.clone(),
            draw_ticket: if drawn { ticket.clone() } else { String::new() },
            holds: mask.holds,
            unknown: mask.unknown,
            verdict: *verdict,
            placement: None,
            facts_hash: String::new(),
            groups: facts::groups(&columns, registers, index),
        });
    }
    facts::seal_facts(rules, registers, &mut applicants);
    let providers = groups(rules, registers, &names);
    let certificate = certificate(&known, &verdicts, &applicants, &providers, &decided, seal)?;
    Ok(Contents {
        rules: rules.clone(),
        programme_file: programme_file.to_vec(),
        certificate,
        applicants,
        choices: Vec::new(),
        providers,
        doors: Vec::new(),
        round: None,
        decided: Some(decided),
    })
}

fn gather<'a>(
    rules: &'a Rules,
    registers: &'a Registers,
    names: &'a Names,
    figures: &Figures<'_>,
    verdicts: &[Verdict],
    ranks: Vec<u32>,
) -> Result<Facts<'a>, Vec<Diagnostic>> {
    let all = rules.mechanism.figures();
    let at = |sees: Sees| {
        let own = all.iter().filter(move |w| w.sees == sees);
        own.map(|w| w.at.clone()).collect::<Vec<_>>()
    };
    let eligible = verdicts.iter().enumerate();
    Ok(Facts {
        rules,
        registers,
        names,
        eligible: eligible
            .filter(|(_, v)| **v == Verdict::Eligible)
            .map(|(row, _)| row)
            .collect(),
        candidate_at: at(Sees::Candidate),
        candidates: figures.candidates(&registers.applicants).map_err(one)?,
        group_at: at(Sees::Group),
        groups: figures.groups(&registers.providers).map_err(one)?,
        parameter_at: at(Sees::Parameters),
        parameters: figures.parameters().map_err(one)?,
        ranks,
    })
}

/// Makes the instance and solves it.
fn solve(known: &Facts<'_>) -> Result<Decided, Vec<Diagnostic>> {
    let instance = match &known.rules.mechanism {
        Mechanism::Select(own) => select::selection(known, own)?,
        Mechanism::Rank(own) => select::ranking(known, own)?,
        Mechanism::Calendar(own) => calendar::instance(known, own)?,
        Mechanism::Assign(own) => places::assignment(known, own)?,
        Mechanism::Access(own) => places::access(known, own)?,
        Mechanism::Site(own) => site::instance(known, own)?,
        Mechanism::Match => return Err(vec![uneven()]),
    };
    let text = text(jcs(&instance))?;
    let solved = match &known.rules.mechanism {
        Mechanism::Calendar(_) => minsheng_plain::solve_calendar(&text),
        Mechanism::Assign(_) => minsheng_plain::solve_assign(&text),
        Mechanism::Access(_) => minsheng_plain::solve_access(&text),
        Mechanism::Site(_) => {
            minsheng_plain::solve_site(&text, minsheng_plain::SiteOptions::default())
        }
        _ => minsheng_plain::solve_select(&text),
    }
    .map_err(|e| refused(known.rules, &e))?;
    let value: Value = serde_json::from_str(&solved).map_err(|e| vec![internal(&e.to_string())])?;
    if matches!(known.rules.mechanism, Mechanism::Assign(_))
        && value.get("assignment").is_none_or(Value::is_null)
    {
        return Err(places::refused(known, &instance, &value));
    }
    settled(&value)?;
    Ok(Decided {
        instance: text,
        outcome: self::text(plain(&value))?,
    })
}

fn text(bytes: Result<Vec<u8>, BundleError>) -> Result<String, Vec<Diagnostic>> {
    let bytes = bytes.map_err(|e| vec![Diagnostic::error("cycle/instance", e.text())])?;
    String::from_utf8(bytes).map_err(|e| vec![internal(&e.to_string())])
}

/// An answer that chooses nobody because nothing is possible, or nothing was found, is
/// no decision.
fn settled(outcome: &Value) -> Result<(), Vec<Diagnostic>> {
    let status = outcome.get("status").and_then(Value::as_str).unwrap_or("");
    let said = match status {
        "proved-infeasible" => Text::new(
            "没有任何选择能满足全部限额(已证明)",
            "no choice at all keeps every limit, and that is proved",
        ),
        "undecided" | "unknown" => Text::new(
            "没有找到满足全部限额的选择,也未证明没有",
            "no choice that keeps every limit was found, and none was proved impossible",
        ),
        _ => return Ok(()),
    };
    Err(vec![Diagnostic::error("cycle/no-choice", said).help(
        Text::new(
            "检查下限(`least`)是否超过符合条件者的数目或预算",
            "see whether a `least` asks for more than the eligible candidates or the budgets have",
        ),
    )])
}

fn refused(rules: &Rules, error: &PlainError) -> Vec<Diagnostic> {
    let ranked = matches!(rules.mechanism, Mechanism::Rank(_));
    let told = error.mistakes.iter().map(|m| {
        // Where in the instance: nobody but us has seen it yet.
        let at = if m.pointer.is_empty() {
            String::new()
        } else {
            format!("instance.json{}: ", m.pointer)
        };
        let (zh, en) = (&m.message.zh, &m.message.en);
        let found = Diagnostic::error(
            "cycle/instance",
            Text::new(format!("{at}{zh}"), format!("{at}{en}")),
        );
        if !ranked {
            return found;
        }
        found.help(Text::new(
            "若有并列者,写 `rank.tie` 或 `[draw]` 加以区分",
            "where candidates are equal, part them with `rank.tie` or a `[draw]`",
        ))
    });
    told.collect()
}

fn internal(said: &str) -> Diagnostic {
    Diagnostic::error(
        "cycle/internal",
        Text::new(
            format!("内部错误:{said}"),
            format!("internal error: {said}"),
        ),
    )
}

/// Returns the published rows of the groups.
fn groups(rules: &Rules, registers: &Registers, names: &Names) -> Vec<ProviderRow> {
    let register = &registers.providers;
    let shown: Vec<usize> = register
        .table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, c)| c.publish && !rules.providers.key.contains(&c.name))
        .map(|(i, _)| i)
        .collect();
    let all = names.providers.iter().enumerate();
    all.map(|(row, name)| ProviderRow {
        provider: name.clone(),
        capacity: 0,
        placed: 0,
        facts: shown
            .iter()
            .map(|c| register.value(row, *c).map(|v: Cell| v.to_string()))
            .collect(),
    })
    .collect()
}

fn certificate(
    known: &Facts<'_>,
    verdicts: &[Verdict],
    applicants: &[ApplicantRow],
    providers: &[ProviderRow],
    decided: &Decided,
    draw: DrawSeal,
) -> Result<Certificate, Vec<Diagnostic>> {
    let (rules, registers) = (known.rules, known.registers);
    let chosen = decided
        .chosen()
        .ok_or_else(|| vec![internal("the outcome names nobody")])?;
    let rows_root = minsheng_bundle::rows_root(applicants, &[], providers);
    let count = |v: Verdict| verdicts.iter().filter(|x| **x == v).count() as u64;
    let all = [
        &registers.applicants,
        &registers.providers,
        &registers.choices,
    ];
    let sealed = all.into_iter().filter(|r| !r.table.columns.is_empty());
    Ok(Certificate {
        format: minsheng_bundle::FORMAT.to_owned(),
        mechanism: mechanism_name(rules).to_owned(),
        programme: rules.programme.clone(),
        version: rules.version,
        cycle: rules.cycle.clone(),
        as_of: rules.as_of,
        rows_root: hex(&rows_root),
        applicants: applicants.len() as u64,
        choices: 0,
        providers: providers.len() as u64,
        eligible: count(Verdict::Eligible),
        not_eligible: count(Verdict::NotEligible),
        undetermined: count(Verdict::Undetermined),
        placed: chosen.len() as u64,
        registers: sealed
            .map(|r| RegisterSeal {
                name: r.table.name.clone(),
                rows: r.rows as u64,
                sha256: r.sha256.clone(),
            })
            .collect(),
        carried: registers.applicants.origin.as_ref().map(|o| CarriedSeal {
            programme: o.programme.clone(),
            cycle: o.cycle.clone(),
            id: o.id.clone(),
            rows: o.rows,
        }),
        closed: Vec::new(),
        draw,
        indicators: indicators::count(rules, applicants, &chosen),
    })
}
