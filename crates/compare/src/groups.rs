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
        all.push(Grouping {
            column: column.clone(),
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
    /// In the order of the values.
    pub rows: Vec<GroupRow>,
}

/// The parts of a group that are told: all; four of the rules; two of the change.
const PARTS: usize = 7;

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

/// Returns one table per alternative; a cell that is hidden in one is in all, because
/// groups to whom nothing happens are the same in all.
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
    let filled = |side: &Side<'_>, changes: &[[u64; 2]]| -> Vec<u64> {
        let mut cells = Vec::with_capacity(groups * PARTS);
        for (group, all) in all.iter().enumerate() {
            let [first, other] = side.counts.get(group).copied().unwrap_or([0; 2]);
            let eligible = side.eligible.get(group).copied().unwrap_or(0);
            let changes = changes.get(group).copied().unwrap_or([0; 2]);
            cells.extend([*all, first, other]);
            cells.push(eligible.saturating_sub(first + other));
            cells.push(all.saturating_sub(eligible));
            cells.extend(changes);
        }
        cells
    };
    let mut cells: Vec<Vec<u64>> = Vec::new();
    for other in others {
        cells.push(filled(base, &other.changes));
        cells.push(filled(&other.side, &other.changes));
    }
    let hidden = hide(&cells, &sums(groups), least);
    let tables = others.iter().zip(cells.as_chunks::<2>().0);
    tables
        .map(|(other, [base, own])| GroupTable {
            column: grouping.column.clone(),
            rows: rows(grouping, index, [base, own], &hidden, other.draws),
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

fn rows(
    grouping: &Grouping,
    index: usize,
    [base, own]: [&Vec<u64>; 2],
    hidden: &[bool],
    draws: &[(&Figures, &Figures)],
) -> Vec<GroupRow> {
    let shown = |table: &[u64], group: usize, part: usize| -> Option<u64> {
        let cell = group * PARTS + part;
        let visible = !hidden.get(cell).copied().unwrap_or(true);
        table.get(cell).copied().filter(|_| visible)
    };
    let cells = |table: &[u64], group: usize| Cells {
        first: shown(table, group, 1),
        other: shown(table, group, 2),
        unplaced: shown(table, group, 3),
        not_eligible: shown(table, group, 4),
    };
    let change = |group: usize, of: fn([u64; 2]) -> u64| {
        Band::of(draws.iter().filter_map(|(was, is)| {
            let count = |f: &Figures| Some(of(*f.groups.get(index)?.get(group)?));
            let (was, is) = (count(was)?, count(is)?);
            Some(i64::try_from(is).ok()? - i64::try_from(was).ok()?)
        }))
    };
    let values = grouping.values.iter().enumerate();
    values
        .map(|(group, value)| {
            let (base, alternative) = (cells(base, group), cells(own, group));
            GroupRow {
                value: value.clone(),
                applicants: shown(own, group, 0),
                placed_change: base
                    .placed()
                    .and_then(|_| change(group, |[first, other]| first + other)),
                first_change: base.first.and_then(|_| change(group, |[first, _]| first)),
                base,
                alternative,
                better: shown(own, group, 5),
                worse: shown(own, group, 6),
            }
        })
        .collect()
}
