//! The file of what-if alternatives: a programme as it stands against others.

use std::path::{Path, PathBuf};

use minsheng_model::{Diagnostic, Span, Text, TieMethod, Value, has_errors};

use crate::sink::Sink;
use crate::view::View;
use crate::{keys_what_if, parse, shape, text_of};

/// The mechanisms' names in files and options, in the order of [`Mechanism`].
pub(crate) static MECHANISMS: [&str; 7] = [
    "deferred-acceptance",
    "immediate-acceptance",
    "serial-dictatorship",
    "top-trading-cycles",
    "efficiency-adjusted",
    "stable-improvement-cycles",
    "maximum-size",
];

/// How places are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// The binding one: the stable result that every applicant likes best.
    DeferredAcceptance,
    /// First choices first ("Boston").
    ImmediateAcceptance,
    /// One after another in the order of the draw.
    SerialDictatorship,
    /// Priorities are traded.
    TopTradingCycles,
    /// Consenting people let others pass.
    EfficiencyAdjusted,
    /// Ties broken, then trades that pass over nobody of higher priority.
    StableImprovementCycles,
    /// Ties used to place more people.
    MaximumSize,
}

impl Mechanism {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::DeferredAcceptance,
        Self::ImmediateAcceptance,
        Self::SerialDictatorship,
        Self::TopTradingCycles,
        Self::EfficiencyAdjusted,
        Self::StableImprovementCycles,
        Self::MaximumSize,
    ];

    /// Returns its name in files and options.
    #[must_use]
    pub fn name(self) -> &'static str {
        let names = Self::ALL.iter().zip(MECHANISMS);
        names
            .filter(|(m, _)| **m == self)
            .map(|(_, n)| n)
            .next()
            .unwrap_or("")
    }

    /// Returns the mechanism of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut names = Self::ALL.iter().zip(MECHANISMS);
        names.find(|(_, n)| *n == name).map(|(m, _)| *m)
    }
}

/// Who holds a number of the draw in an alternative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// Each application.
    Applicant,
    /// A family: the applicants' column that it shares, or the programme's own.
    Family(Option<String>),
}

/// Where a change was asked for: a place in a file, or an option of the command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct At {
    /// The file; empty for an option.
    pub file: String,
    /// The bytes of the file.
    pub span: Option<Span>,
}

impl At {
    /// Returns an error at this place.
    #[must_use]
    pub fn error(&self, code: &str, zh: String, en: String) -> Diagnostic {
        let error = Diagnostic::error(code, Text::new(zh, en));
        match &self.span {
            Some(span) => error.at(&self.file, span.clone()),
            None => error.in_file(&self.file),
        }
    }
}

/// What is otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A parameter has this value.
    Parameter(String, Value),
    /// One draw, or one for each provider.
    TieBreak(TieMethod),
    /// Who holds a number of the draw.
    Unit(Unit),
    /// How places are given.
    Mechanism(Mechanism),
    /// The column that says who consents.
    Consent(String),
    /// A reserve is not there.
    WithoutReserve(String),
    /// A ceiling is not there.
    WithoutCeiling(String),
    /// A tier is not there.
    WithoutTier(String),
    /// Every provider opens, however few its people.
    WithoutMinimum,
    /// All providers have so many per cent more places.
    CapacityPercent(i32),
    /// A provider has so many places.
    CapacityOf(String, u32),
    /// Providers' places stand in a file.
    CapacityFile(PathBuf),
    /// No more than so many choices count.
    ListLength(u32),
    /// Another programme file decides.
    Rules(PathBuf),
}

/// One thing that is otherwise, and where it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub what: What,
    /// Where.
    pub at: At,
}

/// One alternative to the programme as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alternative {
    /// Its short name.
    pub id: String,
    /// What people call it; empty: its changes do.
    pub title: Text,
    /// What is otherwise.
    pub changes: Vec<Change>,
    /// Where it stands.
    pub at: At,
}

