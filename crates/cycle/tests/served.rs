//! Programmes that send people to places or measure what they reach: decided, written,
//! verified at both levels, compared with every plan there is, and told in letters.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod served_common;
mod small_city;

use minsheng_bundle::{read, write};
use minsheng_model::Value as Cell;
use minsheng_programme::load_str;
use minsheng_registers::Register;
use minsheng_verify::anybody;
use serde_json::{Value, json};
use served_common::*;
use small_city::*;

#[test]
fn honest_bundles_hold_at_both_levels() {
    for (index, source) in all().iter().enumerate() {
        let mut decided_ones = 0;
        for seed in 0..4u64 {
            let city = city(source, seed * 31 + index as u64, 14, 5);
            let Some(contents) = decided(&city) else {
                continue;
            };
            decided_ones += 1;
            let dir = tempfile::tempdir().unwrap();
            let path = write(dir.path(), &contents).unwrap().path;
            assert_eq!(read(&path).unwrap().0, contents);
            holds(&anybody(&path).unwrap());
            holds(&city.audit(&path));
            let chosen = contents.decided.as_ref().unwrap().chosen().unwrap();
            assert_eq!(contents.certificate.placed, chosen.len() as u64);
            if contents.certificate.mechanism == "assign" {
                assert_eq!(contents.certificate.eligible, chosen.len() as u64);
            }
            for row in &contents.applicants {
                for lang in [minsheng_letter::Lang::Zh, minsheng_letter::Lang::En] {
                    let letter = minsheng_letter::write(&contents, &row.ticket, lang);
                    assert!(letter.unwrap().contains(&row.ticket));
                }
            }
            for row in &contents.providers {
                let letter =
                    minsheng_letter::write(&contents, &row.provider, minsheng_letter::Lang::En);
                assert!(letter.unwrap().contains(&row.provider));
            }
        }
        assert!(decided_ones > 0, "{index}");
    }
}

#[test]
fn the_order_of_rows_does_not_matter() {
    for source in all() {
        let city = city(&source, 7, 12, 4);
        let first = decided(&city);
        for name in ["streets", "tanks", "ways"] {
            let text = city.text(name);
            let mut lines: Vec<&str> = text.lines().collect();
            lines[1..].reverse();
            city.put(name, &(lines.join("\n") + "\n"));
        }
        assert_eq!(first, decided(&city));
    }
}

/// Every way to send whole units, one after another.
fn cheapest(costs: &[Vec<Option<i64>>], room: &mut [i64], unit: usize) -> Option<i64> {
    let Some(row) = costs.get(unit) else {
        return Some(0);
    };
    let mut best: Option<i64> = None;
    for (place, cost) in row.iter().enumerate() {
        let Some(cost) = cost.filter(|_| room[place] > 0) else {
            continue;
        };
        room[place] -= 1;
        let rest = cheapest(costs, room, unit + 1);
        room[place] += 1;
        if let Some(rest) = rest {
            best = Some(best.map_or(cost + rest, |b| b.min(cost + rest)));
        }
    }
    best
}

