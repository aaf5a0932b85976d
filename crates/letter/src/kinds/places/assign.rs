//! Where a demand's units go and why not nearer; what a place gets.

use minsheng_model::Assignment;
use serde_json::Value;

use super::{Read, say, wide};
use crate::kinds::heading;
use crate::reasons::citation;
use crate::words::Words;
use crate::{Lang, line, provider_name};

/// How many nearer places are told.
const NEARER: usize = 10;

impl Read<'_> {
    /// Units by place.
    fn goes(&self, demand: &str) -> Vec<(&str, i64)> {
        let own = self.outcome.get("assignment").and_then(|a| a.get(demand));
        let own = own.and_then(Value::as_object);
        own.into_iter()
            .flatten()
            .filter_map(|(place, units)| Some((place.as_str(), units.as_i64()?)))
            .collect()
    }

    /// Units that a place gets, and from how many demands.
    fn load(&self, place: &str) -> (i64, usize) {
        let all = self.outcome.get("assignment").and_then(Value::as_object);
        let units = all.into_iter().flatten();
        let own = units.filter_map(|(_, places)| places.get(place)?.as_i64());
        own.fold((0, 0), |(sum, count), units| (sum + units, count + 1))
    }

    /// Thousandths by which capacities were stretched.
    fn stretched(&self) -> Option<i64> {
        self.outcome.get("overload")?.get("per_mille")?.as_i64()
    }

    /// A place's capacity, stretched where all were.
    fn capacity(&self, place: &str) -> Option<i64> {
        let own = self.row("providers", place)?.get("capacity")?.as_i64()?;
        let by = i128::from(self.stretched().unwrap_or(0));
        let more = (i128::from(own) * by + 999) / 1000;
        i64::try_from(i128::from(own) + more).ok()
    }

    /// What one more or one less unit of capacity changes, where that is told.
    fn worth(&self, what: &str, place: &str) -> Option<&Value> {
        self.outcome.get(what)?.get(place)
    }
}

/// Tells a demand's people where they go.
pub(super) fn demand(
    text: &mut String,
    read: &Read<'_>,
    own: &Assignment,
    ticket: &str,
    w: &Words,
) {
    heading(text, w.pick("结果", "Result"));
    let mut goes = read.goes(ticket);
    let ways = read.from(ticket, "providers");
    let far = |place: &str| ways.iter().find(|(_, p)| *p == place).map(|(f, _)| *f);
    // The nearest first.
    goes.sort_by_key(|(place, _)| (far(place), *place));
    if goes.is_empty() {
        let (zh, en) = ("没有需要安排的数量。", "There is nothing to send.");
        line(text, w.pick(zh, en));
    }
    let amount = own.amount.title.get(w.code());
    for (place, units) in &goes {
        let name = provider_name(read.contents, place, w);
        let way = far(place).map(|f| read.far(&own.travel, f.into(), w));
        let way = way.unwrap_or_default();
        say(
            text,
            w,
            format!("去往 {name},距离 {way}:{amount} {units}。"),
            format!("To {name}, {way} away: {units} ({amount})."),
        );
    }
    let last = goes.iter().filter_map(|(place, _)| far(place)).max();
    let nearer: Vec<&(i64, &str)> = match last {
        Some(last) => ways.iter().filter(|(f, _)| *f < last).collect(),
        None => Vec::new(),
    };
    let partly = |place: &str| goes.iter().any(|(p, _)| *p == place);
    let left: Vec<&&(i64, &str)> = nearer.iter().filter(|(_, p)| !partly(p)).collect();
    if left.is_empty() && goes.len() == 1 {
        let (zh, en) = (
            "这是可去各处中最近的一处。",
            "It is the nearest of all places that can be used.",
        );
        line(text, w.pick(zh, en));
    }
    whole(text, read, own, w);
    line(text, "");
    if nearer.len() > usize::from(left.is_empty() && goes.len() == 1) {
        heading(
            text,
            w.pick("较近而未全去的各处", "Nearer places, and why not there"),
        );
        for (far, place) in nearer.iter().take(NEARER) {
            one_nearer(text, read, own, (*far, place), partly(place), w);
        }
        if let Some(more) = nearer.len().checked_sub(NEARER).filter(|m| *m > 0) {
            say(
                text,
                w,
                format!("另有 {more} 处。"),
                format!("And {more} more."),
            );
        }
        line(text, "");
    }
    if let Some(row) = read.row("demands", ticket) {
        read.figures(text, row, &[("amount", &own.amount)], w);
        let law = citation(&read.contents.rules, &own.travel.cite, w);
        let count = ways.len();
        say(
            text,
            w,
            format!("可去的地方:{count} 处{law}"),
            format!("places that can be used: {count}{law}"),
        );
        line(text, "");
    }
}

