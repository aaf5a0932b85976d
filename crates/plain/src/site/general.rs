//! Siting with side constraints, by a general solver (HiGHS).
//!
//! What it says of its own success is not looked at. Its open sites are priced again in
//! integers, and its dual values, rounded to integers, become prices under which our own
//! kernel proves a bound; any prices would do, better ones bound more tightly.

use std::num::NonZeroU32;

use highs::{Col, HighsSolutionStatus, Model as Solver, RowProblem, Sense, SolvedModel};
use minsheng_siting::{
    Answer, Assigner, FORBIDDEN, Instance, Metric, Outcome, State, Status, site,
};
use minsheng_verify::siting::CaseSide;

use super::outcome::of_site;
use super::problem::Problem;
use crate::error::PlainError;
use serde_json::{Value, json};

/// The most pairs of demand and site that are given to the general solver.
const PAIRS: usize = 3_000_000;

/// The most nodes of its search; not a time, so that the answer is the same everywhere.
const NODES: i32 = 20_000;

/// Solves a problem with side constraints.
pub(super) fn solve(
    problem: &Problem,
    effort: u64,
    assigner: Option<&dyn Assigner>,
) -> Result<Value, PlainError> {
    let found = found(problem, effort, assigner)?;
    let mut out = of_site(problem, &found.outcome);
    let certificate = out.get_mut("certificate").and_then(Value::as_object_mut);
    if let Some(certificate) = certificate {
        certificate.insert("constraints".into(), json!(found.prices));
    }
    Ok(out)
}

/// An outcome, and the price of each side constraint.
struct Priced {
    outcome: Outcome,
    prices: Vec<i64>,
}

fn found(
    problem: &Problem,
    effort: u64,
    assigner: Option<&dyn Assigner>,
) -> Result<Priced, PlainError> {
    let said =
        |e: minsheng_siting::SitingError| PlainError::whole(format!("无法求解:{e}"), e.to_string());
    let (instance, sides) = (&problem.instance, &problem.sides.cases);
    let pairs = pairs(instance);
    if pairs.len() > PAIRS {
        let count = pairs.len();
        return Err(PlainError::whole(
            format!("可用配对有 {count} 个:带 `constraints` 的问题至多 {PAIRS} 个,请缩小 `reach`"),
            format!(
                "{count} pairs can be used: a problem with `constraints` may have {PAIRS}; lower `reach`"
            ),
        ));
    }
    let relaxed = solved(instance, sides, &pairs, false)?;
    let prices = prices(sides, &relaxed);
    let (priced, added) = under(instance, sides, &prices).ok_or_else(|| {
        PlainError::whole("约束的价格过大", "prices of constraints are too large")
    })?;
    let outcome = site(&priced, effort, assigner).map_err(said)?;
    if outcome.status == Status::ProvedInfeasible {
        // Nobody can be served even where no constraint is kept.
        let bare = site(instance, effort, assigner).map_err(said)?;
        return Ok(Priced {
            outcome: bare,
            prices: vec![0; sides.len()],
        });
    }
    let whole = solved(instance, sides, &pairs, true)?;
    let mut best: Option<Answer> = None;
    let own = outcome.answer.as_ref().map(|a| a.open.clone());
    for open in [opened(instance, &whole), own].into_iter().flatten() {
        if !sides.iter().all(|side| keeps(side, &open)) {
            continue;
        }
        let forced = forced(instance, &open);
        let found = site(&forced, 0, assigner).map_err(said)?.answer;
        let better = |a: &Answer| best.as_ref().is_none_or(|b| a.objective < b.objective);
        if found.as_ref().is_some_and(better) {
            best = found;
        }
    }
    let bound = outcome
        .bound
        .and_then(|b| i64::try_from(i128::from(b) + added).ok());
    // Nothing below a plan that is there need be proved.
    let bound = match (&best, bound) {
        (Some(answer), Some(bound)) => Some(bound.min(answer.objective)),
        (_, bound) => bound,
    };
    Ok(Priced {
        outcome: Outcome {
            status: if best.is_some() {
                Status::Within
            } else {
                Status::Unknown
            },
            answer: best,
            bound,
            tree: outcome.tree,
        },
        prices,
    })
}

/// Returns the pairs that may be used with their cost.
fn pairs(instance: &Instance) -> Vec<(usize, usize, i64)> {
    let mut all = Vec::new();
    if let Metric::Sparse { first, site, cost } = &instance.metric {
        for (demand, ends) in first.windows(2).enumerate() {
            let range = ends.first().copied().unwrap_or(0)..ends.last().copied().unwrap_or(0);
            for at in range {
                let own = site.get(at).copied().zip(cost.get(at).copied());
                let near = |c: i64| c != FORBIDDEN && instance.reach.is_none_or(|r| c <= r);
                if let Some((site, cost)) = own.filter(|(_, c)| near(*c)) {
                    all.push((demand, site as usize, cost));
                }
            }
        }
        return all;
    }
    for demand in 0..instance.demands() {
        for site in 0..instance.sites() {
            if let Some(cost) = instance.cost(demand, site) {
                all.push((demand, site, cost));
            }
        }
    }
    all
}

