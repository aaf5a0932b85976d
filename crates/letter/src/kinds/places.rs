//! Letters where people are sent to places, or where it is measured what they reach: to
//! those of a demand, and to a place.

mod access;
mod assign;

use std::collections::BTreeMap;

use minsheng_bundle::Contents;
use minsheng_model::{ApplicantRow, Figure, Mechanism, Travel, Verdict};
use serde_json::Value;

use super::heading;
use crate::reasons::citation;
use crate::units::quantity;
use crate::words::Words;
use crate::{Lang, line};

/// Adds what a demand's people want to know.
pub(super) fn section(text: &mut String, contents: &Contents, row: &ApplicantRow, w: &Words) {
    let Some(read) = Read::of(contents) else {
        return;
    };
    if row.verdict != Verdict::Eligible {
        heading(text, w.pick("结果", "Result"));
        let said = if row.verdict == Verdict::NotEligible {
            w.pick(
                "未计入:有条件不符合,原因如下。",
                "Not counted in: a condition is not met, for the reasons below.",
            )
        } else {
            w.pick(
                "尚不能确定:缺少材料。这不等于不符合条件,补齐后重新核定。",
                "Undetermined: a paper is missing. This is not a refusal; the case is decided again once it is there.",
            )
        };
        line(text, said);
        line(text, "");
        return;
    }
    match &contents.rules.mechanism {
        Mechanism::Assign(own) => assign::demand(text, &read, own, &row.ticket, w),
        Mechanism::Access(own) => access::demand(text, &read, own, &row.ticket, w),
        _ => {}
    }
}

/// Adds what those who run a place want to know; `false` where the programme's kind has
/// no letter to a place.
pub(crate) fn place(text: &mut String, contents: &Contents, name: &str, w: &Words) -> bool {
    let Some(read) = Read::of(contents) else {
        return false;
    };
    match &contents.rules.mechanism {
        Mechanism::Assign(own) => assign::provider(text, &read, own, name, w),
        Mechanism::Access(own) => access::supplier(text, &read, own, name, w),
        _ => return false,
    }
    true
}

/// Instance and outcome of a bundle.
struct Read<'a> {
    contents: &'a Contents,
    instance: Value,
    outcome: Value,
}

impl<'a> Read<'a> {
    fn of(contents: &'a Contents) -> Option<Self> {
        let decided = contents.decided.as_ref()?;
        Some(Self {
            contents,
            instance: serde_json::from_str(&decided.instance).ok()?,
            outcome: serde_json::from_str(&decided.outcome).ok()?,
        })
    }

