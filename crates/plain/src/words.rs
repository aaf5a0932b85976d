//! Words of a text with their places, and exact decimals.

use minsheng_model::Text;

use crate::error::{Mistake, PlainError};

/// A word and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word<'a> {
    pub text: &'a str,
    pub line: usize,
    pub column: usize,
}

/// A text read word by word.
pub(crate) struct Words<'a> {
    words: Vec<Word<'a>>,
    at: usize,
    lines: usize,
}

impl<'a> Words<'a> {
    pub fn new(text: &'a str) -> Self {
        let mut words = Vec::new();
        let mut lines = 0;
        for (line, content) in text.lines().enumerate() {
            lines = line + 1;
            words.extend(words_of(content, line + 1));
        }
        Self {
            words,
            at: 0,
            lines: lines.max(1),
        }
    }

    /// Returns how many words are left.
    pub fn left(&self) -> usize {
        self.words.len() - self.at.min(self.words.len())
    }

    pub fn place(&self) -> usize {
        self.at
    }

    pub fn back_to(&mut self, place: usize) {
        self.at = place;
    }

    pub fn next(&mut self, zh: &str, en: &str) -> Result<Word<'a>, PlainError> {
        let word = self.words.get(self.at).copied();
        self.at += 1;
        word.ok_or_else(|| {
            at(
                (self.lines, 1),
                format!("文件到此结束,缺少{zh}"),
                format!("the file ends here, expected {en}"),
            )
        })
    }

    /// Reads a whole number within bounds.
    pub fn whole(&mut self, zh: &str, en: &str, low: i64, high: i64) -> Result<i64, PlainError> {
        self.next(zh, en)?.whole(zh, en, low, high)
    }

    /// Reads an index from 1 to `most` and returns it from 0.
    pub fn index(&mut self, zh: &str, en: &str, most: usize) -> Result<usize, PlainError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let own = self.whole(zh, en, 1, most)?;
        Ok(usize::try_from(own - 1).unwrap_or(0))
    }

    /// Refuses what is left.
    pub fn end(&self) -> Result<(), PlainError> {
        match self.words.get(self.at) {
            None => Ok(()),
            Some(word) => Err(word.wrong("多余的内容", "more than there should be")),
        }
    }
}

/// Returns the words of one line.
pub(crate) fn words_of(content: &str, line: usize) -> impl Iterator<Item = Word<'_>> {
    let mut from = 0;
    content.split_whitespace().map(move |text| {
        let rest = content.get(from..).unwrap_or_default();
        let start = from + rest.find(text).unwrap_or(0);
        from = start + text.len();
        let before = content.get(..start).unwrap_or_default();
        Word {
            text,
            line,
            column: before.chars().count() + 1,
        }
    })
}

impl Word<'_> {
    pub fn wrong(&self, zh: &str, en: &str) -> PlainError {
        let shown: String = self.text.chars().take(40).collect();
        at(
            (self.line, self.column),
            format!("`{shown}`:{zh}"),
            format!("`{shown}`: {en}"),
        )
    }

    pub fn whole(&self, zh: &str, en: &str, low: i64, high: i64) -> Result<i64, PlainError> {
        let value = self.text.parse::<i64>().or_else(|error| {
            // Some writers put a point behind whole numbers.
            let whole = self.text.strip_suffix(".0").or(self.text.strip_suffix('.'));
            whole.map_or(Err(error), str::parse)
        });
        match value {
            Ok(v) if (low..=high).contains(&v) => Ok(v),
            Ok(_) => Err(self.wrong(
                &format!("{zh}应在 {low} 到 {high} 之间"),
                &format!("{en} has to be from {low} to {high}"),
            )),
            Err(_) => Err(self.wrong(
                &format!("{zh}应为 64 位整数"),
                &format!("{en} has to be a whole number of 64 bits"),
            )),
        }
    }
}

