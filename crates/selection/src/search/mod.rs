//! Branch and bound whose every step is decided by integer prices.

mod proof;
mod split;

use std::collections::BinaryHeap;

use crate::core::{Core, Ends, Stand, floor_to};
use crate::lp::{End, Lp};
use crate::outcome::{Prices, Split};
use crate::primal::Draft;
use proof::{fixed_by, whole_prices};

/// Rows beyond the first are taken into the relaxation when they are violated, at
/// most so many at once.
const ROWS_AT_ONCE: usize = 40;
/// The relaxation keeps to this many rows; a row beyond is taken in only to cut off
/// a point that would pass for a choice.
const ROWS_MAX: usize = 400;

#[derive(Debug, Clone, Copy)]
enum Way {
    Root,
    /// The parent's box with what the parent fixed.
    Same,
    Item(usize, bool),
    Upper(u32, i128),
    Lower(u32, i128),
}

#[derive(Debug)]
struct Record {
    parent: usize,
    way: Way,
    /// No choice below is worth more.
    bound: i128,
    prices: Option<Prices>,
    fixes: Vec<(usize, bool)>,
    conflict: bool,
    /// What it is split by, and its first child; the second comes after.
    kids: Option<(Split, usize)>,
}

/// The state of a search in a core.
pub(crate) struct Search<'a> {
    core: &'a Core,
    pub lp: Lp,
    scale: i64,
    step: i128,
    /// The best value so far.
    pub best: Option<i128>,
    /// The choice of the core's items that has it, when it was found here.
    pub taken: Option<Vec<bool>>,
    records: Vec<Record>,
    open: BinaryHeap<(i128, std::cmp::Reverse<usize>)>,
    /// The child that is worked on next.
    next: Option<usize>,
    pub nodes: u64,
    extra: u64,
}

impl<'a> Search<'a> {
    /// Starts at the whole core, of which `bound` is known without any price.
    pub fn new(
        core: &'a Core,
        scale: i64,
        step: i128,
        best: Option<i128>,
        bound: i128,
        rows: &[u32],
    ) -> Self {
        let mut lp = Lp::new(core);
        lp.add_rows(core, rows);
        Self {
            core,
            lp,
            scale,
            step,
            best,
            taken: None,
            records: vec![Record {
                parent: 0,
                way: Way::Root,
                bound,
                prices: Some(Prices::new()),
                fixes: Vec::new(),
                conflict: false,
                kids: None,
            }],
            open: BinaryHeap::new(),
            next: Some(0),
            nodes: 0,
            extra: 0,
        }
    }

    /// Returns how much was worked.
    pub fn work(&self) -> u64 {
        self.lp.work + self.extra
    }

    fn closes(&self, bound: i128) -> bool {
        self.best.is_some_and(|v| bound <= v)
    }

    /// Works on nodes until none is open, so many are done, or the work is spent.
    /// Returns whether none is open.
    pub fn run(&mut self, nodes: u64, work: u64) -> bool {
        loop {
            let id = match self.next.take() {
                Some(id) => id,
                None => match self.open.pop() {
                    Some((_, std::cmp::Reverse(id))) => id,
                    None => return true,
                },
            };
            if self
                .records
                .get(id)
                .is_none_or(|r| r.conflict || self.closes(r.bound))
            {
                continue;
            }
            if self.nodes >= nodes || self.work() >= work {
                self.next = Some(id);
                return false;
            }
            self.nodes += 1;
            self.process(id);
        }
    }

    /// Returns the greatest bound of what is still open.
    pub fn open_bound(&self) -> Option<i128> {
        let ids = self.open.iter().map(|(_, id)| id.0).chain(self.next);
        ids.filter_map(|id| self.records.get(id))
            .filter(|r| !r.conflict && !self.closes(r.bound))
            .map(|r| r.bound)
            .max()
    }

