//! A tree of windows over one part.

use std::collections::BinaryHeap;

use super::lagrange::{extra, from_order, offer, run, whole};
use super::part::Part;
use super::price::{Prices, Windows, bound, up};
use super::{Branch, Calendar, Window};
use crate::Effort;
use crate::core::{Core, Ends, Stand};
use crate::lp::{End, Lp};
use crate::problem::{Problem, Row};

/// Choices of a part up to which a tree is grown.
const TREE_MAX: usize = 6000;

/// What a part came to.
pub(super) struct Solved {
    pub best: Option<(i128, Vec<usize>)>,
    /// `None` when nothing is possible.
    pub bound: Option<i128>,
    pub scale: i64,
    pub tree: Vec<Branch>,
}

struct Record {
    parent: usize,
    /// Place in the part, and its window.
    way: Option<(usize, (usize, usize))>,
    bound: i128,
    prices: Option<Prices>,
    conflict: bool,
    kids: Option<(Window, usize)>,
}

struct Tree<'a> {
    calendar: &'a Calendar,
    part: &'a Part,
    core: Core,
    lp: Lp,
    /// First column of each project, one more than there are.
    first: Vec<usize>,
    /// The cell or target of each row; none for the rows of one choice each.
    source: Vec<Option<usize>>,
    scale: i64,
    best: Option<(i128, Vec<usize>)>,
    records: Vec<Record>,
    open: BinaryHeap<(std::cmp::Reverse<i128>, std::cmp::Reverse<usize>)>,
    next: Option<usize>,
    nodes: u64,
    extra_work: u64,
}

/// Solves a part.
pub(super) fn solve(calendar: &Calendar, part: &Part, effort: Effort) -> Solved {
    let sizes: Vec<usize> = part
        .projects
        .iter()
        .map(|p| calendar.projects.get(*p).map_or(0, Vec::len))
        .collect();
    let windows: Windows = sizes.iter().map(|n| (0, *n)).collect();
    let scale = scale(calendar, part);
    let leaf = |split, prices| vec![Branch { prices, split }];
    if sizes.contains(&0) {
        return Solved {
            best: None,
            bound: None,
            scale,
            tree: leaf(Window::Conflict, Prices::new()),
        };
    }
    let found = run(calendar, part, &windows, scale, effort.work);
    let low = found.bound.unwrap_or(i128::MIN / 4);
    let closed = found.best.as_ref().is_some_and(|(c, _)| *c <= low);
    if closed || sizes.iter().sum::<usize>() > TREE_MAX {
        return Solved {
            best: found.best,
            bound: Some(low),
            scale,
            tree: leaf(Window::Leaf, found.prices),
        };
    }
    let mut tree = Tree::new(calendar, part, scale, &sizes, low, found.prices);
    tree.best = found.best;
    let done = tree.run(effort.nodes, effort.work.saturating_sub(found.work));
    tree.solved(done)
}

/// As for choices: rounding the prices shall cost less than one unit.
fn scale(calendar: &Calendar, part: &Part) -> i64 {
    let mut size = 1000f64;
    let mut most = 1f64;
    for choices in part
        .projects
        .iter()
        .filter_map(|p| calendar.projects.get(*p))
    {
        let of = |c: &super::Choice| c.uses.iter().map(|(_, a)| *a as f64).sum::<f64>();
        size += choices.iter().map(of).fold(0.0, f64::max);
        let cost = choices.iter().map(|c| c.cost.unsigned_abs() as f64);
        most += cost.fold(0.0, f64::max);
    }
    let mut scale = 1000i64;
    while (scale as f64) < size && scale < 1_000_000_000_000 {
        scale *= 10;
    }
    while scale > 1 && scale as f64 * most > 1e30 {
        scale /= 10;
    }
    scale
}

