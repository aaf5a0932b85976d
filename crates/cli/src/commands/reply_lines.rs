//! Where in its file a reply stands that is wrong.

use std::path::Path;

use minsheng_model::{Diagnostic, Offers, Span};

/// A file of replies as text, to find lines in.
pub struct Replies<'a> {
    text: String,
    offers: &'a Offers,
    /// The round that is answered.
    round: u32,
}

impl<'a> Replies<'a> {
    /// Reads a file; `None` where it has no lines, as Parquet and XLSX have none.
    pub fn read(path: &Path, offers: &'a Offers, round: u32) -> Option<Self> {
        let ending = path.extension()?.to_str()?;
        if !ending.eq_ignore_ascii_case("csv") {
            return None;
        }
        Some(Self {
            text: std::fs::read_to_string(path).ok()?,
            offers,
            round,
        })
    }

    /// Adds the line that a diagnostic is about: that of the application and the round
    /// it names. Left as it is where no line has both.
    pub fn point(&self, found: &mut Diagnostic) {
        let named: Vec<&str> = found.message.en.split('`').skip(1).step_by(2).collect();
        let mut lines = self.lines();
        let Some((_, heading)) = lines.next() else {
            return;
        };
        let column = |name: &str| {
            let cells = heading.iter();
            let mut cells = cells.map(|cell| cell.trim_start_matches('\u{feff}'));
            cells.position(|cell| cell == name)
        };
        let (Some(who), Some(round)) = (
            column(&self.offers.reply_applicant),
            column(&self.offers.reply_round),
        ) else {
            return;
        };
        let own = self.round.to_string();
        let other = found.code == "replies/round";
        let about = |cells: &[&str]| {
            let round = cells.get(round).copied().unwrap_or("");
            let right = if other {
                named.contains(&round)
            } else {
                round == own
            };
            right && cells.get(who).is_some_and(|ticket| named.contains(ticket))
        };
        found.span = lines.find(|(_, cells)| about(cells)).map(|(span, _)| span);
    }

    /// Returns each line with its place and its cells.
    fn lines(&self) -> impl Iterator<Item = (Span, Vec<&str>)> {
        let mut start = 0;
        self.text.split('\n').map(move |line| {
            let from = start;
            start += line.len() + 1;
            let line = line.trim_end_matches('\r');
            let cells = line.split(',').map(|cell| cell.trim().trim_matches('"'));
            (from..from + line.len(), cells.collect())
        })
    }
}
