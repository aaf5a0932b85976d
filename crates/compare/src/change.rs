//! What an alternative asks for, checked against the programme and put into its rules.

use std::path::Path;

use minsheng_model::{Decimal, Diagnostic, DrawUnit, Rules, Text, TieMethod, Type, Value};
use minsheng_programme::{Alternative, At, Change, Mechanism, Unit, What, closest};

use crate::{Other, Question};

/// An alternative as it will be decided.
#[derive(Debug, Clone)]
pub(crate) struct Settled<'a> {
    pub id: String,
    pub title: Text,
    /// One line for each change.
    pub said: Vec<Text>,
    pub rules: Rules,
    /// The other programme file, when there is one.
    pub other: Option<&'a Other>,
    /// Whether the rules have to be evaluated again.
    pub fresh: bool,
    pub mechanism: Mechanism,
    pub consent: Option<(String, At)>,
    /// Bit `i`: the `i`-th reserve, ceiling or tier is not there.
    pub reserves: u32,
    pub ceilings: u32,
    pub tiers: u32,
    pub percent: Option<i32>,
    pub places: Vec<(String, u32, At)>,
    pub most: Option<u32>,
    pub at: At,
}

impl Settled<'_> {
    /// Returns the programme as it stands.
    pub fn base(rules: &Rules) -> Self {
        Self {
            id: "base".to_owned(),
            title: Text::new("现行规则", "the programme as it stands"),
            said: Vec::new(),
            rules: rules.clone(),
            other: None,
            fresh: false,
            mechanism: Mechanism::DeferredAcceptance,
            consent: None,
            reserves: 0,
            ceilings: 0,
            tiers: 0,
            percent: None,
            places: Vec::new(),
            most: None,
            at: At::default(),
        }
    }
}

/// Settles an alternative.
///
/// # Errors
/// Every name that the programme does not have, with what was probably meant, and
/// every value that does not fit.
pub(crate) fn settle<'a>(
    question: &Question<'a>,
    alternative: &Alternative,
) -> Result<Settled<'a>, Vec<Diagnostic>> {
    let mut settled = Settled::base(question.rules);
    settled.id.clone_from(&alternative.id);
    settled.at = alternative.at.clone();
    let mut wrong = Vec::new();
    // The rules first: everything else is said of them.
    let file = |c: &&Change| matches!(c.what, What::Rules(_));
    let (files, rest) = alternative.changes.iter().partition::<Vec<_>, _>(file);
    for change in files.into_iter().chain(rest) {
        match settled.apply(question, change) {
            Ok(said) => settled.said.push(said),
            Err(found) => wrong.push(*found),
        }
    }
    wrong.extend(settled.fits());
    settled.title = if alternative.title.zh.is_empty() {
        let join = |pick: fn(&Text) -> &str, by: &str| {
            let all: Vec<&str> = settled.said.iter().map(pick).collect();
            all.join(by)
        };
        Text::new(join(|t| &t.zh, ";"), join(|t| &t.en, "; "))
    } else {
        alternative.title.clone()
    };
    if wrong.is_empty() {
        Ok(settled)
    } else {
        Err(wrong)
    }
}

type Said = Result<Text, Box<Diagnostic>>;

