//! The plain instance of a choice of sites.

use std::collections::BTreeSet;

use minsheng_model::{Diagnostic, Siting, TravelMetric};
use serde_json::{Map, Value, json};

use super::Facts;
use super::travel::{self, Side, Ways};

/// Returns the instance: the eligible sites and those that exist already, and every
/// demand.
///
/// # Errors
/// A pair that names nobody; a point that is none.
pub(super) fn instance(known: &Facts<'_>, own: &Siting) -> Result<Value, Vec<Diagnostic>> {
    let eligible: BTreeSet<usize> = known.eligible.iter().copied().collect();
    let exists = |row: usize| own.open.is_some() && known.candidate(row, "site.open") == 1;
    let sites = Side {
        register: &known.registers.applicants,
        names: &known.names.tickets,
        rows: (0..known.names.tickets.len())
            .filter(|row| eligible.contains(row) || exists(*row))
            .collect(),
    };
    let demands = Side {
        register: &known.registers.providers,
        names: &known.names.providers,
        rows: (0..known.names.providers.len()).collect(),
    };
    let (types, ways) = ways(known, own, &demands, &sites)?;
    let mut instance = Map::new();
    instance.insert("model".to_owned(), own.model.as_str().into());
    let mut people = Vec::with_capacity(demands.rows.len());
    for (place, row) in demands.rows.iter().enumerate() {
        let mut one = Map::new();
        one.insert("id".to_owned(), demands.name(place).into());
        let weight = known.group(*row, "site.weight");
        one.insert("weight".to_owned(), json!(weight));
        if let Some(by) = &own.by {
            one.insert("group".to_owned(), text(&demands, place, by).into());
        }
        if let Some((ours, _)) = types {
            one.insert("type".to_owned(), text(&demands, place, ours).into());
        }
        people.push(one);
    }
    let mut list = Vec::with_capacity(sites.rows.len());
    for (place, row) in sites.rows.iter().enumerate() {
        let mut one = Map::new();
        one.insert("id".to_owned(), sites.name(place).into());
        if exists(*row) {
            one.insert("state".to_owned(), "open".into());
        }
        for (key, _) in own.of_site() {
            let value = known.candidate(*row, &format!("site.{key}"));
            one.insert(key.to_owned(), value.into());
        }
        if let Some(groups) = &own.groups {
            one.insert("group".to_owned(), text(&sites, place, &groups.by).into());
        }
        if let Some((_, theirs)) = types {
            one.insert("type".to_owned(), text(&sites, place, theirs).into());
        }
        list.push(one);
    }
    match ways {
        Ways::Points(from, to) => {
            let both = people.iter_mut().zip(from).chain(list.iter_mut().zip(to));
            for (one, (x, y)) in both {
                one.insert("x".to_owned(), x.into());
                one.insert("y".to_owned(), y.into());
            }
        }
        Ways::Pairs(pairs) => {
            let pairs = pairs
                .into_iter()
                .map(|(from, to, far)| json!([demands.name(from), sites.name(to), far]));
            instance.insert("pairs".to_owned(), pairs.collect());
        }
    }
    instance.insert("demands".to_owned(), people.into());
    instance.insert("sites".to_owned(), list.into());
    limits(known, own, &demands, &sites, &mut instance);
    Ok(instance.into())
}

fn text(side: &Side<'_>, place: usize, column: &str) -> String {
    side.value(place, column)
        .map_or_else(String::new, |v| v.to_string())
}

/// The two columns of a type of facility.
type Types<'a> = Option<(&'a str, &'a str)>;

/// How far it is. One pair of columns that has to be equal is a type of facility: places
/// then stay points, so that a city's worth of them fits.
fn ways<'a>(
    known: &Facts<'_>,
    own: &'a Siting,
    demands: &Side<'_>,
    sites: &Side<'_>,
) -> Result<(Types<'a>, Ways), Vec<Diagnostic>> {
    let travel = &own.travel;
    if let (TravelMetric::Planar(at), [pair], []) = (
        &travel.metric,
        travel.same.as_slice(),
        travel.at_most.as_slice(),
    ) {
        let points = Ways::Points(
            demands.points(&at.from, false)?,
            sites.points(&at.to, false)?,
        );
        return Ok((Some((&pair.from, &pair.to)), points));
    }
    let reach = known.parameter("site.travel.reach");
    Ok((None, travel::ways(known, travel, demands, sites, reach)?))
}

fn limits(
    known: &Facts<'_>,
    own: &Siting,
    demands: &Side<'_>,
    sites: &Side<'_>,
    into: &mut Map<String, Value>,
) {
    let mut add = |key: &str, value: Value| into.insert(key.to_owned(), value);
    if let Some(reach) = known.parameter("site.travel.reach") {
        add("reach", reach.into());
    }
    for (key, _) in own.amounts() {
        let value = known.parameter(&format!("site.{key}"));
        add(key, json!(value));
    }
    if let Some(groups) = &own.groups {
        let names: BTreeSet<String> = (0..sites.rows.len())
            .map(|place| text(sites, place, &groups.by))
            .collect();
        let list = names.into_iter().map(|id| {
            let mut one = Map::from_iter([("id".to_owned(), json!(id))]);
            for (end, key) in [("least", "min"), ("most", "max")] {
                if let Some(value) = known.parameter(&format!("site.groups.{end}")) {
                    one.insert(key.to_owned(), value.into());
                }
            }
            Value::from(one)
        });
        add("groups", list.collect());
    }
    if let (Some(_), Some(by)) = (&own.floors, &own.by) {
        let share = known.parameter("site.floors.per_mille");
        let names: BTreeSet<String> = (0..demands.rows.len())
            .map(|place| text(demands, place, by))
            .collect();
        let list = names
            .into_iter()
            .map(|id| json!({ "group": id, "per_mille": share }));
        add("floors", list.collect());
    }
    if !own.years.is_empty() {
        let list = own.years.iter().map(|year| {
            let mut one = Map::from_iter([("id".to_owned(), json!(year.id))]);
            for (key, _) in year.amounts() {
                let value = known.parameter(&format!("site.years.{}.{key}", year.id));
                one.insert(key.to_owned(), json!(value));
            }
            Value::from(one)
        });
        add("years", list.collect());
        add("carry", own.carry.into());
    }
    if let Some(effort) = own.effort {
        add("effort", (u64::from(effort) * 1_000_000).into());
    }
}
