use std::collections::HashMap;

use minsheng_model::{ChoiceRow, Diagnostic, GUARANTEE_TIER, Rules, Text, Value, Verdict};
use minsheng_registers::Engine;

use crate::Registers;
use crate::facts::{Names, texts};

/// One row of the choices' register, with names turned into indices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    applicant: u32,
    provider: u32,
    position: u32,
    /// Its row in the register.
    row: u32,
    kept: bool,
}

/// The lists of all applicants, by applicant and position.
pub(crate) struct Wishes {
    listed: Vec<Wish>,
    /// For each applicant, the provider where a seat is kept.
    kept: Vec<Option<u32>>,
}

fn error(code: &str, zh: String, en: String) -> Diagnostic {
    Diagnostic::error(code, Text::new(zh, en))
}

/// Returns every list with its names resolved.
///
/// # Errors
/// All rows that name an unknown applicant or provider, give a position below 1
/// or twice, or list a provider twice; at most a hundred are named.
pub(crate) fn collect(
    rules: &Rules,
    registers: &Registers,
    names: &Names,
) -> Result<Wishes, Vec<Diagnostic>> {
    // Look-up tables only: nothing walks them, so their order cannot matter.
    let applicant_of: HashMap<&str, u32> =
        names.tickets.iter().map(String::as_str).zip(0..).collect();
    let provider_of: HashMap<&str, u32> = names
        .providers
        .iter()
        .map(String::as_str)
        .zip(0..)
        .collect();
    let register = &registers.choices;
    let file = register.table.name.as_str();
    let tickets = texts(register, &rules.choice_applicant);
    let providers = texts(register, &rules.choice_provider);
    let position_column = register.table.column_index(&rules.choice_position);
    let mut problems = Vec::new();
    let kept = kept_seats(rules, registers, &provider_of, &mut problems);

    let mut listed = Vec::with_capacity(register.rows);
    for (row, (ticket, provider)) in (0u32..).zip(tickets.iter().zip(&providers)) {
        let ticket = ticket.as_deref().unwrap_or("");
        let provider = provider.as_deref().unwrap_or("");
        let position = position_column.and_then(|c| register.value(row as usize, c));
        let position = match position {
            Some(Value::Integer(n)) if n >= 1 => u32::try_from(n).ok(),
            _ => None,
        };
        match (applicant_of.get(ticket), provider_of.get(provider), position) {
            (Some(&applicant), Some(&provider), Some(position)) => {
                let is_kept = kept.get(applicant as usize).copied().flatten() == Some(provider);
                listed.push(Wish { applicant, provider, position, row, kept: is_kept });
            }
            (None, _, _) => problems.push(error(
                "cycle/unknown-applicant",
                format!("`{file}` 中的申请编号 `{ticket}` 不在申请人名册中"),
                format!("`{file}` names the application `{ticket}`, which is not in the applicants' register"),
            )),
            (_, None, _) => problems.push(error(
                "cycle/unknown-provider",
                format!("`{file}` 中申请 `{ticket}` 填报的 `{provider}` 不在供给方名册中"),
                format!("in `{file}` application `{ticket}` lists `{provider}`, which is not in the providers' register"),
            )),
            (_, _, None) => problems.push(error(
                "cycle/position",
                format!("`{file}` 中申请 `{ticket}` 的志愿序号应为不小于 1 的整数"),
                format!("in `{file}` application `{ticket}` has a position that is not a whole number from 1 on"),
            )),
        }
    }
    listed.sort_unstable_by_key(|w| (w.applicant, w.position, w.provider));
    find_repeats(&listed, names, file, &mut problems);
    if problems.is_empty() {
        return Ok(Wishes { listed, kept });
    }
    problems.truncate(100);
    Err(problems)
}

