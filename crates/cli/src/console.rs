#![expect(clippy::print_stderr, reason = "the one place that prints")]

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use minsheng_letter::Lang;
use minsheng_model::{Diagnostic, Text};

use crate::args::{ErrorFormat, Global, LangArg};
use crate::exit::Failure;
use crate::report;

/// Where a command says things, and how.
pub struct Console {
    lang: Lang,
    json: bool,
    format: ErrorFormat,
}

impl Console {
    /// Returns the console that the options ask for; the language is that of the
    /// system unless one was named.
    pub fn new(global: &Global) -> Self {
        let lang = match global.lang {
            Some(LangArg::Zh) => Lang::Zh,
            Some(LangArg::En) => Lang::En,
            None => {
                let set = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
                let system = set("LC_ALL")
                    .or_else(|| set("LC_MESSAGES"))
                    .or_else(|| set("LANG"));
                if system.is_some_and(|s| s.starts_with("zh")) {
                    Lang::Zh
                } else {
                    Lang::En
                }
            }
        };
        Self {
            lang,
            json: global.json,
            format: global.error_format,
        }
    }

    /// Returns the language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Returns whether a machine reads the output.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Returns the text in the console's language.
    pub fn text<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.lang.as_str())
    }

    /// Prints a line of the result.
    pub fn say(&self, line: &str) {
        // A closed pipe (`minsheng … | head`) is not worth a panic.
        let _ = writeln!(std::io::stdout(), "{line}");
    }

    /// Prints a line for people only: nothing with `--json`.
    pub fn tell(&self, zh: &str, en: &str) {
        if !self.json {
            self.say(self.lang.pick(zh, en));
        }
    }

    /// Prints to the error stream, so that results can be piped.
    pub fn note(&self, zh: &str, en: &str) {
        eprintln!("{}", self.lang.pick(zh, en));
    }

    /// Shows diagnostics on the error stream.
    pub fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        for text in report::render(diagnostics, self.lang, self.format) {
            eprintln!("{text}");
        }
    }

    /// Tells people how many warnings a file has and what shows them; machines get each.
    pub fn counted(&self, path: &Path, diagnostics: &[Diagnostic]) {
        if self.json || self.format != ErrorFormat::Human {
            self.diagnostics(diagnostics);
        } else if let count @ 1.. = diagnostics.len() {
            let (path, s) = (path.display(), if count == 1 { "" } else { "s" });
            self.note(
                &format!("{path}:{count} 条警告,`minsheng check` 会列出"),
                &format!("{path}: {count} warning{s}; `minsheng check` shows them"),
            );
        }
    }

    /// Shows why a command stopped.
    pub fn failure(&self, failure: &Failure) {
        self.diagnostics(&failure.diagnostics);
    }

    /// Returns a spinner for something that may take over a second; silent when
    /// the error stream is not a terminal.
    pub fn spinner(&self, zh: &str, en: &str) -> ProgressBar {
        if !std::io::stderr().is_terminal() || self.json {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(self.lang.pick(zh, en).to_owned());
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        bar
    }
}
