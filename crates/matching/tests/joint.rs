//! Couples, families and classes with a minimum.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod common;

use common::{Rng, cases, flat, got, named, providers, random};
use minsheng_matching::{
    Block, Closed, Couples, Families, MarketError, Search, Wish, couples, deferred_acceptance,
    families, with_minimum, with_minimum_by,
};
use minsheng_spec::mechanisms::{self as spec, Plain};

/// The couples in the solver's form.
fn joint(plain: &Plain, own: &[spec::Couple]) -> Couples {
    let market = flat(plain);
    let mut couples = Couples {
        first: vec![0],
        ..Couples::default()
    };
    for couple in own {
        couples.members.push(couple.members.map(|m| m as u32));
        for pair in &couple.pairs {
            let entry = |i: usize| {
                pair[i].map_or(Couples::NONE, |e| {
                    market.first[couple.members[i]] + e as u32
                })
            };
            couples.pair.push([entry(0), entry(1)]);
        }
        couples.first.push(couples.pair.len() as u32);
    }
    couples
}

fn random_couples(rng: &mut Rng, plain: &Plain) -> Vec<spec::Couple> {
    let people = rng.order(plain.lists.len());
    let count = rng.below(people.len() / 2 + 1);
    let two = people.chunks(2).take(count).filter(|c| c.len() == 2);
    two.map(|c| {
        let members = [c[0], c[1]];
        let mut pairs: Vec<[Option<usize>; 2]> = Vec::new();
        for x in (0..plain.lists[c[0]].len()).map(Some).chain([None]) {
            for y in (0..plain.lists[c[1]].len()).map(Some).chain([None]) {
                if (x, y) != (None, None) && rng.below(2) == 0 {
                    pairs.push([x, y]);
                }
            }
        }
        let order = rng.order(pairs.len());
        let pairs = order.into_iter().map(|i| pairs[i]).collect();
        spec::Couple { members, pairs }
    })
    .collect()
}

#[test]
fn couples_get_a_stable_result_whenever_there_is_one() {
    let mut rng = Rng(41);
    let (mut by_search, mut none) = (0, 0);
    for case in 0..cases() / 2 {
        let (plain, _) = random(&mut rng, 5, 3);
        let own = random_couples(&mut rng, &plain);
        let market = flat(&plain);
        let found = couples(&market, &joint(&plain, &own), 500).unwrap();
        let stable = spec::couples_stable(&plain, &own);
        let ours = got(&found.outcome);
        match found.search {
            Search::Inserted | Search::Found => {
                assert!(
                    stable.contains(&ours),
                    "case {case} {plain:?} {own:?} {found:?}"
                );
                by_search += usize::from(found.search == Search::Found);
            }
            Search::NoneExists => {
                assert!(stable.is_empty(), "case {case} {plain:?} {own:?}");
                none += 1;
            }
            Search::Unknown => panic!("case {case}: these are small enough to look through"),
        }
        let expected = spec::couples_blocking(&plain, &own, &ours);
        assert_eq!(
            found.blocking.len(),
            expected.len(),
            "case {case} {plain:?} {own:?}"
        );
        if own.is_empty() {
            assert_eq!(
                found.outcome.entry,
                deferred_acceptance(&market).unwrap().entry
            );
        }
    }
    assert!(none > 0, "every market had a stable result");
    assert!(
        (by_search as u64) * 100 < cases(),
        "insertion fails too often: {by_search}"
    );
}

/// Roth 1984 (in the form of Klaus and Klijn 2005): a couple that wants the two
/// places together and one applicant alone who is liked better at one and worse at
/// the other. Nothing is stable, and what blocks is told.
#[test]
fn a_couple_without_a_stable_result() {
    let (plain, _) = named(&[&[0], &[1], &[0, 1]], &[(1, &[0, 2]), (1, &[2, 1])]);
    let own = [spec::Couple {
        members: [0, 1],
        pairs: vec![[Some(0), Some(0)]],
    }];
    let found = couples(&flat(&plain), &joint(&plain, &own), 100).unwrap();
    assert_eq!(found.search, Search::NoneExists);
    assert!(!found.blocking.is_empty());
    assert!(spec::couples_stable(&plain, &own).is_empty());
}

/// Two at one provider: both or neither.
#[test]
fn a_couple_takes_both_places_of_a_provider() {
    let (plain, _) = named(&[&[0], &[0], &[0]], &[(2, &[0, 2, 1])]);
    let own = [spec::Couple {
        members: [0, 1],
        pairs: vec![[Some(0), Some(0)], [Some(0), None]],
    }];
    let found = couples(&flat(&plain), &joint(&plain, &own), 100).unwrap();
    assert_eq!(providers(&plain, &found.outcome), [Some(0), None, Some(0)]);
    assert_eq!((found.search, found.blocking.len()), (Search::Inserted, 0));
}

