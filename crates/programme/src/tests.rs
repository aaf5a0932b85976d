//! The programme's own tests, as read.

use std::collections::BTreeMap;

use minsheng_model::{
    Decimal, Figure, Grouping, Mechanism, Rules, Scope, Span, Table, Type, Value, Verdict,
};
use toml::Spanned;
use toml::de::DeValue;

use crate::draft::{Draft, unique};
use crate::kinds;
use crate::shape;
use crate::sink::Sink;
use crate::view::View;

/// Facts of one row by column; `None` is missing, an absent column was not given.
pub type Facts = BTreeMap<String, Option<Value>>;

/// A named case with the result expected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Test {
    /// What the case shows.
    pub name: String,
    /// The applicant's facts.
    pub applicant: Facts,
    /// The provider's facts.
    pub provider: Facts,
    /// The choice's facts.
    pub choice: Facts,
    /// A seat is kept for the applicant at the provider.
    pub kept: bool,
    /// Others who want the same provider.
    pub contest: Vec<Rival>,
    /// What has to come out.
    pub expected: Expected,
    /// Where the case's name stands.
    pub span: Span,
}

/// Somebody else who wants the same provider, with all facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rival {
    /// The rival's facts.
    pub applicant: Facts,
    /// The rival's choice.
    pub choice: Facts,
    /// A seat is kept for the rival.
    pub kept: bool,
}

/// What a case expects; what is `None` is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// The applicant's verdict.
    pub verdict: Option<Verdict>,
    /// The choice's own verdict.
    pub choice_verdict: Option<Verdict>,
    /// Exactly these conditions fail.
    pub failed: Option<Vec<String>>,
    /// Exactly these conditions are unknown.
    pub unknown: Option<Vec<String>>,
    /// A tier's id, `last` or `kept`.
    pub tier: Option<String>,
    /// The score.
    pub score: Option<i64>,
    /// Values of variables; `None` is missing.
    pub values: BTreeMap<String, Option<Value>>,
    /// The provider's seats.
    pub seats: Option<i64>,
    /// 1 plus the rivals strictly ahead, before the draw.
    pub rank: Option<u64>,
    /// What a candidate is worth.
    pub value: Option<i64>,
    /// What a candidate takes of budgets.
    pub costs: BTreeMap<String, i64>,
    /// Exactly these quotas with members have the candidate.
    pub groups: Option<Vec<String>>,
    /// Whether the candidate is in beforehand.
    pub must: Option<bool>,
    /// Figures of a calendar, an assignment or of access, by their key.
    pub numbers: BTreeMap<String, i64>,
}

impl Expected {
    /// Returns whether anything is expected of figures.
    #[must_use]
    pub fn asks_figures(&self) -> bool {
        self.asks_more() || !self.numbers.is_empty()
    }

    /// Returns whether anything is expected of a candidate's figures but those that are
    /// named one by one.
    #[must_use]
    pub fn asks_more(&self) -> bool {
        self.value.is_some()
            || !self.costs.is_empty()
            || self.groups.is_some()
            || self.must.is_some()
            || self.tier.is_some()
            || self.score.is_some()
            || self.rank.is_some()
    }
}

/// Reads the tests and notes names that do not exist.
pub fn read(view: View<'_>, draft: &Draft, sink: &mut Sink<'_>) -> Vec<Test> {
    let rules = &draft.rules;
    let mut names = Vec::new();
    let mut tests = Vec::new();
    for (item, whole) in view.tables("tests") {
        let span = item.place("name", &whole);
        names.push((item.string("name"), span.clone()));
        let mut reader = Reader {
            rules,
            complete: draft.complete,
            sink,
        };
        let applicant = reader.row(item.table("applicant"), &rules.applicants);
        let choice = reader.row(item.table("choice"), &rules.choices);
        let mut contest = Vec::new();
        for (rival, _) in item.tables("contest") {
            let over = |base: &Facts, other: Facts| {
                base.clone().into_iter().chain(other).collect::<Facts>()
            };
            contest.push(Rival {
                applicant: over(
                    &applicant,
                    reader.named(rival.table("applicant"), &rules.applicants),
                ),
                choice: over(&choice, reader.named(rival.table("choice"), &rules.choices)),
                kept: rival.boolean("kept"),
            });
        }
        tests.push(Test {
            name: item.string("name"),
            provider: reader.row(item.table("provider"), &rules.providers),
            expected: reader.expected(item.table("expect")),
            applicant,
            choice,
            kept: item.boolean("kept"),
            contest,
            span,
        });
    }
    unique(&names, sink);
    tests
}

struct Reader<'a, 'b, 's> {
    rules: &'a Rules,
    complete: bool,
    sink: &'b mut Sink<'s>,
}

