//! Programmes that choose among candidates: the instance is made again from the rows and
//! the rules, and its outcome is checked by the mechanism's own checker.

mod audit;
mod calendar;
mod expected;
mod known;
mod limits;
mod pairs;
mod places;
mod site;
mod travel;

use std::collections::BTreeSet;

use minsheng_bundle::{Contents, Decided, mechanism_name};
use minsheng_model::{Mechanism, Publish, Text, Verdict};
use serde_json::Value;

use crate::report::{Checks, Found, differs, offends};
use crate::{certificate, draw, figures, rows};

pub(crate) use audit::audit;
use known::Known;
pub use site::Sites;

/// Makes every check that needs nothing but the folder, after those of every bundle.
pub(crate) fn check(contents: &Contents, checks: &mut Checks) {
    let people = contents.applicants.len();
    checks.add(
        "counts",
        "计数相符",
        "the counts are right",
        8,
        counts(contents),
    );
    checks.add(
        "rows-root",
        "各行的默克尔根相符",
        "the root over the rows is right",
        people,
        certificate::check_root(contents),
    );
    rows::check_applicants(contents, checks);
    draw(contents, checks);
    let known = match Known::published(contents) {
        Ok(known) => known,
        Err(wrong) => {
            let (zh, en) = (
                "公开的事实合于名册的声明",
                "published facts are as declared",
            );
            checks.add("facts", zh, en, people, Some(wrong));
            return;
        }
    };
    checks.add(
        "facts",
        "公开的事实合于名册的声明",
        "published facts are as declared",
        people + contents.providers.len(),
        None,
    );
    let (looked, found) = known.clauses(contents);
    checks.add(
        "clauses",
        "可由公开事实重算的条件均相符",
        "clauses that read published facts alone come out as published",
        looked,
        found,
    );
    instance(contents, &known, checks);
}

/// Checks the instance against what is known, and its outcome.
fn instance(contents: &Contents, known: &Known, checks: &mut Checks) {
    let Some(decided) = &contents.decided else {
        let said = offends("outcome.json", "缺少", "is missing");
        checks.add("instance", "有实例", "there is an instance", 1, Some(said));
        return;
    };
    let eligible = contents.certificate.eligible;
    checks.add(
        "instance",
        "实例恰由符合条件者按规则构成",
        "the instance holds exactly the eligible, as the rules say",
        usize::try_from(eligible).unwrap_or(usize::MAX),
        expected::check(contents, known, &decided.instance),
    );
    let chosen = decided.chosen();
    checks.add(
        "decision",
        "结果出自规则的决定机制,且作出了决定",
        "the outcome is of the rules' mechanism, and decides",
        chosen.as_ref().map_or(0, BTreeSet::len),
        decision(contents, decided, chosen.as_ref()),
    );
    let report = match &contents.rules.mechanism {
        Mechanism::Assign(_) => crate::places::check_assign(&decided.instance, &decided.outcome),
        Mechanism::Access(_) => crate::places::check_access(&decided.instance, &decided.outcome),
        Mechanism::Site(_) => crate::siting::published::check(&decided.instance, &decided.outcome),
        _ => crate::selection::check(&decided.instance, &decided.outcome),
    };
    checks.extend(report.checks);
    let published = contents.certificate.indicators.len();
    checks.add(
        "indicators",
        "指标可重算",
        "the indicators are recomputed",
        published,
        figures::check(contents),
    );
}

fn decision(contents: &Contents, decided: &Decided, chosen: Option<&BTreeSet<String>>) -> Found {
    let outcome: Option<Value> = serde_json::from_str(&decided.outcome).ok();
    let word = outcome.as_ref().and_then(|o| o.get("mechanism"));
    let word = word.and_then(Value::as_str).unwrap_or("");
    let Some(chosen) = chosen else {
        return Some(offends("chosen", "没有作出选择", "nothing is chosen"));
    };
    differs("mechanism", mechanism_name(&contents.rules), word)
        .or_else(|| differs("placed", chosen.len() as u64, contents.certificate.placed))
}

