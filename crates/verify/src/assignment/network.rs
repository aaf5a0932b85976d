use minsheng_model::Text;

use super::{sum, times, too_large};
use crate::report::{Checks, Found, Report, differs, offends};

/// A graph as the checker reads it; arrays as in the instance, arcs in its order.
#[derive(Debug, Clone)]
pub struct NetworkCase {
    /// For each node what it gives; negative where it takes.
    pub supply: Vec<i64>,
    /// For each arc: from, to (nodes from 0), least flow, most flow (nothing: no
    /// limit), cost.
    pub arcs: Vec<(usize, usize, i64, Option<i64>, i64)>,
}

/// What is claimed of a graph.
#[derive(Debug, Clone)]
pub enum NetworkClaim {
    /// This flow is the cheapest, at this cost, and here is a potential for each node.
    Optimal {
        /// For each arc.
        flow: Vec<i64>,
        /// For each node.
        potential: Vec<i128>,
        /// The cost.
        objective: i128,
    },
    /// These nodes cannot give away, or get, what they have to.
    Infeasible {
        /// Distinct nodes.
        cut: Vec<usize>,
    },
    /// This flow can be made cheaper without end round this cycle of arcs.
    Unbounded {
        /// For each arc.
        flow: Vec<i64>,
        /// Arcs, each beginning where the one before ends.
        cycle: Vec<usize>,
    },
}

/// Checks a claim about a graph.
#[must_use]
pub fn check_network(case: &NetworkCase, claim: &NetworkClaim) -> Report {
    let mut checks = Checks::default();
    let arcs = case.arcs.len();
    match claim {
        NetworkClaim::Optimal {
            flow,
            potential,
            objective,
        } => {
            checks.add(
                "flow",
                "流量守恒、不越界",
                "flows keep bounds and balance",
                arcs,
                feasible(case, flow),
            );
            checks.add(
                "cost",
                "总成本",
                "the cost adds up",
                arcs,
                cost(case, flow, *objective),
            );
            checks.add(
                "potentials",
                "势证明无更省方案",
                "the potentials prove that nothing is cheaper",
                arcs,
                slackness(case, flow, potential),
            );
        }
        NetworkClaim::Infeasible { cut } => {
            checks.add(
                "cut",
                "割证明无可行流",
                "the cut proves that no flow exists",
                cut.len(),
                border(case, cut),
            );
        }
        NetworkClaim::Unbounded { flow, cycle } => {
            checks.add(
                "flow",
                "流量守恒、不越界",
                "flows keep bounds and balance",
                arcs,
                feasible(case, flow),
            );
            checks.add(
                "cycle",
                "负费用无上限回路",
                "the cycle has no limit and a negative cost",
                cycle.len(),
                ray(case, cycle),
            );
        }
    }
    checks.report(
        Text::new(
            "以上各项由实例和证明重新计算",
            "each line was computed again from the instance and the certificate",
        ),
        Text::new("实例本身是否属实", "that the instance describes the world"),
    )
}

fn feasible(case: &NetworkCase, flow: &[i64]) -> Found {
    let wrong = differs("flow", case.arcs.len(), flow.len());
    if wrong.is_some() {
        return wrong;
    }
    let mut net: Vec<i128> = case.supply.iter().map(|s| i128::from(*s)).collect();
    for (index, (&(from, to, lower, upper, _), units)) in case.arcs.iter().zip(flow).enumerate() {
        if *units < lower || upper.is_some_and(|u| *units > u) {
            return Some(offends(
                &format!("arc {}", index + 1),
                "流量越界",
                "its flow is out of bounds",
            ));
        }
        for (node, change) in [(from, -i128::from(*units)), (to, i128::from(*units))] {
            match net.get_mut(node) {
                Some(n) => *n += change,
                None => {
                    return Some(offends(
                        &format!("arc {}", index + 1),
                        "没有该节点",
                        "has a node that is not there",
                    ));
                }
            }
        }
    }
    let wrong = net.iter().position(|n| *n != 0)?;
    Some(offends(
        &format!("node {}", wrong + 1),
        "流量不守恒",
        "its flows do not balance",
    ))
}