/// Tells why not everything goes to a nearer place.
fn one_nearer(
    text: &mut String,
    read: &Read<'_>,
    own: &Assignment,
    (far, place): (i64, &str),
    partly: bool,
    w: &Words,
) {
    let name = provider_name(read.contents, place, w);
    let way = read.far(&own.travel, far.into(), w);
    let (load, _) = read.load(place);
    let capacity = read.capacity(place).unwrap_or(0);
    let (mut zh, mut en) = if load >= capacity {
        let some = if partly {
            ("收下上述部分后", "with the part above, ")
        } else {
            ("", "")
        };
        (
            format!("{name}:{way},{}已满({load}/{capacity})。", some.0),
            format!("{name}: {way}, {}full ({load} of {capacity}).", some.1),
        )
    } else if own.whole {
        (
            format!("{name}:{way},余 {} 不够整体安排。", capacity - load),
            format!(
                "{name}: {way}, the {} left do not take all together.",
                capacity - load
            ),
        )
    } else {
        (
            format!("{name}:{way},未满;为使别处达到下限而未安排。"),
            format!("{name}: {way}, not full, but other places have to get their least."),
        )
    };
    if let Some(saved) = read.worth("one_more_seat", place).and_then(wide) {
        let saved = read.far(&own.travel, saved, w);
        zh += &format!("那里多一个名额,全体合计可少走 {saved}。");
        en += &format!(" Room for one more there would shorten all ways together by {saved}.");
    }
    say(text, w, zh, en);
}

/// The plan as a whole: how long, how good, how far stretched.
fn whole(text: &mut String, read: &Read<'_>, own: &Assignment, w: &Words) {
    let number = |key: &str| read.outcome.get(key).and_then(wide);
    if let (Some(all), Some(gap)) = (number("objective"), number("gap")) {
        let mut total = read.far(&own.travel, all, w);
        let amounts = read
            .list("demands")
            .iter()
            .filter_map(|d| d.get("amount")?.as_i64());
        let units: i128 = amounts.map(i128::from).sum();
        if let Some(mean) = all.checked_div(units) {
            let mean = read.far(&own.travel, mean, w);
            total += &match w.lang() {
                Lang::Zh => format!("(平均 {mean})"),
                Lang::En => format!(" ({mean} on average)"),
            };
        }
        let gap = (gap > 0).then(|| read.far(&own.travel, gap, w));
        match gap {
            None => say(
                text,
                w,
                format!("全体路程合计 {total},已证明没有更短的安排。"),
                format!("All ways together are {total}; no plan is shorter, and that is proved."),
            ),
            Some(gap) => say(
                text,
                w,
                format!("全体路程合计 {total},比最短的至多长 {gap}(已证明)。"),
                format!(
                    "All ways together are {total}, at most {gap} above the shortest, and that is proved."
                ),
            ),
        }
    }
    if let Some(by) = read.stretched() {
        let (whole, tenth) = (by / 10, by % 10);
        say(
            text,
            w,
            format!("容量不足,各处按同一比例放宽 {whole}.{tenth}%;再少则不能人人有去处(已证明)。"),
            format!(
                "Capacity is short: every place was stretched by the same {whole}.{tenth} %; with less not everybody could be served, and that is proved."
            ),
        );
    }
}

/// Tells those of a place what they get.
pub(super) fn provider(
    text: &mut String,
    read: &Read<'_>,
    own: &Assignment,
    name: &str,
    w: &Words,
) {
    heading(text, w.pick("结果", "Result"));
    let (load, count) = read.load(name);
    let amount = own.amount.title.get(w.code());
    let capacity = read.capacity(name).unwrap_or(0);
    say(
        text,
        w,
        format!("接收 {load}({amount}),来自 {count} 处;至多容 {capacity}。"),
        format!("Gets {load} ({amount}) from {count} places; it takes {capacity} at most."),
    );
    let ways = read.to(name, "providers");
    let served: Vec<i64> = ways
        .iter()
        .filter(|(demand, _)| read.goes(demand).iter().any(|(p, _)| *p == name))
        .map(|(_, far)| *far)
        .collect();
    if let Some(farthest) = served.iter().max() {
        let far = read.far(&own.travel, (*farthest).into(), w);
        say(
            text,
            w,
            format!("其中最远的一处距离 {far}。"),
            format!("The farthest of them is {far} away."),
        );
    }
    let more = read.worth("one_more_seat", name).and_then(wide);
    match more {
        Some(0) => say(
            text,
            w,
            "这里多一个名额,全体路程不会更短。".to_owned(),
            "Room for one more here would make no way shorter.".to_owned(),
        ),
        Some(saved) => {
            let saved = read.far(&own.travel, saved, w);
            say(
                text,
                w,
                format!("这里多一个名额,全体路程合计可少 {saved}。"),
                format!("Room for one more here would shorten all ways together by {saved}."),
            );
        }
        None => {}
    }
    match read.worth("one_seat_less", name) {
        Some(Value::Null) => say(
            text,
            w,
            "这里少一个名额,就不能人人都有去处。".to_owned(),
            "With room for one less here, not everybody could be served.".to_owned(),
        ),
        Some(number) if wide(number).is_some_and(|n| n > 0) => {
            let lost = read.far(&own.travel, wide(number).unwrap_or(0), w);
            say(
                text,
                w,
                format!("这里少一个名额,全体路程合计要多 {lost}。"),
                format!("Room for one less here would lengthen all ways together by {lost}."),
            );
        }
        _ => {}
    }
    whole(text, read, own, w);
    line(text, "");
    if let Some(row) = read.row("providers", name) {
        read.figures(text, row, &own.of_provider(), w);
        line(text, "");
    }
}