#[test]
fn no_plan_at_all_is_shorter() {
    let source = with(ASSIGN, &[("overload = \"share\"", "overload = \"refuse\"")]);
    let source = with(
        &source,
        &[
            (
                "sql = 'streets.trees + streets.hidden'",
                "sql = 'streets.hidden'",
            ),
            ("sql = 'tanks.room + tanks.spare'", "sql = 'tanks.spare'"),
            (
                "values = [{ since = 2024-01-01, value = 900",
                "values = [{ since = 2024-01-01, value = 260",
            ),
        ],
    );
    let (mut served, mut refused) = (0, 0);
    for seed in 0..60u64 {
        let city = city(&source, seed, 5, 3);
        let registers = city.registers();
        let number = |register: &Register, row: usize, column: &str| match register
            .value(row, register.table.column_index(column).unwrap())
        {
            Some(Cell::Integer(n)) => n,
            other => panic!("{other:?}"),
        };
        let (streets, tanks) = (&registers.applicants, &registers.providers);
        let agreed = streets.table.column_index("agreed").unwrap();
        let mut costs = Vec::new();
        for row in 0..streets.rows {
            if streets.value(row, agreed) != Some(Cell::Boolean(true)) {
                continue;
            }
            let way: Vec<Option<i64>> = (0..tanks.rows)
                .map(|tank| {
                    let dx = number(streets, row, "x") - number(tanks, tank, "east");
                    let dy = number(streets, row, "y") - number(tanks, tank, "north");
                    Some((dx * dx + dy * dy).isqrt()).filter(|far| *far <= 260)
                })
                .collect();
            for _ in 0..number(streets, row, "hidden") {
                costs.push(way.clone());
            }
        }
        let mut room: Vec<i64> = (0..tanks.rows)
            .map(|tank| number(tanks, tank, "spare"))
            .collect();
        let wanted = cheapest(&costs, &mut room, 0);
        match (city.decide(), wanted) {
            (Ok(contents), Some(wanted)) => {
                served += 1;
                assert_eq!(outcome(&contents)["objective"], json!(wanted), "{seed}");
            }
            (Err(told), None) => {
                refused += 1;
                assert_eq!(told[0].code, "cycle/no-plan");
            }
            (found, wanted) => panic!("{seed}: {found:?}, {wanted:?}"),
        }
    }
    assert!(served > 5 && refused > 5, "{served} {refused}");
}

#[test]
fn who_cannot_be_served_is_named_with_what_is_short() {
    let source = with(ASSIGN, &[("overload = \"share\"", "overload = \"refuse\"")]);
    let city = city(&source, 1, 0, 0);
    city.put(
        "streets",
        &format!("{STREETS}S1,柳荫街,north,1,7,1,true,0,0\nS2,槐荫街,north,1,5,0,true,10,0\nS3,远街,south,1,2,0,true,5000,0\n"),
    );
    city.put(
        "tanks",
        &format!("{TANKS}t1,东箱,north,1,9,1,0,5\nt2,西箱,south,1,50,0,5000,5\n"),
    );
    let told = city.decide().unwrap_err();
    let said = &told[0].message.en;
    for words in ["`S1` 柳荫街", "`S2` 槐荫街", "13 units", "only 10"] {
        assert!(said.contains(words), "{said}");
    }
    assert!(!said.contains("S3"), "{said}");
    assert!(
        told[0]
            .help
            .as_ref()
            .unwrap()
            .en
            .contains("overload = \"share\"")
    );
    // With shared overload the same is decided: 13 of 10 is three tenths more.
    let shared = load_str("programme.toml", ASSIGN).rules.unwrap();
    let city = City {
        rules: shared,
        source: ASSIGN.to_owned(),
        ..city
    };
    let contents = city.decide().unwrap();
    assert_eq!(outcome(&contents)["overload"]["per_mille"], json!(201));
    let letter = minsheng_letter::write(&contents, "t1", minsheng_letter::Lang::En).unwrap();
    assert!(letter.contains("stretched by the same 20.1 %"), "{letter}");
}

#[test]
fn numbers_and_ways_that_cannot_be_are_refused_by_name() {
    let told = |source: &str, change: &dyn Fn(&City)| {
        let city = city(source, 3, 2, 2);
        change(&city);
        city.decide().unwrap_err()[0].clone()
    };
    let negative = with(
        ASSIGN,
        &[("'streets.trees + streets.hidden'", "'streets.hidden - 9'")],
    );
    let said = told(&negative, &|city| {
        city.put("streets", &format!("{STREETS}S1,街,north,1,1,0,true,0,0\n"));
    });
    assert_eq!(said.code, "cycle/negative");
    assert!(said.message.en.contains("`assign.amount` of `S1` is -9"));
    let minimum = with(
        ASSIGN,
        &[
            ("overload = \"share\"\n", ""),
            (
                "[assign.travel]",
                &MINIMUM.replace("tanks.level", "tanks.room * 2"),
            ),
        ],
    );
    let said = told(&minimum, &|city| {
        city.put("tanks", &format!("{TANKS}t1,箱,north,1,5,0,0,0\n"));
    });
    assert_eq!(said.code, "cycle/minimum-above-capacity");
    let city = city(&by_pairs(ASSIGN), 3, 2, 2);
    city.put("ways", "from,to,far\nS00,t0,5\nS77,t9,5\nS01,t1,-4\n");
    let told_all = city.decide().unwrap_err();
    let all: Vec<&str> = told_all.iter().map(|d| d.message.en.as_str()).collect();
    for words in [
        "register `streets` has no `S77`",
        "register `tanks` has no `t9`",
        "`S01`, `t1` of register `ways`: `far` has to be a whole number, not negative",
    ] {
        assert!(
            all.iter().any(|said| said.contains(words)),
            "{words}: {all:?}"
        );
    }
    let said = told(&on_the_globe(ACCESS), &|city| {
        city.put("tanks", &format!("{TANKS}t1,箱,north,1,5,0,116.1,96.5\n"));
    });
    assert_eq!(said.code, "cycle/no-point");
    assert!(
        said.message.en.contains("`east`, `north` of `t1`"),
        "{said:?}"
    );
}

