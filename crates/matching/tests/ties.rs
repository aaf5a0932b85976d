//! Equal priorities: stable improvement cycles and the largest assignment.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod common;

use common::{Rng, cases, flat, got, named, providers, random};
use minsheng_matching::{
    Market, MarketError, Part, deferred_acceptance, largest, maximum_size,
    stable_improvement_cycles,
};
use minsheng_spec::mechanisms::{self as spec, Plain};

/// Joins some neighbours of each provider's order into classes; returns the market
/// with classes in place of keys, and the class of each entry.
fn tie(rng: &mut Rng, plain: &Plain) -> (Plain, Vec<u32>) {
    let joined: Vec<u64> = (0..plain.capacity.len()).map(|_| rng.next()).collect();
    let class = |provider: usize, key: u64| {
        let below = joined[provider] & ((1 << key) - 1);
        u64::from(below.count_ones())
    };
    let mut tied = plain.clone();
    let mut classes = Vec::new();
    for wish in tied.lists.iter_mut().flatten() {
        wish.1 = class(wish.0, wish.1);
        classes.push(wish.1 as u32);
    }
    (tied, classes)
}

#[test]
fn improvement_cycles_end_where_nothing_weakly_stable_is_better() {
    let mut rng = Rng(21);
    let mut better = 0;
    for case in 0..cases() {
        let (plain, _) = random(&mut rng, 5, 4);
        let (tied, class) = tie(&mut rng, &plain);
        let market = flat(&plain);
        let start = got(&deferred_acceptance(&market).unwrap());
        let ours = got(&stable_improvement_cycles(&market, &class).unwrap());
        assert!(spec::at_least_as_good(&ours, &start), "case {case}");
        assert!(
            spec::weakly_stable(&tied).contains(&ours),
            "case {case} {tied:?}"
        );
        assert!(
            !spec::improved(&tied, &ours),
            "case {case} {plain:?} {class:?}"
        );
        better += usize::from(ours != start);
    }
    assert!(better > 0);
}

#[test]
fn the_largest_is_within_two_thirds_and_its_bound_is_the_largest_of_all() {
    let mut rng = Rng(22);
    let (mut reached, mut short) = (0, 0);
    for case in 0..cases() {
        let (plain, _) = random(&mut rng, 6, 4);
        let (tied, class) = tie(&mut rng, &plain);
        let ours = maximum_size(&flat(&plain), &class).unwrap();
        let stable = spec::weakly_stable(&tied);
        assert!(stable.contains(&got(&ours.outcome)), "case {case} {tied:?}");
        let size = |g: &spec::Got| g.iter().flatten().count() as u64;
        let most = stable.iter().map(size).max().unwrap();
        assert_eq!(size(&got(&ours.outcome)), ours.placed);
        assert!(3 * ours.placed >= 2 * most, "case {case} {tied:?}");
        if ours.placed == most {
            reached += 1;
        } else {
            short += 1;
        }
        if case % 10 == 0 {
            let all = plain.assignments().iter().map(size).max().unwrap();
            assert_eq!(ours.bound, all, "case {case} {plain:?}");
        }
        let seats: usize = ours
            .cover_providers
            .iter()
            .map(|p| plain.capacity[*p as usize])
            .sum();
        assert_eq!(
            ours.bound,
            (ours.cover_applicants.len() + seats) as u64,
            "case {case} {plain:?}"
        );
    }
    assert!(reached > 50 * short, "{reached} {short}");
}

/// Erdil and Ergin 2008, the example of the introduction: two students are
/// equal at one school, and breaking the tie for the first costs two others a trade.
#[test]
fn erdil_and_ergin_three_students() {
    // Schools x, y, z. At x: 1, 2, 3. Student 1: y x z;
    // 2: z y x; 3: y z x. At y: 2, then 1 and 3 equal; at z: 3, 1, 2 in a row.
    let (plain, _) = named(
        &[&[1, 0, 2], &[2, 1, 0], &[1, 2, 0]],
        &[(1, &[0, 1, 2]), (1, &[1, 0, 2]), (1, &[2, 0, 1])],
    );
    let class = |market: &Market| -> Vec<u32> {
        let entries = market.provider.iter().zip(&market.key);
        let class = |p: u32, key: u64| match p {
            1 => [0, 1, 1][key as usize],
            _ => key as u32,
        };
        entries.map(|(p, k)| class(*p, *k)).collect()
    };
    let market = flat(&plain);
    let start = deferred_acceptance(&market).unwrap();
    assert_eq!(providers(&plain, &start), [Some(0), Some(1), Some(2)]);
    let better = stable_improvement_cycles(&market, &class(&market)).unwrap();
    assert_eq!(providers(&plain, &better), [Some(0), Some(2), Some(1)]);
}

/// The smallest market where a tie costs somebody the place: breaking it for the
/// one with no other choice places both.
#[test]
fn kiraly_gives_the_tie_to_who_has_nothing_else() {
    let (plain, _) = named(&[&[0, 1], &[0]], &[(1, &[0, 1]), (1, &[0])]);
    let market = flat(&plain);
    assert_eq!(deferred_acceptance(&market).unwrap().entry, [Some(0), None]);
    let largest = maximum_size(&market, &[0, 0, 0]).unwrap();
    assert_eq!(providers(&plain, &largest.outcome), [Some(1), Some(0)]);
    assert_eq!((largest.placed, largest.bound), (2, 2));
}

#[test]
fn classes_have_to_fit() {
    let (plain, _) = named(&[&[0], &[0]], &[(1, &[0, 1])]);
    let market = flat(&plain);
    let shape = |e: MarketError| matches!(e, MarketError::Shape(_));
    assert!(shape(stable_improvement_cycles(&market, &[0]).unwrap_err()));
    assert!(shape(maximum_size(&market, &[1, 0]).unwrap_err()));
    assert!(maximum_size(&market, &[0, 1]).is_ok());
}

/// The search against all weakly stable assignments; stopped at once it is honest.
#[test]
fn the_largest_is_found_and_proved() {
    let mut rng = Rng(23);
    let (mut grew, mut split, mut open) = (0, 0, 0);
    for case in 0..cases() / 4 {
        let (plain, _) = random(&mut rng, 7, 4);
        let (tied, class) = tie(&mut rng, &plain);
        let market = flat(&plain);
        let stable = spec::weakly_stable(&tied);
        let size = |g: &spec::Got| g.iter().flatten().count() as u64;
        let most = stable.iter().map(size).max().unwrap();
        let ours = largest(&market, &class, 1_000).unwrap();
        assert!(stable.contains(&got(&ours.outcome)), "case {case} {tied:?}");
        assert_eq!(size(&got(&ours.outcome)), ours.placed);
        assert_eq!(
            (ours.placed, ours.bound),
            (most, most),
            "case {case} {tied:?} {ours:?}"
        );
        split += u32::from(ours.proof.iter().any(|p| matches!(p, Part::Split { .. })));
        grew += u32::from(maximum_size(&market, &class).unwrap().placed < most);
        let hasty = largest(&market, &class, 1).unwrap();
        assert!(stable.contains(&got(&hasty.outcome)));
        assert!(
            hasty.placed <= most && most <= hasty.bound,
            "case {case} {tied:?} {hasty:?}"
        );
        open += u32::from(hasty.placed < hasty.bound);
    }
    assert!(split > 0 && grew > 0 && open > 0, "{split} {grew} {open}");
}
