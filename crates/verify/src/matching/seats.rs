//! A provider's choice, and what it takes to be chosen.

use minsheng_model::{Door, Unused};
use minsheng_spec::market::Seats;

use super::view::{Groups, Person};

/// Returns the door of each person, given in the order of their keys: kept seats,
/// each reserve in its order, open seats under the ceilings.
pub(crate) fn doors<K>(seats: &Seats, people: &[Person<K>]) -> Vec<Option<Door>> {
    let mut left = seats.capacity as usize;
    let mut doors: Vec<Option<Door>> = people
        .iter()
        .map(|person| {
            let kept = person.groups.kept && left > 0;
            left -= usize::from(kept);
            kept.then_some(Door::Kept)
        })
        .collect();
    for (index, (declared, unused)) in (0u8..).zip(&seats.reserves) {
        let room = (*declared as usize).min(left);
        let outside = doors.iter_mut().zip(people);
        let members = outside
            .filter(|(door, p)| door.is_none() && p.groups.reserves >> index & 1 == 1)
            .take(room);
        let mut taken = 0;
        for (door, _) in members {
            *door = Some(Door::Reserve(index));
            taken += 1;
        }
        left -= if *unused == Unused::Open { taken } else { room };
    }
    let mut under: Vec<u32> = seats.ceilings.clone();
    for (door, person) in doors.iter_mut().zip(people) {
        if left == 0 || door.is_some() {
            continue;
        }
        let mut own = under.iter_mut().enumerate();
        let own = own.find(|(i, _)| person.groups.ceilings >> i & 1 == 1);
        if let Some((_, room)) = own {
            if *room == 0 {
                continue;
            }
            *room -= 1;
        }
        *door = Some(Door::Open);
        left -= 1;
    }
    doors
}

/// What it takes to come through each door: the worst key inside where it is full.
pub(crate) struct Thresholds<K> {
    reserves: Vec<Bar<K>>,
    open: Bar<K>,
    ceilings: Vec<Bar<K>>,
}

/// How good one has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bar<K> {
    /// There is room.
    Room,
    /// Better than the last.
    Beat(K),
    /// There are no seats.
    Shut,
}

impl<K: Ord + Copy> Bar<K> {
    fn new(seats: usize, keys: impl Iterator<Item = K>) -> Self {
        let (mut count, mut worst) = (0, None);
        for key in keys {
            count += 1;
            worst = worst.max(Some(key));
        }
        match worst {
            _ if count < seats => Self::Room,
            Some(worst) => Self::Beat(worst),
            None => Self::Shut,
        }
    }

    pub fn lets(&self, key: K) -> bool {
        match self {
            Self::Room => true,
            Self::Beat(worst) => key < *worst,
            Self::Shut => false,
        }
    }
}

impl<K: Ord + Copy> Thresholds<K> {
    /// Reads them off the people and the doors they have.
    pub fn new(seats: &Seats, people: &[Person<K>], doors: &[Option<Door>]) -> Self {
        let through = |door: Door| {
            let pairs = people.iter().zip(doors);
            pairs
                .filter(move |(_, d)| **d == Some(door))
                .map(|(p, _)| p)
        };
        let count = |door: Door| through(door).count();
        let mut left = (seats.capacity as usize).saturating_sub(count(Door::Kept));
        let mut reserves = Vec::with_capacity(seats.reserves.len());
        for (index, (declared, unused)) in (0u8..).zip(&seats.reserves) {
            let door = Door::Reserve(index);
            let room = (*declared as usize).min(left);
            reserves.push(Bar::new(room, through(door).map(|p| p.key)));
            left -= match unused {
                Unused::Open => count(door).min(left),
                Unused::Empty => room,
            };
        }
        let ceilings = seats.ceilings.iter().enumerate().map(|(bit, most)| {
            let members = through(Door::Open).filter(|p| p.groups.ceilings >> bit & 1 == 1);
            Bar::new(*most as usize, members.map(|p| p.key))
        });
        Self {
            reserves,
            open: Bar::new(left, through(Door::Open).map(|p| p.key)),
            ceilings: ceilings.collect(),
        }
    }

    /// Returns whether the provider would choose somebody out of its own people and
    /// this one.
    pub fn takes(&self, key: K, groups: Groups) -> bool {
        groups.kept || self.ways(key, groups).next().is_some()
    }

    /// Returns the doors that somebody without a kept seat could come in by, each
    /// looked at as if those before had been shut.
    pub fn ways(&self, key: K, groups: Groups) -> impl Iterator<Item = Door> {
        let member = |bit: usize, mask: u16| mask >> bit & 1 == 1;
        let reserves = (0u8..).zip(&self.reserves);
        let reserves = reserves
            .filter(move |(i, bar)| member(usize::from(*i), groups.reserves) && bar.lets(key))
            .map(|(i, _)| Door::Reserve(i));
        let mut ceilings = self.ceilings.iter().enumerate();
        // Who beats the last of a full ceiling takes that seat; else any open one.
        let full = ceilings.find(|(i, bar)| member(*i, groups.ceilings) && **bar != Bar::Room);
        let open = full.map_or(&self.open, |(_, bar)| bar).lets(key);
        reserves.chain(open.then_some(Door::Open))
    }
}
