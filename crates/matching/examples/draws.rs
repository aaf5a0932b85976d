//! Decides one generated market under many draws and says how sure a place is.
//!
//! Arguments: applicants (292000), preferences each (20), draws (100), threads (2).
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::time::Instant;

use minsheng_matching::{Market, MarketError, Seats, figures, scenarios};

/// SplitMix64: the same market on every machine.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u32 {
        u32::try_from(self.next() % n).unwrap_or(0)
    }
}

fn main() -> Result<(), MarketError> {
    let numbers: Vec<u32> = std::env::args()
        .skip(1)
        .filter_map(|a| a.parse().ok())
        .collect();
    let number = |i: usize, default: u32| numbers.get(i).copied().unwrap_or(default);
    let (applicants, length) = (number(0, 292_000), number(1, 20).min(40));
    let (draws, threads) = (number(2, 100), number(3, 2));
    let providers = u64::from((applicants / 50).max(40));
    let mut rng = Rng(42);
    let mut market = Market {
        first: vec![0],
        ..Market::default()
    };
    let mut class = Vec::new();
    for _ in 0..applicants {
        let mut list: Vec<u32> = Vec::new();
        while list.len() < length as usize {
            // The smaller of two draws: some providers are more popular.
            let pick = rng.below(providers).min(rng.below(providers));
            if !list.contains(&pick) {
                list.push(pick);
            }
        }
        for provider in list {
            market.provider.push(provider);
            class.push(u8::try_from(rng.below(3)).unwrap_or(0));
        }
        market
            .first
            .push(u32::try_from(market.provider.len()).unwrap_or(u32::MAX));
    }
    let mean = u64::from(applicants) * 95 / 100 / providers;
    market.seats = (0..providers)
        .map(|_| Seats {
            capacity: u32::try_from(mean / 2).unwrap_or(0) + rng.below(mean + 1),
            ..Seats::default()
        })
        .collect();
    let draw = |number: u32| {
        let mut rank: Vec<u32> = (0..applicants).collect();
        let mut rng = Rng(u64::from(number));
        for last in (1..rank.len()).rev() {
            let other = rng.below(last as u64 + 1);
            rank.swap(last, other as usize);
        }
        rank
    };
    let start = Instant::now();
    let told = scenarios(
        &market,
        &class,
        draws,
        threads as usize,
        draw,
        |_, outcome| figures(outcome),
    )?;
    let took = start.elapsed();
    let mut placed: Vec<u64> = told.iter().map(|f| f.placed).collect();
    placed.sort_unstable();
    let mut firsts: Vec<u64> = told
        .iter()
        .map(|f| f.at_entry.first().copied().unwrap_or(0))
        .collect();
    firsts.sort_unstable();
    let at = |sorted: &[u64], percent: usize| {
        let index = sorted.len().saturating_sub(1) * percent / 100;
        sorted.get(index).copied().unwrap_or(0)
    };
    println!("{draws} draws of {applicants} applicants x {length} on {threads} threads: {took:?}");
    for (name, sorted) in [("placed", &placed), ("first choice", &firsts)] {
        println!(
            "{name}: {} to {} in nine draws of ten, {} in the middle",
            at(sorted, 5),
            at(sorted, 95),
            at(sorted, 50)
        );
    }
    Ok(())
}
