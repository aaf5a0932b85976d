//! The instance of a choice of sites, as rules and rows give it; and how far it is.

use std::collections::{BTreeMap, BTreeSet};

use minsheng_bundle::Contents;
use minsheng_model::{
    ApplicantRow, Decimal, Mechanism, ProviderRow, Siting, Text, TravelMetric, Verdict,
};
use serde_json::{Map, Value, json};

use super::known::{Known, Numbers};
use super::limits::text;
use crate::report::offends;
use crate::siting::published::Published;
use crate::siting::{CaseMetric, CaseRounding, Distances};

/// Returns a published text of a demand; its key is one too.
fn of_demand<'a>(contents: &Contents, row: &'a ProviderRow, column: &str) -> Option<&'a str> {
    let table = &contents.rules.providers;
    if table.key.first().map(String::as_str) == Some(column) {
        return Some(&row.provider);
    }
    let mut shown = table
        .columns
        .iter()
        .filter(|c| c.publish && !table.key.contains(&c.name));
    let place = shown.position(|c| c.name == column)?;
    row.facts.get(place)?.as_deref()
}

fn of_site<'a>(contents: &Contents, row: &'a ApplicantRow, column: &str) -> &'a str {
    if contents.rules.ticket == column {
        return &row.ticket;
    }
    text(contents, row, column)
}

/// How far it is from demands to sites, from published facts alone.
#[derive(Debug)]
struct Way {
    metres: Option<Distances>,
    same: Vec<[Vec<String>; 2]>,
    at_most: Vec<[Vec<i64>; 2]>,
}

impl Way {
    fn new(contents: &Contents, own: &Siting, sites: &[&ApplicantRow]) -> Result<Self, Text> {
        let travel = &own.travel;
        let demand = |row: &ProviderRow, column: &str| {
            let text = of_demand(contents, row, column);
            text.unwrap_or_default().to_owned()
        };
        let columns = |from: &str, to: &str| -> [Vec<String>; 2] {
            let ours = contents.providers.iter().map(|p| demand(p, from));
            let theirs = sites.iter().map(|a| of_site(contents, a, to).to_owned());
            [ours.collect(), theirs.collect()]
        };
        let whole = |list: Vec<String>| -> Result<Vec<i64>, Text> {
            let read = |t: String| {
                let n = t.parse::<i64>().ok();
                n.ok_or_else(|| offends(&t, "应为整数", "has to be a whole number"))
            };
            list.into_iter().map(read).collect()
        };
        let mut at_most = Vec::new();
        for pair in &travel.at_most {
            let [ours, theirs] = columns(&pair.from, &pair.to);
            at_most.push([whole(ours)?, whole(theirs)?]);
        }
        let metres = match &travel.metric {
            TravelMetric::Pairs(_) => None,
            TravelMetric::Planar(at) | TravelMetric::GreatCircle(at) => {
                let sphere = matches!(travel.metric, TravelMetric::GreatCircle(_));
                let ([fx, fy], [tx, ty]) = (&at.from, &at.to);
                let [from_x, to_x] = columns(fx, tx);
                let [from_y, to_y] = columns(fy, ty);
                Some(Distances::new(&CaseMetric::Points {
                    demand: points(&from_x, &from_y, sphere)?,
                    site: points(&to_x, &to_y, sphere)?,
                    sphere,
                    per_metre: 1,
                    rounding: CaseRounding::Floor,
                }))
            }
        };
        let same = travel.same.iter().map(|p| columns(&p.from, &p.to));
        Ok(Self {
            metres,
            same: same.collect(),
            at_most,
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

/// Millimetres of a plane, or billionths of a degree.
fn points(xs: &[String], ys: &[String], sphere: bool) -> Result<Vec<(i64, i64)>, Text> {
    let read = |text: &String| -> Result<i64, Text> {
        let own = if sphere {
            let decimal = text.parse::<Decimal>().ok();
            let nine = decimal.and_then(|d| d.rescale(9).ok());
            nine.and_then(|d| i64::try_from(d.mantissa()).ok())
                .filter(|n| n.abs() <= 360_000_000_000)
        } else {
            let metres = text.parse::<i64>().ok();
            metres
                .filter(|n| n.unsigned_abs() <= 1_000_000_000)
                .map(|n| n * 1000)
        };
        own.ok_or_else(|| offends(text, "坐标有误", "is no coordinate"))
    };
    let both = xs.iter().zip(ys);
    both.map(|(x, y)| Ok((read(x)?, read(y)?))).collect()
}

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
    let rows: Vec<&ApplicantRow> = taking.iter().map(|(row, _, _)| *row).collect();
    let way = Way::new(contents, own, &rows)?;
    let plain = way.metres.is_some()
        && matches!(own.travel.metric, TravelMetric::Planar(_))
        && own.travel.same.len() < 2
        && own.travel.at_most.is_empty();
    let mut all = Map::new();
    all.insert("model".to_owned(), json!(own.model.as_str()));
    let demands = demands(contents, known, own, found, plain)?;
    all.insert("demands".to_owned(), demands.into());
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
            let group = of_site(contents, row, &groups.by);
            one.insert("group".to_owned(), json!(group));
        }
        if let (Some(at), true) = (own.travel.coordinates(), plain) {
            for (key, column) in ["x", "y"].iter().zip(&at.to) {
                let text = of_site(contents, row, column);
                one.insert((*key).to_owned(), json!(text.parse::<i64>().ok()));
            }
            if let Some(pair) = own.travel.same.first() {
                let kind = of_site(contents, row, &pair.to);
                one.insert("type".to_owned(), json!(kind));
            }
        }
        list.push(Value::from(one));
    }
    all.insert("sites".to_owned(), list.into());
    if !plain {
        let pairs = pairs(contents, known, found, &way, &rows)?;
        all.insert("pairs".to_owned(), pairs.into());
    }
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
    plain: bool,
) -> Result<Vec<Value>, Text> {
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
            let group = of_demand(contents, row, by).unwrap_or_default();
            one.insert("group".to_owned(), json!(group));
        }
        if let (Some(at), true) = (own.travel.coordinates(), plain) {
            for (key, column) in ["x", "y"].iter().zip(&at.from) {
                let text = of_demand(contents, row, column).unwrap_or_default();
                one.insert((*key).to_owned(), json!(text.parse::<i64>().ok()));
            }
            if let Some(pair) = own.travel.same.first() {
                let kind = of_demand(contents, row, &pair.from).unwrap_or_default();
                one.insert("type".to_owned(), json!(kind));
            }
        }
        list.push(Value::from(one));
    }
    Ok(list)
}

