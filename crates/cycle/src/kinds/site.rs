//! The plain instance of a choice of sites.

use std::collections::{BTreeSet, HashMap};

use minsheng_model::{Diagnostic, Siting, Text, TravelMetric, Value as Cell};
use minsheng_plain::Metres;
use minsheng_registers::Register;
use serde_json::{Map, Value, json};

use super::Facts;

/// A register and the rows of it that take part.
struct Side<'a> {
    register: &'a Register,
    rows: Vec<usize>,
}

impl Side<'_> {
    fn value(&self, row: usize, column: &str) -> Option<Cell> {
        let index = self.register.table.column_index(column)?;
        self.register.value(row, index)
    }

    fn text(&self, row: usize, column: &str) -> String {
        self.value(row, column)
            .map_or_else(String::new, |v| v.to_string())
    }

    fn whole(&self, row: usize, column: &str) -> i64 {
        match self.value(row, column) {
            Some(Cell::Integer(n)) => n,
            _ => 0,
        }
    }
}

/// How the instance says how far it is.
enum Ways {
    /// Whole metres of a plane; the two columns that have to be equal, if any.
    Points {
        from: [String; 2],
        to: [String; 2],
        same: Option<(String, String)>,
    },
    /// Every pair that can be used.
    Listed(Vec<Value>),
}

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
        rows: (0..known.names.tickets.len())
            .filter(|row| eligible.contains(row) || exists(*row))
            .collect(),
    };
    let demands = Side {
        register: &known.registers.providers,
        rows: (0..known.names.providers.len()).collect(),
    };
    let ways = ways(known, own, &demands, &sites)?;
    let mut instance = Map::new();
    instance.insert("model".to_owned(), own.model.as_str().into());
    let mut list = Vec::with_capacity(demands.rows.len());
    for row in &demands.rows {
        let mut one = Map::new();
        let name = known.names.providers.get(*row);
        one.insert("id".to_owned(), json!(name));
        let weight = known.group(*row, "site.weight");
        one.insert("weight".to_owned(), json!(weight));
        if let Some(by) = &own.by {
            one.insert("group".to_owned(), demands.text(*row, by).into());
        }
        place(&ways, &demands, *row, true, &mut one);
        list.push(Value::from(one));
    }
    instance.insert("demands".to_owned(), list.into());
    let mut list = Vec::with_capacity(sites.rows.len());
    for row in &sites.rows {
        let mut one = Map::new();
        one.insert("id".to_owned(), known.ticket(*row).into());
        if exists(*row) {
            one.insert("state".to_owned(), "open".into());
        }
        for (key, _) in own.of_site() {
            let value = known.candidate(*row, &format!("site.{key}"));
            one.insert(key.to_owned(), value.into());
        }
        if let Some(groups) = &own.groups {
            one.insert("group".to_owned(), sites.text(*row, &groups.by).into());
        }
        place(&ways, &sites, *row, false, &mut one);
        list.push(Value::from(one));
    }
    instance.insert("sites".to_owned(), list.into());
    if let Ways::Listed(pairs) = ways {
        instance.insert("pairs".to_owned(), pairs.into());
    }
    limits(known, own, &demands, &sites, &mut instance);
    Ok(instance.into())
}

fn place(ways: &Ways, side: &Side<'_>, row: usize, demand: bool, one: &mut Map<String, Value>) {
    let Ways::Points { from, to, same } = ways else {
        return;
    };
    let [x, y] = if demand { from } else { to };
    one.insert("x".to_owned(), side.whole(row, x).into());
    one.insert("y".to_owned(), side.whole(row, y).into());
    if let Some((ours, theirs)) = same {
        let column = if demand { ours } else { theirs };
        one.insert("type".to_owned(), side.text(row, column).into());
    }
}

