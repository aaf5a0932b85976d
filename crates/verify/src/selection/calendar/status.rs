//! The word for what was proved, and the gap, from objective and bound.

use super::Outcome;
use crate::report::{Found, differs, offends};

pub(super) fn status(outcome: &Outcome) -> Found {
    let word = match (outcome.objective, outcome.bound) {
        (Some(o), Some(b)) if o == b => "proved-optimal".to_owned(),
        (Some(o), Some(b)) => format!("within {} of optimum", o - b),
        (Some(_), None) => "feasible, no bound".to_owned(),
        (None, Some(_)) => "undecided".to_owned(),
        (None, None) => "proved-infeasible".to_owned(),
    };
    if word != outcome.status {
        return differs("status", word.as_str(), outcome.status.as_str());
    }
    let gap = outcome.objective.zip(outcome.bound).and_then(|(o, b)| {
        let size = o.checked_abs()?.max(1);
        let nano = (o - b).checked_mul(1_000_000_000)?;
        Some(nano.div_euclid(size) + i128::from(nano.rem_euclid(size) != 0))
    });
    let told = outcome.gap.as_ref();
    let told = told.and_then(|g| crate::selection::number::scaled(&g.to_string(), 9));
    (gap != told || gap.is_some() != outcome.gap.is_some()).then(|| {
        offends(
            "gap",
            "有误",
            "is not the difference of bound and objective",
        )
    })
}
