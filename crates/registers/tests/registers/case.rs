//! One case: rules and registers, evaluated by the engine and by the specification.

use std::path::Path;

use minsheng_model::{Diagnostic, Rules, Scope, Table, Type, Value};
use minsheng_registers::{Engine, Options, Register, import};
use minsheng_spec::expr::{EvalError, Row};
use minsheng_spec::rules::Compiled;
use serde::{Deserialize, Serialize};

/// A cell as text; `None` is missing.
pub type Cell = Option<String>;

/// A case that can be saved and run again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    pub rules: Rules,
    pub applicants: Vec<Vec<Cell>>,
    pub providers: Vec<Vec<Cell>>,
    pub choices: Vec<Vec<Cell>>,
}

/// What one expression says on every row of its scope, in the specification's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    pub at: String,
    pub scope: Scope,
    pub sql: String,
    pub values: Vec<Option<Value>>,
}

/// What came of a case.
#[derive(Debug)]
pub enum Outcome {
    /// The specification refuses an expression; so does the engine.
    Refused,
    /// Engine and specification stop at the same row.
    Failed,
    /// Both answer every row alike: what the third vote is asked about.
    Agreed(Vec<Answers>),
}

pub fn parse(data_type: Type, cell: &Cell) -> Option<Value> {
    let text = cell.as_ref()?;
    Some(match data_type {
        Type::Text => Value::Text(text.clone()),
        Type::Integer => Value::Integer(text.parse().unwrap()),
        Type::Boolean => Value::Boolean(text.parse().unwrap()),
        Type::Date => Value::Date(text.parse().unwrap()),
        Type::Decimal { scale } => {
            let decimal: minsheng_model::Decimal = text.parse().unwrap();
            Value::Decimal(decimal.rescale(scale).unwrap())
        }
    })
}

/// The rows that an expression sees.
struct Seen<'a> {
    case: &'a Case,
    rows: [Option<usize>; 3],
}

impl Row for Seen<'_> {
    fn value(&self, table: Scope, column: usize) -> Option<Value> {
        let (index, cells, declared) = match table {
            Scope::Applicant => (0, &self.case.applicants, &self.case.rules.applicants),
            Scope::Provider => (1, &self.case.providers, &self.case.rules.providers),
            Scope::Choice => (2, &self.case.choices, &self.case.rules.choices),
        };
        let row = self.rows[index].expect("the table is in scope");
        parse(declared.columns[column].data_type, &cells[row][column])
    }
}

fn write_csv(path: &Path, table: &Table, rows: &[Vec<Cell>]) {
    let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut text: String = table
        .columns
        .iter()
        .map(|c| c.name.clone())
        .collect::<Vec<_>>()
        .join(",");
    text.push('\n');
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .map(|c| c.as_deref().map_or_else(String::new, quote))
            .collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    std::fs::write(path, text).unwrap();
}

impl Case {
    /// Returns the three registers as the importer reads them.
    pub fn registers(&self) -> [Register; 3] {
        let dir = tempfile::tempdir().unwrap();
        let one = |name: &str, table: &Table, rows: &[Vec<Cell>]| {
            let path = dir.path().join(name);
            write_csv(&path, table, rows);
            import(&path, table, &Options::default()).unwrap_or_else(|d| panic!("{d:#?}"))
        };
        [
            one("people.csv", &self.rules.applicants, &self.applicants),
            one("places.csv", &self.rules.providers, &self.providers),
            one("wishes.csv", &self.rules.choices, &self.choices),
        ]
    }

    /// Returns where the applicant and the provider of each choice stand.
    pub fn behind(&self) -> (Vec<u32>, Vec<u32>) {
        let find = |rows: &[Vec<Cell>], key: &Cell| {
            u32::try_from(rows.iter().position(|r| r[0] == *key).unwrap()).unwrap()
        };
        let of = |rows: &[Vec<Cell>], column: usize| {
            self.choices
                .iter()
                .map(|c| find(rows, &c[column]))
                .collect()
        };
        (of(&self.applicants, 0), of(&self.providers, 2))
    }

