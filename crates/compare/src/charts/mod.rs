//! Charts as SVG: one file each, labelled in Chinese and English, told apart by pattern
//! as well as by colour, with a title and a description for screen readers.

mod bands;
mod closings;
mod groups;
mod ranks;
mod svg;

use crate::figures::{Band, Kind};
use crate::report::{Comparison, Figure};

/// Returns every chart of a comparison: file name and SVG.
///
/// `bands.svg` has all alternatives; for each there is `ID-choices.svg`, and for each
/// column that figures were asked by `ID-by-COLUMN.svg`; where providers may not open
/// and there are draws, `ID-closings.svg`.
#[must_use]
pub fn all(comparison: &Comparison) -> Vec<(String, String)> {
    let mut charts = vec![("bands.svg".to_owned(), bands::chart(comparison))];
    for versus in &comparison.alternatives {
        let id = &versus.side.id;
        charts.push((
            format!("{id}-choices.svg"),
            ranks::chart(comparison, versus),
        ));
        let closings = closings::chart(comparison, versus);
        charts.extend(closings.map(|chart| (format!("{id}-closings.svg"), chart)));
        for table in &versus.groups {
            // Columns may be named in Chinese, never with a slash.
            let column = table.column.replace(['/', '\\'], "-");
            let chart = groups::chart(comparison, versus, table);
            charts.push((format!("{id}-by-{column}.svg"), chart));
        }
    }
    charts
}

fn figure(figures: &[Figure], kind: Kind) -> (i64, Option<Band>) {
    let found = figures.iter().find(|f| f.kind == kind);
    found.map_or((0, None), |f| (f.value.unwrap_or(0), f.band))
}

fn signed(number: i64) -> String {
    match number {
        0 => "0".to_owned(),
        // The sign of print, as wide as the plus.
        n if n < 0 => format!("−{}", n.unsigned_abs()),
        n => format!("+{n}"),
    }
}

/// Says which bars are whose.
fn legend(svg: &mut svg::Svg, own: &str) {
    use svg::{Anchor, BASE, INK, OTHER, cut};
    svg.bar(20, 70, 16, 16, BASE, BASE);
    svg.text((42, 83), Anchor::Start, 13, INK, "现行规则 / as it stands");
    svg.bar(230, 70, 16, 16, "url(#stripes)", OTHER);
    svg.text((252, 83), Anchor::Start, 13, INK, &cut(own, 95));
}

/// Returns the two heading lines of a chart.
fn heading(comparison: &Comparison, zh: &str, en: &str) -> [String; 2] {
    [
        format!("{} {zh}", comparison.title.zh),
        format!("{}: {en}", comparison.title.en),
    ]
}

/// Draws the last lines: where the figures come from, and what the programme says of
/// its registers, in both languages. They need 76 pixels above `foot`.
fn sources(svg: &mut svg::Svg, comparison: &Comparison, foot: i64) {
    let (draws, seed) = (comparison.draws, &comparison.seed);
    let (zh, en) = if comparison.own_draw {
        ("数字:项目自己的摇号", "Figures: the programme's own draw")
    } else {
        ("数字:第 1 次假设摇号", "Figures: the first what-if draw")
    };
    let (mut zh, mut en) = (zh.to_owned(), en.to_owned());
    if draws > 0 {
        zh.push_str(&format!(";线段:{draws} 次摇号的 5% 到 95%,由“{seed}”得出"));
        en.push_str(&format!(
            "; lines: 5% to 95% of {draws} draws that follow from “{seed}”"
        ));
    }
    let notice = &comparison.notice;
    let lines = [&zh, &en, &notice.zh, &notice.en];
    for (y, line) in [foot - 62, foot - 46, foot - 28, foot - 12]
        .into_iter()
        .zip(lines)
    {
        let anchor = svg::Anchor::Start;
        svg.text((20, y), anchor, 12, svg::FAINT, &svg::cut(line, 150));
    }
}
