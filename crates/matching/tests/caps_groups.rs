//! Nested caps over providers with reserves, ceilings and kept seats, against
//! enumeration.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod common;

use common::{Rng, cases, got};
use minsheng_matching::{
    Caps, Market, MarketError, Seats, Turn, Unused, deferred_acceptance_under_caps, pack_groups,
};
use minsheng_spec::market::{self as rows, Wish};
use minsheng_spec::mechanisms as spec;

/// A market in both forms: the specification's rows and sets, the solver's arrays.
#[derive(Debug)]
struct Case {
    seats: Vec<rows::Seats>,
    lists: Vec<Vec<Wish>>,
    by_sets: spec::Caps,
    caps: Caps,
}

impl Case {
    fn market(&self) -> Market {
        let mut market = Market {
            first: vec![0],
            ..Market::default()
        };
        for list in &self.lists {
            for wish in list {
                market.provider.push(wish.provider as u32);
                market.key.push(wish.key);
                let groups = pack_groups(wish.kept, wish.reserves, wish.ceilings);
                market.groups.push(groups);
            }
            market.first.push(market.provider.len() as u32);
        }
        let unused = |u| match u {
            minsheng_model::Unused::Open => Unused::Open,
            minsheng_model::Unused::Empty => Unused::Empty,
        };
        market.seats = self
            .seats
            .iter()
            .map(|s| Seats {
                capacity: s.capacity,
                reserves: s.reserves.iter().map(|(n, u)| (*n, unused(*u))).collect(),
                ceilings: s.ceilings.clone(),
            })
            .collect();
        market
    }

    fn solved(&self) -> spec::Got {
        got(&deferred_acceptance_under_caps(&self.market(), &self.caps).unwrap())
    }
}

/// One random market with caps and everything a provider may have under them.
fn random(rng: &mut Rng, people: usize, most: usize, master: bool) -> Case {
    let (people, providers) = (1 + rng.below(people), 1 + rng.below(most));
    let nodes = 1 + rng.below(3);
    let parent: Vec<u32> = (0..nodes)
        .map(|n| {
            if n == 0 || rng.below(4) == 0 {
                Caps::NONE
            } else {
                rng.below(n) as u32
            }
        })
        .collect();
    let node: Vec<u32> = (0..providers)
        .map(|_| {
            if rng.below(6) == 0 {
                Caps::NONE
            } else {
                rng.below(nodes) as u32
            }
        })
        .collect();
    let root = |p: usize| {
        let mut at = node[p];
        while at != Caps::NONE && parent[at as usize] != Caps::NONE {
            at = parent[at as usize];
        }
        if at == Caps::NONE {
            nodes + p
        } else {
            at as usize
        }
    };
    let trees: Vec<Vec<usize>> = (0..nodes + providers).map(|_| rng.order(people)).collect();
    let own: Vec<Vec<usize>> = (0..providers).map(|_| rng.order(people)).collect();
    let seats: Vec<rows::Seats> = (0..providers)
        .map(|_| rows::Seats {
            capacity: rng.below(4) as u32,
            reserves: (0..rng.below(3))
                .map(|_| {
                    let unused = match rng.below(2) {
                        0 => minsheng_model::Unused::Open,
                        _ => minsheng_model::Unused::Empty,
                    };
                    (rng.below(3) as u32, unused)
                })
                .collect(),
            ceilings: (0..rng.below(3)).map(|_| rng.below(3) as u32).collect(),
        })
        .collect();
    let mut kept = vec![0; providers];
    let lists: Vec<Vec<Wish>> = (0..people)
        .map(|a| {
            let length = rng.below(providers + 1);
            let wishes = rng.order(providers).into_iter().take(length);
            wishes
                .map(|p| {
                    let order = if master { &trees[root(p)] } else { &own[p] };
                    let keeps = kept[p] < seats[p].capacity && rng.below(8) == 0;
                    kept[p] += u32::from(keeps);
                    let bits = |n: usize, rng: &mut Rng| rng.below(1 << n) as u16;
                    let reserves = bits(seats[p].reserves.len(), rng);
                    let under = match seats[p].ceilings.len() {
                        n if n > 0 && reserves == 0 && rng.below(3) > 0 => 1 << rng.below(n),
                        _ => 0,
                    };
                    Wish {
                        provider: p,
                        key: order[a] as u64,
                        kept: keeps,
                        reserves,
                        ceilings: under,
                    }
                })
                .collect()
        })
        .collect();
    let sets: Vec<Vec<usize>> = (0..nodes)
        .map(|n| {
            let inside = |p: &usize| {
                let mut at = node[*p];
                while at != Caps::NONE && at != n as u32 {
                    at = parent[at as usize];
                }
                at == n as u32
            };
            (0..providers).filter(inside).collect()
        })
        .collect();
    // A cap has room for what is kept under it.
    let promised = |set: &Vec<usize>| set.iter().map(|p| kept[*p]).sum::<u32>();
    let limits: Vec<u32> = sets
        .iter()
        .map(|set| (rng.below(4) as u32).max(promised(set)))
        .collect();
    let target: Vec<u32> = (0..providers).map(|_| rng.below(3) as u32).collect();
    Case {
        seats,
        lists,
        by_sets: spec::Caps {
            sets: sets
                .into_iter()
                .zip(limits.iter().map(|m| *m as usize))
                .collect(),
            turn: match master {
                true => spec::Turn::Master,
                false => spec::Turn::Providers(target.iter().map(|t| *t as usize).collect()),
            },
        },
        caps: Caps {
            parent,
            most: limits,
            node,
            turn: if master {
                Turn::Master
            } else {
                Turn::Providers(target)
            },
        },
    }
}

