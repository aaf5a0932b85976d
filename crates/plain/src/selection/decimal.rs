//! Decimal numbers as scaled integers and back.

/// A plain decimal number: sign, digits, and how many of them stand behind the
/// point, trailing zeros left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    digits: String,
    pub places: u32,
}

impl Decimal {
    /// Reads one; `None` for anything else than `[+-]digits[.digits]`.
    pub fn read(word: &str) -> Option<Self> {
        let (negative, rest) = match word.as_bytes().first()? {
            b'-' => (true, word.get(1..)?),
            b'+' => (false, word.get(1..)?),
            _ => (false, word),
        };
        let mut digits = String::new();
        let (mut places, mut point) = (0u32, false);
        for c in rest.chars() {
            match c {
                '0'..='9' => {
                    digits.push(c);
                    places += u32::from(point);
                }
                '.' if !point => point = true,
                _ => return None,
            }
        }
        if digits.is_empty() {
            return None;
        }
        while places > 0 && digits.ends_with('0') {
            digits.pop();
            places -= 1;
        }
        Some(Self {
            negative,
            digits,
            places,
        })
    }

    /// Returns the number times ten to the power of `places`, if 64 bits hold it.
    pub fn scaled(&self, places: u32) -> Option<i64> {
        let more = places.checked_sub(self.places)?;
        let sign = if self.negative { "-" } else { "" };
        let zeros = "0".repeat(more as usize);
        format!("{sign}{}{zeros}", self.digits).parse().ok()
    }
}

/// Writes a scaled integer as a decimal number, without trailing zeros.
pub(crate) fn write(scaled: i128, places: u32) -> String {
    let unit = 10u128.checked_pow(places).unwrap_or(u128::MAX);
    let size = scaled.unsigned_abs();
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, part) = (size / unit, size % unit);
    if part == 0 {
        return format!("{sign}{whole}");
    }
    let part = format!("{part:0width$}", width = places as usize);
    format!("{sign}{whole}.{}", part.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::{Decimal, write};

    #[test]
    fn reads_and_writes() {
        let read = |w: &str, p| Decimal::read(w).and_then(|d| d.scaled(p));
        assert_eq!(read("8706.10", 1), Some(87061));
        assert_eq!(read("-.5", 2), Some(-50));
        assert_eq!(read("9223372036854775808", 0), None);
        assert_eq!(Decimal::read("1e5"), None);
        assert_eq!(Decimal::read("-"), None);
        assert_eq!(Decimal::read(""), None);
        assert_eq!(write(87061, 1), "8706.1");
        assert_eq!(write(-50, 2), "-0.5");
        assert_eq!(write(120, 1), "12");
    }
}
