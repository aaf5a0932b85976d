//! The limits that a candidate came under, and where their lines were drawn.

use std::collections::BTreeSet;

use minsheng_bundle::Contents;
use minsheng_model::{Grouping, Mechanism, Order};
use serde_json::Value;

use super::outcome::{Outcome, number};
use super::{amount, heading, pairs};
use crate::words::Words;
use crate::{Lang, line, provider_name};

/// Returns what people call a row of the outcome, such as `quota:3:district=110105`.
pub(super) fn title(contents: &Contents, outcome: &Outcome, row: &str, w: &Words) -> String {
    let Some(limits) = contents.rules.mechanism.limits() else {
        return row.to_owned();
    };
    if row == "count" {
        return w.pick("总数", "the number in all").to_owned();
    }
    if let Some(id) = row.strip_prefix("budget:") {
        let found = limits.budgets.iter().find(|b| b.id == id);
        return found.map_or_else(|| row.to_owned(), |b| b.title.get(w.code()).to_owned());
    }
    if let Some((_, label)) = row
        .strip_prefix("exclusion:")
        .and_then(|r| r.split_once(':'))
    {
        let found = pairs::rule(limits, label);
        return found.map_or_else(
            || row.to_owned(),
            |(rule, shared)| format!("{} · {shared}", rule.title.get(w.code())),
        );
    }
    let Some((index, label)) = row.strip_prefix("quota:").and_then(|r| r.split_once(':')) else {
        return row.to_owned();
    };
    let entry = index.parse::<usize>().ok().and_then(|i| {
        let quotas = outcome.instance.get("quotas")?;
        quotas.get(i)
    });
    let budget = entry.and_then(|e| e.get("budget")).and_then(Value::as_str);
    let value = label.split_once('=');
    let found = limits.quotas.iter().find(|q| {
        let same = match (&q.group, value) {
            (Grouping::By(by), Some((name, _))) => by == name,
            (Grouping::Members(_), None) => q.id == label,
            _ => false,
        };
        same && q.budget.as_deref() == budget
    });
    let Some(quota) = found else {
        return row.to_owned();
    };
    let own = quota.title.get(w.code());
    match value {
        None => own.to_owned(),
        Some((_, value)) if limits.by_register(quota) => {
            format!("{own} · {}", provider_name(contents, value, w))
        }
        Some((_, value)) => format!("{own} · {value}"),
    }
}

/// The unit of what a limit sums: its budget's; of what counts candidates none.
fn budget_unit<'a>(contents: &'a Contents, outcome: &Outcome, row: &str) -> Option<&'a str> {
    let quota = row.strip_prefix("quota:").and_then(|r| r.split_once(':'));
    let summed = quota.and_then(|(index, _)| {
        let entry = outcome
            .instance
            .get("quotas")?
            .get(index.parse::<usize>().ok()?)?;
        entry.get("budget")?.as_str()
    });
    let id = row.strip_prefix("budget:").or(summed)?;
    let budgets = contents.rules.mechanism.limits()?.budgets.iter();
    budgets.clone().find(|b| b.id == id)?.unit.as_deref()
}

/// Tells the limits that count for the candidate, with what is used, and the line.
pub(super) fn used(text: &mut String, contents: &Contents, outcome: &Outcome, w: &Words) {
    let Some(project) = outcome.project() else {
        return;
    };
    let groups: Vec<&str> = project
        .get("groups")
        .and_then(Value::as_array)
        .map(|g| g.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let chosen: BTreeSet<&str> = outcome.chosen().into_iter().collect();
    let mut lines = Vec::new();
    for row in outcome.rows() {
        let Some(name) = row.get("row").and_then(Value::as_str) else {
            continue;
        };
        let group = name
            .strip_prefix("quota:")
            .and_then(|r| r.split_once(':'))
            .map(|(_, label)| label);
        // Needs and exclusions have a section of their own.
        let paired = name.starts_with("needs:") || name.starts_with("exclusion:");
        if group.is_some_and(|g| !groups.contains(&g)) || paired {
            continue;
        }
        let unit = budget_unit(contents, outcome, name);
        let shown = |key: &str| {
            let value = row.get(key).filter(|v| !v.is_null());
            value.map(|v| amount(v, unit, w))
        };
        let (Some(used), title) = (shown("used"), title(contents, outcome, name, w)) else {
            continue;
        };
        let mut said = match w.lang() {
            Lang::Zh => format!("{title}:已用 {used}"),
            Lang::En => format!("{title}: {used} used"),
        };
        if let Some(most) = shown("most") {
            said += w.pick(",至多 ", ", at most ");
            said += &most;
        }
        if let Some(least) = shown("least") {
            said += w.pick(",至少 ", ", at least ");
            said += &least;
        }
        let counted = group.is_some() || name == "count";
        if let Some(cut) = cut(contents, outcome, name, group, &chosen, w).filter(|_| counted) {
            said += &cut;
        }
        lines.push(said);
    }
    if lines.is_empty() {
        return;
    }
    heading(text, w.pick("限额与分数线", "Limits and cut lines"));
    for said in lines {
        line(text, &said);
    }
    line(text, "");
}

/// Says where the line was drawn, of all or of a group: tier and score of the last one
/// chosen from a list, the smallest worth among those chosen for the greatest one.
fn cut(
    contents: &Contents,
    outcome: &Outcome,
    row: &str,
    group: Option<&str>,
    chosen: &BTreeSet<&str>,
    w: &Words,
) -> Option<String> {
    match &contents.rules.mechanism {
        Mechanism::Match
        | Mechanism::Calendar(_)
        | Mechanism::Assign(_)
        | Mechanism::Access(_)
        | Mechanism::Site(_) => None,
        Mechanism::Rank(own) => {
            let line = if row == "count" { "all" } else { row };
            let last = outcome.last_in(line)?;
            let score = number(last, "score")?;
            let score = match own.score.order {
                Order::HighFirst => score,
                Order::LowFirst => -score,
            };
            let tier = usize::try_from(number(last, "tier")?).ok();
            let tier = tier.and_then(|t| own.tiers.get(t));
            let tier = tier.map_or_else(String::new, |tier| {
                format!("{}{}", tier.title.get(w.code()), w.pick(",", ", "))
            });
            let title = own.score.title.get(w.code());
            let score = amount(&score.into(), own.score.unit.as_deref(), w);
            Some(match w.lang() {
                Lang::Zh => format!(";最后列入者:{tier}{title} {score}"),
                Lang::En => format!("; the last one chosen: {tier}{title} {score}"),
            })
        }
        Mechanism::Select(own) => {
            let inside = |p: &&Value| {
                let id = p.get("id").and_then(Value::as_str).unwrap_or("");
                let groups = p.get("groups").and_then(Value::as_array);
                let member = group.is_none_or(|g| {
                    groups.is_some_and(|all| all.iter().any(|l| l.as_str() == Some(g)))
                });
                chosen.contains(id) && member
            };
            let all = outcome.projects().iter().filter(inside);
            let least = all.filter_map(|p| number(p, "value")).min();
            let (title, unit) = (own.value.title.get(w.code()), own.value.unit.as_deref());
            least.map(|n| {
                let shown = amount(&n.into(), unit, w);
                match w.lang() {
                    Lang::Zh => format!(";列入者的{title}最低为 {shown}"),
                    Lang::En => format!("; the smallest {title} among those chosen: {shown}"),
                }
            })
        }
    }
}
