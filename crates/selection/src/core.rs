//! The part of a problem that is still open, and the bound that prices give on it.

use crate::outcome::Prices;
use crate::problem::Problem;

/// The ends of a row's sum over what is still free; `None` is no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends {
    pub lower: Option<i128>,
    pub upper: Option<i128>,
}

/// The free items of a problem; everything fixed has gone into `base` and the ends.
#[derive(Debug, Clone)]
pub(crate) struct Core {
    /// The items, as the problem numbers them.
    pub items: Vec<u32>,
    pub values: Vec<i64>,
    /// First term of each item in `terms`, one more than there are items.
    first: Vec<usize>,
    /// Row and coefficient.
    terms: Vec<(u32, i64)>,
    pub ends: Vec<Ends>,
    /// Whether the row's sum may be split between whole numbers.
    pub counts: Vec<bool>,
    /// The value of what is fixed in.
    pub base: i128,
    /// What of each row's sum is fixed in.
    pub used: Vec<i128>,
}

/// What prices say about a box.
#[derive(Debug, Clone)]
pub(crate) struct Priced {
    /// The bound times the scale.
    pub total: i128,
    /// Each item's value less what it pays, times the scale.
    pub reduced: Vec<i128>,
}

/// Whether an item is out, in or free in a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stand {
    Free,
    Out,
    In,
}

impl Core {
    /// Returns the free part of a problem with these items fixed. A last row
    /// counts all items.
    pub fn new(problem: &Problem, fixed: &[Option<bool>]) -> Self {
        let mut place = vec![None; fixed.len()];
        let (mut items, mut values, mut base) = (Vec::new(), Vec::new(), 0i128);
        let all = (0u32..).zip(problem.values.iter().zip(fixed));
        let mut inside = 0i128;
        for ((item, (value, fix)), place) in all.zip(&mut place) {
            match fix {
                None => {
                    *place = Some(items.len());
                    items.push(item);
                    values.push(*value);
                }
                Some(true) => {
                    base += i128::from(*value);
                    inside += 1;
                }
                Some(false) => {}
            }
        }
        let mut columns: Vec<Vec<(u32, i64)>> = vec![Vec::new(); items.len()];
        let (mut ends, mut counts, mut used_of) = (Vec::new(), Vec::new(), Vec::new());
        for (row, own) in (0u32..).zip(&problem.rows) {
            let mut used = 0i128;
            for &(item, a) in &own.terms {
                match place.get(item as usize).copied().flatten() {
                    Some(at) => {
                        if let Some(column) = columns.get_mut(at) {
                            column.push((row, a));
                        }
                    }
                    None if fixed.get(item as usize) == Some(&Some(true)) => used += i128::from(a),
                    None => {}
                }
            }
            ends.push(Ends {
                lower: own.lower.map(|l| i128::from(l) - used),
                upper: own.upper.map(|u| i128::from(u) - used),
            });
            counts.push(own.counts());
            used_of.push(used);
        }
        let count_row = u32::try_from(problem.rows.len()).unwrap_or(u32::MAX);
        for column in &mut columns {
            column.push((count_row, 1));
        }
        let all = i128::try_from(problem.values.len()).unwrap_or(i128::MAX);
        ends.push(Ends {
            lower: Some(-inside),
            upper: Some(all - inside),
        });
        counts.push(true);
        used_of.push(inside);
        let mut first = vec![0];
        let mut terms = Vec::new();
        for column in columns {
            terms.extend(column);
            first.push(terms.len());
        }
        Self {
            items,
            values,
            first,
            terms,
            ends,
            counts,
            base,
            used: used_of,
        }
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Returns rows and coefficients of the item at a place.
    pub fn column(&self, at: usize) -> &[(u32, i64)] {
        let (from, to) = (self.first.get(at), self.first.get(at + 1));
        let range = from.copied().unwrap_or(0)..to.copied().unwrap_or(0);
        self.terms.get(range).unwrap_or(&[])
    }

    /// Returns what prices say about a box: the fixed value, the ends that the
    /// prices pay for, and of each item the better of in and out. Holds for any
    /// prices whatever (weak duality); `None` when a sum leaves 128 bits or a
    /// price is paid for an end that is not there.
    pub fn price(
        &self,
        prices: &Prices,
        scale: i64,
        ends: &[Ends],
        stand: &[Stand],
    ) -> Option<Priced> {
        let scale = i128::from(scale);
        let mut dense = vec![0i64; self.ends.len()];
        let mut total = self.base.checked_mul(scale)?;
        for &(row, price) in prices {
            let own = ends.get(row as usize)?;
            let end = if price > 0 { own.upper? } else { own.lower? };
            total = total.checked_add(end.checked_mul(i128::from(price))?)?;
            *dense.get_mut(row as usize)? = price;
        }
        let mut reduced = Vec::with_capacity(self.len());
        for (at, (value, stand)) in self.values.iter().zip(stand).enumerate() {
            let mut net = i128::from(*value).checked_mul(scale)?;
            for &(row, a) in self.column(at) {
                let price = dense.get(row as usize).copied().unwrap_or(0);
                if price != 0 {
                    net = net.checked_sub(i128::from(price) * i128::from(a))?;
                }
            }
            if *stand == Stand::In || (*stand == Stand::Free && net > 0) {
                total = total.checked_add(net)?;
            }
            reduced.push(net);
        }
        Some(Priced { total, reduced })
    }

    /// Returns whether the prices prove that the box holds no choice: with every
    /// value 0 the bound would be below 0.
    pub fn conflicts(&self, prices: &Prices, ends: &[Ends], stand: &[Stand]) -> bool {
        self.price(prices, 0, ends, stand)
            .is_some_and(|p| p.total < 0)
    }
}

/// Returns the bound in units of value: rounded down to a multiple of `step`.
pub(crate) fn floor_to(total: i128, scale: i64, step: i128) -> i128 {
    let unit = i128::from(scale).saturating_mul(step).max(1);
    total.div_euclid(unit).saturating_mul(step)
}
