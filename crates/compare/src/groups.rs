//! Figures by the values of a column of the applicants, small cells hidden.

use std::collections::BTreeMap;

use minsheng_cycle::Registers;
use minsheng_model::{Diagnostic, Text};
use minsheng_programme::At;
use serde::Serialize;

use crate::change::unknown;
use crate::figures::{Band, Figures, Grouping};
use crate::suppress::{Sum, hide};

/// A column with more values than this says nothing about groups.
const GROUPS_MAX: usize = 200;

/// Reads who belongs to which group.
///
/// # Errors
/// Columns that are not there; columns whose values are nearly all different.
pub(crate) fn read(
    registers: &Registers,
    by: &[(String, At)],
) -> Result<Vec<Grouping>, Vec<Diagnostic>> {
    let people = &registers.applicants;
    let columns = people.table.columns.iter();
    let known: Vec<&str> = columns.map(|c| c.name.as_str()).collect();
    let mut wrong = Vec::new();
    let mut all = Vec::new();
    for (column, at) in by {
        let Some(index) = people.table.column_index(column) else {
            let what = ("申请人名册没有列", "the applicants' register has no column");
            wrong.push(unknown(&known, column, at, what));
            continue;
        };
        let mut places: BTreeMap<Option<String>, Vec<u32>> = BTreeMap::new();
        for row in 0..people.rows {
            let value = people.text(row, index).map(std::borrow::Cow::into_owned);
            let number = u32::try_from(row).unwrap_or(u32::MAX);
            places.entry(value).or_default().push(number);
            if places.len() > GROUPS_MAX {
                break;
            }
        }
        if places.len() > GROUPS_MAX {
            wrong.push(
                at.error(
                    "what-if/groups",
                    format!("`{column}` 有超过 {GROUPS_MAX} 个不同的值"),
                    format!("`{column}` has more than {GROUPS_MAX} different values"),
                )
                .help(Text::new(
                    "按区、类别等少数几个值的列分组",
                    "group by a column with few values, such as a district or a kind",
                )),
            );
            continue;
        }
        let mut of = vec![0u32; people.rows];
        for (group, rows) in (0u32..).zip(places.values()) {
            for row in rows {
                if let Some(slot) = of.get_mut(*row as usize) {
                    *slot = group;
                }
            }
        }
        let own = people.table.columns.get(index);
        all.push(Grouping {
            column: column.clone(),
            label: own.map_or_else(|| Text::same(column), |c| c.label.clone()),
            values: places.into_keys().collect(),
            of,
        });
    }
    if wrong.is_empty() {
        Ok(all)
    } else {
        Err(wrong)
    }
}

/// One group under one set of rules; what is hidden is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cells {
    /// At their first position.
    pub first: Option<u64>,
    /// At another position.
    pub other: Option<u64>,
    /// Eligible and without a place.
    pub unplaced: Option<u64>,
    /// Not eligible, or undetermined.
    pub not_eligible: Option<u64>,
}

impl Cells {
    /// Returns how many have a place, where that is not hidden.
    #[must_use]
    pub fn placed(&self) -> Option<u64> {
        self.first?.checked_add(self.other?)
    }
}

/// One group against the base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupRow {
    /// The column's value; `None` is missing.
    pub value: Option<String>,
    /// All its applicants.
    pub applicants: Option<u64>,
    /// Under the base.
    pub base: Cells,
    /// Under the alternative.
    pub alternative: Cells,
    /// Placed better than under the base.
    pub better: Option<u64>,
    /// Placed worse. How many are placed as before is told for all together only: by
    /// groups it would give small numbers of the others away.
    pub worse: Option<u64>,
    /// By how much the number placed changes, over the draws.
    pub placed_change: Option<Band>,
    /// By how much the number at their first position changes, over the draws.
    pub first_change: Option<Band>,
}

/// The groups of a column against the base.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GroupTable {
    /// The column.
    pub column: String,
    /// What people call it.
    pub label: Text,
    /// In the order of the values.
    pub rows: Vec<GroupRow>,
}

/// The parts of a group that the rules make: all; first, other, without, not eligible.
const PARTS: usize = 5;

/// What one set of rules makes of a grouping.
#[derive(Debug, Clone)]
pub(crate) struct Side<'a> {
    pub counts: &'a [[u64; 2]],
    /// For each group how many are eligible.
    pub eligible: Vec<u64>,
}

/// An alternative's side and its changes: for each group better and worse.
pub(crate) struct Against<'a> {
    pub side: Side<'a>,
    pub changes: Vec<[u64; 2]>,
    /// Figures of base and alternative in each draw.
    pub draws: &'a [(&'a Figures, &'a Figures)],
}

