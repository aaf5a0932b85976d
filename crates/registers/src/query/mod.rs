//! One figure out of registers and bundles: a single read-only SELECT.
//!
//! A query sees only the tables it was given. It may filter, join on equal keys,
//! group and aggregate; it may not order by chance, ask a clock, read a file or
//! change anything. Whole numbers are decimals inside, so that a sum or a product
//! is exact or an error, and no float comes into it.

mod guard;
mod position;
mod tables;

use std::path::Path;

use datafusion::arrow::array::{Array as _, AsArray as _, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Int64Type};
use datafusion::common::{DataFusionError, ParamValues, ScalarValue, TableReference};
use datafusion::config::Dialect;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use minsheng_model::{Date, Decimal, Diagnostic, Text};
use tokio::runtime::Runtime;

use crate::engine::Fault;
use crate::register::Register;

/// The longest query, in bytes.
const SQL_BYTES_MAX: usize = 8_000;

/// What a query refuses, with the part of its text that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// Bytes of the query; all of it where no part is meant.
    pub at: std::ops::Range<usize>,
    /// What is wrong and what to do.
    pub message: Text,
}

/// Tables under names, and queries over them.
pub struct Queries {
    context: SessionContext,
    runtime: Runtime,
    names: Vec<String>,
}

impl Queries {
    /// Returns no tables yet.
    ///
    /// # Errors
    /// When the system gives no event queue to wait on.
    pub fn new() -> Result<Self, Text> {
        let mut config = SessionConfig::new().with_target_partitions(1);
        let parser = &mut config.options_mut().sql_parser;
        parser.parse_float_as_decimal = true;
        parser.enable_ident_normalization = false;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|e| Text::same(e.to_string()))?;
        Ok(Self {
            context: SessionContext::new_with_config(config),
            runtime,
            names: Vec::new(),
        })
    }

    /// Puts a register under a name.
    ///
    /// # Errors
    /// A decimal beyond 28 digits, or a name that is taken.
    pub fn register(&mut self, name: &str, register: &Register) -> Result<(), Diagnostic> {
        self.put(name, vec![register.batch.clone()])
    }

    /// Puts a Parquet file, such as a table of a bundle, under a name.
    ///
    /// # Errors
    /// A file that cannot be read, and as [`Queries::register`].
    pub fn parquet(&mut self, name: &str, path: &Path) -> Result<(), Diagnostic> {
        let batches = tables::parquet(path).map_err(|e| {
            refused(
                "query/table",
                Text::new(
                    format!("无法读取 `{}`:{e}", path.display()),
                    format!("cannot read `{}`: {e}", path.display()),
                ),
            )
        })?;
        self.put(name, batches)
    }

    fn put(&mut self, name: &str, batches: Vec<RecordBatch>) -> Result<(), Diagnostic> {
        let table =
            tables::exact(batches).map_err(|e| refused("query/table", Fault::of(&e).text()))?;
        if self.names.iter().any(|n| n == name) {
            return Err(refused(
                "query/table",
                Text::new(
                    format!("表 `{name}` 已经有了"),
                    format!("there is a table `{name}` already"),
                ),
            ));
        }
        self.context
            .register_table(TableReference::bare(name), table)
            .map_err(|e| refused("query/table", Fault::of(&e).text()))?;
        self.names.push(name.to_owned());
        Ok(())
    }

    /// Runs a query for one figure; `$as_of` in it is the day. Yes is 1 and no is
    /// 0; nothing to count from is `None`.
    ///
    /// # Errors
    /// What is no single SELECT over the tables given, what could differ from one
    /// run to the next, a result that is no single number, an overflow.
    pub fn scalar(&self, sql: &str, as_of: Date) -> Result<Option<Decimal>, QueryError> {
        let all = |message: Text| QueryError {
            at: 0..sql.len(),
            message,
        };
        if sql.len() > SQL_BYTES_MAX {
            return Err(all(Text::new(
                format!("查询超过 {SQL_BYTES_MAX} 字节"),
                format!("the query is longer than {SQL_BYTES_MAX} bytes"),
            )));
        }
        let plan = self
            .plan(sql, as_of)
            .map_err(|e| position::located(sql, &e, &self.names))?;
        let run = async {
            let batches = DataFrame::new(self.context.state(), plan).collect().await?;
            Ok::<_, DataFusionError>(batches)
        };
        let batches = self
            .runtime
            .block_on(run)
            .map_err(|e| position::located(sql, &e, &self.names))?;
        single(&batches).map_err(all)
    }

    fn plan(&self, sql: &str, as_of: Date) -> Result<LogicalPlan, DataFusionError> {
        let state = self.context.state();
        let statement = state.sql_to_statement(sql, &Dialect::PostgreSQL)?;
        guard::statement(&statement)?;
        let plan = self.runtime.block_on(state.statement_to_plan(statement))?;
        guard::plan(&plan, &self.names)?;
        let day = ScalarValue::Date32(Some(as_of.days()));
        let values = ParamValues::from(vec![("as_of", day)]);
        let plan = guard::exact(plan.with_param_values(values)?)?;
        guard::floats(&plan)?;
        let plan = state.optimize(&plan)?;
        guard::joins(&plan)?;
        Ok(plan)
    }
}

fn refused(code: &'static str, message: Text) -> Diagnostic {
    Diagnostic::error(code, message)
}

/// Returns the one value of a result of one row and one column.
fn single(batches: &[RecordBatch]) -> Result<Option<Decimal>, Text> {
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let wide = batches.iter().any(|b| b.num_columns() != 1);
    if wide || rows > 1 {
        return Err(Text::new(
            "结果应是一行一列的一个数;请用 sum、count 等汇总",
            "the result has to be one number in one row and column; aggregate with sum, count and the like",
        ));
    }
    let Some(column) = batches
        .iter()
        .find(|b| b.num_rows() == 1)
        .and_then(|b| b.columns().first())
    else {
        return Ok(None);
    };
    if column.is_null(0) {
        return Ok(None);
    }
    let out_of_range = || {
        Text::new(
            "数值溢出(整数 64 位、小数 38 位)",
            "a number overflows (64 bits, or 38 decimal digits)",
        )
    };
    let value = match column.data_type() {
        DataType::Int64 => column
            .as_primitive_opt::<Int64Type>()
            .map(|a| Decimal::from(a.value(0))),
        DataType::Boolean => column
            .as_boolean_opt()
            .map(|a| Decimal::from(i64::from(a.value(0)))),
        DataType::Decimal128(_, scale) => {
            let scale = u8::try_from(*scale).map_err(|_| out_of_range())?;
            let digits = column
                .as_primitive_opt::<Decimal128Type>()
                .map_or(0, |a| a.value(0));
            Some(Decimal::new(digits, scale).map_err(|_| out_of_range())?)
        }
        _ => None,
    };
    let kind = column.data_type();
    value.map(|v| Some(trimmed(v))).ok_or_else(|| {
        Text::new(
            format!("结果是 {kind},应为整数、小数或是否"),
            format!(
                "the result is {kind}; it has to be a whole number, a decimal or a truth value"
            ),
        )
    })
}

/// Without zeros at the end: 9024.0000 is 9024.
fn trimmed(d: Decimal) -> Decimal {
    let (mut digits, mut scale) = (d.mantissa(), d.scale());
    while scale > 0 && digits % 10 == 0 {
        (digits, scale) = (digits / 10, scale - 1);
    }
    Decimal::new(digits, scale).unwrap_or(d)
}
