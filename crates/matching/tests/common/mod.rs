//! Random small markets and both forms of them.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests may fail loudly, and each uses a part"
)]

use minsheng_matching::{Market, Outcome, Seats};
use minsheng_spec::mechanisms::{Got, Plain};

/// SplitMix64: the same markets on every machine.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn order(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i + 1));
        }
        order
    }
}

/// How many random markets each comparison looks at: `MARKETS` in the environment,
/// a hundred thousand without it.
pub fn cases() -> u64 {
    std::env::var("MARKETS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(100_000)
}

/// A random market of plain seats, and each provider's order of all applicants.
pub fn random(rng: &mut Rng, people: usize, providers: usize) -> (Plain, Vec<Vec<usize>>) {
    let (people, providers) = (1 + rng.below(people), 1 + rng.below(providers));
    let orders: Vec<Vec<usize>> = (0..providers).map(|_| rng.order(people)).collect();
    let lists = (0..people)
        .map(|a| {
            let length = rng.below(providers + 1);
            let wishes = rng.order(providers).into_iter().take(length);
            let key = |p: usize| orders[p].iter().position(|b| *b == a).unwrap() as u64;
            wishes.map(|p| (p, key(p))).collect()
        })
        .collect();
    let capacity = (0..providers).map(|_| rng.below(4)).collect();
    (Plain { capacity, lists }, orders)
}

pub fn flat(plain: &Plain) -> Market {
    let mut market = Market {
        first: vec![0],
        ..Market::default()
    };
    for list in &plain.lists {
        for (provider, key) in list {
            market.provider.push(*provider as u32);
            market.key.push(*key);
        }
        market.first.push(market.provider.len() as u32);
    }
    market.seats = plain
        .capacity
        .iter()
        .map(|c| Seats {
            capacity: *c as u32,
            ..Seats::default()
        })
        .collect();
    market
}

pub fn got(outcome: &Outcome) -> Got {
    outcome
        .entry
        .iter()
        .map(|e| e.map(|e| e as usize))
        .collect()
}

/// A market from names: lists of providers, and each provider's order and seats.
pub fn named(lists: &[&[usize]], providers: &[(usize, &[usize])]) -> (Plain, Vec<Vec<usize>>) {
    let orders: Vec<Vec<usize>> = providers.iter().map(|(_, o)| o.to_vec()).collect();
    let lists = lists
        .iter()
        .enumerate()
        .map(|(a, list)| {
            let key = |p: usize| orders[p].iter().position(|b| *b == a);
            list.iter()
                .filter_map(|p| Some((*p, key(*p)? as u64)))
                .collect()
        })
        .collect();
    let capacity = providers.iter().map(|(c, _)| *c).collect();
    (Plain { capacity, lists }, orders)
}

/// What each applicant got, as providers.
pub fn providers(plain: &Plain, outcome: &Outcome) -> Vec<Option<usize>> {
    let got = got(outcome);
    (0..got.len()).map(|a| plain.provider(&got, a)).collect()
}