    /// Collects what is fixed on the way to a node.
    fn state(&self, id: usize) -> (Vec<Stand>, Vec<Ends>) {
        let mut stand = vec![Stand::Free; self.core.len()];
        let mut ends = self.core.ends.clone();
        let mut at = id;
        while let Some(record) = self.records.get(at) {
            let fixes = record.fixes.iter().copied();
            let own = match record.way {
                Way::Item(item, inside) => Some((item, inside)),
                _ => None,
            };
            for (item, inside) in fixes.chain(own) {
                if let Some(s) = stand.get_mut(item) {
                    *s = if inside { Stand::In } else { Stand::Out };
                }
            }
            match record.way {
                Way::Root => break,
                Way::Same | Way::Item(..) => {}
                Way::Upper(row, end) => {
                    if let Some(e) = ends.get_mut(row as usize) {
                        e.upper = Some(e.upper.map_or(end, |u| u.min(end)));
                    }
                }
                Way::Lower(row, end) => {
                    if let Some(e) = ends.get_mut(row as usize) {
                        e.lower = Some(e.lower.map_or(end, |l| l.max(end)));
                    }
                }
            }
            at = record.parent;
        }
        (stand, ends)
    }

    fn cut(&self) -> f64 {
        let Some(value) = self.best else {
            return f64::NEG_INFINITY;
        };
        let cut = (value + self.step - self.core.base) as f64;
        cut - 1e-9 * cut.abs() - 1e-3
    }

    /// Returns the inherited prices of a node.
    fn inherited(&self, id: usize) -> Prices {
        let mut at = id;
        while let Some(record) = self.records.get(at) {
            if let Some(prices) = &record.prices {
                return prices.clone();
            }
            at = record.parent;
        }
        Prices::new()
    }

    fn process(&mut self, id: usize) {
        let (mut stand, ends) = self.state(id);
        self.lp.set_box(&stand);
        self.lp.set_ends(&ends);
        let mut end = self.solve(self.cut(), &ends);
        if end == End::Cut && !self.take_prices(id, &stand, &ends) {
            // The rounding of the prices lost what closed it: go to the end.
            end = self.solve(f64::NEG_INFINITY, &ends);
        }
        if let End::Infeasible(ray) = &end
            && let Some(prices) = self.conflict(ray, &stand, &ends)
        {
            if let Some(record) = self.records.get_mut(id) {
                record.prices = Some(prices);
                record.conflict = true;
            }
            return;
        }
        if self.take_prices(id, &stand, &ends) {
            return;
        }
        self.fix(id, &mut stand, &ends);
        let point = self.lp.point();
        if end != End::Stalled && (self.nodes < 60 || self.nodes.is_multiple_of(16)) {
            self.round(&point, self.nodes < 20);
        } else {
            self.whole(&point);
        }
        if self.records.get(id).is_some_and(|r| self.closes(r.bound)) {
            return;
        }
        self.split(id, &stand, &ends);
    }

    /// Solves, taking in rows that the point violates.
    fn solve(&mut self, cut: f64, ends: &[Ends]) -> End {
        loop {
            let end = self.lp.solve(cut);
            if end != End::Optimal {
                return end;
            }
            let add = self.violated(ends);
            if add.is_empty() {
                return end;
            }
            self.lp.add_rows(self.core, &add);
            self.lp.set_ends(ends);
        }
    }

    /// Returns the rows outside the relaxation that its point violates most.
    fn violated(&mut self, ends: &[Ends]) -> Vec<u32> {
        if self.lp.rows() >= self.core.ends.len() {
            return Vec::new();
        }
        let point = self.lp.point();
        let whole = point.iter().all(|x| *x < 1e-6 || *x > 1.0 - 1e-6);
        if self.lp.rows() >= ROWS_MAX && !whole {
            return Vec::new();
        }
        let mut sums = vec![0.0; ends.len()];
        for (at, x) in point.iter().enumerate() {
            if *x > 0.0 {
                for &(row, a) in self.core.column(at) {
                    if let Some(sum) = sums.get_mut(row as usize) {
                        *sum += a as f64 * x;
                    }
                }
            }
        }
        self.extra += point.len() as u64 * 2;
        let mut found: Vec<(f64, u32)> = (0u32..)
            .zip(sums.iter().zip(ends))
            .filter(|(row, _)| !self.lp.has_row(*row))
            .filter_map(|(row, (sum, ends))| {
                let under = ends.lower.map_or(0.0, |l| l as f64 - sum);
                let over = ends.upper.map_or(0.0, |u| sum - u as f64);
                let far = under.max(over);
                (far > 1e-6 * (1.0 + sum.abs())).then_some((far, row))
            })
            .collect();
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(ROWS_AT_ONCE);
        found.into_iter().map(|(_, row)| row).collect()
    }

