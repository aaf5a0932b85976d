//! Branch and bound whose every step is decided by integer prices.

use std::collections::BinaryHeap;

use crate::core::{Core, Ends, Priced, Stand, floor_to};
use crate::lp::{End, Fraction, Lp};
use crate::outcome::{Node, Prices, Split};
use crate::primal::Draft;

/// Rows beyond the first are taken into the relaxation when they are violated, at
/// most so many at once.
const ROWS_AT_ONCE: usize = 40;
/// The relaxation keeps to this many rows; a row beyond is taken in only to cut off
/// a point that would pass for a choice.
const ROWS_MAX: usize = 400;

#[derive(Debug, Clone, Copy)]
enum Way {
    Root,
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
                Way::Item(..) => {}
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

    fn split(&mut self, id: usize, stand: &[Stand], ends: &[Ends]) {
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
        let Some(record) = self.records.get_mut(id) else {
            return;
        };
        if let Some(prices) = broken {
            record.prices = Some(prices);
            record.conflict = true;
        } else if let Some(plain) = plain {
            record.prices = Some(Prices::new());
            record.bound = floor_to(plain.total, self.scale, self.step);
        }
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

    /// Returns what the first node's prices fix at the best value so far, with the
    /// prices.
    pub fn fixed_at_root(&self) -> Option<(Vec<(usize, bool)>, Prices)> {
        let prices = self.records.first()?.prices.clone()?;
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
            if let Some((_, first)) = kids {
                stack.push(first + 1);
                stack.push(first);
            }
        }
        nodes
    }
}

fn item_ways(at: usize) -> [Way; 2] {
    [Way::Item(at, false), Way::Item(at, true)]
}

/// Rounds prices to integers; a price for an end that is not there becomes 0.
pub(crate) fn whole_prices(prices: &[(u32, f64)], scale: i64, ends: &[Ends]) -> Prices {
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
pub(crate) fn fixed_by(
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
