//! Names and literals: columns, variables, parameters.

use super::super::functions;
use super::super::node::{Known, Node};
use super::Checker;
use minsheng_model::{Date, Decimal, Scope, Text, Type, Value};
use sqlparser::ast::{DataType, Expr, Ident, Value as Literal};

impl Checker<'_, '_> {
    pub(super) fn unknown_name(
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

    pub(super) fn column(&self, table: Scope, index: usize) -> Option<Known> {
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

    pub(super) fn name(&mut self, expr: &Expr, name: &Ident) -> Option<Known> {
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

    pub(super) fn qualified(&mut self, expr: &Expr, parts: &[Ident]) -> Option<Known> {
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

    pub(super) fn variable(
        &mut self,
        expr: &Expr,
        variable: &minsheng_model::Variable,
    ) -> Option<Known> {
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

    pub(super) fn literal(&mut self, expr: &Expr, value: &Literal) -> Option<Known> {
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

    pub(super) fn parameter(&mut self, expr: &Expr, name: &str) -> Option<Known> {
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

    pub(super) fn date_literal(
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
}
