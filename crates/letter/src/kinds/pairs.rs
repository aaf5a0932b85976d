//! Candidates that need one another, or stand in one another's way.

use minsheng_bundle::Contents;
use minsheng_model::{ApplicantRow, Exclusion, Limits, Need, Verdict};

use super::heading;
use super::outcome::Outcome;
use crate::reasons::citation;
use crate::words::Words;
use crate::{Lang, line};

/// Others of a group that are named at most.
const NAMED_MAX: usize = 8;

pub(super) fn value<'a>(
    contents: &Contents,
    row: &'a ApplicantRow,
    column: &str,
) -> Option<&'a str> {
    let columns = contents.rules.group_columns();
    let place = columns.iter().position(|c| *c == column)?;
    row.groups.get(place)?.as_deref().filter(|v| !v.is_empty())
}

/// The rules' needs that the candidate has, each with the other's number.
fn needs<'a>(
    contents: &'a Contents,
    limits: &'a Limits,
    row: &'a ApplicantRow,
) -> impl Iterator<Item = (&'a Need, &'a str)> {
    let own = limits.needs.iter();
    own.filter_map(|n| Some((n, value(contents, row, &n.column)?)))
}

/// How the needed candidate fared, as the end of a sentence about it.
fn fared(contents: &Contents, outcome: &Outcome, other: &str, w: &Words) -> &'static str {
    let row = contents.applicants.iter().find(|a| a.ticket == other);
    match row.map(|a| a.verdict) {
        Some(Verdict::Eligible) if outcome.has(other) => w.pick("已列入", "is chosen"),
        Some(Verdict::Eligible) => w.pick("符合条件但未列入", "is eligible but not chosen"),
        Some(Verdict::Undetermined) => w.pick(
            "缺少材料,尚不能确定",
            "lacks a paper, so that it is undetermined",
        ),
        _ => w.pick("不符合条件", "is not eligible"),
    }
}

/// Returns why an eligible candidate is not chosen, where that follows from what it
/// needs.
pub(super) fn reason(
    contents: &Contents,
    outcome: &Outcome,
    row: &ApplicantRow,
    w: &Words,
) -> Option<String> {
    if row.verdict != Verdict::Eligible || outcome.is_chosen() {
        return None;
    }
    let limits = contents.rules.mechanism.limits()?;
    let (_, other) = needs(contents, limits, row).find(|(_, other)| !outcome.has(other))?;
    let fared = fared(contents, outcome, other, w);
    Some(match w.lang() {
        Lang::Zh => format!("符合条件,但未列入:它需要 `{other}`,而 `{other}` {fared}。"),
        Lang::En => {
            format!("Eligible, but not chosen, because it needs `{other}`, which {fared}.")
        }
    })
}

/// Tells what the candidate needs, and who stands in its way.
pub(super) fn section(
    text: &mut String,
    contents: &Contents,
    outcome: &Outcome,
    row: &ApplicantRow,
    w: &Words,
) {
    let Some(limits) = contents.rules.mechanism.limits() else {
        return;
    };
    let mut lines = Vec::new();
    for (need, other) in needs(contents, limits, row) {
        let (title, law) = (
            need.title.get(w.code()),
            citation(&contents.rules, &need.cite, w),
        );
        let fared = fared(contents, outcome, other, w);
        lines.push(match w.lang() {
            Lang::Zh => format!("{title}:`{other}`,{fared}{law}"),
            Lang::En => format!("{title}: `{other}`, which {fared}{law}"),
        });
    }
    for (label, most, members) in outcome.exclusions() {
        let Some((rule, shared)) = rule(limits, label) else {
            continue;
        };
        let law = citation(&contents.rules, &rule.cite, w);
        let title = rule.title.get(w.code());
        let chosen: Vec<String> = members
            .iter()
            .filter(|m| **m != row.ticket && outcome.has(m))
            .take(NAMED_MAX)
            .map(|m| format!("`{m}`"))
            .collect();
        let mut said = match w.lang() {
            Lang::Zh => format!(
                "{title} · {shared}:{} 个中至多列入 {most} 个",
                members.len()
            ),
            Lang::En => format!(
                "{title} · {shared}: at most {most} of {} is chosen",
                members.len()
            ),
        };
        if !chosen.is_empty() {
            said += w.pick(";列入的是:", "; chosen is ");
            said += &chosen.join(w.pick("、", ", "));
        }
        lines.push(format!("{said}{law}"));
    }
    if lines.is_empty() {
        return;
    }
    heading(
        text,
        w.pick("与其他候选者的关系", "Other candidates it depends on"),
    );
    for said in lines {
        line(text, &said);
    }
    line(text, "");
}

/// Returns the rule of an exclusion's label, and the value that its members share.
pub(super) fn rule<'a, 'l>(limits: &'a Limits, label: &'l str) -> Option<(&'a Exclusion, &'l str)> {
    limits.exclusions.iter().find_map(|rule| {
        let shared = label.strip_prefix(rule.by.as_str())?.strip_prefix('=')?;
        Some((rule, shared))
    })
}
