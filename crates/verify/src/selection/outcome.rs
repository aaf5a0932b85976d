//! What an outcome claims.

use minsheng_model::Text;
use serde::Deserialize;
use serde_json::Number;

use crate::report::offends;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcome {
    pub mechanism: String,
    pub status: String,
    pub objective: Option<Number>,
    pub bound: Option<Number>,
    pub gap: Option<Number>,
    #[serde(default)]
    pub stated_optimum: Option<Number>,
    pub chosen: Option<Vec<String>>,
    pub left_out: Vec<LeftOut>,
    pub rows: Vec<Row>,
    #[serde(default)]
    pub explanations: Vec<Explanation>,
    pub certificate: Certificate,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftOut {
    pub id: String,
    pub why: String,
    #[serde(default)]
    pub said: Option<String>,
    #[serde(default)]
    pub short_by: Option<Number>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub row: String,
    pub used: Option<Number>,
    pub least: Option<Number>,
    pub most: Option<Number>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Explanation {
    pub id: String,
    pub status: String,
    pub objective: Option<Number>,
    pub bound: Option<Number>,
    pub chosen: Option<Vec<String>>,
    pub increase: Option<Increase>,
    pub certificate: Certificate,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Increase {
    pub at_least: i128,
    pub enough: i128,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Certificate {
    pub method: String,
    pub step: i128,
    #[serde(default)]
    pub scale: Option<i64>,
    #[serde(default)]
    pub tree: Vec<Node>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Node {
    #[serde(default)]
    pub prices: Option<Vec<(usize, i64)>>,
    #[serde(default)]
    pub conflict: Option<Vec<(usize, i64)>>,
    #[serde(default)]
    pub again: bool,
    #[serde(default)]
    pub item: Option<usize>,
    #[serde(default)]
    pub row: Option<usize>,
    #[serde(default)]
    pub at: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Several {
    problems: Vec<Outcome>,
}

/// Reads one outcome, or the list of several.
pub(crate) fn read(text: &str) -> Result<Vec<Outcome>, Text> {
    let said = |e: serde_json::Error| offends("outcome", &e.to_string(), &e.to_string());
    let first = text.trim_start().trim_start_matches('{').trim_start();
    if first.starts_with("\"problems\"") {
        let several: Several = serde_json::from_str(text).map_err(said)?;
        return Ok(several.problems);
    }
    Ok(vec![serde_json::from_str(text).map_err(said)?])
}
