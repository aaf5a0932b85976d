//! Ranked lists: down the list, whoever fits is in.
//!
//! 1. Who must be in is in.
//! 2. For each guarantee in the declared order the best of its members that are not
//!    in yet and fit, until the guarantee is met.
//! 3. The rest in order, each that fits. Where a limit says so, the first that does
//!    not fit it ends the list; otherwise it is passed over.
//!
//! Somebody fits who exceeds no limit and whose prerequisites are in already.
//! Whoever was passed over is not looked at again.

use std::cmp::Reverse;

/// The place in the order: tier first, then the higher score, then the lower tie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Lower comes first.
    pub tier: i64,
    /// Higher comes first.
    pub score: i64,
    /// Lower comes first.
    pub tie: i64,
}

impl Key {
    /// Returns what sorts ascending.
    #[must_use]
    pub fn order(&self) -> (i64, Reverse<i64>, i64) {
        (self.tier, Reverse(self.score), self.tie)
    }
}

/// At most so many, or so much of a cost, of some candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Whom it is about.
    pub members: Vec<u32>,
    /// Which cost it sums; `None` counts heads.
    pub cost: Option<usize>,
    /// The most.
    pub most: i64,
    /// Whether the first that does not fit ends the list.
    pub stops: bool,
}

/// At least so many of some candidates, if there are so many that fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarantee {
    /// Whom it is about.
    pub members: Vec<u32>,
    /// How many.
    pub least: usize,
}

/// A list and its rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ranking {
    /// One per candidate; no two that can be in are the same.
    pub keys: Vec<Key>,
    /// Whether a candidate is in or out beforehand.
    pub fixed: Vec<Option<bool>>,
    /// For each cost, one amount of 0 or more per candidate.
    pub costs: Vec<Vec<i64>>,
    /// Limits.
    pub limits: Vec<Limit>,
    /// Guarantees, in their order.
    pub guarantees: Vec<Guarantee>,
    /// Candidate and what it needs.
    pub needs: Vec<(u32, u32)>,
}

/// The way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Beforehand.
    Must,
    /// By a guarantee.
    Guarantee(usize),
    /// Down the list.
    Open,
}

/// What keeps somebody out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// A limit, and by how much it would be exceeded.
    Limit(usize, i128),
    /// A prerequisite that is not in.
    Needs(u32),
    /// The list has ended.
    Ended,
}

/// What a list came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// One per candidate.
    pub ways: Vec<Option<Way>>,
    /// Of those looked at and not taken, what stood in the way the last time.
    pub obstacles: Vec<Vec<Obstacle>>,
    /// How many each guarantee lacks.
    pub lacking: Vec<usize>,
    /// Candidates in order.
    pub order: Vec<u32>,
}

/// Why a list cannot be gone down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RankingError {
    /// Arrays that do not fit together.
    #[error("the arrays do not fit together: {0}")]
    Shape(&'static str),
    /// Two candidates with the same key.
    #[error("candidates {0} and {1} are equal in tier, score and tie")]
    Equal(u32, u32),
    /// A negative cost.
    #[error("candidate {0} has a negative cost")]
    Negative(u32),
    /// Those who must be in exceed a limit.
    #[error("those who must be in exceed limit {0}")]
    Must(usize),
}

impl Ranking {
    /// Checks that everything fits together.
    ///
    /// # Errors
    /// The first thing that does not.
    pub fn check(&self) -> Result<(), RankingError> {
        let n = self.keys.len();
        if self.fixed.len() != n || self.costs.iter().any(|c| c.len() != n) {
            return Err(RankingError::Shape(
                "keys, costs and fixed differ in number",
            ));
        }
        let known = |i: &u32| (*i as usize) < n;
        let limits = self
            .limits
            .iter()
            .all(|l| l.members.iter().all(known) && l.cost.is_none_or(|c| c < self.costs.len()));
        let guarantees = self.guarantees.iter().all(|g| g.members.iter().all(known));
        if !limits || !guarantees || !self.needs.iter().all(|(a, b)| known(a) && known(b)) {
            return Err(RankingError::Shape("an index is out of range"));
        }
        for amounts in &self.costs {
            if let Some((at, _)) = (0u32..).zip(amounts).find(|(_, a)| **a < 0) {
                return Err(RankingError::Negative(at));
            }
        }
        let mut order = self.order();
        order.retain(|at| self.fixed.get(*at as usize) != Some(&Some(false)));
        for pair in order.windows(2) {
            if let &[a, b] = pair
                && self.key(a) == self.key(b)
            {
                return Err(RankingError::Equal(a.min(b), a.max(b)));
            }
        }
        Ok(())
    }

