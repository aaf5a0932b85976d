//! How a node is split.

use super::{Record, Search, Way};
use crate::core::{Ends, Stand, floor_to};
use crate::lp::Fraction;
use crate::outcome::{Prices, Split};
use crate::primal::Draft;

impl Search<'_> {
    pub(super) fn split(&mut self, id: usize, stand: &[Stand], ends: &[Ends]) {
        let fractions = self.lp.fractional(&self.core.counts);
        let free = |f: &&Fraction| f.item.is_none_or(|at| stand.get(at) == Some(&Stand::Free));
        let gap = match (&self.best, self.records.get(id)) {
            (Some(v), Some(r)) => (r.bound - v) as f64 + 1.0,
            _ => 1e12,
        };
        let score = |f: &Fraction| {
            let (down, up) = (f.down.min(gap).max(1e-6), f.up.min(gap).max(1e-6));
            down * up
        };
        let chosen = fractions
            .iter()
            .filter(free)
            .max_by(|a, b| score(a).total_cmp(&score(b)));
        let (split, ways, first_up) = match chosen {
            Some(f) => {
                let up = f.up < f.down;
                match f.item {
                    Some(at) => (self.item_split(at), item_ways(at), up),
                    None => match self.row_split(f, ends) {
                        Some((split, ways)) => (split, ways, up),
                        None => return self.split_any(id, stand, ends),
                    },
                }
            }
            None => return self.split_any(id, stand, ends),
        };
        self.push(id, split, ways, first_up);
    }

    fn item_split(&self, at: usize) -> Split {
        Split::Item(self.core.items.get(at).copied().unwrap_or(u32::MAX))
    }

    fn row_split(&self, f: &Fraction, ends: &[Ends]) -> Option<(Split, [Way; 2])> {
        let at = f.value.floor() as i128;
        let own = ends.get(f.row as usize)?;
        if own.lower.is_some_and(|l| at < l) || own.upper.is_some_and(|u| at >= u) {
            return None;
        }
        // The problem counts what is fixed in, too.
        let used = self.core.used.get(f.row as usize)?;
        let split = Split::Row(f.row, i64::try_from(at + used).ok()?);
        Some((split, [Way::Upper(f.row, at), Way::Lower(f.row, at + 1)]))
    }

    /// Splits by any free item, the least certain first; without one, the box holds
    /// one choice alone, which decides.
    fn split_any(&mut self, id: usize, stand: &[Stand], ends: &[Ends]) {
        let point = self.lp.point();
        let near = |at: usize| {
            let x = point.get(at).copied().unwrap_or(0.0);
            (x - 0.5).abs()
        };
        let reduced = self.lp.reduced();
        let sure = |at: usize| reduced.get(at).copied().unwrap_or(0.0).abs();
        let free = (0..self.core.len()).filter(|at| stand.get(*at) == Some(&Stand::Free));
        let chosen = free.min_by(|a, b| {
            near(*a)
                .total_cmp(&near(*b))
                .then(sure(*a).total_cmp(&sure(*b)))
        });
        match chosen {
            Some(at) => {
                let up = point.get(at).copied().unwrap_or(0.0) > 0.5;
                self.push(id, self.item_split(at), item_ways(at), up);
            }
            None => self.close_single(id, stand, ends),
        }
    }

    /// Closes a box that holds one choice: its value bounds it, or a row forbids it.
    fn close_single(&mut self, id: usize, stand: &[Stand], ends: &[Ends]) {
        let taken: Vec<bool> = stand.iter().map(|s| *s == Stand::In).collect();
        self.offer(Draft::new(self.core, taken));
        let rows = u32::try_from(ends.len()).unwrap_or(u32::MAX);
        let broken = (0..rows).find_map(|row| {
            [1, -1].into_iter().find_map(|price| {
                let prices = vec![(row, price)];
                self.core.conflicts(&prices, ends, stand).then_some(prices)
            })
        });
        let plain = self.core.price(&Prices::new(), self.scale, ends, stand);
        // What the node's prices fixed needs these prices in the proof; what closes
        // it stands below them.
        let first = self.records.len();
        let Some(record) = self.records.get_mut(id) else {
            return;
        };
        let mut closing = Record {
            parent: id,
            way: Way::Same,
            bound: record.bound,
            prices: None,
            fixes: Vec::new(),
            conflict: broken.is_some(),
            kids: None,
        };
        match (broken, plain) {
            (Some(prices), _) => closing.prices = Some(prices),
            (None, Some(plain)) => {
                closing.prices = Some(Prices::new());
                closing.bound = floor_to(plain.total, self.scale, self.step);
            }
            (None, None) => {}
        }
        record.kids = Some((Split::Again, first));
        self.records.push(closing);
    }

    fn push(&mut self, id: usize, split: Split, ways: [Way; 2], first_up: bool) {
        let Some(record) = self.records.get_mut(id) else {
            return;
        };
        let bound = record.bound;
        let first = self.records.len();
        if let Some(record) = self.records.get_mut(id) {
            record.kids = Some((split, first));
        }
        for way in ways {
            self.records.push(Record {
                parent: id,
                way,
                bound,
                prices: None,
                fixes: Vec::new(),
                conflict: false,
                kids: None,
            });
        }
        let (near, far) = if first_up {
            (first + 1, first)
        } else {
            (first, first + 1)
        };
        self.next = Some(near);
        self.open.push((bound, std::cmp::Reverse(far)));
    }
}

fn item_ways(at: usize) -> [Way; 2] {
    [Way::Item(at, false), Way::Item(at, true)]
}
