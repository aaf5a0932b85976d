//! What would have let somebody in who was left out of a ranked list.

use std::collections::{BTreeMap, BTreeSet};

use crate::ranked::{Key, Obstacle, Ranking, RankingError, Run, Shape};
use crate::timeline::Timeline;

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

/// Returns the smallest changes that would have let in a candidate that is neither
/// in nor fixed.
///
/// # Errors
/// As [`crate::rank`].
pub fn changes(ranking: &Ranking, at: u32) -> Result<Changes, RankingError> {
    let all = all_changes(ranking, &[at])?;
    all.into_iter()
        .next()
        .ok_or(RankingError::Shape("no such candidate"))
}

/// Returns the smallest changes for each of several candidates that are neither in nor
/// fixed.
///
/// The list is gone down once; nobody of them is in, so that it comes out the same
/// without one (but for whoever ended it, for whom it is gone down again). At every
/// place it is known what would stand in somebody's way. A higher score moves a
/// candidate to an earlier place and changes nothing before; a lower cost changes
/// nothing before either. So both are exact. Limits are raised from breakpoint to
/// breakpoint: between two, the list comes out the same. The breakpoints are the list's
/// own, and serve all candidates.
///
/// # Errors
/// As [`crate::rank`].
pub fn all_changes(ranking: &Ranking, asked: &[u32]) -> Result<Vec<Changes>, RankingError> {
    ranking.check()?;
    let shape = Shape::new(ranking);
    let whole = Timeline::new(&shape, None)?;
    let tried = Tried::new(ranking);
    let mut all = Vec::with_capacity(asked.len());
    let mut waiting: BTreeMap<usize, Vec<(usize, u32)>> = BTreeMap::new();
    for (place, &at) in asked.iter().enumerate() {
        let Some(key) = ranking.key(at) else {
            return Err(RankingError::Shape("no such candidate"));
        };
        let again = if whole.ender == Some(at) {
            Some(Timeline::new(&shape, Some(at))?)
        } else {
            None
        };
        let line = again.as_ref().unwrap_or(&whole);
        let member: Vec<bool> = ranking
            .guarantees
            .iter()
            .map(|g| g.members.contains(&at))
            .collect();
        let own = line.found(at, key, &member);
        let limits: BTreeSet<usize> = own
            .iter()
            .flatten()
            .filter_map(|o| match o {
                Obstacle::Limit(limit, _) => Some(*limit),
                _ => None,
            })
            .collect();
        for limit in limits {
            waiting.entry(limit).or_default().push((place, at));
        }
        let scores = tried.above(key);
        let free = |score: i64| !tried.taken.contains(&(key.tier, score, key.tie));
        let found = line.lowest(at, &member, (key, scores), free);
        all.push(Changes {
            score: found.map(|s| i128::from(s) - i128::from(key.score)),
            costs: (0..ranking.costs.len())
                .map(|cost| cheaper(ranking, at, cost, &own))
                .collect(),
            limits: Vec::new(),
        });
    }
    for (limit, who) in waiting {
        for (place, raise) in raises(&shape, limit, &who)? {
            if let Some(own) = all.get_mut(place) {
                own.limits.push(raise);
            }
        }
    }
    Ok(all)
}

/// Scores that are worth trying: with any other the place is that of one of these.
struct Tried {
    /// By tier, ascending.
    scores: BTreeMap<i64, Vec<i64>>,
    /// Keys that somebody has.
    taken: BTreeSet<(i64, i64, i64)>,
}

impl Tried {
    fn new(ranking: &Ranking) -> Self {
        let mut scores: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for key in &ranking.keys {
            let own = scores.entry(key.tier).or_default();
            own.push(key.score);
            own.extend(key.score.checked_add(1));
        }
        for own in scores.values_mut() {
            own.sort_unstable();
            own.dedup();
        }
        let keys = ranking.keys.iter();
        Self {
            scores,
            taken: keys.map(|k| (k.tier, k.score, k.tie)).collect(),
        }
    }

    fn above(&self, key: Key) -> &[i64] {
        let own = self.scores.get(&key.tier).map_or(&[][..], Vec::as_slice);
        let first = own.partition_point(|s| *s <= key.score);
        own.get(first..).unwrap_or_default()
    }
}

fn cheaper(ranking: &Ranking, at: u32, cost: usize, own: &[Vec<Obstacle>]) -> Option<i64> {
    let amount = *ranking.costs.get(cost)?.get(at as usize)?;
    let all = own.iter().filter_map(|found| {
        let mut most = 0;
        for obstacle in found {
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

/// Raises a limit until everybody who waits is in, or nothing more can be said.
fn raises(
    shape: &Shape<'_>,
    limit: usize,
    who: &[(usize, u32)],
) -> Result<Vec<(usize, Raise)>, RankingError> {
    let mut found = Vec::with_capacity(who.len());
    let mut waiting = who.to_vec();
    let mut by = 0i128;
    let mut searched = None;
    for _ in 0..RAISES_MAX {
        let mut run = Run::new(shape, None, (limit, by));
        run.go(&mut |_, _, _| {})?;
        waiting.retain(|(place, at)| {
            let inside = run.is_in(*at);
            if inside {
                let raise = Raise {
                    limit,
                    by: Some(by),
                    searched: Some(by),
                };
                found.push((*place, raise));
            }
            !inside
        });
        if waiting.is_empty() {
            return Ok(found);
        }
        let Some(nearest) = run.nearest else {
            searched = None;
            break;
        };
        by += nearest;
        searched = Some(by);
    }
    let rest = waiting.into_iter().map(|(place, _)| {
        let raise = Raise {
            limit,
            by: None,
            searched,
        };
        (place, raise)
    });
    found.extend(rest);
    Ok(found)
}
