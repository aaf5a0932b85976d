use std::fmt::{Display, Write as _};

use minsheng_model::{Date, Decimal};
use serde::{Deserialize, Serialize};

/// How a value is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparator {
    /// Just so.
    Exact,
    /// 约, 左右.
    About,
    /// 近, 将近: a little less.
    Nearly,
    /// 余, 多, 超, 突破, 逾.
    MoreThan,
    /// 不足, 不到.
    LessThan,
    /// 不少于, 以上.
    AtLeast,
    /// 不超过, 以内.
    AtMost,
    /// A range: `value` is empty, `lower` and `upper` hold its ends.
    Between,
    /// 预计: expected.
    Expected,
}

impl Comparator {
    /// Returns the word used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::About => "about",
            Self::Nearly => "nearly",
            Self::MoreThan => "more_than",
            Self::LessThan => "less_than",
            Self::AtLeast => "at_least",
            Self::AtMost => "at_most",
            Self::Between => "between",
            Self::Expected => "expected",
        }
    }

    /// Returns the comparator of a word used in files.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [
            Self::Exact,
            Self::About,
            Self::Nearly,
            Self::MoreThan,
            Self::LessThan,
            Self::AtLeast,
            Self::AtMost,
            Self::Between,
            Self::Expected,
        ]
        .into_iter()
        .find(|c| c.as_str() == word)
    }
}

/// What the text says about whether it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It was done, or holds.
    Done,
    /// It is promised with a date.
    Planned,
    /// It goes on.
    Ongoing,
    /// It is promised without a date.
    Future,
    /// Somebody without the power to decide asks for it.
    Proposal,
    /// It is expected, not promised.
    Forecast,
    /// It is striven for (力争).
    Aim,
}

impl Status {
    /// Returns the word used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Planned => "planned",
            Self::Ongoing => "ongoing",
            Self::Future => "future",
            Self::Proposal => "proposal",
            Self::Forecast => "forecast",
            Self::Aim => "aim",
        }
    }

    /// Returns the status of a word used in files.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [
            Self::Done,
            Self::Planned,
            Self::Ongoing,
            Self::Future,
            Self::Proposal,
            Self::Forecast,
            Self::Aim,
        ]
        .into_iter()
        .find(|s| s.as_str() == word)
    }
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// For a body that can decide.
    Official,
    /// A deputy or committee member.
    Deputy,
    /// Anybody else who is named.
    Other,
    /// The text itself.
    Narrator,
}

/// What a value measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// A number of things, people, money or another unit.
    Count,
    /// A part of a whole: percent, per mille, fraction.
    Share,
    /// A difference of two shares.
    Points,
    /// How many times as much.
    Multiple,
    /// No number: an undertaking or a result in words.
    None,
}

/// One statement read from a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// First character in the source, counted from 0; a byte order mark does not
    /// count, every line end does.
    pub start: usize,
    /// The character after the last.
    pub end: usize,
    /// The source's characters from `start` to `end`, unchanged; across a column
    /// cut it holds the line end.
    pub quote: String,
    /// Up to 20 characters before (a W3C text quote selector).
    pub prefix: String,
    /// Up to 20 characters behind.
    pub suffix: String,
    /// The heading over it.
    pub heading: String,
    /// It stands in a heading itself.
    pub in_heading: bool,
    /// The verb and noun that are counted.
    pub indicator: String,
    /// The known indicator that the words belong to; empty goes to review.
    pub indicator_id: String,
    /// What it is about where that stands apart, carried across clauses.
    pub subject: String,
    /// The value, scales multiplied out; shares in the unit written.
    pub value: Option<Decimal>,
    /// The least it can be.
    pub lower: Option<Decimal>,
    /// The most it can be.
    pub upper: Option<Decimal>,
    /// Numerator and denominator of a fraction.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fraction: Option<(Decimal, Decimal)>,
    /// The measure word, as written.
    pub unit: String,
    /// What the value measures.
    pub measure: Measure,
    /// How the value is meant.
    pub comparator: Option<Comparator>,
    /// First character of the number itself.
    pub value_start: usize,
    /// The character after the number and its measure word.
    pub value_end: usize,
    /// Words of scope beside it: 共, 均, 分别, 人均.
    pub scope: String,
    /// First day of the period.
    pub period_start: Option<Date>,
    /// Last day of the period, or the day by which.
    pub period_end: Option<Date>,
    /// The day of which it holds; shorter when publication is known by month.
    pub as_of: String,
    /// The words of the time, as written.
    pub time: String,
    /// What happened to it.
    pub status: Status,
    /// The responsible body, as written.
    pub body: String,
    /// Its full name, where the city's list has one.
    pub body_name: String,
    /// Who says it.
    pub speaker: String,
    /// In what role.
    pub role: Role,
}

