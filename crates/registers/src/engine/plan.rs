//! From SQL text to expressions that run on batches.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::common::{Column, DFSchema, DataFusionError, Result, ScalarValue, TableReference};
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, ExprSchemable as _, lit};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};
use datafusion::prelude::{SessionConfig, SessionContext};
use minsheng_model::{Diagnostic, Rules, Scope, Table, Text, Type, Value, Variable};

use super::exact::Op;
use super::fault::Fault;
use super::rewrite;
use crate::register::{arrow_type, decimal_type};

/// The longest expression, in bytes: what the check of a programme lets through.
const SQL_BYTES_MAX: usize = 8_000;

/// A named expression, ready to run.
pub(super) struct Expression {
    /// Where it stands in the rules, such as `clauses.age`.
    pub at: String,
    pub physical: Arc<dyn PhysicalExpr>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.physical)
    }
}

/// Expressions over some columns of a scope's tables.
#[derive(Debug)]
pub(super) struct Plan {
    pub expressions: Vec<Expression>,
    /// The columns that the batches need, in order.
    pub columns: Vec<(Scope, usize)>,
}

/// Plans the expressions of one programme.
pub(super) struct Planner<'r> {
    rules: &'r Rules,
    context: SessionContext,
    /// The variables' meanings, by name.
    variables: Vec<(&'r Variable, Expr, DataType)>,
}

/// Returns the tables that a scope sees.
fn tables(rules: &Rules, scope: Scope) -> Vec<(Scope, &Table)> {
    let all = [
        (Scope::Applicant, &rules.applicants),
        (Scope::Provider, &rules.providers),
        (Scope::Choice, &rules.choices),
    ];
    all.into_iter()
        .filter(|(s, _)| scope == Scope::Choice || *s == scope)
        .collect()
}

impl<'r> Planner<'r> {
    /// Understands the rules' variables.
    pub fn new(rules: &'r Rules) -> std::result::Result<Self, Vec<Diagnostic>> {
        let mut config = SessionConfig::new();
        let parser = &mut config.options_mut().sql_parser;
        // A decimal literal is exact, and names are as they are declared.
        parser.parse_float_as_decimal = true;
        parser.enable_ident_normalization = false;
        let context = SessionContext::new_with_config(config);
        context.register_udf(Op::Abs.function());
        let mut planner = Self {
            rules,
            context,
            variables: Vec::new(),
        };
        let mut wrong = Vec::new();
        for variable in &rules.variables {
            match planner.variable(variable) {
                Ok(known) => planner.variables.push(known),
                Err(error) => wrong.push(refused(&format!("variables.{}", variable.name), &error)),
            }
        }
        if wrong.is_empty() {
            Ok(planner)
        } else {
            Err(wrong)
        }
    }

    fn variable(&self, variable: &'r Variable) -> Result<(&'r Variable, Expr, DataType)> {
        let schema = self.schema(variable.scope, None)?;
        // Kept as written: it is made exact where it is used, and only once.
        let mut meaning = self.filled(variable.scope, &variable.sql, &schema)?;
        let data_type = rewrite::exact(meaning.clone(), &schema)?.get_type(&schema)?;
        if let Some(missing) = &variable.missing {
            let missing = scalar_of(missing, &data_type).ok_or_else(|| {
                Fault::refused(
                    format!("`missing` 的值 `{missing}` 不是 {data_type}"),
                    format!("the value `{missing}` of `missing` is no {data_type}"),
                )
            })?;
            meaning = Op::OrElse.call(vec![meaning, lit(missing)]);
        }
        Ok((variable, meaning, data_type))
    }

