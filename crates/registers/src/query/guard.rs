//! What a query may be: only known kinds of plans and expressions pass.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::{BinaryExpr, Cast};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, ExprSchemable as _, LogicalPlan, Operator};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast;

use super::tables::WHOLE_DIGITS;
use crate::engine::Fault;

/// Scalar functions that are let through, by the engine's own names.
const FUNCTIONS: [&str; 14] = [
    "abs",
    "btrim",
    "character_length",
    "coalesce",
    "date_part",
    "greatest",
    "least",
    "lower",
    "nullif",
    "round",
    "starts_with",
    "substr",
    "trunc",
    "upper",
];

/// Aggregates that do not depend on the order of rows.
const AGGREGATES: [&str; 7] = ["avg", "bool_and", "bool_or", "count", "max", "min", "sum"];

/// Lets a single query pass, without anything that changes or locks.
pub(super) fn statement(statement: &Statement) -> Result<()> {
    let Statement::Statement(inner) = statement else {
        return Err(only_select());
    };
    match inner.as_ref() {
        ast::Statement::Query(query) if query.locks.is_empty() => match query.body.as_ref() {
            ast::SetExpr::Select(select) if select.into.is_none() => Ok(()),
            _ => Err(only_select()),
        },
        _ => Err(only_select()),
    }
}

fn only_select() -> datafusion::common::DataFusionError {
    Fault::refused("只允许一个 SELECT 查询", "only a single SELECT is allowed")
}

fn kind(what: &str) -> datafusion::common::DataFusionError {
    Fault::refused(
        format!("查询中不允许 `{what}`"),
        format!("`{what}` is not allowed in a query"),
    )
}