/// Rows: each cell that is used, each target, and one choice for each project.
fn problem(calendar: &Calendar, part: &Part) -> (Problem, Vec<Option<usize>>) {
    let mut problem = Problem::default();
    let cells = calendar.cells.len();
    let mut uses: Vec<Vec<(u32, i64)>> = vec![Vec::new(); cells + calendar.targets.len()];
    let mut ones = Vec::new();
    let mut column = 0u32;
    for choices in part
        .projects
        .iter()
        .filter_map(|p| calendar.projects.get(*p))
    {
        let mut own = Row {
            lower: Some(1),
            upper: Some(1),
            terms: Vec::new(),
        };
        for choice in choices {
            problem.values.push(choice.cost.saturating_neg());
            problem.fixed.push(None);
            own.terms.push((column, 1));
            for (cell, amount) in choice.uses.iter().filter(|(_, a)| *a > 0) {
                if let Some(list) = uses.get_mut(*cell as usize) {
                    list.push((column, *amount));
                }
            }
            for target in &choice.counts {
                if let Some(list) = uses.get_mut(cells + *target as usize) {
                    list.push((column, 1));
                }
            }
            column += 1;
        }
        ones.push(own);
    }
    let mut source = Vec::new();
    for (at, terms) in uses.into_iter().enumerate() {
        let target = at.checked_sub(cells);
        let ours = target.is_some_and(|t| part.targets.contains(&(t as u32)));
        if terms.is_empty() && !ours {
            continue;
        }
        let end = match target {
            None => calendar.cells.get(at),
            Some(target) => calendar.targets.get(target),
        };
        problem.rows.push(Row {
            lower: target.and(end.copied()),
            upper: if target.is_some() { None } else { end.copied() },
            terms,
        });
        source.push(Some(at));
    }
    source.extend(ones.iter().map(|_| None));
    problem.rows.extend(ones);
    (problem, source)
}

impl<'a> Tree<'a> {
    fn new(
        calendar: &'a Calendar,
        part: &'a Part,
        scale: i64,
        sizes: &[usize],
        low: i128,
        prices: Prices,
    ) -> Self {
        let (problem, source) = problem(calendar, part);
        let core = Core::new(&problem, &problem.fixed);
        let mut lp = Lp::new(&core);
        let rows: Vec<u32> = (0u32..).zip(&problem.rows).map(|(at, _)| at).collect();
        lp.add_rows(&core, &rows);
        let mut first = vec![0];
        for size in sizes {
            first.push(first.last().copied().unwrap_or(0) + size);
        }
        Self {
            calendar,
            part,
            core,
            lp,
            first,
            source,
            scale,
            best: None,
            records: vec![Record {
                parent: 0,
                way: None,
                bound: low,
                prices: Some(prices),
                conflict: false,
                kids: None,
            }],
            open: BinaryHeap::new(),
            next: Some(0),
            nodes: 0,
            extra_work: 0,
        }
    }

    fn closes(&self, bound: i128) -> bool {
        self.best.as_ref().is_some_and(|(c, _)| *c <= bound)
    }

    fn run(&mut self, nodes: u64, work: u64) -> bool {
        loop {
            let id = match self.next.take() {
                Some(id) => id,
                None => match self.open.pop() {
                    Some((_, std::cmp::Reverse(id))) => id,
                    None => return true,
                },
            };
            let over = self
                .records
                .get(id)
                .is_none_or(|r| r.conflict || self.closes(r.bound));
            if over {
                continue;
            }
            if self.nodes >= nodes || self.lp.work + self.extra_work >= work {
                self.next = Some(id);
                return false;
            }
            self.nodes += 1;
            self.process(id);
        }
    }

    fn windows(&self, id: usize) -> Windows {
        let spans = self.first.windows(2);
        let mut windows: Windows = spans
            .map(|w| (0, w.last().zip(w.first()).map_or(0, |(b, a)| b - a)))
            .collect();
        let mut at = id;
        while let Some(record) = self.records.get(at) {
            let Some((place, (from, to))) = record.way else {
                break;
            };
            if let Some(own) = windows.get_mut(place) {
                *own = (own.0.max(from), own.1.min(to));
            }
            at = record.parent;
        }
        windows
    }

