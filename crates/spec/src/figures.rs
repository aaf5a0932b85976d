//! The figures of a mechanism, one row at a time.

use std::collections::BTreeMap;

use minsheng_model::{Gives, Rules, Scope, Sees, Text, Type, Value};

use crate::expr::{Env, EvalError, Problem, Row, Typed};

/// One figure, checked.
#[derive(Debug)]
struct Known {
    at: String,
    sees: Sees,
    gives: Gives,
    typed: Typed,
}

/// A mechanism's figures, checked.
#[derive(Debug)]
pub struct Figures {
    list: Vec<Known>,
}

/// The value of a figure by its place in the programme file.
pub type Named<'a> = (&'a str, i64);

/// A row that has no columns.
struct Nothing;

impl Row for Nothing {
    fn value(&self, _: Scope, _: usize) -> Option<Value> {
        None
    }
}

/// Returns the rows that a figure sees.
fn scope(sees: Sees) -> Scope {
    match sees {
        Sees::Candidate => Scope::Applicant,
        Sees::Group | Sees::Parameters => Scope::Provider,
    }
}

impl Figures {
    /// Checks every figure of the rules' mechanism.
    ///
    /// # Errors
    /// Every problem with the figure's place, such as `select.value`.
    pub fn new(rules: &Rules) -> Result<Self, Vec<(String, Problem)>> {
        let env = Env::new(rules);
        let (mut list, mut problems) = (Vec::new(), Vec::new());
        for wanted in rules.mechanism.figures() {
            match env.compile(scope(wanted.sees), wanted.sql) {
                Ok(typed) => match misfit(&typed, wanted.sees, wanted.gives) {
                    None => list.push(Known {
                        at: wanted.at,
                        sees: wanted.sees,
                        gives: wanted.gives,
                        typed,
                    }),
                    Some(message) => problems.push((
                        wanted.at,
                        Problem {
                            span: 0..wanted.sql.len(),
                            code: "expr/type-mismatch",
                            message,
                            help: None,
                        },
                    )),
                },
                Err(found) => problems.extend(found.into_iter().map(|p| (wanted.at.clone(), p))),
            }
        }
        if problems.is_empty() {
            Ok(Self { list })
        } else {
            Err(problems)
        }
    }

    /// Returns what every figure of that sight gives on a row.
    ///
    /// # Errors
    /// When a figure has no answer on this row.
    pub fn of(&self, sees: Sees, row: &dyn Row) -> Result<Vec<Named<'_>>, EvalError> {
        let own = self.list.iter().filter(|k| k.sees == sees);
        own.map(|k| Ok((k.at.as_str(), k.value(row)?))).collect()
    }

    /// Returns what those figures of that sight that are named give on a row.
    ///
    /// # Errors
    /// As [`Figures::of`].
    pub fn among(
        &self,
        sees: Sees,
        named: &[String],
        row: &dyn Row,
    ) -> Result<BTreeMap<String, i64>, EvalError> {
        let own = self.list.iter().filter(|k| k.sees == sees);
        own.filter(|k| named.contains(&k.at))
            .map(|k| Ok((k.at.clone(), k.value(row)?)))
            .collect()
    }

    /// Returns what the figures over parameters alone give.
    ///
    /// # Errors
    /// When a figure has no answer.
    pub fn of_parameters(&self) -> Result<Vec<Named<'_>>, EvalError> {
        self.of(Sees::Parameters, &Nothing)
    }

    /// Returns the columns that each figure of that sight reads, by position.
    #[must_use]
    pub fn columns(&self, sees: Sees) -> Vec<(&str, Vec<usize>)> {
        let own = self.list.iter().filter(|k| k.sees == sees);
        own.map(|k| {
            let used = k.typed.columns_used().into_iter();
            (k.at.as_str(), used.map(|(_, column)| column).collect())
        })
        .collect()
    }
}

impl Known {
    fn value(&self, row: &dyn Row) -> Result<i64, EvalError> {
        match (self.gives, self.typed.eval(row)?) {
            (Gives::Whole, Some(Value::Integer(n))) => Ok(n),
            (Gives::Truth | Gives::Doubt, Some(Value::Boolean(b))) => Ok(i64::from(b)),
            (Gives::Doubt, None) => Ok(0),
            _ => Err(EvalError::WrongType),
        }
    }
}

/// Returns what is wrong with the type or the sight of an expression.
fn misfit(typed: &Typed, sees: Sees, gives: Gives) -> Option<Text> {
    let wanted = match gives {
        Gives::Whole => Type::Integer,
        Gives::Truth | Gives::Doubt => Type::Boolean,
    };
    let found = typed.data_type();
    if found != wanted {
        return Some(Text::new(
            format!("此处应为 {wanted},实为 {found}"),
            format!("expected {wanted} here, found {found}"),
        ));
    }
    (sees == Sees::Parameters && !typed.columns_used().is_empty()).then(|| {
        Text::new(
            "此处只能用参数,不能用名册的列",
            "only parameters can be used here, no columns",
        )
    })
}
