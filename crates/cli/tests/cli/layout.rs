//! The house rules that a machine can see: arrows point down, no programme or city
//! in the code, no file too long.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// For each crate the crates of this workspace that it may use (tests aside).
const ARROWS: [(&str, &[&str]); 13] = [
    ("model", &[]),
    ("lottery", &[]),
    ("matching", &[]),
    ("spec", &["model"]),
    ("programme", &["model", "spec"]),
    ("registers", &["model"]),
    ("bundle", &["model"]),
    ("verify", &["model", "spec", "programme", "bundle"]),
    ("letter", &["model", "bundle", "lottery"]),
    ("plain", &["model", "spec", "matching", "lottery", "verify"]),
    ("synth", &["model"]),
    (
        "cycle",
        &[
            "model",
            "programme",
            "registers",
            "lottery",
            "matching",
            "bundle",
        ],
    ),
    (
        "cli",
        &[
            "model",
            "programme",
            "registers",
            "cycle",
            "bundle",
            "verify",
            "letter",
            "lottery",
            "plain",
            "synth",
        ],
    ),
];

fn arrows() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let short = |v: &Value| {
        v["name"]
            .as_str()
            .unwrap()
            .strip_prefix("minsheng-")
            .map(str::to_owned)
    };
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let uses = package["dependencies"].as_array().unwrap().iter();
            let uses = uses
                .filter(|d| d["kind"].is_null())
                .filter_map(short)
                .collect();
            (short(package).unwrap(), uses)
        })
        .collect()
}

#[test]
fn arrows_point_down_only() {
    let found = arrows();
    assert_eq!(found.len(), ARROWS.len(), "{:?}", found.keys());
    for (name, uses) in found {
        let allowed = ARROWS.iter().find(|(n, _)| *n == name).map(|(_, a)| *a);
        let Some(allowed) = allowed else {
            panic!("`{name}` has no line in ARROWS")
        };
        for used in uses {
            assert!(
                allowed.contains(&used.as_str()),
                "`{name}` may not use `{used}`"
            );
        }
    }
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(&root().join("crates"), &mut found);
    found
        .into_iter()
        .map(|p| {
            (
                p.display().to_string(),
                std::fs::read_to_string(&p).unwrap(),
            )
        })
        .collect()
}

#[test]
fn policy_is_data() {
    // Programmes, cities and departments of the example city.
    let words = [
        "toddler",
        "kindergarten",
        "beijing",
        "haidian",
        "hutong",
        "elevator",
        "paediatric",
        "北京",
        "幼儿园",
        "托班",
        "电梯",
        "胡同",
        "教委",
        "老旧小区",
        "托育",
    ];
    for (path, text) in all_sources() {
        if path.contains("/tests/") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap().to_lowercase();
        for word in words {
            assert!(!code.contains(word), "{path} knows `{word}`");
        }
    }
}

#[test]
fn no_file_is_too_long() {
    for (path, text) in all_sources() {
        let (lines, most) = (
            text.lines().count(),
            if path.contains("/tests/") { 800 } else { 600 },
        );
        assert!(lines <= most, "{path} has {lines} lines, more than {most}");
    }
}

#[test]
fn only_the_command_prints() {
    for (path, text) in all_sources() {
        if path.contains("/cli/") || path.contains("/tests/") || path.contains("/examples/") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in ["println!", "eprintln!", "std::time::", "SystemTime"] {
            assert!(!code.contains(word), "{path} has `{word}`");
        }
    }
}
