use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::Text;

/// A byte range in a file.
pub type Span = Range<usize>;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The run stops.
    Error,
    /// The run goes on; somebody should look.
    Warning,
}

/// A second place that belongs to a diagnostic, in the same file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Where.
    pub span: Span,
    /// What is there.
    pub text: Text,
}

/// One mistake, located: what was found, what was expected, how to mend it.
///
/// Messages are lower case without a full stop; what the user wrote stands in
/// backticks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// A stable name such as `programme/unknown-key`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// The file, as the user would open it; empty when no file is concerned.
    pub file: String,
    /// The bytes that are wrong; `None` when it is the file as a whole.
    pub span: Option<Span>,
    /// Found and expected.
    pub message: Text,
    /// How to mend it.
    pub help: Option<Text>,
    /// Other places that matter.
    pub notes: Vec<Note>,
}

impl Diagnostic {
    /// Returns an error without a place; add one with [`Diagnostic::at`].
    pub fn error(code: impl Into<String>, message: Text) -> Self {
        Self {
            code: code.into(),
            severity: Severity::Error,
            file: String::new(),
            span: None,
            message,
            help: None,
            notes: Vec::new(),
        }
    }

    /// Returns a warning without a place.
    pub fn warning(code: impl Into<String>, message: Text) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, file: impl Into<String>, span: Span) -> Self {
        self.file = file.into();
        self.span = Some(span);
        self
    }

    /// Sets the file alone.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = file.into();
        self
    }

    /// Sets the help.
    #[must_use]
    pub fn help(mut self, help: Text) -> Self {
        self.help = Some(help);
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn note(mut self, span: Span, text: Text) -> Self {
        self.notes.push(Note { span, text });
        self
    }
}

/// Returns whether any of them is an error.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}
