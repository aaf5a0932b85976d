//! Sites opened year by year.
//!
//! What is open stays open. Each year has its own limits on what is opened in it, and
//! everybody is served in each year from what is open by then. With a multiplier for
//! each demand and year, and one for each year's limits, every site chooses the year in
//! which it opens by itself, and the sum is a bound.
#![expect(
    clippy::indexing_slicing,
    reason = "demands, sites and years were checked by the instance"
)]

mod improve;

use crate::error::SitingError;
use crate::instance::{Instance, State};
use crate::lagrange::BUDGET_UNIT;
use crate::near::Near;
use crate::solve::Status;
use improve::Plans;

/// A year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Year {
    /// How much the year counts in the sum.
    pub weight: i64,
    /// The fewest and the most sites opened in it.
    pub count: (u32, u32),
    /// What those may cost together; nothing for no limit.
    pub budget: Option<i64>,
}

/// A problem over years. Of `instance` the amounts, penalties, costs, reach, states,
/// fixed costs and pairs apart are looked at; a site that is open there is open before
/// the first year and takes nothing.
#[derive(Debug, Clone)]
pub struct Staged {
    /// The demands and sites.
    pub instance: Instance,
    /// The years in their order.
    pub years: Vec<Year>,
    /// What opening each site takes of the budget.
    pub price: Vec<i64>,
    /// Whether what a year leaves of its budget may be spent later.
    pub carry: bool,
}

/// Multipliers, all times the scale.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct YearPrices {
    /// What one unit of cost is in multipliers.
    pub scale: i64,
    /// For each year one of a unit of each demand.
    pub demand: Vec<Vec<i64>>,
    /// For each year one of a site opened in it.
    pub opening: Vec<i64>,
    /// For each year one of its budget, in 2^-20.
    pub budget: Vec<i64>,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedOutcome {
    /// How good it is.
    pub status: Status,
    /// For each site the index of the year in which it opens; 0 for one that was open.
    pub opened: Option<Vec<Option<usize>>>,
    /// For each year each demand's site; nothing when it is left out.
    pub served: Vec<Vec<Option<u32>>>,
    /// What the plan costs over all years, each times its weight, with what opening
    /// costs.
    pub objective: Option<i64>,
    /// What no plan is below.
    pub bound: Option<i64>,
    /// What proves it.
    pub prices: YearPrices,
}

/// In how many pairs a search may look unless it is told: about ten seconds.
pub const YEARS_EFFORT: u64 = 3_000_000_000;

impl Staged {
    fn check(&self) -> Result<(), SitingError> {
        self.instance.check()?;
        if self.price.len() != self.instance.sites() || self.price.iter().any(|p| *p < 0) {
            return Err(SitingError::Shape("a price for each site"));
        }
        let bad = |y: &Year| y.weight < 0 || y.budget.is_some_and(|b| b < 0);
        if self.years.is_empty() || self.years.iter().any(bad) {
            return Err(SitingError::Shape("years with weights and budgets"));
        }
        let other = &self.instance;
        if other.capacity.is_some() || other.floors.is_some() || other.groups.is_some() {
            return Err(SitingError::Shape(
                "no capacities, floors, groups with years",
            ));
        }
        Ok(())
    }

    /// Returns what may be spent up to and in each year, or in it alone.
    pub(crate) fn purses(&self) -> Vec<Option<i128>> {
        let mut sum = Some(0i128);
        let own = self.years.iter().map(|year| {
            let budget = year.budget.map(i128::from);
            if !self.carry {
                return budget;
            }
            sum = sum.zip(budget).map(|(s, b)| s + b);
            sum
        });
        own.collect()
    }

    /// Returns more than any plan costs; nothing when that leaves 128 bits.
    fn beyond(&self, near: &Near) -> Option<i128> {
        let years: i128 = self.years.iter().map(|y| i128::from(y.weight)).sum();
        let mut all: i128 = self.instance.fixed.iter().map(|f| i128::from(*f)).sum();
        for (demand, amount) in self.instance.amount.iter().enumerate() {
            let far = near.of(demand).map(|(_, c)| c).max().unwrap_or(0);
            let penalty = self.instance.penalty.as_ref().map_or(0, |p| p[demand]);
            let cut = if near.cut[demand] {
                near.cost_of_all(&self.instance, demand)
            } else {
                0
            };
            let own = i128::from(far.max(penalty).max(cut)) * i128::from(*amount);
            all = all.checked_add(own.checked_mul(years)?)?;
        }
        all.checked_add(1)
    }
}

