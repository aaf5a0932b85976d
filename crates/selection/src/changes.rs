//! What would have let somebody in who was left out of a ranked list.

use std::collections::BTreeSet;

use crate::ranked::{Key, Obstacle, Phase, Ranking, RankingError, Run};

/// Raises of one limit that are tried for one candidate.
const RAISES_MAX: usize = 400;

/// The smallest changes, each alone, that would have let a candidate in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// So much more score, everybody else's the same; `None` when none would.
    pub score: Option<i128>,
    /// For each cost, so much less; `None` when not even 0 would.
    pub costs: Vec<Option<i64>>,
    /// For each limit that stands in the way, how much it would have to be raised.
    pub limits: Vec<Raise>,
}

/// How much a limit would have to be raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raise {
    /// The limit.
    pub limit: usize,
    /// The smallest raise that lets the candidate in, if one was found.
    pub by: Option<i128>,
    /// No raise smaller than this does; `None` when no raise at all does.
    pub searched: Option<i128>,
}

/// A place in a phase: just before somebody, and what stood in the way there.
struct Spot {
    phase: Phase,
    before: Option<Key>,
    found: Vec<Obstacle>,
}

/// Returns the smallest changes that would have let in a candidate that is neither
/// in nor fixed.
///
/// The list is gone down once without the candidate; at every place it is noted
/// what would stand in its way there. A higher score moves it to an earlier place
/// and changes nothing before; a lower cost changes nothing before either. So both
/// are exact. Limits are raised from breakpoint to breakpoint: between two, the
/// list comes out the same.
///
/// # Errors
/// As [`crate::rank`].
pub fn changes(ranking: &Ranking, at: u32) -> Result<Changes, RankingError> {
    ranking.check()?;
    let Some(key) = ranking.key(at) else {
        return Err(RankingError::Shape("no such candidate"));
    };
    let member: Vec<bool> = ranking
        .guarantees
        .iter()
        .map(|g| g.members.contains(&at))
        .collect();
    let mut spots: Vec<Spot> = Vec::new();
    let mut run = Run::new(ranking, Some(at), (0, 0));
    run.go(&mut |run, phase, next| {
        if phase.is_none_or(|g| member.get(g) == Some(&true)) {
            spots.push(Spot {
                phase,
                before: next.and_then(|n| ranking.key(n)),
                found: run.obstacles(at),
            });
        }
    })?;
    let own: Vec<&Spot> = places(&spots, key).collect();
    let mut limits: Vec<usize> = own
        .iter()
        .flat_map(|s| &s.found)
        .filter_map(|o| match o {
            Obstacle::Limit(limit, _) => Some(*limit),
            _ => None,
        })
        .collect();
    limits.sort_unstable();
    limits.dedup();
    let limits = limits.into_iter().map(|l| raise(ranking, at, l));
    Ok(Changes {
        score: score(ranking, &spots, key),
        costs: (0..ranking.costs.len())
            .map(|cost| cheaper(ranking, at, cost, &own))
            .collect(),
        limits: limits.collect::<Result<_, _>>()?,
    })
}

/// Returns the place that a key has in each phase that comes to it.
fn places(spots: &[Spot], key: Key) -> impl Iterator<Item = &Spot> {
    let phases = spots.chunk_by(|a, b| a.phase == b.phase);
    phases.filter_map(move |phase| {
        let earlier = |s: &Spot| s.before.is_some_and(|k| k.order() < key.order());
        phase.get(phase.partition_point(earlier))
    })
}

fn score(ranking: &Ranking, spots: &[Spot], key: Key) -> Option<i128> {
    let same = ranking.keys.iter().filter(|k| k.tier == key.tier);
    let taken: BTreeSet<(i64, i64)> = same.map(|k| (k.score, k.tie)).collect();
    let mut tried: Vec<i64> = taken
        .iter()
        .flat_map(|(s, _)| [Some(*s), s.checked_add(1)])
        .flatten()
        .filter(|s| *s > key.score && !taken.contains(&(*s, key.tie)))
        .collect();
    tried.sort_unstable();
    tried.dedup();
    let fits = |score: &i64| {
        let score = *score;
        places(spots, Key { score, ..key }).any(|s| s.found.is_empty())
    };
    let found = tried.into_iter().find(fits)?;
    Some(i128::from(found) - i128::from(key.score))
}

fn cheaper(ranking: &Ranking, at: u32, cost: usize, own: &[&Spot]) -> Option<i64> {
    let amount = *ranking.costs.get(cost)?.get(at as usize)?;
    let all = own.iter().filter_map(|spot| {
        let mut most = 0;
        for obstacle in &spot.found {
            match obstacle {
                Obstacle::Limit(limit, over) if ranking.limits.get(*limit)?.cost == Some(cost) => {
                    most = most.max(*over);
                }
                _ => return None,
            }
        }
        i64::try_from(most).ok().filter(|m| *m <= amount)
    });
    all.min()
}

fn raise(ranking: &Ranking, at: u32, limit: usize) -> Result<Raise, RankingError> {
    let mut by = 0i128;
    for _ in 0..RAISES_MAX {
        let mut run = Run::new(ranking, None, (limit, by));
        run.go(&mut |_, _, _| {})?;
        if matches!(run.listed.ways.get(at as usize), Some(Some(_))) {
            return Ok(Raise {
                limit,
                by: Some(by),
                searched: Some(by),
            });
        }
        let Some(nearest) = run.nearest else {
            return Ok(Raise {
                limit,
                by: None,
                searched: None,
            });
        };
        by += nearest;
    }
    Ok(Raise {
        limit,
        by: None,
        searched: Some(by),
    })
}
