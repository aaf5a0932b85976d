//! Ranked lists with cut lines.

use std::collections::BTreeMap;

use minsheng_selection::{
    Changes, Guarantee, Key, Limit, Listed, Obstacle, Ranking, RankingError, Way, all_changes, rank,
};
use serde::Serialize;
use serde_json::{Number, Value, json};

use super::build::Mistakes;
use super::case::Case;
use super::input::Instance;
use super::layout;
use super::output::number;
use crate::error::PlainError;

#[derive(Serialize)]
struct Written<'a> {
    mechanism: &'static str,
    status: &'static str,
    objective: Option<Number>,
    bound: Option<Number>,
    gap: Option<Number>,
    chosen: Vec<Chosen<'a>>,
    left_out: Vec<LeftOut<'a>>,
    lacking: Vec<Value>,
    cut_lines: Vec<CutLine<'a>>,
    rows: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    explanations: Vec<Value>,
}

#[derive(Serialize)]
struct Chosen<'a> {
    id: &'a str,
    rank: usize,
    way: String,
}

#[derive(Serialize)]
struct LeftOut<'a> {
    id: &'a str,
    why: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    obstacles: Vec<Value>,
}

#[derive(Serialize)]
struct CutLine<'a> {
    line: &'a str,
    last_in: Option<&'a str>,
    first_out: Option<&'a str>,
}

/// A list, with the row that each limit and guarantee comes from.
struct Built {
    ranking: Ranking,
    limits: Vec<usize>,
    guarantees: Vec<usize>,
    costs: Vec<String>,
}

/// Goes down the list of an instance and returns the outcome as JSON.
///
/// # Errors
/// Mistakes that only show in the order.
pub(crate) fn solve(text: &str, instance: &Instance, case: &Case) -> Result<String, PlainError> {
    let built = build(instance, case);
    let listed = rank(&built.ranking).map_err(|e| told(text, &e, &built, case))?;
    let out = |at: &usize| {
        let open = built.ranking.fixed.get(*at) == Some(&None);
        open && listed.ways.get(*at) == Some(&None)
    };
    let asked: Vec<usize> = case.explain.iter().copied().filter(out).collect();
    let indices = asked
        .iter()
        .map(|at| u32::try_from(*at).unwrap_or(u32::MAX));
    let indices: Vec<u32> = indices.collect();
    let own = all_changes(&built.ranking, &indices).map_err(|e| told(text, &e, &built, case))?;
    let explained: Vec<(usize, Changes)> = asked.into_iter().zip(own).collect();
    let written = written(case, &built, &listed, &explained);
    layout::text(&written).map_err(|e| PlainError::whole(e.to_string(), e.to_string()))
}

fn told(text: &str, error: &RankingError, built: &Built, case: &Case) -> PlainError {
    let mut mistakes = Mistakes::new(text);
    match error {
        RankingError::Equal(a, b) => {
            let id = |at: &u32| case.ids.get(*at as usize).map_or("", String::as_str);
            mistakes.add(
                format!("/projects/{b}"),
                format!("与 `{}` 层级、分数和 `tie` 均相同:先后无法确定", id(a)),
                format!(
                    "its tier, score and `tie` are those of `{}`: the order would not be defined",
                    id(a)
                ),
            );
        }
        RankingError::Negative(at) => mistakes.add(
            format!("/projects/{at}/costs"),
            "`ranked` 中费用不得为负",
            "a cost is negative, which `ranked` does not allow",
        ),
        RankingError::Must(limit) => {
            let row = built.limits.get(*limit).and_then(|r| case.rows.get(*r));
            let name = row.map_or("", |r| r.name.as_str());
            let most = built.ranking.limits.get(*limit).map_or(0, |l| l.most);
            let (zh, en) = if most < 0 {
                (
                    format!("`{name}` 至多 {most},无论如何都守不住"),
                    format!("`{name}` allows at most {most}, which nothing can keep"),
                )
            } else {
                (
                    format!("须入选(`must`)的项目超出 `{name}`"),
                    format!("the projects that `must` be in exceed `{name}`"),
                )
            };
            mistakes.add(String::new(), zh, en);
        }
        RankingError::Shape(_) => mistakes.add(
            String::new(),
            format!("无法求解:{error}"),
            format!("cannot be solved: {error}"),
        ),
    }
    match mistakes.end() {
        Err(error) => error,
        Ok(()) => PlainError::whole("无法求解", "cannot be solved"),
    }
}

