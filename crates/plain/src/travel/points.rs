//! Points from two tables, such as registers.

use serde_json::{Number, Value, json};

use super::{mistake, table};
use crate::error::PlainError;

/// Returns an instance with nothing but points, for [`travel_tiles`](super::travel_tiles):
/// those of one table to those of another, each with a heading that has the three
/// columns (id, degrees east, degrees north).
///
/// # Errors
/// The table that is wrong (0 or 1) and its mistake, with its place.
pub fn travel_instance(
    tables: [&str; 2],
    columns: [&str; 3],
) -> Result<String, (usize, PlainError)> {
    let [from, to] = tables;
    let demands = points(from, columns).map_err(|e| (0, e))?;
    let sites = points(to, columns).map_err(|e| (1, e))?;
    Ok(json!({ "demands": demands, "sites": sites }).to_string())
}

fn points(text: &str, columns: [&str; 3]) -> Result<Vec<Value>, PlainError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..)
        .zip(text.lines())
        .filter(|(_, l)| !l.trim().is_empty());
    let (line, first) = lines.next().unwrap_or((1, ""));
    let comma = table::comma(first);
    let heading = table::cells(line, first, comma)?;
    let mut at = [0usize; 3];
    for (slot, column) in at.iter_mut().zip(columns) {
        let found = heading.iter().position(|(name, _)| name == column);
        *slot = found.ok_or_else(|| {
            mistake(
                Some((line, 1)),
                "",
                &format!("表头没有列 `{column}`,实有:{first}"),
                &format!("the heading has no column `{column}`, but: {first}"),
            )
        })?;
    }
    let mut all = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (line, content) in lines {
        let cells = table::cells(line, content, comma)?;
        let cell = |k: usize| at.get(k).and_then(|c| cells.get(*c));
        let (Some((id, column)), Some(lon), Some(lat)) = (cell(0), cell(1), cell(2)) else {
            let (found, wanted) = (cells.len(), heading.len());
            return Err(mistake(
                Some((line, 1)),
                "",
                &format!("应有 {wanted} 列,实有 {found}"),
                &format!("has {found} columns, expected {wanted}"),
            ));
        };
        if id.is_empty() || !seen.insert(id.clone()) {
            return Err(mistake(
                Some((line, *column)),
                "",
                &format!("编号 `{id}` 为空或重复"),
                &format!("the id `{id}` is empty or there twice"),
            ));
        }
        let [lon, lat] = [lon, lat].map(|(text, column)| {
            let number: Option<Number> = serde_json::from_str(text).ok();
            number.ok_or_else(|| {
                mistake(
                    Some((line, *column)),
                    "",
                    &format!("`{text}` 应为度数"),
                    &format!("`{text}` has to be degrees"),
                )
            })
        });
        all.push(json!({ "id": id, "lon": lon?, "lat": lat? }));
    }
    Ok(all)
}
