//! How far it is from people to places, as rules and rows give it.

use std::collections::BTreeMap;

use minsheng_bundle::Contents;
use minsheng_model::{
    ApplicantRow, ColumnPair, ProviderRow, Rules, Text, Travel, TravelMetric, Value as Cell,
};
use serde_json::{Map, Value, json};

use super::known::Known;
use crate::register::RegisterRows;
use crate::report::offends;
use crate::siting::{CaseMetric, CaseRounding, Distances};

/// A row of either side, with its published facts.
pub(super) trait Published {
    fn name(&self) -> &str;
    /// A published text, empty when it is missing.
    fn text<'a>(&'a self, rules: &Rules, column: &str) -> &'a str;
}

impl Published for ApplicantRow {
    fn name(&self) -> &str {
        &self.ticket
    }

    fn text<'a>(&'a self, rules: &Rules, column: &str) -> &'a str {
        if column == rules.ticket {
            return &self.ticket;
        }
        let place = rules.group_columns().iter().position(|c| *c == column);
        let text = place.and_then(|p| self.groups.get(p));
        text.and_then(|t| t.as_deref()).unwrap_or("")
    }
}

impl Published for ProviderRow {
    fn name(&self) -> &str {
        &self.provider
    }

    fn text<'a>(&'a self, rules: &Rules, column: &str) -> &'a str {
        let table = &rules.providers;
        if table.key.iter().any(|k| k == column) {
            return &self.provider;
        }
        let shown = table.columns.iter();
        let mut shown = shown.filter(|c| c.publish && !table.key.contains(&c.name));
        let place = shown.position(|c| c.name == column);
        let text = place.and_then(|p| self.facts.get(p));
        text.and_then(|t| t.as_deref()).unwrap_or("")
    }
}

/// Returns the rows of the register of pairs; none where the rules have none.
pub(super) fn register(
    rules: &Rules,
    rows: &dyn RegisterRows,
) -> Option<Vec<(String, String, i64)>> {
    let travel = match &rules.mechanism {
        minsheng_model::Mechanism::Assign(own) => &own.travel,
        minsheng_model::Mechanism::Access(own) => &own.travel,
        minsheng_model::Mechanism::Site(own) => &own.travel,
        _ => return None,
    };
    let columns = travel.pairs()?;
    let at = |name: &str| rules.choices.column_index(name);
    let (from, to) = (at(&columns.from)?, at(&columns.to)?);
    let value = at(&columns.value)?;
    let one = |row: usize| {
        let text = |c: usize| rows.value(row, c).map(|v| v.to_string());
        match rows.value(row, value)? {
            Cell::Integer(far) => Some((text(from)?, text(to)?, far)),
            _ => None,
        }
    };
    (0..rows.len()).map(one).collect()
}

/// What a side adds to the rows of an instance: coordinates, or nothing.
pub(super) enum Expected {
    Points(Vec<(i64, i64)>, Vec<(i64, i64)>),
    Pairs(Value),
}

impl Expected {
    /// Adds them to rows and instance.
    pub fn put(
        self,
        all: &mut Map<String, Value>,
        demands: &mut [Map<String, Value>],
        places: &mut [Map<String, Value>],
    ) {
        match self {
            Self::Pairs(pairs) => {
                all.insert("pairs".to_owned(), pairs);
            }
            Self::Points(from, to) => {
                for (row, (x, y)) in demands
                    .iter_mut()
                    .zip(from)
                    .chain(places.iter_mut().zip(to))
                {
                    row.insert("x".to_owned(), json!(x));
                    row.insert("y".to_owned(), json!(y));
                }
            }
        }
    }
}

