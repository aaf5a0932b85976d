//! Outcomes as JSON, and back.

use std::collections::HashMap;

use minsheng_siting::{Answer, Centre, Node, Outcome, Status, Tree};
use minsheng_verify::siting::{PlanOfSites, SearchNode, SearchPrices, SearchTree, SitingClaim};
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::input::Model;
use super::problem::Problem;
use crate::error::PlainError;
use crate::words::{decimal, number};

const FORMAT: &str = "minsheng-site-1";

pub(super) fn of_site(problem: &Problem, outcome: &Outcome) -> Value {
    write(
        problem,
        outcome.status,
        outcome.answer.as_ref(),
        outcome.bound,
        &outcome.tree,
    )
}

pub(super) fn of_centre(problem: &Problem, centre: &Centre) -> Value {
    write(
        problem,
        centre.status,
        centre.answer.as_ref(),
        centre.bound,
        &centre.tree,
    )
}

/// What all weight together is; the most that can be covered.
pub(super) fn total(problem: &Problem) -> i128 {
    problem.case.amount.iter().map(|a| i128::from(*a)).sum()
}

fn write(
    problem: &Problem,
    status: Status,
    answer: Option<&Answer>,
    bound: Option<i64>,
    tree: &Tree,
) -> Value {
    let places = problem.places;
    // A cover counts what is served; the core counts what is left out.
    let turn = |v: i64| match problem.model {
        Model::MaxCover => total(problem) - i128::from(v),
        _ => i128::from(v),
    };
    let objective = answer.map(|a| a.objective);
    let gap = objective
        .zip(bound)
        .map(|(o, b)| i128::from(o) - i128::from(b));
    let shown = |v: Option<i128>| v.map_or(Value::Null, |v| number(v, places));
    let status = match (status, gap) {
        (Status::ProvedInfeasible, _) => "proved-infeasible".to_owned(),
        (_, Some(0)) => "proved-optimal".to_owned(),
        (_, Some(gap)) => format!("within {} of optimum", decimal(gap, places)),
        (_, None) if answer.is_some() => "feasible, no bound".to_owned(),
        (_, None) => "unknown".to_owned(),
    };
    let mut out = json!({
        "mechanism": "site",
        "model": name(problem.model),
        "status": status,
        "objective": shown(objective.map(turn)),
        "bound": shown(bound.map(turn)),
        "gap": shown(gap),
        "open": null,
        "assignment": null,
        "certificate": certificate(tree),
    });
    if let (Some(answer), Value::Object(map)) = (answer, &mut out) {
        let open: Vec<&str> = answer
            .open
            .iter()
            .filter_map(|s| site_name(problem, *s))
            .collect();
        map.insert("open".into(), json!(open));
        map.insert("assignment".into(), assignment(problem, answer));
        super::groups::report(problem, answer, map);
        super::side::report(problem, &answer.open, map);
        super::gaps::report(problem, &answer.open, map);
    }
    out
}

pub(super) fn name(model: Model) -> &'static str {
    match model {
        Model::PMedian => "p-median",
        Model::PCenter => "p-center",
        Model::SetCover => "set-cover",
        Model::MaxCover => "max-cover",
        Model::Uncapacitated => "uncapacitated",
        Model::Capacitated => "capacitated",
    }
}

fn site_name(problem: &Problem, site: u32) -> Option<&str> {
    problem.sites.get(site as usize).map(String::as_str)
}

/// Each demand's site; null for one left out; sites with units where it is split.
fn assignment(problem: &Problem, answer: &Answer) -> Value {
    let mut all = Map::new();
    for id in &problem.demands {
        all.insert(id.clone(), Value::Null);
    }
    let mut parts: HashMap<u32, Vec<(u32, i64)>> = HashMap::new();
    for (demand, site, units) in &answer.flow {
        parts.entry(*demand).or_default().push((*site, *units));
    }
    for (demand, id) in (0u32..).zip(&problem.demands) {
        let whole = problem.instance.amount.get(demand as usize).copied();
        let value = match parts.get(&demand).map(Vec::as_slice) {
            None | Some([]) => Value::Null,
            Some([(site, units)]) if Some(*units) == whole => json!(site_name(problem, *site)),
            Some(several) => {
                let mut map = Map::new();
                for (site, units) in several {
                    if let Some(name) = site_name(problem, *site) {
                        map.insert(name.to_owned(), json!(units));
                    }
                }
                Value::Object(map)
            }
        };
        all.insert(id.clone(), value);
    }
    Value::Object(all)
}

fn certificate(tree: &Tree) -> Value {
    let multipliers: Vec<Value> = tree
        .multipliers
        .iter()
        .map(|m| {
            if m.floor.is_empty() {
                json!({ "demand": m.demand, "budget": m.budget })
            } else {
                json!({ "demand": m.demand, "budget": m.budget, "floor": m.floor })
            }
        })
        .collect();
    let nodes: Vec<Value> = tree
        .nodes
        .iter()
        .map(|node| match node {
            Node::Prune { multipliers } => json!(["prune", multipliers]),
            Node::Fix {
                multipliers,
                open,
                closed,
            } => json!(["fix", multipliers, open, closed]),
            Node::Branch { site } => json!(["branch", site]),
        })
        .collect();
    json!({ "format": FORMAT, "scale": tree.scale, "multipliers": multipliers, "nodes": nodes })
}

