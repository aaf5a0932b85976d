//! What would have changed the answer, compared with trying every change.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_selection::{Guarantee, Key, Limit, Ranking, RankingError, Way, changes, rank};
use proptest::prelude::*;

fn members(n: usize) -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<bool>(), n).prop_map(|m| {
        (0u32..)
            .zip(m)
            .filter(|(_, m)| *m)
            .map(|(i, _)| i)
            .collect()
    })
}

prop_compose! {
    fn ranking(n: usize)(
        keys in prop::collection::vec((0i64..2, 0i64..8), n),
        ties in Just((0..n as i64).collect::<Vec<_>>()).prop_shuffle(),
        fixed in prop::collection::vec(prop::option::weighted(0.1, Just(false)), n),
        costs in prop::collection::vec(prop::collection::vec(0i64..6, n), 1..3),
        limits in prop::collection::vec((members(n), prop::option::of(0usize..1), 0i64..12, any::<bool>()), 0..4),
        guarantees in prop::collection::vec((members(n), 0usize..3), 0..3),
        needs in prop::collection::vec((0..n as u32, 0..n as u32), 0..3),
    ) -> Ranking {
        Ranking {
            keys: keys.into_iter().zip(ties).map(|((tier, score), tie)| Key { tier, score, tie }).collect(),
            fixed,
            costs,
            limits: limits.into_iter().map(|(members, cost, most, stops)| Limit { members, cost, most, stops }).collect(),
            guarantees: guarantees.into_iter().map(|(members, least)| Guarantee { members, least }).collect(),
            needs: needs.into_iter().filter(|(a, b)| a != b).collect(),
        }
    }
}

fn is_in(ranking: &Ranking, at: usize) -> bool {
    rank(ranking).is_ok_and(|l| l.ways[at].is_some())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn the_smallest_change_is_the_smallest(ranking in ranking(8)) {
        let listed = rank(&ranking).unwrap();
        for at in 0..8 {
            if listed.ways[at].is_some() || ranking.fixed[at].is_some() {
                continue;
            }
            let told = changes(&ranking, at as u32).unwrap();
            let score = (1..12).find(|by| {
                let mut other = ranking.clone();
                other.keys[at].score += by;
                is_in(&other, at)
            });
            prop_assert_eq!(told.score, score.map(i128::from));
            for (cost, amounts) in ranking.costs.iter().enumerate() {
                let less = (0..=amounts[at]).find(|by| {
                    let mut other = ranking.clone();
                    other.costs[cost][at] -= by;
                    is_in(&other, at)
                });
                prop_assert_eq!(told.costs[cost], less);
            }
            for raise in &told.limits {
                let by = (0..60).find(|by| {
                    let mut other = ranking.clone();
                    other.limits[raise.limit].most += by;
                    is_in(&other, at)
                });
                prop_assert_eq!(raise.by, by.map(i128::from));
            }
        }
    }
}

#[test]
fn guarantees_come_first_and_cut_lines_follow() {
    let key = |score| Key {
        tier: 0,
        score,
        tie: 0,
    };
    let mut ranking = Ranking {
        keys: vec![key(9), key(8), key(7), key(6)],
        fixed: vec![None; 4],
        costs: vec![vec![5, 5, 5, 5]],
        limits: vec![Limit {
            members: vec![0, 1, 2, 3],
            cost: Some(0),
            most: 10,
            stops: true,
        }],
        guarantees: vec![Guarantee {
            members: vec![2, 3],
            least: 1,
        }],
        needs: vec![],
    };
    let listed = rank(&ranking).unwrap();
    assert_eq!(
        listed.ways,
        [Some(Way::Open), None, Some(Way::Guarantee(0)), None]
    );
    let told = changes(&ranking, 1).unwrap();
    assert_eq!(told.score, Some(2));
    assert_eq!(told.limits[0].by, Some(5));
    ranking.keys[1] = key(9);
    assert_eq!(rank(&ranking), Err(RankingError::Equal(0, 1)));
}
