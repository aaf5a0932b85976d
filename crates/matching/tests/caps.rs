//! Nested caps against enumeration.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod common;

use common::{Rng, cases, flat, got, named, providers, random};
use minsheng_matching::{Caps, MarketError, Turn, deferred_acceptance_under_caps};
use minsheng_spec::mechanisms as spec;

/// A random forest: nodes of which each is at the top or under an earlier one.
fn forest(rng: &mut Rng, providers: usize) -> Caps {
    let nodes = rng.below(4);
    let parent: Vec<u32> = (0..nodes)
        .map(|n| {
            if n == 0 || rng.below(3) == 0 {
                Caps::NONE
            } else {
                rng.below(n) as u32
            }
        })
        .collect();
    let node = (0..providers)
        .map(|_| {
            if nodes == 0 || rng.below(4) == 0 {
                Caps::NONE
            } else {
                rng.below(nodes) as u32
            }
        })
        .collect();
    Caps {
        parent,
        most: (0..nodes).map(|_| rng.below(4) as u32).collect(),
        node,
        turn: Turn::Master,
    }
}

/// The same as sets of providers.
fn sets(caps: &Caps) -> Vec<(Vec<usize>, usize)> {
    (0..caps.parent.len())
        .map(|n| {
            let inside = |p: &usize| {
                let mut node = caps.node[*p];
                while node != Caps::NONE && node != n as u32 {
                    node = caps.parent[node as usize];
                }
                node == n as u32
            };
            let set = (0..caps.node.len()).filter(inside).collect();
            (set, caps.most[n] as usize)
        })
        .collect()
}

fn compare(seed: u64, master: bool) {
    let mut rng = Rng(seed);
    let mut bound = 0;
    for case in 0..cases() {
        let (mut plain, _) = random(&mut rng, 5, 4);
        let mut caps = forest(&mut rng, plain.capacity.len());
        let turn = if master {
            // One order for each tree and each provider that is under none.
            let root = |p: usize| {
                let mut node = caps.node[p];
                if node == Caps::NONE {
                    return caps.parent.len() + p;
                }
                while caps.parent[node as usize] != Caps::NONE {
                    node = caps.parent[node as usize];
                }
                node as usize
            };
            let people = plain.lists.len();
            let trees = caps.parent.len() + plain.capacity.len();
            let orders: Vec<Vec<usize>> = (0..trees).map(|_| rng.order(people)).collect();
            for (a, list) in plain.lists.iter_mut().enumerate() {
                list.iter_mut()
                    .for_each(|w| w.1 = orders[root(w.0)][a] as u64);
            }
            spec::Turn::Master
        } else {
            let target: Vec<usize> = plain.capacity.iter().map(|_| rng.below(3)).collect();
            caps.turn = Turn::Providers(target.iter().map(|t| *t as u32).collect());
            spec::Turn::Providers(target)
        };
        let ours = got(&deferred_acceptance_under_caps(&flat(&plain), &caps).unwrap());
        let by_sets = spec::Caps {
            sets: sets(&caps),
            turn,
        };
        let stable = spec::caps_stable(&plain, &by_sets);
        assert!(
            stable.contains(&ours),
            "case {case} {plain:?} {by_sets:?} {ours:?}"
        );
        assert!(
            stable.iter().all(|s| spec::at_least_as_good(&ours, s)),
            "case {case} {plain:?} {by_sets:?} {ours:?}"
        );
        bound += usize::from(ours.contains(&None));
    }
    assert!(bound > 0);
}

#[test]
fn one_order_of_people_equals_enumeration() {
    compare(31, true);
}

#[test]
fn providers_in_turn_equal_enumeration() {
    compare(32, false);
}

/// Kamada and Kojima 2015: two hospitals of one region with room for ten each, the
/// region for ten; three doctors want only the first, seven only the second. Cutting
/// each hospital to five in advance leaves two doctors out for nothing; the regional
/// cap places all.
#[test]
fn kamada_and_kojima_flexible_caps() {
    let lists: Vec<&[usize]> = (0..10)
        .map(|d| if d < 3 { &[0][..] } else { &[1][..] })
        .collect();
    let order: Vec<usize> = (0..10).collect();
    let (plain, _) = named(&lists, &[(10, &order), (10, &order)]);
    for turn in [Turn::Master, Turn::Providers(vec![5, 5])] {
        let caps = Caps {
            parent: vec![Caps::NONE],
            most: vec![10],
            node: vec![0, 0],
            turn,
        };
        let ours = deferred_acceptance_under_caps(&flat(&plain), &caps).unwrap();
        assert_eq!(ours.entry.iter().flatten().count(), 10);
    }
    let (plain, _) = named(&lists, &[(5, &order), (5, &order)]);
    let ours = minsheng_matching::deferred_acceptance(&flat(&plain)).unwrap();
    assert_eq!(ours.entry.iter().flatten().count(), 8);
}

/// Kamada and Kojima's point on order: who is let in beyond the targets depends on
/// whose turn it is.
#[test]
fn targets_come_first_and_then_providers_take_turns() {
    let (plain, _) = named(
        &[&[0], &[0], &[1], &[1]],
        &[(2, &[0, 1, 2, 3]), (2, &[0, 1, 2, 3])],
    );
    let with = |target: Vec<u32>, most: u32| {
        let caps = Caps {
            parent: vec![Caps::NONE],
            most: vec![most],
            node: vec![0, 0],
            turn: Turn::Providers(target),
        };
        providers(
            &plain,
            &deferred_acceptance_under_caps(&flat(&plain), &caps).unwrap(),
        )
    };
    assert_eq!(with(vec![1, 1], 3), [Some(0), Some(0), Some(1), None]);
    assert_eq!(with(vec![1, 2], 3), [Some(0), None, Some(1), Some(1)]);
    assert_eq!(with(vec![0, 0], 3), [Some(0), Some(0), Some(1), None]);
    assert_eq!(with(vec![0, 2], 2), [None, None, Some(1), Some(1)]);
}

#[test]
fn caps_have_to_fit_and_one_order_has_to_be_one() {
    let (plain, _) = named(&[&[0, 1], &[1, 0]], &[(1, &[0, 1]), (1, &[1, 0])]);
    let market = flat(&plain);
    let good = Caps {
        parent: vec![Caps::NONE],
        most: vec![1],
        node: vec![0, 0],
        turn: Turn::Providers(vec![0, 0]),
    };
    assert!(deferred_acceptance_under_caps(&market, &good).is_ok());
    let two = Caps {
        turn: Turn::Master,
        ..good.clone()
    };
    assert_eq!(
        deferred_acceptance_under_caps(&market, &two).unwrap_err(),
        MarketError::TwoOrders { applicant: 0 }
    );
    for bad in [
        Caps {
            parent: vec![0],
            ..good.clone()
        },
        Caps {
            most: vec![],
            ..good.clone()
        },
        Caps {
            node: vec![0],
            ..good.clone()
        },
        Caps {
            node: vec![0, 1],
            ..good.clone()
        },
        Caps {
            turn: Turn::Providers(vec![]),
            ..good.clone()
        },
    ] {
        let error = deferred_acceptance_under_caps(&market, &bad).unwrap_err();
        assert!(matches!(error, MarketError::Shape(_)), "{bad:?}");
    }
}
