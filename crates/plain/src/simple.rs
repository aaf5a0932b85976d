//! The market of plain seats and priorities, made without a table for each provider:
//! what a whole city asks for goes straight into flat arrays.

use minsheng_matching::Market;
use rayon::prelude::*;

use crate::input::{Applicant, Instance, Mechanism, Provider};
use crate::known::Known;

/// Stands for a provider or key that is not there.
const NONE: u32 = u32::MAX;
const NO_KEY: u64 = u64::MAX;

/// So many people, and so many providers, are one piece of work.
const PEOPLE: usize = 1 << 12;
const PROVIDERS: usize = 64;

/// What was read.
pub(crate) struct Simple {
    /// All but the seats.
    pub market: Market,
    /// Each provider's people in their order, for the one mechanism that asks for it.
    pub orders: Vec<Vec<u32>>,
    /// Applicant and provider of entries left out.
    pub not_acceptable: Vec<(u32, u32)>,
}

/// Returns the market of an instance; `None` when it has more than priorities, or
/// anything in it is wrong.
pub(crate) fn read(
    instance: &Instance,
    applicant_of: &Known<'_>,
    provider_of: &Known<'_>,
    tie_rank: Option<&[u32]>,
) -> Option<Simple> {
    if !is_simple(instance) {
        return None;
    }
    let mut first: Vec<u32> = vec![0];
    let mut sum = 0u32;
    for applicant in &instance.applicants {
        sum = sum.checked_add(u32::try_from(applicant.preferences.len()).ok()?)?;
        first.push(sum);
    }
    let wanted = wanted(instance, &first, provider_of)?;
    let asks = Asks::new(&first, &wanted, instance.providers.len());
    let mut key = vec![NO_KEY; wanted.len()];
    let mut orders = Vec::new();
    let keeps_orders = instance.mechanism == Mechanism::TopTradingCycles;
    // One block after the other, so that not all answers are there at once.
    for (block, providers) in instance.providers.chunks(PROVIDERS * 8).enumerate() {
        let start = block * PROVIDERS * 8;
        let answers: Vec<Answer> = providers
            .par_iter()
            .enumerate()
            .with_min_len(PROVIDERS)
            .map_init(
                || vec![NONE; instance.applicants.len()],
                |place, (index, provider)| {
                    let own = asks.of(start + index);
                    answer(provider, own, place, applicant_of, tie_rank)
                },
            )
            .collect::<Option<_>>()?;
        for (index, answer) in answers.into_iter().enumerate() {
            for ((_, entry), own) in asks.of(start + index).iter().zip(&answer.keys) {
                *key.get_mut(*entry as usize)? = *own;
            }
            if keeps_orders {
                orders.push(answer.order());
            }
        }
    }
    drop(asks);
    Some(without_the_rest(first, wanted, key, orders))
}

fn is_simple(instance: &Instance) -> bool {
    let plain = |p: &Provider| {
        p.shares.is_empty() && p.reserves.is_empty() && p.ceilings.is_empty() && p.kept.is_empty()
    };
    // Caps and couples ask what providers say of people.
    instance.couples.is_empty() && instance.caps.is_empty() && instance.providers.iter().all(plain)
}

/// Returns the provider of each entry; `None` when one is unknown or listed twice.
fn wanted(instance: &Instance, first: &[u32], provider_of: &Known<'_>) -> Option<Vec<u32>> {
    let mut wanted = vec![NONE; *first.last()? as usize];
    let mut rest = wanted.as_mut_slice();
    let mut parts: Vec<(&[Applicant], &mut [u32])> = Vec::new();
    for (people, bounds) in instance.applicants.chunks(PEOPLE).zip(first.chunks(PEOPLE)) {
        let count: usize = people.iter().map(|a| a.preferences.len()).sum();
        debug_assert!(!bounds.is_empty(), "people have bounds");
        let (own, after) = rest.split_at_mut_checked(count)?;
        parts.push((people, own));
        rest = after;
    }
    let sound = parts.into_par_iter().all(|(people, mut own)| {
        people.iter().all(|applicant| {
            let ids = &applicant.preferences;
            let Some((list, after)) = std::mem::take(&mut own).split_at_mut_checked(ids.len())
            else {
                return false;
            };
            own = after;
            for (slot, id) in list.iter_mut().zip(ids.iter()) {
                match provider_of.get(id) {
                    Some(provider) => *slot = provider,
                    None => return false,
                }
            }
            all_different(list)
        })
    });
    sound.then_some(wanted)
}

