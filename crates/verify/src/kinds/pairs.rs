//! Who needs whom and who stands in whose way, as published facts give it.

use std::collections::BTreeMap;

use minsheng_bundle::Contents;
use minsheng_model::{ApplicantRow, Limits, Need, Text, Verdict};
use serde_json::{Map, Value, json};

use super::expected::Candidate;
use super::known::Known;
use super::limits::text;
use crate::report::offends;

/// Returns those whom a candidate needs, with whether they are eligible.
///
/// # Errors
/// When it needs itself, or somebody who is not there.
pub(super) fn needed<'a>(
    contents: &Contents,
    needs: &[Need],
    row: &'a ApplicantRow,
) -> Result<Vec<(&'a str, bool)>, Text> {
    let mut all: Vec<(&str, bool)> = Vec::new();
    for need in needs {
        let other = text(contents, row, &need.column);
        if other.is_empty() || all.iter().any(|(o, _)| *o == other) {
            continue;
        }
        let rows = &contents.applicants;
        let found = rows.binary_search_by(|a| a.ticket.as_str().cmp(other));
        let found = found.ok().and_then(|at| rows.get(at));
        let found = found.filter(|f| f.ticket != row.ticket).ok_or_else(|| {
            offends(
                &row.ticket,
                "需要不存在的候选者",
                "needs a candidate that is not there",
            )
        })?;
        all.push((other, found.verdict == Verdict::Eligible));
    }
    Ok(all)
}

/// Adds what a candidate needs; one that needs somebody who takes no part is out.
pub(super) fn needs(
    contents: &Contents,
    needs: &[Need],
    row: &ApplicantRow,
    one: &mut Map<String, Value>,
) -> Result<(), Text> {
    let all = needed(contents, needs, row)?;
    let inside: Vec<&str> = all.iter().filter(|(_, e)| *e).map(|(t, _)| *t).collect();
    if !inside.is_empty() {
        one.insert("needs".to_owned(), json!(inside));
    }
    if let Some((missing, _)) = all.iter().find(|(_, eligible)| !eligible) {
        one.insert("ineligible".to_owned(), json!(format!("needs:{missing}")));
    }
    Ok(())
}

/// For each of those who wait in vain, whom for: somebody who is not eligible, or waits
/// in vain.
pub(super) fn in_vain<'a>(
    contents: &Contents,
    needs: &[Need],
    candidates: &[Candidate<'a>],
) -> Result<BTreeMap<&'a str, &'a str>, Text> {
    let mut waits = Vec::new();
    for candidate in candidates {
        let all = needed(contents, needs, candidate.row)?;
        waits.push((candidate.row.ticket.as_str(), all));
    }
    let mut vain: BTreeMap<&str, &str> = BTreeMap::new();
    loop {
        let hopeless = |(other, eligible): &&(&'a str, bool)| !eligible || vain.contains_key(other);
        let next: Vec<(&str, &str)> = waits
            .iter()
            .filter(|(own, _)| !vain.contains_key(own))
            .filter_map(|(own, all)| Some((*own, all.iter().find(hopeless)?.0)))
            .collect();
        if next.is_empty() {
            return Ok(vain);
        }
        vain.extend(next);
    }
}

/// Returns the exclusions in the order of rules and values.
pub(super) fn exclusions(
    contents: &Contents,
    known: &Known,
    kind: &str,
    own: &Limits,
    candidates: &[Candidate<'_>],
) -> Vec<Value> {
    let mut all = Vec::new();
    for rule in &own.exclusions {
        let at = format!("{kind}.exclusions.{}.most", rule.id);
        let most = known.parameters.get(&at).copied().unwrap_or(1);
        let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for candidate in candidates {
            let value = text(contents, candidate.row, &rule.by);
            if !value.is_empty() {
                values.entry(value).or_default().push(&candidate.row.ticket);
            }
        }
        let crowded = values
            .into_iter()
            .filter(|(_, t)| t.len() as i128 > i128::from(most));
        all.extend(crowded.map(|(value, tickets)| {
            json!({ "group": format!("{}={value}", rule.by), "projects": tickets, "most": most })
        }));
    }
    all
}