    /// Returns the plan of the expressions, each given with its place in the rules
    /// and the type it must have.
    pub fn plan(
        &self,
        scope: Scope,
        list: &[(String, &str, Type)],
    ) -> std::result::Result<Plan, Vec<Diagnostic>> {
        let rules = |e: DataFusionError| vec![refused("rules", &e)];
        let schema = self.schema(scope, None).map_err(rules)?;
        let mut wrong = Vec::new();
        let mut logical = Vec::new();
        for (at, sql, wanted) in list {
            match self.typed(scope, sql, &schema, *wanted) {
                Ok(expression) => logical.push((at, expression)),
                Err(error) => wrong.push(refused(at, &error)),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let columns = self.columns_used(scope, logical.iter().map(|(_, e)| e));
        let narrow = self.schema(scope, Some(&columns)).map_err(rules)?;
        let mut expressions = Vec::with_capacity(logical.len());
        for (at, expression) in logical {
            // Nothing is simplified: that could drop a part whose error must be seen.
            let physical = create_physical_expr(
                &expression,
                &narrow,
                &ExecutionProps::new(),
                &Default::default(),
            );
            match physical {
                Ok(physical) => expressions.push(Expression {
                    at: at.clone(),
                    physical,
                }),
                Err(error) => wrong.push(refused(at, &error)),
            }
        }
        if wrong.is_empty() {
            Ok(Plan {
                expressions,
                columns,
            })
        } else {
            Err(wrong)
        }
    }

    /// The schema of a scope: all its columns, or those named.
    fn schema(&self, scope: Scope, only: Option<&[(Scope, usize)]>) -> Result<DFSchema> {
        let mut fields = Vec::new();
        for (of, table) in tables(self.rules, scope) {
            for (index, column) in table.columns.iter().enumerate() {
                if only.is_none_or(|list| list.contains(&(of, index))) {
                    let data_type = arrow_type(column.data_type);
                    // Whether a value may be missing is seen in the batch.
                    let field = Field::new(&column.name, data_type, true);
                    let table = TableReference::bare(table.name.as_str());
                    fields.push((Some(table), Arc::new(field)));
                }
            }
        }
        DFSchema::new_with_metadata(fields, HashMap::new())
    }

    fn columns_used<'e>(
        &self,
        scope: Scope,
        list: impl Iterator<Item = &'e Expr>,
    ) -> Vec<(Scope, usize)> {
        let used: std::collections::HashSet<&Column> = list.flat_map(Expr::column_refs).collect();
        let mut columns = Vec::new();
        for (of, table) in tables(self.rules, scope) {
            for (index, column) in table.columns.iter().enumerate() {
                let relation = Some(TableReference::bare(table.name.as_str()));
                if used.contains(&Column::new(relation, &column.name)) {
                    columns.push((of, index));
                }
            }
        }
        columns
    }

    fn typed(&self, scope: Scope, sql: &str, schema: &DFSchema, wanted: Type) -> Result<Expr> {
        let expression = self.logical(scope, sql, schema)?;
        let found = expression.get_type(schema)?;
        if found != arrow_type(wanted) {
            return Err(Fault::refused(
                format!("应得 {wanted},实得 {found}"),
                format!("the result must be {wanted}, it is {found}"),
            ));
        }
        if expression.is_volatile() {
            return Err(Fault::refused(
                "结果会变的表达式不能用来决定",
                "an expression whose result varies cannot decide",
            ));
        }
        // The engine settles how it calls its own functions; everything that
        // decides has its type already.
        let context = SimplifyContext::builder()
            .with_schema(Arc::new(schema.clone()))
            .build();
        ExprSimplifier::new(context).coerce(expression, schema)
    }

    /// Returns the expression with variables written out, parameters filled in and
    /// exact functions throughout.
    fn logical(&self, scope: Scope, sql: &str, schema: &DFSchema) -> Result<Expr> {
        rewrite::exact(self.filled(scope, sql, schema)?, schema)
    }

    /// Returns the expression with variables written out and parameters filled in.
    fn filled(&self, scope: Scope, sql: &str, schema: &DFSchema) -> Result<Expr> {
        if sql.len() > SQL_BYTES_MAX {
            return Err(Fault::refused("表达式过长", "the expression is too long"));
        }
        // Variables are parsed as columns of no table and then replaced; a column
        // of the same name comes first.
        let mut fields: Vec<_> = schema
            .iter()
            .map(|(table, field)| (table.cloned(), Arc::clone(field)))
            .collect();
        let visible = self
            .variables
            .iter()
            .filter(|(v, ..)| v.scope == scope || scope == Scope::Choice)
            .filter(|(v, ..)| schema.iter().all(|(_, field)| *field.name() != v.name));
        for (variable, _, data_type) in visible {
            let field = Field::new(&variable.name, data_type.clone(), true);
            fields.push((None, Arc::new(field)));
        }
        let names = DFSchema::new_with_metadata(fields, HashMap::new())?;
        let parsed = self.context.parse_sql_expr(sql, &names)?;
        rewrite::within_limits(&parsed)?;
        let filled = parsed
            .transform_up(|node| self.fill(node))
            .map(|t| t.data)?;
        rewrite::within_limits(&filled)?;
        Ok(filled)
    }

    fn fill(&self, node: Expr) -> Result<Transformed<Expr>> {
        match &node {
            Expr::Column(column) if column.relation.is_none() => {
                let known = self.variables.iter().find(|(v, ..)| v.name == column.name);
                match known {
                    // What stands for a variable is not looked into again.
                    Some((_, meaning, _)) => Ok(Transformed::new(
                        meaning.clone(),
                        true,
                        datafusion::common::tree_node::TreeNodeRecursion::Continue,
                    )),
                    None => Ok(Transformed::no(node)),
                }
            }
            Expr::Placeholder(placeholder) => {
                let name = placeholder.id.trim_start_matches('$');
                let value = if name == "as_of" {
                    Some(Value::Date(self.rules.as_of))
                } else {
                    let mut parameters = self.rules.parameters.iter();
                    parameters.find(|p| p.name == name).map(|p| p.value.clone())
                };
                let value = value.ok_or_else(|| {
                    let id = &placeholder.id;
                    Fault::refused(
                        format!("未知的参数 `{id}`"),
                        format!("unknown parameter `{id}`"),
                    )
                })?;
                Ok(Transformed::yes(lit(scalar(&value))))
            }
            _ => Ok(Transformed::no(node)),
        }
    }
}

fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Text(text) => ScalarValue::Utf8(Some(text.clone())),
        Value::Integer(number) => ScalarValue::Int64(Some(*number)),
        Value::Decimal(d) => {
            let scale = i8::try_from(d.scale()).unwrap_or(0);
            ScalarValue::Decimal128(Some(d.mantissa()), 38, scale)
        }
        Value::Boolean(truth) => ScalarValue::Boolean(Some(*truth)),
        Value::Date(day) => ScalarValue::Date32(Some(day.days())),
    }
}

/// Returns a value as a constant of the type, or `None` where it is not one.
fn scalar_of(value: &Value, data_type: &DataType) -> Option<ScalarValue> {
    let value = match (value, data_type) {
        (Value::Decimal(d), DataType::Decimal128(_, scale)) => {
            Value::Decimal(d.rescale(u8::try_from(*scale).ok()?).ok()?)
        }
        (Value::Integer(n), DataType::Decimal128(_, scale)) => {
            let scale = u8::try_from(*scale).ok()?;
            Value::Decimal(minsheng_model::Decimal::from(*n).rescale(scale).ok()?)
        }
        _ => value.clone(),
    };
    let constant = scalar(&value);
    let found = match &value {
        Value::Decimal(d) => decimal_type(d.scale()),
        _ => constant.data_type(),
    };
    (found == *data_type).then_some(constant)
}

/// An expression that the check of the programme let through and the engine does
/// not.
fn refused(at: &str, error: &DataFusionError) -> Diagnostic {
    let said = Fault::of(error).text();
    Diagnostic::error(
        "engine/refused",
        Text::new(
            format!("`{at}` 无法计算:{}", said.zh),
            format!("`{at}` cannot be computed: {}", said.en),
        ),
    )
}
