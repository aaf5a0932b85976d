//! The list and its rules, gone down in the plainest way.

use std::collections::{BTreeMap, HashMap};

use super::outcome::Obstacle;
use crate::selection::instance::{Project, Quota, Written};

/// At most, or at least, so much of some projects.
pub(super) struct Rule {
    pub name: String,
    pub members: Vec<usize>,
    pub budget: Option<String>,
    pub least: Option<i64>,
    pub most: Option<i128>,
    pub ends: bool,
}

pub(super) struct List<'a> {
    pub written: &'a Written,
    pub rules: Vec<Rule>,
    pub place: HashMap<&'a str, usize>,
    /// A project whose score or cost is other than written.
    pub scores: Vec<i128>,
    pub costs: Vec<BTreeMap<&'a str, i128>>,
}

/// The way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Must,
    /// By the guarantee of this rule.
    Guarantee(usize),
    Open,
}

#[derive(Default)]
pub(super) struct Walked {
    pub ways: Vec<Option<Way>>,
    pub obstacles: Vec<Vec<Obstacle>>,
    pub lacking: Vec<(String, usize)>,
    pub order: Vec<usize>,
    /// The least by which each rule turned somebody away.
    pub nearest: Vec<Option<i128>>,
}

impl<'a> List<'a> {
    pub fn new(written: &'a Written) -> Self {
        let projects = &written.projects;
        let all = || (0..projects.len()).collect::<Vec<_>>();
        let mut rules: Vec<Rule> = Vec::new();
        for budget in &written.budgets {
            rules.push(Rule {
                name: format!("budget:{}", budget.id),
                members: all(),
                budget: Some(budget.id.clone()),
                least: None,
                most: budget.most.map(i128::from),
                ends: written.stop_at_budget,
            });
        }
        if let Some(count) = &written.count {
            rules.push(Rule {
                name: "count".to_owned(),
                members: all(),
                budget: None,
                least: None,
                most: count.most.map(i128::from),
                ends: false,
            });
        }
        for (index, quota) in written.quotas.iter().enumerate() {
            rules.push(rule(written, index, quota));
        }
        let place: HashMap<&str, usize> = projects.iter().map(|p| p.id.as_str()).zip(0..).collect();
        for (index, exclusion) in written.exclusions.iter().enumerate() {
            let ids = exclusion.projects.iter();
            rules.push(Rule {
                name: exclusion.row(index),
                members: ids
                    .filter_map(|id| place.get(id.as_str()).copied())
                    .collect(),
                budget: None,
                least: None,
                most: Some(exclusion.most.unwrap_or(1).into()),
                ends: false,
            });
        }
        let own = |p: &'a Project| {
            let costs = p.costs.iter();
            costs.map(|(b, c)| (b.as_str(), i128::from(*c))).collect()
        };
        Self {
            written,
            rules,
            place,
            scores: projects
                .iter()
                .map(|p| p.score.unwrap_or(0).into())
                .collect(),
            costs: projects.iter().map(own).collect(),
        }
    }

    pub fn out(&self, at: usize) -> bool {
        let project = self.written.projects.get(at);
        project.is_none_or(|p| p.ineligible.is_some() || p.state.as_deref() == Some("never"))
    }

    pub fn must(&self, at: usize) -> bool {
        let project = self.written.projects.get(at);
        project.is_some_and(|p| p.state.as_deref() == Some("must"))
    }

    pub fn amount(&self, rule: &Rule, at: usize) -> i128 {
        match &rule.budget {
            None => 1,
            Some(budget) => {
                let own = self.costs.get(at).and_then(|c| c.get(budget.as_str()));
                own.copied().unwrap_or(0)
            }
        }
    }

    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.scores.len()).collect();
        order.sort_by_key(|at| {
            let project = self.written.projects.get(*at);
            let tier = project.and_then(|p| p.tier).unwrap_or(0);
            let tie = project.and_then(|p| p.tie).unwrap_or(0);
            (tier, self.scores.get(*at).map(|s| -*s), tie, *at)
        });
        order
    }

    /// What the outcome calls a way in.
    pub fn way(&self, way: Way) -> String {
        match way {
            Way::Must => "must".to_owned(),
            Way::Open => "open".to_owned(),
            Way::Guarantee(rule) => {
                let name = self.rules.get(rule).map_or("", |r| r.name.as_str());
                format!("guarantee:{name}")
            }
        }
    }

    /// What is used of a rule by those who are in.
    pub fn used(&self, rule: &Rule, ways: &[Option<Way>]) -> i128 {
        let inside = |at: &&usize| ways.get(**at).is_some_and(Option::is_some);
        let members = rule.members.iter().filter(inside);
        members.map(|at| self.amount(rule, *at)).sum()
    }

    /// Goes down the list, and notes what stood in everybody's way.
    pub fn walk(&self) -> Walked {
        self.go(true, None)
    }

    /// Goes down the list for who is in alone.
    pub fn who(&self) -> Walked {
        self.go(false, None)
    }

    /// Goes down the list as far as it takes to know whether somebody is in.
    pub fn gets_in(&self, at: usize) -> bool {
        let ways = self.go(false, Some(at)).ways;
        ways.get(at).is_some_and(Option::is_some)
    }

    fn go(&self, noting: bool, until: Option<usize>) -> Walked {
        let mut walker = Walker::new(self, noting);
        let order = std::mem::take(&mut walker.walked.order);
        for at in order.iter().filter(|at| self.must(**at)) {
            walker.take(*at, Way::Must);
        }
        for (index, rule) in self.rules.iter().enumerate() {
            if let Some(least) = rule.least {
                let least = usize::try_from(least).unwrap_or(0);
                walker.guarantee((index, rule), least, &order);
            }
        }
        for at in &order {
            if walker.free(*at) {
                walker.look(*at, Way::Open);
            }
            if until == Some(*at) {
                break;
            }
        }
        walker.walked.order = order;
        walker.walked
    }
}