fn ways(
    known: &Facts<'_>,
    own: &Siting,
    demands: &Side<'_>,
    sites: &Side<'_>,
) -> Result<Ways, Vec<Diagnostic>> {
    let travel = &own.travel;
    if let (TravelMetric::Planar(at), [] | [_], true) = (
        &travel.metric,
        travel.same.as_slice(),
        travel.at_most.is_empty(),
    ) {
        let same = travel.same.first();
        return Ok(Ways::Points {
            from: at.from.clone(),
            to: at.to.clone(),
            same: same.map(|p| (p.from.clone(), p.to.clone())),
        });
    }
    let usable = |from: usize, to: usize| {
        let same = travel.same.iter().all(|p| {
            let (a, b) = (demands.value(from, &p.from), sites.value(to, &p.to));
            a.is_some() && a == b
        });
        let most = travel.at_most.iter().all(|p| {
            matches!(
                (demands.value(from, &p.from), sites.value(to, &p.to)),
                (Some(Cell::Integer(a)), Some(Cell::Integer(b))) if a <= b
            )
        });
        same && most
    };
    let reach = known.parameter("site.travel.reach").unwrap_or(i64::MAX);
    let name = |from: usize, to: usize, far: i64| {
        let from = known.names.providers.get(from);
        json!([from, known.ticket(to), far])
    };
    let mut pairs = Vec::new();
    match &travel.metric {
        TravelMetric::Pairs(columns) => {
            for (from, to, far) in listed(known, columns, demands, sites)? {
                if usable(from, to) && far <= reach {
                    pairs.push(name(from, to, far));
                }
            }
        }
        TravelMetric::Planar(at) | TravelMetric::GreatCircle(at) => {
            let sphere = matches!(travel.metric, TravelMetric::GreatCircle(_));
            let metres = measure(demands, sites, [&at.from, &at.to], sphere)?;
            for (place, from) in demands.rows.iter().enumerate() {
                for (other, to) in sites.rows.iter().enumerate() {
                    let far = metres.between(place, other);
                    let far = far.filter(|far| *far <= reach && usable(*from, *to));
                    pairs.extend(far.map(|far| name(*from, *to, far)));
                }
            }
        }
    }
    Ok(Ways::Listed(pairs))
}

fn measure(
    demands: &Side<'_>,
    sites: &Side<'_>,
    [from, to]: [&[String; 2]; 2],
    sphere: bool,
) -> Result<Metres, Vec<Diagnostic>> {
    let side = |side: &Side<'_>, [x, y]: &[String; 2]| -> Option<Vec<(i64, i64)>> {
        let rows = side.rows.iter();
        rows.map(|row| {
            if sphere {
                let part = |column| degrees(side.value(*row, column)?);
                return part(x).zip(part(y));
            }
            Some((side.whole(*row, x), side.whole(*row, y)))
        })
        .collect()
    };
    let places = side(demands, from).zip(side(sites, to));
    let metres = places.and_then(|(d, s)| {
        if sphere {
            Metres::globe(&d, &s)
        } else {
            Metres::planar(&d, &s)
        }
    });
    metres.ok_or_else(|| {
        vec![Diagnostic::error(
            "cycle/point",
            Text::new(
                "有坐标超出范围,或小数超过九位",
                "a coordinate is out of range, or has more than nine decimals",
            ),
        )]
    })
}

/// Billionths of a degree.
fn degrees(cell: Cell) -> Option<i64> {
    match cell {
        Cell::Integer(n) => n.checked_mul(1_000_000_000),
        Cell::Decimal(d) => i64::try_from(d.rescale(9).ok()?.mantissa()).ok(),
        _ => None,
    }
}

/// Returns the pairs of the register of pairs, of those that take part.
fn listed(
    known: &Facts<'_>,
    columns: &minsheng_model::PairColumns,
    demands: &Side<'_>,
    sites: &Side<'_>,
) -> Result<Vec<(usize, usize, i64)>, Vec<Diagnostic>> {
    let register = &known.registers.choices;
    let pairs = Side {
        register,
        rows: (0..register.rows).collect(),
    };
    let of_demand: HashMap<&str, usize> = demands
        .rows
        .iter()
        .filter_map(|row| Some((known.names.providers.get(*row)?.as_str(), *row)))
        .collect();
    let all = known.names.tickets.iter().enumerate();
    let of_site: HashMap<&str, usize> = all.map(|(row, t)| (t.as_str(), row)).collect();
    let taking: BTreeSet<usize> = sites.rows.iter().copied().collect();
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for row in &pairs.rows {
        let (from, to) = (
            pairs.text(*row, &columns.from),
            pairs.text(*row, &columns.to),
        );
        let far = pairs.whole(*row, &columns.value);
        match (of_demand.get(from.as_str()), of_site.get(to.as_str())) {
            (Some(demand), Some(site)) if far >= 0 => {
                if taking.contains(site) {
                    found.push((*demand, *site, far));
                }
            }
            _ => wrong.push(Diagnostic::error(
                "cycle/unknown-pair",
                Text::new(
                    format!("`{from}` 到 `{to}`:`{far}`:两端之一不在名册中,或路程为负"),
                    format!("`{from}` to `{to}`: `{far}`: one of them is in no register, or the way is negative"),
                ),
            )),
        }
        if wrong.len() == 100 {
            break;
        }
    }
    found.sort_unstable();
    if wrong.is_empty() {
        Ok(found)
    } else {
        Err(wrong)
    }
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
        let rows = sites.rows.iter();
        let names: BTreeSet<String> = rows.map(|r| sites.text(*r, &groups.by)).collect();
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
        let names: BTreeSet<String> = demands.rows.iter().map(|r| demands.text(*r, by)).collect();
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
