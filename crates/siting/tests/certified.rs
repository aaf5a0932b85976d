//! Small instances equal the best of all sets; every outcome passes the checker;
//! what is tampered with is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod common;

use common::{Dice, Flows, brute, case, claim, random};
use minsheng_siting::{Assigner, EFFORT, Instance, Metric, State, Status, site};
use minsheng_verify::siting::{SearchNode, SearchPrices, SearchTree, check_siting, replay};

fn solved(instance: &Instance) -> minsheng_siting::Outcome {
    let assigner = instance.capacity.as_ref().map(|_| &Flows as &dyn Assigner);
    site(instance, EFFORT, assigner).unwrap()
}

fn small(seed: u64, rounds: usize, capacity: bool) {
    let mut dice = Dice(seed);
    let mut seen = [0usize; 4];
    let mut last = String::new();
    for _ in 0..rounds {
        let (n, m) = (dice.range(0, 9) as usize, dice.range(1, 7) as usize);
        let instance = random(&mut dice, n, m, capacity);
        let outcome = solved(&instance);
        let best = brute(&instance);
        let found = outcome.answer.as_ref().map(|a| a.objective);
        let report = check_siting(&case(&instance), &claim(&outcome));
        assert!(report.ok(), "{instance:?}\n{outcome:?}\n{report:?}");
        match outcome.status {
            Status::ProvedOptimal => {
                assert_eq!(found, best, "{instance:?}\n{outcome:?}");
                seen[0] += 1;
            }
            Status::ProvedInfeasible => {
                assert_eq!(best, None, "{instance:?}");
                seen[1] += 1;
            }
            Status::Within => {
                last = format!("{instance:?} {outcome:?}");
                assert!(best.unwrap() <= found.unwrap() && best.unwrap() >= outcome.bound.unwrap());
                seen[2] += 1;
            }
            Status::Unknown => seen[3] += 1,
        }
    }
    assert!(seen[0] * 10 > rounds * 5, "{seen:?}");
    assert!(seen[1] * 20 > rounds, "{seen:?}");
    assert!((seen[2] + seen[3]) * 100 < rounds, "{seen:?} {last}");
}

#[test]
fn small_instances_equal_the_best_of_all_sets() {
    small(1, 1500, false);
}

#[test]
fn small_instances_with_capacities_equal_the_best_of_all_sets() {
    small(2, 600, true);
}

/// Shortest paths in a random connected graph, as the p-median literature makes them.
fn graph(dice: &mut Dice, n: usize, edges: usize) -> Vec<i64> {
    let far = 1 << 40;
    let mut d = vec![far; n * n];
    for i in 0..n {
        d[i * n + i] = 0;
    }
    for k in 0..edges {
        let (a, b) = if k + 1 < n {
            (k, k + 1)
        } else {
            (
                dice.range(0, n as i64 - 1) as usize,
                dice.range(0, n as i64 - 1) as usize,
            )
        };
        if a != b {
            let cost = dice.range(1, 100);
            d[a * n + b] = cost;
            d[b * n + a] = cost;
        }
    }
    for k in 0..n {
        for i in 0..n {
            for j in 0..n {
                let through = d[i * n + k] + d[k * n + j];
                if through < d[i * n + j] {
                    d[i * n + j] = through;
                }
            }
        }
    }
    d
}

fn median(dice: &mut Dice, n: usize, p: u32) -> Instance {
    Instance {
        amount: vec![1; n],
        penalty: None,
        metric: Metric::Dense(graph(dice, n, n * n / 50)),
        reach: None,
        fixed: vec![0; n],
        state: vec![State::Candidate; n],
        count: (p, p),
        budget: None,
        groups: None,
        apart: vec![],
        capacity: None,
        floors: None,
    }
}

#[test]
fn medians_of_graphs_are_proved() {
    let mut dice = Dice(3);
    for (n, p) in [(100, 5), (100, 10)] {
        let instance = median(&mut dice, n, p);
        let outcome = solved(&instance);
        assert_eq!(outcome.status, Status::ProvedOptimal, "{n} {p}");
        assert!(check_siting(&case(&instance), &claim(&outcome)).ok());
    }
}

#[test]
fn tampered_searches_are_refused() {
    let mut dice = Dice(4);
    let mut kinds = [0; 7];
    for _ in 0..12 {
        let instance = median(&mut dice, 100, 5);
        let outcome = solved(&instance);
        let (case, honest) = (case(&instance), claim(&outcome));
        let best = honest.plan.as_ref().unwrap().objective;
        for _ in 0..25 {
            let mut wrong = honest.clone();
            let kind = dice.range(0, 6);
            let plan = wrong.plan.as_mut().unwrap();
            match kind {
                0 => plan.objective -= 1,
                1 => {
                    // Another site: the plan no longer goes to open sites.
                    let used = plan.flow[dice.range(0, 99) as usize].1;
                    let at = plan.open.iter().position(|s| *s == used).unwrap();
                    plan.open[at] = (0..100).find(|s| !plan.open.contains(s)).unwrap();
                }
                2 => *wrong.bound.as_mut().unwrap() += 1,
                3 => {
                    let (node, prices) = wrong
                        .tree
                        .nodes
                        .iter()
                        .find_map(|n| match n {
                            SearchNode::Prune(k) => Some((n, *k)),
                            _ => None,
                        })
                        .unwrap();
                    let _ = node;
                    // Weak multipliers prove less than is claimed.
                    wrong.tree.prices[prices].demand.fill(0);
                }
                4 => {
                    let at = dice.range(0, wrong.tree.nodes.len() as i64 - 1) as usize;
                    wrong.tree.nodes.remove(at);
                }
                5 => wrong.tree.scale += 1 + dice.range(0, 5),
                _ => {
                    // Everything is fixed without a reason.
                    let out = (0..100).filter(|s| *s % 2 == 0).collect();
                    wrong.tree.nodes.insert(0, SearchNode::Fix(0, vec![], out));
                }
            }
            // Another scale or a shorter search may still prove what is true.
            if kind >= 4 && check_siting(&case, &wrong).ok() {
                assert_eq!(wrong.bound, Some(best));
                continue;
            }
            assert!(!check_siting(&case, &wrong).ok(), "{kind}");
            kinds[kind as usize] += 1;
        }
    }
    assert!(
        kinds.iter().enumerate().all(|(k, n)| *n > 3 || k >= 4),
        "{kinds:?}"
    );
}