    fn list(&self, key: &str) -> &[Value] {
        let list = self.instance.get(key).and_then(Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }

    fn row(&self, list: &str, id: &str) -> Option<&Value> {
        let mut all = self.list(list).iter();
        all.find(|r| r.get("id").and_then(Value::as_str) == Some(id))
    }

    /// Returns how far it is from a demand to every place of the list that it can use,
    /// nearest first.
    fn from(&self, demand: &str, places: &str) -> Vec<(i64, &str)> {
        let mut found: Vec<(i64, &str)> = match self.instance.get("pairs") {
            Some(_) => {
                let own = self.list("pairs").iter();
                let own = own.filter(|p| p.get(0).and_then(Value::as_str) == Some(demand));
                own.filter_map(|p| Some((p.get(2)?.as_i64()?, p.get(1)?.as_str()?)))
                    .collect()
            }
            None => {
                let from = self.row("demands", demand).and_then(point);
                let all = self.list(places).iter();
                all.filter_map(|p| Some((straight(from?, point(p)?)?, p.get("id")?.as_str()?)))
                    .filter(|(far, _)| self.within(*far))
                    .collect()
            }
        };
        found.sort_unstable();
        found
    }

    /// Returns how far it is to a place from every demand that can use it, by demand.
    fn to(&self, place: &str, places: &str) -> BTreeMap<&str, i64> {
        match self.instance.get("pairs") {
            Some(_) => {
                let own = self.list("pairs").iter();
                let own = own.filter(|p| p.get(1).and_then(Value::as_str) == Some(place));
                own.filter_map(|p| Some((p.get(0)?.as_str()?, p.get(2)?.as_i64()?)))
                    .collect()
            }
            None => {
                let to = self.row(places, place).and_then(point);
                let all = self.list("demands").iter();
                all.filter_map(|d| Some((d.get("id")?.as_str()?, straight(point(d)?, to?)?)))
                    .filter(|(_, far)| self.within(*far))
                    .collect()
            }
        }
    }

    fn within(&self, far: i64) -> bool {
        let reach = self.instance.get("reach").and_then(Value::as_i64);
        let zones = self.list("zones").iter();
        let last = zones.filter_map(|z| z.get("distance")?.as_i64()).max();
        reach.or(last).is_none_or(|r| far <= r)
    }

    /// The numbers used, with their titles and the law.
    fn figures(&self, text: &mut String, row: &Value, figures: &[(&str, &Figure)], w: &Words) {
        heading(text, w.pick("所用的数", "The numbers used"));
        for (key, figure) in figures {
            if let Some(number) = row.get(*key) {
                let number = quantity(&number.to_string(), figure.unit.as_deref(), w);
                let (title, colon) = (figure.title.get(w.code()), w.pick(":", ": "));
                let law = citation(&self.contents.rules, &figure.cite, w);
                line(text, &format!("{title}{colon}{number}{law}"));
            }
        }
    }

    /// How far it is, as people say it.
    fn far(&self, own: &Travel, far: i128, w: &Words) -> String {
        let Some(pairs) = own.pairs() else {
            return metres(far, w);
        };
        let columns = self.contents.rules.choices.columns.iter();
        let mut column = columns.filter(|c| c.name == pairs.value);
        match column.next().and_then(|c| c.unit.as_deref()) {
            Some("metre" | "米" | "m") => metres(far, w),
            Some("second" | "秒" | "s") => {
                let (minutes, unit) = (far / 60, w.pick(" 分", " min"));
                let (rest, seconds) = (far % 60, w.pick(" 秒", " s"));
                match (minutes, rest) {
                    (0, rest) => format!("{rest}{seconds}"),
                    (minutes, 0) => format!("{minutes}{unit}"),
                    (minutes, rest) => format!("{minutes}{unit} {rest}{seconds}"),
                }
            }
            unit => quantity(&far.to_string(), unit, w),
        }
    }
}

/// Whole metres, from a kilometre on in kilometres with one place, rounded down.
fn metres(far: i128, w: &Words) -> String {
    if far < 1000 {
        return format!("{far}{}", w.pick(" 米", " m"));
    }
    let unit = w.pick(" 公里", " km");
    match far % 1000 / 100 {
        0 => format!("{}{unit}", far / 1000),
        tenth => format!("{}.{tenth}{unit}", far / 1000),
    }
}

fn point(row: &Value) -> Option<(i64, i64)> {
    Some((row.get("x")?.as_i64()?, row.get("y")?.as_i64()?))
}

/// Whole metres between two points of a plane, rounded down.
fn straight(a: (i64, i64), b: (i64, i64)) -> Option<i64> {
    let side = |a: i64, b: i64| {
        let d = u128::from(a.abs_diff(b));
        d.checked_mul(d)
    };
    let squared = side(a.0, b.0)?.checked_add(side(a.1, b.1)?)?;
    i64::try_from(squared.isqrt()).ok()
}

/// Returns a whole number written as such, however large.
fn wide(number: &Value) -> Option<i128> {
    number.as_number()?.to_string().parse().ok()
}

/// Says a sentence in the letter's language.
fn say(text: &mut String, w: &Words, zh: String, en: String) {
    match w.lang() {
        Lang::Zh => line(text, &zh),
        Lang::En => line(text, &en),
    }
}
