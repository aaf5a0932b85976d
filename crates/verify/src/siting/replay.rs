//! The written search, step by step.

use minsheng_model::Text;

use super::bound::{Values, cheapest, large, values};
use super::case::{Pairs, SitingCase};
use crate::report::offends;

/// Multipliers: of each demand's unit, times the scale, and of the budget in 2^-20
/// times the scale.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchPrices {
    /// For each demand.
    pub demand: Vec<i64>,
    /// Of the budget.
    pub budget: i64,
    /// Of each floor, times the scale.
    pub floor: Vec<i64>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchNode {
    /// A leaf with its multipliers.
    Prune(usize),
    /// With these multipliers each of these sites, turned round alone, is no better;
    /// then what follows.
    Fix(usize, Vec<usize>, Vec<usize>),
    /// What follows first with the site open, then with it closed.
    Branch(usize),
}

/// A search written down, parents first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchTree {
    /// What a unit of cost is in multipliers.
    pub scale: i64,
    /// Multipliers, named by index.
    pub prices: Vec<SearchPrices>,
    /// The steps.
    pub nodes: Vec<SearchNode>,
    /// The price of each side constraint, in units of cost.
    pub sides: Vec<i64>,
}

/// Returns the least bound over everything the tree closes, rounded up to whole units
/// of cost: no plan is below it. Nothing when the tree shows that no set keeps the
/// counts at all.
///
/// # Errors
/// What is wrong with the tree.
pub fn replay(case: &SitingCase, tree: &SearchTree) -> Result<Option<i128>, Text> {
    if !case.fits() {
        return Err(offends(
            "instance",
            "数组长度不符",
            "has arrays that do not fit together",
        ));
    }
    let pairs = Pairs::new(case);
    let mut states: Vec<Vec<Option<bool>>> = vec![start(case)?];
    let mut least: Option<i128> = None;
    let mut cached: Option<(usize, Values)> = None;
    for (step, node) in tree.nodes.iter().enumerate() {
        let name = format!("node {step}");
        let wrong = |zh: &str, en: &str| offends(&name, zh, en);
        let Some(mut state) = states.pop() else {
            return Err(wrong("多余", "is one too many"));
        };
        let (index, open, closed): (usize, &[usize], &[usize]) = match node {
            SearchNode::Branch(site) => {
                match state.get(*site) {
                    Some(None) => {}
                    _ => {
                        return Err(wrong(
                            "该点不是待定点",
                            "branches on a site that is not free",
                        ));
                    }
                }
                let mut other = state.clone();
                set(&mut other, *site, false);
                set(&mut state, *site, true);
                states.push(other);
                states.push(state);
                continue;
            }
            SearchNode::Prune(index) => (*index, &[], &[]),
            SearchNode::Fix(index, open, closed) => (*index, open, closed),
        };
        if cached.as_ref().is_none_or(|(own, _)| *own != index) {
            let Some(prices) = tree.prices.get(index) else {
                return Err(wrong(
                    "没有该组乘子",
                    "names multipliers that are not there",
                ));
            };
            cached = Some((index, values(case, &pairs, tree.scale, prices)?));
        }
        let Some((_, values)) = &cached else { continue };
        let mut wide = false;
        let mut take = |forced: &[Option<bool>]| {
            if let Some(sum) = cheapest(case, &values.site, forced) {
                let all = sum.checked_add(values.constant);
                wide |= all.is_none();
                let bound = -(-all.unwrap_or(0)).div_euclid(i128::from(tree.scale));
                least = Some(least.map_or(bound, |l| l.min(bound)));
            }
        };
        if let SearchNode::Prune(_) = node {
            take(&state);
            if wide {
                return Err(large());
            }
            continue;
        }
        for (sites, is_open) in [(open, true), (closed, false)] {
            for site in sites {
                if state.get(*site) != Some(&None) {
                    return Err(wrong("该点不是待定点", "fixes a site that is not free"));
                }
                // What would be excluded: this site the other way round.
                set(&mut state, *site, !is_open);
                take(&state);
                set(&mut state, *site, is_open);
            }
        }
        if wide {
            return Err(large());
        }
        states.push(state);
    }
    if states.is_empty() {
        Ok(least)
    } else {
        Err(offends("tree", "没有走完", "ends too early"))
    }
}

fn set(state: &mut [Option<bool>], site: usize, open: bool) {
    if let Some(slot) = state.get_mut(site) {
        *slot = Some(open);
    }
}

fn start(case: &SitingCase) -> Result<Vec<Option<bool>>, Text> {
    let both = case.must_open.iter().zip(&case.must_close);
    both.map(|(open, close)| match (open, close) {
        (true, true) => Err(offends(
            "instance",
            "既须开又须关",
            "has a site that must be open and closed",
        )),
        (true, false) => Ok(Some(true)),
        (false, true) => Ok(Some(false)),
        (false, false) => Ok(None),
    })
    .collect()
}
