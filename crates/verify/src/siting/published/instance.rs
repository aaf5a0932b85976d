//! From a published instance to the checker's case.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use minsheng_model::Text;

use super::written::Instance;
use crate::report::offends;
use crate::siting::case::{
    CaseFloors, CaseGroups, CaseMetric, CaseRounding, Distances, SitingCase,
};
use crate::siting::years::{CaseYear, StagedCase};

/// An instance as the checker reads it, with its names.
#[derive(Debug)]
pub struct Read {
    /// The model's word.
    pub model: String,
    /// The demands' names.
    pub demands: Vec<String>,
    /// The sites' names.
    pub sites: Vec<String>,
    /// Units of each demand, whatever the model counts.
    pub weight: Vec<i64>,
    /// The group of each demand.
    pub group: Vec<Option<String>>,
    /// The type of each demand.
    pub kind: Vec<Option<String>>,
    /// The type of each site.
    pub site_kind: Vec<Option<String>>,
    /// What opening each site takes of the budget.
    pub price: Vec<i64>,
    /// The case.
    pub case: SitingCase,
    /// The same over years.
    pub staged: Option<StagedCase>,
    /// The years' names.
    pub years: Vec<String>,
}

/// Reads an instance.
pub(super) fn read(own: &Instance) -> Result<Read, Text> {
    let demands: Vec<String> = own.demands.iter().map(|d| d.id.clone()).collect();
    let sites: Vec<String> = own.sites.iter().map(|s| s.id.clone()).collect();
    for list in [&demands, &sites] {
        let mut seen = BTreeSet::new();
        if let Some(twice) = list.iter().find(|id| !seen.insert(id.as_str())) {
            return Err(offends(twice, "重复", "is there twice"));
        }
    }
    let weight: Vec<i64> = own.demands.iter().map(|d| d.weight).collect();
    let points = points(own)?;
    let pairs = match &own.pairs {
        Some(pairs) => Some(listed(pairs, &demands, &sites)?),
        None => typed(own, points.as_ref())?,
    };
    let metric = match (pairs, &points) {
        (Some(lists), _) => CaseMetric::Sparse(lists),
        (None, Some(points)) => points.clone(),
        (None, None) => return Err(offends("demands", "没有坐标", "have no coordinates")),
    };
    let case = case(own, metric, points.as_ref(), &weight)?;
    let price: Vec<i64> = own.sites.iter().map(|s| s.price.unwrap_or(0)).collect();
    let staged = (!own.years.is_empty()).then(|| staged(own, &case, &price));
    Ok(Read {
        model: own.model.clone(),
        group: own.demands.iter().map(|d| d.group.clone()).collect(),
        kind: own.demands.iter().map(|d| d.kind.clone()).collect(),
        site_kind: own.sites.iter().map(|s| s.kind.clone()).collect(),
        years: own.years.iter().map(|y| y.id.clone()).collect(),
        demands,
        sites,
        weight,
        price,
        case,
        staged,
    })
}

fn case(
    own: &Instance,
    metric: CaseMetric,
    points: Option<&CaseMetric>,
    weight: &[i64],
) -> Result<SitingCase, Text> {
    let (n, m) = (weight.len(), own.sites.len());
    let model = own.model.as_str();
    let covers = matches!(model, "set-cover" | "max-cover");
    let room = own.sites.iter().any(|s| s.capacity.is_some());
    let all: Option<i64> = weight.iter().try_fold(0i64, |sum, w| sum.checked_add(*w));
    let all = all.ok_or_else(|| offends("demands", "过大", "are too large"))?;
    let costs: Vec<Option<i64>> = own.sites.iter().map(|s| s.cost).collect();
    let none = costs.iter().all(Option::is_none);
    let fixed = match model {
        "max-cover" | "p-center" => vec![0; m],
        "set-cover" if none => vec![1; m],
        _ => costs.iter().map(|c| c.unwrap_or(0)).collect(),
    };
    let state = |word: &str| -> Vec<bool> {
        let own = own.sites.iter();
        own.map(|s| s.state.as_deref() == Some(word)).collect()
    };
    let known = own.sites.iter().all(|s| {
        let state = s.state.as_deref().unwrap_or("candidate");
        ["candidate", "open", "closed"].contains(&state)
    });
    if !known {
        return Err(offends(
            "sites",
            "状态不明",
            "have a state that is not known",
        ));
    }
    let count = match own.p {
        Some(p) => (p, p),
        None => (
            own.min_open.unwrap_or(0),
            own.max_open.unwrap_or(u64::from(u32::MAX)),
        ),
    };
    let staged = !own.years.is_empty();
    Ok(SitingCase {
        amount: if model == "set-cover" && !room {
            vec![1; n]
        } else {
            weight.to_vec()
        },
        penalty: (model == "max-cover").then(|| vec![1; n]),
        reach: own.reach,
        flat: covers,
        fixed,
        must_open: state("open"),
        must_close: state("closed"),
        count,
        budget: own.budget.filter(|_| !staged).map(|limit| {
            let prices = own.sites.iter().map(|s| s.price.unwrap_or(0));
            (prices.collect(), limit)
        }),
        groups: groups(own)?,
        apart: match (own.spacing, points) {
            (None | Some(0), _) => Vec::new(),
            (Some(spacing), Some(points)) => {
                let stands = state("open");
                let both = |(a, b): &(usize, usize)| {
                    stands.get(*a) == Some(&true) && stands.get(*b) == Some(&true)
                };
                // What stands already stands where it does.
                let mut near = apart(points, spacing);
                near.retain(|pair| !both(pair));
                near
            }
            (Some(_), None) => return Err(offends("spacing", "须有坐标", "needs coordinates")),
        },
        capacity: (room && model != "uncapacitated").then(|| {
            let rooms = own.sites.iter();
            rooms.map(|s| s.capacity.unwrap_or(all)).collect()
        }),
        floors: floors(own, weight)?,
        // A programme file has none.
        sides: Vec::new(),
        metric,
    })
}

