//! Prices by subgradient steps, and schedules on the way (Held and Karp 1971).

use super::Calendar;
use super::list::Board;
use super::part::Part;
use super::price::{Prices, Windows, bound, up};

/// Steps, at most.
const STEPS: usize = 500;
/// Schedules are tried every so many steps.
const EVERY: usize = 25;

/// The best prices and the best schedule found.
pub(super) struct Found {
    pub bound: Option<i128>,
    pub prices: Prices,
    pub best: Option<(i128, Vec<usize>)>,
    pub work: u64,
}

/// What every choice pays at float prices, beyond its own cost.
pub(super) fn extra(calendar: &Calendar, part: &Part, dense: &[f64]) -> Vec<Vec<f64>> {
    let cells = calendar.cells.len();
    let price = |at: usize| dense.get(at).copied().unwrap_or(0.0);
    let projects = part
        .projects
        .iter()
        .filter_map(|p| calendar.projects.get(*p));
    projects
        .map(|choices| {
            let own = choices.iter().map(|choice| {
                let uses = choice.uses.iter();
                let paid: f64 = uses.map(|(c, a)| price(*c as usize) * *a as f64).sum();
                let counts = choice.counts.iter();
                paid - counts.map(|t| price(cells + *t as usize)).sum::<f64>()
            });
            own.collect()
        })
        .collect()
}

/// Rounds float prices to integers over `scale`.
pub(super) fn whole(dense: &[f64], scale: f64) -> Prices {
    let most = (1i64 << 62) as f64;
    let all = (0u32..).zip(dense);
    all.map(|(at, p)| (at, (p * scale).round().clamp(0.0, most) as i64))
        .filter(|(_, p)| *p > 0)
        .collect()
}

/// Returns each project's cheapest choice at these prices.
fn cheapest(calendar: &Calendar, part: &Part, extra: &[Vec<f64>]) -> Vec<usize> {
    let projects = part.projects.iter().zip(extra);
    projects
        .map(|(project, extra)| {
            let choices = calendar.projects.get(*project).into_iter().flatten();
            let costs = choices.zip(extra).map(|(c, e)| c.cost as f64 + e);
            costs
                .enumerate()
                .min_by(|a, b| a.1.total_cmp(&b.1))
                .map_or(0, |(at, _)| at)
        })
        .collect()
}

/// Raises prices where more is taken than there is, and lowers them where less is.
pub(super) fn run(
    calendar: &Calendar,
    part: &Part,
    windows: &Windows,
    scale: i64,
    limit: u64,
) -> Found {
    let cells = calendar.cells.len();
    let mut dense = vec![0.0; cells + calendar.targets.len()];
    let size: usize = part
        .projects
        .iter()
        .filter_map(|p| calendar.projects.get(*p))
        .flatten()
        .map(|c| 1 + c.uses.len())
        .sum();
    let mut found = Found {
        bound: bound(calendar, part, windows, &Prices::new(), scale).map(|b| up(b, scale)),
        prices: Prices::new(),
        best: None,
        work: 0,
    };
    let (mut length, mut stale) = (1.0, 0);
    for step in 0..STEPS {
        found.work += size as u64 * 3;
        if found.work > limit {
            break;
        }
        let extra = extra(calendar, part, &dense);
        let taken = cheapest(calendar, part, &extra);
        if step % EVERY == 0 {
            try_list(calendar, part, &extra, &taken, &mut found);
        }
        let prices = whole(&dense, scale as f64);
        let own = bound(calendar, part, windows, &prices, scale).map(|b| up(b, scale));
        if own > found.bound {
            found.bound = own;
            found.prices = prices;
            stale = 0;
        } else {
            stale += 1;
            if stale >= 12 {
                (length, stale) = (length * 0.7, 0);
            }
        }
        let (Some(low), done) = (found.bound, found.best.as_ref().map(|(c, _)| *c)) else {
            break;
        };
        if done.is_some_and(|d| d <= low) || length < 1e-4 {
            break;
        }
        let mut slope = vec![0.0; dense.len()];
        let mut sum = 0.0;
        gradient(calendar, part, &taken, &mut slope);
        for (s, p) in slope.iter_mut().zip(&dense) {
            if *s < 0.0 && *p <= 0.0 {
                *s = 0.0;
            }
            sum += *s * *s;
        }
        if sum <= 0.0 {
            break;
        }
        let own = own.unwrap_or(low) as f64;
        let goal = done.map_or(own + own.abs() * 0.05 + 10.0, |d| d as f64);
        let by = length * (goal - own).max(1.0) / sum;
        for (p, s) in dense.iter_mut().zip(&slope) {
            *p = (*p + by * s).max(0.0);
        }
    }
    found
}

fn gradient(calendar: &Calendar, part: &Part, taken: &[usize], slope: &mut [f64]) {
    let cells = calendar.cells.len();
    let mut touched = vec![false; cells];
    for project in &part.projects {
        let choices = calendar.projects.get(*project).into_iter().flatten();
        for (cell, _) in choices.flat_map(|c| &c.uses) {
            if let Some(own) = touched.get_mut(*cell as usize) {
                *own = true;
            }
        }
    }
    for ((slope, cap), touched) in slope.iter_mut().zip(&calendar.cells).zip(touched) {
        if touched {
            *slope -= *cap as f64;
        }
    }
    for target in &part.targets {
        let least = calendar.targets.get(*target as usize).copied().unwrap_or(0);
        if let Some(own) = slope.get_mut(cells + *target as usize) {
            *own += least as f64;
        }
    }
    for (project, choice) in part.projects.iter().zip(taken) {
        let choice = calendar.projects.get(*project).and_then(|c| c.get(*choice));
        let Some(choice) = choice else { continue };
        for (cell, amount) in &choice.uses {
            if let Some(own) = slope.get_mut(*cell as usize) {
                *own += *amount as f64;
            }
        }
        for target in &choice.counts {
            if let Some(own) = slope.get_mut(cells + *target as usize) {
                *own -= 1.0;
            }
        }
    }
}

fn try_list(
    calendar: &Calendar,
    part: &Part,
    extra: &[Vec<f64>],
    taken: &[usize],
    found: &mut Found,
) {
    let mean: Vec<f64> = taken.iter().map(|t| *t as f64).collect();
    let board = from_order(calendar, part, extra, &mean, true);
    found.work += board.work;
    offer(&mut found.best, board.done());
}

/// Places everything in the order of `mean` starts, and improves on it.
pub(super) fn from_order<'a>(
    calendar: &'a Calendar,
    part: &'a Part,
    extra: &[Vec<f64>],
    mean: &[f64],
    improve: bool,
) -> Board<'a> {
    let mut board = Board::new(calendar, part);
    let mut order: Vec<usize> = (0..mean.len()).collect();
    let key = |at: usize| mean.get(at).copied().unwrap_or(0.0);
    order.sort_by(|a, b| key(*a).total_cmp(&key(*b)).then(a.cmp(b)));
    for at in order {
        board.place(at, extra);
    }
    if improve {
        let limit = board.work + 30_000_000;
        // First at the prices, which see targets; then at the true costs.
        board.improve(extra, limit);
        if board.done().is_some() {
            board.improve(&[], limit);
        }
    }
    board
}

/// Keeps the cheaper.
pub(super) fn offer(best: &mut Option<(i128, Vec<usize>)>, own: Option<(i128, Vec<usize>)>) {
    if let Some((cost, taken)) = own
        && best.as_ref().is_none_or(|(c, _)| cost < *c)
    {
        *best = Some((cost, taken));
    }
}