    pub(crate) fn key(&self, at: u32) -> Option<Key> {
        self.keys.get(at as usize).copied()
    }

    fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0u32..).zip(&self.keys).map(|(i, _)| i).collect();
        order.sort_by_key(|i| (self.key(*i).map(|k| k.order()), *i));
        order
    }

    pub(crate) fn amount(&self, limit: &Limit, at: u32) -> i64 {
        match limit.cost.and_then(|c| self.costs.get(c)) {
            Some(amounts) => amounts.get(at as usize).copied().unwrap_or(0),
            None => 1,
        }
    }
}

/// Goes down a list.
///
/// # Errors
/// A list that does not fit together, or whose musts exceed a limit.
pub fn rank(ranking: &Ranking) -> Result<Listed, RankingError> {
    ranking.check()?;
    let shape = Shape::new(ranking);
    let mut run = Run::new(&shape, None, (0, 0));
    run.go(&mut |_, _, _| {})?;
    Ok(run.listed())
}

/// What every way down a list shares.
pub(crate) struct Shape<'a> {
    pub ranking: &'a Ranking,
    pub limits_of: Vec<Vec<usize>>,
    pub needs_of: Vec<Vec<u32>>,
    order: Vec<u32>,
    /// For each guarantee its members in order.
    guaranteed: Vec<Vec<u32>>,
}

impl<'a> Shape<'a> {
    pub fn new(ranking: &'a Ranking) -> Self {
        let n = ranking.keys.len();
        let mut limits_of = vec![Vec::new(); n];
        for (limit, own) in ranking.limits.iter().enumerate() {
            for at in &own.members {
                if let Some(list) = limits_of.get_mut(*at as usize) {
                    list.push(limit);
                }
            }
        }
        let mut needs_of = vec![Vec::new(); n];
        for (at, needed) in &ranking.needs {
            if let Some(list) = needs_of.get_mut(*at as usize) {
                list.push(*needed);
            }
        }
        let order = ranking.order();
        let mut place = vec![0usize; n];
        for (rank, at) in order.iter().enumerate() {
            if let Some(own) = place.get_mut(*at as usize) {
                *own = rank;
            }
        }
        let guaranteed = ranking.guarantees.iter().map(|g| {
            let mut members = g.members.clone();
            members.sort_by_key(|at| place.get(*at as usize).copied());
            members
        });
        Self {
            ranking,
            limits_of,
            needs_of,
            guaranteed: guaranteed.collect(),
            order,
        }
    }
}

/// One way down a list.
pub(crate) struct Run<'a> {
    shape: &'a Shape<'a>,
    ranking: &'a Ranking,
    /// What is used of each limit.
    pub used: Vec<i128>,
    /// A limit that is raised by so much.
    raised: (usize, i128),
    /// The least by which the raised limit turned somebody away.
    pub nearest: Option<i128>,
    without: Option<u32>,
    /// Whether a limit has ended the list.
    pub ended: bool,
    ways: Vec<Option<Way>>,
    obstacles: Vec<Vec<Obstacle>>,
    lacking: Vec<usize>,
}

/// Where somebody is looked at: the guarantee, or the open list.
pub(crate) type Phase = Option<usize>;

impl<'a> Run<'a> {
    pub fn new(shape: &'a Shape<'a>, without: Option<u32>, raised: (usize, i128)) -> Self {
        let ranking = shape.ranking;
        let n = ranking.keys.len();
        Self {
            shape,
            ranking,
            used: vec![0; ranking.limits.len()],
            raised,
            nearest: None,
            without,
            ended: false,
            ways: vec![None; n],
            obstacles: vec![Vec::new(); n],
            lacking: Vec::new(),
        }
    }

