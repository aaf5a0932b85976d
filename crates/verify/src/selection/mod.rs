//! Choices of projects, checked without the solver.
//!
//! The instance is read again from its text, the sums are added again, and the
//! proof of the bound is replayed in integers. Nothing here is shared with the
//! crate that chose.

mod calendar;
mod case;
mod choice;
mod instance;
mod number;
mod outcome;
mod pareto;
mod ranked;
mod replay;
mod text;

pub use calendar::check_calendar;
use minsheng_model::Text;
pub(crate) use number::scaled;
use serde::Deserialize;

use crate::report::{Checks, Report, offends};

/// Checks an outcome of `solve select` or `solve calendar` against its instance, both
/// as text: JSON, or OR-Library's multi-dimensional knapsacks for the instance.
///
/// What cannot be read is a check that does not hold.
#[must_use]
pub fn check(instance: &str, outcome: &str) -> Report {
    #[derive(Deserialize)]
    struct Peek {
        mechanism: Option<String>,
    }
    let peek: Option<Peek> = serde_json::from_str(outcome).ok();
    if peek.and_then(|p| p.mechanism).as_deref() == Some("calendar") {
        return check_calendar(instance, outcome);
    }
    let mut checks = Checks::default();
    if let Err(said) = run(&mut checks, instance, outcome) {
        let (zh, en) = ("文件可读", "the files can be read");
        checks.add("select/read", zh, en, 1, Some(said));
    }
    checks.report(
        Text::new(
            "所选项目合规,合计无误,且没有更好的选择超过所称上界",
            "the choice keeps every rule, its sums are right, and no choice is better than the stated bound",
        ),
        Text::new(
            "项目的分值、费用和条件是否属实",
            "whether the projects' values, costs and gates are true",
        ),
    )
}

fn run(checks: &mut Checks, instance: &str, outcome: &str) -> Result<(), Text> {
    let cases = if instance.trim_start().starts_with('{') {
        let written = instance::parse(instance)?;
        if written.mechanism.as_deref() == Some("ranked") {
            return ranked::check(checks, &written, outcome);
        }
        vec![instance::read(&written)?]
    } else {
        text::read(instance)?
    };
    let outcomes = outcome::read(outcome)?;
    if cases.len() != outcomes.len() {
        let (n, m) = (cases.len(), outcomes.len());
        return Err(offends(
            "problems",
            &format!("问题 {n} 个,结果 {m} 个"),
            &format!("there are {n} of them and {m} outcomes"),
        ));
    }
    for (case, outcome) in cases.iter().zip(&outcomes) {
        choice::check(checks, case, outcome);
    }
    Ok(())
}
