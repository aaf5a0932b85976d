//! Each mechanism of plain seats against its definition, and the papers' examples.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod common;

use common::{Rng, cases, flat, got, named, providers, random};
use minsheng_matching::{
    Market, MarketError, Priorities, Seats, deferred_acceptance, efficiency_adjusted,
    immediate_acceptance, provider_proposing, serial_dictatorship, top_trading_cycles, unique,
};
use minsheng_spec::mechanisms as spec;

fn priorities(orders: &[Vec<usize>]) -> Priorities {
    let mut own = Priorities {
        first: vec![0],
        applicant: Vec::new(),
    };
    for order in orders {
        own.applicant.extend(order.iter().map(|a| *a as u32));
        own.first.push(own.applicant.len() as u32);
    }
    own
}

#[test]
fn immediate_acceptance_equals_its_rounds() {
    let mut rng = Rng(11);
    for case in 0..cases() {
        let (plain, _) = random(&mut rng, 6, 4);
        let ours = immediate_acceptance(&flat(&plain)).unwrap();
        assert_eq!(got(&ours), spec::immediate(&plain), "case {case} {plain:?}");
    }
}

#[test]
fn serial_dictatorship_equals_its_definition() {
    let mut rng = Rng(12);
    for case in 0..cases() {
        let (plain, _) = random(&mut rng, 6, 4);
        let order = rng.order(plain.lists.len());
        let mut place = vec![0; order.len()];
        for (rank, a) in order.iter().enumerate() {
            place[*a] = rank as u32;
        }
        let ours = serial_dictatorship(&flat(&plain), &place).unwrap();
        assert_eq!(
            got(&ours),
            spec::serial(&plain, &order),
            "case {case} {plain:?}"
        );
    }
}

#[test]
fn top_trading_cycles_equal_their_definition_and_are_efficient() {
    let mut rng = Rng(13);
    for case in 0..cases() {
        let (plain, orders) = random(&mut rng, 5, 4);
        let ours = top_trading_cycles(&flat(&plain), &priorities(&orders)).unwrap();
        assert_eq!(
            got(&ours),
            spec::trading(&plain, &orders),
            "case {case} {plain:?}"
        );
        if case % 20 == 0 {
            assert!(
                spec::efficient(&plain, &got(&ours)),
                "case {case} {plain:?}"
            );
        }
    }
}

/// The loop of Tang and Yu against Kesten's interrupters, for any set of consents;
/// with all consents the outcome is efficient, with none it is deferred acceptance.
#[test]
fn efficiency_adjusted_acceptance_equals_kesten() {
    let mut rng = Rng(14);
    let mut improved = 0;
    for case in 0..cases() {
        let (plain, _) = random(&mut rng, 6, 5);
        let market = flat(&plain);
        let consent: Vec<bool> = match rng.below(4) {
            0 => vec![true; plain.lists.len()],
            1 => vec![false; plain.lists.len()],
            _ => plain.lists.iter().map(|_| rng.below(2) == 0).collect(),
        };
        let ours = efficiency_adjusted(&market, &consent).unwrap();
        assert_eq!(
            got(&ours),
            spec::kesten(&plain, &consent),
            "case {case} {plain:?} {consent:?}"
        );
        let plain_da = deferred_acceptance(&market).unwrap();
        improved += usize::from(plain_da.entry != ours.entry);
        if consent.iter().all(|c| !c) {
            assert_eq!(plain_da.entry, ours.entry);
        }
        if case % 50 == 0 && consent.iter().all(|c| *c) {
            assert!(
                spec::efficient(&plain, &got(&ours)),
                "case {case} {plain:?}"
            );
        }
    }
    assert!(improved > 0, "the markets never had anything to improve");
}

/// Gale and Shapley 1962, example 1: each side's proposals give it its first
/// choices, and there is a third stable assignment between.
#[test]
fn gale_and_shapley_both_sides() {
    let (plain, _) = named(
        &[&[0, 1, 2], &[1, 2, 0], &[2, 0, 1]],
        &[(1, &[1, 2, 0]), (1, &[2, 0, 1]), (1, &[0, 1, 2])],
    );
    let (best, only) = unique(&flat(&plain)).unwrap();
    assert_eq!(providers(&plain, &best), [Some(0), Some(1), Some(2)]);
    assert!(!only);
    let worst = provider_proposing(&flat(&plain)).unwrap();
    assert_eq!(providers(&plain, &worst), [Some(2), Some(0), Some(1)]);
}

/// Abdulkadiroğlu and Sönmez 2003, example 1 of stability against efficiency: the
/// stable outcome, and the trade that top trading cycles make.
#[test]
fn abdulkadiroglu_and_sonmez_three_students() {
    let (plain, orders) = named(
        &[&[1, 0, 2], &[0, 1, 2], &[0, 1, 2]],
        &[(1, &[0, 2, 1]), (1, &[1, 0, 2]), (1, &[1, 0, 2])],
    );
    let market = flat(&plain);
    let stable = deferred_acceptance(&market).unwrap();
    assert_eq!(providers(&plain, &stable), [Some(0), Some(1), Some(2)]);
    let traded = top_trading_cycles(&market, &priorities(&orders)).unwrap();
    assert_eq!(providers(&plain, &traded), [Some(1), Some(0), Some(2)]);
    let adjusted = efficiency_adjusted(&market, &[true; 3]).unwrap();
    assert_eq!(providers(&plain, &adjusted), [Some(1), Some(0), Some(2)]);
    // Student 3 interrupts at the first school: without that consent nothing moves.
    let without = efficiency_adjusted(&market, &[true, true, false]).unwrap();
    assert_eq!(without.entry, stable.entry);
}