/// Rows are, in this order, budgets, count, quotas, needs, exclusions: the order
/// that [`super::build::build`] makes.
fn build(instance: &Instance, case: &Case) -> Built {
    let budgets: Vec<&str> = instance.budgets.iter().map(|b| b.id.as_str()).collect();
    let mut built = Built {
        ranking: Ranking {
            keys: instance
                .projects
                .iter()
                .map(|p| Key {
                    tier: p.tier.unwrap_or(0),
                    score: p.score.unwrap_or(0),
                    tie: p.tie.unwrap_or(0),
                })
                .collect(),
            fixed: case.problem.fixed.clone(),
            costs: budgets
                .iter()
                .map(|budget| {
                    let projects = instance.projects.iter();
                    let own = projects.map(|p| p.costs.get(*budget).copied().unwrap_or(0));
                    own.collect()
                })
                .collect(),
            ..Ranking::default()
        },
        limits: Vec::new(),
        guarantees: Vec::new(),
        costs: budgets.iter().map(|b| (*b).to_owned()).collect(),
    };
    let quota_from = budgets.len() + usize::from(instance.count.is_some());
    for (row, (named, own)) in case.rows.iter().zip(&case.problem.rows).enumerate() {
        let members: Vec<u32> = own.terms.iter().map(|(at, _)| *at).collect();
        if named.name.starts_with("needs:") {
            if let &[(at, _), (needed, _)] = own.terms.as_slice() {
                built.ranking.needs.push((at, needed));
            }
            continue;
        }
        let quota = row
            .checked_sub(quota_from)
            .and_then(|q| instance.quotas.get(q));
        let cost = match quota {
            Some(quota) => quota.budget.as_deref(),
            None => budgets.get(row).copied(),
        };
        let cost = cost.and_then(|c| budgets.iter().position(|b| *b == c));
        if let Some(most) = own.upper {
            built.limits.push(row);
            built.ranking.limits.push(Limit {
                members: members.clone(),
                cost,
                most,
                stops: instance.stop_at_budget && row < budgets.len(),
            });
        }
        if let Some(least) = own.lower {
            built.guarantees.push(row);
            built.ranking.guarantees.push(Guarantee {
                members,
                least: usize::try_from(least).unwrap_or(0),
            });
        }
    }
    built
}

fn written<'a>(
    case: &'a Case,
    built: &Built,
    listed: &Listed,
    explained: &[(usize, Changes)],
) -> Written<'a> {
    let ranks = ranks(built, listed);
    let taken: Vec<bool> = listed.ways.iter().map(Option::is_some).collect();
    let id = |at: usize| case.ids.get(at).map_or("", String::as_str);
    let chosen = listed.order.iter().filter_map(|at| {
        let at = *at as usize;
        let way = match listed.ways.get(at).copied().flatten()? {
            Way::Must => "must".to_owned(),
            Way::Open => "open".to_owned(),
            Way::Guarantee(g) => {
                let row = built.guarantees.get(g).and_then(|r| case.rows.get(*r))?;
                format!("guarantee:{}", row.name)
            }
        };
        Some(Chosen {
            id: id(at),
            rank: ranks.get(at).copied().flatten()?,
            way,
        })
    });
    Written {
        mechanism: "ranked",
        status: "by-rule",
        objective: number(case.problem.value(&taken), 0),
        bound: None,
        gap: None,
        chosen: chosen.collect(),
        left_out: (0..case.ids.len())
            .filter(|at| taken.get(*at) == Some(&false))
            .map(|at| left_out(case, built, listed, &ranks, at))
            .collect(),
        lacking: built
            .guarantees
            .iter()
            .zip(&listed.lacking)
            .filter(|(_, lacking)| **lacking > 0)
            .filter_map(|(row, by)| Some(json!({ "row": case.rows.get(*row)?.name, "by": by })))
            .collect(),
        cut_lines: cut_lines(case, built, listed),
        rows: case
            .rows
            .iter()
            .zip(&case.problem.rows)
            .filter(|(named, _)| !named.name.starts_with("needs:"))
            .map(|(named, row)| {
                json!({ "row": named.name, "used": number(row.sum(&taken), 0), "least": row.lower, "most": row.upper })
            })
            .collect(),
        explanations: explained
            .iter()
            .map(|(at, own)| explanation(case, built, id(*at), own))
            .collect(),
    }
}

