//! Solves a generated market of a real city's size and says how long it took.
//!
//! Arguments: applicants (292000 by default), preferences each (20), then words:
//! `draw` for one draw for all within three classes, else each entry has a key of
//! its own; `unique` also runs the other side; `largest=N` searches N cases
//! for the largest stable result where the three classes are ties; `write=DIR` writes the market and the
//! result for other programs to read.
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::io::Write as _;
use std::time::Instant;

use minsheng_matching::{
    Market, MarketError, Outcome, Seats, deferred_acceptance, deferred_acceptance_by_draw, largest,
    provider_proposing,
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

fn generate(applicants: u32, length: u32, keys: bool) -> (Market, Vec<u8>) {
    let providers = u64::from((applicants / 50).max(40));
    let length = length.min(40) as usize;
    let entries = applicants as usize * length;
    let mut rng = Rng(42);
    let mut market = Market {
        first: Vec::with_capacity(applicants as usize + 1),
        provider: Vec::with_capacity(entries),
        key: Vec::with_capacity(if keys { entries } else { 0 }),
        ..Market::default()
    };
    market.first.push(0);
    let mut class = Vec::with_capacity(if keys { 0 } else { entries });
    let mut list: Vec<u32> = Vec::new();
    for applicant in 0..applicants {
        list.clear();
        while list.len() < length {
            // The smaller of two draws: some providers are more popular.
            let pick = (rng.next() % providers).min(rng.next() % providers);
            let pick = u32::try_from(pick).unwrap_or(0);
            if !list.contains(&pick) {
                list.push(pick);
            }
        }
        for provider in &list {
            let tier = rng.next() % 3;
            market.provider.push(*provider);
            let number = (rng.next() >> 34) << 32;
            if keys {
                market.key.push(tier << 62 | number | u64::from(applicant));
            } else {
                class.push(u8::try_from(tier).unwrap_or(0));
            }
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
    (market, class)
}

/// Returns the places of a draw.
fn draw(applicants: u32) -> Vec<u32> {
    let mut rank: Vec<u32> = (0..applicants).collect();
    let mut rng = Rng(7);
    for last in (1..rank.len()).rev() {
        rank.swap(
            last,
            usize::try_from(rng.next() % (last as u64 + 1)).unwrap_or(0),
        );
    }
    rank
}

/// Writes applicants, providers, length, capacities, providers of entries (all 32
/// bits, little-endian), then keys (64 bits), and the result as providers.
fn write(directory: &str, market: &Market, outcome: &Outcome) -> std::io::Result<()> {
    let applicants = u32::try_from(market.applicants()).unwrap_or(u32::MAX);
    let length = market.first.get(1).copied().unwrap_or(0);
    let providers = u32::try_from(market.seats.len()).unwrap_or(u32::MAX);
    let mut file =
        std::io::BufWriter::new(std::fs::File::create(format!("{directory}/market.bin"))?);
    for number in [applicants, providers, length] {
        file.write_all(&number.to_le_bytes())?;
    }
    for seats in &market.seats {
        file.write_all(&seats.capacity.to_le_bytes())?;
    }
    for provider in &market.provider {
        file.write_all(&provider.to_le_bytes())?;
    }
    for key in &market.key {
        file.write_all(&key.to_le_bytes())?;
    }
    file.flush()?;
    let mut file =
        std::io::BufWriter::new(std::fs::File::create(format!("{directory}/result.bin"))?);
    for (entry, first) in outcome.entry.iter().zip(&market.first) {
        let got = entry.and_then(|e| market.provider.get((first + e) as usize));
        file.write_all(&got.copied().unwrap_or(u32::MAX).to_le_bytes())?;
    }
    file.flush()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut numbers = arguments.iter().filter_map(|a| a.parse::<u32>().ok());
    let applicants = numbers.next().unwrap_or(292_000);
    let length = numbers.next().unwrap_or(20);
    let by_draw = arguments.iter().any(|a| a == "draw");
    let (market, class) = generate(applicants, length, !by_draw);
    let rank = if by_draw {
        draw(applicants)
    } else {
        Vec::new()
    };
    let timed = |name: &str, solve: &dyn Fn() -> Result<Outcome, MarketError>| {
        // Small markets again and again: the clock of the processor is coarse.
        let times = (1_000_000 / applicants.max(1)).clamp(1, 1_000);
        let (before, start) = (on_processor(), Instant::now());
        let mut outcome = solve()?;
        for _ in 1..times {
            outcome = solve()?;
        }
        let took = start.elapsed() / times;
        let busy = (on_processor() - before) / 1_000 / u64::from(times);
        let placed = outcome.entry.iter().flatten().count();
        println!(
            "{name}: {applicants} applicants x {length}, {} providers: {placed} placed, {} proposals, {took:?}, {}.{:03} ms on a processor, {} MB at most",
            market.seats.len(),
            outcome.proposals,
            busy / 1_000,
            busy % 1_000,
            peak()
        );
        Ok::<_, MarketError>(outcome)
    };
    let outcome = timed("applicants propose", &|| {
        if by_draw {
            deferred_acceptance_by_draw(&market, &class, &rank)
        } else {
            deferred_acceptance(&market)
        }
    })?;
    if !by_draw && arguments.iter().any(|a| a == "unique") {
        let other = timed("providers propose", &|| provider_proposing(&market))?;
        println!("one stable result only: {}", other.entry == outcome.entry);
    }
    let cases = arguments.iter().find_map(|a| a.strip_prefix("largest="));
    if let (false, Some(cases)) = (by_draw, cases) {
        let class = market.key.iter().map(|key| u32::try_from(key >> 62));
        let class = class.collect::<Result<Vec<u32>, _>>()?;
        let start = Instant::now();
        let found = largest(&market, &class, cases.parse()?)?;
        println!(
            "largest: {} placed, at most {}, {} cases, {:?}",
            found.placed,
            found.bound,
            found.nodes,
            start.elapsed()
        );
    }
    if let Some(directory) = arguments.iter().find_map(|a| a.strip_prefix("write=")) {
        write(directory, &market, &outcome)?;
    }
    Ok(())
}
