//! The plain instances of `select` and `rank`.

use minsheng_model::{Diagnostic, Limits, Order, Ranking, Selection};
use serde_json::{Map, Value};

use super::{Facts, limits};

/// Returns the instance of a choice for the greatest value.
pub(super) fn selection(known: &Facts<'_>, own: &Selection) -> Result<Value, Vec<Diagnostic>> {
    let mut projects = Vec::with_capacity(known.eligible.len());
    for row in &known.eligible {
        let mut project = limits::project(known, "select", &own.limits, *row);
        let value = known.candidate(*row, "select.value");
        project.insert("value".to_owned(), value.into());
        projects.push(Value::from(project));
    }
    let mut instance = around(known, "select", &own.limits, projects, own.explain)?;
    instance.insert("mechanism".to_owned(), "optimise".into());
    if let Some(effort) = own.effort {
        instance.insert("effort".to_owned(), effort.into());
    }
    Ok(instance.into())
}

/// Returns the instance of a ranked list.
pub(super) fn ranking(known: &Facts<'_>, own: &Ranking) -> Result<Value, Vec<Diagnostic>> {
    let ties = ties(known, own);
    let mut projects = Vec::with_capacity(known.eligible.len());
    for (row, tie) in known.eligible.iter().zip(ties) {
        let mut project = limits::project(known, "rank", &own.limits, *row);
        let first = own.tiers.iter().position(|t| {
            let at = format!("rank.tiers.{}", t.id);
            known.candidate(*row, &at) == 1
        });
        let tier = first.unwrap_or(own.tiers.len());
        let score = known.candidate(*row, "rank.score");
        let score = match own.score.order {
            Order::HighFirst => score,
            Order::LowFirst => score.saturating_neg(),
        };
        project.insert("tier".to_owned(), tier.into());
        project.insert("score".to_owned(), score.into());
        project.insert("tie".to_owned(), tie.into());
        projects.push(Value::from(project));
    }
    let mut instance = around(known, "rank", &own.limits, projects, own.explain)?;
    instance.insert("mechanism".to_owned(), "ranked".into());
    instance.insert("stop_at_budget".to_owned(), own.stop_at_budget.into());
    Ok(instance.into())
}

/// What parts the eligible candidates whose tier and score are equal: the rules' figure;
/// with a draw, their places in the order of that figure and the draw.
fn ties(known: &Facts<'_>, own: &Ranking) -> Vec<i64> {
    let figure = |row: &usize| match &own.tie {
        Some(_) => known.candidate(*row, "rank.tie"),
        None => 0,
    };
    if known.ranks.is_empty() {
        return known.eligible.iter().map(figure).collect();
    }
    let rank = |row: &usize| known.ranks.get(*row).copied().unwrap_or(u32::MAX);
    let mut order: Vec<(i64, u32, usize)> = known
        .eligible
        .iter()
        .enumerate()
        .map(|(place, row)| (figure(row), rank(row), place))
        .collect();
    order.sort_unstable();
    let mut ties = vec![0i64; order.len()];
    for (tie, (_, _, place)) in (1i64..).zip(order) {
        if let Some(own) = ties.get_mut(place) {
            *own = tie;
        }
    }
    ties
}

fn around(
    known: &Facts<'_>,
    kind: &str,
    own: &Limits,
    projects: Vec<Value>,
    explain: bool,
) -> Result<Map<String, Value>, Vec<Diagnostic>> {
    limits::known_groups(known, own)?;
    let mut instance = Map::new();
    limits::add(known, kind, own, &mut instance);
    let asked = known.eligible.iter().filter(|_| explain);
    let asked: Vec<Value> = asked.map(|row| known.ticket(*row).into()).collect();
    instance.insert("explain".to_owned(), asked.into());
    instance.insert("projects".to_owned(), projects.into());
    Ok(instance)
}
