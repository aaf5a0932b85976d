//! A choice of sites as a bundle publishes it: read again, checked, and asked about.
//!
//! Nothing here is shared with the code that solved it or wrote it.

mod instance;
mod outcome;
mod told;
mod written;

use minsheng_model::Text;
use serde_json::Value;

use super::{check_centre, check_siting, check_years};
use crate::report::{Check, Found, Report, offends};
pub use instance::Read;
use outcome::Claim;
pub use told::{Forced, Served};

/// An instance with the outcome that is claimed of it.
#[derive(Debug)]
pub struct Published {
    /// The instance.
    pub read: Read,
    claim: Claim,
    /// Whether each site is open in the end.
    open: Vec<bool>,
    /// What the outcome says that follows from its plan.
    said: Derived,
}

/// Members of an outcome that follow from its plan.
#[derive(Debug, Default, PartialEq)]
struct Derived {
    groups: Option<Value>,
    worst: Option<Value>,
    gaps: Option<Value>,
    open: Option<Value>,
    years: Option<Value>,
}

impl Published {
    /// Reads both files; nothing is checked but their form.
    ///
    /// # Errors
    /// What is not as it is written.
    pub fn read(instance: &str, outcome: &str) -> Result<Self, Text> {
        let read = instance::read(&written::read("instance.json", instance)?)?;
        let written = written::read("outcome.json", outcome)?;
        outcome::published(read, written)
    }

    /// Returns how good the plan is said to be, such as `proved-optimal`.
    #[must_use]
    pub fn status(&self) -> &str {
        match &self.claim {
            Claim::Once(claim) => &claim.status,
            Claim::Years(claim) => &claim.status,
        }
    }
}

/// Checks an outcome against its instance, both as a bundle has them.
#[must_use]
pub fn check(instance: &str, outcome: &str) -> Report {
    let (zh, en) = ("文件可读", "the files can be read");
    let one = |found: Found| Check {
        id: "site/read",
        title: Text::new(zh, en),
        count: 1,
        ok: found.is_none(),
        offender: found,
    };
    let published = match Published::read(instance, outcome) {
        Ok(published) => published,
        Err(said) => {
            return Report {
                checks: vec![one(Some(said))],
                proved: Text::default(),
                not_proved: Text::default(),
            };
        }
    };
    let case = &published.read.case;
    let mut report = match (&published.claim, &published.read.staged) {
        (Claim::Years(claim), Some(staged)) => check_years(staged, claim),
        (Claim::Once(claim), None) if published.read.model == "p-center" => {
            check_centre(case, claim)
        }
        (Claim::Once(claim), None) => check_siting(case, claim),
        _ => {
            let said = offends("years", "与实例不符", "are not those of the instance");
            return Report {
                checks: vec![one(Some(said))],
                proved: Text::default(),
                not_proved: Text::default(),
            };
        }
    };
    report.checks.push(Check {
        id: "site/figures",
        title: Text::new(
            "各组、各类设施开设前后的覆盖情况由方案得出",
            "what is said of groups, types and years follows from the plan",
        ),
        count: published.read.demands.len() as u64,
        ok: true,
        offender: None,
    });
    if let (Some(said), Some(last)) = (published.derived_wrong(), report.checks.last_mut()) {
        last.ok = false;
        last.offender = Some(said);
    }
    report
}
