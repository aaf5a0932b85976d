//! Budgets, counts, quotas and who belongs to which group, as a plain instance has
//! them.

use std::collections::BTreeSet;

use minsheng_model::{Diagnostic, Grouping, Limits, Quota, Text};
use serde_json::{Map, Value, json};

use super::{Facts, pairs};

/// The least and the most of something, as far as the rules have them.
fn ends(into: &mut Map<String, Value>, least: Option<i64>, most: Option<i64>) {
    for (key, value) in [("least", least), ("most", most)] {
        if let Some(value) = value {
            into.insert(key.to_owned(), value.into());
        }
    }
}

/// Returns the groups that a quota speaks of, each with its label and, where there is
/// one, its row in the groups' register.
fn groups_of(known: &Facts<'_>, limits: &Limits, quota: &Quota) -> Vec<(String, Option<usize>)> {
    let by = match &quota.group {
        Grouping::Members(_) => return vec![(quota.id.clone(), None)],
        Grouping::By(by) => by,
    };
    if limits.by_register(quota) {
        let rows = known.names.providers.iter().enumerate();
        return rows
            .map(|(row, name)| (label(by, name), Some(row)))
            .collect();
    }
    let columns = &known.rules.applicants.columns;
    let declared = columns.iter().find(|c| c.name == *by);
    let mut values: BTreeSet<String> = declared
        .map(|c| c.values.iter().cloned().collect())
        .unwrap_or_default();
    if values.is_empty() {
        values = known.eligible.iter().map(|r| known.text(*r, by)).collect();
    }
    values.iter().map(|v| (label(by, v), None)).collect()
}

fn label(by: &str, value: &str) -> String {
    format!("{by}={value}")
}

/// Adds budgets, count and quotas to an instance.
pub(super) fn add(known: &Facts<'_>, kind: &str, limits: &Limits, into: &mut Map<String, Value>) {
    let mut budgets = Vec::new();
    for budget in &limits.budgets {
        let at = format!("{kind}.budgets.{}", budget.id);
        let mut own = Map::new();
        own.insert("id".to_owned(), budget.id.clone().into());
        let end = |end: &str| known.parameter(&format!("{at}.{end}"));
        ends(&mut own, end("least"), end("most"));
        budgets.push(Value::from(own));
    }
    into.insert("budgets".to_owned(), budgets.into());
    if limits.count.is_some() {
        let end = |end: &str| known.parameter(&format!("{kind}.count.{end}"));
        let mut own = Map::new();
        ends(&mut own, end("least"), end("most"));
        into.insert("count".to_owned(), own.into());
    }
    let mut quotas = Vec::new();
    for quota in &limits.quotas {
        let at = format!("{kind}.quotas.{}", quota.id);
        for (label, row) in groups_of(known, limits, quota) {
            let mut own = Map::new();
            own.insert("group".to_owned(), label.into());
            if let Some(budget) = &quota.budget {
                own.insert("budget".to_owned(), budget.clone().into());
            }
            let end = |end: &str| {
                let at = format!("{at}.{end}");
                match row {
                    Some(row) => known.group(row, &at),
                    None => known.parameter(&at),
                }
            };
            ends(&mut own, end("least"), end("most"));
            quotas.push(Value::from(own));
        }
    }
    into.insert("quotas".to_owned(), quotas.into());
    let apart = pairs::exclusions(known, kind, &limits.exclusions);
    if !apart.is_empty() {
        into.insert("exclusions".to_owned(), apart.into());
    }
}

/// Returns what every project has of the limits: its name, costs, groups, and whether
/// it is in beforehand.
pub(super) fn project(
    known: &Facts<'_>,
    kind: &str,
    limits: &Limits,
    row: usize,
) -> Map<String, Value> {
    let costs: Map<String, Value> = limits
        .budgets
        .iter()
        .map(|b| {
            let cost = known.candidate(row, &format!("{kind}.budgets.{}.cost", b.id));
            (b.id.clone(), cost.into())
        })
        .collect();
    let mut groups: Vec<String> = Vec::new();
    for quota in &limits.quotas {
        let own = match &quota.group {
            Grouping::By(by) => Some(label(by, &known.text(row, by))),
            Grouping::Members(_) => {
                let at = format!("{kind}.quotas.{}.members", quota.id);
                (known.candidate(row, &at) == 1).then(|| quota.id.clone())
            }
        };
        groups.extend(own.filter(|g| !groups.contains(g)));
    }
    let mut project = Map::new();
    project.insert("id".to_owned(), known.ticket(row).into());
    project.insert("costs".to_owned(), costs.into());
    project.insert("groups".to_owned(), groups.into());
    let must = limits.must.is_some() && known.candidate(row, &format!("{kind}.must")) == 1;
    if must {
        project.insert("state".to_owned(), json!("must"));
    }
    pairs::needs(known, &limits.needs, row, &mut project);
    project
}

/// Sees that every eligible candidate belongs to a row of the groups' register, and
/// needs candidates that are in theirs.
///
/// # Errors
/// Every candidate that names something else, up to a hundred.
pub(super) fn known_groups(known: &Facts<'_>, limits: &Limits) -> Result<(), Vec<Diagnostic>> {
    if let Some(member) = &limits.member {
        in_groups(known, member)?;
    }
    pairs::known_needs(known, &limits.needs)
}

/// Sees that every eligible candidate names a row of the groups' register.
///
/// # Errors
/// As [`known_groups`].
pub(super) fn in_groups(known: &Facts<'_>, member: &str) -> Result<(), Vec<Diagnostic>> {
    let names: BTreeSet<&str> = known.names.providers.iter().map(String::as_str).collect();
    let table = &known.rules.providers.name;
    let wrong: Vec<Diagnostic> = known
        .eligible
        .iter()
        .map(|row| (known.ticket(*row), known.text(*row, member)))
        .filter(|(_, group)| !names.contains(group.as_str()))
        .take(100)
        .map(|(ticket, group)| {
            Diagnostic::error(
                "cycle/unknown-group",
                Text::new(
                    format!("`{ticket}` 的 `{member}` 为 `{group}`,不在名册 `{table}` 中"),
                    format!("`{member}` of `{ticket}` is `{group}`, which register `{table}` does not have"),
                ),
            )
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}
