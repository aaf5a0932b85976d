//! Caps over providers with reserves, ceilings and kept seats: the linear checks
//! against enumeration.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_model::Door;
use minsheng_spec::market::{Seats, Wish, choose};
use minsheng_spec::mechanisms as spec;
use minsheng_verify::matching::{
    Caps, Groups, Turn, View, caps_blocking, caps_improvement, faults,
};

const NONE: u32 = u32::MAX;

/// SplitMix64: the same markets on every machine.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn order(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i + 1));
        }
        order
    }
}

#[derive(Debug)]
struct Case {
    seats: Vec<Seats>,
    lists: Vec<Vec<Wish>>,
    by_sets: spec::Caps,
    parent: Vec<u32>,
    most: Vec<u32>,
    node: Vec<u32>,
    target: Vec<u32>,
}

/// One random market with caps and everything a provider may have under them.
fn random(rng: &mut Rng, people: usize, most: usize, master: bool) -> Case {
    let (people, providers) = (1 + rng.below(people), 1 + rng.below(most));
    let nodes = 1 + rng.below(3);
    let parent: Vec<u32> = (0..nodes)
        .map(|n| {
            if n == 0 || rng.below(4) == 0 {
                NONE
            } else {
                rng.below(n) as u32
            }
        })
        .collect();
    let node: Vec<u32> = (0..providers)
        .map(|_| {
            if rng.below(6) == 0 {
                NONE
            } else {
                rng.below(nodes) as u32
            }
        })
        .collect();
    let root = |p: usize| {
        let mut at = node[p];
        while at != NONE && parent[at as usize] != NONE {
            at = parent[at as usize];
        }
        if at == NONE { nodes + p } else { at as usize }
    };
    let trees: Vec<Vec<usize>> = (0..nodes + providers).map(|_| rng.order(people)).collect();
    let own: Vec<Vec<usize>> = (0..providers).map(|_| rng.order(people)).collect();
    let seats: Vec<Seats> = (0..providers)
        .map(|_| Seats {
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
                while at != NONE && at != n as u32 {
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
        parent,
        most: limits,
        node,
        target,
    }
}

/// The doors that go with an assignment, when every provider chooses its people.
fn with_doors(case: &Case, own: &spec::Got) -> Vec<Option<(u32, Door)>> {
    let mut got: Vec<Option<(u32, Door)>> = own
        .iter()
        .map(|e| e.map(|e| (e as u32, Door::Open)))
        .collect();
    for (provider, seats) in case.seats.iter().enumerate() {
        let here: Vec<(usize, Wish)> = own
            .iter()
            .enumerate()
            .filter_map(|(a, e)| Some((a, case.lists[a][(*e)?])))
            .filter(|(_, w)| w.provider == provider)
            .collect();
        let wishes: Vec<Wish> = here.iter().map(|(_, w)| *w).collect();
        for ((a, _), door) in here.iter().zip(choose(seats, &wishes)) {
            if let (Some((_, own)), Some(door)) = (&mut got[*a], door) {
                *own = door;
            }
        }
    }
    got
}

/// Every assignment, the lists' ends included.
fn assignments(lists: &[Vec<Wish>]) -> Vec<spec::Got> {
    let mut all: Vec<spec::Got> = vec![Vec::new()];
    for list in lists {
        let picks: Vec<Option<usize>> = (0..list.len()).map(Some).chain([None]).collect();
        all = all
            .iter()
            .flat_map(|got| picks.iter().map(|p| [got.as_slice(), &[*p]].concat()))
            .collect();
    }
    all
}

fn check(seed: u64, master: bool) {
    let mut rng = Rng(seed);
    let told = std::env::var("MARKETS").ok().and_then(|n| n.parse().ok());
    let markets: usize = told.unwrap_or(20_000);
    let (mut stables, mut others) = (0, 0);
    for number in 0..markets {
        let case = random(&mut rng, 5, 4, master);
        let some = |n: &u32| (*n != NONE).then_some(*n);
        let parent: Vec<Option<u32>> = case.parent.iter().map(some).collect();
        let node: Vec<Option<u32>> = case.node.iter().map(some).collect();
        let own = Caps {
            parent: &parent,
            most: &case.most,
            node: &node,
            turn: if master {
                Turn::Master
            } else {
                Turn::Providers(&case.target)
            },
        };
        let mut first = vec![0];
        for list in &case.lists {
            first.push(first.last().unwrap() + list.len() as u32);
        }
        let wishes: Vec<Wish> = case.lists.concat();
        let provider: Vec<u32> = wishes.iter().map(|w| w.provider as u32).collect();
        let key: Vec<u64> = wishes.iter().map(|w| w.key).collect();
        let groups: Vec<Groups> = wishes
            .iter()
            .map(|w| Groups {
                kept: w.kept,
                reserves: w.reserves,
                ceilings: w.ceilings,
            })
            .collect();
        let view = View {
            first: &first,
            provider: &provider,
            key: &key,
            groups: &groups,
            seats: &case.seats,
        };
        let stable = spec::trees_stable(&case.seats, &case.lists, &case.by_sets);
        if number % 20 == 0 {
            for other in assignments(&case.lists) {
                let got = with_doors(&case, &other);
                let (over, nodes, blocking) = caps_blocking(&view, own, &got);
                let faults = faults(&view, &got);
                let fine = over.is_empty() && nodes.is_empty() && faults.is_empty();
                assert_eq!(
                    fine && blocking.is_empty(),
                    stable.contains(&other),
                    "{number} {case:?} {other:?} {blocking:?}"
                );
            }
        }
        for one in &stable {
            let best = stable
                .iter()
                .all(|other| spec::at_least_as_good(one, other));
            let found = caps_improvement(&view, own, &with_doors(&case, one));
            assert_eq!(found.is_none(), best, "{number} {case:?} {one:?} {found:?}");
            stables += 1;
            others += usize::from(!best);
        }
    }
    assert!(stables > markets / 2 && others > 0, "{stables} {others}");
}

#[test]
fn groups_under_caps_with_one_order_of_people() {
    check(1, true);
}

#[test]
fn groups_under_caps_with_providers_in_turn() {
    check(2, false);
}
