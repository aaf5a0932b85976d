use std::collections::{BTreeMap, BTreeSet};

use minsheng_bundle::IndicatorValue;
use minsheng_model::{ApplicantRow, Indicator, Measure, Rules, Verdict};

/// Returns the published figures; a count from 1 to below the programme's
/// smallest cell is hidden. `chosen` names the candidates that are chosen.
pub(crate) fn count(
    rules: &Rules,
    applicants: &[ApplicantRow],
    chosen: &BTreeSet<String>,
) -> Vec<IndicatorValue> {
    let columns = rules.group_columns();
    let mut values = Vec::new();
    for indicator in &rules.indicators {
        let column = indicator
            .by
            .as_deref()
            .and_then(|by| columns.iter().position(|c| *c == by));
        let mut cells: BTreeMap<Option<String>, u64> = BTreeMap::new();
        if column.is_none() {
            cells.insert(None, 0);
        }
        for row in applicants {
            let group = column.map(|c| row.groups.get(c).cloned().flatten().unwrap_or_default());
            *cells.entry(group).or_insert(0) += u64::from(counts(indicator, row, chosen));
        }
        for (group, value) in cells {
            let hidden = value > 0 && value < u64::from(rules.cell_min);
            values.push(IndicatorValue {
                id: indicator.id.clone(),
                group,
                value: (!hidden).then_some(value),
            });
        }
    }
    values
}

fn counts(indicator: &Indicator, row: &ApplicantRow, chosen: &BTreeSet<String>) -> bool {
    match indicator.measure {
        Measure::Applicants => true,
        Measure::Placed => row.placement.is_some(),
        Measure::FirstChoice => row.placement.as_ref().is_some_and(|p| p.position == 1),
        Measure::Chosen => chosen.contains(&row.ticket),
        Measure::Undetermined => row.verdict == Verdict::Undetermined,
    }
}
