//! Caps, couples and efficiency: the linear checks against enumeration.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_model::Door;
use minsheng_spec::market::Seats;
use minsheng_spec::mechanisms::{self as spec, Plain};
use minsheng_verify::matching::{
    Better, Caps, Couple, Part, Turn, View, apart, at_most, caps_blocking, caps_improvement,
    couples_blocking, covers, divided_sites, inefficiency,
};

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

fn random(rng: &mut Rng, people: usize, providers: usize) -> Plain {
    let (people, providers) = (1 + rng.below(people), 1 + rng.below(providers));
    let orders: Vec<Vec<usize>> = (0..providers).map(|_| rng.order(people)).collect();
    let lists = (0..people).map(|a| {
        let length = rng.below(providers + 1);
        let wishes = rng.order(providers).into_iter().take(length);
        wishes.map(|p| (p, orders[p][a] as u64)).collect()
    });
    let lists = lists.collect();
    let capacity = (0..providers).map(|_| rng.below(4)).collect();
    Plain { capacity, lists }
}

struct Flat {
    first: Vec<u32>,
    provider: Vec<u32>,
    key: Vec<u64>,
    seats: Vec<Seats>,
}

impl Flat {
    fn new(plain: &Plain) -> Self {
        let mut flat = Self {
            first: vec![0],
            provider: Vec::new(),
            key: Vec::new(),
            seats: Vec::new(),
        };
        for list in &plain.lists {
            flat.provider.extend(list.iter().map(|(p, _)| *p as u32));
            flat.key.extend(list.iter().map(|(_, k)| *k));
            flat.first.push(flat.provider.len() as u32);
        }
        let seats = plain.capacity.iter().map(|c| Seats {
            capacity: *c as u32,
            reserves: Vec::new(),
            ceilings: Vec::new(),
        });
        flat.seats = seats.collect();
        flat
    }

    fn view(&self) -> View<'_, u64> {
        View {
            first: &self.first,
            provider: &self.provider,
            key: &self.key,
            groups: &[],
            seats: &self.seats,
        }
    }
}

fn got(own: &spec::Got) -> Vec<Option<(u32, Door)>> {
    own.iter()
        .map(|e| e.map(|e| (e as u32, Door::Open)))
        .collect()
}

fn markets() -> usize {
    let told = std::env::var("MARKETS").ok().and_then(|n| n.parse().ok());
    told.unwrap_or(20_000)
}

/// Of every assignment within the capacities: what is exceeded and what blocks is as
/// defined; of every stable one: a cycle is found exactly when it is not the best.
fn caps(seed: u64, master: bool) {
    let mut rng = Rng(seed);
    let (mut stables, mut others) = (0, 0);
    for case in 0..markets() {
        let mut plain = random(&mut rng, 4, 4);
        let providers = plain.capacity.len();
        let nodes = 1 + rng.below(3);
        let parent: Vec<Option<u32>> = (0..nodes)
            .map(|n| (n > 0 && rng.below(3) > 0).then(|| rng.below(n.max(1)) as u32))
            .collect();
        let node: Vec<Option<u32>> = (0..providers)
            .map(|_| (rng.below(5) > 0).then(|| rng.below(nodes) as u32))
            .collect();
        let most: Vec<u32> = (0..nodes).map(|_| 1 + rng.below(3) as u32).collect();
        let target: Vec<u32> = (0..providers).map(|_| rng.below(3) as u32).collect();
        if master {
            // One order for each tree and each provider that is under none.
            let root = |p: usize| {
                let mut at = node[p].map(|n| n as usize);
                while let Some(above) = at.and_then(|n| parent[n]) {
                    at = Some(above as usize);
                }
                at.unwrap_or(nodes + p)
            };
            let orders: Vec<Vec<usize>> = (0..nodes + providers)
                .map(|_| rng.order(plain.lists.len()))
                .collect();
            for (a, list) in plain.lists.iter_mut().enumerate() {
                list.iter_mut()
                    .for_each(|w| w.1 = orders[root(w.0)][a] as u64);
            }
        }
        let own = Caps {
            parent: &parent,
            most: &most,
            node: &node,
            turn: if master {
                Turn::Master
            } else {
                Turn::Providers(&target)
            },
        };
        let inside = |n: usize, p: usize| {
            let mut at = node[p];
            while at.is_some() && at != Some(n as u32) {
                at = parent[at.unwrap() as usize];
            }
            at == Some(n as u32)
        };
        let sets = (0..nodes).map(|n| {
            let set = (0..providers).filter(|p| inside(n, *p)).collect();
            (set, most[n] as usize)
        });
        let by_sets = spec::Caps {
            sets: sets.collect(),
            turn: if master {
                spec::Turn::Master
            } else {
                spec::Turn::Providers(target.iter().map(|t| *t as usize).collect())
            },
        };
        let flat = Flat::new(&plain);
        let stable = spec::caps_stable(&plain, &by_sets);
        if case % 20 == 0 {
            for other in plain.assignments() {
                let (over, nodes, blocking) = caps_blocking(&flat.view(), own, &got(&other));
                let fine = over.is_empty() && nodes.is_empty() && blocking.is_empty();
                assert_eq!(
                    fine,
                    stable.contains(&other),
                    "{case} {plain:?} {by_sets:?} {other:?}"
                );
            }
        }
        for one in &stable {
            let best = stable
                .iter()
                .all(|other| spec::at_least_as_good(one, other));
            let found = caps_improvement(&flat.view(), own, &got(one));
            assert_eq!(
                found.is_none(),
                best,
                "{case} {plain:?} {by_sets:?} {one:?} {found:?}"
            );
            stables += 1;
            others += usize::from(!best);
        }
    }
    assert!(stables > markets() / 2 && others > 0, "{stables} {others}");
}

