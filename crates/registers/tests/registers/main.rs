//! Registers from files, good and bad; rules by the engine, by the specification
//! and by a third database.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod carry;
mod case;
mod dice;
mod differential;
mod duckdb;
mod generate;
mod import;
mod query;
mod refused;
