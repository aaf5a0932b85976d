//! The parts of a programme file, one function each.

use std::collections::{BTreeMap, BTreeSet};

use minsheng_model::{
    Ceiling, Clause, Column, Date, Diagnostic, Indicator, Law, Measure, Order, Parameter, Reserve, Scope, Score,
    Status, Table, Text, Tier, Type, Unused, Value, Variable, Verdict,
};

use crate::read::Places;
use crate::reader::{Placed, Section};
use crate::{Case, Expect};

/// What a register is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Applicants,
    Providers,
    Choices,
}

/// A register as declared.
#[derive(Debug)]
pub(crate) struct Register {
    pub role: Option<Role>,
    pub file: String,
    pub table: Table,
    /// Columns with a part to play, such as `ticket`.
    pub named: BTreeMap<&'static str, String>,
}

impl Register {
    pub fn named(&self, part: &str) -> String {
        self.named.get(part).cloned().unwrap_or_default()
    }

    pub fn named_opt(&self, part: &str) -> Option<String> {
        self.named.get(part).cloned()
    }
}

/// Returns the name and reports one that was used before.
fn unique(section: &Section<'_, '_>, seen: &mut BTreeSet<String>, key: &'static str, places: &mut Places, kind: &str) -> String {
    let name = section.text(key);
    if !name.value.is_empty() && !seen.insert(name.value.clone()) {
        let word = &name.value;
        section.mistakes().add("programme/duplicate-id", name.span.clone(), format!("`{word}` 已经用过"), format!("`{word}` is already used"));
    }
    places.insert(format!("{kind}.{}.id", name.value), name.span);
    name.value
}

fn cite(section: &Section<'_, '_>, places: &mut Places, at: &str) -> String {
    let cite = section.text("cite");
    places.insert(format!("{at}.cite"), cite.span);
    cite.value
}

fn sql(section: &Section<'_, '_>, key: &'static str, places: &mut Places, at: String) -> String {
    let found = section.sql(key);
    places.insert(at, found.span);
    found.value
}

fn status(section: &Section<'_, '_>) -> Status {
    let words = [("verified", Status::Verified), ("unverified", Status::Unverified)];
    section.word("status", &words, Some(Status::Verified)).unwrap_or(Status::Unverified)
}

pub(crate) fn law(root: &Section<'_, '_>, places: &mut Places) -> Vec<Law> {
    let mut seen = BTreeSet::new();
    let read = |s: &Section<'_, '_>| {
        let law = Law {
            id: unique(s, &mut seen, "id", places, "law"),
            title: s.both("title"),
            article: s.text_opt("article").map(|a| a.value).unwrap_or_default(),
            source: s.text("source").value,
            status: status(s),
        };
        s.finish();
        law
    };
    root.sections("law").iter().map(read).collect()
}

pub(crate) fn registers(root: &Section<'_, '_>, places: &mut Places) -> Vec<Register> {
    root.named("registers").into_iter().map(|(name, section)| register(name, &section, places)).collect()
}

