//! Groups of demands: their floors, and how each of them is served.

use std::collections::HashMap;

use minsheng_siting::{Answer, Floors};
use minsheng_verify::siting::{GroupFigures, SitingClaim, group_figures};
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::input::{Input, Model};
use super::place::wrong;
use super::problem::Problem;
use crate::error::PlainError;
use crate::words::number;

/// Groups of demands.
pub(crate) struct People {
    /// Their names, in the order in which they are met.
    pub names: Vec<String>,
    /// The group of each demand.
    pub of: Vec<Option<usize>>,
}

/// Reads the demands' groups and the floors under them.
pub(super) fn read(
    text: &str,
    input: &Input,
    weight: &[i64],
) -> Result<(Option<People>, Option<Floors>), PlainError> {
    let mut index: HashMap<&str, usize> = HashMap::new();
    let mut names = Vec::new();
    let mut of = Vec::with_capacity(weight.len());
    for demand in input.demands.iter().flatten() {
        of.push(demand.group.as_deref().map(|id| {
            *index.entry(id).or_insert_with(|| {
                names.push(id.to_owned());
                names.len() - 1
            })
        }));
    }
    of.resize(weight.len(), None);
    let mut sums = vec![0i128; names.len()];
    for (group, weight) in of.iter().zip(weight) {
        if let Some(sum) = group.and_then(|g| sums.get_mut(g)) {
            *sum += i128::from(*weight);
        }
    }
    let mut place: HashMap<usize, u32> = HashMap::new();
    let mut least = Vec::new();
    for (k, floor) in input.floors.iter().enumerate() {
        let id = &floor.group;
        let here = format!("/floors/{k}/group");
        let Some(group) = index.get(id.as_str()).copied() else {
            return Err(wrong(
                text,
                &here,
                &format!("没有需求属于组 `{id}`"),
                &format!("no demand is in group `{id}`"),
            ));
        };
        let number = u32::try_from(least.len()).unwrap_or(u32::MAX);
        if place.insert(group, number).is_some() {
            return Err(wrong(
                text,
                &here,
                &format!("`{id}` 出现两次"),
                &format!("`{id}` is named twice"),
            ));
        }
        let all = sums.get(group).copied().unwrap_or(0);
        let own = match (floor.least, floor.per_mille) {
            (Some(own), None) if own >= 0 => Some(own),
            (None, Some(share)) if (0..=1000).contains(&share) => {
                i64::try_from((all * i128::from(share) + 999) / 1000).ok()
            }
            _ => None,
        };
        least.push(own.ok_or_else(|| {
            wrong(
                text,
                &format!("/floors/{k}"),
                "应有非负的 `least`,或 0 到 1000 的 `per_mille`,二者取一",
                "has to have either `least`, not negative, or `per_mille` from 0 to 1000",
            )
        })?);
    }
    let floors = (!least.is_empty()).then(|| Floors {
        of: of
            .iter()
            .map(|g| g.and_then(|g| place.get(&g).copied()).unwrap_or(u32::MAX))
            .collect(),
        least,
    });
    Ok(((!names.is_empty()).then_some(People { names, of }), floors))
}

/// Writes how each group is served, and which worst.
pub(super) fn report(problem: &Problem, answer: &Answer, out: &mut Map<String, Value>) {
    let Some(people) = &problem.people else {
        return;
    };
    let mut figures = vec![GroupFigures::default(); people.names.len()];
    for (demand, amount) in problem.instance.amount.iter().enumerate() {
        if let Some(own) = slot(&mut figures, people, demand) {
            own.weight += i128::from(*amount);
        }
    }
    for (demand, site, units) in &answer.flow {
        let cost = problem.instance.cost(*demand as usize, *site as usize);
        if let (Some(own), Some(cost)) = (slot(&mut figures, people, *demand as usize), cost) {
            own.served += i128::from(*units);
            own.cost += i128::from(cost) * i128::from(*units);
            own.farthest = own.farthest.max(cost);
        }
    }
    write(problem, &people.names, &figures, out);
}

fn slot<'a>(
    figures: &'a mut [GroupFigures],
    people: &People,
    demand: usize,
) -> Option<&'a mut GroupFigures> {
    let group = people.of.get(demand).copied().flatten()?;
    figures.get_mut(group)
}

fn write(
    problem: &Problem,
    names: &[String],
    figures: &[GroupFigures],
    out: &mut Map<String, Value>,
) {
    let covers = matches!(problem.model, Model::SetCover | Model::MaxCover);
    let rows = names.iter().zip(figures).map(|(name, own)| {
        let mut row = json!({
            "id": name,
            "weight": number(own.weight, 0),
            "served": number(own.served, 0),
        });
        if let (Value::Object(map), false) = (&mut row, covers) {
            map.insert("cost".into(), number(own.cost, problem.places));
            let farthest = i128::from(own.farthest);
            map.insert("farthest".into(), number(farthest, problem.places));
        }
        row
    });
    let rows: Vec<Value> = rows.collect();
    let mut worst: Option<(usize, &GroupFigures)> = None;
    for (group, own) in figures.iter().enumerate() {
        if own.weight > 0 && worst.is_none_or(|(_, other)| own.is_worse_than(other)) {
            worst = Some((group, own));
        }
    }
    let worst = worst.and_then(|(group, _)| names.get(group));
    out.insert("groups".into(), Value::Array(rows));
    out.insert("worst_served".into(), json!(worst));
}

/// Holds the groups of an outcome against what follows from its plan.
pub(super) fn check(
    problem: &Problem,
    value: &Value,
    claim: &SitingClaim,
) -> Result<(), PlainError> {
    let mut wanted = Map::new();
    if let (Some(people), Some(plan)) = (&problem.people, &claim.plan) {
        let figures = group_figures(&problem.case, plan, &people.of, people.names.len());
        write(problem, &people.names, &figures, &mut wanted);
    }
    for name in ["groups", "worst_served"] {
        let said = value.get(name).unwrap_or(&Value::Null);
        if said != wanted.get(name).unwrap_or(&Value::Null) {
            return Err(Fields::wrong(
                name,
                "与方案不符",
                "does not follow from the plan",
            ));
        }
    }
    Ok(())
}
