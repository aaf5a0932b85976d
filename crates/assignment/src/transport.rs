use crate::basis::Basis;
use crate::error::AssignmentError;
use crate::number::{Number, fits};

/// The cost of a pair that must not be used.
pub const FORBIDDEN: i64 = i64::MAX;

/// The cost of one unit of each demand at each provider.
pub trait Costs {
    /// Writes the costs of a demand at every provider, [`FORBIDDEN`] where it cannot
    /// go.
    fn row(&self, demand: usize, row: &mut [i64]);

    /// Returns the cost of one pair.
    fn at(&self, demand: usize, provider: usize) -> i64;
}

/// Costs as rows one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// How many providers there are.
    pub providers: usize,
    /// Demand by demand.
    pub costs: Vec<i64>,
}

impl Costs for Matrix {
    fn row(&self, demand: usize, row: &mut [i64]) {
        let from = demand * self.providers;
        if let Some(costs) = self.costs.get(from..from + self.providers) {
            row.copy_from_slice(costs);
        }
    }

    fn at(&self, demand: usize, provider: usize) -> i64 {
        let cell = demand * self.providers + provider;
        self.costs.get(cell).copied().unwrap_or(FORBIDDEN)
    }
}

/// Demands and capacities.
#[derive(Debug, Clone)]
pub struct Problem<'a, C> {
    /// For each demand how many units have to go somewhere; not negative.
    pub amount: &'a [i64],
    /// For each provider how many units it takes at most; not negative.
    pub capacity: &'a [i64],
    /// What a unit costs.
    pub costs: &'a C,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// The least cost.
    Optimal(Plan),
    /// Too little capacity can be reached.
    Infeasible {
        /// Demands, ascending, that together need more than the providers any of them
        /// can go to have.
        demands: Vec<u32>,
    },
}

/// A cheapest plan and what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The sum of units times cost.
    pub cost: i128,
    /// Where units go, as (demand, provider, units), by demand and then provider.
    pub flow: Vec<(u32, u32, i64)>,
    /// For each provider the price of a seat: exactly what one more would save. With
    /// these prices, Σ amount · min(cost + price) − Σ capacity · price is the cost.
    pub price: Vec<i128>,
    /// For each provider what the plan would cost more with one seat less; nothing
    /// when everybody could then no longer be served.
    pub loss: Vec<Option<i128>>,
}

/// Returns the cheapest plan, priced against every pair.
///
/// # Errors
/// Arrays that do not fit together, negative amounts and capacities, and sums beyond
/// 63 bits.
pub fn transport<C: Costs>(problem: &Problem<'_, C>) -> Result<Transport, AssignmentError> {
    let most = problem.check()?;
    if fits(2 * problem.capacity.len() + 8, most) {
        solve::<i64, C>(problem, most)
    } else {
        solve::<i128, C>(problem, most)
    }
}

fn solve<P: Number, C: Costs>(
    problem: &Problem<'_, C>,
    most: i128,
) -> Result<Transport, AssignmentError> {
    let steps = i128::try_from(2 * problem.capacity.len() + 8).unwrap_or(i128::MAX >> 70);
    let mut basis = Basis::<P, C>::new(problem, P::narrow(steps * (2 * most + 1)))?;
    basis.run()?;
    if let Some(demands) = basis.short() {
        return Ok(Transport::Infeasible { demands });
    }
    let flow = basis.flow();
    let (price, loss) = basis.worth(&flow);
    let cost = flow
        .iter()
        .map(|(i, j, units)| {
            i128::from(problem.costs.at(*i as usize, *j as usize)) * i128::from(*units)
        })
        .sum();
    Ok(Transport::Optimal(Plan {
        cost,
        flow,
        price: price.into_iter().map(Into::into).collect(),
        loss: loss.into_iter().map(|l| l.map(Into::into)).collect(),
    }))
}

impl<C: Costs> Problem<'_, C> {
    /// Checks the arrays and returns the largest cost, by size.
    fn check(&self) -> Result<i128, AssignmentError> {
        for (what, values) in [("demand", self.amount), ("capacity", self.capacity)] {
            if let Some(index) = values.iter().position(|v| *v < 0) {
                return Err(AssignmentError::Negative { what, index });
            }
            let sum: i128 = values.iter().map(|v| i128::from(*v)).sum();
            if sum > i128::from(i64::MAX / 4) {
                return Err(AssignmentError::Overflow(what));
            }
        }
        if u32::try_from(self.amount.len()).is_err()
            || u32::try_from(self.capacity.len().saturating_mul(2) + 8).is_err()
        {
            return Err(AssignmentError::Overflow("demands and providers"));
        }
        let mut row = vec![0; self.capacity.len()];
        let mut most: i128 = 0;
        for demand in 0..self.amount.len() {
            self.costs.row(demand, &mut row);
            for cost in row.iter().filter(|c| **c != FORBIDDEN) {
                most = most.max(i128::from(*cost).abs());
            }
        }
        Ok(most)
    }
}
