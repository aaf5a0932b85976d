//! From the document to rules, as far as it can be understood.

use minsheng_model::{
    Clause, Combine, Date, DrawUnit, Law, Publish, Rules, Scope, Span, Status, Text, TieBreak,
    TieMethod, Variable,
};
use toml::de::DeTable;

use crate::kinds::{self, Kind};
use crate::sink::Sink;
use crate::tables::{self, Registers};
use crate::tests::{self, Test};
use crate::view::{Sql, View};
use crate::{combine, groups, keys, offers, parameters, shape};

/// What an expression has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Anything; its missing result may be declared.
    Variable(usize),
    /// True, false or unknown.
    Condition,
    /// A condition that may be unknown only where a citation says what then.
    Tier { cited: bool },
    /// True or false.
    Members,
    /// A whole number.
    Whole,
    /// A whole number from parameters alone.
    Parameters,
}

/// One expression to be checked.
#[derive(Debug)]
pub struct Expression {
    pub sql: Sql,
    pub scope: Scope,
    pub want: Want,
    /// The unit that was declared for it.
    pub unit: Option<String>,
}

/// Everything read from a programme file.
#[derive(Debug)]
pub struct Draft {
    pub rules: Rules,
    pub registers: Registers,
    pub tests: Vec<Test>,
    /// Clauses in order, with the places of their names.
    pub clauses: Vec<(String, Span)>,
    pub expressions: Vec<Expression>,
    /// Citations and where they stand.
    pub cites: Vec<(String, Span)>,
    /// Law and where it is named.
    pub law: Vec<(String, Span, Status)>,
    /// Unverified values of parameters.
    pub unverified: Vec<(String, Span)>,
    /// Where each variable is named.
    pub variables: Vec<(String, Span)>,
    /// Names whose declaration is wrong: mistakes that follow from them are not told.
    pub tainted: Vec<String>,
    /// Which clauses a combination uses.
    pub used: Vec<String>,
    /// The whole of the document's registers was understood.
    pub complete: bool,
}

/// Reads the document; every mistake of shape and naming is noted.
pub fn read(document: &DeTable<'_>, source: &str, sink: &mut Sink<'_>) -> Option<Draft> {
    shape::check_record(keys::PROGRAMME, document, 0..0, sink);
    let view = View::new(Some(document), source);
    let kind = Kind::of(view)?;
    kinds::check(kind, document, sink);
    let mut draft = Draft {
        rules: empty(Date::from_days(0)?),
        registers: Registers::default(),
        tests: Vec::new(),
        clauses: Vec::new(),
        expressions: Vec::new(),
        cites: Vec::new(),
        law: Vec::new(),
        unverified: Vec::new(),
        variables: Vec::new(),
        tainted: Vec::new(),
        used: Vec::new(),
        complete: true,
    };
    draft.identity(view);
    draft.law(view);
    draft.registers(view, kind, sink);
    parameters::read(&mut draft, view, sink);
    draft.variables(view, sink);
    draft.clauses(view, sink);
    draft.eligibility(view, sink);
    kinds::read(kind, &mut draft, view, sink);
    groups::read(&mut draft, view, sink);
    offers::read(&mut draft, view, sink);
    draft.tests = tests::read(view, &draft, sink);
    Some(draft)
}

impl Draft {
    /// Notes a citation.
    pub fn cite(&mut self, view: View<'_>, key: &str) -> String {
        if let Some((id, span)) = view.words(key) {
            self.cites.push((id.to_owned(), span));
        }
        view.string(key)
    }

    /// Notes an expression and returns its text.
    pub fn expression(&mut self, view: View<'_>, key: &str, scope: Scope, want: Want) -> String {
        let sql = view.sql(key);
        let text = sql.text.clone();
        if view.words(key).is_some() {
            self.expressions.push(Expression {
                sql,
                scope,
                want,
                unit: None,
            });
        }
        text
    }

    /// Notes an expression with the unit declared for it, and returns its text.
    pub fn measure(
        &mut self,
        view: View<'_>,
        key: &str,
        scope: Scope,
        want: Want,
        unit: Option<String>,
    ) -> String {
        let text = self.expression(view, key, scope, want);
        if let (Some(last), true) = (self.expressions.last_mut(), view.words(key).is_some()) {
            last.unit = unit;
        }
        text
    }

