//! Running the programme's own tests, with the row-by-row specification.

use std::collections::BTreeSet;

use minsheng_model::{Diagnostic, Order, Rules, Scope, Sees, Table, Text, Value, Verdict};
use minsheng_spec::expr::{Env, EvalError, Row};
use minsheng_spec::figures::Figures;
use minsheng_spec::rules::{ChoiceFacts, Compiled, Masks};

use crate::Loaded;
use crate::kinds;
use crate::tests::{Facts, Test};

/// How one test went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// The test's name.
    pub name: String,
    /// Whether everything came out as expected.
    pub passed: bool,
    /// What did not.
    pub problems: Vec<Text>,
}

/// Runs the programme's tests. The diagnostics are an error for each expectation
/// that did not come true, and a warning for each clause without a case that
/// meets it, one that fails it and, where a fact may be missing, an unknown one.
#[must_use]
pub fn run_tests(loaded: &Loaded) -> (Vec<TestResult>, Vec<Diagnostic>) {
    let Some(rules) = &loaded.rules else {
        return (Vec::new(), Vec::new());
    };
    let both = Compiled::new(rules).and_then(|c| Ok((c, Figures::new(rules)?)));
    let (compiled, figures) = match both {
        Ok(both) => both,
        Err(problems) => {
            let told = problems.into_iter().map(|(at, p)| {
                let message = Text::new(
                    format!("{at}:{}", p.message.zh),
                    format!("{at}: {}", p.message.en),
                );
                Diagnostic::error(p.code, message).in_file(&loaded.path)
            });
            return (Vec::new(), told.collect());
        }
    };
    let mut runner = Runner {
        rules,
        compiled,
        figures,
        seen: vec![[false; 3]; rules.clauses.len()],
    };
    let mut results = Vec::new();
    let mut found = Vec::new();
    for test in &loaded.tests {
        let problems = runner.test(test);
        for problem in &problems {
            let message = Text::new(
                format!("测试「{}」:{}", test.name, problem.zh),
                format!("test `{}`: {}", test.name, problem.en),
            );
            found.push(
                Diagnostic::error("test/failed", message).at(&loaded.path, test.span.clone()),
            );
        }
        results.push(TestResult {
            name: test.name.clone(),
            passed: problems.is_empty(),
            problems,
        });
    }
    found.extend(runner.untested(loaded));
    (results, found)
}

/// The three rows of a case.
struct Case<'a> {
    rules: &'a Rules,
    applicant: &'a Facts,
    provider: &'a Facts,
    choice: &'a Facts,
}

impl<'a> Case<'a> {
    fn part(&self, scope: Scope) -> (&'a Table, &'a Facts) {
        match scope {
            Scope::Applicant => (&self.rules.applicants, self.applicant),
            Scope::Provider => (&self.rules.providers, self.provider),
            Scope::Choice => (&self.rules.choices, self.choice),
        }
    }
}

impl Row for Case<'_> {
    fn value(&self, table: Scope, column: usize) -> Option<Value> {
        let (table, facts) = self.part(table);
        facts.get(&table.columns.get(column)?.name)?.clone()
    }
}

struct Runner<'r> {
    rules: &'r Rules,
    compiled: Compiled<'r>,
    figures: Figures,
    /// Per clause: seen met, failed, unknown.
    seen: Vec<[bool; 3]>,
}

fn differs(what: (&str, &str), wanted: &str, found: &str) -> Text {
    Text::new(
        format!("{}应为 {wanted},得到 {found}", what.0),
        format!("{}: expected {wanted}, found {found}", what.1),
    )
}

fn list(ids: &[String]) -> String {
    format!("[{}]", ids.join(", "))
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "(missing)".to_owned(), |v| format!("`{v}`"))
}

