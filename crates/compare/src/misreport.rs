//! Whether it pays to file another list than the true one.

use minsheng_matching::{MarketError, Outcome};
use minsheng_model::Verdict;
use minsheng_programme::Mechanism;
use rayon::prelude::*;
use serde::Serialize;

use crate::figures::held;
use crate::setting::{Chance, Lists, Setting, bounds, sampled};
use crate::solve::{Ranks, solve};

/// Without a number given, as many applicants are tried as keep the entries gone
/// through below this.
const WORK: usize = 400_000_000;
/// …but never fewer or more than these.
const LEAST: usize = 10;
const MOST: usize = 200;

/// What is known of the mechanism from theory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theory {
    /// Nobody can gain by another list than the true one.
    NeverPays,
    /// It can pay.
    CanPay,
    /// The mechanism is safe, but only so many choices count, and it can pay to leave
    /// out what is out of reach.
    CanPayByChoosing,
    /// The mechanism is safe given what opens, but lists decide what opens.
    CanPayByOpening,
}

/// What was found by trying, the others' lists being what they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Misreports {
    /// What theory says.
    pub theory: Theory,
    /// Eligible applicants who did not get what they list first.
    pub candidates: u64,
    /// How many of them were tried, as the seed chose them.
    pub tried: u64,
    /// For how many of these another list pays.
    pub pays: u64,
    /// For whom, with the first list found.
    pub found: Vec<Paying>,
}

/// A list that pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paying {
    /// The application number.
    pub ticket: String,
    /// The list that would have been filed.
    pub list: Vec<String>,
    /// What it gets.
    pub gets: String,
    /// What the true list gets.
    pub instead_of: Option<String>,
}

/// Returns what theory says of a setting: `cut` where only so many choices count,
/// `closings` where providers that lack people do not open.
pub(crate) fn theory(mechanism: Mechanism, cut: bool, closings: bool) -> Theory {
    match mechanism {
        Mechanism::DeferredAcceptance
        | Mechanism::SerialDictatorship
        | Mechanism::TopTradingCycles => match (cut, closings) {
            (true, _) => Theory::CanPayByChoosing,
            (false, true) => Theory::CanPayByOpening,
            (false, false) => Theory::NeverPays,
        },
        Mechanism::ImmediateAcceptance
        | Mechanism::EfficiencyAdjusted
        | Mechanism::StableImprovementCycles
        | Mechanism::MaximumSize => Theory::CanPay,
    }
}

/// Tries other lists for a sample of those who did not get what they list first: each
/// better choice alone, which under most mechanisms is the best try for it; under the
/// others also each brought to the front, and each cut of the list.
///
/// # Errors
/// What the mechanism says.
pub(crate) fn look(
    setting: &Setting,
    outcome: &Outcome,
    chance: Chance,
    seed: &str,
    most: Option<u32>,
    names: [&[String]; 2],
) -> Result<Misreports, MarketError> {
    let full = setting.full.as_ref().unwrap_or(&setting.lists);
    let candidates: Vec<u32> = (0u32..)
        .zip(&setting.verdicts)
        .filter(|(a, v)| {
            **v == Verdict::Eligible && !bounds(&full.market.first, *a as usize).is_empty()
        })
        .map(|(a, _)| a)
        .filter(|a| outcome.entry.get(*a as usize).copied().flatten() != Some(0))
        .collect();
    let size = full.market.provider.len() + full.market.applicants();
    let number = match most {
        Some(most) => most as usize,
        None => (WORK / (size * 8).max(1)).clamp(LEAST, MOST),
    };
    let count = candidates.len() as u64;
    let sample = sampled(seed, candidates, number);
    let ranks = setting.ranks(full, chance)?;
    let tried: Result<Vec<Option<Paying>>, MarketError> = sample
        .par_iter()
        .map(|applicant| try_one(setting, full, &ranks, outcome, *applicant, names))
        .collect();
    let found: Vec<Paying> = tried?.into_iter().flatten().collect();
    Ok(Misreports {
        theory: theory(
            setting.mechanism,
            setting.most.is_some(),
            !setting.minimum.is_empty(),
        ),
        candidates: count,
        tried: sample.len() as u64,
        pays: found.len() as u64,
        found,
    })
}

fn try_one(
    setting: &Setting,
    full: &Lists,
    ranks: &Ranks,
    outcome: &Outcome,
    applicant: u32,
    [tickets, providers]: [&[String]; 2],
) -> Result<Option<Paying>, MarketError> {
    let index = applicant as usize;
    let own: Vec<usize> = bounds(&full.market.first, index).collect();
    let now = held(setting, index, outcome.entry.get(index).copied().flatten());
    let now = now
        .and_then(|e| setting.lists.market.provider.get(e))
        .copied();
    let provider = |entry: usize| full.market.provider.get(entry).copied();
    let better = own
        .iter()
        .position(|e| now.is_some() && provider(*e) == now);
    let better = better.unwrap_or(own.len());
    let name = |provider: Option<u32>| {
        let found = provider.and_then(|p| providers.get(p as usize));
        found.cloned().unwrap_or_default()
    };
    for told in reports(setting, &own, better) {
        let gets = with_list(setting, full, ranks, index, &told)?;
        let Some(entry) = gets.and_then(|g| told.get(g as usize)) else {
            continue;
        };
        // Better by the true list.
        if own
            .iter()
            .position(|e| e == entry)
            .is_some_and(|p| p < better)
        {
            return Ok(Some(Paying {
                ticket: tickets.get(index).cloned().unwrap_or_default(),
                list: told.iter().map(|e| name(provider(*e))).collect(),
                gets: name(provider(*entry)),
                instead_of: now.map(|p| name(Some(p))),
            }));
        }
    }
    Ok(None)
}