#[expect(
    clippy::cast_precision_loss,
    reason = "only guesses come from here: everything is computed again in integers"
)]
fn real(value: i64) -> f64 {
    value as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a guess, held within bounds; everything is computed again in integers"
)]
fn rounded(value: f64) -> i64 {
    if value.is_finite() {
        value.round().clamp(-1e15, 1e15) as i64
    } else {
        0
    }
}

/// Returns what the general solver made of the problem, with whole sites or shares of
/// them. The side constraints are its first rows.
fn solved(
    instance: &Instance,
    sides: &[CaseSide],
    pairs: &[(usize, usize, i64)],
    whole: bool,
) -> Result<SolvedModel, PlainError> {
    let mut model = RowProblem::default();
    let sites = site_columns(instance, whole, &mut model);
    for side in sides {
        let own = side.weights.iter();
        let row: Vec<(Col, f64)> = own
            .filter_map(|(site, weight)| Some((*sites.get(*site)?, real(*weight))))
            .collect();
        match (side.least, side.most) {
            (Some(least), Some(most)) => model.add_row(real(least)..=real(most), row),
            (Some(least), None) => model.add_row(real(least).., row),
            (None, Some(most)) => model.add_row(..=real(most), row),
            (None, None) => continue,
        };
    }
    limits(instance, &sites, &mut model);
    service(instance, pairs, &sites, &mut model);
    let failed = |e| {
        PlainError::whole(
            format!("通用求解器失败:{e:?}"),
            format!("the general solver failed: {e:?}"),
        )
    };
    let mut solver: Solver = model.try_optimise(Sense::Minimise).map_err(failed)?;
    solver.make_quiet();
    solver.set_threads(NonZeroU32::MIN);
    solver.set_option("mip_rel_gap", 0.0);
    solver.set_option("mip_max_nodes", NODES);
    solver.try_solve().map_err(failed)
}

fn site_columns(instance: &Instance, whole: bool, model: &mut RowProblem) -> Vec<Col> {
    let own = instance.state.iter().zip(&instance.fixed);
    own.map(|(state, fixed)| {
        let (least, most) = match state {
            State::Candidate => (0.0, 1.0),
            State::Open => (1.0, 1.0),
            State::Closed => (0.0, 0.0),
        };
        model.add_column_with_integrality(real(*fixed), least..=most, whole)
    })
    .collect()
}

/// Counts, budget, groups and spacing.
fn limits(instance: &Instance, sites: &[Col], model: &mut RowProblem) {
    let ends = |(least, most): (u32, u32)| f64::from(least)..=f64::from(most);
    let all: Vec<(Col, f64)> = sites.iter().map(|c| (*c, 1.0)).collect();
    model.add_row(ends(instance.count), all);
    if let Some(budget) = &instance.budget {
        let own = sites.iter().zip(&budget.price);
        let row: Vec<(Col, f64)> = own.map(|(c, p)| (*c, real(*p))).collect();
        model.add_row(..=real(budget.limit), row);
    }
    if let Some(groups) = &instance.groups {
        for (group, bounds) in (0u32..).zip(&groups.bounds) {
            let own = sites.iter().zip(&groups.of).filter(|(_, g)| **g == group);
            let row: Vec<(Col, f64)> = own.map(|(c, _)| (*c, 1.0)).collect();
            model.add_row(ends(*bounds), row);
        }
    }
    for (a, b) in &instance.apart {
        let pair = sites.get(*a as usize).zip(sites.get(*b as usize));
        if let Some((a, b)) = pair {
            model.add_row(..=1.0, [(*a, 1.0), (*b, 1.0)]);
        }
    }
}

