//! Sites opened year by year, checked from multipliers.

use minsheng_model::Text;

use super::bound::large;
use super::case::{Pairs, SitingCase};
use crate::report::{Checks, Found, Report, differs, offends};

/// A year as the checker reads it.
#[derive(Debug, Clone)]
pub struct CaseYear {
    /// How much it counts.
    pub weight: i64,
    /// The fewest and the most sites opened in it.
    pub count: (u64, u64),
    /// What those may cost together.
    pub budget: Option<i64>,
}

/// A problem over years. Sites that must be open are open before the first year and
/// take nothing of any limit; what opening them costs is not counted.
#[derive(Debug, Clone)]
pub struct StagedCase {
    /// The demands and sites; its count, budget, groups and capacities are not looked at.
    pub case: SitingCase,
    /// The years.
    pub years: Vec<CaseYear>,
    /// What opening each site takes of the budget.
    pub price: Vec<i64>,
    /// Whether what is left of a year's budget may be spent later.
    pub carry: bool,
}

/// Multipliers, all times the scale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StagedPrices {
    /// What a unit of cost is in multipliers.
    pub scale: i64,
    /// For each year one of a unit of each demand.
    pub demand: Vec<Vec<i64>>,
    /// For each year one of a site opened in it, of any sign.
    pub opening: Vec<i64>,
    /// For each year one of its budget, in 2^-20; nothing or more.
    pub budget: Vec<i64>,
}

/// What is claimed.
#[derive(Debug, Clone, Default)]
pub struct StagedClaim {
    /// For each site the index of the year in which it opens (0 for one that was open);
    /// nothing at all when there is no plan.
    pub opened: Option<Vec<Option<usize>>>,
    /// For each year each demand's site.
    pub served: Vec<Vec<Option<usize>>>,
    /// What the plan costs.
    pub objective: Option<i128>,
    /// What no plan is below.
    pub bound: Option<i128>,
    /// As in a claim about one year.
    pub status: String,
    /// What proves the bound.
    pub prices: StagedPrices,
}

/// Checks a claim about sites opened year by year.
#[must_use]
pub fn check_years(staged: &StagedCase, claim: &StagedClaim) -> Report {
    let mut checks = Checks::default();
    let pairs = staged.years.len() * staged.case.amount.len();
    let fits = staged.case.fits()
        && staged.price.len() == staged.case.sites()
        && staged.price.iter().all(|p| *p >= 0)
        && staged
            .years
            .iter()
            .all(|y| y.weight >= 0 && y.budget.is_none_or(|b| b >= 0));
    if !fits {
        let said = offends(
            "instance",
            "数组长度不符",
            "has arrays that do not fit together",
        );
        checks.add("instance", "实例", "the instance", 1, Some(said));
    } else {
        if let Some(opened) = &claim.opened {
            checks.add(
                "years",
                "各年开设的点满足状态、数量、预算、间距",
                "what is opened each year keeps states, counts, budgets and spacing",
                opened.len(),
                limits(staged, opened),
            );
            checks.add(
                "service",
                "每年每处需求由已开设的点服务,总成本相符",
                "in each year demand goes to sites open by then, and the cost adds up",
                pairs,
                service(staged, opened, claim),
            );
        }
        checks.add(
            "bound",
            "由乘子重新算出的下界",
            "the bound follows from the multipliers",
            pairs,
            proved(staged, claim),
        );
    }
    checks.add(
        "status",
        "结论与数字相符",
        "the status fits the numbers",
        1,
        status(claim),
    );
    checks.report(
        Text::new(
            "方案满足每年的限制;任何方案都不低于下界",
            "the plan keeps every year's limits; no plan is below the bound",
        ),
        Text::new("实例本身是否属实", "that the instance describes the world"),
    )
}

fn limits(staged: &StagedCase, opened: &[Option<usize>]) -> Found {
    let case = &staged.case;
    let years = staged.years.len();
    if opened.len() != case.sites() {
        return Some(offends("opened", "数量不符", "does not name every site"));
    }
    let mut count = vec![0u64; years];
    let mut spent = vec![0i128; years];
    for (site, year) in opened.iter().enumerate() {
        let was = case.must_open.get(site) == Some(&true);
        let never = case.must_close.get(site) == Some(&true);
        let right = match year {
            Some(t) => !never && *t < years && (!was || *t == 0),
            None => !was,
        };
        if !right {
            return Some(offends(
                &format!("site {site}"),
                "不合其状态或年份",
                "is not in the state or year it has to be",
            ));
        }
        if let (Some(t), false) = (year, was) {
            if let Some(own) = count.get_mut(*t) {
                *own += 1;
            }
            if let Some(own) = spent.get_mut(*t) {
                *own += staged.price.get(site).map_or(0, |p| i128::from(*p));
            }
        }
    }
    let mut left = Some(0i128);
    for ((t, year), (count, spent)) in staged.years.iter().enumerate().zip(count.iter().zip(spent))
    {
        let before = left.filter(|_| staged.carry).unwrap_or(0);
        // A year without a budget lifts the limit of all that follow it.
        let lifted = staged.carry && left.is_none();
        left = year
            .budget
            .filter(|_| !lifted)
            .map(|b| before + i128::from(b) - spent);
        if *count < year.count.0 || *count > year.count.1 || left.is_some_and(|l| l < 0) {
            return Some(offends(
                &format!("year {t}"),
                "超出数量或预算",
                "breaks its count or budget",
            ));
        }
    }
    let open = |site: &usize| opened.get(*site).is_some_and(Option::is_some);
    let near = case.apart.iter().find(|(a, b)| open(a) && open(b));
    near.map(|(a, b)| {
        offends(
            &format!("site {a}"),
            &format!("与 {b} 过近"),
            &format!("stands too near {b}"),
        )
    })
}