fn compare(seed: u64, master: bool) {
    let mut rng = Rng(seed);
    let mut unplaced = 0;
    for number in 0..cases() / 4 {
        let case = random(&mut rng, 5, 3, master);
        let ours = case.solved();
        let stable = spec::trees_stable(&case.seats, &case.lists, &case.by_sets);
        assert!(stable.contains(&ours), "{number} {case:?} {ours:?}");
        assert!(
            stable.iter().all(|s| spec::at_least_as_good(&ours, s)),
            "{number} {case:?} {ours:?}"
        );
        unplaced += usize::from(ours.contains(&None));
    }
    assert!(unplaced > 0);
}

#[test]
fn one_order_of_people_equals_enumeration() {
    compare(41, true);
}

#[test]
fn providers_in_turn_equal_enumeration() {
    compare(42, false);
}

/// What the theory needs, for every set of pairs of many small markets: one pair more
/// brings back nobody who was refused, and never makes the number chosen fall.
fn substitutable(seed: u64, master: bool) {
    let mut rng = Rng(seed);
    let mut displaced = 0;
    for _ in 0..cases() / 40 {
        let case = random(&mut rng, 4, 3, master);
        let all: Vec<spec::Pair> = (0..case.lists.len())
            .flat_map(|a| (0..case.lists[a].len()).map(move |e| (a, e)))
            .collect();
        let choose = |pairs: &[spec::Pair]| {
            spec::trees_choose(&case.seats, &case.lists, &case.by_sets, pairs)
        };
        for _ in 0..12 {
            let some: Vec<spec::Pair> = all.iter().copied().filter(|_| rng.below(3) > 0).collect();
            let before = choose(&some);
            for extra in all.iter().filter(|p| !some.contains(p)) {
                let mut more = some.clone();
                more.push(*extra);
                let after = choose(&more);
                let back = |p: &&spec::Pair| *p != extra && !before.contains(p);
                assert!(
                    !after.iter().any(|p| back(&p)),
                    "{case:?} {some:?} {extra:?}"
                );
                assert!(after.len() >= before.len(), "{case:?} {some:?} {extra:?}");
                displaced += usize::from(before.iter().any(|p| !after.contains(p)));
            }
        }
    }
    assert!(displaced > 0);
}

#[test]
fn the_choice_by_people_is_substitutable_and_never_shrinks() {
    substitutable(43, true);
}

