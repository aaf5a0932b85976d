//! Solves a generated market under nested caps and says how long it took: five
//! providers to a street, twenty streets to a district; a street may take nine in ten
//! of its providers' seats, a district nine in ten of its streets' caps.
//!
//! Arguments: applicants (1000000 by default), preferences each (20), then words:
//! `turns` lets providers take turns instead of one order of people; `reserves` keeps a
//! fifth of each provider's seats for a third of the people.
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::time::Instant;

use minsheng_matching::{
    Caps, Market, MarketError, Seats, Turn, Unused, deferred_acceptance,
    deferred_acceptance_under_caps, pack_groups,
};

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

/// Peak memory in megabytes, where the system tells.
fn peak() -> u64 {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find(|l| l.starts_with("VmHWM"));
    let digits = line
        .and_then(|l| l.split_whitespace().nth(1))
        .map(str::parse::<u64>);
    digits.and_then(Result::ok).unwrap_or(0) / 1024
}

/// Everybody has one key everywhere: tier and draw of a person.
fn generate(applicants: u32, length: usize, reserves: bool) -> Market {
    let providers = (applicants / 50).max(100).next_multiple_of(100);
    let mut rng = Rng(42);
    let mut market = Market {
        first: vec![0],
        ..Market::default()
    };
    let mut list: Vec<u32> = Vec::new();
    for applicant in 0..applicants {
        list.clear();
        while list.len() < length {
            let below = u64::from(providers);
            let pick = (rng.next() % below).min(rng.next() % below);
            let pick = u32::try_from(pick).unwrap_or(0);
            if !list.contains(&pick) {
                list.push(pick);
            }
        }
        let key = (rng.next() >> 32) << 32 | u64::from(applicant);
        let member = reserves && rng.next().is_multiple_of(3);
        for provider in &list {
            market.provider.push(*provider);
            market.key.push(key);
            if reserves {
                market.groups.push(pack_groups(false, u16::from(member), 0));
            }
        }
        let end = u32::try_from(market.provider.len()).unwrap_or(u32::MAX);
        market.first.push(end);
    }
    let mean = applicants / providers;
    for _ in 0..providers {
        let more = u32::try_from(rng.next() % u64::from(mean + 1)).unwrap_or(0);
        let capacity = mean * 6 / 10 + more;
        market.seats.push(Seats {
            capacity,
            reserves: if reserves {
                vec![(capacity / 5, Unused::Open)]
            } else {
                Vec::new()
            },
            ceilings: Vec::new(),
        });
    }
    market
}

/// Nodes: districts first, then streets.
fn caps(market: &Market, turns: bool) -> Caps {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let streets = market.seats.len() / 5;
    let districts = streets / 20;
    let of_street: Vec<u32> = market
        .seats
        .chunks(5)
        .map(|own| own.iter().map(|s| s.capacity).sum::<u32>() * 9 / 10)
        .collect();
    let of_district = of_street
        .chunks(20)
        .map(|own| own.iter().sum::<u32>() * 9 / 10);
    let parents = std::iter::repeat_n(Caps::NONE, districts);
    let target = market.seats.iter().map(|s| s.capacity / 2).collect();
    Caps {
        parent: parents
            .chain((0..streets).map(|s| number(s / 20)))
            .collect(),
        most: of_district.chain(of_street.iter().copied()).collect(),
        node: (0..market.seats.len())
            .map(|p| number(districts + p / 5))
            .collect(),
        turn: if turns {
            Turn::Providers(target)
        } else {
            Turn::Master
        },
    }
}

fn main() -> Result<(), MarketError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut numbers = arguments.iter().filter_map(|a| a.parse::<u32>().ok());
    let applicants = numbers.next().unwrap_or(1_000_000);
    let length = numbers.next().unwrap_or(20).min(40) as usize;
    let word = |w: &str| arguments.iter().any(|a| a == w);
    let market = generate(applicants, length, word("reserves"));
    let caps = caps(&market, word("turns"));
    let (before, start) = (on_processor(), Instant::now());
    let free = deferred_acceptance(&market)?;
    let (took, busy) = (start.elapsed(), (on_processor() - before) / 1_000_000);
    let placed = free.entry.iter().flatten().count();
    println!("without caps: {placed} placed, {took:?}, {busy} ms on a processor");
    let (before, start) = (on_processor(), Instant::now());
    let outcome = deferred_acceptance_under_caps(&market, &caps)?;
    let (took, busy) = (start.elapsed(), (on_processor() - before) / 1_000_000);
    let placed = outcome.entry.iter().flatten().count();
    println!(
        "{applicants} applicants x {length}, {} providers, {} caps: {placed} placed, {} proposals, {took:?}, {busy} ms on a processor, {} MB at most",
        market.seats.len(),
        caps.most.len(),
        outcome.proposals,
        peak()
    );
    Ok(())
}