/// Returns the lists to try, as entries; `better` is how many come before what the true
/// list gets.
fn reports(setting: &Setting, own: &[usize], better: usize) -> Vec<Vec<usize>> {
    let wanted = own.iter().take(better);
    let mut all: Vec<Vec<usize>> = wanted.clone().map(|e| vec![*e]).collect();
    let alone_is_best = matches!(
        setting.mechanism,
        Mechanism::DeferredAcceptance
            | Mechanism::ImmediateAcceptance
            | Mechanism::SerialDictatorship
            | Mechanism::TopTradingCycles
    ) && setting.minimum.is_empty();
    if alone_is_best {
        return all;
    }
    let most = setting.most.map_or(usize::MAX, |m| m as usize);
    for entry in wanted.skip(1) {
        let rest = own.iter().filter(|e| *e != entry);
        all.push(
            std::iter::once(entry)
                .chain(rest)
                .copied()
                .take(most)
                .collect(),
        );
    }
    for cut in 2..own.len().min(most) {
        all.push(own.iter().take(cut).copied().collect());
    }
    all
}

/// Decides the market in which one applicant files another list, and returns which of
/// its entries that one gets.
fn with_list(
    setting: &Setting,
    full: &Lists,
    ranks: &Ranks,
    applicant: usize,
    told: &[usize],
) -> Result<Option<u32>, MarketError> {
    // The others' lists are those that count; only what the mechanism sees is needed.
    let lists = &setting.lists;
    let range = bounds(&lists.market.first, applicant);
    let mut with = Lists::default();
    with.market.seats.clone_from(&lists.market.seats);
    let splice = |of: &[u32], own: &[u32]| -> Vec<u32> {
        let mut all = Vec::with_capacity(of.len() + told.len());
        all.extend(of.get(..range.start).unwrap_or_default());
        all.extend(told.iter().filter_map(|e| own.get(*e)));
        all.extend(of.get(range.end..).unwrap_or_default());
        all
    };
    with.market.provider = splice(&lists.market.provider, &full.market.provider);
    with.market.groups = splice(&lists.market.groups, &full.market.groups);
    with.class = splice(&lists.class, &full.class);
    let (was, is) = (range.len(), told.len());
    let shift = |(index, first): (usize, &u32)| match index > applicant {
        true => u32::try_from((*first as usize + is).saturating_sub(was)).unwrap_or(u32::MAX),
        false => *first,
    };
    with.market.first = lists.market.first.iter().enumerate().map(shift).collect();
    let own_ranks;
    let ranks = match ranks {
        Ranks::Single(_) => ranks,
        // Given for the full lists; the others' may be cut.
        Ranks::Multiple(of_full) => {
            let others = cut_ranks(lists, full, of_full);
            own_ranks = Ranks::Multiple(splice(&others, of_full));
            &own_ranks
        }
    };
    let (consent, minimum) = (&setting.consent, &setting.minimum);
    let solved = solve(setting.mechanism, &with, ranks, consent, minimum)?;
    Ok(solved.outcome.entry.get(applicant).copied().flatten())
}

