//! Rules over whole registers: every expression becomes a column, columns become
//! masks.

mod exact;
mod fault;
mod figures;
mod numbers;
mod plan;
mod rewrite;
mod run;

use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, BooleanArray};
use datafusion::arrow::datatypes::Int64Type;
use minsheng_model::{Diagnostic, Rules, Scope, Text, Type};

use crate::register::Register;
pub(crate) use fault::Fault;
pub use figures::Figures;
use plan::{Plan, Planner};
use run::{Input, run};

/// The largest score either way: exact in every JSON reader.
const SCORE_MAX: i64 = 1 << 53;

/// What the applicants' clauses say of one row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Masks {
    /// Bit `i`: the `i`-th clause holds.
    pub holds: u32,
    /// Bit `i`: the `i`-th clause is unknown.
    pub unknown: u32,
}

/// What the rules say of one choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChoiceFacts {
    /// Bit `i`: the `i`-th clause holds.
    pub holds: u32,
    /// Bit `i`: the `i`-th clause is unknown.
    pub unknown: u32,
    /// Bit `i`: the `i`-th tier's condition holds.
    pub tier_holds: u32,
    /// Bit `i`: the `i`-th tier's condition is unknown.
    pub tier_unknown: u32,
    /// The score, 0 where none is declared.
    pub score: i64,
    /// Bit `i`: a member of the `i`-th reserve.
    pub reserves: u16,
    /// Bit `i`: a member of the `i`-th ceiling's group.
    pub ceilings: u16,
}

/// What the rules say of one provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderFacts {
    /// All its seats.
    pub capacity: u32,
    /// Seats of each reserve.
    pub reserves: Vec<u32>,
    /// Seats of each ceiling.
    pub ceilings: Vec<u32>,
    /// How many people it needs to open; 0 where the rules do not say.
    pub minimum: u32,
}

/// A programme's rules, ready to run over whole registers.
#[derive(Debug)]
pub struct Engine<'r> {
    rules: &'r Rules,
    applicants: Plan,
    providers: Plan,
    choices: Plan,
}

impl<'r> Engine<'r> {
    /// Plans every expression of the rules.
    ///
    /// # Errors
    /// Every expression that the engine refuses, with its place in the rules.
    pub fn new(rules: &'r Rules) -> Result<Self, Vec<Diagnostic>> {
        let planner = Planner::new(rules)?;
        let truth = |at: String, sql: &'r str| (at, sql, Type::Boolean);
        let whole = |at: String, sql: &'r str| (at, sql, Type::Integer);
        let clauses = |scope: Scope| {
            rules
                .clauses_of(scope)
                .map(move |c| truth(format!("clauses.{}", c.id), &c.when))
        };
        let applicants: Vec<_> = clauses(Scope::Applicant).collect();

        let mut choices: Vec<_> = clauses(Scope::Choice).collect();
        let tiers = rules.tiers.iter();
        choices.extend(tiers.map(|t| truth(format!("tiers.{}", t.id), &t.when)));
        let reserves = rules.reserves.iter();
        choices.extend(reserves.map(|r| truth(format!("reserves.{}.members", r.id), &r.members)));
        let ceilings = rules.ceilings.iter();
        choices.extend(ceilings.map(|c| truth(format!("ceilings.{}.members", c.id), &c.members)));
        choices.extend(
            rules
                .score
                .iter()
                .map(|s| whole("score".to_owned(), &s.sql)),
        );

        let mut providers = Vec::new();
        if rules.mechanism.is_match() {
            providers.push(whole("capacity".to_owned(), &rules.capacity));
        }
        let reserves = rules.reserves.iter();
        providers.extend(reserves.map(|r| whole(format!("reserves.{}.seats", r.id), &r.seats)));
        let ceilings = rules.ceilings.iter();
        providers.extend(ceilings.map(|c| whole(format!("ceilings.{}.seats", c.id), &c.seats)));
        let minimum = rules.minimum.iter();
        providers.extend(minimum.map(|m| whole("minimum".to_owned(), &m.sql)));

        let mut wrong = Vec::new();
        let mut plan = |scope: Scope, list: &[(String, &str, Type)]| {
            let planned = planner.plan(scope, list);
            planned.map_err(|found| wrong.extend(found)).ok()
        };
        let plans = (
            plan(Scope::Applicant, &applicants),
            plan(Scope::Provider, &providers),
            plan(Scope::Choice, &choices),
        );
        match plans {
            (Some(applicants), Some(providers), Some(choices)) => Ok(Self {
                rules,
                applicants,
                providers,
                choices,
            }),
            _ => Err(wrong),
        }
    }

