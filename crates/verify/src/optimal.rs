//! Nobody could have got something better in any other stable result.

use minsheng_bundle::Contents;
use minsheng_model::{ChoiceRow, Door, DoorRow, Unused};
use minsheng_spec::market::Seats;

use crate::lists::{Lists, usable};
use crate::matching::{Groups, View, improvement};
use crate::order::Service;
use crate::report::{Found, offends};
use crate::seats::blocks;

/// Returns how many places were looked at and the first who could have had something
/// better, for a bundle whose other checks hold; `None` where the bundle cannot tell.
///
/// A bundle gives the seats of a reserve after what the doors before left of them. As
/// long as that is less than was left, it is the declared number; else the declared
/// number may be greater, and if somebody left an earlier door it would matter. With
/// such a reserve the public bundle proves stability only.
pub(crate) fn check(
    contents: &Contents,
    lists: &Lists,
    service: &Service<'_>,
) -> Option<(usize, Found)> {
    let mut seats = Vec::with_capacity(contents.providers.len());
    for (provider, doors) in blocks(contents) {
        if hidden_number(contents, provider.capacity, doors) {
            return None;
        }
        seats.push(own_seats(contents, provider.capacity, doors));
    }
    let mut first = vec![0u32];
    let (mut provider, mut key, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    let mut got: Vec<Option<(u32, Door)>> = Vec::with_capacity(contents.applicants.len());
    for (index, applicant) in contents.applicants.iter().enumerate() {
        let start = provider.len();
        let mut own = None;
        let range = lists.range(index);
        let list = contents.choices.get(range.clone())?;
        for (row, choice) in range.zip(list).filter(|(_, c)| usable(applicant, c)) {
            if let Some(place) = &applicant.placement
                && place.position == choice.position
            {
                own = Some((u32::try_from(provider.len() - start).ok()?, place.door));
            }
            provider.push(choice.provider);
            key.push(service.key(row, choice));
            groups.push(groups_of(choice));
        }
        got.push(own);
        first.push(u32::try_from(provider.len()).ok()?);
    }
    let view = View {
        first: &first,
        provider: &provider,
        key: &key,
        groups: &groups,
        seats: &seats,
    };
    let found = improvement(&view, &got).map(|cycle| {
        let who = cycle
            .first()
            .and_then(|a| contents.applicants.get(*a as usize));
        offends(
            who.map_or("?", |a| &a.ticket),
            "在另一稳定结果中可得更想要的",
            "could have something better in another stable result",
        )
    });
    Some((got.iter().flatten().count(), found))
}

/// Returns whether a reserve has all that doors before it left, and people there whose
/// leaving could make it more.
fn hidden_number(contents: &Contents, capacity: u32, doors: &[DoorRow]) -> bool {
    let Some((kept, rest)) = doors.split_first() else {
        return false;
    };
    let mut left = capacity.saturating_sub(kept.placed);
    let mut before = kept.placed;
    for (reserve, row) in contents.rules.reserves.iter().zip(rest) {
        if row.seats >= left && before > 0 {
            return true;
        }
        before += row.placed;
        left = left.saturating_sub(match reserve.unused {
            Unused::Open => row.placed,
            Unused::Empty => row.seats,
        });
    }
    false
}

fn groups_of(choice: &ChoiceRow) -> Groups {
    Groups {
        kept: choice.kept,
        reserves: choice.reserves,
        ceilings: choice.ceilings,
    }
}

/// Returns a provider's seats as its doors give them.
fn own_seats(contents: &Contents, capacity: u32, doors: &[DoorRow]) -> Seats {
    let rules = &contents.rules;
    let (reserves, ceilings) = (rules.reserves.len(), rules.ceilings.len());
    let of = |from: usize, count: usize| doors.iter().skip(from).take(count).map(|d| d.seats);
    Seats {
        capacity,
        reserves: of(1, reserves)
            .zip(rules.reserves.iter().map(|r| r.unused))
            .collect(),
        ceilings: of(2 + reserves, ceilings).collect(),
    }
}
