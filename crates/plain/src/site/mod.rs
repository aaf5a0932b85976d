//! Where to open.

pub(crate) mod fields;
mod flows;
mod gaps;
#[cfg(feature = "highs")]
mod general;
mod groups;
mod input;
mod json;
mod orlib;
mod outcome;
pub(crate) mod place;
mod problem;
pub(crate) mod side;
mod years;

use minsheng_siting::{Assigner, EFFORT, YEARS_EFFORT, centre, site, years as by_year};
use minsheng_verify::Report;
use minsheng_verify::siting::{check_centre, check_siting};
use serde_json::Value;

use crate::error::PlainError;
use crate::solve::syntax;
use flows::Flows;
pub use input::Model;
pub(crate) use input::{Ground, Round};
use problem::Problem;

/// Returns the JSON Schema of the input of [`solve_site`].
#[must_use]
pub fn schema_site() -> Value {
    schemars::schema_for!(input::Input).to_value()
}

/// What is said beside a siting instance.
#[derive(Debug, Clone, Copy, Default)]
pub struct SiteOptions {
    /// The model, unless the instance names it.
    pub model: Option<Model>,
    /// How many sites are open, instead of what the instance says.
    pub p: Option<u32>,
    /// How far a site reaches, instead of what the instance says.
    pub reach: Option<i64>,
    /// The warehouses' capacity where the text leaves it open.
    pub capacity: Option<i64>,
}

fn read(text: &str, options: SiteOptions) -> Result<Problem, PlainError> {
    let (mut raw, model) = if text.trim_start().starts_with('{') {
        let input = json::parse(text)?;
        let model = options.model.or(input.model);
        (json::build(text, &input)?, model)
    } else {
        let model = options.model.unwrap_or(Model::PMedian);
        (orlib::read(text, model, options.capacity)?, Some(model))
    };
    let model = model.ok_or_else(|| PlainError::whole("缺少 `model`", "`model` is missing"))?;
    if let Some(p) = options.p {
        raw.p = Some(p);
    }
    if let Some(reach) = options.reach {
        if reach < 0 {
            return Err(PlainError::whole(
                "服务半径不应为负",
                "the reach is negative",
            ));
        }
        let unit = 10i64
            .checked_pow(raw.places)
            .and_then(|u| reach.checked_mul(u));
        raw.reach =
            Some(unit.ok_or_else(|| PlainError::whole("服务半径过大", "the reach is too large"))?);
    }
    if model == Model::MaxCover && options.model == Some(model) && raw.reach.is_none() {
        return Err(PlainError::whole(
            "缺少服务半径",
            "`reach` is missing: a cover needs it",
        ));
    }
    raw.under(model)
}

/// Solves a siting problem (OR-Library text or JSON) and returns the outcome as JSON,
/// checked.
///
/// # Errors
/// Every mistake of the instance with its place.
pub fn solve_site(text: &str, options: SiteOptions) -> Result<String, PlainError> {
    let problem = read(text, options)?;
    let effort = problem.effort.unwrap_or(EFFORT);
    let flows = Flows;
    let assigner = problem
        .instance
        .capacity
        .as_ref()
        .map(|_| &flows as &dyn Assigner);
    let said =
        |e: minsheng_siting::SitingError| PlainError::whole(format!("无法求解:{e}"), e.to_string());
    let value = if let Some(staging) = &problem.staging {
        let staged = staging.staged(&problem);
        let found = by_year(&staged, problem.effort.unwrap_or(YEARS_EFFORT)).map_err(said)?;
        staging.write(&problem, &found)
    } else if !problem.sides.names.is_empty() {
        constrained(&problem, effort, assigner)?
    } else if problem.model == Model::PCenter {
        let found = centre(&problem.instance, effort, assigner).map_err(said)?;
        outcome::of_centre(&problem, &found)
    } else {
        let found = site(&problem.instance, effort, assigner).map_err(said)?;
        outcome::of_site(&problem, &found)
    };
    let report = check(&problem, &value)?;
    finish(&value, &report)
}

#[cfg(feature = "highs")]
fn constrained(
    problem: &Problem,
    effort: u64,
    assigner: Option<&dyn Assigner>,
) -> Result<Value, PlainError> {
    general::solve(problem, effort, assigner)
}

#[cfg(not(feature = "highs"))]
fn constrained(_: &Problem, _: u64, _: Option<&dyn Assigner>) -> Result<Value, PlainError> {
    Err(PlainError::whole(
        "`constraints` 须由通用求解器求解,本程序未带:请用 `cargo build --release --features highs` 编译(需要 cmake 与 libclang);核对结果不需要",
        "`constraints` need a general solver, which this program was built without: build it with `cargo build --release --features highs` (needs cmake and libclang); checking an outcome does not need it",
    ))
}

/// Checks an outcome of [`solve_site`] against its instance.
///
/// # Errors
/// A wrong instance, or an outcome that is not one.
pub fn verify_site(text: &str, instance: &str, options: SiteOptions) -> Result<Report, PlainError> {
    let value = outcome(text)?;
    let problem = read(instance, options)?;
    check(&problem, &value)
}

fn check(problem: &Problem, value: &Value) -> Result<Report, PlainError> {
    if let Some(staging) = &problem.staging {
        return staging.check(problem, value);
    }
    let claim = outcome::claim(problem, value)?;
    groups::check(problem, value, &claim)?;
    let open = claim.plan.as_ref().map(|p| p.open.as_slice());
    if let Some(open) = open {
        side::check(problem, value, open)?;
    }
    gaps::check(problem, value, open)?;
    Ok(if problem.model == Model::PCenter {
        check_centre(&problem.case, &claim)
    } else {
        check_siting(&problem.case, &claim)
    })
}

/// Reads an outcome.
pub(crate) fn outcome(text: &str) -> Result<Value, PlainError> {
    serde_json::from_str(text).map_err(|e| syntax(&e))
}

/// Returns the outcome's text when its check holds.
pub(crate) fn finish(value: &Value, report: &Report) -> Result<String, PlainError> {
    if let Some(check) = report.checks.iter().find(|c| !c.ok) {
        let said = check.offender.clone().unwrap_or_default();
        return Err(PlainError::whole(
            format!(
                "内部错误,结果未通过复核({}),不予输出:{}",
                check.title.zh, said.zh
            ),
            format!(
                "internal error, the outcome did not pass its check ({}) and is withheld: {}",
                check.title.en, said.en
            ),
        ));
    }
    serde_json::to_string(value).map_err(|e| PlainError::whole(e.to_string(), e.to_string()))
}
