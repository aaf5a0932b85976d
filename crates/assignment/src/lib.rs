//! Demand to capacity at least cost: minimum-cost flow on flat arrays, in integers.
//!
//! Two shapes of one problem:
//! - [`transport`]: many demands, fewer providers, a cost for every pair. Solved by
//!   the transportation simplex on a compressed basis: only the providers and the few
//!   split demands are in the tree, so a step costs what the providers are, not what
//!   the demands are, and every step is priced against every pair.
//! - [`network`]: any graph with supplies, lower bounds, capacities and costs of either
//!   sign. Solved by the network simplex (Dantzig 1951; strongly feasible trees after
//!   Cunningham 1976, which rule out cycling).
//!
//! # What proves it
//! - Least cost: one price per provider (or potential per node). By linear
//!   programming duality no plan is cheaper than the prices say, and the prices say
//!   exactly what the plan costs.
//! - Impossible: a set of demands (or nodes) whose reachable capacity is too small
//!   (Hall 1935; Gale 1957).
//! - Without limit: a cycle of arcs of unlimited capacity and negative cost.
//!
//! **Invariant:** integers only; what would not fit is an error and never wraps.
//! **Invariant:** no files, no threads, no clock, no chance: the outcome follows from
//! the arrays alone.

mod basis;
mod error;
mod network;
mod number;
mod overload;
mod simplex;
mod transport;
mod tree;
mod whole;
mod worth;

pub use error::AssignmentError;
pub use network::{Flow, Network, network};
pub use overload::{Shared, share_overload};
pub use transport::{Costs, FORBIDDEN, Matrix, Plan, Problem, Transport, transport};
pub use whole::{Whole, whole_units};

/// The capacity of an arc that has none.
pub const UNLIMITED: i64 = i64::MAX;
