use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The largest number of digits, as in SQL's and Arrow's 128-bit decimals.
const DIGITS_MAX: u32 = 38;

/// An exact decimal number: `mantissa / 10^scale`, at most 38 digits.
///
/// Equality and order are by value: `1.50` equals `1.5`.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

/// Why a decimal could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalError {
    /// The text is not digits with at most one point.
    Malformed,
    /// More than 38 digits would be needed.
    Overflow,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "expected a decimal number such as `12.50`",
            Self::Overflow => "the number needs more than 38 digits",
        })
    }
}

impl std::error::Error for DecimalError {}

impl Decimal {
    /// Returns `mantissa / 10^scale`, or an overflow beyond 38 digits.
    pub fn new(mantissa: i128, scale: u8) -> Result<Self, DecimalError> {
        if u32::from(scale) > DIGITS_MAX || mantissa.unsigned_abs() >= 10u128.pow(DIGITS_MAX) {
            return Err(DecimalError::Overflow);
        }
        Ok(Self { mantissa, scale })
    }

    /// Returns the digits without the point.
    #[must_use]
    pub fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// Returns how many digits stand behind the point.
    #[must_use]
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// Returns the same value with `scale` digits behind the point; an overflow
    /// beyond 38 digits, malformed when digits other than 0 would be cut off.
    pub fn rescale(self, scale: u8) -> Result<Self, DecimalError> {
        if scale >= self.scale {
            let factor = 10i128
                .checked_pow(u32::from(scale - self.scale))
                .ok_or(DecimalError::Overflow)?;
            let mantissa = self
                .mantissa
                .checked_mul(factor)
                .ok_or(DecimalError::Overflow)?;
            return Self::new(mantissa, scale);
        }
        let factor = 10i128.pow(u32::from(self.scale - scale));
        if self.mantissa % factor != 0 {
            return Err(DecimalError::Malformed);
        }
        Self::new(self.mantissa / factor, scale)
    }

    fn aligned(self, other: Self) -> Result<(i128, i128, u8), DecimalError> {
        let scale = self.scale.max(other.scale);
        Ok((
            self.rescale(scale)?.mantissa,
            other.rescale(scale)?.mantissa,
            scale,
        ))
    }

    /// Returns the sum, or an overflow.
    pub fn checked_add(self, other: Self) -> Result<Self, DecimalError> {
        let (a, b, scale) = self.aligned(other)?;
        Self::new(a.checked_add(b).ok_or(DecimalError::Overflow)?, scale)
    }

    /// Returns the difference, or an overflow.
    pub fn checked_sub(self, other: Self) -> Result<Self, DecimalError> {
        let (a, b, scale) = self.aligned(other)?;
        Self::new(a.checked_sub(b).ok_or(DecimalError::Overflow)?, scale)
    }

    /// Returns the exact product (the scales add up), or an overflow.
    pub fn checked_mul(self, other: Self) -> Result<Self, DecimalError> {
        let mantissa = self
            .mantissa
            .checked_mul(other.mantissa)
            .ok_or(DecimalError::Overflow)?;
        Self::new(
            mantissa,
            self.scale
                .checked_add(other.scale)
                .ok_or(DecimalError::Overflow)?,
        )
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self {
            mantissa: i128::from(value),
            scale: 0,
        }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        // Whole parts first, so that no rescaling can overflow.
        let split = |d: &Self| {
            let unit = 10i128.pow(u32::from(d.scale).min(DIGITS_MAX));
            let fraction = d.mantissa.rem_euclid(unit);
            let pad = 10i128.pow(DIGITS_MAX - u32::from(d.scale).min(DIGITS_MAX));
            (d.mantissa.div_euclid(unit), fraction * pad)
        };
        split(self).cmp(&split(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs();
        if self.scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let unit = 10u128.pow(u32::from(self.scale));
        let width = usize::from(self.scale);
        write!(f, "{sign}{}.{:0width$}", digits / unit, digits % unit)
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let dangling = digits.contains('.') && fraction.is_empty();
        if whole.is_empty() || dangling || !all_digits(whole) || !all_digits(fraction) {
            return Err(DecimalError::Malformed);
        }
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|m| m.checked_add(i128::from(byte - b'0')))
                .ok_or(DecimalError::Overflow)?;
        }
        let scale = u8::try_from(fraction.len()).map_err(|_| DecimalError::Overflow)?;
        Self::new(if negative { -mantissa } else { mantissa }, scale)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_refuses() {
        assert_eq!("12.50".parse::<Decimal>().unwrap(), "12.5".parse().unwrap());
        assert_eq!("-0.05".parse::<Decimal>().unwrap().to_string(), "-0.05");
        for bad in ["", ".", "1.", ".5", "1e3", "+1", "--1", "1_000", "NaN"] {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
        assert_eq!(
            "9".repeat(39).parse::<Decimal>(),
            Err(DecimalError::Overflow)
        );
    }

    proptest! {
        #[test]
        fn order_is_by_value(a in -1_000_000i64..1_000_000, b in -1_000_000i64..1_000_000, s in 0u8..6) {
            let x = Decimal::new(i128::from(a), s).unwrap();
            let y = Decimal::new(i128::from(b), s).unwrap().rescale(s + 3).unwrap();
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x.to_string().parse::<Decimal>().unwrap(), x);
            prop_assert_eq!(x.checked_add(y).unwrap().checked_sub(y).unwrap(), x);
        }
    }
}
