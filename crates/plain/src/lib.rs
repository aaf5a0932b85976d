//! Plain interfaces: one mechanism alone, JSON and standard text in and out.
//!
//! For whoever has a clean instance already and wants the answer with a check, or
//! wants to compare it with another program's.
//!
//! **Invariant:** an answer leaves this crate only after a check that does not use
//! the solver.

mod calendar;
mod certify;
mod compare;
mod decide;
mod draw;
mod error;
mod extras;
mod input;
mod locate;
mod market;
mod outcome;
mod selection;
mod solve;

pub use calendar::{schema_calendar, solve_calendar};
pub use draw::{draw_rfc3797, draw_vrs};
pub use error::{Mistake, PlainError};
pub use minsheng_verify::selection::check as verify_selection;
pub use selection::{schema_select, solve_select};
pub use solve::{schema_match, solve_match};
