//! People confirm what the machine read: TSV out and in, a history that only
//! grows, and only what was accepted becomes public.

use minsheng_model::{Date, Decimal, Text};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::ingest::hex;
use crate::statement::{Comparator, Measure, Statement, Status};

/// What a reviewer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As the machine read it.
    Accept,
    /// With the human value instead.
    Correct,
    /// Not a statement, or beyond mending.
    Reject,
}

impl Verdict {
    fn named(word: &str) -> Option<Self> {
        match word {
            "accept" => Some(Self::Accept),
            "correct" => Some(Self::Correct),
            "reject" => Some(Self::Reject),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Correct => "correct",
            Self::Reject => "reject",
        }
    }
}

/// One reviewer's word on one statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The statement's [`key`].
    pub key: String,
    /// The quote.
    pub quote: String,
    /// What the machine read.
    pub machine: String,
    /// What it is, where that differs.
    pub human: String,
    /// Who says so.
    pub reviewer: String,
    /// When.
    pub date: Date,
    /// What.
    pub verdict: Verdict,
}

/// The columns of the review file.
pub const COLUMNS: [&str; 8] = [
    "key", "document", "quote", "machine", "human", "reviewer", "date", "verdict",
];

/// Returns the name of a statement within a text: the hash of the text's hash and
/// the statement's place, 16 hexadecimal digits.
#[must_use]
pub fn key(sha256: &str, s: &Statement) -> String {
    let place = format!("{sha256}:{}:{}:{}", s.start, s.end, s.value_start);
    hex(&Sha256::digest(place.as_bytes()))
        .chars()
        .take(16)
        .collect()
}

/// Returns what the machine read in one cell: value and unit, comparator, period
/// or day, status, body, speaker, indicator.
#[must_use]
pub fn machine(s: &Statement) -> String {
    let value = match (s.value, s.lower, s.upper) {
        (Some(v), _, _) => format!("{v} {}", s.unit),
        (None, Some(a), Some(b)) => format!("{a}..{b} {}", s.unit),
        _ => String::new(),
    };
    let period = match (s.period_start, s.period_end) {
        (Some(a), Some(b)) => format!("{a}/{b}"),
        (None, Some(b)) => format!("../{b}"),
        (Some(a), None) => format!("{a}/.."),
        (None, None) => s.as_of.clone(),
    };
    let comparator = s.comparator.map_or("", Comparator::as_str);
    [
        value.trim(),
        comparator,
        &period,
        s.status.as_str(),
        &s.body,
        &s.speaker,
        &s.indicator_id,
    ]
    .join("; ")
}

