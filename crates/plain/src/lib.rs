//! Plain interfaces: one mechanism alone, JSON and standard text in and out.
//!
//! For whoever has a clean instance already and wants the answer with a check, or
//! wants to compare it with another program's.
//!
//! **Invariant:** an answer leaves this crate only after a check that does not use
//! the solver.

mod access;
mod assign;
mod calendar;
mod caps;
mod certify;
mod check;
mod compare;
mod decide;
mod draw;
mod error;
mod extras;
mod ids;
mod input;
mod known;
mod locate;
mod market;
mod metres;
mod outcome;
mod selection;
mod simple;
mod site;
mod solve;
mod travel;
mod words;

pub use access::{schema_access, solve_access, verify_access};
pub use assign::{schema_assign, solve_assign, verify_assign};
pub use calendar::{schema_calendar, solve_calendar};
pub use check::verify_match;
pub use draw::{draw_rfc3797, draw_vrs};
pub use error::{Mistake, PlainError};
pub use metres::Metres;
pub use minsheng_verify::selection::check as verify_selection;
pub use selection::{schema_select, solve_select};
pub use site::{Model, SiteOptions, schema_site, solve_site, verify_site};
pub use solve::{schema_match, solve_match};
pub use travel::{Stop, Tile, travel_instance, travel_rows, travel_tiles, with_travel};

use minsheng_verify::Report;

/// Checks an outcome of [`solve_match`], [`solve_assign`], [`solve_site`], [`solve_access`],
/// [`solve_select`] or [`solve_calendar`] against its instance, with code that shares
/// nothing with the solvers.
///
/// # Errors
/// A wrong instance, or an outcome that is not one.
pub fn verify_outcome(
    outcome: &str,
    instance: &str,
    options: SiteOptions,
) -> Result<Report, PlainError> {
    if check::is_match(outcome) {
        return verify_match(outcome, instance);
    }
    let value = site::outcome(outcome)?;
    // A file of several choices has a list of outcomes.
    let one = value
        .as_array()
        .and_then(|list| list.first())
        .unwrap_or(&value);
    match one.get("mechanism").and_then(serde_json::Value::as_str) {
        Some("assign") => verify_assign(outcome, instance),
        Some("site") => verify_site(outcome, instance, options),
        Some("access") => verify_access(outcome, instance),
        Some("optimise" | "ranked" | "calendar") => Ok(verify_selection(instance, outcome)),
        _ => Err(PlainError::whole(
            "不是配对的结果,`mechanism` 也不是 `assign`、`site`、`access`、`optimise`、`ranked` 或 `calendar`",
            "this is no outcome of a match, and `mechanism` is none of `assign`, `site`, `access`, `optimise`, `ranked` and `calendar`",
        )),
    }
}