#[test]
fn caps_with_one_order_of_people() {
    caps(1, true);
}

#[test]
fn caps_with_providers_in_turn() {
    caps(2, false);
}

#[test]
fn what_blocks_with_couples() {
    let mut rng = Rng(3);
    for case in 0..markets() / 10 {
        let plain = random(&mut rng, 4, 3);
        let people = rng.order(plain.lists.len());
        let members = people
            .chunks(2)
            .filter(|c| c.len() == 2)
            .map(|c| [c[0], c[1]]);
        let couples: Vec<spec::Couple> = members
            .take(1 + case % 2)
            .map(|members| {
                let mut pairs = Vec::new();
                for x in (0..plain.lists[members[0]].len()).map(Some).chain([None]) {
                    for y in (0..plain.lists[members[1]].len()).map(Some).chain([None]) {
                        if (x.is_some() || y.is_some()) && rng.below(3) > 0 {
                            pairs.push([x, y]);
                        }
                    }
                }
                spec::Couple { members, pairs }
            })
            .collect();
        let own: Vec<Couple> = couples
            .iter()
            .map(|c| Couple {
                members: c.members.map(|m| m as u32),
                pairs: c
                    .pairs
                    .iter()
                    .map(|p| p.map(|e| e.map(|e| e as u32)))
                    .collect(),
            })
            .collect();
        let flat = Flat::new(&plain);
        let stable = spec::couples_stable(&plain, &couples);
        for other in plain.assignments() {
            let (wrong, over, blocks) = couples_blocking(&flat.view(), &own, &got(&other));
            let expected = spec::couples_blocking(&plain, &couples, &other);
            assert_eq!(
                blocks.len(),
                expected.len(),
                "{case} {plain:?} {couples:?} {other:?}"
            );
            let fine = wrong.is_empty() && over.is_empty() && blocks.is_empty();
            assert_eq!(
                fine,
                stable.contains(&other),
                "{case} {plain:?} {couples:?} {other:?}"
            );
        }
    }
}

