//! The plain instance of a calendar.

use minsheng_model::{Calendar, Diagnostic};
use serde_json::{Map, Value, json};

use super::{Facts, limits, pairs};

/// Returns the instance: every eligible candidate is placed in the periods.
pub(super) fn instance(known: &Facts<'_>, own: &Calendar) -> Result<Value, Vec<Diagnostic>> {
    limits::in_groups(known, &own.member)?;
    pairs::known_needs(known, &own.after)?;
    let blocked = pairs::blocked(known, &own.after);
    let mut projects = Vec::with_capacity(known.eligible.len());
    for row in &known.eligible {
        let group = known.text(*row, &own.member);
        let costs: Map<String, Value> = own
            .budgets
            .iter()
            .map(|b| {
                let at = format!("calendar.budgets.{}.cost", b.id);
                (b.id.clone(), known.candidate(*row, &at).into())
            })
            .collect();
        let mut project = Map::new();
        project.insert("id".to_owned(), known.ticket(*row).into());
        project.insert("district".to_owned(), group.into());
        project.insert("costs".to_owned(), costs.into());
        for (key, _) in own.of_candidate() {
            let value = known.candidate(*row, &format!("calendar.{key}"));
            project.insert(key.to_owned(), value.into());
        }
        match blocked.get(known.ticket(*row)) {
            Some(other) => {
                project.insert("ineligible".to_owned(), format!("after:{other}").into());
            }
            None => {
                let after = pairs::needed(known, &own.after, *row);
                if !after.is_empty() {
                    project.insert("after".to_owned(), after.into());
                }
            }
        }
        projects.push(Value::from(project));
    }
    let groups = known.names.providers.iter().enumerate();
    let districts: Vec<Value> = groups
        .map(|(row, name)| {
            let crews = known.group(row, "calendar.capacity").unwrap_or_default();
            json!({ "id": name, "crews": [crews] })
        })
        .collect();
    let budgets = own.budgets.iter().map(|b| {
        let most = known.parameter(&format!("calendar.budgets.{}.most", b.id));
        json!({ "id": b.id, "most": [most.unwrap_or_default()] })
    });
    let targets = own.targets.iter().map(|t| {
        let least = known.parameter(&format!("calendar.targets.{}.least", t.id));
        json!({ "count": t.count.as_str(), "least": least.unwrap_or_default(), "by": t.by })
    });
    let mut instance = json!({
        "periods": own.periods,
        "no_start": own.no_start,
        "no_work": own.no_work,
        "districts": districts,
        "budgets": budgets.collect::<Vec<_>>(),
        "projects": projects,
        "targets": targets.collect::<Vec<_>>(),
        "objective": own.objective.as_str(),
    });
    if let (Some(effort), Some(fields)) = (own.effort, instance.as_object_mut()) {
        fields.insert("effort".to_owned(), effort.into());
    }
    Ok(instance)
}
