//! Where mistakes are gathered.

use minsheng_model::{Diagnostic, Span, Text};
use toml::Spanned;
use toml::de::DeValue;

/// More than this many are not told: the first ones have to be mended anyway.
const TOLD_MAX: usize = 100;

/// A parsed value with its place.
pub type Item<'a> = &'a Spanned<DeValue<'a>>;

/// Returns the known name that was probably meant: the one with the fewest slips of
/// the pen, when these are few for its length.
pub fn closest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_lowercase();
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(&k.to_lowercase(), &lower), k))
        .filter(|(distance, k)| *distance <= 1 + k.chars().count() / 4)
        .min()
        .map(|(_, k)| k)
}

/// Gathers the mistakes of one file.
#[derive(Debug)]
pub struct Sink<'s> {
    /// The file's name, as the user would open it.
    pub file: &'s str,
    /// The file's text.
    pub source: &'s str,
    /// What was found.
    pub found: Vec<Diagnostic>,
}

impl<'s> Sink<'s> {
    /// Returns an empty sink.
    pub fn new(file: &'s str, source: &'s str) -> Self {
        Self {
            file,
            source,
            found: Vec::new(),
        }
    }

    /// Notes an error at a place.
    pub fn error(&mut self, code: &str, span: Span, zh: impl Into<String>, en: impl Into<String>) {
        let span = self.clamp(span);
        self.found
            .push(Diagnostic::error(code, Text::new(zh, en)).at(self.file, span));
    }

    /// Notes an error of the file as a whole.
    pub fn whole(&mut self, code: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.found
            .push(Diagnostic::error(code, Text::new(zh, en)).in_file(self.file));
    }

    /// Notes a warning at a place.
    pub fn warning(
        &mut self,
        code: &str,
        span: Span,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        let span = self.clamp(span);
        self.found
            .push(Diagnostic::warning(code, Text::new(zh, en)).at(self.file, span));
    }

    /// Adds how to mend it to the mistake noted last.
    pub fn help(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        if let Some(last) = self.found.last_mut() {
            last.help = Some(Text::new(zh, en));
        }
    }

    /// Adds "did you mean" to the mistake noted last, when a known name is close.
    pub fn suggest<'n>(&mut self, name: &str, known: impl IntoIterator<Item = &'n str>) {
        if let Some(k) = closest(name, known) {
            self.help(format!("是不是 `{k}`?"), format!("did you mean `{k}`?"));
        }
    }

    /// Adds a second place to the mistake noted last.
    pub fn note(&mut self, span: Span, zh: impl Into<String>, en: impl Into<String>) {
        let span = self.clamp(span);
        if let Some(last) = self.found.pop() {
            self.found.push(last.note(span, Text::new(zh, en)));
        }
    }

    /// Returns the span moved onto character boundaries inside the text.
    pub fn clamp(&self, span: Span) -> Span {
        let edge = |at: usize| {
            let mut at = at.min(self.source.len());
            while !self.source.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = edge(span.start);
        start..edge(span.end).max(start)
    }

    /// Returns what was found in the order of the file, at most a hundred.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.found
            .sort_by_key(|d| (d.severity, d.span.as_ref().map(|s| (s.start, s.end))));
        self.found.dedup();
        let more = self.found.len().saturating_sub(TOLD_MAX);
        if more > 0 {
            self.found.truncate(TOLD_MAX);
            self.whole(
                "programme/more",
                format!("另有 {more} 处未列出"),
                format!("{more} more are not listed"),
            );
        }
        self.found
    }
}
