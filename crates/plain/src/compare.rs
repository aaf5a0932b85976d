//! A what-if mechanism against the binding one, and whether it pays to misreport.

use std::collections::BTreeMap;

use minsheng_matching::{Market, Outcome, deferred_acceptance};
use serde::Serialize;

use crate::decide::{Decision, run};
use crate::input::{Instance, Mechanism};
use crate::market::Built;

/// Misreports are looked for while runs times entries stay below this.
const LOOK_MAX: usize = 20_000_000;

/// Who gains and who loses against applicant-proposing deferred acceptance.
#[derive(Serialize)]
pub(crate) struct Compared {
    pub gain: Vec<String>,
    pub lose: Vec<String>,
    pub placed: usize,
    pub placed_by_deferred_acceptance: usize,
    pub misreports: Misreports,
}

/// Whether somebody gets something better by another list than the own one, the
/// others' lists being what they are.
#[derive(Serialize)]
pub(crate) struct Misreports {
    /// Every cut of a list, every entry left out and every swap of two was tried for
    /// everybody; `false` when there would be too many.
    pub examined: bool,
    /// For whom it pays: the first list found, and what it gets.
    pub pays: BTreeMap<String, Pays>,
}

#[derive(Serialize)]
pub(crate) struct Pays {
    pub report: Vec<String>,
    pub gets: String,
}

/// Compares a decision; `None` for the binding mechanism itself.
///
/// # Errors
/// What a solver says.
pub(crate) fn compare(
    instance: &Instance,
    built: &Built,
    decision: &Decision,
) -> Result<Option<Compared>, String> {
    if instance.mechanism == Mechanism::DeferredAcceptance {
        return Ok(None);
    }
    let market = &decision.market;
    let binding = deferred_acceptance(market).map_err(|e| e.to_string())?;
    let mut compared = Compared {
        gain: Vec::new(),
        lose: Vec::new(),
        placed: decision.got.iter().flatten().count(),
        placed_by_deferred_acceptance: binding.entry.iter().flatten().count(),
        misreports: misreports(instance, built, market, &decision.got)?,
    };
    let rank = |entry: Option<u32>| entry.unwrap_or(u32::MAX);
    let pairs = decision.got.iter().zip(&binding.entry);
    for (applicant, (own, other)) in instance.applicants.iter().zip(pairs) {
        match rank(own.map(|(e, _)| e)).cmp(&rank(*other)) {
            std::cmp::Ordering::Less => compared.gain.push(applicant.id.0.clone()),
            std::cmp::Ordering::Greater => compared.lose.push(applicant.id.0.clone()),
            std::cmp::Ordering::Equal => {}
        }
    }
    compared.gain.sort_unstable();
    compared.lose.sort_unstable();
    Ok(Some(compared))
}

fn misreports(
    instance: &Instance,
    built: &Built,
    market: &Market,
    got: &[Option<(u32, minsheng_model::Door)>],
) -> Result<Misreports, String> {
    let mut found = Misreports {
        examined: false,
        pays: BTreeMap::new(),
    };
    let lengths = market.first.windows(2).map(|b| match b {
        [start, end] => (end - start) as usize,
        _ => 0,
    });
    let tries = lengths
        .map(|n| n.saturating_mul(n + 3) / 2)
        .fold(0usize, usize::saturating_add);
    if tries.saturating_mul(market.provider.len() + market.applicants()) > LOOK_MAX {
        return Ok(found);
    }
    found.examined = true;
    // A search costs more than one run; it counts by what it looked at.
    let mut searched = 0u64;
    for (applicant, own) in instance.applicants.iter().enumerate() {
        let truth = list(market, applicant);
        let now = got
            .get(applicant)
            .copied()
            .flatten()
            .map_or(truth.len(), |(e, _)| e as usize);
        for report in reports(truth.len()) {
            let told: Vec<usize> = report
                .iter()
                .filter_map(|i| truth.get(*i).copied())
                .collect();
            let (outcome, nodes) = solve_with(instance.mechanism, built, market, applicant, &told)?;
            searched += nodes * (market.provider.len() + market.applicants()) as u64;
            if searched > LOOK_MAX as u64 {
                return Ok(Misreports {
                    examined: false,
                    pays: BTreeMap::new(),
                });
            }
            let gets = outcome.entry.get(applicant).copied().flatten();
            let Some(place) = gets.and_then(|e| report.get(e as usize)) else {
                continue;
            };
            if *place >= now {
                continue;
            }
            let name = |entry: usize| {
                let provider = market.provider.get(entry).copied().unwrap_or(u32::MAX);
                instance
                    .providers
                    .get(provider as usize)
                    .map_or_else(String::new, |p| p.id.0.clone())
            };
            let pays = Pays {
                report: told.iter().map(|e| name(*e)).collect(),
                gets: truth.get(*place).map_or_else(String::new, |e| name(*e)),
            };
            found.pays.insert(own.id.0.clone(), pays);
            break;
        }
    }
    Ok(found)
}

/// Returns the entries of an applicant.
fn list(market: &Market, applicant: usize) -> Vec<usize> {
    match (market.first.get(applicant), market.first.get(applicant + 1)) {
        (Some(start), Some(end)) => (*start as usize..*end as usize).collect(),
        _ => Vec::new(),
    }
}

/// Returns every cut, every swap of two, every list with one entry left out.
fn reports(length: usize) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..length).collect();
    let cuts = (1..length).map(|n| all.iter().copied().take(n).collect());
    let mut reports: Vec<Vec<usize>> = cuts.collect();
    for a in 0..length {
        for b in a + 1..length {
            let mut swapped = all.clone();
            swapped.swap(a, b);
            reports.push(swapped);
        }
    }
    // Without the last is a cut already.
    reports.extend((0..length.saturating_sub(1)).map(|out| {
        all.iter()
            .copied()
            .filter(|i| *i != out)
            .collect::<Vec<_>>()
    }));
    reports
}

/// Solves the market in which one applicant has another list; also says how many cases
/// a search looked at.
fn solve_with(
    mechanism: Mechanism,
    built: &Built,
    market: &Market,
    applicant: usize,
    told: &[usize],
) -> Result<(Outcome, u64), String> {
    let mut with = Market {
        first: vec![0],
        seats: market.seats.clone(),
        ..Market::default()
    };
    for other in 0..market.applicants() {
        let own = list(market, other);
        let entries = if other == applicant {
            told
        } else {
            own.as_slice()
        };
        for entry in entries {
            with.provider.extend(market.provider.get(*entry));
            with.key.extend(market.key.get(*entry));
            with.groups.extend(market.groups.get(*entry));
        }
        with.first
            .push(u32::try_from(with.provider.len()).unwrap_or(u32::MAX));
    }
    run(mechanism, &with, built)
        .map(|(outcome, largest)| (outcome, largest.map_or(0, |l| l.nodes)))
        .map_err(|e| e.to_string())
}
