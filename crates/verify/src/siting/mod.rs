//! Sites and their bounds, checked from multipliers.
//!
//! The cost of every pair is computed again from the instance, every bound from its
//! multipliers, every step of the written search in its order. Nothing is searched.

mod access;
mod bound;
mod case;
mod catchment;
mod gaps;
mod groups;
mod length;
mod plan;
pub mod published;
mod replay;
mod side;
mod years;

pub use access::{AccessCase, AccessClaim, AccessFloor, check_access, gaussian_zones};
use case::Pairs;
pub use case::{CaseFloors, CaseGroups, CaseMetric, CaseRounding, Distances, SitingCase};
pub use gaps::{Gap, gaps};
pub use groups::{GroupFigures, group_figures};
pub use plan::PlanOfSites;
use plan::check_plan_of_sites;
pub use replay::{SearchNode, SearchPrices, SearchTree, replay};
pub use side::CaseSide;
pub use years::{CaseYear, StagedCase, StagedClaim, StagedPrices, check_years};

use minsheng_model::Text;

use crate::report::{Checks, Found, Report, offends};

/// What is claimed of an instance.
#[derive(Debug, Clone, Default)]
pub struct SitingClaim {
    /// The plan, unless there is none.
    pub plan: Option<PlanOfSites>,
    /// What no plan is below.
    pub bound: Option<i128>,
    /// `proved-optimal`, `within k of optimum`, `feasible, no bound`,
    /// `proved-infeasible` or `unknown`.
    pub status: String,
    /// What proves the bound; of an impossible instance, that somebody is left out.
    pub tree: SearchTree,
}

/// Checks a claim.
#[must_use]
pub fn check_siting(case: &SitingCase, claim: &SitingClaim) -> Report {
    let mut checks = Checks::default();
    if let Some(plan) = &claim.plan {
        check_plan_of_sites(case, plan, &mut checks);
    }
    let pairs = case.amount.len().saturating_mul(case.sites());
    let leaves = claim.tree.nodes.len();
    if claim.status == "proved-infeasible" {
        checks.add(
            "infeasible",
            "证明没有可行方案",
            "there is no plan",
            leaves,
            impossible(case, claim),
        );
    } else if claim.bound.is_some() {
        checks.add(
            "bound",
            "由乘子重新算出的下界",
            "the bound follows from the multipliers",
            pairs.max(leaves),
            bound(case, claim),
        );
    }
    checks.add(
        "status",
        "结论与数字相符",
        "the status fits the numbers",
        1,
        status(claim),
    );
    checks.report(
        Text::new(
            "方案满足全部限制;任何方案都不低于下界",
            "the plan keeps every limit; no plan is below the bound",
        ),
        Text::new("实例本身是否属实", "that the instance describes the world"),
    )
}

/// Checks a claim about the largest cost of anybody: the plan's objective is the largest
/// cost, and the tree proves that within a reach of one unit less than the bound
/// somebody is left out. Amounts, penalties and fixed costs are not looked at.
#[must_use]
pub fn check_centre(case: &SitingCase, claim: &SitingClaim) -> Report {
    let mut plain = case.clone();
    plain.penalty = None;
    plain.fixed = vec![0; case.sites()];
    let mut checks = Checks::default();
    if let Some(plan) = &claim.plan {
        plan::check_centre_plan(&plain, plan, &mut checks);
    }
    let said = match (claim.status.as_str(), claim.bound) {
        ("proved-infeasible", _) => impossible(&plain, claim),
        (_, Some(bound)) if bound > 0 => match i64::try_from(bound - 1) {
            Err(_) => Some(offends("bound", "过大", "is too large")),
            Ok(reach) => {
                let mut nearer = plain.clone();
                nearer.reach = Some(plain.reach.map_or(reach, |r| r.min(reach)));
                match replay(&nearer.left_out(), &claim.tree) {
                    Err(said) => Some(said),
                    Ok(Some(least)) if least < 1 => Some(offends(
                        "tree",
                        "没有证明有人得不到服务",
                        "does not prove that somebody is left out",
                    )),
                    Ok(_) => None,
                }
            }
        },
        (_, Some(bound)) if bound < 0 => Some(offends("bound", "为负", "is negative")),
        _ => None,
    };
    checks.add(
        "bound",
        "再近一米就有人得不到服务",
        "with one unit less somebody is left out",
        claim.tree.nodes.len(),
        said,
    );
    checks.add(
        "status",
        "结论与数字相符",
        "the status fits the numbers",
        1,
        status(claim),
    );
    checks.report(
        Text::new(
            "方案满足全部限制;最远距离不能再小于下界",
            "the plan keeps every limit; no plan has a largest cost below the bound",
        ),
        Text::new("实例本身是否属实", "that the instance describes the world"),
    )
}