fn cost(case: &NetworkCase, flow: &[i64], objective: i128) -> Found {
    let terms = case
        .arcs
        .iter()
        .zip(flow)
        .map(|(arc, units)| times(i128::from(arc.4), i128::from(*units)));
    match sum(terms) {
        None => Some(too_large()),
        Some(total) => differs("objective", total, objective),
    }
}

fn slackness(case: &NetworkCase, flow: &[i64], potential: &[i128]) -> Found {
    let wrong = differs("potential", case.supply.len(), potential.len());
    if wrong.is_some() {
        return wrong;
    }
    for (index, (&(from, to, lower, upper, cost), units)) in case.arcs.iter().zip(flow).enumerate()
    {
        let reduced = potential
            .get(from)
            .zip(potential.get(to))
            .and_then(|(a, b)| i128::from(cost).checked_add(*a)?.checked_sub(*b));
        let holds = match reduced {
            None => return Some(too_large()),
            Some(r) if r > 0 => *units == lower,
            Some(r) if r < 0 => Some(*units) == upper,
            Some(_) => true,
        };
        if !holds {
            return Some(offends(
                &format!("arc {}", index + 1),
                "约减成本与流量不符",
                "its reduced cost does not fit its flow",
            ));
        }
    }
    None
}

fn border(case: &NetworkCase, cut: &[usize]) -> Found {
    let mut inside = vec![false; case.supply.len()];
    for node in cut {
        match inside.get_mut(*node) {
            Some(flag) if !*flag => *flag = true,
            _ => {
                return Some(offends(
                    &format!("node {}", node + 1),
                    "不存在或重复",
                    "is not there or named twice",
                ));
            }
        }
    }
    let is_in = |node: usize| inside.get(node).copied().unwrap_or(false);
    let given: i128 = case
        .supply
        .iter()
        .zip(&inside)
        .filter(|(_, i)| **i)
        .map(|(s, _)| i128::from(*s))
        .sum();
    // What can leave the set on balance: at least and at most.
    let (mut least, mut most) = (Some(0i128), Some(0i128));
    for &(from, to, lower, upper, _) in &case.arcs {
        let (lower, upper) = (i128::from(lower), upper.map(i128::from));
        match (is_in(from), is_in(to)) {
            (true, false) => {
                least = least.map(|l| l + lower);
                most = most.zip(upper).map(|(m, u)| m + u);
            }
            (false, true) => {
                least = least.zip(upper).map(|(l, u)| l - u);
                most = most.map(|m| m - lower);
            }
            _ => {}
        }
    }
    let outside = least.is_some_and(|l| given < l) || most.is_some_and(|m| given > m);
    (!outside).then(|| {
        offends(
            "cut",
            "该集合的供给可以送出",
            "what the set has can cross its border",
        )
    })
}

fn ray(case: &NetworkCase, cycle: &[usize]) -> Found {
    let bad = |zh: &str, en: &str| Some(offends("cycle", zh, en));
    let mut total = 0i128;
    let mut at = None;
    let mut start = None;
    for index in cycle {
        let Some(&(from, to, _, upper, cost)) = case.arcs.get(*index) else {
            return bad("没有该弧", "names an arc that is not there");
        };
        if upper.is_some() {
            return bad("有弧容量有限", "has an arc with a limit");
        }
        if at.is_some_and(|node| node != from) {
            return bad("各弧不相接", "its arcs do not follow one another");
        }
        start = start.or(Some(from));
        at = Some(to);
        total += i128::from(cost);
    }
    if start.is_none() || at != start {
        return bad("没有闭合", "does not close");
    }
    if total >= 0 {
        return bad("费用不为负", "its cost is not negative");
    }
    None
}
