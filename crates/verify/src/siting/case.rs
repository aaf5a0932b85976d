use super::length::{Length, on_sphere};
use super::side::CaseSide;

/// How a distance becomes whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseRounding {
    /// Down.
    Floor,
    /// To the nearest, halves up.
    Nearest,
    /// Up.
    Ceil,
}

/// What a unit costs where.
#[derive(Debug, Clone)]
pub enum CaseMetric {
    /// Demand by demand, every site; nothing where it cannot go.
    Dense(Vec<Option<i64>>),
    /// For each demand (site, cost), any order, a site at most once.
    Sparse(Vec<Vec<(u32, i64)>>),
    /// Points of a plane in millimetres, or of the sphere in billionths of a degree
    /// (longitude, latitude).
    Points {
        /// Where demand is.
        demand: Vec<(i64, i64)>,
        /// Where sites are.
        site: Vec<(i64, i64)>,
        /// Whether these are longitudes and latitudes.
        sphere: bool,
        /// Units of cost a metre.
        per_metre: i64,
        /// How they become whole.
        rounding: CaseRounding,
    },
}

/// Groups of sites and how many of each may be open.
#[derive(Debug, Clone)]
pub struct CaseGroups {
    /// The group of each site.
    pub of: Vec<usize>,
    /// The fewest and the most.
    pub bounds: Vec<(u64, u64)>,
}

/// Groups of demands and how many units of each have to be served.
#[derive(Debug, Clone)]
pub struct CaseFloors {
    /// The group of each demand; nothing for one without a floor.
    pub of: Vec<Option<usize>>,
    /// The fewest units.
    pub least: Vec<i64>,
}

/// An instance as the checker reads it.
#[derive(Debug, Clone)]
pub struct SitingCase {
    /// For each demand its units.
    pub amount: Vec<i64>,
    /// What a unit left out costs; nothing when nobody may be left out.
    pub penalty: Option<Vec<i64>>,
    /// What a unit costs where.
    pub metric: CaseMetric,
    /// Pairs that cost more are not used.
    pub reach: Option<i64>,
    /// Whether all pairs within reach cost nothing.
    pub flat: bool,
    /// What opening costs.
    pub fixed: Vec<i64>,
    /// Whether a site is open from the beginning and stays so.
    pub must_open: Vec<bool>,
    /// Whether a site must not be opened.
    pub must_close: Vec<bool>,
    /// The fewest and the most open.
    pub count: (u64, u64),
    /// For each site its price, and what all may cost.
    pub budget: Option<(Vec<i64>, i64)>,
    /// Groups.
    pub groups: Option<CaseGroups>,
    /// Pairs not open together.
    pub apart: Vec<(usize, usize)>,
    /// For each site the most units.
    pub capacity: Option<Vec<i64>>,
    /// The fewest units served of each group of demands.
    pub floors: Option<CaseFloors>,
    /// Weighted sums of open sites that have to stay between two ends.
    pub sides: Vec<CaseSide>,
}

/// All costs of one demand at a time.
pub(super) struct Pairs<'a> {
    case: &'a SitingCase,
    length: Length,
    demand: Vec<[i64; 3]>,
    site: Vec<[i64; 3]>,
}

impl SitingCase {
    /// Returns how many sites there are.
    #[must_use]
    pub fn sites(&self) -> usize {
        self.must_open.len()
    }

    /// Returns whether the arrays fit together.
    pub(super) fn fits(&self) -> bool {
        let (n, m) = (self.amount.len(), self.sites());
        let metric = match &self.metric {
            CaseMetric::Dense(cost) => Some(cost.len()) == n.checked_mul(m),
            CaseMetric::Sparse(lists) => lists.len() == n,
            CaseMetric::Points { demand, site, .. } => demand.len() == n && site.len() == m,
        };
        let nothing_negative = |v: &[i64]| v.iter().all(|x| *x >= 0);
        metric
            && self.fixed.len() == m
            && self.must_close.len() == m
            && nothing_negative(&self.amount)
            && nothing_negative(&self.fixed)
            && self
                .penalty
                .as_ref()
                .is_none_or(|p| p.len() == n && nothing_negative(p))
            && self
                .budget
                .as_ref()
                .is_none_or(|(p, _)| p.len() == m && nothing_negative(p))
            && self
                .capacity
                .as_ref()
                .is_none_or(|c| c.len() == m && nothing_negative(c))
            && self
                .groups
                .as_ref()
                .is_none_or(|g| g.of.len() == m && g.of.iter().all(|own| *own < g.bounds.len()))
            && self
                .sides
                .iter()
                .all(|s| s.weights.iter().all(|(site, _)| *site < m))
            && self.floors.as_ref().is_none_or(|f| {
                f.of.len() == n
                    && f.of.iter().flatten().all(|own| *own < f.least.len())
                    && nothing_negative(&f.least)
            })
    }

    /// Returns how many units of each floor's group a plan may leave out.
    pub(super) fn slack(&self) -> Vec<i128> {
        let Some(floors) = &self.floors else {
            return Vec::new();
        };
        let mut slack: Vec<i128> = floors.least.iter().map(|l| -i128::from(*l)).collect();
        for (group, amount) in floors.of.iter().zip(&self.amount) {
            if let Some(slot) = group.and_then(|g| slack.get_mut(g)) {
                *slot += i128::from(*amount);
            }
        }
        slack
    }

