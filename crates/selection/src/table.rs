//! One budget alone, exactly: the table of Bellman 1957.

use crate::problem::Problem;

/// Cells of the table.
const CELLS_MAX: i128 = 200_000_000;
/// Where values stay when summed, so that 64 bits hold every cell.
const VALUE_MAX: u128 = 1 << 62;

/// Returns whether the problem is one budget with costs of 0 or more and its table
/// is small.
pub(crate) fn fits(problem: &Problem) -> bool {
    let [row] = problem.rows.as_slice() else {
        return false;
    };
    let (None, Some(upper)) = (row.lower, row.upper) else {
        return false;
    };
    let total: u128 = problem
        .values
        .iter()
        .map(|v| u128::from(v.unsigned_abs()))
        .sum();
    let cells = (i128::from(upper) + 1) * (problem.values.len() as i128 + 1);
    upper >= 0 && cells <= CELLS_MAX && total < VALUE_MAX && row.terms.iter().all(|(_, a)| *a >= 0)
}

/// Returns the best value and choice; `None` when what is fixed in costs too much.
pub(crate) fn solve(problem: &Problem) -> Option<(i128, Vec<bool>)> {
    let row = problem.rows.first()?;
    let budget = usize::try_from(row.upper?).ok()?;
    let mut cost = vec![0i64; problem.values.len()];
    for &(item, a) in &row.terms {
        *cost.get_mut(item as usize)? = a;
    }
    let mut taken: Vec<bool> = problem.fixed.iter().map(|f| *f == Some(true)).collect();
    let used = usize::try_from(row.sum(&taken)).ok()?;
    let left = budget.checked_sub(used)?;
    let words = left / 64 + 1;
    let mut best = vec![0i64; left + 1];
    let mut took: Vec<(usize, usize, Vec<u64>)> = Vec::new();
    let items = problem.values.iter().zip(&cost).zip(&problem.fixed);
    for (item, ((value, cost), fixed)) in items.enumerate() {
        if fixed.is_some() || *value <= 0 {
            continue;
        }
        let Some(cost) = usize::try_from(*cost).ok().filter(|c| *c <= left) else {
            continue;
        };
        let mut bits = vec![0u64; words];
        for at in (cost..=left).rev() {
            let with = best.get(at - cost)?.checked_add(*value)?;
            let own = best.get_mut(at)?;
            if with > *own {
                *own = with;
                *bits.get_mut(at / 64)? |= 1 << (at % 64);
            }
        }
        took.push((item, cost, bits));
    }
    let mut at = left;
    for (item, cost, bits) in took.iter().rev() {
        if bits.get(at / 64)? >> (at % 64) & 1 == 1 {
            *taken.get_mut(*item)? = true;
            at -= cost;
        }
    }
    let value = problem.value(&taken);
    Some((value, taken))
}
