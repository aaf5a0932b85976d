//! From a JSON instance to arrays, and its mistakes.

use std::collections::HashMap;

use minsheng_siting::{FORBIDDEN, Instance, Metric, Points, State};
use minsheng_verify::siting::CaseMetric;

use super::input::{Demand, Ground, Input, Round, Site, SiteState};
use super::place::{Given, Measured, wrong};
use super::problem::Raw;
use crate::error::PlainError;
use crate::solve::syntax;
use crate::travel::Pair;
use crate::words::Exact;

/// The most pairs that a problem with types of facilities may have.
const TYPED_PAIRS: usize = 50_000_000;

/// Reads an instance.
pub(super) fn parse(text: &str) -> Result<Input, PlainError> {
    serde_json::from_str(text).map_err(|e| syntax(&e))
}

/// Returns the arrays.
pub(super) fn build(text: &str, input: &Input) -> Result<Raw, PlainError> {
    let reader = Reader { text, input };
    let mut raw = match (&input.costs, &input.pairs) {
        (Some(_), Some(_)) => {
            return Err(reader.wrong("/pairs", "不能与 `costs` 同用", "cannot stand with `costs`"));
        }
        (Some(costs), None) => reader.matrix(costs)?,
        (None, Some(pairs)) => reader.pairs(pairs)?,
        (None, None) => reader.points()?,
    };
    reader.limits(&mut raw)?;
    raw.effort = input.effort;
    reader.types(&mut raw)?;
    raw.classes = Some(super::gaps::Classes::new(input, &raw.weight));
    raw.staging = super::years::read(text, input, raw.state.len())?;
    raw.sides = super::side::read(text, input, &raw.sites)?;
    Ok(raw)
}

struct Reader<'a> {
    text: &'a str,
    input: &'a Input,
}