/// Places in the order, from 1, of everybody who is not out beforehand.
fn ranks(built: &Built, listed: &Listed) -> Vec<Option<usize>> {
    let mut ranks = vec![None; built.ranking.keys.len()];
    let fixed = &built.ranking.fixed;
    let order = listed.order.iter().map(|at| *at as usize);
    let inside = order.filter(|at| fixed.get(*at) != Some(&Some(false)));
    for (rank, at) in (1..).zip(inside) {
        if let Some(own) = ranks.get_mut(at) {
            *own = Some(rank);
        }
    }
    ranks
}

fn left_out<'a>(
    case: &'a Case,
    built: &Built,
    listed: &Listed,
    ranks: &[Option<usize>],
    at: usize,
) -> LeftOut<'a> {
    let said = case.ineligible.get(at).and_then(Option::as_deref);
    let why = match built.ranking.fixed.get(at) {
        _ if said.is_some() => "ineligible",
        Some(Some(false)) => "never",
        _ => "passed-over",
    };
    let found = listed.obstacles.get(at).into_iter().flatten();
    LeftOut {
        id: case.ids.get(at).map_or("", String::as_str),
        why,
        said,
        rank: ranks.get(at).copied().flatten(),
        obstacles: found
            .map(|obstacle| match obstacle {
                Obstacle::Limit(limit, over) => {
                    json!({ "row": row(case, built, *limit), "over": number(*over, 0) })
                }
                Obstacle::Needs(other) => json!({ "needs": case.ids.get(*other as usize) }),
                Obstacle::Ended => json!({ "ended": true }),
            })
            .collect(),
    }
}

fn row<'a>(case: &'a Case, built: &Built, limit: usize) -> Option<&'a str> {
    let row = built.limits.get(limit)?;
    case.rows.get(*row).map(|r| r.name.as_str())
}

/// For all, and for every quota's group: who is in last, who is out first.
fn cut_lines<'a>(case: &'a Case, built: &Built, listed: &Listed) -> Vec<CutLine<'a>> {
    let line = |name: &'a str, member: &dyn Fn(u32) -> bool| {
        let of = |inside: bool| {
            let all = listed.order.iter().copied().filter(move |at| {
                let at = *at as usize;
                let out = built.ranking.fixed.get(at) == Some(&Some(false));
                !out && listed.ways.get(at).is_some_and(|w| w.is_some() == inside)
            });
            all.filter(|at| member(*at))
        };
        let id = |at: u32| case.ids.get(at as usize).map(String::as_str);
        CutLine {
            line: name,
            last_in: of(true).last().and_then(id),
            first_out: of(false).next().and_then(id),
        }
    };
    let mut lines = vec![line("all", &|_| true)];
    for (named, own) in case.rows.iter().zip(&case.problem.rows) {
        if named.name.starts_with("quota:") {
            let mut members = vec![false; case.ids.len()];
            for (at, _) in &own.terms {
                if let Some(member) = members.get_mut(*at as usize) {
                    *member = true;
                }
            }
            lines.push(line(&named.name, &|at| {
                members.get(at as usize) == Some(&true)
            }));
        }
    }
    lines
}

fn explanation(case: &Case, built: &Built, id: &str, own: &Changes) -> Value {
    let costs: BTreeMap<&str, Option<i64>> = built
        .costs
        .iter()
        .map(String::as_str)
        .zip(own.costs.iter().copied())
        .collect();
    let limits: Vec<Value> = own
        .limits
        .iter()
        .map(|raise| {
            json!({
                "row": row(case, built, raise.limit),
                "raise": raise.by.and_then(|b| number(b, 0)),
                "searched": raise.searched.and_then(|b| number(b, 0)),
            })
        })
        .collect();
    json!({ "id": id, "score": own.score.and_then(|s| number(s, 0)), "costs": costs, "limits": limits })
}
