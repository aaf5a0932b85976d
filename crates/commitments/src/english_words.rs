//! Nouns, verbs and what is no fact, in English prose.

use minsheng_model::Decimal;

use crate::chars::{at, text};
use crate::english_numbers::EnglishNumber;
use crate::statement::Comparator;

/// Words that end a noun phrase.
const STOPS: &[&str] = &[
    "in",
    "of",
    "for",
    "at",
    "by",
    "to",
    "with",
    "from",
    "on",
    "across",
    "under",
    "during",
    "and",
    "or",
    "that",
    "which",
    "who",
    "were",
    "was",
    "are",
    "is",
    "be",
    "been",
    "have",
    "has",
    "had",
    "will",
    "would",
    "can",
    "could",
    "this",
    "last",
    "next",
    "as",
    "after",
    "before",
    "over",
    "than",
    "since",
    "through",
    "into",
    "per",
    "while",
    "but",
    "the",
    "a",
    "an",
    "so",
    "now",
    "each",
    "within",
    "compared",
    "including",
    "between",
    "between",
    "up",
    "down",
    "year-on-year",
    "annually",
    "built",
    "opened",
    "started",
    "completed",
    "completed,",
    "were,",
    "provided",
    "offered",
    "added",
    "it",
    "said",
    "respectively",
    "nationwide",
    "citywide",
    "started",
    "should",
    "must",
    "not",
    "more",
    "higher",
    "lower",
    "also",
    "when",
    "where",
    "if",
    "began",
    "begun",
    "finished",
    "renovated",
    "installed",
    "created",
    "planned",
    "expected",
    "offering",
    "providing",
    "serving",
    "benefiting",
];

/// Verbs of counting, by stem.
const VERBS: &[&str] = &[
    "build",
    "built",
    "add",
    "open",
    "start",
    "complet",
    "finish",
    "provid",
    "creat",
    "renovat",
    "install",
    "train",
    "increas",
    "decreas",
    "reduc",
    "expand",
    "serv",
    "offer",
    "establish",
    "launch",
    "reach",
    "total",
    "grow",
    "grew",
    "rose",
    "rise",
    "fell",
    "fall",
    "cut",
    "plant",
    "repair",
    "upgrad",
    "allocat",
    "invest",
    "spend",
    "spent",
    "issu",
    "recruit",
    "hire",
    "enrol",
    "treat",
    "set",
    "deliver",
    "supply",
    "supplied",
    "extend",
    "cover",
    "account",
    "benefit",
    "receiv",
    "handl",
    "resolv",
    "plan",
    "introduc",
    "convert",
    "relocat",
    "mov",
    "support",
    "drop",
    "exceed",
    "double",
    "hold",
    "host",
    "publish",
    "improv",
    "continu",
    "promot",
    "speed",
    "accelerat",
    "develop",
    "strengthen",
];

pub(crate) fn word_at(chars: &[char], mut i: usize, to: usize) -> Option<(usize, usize)> {
    while i < to && at(chars, i) == ' ' {
        i += 1;
    }
    let start = i;
    while i < to
        && (at(chars, i).is_ascii_alphabetic()
            || matches!(at(chars, i), '-' | '\'' | '’') && i > start)
    {
        i += 1;
    }
    (i > start).then_some((start, i))
}

/// The noun phrase behind a number, and its last word as the unit.
pub(crate) fn noun(chars: &[char], n: &EnglishNumber, to: usize) -> (String, String) {
    let (mut i, mut last, mut count) = (n.end, None, 0);
    while let Some((s, e)) = word_at(chars, i, to).filter(|_| count < 5) {
        let word = text(chars, s, e).to_ascii_lowercase();
        if STOPS.contains(&word.as_str()) || s > i + 1 {
            break;
        }
        last = Some((s, e));
        i = e;
        count += 1;
    }
    match last {
        Some((s, e)) => (
            text(chars, n.end, e).trim().to_owned(),
            text(chars, s, e).to_ascii_lowercase(),
        ),
        None => (String::new(), String::new()),
    }
}

