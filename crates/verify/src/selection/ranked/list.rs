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

#[derive(Default)]
pub(super) struct Walked {
    pub ways: Vec<Option<String>>,
    pub obstacles: Vec<Vec<Obstacle>>,
    pub lacking: Vec<(String, usize)>,
    pub order: Vec<usize>,
    /// The least by which each rule turned somebody away.
    pub nearest: HashMap<String, i128>,
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

    /// What is used of a rule by those who are in.
    pub fn used(&self, rule: &Rule, ways: &[Option<String>]) -> i128 {
        let inside = |at: &&usize| ways.get(**at).is_some_and(Option::is_some);
        let members = rule.members.iter().filter(inside);
        members.map(|at| self.amount(rule, *at)).sum()
    }

    /// Goes down the list.
    pub fn walk(&self) -> Walked {
        let mut walker = Walker::new(self);
        let order = walker.walked.order.clone();
        for at in order.iter().filter(|at| self.must(**at)) {
            walker.take(*at, "must".to_owned());
        }
        for rule in &self.rules {
            if let Some(least) = rule.least {
                walker.guarantee(rule, usize::try_from(least).unwrap_or(0), &order);
            }
        }
        for at in &order {
            if walker.free(*at) {
                walker.look(*at, "open".to_owned());
            }
        }
        walker.walked
    }

    pub fn gets_in(&self, at: usize) -> bool {
        let ways = self.walk().ways;
        ways.get(at).is_some_and(Option::is_some)
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
    walked: Walked,
}

impl<'a> Walker<'a> {
    fn new(list: &'a List<'a>) -> Self {
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
            walked: Walked {
                ways: vec![None; n],
                obstacles: vec![Vec::new(); n],
                order: list.order(),
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

    fn guarantee(&mut self, rule: &Rule, least: usize, order: &[usize]) {
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
                have += usize::from(self.look(*at, format!("guarantee:{}", rule.name)));
            }
        }
        let by = least.saturating_sub(have);
        self.walked.lacking.push((rule.name.clone(), by));
    }

    /// The rules that somebody would exceed, and by how much.
    fn exceeded(&self, at: usize) -> Vec<(&'a Rule, i128)> {
        let own = self.rules_of.get(at).into_iter().flatten();
        let rules = own.filter_map(|index| {
            let rule = self.list.rules.get(*index)?;
            let left = (*self.left.get(*index)?)?;
            Some((rule, self.list.amount(rule, at) - left))
        });
        rules.filter(|(_, over)| *over > 0).collect()
    }

    /// Takes somebody in who fits; notes why not otherwise.
    fn look(&mut self, at: usize, way: String) -> bool {
        let found = self.exceeded(at);
        let mut list: Vec<Obstacle> = found
            .iter()
            .map(|(rule, over)| Obstacle {
                row: Some(rule.name.clone()),
                over: Some(*over),
                ..Obstacle::default()
            })
            .collect();
        let needs = self.list.written.projects.get(at).map(|p| &p.needs);
        for id in needs.into_iter().flatten() {
            let other = self.list.place.get(id.as_str());
            if !other.is_some_and(|o| self.is_in(*o)) {
                list.push(Obstacle {
                    needs: Some(id.clone()),
                    ..Obstacle::default()
                });
            }
        }
        if self.ended {
            list.push(Obstacle {
                ended: true,
                ..Obstacle::default()
            });
        }
        if list.is_empty() {
            self.take(at, way);
            return true;
        }
        for (rule, over) in found {
            let near = self.walked.nearest.entry(rule.name.clone()).or_insert(over);
            *near = (*near).min(over);
            self.ended |= rule.ends && way == "open";
        }
        if let Some(own) = self.walked.obstacles.get_mut(at) {
            *own = list;
        }
        false
    }

    fn take(&mut self, at: usize, way: String) {
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
