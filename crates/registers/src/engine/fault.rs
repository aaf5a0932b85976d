use std::fmt;

use datafusion::arrow::error::ArrowError;
use datafusion::common::DataFusionError;
use minsheng_model::Text;

/// Why an expression has no answer on a row, or none at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A whole number beyond 64 bits or a decimal beyond 38 digits.
    Overflow,
    /// A remainder by zero.
    ModuloByZero,
    /// A day outside the years 1 to 9999.
    DateRange,
    /// An expression that decides nothing: said in words.
    Refused(Text),
}

impl Fault {
    /// Returns a refusal.
    pub fn refused(zh: impl Into<String>, en: impl Into<String>) -> DataFusionError {
        Self::Refused(Text::new(zh, en)).into()
    }

    /// Returns what an error of the engine means.
    pub fn of(error: &DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::External(inner) => match inner.downcast_ref::<Self>() {
                Some(fault) => fault.clone(),
                None => Self::other(error),
            },
            DataFusionError::ArrowError(arrow, _) => match arrow.as_ref() {
                ArrowError::ArithmeticOverflow(_) => Self::Overflow,
                ArrowError::DivideByZero => Self::ModuloByZero,
                _ => Self::other(error),
            },
            _ => Self::other(error),
        }
    }

    fn other(error: &DataFusionError) -> Self {
        let said = error.strip_backtrace();
        let first = said.lines().next().unwrap_or("").to_owned();
        Self::Refused(Text::same(first))
    }

    /// Returns the sentence for people.
    pub fn text(&self) -> Text {
        match self {
            Self::Overflow => Text::new(
                "数值溢出(整数 64 位、小数 38 位)",
                "a number overflows (64 bits, or 38 decimal digits)",
            ),
            Self::ModuloByZero => Text::new("除数为零", "the divisor is zero"),
            Self::DateRange => Text::new(
                "日期超出 0001 至 9999 年",
                "a day is outside the years 0001 to 9999",
            ),
            Self::Refused(text) => text.clone(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for DataFusionError {
    fn from(fault: Fault) -> Self {
        Self::External(Box::new(fault))
    }
}
