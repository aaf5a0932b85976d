use std::borrow::Cow;
use std::collections::BTreeMap;

use minsheng_bundle::FactsForm;
use minsheng_model::{ApplicantRow, Combine, Diagnostic, Rules, Text, Value, Verdict};
use minsheng_registers::Register;
use rayon::prelude::*;

use crate::Registers;

/// The names behind the indices of a cycle, each list in byte order.
#[derive(Debug, Clone)]
pub struct Names {
    /// Application numbers.
    pub tickets: Vec<String>,
    /// What stands in the draw for each applicant.
    pub draw_tickets: Vec<String>,
    /// Providers' keys.
    pub providers: Vec<String>,
}

impl Names {
    /// Reads the names from the registers; who shares a number of the draw follows
    /// from the rules.
    ///
    /// # Errors
    /// When the key of applicants or providers is not one column.
    pub fn new(rules: &Rules, registers: &Registers) -> Result<Self, Vec<Diagnostic>> {
        let tickets = keys(&registers.applicants, &rules.ticket)?;
        let providers = match rules.providers.key.first() {
            Some(key) => keys(&registers.providers, key)?,
            // A choice of candidates may do without groups.
            None => Vec::new(),
        };
        let draw_tickets = match &rules.tie_break.unit {
            minsheng_model::DrawUnit::Applicant => tickets.clone(),
            minsheng_model::DrawUnit::Family(column) => {
                let families = texts(&registers.applicants, column);
                // A person without a family stands alone, by the own number.
                families
                    .into_iter()
                    .zip(&tickets)
                    .map(|(family, ticket)| family.unwrap_or_else(|| ticket.clone()))
                    .collect()
            }
        };
        Ok(Self {
            tickets,
            draw_tickets,
            providers,
        })
    }
}

/// Returns the values of the register's only key column, which is sorted.
fn keys(register: &Register, column: &str) -> Result<Vec<String>, Vec<Diagnostic>> {
    if register.table.key.as_slice() != [column] {
        return Err(vec![Diagnostic::error(
            "cycle/key",
            Text::new(
                format!(
                    "名册 `{}` 的主键应只有 `{column}` 一列",
                    register.table.name
                ),
                format!(
                    "the key of register `{}` must be the one column `{column}`",
                    register.table.name
                ),
            ),
        )]);
    }
    Ok(texts(register, column).into_iter().flatten().collect())
}

/// Returns a column's values as text, row by row; all missing when there is no
/// such column.
pub(crate) fn texts(register: &Register, column: &str) -> Vec<Option<String>> {
    let Some(index) = register.table.column_index(column) else {
        return vec![None; register.rows];
    };
    (0..register.rows)
        .into_par_iter()
        .map(|row| register.text(row, index).map(Cow::into_owned))
        .collect()
}

/// Returns the verdict of a combination: what holds whatever the unknown clauses
/// turn out to be is settled, everything else is undetermined.
///
/// AND and OR are monotone, so it is enough to try "all unknown fail" and "all
/// unknown hold".
pub(crate) fn verdict(combine: &Combine, holds: u32, unknown: u32) -> Verdict {
    if holds_for(combine, holds) {
        Verdict::Eligible
    } else if holds_for(combine, holds | unknown) {
        Verdict::Undetermined
    } else {
        Verdict::NotEligible
    }
}

fn holds_for(combine: &Combine, mask: u32) -> bool {
    match combine {
        Combine::Clause(bit) => {
            u32::try_from(*bit).is_ok_and(|b| mask.checked_shr(b).unwrap_or(0) & 1 == 1)
        }
        Combine::All(parts) => parts.iter().all(|p| holds_for(p, mask)),
        Combine::Any(parts) => parts.iter().any(|p| holds_for(p, mask)),
    }
}

/// Returns the places of the columns that indicators count by.
pub(crate) fn group_columns(rules: &Rules, registers: &Registers) -> Vec<Option<usize>> {
    let table = &registers.applicants.table;
    let columns = rules.group_columns().into_iter();
    columns.map(|name| table.column_index(name)).collect()
}

/// Returns the values of the columns that indicators count by.
pub(crate) fn groups(
    columns: &[Option<usize>],
    registers: &Registers,
    row: usize,
) -> Vec<Option<String>> {
    let text = |column: &Option<usize>| registers.applicants.text(row, (*column)?);
    columns
        .iter()
        .map(|column| text(column).map(Cow::into_owned))
        .collect()
}

/// Returns what an applicant's receipt holds of the own row: every column but
/// the secret one, as text.
#[must_use]
pub fn receipt_facts(
    rules: &Rules,
    applicants: &Register,
    row: usize,
) -> BTreeMap<String, Option<String>> {
    let columns = applicants.table.columns.iter().enumerate();
    columns
        .filter(|(_, c)| Some(&c.name) != rules.secret.as_ref())
        .map(|(index, c)| {
            (
                c.name.clone(),
                applicants.value(row, index).map(|v: Value| v.to_string()),
            )
        })
        .collect()
}

/// Puts into each row the hash over its secret and its facts; nothing when the
/// programme declares no secret column.
pub(crate) fn seal_facts(rules: &Rules, registers: &Registers, rows: &mut [ApplicantRow]) {
    let Some(column) = rules
        .secret
        .as_deref()
        .and_then(|s| registers.applicants.table.column_index(s))
    else {
        return;
    };
    let applicants = &registers.applicants;
    // The columns of `receipt_facts`.
    let columns: Vec<usize> = (0..applicants.table.columns.len())
        .filter(|c| *c != column)
        .collect();
    let names: Vec<&str> = columns
        .iter()
        .filter_map(|c| Some(applicants.table.columns.get(*c)?.name.as_str()))
        .collect();
    let form = FactsForm::new(&names);
    rows.par_iter_mut()
        .enumerate()
        .for_each_init(Vec::new, |buffer, (index, row)| {
            let secret = applicants.text(index, column).unwrap_or_default();
            row.facts_hash = form.hash(buffer, &secret, |place| {
                applicants.text(index, *columns.get(place)?)
            });
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_fact_counts_only_where_it_could_change_the_verdict() {
        // a AND (b OR c)
        let combine = Combine::All(vec![
            Combine::Clause(0),
            Combine::Any(vec![Combine::Clause(1), Combine::Clause(2)]),
        ]);
        assert_eq!(verdict(&combine, 0b011, 0b100), Verdict::Eligible);
        assert_eq!(verdict(&combine, 0b001, 0b100), Verdict::Undetermined);
        assert_eq!(verdict(&combine, 0b010, 0b100), Verdict::NotEligible);
        assert_eq!(verdict(&combine, 0b010, 0b001), Verdict::Undetermined);
    }
}
