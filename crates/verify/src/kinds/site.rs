//! The instance of a choice of sites, as rules and rows give it; and how far it is.

use std::collections::{BTreeMap, BTreeSet};

use minsheng_bundle::Contents;
use minsheng_model::{ApplicantRow, Mechanism, Rules, Siting, Text, TravelMetric, Verdict};
use serde_json::{Map, Value, json};

use super::known::{Known, Numbers};
use super::travel::{self, Published as Row};
use crate::report::offends;
use crate::siting::published::Published;
use crate::siting::{CaseMetric, CaseRounding, Distances};

/// Sites that take part: the eligible and those that exist already.
fn taking<'a>(
    contents: &'a Contents,
    known: &'a Known,
    own: &Siting,
    found: &BTreeMap<&str, &Value>,
) -> Result<Vec<(&'a ApplicantRow, &'a Numbers, bool)>, Text> {
    let mut all = Vec::new();
    for (index, row) in contents.applicants.iter().enumerate() {
        let numbers = known.candidates.get(index);
        let numbers =
            numbers.ok_or_else(|| offends("candidates", "行数有误", "are of another number"))?;
        let exists = own.open.is_some()
            && match numbers.get("site.open") {
                Some(number) => *number == 1,
                // It reads what is not published.
                None => {
                    let site = found.get(row.ticket.as_str());
                    let state = site.and_then(|s| s.get("state")).and_then(Value::as_str);
                    state == Some("open")
                }
            };
        if exists || row.verdict == Verdict::Eligible {
            all.push((row, numbers, exists));
        }
    }
    Ok(all)
}

/// Returns the instance; figures that nobody can compute are taken from `found`.
pub(super) fn expected(
    contents: &Contents,
    known: &Known,
    found: &Value,
    own: &Siting,
) -> Result<Value, Text> {
    let sites = by_id(found, "sites");
    let taking = taking(contents, known, own, &sites)?;
    let rules = &contents.rules;
    // One pair of columns that has to be equal is a type; places then stay points.
    let mut ways = own.travel.clone();
    let planar = matches!(ways.metric, TravelMetric::Planar(_));
    let typed = planar && ways.same.len() == 1 && ways.at_most.is_empty();
    let types = own.travel.same.first().filter(|_| typed);
    if typed {
        ways.same.clear();
    }
    let mut demands = demands(contents, known, own, found)?;
    let mut list = Vec::with_capacity(taking.len());
    for (row, numbers, exists) in &taking {
        let mut one = Map::new();
        one.insert("id".to_owned(), json!(row.ticket));
        if *exists {
            one.insert("state".to_owned(), json!("open"));
        }
        let published = sites.get(row.ticket.as_str());
        for (key, _) in own.of_site() {
            let number = match numbers.get(&format!("site.{key}")) {
                Some(number) => json!(number),
                None => published
                    .and_then(|s| s.get(key))
                    .cloned()
                    .unwrap_or_default(),
            };
            one.insert(key.to_owned(), number);
        }
        if let Some(groups) = &own.groups {
            let group = row.text(rules, &groups.by);
            one.insert("group".to_owned(), json!(group));
        }
        list.push(one);
    }
    if let Some(pair) = types {
        for (one, row) in demands.iter_mut().zip(&contents.providers) {
            one.insert("type".to_owned(), json!(row.text(rules, &pair.from)));
        }
        for (one, (row, _, _)) in list.iter_mut().zip(&taking) {
            one.insert("type".to_owned(), json!(row.text(rules, &pair.to)));
        }
    }
    let people: Vec<&dyn Row> = contents.providers.iter().map(|p| p as &dyn Row).collect();
    let places: Vec<&dyn Row> = taking.iter().map(|(a, _, _)| *a as &dyn Row).collect();
    let reach = known.parameters.get("site.travel.reach").copied();
    let mut all = Map::new();
    let far = travel::expected(contents, known, found, &ways, (&people, &places), reach)?;
    far.put(&mut all, &mut demands, &mut list);
    all.insert("model".to_owned(), json!(own.model.as_str()));
    all.insert("demands".to_owned(), json!(demands));
    all.insert("sites".to_owned(), json!(list));
    let rows: Vec<&ApplicantRow> = taking.iter().map(|(row, _, _)| *row).collect();
    limits(contents, known, own, &rows, &mut all);
    Ok(all.into())
}

fn by_id<'a>(found: &'a Value, list: &str) -> BTreeMap<&'a str, &'a Value> {
    let list = found.get(list).and_then(Value::as_array);
    let named = list.into_iter().flatten();
    named
        .filter_map(|one| Some((one.get("id")?.as_str()?, one)))
        .collect()
}