/// Abdulkadiroğlu and Sönmez 2003, the example of top trading cycles with eight
/// students and four schools of two, two, three and three seats.
#[test]
fn abdulkadiroglu_and_sonmez_eight_students() {
    let (plain, orders) = named(
        &[
            &[1, 0, 2, 3],
            &[0, 1, 2, 3],
            &[2, 1, 0, 3],
            &[2, 3, 0, 1],
            &[0, 2, 1, 3],
            &[3, 0, 1, 2],
            &[0, 1, 2, 3],
            &[0, 1, 3, 2],
        ],
        &[
            (2, &[0, 1, 2, 3, 4, 5, 6, 7]),
            (2, &[2, 4, 3, 7, 6, 1, 0, 5]),
            (3, &[4, 2, 0, 6, 1, 7, 5, 3]),
            (3, &[5, 7, 6, 3, 1, 2, 4, 0]),
        ],
    );
    let traded = top_trading_cycles(&flat(&plain), &priorities(&orders)).unwrap();
    let expected = [1, 0, 2, 2, 0, 3, 1, 3];
    assert_eq!(providers(&plain, &traded), expected.map(Some));
}

/// Abdulkadiroğlu and Sönmez 2003 on preference-first rules: who is truthful about
/// a popular school loses the place of first priority at the second choice.
#[test]
fn immediate_acceptance_makes_truth_expensive() {
    // Applicant 1 has first priority at provider 1 but asks for provider 0 first.
    let market = |second: &[usize]| {
        named(
            &[&[0, 1, 2], second, &[1, 0, 2]],
            &[(1, &[0, 1, 2]), (1, &[1, 2, 0]), (1, &[0, 1, 2])],
        )
        .0
    };
    let truthful = market(&[0, 1, 2]);
    let outcome = immediate_acceptance(&flat(&truthful)).unwrap();
    assert_eq!(providers(&truthful, &outcome), [Some(0), Some(2), Some(1)]);
    let shaded = market(&[1, 0, 2]);
    let outcome = immediate_acceptance(&flat(&shaded)).unwrap();
    assert_eq!(providers(&shaded, &outcome), [Some(0), Some(1), Some(2)]);
    let stable = deferred_acceptance(&flat(&truthful)).unwrap();
    assert_eq!(providers(&truthful, &stable), [Some(0), Some(1), Some(2)]);
}

/// Roth 1982: an applicant-proposing run can be unanimous worse than another
/// assignment, which no stable one repairs; provider-proposing is worse still.
#[test]
fn provider_proposing_is_the_other_end() {
    let mut rng = Rng(15);
    let mut apart = 0;
    for case in 0..cases() {
        let (plain, _) = random(&mut rng, 5, 4);
        let market = flat(&plain);
        let (best, only) = unique(&market).unwrap();
        let worst = provider_proposing(&market).unwrap();
        let stable = spec::weakly_stable(&plain);
        assert!(
            stable
                .iter()
                .all(|s| spec::at_least_as_good(&got(&best), s)),
            "case {case}"
        );
        assert!(
            stable
                .iter()
                .all(|s| spec::at_least_as_good(s, &got(&worst))),
            "case {case}"
        );
        assert_eq!(only, stable.len() == 1, "case {case}");
        apart += usize::from(!only);
    }
    assert!(apart > 0);
}

#[test]
fn mechanisms_without_groups_refuse_them_and_bad_arguments() {
    let mut market = Market {
        first: vec![0, 1],
        provider: vec![0],
        key: vec![0],
        groups: Vec::new(),
        seats: vec![Seats {
            capacity: 1,
            reserves: Vec::new(),
            ceilings: vec![1],
        }],
    };
    let order = priorities(&[vec![0]]);
    let refused = |e: MarketError| matches!(e, MarketError::Unsupported(_));
    assert!(refused(top_trading_cycles(&market, &order).unwrap_err()));
    assert!(refused(efficiency_adjusted(&market, &[true]).unwrap_err()));
    market.seats[0].ceilings.clear();
    let shape = |e: MarketError| matches!(e, MarketError::Shape(_));
    assert!(shape(efficiency_adjusted(&market, &[]).unwrap_err()));
    assert!(shape(serial_dictatorship(&market, &[]).unwrap_err()));
    for bad in [
        Priorities::default(),
        priorities(&[vec![]]),
        priorities(&[vec![0, 0]]),
        priorities(&[vec![7]]),
        priorities(&[vec![0], vec![]]),
    ] {
        assert!(
            shape(top_trading_cycles(&market, &bad).unwrap_err()),
            "{bad:?}"
        );
    }
    assert!(top_trading_cycles(&market, &order).is_ok());
    assert_eq!(Priorities::of_askers(&market).unwrap(), order);
}
