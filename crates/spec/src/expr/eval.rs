use std::cmp::Ordering;
use std::fmt;

use minsheng_model::{Decimal, DecimalError, Scope, Text, Value};

use super::env::Typed;
use super::node::{Arithmetic, Compare, Function, Node, Part};

/// The rows an expression reads.
pub trait Row {
    /// Returns the value of a column of one of the three tables; `None` is missing.
    fn value(&self, table: Scope, column: usize) -> Option<Value>;
}

/// Why a row has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvalError {
    /// A whole number beyond 64 bits or a decimal beyond 38 digits.
    Overflow,
    /// A remainder by zero.
    ModuloByZero,
    /// A day outside the years 1 to 9999.
    DateRange,
    /// A value of another type than declared.
    WrongType,
}

impl EvalError {
    /// Returns the sentence for people.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Overflow => Text::new("数值溢出", "the number is too large"),
            Self::ModuloByZero => Text::new("除数为零", "the divisor is zero"),
            Self::DateRange => Text::new(
                "日期超出 0001 至 9999 年",
                "the day is outside the years 0001 to 9999",
            ),
            Self::WrongType => Text::new(
                "值的类型与声明不符",
                "the value has another type than declared",
            ),
        }
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for EvalError {}

type Outcome = Result<Option<Value>, EvalError>;

impl Typed {
    /// Returns the expression's value on a row; `None` is missing.
    ///
    /// # Errors
    /// Overflow, a remainder by zero, a day that does not exist.
    pub fn eval(&self, row: &dyn Row) -> Outcome {
        eval(&self.known.node, row)
    }

    /// Returns a boolean expression's answer; `None` is unknown.
    ///
    /// # Errors
    /// As [`Typed::eval`].
    pub fn holds(&self, row: &dyn Row) -> Result<Option<bool>, EvalError> {
        boolean(&self.known.node, row)
    }
}

fn boolean(node: &Node, row: &dyn Row) -> Result<Option<bool>, EvalError> {
    match eval(node, row)? {
        None => Ok(None),
        Some(Value::Boolean(b)) => Ok(Some(b)),
        Some(_) => Err(EvalError::WrongType),
    }
}

fn truth(answer: Option<bool>) -> Outcome {
    Ok(answer.map(Value::Boolean))
}