    fn identity(&mut self, view: View<'_>) {
        let (programme, cycle) = (view.table("programme"), view.table("cycle"));
        let rules = &mut self.rules;
        rules.programme = programme.string("id");
        rules.version = programme
            .integer("version")
            .and_then(|v| u32::try_from(v).ok())
            .unwrap_or_default();
        rules.title = programme.text("title");
        rules.body = programme.text("body");
        rules.objection = programme.text("objection");
        rules.notice = programme.text("notice");
        rules.cycle = cycle.string("id");
        rules.as_of = cycle.day("as_of").unwrap_or(rules.as_of);
        rules.objections_until = cycle.day("objections_until");
    }

    fn law(&mut self, view: View<'_>) {
        for (item, span) in view.tables("law") {
            let both = item.item("article").is_some_and(|i| i.get_ref().is_table());
            let article = both.then(|| item.table("article"));
            let law = Law {
                id: item.string("id"),
                title: item.text("title"),
                article: article.map_or_else(|| item.string("article"), |a| a.string("zh")),
                article_en: article.map(|a| a.string("en")),
                source: item.string("source"),
                status: status(item),
            };
            self.law
                .push((law.id.clone(), item.place("id", &span), law.status));
            self.rules.law.push(law);
        }
    }

    fn registers(&mut self, view: View<'_>, kind: &Kind, sink: &mut Sink<'_>) {
        let inner = view.table("registers");
        let span = view.item("registers").map_or(0..0, toml::Spanned::span);
        let found = tables::read(inner, &span, kind, sink);
        for (name, _, register) in inner.named() {
            if register.words("role").is_none() {
                self.tainted.push(name.to_owned());
            }
            for (column, _, item) in register.table("columns").named() {
                if shape::parse_type(&item.string("type")).is_none() {
                    self.tainted.push(column.to_owned());
                }
            }
        }
        let rules = &mut self.rules;
        for (register, table, role) in [
            (&found.applicants, &mut rules.applicants, "applicants"),
            (&found.providers, &mut rules.providers, "providers"),
            (&found.choices, &mut rules.choices, "choices"),
        ] {
            match &register.table {
                Some(read) => *table = read.clone(),
                None => {
                    let second = role == "providers" && kind.second().is_some();
                    self.complete &= !second && !kind.roles.contains(&role);
                }
            }
        }
        rules.ticket = found.applicants.ticket.clone();
        rules.carried = found.applicants.carried.clone();
        if let Some(carried) = rules.carried.as_mut().filter(|c| c.cycle.is_empty()) {
            carried.cycle.clone_from(&rules.cycle);
        }
        rules.secret = found.applicants.secret.clone();
        rules.current_provider = found.applicants.current.clone();
        rules.choice_applicant = found.choices.applicant.clone();
        rules.choice_provider = found.choices.provider.clone();
        rules.choice_position = found.choices.position.clone();
        self.registers = found;
    }

    fn variables(&mut self, view: View<'_>, sink: &mut Sink<'_>) {
        let mut found = Vec::new();
        for (name, span, item) in view.table("variables").named() {
            let Some(scope) = scope(&item.string("scope")) else {
                self.tainted.push(name.to_owned());
                continue;
            };
            if item.words("sql").is_none() {
                self.tainted.push(name.to_owned());
            }
            let tables = [
                &self.rules.applicants,
                &self.rules.providers,
                &self.rules.choices,
            ];
            if let Some(table) = tables.iter().find(|t| t.column_index(name).is_some()) {
                let table = &table.name;
                sink.error(
                    "programme/duplicate",
                    span.clone(),
                    format!("`{name}` 已是名册 `{table}` 的列名"),
                    format!("`{name}` is a column of register `{table}` already"),
                );
            }
            let missing = item
                .item("missing")
                .and_then(|i| shape::scalar(i.get_ref()));
            let cited = item.item("missing_cite").is_some();
            if missing.is_some() != cited && (item.item("missing").is_some() || cited) {
                let (has, lacks) = if cited {
                    ("missing_cite", "missing")
                } else {
                    ("missing", "missing_cite")
                };
                sink.error(
                    "programme/missing-cite",
                    item.place(has, &span),
                    format!("写了 `{has}` 就须写 `{lacks}`"),
                    format!("`{has}` needs `{lacks}` beside it"),
                );
                sink.help(
                    "缺失之所以算作某值,须有条文依据",
                    "that a missing fact counts as a value needs a citation",
                );
            }
            let index = found.len();
            let sql = self.expression(item, "sql", scope, Want::Variable(index));
            found.push(Variable {
                name: name.to_owned(),
                scope,
                sql,
                missing,
                missing_cite: cited.then(|| self.cite(item, "missing_cite")),
                label: item.text("label"),
            });
            self.variables.push((name.to_owned(), span));
        }
        self.rules.variables = found;
    }

