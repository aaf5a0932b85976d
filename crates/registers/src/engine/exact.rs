//! Functions that mean what minsheng says, where the engine's own would mean
//! something slightly different: AND and OR that look at every operand, arithmetic
//! that never wraps and never rounds, days that stay in the calendar.

use std::cmp::Ordering;
use std::sync::Arc;

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, Date32Array, Int64Array};
use datafusion::arrow::compute::kernels::{numeric, zip::zip};
use datafusion::arrow::compute::{and_kleene, is_not_null, or_kleene};
use datafusion::arrow::datatypes::{DataType, Date32Type, Int64Type};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr_common::datum::apply;
use minsheng_model::{Date, Decimal};

use super::fault::Fault;
use super::numbers;
use crate::register::decimal_type;

/// What a function computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Op {
    And,
    Or,
    Add,
    Subtract,
    Multiply,
    Modulo,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Distinct,
    NotDistinct,
    Abs,
    /// The first, or where it is missing the second, a constant.
    OrElse,
    /// A day moved by whole months and then by days.
    Shift {
        months: i32,
        days: i32,
    },
}

impl Op {
    fn name(self) -> &'static str {
        match self {
            Self::And => "exact_and",
            Self::Or => "exact_or",
            Self::Add => "exact_add",
            Self::Subtract => "exact_subtract",
            Self::Multiply => "exact_multiply",
            Self::Modulo => "exact_modulo",
            Self::Equal => "exact_equal",
            Self::NotEqual => "exact_not_equal",
            Self::Less => "exact_less",
            Self::LessOrEqual => "exact_less_or_equal",
            Self::Greater => "exact_greater",
            Self::GreaterOrEqual => "exact_greater_or_equal",
            Self::Distinct => "exact_distinct",
            Self::NotDistinct => "exact_not_distinct",
            Self::Abs => "abs",
            Self::OrElse => "exact_or_else",
            Self::Shift { .. } => "exact_shift",
        }
    }

    fn arguments(self) -> usize {
        match self {
            Self::Abs | Self::Shift { .. } => 1,
            _ => 2,
        }
    }

    /// Returns the call of the operation.
    pub fn call(self, arguments: Vec<Expr>) -> Expr {
        self.function().call(arguments)
    }

    /// Returns the operation as a function of the engine.
    pub fn function(self) -> ScalarUDF {
        ScalarUDF::new_from_impl(Exact {
            op: self,
            signature: Signature::any(self.arguments(), Volatility::Immutable),
        })
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Exact {
    op: Op,
    signature: Signature,
}

fn scale(data_type: &DataType) -> Option<u8> {
    match data_type {
        DataType::Int64 => Some(0),
        DataType::Decimal128(_, scale) => u8::try_from(*scale).ok(),
        _ => None,
    }
}

impl ScalarUDFImpl for Exact {
    fn name(&self) -> &str {
        self.op.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let integers = types.iter().all(|t| *t == DataType::Int64);
        let numbers = types.iter().all(|t| scale(t).is_some());
        match (self.op, types) {
            (Op::And | Op::Or, [DataType::Boolean, DataType::Boolean]) => Ok(DataType::Boolean),
            (Op::Add | Op::Subtract | Op::Multiply | Op::Modulo, [_, _]) if integers => {
                Ok(DataType::Int64)
            }
            (Op::Add | Op::Subtract, [a, b]) if numbers => {
                Ok(decimal_type(scale(a).max(scale(b)).unwrap_or(0)))
            }
            (Op::Multiply, [a, b]) if numbers => {
                let digits = scale(a).zip(scale(b)).map(|(a, b)| a + b);
                match digits.filter(|d| *d <= 38) {
                    Some(digits) => Ok(decimal_type(digits)),
                    None => Err(Fault::Overflow.into()),
                }
            }
            (Op::Abs, [t]) if numbers => Ok(t.clone()),
            // Asked while SQL is parsed, before lengths and years are widened.
            (Op::Abs, [DataType::Int32]) => Ok(DataType::Int64),
            (Op::OrElse, [a, b]) if a == b => Ok(a.clone()),
            (Op::Shift { .. }, [DataType::Date32]) => Ok(DataType::Date32),
            (
                Op::Equal
                | Op::NotEqual
                | Op::Less
                | Op::LessOrEqual
                | Op::Greater
                | Op::GreaterOrEqual
                | Op::Distinct
                | Op::NotDistinct,
                [_, _],
            ) if numbers => Ok(DataType::Boolean),
            _ => {
                let listed: Vec<String> = types.iter().map(ToString::to_string).collect();
                let listed = listed.join(", ");
                Err(Fault::refused(
                    format!("参数类型不合适:({listed})"),
                    format!("the arguments' types do not fit: ({listed})"),
                ))
            }
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let return_scale = scale(args.return_field.data_type()).unwrap_or(0);
        match args.args.as_slice() {
            [left, right] => self.two(left, right, rows, return_scale),
            [one] => self.one(one),
            _ => internal_err!("{} has one or two arguments", self.op.name()),
        }
    }
}

impl Exact {
    fn two(
        &self,
        left: &ColumnarValue,
        right: &ColumnarValue,
        rows: usize,
        scale: u8,
    ) -> Result<ColumnarValue> {
        let integers = left.data_type() == DataType::Int64 && right.data_type() == DataType::Int64;
        match self.op {
            Op::And | Op::Or => {
                let (a, b) = (left.to_array(rows)?, right.to_array(rows)?);
                let (Some(a), Some(b)) = (a.as_boolean_opt(), b.as_boolean_opt()) else {
                    return internal_err!("AND and OR take booleans");
                };
                let both = if self.op == Op::And {
                    and_kleene(a, b)?
                } else {
                    or_kleene(a, b)?
                };
                Ok(ColumnarValue::Array(Arc::new(both)))
            }
            Op::OrElse => or_else(left, right, rows),
            Op::Add if integers => apply(left, right, numeric::add),
            Op::Subtract if integers => apply(left, right, numeric::sub),
            Op::Multiply if integers => apply(left, right, numeric::mul),
            Op::Modulo if integers => apply(left, right, numeric::rem),
            Op::Add => numbers::arithmetic(left, right, rows, scale, Decimal::checked_add),
            Op::Subtract => numbers::arithmetic(left, right, rows, scale, Decimal::checked_sub),
            Op::Multiply => numbers::arithmetic(left, right, rows, scale, Decimal::checked_mul),
            Op::Equal => numbers::compare(left, right, rows, |o, _| o.map(Ordering::is_eq)),
            Op::NotEqual => numbers::compare(left, right, rows, |o, _| o.map(Ordering::is_ne)),
            Op::Less => numbers::compare(left, right, rows, |o, _| o.map(Ordering::is_lt)),
            Op::LessOrEqual => numbers::compare(left, right, rows, |o, _| o.map(Ordering::is_le)),
            Op::Greater => numbers::compare(left, right, rows, |o, _| o.map(Ordering::is_gt)),
            Op::GreaterOrEqual => {
                numbers::compare(left, right, rows, |o, _| o.map(Ordering::is_ge))
            }
            Op::Distinct => numbers::compare(left, right, rows, |o, both_missing| {
                Some(o.map_or(!both_missing, Ordering::is_ne))
            }),
            Op::NotDistinct => numbers::compare(left, right, rows, |o, both_missing| {
                Some(o.map_or(both_missing, Ordering::is_eq))
            }),
            Op::Modulo | Op::Abs | Op::Shift { .. } => {
                internal_err!("{} has other arguments", self.op.name())
            }
        }
    }

    fn one(&self, value: &ColumnarValue) -> Result<ColumnarValue> {
        let constant = matches!(value, ColumnarValue::Scalar(_));
        let array = value.to_array(1)?;
        let result: ArrayRef = match self.op {
            Op::Shift { months, days } => shift(&array, months, days)?,
            Op::Abs if *array.data_type() == DataType::Int64 => absolute(&array)?,
            Op::Abs => {
                let zero = ColumnarValue::Scalar(ScalarValue::Int64(Some(0)));
                let digits = scale(array.data_type()).unwrap_or(0);
                // 0 + |x|: the larger of x and its negation.
                let larger = |_: Decimal, x: Decimal| {
                    let negated = Decimal::from(0).checked_sub(x)?;
                    Ok(x.max(negated))
                };
                let value = ColumnarValue::Array(Arc::clone(&array));
                numbers::arithmetic(&zero, &value, array.len(), digits, larger)?
                    .into_array(array.len())?
            }
            _ => return internal_err!("{} has other arguments", self.op.name()),
        };
        if constant {
            return ScalarValue::try_from_array(&result, 0).map(ColumnarValue::Scalar);
        }
        Ok(ColumnarValue::Array(result))
    }
}

fn or_else(value: &ColumnarValue, missing: &ColumnarValue, rows: usize) -> Result<ColumnarValue> {
    let ColumnarValue::Scalar(missing) = missing else {
        return internal_err!("the value of a missing result is a constant");
    };
    match value {
        ColumnarValue::Scalar(one) if one.is_null() => Ok(ColumnarValue::Scalar(missing.clone())),
        ColumnarValue::Scalar(_) => Ok(value.clone()),
        ColumnarValue::Array(array) if array.null_count() == 0 => Ok(value.clone()),
        ColumnarValue::Array(array) => {
            debug_assert_eq!(array.len(), rows);
            let present = is_not_null(array)?;
            Ok(ColumnarValue::Array(zip(
                &present,
                array,
                &missing.to_scalar()?,
            )?))
        }
    }
}

fn shift(array: &ArrayRef, months: i32, days: i32) -> Result<ArrayRef> {
    let Some(dates) = array.as_primitive_opt::<Date32Type>() else {
        return internal_err!("a day was expected");
    };
    let move_one = |day: i32| Date::from_days(day)?.shift(months, days).map(Date::days);
    let moved: Date32Array = dates
        .iter()
        .map(|day| match day {
            None => Ok(None),
            Some(day) => move_one(day).map(Some).ok_or(Fault::DateRange),
        })
        .collect::<std::result::Result<_, Fault>>()?;
    Ok(Arc::new(moved))
}

fn absolute(array: &ArrayRef) -> Result<ArrayRef> {
    let Some(numbers) = array.as_primitive_opt::<Int64Type>() else {
        return internal_err!("a whole number was expected");
    };
    let results: Int64Array = numbers
        .iter()
        .map(|n| match n {
            None => Ok(None),
            Some(n) => n.checked_abs().map(Some).ok_or(Fault::Overflow),
        })
        .collect::<std::result::Result<_, Fault>>()?;
    Ok(Arc::new(results))
}
