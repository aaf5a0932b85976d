use crate::error::AssignmentError;
use crate::transport::{Costs, Problem, Transport, transport};

/// Capacity that was too short, stretched evenly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// By how many thousandths every provider takes more than its capacity; no
    /// smaller number is enough.
    pub per_mille: i64,
    /// The stretched capacities: `capacity + ceil(capacity · per_mille / 1000)`.
    pub capacity: Vec<i64>,
    /// With one thousandth less: demands whose reachable capacity is too small.
    /// Nothing when nothing had to be stretched.
    pub witness: Option<Vec<u32>>,
    /// The cheapest plan within the stretched capacities.
    pub outcome: Transport,
}

/// More than this nobody is stretched: a thousand times the capacity.
const PER_MILLE_MOST: i64 = 1_000_000;

/// Returns the cheapest plan under the smallest common stretch of all capacities that
/// lets everybody be served: the greatest overload, as a share of capacity, is as
/// small as can be. The outcome is [`Transport::Infeasible`] when no stretch helps
/// (a demand reaches no provider that has a seat).
///
/// # Errors
/// As [`transport`], and capacities that cannot be stretched within 63 bits.
pub fn share_overload<C: Costs>(problem: &Problem<'_, C>) -> Result<Shared, AssignmentError> {
    let stretched = |per_mille: i64| -> Result<Vec<i64>, AssignmentError> {
        let stretch = |c: &i64| {
            let more = (i128::from(*c) * i128::from(per_mille) + 999) / 1000;
            i64::try_from(i128::from(*c) + more).ok()
        };
        let all: Option<Vec<i64>> = problem.capacity.iter().map(stretch).collect();
        all.ok_or(AssignmentError::Overflow("stretched capacities"))
    };
    let solve = |per_mille: i64| -> Result<(Vec<i64>, Transport), AssignmentError> {
        let capacity = stretched(per_mille)?;
        let outcome = transport(&Problem {
            amount: problem.amount,
            capacity: &capacity,
            costs: problem.costs,
        })?;
        Ok((capacity, outcome))
    };
    let (capacity, outcome) = solve(0)?;
    let Transport::Infeasible { demands } = outcome else {
        return Ok(Shared {
            per_mille: 0,
            capacity,
            witness: None,
            outcome,
        });
    };
    // Double until it is enough, then halve the interval.
    let (mut low, mut witness) = (0, demands);
    let mut high = 1;
    let mut best = loop {
        match solve(high)? {
            (_, Transport::Infeasible { demands }) => {
                (low, witness) = (high, demands);
                if high >= PER_MILLE_MOST {
                    return Ok(Shared {
                        per_mille: 0,
                        capacity: problem.capacity.to_vec(),
                        witness: None,
                        outcome: Transport::Infeasible { demands: witness },
                    });
                }
                high = (high * 2).min(PER_MILLE_MOST);
            }
            found => break found,
        }
    };
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match solve(middle)? {
            (_, Transport::Infeasible { demands }) => (low, witness) = (middle, demands),
            found => (high, best) = (middle, found),
        }
    }
    let (capacity, outcome) = best;
    Ok(Shared {
        per_mille: high,
        capacity,
        witness: Some(witness),
        outcome,
    })
}
