//! Dated parameters, resolved for the cycle's day.

use minsheng_model::{Date, Parameter, Span, Status, Value};

use crate::draft::{Draft, status};
use crate::shape;
use crate::sink::Sink;
use crate::view::View;

/// One value with its days.
struct Dated {
    since: Date,
    until: Option<Date>,
    value: Value,
    cite: String,
    status: Status,
    span: Span,
}

/// Reads the parameters; each gets the value that holds on the cycle's day.
pub fn read(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    let as_of = view.table("cycle").day("as_of");
    for (name, span, item) in view.table("parameters").named() {
        if name == "as_of" {
            sink.error(
                "programme/duplicate",
                span.clone(),
                "`$as_of` 是周期的日期,不能另作参数",
                "`$as_of` is the cycle's day and cannot be declared",
            );
        }
        let values = dated(draft, item, sink);
        let Some(first) = values.first() else {
            draft.tainted.push(name.to_owned());
            let listed = item.item("values").and_then(|i| i.get_ref().as_array());
            if listed.is_some_and(|l| l.is_empty()) {
                sink.error(
                    "programme/empty",
                    item.place("values", &span),
                    "没有任何值",
                    "there is no value",
                );
            }
            continue;
        };
        for other in values
            .iter()
            .filter(|v| kind(&v.value) != kind(&first.value))
        {
            let (a, b) = (other.value.type_of(), first.value.type_of());
            sink.error(
                "programme/value-type",
                other.span.clone(),
                format!("类型 {a} 与前面的 {b} 不同"),
                format!("type {a} differs from {b} before"),
            );
        }
        overlaps(name, &values, sink);
        let held = as_of.and_then(|day| {
            values
                .iter()
                .filter(|v| v.since <= day)
                .max_by_key(|v| v.since)
        });
        let ended = held
            .and_then(|v| v.until)
            .zip(as_of)
            .filter(|(until, day)| until < day);
        if let Some(day) = as_of {
            match (held, ended) {
                (None, _) => {
                    sink.error(
                        "programme/no-value",
                        span.clone(),
                        format!("参数 `{name}` 在 {day} 没有值"),
                        format!("parameter `{name}` has no value on {day}"),
                    );
                    sink.help(
                        format!("最早的值从 {} 起", earliest(&values, first)),
                        format!("its first value holds from {}", earliest(&values, first)),
                    );
                }
                (Some(value), Some((until, _))) => {
                    sink.error(
                        "programme/no-value",
                        value.span.clone(),
                        format!("参数 `{name}` 的值只到 {until},{day} 没有值"),
                        format!(
                            "the value of parameter `{name}` ended on {until}; none holds on {day}"
                        ),
                    );
                    sink.help("补上其后的值", "add the value that follows");
                }
                _ => {}
            }
        }
        let value = held.unwrap_or(first);
        if value.status == Status::Unverified {
            draft.unverified.push((name.to_owned(), value.span.clone()));
        }
        draft.rules.parameters.push(Parameter {
            name: name.to_owned(),
            value: value.value.clone(),
            unit: item.words("unit").map(|(u, _)| u.to_owned()),
            since: value.since,
            cite: value.cite.clone(),
            status: value.status,
            label: item.text("label"),
        });
    }
}

/// A value that is said to hold on after the next one begins says two things about
/// the same day.
fn overlaps(name: &str, values: &[Dated], sink: &mut Sink<'_>) {
    for value in values {
        let next = values
            .iter()
            .filter(|v| v.since > value.since)
            .min_by_key(|v| v.since);
        if let (Some(until), Some(next)) = (value.until, next)
            && until >= next.since
        {
            let since = next.since;
            sink.error(
                "programme/overlap",
                value.span.clone(),
                format!("参数 `{name}` 的这个值到 {until},而下一个从 {since} 起"),
                format!(
                    "this value of parameter `{name}` holds until {until}, the next from {since} on"
                ),
            );
            sink.note(next.span.clone(), "下一个", "the next");
            sink.help(
                "把 `until` 改为下一个值起始的前一天,或删去",
                "let `until` be the day before the next value begins, or leave it out",
            );
        }
    }
}

fn earliest(values: &[Dated], first: &Dated) -> Date {
    values.iter().map(|v| v.since).min().unwrap_or(first.since)
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Text(_) => 0,
        Value::Integer(_) => 1,
        Value::Decimal(_) => 2,
        Value::Boolean(_) => 3,
        Value::Date(_) => 4,
    }
}

fn dated(draft: &mut Draft, item: View<'_>, sink: &mut Sink<'_>) -> Vec<Dated> {
    let mut found: Vec<Dated> = Vec::new();
    for (entry, span) in item.tables("values") {
        let cite = draft.cite(entry, "cite");
        let value = entry.item("value").and_then(|i| shape::scalar(i.get_ref()));
        let (Some(since), Some(value)) = (entry.day("since"), value) else {
            continue;
        };
        let until = entry.day("until");
        if until.is_some_and(|u| u < since) {
            sink.error(
                "programme/bad-date",
                entry.place("until", &span),
                "最后一天在第一天之前",
                "the last day is before the first",
            );
        }
        if let Some(same) = found.iter().find(|d| d.since == since) {
            let first = same.span.clone();
            sink.error(
                "programme/duplicate",
                entry.place("since", &span),
                format!("{since} 起已有一个值"),
                format!("a value from {since} is there already"),
            );
            sink.note(first, "在这里", "here");
        }
        let span = entry.place("value", &span);
        found.push(Dated {
            since,
            until,
            value,
            cite,
            status: status(entry),
            span,
        });
    }
    found
}
