use crate::plan::Area;

/// Text with holes: `{n}` the number, `{n:6}` padded with zeros to six digits,
/// `{i}` the number within the area, `{e}` that of the
/// edition, `{area}`, `{area_name}`, `{part}`.
#[derive(Debug, Clone)]
pub struct Pattern(pub Vec<Piece>);

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As written.
    Words(String),
    /// `{n}`.
    Number(usize),
    /// `{i}`.
    Within(usize),
    /// `{e}`.
    Edition(usize),
    /// `{area}`.
    Area,
    /// `{area_name}`.
    AreaName,
    /// `{part}`.
    Part,
}

/// What fills a pattern's holes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filling<'a> {
    pub number: u64,
    pub within: u64,
    /// Of a provider that stands several times, from 1.
    pub edition: u64,
    pub area: &'a Area,
    pub part: &'a str,
}

impl Pattern {
    /// Reads a pattern; the text that is no hole otherwise.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((words, after)) = rest.split_once('{') {
            let Some((hole, next)) = after.split_once('}') else {
                return Err(format!("{{{after}"));
            };
            pieces.push(Piece::Words(words.to_owned()));
            let (name, width) = hole.split_once(':').unwrap_or((hole, "0"));
            let width: usize = width.parse().ok().filter(|w| *w <= 18).ok_or(hole)?;
            pieces.push(match (name, hole.contains(':')) {
                ("n", _) => Piece::Number(width),
                ("i", _) => Piece::Within(width),
                ("e", _) => Piece::Edition(width),
                ("area", false) => Piece::Area,
                ("area_name", false) => Piece::AreaName,
                ("part", false) => Piece::Part,
                _ => return Err(hole.to_owned()),
            });
            rest = next;
        }
        pieces.push(Piece::Words(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// Returns whether the pattern holds the row's number.
    pub(crate) fn numbered(&self) -> bool {
        self.0.iter().any(|p| matches!(p, Piece::Number(_)))
    }

    /// Returns whether the pattern holds the edition's number.
    pub(crate) fn names_edition(&self) -> bool {
        self.0.iter().any(|p| matches!(p, Piece::Edition(_)))
    }

    pub(crate) fn fill(&self, with: Filling<'_>) -> String {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => out.push_str(words),
                Piece::Number(width) => out.push_str(&format!("{:0width$}", with.number)),
                Piece::Within(width) => out.push_str(&format!("{:0width$}", with.within)),
                Piece::Edition(width) => out.push_str(&format!("{:0width$}", with.edition)),
                Piece::Area => out.push_str(&with.area.id),
                Piece::AreaName => out.push_str(&with.area.name),
                Piece::Part => out.push_str(with.part),
            }
        }
        out
    }
}
