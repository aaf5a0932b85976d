use crate::error::AssignmentError;
use crate::number::fits;
use crate::simplex::{End, Simplex};
use crate::{UNLIMITED, number::Number};

/// A graph with supplies, bounds and costs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// For each node what it gives; negative where it takes.
    pub supply: Vec<i64>,
    /// For each arc the node it leaves.
    pub from: Vec<u32>,
    /// For each arc the node it enters; may be the same.
    pub to: Vec<u32>,
    /// For each arc the least flow, not negative.
    pub lower: Vec<i64>,
    /// For each arc the most flow, or [`UNLIMITED`].
    pub upper: Vec<i64>,
    /// For each arc the cost of one unit, of either sign.
    pub cost: Vec<i64>,
}

/// What became of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// The least cost.
    Optimal {
        /// For each arc its flow.
        flow: Vec<i64>,
        /// For each node its potential. An arc whose `cost + potential[from] -
        /// potential[to]` is positive is at its lower bound, negative at its upper.
        potential: Vec<i128>,
        /// The sum of flow times cost.
        cost: i128,
    },
    /// No flow meets the supplies and bounds.
    Infeasible {
        /// Nodes, ascending, whose total supply lies outside what the arcs across
        /// their border can carry out of the set.
        cut: Vec<u32>,
    },
    /// The cost has no least value.
    Unbounded {
        /// A flow that meets everything.
        flow: Vec<i64>,
        /// Arcs of unlimited capacity, in order, that form a cycle of negative cost.
        cycle: Vec<u32>,
    },
}

/// Returns the flow of least cost, by the network simplex.
///
/// Time is good in practice and not polynomial in theory; memory 60 bytes an arc.
///
/// # Errors
/// Arrays that do not fit together, nodes that do not exist, bounds that cross, and
/// sums of supplies or capacities beyond 63 bits.
pub fn network(network: &Network) -> Result<Flow, AssignmentError> {
    let excess = network.check()?;
    let most = network
        .cost
        .iter()
        .map(|c| i128::from(*c).abs())
        .max()
        .unwrap_or(0);
    if fits(network.supply.len() + 2, most) {
        solve::<i64>(network, &excess)
    } else {
        solve::<i128>(network, &excess)
    }
}

fn solve<P: Number>(network: &Network, excess: &[i64]) -> Result<Flow, AssignmentError> {
    let most = network
        .cost
        .iter()
        .map(|c| i128::from(*c).abs())
        .max()
        .unwrap_or(0);
    let nodes = i128::try_from(excess.len()).unwrap_or(i128::MAX >> 70);
    let big = (nodes + 1) * (most + 1);
    let mut simplex = Simplex::<P>::new(network, excess, &network.cost, P::narrow(big));
    let end = simplex.run()?;
    if matches!(end, End::Optimal) && simplex.is_feasible() {
        let potential = simplex.potentials();
        let flow = network.shifted(&simplex)?;
        let cost = network.total(&flow);
        return Ok(Flow::Optimal {
            flow,
            potential,
            cost,
        });
    }
    // Is there a flow at all? The same simplex, where only the artificial arcs cost.
    let free = vec![0; network.cost.len()];
    let mut first = Simplex::<P>::new(network, excess, &free, P::from(1));
    first.run()?;
    if !first.is_feasible() {
        let sum: i128 = network.supply.iter().map(|s| i128::from(*s)).sum();
        let cut = if sum == 0 {
            first.source_side()
        } else {
            // Nothing can leave the whole graph.
            (0..u32::try_from(excess.len()).unwrap_or(0)).collect()
        };
        return Ok(Flow::Infeasible { cut });
    }
    let cycle = match end {
        End::Unbounded(cycle) => cycle,
        End::Optimal => Vec::new(),
    };
    Ok(Flow::Unbounded {
        flow: network.shifted(&first)?,
        cycle,
    })
}

impl Network {
    /// Checks the arrays and returns each node's supply after the lower bounds.
    fn check(&self) -> Result<Vec<i64>, AssignmentError> {
        let arcs = self.from.len();
        let lengths = [
            self.to.len(),
            self.lower.len(),
            self.upper.len(),
            self.cost.len(),
        ];
        if lengths.iter().any(|n| *n != arcs) {
            return Err(AssignmentError::Shape("one entry per arc in each array"));
        }
        if u32::try_from(arcs + self.supply.len() + 2).is_err() {
            return Err(AssignmentError::Overflow("nodes and arcs"));
        }
        let mut excess: Vec<i128> = self.supply.iter().map(|s| i128::from(*s)).collect();
        let mut carried: i128 = 0;
        for (arc, ((from, to), (lower, upper))) in self
            .from
            .iter()
            .zip(&self.to)
            .zip(self.lower.iter().zip(&self.upper))
            .enumerate()
        {
            if *lower < 0 {
                return Err(AssignmentError::Negative {
                    what: "the lower bound of arc",
                    index: arc,
                });
            }
            if lower > upper {
                return Err(AssignmentError::Bounds { arc });
            }
            let lower = i128::from(*lower);
            for (node, change) in [(*from, -lower), (*to, lower)] {
                *excess
                    .get_mut(node as usize)
                    .ok_or(AssignmentError::UnknownNode { arc, node })? += change;
            }
            carried += lower;
        }
        // Whatever flows in the simplex is at most this, except round finite cycles.
        let moved: i128 = excess.iter().map(|e| e.abs()).sum::<i128>() + carried;
        if moved > i128::from(i64::MAX / 2) {
            return Err(AssignmentError::Overflow("supplies and lower bounds"));
        }
        Ok(excess
            .iter()
            .map(|e| i64::try_from(*e).unwrap_or(i64::MAX))
            .collect())
    }

    /// Returns the flows with the lower bounds added back.
    fn shifted<P: Number>(&self, simplex: &Simplex<P>) -> Result<Vec<i64>, AssignmentError> {
        self.lower
            .iter()
            .zip(simplex.flows())
            .map(|(lower, flow)| lower.checked_add(*flow))
            .collect::<Option<Vec<i64>>>()
            .ok_or(AssignmentError::Overflow("flows"))
    }

    /// Returns the capacity above the lower bound.
    pub(crate) fn room(&self) -> Vec<i64> {
        self.lower
            .iter()
            .zip(&self.upper)
            .map(|(lower, upper)| {
                if *upper == UNLIMITED {
                    UNLIMITED
                } else {
                    upper - lower
                }
            })
            .collect()
    }

    fn total(&self, flow: &[i64]) -> i128 {
        flow.iter()
            .zip(&self.cost)
            .map(|(f, c)| i128::from(*f) * i128::from(*c))
            .sum()
    }
}
