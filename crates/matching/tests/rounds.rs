//! After the decision, and draws.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod common;

use common::{Rng, cases, flat, named, random};
use minsheng_matching::{
    Door, Market, MarketError, Reply, Seats, Standing, State, Unused, deferred_acceptance,
    deferred_acceptance_by_draw, draw_at_each_provider, draw_by_family, figures, next_round,
    pack_groups, scenarios, single_draw,
};

#[test]
fn nobody_loses_nothing_wanted_stays_free_and_the_order_is_kept() {
    let mut rng = Rng(51);
    let (mut moved, mut upgraded) = (0, 0);
    for case in 0..cases() {
        let (plain, _) = random(&mut rng, 7, 4);
        let people = plain.lists.len();
        let market = flat(&plain);
        // Some come late: they are not there in the first decision.
        let present: Vec<bool> = (0..people).map(|_| rng.below(5) > 0).collect();
        let mut first = market.clone();
        let lists: Vec<Vec<(usize, u64)>> = (0..people)
            .map(|a| {
                if present[a] {
                    plain.lists[a].clone()
                } else {
                    vec![]
                }
            })
            .collect();
        let there = common::flat(&minsheng_spec::mechanisms::Plain {
            capacity: plain.capacity.clone(),
            lists,
        });
        first.clone_from(&there);
        let mut state = State::new(&market, &deferred_acceptance(&first).unwrap(), &present);
        for _ in 0..3 {
            let mut replies = Vec::new();
            for (a, there) in present.iter().enumerate() {
                let held = state.place[a].is_some();
                let reply = match (state.standing[a], rng.below(6)) {
                    (Standing::Out, 0..2) if !there => Reply::Arrive,
                    (Standing::Waiting, 0) if held => Reply::Accept,
                    (Standing::Waiting, 1) if held => Reply::Decline,
                    (Standing::Waiting, 2) => Reply::Leave,
                    (Standing::Settled, 5) => Reply::Leave,
                    (Standing::Waiting, 4) if held => Reply::Keep,
                    _ => continue,
                };
                replies.push((a as u32, reply));
            }
            let (after, offers) = next_round(&market, &state, &replies).unwrap();
            let mut turned = replies.clone();
            turned.reverse();
            assert_eq!(
                next_round(&market, &state, &turned).unwrap(),
                (after.clone(), offers.clone())
            );
            let replied = |a: usize| {
                replies
                    .iter()
                    .find(|(b, _)| *b as usize == a)
                    .map(|(_, r)| *r)
            };
            let provider =
                |s: &State, a: usize| s.place[a].map(|(e, _)| plain.lists[a][e as usize].0);
            for a in 0..people {
                if let (Some((old, _)), None | Some(Reply::Keep | Reply::Accept)) =
                    (state.place[a], replied(a))
                {
                    assert!(
                        after.place[a].unwrap().0 <= old,
                        "case {case}: somebody lost"
                    );
                }
                if after.standing[a] == Standing::Settled {
                    assert_eq!(state.place[a], after.place[a]);
                }
            }
            for (p, capacity) in plain.capacity.iter().enumerate() {
                let here: Vec<usize> = (0..people)
                    .filter(|a| provider(&after, *a) == Some(p))
                    .collect();
                assert!(here.len() <= *capacity);
                let new = |a: &usize| provider(&state, *a) != Some(p);
                for (b, list) in plain.lists.iter().enumerate() {
                    let Some(entry) = list.iter().position(|(q, _)| *q == p) else {
                        continue;
                    };
                    let better = after.place[b].is_none_or(|(own, _)| (entry as u32) < own);
                    let refused = after.refused[market.first[b] as usize + entry];
                    if after.standing[b] != Standing::Waiting || !better || refused {
                        continue;
                    }
                    assert_eq!(here.len(), *capacity, "case {case}: a free seat is wanted");
                    for a in here.iter().copied().filter(new) {
                        let key = |a: usize| (after.late[a], plain.key(a, p));
                        assert!(key(a) < key(b), "case {case}: somebody was passed over");
                    }
                }
            }
            upgraded += offers.iter().filter(|o| o.instead_of.is_some()).count();
            moved += offers.len();
            state = after;
        }
    }
    assert!(moved > 0 && upgraded > 0, "{moved} {upgraded}");
}

