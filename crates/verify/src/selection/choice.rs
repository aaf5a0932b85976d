//! One outcome against its case.

use std::collections::{BTreeSet, HashMap};

use serde_json::Number;

use super::case::{Case, Gate};
use super::number::scaled;
use super::outcome::{Certificate, Explanation, Outcome};
use super::{pareto, replay};
use crate::report::{Checks, Found, differs, offends};

/// Runs every check of one problem.
pub(crate) fn check(checks: &mut Checks, case: &Case, outcome: &Outcome) {
    let projects = case.ids.len();
    let chosen = match chosen(case, outcome.chosen.as_deref()) {
        Ok(chosen) => chosen,
        Err(said) => {
            let (zh, en) = (
                "所列项目存在且不重复",
                "the projects listed exist, each once",
            );
            checks.add("select/projects", zh, en, projects, Some(said));
            return;
        }
    };
    let fixed = case.fixed();
    checks.add(
        "select/projects",
        "所列项目存在且不重复",
        "the projects listed exist, each once",
        projects,
        listed(case, outcome, chosen.as_deref()),
    );
    checks.add(
        "select/gates",
        "须入选者已入选,不得入选者未入选",
        "what must be in is in, what must not is not",
        projects,
        chosen.as_ref().and_then(|c| gates(case, &fixed, c)),
    );
    checks.add(
        "select/rows",
        "每项预算、名额和条件均已遵守",
        "every budget, quota and condition is kept",
        case.lines.len(),
        rows(case, outcome, chosen.as_deref()),
    );
    checks.add(
        "select/objective",
        "总分值等于所选项目之和",
        "the objective is the sum of what is chosen",
        projects,
        objective(case, outcome, chosen.as_deref()),
    );
    checks.add(
        "select/bound",
        "由所附价格重算的上界成立",
        "the bound follows from the prices given",
        outcome.certificate.tree.len(),
        bound(case, &fixed, outcome),
    );
    checks.add(
        "select/status",
        "结论与数字相符",
        "the status follows from the figures",
        1,
        status(case, outcome),
    );
    checks.add(
        "select/explanations",
        "对落选项目的说明成立",
        "what is said of projects left out holds",
        outcome.explanations.len(),
        explanations(case, outcome),
    );
}

/// Returns which projects are chosen.
fn chosen(case: &Case, ids: Option<&[String]>) -> Result<Option<Vec<bool>>, minsheng_model::Text> {
    let Some(ids) = ids else { return Ok(None) };
    let place: HashMap<&str, usize> = case.ids.iter().map(String::as_str).zip(0..).collect();
    let mut taken = vec![false; case.ids.len()];
    for id in ids {
        let own = place.get(id.as_str()).and_then(|at| taken.get_mut(*at));
        match own {
            None => return Err(offends(id, "不是项目", "is not a project")),
            Some(true) => return Err(offends(id, "出现两次", "stands twice")),
            Some(own) => *own = true,
        }
    }
    Ok(Some(taken))
}

/// Checks that everything is either chosen or left out, and why it is left out.
fn listed(case: &Case, outcome: &Outcome, chosen: Option<&[bool]>) -> Found {
    if outcome.mechanism != "optimise" {
        return differs("mechanism", "optimise", outcome.mechanism.as_str());
    }
    let Some(chosen) = chosen else {
        return (!outcome.left_out.is_empty())
            .then(|| offends("left_out", "没有所选项目", "there is no choice"));
    };
    let out: Vec<usize> = (0..case.ids.len())
        .filter(|at| chosen.get(*at) == Some(&false))
        .collect();
    if out.len() != outcome.left_out.len() {
        return differs("left_out", out.len(), outcome.left_out.len());
    }
    let first = outcome.certificate.tree.first();
    let scale = outcome.certificate.scale.unwrap_or(1);
    let sides = first.and_then(|node| replay::other_sides(case, &case.fixed(), node, scale));
    let objective = places(outcome.objective.as_ref(), case.places);
    for (at, left) in out.into_iter().zip(&outcome.left_out) {
        let (Some(id), Some(gate)) = (case.ids.get(at), case.gates.get(at)) else {
            continue;
        };
        let (why, said) = match gate {
            Gate::Ineligible(said) => ("ineligible", Some(said.as_str())),
            Gate::Never => ("never", None),
            Gate::Must | Gate::Open => ("not-best", None),
        };
        if *id != left.id || why != left.why || said != left.said.as_deref() {
            return Some(offends(
                &left.id,
                "未入选的说明有误",
                "is left out for another reason",
            ));
        }
        let short = places(left.short_by.as_ref(), case.places).unwrap_or(0);
        let side = sides.as_ref().and_then(|s| s.get(at).copied().flatten());
        let most = match (objective, side) {
            (Some(objective), Some(side)) => (objective - side).max(0),
            _ => 0,
        };
        if short < 0 || short > most {
            return differs(&left.id, most, short);
        }
    }
    None
}

