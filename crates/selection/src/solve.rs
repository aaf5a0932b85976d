//! From a problem to its outcome: rounds of pricing and fixing, then the tree.

use crate::core::Core;
use crate::outcome::{Node, Outcome, Proof, Split};
use crate::problem::{Problem, ProblemError};
use crate::search::Search;
use crate::table;

/// How hard to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Multiplications, roughly; the search stops at the first node beyond, so that
    /// the outcome does not depend on the machine.
    pub work: u64,
    /// Nodes of the tree.
    pub nodes: u64,
}

impl Default for Effort {
    /// Some ten seconds of one core.
    fn default() -> Self {
        Self {
            work: 12_000_000_000,
            nodes: 400_000,
        }
    }
}

/// Where better choices are looked for: of the items in the order of how unsure the
/// prices are of them, the first few and these are free; the others are as the
/// prices want them, or as in the best choice.
const NEAR: [(usize, usize, bool); 8] = [
    (0, 25, true),
    (0, 40, true),
    (0, 55, true),
    (0, 35, false),
    (0, 50, false),
    (40, 30, false),
    (60, 30, false),
    (0, 45, false),
];
/// These are free always.
const NEAR_ALWAYS: usize = 15;

/// Rows that are in the relaxation from the start, when there are no more.
const ROWS_FIRST: usize = 80;

/// Chooses the items of the greatest total value.
///
/// Where the effort does not suffice to prove the choice best, the outcome bounds
/// what is missing.
///
/// # Errors
/// Arrays that do not fit together.
pub fn select(problem: &Problem, effort: Effort) -> Result<Outcome, ProblemError> {
    problem.check()?;
    let mut run = Run {
        problem,
        fixed: problem.fixed.clone(),
        incumbent: None,
        prefix: Vec::new(),
        step: problem.step(),
        scale: scale(problem),
        nodes: 0,
    };
    Ok(run.go(effort))
}

struct Run<'a> {
    problem: &'a Problem,
    fixed: Vec<Option<bool>>,
    incumbent: Option<(i128, Vec<bool>)>,
    /// Rounds of prices that fixed something before the tree began.
    prefix: Vec<Node>,
    step: i128,
    scale: i64,
    nodes: u64,
}

/// What one core came to.
enum Came {
    /// To the end, or to where the effort ended.
    End(Box<Outcome>),
    /// To prices that fix so much that it is worth beginning again.
    Smaller(u64),
}

