//! From what a relaxation suggests to a choice that keeps to every row.

use crate::core::{Core, Ends};

/// Of the items that are nearest to changing sides, this many are tried in pairs.
const PAIRS: usize = 80;

/// A choice being worked on.
pub(crate) struct Draft<'a> {
    core: &'a Core,
    pub taken: Vec<bool>,
    sums: Vec<i128>,
    pub work: u64,
}

impl<'a> Draft<'a> {
    pub fn new(core: &'a Core, taken: Vec<bool>) -> Self {
        let mut draft = Self {
            core,
            taken: vec![false; core.len()],
            sums: vec![0; core.ends.len()],
            work: 0,
        };
        for (at, take) in taken.into_iter().enumerate() {
            if take {
                draft.flip(at);
            }
        }
        draft
    }

    fn flip(&mut self, at: usize) {
        let Some(own) = self.taken.get_mut(at) else {
            return;
        };
        *own = !*own;
        let sign = if *own { 1 } else { -1 };
        for &(row, a) in self.core.column(at) {
            if let Some(sum) = self.sums.get_mut(row as usize) {
                *sum += sign * i128::from(a);
            }
        }
        self.work += self.core.column(at).len() as u64;
    }

    fn outside(ends: &Ends, sum: i128) -> i128 {
        let under = ends.lower.map_or(0, |l| (l - sum).max(0));
        let over = ends.upper.map_or(0, |u| (sum - u).max(0));
        under + over
    }

    fn row(&self, row: u32) -> Option<(&Ends, i128)> {
        Some((
            self.core.ends.get(row as usize)?,
            *self.sums.get(row as usize)?,
        ))
    }

    /// Returns whether changing sides makes no row worse off.
    fn fits(&mut self, at: usize) -> bool {
        let sign = if self.taken.get(at) == Some(&true) {
            -1
        } else {
            1
        };
        self.work += self.core.column(at).len() as u64;
        self.core.column(at).iter().all(|&(row, a)| {
            self.row(row).is_some_and(|(ends, sum)| {
                let then = Self::outside(ends, sum + sign * i128::from(a));
                then == 0 || then <= Self::outside(ends, sum)
            })
        })
    }

    pub fn feasible(&self) -> bool {
        let rows = self.core.ends.iter().zip(&self.sums);
        rows.into_iter()
            .all(|(ends, sum)| Self::outside(ends, *sum) == 0)
    }

    pub fn value(&self) -> i128 {
        let items = self.core.values.iter().zip(&self.taken);
        let taken = items.filter(|(_, t)| **t).map(|(v, _)| i128::from(*v));
        self.core.base + taken.sum::<i128>()
    }

    fn worth(&self, at: usize) -> i128 {
        let value = self.core.values.get(at).copied().unwrap_or(0);
        if self.taken.get(at) == Some(&true) {
            -i128::from(value)
        } else {
            i128::from(value)
        }
    }

    /// How much changing sides mends, each row in parts of its own violation.
    fn mends(&self, at: usize) -> f64 {
        let sign = if self.taken.get(at) == Some(&true) {
            -1
        } else {
            1
        };
        let mut total = 0.0;
        for &(row, a) in self.core.column(at) {
            let Some((ends, sum)) = self.row(row) else {
                continue;
            };
            let now = Self::outside(ends, sum);
            let then = Self::outside(ends, sum + sign * i128::from(a));
            if now != then {
                let size = ends.upper.or(ends.lower).unwrap_or(1).unsigned_abs().max(1) as f64;
                total += (now - then) as f64 / size;
            }
        }
        total
    }

    /// Changes sides, the cheapest mending first, until every row is kept or no
    /// change helps. `reduced` is what an item is worth at the present prices.
    pub fn repair(&mut self, reduced: &[f64]) {
        for _ in 0..self.core.len().min(200) {
            if self.feasible() {
                return;
            }
            let mut best: Option<(f64, usize)> = None;
            for at in 0..self.core.len() {
                let mends = self.mends(at);
                self.work += self.core.column(at).len() as u64;
                if mends <= 0.0 {
                    continue;
                }
                let d = reduced.get(at).copied().unwrap_or(0.0);
                let taken = self.taken.get(at) == Some(&true);
                let loss = if taken { d } else { -d }.max(0.0);
                let score = mends / (loss + 1e-6);
                if best.is_none_or(|b| score > b.0) {
                    best = Some((score, at));
                }
            }
            match best {
                Some((_, at)) => self.flip(at),
                None => return,
            }
        }
    }

    /// Takes what may be taken and gains, in this order.
    pub fn fill(&mut self, order: &[usize]) {
        for &at in order {
            if self.worth(at) > 0 && self.fits(at) {
                self.flip(at);
            }
        }
    }

    /// Exchanges one for one as long as that gains, near the border of `order`
    /// (from what the prices want most to what they want least).
    pub fn exchange(&mut self, order: &[usize]) {
        for _ in 0..50 {
            let inside: Vec<usize> = order
                .iter()
                .rev()
                .copied()
                .filter(|at| self.taken.get(*at) == Some(&true))
                .take(PAIRS)
                .collect();
            let outside: Vec<usize> = order
                .iter()
                .copied()
                .filter(|at| self.taken.get(*at) == Some(&false))
                .take(PAIRS)
                .collect();
            let mut best: Option<(i128, usize, usize)> = None;
            for &out in &inside {
                let lost = self.worth(out);
                self.flip(out);
                for &new in &outside {
                    let gain = lost + self.worth(new);
                    if gain > best.map_or(0, |b| b.0) && self.fits(new) {
                        self.flip(new);
                        if self.feasible() {
                            best = Some((gain, out, new));
                        }
                        self.flip(new);
                    }
                }
                self.flip(out);
            }
            match best {
                Some((_, out, new)) => {
                    self.flip(out);
                    self.flip(new);
                    self.fill(order);
                }
                None => return,
            }
        }
    }
}