    /// Returns the instance in which only leaving a unit out costs: 1.
    pub(super) fn left_out(&self) -> Self {
        let mut other = self.clone();
        other.penalty = Some(vec![1; self.amount.len()]);
        other.fixed = vec![0; self.sites()];
        if self.capacity.is_none() {
            other.amount = vec![1; self.amount.len()];
        }
        let pairs = Pairs::new(self);
        let free = |demand| {
            let mut list = Vec::new();
            pairs.each(demand, None, &mut |site, _| {
                list.push((u32::try_from(site).unwrap_or(u32::MAX), 0));
            });
            list
        };
        other.metric = CaseMetric::Sparse((0..self.amount.len()).map(free).collect());
        other.reach = None;
        other.floors = None;
        other.flat = false;
        other
    }
}

impl<'a> Pairs<'a> {
    pub fn new(case: &'a SitingCase) -> Self {
        let mut pairs = Self {
            case,
            length: Length {
                sphere: false,
                per_metre: 1,
                rounding: CaseRounding::Floor,
            },
            demand: Vec::new(),
            site: Vec::new(),
        };
        if let CaseMetric::Points {
            demand,
            site,
            sphere,
            per_metre,
            rounding,
        } = &case.metric
        {
            let place = |p: &(i64, i64)| {
                if *sphere {
                    on_sphere(p.0, p.1)
                } else {
                    [p.0, p.1, 0]
                }
            };
            pairs.length = Length {
                sphere: *sphere,
                per_metre: *per_metre,
                rounding: *rounding,
            };
            pairs.demand = demand.iter().map(place).collect();
            pairs.site = site.iter().map(place).collect();
        }
        pairs
    }

    /// Calls `visit` with every site the demand may go to and what it costs; with
    /// `below` only where it costs less than that, at least.
    pub fn each(&self, demand: usize, below: Option<i64>, visit: &mut dyn FnMut(usize, i64)) {
        let reach = self.case.reach.unwrap_or(i64::MAX);
        let mut offer = |site: usize, cost: i64| {
            let counted = if self.case.flat { 0 } else { cost };
            if cost <= reach && below.is_none_or(|b| counted < b) {
                visit(site, counted);
            }
        };
        match &self.case.metric {
            CaseMetric::Dense(costs) => {
                let m = self.case.sites();
                let row = costs.get(demand * m..(demand + 1) * m).unwrap_or_default();
                for (site, cost) in row.iter().enumerate() {
                    if let Some(cost) = cost {
                        offer(site, *cost);
                    }
                }
            }
            CaseMetric::Sparse(lists) => {
                for (site, cost) in lists.get(demand).into_iter().flatten() {
                    offer(*site as usize, *cost);
                }
            }
            CaseMetric::Points { .. } => {
                let Some(from) = self.demand.get(demand) else {
                    return;
                };
                let wanted = below
                    .filter(|_| !self.case.flat)
                    .map_or(reach, |b| reach.min(b));
                let limit = self.length.limit(wanted);
                for (site, to) in self.site.iter().enumerate() {
                    if let Some(squared) = within(from, to, limit) {
                        offer(site, self.length.of(squared));
                    }
                }
            }
        }
    }

    /// Returns the cost of one pair.
    pub fn cost(&self, demand: usize, site: usize) -> Option<i64> {
        let mut found = None;
        match &self.case.metric {
            CaseMetric::Points { .. } => {
                let (from, to) = (self.demand.get(demand)?, self.site.get(site)?);
                let cost = self.length.of(within(from, to, u128::MAX)?);
                let counted = if self.case.flat { 0 } else { cost };
                found = (cost <= self.case.reach.unwrap_or(i64::MAX)).then_some(counted);
            }
            _ => self.each(demand, None, &mut |own, cost| {
                if own == site {
                    found = Some(cost);
                }
            }),
        }
        found
    }
}

/// Returns the squared straight distance unless it is above the limit.
fn within(a: &[i64; 3], b: &[i64; 3], limit: u128) -> Option<u128> {
    let mut sum = 0u128;
    for (x, y) in a.iter().zip(b) {
        let d = u128::from(x.abs_diff(*y));
        sum = sum.checked_add(d.checked_mul(d)?)?;
        if sum > limit {
            return None;
        }
    }
    Some(sum)
}

/// The distances of points, measured pair by pair.
#[derive(Debug)]
pub struct Distances {
    length: Length,
    demand: Vec<[i64; 3]>,
    site: Vec<[i64; 3]>,
}

impl Distances {
    /// Places the points; of anything but points nothing is measured.
    #[must_use]
    pub fn new(metric: &CaseMetric) -> Self {
        let CaseMetric::Points {
            demand,
            site,
            sphere,
            per_metre,
            rounding,
        } = metric
        else {
            return Self {
                length: Length {
                    sphere: false,
                    per_metre: 1,
                    rounding: CaseRounding::Floor,
                },
                demand: Vec::new(),
                site: Vec::new(),
            };
        };
        let place = |p: &(i64, i64)| {
            if *sphere {
                on_sphere(p.0, p.1)
            } else {
                [p.0, p.1, 0]
            }
        };
        Self {
            length: Length {
                sphere: *sphere,
                per_metre: *per_metre,
                rounding: *rounding,
            },
            demand: demand.iter().map(place).collect(),
            site: site.iter().map(place).collect(),
        }
    }

    /// Returns a square beyond which no distance is at most `reach`.
    pub(super) fn limit(&self, reach: i64) -> u128 {
        self.length.limit(reach)
    }

    /// Returns the distance over a squared straight one.
    pub(super) fn length(&self, squared: u128) -> i64 {
        self.length.of(squared)
    }

    /// Returns the places of demands and of sites, in millimetres.
    pub(super) fn places(&self) -> (&[[i64; 3]], &[[i64; 3]]) {
        (&self.demand, &self.site)
    }

    /// Returns the cost of a pair, if both are there.
    #[must_use]
    pub fn cost(&self, demand: usize, site: usize) -> Option<i64> {
        let squared = within(self.demand.get(demand)?, self.site.get(site)?, u128::MAX)?;
        Some(self.length.of(squared))
    }
}
