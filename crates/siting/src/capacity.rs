//! Sites that are full.
#![expect(
    clippy::indexing_slicing,
    reason = "demands were checked by the instance"
)]

use crate::instance::Instance;

/// Returns the least that a site can add when it takes up to its capacity of the
/// demands in `pairs`, each unit worth its cost less the multiplier, and writes what
/// it takes to `taken`. This is the linear program's value: demands may be split.
pub(crate) fn fill(
    instance: &Instance,
    multiplier: &[i64],
    scale: i64,
    pairs: &[(u32, i64)],
    capacity: i64,
    taken: &mut Vec<(u32, i64)>,
) -> i64 {
    let mut gains: Vec<(i64, u32)> = pairs
        .iter()
        .map(|(demand, cost)| (cost * scale - multiplier[*demand as usize], *demand))
        .filter(|(less, demand)| *less < 0 && instance.amount[*demand as usize] > 0)
        .collect();
    gains.sort_unstable();
    let (mut left, mut sum) = (capacity, 0i64);
    for (less, demand) in gains {
        if left == 0 {
            break;
        }
        let units = instance.amount[demand as usize].min(left);
        left -= units;
        sum += less * units;
        taken.push((demand, units));
    }
    sum
}
