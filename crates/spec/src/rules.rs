//! A programme's rules over one row at a time.

use minsheng_model::{Combine, Rules, Scope, Type, Value, Verdict};

use crate::combine;
use crate::expr::{Env, EvalError, Problem, Row, Typed};

/// What the applicants' clauses say of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Masks {
    /// Bit `i`: the `i`-th clause holds.
    pub holds: u32,
    /// Bit `i`: the `i`-th clause is unknown.
    pub unknown: u32,
    /// What follows.
    pub verdict: Verdict,
}

/// What the rules say of one choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChoiceFacts {
    /// Masks and verdict of the choices' clauses.
    pub masks: Masks,
    /// Bit `i`: the `i`-th tier's condition holds.
    pub tier_holds: u32,
    /// Bit `i`: the `i`-th tier's condition is unknown.
    pub tier_unknown: u32,
    /// 0 for a kept seat, else from 1.
    pub tier: u8,
    /// The score, 0 where none is declared.
    pub score: i64,
    /// Bit `i`: a member of the `i`-th reserve.
    pub reserves: u16,
    /// Bit `i`: a member of the `i`-th ceiling's group.
    pub ceilings: u16,
}

/// What the rules say of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderFacts {
    /// All its seats.
    pub capacity: u32,
    /// Seats of each reserve.
    pub reserves: Vec<u32>,
    /// Seats of each ceiling.
    pub ceilings: Vec<u32>,
    /// How many people it needs to open; 0 where the rules do not say.
    pub minimum: u32,
}

/// Rules whose expressions are checked.
#[derive(Debug)]
pub struct Compiled<'r> {
    rules: &'r Rules,
    applicant_clauses: Vec<Typed>,
    choice_clauses: Vec<Typed>,
    tiers: Vec<Typed>,
    score: Option<Typed>,
    /// Absent where nobody is matched.
    capacity: Option<Typed>,
    minimum: Option<Typed>,
    reserves: Vec<(Typed, Typed)>,
    ceilings: Vec<(Typed, Typed)>,
    variables: Vec<(String, Typed)>,
}

impl<'r> Compiled<'r> {
    /// Checks every expression of the rules.
    ///
    /// # Errors
    /// Every problem with the place it was found in, such as `clauses.age`.
    pub fn new(rules: &'r Rules) -> Result<Self, Vec<(String, Problem)>> {
        let env = Env::new(rules);
        let mut problems = Vec::new();
        let mut one =
            |at: String, scope: Scope, sql: &str, wanted: Option<Type>| -> Option<Typed> {
                match env.compile(scope, sql) {
                    Ok(typed) if wanted.is_none_or(|w| w == typed.data_type()) => Some(typed),
                    Ok(typed) => {
                        let (wanted, found) = (wanted.unwrap_or(Type::Boolean), typed.data_type());
                        let message = minsheng_model::Text::new(
                            format!("此处应为 {wanted},实为 {found}"),
                            format!("expected {wanted} here, found {found}"),
                        );
                        problems.push((
                            at,
                            Problem {
                                span: 0..sql.len(),
                                code: "expr/type-mismatch",
                                message,
                                help: None,
                            },
                        ));
                        None
                    }
                    Err(found) => {
                        problems.extend(found.into_iter().map(|p| (at.clone(), p)));
                        None
                    }
                }
            };
        let (truth, number) = (Some(Type::Boolean), Some(Type::Integer));
        let variables: Vec<_> = rules
            .variables
            .iter()
            .map(|v| {
                Some((
                    v.name.clone(),
                    one(format!("variables.{}", v.name), v.scope, &v.name, None)?,
                ))
            })
            .collect();
        let mut clauses = |scope: Scope| -> Vec<Option<Typed>> {
            rules
                .clauses_of(scope)
                .map(|c| one(format!("clauses.{}", c.id), scope, &c.when, truth))
                .collect()
        };
        let applicant_clauses = clauses(Scope::Applicant);
        let choice_clauses = clauses(Scope::Choice);
        let tiers: Vec<_> = rules
            .tiers
            .iter()
            .map(|t| one(format!("tiers.{}", t.id), Scope::Choice, &t.when, truth))
            .collect();
        let score = rules
            .score
            .as_ref()
            .map(|s| one("score".to_owned(), Scope::Choice, &s.sql, number));
        let matched = rules.mechanism.is_match();
        let capacity = matched.then(|| {
            let at = "capacity".to_owned();
            one(at, Scope::Provider, &rules.capacity, number)
        });
        let minimum = rules
            .minimum
            .as_ref()
            .map(|m| one("minimum".to_owned(), Scope::Provider, &m.sql, number));
        let mut group = |kind: &str, id: &str, members: &str, seats: &str| {
            let members = one(
                format!("{kind}.{id}.members"),
                Scope::Choice,
                members,
                truth,
            );
            let seats = one(format!("{kind}.{id}.seats"), Scope::Provider, seats, number);
            members.zip(seats)
        };
        let reserves: Vec<_> = rules
            .reserves
            .iter()
            .map(|r| group("reserves", &r.id, &r.members, &r.seats))
            .collect();
        let ceilings: Vec<_> = rules
            .ceilings
            .iter()
            .map(|c| group("ceilings", &c.id, &c.members, &c.seats))
            .collect();
        // Declared and wrong is a problem; not declared is none.
        let known = |declared: Option<Option<Typed>>| match declared {
            Some(None) => None,
            Some(Some(typed)) => Some(Some(typed)),
            None => Some(None),
        };
        let (score, capacity) = (known(score), known(capacity));
        let all = || -> Option<Self> {
            Some(Self {
                rules,
                applicant_clauses: applicant_clauses.into_iter().collect::<Option<_>>()?,
                choice_clauses: choice_clauses.into_iter().collect::<Option<_>>()?,
                tiers: tiers.into_iter().collect::<Option<_>>()?,
                score: score?,
                capacity: capacity?,
                minimum: match minimum {
                    Some(typed) => Some(typed?),
                    None => None,
                },
                reserves: reserves.into_iter().collect::<Option<_>>()?,
                ceilings: ceilings.into_iter().collect::<Option<_>>()?,
                variables: variables.into_iter().collect::<Option<_>>()?,
            })
        };
        all().ok_or(problems)
    }

