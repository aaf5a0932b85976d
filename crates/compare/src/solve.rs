//! One market under one draw and one mechanism.

use std::borrow::Cow;

use minsheng_matching as matching;
use minsheng_matching::{Closed, Market, MarketError, Outcome};
use minsheng_programme::Mechanism;

use crate::chance::{Scrambled, half_bits, shuffle};
use crate::setting::Lists;

/// Places in a draw, lower first.
#[derive(Debug, Clone)]
pub(crate) enum Ranks {
    /// One for each applicant.
    Single(Vec<u32>),
    /// One for each entry of the lists.
    Multiple(Vec<u32>),
}

impl Ranks {
    /// Returns the place of an entry.
    pub fn of(&self, applicant: u32, entry: usize) -> u32 {
        let found = match self {
            Self::Single(ranks) => ranks.get(applicant as usize),
            Self::Multiple(ranks) => ranks.get(entry),
        };
        found.copied().unwrap_or(u32::MAX)
    }
}

/// Who holds which number of a draw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Crowd {
    /// For each applicant the draw ticket's index in byte order.
    pub ticket: Vec<u32>,
    /// For each applicant how many others of the same ticket come before.
    pub within: Vec<u32>,
    /// How many tickets there are.
    pub tickets: u32,
    /// The most applicants of one ticket.
    pub largest: u32,
}

impl Crowd {
    /// Reads the draw tickets, one for each applicant in the order of application
    /// numbers.
    pub fn new(tickets: &[String]) -> Self {
        let mut order: Vec<u32> = (0u32..).take(tickets.len()).collect();
        let of = |a: u32| tickets.get(a as usize).map_or("", String::as_str);
        order.sort_by(|a, b| of(*a).cmp(of(*b)));
        let mut crowd = Self {
            ticket: vec![0; tickets.len()],
            within: vec![0; tickets.len()],
            ..Self::default()
        };
        let mut before: Option<u32> = None;
        let mut within = 0;
        for applicant in order {
            let same = before.is_some_and(|b| of(b) == of(applicant));
            within = if same { within + 1 } else { 0 };
            if !same {
                crowd.tickets += 1;
            }
            crowd.largest = crowd.largest.max(within + 1);
            if let Some(slot) = crowd.ticket.get_mut(applicant as usize) {
                *slot = crowd.tickets - 1;
            }
            if let Some(slot) = crowd.within.get_mut(applicant as usize) {
                *slot = within;
            }
            before = Some(applicant);
        }
        crowd
    }

