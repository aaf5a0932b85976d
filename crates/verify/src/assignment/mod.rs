//! Plans of least cost, checked from their prices.
//!
//! Nothing here searches: every check is one pass over the pairs or arcs, in 128-bit
//! integers.

mod network;
mod transport;
mod worth;

pub use network::{NetworkCase, NetworkClaim, check_network};
pub use transport::{PlanClaim, TransportCase, check_plan, check_short};

use minsheng_model::Text;

/// Returns the sum, or nothing when it leaves 128 bits.
pub(crate) fn sum(mut terms: impl Iterator<Item = Option<i128>>) -> Option<i128> {
    terms.try_fold(0i128, |sum, term| sum.checked_add(term?))
}

/// Returns the product of two numbers in 128 bits.
pub(crate) fn times(a: i128, b: i128) -> Option<i128> {
    a.checked_mul(b)
}

/// What is said of a sum that leaves 128 bits.
pub(crate) fn too_large() -> Text {
    Text::new("数值超出 128 位整数", "the numbers do not fit in 128 bits")
}
