//! Which projects, under several budgets, quotas and dependencies; ranked lists;
//! and in which period each starts.
//!
//! # Choosing
//! A [`Problem`] is a 0/1 choice under rows `lower <= a x <= upper`. [`select`]
//! answers with a choice, a bound and a proof: integer prices, one per row, give
//! for every box of choices
//!
//! `bound = sum of price * end + sum over items of max(0, scale * value - sum of price * coefficient)`
//!
//! whatever the prices are (weak duality), a positive price paying for the upper
//! end, a negative one for the lower. A tree of boxes with one set of prices per
//! leaf proves the rest (Land and Doig 1960; fixing by reduced cost after Dantzig,
//! Fulkerson and Johnson 1954; splitting by the number of items after Vimont,
//! Boussier and Vasquez 2008). Everything is checked in integers; floats only
//! suggest prices and an order.
//!
//! **Invariant:** no files, no threads, no clock, no chance: an outcome follows
//! from the problem and the effort alone.

mod calendar;
mod changes;
mod core;
mod explain;
mod lp;
mod outcome;
mod primal;
mod problem;
mod ranked;
mod search;
mod solve;
mod table;
mod timeline;

pub use calendar::{
    Branch, Calendar, CalendarError, Choice, PartProof, Timetable, Window, schedule,
};
pub use changes::{Changes, Raise, all_changes, changes};
pub use outcome::{Node, Outcome, Prices, Proof, Split, Status};
pub use problem::{Problem, ProblemError, Row};
pub use ranked::{Guarantee, Key, Limit, Listed, Obstacle, Ranking, RankingError, Way, rank};
pub use solve::{Effort, select};
