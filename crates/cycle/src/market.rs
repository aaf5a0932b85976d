use minsheng_matching as matching;
use minsheng_model::{ChoiceRow, Diagnostic, Door, Order, Rules, Text, Unused, Verdict};
use minsheng_registers::ProviderFacts;

use crate::facts::Names;

/// A place as an index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    /// The choice row.
    pub choice: usize,
    /// The way in.
    pub door: Door,
}

/// Who got what.
pub(crate) struct Placements {
    /// One per applicant.
    pub placements: Vec<Option<Placed>>,
    /// Providers that do not open, in the order of closing.
    pub closed: Vec<matching::Closed>,
}

/// The market of a cycle.
#[derive(Debug, Clone)]
pub struct Built {
    /// The usable choices as lists with keys (tier in 8 bits, place of the score in
    /// 24, place in the draw in 32), and the seats.
    pub market: matching::Market,
    /// The choice row behind each entry of the market: unusable choices have none.
    pub row: Vec<u32>,
}

/// Builds the market of the usable choices.
///
/// A choice is usable when its applicant and the choice itself are eligible, or
/// when the seat is kept.
pub(crate) fn build(
    rules: &Rules,
    names: &Names,
    verdicts: &[Verdict],
    choices: &[ChoiceRow],
    seats: &[ProviderFacts],
    ranks: &[u32],
) -> Result<Built, Vec<Diagnostic>> {
    let scores = score_places(rules, choices)?;
    let grouped = !rules.reserves.is_empty()
        || !rules.ceilings.is_empty()
        || rules.current_provider.is_some();
    let mut market = matching::Market {
        first: Vec::with_capacity(names.tickets.len() + 1),
        provider: Vec::new(),
        key: Vec::new(),
        groups: Vec::new(),
        seats: seats.iter().map(|s| provider_seats(rules, s)).collect(),
    };
    let mut row_of: Vec<u32> = Vec::new();
    let mut rows = (0u32..).zip(choices).peekable();
    for (applicant, verdict) in (0u32..).zip(verdicts) {
        market.first.push(len_u32(market.provider.len())?);
        while let Some((row, choice)) = rows.next_if(|(_, c)| c.applicant == applicant) {
            let usable = *verdict == Verdict::Eligible
                && (choice.verdict == Verdict::Eligible || choice.kept);
            if !usable {
                continue;
            }
            let (score, rank) = (at(&scores, row as usize), at(ranks, row as usize));
            market.provider.push(choice.provider);
            market
                .key
                .push(u64::from(choice.tier) << 56 | u64::from(score) << 32 | u64::from(rank));
            if grouped {
                market.groups.push(matching::pack_groups(
                    choice.kept,
                    choice.reserves,
                    choice.ceilings,
                ));
            }
            row_of.push(row);
        }
    }
    market.first.push(len_u32(market.provider.len())?);
    Ok(Built {
        market,
        row: row_of,
    })
}

/// Runs deferred acceptance over the usable choices, closing who has too few people
/// where the rules say so.
pub(crate) fn solve(
    rules: &Rules,
    names: &Names,
    seats: &[ProviderFacts],
    built: &Built,
) -> Result<Placements, Vec<Diagnostic>> {
    let (market, row_of) = (&built.market, &built.row);
    let solved = if rules.minimum.is_some() {
        let minimum: Vec<u32> = seats.iter().map(|s| s.minimum).collect();
        matching::with_minimum(market, &minimum)
    } else {
        matching::deferred_acceptance(market).map(|outcome| (outcome, Vec::new()))
    };
    let (outcome, closed) = solved.map_err(|e| vec![told(&e, names)])?;
    let placements = outcome
        .entry
        .iter()
        .zip(&outcome.door)
        .zip(&market.first)
        .map(|((entry, door), first)| {
            let entry = first.checked_add((*entry)?)?;
            Some(Placed {
                choice: *row_of.get(entry as usize)? as usize,
                door: model_door((*door)?),
            })
        })
        .collect();
    Ok(Placements { placements, closed })
}

fn at(values: &[u32], index: usize) -> u32 {
    values.get(index).copied().unwrap_or(u32::MAX)
}

fn len_u32(len: usize) -> Result<u32, Vec<Diagnostic>> {
    u32::try_from(len).map_err(|_| {
        vec![Diagnostic::error(
            "cycle/too-large",
            Text::new(
                "志愿总数超过 4,294,967,295",
                "there are more than 4,294,967,295 choices",
            ),
        )]
    })
}

fn provider_seats(rules: &Rules, facts: &ProviderFacts) -> matching::Seats {
    seats_of(rules, facts.capacity, &facts.reserves, &facts.ceilings)
}

/// Returns a provider's seats as the mechanism has them.
pub(crate) fn seats_of(
    rules: &Rules,
    capacity: u32,
    reserves: &[u32],
    ceilings: &[u32],
) -> matching::Seats {
    let unused = |u: Unused| match u {
        Unused::Open => matching::Unused::Open,
        Unused::Empty => matching::Unused::Empty,
    };
    matching::Seats {
        capacity,
        reserves: reserves
            .iter()
            .zip(&rules.reserves)
            .map(|(seats, r)| (*seats, unused(r.unused)))
            .collect(),
        ceilings: ceilings.to_vec(),
    }
}

fn model_door(door: matching::Door) -> Door {
    match door {
        matching::Door::Kept => Door::Kept,
        matching::Door::Reserve(index) => Door::Reserve(index),
        matching::Door::Open => Door::Open,
    }
}

/// Returns each row's score as its place among the distinct scores, best first:
/// 24 bits of the packed key.
pub(crate) fn score_places(
    rules: &Rules,
    choices: &[ChoiceRow],
) -> Result<Vec<u32>, Vec<Diagnostic>> {
    let Some(score) = &rules.score else {
        return Ok(vec![0; choices.len()]);
    };
    let mut distinct: Vec<i64> = choices.iter().map(|c| c.score).collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() >= 1 << 24 {
        return Err(vec![Diagnostic::error(
            "cycle/too-many-scores",
            Text::new(
                "不同的分值超过 16,777,215 个",
                "there are more than 16,777,215 different scores",
            ),
        )]);
    }
    let last = distinct.len().saturating_sub(1);
    let rank = |s: i64| {
        let up = distinct.partition_point(|x| *x < s);
        let place = match score.order {
            Order::LowFirst => up,
            Order::HighFirst => last - up.min(last),
        };
        u32::try_from(place).unwrap_or(u32::MAX)
    };
    Ok(choices.iter().map(|c| rank(c.score)).collect())
}

/// Returns what a mechanism says of a market, with the provider's name.
pub(crate) fn told(error: &matching::MarketError, names: &Names) -> Diagnostic {
    let provider = error
        .provider()
        .and_then(|p| names.providers.get(p as usize));
    let at = provider.map_or_else(String::new, |p| format!("`{p}`: "));
    Diagnostic::error(
        "cycle/market",
        Text::new(
            format!("名额与志愿互相矛盾:{at}{error}"),
            format!("{at}{error}"),
        ),
    )
}
