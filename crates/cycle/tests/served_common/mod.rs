//! Ways to say who goes where and who reaches how much, and a city's registers by dice.
#![allow(dead_code, reason = "each file of tests uses a part of it")]

use std::fmt::Write as _;

use minsheng_bundle::Contents;

use crate::small_city::{City, Dice};

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

pub const STREETS: &str = "number,name,area,level,trees,hidden,agreed,x,y\n";
pub const TANKS: &str = "id,name,area,level,room,spare,east,north\n";

pub fn city(source: &str, seed: u64, streets: usize, tanks: usize) -> City {
    let city = City::new(source, ["streets", "tanks", "ways"]);
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