impl Reader<'_, '_, '_> {
    /// A case's row: what it does not name and may be missing is missing.
    fn row(&mut self, view: View<'_>, table: &Table) -> Facts {
        let mut facts: Facts = Facts::new();
        if view.exists() {
            let missing = table
                .columns
                .iter()
                .filter(|c| c.nullable)
                .map(|c| (c.name.clone(), None));
            facts.extend(missing);
        }
        facts.extend(self.named(view, table));
        facts
    }

    /// The facts that are named, and no others.
    fn named(&mut self, view: View<'_>, table: &Table) -> Facts {
        let mut facts = Facts::new();
        for (name, span, item) in view.entries() {
            let Some(column) = table.columns.iter().find(|c| c.name == name) else {
                if self.complete {
                    self.unknown(
                        name,
                        span,
                        &table.name,
                        table.columns.iter().map(|c| c.name.as_str()),
                    );
                }
                continue;
            };
            match typed(item.get_ref(), column.data_type) {
                Some(value) => {
                    if let Value::Text(word) = &value
                        && !column.values.is_empty()
                        && !column.values.contains(word)
                    {
                        self.sink.error(
                            "programme/bad-value",
                            item.span(),
                            format!("列 `{name}` 没有取值 `{word}`"),
                            format!("column `{name}` has no value `{word}`"),
                        );
                        self.sink
                            .suggest(word, column.values.iter().map(String::as_str));
                    }
                    facts.insert(name.to_owned(), Some(value));
                }
                None => self.wrong_type(item, name, column.data_type),
            }
        }
        facts
    }

    fn wrong_type(&mut self, item: &Spanned<DeValue<'_>>, name: &str, wanted: Type) {
        // Lists and tables were told with the shape.
        if let Some(found) = shape::scalar(item.get_ref()) {
            let found = found.type_of();
            self.sink.error(
                "programme/value-type",
                item.span(),
                format!("`{name}` 应为 {wanted},这里是 {found}"),
                format!("`{name}` has type {wanted}, found {found}"),
            );
        }
    }

    fn unknown<'n>(
        &mut self,
        name: &str,
        span: Span,
        register: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        self.sink.error(
            "programme/unknown-column",
            span,
            format!("名册 `{register}` 没有列 `{name}`"),
            format!("register `{register}` has no column `{name}`"),
        );
        self.sink.suggest(name, known);
    }

    fn ids(&mut self, view: View<'_>, key: &str) -> Option<Vec<String>> {
        view.item(key)?;
        let mut found = Vec::new();
        for (id, span) in view.strings(key) {
            if !self.rules.clauses.iter().any(|c| c.id == id) {
                self.sink.error(
                    "programme/unknown-clause",
                    span,
                    format!("没有条件 `{id}`"),
                    format!("there is no condition `{id}`"),
                );
                self.sink
                    .suggest(id, self.rules.clauses.iter().map(|c| c.id.as_str()));
            }
            found.push(id.to_owned());
        }
        Some(found)
    }

    fn variable(&mut self, name: &str, span: Span) {
        if !self.rules.variables.iter().any(|v| v.name == name) {
            self.sink.error(
                "programme/unknown-variable",
                span,
                format!("没有变量 `{name}`"),
                format!("there is no variable `{name}`"),
            );
            self.sink
                .suggest(name, self.rules.variables.iter().map(|v| v.name.as_str()));
        }
    }

    fn expected(&mut self, view: View<'_>) -> Expected {
        let verdict = |key: &str| view.words(key).and_then(|(w, _)| Verdict::parse(w));
        let mut values = BTreeMap::new();
        for (name, span, item) in view.table("values").entries() {
            self.variable(name, span);
            values.insert(name.to_owned(), shape::scalar(item.get_ref()));
        }
        for (name, span) in view.strings("missing") {
            self.variable(name, span);
            values.insert(name.to_owned(), None);
        }
        let tier = view.words("tier");
        let tiers = match &self.rules.mechanism {
            Mechanism::Rank(ranking) => &ranking.tiers,
            _ => &self.rules.tiers,
        };
        if let Some((id, span)) = tier.clone()
            && id != "last"
            && id != "kept"
            && !tiers.iter().any(|t| t.id == id)
        {
            self.sink.error(
                "programme/unknown-tier",
                span,
                format!("没有次序 `{id}`"),
                format!("there is no tier `{id}`"),
            );
            self.sink.suggest(id, tiers.iter().map(|t| t.id.as_str()));
        }
        self.of_kind(view);
        Expected {
            verdict: verdict("verdict"),
            choice_verdict: verdict("choice_verdict"),
            failed: self.ids(view, "failed"),
            unknown: self.ids(view, "unknown"),
            tier: tier.map(|(t, _)| t.to_owned()),
            score: view.integer("score"),
            values,
            seats: view.integer("seats"),
            rank: view.integer("rank").and_then(|n| u64::try_from(n).ok()),
            value: view.integer("value"),
            costs: self.costs(view.table("costs")),
            groups: self.groups(view),
            numbers: self.numbers(view.table("numbers")),
            must: view.item("must").map(|_| view.boolean("must")),
        }
    }

    /// Notes what the programme's kind does not compute.
    fn of_kind(&mut self, view: View<'_>) {
        let kind = self.rules.mechanism.kind();
        let known: &[&str] = match kind {
            "match" => &["choice_verdict", "tier", "score", "seats", "rank"],
            "select" => &["value", "costs", "groups", "must"],
            "calendar" => &["numbers", "costs"],
            "assign" | "access" | "site" => &["numbers"],
            _ => &["tier", "score", "rank", "costs", "groups", "must"],
        };
        let all = [
            "choice_verdict",
            "tier",
            "score",
            "seats",
            "rank",
            "value",
            "costs",
            "groups",
            "must",
            "numbers",
        ];
        for key in all.iter().filter(|k| !known.contains(k)) {
            if let Some(item) = view.item(key) {
                self.sink.error(
                    "programme/unknown-key",
                    item.span(),
                    format!("`{key}` 在 `{kind}` 中没有意义"),
                    format!("`{key}` has no meaning in `{kind}`"),
                );
            }
        }
    }

    fn numbers(&mut self, view: View<'_>) -> BTreeMap<String, i64> {
        let keys = |first: Option<&'static str>, list: Vec<(&'static str, &Figure)>| {
            let rest = list.iter().map(|(k, _)| *k);
            first.into_iter().chain(rest).collect::<Vec<&str>>()
        };
        let known: Vec<&str> = match &self.rules.mechanism {
            Mechanism::Calendar(own) => keys(None, own.of_candidate()),
            Mechanism::Assign(own) => keys(Some("amount"), own.of_provider()),
            Mechanism::Access(own) => keys(Some("people"), own.of_supplier()),
            Mechanism::Site(own) => kinds::site::numbers(own),
            _ => Vec::new(),
        };
        let mut numbers = BTreeMap::new();
        for (key, span, item) in view.entries() {
            if !known.contains(&key) {
                self.sink.error(
                    "programme/unknown-key",
                    span,
                    format!("没有数 `{key}`"),
                    format!("there is no figure `{key}`"),
                );
                self.sink.suggest(key, known.iter().copied());
            }
            if let Some(Value::Integer(number)) = shape::scalar(item.get_ref()) {
                numbers.insert(key.to_owned(), number);
            }
        }
        numbers
    }

    fn costs(&mut self, view: View<'_>) -> BTreeMap<String, i64> {
        let known = self.rules.mechanism.budgets();
        let mut costs = BTreeMap::new();
        for (id, span, item) in view.entries() {
            if !known.iter().any(|b| b.id == id) {
                self.sink.error(
                    "programme/unknown-budget",
                    span,
                    format!("没有预算 `{id}`"),
                    format!("there is no budget `{id}`"),
                );
                self.sink.suggest(id, known.iter().map(|b| b.id.as_str()));
            }
            if let Some(Value::Integer(cost)) = shape::scalar(item.get_ref()) {
                costs.insert(id.to_owned(), cost);
            }
        }
        costs
    }

    fn groups(&mut self, view: View<'_>) -> Option<Vec<String>> {
        view.item("groups")?;
        let limits = self.rules.mechanism.limits();
        let quotas = limits.map(|l| l.quotas.as_slice()).unwrap_or_default();
        let known = || {
            let own = quotas.iter();
            own.filter(|q| matches!(q.group, Grouping::Members(_)))
                .map(|q| q.id.as_str())
        };
        let mut ids = Vec::new();
        for (id, span) in view.strings("groups") {
            if !known().any(|k| k == id) {
                self.sink.error(
                    "programme/unknown-quota",
                    span,
                    format!("没有带 `members` 的配额 `{id}`"),
                    format!("there is no quota with `members` called `{id}`"),
                );
                self.sink.suggest(id, known());
            }
            ids.push(id.to_owned());
        }
        Some(ids)
    }
}

/// Returns a scalar as a value of the type; a whole number may be a decimal, a
/// text a day.
fn typed(value: &DeValue<'_>, wanted: Type) -> Option<Value> {
    match (wanted, shape::scalar(value)?) {
        (Type::Decimal { scale }, Value::Integer(n)) => {
            Decimal::from(n).rescale(scale).ok().map(Value::Decimal)
        }
        (Type::Decimal { scale }, Value::Decimal(d)) => d.rescale(scale).ok().map(Value::Decimal),
        (Type::Date, _) => shape::day(value).map(Value::Date),
        (_, found) => (found.type_of() == wanted).then_some(found),
    }
}

impl Test {
    /// Returns whether anything about a choice is expected.
    #[must_use]
    pub fn asks_choice(&self) -> bool {
        let e = &self.expected;
        let asked =
            e.choice_verdict.is_some() || e.tier.is_some() || e.score.is_some() || e.rank.is_some();
        asked || !self.choice.is_empty()
    }

    /// Returns the facts of one of the three rows.
    #[must_use]
    pub fn facts(&self, scope: Scope) -> &Facts {
        match scope {
            Scope::Applicant => &self.applicant,
            Scope::Provider => &self.provider,
            Scope::Choice => &self.choice,
        }
    }
}
