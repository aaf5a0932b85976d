//! Budgets, counts, quotas and memberships, as the rules give them.

use std::collections::BTreeSet;

use minsheng_bundle::Contents;
use minsheng_model::{ApplicantRow, Grouping, Limits, Quota, Text};
use serde_json::{Map, Value, json};

use super::expected::Candidate;
use super::known::Known;
use super::pairs;
use crate::report::offends;

/// Returns a published text of a candidate, empty when it is missing.
pub(super) fn text<'a>(contents: &Contents, row: &'a ApplicantRow, column: &str) -> &'a str {
    let columns = contents.rules.group_columns();
    let place = columns.iter().position(|c| *c == column);
    let text = place.and_then(|p| row.groups.get(p));
    text.and_then(|t| t.as_deref()).unwrap_or("")
}

/// The groups of a quota: their labels, and their rows among the groups.
fn groups(
    contents: &Contents,
    own: &Limits,
    quota: &Quota,
    candidates: &[Candidate<'_>],
) -> Vec<(String, Option<usize>)> {
    let Grouping::By(by) = &quota.group else {
        return vec![(quota.id.clone(), None)];
    };
    if own.member.as_ref() == Some(by) {
        let all = contents.providers.iter().enumerate();
        return all
            .map(|(row, p)| (format!("{by}={}", p.provider), Some(row)))
            .collect();
    }
    let columns = contents.rules.applicants.columns.iter();
    let listed = columns.filter(|c| c.name == *by).flat_map(|c| &c.values);
    let mut values: BTreeSet<&str> = listed.map(String::as_str).collect();
    if values.is_empty() {
        values.extend(candidates.iter().map(|c| text(contents, c.row, by)));
    }
    values
        .into_iter()
        .map(|v| (format!("{by}={v}"), None))
        .collect()
}

/// Adds what every instance has around its projects.
pub(super) fn add(
    contents: &Contents,
    known: &Known,
    found: &Value,
    kind: &str,
    own: &Limits,
    candidates: &[Candidate<'_>],
    all: &mut Map<String, Value>,
) -> Result<(), Text> {
    let fixed = |at: &str, into: &mut Map<String, Value>| {
        for end in ["least", "most"] {
            if let Some(number) = known.parameters.get(&format!("{at}.{end}")) {
                into.insert(end.to_owned(), json!(number));
            }
        }
    };
    let budgets = own.budgets.iter().map(|b| {
        let mut one = Map::from_iter([("id".to_owned(), json!(b.id))]);
        fixed(&format!("{kind}.budgets.{}", b.id), &mut one);
        Value::from(one)
    });
    all.insert("budgets".to_owned(), budgets.collect());
    if own.count.is_some() {
        let mut one = Map::new();
        fixed(&format!("{kind}.count"), &mut one);
        all.insert("count".to_owned(), one.into());
    }
    let mut quotas: Vec<Value> = Vec::new();
    for quota in &own.quotas {
        let at = format!("{kind}.quotas.{}", quota.id);
        for (label, row) in groups(contents, own, quota, candidates) {
            let mut one = Map::from_iter([("group".to_owned(), json!(label))]);
            if let Some(budget) = &quota.budget {
                one.insert("budget".to_owned(), json!(budget));
            }
            match row {
                None => fixed(&at, &mut one),
                Some(row) => {
                    let published = found.get("quotas").and_then(|q| q.get(quotas.len()));
                    by_group(known, quota, &at, row, published, &mut one)?;
                }
            }
            quotas.push(one.into());
        }
    }
    all.insert("quotas".to_owned(), quotas.into());
    let apart = pairs::exclusions(contents, known, kind, own, candidates);
    if !apart.is_empty() {
        all.insert("exclusions".to_owned(), apart.into());
    }
    Ok(())
}

/// The ends of a group of the groups' register.
fn by_group(
    known: &Known,
    quota: &Quota,
    at: &str,
    row: usize,
    published: Option<&Value>,
    one: &mut Map<String, Value>,
) -> Result<(), Text> {
    let numbers = known.groups.get(row);
    let numbers = numbers.ok_or_else(|| offends("groups", "行数有误", "are of another number"))?;
    for (end, sql) in [("least", &quota.least), ("most", &quota.most)] {
        if sql.is_none() {
            continue;
        }
        let number = match numbers.get(&format!("{at}.{end}")) {
            Some(number) => json!(number),
            None => published
                .and_then(|p| p.get(end))
                .cloned()
                .unwrap_or_default(),
        };
        one.insert(end.to_owned(), number);
    }
    Ok(())
}

/// Returns what a candidate's project has of the limits.
pub(super) fn project(
    contents: &Contents,
    kind: &str,
    own: &Limits,
    candidate: &Candidate<'_>,
) -> Result<Map<String, Value>, Text> {
    let ticket = &candidate.row.ticket;
    let mut costs = Map::new();
    for budget in &own.budgets {
        let at = format!("{kind}.budgets.{}.cost", budget.id);
        let cost = match candidate.numbers.get(&at) {
            Some(number) => json!(number),
            None => candidate
                .found
                .get("costs")
                .and_then(|c| c.get(&budget.id))
                .filter(|c| c.is_i64())
                .cloned()
                .ok_or_else(|| offends(ticket, "缺少费用", "has no cost"))?,
        };
        costs.insert(budget.id.clone(), cost);
    }
    let listed: Vec<&str> = candidate
        .found
        .get("groups")
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let mut groups: Vec<String> = Vec::new();
    for quota in &own.quotas {
        let label = match &quota.group {
            Grouping::By(by) => {
                let value = text(contents, candidate.row, by);
                let known = contents.providers.iter().any(|p| p.provider == value);
                if own.member.as_ref() == Some(by) && !known {
                    return Err(offends(ticket, "所属的组不存在", "is of no known group"));
                }
                Some(format!("{by}={value}"))
            }
            Grouping::Members(_) => {
                let at = format!("{kind}.quotas.{}.members", quota.id);
                let inside = match candidate.numbers.get(&at) {
                    Some(number) => *number == 1,
                    None => listed.contains(&quota.id.as_str()),
                };
                inside.then(|| quota.id.clone())
            }
        };
        if let Some(label) = label.filter(|l| !groups.contains(l)) {
            groups.push(label);
        }
    }
    let mut one = Map::new();
    one.insert("id".to_owned(), json!(ticket));
    one.insert("costs".to_owned(), costs.into());
    one.insert("groups".to_owned(), json!(groups));
    if own.must.is_some() {
        let state = candidate.found.get("state").and_then(Value::as_str);
        let must = match candidate.numbers.get(&format!("{kind}.must")) {
            Some(number) => *number == 1,
            None => state == Some("must"),
        };
        if must {
            one.insert("state".to_owned(), json!("must"));
        }
    }
    pairs::needs(contents, &own.needs, candidate.row, &mut one)?;
    Ok(one)
}