#[test]
fn the_choice_in_turn_is_substitutable_and_never_shrinks() {
    substitutable(44, false);
}

/// With soft reserves over separate people the steps find the set that uses most
/// guaranteed seats and is then best in the order of people.
#[test]
fn the_steps_find_what_is_worth_most() {
    let mut rng = Rng(45);
    for _ in 0..cases() / 40 {
        let mut case = random(&mut rng, 4, 3, true);
        for own in case.seats.iter_mut().flat_map(|s| &mut s.reserves) {
            own.1 = minsheng_model::Unused::Open;
        }
        for wish in case.lists.iter_mut().flatten() {
            // The lowest bit only.
            wish.reserves &= wish.reserves.wrapping_neg();
        }
        let all: Vec<spec::Pair> = (0..case.lists.len())
            .flat_map(|a| (0..case.lists[a].len()).map(move |e| (a, e)))
            .collect();
        let mut chosen = spec::trees_choose(&case.seats, &case.lists, &case.by_sets, &all);
        chosen.sort_unstable();
        let worth = |pairs: &[spec::Pair]| {
            spec::trees_worth(&case.seats, &case.lists, &case.by_sets, pairs)
        };
        // Keys are the same for one applicant in a tree; between trees only what is
        // worth more by the numbers counts.
        let one_tree = case
            .caps
            .parent
            .iter()
            .filter(|p| **p == Caps::NONE)
            .count()
            == 1
            && !case.caps.node.contains(&Caps::NONE);
        if !one_tree || all.len() > 11 {
            continue;
        }
        let best = (0u32..1 << all.len())
            .map(|mask| {
                let inside = all.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1);
                inside.map(|(_, p)| *p).collect::<Vec<_>>()
            })
            .filter_map(|set| Some((worth(&set)?, set)))
            .max_by(|(a, _), (b, _)| a.cmp(b));
        assert_eq!(best.unwrap().1, chosen, "{case:?}");
    }
}

/// Every list that an applicant could hand in, the others' being what they are: none
/// gets something better.
#[test]
fn no_misreport_pays() {
    for (seed, master) in [(46, true), (47, false)] {
        let mut rng = Rng(seed);
        for _ in 0..cases() / 100 {
            let case = random(&mut rng, 5, 3, master);
            let ours = case.solved();
            let liar = rng.below(case.lists.len());
            let truth = case.lists[liar].clone();
            for _ in 0..12 {
                let length = rng.below(truth.len() + 1);
                let told = rng.order(truth.len()).into_iter().take(length);
                let told: Vec<usize> = told.collect();
                let mut lists = case.lists.clone();
                lists[liar] = told.iter().map(|e| truth[*e]).collect();
                let other = Case {
                    lists,
                    seats: case.seats.clone(),
                    by_sets: case.by_sets.clone(),
                    caps: case.caps.clone(),
                };
                let gets = other.solved()[liar].map_or(usize::MAX, |e| told[e]);
                assert!(
                    gets >= ours[liar].unwrap_or(usize::MAX),
                    "{case:?} {told:?}"
                );
            }
        }
    }
}

#[test]
fn a_cap_has_to_hold_what_is_kept_under_it() {
    let market = Market {
        first: vec![0, 1, 2],
        provider: vec![0, 1],
        key: vec![0, 1],
        groups: vec![pack_groups(true, 0, 0); 2],
        seats: vec![
            Seats {
                capacity: 1,
                ..Seats::default()
            };
            2
        ],
    };
    let mut caps = Caps {
        parent: vec![Caps::NONE, 0],
        most: vec![2, 1],
        node: vec![1, 0],
        turn: Turn::Master,
    };
    assert!(deferred_acceptance_under_caps(&market, &caps).is_ok());
    caps.most = vec![1, 1];
    assert_eq!(
        deferred_acceptance_under_caps(&market, &caps).unwrap_err(),
        MarketError::KeptUnderCap {
            cap: 0,
            kept: 2,
            most: 1
        }
    );
}