/// A cell of a TSV: tabs and line ends become blanks, so that a row is a line.
fn cell(text: &str) -> String {
    text.chars()
        .map(|c| {
            if matches!(c, '\t' | '\n' | '\r') {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// Writes the file that reviewers fill in.
#[must_use]
pub fn export(document: &str, sha256: &str, statements: &[Statement]) -> String {
    let mut out = COLUMNS.join("\t");
    out.push('\n');
    for s in statements {
        let row = [
            key(sha256, s),
            cell(document),
            cell(&s.quote),
            cell(&machine(s)),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ];
        out.push_str(&row.join("\t"));
        out.push('\n');
    }
    out
}

/// Reads a filled-in file; rows without a verdict are left out.
///
/// # Errors
/// The first wrong row with its line: a missing reviewer, day or verdict, or a
/// correction without a human value.
pub fn import(tsv: &str) -> Result<Vec<Decision>, (usize, Text)> {
    let mut lines = tsv.lines().enumerate();
    let heading = lines
        .next()
        .map_or("", |(_, l)| l.trim_start_matches('\u{feff}'));
    if heading.trim_end() != COLUMNS.join("\t") {
        return Err((
            1,
            Text::new(
                format!("表头应为 `{}`", COLUMNS.join(" ")),
                format!("the heading has to be `{}`", COLUMNS.join(" ")),
            ),
        ));
    }
    let mut all = Vec::new();
    for (n, line) in lines.filter(|(_, l)| !l.trim().is_empty()) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [key, _, quote, machine, human, reviewer, date, verdict] = cells.as_slice() else {
            return Err((
                n + 1,
                Text::new(
                    format!("有 {} 列,应有 8 列", cells.len()),
                    format!("{} columns, expected 8", cells.len()),
                ),
            ));
        };
        if verdict.trim().is_empty() {
            continue;
        }
        let Some(verdict) = Verdict::named(verdict.trim()) else {
            return Err((
                n + 1,
                Text::new(
                    format!("`{verdict}` 应为 accept、correct 或 reject"),
                    format!("`{verdict}` is none of accept, correct, reject"),
                ),
            ));
        };
        let date = date.trim().parse().map_err(|_| {
            (
                n + 1,
                Text::new(
                    format!("`{date}` 不是日期"),
                    format!("`{date}` is not a day"),
                ),
            )
        })?;
        if reviewer.trim().is_empty() {
            return Err((n + 1, Text::new("缺少审核人", "the reviewer is missing")));
        }
        if verdict == Verdict::Correct && !human.trim().is_empty() {
            Correction::read(human).map_err(|t| (n + 1, t))?;
        }
        if verdict == Verdict::Correct && human.trim().is_empty() {
            return Err((
                n + 1,
                Text::new("改正须填人工值", "a correction needs a human value"),
            ));
        }
        all.push(Decision {
            key: (*key).to_owned(),
            quote: (*quote).to_owned(),
            machine: (*machine).to_owned(),
            human: human.trim().to_owned(),
            reviewer: reviewer.trim().to_owned(),
            date,
            verdict,
        });
    }
    Ok(all)
}

fn line_of(d: &Decision) -> String {
    [
        d.key.as_str(),
        &cell(&d.quote),
        &cell(&d.machine),
        &cell(&d.human),
        &cell(&d.reviewer),
        &d.date.to_string(),
        d.verdict.as_str(),
    ]
    .join("\t")
}

/// Appends decisions to a history. Every line ends in the hash of the line before
/// and its own words, so that nothing can be changed or taken out unseen.
///
/// # Errors
/// When the history so far does not hold.
pub fn append(history: &str, decisions: &[Decision]) -> Result<String, (usize, Text)> {
    let mut last = verify(history)?.1;
    let mut out = history.to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    for d in decisions {
        let line = line_of(d);
        last = hex(&Sha256::digest(format!("{last}\n{line}").as_bytes()));
        out.push_str(&format!("{line}\t{last}\n"));
    }
    Ok(out)
}

/// Checks a history and returns its decisions and its last hash.
///
/// # Errors
/// The first line that does not follow from those before.
pub fn verify(history: &str) -> Result<(Vec<Decision>, String), (usize, Text)> {
    let mut last = String::new();
    let mut all = Vec::new();
    for (n, line) in history.lines().enumerate() {
        let broken = || {
            (
                n + 1,
                Text::new(
                    "历史被改动或缺行:校验值不符",
                    "the history was changed or a line is missing: the hash does not follow",
                ),
            )
        };
        let (words, hash) = line.rsplit_once('\t').ok_or_else(broken)?;
        let expected = hex(&Sha256::digest(format!("{last}\n{words}").as_bytes()));
        if expected != hash {
            return Err(broken());
        }
        let cells: Vec<&str> = words.split('\t').collect();
        let [key, quote, machine, human, reviewer, date, verdict] = cells.as_slice() else {
            return Err(broken());
        };
        let decision = Decision {
            key: (*key).to_owned(),
            quote: (*quote).to_owned(),
            machine: (*machine).to_owned(),
            human: (*human).to_owned(),
            reviewer: (*reviewer).to_owned(),
            date: date.parse().map_err(|_| broken())?,
            verdict: Verdict::named(verdict).ok_or_else(broken)?,
        };
        all.push(decision);
        last = expected;
    }
    Ok((all, last))
}

/// What a correction says, in the form of the machine's cell: value and unit;
/// comparator; period or day; status; body; speaker; indicator. What is left out or
/// empty stays as the machine read it.
struct Correction {
    /// Least, most, and the unit if one is named.
    value: Option<(Decimal, Decimal, Option<String>)>,
    comparator: Option<Comparator>,
    time: Option<(Option<Date>, Option<Date>, String)>,
    status: Option<Status>,
    body: String,
    speaker: String,
    indicator: String,
}

impl Correction {
    fn read(human: &str) -> Result<Self, Text> {
        let mut cells = human.split([';', '；']).map(str::trim);
        let mut next = || cells.next().unwrap_or("");
        let (value, comparator, time, status) = (next(), next(), next(), next());
        let wrong = |zh: &str, en: &str, cell: &str| {
            Text::new(format!("`{cell}` {zh}"), format!("`{cell}` {en}"))
        };
        let correction = Self {
            value: match value {
                "" => None,
                cell => Some(amount(cell).ok_or_else(|| {
                    wrong(
                        "应为数和单位,如 `355 个` 或 `10..20 个`",
                        "is no number with its unit, such as `355 个` or `10..20 个`",
                        cell,
                    )
                })?),
            },
            comparator: match comparator {
                "" => None,
                cell => Some(
                    Comparator::named(cell)
                        .ok_or_else(|| wrong("不是比较词", "is no comparator", cell))?,
                ),
            },
            time: match time {
                "" => None,
                cell => Some(span(cell).ok_or_else(|| {
                    wrong(
                        "应为 `起/止` 或一天",
                        "is neither `first/last` nor a day",
                        cell,
                    )
                })?),
            },
            status: match status {
                "" => None,
                cell => Some(
                    Status::named(cell).ok_or_else(|| wrong("不是状态", "is no status", cell))?,
                ),
            },
            body: next().to_owned(),
            speaker: next().to_owned(),
            indicator: next().to_owned(),
        };
        match cells.next() {
            Some(more) => Err(wrong("之前已有七项", "comes after seven parts", more)),
            None => Ok(correction),
        }
    }
}

/// `355 个`, `355`, `10..20 个`.
fn amount(cell: &str) -> Option<(Decimal, Decimal, Option<String>)> {
    let (number, unit) = match cell.split_once(char::is_whitespace) {
        Some((number, unit)) => (number, Some(unit.trim().to_owned())),
        None => (cell, None),
    };
    let (low, high) = number.split_once("..").unwrap_or((number, number));
    Some((low.parse().ok()?, high.parse().ok()?, unit))
}

/// `2024-01-01/2024-12-31`, `../2024-12-31`, `2024-01-01/..`, or the day it holds of.
fn span(cell: &str) -> Option<(Option<Date>, Option<Date>, String)> {
    let Some((from, to)) = cell.split_once('/') else {
        let _: crate::published::Published = cell.parse().ok()?;
        return Some((None, None, cell.to_owned()));
    };
    let end = |text: &str| match text {
        ".." => Some(None),
        day => day.parse().ok().map(Some),
    };
    Some((end(from)?, end(to)?, String::new()))
}

/// A statement that may be published, with the human value where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Accepted<'a> {
    /// The statement as read.
    pub statement: &'a Statement,
    /// What it is, where a person corrected it.
    pub human: String,
    /// Who accepted it, in the order of time.
    pub reviewers: Vec<String>,
}

impl Accepted<'_> {
    /// Returns the statement as it may be published: corrected where a person
    /// corrected it. The quote stays.
    ///
    /// # Errors
    /// A correction that cannot be read.
    pub fn told(&self) -> Result<Statement, Text> {
        let mut told = self.statement.clone();
        if self.human.trim().is_empty() {
            return Ok(told);
        }
        let c = Correction::read(&self.human)?;
        if let Some((low, high, unit)) = c.value {
            (told.lower, told.upper) = (Some(low), Some(high));
            (told.value, told.comparator) = if low == high {
                (Some(low), Some(Comparator::Exact))
            } else {
                (None, Some(Comparator::Between))
            };
            told.fraction = None;
            if let Some(unit) = unit {
                told.unit = unit;
            }
            if told.measure == Measure::None {
                told.measure = Measure::Count;
            }
        }
        if c.comparator.is_some() {
            told.comparator = c.comparator;
        }
        if let Some((from, to, as_of)) = c.time {
            (told.period_start, told.period_end, told.as_of) = (from, to, as_of);
        }
        if let Some(status) = c.status {
            told.status = status;
        }
        for (to, from) in [
            (&mut told.body, c.body),
            (&mut told.speaker, c.speaker),
            (&mut told.indicator_id, c.indicator),
        ] {
            if !from.is_empty() {
                *to = from;
            }
        }
        Ok(told)
    }
}

/// Returns the statements that may be published. Each reviewer's last word counts;
/// one rejection holds a statement back. A number needs one reviewer, a statement
/// in words two different ones who agree.
#[must_use]
pub fn accepted<'a>(
    sha256: &str,
    statements: &'a [Statement],
    decisions: &[Decision],
) -> Vec<Accepted<'a>> {
    statements
        .iter()
        .filter_map(|s| {
            let needed = if s.measure == Measure::None { 2 } else { 1 };
            let (human, reviewers) = agreed(&key(sha256, s), needed, decisions)?;
            Some(Accepted {
                statement: s,
                human,
                reviewers,
            })
        })
        .collect()
}

/// The correction and the reviewers of what at least so many agree on: each one's
/// last word counts, and a rejection holds it back.
pub(crate) fn agreed(
    key: &str,
    needed: usize,
    decisions: &[Decision],
) -> Option<(String, Vec<String>)> {
    let mut last: Vec<&Decision> = Vec::new();
    for d in decisions.iter().filter(|d| d.key == key) {
        last.retain(|o| o.reviewer != d.reviewer);
        last.push(d);
    }
    // What stands beside an acceptance is a remark.
    let says = |d: &Decision| match d.verdict {
        Verdict::Correct => d.human.clone(),
        _ => String::new(),
    };
    let human = says(last.first()?);
    let agreed = last
        .iter()
        .all(|d| d.verdict != Verdict::Reject && says(d) == human);
    let reviewers = last.iter().map(|d| d.reviewer.clone()).collect();
    (agreed && last.len() >= needed).then_some((human, reviewers))
}
