//! `solve select`: which projects.

mod build;
mod case;
mod decimal;
mod input;
mod layout;
mod orlib;
mod output;
mod ranked;

pub(crate) use build::Mistakes;
pub(crate) use layout::text;
pub(crate) use output::{gap, number, status};

use std::sync::atomic::{AtomicUsize, Ordering};

use minsheng_selection::{Effort, Outcome, select};

use crate::error::PlainError;
use crate::solve::syntax;

use case::Case;
use input::{Instance, Mechanism};

/// Work of one problem, in millions of multiplications, unless the instance says
/// otherwise; some ten seconds.
const EFFORT: u64 = 10_000;
/// Work of all problems of one file together.
const EFFORT_FILE: u64 = 120_000;

/// Returns the JSON Schema of the input of [`solve_select`].
#[must_use]
pub fn schema_select() -> serde_json::Value {
    schemars::schema_for!(Instance).to_value()
}

/// Chooses projects: an instance as JSON, or OR-Library's multi-dimensional
/// knapsacks (`mknap1`, `mknap2`, `mknapcb1` to `9`); returns the outcome as JSON,
/// `{"problems": […]}` when the text holds several.
///
/// The outcome was checked by code that shares nothing with the solver before it is
/// returned.
///
/// # Errors
/// Every mistake of the instance with its line and column.
pub fn solve_select(text: &str) -> Result<String, PlainError> {
    let json = text.trim_start().starts_with('{');
    let cases = if json {
        let instance: Instance = serde_json::from_str(text).map_err(|e| syntax(&e))?;
        let case = build::build(text, &instance)?;
        if instance.mechanism == Mechanism::Ranked {
            return checked(text, ranked::solve(text, &instance, &case)?);
        }
        vec![case]
    } else {
        orlib::read(text)?
    };
    let share = (EFFORT_FILE / (cases.len() as u64).max(1)).min(EFFORT);
    let outcomes = each(&cases, |case| solve(case, share));
    let solved = outcomes.into_iter().collect::<Result<Vec<_>, _>>()?;
    let problems: Vec<output::Written<'_>> = cases
        .iter()
        .zip(&solved)
        .map(|(case, (outcome, explained))| output::written(case, outcome, explained))
        .collect();
    let said = match problems.as_slice() {
        [one] => layout::text(one),
        all => layout::text(&Several { problems: all }),
    }
    .map_err(|e| PlainError::whole(e.to_string(), e.to_string()))?;
    checked(text, said)
}

/// Returns the outcome when the independent checker finds nothing.
fn checked(instance: &str, outcome: String) -> Result<String, PlainError> {
    withheld(&minsheng_verify::selection::check(instance, &outcome))?;
    Ok(outcome)
}

/// Refuses an outcome that did not pass its check.
pub(crate) fn withheld(report: &minsheng_verify::Report) -> Result<(), PlainError> {
    let wrong = report.checks.iter().find_map(|c| c.offender.as_ref());
    wrong.map_or(Ok(()), |said| {
        Err(PlainError::whole(
            format!("内部错误,结果未通过复核,不予输出:{}", said.zh),
            format!(
                "internal error, the outcome did not pass its check and is withheld: {}",
                said.en
            ),
        ))
    })
}

#[derive(serde::Serialize)]
struct Several<'a> {
    problems: &'a [output::Written<'a>],
}

type Solved = Result<(Outcome, Vec<(usize, Outcome)>), PlainError>;

fn solve(case: &Case, share: u64) -> Solved {
    let effort = Effort {
        work: case.effort.unwrap_or(share).saturating_mul(1_000_000),
        ..Effort::default()
    };
    let shape = |e| PlainError::whole(format!("无法求解:{e}"), format!("cannot be solved: {e}"));
    let outcome = select(&case.problem, effort).map_err(shape)?;
    let mut explained = Vec::new();
    for &at in &case.explain {
        let left = outcome.chosen.as_ref().and_then(|c| c.get(at)) == Some(&false);
        let open = case.problem.fixed.get(at) == Some(&None);
        if !left || !open {
            continue;
        }
        let mut forced = case.problem.clone();
        if let Some(fixed) = forced.fixed.get_mut(at) {
            *fixed = Some(true);
        }
        explained.push((at, select(&forced, effort).map_err(shape)?));
    }
    Ok((outcome, explained))
}

/// Runs the problems on all cores; each is worked on alone, so that the outcomes
/// do not depend on how many there are.
fn each<T: Sync, R: Send>(cases: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if cases.len() <= 1 || threads == 1 {
        return cases.iter().map(run).collect();
    }
    let next = AtomicUsize::new(0);
    let mut found: Vec<(usize, R)> = std::thread::scope(|scope| {
        let worker = || {
            let mut own = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(case) = cases.get(at) else {
                    return own;
                };
                own.push((at, run(case)));
            }
        };
        let handles: Vec<_> = (0..threads.min(cases.len()))
            .map(|_| scope.spawn(worker))
            .collect();
        let joined = handles.into_iter().filter_map(|h| h.join().ok());
        joined.flatten().collect()
    });
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, r)| r).collect()
}
