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
    Candidate, Door, Market, MarketError, Reply, Seats, Standing, State, Unused, choose,
    deferred_acceptance, deferred_acceptance_by_draw, draw_at_each_provider, draw_by_family,
    figures, next_round, pack_groups, scenarios, single_draw,
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

/// What a provider chooses out of those who want it, written down once more: places
/// held come first and take a seat of their door; the rest as in the first decision.
fn chosen(seats: &Seats, people: &[(u64, u32, Option<Door>)]) -> Vec<Option<Door>> {
    let mut left = seats.clone();
    for (_, groups, held) in people {
        if held.is_some() {
            left.capacity -= 1;
        }
        match held {
            Some(Door::Reserve(i)) => left.reserves[usize::from(*i)].0 -= 1,
            Some(Door::Open) => {
                let (_, _, ceilings) = minsheng_matching::unpack_groups(*groups);
                for (bit, most) in left.ceilings.iter_mut().enumerate() {
                    *most -= u32::from(ceilings >> bit & 1);
                }
            }
            Some(Door::Kept) | None => {}
        }
    }
    let mut others: Vec<Candidate> = (0u32..)
        .zip(people)
        .filter(|(_, (_, _, held))| held.is_none())
        .map(|(applicant, (key, groups, _))| Candidate {
            key: *key,
            applicant,
            groups: *groups,
        })
        .collect();
    let got = choose(&left, &mut others);
    let mut doors: Vec<Option<Door>> = people.iter().map(|(_, _, held)| *held).collect();
    for (other, door) in others.iter().zip(got) {
        doors[other.applicant as usize] = door;
    }
    doors
}

/// Every assignment in which everybody has at least the place held is tried: those in
/// which each provider chooses its people, and would take nobody who likes it better,
/// are kept, and the round gives the one of them that is best for everybody.
#[test]
fn of_all_results_in_which_nobody_is_passed_over_it_is_the_best_for_everybody() {
    let mut rng = Rng(57);
    let (mut moved, mut several, mut held_cases) = (0, 0, 0);
    for case in 0..cases() / 4 {
        let (plain, _) = random(&mut rng, 5, 3);
        let people = plain.lists.len();
        let mut market = flat(&plain);
        for seats in &mut market.seats {
            seats.capacity = rng.below(4) as u32;
            let unused = [Unused::Open, Unused::Empty][rng.below(2)];
            seats.reserves = vec![(rng.below(3) as u32, unused)];
            seats.ceilings = vec![rng.below(3) as u32];
        }
        let group = |n: usize| match n {
            0 => pack_groups(false, 1, 0),
            1 => pack_groups(false, 0, 1),
            _ => 0,
        };
        market.groups = market
            .provider
            .iter()
            .map(|_| group(rng.below(3)))
            .collect();
        let first = deferred_acceptance(&market).unwrap();
        let mut state = State::new(&market, &first, &vec![true; people]);
        for _ in 0..3 {
            let mut replies = Vec::new();
            for a in 0..people as u32 {
                replies.push((
                    a,
                    match rng.below(5) {
                        0 if state.place[a as usize].is_some() => Reply::Decline,
                        1 if state.place[a as usize].is_some() => Reply::Accept,
                        2 => Reply::Leave,
                        _ => continue,
                    },
                ));
            }
            let (after, _) = next_round(&market, &state, &replies).unwrap();
            // Who holds what once the replies are in.
            let mut before = state.clone();
            for (a, reply) in &replies {
                let a = *a as usize;
                match reply {
                    Reply::Accept => before.standing[a] = Standing::Settled,
                    Reply::Decline => {
                        let (entry, _) = before.place[a].take().unwrap();
                        before.standing[a] = Standing::Waiting;
                        before.refused[(market.first[a] + entry) as usize] = true;
                    }
                    _ => {
                        before.place[a] = None;
                        before.standing[a] = Standing::Out;
                    }
                }
            }
            // The entries each may end with, the best first; `None` where nothing is held.
            let options: Vec<Vec<Option<u32>>> = (0..people)
                .map(|a| {
                    let held = before.place[a].map(|(e, _)| e);
                    let length = market.first[a + 1] - market.first[a];
                    let waits = before.standing[a] == Standing::Waiting;
                    let free = |e: &u32| !before.refused[(market.first[a] + e) as usize];
                    let better = (0..held.unwrap_or(length)).filter(|e| waits && free(e));
                    better.map(Some).chain([held]).collect()
                })
                .collect();
            let mut best: Option<Vec<usize>> = None;
            let mut found: Vec<Vec<usize>> = Vec::new();
            let mut picks = vec![0usize; people];
            'all: loop {
                if stands(&market, &before, &options, &picks) {
                    found.push(picks.clone());
                }
                for a in 0..people {
                    picks[a] += 1;
                    if picks[a] < options[a].len() {
                        continue 'all;
                    }
                    picks[a] = 0;
                }
                break;
            }
            for one in &found {
                if found.iter().all(|o| o.iter().zip(one).all(|(x, y)| y <= x)) {
                    best = Some(one.clone());
                }
            }
            let best = best.unwrap_or_else(|| panic!("case {case}: no best of {found:?}"));
            let expected: Vec<Option<u32>> = (0..people).map(|a| options[a][best[a]]).collect();
            let got: Vec<Option<u32>> = after.place.iter().map(|p| p.map(|(e, _)| e)).collect();
            assert_eq!(got, expected, "case {case}: {market:?} {before:?}");
            several += usize::from(found.len() > 1);
            held_cases += before.place.iter().flatten().count();
            moved += (0..people)
                .filter(|a| after.place[*a] != before.place[*a])
                .count();
            state = after;
        }
    }
    assert!(
        moved > 100 && several > 0 && held_cases > 100,
        "{moved} {several} {held_cases}"
    );
}

