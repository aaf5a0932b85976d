//! The bound of one set of multipliers.

use minsheng_model::Text;

use super::case::{Pairs, SitingCase};
use super::replay::SearchPrices;
use crate::report::offends;

/// What a site is worth at some multipliers, and what does not depend on the sites;
/// all times the scale.
pub(super) struct Values {
    pub site: Vec<i128>,
    pub constant: i128,
}

pub(super) fn large() -> Text {
    offends("multipliers", "数值超出范围", "do not fit in 128 bits")
}

/// Computes the values of every site from the multipliers, over every pair.
pub(super) fn values(
    case: &SitingCase,
    pairs: &Pairs<'_>,
    scale: i64,
    prices: &SearchPrices,
) -> Result<Values, Text> {
    let slack = case.slack();
    let fits = prices.demand.len() == case.amount.len() && prices.floor.len() == slack.len();
    if !fits || scale < 1 || prices.budget < 0 || prices.floor.iter().any(|f| *f < 0) {
        return Err(offends(
            "multipliers",
            "数量或符号不符",
            "are too few, too many or negative",
        ));
    }
    // Products of three such numbers, and sums of many of them, fit in 128 bits.
    if scale > 1 << 40
        || prices.demand.iter().any(|v| v.unsigned_abs() > 1 << 62)
        || prices.floor.iter().any(|v| *v > 1 << 62)
    {
        return Err(large());
    }
    let scale = i128::from(scale);
    let mut constant = 0i128;
    let mut site: Vec<i128> = case.fixed.iter().map(|f| i128::from(*f) * scale).collect();
    if let Some((price, limit)) = &case.budget {
        let own = i128::from(prices.budget);
        for (value, price) in site.iter_mut().zip(price) {
            *value += (own * i128::from(*price)).div_euclid(1 << 20);
        }
        constant -= -(-own * i128::from(*limit)).div_euclid(1 << 20);
    }
    for (own, slack) in prices.floor.iter().zip(&slack) {
        let taken = i128::from(*own).checked_mul(*slack).ok_or_else(large)?;
        constant = constant.checked_sub(taken).ok_or_else(large)?;
    }
    let mut inside: Vec<Vec<(i128, i64)>> = vec![Vec::new(); site.len()];
    let mut wrong = false;
    for (demand, (own, amount)) in prices.demand.iter().zip(&case.amount).enumerate() {
        let (mult, units) = (i128::from(*own), i128::from(*amount));
        constant = constant.checked_add(mult * units).ok_or_else(large)?;
        if let Some(penalty) = case.penalty.as_ref().and_then(|p| p.get(demand)) {
            // A unit may be left out when that is cheaper than its multiplier.
            // Its group's floor makes leaving it out dearer.
            let floors = case.floors.as_ref();
            let group = floors.and_then(|f| f.of.get(demand).copied().flatten());
            let dearer = group.and_then(|g| prices.floor.get(g)).copied();
            let leaving = i128::from(*penalty) * scale + i128::from(dearer.unwrap_or(0));
            let left = (leaving - mult).min(0) * units;
            constant = constant.checked_add(left).ok_or_else(large)?;
        }
        // Only pairs with cost * scale < multiplier count.
        let below = i64::try_from((mult + scale - 1).div_euclid(scale)).unwrap_or(i64::MAX);
        pairs.each(demand, Some(below), &mut |j, cost| {
            let less = i128::from(cost) * scale - mult;
            if less >= 0 {
                return;
            }
            if case.capacity.is_some() {
                if let Some(list) = inside.get_mut(j) {
                    list.push((less, *amount));
                }
            } else if let Some(value) = site.get_mut(j) {
                match value.checked_add(less * units) {
                    Some(sum) => *value = sum,
                    None => wrong = true,
                }
            }
        });
    }
    if wrong {
        return Err(large());
    }
    if let Some(capacity) = &case.capacity {
        for ((value, list), room) in site.iter_mut().zip(&mut inside).zip(capacity) {
            *value = value
                .checked_add(knapsack(list, *room).ok_or_else(large)?)
                .ok_or_else(large)?;
        }
    }
    // So that no sum over the sites can leave 128 bits and be taken for "no set".
    if site
        .iter()
        .chain([&constant])
        .any(|v| v.unsigned_abs() > 1 << 90)
    {
        return Err(large());
    }
    Ok(Values { site, constant })
}

