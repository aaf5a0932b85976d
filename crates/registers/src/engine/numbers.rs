//! Exact arithmetic and comparison where a decimal takes part.

use std::cmp::Ordering;
use std::sync::Arc;

use datafusion::arrow::array::{Array as _, AsArray as _, BooleanArray, Decimal128Array};
use datafusion::arrow::buffer::{NullBuffer, ScalarBuffer};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Int64Type};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::ColumnarValue;
use minsheng_model::{Decimal, DecimalError};

use super::fault::Fault;

/// Whole numbers or decimals, one for all rows or one per row.
struct Numbers {
    values: Values,
    nulls: Option<NullBuffer>,
    scale: u8,
}

enum Values {
    /// The same everywhere; `None` is missing.
    One(Option<i128>),
    Integers(ScalarBuffer<i64>),
    Decimals(ScalarBuffer<i128>),
}

impl Numbers {
    fn new(value: &ColumnarValue) -> Result<Self> {
        let scale = match value.data_type() {
            DataType::Int64 => 0,
            DataType::Decimal128(_, scale) => u8::try_from(scale).unwrap_or(0),
            other => return internal_err!("{other} is not an exact number"),
        };
        let (values, nulls) = match value {
            ColumnarValue::Scalar(ScalarValue::Int64(n)) => (Values::One(n.map(i128::from)), None),
            ColumnarValue::Scalar(ScalarValue::Decimal128(n, ..)) => (Values::One(*n), None),
            ColumnarValue::Scalar(_) => return internal_err!("a number was expected"),
            ColumnarValue::Array(array) => {
                let nulls = array.nulls().cloned();
                match (
                    array.as_primitive_opt::<Int64Type>(),
                    array.as_primitive_opt::<Decimal128Type>(),
                ) {
                    (Some(integers), _) => (Values::Integers(integers.values().clone()), nulls),
                    (_, Some(decimals)) => (Values::Decimals(decimals.values().clone()), nulls),
                    _ => return internal_err!("a number was expected"),
                }
            }
        };
        Ok(Self {
            values,
            nulls,
            scale,
        })
    }

    fn get(&self, row: usize) -> Option<i128> {
        if self.nulls.as_ref().is_some_and(|n| n.is_null(row)) {
            return None;
        }
        match &self.values {
            Values::One(value) => *value,
            Values::Integers(values) => values.get(row).map(|n| i128::from(*n)),
            Values::Decimals(values) => values.get(row).copied(),
        }
    }

    fn is_one(&self) -> bool {
        matches!(self.values, Values::One(_))
    }
}

/// Returns two operands and for how many rows to compute: one is enough where
/// both are the same everywhere.
fn pair(
    left: &ColumnarValue,
    right: &ColumnarValue,
    rows: usize,
) -> Result<(Numbers, Numbers, usize, bool)> {
    let (left, right) = (Numbers::new(left)?, Numbers::new(right)?);
    let constant = left.is_one() && right.is_one();
    Ok((left, right, if constant { 1 } else { rows }, constant))
}

fn value(array: datafusion::arrow::array::ArrayRef, constant: bool) -> Result<ColumnarValue> {
    if constant {
        return ScalarValue::try_from_array(&array, 0).map(ColumnarValue::Scalar);
    }
    Ok(ColumnarValue::Array(array))
}

/// Returns the result of an operation that is checked on every row, as decimals of
/// the scale.
pub(super) fn arithmetic(
    left: &ColumnarValue,
    right: &ColumnarValue,
    rows: usize,
    scale: u8,
    op: impl Fn(Decimal, Decimal) -> std::result::Result<Decimal, DecimalError>,
) -> Result<ColumnarValue> {
    let (left, right, rows, constant) = pair(left, right, rows)?;
    let one = |row: usize| -> std::result::Result<Option<i128>, DecimalError> {
        let (Some(a), Some(b)) = (left.get(row), right.get(row)) else {
            return Ok(None);
        };
        let result = op(Decimal::new(a, left.scale)?, Decimal::new(b, right.scale)?)?;
        Ok(Some(result.rescale(scale)?.mantissa()))
    };
    let array: Decimal128Array = (0..rows)
        .map(one)
        .collect::<std::result::Result<_, _>>()
        .map_err(|_| Fault::Overflow)?;
    let array = array.with_precision_and_scale(38, i8::try_from(scale).unwrap_or(0))?;
    value(Arc::new(array), constant)
}

/// Returns the answers of a comparison by value. `wanted` is told the order, or
/// `None` where a side is missing.
pub(super) fn compare(
    left: &ColumnarValue,
    right: &ColumnarValue,
    rows: usize,
    wanted: impl Fn(Option<Ordering>, bool) -> Option<bool>,
) -> Result<ColumnarValue> {
    let (left, right, rows, constant) = pair(left, right, rows)?;
    let same_scale = left.scale == right.scale;
    let order = |a: i128, b: i128| {
        if same_scale {
            return Some(a.cmp(&b));
        }
        let (a, b) = (Decimal::new(a, left.scale), Decimal::new(b, right.scale));
        Some(a.ok()?.cmp(&b.ok()?))
    };
    let array: BooleanArray = (0..rows)
        .map(|row| match (left.get(row), right.get(row)) {
            (Some(a), Some(b)) => wanted(order(a, b), false),
            (None, None) => wanted(None, true),
            _ => wanted(None, false),
        })
        .collect();
    value(Arc::new(array), constant)
}
