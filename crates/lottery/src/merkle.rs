use sha2::{Digest as _, Sha256};

fn leaf(data: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([0u8]);
    hash.update(data);
    hash.finalize().into()
}

fn node(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([1u8]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// Returns the RFC 6962 Merkle tree hash of the tickets, which have to be sorted
/// by bytes and distinct. The root of an empty pool is SHA-256 of nothing.
#[must_use]
pub fn pool_root(sorted: &[&str]) -> [u8; 32] {
    // A perfect subtree per set bit of the count, like a binary counter: the same
    // shape as the RFC's recursive split at the largest power of two.
    let mut stack: Vec<(u32, [u8; 32])> = Vec::new();
    for ticket in sorted {
        let mut height = 0;
        let mut hash = leaf(ticket.as_bytes());
        while let Some((_, left)) = stack.pop_if(|(h, _)| *h == height) {
            hash = node(&left, &hash);
            height += 1;
        }
        stack.push((height, hash));
    }
    let Some((_, mut root)) = stack.pop() else {
        return Sha256::digest([]).into();
    };
    while let Some((_, left)) = stack.pop() {
        root = node(&left, &root);
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The RFC's own definition, recursive and plain.
    fn by_definition(tickets: &[&str]) -> [u8; 32] {
        match tickets {
            [] => Sha256::digest([]).into(),
            [one] => leaf(one.as_bytes()),
            many => {
                let split = many.len().next_power_of_two() / 2;
                node(
                    &by_definition(&many[..split]),
                    &by_definition(&many[split..]),
                )
            }
        }
    }

    #[test]
    fn equals_the_recursive_definition() {
        let tickets: Vec<String> = (0..70).map(|n| format!("T{n:03}")).collect();
        let tickets: Vec<&str> = tickets.iter().map(String::as_str).collect();
        for count in 0..tickets.len() {
            assert_eq!(
                pool_root(&tickets[..count]),
                by_definition(&tickets[..count]),
                "{count}"
            );
        }
    }
}
