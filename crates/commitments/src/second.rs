//! A second reader's suggestions: a model, a service or a person elsewhere. A
//! suggestion counts only if its quote stands in the text character by character
//! and its number is read the same by the grammar; even then it is only a row for
//! review, marked with who suggested it.

use minsheng_model::{Decimal, Text};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::ingest::hex;
use crate::numbers::read_numbers;
use crate::review::Decision;
pub use crate::second_local::LocalModel;

/// What a second reader says stands in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggestion {
    /// The words of the text, unchanged.
    pub quote: String,
    /// The value, if it is a number.
    #[serde(default)]
    pub value: Option<Decimal>,
    /// Its measure word.
    #[serde(default)]
    pub unit: String,
    /// The known indicator it belongs to.
    #[serde(default)]
    pub indicator_id: String,
    /// Who suggests it.
    pub suggested_by: String,
}

/// Somebody who reads the same text again.
pub trait FrameReader {
    /// Returns what it finds.
    ///
    /// # Errors
    /// When it cannot read at all.
    fn suggest(&self, source: &str) -> Result<Vec<Suggestion>, Text>;
}

/// A suggestion whose quote and number hold, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Supported {
    /// First character in the text.
    pub start: usize,
    /// The character after the last.
    pub end: usize,
    /// The suggestion.
    pub suggestion: Suggestion,
}

/// Returns the suggestions that the text supports. None of them is public before
/// a person accepts it.
#[must_use]
pub fn supported(source: &str, suggestions: Vec<Suggestion>) -> Vec<Supported> {
    suggestions
        .into_iter()
        .filter_map(|s| {
            if s.quote.is_empty() {
                return None;
            }
            let byte = source.find(&s.quote)?;
            let number_holds = s
                .value
                .is_none_or(|v| read_numbers(&s.quote).iter().any(|n| n.value == v));
            let unit_holds = s.unit.is_empty() || s.quote.contains(&s.unit);
            let start = source.get(..byte)?.chars().count();
            (number_holds && unit_holds).then(|| Supported {
                start,
                end: start + s.quote.chars().count(),
                suggestion: s,
            })
        })
        .collect()
}

/// Returns the name of a suggestion within a text, as [`crate::review::key`] does
/// for a statement; the two never meet.
#[must_use]
pub fn key(sha256: &str, s: &Supported) -> String {
    let value = s
        .suggestion
        .value
        .map_or_else(String::new, |v| v.to_string());
    let place = format!("suggested:{sha256}:{}:{}:{value}", s.start, s.end);
    hex(&Sha256::digest(place.as_bytes()))
        .chars()
        .take(16)
        .collect()
}

/// Returns the rows that reviewers fill in, under the columns of
/// [`crate::review::COLUMNS`]; the machine's cell says who suggests it.
#[must_use]
pub fn rows(document: &str, sha256: &str, supported: &[Supported]) -> String {
    let mut out = String::new();
    for s in supported {
        let value = s
            .suggestion
            .value
            .map_or_else(String::new, |v| v.to_string());
        let machine = format!(
            "{}; suggested by {}",
            format!("{value} {}", s.suggestion.unit).trim(),
            s.suggestion.suggested_by
        );
        let cells = [
            &key(sha256, s),
            document,
            &s.suggestion.quote,
            &machine,
            "",
            "",
            "",
            "",
        ];
        let cells = cells.map(|c| c.replace(['\t', '\n', '\r'], " "));
        out.push_str(&cells.join("\t"));
        out.push('\n');
    }
    out
}

/// Returns the suggestions that people accepted: one reviewer for a number, two who
/// agree for words, as for statements.
#[must_use]
pub fn accepted<'a>(
    sha256: &str,
    supported: &'a [Supported],
    decisions: &[Decision],
) -> Vec<&'a Supported> {
    supported
        .iter()
        .filter(|s| {
            let needed = if s.suggestion.value.is_some() { 1 } else { 2 };
            crate::review::agreed(&key(sha256, s), needed, decisions).is_some()
        })
        .collect()
}

/// Suggestions written to a JSON file by whatever made them.
#[derive(Debug, Clone)]
pub struct FromJson(
    /// The file's text: a list of [`Suggestion`]s.
    pub String,
);

impl FrameReader for FromJson {
    fn suggest(&self, _: &str) -> Result<Vec<Suggestion>, Text> {
        serde_json::from_str(&self.0).map_err(|e| {
            Text::new(
                format!("不是建议列表:{e}"),
                format!("not a list of suggestions: {e}"),
            )
        })
    }
}
