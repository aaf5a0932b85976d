//! How much a place's people reach, and what a supplier has for how many.

use minsheng_model::{AccessMethod, AccessRules};
use serde_json::Value;

use super::{Read, say};
use crate::kinds::heading;
use crate::reasons::citation;
use crate::words::Words;
use crate::{Lang, line, provider_name};

/// How many suppliers are told.
const TOLD: usize = 12;

/// Billionths, as scores are written.
const UNIT: i128 = 1_000_000_000;

/// Returns a decimal number of at most nine places in billionths.
fn billionths(number: &Value) -> Option<i128> {
    let text = number.as_number()?.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = format!("{part:0<9}");
    let part: i128 = digits.get(..9)?.parse().ok()?;
    whole
        .parse::<i128>()
        .ok()?
        .checked_mul(UNIT)?
        .checked_add(part)
}

/// Supply for `per` people from billionths for one: two places, rounded down.
fn shown(score: i128, per: u32) -> String {
    let hundredths = score * i128::from(per) * 100 / UNIT;
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// What a rate is, such as `beds within reach of 1000 (children)`.
fn what(own: &AccessRules, w: &Words) -> String {
    let (supply, people) = (
        own.supply.title.get(w.code()),
        own.people.title.get(w.code()),
    );
    let per = own.per;
    match w.lang() {
        Lang::Zh => format!("每 {per}({people})可达的{supply}"),
        Lang::En => format!("{supply} within reach of {per} ({people})"),
    }
}

impl Read<'_> {
    fn side(&self, side: &str) -> Option<&Value> {
        self.outcome.get(side)
    }

    fn score(&self, side: &str, ticket: &str) -> Option<i128> {
        billionths(self.side(side)?.get("score")?.get(ticket)?)
    }

    /// The place in the order of scores, the highest first, and of how many.
    fn rank(&self, ticket: &str) -> Option<(usize, usize)> {
        let all = self.side("now")?.get("score")?.as_object()?;
        let own = billionths(all.get(ticket)?)?;
        let better = all.values().filter_map(billionths).filter(|s| *s > own);
        Some((better.count() + 1, all.len()))
    }

    /// The weighted people of a supplier's catchment.
    fn people(&self, own: &AccessRules, supplier: &str) -> Option<i128> {
        let mut ids = self.list("suppliers").iter();
        let index = ids.position(|s| s.get("id").and_then(Value::as_str) == Some(supplier))?;
        let load = self.side("now")?.get("certificate")?.get("load")?;
        let load = super::wide(load.get(index)?)?;
        Some(match own.method {
            AccessMethod::TwoStep => load / 1000,
            AccessMethod::Balanced => load / UNIT,
        })
    }
}

/// Tells a place's people what they reach.
pub(super) fn demand(
    text: &mut String,
    read: &Read<'_>,
    own: &AccessRules,
    ticket: &str,
    w: &Words,
) {
    heading(text, w.pick("结果", "Result"));
    let now = read.score("now", ticket).unwrap_or(0);
    let (what, here) = (what(own, w), shown(now, own.per));
    line(text, &format!("{what}{}{here}", w.pick(":", ": ")));
    if let Some((rank, of)) = read.rank(ticket) {
        say(
            text,
            w,
            format!("名次:{of} 处中的第 {rank} 位(1 为最多)。"),
            format!("Place: {rank} of {of}; 1 has most."),
        );
    }
    floor(text, read, own, ticket, w);
    if let Some(before) = read.score("before", ticket) {
        let was = shown(before, own.per);
        // Of the numbers as they are shown.
        let hundredths = |score: i128| score * i128::from(own.per) * 100 / UNIT;
        let more = hundredths(now) - hundredths(before);
        let sign = if more < 0 { "-" } else { "+" };
        let more = match more {
            0 => w.pick("不变", "unchanged").to_owned(),
            _ => format!("{sign}{}.{:02}", more.abs() / 100, more.abs() % 100),
        };
        say(
            text,
            w,
            format!("此前:{was}({more})。"),
            format!("Before: {was} ({more})."),
        );
    }
    group(text, read, own, ticket, w);
    line(text, "");
    suppliers(text, read, own, ticket, w);
    if let Some(row) = read.row("demands", ticket) {
        read.figures(text, row, &[("people", &own.people)], w);
        let law = citation(&read.contents.rules, &own.cite, w);
        let how = match own.method {
            AccessMethod::TwoStep => w.pick(
                "算法:先求各供给处范围内人均多少,再把范围内各处相加",
                "how: what each supplier has for each person around it, added up over those within reach",
            ),
            AccessMethod::Balanced => w.pick(
                "算法:人先按权重分到范围内各处,再把各处人均相加",
                "how: people are first shared out among those within reach, then what each has for a person is added up",
            ),
        };
        line(text, &format!("{how}{law}"));
        line(text, "");
    }
}

