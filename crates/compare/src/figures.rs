//! How an outcome looks from above, and how sure that is over many draws.

use minsheng_matching::Outcome;
use minsheng_model::Verdict;
use serde::Serialize;

use crate::setting::{Setting, UNKNOWN, bounds};

/// Positions beyond this one are counted together.
pub(crate) const LATER: usize = 20;

/// Counts of one outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub eligible: u64,
    pub placed: u64,
    /// How many have their first position, their second, …; the last is for all beyond
    /// [`LATER`].
    pub at_position: Vec<u64>,
    /// Metres of those placed whose metres are known: average (rounded down), half
    /// travel no more, nine of ten travel no more.
    pub travel: Option<[u64; 3]>,
    /// Placed people whose metres are not known.
    pub travel_unknown: u64,
    /// For each grouping, for each group: first choice, another choice.
    pub groups: Vec<Vec<[u64; 2]>>,
    /// Against the base in the same draw: better, worse, same.
    pub versus: [u64; 3],
    /// Providers that do not open.
    pub closed: Vec<u32>,
    /// People whose place is another than if every provider opened.
    pub by_closing: u64,
}

/// Which figures are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// How many positions singly.
    pub singles: usize,
    pub travel: bool,
    /// Whether providers may not open.
    pub closings: bool,
}

/// A column of the applicants and its values.
#[derive(Debug, Clone)]
pub(crate) struct Grouping {
    pub column: String,
    /// What people call it.
    pub label: minsheng_model::Text,
    /// Distinct values in order; `None` is missing.
    pub values: Vec<Option<String>>,
    /// For each applicant the index of the own value.
    pub of: Vec<u32>,
}

/// Returns the position each applicant got, `u32::MAX` for none.
pub(crate) fn positions(setting: &Setting, outcome: &Outcome) -> Vec<u32> {
    let people = outcome.entry.iter().enumerate();
    people
        .map(|(applicant, entry)| {
            let found = held(setting, applicant, *entry);
            let position = found.and_then(|e| setting.lists.position.get(e));
            position.copied().unwrap_or(u32::MAX)
        })
        .collect()
}

/// Returns the entry held, counted over all lists.
pub(crate) fn held(setting: &Setting, applicant: usize, entry: Option<u32>) -> Option<usize> {
    Some(bounds(&setting.lists.market.first, applicant).start + entry? as usize)
}

/// Compares positions: better, worse, same.
pub(crate) fn versus(base: &[u32], other: &[u32]) -> [u64; 3] {
    let mut count = [0; 3];
    for (was, is) in base.iter().zip(other) {
        let [better, worse, same] = &mut count;
        match is.cmp(was) {
            std::cmp::Ordering::Less => *better += 1,
            std::cmp::Ordering::Greater => *worse += 1,
            std::cmp::Ordering::Equal => *same += 1,
        }
    }
    count
}

/// Counts an outcome.
pub(crate) fn count(
    setting: &Setting,
    outcome: &Outcome,
    positions: &[u32],
    groupings: &[Grouping],
) -> Figures {
    let eligible = setting.verdicts.iter().filter(|v| **v == Verdict::Eligible);
    let mut figures = Figures {
        eligible: eligible.count() as u64,
        at_position: vec![0; LATER + 1],
        groups: groupings
            .iter()
            .map(|g| vec![[0; 2]; g.values.len()])
            .collect(),
        ..Figures::default()
    };
    let mut metres: Vec<u32> = Vec::new();
    for (applicant, (entry, position)) in outcome.entry.iter().zip(positions).enumerate() {
        let Some(entry) = held(setting, applicant, *entry) else {
            continue;
        };
        figures.placed += 1;
        let slot = (*position as usize).saturating_sub(1).min(LATER);
        if let Some(count) = figures.at_position.get_mut(slot) {
            *count += 1;
        }
        match setting.lists.travel.get(entry) {
            Some(&UNKNOWN) => figures.travel_unknown += 1,
            Some(known) => metres.push(*known),
            None => {}
        }
        let kind = usize::from(*position != 1);
        for (counts, grouping) in figures.groups.iter_mut().zip(groupings) {
            let group = grouping
                .of
                .get(applicant)
                .map_or(usize::MAX, |g| *g as usize);
            if let Some(count) = counts.get_mut(group).and_then(|c| c.get_mut(kind)) {
                *count += 1;
            }
        }
    }
    figures.travel = travel(&mut metres);
    figures
}

