//! The third vote: DuckDB evaluates the same SQL text, with parameters and
//! variables written out.
//!
//! It votes where Python with the `duckdb` package is named by `MINSHENG_ORACLES`
//! (the folder of a virtual environment); continuous integration always names one.

use std::io::Write as _;
use std::process::{Command, Stdio};

use minsheng_model::{Rules, Scope, Table, Type, Value, Variable};
use serde_json::{Value as Json, json};

use crate::case::{Answers, Case, Cell};

/// Reads cases from standard input, one JSON document, and answers with one: for
/// each expression its values as text, or null where DuckDB has no answer.
const SCRIPT: &str = r#"
import json, sys, duckdb
out = []
for case in json.load(sys.stdin):
    db = duckdb.connect()
    for table in case["tables"]:
        columns = ", ".join(f'"{n}" {t}' for n, t in table["columns"])
        db.execute(f'CREATE TABLE {table["name"]} ({columns})')
        marks = ", ".join(f"CAST(? AS {t})" for _, t in table["columns"])
        for row in table["rows"]:
            db.execute(f'INSERT INTO {table["name"]} VALUES ({marks})', row)
    answers = []
    for sql in case["queries"]:
        try:
            answers.append([r[0] for r in db.execute(sql).fetchall()])
        except duckdb.Error as e:
            answers.append(str(e))
    out.append(answers)
json.dump(out, sys.stdout)
"#;

fn sql_type(data_type: Type) -> String {
    match data_type {
        Type::Text => "VARCHAR".to_owned(),
        Type::Integer => "BIGINT".to_owned(),
        Type::Boolean => "BOOLEAN".to_owned(),
        Type::Date => "DATE".to_owned(),
        Type::Decimal { scale } => format!("DECIMAL(18, {scale})"),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Date(day) => format!("DATE '{day}'"),
        other => other.to_string(),
    }
}

/// Returns the expression with parameters and variables written out.
fn written_out(rules: &Rules, sql: &str, variables: &[Variable]) -> String {
    let mut text = sql.replace("$as_of", &literal(&Value::Date(rules.as_of)));
    for parameter in &rules.parameters {
        text = text.replace(&format!("${}", parameter.name), &literal(&parameter.value));
    }
    for (index, variable) in variables.iter().enumerate().rev() {
        if text.contains(&variable.name) {
            let inner = written_out(rules, &variable.sql, &variables[..index]);
            let inner = match &variable.missing {
                None => format!("({inner})"),
                Some(value) => format!("coalesce(({inner}), {})", literal(value)),
            };
            text = text.replace(&variable.name, &inner);
        }
    }
    text
}

fn table(table: &Table, rows: &[Vec<Cell>]) -> Json {
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|c| json!([c.name, sql_type(c.data_type)]))
        .collect();
    json!({ "name": table.name, "columns": columns, "rows": rows })
}

fn query(rules: &Rules, answers: &Answers) -> String {
    let sql = written_out(rules, &answers.sql, &rules.variables);
    let (from, order) = match answers.scope {
        Scope::Applicant => ("people", "people.id"),
        Scope::Provider => ("places", "places.id"),
        Scope::Choice => (
            "wishes JOIN people ON wishes.person = people.id JOIN places ON wishes.place = places.id",
            "wishes.person, wishes.position",
        ),
    };
    format!("SELECT {sql} FROM {from} ORDER BY {order}")
}

/// Asks the third vote about every case that the other two agree on.
pub fn vote(agreed: &[(Case, Vec<Answers>)]) {
    let Ok(oracles) = std::env::var("MINSHENG_ORACLES") else {
        return;
    };
    let cases: Vec<Json> = agreed
        .iter()
        .map(|(case, answers)| {
            let queries: Vec<String> = answers.iter().map(|a| query(&case.rules, a)).collect();
            json!({
                "tables": [
                    table(&case.rules.applicants, &case.applicants),
                    table(&case.rules.providers, &case.providers),
                    table(&case.rules.choices, &case.choices),
                ],
                "queries": queries,
            })
        })
        .collect();
    let mut child = Command::new(format!("{oracles}/bin/python"))
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("MINSHENG_ORACLES names a virtual environment");
    let input = serde_json::to_vec(&cases).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    assert!(output.status.success());
    let votes: Vec<Vec<Json>> = serde_json::from_slice(&output.stdout).unwrap();
    count(agreed, &votes);
}

fn count(agreed: &[(Case, Vec<Answers>)], votes: &[Vec<Json>]) {
    let (mut asked, mut silent) = (0usize, Vec::new());
    for ((case, answers), votes) in agreed.iter().zip(votes) {
        for (answer, vote) in answers.iter().zip(votes) {
            asked += 1;
            match vote {
                // Its own numbers are narrower (32-bit literals, 18-digit products).
                Json::String(said) => {
                    silent.push(format!("{said}: {}", query(&case.rules, answer)))
                }
                Json::Array(values) => {
                    let ours: Vec<Json> = answer.values.iter().map(as_json).collect();
                    let sql = query(&case.rules, answer);
                    assert_eq!(*values, ours, "{}: {sql}\n{case:?}", answer.at);
                }
                other => panic!("{other}"),
            }
        }
    }
    assert!(
        silent.len() * 20 <= asked,
        "{} of {asked}: {:#?}",
        silent.len(),
        &silent[..silent.len().min(5)]
    );
}

fn as_json(value: &Option<Value>) -> Json {
    match value {
        None => Json::Null,
        Some(Value::Boolean(b)) => json!(b),
        Some(Value::Integer(n)) => json!(n),
        Some(other) => {
            panic!("clauses, tiers, scores and seats are truths or whole numbers: {other}")
        }
    }
}
