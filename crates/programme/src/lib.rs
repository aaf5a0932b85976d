//! The programme and city files: read, check, point at the mistake.
//!
//! A file is read as far as it can be understood, and every mistake is reported in
//! one go with its bytes in the file: also a mistake inside an SQL expression,
//! because SQL stands in literal strings, where a position in the expression is a
//! position in the file.
//!
//! **Invariant:** reading gives `(what was understood, every mistake)`; there is no
//! panic and no first-mistake-only.

mod cases;
mod check;
mod city;
mod combine;
mod read;
mod reader;
mod sections;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use minsheng_model::{Diagnostic, Rules, Span, Text, Value, Verdict, has_errors};

pub use cases::{TestResult, run_tests};
pub use city::{City, load_city};

/// The largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// A programme file, read and checked.
#[derive(Debug)]
pub struct Loaded {
    /// The rules for the file's cycle; `None` exactly when there are errors.
    pub rules: Option<Rules>,
    /// Where the registers are, relative to the city's folder.
    pub files: RegisterFiles,
    /// The file's own tests.
    pub tests: Vec<Case>,
    /// Every mistake and every warning.
    pub diagnostics: Vec<Diagnostic>,
    /// The file's text.
    pub source: String,
    /// The file's path as given.
    pub path: String,
}

/// Register files, relative to the city's folder.
#[derive(Debug, Clone, Default)]
pub struct RegisterFiles {
    /// Who asks.
    pub applicants: PathBuf,
    /// Who has places.
    pub providers: PathBuf,
    /// Who asks for what.
    pub choices: PathBuf,
}

/// One of a programme's own tests.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// Where it stands in the file.
    pub span: Span,
    /// Values of the applicants' columns; those not named are missing.
    pub applicant: BTreeMap<String, Option<Value>>,
    /// Values of the providers' columns.
    pub provider: BTreeMap<String, Option<Value>>,
    /// Values of the choices' columns.
    pub choice: BTreeMap<String, Option<Value>>,
    /// What has to come out.
    pub expect: Expect,
}

/// What a test expects; what is not named is not looked at.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    /// The applicant's verdict.
    pub verdict: Option<Verdict>,
    /// The choice's verdict.
    pub choice_verdict: Option<Verdict>,
    /// Exactly the clauses that fail.
    pub failed: Option<Vec<String>>,
    /// Exactly the clauses that are unknown.
    pub unknown: Option<Vec<String>>,
    /// The tier's name, or `none` for the last.
    pub tier: Option<String>,
    /// The score.
    pub score: Option<i64>,
    /// Values of variables, such as amounts.
    pub values: BTreeMap<String, Value>,
    /// The place among the tests with the same `contest`.
    pub rank: Option<i64>,
    /// Which tests compete.
    pub contest: Option<String>,
}

/// Reads and checks a programme file.
#[must_use]
pub fn load(path: &Path) -> Loaded {
    let shown = path.display().to_string();
    match read_text(path) {
        Ok(text) => load_str(&shown, &text),
        Err(diagnostic) => Loaded {
            rules: None,
            files: RegisterFiles::default(),
            tests: Vec::new(),
            diagnostics: vec![diagnostic],
            source: String::new(),
            path: shown,
        },
    }
}

/// Reads and checks a programme file's text; `path` is what mistakes name.
#[must_use]
pub fn load_str(path: &str, text: &str) -> Loaded {
    let mut file = read::programme(path, text);
    if let Some(rules) = &file.rules {
        let found = check::rules(path, text, rules, &file.places);
        file.diagnostics.extend(found);
    }
    file.diagnostics
        .sort_by_key(|d| (d.span.as_ref().map(|s| s.start), d.code.clone()));
    let wrong = has_errors(&file.diagnostics);
    Loaded {
        rules: file.rules.filter(|_| !wrong),
        files: file.files,
        tests: file.tests,
        diagnostics: file.diagnostics,
        source: text.to_owned(),
        path: path.to_owned(),
    }
}

/// Returns a file's text, or why it cannot be had.
fn read_text(path: &Path) -> Result<String, Diagnostic> {
    let shown = path.display().to_string();
    let fail = |code: &str, zh: String, en: String| {
        Diagnostic::error(code, Text::new(zh, en)).in_file(&shown)
    };
    let size = std::fs::metadata(path).map(|m| m.len());
    if let Ok(size) = size
        && size > FILE_BYTES_MAX
    {
        return Err(fail(
            "file/too-large",
            format!("文件有 {size} 字节,上限 {FILE_BYTES_MAX}"),
            format!("the file has {size} bytes; at most {FILE_BYTES_MAX} are read"),
        ));
    }
    let bytes = std::fs::read(path).map_err(|e| {
        fail(
            "file/unreadable",
            format!("无法读取:{e}"),
            format!("cannot be read: {e}"),
        )
    })?;
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let line = e
            .as_bytes()
            .iter()
            .take(at)
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        fail(
            "file/utf-8",
            format!("第 {line} 行(第 {at} 字节)不是 UTF-8;请以 UTF-8 保存"),
            format!("line {line} (byte {at}) is not UTF-8; save the file as UTF-8"),
        )
    })
}
