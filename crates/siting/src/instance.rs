use crate::error::SitingError;
use crate::geometry::Measure;

/// The cost of a pair that must not be used.
pub const FORBIDDEN: i64 = i64::MAX;

/// What may become of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It may be opened.
    Candidate,
    /// It is open and stays so.
    Open,
    /// It must not be opened.
    Closed,
}

/// Demands and sites as points, in millimetres.
#[derive(Debug, Clone)]
pub struct Points {
    /// Where demand is; the third number is nothing in a plane.
    pub demand: Vec<[i64; 3]>,
    /// Where sites are.
    pub site: Vec<[i64; 3]>,
    /// How far it is.
    pub measure: Measure,
}

/// What a unit of each demand costs at each site; never negative.
#[derive(Debug, Clone)]
pub enum Metric {
    /// Demand by demand, every site; [`FORBIDDEN`] where it cannot go.
    Dense(Vec<i64>),
    /// Only some pairs.
    Sparse {
        /// Offsets into the pairs, one more than there are demands.
        first: Vec<usize>,
        /// The site of each pair, at most once for a demand.
        site: Vec<u32>,
        /// Its cost.
        cost: Vec<i64>,
    },
    /// The distance; nothing is kept for the pairs.
    Points(Points),
}

/// A sum that must not be passed.
#[derive(Debug, Clone)]
pub struct Budget {
    /// What each site takes of it.
    pub price: Vec<i64>,
    /// How much there is.
    pub limit: i64,
}

/// Sites in groups, and how many of each group are open.
#[derive(Debug, Clone)]
pub struct Groups {
    /// The group of each site.
    pub of: Vec<u32>,
    /// For each group the fewest and the most.
    pub bounds: Vec<(u32, u32)>,
}

/// Demands in groups, and how many units of each group have to be served at least.
#[derive(Debug, Clone)]
pub struct Floors {
    /// The group of each demand; [`u32::MAX`] for one without a floor.
    pub of: Vec<u32>,
    /// For each group the fewest units that are not left out.
    pub least: Vec<i64>,
}

/// A problem.
#[derive(Debug, Clone)]
pub struct Instance {
    /// For each demand its units.
    pub amount: Vec<i64>,
    /// For each demand what a unit left out costs; nothing when all must be served.
    pub penalty: Option<Vec<i64>>,
    /// What a unit costs where.
    pub metric: Metric,
    /// Pairs that cost more than this are not used.
    pub reach: Option<i64>,
    /// For each site what opening it costs.
    pub fixed: Vec<i64>,
    /// For each site what may become of it.
    pub state: Vec<State>,
    /// The fewest and the most sites open.
    pub count: (u32, u32),
    /// A limit on the open sites' prices.
    pub budget: Option<Budget>,
    /// Limits by group.
    pub groups: Option<Groups>,
    /// Pairs of sites that must not both be open.
    pub apart: Vec<(u32, u32)>,
    /// For each site the most units it takes; nothing when there is no limit.
    pub capacity: Option<Vec<i64>>,
    /// The fewest units served of each group of demands; only with penalties, and not
    /// together with capacities, and all pairs free.
    pub floors: Option<Floors>,
}

impl Instance {
    /// Returns how many demands there are.
    #[must_use]
    pub fn demands(&self) -> usize {
        self.amount.len()
    }

    /// Returns how many sites there are.
    #[must_use]
    pub fn sites(&self) -> usize {
        self.state.len()
    }

    /// Checks that the arrays fit together and nothing is negative.
    pub(crate) fn check(&self) -> Result<(), SitingError> {
        let (n, m) = (self.demands(), self.sites());
        if u32::try_from(n).is_err() || u32::try_from(m).is_err() {
            return Err(SitingError::Overflow("demands and sites"));
        }
        let per_site = [
            Some(&self.fixed),
            self.budget.as_ref().map(|b| &b.price),
            self.capacity.as_ref(),
        ];
        for (what, values) in ["fixed cost", "price", "capacity"]
            .into_iter()
            .zip(per_site)
        {
            let Some(values) = values else { continue };
            if values.len() != m {
                return Err(SitingError::Shape("one entry per site"));
            }
            negative(what, values)?;
        }
        if self.penalty.as_ref().is_some_and(|p| p.len() != n) {
            return Err(SitingError::Shape("one penalty per demand"));
        }
        negative("amount", &self.amount)?;
        negative("penalty", self.penalty.as_deref().unwrap_or_default())?;
        let far = |id: &u32| *id as usize >= m;
        if self.apart.iter().any(|(a, b)| far(a) || far(b)) {
            return Err(SitingError::Shape("pairs of sites that are there"));
        }
        if let Some(groups) = &self.groups
            && (groups.of.len() != m
                || groups.of.iter().any(|g| *g as usize >= groups.bounds.len()))
        {
            return Err(SitingError::Shape("a group that is there for each site"));
        }
        if let Some(floors) = &self.floors {
            let far = |g: &u32| *g != u32::MAX && *g as usize >= floors.least.len();
            if floors.of.len() != n || floors.of.iter().any(far) {
                return Err(SitingError::Shape("a floor's group for each demand"));
            }
            if self.penalty.is_none() || self.capacity.is_some() {
                return Err(SitingError::Shape(
                    "penalties and no capacities with floors",
                ));
            }
            let free = match &self.metric {
                Metric::Sparse { cost, .. } => cost.iter().all(|c| *c == 0),
                _ => false,
            };
            if !free {
                return Err(SitingError::Shape("pairs without a cost with floors"));
            }
            negative("floor", &floors.least)?;
        }
        self.check_metric(n, m)
    }

