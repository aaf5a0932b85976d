//! Covers: who is within reach of what exists, who of what will be open, who of neither.

use std::collections::BTreeMap;

use minsheng_siting::{Instance, Metric, State};
use minsheng_verify::siting::{Gap, gaps};
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::input::Input;
use super::problem::Problem;
use crate::error::PlainError;
use crate::words::number;

/// Classes of demands: by group and by type, in their order; one where there are neither.
pub(crate) struct Classes {
    keys: Vec<(Option<String>, Option<String>)>,
    of: Vec<usize>,
    weight: Vec<i64>,
}

impl Classes {
    /// Returns the classes of an instance's demands.
    pub fn new(input: &Input, weight: &[i64]) -> Self {
        let mut index = BTreeMap::new();
        let demands = input.demands.iter().flatten();
        let keys: Vec<(Option<String>, Option<String>)> = demands
            .map(|d| (d.group.clone(), d.kind.clone()))
            .chain(std::iter::repeat((None, None)))
            .take(weight.len())
            .collect();
        for key in &keys {
            index.entry(key.clone()).or_insert(0);
        }
        for (place, slot) in index.values_mut().enumerate() {
            *slot = place;
        }
        Self {
            of: keys.iter().filter_map(|k| index.get(k).copied()).collect(),
            keys: index.into_keys().collect(),
            weight: weight.to_vec(),
        }
    }

    /// Returns one class of everybody.
    pub fn one(weight: &[i64]) -> Self {
        Self {
            keys: vec![(None, None)],
            of: vec![0; weight.len()],
            weight: weight.to_vec(),
        }
    }

    fn rows(&self, found: &[Gap]) -> Value {
        let rows = self.keys.iter().zip(found).map(|((group, kind), gap)| {
            let mut row = Map::new();
            for (key, word) in [("group", group), ("type", kind)] {
                if let Some(word) = word {
                    row.insert(key.to_owned(), json!(word));
                }
            }
            let beyond = gap.places - gap.places_after;
            for (key, count) in [
                ("places", gap.places),
                ("places_before", gap.places_before),
                ("places_after", gap.places_after),
                ("places_beyond", beyond),
            ] {
                row.insert(key.to_owned(), json!(count));
            }
            for (key, units) in [
                ("weight", gap.weight),
                ("weight_before", gap.weight_before),
                ("weight_after", gap.weight_after),
                ("weight_beyond", gap.weight - gap.weight_after),
            ] {
                row.insert(key.to_owned(), number(units, 0));
            }
            Value::from(row)
        });
        rows.collect()
    }

    /// Counts what the open sites reach, from the solver's own arrays.
    fn count(&self, instance: &Instance, open: &[u32]) -> Vec<Gap> {
        let mut found = vec![Gap::default(); self.keys.len()];
        let mut after = vec![false; instance.sites()];
        for site in open {
            if let Some(flag) = after.get_mut(*site as usize) {
                *flag = true;
            }
        }
        // A cover's pairs are always a list.
        let Metric::Sparse { first, site, .. } = &instance.metric else {
            return found;
        };
        for (demand, (class, units)) in self.of.iter().zip(&self.weight).enumerate() {
            let range = first.get(demand).zip(first.get(demand + 1));
            let own = range.and_then(|(from, to)| site.get(*from..*to));
            let own = own.unwrap_or_default();
            let was = own
                .iter()
                .any(|s| instance.state.get(*s as usize) == Some(&State::Open));
            let is = own.iter().any(|s| after.get(*s as usize) == Some(&true));
            if let Some(gap) = found.get_mut(*class) {
                let units = i128::from(*units);
                gap.places += 1;
                gap.weight += units;
                gap.places_before += u64::from(was);
                gap.weight_before += if was { units } else { 0 };
                gap.places_after += u64::from(is);
                gap.weight_after += if is { units } else { 0 };
            }
        }
        found
    }
}

/// Writes the gaps before and after, by group and type.
pub(super) fn report(problem: &Problem, open: &[u32], out: &mut Map<String, Value>) {
    if let Some(classes) = &problem.classes {
        let found = classes.count(&problem.instance, open);
        out.insert("gaps".into(), classes.rows(&found));
    }
}

/// Holds the gaps of an outcome against those of its plan.
pub(super) fn check(
    problem: &Problem,
    value: &Value,
    open: Option<&[usize]>,
) -> Result<(), PlainError> {
    let mut wanted = None;
    if let (Some(classes), Some(open)) = (&problem.classes, open) {
        let sizes = (&classes.weight, &classes.of, classes.keys.len());
        let found = gaps(&problem.case, open, sizes.0, sizes.1, sizes.2);
        wanted = Some(classes.rows(&found));
    }
    if value.get("gaps") != wanted.as_ref() {
        return Err(Fields::wrong(
            "gaps",
            "与方案不符",
            "does not follow from the plan",
        ));
    }
    Ok(())
}
