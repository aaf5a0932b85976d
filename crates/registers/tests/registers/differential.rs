//! The engine against the specification against DuckDB, on rules and registers
//! made at random, and on every case that ever was of interest.

use std::path::{Path, PathBuf};

use minsheng_model::Rules;

use crate::case::{Case, Outcome};
use crate::dice::Dice;
use crate::{duckdb, generate};

/// How many random cases; debug builds of the engine are slow.
const CASES: u64 = 600;

pub fn base() -> Rules {
    let loaded = minsheng_programme::load_str("base.toml", include_str!("base.toml"));
    loaded
        .rules
        .unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
}

fn saved() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registers/cases")
}

/// Runs a case; one that fails is saved, so that it can be run again as a file.
fn run(name: &str, case: &Case) -> Outcome {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case.compare()));
    caught.unwrap_or_else(|panic| {
        let path = std::env::temp_dir().join(format!("minsheng-case-{name}.json"));
        std::fs::write(&path, serde_json::to_string_pretty(case).unwrap()).unwrap();
        eprintln!(
            "saved as {}: move it to {}",
            path.display(),
            saved().display()
        );
        std::panic::resume_unwind(panic)
    })
}

#[test]
fn engine_specification_and_third_vote_agree() {
    let base = base();
    let (mut refused, mut failed, mut agreed) = (0, 0, Vec::new());
    for seed in 0..CASES {
        let mut dice = Dice(seed);
        let rules = generate::rules(&mut dice, &base);
        let wild = dice.one_in(4);
        let case = generate::registers(&mut dice, &rules, wild);
        match run(&seed.to_string(), &case) {
            Outcome::Refused => refused += 1,
            Outcome::Failed => failed += 1,
            Outcome::Agreed(answers) => agreed.push((case, answers)),
        }
    }
    let count = agreed.len();
    assert!(
        count > 300,
        "{refused} refused, {failed} failed, {count} agreed"
    );
    assert!(
        failed > 20,
        "{refused} refused, {failed} failed, {count} agreed"
    );
    duckdb::vote(&agreed);
}

#[test]
fn saved_cases_agree() {
    let mut agreed = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(saved())
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let case: Case = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if let Outcome::Agreed(answers) = run(&name, &case) {
            agreed.push((case, answers));
        }
    }
    duckdb::vote(&agreed);
}
