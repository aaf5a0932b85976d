//! Diagnostics as people, terminals and machines want them.

use std::collections::HashMap;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report,
};
use minsheng_letter::Lang;
use minsheng_model::{Diagnostic, Severity, Span};

use crate::args::ErrorFormat;

/// Returns one text per diagnostic.
pub fn render(diagnostics: &[Diagnostic], lang: Lang, format: ErrorFormat) -> Vec<String> {
    // Each file is read once; nothing walks the map.
    let mut files: HashMap<&str, String> = HashMap::new();
    for d in diagnostics {
        if d.span.is_some() && !files.contains_key(d.file.as_str()) {
            let bytes = std::fs::read(&d.file).unwrap_or_default();
            files.insert(&d.file, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    diagnostics
        .iter()
        .map(|d| {
            let source = files.get(d.file.as_str()).map_or("", String::as_str);
            match format {
                ErrorFormat::Human => human(d, source, lang),
                ErrorFormat::Plain => plain(d, source, lang),
                ErrorFormat::Json => json(d, source),
            }
        })
        .collect()
}

/// Returns line and column, both from 1, columns in characters.
fn position(source: &str, offset: usize) -> (usize, usize) {
    let before = source.get(..offset.min(source.len())).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

fn clamp(span: &Span, source: &str) -> Span {
    let end = span.end.min(source.len());
    span.start.min(end)..end
}

fn place(d: &Diagnostic, source: &str) -> String {
    match &d.span {
        Some(span) if !d.file.is_empty() => {
            let (line, column) = position(source, span.start);
            format!("{}:{line}:{column}: ", d.file)
        }
        _ if !d.file.is_empty() => format!("{}: ", d.file),
        _ => String::new(),
    }
}

fn plain(d: &Diagnostic, source: &str, lang: Lang) -> String {
    let kind = match d.severity {
        Severity::Error => lang.pick("错误", "error"),
        Severity::Warning => lang.pick("警告", "warning"),
    };
    let help = d.help.as_ref().map_or_else(String::new, |h| {
        format!(
            " ({}{})",
            lang.pick("办法:", "help: "),
            h.get(lang.as_str())
        )
    });
    format!(
        "{}{kind}[{}]: {}{help}",
        place(d, source),
        d.code,
        d.message.get(lang.as_str())
    )
}

fn json(d: &Diagnostic, source: &str) -> String {
    let at = d.span.as_ref().map(|span| {
        let (line, column) = position(source, span.start);
        let (end_line, end_column) = position(source, span.end);
        let found = source.get(clamp(span, source)).unwrap_or("");
        serde_json::json!({ "line": line, "column": column, "end_line": end_line, "end_column": end_column, "found": found })
    });
    let severity = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let text = |t: &minsheng_model::Text| serde_json::json!({ "zh": t.zh, "en": t.en });
    serde_json::json!({
        "code": d.code,
        "severity": severity,
        "file": d.file,
        "at": at,
        "message": text(&d.message),
        "help": d.help.as_ref().map(text),
    })
    .to_string()
}

fn human(d: &Diagnostic, source: &str, lang: Lang) -> String {
    let severity = match d.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
    };
    let mut message = d.message.get(lang.as_str()).to_owned();
    if d.span.is_none() && !d.file.is_empty() {
        message = format!("{}: {message}", d.file);
    }
    let mut shown = MietteDiagnostic::new(message)
        .with_code(&d.code)
        .with_severity(severity);
    if let Some(help) = &d.help {
        shown = shown.with_help(help.get(lang.as_str()));
    }
    if let Some(span) = &d.span {
        shown = shown.and_label(LabeledSpan::new_with_span(None, clamp(span, source)));
    }
    for note in &d.notes {
        let label = note.text.get(lang.as_str()).to_owned();
        shown = shown.and_label(LabeledSpan::new_with_span(
            Some(label),
            clamp(&note.span, source),
        ));
    }
    let report = Report::new(shown).with_source_code(NamedSource::new(&d.file, source.to_owned()));
    let colour = std::io::IsTerminal::is_terminal(&std::io::stderr())
        && std::env::var_os("NO_COLOR").is_none();
    let theme = if colour {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let mut text = String::new();
    let rendered = GraphicalReportHandler::new_themed(theme)
        .with_width(110)
        .render_report(&mut text, report.as_ref());
    if rendered.is_err() {
        plain(d, source, lang)
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minsheng_model::Text;

    #[test]
    fn columns_count_characters() {
        let source = "甲 = 1\n乙 = brith";
        let at = source.find("brith").unwrap();
        assert_eq!(position(source, at), (2, 5));
        let d = Diagnostic::error("x/y", Text::new("未知列", "unknown column `brith`"))
            .at("f.toml", at..at + 5);
        assert_eq!(
            plain(&d, source, Lang::En),
            "f.toml:2:5: error[x/y]: unknown column `brith`"
        );
        assert!(human(&d, source, Lang::En).contains("brith"));
        assert!(json(&d, source).contains("\"found\":\"brith\""));
    }
}
