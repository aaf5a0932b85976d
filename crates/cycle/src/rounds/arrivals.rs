//! Which applications are in time for a round.

use std::collections::HashSet;

use minsheng_model::{Date, Diagnostic, Late, Rules, Text, Value};
use minsheng_registers::Register;

use crate::{Registers, uneven};

/// Returns the registers as they are for a round: without the applications that came
/// in after its last day and without what they ask for. `None` where all are in time.
///
/// So every round sees the same rows for ever, however many come later, and its seal
/// is that of the rows it saw.
pub(crate) fn in_time(
    rules: &Rules,
    registers: &Registers,
    round: u32,
) -> Result<Option<Registers>, Vec<Diagnostic>> {
    let Some(offers) = &rules.offers else {
        return Ok(None);
    };
    let Some((late, last)) = offers.late.as_ref().zip(offers.in_time(round)) else {
        return Ok(None);
    };
    let days = days(&registers.applicants, late)?;
    let keep: Vec<bool> = days.iter().map(|day| *day <= last).collect();
    if keep.iter().all(|k| *k) {
        return Ok(None);
    }
    let texts = |register: &Register, column: &str| crate::facts::texts(register, column);
    let tickets = texts(&registers.applicants, &rules.ticket);
    // A look-up table only: nothing walks it.
    let out: HashSet<&str> = tickets
        .iter()
        .zip(&keep)
        .filter(|(_, keep)| !**keep)
        .filter_map(|(ticket, _)| ticket.as_deref())
        .collect();
    let wanted: Vec<bool> = texts(&registers.choices, &rules.choice_applicant)
        .iter()
        .map(|ticket| ticket.as_deref().is_none_or(|t| !out.contains(t)))
        .collect();
    let only =
        |register: &Register, keep: &[bool]| register.only(keep).ok_or_else(|| vec![uneven()]);
    Ok(Some(Registers {
        applicants: only(&registers.applicants, &keep)?,
        providers: registers.providers.clone(),
        choices: only(&registers.choices, &wanted)?,
    }))
}

/// Returns every application's day of arrival.
fn days(applicants: &Register, late: &Late) -> Result<Vec<Date>, Vec<Diagnostic>> {
    let column = applicants.table.column_index(&late.arrived);
    (0..applicants.rows)
        .map(|row| match column.and_then(|c| applicants.value(row, c)) {
            Some(Value::Date(day)) => Ok(day),
            _ => Err(vec![Diagnostic::error(
                "cycle/arrival",
                Text::new(
                    format!("`{}` 的 `{}` 缺失", applicants.table.name, late.arrived),
                    format!(
                        "`{}` of `{}` is missing",
                        late.arrived, applicants.table.name
                    ),
                ),
            )]),
        })
        .collect()
}

/// Returns the days of arrival of those who came after the closing day.
pub(crate) fn late_days(
    rules: &Rules,
    applicants: &Register,
) -> Result<Vec<Option<Date>>, Vec<Diagnostic>> {
    let Some(late) = rules.offers.as_ref().and_then(|o| o.late.as_ref()) else {
        return Ok(vec![None; applicants.rows]);
    };
    let late_day = |day: Date| (day > late.closes).then_some(day);
    Ok(days(applicants, late)?.into_iter().map(late_day).collect())
}
