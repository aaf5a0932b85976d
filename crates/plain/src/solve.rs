use minsheng_model::Text;

use crate::certify::certify;
use crate::compare::compare;
use crate::decide::decide;
use crate::error::{Mistake, PlainError};
use crate::input::Instance;
use crate::market::build;
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
    let instance: Instance = serde_json::from_str(text).map_err(|e| syntax(&e))?;
    let built = build(text, &instance)?;
    let decision = decide(&instance, &built)?;
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

fn syntax(error: &serde_json::Error) -> PlainError {
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
