//! A register whose rows come over from an earlier decision.
//!
//! Who was decided on brings the columns that were published then; a file may add what
//! the decision did not know, by the same key, and, where the rules say so, rows of its
//! own. **Nobody who was decided on is lost, and nobody comes in between.**

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use minsheng_model::{Column, Date, Decimal, Diagnostic, Table, Text, Type, Value};

use crate::canonical;
use crate::register::{Register, array_of, arrow_schema};

/// Mistakes told at once.
const TOLD_MAX: usize = 100;

/// The decision that rows come over from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its programme.
    pub programme: String,
    /// Its cycle.
    pub cycle: String,
    /// The identity of its bundle.
    pub id: String,
    /// How many came over.
    pub rows: u64,
}

/// What comes over.
#[derive(Debug, Clone)]
pub struct Carry {
    /// Where from.
    pub origin: Origin,
    /// The columns that come over.
    pub columns: Vec<String>,
    /// For everybody who comes over, by number, the published texts of these columns.
    pub rows: BTreeMap<String, Vec<Option<String>>>,
    /// Whether rows of the file that do not come over take part too.
    pub others: bool,
}

/// Returns the columns that the file of a register has whose rows come over: those that
/// do not come over; with rows of its own, all, and what comes over may be missing.
/// `None` when nothing but the key is left, so that no file is needed.
#[must_use]
pub fn file_table(table: &Table, carried: &[String], others: bool) -> Option<Table> {
    let mut own = table.clone();
    let comes = |c: &Column| carried.contains(&c.name);
    if others {
        for column in own.columns.iter_mut().filter(|c| comes(c)) {
            column.nullable = true;
        }
        return Some(own);
    }
    own.columns.retain(|c| !comes(c));
    let more = own.columns.iter().any(|c| !own.key.contains(&c.name));
    more.then_some(own)
}

/// Makes the register of a table from what comes over and the file's rows, which are of
/// the [`file_table`].
///
/// # Errors
/// Values that are not of their column, that the file gives otherwise, or that are
/// missing where none may be; every one, up to a hundred.
pub fn carry(
    table: &Table,
    carry: &Carry,
    file: Option<&Register>,
) -> Result<Register, Vec<Diagnostic>> {
    let mut making = Making {
        table,
        carry,
        file,
        places: places(file),
        wrong: Vec::new(),
    };
    let others = making
        .places
        .keys()
        .filter(|t| carry.others && !carry.rows.contains_key(*t));
    let mut tickets: Vec<String> = carry.rows.keys().chain(others).cloned().collect();
    tickets.sort_unstable();
    let columns: Vec<Vec<Option<Value>>> = table
        .columns
        .iter()
        .map(|column| tickets.iter().map(|t| making.cell(column, t)).collect())
        .collect();
    making.wrong.truncate(TOLD_MAX);
    if !making.wrong.is_empty() {
        return Err(making.wrong);
    }
    let arrays: Option<Vec<ArrayRef>> = table
        .columns
        .iter()
        .zip(&columns)
        .map(|(c, cells)| array_of(c.data_type, cells))
        .collect();
    let batch = arrays.and_then(|a| RecordBatch::try_new(Arc::clone(&arrow_schema(table)), a).ok());
    let sealed = batch.and_then(|b| Some((canonical::sha256(table, &b)?, b)));
    let Some((sha256, batch)) = sealed else {
        let said = Text::new("无法组成名册", "the register cannot be put together");
        return Err(vec![Diagnostic::error("carried/internal", said)]);
    };
    Ok(Register {
        table: table.clone(),
        rows: batch.num_rows(),
        batch,
        sha256,
        origin: Some(carry.origin.clone()),
    })
}

/// Where each number stands in the file.
fn places(file: Option<&Register>) -> BTreeMap<String, usize> {
    let Some(file) = file else {
        return BTreeMap::new();
    };
    let key = file.table.key.first();
    let Some(column) = key.and_then(|k| file.table.column_index(k)) else {
        return BTreeMap::new();
    };
    let rows = (0..file.rows).filter_map(|row| Some((file.text(row, column)?.into_owned(), row)));
    rows.collect()
}

