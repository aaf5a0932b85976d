//! Where to open and who can reach what, on flat arrays, in integers.
//!
//! One core serves all models: demands with an amount and a cost of each unit at each
//! site, sites with a cost of opening, a state and perhaps a capacity, and limits on
//! the set that is open (how many, how many of each group, a budget, pairs that stand
//! too near). A demand may be left out at a penalty, or not at all, and of groups of
//! demands at least so much may have to be served.
//!
//! | model | in the core |
//! | --- | --- |
//! | p-median | cost is distance, exactly p open |
//! | fixed-cost location | sites cost, any number open |
//! | set cover | within reach costs nothing, sites cost, everybody served |
//! | maximal cover | within reach costs nothing, p open, a unit left out costs 1 |
//! | p-centre | the least reach at which nobody is left out |
//!
//! # What proves it
//! One integer a demand: the multiplier of "this demand is served once" (Geoffrion
//! 1974; Cornuéjols, Fisher and Nemhauser 1977). With the multipliers the cheapest set
//! splits into sites, so anybody adds up a bound below which no plan can be. Whatever
//! the multipliers are, the bound is true; good ones make it tight. Where that is not
//! enough, sites are forced open or closed in turn, and each leaf of that tree carries
//! its own multipliers.
//!
//! **Invariant:** floats only guess step lengths; every bound, cost and comparison that
//! decides is in integers, and a sum that would not fit is an error.
//! **Invariant:** no files, no threads, no clock, no chance: effort is counted in
//! steps, so the outcome follows from the arrays alone.

pub mod access;
mod branch;
mod capacity;
mod centre;
mod choose;
mod error;
mod floors;
mod geometry;
mod instance;
mod interchange;
mod lagrange;
mod near;
mod points;
mod solve;
mod years;

pub use centre::{Centre, centre};
pub use error::SitingError;
pub use geometry::{Measure, Rounding, on_sphere};
pub use instance::{Budget, FORBIDDEN, Floors, Groups, Instance, Metric, Points, State};
pub use solve::{
    Answer, Assigned, Assigner, EFFORT, Multipliers, Node, Outcome, Status, Tree, flat, left_out,
    prove_left_out, site,
};
pub use years::{Staged, StagedOutcome, YEARS_EFFORT, Year, YearPrices, years};