/// A number that is no fact, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// First character in the source.
    pub start: usize,
    /// The character after the last.
    pub end: usize,
    /// The characters.
    pub quote: String,
    /// `ordinal`, `duration`, `age`, `name`, `bare`, `article` or `idiom`.
    pub reason: String,
}

/// The columns of the CSV form, in order.
pub const COLUMNS: [&str; 16] = [
    "start",
    "end",
    "quote",
    "indicator",
    "subject",
    "value",
    "lower",
    "upper",
    "unit",
    "comparator",
    "period_start",
    "period_end",
    "as_of",
    "status",
    "body",
    "speaker",
];

impl Statement {
    /// Returns the row of the CSV form.
    #[must_use]
    pub fn row(&self) -> Vec<String> {
        let mut row = Vec::with_capacity(COLUMNS.len());
        let told = self.fields(&mut String::new(), |field| {
            row.push(field.to_owned());
            Ok::<(), std::convert::Infallible>(())
        });
        match told {
            Ok(()) => row,
            Err(never) => match never {},
        }
    }

    /// Hands on the fields of the CSV form in order; `buffer` holds those that are
    /// no text already.
    fn fields<E>(
        &self,
        buffer: &mut String,
        mut put: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut shown = |field: Option<&dyn Display>,
                         put: &mut dyn FnMut(&str) -> Result<(), E>| {
            buffer.clear();
            if let Some(field) = field {
                // Writing to a string never fails.
                let _ = write!(buffer, "{field}");
            }
            put(buffer)
        };
        shown(Some(&self.start), &mut put)?;
        shown(Some(&self.end), &mut put)?;
        put(&self.quote)?;
        put(&self.indicator)?;
        put(&self.subject)?;
        for d in [&self.value, &self.lower, &self.upper] {
            shown(d.as_ref().map(|d| d as &dyn Display), &mut put)?;
        }
        put(&self.unit)?;
        put(self.comparator.map_or("", Comparator::as_str))?;
        for d in [&self.period_start, &self.period_end] {
            shown(d.as_ref().map(|d| d as &dyn Display), &mut put)?;
        }
        put(&self.as_of)?;
        put(self.status.as_str())?;
        put(&self.body)?;
        put(&self.speaker)
    }
}

/// Returns the statements as CSV with the heading of [`COLUMNS`].
///
/// # Errors
/// Never for a buffer in memory; the writer's error is passed on.
pub fn to_csv(statements: &[Statement]) -> Result<String, csv::Error> {
    Ok(COLUMNS.join(",") + "\n" + &csv_rows(statements)?)
}

/// Returns the rows of the CSV form without their heading.
///
/// # Errors
/// Never for a buffer in memory; the writer's error is passed on.
pub fn csv_rows(statements: &[Statement]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::with_capacity(statements.len() * 160));
    let mut buffer = String::new();
    for s in statements {
        s.fields(&mut buffer, |field| writer.write_field(field))?;
        writer.write_record(None::<&[u8]>)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
