//! Whom it helps: the change in people placed, by group.

use super::svg::{Anchor, FAINT, INK, LESS, OTHER, Scale, Svg, cut};
use super::{heading, signed, sources};
use crate::groups::{GroupRow, GroupTable};
use crate::report::{Comparison, Versus};

const WIDTH: i64 = 960;
const TOP: i64 = 130;
const ROW: i64 = 26;
const LEFT: i64 = 290;
const RIGHT: i64 = 790;

pub(super) fn chart(comparison: &Comparison, versus: &Versus, table: &GroupTable) -> String {
    let label = &table.label;
    let [zh, en] = heading(
        comparison,
        &format!("各组安排人数的变化({})", label.zh),
        &format!("change in people placed, by {}", label.en),
    );
    let rows = i64::try_from(table.rows.len()).unwrap_or(0);
    let height = TOP + rows * ROW + 126;
    let told: Vec<String> = table.rows.iter().map(told).collect();
    let mut svg = Svg::new(WIDTH, height, &format!("{zh} / {en}"), &told.join("; "));
    svg.text((20, 32), Anchor::Start, 20, INK, &cut(&zh, 90));
    svg.text((20, 54), Anchor::Start, 14, FAINT, &cut(&en, 125));
    let own = &versus.side.title;
    svg.text(
        (20, 78),
        Anchor::Start,
        13,
        INK,
        &cut(&format!("{} / {}", own.zh, own.en), 125),
    );
    let ends = table.rows.iter().flat_map(|r| {
        let band = r.placed_change.map_or([0, 0], |b| [b.low, b.high]);
        [change(r).unwrap_or(0), band[0], band[1]]
    });
    let (low, high) = ends.fold((0, 0), |(low, high), n| (low.min(n), high.max(n)));
    let scale = Scale {
        low,
        high: high.max(low + 1),
        from: LEFT + 30,
        to: RIGHT - 30,
    };
    svg.text(
        (20, TOP - 14),
        Anchor::Start,
        12,
        FAINT,
        &cut(&label.zh, 20),
    );
    svg.text(
        (LEFT - 24, TOP - 14),
        Anchor::End,
        12,
        FAINT,
        "安排人数 placed",
    );
    svg.text(
        (WIDTH - 20, TOP - 14),
        Anchor::End,
        12,
        FAINT,
        "变好/变差 better/worse",
    );
    for mark in scale.marks(7) {
        let x = scale.at(mark);
        svg.grid((x, TOP - 8), (x, TOP + rows * ROW));
        svg.text(
            (x, TOP + rows * ROW + 18),
            Anchor::Middle,
            12,
            FAINT,
            &signed(mark),
        );
    }
    for (index, row) in (0i64..).zip(&table.rows) {
        one(&mut svg, &scale, TOP + index * ROW, row);
    }
    svg.line(
        (scale.at(0), TOP - 8),
        (scale.at(0), TOP + rows * ROW),
        INK,
        1,
    );
    if table.rows.iter().any(hides) {
        let least = comparison.cell_min;
        let said = format!(
            "*:少于 {least} 人、或能推出少于 {least} 人的格子不显示 / hidden: below {least}, or giving such a number away"
        );
        svg.text((20, height - 84), Anchor::Start, 12, FAINT, &said);
    }
    sources(&mut svg, comparison, height);
    svg.finish()
}

fn hides(row: &GroupRow) -> bool {
    change(row).is_none() || row.better.is_none() || row.worse.is_none()
}

fn change(row: &GroupRow) -> Option<i64> {
    let number = |n: u64| i64::try_from(n).ok();
    Some(number(row.alternative.placed()?)? - number(row.base.placed()?)?)
}

fn name(row: &GroupRow) -> String {
    row.value
        .clone()
        .unwrap_or_else(|| "(缺 missing)".to_owned())
}

fn shown(number: Option<u64>) -> String {
    number.map_or_else(|| "*".to_owned(), |n| n.to_string())
}

fn told(row: &GroupRow) -> String {
    let (was, is) = (shown(row.base.placed()), shown(row.alternative.placed()));
    format!("{}: {was} → {is}", name(row))
}

fn one(svg: &mut Svg, scale: &Scale, y: i64, row: &GroupRow) {
    let middle = y + ROW / 2;
    svg.text(
        (20, middle + 5),
        Anchor::Start,
        13,
        INK,
        &cut(&name(row), 20),
    );
    let (was, is) = (shown(row.base.placed()), shown(row.alternative.placed()));
    svg.text(
        (LEFT - 24, middle + 5),
        Anchor::End,
        12,
        INK,
        &format!("{was} → {is}"),
    );
    let pair = format!("{}/{}", shown(row.better), shown(row.worse));
    svg.text((WIDTH - 20, middle + 5), Anchor::End, 12, INK, &pair);
    let Some(change) = change(row) else {
        svg.text((scale.at(0) + 8, middle + 5), Anchor::Start, 13, FAINT, "*");
        return;
    };
    let (zero, end) = (scale.at(0), scale.at(change));
    let (x, wide) = (zero.min(end), (end - zero).abs());
    if change != 0 {
        let look = if change > 0 {
            ("url(#stripes)", OTHER)
        } else {
            ("url(#dots)", LESS)
        };
        svg.bar(x, middle - 7, wide, 14, look.0, look.1);
    }
    let mut reach = end;
    if let Some(band) = row.placed_change {
        let (low, high) = (scale.at(band.low), scale.at(band.high));
        if high > low {
            svg.range((low, middle), (high, middle), INK);
        }
        reach = if change < 0 {
            reach.min(low)
        } else {
            reach.max(high)
        };
    }
    let (at, anchor) = if change < 0 {
        (reach - 8, Anchor::End)
    } else {
        (reach + 8, Anchor::Start)
    };
    svg.text((at, middle + 5), anchor, 12, INK, &signed(change));
}
