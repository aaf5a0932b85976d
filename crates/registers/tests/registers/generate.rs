//! Random rules that type-check nearly always, and random registers for them.

use minsheng_model::{Clause, Combine, Rules, Scope, Score, Text, Tier, Type, Value, Variable};

use crate::case::{Case, Cell};
use crate::dice::Dice;

/// The type asked for while an expression is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    Truth,
    Whole,
    Money,
    Words,
    Day,
}

fn want(data_type: Type) -> Want {
    match data_type {
        Type::Boolean => Want::Truth,
        Type::Integer => Want::Whole,
        Type::Decimal { .. } => Want::Money,
        Type::Text => Want::Words,
        Type::Date => Want::Day,
    }
}

/// Writes expressions over the tables of a scope.
struct Writer<'a> {
    dice: &'a mut Dice,
    rules: &'a Rules,
    scope: Scope,
}

impl Writer<'_> {
    /// Returns an expression of the type; below a depth of 0 only the simplest.
    fn write(&mut self, wanted: Want, depth: usize) -> String {
        if depth == 0 || self.dice.one_in(6) {
            return self.leaf(wanted);
        }
        match wanted {
            Want::Truth => self.truth(depth - 1),
            Want::Whole => self.whole(depth - 1),
            Want::Money => self.money(depth - 1),
            Want::Words => self.words(depth - 1),
            Want::Day => self.day(depth - 1),
        }
    }

    fn tables(&self) -> Vec<(&'static str, Scope)> {
        [
            ("people", Scope::Applicant),
            ("places", Scope::Provider),
            ("wishes", Scope::Choice),
        ]
        .into_iter()
        .filter(|(_, s)| self.scope == Scope::Choice || *s == self.scope)
        .collect()
    }

    /// Returns a column of the type, or `None` where the scope has none.
    fn column(&mut self, wanted: Want, nullable: bool) -> Option<String> {
        let mut found = Vec::new();
        for (name, scope) in self.tables() {
            let table = match scope {
                Scope::Applicant => &self.rules.applicants,
                Scope::Provider => &self.rules.providers,
                Scope::Choice => &self.rules.choices,
            };
            for column in &table.columns {
                if want(column.data_type) == wanted && (nullable || !column.nullable) {
                    found.push(format!("{name}.{}", column.name));
                }
            }
        }
        (!found.is_empty()).then(|| self.dice.pick(&found).clone())
    }

    fn variable(&mut self, wanted: Want) -> Option<String> {
        let scope = self.scope;
        let found: Vec<&str> = self
            .rules
            .variables
            .iter()
            .filter(|v| scope == Scope::Choice || v.scope == scope)
            .filter(|v| v.name.starts_with(prefix(wanted)))
            .map(|v| v.name.as_str())
            .collect();
        (!found.is_empty()).then(|| (*self.dice.pick(&found)).to_owned())
    }

    fn leaf(&mut self, wanted: Want) -> String {
        if self.dice.one_in(4)
            && let Some(name) = self.variable(wanted)
        {
            return name;
        }
        if !self.dice.one_in(3)
            && let Some(column) = self.column(wanted, true)
        {
            return column;
        }
        self.literal(wanted)
    }

    fn literal(&mut self, wanted: Want) -> String {
        let dice = &mut *self.dice;
        match wanted {
            Want::Truth => (*dice.pick(&["TRUE", "FALSE"])).to_owned(),
            Want::Whole => match dice.below(6) {
                0 => "$limit".to_owned(),
                1 => format!("{}", dice.below(100_000)),
                _ => format!("{}", dice.below(40)),
            },
            Want::Money => match dice.below(3) {
                0 => "$share".to_owned(),
                1 => format!("{}.{}", dice.below(50), dice.below(10)),
                _ => format!("{}.{:03}", dice.below(5_000), dice.below(1_000)),
            },
            Want::Words => format!("'{}'", dice.pick(&WORDS)),
            Want::Day => match dice.below(3) {
                0 => "$as_of".to_owned(),
                _ => format!("DATE '{}'", any_day(dice)),
            },
        }
    }

    fn number(&mut self, depth: usize) -> String {
        let wanted = if self.dice.one_in(3) {
            Want::Money
        } else {
            Want::Whole
        };
        self.write(wanted, depth)
    }

    fn any(&mut self, depth: usize) -> (Want, String) {
        let wanted = *self.dice.pick(&[
            Want::Truth,
            Want::Whole,
            Want::Money,
            Want::Words,
            Want::Day,
        ]);
        (wanted, self.write(wanted, depth))
    }

    fn truth(&mut self, depth: usize) -> String {
        match self.dice.below(14) {
            0 | 1 => format!(
                "({} AND {})",
                self.write(Want::Truth, depth),
                self.write(Want::Truth, depth)
            ),
            2 | 3 => format!(
                "({} OR {})",
                self.write(Want::Truth, depth),
                self.write(Want::Truth, depth)
            ),
            4 => format!("(NOT {})", self.write(Want::Truth, depth)),
            5 => {
                let (_, inner) = self.any(depth);
                format!("({inner} IS {}NULL)", self.maybe_not())
            }
            6 => {
                let word = *self.dice.pick(&["TRUE", "FALSE", "UNKNOWN"]);
                let inner = self.write(Want::Truth, depth);
                format!("({inner} IS {}{word})", self.maybe_not())
            }
            7 => {
                let (wanted, left) = self.any(depth);
                let right = self.write(wanted, depth);
                format!("({left} IS {}DISTINCT FROM {right})", self.maybe_not())
            }
            8 => {
                let (left, low, high) =
                    (self.number(depth), self.number(depth), self.number(depth));
                format!("({left} {}BETWEEN {low} AND {high})", self.maybe_not())
            }
            9 => self.in_list(depth),
            10 => {
                let pattern = *self
                    .dice
                    .pick(&["北%", "%京%", "_", "a_%", "%", "", "朝阳%区"]);
                let text = self.write(Want::Words, depth);
                format!("({text} {}LIKE '{pattern}')", self.maybe_not())
            }
            11 => format!(
                "starts_with({}, {})",
                self.write(Want::Words, depth),
                self.write(Want::Words, depth)
            ),
            12 => self.case(Want::Truth, depth),
            _ => {
                let op = *self.dice.pick(&["=", "<>", "<", "<=", ">", ">="]);
                let (left, right) = if self.dice.one_in(2) {
                    (self.number(depth), self.number(depth))
                } else {
                    let (wanted, left) = self.any(depth);
                    (left, self.write(wanted, depth))
                };
                format!("({left} {op} {right})")
            }
        }
    }

    fn maybe_not(&mut self) -> &'static str {
        if self.dice.one_in(2) { "NOT " } else { "" }
    }

    fn in_list(&mut self, depth: usize) -> String {
        let wanted = *self
            .dice
            .pick(&[Want::Whole, Want::Words, Want::Day, Want::Money]);
        let left = self.write(wanted, depth);
        let items = 1 + self.dice.below(3);
        let list: Vec<String> = (0..items)
            .map(|_| {
                if self.dice.one_in(4) {
                    self.write(wanted, depth.min(1))
                } else {
                    self.literal(wanted)
                }
            })
            .collect();
        format!("({left} {}IN ({}))", self.maybe_not(), list.join(", "))
    }

    fn case(&mut self, wanted: Want, depth: usize) -> String {
        let mut text = "CASE".to_owned();
        for _ in 0..=self.dice.below(2) {
            let (when, then) = (self.write(Want::Truth, depth), self.write(wanted, depth));
            text.push_str(&format!(" WHEN {when} THEN {then}"));
        }
        if !self.dice.one_in(3) {
            text.push_str(&format!(" ELSE {}", self.write(wanted, depth)));
        }
        text.push_str(" END");
        text
    }

    fn whole(&mut self, depth: usize) -> String {
        match self.dice.below(10) {
            0 => format!("abs({})", self.write(Want::Whole, depth)),
            1 => format!("length({})", self.write(Want::Words, depth)),
            2 => {
                let part = *self.dice.pick(&["YEAR", "MONTH", "DAY"]);
                format!("EXTRACT({part} FROM {})", self.write(Want::Day, depth))
            }
            3 => self.case(Want::Whole, depth),
            4 => {
                let name = *self.dice.pick(&["least", "greatest"]);
                let first = self.literal(Want::Whole);
                let second = self
                    .column(Want::Whole, false)
                    .unwrap_or_else(|| "3".to_owned());
                format!("{name}({first}, {second})")
            }
            5 => format!("(- {})", self.write(Want::Whole, depth)),
            _ => {
                let op = *self.dice.pick(&["+", "-", "*", "%"]);
                let left = self.write(Want::Whole, depth);
                // A divisor that may be 0 would hardly ever leave a register whole.
                let right = if op == "%" && !self.dice.one_in(8) {
                    format!("{}", 1 + self.dice.below(9))
                } else {
                    self.write(Want::Whole, depth)
                };
                format!("({left} {op} {right})")
            }
        }
    }

    fn money(&mut self, depth: usize) -> String {
        match self.dice.below(5) {
            0 => format!("abs({})", self.write(Want::Money, depth)),
            _ => {
                let op = *self.dice.pick(&["+", "-", "*"]);
                format!(
                    "({} {op} {})",
                    self.write(Want::Money, depth),
                    self.number(depth)
                )
            }
        }
    }

    fn words(&mut self, depth: usize) -> String {
        match self.dice.below(4) {
            0 => {
                let name = *self.dice.pick(&["lower", "upper", "trim"]);
                format!("{name}({})", self.write(Want::Words, depth))
            }
            1 => {
                let (from, text) = (1 + self.dice.below(4), self.write(Want::Words, depth));
                if self.dice.one_in(2) {
                    format!("substr({text}, {from})")
                } else {
                    format!("substr({text}, {from}, {})", self.dice.below(4))
                }
            }
            2 => self.case(Want::Words, depth),
            _ => self.leaf(Want::Words),
        }
    }

    fn day(&mut self, depth: usize) -> String {
        if self.dice.one_in(4) {
            return self.case(Want::Day, depth);
        }
        let op = *self.dice.pick(&["+", "-"]);
        let unit = *self.dice.pick(&["YEAR", "MONTH", "DAY"]);
        let many = if self.dice.one_in(200) {
            9_000
        } else {
            self.dice.below(40)
        };
        format!(
            "({} {op} INTERVAL '{many}' {unit})",
            self.write(Want::Day, depth)
        )
    }
}

