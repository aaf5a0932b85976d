//! `age AND (resident OR permit)`: clauses joined by AND and OR.

use minsheng_model::{Combine, Diagnostic, Span, Text};

use crate::reader::{close, did_you_mean};

/// Brackets nest at most this deep.
const DEPTH_MAX: usize = 32;

struct Parser<'a> {
    path: &'a str,
    /// The text's first byte in the file.
    start: usize,
    tokens: Vec<(String, Span)>,
    at: usize,
    clauses: &'a [String],
    end: Span,
}

/// Returns the combination over the clauses, in the order of their bits.
///
/// # Errors
/// The first mistake, at its place in the file.
pub(crate) fn parse(
    path: &str,
    text: &str,
    start: usize,
    clauses: &[String],
) -> Result<Combine, Box<Diagnostic>> {
    let end = start + text.len();
    let mut parser = Parser {
        path,
        start,
        tokens: tokens(text),
        at: 0,
        clauses,
        end: end..end,
    };
    let combine = parser.any(0)?;
    match parser.tokens.get(parser.at) {
        None => Ok(combine),
        Some((word, span)) => Err(parser.wrong(
            span.clone(),
            &format!("多余的 `{word}`"),
            &format!("unexpected `{word}`"),
        )),
    }
}

fn tokens(text: &str) -> Vec<(String, Span)> {
    let mut found: Vec<(String, Span)> = Vec::new();
    let mut open = false;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if c.is_whitespace() {
            open = false;
        } else if c == '(' || c == ')' {
            found.push((c.to_string(), at..end));
            open = false;
        } else if let (true, Some((word, span))) = (open, found.last_mut()) {
            word.push(c);
            span.end = end;
        } else {
            found.push((c.to_string(), at..end));
            open = true;
        }
    }
    found
}

impl Parser<'_> {
    fn wrong(&self, span: Span, zh: &str, en: &str) -> Box<Diagnostic> {
        let span = self.start + span.start..self.start + span.end;
        let help = Text::new(
            "只用条件名、AND、OR 与括号;否定写在条件里面",
            "clause names, AND, OR and brackets; a negation belongs inside a clause",
        );
        Box::new(
            Diagnostic::error("programme/combine", Text::new(zh, en))
                .at(self.path, span)
                .help(help),
        )
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self
            .tokens
            .get(self.at)
            .is_some_and(|(t, _)| t.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Combine, Box<Diagnostic>> {
        let mut parts = vec![self.all(depth)?];
        while self.keyword("OR") {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Combine::Any(parts)
        })
    }

    fn all(&mut self, depth: usize) -> Result<Combine, Box<Diagnostic>> {
        let mut parts = vec![self.one(depth)?];
        while self.keyword("AND") {
            parts.push(self.one(depth)?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Combine::All(parts)
        })
    }

    fn one(&mut self, depth: usize) -> Result<Combine, Box<Diagnostic>> {
        let Some((word, span)) = self.tokens.get(self.at).cloned() else {
            let end = self.end.start - self.start;
            return Err(self.wrong(end..end, "此处缺少条件名", "a clause name is missing here"));
        };
        self.at += 1;
        if word == "(" {
            if depth == DEPTH_MAX {
                return Err(self.wrong(span, "括号嵌套过深", "brackets are nested too deeply"));
            }
            let inner = self.any(depth + 1)?;
            if self.keyword(")") {
                return Ok(inner);
            }
            return Err(self.wrong(span, "括号没有闭合", "this bracket is not closed"));
        }
        if let Some(bit) = self.clauses.iter().position(|c| *c == word) {
            return Ok(Combine::Clause(bit));
        }
        let mut wrong = self.wrong(
            span,
            &format!("没有条件 `{word}`"),
            &format!("there is no clause `{word}` here"),
        );
        if let Some(near) = close(&word, self.clauses.iter().map(String::as_str)) {
            wrong.help = Some(did_you_mean(near));
        }
        Err(wrong)
    }
}
