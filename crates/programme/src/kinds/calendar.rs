//! `[calendar]`.

use minsheng_model::{Budget, Calendar, Date, Figure, Objective, Reached, Scope, Span, Target};

use super::limits::needs;
use super::select::figure;
use crate::draft::{Draft, Want, unique};
use crate::sink::Sink;
use crate::view::View;

/// Reads `[calendar]`.
pub fn calendar(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) -> Calendar {
    let periods = view.integer("periods").and_then(|n| u32::try_from(n).ok());
    let periods = periods.unwrap_or_default();
    let member = draft.registers.providers.member.clone().unwrap_or_default();
    let no_start = numbers(view, "no_start", periods, sink);
    let no_work = numbers(view, "no_work", periods, sink);
    let seasons = view.item("seasons_cite").is_some();
    let none = no_start.is_empty() && no_work.is_empty();
    if !(seasons || none) {
        let key = if no_start.is_empty() {
            "no_work"
        } else {
            "no_start"
        };
        sink.error(
            "programme/missing-key",
            view.place(key, &(0..0)),
            "写了 `no_start` 或 `no_work` 就须写 `seasons_cite`",
            "`no_start` and `no_work` need `seasons_cite` beside them",
        );
    }
    let capacity = view.table("capacity");
    let unit = capacity.words("unit").map(|(u, _)| u.to_owned());
    let own = Figure {
        title: capacity.text("title"),
        sql: draft.measure(capacity, "sql", Scope::Provider, Want::Whole, unit.clone()),
        unit,
        cite: draft.cite(capacity, "cite"),
    };
    let mut may = |key: &str| view.item(key).map(|_| figure(draft, view.table(key)));
    let [crews, weight, earliest, latest, deadline, due, skip] = [
        may("crews"),
        may("weight"),
        may("earliest"),
        may("latest"),
        may("deadline"),
        may("due"),
        may("skip"),
    ];
    let objective = if view.string("objective") == "lateness" {
        Objective::Lateness
    } else {
        Objective::Completion
    };
    if objective == Objective::Lateness && due.is_none() {
        sink.error(
            "programme/missing-key",
            view.place("objective", &(0..0)),
            "`lateness` 须写明 `due`",
            "`lateness` needs `due`",
        );
    }
    Calendar {
        member,
        periods,
        first: view
            .day("first")
            .or_else(|| Date::from_days(0))
            .unwrap_or(draft.rules.as_of),
        no_start,
        no_work,
        seasons_cite: seasons.then(|| draft.cite(view, "seasons_cite")),
        objective,
        capacity: own,
        duration: figure(draft, view.table("duration")),
        crews,
        weight,
        earliest,
        latest,
        deadline,
        due,
        skip,
        after: needs(draft, view, "after", sink),
        budgets: budgets(draft, view, sink),
        targets: targets(draft, view, periods, sink),
        effort: view.integer("effort").and_then(|n| u32::try_from(n).ok()),
    }
}

/// Periods, each there at most once.
fn numbers(view: View<'_>, key: &str, periods: u32, sink: &mut Sink<'_>) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    for item in view.list(key) {
        let Some(minsheng_model::Value::Integer(n)) = crate::shape::scalar(item.get_ref()) else {
            continue;
        };
        match u32::try_from(n) {
            Ok(n) if found.contains(&n) => sink.error(
                "programme/duplicate",
                item.span(),
                format!("`{n}` 重复"),
                format!("`{n}` is there twice"),
            ),
            Ok(n) if n <= periods => found.push(n),
            _ => beyond(item.span(), periods, sink),
        }
    }
    found
}

fn beyond(span: Span, periods: u32, sink: &mut Sink<'_>) {
    sink.error(
        "programme/bad-value",
        span,
        format!("只有 {periods} 个期"),
        format!("there are {periods} periods"),
    );
}

fn budgets(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) -> Vec<Budget> {
    let (mut names, mut budgets) = (Vec::new(), Vec::new());
    for (item, span) in view.tables("budgets") {
        names.push((item.string("id"), item.place("id", &span)));
        let unit = item.words("unit").map(|(u, _)| u.to_owned());
        let most = draft.measure(
            item,
            "most",
            Scope::Provider,
            Want::Parameters,
            unit.clone(),
        );
        budgets.push(Budget {
            id: item.string("id"),
            title: item.text("title"),
            cost: draft.measure(item, "cost", Scope::Applicant, Want::Whole, unit.clone()),
            least: None,
            most: Some(most),
            unit,
            cite: draft.cite(item, "cite"),
        });
    }
    unique(&names, sink);
    budgets
}

fn targets(draft: &mut Draft, view: View<'_>, periods: u32, sink: &mut Sink<'_>) -> Vec<Target> {
    let (mut names, mut targets) = (Vec::new(), Vec::new());
    for (item, span) in view.tables("targets") {
        names.push((item.string("id"), item.place("id", &span)));
        let by = item.integer("by").and_then(|n| u32::try_from(n).ok());
        let by = by.unwrap_or_default();
        if by > periods {
            beyond(item.place("by", &span), periods, sink);
        }
        targets.push(Target {
            id: item.string("id"),
            title: item.text("title"),
            count: if item.string("count") == "finished" {
                Reached::Finished
            } else {
                Reached::Started
            },
            least: draft.measure(item, "least", Scope::Provider, Want::Parameters, None),
            by,
            cite: draft.cite(item, "cite"),
        });
    }
    unique(&names, sink);
    targets
}
