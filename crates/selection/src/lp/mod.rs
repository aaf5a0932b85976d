//! A linear relaxation by the dual simplex method with bound flipping, in floats.
//!
//! **Nothing here decides.** What comes out is a list of prices that are rounded to
//! integers, and it is the integer bound of these that closes a node; a numerical
//! slip can make a bound weaker, never wrong. Only `+ - * /` and comparisons are
//! used, so that every machine suggests the same.
//!
//! Every item lies between 0 and 1, so any basis is made dual feasible by moving
//! its nonbasic items to the other end; the first basis is all logicals, and its
//! first long step is the greedy choice by value per cost (Maros 2003; Koberstein
//! 2005 for the long step).
#![expect(
    clippy::indexing_slicing,
    reason = "dense linear algebra: sizes are fixed by `new` and `add_row`, and the loops read as the formulas do"
)]

mod step;

use crate::core::{Core, Ends, Stand};

/// Pivots smaller than this are not taken.
const PIVOT_MIN: f64 = 1e-9;
/// How far outside its ends a sum may be.
const FEASIBLE: f64 = 1e-9;
/// Pivots between two fresh inversions.
const FRESH: u32 = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Basic,
    Lower,
    Upper,
}

/// How a solve ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    /// Optimal.
    Optimal,
    /// The bound has fallen to the cut-off.
    Cut,
    /// No point exists; the prices of the rows that say so.
    Infeasible(Vec<(u32, f64)>),
    /// Too many pivots; the prices are valid, the point is not.
    Stalled,
}

/// A linear relaxation with its basis.
#[derive(Debug, Clone)]
pub(crate) struct Lp {
    n: usize,
    /// Rows in the relaxation, as the problem numbers them.
    rows: Vec<u32>,
    /// Place of each of the problem's rows in `rows`.
    place_of: Vec<Option<usize>>,
    first: Vec<usize>,
    row_of: Vec<usize>,
    coef: Vec<f64>,
    cost: Vec<f64>,
    cost_unit: f64,
    row_unit: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    at: Vec<Place>,
    basis: Vec<usize>,
    inverse: Vec<f64>,
    /// Reduced costs.
    d: Vec<f64>,
    /// Values of the basic variables.
    xb: Vec<f64>,
    alpha: Vec<f64>,
    pivots: u32,
    /// Multiplications done, roughly.
    pub work: u64,
}

impl Lp {
    /// Returns the relaxation without any row.
    pub fn new(core: &Core) -> Self {
        let n = core.len();
        let cost_unit = core
            .values
            .iter()
            .map(|v| v.unsigned_abs())
            .max()
            .map_or(1.0, |v| (v as f64).max(1.0));
        // Equal values would make every step a tie; a trace of difference parts
        // them, and is far below what an integer bound can see.
        let cost = (0u64..)
            .zip(&core.values)
            .map(|(j, v)| {
                let mixed = j.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
                *v as f64 / cost_unit + mixed as f64 * (2e-9 / (1u64 << 24) as f64)
            })
            .collect::<Vec<_>>();
        Self {
            n,
            rows: Vec::new(),
            place_of: vec![None; core.ends.len()],
            first: vec![0; n + 1],
            row_of: Vec::new(),
            coef: Vec::new(),
            d: cost.clone(),
            cost,
            cost_unit,
            row_unit: Vec::new(),
            lower: vec![0.0; n],
            upper: vec![1.0; n],
            at: vec![Place::Lower; n],
            basis: Vec::new(),
            inverse: Vec::new(),
            xb: Vec::new(),
            alpha: Vec::new(),
            pivots: 0,
            work: 0,
        }
    }

    pub fn has_row(&self, row: u32) -> bool {
        self.place_of[row as usize].is_some()
    }

    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Adds rows; their logicals become basic, so that the prices stay as they are.
    pub fn add_rows(&mut self, core: &Core, add: &[u32]) {
        let old = self.rows.len();
        for &row in add {
            if self.place_of[row as usize].is_none() {
                self.place_of[row as usize] = Some(self.rows.len());
                self.rows.push(row);
            }
        }
        let m = self.rows.len();
        self.row_unit.resize(m, 0.0);
        for j in 0..self.n {
            for &(row, a) in core.column(j) {
                if let Some(i) = self.place_of[row as usize]
                    && i >= old
                {
                    self.row_unit[i] = self.row_unit[i].max(a.unsigned_abs() as f64);
                }
            }
        }
        for unit in self.row_unit.iter_mut().skip(old).filter(|u| **u == 0.0) {
            *unit = 1.0;
        }
        self.row_of.clear();
        self.coef.clear();
        for j in 0..self.n {
            self.first[j] = self.coef.len();
            for &(row, a) in core.column(j) {
                if let Some(i) = self.place_of[row as usize] {
                    self.row_of.push(i);
                    self.coef.push(a as f64 / self.row_unit[i]);
                }
            }
        }
        self.first[self.n] = self.coef.len();
        for i in old..m {
            self.basis.push(self.n + i);
            self.at.push(Place::Basic);
            self.d.push(0.0);
            self.xb.push(0.0);
            self.lower.push(f64::NEG_INFINITY);
            self.upper.push(f64::INFINITY);
        }
        self.invert();
        self.set_ends(&core.ends);
    }

