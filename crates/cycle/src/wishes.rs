use std::borrow::Cow;
use std::collections::HashMap;

use minsheng_model::{ChoiceRow, Diagnostic, GUARANTEE_TIER, Rules, Text, Value, Verdict};
use minsheng_registers::{ChoiceFacts, Engine, Register};
use rayon::prelude::*;

use crate::Registers;
use crate::facts::{Names, texts};

/// The most mistakes that are told at once.
const TOLD: usize = 100;

/// The rows of the choices' register with names turned into indices, in the
/// register's order: a city has millions, so there is one number each and no more.
pub(crate) struct Wishes {
    applicant: Vec<u32>,
    provider: Vec<u32>,
    position: Vec<u32>,
    /// For each applicant, the provider where a seat is kept.
    kept: Vec<Option<u32>>,
}

fn error(code: &str, zh: String, en: String) -> Diagnostic {
    Diagnostic::error(code, Text::new(zh, en))
}

/// Look-up tables only: nothing walks them, so their order cannot matter.
type Index<'a> = HashMap<&'a str, u32>;

fn index(names: &[String]) -> Index<'_> {
    names.iter().map(String::as_str).zip(0..).collect()
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
    let (applicant_of, provider_of) = (index(&names.tickets), index(&names.providers));
    let mut problems = Vec::new();
    let kept = kept_seats(rules, registers, &provider_of, &mut problems);

    let register = &registers.choices;
    let column = |name: &str| register.table.column_index(name).unwrap_or(usize::MAX);
    let (ticket_column, provider_column) = (
        column(&rules.choice_applicant),
        column(&rules.choice_provider),
    );
    let position_column = column(&rules.choice_position);
    let applicant = resolve(register, ticket_column, &applicant_of);
    let provider = resolve(register, provider_column, &provider_of);
    let rows = 0..register.rows;
    let position: Vec<u32> = rows
        .into_par_iter()
        .map(|row| match register.value(row, position_column) {
            Some(Value::Integer(n)) => u32::try_from(n).unwrap_or(0),
            _ => 0,
        })
        .collect();
    let wishes = Wishes {
        applicant,
        provider,
        position,
        kept,
    };
    wishes.unresolved(rules, registers, &mut problems);
    if problems.is_empty() {
        wishes.repeats(names, &register.table.name, &mut problems);
    }
    if problems.is_empty() {
        return Ok(wishes);
    }
    problems.truncate(TOLD);
    Err(problems)
}

/// So many rows are looked up by one thread in a go.
const BLOCK: usize = 1 << 13;

/// Returns the index behind each row's name, the largest number where there is none.
fn resolve(register: &Register, column: usize, of: &Index<'_>) -> Vec<u32> {
    let mut found = vec![u32::MAX; register.rows];
    let blocks = found.par_chunks_mut(BLOCK).enumerate();
    blocks.for_each(|(block, part)| {
        // A list is many rows of one applicant.
        let mut last = (Cow::Borrowed(""), u32::MAX);
        for (row, slot) in (block * BLOCK..).zip(part) {
            let name = register.text(row, column).unwrap_or_default();
            if name.is_empty() || name != last.0 {
                let index = of.get(name.as_ref()).copied().unwrap_or(u32::MAX);
                last = (name, index);
            }
            *slot = last.1;
        }
    });
    found
}