/// Returns one table per alternative.
///
/// What the rules make of groups is hidden alike in all tables: a group to which nothing
/// happens has the same numbers in all. Who is better or worse off is tied by the totals
/// alone.
pub(crate) fn tables(
    grouping: &Grouping,
    index: usize,
    base: &Side<'_>,
    others: &[Against<'_>],
    least: u64,
) -> Vec<GroupTable> {
    let groups = grouping.values.len();
    let mut all = vec![0u64; groups];
    for group in &grouping.of {
        if let Some(count) = all.get_mut(*group as usize) {
            *count += 1;
        }
    }
    let filled = |side: &Side<'_>| -> Vec<u64> {
        let mut cells = Vec::with_capacity(groups * PARTS);
        for (group, all) in all.iter().enumerate() {
            let [first, other] = side.counts.get(group).copied().unwrap_or([0; 2]);
            let eligible = side.eligible.get(group).copied().unwrap_or(0);
            cells.extend([*all, first, other]);
            cells.push(eligible.saturating_sub(first + other));
            cells.push(all.saturating_sub(eligible));
        }
        cells
    };
    let mut cells = vec![filled(base)];
    cells.extend(others.iter().map(|o| filled(&o.side)));
    let hidden = hide(&cells, &sums(groups), least);
    let seen = |table: &Vec<u64>| -> Vec<Option<u64>> {
        let cells = table.iter().zip(&hidden);
        cells.map(|(n, hidden)| (!hidden).then_some(*n)).collect()
    };
    let mut tables = cells.iter().map(seen);
    let base = tables.next().unwrap_or_default();
    tables
        .zip(others)
        .map(|(own, other)| GroupTable {
            column: grouping.column.clone(),
            label: grouping.label.clone(),
            rows: rows(grouping, index, [&base, &own], other, least),
        })
        .collect()
}

fn sums(groups: usize) -> Vec<Sum> {
    let mut sums: Vec<Sum> = Vec::new();
    for group in 0..groups {
        let at = group * PARTS;
        let parts = (1..5).map(|p| (at + p, 1));
        sums.push(parts.chain([(at, -1)]).collect());
    }
    // The totals of all parts are shown.
    sums.extend((0..PARTS).map(|part| (0..groups).map(|g| (g * PARTS + part, 1)).collect()));
    sums
}

/// Returns one part of the change of every group, the small ones hidden.
fn moved(other: &Against<'_>, of: fn(&[u64; 2]) -> u64, least: u64) -> Vec<Option<u64>> {
    let counts: Vec<u64> = other.changes.iter().map(of).collect();
    let total: Sum = (0..counts.len()).map(|g| (g, 1)).collect();
    let hidden = hide(std::slice::from_ref(&counts), &[total], least);
    let cells = counts.into_iter().zip(hidden);
    cells.map(|(n, hidden)| (!hidden).then_some(n)).collect()
}

fn rows(
    grouping: &Grouping,
    index: usize,
    [base, own]: [&[Option<u64>]; 2],
    other: &Against<'_>,
    least: u64,
) -> Vec<GroupRow> {
    let part = |table: &[Option<u64>], group: usize, part: usize| {
        table.get(group * PARTS + part).copied().flatten()
    };
    let cells = |table: &[Option<u64>], group: usize| Cells {
        first: part(table, group, 1),
        other: part(table, group, 2),
        unplaced: part(table, group, 3),
        not_eligible: part(table, group, 4),
    };
    let change = |group: usize, of: fn([u64; 2]) -> u64| {
        Band::of(other.draws.iter().filter_map(|(was, is)| {
            let count = |f: &Figures| Some(of(*f.groups.get(index)?.get(group)?));
            let (was, is) = (count(was)?, count(is)?);
            Some(i64::try_from(is).ok()? - i64::try_from(was).ok()?)
        }))
    };
    let better = moved(other, |[better, _]| *better, least);
    let worse = moved(other, |[_, worse]| *worse, least);
    let values = grouping.values.iter().enumerate();
    values
        .map(|(group, value)| {
            let (base, alternative) = (cells(base, group), cells(own, group));
            GroupRow {
                value: value.clone(),
                applicants: part(own, group, 0),
                placed_change: base
                    .placed()
                    .and_then(|_| change(group, |[first, other]| first + other)),
                first_change: base.first.and_then(|_| change(group, |[first, _]| first)),
                base,
                alternative,
                better: better.get(group).copied().flatten(),
                worse: worse.get(group).copied().flatten(),
            }
        })
        .collect()
}
