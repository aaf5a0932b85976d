//! A programme's own tests: small named cases with what has to come out.

use std::collections::{BTreeMap, BTreeSet};

use minsheng_model::{Diagnostic, Order, Rules, Scope, Table, Text, Value};
use minsheng_spec::expr::{EvalError, Row};
use minsheng_spec::rules::{ChoiceFacts, Compiled, Masks};

use crate::{Case, Loaded};

/// How one test came out.
#[derive(Debug, Clone)]
pub struct TestResult {
    /// The test's name.
    pub name: String,
    /// Whether everything expected came out.
    pub passed: bool,
}

/// The rows of one case.
struct CaseRow<'a> {
    rules: &'a Rules,
    case: &'a Case,
}

impl Row for CaseRow<'_> {
    fn value(&self, table: Scope, column: usize) -> Option<Value> {
        let (table, row): (&Table, &BTreeMap<String, Option<Value>>) = match table {
            Scope::Applicant => (&self.rules.applicants, &self.case.applicant),
            Scope::Provider => (&self.rules.providers, &self.case.provider),
            Scope::Choice => (&self.rules.choices, &self.case.choice),
        };
        row.get(&table.columns.get(column)?.name)?.clone()
    }
}

/// Evaluates every test with the specification's interpreter.
///
/// Returns how each came out, an error for each expectation that did not come
/// true, and a warning for each clause without a passing, a failing or an unknown
/// case.
#[must_use]
pub fn run_tests(loaded: &Loaded) -> (Vec<TestResult>, Vec<Diagnostic>) {
    let Some(rules) = &loaded.rules else { return (Vec::new(), Vec::new()) };
    let Ok(compiled) = Compiled::new(rules) else { return (Vec::new(), Vec::new()) };
    let mut diagnostics = Vec::new();
    let mut results = Vec::new();
    let mut seen: BTreeSet<(String, u8)> = BTreeSet::new();
    let mut outcomes = Vec::new();
    for case in &loaded.tests {
        let row = CaseRow { rules, case };
        let mut wrong: Vec<Text> = Vec::new();
        match (compiled.applicant(&row), compiled.choice(&row, false)) {
            (Ok(masks), Ok(choice)) => {
                note(rules, masks, choice, &mut seen);
                compare(rules, case, masks, &choice, &mut wrong);
                values(&compiled, case, &row, &mut wrong);
                outcomes.push(Some(choice));
            }
            (Err(e), _) | (_, Err(e)) => {
                wrong.push(e.text());
                outcomes.push(None);
            }
        }
        let count = wrong.len();
        for text in wrong {
            let name = &case.name;
            let message = Text::new(format!("测试“{name}”:{}", text.zh), format!("test \"{name}\": {}", text.en));
            diagnostics.push(Diagnostic::error("programme/test-failed", message).at(&loaded.path, case.span.clone()));
        }
        results.push(TestResult { name: case.name.clone(), passed: count == 0 });
    }
    ranks(rules, loaded, &outcomes, &mut results, &mut diagnostics);
    for clause in &rules.clauses {
        for (state, zh, en) in [(0, "不满足", "failing"), (1, "不确定", "unknown"), (2, "满足", "passing")] {
            if !seen.contains(&(clause.id.clone(), state)) && !(state == 1 && never_unknown(rules, &clause.id)) {
                let id = &clause.id;
                let message = Text::new(format!("条件 `{id}` 没有“{zh}”的测试"), format!("clause `{id}` has no {en} case in the tests"));
                diagnostics.push(Diagnostic::warning("programme/untested", message).in_file(&loaded.path));
            }
        }
    }
    (results, diagnostics)
}

fn never_unknown(rules: &Rules, id: &str) -> bool {
    let env = minsheng_spec::expr::Env::new(rules);
    let clause = rules.clauses.iter().find(|c| c.id == id);
    clause.is_some_and(|c| env.compile(c.scope, &c.when).is_ok_and(|t| !t.nullable()))
}

fn states(rules: &Rules, scope: Scope, masks: Masks) -> Vec<(String, u8)> {
    let clauses = rules.clauses_of(scope).enumerate();
    clauses
        .map(|(bit, c)| {
            let state = if masks.holds >> bit & 1 == 1 { 2 } else { u8::from(masks.unknown >> bit & 1 == 1) };
            (c.id.clone(), state)
        })
        .collect()
}

