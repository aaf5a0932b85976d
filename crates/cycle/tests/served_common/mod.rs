//! Ways to say who goes where and who reaches how much, and a city's registers by dice.
#![allow(dead_code, reason = "each file of tests uses a part of it")]

use std::fmt::Write as _;
use std::path::Path;

use minsheng_bundle::Contents;
use minsheng_cycle::{Registers, decide};
use minsheng_model::{Diagnostic, Rules, Value as Cell};
use minsheng_programme::load_str;
use minsheng_registers::{Options, Register, import};
use minsheng_verify::{RegisterRows, Report, auditor};
use serde_json::Value;

pub const ASSIGN: &str = include_str!("../../../programme/tests/good/assign.toml");
pub const ACCESS: &str = include_str!("../../../programme/tests/good/access.toml");

pub const WAYS: &str = r#"[registers.ways]
file = "registers/ways.csv"
role = "pairs"
key = ["from", "to"]
from_id = "from"
to_id = "to"
value = "far"

[registers.ways.columns]
from = { type = "text", publish = true, label = { zh = "从", en = "from" } }
to = { type = "text", publish = true, label = { zh = "到", en = "to" } }
far = { type = "integer", unit = "second", publish = true, label = { zh = "远", en = "far" } }

[parameters.reach]"#;

pub const MINIMUM: &str = r#"[assign.minimum]
title = { zh = "至少", en = "least" }
sql = 'tanks.level'
cite = "rule-1"

[assign.travel]"#;

#[track_caller]
pub fn with(source: &str, changes: &[(&str, &str)]) -> String {
    let mut text = source.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    text
}

pub fn by_pairs(source: &str) -> String {
    with(
        source,
        &[
            ("[parameters.reach]", WAYS),
            ("metric = \"planar\"\n", "metric = \"pairs\"\n"),
            ("from = [\"x\", \"y\"]\n", ""),
            ("to = [\"east\", \"north\"]\n", ""),
        ],
    )
}

pub fn on_the_globe(source: &str) -> String {
    let degree = "type = \"decimal(4)\", unit = \"degree\"";
    let mut text = with(
        source,
        &[("metric = \"planar\"", "metric = \"great-circle\"")],
    );
    for column in ["x", "y", "east", "north"] {
        let from = format!("\n{column} = {{ type = \"integer\", unit = \"metre\"");
        text = with(&text, &[(&from, &format!("\n{column} = {{ {degree}"))]);
    }
    text
}

/// Every way in which the two kinds can be said.
pub fn all() -> Vec<String> {
    let gate = (
        "cite = \"rule-1\"\n\n[publish]",
        "same = [[\"area\", \"area\"]]\nat_most = [[\"level\", \"level\"]]\ncite = \"rule-1\"\n\n[publish]",
    );
    let refuse = ("overload = \"share\"", "overload = \"refuse\"");
    let zones = &ACCESS[ACCESS.find("zones = [").unwrap()..ACCESS.find("[access.people]").unwrap()];
    vec![
        ASSIGN.to_owned(),
        with(ASSIGN, &[gate]),
        with(ASSIGN, &[("whole = false", "whole = true")]),
        with(ASSIGN, &[refuse, ("[assign.travel]", MINIMUM)]),
        by_pairs(ASSIGN),
        on_the_globe(ASSIGN),
        ACCESS.to_owned(),
        with(ACCESS, &[gate, ("method = \"2sfca\"", "method = \"bfca\"")]),
        by_pairs(&with(
            ACCESS,
            &[(zones, "reach = '$reach'\ngaussian_rings = 4\n\n")],
        )),
        on_the_globe(&with(ACCESS, &[(zones, "reach = '$reach'\n\n")])),
    ]
}

/// A die: the same throws for the same seed (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }
}

/// A city's registers as CSV, in a folder of their own.
pub struct City {
    pub dir: tempfile::TempDir,
    pub rules: Rules,
    pub source: String,
}

