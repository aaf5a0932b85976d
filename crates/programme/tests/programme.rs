#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    missing_docs,
    reason = "tests may fail loudly"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use minsheng_model::{Diagnostic, Severity, has_errors};
use minsheng_programme::{load, load_city, load_str, run_tests, schema};
use proptest::prelude::*;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// One line a diagnostic: severity, code, place, what is underlined, message, help.
fn told(source: &str, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for d in diagnostics {
        let severity = if d.severity == Severity::Error {
            "error"
        } else {
            "warning"
        };
        let place = d.span.as_ref().map_or("whole file".to_owned(), |span| {
            let before = &source[..span.start];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            format!("{line}:{column} {:?}", &source[span.clone()])
        });
        writeln!(out, "{severity}[{}] {place}", d.code).unwrap();
        writeln!(out, "  {}", d.message.en).unwrap();
        writeln!(out, "  {}", d.message.zh).unwrap();
        if let Some(help) = &d.help {
            writeln!(out, "  help: {}", help.en).unwrap();
        }
        for note in &d.notes {
            writeln!(
                out,
                "  note: {:?} {}",
                &source[note.span.clone()],
                note.text.en
            )
            .unwrap();
        }
    }
    out
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(here(folder))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    found.sort();
    found
}

/// A file of `bad/` is the small right programme with its own lines replaced:
/// `#- text` removes these lines, `#+ text` puts some in their place. `#< name` as its
/// first line names another right programme than the small one.
fn patched(path: &Path) -> String {
    let patch = std::fs::read_to_string(path).unwrap();
    if !["#- ", "#+ ", "#< "].iter().any(|s| patch.starts_with(s)) {
        return patch;
    }
    let base = patch.lines().next().and_then(|l| l.strip_prefix("#< "));
    let base = here("tests/good").join(base.unwrap_or("small.toml"));
    let mut text = std::fs::read_to_string(base).unwrap();
    let mut lines = patch.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(first) = line.strip_prefix("#- ") else {
            continue;
        };
        let mut old = first.to_owned();
        while let Some(more) = lines.peek().and_then(|l| l.strip_prefix("#- ")) {
            old.push('\n');
            old.push_str(more);
            lines.next();
        }
        let mut new = Vec::new();
        while let Some(added) = lines.peek().and_then(|l| l.strip_prefix("#+ ")) {
            new.push(added);
            lines.next();
        }
        let old = format!("{old}\n");
        assert_eq!(
            text.matches(&old).count(),
            1,
            "{}: {old:?} has to be there once",
            path.display()
        );
        let new = if new.is_empty() {
            String::new()
        } else {
            format!("{}\n", new.join("\n"))
        };
        text = text.replace(&old, &new);
    }
    text
}

fn compare(path: &Path, found: &str) {
    let beside = path.with_extension("txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&beside, found).unwrap();
        return;
    }
    let wanted = std::fs::read_to_string(&beside).unwrap_or_default();
    assert_eq!(
        found,
        wanted,
        "{} (UPDATE=1 writes what was found)",
        beside.display()
    );
}

#[test]
fn good_files_give_rules() {
    for path in files("tests/good") {
        let loaded = load(&path);
        let (results, more) = run_tests(&loaded);
        let found = told(&loaded.source, &loaded.diagnostics) + &told(&loaded.source, &more);
        assert!(loaded.rules.is_some(), "{}:\n{found}", path.display());
        assert!(
            results.iter().all(|r| r.passed),
            "{}:\n{found}",
            path.display()
        );
        compare(&path, &found);
    }
}

#[test]
fn bad_files_are_told_where_and_why() {
    let all = files("tests/bad");
    assert!(all.len() >= 20);
    for path in all {
        let source = patched(&path);
        let loaded = load_str("programme.toml", &source);
        let mut diagnostics = loaded.diagnostics.clone();
        diagnostics.extend(run_tests(&loaded).1);
        assert!(has_errors(&diagnostics), "{} has no error", path.display());
        // Warnings that the small programme has anyway say nothing here.
        diagnostics
            .retain(|d| d.severity == Severity::Error || d.code != "programme/untested-clause");
        compare(&path, &told(&source, &diagnostics));
    }
}

