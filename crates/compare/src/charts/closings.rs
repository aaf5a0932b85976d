//! How often providers do not open, before and after.

use std::collections::BTreeMap;

use super::svg::{Anchor, BASE, FAINT, INK, OTHER, Scale, Svg, cut};
use super::{heading, legend, sources};
use crate::report::{Comparison, Versus};

/// So many providers have bars: those for which most differs.
const MOST: usize = 24;

const WIDTH: i64 = 960;
const TOP: i64 = 122;
const ROW: i64 = 30;
const LEFT: i64 = 240;

/// In how many draws a provider does not open: base, alternative.
type Often<'a> = (&'a str, [i64; 2]);

/// Returns the chart; `None` where nothing can close or nothing is drawn.
pub(super) fn chart(comparison: &Comparison, versus: &Versus) -> Option<String> {
    let sides = [&comparison.base, &versus.side];
    if comparison.draws == 0 || sides.iter().all(|s| s.closings.is_none()) {
        return None;
    }
    let mut all: BTreeMap<&str, [i64; 2]> = BTreeMap::new();
    for (index, side) in sides.into_iter().enumerate() {
        for one in side.closings.iter().flatten().filter(|c| c.draws > 0) {
            let pair = all.entry(one.provider.as_str()).or_default();
            if let Some(count) = pair.get_mut(index) {
                *count = i64::from(one.draws);
            }
        }
    }
    let mut listed: Vec<Often<'_>> = all.into_iter().collect();
    listed.sort_by_key(|(_, [was, is])| std::cmp::Reverse((was.abs_diff(*is), *was)));
    let others = listed.len().saturating_sub(MOST);
    listed.truncate(MOST);
    Some(draw(comparison, versus, &listed, others))
}

fn draw(comparison: &Comparison, versus: &Versus, all: &[Often<'_>], others: usize) -> String {
    let own = &versus.side.title;
    let [zh, en] = heading(comparison, "人数不足而未开办", "providers that do not open");
    let told: Vec<String> = all
        .iter()
        .map(|(provider, [was, is])| format!("{provider}: {was} → {is}"))
        .collect();
    let rows = i64::try_from(all.len()).unwrap_or(1).max(1);
    let foot = TOP + rows * ROW;
    let height = foot + 122;
    let mut svg = Svg::new(WIDTH, height, &format!("{zh} / {en}"), &told.join("; "));
    svg.text((20, 32), Anchor::Start, 20, INK, &cut(&zh, 90));
    svg.text((20, 54), Anchor::Start, 14, FAINT, &cut(&en, 125));
    legend(&mut svg, &format!("{} / {}", own.zh, own.en));
    let scale = Scale {
        low: 0,
        high: i64::from(comparison.draws).max(1),
        from: LEFT,
        to: WIDTH - 60,
    };
    for mark in scale.marks(6) {
        let x = scale.at(mark);
        svg.grid((x, TOP - 4), (x, foot));
        svg.text((x, foot + 16), Anchor::Middle, 11, FAINT, &mark.to_string());
    }
    for (index, (provider, often)) in (0i64..).zip(all) {
        let y = TOP + index * ROW;
        svg.text(
            (LEFT - 10, y + 18),
            Anchor::End,
            13,
            INK,
            &cut(provider, 28),
        );
        let looks = [(BASE, BASE), ("url(#stripes)", OTHER)];
        for ((half, (fill, edge)), count) in [0, 12].into_iter().zip(looks).zip(often) {
            let end = scale.at(*count);
            if *count > 0 {
                svg.bar(LEFT, y + 2 + half, end - LEFT, 10, fill, edge);
            }
            let number = count.to_string();
            svg.text((end + 5, y + 11 + half), Anchor::Start, 11, INK, &number);
        }
    }
    svg.line((LEFT, TOP - 4), (LEFT, foot), INK, 1);
    let (mut zh, mut en) = (
        "未开办的次数".to_owned(),
        "draws in which it does not open".to_owned(),
    );
    if all.is_empty() {
        (zh, en) = ("供给方都开办".into(), "every provider opens".into());
    } else if others > 0 {
        zh.push_str(&format!(";另有 {others} 个供给方未画"));
        en.push_str(&format!("; {others} further providers are not drawn"));
    }
    let line = format!("{zh} / {en}");
    svg.text((20, foot + 34), Anchor::Start, 12, INK, &line);
    sources(&mut svg, comparison, height);
    svg.finish()
}