/// The file as read.
#[derive(Debug, Clone, Default)]
pub struct WhatIf {
    /// How many draws.
    pub draws: Option<u32>,
    /// The text that all draws follow from.
    pub seed: Option<String>,
    /// Columns to show figures by.
    pub by: Vec<(String, At)>,
    /// The column of metres.
    pub travel: Option<(String, At)>,
    /// For how many applicants other lists are tried.
    pub misreports: Option<u32>,
    /// The alternatives; empty when a diagnostic is an error.
    pub alternatives: Vec<Alternative>,
    /// Everything found wrong, in the file's order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads and checks a file of what-if alternatives. Files that it names are looked for
/// in its own folder; names of parameters, reserves and providers are not checked here.
#[must_use]
pub fn load_what_if(path: &Path) -> WhatIf {
    let name = path.display().to_string();
    let text = match text_of(path) {
        Ok(text) => text,
        Err((diagnostic, _)) => {
            return WhatIf {
                diagnostics: vec![*diagnostic],
                ..WhatIf::default()
            };
        }
    };
    let dir = path.parent().unwrap_or(Path::new(""));
    load_text(&name, dir, &text)
}

fn load_text(name: &str, dir: &Path, text: &str) -> WhatIf {
    let mut sink = Sink::new(name, text);
    let mut found = WhatIf::default();
    if let Some(document) = parse(text, &mut sink) {
        shape::check_record(keys_what_if::WHAT_IF, &document, 0..0, &mut sink);
        let view = View::new(Some(&document), text);
        let small = |key: &str| view.integer(key).and_then(|n| u32::try_from(n).ok());
        let at = |span: Span| At {
            file: name.to_owned(),
            span: Some(span),
        };
        found.draws = small("draws");
        found.misreports = small("misreports");
        found.seed = view.words("seed").map(|(s, _)| s.to_owned());
        let by = view.strings("by").into_iter();
        found.by = by.map(|(c, span)| (c.to_owned(), at(span))).collect();
        found.travel = view.words("travel").map(|(c, s)| (c.to_owned(), at(s)));
        for (one, span) in view.tables("alternatives") {
            let alternative = alternative(one, at(span), dir, &mut sink);
            let same = |a: &&Alternative| a.id == alternative.id;
            if let (Some(first), Some(place)) =
                (found.alternatives.iter().find(same), &alternative.at.span)
            {
                let id = &alternative.id;
                sink.error(
                    "what-if/duplicate",
                    one.place("id", place),
                    format!("`{id}` 重复"),
                    format!("`{id}` is there twice"),
                );
                if let Some(first) = first.at.span.clone() {
                    sink.note(first, "第一处", "the first");
                }
            }
            found.alternatives.push(alternative);
        }
        if found.alternatives.is_empty() && sink.found.is_empty() {
            sink.whole(
                "what-if/empty",
                "没有任何备选方案",
                "there is no alternative",
            );
        }
    }
    found.diagnostics = sink.finish();
    if has_errors(&found.diagnostics) {
        found.alternatives = Vec::new();
    }
    found
}

fn alternative(view: View<'_>, at: At, dir: &Path, sink: &mut Sink<'_>) -> Alternative {
    let whole = at.span.clone().unwrap_or_default();
    let mut changes = Vec::new();
    let mut add = |what: What, span: Span| {
        let at = At {
            file: at.file.clone(),
            span: Some(span),
        };
        changes.push(Change { what, at });
    };
    if let Some((file, span)) = view.words("rules") {
        add(What::Rules(dir.join(file)), span);
    }
    for (name, span, item) in view.table("parameters").entries() {
        if let Some(value) = shape::scalar(item.get_ref()) {
            add(What::Parameter(name.to_owned(), value), span);
        }
    }
    if let Some((word, span)) = view.words("tie_break") {
        let method = match word {
            "multiple" => TieMethod::Multiple,
            _ => TieMethod::Single,
        };
        add(What::TieBreak(method), span);
    }
    let family = view.words("family");
    match (view.words("unit"), &family) {
        (Some(("family", span)), _) => {
            let column = family.as_ref().map(|(c, _)| (*c).to_owned());
            add(What::Unit(Unit::Family(column)), span);
        }
        (_, Some((_, span))) => sink.error(
            "what-if/family",
            span.clone(),
            "`family` 只与 `unit = \"family\"` 一起使用",
            "`family` goes with `unit = \"family\"` only",
        ),
        (Some((_, span)), None) => add(What::Unit(Unit::Applicant), span),
        (None, None) => {}
    }
    if let Some((word, span)) = view.words("mechanism")
        && let Some(mechanism) = Mechanism::named(word)
    {
        add(What::Mechanism(mechanism), span);
    }
    if let Some((column, span)) = view.words("consent") {
        add(What::Consent(column.to_owned()), span);
    }
    type Make = fn(String) -> What;
    let lists: [(&str, Make); 3] = [
        ("without_reserves", What::WithoutReserve),
        ("without_ceilings", What::WithoutCeiling),
        ("without_tiers", What::WithoutTier),
    ];
    for (key, make) in lists {
        for (id, span) in view.strings(key) {
            add(make(id.to_owned()), span);
        }
    }
    if view.boolean("without_minimum") {
        let span = view.place("without_minimum", &whole);
        add(What::WithoutMinimum, span);
    }
    if let Some((word, span)) = view.words("capacity") {
        match parse_percent(word) {
            Some(percent) => add(What::CapacityPercent(percent), span),
            None => {
                sink.error(
                    "what-if/percent",
                    span,
                    format!("`{word}` 不是百分比"),
                    format!("`{word}` is no percentage"),
                );
                sink.help(
                    "写作 `+10%` 或 `-5%`,不小于 `-100%`",
                    "write it as `+10%` or `-5%`, not below `-100%`",
                );
            }
        }
    }
    if let Some((file, span)) = view.words("capacity_file") {
        add(What::CapacityFile(dir.join(file)), span);
    }
    for (one, span) in view.tables("capacities") {
        let seats = one.integer("places").and_then(|n| u32::try_from(n).ok());
        if let (Some((provider, at)), Some(seats)) = (one.words("provider"), seats) {
            let _ = span;
            add(What::CapacityOf(provider.to_owned(), seats), at);
        }
    }
    if let Some(most) = view.integer("list_length") {
        let span = view.place("list_length", &whole);
        add(What::ListLength(u32::try_from(most).unwrap_or(1)), span);
    }
    if changes.is_empty() && sink.found.is_empty() {
        sink.error(
            "what-if/nothing",
            whole,
            "这个方案没有任何改动",
            "nothing is otherwise in this alternative",
        );
    }
    Alternative {
        id: view.string("id"),
        title: view.text("title"),
        changes,
        at,
    }
}

/// Returns the whole number of a percentage written as `+10%` or `-5%`, from -100 on.
#[must_use]
pub fn parse_percent(word: &str) -> Option<i32> {
    let digits = word.strip_suffix('%')?;
    let number = digits.strip_prefix('+').unwrap_or(digits);
    let signed = digits.starts_with(['+', '-']);
    let percent: i32 = number.parse().ok()?;
    (signed && !number.starts_with('+') && (-100..=100_000).contains(&percent)).then_some(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> WhatIf {
        load_text("w.toml", Path::new("dir"), text)
    }

    #[test]
    fn everything_is_read_with_its_place() {
        let text = r#"
format = 1
draws = 20
by = ["area"]
travel = "metres"
[[alternatives]]
id = "a"
parameters = { least = 2, share = 0.25 }
tie_break = "multiple"
unit = "family"
mechanism = "immediate-acceptance"
without_reserves = ["r"]
without_minimum = true
capacity = "-5%"
capacities = [{ provider = "P-1", places = 0 }]
list_length = 3
rules = "other.toml"
"#;
        let found = read(text);
        assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
        let one = &found.alternatives[0];
        assert_eq!(one.changes.len(), 11);
        assert_eq!(
            one.changes[0].what,
            What::Rules(PathBuf::from("dir/other.toml"))
        );
        assert!(one.changes.iter().any(|c| {
            c.what == What::WithoutReserve("r".into())
                && text.get(c.at.span.clone().unwrap()) == Some("\"r\"")
        }));
        assert_eq!(found.travel.map(|(c, _)| c).as_deref(), Some("metres"));
    }

    #[test]
    fn mistakes_are_located_and_none_is_a_panic() {
        let bad = "format = 1\n[[alternatives]]\nid = \"a\"\ncapacity = \"10\"\nmechanisme = 1\n";
        let found = read(bad);
        assert!(found.alternatives.is_empty());
        let told: Vec<&str> = found.diagnostics.iter().map(|d| d.code.as_str()).collect();
        assert!(told.contains(&"what-if/percent") && told.contains(&"programme/unknown-key"));
        let help = found.diagnostics.iter().filter_map(|d| d.help.as_ref());
        assert!(help.clone().any(|h| h.en.contains("`mechanism`")));
        for end in (0..bad.len()).filter(|e| bad.is_char_boundary(*e)) {
            let _ = read(bad.get(..end).unwrap_or(""));
            let _ = read(bad.get(end..).unwrap_or(""));
        }
        let twice = "format = 1\n[[alternatives]]\nid = \"a\"\nlist_length = 1\n[[alternatives]]\nid = \"a\"\nfamily = \"f\"\n";
        let codes: Vec<String> = read(twice)
            .diagnostics
            .into_iter()
            .map(|d| d.code)
            .collect();
        assert!(
            codes.contains(&"what-if/duplicate".into()) && codes.contains(&"what-if/family".into())
        );
    }

    #[test]
    fn percentages_have_a_sign() {
        let all = ["+10%", "-5%", "+0%", "10%", "+10", "++1%", "-101%", "+1.5%"];
        let found: Vec<Option<i32>> = all.iter().map(|w| parse_percent(w)).collect();
        assert_eq!(
            found,
            [Some(10), Some(-5), Some(0), None, None, None, None, None]
        );
    }
}
