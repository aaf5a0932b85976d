//! One way down a ranked list, told so that it can be asked about every place in it.
//!
//! What is used of a limit only grows, and who is in stays in. So it is enough to note
//! when each grew: whether somebody would have fitted at a place is then two searches,
//! not a way down.

use std::ops::Range;

use crate::ranked::{Key, Obstacle, Phase, Ranking, RankingError, Run, Shape};

/// A place in a phase: just before somebody, or at its end.
#[derive(Clone, Copy)]
struct Spot {
    before: Option<u32>,
    key: Option<Key>,
}

/// The places of a way down, and from which place on everything holds.
pub(crate) struct Timeline<'a> {
    shape: &'a Shape<'a>,
    ranking: &'a Ranking,
    spots: Vec<Spot>,
    phases: Vec<(Phase, Range<usize>)>,
    /// For each limit: from this place on so much is used.
    used: Vec<Vec<(usize, i128)>>,
    /// For each candidate from which place on it is in; never where it is not.
    taken: Vec<usize>,
    /// From which place on the list has ended.
    ended: usize,
    /// Who ended it.
    pub ender: Option<u32>,
}

impl<'a> Timeline<'a> {
    /// Goes down the list, perhaps without somebody.
    pub fn new(shape: &'a Shape<'a>, without: Option<u32>) -> Result<Self, RankingError> {
        let ranking = shape.ranking;
        let mut line = Self {
            shape,
            ranking,
            spots: Vec::new(),
            phases: Vec::new(),
            used: vec![Vec::new(); ranking.limits.len()],
            taken: vec![usize::MAX; ranking.keys.len()],
            ended: usize::MAX,
            ender: None,
        };
        let mut run = Run::new(shape, without, (0, 0));
        run.go(&mut |run, phase, next| line.note(run, phase, next))?;
        Ok(line)
    }

    fn note(&mut self, run: &Run<'_>, phase: Phase, next: Option<u32>) {
        let now = self.spots.len();
        let last = self.spots.last().and_then(|s| s.before);
        if now == 0 {
            // Whoever is in beforehand.
            for (at, own) in (0u32..).zip(&mut self.taken) {
                if run.is_in(at) {
                    *own = 0;
                }
            }
            for (own, used) in self.used.iter_mut().zip(&run.used) {
                own.push((0, *used));
            }
        } else if let Some(at) = last.filter(|at| run.is_in(*at)) {
            if let Some(own) = self.taken.get_mut(at as usize) {
                *own = now;
            }
            for limit in self.shape.limits_of.get(at as usize).into_iter().flatten() {
                if let (Some(own), Some(used)) = (self.used.get_mut(*limit), run.used.get(*limit)) {
                    own.push((now, *used));
                }
            }
        }
        if run.ended && self.ended == usize::MAX {
            (self.ended, self.ender) = (now, last);
        }
        match self.phases.last_mut() {
            Some((own, range)) if *own == phase => range.end = now + 1,
            _ => self.phases.push((phase, now..now + 1)),
        }
        self.spots.push(Spot {
            before: next,
            key: next.and_then(|n| self.ranking.key(n)),
        });
    }

    /// The phases that look at somebody who belongs to these guarantees.
    fn phases(&self, member: &[bool]) -> impl Iterator<Item = &Range<usize>> {
        let own = self.phases.iter();
        own.filter(|(phase, _)| phase.is_none_or(|g| member.get(g) == Some(&true)))
            .map(|(_, range)| range)
    }

    /// The place of a key in a phase; beyond its end where the phase does not come to it.
    fn place(&self, range: &Range<usize>, key: Key) -> usize {
        let spots = self.spots.get(range.clone()).unwrap_or_default();
        let earlier = |s: &Spot| s.key.is_some_and(|k| k.order() < key.order());
        range.start + spots.partition_point(earlier)
    }

    /// What stands in somebody's way at the place of its key in each phase.
    pub fn found(&self, at: u32, key: Key, member: &[bool]) -> Vec<Vec<Obstacle>> {
        let places = self.phases(member).filter_map(|range| {
            let place = self.place(range, key);
            (place < range.end).then_some(place)
        });
        places.map(|place| self.obstacles(at, place)).collect()
    }

    fn obstacles(&self, at: u32, place: usize) -> Vec<Obstacle> {
        let mut found = Vec::new();
        for limit in self.shape.limits_of.get(at as usize).into_iter().flatten() {
            let (Some(own), Some(used)) = (self.ranking.limits.get(*limit), self.used.get(*limit))
            else {
                continue;
            };
            let known = used.partition_point(|(from, _)| *from <= place);
            let used = known.checked_sub(1).and_then(|k| used.get(k));
            let used = used.map_or(0, |(_, used)| *used);
            let over = used + i128::from(self.ranking.amount(own, at)) - i128::from(own.most);
            if over > 0 {
                found.push(Obstacle::Limit(*limit, over));
            }
        }
        for needed in self.shape.needs_of.get(at as usize).into_iter().flatten() {
            if self
                .taken
                .get(*needed as usize)
                .is_none_or(|from| *from > place)
            {
                found.push(Obstacle::Needs(*needed));
            }
        }
        if self.ended <= place {
            found.push(Obstacle::Ended);
        }
        found
    }

    /// The places at which nothing stands in somebody's way.
    fn window(&self, at: u32) -> Range<usize> {
        let needs = self.shape.needs_of.get(at as usize).into_iter().flatten();
        let from = needs.map(|n| self.taken.get(*n as usize).copied().unwrap_or(usize::MAX));
        let limits = self.shape.limits_of.get(at as usize).into_iter().flatten();
        let until = limits.filter_map(|limit| {
            let own = self.ranking.limits.get(*limit)?;
            let left = i128::from(own.most) - i128::from(self.ranking.amount(own, at));
            let used = self.used.get(*limit)?;
            let first = used.partition_point(|(_, used)| *used <= left);
            used.get(first).map(|(from, _)| *from)
        });
        from.max().unwrap_or(0)..until.min().unwrap_or(usize::MAX).min(self.ended)
    }

    /// The smallest of `scores`, which ascend, with which somebody would have fitted at
    /// its place in some phase; those that `free` refuses are passed over.
    pub fn lowest(
        &self,
        at: u32,
        member: &[bool],
        (key, scores): (Key, &[i64]),
        free: impl Fn(i64) -> bool,
    ) -> Option<i64> {
        let window = self.window(at);
        let lowest = |range: &Range<usize>| {
            // A higher score has an earlier place.
            let place = |score: i64| self.place(range, Key { score, ..key });
            let end = window.end.min(range.end);
            let first = scores.partition_point(|s| place(*s) >= end);
            let rest = scores.get(first..).unwrap_or_default().iter();
            rest.copied()
                .take_while(|s| place(*s) >= window.start)
                .find(|s| free(*s))
        };
        self.phases(member).filter_map(lowest).min()
    }
}