/// Returns the places of the entries that count out of those of the full lists: the
/// first of each list, and a kept seat further down.
fn cut_ranks(lists: &Lists, full: &Lists, ranks: &[u32]) -> Vec<u32> {
    let mut cut = Vec::with_capacity(lists.market.provider.len());
    for applicant in 0..lists.market.applicants() {
        let mut all = bounds(&full.market.first, applicant);
        for entry in bounds(&lists.market.first, applicant) {
            let provider = lists.market.provider.get(entry);
            let found = all.find(|e| full.market.provider.get(*e) == provider);
            cut.push(
                found
                    .and_then(|e| ranks.get(e))
                    .copied()
                    .unwrap_or(u32::MAX),
            );
        }
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use minsheng_matching::{Market, Seats, Unused, pack_groups};

    /// Every ordered choice of some entries of a list.
    fn arrangements(of: &[usize]) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new()];
        let mut last = all.clone();
        while !last.is_empty() {
            let longer = last.iter().flat_map(|list: &Vec<usize>| {
                let rest = of.iter().filter(|e| !list.contains(e));
                rest.map(|e| list.iter().copied().chain([*e]).collect())
                    .collect::<Vec<_>>()
            });
            last = longer.collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    fn gets(
        mechanism: Mechanism,
        lists: &Lists,
        ranks: &Ranks,
        applicant: usize,
        told: &[usize],
        minimum: &[u32],
    ) -> usize {
        let mut with = Lists::default();
        with.market.seats.clone_from(&lists.market.seats);
        with.market.first.push(0);
        for other in 0..lists.market.applicants() {
            let own: Vec<usize> = bounds(&lists.market.first, other).collect();
            let own = if other == applicant { told } else { &own };
            own.iter().for_each(|e| with.push(lists, *e));
            with.close();
        }
        let solved = solve(mechanism, &with, ranks, &[], minimum).unwrap();
        solved.outcome.entry[applicant].map_or(usize::MAX, |e| told[e as usize])
    }

    /// Where providers that lack people close, lists decide what opens: somebody gains
    /// by another list, although nobody would where all open.
    #[test]
    fn it_can_pay_to_keep_a_provider_open() {
        let mut state = 5u64;
        let mut next = |most: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            u32::try_from((state >> 33) % most).unwrap()
        };
        let mut paid = 0;
        for _ in 0..400 {
            let mut lists = Lists::default();
            lists.market.first.push(0);
            for _ in 0..5 {
                let mut list: Vec<u32> = vec![0, 1, 2];
                (0..2).for_each(|i| list.swap(i, i + next(3 - i as u64) as usize));
                for provider in list {
                    lists.market.provider.push(provider);
                    lists.class.push(next(3));
                }
                lists.close();
            }
            lists.market.seats = (0..3)
                .map(|_| Seats {
                    capacity: 1 + next(3),
                    ..Seats::default()
                })
                .collect();
            let minimum: Vec<u32> = (0..3).map(|_| next(4)).collect();
            let ranks = Ranks::Single(crate::chance::shuffle(u64::from(next(1 << 30)), 5));
            for applicant in 0..5 {
                let own: Vec<usize> = bounds(&lists.market.first, applicant).collect();
                let mechanism = Mechanism::DeferredAcceptance;
                let get =
                    |told: &[usize]| gets(mechanism, &lists, &ranks, applicant, told, &minimum);
                let best = arrangements(&own).iter().map(|l| get(l)).min();
                paid += usize::from(best < Some(get(&own)));
            }
        }
        assert!(paid > 0);
        assert_eq!(
            theory(Mechanism::DeferredAcceptance, false, true),
            Theory::CanPayByOpening
        );
    }

    /// For these mechanisms whatever any list gets, that choice alone gets too; so it is
    /// enough to try each alone. And where theory says that nothing pays, nothing does.
    #[test]
    fn each_choice_alone_is_the_best_try() {
        let mut state = 11u64;
        let mut next = |most: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            u32::try_from((state >> 33) % most).unwrap()
        };
        let mut paid = 0;
        for round in 0..300 {
            let plain = round % 2 == 0;
            let mut lists = Lists::default();
            lists.market.first.push(0);
            for _ in 0..4 {
                let mut list: Vec<u32> = vec![0, 1, 2];
                (0..2).for_each(|i| list.swap(i, i + next(3 - i as u64) as usize));
                for provider in list {
                    lists.market.provider.push(provider);
                    lists.class.push(next(2));
                    lists
                        .market
                        .groups
                        .push(pack_groups(false, u16::from(next(2) == 0), 0));
                }
                lists.close();
            }
            lists.market.seats = (0..3)
                .map(|_| Seats {
                    capacity: next(3),
                    reserves: if plain {
                        Vec::new()
                    } else {
                        vec![(next(2), Unused::Open)]
                    },
                    ceilings: Vec::new(),
                })
                .collect();
            let ranks = Ranks::Single(crate::chance::shuffle(u64::from(next(1 << 30)), 4));
            let mut mechanisms = vec![
                Mechanism::DeferredAcceptance,
                Mechanism::ImmediateAcceptance,
                Mechanism::SerialDictatorship,
            ];
            if plain {
                mechanisms.push(Mechanism::TopTradingCycles);
                lists.market.groups.clear();
            }
            for mechanism in mechanisms {
                for applicant in 0..4 {
                    let own: Vec<usize> = bounds(&lists.market.first, applicant).collect();
                    let get =
                        |told: &[usize]| gets(mechanism, &lists, &ranks, applicant, told, &[]);
                    let truth = get(&own);
                    let best = arrangements(&own).iter().map(|l| get(l)).min().unwrap();
                    let alone = own.iter().map(|e| get(&[*e])).min().unwrap();
                    assert_eq!(
                        best.min(truth),
                        alone.min(truth),
                        "{mechanism:?} {lists:?} {ranks:?}"
                    );
                    if theory(mechanism, false, false) == Theory::NeverPays {
                        assert_eq!(best.min(truth), truth);
                    } else {
                        paid += usize::from(best < truth);
                    }
                }
            }
        }
        assert!(paid > 20, "{paid}");
        let _ = Market::default();
    }
}
