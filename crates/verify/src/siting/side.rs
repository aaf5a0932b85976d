//! Side constraints: weighted sums of open sites, and the bound that their prices give.

use minsheng_model::Text;

use super::case::SitingCase;
use crate::report::{Found, offends};

/// A weighted sum of open sites that has to stay between two ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseSide {
    /// (site, what it counts when it is open), a site at most once.
    pub weights: Vec<(usize, i64)>,
    /// The least sum.
    pub least: Option<i64>,
    /// The greatest sum.
    pub most: Option<i64>,
}

impl CaseSide {
    /// Returns the sum over open sites.
    pub(super) fn sum(&self, open: &[bool]) -> i128 {
        let own = self.weights.iter();
        own.filter(|(site, _)| open.get(*site) == Some(&true))
            .map(|(_, weight)| i128::from(*weight))
            .sum()
    }

    fn holds(&self, sum: i128) -> bool {
        self.least.is_none_or(|l| sum >= i128::from(l))
            && self.most.is_none_or(|m| sum <= i128::from(m))
    }
}

/// Returns the first constraint that the open sites do not keep.
pub(super) fn kept(case: &SitingCase, open: &[bool]) -> Found {
    let broken = case
        .sides
        .iter()
        .position(|side| !side.holds(side.sum(open)));
    broken.map(|place| {
        offends(
            &format!("constraint {place}"),
            "不满足",
            "is not kept by the open sites",
        )
    })
}

/// Returns the instance in which every constraint is paid for by its price instead of
/// being kept, and what is to be added to its bound: with price ν of a constraint, a site
/// costs ν times its weight less, and ν times the end that the price pulls at is added.
///
/// A plan that keeps the constraint pays no more than without it, so a bound of the
/// instance returned, with the sum added, is one of the instance itself (weak duality).
/// Costs must not be negative: where exactly *p* sites are open, all are raised alike and
/// *p* times that is taken off; elsewhere what is below nothing is taken off at once.
///
/// # Errors
/// A price without the end it pulls at, prices of another number, sums beyond 63 bits.
pub(super) fn priced(case: &SitingCase, prices: &[i64]) -> Result<(SitingCase, i128), Text> {
    if prices.len() != case.sides.len() {
        return Err(offends(
            "constraints",
            "价格的数目不符",
            "have prices of another number",
        ));
    }
    let ends = case.sides.iter().zip(prices).enumerate();
    let ends = ends.map(|(place, (side, price))| match price.signum() {
        0 => Ok(0),
        1 => side.least.ok_or(place),
        _ => side.most.ok_or(place),
    });
    let ends: Result<Vec<i64>, usize> = ends.collect();
    let ends = ends.map_err(|place| {
        offends(
            &format!("constraint {place}"),
            "没有其价格所指的一端",
            "has no end where its price pulls",
        )
    })?;
    let paid = paid(case, prices, &ends);
    let (fixed, added) =
        paid.ok_or_else(|| offends("constraints", "价格过大", "have prices too large"))?;
    let mut own = case.clone();
    own.sides = Vec::new();
    own.fixed = fixed;
    Ok((own, added))
}

/// What opening each site costs under prices, and what is to be added to the bound;
/// nothing where a sum does not fit.
fn paid(case: &SitingCase, prices: &[i64], ends: &[i64]) -> Option<(Vec<i64>, i128)> {
    let mut costs: Vec<i128> = case.fixed.iter().map(|f| i128::from(*f)).collect();
    let mut added: i128 = 0;
    for ((side, price), end) in case.sides.iter().zip(prices).zip(ends) {
        // Two numbers of 64 bits: only sums of such products may not fit.
        let price = i128::from(*price);
        added = added.checked_add(price * i128::from(*end))?;
        for (site, weight) in &side.weights {
            let cost = costs.get_mut(*site)?;
            *cost = cost.checked_sub(price * i128::from(*weight))?;
        }
    }
    let lowest = costs.iter().copied().min().unwrap_or(0).min(0);
    if case.count.0 == case.count.1 {
        added = added.checked_add(lowest.checked_mul(case.count.0.into())?)?;
        for cost in &mut costs {
            *cost = cost.checked_sub(lowest)?;
        }
    } else {
        for cost in &mut costs {
            added = added.checked_add((*cost).min(0))?;
            *cost = (*cost).max(0);
        }
    }
    let whole: Option<Vec<i64>> = costs.iter().map(|c| i64::try_from(*c).ok()).collect();
    Some((whole?, added))
}
