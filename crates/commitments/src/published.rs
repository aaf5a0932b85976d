use std::fmt;
use std::str::FromStr;

use minsheng_model::{Date, Text};

/// The day of publication, by the precision that is known: a year, a month or a
/// day. Relative times (去年, 目前) are told from it, never from a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Published {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<Date>,
}

impl Published {
    /// Returns an unknown day: relative times stay without dates.
    #[must_use]
    pub fn unknown() -> Self {
        Self::default()
    }

    /// Returns the day itself.
    #[must_use]
    pub fn on(day: Date) -> Self {
        let (year, month, _) = day.ymd();
        Self {
            year: Some(year),
            month: Some(month),
            day: Some(day),
        }
    }

    pub(crate) fn year(&self) -> Option<i32> {
        self.year
    }

    pub(crate) fn month(&self) -> Option<u32> {
        self.month
    }

    /// Returns the day when it is known to the day.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        self.day
    }

    /// Returns the last day it can be: the day, or the end of the month.
    pub(crate) fn last_day(&self) -> Option<Date> {
        self.day.or_else(|| {
            let first = Date::from_ymd(self.year?, self.month?, 1)?;
            first.shift(1, -1)
        })
    }

    /// Returns whether nothing is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.year.is_none()
    }
}

/// Written as ISO 8601 with the precision that is known.
impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.day, self.year, self.month) {
            (Some(day), _, _) => write!(f, "{day}"),
            (None, Some(year), Some(month)) => write!(f, "{year:04}-{month:02}"),
            (None, Some(year), None) => write!(f, "{year:04}"),
            _ => Ok(()),
        }
    }
}

impl FromStr for Published {
    type Err = Text;

    fn from_str(text: &str) -> Result<Self, Text> {
        let wrong = || {
            Text::new(
                format!("`{text}` 不是日期,应写作 `YYYY-MM-DD`、`YYYY-MM` 或 `YYYY`"),
                format!("`{text}` is not a day; expected `YYYY-MM-DD`, `YYYY-MM` or `YYYY`"),
            )
        };
        let full = match text.len() {
            10 => text.to_owned(),
            7 => format!("{text}-01"),
            4 => format!("{text}-01-01"),
            _ => return Err(wrong()),
        };
        let day: Date = full.parse().map_err(|_| wrong())?;
        let (year, month, _) = day.ymd();
        Ok(Self {
            year: Some(year),
            month: (text.len() >= 7).then_some(month),
            day: (text.len() == 10).then_some(day),
        })
    }
}