const WORDS: [&str; 9] = ["", "a", "ab", "Abc", "北京", "朝阳区", " x ", "100%", "b_c"];

fn prefix(wanted: Want) -> &'static str {
    match wanted {
        Want::Truth => "truth_",
        Want::Whole => "whole_",
        Want::Money => "money_",
        Want::Words => "words_",
        Want::Day => "day_",
    }
}

fn any_day(dice: &mut Dice) -> String {
    let edge = [
        "2024-02-29",
        "2023-12-31",
        "2000-01-01",
        "1999-03-31",
        "2024-08-31",
    ];
    if dice.one_in(3) {
        return (*dice.pick(&edge)).to_owned();
    }
    format!(
        "{}-{:02}-{:02}",
        1950 + dice.below(100),
        1 + dice.below(12),
        1 + dice.below(28)
    )
}

fn say(word: &str) -> Text {
    Text::same(word)
}

fn variables(dice: &mut Dice, rules: &mut Rules) {
    for index in 0..dice.below(4) {
        let scope = *dice.pick(&[Scope::Applicant, Scope::Provider, Scope::Choice]);
        let wanted = *dice.pick(&[Want::Truth, Want::Whole, Want::Words, Want::Day]);
        let depth = dice.below(3);
        let sql = Writer { dice, rules, scope }.write(wanted, depth);
        let missing = dice.one_in(2).then(|| match wanted {
            Want::Truth => Value::Boolean(false),
            Want::Whole => Value::Integer(7),
            Want::Words => Value::Text("北".to_owned()),
            _ => Value::Date("2020-02-29".parse().unwrap()),
        });
        rules.variables.push(Variable {
            name: format!("{}{index}", prefix(wanted)),
            scope,
            sql,
            missing_cite: missing.as_ref().map(|_| "law".to_owned()),
            missing,
            label: say("v"),
        });
    }
}

