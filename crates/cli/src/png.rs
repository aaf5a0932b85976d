//! Charts as PNG, in the fonts that the machine has.
//!
//! **Invariant:** a chart is drawn with every character that it has, or not at all: a box
//! in place of a character would be read as one.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Database, ID};
use resvg::usvg::{FontResolver, Options, Tree};

use crate::exit::{Code, Failure};

/// Pixels for each pixel of the drawing: sharp on paper and on dense screens.
const SCALE: u16 = 2;

/// So many missing characters are named.
const NAMED: usize = 12;

/// The fonts to draw with.
pub struct Fonts(Arc<Database>);

impl Fonts {
    /// Returns those of the system.
    pub fn of_system() -> Self {
        let mut all = Database::new();
        all.load_system_fonts();
        Self(Arc::new(all))
    }

    /// Draws an SVG.
    ///
    /// # Errors
    /// When some character is in none of the fonts; when the drawing is none.
    pub fn draw(&self, svg: &str) -> Result<Vec<u8>, Failure> {
        let missing = Mutex::new(BTreeSet::new());
        let tree = Tree::from_str(svg, &self.options(&missing)).map_err(|e| odd(&e))?;
        let missing = missing.into_inner().unwrap_or_default();
        if !missing.is_empty() || self.0.is_empty() {
            return Err(no_font(&missing));
        }
        let size = tree.size().to_int_size();
        let side = |length: u32| length.saturating_mul(SCALE.into());
        let mut picture = Pixmap::new(side(size.width()), side(size.height()))
            .ok_or_else(|| odd(&"no picture of this size"))?;
        let scale = f32::from(SCALE);
        let whole = Transform::from_scale(scale, scale);
        resvg::render(&tree, whole, &mut picture.as_mut());
        picture.encode_png().map_err(|e| odd(&e))
    }

    /// Resolves fonts as usual, but notes down what none has.
    fn options<'a>(&self, missing: &'a Mutex<BTreeSet<char>>) -> Options<'a> {
        let select = FontResolver::default_font_selector();
        let fall_back = FontResolver::default_fallback_selector();
        Options {
            fontdb: Arc::clone(&self.0),
            font_resolver: FontResolver {
                // Without any of the families named, another one is better than none.
                select_font: Box::new(move |font, all| {
                    let any = |all: &Arc<Database>| all.faces().next().map(|f| f.id);
                    select(font, all).or_else(|| any(all))
                }),
                select_fallback: Box::new(move |c: char, used: &[ID], all| {
                    let found = fall_back(c, used, all);
                    if let (None, Ok(mut missing)) = (found, missing.lock()) {
                        missing.insert(c);
                    }
                    found
                }),
            },
            ..Options::default()
        }
    }
}

fn odd(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        Code::Failed,
        "chart/png",
        format!("图无法画成 PNG:{error}"),
        format!("the chart cannot be drawn as PNG: {error}"),
    )
}

fn no_font(missing: &BTreeSet<char>) -> Failure {
    let named: String = missing.iter().take(NAMED).collect();
    let more = if missing.len() > NAMED { "…" } else { "" };
    let (zh, en) = match missing.is_empty() {
        true => ("没有任何字体".to_owned(), "there is no font".to_owned()),
        false => (
            format!("没有字体含有 `{named}`{more}"),
            format!("no font has `{named}`{more}"),
        ),
    };
    Failure::new(
        Code::Failed,
        "chart/no-font",
        format!(
            "{zh},不能画 PNG:安装中文字体(Debian、Ubuntu:`fonts-noto-cjk`;Fedora:`google-noto-sans-cjk-fonts`;Alpine:`font-noto-cjk`),或不用 `--png` 而用 SVG"
        ),
        format!(
            "{en}, so that no PNG can be drawn: install a Chinese font (Debian, Ubuntu: `fonts-noto-cjk`; Fedora: `google-noto-sans-cjk-fonts`; Alpine: `font-noto-cjk`), or leave `--png` out and use the SVG"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(words: &str) -> String {
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="80" height="30"><rect width="80" height="30" fill="white"/><text x="4" y="20" font-family="sans-serif">{words}</text></svg>"#
        )
    }

    #[test]
    fn a_character_that_no_font_has_stops_the_picture() {
        let none = Fonts(Arc::new(Database::new()));
        let said = none
            .draw(&chart("places 名额"))
            .err()
            .map(|f| format!("{f:?}"));
        assert!(said.is_some_and(|s| s.contains("fonts-noto-cjk")));
        // The last plane of private use: nobody draws it.
        let all = Fonts::of_system();
        if all.0.is_empty() {
            return;
        }
        let said = all
            .draw(&chart("\u{10fffd}"))
            .err()
            .map(|f| format!("{f:?}"));
        assert!(said.is_some_and(|s| s.contains('\u{10fffd}') || s.contains("10fffd")));
        let drawn = all.draw(&chart("places")).unwrap_or_default();
        assert!(drawn.starts_with(b"\x89PNG"));
        // Width and height stand big-endian behind the head of the first chunk.
        assert_eq!(drawn.get(16..24), Some(&[0, 0, 0, 160, 0, 0, 0, 60][..]));
        assert!(all.draw("<svg").is_err());
    }
}