fn rule(written: &Written, index: usize, quota: &Quota) -> Rule {
    let projects = written.projects.iter().enumerate();
    let member = |p: &Project| {
        let costs = quota
            .budget
            .as_ref()
            .is_none_or(|b| p.costs.contains_key(b));
        costs && p.groups.contains(&quota.group)
    };
    Rule {
        name: format!("quota:{index}:{}", quota.group),
        members: projects
            .filter(|(_, p)| member(p))
            .map(|(at, _)| at)
            .collect(),
        budget: quota.budget.clone(),
        least: quota.least,
        most: quota.most.map(i128::from),
        ends: false,
    }
}

/// Somebody on the way down.
struct Walker<'a> {
    list: &'a List<'a>,
    rules_of: Vec<Vec<usize>>,
    left: Vec<Option<i128>>,
    ended: bool,
    noting: bool,
    walked: Walked,
}

impl<'a> Walker<'a> {
    fn new(list: &'a List<'a>, noting: bool) -> Self {
        let n = list.scores.len();
        let mut rules_of: Vec<Vec<usize>> = vec![Vec::new(); n];
        for (index, rule) in list.rules.iter().enumerate() {
            for at in &rule.members {
                if let Some(own) = rules_of.get_mut(*at) {
                    own.push(index);
                }
            }
        }
        Self {
            list,
            rules_of,
            left: list.rules.iter().map(|r| r.most).collect(),
            ended: false,
            noting,
            walked: Walked {
                ways: vec![None; n],
                obstacles: vec![Vec::new(); if noting { n } else { 0 }],
                order: list.order(),
                nearest: vec![None; list.rules.len()],
                ..Walked::default()
            },
        }
    }

    fn is_in(&self, at: usize) -> bool {
        self.walked.ways.get(at).is_some_and(Option::is_some)
    }

    fn free(&self, at: usize) -> bool {
        !self.list.out(at) && !self.is_in(at)
    }

    fn guarantee(&mut self, (index, rule): (usize, &Rule), least: usize, order: &[usize]) {
        let mut member = vec![false; order.len()];
        for at in &rule.members {
            if let Some(own) = member.get_mut(*at) {
                *own = true;
            }
        }
        let members = || order.iter().filter(|at| member.get(**at) == Some(&true));
        let mut have = members().filter(|at| self.is_in(**at)).count();
        for at in members() {
            if have < least && self.free(*at) {
                have += usize::from(self.look(*at, Way::Guarantee(index)));
            }
        }
        let by = least.saturating_sub(have);
        self.walked.lacking.push((rule.name.clone(), by));
    }

    /// The rules that somebody would exceed, and by how much.
    fn exceeded(&self, at: usize) -> Vec<(usize, &'a Rule, i128)> {
        let own = self.rules_of.get(at).into_iter().flatten();
        let rules = own.filter_map(|index| {
            let rule = self.list.rules.get(*index)?;
            let left = (*self.left.get(*index)?)?;
            Some((*index, rule, self.list.amount(rule, at) - left))
        });
        rules.filter(|(_, _, over)| *over > 0).collect()
    }

    /// The prerequisites that are not in.
    fn lacked(&self, at: usize) -> impl Iterator<Item = &'a String> {
        let needs = self.list.written.projects.get(at).map(|p| &p.needs);
        needs.into_iter().flatten().filter(|id| {
            let other = self.list.place.get(id.as_str());
            !other.is_some_and(|o| self.is_in(*o))
        })
    }

    /// Takes somebody in who fits; notes why not otherwise.
    fn look(&mut self, at: usize, way: Way) -> bool {
        let found = self.exceeded(at);
        if found.is_empty() && !self.ended && self.lacked(at).next().is_none() {
            self.take(at, way);
            return true;
        }
        if self.noting {
            let list = self.told(at, &found);
            if let Some(own) = self.walked.obstacles.get_mut(at) {
                *own = list;
            }
        }
        for (index, rule, over) in found {
            if let Some(near) = self.walked.nearest.get_mut(index) {
                *near = Some(near.map_or(over, |n| n.min(over)));
            }
            self.ended |= rule.ends && way == Way::Open;
        }
        false
    }

    fn told(&self, at: usize, found: &[(usize, &Rule, i128)]) -> Vec<Obstacle> {
        let rules = found.iter().map(|(_, rule, over)| Obstacle {
            row: Some(rule.name.clone()),
            over: Some(*over),
            ..Obstacle::default()
        });
        let needs = self.lacked(at).map(|id| Obstacle {
            needs: Some(id.clone()),
            ..Obstacle::default()
        });
        let ended = self.ended.then(|| Obstacle {
            ended: true,
            ..Obstacle::default()
        });
        rules.chain(needs).chain(ended).collect()
    }

    fn take(&mut self, at: usize, way: Way) {
        for index in self.rules_of.get(at).into_iter().flatten() {
            if let (Some(rule), Some(Some(left))) =
                (self.list.rules.get(*index), self.left.get_mut(*index))
            {
                *left -= self.list.amount(rule, at);
            }
        }
        if let Some(own) = self.walked.ways.get_mut(at) {
            *own = Some(way);
        }
    }
}
