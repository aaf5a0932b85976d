//! Small markets by enumeration: every assignment is tried, the stable ones are
//! kept, and the one that all applicants like best is the answer.

use minsheng_model::{Door, Unused};

/// A provider's seats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seats {
    /// All of them.
    pub capacity: u32,
    /// Seats kept for a group, in the order they are filled.
    pub reserves: Vec<(u32, Unused)>,
    /// The most a group may have through the open door.
    pub ceilings: Vec<u32>,
}

/// One entry of somebody's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Which provider.
    pub provider: usize,
    /// Lower is better; unique at a provider.
    pub key: u64,
    /// A seat is kept here.
    pub kept: bool,
    /// Bit `i`: a member of the `i`-th reserve.
    pub reserves: u16,
    /// Bit `i`: a member of the `i`-th ceiling's group.
    pub ceilings: u16,
}

/// What each applicant got: the entry of the own list and the way in.
pub type Assignment = Vec<Option<(usize, Door)>>;

/// Returns the door through which each of the people who want a provider comes in,
/// in the order of the argument.
///
/// This is the definition, step by step: kept seats; each reserve in its order;
/// the open seats under the ceilings.
#[must_use]
pub fn choose(seats: &Seats, people: &[Wish]) -> Vec<Option<Door>> {
    let mut doors: Vec<Option<Door>> = people
        .iter()
        .map(|w| w.kept.then_some(Door::Kept))
        .collect();
    let inside = |doors: &[Option<Door>]| doors.iter().flatten().count();
    let mut left = (seats.capacity as usize).saturating_sub(inside(&doors));
    for (index, (declared, unused)) in (0u8..).zip(&seats.reserves) {
        let room = (*declared as usize).min(left);
        let mut taken = 0;
        while taken < room {
            let member = |w: &Wish| w.reserves >> index & 1 == 1;
            let Some(best) = best_outside(people, &doors, member) else {
                break;
            };
            if let Some(door) = doors.get_mut(best) {
                *door = Some(Door::Reserve(index));
            }
            taken += 1;
        }
        left -= if *unused == Unused::Open { taken } else { room };
    }
    while left > 0 {
        let under = |ceiling: usize| {
            let pairs = people.iter().zip(&doors);
            pairs
                .filter(|(w, d)| **d == Some(Door::Open) && w.ceilings >> ceiling & 1 == 1)
                .count()
        };
        let admissible = |w: &Wish| {
            let ceilings = seats.ceilings.iter().enumerate();
            ceilings
                .filter(|(i, _)| w.ceilings >> i & 1 == 1)
                .all(|(i, most)| under(i) < *most as usize)
        };
        let Some(best) = best_outside(people, &doors, admissible) else {
            break;
        };
        if let Some(door) = doors.get_mut(best) {
            *door = Some(Door::Open);
        }
        left -= 1;
    }
    doors
}

/// Returns the best person without a door who fits the description.
fn best_outside(
    people: &[Wish],
    doors: &[Option<Door>],
    fits: impl Fn(&Wish) -> bool,
) -> Option<usize> {
    let outside = people
        .iter()
        .zip(doors)
        .enumerate()
        .filter(|(_, (w, d))| d.is_none() && fits(w));
    outside
        .min_by_key(|(_, (w, _))| w.key)
        .map(|(index, _)| index)
}

/// Returns whether nobody has a justified complaint: every provider chooses all
/// the people it has, by the doors they have, and would take nobody who likes it
/// better than the own result.
#[must_use]
pub fn is_stable(seats: &[Seats], lists: &[Vec<Wish>], assignment: &Assignment) -> bool {
    (0..seats.len()).all(|provider| {
        let Some(own) = seats.get(provider) else {
            return false;
        };
        let mut here = Vec::new();
        let mut doors = Vec::new();
        let mut envious = Vec::new();
        for (list, got) in lists.iter().zip(assignment) {
            let place = got.map(|(entry, _)| entry);
            for (entry, wish) in list
                .iter()
                .enumerate()
                .filter(|(_, w)| w.provider == provider)
            {
                match (place, got) {
                    (Some(at), Some((_, door))) if at == entry => {
                        here.push(*wish);
                        doors.push(Some(*door));
                    }
                    (Some(at), _) if at < entry => {}
                    _ => envious.push(*wish),
                }
            }
        }
        let content = choose(own, &here) == doors;
        content
            && envious.iter().all(|wish| {
                let mut with = here.clone();
                with.push(*wish);
                choose(own, &with).last() == Some(&None)
            })
    })
}

