//! From a published outcome to the checker's claim, and what follows from its plan.

use std::collections::{BTreeMap, HashMap};

use minsheng_model::Text;
use serde_json::{Map, Value, json};

use super::instance::Read;
use super::written::{self, Outcome, Search, Staged, whole};
use super::{Derived, Published};
use crate::report::{Found, offends};
use crate::siting::{
    GroupFigures, PlanOfSites, SearchNode, SearchPrices, SearchTree, SitingClaim, StagedClaim,
    StagedPrices, gaps, group_figures,
};

/// What is claimed.
#[derive(Debug)]
pub(super) enum Claim {
    /// Sites that are opened at once.
    Once(SitingClaim),
    /// Sites that are opened year by year.
    Years(StagedClaim),
}

/// Sites by name.
type Index<'a> = HashMap<&'a str, usize>;

fn missing(name: &str) -> Text {
    offends(name, "缺少或有误", "is missing or not right")
}

/// Reads an outcome of an instance.
pub(super) fn published(read: Read, own: Outcome) -> Result<Published, Text> {
    if own.mechanism != "site" || own.model != read.model {
        return Err(offends(
            "model",
            "与实例不符",
            "is not that of the instance",
        ));
    }
    let names = read.sites.iter().enumerate();
    let index: Index<'_> = names.map(|(i, id)| (id.as_str(), i)).collect();
    let turn = |n: i128| read.turn(n);
    let objective = whole("objective", own.objective.as_ref())?.map(turn);
    let bound = whole("bound", own.bound.as_ref())?.map(turn);
    let gap = whole("gap", own.gap.as_ref())?;
    if objective.zip(bound).map(|(o, b)| o - b) != gap {
        return Err(offends(
            "gap",
            "不是目标值与界之差",
            "is not the difference of objective and bound",
        ));
    }
    let (claim, open) = if read.staged.is_some() {
        let claim = of_years(&read, &own, &index, objective, bound)?;
        let opened = claim.opened.iter().flatten();
        let mut open: Vec<bool> = opened.map(Option::is_some).collect();
        open.resize(read.sites.len(), false);
        (Claim::Years(claim), open)
    } else {
        let claim = once(&read, &own, &index, objective, bound)?;
        let mut open = vec![false; read.sites.len()];
        for site in claim.plan.iter().flat_map(|p| &p.open) {
            if let Some(flag) = open.get_mut(*site) {
                *flag = true;
            }
        }
        (Claim::Once(claim), open)
    };
    let said = Derived {
        groups: own.groups,
        worst: own.worst_served,
        gaps: own.gaps,
        open: own.open.map(|list| json!(list)),
        years: own.years.map(Value::from),
    };
    Ok(Published {
        read,
        claim,
        open,
        said,
    })
}

fn once(
    read: &Read,
    own: &Outcome,
    index: &Index<'_>,
    objective: Option<i128>,
    bound: Option<i128>,
) -> Result<SitingClaim, Text> {
    if own.years.is_some() || own.opened.is_some() {
        return Err(offends("years", "实例没有年份", "are not in the instance"));
    }
    let plan = match (objective, &own.open, &own.assignment) {
        (Some(objective), Some(open), Some(assigned)) => {
            let open = open.iter().map(|id| {
                let site = index.get(id.as_str()).copied();
                site.ok_or_else(|| offends(id, "不存在", "is not there"))
            });
            Some(PlanOfSites {
                open: open.collect::<Result<_, _>>()?,
                flow: flow(read, assigned, index)?,
                objective,
            })
        }
        (None, None, None) => None,
        _ => return Err(missing("open")),
    };
    let search: Search = serde_json::from_value(own.certificate.clone())
        .map_err(|e| offends("certificate", &e.to_string(), &e.to_string()))?;
    if search.format != "minsheng-site-1" {
        return Err(missing("certificate.format"));
    }
    let nodes = search.nodes.iter();
    let nodes: Option<Vec<SearchNode>> = nodes.map(node).collect();
    let prices = search.multipliers.into_iter().map(|m| SearchPrices {
        demand: m.demand,
        budget: m.budget,
        floor: m.floor,
    });
    Ok(SitingClaim {
        plan,
        bound,
        status: own.status.clone(),
        tree: SearchTree {
            scale: search.scale,
            sides: Vec::new(),
            prices: prices.collect(),
            nodes: nodes.ok_or_else(|| missing("certificate.nodes"))?,
        },
    })
}

