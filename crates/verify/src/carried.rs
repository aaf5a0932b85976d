//! Candidates that came over from an earlier decision.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use minsheng_bundle::{BundleError, Contents, Hashes, read, unhex};
use minsheng_model::{ApplicantRow, Carried, Fate, Verdict};

use crate::report::{Checks, Found, Report, differs, offends};
use crate::{anybody, kinds, rounds};

/// Checks a bundle as anybody can who has the one it goes on from as well: that of the
/// round before, or that of the programme its candidates come from. That one is checked
/// by its own.
///
/// # Errors
/// As [`crate::anybody`], for both.
pub fn anybody_after(path: &Path, previous: &Path) -> Result<Report, BundleError> {
    let (contents, hashes) = read(path)?;
    anybody_having_after(&contents, &hashes, previous)
}

/// Checks a bundle as [`anybody_after`] does, after [`minsheng_bundle::read`] has read it.
///
/// # Errors
/// As [`crate::anybody`], for the bundle before.
pub fn anybody_having_after(
    contents: &Contents,
    hashes: &Hashes,
    previous: &Path,
) -> Result<Report, BundleError> {
    if contents.rules.carried.is_none() {
        return rounds::having_after(contents, hashes, previous);
    }
    let mut checks = Checks::default();
    anybody::check(contents, hashes, &mut checks);
    let (past, past_hashes) = read(previous)?;
    after(contents, &past, &past_hashes.id, &mut checks);
    let (proved, not_proved) = kinds::said(contents, true);
    Ok(checks.report(proved, not_proved))
}

/// Checks that the certificate names a decision where the rules take candidates from
/// one, and no other.
pub(crate) fn sealed(contents: &Contents) -> Found {
    let c = &contents.certificate;
    let (carried, seal) = match (&contents.rules.carried, &c.carried) {
        (None, None) => return None,
        (Some(carried), Some(seal)) => (carried, seal),
        _ => {
            return Some(offends(
                "carried",
                "与规则不符",
                "is not what the rules say",
            ));
        }
    };
    let fits = if carried.others {
        seal.rows <= c.applicants
    } else {
        seal.rows == c.applicants
    };
    differs("carried.programme", &carried.programme, &seal.programme)
        .or_else(|| differs("carried.cycle", &carried.cycle, &seal.cycle))
        .or_else(|| {
            let hash = unhex(&seal.id).is_some();
            (!hash).then(|| offends("carried.id", "不是散列", "is no hash"))
        })
        .or_else(|| {
            (!fits).then(|| {
                offends(
                    "carried.rows",
                    "与候选者数不符",
                    "does not fit the number of candidates",
                )
            })
        })
}

/// Makes the checks that need the earlier decision.
pub(crate) fn after(contents: &Contents, past: &Contents, id: &str, checks: &mut Checks) {
    let (Some(carried), Some(seal)) = (&contents.rules.carried, &contents.certificate.carried)
    else {
        return;
    };
    checks.add(
        "origin",
        "候选者所自的公示包即证明中所载",
        "the candidates' origin is the bundle that the certificate names",
        1,
        differs("id", seal.id.as_str(), id)
            .or_else(|| differs("programme", &seal.programme, &past.rules.programme))
            .or_else(|| differs("cycle", &seal.cycle, &past.rules.cycle)),
    );
    checks.add(
        "came-over",
        "应转入者全部转入,事实不变,别无他人",
        "exactly those decided on came over, with the same facts",
        usize::try_from(seal.rows).unwrap_or(usize::MAX),
        came_over(contents, past, carried, seal.rows),
    );
}

fn came_over(contents: &Contents, past: &Contents, carried: &Carried, rows: u64) -> Found {
    let Some(chosen) = past.decided.as_ref().and_then(|d| d.chosen()) else {
        return Some(offends(
            &carried.programme,
            "没有作出选择",
            "chooses nobody",
        ));
    };
    let people = past.applicants.iter();
    let expected: BTreeSet<&str> = people
        .filter(|p| match carried.decided {
            Fate::Chosen => chosen.contains(&p.ticket),
            Fate::LeftOut => p.verdict == Verdict::Eligible && !chosen.contains(&p.ticket),
        })
        .map(|p| p.ticket.as_str())
        .collect();
    let here: BTreeSet<&str> = contents
        .applicants
        .iter()
        .map(|a| a.ticket.as_str())
        .collect();
    if let Some(lost) = expected.difference(&here).next() {
        return Some(offends(lost, "未转入", "did not come over"));
    }
    let mut strangers = here.difference(&expected);
    if let (Some(stranger), false) = (strangers.next(), carried.others) {
        let why = "was not decided on so";
        return Some(offends(stranger, "不在应转入者之列", why));
    }
    facts(contents, past, carried, &expected)
        .or_else(|| differs("carried.rows", expected.len() as u64, rows))
}

/// Facts that came over are as they were published.
fn facts(
    contents: &Contents,
    past: &Contents,
    carried: &Carried,
    expected: &BTreeSet<&str>,
) -> Found {
    let (own, theirs) = (contents.rules.group_columns(), past.rules.group_columns());
    let place = |list: &[&str], name: &str| list.iter().position(|c| *c == name);
    let mut places = Vec::new();
    for taken in &carried.columns {
        match (place(&own, &taken.column), place(&theirs, &taken.of)) {
            (Some(here), Some(there)) => places.push((here, there)),
            _ => return Some(offends(&taken.of, "未公布", "is not published")),
        }
    }
    let rows: BTreeMap<&str, &ApplicantRow> = past
        .applicants
        .iter()
        .map(|p| (p.ticket.as_str(), p))
        .collect();
    let came = contents.applicants.iter();
    for row in came.filter(|a| expected.contains(a.ticket.as_str())) {
        let Some(before) = rows.get(row.ticket.as_str()) else {
            return Some(offends(&row.ticket, "未转入", "did not come over"));
        };
        for (here, there) in &places {
            let (now, then) = (row.groups.get(*here), before.groups.get(*there));
            if now != then {
                let name = own.get(*here).copied().unwrap_or_default();
                return Some(offends(
                    &row.ticket,
                    &format!("`{name}` 与以前公布的不同"),
                    &format!("has another `{name}` than was published then"),
                ));
            }
        }
    }
    None
}