fn register(name: Placed<String>, section: &Section<'_, '_>, places: &mut Places) -> Register {
    let roles = [("applicants", Role::Applicants), ("providers", Role::Providers), ("choices", Role::Choices)];
    let role = section.word("role", &roles, None);
    let file = section.text("file").value;
    let columns: Vec<Column> = section.section("columns").columns();
    let known = |column: &Placed<String>| {
        if columns.iter().any(|c| c.name == column.value) {
            return;
        }
        let (word, register) = (&column.value, &name.value);
        let message = Text::new(format!("名册 `{register}` 没有列 `{word}`"), format!("register `{register}` has no column `{word}`"));
        let mut wrong = Diagnostic::error("programme/unknown-column", message).at(section.mistakes().path, column.span.clone());
        if let Some(near) = crate::reader::close(word, columns.iter().map(|c| c.name.as_str())) {
            wrong = wrong.help(crate::reader::did_you_mean(near));
        }
        section.mistakes().push(wrong);
    };
    let mut key = Vec::new();
    for column in section.texts("key").unwrap_or_default() {
        known(&column);
        key.push(column.value);
    }
    if key.is_empty() {
        let register = &name.value;
        section.mistakes().add("programme/no-key", name.span.clone(), format!("名册 `{register}` 没有主键 `key`"), format!("register `{register}` has no `key`"));
    }
    let parts: &[(&'static str, bool)] = match role {
        Some(Role::Applicants) => &[("ticket", true), ("secret", false), ("current", false)],
        Some(Role::Choices) => &[("applicant", true), ("provider", true), ("position", true)],
        _ => &[],
    };
    let mut named = BTreeMap::new();
    for (part, required) in parts {
        let column = if *required { Some(section.text(part)) } else { section.text_opt(part) };
        if let Some(column) = column {
            known(&column);
            places.insert(format!("registers.{part}"), column.span.clone());
            named.insert(*part, column.value);
        }
    }
    places.insert(format!("registers.{}", name.value), name.span.clone());
    section.finish();
    Register { role, file, table: Table { name: name.value, key, columns }, named }
}

impl Section<'_, '_> {
    /// The declared columns, in the file's order.
    fn columns(&self) -> Vec<Column> {
        let mistakes = self.mistakes();
        let mut columns = Vec::new();
        for (name, value) in self.entries() {
            let Some(table) = value.get_ref().as_table() else {
                mistakes.add("programme/wrong-type", value.span(), "列应写作 `{ type = \"…\" }`", "a column is written `{ type = \"…\" }`");
                continue;
            };
            let s = Section::new(mistakes, table, value.span());
            let data_type = column_type(&s);
            let column = Column {
                label: s.both_opt("label").unwrap_or_else(|| Text::same(name.value.clone())),
                data_type: data_type.unwrap_or(Type::Text),
                unit: s.text_opt("unit").map(|u| u.value),
                nullable: s.flag("nullable", false),
                publish: s.flag("publish", false),
                document: s.both_opt("document"),
                values: s.texts("values").unwrap_or_default().into_iter().map(|v| v.value).collect(),
                name: name.value,
            };
            s.finish();
            columns.push(column);
        }
        columns
    }
}

fn column_type(section: &Section<'_, '_>) -> Option<Type> {
    let scale = u8::try_from(section.count("scale", 0).min(18)).unwrap_or(0);
    let words = [
        ("text", Type::Text),
        ("integer", Type::Integer),
        ("decimal", Type::Decimal { scale }),
        ("boolean", Type::Boolean),
        ("date", Type::Date),
    ];
    section.word("type", &words, None)
}

pub(crate) fn parameters(root: &Section<'_, '_>, as_of: Option<Date>, places: &mut Places) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for (name, section) in root.named("parameters") {
        let data_type = column_type(&section).unwrap_or(Type::Integer);
        let unit = section.text_opt("unit").map(|u| u.value);
        let label = section.both_opt("label").unwrap_or_else(|| Text::same(name.value.clone()));
        let mut best: Option<Parameter> = None;
        let mut ended = false;
        for s in section.sections("values") {
            let at = format!("parameters.{}", name.value);
            let since = s.date("since");
            let until = s.date_opt("until");
            let value = s.get("value").and_then(|v| s.value(v, data_type));
            let cited = cite(&s, places, &at);
            let status = status(&s);
            s.finish();
            let (Some(since), Some(value), Some(day)) = (since, value, as_of) else { continue };
            if since > day || best.as_ref().is_some_and(|b| b.since >= since) {
                continue;
            }
            ended = until.is_some_and(|u| u < day);
            best = Some(Parameter { name: name.value.clone(), value, unit: unit.clone(), since, cite: cited, status, label: label.clone() });
        }
        section.finish();
        match best {
            Some(parameter) if !ended => {
                places.insert(format!("parameters.{}.id", parameter.name), name.span);
                parameters.push(parameter);
            }
            _ => {
                let (word, day) = (&name.value, as_of.map_or_else(String::new, |d| d.to_string()));
                root.mistakes().add(
                    "programme/no-value",
                    name.span,
                    format!("参数 `{word}` 在 {day} 没有有效的值"),
                    format!("parameter `{word}` has no value that holds on {day}"),
                );
            }
        }
    }
    parameters
}

const SCOPES: [(&str, Scope); 3] =
    [("applicant", Scope::Applicant), ("provider", Scope::Provider), ("choice", Scope::Choice)];

