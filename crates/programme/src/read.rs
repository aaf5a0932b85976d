//! From a file's text to rules, before any meaning is checked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use minsheng_model::{
    Combine, Diagnostic, Draw, DrawSource, DrawUnit, Publish, Rules, Scope, Span, Table, Text, TieBreak, TieMethod,
    has_errors,
};
use toml::de::DeTable;

use crate::reader::{Mistakes, Placed, Section};
use crate::sections::{self, Register, Role};
use crate::{Case, RegisterFiles, combine};

/// What reading gives.
pub(crate) struct File {
    pub rules: Option<Rules>,
    pub files: RegisterFiles,
    pub tests: Vec<Case>,
    pub diagnostics: Vec<Diagnostic>,
    pub places: Places,
}

/// Where things stand in the file, by name: `clauses.age` is that clause's SQL,
/// `clauses.age.cite` its citation.
pub(crate) type Places = BTreeMap<String, Span>;

/// Returns a TOML syntax mistake as a diagnostic.
pub(crate) fn syntax(path: &str, error: &toml::de::Error) -> Diagnostic {
    let said = error.message().replace('\n', " ");
    Diagnostic::error("file/toml", Text::new(format!("TOML 语法错误:{said}"), format!("TOML syntax: {said}")))
        .at(path, error.span().unwrap_or(0..0))
}

/// Reads a programme file's text.
pub(crate) fn programme(path: &str, text: &str) -> File {
    let mistakes = Mistakes { path, text, found: Default::default() };
    let mut file = File {
        rules: None,
        files: RegisterFiles::default(),
        tests: Vec::new(),
        diagnostics: Vec::new(),
        places: Places::new(),
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        mistakes.push(syntax(path, error));
    }
    if errors.is_empty() {
        let root = Section::new(&mistakes, table.get_ref(), 0..text.lines().next().map_or(0, str::len));
        let rules = root_section(&root, &mut file);
        root.finish();
        file.rules = rules;
    }
    file.diagnostics = mistakes.found.into_inner();
    // What is half understood would only give mistakes that are none.
    if has_errors(&file.diagnostics) && file.diagnostics.iter().any(|d| d.code.starts_with("file/")) {
        file.rules = None;
    }
    file
}

fn root_section(root: &Section<'_, '_>, file: &mut File) -> Option<Rules> {
    if let Some(format) = root.integer_opt("format")
        && format.value != 1
    {
        root.mistakes().add("programme/format", format.span, "只认识格式 1", "only format 1 is known");
    }
    let head = root.section("programme");
    let cycle = root.section("cycle");
    let as_of = cycle.date("as_of");
    let law = sections::law(root, &mut file.places);
    let registers = sections::registers(root, &mut file.places);
    let parameters = sections::parameters(root, as_of, &mut file.places);
    let find = |role: Role| registers.iter().find(|r| r.role == Some(role));
    for (role, word) in [(Role::Applicants, "applicants"), (Role::Providers, "providers"), (Role::Choices, "choices")] {
        if find(role).is_none() {
            let (zh, en) = (format!("没有 role = \"{word}\" 的名册"), format!("no register has role = \"{word}\""));
            root.mistakes().add("programme/missing-register", root.span.clone(), zh, en);
        }
    }
    let empty = Register::default();
    let (applicants, providers, choices) = (
        find(Role::Applicants).unwrap_or(&empty),
        find(Role::Providers).unwrap_or(&empty),
        find(Role::Choices).unwrap_or(&empty),
    );
    file.files = RegisterFiles {
        applicants: PathBuf::from(&applicants.file),
        providers: PathBuf::from(&providers.file),
        choices: PathBuf::from(&choices.file),
    };
    let clauses = sections::clauses(root, &mut file.places);
    let names = |scope: Scope| clauses.iter().filter(|c| c.scope == scope).map(|c| c.id.clone()).collect::<Vec<_>>();
    let eligibility = root.section("eligibility");
    let combined = combination(&eligibility, Some(eligibility.text("combine")), &names(Scope::Applicant));
    let choice_combined = combination(&eligibility, eligibility.text_opt("choice_combine"), &names(Scope::Choice));
    eligibility.finish();
    let tables = [&applicants.table, &providers.table, &choices.table];
    file.tests = sections::cases(root, tables);
    let capacity = root.section("capacity");
    let seats = capacity.sql("seats");
    file.places.insert("capacity".to_owned(), seats.span.clone());
    capacity.finish();
    let publish = root.section("publish");
    let rules = Rules {
        programme: identifier(root, head.text("id")),
        version: head.count("version", 1),
        title: head.both("title"),
        body: head.both("body"),
        objection: head.both("objection"),
        notice: head.both_opt("notice").unwrap_or_default(),
        cycle: identifier(root, cycle.text("id")),
        as_of: as_of?,
        objections_until: cycle.date_opt("objections_until"),
        law,
        applicants: applicants.table.clone(),
        providers: providers.table.clone(),
        choices: choices.table.clone(),
        ticket: applicants.named("ticket"),
        secret: applicants.named_opt("secret"),
        choice_applicant: choices.named("applicant"),
        choice_provider: choices.named("provider"),
        choice_position: choices.named("position"),
        current_provider: applicants.named_opt("current"),
        parameters,
        variables: sections::variables(root, &mut file.places),
        clauses,
        eligibility: combined.unwrap_or(Combine::All(Vec::new())),
        choice_eligibility: choice_combined,
        tiers: sections::tiers(root, &mut file.places),
        score: sections::score(root, &mut file.places),
        tie_break: tie_break(root),
        draw: draw(root),
        capacity: seats.value,
        reserves: sections::reserves(root, &mut file.places),
        ceilings: sections::ceilings(root, &mut file.places),
        publish: publish.word("show", &[("rows", Publish::Rows), ("roots", Publish::Roots)], Some(Publish::Rows))?,
        cell_min: publish.count("cell_min", 0),
        indicators: sections::indicators(root, &mut file.places),
    };
    head.finish();
    cycle.finish();
    publish.finish();
    Some(rules)
}

