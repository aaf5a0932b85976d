//! Providers that may not open, in a table.

use std::collections::BTreeMap;

use minsheng_compare::{Comparison, ProviderClosing, Side, Versus};
use minsheng_letter::Lang;

use crate::console::Console;
use crate::table;

/// So many providers are told on the console.
const MOST: usize = 20;

/// What is said of one provider: under the base, under the alternative.
type Pair<'a> = [Option<&'a ProviderClosing>; 2];

/// Prints which providers do not open, those first that open on one side only.
pub fn tell(console: &Console, found: &Comparison, versus: &Versus) {
    let sides = [&found.base, &versus.side];
    if sides.iter().all(|s| s.closings.is_none()) {
        return;
    }
    let lang = console.lang();
    let all = pairs(sides);
    console.say("");
    if all.is_empty() {
        console.tell("供给方都开办", "every provider opens");
        return;
    }
    let heading = [
        ("供给方", "provider"),
        ("现行", "base"),
        ("未开办", "does not open in"),
        (versus.side.id.as_str(), versus.side.id.as_str()),
        ("未开办", "does not open in"),
    ];
    let keep = |row: Vec<String>| -> Vec<String> {
        let cells = row.into_iter().enumerate();
        let kept = cells.filter(|(i, _)| found.draws > 0 || ![2, 4].contains(i));
        kept.map(|(_, cell)| cell).collect()
    };
    let words = heading.iter().map(|(zh, en)| lang.pick(zh, en).to_owned());
    let mut rows = vec![keep(words.collect())];
    let shown = all.iter().take(MOST);
    rows.extend(shown.map(|(provider, pair)| keep(row(console, found, sides, provider, pair))));
    console.say(table::render(&rows).trim_end());
    if all.len() > MOST {
        let more = all.len() - MOST;
        console.tell(
            &format!("另有 {more} 个,见 `--json` 的 `closings`"),
            &format!("and {more} more: `closings` of `--json`"),
        );
    }
}

/// Returns every provider that may not open; those first for which most differs.
fn pairs<'a>(sides: [&'a Side; 2]) -> Vec<(&'a str, Pair<'a>)> {
    let mut all: BTreeMap<&str, Pair<'a>> = BTreeMap::new();
    for (index, side) in sides.into_iter().enumerate() {
        for one in side.closings.iter().flatten() {
            let pair = all.entry(one.provider.as_str()).or_default();
            if let Some(slot) = pair.get_mut(index) {
                *slot = Some(one);
            }
        }
    }
    let mut listed: Vec<_> = all.into_iter().collect();
    let differs = |pair: &Pair<'_>| {
        let [was, is] = pair.map(|c| c.map_or((false, 0), |c| (c.had.is_some(), c.draws)));
        (was.0 != is.0, was.1.abs_diff(is.1))
    };
    listed.sort_by_key(|(_, pair)| std::cmp::Reverse(differs(pair)));
    listed
}

fn row(
    console: &Console,
    found: &Comparison,
    sides: [&Side; 2],
    provider: &str,
    pair: &Pair<'_>,
) -> Vec<String> {
    let lang = console.lang();
    let mut cells = vec![provider.to_owned()];
    for (closing, side) in pair.iter().zip(sides) {
        let had = closing.and_then(|c| Some((c.had?, c.minimum)));
        let opens = || lang.pick("开办", "opens").to_owned();
        cells.push(had.map_or_else(opens, |(had, needs)| match lang {
            Lang::Zh => format!("关闭(需 {needs} 人,有 {had} 人)"),
            Lang::En => format!("closed, had {had} of {needs}"),
        }));
        let draws = closing.map_or(0, |c| c.draws);
        cells.push(match (&side.closings, lang) {
            (None, _) => String::new(),
            (_, Lang::Zh) => format!("{} 次中 {draws} 次", found.draws),
            (_, Lang::En) => format!("{draws} of {} draws", found.draws),
        });
    }
    cells
}
