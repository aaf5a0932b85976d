//! The programme and city files: read, check, point at the mistake.
//!
//! A file is parsed with positions; its shape is checked against one table of keys
//! (from which the JSON Schema is written too); then names, citations, dates and
//! expressions are checked. Everything wrong is told in one go, each mistake with
//! its bytes in the file, also those inside an SQL expression.
//!
//! **Invariant:** no text, however broken, makes this crate panic, and rules come
//! out only when no error was found.

mod check;
mod city;
mod combine;
mod draft;
mod groups;
mod keys;
mod keys_city;
mod keys_tests;
mod keys_what_if;
mod kinds;
mod links;
mod offers;
mod order;
mod parameters;
mod run;
mod schema;
mod shape;
mod sink;
mod tables;
mod tests;
mod view;
mod whatif;

use std::path::{Path, PathBuf};

use minsheng_model::{Diagnostic, Rules, Span, Text, has_errors};
use toml::de::DeTable;

pub use city::{City, load_city};
pub use links::{Link, links};
pub use run::{TestResult, run_tests};
pub use schema::{city_schema, schema, what_if_schema};
pub use sink::closest;
pub use tests::{Expected, Facts, Rival, Test};
pub use whatif::{
    Alternative, At, Change, Mechanism, Unit, What, WhatIf, load_what_if, parse_percent,
};

use sink::Sink;

/// A programme file beyond this size is not read.
const FILE_BYTES_MAX: u64 = 4_000_000;

/// A programme file as read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rules; `None` exactly when a diagnostic is an error.
    pub rules: Option<Rules>,
    /// Where the registers are.
    pub files: RegisterFiles,
    /// The programme's own tests.
    pub tests: Vec<Test>,
    /// Everything found, in the file's order.
    pub diagnostics: Vec<Diagnostic>,
    /// The file's text.
    pub source: String,
    /// The file, as the user would open it.
    pub path: String,
    /// Where it is said from which earlier decision the candidates come.
    pub link: Option<Link>,
    /// Where each clause is named.
    clauses: Vec<(String, Span)>,
}

/// The files of the registers, relative to the city's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegisterFiles {
    /// Who asks.
    pub applicants: PathBuf,
    /// Who has places.
    pub providers: PathBuf,
    /// Who asks for what.
    pub choices: PathBuf,
    /// Who answers what, where places are offered in rounds.
    pub replies: Option<PathBuf>,
}

/// Reads and checks a programme file.
#[must_use]
pub fn load(path: &Path) -> Loaded {
    let name = path.display().to_string();
    match text_of(path) {
        Ok(text) => load_str(&name, &text),
        Err((diagnostic, source)) => Loaded {
            diagnostics: vec![*diagnostic],
            source,
            path: name,
            ..Loaded::default()
        },
    }
}

/// Checks the text of a programme file; `path` is its name in diagnostics.
#[must_use]
pub fn load_str(path: &str, text: &str) -> Loaded {
    let mut sink = Sink::new(path, text);
    let mut loaded = Loaded {
        source: text.to_owned(),
        path: path.to_owned(),
        ..Loaded::default()
    };
    let document = parse(text, &mut sink);
    if let Some(mut draft) = document.and_then(|d| draft::read(&d, text, &mut sink)) {
        check::all(&draft, &mut sink);
        order::settle(&mut draft.rules);
        loaded.files = draft.registers.files();
        loaded.link = draft.registers.applicants.link.clone();
        loaded.tests = draft.tests;
        loaded.clauses = draft.clauses;
        loaded.rules = Some(draft.rules);
    }
    loaded.diagnostics = sink.finish();
    if has_errors(&loaded.diagnostics) {
        loaded.rules = None;
    }
    loaded
}

/// Parses TOML; every syntax error is noted.
fn parse<'a>(text: &'a str, sink: &mut Sink<'_>) -> Option<DeTable<'a>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut lines = Vec::new();
    for error in &errors {
        let span = sink.clamp(error.span().unwrap_or(0..0));
        // One mistake often draws others on its line.
        let line = text
            .get(..span.start)
            .map_or(0, |before| before.matches('\n').count());
        if lines.contains(&line) {
            continue;
        }
        lines.push(line);
        let said = error.message();
        sink.error(
            "programme/syntax",
            span,
            format!("TOML 语法错误:{said}"),
            format!("TOML syntax: {said}"),
        );
    }
    errors.is_empty().then(|| document.into_inner())
}

/// Reads a small text file, or says why not; the text that was read comes along.
fn text_of(path: &Path) -> Result<String, (Box<Diagnostic>, String)> {
    let name = path.display().to_string();
    let wrong = |code: &str, zh: String, en: String| {
        Diagnostic::error(code, Text::new(zh, en)).in_file(&name)
    };
    let unread = |error: std::io::Error| {
        let found = if error.kind() == std::io::ErrorKind::NotFound {
            wrong(
                "io/not-found",
                format!("找不到文件 `{name}`"),
                format!("there is no file `{name}`"),
            )
        } else {
            wrong(
                "io/failed",
                format!("无法读取 `{name}`:{error}"),
                format!("cannot read `{name}`: {error}"),
            )
        };
        (Box::new(found), String::new())
    };
    let size = std::fs::metadata(path).map_err(unread)?.len();
    if size > FILE_BYTES_MAX {
        let found = wrong(
            "programme/too-large",
            format!("文件有 {size} 字节,上限 {FILE_BYTES_MAX}"),
            format!("the file has {size} bytes; at most {FILE_BYTES_MAX} are read"),
        );
        return Err((Box::new(found), String::new()));
    }
    let bytes = std::fs::read(path).map_err(unread)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let source = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let found = wrong(
            "programme/not-utf8",
            "文件不是 UTF-8 编码".into(),
            "the file is not UTF-8".into(),
        )
        .at(&name, at..at + '\u{FFFD}'.len_utf8())
        .help(Text::new("用编辑器另存为 UTF-8", "save it as UTF-8"));
        (Box::new(found), source)
    })
}
