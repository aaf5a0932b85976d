#![expect(
    clippy::indexing_slicing,
    reason = "sites and demands were checked by the instance"
)]

use crate::branch::{Branch, ceil};
use crate::choose::Forced;
use crate::error::SitingError;
use crate::instance::{Instance, Metric, State};
use crate::interchange::Ground;
use crate::lagrange::{Ascent, Multipliers as Own};
use crate::near::Near;

pub use crate::lagrange::Multipliers;

/// Who goes where once the open sites are known, for sites with capacities.
pub trait Assigner {
    /// Returns the cheapest plan of the instance with these sites open, or nothing when
    /// they do not have enough room. The cost includes what opening the sites costs.
    fn assign(&self, instance: &Instance, open: &[u32]) -> Option<Assigned>;
}

/// A plan for given sites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// What it costs in all.
    pub cost: i64,
    /// (demand, site, units), by demand.
    pub flow: Vec<(u32, u32, i64)>,
    /// For each demand what its dearest unit pays: cost and the site's price.
    pub price: Vec<i64>,
}

/// How good an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nothing is better: the bound is the objective.
    ProvedOptimal,
    /// It is above the best by at most objective minus bound.
    Within,
    /// There is no plan, and the tree proves it.
    ProvedInfeasible,
    /// No plan was found; there may be one.
    Unknown,
}

/// A step of the written search, in the order parent, first child, second child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A leaf: these multipliers bound everything below.
    Prune {
        /// Their index.
        multipliers: usize,
    },
    /// With these multipliers every one of these sites, turned round alone, is as dear
    /// as the claim; what follows holds with all of them set.
    Fix {
        /// Their index.
        multipliers: usize,
        /// Sites that have to be open.
        open: Vec<u32>,
        /// Sites that have to be closed.
        closed: Vec<u32>,
    },
    /// First everything with the site open, then everything with it closed.
    Branch {
        /// The site.
        site: u32,
    },
}

/// A search written down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    /// What one unit of cost is in multipliers.
    pub scale: i64,
    /// The multipliers, named by index.
    pub multipliers: Vec<Multipliers>,
    /// The steps.
    pub nodes: Vec<Node>,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The open sites, ascending.
    pub open: Vec<u32>,
    /// (demand, site, units), by demand; those left out are missing.
    pub flow: Vec<(u32, u32, i64)>,
    /// What it costs, with opening and with penalties.
    pub objective: i64,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How good it is.
    pub status: Status,
    /// The plan, if one was found.
    pub answer: Option<Answer>,
    /// What no plan is below; nothing when there is none.
    pub bound: Option<i64>,
    /// What proves the bound, or, with [`Status::ProvedInfeasible`], that a demand is
    /// always left out.
    pub tree: Tree,
}

/// The default effort: about ten seconds.
pub const EFFORT: u64 = 6_000_000_000;

/// Returns a plan and a bound.
///
/// `effort` limits the pairs looked at in the written search ([`EFFORT`] is a good
/// value); 0 gives the bound of the root alone. An instance with capacities needs an
/// `assigner`.
///
/// # Errors
/// Arrays that do not fit together and sums beyond 63 bits.
pub fn site(
    instance: &Instance,
    effort: u64,
    assigner: Option<&dyn Assigner>,
) -> Result<Outcome, SitingError> {
    instance.check()?;
    let near = Near::new(instance);
    let outcome = search(instance, &near, effort, assigner, Goal::Plan)?;
    let settled = outcome.answer.is_some() || outcome.status == Status::ProvedInfeasible;
    if settled || instance.floors.is_some() {
        return Ok(outcome);
    }
    // Is somebody always left out? The same sites, where only that costs.
    if instance.penalty.is_none() {
        let proof = prove_left_out(instance, effort, assigner)?;
        if proof.bound.is_some_and(|b| b >= 1) || proof.status == Status::ProvedInfeasible {
            return Ok(Outcome {
                status: Status::ProvedInfeasible,
                answer: None,
                bound: None,
                tree: proof.tree,
            });
        }
    }
    search(instance, &near, effort, assigner, Goal::AnyPlan)
}

