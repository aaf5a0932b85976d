use minsheng_model::Text;

use super::worth::{check_gains, check_losses};
use super::{sum, times, too_large};
use crate::report::{Checks, Found, Report, differs, offends};

/// Demands and capacities as the checker reads them.
pub struct TransportCase<'a> {
    /// For each demand its units.
    pub amount: &'a [i64],
    /// For each provider the least units it has to get.
    pub lower: &'a [i64],
    /// For each provider the most.
    pub capacity: &'a [i64],
    /// What a unit of a demand costs at a provider; nothing where it cannot go.
    pub cost: &'a dyn Fn(usize, usize) -> Option<i64>,
}

/// What is claimed of a plan.
#[derive(Debug, Clone)]
pub struct PlanClaim {
    /// (demand, provider, units).
    pub flow: Vec<(usize, usize, i64)>,
    /// For each provider; negative only where a lower bound is to be met.
    pub price: Vec<i128>,
    /// What the plan costs.
    pub objective: i128,
    /// What no plan is below.
    pub bound: i128,
    /// Whether every demand is said to be at one provider.
    pub whole: bool,
    /// What one more seat is said to save.
    pub gain: Option<Vec<i128>>,
    /// What one seat less is said to cost.
    pub loss: Option<Vec<Option<i128>>>,
}

/// Checks a plan against every pair.
#[must_use]
pub fn check_plan(case: &TransportCase<'_>, claim: &PlanClaim) -> Report {
    let mut checks = Checks::default();
    checks.add(
        "flow",
        "人人有着落、不超容量",
        "everybody is served within the capacities",
        claim.flow.len(),
        feasible(case, claim),
    );
    checks.add(
        "cost",
        "总成本",
        "the cost adds up",
        claim.flow.len(),
        cost(case, claim),
    );
    let pairs = case.amount.len().saturating_mul(case.capacity.len());
    checks.add(
        "prices",
        "价格给出下界",
        "the prices give the bound, over every pair",
        pairs,
        bound(case, claim),
    );
    if let Some(gain) = &claim.gain {
        checks.add(
            "one-more-seat",
            "多一席的价值",
            "what one more seat is worth",
            gain.len(),
            check_gains(case, claim, gain),
        );
    }
    if let Some(loss) = &claim.loss {
        checks.add(
            "one-seat-less",
            "少一席的代价",
            "what one seat less costs",
            loss.len(),
            check_losses(case, claim, loss),
        );
    }
    let whole = claim.whole && claim.objective != claim.bound;
    checks.report(
        if whole {
            Text::new(
                "方案可行;与最优的差距不超过目标值减下界",
                "the plan is possible; it is above the best by at most objective minus bound",
            )
        } else {
            Text::new("没有更省的方案", "no plan is cheaper")
        },
        Text::new("实例本身是否属实", "that the instance describes the world"),
    )
}

/// Checks that a set of demands reaches too little capacity, or that the lower bounds
/// ask for more than the demands that can reach them.
#[must_use]
pub fn check_short(case: &TransportCase<'_>, demands: &[usize]) -> Report {
    let mut checks = Checks::default();
    checks.add(
        "set",
        "该组需求可到达的容量不足",
        "the set reaches too little capacity",
        demands.len(),
        short(case, demands),
    );
    checks.report(
        Text::new("没有可行方案", "no plan is possible"),
        Text::new("实例本身是否属实", "that the instance describes the world"),
    )
}

fn feasible(case: &TransportCase<'_>, claim: &PlanClaim) -> Found {
    let mut left: Vec<i128> = case.amount.iter().map(|a| i128::from(*a)).collect();
    let mut load = vec![0i128; case.capacity.len()];
    let mut seen = vec![false; case.amount.len()];
    for &(demand, provider, units) in &claim.flow {
        let name = format!("demand {demand}");
        let (Some(rest), Some(sum)) = (left.get_mut(demand), load.get_mut(provider)) else {
            return Some(offends(
                &name,
                "或其供给方不存在",
                "or its provider is not there",
            ));
        };
        if units < 0 || (case.cost)(demand, provider).is_none() {
            return Some(offends(&name, "去了不能去的地方", "goes where it cannot"));
        }
        *rest -= i128::from(units);
        *sum += i128::from(units);
        if let Some(seen) = seen.get_mut(demand)
            && std::mem::replace(seen, true)
            && claim.whole
        {
            return Some(offends(&name, "被拆分", "is split"));
        }
    }
    if let Some(demand) = left.iter().position(|l| *l != 0) {
        return Some(offends(
            &format!("demand {demand}"),
            "数量不符",
            "is not served exactly",
        ));
    }
    let bounds = case.lower.iter().zip(case.capacity);
    let over = load
        .iter()
        .zip(bounds)
        .position(|(l, (low, high))| *l < i128::from(*low) || *l > i128::from(*high))?;
    Some(offends(
        &format!("provider {over}"),
        "负荷越界",
        "its load is out of bounds",
    ))
}

fn cost(case: &TransportCase<'_>, claim: &PlanClaim) -> Found {
    let terms = claim
        .flow
        .iter()
        .map(|&(i, j, units)| times(i128::from((case.cost)(i, j)?), i128::from(units)));
    match sum(terms) {
        None => Some(too_large()),
        Some(total) => differs("objective", total, claim.objective),
    }
}

fn bound(case: &TransportCase<'_>, claim: &PlanClaim) -> Found {
    let wrong = differs("price", case.capacity.len(), claim.price.len());
    if wrong.is_some() {
        return wrong;
    }
    let paid = case.amount.iter().enumerate().map(|(demand, amount)| {
        if *amount == 0 {
            return Some(0);
        }
        let mut least: Option<i128> = None;
        for (provider, price) in claim.price.iter().enumerate() {
            if let Some(cost) = (case.cost)(demand, provider) {
                let all = i128::from(cost).checked_add(*price)?;
                least = Some(least.map_or(all, |l| l.min(all)));
            }
        }
        times(least?, i128::from(*amount))
    });
    let seats = claim.price.iter().zip(case.lower.iter().zip(case.capacity));
    // A price above nothing is for full providers, one below for those at the least.
    let rent = seats.map(|(price, (lower, upper))| {
        times(*price, i128::from(if *price > 0 { *upper } else { *lower }))
    });
    let total = sum(paid).zip(sum(rent)).and_then(|(p, r)| p.checked_sub(r));
    match total {
        None => Some(too_large()),
        Some(total) => differs("bound", total, claim.bound).or_else(|| {
            (claim.bound > claim.objective)
                .then(|| offends("bound", "高于目标值", "is above the objective"))
        }),
    }
}

fn short(case: &TransportCase<'_>, demands: &[usize]) -> Found {
    let mut taken = vec![false; case.amount.len()];
    let mut need = 0i128;
    let mut reach = 0i128;
    for demand in demands {
        match (taken.get_mut(*demand), case.amount.get(*demand)) {
            (Some(flag), Some(amount)) if !*flag => {
                *flag = true;
                need += i128::from(*amount);
            }
            _ => {
                return Some(offends(
                    &format!("demand {demand}"),
                    "不存在或重复",
                    "is not there or named twice",
                ));
            }
        }
    }
    for (provider, capacity) in case.capacity.iter().enumerate() {
        if demands.iter().any(|d| (case.cost)(*d, provider).is_some()) {
            reach += i128::from(*capacity);
        }
    }
    (need <= reach).then(|| offends("set", "可到达的容量足够", "reaches enough capacity"))
}