/// Returns the stable assignment that every applicant likes at least as much as any
/// other stable one, found among all assignments, or `None` when there is none.
///
/// The doors follow from the choice function. Meant for a handful of applicants:
/// the number of assignments is the product of the list lengths plus one.
#[must_use]
pub fn applicant_optimal(seats: &[Seats], lists: &[Vec<Wish>]) -> Option<Assignment> {
    best_of(&stable_assignments(seats, lists))
}

/// Returns what is decided where a provider with fewer people than its minimum does not
/// open, and the closings in their order, each with how many it had.
///
/// This is the rule, step by step: of the open providers the best stable assignment;
/// of those with somebody and fewer than they need the one that lacks most, of equals
/// the last, is closed; again. Those that nobody has come last, in their order.
#[must_use]
pub fn with_minimum(
    seats: &[Seats],
    lists: &[Vec<Wish>],
    minimum: &[u32],
) -> Option<(Assignment, Vec<(usize, u32)>)> {
    let mut closed: Vec<(usize, u32)> = Vec::new();
    loop {
        let opens = |provider: usize| closed.iter().all(|(c, _)| *c != provider);
        // Each entry that is left, with its place on the whole list.
        let left: Vec<Vec<(usize, Wish)>> = lists
            .iter()
            .map(|list| {
                let own = list.iter().copied().enumerate();
                own.filter(|(_, wish)| opens(wish.provider)).collect()
            })
            .collect();
        let rest: Vec<Vec<Wish>> = left
            .iter()
            .map(|list| list.iter().map(|(_, wish)| *wish).collect())
            .collect();
        let got = applicant_optimal(seats, &rest)?;
        let held: Vec<Option<(usize, usize, Door)>> = left
            .iter()
            .zip(&got)
            .map(|(list, got)| {
                let (entry, door) = (*got)?;
                let (place, wish) = list.get(entry)?;
                Some((*place, wish.provider, door))
            })
            .collect();
        let had = |provider: usize| {
            let here = held.iter().flatten().filter(|(_, p, _)| *p == provider);
            u32::try_from(here.count()).unwrap_or(u32::MAX)
        };
        let lacks = |provider: &usize| {
            let need = minimum.get(*provider).copied().unwrap_or(0);
            (opens(*provider) && had(*provider) < need).then(|| need - had(*provider))
        };
        let below = (0..seats.len()).filter(|p| lacks(p).is_some());
        let worst = below.clone().filter(|p| had(*p) > 0);
        match worst.max_by_key(|p| (lacks(p), *p)) {
            Some(worst) => closed.push((worst, had(worst))),
            None => {
                let empty: Vec<(usize, u32)> = below.map(|p| (p, 0)).collect();
                closed.extend(empty);
                let outcome = held.iter().map(|h| h.map(|(place, _, door)| (place, door)));
                return Some((outcome.collect(), closed));
            }
        }
    }
}

/// Returns the stable assignment that every applicant likes at most as much as any
/// other stable one, or `None` when there is none.
#[must_use]
pub fn applicant_pessimal(seats: &[Seats], lists: &[Vec<Wish>]) -> Option<Assignment> {
    let stable = stable_assignments(seats, lists);
    stable
        .iter()
        .find(|a| stable.iter().all(|b| dominates(b, a)))
        .cloned()
}

/// Returns every stable assignment, found among all assignments.
#[must_use]
pub fn stable_assignments(seats: &[Seats], lists: &[Vec<Wish>]) -> Vec<Assignment> {
    let mut stable: Vec<Assignment> = Vec::new();
    let mut picks = vec![0usize; lists.len()];
    loop {
        if let Some(assignment) = with_doors(seats, lists, &picks)
            && is_stable(seats, lists, &assignment)
        {
            stable.push(assignment);
        }
        // Count up: each pick runs over the list and "nothing", which is last.
        let mut position = 0;
        loop {
            let (Some(pick), Some(list)) = (picks.get_mut(position), lists.get(position)) else {
                return stable;
            };
            *pick += 1;
            if *pick <= list.len() {
                break;
            }
            *pick = 0;
            position += 1;
        }
    }
}

