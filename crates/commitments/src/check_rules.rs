//! Rules that need more than the texts: names of things, targets.

use crate::check::{At, Entities, Finding, Weight, counted, finding};
use crate::register::Register;
use crate::statement::{Measure, Statement, Status};

/// One thing that is done in one sentence and still to come in another.
pub(crate) fn states(all: &[At<'_>], entities: &Entities, findings: &mut Vec<Finding>) {
    let mut seen: Vec<(&str, At<'_>)> = Vec::new();
    for at in all.iter().filter(|(_, s)| s.measure == Measure::None) {
        let mut quote = at.1.quote.clone();
        for (alias, name) in &entities.0 {
            if quote.contains(alias.as_str()) {
                quote = quote.replace(alias.as_str(), "");
                seen.push((name, *at));
            }
        }
    }
    let opens = |s: &Statement| {
        [
            "开诊",
            "投入使用",
            "投用",
            "启用",
            "通车",
            "投入运营",
            "开通",
            "建成",
            "竣工",
            "完工",
        ]
        .iter()
        .any(|w| s.quote.contains(w))
    };
    for (k, (name, done)) in seen.iter().enumerate() {
        if done.1.status != Status::Done || !opens(done.1) {
            continue;
        }
        let later = seen.iter().enumerate().find(|(n, (other, s))| {
            *n != k
                && other == name
                && matches!(
                    s.1.status,
                    Status::Planned | Status::Future | Status::Ongoing
                )
                && opens(s.1)
        });
        if let Some((_, (_, to_come))) = later {
            let zh = format!("`{name}` 一处为已完成,一处为待完成");
            findings.push(finding(
                "two-states",
                Weight::Contradiction,
                &[*done, *to_come],
                zh,
                format!("`{name}` is done in one place and still to come in another"),
            ));
        }
    }
}

/// 超额完成: the result of the indicator is above its target in the register.
pub(crate) fn claims(all: &[At<'_>], register: &Register, findings: &mut Vec<Finding>) {
    for at in all
        .iter()
        .filter(|(_, s)| s.status == Status::Done && !s.indicator_id.is_empty() && counted(s))
    {
        let (Some(value), Some(end)) = (at.1.value, at.1.period_end) else {
            continue;
        };
        for target in register.targets_of(&at.1.indicator_id) {
            if target.period_end != Some(end) || !over_claimed(all, at) {
                continue;
            }
            if value <= target.value {
                let zh = format!("称超额完成,但 {value} ≤ 目标 {}", target.value);
                findings.push(finding(
                    "over-fulfilled",
                    Weight::Contradiction,
                    &[*at],
                    zh,
                    format!(
                        "over-fulfilment is claimed, but {value} is not above the target {}",
                        target.value
                    ),
                ));
            }
        }
    }
}

/// The claim stands behind the figure in the same text, within a sentence.
fn over_claimed(all: &[At<'_>], at: &At<'_>) -> bool {
    at.1.suffix.contains("超额")
        || at.1.quote.contains("超额")
        || all.iter().any(|o| {
            o.0 == at.0
                && o.1.start >= at.1.start
                && o.1.start - at.1.end.min(o.1.start) < 60
                && o.1.suffix.contains("超额")
        })
}
