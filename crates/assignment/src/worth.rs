//! What one seat more or less is worth, from the plan alone.
#![expect(
    clippy::indexing_slicing,
    reason = "providers and demands come from the plan"
)]

use crate::basis::Basis;
use crate::number::Number;
use crate::transport::{Costs, FORBIDDEN};

/// Up to so many providers the moves between them are kept as a table.
const TABLE: usize = 2048;

/// For each pair of providers the least that a unit at the first costs more at the
/// second; empty when there are too many.
type Moves<P> = Vec<Option<P>>;

impl<P: Number, C: Costs> Basis<'_, P, C> {
    fn moves(&self, flow: &[(u32, u32, i64)]) -> Moves<P> {
        let providers = self.problem.capacity.len();
        if providers > TABLE {
            return Vec::new();
        }
        let mut moves: Moves<P> = vec![None; providers * providers];
        let mut row = vec![0; providers];
        for (demand, home, _) in flow {
            self.problem.costs.row(*demand as usize, &mut row);
            let home = *home as usize;
            let base = P::from(row[home]);
            let own = &mut moves[home * providers..(home + 1) * providers];
            for (least, cost) in own.iter_mut().zip(&row) {
                if *cost != FORBIDDEN {
                    let more = P::from(*cost) - base;
                    if least.is_none_or(|l| more < l) {
                        *least = Some(more);
                    }
                }
            }
        }
        moves
    }

    /// Calls `visit` with every move: from, to, and what it costs more.
    fn each(
        &self,
        flow: &[(u32, u32, i64)],
        moves: &Moves<P>,
        mut visit: impl FnMut(usize, usize, P),
    ) {
        let providers = self.problem.capacity.len();
        if providers <= TABLE {
            for (cell, more) in moves.iter().enumerate() {
                if let Some(more) = more {
                    visit(cell / providers, cell % providers, *more);
                }
            }
            return;
        }
        let mut row = vec![0; providers];
        for (demand, home, _) in flow {
            self.problem.costs.row(*demand as usize, &mut row);
            let home = *home as usize;
            for (to, cost) in row.iter().enumerate().filter(|(_, c)| **c != FORBIDDEN) {
                visit(home, to, P::from(*cost) - P::from(row[home]));
            }
        }
    }

    /// Returns for each provider what one more seat would save, by the best chain of
    /// moves that ends there (the lowest prices that prove the plan), and what the
    /// plan costs more with one seat less, by the cheapest chain of moves from there
    /// to a free seat.
    pub fn worth(&self, flow: &[(u32, u32, i64)]) -> (Vec<P>, Vec<Option<P>>) {
        let moves = self.moves(flow);
        let mut gain = vec![P::ZERO; self.problem.capacity.len()];
        let mut used = vec![0i64; gain.len()];
        for (_, provider, units) in flow {
            used[*provider as usize] += units;
        }
        let free = used.iter().zip(self.problem.capacity).map(|(u, c)| u < c);
        let mut loss: Vec<Option<P>> = free.map(|f| f.then_some(P::ZERO)).collect();
        loop {
            let mut changed = false;
            self.each(flow, &moves, |from, to, more| {
                // The seat left behind is free in turn.
                let saved = gain[from] - more;
                if saved > gain[to] {
                    gain[to] = saved;
                    changed = true;
                }
                if let Some(beyond) = loss[to].map(|l| l + more)
                    && loss[from].is_none_or(|own| beyond < own)
                {
                    loss[from] = Some(beyond);
                    changed = true;
                }
            });
            if !changed {
                return (gain, loss);
            }
        }
    }
}
