//! A problem ready for the solver and, in its own words, for the checker.

use minsheng_siting::{FORBIDDEN, Floors, Instance, Metric, State, flat};
use minsheng_verify::siting::{CaseFloors, CaseGroups, CaseMetric, SitingCase};

use super::gaps::Classes;
use super::groups::People;
use super::input::Model;
use super::side::{self, Sides};
use super::years::Staging;
use crate::error::PlainError;

/// A problem under one model.
pub(crate) struct Problem {
    pub model: Model,
    pub instance: Instance,
    pub case: SitingCase,
    pub demands: Vec<String>,
    pub sites: Vec<String>,
    /// Costs are in ten to the minus so many.
    pub places: u32,
    pub effort: Option<u64>,
    /// Groups of demands to report.
    pub people: Option<People>,
    /// The years in which sites are opened.
    pub staging: Option<Staging>,
    /// Side constraints.
    pub sides: Sides,
    /// Classes of demands whose gaps are told; only of covers.
    pub classes: Option<Classes>,
}

/// The group of each site, and each group's fewest and most.
pub(crate) type Grouped = (Vec<u32>, Vec<(u32, u32)>);

/// What every format gives.
pub(crate) struct Raw {
    pub weight: Vec<i64>,
    pub metric: Metric,
    pub case_metric: CaseMetric,
    pub fixed: Option<Vec<i64>>,
    pub state: Vec<State>,
    pub p: Option<u32>,
    pub between: (u32, u32),
    pub budget: Option<(Vec<i64>, i64)>,
    pub groups: Option<Grouped>,
    pub apart: Vec<(u32, u32)>,
    pub capacity: Option<Vec<i64>>,
    pub reach: Option<i64>,
    pub demands: Vec<String>,
    pub sites: Vec<String>,
    pub places: u32,
    pub effort: Option<u64>,
    pub people: Option<People>,
    pub floors: Option<Floors>,
    pub staging: Option<Staging>,
    pub sides: Sides,
    /// Classes of demands, where they have groups or types.
    pub classes: Option<Classes>,
}

impl Raw {
    /// Returns a problem of a matrix without anything else.
    pub fn matrix(weight: Vec<i64>, sites: usize, costs: Vec<i64>) -> Self {
        let known = |c: &i64| (*c != FORBIDDEN).then_some(*c);
        let named = |n: usize| (1..=n).map(|k| k.to_string()).collect();
        Self {
            case_metric: CaseMetric::Dense(costs.iter().map(known).collect()),
            metric: Metric::Dense(costs),
            fixed: None,
            state: vec![State::Candidate; sites],
            p: None,
            between: (0, u32::MAX),
            budget: None,
            groups: None,
            apart: Vec::new(),
            capacity: None,
            reach: None,
            demands: named(weight.len()),
            sites: named(sites),
            weight,
            places: 0,
            effort: None,
            people: None,
            floors: None,
            staging: None,
            sides: Sides::default(),
            classes: None,
        }
    }

    /// Returns the problem under a model.
    pub fn under(self, model: Model) -> Result<Problem, PlainError> {
        let (n, m) = (self.weight.len(), self.state.len());
        let need = |zh: &str, en: &str| PlainError::whole(zh, en);
        let covers = matches!(model, Model::SetCover | Model::MaxCover);
        if let Some(staging) = &self.staging {
            let room = self.capacity.is_some() && model != Model::Uncapacitated;
            staging.allow(model, room)?;
        }
        if !self.sides.names.is_empty() {
            side::allow(model, self.staging.is_some())?;
        }
        let unlimited = self.p.is_none() && self.between == (0, u32::MAX);
        if unlimited && self.budget.is_none() && self.staging.is_none() {
            match model {
                Model::PMedian | Model::PCenter | Model::MaxCover => {
                    return Err(need(
                        "缺少 `p`:该模型须给出开设数量",
                        "`p` is missing: the model needs the number of open sites",
                    ));
                }
                _ => {}
            }
        }
        let given_pairs = matches!(self.metric, Metric::Sparse { .. });
        if covers && self.reach.is_none() && !given_pairs {
            return Err(need(
                "缺少 `reach`:覆盖模型须给出服务半径",
                "`reach` is missing: a cover needs it",
            ));
        }
        if self.floors.is_some() && model != Model::MaxCover {
            return Err(need(
                "`floors` 只用于 `max-cover`:其他模型人人都得到服务",
                "`floors` stand with `max-cover` only: the other models serve everybody",
            ));
        }
        if self.floors.is_some() && self.capacity.is_some() {
            return Err(need(
                "`floors` 不能与 `capacity` 同用",
                "`floors` cannot stand with `capacity`",
            ));
        }
        let count = self.p.map_or(self.between, |p| (p, p));
        let whole = |on: bool, value: i64| {
            if on {
                vec![value; n]
            } else {
                self.weight.clone()
            }
        };
        let amount = whole(
            matches!(model, Model::SetCover) && self.capacity.is_none(),
            1,
        );
        let penalty = (model == Model::MaxCover).then(|| vec![1; n]);
        let fixed = match (model, self.fixed) {
            (Model::MaxCover | Model::PCenter, _) => vec![0; m],
            (Model::SetCover, None) => vec![1; m],
            (_, fixed) => fixed.unwrap_or_else(|| vec![0; m]),
        };
        let capacity = self.capacity.filter(|_| model != Model::Uncapacitated);
        let mut instance = Instance {
            amount: amount.clone(),
            penalty: penalty.clone(),
            metric: self.metric,
            reach: self.reach,
            fixed: fixed.clone(),
            state: self.state.clone(),
            count,
            budget: self
                .budget
                .as_ref()
                .map(|(price, limit)| minsheng_siting::Budget {
                    price: price.clone(),
                    limit: *limit,
                }),
            groups: self
                .groups
                .as_ref()
                .map(|(of, bounds)| minsheng_siting::Groups {
                    of: of.clone(),
                    bounds: bounds.clone(),
                }),
            apart: self.apart.clone(),
            capacity: capacity.clone(),
            floors: self.floors.clone(),
        };
        if covers {
            instance.metric = flat(&instance);
            instance.reach = None;
        }
        let case = SitingCase {
            amount,
            penalty,
            metric: self.case_metric,
            reach: self.reach,
            flat: covers,
            fixed,
            must_open: self.state.iter().map(|s| *s == State::Open).collect(),
            must_close: self.state.iter().map(|s| *s == State::Closed).collect(),
            count: (u64::from(count.0), u64::from(count.1)),
            budget: self.budget,
            groups: self.groups.map(|(of, bounds)| CaseGroups {
                of: of.iter().map(|g| *g as usize).collect(),
                bounds: bounds
                    .iter()
                    .map(|(a, b)| (u64::from(*a), u64::from(*b)))
                    .collect(),
            }),
            apart: self
                .apart
                .iter()
                .map(|(a, b)| (*a as usize, *b as usize))
                .collect(),
            capacity,
            floors: self.floors.map(|f| CaseFloors {
                of: f
                    .of
                    .iter()
                    .map(|g| (*g != u32::MAX).then_some(*g as usize))
                    .collect(),
                least: f.least,
            }),
            sides: self.sides.cases.clone(),
        };
        Ok(Problem {
            model,
            instance,
            case,
            demands: self.demands,
            sites: self.sites,
            places: self.places,
            effort: self.effort,
            people: self.people,
            staging: self.staging,
            sides: self.sides,
            classes: covers.then(|| self.classes.unwrap_or_else(|| Classes::one(&self.weight))),
        })
    }
}
