use std::process::ExitCode;

use minsheng_model::{Diagnostic, Text};

/// The command's exit codes, as documented in `minsheng --help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Everything asked for was done.
    Done = 0,
    /// Something outside the files failed, such as the disk.
    Failed = 1,
    /// A file is wrong; the place is named.
    WrongFile = 3,
    /// A check did not hold.
    NotHeld = 4,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub code: Code,
    /// What is wrong, all of it.
    pub diagnostics: Vec<Diagnostic>,
}

impl Failure {
    /// Returns the failure of a wrong file.
    pub fn wrong_file(diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            code: Code::WrongFile,
            diagnostics,
        }
    }

    /// Returns a failure with one sentence.
    pub fn new(code: Code, name: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            diagnostics: vec![Diagnostic::error(name, Text::new(zh, en))],
        }
    }
}
