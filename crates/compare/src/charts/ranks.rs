//! Which choice people get, side by side.

use super::svg::{Anchor, BASE, FAINT, INK, OTHER, Scale, Svg, cut};
use super::{figure, heading, legend, sources};
use crate::figures::{Band, Kind};
use crate::report::{Comparison, Versus};

/// Choices beyond this one share a pair of bars.
const SINGLE: u32 = 8;

const WIDTH: i64 = 960;
const HEIGHT: i64 = 540;
const TOP: i64 = 110;
const FLOOR: i64 = 410;
const LEFT: i64 = 70;

struct Bars {
    zh: String,
    en: String,
    base: (i64, Option<Band>),
    other: (i64, Option<Band>),
}

pub(super) fn chart(comparison: &Comparison, versus: &Versus) -> String {
    let bars = bars(comparison, versus);
    let own = &versus.side.title;
    let [zh, en] = heading(comparison, "录取在第几志愿", "which choice people get");
    let told: Vec<String> = bars
        .iter()
        .map(|b| format!("{} {}: {} → {}", b.zh, b.en, b.base.0, b.other.0))
        .collect();
    let mut svg = Svg::new(WIDTH, HEIGHT, &format!("{zh} / {en}"), &told.join("; "));
    svg.text((20, 32), Anchor::Start, 20, INK, &cut(&zh, 90));
    svg.text((20, 54), Anchor::Start, 14, FAINT, &cut(&en, 125));
    legend(&mut svg, &format!("{} / {}", own.zh, own.en));
    let top = bars.iter().flat_map(|b| {
        let high = |(value, band): (i64, Option<Band>)| band.map_or(value, |b| b.high.max(value));
        [high(b.base), high(b.other)]
    });
    let scale = Scale {
        low: 0,
        high: top.max().unwrap_or(1).max(1),
        from: FLOOR,
        to: TOP + 20,
    };
    for mark in scale.marks(6) {
        let y = scale.at(mark);
        svg.grid((LEFT, y), (WIDTH - 20, y));
        svg.text((LEFT - 8, y + 4), Anchor::End, 12, FAINT, &mark.to_string());
    }
    let count = i64::try_from(bars.len()).unwrap_or(1).max(1);
    let slot = (WIDTH - 20 - LEFT) / count;
    let wide = (slot * 38 / 100).min(46);
    for (index, pair) in (0i64..).zip(&bars) {
        let middle = LEFT + slot * index + slot / 2;
        one(
            &mut svg,
            &scale,
            middle - wide - 1,
            wide,
            pair.base,
            (BASE, BASE),
        );
        one(
            &mut svg,
            &scale,
            middle + 1,
            wide,
            pair.other,
            ("url(#stripes)", OTHER),
        );
        svg.text((middle, FLOOR + 20), Anchor::Middle, 13, INK, &pair.zh);
        svg.text((middle, FLOOR + 36), Anchor::Middle, 11, FAINT, &pair.en);
    }
    svg.line((LEFT, FLOOR), (WIDTH - 20, FLOOR), INK, 1);
    sources(&mut svg, comparison, HEIGHT);
    svg.finish()
}

/// Draws a bar with its number, and the range over draws where that is seen.
fn one(
    svg: &mut Svg,
    scale: &Scale,
    x: i64,
    wide: i64,
    what: (i64, Option<Band>),
    look: (&str, &str),
) {
    let (value, band) = what;
    let y = scale.at(value);
    svg.bar(x, y, wide, FLOOR - y, look.0, look.1);
    let mut label = y;
    if let Some(band) = band {
        let (low, high) = (scale.at(band.low), scale.at(band.high));
        label = label.min(high);
        if low - high >= 3 {
            svg.range((x + wide / 2, low), (x + wide / 2, high), INK);
        }
    }
    svg.text(
        (x + wide / 2, label - 5),
        Anchor::Middle,
        11,
        INK,
        &value.to_string(),
    );
}

fn bars(comparison: &Comparison, versus: &Versus) -> Vec<Bars> {
    let (base, own) = (&comparison.base.figures, &versus.side.figures);
    let pair = |zh: String, en: String, kind: Kind| Bars {
        zh,
        en,
        base: figure(base, kind),
        other: figure(own, kind),
    };
    let positions = base.iter().filter_map(|f| match f.kind {
        Kind::Position(n) => Some(n),
        _ => None,
    });
    let last = positions.max().unwrap_or(1);
    let mut bars: Vec<Bars> = (1..=last.min(SINGLE))
        .map(|n| pair(format!("第 {n} 志愿"), ordinal(n), Kind::Position(n)))
        .collect();
    // Bands of sums are not sums of bands: later ones are told without.
    let sum = |figures: &[crate::report::Figure]| -> i64 {
        let later = figures.iter().filter(|f| match f.kind {
            Kind::Position(n) => n > SINGLE,
            kind => kind == Kind::Later,
        });
        later.filter_map(|f| f.value).sum()
    };
    let (was, is) = (sum(base), sum(own));
    if was > 0 || is > 0 {
        bars.push(Bars {
            zh: format!("第 {} 及以后", last.min(SINGLE) + 1),
            en: "later".to_owned(),
            base: (was, None),
            other: (is, None),
        });
    }
    bars.push(pair(
        "未安排".to_owned(),
        "no place".to_owned(),
        Kind::Unplaced,
    ));
    bars
}

fn ordinal(n: u32) -> String {
    let ending = match n {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{n}{ending} choice")
}
