use minsheng_model::{Date, Decimal, Scope, Text, Type, Value};
use sqlparser::ast::{
    BinaryOperator, DataType, DateTimeField, Expr, Function as Call, FunctionArg, FunctionArgExpr,
    FunctionArguments, Ident, Interval, Spanned, UnaryOperator, Value as Literal,
};

use super::env::Env;
use super::functions;
use super::node::{Arithmetic, Compare, Function, Known, Node, Part};
use super::{Problem, position, unit};

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

    fn unknown_name(
        &mut self,
        expr: &Expr,
        code: &'static str,
        what: (&str, &str),
        name: &str,
        known: &[String],
    ) {
        let close = known
            .iter()
            .map(|k| {
                (
                    strsim::damerau_levenshtein(&k.to_lowercase(), &name.to_lowercase()),
                    k,
                )
            })
            .filter(|(distance, k)| *distance <= 1 + k.chars().count() / 4)
            .min();
        let help =
            close.map(|(_, k)| Text::new(format!("是不是 `{k}`?"), format!("did you mean `{k}`?")));
        let message = Text::new(
            format!("未知的{} `{name}`", what.0),
            format!("unknown {} `{name}`", what.1),
        );
        self.problem(expr, code, message, help);
    }

    fn column(&self, table: Scope, index: usize) -> Option<Known> {
        let tables = self.env.tables(self.scope);
        let (_, found) = tables.iter().find(|(s, _)| *s == table)?;
        let column = found.columns.get(index)?;
        Some(Known {
            node: Node::Column {
                table,
                column: index,
            },
            data_type: column.data_type,
            nullable: column.nullable,
            unit: column.unit.clone(),
        })
    }

    fn name(&mut self, expr: &Expr, name: &Ident) -> Option<Known> {
        let word = name.value.as_str();
        let tables = self.env.tables(self.scope);
        let places: Vec<(Scope, usize)> = tables
            .iter()
            .filter_map(|(s, t)| Some((*s, t.column_index(word)?)))
            .collect();
        if let (Some(variable), true) = (
            self.env.rules.variables.iter().find(|v| v.name == word),
            places.is_empty(),
        ) {
            return self.variable(expr, variable);
        }
        match places.as_slice() {
            [(table, index)] => self.column(*table, *index),
            [] => {
                if functions::refused(&word.to_lowercase()).is_some() {
                    return self.refused_function(expr, &word.to_lowercase());
                }
                let columns = tables
                    .iter()
                    .flat_map(|(_, t)| t.columns.iter().map(|c| c.name.clone()));
                let variables = self.env.rules.variables.iter().map(|v| v.name.clone());
                let known: Vec<String> = columns.chain(variables).collect();
                self.unknown_name(expr, "expr/unknown-column", ("列", "column"), word, &known);
                None
            }
            _ => {
                let names: Vec<String> = tables
                    .iter()
                    .filter(|(s, _)| places.iter().any(|(p, _)| p == s))
                    .map(|(_, t)| format!("`{}.{word}`", t.name))
                    .collect();
                let names = names.join(", ");
                let message = Text::new(
                    format!("`{word}` 在多个名册中都有"),
                    format!("`{word}` is a column of several registers"),
                );
                let help = Text::new(
                    format!("写明是哪一个:{names}"),
                    format!("say which: {names}"),
                );
                self.problem(expr, "expr/ambiguous-column", message, Some(help));
                None
            }
        }
    }

    fn qualified(&mut self, expr: &Expr, parts: &[Ident]) -> Option<Known> {
        let [register, column] = parts else {
            self.refuse(
                expr,
                "列名写作 `名册.列`",
                "a column is written `register.column`",
                None,
            );
            return None;
        };
        let tables = self.env.tables(self.scope);
        let Some((table, found)) = tables.iter().find(|(_, t)| t.name == register.value) else {
            let known: Vec<String> = tables.iter().map(|(_, t)| t.name.clone()).collect();
            self.unknown_name(
                expr,
                "expr/unknown-register",
                ("名册", "register"),
                &register.value,
                &known,
            );
            return None;
        };
        let Some(index) = found.column_index(&column.value) else {
            let known: Vec<String> = found
                .columns
                .iter()
                .map(|c| format!("{}.{}", found.name, c.name))
                .collect();
            let name = format!("{}.{}", register.value, column.value);
            self.unknown_name(expr, "expr/unknown-column", ("列", "column"), &name, &known);
            return None;
        };
        self.column(*table, index)
    }

    fn variable(&mut self, expr: &Expr, variable: &minsheng_model::Variable) -> Option<Known> {
        let visible = variable.scope == self.scope || self.scope == Scope::Choice;
        if !visible {
            let name = &variable.name;
            let message = Text::new(
                format!("变量 `{name}` 在这里看不到它所用的行"),
                format!("variable `{name}` reads rows that are not seen here"),
            );
            self.problem(expr, "expr/scope", message, None);
            return None;
        }
        let open = self.env.open.borrow().clone();
        if let Some(start) = open.iter().position(|n| *n == variable.name) {
            let mut chain: Vec<String> = open.iter().skip(start).cloned().collect();
            chain.push(variable.name.clone());
            let chain = chain.join(" -> ");
            let message = Text::new(
                format!("变量互相引用:{chain}"),
                format!("variables refer to each other: {chain}"),
            );
            self.problem(expr, "expr/cyclic-variable", message, None);
            return None;
        }
        self.env.open.borrow_mut().push(variable.name.clone());
        let compiled = self.env.compile(variable.scope, &variable.sql);
        self.env.open.borrow_mut().pop();
        match compiled {
            Ok(typed) => {
                let mut known = typed.known;
                if let Some(missing) = &variable.missing {
                    known.node = Node::Declared {
                        inner: Box::new(known.node),
                        missing: missing.clone(),
                    };
                    known.nullable = false;
                }
                Some(known)
            }
            Err(problems) => {
                // Told where the variable is declared; a cycle is told here too.
                let cycle = problems
                    .into_iter()
                    .find(|p| p.code == "expr/cyclic-variable");
                match cycle {
                    Some(cycle) => self.problem(expr, cycle.code, cycle.message, None),
                    None => {
                        let name = &variable.name;
                        let message = Text::new(
                            format!("变量 `{name}` 有错"),
                            format!("variable `{name}` has mistakes"),
                        );
                        self.problem(expr, "expr/broken-variable", message, None);
                    }
                }
                None
            }
        }
    }

    fn literal(&mut self, expr: &Expr, value: &Literal) -> Option<Known> {
        let value = match value {
            Literal::Number(digits, false) => match digits.parse::<i64>() {
                Ok(n) => Value::Integer(n),
                Err(_) => match digits.parse::<Decimal>() {
                    Ok(d) if d.scale() > 0 => Value::Decimal(d),
                    _ => {
                        let help = Text::new(
                            "写作整数或 `0.05` 这样的小数",
                            "write a whole number or a decimal such as `0.05`",
                        );
                        self.refuse(
                            expr,
                            "不能用这种写法的数",
                            "a number cannot be written like this",
                            Some(help),
                        );
                        return None;
                    }
                },
            },
            Literal::SingleQuotedString(text) => Value::Text(text.clone()),
            Literal::Boolean(b) => Value::Boolean(*b),
            Literal::Placeholder(name) => return self.parameter(expr, name),
            Literal::Null => {
                let help = Text::new(
                    "用 IS NULL 询问是否缺失",
                    "ask for a missing value with IS NULL",
                );
                self.refuse(expr, "不允许写 NULL", "NULL cannot be written", Some(help));
                return None;
            }
            _ => {
                self.refuse(
                    expr,
                    "不允许这种字面量",
                    "this kind of literal is not allowed",
                    None,
                );
                return None;
            }
        };
        Some(Known {
            data_type: value.type_of(),
            node: Node::Literal(value),
            nullable: false,
            unit: None,
        })
    }

    fn parameter(&mut self, expr: &Expr, name: &str) -> Option<Known> {
        let word = name.trim_start_matches('$');
        let Some((value, unit)) = self.env.parameter(word) else {
            let mut known: Vec<String> = self
                .env
                .rules
                .parameters
                .iter()
                .map(|p| format!("${}", p.name))
                .collect();
            known.push("$as_of".to_owned());
            self.unknown_name(
                expr,
                "expr/unknown-parameter",
                ("参数", "parameter"),
                name,
                &known,
            );
            return None;
        };
        Some(Known {
            data_type: value.type_of(),
            node: Node::Literal(value),
            nullable: false,
            unit,
        })
    }

    fn date_literal(
        &mut self,
        expr: &Expr,
        data_type: &DataType,
        value: &Literal,
    ) -> Option<Known> {
        let text = match (data_type, value) {
            (DataType::Date, Literal::SingleQuotedString(text)) => text,
            _ => {
                self.refuse(
                    expr,
                    "只允许 DATE '…' 字面量",
                    "only DATE '…' literals are allowed",
                    None,
                );
                return None;
            }
        };
        let Ok(day) = text.parse::<Date>() else {
            let message = Text::new(
                format!("`{text}` 不是日期,应写作 YYYY-MM-DD"),
                format!("`{text}` is not a day: expected YYYY-MM-DD"),
            );
            self.problem(expr, "expr/bad-date", message, None);
            return None;
        };
        Some(Known {
            node: Node::Literal(Value::Date(day)),
            data_type: Type::Date,
            nullable: false,
            unit: None,
        })
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

    fn unary(
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

    fn binary(
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
    fn pair(
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

    fn same_unit(&mut self, expr: &Expr, a: &Known, b: &Known) -> Option<()> {
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

    fn arithmetic(
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

    fn shift(&mut self, left: &Expr, right: &Expr, minus: bool, depth: usize) -> Option<Known> {
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

    fn is_null(&mut self, inner: &Expr, negated: bool, depth: usize) -> Option<Known> {
        let known = self.check(inner, depth)?;
        Some(boolean(
            Node::IsNull {
                inner: Box::new(known.node),
                negated,
            },
            false,
        ))
    }

    fn is_boolean(
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

    fn distinct(
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

    fn between(
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

    fn in_list(
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

    fn like(
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

    fn case(
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

    fn extract(
        &mut self,
        expr: &Expr,
        field: &DateTimeField,
        inner: &Expr,
        depth: usize,
    ) -> Option<Known> {
        let known = self.check(inner, depth)?;
        if known.data_type != Type::Date {
            self.wanted(inner, Type::Date, known.data_type);
            return None;
        }
        let part = match field {
            DateTimeField::Year => Part::Year,
            DateTimeField::Month => Part::Month,
            DateTimeField::Day => Part::Day,
            _ => {
                self.refuse(
                    expr,
                    "只能取 YEAR、MONTH 或 DAY",
                    "only YEAR, MONTH or DAY can be extracted",
                    None,
                );
                return None;
            }
        };
        let node = Node::Extract {
            part,
            date: Box::new(known.node),
        };
        Some(Known {
            node,
            data_type: Type::Integer,
            nullable: known.nullable,
            unit: None,
        })
    }

    fn refused_function(&mut self, expr: &Expr, name: &str) -> Option<Known> {
        let (message, help) = functions::refused(name)?;
        let message = Text::new(
            format!("不允许 `{name}`:{}", message.zh),
            format!("`{name}` is not allowed: {}", message.en),
        );
        self.problem(expr, "expr/refused", message, Some(help));
        None
    }

    fn function(&mut self, expr: &Expr, call: &Call, depth: usize) -> Option<Known> {
        let name = call.name.to_string().to_lowercase();
        if functions::refused(&name).is_some() {
            return self.refused_function(expr, &name);
        }
        let Some((_, function, ..)) = functions::ALLOWED.iter().find(|(n, ..)| *n == name) else {
            let known: Vec<String> = functions::ALLOWED
                .iter()
                .map(|(n, ..)| (*n).to_owned())
                .collect();
            self.unknown_name(
                expr,
                "expr/unknown-function",
                ("函数", "function"),
                &name,
                &known,
            );
            return None;
        };
        let plain = call.over.is_none() && call.filter.is_none() && call.null_treatment.is_none();
        let arguments: Option<Vec<&Expr>> = match &call.args {
            FunctionArguments::List(list) if plain && list.clauses.is_empty() => list
                .args
                .iter()
                .map(|a| match a {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => Some(e),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        let Some(arguments) = arguments else {
            self.refuse(
                expr,
                "不允许这种函数调用",
                "this kind of call is not allowed",
                None,
            );
            return None;
        };
        self.call(expr, *function, &arguments, depth)
    }

    fn call(
        &mut self,
        expr: &Expr,
        function: Function,
        arguments: &[&Expr],
        depth: usize,
    ) -> Option<Known> {
        let known: Vec<Option<Known>> = arguments.iter().map(|a| self.check(a, depth)).collect();
        let known: Vec<Known> = known.into_iter().collect::<Option<_>>()?;
        let fits = functions::ALLOWED
            .iter()
            .any(|(_, f, least, most)| *f == function && (*least..=*most).contains(&known.len()));
        let types: Vec<Type> = known.iter().map(|k| k.data_type).collect();
        let (data_type, right) = match (function, types.as_slice()) {
            (Function::Abs, [t]) => (*t, is_number(*t)),
            (Function::Lower | Function::Upper | Function::Trim, [t]) => {
                (Type::Text, *t == Type::Text)
            }
            (Function::Length, [t]) => (Type::Integer, *t == Type::Text),
            (Function::Substr, [t, rest @ ..]) => (
                Type::Text,
                *t == Type::Text && rest.iter().all(|r| *r == Type::Integer) && positive(&known),
            ),
            (Function::StartsWith, [a, b]) => (Type::Boolean, *a == Type::Text && *b == Type::Text),
            (Function::Least | Function::Greatest, [first, ..]) => (
                *first,
                types.iter().all(|t| t == first) && known.iter().all(|k| !k.nullable),
            ),
            _ => (Type::Boolean, false),
        };
        if !fits || !right {
            let listed: Vec<String> = types.iter().map(ToString::to_string).collect();
            let listed = listed.join(", ");
            let help = match function {
                Function::Least | Function::Greatest => Some(Text::new(
                    "各参数须同类型且不可缺失;可能缺失的先声明为带 `missing` 的变量",
                    "all arguments need one type and may not be missing; declare a variable with `missing` first",
                )),
                Function::Substr => Some(Text::new(
                    "起点从 1 起,均为整数字面量",
                    "start (from 1) and length are whole numbers written out",
                )),
                _ => None,
            };
            let message = Text::new(
                format!("参数不合适:({listed})"),
                format!("the arguments do not fit: ({listed})"),
            );
            self.problem(expr, "expr/arguments", message, help);
            return None;
        }
        if let (Function::Least | Function::Greatest, [first, rest @ ..]) =
            (function, known.as_slice())
        {
            for other in rest {
                self.same_unit(expr, first, other)?;
            }
        }
        let nullable = known.iter().any(|k| k.nullable);
        let keeps = matches!(
            function,
            Function::Abs | Function::Least | Function::Greatest
        );
        let unit = known.first().and_then(|k| k.unit.clone()).filter(|_| keeps);
        let arguments = known.into_iter().map(|k| k.node).collect();
        Some(Known {
            node: Node::Call {
                function,
                arguments,
            },
            data_type,
            nullable,
            unit,
        })
    }
}

/// Start and length of `substr` are written out, from 1 and from 0 on.
fn positive(known: &[Known]) -> bool {
    known
        .iter()
        .skip(1)
        .zip([1, 0])
        .all(|(k, least)| matches!(&k.node, Node::Literal(Value::Integer(n)) if *n >= least))
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
