//! Sites opened year by year: what is said of the years, the outcome, and back.

use std::collections::HashMap;

use minsheng_siting::{Staged, StagedOutcome, Status, Year};
use minsheng_verify::Report;
use minsheng_verify::siting::{CaseYear, StagedCase, StagedClaim, StagedPrices, check_years};
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::input::{Input, Model};
use super::outcome::{name, total};
use super::place::wrong;
use super::problem::Problem;
use crate::error::PlainError;
use crate::words::{decimal, number};

const FORMAT: &str = "minsheng-site-years-1";

/// The years of a problem.
pub(crate) struct Staging {
    names: Vec<String>,
    years: Vec<Year>,
    price: Vec<i64>,
    carry: bool,
}

/// Reads the years.
pub(super) fn read(text: &str, input: &Input, sites: usize) -> Result<Option<Staging>, PlainError> {
    let wrong = |pointer: &str, zh: &str, en: &str| wrong(text, pointer, zh, en);
    if input.years.is_empty() {
        return match input.carry {
            Some(_) => Err(wrong("/carry", "没有 `years`", "needs `years`")),
            None => Ok(None),
        };
    }
    let given = [
        ("p", input.p.is_some()),
        ("min_open", input.min_open.is_some()),
        ("max_open", input.max_open.is_some()),
        ("budget", input.budget.is_some()),
        ("groups", !input.groups.is_empty()),
        ("floors", !input.floors.is_empty()),
    ];
    if let Some((name, _)) = given.iter().find(|(_, on)| *on) {
        return Err(wrong(
            &format!("/{name}"),
            "不能与 `years` 同用:每年的限制写在 `years` 里",
            "cannot stand with `years`: each year has its own limits there",
        ));
    }
    let mut seen = std::collections::HashSet::new();
    let (mut names, mut years) = (Vec::new(), Vec::new());
    for (t, year) in input.years.iter().enumerate() {
        let here = |name: &str| format!("/years/{t}/{name}");
        if !seen.insert(year.id.as_str()) {
            let id = &year.id;
            return Err(wrong(
                &here("id"),
                &format!("`{id}` 出现两次"),
                &format!("`{id}` is named twice"),
            ));
        }
        for (name, value) in [("weight", year.weight), ("budget", year.budget)] {
            if value.is_some_and(|v| v < 0) {
                return Err(wrong(&here(name), "不应为负", "is negative"));
            }
        }
        let count = (year.least.unwrap_or(0), year.most.unwrap_or(u32::MAX));
        if count.0 > count.1 {
            return Err(wrong(&here("least"), "大于 `most`", "is more than `most`"));
        }
        if year.most.is_none() && year.budget.is_none() {
            return Err(wrong(
                &format!("/years/{t}"),
                "应有 `most` 或 `budget`",
                "has to have `most` or `budget`",
            ));
        }
        names.push(year.id.clone());
        years.push(Year {
            weight: year.weight.unwrap_or(1),
            count,
            budget: year.budget,
        });
    }
    let mut price = Vec::with_capacity(sites);
    for (j, site) in input.sites.iter().flatten().enumerate() {
        let own = site.price.unwrap_or(0);
        if own < 0 {
            return Err(wrong(
                &format!("/sites/{j}/price"),
                "不应为负",
                "is negative",
            ));
        }
        price.push(own);
    }
    price.resize(sites, 0);
    Ok(Some(Staging {
        names,
        years,
        price,
        carry: input.carry.unwrap_or(false),
    }))
}

impl Staging {
    /// Refuses models that have no years.
    pub fn allow(&self, model: Model, capacity: bool) -> Result<(), PlainError> {
        if capacity {
            return Err(PlainError::whole(
                "`capacity` 不能与 `years` 同用",
                "`capacity` cannot stand with `years`",
            ));
        }
        match model {
            Model::PMedian | Model::MaxCover | Model::Uncapacitated => Ok(()),
            _ => Err(PlainError::whole(
                "`years` 只用于 `p-median`、`max-cover`、`uncapacitated`",
                "`years` stand with `p-median`, `max-cover` and `uncapacitated` only",
            )),
        }
    }

    /// Returns the problem for the solver.
    pub fn staged(&self, problem: &Problem) -> Staged {
        Staged {
            instance: problem.instance.clone(),
            years: self.years.clone(),
            price: self.price.clone(),
            carry: self.carry,
        }
    }

    fn case(&self, problem: &Problem) -> StagedCase {
        let year = |y: &Year| CaseYear {
            weight: y.weight,
            count: (u64::from(y.count.0), u64::from(y.count.1)),
            budget: y.budget,
        };
        StagedCase {
            case: problem.case.clone(),
            years: self.years.iter().map(year).collect(),
            price: self.price.clone(),
            carry: self.carry,
        }
    }

