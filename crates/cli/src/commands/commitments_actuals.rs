//! The figures that queries of a commitments file give, from registers and bundles.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use minsheng_bundle::Contents;
use minsheng_commitments::register::{self, Computed, Source};
use minsheng_commitments::track::Actuals;
use minsheng_model::{Date, Decimal, Diagnostic, Table, Text, has_errors};
use minsheng_programme::Loaded;
use minsheng_registers::{Options, Queries, Register, import};

use crate::city;
use crate::console::Console;
use crate::exit::Failure;

/// What each query gives, by its place in the file.
#[derive(Debug, Default)]
pub struct Figures(BTreeMap<usize, (Decimal, Text)>);

impl Actuals for Figures {
    fn actual(&self, computed: &Computed) -> Result<Option<(Decimal, Text)>, Text> {
        Ok(self.0.get(&computed.sql.span().start).cloned())
    }
}

/// A table that a query can see, and what to call it in public.
type Found<T> = Option<(T, Text)>;

/// Where tables come from.
struct Tables<'a> {
    console: &'a Console,
    dir: &'a Path,
    bundles: &'a [PathBuf],
    loaded: Vec<Loaded>,
    /// `None` for one that is not there, which is said once.
    registers: BTreeMap<PathBuf, Option<Register>>,
    read: BTreeMap<PathBuf, Contents>,
}

