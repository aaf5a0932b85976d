//! Transport problems as JSON.

use std::collections::{BTreeMap, HashSet};

use minsheng_assignment as solver;
use minsheng_assignment::{FORBIDDEN, Matrix, Network, UNLIMITED};
use minsheng_siting::{Metric, State};
use minsheng_verify::siting::Distances;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Number, Value, json};

use super::dimacs::merge;
use crate::error::PlainError;
use crate::site::place::{Measured, wrong};
use crate::site::{Ground, Round};
use crate::solve::syntax;
use crate::travel::{self, Pair};
use crate::words::number;

/// A transport problem: demands, providers and what a unit costs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Who has to be served.
    demands: Vec<Demand>,
    /// Who has places.
    providers: Vec<Provider>,
    /// For each demand the cost of a unit at every provider; null where it cannot go.
    costs: Option<Vec<Vec<Option<i64>>>>,
    /// Instead of `costs` or coordinates: (demand, provider, cost of a unit), whole
    /// numbers; a pair that is not named cannot be used.
    pairs: Option<Vec<Pair>>,
    /// How far points are apart, when there are no `costs`.
    metric: Option<Ground>,
    /// Units of cost a metre (1 unless given).
    units_per_metre: Option<i64>,
    /// How a distance becomes whole (`floor` unless given).
    rounding: Option<Round>,
    /// Pairs that cost more are not used.
    reach: Option<i64>,
    /// Whether every demand has to be at one provider.
    #[serde(default)]
    whole: bool,
    /// What happens when there is too little capacity: `refuse` (unless given), or
    /// `share`: every capacity is stretched by the same smallest share.
    #[serde(default)]
    overload: Overload,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Overload {
    #[default]
    Refuse,
    Share,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Demand {
    id: String,
    /// Units; 1 unless given.
    amount: Option<i64>,
    x: Option<Number>,
    y: Option<Number>,
    lon: Option<Number>,
    lat: Option<Number>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Provider {
    id: String,
    /// The most units.
    capacity: i64,
    /// The fewest units (0 unless given).
    minimum: Option<i64>,
    x: Option<Number>,
    y: Option<Number>,
    lon: Option<Number>,
    lat: Option<Number>,
}

/// Returns the JSON Schema of a transport problem.
#[must_use]
pub fn schema() -> Value {
    schemars::schema_for!(Input).to_value()
}

/// A transport problem ready for solver and checker.
pub(super) struct Transport {
    pub demands: Vec<String>,
    pub providers: Vec<String>,
    pub amount: Vec<i64>,
    pub lower: Vec<i64>,
    pub capacity: Vec<i64>,
    pub matrix: Matrix,
    /// What the checker measures again, with the reach.
    pub places: Option<(Distances, Option<i64>)>,
    pub whole: bool,
    pub overload: Overload,
}

const CELLS: usize = 100_000_000;
pub(super) const FORMAT: &str = "minsheng-assign-1";

fn ids<'a>(
    text: &str,
    list: &str,
    ids: impl Iterator<Item = &'a String>,
) -> Result<Vec<String>, PlainError> {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for (index, id) in ids.enumerate() {
        if !seen.insert(id) {
            return Err(wrong(
                text,
                &format!("/{list}/{index}/id"),
                &format!("`{id}` 出现两次"),
                &format!("`{id}` is named twice"),
            ));
        }
        all.push(id.clone());
    }
    Ok(all)
}

pub(super) fn read(text: &str) -> Result<Transport, PlainError> {
    let input: Input = serde_json::from_str(text).map_err(|e| syntax(&e))?;
    let (n, m) = (input.demands.len(), input.providers.len());
    if n.checked_mul(m).is_none_or(|c| c > CELLS) {
        return Err(wrong(
            text,
            "/demands",
            "问题过大",
            "are too many for these providers",
        ));
    }
    let negative = |pointer: String, value: i64| {
        if value < 0 {
            return Err(wrong(
                text,
                &pointer,
                &format!("`{value}` 不应为负"),
                &format!("`{value}` is negative"),
            ));
        }
        Ok(value)
    };
    let mut amount = Vec::with_capacity(n);
    for (i, demand) in input.demands.iter().enumerate() {
        amount.push(negative(
            format!("/demands/{i}/amount"),
            demand.amount.unwrap_or(1),
        )?);
    }
    let (mut lower, mut capacity) = (Vec::with_capacity(m), Vec::with_capacity(m));
    for (j, provider) in input.providers.iter().enumerate() {
        let least = negative(
            format!("/providers/{j}/minimum"),
            provider.minimum.unwrap_or(0),
        )?;
        let most = negative(format!("/providers/{j}/capacity"), provider.capacity)?;
        if least > most {
            return Err(wrong(
                text,
                &format!("/providers/{j}/minimum"),
                "大于容量",
                "is above the capacity",
            ));
        }
        lower.push(least);
        capacity.push(most);
    }
    if input.overload == Overload::Share && lower.iter().any(|l| *l > 0) {
        return Err(wrong(
            text,
            "/overload",
            "不能与 `minimum` 同用",
            "cannot stand with `minimum`",
        ));
    }
    let demands = ids(text, "demands", input.demands.iter().map(|d| &d.id))?;
    let providers = ids(text, "providers", input.providers.iter().map(|p| &p.id))?;
    let (matrix, places) = match (&input.costs, &input.pairs) {
        (Some(_), Some(_)) => {
            return Err(wrong(
                text,
                "/pairs",
                "不能与 `costs` 同用",
                "cannot stand with `costs`",
            ));
        }
        (Some(costs), None) => (given(text, costs, n, m, input.reach)?, None),
        (None, Some(pairs)) => {
            let lists = travel::lists(text, pairs, &demands, &providers)?;
            (paired(&lists, m, input.reach), None)
        }
        (None, None) => measured(text, &input)?,
    };
    Ok(Transport {
        demands,
        providers,
        amount,
        lower,
        capacity,
        matrix,
        places,
        whole: input.whole,
        overload: input.overload,
    })
}

fn given(
    text: &str,
    costs: &[Vec<Option<i64>>],
    n: usize,
    m: usize,
    reach: Option<i64>,
) -> Result<Matrix, PlainError> {
    if costs.len() != n {
        return Err(wrong(
            text,
            "/costs",
            &format!("应有 {n} 行"),
            &format!("has to have {n} rows"),
        ));
    }
    let mut cells = Vec::with_capacity(n * m);
    for (i, row) in costs.iter().enumerate() {
        if row.len() != m {
            return Err(wrong(
                text,
                &format!("/costs/{i}"),
                &format!("应有 {m} 个数"),
                &format!("has to have {m} numbers"),
            ));
        }
        for (j, cost) in row.iter().enumerate() {
            if *cost == Some(FORBIDDEN) {
                return Err(wrong(
                    text,
                    &format!("/costs/{i}/{j}"),
                    "过大",
                    "is too large",
                ));
            }
            cells.push(
                cost.filter(|c| reach.is_none_or(|r| *c <= r))
                    .unwrap_or(FORBIDDEN),
            );
        }
    }
    Ok(Matrix {
        providers: m,
        costs: cells,
    })
}

/// Returns the matrix of the pairs within reach.
fn paired(lists: &[Vec<(u32, i64)>], m: usize, reach: Option<i64>) -> Matrix {
    let mut costs = vec![FORBIDDEN; lists.len() * m];
    for (i, list) in lists.iter().enumerate() {
        for (j, cost) in list {
            if let Some(cell) = costs.get_mut(i * m + *j as usize)
                && reach.is_none_or(|r| *cost <= r)
            {
                *cell = *cost;
            }
        }
    }
    Matrix {
        providers: m,
        costs,
    }
}

/// Returns the distances, and what measures them again.
type MeasuredCosts = (Matrix, Option<(Distances, Option<i64>)>);

fn measured(text: &str, input: &Input) -> Result<MeasuredCosts, PlainError> {
    let per_metre = input.units_per_metre.unwrap_or(1);
    if !(1..=1_000_000).contains(&per_metre) {
        return Err(wrong(
            text,
            "/units_per_metre",
            "应在 1 到 1000000 之间",
            "has to be from 1 to 1000000",
        ));
    }
    let how = Measured {
        ground: input.metric.unwrap_or(Ground::Planar),
        per_metre,
        rounding: input.rounding.unwrap_or(Round::Floor),
    };
    let mut demand = Vec::new();
    for (i, d) in input.demands.iter().enumerate() {
        let given = [d.x.as_ref(), d.y.as_ref(), d.lon.as_ref(), d.lat.as_ref()];
        demand.push(how.point(text, &format!("/demands/{i}"), given)?);
    }
    let mut site = Vec::new();
    for (j, p) in input.providers.iter().enumerate() {
        let given = [p.x.as_ref(), p.y.as_ref(), p.lon.as_ref(), p.lat.as_ref()];
        site.push(how.point(text, &format!("/providers/{j}"), given)?);
    }
    let m = site.len();
    let all = minsheng_siting::Instance {
        amount: vec![1; demand.len()],
        penalty: None,
        metric: Metric::Points(how.points(&demand, &site)),
        reach: input.reach,
        fixed: vec![0; m],
        state: vec![State::Candidate; m],
        count: (0, u32::MAX),
        budget: None,
        groups: None,
        apart: Vec::new(),
        capacity: None,
        floors: None,
    };
    let mut costs = Vec::with_capacity(demand.len() * m);
    for i in 0..demand.len() {
        costs.extend((0..m).map(|j| all.cost(i, j).unwrap_or(FORBIDDEN)));
    }
    let again = Distances::new(&how.case(demand, site));
    Ok((
        Matrix {
            providers: m,
            costs,
        },
        Some((again, input.reach)),
    ))
}

impl Transport {
    fn problem<'a>(&'a self, capacity: &'a [i64]) -> solver::Problem<'a, Matrix> {
        solver::Problem {
            amount: &self.amount,
            capacity,
            costs: &self.matrix,
        }
    }

    /// The same as a graph: demands, providers, and one node that takes everything.
    pub fn graph(&self) -> Network {
        let (n, m) = (self.amount.len(), self.capacity.len());
        let id = |k: usize| u32::try_from(k).unwrap_or(u32::MAX);
        let mut net = Network::default();
        net.supply.extend(&self.amount);
        net.supply.extend(vec![0; m]);
        let all: i64 = self.amount.iter().fold(0, |s: i64, a| s.saturating_add(*a));
        net.supply.push(-all);
        let mut arc = |from: usize, to: usize, lower: i64, upper: i64, cost: i64| {
            net.from.push(id(from));
            net.to.push(id(to));
            net.lower.push(lower);
            net.upper.push(upper);
            net.cost.push(cost);
        };
        for (cell, cost) in self.matrix.costs.iter().enumerate() {
            if *cost != FORBIDDEN {
                arc(cell / m.max(1), n + cell % m.max(1), 0, UNLIMITED, *cost);
            }
        }
        for (j, (lower, upper)) in self.lower.iter().zip(&self.capacity).enumerate() {
            arc(n + j, n + m, *lower, *upper, 0);
        }
        net
    }
}

fn said(e: &solver::AssignmentError) -> PlainError {
    PlainError::whole(format!("无法求解:{e}"), e.to_string())
}

pub(super) fn solve(t: &Transport) -> Result<Value, PlainError> {
    if t.lower.iter().any(|l| *l > 0) {
        return solve_with_minimum(t);
    }
    let mut shared = None;
    let mut capacity = t.capacity.clone();
    let mut outcome = solver::transport(&t.problem(&t.capacity)).map_err(|e| said(&e))?;
    if t.overload == Overload::Share && matches!(outcome, solver::Transport::Infeasible { .. }) {
        let stretched = solver::share_overload(&t.problem(&t.capacity)).map_err(|e| said(&e))?;
        outcome = stretched.outcome;
        capacity = stretched.capacity;
        shared = stretched.witness.map(|w| (stretched.per_mille, w));
    }
    match outcome {
        solver::Transport::Infeasible { demands } => Ok(infeasible(&demands)),
        solver::Transport::Optimal(plan) => optimal(t, &capacity, &plan, shared),
    }
}

fn infeasible(demands: &[u32]) -> Value {
    json!({
        "mechanism": "assign", "model": "transport", "status": "proved-infeasible",
        "objective": null, "bound": null, "gap": null, "assignment": null,
        "certificate": { "format": FORMAT, "demands": demands },
    })
}

/// Where units go, as the outcome shows it.
fn shown(t: &Transport, flow: &[(u32, u32, i64)]) -> Value {
    let mut all: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
    for id in &t.demands {
        all.insert(id, BTreeMap::new());
    }
    for (demand, provider, units) in flow {
        if let (Some(d), Some(p)) = (
            t.demands.get(*demand as usize),
            t.providers.get(*provider as usize),
        ) {
            all.entry(d).or_default().insert(p, *units);
        }
    }
    json!(all)
}

fn optimal(
    t: &Transport,
    capacity: &[i64],
    plan: &solver::Plan,
    shared: Option<(i64, Vec<u32>)>,
) -> Result<Value, PlainError> {
    let numbers = |list: &[i128]| -> Vec<Value> { list.iter().map(|p| number(*p, 0)).collect() };
    let mut out = json!({
        "mechanism": "assign", "model": "transport", "status": "proved-optimal",
        "objective": number(plan.cost, 0), "bound": number(plan.cost, 0), "gap": 0,
        "assignment": shown(t, &plan.flow),
        "certificate": { "format": FORMAT, "price": numbers(&plan.price) },
    });
    if let Some((per_mille, witness)) = shared {
        merge(
            &mut out,
            json!({ "overload": { "per_mille": per_mille, "witness": witness } }),
        );
    }
    if !t.whole {
        let named = |list: Vec<Value>| -> Value {
            let pairs: serde_json::Map<String, Value> =
                t.providers.iter().cloned().zip(list).collect();
            Value::Object(pairs)
        };
        let loss = plan
            .loss
            .iter()
            .map(|l| l.map_or(Value::Null, |l| number(l, 0)))
            .collect();
        merge(
            &mut out,
            json!({
                "one_more_seat": named(numbers(&plan.price)),
                "one_seat_less": named(loss),
            }),
        );
        return Ok(out);
    }
    let found = solver::whole_units(&t.problem(capacity), plan).map_err(|e| said(&e))?;
    let Some(whole) = found else {
        merge(
            &mut out,
            json!({ "status": "unknown", "objective": null, "gap": null, "assignment": null }),
        );
        return Ok(out);
    };
    let flow: Vec<(u32, u32, i64)> = (0u32..)
        .zip(whole.provider.iter().zip(&t.amount))
        .filter_map(|(d, (p, a))| Some((d, (*p)?, *a)))
        .filter(|(_, _, a)| *a > 0)
        .collect();
    let gap = whole.cost - plan.cost;
    let status = if gap == 0 {
        "proved-optimal".to_owned()
    } else {
        format!("within {gap} of optimum")
    };
    merge(
        &mut out,
        json!({
            "status": status, "objective": number(whole.cost, 0), "gap": number(gap, 0),
            "assignment": shown(t, &flow),
        }),
    );
    Ok(out)
}

fn solve_with_minimum(t: &Transport) -> Result<Value, PlainError> {
    if t.whole {
        return Err(PlainError::whole(
            "`whole` 不能与 `minimum` 同用",
            "`whole` cannot stand with `minimum`",
        ));
    }
    let net = t.graph();
    let (n, m) = (t.amount.len(), t.capacity.len());
    match solver::network(&net).map_err(|e| said(&e))? {
        solver::Flow::Optimal {
            flow,
            potential,
            cost,
        } => {
            let ends = net.from.iter().zip(&net.to).zip(&flow);
            let used: Vec<(u32, u32, i64)> = ends
                .filter(|((from, to), units)| {
                    (**from as usize) < n && (**to as usize) < n + m && **units > 0
                })
                .map(|((from, to), units)| (*from, to - u32::try_from(n).unwrap_or(0), *units))
                .collect();
            // The price of a seat is how far its provider lies above the sink.
            let sink = potential.get(n + m).copied().unwrap_or(0);
            let prices: Vec<Value> = potential
                .iter()
                .skip(n)
                .take(m)
                .map(|p| number(sink - p, 0))
                .collect();
            Ok(json!({
                "mechanism": "assign", "model": "transport", "status": "proved-optimal",
                "objective": number(cost, 0), "bound": number(cost, 0), "gap": 0,
                "assignment": shown(t, &used),
                "certificate": { "format": FORMAT, "price": prices },
            }))
        }
        solver::Flow::Infeasible { cut } => {
            // Demands on one side, and the providers there.
            let demands: Vec<u32> = cut.iter().copied().filter(|v| (*v as usize) < n).collect();
            let inside: Vec<usize> = cut
                .iter()
                .map(|v| *v as usize)
                .filter(|v| (n..n + m).contains(v))
                .map(|v| v - n)
                .collect();
            let mut out = infeasible(&demands);
            if let Some(Value::Object(c)) = out.get_mut("certificate") {
                c.insert("providers".into(), json!(inside));
                c.insert(
                    "sink".into(),
                    json!(cut.iter().any(|v| *v as usize == n + m)),
                );
            }
            Ok(out)
        }
        solver::Flow::Unbounded { .. } => {
            Err(PlainError::whole("没有下界", "the cost has no least value"))
        }
    }
}