/// Looks for a set of sites that leaves nobody out: an answer of objective 0, or a
/// bound of 1 or more that proves that there is none.
///
/// # Errors
/// As [`site`].
pub fn prove_left_out(
    instance: &Instance,
    effort: u64,
    assigner: Option<&dyn Assigner>,
) -> Result<Outcome, SitingError> {
    let elastic = left_out(instance);
    search(
        &elastic,
        &Near::new(&elastic),
        effort,
        assigner,
        Goal::Proof,
    )
}

/// What a search is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// A plan; gives up at the root when none is found there.
    Plan,
    /// A plan wherever it is.
    AnyPlan,
    /// That the least cost is 1 or more.
    Proof,
}

/// Returns the instance in which every pair within reach is free, sites cost nothing,
/// and a unit left out costs 1.
#[must_use]
pub fn left_out(instance: &Instance) -> Instance {
    let n = instance.demands();
    let mut elastic = instance.clone();
    elastic.metric = flat(instance);
    elastic.reach = None;
    elastic.floors = None;
    elastic.fixed = vec![0; instance.sites()];
    elastic.penalty = Some(vec![1; n]);
    if instance.capacity.is_none() {
        elastic.amount = vec![1; n];
    }
    elastic
}

/// Returns the pairs within reach, at no cost.
#[must_use]
pub fn flat(instance: &Instance) -> Metric {
    let (mut first, mut site) = (vec![0], Vec::new());
    match (&instance.metric, instance.reach) {
        (Metric::Points(points), Some(reach)) => {
            let members = (0..u32::try_from(instance.sites()).unwrap_or(0)).collect();
            let tree = crate::points::PointTree::new(&points.site, members);
            let limit = points.measure.squared_limit(reach);
            for from in &points.demand {
                let mut row = Vec::new();
                tree.within(from, limit, &mut |squared, own| {
                    if points.measure.of(squared) <= reach {
                        row.push(own);
                    }
                });
                row.sort_unstable();
                site.extend(row);
                first.push(site.len());
            }
        }
        _ => {
            for demand in 0..instance.demands() {
                for own in 0..instance.sites() {
                    if instance.cost(demand, own).is_some() {
                        site.push(u32::try_from(own).unwrap_or(u32::MAX));
                    }
                }
                first.push(site.len());
            }
        }
    }
    let cost = vec![0; site.len()];
    Metric::Sparse { first, site, cost }
}

/// Returns the largest scale of multipliers, a power of two up to 1,024, at which no
/// sum leaves 62 bits.
fn scale(instance: &Instance, near: &Near) -> Result<i64, SitingError> {
    let mut all: i128 = instance.fixed.iter().map(|f| i128::from(*f)).sum();
    // A floor's multiplier may be as large as everything together.
    let floor = match &instance.floors {
        Some(_) => i128::from(instance.beyond()),
        None => 0,
    };
    for (demand, amount) in instance.amount.iter().enumerate() {
        let last = near.first[demand + 1];
        let far = if last > near.first[demand] {
            near.cost[last - 1]
        } else {
            0
        };
        let most = (i128::from(near.clip[demand].max(far)) + floor) * 2 + 2;
        all = all.saturating_add(most.saturating_mul(i128::from((*amount).max(1))));
    }
    let mut scale = 1024;
    while scale >= 1 {
        if all.saturating_mul(i128::from(scale)) < 1 << 61 {
            return Ok(scale);
        }
        scale /= 2;
    }
    Err(SitingError::Overflow("amounts times costs"))
}