    fn clauses(&mut self, view: View<'_>, sink: &mut Sink<'_>) {
        for (item, span) in view.tables("clauses") {
            let scope = match item.words("scope") {
                None => Scope::Applicant,
                Some((word, _)) => scope(word).unwrap_or(Scope::Applicant),
            };
            let place = item.place("id", &span);
            let same = self
                .rules
                .clauses
                .iter()
                .filter(|c| c.scope == scope)
                .count();
            if same == minsheng_model::MASK_LIMIT {
                sink.error(
                    "programme/too-many",
                    place.clone(),
                    "每个范围最多 32 个条件",
                    "a scope has at most 32 conditions",
                );
            }
            let clause = Clause {
                id: item.string("id"),
                scope,
                when: self.expression(item, "when", scope, Want::Condition),
                cite: self.cite(item, "cite"),
                met: item.text("met"),
                failed: item.text("failed"),
                unknown: item.text("unknown"),
            };
            self.clauses.push((clause.id.clone(), place));
            self.rules.clauses.push(clause);
        }
        unique(&self.clauses, sink);
    }

    fn eligibility(&mut self, view: View<'_>, sink: &mut Sink<'_>) {
        let item = view.table("eligibility");
        let ids = |scope| {
            self.rules
                .clauses_of(scope)
                .map(|c| c.id.clone())
                .collect::<Vec<_>>()
        };
        let (own, choice) = (ids(Scope::Applicant), ids(Scope::Choice));
        for (key, known, other) in [
            ("combine", &own, &choice),
            ("choice_combine", &choice, &own),
        ] {
            if item.words(key).is_none() {
                continue;
            }
            let Some((combined, used)) = combine::parse(&item.sql(key), known, other, sink) else {
                // What it would have used cannot be known.
                self.used.extend(known.iter().cloned());
                continue;
            };
            self.used
                .extend(used.into_iter().filter_map(|i| known.get(i).cloned()));
            if key == "combine" {
                self.rules.eligibility = combined;
            } else {
                self.rules.choice_eligibility = Some(combined);
            }
        }
    }
}

/// Notes every name that is there twice.
pub fn unique(names: &[(String, Span)], sink: &mut Sink<'_>) {
    for (i, (name, span)) in names.iter().enumerate().filter(|(_, (n, _))| !n.is_empty()) {
        if let Some((_, first)) = names.iter().take(i).find(|(n, _)| n == name) {
            sink.error(
                "programme/duplicate",
                span.clone(),
                format!("`{name}` 重复"),
                format!("`{name}` is there twice"),
            );
            sink.note(first.clone(), "第一次在这里", "first here");
        }
    }
}

/// Returns the status written; unverified when it was not understood.
pub fn status(item: View<'_>) -> Status {
    if item.string("status") == "verified" {
        Status::Verified
    } else {
        Status::Unverified
    }
}

fn scope(word: &str) -> Option<Scope> {
    Some(match word {
        "applicant" => Scope::Applicant,
        "provider" => Scope::Provider,
        "choice" => Scope::Choice,
        _ => return None,
    })
}

/// Returns rules in which nothing was understood.
fn empty(as_of: Date) -> Rules {
    let table = || minsheng_model::Table {
        name: String::new(),
        key: Vec::new(),
        columns: Vec::new(),
    };
    Rules {
        programme: String::new(),
        version: 0,
        mechanism: minsheng_model::Mechanism::Match,
        title: Text::default(),
        body: Text::default(),
        objection: Text::default(),
        notice: Text::default(),
        cycle: String::new(),
        as_of,
        objections_until: None,
        law: Vec::new(),
        applicants: table(),
        providers: table(),
        choices: table(),
        carried: None,
        ticket: String::new(),
        secret: None,
        choice_applicant: String::new(),
        choice_provider: String::new(),
        choice_position: String::new(),
        current_provider: None,
        parameters: Vec::new(),
        variables: Vec::new(),
        clauses: Vec::new(),
        eligibility: Combine::All(Vec::new()),
        choice_eligibility: None,
        tiers: Vec::new(),
        score: None,
        tie_break: TieBreak {
            method: TieMethod::Single,
            unit: DrawUnit::Applicant,
        },
        draw: minsheng_model::Draw {
            id: String::new(),
            sources: Vec::new(),
        },
        capacity: String::new(),
        minimum: None,
        reserves: Vec::new(),
        ceilings: Vec::new(),
        offers: None,
        publish: Publish::Roots,
        cell_min: 0,
        indicators: Vec::new(),
    }
}
