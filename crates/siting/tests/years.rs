//! Sites opened year by year: every plan of small instances, proofs, forgeries.

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

use common::{Dice, case, random};
use minsheng_siting::{Staged, StagedOutcome, State, Status, YEARS_EFFORT, Year, years};
use minsheng_verify::siting::{CaseYear, StagedCase, StagedClaim, StagedPrices, check_years};

fn staged(dice: &mut Dice, n: usize, m: usize) -> Staged {
    let mut instance = random(dice, n, m, false);
    instance.groups = None;
    instance.budget = None;
    let t = dice.range(1, 3);
    let years = (0..t)
        .map(|_| {
            let most = dice.range(0, 3) as u32;
            Year {
                weight: dice.range(0, 3),
                count: (if dice.one_in(6) { most.min(1) } else { 0 }, most),
                budget: dice.one_in(2).then(|| dice.range(0, 15)),
            }
        })
        .collect();
    Staged {
        instance,
        years,
        price: (0..m).map(|_| dice.range(0, 9)).collect(),
        carry: dice.one_in(2),
    }
}

/// The best over every way to open every site in some year or never.
fn brute(staged: &Staged) -> Option<i64> {
    let (m, t) = (staged.instance.sites(), staged.years.len());
    let mut best = None;
    for mut code in 0..(t + 1).pow(m as u32) {
        let opened: Vec<usize> = (0..m)
            .map(|_| {
                let own = code % (t + 1);
                code /= t + 1;
                own
            })
            .collect();
        best = [best, cost(staged, &opened)].into_iter().flatten().min();
    }
    best
}

/// What a plan costs; `opened` is the number of years for never.
fn cost(staged: &Staged, opened: &[usize]) -> Option<i64> {
    let (i, t) = (&staged.instance, staged.years.len());
    let new = |s: &usize| i.state[*s] != State::Open && opened[*s] < t;
    let mut left = Some(0i64);
    for (k, year) in staged.years.iter().enumerate() {
        let own: Vec<usize> = (0..opened.len())
            .filter(|s| new(s) && opened[*s] == k)
            .collect();
        let spent: i64 = own.iter().map(|s| staged.price[*s]).sum();
        left = if staged.carry {
            left.zip(year.budget).map(|(l, b)| l + b - spent)
        } else {
            year.budget.map(|b| b - spent)
        };
        let count = own.len() as u32;
        if count < year.count.0 || count > year.count.1 || left.is_some_and(|l| l < 0) {
            return None;
        }
    }
    for (s, year) in opened.iter().enumerate() {
        let right = match i.state[s] {
            State::Open => *year == 0,
            State::Closed => *year == t,
            State::Candidate => true,
        };
        if !right {
            return None;
        }
    }
    let apart = |(a, b): &(u32, u32)| opened[*a as usize] < t && opened[*b as usize] < t;
    if i.apart.iter().any(apart) {
        return None;
    }
    let mut sum: i64 = (0..opened.len()).filter(new).map(|s| i.fixed[s]).sum();
    for (k, year) in staged.years.iter().enumerate() {
        for d in 0..i.demands() {
            let near = (0..opened.len())
                .filter(|s| opened[*s] <= k)
                .filter_map(|s| i.cost(d, s));
            let left = i.penalty.as_ref().map(|p| p[d]);
            sum += year.weight * i.amount[d] * near.chain(left).min()?;
        }
    }
    Some(sum)
}

fn words(staged: &Staged) -> StagedCase {
    StagedCase {
        case: case(&staged.instance),
        years: staged
            .years
            .iter()
            .map(|y| CaseYear {
                weight: y.weight,
                count: (u64::from(y.count.0), u64::from(y.count.1)),
                budget: y.budget,
            })
            .collect(),
        price: staged.price.clone(),
        carry: staged.carry,
    }
}

