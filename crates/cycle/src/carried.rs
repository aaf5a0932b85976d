//! Candidates that come over from an earlier decision.

use std::collections::{BTreeMap, BTreeSet};

use minsheng_bundle::Contents;
use minsheng_model::{Carried, Diagnostic, Fate, Text, Verdict};
use minsheng_registers::{Carry, Origin};

fn wrong(zh: String, en: String) -> Vec<Diagnostic> {
    vec![Diagnostic::error("carried/bundle", Text::new(zh, en))]
}

/// Returns who comes over from the bundle of an earlier programme, `id` being its
/// identity, with the columns that the rules take from it.
///
/// # Errors
/// When the bundle is of another programme or cycle, chooses nobody, or does not publish
/// a column.
pub fn carry_over(carried: &Carried, past: &Contents, id: &str) -> Result<Carry, Vec<Diagnostic>> {
    let (rules, asked) = (&past.rules, &carried.programme);
    if rules.programme != *asked || rules.cycle != carried.cycle {
        let (name, cycle, other) = (&rules.programme, &rules.cycle, &carried.cycle);
        return Err(wrong(
            format!("公示包属于 `{name}` 的周期 `{cycle}`,需要的是 `{asked}` 的周期 `{other}`"),
            format!(
                "the bundle is of `{name}`, cycle `{cycle}`; needed is one of `{asked}`, cycle `{other}`"
            ),
        ));
    }
    let chosen = past.decided.as_ref().and_then(|d| d.chosen());
    let Some(chosen) = chosen else {
        return Err(wrong(
            format!("`{asked}` 的公示包没有选出候选者"),
            format!("the bundle of `{asked}` chooses no candidates"),
        ));
    };
    let published = rules.group_columns();
    let mut places = Vec::new();
    for taken in &carried.columns {
        let place = published.iter().position(|c| *c == taken.of);
        let of = &taken.of;
        places.push(place.ok_or_else(|| {
            wrong(
                format!("`{asked}` 的公示包没有公布列 `{of}`"),
                format!("the bundle of `{asked}` publishes no column `{of}`"),
            )
        })?);
    }
    let comes = |ticket: &str, verdict| comes_over(carried.decided, &chosen, ticket, verdict);
    let rows: BTreeMap<String, Vec<Option<String>>> = past
        .applicants
        .iter()
        .filter(|a| comes(&a.ticket, a.verdict))
        .map(|a| {
            let texts = places.iter().map(|p| a.groups.get(*p).cloned().flatten());
            (a.ticket.clone(), texts.collect())
        })
        .collect();
    Ok(Carry {
        origin: Origin {
            programme: rules.programme.clone(),
            cycle: rules.cycle.clone(),
            id: id.to_owned(),
            rows: rows.len() as u64,
        },
        columns: carried.columns.iter().map(|t| t.column.clone()).collect(),
        rows,
        others: carried.others,
    })
}

fn comes_over(fate: Fate, chosen: &BTreeSet<String>, ticket: &str, verdict: Verdict) -> bool {
    match fate {
        Fate::Chosen => chosen.contains(ticket),
        Fate::LeftOut => verdict == Verdict::Eligible && !chosen.contains(ticket),
    }
}
