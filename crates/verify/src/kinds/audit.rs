//! Everything again from the registers.

use minsheng_bundle::Contents;
use minsheng_model::{Table, Value};

use super::known::Known;
use super::{expected, travel};
use crate::register::RegisterRows;
use crate::report::{Checks, Found, differs, offends};

fn rows(register: &dyn RegisterRows, table: &Table) -> Vec<Vec<Option<Value>>> {
    let columns = table.columns.len();
    (0..register.len())
        .map(|row| (0..columns).map(|c| register.value(row, c)).collect())
        .collect()
}

/// Checks groups and instance against the registers; the candidates' rows are checked
/// already.
pub(crate) fn audit(contents: &Contents, registers: [&dyn RegisterRows; 3], checks: &mut Checks) {
    let rules = &contents.rules;
    let [candidates, groups, pairs] = registers;
    checks.add(
        "group-facts",
        "各组的事实由名册得出",
        "the groups' facts follow from the register",
        groups.len(),
        group_facts(contents, groups),
    );
    let (own, places) = (
        rows(candidates, &rules.applicants),
        rows(groups, &rules.providers),
    );
    let all = |table: &Table| vec![true; table.columns.len()];
    let seen = [all(&rules.applicants), all(&rules.providers)];
    let [own_seen, group_seen] = &seen;
    let found = match Known::of(rules, &own, &places, [own_seen, group_seen]) {
        Err((_, said)) => Some(said),
        Ok(mut known) => match &contents.decided {
            Some(decided) => {
                known.pairs = travel::register(rules, pairs);
                expected::check(contents, &known, &decided.instance)
            }
            None => Some(offends("instance.json", "缺少", "is missing")),
        },
    };
    checks.add(
        "instance-facts",
        "实例中的每个数值由名册得出",
        "every number of the instance follows from the registers",
        usize::try_from(contents.certificate.eligible).unwrap_or(usize::MAX),
        found,
    );
}

fn group_facts(contents: &Contents, register: &dyn RegisterRows) -> Found {
    let table = &contents.rules.providers;
    if let Some(wrong) = differs("groups", register.len(), contents.providers.len()) {
        return Some(wrong);
    }
    let text = |row: usize, name: &str| -> Option<String> {
        let column = table.column_index(name)?;
        register.value(row, column).map(|v| v.to_string())
    };
    let key = table.key.first().map_or("", String::as_str);
    let shown: Vec<&str> = table
        .columns
        .iter()
        .filter(|c| c.publish && !table.key.contains(&c.name))
        .map(|c| c.name.as_str())
        .collect();
    contents.providers.iter().enumerate().find_map(|(row, p)| {
        let facts: Vec<Option<String>> = shown.iter().map(|c| text(row, c)).collect();
        let same = text(row, key).as_ref() == Some(&p.provider) && facts == p.facts;
        (!same).then(|| offends(&p.provider, "与名册不符", "is not as in the register"))
    })
}