pub(crate) fn variables(root: &Section<'_, '_>, places: &mut Places) -> Vec<Variable> {
    let mut variables = Vec::new();
    for (name, s) in root.named("variables") {
        let at = format!("variables.{}", name.value);
        let scope = s.word("scope", &SCOPES, Some(Scope::Applicant)).unwrap_or(Scope::Applicant);
        let sql = sql(&s, "sql", places, at.clone());
        let missing_type = match s.get("missing").map(|v| v.get_ref()) {
            Some(v) if v.is_integer() => Some(Type::Integer),
            Some(v) if v.is_bool() => Some(Type::Boolean),
            Some(v) if v.is_datetime() => Some(Type::Date),
            Some(_) => Some(Type::Text),
            None => None,
        };
        let missing = missing_type.and_then(|t| s.value(s.get("missing")?, t));
        let cited = s.text_opt("missing_cite");
        if missing.is_some() != cited.is_some() {
            let word = &name.value;
            s.mistakes().add(
                "programme/missing-cite",
                name.span.clone(),
                format!("变量 `{word}`:`missing` 与 `missing_cite` 必须同时写明"),
                format!("variable `{word}`: `missing` and `missing_cite` belong together"),
            );
        }
        if let Some(cited) = &cited {
            places.insert(format!("{at}.cite"), cited.span.clone());
        }
        let label = s.both_opt("label").unwrap_or_else(|| Text::same(name.value.clone()));
        s.finish();
        variables.push(Variable { name: name.value, scope, sql, missing, missing_cite: cited.map(|c| c.value), label });
    }
    variables
}

pub(crate) fn clauses(root: &Section<'_, '_>, places: &mut Places) -> Vec<Clause> {
    let mut seen = BTreeSet::new();
    let read = |s: &Section<'_, '_>| {
        let id = unique(s, &mut seen, "id", places, "clauses");
        let at = format!("clauses.{id}");
        let scopes = [("applicant", Scope::Applicant), ("choice", Scope::Choice)];
        let clause = Clause {
            scope: s.word("scope", &scopes, Some(Scope::Applicant)).unwrap_or(Scope::Applicant),
            when: sql(s, "when", places, at.clone()),
            cite: cite(s, places, &at),
            met: s.both("met"),
            failed: s.both("failed"),
            unknown: s.both("unknown"),
            id,
        };
        s.finish();
        clause
    };
    root.sections("clauses").iter().map(read).collect()
}

pub(crate) fn tiers(root: &Section<'_, '_>, places: &mut Places) -> Vec<Tier> {
    let mut seen = BTreeSet::new();
    let read = |s: &Section<'_, '_>| {
        let id = unique(s, &mut seen, "id", places, "tiers");
        let at = format!("tiers.{id}");
        let unknown_cite = s.text_opt("unknown_cite");
        if let Some(cited) = &unknown_cite {
            places.insert(format!("{at}.unknown_cite"), cited.span.clone());
        }
        let tier = Tier {
            title: s.both("title"),
            when: sql(s, "when", places, at.clone()),
            cite: cite(s, places, &at),
            unknown_cite: unknown_cite.map(|c| c.value),
            id,
        };
        s.finish();
        tier
    };
    root.sections("tiers").iter().map(read).collect()
}

pub(crate) fn score(root: &Section<'_, '_>, places: &mut Places) -> Option<Score> {
    let s = root.section_opt("score")?;
    let score = Score {
        sql: sql(&s, "sql", places, "score".to_owned()),
        order: s.word("order", &[("high-first", Order::HighFirst), ("low-first", Order::LowFirst)], None)?,
        unit: s.text_opt("unit").map(|u| u.value),
        title: s.both("title"),
        cite: cite(&s, places, "score"),
    };
    s.finish();
    Some(score)
}

pub(crate) fn reserves(root: &Section<'_, '_>, places: &mut Places) -> Vec<Reserve> {
    let mut seen = BTreeSet::new();
    let read = |s: &Section<'_, '_>| {
        let id = unique(s, &mut seen, "id", places, "reserves");
        let reserve = Reserve {
            title: s.both("title"),
            members: sql(s, "members", places, format!("reserves.{id}.members")),
            seats: sql(s, "seats", places, format!("reserves.{id}.seats")),
            unused: s.word("unused", &[("open", Unused::Open), ("empty", Unused::Empty)], Some(Unused::Open)).unwrap_or(Unused::Open),
            cite: cite(s, places, &format!("reserves.{id}")),
            id,
        };
        s.finish();
        reserve
    };
    root.sections("reserves").iter().map(read).collect()
}