    /// Rounds the relaxation's prices to integers and keeps them when they bound
    /// better than what was inherited. Returns whether they close the node.
    fn take_prices(&mut self, id: usize, stand: &[Stand], ends: &[Ends]) -> bool {
        let prices = whole_prices(&self.lp.prices(), self.scale, ends);
        self.extra += self.core.len() as u64 * 4;
        let own = self
            .core
            .price(&prices, self.scale, ends, stand)
            .map(|p| floor_to(p.total, self.scale, self.step));
        let Some(own) = own else {
            return false;
        };
        let closes = self.closes(own);
        if let Some(record) = self.records.get_mut(id)
            && own <= record.bound
        {
            record.bound = own;
            record.prices = Some(prices);
        }
        closes
    }

    fn conflict(&self, ray: &[(u32, f64)], stand: &[Stand], ends: &[Ends]) -> Option<Prices> {
        let largest = ray.iter().map(|(_, p)| p.abs()).fold(0.0, f64::max);
        if !largest.is_finite() || largest <= 0.0 {
            return None;
        }
        [1.0, 60.0, 1e3, 1e6, 1e9, 1e12, 1e15]
            .iter()
            .find_map(|size| {
                let unit: Vec<(u32, f64)> =
                    ray.iter().map(|(r, p)| (*r, p / largest * size)).collect();
                let prices = whole_prices(&unit, 1, ends);
                self.core.conflicts(&prices, ends, stand).then_some(prices)
            })
    }

    /// Fixes every free item that would lose too much on its other side.
    fn fix(&mut self, id: usize, stand: &mut [Stand], ends: &[Ends]) {
        let Some(best) = self.best else {
            return;
        };
        let Some(prices) = self.records.get(id).and_then(|r| r.prices.as_ref()) else {
            return;
        };
        // A proof writes no prices where there are none, and what is not written fixes
        // nothing.
        if prices.is_empty() {
            return;
        }
        let Some(priced) = self.core.price(prices, self.scale, ends, stand) else {
            return;
        };
        let found = fixed_by(&priced, stand, self.scale, self.step, best);
        for &(at, inside) in &found {
            if let Some(s) = stand.get_mut(at) {
                *s = if inside { Stand::In } else { Stand::Out };
            }
        }
        if let Some(record) = self.records.get_mut(id) {
            record.fixes = found;
        }
    }

    /// Takes the point itself when it is whole.
    fn whole(&mut self, point: &[f64]) {
        if point.iter().all(|x| *x < 1e-6 || *x > 1.0 - 1e-6) {
            let taken = point.iter().map(|x| *x > 0.5).collect();
            let draft = Draft::new(self.core, taken);
            self.offer(draft);
        }
    }

    fn offer(&mut self, draft: Draft<'_>) {
        self.extra += draft.work;
        if !draft.feasible() {
            return;
        }
        let value = draft.value();
        if self.best.is_none_or(|v| value > v) {
            self.best = Some(value);
            self.taken = Some(draft.taken);
        }
    }

    /// Rounds a point to choices.
    pub fn round(&mut self, point: &[f64], thorough: bool) {
        let reduced = self.lp.reduced().to_vec();
        let mut order: Vec<usize> = (0..self.core.len()).collect();
        let key = |at: usize| {
            let x = point.get(at).copied().unwrap_or(0.0);
            let d = reduced.get(at).copied().unwrap_or(0.0);
            d + x * 1e-3
        };
        order.sort_by(|a, b| key(*b).total_cmp(&key(*a)).then(a.cmp(b)));
        for threshold in [0.999_999, 0.5] {
            let taken = point.iter().map(|x| *x > threshold).collect();
            let mut draft = Draft::new(self.core, taken);
            draft.repair(&reduced);
            draft.fill(&order);
            if thorough && draft.feasible() {
                draft.exchange(&order);
            }
            self.offer(draft);
            if !thorough {
                break;
            }
        }
    }
}
