use std::cell::RefCell;
use std::collections::BTreeSet;

use minsheng_model::{Rules, Scope, Table, Text, Type, Value};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::Problem;
use super::check::Checker;
use super::node::{Known, Node};
use super::position;

/// The longest expression that is read, in bytes.
const SQL_BYTES_MAX: usize = 8_000;

/// The names an expression may use.
#[derive(Debug)]
pub struct Env<'r> {
    pub(crate) rules: &'r Rules,
    /// Variables being compiled, to see cycles.
    pub(crate) open: RefCell<Vec<String>>,
}

/// A checked expression.
#[derive(Debug, Clone)]
pub struct Typed {
    pub(crate) known: Known,
}

impl Typed {
    /// Returns the type of its values.
    #[must_use]
    pub fn data_type(&self) -> Type {
        self.known.data_type
    }

    /// Returns whether a value may be missing.
    #[must_use]
    pub fn nullable(&self) -> bool {
        self.known.nullable
    }

    /// Returns the unit of its values.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        self.known.unit.as_deref()
    }

    /// Returns the columns it reads, each once, by table and position.
    #[must_use]
    pub fn columns_used(&self) -> Vec<(Scope, usize)> {
        let mut found = BTreeSet::new();
        collect(&self.known.node, &mut found);
        let scope = |n: u8| match n {
            0 => Scope::Applicant,
            1 => Scope::Provider,
            _ => Scope::Choice,
        };
        found.into_iter().map(|(s, c)| (scope(s), c)).collect()
    }
}

fn collect(node: &Node, found: &mut BTreeSet<(u8, usize)>) {
    match node {
        Node::Literal(_) => {}
        Node::Column { table, column } => {
            found.insert((*table as u8, *column));
        }
        Node::Declared { inner, .. }
        | Node::Not(inner)
        | Node::Negate(inner)
        | Node::Shift { date: inner, .. }
        | Node::IsNull { inner, .. }
        | Node::IsBoolean { inner, .. }
        | Node::Like { inner, .. }
        | Node::Extract { date: inner, .. } => collect(inner, found),
        Node::And(left, right)
        | Node::Or(left, right)
        | Node::Compare { left, right, .. }
        | Node::Arithmetic { left, right, .. }
        | Node::Distinct { left, right, .. } => {
            collect(left, found);
            collect(right, found);
        }
        Node::InList { inner, list, .. } => {
            collect(inner, found);
            list.iter().for_each(|n| collect(n, found));
        }
        Node::Case {
            branches,
            otherwise,
        } => {
            for (when, then) in branches {
                collect(when, found);
                collect(then, found);
            }
            if let Some(node) = otherwise {
                collect(node, found);
            }
        }
        Node::Call { arguments, .. } => arguments.iter().for_each(|n| collect(n, found)),
    }
}

impl<'r> Env<'r> {
    /// Returns the names of a programme's rules: tables, parameters, variables.
    #[must_use]
    pub fn new(rules: &'r Rules) -> Self {
        Self {
            rules,
            open: RefCell::new(Vec::new()),
        }
    }

    /// Returns the tables that a scope sees.
    pub(crate) fn tables(&self, scope: Scope) -> Vec<(Scope, &'r Table)> {
        let r = self.rules;
        match scope {
            Scope::Applicant => vec![(Scope::Applicant, &r.applicants)],
            Scope::Provider => vec![(Scope::Provider, &r.providers)],
            Scope::Choice => vec![
                (Scope::Applicant, &r.applicants),
                (Scope::Provider, &r.providers),
                (Scope::Choice, &r.choices),
            ],
        }
    }

    /// Returns the parameter's value and unit; `as_of` is the cycle's day.
    pub(crate) fn parameter(&self, name: &str) -> Option<(Value, Option<String>)> {
        if name == "as_of" {
            return Some((Value::Date(self.rules.as_of), None));
        }
        let found = self.rules.parameters.iter().find(|p| p.name == name)?;
        Some((found.value.clone(), found.unit.clone()))
    }

    /// Checks an expression in a scope.
    ///
    /// # Errors
    /// Every mistake that can be told apart, each with its bytes in the SQL.
    pub fn compile(&self, scope: Scope, sql: &str) -> Result<Typed, Vec<Problem>> {
        let parsed = parse(sql)?;
        let mut checker = Checker {
            env: self,
            scope,
            sql,
            problems: Vec::new(),
        };
        let known = checker.check(&parsed, 0);
        match known {
            Some(known) if checker.problems.is_empty() => Ok(Typed { known }),
            _ if checker.problems.is_empty() => {
                let message = Text::new("表达式无法理解", "this expression cannot be understood");
                Err(vec![Problem {
                    span: 0..sql.len(),
                    code: "expr/refused",
                    message,
                    help: None,
                }])
            }
            _ => Err(checker.problems),
        }
    }
}

fn parse(sql: &str) -> Result<sqlparser::ast::Expr, Vec<Problem>> {
    if sql.len() > SQL_BYTES_MAX {
        let message = Text::new(
            format!("表达式长 {} 字节,上限 {SQL_BYTES_MAX}", sql.len()),
            format!(
                "the expression is {} bytes long; at most {SQL_BYTES_MAX} are read",
                sql.len()
            ),
        );
        let help = Text::new("把它拆成几个变量", "split it into variables");
        return Err(vec![Problem {
            span: 0..sql.len(),
            code: "expr/too-long",
            message,
            help: Some(help),
        }]);
    }
    let dialect = GenericDialect {};
    let wrong = |error: ParserError| vec![syntax(sql, &error)];
    let mut parser = Parser::new(&dialect).try_with_sql(sql).map_err(wrong)?;
    let parsed = parser.parse_expr().map_err(wrong)?;
    let rest = parser.peek_token();
    if rest.token == Token::EOF {
        return Ok(parsed);
    }
    let message = Text::new(
        format!("表达式在 `{}` 之前已结束", rest.token),
        format!("the expression ends before `{}`", rest.token),
    );
    Err(vec![Problem {
        span: position::bytes(sql, rest.span),
        code: "expr/syntax",
        message,
        help: None,
    }])
}

fn syntax(sql: &str, error: &ParserError) -> Problem {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.clone(),
        ParserError::RecursionLimitExceeded => "brackets are nested too deeply".to_owned(),
    };
    let at = position::of_message(&text).map(|(line, column)| position::offset(sql, line, column));
    let start = at.unwrap_or(0).min(sql.len());
    let next = sql
        .get(start..)
        .and_then(|rest| rest.chars().next())
        .map_or(0, char::len_utf8);
    let span = if at.is_some() {
        start..start + next
    } else {
        0..sql.len()
    };
    let said = text.split(" at Line:").next().unwrap_or("").to_owned();
    Problem {
        span,
        code: "expr/syntax",
        message: Text::new(
            format!("SQL 语法错误:{said}"),
            format!("SQL syntax: {said}"),
        ),
        help: None,
    }
}