/// Nobody eligible, no place at all, a place that nobody can reach, amounts of nothing.
#[test]
fn the_ends_of_the_world_hold() {
    let check = |city: &City| {
        let contents = city.decide().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), &contents).unwrap().path;
        holds(&anybody(&path).unwrap());
        holds(&city.audit(&path));
        for id in contents.applicants.iter().map(|a| &a.ticket) {
            for lang in [minsheng_letter::Lang::Zh, minsheng_letter::Lang::En] {
                assert!(minsheng_letter::write(&contents, id, lang).is_some());
            }
        }
        for id in contents.providers.iter().map(|p| &p.provider) {
            assert!(minsheng_letter::write(&contents, id, minsheng_letter::Lang::En).is_some());
        }
        contents
    };
    for source in all() {
        let globe = source.contains("great-circle");
        let at = |near: bool| match (globe, near) {
            (true, true) => "0.0000,0.0000",
            (true, false) => "180.0000,-90.0000",
            (false, true) => "0,0",
            (false, false) => "1000000000,-1000000000",
        };
        let minimum = source.contains("[assign.minimum]");
        let city = city(&source, 1, 0, 0);
        let tanks = |room: u8| {
            let rows = format!(
                "{TANKS}t0,近,north,2,{room},0,{}\nt1,远,south,2,9,0,{}\n",
                at(true),
                at(false)
            );
            city.put("tanks", &rows);
        };
        // Everybody refused or unknown.
        tanks(9);
        city.put(
            "streets",
            &format!(
                "{STREETS}S00,街,north,1,3,0,false,{0}\nS01,街,north,1,3,0,,{0}\n",
                at(true)
            ),
        );
        city.put("ways", "from,to,far\nS00,t0,3\nS01,t0,4\n");
        if minimum {
            // A least number cannot be reached by nobody.
            assert_eq!(city.decide().unwrap_err()[0].code, "cycle/no-plan");
        } else {
            check(&city);
        }
        // Amounts of nothing, and a supply of nothing.
        city.put(
            "streets",
            &format!(
                "{STREETS}S00,街,north,1,0,0,true,{0}\nS01,街,north,2,0,0,true,{0}\n",
                at(true)
            ),
        );
        tanks(0);
        if minimum {
            assert!(city.decide().is_err());
        } else {
            check(&city);
        }
        // No place at all.
        city.put("tanks", TANKS);
        city.put("ways", "from,to,far\n");
        if source.contains("\"assign\"") {
            city.put(
                "streets",
                &format!("{STREETS}S00,街,north,1,3,0,true,{}\n", at(true)),
            );
            let told = city.decide().unwrap_err();
            assert_eq!(told[0].code, "cycle/no-plan");
            assert!(told[0].message.en.contains("`S00` 街"), "{told:?}");
        } else {
            let contents = check(&city);
            assert_eq!(contents.certificate.placed, 0);
        }
    }
}