fn gates(case: &Case, fixed: &[Option<bool>], chosen: &[bool]) -> Found {
    let all = case.ids.iter().zip(fixed).zip(chosen);
    all.into_iter()
        .find(|((_, fix), own)| fix.is_some_and(|f| f != **own))
        .map(|((id, _), _)| offends(id, "违反事先的决定", "is against what was fixed beforehand"))
}

fn rows(case: &Case, outcome: &Outcome, chosen: Option<&[bool]>) -> Found {
    if case.lines.len() != outcome.rows.len() {
        return differs("rows", case.lines.len(), outcome.rows.len());
    }
    for (line, row) in case.lines.iter().zip(&outcome.rows) {
        let least = line.least.map(i128::from);
        let most = line.most.map(i128::from);
        let told = |n: &Option<Number>| places(n.as_ref(), line.places);
        if line.name != row.row || told(&row.least) != least || told(&row.most) != most {
            return Some(offends(&row.row, "与实例不符", "is not as in the instance"));
        }
        let Some(chosen) = chosen else {
            if row.used.is_some() {
                return Some(offends(&row.row, "没有所选项目", "there is no choice"));
            }
            continue;
        };
        let inside = line
            .terms
            .iter()
            .filter(|(at, _)| chosen.get(*at) == Some(&true));
        let used: i128 = inside.map(|(_, a)| i128::from(*a)).sum();
        if told(&row.used) != Some(used) {
            return Some(offends(&row.row, "合计有误", "has another sum"));
        }
        if least.is_some_and(|l| used < l) || most.is_some_and(|m| used > m) {
            return Some(offends(&row.row, "未遵守", "is not kept"));
        }
    }
    None
}

fn objective(case: &Case, outcome: &Outcome, chosen: Option<&[bool]>) -> Found {
    let sum = chosen.map(|c| total(case, c));
    let told = places(outcome.objective.as_ref(), case.places);
    if sum != told || outcome.objective.is_some() != sum.is_some() {
        return Some(offends("objective", "合计有误", "is another sum"));
    }
    let stated = places(outcome.stated_optimum.as_ref(), case.places);
    (stated != case.stated)
        .then(|| offends("stated_optimum", "与实例不符", "is not as in the instance"))
}

fn total(case: &Case, chosen: &[bool]) -> i128 {
    let all = case.values.iter().zip(chosen);
    all.filter(|(_, c)| **c).map(|(v, _)| i128::from(*v)).sum()
}

fn bound(case: &Case, fixed: &[Option<bool>], outcome: &Outcome) -> Found {
    let bound = places(outcome.bound.as_ref(), case.places);
    if outcome.bound.is_some() != bound.is_some() {
        return Some(offends("bound", "不是数", "is not a number of this unit"));
    }
    match (bound, outcome.status.as_str()) {
        (None, "feasible, no bound") => None,
        (None, "proved-infeasible") => prove(case, fixed, &outcome.certificate, None),
        (None, _) => Some(offends("bound", "缺少上界", "is missing")),
        (Some(_), "proved-infeasible") => Some(offends("bound", "不应有", "has no place here")),
        (Some(b), _) => prove(case, fixed, &outcome.certificate, Some(b)),
    }
}

/// Replays a certificate: nothing is worth more than the threshold, or without one
/// nothing is possible.
fn prove(
    case: &Case,
    fixed: &[Option<bool>],
    certificate: &Certificate,
    threshold: Option<i128>,
) -> Found {
    if certificate.step != case.step() {
        return differs("step", case.step(), certificate.step);
    }
    match certificate.method.as_str() {
        "prices" => {
            let scale = certificate.scale.unwrap_or(0);
            let replayed = replay::replay(case, fixed, &certificate.tree, scale, threshold);
            replayed
                .err()
                .map(|node| offends(&format!("tree[{node}]"), "不成立", "does not hold"))
        }
        "table" if certificate.tree.is_empty() && certificate.scale.is_none() => {
            let best = pareto::best(case, fixed);
            let holds = best.is_some() && best <= threshold;
            (!holds).then(|| offends("table", "重算结果不同", "comes to something else"))
        }
        _ => Some(offends("method", "未知", "is unknown")),
    }
}

/// The word for what objective and bound say.
fn word(objective: Option<i128>, bound: Option<i128>, told: &str, places: u32) -> String {
    match (objective, bound) {
        (Some(o), Some(b)) if o == b => "proved-optimal".to_owned(),
        (Some(o), Some(b)) => format!("within {} of optimum", decimal(b - o, places)),
        (Some(_), None) => "feasible, no bound".to_owned(),
        (None, Some(_)) => "undecided".to_owned(),
        (None, None) if told == "undecided" => told.to_owned(),
        (None, None) => "proved-infeasible".to_owned(),
    }
}

