//! Transport problems as JSON.

use std::collections::{BTreeMap, HashMap, HashSet};

use minsheng_assignment as solver;
use minsheng_assignment::{FORBIDDEN, Matrix, Network, UNLIMITED};
use minsheng_siting::{Metric, State};
use minsheng_verify::Report;
use minsheng_verify::assignment::{PlanClaim, TransportCase, check_plan, check_short};
use minsheng_verify::siting::Distances;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Number, Value, json};

use super::dimacs::merge;
use crate::error::PlainError;
use crate::site::fields::Fields;
use crate::site::place::{Measured, wrong};
use crate::site::{Ground, Round};
use crate::solve::syntax;
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
enum Overload {
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
    demands: Vec<String>,
    providers: Vec<String>,
    amount: Vec<i64>,
    lower: Vec<i64>,
    capacity: Vec<i64>,
    matrix: Matrix,
    /// What the checker measures again, with the reach.
    places: Option<(Distances, Option<i64>)>,
    whole: bool,
    overload: Overload,
}

const CELLS: usize = 100_000_000;
const FORMAT: &str = "minsheng-assign-1";

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
    let (matrix, places) = match &input.costs {
        Some(costs) => (given(text, costs, n, m, input.reach)?, None),
        None => measured(text, &input)?,
    };
    Ok(Transport {
        demands: ids(text, "demands", input.demands.iter().map(|d| &d.id))?,
        providers: ids(text, "providers", input.providers.iter().map(|p| &p.id))?,
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
    fn graph(&self) -> Network {
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

pub(super) fn check(t: &Transport, outcome: &Fields<'_>) -> Result<Report, PlainError> {
    let m = t.capacity.len();
    let cost = |i: usize, j: usize| -> Option<i64> {
        if i >= t.amount.len() || j >= m {
            return None;
        }
        match &t.places {
            Some((again, reach)) => {
                Some(again.cost(i, j)?).filter(|c| reach.is_none_or(|r| *c <= r))
            }
            None => t
                .matrix
                .costs
                .get(i * m + j)
                .copied()
                .filter(|c| *c != FORBIDDEN),
        }
    };
    outcome.expect("mechanism", "assign")?;
    outcome.expect("model", "transport")?;
    let certificate = outcome.member("certificate")?;
    certificate.expect("format", FORMAT)?;
    let mut capacity = t.capacity.clone();
    let mut first = None;
    if let Some(overload) = outcome.get("overload") {
        let overload = Fields(overload);
        let by = overload.whole("per_mille")?;
        let stretch = |by: i64| -> Option<Vec<i64>> {
            let one = |c: &i64| {
                i64::try_from(i128::from(*c) + (i128::from(*c) * i128::from(by) + 999) / 1000).ok()
            };
            t.capacity.iter().map(one).collect()
        };
        if t.overload != Overload::Share || by < 1 {
            return Err(Fields::wrong(
                "overload",
                "实例不允许",
                "is not what the instance allows",
            ));
        }
        let (Some(less), Some(more)) = (stretch(by - 1), stretch(by)) else {
            return Err(Fields::wrong("overload", "过大", "is too large"));
        };
        let witness = overload
            .whole_list("witness")?
            .into_iter()
            .map(|d| usize::try_from(d).unwrap_or(usize::MAX));
        let case = TransportCase {
            amount: &t.amount,
            lower: &t.lower,
            capacity: &less,
            cost: &cost,
        };
        first = Some(check_short(&case, &witness.collect::<Vec<usize>>()));
        capacity = more;
    }
    let case = TransportCase {
        amount: &t.amount,
        lower: &t.lower,
        capacity: &capacity,
        cost: &cost,
    };
    let mut report = if outcome.text("status")? == "proved-infeasible" {
        outcome.nothing(&["objective", "bound", "gap", "assignment"])?;
        if certificate.get("providers").is_some() {
            return check_cut(t, &certificate);
        }
        let demands = certificate.whole_list("demands")?;
        let demands: Vec<usize> = demands
            .into_iter()
            .map(|d| usize::try_from(d).unwrap_or(usize::MAX))
            .collect();
        check_short(&case, &demands)
    } else {
        check_plan(&case, &claim(t, outcome, &certificate)?)
    };
    if let Some(first) = first {
        report.checks.splice(0..0, first.checks);
    }
    Ok(report)
}

/// Checks an impossible instance with lower bounds as the graph that it is.
fn check_cut(t: &Transport, certificate: &Fields<'_>) -> Result<Report, PlainError> {
    let net = t.graph();
    let n = t.amount.len();
    let mut cut = Fields::indices("demands", certificate.member("demands")?.0)?;
    cut.extend(
        Fields::indices("providers", certificate.member("providers")?.0)?
            .iter()
            .map(|p| p.saturating_add(n)),
    );
    if certificate.get("sink") == Some(&Value::Bool(true)) {
        cut.push(n + t.capacity.len());
    }
    let one: Vec<usize> = cut.iter().map(|c| c.saturating_add(1)).collect();
    let value =
        json!({ "status": "proved-infeasible", "certificate": { "format": FORMAT, "cut": one } });
    super::dimacs::check(&net, &Fields(&value))
}

fn claim(
    t: &Transport,
    outcome: &Fields<'_>,
    certificate: &Fields<'_>,
) -> Result<PlanClaim, PlainError> {
    let (objective, bound) = (outcome.wide("objective", 0)?, outcome.wide("bound", 0)?);
    let gap = objective.checked_sub(bound);
    if gap != Some(outcome.wide("gap", 0)?) {
        return Err(Fields::wrong(
            "gap",
            "应为目标值与下界之差",
            "has to be the difference of objective and bound",
        ));
    }
    let status = outcome.text("status")?;
    let fits = match gap {
        Some(0) => status == "proved-optimal",
        Some(gap) => t.whole && status == format!("within {gap} of optimum"),
        None => false,
    };
    if !fits {
        return Err(Fields::unknown_status(status));
    }
    let index: HashMap<&str, usize> = t
        .providers
        .iter()
        .enumerate()
        .map(|(k, id)| (id.as_str(), k))
        .collect();
    let Value::Object(assigned) = outcome.member("assignment")?.0 else {
        return Err(Fields::wrong(
            "assignment",
            "应为对象",
            "has to be an object",
        ));
    };
    if assigned.len() != t.demands.len() {
        return Err(Fields::wrong(
            "assignment",
            "须列出全部需求",
            "has to name every demand",
        ));
    }
    let mut flow = Vec::new();
    for (demand, id) in t.demands.iter().enumerate() {
        let Some(Value::Object(parts)) = assigned.get(id) else {
            return Err(Fields::wrong(
                "assignment",
                &format!("缺少 `{id}`"),
                &format!("does not name `{id}`"),
            ));
        };
        for (name, units) in parts {
            let provider = index.get(name.as_str()).copied().unwrap_or(usize::MAX);
            let units = Fields::index("assignment", units)?;
            flow.push((demand, provider, i64::try_from(units).unwrap_or(i64::MAX)));
        }
    }
    let by_name = |name: &str| -> Result<Option<Vec<Option<i128>>>, PlainError> {
        let Some(Value::Object(map)) = outcome.get(name) else {
            return Ok(None);
        };
        let all = t.providers.iter().map(|id| match map.get(id) {
            Some(Value::Null) => Ok(None),
            Some(_) => Fields(&Value::Object(map.clone())).wide(id, 0).map(Some),
            None => Err(Fields::wrong(
                name,
                &format!("缺少 `{id}`"),
                &format!("does not name `{id}`"),
            )),
        });
        all.collect::<Result<Vec<_>, _>>().map(Some)
    };
    let gain = by_name("one_more_seat")?.map(|g| g.into_iter().map(|v| v.unwrap_or(-1)).collect());
    Ok(PlanClaim {
        flow,
        price: certificate.wide_list("price")?,
        objective,
        bound,
        whole: t.whole,
        gain,
        loss: by_name("one_seat_less")?,
    })
}
