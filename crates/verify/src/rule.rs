//! Seats from the rule that gives them, where everything it reads is published.

use minsheng_bundle::Contents;
use minsheng_model::{Date, Decimal, DoorRow, ProviderRow, Scope, Text, Type, Value};
use minsheng_spec::expr::Row;
use minsheng_spec::rules::{Compiled, ProviderFacts};

use crate::report::{Found, differs, offends};
use crate::seats::blocks;

/// Returns the value that a column's text stands for; `None` when it is none.
pub(crate) fn value(data_type: Type, text: &str) -> Option<Value> {
    Some(match data_type {
        Type::Text => Value::Text(text.to_owned()),
        Type::Integer => Value::Integer(text.parse().ok()?),
        Type::Decimal { scale } => {
            Value::Decimal(text.parse::<Decimal>().ok()?.rescale(scale).ok()?)
        }
        Type::Boolean => Value::Boolean(text.parse().ok()?),
        Type::Date => Value::Date(text.parse::<Date>().ok()?),
    })
}

/// Returns where the seats of a provider and of its doors are not those that the
/// rules give.
pub(crate) fn differs_from(
    contents: &Contents,
    found: &ProviderFacts,
    provider: &ProviderRow,
    doors: &[DoorRow],
) -> Found {
    let closed = contents.certificate.closed.iter();
    let closing = closed.clone().find(|c| c.provider == provider.provider);
    if let Some(closing) = closing {
        let wrong = differs(&provider.provider, found.minimum, closing.minimum);
        if wrong.is_some() {
            return wrong;
        }
    } else if contents.round.is_none() && provider.placed < found.minimum {
        // Who opens in the decision stays open, whoever declines.
        return Some(offends(
            &provider.provider,
            "人数不足最少人数而仍开班",
            "opens although it has fewer people than it needs",
        ));
    }
    // Who does not open has no seats.
    let capacity = closing.map_or(found.capacity, |_| 0);
    let reserves = doors.iter().skip(1).zip(&found.reserves);
    let ceilings = doors.iter().skip(2 + found.reserves.len());
    let mut pairs = reserves.chain(ceilings.zip(&found.ceilings));
    differs(&provider.provider, capacity, provider.capacity).or_else(|| {
        pairs.find_map(|(row, declared)| {
            differs(
                &format!("{} {}", row.provider, row.door),
                *declared,
                row.declared,
            )
        })
    })
}

/// A provider's published facts as a row of its register.
struct Published(Vec<Option<Value>>);

impl Row for Published {
    fn value(&self, table: Scope, column: usize) -> Option<Value> {
        if table == Scope::Provider {
            self.0.get(column).cloned().flatten()
        } else {
            None
        }
    }
}

/// Returns what the rules say of every provider, from its published facts: nothing
/// where a rule reads a column that is not published.
///
/// # Errors
/// What offends.
pub(crate) fn by_rules(contents: &Contents) -> Result<Option<Vec<ProviderFacts>>, Text> {
    let (rules, table) = (&contents.rules, &contents.rules.providers);
    let Ok(compiled) = Compiled::new(rules) else {
        return Err(offends(
            "rules",
            "表达式有误",
            "has an expression that is wrong",
        ));
    };
    let is_key = |name: &String| table.key.contains(name);
    let shown = |column: &usize| {
        let column = table.columns.get(*column);
        column.is_some_and(|c| c.publish || is_key(&c.name))
    };
    if !compiled.seat_columns().iter().all(shown) {
        return Ok(None);
    }
    let of = |provider: &ProviderRow| {
        let mut facts = provider.facts.iter();
        let columns = table.columns.iter().map(|c| {
            if is_key(&c.name) {
                return value(c.data_type, &provider.provider);
            }
            let text = if c.publish {
                facts.next()?.as_deref()?
            } else {
                return None;
            };
            value(c.data_type, text)
        });
        let row = Published(columns.collect());
        let found = compiled.provider(&row);
        found.map_err(|e| offends(&provider.provider, &e.text().zh, &e.text().en))
    };
    let all: Result<Vec<ProviderFacts>, Text> = contents.providers.iter().map(of).collect();
    all.map(Some)
}

/// Checks that seats follow from the published facts by the rules; returns for how
/// many providers, which is none where a rule reads a column that is not published.
pub(crate) fn check(contents: &Contents) -> (usize, Found) {
    let facts = match by_rules(contents) {
        Ok(Some(facts)) => facts,
        Ok(None) => return (0, None),
        Err(offender) => return (0, Some(offender)),
    };
    let wrong = blocks(contents)
        .zip(&facts)
        .find_map(|((provider, doors), found)| differs_from(contents, found, provider, doors));
    (contents.providers.len(), wrong)
}