fn node(step: &Value) -> Option<SearchNode> {
    let parts = step.as_array()?;
    let number = |v: &Value| usize::try_from(v.as_u64()?).ok();
    let list = |v: &Value| v.as_array()?.iter().map(number).collect::<Option<Vec<_>>>();
    match (parts.first()?.as_str()?, parts.get(1..)?) {
        ("prune", [index]) => Some(SearchNode::Prune(number(index)?)),
        ("branch", [site]) => Some(SearchNode::Branch(number(site)?)),
        ("fix", [index, open, closed]) => {
            Some(SearchNode::Fix(number(index)?, list(open)?, list(closed)?))
        }
        _ => None,
    }
}

fn flow(
    read: &Read,
    assigned: &BTreeMap<String, Value>,
    index: &Index<'_>,
) -> Result<Vec<(usize, usize, i64)>, Text> {
    if assigned.len() != read.demands.len() {
        return Err(offends(
            "assignment",
            "须列出全部需求",
            "has to name every demand",
        ));
    }
    let mut flow = Vec::new();
    for (demand, id) in read.demands.iter().enumerate() {
        let site = |name: &str| {
            let site = index.get(name).copied();
            site.ok_or_else(|| offends(name, "不存在", "is not there"))
        };
        let whole = read.case.amount.get(demand).copied().unwrap_or(0);
        match assigned.get(id) {
            Some(Value::Null) => {}
            Some(Value::String(name)) => flow.push((demand, site(name)?, whole)),
            Some(Value::Object(parts)) => {
                for (name, units) in parts {
                    let units = units.as_i64().ok_or_else(|| missing(id))?;
                    flow.push((demand, site(name)?, units));
                }
            }
            _ => return Err(missing(id)),
        }
    }
    Ok(flow)
}

fn of_years(
    read: &Read,
    own: &Outcome,
    index: &Index<'_>,
    objective: Option<i128>,
    bound: Option<i128>,
) -> Result<StagedClaim, Text> {
    if own.assignment.is_some() || own.groups.is_some() || own.worst_served.is_some() {
        return Err(offends("assignment", "应在各年之中", "stands in the years"));
    }
    let certificate: Staged = serde_json::from_value(own.certificate.clone())
        .map_err(|e| offends("certificate", &e.to_string(), &e.to_string()))?;
    if certificate.format != "minsheng-site-years-1" {
        return Err(missing("certificate.format"));
    }
    let (mut opened, mut served) = (None, Vec::new());
    match (objective, &own.opened, &own.years) {
        (Some(_), Some(named), Some(years)) => {
            opened = Some(when(read, named, index)?);
            for year in years {
                served.push(homes(read, year, index)?);
            }
        }
        (None, None, None) => {}
        _ => return Err(missing("years")),
    }
    Ok(StagedClaim {
        opened,
        served,
        objective,
        bound,
        status: own.status.clone(),
        prices: StagedPrices {
            scale: certificate.scale,
            demand: certificate.demand,
            opening: certificate.opening,
            budget: certificate.budget,
        },
    })
}