#[test]
fn couples_have_to_fit() {
    let (plain, _) = named(&[&[0], &[0]], &[(2, &[0, 1])]);
    let market = flat(&plain);
    let good = Couples {
        members: vec![[0, 1]],
        first: vec![0, 1],
        pair: vec![[0, 1]],
    };
    assert!(couples(&market, &good, 9).is_ok());
    for bad in [
        Couples {
            members: vec![[0, 0]],
            ..good.clone()
        },
        Couples {
            members: vec![[0, 7]],
            ..good.clone()
        },
        Couples {
            first: vec![0],
            ..good.clone()
        },
        Couples {
            pair: vec![[1, 0]],
            ..good.clone()
        },
    ] {
        let error = couples(&market, &bad, 9).unwrap_err();
        assert!(matches!(error, MarketError::Shape(_)), "{bad:?}");
    }
    let short = couples(&market, &good, 0).unwrap();
    assert_eq!(short.search, Search::Found);
    let block = couples(
        &market,
        &Couples {
            members: vec![],
            first: vec![0],
            pair: vec![],
        },
        0,
    );
    assert_eq!(block.unwrap().search, Search::Found);
    assert_eq!(Block::Single(0, 0), Block::Single(0, 0));
}

/// What each applicant has, as sites.
fn sites(plain: &Plain, own: &Families, got: &spec::Got) -> Vec<Option<u32>> {
    let site = |a| plain.provider(got, a).map(|p| own.site[p]);
    (0..got.len()).map(site).collect()
}

#[test]
fn families_are_decided_as_told() {
    let mut rng = Rng(42);
    let (mut struck, mut linked) = (0, 0);
    for case in 0..cases() {
        let people = 2 + rng.below(5);
        // Two grades, each with its provider at each of two or three sites.
        let sites_count = 2 + rng.below(2);
        let grade: Vec<u32> = (0..people).map(|_| rng.below(2) as u32).collect();
        let orders: Vec<Vec<usize>> = (0..2 * sites_count).map(|_| rng.order(people)).collect();
        let lists = (0..people)
            .map(|a| {
                let length = rng.below(sites_count + 1);
                let at = |s: usize| 2 * s + grade[a] as usize;
                let key = |p: usize| orders[p].iter().position(|b| *b == a).unwrap() as u64 + 100;
                let wishes = rng.order(sites_count).into_iter().take(length);
                wishes.map(|s| (at(s), key(at(s)))).collect()
            })
            .collect();
        let plain = Plain {
            capacity: (0..2 * sites_count).map(|_| rng.below(3)).collect(),
            lists,
        };
        let market = flat(&plain);
        let wish = [Wish::Priority, Wish::Linked, Wish::Together];
        let own = Families {
            family: (0..people)
                .map(|_| [Families::NONE, 0, 1][rng.below(3)])
                .collect(),
            wish: (0..2).map(|_| wish[rng.below(3)]).collect(),
            grade,
            site: (0..2 * sites_count as u32).map(|p| p / 2).collect(),
            sibling_key: market.key.iter().map(|k| k - 100).collect(),
        };
        let ours = families(&market, &own).unwrap();
        let result = got(&ours.outcome);
        let sites = sites(&plain, &own, &result);
        struck += ours.struck.len();
        for family in 0..2 {
            let of = |a: &usize| own.family[*a] == family;
            let members: Vec<usize> = (0..people).filter(of).collect();
            if own.wish[family as usize] == Wish::Together {
                let first = members.first().map(|a| sites[*a]);
                assert!(
                    members.iter().all(|a| Some(sites[*a]) == first),
                    "case {case}"
                );
            }
        }
        // The lists as decided follow from the result, and their best stable
        // assignment is the result.
        let mut seen: Vec<Vec<(usize, u64)>> = Vec::new();
        for a in 0..people {
            let bounds = ours.decided.first[a] as usize..ours.decided.first[a + 1] as usize;
            let list: Vec<(usize, u64)> = bounds
                .clone()
                .map(|e| (ours.decided.provider[e] as usize, ours.decided.key[e]))
                .collect();
            let earlier = |b: &usize| {
                own.family[*b] == own.family[a]
                    && own.family[a] != Families::NONE
                    && own.grade[*b] < own.grade[a]
            };
            let with: Vec<u32> = (0..people)
                .filter(earlier)
                .filter_map(|b| sites[b])
                .collect();
            for (provider, key) in &list {
                let privileged = with.contains(&own.site[*provider]);
                assert_eq!(privileged, *key < 100, "case {case}");
            }
            let family = own.family[a];
            if family != Families::NONE && own.wish[family as usize] == Wish::Linked {
                let first = |e: &(usize, u64)| with.contains(&own.site[e.0]);
                assert!(list.is_sorted_by_key(|e| !first(e)), "case {case}");
                linked += usize::from(list.iter().any(first));
            }
            if family == Families::NONE || own.wish[family as usize] != Wish::Together {
                assert_eq!(list.len(), plain.lists[a].len());
            }
            seen.push(list);
        }
        let decided = Plain {
            capacity: plain.capacity.clone(),
            lists: seen,
        };
        let best = got(&deferred_acceptance(&flat(&decided)).unwrap());
        for a in 0..people {
            assert_eq!(
                decided.provider(&best, a),
                plain.provider(&result, a),
                "case {case}"
            );
        }
    }
    assert!(struck > 0 && linked > 0);
}

