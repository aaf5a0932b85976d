//! Who goes where at least cost, read from a bundle's files.

use std::collections::{BTreeMap, HashMap};

use minsheng_model::Text;
use serde::Deserialize;
use serde_json::Number;

use super::{Pair, metric, parse, report, scaled, unique};
use crate::assignment::{PlanClaim, TransportCase, check_plan, check_short};
use crate::report::{Report, offends};
use crate::siting::{CaseMetric, Distances};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Instance {
    demands: Vec<Demand>,
    providers: Vec<Provider>,
    #[serde(default)]
    pairs: Option<Vec<Pair>>,
    #[serde(default)]
    reach: Option<i64>,
    whole: bool,
    overload: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Demand {
    id: String,
    amount: i64,
    #[serde(default)]
    x: Option<i64>,
    #[serde(default)]
    y: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    id: String,
    capacity: i64,
    #[serde(default)]
    minimum: Option<i64>,
    #[serde(default)]
    x: Option<i64>,
    #[serde(default)]
    y: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    mechanism: String,
    model: String,
    status: String,
    objective: Number,
    bound: Number,
    gap: Number,
    assignment: BTreeMap<String, BTreeMap<String, i64>>,
    #[serde(default)]
    one_more_seat: Option<BTreeMap<String, Number>>,
    #[serde(default)]
    one_seat_less: Option<BTreeMap<String, Option<Number>>>,
    #[serde(default)]
    overload: Option<Stretch>,
    certificate: Certificate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stretch {
    per_mille: i64,
    witness: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate {
    format: String,
    price: Vec<Number>,
}

/// Checks an outcome against its instance, both as a bundle has them.
pub(crate) fn check(instance: &str, outcome: &str) -> Report {
    report("assign/read", run(instance, outcome))
}

fn run(instance: &str, outcome: &str) -> Result<Report, Text> {
    let instance: Instance = parse("instance.json", instance)?;
    let outcome: Outcome = parse("outcome.json", outcome)?;
    let demands = unique(instance.demands.iter().map(|d| &d.id))?;
    let providers = unique(instance.providers.iter().map(|p| &p.id))?;
    words(&instance, &outcome)?;
    let amount: Vec<i64> = instance.demands.iter().map(|d| d.amount).collect();
    let lower = instance.providers.iter().map(|p| p.minimum.unwrap_or(0));
    let lower: Vec<i64> = lower.collect();
    let own: Vec<i64> = instance.providers.iter().map(|p| p.capacity).collect();
    if amount.iter().chain(&lower).chain(&own).any(|n| *n < 0) {
        return Err(offends("instance.json", "数值为负", "has a number below 0"));
    }
    let from = instance.demands.iter().map(|d| d.x.zip(d.y)).collect();
    let to = instance.providers.iter().map(|p| p.x.zip(p.y)).collect();
    let pairs = instance.pairs.as_deref();
    let metric = metric(pairs, [&demands, &providers], [&from, &to])?;
    let cost = costs(&metric, instance.reach, providers.len());
    let mut first = Vec::new();
    let mut capacity = own.clone();
    if let Some(stretch) = &outcome.overload {
        let by = stretch.per_mille;
        let stretched = |by: i64| own.iter().map(|c| stretched(*c, by)).collect::<Option<_>>();
        let sizes: Option<(Vec<i64>, Vec<i64>)> = by
            .checked_sub(1)
            .filter(|less| *less >= 0)
            .and_then(|less| Some((stretched(less)?, stretched(by)?)));
        let Some((less, more)) = sizes else {
            return Err(offends("overload", "超出范围", "is out of range"));
        };
        let case = TransportCase {
            amount: &amount,
            lower: &lower,
            capacity: &less,
            cost: &*cost,
        };
        first = check_short(&case, &stretch.witness).checks;
        capacity = more;
    }
    let case = TransportCase {
        amount: &amount,
        lower: &lower,
        capacity: &capacity,
        cost: &*cost,
    };
    let claim = claim(&instance, &outcome, [&demands, &providers])?;
    let mut report = check_plan(&case, &claim);
    report.checks.splice(0..0, first);
    Ok(report)
}

/// A capacity with so many thousandths more, rounded up.
fn stretched(capacity: i64, by: i64) -> Option<i64> {
    let more = (i128::from(capacity) * i128::from(by) + 999) / 1000;
    i64::try_from(i128::from(capacity) + more).ok()
}

type Cost = Box<dyn Fn(usize, usize) -> Option<i64>>;

fn costs(metric: &CaseMetric, reach: Option<i64>, places: usize) -> Cost {
    let within = move |far: &i64| reach.is_none_or(|r| *far <= r);
    if let CaseMetric::Sparse(lists) = metric {
        let mut table = vec![None; lists.len() * places];
        for (demand, list) in lists.iter().enumerate() {
            for (place, far) in list {
                if let Some(cell) = table.get_mut(demand * places + *place as usize) {
                    *cell = Some(*far).filter(within);
                }
            }
        }
        return Box::new(move |demand, place| {
            let inside = place < places;
            let cell = table.get(demand.checked_mul(places)?.checked_add(place)?);
            cell.copied().flatten().filter(|_| inside)
        });
    }
    let distances = Distances::new(metric);
    Box::new(move |demand, place| distances.cost(demand, place).filter(within))
}

/// Checks the words of the outcome, and that it has what its kind has to have.
fn words(instance: &Instance, outcome: &Outcome) -> Result<(), Text> {
    let wrong = |name: &str| Err(offends(name, "与实例不合", "does not fit the instance"));
    if outcome.mechanism != "assign" || outcome.model != "transport" {
        return wrong("mechanism");
    }
    if outcome.certificate.format != "minsheng-assign-1" {
        return wrong("format");
    }
    let may_share = instance.overload == "share";
    if !may_share && (outcome.overload.is_some() || instance.overload != "refuse") {
        return wrong("overload");
    }
    let bounded = instance.providers.iter();
    let bounded = bounded.clone().any(|p| p.minimum.is_some_and(|m| m > 0));
    let seats = [
        outcome.one_more_seat.is_some(),
        outcome.one_seat_less.is_some(),
    ];
    if seats != [!(bounded || instance.whole); 2] {
        return wrong("one_more_seat");
    }
    Ok(())
}

fn claim(
    instance: &Instance,
    outcome: &Outcome,
    [demands, providers]: [&[&str]; 2],
) -> Result<PlanClaim, Text> {
    let wide = |name: &str, number: &Number| scaled(name, number, 0);
    let objective = wide("objective", &outcome.objective)?;
    let (bound, gap) = (wide("bound", &outcome.bound)?, wide("gap", &outcome.gap)?);
    let status = if gap == 0 {
        "proved-optimal".to_owned()
    } else {
        format!("within {gap} of optimum")
    };
    let fits = objective.checked_sub(bound) == Some(gap) && (gap == 0 || instance.whole);
    if !fits || outcome.status != status {
        let said = offends(
            "status",
            "与目标值、下界不合",
            "does not fit objective and bound",
        );
        return Err(said);
    }
    if outcome.assignment.len() != demands.len() {
        let said = offends("assignment", "须列出全部需求", "has to name every demand");
        return Err(said);
    }
    let index: HashMap<&str, usize> = providers.iter().enumerate().map(|(i, p)| (*p, i)).collect();
    let mut flow = Vec::new();
    for (demand, name) in demands.iter().enumerate() {
        let Some(parts) = outcome.assignment.get(*name) else {
            return Err(offends(name, "没有去处", "is not in the assignment"));
        };
        for (place, units) in parts {
            let found = index.get(place.as_str());
            match found {
                Some(place) if *units > 0 => flow.push((demand, *place, *units)),
                _ => return Err(offends(name, "去处有误", "goes where nobody is")),
            }
        }
    }
    let price = &outcome.certificate.price;
    let price = price.iter().map(|p| wide("price", p));
    let gain = match &outcome.one_more_seat {
        None => None,
        Some(map) => Some(
            by_place("one_more_seat", map, providers)?
                .into_iter()
                .map(|n| wide("one_more_seat", n))
                .collect::<Result<_, _>>()?,
        ),
    };
    let loss = match &outcome.one_seat_less {
        None => None,
        Some(map) => Some(
            by_place("one_seat_less", map, providers)?
                .into_iter()
                .map(|n| n.as_ref().map(|n| wide("one_seat_less", n)).transpose())
                .collect::<Result<_, _>>()?,
        ),
    };
    Ok(PlanClaim {
        flow,
        price: price.collect::<Result<_, _>>()?,
        objective,
        bound,
        whole: instance.whole,
        gain,
        loss,
    })
}

/// Returns what is said of each provider, in order, and of nobody else.
fn by_place<'m, T>(
    name: &str,
    map: &'m BTreeMap<String, T>,
    providers: &[&str],
) -> Result<Vec<&'m T>, Text> {
    let all: Option<Vec<&T>> = providers.iter().map(|p| map.get(*p)).collect();
    let all = all.filter(|_| map.len() == providers.len());
    all.ok_or_else(|| offends(name, "须逐处列出", "has to name every place once"))
}
