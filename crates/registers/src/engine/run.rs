//! Plans over registers: chunk by chunk, in parallel, in the rows' order.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::common::Result as EngineResult;
use minsheng_model::{Diagnostic, Rules, Scope, Text};
use rayon::prelude::*;

use super::fault::Fault;
use super::plan::{Expression, Plan};
use crate::register::{Register, arrow_type};

/// Rows evaluated at a time: large enough for the engine, small enough for the
/// processor's cache. The answers do not depend on it.
const CHUNK_ROWS: usize = 32_768;

/// A register and, where its rows are not the rows evaluated, which of them stands
/// behind each.
type Source<'a> = (Scope, &'a Register, Option<&'a [u32]>);

/// The rows of one evaluation. The last table's rows are the rows evaluated.
pub(super) struct Input<'a> {
    tables: Vec<Source<'a>>,
}

impl<'a> Input<'a> {
    /// Sees that the registers are those the rules declare, and that every index
    /// points to a row.
    pub fn new(rules: &Rules, tables: Vec<Source<'a>>) -> Result<Self, Diagnostic> {
        let rows = tables.last().map_or(0, |(_, register, _)| register.rows);
        for (scope, register, index) in &tables {
            let declared = match scope {
                Scope::Applicant => &rules.applicants,
                Scope::Provider => &rules.providers,
                Scope::Choice => &rules.choices,
            };
            let columns = declared.columns.iter().map(|c| arrow_type(c.data_type));
            let found = register
                .batch
                .columns()
                .iter()
                .map(|c| c.data_type().clone());
            if !columns.eq(found) || register.rows != register.batch.num_rows() {
                return Err(internal(&format!(
                    "register `{}` is another than declared",
                    declared.name
                )));
            }
            if let Some(index) = index {
                let outside = index.iter().any(|i| *i as usize >= register.rows);
                if index.len() != rows || outside {
                    return Err(internal(&format!(
                        "rows of `{}` are named that it has not",
                        declared.name
                    )));
                }
            }
        }
        Ok(Self { tables })
    }

    /// Returns the columns that a plan needs for some rows.
    fn batch(&self, plan: &Plan, start: usize, rows: usize) -> Result<RecordBatch, ArrowError> {
        let mut fields = Vec::with_capacity(plan.columns.len());
        let mut columns = Vec::with_capacity(plan.columns.len());
        for (scope, index) in &plan.columns {
            let source = self.tables.iter().find(|(s, ..)| s == scope);
            let Some((_, register, behind)) = source else {
                return Err(ArrowError::SchemaError("a table is not at hand".to_owned()));
            };
            let Some(array) = register.batch.columns().get(*index) else {
                return Err(ArrowError::SchemaError(
                    "a column is not at hand".to_owned(),
                ));
            };
            let array = match behind {
                None => array.slice(start, rows),
                Some(behind) => {
                    let rows = behind.get(start..start + rows).unwrap_or_default();
                    take(array, &UInt32Array::from(rows.to_vec()), None)?
                }
            };
            let name = format!("{index}");
            fields.push(Field::new(name, array.data_type().clone(), true));
            columns.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
    }

    fn name_of(&self, row: usize) -> String {
        let register = self.tables.last().map(|(_, register, _)| register);
        register.map_or_else(String::new, |r| r.name_of(row))
    }
}

/// Evaluates a plan over every row and puts the answers into `answers`, which has
/// one entry per row; `put` is told the first row of its part.
///
/// # Errors
/// The first row, and on it the first expression, that has no answer.
pub(super) fn run<T: Send>(
    plan: &Plan,
    input: &Input<'_>,
    answers: &mut [T],
    put: impl Fn(usize, &[ArrayRef], &mut [T]) + Sync,
) -> Result<(), Diagnostic> {
    let results: Vec<Result<(), Diagnostic>> = answers
        .par_chunks_mut(CHUNK_ROWS)
        .enumerate()
        .map(|(chunk, answers)| {
            let start = chunk * CHUNK_ROWS;
            let batch = input
                .batch(plan, start, answers.len())
                .map_err(|e| internal(&e.to_string()))?;
            let mut columns = Vec::with_capacity(plan.expressions.len());
            for expression in &plan.expressions {
                match evaluate(expression, &batch) {
                    Ok(column) => columns.push(column),
                    Err(_) => return Err(first_failure(plan, input, &batch, start)),
                }
            }
            put(start, &columns, answers);
            Ok(())
        })
        .collect();
    // The first chunk's error, whichever thread was first.
    results.into_iter().collect()
}

fn evaluate(expression: &Expression, batch: &RecordBatch) -> EngineResult<ArrayRef> {
    let value = expression.physical.evaluate(batch)?;
    value.into_array(batch.num_rows())
}

/// Returns the diagnostic of the first row on which an expression fails.
fn first_failure(plan: &Plan, input: &Input<'_>, batch: &RecordBatch, start: usize) -> Diagnostic {
    let mut first: Option<(usize, &Expression, Fault)> = None;
    for expression in &plan.expressions {
        // Rows after the first failure found so far do not matter any more.
        let within = first.as_ref().map_or(batch.num_rows(), |(row, ..)| *row);
        if let Some((row, fault)) = first_failing_row(expression, &batch.slice(0, within)) {
            first = Some((row, expression, fault));
        }
    }
    let Some((row, expression, fault)) = first else {
        return internal("an expression fails on many rows and on none of them");
    };
    let (at, row, said) = (&expression.at, input.name_of(start + row), fault.text());
    Diagnostic::error(
        "engine/row",
        Text::new(
            format!("`{at}` 在 {row} 没有结果:{}", said.zh),
            format!("`{at}` has no answer on {row}: {}", said.en),
        ),
    )
    .help(Text::new(
        "请核对该行的值,或改写表达式",
        "look at that row's values, or write the expression otherwise",
    ))
}

/// Halves the batch until the first failing row stands alone: an expression fails
/// on a batch exactly when it fails on one of its rows.
fn first_failing_row(expression: &Expression, batch: &RecordBatch) -> Option<(usize, Fault)> {
    if batch.num_rows() == 0 {
        return None;
    }
    let mut error = evaluate(expression, batch).err()?;
    let (mut from, mut to) = (0, batch.num_rows());
    while to - from > 1 {
        let middle = from + (to - from) / 2;
        match evaluate(expression, &batch.slice(from, middle - from)) {
            Err(earlier) => (to, error) = (middle, earlier),
            Ok(_) => from = middle,
        }
    }
    // The error of that row alone, not of the batch around it.
    if let Err(alone) = evaluate(expression, &batch.slice(from, 1)) {
        error = alone;
    }
    Some((from, Fault::of(&error)))
}

fn internal(said: &str) -> Diagnostic {
    Diagnostic::error(
        "engine/internal",
        Text::new(
            format!("规则引擎内部错误:{said}"),
            format!("the rule engine failed: {said}"),
        ),
    )
}