/// Returns the error of one mistake at a line and a column.
pub(crate) fn at(place: (usize, usize), zh: String, en: String) -> PlainError {
    PlainError {
        mistakes: vec![Mistake {
            at: Some(place),
            pointer: String::new(),
            message: Text::new(zh, en),
        }],
    }
}

/// A decimal number: `digits` times ten to the minus `places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exact {
    pub digits: i128,
    pub places: u32,
}

impl Exact {
    /// Reads a JSON number or a plain decimal, with or without exponent; nothing when
    /// it is none, or has more than 30 digits.
    pub fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((m, e)) => (m, e.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (sign, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let part = part.trim_end_matches('0');
        let all = format!("{whole}{part}");
        if all.is_empty() || all.len() > 30 || !all.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        if whole.is_empty() && part.is_empty() {
            return None;
        }
        let mut digits = all.parse::<i128>().ok()? * sign;
        let mut places = i32::try_from(part.len()).ok()?.checked_sub(exponent)?;
        if digits == 0 {
            places = 0;
        }
        while places < 0 {
            digits = digits.checked_mul(10)?;
            places += 1;
        }
        while places > 0 && digits % 10 == 0 {
            digits /= 10;
            places -= 1;
        }
        Some(Self {
            digits,
            places: u32::try_from(places).ok().filter(|p| *p <= 40)?,
        })
    }

    /// Returns the number times ten to the `places`, rounded to the nearest, halves
    /// away from nothing.
    pub fn rounded(self, places: u32) -> Option<i64> {
        let value = if self.places <= places {
            self.digits
                .checked_mul(10i128.checked_pow(places - self.places)?)?
        } else {
            let by = 10i128.checked_pow(self.places - places)?;
            let half = by / 2 * self.digits.signum();
            (self.digits + half) / by
        };
        i64::try_from(value).ok()
    }

    /// Returns the number times ten to the `places` when that is whole.
    pub fn scaled(self, places: u32) -> Option<i64> {
        (self.places <= places).then(|| self.rounded(places))?
    }
}

/// Returns `value` times ten to the minus `places` as a decimal.
pub(crate) fn decimal(value: i128, places: u32) -> String {
    if places == 0 {
        return value.to_string();
    }
    let width = places as usize + 1;
    let digits = format!("{:0>width$}", value.unsigned_abs());
    let (whole, part) = digits.split_at(digits.len() - places as usize);
    let part = part.trim_end_matches('0');
    let sign = if value < 0 { "-" } else { "" };
    if part.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{part}")
    }
}

/// Returns a JSON number.
pub(crate) fn number(value: i128, places: u32) -> serde_json::Value {
    decimal(value, places)
        .parse::<serde_json::Number>()
        .map_or(serde_json::Value::Null, serde_json::Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        let read = |text| Exact::read(text).map(|e| (e.digits, e.places));
        assert_eq!(read("12.340"), Some((1234, 2)));
        assert_eq!(read("-0.5e1"), Some((-5, 0)));
        assert_eq!(read("1e-3"), Some((1, 3)));
        assert_eq!(read("0e99"), Some((0, 0)));
        for bad in [
            "",
            ".",
            "-",
            "NaN",
            "inf",
            "1.2.3",
            "0x1",
            "1e",
            "１",
            "1e999999999999",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(Exact::read("2.5").and_then(|e| e.rounded(0)), Some(3));
        assert_eq!(Exact::read("-2.5").and_then(|e| e.rounded(0)), Some(-3));
        assert_eq!(
            Exact::read("9e18").and_then(|e| e.scaled(0)),
            Some(9_000_000_000_000_000_000)
        );
        assert_eq!(Exact::read("1e19").and_then(|e| e.scaled(0)), None);
        for (value, places) in [(0, 0), (-5, 2), (123_456, 3), (1000, 3), (-1, 9)] {
            let shown = decimal(value, places);
            let again = Exact::read(&shown).unwrap();
            assert_eq!(again.scaled(places).map(i128::from), Some(value), "{shown}");
        }
    }
}
