//! Matchings, checked from flat arrays without a solver.
//!
//! What can be told of an assignment: that it is stable, and if not, every pair
//! that blocks; that no stable one is better for any applicant; that no assignment
//! at all is better for some and worse for none; that nested caps, couples and
//! families are kept to.
//!
//! # Why a cycle test proves that a result is the best stable one
//! Let the choice functions be substitutable, consistent, and never choose fewer
//! from more (seats with kept places, reserves and ceilings over separate groups
//! do, and so do nested caps). Take a stable assignment. If an applicant `a` left
//! its seat, the provider would take one more of those who like it better than
//! what they have, or none; call that one the successor of `a`. Successors are a
//! graph with at most one arrow out of each applicant.
//!
//! - If it has a cycle, let everybody on it move into the seat behind: each
//!   provider then has what it would choose, so the new assignment is stable and
//!   better for all of them.
//! - If a better stable assignment exists, take the best. The same people have
//!   places in both, and each provider as many. Somebody who moves has a successor
//!   who moves too: a successor who stays would be wanted by the provider in the
//!   best assignment as well, and block it. Following successors among the finitely
//!   many who move ends in a cycle.
//!
//! So a stable assignment is the one that every applicant likes best exactly when
//! there is no cycle. Which one of several people leaves does not matter where they
//! came by the same door under the same ceiling, so few successors are computed and
//! the test is linear in the entries, up to sorting each provider's people.

pub(crate) mod best;
mod caps;
mod couples;
mod cover;
mod efficient;
mod families;
mod largest;
pub(crate) mod seats;
mod stable;
pub(crate) mod view;

pub use best::improvement;
pub use caps::{Caps, Turn, caps_blocking, caps_improvement};
pub use couples::{Couple, CouplesBlock, couples_blocking};
pub use cover::covers;
pub use efficient::{Better, inefficiency};
pub use families::{apart, divided_sites};
pub use largest::{Part, at_most};
pub use stable::{Fault, blocking, faults, stable};
pub use view::{Got, Groups, View};
