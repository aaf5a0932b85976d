//! Call orders with minimum shares.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod common;

use common::{Rng, cases};
use minsheng_matching::call_order;

/// By the words: look through everybody left for each place.
fn defined(groups: &[u32], percent: &[u32]) -> Vec<u32> {
    let mut called: Vec<u32> = Vec::new();
    while called.len() < groups.len() {
        let left: Vec<u32> = (0..groups.len() as u32)
            .filter(|p| !called.contains(p))
            .collect();
        let inside = |p: &u32, g: usize| groups[*p as usize] >> g & 1 == 1;
        let mut binding: Vec<usize> = (0..percent.len())
            .filter(|g| {
                let count = called.iter().filter(|p| inside(p, *g)).count();
                left.iter().any(|p| inside(p, *g))
                    && count * 100 < percent[*g] as usize * (called.len() + 1)
            })
            .collect();
        let next = loop {
            let mut fitting = left
                .iter()
                .filter(|p| binding.iter().all(|g| inside(p, *g)));
            match fitting.next() {
                Some(next) => break *next,
                None => binding.pop(),
            };
        };
        called.push(next);
    }
    called
}

#[test]
fn equals_the_words_and_keeps_the_first_share() {
    let mut rng = Rng(61);
    for case in 0..cases() / 5 {
        let shares = rng.below(4);
        let percent: Vec<u32> = (0..shares).map(|_| rng.below(101) as u32).collect();
        let groups: Vec<u32> = (0..rng.below(12))
            .map(|_| rng.below(1 << shares) as u32)
            .collect();
        let called = call_order(&groups, &percent).unwrap();
        assert_eq!(
            called,
            defined(&groups, &percent),
            "case {case} {groups:?} {percent:?}"
        );
        let Some(first) = percent.first() else {
            continue;
        };
        let members = groups.iter().filter(|g| **g & 1 == 1).count();
        let mut count = 0;
        for (n, person) in called.iter().enumerate() {
            count += (groups[*person as usize] & 1) as usize;
            assert!(count == members || count * 100 >= *first as usize * (n + 1));
        }
    }
}

/// One in five has to have a grant: the first called has one, then five by one, and so
/// on; who has one does not fall behind the own rank.
#[test]
fn one_in_five() {
    let groups = [0, 0, 0, 0, 0, 1, 0, 1, 0, 0];
    assert_eq!(
        call_order(&groups, &[20]).unwrap(),
        [5, 0, 1, 2, 3, 7, 4, 6, 8, 9]
    );
    assert_eq!(
        call_order(&groups, &[0]).unwrap(),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    );
    // Grants and residents: both at once first, else the grant.
    let groups = [0, 1, 2, 3, 0, 1];
    assert_eq!(call_order(&groups, &[50, 100]).unwrap(), [3, 2, 1, 0, 5, 4]);
    assert!(call_order(&groups, &[101]).is_err());
    assert!(call_order(&groups, &[1; 17]).is_err());
}