    /// What is covered in all years at most, each times its weight.
    fn whole(&self, problem: &Problem) -> i128 {
        let weights: i128 = self.years.iter().map(|y| i128::from(y.weight)).sum();
        total(problem).saturating_mul(weights)
    }

    /// Turns what is left out into what is covered, and back.
    fn turn(&self, problem: &Problem, value: i128) -> i128 {
        match problem.model {
            Model::MaxCover => self.whole(problem) - value,
            _ => value,
        }
    }

    /// Writes an outcome.
    pub fn write(&self, problem: &Problem, outcome: &StagedOutcome) -> Value {
        let places = problem.places;
        let shown = |v: Option<i64>| {
            v.map_or(Value::Null, |v| {
                number(self.turn(problem, i128::from(v)), places)
            })
        };
        let gap = outcome.objective.zip(outcome.bound);
        let gap = gap.map(|(o, b)| i128::from(o) - i128::from(b));
        let status = match (outcome.status, gap) {
            (Status::ProvedInfeasible, _) => "proved-infeasible".to_owned(),
            (_, Some(0)) => "proved-optimal".to_owned(),
            (_, Some(gap)) => format!("within {} of optimum", decimal(gap, places)),
            (_, None) => "unknown".to_owned(),
        };
        let mut out = json!({
            "mechanism": "site",
            "model": name(problem.model),
            "status": status,
            "objective": shown(outcome.objective),
            "bound": shown(outcome.bound),
            "gap": gap.map_or(Value::Null, |g| number(g, places)),
            "open": null,
            "opened": null,
            "years": null,
            "certificate": {
                "format": FORMAT,
                "scale": outcome.prices.scale,
                "demand": outcome.prices.demand,
                "opening": outcome.prices.opening,
                "budget": outcome.prices.budget,
            },
        });
        if let (Some(opened), Value::Object(map)) = (&outcome.opened, &mut out) {
            let served: Vec<Vec<Option<usize>>> = outcome
                .served
                .iter()
                .map(|year| year.iter().map(|s| s.map(|s| s as usize)).collect())
                .collect();
            self.plan(problem, opened, &served, map);
            let open: Vec<u32> = (0u32..)
                .zip(opened)
                .filter_map(|(s, t)| t.map(|_| s))
                .collect();
            super::gaps::report(problem, &open, map);
        }
        out
    }

    /// Writes the plan: who opens when, and what each year means.
    fn plan(
        &self,
        problem: &Problem,
        opened: &[Option<usize>],
        served: &[Vec<Option<usize>>],
        out: &mut Map<String, Value>,
    ) {
        let was = |site: usize| problem.case.must_open.get(site) == Some(&true);
        let ids = problem.sites.iter().zip(opened).enumerate();
        let mut when = Map::new();
        let mut open = Vec::new();
        for (site, (id, year)) in ids {
            let Some(t) = year else { continue };
            open.push(json!(id));
            let year = self.names.get(*t).filter(|_| !was(site));
            when.insert(id.clone(), json!(year));
        }
        let mut years = Vec::new();
        for (t, (year, served)) in self.names.iter().zip(served).enumerate() {
            let (mut new, mut spent) = (Vec::new(), 0i128);
            for (site, own) in opened.iter().enumerate() {
                if *own == Some(t) && !was(site) {
                    new.push(json!(problem.sites.get(site)));
                    spent += self.price.get(site).map_or(0, |p| i128::from(*p));
                }
            }
            let (mut units, mut cost) = (0i128, 0i128);
            let mut homes = Map::new();
            for (demand, id) in problem.demands.iter().enumerate() {
                let site = served.get(demand).copied().flatten();
                homes.insert(id.clone(), json!(site.and_then(|s| problem.sites.get(s))));
                let amount = problem.instance.amount.get(demand).copied().unwrap_or(0);
                if let Some(own) = site.and_then(|s| problem.instance.cost(demand, s)) {
                    units += i128::from(amount);
                    cost += i128::from(own) * i128::from(amount);
                }
            }
            let mut row = json!({
                "id": year,
                "open": new,
                "spent": number(spent, 0),
                "served": number(units, 0),
                "assignment": homes,
            });
            if let (Value::Object(map), true) = (&mut row, problem.model != Model::MaxCover) {
                map.insert("cost".into(), number(cost, problem.places));
            }
            years.push(row);
        }
        out.insert("open".into(), Value::Array(open));
        out.insert("opened".into(), Value::Object(when));
        out.insert("years".into(), Value::Array(years));
    }

