//! Letters to the people of a candidate: chosen or not, why, and what would have changed
//! the answer.

mod calendar;
mod limits;
mod outcome;
mod pairs;
mod places;
pub(crate) mod site;

use minsheng_bundle::Contents;
use minsheng_model::{ApplicantRow, Mechanism, Order, Type, Verdict};
use serde_json::Value;

use crate::reasons::citation;
use crate::units::quantity;
use crate::words::Words;
use crate::{Lang, line};
use outcome::{Outcome, number};
pub(crate) use places::place;

/// Adds result, figures, limits and what would have changed the answer; nothing when the
/// bundle's outcome cannot be read.
pub(crate) fn section(text: &mut String, contents: &Contents, row: &ApplicantRow, w: &Words) {
    if let Mechanism::Site(own) = &contents.rules.mechanism {
        site::section(text, contents, own, row, w);
        facts(text, contents, row, w);
        return;
    }
    if of_places(&contents.rules.mechanism) {
        places::section(text, contents, row, w);
        facts(text, contents, row, w);
        return;
    }
    let Some(outcome) = Outcome::read(contents, &row.ticket) else {
        return;
    };
    if let Mechanism::Calendar(own) = &contents.rules.mechanism {
        calendar::section(text, contents, own, &outcome, row, w);
        facts(text, contents, row, w);
        return;
    }
    result(text, contents, &outcome, row, w);
    figures(text, contents, &outcome, w);
    facts(text, contents, row, w);
    if row.verdict == Verdict::Eligible {
        pairs::section(text, contents, &outcome, row, w);
        limits::used(text, contents, &outcome, w);
        change(text, contents, &outcome, w);
    }
}

/// Returns whether people are sent to places or it is measured what they reach: nobody
/// applies, and places have letters too.
pub(crate) fn of_places(mechanism: &Mechanism) -> bool {
    matches!(mechanism, Mechanism::Assign(_) | Mechanism::Access(_))
}

/// Returns the number of a row, where nobody applies with its first published text, such
/// as a name.
pub(crate) fn shown(contents: &Contents, row: &ApplicantRow) -> String {
    let rules = &contents.rules;
    let texts = rules.applicants.columns.iter();
    let mut texts = texts.filter(|c| c.publish && c.data_type == Type::Text);
    let first = texts.find(|c| c.name != rules.ticket);
    let place = first.and_then(|c| rules.group_columns().iter().position(|g| *g == c.name));
    let name = place.and_then(|p| row.groups.get(p)?.clone());
    match name.filter(|_| of_places(&rules.mechanism)) {
        Some(name) => format!("{} {name}", row.ticket),
        None => row.ticket.clone(),
    }
}

fn heading(text: &mut String, words: &str) {
    line(text, words);
    line(text, &"-".repeat(72));
}

fn result(
    text: &mut String,
    contents: &Contents,
    outcome: &Outcome,
    row: &ApplicantRow,
    w: &Words,
) {
    heading(text, w.pick("结果", "Result"));
    if let Some(said) = pairs::reason(contents, outcome, row, w) {
        line(text, &said);
        line(text, "");
        return;
    }
    let said = match row.verdict {
        Verdict::NotEligible => w.pick(
            "未列入:有条件不符合,原因如下。",
            "Not chosen: a condition is not met, for the reasons below.",
        ),
        Verdict::Undetermined => w.pick(
            "尚不能确定:缺少材料。这不等于不符合条件,补齐后下一批重新核定。",
            "Undetermined: a paper is missing. This is not a refusal; the case is decided again once it is there.",
        ),
        Verdict::Eligible if outcome.is_chosen() => w.pick("列入。", "Chosen."),
        Verdict::Eligible => w.pick(
            "符合条件,但本批未列入:限额已由其他符合条件者用去,详见下文。",
            "Eligible, but not chosen this time: the limits were used by other eligible candidates, as shown below.",
        ),
    };
    line(text, said);
    if let (Some(rank), Some(of)) = (outcome.rank(), outcome.listed()) {
        let said = match w.lang() {
            Lang::Zh => format!("名次:{of} 个符合条件者中的第 {rank} 位。"),
            Lang::En => format!("Place: {rank} of {of} eligible candidates."),
        };
        line(text, &said);
    }
    line(text, "");
}

fn amount(number: &Value, unit: Option<&str>, w: &Words) -> String {
    quantity(&number.to_string(), unit, w)
}

