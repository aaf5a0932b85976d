//! A city of one programme with registers as CSV, in a folder of its own: decided,
//! audited, its bundles looked at.
#![allow(dead_code, reason = "each file of tests uses a part of it")]

use std::path::Path;

use minsheng_bundle::Contents;
use minsheng_cycle::{Registers, decide};
use minsheng_model::{Diagnostic, Rules, Value as Cell};
use minsheng_programme::load_str;
use minsheng_registers::{Options, Register, import};
use minsheng_verify::{RegisterRows, Report, anybody, auditor};
use serde_json::Value;

/// A die: the same throws for the same seed (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// The city.
pub struct City {
    pub dir: tempfile::TempDir,
    pub rules: Rules,
    pub source: String,
    /// The registers of applicants, providers and, where the rules have one, choices.
    pub names: [&'static str; 3],
}

impl City {
    /// Returns the city of a programme, without registers yet.
    pub fn new(source: &str, names: [&'static str; 3]) -> Self {
        let loaded = load_str("programme.toml", source);
        let rules = loaded
            .rules
            .unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("registers")).unwrap();
        Self {
            dir,
            rules,
            source: source.to_owned(),
            names,
        }
    }

    pub fn put(&self, name: &str, text: &str) {
        let path = self.dir.path().join(format!("registers/{name}.csv"));
        std::fs::write(path, text).unwrap();
    }

    pub fn text(&self, name: &str) -> String {
        let path = self.dir.path().join(format!("registers/{name}.csv"));
        std::fs::read_to_string(path).unwrap()
    }

    pub fn registers(&self) -> Registers {
        let one = |name: &str, table| {
            let path = self.dir.path().join(format!("registers/{name}.csv"));
            import(&path, table, &Options::default()).unwrap()
        };
        let [applicants, providers, choices] = self.names;
        Registers {
            applicants: one(applicants, &self.rules.applicants),
            providers: one(providers, &self.rules.providers),
            choices: if self.rules.choices.columns.is_empty() {
                Register::none(&self.rules.choices)
            } else {
                one(choices, &self.rules.choices)
            },
        }
    }

    pub fn decide(&self) -> Result<Contents, Vec<Diagnostic>> {
        decide(
            &self.rules,
            self.source.as_bytes(),
            &self.registers(),
            &|_| {},
        )
    }

    pub fn audit(&self, path: &Path) -> Report {
        let registers = self.registers();
        let rows: [&dyn RegisterRows; 3] = [
            &Rows(&registers.applicants),
            &Rows(&registers.providers),
            &Rows(&registers.choices),
        ];
        auditor(path, rows, &minsheng_verify::Earlier::default()).unwrap()
    }
}

/// A register as the auditor sees it.
pub struct Rows<'a>(pub &'a Register);

impl RegisterRows for Rows<'_> {
    fn len(&self) -> usize {
        self.0.rows
    }

    fn value(&self, row: usize, column: usize) -> Option<Cell> {
        self.0.value(row, column)
    }

    fn sha256(&self) -> &str {
        &self.0.sha256
    }
}

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[track_caller]
pub fn holds(report: &Report) {
    let wrong: Vec<_> = report.checks.iter().filter(|c| !c.ok).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

pub fn rejected(path: &Path) -> bool {
    !anybody(path).is_ok_and(|r| r.ok())
}

pub fn outcome(contents: &Contents) -> Value {
    serde_json::from_str(&contents.decided.as_ref().unwrap().outcome).unwrap()
}

pub fn instance(contents: &Contents) -> Value {
    serde_json::from_str(&contents.decided.as_ref().unwrap().instance).unwrap()
}