    /// Returns the masks of every applicant, in the register's order.
    ///
    /// # Errors
    /// A clause that has no answer on a row; the first such row is named.
    pub fn applicants(&self, register: &Register) -> Result<Vec<Masks>, Diagnostic> {
        let tables = vec![(Scope::Applicant, register, None)];
        let input = Input::new(self.rules, tables)?;
        let mut masks = vec![Masks::default(); register.rows];
        run(&self.applicants, &input, &mut masks, |_, columns, masks| {
            for (bit, column) in columns.iter().enumerate() {
                set_bits(column, masks, |m| &mut m.holds, |m| &mut m.unknown, bit);
            }
        })?;
        Ok(masks)
    }

    /// Returns the seats of every provider, in the register's order.
    ///
    /// # Errors
    /// Seats that cannot be computed, are missing, negative or too many; the first
    /// such row is named.
    pub fn providers(&self, register: &Register) -> Result<Vec<ProviderFacts>, Diagnostic> {
        let tables = vec![(Scope::Provider, register, None)];
        let input = Input::new(self.rules, tables)?;
        let mut seats: Vec<Vec<Option<i64>>> = vec![Vec::new(); register.rows];
        run(&self.providers, &input, &mut seats, |_, columns, seats| {
            for column in columns {
                if let Some(numbers) = column.as_primitive_opt::<Int64Type>() {
                    for (row, number) in seats.iter_mut().zip(numbers) {
                        row.push(number);
                    }
                }
            }
        })?;
        let (reserves, ceilings) = (self.rules.reserves.len(), self.rules.ceilings.len());
        let mut facts = Vec::with_capacity(register.rows);
        for (row, numbers) in seats.into_iter().enumerate() {
            let mut seats = Vec::with_capacity(numbers.len());
            for (found, expression) in numbers.iter().zip(&self.providers.expressions) {
                match found.and_then(|n| u32::try_from(n).ok()) {
                    Some(number) => seats.push(number),
                    None => return Err(bad_seats(register, row, &expression.at, *found)),
                }
            }
            let mut seats = seats.into_iter();
            facts.push(ProviderFacts {
                capacity: seats.next().unwrap_or(0),
                reserves: seats.by_ref().take(reserves).collect(),
                ceilings: seats.by_ref().take(ceilings).collect(),
                minimum: seats.next().unwrap_or(0),
            });
        }
        Ok(facts)
    }

    /// Returns what the rules say of every choice, in the register's order;
    /// `applicant_index` and `provider_index` give the rows behind each choice.
    ///
    /// # Errors
    /// As [`Engine::choices_into`].
    pub fn choices(
        &self,
        registers: [&Register; 3],
        applicant_index: &[u32],
        provider_index: &[u32],
    ) -> Result<Vec<ChoiceFacts>, Diagnostic> {
        let [_, _, choices] = registers;
        let mut facts = vec![ChoiceFacts::default(); choices.rows];
        let behind = [applicant_index, provider_index];
        self.choices_into(registers, behind, &mut facts, |row, fact| *row = *fact)?;
        Ok(facts)
    }

    /// Puts what the rules say of every choice into `rows`, which has one for each
    /// in the register's order. `registers` are applicants, providers, choices;
    /// `behind` gives for each choice the row of its applicant and of its provider.
    ///
    /// # Errors
    /// An expression that has no answer on a row; the first such row is named. A
    /// score that is missing or beyond 2^53.
    pub fn choices_into<T: Send>(
        &self,
        registers: [&Register; 3],
        behind: [&[u32]; 2],
        rows: &mut [T],
        put: impl Fn(&mut T, &ChoiceFacts) + Sync,
    ) -> Result<(), Diagnostic> {
        let [applicants, providers, choices] = registers;
        let [applicant_index, provider_index] = behind;
        let tables = vec![
            (Scope::Applicant, applicants, Some(applicant_index)),
            (Scope::Provider, providers, Some(provider_index)),
            (Scope::Choice, choices, None),
        ];
        let input = Input::new(self.rules, tables)?;
        // The lowest row whose score cannot be, whichever thread sees it first.
        let wrong = AtomicUsize::new(usize::MAX);
        run(&self.choices, &input, rows, |start, columns, rows| {
            let mut facts = vec![ChoiceFacts::default(); rows.len()];
            self.choice_facts(columns, &mut facts);
            let outside = |f: &ChoiceFacts| !(-SCORE_MAX..=SCORE_MAX).contains(&f.score);
            if let Some(row) = facts.iter().position(outside) {
                wrong.fetch_min(start + row, Ordering::Relaxed);
            }
            for (row, fact) in rows.iter_mut().zip(&facts) {
                put(row, fact);
            }
        })?;
        match wrong.into_inner() {
            usize::MAX => Ok(()),
            row => Err(bad_score(choices, row)),
        }
    }

