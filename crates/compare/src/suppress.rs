//! Small cells hidden so that no sum gives them away.
//!
//! Cells are tied by sums: parts make a group's total, groups make the column's total.
//! A small cell is hidden; then further cells are, until no hidden cell follows from
//! those shown by adding and subtracting (complementary suppression; see Willenborg and
//! de Waal, *Elements of Statistical Disclosure Control*, 2001). Whether one follows is
//! decided exactly: its unit vector lies in the span of the sums over hidden cells.

use std::collections::{BTreeMap, BTreeSet};

/// A sum that a reader knows: the signed cells add up to a number that is shown.
pub(crate) type Sum = Vec<(usize, i64)>;

/// Arithmetic modulo a prime near 2^61: coefficients are 1 and -1, so a minor that is a
/// multiple of it does not occur in tables of any size met here.
const PRIME: i128 = (1 << 61) - 1;

fn reduce(n: i128) -> i128 {
    n.rem_euclid(PRIME)
}

fn inverse(n: i128) -> i128 {
    let (mut power, mut base, mut left) = (1i128, reduce(n), PRIME - 2);
    while left > 0 {
        if left & 1 == 1 {
            power = reduce(power * base);
        }
        base = reduce(base * base);
        left >>= 1;
    }
    power
}

type Row = BTreeMap<usize, i128>;

/// Takes a multiple of `pivot` away so that `column` vanishes.
fn eliminate(row: &mut Row, pivot: &Row, column: usize) {
    let Some(factor) = row.get(&column).copied() else {
        return;
    };
    for (cell, value) in pivot {
        let entry = row.entry(*cell).or_insert(0);
        *entry = reduce(*entry - factor * value);
        if *entry == 0 {
            row.remove(cell);
        }
    }
}

/// Returns the hidden cells that follow from the sums.
fn computable(sums: &[Sum], hidden: &[bool]) -> BTreeSet<usize> {
    let is_hidden = |cell: usize| hidden.get(cell).copied().unwrap_or(false);
    // Reduced rows by their pivot.
    let mut rows: BTreeMap<usize, Row> = BTreeMap::new();
    for sum in sums {
        let own = sum.iter().filter(|(cell, _)| is_hidden(*cell));
        let mut row: Row = own
            .map(|(c, sign)| (*c, reduce(i128::from(*sign))))
            .collect();
        let pivots: Vec<usize> = row
            .keys()
            .copied()
            .filter(|c| rows.contains_key(c))
            .collect();
        for column in pivots {
            if let Some(pivot) = rows.get(&column) {
                eliminate(&mut row, pivot, column);
            }
        }
        let Some((column, value)) = row.iter().next().map(|(c, v)| (*c, *v)) else {
            continue;
        };
        let factor = inverse(value);
        for value in row.values_mut() {
            *value = reduce(*value * factor);
        }
        for other in rows.values_mut() {
            eliminate(other, &row, column);
        }
        rows.insert(column, row);
    }
    let alone = rows.into_iter().filter(|(_, row)| row.len() == 1);
    alone.map(|(column, _)| column).collect()
}

