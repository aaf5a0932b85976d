//! From the JSON instance to the solver's problem, and every mistake on the way.

use std::collections::{HashMap, HashSet};

use minsheng_model::Text;
use minsheng_selection::{Problem, Row};

use super::case::{Case, Named};
use super::input::{Instance, Mechanism, State};
use crate::error::{Mistake, PlainError};
use crate::locate::locate;

/// Mistakes beyond these are counted only.
const MISTAKES_MAX: usize = 100;

/// Collects mistakes at JSON Pointers.
pub(crate) struct Mistakes<'a> {
    text: &'a str,
    list: Vec<Mistake>,
    found: usize,
}

impl<'a> Mistakes<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            list: Vec::new(),
            found: 0,
        }
    }

    pub fn add(&mut self, pointer: String, zh: impl Into<String>, en: impl Into<String>) {
        self.found += 1;
        if self.list.len() < MISTAKES_MAX {
            self.list.push(Mistake {
                at: locate(self.text, &pointer),
                pointer,
                message: Text::new(zh, en),
            });
        }
    }

    pub fn twice(&mut self, pointer: String, id: &str) {
        self.add(
            pointer,
            format!("`{id}` 出现两次"),
            format!("`{id}` is named twice"),
        );
    }

    pub fn unknown(&mut self, pointer: String, id: &str, zh: &str, en: &str) {
        self.add(
            pointer,
            format!("没有{zh} `{id}`"),
            format!("there is no {en} `{id}`"),
        );
    }

    /// A least that is above the most.
    pub fn ends(&mut self, pointer: String, least: Option<i64>, most: Option<i64>) {
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            self.add(
                pointer,
                format!("`least` {least} 大于 `most` {most}"),
                format!("`least` {least} is more than `most` {most}"),
            );
        }
    }

    /// Returns the error of all of them, if there is any.
    pub fn end(mut self) -> Result<(), PlainError> {
        let more = self.found - self.list.len();
        if more > 0 {
            self.list.push(Mistake {
                at: None,
                pointer: String::new(),
                message: Text::new(
                    format!("另有 {more} 处错误"),
                    format!("and {more} more mistakes"),
                ),
            });
        }
        if self.list.is_empty() {
            Ok(())
        } else {
            Err(PlainError {
                mistakes: self.list,
            })
        }
    }
}

/// Returns the problem of an instance; its rows are, in this order, budgets, count,
/// quotas, needs, exclusions.
///
/// # Errors
/// Every mistake.
pub(crate) fn build(text: &str, instance: &Instance) -> Result<Case, PlainError> {
    let mut mistakes = Mistakes::new(text);
    let mut place: HashMap<&str, u32> = HashMap::new();
    for (index, project) in (0u32..).zip(&instance.projects) {
        if place.insert(&project.id, index).is_some() {
            mistakes.twice(format!("/projects/{index}/id"), &project.id);
        }
    }
    let mut case = Case {
        ids: instance.projects.iter().map(|p| p.id.clone()).collect(),
        problem: Problem {
            values: instance
                .projects
                .iter()
                .map(|p| p.value.unwrap_or(0))
                .collect(),
            rows: Vec::new(),
            fixed: Vec::new(),
        },
        effort: instance.effort,
        ..Case::default()
    };
    of_mechanism(instance, &mut mistakes);
    gates(instance, &mut case, &mut mistakes);
    sums(instance, &mut case, &mut mistakes);
    needs(instance, &place, &mut case, &mut mistakes);
    exclusions(instance, &place, &mut case, &mut mistakes);
    let mut asked = HashSet::new();
    for (index, id) in instance.explain.iter().enumerate() {
        let at = format!("/explain/{index}");
        match place.get(id.as_str()) {
            None => mistakes.unknown(at, id, "项目", "project"),
            Some(_) if !asked.insert(id) => mistakes.twice(at, id),
            Some(project) => case.explain.push(*project as usize),
        }
    }
    mistakes.end()?;
    Ok(case)
}

