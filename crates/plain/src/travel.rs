//! Travel between demands and sites as a file: a table, or a routing server's answer.
//!
//! No server is called here. What one answered is saved as a file, and the file is read
//! as whole seconds. A pair that is not there cannot be used; nothing is guessed.

mod ask;
mod points;
mod server;
mod table;

pub use ask::{Stop, Tile, travel_rows, travel_tiles};
pub use points::travel_instance;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use minsheng_model::Text;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Mistake, PlainError};
use crate::site::place::wrong;

/// A demand, a site, and what a unit costs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub(crate) struct Pair(pub String, pub String, pub i64);

/// Returns for each demand (site, cost), ascending by site.
pub(crate) fn lists(
    text: &str,
    pairs: &[Pair],
    demands: &[String],
    sites: &[String],
) -> Result<Vec<Vec<(u32, i64)>>, PlainError> {
    let (of_demand, of_site) = (numbers(demands), numbers(sites));
    let mut lists = vec![Vec::new(); demands.len()];
    let mut seen = HashSet::with_capacity(pairs.len());
    for (k, Pair(demand, site, cost)) in pairs.iter().enumerate() {
        let fail =
            |part: u32, zh: &str, en: &str| Err(wrong(text, &format!("/pairs/{k}/{part}"), zh, en));
        let Some(from) = of_demand.get(demand.as_str()).copied() else {
            return fail(
                0,
                &format!("没有需求 `{demand}`"),
                &format!("there is no demand `{demand}`"),
            );
        };
        let Some(to) = of_site.get(site.as_str()).copied() else {
            return fail(
                1,
                &format!("没有点位 `{site}`"),
                &format!("there is no site `{site}`"),
            );
        };
        if *cost < 0 || *cost == i64::MAX {
            return fail(
                2,
                &format!("`{cost}` 应为非负整数,且不过大"),
                &format!("`{cost}` has to be a whole number, not negative and not so large"),
            );
        }
        if !seen.insert((from, to)) {
            return fail(0, "这一对出现两次", "the pair is named twice");
        }
        if let Some(list) = lists.get_mut(from as usize) {
            list.push((to, *cost));
        }
    }
    for list in &mut lists {
        list.sort_unstable();
    }
    Ok(lists)
}

fn numbers(ids: &[String]) -> HashMap<&str, u32> {
    (0u32..).zip(ids).map(|(k, id)| (id.as_str(), k)).collect()
}

/// The ids of an instance.
struct Ids {
    demands: Vec<String>,
    sites: Vec<String>,
}

/// What a file of travel gives: (demand, site, seconds).
type Rows = Vec<(u32, u32, i64)>;

/// Returns the instance of [`solve_site`](crate::solve_site),
/// [`solve_access`](crate::solve_access) or [`solve_assign`](crate::solve_assign) with
/// the travel of a file put in as its `pairs`; places in the instance stay what they are.
///
/// The file is a table with a heading (`origin,destination,seconds`), an answer of
/// OSRM's `table` or of Valhalla's `sources_to_targets` whose sources are the demands
/// and whose destinations are the sites, in the instance's order, or several such
/// answers with the ids they are about:
/// `{"tiles": [{"sources": ["a"], "destinations": ["s"], "answer": {…}}]}`.
/// Parts of a second are rounded to the nearest. An instance that cannot be read is
/// returned as it is, so that whoever solves it says what is wrong.
///
/// # Errors
/// Mistakes in the file of travel, with their places there.
pub fn with_travel(instance: &str, travel: &str) -> Result<String, PlainError> {
    let Some(ids) = ids(instance) else {
        return Ok(instance.to_owned());
    };
    let travel = travel.strip_prefix('\u{feff}').unwrap_or(travel);
    let rows = if travel.trim_start().starts_with('{') {
        server::read(travel, &ids)?
    } else {
        table::read(travel, &ids)?
    };
    let Some((head, tail)) = instance.rsplit_once('}') else {
        return Ok(instance.to_owned());
    };
    let mut out = String::with_capacity(instance.len() + rows.len() * 24);
    out.push_str(head);
    out.push_str(",\"pairs\":[");
    for (k, (demand, site, seconds)) in rows.iter().enumerate() {
        let name = |list: &[String], at: u32| {
            let own = list.get(at as usize).cloned().unwrap_or_default();
            Value::String(own).to_string()
        };
        let comma = if k == 0 { "" } else { "," };
        let (from, to) = (name(&ids.demands, *demand), name(&ids.sites, *site));
        // Writing to a string does not fail.
        let _ = write!(out, "{comma}[{from},{to},{seconds}]");
    }
    out.push_str("]}");
    out.push_str(tail);
    Ok(out)
}

/// Returns the ids of an instance's demands and sites.
fn ids(instance: &str) -> Option<Ids> {
    let value: Value = serde_json::from_str(instance).ok()?;
    let list = |name: &str| -> Option<Vec<String>> {
        let all = value.get(name)?.as_array()?.iter();
        all.map(|one| Some(one.get("id")?.as_str()?.to_owned()))
            .collect()
    };
    Some(Ids {
        demands: list("demands")?,
        sites: list("sites")
            .or_else(|| list("suppliers"))
            .or_else(|| list("providers"))?,
    })
}

/// Returns the error of one mistake in a file of travel.
fn mistake(at: Option<(usize, usize)>, pointer: &str, zh: &str, en: &str) -> PlainError {
    PlainError {
        mistakes: vec![Mistake {
            at,
            pointer: pointer.to_owned(),
            message: Text::new(zh, en),
        }],
    }
}