/// Reads a claim from an outcome.
pub(super) fn claim(problem: &Problem, value: &Value) -> Result<SitingClaim, PlainError> {
    let fields = Fields(value);
    fields.expect("mechanism", "site")?;
    fields.expect("model", name(problem.model))?;
    let places = problem.places;
    let turn = |v: i128| match problem.model {
        Model::MaxCover => total(problem) - v,
        _ => v,
    };
    let wide = |name: &str| -> Result<Option<i128>, PlainError> {
        fields
            .get(name)
            .map(|_| fields.wide(name, places))
            .transpose()
    };
    let (objective, bound, gap) = (
        wide("objective")?.map(turn),
        wide("bound")?.map(turn),
        wide("gap")?,
    );
    if objective.zip(bound).map(|(o, b)| o - b) != gap {
        return Err(Fields::wrong(
            "gap",
            "应为目标值与下界之差",
            "has to be the difference of objective and bound",
        ));
    }
    let said = fields.text("status")?;
    // The checker speaks in whole units.
    let status = match gap {
        Some(gap) if said == format!("within {} of optimum", decimal(gap, places)) => {
            format!("within {gap} of optimum")
        }
        _ => said.to_owned(),
    };
    let plan = match objective {
        None => {
            fields.nothing(&["open", "assignment"])?;
            None
        }
        Some(objective) => Some(plan(problem, &fields, objective)?),
    };
    Ok(SitingClaim {
        plan,
        bound,
        status,
        tree: tree(&fields.member("certificate")?)?,
    })
}

fn plan(
    problem: &Problem,
    fields: &Fields<'_>,
    objective: i128,
) -> Result<PlanOfSites, PlainError> {
    let index: HashMap<&str, usize> = problem
        .sites
        .iter()
        .enumerate()
        .map(|(k, id)| (id.as_str(), k))
        .collect();
    let site = |value: &str| {
        index.get(value).copied().ok_or_else(|| {
            Fields::wrong(
                "open",
                &format!("没有点位 `{value}`"),
                &format!("there is no site `{value}`"),
            )
        })
    };
    let mut open = Vec::new();
    for value in fields.list("open")? {
        open.push(site(value.as_str().unwrap_or_default())?);
    }
    let Value::Object(assigned) = fields.member("assignment")?.0 else {
        return Err(Fields::wrong(
            "assignment",
            "应为对象",
            "has to be an object",
        ));
    };
    if assigned.len() != problem.demands.len() {
        return Err(Fields::wrong(
            "assignment",
            "须列出全部需求",
            "has to name every demand",
        ));
    }
    let mut flow = Vec::new();
    for (demand, id) in problem.demands.iter().enumerate() {
        let whole = problem.case.amount.get(demand).copied().unwrap_or(0);
        match assigned.get(id) {
            Some(Value::Null) => {}
            Some(Value::String(name)) => flow.push((demand, site(name)?, whole)),
            Some(Value::Object(parts)) => {
                for (name, units) in parts {
                    let units = Fields::index("assignment", units)?;
                    flow.push((
                        demand,
                        site(name)?,
                        i64::try_from(units).unwrap_or(i64::MAX),
                    ));
                }
            }
            _ => {
                return Err(Fields::wrong(
                    "assignment",
                    &format!("缺少 `{id}`"),
                    &format!("does not name `{id}`"),
                ));
            }
        }
    }
    Ok(PlanOfSites {
        open,
        flow,
        objective,
    })
}

fn tree(certificate: &Fields<'_>) -> Result<SearchTree, PlainError> {
    certificate.expect("format", FORMAT)?;
    let mut tree = SearchTree {
        scale: certificate.whole("scale")?,
        sides: match certificate.get("constraints") {
            Some(_) => certificate.whole_list("constraints")?,
            None => Vec::new(),
        },
        ..SearchTree::default()
    };
    for own in certificate.list("multipliers")? {
        let own = Fields(own);
        tree.prices.push(SearchPrices {
            demand: own.whole_list("demand")?,
            budget: own.whole("budget")?,
            floor: match own.get("floor") {
                Some(_) => own.whole_list("floor")?,
                None => Vec::new(),
            },
        });
    }
    let wrong = || Fields::wrong("nodes", "不是搜索步骤", "has something that is not a step");
    for node in certificate.list("nodes")? {
        let Value::Array(parts) = node else {
            return Err(wrong());
        };
        let kind = parts.first().and_then(Value::as_str);
        tree.nodes.push(
            match (kind, parts.get(1), parts.get(2), parts.get(3), parts.len()) {
                (Some("prune"), Some(index), _, _, 2) => {
                    SearchNode::Prune(Fields::index("nodes", index)?)
                }
                (Some("branch"), Some(site), _, _, 2) => {
                    SearchNode::Branch(Fields::index("nodes", site)?)
                }
                (Some("fix"), Some(index), Some(open), Some(closed), 4) => SearchNode::Fix(
                    Fields::index("nodes", index)?,
                    Fields::indices("nodes", open)?,
                    Fields::indices("nodes", closed)?,
                ),
                _ => return Err(wrong()),
            },
        );
    }
    Ok(tree)
}
