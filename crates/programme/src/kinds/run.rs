//! The own tests of what a kind computes for one candidate.

use std::collections::BTreeMap;

use minsheng_model::{Grouping, Mechanism, Order, Rules, Sees, Tier};
use minsheng_spec::expr::{EvalError, Row};
use minsheng_spec::figures::Figures;

use crate::tests::Expected;

/// What was looked at: its name in Chinese and English, expected, found.
pub type Compared = ((String, String), String, String);

/// Returns whether a case expects anything of figures that see such rows.
pub fn asks(rules: &Rules, wanted: &Expected, sees: Sees) -> bool {
    let kind = rules.mechanism.kind();
    let figures = rules.mechanism.figures();
    let named = wanted.numbers.keys().any(|key| {
        let at = format!("{kind}.{key}");
        figures.iter().any(|w| w.sees == sees && w.at == at)
    });
    named || sees == Sees::Candidate && wanted.asks_more()
}

/// Returns what was expected of a candidate's figures beside what they are; `rivals`
/// are those candidates of the case that may take part.
///
/// # Errors
/// When a figure has no answer.
pub fn test(
    rules: &Rules,
    figures: &Figures,
    wanted: &Expected,
    row: &dyn Row,
    rivals: &[&dyn Row],
) -> Result<Vec<Compared>, EvalError> {
    let mut out: Vec<Compared> = Vec::new();
    let mut add = |zh: &str, en: &str, wanted: Option<String>, found: &dyn Fn() -> String| {
        if let Some(wanted) = wanted {
            out.push(((zh.to_owned(), en.to_owned()), wanted, found()));
        }
    };
    if !wanted.asks_figures() {
        return Ok(out);
    }
    let kind = rules.mechanism.kind();
    let mut own: BTreeMap<&str, i64> = BTreeMap::new();
    for sees in [Sees::Candidate, Sees::Group] {
        if asks(rules, wanted, sees) {
            own.extend(figures.of(sees, row)?);
        }
    }
    let number = |at: &str| own.get(at).copied().unwrap_or_default();
    add(
        "价值",
        "value",
        wanted.value.map(|v| v.to_string()),
        &|| number("select.value").to_string(),
    );
    for (id, cost) in &wanted.costs {
        let at = format!("{kind}.budgets.{id}.cost");
        let (zh, en) = (format!("`{id}` 的费用"), format!("cost of `{id}`"));
        add(&zh, &en, Some(cost.to_string()), &|| {
            number(&at).to_string()
        });
    }
    for (key, value) in &wanted.numbers {
        let at = format!("{kind}.{key}");
        add(key, key, Some(value.to_string()), &|| {
            number(&at).to_string()
        });
    }
    add(
        "必选",
        "must",
        wanted.must.map(|b| i64::from(b).to_string()),
        &|| number(&format!("{kind}.must")).to_string(),
    );
    let groups = wanted.groups.clone().map(|mut ids| {
        ids.sort();
        format!("[{}]", ids.join(", "))
    });
    add("所属的组", "groups", groups, &|| {
        let quotas = rules.mechanism.limits().map(|l| l.quotas.as_slice());
        let mut ids: Vec<&str> = quotas
            .unwrap_or_default()
            .iter()
            .filter(|q| matches!(q.group, Grouping::Members(_)))
            .filter(|q| number(&format!("{kind}.quotas.{}.members", q.id)) == 1)
            .map(|q| q.id.as_str())
            .collect();
        ids.sort_unstable();
        format!("[{}]", ids.join(", "))
    });
    let Mechanism::Rank(ranking) = &rules.mechanism else {
        return Ok(out);
    };
    let place = |numbers: &BTreeMap<&str, i64>| {
        let tiers = &ranking.tiers;
        let first = tiers.iter().position(|t| held(numbers, t));
        let score = numbers.get("rank.score").copied().unwrap_or_default();
        let signed = match ranking.score.order {
            Order::HighFirst => -i128::from(score),
            Order::LowFirst => i128::from(score),
        };
        (first.unwrap_or(tiers.len()), signed)
    };
    let (tier, _) = place(&own);
    add("次序", "tier", wanted.tier.clone(), &|| {
        let named = ranking.tiers.get(tier);
        named.map_or_else(|| "last".to_owned(), |t| t.id.clone())
    });
    add(
        "分数",
        "score",
        wanted.score.map(|s| s.to_string()),
        &|| number("rank.score").to_string(),
    );
    let mut ahead = 0;
    for rival in rivals {
        let other: BTreeMap<&str, i64> = figures.of(Sees::Candidate, *rival)?.into_iter().collect();
        ahead += usize::from(place(&other) < place(&own));
    }
    add(
        "名次",
        "rank",
        wanted.rank.map(|r| r.to_string()),
        &|| (ahead + 1).to_string(),
    );
    Ok(out)
}

fn held(numbers: &BTreeMap<&str, i64>, tier: &Tier) -> bool {
    numbers.get(format!("rank.tiers.{}", tier.id).as_str()) == Some(&1)
}
