//! Times in English prose.

use minsheng_model::Date;

use crate::chars::{at, before, text};
use crate::published::Published;

/// A time in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EnglishTime {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
    pub(crate) as_of: bool,
    /// The day of publication itself.
    pub(crate) now: bool,
    pub(crate) deadline: bool,
}

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn date(y: i32, m: u32, d: u32) -> Option<Date> {
    Date::from_ymd(y, m, d)
}

/// Finds the times of a sentence, in order.
pub(crate) fn times(chars: &[char], from: usize, to: usize, p: &Published) -> Vec<EnglishTime> {
    let mut all = Vec::new();
    let mut i = from;
    while i < to {
        let edge = !before(chars, i).is_ascii_alphanumeric();
        match edge.then(|| time_at(chars, i, p)).flatten() {
            Some(t) => {
                i = t.end.max(i + 1);
                all.push(t);
            }
            None => i += 1,
        }
    }
    all
}

fn lower(chars: &[char], i: usize, length: usize) -> String {
    text(chars, i, i + length).to_ascii_lowercase()
}

fn phrase(chars: &[char], i: usize, words: &str) -> Option<usize> {
    let n = words.chars().count();
    (lower(chars, i, n) == words && !at(chars, i + n).is_ascii_alphanumeric()).then_some(i + n)
}

fn time_at(chars: &[char], i: usize, p: &Published) -> Option<EnglishTime> {
    if !at(chars, i).is_ascii_alphanumeric() {
        return None;
    }
    let make = |end, from, to| EnglishTime {
        start: i,
        end,
        from,
        to,
        as_of: false,
        now: false,
        deadline: false,
    };
    for w in [
        "as of now",
        "so far",
        "to date",
        "currently",
        "at present",
        "now",
        "today",
    ] {
        if let Some(end) = phrase(chars, i, w) {
            return Some(EnglishTime {
                as_of: true,
                now: true,
                to: p.day(),
                ..make(end, None, None)
            });
        }
    }
    for w in ["as of", "by the end of", "by", "before", "until"] {
        if let Some(k) = phrase(chars, i, w) {
            let Some((end, _, last)) = calendar(chars, k + 1, p) else {
                continue;
            };
            let as_of = w == "as of";
            // A result "by the end of last year" holds of that day.
            let past = last.zip(p.day()).is_some_and(|(l, d)| l <= d);
            return Some(EnglishTime {
                as_of: as_of || past,
                deadline: !as_of && !past,
                ..make(end, None, last)
            });
        }
    }
    if let Some(found) = span(chars, i, p) {
        return Some(EnglishTime { start: i, ..found });
    }
    let k = [
        "in the",
        "in",
        "on",
        "between",
        "from",
        "during",
        "for",
        "throughout",
        "since",
        "the",
    ]
    .iter()
    .find_map(|w| phrase(chars, i, w))
    .map_or(i, |e| e + 1);
    let (end, first, last) = calendar(chars, k, p)?;
    // Since 2015: it reaches up to publication.
    let last = if phrase(chars, i, "since").is_some() {
        p.day()
    } else {
        last
    };
    Some(make(end, first, last))
}

/// over the next three years, in the past year.
fn span(chars: &[char], i: usize, p: &Published) -> Option<EnglishTime> {
    let numbers = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    let k = [
        "over the",
        "within the",
        "in the",
        "during the",
        "the",
        "within",
    ]
    .iter()
    .find_map(|w| phrase(chars, i, w))
    .map_or(i, |e| e + 1);
    let (ahead, k) = if let Some(e) = phrase(chars, k, "next") {
        (true, e + 1)
    } else if let Some(e) = phrase(chars, k, "past").or_else(|| phrase(chars, k, "last")) {
        (false, e + 1)
    } else {
        return None;
    };
    let (n, k) = match numbers.iter().position(|w| phrase(chars, k, w).is_some()) {
        Some(x) => (i32::try_from(x).ok()? + 1, k + numbers.get(x)?.len() + 1),
        None => {
            let d = at(chars, k).to_digit(10)?;
            (i32::try_from(d).ok()?, k + 2)
        }
    };
    let end = phrase(chars, k, "years")?;
    let (from, to) = if ahead {
        (
            p.year().and_then(|y| date(y, 1, 1)),
            p.year().and_then(|y| date(y + n - 1, 12, 31)),
        )
    } else {
        (p.day().and_then(|d| d.shift(-12 * n, 0)), p.day())
    };
    Some(EnglishTime {
        start: i,
        end,
        from,
        to,
        as_of: false,
        now: false,
        deadline: false,
    })
}

type Calendar = (usize, Option<Date>, Option<Date>);

