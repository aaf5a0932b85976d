//! Which places are full and who reaches how much, for the summary of a run.

use std::collections::BTreeMap;

use minsheng_bundle::Contents;
use minsheng_letter::Lang;
use minsheng_model::{AccessRules, Mechanism};
use serde_json::Value;

use crate::table;

/// How many full places are shown.
const SHOWN: usize = 10;

/// Returns a table for a programme that sends people to places or measures what they
/// reach; `None` for others.
pub(crate) fn shown(contents: &Contents, lang: Lang) -> Option<String> {
    let decided = contents.decided.as_ref()?;
    let instance: Value = serde_json::from_str(&decided.instance).ok()?;
    let outcome: Value = serde_json::from_str(&decided.outcome).ok()?;
    let rows = match &contents.rules.mechanism {
        Mechanism::Assign(own) => {
            let metres = own.travel.coordinates().is_some();
            full(contents, [&instance, &outcome], metres, lang)?
        }
        Mechanism::Access(own) => groups(own, &instance, &outcome, lang)?,
        _ => return None,
    };
    let title = contents.rules.title.get(lang.as_str());
    Some(format!("{title}\n{}", table::render(&rows).trim_end()))
}

fn headings(lang: Lang, pairs: &[(&str, &str)]) -> Vec<String> {
    let words = pairs.iter().map(|(zh, en)| lang.pick(zh, en).to_owned());
    words.collect()
}

/// Full places, those first where one place more saves most; then all together.
fn full(
    contents: &Contents,
    [instance, outcome]: [&Value; 2],
    metres: bool,
    lang: Lang,
) -> Option<Vec<Vec<String>>> {
    let mut loads: BTreeMap<&str, i128> = BTreeMap::new();
    for goes in outcome.get("assignment")?.as_object()?.values() {
        for (place, units) in goes.as_object()? {
            *loads.entry(place).or_default() += i128::from(units.as_i64()?);
        }
    }
    let stretched = outcome.get("overload").and_then(|o| o.get("per_mille"));
    let by = i128::from(stretched.and_then(Value::as_i64).unwrap_or(0));
    let (mut rows, mut all) = (Vec::new(), [0i128; 2]);
    let providers = instance.get("providers")?.as_array()?;
    for provider in providers {
        let id = provider.get("id")?.as_str()?;
        let own = i128::from(provider.get("capacity")?.as_i64()?);
        let most = own + (own * by + 999) / 1000;
        let load = loads.get(id).copied().unwrap_or(0);
        all = [all[0] + load, all[1] + most];
        if load < most {
            continue;
        }
        let worth = outcome.get("one_more_seat").and_then(|s| s.get(id));
        let worth = worth.and_then(|n| n.to_string().parse::<i128>().ok());
        rows.push((std::cmp::Reverse(worth), named(contents, id), load, most));
    }
    rows.sort();
    let count = rows.len();
    let mut table = vec![headings(
        lang,
        &[
            ("已满的各处", "full places"),
            ("接收", "gets"),
            ("至多", "of"),
            match metres {
                true => ("多一个可省(米)", "one more saves (m)"),
                false => ("多一个可省", "one more saves"),
            },
        ],
    )];
    for (worth, name, load, most) in rows.into_iter().take(SHOWN) {
        let worth = worth.0.map_or_else(|| "-".to_owned(), |w| w.to_string());
        table.push(vec![name, load.to_string(), most.to_string(), worth]);
    }
    if let Some(more) = count.checked_sub(SHOWN).filter(|m| *m > 0) {
        let said = match lang {
            Lang::Zh => format!("另有 {more} 处已满"),
            Lang::En => format!("{more} more are full"),
        };
        table.push(vec![said]);
    }
    let said = match lang {
        Lang::Zh => format!("合计 {} 处", providers.len()),
        Lang::En => format!("all {}", providers.len()),
    };
    table.push(vec![said, all[0].to_string(), all[1].to_string()]);
    Some(table)
}

/// The first published text of a place beside its key.
fn named(contents: &Contents, id: &str) -> String {
    let row = contents.providers.iter().find(|p| p.provider == id);
    match row.and_then(|r| r.facts.first()?.clone()) {
        Some(name) => format!("{name} [{id}]"),
        None => id.to_owned(),
    }
}

/// People and supply for so many of them by group, before and now, and how many places
/// are below the floor.
fn groups(
    own: &AccessRules,
    instance: &Value,
    outcome: &Value,
    lang: Lang,
) -> Option<Vec<Vec<String>>> {
    let sides: Vec<&Value> = ["before", "now"]
        .iter()
        .filter_map(|side| outcome.get(side))
        .collect();
    let mut group_of: BTreeMap<&str, &str> = BTreeMap::new();
    for demand in instance.get("demands")?.as_array()? {
        let group = demand.get("group").and_then(Value::as_str);
        group_of.insert(demand.get("id")?.as_str()?, group.unwrap_or(""));
    }
    let compares = sides.len() > 1;
    let mut heads = vec![("", ""), ("处", "places"), ("人数", "people")];
    let per = own.per.to_string();
    let (zh, en) = (format!("每{per}"), format!("for {per}"));
    let (zh_was, en_was) = (format!("{zh}(此前)"), format!("{en} before"));
    if compares {
        heads.push((&zh_was, &en_was));
    }
    heads.push((&zh, &en));
    if own.floor.is_some() {
        if compares {
            heads.push(("低于标准(此前)", "below the floor before"));
        }
        heads.push(("低于标准", "below the floor"));
    }
    let mut table = vec![headings(lang, &heads)];
    let names = outcome.get("now")?.get("groups")?.as_object()?.keys();
    for name in names.map(|n| Some(n.as_str())).chain([None]) {
        let of = |side: &'_ Value| match name {
            Some(name) => side.get("groups").and_then(|g| g.get(name)).cloned(),
            None => Some(side.clone()),
        };
        let inside = |id: &str| name.is_none_or(|n| group_of.get(id) == Some(&n));
        let places = group_of.keys().filter(|id| inside(id)).count();
        let people = of(outcome.get("now")?)?.get("people")?.to_string();
        let word = name.unwrap_or(lang.pick("合计", "all"));
        let mut row = vec![word.to_owned(), places.to_string(), people];
        for side in &sides {
            row.push(rate(of(side)?.get("mean_score")?, own.per)?);
        }
        for side in sides.iter().filter(|_| own.floor.is_some()) {
            let below = side.get("below")?.as_array()?.iter();
            let below = below.filter_map(Value::as_str).filter(|id| inside(id));
            row.push(below.count().to_string());
        }
        table.push(row);
    }
    Some(table)
}

/// A score for so many people, with two places, rounded down.
fn rate(score: &Value, per: u32) -> Option<String> {
    let text = score.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part: i128 = format!("{part:0<9}").get(..9)?.parse().ok()?;
    let billionths = whole.parse::<i128>().ok()? * 1_000_000_000 + part;
    let hundredths = billionths * i128::from(per) * 100 / 1_000_000_000;
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}
