use std::ops::{Add, Neg, Sub};

/// The integer that prices are kept in: 64 bits where they are enough, else 128.
pub(crate) trait Number:
    Copy + Ord + Add<Output = Self> + Sub<Output = Self> + Neg<Output = Self> + From<i64> + Into<i128>
{
    /// Nothing.
    const ZERO: Self;

    /// Returns the number, which the caller knows to fit.
    fn narrow(value: i128) -> Self;
}

impl Number for i64 {
    const ZERO: Self = 0;

    fn narrow(value: i128) -> Self {
        // Only chosen when `fits` has said so.
        Self::try_from(value).unwrap_or(Self::MAX)
    }
}

impl Number for i128 {
    const ZERO: Self = 0;

    fn narrow(value: i128) -> Self {
        value
    }
}

/// Returns whether sums along a path of `steps` arcs of at most `cost` each, and the
/// cost of an artificial arc above all of them, stay well inside 64 bits.
pub(crate) fn fits(steps: usize, cost: i128) -> bool {
    i128::try_from(steps)
        .ok()
        .and_then(|s| cost.checked_add(1)?.checked_mul(s)?.checked_mul(64))
        .is_some_and(|bound| bound < i128::from(i64::MAX))
}
