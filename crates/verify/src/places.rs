//! Instances and outcomes of bundles that send people to places or measure what they
//! reach, read again and checked.
//!
//! Only the forms that a bundle has are read: whole metres of a plane, or pairs.

mod access;
mod assign;

use std::collections::HashMap;

use minsheng_model::Text;
use serde::Deserialize;
use serde_json::Number;

use crate::report::{Checks, Report, offends};
use crate::siting::{CaseMetric, CaseRounding};

pub(crate) use access::check as check_access;
pub(crate) use assign::check as check_assign;

/// A demand, a place, and how far.
#[derive(Debug, Deserialize)]
struct Pair(String, String, i64);

/// Where the rows of one side are, whole metres; none where there are pairs.
type Points = Vec<Option<(i64, i64)>>;

/// The largest coordinate, in metres, that instances have.
const PLANE_MAX: i64 = 1_000_000_000;

/// Returns how far it is: pairs as given, or points measured.
fn metric(
    pairs: Option<&[Pair]>,
    [demands, places]: [&[&str]; 2],
    [from, to]: [&Points; 2],
) -> Result<CaseMetric, Text> {
    let Some(pairs) = pairs else {
        return Ok(CaseMetric::Points {
            demand: millimetres(from)?,
            site: millimetres(to)?,
            sphere: false,
            per_metre: 1,
            rounding: CaseRounding::Floor,
        });
    };
    let numbers = |names: &[&str]| -> HashMap<String, usize> {
        let all = names.iter().enumerate();
        all.map(|(i, n)| ((*n).to_owned(), i)).collect()
    };
    let (of_demand, of_place) = (numbers(demands), numbers(places));
    let mut lists: Vec<Vec<(u32, i64)>> = vec![Vec::new(); demands.len()];
    for Pair(demand, place, far) in pairs {
        let found = of_demand.get(demand).zip(of_place.get(place));
        let list = found.and_then(|(d, p)| Some((lists.get_mut(*d)?, u32::try_from(*p).ok()?)));
        match list {
            Some((list, place)) if *far >= 0 && list.iter().all(|(p, _)| *p != place) => {
                list.push((place, *far));
            }
            _ => {
                let subject = format!("{demand}, {place}");
                return Err(offends(&subject, "这一对有误", "is no right pair"));
            }
        }
    }
    Ok(CaseMetric::Sparse(lists))
}

fn millimetres(points: &Points) -> Result<Vec<(i64, i64)>, Text> {
    let one = |p: &Option<(i64, i64)>| {
        let (x, y) = (*p)?;
        let fits = |v: i64| (v.abs() <= PLANE_MAX).then(|| v.checked_mul(1000))?;
        Some((fits(x)?, fits(y)?))
    };
    let all: Option<Vec<(i64, i64)>> = points.iter().map(one).collect();
    all.ok_or_else(|| offends("instance", "坐标有误", "has a point that is none"))
}

/// Returns the number as so many decimals' units.
fn scaled(name: &str, number: &Number, places: u32) -> Result<i128, Text> {
    let found = crate::selection::scaled(&number.to_string(), places);
    found.ok_or_else(|| offends(name, "数值有误", "is no right number"))
}

fn parse<'a, T: Deserialize<'a>>(what: &str, text: &'a str) -> Result<T, Text> {
    serde_json::from_str(text).map_err(|e| offends(what, &e.to_string(), &e.to_string()))
}

/// Returns the report of a check, or that the files cannot be read.
fn report(id: &'static str, found: Result<Report, Text>) -> Report {
    found.unwrap_or_else(|said| {
        let mut checks = Checks::default();
        checks.add(id, "文件可读", "the files can be read", 1, Some(said));
        checks.report(Text::default(), Text::default())
    })
}

/// Returns names that are there once.
fn unique<'a>(names: impl Iterator<Item = &'a String>) -> Result<Vec<&'a str>, Text> {
    let all: Vec<&str> = names.map(String::as_str).collect();
    let mut sorted = all.clone();
    sorted.sort_unstable();
    let twice = sorted.windows(2).find(|w| w.first() == w.last());
    match twice.and_then(|w| w.first()) {
        Some(name) => Err(offends(name, "出现两次", "stands twice")),
        None => Ok(all),
    }
}
