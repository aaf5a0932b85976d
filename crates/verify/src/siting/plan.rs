use super::case::{Pairs, SitingCase};
use crate::report::{Checks, Found, differs, offends};

/// A plan as it is claimed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanOfSites {
    /// The open sites.
    pub open: Vec<usize>,
    /// (demand, site, units); who is missing is left out.
    pub flow: Vec<(usize, usize, i64)>,
    /// What it costs.
    pub objective: i128,
}

/// Checks that a plan keeps every limit and costs what is said.
pub(super) fn check_plan_of_sites(case: &SitingCase, plan: &PlanOfSites, checks: &mut Checks) {
    if !case.fits() {
        let said = offends(
            "instance",
            "数组长度不符",
            "has arrays that do not fit together",
        );
        checks.add("instance", "实例", "the instance", 1, Some(said));
        return;
    }
    checks.add(
        "sites",
        "开设点满足数量、分组、预算、间距",
        "the open sites keep counts, groups, budget and spacing",
        plan.open.len(),
        sites(case, plan),
    );
    checks.add(
        "service",
        "各处需求有着落、不超容量,总成本相符",
        "demand goes to open sites within reach and room, and the cost adds up",
        plan.flow.len(),
        service(case, plan),
    );
}

/// Checks a plan whose objective is the largest cost.
pub(super) fn check_centre_plan(case: &SitingCase, plan: &PlanOfSites, checks: &mut Checks) {
    let pairs = Pairs::new(case);
    let costs = plan.flow.iter().map(|(i, j, units)| {
        pairs
            .cost(*i, *j)
            .map(|cost| (i128::from(cost), i128::from(cost) * i128::from(*units)))
    });
    let costs: Option<Vec<(i128, i128)>> = costs.collect();
    let (largest, sum) = match &costs {
        Some(list) => (
            list.iter().map(|c| c.0).max().unwrap_or(0),
            list.iter().map(|c| c.1).sum(),
        ),
        None => (-1, -1),
    };
    checks.add(
        "largest",
        "最大成本",
        "the largest cost",
        plan.flow.len(),
        differs("objective", largest, plan.objective),
    );
    let mut whole = plan.clone();
    whole.objective = sum;
    check_plan_of_sites(case, &whole, checks);
}

fn sites(case: &SitingCase, plan: &PlanOfSites) -> Found {
    let mut open = vec![false; case.sites()];
    for site in &plan.open {
        match open.get_mut(*site) {
            Some(flag) if !*flag => *flag = true,
            _ => {
                return Some(offends(
                    &format!("site {site}"),
                    "不存在或重复",
                    "is not there or named twice",
                ));
            }
        }
    }
    let is_open = |site: usize| open.get(site).copied().unwrap_or(false);
    for site in 0..case.sites() {
        let must = case.must_open.get(site) == Some(&true);
        let never = case.must_close.get(site) == Some(&true);
        if must && !is_open(site) || never && is_open(site) {
            return Some(offends(
                &format!("site {site}"),
                "不合其状态",
                "is not in the state it has to be",
            ));
        }
    }
    if let Some(said) = super::side::kept(case, &open) {
        return Some(said);
    }
    let count = plan.open.len() as u64;
    if count < case.count.0 || count > case.count.1 {
        return Some(offends("open", "数量不符", "are too few or too many"));
    }
    if let Some((price, limit)) = &case.budget {
        let spent: i128 = plan
            .open
            .iter()
            .filter_map(|s| price.get(*s))
            .map(|p| i128::from(*p))
            .sum();
        if spent > i128::from(*limit) {
            return Some(offends("budget", "超支", "is overspent"));
        }
    }
    if let Some(groups) = &case.groups {
        let mut have = vec![0u64; groups.bounds.len()];
        for site in &plan.open {
            if let Some(own) = groups.of.get(*site).and_then(|g| have.get_mut(*g)) {
                *own += 1;
            }
        }
        let over = have
            .iter()
            .zip(&groups.bounds)
            .position(|(h, (low, high))| h < low || h > high);
        if let Some(group) = over {
            return Some(offends(
                &format!("group {group}"),
                "数量不符",
                "has too few or too many",
            ));
        }
    }
    let near = case
        .apart
        .iter()
        .find(|(a, b)| is_open(*a) && is_open(*b))?;
    Some(offends(
        &format!("sites {} and {}", near.0, near.1),
        "相距太近",
        "stand too near",
    ))
}

fn service(case: &SitingCase, plan: &PlanOfSites) -> Found {
    let pairs = Pairs::new(case);
    let mut open = vec![false; case.sites()];
    let mut total = 0i128;
    for site in &plan.open {
        if let Some(flag) = open.get_mut(*site) {
            *flag = true;
        }
        total += case.fixed.get(*site).map_or(0, |f| i128::from(*f));
    }
    let mut left: Vec<i128> = case.amount.iter().map(|a| i128::from(*a)).collect();
    let mut named = vec![false; left.len()];
    let mut load = vec![0i128; case.sites()];
    for &(demand, site, units) in &plan.flow {
        let name = format!("demand {demand}");
        let (Some(rest), Some(sum)) = (left.get_mut(demand), load.get_mut(site)) else {
            return Some(offends(&name, "或其点位不存在", "or its site is not there"));
        };
        let Some(cost) = pairs.cost(demand, site).filter(|_| units >= 0) else {
            return Some(offends(&name, "去了不能去的地方", "goes where it cannot"));
        };
        if open.get(site) != Some(&true) {
            return Some(offends(
                &name,
                "去了未开设的点",
                "goes to a site that is not open",
            ));
        }
        *rest -= i128::from(units);
        *sum += i128::from(units);
        if let Some(flag) = named.get_mut(demand) {
            *flag = true;
        }
        let Some(sum) = total.checked_add(i128::from(cost) * i128::from(units)) else {
            return Some(offends(&name, "数值超出范围", "does not fit in 128 bits"));
        };
        total = sum;
    }
    for (demand, rest) in left.iter().enumerate() {
        let penalty = case.penalty.as_ref().and_then(|p| p.get(demand));
        let forgotten = named.get(demand) != Some(&true);
        if *rest < 0 || penalty.is_none() && (*rest > 0 || forgotten) {
            return Some(offends(
                &format!("demand {demand}"),
                "数量不符",
                "is not served exactly",
            ));
        }
        total += *rest * penalty.map_or(0, |p| i128::from(*p));
    }
    if let Some(floors) = &case.floors {
        let mut lacks: Vec<i128> = case.slack().iter().map(|s| -s).collect();
        for (group, rest) in floors.of.iter().zip(&left) {
            if let Some(slot) = group.and_then(|g| lacks.get_mut(g)) {
                *slot += *rest;
            }
        }
        if let Some(floor) = lacks.iter().position(|l| *l > 0) {
            return Some(offends(
                &format!("floor {floor}"),
                "未达到",
                "is not reached",
            ));
        }
    }
    if let Some(capacity) = &case.capacity {
        let over = load
            .iter()
            .zip(capacity)
            .position(|(l, c)| *l > i128::from(*c));
        if let Some(site) = over {
            return Some(offends(
                &format!("site {site}"),
                "超过容量",
                "takes more than it can",
            ));
        }
    }
    differs("objective", total, plan.objective)
}
