use rayon::prelude::*;

use crate::number;

/// Returns the rank (from 1) of each pair of label and ticket: by the label's
/// number, and within one number (a family's) by ticket.
///
/// The order of the argument does not matter; the tickets have to be distinct.
#[must_use]
pub fn ranks_single(seed: &[u8; 32], tickets: &[(&str, &str)]) -> Vec<u32> {
    let mut order: Vec<([u8; 32], &str, usize)> = tickets
        .par_iter()
        .enumerate()
        .map(|(index, (label, ticket))| (number(seed, label.as_bytes()), *ticket, index))
        .collect();
    order.par_sort_unstable();
    let mut ranks = vec![0u32; tickets.len()];
    for (rank, (_, _, index)) in (1u32..).zip(order) {
        if let Some(slot) = ranks.get_mut(index) {
            *slot = rank;
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_stand_together_and_input_order_is_nothing() {
        let seed = [9u8; 32];
        let list = [
            ("F1", "a"),
            ("F2", "b"),
            ("F1", "c"),
            ("F3", "d"),
            ("F1", "e"),
        ];
        let ranks = ranks_single(&seed, &list);
        assert_eq!(ranks[2], ranks[0] + 1);
        assert_eq!(ranks[4], ranks[0] + 2);
        let mut shuffled = list;
        shuffled.reverse();
        let mut again = ranks_single(&seed, &shuffled);
        again.reverse();
        assert_eq!(ranks, again);
        let mut sorted = ranks;
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3, 4, 5]);
    }
}
