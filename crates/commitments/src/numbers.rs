//! The numeral reader on its own, for whoever wants numbers and nothing else.

use minsheng_model::Decimal;
use serde::Serialize;

use crate::cardinal::Scan;
use crate::chars::{at, before, digit, narrow, numeral, skip_blank, starts};
use crate::exact::{power, quotient, shifted, sum};
use crate::numeral::{Numeral, Shape, may_start, numeral_at, times};

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NumberKind {
    /// A number.
    Number,
    /// Of a hundred: `12%`, 百分之三, 六个百分点, 七成, 八折; the value is in percent.
    Percent,
    /// Of a thousand: `5‰`, 千分之五.
    Permille,
    /// A fraction: 三分之一, `1/2`.
    Fraction,
}

/// A number found in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Number {
    /// First character, counted from 0.
    pub start: usize,
    /// The character after the last.
    pub end: usize,
    /// The characters themselves.
    pub text: String,
    /// Its value; fractions that do not end are rounded to 15 digits.
    pub value: Decimal,
    /// The upper end where two digits name both ends (三四十).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upper: Option<Decimal>,
    /// What kind.
    pub kind: NumberKind,
}

/// Reads every number of a text: Arabic, full-width and Chinese digits (everyday,
/// traditional, formal), their mixtures, signs, decimals, exponents, fractions,
/// percent, 成 and 折, pairs and dozens. Offsets count characters.
///
/// Ordinals, dates and idioms are read as the numbers that stand in them, except
/// for the commonest idioms; [`crate::Reader`] is the one that tells facts apart.
#[must_use]
pub fn read_numbers(text: &str) -> Vec<Number> {
    let source: Vec<char> = text.chars().collect();
    let chars: Vec<char> = source.iter().map(|c| narrow(*c)).collect();
    let mut found = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        if !may_start(at(&chars, i))
            && at(&chars, i) != '对'
            && at(&chars, i) != '點'
            && at(&chars, i) != '点'
        {
            i += 1;
            continue;
        }
        match one(&chars, i) {
            Scan::Found(mut n) => {
                n.text = crate::chars::text(&source, n.start, n.end);
                i = n.end.max(i + 1);
                found.push(n);
            }
            Scan::Skip(k) => i = k.max(i + 1),
            Scan::Nothing => i += 1,
        }
    }
    found
}

fn number(n: &Numeral) -> Number {
    let kind = match n.shape {
        Shape::Plain => NumberKind::Number,
        Shape::Percent => NumberKind::Percent,
        Shape::PerMille => NumberKind::Permille,
        Shape::Fraction => NumberKind::Fraction,
    };
    Number {
        start: n.start,
        end: n.end,
        text: String::new(),
        value: n.value,
        upper: n.upper,
        kind,
    }
}

/// Words in which 一, 十 and others are no numbers.
const WORDS: &[&str] = &[
    "一切",
    "一些",
    "一定",
    "一样",
    "一般",
    "一直",
    "一起",
    "一致",
    "一旦",
    "一律",
    "一时",
    "十分",
    "万一",
    "千万别",
    "统一",
    "唯一",
    "同一",
    "之一",
    "第一时间",
    "一方面",
    "一系列",
    "一下",
];

fn in_word(chars: &[char], i: usize) -> Option<usize> {
    if at(chars, i).is_ascii_digit() {
        return None;
    }
    for word in WORDS {
        let length = word.chars().count();
        for back in 0..length.min(2) {
            if i >= back && starts(chars, i - back, word) {
                let end = i - back + length;
                let number_goes_on = numeral(at(chars, end)) || at(chars, end) == '之';
                // 之一 ends a fraction; 十分之一 is one.
                if !(number_goes_on || *word == "之一" && back == 1 && before(chars, i - 1) == '分')
                {
                    return Some(end.max(i + 1));
                }
            }
        }
    }
    None
}

fn one(chars: &[char], i: usize) -> Scan<Number> {
    if starts(chars, i, "对折") && before(chars, i) == '打' {
        let fifty = Number {
            start: i,
            end: i + 2,
            text: String::new(),
            value: Decimal::from(50),
            upper: None,
            kind: NumberKind::Percent,
        };
        return Scan::Found(fifty);
    }
    if let Some(end) = in_word(chars, i) {
        return Scan::Skip(end);
    }
    if let Some(n) = split_digits(chars, i) {
        return Scan::Found(n);
    }
    let n = match numeral_at(chars, i) {
        Scan::Found(n) => n,
        Scan::Skip(k) => return Scan::Skip(k),
        Scan::Nothing => return Scan::Nothing,
    };
    match extended(chars, &n) {
        Some(found) => Scan::Found(found),
        None => Scan::Skip(n.end),
    }
}

/// `九 九 折` and `7 2 折`: two digits, spaced.
fn split_digits(chars: &[char], i: usize) -> Option<Number> {
    let value = |c: char| {
        c.to_digit(10)
            .and_then(|d| u8::try_from(d).ok())
            .or_else(|| digit(c))
    };
    let tens = value(at(chars, i)).filter(|d| *d > 0)?;
    let j = skip_blank(chars, i + 1);
    let ones = value(at(chars, j))?;
    let k = skip_blank(chars, j + 1);
    if j == i + 1 || at(chars, k) != '折' {
        return None;
    }
    let value = Decimal::from(i64::from(tens) * 10 + i64::from(ones));
    Some(Number {
        start: i,
        end: k + 1,
        text: String::new(),
        value,
        upper: None,
        kind: NumberKind::Percent,
    })
}