pub(crate) fn ceilings(root: &Section<'_, '_>, places: &mut Places) -> Vec<Ceiling> {
    let mut seen = BTreeSet::new();
    let read = |s: &Section<'_, '_>| {
        let id = unique(s, &mut seen, "id", places, "ceilings");
        let ceiling = Ceiling {
            title: s.both("title"),
            members: sql(s, "members", places, format!("ceilings.{id}.members")),
            seats: sql(s, "seats", places, format!("ceilings.{id}.seats")),
            cite: cite(s, places, &format!("ceilings.{id}")),
            id,
        };
        s.finish();
        ceiling
    };
    root.sections("ceilings").iter().map(read).collect()
}

pub(crate) fn indicators(root: &Section<'_, '_>, places: &mut Places) -> Vec<Indicator> {
    let mut seen = BTreeSet::new();
    let measures = [
        ("applicants", Measure::Applicants),
        ("placed", Measure::Placed),
        ("first-choice", Measure::FirstChoice),
        ("undetermined", Measure::Undetermined),
    ];
    let read = |s: &Section<'_, '_>| {
        let id = unique(s, &mut seen, "id", places, "indicators");
        let by = s.text_opt("by");
        if let Some(by) = &by {
            places.insert(format!("indicators.{id}.by"), by.span.clone());
        }
        let measure = s.word("measure", &measures, None);
        let title = s.both("title");
        s.finish();
        Some(Indicator { title, measure: measure?, by: by.map(|b| b.value), id })
    };
    root.sections("indicators").iter().filter_map(read).collect()
}

pub(crate) fn cases(root: &Section<'_, '_>, tables: [&Table; 3]) -> Vec<Case> {
    let [applicants, providers, choices] = tables;
    let one = |s: &Section<'_, '_>| {
        let name = s.text("name");
        let case = Case {
            name: name.value,
            span: name.span,
            applicant: row(s, "applicant", applicants),
            provider: row(s, "provider", providers),
            choice: row(s, "choice", choices),
            expect: expect(&s.section("expect")),
        };
        s.finish();
        case
    };
    root.sections("tests").iter().map(one).collect()
}

fn row(section: &Section<'_, '_>, key: &'static str, table: &Table) -> BTreeMap<String, Option<Value>> {
    let Some(inner) = section.section_opt(key) else { return BTreeMap::new() };
    let mut row = BTreeMap::new();
    for (name, value) in inner.entries() {
        let Some(column) = table.columns.iter().find(|c| c.name == name.value) else {
            let word = &name.value;
            let message = Text::new(format!("没有列 `{word}`"), format!("there is no column `{word}`"));
            let mut wrong = Diagnostic::error("programme/unknown-column", message).at(inner.mistakes().path, name.span);
            if let Some(near) = crate::reader::close(word, table.columns.iter().map(|c| c.name.as_str())) {
                wrong = wrong.help(crate::reader::did_you_mean(near));
            }
            inner.mistakes().push(wrong);
            continue;
        };
        row.insert(name.value, inner.value(value, column.data_type));
    }
    row
}

fn expect(s: &Section<'_, '_>) -> Expect {
    let verdicts = [Verdict::Eligible, Verdict::NotEligible, Verdict::Undetermined].map(|v| (v.as_str(), v));
    let verdict = |key: &'static str| s.get(key).and_then(|_| s.word(key, &verdicts, None));
    let list = |key: &'static str| Some(s.texts(key)?.into_iter().map(|t| t.value).collect());
    let values = s.section_opt("values").map_or_else(BTreeMap::new, |v| {
        let typed = |value: &toml::Spanned<toml::de::DeValue<'_>>| match value.get_ref() {
            v if v.is_integer() => Type::Integer,
            v if v.is_bool() => Type::Boolean,
            v if v.is_datetime() => Type::Date,
            _ => Type::Text,
        };
        v.entries().into_iter().filter_map(|(name, value)| Some((name.value, v.value(value, typed(value))?))).collect()
    });
    let expect = Expect {
        verdict: verdict("verdict"),
        choice_verdict: verdict("choice_verdict"),
        failed: list("failed"),
        unknown: list("unknown"),
        tier: s.text_opt("tier").map(|t| t.value),
        score: s.integer_opt("score").map(|n| n.value),
        values,
        rank: s.integer_opt("rank").map(|n| n.value),
        contest: s.text_opt("contest").map(|t| t.value),
    };
    s.finish();
    expect
}