    /// Checks an outcome.
    pub fn check(&self, problem: &Problem, value: &Value) -> Result<Report, PlainError> {
        Ok(check_years(
            &self.case(problem),
            &self.claim(problem, value)?,
        ))
    }

    fn claim(&self, problem: &Problem, value: &Value) -> Result<StagedClaim, PlainError> {
        let fields = Fields(value);
        fields.expect("mechanism", "site")?;
        fields.expect("model", name(problem.model))?;
        let places = problem.places;
        let wide = |name: &str| {
            let own = fields.get(name).map(|_| fields.wide(name, places));
            own.transpose()
        };
        let (objective, bound) = (wide("objective")?, wide("bound")?);
        let (objective, bound) = (
            objective.map(|v| self.turn(problem, v)),
            bound.map(|v| self.turn(problem, v)),
        );
        if objective.zip(bound).map(|(o, b)| o - b) != wide("gap")? {
            return Err(Fields::wrong(
                "gap",
                "应为目标值与下界之差",
                "has to be the difference of objective and bound",
            ));
        }
        let said = fields.text("status")?;
        let status = match wide("gap")? {
            Some(gap) if said == format!("within {} of optimum", decimal(gap, places)) => {
                format!("within {gap} of optimum")
            }
            _ => said.to_owned(),
        };
        let prices = fields.member("certificate")?;
        prices.expect("format", FORMAT)?;
        let mut rows = Vec::new();
        for row in prices.list("demand")? {
            rows.push(Fields(&json!({ "demand": row })).whole_list("demand")?);
        }
        let (mut opened, mut served) = (None, Vec::new());
        if objective.is_none() {
            fields.nothing(&["open", "opened", "years"])?;
            super::gaps::check(problem, value, None)?;
        } else {
            let (when, homes) = self.read_plan(problem, &fields)?;
            // Everything else that is said of the years follows from these two.
            let mut wanted = Map::new();
            self.plan(problem, &when, &homes, &mut wanted);
            for name in ["open", "opened", "years"] {
                if value.get(name) != wanted.get(name) {
                    return Err(Fields::wrong(
                        name,
                        "与方案不符",
                        "does not follow from the plan",
                    ));
                }
            }
            let open: Vec<usize> = (0..when.len())
                .filter(|s| when.get(*s).is_some_and(Option::is_some))
                .collect();
            super::gaps::check(problem, value, Some(&open))?;
            (opened, served) = (Some(when), homes);
        }
        Ok(StagedClaim {
            opened,
            served,
            objective,
            bound,
            status,
            prices: StagedPrices {
                scale: prices.whole("scale")?,
                demand: rows,
                opening: prices.whole_list("opening")?,
                budget: prices.whole_list("budget")?,
            },
        })
    }

    #[expect(
        clippy::type_complexity,
        reason = "sites' years, and who goes where in each"
    )]
    fn read_plan(
        &self,
        problem: &Problem,
        fields: &Fields<'_>,
    ) -> Result<(Vec<Option<usize>>, Vec<Vec<Option<usize>>>), PlainError> {
        let index: HashMap<&str, usize> = problem
            .sites
            .iter()
            .enumerate()
            .map(|(k, id)| (id.as_str(), k))
            .collect();
        let bad = |name: &str, id: &str| {
            Fields::wrong(
                name,
                &format!("`{id}` 不存在"),
                &format!("`{id}` is not there"),
            )
        };
        let Value::Object(named) = fields.member("opened")?.0 else {
            return Err(Fields::wrong("opened", "应为对象", "has to be an object"));
        };
        let mut when = vec![None; problem.sites.len()];
        for (id, year) in named {
            let site = index.get(id.as_str()).copied();
            let t = match year {
                Value::Null => Some(0),
                Value::String(year) => self.names.iter().position(|n| n == year),
                _ => None,
            };
            let slot = site
                .and_then(|s| when.get_mut(s))
                .ok_or_else(|| bad("opened", id))?;
            *slot = Some(t.ok_or_else(|| bad("opened", id))?);
        }
        let mut homes = Vec::new();
        for year in fields.list("years")? {
            let Some(Value::Object(own)) = year.get("assignment") else {
                return Err(Fields::wrong(
                    "years",
                    "应有 `assignment`",
                    "has no `assignment`",
                ));
            };
            let mut row = Vec::with_capacity(problem.demands.len());
            for id in &problem.demands {
                row.push(match own.get(id) {
                    Some(Value::Null) => None,
                    Some(Value::String(name)) => Some(
                        index
                            .get(name.as_str())
                            .copied()
                            .ok_or_else(|| bad("years", name))?,
                    ),
                    _ => return Err(bad("years", id)),
                });
            }
            homes.push(row);
        }
        Ok((when, homes))
    }
}