/// Counts that can be counted where nobody is matched.
fn counts(contents: &Contents) -> Found {
    let c = &contents.certificate;
    let by = |v: Verdict| {
        let rows = contents.applicants.iter();
        rows.filter(|a| a.verdict == v).count() as u64
    };
    let seal = |index: usize| c.registers.get(index).map_or(0, |s| s.rows);
    let people = contents.applicants.len() as u64;
    let groups = contents.providers.len() as u64;
    let shown = contents.rules.publish == Publish::Rows;
    (!shown)
        .then(|| offends("publish", "应公布各行", "should be rows"))
        .or_else(|| differs("applicants", people, c.applicants))
        .or_else(|| differs("providers", groups, c.providers))
        .or_else(|| differs("choices", 0, c.choices))
        .or_else(|| differs("registers[0].rows", people, seal(0)))
        .or_else(|| differs("registers[1].rows", groups, seal(1)))
        .or_else(|| {
            let tables = [&contents.rules.applicants, &contents.rules.providers];
            let pairs = &contents.rules.choices;
            let all = tables.into_iter().chain([pairs]);
            let there = all.filter(|t| !t.columns.is_empty()).count();
            differs("registers", there, c.registers.len())
        })
        .or_else(|| differs("eligible", by(Verdict::Eligible), c.eligible))
        .or_else(|| differs("not_eligible", by(Verdict::NotEligible), c.not_eligible))
        .or_else(|| differs("undetermined", by(Verdict::Undetermined), c.undetermined))
}

/// The draw, where there is one; nothing that looks like one where there is none.
fn draw(contents: &Contents, checks: &mut Checks) {
    let rules = &contents.rules;
    let drawn = !rules.draw.sources.is_empty();
    let people = contents.applicants.len();
    if !drawn {
        let numbered = contents.applicants.iter();
        let mut numbered = numbered.filter(|a| !a.draw_ticket.is_empty());
        let wrong = (!contents.certificate.draw.is_empty())
            .then(|| offends("draw", "规则没有摇号", "the rules have no draw"))
            .or_else(|| {
                let first = numbered.next()?;
                Some(offends(
                    &first.ticket,
                    "规则没有摇号",
                    "stands in a draw that the rules do not have",
                ))
            });
        let (zh, en) = ("没有摇号", "there is no draw");
        checks.add("draw-tickets", zh, en, people, wrong);
        return;
    }
    checks.add(
        "draw-tickets",
        "摇号用号相符",
        "everybody stands in the draw by the right number",
        people,
        draw::check_tickets(contents),
    );
    let tickets = contents.applicants.iter().map(|a| a.draw_ticket.as_str());
    let pool = draw::pool(tickets.collect());
    checks.add(
        "draw",
        "号池、种子可重算",
        "pool and seed are recomputed",
        people,
        draw::check(rules, &contents.certificate.draw, Some(pool)),
    );
}

/// Returns what follows from a bundle, and, where candidates came over from an earlier
/// decision, from that one if it was `given`.
pub(crate) fn said(contents: &Contents, given: bool) -> (Text, Text) {
    let mut proved = match &contents.rules.mechanism {
        Mechanism::Assign(_) => Text::new(
            "由公布的事实与条件结果,按所公布的规则:每个结论正确,实例恰由符合条件者构成,人人有去处且不超容量,价格证明没有更短的安排(或至多长多少)。",
            "From the published facts and results of clauses, under the published rules: every verdict is right, the instance holds exactly the eligible, everybody is served within the capacities, and the prices prove that no plan is shorter, or by how much at most.",
        ),
        Mechanism::Access(_) => Text::new(
            "由公布的事实与条件结果,按所公布的规则:每个结论正确,实例恰由符合条件者构成,各处的分数按定义重算相符。",
            "From the published facts and results of clauses, under the published rules: every verdict is right, the instance holds exactly the eligible, and every score is what its definition gives.",
        ),
        _ => Text::new(
            "由公布的事实与条件结果,按所公布的规则:每个结论正确,实例恰由符合条件者构成,所选守住全部限额,先后或最优性按证书可重算。",
            "From the published facts and results of clauses, under the published rules: every verdict is right, the instance holds exactly the eligible, the choice keeps every limit, and its order or its bound is recomputed from the certificate.",
        ),
    };
    let mut not_proved = Text::new(
        "未公开的事实所决定的条件与数值是否与名册相符(审计者可查);名册是否属实。",
        "Whether clauses and figures that read facts which are not published agree with the registers (an auditor can tell); whether the registers are true.",
    );
    if let Some(seal) = &contents.certificate.carried {
        let (name, cycle, id) = (&seal.programme, &seal.cycle, &seal.id);
        if given {
            proved.zh += &format!("候选者恰为 `{name}`(周期 `{cycle}`)所决定的,事实不变。");
            proved.en += &format!(
                " The candidates are exactly those that `{name}` (cycle `{cycle}`) decided on, with the facts published then."
            );
        } else {
            not_proved.zh += &format!(
                "候选者是否恰为 `{name}` 所决定的:标识为 {id} 的公示包不在手边(以 --previous 给出)。"
            );
            not_proved.en += &format!(
                " Whether the candidates are exactly those that `{name}` decided on: the bundle with the identity {id} was not at hand (give it with --previous)."
            );
        }
    }
    (proved, not_proved)
}