fn all_different(list: &[u32]) -> bool {
    if list.len() <= 32 {
        let mut seen = list.iter().enumerate();
        return seen.all(|(i, p)| !list.iter().take(i).any(|q| q == p));
    }
    let mut sorted = list.to_vec();
    sorted.sort_unstable();
    sorted.array_windows().all(|[a, b]| a != b)
}

/// Who asks for each provider, by which entry.
struct Asks {
    first: Vec<usize>,
    asks: Vec<(u32, u32)>,
}

impl Asks {
    fn new(first: &[u32], wanted: &[u32], providers: usize) -> Self {
        let mut starts = vec![0usize; providers + 1];
        for provider in wanted {
            if let Some(count) = starts.get_mut(*provider as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut starts {
            sum += *count;
            *count = sum;
        }
        let mut next = starts.clone();
        let mut asks = vec![(NONE, NONE); wanted.len()];
        let mut entries = (0u32..).zip(wanted);
        let lists = first.array_windows().map(|[start, end]| end - start);
        for (applicant, length) in (0u32..).zip(lists) {
            for (entry, provider) in entries.by_ref().take(length as usize) {
                let Some(at) = next.get_mut(*provider as usize) else {
                    continue;
                };
                if let Some(slot) = asks.get_mut(*at) {
                    *slot = (applicant, entry);
                }
                *at += 1;
            }
        }
        Self {
            first: starts,
            asks,
        }
    }

    fn of(&self, provider: usize) -> &[(u32, u32)] {
        match (self.first.get(provider), self.first.get(provider + 1)) {
            (Some(start), Some(end)) => self.asks.get(*start..*end).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// What a provider says.
struct Answer {
    /// The key of each who asks, [`NO_KEY`] for who is not named.
    keys: Vec<u64>,
    /// Everybody named, with the key.
    named: Vec<(u64, u32)>,
}

impl Answer {
    fn order(mut self) -> Vec<u32> {
        self.named.sort_unstable();
        self.named.into_iter().map(|(_, a)| a).collect()
    }
}

/// Returns what a provider says of those who ask; `None` when it names somebody unknown
/// or twice, or equals that nothing parts. `place` has one slot for each applicant, all
/// empty before and after.
fn answer(
    provider: &Provider,
    asks: &[(u32, u32)],
    place: &mut [u32],
    applicant_of: &Known<'_>,
    tie_rank: Option<&[u32]>,
) -> Option<Answer> {
    let mut named: Vec<(u64, u32)> = Vec::with_capacity(provider.priorities.ids());
    for (class, members) in (0u64..).zip(provider.priorities.iter()) {
        if members.len() > 1 && tie_rank.is_none() {
            return None;
        }
        for id in members.ids {
            let applicant = applicant_of.get(id)?;
            let rank = tie_rank.map_or(Some(0), |r| r.get(applicant as usize).copied())?;
            let slot = place.get_mut(applicant as usize)?;
            if *slot != NONE {
                return None;
            }
            *slot = u32::try_from(named.len()).ok()?;
            // Kept seats come first, by keys below 2^32; there are none here.
            named.push(((class << 32 | u64::from(rank)) + (1 << 32), applicant));
        }
    }
    let key_of = |applicant: u32| {
        let at = place.get(applicant as usize).copied().unwrap_or(NONE);
        named.get(at as usize).map_or(NO_KEY, |(key, _)| *key)
    };
    let keys = asks.iter().map(|(applicant, _)| key_of(*applicant));
    let keys: Vec<u64> = keys.collect();
    for (_, applicant) in &named {
        if let Some(slot) = place.get_mut(*applicant as usize) {
            *slot = NONE;
        }
    }
    Some(Answer { keys, named })
}

/// Leaves out the entries without a key.
fn without_the_rest(
    first: Vec<u32>,
    provider: Vec<u32>,
    key: Vec<u64>,
    orders: Vec<Vec<u32>>,
) -> Simple {
    let mut simple = Simple {
        market: Market {
            first,
            provider,
            key,
            ..Market::default()
        },
        orders,
        not_acceptable: Vec::new(),
    };
    let whole = &mut simple.market;
    if !whole.key.contains(&NO_KEY) {
        return simple;
    }
    let (first, provider, key) = (
        std::mem::take(&mut whole.first),
        std::mem::take(&mut whole.provider),
        std::mem::take(&mut whole.key),
    );
    whole.first.push(0);
    let mut entries = provider.into_iter().zip(key);
    let lists = first.array_windows().map(|[start, end]| end - start);
    for (applicant, length) in (0u32..).zip(lists) {
        for (provider, key) in entries.by_ref().take(length as usize) {
            if key == NO_KEY {
                simple.not_acceptable.push((applicant, provider));
            } else {
                whole.provider.push(provider);
                whole.key.push(key);
            }
        }
        let end = u32::try_from(whole.provider.len()).unwrap_or(NONE);
        whole.first.push(end);
    }
    simple
}

#[cfg(test)]
mod tests {
    use crate::input::Instance;
    use crate::market::{build, build_at_length};
    use serde_json::{Value, json};

    struct Dice(u32);

    impl Dice {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (self.0 >> 8) as usize % limit
        }

        /// A few of many, each once (mostly).
        fn some(&mut self, letter: &str, of: usize) -> Vec<Value> {
            let mut all: Vec<usize> = (0..of).collect();
            for i in 0..of {
                let j = self.below(of);
                all.swap(i, j);
            }
            let count = self.below(of + 1);
            let named = |n: &usize| json!(format!("{letter}{n}"));
            let mut some: Vec<Value> = all.iter().take(count).map(named).collect();
            if self.below(60) == 0 && !some.is_empty() {
                let again = some[0].clone();
                some.push(again);
            }
            if self.below(60) == 0 {
                some.push(json!("nobody"));
            }
            some
        }
    }

    fn instance(dice: &mut Dice) -> Value {
        let (people, places) = (1 + dice.below(9), 1 + dice.below(4));
        let applicants: Vec<Value> = (0..people)
            .map(|a| json!({"id": format!("a{a}"), "preferences": dice.some("p", places)}))
            .collect();
        let providers: Vec<Value> = (0..places)
            .map(|p| {
                let mut classes: Vec<Value> = Vec::new();
                for one in dice.some("a", people) {
                    match classes.last_mut() {
                        Some(Value::Array(list)) if dice.below(2) == 0 => list.push(one),
                        _ if dice.below(3) == 0 => classes.push(json!([one])),
                        _ => classes.push(one),
                    }
                }
                json!({"id": format!("p{p}"), "capacity": dice.below(4), "priorities": classes})
            })
            .collect();
        let mechanisms = [
            "deferred-acceptance",
            "top-trading-cycles",
            "immediate-acceptance",
        ];
        let mut instance = json!({
            "mechanism": mechanisms[dice.below(3)],
            "applicants": applicants,
            "providers": providers,
        });
        if dice.below(8) > 0 {
            let order: Vec<String> = (0..people).rev().map(|a| format!("a{a}")).collect();
            instance["tie_break"] = json!(order);
        }
        instance
    }

    #[test]
    fn both_ways_read_the_same() {
        let mut dice = Dice(11);
        let mut sound = 0;
        for _ in 0..3000 {
            let text = instance(&mut dice).to_string();
            let read: Instance = serde_json::from_str(&text).unwrap();
            match (build(&text, &read), build_at_length(&text, &read)) {
                (Ok(own), Ok(other)) => {
                    sound += 1;
                    assert_eq!(own.market, other.market, "{text}");
                    assert_eq!(own.not_acceptable, other.not_acceptable, "{text}");
                    assert_eq!(own.seats, other.seats, "{text}");
                    if read.mechanism == crate::input::Mechanism::TopTradingCycles {
                        assert_eq!(own.orders, other.orders, "{text}");
                    }
                }
                (Err(own), Err(other)) => assert_eq!(own, other, "{text}"),
                _ => panic!("one way sees a mistake: {text}"),
            }
        }
        assert!(sound > 1000, "{sound}");
    }
}