/// Whatever is done to the numbers of a proof, it never proves more than is true.
#[test]
fn no_mutation_proves_something_false() {
    let mut dice = Dice(5);
    let mut rounds = 0;
    while rounds < 600 {
        let (n, m) = (dice.range(1, 8) as usize, dice.range(2, 7) as usize);
        let instance = random(&mut dice, n, m, false);
        let outcome = solved(&instance);
        let best = brute(&instance).map(i128::from);
        let (case, honest) = (case(&instance), claim(&outcome));
        for _ in 0..10 {
            rounds += 1;
            let mut wrong = honest.clone();
            for _ in 0..dice.range(1, 3) {
                let tree = &mut wrong.tree;
                match dice.range(0, 4) {
                    0 if !tree.prices.is_empty() => {
                        let k = dice.range(0, tree.prices.len() as i64 - 1) as usize;
                        let d = dice.range(0, n as i64 - 1) as usize;
                        tree.prices[k].demand[d] += dice.range(-5000, 5000);
                    }
                    1 if !tree.prices.is_empty() => {
                        let k = dice.range(0, tree.prices.len() as i64 - 1) as usize;
                        tree.prices[k].budget += dice.range(0, 1 << 24);
                    }
                    2 if !tree.nodes.is_empty() => {
                        let k = dice.range(0, tree.nodes.len() as i64 - 1) as usize;
                        tree.nodes[k] = match dice.range(0, 2) {
                            0 => SearchNode::Branch(dice.range(0, m as i64) as usize),
                            1 => SearchNode::Prune(0),
                            _ => SearchNode::Fix(
                                0,
                                vec![dice.range(0, m as i64 - 1) as usize],
                                vec![],
                            ),
                        };
                    }
                    3 => tree.scale += dice.range(-1, 1),
                    _ => {
                        wrong.bound = wrong.bound.map(|b| b + i128::from(dice.range(-3, 3)));
                    }
                }
            }
            if check_siting(&case, &wrong).ok() {
                match (wrong.status.as_str(), best) {
                    ("proved-infeasible", best) => assert_eq!(best, None),
                    (_, Some(best)) => {
                        assert!(wrong.bound.is_none_or(|b| b <= best), "{wrong:?}");
                    }
                    (_, None) => assert!(wrong.plan.is_none()),
                }
            }
        }
    }
}

/// Multipliers near the end of the integers are refused, not taken for infinite bounds.
#[test]
fn huge_multipliers_prove_nothing() {
    let mut dice = Dice(7);
    let mut instance = median(&mut dice, 100, 5);
    instance.amount = vec![i64::MAX / 1000; 100];
    let case = case(&instance);
    for huge in [i64::MAX, i64::MIN, 1 << 62, -(1 << 62), 1 << 61] {
        let tree = SearchTree {
            scale: 1,
            prices: vec![SearchPrices {
                demand: vec![huge; 100],
                budget: 0,
                floor: vec![],
            }],
            nodes: vec![SearchNode::Prune(0)],
            sides: Vec::new(),
        };
        assert!(!matches!(replay(&case, &tree), Ok(None)), "{huge}");
    }
}

#[test]
fn edges_of_the_model() {
    let mut dice = Dice(6);
    let mut instance = median(&mut dice, 100, 0);
    assert_eq!(solved(&instance).status, Status::ProvedInfeasible, "p = 0");
    instance.count = (101, 101);
    assert_eq!(solved(&instance).status, Status::ProvedInfeasible, "p > n");
    instance.count = (100, 100);
    let all = solved(&instance);
    assert_eq!(
        (all.status, all.answer.unwrap().objective),
        (Status::ProvedOptimal, 0)
    );
    instance.count = (5, 5);
    instance.amount = vec![0; 100];
    assert_eq!(solved(&instance).status, Status::ProvedOptimal, "nobody");
    instance.amount = vec![i64::MAX / 2; 100];
    assert!(site(&instance, EFFORT, None).is_err(), "overflow");
    instance.amount = vec![1; 100];
    instance.metric = Metric::Dense(vec![7; 100 * 100]);
    let equal = solved(&instance);
    assert_eq!(
        (equal.status, equal.bound),
        (Status::ProvedOptimal, Some(700))
    );
    instance.metric = Metric::Dense(vec![i64::MAX; 100 * 100]);
    let apart = solved(&instance);
    assert_eq!(
        apart.status,
        Status::ProvedInfeasible,
        "nobody reaches anything"
    );
    assert!(check_siting(&case(&instance), &claim(&apart)).ok());
    instance.metric = Metric::Dense(vec![i64::MAX - 1; 100 * 100]);
    assert!(site(&instance, EFFORT, None).is_err(), "overflow");
}