    fn seen(&self, scope: Scope, row: usize) -> Seen<'_> {
        let rows = match scope {
            Scope::Applicant => [Some(row), None, None],
            Scope::Provider => [None, Some(row), None],
            Scope::Choice => {
                let (people, places) = self.behind();
                [
                    Some(people[row] as usize),
                    Some(places[row] as usize),
                    Some(row),
                ]
            }
        };
        Seen { case: self, rows }
    }

    fn rows_of(&self, scope: Scope) -> usize {
        match scope {
            Scope::Applicant => self.applicants.len(),
            Scope::Provider => self.providers.len(),
            Scope::Choice => self.choices.len(),
        }
    }

    /// Returns every expression with its place and scope, in the engine's order.
    pub fn expressions(&self) -> Vec<(String, Scope, String)> {
        let rules = &self.rules;
        let mut all = Vec::new();
        for scope in [Scope::Applicant, Scope::Choice] {
            let clauses = rules.clauses_of(scope);
            all.extend(clauses.map(|c| (format!("clauses.{}", c.id), scope, c.when.clone())));
        }
        let tiers = rules.tiers.iter();
        all.extend(tiers.map(|t| (format!("tiers.{}", t.id), Scope::Choice, t.when.clone())));
        let score = rules.score.iter();
        all.extend(score.map(|s| ("score".to_owned(), Scope::Choice, s.sql.clone())));
        all.push((
            "capacity".to_owned(),
            Scope::Provider,
            rules.capacity.clone(),
        ));
        all
    }

    /// Holds the engine against the specification: verdicts of rows, reasons (which
    /// clause holds, which is unknown), scores, seats, and where there is no answer
    /// the same first row without one.
    pub fn compare(&self) -> Outcome {
        let compiled = Compiled::new(&self.rules);
        let engine = Engine::new(&self.rules);
        let (compiled, engine) = match (compiled, engine) {
            (Ok(compiled), Ok(engine)) => (compiled, engine),
            (Err(_), _) => return Outcome::Refused,
            (Ok(_), Err(d)) => panic!("the engine alone refuses: {d:#?}"),
        };
        let [people, places, wishes] = self.registers();
        let (of_person, of_place) = self.behind();
        let mut failed = false;

        let found = engine.applicants(&people);
        let spec: Vec<_> = (0..people.rows)
            .map(|r| {
                compiled
                    .applicant(&self.seen(Scope::Applicant, r))
                    .map(|m| (m.holds, m.unknown))
            })
            .collect();
        let found = found.map(|m| m.iter().map(|m| (m.holds, m.unknown)).collect());
        failed |= same("applicants", found, &evaluated(spec), &people);

        let env = minsheng_spec::expr::Env::new(&self.rules);
        let capacity = env.compile(Scope::Provider, &self.rules.capacity).unwrap();
        let spec: Vec<_> = (0..places.rows)
            .map(|r| {
                let row = self.seen(Scope::Provider, r);
                capacity.eval(&row).map_err(|_| Stage::NoAnswer)?;
                let found = compiled.provider(&row).map_err(|_| Stage::OutOfRange)?;
                Ok(found.capacity)
            })
            .collect();
        let found = engine
            .providers(&places)
            .map(|f| f.iter().map(|f| f.capacity).collect());
        failed |= same("providers", found, &spec, &places);

        let spec: Vec<_> = (0..wishes.rows)
            .map(|r| {
                let row = self.seen(Scope::Choice, r);
                let f = compiled.choice(&row, false).map_err(|e| match e {
                    // A score that is missing.
                    EvalError::WrongType => Stage::OutOfRange,
                    _ => Stage::NoAnswer,
                })?;
                if f.score.unsigned_abs() > 1 << 53 {
                    return Err(Stage::OutOfRange);
                }
                Ok((
                    f.masks.holds,
                    f.masks.unknown,
                    f.tier_holds,
                    f.tier_unknown,
                    f.score,
                ))
            })
            .collect();
        let found = engine
            .choices(&people, &places, &wishes, &of_person, &of_place)
            .map(|f| {
                f.iter()
                    .map(|f| (f.holds, f.unknown, f.tier_holds, f.tier_unknown, f.score))
                    .collect()
            });
        failed |= same("choices", found, &spec, &wishes);
        if failed {
            return Outcome::Failed;
        }
        Outcome::Agreed(self.answers())
    }

    fn answers(&self) -> Vec<Answers> {
        let env = minsheng_spec::expr::Env::new(&self.rules);
        let expressions = self.expressions().into_iter();
        expressions
            .map(|(at, scope, sql)| {
                let typed = env.compile(scope, &sql).unwrap();
                let rows = 0..self.rows_of(scope);
                let values = rows
                    .map(|r| typed.eval(&self.seen(scope, r)).unwrap())
                    .collect();
                Answers {
                    at,
                    scope,
                    sql,
                    values,
                }
            })
            .collect()
    }
}

/// Why a row has no result. The engine first evaluates every row and then looks at
/// what may not be, so the first kind is told before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    NoAnswer,
    OutOfRange,
}

fn evaluated<T>(rows: Vec<Result<T, EvalError>>) -> Vec<Result<T, Stage>> {
    let rows = rows.into_iter();
    rows.map(|r| r.map_err(|_| Stage::NoAnswer)).collect()
}

/// Returns whether both fail, after seeing that they do or do not together.
fn same<T: PartialEq + std::fmt::Debug + Clone>(
    what: &str,
    engine: Result<Vec<T>, Diagnostic>,
    spec: &[Result<T, Stage>],
    register: &Register,
) -> bool {
    let stage = spec.iter().filter_map(|r| r.as_ref().err()).min();
    let first = stage.and_then(|s| spec.iter().position(|r| r.as_ref().err() == Some(s)));
    match (engine, first) {
        (Ok(found), None) => {
            let wanted: Vec<T> = spec.iter().map(|r| r.clone().unwrap()).collect();
            assert_eq!(found, wanted, "{what}");
            false
        }
        (Err(d), Some(row)) => {
            let key = register.value(row, 0).unwrap().to_string();
            assert!(d.message.en.contains(&key), "{what}: row {key}, but {d:#?}");
            true
        }
        (found, wanted) => {
            panic!("{what}: engine {found:?}, specification fails first at {wanted:?}")
        }
    }
}