    /// Sets what the rows allow.
    pub fn set_ends(&mut self, ends: &[Ends]) {
        for (i, row) in self.rows.iter().enumerate() {
            let own = ends[*row as usize];
            let unit = self.row_unit[i];
            self.lower[self.n + i] = own.lower.map_or(f64::NEG_INFINITY, |l| l as f64 / unit);
            self.upper[self.n + i] = own.upper.map_or(f64::INFINITY, |u| u as f64 / unit);
        }
    }

    /// Sets which items are in, out and free.
    pub fn set_box(&mut self, stand: &[Stand]) {
        for (j, stand) in stand.iter().enumerate() {
            let (l, u) = match stand {
                Stand::Free => (0.0, 1.0),
                Stand::Out => (0.0, 0.0),
                Stand::In => (1.0, 1.0),
            };
            self.lower[j] = l;
            self.upper[j] = u;
        }
    }

    fn m(&self) -> usize {
        self.rows.len()
    }

    fn invert(&mut self) {
        let m = self.m();
        self.work += (m * m * m) as u64;
        let mut matrix = vec![0.0; m * m];
        for (k, &var) in self.basis.iter().enumerate() {
            if var >= self.n {
                matrix[(var - self.n) * m + k] = -1.0;
            } else {
                for t in self.first[var]..self.first[var + 1] {
                    matrix[self.row_of[t] * m + k] = self.coef[t];
                }
            }
        }
        self.inverse = match inverse(&mut matrix, m) {
            Some(inverse) => inverse,
            None => self.reset(),
        };
        self.pivots = 0;
        self.price();
    }

    /// Falls back to the basis of logicals.
    fn reset(&mut self) -> Vec<f64> {
        let m = self.m();
        for place in &mut self.at {
            *place = Place::Lower;
        }
        let mut unit = vec![0.0; m * m];
        for i in 0..m {
            self.basis[i] = self.n + i;
            self.at[self.n + i] = Place::Basic;
            unit[i * m + i] = -1.0;
        }
        unit
    }

    fn duals(&self) -> Vec<f64> {
        let m = self.m();
        let mut y = vec![0.0; m];
        for (k, &var) in self.basis.iter().enumerate() {
            if var < self.n && self.cost[var] != 0.0 {
                let c = self.cost[var];
                for (y, b) in y.iter_mut().zip(&self.inverse[k * m..(k + 1) * m]) {
                    *y += c * b;
                }
            }
        }
        y
    }

    fn price(&mut self) {
        let y = self.duals();
        for j in 0..self.n {
            self.d[j] = if self.at[j] == Place::Basic {
                0.0
            } else {
                self.cost[j] - self.dot(j, &y)
            };
        }
        for (i, y) in y.iter().enumerate() {
            let j = self.n + i;
            self.d[j] = if self.at[j] == Place::Basic { 0.0 } else { *y };
        }
        self.work += self.coef.len() as u64;
    }

    fn dot(&self, j: usize, y: &[f64]) -> f64 {
        let range = self.first[j]..self.first[j + 1];
        let (rows, coefs) = (&self.row_of[range.clone()], &self.coef[range]);
        rows.iter().zip(coefs).map(|(i, a)| y[*i] * a).sum()
    }

    /// Puts every nonbasic variable at the end its reduced cost asks for and
    /// computes the basic ones.
    fn settle(&mut self) {
        let m = self.m();
        let mut sum = vec![0.0; m];
        for j in 0..self.n + m {
            if self.at[j] == Place::Basic {
                continue;
            }
            let (l, u) = (self.lower[j], self.upper[j]);
            let wants = self.d[j] > 0.0 || (self.d[j] == 0.0 && self.at[j] == Place::Upper);
            let up = l != u && u != f64::INFINITY && (wants || l == f64::NEG_INFINITY);
            self.at[j] = if up { Place::Upper } else { Place::Lower };
            let x = if up { u } else { l };
            // A free logical has no end to lie at: it counts as 0.
            if x != 0.0 && x.is_finite() {
                self.add_column(j, x, &mut sum);
            }
        }
        self.xb = self.times(&sum);
        for x in &mut self.xb {
            *x = -*x;
        }
        self.work += (self.coef.len() + m * m) as u64;
    }

