//! What is known of candidates and groups: published facts, or the registers.

use std::collections::BTreeMap;

use minsheng_bundle::Contents;
use minsheng_model::{Column, Rules, Scope, Sees, Table, Text, Value};
use minsheng_spec::expr::{Env, EvalError, Row};
use minsheng_spec::figures::Figures;
use rayon::prelude::*;

use crate::report::{Found, offends};
use crate::rule::value;

/// Figures by their place in the programme file, as far as they can be computed.
pub(super) type Numbers = BTreeMap<String, i64>;

/// What is known of every row.
#[derive(Debug)]
pub(crate) struct Known {
    /// The candidates' published facts, row by row, by column.
    facts: Vec<Vec<Option<Value>>>,
    /// Which columns of the candidates are known.
    shown: Vec<bool>,
    /// For each candidate its figures.
    pub candidates: Vec<Numbers>,
    /// For each group its figures.
    pub groups: Vec<Numbers>,
    /// Figures over parameters alone.
    pub parameters: Numbers,
    /// The register of pairs, row by row; none where it is not at hand.
    pub pairs: Option<Vec<(String, String, i64)>>,
}

/// One row of one table.
pub(super) struct One<'a> {
    pub scope: Scope,
    pub values: &'a [Option<Value>],
}

impl Row for One<'_> {
    fn value(&self, table: Scope, column: usize) -> Option<Value> {
        if table == self.scope {
            self.values.get(column).cloned().flatten()
        } else {
            None
        }
    }
}

impl Known {
    /// Returns what follows from published facts.
    ///
    /// # Errors
    /// A fact that is not as its column is declared; a figure that has no answer.
    pub fn published(contents: &Contents) -> Result<Self, Text> {
        let rules = &contents.rules;
        let shown: Vec<&str> = rules.group_columns();
        let (own, key) = (&rules.applicants, rules.ticket.as_str());
        let rows = contents.applicants.par_iter();
        let facts: Vec<Vec<Option<Value>>> = rows
            .map(|a| facts(own, key, &a.ticket, &shown, &a.groups))
            .collect::<Result<_, _>>()?;
        let groups = &rules.providers;
        let columns: Vec<&str> = groups
            .columns
            .iter()
            .filter(|c| c.publish && !groups.key.contains(&c.name))
            .map(|c| c.name.as_str())
            .collect();
        let key = groups.key.first().map_or("", String::as_str);
        let rows = contents.providers.iter();
        let places: Vec<Vec<Option<Value>>> = rows
            .map(|p| self::facts(groups, key, &p.provider, &columns, &p.facts))
            .collect::<Result<_, _>>()?;
        let seen = |table: &Table, key: &str, shown: &[&str]| -> Vec<bool> {
            let known = |c: &Column| c.name == key || shown.contains(&c.name.as_str());
            table.columns.iter().map(known).collect()
        };
        let own_seen = seen(own, &rules.ticket, &shown);
        let group_seen = seen(groups, key, &columns);
        let names = |row: usize| contents.applicants.get(row).map_or("?", |a| &a.ticket);
        let mut known = Self::of(rules, &facts, &places, [&own_seen, &group_seen])
            .map_err(|(row, e)| offends(row.map_or("rules", names), &e.zh, &e.en))?;
        known.facts = facts;
        known.shown = own_seen;
        Ok(known)
    }

