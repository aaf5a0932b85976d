//! What prices fix, and the tree as a proof.

use super::Search;
use crate::core::{Ends, Priced, Stand, floor_to};
use crate::outcome::{Node, Prices, Split};

impl Search<'_> {
    /// Returns what the first node's prices fix at the best value so far, with the
    /// prices.
    pub fn fixed_at_root(&self) -> Option<(Vec<(usize, bool)>, Prices)> {
        let prices = self.records.first()?.prices.clone()?;
        if prices.is_empty() {
            return None;
        }
        let stand = vec![Stand::Free; self.core.len()];
        let ends = &self.core.ends;
        let priced = self.core.price(&prices, self.scale, ends, &stand)?;
        let fixed = fixed_by(&priced, &stand, self.scale, self.step, self.best?);
        Some((fixed, prices))
    }

    /// Returns the items, those first whose reduced value at the first node is
    /// nearest to 0, and whether the prices want them in.
    pub fn unsure(&self) -> Option<Vec<(usize, bool)>> {
        let prices = self.records.first()?.prices.as_ref()?;
        let stand = vec![Stand::Free; self.core.len()];
        let ends = &self.core.ends;
        let priced = self.core.price(prices, self.scale, ends, &stand)?;
        let nets = priced.reduced.iter().enumerate();
        let mut order: Vec<(u128, usize, bool)> = nets
            .map(|(at, net)| (net.unsigned_abs(), at, *net > 0))
            .collect();
        order.sort_unstable();
        Some(
            order
                .into_iter()
                .map(|(_, at, wanted)| (at, wanted))
                .collect(),
        )
    }

    /// Returns the proof that nothing is worth more than `threshold` (or, without
    /// one, that nothing is possible), in preorder and without what it can do
    /// without.
    pub fn proof(&self, threshold: Option<i128>) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut stack = vec![0usize];
        while let Some(id) = stack.pop() {
            let Some(record) = self.records.get(id) else {
                continue;
            };
            if record.conflict {
                nodes.push(Node {
                    prices: record.prices.clone().unwrap_or_default(),
                    split: Split::Conflict,
                });
                continue;
            }
            let closed = threshold.is_some_and(|t| record.bound <= t);
            let kids = if closed { None } else { record.kids };
            let prices = match kids {
                Some(_) if record.fixes.is_empty() && id != 0 => Prices::new(),
                _ => self.inherited(id),
            };
            nodes.push(Node {
                prices,
                split: kids.map_or(Split::Leaf, |(split, _)| split),
            });
            if let Some((split, first)) = kids {
                if split != Split::Again {
                    stack.push(first + 1);
                }
                stack.push(first);
            }
        }
        nodes
    }
}

/// Rounds prices to integers; a price for an end that is not there becomes 0.
pub(super) fn whole_prices(prices: &[(u32, f64)], scale: i64, ends: &[Ends]) -> Prices {
    let most = (1i64 << 62) as f64;
    let mut whole: Prices = prices
        .iter()
        .filter_map(|&(row, price)| {
            let price = (price * scale as f64).round().clamp(-most, most) as i64;
            let own = ends.get(row as usize)?;
            let there = if price > 0 { own.upper } else { own.lower };
            (price != 0 && there.is_some()).then_some((row, price))
        })
        .collect();
    whole.sort_unstable();
    whole
}

/// Returns the free items whose other side is worth at most `best`, with the side
/// that is left.
pub(super) fn fixed_by(
    priced: &Priced,
    stand: &[Stand],
    scale: i64,
    step: i128,
    best: i128,
) -> Vec<(usize, bool)> {
    let items = priced.reduced.iter().zip(stand).enumerate();
    items
        .filter(|(_, (_, stand))| **stand == Stand::Free)
        .filter_map(|(at, (net, _))| {
            let other = priced.total.checked_sub(net.checked_abs()?)?;
            (floor_to(other, scale, step) <= best).then_some((at, *net > 0))
        })
        .collect()
}