fn demands(
    contents: &Contents,
    known: &Known,
    own: &Siting,
    found: &Value,
) -> Result<Vec<Map<String, Value>>, Text> {
    let published = found.get("demands").and_then(Value::as_array);
    let mut list = Vec::with_capacity(contents.providers.len());
    for (index, row) in contents.providers.iter().enumerate() {
        let numbers = known.groups.get(index);
        let numbers =
            numbers.ok_or_else(|| offends("demands", "行数有误", "are of another number"))?;
        let weight = match numbers.get("site.weight") {
            Some(weight) => json!(weight),
            None => published
                .and_then(|d| d.get(index)?.get("weight"))
                .cloned()
                .unwrap_or_default(),
        };
        let mut one = Map::new();
        one.insert("id".to_owned(), json!(row.provider));
        one.insert("weight".to_owned(), weight);
        if let Some(by) = &own.by {
            let group = row.text(&contents.rules, by);
            one.insert("group".to_owned(), json!(group));
        }
        list.push(one);
    }
    Ok(list)
}

fn limits(
    contents: &Contents,
    known: &Known,
    own: &Siting,
    sites: &[&ApplicantRow],
    all: &mut Map<String, Value>,
) {
    let fixed = |at: &str| known.parameters.get(at).map(|n| json!(n));
    let mut add = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            all.insert(key.to_owned(), value);
        }
    };
    add("reach", fixed("site.travel.reach"));
    for (key, _) in own.amounts() {
        add(key, fixed(&format!("site.{key}")));
    }
    if let Some(groups) = &own.groups {
        let names: BTreeSet<&str> = sites
            .iter()
            .map(|a| a.text(&contents.rules, &groups.by))
            .collect();
        let list = names.into_iter().map(|id| {
            let mut one = Map::new();
            one.insert("id".to_owned(), json!(id));
            for (key, end) in [("min", "least"), ("max", "most")] {
                if let Some(number) = fixed(&format!("site.groups.{end}")) {
                    one.insert(key.to_owned(), number);
                }
            }
            Value::from(one)
        });
        add("groups", Some(list.collect()));
    }
    if let (Some(_), Some(by)) = (&own.floors, &own.by) {
        let share = fixed("site.floors.per_mille");
        let rows = contents.providers.iter();
        let names: BTreeSet<&str> = rows.map(|p| p.text(&contents.rules, by)).collect();
        let list = names
            .into_iter()
            .map(|id| json!({ "group": id, "per_mille": share }));
        add("floors", Some(list.collect()));
    }
    if !own.years.is_empty() {
        let list = own.years.iter().map(|year| {
            let mut one = Map::new();
            one.insert("id".to_owned(), json!(year.id));
            for (key, _) in year.amounts() {
                let number = fixed(&format!("site.years.{}.{key}", year.id));
                one.insert(key.to_owned(), number.unwrap_or_default());
            }
            Value::from(one)
        });
        add("years", Some(list.collect()));
        add("carry", Some(json!(own.carry)));
    }
    if let Some(effort) = own.effort {
        add("effort", Some(json!(u64::from(effort) * 1_000_000)));
    }
}

/// How far it is from demands to sites, from published facts alone.
#[derive(Debug)]
struct Way {
    metres: Option<Distances>,
    same: Vec<[Vec<String>; 2]>,
    at_most: Vec<[Vec<i64>; 2]>,
}

impl Way {
    fn new(contents: &Contents, own: &Siting) -> Result<Self, Text> {
        let (rules, travel) = (&contents.rules, &own.travel);
        let at_most = travel.at_most.iter().map(|pair| {
            let [ours, theirs] = columns(contents, rules, &pair.from, &pair.to);
            let whole = |list: Vec<String>| -> Vec<i64> {
                let read = |t: String| t.parse().unwrap_or(i64::MAX);
                list.into_iter().map(read).collect()
            };
            [whole(ours), whole(theirs)]
        });
        let metres = match travel.coordinates() {
            None => None,
            Some(at) => {
                let sphere = matches!(travel.metric, TravelMetric::GreatCircle(_));
                let ([fx, fy], [tx, ty]) = (&at.from, &at.to);
                let [from_x, to_x] = columns(contents, rules, fx, tx);
                let [from_y, to_y] = columns(contents, rules, fy, ty);
                Some(Distances::new(&CaseMetric::Points {
                    demand: points(&from_x, &from_y, sphere)?,
                    site: points(&to_x, &to_y, sphere)?,
                    sphere,
                    per_metre: 1,
                    rounding: CaseRounding::Floor,
                }))
            }
        };
        let same = travel.same.iter();
        let same = same.map(|p| columns(contents, rules, &p.from, &p.to));
        Ok(Self {
            metres,
            same: same.collect(),
            at_most: at_most.collect(),
        })
    }