struct Making<'a> {
    table: &'a Table,
    carry: &'a Carry,
    file: Option<&'a Register>,
    places: BTreeMap<String, usize>,
    wrong: Vec<Diagnostic>,
}

impl Making<'_> {
    fn told(&mut self, code: &str, message: Text, help: Text) {
        self.wrong.push(Diagnostic::error(code, message).help(help));
    }

    /// The value of the file, where it has the row and the column.
    fn of_file(&self, column: &Column, ticket: &str) -> Option<Value> {
        let (file, row) = (self.file?, *self.places.get(ticket)?);
        file.value(row, file.table.column_index(&column.name)?)
    }

    fn cell(&mut self, column: &Column, ticket: &str) -> Option<Value> {
        if self.table.key.contains(&column.name) {
            return Some(Value::Text(ticket.to_owned()));
        }
        let place = self.carry.columns.iter().position(|c| *c == column.name);
        let row = self.carry.rows.get(ticket);
        let found = match (place, row) {
            (Some(place), Some(row)) => {
                let text = row.get(place).and_then(|t| t.as_deref());
                self.carried(column, ticket, text)
            }
            _ => self.of_file(column, ticket),
        };
        if found.is_none() && !column.nullable && self.wrong.len() < TOLD_MAX {
            let (name, table) = (&column.name, &self.table.name);
            self.told(
                "carried/missing",
                Text::new(
                    format!("名册 `{table}` 中 `{ticket}` 缺少 `{name}`"),
                    format!("`{ticket}` has no `{name}` in register `{table}`"),
                ),
                Text::new(
                    "在名册文件中补上该行,或给该列写 `nullable = true`",
                    "add its row to the register's file, or write `nullable = true` for the column",
                ),
            );
        }
        found
    }

    /// A value that comes over; the file may say it again, but nothing else.
    fn carried(&mut self, column: &Column, ticket: &str, text: Option<&str>) -> Option<Value> {
        let (name, origin) = (&column.name, &self.carry.origin.programme);
        let value = text.map(|t| value(column.data_type, t));
        let listed = |t: &&str| column.values.is_empty() || column.values.iter().any(|v| v == t);
        if value == Some(None) || text.is_some_and(|t| !listed(&t)) {
            let text = text.unwrap_or_default();
            self.told(
                "carried/value",
                Text::new(
                    format!("`{ticket}` 的 `{name}` 在 `{origin}` 中为 `{text}`,不合该列的声明"),
                    format!("`{name}` of `{ticket}` is `{text}` in `{origin}`, which is not as the column is declared"),
                ),
                Text::new(
                    "使类型和 `values` 与该项目的列一致",
                    "give the column the type and the `values` that it has in that programme",
                ),
            );
            return None;
        }
        let value = value.flatten();
        let again = self.of_file(column, ticket);
        if again.is_some() && again != value {
            let shown =
                |v: &Option<Value>| v.as_ref().map_or_else(String::new, ToString::to_string);
            let (here, there) = (shown(&again), shown(&value));
            self.told(
                "carried/contradiction",
                Text::new(
                    format!("`{ticket}` 的 `{name}`:文件中为 `{here}`,`{origin}` 的决定中为 `{there}`"),
                    format!("`{name}` of `{ticket}` is `{here}` in the file and `{there}` in the decision of `{origin}`"),
                ),
                Text::new(
                    "文件中该格留空,或与决定一致",
                    "leave the cell empty in the file, or write what was decided on",
                ),
            );
        }
        value
    }
}

/// The value that a published text stands for.
fn value(data_type: Type, text: &str) -> Option<Value> {
    Some(match data_type {
        Type::Text => Value::Text(text.to_owned()),
        Type::Integer => Value::Integer(text.parse().ok()?),
        Type::Boolean => Value::Boolean(text.parse().ok()?),
        Type::Date => Value::Date(text.parse::<Date>().ok()?),
        Type::Decimal { scale } => {
            let decimal = text.parse::<Decimal>().ok()?;
            Value::Decimal(decimal.rescale(scale).ok()?)
        }
    })
}