/// The most a site can save with its room, the best units first.
fn knapsack(list: &mut [(i128, i64)], room: i64) -> Option<i128> {
    list.sort_unstable();
    let mut left = room;
    let mut sum = 0i128;
    for (less, amount) in list {
        let units = left.min(*amount);
        left -= units;
        sum = sum.checked_add(less.checked_mul(i128::from(units))?)?;
    }
    Some(sum)
}

/// Returns the least sum of values over the sets with the forced sites that keep the
/// counts and the groups; nothing when there is no such set. A free site that stands too
/// near a forced one, or costs more than the forced ones leave of the budget, is closed.
pub(super) fn cheapest(case: &SitingCase, value: &[i128], forced: &[Option<bool>]) -> Option<i128> {
    // Each group's sites: the open ones, and the free ones by value.
    let groups = case.groups.as_ref();
    let bounds: Vec<(u64, u64)> = groups.map_or_else(|| vec![(0, u64::MAX)], |g| g.bounds.clone());
    let mut free: Vec<Vec<i128>> = vec![Vec::new(); bounds.len()];
    let mut have = vec![0u64; bounds.len()];
    let mut total = 0i128;
    let closed = beside(case, forced)?;
    for (site, own) in value.iter().enumerate() {
        let group = groups.map_or(Some(0), |g| g.of.get(site).copied())?;
        match forced.get(site).copied().flatten() {
            Some(true) => {
                total = total.checked_add(*own)?;
                *have.get_mut(group)? += 1;
            }
            Some(false) => {}
            None if closed.get(site) == Some(&true) => {}
            None => free.get_mut(group)?.push(*own),
        }
    }
    let mut count: u64 = have.iter().sum();
    let mut rest: Vec<i128> = Vec::new();
    for ((list, have), (low, high)) in free.iter_mut().zip(have).zip(bounds) {
        list.sort_unstable();
        let must = usize::try_from(low.saturating_sub(have)).ok()?;
        let may = usize::try_from(high.checked_sub(have)?).unwrap_or(usize::MAX);
        if must > list.len() || must > may {
            return None;
        }
        for (rank, own) in list.iter().take(may).enumerate() {
            if rank < must {
                total = total.checked_add(*own)?;
                count += 1;
            } else {
                rest.push(*own);
            }
        }
    }
    let (fewest, most) = case.count;
    let must = usize::try_from(fewest.saturating_sub(count)).ok()?;
    let may = usize::try_from(most.checked_sub(count)?).unwrap_or(usize::MAX);
    if must > rest.len() || must > may {
        return None;
    }
    rest.sort_unstable();
    for (rank, own) in rest.iter().take(may).enumerate() {
        if rank < must || *own < 0 {
            total = total.checked_add(*own)?;
        }
    }
    Some(total)
}

/// Returns which sites cannot be open beside those that are; nothing when those
/// already break a limit.
fn beside(case: &SitingCase, forced: &[Option<bool>]) -> Option<Vec<bool>> {
    let is_open = |site: usize| forced.get(site) == Some(&Some(true));
    let mut closed = vec![false; forced.len()];
    let mut left = i128::MAX;
    if let Some((price, limit)) = &case.budget {
        let spent = price.iter().enumerate().filter(|(site, _)| is_open(*site));
        left = i128::from(*limit) - spent.map(|(_, p)| i128::from(*p)).sum::<i128>();
        for (flag, price) in closed.iter_mut().zip(price) {
            *flag = i128::from(*price) > left;
        }
    }
    for (a, b) in &case.apart {
        if is_open(*a) && is_open(*b) {
            return None;
        }
        for (one, other) in [(*a, *b), (*b, *a)] {
            if is_open(one) {
                *closed.get_mut(other)? = true;
            }
        }
    }
    (left >= 0).then_some(closed)
}
