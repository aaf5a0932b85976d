//! The independent checker of a bundle.
//!
//! Three people can check three things: anybody the public folder, an applicant
//! the own row with the own facts, an auditor everything with the registers.
//!
//! **Invariant:** no solver and no rule engine is used here. The draw, the order,
//! the doors and the cut-offs are computed again from their definitions, clauses
//! by the specification's own interpreter; so agreement means something. Every
//! check is linear in the rows, up to sorting the draw.

mod anybody;
pub mod assignment;
mod auditor;
mod carried;
mod certificate;
mod closing;
mod draw;
mod earlier;
mod envy;
mod figures;
mod kinds;
mod listed;
mod lists;
pub mod matching;
mod optimal;
mod order;
mod places;
mod receipt;
mod register;
mod report;
mod rounds;
mod rows;
mod rule;
mod seats;
mod seen;
pub mod selection;
pub mod siting;

pub use anybody::{anybody, anybody_having};
pub use auditor::{auditor, auditor_opened};
pub use carried::{anybody_after, anybody_having_after};
pub use earlier::Earlier;
pub use kinds::Sites;
pub use minsheng_bundle::BundleError;
pub use receipt::{OwnChoice, Proof, Receipt, applicant, receipt};
pub use register::RegisterRows;
pub use report::{Check, Report};
