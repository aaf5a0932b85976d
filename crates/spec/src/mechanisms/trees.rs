//! Nested caps over providers that have reserves, ceilings and kept seats, by
//! enumeration.

use minsheng_model::{Door, Unused};

use super::Got;
use super::caps::{Caps, Turn};
use crate::market::{Seats, Wish, choose};

/// An applicant and an entry of the own list.
pub type Pair = (usize, usize);

/// How many guaranteed seats of each kind are used, and who is in by the order of
/// people; the greater is worth more.
pub type Worth = (Vec<usize>, Vec<std::cmp::Reverse<(u64, Pair)>>);

/// Returns which of the pairs the providers together choose.
///
/// With one order of people the steps follow each other: kept seats; the first reserve
/// of every provider; the second of every provider, and so on; open seats. In a step
/// pairs are looked at in the order of people, and one is taken when its provider has a
/// seat for it and no set of providers would have more than it may.
///
/// Where providers take turns, each one names whom it would choose alone, in the order
/// of doors and keys; then kept seats are given, then reserved ones, then open ones,
/// each time first up to the targets, then beyond, to the provider that has fewest.
#[must_use]
pub fn trees_choose(
    seats: &[Seats],
    lists: &[Vec<Wish>],
    caps: &Caps,
    pairs: &[Pair],
) -> Vec<Pair> {
    let wish = |(a, e): Pair| lists[a][e];
    let mut taken: Vec<Pair> = Vec::new();
    match &caps.turn {
        Turn::Master => {
            let mut order = pairs.to_vec();
            // Of two pairs of one applicant the better liked comes first.
            order.sort_by_key(|pair| (wish(*pair).key, *pair));
            let mut left: Vec<usize> = seats.iter().map(|s| s.capacity as usize).collect();
            for pair in &order {
                if wish(*pair).kept {
                    take(lists, caps, &mut taken, &mut left, *pair);
                }
            }
            let deepest = seats.iter().map(|s| s.reserves.len()).max().unwrap_or(0);
            for index in 0..deepest {
                step(seats, lists, caps, &mut taken, &mut left, &order, index);
            }
            let mut open: Vec<Pair> = Vec::new();
            for pair in order
                .iter()
                .filter(|p| !taken.contains(p))
                .collect::<Vec<_>>()
            {
                let own = wish(*pair);
                let under = |i: usize| own.ceilings >> i & 1 == 1;
                let below = |i: usize| {
                    let same = |p: &&Pair| {
                        let other = wish(**p);
                        other.provider == own.provider && other.ceilings >> i & 1 == 1
                    };
                    open.iter().filter(same).count() < seats[own.provider].ceilings[i] as usize
                };
                let ceilings = 0..seats[own.provider].ceilings.len();
                if ceilings.into_iter().filter(|i| under(*i)).all(below)
                    && !taken.contains(pair)
                    && take(lists, caps, &mut taken, &mut left, *pair)
                {
                    open.push(*pair);
                }
            }
        }
        Turn::Providers(target) => in_turn(seats, lists, caps, pairs, target, &mut taken),
    }
    taken
}

/// Providers take turns, each with the people it would choose alone.
fn in_turn(
    seats: &[Seats],
    lists: &[Vec<Wish>],
    caps: &Caps,
    pairs: &[Pair],
    target: &[usize],
    taken: &mut Vec<Pair>,
) {
    let wish = |(a, e): Pair| lists[a][e];
    let mut turns = Vec::new();
    for (provider, own) in seats.iter().enumerate() {
        let here = pairs
            .iter()
            .copied()
            .filter(|p| wish(*p).provider == provider);
        let here: Vec<Pair> = here.collect();
        let wishes: Vec<Wish> = here.iter().map(|p| wish(*p)).collect();
        let doors = choose(own, &wishes);
        let mut picks: Vec<(Door, u64, Pair)> = here
            .iter()
            .zip(doors)
            .filter_map(|(p, door)| Some((door?, wish(*p).key, *p)))
            .collect();
        picks.sort_unstable();
        for (place, (door, _, pair)) in picks.into_iter().enumerate() {
            let phase = match door {
                Door::Kept => 0,
                Door::Reserve(_) => 1,
                Door::Open => 2,
            };
            let beyond = phase > 0 && place >= target[provider];
            turns.push((phase, beyond, place, provider, pair));
        }
    }
    turns.sort_unstable();
    let mut left = vec![usize::MAX; seats.len()];
    for (.., pair) in turns {
        take(lists, caps, taken, &mut left, pair);
    }
}