fn claimed(o: &StagedOutcome) -> StagedClaim {
    StagedClaim {
        opened: o.opened.clone(),
        served: o
            .served
            .iter()
            .map(|y| y.iter().map(|s| s.map(|s| s as usize)).collect())
            .collect(),
        objective: o.objective.map(i128::from),
        bound: o.bound.map(i128::from),
        status: match (o.status, o.objective, o.bound) {
            (Status::ProvedOptimal, ..) => "proved-optimal".into(),
            (Status::Within, Some(x), Some(b)) => format!("within {} of optimum", x - b),
            (Status::ProvedInfeasible, ..) => "proved-infeasible".into(),
            _ => "unknown".into(),
        },
        prices: StagedPrices {
            scale: o.prices.scale,
            demand: o.prices.demand.clone(),
            opening: o.prices.opening.clone(),
            budget: o.prices.budget.clone(),
        },
    }
}

#[test]
fn plans_of_small_instances_are_close_to_the_best_of_all_and_bounds_are_true() {
    let mut dice = Dice(31);
    let (mut optimal, mut proved, mut feasible, mut none, mut unknown) = (0, 0, 0, 0, 0);
    for _ in 0..800 {
        let (n, m) = (dice.range(1, 6) as usize, dice.range(1, 5) as usize);
        let staged = staged(&mut dice, n, m);
        let outcome = years(&staged, YEARS_EFFORT / 1000).unwrap();
        let report = check_years(&words(&staged), &claimed(&outcome));
        assert!(report.ok(), "{staged:?}\n{outcome:?}\n{report:?}");
        let best = brute(&staged);
        match (best, outcome.status) {
            (None, Status::ProvedInfeasible) => none += 1,
            (_, Status::ProvedInfeasible) => panic!("{staged:?} {best:?}"),
            (Some(_), Status::Unknown) => {
                unknown += 1;
            }
            (None, _) => {
                assert_eq!(outcome.status, Status::Unknown, "{staged:?}\n{outcome:?}");
                unknown += 1;
            }
            (Some(best), status) => {
                feasible += 1;
                let found = outcome.objective.unwrap();
                assert!(
                    found >= best && outcome.bound.unwrap() <= best,
                    "{staged:?}\n{outcome:?}"
                );
                optimal += i32::from(found == best);
                proved += i32::from(status == Status::ProvedOptimal);
            }
        }
    }
    assert!(feasible > 300);
    assert!(optimal * 100 >= feasible * 95, "{optimal} of {feasible}");
    assert!(proved * 100 >= feasible * 60, "{proved} of {feasible}");
    assert!(none * 2 > unknown, "{none} {unknown}");
}

#[test]
fn forged_years_are_refused() {
    let mut dice = Dice(32);
    let mut refused = 0;
    let mut rounds = 0;
    while rounds < 400 {
        let staged = staged(&mut dice, 6, 4);
        let outcome = years(&staged, YEARS_EFFORT / 1000).unwrap();
        let (words, honest) = (words(&staged), claimed(&outcome));
        let Some(best) = brute(&staged) else { continue };
        if honest.opened.is_none() {
            continue;
        }
        rounds += 1;
        let mut wrong = honest.clone();
        let t = dice.range(0, staged.years.len() as i64 - 1) as usize;
        match dice.range(0, 7) {
            0 => *wrong.objective.as_mut().unwrap() -= 1,
            1 => *wrong.bound.as_mut().unwrap() += 1,
            2 => wrong.prices.demand[t][dice.range(0, 5) as usize] = dice.range(-9999, 99999),
            3 => wrong.prices.opening[t] = dice.range(-9999, 9999),
            4 => wrong.prices.budget[t] = dice.range(-9, 1 << 40),
            5 => {
                let site = dice.range(0, 3) as usize;
                wrong.opened.as_mut().unwrap()[site] = Some(t);
            }
            6 => wrong.served[t][0] = Some(dice.range(0, 9) as usize),
            _ => wrong.prices.scale = dice.range(-1, 2000),
        }
        let report = check_years(&words, &wrong);
        refused += usize::from(!report.ok());
        if report.ok() {
            assert!(wrong.bound.unwrap() <= i128::from(best));
            assert!(wrong.objective.unwrap() >= i128::from(best));
        }
    }
    assert!(refused > 150, "{refused}");
}
