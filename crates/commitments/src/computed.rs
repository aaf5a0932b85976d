//! Figures that queries give, held against targets apart from reported ones.

use minsheng_model::{Date, Text};

use crate::register::{Commitment, Computed, Kind, Observation, Register};
use crate::track::{Actuals, ComputedFigure, Schedule, expected, judged};

/// What queries give by a day: the newest of each indicator.
pub(crate) fn computed(
    register: &Register,
    c: &Commitment,
    known: &[&Observation],
    as_of: Date,
    actuals: &dyn Actuals,
) -> Result<Vec<ComputedFigure>, Text> {
    let mut all: Vec<ComputedFigure> = Vec::new();
    for q in c.computed.iter().filter(|q| q.as_of <= as_of) {
        let Some(i) = register.indicator(&q.indicator) else {
            continue;
        };
        let newer = |o: &&Computed| o.indicator == q.indicator && o.as_of > q.as_of;
        if c.computed
            .iter()
            .filter(|o| o.as_of <= as_of)
            .any(|o| newer(&o))
        {
            continue;
        }
        let (value, counted) = match actuals.actual(q)? {
            Some((value, counted)) => (Some(value), counted),
            None => (None, Text::same("")),
        };
        // A flow answers a target only when it is counted over that target's time.
        let target = c.targets.iter().find(|t| {
            let within = t.period_end.is_none_or(|e| q.as_of <= e)
                && t.period_start.is_none_or(|s| q.as_of >= s);
            let counted = i.kind != Kind::Flow || q.period_start == t.period_start;
            t.indicator == q.indicator && t.announced <= as_of && within && counted
        });
        let evidence = target.map(|t| {
            let ended = t.period_end.is_some_and(|e| q.as_of >= e);
            let schedule = if ended {
                Schedule::Ended
            } else {
                Schedule::Running
            };
            let due = expected(t, i, q.as_of);
            judged(value, t, i, schedule, due, register.tolerance)
        });
        let reported = known
            .iter()
            .filter(|o| o.indicator == q.indicator && o.period_end <= q.as_of)
            .max_by_key(|o| (o.period_end, o.known))
            .map(|o| o.value);
        all.push(ComputedFigure {
            indicator: q.indicator.clone(),
            title: i.title.clone(),
            unit: i.unit.clone(),
            as_of: q.as_of,
            value,
            counted,
            sql: q.sql.get_ref().trim().to_owned(),
            target: target.map(|t| t.value),
            evidence,
            reported,
        });
    }
    Ok(all)
}
