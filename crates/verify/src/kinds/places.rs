//! The instances of who goes where and of who reaches how much, as rules and rows give
//! them.

use minsheng_bundle::Contents;
use minsheng_model::{AccessRules, Assignment, Catchment, Figure, Text};
use serde_json::{Map, Value, json};

use super::expected::Candidate;
use super::known::Known;
use super::travel::{Published, expected};
use crate::report::offends;

type Rows = Vec<Map<String, Value>>;

/// Returns rows of places with their figures; what reads unpublished facts is taken from
/// what was found.
fn places(
    contents: &Contents,
    known: &Known,
    found: Option<&Value>,
    kind: &str,
    figures: &[(&'static str, &Figure)],
) -> Result<Rows, Text> {
    let all = contents.providers.iter().enumerate();
    all.map(|(row, place)| {
        let numbers = known.groups.get(row);
        let numbers =
            numbers.ok_or_else(|| offends("providers", "行数有误", "are of another number"))?;
        let mut one = Map::new();
        one.insert("id".to_owned(), json!(place.provider));
        for (key, _) in figures {
            let number = match numbers.get(&format!("{kind}.{key}")) {
                Some(number) => json!(number),
                None => found
                    .and_then(|list| list.get(row)?.get(key))
                    .cloned()
                    .unwrap_or_default(),
            };
            one.insert((*key).to_owned(), number);
        }
        Ok(one)
    })
    .collect()
}

fn demands(candidates: &[Candidate<'_>], kind: &str, key: &str) -> Rows {
    let all = candidates.iter().map(|c| {
        let mut one = Map::new();
        one.insert("id".to_owned(), json!(c.row.ticket));
        one.insert(key.to_owned(), c.number(&format!("{kind}.{key}"), key));
        one
    });
    all.collect()
}

fn finish(mut all: Map<String, Value>, demands: Rows, places: Rows, word: &str) -> Value {
    let listed = |rows: Rows| rows.into_iter().map(Value::from).collect::<Value>();
    all.insert("demands".to_owned(), listed(demands));
    all.insert(word.to_owned(), listed(places));
    all.into()
}

fn sides<'a>(
    contents: &'a Contents,
    candidates: &[Candidate<'a>],
) -> (Vec<&'a dyn Published>, Vec<&'a dyn Published>) {
    let people = candidates.iter().map(|c| c.row as &dyn Published);
    let places = contents.providers.iter().map(|p| p as &dyn Published);
    (people.collect(), places.collect())
}

/// Returns the instance of an assignment.
pub(super) fn assignment(
    contents: &Contents,
    known: &Known,
    found: &Value,
    own: &Assignment,
    candidates: &[Candidate<'_>],
) -> Result<Value, Text> {
    let mut demands = demands(candidates, "assign", "amount");
    let list = found.get("providers");
    let mut places = places(contents, known, list, "assign", &own.of_provider())?;
    let reach = known.parameters.get("assign.travel.reach").copied();
    let (people, sites) = sides(contents, candidates);
    let ways = expected(
        contents,
        known,
        found,
        &own.travel,
        (&people, &sites),
        reach,
    )?;
    let mut all = Map::new();
    all.insert("whole".to_owned(), json!(own.whole));
    all.insert("overload".to_owned(), json!(own.overload.as_str()));
    if let (super::travel::Expected::Points(..), Some(reach)) = (&ways, reach) {
        all.insert("reach".to_owned(), json!(reach));
    }
    ways.put(&mut all, &mut demands, &mut places);
    Ok(finish(all, demands, places, "providers"))
}

/// Returns the instance of access.
pub(super) fn access(
    contents: &Contents,
    known: &Known,
    found: &Value,
    own: &AccessRules,
    candidates: &[Candidate<'_>],
) -> Result<Value, Text> {
    let mut demands = demands(candidates, "access", "people");
    if let Some(group) = &own.group {
        for (one, candidate) in demands.iter_mut().zip(candidates) {
            let text = Published::text(candidate.row, &contents.rules, group);
            one.insert("group".to_owned(), json!(text));
        }
    }
    let list = found.get("suppliers");
    let mut places = places(contents, known, list, "access", &own.of_supplier())?;
    let of = |at: &str| {
        let number = known.parameters.get(at).copied();
        number.ok_or_else(|| offends(at, "不可计算", "cannot be computed"))
    };
    let mut all = Map::new();
    all.insert("method".to_owned(), json!(own.method.as_str()));
    let most = match &own.catchment {
        Catchment::Reach(_) => of("access.reach")?,
        Catchment::Gaussian { rings, .. } => {
            all.insert("gaussian_rings".to_owned(), json!(rings));
            of("access.reach")?
        }
        Catchment::Zones(zones) => {
            let mut most = 0;
            let mut list = Vec::new();
            for index in 0..zones.len() {
                let distance = of(&format!("access.zones.{index}.distance"))?;
                let weight = of(&format!("access.zones.{index}.weight"))?;
                most = most.max(distance);
                list.push(json!({ "distance": distance, "weight": weight }));
            }
            all.insert("zones".to_owned(), list.into());
            most
        }
    };
    if !matches!(own.catchment, Catchment::Zones(_)) {
        all.insert("reach".to_owned(), json!(most));
    }
    if let Some(floor) = &own.floor {
        let supply = of("access.floor")?;
        all.insert(
            "floor".to_owned(),
            json!({ "supply": supply, "people": floor.people }),
        );
    }
    let (people, sites) = sides(contents, candidates);
    let ways = expected(
        contents,
        known,
        found,
        &own.travel,
        (&people, &sites),
        Some(most),
    )?;
    ways.put(&mut all, &mut demands, &mut places);
    Ok(finish(all, demands, places, "suppliers"))
}
