//! What is said to have let somebody in, tried.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::list::{List, Walked};
use super::outcome::{Explanation, Outcome, Raise};
use crate::report::{Found, differs, offends};

/// Checks that the smallest changes let in, and that smaller ones do not.
pub(super) fn explanations(list: &List<'_>, walked: &Walked, outcome: &Outcome) -> Found {
    let asked: Vec<usize> = list
        .written
        .explain
        .iter()
        .filter_map(|id| list.place.get(id.as_str()).copied())
        .filter(|at| !list.out(*at) && walked.ways.get(*at) == Some(&None))
        .collect();
    if asked.len() != outcome.explanations.len() {
        return differs("explanations", asked.len(), outcome.explanations.len());
    }
    let pairs: Vec<(usize, &Explanation)> = asked.into_iter().zip(&outcome.explanations).collect();
    let own = |at: usize| list.written.projects.get(at).map_or("", |p| p.id.as_str());
    let mut raised = Raised::default();
    let limits: Vec<bool> = pairs
        .iter()
        .map(|(at, told)| raised.holds(list, *at, &told.limits) == Some(true))
        .collect();
    // Each thread has a list of its own to change.
    let tried: Vec<bool> = pairs
        .par_iter()
        .map_init(
            || List::new(list.written),
            |other, (at, told)| {
                told.id == own(*at)
                    && score(other, *at, told.score) == Some(true)
                    && costs(other, *at, &told.costs) == Some(true)
            },
        )
        .collect();
    let wrong = pairs.iter().zip(limits.iter().zip(tried));
    let mut wrong = wrong.filter(|(_, (limits, rest))| !(**limits && *rest));
    let ((at, _), _) = wrong.next()?;
    Some(offends(
        own(*at),
        "所说的最小变动不成立",
        "has other smallest changes",
    ))
}

/// Whether the score is the smallest that lets in: tried at every place in the tier
/// where it matters. Without prerequisites more score never hurts, so that the last
/// place below is enough. The list is as before when this returns.
fn score(list: &mut List<'_>, at: usize, told: Option<i128>) -> Option<bool> {
    let project = list.written.projects.get(at)?;
    let own = *list.scores.get(at)?;
    let tie = project.tie.unwrap_or(0);
    let same = list.written.projects.iter().zip(&list.scores);
    let rivals: HashSet<(i128, i64)> = same
        .filter(|(p, _)| p.tier.unwrap_or(0) == project.tier.unwrap_or(0) && p.id != project.id)
        .map(|(p, s)| (*s, p.tie.unwrap_or(0)))
        .collect();
    let mut places: Vec<i128> = rivals
        .iter()
        .flat_map(|(s, _)| [*s, s + 1])
        .filter(|s| *s > own && *s <= i128::from(i64::MAX))
        .filter(|s| !rivals.contains(&(*s, tie)))
        .collect();
    places.sort_unstable();
    places.dedup();
    let most = told.map(|t| own + t);
    let mut below: Vec<i128> = places
        .iter()
        .copied()
        .filter(|s| most.is_none_or(|m| *s < m))
        .collect();
    if project.needs.is_empty() {
        below = below.pop().into_iter().collect();
    }
    let mut with = |score: i128| {
        *list.scores.get_mut(at)? = score;
        let inside = list.gets_in(at);
        *list.scores.get_mut(at)? = own;
        Some(inside)
    };
    for score in below {
        if with(score)? {
            return Some(false);
        }
    }
    match most {
        Some(most) => Some(places.binary_search(&most).is_ok() && with(most)?),
        None => Some(true),
    }
}

/// Whether each cost is lowered by the least that lets in. The list is as before when
/// this returns.
fn costs(list: &mut List<'_>, at: usize, told: &BTreeMap<String, Option<i64>>) -> Option<bool> {
    if told.len() != list.written.budgets.len() {
        return Some(false);
    }
    for (budget, less) in told {
        let name = list.written.budgets.iter().find(|b| b.id == *budget);
        let Some(name) = name.map(|b| b.id.as_str()) else {
            return Some(false);
        };
        let before = list.costs.get(at)?.get(name).copied();
        let own = before.unwrap_or(0);
        let mut with = |cost: i128| {
            list.costs.get_mut(at)?.insert(name, cost);
            let inside = list.gets_in(at);
            match before {
                Some(cost) => list.costs.get_mut(at)?.insert(name, cost),
                None => list.costs.get_mut(at)?.remove(name),
            };
            Some(inside)
        };
        let right = match less.map(i128::from) {
            None => !with(0)?,
            Some(0) => false,
            Some(less) if less < 0 || less > own => false,
            Some(less) => with(own - less)? && !with(own - less + 1)?,
        };
        if !right {
            return Some(false);
        }
    }
    Some(true)
}

/// What comes of raising a rule, from one turning point to the next.
#[derive(Default)]
struct Turns {
    /// How much is raised, who is in then, and how far it is to the next.
    steps: Vec<(i128, Vec<bool>, Option<i128>)>,
}

/// Turning points of rules, for all candidates together: they are the list's own.
#[derive(Default)]
struct Raised {
    rules: HashMap<usize, Turns>,
}

impl Raised {
    /// Returns a turning point, gone to if need be; `None` beyond the last.
    fn step(
        &mut self,
        list: &List<'_>,
        rule: usize,
        step: usize,
    ) -> Option<&(i128, Vec<bool>, Option<i128>)> {
        let turns = self.rules.entry(rule).or_default();
        while turns.steps.len() <= step {
            let by = match turns.steps.last() {
                None => 0,
                Some((by, _, near)) => by + (*near)?,
            };
            let mut other = List::new(list.written);
            let base = list.rules.get(rule)?.most?;
            other.rules.get_mut(rule)?.most = Some(base + by);
            let again = other.who();
            let near = again.nearest.get(rule).copied().flatten();
            let inside = again.ways.iter().map(Option::is_some).collect();
            turns.steps.push((by, inside, near));
        }
        turns.steps.get(step)
    }

    fn holds(&mut self, list: &List<'_>, at: usize, told: &[Raise]) -> Option<bool> {
        for own in told {
            let rule = list.rules.iter().position(|r| r.name == own.row)?;
            if !self.one(list, (rule, at), own)? {
                return Some(false);
            }
        }
        Some(true)
    }

    fn one(&mut self, list: &List<'_>, (rule, at): (usize, usize), own: &Raise) -> Option<bool> {
        for step in 0.. {
            let Some((by, inside, near)) = self.step(list, rule, step) else {
                return Some(false);
            };
            let by = *by;
            // "None smaller than this": what this raise itself does was not said.
            if own.raise.is_none() && own.searched == Some(by) && by > 0 {
                return Some(true);
            }
            if own.searched.is_some_and(|s| by > s) {
                return Some(false);
            }
            if *inside.get(at)? {
                return Some(own.raise == Some(by) && own.searched == Some(by));
            }
            if near.is_none() {
                return Some(own.raise.is_none() && own.searched.is_none());
            }
        }
        None
    }
}