fn kept_seats(
    rules: &Rules,
    registers: &Registers,
    provider_of: &HashMap<&str, u32>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Option<u32>> {
    let Some(column) = &rules.current_provider else {
        return vec![None; registers.applicants.rows];
    };
    texts(&registers.applicants, column)
        .iter()
        .map(|name| {
            let name = name.as_deref()?;
            let found = provider_of.get(name).copied();
            if found.is_none() {
                problems.push(error(
                    "cycle/unknown-provider",
                    format!("`{column}` 中的 `{name}` 不在供给方名册中"),
                    format!("`{name}` in column `{column}` is not in the providers' register"),
                ));
            }
            found
        })
        .collect()
}

fn find_repeats(listed: &[Wish], names: &Names, file: &str, problems: &mut Vec<Diagnostic>) {
    let ticket = |a: u32| names.tickets.get(a as usize).map_or("", String::as_str);
    for list in listed.chunk_by(|a, b| a.applicant == b.applicant) {
        for pair in list.windows(2) {
            if let [a, b] = pair
                && a.position == b.position
            {
                let (t, p) = (ticket(a.applicant), a.position);
                problems.push(error(
                    "cycle/position",
                    format!("`{file}` 中申请 `{t}` 的第 {p} 志愿出现两次"),
                    format!("in `{file}` application `{t}` gives position {p} twice"),
                ));
            }
        }
        let mut providers: Vec<u32> = list.iter().map(|w| w.provider).collect();
        providers.sort_unstable();
        for pair in providers.windows(2) {
            if let ([a, b], Some(first)) = (pair, list.first())
                && a == b
            {
                let t = ticket(first.applicant);
                let p = names.providers.get(*a as usize).map_or("", String::as_str);
                problems.push(error(
                    "cycle/duplicate-choice",
                    format!("`{file}` 中申请 `{t}` 重复填报 `{p}`"),
                    format!("in `{file}` application `{t}` lists `{p}` twice"),
                ));
            }
        }
    }
}

/// Returns the choice rows with their facts, by applicant and position. A kept
/// seat that was not listed comes last, with no facts but that it is kept.
pub(crate) fn evaluate(
    rules: &Rules,
    engine: &Engine<'_>,
    registers: &Registers,
    wishes: &Wishes,
) -> Result<Vec<ChoiceRow>, Vec<Diagnostic>> {
    // The engine answers in the register's order; the rows want ours.
    let rows = registers.choices.rows;
    let mut applicant_index = vec![0u32; rows];
    let mut provider_index = vec![0u32; rows];
    for wish in &wishes.listed {
        let row = wish.row as usize;
        if let (Some(a), Some(p)) = (applicant_index.get_mut(row), provider_index.get_mut(row)) {
            (*a, *p) = (wish.applicant, wish.provider);
        }
    }
    let facts = engine
        .choices(
            &registers.applicants,
            &registers.providers,
            &registers.choices,
            &applicant_index,
            &provider_index,
        )
        .map_err(crate::one)?;

    let mut choices = Vec::with_capacity(rows);
    let mut lists = wishes
        .listed
        .chunk_by(|a, b| a.applicant == b.applicant)
        .peekable();
    for (applicant, kept) in (0u32..).zip(&wishes.kept) {
        let mut last = 0;
        let mut kept_listed = false;
        if let Some(list) = lists.next_if(|l| l.first().is_some_and(|w| w.applicant == applicant)) {
            for wish in list {
                let Some(fact) = facts.get(wish.row as usize) else {
                    return Err(vec![crate::uneven()]);
                };
                last = wish.position;
                kept_listed |= wish.kept;
                choices.push(ChoiceRow {
                    applicant,
                    position: wish.position,
                    provider: wish.provider,
                    holds: fact.holds,
                    unknown: fact.unknown,
                    tier_holds: fact.tier_holds,
                    tier_unknown: fact.tier_unknown,
                    score: fact.score,
                    reserves: fact.reserves,
                    ceilings: fact.ceilings,
                    tier: tier(rules, wish.kept, fact.tier_holds),
                    verdict: Verdict::Eligible,
                    kept: wish.kept,
                });
            }
        }
        if let (Some(provider), false) = (kept, kept_listed) {
            choices.push(ChoiceRow {
                applicant,
                position: last + 1,
                provider: *provider,
                holds: 0,
                unknown: 0,
                tier_holds: 0,
                tier_unknown: 0,
                score: 0,
                reserves: 0,
                ceilings: 0,
                tier: GUARANTEE_TIER,
                verdict: Verdict::Eligible,
                kept: true,
            });
        }
    }
    Ok(choices)
}

/// Returns the tier: 0 for a kept seat, else 1 plus the first that holds, else
/// 1 plus the number of tiers.
fn tier(rules: &Rules, kept: bool, holds: u32) -> u8 {
    if kept {
        return GUARANTEE_TIER;
    }
    let declared = u32::try_from(rules.tiers.len()).unwrap_or(32);
    let first = holds.trailing_zeros().min(declared);
    u8::try_from(first + 1).unwrap_or(u8::MAX)
}