/// Fills the reserve with this index at every provider.
fn step(
    seats: &[Seats],
    lists: &[Vec<Wish>],
    caps: &Caps,
    taken: &mut Vec<Pair>,
    left: &mut [usize],
    order: &[Pair],
    index: usize,
) {
    let mut filled = vec![0; seats.len()];
    let before = left.to_vec();
    for pair in order {
        let own = lists[pair.0][pair.1];
        let Some((declared, _)) = seats[own.provider].reserves.get(index) else {
            continue;
        };
        if own.reserves >> index & 1 == 1
            && filled[own.provider] < *declared
            && !taken.contains(pair)
            && take(lists, caps, taken, left, *pair)
        {
            filled[own.provider] += 1;
        }
    }
    for (provider, own) in seats.iter().enumerate() {
        if let Some((declared, Unused::Empty)) = own.reserves.get(index) {
            left[provider] = before[provider].saturating_sub(*declared as usize);
        }
    }
}

/// Takes a pair when there is a seat for it and no set has all it may have.
fn take(
    lists: &[Vec<Wish>],
    caps: &Caps,
    taken: &mut Vec<Pair>,
    left: &mut [usize],
    pair: Pair,
) -> bool {
    let own = lists[pair.0][pair.1].provider;
    let inside = |set: &[usize]| {
        let there = |p: &&Pair| set.contains(&lists[p.0][p.1].provider);
        taken.iter().filter(there).count()
    };
    let mut above = caps.sets.iter().filter(|(set, _)| set.contains(&own));
    let fits = left[own] > 0 && above.all(|(set, most)| inside(set) < *most);
    if fits {
        left[own] -= 1;
        taken.push(pair);
    }
    fits
}

/// Returns every stable assignment: the providers together choose all the pairs there
/// are, and would choose no pair of an applicant and a better liked entry if it were
/// there too.
#[must_use]
pub fn trees_stable(seats: &[Seats], lists: &[Vec<Wish>], caps: &Caps) -> Vec<Got> {
    let mut all: Vec<Got> = vec![Vec::new()];
    for list in lists {
        all = all
            .iter()
            .flat_map(|got| {
                (0..list.len()).map(Some).chain([None]).map(|pick| {
                    let mut with = got.clone();
                    with.push(pick);
                    with
                })
            })
            .collect();
    }
    all.retain(|got| {
        let pairs: Vec<Pair> = got
            .iter()
            .enumerate()
            .filter_map(|(a, entry)| Some((a, (*entry)?)))
            .collect();
        if trees_choose(seats, lists, caps, &pairs).len() != pairs.len() {
            return false;
        }
        (0..lists.len()).all(|a| {
            (0..got[a].unwrap_or(lists[a].len())).all(|entry| {
                let mut with = pairs.clone();
                with.push((a, entry));
                !trees_choose(seats, lists, caps, &with).contains(&(a, entry))
            })
        })
    });
    all
}

/// Returns what a set of pairs is worth, or `None` when it is not allowed: how many
/// kept seats are used, how many seats of the first reserves, of the second, and so on,
/// and then who is in by the order of people.
///
/// With one order of people, reserves of which each person is in at most one at a
/// provider and whose unused seats are open, the choice is the set that is worth most.
/// Numbers under nested limits and sums of them make this worth M-natural-concave
/// (Murota 2003; Kojima, Tamura and Yokoo 2018).
#[must_use]
pub fn trees_worth(
    seats: &[Seats],
    lists: &[Vec<Wish>],
    caps: &Caps,
    pairs: &[Pair],
) -> Option<Worth> {
    let wish = |p: &Pair| lists[p.0][p.1];
    let count = |fits: &dyn Fn(&Wish) -> bool| pairs.iter().filter(|p| fits(&wish(p))).count();
    for (set, most) in &caps.sets {
        if count(&|w| set.contains(&w.provider)) > *most {
            return None;
        }
    }
    let mut worth = vec![count(&|w| w.kept)];
    for (provider, own) in seats.iter().enumerate() {
        if count(&|w| w.provider == provider) > own.capacity as usize {
            return None;
        }
        for (i, most) in own.ceilings.iter().enumerate() {
            let under = |w: &Wish| w.provider == provider && !w.kept && w.ceilings >> i & 1 == 1;
            if count(&under) > *most as usize {
                return None;
            }
        }
    }
    let deepest = seats.iter().map(|s| s.reserves.len()).max().unwrap_or(0);
    for index in 0..deepest {
        let used = seats.iter().enumerate().map(|(provider, own)| {
            let member =
                |w: &Wish| w.provider == provider && !w.kept && w.reserves >> index & 1 == 1;
            let declared = own
                .reserves
                .get(index)
                .map_or(0, |(seats, _)| *seats as usize);
            count(&member).min(declared)
        });
        worth.push(used.sum());
    }
    let mut people: Vec<_> = pairs
        .iter()
        .map(|p| std::cmp::Reverse((wish(p).key, *p)))
        .collect();
    people.sort_unstable_by(|a, b| b.cmp(a));
    Some((worth, people))
}