/// The pairs that can be used: measured again, or, of a register of pairs, those
/// published as far as they can be right.
fn pairs(
    contents: &Contents,
    known: &Known,
    found: &Value,
    way: &Way,
    sites: &[&ApplicantRow],
) -> Result<Vec<Value>, Text> {
    let reach = known.parameters.get("site.travel.reach");
    let reach = reach.copied().unwrap_or(i64::MAX);
    let demand = |index: usize| contents.providers.get(index).map(|p| &p.provider);
    let site = |index: usize| sites.get(index).map(|a| &a.ticket);
    let mut list = Vec::new();
    if way.metres.is_some() {
        for from in 0..contents.providers.len() {
            for to in 0..sites.len() {
                let far = way.metres(from, to).filter(|far| *far <= reach);
                if let Some(far) = far.filter(|_| way.may(from, to)) {
                    list.push(json!([demand(from), site(to), far]));
                }
            }
        }
        return Ok(list);
    }
    let from_ids = contents.providers.iter().enumerate();
    let from_ids: BTreeMap<&str, usize> = from_ids.map(|(i, p)| (p.provider.as_str(), i)).collect();
    let to_ids = sites.iter().enumerate();
    let to_ids: BTreeMap<&str, usize> = to_ids.map(|(i, a)| (a.ticket.as_str(), i)).collect();
    let mut kept: BTreeSet<(usize, usize, i64)> = BTreeSet::new();
    let mut keep = |from: &str, to: &str, far: i64| {
        let ends = from_ids.get(from).zip(to_ids.get(to));
        if let Some((from, to)) = ends
            && (0..=reach).contains(&far)
            && way.may(*from, *to)
        {
            kept.insert((*from, *to, far));
        }
    };
    match &known.pairs {
        Some(all) => all.iter().for_each(|(from, to, far)| keep(from, to, *far)),
        None => {
            let published = found.get("pairs").and_then(Value::as_array);
            for pair in published.into_iter().flatten() {
                let end = |k: usize| pair.get(k).and_then(Value::as_str);
                let far = pair.get(2).and_then(Value::as_i64);
                if let (Some(from), Some(to), Some(far)) = (end(0), end(1), far) {
                    keep(from, to, far);
                }
            }
        }
    }
    let all = kept.into_iter();
    list.extend(all.map(|(from, to, far)| json!([demand(from), site(to), far])));
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
            .map(|a| of_site(contents, a, &groups.by))
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
        let names: BTreeSet<&str> = rows
            .map(|p| of_demand(contents, p, by).unwrap_or_default())
            .collect();
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
        let way = Way::new(contents, own, &rows)?;
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
