//! A mechanism's figures over whole registers.

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _};
use datafusion::arrow::datatypes::Int64Type;
use minsheng_model::{Diagnostic, Gives, Rules, Scope, Sees, Text, Type, Wanted};

use super::plan::{Plan, Planner};
use super::run::{Input, run};
use crate::register::Register;

/// Some figures that see the same rows.
#[derive(Debug)]
struct Part {
    plan: Plan,
    gives: Vec<Gives>,
}

/// A mechanism's figures, ready to run over whole registers.
#[derive(Debug)]
pub struct Figures<'r> {
    rules: &'r Rules,
    candidates: Part,
    groups: Part,
    parameters: Part,
}

impl<'r> Figures<'r> {
    /// Plans every figure of the rules' mechanism.
    ///
    /// # Errors
    /// Every expression that the engine refuses, with its place in the rules.
    pub fn new(rules: &'r Rules) -> Result<Self, Vec<Diagnostic>> {
        let planner = Planner::new(rules)?;
        let all = rules.mechanism.figures();
        let part = |sees: Sees, scope: Scope| -> Result<Part, Vec<Diagnostic>> {
            let own: Vec<&Wanted<'_>> = all.iter().filter(|w| w.sees == sees).collect();
            let list: Vec<(String, &str, Type)> = own
                .iter()
                .map(|w| (w.at.clone(), w.sql, type_of(w.gives)))
                .collect();
            Ok(Part {
                plan: planner.plan(scope, &list)?,
                gives: own.iter().map(|w| w.gives).collect(),
            })
        };
        Ok(Self {
            rules,
            candidates: part(Sees::Candidate, Scope::Applicant)?,
            groups: part(Sees::Group, Scope::Provider)?,
            parameters: part(Sees::Parameters, Scope::Provider)?,
        })
    }

    /// Returns the figures of every candidate, row by row, each in the order of
    /// [`minsheng_model::Mechanism::figures`].
    ///
    /// # Errors
    /// A figure that has no answer on a row; the first such row is named.
    pub fn candidates(&self, register: &Register) -> Result<Vec<Vec<i64>>, Diagnostic> {
        let input = Input::new(self.rules, vec![(Scope::Applicant, register, None)])?;
        let name = |row| register.name_of(row);
        self.candidates.run(&input, register.rows, &name)
    }

    /// Returns the figures of every group, row by row.
    ///
    /// # Errors
    /// As [`Figures::candidates`].
    pub fn groups(&self, register: &Register) -> Result<Vec<Vec<i64>>, Diagnostic> {
        let input = Input::new(self.rules, vec![(Scope::Provider, register, None)])?;
        let name = |row| register.name_of(row);
        self.groups.run(&input, register.rows, &name)
    }

    /// Returns the figures over parameters alone.
    ///
    /// # Errors
    /// A figure that has no answer, or that reads a column after all.
    pub fn parameters(&self) -> Result<Vec<i64>, Diagnostic> {
        let input = Input::new(self.rules, Vec::new())?;
        let name = |_| "`parameters`".to_owned();
        let rows = self.parameters.run(&input, 1, &name)?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }
}

impl Part {
    fn run(
        &self,
        input: &Input<'_>,
        rows: usize,
        name: &dyn Fn(usize) -> String,
    ) -> Result<Vec<Vec<i64>>, Diagnostic> {
        let mut answers: Vec<Vec<Option<i64>>> = vec![Vec::new(); rows];
        run(&self.plan, input, &mut answers, |_, columns, answers| {
            for (column, gives) in columns.iter().zip(&self.gives) {
                for (row, answer) in answers.iter_mut().enumerate() {
                    row_value(column, *gives, row, answer);
                }
            }
        })?;
        let mut whole = Vec::with_capacity(rows);
        for (row, answer) in answers.into_iter().enumerate() {
            if let Some(at) = answer.iter().position(Option::is_none) {
                let at = self.plan.expressions.get(at).map_or("", |e| e.at.as_str());
                let row = name(row);
                return Err(Diagnostic::error(
                    "engine/figure",
                    Text::new(
                        format!("`{at}` 在 {row} 缺失"),
                        format!("`{at}` is missing on {row}"),
                    ),
                ));
            }
            whole.push(answer.into_iter().flatten().collect());
        }
        Ok(whole)
    }
}

fn row_value(column: &ArrayRef, gives: Gives, row: usize, answer: &mut Vec<Option<i64>>) {
    let missing = column.is_null(row);
    answer.push(match gives {
        Gives::Whole => column
            .as_primitive_opt::<Int64Type>()
            .filter(|_| !missing)
            .map(|numbers| numbers.value(row)),
        Gives::Truth | Gives::Doubt => match column.as_boolean_opt() {
            Some(truths) if !missing => Some(i64::from(truths.value(row))),
            _ => (gives == Gives::Doubt).then_some(0),
        },
    });
}

fn type_of(gives: Gives) -> Type {
    match gives {
        Gives::Whole => Type::Integer,
        Gives::Truth | Gives::Doubt => Type::Boolean,
    }
}
