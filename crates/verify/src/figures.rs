use std::collections::{BTreeMap, BTreeSet};

use minsheng_bundle::{Contents, Decided, IndicatorValue};
use minsheng_model::{ApplicantRow, Measure, Verdict};

use crate::report::{Found, offends};

fn counted(measure: Measure, row: &ApplicantRow, chosen: &BTreeSet<String>) -> bool {
    match measure {
        Measure::Applicants => true,
        Measure::Placed => row.placement.is_some(),
        Measure::FirstChoice => matches!(&row.placement, Some(p) if p.position == 1),
        Measure::Chosen => chosen.contains(&row.ticket),
        Measure::Undetermined => row.verdict == Verdict::Undetermined,
    }
}

/// Returns the figures that the rows give.
fn recount(contents: &Contents) -> Vec<IndicatorValue> {
    let rules = &contents.rules;
    let chosen = contents.decided.as_ref().and_then(Decided::chosen);
    let chosen = chosen.unwrap_or_default();
    let columns = rules.group_columns();
    let mut figures = Vec::new();
    for indicator in &rules.indicators {
        let mut cells: BTreeMap<Option<&str>, u64> = BTreeMap::new();
        let column = indicator
            .by
            .as_deref()
            .and_then(|by| columns.iter().position(|c| *c == by));
        if column.is_none() {
            cells.insert(None, 0);
        }
        for row in &contents.applicants {
            let cell = column.map(|c| row.groups.get(c).and_then(|g| g.as_deref()).unwrap_or(""));
            *cells.entry(cell).or_default() += u64::from(counted(indicator.measure, row, &chosen));
        }
        figures.extend(cells.into_iter().map(|(group, value)| IndicatorValue {
            id: indicator.id.clone(),
            group: group.map(str::to_owned),
            value: (value == 0 || value >= u64::from(rules.cell_min)).then_some(value),
        }));
    }
    figures
}

fn name(figure: &IndicatorValue) -> String {
    format!("{} {}", figure.id, figure.group.as_deref().unwrap_or(""))
}

/// Checks every published figure.
pub(crate) fn check(contents: &Contents) -> Found {
    let expected = recount(contents);
    let found = &contents.certificate.indicators;
    let pairs = expected.iter().zip(found).find(|(a, b)| a != b);
    if let Some((right, wrong)) = pairs {
        return Some(offends(
            &name(wrong),
            &format!("应为 {:?}", right.value),
            &format!("should be {:?}", right.value),
        ));
    }
    (expected.len() != found.len()).then(|| {
        offends(
            "indicators",
            "数量有误",
            "are not as many as the rules give",
        )
    })
}

/// Checks the form of the figures where no rows are shown: the rules' indicators in
/// their order, small cells hidden.
pub(crate) fn check_form(contents: &Contents) -> Found {
    let rules = &contents.rules;
    let found = &contents.certificate.indicators;
    let mut expected = Vec::new();
    for indicator in &rules.indicators {
        let mut own = found
            .iter()
            .filter(|f| f.id == indicator.id)
            .collect::<Vec<_>>();
        let whole = own.len() == 1 && own.iter().all(|f| f.group.is_none());
        let grouped =
            own.iter().all(|f| f.group.is_some()) && own.is_sorted_by(|a, b| a.group < b.group);
        if !(if indicator.by.is_none() {
            whole
        } else {
            grouped
        }) {
            return Some(offends(&indicator.id, "分组有误", "has wrong groups"));
        }
        expected.append(&mut own);
    }
    let small = |f: &&IndicatorValue| {
        f.value
            .is_some_and(|v| v > 0 && v < u64::from(rules.cell_min))
    };
    if let Some(wrong) = found.iter().find(small) {
        return Some(offends(
            &name(wrong),
            "小数目应隐去",
            "a small count should be hidden",
        ));
    }
    let same = expected.len() == found.len() && expected.iter().zip(found).all(|(a, b)| **a == *b);
    (!same).then(|| offends("indicators", "顺序有误", "are out of order"))
}