#[test]
fn the_example_city_is_right() {
    let city = load_city(&here("../../cities/beijing"));
    assert_eq!(city.diagnostics, []);
    assert!(city.programmes.len() >= 6);
    for path in &city.programmes {
        let loaded = load(path);
        let (results, more) = run_tests(&loaded);
        let errors: Vec<_> = loaded
            .diagnostics
            .iter()
            .chain(&more)
            .filter(|d| d.code != "programme/unverified")
            .cloned()
            .collect();
        assert_eq!(told(&loaded.source, &errors), "");
        assert!(!results.is_empty() && results.iter().all(|r| r.passed));
    }
}

/// Programmes that take candidates from one another, each changed a little.
#[test]
fn links_between_programmes_are_checked() {
    let read = |name: &str| std::fs::read_to_string(here("tests/good").join(name)).unwrap();
    let (first, second) = (read("select.toml"), read("carried.toml"));
    let first = first.replace("id = \"2024\"", "id = \"2023\"");
    let told = |changes: &[(&str, &str)], earlier: &[(&str, &str)]| -> Vec<String> {
        let change = |text: &str, all: &[(&str, &str)]| {
            all.iter().fold(text.to_owned(), |text, (from, to)| {
                assert!(text.contains(from), "{from}");
                text.replacen(from, to, 1)
            })
        };
        let texts = [change(&second, changes), change(&first, earlier)];
        let all: Vec<_> = texts.iter().map(|t| load_str("p.toml", t)).collect();
        assert!(
            all.iter().all(|l| l.rules.is_some()),
            "{:?}",
            all[0].diagnostics
        );
        let found = minsheng_programme::links(&all);
        found
            .iter()
            .map(|d| format!("{:?}: {}", &texts[0][d.span.clone().unwrap()], d.message.en))
            .collect()
    };
    assert_eq!(told(&[], &[]), Vec::<String>::new());
    assert_eq!(
        told(&[("programme = \"trees\"", "programme = \"tree\"")], &[]),
        ["\"\\\"tree\\\"\": the city has no programme `tree`"]
    );
    assert_eq!(
        told(&[("cycle = \"2023\"", "cycle = \"2022\"")], &[]),
        ["\"\\\"2022\\\"\": the cycle of `trees` is `2023`, and `2022` is asked for here"]
    );
    for (from, to, said) in [
        (
            "from = \"area\"",
            "from = \"secret_kind\"",
            "publishes no column `secret_kind`",
        ),
        (
            "from = \"kind\"",
            "from = \"school\"",
            "has type boolean, here text",
        ),
        (
            "nullable = true, publish = true, from = \"people\"",
            "publish = true, from = \"people\"",
            "may be missing, here it may not",
        ),
        (
            "unit = \"metre\", publish = true, from",
            "publish = true, from",
            "unit is `metre`, here `-`",
        ),
    ] {
        // Other parts of the file would be wrong too: they are not looked at here.
        let text = second.replacen(from, to, 1);
        assert_ne!(text, second);
        let loaded = load_str("p.toml", &text);
        if loaded.rules.is_none() {
            continue;
        }
        let found = told(&[(from, to)], &[]);
        assert!(found.iter().any(|f| f.contains(said)), "{found:?}");
    }
    // Two that want each other.
    let own = "file = \"registers/streets.csv\"\nrole";
    let circle = "file = \"registers/streets.csv\"\nfrom = { programme = \"more-trees\", decided = \"chosen\" }\nrole";
    let found = told(&[], &[(own, circle)]);
    assert!(
        found[0].contains("`more-trees` ← `trees` ← `more-trees`"),
        "{found:?}"
    );
}