    /// Returns every figure that reads known columns alone.
    ///
    /// # Errors
    /// A figure without an answer, with the row where it is a candidate's.
    pub fn of(
        rules: &Rules,
        candidates: &[Vec<Option<Value>>],
        groups: &[Vec<Option<Value>>],
        [own_seen, group_seen]: [&[bool]; 2],
    ) -> Result<Self, (Option<usize>, Text)> {
        let figures = Figures::new(rules).map_err(|found| {
            let first = found.into_iter().next();
            let said = first.map_or_else(Text::default, |(at, p)| {
                offends(&at, &p.message.zh, &p.message.en)
            });
            (None, said)
        })?;
        let computable = |sees: Sees, seen: &[bool]| -> Vec<String> {
            let all = figures.columns(sees).into_iter();
            all.filter(|(_, used)| used.iter().all(|c| seen.get(*c) == Some(&true)))
                .map(|(at, _)| at.to_owned())
                .collect()
        };
        let own = computable(Sees::Candidate, own_seen);
        let places = computable(Sees::Group, group_seen);
        let said = |row: Option<usize>, e: EvalError| (row, e.text());
        let rows = candidates.par_iter().enumerate();
        let candidates: Vec<Numbers> = rows
            .map(|(row, values)| {
                let scope = Scope::Applicant;
                let one = One { scope, values };
                figures
                    .among(Sees::Candidate, &own, &one)
                    .map_err(|e| said(Some(row), e))
            })
            .collect::<Result<_, _>>()?;
        let rows = groups.iter().map(|values| {
            let scope = Scope::Provider;
            let one = One { scope, values };
            figures
                .among(Sees::Group, &places, &one)
                .map_err(|e| said(None, e))
        });
        let named = figures.of_parameters().map_err(|e| said(None, e))?;
        Ok(Self {
            facts: Vec::new(),
            shown: Vec::new(),
            candidates,
            groups: rows.collect::<Result<_, _>>()?,
            parameters: named
                .into_iter()
                .map(|(at, n)| (at.to_owned(), n))
                .collect(),
            pairs: None,
        })
    }

    /// Checks the bits of the clauses that read known columns alone; returns how many
    /// there are.
    pub fn clauses(&self, contents: &Contents) -> (usize, Found) {
        let env = Env::new(&contents.rules);
        let mut typed = Vec::new();
        for (bit, clause) in contents.rules.clauses_of(Scope::Applicant).enumerate() {
            let Ok(own) = env.compile(Scope::Applicant, &clause.when) else {
                let said = offends(&clause.id, "表达式有误", "is no right expression");
                return (0, Some(said));
            };
            let used = own.columns_used();
            if used.iter().all(|(_, c)| self.shown.get(*c) == Some(&true)) {
                typed.push((bit, clause, own));
            }
        }
        let rows = contents.applicants.iter().zip(&self.facts);
        for (row, values) in rows {
            let scope = Scope::Applicant;
            let one = One { scope, values };
            for (bit, clause, own) in &typed {
                let set = |mask: u32| mask >> bit & 1 == 1;
                let answer = match own.holds(&one) {
                    Ok(answer) => answer,
                    Err(e) => return (0, Some(offends(&row.ticket, &e.text().zh, &e.text().en))),
                };
                if (set(row.holds), set(row.unknown)) != (answer == Some(true), answer.is_none()) {
                    let (ticket, id) = (&row.ticket, &clause.id);
                    let said = offends(
                        ticket,
                        &format!("条件 `{id}` 的结果与公开的事实不符"),
                        &format!("condition `{id}` is not what the published facts give"),
                    );
                    return (0, Some(said));
                }
            }
        }
        (typed.len() * contents.applicants.len(), None)
    }
}

/// Returns a row's published texts as values, by column; what is not published is
/// missing.
fn facts(
    table: &Table,
    key: &str,
    name: &str,
    shown: &[&str],
    texts: &[Option<String>],
) -> Result<Vec<Option<Value>>, Text> {
    let mut values = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        if column.name == key {
            values.push(Some(Value::Text(name.to_owned())));
            continue;
        }
        let Some(place) = shown.iter().position(|s| *s == column.name) else {
            values.push(None);
            continue;
        };
        let text = texts.get(place).and_then(|t| t.as_deref());
        values.push(fact(column, text).map_err(|()| {
            offends(
                name,
                &format!("`{}` 的值不合声明", column.name),
                &format!("its `{}` is not as declared", column.name),
            )
        })?);
    }
    Ok(values)
}

fn fact(column: &Column, text: Option<&str>) -> Result<Option<Value>, ()> {
    let Some(text) = text else {
        return if column.nullable { Ok(None) } else { Err(()) };
    };
    let found = value(column.data_type, text).ok_or(())?;
    let listed = column.values.is_empty() || column.values.iter().any(|v| v == text);
    // One value, one text.
    if found.to_string() == text && listed {
        Ok(Some(found))
    } else {
        Err(())
    }
}