/// Returns random rules over the base tables.
pub fn rules(dice: &mut Dice, base: &Rules) -> Rules {
    let mut rules = base.clone();
    variables(dice, &mut rules);
    let mut clauses = Vec::new();
    for index in 0..1 + dice.below(4) {
        let scope = if dice.one_in(2) {
            Scope::Applicant
        } else {
            Scope::Choice
        };
        let scope = if index == 0 { Scope::Applicant } else { scope };
        let depth = dice.below(4);
        let when = Writer {
            dice,
            rules: &rules,
            scope,
        }
        .write(Want::Truth, depth);
        clauses.push(Clause {
            id: format!("c{index}"),
            scope,
            when,
            cite: "law".to_owned(),
            met: say("y"),
            failed: say("n"),
            unknown: say("?"),
        });
    }
    for index in 0..dice.below(3) {
        let when = Writer {
            dice,
            rules: &rules,
            scope: Scope::Choice,
        }
        .write(Want::Truth, 2);
        rules.tiers.push(Tier {
            id: format!("t{index}"),
            title: say("t"),
            when,
            cite: "law".to_owned(),
            unknown_cite: Some("law".to_owned()),
        });
    }
    if dice.one_in(4) {
        let sql = Writer {
            dice,
            rules: &rules,
            scope: Scope::Choice,
        }
        .write(Want::Whole, 3);
        rules.score = Some(Score {
            sql,
            order: minsheng_model::Order::LowFirst,
            unit: None,
            title: say("s"),
            cite: "law".to_owned(),
        });
    }
    if dice.one_in(6) {
        rules.capacity = Writer {
            dice,
            rules: &rules,
            scope: Scope::Provider,
        }
        .write(Want::Whole, 3);
    }
    let of = |scope: Scope| clauses.iter().filter(|c| c.scope == scope).count();
    let some = |n: usize, all: bool| {
        let parts = (0..n).map(Combine::Clause).collect();
        if all {
            Combine::All(parts)
        } else {
            Combine::Any(parts)
        }
    };
    rules.eligibility = some(of(Scope::Applicant), dice.one_in(2));
    rules.choice_eligibility =
        (of(Scope::Choice) > 0).then(|| some(of(Scope::Choice), dice.one_in(2)));
    rules.clauses = clauses;
    rules
}