/// Refuses what has no meaning in the mechanism, and misses what it needs.
fn of_mechanism(instance: &Instance, mistakes: &mut Mistakes<'_>) {
    let ranked = instance.mechanism == Mechanism::Ranked;
    let mut foreign = |at: String, key: &str, name: &str| {
        mistakes.add(
            at,
            format!("`{key}` 在 `{name}` 中没有意义"),
            format!("`{key}` has no meaning in `{name}`"),
        );
    };
    if instance.stop_at_budget && !ranked {
        foreign("/stop_at_budget".to_owned(), "stop_at_budget", "optimise");
    }
    if ranked {
        for (index, budget) in instance.budgets.iter().enumerate() {
            if budget.least.is_some() {
                foreign(format!("/budgets/{index}/least"), "least", "ranked");
            }
        }
        if instance.count.as_ref().is_some_and(|c| c.least.is_some()) {
            foreign("/count/least".to_owned(), "least", "ranked");
        }
        for (index, quota) in instance.quotas.iter().enumerate() {
            if quota.least.is_some() && quota.budget.is_some() {
                foreign(format!("/quotas/{index}/least"), "least", "ranked");
            }
        }
    }
    for (index, project) in instance.projects.iter().enumerate() {
        let keys = [
            ("tier", project.tier),
            ("score", project.score),
            ("tie", project.tie),
        ];
        for (key, _) in keys.iter().filter(|(_, v)| v.is_some() && !ranked) {
            foreign(format!("/projects/{index}/{key}"), key, "optimise");
        }
    }
    for (index, project) in instance.projects.iter().enumerate() {
        if !ranked && project.value.is_none() {
            missing(mistakes, index, "value", "optimise");
        }
        if ranked && project.score.is_none() {
            missing(mistakes, index, "score", "ranked");
        }
    }
}

fn missing(mistakes: &mut Mistakes<'_>, index: usize, key: &str, name: &str) {
    mistakes.add(
        format!("/projects/{index}"),
        format!("`{name}` 需要 `{key}`"),
        format!("`{name}` needs `{key}`"),
    );
}

fn gates(instance: &Instance, case: &mut Case, mistakes: &mut Mistakes<'_>) {
    for (index, project) in instance.projects.iter().enumerate() {
        if project.ineligible.is_some() && project.state == Some(State::Must) {
            mistakes.add(
                format!("/projects/{index}/state"),
                "既须入选(`must`)又不合条件(`ineligible`)",
                "it is `must` and `ineligible` at once",
            );
        }
        let fixed = match project.state {
            _ if project.ineligible.is_some() => Some(false),
            None => None,
            Some(State::Must) => Some(true),
            Some(State::Never) => Some(false),
        };
        case.problem.fixed.push(fixed);
        case.ineligible.push(project.ineligible.clone());
    }
}

fn push(case: &mut Case, name: String, row: Row) {
    case.rows.push(Named { name, places: 0 });
    case.problem.rows.push(row);
}

