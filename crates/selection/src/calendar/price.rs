//! What integer prices say about a part.

use super::part::Part;
use super::{Calendar, Choice};

/// Cell, or after the last cell target, and its price of more than 0.
pub(super) type Prices = Vec<(u32, i64)>;

/// The choices of a project that are left: from, and up to but without.
pub(super) type Windows = Vec<(usize, usize)>;

/// Prices spread over all cells and targets.
pub(super) fn spread(calendar: &Calendar, prices: &Prices) -> Vec<i64> {
    let mut dense = vec![0; calendar.cells.len() + calendar.targets.len()];
    for (at, price) in prices {
        if let Some(own) = dense.get_mut(*at as usize) {
            *own = *price;
        }
    }
    dense
}

/// What a choice costs at prices, times the scale.
fn priced(choice: &Choice, dense: &[i64], cells: usize, scale: i64) -> Option<i128> {
    let mut total = i128::from(choice.cost).checked_mul(scale.into())?;
    for (cell, amount) in &choice.uses {
        let price = dense.get(*cell as usize).copied().unwrap_or(0);
        total = total.checked_add(i128::from(price) * i128::from(*amount))?;
    }
    for target in &choice.counts {
        let price = dense.get(cells + *target as usize).copied().unwrap_or(0);
        total = total.checked_sub(price.into())?;
    }
    Some(total)
}

/// Returns the bound times the scale; with a scale of 0, more than 0 shows that
/// nothing is possible. `None` when a sum leaves 128 bits, or for a project without
/// any choice left: nothing is possible there.
pub(super) fn bound(
    calendar: &Calendar,
    part: &Part,
    windows: &Windows,
    prices: &Prices,
    scale: i64,
) -> Option<i128> {
    let dense = spread(calendar, prices);
    let cells = calendar.cells.len();
    let mut total = 0i128;
    for (at, price) in prices {
        let at = *at as usize;
        let (end, sign) = match at.checked_sub(cells) {
            None => (*calendar.cells.get(at)?, -1),
            Some(target) => (*calendar.targets.get(target)?, 1),
        };
        let own = (i128::from(*price) * i128::from(end)).checked_mul(sign)?;
        total = total.checked_add(own)?;
    }
    for (project, (from, to)) in part.projects.iter().zip(windows) {
        let choices = calendar.projects.get(*project)?.get(*from..*to)?;
        let mut least: Option<i128> = None;
        for choice in choices {
            let own = priced(choice, &dense, cells, scale)?;
            least = Some(least.map_or(own, |l| l.min(own)));
        }
        total = total.checked_add(least?)?;
    }
    Some(total)
}

/// Rounds up.
pub(super) fn up(total: i128, scale: i64) -> i128 {
    let scale = i128::from(scale.max(1));
    total.div_euclid(scale) + i128::from(total.rem_euclid(scale) != 0)
}
