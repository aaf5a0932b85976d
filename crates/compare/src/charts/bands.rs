//! All alternatives beside each other: the main figures and how sure they are.

use super::svg::{Anchor, BASE, FAINT, INK, OTHER, Scale, Svg, cut};
use super::{figure, heading, sources};
use crate::figures::{Band, Kind};
use crate::report::Comparison;

const TOP: i64 = 120;
const ROW: i64 = 56;
const LEFT: i64 = 260;
const PANEL: i64 = 214;
const GAP: i64 = 18;

type Point = (i64, Option<Band>);

pub(super) fn chart(comparison: &Comparison) -> String {
    let [zh, en] = heading(comparison, "各方案一览", "the alternatives side by side");
    let main = [
        ("已安排", "placed", Kind::Placed),
        ("第一志愿", "first choice", Kind::Position(1)),
        ("符合而未安排", "eligible, without a place", Kind::Unplaced),
    ];
    let mut panels = main.to_vec();
    let base = &comparison.base;
    let sides: Vec<_> = std::iter::once(base)
        .chain(comparison.alternatives.iter().map(|v| &v.side))
        .collect();
    if sides.iter().any(|s| s.closings.is_some()) {
        panels.push(("未开办", "do not open", Kind::Closed));
    }
    let width = LEFT + i64::try_from(panels.len()).unwrap_or(3) * (PANEL + GAP) + 4;
    let rows = i64::try_from(sides.len()).unwrap_or(1);
    let height = TOP + rows * ROW + 114;
    let told: Vec<String> = sides
        .iter()
        .map(|side| {
            let [placed, first, none] = main.map(|(.., kind)| figure(&side.figures, kind).0);
            format!("{}: {placed}, {first}, {none}", side.id)
        })
        .collect();
    let described = format!(
        "已安排 placed, 第一志愿 first choice, 未安排 without a place: {}",
        told.join("; ")
    );
    let mut svg = Svg::new(width, height, &format!("{zh} / {en}"), &described);
    svg.text((20, 32), Anchor::Start, 20, INK, &cut(&zh, 90));
    svg.text((20, 54), Anchor::Start, 14, FAINT, &cut(&en, 125));
    for (index, side) in (0i64..).zip(&sides) {
        let y = TOP + index * ROW + ROW / 2;
        svg.text(
            (20, y - 2),
            Anchor::Start,
            13,
            INK,
            &cut(&side.title.zh, 34),
        );
        svg.text(
            (20, y + 14),
            Anchor::Start,
            11,
            FAINT,
            &cut(&side.title.en, 42),
        );
        svg.grid((20, TOP + index * ROW), (width - 20, TOP + index * ROW));
    }
    for (index, (zh, en, kind)) in (0i64..).zip(panels) {
        let left = LEFT + index * (PANEL + GAP);
        svg.text((left + PANEL / 2, TOP - 32), Anchor::Middle, 14, INK, zh);
        svg.text((left + PANEL / 2, TOP - 16), Anchor::Middle, 11, FAINT, en);
        let points: Vec<Point> = sides.iter().map(|s| figure(&s.figures, kind)).collect();
        panel(&mut svg, left, rows, &points);
    }
    sources(&mut svg, comparison, height);
    svg.finish()
}

/// Draws one figure of all sets of rules; the axis begins where it is needed, as points
/// show differences and no lengths.
fn panel(svg: &mut Svg, left: i64, rows: i64, points: &[Point]) {
    let ends = points.iter().flat_map(|(value, band)| {
        let band = band.map_or([*value; 2], |b| [b.low, b.high]);
        [*value, band[0], band[1]]
    });
    let low = ends.clone().min().unwrap_or(0);
    let high = ends.max().unwrap_or(1);
    let scale = Scale {
        low,
        high: high.max(low + 1),
        from: left + 26,
        to: left + PANEL - 26,
    };
    let foot = TOP + rows * ROW;
    for mark in scale.marks(4) {
        let x = scale.at(mark);
        svg.grid((x, TOP), (x, foot));
        svg.text((x, foot + 18), Anchor::Middle, 11, FAINT, &mark.to_string());
    }
    for (index, (value, band)) in (0i64..).zip(points) {
        let y = TOP + index * ROW + ROW / 2;
        let (fill, edge) = if index == 0 {
            (BASE, BASE)
        } else {
            ("#ffffff", OTHER)
        };
        if let Some(band) = band {
            let (low, high) = (scale.at(band.low), scale.at(band.high));
            if high > low {
                svg.range((low, y), (high, y), INK);
            }
            let range = format!("{} – {}", band.low, band.high);
            svg.text(
                (scale.at(*value), y + 19),
                Anchor::Middle,
                10,
                FAINT,
                &range,
            );
        }
        svg.dot((scale.at(*value), y), 5, fill, edge);
        svg.text(
            (scale.at(*value), y - 10),
            Anchor::Middle,
            12,
            INK,
            &value.to_string(),
        );
    }
}
