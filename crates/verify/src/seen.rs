use minsheng_bundle::Contents;
use minsheng_model::{ApplicantRow, ChoiceRow, Door};

use crate::lists::{Lists, usable};
use crate::order::{Key, Service};
use crate::report::{Found, offends};

/// How many came through a door (or are under a ceiling), and the last of them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub placed: u32,
    /// Key, applicant and choice row.
    pub worst: Option<(Key, usize, usize)>,
}

/// The doors of every provider as counted from the placements; each provider's in
/// the order of `doors.parquet`.
#[derive(Debug)]
pub(crate) struct Seen {
    tallies: Vec<Tally>,
    reserves: usize,
    per_provider: usize,
}

impl Seen {
    /// Counts the placements of which [`placed_choice`] finds the choice.
    pub fn new(contents: &Contents, lists: &Lists, service: &Service<'_>) -> Self {
        let (reserves, ceilings) = (contents.rules.reserves.len(), contents.rules.ceilings.len());
        let per_provider = 2 + reserves + ceilings;
        let tallies = vec![Tally::default(); per_provider * contents.providers.len()];
        let mut seen = Self {
            tallies,
            reserves,
            per_provider,
        };
        for index in 0..contents.applicants.len() {
            let Some((row, choice, door)) = placed_choice(contents, lists, index) else {
                continue;
            };
            let worst = (service.key(row, choice), index, row);
            let provider = choice.provider as usize;
            seen.count(provider, seen.slot(door), worst);
            if door == Door::Open {
                for ceiling in (0..ceilings).filter(|i| choice.ceilings >> i & 1 == 1) {
                    seen.count(provider, reserves + 2 + ceiling, worst);
                }
            }
        }
        seen
    }

    fn count(&mut self, provider: usize, slot: usize, worst: (Key, usize, usize)) {
        if let Some(tally) = self.tallies.get_mut(provider * self.per_provider + slot) {
            tally.placed += 1;
            tally.worst = tally.worst.max(Some(worst));
        }
    }

    /// Returns where a door stands in a provider's block.
    pub fn slot(&self, door: Door) -> usize {
        match door {
            Door::Kept => 0,
            Door::Reserve(index) => 1 + usize::from(index),
            Door::Open => 1 + self.reserves,
        }
    }

    /// Returns the doors of a provider.
    pub fn of(&self, provider: usize) -> &[Tally] {
        let start = provider * self.per_provider;
        self.tallies
            .get(start..start + self.per_provider)
            .unwrap_or_default()
    }

    /// Returns all of them.
    pub fn all(&self) -> &[Tally] {
        &self.tallies
    }
}

/// Returns the choice behind an applicant's placement: at its position, with its
/// provider.
pub(crate) fn placed_choice<'a>(
    contents: &'a Contents,
    lists: &Lists,
    applicant: usize,
) -> Option<(usize, &'a ChoiceRow, Door)> {
    let place = contents.applicants.get(applicant)?.placement.as_ref()?;
    let range = lists.range(applicant);
    let list = contents.choices.get(range.clone())?;
    let offset = list
        .binary_search_by_key(&place.position, |c| c.position)
        .ok()?;
    let choice = list.get(offset)?;
    let provider = contents.providers.get(choice.provider as usize)?;
    (provider.provider == place.provider).then_some((range.start + offset, choice, place.door))
}

/// Checks that everybody placed is on a place of the own list that may be used, by
/// a door that is open to that person.
pub(crate) fn check(contents: &Contents, lists: &Lists) -> Found {
    for (index, applicant) in contents.applicants.iter().enumerate() {
        if applicant.placement.is_none() {
            continue;
        }
        let ticket = &applicant.ticket;
        let Some((_, choice, door)) = placed_choice(contents, lists, index) else {
            return Some(offends(
                ticket,
                "不在本人志愿表上",
                "is placed where the own list does not say",
            ));
        };
        let wrong = misplaced(applicant, choice, door);
        if wrong.is_some() {
            return wrong;
        }
    }
    None
}

/// Returns why somebody may not have a place of the own list through a door.
pub(crate) fn misplaced(applicant: &ApplicantRow, choice: &ChoiceRow, door: Door) -> Found {
    let ticket = &applicant.ticket;
    if !usable(applicant, choice) {
        return Some(offends(
            ticket,
            "不符合资格却已安排",
            "is placed without being eligible",
        ));
    }
    let member = |i: u8| {
        let mask = u32::from(choice.reserves).checked_shr(u32::from(i));
        mask.unwrap_or(0) & 1 == 1
    };
    let fits = match door {
        Door::Kept => choice.kept,
        Door::Reserve(i) => !choice.kept && member(i),
        Door::Open => !choice.kept,
    };
    (!fits).then(|| {
        offends(
            ticket,
            "不属于该入口",
            "came through a door that is not open to this person",
        )
    })
}