fn travel(metres: &mut [u32]) -> Option<[u64; 3]> {
    if metres.is_empty() {
        return None;
    }
    let sum: u64 = metres.iter().map(|m| u64::from(*m)).sum();
    let mut rank = |percent: usize| {
        let index = nearest_rank(metres.len(), percent);
        let (_, found, _) = metres.select_nth_unstable(index);
        u64::from(*found)
    };
    let (half, most) = (rank(50), rank(90));
    Some([sum / metres.len() as u64, half, most])
}

/// Returns the index of the nearest-rank percentile among `count` sorted values: the
/// smallest value that at least so many per cent do not exceed.
pub(crate) fn nearest_rank(count: usize, percent: usize) -> usize {
    (count * percent).div_ceil(100).clamp(1, count.max(1)) - 1
}

/// Where a figure lies in many draws: nearest-rank percentiles, so that each is a value
/// that did occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Band {
    /// One draw in twenty is not above it.
    pub low: i64,
    /// Half are not above it.
    pub middle: i64,
    /// Nineteen draws in twenty are not above it.
    pub high: i64,
}

impl Band {
    /// Returns the band of values; `None` without any.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = i64>) -> Option<Self> {
        let mut values: Vec<i64> = values.into_iter().collect();
        values.sort_unstable();
        let at = |percent| values.get(nearest_rank(values.len(), percent)).copied();
        Some(Self {
            low: at(5)?,
            middle: at(50)?,
            high: at(95)?,
        })
    }
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Applicants whose verdict is eligible.
    Eligible,
    /// Applicants with a place.
    Placed,
    /// Eligible applicants without one.
    Unplaced,
    /// Placed at this position of the list as filed.
    Position(u32),
    /// Placed at a later position than those counted singly.
    Later,
    /// Metres on average, rounded down.
    TravelAverage,
    /// Half travel no more metres.
    TravelHalf,
    /// Nine of ten travel no more metres.
    TravelNineOfTen,
    /// Placed people whose metres are not known.
    TravelUnknown,
    /// Providers that do not open for want of people.
    Closed,
    /// People whose place is another than if every provider opened.
    ByClosing,
    /// Better placed than in the base.
    Better,
    /// Worse placed.
    Worse,
    /// Placed as before.
    Same,
}

impl Figures {
    /// Returns every figure that is told.
    pub fn list(&self, told: Told) -> Vec<(Kind, Option<i64>)> {
        let positions = told.singles;
        let number = |n: u64| i64::try_from(n).ok();
        let mut all = vec![
            (Kind::Eligible, number(self.eligible)),
            (Kind::Placed, number(self.placed)),
            (
                Kind::Unplaced,
                number(self.eligible.saturating_sub(self.placed)),
            ),
        ];
        for (position, count) in (1u32..).zip(self.at_position.iter().take(positions)) {
            all.push((Kind::Position(position), number(*count)));
        }
        let later: u64 = self.at_position.iter().skip(positions).sum();
        all.push((Kind::Later, number(later)));
        if told.travel {
            let [average, half, most] = match self.travel {
                Some(metres) => metres.map(number),
                None => [None; 3],
            };
            all.push((Kind::TravelAverage, average));
            all.push((Kind::TravelHalf, half));
            all.push((Kind::TravelNineOfTen, most));
            all.push((Kind::TravelUnknown, number(self.travel_unknown)));
        }
        if told.closings {
            all.push((Kind::Closed, number(self.closed.len() as u64)));
            all.push((Kind::ByClosing, number(self.by_closing)));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let band = |values: &[i64]| Band::of(values.iter().copied());
        assert_eq!(band(&[]), None);
        let one = Band {
            low: 7,
            middle: 7,
            high: 7,
        };
        assert_eq!(band(&[7]), Some(one));
        let hundred: Vec<i64> = (1..=100).rev().collect();
        let wide = Band {
            low: 5,
            middle: 50,
            high: 95,
        };
        assert_eq!(band(&hundred), Some(wide));
        let twenty: Vec<i64> = (1..=20).collect();
        let small = Band {
            low: 1,
            middle: 10,
            high: 19,
        };
        assert_eq!(band(&twenty), Some(small));
        assert_eq!(travel(&mut [10, 20, 30, 1000]), Some([265, 20, 1000]));
    }
}