fn kept_seats(
    rules: &Rules,
    registers: &Registers,
    provider_of: &Index<'_>,
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

impl Wishes {
    fn row(&self, row: usize) -> (u32, u32, u32) {
        let at = |list: &[u32]| list.get(row).copied().unwrap_or(u32::MAX);
        (at(&self.applicant), at(&self.position), at(&self.provider))
    }

    /// Tells the rows whose names or positions mean nothing.
    fn unresolved(&self, rules: &Rules, registers: &Registers, problems: &mut Vec<Diagnostic>) {
        let register = &registers.choices;
        let file = register.table.name.as_str();
        let text = |row: usize, name: &str| {
            let column = register.table.column_index(name);
            let text = column.and_then(|c| register.text(row, c));
            text.map_or_else(String::new, |t| t.into_owned())
        };
        let wrong = (0..register.rows).filter(|row| {
            let (applicant, position, provider) = self.row(*row);
            applicant == u32::MAX || provider == u32::MAX || position == 0
        });
        for row in wrong.take(TOLD) {
            let ticket = text(row, &rules.choice_applicant);
            let named = text(row, &rules.choice_provider);
            let (applicant, _, provider) = self.row(row);
            problems.push(if applicant == u32::MAX {
                error(
                    "cycle/unknown-applicant",
                    format!("`{file}` 中的申请编号 `{ticket}` 不在申请人名册中"),
                    format!("`{file}` names the application `{ticket}`, which is not in the applicants' register"),
                )
            } else if provider == u32::MAX {
                error(
                    "cycle/unknown-provider",
                    format!("`{file}` 中申请 `{ticket}` 填报的 `{named}` 不在供给方名册中"),
                    format!("in `{file}` application `{ticket}` lists `{named}`, which is not in the providers' register"),
                )
            } else {
                error(
                    "cycle/position",
                    format!("`{file}` 中申请 `{ticket}` 的志愿序号应为不小于 1 的整数"),
                    format!("in `{file}` application `{ticket}` has a position that is not a whole number from 1 on"),
                )
            });
        }
    }

    /// Returns the register's rows by applicant and position; nothing where they stand
    /// so already, which they do wherever that is the register's key.
    fn order(&self) -> Option<Vec<u32>> {
        let key = |row: usize| {
            let (applicant, position, _) = self.row(row);
            (applicant, position)
        };
        let rows = self.applicant.len();
        if (1..rows).all(|row| key(row - 1) <= key(row)) {
            return None;
        }
        let mut order: Vec<u32> = (0u32..).take(rows).collect();
        order.par_sort_by_key(|row| key(*row as usize));
        Some(order)
    }

    /// Tells positions given twice and providers listed twice.
    fn repeats(&self, names: &Names, file: &str, problems: &mut Vec<Diagnostic>) {
        let order = self.order();
        let at = |place: usize| match &order {
            Some(order) => order.get(place).map_or(0, |row| *row as usize),
            None => place,
        };
        let rows = self.applicant.len();
        let ticket = |a: u32| names.tickets.get(a as usize).map_or("", String::as_str);
        let mut start = 0;
        let mut providers: Vec<u32> = Vec::new();
        while start < rows && problems.len() < TOLD {
            let (applicant, ..) = self.row(at(start));
            let mut end = start;
            let mut last = 0;
            providers.clear();
            while end < rows && self.row(at(end)).0 == applicant {
                let (_, position, provider) = self.row(at(end));
                if position == last {
                    let t = ticket(applicant);
                    problems.push(error(
                        "cycle/position",
                        format!("`{file}` 中申请 `{t}` 的第 {position} 志愿出现两次"),
                        format!("in `{file}` application `{t}` gives position {position} twice"),
                    ));
                }
                last = position;
                providers.push(provider);
                end += 1;
            }
            providers.sort_unstable();
            let twice = providers.array_windows().find(|[a, b]| a == b);
            if let Some([provider, _]) = twice {
                let t = ticket(applicant);
                let p = names
                    .providers
                    .get(*provider as usize)
                    .map_or("", String::as_str);
                problems.push(error(
                    "cycle/duplicate-choice",
                    format!("`{file}` 中申请 `{t}` 重复填报 `{p}`"),
                    format!("in `{file}` application `{t}` lists `{p}` twice"),
                ));
            }
            start = end;
        }
    }

    /// Returns the row of a seat that is kept and was not listed: with no facts but
    /// that it is kept, behind everything that was.
    fn unlisted(applicant: u32, provider: u32, position: u32) -> ChoiceRow {
        ChoiceRow {
            applicant,
            position,
            provider,
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
        }
    }

    /// Adds the seats that are kept and were not listed.
    fn add_kept(&self, choices: &mut Vec<ChoiceRow>) {
        let mut last = vec![0u32; self.kept.len()];
        let mut listed = vec![false; self.kept.len()];
        for choice in choices.iter() {
            let applicant = choice.applicant as usize;
            if let (Some(last), Some(listed)) = (last.get_mut(applicant), listed.get_mut(applicant))
            {
                *last = (*last).max(choice.position);
                *listed |= choice.kept;
            }
        }
        let people = (0u32..).zip(&self.kept).zip(last.iter().zip(&listed));
        for ((applicant, kept), (last, listed)) in people {
            if let (Some(provider), false) = (kept, listed) {
                choices.push(Self::unlisted(applicant, *provider, last.saturating_add(1)));
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
    let mut choices: Vec<ChoiceRow> = (0..registers.choices.rows)
        .into_par_iter()
        .map(|row| {
            let (applicant, position, provider) = wishes.row(row);
            let kept = wishes.kept.get(applicant as usize).copied().flatten();
            ChoiceRow {
                kept: kept == Some(provider),
                ..Wishes::unlisted(applicant, provider, position)
            }
        })
        .collect();
    let put = |row: &mut ChoiceRow, fact: &ChoiceFacts| {
        row.holds = fact.holds;
        row.unknown = fact.unknown;
        row.tier_holds = fact.tier_holds;
        row.tier_unknown = fact.tier_unknown;
        row.score = fact.score;
        row.reserves = fact.reserves;
        row.ceilings = fact.ceilings;
        row.tier = tier(rules, row.kept, fact.tier_holds);
    };
    let tables = [
        &registers.applicants,
        &registers.providers,
        &registers.choices,
    ];
    let behind = [wishes.applicant.as_slice(), wishes.provider.as_slice()];
    engine
        .choices_into(tables, behind, &mut choices, put)
        .map_err(crate::one)?;
    wishes.add_kept(&mut choices);
    if !choices.is_sorted_by_key(|c| (c.applicant, c.position)) {
        choices.par_sort_unstable_by_key(|c| (c.applicant, c.position));
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
