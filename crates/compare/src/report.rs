//! The answer, as programs and people read it.

use minsheng_model::Text;
use serde::Serialize;

use crate::closings::ProviderClosing;
use crate::figures::{Band, Kind};
use crate::groups::GroupTable;
use crate::misreport::{Misreports, Theory};
use crate::moved::{Mover, ReasonCount};

/// A figure of one set of rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// What it counts.
    pub kind: Kind,
    /// In the draw that decides; `None` where there is no such figure.
    pub value: Option<i64>,
    /// Over the draws.
    pub band: Option<Band>,
}

/// One set of rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Its short name; `base` for the programme as it stands.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// What is otherwise, one line each.
    pub changes: Vec<Text>,
    /// How places are given.
    pub mechanism: String,
    /// Whether it pays to misreport, by theory.
    pub theory: Theory,
    /// All places.
    pub places: u64,
    /// The figures.
    pub figures: Vec<Figure>,
    /// Providers that do not open, in the draw that decides or in some other, by key;
    /// `None` where the rules have no minimum.
    pub closings: Option<Vec<ProviderClosing>>,
}

/// An alternative against the base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Versus {
    /// The alternative itself.
    pub side: Side,
    /// Each figure less that of the base; bands are of differences within one draw.
    pub differences: Vec<Figure>,
    /// By groups.
    pub groups: Vec<GroupTable>,
    /// How many moved through what, the most frequent first.
    pub reasons: Vec<ReasonCount>,
    /// Whether it pays to misreport, by trying; `None` when it was not tried.
    pub misreports: Option<Misreports>,
    /// Everybody whose place is another, by application number.
    pub movers: Vec<Mover>,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The programme's short name.
    pub programme: String,
    /// What people call it.
    pub title: Text,
    /// The cycle.
    pub cycle: String,
    /// What the programme says of its registers, such as that they are synthetic.
    pub notice: Text,
    /// All applicants.
    pub applicants: u64,
    /// The text that all what-if draws follow from.
    pub seed: String,
    /// How many draws bands are made of.
    pub draws: u32,
    /// Whether single values are those of the programme's own draw; before it was held
    /// they are those of the first what-if draw.
    pub own_draw: bool,
    /// Counts in groups below this are hidden.
    pub cell_min: u32,
    /// The column of metres.
    pub travel: Option<String>,
    /// The programme as it stands.
    pub base: Side,
    /// The alternatives, in the order asked for.
    pub alternatives: Vec<Versus>,
}
