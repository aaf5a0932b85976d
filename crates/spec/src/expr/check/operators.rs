//! Operators: arithmetic, comparison, logic, days and intervals.

use super::super::node::{Arithmetic, Compare, Known, Node};
use super::super::unit;
use super::{Checker, boolean, is_number, scale};
use minsheng_model::{Text, Type};
use sqlparser::ast::{BinaryOperator, Expr, Interval, UnaryOperator, Value as Literal};

impl Checker<'_, '_> {
    pub(super) fn unary(
        &mut self,
        expr: &Expr,
        op: UnaryOperator,
        inner: &Expr,
        depth: usize,
    ) -> Option<Known> {
        match op {
            UnaryOperator::Not => {
                let known = self.condition(inner, depth)?;
                Some(boolean(Node::Not(Box::new(known.node)), known.nullable))
            }
            UnaryOperator::Minus | UnaryOperator::Plus => {
                let known = self.check(inner, depth)?;
                if !is_number(known.data_type) {
                    self.wanted(inner, Type::Integer, known.data_type);
                    return None;
                }
                let node = if op == UnaryOperator::Minus {
                    Node::Negate(Box::new(known.node))
                } else {
                    known.node
                };
                Some(Known { node, ..known })
            }
            _ => {
                self.refuse(
                    expr,
                    "不允许这个运算符",
                    "this operator is not allowed",
                    None,
                );
                None
            }
        }
    }

    pub(super) fn binary(
        &mut self,
        expr: &Expr,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
        depth: usize,
    ) -> Option<Known> {
        let compare = match op {
            BinaryOperator::Eq => Some(Compare::Equal),
            BinaryOperator::NotEq => Some(Compare::NotEqual),
            BinaryOperator::Lt => Some(Compare::Less),
            BinaryOperator::LtEq => Some(Compare::LessOrEqual),
            BinaryOperator::Gt => Some(Compare::Greater),
            BinaryOperator::GtEq => Some(Compare::GreaterOrEqual),
            _ => None,
        };
        match (op, compare) {
            (BinaryOperator::And | BinaryOperator::Or, _) => {
                let (a, b) = (self.condition(left, depth), self.condition(right, depth));
                let (a, b) = (a?, b?);
                let nullable = a.nullable || b.nullable;
                let (a, b) = (Box::new(a.node), Box::new(b.node));
                let node = if *op == BinaryOperator::And {
                    Node::And(a, b)
                } else {
                    Node::Or(a, b)
                };
                Some(boolean(node, nullable))
            }
            (_, Some(compare)) => {
                let (a, b) = self.pair(expr, left, right, depth)?;
                let nullable = a.nullable || b.nullable;
                let node = Node::Compare {
                    op: compare,
                    left: Box::new(a.node),
                    right: Box::new(b.node),
                };
                Some(boolean(node, nullable))
            }
            (BinaryOperator::Plus | BinaryOperator::Minus, _)
                if matches!(right, Expr::Interval(_)) =>
            {
                self.shift(left, right, *op == BinaryOperator::Minus, depth)
            }
            (BinaryOperator::Plus, _) => self.arithmetic(expr, Arithmetic::Add, left, right, depth),
            (BinaryOperator::Minus, _) => {
                self.arithmetic(expr, Arithmetic::Subtract, left, right, depth)
            }
            (BinaryOperator::Multiply, _) => {
                self.arithmetic(expr, Arithmetic::Multiply, left, right, depth)
            }
            (BinaryOperator::Modulo, _) => {
                self.arithmetic(expr, Arithmetic::Modulo, left, right, depth)
            }
            (BinaryOperator::Divide, _) => {
                let help = Text::new(
                    "改用乘法:把 `a / b <= c` 写作 `a <= c * b`;金额以分计",
                    "multiply instead: write `a / b <= c` as `a <= c * b`; count money in fen",
                );
                self.refuse(
                    expr,
                    "不允许除法:取整会悄悄改变政策",
                    "division is not allowed: rounding would silently change policy",
                    Some(help),
                );
                None
            }
            _ => {
                self.refuse(
                    expr,
                    "不允许这个运算符",
                    "this operator is not allowed",
                    None,
                );
                None
            }
        }
    }

    /// Checks two operands that have to be comparable, in type and unit.
    pub(super) fn pair(
        &mut self,
        expr: &Expr,
        left: &Expr,
        right: &Expr,
        depth: usize,
    ) -> Option<(Known, Known)> {
        let (a, b) = (self.check(left, depth), self.check(right, depth));
        let (a, b) = (a?, b?);
        let numbers = is_number(a.data_type) && is_number(b.data_type);
        if a.data_type != b.data_type && !numbers {
            self.mismatch(expr, a.data_type, b.data_type);
            return None;
        }
        self.same_unit(expr, &a, &b)?;
        Some((a, b))
    }

