//! Projects that start after others have finished.

use std::collections::HashMap;

use minsheng_model::Text;

use super::{Instance, Start, Table};
use crate::report::{Found, offends};

/// Adds the cells that keep a project behind another: for each such pair one of 1 in
/// each period, taken by the later one from its start on, by the earlier one until it
/// has finished, for good where it is not done.
pub(super) fn spell_out(instance: &Instance, table: &mut Table) -> Result<(), Text> {
    let ids = instance.projects.iter().map(|p| p.id.as_str());
    let place: HashMap<&str, usize> = ids.zip(0..).collect();
    let periods = table.periods;
    for (later, project) in instance.projects.iter().enumerate() {
        for id in &project.after {
            let earlier = place.get(id.as_str()).copied().filter(|e| *e != later);
            let earlier = earlier.ok_or_else(|| offends(id, "不存在", "is not another project"))?;
            let first = table.cells.len();
            table.cells.extend(std::iter::repeat_n(1, periods));
            for way in table.ways.get_mut(later).into_iter().flatten() {
                let from = way.start.map_or(periods, |s| s - 1);
                way.takes.extend((from..periods).map(|t| (first + t, 1)));
            }
            for way in table.ways.get_mut(earlier).into_iter().flatten() {
                let until = way.finish.unwrap_or(periods);
                way.takes.extend((0..until).map(|t| (first + t, 1)));
            }
        }
    }
    Ok(())
}

/// Returns who starts although somebody it waits for has not finished.
pub(super) fn starts_early(instance: &Instance, starts: &[Start]) -> Found {
    let ids = starts.iter().map(|s| s.id.as_str());
    let finish: HashMap<&str, Option<usize>> = ids.zip(starts.iter().map(|s| s.finish)).collect();
    let pairs = instance.projects.iter().zip(starts);
    for (project, own) in pairs {
        let Some(start) = own.start else { continue };
        for id in &project.after {
            let done = finish.get(id.as_str()).copied().flatten();
            if done.is_none_or(|f| f >= start) {
                return Some(offends(
                    &own.id,
                    &format!("在 `{id}` 完工之前开工"),
                    &format!("starts before `{id}` has finished"),
                ));
            }
        }
    }
    None
}