fn eval(node: &Node, row: &dyn Row) -> Outcome {
    match node {
        Node::Literal(value) => Ok(Some(value.clone())),
        Node::Column { table, column } => Ok(row.value(*table, *column)),
        Node::Declared { inner, missing } => {
            Ok(Some(eval(inner, row)?.unwrap_or_else(|| missing.clone())))
        }
        Node::Not(inner) => truth(boolean(inner, row)?.map(|b| !b)),
        Node::And(left, right) => {
            let (a, b) = (boolean(left, row)?, boolean(right, row)?);
            truth(match (a, b) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            })
        }
        Node::Or(left, right) => {
            let (a, b) = (boolean(left, row)?, boolean(right, row)?);
            truth(match (a, b) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            })
        }
        Node::Compare { op, left, right } => {
            let (a, b) = (eval(left, row)?, eval(right, row)?);
            let order = match (&a, &b) {
                (Some(a), Some(b)) => Some(order(a, b)?),
                _ => None,
            };
            truth(order.map(|o| compare(*op, o)))
        }
        Node::Arithmetic { op, left, right } => match (eval(left, row)?, eval(right, row)?) {
            (Some(a), Some(b)) => arithmetic(*op, &a, &b).map(Some),
            _ => Ok(None),
        },
        Node::Negate(inner) => match eval(inner, row)? {
            None => Ok(None),
            Some(value) => arithmetic(Arithmetic::Subtract, &Value::Integer(0), &value).map(Some),
        },
        Node::Shift { date, months, days } => match eval(date, row)? {
            None => Ok(None),
            Some(Value::Date(day)) => day
                .shift(*months, *days)
                .map(|d| Some(Value::Date(d)))
                .ok_or(EvalError::DateRange),
            Some(_) => Err(EvalError::WrongType),
        },
        Node::IsNull { inner, negated } => truth(Some(eval(inner, row)?.is_none() != *negated)),
        Node::IsBoolean {
            inner,
            wanted,
            negated,
        } => truth(Some((boolean(inner, row)? == Some(*wanted)) != *negated)),
        Node::Distinct {
            left,
            right,
            negated,
        } => {
            let same = match (eval(left, row)?, eval(right, row)?) {
                (None, None) => true,
                (Some(a), Some(b)) => order(&a, &b)? == Ordering::Equal,
                _ => false,
            };
            truth(Some(same == *negated))
        }
        Node::InList {
            inner,
            list,
            negated,
        } => in_list(inner, list, *negated, row),
        Node::Like {
            inner,
            pattern,
            negated,
        } => match eval(inner, row)? {
            None => Ok(None),
            Some(Value::Text(text)) => truth(Some(like(&text, pattern) != *negated)),
            Some(_) => Err(EvalError::WrongType),
        },
        Node::Case {
            branches,
            otherwise,
        } => {
            for (when, then) in branches {
                if boolean(when, row)? == Some(true) {
                    return eval(then, row);
                }
            }
            otherwise.as_ref().map_or(Ok(None), |node| eval(node, row))
        }
        Node::Extract { part, date } => match eval(date, row)? {
            None => Ok(None),
            Some(Value::Date(day)) => {
                let (year, month, day) = day.ymd();
                Ok(Some(Value::Integer(match part {
                    Part::Year => i64::from(year),
                    Part::Month => i64::from(month),
                    Part::Day => i64::from(day),
                })))
            }
            Some(_) => Err(EvalError::WrongType),
        },
        Node::Call {
            function,
            arguments,
        } => {
            let mut values = Vec::with_capacity(arguments.len());
            for argument in arguments {
                values.push(eval(argument, row)?);
            }
            match values.into_iter().collect::<Option<Vec<Value>>>() {
                None => Ok(None),
                Some(values) => call(*function, &values).map(Some),
            }
        }
    }
}

fn in_list(inner: &Node, list: &[Node], negated: bool, row: &dyn Row) -> Outcome {
    let Some(value) = eval(inner, row)? else {
        return Ok(None);
    };
    let mut unknown = false;
    let mut found = false;
    for item in list {
        match eval(item, row)? {
            None => unknown = true,
            Some(item) => found |= order(&value, &item)? == Ordering::Equal,
        }
    }
    truth(if found {
        Some(!negated)
    } else if unknown {
        None
    } else {
        Some(negated)
    })
}

fn compare(op: Compare, order: Ordering) -> bool {
    match op {
        Compare::Equal => order == Ordering::Equal,
        Compare::NotEqual => order != Ordering::Equal,
        Compare::Less => order == Ordering::Less,
        Compare::LessOrEqual => order != Ordering::Greater,
        Compare::Greater => order == Ordering::Greater,
        Compare::GreaterOrEqual => order != Ordering::Less,
    }
}

fn order(a: &Value, b: &Value) -> Result<Ordering, EvalError> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Ok(a.as_bytes().cmp(b.as_bytes())),
        (Value::Boolean(a), Value::Boolean(b)) => Ok(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Ok(a.cmp(b)),
        (Value::Integer(a), Value::Integer(b)) => Ok(a.cmp(b)),
        _ => Ok(decimal(a)?.cmp(&decimal(b)?)),
    }
}

fn decimal(value: &Value) -> Result<Decimal, EvalError> {
    match value {
        Value::Integer(n) => Ok(Decimal::from(*n)),
        Value::Decimal(d) => Ok(*d),
        _ => Err(EvalError::WrongType),
    }
}

