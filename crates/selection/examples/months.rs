//! Calendars of growing size: `months PROJECTS DISTRICTS LOAD_PERCENT`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "an example for whoever measures"
)]

use minsheng_selection::{Calendar, Choice, Effort, schedule};

struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        ((self.0 >> 33) % n) as i64
    }
}

const MONTHS: i64 = 36;

fn main() {
    let args: Vec<i64> = std::env::args()
        .skip(1)
        .map(|a| a.parse().unwrap())
        .collect();
    let (n, districts, load) = (args[0], args[1], args[2]);
    let mut chance = Chance(7);
    let mut demand = vec![0i64; districts as usize];
    let mut projects = Vec::new();
    for _ in 0..n {
        let d = chance.below(districts as u64);
        let (duration, crews, weight) = (
            3 + chance.below(7),
            1 + chance.below(3),
            1 + chance.below(20),
        );
        demand[d as usize] += duration * crews;
        projects.push(
            (0..=MONTHS - duration)
                .map(|start| Choice {
                    start: Some(start as u32),
                    cost: weight * (start + duration),
                    uses: (start..start + duration)
                        .map(|t| ((d * MONTHS + t) as u32, crews))
                        .collect(),
                    counts: vec![],
                })
                .collect::<Vec<_>>(),
        );
    }
    let cells = demand
        .iter()
        .flat_map(|d| vec![(d * 100 / load + MONTHS - 1) / MONTHS; MONTHS as usize])
        .collect();
    let calendar = Calendar {
        cells,
        targets: vec![],
        projects,
    };
    let start = std::time::Instant::now();
    let got = schedule(&calendar, Effort::default()).unwrap();
    println!(
        "{args:?}: {:?} of {:?}, {:?}, {:.2?}",
        got.objective,
        got.bound,
        got.status,
        start.elapsed()
    );
}