fn staged(own: &Instance, case: &SitingCase, price: &[i64]) -> StagedCase {
    let years = own.years.iter().map(|y| CaseYear {
        weight: y.weight.unwrap_or(1),
        count: (y.least.unwrap_or(0), y.most.unwrap_or(u64::from(u32::MAX))),
        budget: y.budget,
    });
    StagedCase {
        case: case.clone(),
        years: years.collect(),
        price: price.to_vec(),
        carry: own.carry,
    }
}

/// Whole metres of a plane, as millimetres.
fn points(own: &Instance) -> Result<Option<CaseMetric>, Text> {
    if own.demands.iter().all(|d| d.x.is_none()) {
        return Ok(None);
    }
    let point = |id: &str, x: Option<i64>, y: Option<i64>| {
        let far = |v: &i64| v.unsigned_abs() <= 1_000_000_000;
        let both = x.filter(far).zip(y.filter(far));
        both.map(|(x, y)| (x * 1000, y * 1000))
            .ok_or_else(|| offends(id, "坐标有误", "has no right coordinates"))
    };
    let demand = own.demands.iter().map(|d| point(&d.id, d.x, d.y));
    let site = own.sites.iter().map(|s| point(&s.id, s.x, s.y));
    Ok(Some(CaseMetric::Points {
        demand: demand.collect::<Result<_, _>>()?,
        site: site.collect::<Result<_, _>>()?,
        sphere: false,
        per_metre: 1,
        rounding: CaseRounding::Floor,
    }))
}

/// For each demand (site, cost).
type Lists = Vec<Vec<(u32, i64)>>;

fn listed(
    pairs: &[(String, String, i64)],
    demands: &[String],
    sites: &[String],
) -> Result<Lists, Text> {
    let index = |ids: &[String]| -> HashMap<String, usize> {
        let ids = ids.iter().cloned();
        ids.enumerate().map(|(i, id)| (id, i)).collect()
    };
    let (of_demand, of_site) = (index(demands), index(sites));
    let mut lists: Lists = vec![Vec::new(); demands.len()];
    let mut seen = BTreeSet::new();
    for (demand, site, cost) in pairs {
        let ends = of_demand.get(demand).zip(of_site.get(site));
        let Some((from, to)) = ends.filter(|_| *cost >= 0 && *cost < i64::MAX) else {
            return Err(offends(demand, "路程有误", "has a way that is not right"));
        };
        if !seen.insert((*from, *to)) {
            return Err(offends(demand, "路程重复", "has a way twice"));
        }
        if let Some(list) = lists.get_mut(*from) {
            list.push((u32::try_from(*to).unwrap_or(u32::MAX), *cost));
        }
    }
    Ok(lists)
}

