//! Seats, counts and cut-offs of every door.

use minsheng_bundle::Contents;
use minsheng_model::{DoorRow, ProviderRow, Rules, Unused};

use crate::order::Service;
use crate::report::{Found, differs, offends};
use crate::seen::{Seen, Tally};

/// Returns the names of a provider's doors in their order.
pub(crate) fn names(rules: &Rules) -> Vec<String> {
    let mut names = vec!["kept".to_owned()];
    names.extend(rules.reserves.iter().map(|r| format!("reserve:{}", r.id)));
    names.push("open".to_owned());
    names.extend(rules.ceilings.iter().map(|c| format!("ceiling:{}", c.id)));
    names
}

/// Returns each provider with its doors.
pub(crate) fn blocks(contents: &Contents) -> impl Iterator<Item = (&ProviderRow, &[DoorRow])> {
    let count = names(&contents.rules).len();
    contents.providers.iter().zip(contents.doors.chunks(count))
}

fn name(row: &DoorRow) -> String {
    format!("{} {}", row.provider, row.door)
}

/// Checks that every provider has its doors, and that their seats follow from the
/// capacity and from what the doors before left.
pub(crate) fn check_seats(contents: &Contents) -> Found {
    let names = names(&contents.rules);
    if contents.doors.len() != names.len() * contents.providers.len() {
        return Some(offends("doors", "行数有误", "has a wrong number of rows"));
    }
    blocks(contents)
        .find_map(|(provider, doors)| provider_seats(&contents.rules, &names, provider, doors))
}

fn provider_seats(
    rules: &Rules,
    names: &[String],
    provider: &ProviderRow,
    doors: &[DoorRow],
) -> Found {
    for (row, expected) in doors.iter().zip(names) {
        if row.door != *expected || row.provider != provider.provider {
            return Some(offends(
                &name(row),
                &format!("此处应为 {expected}"),
                &format!("{expected} was expected here"),
            ));
        }
        if row.placed > row.seats {
            return Some(offends(
                &name(row),
                "已安排多于名额",
                "more are placed than there are seats",
            ));
        }
    }
    let (kept, rest) = doors.split_first()?;
    let (reserves, rest) = rest.split_at_checked(rules.reserves.len())?;
    let (open, ceilings) = rest.split_first()?;
    let mut placed = u64::from(kept.placed) + u64::from(open.placed);
    let Some(mut remaining) = provider.capacity.checked_sub(kept.placed) else {
        return Some(offends(
            &name(kept),
            "多于全部名额",
            "more are kept than there are seats",
        ));
    };
    let whole = |row: &DoorRow, declared: u32| differs(&name(row), declared, row.declared);
    let wrong = differs(&name(kept), kept.placed, kept.seats)
        .or_else(|| whole(kept, kept.seats))
        .or_else(|| whole(open, provider.capacity))
        .or_else(|| ceilings.iter().find_map(|row| whole(row, row.seats)));
    if wrong.is_some() {
        return wrong;
    }
    for (reserve, row) in rules.reserves.iter().zip(reserves) {
        if let Some(wrong) = differs(&name(row), row.declared.min(remaining), row.seats) {
            return Some(wrong);
        }
        placed += u64::from(row.placed);
        remaining -= match reserve.unused {
            Unused::Open => row.placed,
            Unused::Empty => row.seats,
        };
    }
    differs(&name(open), remaining, open.seats)
        .or_else(|| differs(&provider.provider, placed, u64::from(provider.placed)))
}

/// Checks the counts of every door against the placements.
pub(crate) fn check_counts(contents: &Contents, seen: &Seen) -> Found {
    let pairs = contents.doors.iter().zip(seen.all());
    pairs
        .map(|(row, tally)| differs(&name(row), tally.placed, row.placed))
        .find_map(|wrong| wrong)
}

/// Returns whether a door is full; one without seats is.
pub(crate) fn full(row: &DoorRow) -> bool {
    row.placed >= row.seats
}

/// Checks the last admitted of every full door.
pub(crate) fn check_cut_offs(contents: &Contents, seen: &Seen, service: &Service<'_>) -> Found {
    let pairs = contents.doors.iter().zip(seen.all());
    pairs
        .map(|(row, tally)| cut_off(contents, service, row, tally))
        .find_map(|wrong| wrong)
}

fn cut_off(contents: &Contents, service: &Service<'_>, row: &DoorRow, tally: &Tally) -> Found {
    let mut expected = DoorRow {
        last_ticket: None,
        last_tier: None,
        last_score: None,
        last_rank: None,
        ..row.clone()
    };
    if let (true, Some((_, applicant, choice))) = (full(row), tally.worst) {
        let last = contents.choices.get(choice);
        expected.last_ticket = contents.applicants.get(applicant).map(|a| a.ticket.clone());
        expected.last_tier = last.map(|c| c.tier);
        expected.last_score = last.map(|c| c.score);
        expected.last_rank = last.map(|c| service.key(choice, c).2);
    }
    (expected != *row).then(|| offends(&name(row), "末位有误", "the last admitted is another one"))
}

/// Checks the form of the cut-offs where no rows are shown: given exactly where a
/// door is full.
pub(crate) fn check_cut_offs_form(contents: &Contents) -> Found {
    let rules = &contents.rules;
    let wrong = contents.doors.iter().find(|row| {
        let given = row.seats > 0 && full(row);
        let tier_fits = row.last_tier.is_none_or(|t| {
            (usize::from(t) <= rules.tiers.len() + 1) && (t == 0) == (row.door == "kept")
        });
        let score_fits = rules.score.is_some() || row.last_score.unwrap_or(0) == 0;
        row.last_ticket.is_some() != given
            || row.last_tier.is_some() != given
            || row.last_score.is_some() != given
            || row.last_rank.is_some() != given
            || !tier_fits
            || !score_fits
    })?;
    Some(offends(
        &name(wrong),
        "末位有误",
        "the cut-off cannot be right",
    ))
}