impl Run<'_> {
    fn go(&mut self, effort: Effort) -> Outcome {
        let mut spent = 0;
        let mut stages: &[u64] = &[1, 1, 40, 400, 4000];
        loop {
            let core = Core::new(self.problem, &self.fixed);
            match self.in_core(&core, &mut stages, effort, spent) {
                Came::End(outcome) => return *outcome,
                Came::Smaller(work) => spent += work,
            }
        }
    }

    fn in_core(&mut self, core: &Core, stages: &mut &[u64], effort: Effort, spent: u64) -> Came {
        let best = self.incumbent.as_ref().map(|(v, _)| *v);
        let bound = core.base
            + core
                .values
                .iter()
                .map(|v| i128::from(*v).max(0))
                .sum::<i128>();
        let rows = first_rows(self.problem);
        let mut search = Search::new(core, self.scale, self.step, best, bound, &rows);
        // Work on the side.
        let mut spare = 0;
        loop {
            let stage = stages.split_first().map(|(stage, rest)| {
                *stages = rest;
                *stage
            });
            let table = table::fits(self.problem);
            let most = effort.nodes.saturating_sub(self.nodes);
            let cap = stage.unwrap_or(u64::MAX).min(most);
            let cap = if table { cap.min(4000) } else { cap };
            let work = effort.work.saturating_sub(spent + spare);
            let done = search.run(cap, work);
            self.keep(core, &mut search);
            let over = search.nodes >= most || search.work() >= work;
            if !done && !over && stage.is_some() {
                spare += self.near(core, &mut search, work / 16, cap);
                if let Some((fixed, prices)) = search.fixed_at_root()
                    && fixed.len() * 6 >= core.len().max(6)
                {
                    self.shrink(core, &fixed, prices);
                    self.nodes += search.nodes;
                    return Came::Smaller(search.work() + spare);
                }
                continue;
            }
            if !done && table {
                let found = table::solve(self.problem);
                return Came::End(Box::new(Outcome::new(
                    found.clone(),
                    found.map(|(v, _)| v),
                    false,
                    Proof::Table,
                    self.nodes + search.nodes,
                )));
            }
            return Came::End(Box::new(self.outcome(&search, done)));
        }
    }

    /// Searches near the best choice for a better one: what the prices are least sure
    /// of is free, everything else as it is. Each place gets at most so many nodes as
    /// the stage had. Returns the work.
    fn near(&mut self, core: &Core, search: &mut Search<'_>, limit: u64, nodes: u64) -> u64 {
        let mut work = 0;
        if nodes < 40 {
            return work;
        }
        let Some(unsure) = search.unsure() else {
            return work;
        };
        for (from, width, by_price) in NEAR {
            let Some((best, chosen)) = self.incumbent.clone() else {
                return work;
            };
            let here = |rank: usize| rank < NEAR_ALWAYS || (from..from + width).contains(&rank);
            if width >= core.len() || work >= limit {
                continue;
            }
            let mut fixed: Vec<Option<bool>> = chosen.iter().map(|c| Some(*c)).collect();
            for (rank, (at, wanted)) in unsure.iter().enumerate() {
                let item = core.items.get(*at).map_or(usize::MAX, |i| *i as usize);
                if let Some(own) = fixed.get_mut(item) {
                    let other = if by_price { Some(*wanted) } else { *own };
                    *own = if here(rank) { None } else { other };
                }
            }
            let small = Core::new(self.problem, &fixed);
            let values = small.values.iter().map(|v| i128::from(*v).max(0));
            let bound = small.base + values.sum::<i128>();
            let rows = first_rows(self.problem);
            let mut own = Search::new(&small, self.scale, self.step, Some(best), bound, &rows);
            own.run(nodes.max(300), limit.saturating_sub(work));
            work += own.work();
            if let (Some(value), Some(taken)) = (own.best, own.taken.take()) {
                self.accept(&small, &fixed, value, &taken);
                search.best = search.best.max(Some(value));
            }
        }
        work
    }

    /// Takes over what the search found, for the whole problem.
    fn keep(&mut self, core: &Core, search: &mut Search<'_>) {
        let (Some(value), Some(taken)) = (search.best, search.taken.take()) else {
            return;
        };
        let fixed = std::mem::take(&mut self.fixed);
        self.accept(core, &fixed, value, &taken);
        self.fixed = fixed;
    }

    fn accept(&mut self, core: &Core, fixed: &[Option<bool>], value: i128, taken: &[bool]) {
        if self.incumbent.as_ref().is_some_and(|(v, _)| *v >= value) {
            return;
        }
        let mut all: Vec<bool> = fixed.iter().map(|f| *f == Some(true)).collect();
        for (item, take) in core.items.iter().zip(taken) {
            if let Some(own) = all.get_mut(*item as usize) {
                *own = *take;
            }
        }
        self.incumbent = Some((value, all));
    }

    fn shrink(&mut self, core: &Core, fixed: &[(usize, bool)], prices: crate::Prices) {
        for &(at, inside) in fixed {
            let own = core
                .items
                .get(at)
                .and_then(|i| self.fixed.get_mut(*i as usize));
            if let Some(own) = own {
                *own = Some(inside);
            }
        }
        self.prefix.push(Node {
            prices,
            split: Split::Again,
        });
    }

    fn outcome(&self, search: &Search<'_>, done: bool) -> Outcome {
        let best = self.incumbent.as_ref().map(|(v, _)| *v);
        let open = if done { None } else { search.open_bound() };
        let bound = best.max(open);
        let mut nodes = self.prefix.clone();
        nodes.extend(search.proof(bound));
        let proof = Proof::Tree {
            scale: self.scale,
            nodes,
        };
        let infeasible = done && best.is_none();
        Outcome::new(
            self.incumbent.clone(),
            bound,
            infeasible,
            proof,
            self.nodes + search.nodes,
        )
    }
}

/// Returns the rows the relaxation begins with: all when they are few, else those
/// of more than two items; and the row that counts all.
fn first_rows(problem: &Problem) -> Vec<u32> {
    let few = problem.rows.len() <= ROWS_FIRST;
    let rows = (0u32..).zip(&problem.rows);
    let mut first: Vec<u32> = rows
        .filter(|(_, row)| few || row.terms.len() > 2)
        .map(|(at, _)| at)
        .take(ROWS_FIRST)
        .collect();
    first.push(u32::try_from(problem.rows.len()).unwrap_or(u32::MAX));
    first
}

/// Returns what prices are divided by: large enough that rounding them costs less
/// than one unit of value, small enough that sums stay in 128 bits.
fn scale(problem: &Problem) -> i64 {
    let mut size = 1000f64;
    for row in &problem.rows {
        let sum: f64 = row.terms.iter().map(|(_, a)| a.unsigned_abs() as f64).sum();
        let ends = [row.lower, row.upper];
        let end = ends.iter().flatten().map(|e| e.unsigned_abs() as f64);
        size += end.fold(0.0, f64::max).min(sum);
    }
    let most = problem.values.iter().map(|v| v.unsigned_abs()).max();
    let most = (most.unwrap_or(1).max(1) as f64) * (problem.values.len() as f64 + 1.0);
    let mut scale = 1000i64;
    while (scale as f64) < size && scale < 1_000_000_000_000 {
        scale *= 10;
    }
    while scale > 1 && scale as f64 * most > 1e30 {
        scale /= 10;
    }
    scale
}