fn calendar(chars: &[char], i: usize, p: &Published) -> Option<Calendar> {
    let year_of = |y: i32| (date(y, 1, 1), date(y, 12, 31));
    for (w, by) in [
        ("this year", 0),
        ("last year", -1),
        ("next year", 1),
        ("the previous year", -1),
        ("the year", 0),
        ("year-end", 0),
    ] {
        if let Some(end) = phrase(chars, i, w) {
            let (a, b) = p.year().map_or((None, None), |y| year_of(y + by));
            return Some((end, a, b));
        }
    }
    for (w, months) in [
        ("the first half of", (1, 6)),
        ("first half of", (1, 6)),
        ("the second half of", (7, 12)),
        ("second half of", (7, 12)),
        ("the first quarter of", (1, 3)),
        ("first quarter of", (1, 3)),
        ("the end of", (12, 12)),
        ("late", (10, 12)),
        ("early", (1, 3)),
    ] {
        if let Some(k) = phrase(chars, i, w) {
            let (end, first, _) = calendar(chars, k + 1, p)?;
            let year = first.map(|d| d.ymd().0);
            let to = year
                .and_then(|y| date(y, months.1, 1))
                .and_then(|d| d.shift(1, -1));
            return Some((end, year.and_then(|y| date(y, months.0, 1)), to));
        }
    }
    if let Some(found) = season(chars, i, p).or_else(|| day_month(chars, i, p)) {
        return Some(found);
    }
    if let Some(found) = months(chars, i, p) {
        return Some(found);
    }
    if let Some((number, mut k)) = month_at(chars, i) {
        let mut day = None;
        if at(chars, k) == ' ' && !year_at(chars, k + 1).is_some_and(|_| true) {
            let (d, e) = digits(chars, k + 1, 2);
            if e > k + 1 {
                (day, k) = (Some(d), e);
            }
        }
        if at(chars, k) == ',' {
            k += 1;
        }
        let (year, end) = match year_at(chars, k + 1).filter(|_| at(chars, k) == ' ') {
            Some((y, e)) => (Some(y), e),
            None => (
                p.year(),
                if at(chars, k.saturating_sub(1)) == ',' {
                    k - 1
                } else {
                    k
                },
            ),
        };
        let first = year.and_then(|y| date(y, number, day.unwrap_or(1)));
        let last = if day.is_some() {
            first
        } else {
            first.and_then(|d| d.shift(1, -1))
        };
        return Some((end, first, last));
    }
    let (y, end) = year_at(chars, i)?;
    let (a, b) = year_of(y);
    Some((end, a, b))
}

/// This autumn, next spring, last winter: three months each.
fn season(chars: &[char], i: usize, p: &Published) -> Option<Calendar> {
    let (k, by) = [("this ", 0), ("next ", 1), ("last ", -1)]
        .iter()
        .find(|(w, _)| lower(chars, i, w.len()) == *w)
        .map(|(w, by)| (i + w.len(), *by))?;
    let (end, first) = [
        ("spring", 3),
        ("summer", 6),
        ("autumn", 9),
        ("fall", 9),
        ("winter", 12),
    ]
    .iter()
    .find_map(|(w, first)| Some((phrase(chars, k, w)?, *first)))?;
    let from = p.year().and_then(|y| date(y + by, first, 1));
    Some((end, from, from.and_then(|d| d.shift(3, -1))))
}

/// 1 March 2024: the day before its month.
fn day_month(chars: &[char], i: usize, p: &Published) -> Option<Calendar> {
    let (day, k) = digits(chars, i, 2);
    if k == i || at(chars, k) != ' ' || !(1..=31).contains(&day) {
        return None;
    }
    let (month, k) = month_named(chars, k + 1)?;
    let (year, end) = match year_at(chars, k + 1).filter(|_| at(chars, k) == ' ') {
        Some((y, e)) => (Some(y), e),
        None => (p.year(), k),
    };
    let on = date(year?, month, day)?;
    Some((end, Some(on), Some(on)))
}

/// January and August 2024, January to August 2024 (after between or from).
fn months(chars: &[char], i: usize, p: &Published) -> Option<Calendar> {
    let (first, k) = month_at(chars, i)?;
    let k = [" and ", " to ", "–", "-", " through "]
        .iter()
        .find(|w| crate::chars::starts(chars, k, w))
        .map(|w| k + w.chars().count())?;
    let (last, k) = month_named(chars, k).filter(|(last, _)| *last > first)?;
    let (year, end) = match year_at(chars, k + 1).filter(|_| at(chars, k) == ' ') {
        Some((y, e)) => (y, e),
        None => (p.year()?, k),
    };
    let to = date(year, last, 1).and_then(|d| d.shift(1, -1));
    Some((end, date(year, first, 1), to))
}

/// A month's name where a number has told already that it is one.
fn month_named(chars: &[char], i: usize) -> Option<(u32, usize)> {
    phrase(chars, i, "may")
        .map(|e| (5, e))
        .or_else(|| month_at(chars, i))
}

/// A month's number and the place after its name, whole or short (Jan, Sept.).
fn month_at(chars: &[char], i: usize) -> Option<(u32, usize)> {
    if !at(chars, i).is_ascii_uppercase() {
        return None;
    }
    MONTHS.iter().zip(1u32..).find_map(|(name, number)| {
        let short = name.get(..3)?;
        let end = phrase(chars, i, name)
            .or_else(|| phrase(chars, i, short))
            .or_else(|| {
                if number == 9 {
                    phrase(chars, i, "sept")
                } else {
                    None
                }
            })?;
        let dot = usize::from(
            at(chars, end) == '.'
                && at(chars, end + 1) == ' '
                && at(chars, end + 2).is_ascii_digit(),
        );
        // May is a verb too: a number has to follow it.
        let sure = number != 5 || at(chars, end + 1).is_ascii_digit();
        sure.then_some((number, end + dot))
    })
}

fn digits(chars: &[char], i: usize, most: usize) -> (u32, usize) {
    let (mut value, mut k) = (0, i);
    while let Some(d) = at(chars, k).to_digit(10).filter(|_| k < i + most) {
        value = value * 10 + d;
        k += 1;
    }
    (value, k)
}

fn year_at(chars: &[char], i: usize) -> Option<(i32, usize)> {
    let (value, end) = digits(chars, i, 4);
    let next = at(chars, end);
    let figure = matches!(next, ',' | '.') && at(chars, end + 1).is_ascii_digit();
    let clean = !(next.is_ascii_alphanumeric() || figure || next == '%');
    (end == i + 4 && (1900..=2100).contains(&value) && clean)
        .then_some((i32::try_from(value).ok()?, end))
}