/// The year in which each site opens; the first for one that was open.
fn when(
    read: &Read,
    named: &BTreeMap<String, Option<String>>,
    index: &Index<'_>,
) -> Result<Vec<Option<usize>>, Text> {
    let mut opened = vec![None; read.sites.len()];
    for (id, year) in named {
        let site = index.get(id.as_str()).copied().unwrap_or(usize::MAX);
        let was = read.case.must_open.get(site) == Some(&true);
        let place = match year {
            None => was.then_some(0),
            Some(year) => read.years.iter().position(|y| y == year).filter(|_| !was),
        };
        let slot = opened.get_mut(site).filter(|_| place.is_some());
        *slot
            .ok_or_else(|| offends(id, "不存在或年份有误", "is not there, or its year is not"))? =
            place;
    }
    Ok(opened)
}

fn homes(read: &Read, year: &Value, index: &Index<'_>) -> Result<Vec<Option<usize>>, Text> {
    let named = year.get("assignment").and_then(Value::as_object);
    let named = named.ok_or_else(|| missing("years"))?;
    let of = |id: &String| match named.get(id) {
        Some(Value::Null) => Ok(None),
        Some(Value::String(name)) => index
            .get(name.as_str())
            .map(|s| Some(*s))
            .ok_or_else(|| offends(name, "不存在", "is not there")),
        _ => Err(missing(id)),
    };
    read.demands.iter().map(of).collect()
}

impl Read {
    /// Turns what is left out into what is covered, and back.
    pub(super) fn turn(&self, value: i128) -> i128 {
        if self.model != "max-cover" {
            return value;
        }
        let all: i128 = self.case.amount.iter().map(|a| i128::from(*a)).sum();
        let years: i128 = match &self.staged {
            None => 1,
            Some(staged) => staged.years.iter().map(|y| i128::from(y.weight)).sum(),
        };
        all.saturating_mul(years).saturating_sub(value)
    }
}

impl Published {
    /// Returns what does not follow from the plan.
    pub(super) fn derived_wrong(&self) -> Found {
        let wanted = self.derived();
        let pairs = [
            ("groups", &wanted.groups, &self.said.groups),
            ("worst_served", &wanted.worst, &self.said.worst),
            ("gaps", &wanted.gaps, &self.said.gaps),
            ("open", &wanted.open, &self.said.open),
            ("years", &wanted.years, &self.said.years),
        ];
        let wrong = pairs.into_iter().find(|(_, wanted, said)| wanted != said);
        let (name, _, _) = wrong?;
        Some(offends(name, "与方案不符", "does not follow from the plan"))
    }

    fn derived(&self) -> Derived {
        let read = &self.read;
        let mut wanted = Derived::default();
        let open: Vec<usize> = (0..self.open.len())
            .filter(|s| self.open.get(*s) == Some(&true))
            .collect();
        match &self.claim {
            Claim::Once(claim) => {
                let Some(plan) = &claim.plan else {
                    return wanted;
                };
                // In which order the open sites are named decides nothing.
                wanted.open.clone_from(&self.said.open);
                self.groups(plan, &mut wanted);
            }
            Claim::Years(claim) => {
                let Some(opened) = &claim.opened else {
                    return wanted;
                };
                wanted.open = Some(open.iter().map(|s| json!(read.sites.get(*s))).collect());
                let years = (0..read.years.len()).map(|t| self.year_row(t, opened, claim));
                wanted.years = Some(years.collect());
            }
        }
        if read.case.flat {
            wanted.gaps = Some(self.gaps(&open));
        }
        wanted
    }