    fn add_column(&self, j: usize, x: f64, sum: &mut [f64]) {
        if j >= self.n {
            sum[j - self.n] -= x;
        } else {
            for t in self.first[j]..self.first[j + 1] {
                sum[self.row_of[t]] += self.coef[t] * x;
            }
        }
    }

    fn times(&self, v: &[f64]) -> Vec<f64> {
        let m = self.m();
        (0..m)
            .map(|k| {
                let row = &self.inverse[k * m..(k + 1) * m];
                row.iter().zip(v).map(|(b, v)| b * v).sum()
            })
            .collect()
    }

    /// Returns the bound that the prices give, in units of value.
    pub fn bound(&self) -> f64 {
        let mut total = 0.0;
        for j in 0..self.n + self.m() {
            let x = match self.at[j] {
                Place::Basic => continue,
                Place::Lower => self.lower[j],
                Place::Upper => self.upper[j],
            };
            if x.is_finite() {
                total += self.d[j] * x;
            }
        }
        total * self.cost_unit
    }

    /// Returns the rows' prices in units of value per unit of the row.
    pub fn prices(&self) -> Vec<(u32, f64)> {
        let y = self.duals();
        let rows = self.rows.iter().zip(&self.row_unit).zip(y);
        rows.map(|((row, unit), y)| (*row, y * self.cost_unit / unit))
            .collect()
    }

    /// Returns how much of each item the relaxation takes.
    pub fn point(&self) -> Vec<f64> {
        let mut x: Vec<f64> = (0..self.n)
            .map(|j| match self.at[j] {
                Place::Upper => self.upper[j],
                _ => self.lower[j],
            })
            .collect();
        for (k, &var) in self.basis.iter().enumerate() {
            if var < self.n {
                x[var] = self.xb[k].clamp(0.0, 1.0);
            }
        }
        x
    }

    /// Returns each item's reduced cost.
    pub fn reduced(&self) -> &[f64] {
        &self.d[..self.n]
    }

    /// Computes row `k` of the tableau over the nonbasic variables.
    fn tableau(&mut self, k: usize) {
        let m = self.m();
        let row: Vec<f64> = self.inverse[k * m..(k + 1) * m].to_vec();
        self.alpha.resize(self.n + m, 0.0);
        for j in 0..self.n {
            self.alpha[j] = if self.at[j] == Place::Basic || self.lower[j] == self.upper[j] {
                0.0
            } else {
                self.dot(j, &row)
            };
        }
        for (i, b) in row.iter().enumerate() {
            let j = self.n + i;
            self.alpha[j] = if self.at[j] == Place::Basic { 0.0 } else { -b };
        }
        self.work += self.coef.len() as u64;
    }
}

/// Something that the relaxation takes in part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fraction {
    /// The item; `None` for a row.
    pub item: Option<usize>,
    pub row: u32,
    pub value: f64,
    pub down: f64,
    pub up: f64,
}

/// Inverts a matrix by elimination with row exchanges; `None` when it is singular.
fn inverse(a: &mut [f64], m: usize) -> Option<Vec<f64>> {
    let mut b = vec![0.0; m * m];
    for i in 0..m {
        b[i * m + i] = 1.0;
    }
    for k in 0..m {
        let best = (k..m).max_by(|&i, &j| a[i * m + k].abs().total_cmp(&a[j * m + k].abs()))?;
        if a[best * m + k].abs() < 1e-11 {
            return None;
        }
        if best != k {
            for c in 0..m {
                a.swap(k * m + c, best * m + c);
                b.swap(k * m + c, best * m + c);
            }
        }
        let pivot = 1.0 / a[k * m + k];
        for c in 0..m {
            a[k * m + c] *= pivot;
            b[k * m + c] *= pivot;
        }
        let (ak, bk) = (
            a[k * m..(k + 1) * m].to_vec(),
            b[k * m..(k + 1) * m].to_vec(),
        );
        for i in 0..m {
            let f = a[i * m + k];
            if i != k && f != 0.0 {
                for c in 0..m {
                    a[i * m + c] -= f * ak[c];
                    b[i * m + c] -= f * bk[c];
                }
            }
        }
    }
    Some(b)
}
