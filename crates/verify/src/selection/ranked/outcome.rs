//! What a ranked list's outcome claims.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outcome {
    pub mechanism: String,
    pub status: String,
    pub objective: i128,
    pub bound: Option<i128>,
    pub gap: Option<i128>,
    pub chosen: Vec<Chosen>,
    pub left_out: Vec<LeftOut>,
    pub lacking: Vec<Lacking>,
    pub cut_lines: Vec<CutLine>,
    pub rows: Vec<Row>,
    #[serde(default)]
    pub explanations: Vec<Explanation>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    pub id: String,
    pub rank: usize,
    pub way: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeftOut {
    pub id: String,
    pub why: String,
    #[serde(default)]
    pub said: Option<String>,
    #[serde(default)]
    pub rank: Option<usize>,
    #[serde(default)]
    pub obstacles: Vec<Obstacle>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Obstacle {
    #[serde(default)]
    pub row: Option<String>,
    #[serde(default)]
    pub over: Option<i128>,
    #[serde(default)]
    pub needs: Option<String>,
    #[serde(default)]
    pub ended: bool,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lacking {
    pub row: String,
    pub by: usize,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CutLine {
    pub line: String,
    pub last_in: Option<String>,
    pub first_out: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub row: String,
    pub used: i128,
    pub least: Option<i64>,
    pub most: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Explanation {
    pub id: String,
    pub score: Option<i128>,
    pub costs: BTreeMap<String, Option<i64>>,
    pub limits: Vec<Raise>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raise {
    pub row: String,
    pub raise: Option<i128>,
    pub searched: Option<i128>,
}
