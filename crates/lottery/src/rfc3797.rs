//! The selection of RFC 3797, for compatibility with draws that announced it.

use md5::{Digest as _, Md5};

/// Why a selection is not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rfc3797Error {
    /// The selection's counter is 16 bits wide.
    #[error("at most 65,535 can be selected, asked for {0}")]
    TooMany(usize),
}

/// Returns `count` positions (from 0) out of a pool of `pool` in the order
/// selected; all of the pool when `count` is larger.
///
/// `key` is the canonical string of the sources (section 4), each selection is
/// MD5 over counter, key, counter, taken as a number modulo those remaining
/// (section 5 and the reference code of section 6).
///
/// # Errors
/// When more than 65,535 are asked for.
pub fn select(key: &str, pool: usize, count: usize) -> Result<Vec<usize>, Rfc3797Error> {
    let count = count.min(pool);
    let counters = u16::try_from(count).map_err(|_| Rfc3797Error::TooMany(count))?;
    let mut remaining: Vec<usize> = (0..pool).collect();
    let mut selected = Vec::with_capacity(count);
    for counter in 0..counters {
        let counter = counter.to_be_bytes();
        let mut hash = Md5::new();
        hash.update(counter);
        hash.update(key.as_bytes());
        hash.update(counter);
        let number = u128::from_be_bytes(hash.finalize().into());
        let index = number.checked_rem(remaining.len() as u128).unwrap_or(0);
        let index = usize::try_from(index).unwrap_or(0);
        selected.push(remaining.remove(index));
    }
    Ok(selected)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The RFC's section 6: ten of a pool of 25.
    #[test]
    fn equals_the_published_example() {
        let key = "9319./2.5.8.10.12./9.18.26.34.41.45./";
        let selected: Vec<usize> = select(key, 25, 10)
            .unwrap()
            .into_iter()
            .map(|i| i + 1)
            .collect();
        assert_eq!(selected, [17, 7, 2, 16, 25, 23, 8, 24, 19, 13]);
    }

    #[test]
    fn selects_everybody_once() {
        let mut all = select("1./", 40, 400).unwrap();
        all.sort_unstable();
        assert_eq!(all, (0..40).collect::<Vec<_>>());
        assert_eq!(select("1./", 0, 3).unwrap(), Vec::<usize>::new());
        assert!(select("1./", 70_000, 70_000).is_err());
    }
}
