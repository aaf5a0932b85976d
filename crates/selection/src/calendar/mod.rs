//! In which period each project starts.
//!
//! A project takes one of its choices: a start period with what it uses of each
//! cell (a resource in a period), or not being done at all. Cells have capacities,
//! targets ask for at least so many choices that count. The least total cost is
//! sought; for any prices of 0 or more
//!
//! `bound = sum over projects of min over choices of (scale * cost + prices used - prices counted) - prices * capacity + prices * target`
//!
//! holds (time-indexed Lagrangian relaxation; Dyer and Wolsey 1990 for the
//! formulation), and a tree of windows closes what is left. Projects that share no
//! cell and no target are parts of their own.

mod lagrange;
mod list;
mod part;
mod price;
mod search;

use crate::problem::SIZE_MAX;
use crate::{Effort, Status};
use part::parts;

/// One way of doing a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The period it starts in; `None` when it is not done.
    pub start: Option<u32>,
    /// What it costs the objective.
    pub cost: i64,
    /// Cell and amount, of 0 or more, each cell once.
    pub uses: Vec<(u32, i64)>,
    /// Targets it counts towards, each once.
    pub counts: Vec<u32>,
}

/// Projects with their choices, and what there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Capacity of each cell.
    pub cells: Vec<i64>,
    /// How many choices have to count towards each target.
    pub targets: Vec<i64>,
    /// Each project's choices, starts rising, not being done last.
    pub projects: Vec<Vec<Choice>>,
}

/// A node of a part's proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Prices of cells, and after the last cell of targets; 0 is left out.
    pub prices: Vec<(u32, i64)>,
    /// What is below.
    pub split: Window,
}

/// What happens below a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Nothing: the prices close it.
    Leaf,
    /// The prices show that nothing is possible, whatever it costs.
    Conflict,
    /// The project starts by this period in the first child, later or never in the
    /// second.
    Start(u32, u32),
}

/// The proof of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartProof {
    /// Its projects.
    pub projects: Vec<u32>,
    /// They cost at least this; `None` when they are not possible at all.
    pub bound: Option<i128>,
    /// What prices are divided by.
    pub scale: i64,
    /// The tree in preorder.
    pub tree: Vec<Branch>,
}

/// Starts, their cost, and the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    /// The choice of each project, if all could be placed.
    pub taken: Option<Vec<usize>>,
    /// Its total cost.
    pub objective: Option<i128>,
    /// Nothing costs less.
    pub bound: Option<i128>,
    /// What follows from the two.
    pub status: Status,
    /// One per part; one alone when it shows that nothing is possible.
    pub proof: Vec<PartProof>,
}

/// Why a calendar cannot be taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Indices or sizes that do not fit.
    #[error("project {0} names what is not there, names it twice, or uses less than nothing")]
    Shape(usize),
    /// Starts that do not rise.
    #[error("the starts of project {0} do not rise")]
    Order(usize),
    /// A negative capacity, or too much of everything.
    #[error("a capacity is negative, or there is too much of everything")]
    Size,
}

impl Calendar {
    /// Checks that everything fits together.
    ///
    /// # Errors
    /// The first thing that does not.
    pub fn check(&self) -> Result<(), CalendarError> {
        let choices: usize = self.projects.iter().map(Vec::len).sum();
        if self.cells.iter().any(|c| *c < 0) || choices > SIZE_MAX || self.cells.len() > SIZE_MAX {
            return Err(CalendarError::Size);
        }
        for (at, choices) in self.projects.iter().enumerate() {
            for choice in choices {
                let mut cells: Vec<u32> = choice.uses.iter().map(|(c, _)| *c).collect();
                let mut counts = choice.counts.clone();
                cells.sort_unstable();
                counts.sort_unstable();
                let right = cells.is_sorted_by(|a, b| a < b)
                    && counts.is_sorted_by(|a, b| a < b)
                    && cells
                        .last()
                        .is_none_or(|c| (*c as usize) < self.cells.len())
                    && counts
                        .last()
                        .is_none_or(|c| (*c as usize) < self.targets.len())
                    && choice.uses.iter().all(|(_, a)| *a >= 0);
                if !right {
                    return Err(CalendarError::Shape(at));
                }
            }
            let key = |c: &Choice| c.start.map_or(u64::MAX, u64::from);
            if !choices.is_sorted_by(|a, b| key(a) < key(b)) {
                return Err(CalendarError::Order(at));
            }
        }
        Ok(())
    }
}

/// Places every project.
///
/// # Errors
/// A calendar that does not fit together.
pub fn schedule(calendar: &Calendar, effort: Effort) -> Result<Timetable, CalendarError> {
    calendar.check()?;
    let parts = parts(calendar);
    let share = Effort {
        work: effort.work / (parts.len() as u64).max(1),
        nodes: effort.nodes,
    };
    let mut table = Timetable {
        taken: Some(vec![0; calendar.projects.len()]),
        objective: Some(0),
        bound: Some(0),
        status: Status::Undecided,
        proof: Vec::new(),
    };
    for part in parts {
        let solved = search::solve(calendar, &part, share);
        let bound = solved.bound;
        let proof = PartProof {
            projects: part.projects.iter().map(|p| *p as u32).collect(),
            bound,
            scale: solved.scale,
            tree: solved.tree,
        };
        if bound.is_none() {
            return Ok(Timetable {
                taken: None,
                objective: None,
                bound: None,
                status: Status::ProvedInfeasible,
                proof: vec![proof],
            });
        }
        table.bound = table.bound.zip(bound).map(|(a, b)| a + b);
        table.proof.push(proof);
        match (&mut table.taken, solved.best) {
            (Some(all), Some((cost, own))) => {
                table.objective = table.objective.map(|o| o + cost);
                for (project, choice) in part.projects.iter().zip(own) {
                    if let Some(slot) = all.get_mut(*project) {
                        *slot = choice;
                    }
                }
            }
            _ => table.taken = None,
        }
    }
    if table.taken.is_none() {
        table.objective = None;
    }
    table.status = match (table.objective, table.bound) {
        (Some(o), Some(b)) if o <= b => Status::ProvedOptimal,
        (Some(o), Some(b)) => Status::Within(o - b),
        (Some(_), None) => Status::NoBound,
        (None, _) => Status::Undecided,
    };
    Ok(table)
}