/// A seat goes by the door at which it became free.
#[test]
fn a_reserved_seat_goes_to_a_member() {
    let (plain, _) = named(&[&[0], &[0], &[0], &[0]], &[(2, &[0, 1, 2, 3])]);
    let mut market = flat(&plain);
    market.seats = vec![Seats {
        capacity: 2,
        reserves: vec![(1, Unused::Open)],
        ceilings: vec![],
    }];
    let member = pack_groups(false, 1, 0);
    market.groups = vec![0, member, 0, member];
    let outcome = deferred_acceptance(&market).unwrap();
    assert_eq!(outcome.entry, [Some(0), Some(0), None, None]);
    let state = State::new(&market, &outcome, &[true; 4]);
    let (_, offers) = next_round(&market, &state, &[(1, Reply::Leave)]).unwrap();
    assert_eq!(offers.len(), 1);
    assert_eq!((offers[0].applicant, offers[0].door), (3, Door::Reserve(0)));
    let (_, offers) = next_round(&market, &state, &[(0, Reply::Decline)]).unwrap();
    assert_eq!((offers[0].applicant, offers[0].door), (2, Door::Open));
}

#[test]
fn states_have_to_fit() {
    let (plain, _) = named(&[&[0]], &[(1, &[0])]);
    let market = flat(&plain);
    let good = State::new(&market, &deferred_acceptance(&market).unwrap(), &[true]);
    let shape = |s: &State, r: &[(u32, Reply)]| {
        matches!(next_round(&market, s, r), Err(MarketError::Shape(_)))
    };
    assert!(!shape(&good, &[(0, Reply::Keep)]));
    assert!(shape(&good, &[(1, Reply::Keep)]));
    let mut bad = good.clone();
    bad.place = vec![Some((3, Door::Open))];
    assert!(shape(&bad, &[]));
    bad.place = vec![];
    assert!(shape(&bad, &[]));
}

#[test]
fn draws_make_keys() {
    let first = [0, 2, 3, 5];
    assert_eq!(
        single_draw(&first, &[0, 1, 0, 2, 0], &[2, 0, 1]),
        [2, 1 << 32 | 2, 0, 2 << 32 | 1, 1]
    );
    let keys = draw_at_each_provider(&[0, 1, 0, 1, 0], &[0, 0, 0, 0, 1], &[9, 5, 3, 5, 1]);
    assert_eq!(keys, [1, 0, 0, 1, 1 << 32 | 2]);
    let none = u32::MAX;
    // Applicants 0 and 3 are one family, best at place 1; 4 and 2 another, at 0.
    let places = draw_by_family(&[4, 3, 2, 1, 0], &[7, none, 1, 7, 1]);
    assert_eq!(places, [3, 4, 1, 2, 0]);
}

#[test]
fn a_draw_gives_what_its_keys_give_on_any_number_of_threads() {
    let mut rng = Rng(52);
    for _ in 0..cases() / 100 {
        let (plain, _) = random(&mut rng, 8, 4);
        let mut market: Market = flat(&plain);
        let class: Vec<u8> = market.provider.iter().map(|_| rng.below(3) as u8).collect();
        let seed = rng.next();
        let people = plain.lists.len();
        let draw = |number: u32| {
            let order = Rng(seed ^ u64::from(number)).order(people);
            order.into_iter().map(|r| r as u32).collect::<Vec<u32>>()
        };
        let wide: Vec<u32> = class.iter().map(|c| u32::from(*c)).collect();
        market.key = single_draw(&market.first, &wide, &draw(3));
        let by_keys = deferred_acceptance(&market).unwrap();
        let by_draw = deferred_acceptance_by_draw(&market, &class, &draw(3)).unwrap();
        assert_eq!(by_keys, by_draw);
        let run =
            |threads| scenarios(&market, &class, 6, threads, draw, |_, o| figures(o)).unwrap();
        let (one, three) = (run(1), run(3));
        assert_eq!(one, three);
        assert_eq!(one[3], figures(&by_keys));
        let entries: u64 = one[3].at_entry.iter().sum();
        assert_eq!(entries, one[3].placed);
    }
    let market = flat(&named(&[&[0]], &[(1, &[0])]).0);
    assert!(scenarios(&market, &[], 2, 2, |_| vec![0], |_, _| ()).is_err());
}