    /// Holds one draw for all.
    pub fn single(&self, key: u64) -> Vec<u32> {
        let place = shuffle(key, self.tickets);
        let mut start = vec![0u32; self.tickets as usize];
        // How many hold each ticket, then where each ticket's people begin.
        for ticket in &self.ticket {
            let at = place.get(*ticket as usize).copied().unwrap_or(0);
            if let Some(count) = start.get_mut(at as usize) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut start {
            let own = *count;
            *count = sum;
            sum += own;
        }
        let people = self.ticket.iter().zip(&self.within);
        people
            .map(|(ticket, within)| {
                let at = place.get(*ticket as usize).copied().unwrap_or(0);
                start.get(at as usize).copied().unwrap_or(0) + within
            })
            .collect()
    }

    /// Holds a draw at each provider, for the entries of the lists.
    ///
    /// # Errors
    /// When numbers do not fit 32 bits: over 100 million people with large families.
    pub fn multiple(&self, key: u64, lists: &Market) -> Result<Vec<u32>, MarketError> {
        let half = half_bits(self.tickets);
        let low = u32::BITS - self.largest.saturating_sub(1).leading_zeros();
        if 2 * half + low > u32::BITS {
            return Err(MarketError::Unsupported(
                "a draw at each provider knows at most 2^32 numbers, families included",
            ));
        }
        let draws: Vec<Scrambled> = (0u32..)
            .take(lists.seats.len())
            .map(|p| Scrambled::new(key, p, half))
            .collect();
        let mut ranks = Vec::with_capacity(lists.provider.len());
        for (bounds, (ticket, within)) in lists
            .first
            .windows(2)
            .zip(self.ticket.iter().zip(&self.within))
        {
            let &[start, end] = bounds else { continue };
            let own = lists.provider.get(start as usize..end as usize);
            for provider in own.unwrap_or_default() {
                let number = draws.get(*provider as usize).map_or(0, |d| d.of(*ticket));
                ranks.push(number << low | within);
            }
        }
        Ok(ranks)
    }
}

/// Who got what, and which providers do not open.
#[derive(Debug)]
pub(crate) struct Solved {
    pub outcome: Outcome,
    /// In the order of closing.
    pub closed: Vec<Closed>,
}

/// Decides lists by a mechanism, closing providers that lack people for their
/// `minimum`; an empty one says that all open.
///
/// # Errors
/// What the mechanism says of the market.
pub(crate) fn solve(
    mechanism: Mechanism,
    lists: &Lists,
    ranks: &Ranks,
    consent: &[bool],
    minimum: &[u32],
) -> Result<Solved, MarketError> {
    if minimum.iter().all(|m| *m == 0) {
        let outcome = open(mechanism, lists, ranks, consent)?;
        let closed = Vec::new();
        return Ok(Solved { outcome, closed });
    }
    let class = classes(mechanism, lists)?;
    let market = keyed(mechanism, lists, &class, ranks)?;
    let (outcome, closed) = match mechanism {
        Mechanism::DeferredAcceptance
        | Mechanism::ImmediateAcceptance
        | Mechanism::SerialDictatorship => matching::with_minimum(&market, minimum),
        _ => matching::with_minimum_by(&market, minimum, |rest| by_keys(mechanism, rest, consent)),
    }?;
    Ok(Solved { outcome, closed })
}

/// Decides lists by a mechanism where every provider opens. `consent` is looked at by
/// one mechanism only.
///
/// # Errors
/// What the mechanism says of the market.
pub(crate) fn open(
    mechanism: Mechanism,
    lists: &Lists,
    ranks: &Ranks,
    consent: &[bool],
) -> Result<Outcome, MarketError> {
    let class = classes(mechanism, lists)?;
    // These three are deferred acceptance under other classes.
    if let (
        Mechanism::DeferredAcceptance
        | Mechanism::ImmediateAcceptance
        | Mechanism::SerialDictatorship,
        Ranks::Single(rank),
    ) = (mechanism, ranks)
    {
        return matching::deferred_acceptance_by_draw(&lists.market, &class, rank);
    }
    by_keys(mechanism, &keyed(mechanism, lists, &class, ranks)?, consent)
}

/// Returns the classes of priority as the mechanism sees them.
fn classes(mechanism: Mechanism, lists: &Lists) -> Result<Cow<'_, [u32]>, MarketError> {
    Ok(match mechanism {
        Mechanism::ImmediateAcceptance => Cow::Owned(by_ordinal(lists)?),
        Mechanism::SerialDictatorship => Cow::Owned(vec![0; lists.class.len()]),
        _ => Cow::Borrowed(&lists.class),
    })
}

/// Returns the market with keys: the class, then the place in the draw.
fn keyed(
    mechanism: Mechanism,
    lists: &Lists,
    class: &[u32],
    ranks: &Ranks,
) -> Result<Market, MarketError> {
    if let (Mechanism::SerialDictatorship, Ranks::Multiple(_)) = (mechanism, ranks) {
        return Err(MarketError::Unsupported(
            "serial dictatorship needs one order for all",
        ));
    }
    Ok(Market {
        key: keys(lists, class, ranks),
        ..lists.market.clone()
    })
}

/// Decides a market with keys.
fn by_keys(
    mechanism: Mechanism,
    market: &Market,
    consent: &[bool],
) -> Result<Outcome, MarketError> {
    let class = || -> Vec<u32> {
        let class = |key: &u64| u32::try_from(key >> 32).unwrap_or(u32::MAX);
        market.key.iter().map(class).collect()
    };
    match mechanism {
        Mechanism::DeferredAcceptance
        | Mechanism::ImmediateAcceptance
        | Mechanism::SerialDictatorship => matching::deferred_acceptance(market),
        Mechanism::TopTradingCycles => {
            let priorities = matching::Priorities::of_askers(market)?;
            matching::top_trading_cycles(market, &priorities)
        }
        Mechanism::EfficiencyAdjusted => matching::efficiency_adjusted(market, consent),
        Mechanism::StableImprovementCycles => matching::stable_improvement_cycles(market, &class()),
        Mechanism::MaximumSize => {
            matching::maximum_size(market, &class()).map(|largest| largest.outcome)
        }
    }
}

