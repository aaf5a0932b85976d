//! From nothing to a letter, as the tour tells it.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::city::{City, done, err, minsheng, out};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn a_newcomer_gets_a_proved_decision_and_a_letter() {
    let city = City::small();
    let path = city.path();
    let said = done(&["check", &path]);
    assert!(said.contains("no mistakes"), "{said}");

    let said = done(&["run", &path, "--json"]);
    let report = &json(&said)[0];
    assert_eq!(report["verified"], true);
    assert!(report["placed"].as_u64().unwrap() > 50, "{report}");
    assert!(report["undetermined"].as_u64().unwrap() > 0, "{report}");
    let bundle = report["bundle"].as_str().unwrap().to_owned();
    assert_eq!(city.bundles(), [Path::new(&bundle)]);

    for level in [
        vec!["verify", &bundle],
        vec!["verify", &bundle, "--registers", &path],
    ] {
        let said = done(&level);
        assert!(
            said.contains("Proved:") && said.contains("Not proved:"),
            "{said}"
        );
        assert!(!said.contains("FAILS"), "{said}");
    }
    applicant(&path, &bundle);
    draw(&bundle);
    frictionless(&bundle);
}

/// One applicant's letter in both languages, the receipt, and the own check.
fn applicant(path: &str, bundle: &str) {
    let ticket = done(&["draw", "--bundle", bundle, "--count", "1", "--json"]);
    let family = json(&ticket)["ticket"].as_str().unwrap().to_owned();
    // The draw is by family; a family's number is no application number.
    let unknown = minsheng(&["explain", bundle, &family]);
    assert_eq!(unknown.status.code(), Some(3), "{}", err(&unknown));
    let ticket = ticket_of(bundle);
    let letter = done(&["explain", bundle, &ticket, "--lang", "en"]);
    for words in [
        &ticket,
        "Result",
        "Conditions",
        "If you disagree",
        "2024-09-15",
    ] {
        assert!(letter.contains(words), "no `{words}` in\n{letter}");
    }
    let letter = done(&["explain", bundle, &ticket, "--lang", "zh"]);
    for words in [&ticket, "结果", "资格条件", "如有异议"] {
        assert!(letter.contains(words), "no `{words}` in\n{letter}");
    }
    let receipt = done(&["receipt", path, bundle, &ticket]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("receipt.json");
    std::fs::write(&file, &receipt).unwrap();
    let file = file.display().to_string();
    done(&["verify", bundle, "--receipt", &file]);
    std::fs::write(&file, receipt.replacen("true", "false", 1)).unwrap();
    let wrong = minsheng(&["verify", bundle, "--receipt", &file]);
    assert_eq!(wrong.status.code(), Some(4), "{}", out(&wrong));
}

/// Returns an application number of the bundle.
fn ticket_of(bundle: &str) -> String {
    let (contents, _) = minsheng_bundle::read(Path::new(bundle)).unwrap();
    contents.applicants[contents.applicants.len() / 2]
        .ticket
        .clone()
}

fn draw(bundle: &str) {
    let said = done(&["draw", "--bundle", bundle]);
    let first: Vec<&str> = said.lines().filter(|l| l.starts_with("1\t")).collect();
    assert_eq!(first.len(), 1, "{said}");
}

/// An outsider's validator finds the bundle a good Data Package. Continuous
/// integration always has one.
fn frictionless(bundle: &str) {
    let Ok(oracles) = std::env::var("MINSHENG_ORACLES") else {
        return;
    };
    let validator = format!("{oracles}/bin/frictionless");
    let output = Command::new(validator)
        .args(["validate", "--json", &format!("{bundle}/datapackage.json")])
        .output()
        .unwrap();
    let report = json(&out(&output));
    assert_eq!(report["valid"], true, "{report:#}");
    assert_eq!(report["stats"]["tasks"], 7, "{report:#}");
}

#[test]
fn a_published_draw_is_held_again() {
    let dir = tempfile::tempdir().unwrap();
    let pool = dir.path().join("pool.txt");
    let names: String = (1..=25).map(|n| format!("label-{n:02}\n")).collect();
    std::fs::write(&pool, names).unwrap();
    let pool = pool.display().to_string();
    // RFC 3797, section 6: the sources of the example and its first ten choices.
    let sources = "9319./2.5.8.10.12./9.18.26.34.41.45./";
    let said = done(&[
        "draw",
        "--rfc3797",
        "--sources",
        sources,
        "--pool",
        &pool,
        "--count",
        "10",
    ]);
    let wanted = [17, 7, 2, 16, 25, 23, 8, 24, 19, 13];
    let wanted: Vec<String> = wanted.iter().map(|n| format!("label-{n:02}")).collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), wanted);
}

