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
const ARROWS: [(&str, &[&str]); 18] = [
    ("model", &[]),
    ("lottery", &[]),
    ("matching", &[]),
    ("spec", &["model"]),
    ("programme", &["model", "spec"]),
    ("registers", &["model"]),
    ("bundle", &["model"]),
    ("verify", &["model", "spec", "programme", "bundle"]),
    ("letter", &["model", "bundle", "lottery", "verify"]),
    ("assignment", &[]),
    ("siting", &[]),
    ("selection", &[]),
    ("commitments", &["model"]),
    (
        "plain",
        &[
            "model",
            "spec",
            "matching",
            "assignment",
            "siting",
            "selection",
            "lottery",
            "verify",
        ],
    ),
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
            "plain",
        ],
    ),
    (
        "compare",
        &["model", "programme", "cycle", "matching", "lottery"],
    ),
    (
        "cli",
        &[
            "compare",
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
            "commitments",
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

/// Licences under which a crate may be shipped: one of its alternatives has to be
/// made of these alone. The same list stands in `deny.toml`.
const LICENCES: [&str; 9] = [
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

/// Whether a licence expression can be met: OR of ANDs, brackets only around whole
/// alternatives, as every crate here writes it.
fn permissive(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    let met = |part: &str| LICENCES.contains(&part.trim());
    // `A AND (B OR C)` reads here as `A AND B OR C`: each side of OR is looked at alone.
    plain.split(" OR ").any(|all| all.split(" AND ").all(met))
}

#[test]
fn what_is_shipped_is_permissively_licensed() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 200, "{} packages", packages.len());
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(
            permissive(licence),
            "{} is under {licence}",
            package["name"]
        );
    }
    assert!(
        !permissive("GPL-3.0") && !permissive("MIT AND GPL-3.0") && permissive("MIT/Apache-2.0")
    );
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
