//! From what DataFusion parsed to what minsheng means.
//!
//! Only known kinds of expressions pass: this is the second line of defence behind
//! the check of the programme file, and the one that sees what the engine will
//! really compute.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{Between, BinaryExpr, Cast, InList, ScalarFunction};
use datafusion::logical_expr::{Expr, ExprSchemable as _, Operator, lit};
use minsheng_model::Date;

use super::exact::Op;
use super::fault::Fault;
use crate::register::decimal_type;

/// The engine's functions that are let through, by the engine's own names.
const FUNCTIONS: [&str; 10] = [
    "abs",
    "btrim",
    "character_length",
    "date_part",
    "greatest",
    "least",
    "lower",
    "starts_with",
    "substr",
    "upper",
];

/// Parts and depth of an expression once its variables are written out.
const PARTS_MAX: usize = 20_000;
const DEPTH_MAX: usize = 600;

/// Refuses an expression too large to be evaluated safely; looks at it without
/// recursion.
pub(super) fn within_limits(expression: &Expr) -> Result<()> {
    let mut open = vec![(expression, 1usize)];
    let mut parts = 0;
    while let Some((node, depth)) = open.pop() {
        parts += 1;
        if parts > PARTS_MAX || depth > DEPTH_MAX {
            return Err(Fault::refused(
                "表达式(展开变量后)过大",
                "the expression is too large once its variables are written out",
            ));
        }
        node.apply_children(|child| {
            open.push((child, depth + 1));
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    Ok(())
}

/// Returns the expression in exact functions. Parameters and variables are in
/// place already; `schema` has the columns.
pub(super) fn exact(expression: Expr, schema: &DFSchema) -> Result<Expr> {
    expression
        .transform_up(|node| one(node, schema).map(Transformed::yes))
        .map(|t| t.data)
}

fn kind(zh: &str, en: &str) -> datafusion::common::DataFusionError {
    Fault::refused(
        format!("不允许这种写法:{zh}"),
        format!("this is not allowed: {en}"),
    )
}

fn mismatch(left: &DataType, right: &DataType) -> datafusion::common::DataFusionError {
    Fault::refused(
        format!("{left} 与 {right} 不能放在一起"),
        format!("{left} and {right} do not go together"),
    )
}

fn is_number(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Int64 | DataType::Decimal128(..))
}

fn is_decimal(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Decimal128(..))
}

/// Rewrites one node whose children are rewritten.
fn one(node: Expr, schema: &DFSchema) -> Result<Expr> {
    match node {
        Expr::Literal(value, _) => literal(value),
        // The planner keeps the text of what it rewrote as a name; it means nothing.
        Expr::Alias(alias) => Ok(*alias.expr),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => binary(*left, op, *right, schema),
        Expr::Negative(inner) => binary(lit(0i64), Operator::Minus, *inner, schema),
        Expr::Between(Between {
            expr,
            negated,
            low,
            high,
        }) => {
            let from = binary((*expr).clone(), Operator::GtEq, *low, schema)?;
            let to = binary(*expr, Operator::LtEq, *high, schema)?;
            let both = Op::And.call(vec![from, to]);
            Ok(if negated {
                Expr::Not(Box::new(both))
            } else {
                both
            })
        }
        Expr::InList(list) => in_list(list, schema),
        Expr::Cast(cast) => date_literal(cast),
        Expr::ScalarFunction(call) => function(call, schema),
        Expr::Case(case) => {
            if case.expr.is_some() {
                return Err(kind("带操作数的 CASE", "CASE with an operand"));
            }
            let otherwise = case.else_expr.iter();
            let results = case
                .when_then_expr
                .iter()
                .map(|(_, then)| then)
                .chain(otherwise);
            let types: Vec<DataType> =
                results.map(|r| r.get_type(schema)).collect::<Result<_>>()?;
            if let Some([a, b]) = types.array_windows().find(|[a, b]| a != b) {
                return Err(mismatch(a, b));
            }
            Ok(Expr::Case(case))
        }
        Expr::Like(like) => {
            let pattern = matches!(&*like.pattern, Expr::Literal(ScalarValue::Utf8(Some(p)), _) if !p.contains('\\'));
            let text = like.expr.get_type(schema)?;
            if !pattern
                || like.escape_char.is_some()
                || like.case_insensitive
                || text != DataType::Utf8
            {
                return Err(kind("LIKE 的式样", "LIKE with this pattern"));
            }
            Ok(Expr::Like(like))
        }
        Expr::Column(_)
        | Expr::Not(_)
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotUnknown(_) => Ok(node),
        other => Err(kind(other.variant_name(), other.variant_name())),
    }
}

fn literal(value: ScalarValue) -> Result<Expr> {
    match value {
        ScalarValue::Decimal128(Some(digits), _, scale) if scale >= 0 => {
            let scale = u8::try_from(scale).unwrap_or(0);
            let DataType::Decimal128(precision, scale) = decimal_type(scale) else {
                return Err(kind("小数", "this decimal"));
            };
            Ok(lit(ScalarValue::Decimal128(Some(digits), precision, scale)))
        }
        ScalarValue::Int64(Some(_))
        | ScalarValue::Utf8(Some(_))
        | ScalarValue::Boolean(Some(_))
        | ScalarValue::Date32(Some(_))
        // Taken in by the day it is added to.
        | ScalarValue::IntervalMonthDayNano(Some(_)) => Ok(lit(value)),
        other => Err(kind(
            &format!("字面量 {other}"),
            &format!("the literal {other}"),
        )),
    }
}

fn binary(left: Expr, op: Operator, right: Expr, schema: &DFSchema) -> Result<Expr> {
    let (a, b) = (left.get_type(schema)?, right.get_type(schema)?);
    let exact = match op {
        Operator::And => Op::And,
        Operator::Or => Op::Or,
        Operator::Plus | Operator::Minus if a == DataType::Date32 => {
            return shift(left, &right, op == Operator::Minus);
        }
        Operator::Plus => Op::Add,
        Operator::Minus => Op::Subtract,
        Operator::Multiply => Op::Multiply,
        Operator::Modulo => Op::Modulo,
        Operator::Eq => Op::Equal,
        Operator::NotEq => Op::NotEqual,
        Operator::Lt => Op::Less,
        Operator::LtEq => Op::LessOrEqual,
        Operator::Gt => Op::Greater,
        Operator::GtEq => Op::GreaterOrEqual,
        Operator::IsDistinctFrom => Op::Distinct,
        Operator::IsNotDistinctFrom => Op::NotDistinct,
        other => {
            return Err(kind(
                &format!("运算符 {other}"),
                &format!("the operator {other}"),
            ));
        }
    };
    match exact {
        Op::And | Op::Or if a == DataType::Boolean && b == DataType::Boolean => {
            Ok(exact.call(vec![left, right]))
        }
        Op::Add | Op::Subtract | Op::Multiply | Op::Modulo if is_number(&a) && is_number(&b) => {
            Ok(exact.call(vec![left, right]))
        }
        Op::And | Op::Or | Op::Add | Op::Subtract | Op::Multiply | Op::Modulo => {
            Err(mismatch(&a, &b))
        }
        // Comparisons of one type are the engine's own, except of decimals.
        _ if is_number(&a) && is_number(&b) && (is_decimal(&a) || is_decimal(&b)) => {
            Ok(exact.call(vec![left, right]))
        }
        _ if a == b => Ok(Expr::BinaryExpr(BinaryExpr::new(
            Box::new(left),
            op,
            Box::new(right),
        ))),
        _ => Err(mismatch(&a, &b)),
    }
}

fn shift(date: Expr, interval: &Expr, minus: bool) -> Result<Expr> {
    let Expr::Literal(ScalarValue::IntervalMonthDayNano(Some(by)), _) = interval else {
        return Err(kind(
            "日期只能加减 INTERVAL 字面量",
            "a day can be moved by an INTERVAL literal only",
        ));
    };
    let (months, days) = if minus {
        (by.months.checked_neg(), by.days.checked_neg())
    } else {
        (Some(by.months), Some(by.days))
    };
    match (months, days, by.nanoseconds) {
        (Some(months), Some(days), 0) => Ok(Op::Shift { months, days }.call(vec![date])),
        _ => Err(kind(
            "INTERVAL 只能是年、月、日",
            "an INTERVAL of anything but years, months or days",
        )),
    }
}

/// `x IN (a, b)` over texts or whole numbers written out is the engine's own;
/// anything else is `x = a OR x = b`, which has the same three values.
fn in_list(list: InList, schema: &DFSchema) -> Result<Expr> {
    let data_type = list.expr.get_type(schema)?;
    let mut plain = !is_decimal(&data_type);
    for item in &list.list {
        plain &= matches!(item, Expr::Literal(..)) && item.get_type(schema)? == data_type;
    }
    if plain && !list.list.is_empty() {
        return Ok(Expr::InList(list));
    }
    let mut found = None;
    for item in list.list {
        let equal = binary((*list.expr).clone(), Operator::Eq, item, schema)?;
        found = Some(match found {
            None => equal,
            Some(before) => Op::Or.call(vec![before, equal]),
        });
    }
    let found = found.ok_or_else(|| kind("空的 IN ()", "an empty IN ()"))?;
    Ok(if list.negated {
        Expr::Not(Box::new(found))
    } else {
        found
    })
}

/// `DATE '2024-01-01'` arrives as a cast; every other cast is refused.
fn date_literal(cast: Cast) -> Result<Expr> {
    let text = match &*cast.expr {
        Expr::Literal(ScalarValue::Utf8(Some(text)), _)
            if *cast.field.data_type() == DataType::Date32 =>
        {
            text
        }
        _ => return Err(kind("类型转换", "a cast")),
    };
    match text.parse::<Date>() {
        Ok(day) => Ok(lit(ScalarValue::Date32(Some(day.days())))),
        Err(_) => Err(kind(
            &format!("日期 `{text}`"),
            &format!("the day `{text}`"),
        )),
    }
}

fn function(call: ScalarFunction, schema: &DFSchema) -> Result<Expr> {
    let name = call.func.name().to_owned();
    // Made here, from an operator below.
    if name.starts_with("exact_") {
        return Ok(Expr::ScalarFunction(call));
    }
    if !FUNCTIONS.contains(&name.as_str()) {
        return Err(kind(
            &format!("函数 {name}"),
            &format!("the function {name}"),
        ));
    }
    let types: Vec<DataType> = call
        .args
        .iter()
        .map(|a| a.get_type(schema))
        .collect::<Result<_>>()?;
    let fits = match (name.as_str(), types.as_slice()) {
        ("btrim" | "character_length" | "lower" | "upper", [DataType::Utf8])
        | ("starts_with", [DataType::Utf8, DataType::Utf8])
        | ("date_part", [DataType::Utf8, DataType::Date32])
        | (
            "substr",
            [DataType::Utf8, DataType::Int64] | [DataType::Utf8, DataType::Int64, DataType::Int64],
        ) => true,
        ("abs", [t]) => is_number(t),
        ("least" | "greatest", [first, rest @ ..]) => rest.iter().all(|t| t == first),
        _ => false,
    };
    if !fits {
        return Err(kind(
            &format!("{name} 的参数"),
            &format!("{name} with these arguments"),
        ));
    }
    let narrow = matches!(name.as_str(), "character_length" | "date_part");
    let part = call.args.first().and_then(|a| match a {
        Expr::Literal(ScalarValue::Utf8(Some(part)), _) => Some(part.to_lowercase()),
        _ => None,
    });
    if name == "date_part" && !matches!(part.as_deref(), Some("year" | "month" | "day")) {
        return Err(kind(
            "EXTRACT 的部分",
            "EXTRACT of anything but YEAR, MONTH, DAY",
        ));
    }
    let call = Expr::ScalarFunction(call);
    // The engine counts in 32 bits here; whole numbers have 64.
    Ok(if narrow {
        Expr::Cast(Cast::new(Box::new(call), DataType::Int64))
    } else {
        call
    })
}
