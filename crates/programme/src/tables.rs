//! Registers: which is which, and that keys, tickets and positions fit.

use std::path::PathBuf;

use minsheng_model::{Carried, Column, PairColumns, Span, Table, Type};

use crate::RegisterFiles;
use crate::kinds::Kind;
use crate::links::{self, Link};
use crate::shape::parse_type;
use crate::sink::Sink;
use crate::view::View;

/// One register as read.
#[derive(Debug, Default)]
pub struct Register {
    pub table: Option<Table>,
    pub file: PathBuf,
    pub span: Span,
    pub ticket: String,
    pub secret: Option<String>,
    pub current: Option<String>,
    pub applicant: String,
    pub provider: String,
    pub position: String,
    /// The applicants' column that names a row of the groups' register.
    pub member: Option<String>,
    pub arrived: Option<String>,
    pub round: String,
    pub answer: String,
    pub day: String,
    /// The columns of a register of pairs.
    pub pairs: Option<PairColumns>,
    /// From which decision its rows come; the cycle is empty where none is named.
    pub carried: Option<Carried>,
    pub link: Option<Link>,
}

/// The registers; that of replies is there where places are offered in rounds.
#[derive(Debug, Default)]
pub struct Registers {
    pub applicants: Register,
    pub providers: Register,
    pub choices: Register,
    pub replies: Option<Register>,
}

impl Registers {
    /// Returns where the files are.
    pub fn files(&self) -> RegisterFiles {
        RegisterFiles {
            applicants: self.applicants.file.clone(),
            providers: self.providers.file.clone(),
            choices: self.choices.file.clone(),
            replies: self.replies.as_ref().map(|r| r.file.clone()),
        }
    }
}

/// Where keys of a register of pairs stand in the list of all roles' keys.
const PAIRS: usize = 4;

/// Reads the registers and notes what does not fit.
pub fn read(view: View<'_>, whole: &Span, kind: &Kind, sink: &mut Sink<'_>) -> Registers {
    let mut found: [Option<Register>; 4] = [const { None }; 4];
    for (name, span, inner) in view.named() {
        let role = inner.words("role");
        let slot = match role.as_ref().map(|(r, _)| *r) {
            Some("applicants") => 0,
            // What stands where providers do in a match.
            Some("providers" | "groups" | "suppliers" | "demands") => 1,
            Some("choices" | "pairs") => 2,
            Some("replies") => 3,
            _ => continue,
        };
        let register = one(name, span.clone(), inner, slot, sink);
        if let Some(link) = &register.link
            && kind.name == "match"
        {
            links::not_here(link, sink);
        }
        if let Some((word, place)) = &role
            && !kind.has_role(word)
        {
            let kind = kind.name;
            sink.error(
                "programme/bad-value",
                place.clone(),
                format!("`kind = \"{kind}\"` 没有角色 `{word}`"),
                format!("`kind = \"{kind}\"` has no role `{word}`"),
            );
        }
        let Some(place) = found.get_mut(slot) else {
            continue;
        };
        if let Some(first) = place {
            let at = role.map_or(span, |(_, s)| s);
            sink.error(
                "programme/duplicate",
                at,
                "已有另一名册担任此角色",
                "another register has this role already",
            );
            sink.note(first.span.clone(), "在这里", "here");
        } else {
            *place = Some(register);
        }
    }
    if view.exists() {
        let slots = ["applicants", "providers", "choices"].into_iter();
        let second = kind.second();
        let slots = slots.map(|r| {
            if r == "providers" {
                second.unwrap_or(r)
            } else {
                r
            }
        });
        for (slot, role) in found.iter().zip(slots) {
            let told = sink.found.iter().any(|d| d.code == "programme/bad-value");
            if slot.is_none() && !told && kind.roles.contains(&role) {
                sink.error(
                    "programme/missing-register",
                    whole.clone(),
                    format!("没有角色为 `{role}` 的名册"),
                    format!("no register has the role `{role}`"),
                );
            }
        }
    }
    let [applicants, providers, choices, replies] = found;
    let [applicants, providers, choices] =
        [applicants, providers, choices].map(Option::unwrap_or_default);
    if let (Some(member), Some(table)) = (&providers.member, &applicants.table) {
        let span = view
            .table(providers.table.as_ref().map_or("", |t| &t.name))
            .place("member", whole);
        member_column(member, table, span, sink);
    }
    Registers {
        applicants,
        providers,
        choices,
        replies,
    }
}