/// Multipliers to begin with: what a demand would pay at a site about as far as the
/// open ones stand apart.
fn start(instance: &Instance, near: &Near, scale: i64) -> Multipliers {
    let p = instance
        .count
        .1
        .min(u32::try_from(instance.sites()).unwrap_or(1))
        .max(1) as usize;
    let rank = instance.sites() / p * 7 / 10;
    let demand = (0..instance.demands())
        .map(|d| {
            let range = near.first[d]..near.first[d + 1];
            let at = range.start + rank.min(range.len().saturating_sub(1));
            let cost = if range.is_empty() {
                near.clip[d]
            } else {
                near.cost[at]
            };
            let own = if cost == 0 {
                near.clip[d].div_euclid(2).max(1)
            } else {
                cost
            };
            own.min(near.clip[d]).saturating_mul(scale)
        })
        .collect();
    let floor = vec![0; instance.floors.as_ref().map_or(0, |f| f.least.len())];
    Own {
        demand,
        budget: 0,
        floor,
    }
}

fn search(
    instance: &Instance,
    near: &Near,
    effort: u64,
    assigner: Option<&dyn Assigner>,
    goal: Goal,
) -> Result<Outcome, SitingError> {
    let scale = scale(instance, near)?;
    let ground = Ground::new(instance, near);
    let forced = Forced(instance.state.clone());
    let mut branch = Branch {
        ground: &ground,
        assigner,
        scale,
        best: None,
        enough: match (goal, &instance.floors) {
            (Goal::Proof, _) => 1,
            // At this cost a bound says that there is no plan.
            (_, Some(_)) => instance.beyond(),
            (_, None) => i64::MAX,
        },
        boost: crate::floors::first_boost(instance),
        tree: Tree {
            scale,
            ..Tree::default()
        },
        work: 0,
        limit: effort,
        room: 30_000_000,
        open: None,
        visited: 0,
    };
    let mut ascent = Ascent::new(instance, near, scale, start(instance, near, scale));
    if ascent.price(&forced).is_none() {
        branch.tree.multipliers.push(ascent.now);
        branch.tree.nodes.push(Node::Prune { multipliers: 0 });
        return Ok(Outcome {
            status: Status::ProvedInfeasible,
            answer: None,
            bound: None,
            tree: branch.tree,
        });
    }
    let mut root = root(&mut branch, &mut ascent, &forced);
    let pairs = near.site.len() as u64;
    let small = instance.demands() <= 4000 && pairs < 6_000_000;
    let known = branch.best.is_some() || goal != Goal::Plan || instance.floors.is_some();
    if ceil(root, scale) < branch.target() && effort > 0 && small && known {
        let best = ascent.best;
        branch.explore(near, forced, best, 0);
        if branch.best.is_none() && branch.open.is_none() && goal == Goal::AnyPlan {
            // No leaf has any set.
            return Ok(Outcome {
                status: Status::ProvedInfeasible,
                answer: None,
                bound: None,
                tree: branch.tree,
            });
        }
        // Every leaf was closed at the best plan's cost, or was left at its own bound.
        let closed = branch.target().saturating_mul(scale);
        root = branch.open.map_or(closed, |open| open.min(closed));
    } else {
        branch.tree.multipliers.push(ascent.best);
        branch.tree.nodes.push(Node::Prune { multipliers: 0 });
    }
    let mut bound = ceil(root, scale);
    let answer = branch.best.map(|(objective, open)| {
        let open: Vec<u32> = (0u32..)
            .zip(&open)
            .filter(|(_, o)| **o)
            .map(|(site, _)| site)
            .collect();
        let flow = match assigner.and_then(|a| a.assign(instance, &open)) {
            Some(plan) => plan.flow,
            None => nearest(instance, &open),
        };
        Answer {
            open,
            flow,
            objective,
        }
    });
    if let Some(answer) = &answer {
        bound = bound.min(answer.objective);
    }
    let status = match &answer {
        Some(a) if a.objective == bound => Status::ProvedOptimal,
        Some(_) => Status::Within,
        None if instance.floors.is_some() && bound >= instance.beyond() => Status::ProvedInfeasible,
        None => Status::Unknown,
    };
    Ok(Outcome {
        status,
        answer,
        bound: (status != Status::ProvedInfeasible).then_some(bound),
        tree: branch.tree,
    })
}

