//! The mechanism against enumeration, and its refusals.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_matching::{
    Door, Market, MarketError, Seats, Unused, deferred_acceptance, pack_groups, provider_proposing,
    with_minimum,
};
use minsheng_spec::market as spec;

/// SplitMix64: the same markets on every machine.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

/// A market for the specification, and the same for the mechanism.
fn random(rng: &mut Rng, groups: bool) -> (Vec<spec::Seats>, Vec<Vec<spec::Wish>>) {
    let applicants = 1 + rng.below(5) as usize;
    let providers = 1 + rng.below(3) as usize;
    let seats: Vec<spec::Seats> = (0..providers)
        .map(|_| spec::Seats {
            capacity: rng.below(4) as u32,
            reserves: (0..if groups { rng.below(3) } else { 0 })
                .map(|_| {
                    let unused = if rng.below(2) == 0 {
                        minsheng_model::Unused::Open
                    } else {
                        minsheng_model::Unused::Empty
                    };
                    (rng.below(3) as u32, unused)
                })
                .collect(),
            ceilings: (0..if groups { rng.below(3) } else { 0 })
                .map(|_| rng.below(3) as u32)
                .collect(),
        })
        .collect();
    let mut kept = vec![0u32; providers];
    let lists = (0..applicants)
        .map(|a| {
            let mut order: Vec<usize> = (0..providers).collect();
            for i in (1..order.len()).rev() {
                order.swap(i, rng.below(i as u64 + 1) as usize);
            }
            order.truncate(rng.below(providers as u64 + 1) as usize);
            let mut keeps = false;
            order
                .into_iter()
                .map(|provider| {
                    let own = &seats[provider];
                    let keep =
                        groups && !keeps && kept[provider] < own.capacity && rng.below(8) == 0;
                    keeps |= keep;
                    kept[provider] += u32::from(keep);
                    let reserves = rng.below(1 << own.reserves.len()) as u16;
                    // Under at most one ceiling, and then in no reserve.
                    let under = rng.below(own.ceilings.len() as u64 + 1);
                    let (reserves, ceilings) = match under {
                        0 => (reserves, 0),
                        n => (0, 1 << (n - 1)),
                    };
                    let tier = if keep { 0 } else { 1 + rng.below(2) };
                    // The applicant's number makes the key unique, as a draw does.
                    let key = tier << 32 | rng.below(3) << 8 | a as u64;
                    spec::Wish {
                        provider,
                        key,
                        kept: keep,
                        reserves,
                        ceilings,
                    }
                })
                .collect()
        })
        .collect();
    (seats, lists)
}

fn market(seats: &[spec::Seats], lists: &[Vec<spec::Wish>]) -> Market {
    let mut market = Market {
        first: vec![0],
        ..Market::default()
    };
    for list in lists {
        for wish in list {
            market.provider.push(wish.provider as u32);
            market.key.push(wish.key);
            market
                .groups
                .push(pack_groups(wish.kept, wish.reserves, wish.ceilings));
        }
        market.first.push(market.provider.len() as u32);
    }
    let unused = |u| {
        if u == minsheng_model::Unused::Open {
            Unused::Open
        } else {
            Unused::Empty
        }
    };
    market.seats = seats
        .iter()
        .map(|s| Seats {
            capacity: s.capacity,
            reserves: s.reserves.iter().map(|(n, u)| (*n, unused(*u))).collect(),
            ceilings: s.ceilings.clone(),
        })
        .collect();
    market
}

fn door(door: Door) -> minsheng_model::Door {
    match door {
        Door::Kept => minsheng_model::Door::Kept,
        Door::Reserve(i) => minsheng_model::Door::Reserve(i),
        Door::Open => minsheng_model::Door::Open,
    }
}

/// Closings one by one against the rule, each step of it by enumeration: outcome, doors
/// and the order of closings, with reserves, ceilings and kept seats.
#[test]
fn closings_are_those_of_the_rule() {
    let count = std::env::var("MARKETS").ok().and_then(|n| n.parse().ok());
    let mut rng = Rng(77);
    let (mut chains, mut people) = (0, 0);
    for case in 0..count.unwrap_or(100_000u64) {
        let (seats, lists) = random(&mut rng, case % 2 == 0);
        let minimum: Vec<u32> = seats.iter().map(|_| rng.below(4) as u32).collect();
        let market = market(&seats, &lists);
        let (ours, closed) = with_minimum(&market, &minimum).unwrap();
        let (right, order) = spec::with_minimum(&seats, &lists, &minimum).unwrap();
        let ours: Vec<_> = ours
            .entry
            .iter()
            .zip(&ours.door)
            .map(|(e, d)| Some((e.as_ref().copied()? as usize, door((*d)?))))
            .collect();
        assert_eq!(ours, right, "case {case}: {seats:?} {lists:?} {minimum:?}");
        let closed: Vec<(usize, u32)> = closed
            .iter()
            .map(|c| (c.provider as usize, c.placed))
            .collect();
        assert_eq!(
            closed, order,
            "case {case}: {seats:?} {lists:?} {minimum:?}"
        );
        let sent = order.iter().filter(|(_, had)| *had > 0).count();
        chains += usize::from(sent > 1);
        people += sent;
    }
    assert!(chains > 50 && people > 500, "{chains} {people}");
}

