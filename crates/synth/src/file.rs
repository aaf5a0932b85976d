//! The plan's file as written, with places.

use minsheng_model::Text;
use serde::Deserialize;
use toml::{Spanned, Value};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    pub format: Spanned<u32>,
    pub seed: Spanned<String>,
    pub notice: Spanned<Text>,
    pub areas: Option<Spanned<Vec<AreaFile>>>,
    pub areas_file: Option<Spanned<String>>,
    pub parts: Option<Spanned<Vec<u32>>>,
    pub part_name: Spanned<String>,
    pub providers: Option<ProvidersFile>,
    pub applicants: Option<PeopleFile>,
    pub choices: Option<Spanned<WishesFile>>,
    #[serde(default)]
    pub tables: Vec<SpreadFile>,
}

/// Areas that several plans share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreasFile {
    pub format: Spanned<u32>,
    pub areas: Spanned<Vec<AreaFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpreadFile {
    pub file: Spanned<String>,
    pub count: Spanned<u32>,
    pub columns: Spanned<Vec<Spanned<ColumnFile>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaFile {
    pub id: Spanned<String>,
    pub name: String,
    pub weight: Spanned<u32>,
    pub parts: Spanned<u32>,
    pub x: Spanned<i64>,
    pub y: Spanned<i64>,
    pub radius: Spanned<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvidersFile {
    pub file: Spanned<String>,
    pub count: Spanned<u32>,
    pub places: Spanned<u64>,
    pub places_each: Spanned<[u32; 2]>,
    pub group: Spanned<u32>,
    pub popularity: Spanned<[u32; 2]>,
    pub editions: Option<Spanned<Vec<String>>>,
    pub columns: Spanned<Vec<Spanned<ColumnFile>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleFile {
    pub file: Spanned<String>,
    pub count: Spanned<u32>,
    pub twins: Option<Spanned<u32>>,
    pub housemates: Option<Spanned<u32>>,
    pub columns: Spanned<Vec<Spanned<ColumnFile>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WishesFile {
    pub file: Spanned<String>,
    pub length: Spanned<[u32; 2]>,
    pub among: Spanned<u32>,
    pub whim: Spanned<u32>,
    pub within: Option<Spanned<String>>,
    #[serde(rename = "match")]
    pub matching: Option<Vec<PairFile>>,
    pub stray: Option<Spanned<u32>>,
    #[serde(rename = "where")]
    pub only: Option<WhenFile>,
    pub first: Option<FirstFile>,
    pub columns: Spanned<Vec<Spanned<ColumnFile>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstFile {
    pub column: Spanned<String>,
    pub per_mille: Spanned<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairFile {
    pub applicant: Spanned<String>,
    pub provider: Spanned<String>,
}

/// A column, or a case of one: a case has `is` in place of a name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnFile {
    pub name: Option<Spanned<String>>,
    pub is: Option<Spanned<Value>>,
    pub make: Spanned<String>,
    pub pattern: Option<Spanned<String>>,
    pub length: Option<Spanned<u32>>,
    pub value: Option<Spanned<Value>>,
    pub from: Option<Spanned<Value>>,
    pub until: Option<Spanned<Value>>,
    pub step: Option<Spanned<i64>>,
    pub per_mille: Option<Spanned<u32>>,
    pub values: Option<Spanned<Vec<Value>>>,
    pub weights: Option<Spanned<Vec<u32>>>,
    pub of: Option<Spanned<String>>,
    pub cases: Option<Spanned<Vec<Spanned<ColumnFile>>>>,
    pub rank: Option<Spanned<u32>>,
    pub edges: Option<Spanned<Vec<i64>>>,
    #[serde(rename = "where")]
    pub only: Option<WhenFile>,
    pub per: Option<Spanned<String>>,
    pub missing: Option<Spanned<u32>>,
    pub when: Option<WhenFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhenFile {
    pub column: Spanned<String>,
    pub is: Spanned<Value>,
}
