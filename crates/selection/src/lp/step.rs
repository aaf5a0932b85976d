//! Steps of the dual simplex method, and what could be split.
#![expect(
    clippy::indexing_slicing,
    reason = "dense linear algebra: sizes are fixed by `new` and `add_row`, and the loops read as the formulas do"
)]

use super::{End, FEASIBLE, FRESH, Fraction, Lp, PIVOT_MIN, Place};

impl Lp {
    /// Solves from the present basis until optimal, or until the bound is below
    /// `cut`.
    pub fn solve(&mut self, cut: f64) -> End {
        if self.pivots >= FRESH {
            self.invert();
        }
        self.price();
        self.settle();
        let limit = 200 + 20 * self.m();
        for round in 0..limit {
            if round % 4 == 3 && self.bound() < cut {
                return End::Cut;
            }
            let Some((k, dir, far)) = self.leaving() else {
                return if self.bound() < cut {
                    End::Cut
                } else {
                    End::Optimal
                };
            };
            self.tableau(k);
            match self.entering(dir, far) {
                Some(j) => self.pivot(k, j, dir),
                None => {
                    let m = self.m();
                    let row = &self.inverse[k * m..(k + 1) * m];
                    let rows = self.rows.iter().zip(&self.row_unit).zip(row);
                    let said = rows.map(|((r, unit), b)| (*r, dir * b / unit));
                    return End::Infeasible(said.collect());
                }
            }
            if self.pivots >= FRESH {
                self.invert();
                self.settle();
            }
        }
        End::Stalled
    }

    /// Returns the basic variable furthest outside its ends, the direction it has
    /// to go, and how far.
    fn leaving(&self) -> Option<(usize, f64, f64)> {
        let mut worst: Option<(usize, f64, f64)> = None;
        for (k, &var) in self.basis.iter().enumerate() {
            let x = self.xb[k];
            let (l, u) = (self.lower[var], self.upper[var]);
            let (dir, far, end) = if x < l {
                (1.0, l - x, l)
            } else {
                (-1.0, x - u, u)
            };
            if far > FEASIBLE * (1.0 + end.abs()) && worst.is_none_or(|w| far > w.2) {
                worst = Some((k, dir, far));
            }
        }
        worst
    }

    /// The long step: passes breakpoints as long as the slope stays positive, and
    /// flips what it passed. Returns what enters the basis.
    fn entering(&mut self, dir: f64, far: f64) -> Option<usize> {
        let mut found: Vec<(f64, usize)> = Vec::new();
        for j in 0..self.n + self.m() {
            let a = dir * self.alpha[j];
            let takes = match self.at[j] {
                Place::Basic => false,
                Place::Lower => a < -PIVOT_MIN,
                Place::Upper => a > PIVOT_MIN,
            };
            if takes && self.lower[j] < self.upper[j] {
                found.push(((self.d[j] / a).max(0.0), j));
            }
        }
        found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (mut slope, mut at) = (far, 0);
        while let Some(&(_, j)) = found.get(at) {
            slope -= self.alpha[j].abs() * (self.upper[j] - self.lower[j]);
            if slope <= 0.0 {
                break;
            }
            at += 1;
        }
        let &(ratio, mut chosen) = found.get(at)?;
        // Of breakpoints as good as equal the largest pivot is the safest.
        for &(r, j) in &found[at..] {
            if r > ratio + 1e-12 {
                break;
            }
            if self.alpha[j].abs() > 10.0 * self.alpha[chosen].abs() {
                chosen = j;
            }
        }
        let mut sum = vec![0.0; self.m()];
        for &(_, j) in &found[..at] {
            let (to, by) = match self.at[j] {
                Place::Lower => (Place::Upper, self.upper[j] - self.lower[j]),
                _ => (Place::Lower, self.lower[j] - self.upper[j]),
            };
            self.at[j] = to;
            self.add_column(j, by, &mut sum);
        }
        if at > 0 {
            let moved = self.times(&sum);
            for (x, by) in self.xb.iter_mut().zip(moved) {
                *x -= by;
            }
        }
        Some(chosen)
    }

    fn pivot(&mut self, k: usize, enter: usize, dir: f64) {
        let m = self.m();
        let mut column = vec![0.0; m];
        self.add_column(enter, 1.0, &mut column);
        let column = self.times(&column);
        let leave = self.basis[k];
        let end = if dir > 0.0 {
            self.lower[leave]
        } else {
            self.upper[leave]
        };
        let theta = self.d[enter] / self.alpha[enter];
        for j in 0..self.n + m {
            if self.at[j] != Place::Basic {
                self.d[j] -= theta * self.alpha[j];
            }
        }
        self.d[leave] = -theta;
        self.d[enter] = 0.0;
        let start = match self.at[enter] {
            Place::Upper => self.upper[enter],
            _ => self.lower[enter],
        };
        let step = (self.xb[k] - end) / column[k];
        for (x, c) in self.xb.iter_mut().zip(&column) {
            *x -= step * c;
        }
        self.xb[k] = start + step;
        let pivot = 1.0 / column[k];
        for b in &mut self.inverse[k * m..(k + 1) * m] {
            *b *= pivot;
        }
        let row = self.inverse[k * m..(k + 1) * m].to_vec();
        for (i, c) in column.iter().enumerate() {
            if i != k && *c != 0.0 {
                let own = &mut self.inverse[i * m..(i + 1) * m];
                for (b, r) in own.iter_mut().zip(&row) {
                    *b -= c * r;
                }
            }
        }
        self.basis[k] = enter;
        self.at[enter] = Place::Basic;
        self.at[leave] = if dir > 0.0 {
            Place::Lower
        } else {
            Place::Upper
        };
        self.pivots += 1;
        self.work += (self.n + 2 * m * m) as u64;
    }

    /// Returns what could be split: the variable (an item, or `n` and the place of
    /// a counting row), its value in units of the row, and at least how much the
    /// bound falls on either side (Driebeek 1966).
    pub fn fractional(&mut self, counts: &[bool]) -> Vec<Fraction> {
        let mut found = Vec::new();
        for k in 0..self.m() {
            let var = self.basis[k];
            let item = var < self.n;
            let (row, unit) = if item {
                (0, 1.0)
            } else {
                let i = var - self.n;
                (self.rows[i], self.row_unit[i])
            };
            if !item && !counts[row as usize] {
                continue;
            }
            let x = self.xb[k] * unit;
            let floor = x.floor();
            if x - floor < 1e-6 || floor + 1.0 - x < 1e-6 {
                continue;
            }
            self.tableau(k);
            let (mut down, mut up) = (f64::INFINITY, f64::INFINITY);
            for j in 0..self.n + self.m() {
                let a = self.alpha[j];
                if a.abs() <= PIVOT_MIN || self.lower[j] == self.upper[j] {
                    continue;
                }
                let ratio = (self.d[j] / a).abs();
                if (self.at[j] == Place::Lower) == (a < 0.0) {
                    up = up.min(ratio);
                } else {
                    down = down.min(ratio);
                }
            }
            found.push(Fraction {
                item: item.then_some(var),
                row,
                value: x,
                down: down * (x - floor) / unit * self.cost_unit,
                up: up * (floor + 1.0 - x) / unit * self.cost_unit,
            });
        }
        found
    }
}