    /// Returns what the list came to.
    pub fn listed(self) -> Listed {
        Listed {
            ways: self.ways,
            obstacles: self.obstacles,
            lacking: self.lacking,
            order: self.shape.order.clone(),
        }
    }

    fn obstacles(&self, at: u32) -> Vec<Obstacle> {
        let mut found = Vec::new();
        for limit in self.shape.limits_of.get(at as usize).into_iter().flatten() {
            let (Some(own), Some(used)) = (self.ranking.limits.get(*limit), self.used.get(*limit))
            else {
                continue;
            };
            let raise = if *limit == self.raised.0 {
                self.raised.1
            } else {
                0
            };
            let over =
                used + i128::from(self.ranking.amount(own, at)) - i128::from(own.most) - raise;
            if over > 0 {
                found.push(Obstacle::Limit(*limit, over));
            }
        }
        for needed in self.shape.needs_of.get(at as usize).into_iter().flatten() {
            if !self.is_in(*needed) {
                found.push(Obstacle::Needs(*needed));
            }
        }
        if self.ended {
            found.push(Obstacle::Ended);
        }
        found
    }

    /// Returns whether somebody is in by now.
    pub fn is_in(&self, at: u32) -> bool {
        matches!(self.ways.get(at as usize), Some(Some(_)))
    }

    fn take(&mut self, at: u32, way: Way) {
        for limit in self.shape.limits_of.get(at as usize).into_iter().flatten() {
            if let (Some(own), Some(used)) =
                (self.ranking.limits.get(*limit), self.used.get_mut(*limit))
            {
                *used += i128::from(self.ranking.amount(own, at));
            }
        }
        if let Some(own) = self.ways.get_mut(at as usize) {
            *own = Some(way);
        }
    }

    /// Looks at somebody; returns whether they are in now.
    fn look(&mut self, at: u32, way: Way) -> bool {
        let found = self.obstacles(at);
        if found.is_empty() {
            self.take(at, way);
            return true;
        }
        for obstacle in &found {
            if let Obstacle::Limit(limit, over) = *obstacle {
                if limit == self.raised.0 {
                    self.nearest = Some(self.nearest.map_or(over, |n| n.min(over)));
                }
                let stops = self.ranking.limits.get(limit).is_some_and(|l| l.stops);
                self.ended |= stops && way == Way::Open;
            }
        }
        if let Some(own) = self.obstacles.get_mut(at as usize) {
            *own = found;
        }
        false
    }

    fn open(&self, at: u32) -> bool {
        self.ranking.fixed.get(at as usize) == Some(&None) && self.without != Some(at)
    }

    /// Goes down the list; `before` is called before each candidate that is looked
    /// at, and at the end of each phase with none.
    pub fn go(
        &mut self,
        before: &mut dyn FnMut(&Self, Phase, Option<u32>),
    ) -> Result<(), RankingError> {
        let shape = self.shape;
        for at in &shape.order {
            if self.ranking.fixed.get(*at as usize) == Some(&Some(true)) {
                self.take(*at, Way::Must);
            }
        }
        let limits = self.ranking.limits.iter().zip(&self.used);
        for (limit, (own, used)) in limits.enumerate() {
            let raise = if limit == self.raised.0 {
                self.raised.1
            } else {
                0
            };
            if *used > i128::from(own.most) + raise {
                return Err(RankingError::Must(limit));
            }
        }
        let guarantees = self.ranking.guarantees.iter().zip(&shape.guaranteed);
        for (index, (guarantee, members)) in guarantees.enumerate() {
            let mut have = members.iter().filter(|at| self.is_in(**at)).count();
            for at in members {
                if have >= guarantee.least {
                    break;
                }
                if self.is_in(*at) || !self.open(*at) {
                    continue;
                }
                before(self, Some(index), Some(*at));
                have += usize::from(self.look(*at, Way::Guarantee(index)));
            }
            if have < guarantee.least {
                before(self, Some(index), None);
            }
            self.lacking.push(guarantee.least.saturating_sub(have));
        }
        for at in &shape.order {
            if self.is_in(*at) || !self.open(*at) {
                continue;
            }
            before(self, None, Some(*at));
            self.look(*at, Way::Open);
        }
        before(self, None, None);
        Ok(())
    }
}