fn bound(case: &SitingCase, claim: &SitingClaim) -> Found {
    let claimed = claim.bound?;
    let objective = claim.plan.as_ref().map(|p| p.objective);
    let (priced, added) = match side::priced(case, &claim.tree.sides) {
        Ok(own) => own,
        Err(said) => return Some(said),
    };
    match replay(&priced, &claim.tree) {
        Err(said) => Some(said),
        Ok(least) => {
            let least = least.map(|l| l.saturating_add(added));
            // Nothing below the tree's least leaf; and the plan itself is a plan.
            let proved = match (least, objective) {
                (Some(l), Some(o)) => l.min(o),
                (Some(l), None) => l,
                (None, Some(_) | None) => {
                    return Some(offends(
                        "bound",
                        "搜索树中没有任何方案",
                        "the tree leaves no plan at all",
                    ));
                }
            };
            crate::report::differs("bound", proved, claimed)
        }
    }
}

fn impossible(case: &SitingCase, claim: &SitingClaim) -> Found {
    if claim.plan.is_some() {
        return Some(offends("plan", "却给出了方案", "is given all the same"));
    }
    // Either no set of sites keeps the counts, or somebody is left out by every set.
    if matches!(replay(case, &claim.tree), Ok(None)) {
        return None;
    }
    if let Some(penalty) = &case.penalty {
        // Every plan costs at most this; a bound above it leaves room for none.
        let most = penalty
            .iter()
            .zip(&case.amount)
            .map(|(p, a)| i128::from(*p) * i128::from(*a))
            .chain(case.fixed.iter().map(|f| i128::from(*f)))
            .try_fold(0i128, i128::checked_add);
        let costs = Pairs::new(case);
        let mut free = true;
        for demand in 0..case.amount.len() {
            costs.each(demand, None, &mut |_, cost| free &= cost == 0);
        }
        return match (replay(case, &claim.tree), most) {
            (Err(said), _) => Some(said),
            (Ok(Some(least)), Some(most)) if free && least > most => None,
            _ => Some(offends("tree", "没有证明", "does not prove it")),
        };
    }
    match replay(&case.left_out(), &claim.tree) {
        Err(said) => Some(said),
        Ok(None) => None,
        Ok(Some(least)) if least >= 1 => None,
        Ok(Some(_)) => Some(offends(
            "tree",
            "没有证明有人得不到服务",
            "does not prove that somebody is left out",
        )),
    }
}

fn status(claim: &SitingClaim) -> Found {
    let objective = claim.plan.as_ref().map(|p| p.objective);
    let holds = match (claim.status.as_str(), objective, claim.bound) {
        ("proved-optimal", Some(o), Some(b)) => o == b,
        ("proved-infeasible", None, None)
        | ("unknown", None, _)
        | ("feasible, no bound", Some(_), None) => true,
        (within, Some(o), Some(b)) => o > b && within == format!("within {} of optimum", o - b),
        _ => false,
    };
    (!holds).then(|| {
        offends(
            "status",
            "与目标值和下界不符",
            "does not fit objective and bound",
        )
    })
}
