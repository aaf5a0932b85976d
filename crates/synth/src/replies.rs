//! Made-up answers to offers.

use minsheng_model::{Answer, Date};

use crate::Chance;

/// What is asked of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Whether an offer is accepted.
    Offer,
    /// Nothing; but who waits may give it up.
    Waits,
}

/// Returns somebody's answer and its day, within five days up to `until`; `None` where
/// nothing is said. Of a hundred with an offer about 72 accept, 10 keep it and wait on
/// (where one may), 6 decline, 4 withdraw and 8 say nothing.
#[must_use]
pub fn reply(
    seed: &str,
    round: u32,
    index: u64,
    asked: Asked,
    keep: bool,
    until: Date,
) -> Option<(Answer, Date)> {
    let says = Chance::new(seed, "replies");
    let weights: [u32; 5] = match asked {
        Asked::Offer => [720, 100, 60, 40, 80],
        Asked::Waits => [0, 0, 0, 15, 985],
    };
    let row = index.checked_mul(128)?.checked_add(u64::from(round))?;
    let answer = match says.weighted(row, 0, weights.into_iter()) {
        0 => Answer::Accept,
        1 if keep => Answer::Keep,
        1 => Answer::Accept,
        2 => Answer::Decline,
        3 => Answer::Withdraw,
        _ => return None,
    };
    let before = i32::try_from(says.below(row, 1, 5)).ok()?;
    Some((answer, Date::from_days(until.days() - before)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_the_same_every_time_and_everything_once_in_a_while() {
        let until = Date::from_ymd(2024, 9, 20).unwrap();
        let say = |i, keep| reply("s", 1, i, Asked::Offer, keep, until);
        let mut seen = std::collections::BTreeMap::new();
        for i in 0..1000 {
            assert_eq!(say(i, true), say(i, true));
            if let Some((_, day)) = say(i, true) {
                assert!(day <= until && day.days() > until.days() - 5);
            }
            *seen.entry(say(i, true).map(|(a, _)| a)).or_insert(0) += 1;
            assert_ne!(say(i, false).map(|(a, _)| a), Some(Answer::Keep));
        }
        assert!(
            seen.len() == 5 && seen.values().all(|n| *n > 15),
            "{seen:?}"
        );
        let waits = (0..1000).filter_map(|i| reply("s", 1, i, Asked::Waits, true, until));
        let waits: Vec<_> = waits.collect();
        assert!(!waits.is_empty() && waits.iter().all(|(a, _)| *a == Answer::Withdraw));
    }
}
