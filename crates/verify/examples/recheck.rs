//! Solves a generated market and says how long its proof takes to check.
//!
//! Arguments: applicants (292000 by default), preferences each (20).
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::time::Instant;

use minsheng_matching::{Market, MarketError, deferred_acceptance};
use minsheng_model::Door;
use minsheng_spec::market::Seats;
use minsheng_verify::matching::{View, improvement, stable};

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
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|a| a.parse::<u32>().ok());
    let applicants = numbers.next().unwrap_or(292_000);
    let length = numbers.next().unwrap_or(20).min(40);
    let providers = u64::from((applicants / 50).max(40));
    let mut rng = Rng(42);
    let mut market = Market {
        first: vec![0],
        ..Market::default()
    };
    let mut list: Vec<u32> = Vec::new();
    for applicant in 0..applicants {
        list.clear();
        while list.len() < length as usize {
            let pick = (rng.next() % providers).min(rng.next() % providers);
            let pick = u32::try_from(pick).unwrap_or(0);
            if !list.contains(&pick) {
                list.push(pick);
            }
        }
        for provider in &list {
            market.provider.push(*provider);
            let number = (rng.next() >> 34) << 32;
            market
                .key
                .push((rng.next() % 3) << 62 | number | u64::from(applicant));
        }
        market
            .first
            .push(u32::try_from(market.provider.len()).unwrap_or(u32::MAX));
    }
    let mean = u64::from(applicants) * 95 / 100 / providers;
    let seats: Vec<Seats> = (0..providers)
        .map(|_| Seats {
            capacity: u32::try_from(mean / 2 + rng.next() % (mean + 1)).unwrap_or(0),
            reserves: Vec::new(),
            ceilings: Vec::new(),
        })
        .collect();
    market.seats = seats
        .iter()
        .map(|s| minsheng_matching::Seats {
            capacity: s.capacity,
            ..minsheng_matching::Seats::default()
        })
        .collect();
    let outcome = deferred_acceptance(&market)?;
    let got: Vec<Option<(u32, Door)>> = outcome
        .entry
        .iter()
        .map(|e| e.map(|e| (e, Door::Open)))
        .collect();
    let view = View {
        first: &market.first,
        provider: &market.provider,
        key: &market.key,
        groups: &[],
        seats: &seats,
    };
    let timed = |name: &str, check: &dyn Fn() -> bool| {
        let (before, start) = (on_processor(), Instant::now());
        let holds = check();
        let (took, busy) = (start.elapsed(), (on_processor() - before) / 1_000_000);
        println!("{name}: {holds}, {took:?}, {busy} ms on a processor");
    };
    println!("{applicants} applicants x {length}");
    timed("stable", &|| stable(&view, &got));
    timed("best for every applicant", &|| {
        improvement(&view, &got).is_none()
    });
    Ok(())
}
