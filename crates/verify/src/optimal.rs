//! The published result is the best stable one for every applicant: with that it is
//! the only result that the rules allow.

use minsheng_bundle::Contents;
use minsheng_model::Unused;
use minsheng_spec::market::Seats;

use crate::lists::{Lists, usable};
use crate::matching::{Got, Groups, View, improvement};
use crate::order::{Key, Service};
use crate::report::{Found, offends};
use crate::seats::blocks;
use crate::seen::placed_choice;

/// The usable entries of everybody's list, flat.
#[derive(Default)]
struct Flat {
    first: Vec<u32>,
    provider: Vec<u32>,
    key: Vec<Key>,
    groups: Vec<Groups>,
    got: Vec<Option<(u32, minsheng_model::Door)>>,
}

fn flat(contents: &Contents, lists: &Lists, service: &Service<'_>) -> Option<Flat> {
    let mut flat = Flat::default();
    // Nearly every choice is usable; lists that grow would need room for twice as many.
    let (people, entries) = (contents.applicants.len(), contents.choices.len());
    flat.first.reserve_exact(people + 1);
    flat.got.reserve_exact(people);
    flat.provider.reserve_exact(entries);
    flat.key.reserve_exact(entries);
    let rules = &contents.rules;
    let grouped = !rules.reserves.is_empty()
        || !rules.ceilings.is_empty()
        || rules.current_provider.is_some();
    if grouped {
        flat.groups.reserve_exact(entries);
    }
    for (index, applicant) in contents.applicants.iter().enumerate() {
        let start = u32::try_from(flat.provider.len()).ok()?;
        flat.first.push(start);
        let placed = placed_choice(contents, lists, index);
        let mut got = None;
        let range = lists.range(index);
        let list = contents.choices.get(range.clone()).unwrap_or_default();
        for (row, choice) in range.zip(list).filter(|(_, c)| usable(applicant, c)) {
            if let Some((_, _, door)) = placed.filter(|(at, ..)| *at == row) {
                got = Some((u32::try_from(flat.provider.len()).ok()? - start, door));
            }
            flat.provider.push(choice.provider);
            flat.key.push(service.key(row, choice));
            // Where the rules have no groups, the masks were seen to be empty.
            if grouped {
                flat.groups.push(Groups {
                    kept: choice.kept,
                    reserves: choice.reserves,
                    ceilings: choice.ceilings,
                });
            }
        }
        flat.got.push(got);
    }
    flat.first.push(u32::try_from(flat.provider.len()).ok()?);
    Some(flat)
}

fn seats(contents: &Contents) -> Vec<Seats> {
    let reserves = &contents.rules.reserves;
    let unused = |index: usize| reserves.get(index).map_or(Unused::Open, |r| r.unused);
    blocks(contents)
        .map(|(provider, doors)| Seats {
            capacity: provider.capacity,
            reserves: doors
                .iter()
                .skip(1)
                .take(reserves.len())
                .enumerate()
                .map(|(i, row)| (row.declared, unused(i)))
                .collect(),
            ceilings: doors
                .iter()
                .skip(2 + reserves.len())
                .map(|row| row.declared)
                .collect(),
        })
        .collect()
}

/// Returns the first circle of people who could all move to places they like better
/// without anybody being passed over. Means something only where nobody is passed
/// over as it is.
pub(crate) fn check(contents: &Contents, lists: &Lists, service: &Service<'_>) -> Found {
    let too_many = || offends("choices", "过多", "are too many");
    let Some(flat) = flat(contents, lists, service) else {
        return Some(too_many());
    };
    let view = View {
        first: &flat.first,
        provider: &flat.provider,
        key: &flat.key,
        groups: &flat.groups,
        seats: &seats(contents),
    };
    let got: &Got = &flat.got;
    let circle = improvement(&view, got)?;
    let ticket = |a: &u32| {
        contents
            .applicants
            .get(*a as usize)
            .map(|a| a.ticket.as_str())
    };
    let named: Vec<&str> = circle.iter().take(5).filter_map(ticket).collect();
    Some(offends(
        &named.join(", "),
        "等人可以依次换到各自更想去之处,而无人被越过",
        "and the rest of their circle could each move to a place liked better without anybody being passed over",
    ))
}