/// The last verb of counting before the number.
pub(crate) fn verb_before(chars: &[char], from: usize, to: usize) -> Option<(usize, usize)> {
    let (mut i, mut found) = (from, None);
    while i < to {
        let Some((s, e)) = word_at(chars, i, to) else {
            i += 1;
            continue;
        };
        let word = text(chars, s, e).to_ascii_lowercase();
        if VERBS.iter().any(|v| word.starts_with(v)) {
            found = Some((s, e));
        }
        i = e.max(i + 1);
    }
    found
}

/// The subject before a verb, without auxiliaries and times.
pub(crate) fn subject(phrase: &str) -> String {
    let mut words: Vec<&str> = phrase.split_whitespace().collect();
    while words.last().is_some_and(|w| {
        matches!(
            w.to_ascii_lowercase().as_str(),
            "will"
                | "has"
                | "have"
                | "had"
                | "was"
                | "were"
                | "is"
                | "are"
                | "be"
                | "been"
                | "to"
                | "plans"
                | "plan"
                | "planned"
                | "expected"
                | "also"
                | "and"
                | "aims"
                | "being"
                | "intends"
        )
    }) {
        words.pop();
    }
    let tail = words.len().saturating_sub(8);
    words
        .get(tail..)
        .unwrap_or_default()
        .join(" ")
        .trim_matches([',', '"', '“'])
        .to_owned()
}

pub(crate) fn no_fact(chars: &[char], n: &EnglishNumber) -> Option<&'static str> {
    let next = word_at(chars, n.end, n.end + 24)
        .map(|(s, e)| text(chars, s, e).to_ascii_lowercase())
        .unwrap_or_default();
    let hyphen = at(chars, n.end) == '-';
    let tail: String = (n.end..n.end + 14).map(|k| at(chars, k)).collect();
    if ["st", "nd", "rd", "th"].iter().any(|s| tail.starts_with(s))
        && !at(chars, n.end + 2).is_ascii_alphabetic()
    {
        return Some("ordinal");
    }
    if tail.starts_with("-year-old")
        || tail.starts_with(" years old")
        || tail.starts_with("-month-old")
        || n.before.ends_with("aged")
        || matches!(next.as_str(), "" | "or" | "and")
            && n.unit.is_empty()
            && (n.before.ends_with("under") || n.before.ends_with("over"))
            && [
                "pupils",
                "children",
                "people",
                "adults",
                "residents",
                "kids",
                "students",
            ]
            .iter()
            .any(|w| n.before.contains(w))
        || n.before.ends_with("age of")
    {
        return Some("age");
    }
    if matches!(
        next.as_str(),
        "years"
            | "year"
            | "months"
            | "month"
            | "days"
            | "day"
            | "weeks"
            | "hours"
            | "hour"
            | "minutes"
            | "minute"
            | "decades"
    ) || hyphen
        && ["-year", "-day", "-month", "-hour", "-minute", "-week"]
            .iter()
            .any(|w| tail.starts_with(w))
    {
        return Some("duration");
    }
    let named = [
        "line", "no", "no.", "room", "phase", "chapter", "article", "section", "route", "bus",
        "level", "class", "grade", "page", "table", "figure",
    ];
    let last = n.before.rsplit(' ').next().unwrap_or("");
    if named.contains(&last)
        || next == "hotline"
        || hyphen && tail.chars().nth(1).is_some_and(|c| c.is_ascii_digit())
    {
        return Some("name");
    }
    if n.article {
        return Some("article");
    }
    let plain_year = n.digits == 4
        && n.value
            .is_some_and(|v| v >= Decimal::from(1900) && v <= Decimal::from(2100))
        && n.unit.is_empty();
    if plain_year && (next.is_empty() || STOPS.contains(&next.as_str())) {
        return Some("bare");
    }
    let weighty = !n.unit.is_empty() || n.share || n.comparator != Comparator::Exact || n.scaled;
    (next.is_empty() && !weighty && !verb_like(&n.before)).then_some("bare")
}

fn verb_like(before: &str) -> bool {
    [
        "to", "reached", "totalled", "totaled", "was", "were", "by", "of", "and",
    ]
    .iter()
    .any(|w| before.rsplit(' ').next() == Some(*w))
}