    fn groups(&self, plan: &PlanOfSites, wanted: &mut Derived) {
        let read = &self.read;
        let mut names: Vec<&str> = Vec::new();
        let mut place: HashMap<&str, usize> = HashMap::new();
        let of: Vec<Option<usize>> = read
            .group
            .iter()
            .map(|group| {
                let own = group.as_deref()?;
                Some(*place.entry(own).or_insert_with(|| {
                    names.push(own);
                    names.len() - 1
                }))
            })
            .collect();
        if names.is_empty() {
            return;
        }
        let figures = group_figures(&read.case, plan, &of, names.len());
        let rows = names.iter().zip(&figures).map(|(name, own)| {
            let mut row = Map::new();
            row.insert("id".to_owned(), json!(name));
            row.insert("weight".to_owned(), wide(own.weight));
            row.insert("served".to_owned(), wide(own.served));
            if !read.case.flat {
                row.insert("cost".to_owned(), wide(own.cost));
                row.insert("farthest".to_owned(), json!(own.farthest));
            }
            Value::from(row)
        });
        wanted.groups = Some(rows.collect());
        let mut worst: Option<(usize, &GroupFigures)> = None;
        for (group, own) in figures.iter().enumerate().filter(|(_, f)| f.weight > 0) {
            if worst.is_none_or(|(_, other)| own.is_worse_than(other)) {
                worst = Some((group, own));
            }
        }
        wanted.worst = worst.and_then(|(g, _)| names.get(g)).map(|n| json!(n));
    }

    fn year_row(&self, t: usize, opened: &[Option<usize>], claim: &StagedClaim) -> Value {
        let read = &self.read;
        let (mut new, mut spent) = (Vec::new(), 0i128);
        for (site, own) in opened.iter().enumerate() {
            if *own == Some(t) && read.case.must_open.get(site) == Some(&false) {
                new.push(json!(read.sites.get(site)));
                spent += read.price.get(site).map_or(0, |p| i128::from(*p));
            }
        }
        let (mut units, mut cost, mut homes) = (0i128, 0i128, Map::new());
        let served = claim.served.get(t);
        let pairs = crate::siting::case::Pairs::new(&read.case);
        for (demand, id) in read.demands.iter().enumerate() {
            let site = served.and_then(|s| s.get(demand).copied().flatten());
            homes.insert(id.clone(), json!(site.and_then(|s| read.sites.get(s))));
            let amount = read.case.amount.get(demand).copied().unwrap_or(0);
            if let Some(own) = site.and_then(|s| pairs.cost(demand, s)) {
                units += i128::from(amount);
                cost += i128::from(own) * i128::from(amount);
            }
        }
        let mut row = Map::new();
        row.insert("id".to_owned(), json!(read.years.get(t)));
        row.insert("open".to_owned(), new.into());
        row.insert("spent".to_owned(), wide(spent));
        row.insert("served".to_owned(), wide(units));
        row.insert("assignment".to_owned(), homes.into());
        if read.model != "max-cover" {
            row.insert("cost".to_owned(), wide(cost));
        }
        row.into()
    }

    fn gaps(&self, open: &[usize]) -> Value {
        let read = &self.read;
        let classes: Vec<(Option<&str>, Option<&str>)> = read
            .group
            .iter()
            .zip(&read.kind)
            .map(|(g, k)| (g.as_deref(), k.as_deref()))
            .collect();
        let mut keys = classes.clone();
        keys.sort_unstable();
        keys.dedup();
        let of: Vec<usize> = classes
            .iter()
            .map(|c| keys.binary_search(c).unwrap_or(usize::MAX))
            .collect();
        let found = gaps(&read.case, open, &read.weight, &of, keys.len());
        let rows = keys.iter().zip(found).map(|((group, kind), gap)| {
            let mut row = Map::new();
            for (key, word) in [("group", group), ("type", kind)] {
                if let Some(word) = word {
                    row.insert(key.to_owned(), json!(word));
                }
            }
            let mut add = |key: &str, n: i128| row.insert(key.to_owned(), wide(n));
            add("places", gap.places.into());
            add("places_before", gap.places_before.into());
            add("places_after", gap.places_after.into());
            add("places_beyond", (gap.places - gap.places_after).into());
            add("weight", gap.weight);
            add("weight_before", gap.weight_before);
            add("weight_after", gap.weight_after);
            add("weight_beyond", gap.weight - gap.weight_after);
            Value::from(row)
        });
        rows.collect()
    }
}

/// A wide number as JSON writes it.
fn wide(number: i128) -> Value {
    written::read("number", &number.to_string()).unwrap_or(Value::Null)
}
