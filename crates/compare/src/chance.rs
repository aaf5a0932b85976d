//! The chance of what-if draws: from a text that is printed with the result.
//!
//! **Invariant:** a draw depends on the text, its number, the draw tickets in byte order
//! and the providers' keys in byte order; on nothing else.

use minsheng_lottery as lottery;

/// `SplitMix64` (Steele, Lea and Flood 2014).
struct Stream(u64);

impl Stream {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Returns a number below `most`, each equally likely (Lemire 2019).
    fn below(&mut self, most: u32) -> u32 {
        let most = u64::from(most.max(1));
        let floor = (u64::from(u32::MAX) + 1) % most;
        loop {
            let product = (self.next() >> 32) * most;
            if product & u64::from(u32::MAX) >= floor {
                return u32::try_from(product >> 32).unwrap_or(0);
            }
        }
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Returns the key of a draw: the first eight bytes of the number that the text's hash
/// gives the label `what-if draw N`.
pub(crate) fn key(seed: &str, number: u32) -> u64 {
    let root = lottery::pool_root(&[seed]);
    let bytes = lottery::number(&root, format!("what-if draw {number}").as_bytes());
    let first = bytes.iter().take(8);
    first.fold(0, |key, byte| key << 8 | u64::from(*byte))
}

/// Returns the place of each of `count` tickets, from 0: a shuffle from the last to the
/// second (Fisher and Yates; Durstenfeld 1964).
pub(crate) fn shuffle(key: u64, count: u32) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count).collect();
    let mut stream = Stream(key);
    for last in (1..count).rev() {
        let other = stream.below(last + 1);
        order.swap(last as usize, other as usize);
    }
    let mut place = vec![0; order.len()];
    for (at, ticket) in (0u32..).zip(order) {
        if let Some(slot) = place.get_mut(ticket as usize) {
            *slot = at;
        }
    }
    place
}

/// A draw of its own at each provider: a permutation of the numbers of `2 * half` bits
/// by four rounds of Feistel's network (Luby and Rackoff 1988), so that no two tickets
/// have one number and nothing needs to be sorted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scrambled {
    rounds: [u64; 4],
    half: u32,
}

impl Scrambled {
    /// Returns the draw at a provider for numbers below `4^half`; `half` is 1 to 16.
    pub fn new(key: u64, provider: u32, half: u32) -> Self {
        let mut stream = Stream(key ^ mix(u64::from(provider) + 1));
        Self {
            rounds: std::array::from_fn(|_| stream.next()),
            half,
        }
    }

    /// Returns the number of a ticket.
    pub fn of(&self, ticket: u32) -> u32 {
        let mask = (1u32 << self.half) - 1;
        let (mut left, mut right) = (ticket >> self.half & mask, ticket & mask);
        for round in self.rounds {
            let f = u32::try_from(mix(round ^ u64::from(right)) >> 32).unwrap_or(0) & mask;
            (left, right) = (right, left ^ f);
        }
        left << self.half | right
    }
}

/// Returns half the bits that numbers below `count` need, at least 1.
pub(crate) fn half_bits(count: u32) -> u32 {
    let bits = u32::BITS - count.saturating_sub(1).leading_zeros();
    bits.div_ceil(2).max(1)
}

/// Returns the tickets in an order that follows from the text alone, for samples.
pub(crate) fn sample_order(seed: &str, of: &mut [u32]) {
    let key = key(seed, 0);
    of.sort_unstable_by_key(|ticket| (mix(key ^ mix(u64::from(*ticket))), *ticket));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_permutations_and_differ() {
        for count in [0u32, 1, 2, 3, 64, 1000] {
            let mut places = shuffle(key("t", 1), count);
            places.sort_unstable();
            assert!(places.iter().copied().eq(0..count));
            let half = half_bits(count);
            for provider in 0..3 {
                let draw = Scrambled::new(key("t", 1), provider, half);
                let mut numbers: Vec<u32> = (0..count).map(|t| draw.of(t)).collect();
                numbers.sort_unstable();
                numbers.dedup();
                assert_eq!(numbers.len(), count as usize);
                assert!(numbers.iter().all(|n| u64::from(*n) < 1 << (2 * half)));
            }
        }
        assert_ne!(key("t", 1), key("t", 2));
        assert_ne!(key("t", 1), key("u", 1));
        assert_ne!(shuffle(key("t", 1), 50), shuffle(key("t", 2), 50));
        let at = |p| Scrambled::new(9, p, 4).of(5);
        assert!((0..20).any(|p| at(p) != at(p + 1)));
    }

    #[test]
    fn every_order_of_four_is_about_equally_likely() {
        let mut seen = std::collections::BTreeMap::new();
        for number in 0..24_000 {
            *seen.entry(shuffle(key("fair", number), 4)).or_insert(0u32) += 1;
        }
        assert_eq!(seen.len(), 24);
        assert!(seen.values().all(|n| (850..1150).contains(n)), "{seen:?}");
    }

    #[test]
    fn at_a_provider_every_ticket_is_first_about_equally_often() {
        let mut first = [0u32; 10];
        for number in 0..10_000 {
            let draw = Scrambled::new(key("fair", number), 7, half_bits(10));
            let best = (0..10u32).min_by_key(|t| draw.of(*t)).unwrap();
            first[best as usize] += 1;
        }
        assert!(first.iter().all(|n| (880..1120).contains(n)), "{first:?}");
    }
}
