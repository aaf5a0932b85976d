use crate::market::{Door, Seats, Unused, ceilings, is_kept, reserves};

/// Somebody who wants a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Lower is better.
    pub key: u64,
    /// Who.
    pub applicant: u32,
    /// The groups, as [`crate::pack_groups`] makes them.
    pub groups: u32,
}

/// Sorts the candidates best first and returns the door of each, `None` for those
/// not taken. Takes O(n (log n + reserves)) for n candidates.
pub fn choose(seats: &Seats, candidates: &mut [Candidate]) -> Vec<Option<Door>> {
    candidates.sort_unstable();
    let mut doors: Vec<Option<Door>> = vec![None; candidates.len()];
    let mut remaining = seats.capacity;
    for (door, candidate) in doors.iter_mut().zip(candidates.iter()) {
        if is_kept(candidate.groups) && remaining > 0 {
            *door = Some(Door::Kept);
            remaining -= 1;
        }
    }
    for (index, (declared, unused)) in (0u8..).zip(&seats.reserves) {
        let room = (*declared).min(remaining);
        let mut taken = 0;
        for (door, candidate) in doors.iter_mut().zip(candidates.iter()) {
            if taken == room {
                break;
            }
            if door.is_none() && reserves(candidate.groups) >> index & 1 == 1 {
                *door = Some(Door::Reserve(index));
                taken += 1;
            }
        }
        remaining -= match unused {
            Unused::Open => taken,
            Unused::Empty => room,
        };
    }
    let mut under = vec![0u32; seats.ceilings.len()];
    for (door, candidate) in doors.iter_mut().zip(candidates.iter()) {
        if remaining == 0 {
            break;
        }
        if door.is_some() {
            continue;
        }
        let group = ceilings(candidate.groups);
        let ceiling = under
            .iter_mut()
            .zip(&seats.ceilings)
            .enumerate()
            .find(|(i, _)| group >> i & 1 == 1);
        match ceiling {
            Some((_, (count, most))) if *count >= *most => continue,
            Some((_, (count, _))) => *count += 1,
            None => {}
        }
        *door = Some(Door::Open);
        remaining -= 1;
    }
    doors
}