#[test]
fn unreadable_files_give_one_diagnostic() {
    let dir = tempfile::tempdir().unwrap();
    let one = |path: &Path, code: &str, place: bool| {
        let loaded = load(path);
        assert_eq!(loaded.diagnostics.len(), 1, "{code}");
        assert_eq!(loaded.diagnostics[0].code, code);
        assert_eq!(loaded.diagnostics[0].span.is_some(), place);
        assert!(loaded.rules.is_none());
        assert!(
            loaded.diagnostics[0]
                .file
                .ends_with(path.file_name().unwrap().to_str().unwrap())
        );
    };
    one(&dir.path().join("absent.toml"), "io/not-found", false);
    one(dir.path(), "io/failed", false);
    let path = dir.path().join("latin.toml");
    std::fs::write(&path, b"format = 1\n# caf\xe9\n").unwrap();
    one(&path, "programme/not-utf8", true);
    let path = dir.path().join("big.toml");
    std::fs::write(&path, vec![b'#'; 10_000_000]).unwrap();
    one(&path, "programme/too-large", false);
    assert_eq!(load_city(dir.path()).diagnostics[0].code, "io/not-found");
}

#[test]
fn a_cell_of_ten_million_characters_is_one_mistake() {
    let small = std::fs::read_to_string(here("tests/good/small.toml")).unwrap();
    let long = small.replace(
        "'people.age >= $min_age'",
        &format!("'{}'", "a+".repeat(100_000)),
    );
    let loaded = load_str("programme.toml", &long);
    assert_eq!(
        loaded
            .diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .count(),
        1
    );
}

#[test]
fn windows_line_ends_keep_places_right() {
    let small = std::fs::read_to_string(here("tests/good/small.toml")).unwrap();
    let bad = small
        .replace(
            "'people.age >= $min_age'",
            "'''\npeople.age >= 0\nAND people.brith = 1'''",
        )
        .replace('\n', "\r\n");
    let loaded = load_str("programme.toml", &bad);
    let found = loaded
        .diagnostics
        .iter()
        .find(|d| d.code == "expr/unknown-column")
        .unwrap();
    let span = found.span.clone().unwrap();
    assert!(loaded.source[span].contains("people.brith"), "{found:?}");
}

#[test]
fn the_schema_knows_every_key() {
    let schema = schema();
    assert_eq!(schema["additionalProperties"], false);
    assert!(schema["properties"]["clauses"]["items"]["properties"]["when"].is_object());
    assert_eq!(
        schema["properties"]["publish"]["properties"]["mode"]["enum"][0],
        "rows"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn garbage_never_panics(text in ".{0,400}") {
        let loaded = load_str("programme.toml", &text);
        prop_assert!(loaded.rules.is_none());
        prop_assert!(has_errors(&loaded.diagnostics));
    }

    /// The right file with a piece cut out, doubled or overwritten.
    #[test]
    fn damaged_files_never_panic(at in 0usize..8_000, long in 1usize..60, what in 0u8..3, noise in ".{0,20}") {
        let text = std::fs::read_to_string(here("tests/good/small.toml")).unwrap();
        let chars: Vec<char> = text.chars().collect();
        let at = at % chars.len();
        let end = (at + long).min(chars.len());
        let piece: String = chars[at..end].iter().collect();
        let middle = match what { 0 => String::new(), 1 => piece.repeat(2), _ => noise };
        let damaged: String = chars[..at].iter().chain(middle.chars().collect::<Vec<_>>().iter()).chain(&chars[end..]).collect();
        let loaded = load_str("programme.toml", &damaged);
        prop_assert_eq!(loaded.rules.is_none(), has_errors(&loaded.diagnostics));
        for d in &loaded.diagnostics {
            if let Some(span) = &d.span {
                prop_assert!(damaged.get(span.clone()).is_some());
            }
        }
        let _ = run_tests(&loaded);
    }
}
