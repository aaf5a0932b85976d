//! Solves a generated market of a real city's size and says how long it took.
//!
//! Arguments: applicants (292000 by default), preferences each (20).
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::time::Instant;

use minsheng_matching::{Market, MarketError, Seats, deferred_acceptance};

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
}

/// Nanoseconds this thread was on a processor, where the system tells.
fn on_processor() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = told.split(' ').next().map(str::parse);
    first.and_then(Result::ok).unwrap_or(0)
}

fn main() -> Result<(), MarketError> {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|a| a.parse::<u32>().ok());
    let applicants = arguments.next().unwrap_or(292_000);
    let length = arguments.next().unwrap_or(20);
    let providers = u64::from((applicants / 50).max(40));
    let mut rng = Rng(42);
    let mut market = Market {
        first: vec![0],
        ..Market::default()
    };
    for applicant in 0..applicants {
        let mut list: Vec<u32> = Vec::new();
        while list.len() < (length as usize).min(40) {
            // The smaller of two draws: some providers are more popular.
            let pick = (rng.next() % providers).min(rng.next() % providers);
            let pick = u32::try_from(pick).unwrap_or(0);
            if !list.contains(&pick) {
                list.push(pick);
            }
        }
        for provider in list {
            let tier = rng.next() % 3;
            market.provider.push(provider);
            market
                .key
                .push(tier << 62 | (rng.next() >> 34) << 32 | u64::from(applicant));
        }
        market
            .first
            .push(u32::try_from(market.provider.len()).unwrap_or(u32::MAX));
    }
    let mean = u64::from(applicants) * 95 / 100 / providers;
    market.seats = (0..providers)
        .map(|_| Seats {
            capacity: u32::try_from(mean / 2 + rng.next() % (mean + 1)).unwrap_or(0),
            ..Seats::default()
        })
        .collect();
    let before = on_processor();
    let start = Instant::now();
    let outcome = deferred_acceptance(&market)?;
    let took = start.elapsed();
    let busy = (on_processor() - before) / 1_000_000;
    let placed = outcome.entry.iter().flatten().count();
    println!(
        "{applicants} applicants x {length}, {providers} providers: {placed} placed, {} proposals, {took:?}, {busy} ms on a processor",
        outcome.proposals
    );
    Ok(())
}
