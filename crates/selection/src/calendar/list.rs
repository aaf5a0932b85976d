//! Placing projects one after another, and moving them while that helps.

use super::Calendar;
use super::part::Part;

/// Starts being worked on.
#[derive(Clone)]
pub(super) struct Board<'a> {
    calendar: &'a Calendar,
    part: &'a Part,
    left: Vec<i128>,
    counted: Vec<i128>,
    /// By place in the part.
    pub taken: Vec<Option<usize>>,
    pub work: u64,
}

/// Missing projects and counts, then cost: the lower the better.
pub(super) type Worth = (i128, i128);

impl<'a> Board<'a> {
    pub fn new(calendar: &'a Calendar, part: &'a Part) -> Self {
        Self {
            calendar,
            part,
            left: calendar.cells.iter().map(|c| i128::from(*c)).collect(),
            counted: vec![0; calendar.targets.len()],
            taken: vec![None; part.projects.len()],
            work: 0,
        }
    }

    fn choices(&self, at: usize) -> &'a [super::Choice] {
        let project = self.part.projects.get(at);
        project
            .and_then(|p| self.calendar.projects.get(*p))
            .map_or(&[], Vec::as_slice)
    }

    fn fits(&self, at: usize, choice: usize) -> bool {
        self.choices(at).get(choice).is_some_and(|c| {
            c.uses.iter().all(|(cell, amount)| {
                let left = self.left.get(*cell as usize);
                left.is_some_and(|l| *l >= i128::from(*amount))
            })
        })
    }

    pub fn set(&mut self, at: usize, choice: Option<usize>) {
        let old = self.taken.get(at).copied().flatten();
        for (which, sign) in [(old, 1i128), (choice, -1)] {
            let Some(own) = which.and_then(|c| self.choices(at).get(c)) else {
                continue;
            };
            for (cell, amount) in &own.uses {
                if let Some(left) = self.left.get_mut(*cell as usize) {
                    *left += sign * i128::from(*amount);
                }
            }
            for target in &own.counts {
                if let Some(counted) = self.counted.get_mut(*target as usize) {
                    *counted -= sign;
                }
            }
        }
        if let Some(slot) = self.taken.get_mut(at) {
            *slot = choice;
        }
    }

    /// Puts a project where it is cheapest at these extra costs and fits.
    pub fn place(&mut self, at: usize, extra: &[Vec<f64>]) {
        let own = extra.get(at);
        let mut best: Option<(f64, usize)> = None;
        for (index, choice) in self.choices(at).iter().enumerate() {
            let more = own.and_then(|o| o.get(index)).copied().unwrap_or(0.0);
            let cost = choice.cost as f64 + more;
            self.work += 1;
            if best.is_none_or(|b| cost < b.0) && self.fits(at, index) {
                best = Some((cost, index));
            }
        }
        self.set(at, best.map(|b| b.1));
    }

    /// Returns whether no cell is exceeded.
    pub fn fits_all(&self) -> bool {
        self.left.iter().all(|l| *l >= 0)
    }

    pub fn worth(&self) -> Worth {
        let mut missing = 0i128;
        let mut cost = 0i128;
        for (at, taken) in self.taken.iter().enumerate() {
            match taken.and_then(|t| self.choices(at).get(t)) {
                Some(choice) => cost += i128::from(choice.cost),
                None => missing += 1000,
            }
        }
        for target in &self.part.targets {
            let least = self.calendar.targets.get(*target as usize).copied();
            let counted = self.counted.get(*target as usize).copied().unwrap_or(0);
            missing += (i128::from(least.unwrap_or(0)) - counted).max(0);
        }
        (missing, cost)
    }

    /// Returns cost and choices when everything is placed and every target met.
    pub fn done(&self) -> Option<(i128, Vec<usize>)> {
        let (missing, cost) = self.worth();
        let all: Option<Vec<usize>> = self.taken.iter().copied().collect();
        (missing == 0).then_some((cost, all?))
    }

    /// Takes out runs of projects that stand together in the order of their starts
    /// and places them again in other orders, as long as that helps.
    pub fn improve(&mut self, extra: &[Vec<f64>], limit: u64) {
        let n = self.taken.len();
        loop {
            let before = self.worth();
            for width in [1usize, 2, 3, 5] {
                let mut order: Vec<usize> = (0..n).collect();
                order.sort_by_key(|at| (self.taken.get(*at).copied().flatten(), *at));
                for run in order.windows(width.min(n.max(1))) {
                    for turn in 0..width {
                        if self.work > limit {
                            return;
                        }
                        self.again(run, turn, extra);
                    }
                }
            }
            if self.worth() >= before {
                return;
            }
        }
    }

    /// Places a run again, beginning at `turn`; keeps it if that is better.
    fn again(&mut self, run: &[usize], turn: usize, extra: &[Vec<f64>]) {
        let old: Vec<Option<usize>> = run
            .iter()
            .map(|at| self.taken.get(*at).copied().flatten())
            .collect();
        let before = self.worth();
        for at in run {
            self.set(*at, None);
        }
        let (late, early) = run.split_at(turn.min(run.len()));
        for at in early.iter().chain(late) {
            self.place(*at, extra);
        }
        self.work += self.taken.len() as u64;
        if self.worth() >= before {
            for at in run {
                self.set(*at, None);
            }
            for (at, choice) in run.iter().zip(old) {
                self.set(*at, choice);
            }
        }
    }
}
