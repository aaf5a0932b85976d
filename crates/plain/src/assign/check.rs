//! Outcomes of transport problems, checked.

use std::collections::HashMap;

use minsheng_assignment::FORBIDDEN;
use minsheng_verify::Report;
use minsheng_verify::assignment::{PlanClaim, TransportCase, check_plan, check_short};
use serde_json::{Value, json};

use super::json::{FORMAT, Overload, Transport};
use crate::error::PlainError;
use crate::site::fields::Fields;

pub(super) fn check(t: &Transport, outcome: &Fields<'_>) -> Result<Report, PlainError> {
    let m = t.capacity.len();
    let cost = |i: usize, j: usize| -> Option<i64> {
        if i >= t.amount.len() || j >= m {
            return None;
        }
        match &t.places {
            Some((again, reach)) => {
                Some(again.cost(i, j)?).filter(|c| reach.is_none_or(|r| *c <= r))
            }
            None => t
                .matrix
                .costs
                .get(i * m + j)
                .copied()
                .filter(|c| *c != FORBIDDEN),
        }
    };
    outcome.expect("mechanism", "assign")?;
    outcome.expect("model", "transport")?;
    let certificate = outcome.member("certificate")?;
    certificate.expect("format", FORMAT)?;
    let mut capacity = t.capacity.clone();
    let mut first = None;
    if let Some(overload) = outcome.get("overload") {
        let overload = Fields(overload);
        let by = overload.whole("per_mille")?;
        let stretch = |by: i64| -> Option<Vec<i64>> {
            let one = |c: &i64| {
                i64::try_from(i128::from(*c) + (i128::from(*c) * i128::from(by) + 999) / 1000).ok()
            };
            t.capacity.iter().map(one).collect()
        };
        if t.overload != Overload::Share || by < 1 {
            return Err(Fields::wrong(
                "overload",
                "实例不允许",
                "is not what the instance allows",
            ));
        }
        let (Some(less), Some(more)) = (stretch(by - 1), stretch(by)) else {
            return Err(Fields::wrong("overload", "过大", "is too large"));
        };
        let witness = overload
            .whole_list("witness")?
            .into_iter()
            .map(|d| usize::try_from(d).unwrap_or(usize::MAX));
        let case = TransportCase {
            amount: &t.amount,
            lower: &t.lower,
            capacity: &less,
            cost: &cost,
        };
        first = Some(check_short(&case, &witness.collect::<Vec<usize>>()));
        capacity = more;
    }
    let case = TransportCase {
        amount: &t.amount,
        lower: &t.lower,
        capacity: &capacity,
        cost: &cost,
    };
    let mut report = if outcome.text("status")? == "proved-infeasible" {
        outcome.nothing(&["objective", "bound", "gap", "assignment"])?;
        if certificate.get("providers").is_some() {
            return check_cut(t, &certificate);
        }
        let demands = certificate.whole_list("demands")?;
        let demands: Vec<usize> = demands
            .into_iter()
            .map(|d| usize::try_from(d).unwrap_or(usize::MAX))
            .collect();
        check_short(&case, &demands)
    } else {
        check_plan(&case, &claim(t, outcome, &certificate)?)
    };
    if let Some(first) = first {
        report.checks.splice(0..0, first.checks);
    }
    Ok(report)
}

/// Checks an impossible instance with lower bounds as the graph that it is.
fn check_cut(t: &Transport, certificate: &Fields<'_>) -> Result<Report, PlainError> {
    let net = t.graph();
    let n = t.amount.len();
    let mut cut = Fields::indices("demands", certificate.member("demands")?.0)?;
    cut.extend(
        Fields::indices("providers", certificate.member("providers")?.0)?
            .iter()
            .map(|p| p.saturating_add(n)),
    );
    if certificate.get("sink") == Some(&Value::Bool(true)) {
        cut.push(n + t.capacity.len());
    }
    let one: Vec<usize> = cut.iter().map(|c| c.saturating_add(1)).collect();
    let value =
        json!({ "status": "proved-infeasible", "certificate": { "format": FORMAT, "cut": one } });
    super::dimacs::check(&net, &Fields(&value))
}

fn claim(
    t: &Transport,
    outcome: &Fields<'_>,
    certificate: &Fields<'_>,
) -> Result<PlanClaim, PlainError> {
    let (objective, bound) = (outcome.wide("objective", 0)?, outcome.wide("bound", 0)?);
    let gap = objective.checked_sub(bound);
    if gap != Some(outcome.wide("gap", 0)?) {
        return Err(Fields::wrong(
            "gap",
            "应为目标值与下界之差",
            "has to be the difference of objective and bound",
        ));
    }
    let status = outcome.text("status")?;
    let fits = match gap {
        Some(0) => status == "proved-optimal",
        Some(gap) => t.whole && status == format!("within {gap} of optimum"),
        None => false,
    };
    if !fits {
        return Err(Fields::unknown_status(status));
    }
    let index: HashMap<&str, usize> = t
        .providers
        .iter()
        .enumerate()
        .map(|(k, id)| (id.as_str(), k))
        .collect();
    let Value::Object(assigned) = outcome.member("assignment")?.0 else {
        return Err(Fields::wrong(
            "assignment",
            "应为对象",
            "has to be an object",
        ));
    };
    if assigned.len() != t.demands.len() {
        return Err(Fields::wrong(
            "assignment",
            "须列出全部需求",
            "has to name every demand",
        ));
    }
    let mut flow = Vec::new();
    for (demand, id) in t.demands.iter().enumerate() {
        let Some(Value::Object(parts)) = assigned.get(id) else {
            return Err(Fields::wrong(
                "assignment",
                &format!("缺少 `{id}`"),
                &format!("does not name `{id}`"),
            ));
        };
        for (name, units) in parts {
            let provider = index.get(name.as_str()).copied().unwrap_or(usize::MAX);
            let units = Fields::index("assignment", units)?;
            flow.push((demand, provider, i64::try_from(units).unwrap_or(i64::MAX)));
        }
    }
    let by_name = |name: &str| -> Result<Option<Vec<Option<i128>>>, PlainError> {
        let Some(Value::Object(map)) = outcome.get(name) else {
            return Ok(None);
        };
        let all = t.providers.iter().map(|id| match map.get(id) {
            Some(Value::Null) => Ok(None),
            Some(_) => Fields(&Value::Object(map.clone())).wide(id, 0).map(Some),
            None => Err(Fields::wrong(
                name,
                &format!("缺少 `{id}`"),
                &format!("does not name `{id}`"),
            )),
        });
        all.collect::<Result<Vec<_>, _>>().map(Some)
    };
    let gain = by_name("one_more_seat")?.map(|g| g.into_iter().map(|v| v.unwrap_or(-1)).collect());
    Ok(PlanClaim {
        flow,
        price: certificate.wide_list("price")?,
        objective,
        bound,
        whole: t.whole,
        gain,
        loss: by_name("one_seat_less")?,
    })
}