/// Runs the queries that hold of a day or earlier. What has no register or bundle
/// to count from has no figure, and a note says so.
///
/// # Errors
/// A query or a table that is wrong, at its place in the file.
pub fn figures(
    console: &Console,
    dir: &Path,
    register: &register::Register,
    as_of: Date,
    bundles: &[PathBuf],
) -> Result<Figures, Failure> {
    let all: Vec<&Computed> = register
        .commitments
        .iter()
        .flat_map(|c| &c.computed)
        .filter(|q| q.as_of <= as_of)
        .collect();
    let mut figures = Figures::default();
    if all.is_empty() {
        return Ok(figures);
    }
    let loaded = programmes(dir, &all)?;
    let mut tables = Tables {
        console,
        dir,
        bundles,
        loaded,
        registers: BTreeMap::new(),
        read: BTreeMap::new(),
    };
    let path = dir.join("commitments").join("register.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| city::disk(&path, &e))?;
    let mut wrong = Vec::new();
    for q in all {
        match tables.run(q) {
            Ok(Some(found)) => {
                figures.0.insert(q.sql.span().start, found);
            }
            Ok(None) => {}
            Err(Wrong::Query(at, message)) => {
                let span = inside(&text, q, &at);
                let error = Diagnostic::error("commitments/query", message);
                wrong.push(error.at(path.display().to_string(), span));
            }
            Err(Wrong::Failure(failure)) => return Err(failure),
        }
    }
    if wrong.is_empty() {
        Ok(figures)
    } else {
        Err(Failure::wrong_file(wrong))
    }
}

/// The programmes that queries name, without the warnings of their own check.
fn programmes(dir: &Path, all: &[&Computed]) -> Result<Vec<Loaded>, Failure> {
    let city = minsheng_programme::load_city(dir);
    if has_errors(&city.diagnostics) {
        return Err(Failure::wrong_file(city.diagnostics));
    }
    let mut loaded = Vec::new();
    for path in &city.programmes {
        let programme = minsheng_programme::load(path);
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or("");
        let id = programme.rules.as_ref().map_or(stem, |r| &r.programme);
        let named = all
            .iter()
            .any(|q| q.tables.values().any(|s| s.programme == id));
        if named && has_errors(&programme.diagnostics) {
            return Err(Failure::wrong_file(programme.diagnostics));
        }
        loaded.push(programme);
    }
    Ok(loaded)
}

enum Wrong {
    /// A part of the query.
    Query(std::ops::Range<usize>, Text),
    Failure(Failure),
}

/// The place of a part of a query in the file: literal strings stand there as they
/// are.
fn inside(text: &str, q: &Computed, at: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let span = q.sql.span();
    let literal = text.get(span.clone()).unwrap_or("");
    match literal.find(q.sql.get_ref().as_str()) {
        Some(offset) => {
            let from = span.start + offset;
            from + at.start..from + at.end.max(at.start + 1)
        }
        None => span,
    }
}

impl Tables<'_> {
    fn run(&mut self, q: &Computed) -> Result<Option<(Decimal, Text)>, Wrong> {
        let sql = q.sql.get_ref();
        let all = || 0..sql.len();
        let mut queries = Queries::new().map_err(|t| Wrong::Query(all(), t))?;
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for (name, source) in &q.tables {
            let counted = match (&source.register, &source.bundle) {
                (Some(register), _) => self.register(&mut queries, name, source, register),
                (None, Some(table)) => self.bundle(&mut queries, name, source, table),
                (None, None) => Ok(None),
            };
            match counted.map_err(|e| e.or_at(all()))? {
                Some(((), what)) => {
                    zh.push(what.zh);
                    en.push(what.en);
                }
                None => return Ok(None),
            }
        }
        let value = queries
            .scalar(sql, q.as_of)
            .map_err(|e| Wrong::Query(e.at, e.message))?;
        let counted = Text::new(zh.join(";"), en.join("; "));
        Ok(value.map(|v| (v, counted)))
    }

    fn register(
        &mut self,
        queries: &mut Queries,
        name: &str,
        source: &Source,
        wanted: &str,
    ) -> Result<Found<()>, Trouble> {
        let programme = self.loaded.iter().find(|l| {
            l.rules
                .as_ref()
                .is_some_and(|r| r.programme == source.programme)
        });
        let Some((rules, loaded)) = programme.and_then(|l| Some((l.rules.as_ref()?, l))) else {
            return Err(Trouble::unknown("项目", "programme", &source.programme));
        };
        let three = [
            (&rules.applicants, &loaded.files.applicants),
            (&rules.providers, &loaded.files.providers),
            (&rules.choices, &loaded.files.choices),
        ];
        let Some((table, file)) = three.into_iter().find(|(t, _)| t.name == wanted) else {
            return Err(Trouble::unknown("名册", "register", wanted));
        };
        let path = self.dir.join(file);
        let (table, notice) = (table.clone(), rules.notice.clone());
        let Some(register) = self.imported(&path, &table)? else {
            return Ok(None);
        };
        queries.register(name, register).map_err(Trouble::told)?;
        let short: String = register.sha256.chars().take(16).collect();
        Ok(Some((
            (),
            with_notice(
                &format!("名册 {wanted}({} 行,SHA-256 {short}…)", register.rows),
                &format!(
                    "register {wanted} ({} rows, SHA-256 {short}…)",
                    register.rows
                ),
                &notice,
            ),
        )))
    }

    /// A register, read once.
    fn imported(&mut self, path: &Path, table: &Table) -> Result<Option<&Register>, Trouble> {
        if !self.registers.contains_key(path) {
            let found = if path.exists() {
                let read = import(path, table, &Options::default());
                Some(read.map_err(|d| Trouble::Failure(Failure::wrong_file(d)))?)
            } else {
                self.console.note(
                    &format!("没有名册 `{}`,相应的核算数空缺", path.display()),
                    &format!(
                        "there is no register `{}`: what is counted from it stays open",
                        path.display()
                    ),
                );
                None
            };
            self.registers.insert(path.to_owned(), found);
        }
        Ok(self.registers.get(path).and_then(Option::as_ref))
    }

    fn bundle(
        &mut self,
        queries: &mut Queries,
        name: &str,
        source: &Source,
        table: &str,
    ) -> Result<Found<()>, Trouble> {
        if !matches!(table, "applicants" | "choices" | "providers" | "doors") {
            return Err(Trouble::unknown("公示包的表", "table of a bundle", table));
        }
        let cycle = source.cycle.as_deref().unwrap_or("");
        let Some(path) = self.find(&source.programme, cycle)? else {
            self.console.note(
                &format!("没有项目 `{}` 周期 `{cycle}` 的公示包,相应的核算数空缺;先运行 `minsheng run`,或用 --bundle 指明", source.programme),
                &format!("there is no bundle of `{}`, cycle `{cycle}`: what is counted from it stays open; run `minsheng run` first, or name one with --bundle", source.programme),
            );
            return Ok(None);
        };
        let file = path.join(format!("{table}.parquet"));
        if !file.exists() {
            return Err(Trouble::unknown("公示包的表", "table of the bundle", table));
        }
        queries.parquet(name, &file).map_err(Trouble::told)?;
        let folder = path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let notice = self
            .read
            .get(&path)
            .map_or_else(|| Text::same(""), |c| c.rules.notice.clone());
        Ok(Some((
            (),
            with_notice(
                &format!("公示包 {folder} 的 {table}"),
                &format!("{table} of the bundle {folder}"),
                &notice,
            ),
        )))
    }

    /// The bundle of a cycle: among those named, else the only one in `out`. Every
    /// hash of it is checked.
    fn find(&mut self, programme: &str, cycle: &str) -> Result<Option<PathBuf>, Trouble> {
        let mut candidates = self.bundles.to_vec();
        if candidates.is_empty() {
            let out = self.dir.join("out");
            let entries = std::fs::read_dir(&out).into_iter().flatten().flatten();
            let mut found: Vec<PathBuf> = entries
                .map(|e| e.path())
                .filter(|p| p.join("manifest.json").exists())
                .filter(|p| {
                    let name = p.file_name().map(|n| n.to_string_lossy().into_owned());
                    name.is_some_and(|n| n.starts_with(programme))
                })
                .collect();
            found.sort();
            candidates = found;
        }
        let mut fitting = Vec::new();
        for path in candidates {
            if !self.read.contains_key(&path) {
                let (contents, _) = minsheng_bundle::read(&path).map_err(|e| {
                    let told = Diagnostic::error("commitments/bundle", e.text());
                    Trouble::Failure(Failure::wrong_file(vec![
                        told.in_file(path.display().to_string()),
                    ]))
                })?;
                self.read.insert(path.clone(), contents);
            }
            let rules = self.read.get(&path).map(|c| &c.rules);
            if rules.is_some_and(|r| r.programme == programme && r.cycle == cycle) {
                fitting.push(path);
            }
        }
        match fitting.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only.clone())),
            many => {
                let names: Vec<String> = many.iter().map(|p| p.display().to_string()).collect();
                let names = names.join(", ");
                Err(Trouble::Message(Text::new(
                    format!(
                        "项目 `{programme}` 周期 `{cycle}` 有几个公示包:{names};用 --bundle 指明一个"
                    ),
                    format!(
                        "there are several bundles of `{programme}`, cycle `{cycle}`: {names}; name one with --bundle"
                    ),
                )))
            }
        }
    }
}

enum Trouble {
    Message(Text),
    Failure(Failure),
}

impl Trouble {
    fn unknown(zh: &str, en: &str, name: &str) -> Self {
        Self::Message(Text::new(
            format!("没有{zh} `{name}`"),
            format!("there is no {en} `{name}`"),
        ))
    }

    fn told(d: Diagnostic) -> Self {
        Self::Message(d.message)
    }

    fn or_at(self, at: std::ops::Range<usize>) -> Wrong {
        match self {
            Self::Message(text) => Wrong::Query(at, text),
            Self::Failure(failure) => Wrong::Failure(failure),
        }
    }
}

/// The source with the programme's own notice, such as that its data are made up.
fn with_notice(zh: &str, en: &str, notice: &Text) -> Text {
    let join = |what: &str, notice: &str| {
        if notice.is_empty() {
            what.to_owned()
        } else {
            format!("{what} — {notice}")
        }
    };
    Text::new(join(zh, &notice.zh), join(en, &notice.en))
}