/// Scores again from their definition, on fractions of a common unit.
#[test]
fn scores_are_what_their_definition_says() {
    for seed in 0..20u64 {
        let city = city(ACCESS, seed, 9, 4);
        let contents = city.decide().unwrap();
        let (instance, outcome) = (instance(&contents), outcome(&contents));
        let list = |key: &str| instance[key].as_array().unwrap().clone();
        let (streets, tanks) = (list("demands"), list("suppliers"));
        let weight = |street: &Value, tank: &Value| {
            let side = |key: &str| street[key].as_i64().unwrap() - tank[key].as_i64().unwrap();
            let far = (side("x").pow(2) + side("y").pow(2)).isqrt();
            if far <= 450 {
                1000
            } else if far <= 900 {
                300
            } else {
                0i128
            }
        };
        let people = |street: &Value| i128::from(street["people"].as_i64().unwrap());
        for (side, key) in [("now", "supply"), ("before", "before")] {
            for street in &streets {
                let mut score = 0i128;
                for tank in &tanks {
                    let load: i128 = streets.iter().map(|s| people(s) * weight(s, tank)).sum();
                    let supply = i128::from(tank[key].as_i64().unwrap());
                    if load > 0 {
                        score += 1_000_000_000 * supply * weight(street, tank) / load;
                    }
                }
                let id = street["id"].as_str().unwrap();
                let found = outcome[side]["score"][id].to_string();
                let found: f64 = found.parse().unwrap();
                assert!((found * 1e9 - score as f64).abs() < 1.0, "{seed} {id}");
                let below = outcome[side]["below"].as_array().unwrap();
                let below = below.iter().any(|b| b == id);
                assert_eq!(below, score * 100 < 60 * 1_000_000_000, "{seed} {id}");
            }
        }
    }
}

#[test]
fn letters_say_where_why_not_nearer_and_what_a_place_more_is_worth() {
    let source = with(ASSIGN, &[("overload = \"share\"", "overload = \"refuse\"")]);
    let city = city(&source, 1, 0, 0);
    city.put(
        "streets",
        &format!("{STREETS}S1,柳荫街,north,1,6,0,true,0,0\nS2,槐荫街,north,1,6,0,true,40,0\nS3,空街,south,1,1,0,,0,0\n"),
    );
    city.put(
        "tanks",
        &format!("{TANKS}t1,东箱,north,1,8,0,0,30\nt2,西箱,south,1,50,0,400,0\n"),
    );
    let contents = city.decide().unwrap();
    let letter = |id: &str, lang| minsheng_letter::write(&contents, id, lang).unwrap();
    let (zh, en) = (minsheng_letter::Lang::Zh, minsheng_letter::Lang::En);
    let said = letter("S1", en);
    for words in [
        "To name 东箱 [t1], 30 m away: 6 (trees).",
        "the nearest of all",
        "no plan is shorter",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    let said = letter("S2", en);
    for words in [
        "To name 东箱 [t1], 50 m away: 2 (trees).",
        "To name 西箱 [t2], 360 m away: 4 (trees).",
        "Nearer places, and why not there",
        "full (8 of 8)",
        "Room for one more there would shorten all ways together by 310 m.",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    let said = letter("S2", zh);
    for words in [
        "去往 西箱 [t2],距离 360 米:树 4。",
        "已满(8/8)",
        "多一个名额,全体合计可少走 310 米",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    let said = letter("t1", en);
    for words in [
        "Gets 8 (trees) from 2 places; it takes 8 at most.",
        "Room for one more here would shorten all ways together by 310 m.",
        "Room for one less here would lengthen",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    assert!(letter("S3", en).contains("Undetermined"));
    assert!(minsheng_letter::write(&contents, "t9", en).is_none());

    let city = City {
        rules: load_str("programme.toml", ACCESS).rules.unwrap(),
        source: ACCESS.to_owned(),
        ..city
    };
    city.put(
        "tanks",
        &format!("{TANKS}t1,东箱,north,1,8,4,0,30\nt2,西箱,south,1,50,0,9000,0\n"),
    );
    let contents = city.decide().unwrap();
    let letter = |id: &str, lang| minsheng_letter::write(&contents, id, lang).unwrap();
    let said = letter("S1", en);
    for words in [
        "room within reach of 100 (trees): 100.00",
        "Place: 1 of 2; 1 has most.",
        "the standard (60.00): reached.",
        "Before: 66.66 (+33.34).",
        "name 东箱 [t1]: 30 m, 12 (8 before), 12",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    let said = letter("S1", zh);
    for words in [
        "每 100(树)可达的容量:100.00",
        "名次:2 处中的第 1 位",
        "已达到",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    let said = letter("t2", en);
    assert!(said.contains("Nobody is within reach"), "{said}");
}