#[test]
fn a_plain_market_is_solved_and_a_wrong_one_is_located() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("market.json");
    let market = r#"{"mechanism": "deferred-acceptance",
  "applicants": [{"id": "a1", "preferences": ["s1", "s2"]}, {"id": "a2", "preferences": ["s1"]}],
  "providers": [{"id": "s1", "capacity": 1, "priorities": [["a2"], ["a1"]]},
                {"id": "s2", "capacity": 0, "priorities": [["a1"]]}],
  "tie_break": ["a1", "a2"]}"#;
    std::fs::write(&file, market).unwrap();
    let path = file.display().to_string();
    let outcome = json(&done(&["solve", "match", &path]));
    assert_eq!(
        outcome["assignment"],
        serde_json::json!({ "a1": null, "a2": "s1" })
    );
    std::fs::write(&file, market.replace("\"s1\", \"s2\"", "\"s1\", \"s9\"")).unwrap();
    let wrong = minsheng(&["solve", "match", &path]);
    assert_eq!(wrong.status.code(), Some(3));
    assert!(err(&wrong).contains("market.json:2:53"), "{}", err(&wrong));
    assert!(err(&wrong).contains("`s9`"), "{}", err(&wrong));
}

#[test]
fn help_completions_schema_and_usage() {
    assert!(done(&["--help"]).contains("Exit codes"));
    for shell in ["bash", "zsh", "fish"] {
        assert!(done(&["completions", shell]).contains("minsheng"));
    }
    assert!(json(&done(&["schema", "programme"]))["$schema"].is_string());
    assert_eq!(minsheng(&["decide"]).status.code(), Some(2));
    assert_eq!(minsheng(&["run"]).status.code(), Some(2));
}

/// A bundle of roots shows nobody's row; the city opens it to each applicant and to
/// the auditor from the registers.
#[test]
fn a_bundle_of_roots_is_opened_to_whom_it_concerns() {
    let city = City::small();
    let path = city.path();
    let file = "programmes/toddler-classes.toml";
    city.replace(file, "mode = \"rows\"", "mode = \"roots\"");
    let report = json(&done(&["run", &path, "--json"]));
    let bundle = report[0]["bundle"].as_str().unwrap().to_owned();
    assert!(!Path::new(&bundle).join("applicants.parquet").exists());
    done(&["verify", &bundle]);
    let audit = done(&["verify", &bundle, "--registers", &path]);
    for check in [
        "nobody was passed over",
        "the root over the rows",
        "every choice's clauses",
    ] {
        assert!(audit.contains(check), "no `{check}` in\n{audit}");
    }
    let letter = minsheng(&["explain", &bundle, "TC24-000007"]);
    assert_eq!(letter.status.code(), Some(3), "{}", err(&letter));
    let receipt = done(&["receipt", &path, &bundle, "TC24-000007"]);
    let own = city.dir().join("receipt.json");
    std::fs::write(&own, receipt).unwrap();
    done(&["verify", &bundle, "--receipt", &own.display().to_string()]);

    // Another register, another decision: the root says so.
    let csv = city.dir().join("registers/kindergartens.csv");
    let text = std::fs::read_to_string(&csv).unwrap();
    let without: Vec<&str> = text.lines().take(3).collect();
    std::fs::write(&csv, without.join("\n")).unwrap();
    let wrong = minsheng(&["receipt", &path, &bundle, "TC24-000007"]);
    assert!(
        matches!(wrong.status.code(), Some(3 | 4)),
        "{}",
        err(&wrong)
    );
}

#[test]
fn before_the_draw_the_pools_root_is_named_and_nothing_decided() {
    let city = City::small();
    let file = "programmes/toddler-classes.toml";
    city.replace(file, "values = [5, 11, 14, 20, 27, 31]", "values = []");
    let half = minsheng(&["check", &city.path()]);
    assert_eq!(half.status.code(), Some(3), "one source alone is silent");
    city.replace(file, "values = [9]", "values = []");
    done(&["check", &city.path()]);
    let output = minsheng(&["run", &city.path()]);
    assert_eq!(output.status.code(), Some(3));
    let said = err(&output);
    assert!(
        said.contains("the draw has not been held") && said.contains("root"),
        "{said}"
    );
    assert!(city.bundles().is_empty());
}