/// Sites of a demand's own type, measured one by one; nothing where there are no types.
fn typed(own: &Instance, points: Option<&CaseMetric>) -> Result<Option<Lists>, Text> {
    let kinds = own.demands.iter().map(|d| &d.kind);
    if kinds
        .chain(own.sites.iter().map(|s| &s.kind))
        .all(Option::is_none)
    {
        return Ok(None);
    }
    let Some(points) = points else {
        return Err(offends("demands", "没有坐标", "have no coordinates"));
    };
    let measure = Distances::new(points);
    let limit = own.reach.map_or(u128::MAX, |r| measure.limit(r));
    let far = i64::try_from(limit.isqrt()).unwrap_or(i64::MAX);
    let (from, to) = measure.places();
    let mut of_kind: BTreeMap<Option<&str>, Vec<(i64, usize)>> = BTreeMap::new();
    for (index, (site, place)) in own.sites.iter().zip(to).enumerate() {
        let list = of_kind.entry(site.kind.as_deref()).or_default();
        list.push((place.first().copied().unwrap_or(0), index));
    }
    of_kind.values_mut().for_each(|list| list.sort_unstable());
    let mut lists = Vec::with_capacity(own.demands.len());
    for (index, (demand, place)) in own.demands.iter().zip(from).enumerate() {
        let mut list = Vec::new();
        let x = place.first().copied().unwrap_or(0);
        let same = of_kind.get(&demand.kind.as_deref());
        let same = same.map_or(&[][..], Vec::as_slice);
        let start = same.partition_point(|(at, _)| *at < x.saturating_sub(far));
        for (at, site) in same.get(start..).into_iter().flatten() {
            if *at > x.saturating_add(far) {
                break;
            }
            let cost = measure.cost(index, *site);
            if let Some(cost) = cost.filter(|c| own.reach.is_none_or(|r| *c <= r)) {
                list.push((u32::try_from(*site).unwrap_or(u32::MAX), cost));
            }
        }
        list.sort_unstable();
        lists.push(list);
    }
    Ok(Some(lists))
}

/// Pairs of sites nearer than so many metres.
fn apart(points: &CaseMetric, spacing: i64) -> Vec<(usize, usize)> {
    let CaseMetric::Points {
        site,
        sphere,
        per_metre,
        rounding,
        ..
    } = points
    else {
        return Vec::new();
    };
    let among = CaseMetric::Points {
        demand: site.clone(),
        site: site.clone(),
        sphere: *sphere,
        per_metre: *per_metre,
        rounding: *rounding,
    };
    let measure = Distances::new(&among);
    let far = i64::try_from(measure.limit(spacing).isqrt()).unwrap_or(i64::MAX);
    let (places, _) = measure.places();
    let mut order: Vec<(i64, usize)> = places
        .iter()
        .enumerate()
        .map(|(i, p)| (p.first().copied().unwrap_or(0), i))
        .collect();
    order.sort_unstable();
    let mut found = Vec::new();
    for (rank, (x, a)) in order.iter().enumerate() {
        let later = order.get(rank + 1..).unwrap_or_default().iter();
        for (_, b) in later.take_while(|(other, _)| *other <= x.saturating_add(far)) {
            if measure.cost(*a, *b).is_some_and(|c| c < spacing) {
                found.push((*a.min(b), *a.max(b)));
            }
        }
    }
    found.sort_unstable();
    found
}

fn groups(own: &Instance) -> Result<Option<CaseGroups>, Text> {
    if own.groups.is_empty() {
        return Ok(None);
    }
    let rest = own.groups.len();
    let mut of = Vec::with_capacity(own.sites.len());
    for site in &own.sites {
        let place = match &site.group {
            None => Some(rest),
            Some(id) => own.groups.iter().position(|g| g.id == *id),
        };
        of.push(place.ok_or_else(|| offends(&site.id, "组不明", "is of no known group"))?);
    }
    let most = u64::from(u32::MAX);
    let ends = own.groups.iter();
    let ends = ends.map(|g| (g.min.unwrap_or(0), g.max.unwrap_or(most)));
    Ok(Some(CaseGroups {
        of,
        bounds: ends.chain([(0, most)]).collect(),
    }))
}

fn floors(own: &Instance, weight: &[i64]) -> Result<Option<CaseFloors>, Text> {
    if own.floors.is_empty() {
        return Ok(None);
    }
    let of: Vec<Option<usize>> = own
        .demands
        .iter()
        .map(|d| {
            let group = d.group.as_ref()?;
            own.floors.iter().position(|f| f.group == *group)
        })
        .collect();
    let mut least = Vec::with_capacity(own.floors.len());
    for (place, floor) in own.floors.iter().enumerate() {
        let members = of.iter().zip(weight).filter(|(g, _)| **g == Some(place));
        let all: i128 = members.map(|(_, w)| i128::from(*w)).sum();
        let share = Some(floor.per_mille).filter(|s| (0..=1000).contains(s));
        let own = share.and_then(|s| i64::try_from((all * i128::from(s) + 999) / 1000).ok());
        least.push(
            own.ok_or_else(|| offends(&floor.group, "底线有误", "has a floor that is not right"))?,
        );
    }
    Ok(Some(CaseFloors { of, least }))
}