/// Returns which cells are hidden: those from 1 to below `least`, and what else has to
/// be so that none of these can be computed. `value` may differ over several tables of
/// the same shape, whose cells are hidden alike; `zero` tells cells not worth hiding.
pub(crate) fn hide(tables: &[Vec<u64>], sums: &[Sum], least: u64) -> Vec<bool> {
    let cells = tables.iter().map(Vec::len).max().unwrap_or(0);
    let at = |table: &Vec<u64>, cell: usize| table.get(cell).copied().unwrap_or(0);
    let small = |n: u64| n > 0 && n < least;
    let mut hidden: Vec<bool> = (0..cells)
        .map(|cell| tables.iter().any(|t| small(at(t, cell))))
        .collect();
    // The smallest cell is given up first; one that is nowhere above 0 last of all.
    let price = |cell: usize| {
        let least = tables.iter().map(|t| at(t, cell)).min().unwrap_or(0);
        let sum: u64 = tables.iter().map(|t| at(t, cell)).sum();
        (least == 0, sum, cell)
    };
    loop {
        let open = computable(sums, &hidden);
        if open.is_empty() {
            return hidden;
        }
        let mut more = Vec::new();
        for cell in open {
            let with = sums.iter().filter(|s| s.iter().any(|(c, _)| *c == cell));
            let shown = with.flatten().map(|(c, _)| *c);
            let shown = shown.filter(|c| !hidden.get(*c).copied().unwrap_or(true));
            more.extend(shown.min_by_key(|c| price(*c)));
        }
        if more.is_empty() {
            return hidden;
        }
        for cell in more {
            if let Some(flag) = hidden.get_mut(cell) {
                *flag = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of groups with three parts and a total each; columns add up too.
    fn sums(groups: usize) -> Vec<Sum> {
        let mut sums: Vec<Sum> = (0..groups)
            .map(|g| vec![(4 * g, 1), (4 * g + 1, 1), (4 * g + 2, 1), (4 * g + 3, -1)])
            .collect();
        sums.extend((0..4).map(|part| (0..groups).map(|g| (4 * g + part, 1)).collect()));
        sums
    }

    fn table(groups: &[[u64; 3]]) -> Vec<u64> {
        let row = |g: &[u64; 3]| [g[0], g[1], g[2], g.iter().sum()];
        groups.iter().flat_map(row).collect()
    }

    /// All values from 0 on that a hidden cell can have beside what is shown, found by
    /// filling in hidden parts in every way.
    fn possible(values: &[u64], hidden: &[bool], cell: usize) -> BTreeSet<u64> {
        let groups = values.len() / 4;
        let parts: Vec<usize> = (0..values.len())
            .filter(|c| c % 4 != 3 && hidden[*c])
            .collect();
        let most: u64 = 14;
        let mut found = BTreeSet::new();
        let mut guess = values.to_vec();
        fn fill(
            at: usize,
            parts: &[usize],
            guess: &mut Vec<u64>,
            most: u64,
            check: &mut dyn FnMut(&[u64]),
        ) {
            let Some(cell) = parts.get(at) else {
                check(guess);
                return;
            };
            for n in 0..most {
                guess[*cell] = n;
                fill(at + 1, parts, guess, most, check);
            }
        }
        let totals: Vec<u64> = (0..4)
            .map(|p| (0..groups).map(|g| values[4 * g + p]).sum())
            .collect();
        let mut check = |guess: &[u64]| {
            let row = |g: usize| guess[4 * g] + guess[4 * g + 1] + guess[4 * g + 2];
            let rows = (0..groups).all(|g| hidden[4 * g + 3] || row(g) == values[4 * g + 3]);
            let columns =
                (0..3).all(|p| (0..groups).map(|g| guess[4 * g + p]).sum::<u64>() == totals[p]);
            if rows && columns {
                found.insert(if cell % 4 == 3 {
                    row(cell / 4)
                } else {
                    guess[cell]
                });
            }
        };
        fill(0, &parts, &mut guess, most, &mut check);
        found
    }

    #[test]
    fn a_hidden_cell_takes_others_with_it() {
        let values = table(&[[3, 20, 40], [30, 25, 50], [60, 70, 80]]);
        let hidden = hide(std::slice::from_ref(&values), &sums(3), 5);
        assert!(hidden[0]);
        assert!(hidden.iter().filter(|h| **h).count() >= 4, "{hidden:?}");
        // Without complement the row's total would give it away.
        let alone: Vec<bool> = (0..12).map(|c| c == 0).collect();
        assert_eq!(computable(&sums(3), &alone), BTreeSet::from([0]));
        let none = hide(&[table(&[[9, 9, 9], [9, 0, 9]])], &sums(2), 5);
        assert!(none.iter().all(|h| !h));
    }

    #[test]
    fn no_hidden_cell_has_one_possible_value_only() {
        let mut state = 7u64;
        let mut next = |most: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % most
        };
        let mut looked = 0;
        for _ in 0..1500 {
            let groups: Vec<[u64; 3]> = (0..2 + next(2))
                .map(|_| [next(7), next(7), next(7)])
                .collect();
            let values = table(&groups);
            let hidden = hide(std::slice::from_ref(&values), &sums(groups.len()), 3);
            if hidden
                .iter()
                .enumerate()
                .filter(|(c, h)| **h && c % 4 != 3)
                .count()
                > 5
            {
                continue;
            }
            for cell in (0..values.len()).filter(|c| hidden[*c] && (1..3).contains(&values[*c])) {
                looked += 1;
                let all = possible(&values, &hidden, cell);
                assert!(all.len() > 1, "{groups:?} {hidden:?} {cell} {all:?}");
            }
        }
        assert!(looked > 100, "{looked}");
    }

    #[test]
    fn two_circles_joined_by_a_bridge_give_the_bridge_away() {
        // Rows and columns of hidden cells with two unknowns each, and yet one follows.
        let cell = |row: usize, column: usize| row * 6 + column;
        let mut marks: Vec<usize> = [
            (0, 0),
            (0, 1),
            (1, 0),
            (1, 1),
            (2, 2),
            (2, 3),
            (3, 2),
            (3, 3),
        ]
        .map(|(r, c)| cell(r, c))
        .to_vec();
        marks.push(cell(0, 2));
        let mut hidden = vec![false; 36];
        marks.iter().for_each(|c| hidden[*c] = true);
        let rows = (0..6).map(|r| (0..6).map(|c| (cell(r, c), 1)).collect());
        let columns = (0..6).map(|c| (0..6).map(|r| (cell(r, c), 1)).collect());
        let sums: Vec<Sum> = rows.chain(columns).collect();
        assert_eq!(computable(&sums, &hidden), BTreeSet::from([cell(0, 2)]));
    }
}
