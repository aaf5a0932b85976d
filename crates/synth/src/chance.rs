use sha2::{Digest, Sha256};

/// The golden ratio's odd 64-bit fraction, SplitMix64's step.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of chance that can be asked at any place: the number at `(row, k)`
/// depends on the seed, the stream's name, `row` and `k` alone, so that neither
/// the order of asking nor threads matter.
#[derive(Debug, Clone, Copy)]
pub struct Chance(u64);

/// Returns SplitMix64's finaliser.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Chance {
    /// Returns the stream of this name under the seed.
    #[must_use]
    pub fn new(seed: &str, name: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.as_bytes());
        hash.update([0]);
        hash.update(name.as_bytes());
        let first = hash.finalize();
        Self(
            first
                .iter()
                .take(8)
                .fold(0, |n, b| (n << 8) | u64::from(*b)),
        )
    }

    /// Returns 64 bits.
    #[must_use]
    pub fn bits(self, row: u64, k: u64) -> u64 {
        let at_row = mix(self.0.wrapping_add(row.wrapping_add(1).wrapping_mul(STEP)));
        mix(at_row.wrapping_add(k.wrapping_add(1).wrapping_mul(STEP)))
    }

    /// Returns a number from 0 to below `bound`; 0 when `bound` is 0.
    #[must_use]
    pub fn below(self, row: u64, k: u64, bound: u64) -> u64 {
        // The high half of a 128-bit product: the deviation from evenness is
        // below `bound` in 2^64.
        let product = u128::from(self.bits(row, k)) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// Returns a number from `least` to `most`; `least` when they are reversed.
    #[must_use]
    pub fn between(self, row: u64, k: u64, least: i64, most: i64) -> i64 {
        let width = i128::from(most) - i128::from(least) + 1;
        let bound = u64::try_from(width).unwrap_or(if width > 0 { u64::MAX } else { 0 });
        let value = i128::from(least) + i128::from(self.below(row, k, bound));
        i64::try_from(value).unwrap_or(least)
    }

    /// Returns true so many times in a thousand.
    #[must_use]
    pub fn happens(self, row: u64, k: u64, per_mille: u32) -> bool {
        self.below(row, k, 1000) < u64::from(per_mille)
    }

    /// Returns an index with a chance in proportion to its weight.
    #[must_use]
    pub fn weighted(self, row: u64, k: u64, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let total = weights.clone().map(u64::from).sum();
        let mut left = self.below(row, k, total);
        for (index, weight) in weights.enumerate() {
            let weight = u64::from(weight);
            if left < weight {
                return index;
            }
            left -= weight;
        }
        0
    }
}

/// Shares out `total` in proportion to the weights, by largest remainder.
pub(crate) fn shares(total: u64, weights: &[u32]) -> Vec<u64> {
    let sum: u128 = weights.iter().map(|w| u128::from(*w)).sum::<u128>().max(1);
    let parts = weights.iter().map(|w| u128::from(total) * u128::from(*w));
    let mut given: Vec<u64> = parts
        .clone()
        .map(|p| u64::try_from(p / sum).unwrap_or(0))
        .collect();
    let mut rest: Vec<(u128, usize)> = parts.map(|p| p % sum).zip(0..).collect();
    rest.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let left = total.saturating_sub(given.iter().sum());
    for (_, index) in rest.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        if let Some(share) = given.get_mut(index) {
            *share += 1;
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_anywhere_and_stays_within() {
        let one = Chance::new("seed", "homes");
        assert_eq!(one.bits(7, 3), Chance::new("seed", "homes").bits(7, 3));
        assert_ne!(one.bits(7, 3), Chance::new("seed", "home").bits(7, 3));
        assert_ne!(one.bits(7, 3), one.bits(3, 7));
        assert_eq!(one.below(0, 0, 0), 0);
        for row in 0..2000 {
            assert!((-3..=4).contains(&one.between(row, 0, -3, 4)));
            assert!(one.weighted(row, 1, [0, 5, 0, 2].into_iter()) % 2 == 1);
        }
        let yes = (0..10_000).filter(|r| one.happens(*r, 0, 250)).count();
        assert!((2_300..2_700).contains(&yes), "{yes}");
        assert_eq!(
            one.between(1, 0, i64::MIN, i64::MAX),
            one.between(1, 0, i64::MIN, i64::MAX)
        );
    }

    #[test]
    fn shares_add_up() {
        assert_eq!(shares(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(shares(0, &[3, 4]), [0, 0]);
        assert_eq!(
            shares(282, &[708_829, 1_106_214, 3_452_460])
                .iter()
                .sum::<u64>(),
            282
        );
    }
}