impl<'a> Settled<'a> {
    fn apply(&mut self, question: &Question<'a>, change: &Change) -> Said {
        let at = &change.at;
        Ok(match &change.what {
            What::Rules(path) => self.exchange(question, path, at)?,
            What::Parameter(name, value) => self.set(name, value, at)?,
            What::TieBreak(method) => {
                self.rules.tie_break.method = *method;
                match method {
                    TieMethod::Single => {
                        Text::new("所有供给方同用一次摇号", "one draw for all providers")
                    }
                    TieMethod::Multiple => {
                        Text::new("每个供给方各自摇号", "a draw of its own at each provider")
                    }
                }
            }
            What::Unit(unit) => self.unit(unit, at)?,
            What::Mechanism(mechanism) => {
                self.mechanism = *mechanism;
                let name = mechanism.name();
                Text::new(format!("机制 {name}"), format!("mechanism {name}"))
            }
            What::Consent(column) => {
                let columns = &self.rules.applicants.columns;
                let known = columns.iter().filter(|c| c.data_type == Type::Boolean);
                let names: Vec<&str> = known.map(|c| c.name.as_str()).collect();
                index(
                    &names,
                    column,
                    at,
                    (
                        "申请人名册没有是否列",
                        "the applicants' register has no yes-or-no column",
                    ),
                )?;
                self.consent = Some((column.clone(), at.clone()));
                Text::new(
                    format!("按 `{column}` 同意让行"),
                    format!("who consents is told by `{column}`"),
                )
            }
            What::WithoutReserve(id) => {
                let names: Vec<&str> = self.rules.reserves.iter().map(|r| r.id.as_str()).collect();
                let found = index(
                    &names,
                    id,
                    at,
                    ("项目没有保留名额", "the programme has no reserve"),
                )?;
                self.reserves |= 1 << found;
                Text::new(format!("不设保留名额 {id}"), format!("no reserve {id}"))
            }
            What::WithoutCeiling(id) => {
                let names: Vec<&str> = self.rules.ceilings.iter().map(|c| c.id.as_str()).collect();
                let found = index(
                    &names,
                    id,
                    at,
                    ("项目没有上限", "the programme has no ceiling"),
                )?;
                self.ceilings |= 1 << found;
                Text::new(format!("不设上限 {id}"), format!("no ceiling {id}"))
            }
            What::WithoutTier(id) => {
                let names: Vec<&str> = self.rules.tiers.iter().map(|t| t.id.as_str()).collect();
                let found = index(
                    &names,
                    id,
                    at,
                    ("项目没有优先档", "the programme has no tier"),
                )?;
                self.tiers |= 1 << found;
                Text::new(format!("不设优先档 {id}"), format!("no tier {id}"))
            }
            What::WithoutMinimum => {
                if self.rules.minimum.take().is_none() {
                    return Err(Box::new(at.error(
                        "what-if/unknown",
                        "项目没有最少人数(`capacity.minimum`)".to_owned(),
                        "the programme has no minimum (`capacity.minimum`)".to_owned(),
                    )));
                }
                Text::new("人再少也开办", "every provider opens")
            }
            What::CapacityPercent(percent) => {
                self.percent = Some(*percent);
                Text::new(
                    format!("各供给方名额 {percent:+}%"),
                    format!("{percent:+}% places at every provider"),
                )
            }
            What::CapacityOf(provider, seats) => {
                self.places.push((provider.clone(), *seats, at.clone()));
                Text::new(
                    format!("{provider} 名额 {seats}"),
                    format!("{seats} places at {provider}"),
                )
            }
            What::CapacityFile(path) => {
                // Whoever reads files puts their lines in its place.
                let name = path.display();
                return Err(Box::new(at.error(
                    "what-if/file",
                    format!("没有读入 `{name}`"),
                    format!("`{name}` was not read"),
                )));
            }
            What::ListLength(most) => {
                self.most = Some(*most);
                Text::new(
                    format!("至多填报 {most} 个志愿"),
                    format!("at most {most} choices count"),
                )
            }
        })
    }

    fn exchange(&mut self, question: &Question<'a>, path: &Path, at: &At) -> Said {
        let name = path.display();
        let Some(other) = question.others.iter().find(|o| o.path == *path) else {
            return Err(Box::new(at.error(
                "what-if/file",
                format!("没有读入 `{name}`"),
                format!("`{name}` was not read"),
            )));
        };
        self.rules = other.rules.clone();
        self.other = Some(other);
        self.fresh = true;
        Ok(Text::new(
            format!("规则按 {name}"),
            format!("the rules of {name}"),
        ))
    }

    fn set(&mut self, name: &str, value: &Value, at: &At) -> Said {
        let names: Vec<&str> = self
            .rules
            .parameters
            .iter()
            .map(|p| p.name.as_str())
            .collect();
        let found = index(
            &names,
            name,
            at,
            ("项目没有参数", "the programme has no parameter"),
        )?;
        let Some(parameter) = self.rules.parameters.get_mut(found) else {
            return Ok(Text::default());
        };
        let Some(fitting) = fit(&parameter.value, value) else {
            let wanted = parameter.value.type_of();
            let example = &parameter.value;
            return Err(Box::new(at.error(
                "what-if/value",
                format!("参数 `{name}` 不能是 `{value}`,应为 {wanted},如 `{example}`"),
                format!(
                    "parameter `{name}` cannot be `{value}`: expected {wanted}, such as `{example}`"
                ),
            )));
        };
        let was = parameter.value.to_string();
        parameter.value = fitting;
        self.fresh = true;
        let label = |label: &str| {
            if label.is_empty() {
                name.to_owned()
            } else {
                label.to_owned()
            }
        };
        let (zh, en) = (label(&parameter.label.zh), label(&parameter.label.en));
        let now = &parameter.value;
        Ok(Text::new(
            format!("{zh}:{was} → {now}"),
            format!("{en}: {was} → {now}"),
        ))
    }

    fn unit(&mut self, unit: &Unit, at: &At) -> Said {
        let column = match unit {
            Unit::Applicant => {
                self.rules.tie_break.unit = DrawUnit::Applicant;
                return Ok(Text::new(
                    "每份申请各有一个摇号号码",
                    "a number in the draw for each application",
                ));
            }
            Unit::Family(column) => column.clone(),
        };
        let column = match (column, &self.rules.tie_break.unit) {
            (Some(column), _) => column,
            (None, DrawUnit::Family(own)) => own.clone(),
            (None, DrawUnit::Applicant) => {
                return Err(Box::new(at.error(
                    "what-if/family",
                    "项目没有按家庭摇号,不知以哪一列为家庭".to_owned(),
                    "the programme has no draw by family, so the column that families share is not known".to_owned(),
                ).help(Text::new(
                    "命令行写 `--unit family=列名`,文件中另写 `family = \"列名\"`",
                    "write `--unit family=COLUMN`, or `family = \"COLUMN\"` in a file",
                ))));
            }
        };
        let columns = self.rules.applicants.columns.iter();
        let names: Vec<&str> = columns.map(|c| c.name.as_str()).collect();
        index(
            &names,
            &column,
            at,
            ("申请人名册没有列", "the applicants' register has no column"),
        )?;
        let said = Text::new(
            format!("同一 {column} 共用一个摇号号码"),
            format!("one number in the draw for all with the same {column}"),
        );
        self.rules.tie_break.unit = DrawUnit::Family(column);
        Ok(said)
    }