/// What the instance holds of the candidate.
fn figures(text: &mut String, contents: &Contents, outcome: &Outcome, w: &Words) {
    let rules = &contents.rules;
    let Some(project) = outcome.project() else {
        return;
    };
    heading(text, w.pick("所用的数", "The numbers used"));
    let mut told = |title: &str, shown: String, cite: &str| {
        let law = citation(rules, cite, w);
        let colon = w.pick(":", ": ");
        line(text, &format!("{title}{colon}{shown}{law}"));
    };
    match &rules.mechanism {
        Mechanism::Select(own) => {
            let value = project.get("value").unwrap_or(&Value::Null);
            let shown = amount(value, own.value.unit.as_deref(), w);
            told(own.value.title.get(w.code()), shown, &own.value.cite);
        }
        Mechanism::Rank(own) => {
            if let Some(place) = number(project, "tier") {
                let tier = usize::try_from(place).ok().and_then(|p| own.tiers.get(p));
                if let Some(tier) = tier {
                    let title = tier.title.get(w.code()).to_owned();
                    told(w.pick("次序", "Tier"), title, &tier.cite);
                }
            }
            let score = number(project, "score").map(|s| match own.score.order {
                Order::HighFirst => s,
                Order::LowFirst => -s,
            });
            let shown = amount(&score.into(), own.score.unit.as_deref(), w);
            told(own.score.title.get(w.code()), shown, &own.score.cite);
        }
        Mechanism::Match
        | Mechanism::Calendar(_)
        | Mechanism::Assign(_)
        | Mechanism::Access(_)
        | Mechanism::Site(_) => {}
    }
    for budget in rules
        .mechanism
        .limits()
        .into_iter()
        .flat_map(|l| &l.budgets)
    {
        let cost = project.get("costs").and_then(|c| c.get(&budget.id));
        if let Some(cost) = cost {
            let shown = amount(cost, budget.unit.as_deref(), w);
            told(budget.title.get(w.code()), shown, &budget.cite);
        }
    }
    if project.get("state").and_then(Value::as_str) == Some("must")
        && let Some(must) = rules.mechanism.limits().and_then(|l| l.must.as_ref())
    {
        let yes = w.pick("是", "yes").to_owned();
        told(must.title.get(w.code()), yes, &must.cite);
    }
    line(text, "");
}

/// The published facts of the candidate, so that its people can see a wrong one.
fn facts(text: &mut String, contents: &Contents, row: &ApplicantRow, w: &Words) {
    let rules = &contents.rules;
    heading(
        text,
        w.pick("登记的情况(公开)", "Facts on record (published)"),
    );
    for (name, value) in rules.group_columns().into_iter().zip(&row.groups) {
        let column = rules.applicants.columns.iter().find(|c| c.name == name);
        let Some(column) = column else {
            continue;
        };
        let shown = match value.as_deref() {
            None => w.pick("(缺)", "(missing)"),
            Some("true") => w.pick("是", "yes"),
            Some("false") => w.pick("否", "no"),
            Some(value) => value,
        };
        let unit = column.unit.as_deref().filter(|_| value.is_some());
        let shown = quantity(shown, unit, w);
        let (label, colon) = (column.label.get(w.code()), w.pick(":", ": "));
        line(text, &format!("{label}{colon}{shown}"));
    }
    if let Some(seal) = &contents.certificate.carried {
        let short: String = seal.id.chars().take(16).collect();
        let (name, cycle) = (&seal.programme, &seal.cycle);
        let others = rules.carried.as_ref().is_some_and(|c| c.others);
        let more = if others {
            w.pick(
                ",以及本项目名册自有的",
                ", and from the programme's own register",
            )
        } else {
            ""
        };
        line(
            text,
            &match w.lang() {
                Lang::Zh => format!(
                    "(本项目的候选者由 `{name}` 周期 `{cycle}` 的决定而来,公示包 {short}{more})"
                ),
                Lang::En => format!(
                    "(the candidates here come from the decision of `{name}`, cycle `{cycle}`, bundle {short}{more})"
                ),
            },
        );
    }
    line(text, "");
}

/// What would have changed the answer.
fn change(text: &mut String, contents: &Contents, outcome: &Outcome, w: &Words) {
    if outcome.is_chosen() {
        return;
    }
    let mut lines = Vec::new();
    let limit = |row: &str| limits::title(contents, outcome, row, w);
    for obstacle in outcome.obstacles() {
        let row = obstacle.get("row").and_then(Value::as_str);
        if let (Some(row), Some(over)) = (row, obstacle.get("over")) {
            let row = limit(row);
            lines.push(match w.lang() {
                Lang::Zh => format!("轮到时已无余额:{row},若列入将超出 {over}。"),
                Lang::En => format!(
                    "When its turn came nothing was left: {row} would have been exceeded by {over}."
                ),
            });
        } else if let Some(other) = obstacle.get("needs").and_then(Value::as_str) {
            lines.push(match w.lang() {
                Lang::Zh => format!("轮到时,它所需的 `{other}` 尚未列入。"),
                Lang::En => format!("When its turn came `{other}`, which it needs, was not in."),
            });
        } else if obstacle.get("ended").is_some() {
            let (zh, en) = (
                "轮到之前名单已因预算不足而结束。",
                "The list had ended before its turn, for want of budget.",
            );
            lines.push(w.pick(zh, en).to_owned());
        }
    }
    if outcome.is_gated() {
        // No worth would have let it in.
    } else if let Some(short) = outcome.short_by() {
        lines.push(match w.lang() {
            Lang::Zh => format!("在其他一切不变时,其价值至少还须高出 {short},才可能列入任何最优的选择。"),
            Lang::En => format!("Everything else the same, it would have to be worth at least {short} more before any best choice can hold it."),
        });
    } else if outcome.optimised() {
        let (zh, en) = (
            "它处在边缘:没有证明它的价值差多少。",
            "It stands on the edge: no amount by which its worth falls short is proved.",
        );
        lines.push(w.pick(zh, en).to_owned());
    }
    lines.extend(outcome.changes(w, &limit));
    if lines.is_empty() {
        return;
    }
    heading(
        text,
        w.pick("怎样会有不同的结果", "What would have changed the answer"),
    );
    for said in lines {
        line(text, &said);
    }
    line(text, "");
}
