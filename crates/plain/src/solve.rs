use minsheng_model::Text;

use crate::certify::certify;
use crate::compare::compare;
use crate::decide::decide;
use crate::error::{Mistake, PlainError};
use crate::input::{Instance, Mechanism};
use crate::market::{Built, build};
use crate::outcome::outcome;

/// Returns the JSON Schema of the input of [`solve_match`].
#[must_use]
pub fn schema_match() -> serde_json::Value {
    schemars::schema_for!(Instance).to_value()
}

/// Solves a market given as JSON and returns the outcome as JSON.
///
/// The mechanism named in it decides; what it promises (stability, the best stable
/// result for applicants, efficiency, caps) was checked by other code than the
/// solver's before the outcome is returned, and whatever blocks it is listed.
///
/// # Errors
/// Every mistake of the instance with its line, column and JSON Pointer.
pub fn solve_match(text: &str) -> Result<String, PlainError> {
    let (instance, mut built) = read(text)?;
    let decision = decide(&instance, &mut built)?;
    let withheld = |said: String| {
        PlainError::whole(
            format!("内部错误,结果未通过复核,不予输出:{said}"),
            format!("internal error, the outcome did not pass its check and is withheld: {said}"),
        )
    };
    let (certificate, blocks) = certify(&instance, &built, &decision).map_err(withheld)?;
    let compared = compare(&instance, &built, &decision).map_err(withheld)?;
    let outcome = outcome(&instance, &built, &decision, certificate, &blocks, compared);
    serde_json::to_string_pretty(&outcome)
        .map_err(|e| PlainError::whole(e.to_string(), e.to_string()))
}

/// Reads an instance.
///
/// # Errors
/// Every mistake in it.
pub(crate) fn read(text: &str) -> Result<(Instance, Built), PlainError> {
    let mut instance: Instance = serde_json::from_str(text).map_err(|e| syntax(&e))?;
    let mut built = build(text, &instance)?;
    if by_order(&instance) {
        // What goes by the order of people and providers goes by that of their ids,
        // so that the file's order does not matter.
        instance.applicants.sort_by(|a, b| a.id.cmp(&b.id));
        instance.providers.sort_by(|a, b| a.id.cmp(&b.id));
        instance.couples.sort_by(|a, b| a.members.cmp(&b.members));
        built = build(text, &instance)?;
    }
    instance.forget_lists();
    Ok((instance, built))
}

/// Returns whether the mechanism takes one before the other where nothing else says
/// which.
fn by_order(instance: &Instance) -> bool {
    instance.mechanism == Mechanism::StableImprovementCycles
        || !instance.couples.is_empty()
        || !instance.families.is_empty()
        || instance.providers.iter().any(|p| p.minimum > 0)
}

pub(crate) fn syntax(error: &serde_json::Error) -> PlainError {
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said);
    PlainError {
        mistakes: vec![Mistake {
            at: Some((error.line(), error.column())),
            pointer: String::new(),
            message: Text::new(format!("JSON 有误:{said}"), said.to_owned()),
        }],
    }
}