pub const STREETS: &str = "number,name,area,level,trees,hidden,agreed,x,y\n";
pub const TANKS: &str = "id,name,area,level,room,spare,east,north\n";

pub fn city(source: &str, seed: u64, streets: usize, tanks: usize) -> City {
    let loaded = load_str("programme.toml", source);
    let rules = loaded
        .rules
        .unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("registers")).unwrap();
    let city = City {
        dir,
        rules,
        source: source.to_owned(),
    };
    let mut dice = Dice(seed);
    let globe = source.contains("great-circle");
    let at = |dice: &mut Dice| {
        let (a, b) = (dice.below(400), dice.below(400));
        if globe {
            // Some hundred metres of longitude and latitude.
            format!("116.{:04},39.{:04}", 3900 + a % 60, 9000 + b % 60)
        } else {
            format!("{a},{b}")
        }
    };
    let mut rows = STREETS.to_owned();
    for n in 0..streets {
        let area = ["north", "south"][dice.below(2)];
        let agreed = ["true", "true", "true", "true", "false", ""][dice.below(6)];
        let (level, trees, hidden) = (1 + dice.below(2), dice.below(9), dice.below(3));
        let at = at(&mut dice);
        writeln!(
            rows,
            "S{n:02},街{n},{area},{level},{trees},{hidden},{agreed},{at}"
        )
        .unwrap();
    }
    city.put("streets", &rows);
    let mut rows = TANKS.to_owned();
    for n in 0..tanks {
        // The first two take part in every gate.
        let area = ["north", "south"][if n < 2 { n } else { dice.below(2) }];
        let level = if n < 2 { 2 } else { 1 + dice.below(2) };
        let (room, spare) = (4 + dice.below(12), dice.below(4));
        let at = at(&mut dice);
        writeln!(rows, "t{n},箱{n},{area},{level},{room},{spare},{at}").unwrap();
    }
    city.put("tanks", &rows);
    let mut rows = "from,to,far\n".to_owned();
    for street in 0..streets {
        for tank in 0..tanks {
            if tank < 2 || dice.below(4) > 0 {
                writeln!(rows, "S{street:02},t{tank},{}", dice.below(900)).unwrap();
            }
        }
    }
    city.put("ways", &rows);
    city
}

impl City {
    pub fn put(&self, name: &str, text: &str) {
        let path = self.dir.path().join(format!("registers/{name}.csv"));
        std::fs::write(path, text).unwrap();
    }

    pub fn text(&self, name: &str) -> String {
        let path = self.dir.path().join(format!("registers/{name}.csv"));
        std::fs::read_to_string(path).unwrap()
    }

    pub fn registers(&self) -> Registers {
        let one = |file: &str, table| {
            let path = self.dir.path().join("registers").join(file);
            import(&path, table, &Options::default()).unwrap()
        };
        Registers {
            applicants: one("streets.csv", &self.rules.applicants),
            providers: one("tanks.csv", &self.rules.providers),
            choices: if self.rules.choices.columns.is_empty() {
                Register::none(&self.rules.choices)
            } else {
                one("ways.csv", &self.rules.choices)
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

pub struct Rows<'a>(&'a Register);

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

#[track_caller]
pub fn holds(report: &Report) {
    let wrong: Vec<_> = report.checks.iter().filter(|c| !c.ok).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

pub fn outcome(contents: &Contents) -> Value {
    serde_json::from_str(&contents.decided.as_ref().unwrap().outcome).unwrap()
}

pub fn instance(contents: &Contents) -> Value {
    serde_json::from_str(&contents.decided.as_ref().unwrap().instance).unwrap()
}

/// Decides, or returns nothing where least numbers are refused with a proof.
pub fn decided(city: &City) -> Option<Contents> {
    match city.decide() {
        Ok(contents) => Some(contents),
        Err(told) => {
            assert_eq!(told[0].code, "cycle/no-plan", "{told:?}");
            None
        }
    }
}