fn cell(dice: &mut Dice, data_type: Type, nullable: bool, wild: bool) -> Cell {
    if nullable && dice.one_in(4) {
        return None;
    }
    Some(match data_type {
        // An empty cell of a file is a missing one.
        Type::Text => (*dice.pick(&WORDS[1..])).to_owned(),
        Type::Boolean => dice.one_in(2).to_string(),
        Type::Date => any_day(dice),
        Type::Integer if wild && dice.one_in(8) => {
            (*dice.pick(&[i64::MAX, i64::MIN, i64::MAX / 2, -1, 1 << 53])).to_string()
        }
        Type::Integer => (i64::try_from(dice.below(60)).unwrap() - 10).to_string(),
        Type::Decimal { scale } => {
            let whole = dice.below(3_000);
            let part = dice.below(10usize.pow(u32::from(scale)));
            format!("{whole}.{part:0width$}", width = usize::from(scale))
        }
    })
}

/// Returns random registers for the rules; `wild` ones have numbers at the edge.
pub fn registers(dice: &mut Dice, rules: &Rules, wild: bool) -> Case {
    let mut table = |table: &minsheng_model::Table,
                     rows: usize,
                     fill: &dyn Fn(usize, &str, &mut Dice) -> Option<Cell>| {
        (0..rows)
            .map(|row| {
                let columns = table.columns.iter();
                columns
                    .map(|c| {
                        fill(row, &c.name, dice)
                            .unwrap_or_else(|| cell(dice, c.data_type, c.nullable, wild))
                    })
                    .collect()
            })
            .collect()
    };
    let (people, places) = (12, 5);
    let applicants = table(&rules.applicants, people, &|row, name, _| {
        (name == "id").then(|| Some(format!("p{row:02}")))
    });
    let providers = table(&rules.providers, places, &|row, name, _| {
        (name == "id").then(|| Some(format!("s{row}")))
    });
    let choices = table(&rules.choices, people * 2, &|row, name, dice| match name {
        "person" => Some(Some(format!("p{:02}", row / 2))),
        "position" => Some(Some((row % 2 + 1).to_string())),
        "place" => Some(Some(format!("s{}", dice.below(places)))),
        _ => None,
    });
    Case {
        rules: rules.clone(),
        applicants,
        providers,
        choices,
    }
}
