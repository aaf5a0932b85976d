//! Where in a query an error is meant.

use std::ops::Range;

use datafusion::common::{DataFusionError, SchemaError};
use minsheng_model::Text;

use super::QueryError;
use crate::engine::Fault;

/// Turns an error of the engine into one that points into the query.
pub(super) fn located(sql: &str, error: &DataFusionError, names: &[String]) -> QueryError {
    let all = 0..sql.len();
    match error.find_root() {
        DataFusionError::SQL(inner, _) => {
            let said = inner.to_string();
            let said = said.trim_start_matches("sql parser error: ");
            let at = line_and_column(said).and_then(|(l, c)| place(sql, l, c));
            let words = said.split(" at Line:").next().unwrap_or(said);
            QueryError {
                at: at.unwrap_or(all),
                message: Text::new(
                    format!("SQL 语法错误:{words}"),
                    format!("the SQL has a mistake: {words}"),
                ),
            }
        }
        DataFusionError::SchemaError(inner, _) => schema(sql, inner),
        root => {
            let message = Fault::of(error).text();
            let said = root.to_string();
            let missing = said
                .split('\'')
                .nth(1)
                .filter(|_| said.contains("not found"))
                .and_then(|full| full.rsplit('.').next());
            if let Some(name) = missing {
                return QueryError {
                    at: word(sql, name).unwrap_or(all),
                    message: Text::new(
                        format!("没有表 `{name}`;有:{}", names.join("、")),
                        format!(
                            "there is no table `{name}`; there are: {}",
                            names.join(", ")
                        ),
                    ),
                };
            }
            let meant = message.en.split('`').nth(1);
            let meant = meant.and_then(|w| word(sql, w.trim_end_matches("()")));
            QueryError {
                at: meant.unwrap_or(all),
                message,
            }
        }
    }
}

fn schema(sql: &str, error: &SchemaError) -> QueryError {
    let all = 0..sql.len();
    if let SchemaError::FieldNotFound {
        field,
        valid_fields,
    } = error
    {
        let name = field.name.as_str();
        let mut known: Vec<&str> = valid_fields.iter().map(|f| f.name.as_str()).collect();
        known.dedup();
        return QueryError {
            at: word(sql, name).unwrap_or(all),
            message: Text::new(
                format!("没有列 `{name}`;有:{}", known.join("、")),
                format!(
                    "there is no column `{name}`; there are: {}",
                    known.join(", ")
                ),
            ),
        };
    }
    QueryError {
        at: all,
        message: Text::same(error.to_string()),
    }
}

/// `… at Line: 1, Column: 8`.
fn line_and_column(said: &str) -> Option<(usize, usize)> {
    let (_, rest) = said.rsplit_once("Line: ")?;
    let (line, rest) = rest.split_once(", Column: ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((line.parse().ok()?, digits.parse().ok()?))
}

fn place(sql: &str, line: usize, column: usize) -> Option<Range<usize>> {
    let text = sql.split_inclusive('\n').nth(line.checked_sub(1)?)?;
    let before: usize = sql.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let offset = text
        .char_indices()
        .nth(column.checked_sub(1)?)
        .map_or(text.len(), |(b, _)| b);
    let rest = sql.get(before + offset..).unwrap_or("");
    let length = rest
        .find(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | ';'))
        .unwrap_or(rest.len())
        .max(usize::from(!rest.is_empty()));
    Some(before + offset..before + offset + length)
}

/// The first place where a name stands alone.
fn word(sql: &str, name: &str) -> Option<Range<usize>> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let (low, name) = (sql.to_ascii_lowercase(), name.to_ascii_lowercase());
    low.match_indices(&name)
        .map(|(b, w)| b..b + w.len())
        .find(|r| {
            let before = low.get(..r.start).and_then(|s| s.chars().next_back());
            let after = low.get(r.end..).and_then(|s| s.chars().next());
            !before.is_some_and(part) && !after.is_some_and(part)
        })
}
