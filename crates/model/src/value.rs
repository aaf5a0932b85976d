use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Date, Decimal};

/// What a column, a parameter or an expression holds. There is no float: nothing
/// that decides may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// Unicode text.
    Text,
    /// A 64-bit signed integer.
    Integer,
    /// An exact decimal with this many digits behind the point; `Decimal128(38, scale)` in Arrow.
    Decimal {
        /// Digits behind the point, 0 to 18.
        scale: u8,
    },
    /// True or false.
    Boolean,
    /// A day.
    Date,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Integer => f.write_str("integer"),
            Self::Decimal { scale } => write!(f, "decimal({scale})"),
            Self::Boolean => f.write_str("boolean"),
            Self::Date => f.write_str("date"),
        }
    }
}

/// One value; a missing one is `Option::None` around it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Unicode text.
    Text(String),
    /// A 64-bit signed integer.
    Integer(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// True or false.
    Boolean(bool),
    /// A day.
    Date(Date),
}

impl Value {
    /// Returns the value's type.
    #[must_use]
    pub fn type_of(&self) -> Type {
        match self {
            Self::Text(_) => Type::Text,
            Self::Integer(_) => Type::Integer,
            Self::Decimal(d) => Type::Decimal { scale: d.scale() },
            Self::Boolean(_) => Type::Boolean,
            Self::Date(_) => Type::Date,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(n) => write!(f, "{n}"),
            Self::Decimal(d) => write!(f, "{d}"),
            Self::Boolean(b) => write!(f, "{b}"),
            Self::Date(d) => write!(f, "{d}"),
        }
    }
}
