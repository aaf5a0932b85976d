//! A table of travel: one pair a line.

use std::collections::HashSet;

use super::{Ids, Rows, mistake, numbers};
use crate::error::PlainError;
use crate::words::Exact;

/// What the third column may be called, and how many seconds (or other units) it counts.
const UNITS: [(&str, i64); 10] = [
    ("seconds", 1),
    ("duration", 1),
    ("cost", 1),
    ("metres", 1),
    ("meters", 1),
    ("distance", 1),
    ("minutes", 60),
    // As r5py and r5r write them.
    ("travel_time", 60),
    ("travel_time_p50", 60),
    ("秒", 1),
];
const ORIGINS: [&str; 6] = ["origin", "from", "from_id", "origin_id", "demand", "起点"];
const DESTINATIONS: [&str; 8] = [
    "destination",
    "to",
    "to_id",
    "destination_id",
    "site",
    "supplier",
    "provider",
    "终点",
];

/// A field of a line: its text and the column where it begins.
pub(super) type Cell = (String, usize);

struct Heading {
    comma: char,
    origin: usize,
    destination: usize,
    value: usize,
    times: i64,
    width: usize,
}

pub(super) fn read(text: &str, ids: &Ids) -> Result<Rows, PlainError> {
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(k, line)| (k + 1, line))
        .filter(|(_, line)| !line.trim().is_empty());
    let Some((line, first)) = lines.next() else {
        return Err(mistake(
            Some((1, 1)),
            "",
            "空文件,应有表头 `origin,destination,seconds`",
            "the file is empty, expected the heading `origin,destination,seconds`",
        ));
    };
    let heading = heading(line, first)?;
    let (demands, sites) = (numbers(&ids.demands), numbers(&ids.sites));
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for (line, content) in lines {
        let cells = cells(line, content, heading.comma)?;
        if cells.len() != heading.width {
            return Err(mistake(
                Some((line, 1)),
                "",
                &format!("应有 {} 列,实有 {}", heading.width, cells.len()),
                &format!("has {} columns, expected {}", cells.len(), heading.width),
            ));
        }
        let cell = |at: usize| cells.get(at).map_or(("", 1), |(t, c)| (t.as_str(), *c));
        let place = |column: usize| Some((line, column));
        let (origin, at) = cell(heading.origin);
        let Some(from) = demands.get(origin).copied() else {
            return Err(mistake(
                place(at),
                "",
                &format!("实例中没有需求 `{origin}`"),
                &format!("the instance has no demand `{origin}`"),
            ));
        };
        let (destination, at) = cell(heading.destination);
        let Some(to) = sites.get(destination).copied() else {
            return Err(mistake(
                place(at),
                "",
                &format!("实例中没有点位 `{destination}`"),
                &format!("the instance has no site `{destination}`"),
            ));
        };
        if !seen.insert((from, to)) {
            return Err(mistake(
                place(1),
                "",
                &format!("`{origin}` 到 `{destination}` 出现两次"),
                &format!("`{origin}` to `{destination}` is there twice"),
            ));
        }
        let (value, at) = cell(heading.value);
        // An empty field: cannot be reached.
        if value.is_empty() {
            continue;
        }
        let read = Exact::read(value).and_then(|mut own| {
            own.digits = own.digits.checked_mul(i128::from(heading.times))?;
            own.rounded(0).filter(|v| (0..i64::MAX).contains(v))
        });
        let Some(cost) = read else {
            return Err(mistake(
                place(at),
                "",
                &format!("`{value}` 应为非负数,到不了则留空"),
                &format!("`{value}` has to be a number, not negative; empty where there is no way"),
            ));
        };
        rows.push((from, to, cost));
    }
    Ok(rows)
}

fn heading(line: usize, first: &str) -> Result<Heading, PlainError> {
    let comma = comma(first);
    let names: Vec<Cell> = cells(line, first, comma)?;
    let lower: Vec<String> = names.iter().map(|(n, _)| n.to_lowercase()).collect();
    let find = |known: &[&str]| lower.iter().position(|n| known.contains(&n.as_str()));
    let units: Vec<&str> = UNITS.iter().map(|(n, _)| *n).collect();
    let found = (find(&ORIGINS), find(&DESTINATIONS), find(&units));
    let (Some(origin), Some(destination), Some(value)) = found else {
        return Err(mistake(
            Some((line, 1)),
            "",
            &format!("表头 `{first}` 应有起点、终点和数值三列,如 `origin,destination,seconds`"),
            &format!(
                "the heading `{first}` has to name an origin, a destination and a value, as in `origin,destination,seconds`"
            ),
        ));
    };
    let times = UNITS
        .iter()
        .find(|(n, _)| lower.get(value).is_some_and(|own| own == n))
        .map_or(1, |(_, times)| *times);
    Ok(Heading {
        comma,
        origin,
        destination,
        value,
        times,
        width: names.len(),
    })
}

/// Returns what parts the fields of a heading.
pub(super) fn comma(heading: &str) -> char {
    [',', ';', '\t']
        .into_iter()
        .find(|c| heading.contains(*c))
        .unwrap_or(',')
}

/// Parts a line at its commas; a field in quotes may hold commas, and two quotes for one.
pub(super) fn cells(line: usize, content: &str, comma: char) -> Result<Vec<Cell>, PlainError> {
    let mut all: Vec<Cell> = Vec::new();
    let mut own = String::new();
    let (mut start, mut quoted, mut closed) = (1, false, false);
    let mut letters = content.chars().enumerate().peekable();
    while let Some((at, letter)) = letters.next() {
        if quoted {
            let doubled = letters.peek().is_some_and(|(_, next)| *next == '"');
            match (letter, doubled) {
                ('"', true) => {
                    own.push('"');
                    letters.next();
                }
                ('"', false) => (quoted, closed) = (false, true),
                _ => own.push(letter),
            }
        } else if letter == comma {
            let text = std::mem::take(&mut own);
            let text = if closed { text } else { text.trim().to_owned() };
            all.push((text, start));
            (start, closed) = (at + 2, false);
        } else if letter == '"' && own.trim().is_empty() && !closed {
            own.clear();
            quoted = true;
        } else if !closed || !letter.is_whitespace() {
            own.push(letter);
        }
    }
    if quoted {
        return Err(mistake(
            Some((line, start)),
            "",
            "引号没有结束",
            "has a quote that does not end",
        ));
    }
    let text = if closed { own } else { own.trim().to_owned() };
    all.push((text, start));
    Ok(all)
}
