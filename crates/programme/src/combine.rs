//! `age AND (resident OR permit)`.

use minsheng_model::{Combine, Span};

use crate::sink::Sink;
use crate::view::Sql;

/// The deepest nesting of brackets.
const DEPTH_MAX: usize = 50;

struct Parser<'a, 'b, 's> {
    words: Vec<(&'a str, Span)>,
    at: usize,
    /// Clauses of this scope, and those of the other one.
    known: &'a [String],
    other: &'a [String],
    used: Vec<usize>,
    text: &'a Sql,
    sink: &'b mut Sink<'s>,
    failed: bool,
}

/// Reads a combination over the clauses named in `known`; returns it with the
/// clauses used, or notes what is wrong.
pub fn parse(
    text: &Sql,
    known: &[String],
    other: &[String],
    sink: &mut Sink<'_>,
) -> Option<(Combine, Vec<usize>)> {
    let words = words(&text.text);
    let mut parser = Parser {
        words,
        at: 0,
        known,
        other,
        used: Vec::new(),
        text,
        sink,
        failed: false,
    };
    let found = parser.any(0);
    if !parser.failed
        && let Some((word, span)) = parser.peek()
    {
        let (zh, en) = if word == ")" {
            ("多出一个 `)`".to_owned(), "one `)` too many".to_owned())
        } else {
            (
                format!("`{word}` 之前缺少 AND 或 OR"),
                format!("AND or OR is missing before `{word}`"),
            )
        };
        parser.wrong("programme/combine", span, zh, en);
    }
    let (failed, used) = (parser.failed, parser.used);
    found.filter(|_| !failed).map(|c| (c, used))
}

fn words(text: &str) -> Vec<(&str, Span)> {
    let mut found = Vec::new();
    let mut start = None;
    let close = |start: &mut Option<usize>, end: usize, found: &mut Vec<_>| {
        if let Some(from) = start.take() {
            found.push((text.get(from..end).unwrap_or(""), from..end));
        }
    };
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if c.is_whitespace() {
            close(&mut start, at, &mut found);
        } else if c == '(' || c == ')' {
            close(&mut start, at, &mut found);
            found.push((text.get(at..end).unwrap_or(""), at..end));
        } else if start.is_none() {
            start = Some(at);
        }
    }
    close(&mut start, text.len(), &mut found);
    found
}

impl<'a> Parser<'a, '_, '_> {
    fn peek(&self) -> Option<(&'a str, Span)> {
        self.words.get(self.at).cloned()
    }

    fn take(&mut self, keyword: &str) -> bool {
        let found = self
            .peek()
            .is_some_and(|(w, _)| w.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    fn wrong(&mut self, code: &str, span: Span, zh: String, en: String) {
        self.failed = true;
        self.sink.error(code, self.text.place(&span), zh, en);
    }

    fn any(&mut self, depth: usize) -> Option<Combine> {
        let from = self.peek().map_or(0, |(_, s)| s.start);
        let (first, mut mixed) = self.all(depth)?;
        let mut parts = vec![first];
        while self.take("or") {
            let (part, more) = self.all(depth)?;
            mixed |= more;
            parts.push(part);
        }
        if parts.len() > 1 && mixed {
            let end = self
                .at
                .checked_sub(1)
                .and_then(|i| self.words.get(i))
                .map_or(from, |(_, s)| s.end);
            self.wrong(
                "programme/combine",
                from..end,
                "AND 与 OR 混用而没有括号".to_owned(),
                "AND and OR are mixed without brackets".to_owned(),
            );
            self.sink.help(
                "用括号写明先后,如 `a AND (b OR c)`",
                "say which comes first with brackets, such as `a AND (b OR c)`",
            );
        }
        Some(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Combine::Any(parts)
        })
    }

    /// Returns the part and whether it is a bare AND.
    fn all(&mut self, depth: usize) -> Option<(Combine, bool)> {
        let mut parts = vec![self.one(depth)?];
        while self.take("and") {
            parts.push(self.one(depth)?);
        }
        Some(if parts.len() == 1 {
            (parts.remove(0), false)
        } else {
            (Combine::All(parts), true)
        })
    }

    fn one(&mut self, depth: usize) -> Option<Combine> {
        let Some((word, span)) = self.peek() else {
            let end = self.text.text.len();
            let last = self.words.last().map_or(0..end, |(_, s)| s.clone());
            self.wrong(
                "programme/combine",
                last,
                "末尾缺少条件".to_owned(),
                "a condition is missing at the end".to_owned(),
            );
            return None;
        };
        self.at += 1;
        if word == "(" {
            if depth >= DEPTH_MAX {
                self.wrong(
                    "programme/combine",
                    span,
                    "括号嵌套过深".to_owned(),
                    "brackets are nested too deeply".to_owned(),
                );
                return None;
            }
            let inner = self.any(depth + 1)?;
            if !self.take(")") {
                self.wrong(
                    "programme/combine",
                    span,
                    "这个 `(` 没有配对的 `)`".to_owned(),
                    "this `(` has no `)`".to_owned(),
                );
                return None;
            }
            return Some(inner);
        }
        if word.eq_ignore_ascii_case("not") {
            self.wrong(
                "programme/combine",
                span,
                "这里不能用 NOT".to_owned(),
                "NOT cannot be used here".to_owned(),
            );
            self.sink.help(
                "把否定写进条件的 SQL 里",
                "write the negation inside the condition's SQL",
            );
            return None;
        }
        if word == ")" || word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or") {
            self.wrong(
                "programme/combine",
                span,
                format!("`{word}` 之前缺少条件"),
                format!("a condition is missing before `{word}`"),
            );
            return None;
        }
        self.clause(word, span)
    }

    fn clause(&mut self, word: &str, span: Span) -> Option<Combine> {
        if let Some(index) = self.known.iter().position(|k| k == word) {
            self.used.push(index);
            return Some(Combine::Clause(index));
        }
        if self.other.iter().any(|k| k == word) {
            self.wrong(
                "programme/combine",
                span,
                format!("条件 `{word}` 属于另一范围"),
                format!("condition `{word}` has the other scope"),
            );
            self.sink.help(
                "申请人的条件写在 combine,志愿的条件写在 choice_combine",
                "applicants' conditions go into combine, choices' into choice_combine",
            );
        } else {
            self.wrong(
                "programme/unknown-clause",
                span,
                format!("没有条件 `{word}`"),
                format!("there is no condition `{word}`"),
            );
            let known = self.known;
            self.sink.suggest(word, known.iter().map(String::as_str));
        }
        // Reading goes on, so that every unknown name is told at once.
        Some(Combine::Clause(0))
    }
}