impl Reader<'_> {
    fn wrong(&self, pointer: &str, zh: &str, en: &str) -> PlainError {
        wrong(self.text, pointer, zh, en)
    }

    fn ids<'b>(
        &self,
        list: &str,
        ids: impl Iterator<Item = &'b String>,
    ) -> Result<Vec<String>, PlainError> {
        let mut seen = std::collections::HashSet::new();
        let mut all = Vec::new();
        for (index, id) in ids.enumerate() {
            if !seen.insert(id) {
                return Err(self.wrong(
                    &format!("/{list}/{index}/id"),
                    &format!("`{id}` 出现两次"),
                    &format!("`{id}` is named twice"),
                ));
            }
            all.push(id.clone());
        }
        Ok(all)
    }

    fn names(&self, n: usize, m: usize) -> Result<(Vec<String>, Vec<String>), PlainError> {
        let counted = |n: usize| (1..=n).map(|k| k.to_string()).collect();
        let (demands, sites) = (&self.input.demands, &self.input.sites);
        for (list, given, wanted) in [
            ("demands", demands.as_ref().map(Vec::len), n),
            ("sites", sites.as_ref().map(Vec::len), m),
        ] {
            if given.is_some_and(|g| g != wanted) {
                return Err(self.wrong(
                    &format!("/{list}"),
                    &format!("数量与 `costs` 不符,应为 {wanted}"),
                    &format!("does not fit `costs`: there have to be {wanted}"),
                ));
            }
        }
        Ok((
            match demands {
                Some(list) => self.ids("demands", list.iter().map(|d| &d.id))?,
                None => counted(n),
            },
            match sites {
                Some(list) => self.ids("sites", list.iter().map(|s| &s.id))?,
                None => counted(m),
            },
        ))
    }

    fn matrix(&self, costs: &[Vec<Option<serde_json::Number>>]) -> Result<Raw, PlainError> {
        let sites = self.input.sites.as_ref().map(Vec::len);
        let m = costs.first().map(Vec::len).or(sites).unwrap_or(0);
        let mut exact = Vec::with_capacity(costs.len() * m);
        for (i, row) in costs.iter().enumerate() {
            if row.len() != m {
                return Err(self.wrong(
                    &format!("/costs/{i}"),
                    &format!("应有 {m} 个数"),
                    &format!("has to have {m} numbers"),
                ));
            }
            for (j, cost) in row.iter().enumerate() {
                let Some(cost) = cost else {
                    exact.push(None);
                    continue;
                };
                let read =
                    Exact::read(&cost.to_string()).filter(|e| e.digits >= 0 && e.places <= 9);
                exact.push(Some(read.ok_or_else(|| {
                    self.wrong(
                        &format!("/costs/{i}/{j}"),
                        &format!("`{cost}` 应为非负小数,至多九位"),
                        &format!("`{cost}` has to be a decimal of up to nine places, not negative"),
                    )
                })?));
            }
        }
        let opening = self.opening()?;
        let all = exact.iter().flatten().chain(opening.iter().flatten());
        let places = all.map(|e| e.places).max().unwrap_or(0);
        let mut cells = Vec::with_capacity(exact.len());
        for (cell, cost) in exact.iter().enumerate() {
            cells.push(match cost {
                None => FORBIDDEN,
                Some(e) => e.scaled(places).filter(|c| *c < FORBIDDEN).ok_or_else(|| {
                    let (i, j) = (cell / m.max(1), cell % m.max(1));
                    self.wrong(
                        &format!("/costs/{i}/{j}"),
                        "超出 63 位整数",
                        "does not fit in 63 bits",
                    )
                })?,
            });
        }
        let (demands, sites) = self.names(costs.len(), m)?;
        let mut raw = Raw::matrix(vec![1; costs.len()], m, cells);
        raw.fixed = self.fixed(&opening, places)?;
        raw.places = places;
        (raw.demands, raw.sites) = (demands, sites);
        Ok(raw)
    }

    /// Returns the sites' costs of opening as given.
    fn opening(&self) -> Result<Vec<Option<Exact>>, PlainError> {
        let sites = self.input.sites.iter().flatten().enumerate();
        sites
            .map(|(j, site)| {
                let Some(cost) = &site.cost else {
                    return Ok(None);
                };
                let read =
                    Exact::read(&cost.to_string()).filter(|e| e.digits >= 0 && e.places <= 9);
                read.map(Some).ok_or_else(|| {
                    self.wrong(
                        &format!("/sites/{j}/cost"),
                        &format!("`{cost}` 应为非负小数,至多九位"),
                        &format!("`{cost}` has to be a decimal of up to nine places, not negative"),
                    )
                })
            })
            .collect()
    }

    fn fixed(
        &self,
        opening: &[Option<Exact>],
        places: u32,
    ) -> Result<Option<Vec<i64>>, PlainError> {
        if opening.iter().all(Option::is_none) {
            return Ok(None);
        }
        let scaled = opening.iter().enumerate().map(|(j, cost)| match cost {
            None => Ok(0),
            Some(e) => e.scaled(places).ok_or_else(|| {
                self.wrong(
                    &format!("/sites/{j}/cost"),
                    "小数位过多或过大",
                    "has too many decimals or is too large",
                )
            }),
        });
        scaled.collect::<Result<Vec<i64>, PlainError>>().map(Some)
    }

    fn measured(&self) -> Result<Measured, PlainError> {
        let per_metre = self.input.units_per_metre.unwrap_or(1);
        if !(1..=1_000_000).contains(&per_metre) {
            return Err(self.wrong(
                "/units_per_metre",
                "应在 1 到 1000000 之间",
                "has to be from 1 to 1000000",
            ));
        }
        Ok(Measured {
            ground: self.input.metric.unwrap_or(Ground::Planar),
            per_metre,
            rounding: self.input.rounding.unwrap_or(Round::Floor),
        })
    }

    fn points(&self) -> Result<Raw, PlainError> {
        let (Some(demands), Some(sites)) = (&self.input.demands, &self.input.sites) else {
            return Err(self.wrong(
                "",
                "应有 `costs`,或 `demands` 与 `sites`",
                "has to have `costs`, or `demands` and `sites`",
            ));
        };
        let measured = self.measured()?;
        let (names, site_names) = self.names(demands.len(), sites.len())?;
        let at = |d: &Demand| -> [Option<serde_json::Number>; 4] {
            [d.x.clone(), d.y.clone(), d.lon.clone(), d.lat.clone()]
        };
        let there = |s: &Site| -> [Option<serde_json::Number>; 4] {
            [s.x.clone(), s.y.clone(), s.lon.clone(), s.lat.clone()]
        };
        let read = |list: &str,
                    all: Vec<[Option<serde_json::Number>; 4]>|
         -> Result<Vec<(i64, i64)>, PlainError> {
            let mut points = Vec::with_capacity(all.len());
            for (index, own) in all.iter().enumerate() {
                let [x, y, lon, lat] = own;
                let given: Given<'_> = [x.as_ref(), y.as_ref(), lon.as_ref(), lat.as_ref()];
                points.push(measured.point(self.text, &format!("/{list}/{index}"), given)?);
            }
            Ok(points)
        };
        let demand = read("demands", demands.iter().map(at).collect())?;
        let site = read("sites", sites.iter().map(there).collect())?;
        let mut raw = Raw::matrix(vec![1; demand.len()], site.len(), Vec::new());
        raw.metric = Metric::Points(measured.points(&demand, &site));
        raw.case_metric = measured.case(demand, site);
        raw.fixed = self.fixed(&self.opening()?, 0)?;
        (raw.demands, raw.sites) = (names, site_names);
        Ok(raw)
    }

    /// Reads pairs, and leaves coordinates aside.
    fn pairs(&self, pairs: &[Pair]) -> Result<Raw, PlainError> {
        let (Some(demands), Some(sites)) = (&self.input.demands, &self.input.sites) else {
            return Err(self.wrong(
                "/pairs",
                "须有 `demands` 与 `sites`",
                "needs `demands` and `sites`",
            ));
        };
        let (names, site_names) = self.names(demands.len(), sites.len())?;
        let lists = crate::travel::lists(self.text, pairs, &names, &site_names)?;
        let mut raw = Raw::matrix(vec![1; names.len()], site_names.len(), Vec::new());
        let (mut first, mut site, mut cost) = (vec![0], Vec::new(), Vec::new());
        for list in &lists {
            site.extend(list.iter().map(|(s, _)| *s));
            cost.extend(list.iter().map(|(_, c)| *c));
            first.push(site.len());
        }
        raw.metric = Metric::Sparse { first, site, cost };
        raw.case_metric = CaseMetric::Sparse(lists);
        raw.fixed = self.fixed(&self.opening()?, 0)?;
        (raw.demands, raw.sites) = (names, site_names);
        Ok(raw)
    }

    fn limits(&self, raw: &mut Raw) -> Result<(), PlainError> {
        let input = self.input;
        let m = raw.state.len();
        for (i, demand) in input.demands.iter().flatten().enumerate() {
            if let (Some(weight), Some(slot)) = (demand.weight, raw.weight.get_mut(i)) {
                self.not_negative(&format!("/demands/{i}/weight"), weight)?;
                *slot = weight;
            }
        }
        let sites = input.sites.as_deref().unwrap_or_default();
        for (site, slot) in sites.iter().zip(&mut raw.state) {
            *slot = match site.state.unwrap_or(SiteState::Candidate) {
                SiteState::Candidate => State::Candidate,
                SiteState::Open => State::Open,
                SiteState::Closed => State::Closed,
            };
        }
        if input.p.is_some() && (input.min_open.is_some() || input.max_open.is_some()) {
            return Err(self.wrong(
                "/p",
                "不能与 `min_open`、`max_open` 同用",
                "cannot stand with `min_open` or `max_open`",
            ));
        }
        raw.p = input.p;
        raw.between = (
            input.min_open.unwrap_or(0),
            input.max_open.unwrap_or(u32::MAX),
        );
        if let Some(reach) = input.reach {
            self.not_negative("/reach", reach)?;
            let unit = 10i64
                .checked_pow(raw.places)
                .and_then(|u| reach.checked_mul(u));
            raw.reach = Some(unit.ok_or_else(|| self.wrong("/reach", "过大", "is too large"))?);
        }
        if let Some(limit) = input.budget {
            self.not_negative("/budget", limit)?;
            let mut prices = vec![0; m];
            for (j, (site, slot)) in sites.iter().zip(&mut prices).enumerate() {
                *slot = site.price.unwrap_or(0);
                self.not_negative(&format!("/sites/{j}/price"), *slot)?;
            }
            raw.budget = Some((prices, limit));
        }
        if sites.iter().any(|s| s.capacity.is_some()) {
            let all = raw
                .weight
                .iter()
                .try_fold(0i64, |sum, w| sum.checked_add(*w));
            let all = all.ok_or_else(|| {
                self.wrong(
                    "/demands",
                    "权重之和超出 63 位",
                    "has weights that do not fit in 63 bits",
                )
            })?;
            let mut room = vec![all; m];
            for (j, (site, slot)) in sites.iter().zip(&mut room).enumerate() {
                *slot = site.capacity.unwrap_or(all);
                self.not_negative(&format!("/sites/{j}/capacity"), *slot)?;
            }
            raw.capacity = Some(room);
        }
        self.groups(raw, sites)?;
        (raw.people, raw.floors) = super::groups::read(self.text, input, &raw.weight)?;
        self.spacing(raw)
    }

    fn not_negative(&self, pointer: &str, value: i64) -> Result<(), PlainError> {
        if value < 0 {
            return Err(self.wrong(
                pointer,
                &format!("`{value}` 不应为负"),
                &format!("`{value}` is negative"),
            ));
        }
        Ok(())
    }

    fn groups(&self, raw: &mut Raw, sites: &[Site]) -> Result<(), PlainError> {
        let groups = &self.input.groups;
        if groups.is_empty() {
            if let Some(j) = sites.iter().position(|s| s.group.is_some()) {
                return Err(self.wrong(
                    &format!("/sites/{j}/group"),
                    "没有 `groups`",
                    "is given, but there are no `groups`",
                ));
            }
            return Ok(());
        }
        let mut index = HashMap::new();
        let mut bounds = Vec::new();
        for (k, group) in groups.iter().enumerate() {
            if index.insert(group.id.as_str(), bounds.len()).is_some() {
                let id = &group.id;
                return Err(self.wrong(
                    &format!("/groups/{k}/id"),
                    &format!("`{id}` 出现两次"),
                    &format!("`{id}` is named twice"),
                ));
            }
            bounds.push((group.min.unwrap_or(0), group.max.unwrap_or(u32::MAX)));
        }
        // Sites without a group are in one without limits.
        let rest = bounds.len();
        bounds.push((0, u32::MAX));
        let mut of = Vec::with_capacity(raw.state.len());
        for (j, site) in sites.iter().enumerate() {
            let own = match &site.group {
                None => rest,
                Some(id) => *index.get(id.as_str()).ok_or_else(|| {
                    self.wrong(
                        &format!("/sites/{j}/group"),
                        &format!("没有组 `{id}`"),
                        &format!("there is no group `{id}`"),
                    )
                })?,
            };
            of.push(u32::try_from(own).unwrap_or(u32::MAX));
        }
        of.resize(raw.state.len(), u32::try_from(rest).unwrap_or(u32::MAX));
        raw.groups = Some((of, bounds));
        Ok(())
    }

    fn spacing(&self, raw: &mut Raw) -> Result<(), PlainError> {
        let Some(spacing) = self.input.spacing else {
            return Ok(());
        };
        let Metric::Points(points) = &raw.metric else {
            return Err(self.wrong("/spacing", "须有坐标", "needs coordinates"));
        };
        self.not_negative("/spacing", spacing)?;
        if spacing == 0 {
            return Ok(());
        }
        // Sites as demands of one another.
        let among = bare(
            Points {
                demand: points.site.clone(),
                site: points.site.clone(),
                measure: points.measure,
            },
            spacing - 1,
        );
        if let Metric::Sparse { first, site, .. } = minsheng_siting::flat(&among) {
            for (a, range) in first.windows(2).enumerate() {
                let (from, to) = (
                    range.first().copied().unwrap_or(0),
                    range.last().copied().unwrap_or(0),
                );
                for b in site.get(from..to).into_iter().flatten() {
                    // What stands already stands where it does.
                    let stands = |s: usize| raw.state.get(s) == Some(&State::Open);
                    let both = stands(a) && stands(*b as usize);
                    let a = u32::try_from(a).unwrap_or(u32::MAX);
                    if a < *b && !both {
                        raw.apart.push((a, *b));
                    }
                }
            }
        }
        Ok(())
    }

    /// Lets demands go to sites of their own type only.
    fn types(&self, raw: &mut Raw) -> Result<(), PlainError> {
        let input = self.input;
        let of_demand: Vec<Option<&str>> = input
            .demands
            .iter()
            .flatten()
            .map(|d| d.kind.as_deref())
            .collect();
        let of_site: Vec<Option<&str>> = input
            .sites
            .iter()
            .flatten()
            .map(|s| s.kind.as_deref())
            .collect();
        if of_demand.iter().chain(&of_site).all(Option::is_none) {
            return Ok(());
        }
        let lists = self.same_type(raw, &of_demand, &of_site)?;
        let (mut first, mut site, mut cost) = (vec![0], Vec::new(), Vec::new());
        for list in &lists {
            site.extend(list.iter().map(|(s, _)| *s));
            cost.extend(list.iter().map(|(_, c)| *c));
            first.push(site.len());
        }
        raw.metric = Metric::Sparse { first, site, cost };
        raw.case_metric = CaseMetric::Sparse(lists);
        Ok(())
    }

    /// Returns for each demand (site, cost) of its own type, ascending by site. Points
    /// with a reach are looked up type by type, so that a city's worth of them fits.
    fn same_type(
        &self,
        raw: &Raw,
        of_demand: &[Option<&str>],
        of_site: &[Option<&str>],
    ) -> Result<Vec<Vec<(u32, i64)>>, PlainError> {
        let (n, m) = (raw.weight.len(), raw.state.len());
        let too_many = || {
            self.wrong(
                "/demands",
                "分类型的问题过大",
                "are too many for a problem with types",
            )
        };
        let mut all = bare_of(raw);
        all.reach = raw.reach;
        let mut lists = vec![Vec::new(); n];
        let mut kept = 0usize;
        let types: std::collections::BTreeSet<Option<&str>> = of_demand.iter().copied().collect();
        for kind in types {
            let members = |of: &[Option<&str>], count: usize| -> Vec<usize> {
                (0..count)
                    .filter(|i| of.get(*i).copied().flatten() == kind)
                    .collect()
            };
            let (demands, sites) = (members(of_demand, n), members(of_site, m));
            let near = match (&raw.metric, raw.reach) {
                (Metric::Points(points), Some(reach)) => {
                    let of = |places: &[[i64; 3]], chosen: &[usize]| {
                        chosen
                            .iter()
                            .filter_map(|i| places.get(*i).copied())
                            .collect()
                    };
                    let own = Points {
                        demand: of(&points.demand, &demands),
                        site: of(&points.site, &sites),
                        measure: points.measure,
                    };
                    Some(minsheng_siting::flat(&bare(own, reach)))
                }
                _ => None,
            };
            for (place, demand) in demands.iter().enumerate() {
                let candidates: Vec<usize> = match &near {
                    Some(Metric::Sparse { first, site, .. }) => {
                        let range = first.get(place).zip(first.get(place + 1));
                        let own = range.and_then(|(a, b)| site.get(*a..*b));
                        let own = own.unwrap_or_default().iter();
                        own.filter_map(|s| sites.get(*s as usize).copied())
                            .collect()
                    }
                    _ => sites.clone(),
                };
                let Some(list) = lists.get_mut(*demand) else {
                    continue;
                };
                for site in candidates {
                    if let Some(cost) = all.cost(*demand, site) {
                        list.push((u32::try_from(site).unwrap_or(u32::MAX), cost));
                        kept += 1;
                    }
                }
                if kept > TYPED_PAIRS {
                    return Err(too_many());
                }
            }
        }
        Ok(lists)
    }
}

/// Returns an instance that is nothing but its points.
fn bare(points: Points, reach: i64) -> Instance {
    let (n, m) = (points.demand.len(), points.site.len());
    Instance {
        amount: vec![1; n],
        penalty: None,
        metric: Metric::Points(points),
        reach: Some(reach),
        fixed: vec![0; m],
        state: vec![State::Candidate; m],
        count: (0, u32::MAX),
        budget: None,
        groups: None,
        apart: Vec::new(),
        capacity: None,
        floors: None,
    }
}

fn bare_of(raw: &Raw) -> Instance {
    Instance {
        amount: raw.weight.clone(),
        penalty: None,
        metric: raw.metric.clone(),
        reach: None,
        fixed: vec![0; raw.state.len()],
        state: raw.state.clone(),
        count: (0, u32::MAX),
        budget: None,
        groups: None,
        apart: Vec::new(),
        capacity: None,
        floors: None,
    }
}