/// Returns whether each provider chooses exactly its people out of them and any one
/// who likes it better.
fn stands(market: &Market, before: &State, options: &[Vec<Option<u32>>], picks: &[usize]) -> bool {
    let entry = |a: usize, e: u32| (market.first[a] + e) as usize;
    let asks = |a: usize, e: u32| {
        let held = before.place[a].filter(|(own, _)| *own == e).map(|(_, d)| d);
        (market.key[entry(a, e)], market.groups[entry(a, e)], held)
    };
    (0..market.seats.len()).all(|p| {
        let at = |a: usize, e: u32| market.provider[entry(a, e)] as usize == p;
        let got = |a: usize| options[a][picks[a]];
        let here: Vec<_> = (0..picks.len())
            .filter_map(|a| got(a).filter(|e| at(a, *e)).map(|e| asks(a, e)))
            .collect();
        let envious: Vec<_> = (0..picks.len())
            .flat_map(|a| {
                options[a][..picks[a]]
                    .iter()
                    .flatten()
                    .map(move |e| (a, *e))
            })
            .filter(|(a, e)| at(*a, *e))
            .map(|(a, e)| asks(a, e))
            .collect();
        chosen(&market.seats[p], &here).iter().all(Option::is_some)
            && envious.iter().all(|one| {
                let mut with = here.clone();
                with.push(*one);
                chosen(&market.seats[p], &with).last() == Some(&None)
            })
    })
}

/// Two who hold what the other likes better change places, where nobody who waits
/// comes before them there.
#[test]
fn holders_may_change_places_but_not_before_somebody_who_comes_first() {
    let (plain, _) = named(&[&[0, 1], &[1, 0], &[0]], &[(1, &[2, 1, 0]), (1, &[0, 1])]);
    let market = flat(&plain);
    let mut state = State::new(&market, &deferred_acceptance(&market).unwrap(), &[true; 3]);
    state.place = vec![Some((1, Door::Open)), Some((1, Door::Open)), None];
    let (after, offers) = next_round(&market, &state, &[]).unwrap();
    // The third comes first at provider 0, which is taken: nobody moves past.
    assert_eq!(
        (after.place.clone(), offers.len()),
        (state.place.clone(), 0)
    );
    let (after, offers) = next_round(&market, &state, &[(2, Reply::Leave)]).unwrap();
    assert_eq!(offers.len(), 2);
    assert!(after.place[0].unwrap().0 == 0 && after.place[1].unwrap().0 == 0);
}

/// A place owed after a mistake takes no seat from anybody, and is gone when it is left.
#[test]
fn a_place_above_the_capacity_takes_no_seat() {
    let (plain, _) = named(&[&[0], &[0], &[0]], &[(1, &[0, 1, 2])]);
    let market = flat(&plain);
    let mut state = State::new(&market, &deferred_acceptance(&market).unwrap(), &[true; 3]);
    state.place[2] = Some((0, Door::Kept));
    assert!(next_round(&market, &state, &[]).is_err());
    state.extra[2] = true;
    let (after, offers) = next_round(&market, &state, &[(2, Reply::Leave)]).unwrap();
    assert!(offers.is_empty() && !after.extra[2]);
    let (after, offers) = next_round(&market, &state, &[(0, Reply::Leave)]).unwrap();
    assert_eq!((offers.len(), offers[0].applicant), (1, 1));
    assert!(after.place[2].is_some() && after.extra[2]);
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