    /// Returns for each floor how many units of its group may be left out; less than
    /// nothing when the group is too small.
    pub(crate) fn slack(&self) -> Vec<i64> {
        let Some(floors) = &self.floors else {
            return Vec::new();
        };
        let mut slack: Vec<i64> = floors.least.iter().map(|l| -l).collect();
        for (group, amount) in floors.of.iter().zip(&self.amount) {
            if let Some(slot) = slack.get_mut(*group as usize) {
                *slot = slot.saturating_add(*amount);
            }
        }
        slack
    }

    /// Returns one unit more than any plan costs, where units may be left out and
    /// everything else is free.
    pub(crate) fn beyond(&self) -> i64 {
        let all = self.penalty.iter().flatten().zip(&self.amount);
        let opening = self.fixed.iter().map(|f| i128::from(*f)).sum::<i128>();
        let left = all.map(|(p, a)| i128::from(*p) * i128::from(*a));
        let left = left.fold(opening, i128::saturating_add);
        i64::try_from(left.saturating_add(1)).unwrap_or(i64::MAX)
    }

    fn check_metric(&self, n: usize, m: usize) -> Result<(), SitingError> {
        match &self.metric {
            Metric::Dense(cost) => {
                if Some(cost.len()) != n.checked_mul(m) {
                    return Err(SitingError::Shape("one cost per demand and site"));
                }
                negative("cost", cost)
            }
            Metric::Sparse { first, site, cost } => {
                let ordered = first.windows(2).all(|w| w.first() <= w.last());
                let fits = first.len() == n + 1
                    && first.first() == Some(&0)
                    && first.last() == Some(&site.len())
                    && cost.len() == site.len();
                if !ordered || !fits || site.iter().any(|s| *s as usize >= m) {
                    return Err(SitingError::Shape("offsets, sites and costs of the pairs"));
                }
                negative("cost", cost)
            }
            Metric::Points(points) => {
                if points.demand.len() != n || points.site.len() != m {
                    return Err(SitingError::Shape("one point per demand and site"));
                }
                let far = |p: &[i64; 3]| p.iter().any(|x| x.abs() > 1 << 40);
                if points.demand.iter().chain(&points.site).any(far) {
                    return Err(SitingError::Overflow("coordinates"));
                }
                if !(1..=1_000_000).contains(&points.measure.per_metre) {
                    return Err(SitingError::Shape("from 1 to 1,000,000 units a metre"));
                }
                Ok(())
            }
        }
    }

    /// Returns the cost of a unit of a demand at a site, if it may go there.
    #[must_use]
    pub fn cost(&self, demand: usize, site: usize) -> Option<i64> {
        let cost = match &self.metric {
            Metric::Dense(cost) => *cost.get(demand * self.sites() + site)?,
            Metric::Sparse {
                first,
                site: sites,
                cost,
            } => {
                let range = *first.get(demand)?..*first.get(demand + 1)?;
                let at = sites
                    .get(range.clone())?
                    .iter()
                    .position(|s| *s as usize == site)?;
                *cost.get(range.start + at)?
            }
            Metric::Points(points) => {
                let (a, b) = (points.demand.get(demand)?, points.site.get(site)?);
                points.measure.of(squared(a, b))
            }
        };
        let within = self.reach.is_none_or(|r| cost <= r);
        (cost != FORBIDDEN && within).then_some(cost)
    }
}

/// Returns the squared distance in square millimetres.
pub(crate) fn squared(a: &[i64; 3], b: &[i64; 3]) -> u128 {
    let side = |x: &i64, y: &i64| {
        let d = u128::from(x.abs_diff(*y));
        d * d
    };
    a.iter().zip(b).map(|(x, y)| side(x, y)).sum()
}

fn negative(what: &'static str, values: &[i64]) -> Result<(), SitingError> {
    match values.iter().position(|v| *v < 0) {
        Some(index) => Err(SitingError::Negative { what, index }),
        None => Ok(()),
    }
}