/// Climbs at the root, looking for plans on the way; returns the best bound.
fn root(branch: &mut Branch<'_>, ascent: &mut Ascent<'_>, forced: &Forced) -> i64 {
    let scale = branch.scale;
    let pairs = branch.ground.near.site.len();
    let (blocks, rounds) = if pairs > 2_000_000 {
        (20, 60)
    } else {
        (24, 50)
    };
    branch.improve(&ascent.value.clone(), &ascent.chosen.clone());
    let mut looked = Vec::new();
    for _ in 0..blocks {
        let target = branch.target();
        let known = branch.best.is_some() || branch.enough < i64::MAX;
        let goal = if known {
            target.saturating_mul(scale)
        } else {
            let bound = ascent.bound.unwrap_or(0);
            bound.saturating_add(bound.abs() / 20 + scale)
        };
        ascent.climb(forced, rounds, goal, |b| known && ceil(b, scale) >= target);
        branch.work += std::mem::take(&mut ascent.work);
        let bound = ascent.bound.unwrap_or(i64::MIN / 4);
        if known && ceil(bound, scale) >= branch.target() {
            break;
        }
        if ascent.chosen != looked {
            looked.clone_from(&ascent.chosen);
            branch.improve(&ascent.value.clone(), &looked);
        }
        if ascent.theta < 0.002 {
            break;
        }
    }
    let found = branch.best.as_ref().map(|b| b.0);
    if ascent
        .bound
        .is_some_and(|b| ceil(b, scale) < branch.target())
    {
        let pairs = pairs as u64;
        branch.polish(40 * pairs + (2000 * pairs).min(60_000_000));
    }
    // A better plan may be reached by bounds that were too low for the last one.
    if branch.best.as_ref().map(|b| b.0) < found {
        let (target, theta) = (branch.target(), ascent.theta);
        ascent.theta = theta.max(0.05);
        ascent.climb(forced, 200, target.saturating_mul(scale), |b| {
            ceil(b, scale) >= target
        });
    }
    ascent.bound.unwrap_or(i64::MIN / 4)
}

/// Returns what a set of sites costs when everybody goes to the nearest; nothing when
/// somebody who must be served is not.
pub(crate) fn plan_cost(instance: &Instance, near: &Near, open: &[bool]) -> Option<i64> {
    let mut total: i64 = 0;
    for (site, fixed) in instance.fixed.iter().enumerate() {
        if open[site] {
            total = total.checked_add(*fixed)?;
        }
    }
    let sites: Vec<usize> = (0..open.len()).filter(|s| open[*s]).collect();
    for (demand, amount) in instance.amount.iter().enumerate() {
        let listed = near.of(demand).find(|(site, _)| open[*site as usize]);
        let cost = match listed {
            Some((_, cost)) => Some(cost),
            None => sites.iter().filter_map(|s| instance.cost(demand, *s)).min(),
        };
        let unit = match (&instance.penalty, cost) {
            (Some(penalty), Some(cost)) => cost.min(penalty[demand]),
            (Some(penalty), None) => penalty[demand],
            (None, Some(cost)) => cost,
            (None, None) => return None,
        };
        total = total.checked_add(amount.checked_mul(unit)?)?;
    }
    crate::floors::kept(instance, near, open).then_some(total)
}

/// Returns everybody at the nearest open site, the lower index among equals.
fn nearest(instance: &Instance, open: &[u32]) -> Vec<(u32, u32, i64)> {
    let mut only = instance.clone();
    for state in &mut only.state {
        *state = State::Closed;
    }
    for site in open {
        only.state[*site as usize] = State::Candidate;
    }
    only.count = (1, u32::MAX);
    let near = Near::new(&only);
    let mut flow = Vec::with_capacity(instance.demands());
    for (demand, amount) in instance.amount.iter().enumerate() {
        let Some((site, cost)) = near.of(demand).next() else {
            continue;
        };
        let left = instance.penalty.as_ref().is_some_and(|p| cost > p[demand]);
        if !left {
            flow.push((u32::try_from(demand).unwrap_or(u32::MAX), site, *amount));
        }
    }
    flow
}