#[test]
fn efficiency_and_how_many_at_most() {
    let mut rng = Rng(4);
    let (mut seats, mut trades) = (0, 0);
    for case in 0..markets() / 20 {
        let plain = random(&mut rng, 4, 3);
        let flat = Flat::new(&plain);
        let all = plain.assignments();
        let most = all
            .iter()
            .map(|g| g.iter().flatten().count() as u64)
            .max()
            .unwrap();
        for other in &all {
            let found = inefficiency(&flat.view(), &got(other));
            let efficient = spec::efficient(&plain, other);
            assert_eq!(
                found.is_none(),
                efficient,
                "{case} {plain:?} {other:?} {found:?}"
            );
            match found {
                Some(Better::Seat(..)) => seats += 1,
                Some(Better::Trade(people)) => {
                    // Everybody on it is better off in the seat of the next.
                    let next = people.iter().skip(1).chain(people.first());
                    for (a, b) in people.iter().zip(next) {
                        let seat = plain.provider(other, *b as usize);
                        let list = &plain.lists[*a as usize];
                        let place = list.iter().position(|(p, _)| Some(*p) == seat);
                        assert!(place.unwrap() < other[*a as usize].unwrap());
                    }
                    trades += 1;
                }
                None => {}
            }
        }
        // Every pair of sets that covers gives a bound; the full sets do.
        let people: Vec<u32> = (0..plain.lists.len() as u32).collect();
        let bound = covers(&flat.view(), &people, &[]).unwrap();
        assert!(bound >= most);
        let some: Vec<u32> = people
            .iter()
            .copied()
            .filter(|_| rng.below(2) == 0)
            .collect();
        let shut: Vec<u32> = (0..plain.capacity.len() as u32)
            .filter(|_| rng.below(2) == 0)
            .collect();
        assert!(covers(&flat.view(), &some, &shut).is_none_or(|bound| bound >= most));
        assert_eq!(covers(&flat.view(), &[99], &[]), None);
    }
    assert!(seats > 0 && trades > 0);
}

#[test]
fn families_at_one_site_or_apart() {
    let plain = Plain {
        capacity: vec![2, 2, 2],
        lists: vec![vec![(0, 0)], vec![(1, 0)], vec![(2, 0)], vec![(0, 1)]],
    };
    let flat = Flat::new(&plain);
    let site = [7, 7, 8];
    let families = [vec![0, 1], vec![1, 2], vec![0, 3], vec![]];
    let all = got(&vec![Some(0); 4]);
    assert_eq!(apart(&flat.view(), &families, &site, &all), [1]);
    assert_eq!(divided_sites(&flat.view(), &families, &site, &all), 1);
    let some = got(&vec![Some(0), None, None, Some(0)]);
    assert_eq!(apart(&flat.view(), &families, &site, &some), [0]);
    assert_eq!(divided_sites(&flat.view(), &families, &site, &some), 0);
}

/// A random proof by cases: whatever it says of what a weakly stable assignment places
/// at most is so.
#[test]
fn no_proof_by_cases_says_less_than_the_largest() {
    let mut rng = Rng(5);
    let (mut held, mut tight) = (0, 0);
    for case in 0..markets() / 4 {
        let mut plain = random(&mut rng, 6, 4);
        for wish in plain.lists.iter_mut().flatten() {
            wish.1 /= 2;
        }
        let flat = Flat::new(&plain);
        let stable = spec::weakly_stable(&plain);
        let most = stable
            .iter()
            .map(|g| g.iter().flatten().count() as u64)
            .max()
            .unwrap();
        let some = |rng: &mut Rng, n: usize| -> Vec<u32> {
            (0..n as u32).filter(|_| rng.below(2) == 0).collect()
        };
        let (mut parts, mut left) = (Vec::new(), 1);
        while left > 0 {
            let applicant = rng.below(plain.lists.len());
            let list = plain.lists[applicant].len();
            left -= 1;
            parts.push(match rng.below(5) {
                0 => Part::Nothing,
                1 if list > 0 && parts.len() < 9 => {
                    left += 2;
                    let (applicant, entry) = (applicant as u32, rng.below(list) as u32);
                    Part::Split { applicant, entry }
                }
                _ => Part::Cover {
                    applicants: some(&mut rng, plain.lists.len()),
                    providers: some(&mut rng, plain.capacity.len()),
                },
            });
        }
        let said = at_most(&flat.view(), &parts);
        assert!(said.is_none_or(|n| n >= most), "{case} {plain:?} {parts:?}");
        held += u32::from(said.is_some());
        tight += u32::from(said == Some(most));
        parts.push(Part::Nothing);
        assert_eq!(at_most(&flat.view(), &parts), None);
    }
    assert!(held > 100 && tight > 20, "{held} {tight}");
}