fn floor(text: &mut String, read: &Read<'_>, own: &AccessRules, ticket: &str, w: &Words) {
    let Some(floor) = &own.floor else {
        return;
    };
    let list = |side: &str| {
        let below = read.side(side)?.get("below")?.as_array()?;
        Some(below.iter().any(|b| b.as_str() == Some(ticket)))
    };
    let wanted = read.instance.get("floor").and_then(|f| {
        let supply = i128::from(f.get("supply")?.as_i64()?);
        (supply * UNIT).checked_div(f.get("people")?.as_i64()?.into())
    });
    let (Some(now), Some(wanted)) = (list("now"), wanted) else {
        return;
    };
    let wanted = shown(wanted, own.per);
    let (title, law) = (
        floor.title.get(w.code()),
        citation(&read.contents.rules, &floor.cite, w),
    );
    let (zh, en) = match (now, list("before")) {
        (false, Some(true)) => ("由此达到", "reached with this"),
        (false, _) => ("已达到", "reached"),
        (true, Some(false)) => ("由此跌到以下", "no longer reached"),
        (true, _) => ("未达到", "not reached"),
    };
    say(
        text,
        w,
        format!("{title}({wanted}):{zh}。{law}"),
        format!("{title} ({wanted}): {en}.{law}"),
    );
}

fn group(text: &mut String, read: &Read<'_>, own: &AccessRules, ticket: &str, w: &Words) {
    let name = read
        .row("demands", ticket)
        .and_then(|d| d.get("group")?.as_str());
    let all = read
        .side("now")
        .and_then(|n| Some((n.get("groups")?, n.get("mean_score")?)));
    let (Some(name), Some((groups, city))) = (name, all) else {
        return;
    };
    let mean = groups
        .get(name)
        .and_then(|g| billionths(g.get("mean_score")?));
    if let (Some(mean), Some(city)) = (mean, billionths(city)) {
        let (mean, city) = (shown(mean, own.per), shown(city, own.per));
        say(
            text,
            w,
            format!("{name} 平均:{mean};全部平均:{city}。"),
            format!("{name} on average: {mean}; all on average: {city}."),
        );
    }
}

fn suppliers(text: &mut String, read: &Read<'_>, own: &AccessRules, ticket: &str, w: &Words) {
    let (supply, people) = (
        own.supply.title.get(w.code()),
        own.people.title.get(w.code()),
    );
    heading(
        text,
        &match w.lang() {
            Lang::Zh => format!("范围内各处:距离、{supply}、范围内折合的{people}"),
            Lang::En => format!("Within reach: how far, {supply}, {people} around it (weighted)"),
        },
    );
    let near = read.from(ticket, "suppliers");
    if near.is_empty() {
        let (zh, en) = ("没有。", "Nothing.");
        line(text, w.pick(zh, en));
    }
    for (far, place) in near.iter().take(TOLD) {
        let name = provider_name(read.contents, place, w);
        let way = read.far(&own.travel, (*far).into(), w);
        let row = read.row("suppliers", place);
        let number = |key: &str| row.and_then(|r| r.get(key)?.as_i64());
        let (has, before) = (number("supply").unwrap_or(0), number("before"));
        let (mut zh, mut en) = (
            format!("{name}:{way},{has}"),
            format!("{name}: {way}, {has}"),
        );
        if let Some(before) = before.filter(|b| *b != has) {
            zh += &format!("(此前 {before})");
            en += &format!(" ({before} before)");
        }
        if let Some(people) = read.people(own, place) {
            zh += &format!(",{people}");
            en += &format!(", {people}");
        }
        say(text, w, zh, en);
    }
    if let Some(more) = near.len().checked_sub(TOLD).filter(|m| *m > 0) {
        say(
            text,
            w,
            format!("另有 {more} 处较远。"),
            format!("And {more} more, farther away."),
        );
    }
    line(text, "");
}

/// Tells those of a supplier for how many it is.
pub(super) fn supplier(
    text: &mut String,
    read: &Read<'_>,
    own: &AccessRules,
    name: &str,
    w: &Words,
) {
    heading(text, w.pick("结果", "Result"));
    let Some(row) = read.row("suppliers", name) else {
        return;
    };
    let supply = row.get("supply").and_then(Value::as_i64).unwrap_or(0);
    let near = read.to(name, "suppliers").len();
    let people = read.people(own, name).unwrap_or(0);
    let who = own.people.title.get(w.code());
    say(
        text,
        w,
        format!("范围内 {near} 处;{who},按远近折合:{people}。"),
        format!("{near} places are within reach; {who}, weighted by how far: {people}."),
    );
    match (i128::from(supply) * UNIT).checked_div(people) {
        Some(score) => {
            let (per, here) = (own.per, shown(score, own.per));
            say(
                text,
                w,
                format!("每 {per} 有 {here}。"),
                format!("That is {here} for {per}."),
            );
        }
        None => {
            let (zh, en) = (
                "范围内无人,不计入任何人的可达。",
                "Nobody is within reach: it counts for no one.",
            );
            line(text, w.pick(zh, en));
        }
    }
    line(text, "");
    read.figures(text, row, &own.of_supplier(), w);
    line(text, "");
}