    /// Returns what does not go together.
    fn fits(&mut self) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        if self.mechanism == Mechanism::SerialDictatorship {
            self.rules.tie_break.method = TieMethod::Single;
        }
        if let Some((_, at)) = &self.consent
            && self.mechanism != Mechanism::EfficiencyAdjusted
        {
            wrong.push(at.error(
                "what-if/consent",
                "同意让行只用于 `efficiency-adjusted`".to_owned(),
                "consent goes with `efficiency-adjusted` only".to_owned(),
            ));
        }
        let plain = matches!(
            self.mechanism,
            Mechanism::TopTradingCycles
                | Mechanism::EfficiencyAdjusted
                | Mechanism::StableImprovementCycles
                | Mechanism::MaximumSize
        );
        let left = |mask: u32, at: usize| mask >> at & 1 == 0;
        let reserves = self.rules.reserves.iter().enumerate();
        let reserves = reserves.filter(|(i, _)| left(self.reserves, *i));
        let ceilings = self.rules.ceilings.iter().enumerate();
        let ceilings = ceilings.filter(|(i, _)| left(self.ceilings, *i));
        let options: Vec<String> = reserves
            .map(|(_, r)| format!("--no-reserve {}", r.id))
            .chain(ceilings.map(|(_, c)| format!("--no-ceiling {}", c.id)))
            .collect();
        if plain && !options.is_empty() {
            let (name, add) = (self.mechanism.name(), options.join(" "));
            wrong.push(
                self.at
                    .error(
                        "what-if/plain-seats",
                        format!("`{name}` 只适用于没有保留名额和上限的名额"),
                        format!("`{name}` knows plain seats only, without reserves and ceilings"),
                    )
                    .help(Text::new(
                        format!("加上 `{add}`(文件中为 `without_reserves`、`without_ceilings`);要分清两种改动,可另设一个只去掉它们的方案"),
                        format!("add `{add}` (in a file `without_reserves`, `without_ceilings`); to tell the two changes apart, compare with an alternative that only takes those away"),
                    )),
            );
        }
        wrong
    }
}

/// Returns where a name stands among the known ones.
fn index(
    known: &[&str],
    name: &str,
    at: &At,
    what: (&str, &str),
) -> Result<usize, Box<Diagnostic>> {
    if let Some(found) = known.iter().position(|k| *k == name) {
        return Ok(found);
    }
    Err(Box::new(unknown(known, name, at, what)))
}

/// Returns the error of an unknown name, with what was probably meant.
pub(crate) fn unknown(known: &[&str], name: &str, at: &At, what: (&str, &str)) -> Diagnostic {
    let (zh, en) = what;
    let error = at.error(
        "what-if/unknown",
        format!("{zh} `{name}`"),
        format!("{en} `{name}`"),
    );
    error.help(match closest(name, known.iter().copied()) {
        Some(close) => Text::new(
            format!("是不是 `{close}`?"),
            format!("did you mean `{close}`?"),
        ),
        None if known.is_empty() => Text::new("一个也没有", "there is none"),
        None => {
            let mut listed: Vec<&str> = known.iter().copied().take(12).collect();
            if known.len() > listed.len() {
                listed.push("…");
            }
            Text::new(
                format!("有:{}", listed.join("、")),
                format!("there are: {}", listed.join(", ")),
            )
        }
    })
}

/// Returns the value as the type that a parameter has; `None` when it does not fit.
fn fit(like: &Value, value: &Value) -> Option<Value> {
    let words = match value {
        Value::Text(words) => Some(words.trim()),
        _ => None,
    };
    Some(match (like, value) {
        (Value::Text(_), Value::Text(words)) => Value::Text(words.clone()),
        (Value::Integer(_), Value::Integer(n)) => Value::Integer(*n),
        (Value::Integer(_), _) => Value::Integer(words?.parse().ok()?),
        (Value::Decimal(d), _) => {
            let found: Decimal = match value {
                Value::Decimal(found) => *found,
                Value::Integer(n) => Decimal::from(*n),
                _ => words?.parse().ok()?,
            };
            // Rescaling down would round: what cannot be held is refused.
            if found.scale() > d.scale() {
                return None;
            }
            Value::Decimal(found.rescale(d.scale()).ok()?)
        }
        (Value::Boolean(_), Value::Boolean(b)) => Value::Boolean(*b),
        (Value::Boolean(_), _) => Value::Boolean(words?.parse().ok()?),
        (Value::Date(_), Value::Date(d)) => Value::Date(*d),
        (Value::Date(_), _) => Value::Date(words?.parse().ok()?),
        (Value::Text(_), _) => return None,
    })
}
