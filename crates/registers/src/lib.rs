//! Registers as Arrow tables; clauses, tiers and scores as SQL on DataFusion.
//!
//! **Invariant:** this is the one crate that links DataFusion. A register's schema
//! is declared, never inferred; it is imported whole or not at all, and sorted by
//! its key, so that the order of the file's rows cannot matter. Rules are
//! evaluated on batches without a query plan, in the rows' order, and a row has
//! the same answer, or the same error, whatever other rows stand beside it. A
//! [`Queries`] gives one figure of a whole table, by one read-only SELECT.

mod canonical;
mod carry;
mod engine;
mod import;
mod query;
mod register;

pub use carry::{Carry, Origin, carry, file_table};
pub use engine::{ChoiceFacts, Engine, Figures, Masks, ProviderFacts};
pub use import::{Options, import};
pub use query::{Queries, QueryError};
pub use register::Register;
