#![expect(
    clippy::indexing_slicing,
    reason = "sites and demands were checked by the instance"
)]

use crate::error::SitingError;
use crate::instance::{FORBIDDEN, Instance, Metric};
use crate::solve::{Answer, Assigner, Outcome, Status, Tree, prove_left_out};

/// The least reach at which nobody is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Centre {
    /// How good it is.
    pub status: Status,
    /// The plan, if one was found; its objective is the largest cost of anybody.
    pub answer: Option<Answer>,
    /// No plan has a largest cost below this.
    pub bound: Option<i64>,
    /// What proves that with one unit less than the bound somebody is left out (with
    /// [`Status::ProvedInfeasible`]: with any reach); empty when the bound is 0.
    pub tree: Tree,
}

/// Returns the plan whose worst-served demand is served best, by halving the reach.
/// Amounts, fixed costs and penalties are not looked at.
///
/// # Errors
/// Arrays that do not fit together and sums beyond 63 bits.
pub fn centre(
    instance: &Instance,
    effort: u64,
    assigner: Option<&dyn Assigner>,
) -> Result<Centre, SitingError> {
    let mut instance = instance.clone();
    instance.penalty = None;
    instance.fixed = vec![0; instance.sites()];
    instance.check()?;
    let at = |reach: i64| -> Result<Outcome, SitingError> {
        let mut within = instance.clone();
        within.reach = Some(instance.reach.map_or(reach, |r| r.min(reach)));
        prove_left_out(&within, effort, assigner)
    };
    let all = at(most(&instance))?;
    let Some(answer) = served(&instance, &all) else {
        let proved = all.status == Status::ProvedInfeasible || all.bound >= Some(1);
        return Ok(Centre {
            status: if proved {
                Status::ProvedInfeasible
            } else {
                Status::Unknown
            },
            answer: None,
            bound: None,
            tree: all.tree,
        });
    };
    // Nobody is nearer than nothing; the plan's own largest cost is enough.
    let (mut proved, mut low, mut best) = (-1, -1, answer);
    let mut tree = Tree::default();
    while low + 1 < best.objective {
        let reach = low + (best.objective - low) / 2;
        let outcome = at(reach.min(best.objective - 1))?;
        if let Some(answer) = served(&instance, &outcome) {
            best = answer;
        } else {
            low = reach;
            if outcome.bound >= Some(1) || outcome.status == Status::ProvedInfeasible {
                // What was not decided below is decided by this.
                proved = reach;
                tree = outcome.tree;
            }
        }
    }
    let bound = proved + 1;
    let status = if bound == best.objective {
        Status::ProvedOptimal
    } else {
        Status::Within
    };
    Ok(Centre {
        status,
        answer: Some(best),
        bound: Some(bound),
        tree,
    })
}

/// Returns the plan with its largest cost when it leaves nobody out.
fn served(instance: &Instance, outcome: &Outcome) -> Option<Answer> {
    let answer = outcome.answer.as_ref().filter(|a| a.objective == 0)?;
    let mut units: Vec<i64> = vec![0; instance.demands()];
    let mut named = vec![false; instance.demands()];
    let mut largest = 0;
    for (demand, site, some) in &answer.flow {
        units[*demand as usize] += some;
        named[*demand as usize] = true;
        largest = largest.max(instance.cost(*demand as usize, *site as usize)?);
    }
    if named.iter().any(|n| !n) {
        return None;
    }
    let mut answer = answer.clone();
    if instance.capacity.is_none() {
        // Everybody to the nearest of the open sites.
        largest = 0;
        for (entry, amount) in answer.flow.iter_mut().zip(&instance.amount) {
            let demand = entry.0 as usize;
            let near = answer
                .open
                .iter()
                .filter_map(|s| Some((instance.cost(demand, *s as usize)?, *s)))
                .min()?;
            *entry = (entry.0, near.1, *amount);
            largest = largest.max(near.0);
        }
    }
    answer.objective = largest;
    Some(answer)
}

/// Returns a reach that every usable pair is within.
fn most(instance: &Instance) -> i64 {
    let known = |costs: &[i64]| {
        let usable = costs.iter().filter(|c| **c != FORBIDDEN);
        usable.max().copied().unwrap_or(0)
    };
    match &instance.metric {
        Metric::Dense(cost) | Metric::Sparse { cost, .. } => known(cost),
        Metric::Points(points) => {
            let mut span = 0u128;
            for axis in 0..3 {
                let values = points.demand.iter().chain(&points.site).map(|p| p[axis]);
                let low = values.clone().min().unwrap_or(0);
                let side = u128::from(values.max().unwrap_or(0).abs_diff(low));
                span += side * side;
            }
            // On the sphere no arc is longer than half its circle over its chord.
            points.measure.of(span).saturating_mul(2).saturating_add(2)
        }
    }
}
