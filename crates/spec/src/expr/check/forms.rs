//! Tests for missing and truth, ranges, lists, patterns, cases.

use super::super::node::{Compare, Known, Node};
use super::{Checker, boolean};
use minsheng_model::{Text, Type, Value};
use sqlparser::ast::Expr;

impl Checker<'_, '_> {
    pub(super) fn is_null(&mut self, inner: &Expr, negated: bool, depth: usize) -> Option<Known> {
        let known = self.check(inner, depth)?;
        Some(boolean(
            Node::IsNull {
                inner: Box::new(known.node),
                negated,
            },
            false,
        ))
    }

    pub(super) fn is_boolean(
        &mut self,
        inner: &Expr,
        wanted: bool,
        negated: bool,
        depth: usize,
    ) -> Option<Known> {
        let known = self.condition(inner, depth)?;
        Some(boolean(
            Node::IsBoolean {
                inner: Box::new(known.node),
                wanted,
                negated,
            },
            false,
        ))
    }

    pub(super) fn distinct(
        &mut self,
        expr: &Expr,
        left: &Expr,
        right: &Expr,
        negated: bool,
        depth: usize,
    ) -> Option<Known> {
        let (a, b) = self.pair(expr, left, right, depth)?;
        Some(boolean(
            Node::Distinct {
                left: Box::new(a.node),
                right: Box::new(b.node),
                negated,
            },
            false,
        ))
    }

    pub(super) fn between(
        &mut self,
        expr: &Expr,
        inner: &Expr,
        negated: bool,
        low: &Expr,
        high: &Expr,
        depth: usize,
    ) -> Option<Known> {
        let (a, b) = self.pair(expr, inner, low, depth)?;
        let (c, d) = self.pair(expr, inner, high, depth)?;
        let nullable = a.nullable || b.nullable || d.nullable;
        let from = Node::Compare {
            op: Compare::GreaterOrEqual,
            left: Box::new(a.node),
            right: Box::new(b.node),
        };
        let to = Node::Compare {
            op: Compare::LessOrEqual,
            left: Box::new(c.node),
            right: Box::new(d.node),
        };
        let node = Node::And(Box::new(from), Box::new(to));
        let node = if negated {
            Node::Not(Box::new(node))
        } else {
            node
        };
        Some(boolean(node, nullable))
    }

    pub(super) fn in_list(
        &mut self,
        expr: &Expr,
        inner: &Expr,
        list: &[Expr],
        negated: bool,
        depth: usize,
    ) -> Option<Known> {
        let mut items = Vec::new();
        let mut nullable = false;
        for item in list {
            let (a, b) = self.pair(expr, inner, item, depth)?;
            nullable |= a.nullable || b.nullable;
            items.push(b.node);
        }
        let known = self.check(inner, depth)?;
        Some(boolean(
            Node::InList {
                inner: Box::new(known.node),
                list: items,
                negated,
            },
            nullable,
        ))
    }

    pub(super) fn like(
        &mut self,
        expr: &Expr,
        inner: &Expr,
        pattern: &Expr,
        negated: bool,
        depth: usize,
    ) -> Option<Known> {
        let known = self.check(inner, depth)?;
        if known.data_type != Type::Text {
            self.wanted(inner, Type::Text, known.data_type);
            return None;
        }
        let pattern = match self.check(pattern, depth)?.node {
            Node::Literal(Value::Text(text)) if !text.contains('\\') => text,
            _ => {
                self.refuse(
                    expr,
                    "LIKE 的式样应是不含 `\\` 的文字",
                    "the pattern of LIKE must be a text without `\\`",
                    None,
                );
                return None;
            }
        };
        Some(boolean(
            Node::Like {
                inner: Box::new(known.node),
                pattern,
                negated,
            },
            known.nullable,
        ))
    }

    pub(super) fn case(
        &mut self,
        expr: &Expr,
        operand: Option<&Expr>,
        conditions: &[(&Expr, &Expr)],
        otherwise: Option<&Expr>,
        depth: usize,
    ) -> Option<Known> {
        if operand.is_some() {
            let help = Text::new(
                "写作 CASE WHEN 条件 THEN 值 … END",
                "write CASE WHEN condition THEN value … END",
            );
            self.refuse(
                expr,
                "不允许带操作数的 CASE",
                "CASE with an operand is not allowed",
                Some(help),
            );
            return None;
        }
        let mut branches = Vec::new();
        let mut results: Vec<(Known, &Expr)> = Vec::new();
        for (when, then) in conditions {
            let (condition, result) = (self.condition(when, depth), self.check(then, depth));
            branches.push(condition?.node);
            results.push((result?, then));
        }
        let has_otherwise = otherwise.is_some();
        if let Some(then) = otherwise {
            results.push((self.check(then, depth)?, then));
        }
        let (first, _) = results.first()?.clone();
        for (result, place) in &results {
            if result.data_type != first.data_type {
                self.mismatch(place, first.data_type, result.data_type);
                return None;
            }
            self.same_unit(place, &first, result)?;
        }
        let nullable = !has_otherwise || results.iter().any(|(r, _)| r.nullable);
        let mut nodes: Vec<Node> = results.into_iter().map(|(r, _)| r.node).collect();
        let otherwise = if has_otherwise {
            nodes.pop().map(Box::new)
        } else {
            None
        };
        let branches = branches.into_iter().zip(nodes).collect();
        Some(Known {
            node: Node::Case {
                branches,
                otherwise,
            },
            nullable,
            ..first
        })
    }
}
