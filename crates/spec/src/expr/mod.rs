//! The permitted subset of SQL expressions: checked with positions, evaluated row
//! by row.
//!
//! Permitted: literals (whole numbers, exact decimals, text, TRUE, FALSE,
//! `DATE '2024-01-01'`), columns, `$parameters`, variables, `+ - * %`, comparison,
//! AND, OR, NOT, IS [NOT] NULL / TRUE / FALSE / UNKNOWN, IS [NOT] DISTINCT FROM,
//! BETWEEN, IN (…), LIKE, CASE, a day plus or less an INTERVAL, EXTRACT(YEAR |
//! MONTH | DAY FROM …) and the functions `abs`, `lower`, `upper`, `trim`,
//! `length`, `substr`, `starts_with`, `least`, `greatest`.
//!
//! Refused: floats, division, casts, NULL literals, `coalesce` and its kin,
//! clocks, chance, aggregates, windows, subqueries.
//!
//! AND, OR and NOT follow Kleene's logic and evaluate all their parts, so that an
//! error in one part is an error whatever the others say; CASE evaluates a branch
//! only where it is taken.

mod check;
mod env;
mod eval;
mod functions;
mod node;
mod position;
mod unit;

pub use env::{Env, Typed};
pub use eval::{EvalError, Row};

use minsheng_model::Text;

/// A mistake in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The bytes of the SQL that are wrong.
    pub span: std::ops::Range<usize>,
    /// A stable name such as `expr/unknown-column`.
    pub code: &'static str,
    /// Found and expected.
    pub message: Text,
    /// How to mend it.
    pub help: Option<Text>,
}
