//! What to ask a routing server: the pairs of an instance in tiles it can take.

use minsheng_siting::{Instance, Metric, State, flat};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Number, Value};

use super::{Ids, mistake, server};
use crate::error::PlainError;
use crate::site::place::Measured;
use crate::site::{Ground, Round};
use crate::solve::syntax;

/// A point of an instance, as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Its id.
    pub id: String,
    /// Degrees east, as written.
    pub lon: String,
    /// Degrees north, as written.
    pub lat: String,
}

/// One question: from every source to every destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Demands.
    pub sources: Vec<Stop>,
    /// Sites.
    pub destinations: Vec<Stop>,
}

/// The parts of an instance that are looked at.
#[derive(Debug, Deserialize, JsonSchema)]
struct Ends {
    demands: Vec<End>,
    #[serde(alias = "suppliers", alias = "providers")]
    sites: Vec<End>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct End {
    id: String,
    lon: Option<Number>,
    lat: Option<Number>,
}

/// Returns the questions whose answers give every pair of an instance with longitudes
/// and latitudes, sources and destinations of one together at most `places`.
///
/// With `within`, pairs farther apart than so many metres as the crow flies need no
/// answer: a tile has the destinations that some source of it has within that distance.
/// Sources that are near one another share tiles, so few tiles do.
///
/// # Errors
/// Mistakes in the instance, with their places.
pub fn travel_tiles(
    instance: &str,
    places: usize,
    within: Option<i64>,
) -> Result<Vec<Tile>, PlainError> {
    let ends: Ends = serde_json::from_str(instance).map_err(|e| syntax(&e))?;
    let measured = Measured {
        ground: Ground::GreatCircle,
        per_metre: 1,
        rounding: Round::Floor,
    };
    let points = |list: &[End], name: &str| -> Result<Vec<(i64, i64)>, PlainError> {
        let own = list.iter().enumerate();
        own.map(|(k, end)| {
            let given = [None, None, end.lon.as_ref(), end.lat.as_ref()];
            measured.point(instance, &format!("/{name}/{k}"), given)
        })
        .collect()
    };
    let (from, to) = (
        points(&ends.demands, "demands")?,
        points(&ends.sites, "sites")?,
    );
    let near = within.map(|metres| near(&measured, &from, &to, metres));
    // Sources in a snake of cells of about two kilometres.
    let mut order: Vec<usize> = (0..from.len()).collect();
    order.sort_by_key(|at| {
        let (lon, lat) = from.get(*at).copied().unwrap_or_default();
        let (column, row) = (lon.div_euclid(20_000_000), lat.div_euclid(20_000_000));
        let column = if row.rem_euclid(2) == 0 {
            column
        } else {
            -column
        };
        (row, column, *at)
    });
    let half = (places / 2).max(1);
    let mut tiles = Vec::new();
    for chunk in order.chunks(half) {
        let mut wanted = vec![near.is_none(); to.len()];
        for at in near
            .iter()
            .flat_map(|n| chunk.iter().filter_map(|s| n.get(*s)))
            .flatten()
        {
            if let Some(slot) = wanted.get_mut(*at as usize) {
                *slot = true;
            }
        }
        let wanted: Vec<usize> = (0..to.len())
            .filter(|at| wanted.get(*at) == Some(&true))
            .collect();
        let stops =
            |list: &[End], at: &[usize]| at.iter().filter_map(|k| list.get(*k)).map(stop).collect();
        for part in wanted.chunks(places.saturating_sub(chunk.len()).max(1)) {
            tiles.push(Tile {
                sources: stops(&ends.demands, chunk),
                destinations: stops(&ends.sites, part),
            });
        }
    }
    Ok(tiles)
}

fn stop(end: &End) -> Stop {
    let text = |n: &Option<Number>| n.as_ref().map(Number::to_string).unwrap_or_default();
    Stop {
        id: end.id.clone(),
        lon: text(&end.lon),
        lat: text(&end.lat),
    }
}

/// Returns for each source the destinations within so many metres.
fn near(measured: &Measured, from: &[(i64, i64)], to: &[(i64, i64)], metres: i64) -> Vec<Vec<u32>> {
    let m = to.len();
    let all = Instance {
        amount: vec![1; from.len()],
        penalty: None,
        metric: Metric::Points(measured.points(from, to)),
        reach: Some(metres),
        fixed: vec![0; m],
        state: vec![State::Candidate; m],
        count: (0, u32::MAX),
        budget: None,
        groups: None,
        apart: Vec::new(),
        capacity: None,
        floors: None,
    };
    match flat(&all) {
        Metric::Sparse { first, site, .. } => first
            .windows(2)
            .map(|ends| {
                let range = ends.first().copied().unwrap_or(0)..ends.last().copied().unwrap_or(0);
                site.get(range).map(<[u32]>::to_vec).unwrap_or_default()
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns the pairs that saved answers give: source, destination, whole seconds; by
/// source and destination in the order in which they are first named. A pair without a
/// way is not there.
///
/// # Errors
/// Mistakes in the answers, with their places.
pub fn travel_rows(answers: &str) -> Result<Vec<(String, String, i64)>, PlainError> {
    let value: Value = serde_json::from_str(answers).map_err(|e| syntax(&e))?;
    let Some(tiles) = value.get("tiles").and_then(Value::as_array) else {
        return Err(mistake(
            None,
            "",
            "没有列表 `tiles`",
            "there is no list `tiles`",
        ));
    };
    let mut ids = Ids {
        demands: Vec::new(),
        sites: Vec::new(),
    };
    for (name, own) in [
        ("sources", &mut ids.demands),
        ("destinations", &mut ids.sites),
    ] {
        let mut seen = std::collections::HashSet::new();
        let named = tiles
            .iter()
            .filter_map(|t| t.get(name)?.as_array())
            .flatten();
        for id in named.filter_map(Value::as_str) {
            if seen.insert(id) {
                own.push(id.to_owned());
            }
        }
    }
    let mut rows = server::read(answers, &ids)?;
    rows.sort_unstable();
    let name = |list: &[String], at: u32| list.get(at as usize).cloned().unwrap_or_default();
    let named = rows
        .iter()
        .map(|(from, to, seconds)| (name(&ids.demands, *from), name(&ids.sites, *to), *seconds));
    Ok(named.collect())
}
