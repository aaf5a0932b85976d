/// A condition on a choice: `lower <= sum of coefficients of what is chosen <= upper`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The least that is allowed, if there is one.
    pub lower: Option<i64>,
    /// The most that is allowed, if there is one.
    pub upper: Option<i64>,
    /// Item and coefficient; an item stands here at most once.
    pub terms: Vec<(u32, i64)>,
}

/// Choose items of the greatest total value under every row.
///
/// Budgets, quotas, counts, prerequisites (`i` needs `j`: `x_i - x_j <= 0`) and
/// exclusions (`at most one of`) are all rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problem {
    /// What each item is worth; may be negative.
    pub values: Vec<i64>,
    /// Conditions.
    pub rows: Vec<Row>,
    /// Items that are in or out beforehand; one per item.
    pub fixed: Vec<Option<bool>>,
}

/// Why a problem cannot be taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProblemError {
    /// Arrays whose lengths do not fit together, or more than 2^24 of something.
    #[error("the arrays do not fit together: {0}")]
    Shape(&'static str),
    /// A row names an item that is not there.
    #[error("row {row} names item {item}, which does not exist")]
    UnknownItem {
        /// The row.
        row: usize,
        /// The index it gives.
        item: u32,
    },
    /// A row names an item twice.
    #[error("row {row} names item {item} twice")]
    Twice {
        /// The row.
        row: usize,
        /// The item.
        item: u32,
    },
}

/// The largest number of items or rows.
pub(crate) const SIZE_MAX: usize = 1 << 24;

impl Problem {
    /// Checks that lengths and indices fit.
    ///
    /// # Errors
    /// The first thing that does not.
    pub fn check(&self) -> Result<(), ProblemError> {
        if self.fixed.len() != self.values.len() {
            return Err(ProblemError::Shape("values and fixed differ in number"));
        }
        if self.values.len() > SIZE_MAX || self.rows.len() > SIZE_MAX {
            return Err(ProblemError::Shape("more than 2^24 items or rows"));
        }
        let mut seen = vec![0usize; self.values.len()];
        for (row, own) in self.rows.iter().enumerate() {
            for &(item, _) in &own.terms {
                match seen.get_mut(item as usize) {
                    None => return Err(ProblemError::UnknownItem { row, item }),
                    Some(last) if *last == row + 1 => {
                        return Err(ProblemError::Twice { row, item });
                    }
                    Some(last) => *last = row + 1,
                }
            }
        }
        Ok(())
    }

    /// Returns the total value of a choice.
    #[must_use]
    pub fn value(&self, chosen: &[bool]) -> i128 {
        let pairs = self.values.iter().zip(chosen);
        pairs
            .filter(|(_, c)| **c)
            .map(|(v, _)| i128::from(*v))
            .sum()
    }

    /// Returns whether a choice keeps to every row and to what is fixed.
    #[must_use]
    pub fn allows(&self, chosen: &[bool]) -> bool {
        chosen.len() == self.values.len()
            && self
                .fixed
                .iter()
                .zip(chosen)
                .all(|(f, c)| f.is_none_or(|f| f == *c))
            && self.rows.iter().all(|row| {
                let sum = row.sum(chosen);
                row.lower.is_none_or(|l| sum >= i128::from(l))
                    && row.upper.is_none_or(|u| sum <= i128::from(u))
            })
    }

    /// Returns the greatest common divisor of all values, at least 1: every
    /// choice's total is a multiple of it.
    #[must_use]
    pub fn step(&self) -> i128 {
        let gcd = self.values.iter().fold(0u64, |g, v| {
            let (mut a, mut b) = (g, v.unsigned_abs());
            while b != 0 {
                (a, b) = (b, a % b);
            }
            a
        });
        i128::from(gcd.max(1))
    }
}

impl Row {
    /// Returns the sum of the coefficients of what is chosen.
    #[must_use]
    pub fn sum(&self, chosen: &[bool]) -> i128 {
        let terms = self.terms.iter();
        terms
            .filter(|(i, _)| chosen.get(*i as usize) == Some(&true))
            .map(|(_, a)| i128::from(*a))
            .sum()
    }

    /// Returns whether it counts: every coefficient is 1 or -1, so that its sum
    /// may be split between two whole numbers.
    pub(crate) fn counts(&self) -> bool {
        self.terms.iter().all(|(_, a)| a.unsigned_abs() == 1)
    }
}
