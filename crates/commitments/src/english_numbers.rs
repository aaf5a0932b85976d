//! Numbers in English prose: digits with commas, words, scales, comparators.

use minsheng_model::Decimal;

use crate::cardinal::{Scan, arabic};
use crate::chars::{at, starts, text};
use crate::exact::{product, quotient, shifted, sum};
use crate::statement::Comparator;

/// A number with what the words around it leave open.
#[derive(Debug, Clone)]
pub(crate) struct EnglishNumber {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The first character of a comparator before it.
    pub(crate) outer: usize,
    pub(crate) value: Option<Decimal>,
    pub(crate) lower: Option<Decimal>,
    pub(crate) upper: Option<Decimal>,
    pub(crate) comparator: Comparator,
    pub(crate) unit: String,
    pub(crate) share: bool,
    pub(crate) scaled: bool,
    pub(crate) digits: usize,
    /// The single word `one`, which counts little.
    pub(crate) article: bool,
    pub(crate) parts: Option<(Decimal, Decimal)>,
    /// The words before, in lower case.
    pub(crate) before: String,
}

const ONES: &[(&str, i64)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];
const PARTS: &[(&str, i64)] = &[
    ("half", 2),
    ("halves", 2),
    ("third", 3),
    ("thirds", 3),
    ("quarter", 4),
    ("quarters", 4),
    ("fifth", 5),
    ("fifths", 5),
    ("tenth", 10),
    ("tenths", 10),
];
const BEFORE: &[(&str, Comparator)] = &[
    ("no fewer than", Comparator::AtLeast),
    ("no less than", Comparator::AtLeast),
    ("not less than", Comparator::AtLeast),
    ("at least", Comparator::AtLeast),
    ("no more than", Comparator::AtMost),
    ("not more than", Comparator::AtMost),
    ("at most", Comparator::AtMost),
    ("up to", Comparator::AtMost),
    ("more than", Comparator::MoreThan),
    ("over", Comparator::MoreThan),
    ("above", Comparator::MoreThan),
    ("exceeding", Comparator::MoreThan),
    ("exceeded", Comparator::MoreThan),
    ("less than", Comparator::LessThan),
    ("fewer than", Comparator::LessThan),
    ("below", Comparator::LessThan),
    ("under", Comparator::LessThan),
    ("nearly", Comparator::Nearly),
    ("almost", Comparator::Nearly),
    ("close to", Comparator::Nearly),
    ("about", Comparator::About),
    ("around", Comparator::About),
    ("roughly", Comparator::About),
    ("approximately", Comparator::About),
    ("some", Comparator::About),
    ("an estimated", Comparator::About),
    ("expected", Comparator::Expected),
];

fn word(chars: &[char], i: usize) -> (String, usize) {
    let mut k = i;
    while at(chars, k).is_ascii_alphabetic() {
        k += 1;
    }
    (text(chars, i, k).to_ascii_lowercase(), k)
}

/// Reads digits or words into a value, with its end and whether a scale stood there.
fn value_at(chars: &[char], i: usize) -> Option<(Decimal, usize, bool, usize)> {
    let (mut value, mut end, digits) = if at(chars, i).is_ascii_digit() {
        match arabic(chars, i) {
            Scan::Found((v, e, d)) => (v, e, d),
            _ => return None,
        }
    } else {
        let (v, e) = in_words(chars, i)?;
        (v, e, 0)
    };
    let mut scaled = false;
    loop {
        let k = if matches!(at(chars, end), ' ' | '-') {
            end + 1
        } else {
            end
        };
        let (w, e) = word(chars, k);
        let power = match w.as_str() {
            "hundred" => 2,
            "thousand" => 3,
            "million" | "mln" => 6,
            "billion" | "bln" => 9,
            "trillion" => 12,
            _ => break,
        };
        value = shifted(value, power)?;
        (end, scaled) = (e, true);
    }
    Some((value, end, scaled, digits))
}