fn sums(instance: &Instance, case: &mut Case, mistakes: &mut Mistakes<'_>) {
    let mut terms: HashMap<&str, Vec<(u32, i64)>> = HashMap::new();
    for (index, budget) in instance.budgets.iter().enumerate() {
        let at = format!("/budgets/{index}");
        if terms.insert(&budget.id, Vec::new()).is_some() {
            mistakes.twice(format!("{at}/id"), &budget.id);
        }
        mistakes.ends(at, budget.least, budget.most);
    }
    let mut groups: HashMap<&str, Vec<u32>> = HashMap::new();
    for (index, project) in (0u32..).zip(&instance.projects) {
        for (budget, cost) in &project.costs {
            match terms.get_mut(budget.as_str()) {
                Some(own) => own.push((index, *cost)),
                None => {
                    let step = budget.replace('~', "~0").replace('/', "~1");
                    let at = format!("/projects/{index}/costs/{step}");
                    mistakes.unknown(at, budget, "预算", "budget");
                }
            }
        }
        for (nth, group) in project.groups.iter().enumerate() {
            let members = groups.entry(group).or_default();
            if members.last() == Some(&index) {
                mistakes.twice(format!("/projects/{index}/groups/{nth}"), group);
            } else {
                members.push(index);
            }
        }
    }
    for budget in &instance.budgets {
        let row = Row {
            lower: budget.least,
            upper: budget.most,
            terms: terms.get(budget.id.as_str()).cloned().unwrap_or_default(),
        };
        push(case, format!("budget:{}", budget.id), row);
    }
    if let Some(count) = &instance.count {
        mistakes.ends("/count".to_owned(), count.least, count.most);
        let all = (0u32..).zip(&instance.projects).map(|(i, _)| (i, 1));
        let row = Row {
            lower: count.least,
            upper: count.most,
            terms: all.collect(),
        };
        push(case, "count".to_owned(), row);
    }
    for (index, quota) in instance.quotas.iter().enumerate() {
        let at = format!("/quotas/{index}");
        mistakes.ends(at.clone(), quota.least, quota.most);
        let none = Vec::new();
        let members = groups.get(quota.group.as_str()).unwrap_or(&none);
        let terms = match &quota.budget {
            None => members.iter().map(|i| (*i, 1)).collect(),
            Some(budget) => match terms.get(budget.as_str()) {
                Some(all) => {
                    let inside: HashSet<u32> = members.iter().copied().collect();
                    let own = all.iter().filter(|(i, _)| inside.contains(i));
                    own.copied().collect()
                }
                None => {
                    mistakes.unknown(format!("{at}/budget"), budget, "预算", "budget");
                    Vec::new()
                }
            },
        };
        let row = Row {
            lower: quota.least,
            upper: quota.most,
            terms,
        };
        push(case, format!("quota:{index}:{}", quota.group), row);
    }
}

fn needs(
    instance: &Instance,
    place: &HashMap<&str, u32>,
    case: &mut Case,
    mistakes: &mut Mistakes<'_>,
) {
    for (index, project) in (0u32..).zip(&instance.projects) {
        let mut seen = HashSet::new();
        for (nth, needed) in project.needs.iter().enumerate() {
            let at = format!("/projects/{index}/needs/{nth}");
            let Some(&other) = place.get(needed.as_str()) else {
                mistakes.unknown(at, needed, "项目", "project");
                continue;
            };
            if other == index {
                mistakes.add(
                    at,
                    format!("`{needed}` 以自身为前提"),
                    format!("`{needed}` needs itself"),
                );
                continue;
            }
            if !seen.insert(other) {
                mistakes.twice(at, needed);
                continue;
            }
            let row = Row {
                lower: None,
                upper: Some(0),
                terms: vec![(index, 1), (other, -1)],
            };
            push(case, format!("needs:{}:{needed}", project.id), row);
        }
    }
}

fn exclusions(
    instance: &Instance,
    place: &HashMap<&str, u32>,
    case: &mut Case,
    mistakes: &mut Mistakes<'_>,
) {
    for (index, exclusion) in instance.exclusions.iter().enumerate() {
        let mut terms: Vec<(u32, i64)> = Vec::new();
        let mut seen = HashSet::new();
        for (nth, id) in exclusion.projects.iter().enumerate() {
            let at = format!("/exclusions/{index}/projects/{nth}");
            match place.get(id.as_str()) {
                None => mistakes.unknown(at, id, "项目", "project"),
                Some(_) if !seen.insert(id) => mistakes.twice(at, id),
                Some(project) => terms.push((*project, 1)),
            }
        }
        let row = Row {
            lower: None,
            upper: Some(exclusion.most.unwrap_or(1)),
            terms,
        };
        let name = match &exclusion.group {
            Some(group) => format!("exclusion:{index}:{group}"),
            None => format!("exclusion:{index}"),
        };
        push(case, name, row);
    }
}
