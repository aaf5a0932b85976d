//! The verifiable random sort: an order by HKDF, for draws that announced it.
//!
//! The key is HKDF-Extract over the public string with an optional salt, the
//! position of a label HKDF-Expand of 32 bytes, ascending.

use hkdf::Hkdf;
use sha2::Sha256;

/// Returns the positions (from 0) of the labels in the order drawn. Equal labels
/// stay in the order given.
#[must_use]
pub fn sort(salt: &[u8], input: &[u8], labels: &[&str]) -> Vec<usize> {
    let (prk, _) = Hkdf::<Sha256>::extract(Some(salt), input);
    let seed: [u8; 32] = prk.into();
    let mut order: Vec<([u8; 32], usize)> = labels
        .iter()
        .enumerate()
        .map(|(index, label)| (crate::number(&seed, label.as_bytes()), index))
        .collect();
    order.sort_unstable();
    order.into_iter().map(|(_, index)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_depends_on_salt_and_input_alone() {
        let labels = ["a", "b", "c", "d", "e", "f", "g"];
        let order = sort(b"salt", b"input", &labels);
        assert_eq!(order, sort(b"salt", b"input", &labels));
        assert_ne!(order, sort(b"other", b"input", &labels));
        let mut sorted = order;
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2, 3, 4, 5, 6]);
    }
}