/// twenty-five, one hundred and twenty, three thousand two hundred.
fn in_words(chars: &[char], i: usize) -> Option<(Decimal, usize)> {
    let (mut total, mut group, mut end, mut k) = (Decimal::from(0), None::<i64>, i, i);
    let mut any = false;
    for _ in 0..16 {
        let (w, e) = word(chars, k);
        if let Some((_, n)) = ONES.iter().find(|(name, _)| *name == w) {
            if group.is_some_and(|g| g % 100 > 0 && (g % 10 > 0 || *n >= 10)) {
                break;
            }
            group = Some(group.unwrap_or(0) + n);
        } else if w == "hundred" && any {
            group = Some(group?.checked_mul(100)?);
        } else if let Some(by) = match w.as_str() {
            "thousand" => Some(1000i64),
            "million" => Some(1_000_000),
            _ => None,
        }
        .filter(|_| any)
        {
            total = sum(
                total,
                product(Decimal::from(group.unwrap_or(0)), Decimal::from(by))?,
            )?;
            group = None;
        } else if w == "and"
            && any
            && ONES.iter().any(|(n, _)| *n == word(chars, e + 1).0)
            && text(chars, k.saturating_sub(8), k).contains("hundred")
        {
            k = e + 1;
            continue;
        } else {
            break;
        }
        any = true;
        end = e;
        if !matches!(at(chars, e), ' ' | '-') {
            break;
        }
        k = e + 1;
    }
    any.then_some((sum(total, Decimal::from(group.unwrap_or(0)))?, end))
}

/// half, a third, two-thirds, three quarters.
fn part_at(chars: &[char], i: usize) -> Option<(Decimal, Decimal, usize)> {
    let (w, e) = word(chars, i);
    let top = if matches!(w.as_str(), "a" | "one") {
        1
    } else if w == "half" {
        return (word(chars, e).0.is_empty()).then_some((Decimal::from(1), Decimal::from(2), e));
    } else {
        ONES.iter().find(|(n, _)| *n == w)?.1
    };
    if !matches!(at(chars, e), ' ' | '-') {
        return None;
    }
    let (p, end) = word(chars, e + 1);
    let bottom = PARTS.iter().find(|(n, _)| *n == p)?.1;
    Some((Decimal::from(top), Decimal::from(bottom), end))
}

/// Reads the number that begins at `i`, before `to`.
pub(crate) fn number_at(chars: &[char], i: usize, to: usize) -> Option<EnglishNumber> {
    let c = at(chars, i);
    let money = matches!(c, '¥' | '$' | '€' | '£');
    let from = if money { i + 1 } else { i };
    if !at(chars, from).is_ascii_digit() && !c.is_ascii_alphabetic() {
        return None;
    }
    let before = text(chars, i.saturating_sub(24), i)
        .to_ascii_lowercase()
        .trim_end()
        .to_owned();
    let mut n = EnglishNumber {
        start: i,
        end: i,
        outer: i,
        value: None,
        lower: None,
        upper: None,
        comparator: Comparator::Exact,
        unit: String::new(),
        share: false,
        scaled: false,
        digits: 0,
        article: false,
        parts: None,
        before,
    };
    let value = if let Some((top, bottom, end)) = part_at(chars, from) {
        (n.end, n.share, n.parts) = (end, true, Some((top, bottom)));
        quotient(top, bottom)?.0
    } else {
        let (value, end, scaled, digits) = value_at(chars, from)?;
        (n.end, n.scaled, n.digits) = (end, scaled, digits);
        n.article = digits == 0 && !scaled && value == Decimal::from(1);
        value
    };
    if n.end > to
        || at(chars, n.end).is_ascii_alphabetic()
            && !matches!(at(chars, n.end), 's' | 't' | 'n' | 'r' | 'k' | 'm')
    {
        return None;
    }
    (n.value, n.lower, n.upper) = (Some(value), Some(value), Some(value));
    unit(chars, &mut n, money.then_some(c));
    range(chars, &mut n, value);
    compare(&mut n, value);
    if at(chars, n.end) == '+' {
        (n.comparator, n.upper, n.end) = (Comparator::MoreThan, None, n.end + 1);
    }
    Some(n)
}