fn service(staged: &StagedCase, opened: &[Option<usize>], claim: &StagedClaim) -> Found {
    let case = &staged.case;
    if claim.served.len() != staged.years.len()
        || claim.served.iter().any(|s| s.len() != case.amount.len())
    {
        return Some(offends("served", "数量不符", "does not name everybody"));
    }
    let pairs = Pairs::new(case);
    let mut total = 0i128;
    for (site, year) in opened.iter().enumerate() {
        if year.is_some() && case.must_open.get(site) != Some(&true) {
            total += case.fixed.get(site).map_or(0, |f| i128::from(*f));
        }
    }
    for (t, (year, served)) in staged.years.iter().zip(&claim.served).enumerate() {
        for (demand, (site, amount)) in served.iter().zip(&case.amount).enumerate() {
            let name = format!("year {t}, demand {demand}");
            let penalty = case.penalty.as_ref().and_then(|p| p.get(demand)).copied();
            let cost = match site {
                None => penalty,
                Some(site) => {
                    let open = opened.get(*site).copied().flatten();
                    if open.is_none_or(|o| o > t) {
                        return Some(offends(
                            &name,
                            "去了当年未开设的点",
                            "goes to a site that is not open by then",
                        ));
                    }
                    pairs.cost(demand, *site)
                }
            };
            let Some(cost) = cost else {
                return Some(offends(&name, "没有着落", "is not served"));
            };
            let own = i128::from(cost) * i128::from(*amount);
            let sum = own
                .checked_mul(i128::from(year.weight))
                .and_then(|o| total.checked_add(o));
            let Some(sum) = sum else {
                return Some(offends(&name, "数值超出范围", "does not fit in 128 bits"));
            };
            total = sum;
        }
    }
    match claim.objective {
        Some(objective) => differs("objective", total, objective),
        None => Some(offends("objective", "缺失", "is missing")),
    }
}

/// Returns the bound of the multipliers, rounded up to whole units of cost; with a site
/// forced in, that of the plans that open it in some year.
pub(super) fn lower(
    staged: &StagedCase,
    prices: &StagedPrices,
    forced: Option<usize>,
) -> Result<i128, Text> {
    let case = &staged.case;
    let years = staged.years.len();
    let shapes = prices.demand.len() == years
        && prices.demand.iter().all(|d| d.len() == case.amount.len())
        && prices.opening.len() == years
        && prices.budget.len() == years;
    if !shapes || prices.scale < 1 || prices.budget.iter().any(|b| *b < 0) {
        return Err(offends(
            "multipliers",
            "数量或符号不符",
            "are too few, too many or negative",
        ));
    }
    let wide = |v: &i64| v.unsigned_abs() > 1 << 62;
    if prices.scale > 1 << 40
        || prices.demand.iter().flatten().any(wide)
        || prices.opening.iter().any(wide)
    {
        return Err(large());
    }
    let scale = i128::from(prices.scale);
    let pairs = Pairs::new(case);
    let mut sum = 0i128;
    let mut fits = true;
    let mut add = |sum: &mut i128, more: Option<i128>| match more.and_then(|m| sum.checked_add(m)) {
        Some(all) => *sum = all,
        None => fits = false,
    };
    let mut saves = vec![vec![0i128; case.sites()]; years];
    for ((year, own), saves) in staged.years.iter().zip(&prices.demand).zip(&mut saves) {
        let weight = i128::from(year.weight);
        for (demand, (price, amount)) in own.iter().zip(&case.amount).enumerate() {
            let price = i128::from(*price);
            let times = |v: i128| v.checked_mul(i128::from(*amount))?.checked_mul(weight);
            add(&mut sum, times(price));
            if let Some(penalty) = case.penalty.as_ref().and_then(|p| p.get(demand)) {
                add(
                    &mut sum,
                    times((i128::from(*penalty) * scale - price).min(0)),
                );
            }
            let below = i64::try_from((price + scale - 1).div_euclid(scale)).unwrap_or(i64::MAX);
            pairs.each(demand, Some(below), &mut |site, cost| {
                let less = (i128::from(cost) * scale - price).min(0);
                if let Some(own) = saves.get_mut(site) {
                    add(own, times(less));
                }
            });
        }
    }
    let mut purse = Some(0i128);
    let mut spent = 0i128;
    for ((year, opening), budget) in staged.years.iter().zip(&prices.opening).zip(&prices.budget) {
        let end = if *opening >= 0 {
            year.count.1
        } else {
            year.count.0
        };
        add(&mut sum, i128::from(*opening).checked_mul(-i128::from(end)));
        let own = year.budget.map(i128::from);
        purse = if staged.carry {
            purse.zip(own).map(|(p, o)| p + o)
        } else {
            own
        };
        match purse {
            Some(purse) => add(&mut spent, i128::from(*budget).checked_mul(purse)),
            None if *budget > 0 => {
                return Err(offends(
                    "multipliers",
                    "没有预算的年份不能有乘子",
                    "price a budget that is not there",
                ));
            }
            None => {}
        }
    }
    add(&mut sum, Some((-spent).div_euclid(1 << 20)));
    for site in 0..case.sites() {
        add(
            &mut sum,
            own_best(staged, prices, &saves, site, forced == Some(site)),
        );
    }
    if !fits {
        return Err(large());
    }
    Ok(-(-sum).div_euclid(scale))
}