fn compare(seed: u64, count: u64, groups: bool) {
    let count = std::env::var("MARKETS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(count);
    let mut rng = Rng(seed);
    let mut placed = 0;
    for case in 0..count {
        let (seats, lists) = random(&mut rng, groups);
        let expected = spec::applicant_optimal(&seats, &lists).unwrap_or_else(|| {
            panic!("case {case}: no best stable assignment\n{seats:?}\n{lists:?}")
        });
        let outcome = deferred_acceptance(&market(&seats, &lists)).unwrap();
        let got: Vec<_> = outcome
            .entry
            .iter()
            .zip(&outcome.door)
            .map(|(e, d)| e.map(|e| (e as usize, door(d.unwrap()))))
            .collect();
        assert_eq!(got, expected, "case {case}\n{seats:?}\n{lists:?}");
        let worst = provider_proposing(&market(&seats, &lists)).unwrap();
        let worst: Vec<_> = worst
            .entry
            .iter()
            .zip(&worst.door)
            .map(|(e, d)| e.map(|e| (e as usize, door(d.unwrap()))))
            .collect();
        let expected = spec::applicant_pessimal(&seats, &lists);
        assert_eq!(Some(worst), expected, "case {case}\n{seats:?}\n{lists:?}");
        placed += got.iter().flatten().count();
    }
    assert!(placed > 0, "the markets were all empty");
}

#[test]
fn equals_enumeration_on_plain_markets() {
    compare(1, 100_000, false);
}

#[test]
fn equals_enumeration_with_reserves_ceilings_and_kept_seats() {
    compare(2, 150_000, true);
}

/// Abdulkadiroğlu and Sönmez 2003, example 1: the stable outcome is not efficient
/// (students 1 and 2 would rather swap), and stability is what is asked for.
#[test]
fn abdulkadiroglu_and_sonmez_example_one() {
    let wish = |provider, key| spec::Wish {
        provider,
        key,
        kept: false,
        reserves: 0,
        ceilings: 0,
    };
    // s1: i1 > i3 > i2; s2: i2 > i1 > i3; s3: i2 > i1 > i3.
    let lists = vec![
        vec![wish(1, 2), wish(0, 1), wish(2, 2)],
        vec![wish(0, 3), wish(1, 1), wish(2, 1)],
        vec![wish(0, 2), wish(1, 3), wish(2, 3)],
    ];
    let one = spec::Seats {
        capacity: 1,
        reserves: Vec::new(),
        ceilings: Vec::new(),
    };
    let seats = vec![one.clone(), one.clone(), one];
    let outcome = deferred_acceptance(&market(&seats, &lists)).unwrap();
    assert_eq!(outcome.entry, [Some(1), Some(1), Some(2)]);
}

/// Hafalir, Yenmez and Yildirim 2013: with a soft reserve a seat no minority
/// student wants goes to a majority student, where a quota would leave it empty.
#[test]
fn soft_reserve_wastes_nothing_where_a_hard_one_does() {
    let wish = |key| spec::Wish {
        provider: 0,
        key,
        kept: false,
        reserves: 0,
        ceilings: 0,
    };
    let lists = vec![vec![wish(1)], vec![wish(2)]];
    for (unused, placed) in [
        (minsheng_model::Unused::Open, 2),
        (minsheng_model::Unused::Empty, 1),
    ] {
        let seats = vec![spec::Seats {
            capacity: 2,
            reserves: vec![(1, unused)],
            ceilings: Vec::new(),
        }];
        let outcome = deferred_acceptance(&market(&seats, &lists)).unwrap();
        assert_eq!(outcome.entry.iter().flatten().count(), placed);
    }
}

#[test]
fn refuses_markets_that_do_not_fit_together() {
    let good = Market {
        first: vec![0, 2, 3],
        provider: vec![0, 1, 0],
        key: vec![1, 1, 2],
        groups: Vec::new(),
        seats: vec![
            Seats {
                capacity: 1,
                ..Seats::default()
            };
            2
        ],
    };
    assert!(deferred_acceptance(&good).is_ok());
    let refused = |change: &dyn Fn(&mut Market)| {
        let mut bad = good.clone();
        change(&mut bad);
        deferred_acceptance(&bad).unwrap_err()
    };
    assert!(matches!(
        refused(&|m| m.first = vec![]),
        MarketError::Shape(_)
    ));
    assert!(matches!(
        refused(&|m| m.first = vec![1, 3]),
        MarketError::Shape(_)
    ));
    assert!(matches!(
        refused(&|m| m.first = vec![0, 3, 2]),
        MarketError::Shape(_)
    ));
    assert!(matches!(
        refused(&|m| m.key = vec![1]),
        MarketError::Shape(_)
    ));
    assert!(matches!(
        refused(&|m| m.groups = vec![0]),
        MarketError::Shape(_)
    ));
    assert_eq!(
        refused(&|m| m.provider[1] = 7),
        MarketError::UnknownProvider {
            entry: 1,
            provider: 7
        }
    );
    assert_eq!(
        refused(&|m| m.provider[1] = 0),
        MarketError::Duplicate {
            applicant: 0,
            provider: 0
        }
    );
    assert_eq!(
        refused(&|m| m.key[2] = 1),
        MarketError::SameKey { provider: 0 }
    );
    assert_eq!(
        refused(&|m| m.groups = vec![pack_groups(true, 0, 0), 0, pack_groups(true, 0, 0)]),
        MarketError::KeptSeats {
            provider: 0,
            kept: 2,
            capacity: 1
        }
    );
    assert_eq!(
        refused(&|m| m.groups = vec![pack_groups(false, 1, 1), 0, 0]),
        MarketError::Overlap {
            applicant: 0,
            provider: 0
        }
    );
    let empty = Market {
        first: vec![0],
        ..Market::default()
    };
    assert!(deferred_acceptance(&empty).unwrap().entry.is_empty());
}