fn unit(chars: &[char], n: &mut EnglishNumber, money: Option<char>) {
    let words: &[(&str, &str, bool)] = &[
        ("%", "%", true),
        (" percentage points", "percentage points", false),
        (" percentage point", "percentage points", false),
        (" percent", "%", true),
        (" per cent", "%", true),
        (" yuan", "yuan", false),
        (" RMB", "RMB", false),
        (" US dollars", "US dollars", false),
        (" dollars", "dollars", false),
        (" square meters", "square meters", false),
        (" square metres", "square metres", false),
        (" square kilometers", "square kilometers", false),
        (" kilometers", "kilometers", false),
        (" kilometres", "kilometres", false),
        (" km", "km", false),
        (" hectares", "hectares", false),
        (" mu", "mu", false),
        (" tonnes", "tonnes", false),
        (" tons", "tons", false),
        (" kilowatts", "kilowatts", false),
        (" cubic meters", "cubic meters", false),
        (" times", "times", false),
    ];
    for (w, name, share) in words {
        if starts(chars, n.end, w) && !at(chars, n.end + w.chars().count()).is_ascii_alphabetic() {
            n.end += w.chars().count();
            (*name).clone_into(&mut n.unit);
            n.share |= share;
            return;
        }
    }
    if let Some(c) = money {
        n.unit = c.to_string();
    }
}

fn range(chars: &[char], n: &mut EnglishNumber, low: Decimal) {
    let k = n.end;
    let next = [" to ", "-", "–", "—", " and "]
        .iter()
        .find(|w| starts(chars, k, w) && (**w != " and " || n.before.ends_with("between")));
    let Some(word) = next else { return };
    let mut from = k + word.chars().count();
    if !n.unit.is_empty() && n.unit.starts_with(at(chars, from)) {
        // $12 million and $14 million: the sign of money stands twice.
        from += 1;
    }
    if !at(chars, from).is_ascii_digit() {
        return;
    }
    let Some((mut high, end, scaled, _)) = value_at(chars, from) else {
        return;
    };
    let mut low = low;
    if scaled
        && !n.scaled
        && low < Decimal::from(1000)
        && let Some(factor) = quotient(high, Decimal::from(1))
            .map(|(h, _)| h)
            .filter(|h| *h >= Decimal::from(1_000_000))
            .map(|_| 6)
    {
        low = shifted(low, factor).unwrap_or(low);
    }
    if high <= low {
        std::mem::swap(&mut high, &mut low);
        return;
    }
    (n.value, n.lower, n.upper, n.comparator, n.end) =
        (None, Some(low), Some(high), Comparator::Between, end);
    n.scaled |= scaled;
    let money = n
        .unit
        .chars()
        .next()
        .filter(|_| n.unit.chars().count() == 1 && n.unit != "%");
    unit(chars, n, money);
}

fn compare(n: &mut EnglishNumber, value: Decimal) {
    let found = BEFORE.iter().find(|(w, _)| {
        n.before
            .strip_suffix(w)
            .is_some_and(|head| head.is_empty() || head.ends_with(' '))
    });
    let Some((w, comparator)) = found.filter(|_| n.comparator == Comparator::Exact) else {
        return;
    };
    n.outer = n.start.saturating_sub(w.len() + 1);
    n.comparator = *comparator;
    let part = |p: i64| product(value, Decimal::new(i128::from(p), 3).ok()?);
    match comparator {
        Comparator::AtLeast | Comparator::MoreThan => n.upper = None,
        Comparator::AtMost | Comparator::LessThan => n.lower = None,
        Comparator::Nearly => n.lower = part(950),
        Comparator::About => (n.lower, n.upper) = (part(950), part(1050)),
        _ => {}
    }
}
