//! Candidates that need one another, or stand in one another's way.

use std::collections::BTreeMap;

use minsheng_model::{Diagnostic, Exclusion, Need, Text};
use serde_json::{Map, Value, json};

use super::Facts;

/// Mistakes told at once.
const TOLD_MAX: usize = 100;

/// Returns the numbers of the candidates that a row needs, each once, in the rules'
/// order.
pub(super) fn needed(known: &Facts<'_>, needs: &[Need], row: usize) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for need in needs {
        let other = known.text(row, &need.column);
        if !other.is_empty() && !list.contains(&other) {
            list.push(other);
        }
    }
    list
}

/// Returns whether a number is that of an eligible candidate.
pub(super) fn takes_part(known: &Facts<'_>, ticket: &str) -> bool {
    let tickets = &known.names.tickets;
    let row = tickets.binary_search_by(|t| t.as_str().cmp(ticket));
    row.is_ok_and(|row| known.eligible.binary_search(&row).is_ok())
}

/// Adds what a candidate needs to its project. What needs somebody who takes no part
/// cannot be chosen.
pub(super) fn needs(
    known: &Facts<'_>,
    needs: &[Need],
    row: usize,
    project: &mut Map<String, Value>,
) {
    let all = needed(known, needs, row);
    let (inside, outside): (Vec<String>, Vec<String>) =
        all.into_iter().partition(|t| takes_part(known, t));
    if !inside.is_empty() {
        project.insert("needs".to_owned(), inside.into());
    }
    if let Some(first) = outside.first() {
        project.insert("ineligible".to_owned(), json!(format!("needs:{first}")));
    }
}

/// Returns the eligible candidates that wait for somebody who takes no part, or who waits
/// for such a one, each with whom it waits for.
pub(super) fn blocked(known: &Facts<'_>, needs: &[Need]) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let mut more = Vec::new();
        for row in &known.eligible {
            let ticket = known.ticket(*row);
            if all.contains_key(ticket) {
                continue;
            }
            let mut own = needed(known, needs, *row).into_iter();
            let out = own.find(|o| !takes_part(known, o) || all.contains_key(o));
            more.extend(out.map(|o| (ticket.to_owned(), o)));
        }
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

/// Returns the exclusions: for each rule and each value of its column, in byte order,
/// the eligible candidates that share it, where they are more than may be chosen.
pub(super) fn exclusions(known: &Facts<'_>, kind: &str, rules: &[Exclusion]) -> Vec<Value> {
    let mut list = Vec::new();
    for rule in rules {
        let most = known.parameter(&format!("{kind}.exclusions.{}.most", rule.id));
        let most = most.unwrap_or(1);
        let mut shared: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for row in &known.eligible {
            let value = known.text(*row, &rule.by);
            if !value.is_empty() {
                shared.entry(value).or_default().push(known.ticket(*row));
            }
        }
        for (value, projects) in shared {
            if i64::try_from(projects.len()).is_ok_and(|n| n > most) {
                let group = format!("{}={value}", rule.by);
                list.push(json!({ "group": group, "projects": projects, "most": most }));
            }
        }
    }
    list
}

/// Sees that what every eligible candidate needs is another candidate of the register,
/// and that nobody who is in beforehand needs somebody who takes no part.
///
/// # Errors
/// Every candidate of which that is not so, up to a hundred.
pub(super) fn known_needs(known: &Facts<'_>, needs: &[Need]) -> Result<(), Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    for row in &known.eligible {
        for need in needs {
            let other = known.text(*row, &need.column);
            if other.is_empty() {
                continue;
            }
            wrong.extend(mistake(known, need, *row, &other));
        }
    }
    wrong.truncate(TOLD_MAX);
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn mistake(known: &Facts<'_>, need: &Need, row: usize, other: &str) -> Option<Diagnostic> {
    let (ticket, column, table) = (
        known.ticket(row),
        &need.column,
        &known.rules.applicants.name,
    );
    if other == ticket {
        let text = Text::new(
            format!("`{ticket}` 的 `{column}` 是它自己的编号"),
            format!("`{column}` of `{ticket}` is its own number"),
        );
        let help = Text::new(
            "不需要其他候选者的,留空",
            "leave it empty where nothing is needed",
        );
        return Some(Diagnostic::error("cycle/needs-itself", text).help(help));
    }
    let tickets = &known.names.tickets;
    if tickets.binary_search_by(|t| t.as_str().cmp(other)).is_err() {
        let text = Text::new(
            format!("`{ticket}` 的 `{column}` 为 `{other}`,不在名册 `{table}` 中"),
            format!(
                "`{column}` of `{ticket}` is `{other}`, which register `{table}` does not have"
            ),
        );
        let help = Text::new(
            "改正编号;已在以前的周期完成的,留空",
            "mend the number; leave it empty where that was done in an earlier cycle",
        );
        return Some(Diagnostic::error("cycle/unknown-need", text).help(help));
    }
    let at = format!("{}.must", known.rules.mechanism.kind());
    if known.has_candidate(&at) && known.candidate(row, &at) == 1 && !takes_part(known, other) {
        let text = Text::new(
            format!("`{ticket}` 必须列入,但它需要的 `{other}` 不符合条件或缺少材料"),
            format!(
                "`{ticket}` has to be in, but needs `{other}`, which is not eligible or lacks a paper"
            ),
        );
        let help = Text::new(
            "先使其符合条件,或不再规定其必须列入",
            "make that one eligible, or do not say that this one has to be in",
        );
        return Some(Diagnostic::error("cycle/must-needs", text).help(help));
    }
    None
}
