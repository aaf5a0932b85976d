//! Ranked lists, gone down again in the plainest way.

mod changes;
mod list;
mod outcome;

use std::collections::HashMap;

use minsheng_model::Text;

use crate::report::{Checks, Found, differs, offends};
use crate::selection::instance::Written;

use changes::explanations;
use list::{List, Walked};
use outcome::{Chosen, CutLine, Lacking, LeftOut, Outcome, Row};

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
            way: list.way(*way),
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
