//! Floors under groups of demands: the best of all sets, proofs that hold, forgeries
//! that do not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod common;

use common::{Dice, brute, case, claim, random};
use minsheng_siting::{EFFORT, Floors, Instance, Metric, State, Status, flat, site};
use minsheng_verify::siting::check_siting;

fn floored(dice: &mut Dice, n: usize, m: usize) -> Instance {
    let mut instance = random(dice, n, m, false);
    instance.penalty = Some((0..n).map(|_| dice.range(0, 3)).collect());
    instance.metric = flat(&instance);
    instance.reach = None;
    let groups = dice.range(1, 3);
    let of: Vec<u32> = (0..n)
        .map(|_| {
            if dice.one_in(5) {
                u32::MAX
            } else {
                dice.range(0, groups - 1) as u32
            }
        })
        .collect();
    let weight = |k: i64| -> i64 {
        let own = of.iter().zip(&instance.amount);
        own.filter(|(g, _)| i64::from(**g) == k)
            .map(|(_, a)| a)
            .sum()
    };
    let least = (0..groups)
        .map(|k| {
            let most = weight(k);
            let far = i64::from(dice.one_in(8)) * most;
            dice.range(0, most / 2 + far)
        })
        .collect();
    instance.floors = Some(Floors { of, least });
    instance
}

#[test]
fn small_instances_with_floors_equal_the_best_of_all_sets() {
    let mut dice = Dice(21);
    let mut seen = [0usize; 3];
    for _ in 0..1200 {
        let (n, m) = (dice.range(1, 9) as usize, dice.range(1, 7) as usize);
        let instance = floored(&mut dice, n, m);
        let outcome = site(&instance, EFFORT, None).unwrap();
        let report = check_siting(&case(&instance), &claim(&outcome));
        assert!(report.ok(), "{instance:?}\n{outcome:?}\n{report:?}");
        let best = brute(&instance);
        match outcome.status {
            Status::ProvedOptimal => {
                assert_eq!(outcome.answer.map(|a| a.objective), best, "{instance:?}");
                seen[0] += 1;
            }
            Status::ProvedInfeasible => {
                assert_eq!(best, None, "{instance:?}\n{outcome:?}");
                seen[1] += 1;
            }
            _ => seen[2] += 1,
        }
    }
    assert!(seen[0] > 300 && seen[1] > 100, "{seen:?}");
    assert_eq!(seen[2], 0, "{seen:?}");
}

/// Two towns, one of them small; without a floor it gets nothing.
fn towns(sites: usize, least: i64) -> Instance {
    let mut dice = Dice(22);
    let n = 60;
    let (mut first, mut site_of) = (vec![0], Vec::new());
    for demand in 0..n {
        for own in 0..sites {
            // The last tenth of the sites stands in the small town.
            let small = own * 10 >= sites * 9;
            if small == (demand >= 50) && dice.one_in(6) {
                site_of.push(own as u32);
            }
        }
        first.push(site_of.len());
    }
    Instance {
        amount: (0..n).map(|d| if d >= 50 { 1 } else { 20 }).collect(),
        penalty: Some(vec![1; n]),
        metric: Metric::Sparse {
            first,
            cost: vec![0; site_of.len()],
            site: site_of,
        },
        reach: None,
        fixed: vec![0; sites],
        state: vec![State::Candidate; sites],
        count: (0, 4),
        budget: None,
        groups: None,
        apart: vec![],
        capacity: None,
        floors: Some(Floors {
            of: (0..n).map(|d| u32::from(d >= 50)).collect(),
            least: vec![0, least],
        }),
    }
}

#[test]
fn a_floor_moves_a_site_to_the_small_town_and_says_what_it_costs() {
    let free = site(&towns(40, 0), EFFORT, None).unwrap();
    let held = site(&towns(40, 4), EFFORT, None).unwrap();
    for (outcome, least) in [(&free, 0), (&held, 4)] {
        assert_eq!(outcome.status, Status::ProvedOptimal);
        assert!(check_siting(&case(&towns(40, least)), &claim(outcome)).ok());
    }
    let (free, held) = (free.answer.unwrap(), held.answer.unwrap());
    assert!(free.open.iter().all(|s| *s < 36) && held.open.iter().any(|s| *s >= 36));
    assert!(free.objective < held.objective);
    // The plan that nobody held to the floor does not pass under it.
    let mut forged = claim(&site(&towns(40, 0), EFFORT, None).unwrap());
    for prices in &mut forged.tree.prices {
        prices.floor = vec![0, 0];
    }
    assert!(!check_siting(&case(&towns(40, 4)), &forged).ok());
}

#[test]
fn forged_floors_are_refused() {
    let instance = towns(40, 4);
    let outcome = site(&instance, EFFORT, None).unwrap();
    let (case, honest) = (case(&instance), claim(&outcome));
    let best = i128::from(outcome.answer.unwrap().objective);
    let mut dice = Dice(23);
    let mut refused = 0;
    for _ in 0..300 {
        let mut wrong = honest.clone();
        let at = dice.range(0, wrong.tree.prices.len() as i64 - 1) as usize;
        let prices = &mut wrong.tree.prices[at];
        match dice.range(0, 4) {
            0 => prices.floor = vec![],
            1 => prices.floor[1] = -1,
            2 => prices.floor[dice.range(0, 1) as usize] = dice.range(0, i64::MAX - 1),
            3 => *wrong.bound.as_mut().unwrap() += 1,
            _ => prices.floor[1] += dice.range(1, 1 << 20),
        }
        let report = check_siting(&case, &wrong);
        refused += usize::from(!report.ok());
        // What passes all the same says nothing that is not so.
        assert!(!report.ok() || wrong.bound.unwrap() <= best);
    }
    assert!(refused > 100, "{refused}");
    let mut none = honest;
    none.plan = None;
    none.bound = None;
    none.status = "proved-infeasible".into();
    assert!(!check_siting(&case, &none).ok());
    // More than there is can never be served.
    let over = towns(40, 11);
    let outcome = site(&over, EFFORT, None).unwrap();
    assert_eq!(outcome.status, Status::ProvedInfeasible);
}