/// An ascent over the years' multipliers.
struct Climb<'a> {
    staged: &'a Staged,
    near: &'a Near,
    purses: Vec<Option<i128>>,
    now: YearPrices,
    best: YearPrices,
    bound: Option<i128>,
    /// For each site the year that it chose, and what it is worth there.
    choice: Vec<Option<usize>>,
    value: Vec<i128>,
    /// For each year and site what serving from it saves.
    saves: Vec<Vec<i128>>,
    most: i64,
    /// The most that a budget's multiplier may be, so that no product leaves 128 bits.
    dearest: i64,
    work: u64,
}

impl<'a> Climb<'a> {
    fn new(staged: &'a Staged, near: &'a Near, scale: i64, most: i64) -> Self {
        let t = staged.years.len();
        let start: Vec<i64> = (0..staged.instance.demands())
            .map(|d| {
                let own = near.of(d).nth(1).or_else(|| near.of(d).next());
                let own = own.map_or(0, |(_, c)| c).max(near.clip[d] / 4);
                own.min(near.clip[d]).saturating_mul(scale)
            })
            .collect();
        let now = YearPrices {
            scale,
            demand: vec![start; t],
            opening: vec![0; t],
            budget: vec![0; t],
        };
        let purses = staged.purses();
        let prices = staged.price.iter().map(|p| i128::from(*p));
        let largest = prices
            .chain(purses.iter().flatten().copied())
            .max()
            .unwrap_or(1);
        let dearest = (1i128 << 110) / largest.max(1) / (t as i128 + 1);
        Self {
            staged,
            near,
            dearest: i64::try_from(dearest).unwrap_or(i64::MAX).min(1 << 58),
            purses,
            best: now.clone(),
            now,
            bound: None,
            choice: vec![None; staged.instance.sites()],
            value: vec![0; staged.instance.sites()],
            saves: vec![vec![0; staged.instance.sites()]; t],
            most,
            work: 0,
        }
    }

    /// Returns the bound, times the scale, of the present multipliers.
    fn price(&mut self) -> i128 {
        let (staged, instance) = (self.staged, &self.staged.instance);
        let scale = self.now.scale;
        let mut sum = 0i128;
        for (t, year) in staged.years.iter().enumerate() {
            let saves = &mut self.saves[t];
            saves.fill(0);
            let mut own_sum = 0i128;
            for (demand, own) in self.now.demand[t].iter().enumerate() {
                let amount = i128::from(instance.amount[demand]);
                own_sum += i128::from(*own) * amount;
                for (site, cost) in self.near.of(demand) {
                    let less = i128::from(cost) * i128::from(scale) - i128::from(*own);
                    if less >= 0 {
                        break;
                    }
                    saves[site as usize] += less * amount;
                    self.work += 1;
                }
                self.work += 1;
            }
            sum += own_sum * i128::from(year.weight);
            for value in saves.iter_mut() {
                *value *= i128::from(year.weight);
            }
            let own = i128::from(self.now.opening[t]);
            let end = if own >= 0 { year.count.1 } else { year.count.0 };
            sum -= own * i128::from(end);
        }
        let spent = self.now.budget.iter().zip(&self.purses);
        let spent: i128 = spent
            .filter_map(|(own, purse)| Some(i128::from(*own) * (*purse)?))
            .sum();
        sum += (-spent).div_euclid(i128::from(BUDGET_UNIT));
        for site in 0..instance.sites() {
            sum += self.choose(site);
        }
        if self.bound.is_none_or(|b| sum > b) {
            self.bound = Some(sum);
            self.best.clone_from(&self.now);
        }
        sum
    }

