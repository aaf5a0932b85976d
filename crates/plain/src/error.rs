use std::fmt;

use minsheng_model::Text;

/// One mistake in an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Line and column in the text, both from 1; columns count characters.
    pub at: Option<(usize, usize)>,
    /// Where it is: a JSON Pointer (RFC 6901), empty for the whole text.
    pub pointer: String,
    /// What was found, what was expected.
    pub message: Text,
}

/// Every mistake that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainError {
    /// In the order of the text; never empty.
    pub mistakes: Vec<Mistake>,
}

impl PlainError {
    /// Returns the error of one mistake that has no place.
    pub(crate) fn whole(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            mistakes: vec![Mistake {
                at: None,
                pointer: String::new(),
                message: Text::new(zh, en),
            }],
        }
    }

    /// Returns all mistakes, one a line, in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let lines = |pick: fn(&Text) -> &str| {
            let all: Vec<String> = self
                .mistakes
                .iter()
                .map(|m| {
                    let at = m
                        .at
                        .map_or_else(String::new, |(line, column)| format!("{line}:{column}: "));
                    let pointer = if m.pointer.is_empty() {
                        String::new()
                    } else {
                        format!("{}: ", m.pointer)
                    };
                    format!("{at}{pointer}{}", pick(&m.message))
                })
                .collect();
            all.join("\n")
        };
        Text::new(lines(|t| &t.zh), lines(|t| &t.en))
    }
}

impl fmt::Display for PlainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for PlainError {}