    fn process(&mut self, id: usize) {
        let windows = self.windows(id);
        let mut stand = vec![Stand::Out; self.core.len()];
        for (first, (from, to)) in self.first.iter().zip(&windows) {
            for own in stand.iter_mut().skip(first + from).take(to - from) {
                *own = Stand::Free;
            }
        }
        self.lp.set_box(&stand);
        let ends: Vec<Ends> = self.core.ends.clone();
        self.lp.set_ends(&ends);
        let cut = self.best.as_ref().map_or(f64::NEG_INFINITY, |(c, _)| {
            let cut = -((c - 1) as f64);
            cut - 1e-9 * cut.abs() - 1e-4
        });
        let mut end = self.lp.solve(cut);
        if end == End::Cut && !self.take(id, &windows) {
            end = self.lp.solve(f64::NEG_INFINITY);
        }
        if let End::Infeasible(ray) = &end
            && let Some(prices) = self.conflict(ray, &windows)
        {
            if let Some(record) = self.records.get_mut(id) {
                record.prices = Some(prices);
                record.conflict = true;
            }
            return;
        }
        if self.take(id, &windows) {
            return;
        }
        let point = self.lp.point();
        self.list(&point);
        if self.records.get(id).is_some_and(|r| self.closes(r.bound)) {
            return;
        }
        self.split(id, &point, &windows);
    }

    /// The rows' prices as prices of cells and targets.
    fn dense(&self, rows: &[(u32, f64)]) -> Vec<f64> {
        let cells = self.calendar.cells.len();
        let mut dense = vec![0.0; cells + self.calendar.targets.len()];
        for (row, price) in rows {
            let Some(Some(at)) = self.source.get(*row as usize) else {
                continue;
            };
            if let Some(own) = dense.get_mut(*at) {
                *own = if *at < cells { *price } else { -price };
            }
        }
        dense
    }

    fn take(&mut self, id: usize, windows: &Windows) -> bool {
        let prices = whole(&self.dense(&self.lp.prices()), self.scale as f64);
        self.extra_work += self.core.len() as u64 * 4;
        let own = bound(self.calendar, self.part, windows, &prices, self.scale);
        let Some(own) = own.map(|b| up(b, self.scale)) else {
            return false;
        };
        let closes = self.closes(own);
        if let Some(record) = self.records.get_mut(id)
            && own >= record.bound
        {
            record.bound = own;
            record.prices = Some(prices);
        }
        closes
    }

    fn conflict(&self, ray: &[(u32, f64)], windows: &Windows) -> Option<Prices> {
        let dense = self.dense(ray);
        let largest = dense.iter().copied().fold(0.0, f64::max);
        let test = |prices: &Prices| {
            bound(self.calendar, self.part, windows, prices, 0).is_some_and(|b| b > 0)
        };
        [1.0, 60.0, 1e3, 1e6, 1e9, 1e12].iter().find_map(|size| {
            let prices = whole(&dense, size / largest.max(1e-300));
            test(&prices).then_some(prices)
        })
    }

    /// Makes a schedule of what the relaxation does.
    fn list(&mut self, point: &[f64]) {
        let mut mean = Vec::new();
        for span in self.first.windows(2) {
            let &[from, to] = span else { continue };
            let own = point.get(from..to).unwrap_or(&[]);
            mean.push(
                (0u32..)
                    .zip(own)
                    .map(|(k, x)| f64::from(k) * x)
                    .sum::<f64>(),
            );
        }
        let dense = self.dense(&self.lp.prices());
        let extra = extra(self.calendar, self.part, &dense);
        let thorough = self.nodes <= 3 || self.nodes.is_multiple_of(32);
        let board = from_order(self.calendar, self.part, &extra, &mean, thorough);
        self.extra_work += board.work;
        offer(&mut self.best, board.done());
        // The point itself, where it takes one choice of each.
        let mut board = super::list::Board::new(self.calendar, self.part);
        for (at, span) in self.first.windows(2).enumerate() {
            let &[from, to] = span else { continue };
            let own = point.get(from..to).unwrap_or(&[]);
            let Some(choice) = own.iter().position(|x| *x > 0.999) else {
                return;
            };
            board.set(at, Some(choice));
        }
        if board.fits_all() {
            offer(&mut self.best, board.done());
        }
    }