/// Chile's rule in small: the older one's place draws the younger one there, past a
/// better placed stranger.
#[test]
fn a_sibling_comes_before_strangers() {
    // Applicant 0 is in the first grade; 1 (its sibling) and 2 in the second.
    let (plain, _) = named(
        &[&[0], &[1, 3], &[1]],
        &[(1, &[0]), (1, &[2, 1]), (1, &[]), (1, &[1])],
    );
    let market = flat(&plain);
    let mut own = Families {
        family: vec![0, 0, Families::NONE],
        wish: vec![Wish::Priority],
        grade: vec![1, 2, 2],
        site: vec![0, 0, 1, 1],
        sibling_key: market.key.clone(),
    };
    own.sibling_key[1] = 0;
    let mut keyed = market.clone();
    keyed.key.iter_mut().for_each(|k| *k += 10);
    own.sibling_key[2] += 10;
    own.sibling_key[3] += 10;
    let ours = families(&keyed, &own).unwrap();
    assert_eq!(providers(&plain, &ours.outcome), [Some(0), Some(1), None]);
    own.family = vec![Families::NONE; 3];
    let ours = families(&keyed, &own).unwrap();
    assert_eq!(
        providers(&plain, &ours.outcome),
        [Some(0), Some(3), Some(1)]
    );
    own.grade = vec![1, 2, 1];
    assert!(matches!(families(&keyed, &own), Err(MarketError::Shape(_))));
}

#[test]
fn classes_below_their_minimum_are_closed_one_by_one() {
    let mut rng = Rng(43);
    let mut closings = 0;
    for case in 0..cases() {
        let (plain, _) = random(&mut rng, 6, 4);
        let minimum: Vec<u32> = plain.capacity.iter().map(|_| rng.below(4) as u32).collect();
        let (ours, closed) = with_minimum(&flat(&plain), &minimum).unwrap();
        let again = with_minimum_by(&flat(&plain), &minimum, deferred_acceptance).unwrap();
        assert_eq!((&ours.entry, &ours.door), (&again.0.entry, &again.0.door));
        assert_eq!(closed, again.1, "case {case}");
        // By the rule: all open; close the furthest below, of equals the last.
        let mut open = plain.clone();
        let mut expected = Vec::new();
        let last = loop {
            let solved = got(&deferred_acceptance(&flat(&open)).unwrap());
            let count = |p: usize| open.people(&solved, p).len() as u32;
            let below = (0..minimum.len()).filter(|p| 0 < count(*p) && count(*p) < minimum[*p]);
            let Some(worst) = below.max_by_key(|p| (minimum[*p] - count(*p), *p)) else {
                break solved;
            };
            expected.push(Closed {
                provider: worst as u32,
                placed: count(worst),
            });
            open.lists
                .iter_mut()
                .for_each(|l| l.retain(|(p, _)| *p != worst));
        };
        for a in 0..plain.lists.len() {
            assert_eq!(
                open.provider(&last, a),
                plain.provider(&got(&ours), a),
                "case {case}"
            );
        }
        assert!(closed.starts_with(&expected), "case {case}");
        for c in &closed[expected.len()..] {
            assert_eq!(
                (c.placed, open.people(&last, c.provider as usize).len()),
                (0, 0)
            );
        }
        closings += expected.len();
    }
    assert!(closings > 0);
    let (plain, _) = named(&[&[0]], &[(1, &[0])]);
    assert!(with_minimum(&flat(&plain), &[]).is_err());
}
