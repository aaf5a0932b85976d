//! The JSON instance, read again.

use std::collections::{BTreeMap, HashMap};

use minsheng_model::Text;
use serde::Deserialize;

use super::case::{Case, Gate, Line};
use crate::report::offends;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    #[serde(default)]
    pub mechanism: Option<String>,
    pub projects: Vec<Project>,
    #[serde(default)]
    pub budgets: Vec<Budget>,
    #[serde(default)]
    pub count: Option<Between>,
    #[serde(default)]
    pub quotas: Vec<Quota>,
    #[serde(default)]
    pub exclusions: Vec<Exclusion>,
    #[serde(default)]
    pub explain: Vec<String>,
    #[serde(default)]
    pub stop_at_budget: bool,
    #[serde(default)]
    #[expect(dead_code, reason = "how hard the solver tried is not checked")]
    pub effort: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Project {
    pub id: String,
    #[serde(default)]
    pub value: Option<i64>,
    #[serde(default)]
    pub tier: Option<i64>,
    #[serde(default)]
    pub score: Option<i64>,
    #[serde(default)]
    pub tie: Option<i64>,
    #[serde(default)]
    pub costs: BTreeMap<String, i64>,
    #[serde(default)]
    pub groups: Vec<String>,
    #[serde(default)]
    pub needs: Vec<String>,
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub ineligible: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Budget {
    pub id: String,
    #[serde(default)]
    pub least: Option<i64>,
    #[serde(default)]
    pub most: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Between {
    #[serde(default)]
    pub least: Option<i64>,
    #[serde(default)]
    pub most: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quota {
    pub group: String,
    #[serde(default)]
    pub budget: Option<String>,
    #[serde(default)]
    pub least: Option<i64>,
    #[serde(default)]
    pub most: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exclusion {
    #[serde(default)]
    pub group: Option<String>,
    pub projects: Vec<String>,
    #[serde(default)]
    pub most: Option<i64>,
}

impl Exclusion {
    /// What the outcome calls it.
    pub fn row(&self, index: usize) -> String {
        let group = self.group.as_ref().map(|g| format!(":{g}"));
        format!("exclusion:{index}{}", group.unwrap_or_default())
    }
}

/// Reads an instance.
pub(crate) fn parse(text: &str) -> Result<Written, Text> {
    serde_json::from_str(text).map_err(|e| offends("instance", &e.to_string(), &e.to_string()))
}

/// Returns the case of an instance; the order of the lines is: budgets, count, quotas, needs,
/// exclusions.
pub(crate) fn read(written: &Written) -> Result<Case, Text> {
    if written.mechanism.as_ref().is_some_and(|m| m != "optimise") {
        return Err(offends("mechanism", "不是 `optimise`", "is not `optimise`"));
    }
    let mut place = HashMap::new();
    for (at, project) in written.projects.iter().enumerate() {
        if place.insert(project.id.as_str(), at).is_some() {
            return Err(offends(&project.id, "出现两次", "stands twice"));
        }
    }
    let find = |id: &str| {
        let at = place.get(id).copied();
        at.ok_or_else(|| offends(id, "不是项目", "is not a project"))
    };
    let mut gates = Vec::new();
    for project in &written.projects {
        gates.push(gate(project)?);
    }
    let mut lines = sums(written);
    for (at, project) in written.projects.iter().enumerate() {
        for needed in &project.needs {
            lines.push(Line {
                name: format!("needs:{}:{needed}", project.id),
                least: None,
                most: Some(0),
                terms: vec![(at, 1), (find(needed)?, -1)],
                places: 0,
            });
        }
    }
    for (index, exclusion) in written.exclusions.iter().enumerate() {
        let mut terms = Vec::new();
        for id in &exclusion.projects {
            terms.push((find(id)?, 1));
        }
        lines.push(Line {
            name: exclusion.row(index),
            least: None,
            most: Some(exclusion.most.unwrap_or(1)),
            terms,
            places: 0,
        });
    }
    let mut explain = Vec::new();
    for id in &written.explain {
        explain.push(find(id)?);
    }
    let values: Option<Vec<i64>> = written.projects.iter().map(|p| p.value).collect();
    let Some(values) = values else {
        return Err(offends("value", "缺少", "is missing"));
    };
    Ok(Case {
        ids: written.projects.iter().map(|p| p.id.clone()).collect(),
        values,
        places: 0,
        gates,
        lines,
        explain,
        stated: None,
    })
}

fn gate(project: &Project) -> Result<Gate, Text> {
    match (project.state.as_deref(), &project.ineligible) {
        (None, None) => Ok(Gate::Open),
        (Some("must"), None) => Ok(Gate::Must),
        (Some("never"), None) => Ok(Gate::Never),
        (None | Some("never"), Some(why)) => Ok(Gate::Ineligible(why.clone())),
        _ => Err(offends(&project.id, "状态有误", "its state is wrong")),
    }
}

fn sums(written: &Written) -> Vec<Line> {
    let cost = |budget: &str, member: &dyn Fn(&Project) -> bool| {
        let projects = written.projects.iter().enumerate();
        projects
            .filter(|(_, p)| member(p))
            .filter_map(|(at, p)| Some((at, *p.costs.get(budget)?)))
            .collect::<Vec<_>>()
    };
    let heads = |member: &dyn Fn(&Project) -> bool| {
        let projects = written.projects.iter().enumerate();
        projects
            .filter(|(_, p)| member(p))
            .map(|(at, _)| (at, 1))
            .collect::<Vec<_>>()
    };
    let mut lines: Vec<Line> = written
        .budgets
        .iter()
        .map(|b| Line {
            name: format!("budget:{}", b.id),
            least: b.least,
            most: b.most,
            terms: cost(&b.id, &|_| true),
            places: 0,
        })
        .collect();
    if let Some(count) = &written.count {
        lines.push(Line {
            name: "count".to_owned(),
            least: count.least,
            most: count.most,
            terms: heads(&|_| true),
            places: 0,
        });
    }
    for (index, quota) in written.quotas.iter().enumerate() {
        let member = |p: &Project| p.groups.contains(&quota.group);
        lines.push(Line {
            name: format!("quota:{index}:{}", quota.group),
            least: quota.least,
            most: quota.most,
            terms: match &quota.budget {
                Some(budget) => cost(budget, &member),
                None => heads(&member),
            },
            places: 0,
        });
    }
    lines
}
