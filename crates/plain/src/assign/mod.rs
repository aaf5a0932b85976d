//! Assigning demand to capacity.

mod check;
mod dimacs;
mod json;

use minsheng_verify::Report;
use serde_json::{Value, json};

use crate::error::PlainError;
use crate::site::fields::Fields;
use crate::words::number;

pub use json::schema as schema_assign;

/// What an instance of `solve assign` is.
enum Instance {
    Network(minsheng_assignment::Network),
    Transport(Box<json::Transport>),
}

fn read(text: &str) -> Result<Instance, PlainError> {
    if text.trim_start().starts_with('{') {
        json::read(text).map(|t| Instance::Transport(Box::new(t)))
    } else {
        dimacs::read(text).map(Instance::Network)
    }
}

/// Solves a minimum-cost flow (DIMACS `.min`) or a transport problem (JSON) and
/// returns the outcome as JSON, checked.
///
/// # Errors
/// Every mistake of the instance with its line and column.
pub fn solve_assign(text: &str) -> Result<String, PlainError> {
    let instance = read(text)?;
    let outcome = match &instance {
        Instance::Network(network) => dimacs::solve(network)?,
        Instance::Transport(transport) => json::solve(transport)?,
    };
    crate::site::finish(&outcome, &check(&instance, &outcome)?)
}

/// Checks an outcome of [`solve_assign`] against its instance.
///
/// # Errors
/// A wrong instance, or an outcome that is not one.
pub fn verify_assign(outcome: &str, instance: &str) -> Result<Report, PlainError> {
    let instance = read(instance)?;
    let outcome = crate::site::outcome(outcome)?;
    check(&instance, &outcome)
}

fn check(instance: &Instance, outcome: &Value) -> Result<Report, PlainError> {
    let fields = Fields(outcome);
    match instance {
        Instance::Network(network) => dimacs::check(network, &fields),
        Instance::Transport(transport) => check::check(transport, &fields),
    }
}

/// Returns objective, bound and gap of an outcome that is exact.
fn exact(cost: i128) -> Value {
    json!({ "objective": number(cost, 0), "bound": number(cost, 0), "gap": 0 })
}
