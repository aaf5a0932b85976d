//! A drawing in whole pixels.

use std::fmt::Write as _;

/// Fonts that have Chinese, then whatever is there.
const FONTS: &str =
    "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif";

/// Dark for what is, strong blue for what would be, and orange for less: told apart by
/// their patterns too, for readers who see no colours and for black printers.
pub(super) const BASE: &str = "#6b7280";
pub(super) const OTHER: &str = "#1d4ed8";
pub(super) const LESS: &str = "#b45309";
pub(super) const INK: &str = "#111827";
pub(super) const FAINT: &str = "#4b5563";
const GRID: &str = "#d1d5db";

/// A picture being drawn.
pub(super) struct Svg {
    width: i64,
    height: i64,
    title: String,
    description: String,
    body: String,
}

/// Where a text stands at its point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // Control characters are not allowed in XML at all.
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

impl Svg {
    pub fn new(width: i64, height: i64, title: &str, description: &str) -> Self {
        Self {
            width,
            height,
            title: title.to_owned(),
            description: description.to_owned(),
            body: String::new(),
        }
    }

    /// Writes a text, with a white rim so that lines do not cross it.
    pub fn text(&mut self, at: (i64, i64), anchor: Anchor, size: i64, fill: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let ((x, y), text) = (at, escape(text));
        // Writing to a String cannot fail.
        let _ = writeln!(
            self.body,
            r#"<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{fill}" stroke="white" stroke-width="3" paint-order="stroke">{text}</text>"#
        );
    }

    /// Draws a box; `fill` is a colour or a pattern such as `url(#stripes)`.
    pub fn bar(&mut self, x: i64, y: i64, width: i64, height: i64, fill: &str, edge: &str) {
        let _ = writeln!(
            self.body,
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" stroke="{edge}"/>"#
        );
    }

    pub fn line(&mut self, from: (i64, i64), to: (i64, i64), colour: &str, width: i64) {
        let ((a, b), (c, d)) = (from, to);
        let _ = writeln!(
            self.body,
            r#"<line x1="{a}" y1="{b}" x2="{c}" y2="{d}" stroke="{colour}" stroke-width="{width}"/>"#
        );
    }

    pub fn dot(&mut self, at: (i64, i64), radius: i64, fill: &str, edge: &str) {
        let (x, y) = at;
        let _ = writeln!(
            self.body,
            r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" stroke="{edge}" stroke-width="2"/>"#
        );
    }

    pub fn grid(&mut self, from: (i64, i64), to: (i64, i64)) {
        self.line(from, to, GRID, 1);
    }

    /// Draws a range with caps at its ends, upright or level.
    pub fn range(&mut self, from: (i64, i64), to: (i64, i64), colour: &str) {
        self.line(from, to, colour, 2);
        let upright = from.0 == to.0;
        for (x, y) in [from, to] {
            let (dx, dy) = if upright { (4, 0) } else { (0, 4) };
            self.line((x - dx, y - dy), (x + dx, y + dy), colour, 2);
        }
    }

    pub fn finish(self) -> String {
        let Self {
            width,
            height,
            title,
            description,
            body,
        } = self;
        let (title, description) = (escape(&title), escape(&description));
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="title description" font-family="{FONTS}">
<title id="title">{title}</title>
<desc id="description">{description}</desc>
<defs>
<pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#dbeafe"/><rect width="3" height="6" fill="{OTHER}"/></pattern>
<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#ffedd5"/><circle cx="3" cy="3" r="2" fill="{LESS}"/></pattern>
</defs>
<rect width="{width}" height="{height}" fill="#ffffff"/>
{body}</svg>
"##
        )
    }
}

/// Returns a step of 1, 2 or 5 times a power of ten that divides a span into at most
/// `most` parts.
pub(super) fn step(span: i64, most: i64) -> i64 {
    let mut power = 1i64;
    loop {
        for unit in [1, 2, 5] {
            let step = unit * power;
            if span.div_euclid(step) < most {
                return step;
            }
        }
        let Some(next) = power.checked_mul(10) else {
            return i64::MAX;
        };
        power = next;
    }
}

/// Where numbers stand between two pixels.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub low: i64,
    pub high: i64,
    pub from: i64,
    pub to: i64,
}

impl Scale {
    pub fn at(&self, value: i64) -> i64 {
        let span = i128::from((self.high - self.low).max(1));
        let part = i128::from(value - self.low) * i128::from(self.to - self.from);
        // Rounded to the nearest pixel.
        let pixels = (2 * part + span).div_euclid(2 * span);
        self.from + i64::try_from(pixels).unwrap_or(0)
    }

    /// Returns the marks of an axis.
    pub fn marks(&self, most: i64) -> Vec<i64> {
        let step = step(self.high - self.low, most);
        let mut mark = self.low.div_euclid(step) * step;
        let mut marks = Vec::new();
        while mark <= self.high {
            if mark >= self.low {
                marks.push(mark);
            }
            mark += step;
        }
        marks
    }
}

/// Cuts a text to so many columns, a Chinese character being two.
pub(super) fn cut(text: &str, most: usize) -> String {
    let wide = |c: char| if u32::from(c) >= 0x2e80 { 2 } else { 1 };
    let mut used = 0;
    let mut kept = String::new();
    for c in text.chars() {
        used += wide(c);
        if used > most {
            kept.push('…');
            break;
        }
        kept.push(c);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_and_words() {
        assert_eq!(
            (step(9, 5), step(100, 6), step(0, 5), step(7213, 6)),
            (2, 20, 1, 2000)
        );
        let scale = Scale {
            low: -10,
            high: 10,
            from: 100,
            to: 300,
        };
        assert_eq!((scale.at(-10), scale.at(0), scale.at(10)), (100, 200, 300));
        assert_eq!(scale.marks(5), [-10, -5, 0, 5, 10]);
        assert_eq!(cut("一二三abc", 7), "一二三a…");
        assert_eq!(escape("<a&\"\u{7}"), "&lt;a&amp;&quot; ");
    }
}