fn status(case: &Case, outcome: &Outcome) -> Found {
    let objective = places(outcome.objective.as_ref(), case.places);
    let bound = places(outcome.bound.as_ref(), case.places);
    let expected = word(objective, bound, &outcome.status, case.places);
    if expected != outcome.status {
        return differs("status", expected.as_str(), outcome.status.as_str());
    }
    let gap = match (objective, bound) {
        (Some(o), Some(b)) => {
            let unit = 10i128.pow(case.places);
            let size = o.checked_abs()?.max(unit);
            let nano = (b - o).checked_mul(1_000_000_000)?;
            Some(nano.div_euclid(size) + i128::from(nano.rem_euclid(size) != 0))
        }
        _ => None,
    };
    let told = outcome.gap.as_ref().and_then(|g| scaled(&g.to_string(), 9));
    let right = gap == told && outcome.gap.is_some() == gap.is_some();
    (!right).then(|| {
        offends(
            "gap",
            "有误",
            "is not the difference of bound and objective",
        )
    })
}

fn explanations(case: &Case, outcome: &Outcome) -> Found {
    let objective = places(outcome.objective.as_ref(), case.places);
    let bound = places(outcome.bound.as_ref(), case.places);
    let left: BTreeSet<&str> = outcome.left_out.iter().map(|l| l.id.as_str()).collect();
    let asked: Vec<&str> = case
        .explain
        .iter()
        .filter(|at| case.gates.get(**at) == Some(&Gate::Open))
        .filter_map(|at| case.ids.get(*at).map(String::as_str))
        .filter(|id| left.contains(id))
        .collect();
    let told: Vec<&str> = outcome.explanations.iter().map(|e| e.id.as_str()).collect();
    if asked != told {
        return Some(offends(
            "explanations",
            "与所问不符",
            "are not what was asked for",
        ));
    }
    let known = |e: &&Explanation| explained(case, e, objective, bound);
    outcome.explanations.iter().find_map(|e| known(&e))
}

/// Checks the best choice with one project forced in, and what it follows that the
/// project lacks.
fn explained(
    case: &Case,
    own: &Explanation,
    objective: Option<i128>,
    bound: Option<i128>,
) -> Found {
    let wrong = || {
        Some(offends(
            &own.id,
            "说明不成立",
            "its explanation does not hold",
        ))
    };
    let Some(at) = case.ids.iter().position(|id| *id == own.id) else {
        return wrong();
    };
    let mut fixed = case.fixed();
    if let Some(fix) = fixed.get_mut(at) {
        *fix = Some(true);
    }
    let Ok(taken) = chosen(case, own.chosen.as_deref()) else {
        return wrong();
    };
    let (z, b) = (
        places(own.objective.as_ref(), case.places),
        places(own.bound.as_ref(), case.places),
    );
    if word(z, b, &own.status, case.places) != own.status || own.status == "feasible, no bound" {
        return wrong();
    }
    if let Some(taken) = &taken {
        let kept = case.lines.iter().all(|line| {
            let inside = line
                .terms
                .iter()
                .filter(|(at, _)| taken.get(*at) == Some(&true));
            let used: i128 = inside.map(|(_, a)| i128::from(*a)).sum();
            line.least.is_none_or(|l| used >= i128::from(l))
                && line.most.is_none_or(|m| used <= i128::from(m))
        });
        if !kept || gates(case, &fixed, taken).is_some() || Some(total(case, taken)) != z {
            return wrong();
        }
    } else if z.is_some() {
        return wrong();
    }
    let increase = match (objective, bound, z, b) {
        (Some(o), Some(most), Some(z), Some(b)) => Some(((o - b).max(0), (most - z).max(0))),
        _ => None,
    };
    let told = own.increase.as_ref().map(|i| (i.at_least, i.enough));
    if told != increase {
        return wrong();
    }
    prove(case, &fixed, &own.certificate, b)
}

fn places(number: Option<&Number>, places: u32) -> Option<i128> {
    scaled(&number?.to_string(), places)
}

/// Writes a scaled integer as a decimal number, without trailing zeros.
fn decimal(scaled: i128, places: u32) -> String {
    let digits = format!(
        "{:0width$}",
        scaled.unsigned_abs(),
        width = places as usize + 1
    );
    let (whole, part) = digits.split_at(digits.len() - places as usize);
    let part = part.trim_end_matches('0');
    let sign = if scaled < 0 { "-" } else { "" };
    if part.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{part}")
    }
}