/// The column by which applicants belong to groups.
fn member_column(name: &str, table: &Table, span: Span, sink: &mut Sink<'_>) {
    match table.columns.iter().find(|c| c.name == name) {
        None => crate::groups::unknown_column(table, name, span, sink),
        Some(c) if c.data_type != Type::Text || c.nullable || !c.publish => {
            sink.error(
                "programme/column-type",
                span,
                format!("列 `{name}` 应为公开的、不可缺失的文字"),
                format!("column `{name}` has to be a published text that is never missing"),
            );
        }
        Some(_) => {}
    }
}

fn one(name: &str, span: Span, view: View<'_>, slot: usize, sink: &mut Sink<'_>) -> Register {
    let mut columns = Vec::new();
    for (column, place, inner) in view.table("columns").named() {
        columns.push(Column {
            name: column.to_owned(),
            data_type: parse_type(&inner.string("type")).unwrap_or(Type::Text),
            unit: inner.words("unit").map(|(u, _)| u.to_owned()),
            nullable: inner.boolean("nullable"),
            publish: inner.boolean("publish"),
            label: inner.text("label"),
            document: inner.text_if("document"),
            values: inner
                .strings("values")
                .into_iter()
                .map(|(v, _)| v.to_owned())
                .collect(),
        });
        if inner.item("values").is_some()
            && columns.last().is_some_and(|c| c.data_type != Type::Text)
        {
            sink.error(
                "programme/bad-value",
                inner.place("values", &place),
                "只有文字列可以列出取值",
                "only a text column can list its values",
            );
        }
    }
    let key: Vec<String> = view
        .strings("key")
        .into_iter()
        .map(|(k, _)| k.to_owned())
        .collect();
    let table = Table {
        name: name.to_owned(),
        key,
        columns,
    };
    let mut register = Register {
        span,
        file: view.string("file").into(),
        ..Register::default()
    };
    let mut reader = Reader {
        table: &table,
        view,
        span: register.span.clone(),
        sink,
    };
    reader.keys(slot);
    match slot {
        0 => {
            register.ticket = reader.must("ticket", Type::Text);
            register.secret = reader.may("secret", Type::Text);
            register.current = reader.may("current", Type::Text);
            register.arrived = reader
                .view
                .item("arrived")
                .map(|_| reader.must("arrived", Type::Date));
            reader.applicants(&register);
        }
        1 => {
            reader.providers();
            if view.string("role") == "groups" {
                register.member = view.words("member").map(|(m, _)| m.to_owned());
                if view.item("member").is_none() {
                    reader.sink.error(
                        "programme/missing-key",
                        register.span.clone(),
                        "缺少 `member`",
                        "`member` is missing",
                    );
                    reader.sink.help(
                        "写出申请人名册中指向本名册的列",
                        "name the applicants' column that names a row of this register",
                    );
                }
            }
        }
        3 => {
            register.applicant = reader.must("applicant", Type::Text);
            register.round = reader.must("round", Type::Integer);
            register.answer = reader.must("answer", Type::Text);
            register.day = reader.must("day", Type::Date);
            reader.replies(&register);
        }
        _ if view.string("role") == "pairs" => register.pairs = Some(reader.pairs()),
        _ => {
            register.applicant = reader.must("applicant", Type::Text);
            register.provider = reader.must("provider", Type::Text);
            register.position = reader.must("position", Type::Integer);
        }
    }
    reader.strangers(slot);
    reader.file();
    links::read(&table, view, &mut register, slot, sink);
    register.table = Some(table);
    register
}

struct Reader<'a, 'b, 's> {
    table: &'a Table,
    view: View<'a>,
    span: Span,
    sink: &'b mut Sink<'s>,
}