    /// Returns whether the demand may go to the site at all, however far it is.
    fn may(&self, demand: usize, site: usize) -> bool {
        let same = self.same.iter().all(|[ours, theirs]| {
            let pair = ours.get(demand).zip(theirs.get(site));
            pair.is_some_and(|(a, b)| a == b)
        });
        let most = self.at_most.iter().all(|[ours, theirs]| {
            let pair = ours.get(demand).zip(theirs.get(site));
            pair.is_some_and(|(a, b)| a <= b)
        });
        same && most
    }

    fn metres(&self, demand: usize, site: usize) -> Option<i64> {
        self.metres.as_ref()?.cost(demand, site)
    }
}

/// The texts of a column of the demands and of one of all sites.
fn columns(contents: &Contents, rules: &Rules, from: &str, to: &str) -> [Vec<String>; 2] {
    let ours = contents.providers.iter().map(|p| p.text(rules, from));
    let theirs = contents.applicants.iter().map(|a| a.text(rules, to));
    [
        ours.map(str::to_owned).collect(),
        theirs.map(str::to_owned).collect(),
    ]
}

/// Millimetres of a plane, or billionths of a degree.
fn points(xs: &[String], ys: &[String], sphere: bool) -> Result<Vec<(i64, i64)>, Text> {
    let scale = if sphere { 1 } else { 1000 };
    let read = |text: &String| {
        let number = travel::number(text, sphere).map(|n| n * scale);
        number.ok_or_else(|| offends(text, "坐标有误", "is no coordinate"))
    };
    let both = xs.iter().zip(ys);
    both.map(|(x, y)| Ok((read(x)?, read(y)?))).collect()
}

/// A bundle's choice of sites, with the way to each of them, for whoever asks about one.
#[derive(Debug)]
pub struct Sites {
    /// Instance and outcome.
    pub published: Published,
    way: Way,
    /// Of a register of pairs, for each demand (row of a site, how far).
    listed: Option<Vec<Vec<(usize, i64)>>>,
    /// For each row its place in the instance; nothing where it takes no part.
    site: Vec<Option<usize>>,
}

impl Sites {
    /// Reads a bundle that decides where to open.
    ///
    /// # Errors
    /// A bundle of another kind, or files that are not as they are written.
    pub fn read(contents: &Contents) -> Result<Self, Text> {
        let (Mechanism::Site(own), Some(decided)) = (&contents.rules.mechanism, &contents.decided)
        else {
            return Err(offends("mechanism", "不是选点", "chooses no sites"));
        };
        let published = Published::read(&decided.instance, &decided.outcome)?;
        let read = &published.read;
        let rows: Vec<&ApplicantRow> = contents.applicants.iter().collect();
        let ids = read.sites.iter().enumerate();
        let ids: BTreeMap<&str, usize> = ids.map(|(i, id)| (id.as_str(), i)).collect();
        let site: Vec<Option<usize>> = rows
            .iter()
            .map(|a| ids.get(a.ticket.as_str()).copied())
            .collect();
        let way = Way::new(contents, own)?;
        let listed = match (&way.metres, &read.case.metric) {
            (None, CaseMetric::Sparse(lists)) => {
                let mut row_of = vec![0; read.sites.len()];
                for (row, site) in site.iter().enumerate() {
                    if let Some(slot) = site.and_then(|s| row_of.get_mut(s)) {
                        *slot = row;
                    }
                }
                let own = |list: &Vec<(u32, i64)>| {
                    let pairs = list.iter();
                    pairs
                        .filter_map(|(s, far)| Some((*row_of.get(*s as usize)?, *far)))
                        .collect()
                };
                Some(lists.iter().map(own).collect())
            }
            _ => None,
        };
        Ok(Self {
            published,
            way,
            listed,
            site,
        })
    }

    /// Returns a row's place among the sites of the instance; nothing where it takes no
    /// part.
    #[must_use]
    pub fn site(&self, row: usize) -> Option<usize> {
        self.site.get(row).copied().flatten()
    }

    /// Returns the rows of the sites that a demand could use with how far they are, the
    /// nearest first: those beyond reach and those that take no part as well, except
    /// where a register of pairs says how far.
    #[must_use]
    pub fn nearest(&self, demand: usize) -> Vec<(i64, usize)> {
        let mut found: Vec<(i64, usize)> = match &self.listed {
            Some(lists) => {
                let own = lists.get(demand).into_iter().flatten();
                own.map(|(row, far)| (*far, *row)).collect()
            }
            None => (0..self.site.len())
                .filter(|row| self.way.may(demand, *row))
                .filter_map(|row| Some((self.way.metres(demand, row)?, row)))
                .collect(),
        };
        found.sort_unstable();
        found
    }
}
