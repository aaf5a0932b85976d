use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A day of the proleptic Gregorian calendar, counted from 1970-01-01.
///
/// Written as `YYYY-MM-DD` (ISO 8601), years 0001 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

/// A text that is not a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateError;

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a day as YYYY-MM-DD")
    }
}

impl std::error::Error for DateError {}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Returns how many days the month has, or 0 for a month that does not exist.
fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 0,
    }
}

impl Date {
    /// Returns the day, or `None` when the calendar has no such day between the
    /// years 1 and 9999.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=9999).contains(&year) || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        // Days-from-civil: eras of 400 years, March first, so that the leap day
        // is the last of its year.
        let month = i32::try_from(month).ok()?;
        let day = i32::try_from(day).ok()?;
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self(era * 146_097 + day_of_era - 719_468))
    }

    /// Returns the day so many days after (before, if negative) 1970-01-01, or
    /// `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_days(days: i32) -> Option<Self> {
        (-719_162..=2_932_896).contains(&days).then_some(Self(days))
    }

    /// Returns the days since 1970-01-01, the encoding of Arrow's `Date32`.
    #[must_use]
    pub fn days(self) -> i32 {
        self.0
    }

    /// Returns year, month (1 to 12) and day of the month.
    #[must_use]
    pub fn ymd(self) -> (i32, u32, u32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i32::from(month <= 2);
        (year, month.unsigned_abs(), day.unsigned_abs())
    }

    /// Returns the day shifted by whole months and then by days, as SQL does:
    /// a day that the target month lacks becomes its last (2024-02-29 less 12
    /// months is 2023-02-28). `None` outside the years 1 to 9999.
    #[must_use]
    pub fn shift(self, months: i32, days: i32) -> Option<Self> {
        let (year, month, day) = self.ymd();
        let month_index = i32::try_from(month).ok()?.checked_sub(1)?;
        let total = year
            .checked_mul(12)?
            .checked_add(month_index)?
            .checked_add(months)?;
        let (year, month) = (
            total.div_euclid(12),
            total.rem_euclid(12).unsigned_abs() + 1,
        );
        let day = day.min(days_in_month(year, month));
        let moved = Self::from_ymd(year, month, day)?;
        Self::from_days(moved.0.checked_add(days)?)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = self.ymd();
        write!(f, "{y:04}-{m:02}-{d:02}")
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| -> Option<u32> {
            let part = bytes.get(range)?;
            part.iter()
                .all(u8::is_ascii_digit)
                .then(|| part.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0')))
        };
        let dashes =
            bytes.len() == 10 && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
        let parts = (digits(0..4), digits(5..7), digits(8..10));
        match (dashes, parts) {
            (true, (Some(y), Some(m), Some(d))) => {
                Self::from_ymd(i32::try_from(y).map_err(|_| DateError)?, m, d).ok_or(DateError)
            }
            _ => Err(DateError),
        }
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn knows_the_calendar() {
        assert_eq!("1970-01-01".parse::<Date>().unwrap().days(), 0);
        assert_eq!("2000-02-29".parse::<Date>().unwrap().days(), 11_016);
        assert_eq!("0001-01-01".parse::<Date>().unwrap().days(), -719_162);
        assert_eq!("9999-12-31".parse::<Date>().unwrap().days(), 2_932_896);
        for bad in [
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "24-01-01",
            "2024-1-01",
            "２０２４-01-01",
            "",
        ] {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
        let leap: Date = "2024-02-29".parse().unwrap();
        assert_eq!(leap.shift(-12, 0).unwrap().to_string(), "2023-02-28");
        assert_eq!(leap.shift(1, 3).unwrap().to_string(), "2024-04-01");
    }

    proptest! {
        #[test]
        fn text_and_days_agree(days in -719_162i32..=2_932_896) {
            let date = Date::from_days(days).unwrap();
            prop_assert_eq!(date.to_string().parse::<Date>().unwrap(), date);
            let (y, m, d) = date.ymd();
            prop_assert_eq!(Date::from_ymd(y, m, d), Some(date));
        }
    }
}
