//! Numbers behind names.

use std::collections::HashMap;

use ahash::RandomState;

/// The longest name that is kept within its entry.
const SHORT: usize = 15;

/// The numbers of names: looked up in millions of times, never walked through.
///
/// Most names are short and stand in the table itself, so that a look-up goes to one
/// place in memory and not to three.
pub(crate) struct Known<'a> {
    short: HashMap<u128, u32, RandomState>,
    long: HashMap<&'a str, u32, RandomState>,
}

/// Returns a short name with its length as one number.
fn short(name: &str) -> Option<u128> {
    if name.len() > SHORT {
        return None;
    }
    // The length stands for the zeros that a name may end with.
    let length = u128::try_from(name.len()).unwrap_or(0);
    let number = name.bytes().fold(0, |sum, b| sum << 8 | u128::from(b));
    Some(number << 8 | length)
}

impl<'a> Known<'a> {
    /// Returns an empty table with room for so many names.
    pub fn new(names: usize) -> Self {
        // Fixed numbers to hash with: nothing here is left to chance.
        let state = RandomState::with_seeds(1, 2, 3, 4);
        Self {
            short: HashMap::with_capacity_and_hasher(names, state.clone()),
            long: HashMap::with_hasher(state),
        }
    }

    /// Gives a name its number, the later one where it has one; returns whether it is
    /// new.
    pub fn add(&mut self, name: &'a str, number: u32) -> bool {
        let before = match short(name) {
            Some(short) => self.short.insert(short, number),
            None => self.long.insert(name, number),
        };
        before.is_none()
    }

    /// Returns the number of a name.
    pub fn get(&self, name: &str) -> Option<u32> {
        match short(name) {
            Some(short) => self.short.get(&short).copied(),
            None => self.long.get(name).copied(),
        }
    }

    /// Returns whether a name has a number.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_apart() {
        let names = [
            "",
            "\0",
            "\0\0",
            "a",
            "a\0",
            "\0a",
            "0123456789abcde",
            "0123456789abcdef",
            "0123456789abcdeg",
            "名名名名名",
            "名名名名名名",
            "\u{f}",
        ];
        let mut known = Known::new(2);
        for (number, name) in (0u32..).zip(names) {
            assert!(known.add(name, number), "{name:?}");
        }
        for (number, name) in (0u32..).zip(names) {
            assert_eq!(known.get(name), Some(number), "{name:?}");
        }
        assert!(!known.add("a", 99) && !known.add("0123456789abcdef", 98));
        assert_eq!(known.get("a"), Some(99));
        assert_eq!(known.get("0123456789abcdef"), Some(98));
        assert!(!known.has("b") && !known.has("0123456789abcdeh"));
    }
}