/// Who goes where: shares of each demand.
fn service(
    instance: &Instance,
    pairs: &[(usize, usize, i64)],
    sites: &[Col],
    model: &mut RowProblem,
) {
    let mut served: Vec<Vec<(Col, f64)>> = vec![Vec::new(); instance.demands()];
    let mut taken: Vec<Vec<(Col, f64)>> = vec![Vec::new(); instance.sites()];
    for (demand, site, cost) in pairs {
        let amount = real(instance.amount.get(*demand).copied().unwrap_or(0));
        let share = model.add_column(amount * real(*cost), 0.0..=1.0);
        if let Some(list) = served.get_mut(*demand) {
            list.push((share, 1.0));
        }
        if let Some(list) = taken.get_mut(*site) {
            list.push((share, amount));
        }
        if let Some(open) = sites.get(*site) {
            model.add_row(..=0.0, [(share, 1.0), (*open, -1.0)]);
        }
    }
    let mut left_out = Vec::with_capacity(instance.demands());
    for (demand, mut row) in served.into_iter().enumerate() {
        if let Some(penalty) = &instance.penalty {
            let units = real(instance.amount.get(demand).copied().unwrap_or(0));
            let dear = real(penalty.get(demand).copied().unwrap_or(0));
            let left = model.add_column(units * dear, 0.0..=1.0);
            row.push((left, 1.0));
            left_out.push((left, units));
        }
        model.add_row(1.0..=1.0, row);
    }
    if let Some(capacity) = &instance.capacity {
        for ((mut row, room), open) in taken.into_iter().zip(capacity).zip(sites) {
            row.push((*open, -real(*room)));
            model.add_row(..=0.0, row);
        }
    }
    if let Some(floors) = &instance.floors {
        for (group, least) in (0u32..).zip(&floors.least) {
            let own = left_out.iter().zip(&floors.of);
            let row: Vec<(Col, f64)> = own
                .filter(|(_, g)| **g == group)
                .map(|(column, _)| *column)
                .collect();
            let all: f64 = row.iter().map(|(_, units)| units).sum();
            model.add_row(..=all - real(*least), row);
        }
    }
}

/// Returns the price of each constraint: its dual value, where it pulls at an end.
fn prices(sides: &[CaseSide], relaxed: &SolvedModel) -> Vec<i64> {
    let solution = relaxed.get_solution();
    let duals = solution.dual_rows().iter().copied();
    let mut duals = duals.chain(std::iter::repeat(0.0));
    sides
        .iter()
        .map(|side| {
            let price = rounded(duals.next().unwrap_or(0.0));
            match price.signum() {
                1 if side.least.is_none() => 0,
                -1 if side.most.is_none() => 0,
                _ => price,
            }
        })
        .collect()
}

/// Returns the instance in which constraints are paid for instead of being kept, and what
/// is to be added to its bound; nothing where a sum does not fit.
fn under(instance: &Instance, sides: &[CaseSide], prices: &[i64]) -> Option<(Instance, i128)> {
    let mut own = instance.clone();
    let mut added = 0i128;
    for (side, price) in sides.iter().zip(prices) {
        let end = match price.signum() {
            0 => continue,
            1 => side.least?,
            _ => side.most?,
        };
        added = added.checked_add(i128::from(*price).checked_mul(i128::from(end))?)?;
        for (site, weight) in &side.weights {
            let cost = own.fixed.get_mut(*site)?;
            *cost = cost.checked_sub(price.checked_mul(*weight)?)?;
        }
    }
    let lowest = own.fixed.iter().copied().min().unwrap_or(0).min(0);
    if own.count.0 == own.count.1 {
        added = added.checked_add(i128::from(lowest).checked_mul(own.count.0.into())?)?;
        for cost in &mut own.fixed {
            *cost = cost.checked_sub(lowest)?;
        }
    } else {
        for cost in &mut own.fixed {
            added = added.checked_add(i128::from((*cost).min(0)))?;
            *cost = (*cost).max(0);
        }
    }
    Some((own, added))
}

/// Returns the sites that the general solver opened.
fn opened(instance: &Instance, solved: &SolvedModel) -> Option<Vec<u32>> {
    if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
        return None;
    }
    let solution = solved.get_solution();
    let sites = (0u32..).zip(solution.columns()).take(instance.sites());
    Some(
        sites
            .filter(|(_, share)| **share > 0.5)
            .map(|(site, _)| site)
            .collect(),
    )
}

fn keeps(side: &CaseSide, open: &[u32]) -> bool {
    let is_open = |site: usize| open.iter().any(|o| *o as usize == site);
    let counted = side.weights.iter().filter(|(site, _)| is_open(*site));
    let sum: i128 = counted.map(|(_, weight)| i128::from(*weight)).sum();
    side.least.is_none_or(|l| sum >= l.into()) && side.most.is_none_or(|m| sum <= m.into())
}

/// Returns the instance with exactly these sites open.
fn forced(instance: &Instance, open: &[u32]) -> Instance {
    let mut own = instance.clone();
    for (site, state) in (0u32..).zip(&mut own.state) {
        if *state == State::Candidate && !open.contains(&site) {
            *state = State::Closed;
        } else if *state == State::Candidate {
            *state = State::Open;
        }
    }
    own
}