/// Returns the assignment of the picks when every provider chooses all its people.
fn with_doors(seats: &[Seats], lists: &[Vec<Wish>], picks: &[usize]) -> Option<Assignment> {
    let mut assignment: Assignment = vec![None; lists.len()];
    for (provider, own) in seats.iter().enumerate() {
        let people: Vec<(usize, usize, Wish)> = lists
            .iter()
            .zip(picks)
            .enumerate()
            .filter_map(|(applicant, (list, pick))| Some((applicant, *pick, *list.get(*pick)?)))
            .filter(|(_, _, wish)| wish.provider == provider)
            .collect();
        let wishes: Vec<Wish> = people.iter().map(|(_, _, w)| *w).collect();
        for ((applicant, pick, _), door) in people.iter().zip(choose(own, &wishes)) {
            *assignment.get_mut(*applicant)? = Some((*pick, door?));
        }
    }
    Some(assignment)
}

/// Returns the one that is at least as good for everybody as each other one.
fn best_of(stable: &[Assignment]) -> Option<Assignment> {
    stable
        .iter()
        .find(|a| stable.iter().all(|b| dominates(a, b)))
        .cloned()
}

/// Returns whether everybody likes the first at least as much as the second.
#[must_use]
pub fn dominates(a: &Assignment, b: &Assignment) -> bool {
    let rank = |got: &Option<(usize, Door)>| got.map_or(usize::MAX, |(entry, _)| entry);
    a.iter().zip(b).all(|(x, y)| rank(x) <= rank(y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(provider: usize, key: u64) -> Wish {
        Wish {
            provider,
            key,
            kept: false,
            reserves: 0,
            ceilings: 0,
        }
    }

    fn seats(capacity: u32) -> Seats {
        Seats {
            capacity,
            reserves: Vec::new(),
            ceilings: Vec::new(),
        }
    }

    /// Gale and Shapley 1962, example 1: the men's proposals give each man his
    /// first choice, although the women like them last.
    #[test]
    fn gale_and_shapley_example_one() {
        let lists = [
            vec![plain(0, 3), plain(1, 2), plain(2, 1)],
            vec![plain(1, 3), plain(2, 2), plain(0, 1)],
            vec![plain(2, 3), plain(0, 2), plain(1, 1)],
        ];
        let best = applicant_optimal(&[seats(1), seats(1), seats(1)], &lists).unwrap();
        assert!(
            best.iter()
                .all(|got| got.map(|(entry, _)| entry) == Some(0))
        );
    }

    #[test]
    fn unused_reserved_seats_move_on_or_stay_empty() {
        let people = [plain(0, 1), plain(0, 2)];
        let soft = Seats {
            capacity: 2,
            reserves: vec![(1, Unused::Open)],
            ceilings: Vec::new(),
        };
        assert_eq!(choose(&soft, &people), [Some(Door::Open), Some(Door::Open)]);
        let hard = Seats {
            reserves: vec![(1, Unused::Empty)],
            ..soft
        };
        assert_eq!(choose(&hard, &people), [Some(Door::Open), None]);
    }

    #[test]
    fn a_ceiling_lets_the_next_other_person_in() {
        let group = |key| Wish {
            ceilings: 1,
            ..plain(0, key)
        };
        let own = Seats {
            capacity: 2,
            reserves: Vec::new(),
            ceilings: vec![1],
        };
        let doors = choose(&own, &[group(1), group(2), plain(0, 3)]);
        assert_eq!(doors, [Some(Door::Open), None, Some(Door::Open)]);
    }

    #[test]
    fn a_kept_seat_comes_before_everything() {
        let kept = Wish {
            kept: true,
            ..plain(0, 9)
        };
        let member = Wish {
            reserves: 1,
            ..plain(0, 1)
        };
        let own = Seats {
            capacity: 1,
            reserves: vec![(1, Unused::Open)],
            ceilings: Vec::new(),
        };
        assert_eq!(choose(&own, &[member, kept]), [None, Some(Door::Kept)]);
    }
}
