//! Everything a user can break gives a located message and leaves nothing behind.

use std::process::Output;

use crate::city::{City, err, minsheng, names};

const PROGRAMME: &str = "programmes/toddler-classes.toml";

/// Runs the city and sees that it is refused: with exit code 3 and, in one line of
/// the error stream, the place and the words; and that nothing is in the output
/// folder but lists of bad rows.
#[track_caller]
fn refused(city: &City, place: &str, words: &[&str]) {
    let output = minsheng(&["run", &city.path(), "--error-format", "plain"]);
    let said = err(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let found = said
        .lines()
        .any(|l| l.contains(place) && words.iter().all(|w| l.contains(w)));
    assert!(found, "no line with `{place}` and {words:?} in\n{said}");
    nothing_left(city, &output);
}

fn nothing_left(city: &City, output: &Output) {
    for path in names(&city.dir().join("out")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            name.ends_with("-bad-rows.csv"),
            "{name} is left\n{}",
            err(output)
        );
    }
}

/// The programme file with one text changed is refused.
#[track_caller]
fn programme(from: &str, to: &str, place: &str, words: &[&str]) {
    let city = City::bare();
    city.replace(PROGRAMME, from, to);
    refused(&city, place, words);
}

#[test]
fn programme_files() {
    programme(
        "version = 1",
        "version = \"one\"",
        "toml:9:11: error",
        &["`\"one\"`", "whole number"],
    );
    programme(
        "[eligibility]",
        "[eligibilty]",
        "toml",
        &["eligibilty", "did you mean `eligibility`"],
    );
    programme(
        "as_of = 2024-08-31",
        "as_of = 2024-02-30",
        "toml",
        &["error"],
    );
    programme(
        "'children.health_check'",
        "'children.helth_check'",
        "toml",
        &["helth_check", "did you mean `children.health_check`"],
    );
    programme(
        "'children.health_check'",
        "'children.health_check AND'",
        "toml",
        &["error"],
    );
    programme(
        "age_months < $max_age'",
        "age_months < $max_age AND now() > $as_of'",
        "toml",
        &["now", "as_of"],
    );
    programme("% $distance_band'", "% 2.5'", "toml", &["error"]);
    programme("id = \"health\"", "id = \"age\"", "toml", &["age"]);
    programme(
        "cite = \"press-2024\"",
        "cite = \"press-2023\"",
        "toml",
        &["press-2023", "did you mean `press-2024`"],
    );
    programme(
        "since = 2024-01-01, value = 20",
        "since = 2026-01-01, value = 20",
        "toml",
        &["class_size"],
    );
    programme(
        "'in_hardship'",
        "'in_hardship AND children.birth > 3'",
        "toml",
        &["error"],
    );
    programme(
        "'choices.distance - choices.distance",
        "'choices.distance + fee_ceiling - choices.distance",
        "toml",
        &["error"],
    );
    programme(
        "sql = 'children.hardship'",
        "sql = 'in_hardship OR children.hardship'",
        "toml",
        &["in_hardship"],
    );
    programme(
        "'kindergartens.classes * $hardship_per_class'",
        "'children.family'",
        "toml",
        &["error"],
    );
}

#[test]
fn what_no_rule_can_mean() {
    programme(
        "\"age AND health AND (hukou OR permit)\"",
        "\"age AND NOT health\"",
        "toml",
        &["NOT"],
    );
    programme(
        "\"age AND health AND (hukou OR permit)\"",
        "\"age AND helth\"",
        "toml",
        &["helth", "did you mean `health`"],
    );
    programme(
        "title = { zh = \"兄姐在园\", en = \"an older sibling is there\" }",
        "title = { zh = \"兄姐在园\" }",
        "toml",
        &["en"],
    );
    programme("mode = \"rows\"", "mode = \"all\"", "toml", &["rows"]);
    programme(
        "type = \"date\", nullable = true, label = { zh = \"出生日期\"",
        "type = \"float\", nullable = true, label = { zh = \"出生日期\"",
        "toml",
        &["float"],
    );
}

