//! Stability, checked without the solver.

use minsheng_model::{Door, Unused};
use minsheng_spec::market::{Assignment, Seats, Wish, choose};

/// The people of one provider: applicant, entry, door.
type Here = Vec<(Wish, Door)>;

/// Checks an assignment: every provider's choice function takes exactly the people
/// it has, by the doors they have, and would take nobody who likes it better than
/// the own result. Returns how many entries were looked at, or the applicant and
/// entry that contradict.
///
/// Time is linear in the entries, up to sorting each provider's people: whether
/// somebody would be taken is read off the worst of each door.
pub(crate) fn certify(
    seats: &[Seats],
    lists: &[Vec<Wish>],
    assignment: &Assignment,
) -> Result<u64, String> {
    let mut here: Vec<Here> = vec![Vec::new(); seats.len()];
    for (applicant, (list, got)) in lists.iter().zip(assignment).enumerate() {
        let Some((entry, door)) = got else { continue };
        let wish = list.get(*entry);
        match wish.and_then(|w| Some((here.get_mut(w.provider)?, *w))) {
            Some((people, wish)) => people.push((wish, *door)),
            None => {
                return Err(format!(
                    "applicant {applicant} has an entry that is not there"
                ));
            }
        }
    }
    let mut thresholds = Vec::with_capacity(seats.len());
    for (provider, (own, people)) in seats.iter().zip(&here).enumerate() {
        let wishes: Vec<Wish> = people.iter().map(|(w, _)| *w).collect();
        let doors: Vec<Option<Door>> = people.iter().map(|(_, d)| Some(*d)).collect();
        if choose(own, &wishes) != doors {
            return Err(format!(
                "provider {provider} would not choose its own people"
            ));
        }
        thresholds.push(Thresholds::new(own, people));
    }
    let mut looked = 0;
    for (applicant, (list, got)) in lists.iter().zip(assignment).enumerate() {
        let better = got.map_or(list.len(), |(entry, _)| entry);
        for wish in list.iter().take(better) {
            looked += 1;
            if thresholds.get(wish.provider).is_none_or(|t| t.takes(wish)) {
                return Err(format!(
                    "applicant {applicant} would be taken by provider {}",
                    wish.provider
                ));
            }
        }
    }
    Ok(looked)
}

/// What it takes to come through each door: `None` where there is a free seat,
/// else the worst key inside.
struct Thresholds {
    reserves: Vec<Option<u64>>,
    open: Option<u64>,
    ceilings: Vec<Option<u64>>,
}

/// Returns the worst key when the seats are full, else `None`; with no seat at
/// all, nobody is good enough.
fn worst(seats: u32, keys: impl Iterator<Item = u64>) -> Option<u64> {
    let (mut count, mut worst) = (0u32, 0);
    for key in keys {
        count += 1;
        worst = worst.max(key);
    }
    (count >= seats).then_some(worst)
}

impl Thresholds {
    fn new(seats: &Seats, people: &Here) -> Self {
        let through = |door: Door| {
            people
                .iter()
                .filter(move |(_, d)| *d == door)
                .map(|(w, _)| w.key)
        };
        let count = |door: Door| u32::try_from(through(door).count()).unwrap_or(u32::MAX);
        let mut remaining = seats.capacity.saturating_sub(count(Door::Kept));
        let mut reserves = Vec::new();
        for (index, (declared, unused)) in (0u8..).zip(&seats.reserves) {
            let door = Door::Reserve(index);
            let own = (*declared).min(remaining);
            reserves.push(worst(own, through(door)));
            remaining -= match unused {
                Unused::Open => count(door).min(remaining),
                Unused::Empty => own,
            };
        }
        let members = |bit: usize| {
            people
                .iter()
                .filter(move |(w, d)| *d == Door::Open && w.ceilings >> bit & 1 == 1)
                .map(|(w, _)| w.key)
        };
        Self {
            reserves,
            open: worst(remaining, through(Door::Open)),
            ceilings: seats
                .ceilings
                .iter()
                .enumerate()
                .map(|(bit, n)| worst(*n, members(bit)))
                .collect(),
        }
    }

    fn takes(&self, wish: &Wish) -> bool {
        let beats = |worst: &Option<u64>| worst.is_none_or(|w| wish.key < w);
        let reserved = (0..16)
            .zip(&self.reserves)
            .any(|(bit, worst)| wish.reserves >> bit & 1 == 1 && beats(worst));
        let capped = (0..16)
            .zip(&self.ceilings)
            .find(|(bit, worst)| wish.ceilings >> bit & 1 == 1 && worst.is_some());
        // Who beats the last of a full ceiling takes that seat; else any open one.
        let open = match capped {
            Some((_, worst)) => beats(worst),
            None => beats(&self.open),
        };
        wish.kept || reserved || open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minsheng_spec::market::is_stable;
    use proptest::prelude::*;

    prop_compose! {
        fn wish(providers: usize)(
            provider in 0..providers, group in 0u8..5
        ) -> Wish {
            Wish {
                provider,
                key: 0,
                kept: group == 4,
                reserves: u16::from(group == 1 || group == 3),
                ceilings: u16::from(group == 2),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// The linear check says what the definition says, of right and of wrong
        /// assignments.
        #[test]
        fn says_what_the_definition_says(
            seats in prop::collection::vec((0u32..4, 0u32..3, any::<bool>(), 0u32..3), 1..3),
            lists in prop::collection::vec(prop::collection::vec(wish(2), 0..3), 0..5),
            got in prop::collection::vec(prop::option::weighted(0.7, (0usize..3, 0u8..3)), 5),
            keys in Just((0u64..64).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let seats: Vec<Seats> = seats
                .into_iter()
                .map(|(capacity, reserve, open, ceiling)| Seats {
                    capacity,
                    reserves: vec![(reserve, if open { Unused::Open } else { Unused::Empty })],
                    ceilings: vec![ceiling],
                })
                .collect();
            let mut keys = keys.into_iter();
            let mut lists = lists;
            let mut kept = vec![0; seats.len()];
            for list in &mut lists {
                list.retain(|w| w.provider < seats.len());
                list.dedup_by_key(|w| w.provider);
                for w in list.iter_mut() {
                    // As an instance must be: no more kept than there are seats.
                    w.kept = w.kept && kept[w.provider] < seats[w.provider].capacity;
                    kept[w.provider] += u32::from(w.kept);
                    w.key = keys.next().unwrap_or(99) + if w.kept { 0 } else { 100 };
                }
            }
            let assignment: Assignment = lists
                .iter()
                .zip(&got)
                .map(|(list, got)| {
                    let (entry, door) = (*got)?;
                    let door = match door {
                        0 => Door::Kept,
                        1 => Door::Reserve(0),
                        _ => Door::Open,
                    };
                    (entry < list.len()).then_some((entry, door))
                })
                .collect();
            prop_assert_eq!(
                certify(&seats, &lists, &assignment).is_ok(),
                is_stable(&seats, &lists, &assignment)
            );
        }
    }
}
