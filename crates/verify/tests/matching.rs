//! The linear checks against enumeration: they accept what the definitions accept.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_model::{Door, Unused};
use minsheng_spec::market as spec;
use minsheng_verify::matching::{Groups, View, blocking, improvement, stable};

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
}

struct Flat {
    first: Vec<u32>,
    provider: Vec<u32>,
    key: Vec<u64>,
    groups: Vec<Groups>,
}

fn flat(lists: &[Vec<spec::Wish>]) -> Flat {
    let mut flat = Flat {
        first: vec![0],
        provider: Vec::new(),
        key: Vec::new(),
        groups: Vec::new(),
    };
    for list in lists {
        for wish in list {
            flat.provider.push(wish.provider as u32);
            flat.key.push(wish.key);
            flat.groups.push(Groups {
                kept: wish.kept,
                reserves: wish.reserves,
                ceilings: wish.ceilings,
            });
        }
        flat.first.push(flat.provider.len() as u32);
    }
    flat
}

/// A market with every kind of door, or with plain seats.
fn random(rng: &mut Rng, people: usize, doors: bool) -> (Vec<spec::Seats>, Vec<Vec<spec::Wish>>) {
    let providers = 2 + rng.below(2);
    let some = |rng: &mut Rng, most: usize| if doors { rng.below(most + 1) } else { 0 };
    let seats: Vec<spec::Seats> = (0..providers)
        .map(|_| spec::Seats {
            capacity: 1 + rng.below(3) as u32,
            reserves: (0..some(rng, 2))
                .map(|_| {
                    let unused = [Unused::Open, Unused::Empty][rng.below(2)];
                    (rng.below(3) as u32, unused)
                })
                .collect(),
            ceilings: (0..some(rng, 2)).map(|_| rng.below(3) as u32).collect(),
        })
        .collect();
    let mut kept = vec![0; providers];
    let lists = (0..people)
        .map(|a| {
            let mut order: Vec<usize> = (0..providers).collect();
            for i in (1..providers).rev() {
                order.swap(i, rng.below(i + 1));
            }
            let length = rng.below(4).max(rng.below(providers + 1)).min(providers);
            let mut own = false;
            let wishes = order.into_iter().take(length).map(|provider| {
                let seats = &seats[provider];
                let keep = doors && !own && kept[provider] < seats.capacity && rng.below(8) == 0;
                own |= keep;
                kept[provider] += u32::from(keep);
                let under = rng.below(seats.ceilings.len() + 1);
                let member = rng.below(1 << seats.reserves.len()) as u16;
                let (reserves, ceilings) = if under == 0 {
                    (member, 0)
                } else {
                    (0, 1 << (under - 1))
                };
                let key = (u64::from(!keep) * 8 + rng.below(8) as u64) << 8 | a as u64;
                spec::Wish {
                    provider,
                    key,
                    kept: keep,
                    reserves,
                    ceilings,
                }
            });
            wishes.collect()
        })
        .collect();
    (seats, lists)
}

/// For every stable assignment of many markets: the cycle test finds nothing for
/// the applicant-optimal one and something for each other.
fn optimality(seed: u64, markets: usize, people: usize, doors: bool) -> usize {
    let mut rng = Rng(seed);
    let mut others = 0;
    for case in 0..markets {
        let (seats, lists) = random(&mut rng, people, doors);
        let flat = flat(&lists);
        let view = View {
            first: &flat.first,
            provider: &flat.provider,
            key: &flat.key,
            groups: &flat.groups,
            seats: &seats,
        };
        let all = spec::stable_assignments(&seats, &lists);
        for assignment in &all {
            let got: Vec<Option<(u32, Door)>> = assignment
                .iter()
                .map(|g| g.map(|(e, d)| (e as u32, d)))
                .collect();
            assert!(stable(&view, &got), "case {case}");
            let best = all.iter().all(|other| spec::dominates(assignment, other));
            let found = improvement(&view, &got);
            assert_eq!(
                found.is_none(),
                best,
                "case {case} {seats:?} {lists:?} {got:?} {found:?}"
            );
            others += usize::from(!best);
        }
    }
    others
}

fn markets() -> usize {
    let told = std::env::var("MARKETS").ok().and_then(|n| n.parse().ok());
    told.unwrap_or(100_000)
}

#[test]
fn a_cycle_is_found_exactly_when_a_better_stable_assignment_exists() {
    assert!(optimality(1, markets(), 4, false) > 1000);
}

#[test]
fn the_cycle_test_knows_reserves_ceilings_and_kept_seats() {
    assert!(optimality(2, markets(), 4, true) > 1000);
    assert!(optimality(3, markets() / 10, 6, true) > 100);
}

/// Any assignment at all: the pairs that block are those of the definition.
#[test]
fn every_blocking_pair_is_found() {
    let mut rng = Rng(4);
    for case in 0..markets() {
        let (seats, lists) = random(&mut rng, 5, true);
        let flat = flat(&lists);
        let view = View {
            first: &flat.first,
            provider: &flat.provider,
            key: &flat.key,
            groups: &flat.groups,
            seats: &seats,
        };
        // Random picks, of which each provider keeps whom it chooses.
        let picks: Vec<usize> = lists.iter().map(|l| rng.below(l.len() + 1)).collect();
        let mut assignment: spec::Assignment = vec![None; lists.len()];
        for (provider, own) in seats.iter().enumerate() {
            let here: Vec<(usize, spec::Wish)> = (0..lists.len())
                .filter_map(|a| Some((a, *lists[a].get(picks[a])?)))
                .filter(|(_, w)| w.provider == provider)
                .collect();
            let wishes: Vec<spec::Wish> = here.iter().map(|(_, w)| *w).collect();
            for ((a, _), door) in here.iter().zip(spec::choose(own, &wishes)) {
                assignment[*a] = door.map(|d| (picks[*a], d));
            }
        }
        let got: Vec<Option<(u32, Door)>> = assignment
            .iter()
            .map(|g| g.map(|(e, d)| (e as u32, d)))
            .collect();
        let found = blocking(&view, &got);
        for (a, list) in lists.iter().enumerate() {
            for (entry, wish) in list.iter().enumerate() {
                let better = assignment[a].is_none_or(|(own, _)| entry < own);
                let mut here: Vec<spec::Wish> = (0..lists.len())
                    .filter_map(|b| Some(lists[b][assignment[b]?.0]))
                    .filter(|w| w.provider == wish.provider)
                    .collect();
                here.push(*wish);
                let taken = spec::choose(&seats[wish.provider], &here).last() != Some(&None);
                let blocks = found.contains(&(a as u32, entry as u32));
                assert_eq!(better && taken, blocks, "case {case} {a} {entry}");
            }
        }
        assert_eq!(
            stable(&view, &got),
            spec::is_stable(&seats, &lists, &assignment)
        );
    }
}