/// A short name that goes into file names.
fn identifier(root: &Section<'_, '_>, name: Placed<String>) -> String {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.value.is_empty() || name.value.len() > 60 || !name.value.chars().all(good) {
        let word = &name.value;
        root.mistakes().add(
            "programme/bad-id",
            name.span,
            format!("`{word}` 应由小写字母、数字和连字符组成"),
            format!("`{word}` must consist of lower-case letters, digits and hyphens"),
        );
    }
    name.value
}

fn combination(section: &Section<'_, '_>, text: Option<Placed<String>>, names: &[String]) -> Option<Combine> {
    let text = text?;
    let raw = section.mistakes().text.get(text.span.clone()).unwrap_or("");
    // An escape-free text begins right after its quote.
    let quote = usize::from(raw.starts_with(['"', '\'']));
    match combine::parse(section.mistakes().path, &text.value, text.span.start + quote, names) {
        Ok(combine) => Some(combine),
        Err(wrong) => {
            if raw.len() > 1 {
                section.mistakes().push(*wrong);
            }
            None
        }
    }
}

fn tie_break(root: &Section<'_, '_>) -> TieBreak {
    let default = TieBreak { method: TieMethod::Single, unit: DrawUnit::Applicant };
    let Some(section) = root.section_opt("tie_break") else { return default };
    let methods = [("single", TieMethod::Single), ("multiple", TieMethod::Multiple)];
    let method = section.word("method", &methods, Some(TieMethod::Single)).unwrap_or(TieMethod::Single);
    let unit = section.text_opt("family").map_or(DrawUnit::Applicant, |f| DrawUnit::Family(f.value));
    section.finish();
    TieBreak { method, unit }
}

fn draw(root: &Section<'_, '_>) -> Draw {
    let section = root.section("draw");
    let id = section.text("id").value;
    let sources = section
        .sections("sources")
        .iter()
        .map(|s| {
            let source = DrawSource {
                id: s.text("id").value,
                title: s.both("title"),
                values: s.numbers("values"),
                sorted: s.flag("sorted", false),
            };
            s.finish();
            source
        })
        .collect();
    section.finish();
    Draw { id, sources }
}

impl Default for Register {
    fn default() -> Self {
        let table = Table { name: String::new(), key: Vec::new(), columns: Vec::new() };
        Self { role: None, file: String::new(), table, named: BTreeMap::new() }
    }
}
