//! Nobody could have got something better in any other stable result.

use minsheng_bundle::Contents;
use minsheng_model::{ChoiceRow, Door, DoorRow};
use minsheng_spec::market::Seats;

use crate::lists::{Lists, usable};
use crate::matching::{Groups, View, improvement};
use crate::order::Service;
use crate::report::{Found, offends};
use crate::seats::blocks;

/// Returns how many places were looked at and the first who could have had something
/// better, for a bundle whose other checks hold; `None` where the bundle cannot tell.
///
/// A bundle gives the seats of a reserve after what kept seats left of them. Should
/// somebody leave a kept seat where a reserve has all that was left, it depends on the
/// declared number who would come next; with such a person the public bundle proves
/// stability only.
pub(crate) fn check(
    contents: &Contents,
    lists: &Lists,
    service: &Service<'_>,
) -> Option<(usize, Found)> {
    let seats: Vec<Seats> = blocks(contents)
        .map(|(p, d)| seats(contents, p.capacity, d))
        .collect();
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
        let kept_but_envious = matches!(own, Some((entry, Door::Kept)) if entry > 0);
        if kept_but_envious && !contents.rules.reserves.is_empty() {
            return None;
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

fn groups_of(choice: &ChoiceRow) -> Groups {
    Groups {
        kept: choice.kept,
        reserves: choice.reserves,
        ceilings: choice.ceilings,
    }
}

/// Returns a provider's seats as its doors give them.
fn seats(contents: &Contents, capacity: u32, doors: &[DoorRow]) -> Seats {
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