fn note(rules: &Rules, masks: Masks, choice: ChoiceFacts, seen: &mut BTreeSet<(String, u8)>) {
    seen.extend(states(rules, Scope::Applicant, masks));
    seen.extend(states(rules, Scope::Choice, choice.masks));
}

fn differ(what: (&str, &str), expected: &str, found: &str) -> Text {
    Text::new(
        format!("{}应为 {expected},实为 {found}", what.0),
        format!("{} should be {expected}, but is {found}", what.1),
    )
}

fn compare(rules: &Rules, case: &Case, masks: Masks, choice: &ChoiceFacts, wrong: &mut Vec<Text>) {
    let expect = &case.expect;
    if let Some(expected) = expect.verdict.filter(|v| *v != masks.verdict) {
        wrong.push(differ(("资格结论", "the verdict"), expected.as_str(), masks.verdict.as_str()));
    }
    if let Some(expected) = expect.choice_verdict.filter(|v| *v != choice.masks.verdict) {
        wrong.push(differ(("志愿的结论", "the choice's verdict"), expected.as_str(), choice.masks.verdict.as_str()));
    }
    let mut all = states(rules, Scope::Applicant, masks);
    // The choice's clauses count where the case has a choice.
    if !case.choice.is_empty() {
        all.extend(states(rules, Scope::Choice, choice.masks));
    }
    let lists = [(0, &expect.failed, ("不满足的条件", "the failed clauses")), (1, &expect.unknown, ("不确定的条件", "the unknown clauses"))];
    for (state, expected, what) in lists {
        if let Some(expected) = expected {
            let found: BTreeSet<&str> = all.iter().filter(|(_, s)| *s == state).map(|(id, _)| id.as_str()).collect();
            let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
            if found != expected {
                wrong.push(differ(what, &format!("{expected:?}"), &format!("{found:?}")));
            }
        }
    }
    if let Some(expected) = &expect.tier {
        let found = rules.tiers.get(usize::from(choice.tier).saturating_sub(1)).map_or("none", |t| t.id.as_str());
        if expected != found {
            wrong.push(differ(("顺位", "the tier"), expected, found));
        }
    }
    if let Some(expected) = expect.score.filter(|s| *s != choice.score) {
        wrong.push(differ(("分值", "the score"), &expected.to_string(), &choice.score.to_string()));
    }
}

fn values(compiled: &Compiled<'_>, case: &Case, row: &CaseRow<'_>, wrong: &mut Vec<Text>) {
    for (name, expected) in &case.expect.values {
        let found: Result<Option<Value>, EvalError> = compiled.variable(name, row);
        let shown = match &found {
            Ok(Some(value)) => value.to_string(),
            Ok(None) => "missing".to_owned(),
            Err(e) => e.to_string(),
        };
        if found != Ok(Some(expected.clone())) {
            let what = (format!("变量 `{name}` "), format!("variable `{name}`"));
            wrong.push(differ((&what.0, &what.1), &expected.to_string(), &shown));
        }
    }
}

/// A case's rank is its place by tier and score among those of its contest.
fn ranks(
    rules: &Rules,
    loaded: &Loaded,
    outcomes: &[Option<ChoiceFacts>],
    results: &mut [TestResult],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let key = |f: &ChoiceFacts| {
        let high = rules.score.as_ref().is_some_and(|s| s.order == Order::HighFirst);
        (f.tier, if high { f.score.saturating_neg() } else { f.score })
    };
    for ((case, outcome), result) in loaded.tests.iter().zip(outcomes).zip(results) {
        let (Some(expected), Some(contest), Some(own)) = (case.expect.rank, &case.expect.contest, outcome) else {
            continue;
        };
        let rivals = loaded.tests.iter().zip(outcomes).filter(|(c, _)| c.expect.contest.as_ref() == Some(contest));
        let ahead = rivals.filter(|(_, o)| o.as_ref().is_some_and(|o| key(o) < key(own))).count();
        let found = i64::try_from(ahead).unwrap_or(i64::MAX).saturating_add(1);
        if found != expected {
            let text = differ(("名次", "the rank"), &expected.to_string(), &found.to_string());
            let name = &case.name;
            let message = Text::new(format!("测试“{name}”:{}", text.zh), format!("test \"{name}\": {}", text.en));
            diagnostics.push(Diagnostic::error("programme/test-failed", message).at(&loaded.path, case.span.clone()));
            result.passed = false;
        }
    }
}