impl Runner<'_> {
    fn test(&mut self, test: &Test) -> Vec<Text> {
        let case = Case {
            rules: self.rules,
            applicant: &test.applicant,
            provider: &test.provider,
            choice: &test.choice,
        };
        let absent = self.absent(test, &case);
        if !absent.is_empty() {
            let names = absent.into_iter().collect::<Vec<_>>().join(", ");
            return vec![Text::new(
                format!("须给出 {names}:它们不可缺失"),
                format!("give {names}: they may not be missing"),
            )];
        }
        self.run(test, &case).unwrap_or_else(|error| {
            let text = error.text();
            vec![Text::new(
                format!("计算出错:{}", text.zh),
                format!("no result: {}", text.en),
            )]
        })
    }

    fn run(&mut self, test: &Test, case: &Case<'_>) -> Result<Vec<Text>, EvalError> {
        let wanted = &test.expected;
        let mut problems = Vec::new();
        let mut check = |what: (&str, &str), wanted: Option<String>, found: String| {
            if let Some(wanted) = wanted.filter(|w| *w != found) {
                problems.push(differs(what, &wanted, &found));
            }
        };
        let mut clauses = (Vec::new(), Vec::new());
        if asks_applicant(test) {
            let masks = self.compiled.applicant(case)?;
            self.note(Scope::Applicant, masks, &mut clauses);
            check(
                ("资格结论", "verdict"),
                wanted.verdict.map(|v| v.to_string()),
                masks.verdict.to_string(),
            );
        }
        if !self.rules.mechanism.is_match() {
            for ((zh, en), wanted, found) in self.candidate(test, case)? {
                check((&zh, &en), Some(wanted), found);
            }
        } else if test.asks_choice() {
            let facts = self.compiled.choice(case, test.kept)?;
            self.note(Scope::Choice, facts.masks, &mut clauses);
            let verdict = wanted.choice_verdict.map(|v| v.to_string());
            check(
                ("志愿的结论", "choice verdict"),
                verdict,
                facts.masks.verdict.to_string(),
            );
            check(("次序", "tier"), wanted.tier.clone(), self.tier(facts.tier));
            check(
                ("分数", "score"),
                wanted.score.map(|s| s.to_string()),
                facts.score.to_string(),
            );
            if let Some(rank) = wanted.rank {
                check(
                    ("名次", "rank"),
                    Some(rank.to_string()),
                    self.rank(test, case, &facts)?.to_string(),
                );
            }
        }
        let sorted = |ids: &Option<Vec<String>>| {
            ids.clone().map(|mut ids| {
                ids.sort();
                list(&ids)
            })
        };
        clauses.0.sort();
        clauses.1.sort();
        check(
            ("不符合的条件", "failed conditions"),
            sorted(&wanted.failed),
            list(&clauses.0),
        );
        check(
            ("未知的条件", "unknown conditions"),
            sorted(&wanted.unknown),
            list(&clauses.1),
        );
        if let Some(seats) = wanted.seats {
            check(
                ("名额", "seats"),
                Some(seats.to_string()),
                self.compiled.provider(case)?.capacity.to_string(),
            );
        }
        for (name, value) in &wanted.values {
            let found = self.compiled.variable(name, case)?;
            if found != *value {
                check(
                    (name, name),
                    Some(shown(value.as_ref())),
                    shown(found.as_ref()),
                );
            }
        }
        Ok(problems)
    }

    /// Looks at a candidate's figures, beside those of the rivals that may take part.
    fn candidate(&self, test: &Test, case: &Case<'_>) -> Result<Vec<kinds::Compared>, EvalError> {
        let mut rivals = Vec::new();
        for rival in &test.contest {
            let row = Case {
                applicant: &rival.applicant,
                ..*case
            };
            if self.compiled.applicant(&row)?.verdict == Verdict::Eligible {
                rivals.push(row);
            }
        }
        let rivals: Vec<&dyn Row> = rivals.iter().map(|r| r as &dyn Row).collect();
        kinds::test(self.rules, &self.figures, &test.expected, case, &rivals)
    }

    /// Gathers failed and unknown conditions and remembers what was seen.
    fn note(&mut self, scope: Scope, masks: Masks, clauses: &mut (Vec<String>, Vec<String>)) {
        let own = self
            .rules
            .clauses
            .iter()
            .zip(&mut self.seen)
            .filter(|(c, _)| c.scope == scope);
        for (bit, (clause, seen)) in own.enumerate() {
            let [met, failed, unknown] = seen;
            if masks.unknown >> bit & 1 == 1 {
                clauses.1.push(clause.id.clone());
                *unknown = true;
            } else if masks.holds >> bit & 1 == 1 {
                *met = true;
            } else {
                clauses.0.push(clause.id.clone());
                *failed = true;
            }
        }
    }

    fn tier(&self, tier: u8) -> String {
        match usize::from(tier).checked_sub(1) {
            None => "kept".to_owned(),
            Some(i) => self
                .rules
                .tiers
                .get(i)
                .map_or("last", |t| t.id.as_str())
                .to_owned(),
        }
    }

    fn rank(&self, test: &Test, case: &Case<'_>, own: &ChoiceFacts) -> Result<usize, EvalError> {
        let high = self
            .rules
            .score
            .as_ref()
            .is_some_and(|s| s.order == Order::HighFirst);
        let key = |facts: &ChoiceFacts| {
            (
                facts.tier,
                if high {
                    -i128::from(facts.score)
                } else {
                    i128::from(facts.score)
                },
            )
        };
        let mut rank = 1;
        for rival in &test.contest {
            let row = Case {
                applicant: &rival.applicant,
                choice: &rival.choice,
                ..*case
            };
            let facts = self.compiled.choice(&row, rival.kept)?;
            let eligible = self.compiled.applicant(&row)?.verdict == Verdict::Eligible
                && (rival.kept || facts.masks.verdict == Verdict::Eligible);
            rank += usize::from(eligible && key(&facts) < key(own));
        }
        Ok(rank)
    }

    /// Returns the columns that the case needs and does not give.
    fn absent(&self, test: &Test, case: &Case<'_>) -> BTreeSet<String> {
        let rules = self.rules;
        let mut sql: Vec<(Scope, &str)> = Vec::new();
        let clauses = |scope| {
            rules
                .clauses_of(scope)
                .map(move |c| (scope, c.when.as_str()))
        };
        if asks_applicant(test) {
            sql.extend(clauses(Scope::Applicant));
        }
        let figures = rules.mechanism.figures();
        for (sees, scope) in [
            (Sees::Candidate, Scope::Applicant),
            (Sees::Group, Scope::Provider),
        ] {
            if kinds::asks(rules, &test.expected, sees) {
                let own = figures.iter().filter(|w| w.sees == sees);
                sql.extend(own.map(|w| (scope, w.sql)));
            }
        }
        if test.asks_choice() {
            sql.extend(clauses(Scope::Choice));
            sql.extend(rules.tiers.iter().map(|t| (Scope::Choice, t.when.as_str())));
            sql.extend(rules.score.iter().map(|s| (Scope::Choice, s.sql.as_str())));
            sql.extend(
                rules
                    .reserves
                    .iter()
                    .map(|r| (Scope::Choice, r.members.as_str())),
            );
            sql.extend(
                rules
                    .ceilings
                    .iter()
                    .map(|c| (Scope::Choice, c.members.as_str())),
            );
        }
        if test.expected.seats.is_some() {
            sql.push((Scope::Provider, rules.capacity.as_str()));
            let minimum = rules.minimum.iter();
            sql.extend(minimum.map(|m| (Scope::Provider, m.sql.as_str())));
            sql.extend(
                rules
                    .reserves
                    .iter()
                    .map(|r| (Scope::Provider, r.seats.as_str())),
            );
            sql.extend(
                rules
                    .ceilings
                    .iter()
                    .map(|c| (Scope::Provider, c.seats.as_str())),
            );
        }
        let asked = |v: &&minsheng_model::Variable| test.expected.values.contains_key(&v.name);
        sql.extend(
            rules
                .variables
                .iter()
                .filter(asked)
                .map(|v| (v.scope, v.sql.as_str())),
        );
        let env = Env::new(rules);
        let mut absent = BTreeSet::new();
        for (scope, text) in sql {
            let Ok(typed) = env.compile(scope, text) else {
                continue;
            };
            for (part, index) in typed.columns_used() {
                let (table, facts) = case.part(part);
                let Some(column) = table.columns.get(index) else {
                    continue;
                };
                if !column.nullable && !facts.contains_key(&column.name) {
                    absent.insert(format!("`{}.{}`", table.name, column.name));
                }
            }
        }
        absent
    }

    fn untested(&self, loaded: &Loaded) -> Vec<Diagnostic> {
        let env = Env::new(self.rules);
        let mut found = Vec::new();
        for (clause, seen) in self.rules.clauses.iter().zip(&self.seen) {
            let nullable = env
                .compile(clause.scope, &clause.when)
                .is_ok_and(|t| t.nullable());
            let words = [
                ("符合", "meets"),
                ("不符合", "fails"),
                ("未知", "leaves unknown"),
            ];
            let lacking: Vec<_> = words
                .iter()
                .zip(seen)
                .filter(|((_, en), seen)| !**seen && (nullable || *en != "leaves unknown"))
                .map(|(word, _)| *word)
                .collect();
            if lacking.is_empty() {
                continue;
            }
            let id = &clause.id;
            let zh: Vec<&str> = lacking.iter().map(|(zh, _)| *zh).collect();
            let en: Vec<&str> = lacking.iter().map(|(_, en)| *en).collect();
            let message = Text::new(
                format!("条件 `{id}` 缺少{}的测试", zh.join("、")),
                format!("no test {} condition `{id}`", en.join(", ")),
            );
            let warning = Diagnostic::warning("programme/untested-clause", message);
            let place = loaded
                .clauses
                .iter()
                .find(|(name, _)| name == id)
                .map(|(_, span)| span.clone());
            found.push(match place {
                Some(span) => warning.at(&loaded.path, span),
                None => warning.in_file(&loaded.path),
            });
        }
        found
    }
}

fn asks_applicant(test: &Test) -> bool {
    let e = &test.expected;
    e.verdict.is_some() || e.rank.is_some() || !test.applicant.is_empty()
}
