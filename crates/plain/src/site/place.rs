//! Coordinates of JSON instances.

use minsheng_siting::{Measure, Points, Rounding, on_sphere};
use minsheng_verify::siting::{CaseMetric, CaseRounding};
use serde_json::Number;

use super::input::{Ground, Round};
use crate::error::{Mistake, PlainError};
use crate::locate::locate;
use crate::words::Exact;
use minsheng_model::Text;

/// Returns the error of one mistake at a JSON Pointer.
pub(crate) fn wrong(text: &str, pointer: &str, zh: &str, en: &str) -> PlainError {
    PlainError {
        mistakes: vec![Mistake {
            at: locate(text, pointer),
            pointer: pointer.to_owned(),
            message: Text::new(zh, en),
        }],
    }
}

/// How points are measured.
#[derive(Clone, Copy)]
pub(crate) struct Measured {
    pub ground: Ground,
    pub per_metre: i64,
    pub rounding: Round,
}

/// A point as given: x and y, lon and lat.
pub(crate) type Given<'a> = [Option<&'a Number>; 4];

impl Measured {
    /// Reads a point: millimetres of a plane, or billionths of a degree.
    pub fn point(
        &self,
        text: &str,
        pointer: &str,
        given: Given<'_>,
    ) -> Result<(i64, i64), PlainError> {
        let [x, y, lon, lat] = given;
        let sphere = self.ground == Ground::GreatCircle;
        let (pair, names, others) = if sphere {
            ([lon, lat], ["lon", "lat"], x.or(y))
        } else {
            ([x, y], ["x", "y"], lon.or(lat))
        };
        if others.is_some() {
            return Err(wrong(
                text,
                pointer,
                "坐标与 `metric` 不符",
                "has coordinates of another `metric`",
            ));
        }
        let mut read = [0i64; 2];
        for ((value, name), slot) in pair.iter().zip(names).zip(&mut read) {
            let Some(value) = value else {
                return Err(wrong(
                    text,
                    pointer,
                    &format!("缺少 `{name}`"),
                    &format!("has no `{name}`"),
                ));
            };
            let here = format!("{pointer}/{name}");
            let most: i64 = match name {
                "lat" => 90_000_000_000,
                "lon" => 360_000_000_000,
                // A million kilometres.
                _ => 1_000_000_000_000,
            };
            let places = if sphere { 9 } else { 3 };
            let exact = Exact::read(&value.to_string()).and_then(|e| e.rounded(places));
            *slot = exact.filter(|v| v.abs() <= most).ok_or_else(|| {
                wrong(
                    text,
                    &here,
                    &format!("`{value}` 不是有效坐标"),
                    &format!("`{value}` is not a coordinate"),
                )
            })?;
        }
        Ok(read.into())
    }

    /// Returns the points as the solver measures them.
    pub fn points(&self, demand: &[(i64, i64)], site: &[(i64, i64)]) -> Points {
        let sphere = self.ground == Ground::GreatCircle;
        let place = |p: &(i64, i64)| {
            if sphere {
                on_sphere(p.0, p.1)
            } else {
                [p.0, p.1, 0]
            }
        };
        Points {
            demand: demand.iter().map(place).collect(),
            site: site.iter().map(place).collect(),
            measure: Measure {
                sphere,
                per_metre: self.per_metre,
                rounding: match self.rounding {
                    Round::Floor => Rounding::Floor,
                    Round::Nearest => Rounding::Nearest,
                    Round::Ceil => Rounding::Ceil,
                },
            },
        }
    }

    /// Returns the points as the checker measures them.
    pub fn case(&self, demand: Vec<(i64, i64)>, site: Vec<(i64, i64)>) -> CaseMetric {
        CaseMetric::Points {
            demand,
            site,
            sphere: self.ground == Ground::GreatCircle,
            per_metre: self.per_metre,
            rounding: match self.rounding {
                Round::Floor => CaseRounding::Floor,
                Round::Nearest => CaseRounding::Nearest,
                Round::Ceil => CaseRounding::Ceil,
            },
        }
    }
}