    fn split(&mut self, id: usize, point: &[f64], windows: &Windows) {
        let mut best: Option<(f64, usize, usize)> = None;
        for (at, (first, (from, to))) in self.first.iter().zip(windows).enumerate() {
            let mut sum = 0.0;
            for k in *from..to.saturating_sub(1) {
                sum += point.get(first + k).copied().unwrap_or(0.0);
                // Whole points are split last, in the middle of the widest window.
                let near = (sum - 0.5f64).abs().min(0.499_999);
                let middle = (*to as f64 - *from as f64) * 1e-9;
                let own = near - middle;
                if best.is_none_or(|b| own < b.0) {
                    best = Some((own, at, k + 1));
                }
            }
        }
        let Some((_, at, k)) = best else {
            return self.close_single(id, windows);
        };
        let (from, to) = windows.get(at).copied().unwrap_or((0, 0));
        let project = self.part.projects.get(at).copied().unwrap_or(0);
        let choices = self.calendar.projects.get(project);
        let start = choices.and_then(|c| c.get(k - 1)).and_then(|c| c.start);
        let window = Window::Start(project as u32, start.unwrap_or(u32::MAX));
        let first = self.records.len();
        let Some(record) = self.records.get_mut(id) else {
            return;
        };
        record.kids = Some((window, first));
        let bound = record.bound;
        for span in [(from, k), (k, to)] {
            self.records.push(Record {
                parent: id,
                way: Some((at, span)),
                bound,
                prices: None,
                conflict: false,
                kids: None,
            });
        }
        self.next = Some(first);
        let key = std::cmp::Reverse(bound);
        self.open.push((key, std::cmp::Reverse(first + 1)));
    }

    /// Closes a box of one choice each: its cost is its bound, or something is
    /// exceeded.
    fn close_single(&mut self, id: usize, windows: &Windows) {
        let mut board = super::list::Board::new(self.calendar, self.part);
        for (at, (from, _)) in windows.iter().enumerate() {
            board.set(at, Some(*from));
        }
        if board.fits_all() {
            offer(&mut self.best, board.done());
        }
        let all = self.calendar.cells.len() + self.calendar.targets.len();
        let broken = (0..all).find_map(|at| {
            let prices = vec![(u32::try_from(at).ok()?, 1)];
            let own = bound(self.calendar, self.part, windows, &prices, 0)?;
            (own > 0).then_some(prices)
        });
        let plain = bound(self.calendar, self.part, windows, &Prices::new(), 1);
        let Some(record) = self.records.get_mut(id) else {
            return;
        };
        if let Some(prices) = broken {
            record.prices = Some(prices);
            record.conflict = true;
        } else if let Some(plain) = plain {
            record.prices = Some(Prices::new());
            record.bound = plain;
        }
    }

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

    fn solved(self, done: bool) -> Solved {
        let best = self.best.as_ref().map(|(c, _)| *c);
        let open = self.open.iter().map(|(_, id)| id.0).chain(self.next);
        let low = open
            .filter_map(|id| self.records.get(id))
            .filter(|r| !r.conflict && !self.closes(r.bound))
            .map(|r| r.bound)
            .min();
        let bound = match (best, low) {
            (Some(b), Some(l)) if !done => Some(b.min(l)),
            (None, l) if !done => l,
            (b, _) => b,
        };
        let mut tree = Vec::new();
        let mut stack = vec![0usize];
        while let Some(id) = stack.pop() {
            let Some(record) = self.records.get(id) else {
                continue;
            };
            if record.conflict {
                tree.push(Branch {
                    prices: record.prices.clone().unwrap_or_default(),
                    split: Window::Conflict,
                });
                continue;
            }
            let closed = bound.is_some_and(|b| record.bound >= b);
            match record.kids.filter(|_| !closed) {
                Some((window, first)) => {
                    tree.push(Branch {
                        prices: Prices::new(),
                        split: window,
                    });
                    stack.push(first + 1);
                    stack.push(first);
                }
                None => tree.push(Branch {
                    prices: self.inherited(id),
                    split: Window::Leaf,
                }),
            }
        }
        Solved {
            best: self.best,
            bound,
            scale: self.scale,
            tree,
        }
    }
}
