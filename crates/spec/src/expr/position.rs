use std::ops::Range;

use sqlparser::tokenizer::Span;

/// Returns the bytes of a span whose lines and columns count from 1, columns in
/// characters; the whole text for an empty span.
pub(crate) fn bytes(sql: &str, span: Span) -> Range<usize> {
    if span.start.line == 0 {
        return 0..sql.len();
    }
    let start = offset(sql, span.start.line, span.start.column);
    let end = offset(sql, span.end.line, span.end.column);
    start..end.max(start)
}

/// Returns the byte offset of a line and column.
pub(crate) fn offset(sql: &str, line: u64, column: u64) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match sql.get(start..).and_then(|rest| rest.find('\n')) {
            Some(newline) => start += newline + 1,
            None => return sql.len(),
        }
    }
    let rest = sql.get(start..).unwrap_or("");
    let skip = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    rest.char_indices()
        .nth(skip)
        .map_or(sql.len(), |(byte, _)| start + byte)
}

/// Returns the line and column that a parser's message ends with
/// (`… at Line: 1, Column: 7`).
pub(crate) fn of_message(message: &str) -> Option<(u64, u64)> {
    let (_, rest) = message.rsplit_once("Line: ")?;
    let (line, column) = rest.split_once(", Column: ")?;
    Some((line.trim().parse().ok()?, column.trim().parse().ok()?))
}
