//! Functions and EXTRACT.

use super::super::functions;
use super::super::node::{Function, Known, Node, Part};
use super::{Checker, is_number};
use minsheng_model::{Text, Type, Value};
use sqlparser::ast::{
    DateTimeField, Expr, Function as Call, FunctionArg, FunctionArgExpr, FunctionArguments,
};

impl Checker<'_, '_> {
    pub(super) fn extract(
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

    pub(super) fn refused_function(&mut self, expr: &Expr, name: &str) -> Option<Known> {
        let (message, help) = functions::refused(name)?;
        let message = Text::new(
            format!("不允许 `{name}`:{}", message.zh),
            format!("`{name}` is not allowed: {}", message.en),
        );
        self.problem(expr, "expr/refused", message, Some(help));
        None
    }

    pub(super) fn function(&mut self, expr: &Expr, call: &Call, depth: usize) -> Option<Known> {
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

    pub(super) fn call(
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