/// What a site adds at the least: the best of its years, or nothing.
fn own_best(
    staged: &StagedCase,
    prices: &StagedPrices,
    saves: &[Vec<i128>],
    site: usize,
    forced: bool,
) -> Option<i128> {
    let case = &staged.case;
    if case.must_close.get(site) == Some(&true) {
        return Some(0);
    }
    let was = case.must_open.get(site) == Some(&true);
    let fixed = i128::from(*case.fixed.get(site)?) * i128::from(prices.scale);
    let price = i128::from(*staged.price.get(site)?);
    let mut least = (!forced).then_some(0i128);
    for t in 0..staged.years.len() {
        let mut later = 0i128;
        for own in saves.get(t..)? {
            later = later.checked_add(*own.get(site)?)?;
        }
        if was {
            return Some(later);
        }
        let budgets = prices.budget.get(t..)?;
        let budgets = if staged.carry {
            budgets
        } else {
            budgets.get(..1)?
        };
        let dear: i128 = budgets.iter().map(|b| i128::from(*b)).sum();
        let pays = dear.checked_mul(price)?.div_euclid(1 << 20);
        let opening = i128::from(*prices.opening.get(t)?);
        let value = later.checked_add(fixed)?.checked_add(opening)?;
        let whole = value.checked_add(pays)?;
        least = Some(least.map_or(whole, |l| l.min(whole)));
    }
    least
}

fn proved(staged: &StagedCase, claim: &StagedClaim) -> Found {
    let least = match (claim.status.as_str(), claim.bound) {
        ("proved-infeasible", _) | (_, Some(_)) => match lower(staged, &claim.prices, None) {
            Ok(least) => least,
            Err(said) => return Some(said),
        },
        _ => return None,
    };
    if claim.status == "proved-infeasible" {
        if claim.opened.is_some() || claim.bound.is_some() {
            return Some(offends("plan", "却给出了方案", "is given all the same"));
        }
        return match most(staged) {
            Some(most) if least > most => None,
            _ => Some(offends("multipliers", "没有证明", "do not prove it")),
        };
    }
    let least = claim.objective.map_or(least, |o| least.min(o));
    differs("bound", least, claim.bound?)
}

/// What no plan can cost more than.
fn most(staged: &StagedCase) -> Option<i128> {
    let case = &staged.case;
    let pairs = Pairs::new(case);
    let mut sum = 0i128;
    let years: i128 = staged.years.iter().map(|y| i128::from(y.weight)).sum();
    for (demand, amount) in case.amount.iter().enumerate() {
        let mut worst = case.penalty.as_ref().and_then(|p| p.get(demand)).copied();
        pairs.each(demand, None, &mut |site, cost| {
            if case.must_close.get(site) == Some(&true) {
                return;
            }
            worst = Some(worst.map_or(cost, |w| w.max(cost)));
        });
        let own = i128::from(worst.unwrap_or(0)).checked_mul(i128::from(*amount))?;
        sum = sum.checked_add(own.checked_mul(years)?)?;
    }
    for fixed in &case.fixed {
        sum = sum.checked_add(i128::from(*fixed))?;
    }
    Some(sum)
}

fn status(claim: &StagedClaim) -> Found {
    let holds = match (claim.status.as_str(), claim.objective, claim.bound) {
        ("proved-optimal", Some(o), Some(b)) => o == b,
        ("proved-infeasible", None, None)
        | ("unknown", None, _)
        | ("feasible, no bound", Some(_), None) => true,
        (within, Some(o), Some(b)) => o > b && within == format!("within {} of optimum", o - b),
        _ => false,
    };
    let same = claim.objective.is_some() == claim.opened.is_some();
    (!holds || !same).then(|| {
        offends(
            "status",
            "与目标值和下界不符",
            "does not fit objective and bound",
        )
    })
}
