//! The mechanisms, on a built instance.

use minsheng_matching::{self as matching, Market, MarketError, Outcome};
use minsheng_model::Door;

use crate::error::PlainError;
use crate::extras::{Couples, Families};
use crate::input::{Instance, Mechanism};
use crate::market::Built;

/// So many insertions are tried for a market with couples, and as many again for
/// each applicant.
const INSERTIONS: u64 = 1_000;

/// A decision on the lists as they were decided.
pub(crate) struct Decision {
    pub market: Market,
    /// For each applicant the entry, counted on the list as decided, and the way in.
    pub got: Vec<Option<(u32, Door)>>,
    /// Providers that did not reach their minimum, in the order of closing, with how
    /// many they had.
    pub closed: Vec<(u32, u32)>,
    /// Applicant and provider of each entry that a family gave up.
    pub struck: Vec<(u32, u32)>,
    pub joint: Option<Joint>,
    pub largest: Option<Largest>,
}

/// What insertion knows of couples.
pub(crate) struct Joint {
    pub search: matching::Search,
    pub blocking: usize,
}

/// What is known of how many could be placed.
pub(crate) struct Largest {
    pub bound: u64,
    pub proof: Vec<matching::Part>,
    pub nodes: u64,
}

/// So many sides of splits are looked at for the largest assignment, fewer where the
/// market is so large that this would take long.
const NODES: usize = 2_000;
/// Sides times entries.
const NODES_ENTRIES: usize = 50_000_000;

/// Runs a mechanism on a market without caps, families, couples and minimums.
pub(crate) fn run(
    mechanism: Mechanism,
    market: &Market,
    built: &Built,
) -> Result<(Outcome, Option<Largest>), MarketError> {
    let outcome = match mechanism {
        Mechanism::DeferredAcceptance => matching::deferred_acceptance(market),
        Mechanism::ProviderProposing => matching::provider_proposing(market),
        Mechanism::ImmediateAcceptance => matching::immediate_acceptance(market),
        Mechanism::SerialDictatorship => matching::serial_dictatorship(market, &built.extras.order),
        Mechanism::TopTradingCycles => {
            let mut own = matching::Priorities {
                first: vec![0],
                applicant: Vec::new(),
            };
            for order in &built.orders {
                own.applicant.extend(order);
                own.first
                    .push(u32::try_from(own.applicant.len()).unwrap_or(u32::MAX));
            }
            matching::top_trading_cycles(market, &own)
        }
        Mechanism::EfficiencyAdjusted => {
            matching::efficiency_adjusted(market, &built.extras.consent)
        }
        Mechanism::StableImprovementCycles => {
            matching::stable_improvement_cycles(market, &classes(market))
        }
        Mechanism::MaximumSize => {
            let nodes = NODES.min(1 + NODES_ENTRIES / (1 + market.provider.len()));
            let nodes = u64::try_from(nodes).unwrap_or(u64::MAX);
            let found = matching::largest(market, &classes(market), nodes)?;
            let largest = Largest {
                bound: found.bound,
                proof: found.proof,
                nodes: found.nodes,
            };
            return Ok((found.outcome, Some(largest)));
        }
    };
    Ok((outcome?, None))
}

/// Returns the class of each entry: what the key says before ties are parted.
pub(crate) fn classes(market: &Market) -> Vec<u32> {
    let class = |key: &u64| u32::try_from(key >> 32).unwrap_or(u32::MAX);
    market.key.iter().map(class).collect()
}

/// Decides an instance.
///
/// # Errors
/// When the market cannot be solved.
pub(crate) fn decide(instance: &Instance, built: &mut Built) -> Result<Decision, PlainError> {
    let market = std::mem::take(&mut built.market);
    let minimum: Vec<u32> = instance.providers.iter().map(|p| p.minimum).collect();
    let decided = if let Some(own) = &built.extras.families {
        related(market, own)
    } else if let Some(own) = &built.extras.couples {
        joint(market, own)
    } else if let Some(own) = &built.extras.caps {
        matching::deferred_acceptance_under_caps(&market, own).map(|o| plain(market, o))
    } else if minimum.iter().any(|m| *m > 0) {
        smallest(market, &minimum)
    } else {
        run(instance.mechanism, &market, built).map(|(outcome, largest)| Decision {
            largest,
            ..plain(market, outcome)
        })
    };
    decided.map_err(|e| {
        PlainError::whole(
            format!("无法求解:{e}"),
            format!("the market cannot be solved: {e}"),
        )
    })
}

