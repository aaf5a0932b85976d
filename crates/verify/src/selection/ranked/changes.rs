//! What is said to have let somebody in, tried.

use std::collections::BTreeMap;

use super::list::{List, Walked};
use super::outcome::{Outcome, Raise};
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
    for (at, own) in asked.into_iter().zip(&outcome.explanations) {
        let id = list.written.projects.get(at).map_or("", |p| &p.id);
        let holds = own.id == id
            && score(list, at, own.score) == Some(true)
            && costs(list, at, &own.costs) == Some(true)
            && limits(list, at, &own.limits) == Some(true);
        if !holds {
            return Some(offends(
                id,
                "所说的最小变动不成立",
                "has other smallest changes",
            ));
        }
    }
    None
}

/// Whether the score is the smallest that lets in: tried at every place in the tier
/// where it matters. Without prerequisites more score never hurts, so that the last
/// place below is enough.
fn score(list: &List<'_>, at: usize, told: Option<i128>) -> Option<bool> {
    let project = list.written.projects.get(at)?;
    let own = *list.scores.get(at)?;
    let tie = project.tie.unwrap_or(0);
    let same = list.written.projects.iter().zip(&list.scores);
    let rivals: Vec<(i128, i64)> = same
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
    let mut other = List::new(list.written);
    let mut with = |score: i128| {
        *other.scores.get_mut(at)? = score;
        Some(other.gets_in(at))
    };
    for score in below {
        if with(score)? {
            return Some(false);
        }
    }
    match most {
        Some(most) => Some(places.contains(&most) && with(most)?),
        None => Some(true),
    }
}

fn costs(list: &List<'_>, at: usize, told: &BTreeMap<String, Option<i64>>) -> Option<bool> {
    if told.len() != list.written.budgets.len() {
        return Some(false);
    }
    for (budget, less) in told {
        let name = list.written.budgets.iter().find(|b| b.id == *budget);
        let Some(name) = name.map(|b| b.id.as_str()) else {
            return Some(false);
        };
        let own = list.costs.get(at)?.get(name).copied().unwrap_or(0);
        let with = |cost: i128| {
            let mut other = List::new(list.written);
            other.costs.get_mut(at)?.insert(name, cost);
            Some(other.gets_in(at))
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

/// Raises each limit from one turning point to the next.
fn limits(list: &List<'_>, at: usize, told: &[Raise]) -> Option<bool> {
    for own in told {
        let index = list.rules.iter().position(|r| r.name == own.row)?;
        let mut other = List::new(list.written);
        let mut by = 0i128;
        loop {
            // "None smaller than this": what this raise itself does was not said.
            if own.raise.is_none() && own.searched == Some(by) && by > 0 {
                break;
            }
            let rule = other.rules.get_mut(index)?;
            let base = list.rules.get(index)?.most?;
            rule.most = Some(base + by);
            let again = other.walk();
            if again.ways.get(at)?.is_some() {
                if own.raise != Some(by) || own.searched != Some(by) {
                    return Some(false);
                }
                break;
            }
            match again.nearest.get(&own.row) {
                None if own.raise.is_none() && own.searched.is_none() => break,
                None => return Some(false),
                Some(near) => by += near,
            }
            if own.searched.is_some_and(|s| by > s) {
                return Some(false);
            }
        }
    }
    Some(true)
}
