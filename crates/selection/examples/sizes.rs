//! Problems of growing size: several budgets as Chu and Beasley 1998 make them,
//! and one budget with a count and districts. `sizes FAMILY N M [COUNT]`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "an example for whoever measures"
)]

use minsheng_selection::{Effort, Problem, Row, select};

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

fn budgets(n: usize, m: usize, seed: u64) -> Problem {
    let mut chance = Chance(seed);
    let cost: Vec<Vec<i64>> = (0..m)
        .map(|_| (0..n).map(|_| 1 + chance.below(1000)).collect())
        .collect();
    let tight = [1, 2, 3][seed as usize % 3];
    let rows = cost
        .iter()
        .map(|c| Row {
            lower: None,
            upper: Some(c.iter().sum::<i64>() * tight / 4),
            terms: (0u32..).zip(c.iter().copied()).collect(),
        })
        .collect();
    let values = (0..n)
        .map(|j| cost.iter().map(|c| c[j]).sum::<i64>() / m as i64 + chance.below(500))
        .collect();
    Problem {
        values,
        rows,
        fixed: vec![None; n],
    }
}

fn districts(n: usize, k: usize, seed: u64) -> Problem {
    let mut chance = Chance(seed);
    let values: Vec<i64> = (0..n).map(|_| 1 + chance.below(1000)).collect();
    let cost: Vec<i64> = (0..n).map(|_| 100_000 + chance.below(9_900_000)).collect();
    let district: Vec<i64> = (0..n).map(|_| chance.below(17)).collect();
    let total: i64 = cost.iter().sum();
    let mut rows = vec![
        Row {
            lower: None,
            upper: Some(total / n as i64 * k as i64 * 6 / 10),
            terms: (0u32..).zip(cost).collect(),
        },
        Row {
            lower: None,
            upper: Some(k as i64),
            terms: (0..n as u32).map(|i| (i, 1)).collect(),
        },
    ];
    for d in 0..17 {
        let members: Vec<u32> = (0..n as u32)
            .filter(|i| district[*i as usize] == d)
            .collect();
        let share = k as i64 * members.len() as i64 / n as i64;
        rows.push(Row {
            lower: Some(share * 8 / 10),
            upper: Some(share * 11 / 10 + 1),
            terms: members.into_iter().map(|i| (i, 1)).collect(),
        });
    }
    Problem {
        values,
        rows,
        fixed: vec![None; n],
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (n, m) = (args[2].parse().unwrap(), args[3].parse().unwrap());
    let count: u64 = args.get(4).map_or(1, |c| c.parse().unwrap());
    for seed in 0..count {
        let problem = if args[1] == "budgets" {
            budgets(n, m, seed)
        } else {
            districts(n, m, seed)
        };
        let start = std::time::Instant::now();
        let got = select(&problem, Effort::default()).unwrap();
        println!(
            "{n} {m} seed {seed}: {:?} of {:?}, {:?}, {} nodes, {:.2?}",
            got.objective.unwrap(),
            got.bound.unwrap(),
            got.status,
            got.nodes,
            start.elapsed()
        );
    }
}