fn plain(market: Market, outcome: Outcome) -> Decision {
    let pairs = outcome.entry.into_iter().zip(outcome.door);
    Decision {
        market,
        got: pairs.map(|(e, d)| Some((e?, door(d?)))).collect(),
        closed: Vec::new(),
        struck: Vec::new(),
        joint: None,
        largest: None,
    }
}

fn door(door: matching::Door) -> Door {
    match door {
        matching::Door::Kept => Door::Kept,
        matching::Door::Reserve(index) => Door::Reserve(index),
        matching::Door::Open => Door::Open,
    }
}

fn joint(market: Market, own: &Couples) -> Result<Decision, MarketError> {
    let start = |applicant: u32| market.first.get(applicant as usize).copied().unwrap_or(0);
    let mut couples = matching::Couples {
        members: own.members.clone(),
        first: vec![0],
        pair: Vec::new(),
    };
    for ([a, b], pairs) in own.members.iter().zip(&own.pairs) {
        let entry = |e: Option<u32>, of: u32| e.map_or(matching::Couples::NONE, |e| start(of) + e);
        couples
            .pair
            .extend(pairs.iter().map(|[x, y]| [entry(*x, *a), entry(*y, *b)]));
        couples
            .first
            .push(u32::try_from(couples.pair.len()).unwrap_or(u32::MAX));
    }
    let steps = INSERTIONS.saturating_mul(1 + market.applicants() as u64);
    let found = matching::couples(&market, &couples, steps)?;
    Ok(Decision {
        joint: Some(Joint {
            search: found.search,
            blocking: found.blocking.len(),
        }),
        ..plain(market, found.outcome)
    })
}

fn related(mut market: Market, own: &Families) -> Result<Decision, MarketError> {
    // A brother or sister at the site comes before everybody but kept seats.
    let sibling_key = market.key.clone();
    for key in market.key.iter_mut().filter(|k| **k >= 1 << 32) {
        *key += 1 << 62;
    }
    let families = matching::Families {
        family: own.family.clone(),
        wish: own.wish.clone(),
        grade: own.grade.clone(),
        site: own.site.clone(),
        sibling_key,
    };
    let found = matching::families(&market, &families)?;
    let entry_of = |origin: u32, applicant: usize| {
        let start = found.decided.first.get(applicant).copied().unwrap_or(0);
        let end = found
            .decided
            .first
            .get(applicant + 1)
            .copied()
            .unwrap_or(start);
        let list = found
            .origin
            .get(start as usize..end as usize)
            .unwrap_or_default();
        list.iter()
            .position(|e| *e == origin)
            .and_then(|e| u32::try_from(e).ok())
    };
    let mut decision = plain(found.decided.clone(), found.outcome);
    for (applicant, got) in decision.got.iter_mut().enumerate() {
        let start = market.first.get(applicant).copied().unwrap_or(0);
        *got = got.and_then(|(entry, door)| Some((entry_of(start + entry, applicant)?, door)));
    }
    let owner = |entry: u32| {
        market
            .first
            .partition_point(|f| *f <= entry)
            .saturating_sub(1)
    };
    for entry in found.struck {
        let provider = market.provider.get(entry as usize).copied();
        if let (Ok(applicant), Some(provider)) = (u32::try_from(owner(entry)), provider) {
            decision.struck.push((applicant, provider));
        }
    }
    Ok(decision)
}

fn smallest(market: Market, minimum: &[u32]) -> Result<Decision, MarketError> {
    let (outcome, closed) = matching::with_minimum(&market, minimum)?;
    let shut = |p: u32| closed.iter().any(|c| c.provider == p && c.placed > 0);
    // The lists as decided are those without the closed providers.
    let mut rest = Market {
        first: vec![0],
        seats: market.seats.clone(),
        ..Market::default()
    };
    let mut whole = plain(market.clone(), outcome);
    for (got, bounds) in whole.got.iter_mut().zip(market.first.windows(2)) {
        let &[start, end] = bounds else { continue };
        let mut before = 0;
        for (position, entry) in (0u32..).zip(start as usize..end as usize) {
            let provider = market.provider.get(entry).copied().unwrap_or(u32::MAX);
            if shut(provider) {
                before += u32::from(got.is_some_and(|(own, _)| position < own));
                continue;
            }
            rest.provider.push(provider);
            rest.key.push(market.key.get(entry).copied().unwrap_or(0));
            rest.groups.extend(market.groups.get(entry));
        }
        if let Some((own, _)) = got {
            *own -= before;
        }
        rest.first
            .push(u32::try_from(rest.provider.len()).unwrap_or(u32::MAX));
    }
    whole.market = rest;
    whole.closed = closed.iter().map(|c| (c.provider, c.placed)).collect();
    Ok(whole)
}