/// Returns how far it is between rows that take part; `most` is how far pairs matter.
/// Pairs whose register is not at hand are taken from `found`, and held against
/// everything else that the rules say of them.
pub(super) fn expected(
    contents: &Contents,
    known: &Known,
    found: &Value,
    own: &Travel,
    (people, places): (&[&dyn Published], &[&dyn Published]),
    most: Option<i64>,
) -> Result<Expected, Text> {
    let rules = &contents.rules;
    let near = |far: i64| most.is_none_or(|m| far <= m);
    let fits = |from: usize, to: usize| {
        let (from, to) = (people.get(from), places.get(to));
        from.zip(to)
            .is_some_and(|(from, to)| usable(rules, own, *from, *to))
    };
    let shown = |from: usize, to: usize, far: i64| {
        let name = |list: &[&dyn Published], at: usize| list.get(at).map(|r| r.name().to_owned());
        json!([name(people, from), name(places, to), far])
    };
    let coordinates = match &own.metric {
        TravelMetric::Pairs(_) => {
            let list = listed(known, found)?;
            let mut pairs = BTreeMap::new();
            let index = |list: &[&dyn Published]| -> BTreeMap<String, usize> {
                let all = list.iter().enumerate();
                all.map(|(i, r)| (r.name().to_owned(), i)).collect()
            };
            let (of_people, of_places) = (index(people), index(places));
            for (from, to, far) in list {
                let (Some(from), Some(to)) = (of_people.get(&from), of_places.get(&to)) else {
                    continue;
                };
                if near(far) && far >= 0 && fits(*from, *to) {
                    pairs.insert((*from, *to), far);
                }
            }
            let all = pairs
                .iter()
                .map(|((from, to), far)| shown(*from, *to, *far));
            return Ok(Expected::Pairs(all.collect()));
        }
        TravelMetric::Planar(at) | TravelMetric::GreatCircle(at) => at,
    };
    let sphere = matches!(own.metric, TravelMetric::GreatCircle(_));
    let points = |list: &[&dyn Published], columns: &[String; 2]| {
        let all = list.iter().map(|row| {
            let [a, b] = columns;
            let number = |column: &str| number(row.text(rules, column), sphere);
            let wrong = || offends(row.name(), "坐标有误", "has a point that is none");
            number(a).zip(number(b)).ok_or_else(wrong)
        });
        all.collect::<Result<Vec<(i64, i64)>, Text>>()
    };
    let from = points(people, &coordinates.from)?;
    let to = points(places, &coordinates.to)?;
    if !sphere && own.same.is_empty() && own.at_most.is_empty() {
        return Ok(Expected::Points(from, to));
    }
    let scale = |list: &[(i64, i64)]| -> Vec<(i64, i64)> {
        // Millimetres of a plane; degrees are in billionths already.
        let by = if sphere { 1 } else { 1000 };
        list.iter().map(|(a, b)| (a * by, b * by)).collect()
    };
    let distances = Distances::new(&CaseMetric::Points {
        demand: scale(&from),
        site: scale(&to),
        sphere,
        per_metre: 1,
        rounding: CaseRounding::Floor,
    });
    let mut pairs = Vec::new();
    for demand in 0..from.len() {
        for place in 0..to.len() {
            let far = distances.cost(demand, place);
            if let Some(far) = far.filter(|f| near(*f))
                && fits(demand, place)
            {
                pairs.push(shown(demand, place, far));
            }
        }
    }
    Ok(Expected::Pairs(pairs.into()))
}

/// Whole metres, or billionths of a degree.
pub(super) fn number(text: &str, sphere: bool) -> Option<i64> {
    let places = if sphere { 9 } else { 0 };
    let found = crate::selection::scaled(text, places)?;
    let most = if sphere {
        180_000_000_000
    } else {
        1_000_000_000
    };
    i64::try_from(found).ok().filter(|n| n.abs() <= most)
}

/// Returns whether columns that have to be equal are, and numbers are high enough.
fn usable(rules: &Rules, own: &Travel, from: &dyn Published, to: &dyn Published) -> bool {
    let both = |pair: &ColumnPair| (from.text(rules, &pair.from), to.text(rules, &pair.to));
    let level = |text: &str| text.parse::<i64>().ok();
    own.same.iter().all(|p| {
        let (a, b) = both(p);
        a == b && !a.is_empty()
    }) && own.at_most.iter().all(|p| {
        let (a, b) = both(p);
        level(a).zip(level(b)).is_some_and(|(a, b)| a <= b)
    })
}

/// Returns the pairs of the register, or those of the instance.
fn listed(known: &Known, found: &Value) -> Result<Vec<(String, String, i64)>, Text> {
    if let Some(pairs) = &known.pairs {
        return Ok(pairs.clone());
    }
    let list = found.get("pairs").and_then(Value::as_array);
    let one = |pair: &Value| {
        let text = |at: usize| Some(pair.get(at)?.as_str()?.to_owned());
        Some((text(0)?, text(1)?, pair.get(2)?.as_i64()?))
    };
    let all = list.and_then(|l| l.iter().map(one).collect());
    all.ok_or_else(|| offends("instance.json/pairs", "有误", "are not right"))
}