    /// Reads the answers of the choices' plan: clauses, tiers, members, score.
    fn choice_facts(&self, columns: &[ArrayRef], facts: &mut [ChoiceFacts]) {
        let clauses = self.rules.clauses_of(Scope::Choice).count();
        let (tiers, reserves) = (self.rules.tiers.len(), self.rules.reserves.len());
        let ceilings = self.rules.ceilings.len();
        let mut columns = columns.iter();
        for (bit, column) in columns.by_ref().take(clauses).enumerate() {
            set_bits(column, facts, |f| &mut f.holds, |f| &mut f.unknown, bit);
        }
        for (bit, column) in columns.by_ref().take(tiers).enumerate() {
            set_bits(
                column,
                facts,
                |f| &mut f.tier_holds,
                |f| &mut f.tier_unknown,
                bit,
            );
        }
        for (bit, column) in columns.by_ref().take(reserves).enumerate() {
            set_members(column, facts, |f| &mut f.reserves, bit);
        }
        for (bit, column) in columns.by_ref().take(ceilings).enumerate() {
            set_members(column, facts, |f| &mut f.ceilings, bit);
        }
        let scores = columns.next();
        if let Some(scores) = scores.and_then(|c| c.as_primitive_opt::<Int64Type>()) {
            for (fact, score) in facts.iter_mut().zip(scores) {
                // A missing score is out of range, and told as such.
                fact.score = score.unwrap_or(i64::MAX);
            }
        }
    }
}

/// Sets a bit in each row where the answer is yes, and one where there is none.
fn set_bits<T>(
    column: &ArrayRef,
    rows: &mut [T],
    holds: impl Fn(&mut T) -> &mut u32,
    unknown: impl Fn(&mut T) -> &mut u32,
    bit: usize,
) {
    let Some(answers) = column.as_boolean_opt() else {
        return;
    };
    for (row, yes) in rows.iter_mut().zip(known(answers).iter()) {
        *holds(row) |= u32::from(yes) << bit;
    }
    if let Some(nulls) = answers.nulls().filter(|n| n.null_count() > 0) {
        for (row, known) in rows.iter_mut().zip(nulls.iter()) {
            *unknown(row) |= u32::from(!known) << bit;
        }
    }
}

fn set_members<T>(
    column: &ArrayRef,
    rows: &mut [T],
    members: impl Fn(&mut T) -> &mut u16,
    bit: usize,
) {
    let Some(answers) = column.as_boolean_opt() else {
        return;
    };
    for (row, yes) in rows.iter_mut().zip(known(answers).iter()) {
        *members(row) |= u16::from(yes) << bit;
    }
}

/// Returns the rows where the answer is a known yes.
fn known(answers: &BooleanArray) -> datafusion::arrow::buffer::BooleanBuffer {
    match answers.nulls() {
        Some(nulls) => answers.values() & nulls.inner(),
        None => answers.values().clone(),
    }
}

fn bad_seats(register: &Register, row: usize, at: &str, found: Option<i64>) -> Diagnostic {
    let row = register.name_of(row);
    let (zh, en) = match found {
        Some(number) => (number.to_string(), number.to_string()),
        None => ("缺失".to_owned(), "nothing".to_owned()),
    };
    Diagnostic::error(
        "engine/seats",
        Text::new(
            format!("`{at}` 在 {row} 的结果是 {zh},应为 0 至 4294967295 的整数"),
            format!("`{at}` gives {en} on {row}; seats are whole numbers from 0 to 4294967295"),
        ),
    )
}

fn bad_score(choices: &Register, row: usize) -> Diagnostic {
    let row = choices.name_of(row);
    Diagnostic::error(
        "engine/score",
        Text::new(
            format!("`score` 在 {row} 缺失,或绝对值超过 2^53"),
            format!("`score` is missing on {row}, or beyond 2^53"),
        ),
    )
}
