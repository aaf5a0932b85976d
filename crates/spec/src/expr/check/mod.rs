//! What an expression may say, and of which type it is.

mod calls;
mod forms;
mod names;
mod operators;

use super::Problem;
use super::env::Env;
use super::node::{Function, Known, Node};
use super::position;
use minsheng_model::{Scope, Text, Type};
use sqlparser::ast::{Expr, Spanned};

/// The deepest nesting that is read: evaluation is recursive.
const DEPTH_MAX: usize = 200;

/// Turns a parsed expression into a checked one, gathering problems on the way.
pub(crate) struct Checker<'a, 'r> {
    pub env: &'a Env<'r>,
    pub scope: Scope,
    pub sql: &'a str,
    pub problems: Vec<Problem>,
}

fn boolean(node: Node, nullable: bool) -> Known {
    Known {
        node,
        data_type: Type::Boolean,
        nullable,
        unit: None,
    }
}

impl Checker<'_, '_> {
    fn problem(&mut self, expr: &Expr, code: &'static str, message: Text, help: Option<Text>) {
        let span = position::bytes(self.sql, expr.span());
        self.problems.push(Problem {
            span,
            code,
            message,
            help,
        });
    }

    fn refuse(&mut self, expr: &Expr, zh: &str, en: &str, help: Option<Text>) {
        self.problem(expr, "expr/refused", Text::new(zh, en), help);
    }

    /// Returns what is known of the expression, or `None` after noting problems.
    pub fn check(&mut self, expr: &Expr, depth: usize) -> Option<Known> {
        if depth > DEPTH_MAX {
            self.refuse(
                expr,
                "表达式嵌套过深",
                "the expression is nested too deeply",
                None,
            );
            return None;
        }
        let next = depth + 1;
        match expr {
            Expr::Nested(inner) => self.check(inner, next),
            Expr::Identifier(name) => self.name(expr, name),
            Expr::CompoundIdentifier(parts) => self.qualified(expr, parts),
            Expr::Value(value) => self.literal(expr, &value.value),
            Expr::TypedString(typed) => {
                self.date_literal(expr, &typed.data_type, &typed.value.value)
            }
            Expr::UnaryOp { op, expr: inner } => self.unary(expr, *op, inner, next),
            Expr::BinaryOp { left, op, right } => self.binary(expr, left, op, right, next),
            Expr::IsNull(inner) => self.is_null(inner, false, next),
            Expr::IsNotNull(inner) => self.is_null(inner, true, next),
            Expr::IsTrue(inner) => self.is_boolean(inner, true, false, next),
            Expr::IsNotTrue(inner) => self.is_boolean(inner, true, true, next),
            Expr::IsFalse(inner) => self.is_boolean(inner, false, false, next),
            Expr::IsNotFalse(inner) => self.is_boolean(inner, false, true, next),
            Expr::IsUnknown(inner) => self.is_null(inner, false, next),
            Expr::IsNotUnknown(inner) => self.is_null(inner, true, next),
            Expr::IsDistinctFrom(left, right) => self.distinct(expr, left, right, false, next),
            Expr::IsNotDistinctFrom(left, right) => self.distinct(expr, left, right, true, next),
            Expr::Between {
                expr: inner,
                negated,
                low,
                high,
            } => self.between(expr, inner, *negated, low, high, next),
            Expr::InList {
                expr: inner,
                list,
                negated,
            } => self.in_list(expr, inner, list, *negated, next),
            Expr::Like {
                negated,
                any: false,
                expr: inner,
                pattern,
                escape_char: None,
            } => self.like(expr, inner, pattern, *negated, next),
            Expr::Case {
                operand,
                conditions,
                else_result,
                ..
            } => {
                let conditions: Vec<(&Expr, &Expr)> = conditions
                    .iter()
                    .map(|c| (&c.condition, &c.result))
                    .collect();
                self.case(
                    expr,
                    operand.as_deref(),
                    &conditions,
                    else_result.as_deref(),
                    next,
                )
            }
            Expr::Extract {
                field, expr: inner, ..
            } => self.extract(expr, field, inner, next),
            Expr::Substring {
                expr: inner,
                substring_from: Some(from),
                substring_for,
                ..
            } => {
                let mut arguments = vec![&**inner, &**from];
                arguments.extend(substring_for.as_deref());
                self.call(expr, Function::Substr, &arguments, next)
            }
            Expr::Trim {
                trim_where: None,
                trim_what: None,
                expr: inner,
                trim_characters: None,
            } => self.call(expr, Function::Trim, &[inner], next),
            Expr::Function(call) => self.function(expr, call, next),
            Expr::Interval(_) => {
                self.refuse(
                    expr,
                    "INTERVAL 只能加到日期上或从日期减去",
                    "an INTERVAL can only be added to a day or taken from one",
                    None,
                );
                None
            }
            Expr::Cast { .. } | Expr::Convert { .. } => {
                let help = Text::new(
                    "在名册中声明所需的类型",
                    "declare the type you need in the register",
                );
                self.refuse(expr, "不允许类型转换", "casts are not allowed", Some(help));
                None
            }
            Expr::InSubquery { .. } | Expr::Exists { .. } | Expr::Subquery(_) => {
                self.refuse(
                    expr,
                    "条件逐行计算,不能使用子查询",
                    "a rule sees one row: subqueries are not possible",
                    None,
                );
                None
            }
            _ => {
                self.refuse(
                    expr,
                    "此处不允许这种写法",
                    "this kind of expression is not allowed here",
                    None,
                );
                None
            }
        }
    }

    fn mismatch(&mut self, expr: &Expr, left: Type, right: Type) {
        let message = Text::new(
            format!("{left} 与 {right} 不能放在一起"),
            format!("{left} and {right} do not go together"),
        );
        self.problem(expr, "expr/type-mismatch", message, None);
    }

    fn wanted(&mut self, expr: &Expr, wanted: Type, found: Type) {
        let message = Text::new(
            format!("此处应为 {wanted},实为 {found}"),
            format!("expected {wanted} here, found {found}"),
        );
        self.problem(expr, "expr/type-mismatch", message, None);
    }

    fn condition(&mut self, expr: &Expr, depth: usize) -> Option<Known> {
        let known = self.check(expr, depth)?;
        if known.data_type == Type::Boolean {
            return Some(known);
        }
        self.wanted(expr, Type::Boolean, known.data_type);
        None
    }
}

fn is_number(data_type: Type) -> bool {
    matches!(data_type, Type::Integer | Type::Decimal { .. })
}

fn scale(data_type: Type) -> u8 {
    match data_type {
        Type::Decimal { scale } => scale,
        _ => 0,
    }
}