impl Reader<'_, '_, '_> {
    fn column(&mut self, name: &str, span: Span, wanted: Option<Type>) -> bool {
        let Some(index) = self.table.column_index(name) else {
            self.sink.error(
                "programme/unknown-column",
                span,
                format!("未知的列 `{name}`"),
                format!("unknown column `{name}`"),
            );
            let known: Vec<&str> = self.table.columns.iter().map(|c| c.name.as_str()).collect();
            self.sink.suggest(name, known);
            return false;
        };
        let found = self.table.columns.get(index).map(|c| c.data_type);
        if let (Some(wanted), Some(found)) = (wanted, found)
            && wanted != found
        {
            self.sink.error(
                "programme/column-type",
                span,
                format!("列 `{name}` 的类型是 {found},应为 {wanted}"),
                format!("column `{name}` has type {found}, expected {wanted}"),
            );
            return false;
        }
        true
    }

    fn not_null(&mut self, name: &str, span: Span) {
        if self
            .table
            .columns
            .iter()
            .any(|c| c.name == name && c.nullable)
        {
            self.sink.error(
                "programme/nullable",
                span,
                format!("列 `{name}` 不可缺失"),
                format!("column `{name}` may not be missing here"),
            );
            self.sink
                .help("去掉它的 `nullable = true`", "remove its `nullable = true`");
        }
    }

    fn must(&mut self, key: &str, wanted: Type) -> String {
        match self.view.words(key) {
            Some((name, span)) => {
                if self.column(name, span.clone(), Some(wanted)) {
                    self.not_null(name, span);
                }
                name.to_owned()
            }
            None => {
                if self.view.item(key).is_none() {
                    let span = self.span.clone();
                    self.sink.error(
                        "programme/missing-key",
                        span,
                        format!("缺少 `{key}`"),
                        format!("`{key}` is missing"),
                    );
                    self.sink.help("写出相应的列名", "name the column");
                }
                String::new()
            }
        }
    }

    fn may(&mut self, key: &str, wanted: Type) -> Option<String> {
        let (name, span) = self.view.words(key)?;
        self.column(name, span, Some(wanted))
            .then(|| name.to_owned())
    }

    fn keys(&mut self, slot: usize) {
        let keys = self.view.strings("key");
        if self
            .view
            .item("key")
            .is_some_and(|i| i.get_ref().as_array().is_some_and(|a| a.is_empty()))
        {
            let span = self.view.place("key", &self.span);
            self.sink.error(
                "programme/empty",
                span,
                "键至少要有一列",
                "a key needs at least one column",
            );
        }
        for (i, (name, span)) in keys.iter().enumerate() {
            let wanted = (slot == 1).then_some(Type::Text);
            if self.column(name, span.clone(), wanted) {
                self.not_null(name, span.clone());
            }
            if keys.iter().take(i).any(|(n, _)| n == name) {
                self.sink.error(
                    "programme/duplicate",
                    span.clone(),
                    format!("`{name}` 重复"),
                    format!("`{name}` is there twice"),
                );
            }
        }
    }

    fn published(&mut self, name: &str) {
        if self
            .table
            .columns
            .iter()
            .any(|c| c.name == name && !c.publish)
        {
            let span = self.view.table("columns").place(name, &self.span);
            self.sink.error(
                "programme/private-key",
                span,
                format!("`{name}` 会出现在公示中,须写 `publish = true`"),
                format!("`{name}` appears in what is published: it needs `publish = true`"),
            );
        }
    }

    fn applicants(&mut self, register: &Register) {
        let ticket = register.ticket.clone();
        if !ticket.is_empty() && !self.table.key.is_empty() && self.table.key != [ticket.clone()] {
            let span = self.view.place("key", &self.span);
            self.sink.error(
                "programme/key",
                span,
                "申请人的键应是报名号一列",
                "the applicants' key is the ticket column alone",
            );
        }
        self.published(&ticket);
        if let Some((secret, span)) = self.view.words("secret")
            && self
                .table
                .columns
                .iter()
                .any(|c| c.name == secret && c.publish)
        {
            self.sink.error(
                "programme/public-secret",
                span,
                format!("`{secret}` 是密码,不可公开"),
                format!("`{secret}` is the secret and may not be published"),
            );
            self.sink
                .help("去掉它的 `publish = true`", "remove its `publish = true`");
        }
    }

    fn providers(&mut self) {
        if self.table.key.len() > 1 {
            let span = self.view.place("key", &self.span);
            self.sink.error(
                "programme/key",
                span,
                "供给方的键应只有一列",
                "the providers' key is one column",
            );
        }
        for name in self.table.key.clone() {
            self.published(&name);
        }
    }

    /// Whoever answers a round twice would have said two things.
    fn replies(&mut self, register: &Register) {
        let mut wanted = [register.applicant.as_str(), register.round.as_str()];
        let mut key: Vec<&str> = self.table.key.iter().map(String::as_str).collect();
        wanted.sort_unstable();
        key.sort_unstable();
        if key != wanted && !wanted.contains(&"") {
            let span = self.view.place("key", &self.span);
            let [a, b] = [&register.applicant, &register.round];
            self.sink.error(
                "programme/key",
                span,
                format!("答复名册的键应是报名号与轮次:`[\"{a}\", \"{b}\"]`"),
                format!(
                    "the key of the replies is application number and round: `[\"{a}\", \"{b}\"]`"
                ),
            );
        }
    }

    /// Reads a register of pairs: it is published whole, and each pair is there once.
    fn pairs(&mut self) -> PairColumns {
        let found = PairColumns {
            from: self.must("from_id", Type::Text),
            to: self.must("to_id", Type::Text),
            value: self.must("value", Type::Integer),
        };
        for name in [&found.from, &found.to, &found.value] {
            self.published(name);
        }
        let mut wanted = [found.from.as_str(), found.to.as_str()];
        let mut key: Vec<&str> = self.table.key.iter().map(String::as_str).collect();
        wanted.sort_unstable();
        key.sort_unstable();
        if key != wanted && !wanted.contains(&"") {
            let span = self.view.place("key", &self.span);
            let (a, b) = (&found.from, &found.to);
            self.sink.error(
                "programme/key",
                span,
                format!("对的名册的键应是起点与终点:`[\"{a}\", \"{b}\"]`"),
                format!("the key of the pairs is from and to: `[\"{a}\", \"{b}\"]`"),
            );
        }
        found
    }

    /// Keys that belong to another role.
    fn strangers(&mut self, slot: usize) {
        let role = self.view.string("role");
        let slot = if role == "pairs" { PAIRS } else { slot };
        if self.view.item("member").is_some() && self.view.string("role") != "groups" {
            let span = self.view.place("member", &self.span);
            self.sink.error(
                "programme/unknown-key",
                span,
                "`member` 只用于角色 `groups`",
                "`member` belongs to the role `groups` only",
            );
        }
        let own: [&[&str]; 5] = [
            &["ticket", "secret", "current", "arrived"],
            &[],
            &["applicant", "provider", "position"],
            &["applicant", "round", "answer", "day"],
            &["from_id", "to_id", "value"],
        ];
        let mine = own.get(slot).copied().unwrap_or_default();
        for (other, keys) in own.iter().enumerate().filter(|(i, _)| *i != slot) {
            let told = |k: &&&str| !mine.contains(*k) && self.view.item(k).is_some();
            // `applicant` is told once, as a key of the choices.
            let shared = |k: &&&str| other != 3 || **k != "applicant";
            let keys: Vec<&&str> = keys.iter().filter(|k| told(k) && shared(k)).collect();
            for key in keys {
                let role = match other {
                    0 => "applicants",
                    3 => "replies",
                    PAIRS => "pairs",
                    _ => "choices",
                };
                let span = self.view.place(key, &self.span);
                self.sink.error(
                    "programme/unknown-key",
                    span,
                    format!("`{key}` 只用于角色 `{role}`"),
                    format!("`{key}` belongs to the role `{role}` only"),
                );
            }
        }
    }

    fn file(&mut self) {
        if let Some((path, span)) = self.view.words("file") {
            let known = [".csv", ".parquet", ".xlsx"]
                .iter()
                .any(|e| path.to_lowercase().ends_with(e));
            if !known {
                self.sink.error(
                    "programme/bad-path",
                    span,
                    format!("不认识 `{path}` 的格式"),
                    format!("the format of `{path}` is not known"),
                );
                self.sink
                    .help("用 .csv、.parquet 或 .xlsx", "use .csv, .parquet or .xlsx");
            }
        }
    }
}