fn arithmetic(op: Arithmetic, a: &Value, b: &Value) -> Result<Value, EvalError> {
    if let (Value::Integer(a), Value::Integer(b)) = (a, b) {
        let result = match op {
            Arithmetic::Add => a.checked_add(*b),
            Arithmetic::Subtract => a.checked_sub(*b),
            Arithmetic::Multiply => a.checked_mul(*b),
            Arithmetic::Modulo if *b == 0 => return Err(EvalError::ModuloByZero),
            // The one overflow is MIN % -1, whose remainder is 0.
            Arithmetic::Modulo => Some(a.checked_rem(*b).unwrap_or(0)),
        };
        return result.map(Value::Integer).ok_or(EvalError::Overflow);
    }
    let (a, b) = (decimal(a)?, decimal(b)?);
    let result = match op {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Modulo => return Err(EvalError::WrongType),
    };
    result.map(Value::Decimal).map_err(|e| match e {
        DecimalError::Overflow | DecimalError::Malformed => EvalError::Overflow,
    })
}

/// `%` stands for any characters, `_` for one.
fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) =
        (text.chars().collect(), pattern.chars().collect());
    // reach[i]: the pattern so far can end after i characters.
    let mut reach = vec![false; text.len() + 1];
    if let Some(first) = reach.first_mut() {
        *first = true;
    }
    for wanted in pattern {
        let mut next = vec![false; text.len() + 1];
        let mut any = false;
        for (index, slot) in next.iter_mut().enumerate() {
            let here = reach.get(index).copied().unwrap_or(false);
            let before = index.checked_sub(1);
            let from = before.and_then(|i| reach.get(i)).copied().unwrap_or(false);
            let found = before.and_then(|i| text.get(i));
            *slot = match wanted {
                '%' => {
                    any |= here;
                    any
                }
                '_' => from,
                c => from && found == Some(&c),
            };
        }
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

fn call(function: Function, values: &[Value]) -> Result<Value, EvalError> {
    match (function, values) {
        (Function::Abs, [Value::Integer(n)]) => n
            .checked_abs()
            .map(Value::Integer)
            .ok_or(EvalError::Overflow),
        (Function::Abs, [Value::Decimal(d)]) => Decimal::new(d.mantissa().abs(), d.scale())
            .map(Value::Decimal)
            .map_err(|_| EvalError::Overflow),
        (Function::Lower, [Value::Text(t)]) => Ok(Value::Text(t.to_lowercase())),
        (Function::Upper, [Value::Text(t)]) => Ok(Value::Text(t.to_uppercase())),
        (Function::Trim, [Value::Text(t)]) => Ok(Value::Text(t.trim_matches(' ').to_owned())),
        (Function::Length, [Value::Text(t)]) => i64::try_from(t.chars().count())
            .map(Value::Integer)
            .map_err(|_| EvalError::Overflow),
        (Function::Substr, [Value::Text(t), Value::Integer(from), rest @ ..]) => {
            let skip = usize::try_from(from.saturating_sub(1)).map_err(|_| EvalError::WrongType)?;
            let take = match rest {
                [] => usize::MAX,
                [Value::Integer(n)] => usize::try_from(*n).map_err(|_| EvalError::WrongType)?,
                _ => return Err(EvalError::WrongType),
            };
            Ok(Value::Text(t.chars().skip(skip).take(take).collect()))
        }
        (Function::StartsWith, [Value::Text(t), Value::Text(start)]) => {
            Ok(Value::Boolean(t.starts_with(start.as_str())))
        }
        (Function::Least | Function::Greatest, [first, rest @ ..]) => {
            let mut best = first;
            for value in rest {
                let wanted = if function == Function::Least {
                    Ordering::Less
                } else {
                    Ordering::Greater
                };
                if order(value, best)? == wanted {
                    best = value;
                }
            }
            Ok(best.clone())
        }
        _ => Err(EvalError::WrongType),
    }
}