#[test]
fn files_that_are_no_text_or_not_there() {
    let city = City::bare();
    std::fs::write(city.programme(), b"format = 1\n\xff\xfe\n").unwrap();
    refused(&city, "toddler-classes.toml:2", &["UTF-8"]);
    std::fs::remove_file(city.programme()).unwrap();
    refused(&city, "toddler-classes.toml", &["error"]);
    std::fs::remove_file(city.dir().join("city.toml")).unwrap();
    refused(&city, "city.toml", &["error"]);
}

#[test]
fn registers() {
    let city = City::small();
    let csv = "registers/kindergartens.csv";
    let whole = std::fs::read_to_string(city.dir().join(csv)).unwrap();
    let mut lines: Vec<String> = whole.lines().map(str::to_owned).collect();
    let put = |lines: &[String]| std::fs::write(city.dir().join(csv), lines.join("\n")).unwrap();

    let second = lines[2].clone();
    lines.push(second);
    put(&lines);
    refused(&city, "kindergartens.csv", &["same key", "row 2"]);
    lines.pop();

    let good = lines[1].clone();
    let cells: Vec<&str> = good.split(',').collect();
    let classes = lines[0].split(',').position(|c| c == "classes").unwrap();
    let with = |value: &str| {
        let mut cells: Vec<&str> = cells.clone();
        cells[classes] = value;
        cells.join(",")
    };
    lines[1] = with("two");
    put(&lines);
    refused(&city, "kindergartens.csv", &["row 1", "`classes`", "`two`"]);
    lines[1] = with("-3");
    put(&lines);
    refused(&city, "toddler-classes.toml", &["capacity", "-"]);
    lines[1] = with("4611686018427387904");
    put(&lines);
    refused(&city, "toddler-classes.toml", &["capacity", "overflows"]);
    lines[1] = good;
    lines[0] = lines[0].replace("places", "seats");
    put(&lines);
    refused(&city, "kindergartens.csv", &["`places` is missing"]);
    std::fs::write(city.dir().join(csv), &whole).unwrap();

    let parquet = city.dir().join("registers/children.parquet");
    let bytes = std::fs::read(&parquet).unwrap();
    std::fs::write(&parquet, &bytes[..bytes.len() / 2]).unwrap();
    refused(&city, "children.parquet", &["cannot be read"]);
    std::fs::remove_file(&parquet).unwrap();
    refused(&city, "children.parquet", &["error"]);
}

#[test]
fn an_own_test_that_fails_decides_nothing() {
    let city = City::bare();
    city.replace(
        PROGRAMME,
        "values = { age_months = 24 }",
        "values = { age_months = 25 }",
    );
    let output = minsheng(&["run", &city.path()]);
    assert_eq!(output.status.code(), Some(4), "{}", err(&output));
    assert!(
        err(&output).contains("born on the last day"),
        "{}",
        err(&output)
    );
    nothing_left(&city, &output);
    assert!(!city.dir().join("registers").exists());
}

#[test]
fn a_row_to_set_aside_is_named_rightly_or_not_at_all() {
    let city = City::small();
    for wrong in [
        "kindergartens",
        "kindergartens:x",
        "kindergarden:1",
        "kindergartens:0",
        "kindergartens:99999",
    ] {
        let output = minsheng(&["run", &city.path(), "--set-aside", wrong]);
        assert!(
            matches!(output.status.code(), Some(2 | 3)),
            "{wrong}: {}",
            err(&output)
        );
        assert!(
            err(&output).contains(wrong.split(':').next_back().unwrap()),
            "{wrong}: {}",
            err(&output)
        );
        nothing_left(&city, &output);
    }
}

#[test]
fn chinese_messages_are_chinese() {
    let city = City::bare();
    city.replace(
        PROGRAMME,
        "'children.health_check'",
        "'children.helth_check'",
    );
    let output = minsheng(&["check", &city.path(), "--lang", "zh"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        err(&output).contains("children.health_check") && err(&output).contains("未知"),
        "{}",
        err(&output)
    );
}