    /// Lets a site choose its year; returns what it adds.
    fn choose(&mut self, site: usize) -> i128 {
        let staged = self.staged;
        let state = staged.instance.state[site];
        let fixed = i128::from(staged.instance.fixed[site]) * i128::from(self.now.scale);
        let price = i128::from(staged.price[site]);
        let (mut later, mut dearer) = (0i128, 0i128);
        let mut best = (i128::MAX, None);
        for t in (0..staged.years.len()).rev() {
            later += self.saves[t][site];
            let own = i128::from(self.now.budget[t]);
            dearer = if staged.carry { dearer + own } else { own };
            let pays = (dearer * price).div_euclid(i128::from(BUDGET_UNIT));
            let value = later + fixed + i128::from(self.now.opening[t]) + pays;
            if value <= best.0 {
                best = (value, Some(t));
            }
        }
        match state {
            State::Open => {
                (self.value[site], self.choice[site]) = (i128::MIN, None);
                later
            }
            State::Closed => {
                (self.value[site], self.choice[site]) = (i128::MAX, None);
                0
            }
            State::Candidate => {
                self.value[site] = best.0;
                self.choice[site] = best.1.filter(|_| best.0 < 0);
                best.0.min(0)
            }
        }
    }

    /// Moves the multipliers; returns whether there was anywhere to go.
    fn step(&mut self, sum: i128, target: i128, theta: f64) -> bool {
        let staged = self.staged;
        let instance = &staged.instance;
        let scale = self.now.scale;
        let open = |site: u32, t: usize| {
            instance.state[site as usize] == State::Open
                || self.choice[site as usize].is_some_and(|c| c <= t)
        };
        let mut slopes: Vec<Vec<i32>> = Vec::with_capacity(staged.years.len());
        let mut norm = 0f64;
        for (t, year) in staged.years.iter().enumerate() {
            let mut row = Vec::with_capacity(instance.demands());
            for (demand, own) in self.now.demand[t].iter().enumerate() {
                let mut slope = 1i32;
                for (site, cost) in self.near.of(demand) {
                    if i128::from(cost) * i128::from(scale) >= i128::from(*own) {
                        break;
                    }
                    slope -= i32::from(open(site, t));
                    self.work += 1;
                }
                let full = self.near.clip[demand].saturating_mul(scale);
                if slope == 1 && instance.penalty.is_some() && *own >= full {
                    slope = 0;
                }
                let size = instance.amount[demand].saturating_mul(year.weight).max(1);
                norm += f64::from(slope) * f64::from(slope) * size as f64;
                row.push(slope);
            }
            slopes.push(row);
        }
        let over = self.over();
        let still = norm == 0.0 && over.iter().all(|(c, s)| *c == 0 && *s == 0);
        if still {
            return false;
        }
        let missing = (target - sum).max(i128::from(scale)) as f64;
        let step = theta * missing / norm.max(1.0);
        for (own, slopes) in self.now.demand.iter_mut().zip(&slopes) {
            for (demand, (own, slope)) in own.iter_mut().zip(slopes).enumerate() {
                let floor = self.near.of(demand).next().map_or(0, |(_, c)| c);
                let full = self.near.clip[demand].saturating_mul(scale);
                let moved = (step * f64::from(*slope)).round() as i64;
                let low = floor.saturating_mul(scale).min(full);
                *own = own.saturating_add(moved).clamp(low, full);
            }
        }
        let counts: f64 = over.iter().map(|(c, _)| (*c as f64) * (*c as f64)).sum();
        let spent: f64 = over.iter().map(|(_, s)| (*s as f64) * (*s as f64)).sum();
        let limit = self.most;
        for (t, (count, over)) in over.into_iter().enumerate() {
            let moved = (theta * missing * 0.3 * count as f64 / counts.max(1.0)).round() as i64;
            let own = self.now.opening[t].saturating_add(moved);
            self.now.opening[t] = own.clamp(-limit, limit);
            if self.purses[t].is_none() {
                continue;
            }
            let unit = BUDGET_UNIT as f64;
            let moved =
                (theta * missing * unit * 0.3 * over as f64 / spent.max(1.0)).round() as i64;
            let own = self.now.budget[t].saturating_add(moved);
            self.now.budget[t] = own.clamp(0, self.dearest);
        }
        true
    }

    /// Returns for each year how many sites too many were chosen (too few: below
    /// nothing), and what is overspent.
    fn over(&self) -> Vec<(i64, i128)> {
        let staged = self.staged;
        let mut own: Vec<(i64, i128)> = vec![(0, 0); staged.years.len()];
        for (site, choice) in self.choice.iter().enumerate() {
            if let Some(t) = *choice {
                own[t].0 += 1;
                own[t].1 += i128::from(staged.price[site]);
            }
        }
        let mut before = 0i128;
        for (t, year) in staged.years.iter().enumerate() {
            let (count, spent) = own[t];
            before = if staged.carry { before + spent } else { spent };
            let (least, most) = (i64::from(year.count.0), i64::from(year.count.1));
            let end = match self.now.opening[t] {
                1.. => most,
                0 => count.clamp(least, most),
                _ => least,
            };
            let over = self.purses[t].map_or(0, |p| before - p);
            let idle = self.now.budget[t] == 0 && over < 0;
            own[t] = (count - end, if idle { 0 } else { over });
        }
        own
    }
}

