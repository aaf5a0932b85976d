//! The proof that no result of a round in which nobody is passed over is better for
//! anybody.
//!
//! It is the cycle test of [`crate::matching`], with one thing added: whoever holds a
//! place may leave it for a better one, and the seat goes on by the door it was held at.

use minsheng_model::Door;

use super::table::{Flat, Table, change, stays, waits};
use crate::matching::best::{Envious, cycle, next, taken};
use crate::matching::view::Person;

/// The way of somebody who may leave: those alike have the same successor.
type Way = (bool, Option<Door>, u16);

/// Returns people who could each move to a place they like better, in a circle, without
/// anybody being passed over.
pub(crate) fn improvement(table: &Table<'_>, flat: &Flat) -> Option<Vec<u32>> {
    let view = flat.view();
    let people = view.people(flat.got());
    let envious = Envious::new(&view, flat.got());
    let count = table.contents.applicants.len();
    let mut known: Vec<Vec<(Way, Option<u32>)>> = vec![Vec::new(); flat.seats.len()];
    let mut successor: Vec<Option<u32>> = vec![None; count];
    let mut seated = vec![false; count];
    for (index, (row, standing)) in table
        .contents
        .applicants
        .iter()
        .zip(table.standings)
        .enumerate()
    {
        let Some((_, choice)) = row.placement.as_ref().and_then(|p| table.choice(index, p)) else {
            continue;
        };
        let stays = stays(row, standing);
        // A place above the capacity is gone when it is left.
        if !waits(standing) || stays && standing.extra {
            continue;
        }
        let provider = choice.provider as usize;
        let door = row.placement.as_ref().map(|p| p.door);
        let under = if door == Some(Door::Open) {
            choice.ceilings
        } else {
            0
        };
        let way = (stays, door, under);
        let (Some(seats), Some(known)) = (flat.seats.get(provider), known.get_mut(provider)) else {
            continue;
        };
        let after = match known.iter().find(|(w, _)| *w == way) {
            Some((_, after)) => *after,
            None => {
                let wanting = envious.of(provider);
                let after = if stays {
                    let mut more = seats.clone();
                    change(&mut more, door.unwrap_or(Door::Open), choice, |n| {
                        n.saturating_add(1)
                    });
                    taken(&more, people.of(provider).iter().copied(), wanting)
                } else {
                    let own = people.of(provider).iter();
                    let own = own
                        .copied()
                        .find(|p: &Person<_>| p.applicant as usize == index);
                    own.and_then(|own| next(seats, &people, provider, &own, wanting))
                };
                known.push((way, after));
                after
            }
        };
        if let (Some(slot), Some(seat)) = (successor.get_mut(index), seated.get_mut(index)) {
            (*slot, *seat) = (after, true);
        }
    }
    cycle(&successor, |a| seated.get(a as usize) == Some(&true))
}
