/// How much is known about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// No better answer exists.
    ProvedOptimal,
    /// No answer is better by more than this.
    Within(i128),
    /// An answer, and nothing is known about how good it is.
    NoBound,
    /// No answer exists.
    ProvedInfeasible,
    /// No answer was found, and none was proved impossible.
    Undecided,
}

/// One integer price per row, rows of price 0 left out: a positive price is paid
/// for the row's upper end, a negative one for its lower end.
pub type Prices = Vec<(u32, i64)>;

/// What happens below a node of the proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Nothing: the prices close it.
    Leaf,
    /// The prices show that no choice is possible here, whatever it is worth.
    Conflict,
    /// One child, the same box with what these prices fix.
    Again,
    /// The item is out in the first child and in in the second.
    Item(u32),
    /// The row's sum is at most this in the first child and more in the second.
    /// The row after the last one counts all items.
    Row(u32, i64),
}

/// A node of the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its prices, in `1 / scale` of a unit of value; for a conflict in any unit.
    pub prices: Prices,
    /// What is below.
    pub split: Split,
}

/// The numbers from which anybody recomputes the bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A tree in preorder: a node, then all of its first child, then all of its
    /// second. Empty when there is no bound.
    Tree {
        /// What prices are divided by.
        scale: i64,
        /// The nodes.
        nodes: Vec<Node>,
    },
    /// The budget's table, filled row by row, gives the objective.
    Table,
}

/// A choice, what it is worth, and the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// One per item; `None` when no choice was found.
    pub chosen: Option<Vec<bool>>,
    /// Its total value.
    pub objective: Option<i128>,
    /// No choice has a greater total value.
    pub bound: Option<i128>,
    /// What follows from the two.
    pub status: Status,
    /// Why the bound holds.
    pub proof: Proof,
    /// How many nodes were worked on.
    pub nodes: u64,
}

impl Outcome {
    pub(crate) fn new(
        best: Option<(i128, Vec<bool>)>,
        bound: Option<i128>,
        infeasible: bool,
        proof: Proof,
        nodes: u64,
    ) -> Self {
        let (objective, chosen) = best.map_or((None, None), |(v, x)| (Some(v), Some(x)));
        let status = match (objective, bound) {
            (None, _) if infeasible => Status::ProvedInfeasible,
            (None, _) => Status::Undecided,
            (Some(_), None) => Status::NoBound,
            (Some(o), Some(b)) if o >= b => Status::ProvedOptimal,
            (Some(o), Some(b)) => Status::Within(b.saturating_sub(o)),
        };
        Self {
            chosen,
            objective,
            bound,
            status,
            proof,
            nodes,
        }
    }
}