    /// Returns masks and verdict of an applicant.
    ///
    /// # Errors
    /// When a clause has no answer on this row.
    pub fn applicant(&self, row: &dyn Row) -> Result<Masks, EvalError> {
        masks(&self.applicant_clauses, Some(&self.rules.eligibility), row)
    }

    /// Returns everything the rules say of a choice.
    ///
    /// # Errors
    /// When an expression has no answer on this row.
    pub fn choice(&self, row: &dyn Row, kept: bool) -> Result<ChoiceFacts, EvalError> {
        let masks = masks(
            &self.choice_clauses,
            self.rules.choice_eligibility.as_ref(),
            row,
        )?;
        let (tier_holds, tier_unknown) = bits(&self.tiers, row)?;
        let first = (0..self.tiers.len())
            .find(|bit| tier_holds >> bit & 1 == 1)
            .unwrap_or(self.tiers.len());
        let tier = if kept {
            0
        } else {
            u8::try_from(first + 1).unwrap_or(u8::MAX)
        };
        let score = match &self.score {
            Some(typed) => whole(typed, row)?,
            None => 0,
        };
        let members = |groups: &[(Typed, Typed)]| -> Result<u16, EvalError> {
            let mut mask = 0;
            for (bit, (members, _)) in groups.iter().enumerate() {
                mask |= u16::from(members.holds(row)? == Some(true)) << bit;
            }
            Ok(mask)
        };
        let (reserves, ceilings) = (members(&self.reserves)?, members(&self.ceilings)?);
        Ok(ChoiceFacts {
            masks,
            tier_holds,
            tier_unknown,
            tier,
            score,
            reserves,
            ceilings,
        })
    }

    /// Returns a provider's seats.
    ///
    /// # Errors
    /// When an expression has no answer, or one below 0, on this row.
    pub fn provider(&self, row: &dyn Row) -> Result<ProviderFacts, EvalError> {
        let seats =
            |typed: &Typed| u32::try_from(whole(typed, row)?).map_err(|_| EvalError::Overflow);
        let groups = |list: &[(Typed, Typed)]| -> Result<Vec<u32>, EvalError> {
            list.iter().map(|(_, s)| seats(s)).collect()
        };
        Ok(ProviderFacts {
            capacity: self.capacity.as_ref().map_or(Ok(0), seats)?,
            reserves: groups(&self.reserves)?,
            ceilings: groups(&self.ceilings)?,
            minimum: self.minimum.as_ref().map_or(Ok(0), seats)?,
        })
    }

    /// Returns the providers' columns that seats depend on, each once, by position.
    #[must_use]
    pub fn seat_columns(&self) -> Vec<usize> {
        let groups = self.reserves.iter().chain(&self.ceilings);
        let seats = groups.map(|(_, seats)| seats);
        let mut columns: Vec<usize> = self
            .capacity
            .iter()
            .chain(&self.minimum)
            .chain(seats)
            .flat_map(Typed::columns_used)
            .map(|(_, column)| column)
            .collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// Returns a variable's value on a row; `None` also when there is no such variable.
    ///
    /// # Errors
    /// When the variable has no answer on this row.
    pub fn variable(&self, name: &str, row: &dyn Row) -> Result<Option<Value>, EvalError> {
        let found = self.variables.iter().find(|(n, _)| n == name);
        found.map_or(Ok(None), |(_, typed)| typed.eval(row))
    }
}

fn whole(typed: &Typed, row: &dyn Row) -> Result<i64, EvalError> {
    match typed.eval(row)? {
        Some(Value::Integer(n)) => Ok(n),
        _ => Err(EvalError::WrongType),
    }
}

fn bits(list: &[Typed], row: &dyn Row) -> Result<(u32, u32), EvalError> {
    let (mut holds, mut unknown) = (0u32, 0u32);
    for (bit, typed) in list.iter().enumerate() {
        let answer = typed.holds(row)?;
        holds |= u32::from(answer == Some(true)) << bit;
        unknown |= u32::from(answer.is_none()) << bit;
    }
    Ok((holds, unknown))
}

fn masks(clauses: &[Typed], rule: Option<&Combine>, row: &dyn Row) -> Result<Masks, EvalError> {
    let (holds, unknown) = bits(clauses, row)?;
    let verdict = rule.map_or(Verdict::Eligible, |rule| combine(rule, holds, unknown));
    Ok(Masks {
        holds,
        unknown,
        verdict,
    })
}