/// Sees that a plan holds nothing but what is known, over the tables given.
pub(super) fn plan(plan: &LogicalPlan, names: &[String]) -> Result<()> {
    plan.apply_with_subqueries(|node| {
        match node {
            LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::Aggregate(_)
            | LogicalPlan::Join(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::Distinct(_)
            | LogicalPlan::Subquery(_)
            | LogicalPlan::EmptyRelation(_)
            | LogicalPlan::SubqueryAlias(_) => {}
            LogicalPlan::TableScan(scan) => {
                let name = scan.table_name.table();
                if scan.table_name.schema().is_some_and(|s| s != "public")
                    || !names.iter().any(|n| n == name)
                {
                    return Err(kind(name));
                }
            }
            LogicalPlan::Limit(_) => return Err(kind("LIMIT")),
            LogicalPlan::Window(_) => return Err(kind("OVER")),
            LogicalPlan::Union(_) => return Err(kind("UNION")),
            other => {
                let shown = other.display().to_string();
                return Err(kind(shown.split([':', ' ']).next().unwrap_or("")));
            }
        }
        node.apply_expressions(|e| e.apply(|e| expression(e).map(|()| TreeNodeRecursion::Continue)))
    })
    .map(|_| ())
}

fn expression(e: &Expr) -> Result<()> {
    match e {
        Expr::Alias(_)
        | Expr::Column(_)
        | Expr::OuterReferenceColumn(..)
        | Expr::Literal(..)
        | Expr::BinaryExpr(_)
        | Expr::Like(_)
        | Expr::Not(_)
        | Expr::IsNotNull(_)
        | Expr::IsNull(_)
        | Expr::IsTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNotFalse(_)
        | Expr::IsNotUnknown(_)
        | Expr::Negative(_)
        | Expr::Between(_)
        | Expr::Case(_)
        | Expr::Cast(_)
        | Expr::InList(_)
        | Expr::Exists(_)
        | Expr::InSubquery(_)
        | Expr::ScalarSubquery(_) => Ok(()),
        Expr::Placeholder(p) if p.id == "$as_of" => Ok(()),
        Expr::Placeholder(p) => Err(kind(&p.id)),
        Expr::ScalarFunction(call) if FUNCTIONS.contains(&call.func.name()) => Ok(()),
        Expr::ScalarFunction(call) => Err(kind(call.func.name())),
        Expr::AggregateFunction(call) if AGGREGATES.contains(&call.func.name()) => Ok(()),
        Expr::AggregateFunction(call) => Err(kind(call.func.name())),
        #[expect(deprecated, reason = "what `count(*)` is parsed into before planning")]
        Expr::Wildcard { .. } => Ok(()),
        other => Err(kind(&other.to_string())),
    }
}

fn to_decimal(e: Expr) -> Expr {
    Expr::Cast(Cast::new(
        Box::new(e),
        DataType::Decimal128(WHOLE_DIGITS, 0),
    ))
}

fn is_whole(e: &Expr, schema: &DFSchema) -> bool {
    e.get_type(schema).is_ok_and(|t| t.is_integer())
}

/// Brings whole numbers to decimals before they are added or multiplied: the
/// engine would wrap them around.
pub(super) fn exact(plan: LogicalPlan) -> Result<LogicalPlan> {
    let changed = plan.transform_up_with_subqueries(|node| {
        let mut schema = DFSchema::empty();
        for input in node.inputs() {
            schema.merge(input.schema());
        }
        let names = NamePreserver::new(&node);
        let node = node.map_expressions(|e| {
            let name = names.save(&e);
            let e = e.transform_up(|e| one(e, &schema))?;
            Ok(e.update_data(|e| name.restore(e)))
        })?;
        node.map_data(LogicalPlan::recompute_schema)
    })?;
    Ok(changed.data)
}

fn one(e: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match e {
        Expr::BinaryExpr(BinaryExpr { left, op, right })
            if matches!(op, Operator::Plus | Operator::Minus | Operator::Multiply)
                && is_whole(&left, schema)
                && is_whole(&right, schema) =>
        {
            let (left, right) = (Box::new(to_decimal(*left)), Box::new(to_decimal(*right)));
            Ok(Transformed::yes(Expr::BinaryExpr(BinaryExpr {
                left,
                op,
                right,
            })))
        }
        Expr::Negative(inner) if is_whole(&inner, schema) => Ok(Transformed::yes(Expr::Negative(
            Box::new(to_decimal(*inner)),
        ))),
        Expr::AggregateFunction(mut call) if matches!(call.func.name(), "sum" | "avg") => {
            let whole = call.params.args.iter().any(|a| is_whole(a, schema));
            if whole {
                call.params.args = call.params.args.into_iter().map(to_decimal).collect();
            }
            let e = Expr::AggregateFunction(call);
            Ok(if whole {
                Transformed::yes(e)
            } else {
                Transformed::no(e)
            })
        }
        other => Ok(Transformed::no(other)),
    }
}

/// No float decides, nor is one on the way.
pub(super) fn floats(plan: &LogicalPlan) -> Result<()> {
    plan.apply_with_subqueries(|node| {
        let mut schema = DFSchema::empty();
        for input in node.inputs() {
            schema.merge(input.schema());
        }
        node.apply_expressions(|e| {
            e.apply(|e| {
                if e.get_type(&schema).is_ok_and(|t| t.is_floating()) {
                    return Err(Fault::refused(
                        format!("`{e}` 是浮点数;请用整数或 decimal"),
                        format!("`{e}` is a float; use whole numbers or decimals"),
                    ));
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })
    .map(|_| ())
}

/// A join needs equal keys: each row with each row is too much of any register.
pub(super) fn joins(plan: &LogicalPlan) -> Result<()> {
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::Join(join) = node
            && join.on.is_empty()
            && !single_row(&join.left)
            && !single_row(&join.right)
        {
            return Err(Fault::refused(
                "两张表的连接要有相等的键(`on a.x = b.y`)",
                "two tables have to be joined on equal keys (`on a.x = b.y`)",
            ));
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .map(|_| ())
}

fn single_row(plan: &LogicalPlan) -> bool {
    plan.max_rows().is_some_and(|rows| rows <= 1)
}
