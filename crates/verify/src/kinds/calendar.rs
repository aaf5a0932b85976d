//! The instance of a calendar, as rules and rows give it.

use minsheng_bundle::Contents;
use minsheng_model::{Calendar, Text};
use serde_json::{Map, Value, json};

use super::expected::Candidate;
use super::known::Known;
use super::limits::text;
use super::pairs;
use crate::report::offends;

/// Returns the instance; figures that nobody can compute are taken from `found`.
pub(super) fn expected(
    contents: &Contents,
    known: &Known,
    found: &Value,
    own: &Calendar,
    candidates: &[Candidate<'_>],
) -> Result<Value, Text> {
    let mut all = Map::new();
    all.insert("periods".to_owned(), json!(own.periods));
    all.insert("no_start".to_owned(), json!(own.no_start));
    all.insert("no_work".to_owned(), json!(own.no_work));
    all.insert("objective".to_owned(), json!(own.objective.as_str()));
    if let Some(effort) = own.effort {
        all.insert("effort".to_owned(), json!(effort));
    }
    let mut districts = Vec::new();
    for (row, group) in contents.providers.iter().enumerate() {
        let numbers = known.groups.get(row);
        let numbers =
            numbers.ok_or_else(|| offends("groups", "行数有误", "are of another number"))?;
        let crews = match numbers.get("calendar.capacity") {
            Some(crews) => json!([crews]),
            None => found
                .get("districts")
                .and_then(|d| d.get(row))
                .and_then(|d| d.get("crews"))
                .cloned()
                .unwrap_or_default(),
        };
        districts.push(json!({ "id": group.provider, "crews": crews }));
    }
    all.insert("districts".to_owned(), districts.into());
    let fixed = |at: String| known.parameters.get(&at).copied();
    let budgets = own.budgets.iter().map(|b| {
        let most = fixed(format!("calendar.budgets.{}.most", b.id));
        json!({ "id": b.id, "most": [most] })
    });
    all.insert("budgets".to_owned(), budgets.collect());
    let targets = own.targets.iter().map(|t| {
        let least = fixed(format!("calendar.targets.{}.least", t.id));
        json!({ "count": t.count.as_str(), "least": least, "by": t.by })
    });
    all.insert("targets".to_owned(), targets.collect());
    let vain = pairs::in_vain(contents, &own.after, candidates)?;
    let mut projects = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let mut one = project(contents, own, candidate)?;
        if let Some(other) = vain.get(candidate.row.ticket.as_str()) {
            one.insert("ineligible".to_owned(), json!(format!("after:{other}")));
        } else {
            let all = pairs::needed(contents, &own.after, candidate.row)?;
            let all: Vec<&str> = all.into_iter().map(|(other, _)| other).collect();
            if !all.is_empty() {
                one.insert("after".to_owned(), json!(all));
            }
        }
        projects.push(Value::from(one));
    }
    all.insert("projects".to_owned(), projects.into());
    Ok(all.into())
}

fn project(
    contents: &Contents,
    own: &Calendar,
    candidate: &Candidate<'_>,
) -> Result<Map<String, Value>, Text> {
    let ticket = &candidate.row.ticket;
    let group = text(contents, candidate.row, &own.member);
    if !contents.providers.iter().any(|p| p.provider == group) {
        return Err(offends(ticket, "所属的组不存在", "is of no known group"));
    }
    let mut costs = Map::new();
    for budget in &own.budgets {
        let at = format!("calendar.budgets.{}.cost", budget.id);
        let cost = match candidate.numbers.get(&at) {
            Some(number) => json!(number),
            None => candidate
                .found
                .get("costs")
                .and_then(|c| c.get(&budget.id))
                .cloned()
                .unwrap_or_default(),
        };
        costs.insert(budget.id.clone(), cost);
    }
    let mut one = Map::new();
    one.insert("id".to_owned(), json!(ticket));
    one.insert("district".to_owned(), json!(group));
    one.insert("costs".to_owned(), costs.into());
    for (key, _) in own.of_candidate() {
        one.insert(
            key.to_owned(),
            candidate.number(&format!("calendar.{key}"), key),
        );
    }
    Ok(one)
}
