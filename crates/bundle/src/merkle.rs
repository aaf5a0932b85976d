//! Merkle trees as RFC 6962, section 2.1, defines them.

use sha2::{Digest as _, Sha256};

/// Returns the hash of one leaf: SHA-256 of a zero byte and the data.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([0u8]);
    hash.update(data);
    hash.finalize().into()
}

fn node_hash(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut node = [1u8; 65];
    let (_, children) = node.split_at_mut(1);
    for (slot, byte) in children.iter_mut().zip(left.iter().chain(right)) {
        *slot = *byte;
    }
    Sha256::digest(node).into()
}

/// Trees from this many leaves on are worth a second thread.
const TOGETHER: usize = 1 << 12;

/// Returns the largest power of two below the count, which is at least 2.
fn split(count: usize) -> usize {
    count.div_ceil(2).next_power_of_two()
}

/// Returns the root over leaf hashes; of none, SHA-256 of nothing.
#[must_use]
pub fn merkle_root(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(split(many.len()));
            let (left, right) = if many.len() < TOGETHER {
                (merkle_root(left), merkle_root(right))
            } else {
                rayon::join(|| merkle_root(left), || merkle_root(right))
            };
            node_hash(&left, &right)
        }
    }
}

/// Returns the path from the leaf to the root, the leaf's sibling first; `None`
/// when there is no such leaf.
#[must_use]
pub fn merkle_proof(leaves: &[[u8; 32]], index: usize) -> Option<Vec<[u8; 32]>> {
    if index >= leaves.len() {
        return None;
    }
    let (mut part, mut at) = (leaves, index);
    let mut path = Vec::new();
    while part.len() > 1 {
        let half = split(part.len());
        let (left, right) = part.split_at(half);
        if at < half {
            path.push(merkle_root(right));
            part = left;
        } else {
            path.push(merkle_root(left));
            part = right;
            at -= half;
        }
    }
    path.reverse();
    Some(path)
}

/// Returns whether the path leads from the leaf hash at `index` of `size` leaves to
/// the root.
#[must_use]
pub fn verify_inclusion(
    leaf: &[u8; 32],
    index: u64,
    size: u64,
    path: &[[u8; 32]],
    root: &[u8; 32],
) -> bool {
    // RFC 9162, section 2.1.3.2.
    if index >= size {
        return false;
    }
    let (mut f, mut s, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            hash = node_hash(sibling, &hash);
            while f & 1 == 0 && f != 0 {
                f >>= 1;
                s >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        f >>= 1;
        s >>= 1;
    }
    s == 0 && hash == *root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    /// The test vectors of the Certificate Transparency implementation.
    #[test]
    fn known_roots() {
        let data: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let leaves: Vec<[u8; 32]> = data.iter().map(|d| leaf_hash(d)).collect();
        let known = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        for (count, root) in known.iter().enumerate() {
            assert_eq!(hex(&merkle_root(&leaves[..count])), *root, "{count}");
        }
    }

    #[test]
    fn every_leaf_is_proved_and_no_other() {
        let leaves: Vec<[u8; 32]> = (0u8..40).map(|n| leaf_hash(&[n])).collect();
        for size in 1..=leaves.len() {
            let tree = &leaves[..size];
            let root = merkle_root(tree);
            for index in 0..size {
                let path = merkle_proof(tree, index).unwrap();
                let (i, n) = (index as u64, size as u64);
                assert!(verify_inclusion(&tree[index], i, n, &path, &root));
                assert!(!verify_inclusion(&leaf_hash(b"x"), i, n, &path, &root));
                assert!(!verify_inclusion(&tree[index], i + 1, n, &path, &root) || size == 1);
                assert!(!verify_inclusion(&tree[index], i, i, &path, &root));
                let mut longer = path.clone();
                longer.push([0; 32]);
                assert!(!verify_inclusion(&tree[index], i, n, &longer, &root));
                if !path.is_empty() {
                    assert!(!verify_inclusion(&tree[index], i, n, &path[1..], &root));
                }
            }
            assert_eq!(merkle_proof(tree, size), None);
        }
    }
}