/// Returns a plan over years and a bound.
///
/// # Errors
/// Arrays that do not fit together and sums beyond 62 bits.
pub fn years(staged: &Staged, effort: u64) -> Result<StagedOutcome, SitingError> {
    staged.check()?;
    let mut reach = staged.instance.clone();
    reach.count = (0, u32::MAX);
    let near = Near::new(&reach);
    let beyond = staged.beyond(&near).filter(|b| *b < 1 << 60);
    let beyond = beyond.ok_or(SitingError::Overflow("amounts times costs over the years"))?;
    let mut scale = 1024i64;
    while scale > 1 && beyond * i128::from(scale) >= 1 << 58 {
        scale /= 2;
    }
    let most = i64::try_from(beyond * i128::from(scale)).unwrap_or(1 << 60);
    let mut climb = Climb::new(staged, &near, scale, most);
    let mut plans = Plans::new(staged, &near);
    let mut theta = 1.0;
    let mut since = 0;
    for round in 0..1200u32 {
        let before = climb.bound;
        let sum = climb.price();
        let best = plans.best.as_ref().map(|(cost, _)| i128::from(*cost));
        let goal = best.unwrap_or(beyond);
        let reached = climb.bound.is_some_and(|b| ceil(b, scale) >= goal);
        if !reached && (round % 40 == 0) {
            plans.improve(&climb.value, &climb.choice, effort);
        }
        if reached || climb.work + plans.work > effort {
            break;
        }
        since = if climb.bound > before { 0 } else { since + 1 };
        if since >= 20 {
            (theta, since) = (theta * 0.7, 0);
            climb.now.clone_from(&climb.best);
            if theta < 0.002 {
                break;
            }
            let _ = climb.price();
        }
        let goal = plans.best.as_ref().map_or(beyond, |(c, _)| i128::from(*c));
        if !climb.step(sum, goal * i128::from(scale), theta) {
            break;
        }
    }
    plans.improve(&climb.value, &climb.choice, effort);
    unreachable(staged, &near, &mut climb);
    Ok(finish(staged, &near, &climb, &plans, beyond))
}

/// Where somebody reaches no site at all, the multiplier that says so.
fn unreachable(staged: &Staged, near: &Near, climb: &mut Climb<'_>) {
    let alone = |d: &usize| near.of(*d).next().is_none() && staged.instance.amount[*d] > 0;
    let heavy = staged.years.iter().position(|y| y.weight > 0);
    let lost = (0..staged.instance.demands()).find(alone);
    if let (None, Some(demand), Some(year)) = (&staged.instance.penalty, lost, heavy) {
        climb.now = climb.best.clone();
        climb.now.demand[year][demand] = climb.most.saturating_mul(2);
        let _ = climb.price();
    }
}

fn finish(
    staged: &Staged,
    near: &Near,
    climb: &Climb<'_>,
    plans: &Plans<'_>,
    beyond: i128,
) -> StagedOutcome {
    let bound = climb.bound.map_or(i128::MIN, |b| ceil(b, climb.now.scale));
    let prices = climb.best.clone();
    let Some((objective, opened)) = &plans.best else {
        let none = bound >= beyond;
        return StagedOutcome {
            status: if none {
                Status::ProvedInfeasible
            } else {
                Status::Unknown
            },
            opened: None,
            served: Vec::new(),
            objective: None,
            bound: i64::try_from(bound).ok().filter(|_| !none),
            prices,
        };
    };
    let bound = bound.min(i128::from(*objective));
    let served = (0..staged.years.len())
        .map(|t| plans.served(near, opened, t))
        .collect();
    StagedOutcome {
        status: if bound == i128::from(*objective) {
            Status::ProvedOptimal
        } else {
            Status::Within
        },
        opened: Some(opened.clone()),
        served,
        objective: Some(*objective),
        bound: i64::try_from(bound).ok(),
        prices,
    }
}

fn ceil(bound: i128, scale: i64) -> i128 {
    -(-bound).div_euclid(i128::from(scale))
}