    pub(super) fn same_unit(&mut self, expr: &Expr, a: &Known, b: &Known) -> Option<()> {
        if let (Some(left), Some(right)) = (&a.unit, &b.unit)
            && left != right
        {
            let message = Text::new(
                format!("单位不同:`{left}` 与 `{right}`"),
                format!("different units: `{left}` and `{right}`"),
            );
            let help = Text::new(
                "在参数或列的声明中统一单位",
                "use one unit in the declarations of parameters and columns",
            );
            self.problem(expr, "expr/unit-mismatch", message, Some(help));
            return None;
        }
        Some(())
    }

    pub(super) fn arithmetic(
        &mut self,
        expr: &Expr,
        op: Arithmetic,
        left: &Expr,
        right: &Expr,
        depth: usize,
    ) -> Option<Known> {
        let (a, b) = (self.check(left, depth), self.check(right, depth));
        let (a, b) = (a?, b?);
        if !is_number(a.data_type) || !is_number(b.data_type) {
            self.mismatch(expr, a.data_type, b.data_type);
            return None;
        }
        let data_type = match (a.data_type, b.data_type) {
            (Type::Integer, Type::Integer) => Type::Integer,
            (x, y) => {
                let (x, y) = (scale(x), scale(y));
                let scale = if op == Arithmetic::Multiply {
                    x.saturating_add(y)
                } else {
                    x.max(y)
                };
                Type::Decimal { scale }
            }
        };
        if op == Arithmetic::Modulo && data_type != Type::Integer {
            self.mismatch(expr, a.data_type, b.data_type);
            return None;
        }
        let unit = match op {
            Arithmetic::Multiply => match (&a.unit, &b.unit) {
                (Some(x), Some(y)) => unit::multiply(x, y),
                (x, y) => x.clone().or_else(|| y.clone()),
            },
            Arithmetic::Modulo => a.unit.clone(),
            Arithmetic::Add | Arithmetic::Subtract => {
                self.same_unit(expr, &a, &b)?;
                a.unit.clone().or_else(|| b.unit.clone())
            }
        };
        let nullable = a.nullable || b.nullable;
        let node = Node::Arithmetic {
            op,
            left: Box::new(a.node),
            right: Box::new(b.node),
        };
        Some(Known {
            node,
            data_type,
            nullable,
            unit,
        })
    }

    pub(super) fn shift(
        &mut self,
        left: &Expr,
        right: &Expr,
        minus: bool,
        depth: usize,
    ) -> Option<Known> {
        let known = self.check(left, depth)?;
        if known.data_type != Type::Date {
            self.wanted(left, Type::Date, known.data_type);
            return None;
        }
        let Expr::Interval(interval) = right else {
            return None;
        };
        let Some((months, days)) = interval_parts(interval) else {
            let help = Text::new(
                "写作 INTERVAL '2' YEAR、'3' MONTH 或 '10' DAY",
                "write INTERVAL '2' YEAR, '3' MONTH or '10' DAY",
            );
            self.refuse(
                right,
                "看不懂这个时间间隔",
                "this interval is not understood",
                Some(help),
            );
            return None;
        };
        let sign = if minus { -1 } else { 1 };
        let node = Node::Shift {
            date: Box::new(known.node),
            months: months * sign,
            days: days * sign,
        };
        Some(Known { node, ..known })
    }
}

/// Returns months and days of `INTERVAL '2' YEAR` and its kin.
fn interval_parts(interval: &Interval) -> Option<(i32, i32)> {
    let text = match interval.value.as_ref() {
        Expr::Value(value) => match &value.value {
            Literal::SingleQuotedString(text) => text.trim().to_owned(),
            Literal::Number(digits, false) => digits.clone(),
            _ => return None,
        },
        _ => return None,
    };
    let (number, unit) = match (&interval.leading_field, text.split_once(' ')) {
        (Some(field), None) => (text.as_str(), field.to_string()),
        (None, Some((number, unit))) => (number, unit.trim().to_owned()),
        _ => return None,
    };
    let number: i32 = number.parse().ok().filter(|n: &i32| n.abs() <= 120_000)?;
    match unit.to_lowercase().trim_end_matches('s') {
        "year" => Some((number.checked_mul(12)?, 0)),
        "month" => Some((number, 0)),
        "day" => Some((0, number)),
        _ => None,
    }
}
