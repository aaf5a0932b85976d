use std::path::Path;

use minsheng_model::{Diagnostic, Table, Text};

use super::fault;

/// Matches a heading with the declared columns: for each declared column where it
/// stands in the file.
///
/// # Errors
/// Every missing, unknown and repeated column.
pub(super) fn places(
    path: &Path,
    table: &Table,
    names: &[String],
) -> Result<Vec<usize>, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let mut places = Vec::new();
    let unknown: Vec<&String> = names
        .iter()
        .filter(|n| table.column_index(n).is_none())
        .collect();
    for column in &table.columns {
        let name = &column.name;
        match names.iter().position(|n| n == name) {
            Some(at) => places.push(at),
            None => wrong.extend(fault(
                path,
                "register/missing-column",
                format!("缺少列 `{name}`"),
                format!("column `{name}` is missing"),
            )),
        }
        if names.iter().filter(|n| *n == name).count() > 1 {
            wrong.extend(fault(
                path,
                "register/repeated-column",
                format!("列 `{name}` 出现多次"),
                format!("column `{name}` stands there more than once"),
            ));
        }
    }
    for name in unknown {
        let shown: String = name.chars().take(60).collect();
        let found = fault(
            path,
            "register/unknown-column",
            format!("列 `{shown}` 没有声明"),
            format!("column `{shown}` is not declared"),
        );
        let free = |c: &&minsheng_model::Column| !names.contains(&c.name);
        let help = nearest(table, &shown, free).map_or_else(
            || {
                let all: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
                let all = all.join(", ");
                Text::new(format!("声明的列:{all}"), format!("declared are: {all}"))
            },
            |near| {
                Text::new(
                    format!("是不是 `{near}`?"),
                    format!("did you mean `{near}`?"),
                )
            },
        );
        wrong.extend(found.into_iter().map(|d| d.help(help.clone())));
    }
    if wrong.is_empty() {
        Ok(places)
    } else {
        Err(wrong)
    }
}

/// Returns the declared column, still to be found, that the name resembles.
fn nearest<'t>(
    table: &'t Table,
    name: &str,
    free: impl Fn(&&'t minsheng_model::Column) -> bool,
) -> Option<&'t str> {
    let wanted = name.trim().to_lowercase();
    table
        .columns
        .iter()
        .filter(free)
        .map(|c| {
            (
                strsim::damerau_levenshtein(&c.name.to_lowercase(), &wanted),
                c.name.as_str(),
            )
        })
        .filter(|(distance, n)| *distance <= 1 + n.chars().count() / 4)
        .min()
        .map(|(_, n)| n)
}
