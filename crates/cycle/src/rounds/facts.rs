//! Corrected facts in place of a register's own.

use std::collections::BTreeMap;

use minsheng_model::{Decimal, Diagnostic, Rules, Text, Type, Value};
use minsheng_registers::Register;

use super::Appeal;
use crate::facts::texts;
use crate::{Registers, uneven};

fn wrong(code: &str, zh: String, en: String) -> Diagnostic {
    Diagnostic::error(code, Text::new(zh, en))
}

/// Returns the registers with the appeals' facts in place; `None` without appeals.
///
/// # Errors
/// As [`appeal`].
pub(crate) fn corrected(
    rules: &Rules,
    registers: &Registers,
    appeals: &[Appeal],
) -> Result<Option<Registers>, Vec<Diagnostic>> {
    if appeals.is_empty() {
        return Ok(None);
    }
    let corrections: Vec<(&str, &BTreeMap<String, Option<String>>)> = appeals
        .iter()
        .map(|a| (a.ticket.as_str(), &a.facts))
        .collect();
    Ok(Some(Registers {
        applicants: correct(rules, &registers.applicants, &corrections)?,
        providers: registers.providers.clone(),
        choices: registers.choices.clone(),
    }))
}

/// Returns the applicants with corrected facts.
pub(super) fn correct(
    rules: &Rules,
    applicants: &Register,
    corrections: &[(&str, &BTreeMap<String, Option<String>>)],
) -> Result<Register, Vec<Diagnostic>> {
    let tickets = texts(applicants, &rules.ticket);
    let mut values = Vec::new();
    let mut problems = Vec::new();
    for (ticket, facts) in corrections {
        let Some(row) = tickets.iter().position(|t| t.as_deref() == Some(*ticket)) else {
            problems.push(wrong(
                "appeal/unknown-ticket",
                format!("名册中没有申请编号 `{ticket}`"),
                format!("the register has no application `{ticket}`"),
            ));
            continue;
        };
        if facts.is_empty() {
            problems.push(wrong(
                "appeal/no-facts",
                format!("申请 `{ticket}` 没有写明更正的事实"),
                format!("no corrected fact is given for application `{ticket}`"),
            ));
        }
        for (name, text) in facts.iter() {
            match cell(rules, applicants, name, text.as_deref()) {
                Ok((column, value)) => values.push((row, column, value)),
                Err(problem) => problems.push(*problem),
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    applicants.corrected(&values).ok_or_else(|| vec![uneven()])
}

/// Returns a corrected cell.
fn cell(
    rules: &Rules,
    register: &Register,
    name: &str,
    text: Option<&str>,
) -> Result<(usize, Option<Value>), Box<Diagnostic>> {
    let table = &register.table;
    let Some((index, column)) = table
        .columns
        .iter()
        .enumerate()
        .find(|(_, c)| c.name == name)
    else {
        let known: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
        return Err(Box::new(
            wrong(
                "appeal/unknown-column",
                format!("名册 `{}` 没有列 `{name}`", table.name),
                format!("register `{}` has no column `{name}`", table.name),
            )
            .help(Text::new(
                format!("可更正的列:{}", known.join(", ")),
                format!("there are {}", known.join(", ")),
            )),
        ));
    };
    let late = rules.offers.as_ref().and_then(|o| o.late.as_ref());
    let fixed = [
        Some(&rules.ticket),
        rules.secret.as_ref(),
        rules.current_provider.as_ref(),
        late.map(|l| &l.arrived),
    ];
    if fixed.contains(&Some(&column.name)) {
        return Err(Box::new(wrong(
            "appeal/fixed-column",
            format!("`{name}` 不能以复核更正"),
            format!("`{name}` is not corrected by an appeal"),
        )));
    }
    let Some(text) = text else {
        if column.nullable {
            return Ok((index, None));
        }
        return Err(Box::new(wrong(
            "appeal/value",
            format!("`{name}` 不可缺失"),
            format!("`{name}` may not be missing"),
        )));
    };
    let value = value(column.data_type, text);
    let listed = column.values.is_empty() || column.values.iter().any(|v| v == text);
    match value.filter(|_| listed) {
        Some(value) => Ok((index, Some(value))),
        None => Err(Box::new(
            wrong(
                "appeal/value",
                format!("`{name}` 的值 `{text}` 不是 {}", column.data_type),
                format!(
                    "`{text}` is no value of `{name}`, which has type {}",
                    column.data_type
                ),
            )
            .help(if column.values.is_empty() {
                Text::new(
                    "写法与名册文件相同,日期如 2024-08-31",
                    "write it as in the register's file, a day as 2024-08-31",
                )
            } else {
                let known = column.values.join(", ");
                Text::new(format!("可用的值:{known}"), format!("there are {known}"))
            }),
        )),
    }
}

fn value(data_type: Type, text: &str) -> Option<Value> {
    Some(match data_type {
        Type::Text if text.is_empty() => return None,
        Type::Text => Value::Text(text.to_owned()),
        Type::Integer => Value::Integer(text.parse().ok()?),
        Type::Decimal { scale } => {
            Value::Decimal(text.parse::<Decimal>().ok()?.rescale(scale).ok()?)
        }
        Type::Boolean => Value::Boolean(text.parse().ok()?),
        Type::Date => Value::Date(text.parse().ok()?),
    })
}
