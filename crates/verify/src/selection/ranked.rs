//! Ranked lists, gone down again in the plainest way.

use std::collections::{BTreeMap, HashMap};

use minsheng_model::Text;
use serde::Deserialize;

use super::instance::{Quota, Written};
use crate::report::{Checks, Found, differs, offends};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    mechanism: String,
    status: String,
    objective: i128,
    bound: Option<i128>,
    gap: Option<i128>,
    chosen: Vec<Chosen>,
    left_out: Vec<LeftOut>,
    lacking: Vec<Lacking>,
    cut_lines: Vec<CutLine>,
    rows: Vec<Row>,
    #[serde(default)]
    explanations: Vec<Explanation>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chosen {
    id: String,
    rank: usize,
    way: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeftOut {
    id: String,
    why: String,
    #[serde(default)]
    said: Option<String>,
    #[serde(default)]
    rank: Option<usize>,
    #[serde(default)]
    obstacles: Vec<Obstacle>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Obstacle {
    #[serde(default)]
    row: Option<String>,
    #[serde(default)]
    over: Option<i128>,
    #[serde(default)]
    needs: Option<String>,
    #[serde(default)]
    ended: bool,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lacking {
    row: String,
    by: usize,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct CutLine {
    line: String,
    last_in: Option<String>,
    first_out: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    row: String,
    used: i128,
    least: Option<i64>,
    most: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Explanation {
    id: String,
    score: Option<i128>,
    costs: BTreeMap<String, Option<i64>>,
    limits: Vec<Raise>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raise {
    row: String,
    raise: Option<i128>,
    searched: Option<i128>,
}

/// At most, or at least, so much of some projects.
struct Rule {
    name: String,
    members: Vec<usize>,
    budget: Option<String>,
    least: Option<i64>,
    most: Option<i128>,
    ends: bool,
}

struct List<'a> {
    written: &'a Written,
    rules: Vec<Rule>,
    place: HashMap<&'a str, usize>,
    /// A project whose score or cost is other than written.
    scores: Vec<i128>,
    costs: Vec<BTreeMap<&'a str, i128>>,
}

#[derive(Default)]
struct Walked {
    ways: Vec<Option<String>>,
    obstacles: Vec<Vec<Obstacle>>,
    lacking: Vec<(String, usize)>,
    order: Vec<usize>,
    /// The least by which each rule turned somebody away.
    nearest: HashMap<String, i128>,
}

impl<'a> List<'a> {
    fn new(written: &'a Written) -> Self {
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
                name: format!("exclusion:{index}"),
                members: ids
                    .filter_map(|id| place.get(id.as_str()).copied())
                    .collect(),
                budget: None,
                least: None,
                most: Some(exclusion.most.unwrap_or(1).into()),
                ends: false,
            });
        }
        let own = |p: &'a super::instance::Project| {
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

    fn out(&self, at: usize) -> bool {
        let project = self.written.projects.get(at);
        project.is_none_or(|p| p.ineligible.is_some() || p.state.as_deref() == Some("never"))
    }

    fn must(&self, at: usize) -> bool {
        let project = self.written.projects.get(at);
        project.is_some_and(|p| p.state.as_deref() == Some("must"))
    }

    fn amount(&self, rule: &Rule, at: usize) -> i128 {
        match &rule.budget {
            None => 1,
            Some(budget) => {
                let own = self.costs.get(at).and_then(|c| c.get(budget.as_str()));
                own.copied().unwrap_or(0)
            }
        }
    }

    fn order(&self) -> Vec<usize> {
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
    fn used(&self, rule: &Rule, ways: &[Option<String>]) -> i128 {
        let inside = |at: &&usize| ways.get(**at).is_some_and(Option::is_some);
        let members = rule.members.iter().filter(inside);
        members.map(|at| self.amount(rule, *at)).sum()
    }

    fn walk(&self) -> Walked {
        let n = self.scores.len();
        let mut walked = Walked {
            ways: vec![None; n],
            obstacles: vec![Vec::new(); n],
            order: self.order(),
            ..Walked::default()
        };
        let order = walked.order.clone();
        let mut rules_of: Vec<Vec<usize>> = vec![Vec::new(); n];
        for (index, rule) in self.rules.iter().enumerate() {
            for at in &rule.members {
                if let Some(own) = rules_of.get_mut(*at) {
                    own.push(index);
                }
            }
        }
        let mut left: Vec<Option<i128>> = self.rules.iter().map(|r| r.most).collect();
        let mut ended = false;
        let mut look = |walked: &mut Walked, at: usize, way: Option<String>| {
            let mut found = Vec::new();
            let own = rules_of.get(at).cloned().unwrap_or_default();
            for index in &own {
                let (Some(rule), Some(Some(left))) = (self.rules.get(*index), left.get(*index))
                else {
                    continue;
                };
                let over = self.amount(rule, at) - left;
                if over > 0 {
                    found.push((rule, over));
                }
            }
            let mut list: Vec<Obstacle> = found
                .iter()
                .map(|(rule, over)| Obstacle {
                    row: Some(rule.name.clone()),
                    over: Some(*over),
                    ..Obstacle::default()
                })
                .collect();
            let needs = self.written.projects.get(at).map(|p| &p.needs);
            for id in needs.into_iter().flatten() {
                let other = self.place.get(id.as_str());
                let there = other.and_then(|o| walked.ways.get(*o));
                if !there.is_some_and(Option::is_some) {
                    list.push(Obstacle {
                        needs: Some(id.clone()),
                        ..Obstacle::default()
                    });
                }
            }
            if ended {
                list.push(Obstacle {
                    ended: true,
                    ..Obstacle::default()
                });
            }
            let must = way.as_deref() == Some("must");
            if list.is_empty() || must {
                for index in own {
                    if let (Some(rule), Some(Some(left))) =
                        (self.rules.get(index), left.get_mut(index))
                    {
                        *left -= self.amount(rule, at);
                    }
                }
                if let Some(own) = walked.ways.get_mut(at) {
                    *own = way;
                }
                return true;
            }
            for (rule, over) in found {
                let near = walked.nearest.entry(rule.name.clone()).or_insert(over);
                *near = (*near).min(over);
                ended |= rule.ends && way.as_deref() == Some("open");
            }
            if let Some(own) = walked.obstacles.get_mut(at) {
                *own = list;
            }
            false
        };
        for at in order.iter().filter(|at| self.must(**at)) {
            look(&mut walked, *at, Some("must".to_owned()));
        }
        let free = |walked: &Walked, at: usize| {
            !self.out(at) && walked.ways.get(at).is_some_and(Option::is_none)
        };
        for rule in &self.rules {
            let Some(least) = rule.least else { continue };
            let least = usize::try_from(least).unwrap_or(0);
            let mut member = vec![false; n];
            for at in &rule.members {
                if let Some(own) = member.get_mut(*at) {
                    *own = true;
                }
            }
            let members = order.iter().filter(|at| member.get(**at) == Some(&true));
            let inside = members.clone();
            let mut have = inside
                .filter(|at| walked.ways.get(**at).is_some_and(Option::is_some))
                .count();
            for at in members {
                if have < least && free(&walked, *at) {
                    let way = format!("guarantee:{}", rule.name);
                    have += usize::from(look(&mut walked, *at, Some(way)));
                }
            }
            let by = least.saturating_sub(have);
            walked.lacking.push((rule.name.clone(), by));
        }
        for at in &order {
            if free(&walked, *at) {
                look(&mut walked, *at, Some("open".to_owned()));
            }
        }
        walked
    }

    fn gets_in(&self, at: usize) -> bool {
        let ways = self.walk().ways;
        ways.get(at).is_some_and(Option::is_some)
    }
}

fn rule(written: &Written, index: usize, quota: &Quota) -> Rule {
    let projects = written.projects.iter().enumerate();
    let member = |p: &super::instance::Project| {
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

/// Checks a ranked list's outcome.
pub(crate) fn check(checks: &mut Checks, written: &Written, outcome: &str) -> Result<(), Text> {
    let outcome: Outcome = serde_json::from_str(outcome)
        .map_err(|e| offends("outcome", &e.to_string(), &e.to_string()))?;
    let list = List::new(written);
    let walked = list.walk();
    let n = list.scores.len();
    checks.add(
        "ranked/order",
        "先后由层级、分数和 `tie` 完全确定",
        "tier, score and tie give one order",
        n,
        ordered(&list, &walked),
    );
    checks.add(
        "ranked/list",
        "按规则逐一重排,入选者、方式和名次相同",
        "going down the list again takes the same, the same way",
        n,
        same(&list, &walked, &outcome),
    );
    checks.add(
        "ranked/left-out",
        "未入选的原因相同",
        "who is left out is left out for the reasons given",
        outcome.left_out.len(),
        left_out(&list, &walked, &outcome),
    );
    checks.add(
        "ranked/cut-lines",
        "分数线、缺额和合计相同",
        "cut lines, shortfalls and sums are the same",
        outcome.cut_lines.len() + outcome.rows.len(),
        lines(&list, &walked, &outcome),
    );
    checks.add(
        "ranked/explanations",
        "所说的最小变动确为最小",
        "the smallest changes let in, and smaller ones do not",
        outcome.explanations.len(),
        explanations(&list, &walked, &outcome),
    );
    Ok(())
}

fn ordered(list: &List<'_>, walked: &Walked) -> Found {
    let key = |at: usize| {
        let p = list.written.projects.get(at)?;
        Some((p.tier.unwrap_or(0), p.score?, p.tie.unwrap_or(0)))
    };
    let mut before: Option<usize> = None;
    for at in walked.order.iter().filter(|at| !list.out(**at)) {
        if before.is_some_and(|b| key(b) == key(*at)) || key(*at).is_none() {
            let id = list.written.projects.get(*at).map_or("", |p| &p.id);
            return Some(offends(id, "先后未定", "has no place of its own"));
        }
        before = Some(*at);
    }
    let over = list.rules.iter().find(|rule| {
        let must: i128 = rule
            .members
            .iter()
            .filter(|at| list.must(**at))
            .map(|at| list.amount(rule, *at))
            .sum();
        rule.most.is_some_and(|m| must > m)
    });
    over.map(|rule| {
        offends(
            &rule.name,
            "被须入选者超出",
            "is exceeded by those who must be in",
        )
    })
}

fn ranks(list: &List<'_>, walked: &Walked) -> HashMap<usize, usize> {
    let inside = walked.order.iter().filter(|at| !list.out(**at));
    inside.copied().zip(1..).collect()
}

fn same(list: &List<'_>, walked: &Walked, outcome: &Outcome) -> Found {
    if outcome.mechanism != "ranked" || outcome.status != "by-rule" {
        return Some(offends("status", "应为 `by-rule`", "is not `by-rule`"));
    }
    if outcome.bound.is_some() || outcome.gap.is_some() {
        return Some(offends("bound", "不应有", "has no place here"));
    }
    let ranks = ranks(list, walked);
    let mut value = 0;
    let mut chosen = Vec::new();
    for at in &walked.order {
        let (Some(Some(way)), Some(project)) =
            (walked.ways.get(*at), list.written.projects.get(*at))
        else {
            continue;
        };
        value += i128::from(project.value.unwrap_or(0));
        chosen.push(Chosen {
            id: project.id.clone(),
            rank: ranks.get(at).copied().unwrap_or(0),
            way: way.clone(),
        });
    }
    if chosen != outcome.chosen {
        return Some(offends("chosen", "不同", "is another list"));
    }
    differs("objective", value, outcome.objective)
}

fn left_out(list: &List<'_>, walked: &Walked, outcome: &Outcome) -> Found {
    let ranks = ranks(list, walked);
    let mut all = Vec::new();
    for (at, project) in list.written.projects.iter().enumerate() {
        if walked.ways.get(at).is_some_and(Option::is_some) {
            continue;
        }
        let why = match (&project.ineligible, project.state.as_deref()) {
            (Some(_), _) => "ineligible",
            (None, Some("never")) => "never",
            _ => "passed-over",
        };
        all.push(LeftOut {
            id: project.id.clone(),
            why: why.to_owned(),
            said: project.ineligible.clone(),
            rank: ranks.get(&at).copied(),
            obstacles: walked.obstacles.get(at).cloned().unwrap_or_default(),
        });
    }
    (all != outcome.left_out).then(|| offends("left_out", "不同", "is another list"))
}

fn lines(list: &List<'_>, walked: &Walked, outcome: &Outcome) -> Found {
    let lacking: Vec<Lacking> = walked
        .lacking
        .iter()
        .filter(|(_, by)| *by > 0)
        .map(|(row, by)| Lacking {
            row: row.clone(),
            by: *by,
        })
        .collect();
    if lacking != outcome.lacking {
        return Some(offends("lacking", "不同", "is another list"));
    }
    let rows: Vec<Row> = list
        .rules
        .iter()
        .map(|rule| Row {
            row: rule.name.clone(),
            used: list.used(rule, &walked.ways),
            least: rule.least,
            most: rule.most.and_then(|m| i64::try_from(m).ok()),
        })
        .collect();
    if rows != outcome.rows {
        return Some(offends("rows", "不同", "are others"));
    }
    let line = |name: &str, members: Option<&[usize]>| {
        let mut member = vec![members.is_none(); list.scores.len()];
        for at in members.into_iter().flatten() {
            if let Some(own) = member.get_mut(*at) {
                *own = true;
            }
        }
        let (mut last_in, mut first_out) = (None, None);
        for at in &walked.order {
            if list.out(*at) || member.get(*at) != Some(&true) {
                continue;
            }
            let id = list.written.projects.get(*at).map(|p| p.id.clone());
            if walked.ways.get(*at).is_some_and(Option::is_some) {
                last_in = id;
            } else if first_out.is_none() {
                first_out = id;
            }
        }
        CutLine {
            line: name.to_owned(),
            last_in,
            first_out,
        }
    };
    let quotas = list.rules.iter().filter(|r| r.name.starts_with("quota:"));
    let mut cut = vec![line("all", None)];
    cut.extend(quotas.map(|r| line(&r.name, Some(&r.members))));
    (cut != outcome.cut_lines).then(|| offends("cut_lines", "不同", "are others"))
}

fn explanations(list: &List<'_>, walked: &Walked, outcome: &Outcome) -> Found {
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
            && limits(list, walked, at, &own.limits) == Some(true);
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
fn limits(list: &List<'_>, walked: &Walked, at: usize, told: &[Raise]) -> Option<bool> {
    let _ = walked;
    for own in told {
        let index = list.rules.iter().position(|r| r.name == own.row)?;
        let mut other = List::new(list.written);
        let mut by = 0i128;
        loop {
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
            if own.raise.is_none() && own.searched == Some(by) && by > 0 {
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
