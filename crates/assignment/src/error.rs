/// Why a problem cannot be solved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentError {
    /// Arrays whose lengths do not fit together.
    #[error("the arrays do not fit together: {0}")]
    Shape(&'static str),
    /// An amount, a capacity or a lower bound is negative.
    #[error("{what} {index} is negative")]
    Negative {
        /// What it is: `demand`, `capacity`, …
        what: &'static str,
        /// Its index.
        index: usize,
    },
    /// An arc names a node that is not there.
    #[error("arc {arc} names node {node}, which does not exist")]
    UnknownNode {
        /// The arc.
        arc: usize,
        /// The index it gives.
        node: u32,
    },
    /// An arc's lower bound is above its capacity.
    #[error("arc {arc} has a lower bound above its capacity")]
    Bounds {
        /// The arc.
        arc: usize,
    },
    /// A sum leaves the range of the integers.
    #[error("the sum of {0} does not fit in 63 bits")]
    Overflow(&'static str),
}
