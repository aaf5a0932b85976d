//! The cheapest set of sites when each has its own value.
#![expect(
    clippy::indexing_slicing,
    reason = "sites and groups were checked by the instance"
)]

use crate::instance::{Instance, State};

/// What is decided of the sites at a place in the search.
#[derive(Clone)]
pub(crate) struct Forced(pub Vec<State>);

/// Returns the least sum of values over the sets that hold to the forced states, the
/// counts and the groups, and marks its members in `chosen`; nothing when there is no
/// such set. Of the budget and the pairs apart only what the forced sites say is kept:
/// what no longer fits beside them is closed.
pub(crate) fn choose(
    instance: &Instance,
    forced: &Forced,
    value: &[i64],
    chosen: &mut [bool],
) -> Option<i64> {
    chosen.fill(false);
    let mut sum = 0i64;
    let mut count = 0u32;
    let mut free: Vec<(i64, u32)> = Vec::with_capacity(value.len());
    let shut = shut(instance, forced)?;
    for (site, state) in (0u32..).zip(&forced.0) {
        let x = site as usize;
        match state {
            State::Open => {
                sum += value[x];
                count += 1;
                chosen[x] = true;
            }
            State::Candidate if shut.get(x) == Some(&true) => {}
            State::Candidate => free.push((value[x], site)),
            State::Closed => {}
        }
    }
    let (least, most) = instance.count;
    if let Some(groups) = &instance.groups {
        let mut have = vec![0u32; groups.bounds.len()];
        for (site, is_in) in chosen.iter().enumerate() {
            have[groups.of[site] as usize] += u32::from(*is_in);
        }
        if have
            .iter()
            .zip(&groups.bounds)
            .any(|(h, (_, high))| h > high)
        {
            return None;
        }
        free.sort_unstable();
        // The cheapest of each group until its fewest are in; of the rest only as many
        // stay as the group may have.
        let mut rest = Vec::with_capacity(free.len());
        for (own, site) in free {
            let group = groups.of[site as usize] as usize;
            let (low, high) = groups.bounds[group];
            if have[group] < low {
                sum += own;
                count += 1;
                chosen[site as usize] = true;
            } else if have[group] < high {
                rest.push((own, site));
            }
            have[group] = have[group].saturating_add(1);
        }
        if have.iter().zip(&groups.bounds).any(|(h, (low, _))| h < low) {
            return None;
        }
        free = rest;
    }
    if count > most {
        return None;
    }
    let must = usize::try_from(least.saturating_sub(count)).ok()?;
    let may = usize::try_from(most - count).ok()?;
    if free.len() < must {
        return None;
    }
    if may < free.len() && may > 0 {
        free.select_nth_unstable(may - 1);
    }
    free.truncate(may);
    if must > 0 && must < free.len() {
        free.select_nth_unstable(must - 1);
    }
    for (rank, (own, site)) in free.into_iter().enumerate() {
        if rank < must || own < 0 {
            sum += own;
            chosen[site as usize] = true;
        }
    }
    Some(sum)
}

/// Returns the sites that do not fit beside those forced open, as an empty list when
/// there are no such limits; nothing when those do not fit beside each other.
fn shut(instance: &Instance, forced: &Forced) -> Option<Vec<bool>> {
    if instance.budget.is_none() && instance.apart.is_empty() {
        return Some(Vec::new());
    }
    let open = |site: usize| forced.0[site] == State::Open;
    let mut shut = vec![false; forced.0.len()];
    for (a, b) in &instance.apart {
        let (a, b) = (*a as usize, *b as usize);
        match (open(a), open(b)) {
            (true, true) => return None,
            (true, false) => shut[b] = true,
            (false, true) => shut[a] = true,
            (false, false) => {}
        }
    }
    if let Some(budget) = &instance.budget {
        let mut left = i128::from(budget.limit);
        for (site, price) in budget.price.iter().enumerate() {
            if open(site) {
                left -= i128::from(*price);
            }
        }
        if left < 0 {
            return None;
        }
        for (flag, price) in shut.iter_mut().zip(&budget.price) {
            *flag |= i128::from(*price) > left;
        }
    }
    Some(shut)
}