fn keys(lists: &Lists, class: &[u32], ranks: &Ranks) -> Vec<u64> {
    let mut keys = Vec::with_capacity(class.len());
    for (applicant, bounds) in (0u32..).zip(lists.market.first.windows(2)) {
        let &[start, end] = bounds else { continue };
        let own = class.get(start as usize..end as usize).unwrap_or_default();
        for (entry, class) in (start as usize..).zip(own) {
            keys.push(u64::from(*class) << 32 | u64::from(ranks.of(applicant, entry)));
        }
    }
    keys
}

/// Returns classes in which the place on the own list counts before everything else.
fn by_ordinal(lists: &Lists) -> Result<Vec<u32>, MarketError> {
    let most = lists.class.iter().max().map_or(1, |c| u64::from(*c) + 1);
    let mut classes = Vec::with_capacity(lists.class.len());
    for bounds in lists.market.first.windows(2) {
        let &[start, end] = bounds else { continue };
        let own = lists.class.get(start as usize..end as usize);
        for (ordinal, class) in (0u64..).zip(own.unwrap_or_default()) {
            let class = u32::try_from(ordinal * most + u64::from(*class));
            classes.push(class.map_err(|_| {
                MarketError::Unsupported("too many different scores for immediate acceptance")
            })?);
        }
    }
    Ok(classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists() -> Lists {
        // Four applicants, two providers, two classes.
        Lists {
            market: Market {
                first: vec![0, 2, 4, 6, 8],
                provider: vec![0, 1, 0, 1, 1, 0, 0, 1],
                key: Vec::new(),
                groups: Vec::new(),
                seats: vec![
                    matching::Seats {
                        capacity: 1,
                        ..Default::default()
                    },
                    matching::Seats {
                        capacity: 2,
                        ..Default::default()
                    },
                ],
            },
            class: vec![1, 0, 1, 1, 0, 0, 0, 1],
            ..Lists::default()
        }
    }

    #[test]
    fn families_stand_together_in_every_draw() {
        let tickets: Vec<String> = ["f2", "a", "f2", "b", "f2"].map(String::from).into();
        let crowd = Crowd::new(&tickets);
        assert_eq!((crowd.tickets, crowd.largest), (3, 3));
        for number in 0..50 {
            let ranks = crowd.single(number);
            assert_eq!(ranks[2], ranks[0] + 1);
            assert_eq!(ranks[4], ranks[0] + 2);
            let mut sorted = ranks;
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4]);
            let market = Market {
                first: vec![0, 1, 2, 3, 4, 5],
                provider: vec![0; 5],
                seats: vec![matching::Seats::default()],
                ..Market::default()
            };
            let ranks = crowd.multiple(number, &market).unwrap();
            assert!(ranks[0] < ranks[2] && ranks[2] < ranks[4]);
            let between = |r: u32| r > ranks[0] && r < ranks[4] && r != ranks[2];
            assert!(!ranks.iter().any(|r| between(*r)));
        }
    }

    #[test]
    fn other_classes_give_the_mechanisms_of_the_library() {
        let lists = lists();
        let market = |class: &[u32], ranks: &Ranks| Market {
            key: keys(&lists, class, ranks),
            ..lists.market.clone()
        };
        for number in 0..100 {
            let rank = shuffle(number, 4);
            let ranks = Ranks::Single(rank.clone());
            let of = |m| open(m, &lists, &ranks, &[]).unwrap().entry;
            let with = market(&lists.class, &ranks);
            let direct = matching::deferred_acceptance(&with).unwrap();
            assert_eq!(of(Mechanism::DeferredAcceptance), direct.entry);
            let boston = matching::immediate_acceptance(&with).unwrap();
            assert_eq!(of(Mechanism::ImmediateAcceptance), boston.entry);
            let serial = matching::serial_dictatorship(&with, &rank).unwrap();
            assert_eq!(of(Mechanism::SerialDictatorship), serial.entry);
        }
    }
}
