//! The readable meaning of it all, slow and obvious: what the fast crates are held
//! against.
//!
//! **Invariant:** nothing here shares code with a mechanism crate or with the
//! engine that evaluates rules, so agreement means something.

mod combine;
pub mod expr;
pub mod figures;
pub mod market;
pub mod mechanisms;
pub mod rules;

pub use combine::combine;
