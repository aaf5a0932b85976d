//! The words of minsheng as types: texts in two languages, dates, decimals,
//! rules, decisions and diagnostics.
//!
//! **Invariant:** nothing here knows Arrow, SQL, files, clocks or threads. Every
//! other crate depends on this one; this one depends on `serde` alone.

mod calendar;
mod carried;
mod date;
mod decimal;
mod decision;
mod diagnostic;
mod mechanism;
mod offers;
mod places;
mod rules;
mod siting;
mod text;
mod travel;
mod value;

pub use calendar::{Calendar, Objective, Reached, Target};
pub use carried::{Carried, Fate, Taken};
pub use date::{Date, DateError};
pub use decimal::{Decimal, DecimalError};
pub use decision::{
    APPLICANT_LIMIT, ApplicantRow, ChoiceRow, Door, DoorRow, GROUP_LIMIT, GUARANTEE_TIER,
    MASK_LIMIT, Placement, ProviderRow, Verdict,
};
pub use diagnostic::{Diagnostic, Note, Severity, Span, has_errors};
pub use mechanism::{
    Budget, Count, Exclusion, Figure, Gives, Grouping, Limits, Mechanism, Must, Need, Quota,
    Ranking, Sees, Selection, Wanted,
};
pub use offers::{Answer, Late, Offers, Owed, Silence, Standing, StandingRow};
pub use places::{AccessMethod, AccessRules, Assignment, Catchment, Floor, Overload, Zone};
pub use rules::{
    Ceiling, Clause, Column, Combine, Draw, DrawSource, DrawUnit, Indicator, Law, Measure, Minimum,
    Order, Parameter, Publish, Reserve, Rules, Scope, Score, Status, Table, TieBreak, TieMethod,
    Tier, Unused, Variable,
};
pub use siting::{Amount, SiteFloors, SiteGroups, SiteModel, SiteYear, Siting};
pub use text::Text;
pub use travel::{ColumnPair, Coordinates, PairColumns, Travel, TravelMetric};
pub use value::{Type, Value};