/// Exponents, powers, K and M, slashes, percentage points, pairs and dozens.
fn extended(chars: &[char], n: &Numeral) -> Option<Number> {
    let mut found = number(n);
    if n.card.arabic && n.shape == Shape::Plain {
        if let Some((value, end)) = notation(chars, n)? {
            (found.value, found.end) = (value, end);
        }
        if let Some((value, end)) = slash(chars, n) {
            (found.value, found.end, found.kind) = (value, end, NumberKind::Fraction);
        }
        let k = skip_blank(chars, found.end);
        if at(chars, k) == '%' && found.end != n.end {
            (found.end, found.kind) = (k + 1, NumberKind::Percent);
        }
    }
    if matches!(n.shape, Shape::Percent | Shape::PerMille)
        && n.card.arabic
        && n.end == n.card.end
        && let Some((value, end)) = thousand(chars, n.value, n.end)
    {
        (found.value, found.end) = (value, end);
    }
    if n.shape == Shape::Plain {
        let k = skip_blank(chars, found.end);
        if let Some(end) = points(chars, k) {
            (found.end, found.kind) = (end, NumberKind::Percent);
        } else if let Some(factor) = dozen(chars, n, found.end) {
            (found.value, found.end) = (times(n, factor)?, found.end + 1);
        }
    }
    Some(found)
}

/// 个百分点, with blanks between.
fn points(chars: &[char], mut i: usize) -> Option<usize> {
    for c in "个百分点".chars() {
        i = skip_blank(chars, i);
        if at(chars, i) != c
            && !(c == '个' && at(chars, i) == '個')
            && !(c == '点' && at(chars, i) == '點')
        {
            return None;
        }
        i += 1;
    }
    Some(i)
}

fn dozen(chars: &[char], n: &Numeral, end: usize) -> Option<i64> {
    let word = matches!(
        at(chars, end + 1),
        '方' | '比' | '外' | '于' | '策' | '应' | '接' | '造' | '手'
    );
    match at(chars, end) {
        '双' | '雙' | '对' | '對' if !word && n.value.scale() == 0 => Some(2),
        '打' if !word && n.value.scale() == 0 => Some(12),
        _ => None,
    }
}

/// k, K, M, G, T, B directly behind or after one blank, not before a letter.
fn thousand(chars: &[char], value: Decimal, end: usize) -> Option<(Decimal, usize)> {
    let k = if at(chars, end) == ' ' { end + 1 } else { end };
    let by = match at(chars, k) {
        'k' | 'K' => 3,
        'M' => 6,
        'G' | 'B' => 9,
        'T' => 12,
        _ => return None,
    };
    if at(chars, k + 1).is_ascii_alphanumeric() {
        return None;
    }
    Some((shifted(value, by)?, k + 1))
}

/// Scientific notation, powers, thousands. `None` when it does not fit.
#[expect(
    clippy::option_option,
    reason = "no notation and an overflow are two things"
)]
fn notation(chars: &[char], n: &Numeral) -> Option<Option<(Decimal, usize)>> {
    if n.card.scaled {
        return Some(None);
    }
    let exponent = |mut k: usize| -> Option<(i32, usize)> {
        let mut minus = false;
        while matches!(at(chars, k), '+' | '-') {
            minus ^= at(chars, k) == '-';
            k += 1;
        }
        let from = k;
        let mut value: i32 = 0;
        while let Some(d) = at(chars, k).to_digit(10).filter(|_| k < from + 4) {
            value = value * 10 + i32::try_from(d).ok()?;
            k += 1;
        }
        (k > from).then_some((if minus { -value } else { value }, k))
    };
    match at(chars, n.end) {
        'e' | 'E' => match exponent(n.end + 1) {
            Some((by, end)) if !at(chars, end).is_ascii_alphabetic() => {
                Some(Some((shifted(n.value, by)?, end)))
            }
            _ => Some(None),
        },
        '^' => match exponent(n.end + 1) {
            Some((by, end)) => {
                let negative = n.signed && n.value < Decimal::from(0);
                let base = if negative {
                    crate::exact::negated(n.value)?
                } else {
                    n.value
                };
                let value = power(base, by)?;
                Some(Some((
                    if negative {
                        crate::exact::negated(value)?
                    } else {
                        value
                    },
                    end,
                )))
            }
            None => Some(None),
        },
        _ => Some(thousand(chars, n.value, n.end)),
    }
}

/// `1/2` and the mixed `4 6/3`; not a date.
fn slash(chars: &[char], n: &Numeral) -> Option<(Decimal, usize)> {
    let part = |k: usize| match crate::cardinal::arabic(chars, k) {
        Scan::Found((value, end, _)) if value.scale() == 0 => Some((value, end)),
        _ => None,
    };
    let over = |top: Decimal, end: usize| {
        let (bottom, stop) = (at(chars, end) == '/').then(|| part(end + 1)).flatten()?;
        (at(chars, stop) != '/').then_some(())?;
        Some((quotient(top, bottom)?.0, stop))
    };
    if n.card.scaled || n.value.scale() > 0 {
        return None;
    }
    if let Some(found) = over(n.value, n.end) {
        return Some(found);
    }
    let k = n.end + 1;
    if at(chars, n.end) != ' ' {
        return None;
    }
    let (top, end) = part(k)?;
    let (value, end) = over(top, end)?;
    Some((crate::exact::short(sum(n.value, value)?)?, end))
}

/// Returns whether the text is nothing but one number, and which.
#[must_use]
pub fn read_number(text: &str) -> Option<Decimal> {
    let trimmed = text.trim();
    let found = read_numbers(trimmed);
    let [only] = found.as_slice() else {
        return None;
    };
    let whole = only.start == 0 && only.end == trimmed.chars().count();
    whole.then_some(only.value)
}
