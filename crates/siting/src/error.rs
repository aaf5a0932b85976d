/// Why an instance cannot be solved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SitingError {
    /// Arrays whose lengths or offsets do not fit together.
    #[error("the arrays do not fit together: {0}")]
    Shape(&'static str),
    /// A number that has to be nothing or more is negative.
    #[error("{what} {index} is negative")]
    Negative {
        /// What it is.
        what: &'static str,
        /// Its index.
        index: usize,
    },
    /// A sum leaves the range of the integers.
    #[error("the sum of {0} does not fit in 63 bits")]
    Overflow(&'static str),
}
