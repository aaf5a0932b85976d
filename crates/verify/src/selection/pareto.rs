//! One budget alone: the undominated pairs of cost and value (Nemhauser and
//! Ullmann 1969), which is another way than the table that the solver fills.

use super::case::Case;

/// Pairs times items that are looked at, at most.
const WORK_MAX: u128 = 1_000_000_000;

/// Returns the best total value under one budget of costs that are not negative;
/// `None` when the case is of another kind or nothing is possible.
pub(crate) fn best(case: &Case, fixed: &[Option<bool>]) -> Option<i128> {
    let [line] = case.lines.as_slice() else {
        return None;
    };
    let (None, Some(most)) = (line.least, line.most) else {
        return None;
    };
    let width = u128::try_from(most).ok()?.checked_add(1)?;
    if width.checked_mul(case.values.len() as u128 + 1)? > WORK_MAX {
        return None;
    }
    let mut cost = vec![0i64; case.values.len()];
    for (at, a) in &line.terms {
        *cost.get_mut(*at)? = *a;
    }
    // Pairs in rising order of cost and of value.
    let mut pairs: Vec<(i128, i128)> = vec![(0, 0)];
    for ((value, cost), fixed) in case.values.iter().zip(cost).zip(fixed) {
        if cost < 0 {
            return None;
        }
        if *fixed == Some(false) {
            continue;
        }
        let added: Vec<(i128, i128)> = pairs
            .iter()
            .map(|(c, v)| (c + i128::from(cost), v + i128::from(*value)))
            .filter(|(c, _)| *c <= i128::from(most))
            .collect();
        if *fixed == Some(true) {
            pairs = added;
            continue;
        }
        let mut all = pairs;
        all.extend(added);
        // Two runs in order: a stable sort merges them.
        all.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        pairs = Vec::with_capacity(all.len());
        for pair in all {
            if pairs.last().is_none_or(|last| pair.1 > last.1) {
                pairs.push(pair);
            }
        }
    }
    pairs.last().map(|(_, v)| *v)
}
