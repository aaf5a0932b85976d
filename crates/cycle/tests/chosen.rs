//! Programmes that choose among candidates: decided, written, verified at both levels,
//! and forged in many ways.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod small_city;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use minsheng_bundle::{Contents, Decided, hex, jcs, plain, read, rows_root, write};
use minsheng_model::Verdict;
use minsheng_verify::anybody;
use serde_json::{Value, json};
use small_city::*;

const SELECT: &str = include_str!("programmes/select.toml");
const RANK: &str = include_str!("programmes/rank.toml");
const CALENDAR: &str = include_str!("programmes/calendar.toml");

const ALL: [&str; 3] = [SELECT, RANK, CALENDAR];

fn city(source: &str, seed: u64, count: usize) -> City {
    let city = City::new(source, ["streets", "areas", ""]);
    let mut dice = Dice(seed);
    let mut lines: Vec<String> = Vec::new();
    for number in 0..count {
        let area = ["north", "south"][dice.below(2)];
        let kind = ["oak", "elm", "树"][dice.below(3)];
        let length = 20 + dice.below(1500);
        let people = if dice.one_in(6) {
            String::new()
        } else {
            dice.below(200).to_string()
        };
        let agreed = ["true", "true", "true", "false", ""][dice.below(5)];
        let school = dice.one_in(20);
        // A need of somebody else, now and then; a corner shared by a few.
        let after = match dice.below(count) {
            other if other != number && !school && dice.one_in(4) => format!("T{other:03}"),
            _ => String::new(),
        };
        let corner = match dice.below(12) {
            corner @ 0..3 => format!("K{corner}"),
            _ => String::new(),
        };
        lines.push(format!(
            "T{number:03},{area},{kind},inner{},{length},{people},{agreed},{school},{after},{corner}",
            dice.below(3)
        ));
    }
    put(&city, &lines);
    let most = 2 + dice.below(8);
    let column = if source.contains("areas.crews") {
        "crews"
    } else {
        "most"
    };
    let areas = format!("id,name,{column}\nnorth,北,{most}\nsouth,南,5\n");
    city.put("areas", &areas);
    city
}

fn put(city: &City, lines: &[String]) {
    let head = "number,area,kind,secret_kind,length,people,agreed,school,after,corner";
    let mut text = format!("{head}\n");
    for line in lines {
        // What a line does not have is missing.
        let missing = head.matches(',').count() - line.matches(',').count();
        writeln!(text, "{line}{}", ",".repeat(missing)).unwrap();
    }
    city.put("streets", &text);
}

fn lines(city: &City) -> Vec<String> {
    let text = city.text("streets");
    text.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn honest_bundles_hold_at_both_levels() {
    for (seed, source) in (0..24u64).zip(ALL.into_iter().cycle()) {
        let city = city(source, seed, 40);
        let contents = city.decide().unwrap_or_else(|e| panic!("{seed}: {e:?}"));
        let dir = folder();
        let path = write(dir.path(), &contents).unwrap().path;
        assert_eq!(read(&path).unwrap().0, contents);
        holds(&anybody(&path).unwrap());
        // The auditor evaluates every clause and number again by the specification.
        holds(&city.audit(&path));
        let chosen = contents.decided.as_ref().unwrap().chosen().unwrap();
        assert!(!chosen.is_empty(), "{seed}");
        let eligible = |t: &String| {
            let row = contents.applicants.iter().find(|a| a.ticket == *t);
            row.is_some_and(|a| a.verdict == Verdict::Eligible)
        };
        assert!(chosen.iter().all(eligible));
    }
}

#[test]
fn the_order_of_rows_does_not_matter() {
    for source in ALL {
        let city = city(source, 7, 40);
        let first = city.decide().unwrap();
        let mut lines = lines(&city);
        lines.reverse();
        lines.rotate_left(11);
        put(&city, &lines);
        assert_eq!(first, city.decide().unwrap());
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    for source in ALL {
        let city = city(source, 9, 60);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().unwrap().install(|| city.decide().unwrap())
        };
        assert_eq!(with(1), with(4));
    }
}

#[test]
fn equal_candidates_are_refused_where_nothing_parts_them() {
    let start = RANK.find("[draw]").unwrap();
    let end = RANK.find("[publish]").unwrap();
    let without = format!("{}{}", &RANK[..start], &RANK[end..]);
    let city = city(&without, 3, 4);
    let twin = |n: u8| format!("T{n:03},north,oak,i,50,9,true,false");
    put(&city, &[twin(1), twin(2)]);
    let told = city.decide().unwrap_err();
    assert!(told[0].message.en.contains("T001"), "{told:?}");
    assert!(told[0].help.as_ref().unwrap().en.contains("[draw]"));
}

#[test]
fn what_cannot_be_decided_is_an_error() {
    let most = SELECT.replacen("least = '1'", "least = '$starts'", 1);
    let few = city(&most, 3, 4);
    let told = few.decide().unwrap_err();
    assert_eq!(told[0].code, "cycle/no-choice");
    let strange = city(SELECT, 3, 4);
    std::fs::write(
        strange.dir.path().join("registers/areas.csv"),
        "id,name,most\nwest,西,3\n",
    )
    .unwrap();
    put(&strange, &["T001,north,oak,i,50,9,true,false".to_owned()]);
    let told = strange.decide().unwrap_err();
    assert_eq!(told[0].code, "cycle/unknown-group");
    assert!(told[0].message.en.contains("T001"), "{told:?}");
}

/// Two agree and one does not; who needs whom is written by the caller.
fn three(source: &str, needs: [&str; 3]) -> City {
    let city = city(source, 3, 4);
    let line = |n: u8, agreed: bool, after: &str| {
        format!(
            "T{n:03},north,oak,i,200,{},{agreed},false,{after},K1",
            (4 - n) * 10
        )
    };
    put(
        &city,
        &[
            line(1, true, needs[0]),
            line(2, true, needs[1]),
            line(3, false, needs[2]),
        ],
    );
    city
}

#[test]
fn what_is_needed_is_there_or_keeps_out() {
    for source in [SELECT, RANK] {
        // The corner would stand in the way: it takes more of them.
        let source = source.replacen("most = '1'\ncite", "most = '2'\ncite", 1);
        let chosen = |needs: [&str; 3]| {
            let contents = three(&source, needs).decide().unwrap();
            let decided = contents.decided.clone().unwrap();
            let letter = minsheng_letter::write(&contents, "T001", minsheng_letter::Lang::En);
            let ids: Vec<String> = decided.chosen().unwrap().into_iter().collect();
            (ids.join(" "), letter.unwrap(), decided)
        };
        let (ids, letter, _) = chosen(["", "T001", ""]);
        assert_eq!(ids, "T001 T002");
        assert!(!letter.contains("it needs"), "{letter}");
        let (ids, letter, decided) = chosen(["T003", "", ""]);
        assert_eq!(ids, "T002");
        assert!(
            letter.contains("not chosen, because it needs `T003`, which is not eligible"),
            "{letter}"
        );
        assert!(
            decided.instance.contains("needs:T003"),
            "{}",
            decided.instance
        );
    }
    // Who needs somebody who is kept out is out too.
    let contents = three(RANK, ["T003", "T001", ""]).decide().unwrap();
    assert!(
        contents
            .decided
            .as_ref()
            .unwrap()
            .chosen()
            .unwrap()
            .is_empty()
    );
    let letter = minsheng_letter::write(&contents, "T002", minsheng_letter::Lang::En).unwrap();
    assert!(
        letter.contains("because it needs `T001`, which is eligible but not chosen"),
        "{letter}"
    );
}

#[test]
fn what_stands_in_the_way_is_told() {
    for source in [SELECT, RANK] {
        let contents = three(source, ["", "", ""]).decide().unwrap();
        let chosen = contents.decided.as_ref().unwrap().chosen().unwrap();
        assert_eq!(chosen.len(), 1, "{chosen:?}");
        let inside = chosen.first().unwrap();
        let other = if inside == "T001" { "T002" } else { "T001" };
        let write = |lang| minsheng_letter::write(&contents, other, lang).unwrap();
        let letter = write(minsheng_letter::Lang::En);
        let said =
            format!("at the same corner · K1: at most 1 of 2 is chosen; chosen is `{inside}`");
        assert!(letter.contains(&said), "{letter}");
        assert!(!letter.contains("exclusion:"), "{letter}");
        let letter = write(minsheng_letter::Lang::Zh);
        assert!(letter.contains("2 个中至多列入 1 个;列入的是"), "{letter}");
    }
}

#[test]
fn works_wait_for_those_they_come_after() {
    let write = |contents: &Contents, ticket: &str| {
        minsheng_letter::write(contents, ticket, minsheng_letter::Lang::En).unwrap()
    };
    let contents = three(CALENDAR, ["T002", "", ""]).decide().unwrap();
    let decided = contents.decided.as_ref().unwrap();
    let outcome: Value = serde_json::from_str(&decided.outcome).unwrap();
    let of = |i: usize, key: &str| outcome["starts"][i][key].as_u64().unwrap();
    assert!(of(0, "start") > of(1, "finish"), "{outcome}");
    let letter = write(&contents, "T001");
    assert!(
        letter.contains("after the works at: `T002`(finished in 2024-"),
        "{letter}"
    );
    // T003 is not eligible: nothing that waits for it starts, however far behind.
    let contents = three(CALENDAR, ["T002", "T003", ""]).decide();
    let told = contents.unwrap_err();
    assert_eq!(told[0].code, "cycle/no-choice", "{told:?}");
    let source = CALENDAR.replacen("least = '$starts - 10'", "least = '0'", 1);
    let contents = three(&source, ["T002", "T003", ""]).decide().unwrap();
    let decided = contents.decided.as_ref().unwrap();
    assert!(decided.chosen().unwrap().is_empty());
    assert!(decided.instance.contains("after:T002") && decided.instance.contains("after:T003"));
    let letter = write(&contents, "T002");
    assert!(
        letter.contains("`T003`(not in the calendar, for it is not eligible)"),
        "{letter}"
    );
    let dir = folder();
    let path = write_bundle(&dir, &contents);
    holds(&anybody(&path).unwrap());
    let mut forged = contents;
    let own = forged.decided.as_mut().unwrap();
    own.instance = own
        .instance
        .replacen("\"ineligible\":\"after:T003\",", "", 1);
    assert!(rejected(&write_bundle(&dir, &forged)));
}

fn write_bundle(dir: &tempfile::TempDir, contents: &Contents) -> PathBuf {
    minsheng_bundle::write(dir.path(), contents).unwrap().path
}

/// Registers in which nobody stands, or nobody is eligible.
#[test]
fn nobody_is_decided_on_too() {
    for (source, from) in [
        (SELECT, "least = '1'"),
        (RANK, ""),
        (CALENDAR, "least = '$starts - 10'"),
    ] {
        let source = if from.is_empty() {
            source.to_owned()
        } else {
            source.replacen(from, "least = '0'", 1)
        };
        let city = city(&source, 3, 4);
        for lines in [vec![], vec!["T001,north,oak,i,50,9,false,false".to_owned()]] {
            put(&city, &lines);
            let contents = city.decide().unwrap_or_else(|e| panic!("{e:?}"));
            assert!(
                contents
                    .decided
                    .as_ref()
                    .unwrap()
                    .chosen()
                    .unwrap()
                    .is_empty()
            );
            let dir = folder();
            let path = write_bundle(&dir, &contents);
            holds(&anybody(&path).unwrap());
            holds(&city.audit(&path));
        }
    }
}

#[test]
fn wrong_needs_are_told() {
    let told = |needs: [&str; 3]| three(SELECT, needs).decide().unwrap_err().remove(0);
    assert_eq!(told(["T001", "", ""]).code, "cycle/needs-itself");
    let unknown = told(["", "T009", ""]);
    assert_eq!(unknown.code, "cycle/unknown-need");
    assert!(unknown.message.en.contains("`T009`"), "{unknown:?}");
    // Whoever is not eligible may need what it likes.
    assert!(three(SELECT, ["", "", "T009"]).decide().is_ok());
    let city = three(SELECT, ["", "", ""]);
    put(
        &city,
        &[
            "T001,north,oak,i,50,9,true,true,T002,".to_owned(),
            "T002,north,oak,i,50,9,false,true,,".to_owned(),
        ],
    );
    assert_eq!(city.decide().unwrap_err()[0].code, "cycle/must-needs");
}

#[test]
fn forged_needs_and_exclusions_are_seen() {
    for source in [SELECT, RANK] {
        let honest = three(source, ["", "T001", ""]).decide().unwrap();
        let forge = |from: &str, to: &str| {
            let mut contents = honest.clone();
            let decided = contents.decided.as_mut().unwrap();
            assert!(decided.instance.contains(from), "{}", decided.instance);
            decided.instance = decided.instance.replacen(from, to, 1);
            let dir = folder();
            let path = write(dir.path(), &contents).unwrap().path;
            assert!(rejected(&path), "{from} as {to}");
        };
        forge(",\"needs\":[\"T001\"]", "");
        forge(
            "\"projects\":[\"T001\",\"T002\"]",
            "\"projects\":[\"T001\"]",
        );
        forge(
            "\"group\":\"corner=K1\",\"most\":1",
            "\"group\":\"corner=K1\",\"most\":2",
        );
    }
}

#[test]
fn numbers_that_json_readers_would_garble_are_refused() {
    let big = SELECT.replacen("'known_people * 2'", "'known_people * 2000000000000000'", 1);
    let city = city(&big, 3, 4);
    put(&city, &["T001,north,oak,i,50,190,true,false".to_owned()]);
    assert_eq!(city.decide().unwrap_err()[0].code, "cycle/instance");
    let overflow = SELECT.replacen(
        "'known_people * 2'",
        "'known_people * 9000000000000000000'",
        1,
    );
    let city = self::city(&overflow, 3, 4);
    put(&city, &["T001,north,oak,i,50,190,true,false".to_owned()]);
    let told = city.decide().unwrap_err();
    assert!(told[0].message.en.contains("select.value"), "{told:?}");
}

fn files(path: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(path)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    all.sort();
    all
}

#[test]
fn no_change_of_bytes_is_accepted() {
    for source in ALL {
        let contents = city(source, 1, 30).decide().unwrap();
        let dir = folder();
        let path = write(dir.path(), &contents).unwrap().path;
        let mut dice = Dice(1);
        for _ in 0..250 {
            let all = files(&path);
            let file = &all[dice.below(all.len())];
            let before = std::fs::read(file).unwrap();
            let mut bytes = before.clone();
            let at = dice.below(bytes.len());
            match dice.below(4) {
                0 => bytes[at] ^= 1 << dice.below(8),
                1 => bytes.insert(at, u8::try_from(dice.below(256)).unwrap()),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at),
            }
            std::fs::write(file, bytes).unwrap();
            assert!(rejected(&path), "{} at {at}", file.display());
            std::fs::write(file, before).unwrap();
        }
        for file in files(&path) {
            let bytes = std::fs::read(&file).unwrap();
            std::fs::remove_file(&file).unwrap();
            assert!(rejected(&path), "without {}", file.display());
            std::fs::write(&file, bytes).unwrap();
        }
        assert!(!rejected(&path));
    }
}

/// Changes one random leaf; returns where.
fn change(dice: &mut Dice, value: &mut Value, at: &str) -> String {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let index = dice.below(fields.len());
            let name = fields.keys().nth(index).unwrap().clone();
            if dice.one_in(10) {
                fields.remove(&name);
                return format!("{at}.{name} removed");
            }
            change(dice, &mut fields[&name], &format!("{at}.{name}"))
        }
        Value::Array(items) if !items.is_empty() => {
            let index = dice.below(items.len());
            match dice.below(8) {
                0 => {
                    items.remove(index);
                    format!("{at}[{index}] removed")
                }
                1 => {
                    let twice = items[index].clone();
                    items.push(twice);
                    format!("{at}[{index}] twice")
                }
                _ => change(dice, &mut items[index], &format!("{at}[{index}]")),
            }
        }
        Value::Number(n) => {
            let by = 1 + i64::try_from(dice.below(3)).unwrap();
            *value = n
                .as_i64()
                .map_or_else(|| json!(by), |n| json!(n.wrapping_add(by)));
            format!("{at} by {by}")
        }
        Value::String(text) => {
            let words = ["", "T001", "T002", "north", "must", "optimise", "by-rule"];
            let word = words[dice.below(words.len())];
            *value = if text == word {
                json!("x")
            } else {
                json!(word)
            };
            format!("{at} to {value}")
        }
        Value::Bool(b) => {
            *value = json!(!*b);
            format!("{at} turned")
        }
        _ => {
            *value = json!(1);
            format!("{at} to 1")
        }
    }
}

fn forged(dice: &mut Dice, text: &mut String, canonical: bool) -> Option<String> {
    let mut value: Value = serde_json::from_str(text).unwrap();
    let what = change(dice, &mut value, "");
    let bytes = if canonical {
        jcs(&value)
    } else {
        plain(&value)
    };
    let new = String::from_utf8(bytes.ok()?).unwrap();
    (new != *text).then(|| {
        *text = new;
        what
    })
}

/// What an outcome claims: everything but how it is proved.
fn claims(outcome: &str) -> Value {
    let value: Value = serde_json::from_str(outcome).unwrap();
    let claimed = [
        "chosen",
        "objective",
        "bound",
        "status",
        "mechanism",
        "cut_lines",
        "lacking",
        "starts",
        "reached",
        "use",
    ];
    let rows = value["rows"].as_array().cloned().unwrap_or_default();
    let used: Vec<Value> = rows
        .iter()
        .map(|r| json!([r["row"], r["used"], r["least"], r["most"]]))
        .collect();
    let all: Vec<Value> = claimed.iter().map(|k| value[k].clone()).collect();
    json!([all, used])
}

/// Forgeries that are hashed and sealed anew, as a dishonest publisher would.
#[test]
fn no_forged_instance_or_outcome_is_accepted() {
    for (seed, source) in (1u64..).zip(ALL) {
        let city = city(source, seed, 24);
        let contents = city.decide().unwrap();
        let mut dice = Dice(seed);
        let mut tried = 0;
        while tried < 120 {
            let mut wrong = contents.clone();
            let decided = wrong.decided.as_mut().unwrap();
            let Decided { instance, outcome } = decided;
            let what = if dice.one_in(2) {
                forged(&mut dice, instance, true)
            } else {
                forged(&mut dice, outcome, false)
            };
            let Some(what) = what else {
                continue;
            };
            let dir = folder();
            let path = write(dir.path(), &wrong).unwrap().path;
            if !rejected(&path) {
                // Another proof of the same, or a weaker reason for one left out, is no
                // forgery: whatever decides has to be as it was.
                let honest = contents.decided.as_ref().unwrap();
                let forged = wrong.decided.as_ref().unwrap();
                assert_eq!(honest.instance, forged.instance, "{seed}: {what}");
                let (a, b) = (claims(&honest.outcome), claims(&forged.outcome));
                assert_eq!(a, b, "{seed}: {what}");
            }
            tried += 1;
        }
    }
}

/// Puts the root and the counts right again after rows were changed.
fn reseal(contents: &mut Contents) {
    let root = rows_root(&contents.applicants, &[], &contents.providers);
    contents.certificate.rows_root = hex(&root);
    let count = |v: Verdict| {
        contents
            .applicants
            .iter()
            .filter(|a| a.verdict == v)
            .count() as u64
    };
    contents.certificate.eligible = count(Verdict::Eligible);
    contents.certificate.not_eligible = count(Verdict::NotEligible);
    contents.certificate.undetermined = count(Verdict::Undetermined);
}

#[test]
fn no_forged_row_is_accepted() {
    let mut dice = Dice(5);
    for source in [SELECT, RANK] {
        let city = city(source, 11, 24);
        let contents = city.decide().unwrap();
        for _ in 0..120 {
            let mut wrong = contents.clone();
            let row = dice.below(wrong.applicants.len());
            let own = &mut wrong.applicants[row];
            let what = dice.below(8);
            match what {
                0 => own.holds ^= 1,
                1 => own.unknown ^= 1,
                2 => {
                    let others = [
                        Verdict::Eligible,
                        Verdict::NotEligible,
                        Verdict::Undetermined,
                    ];
                    own.verdict = others[dice.below(3)];
                }
                // One published fact: a clause or a number of the instance reads it,
                // or a group does.
                3 => own.groups[0] = Some("north".to_owned()),
                4 => {
                    // Eligible in every field, against the facts.
                    (own.holds, own.unknown, own.verdict) = (1, 0, Verdict::Eligible);
                }
                5 => own.draw_ticket.push('x'),
                6 => own.facts_hash = "ab".to_owned(),
                _ => {
                    let column = wrong
                        .rules
                        .group_columns()
                        .iter()
                        .position(|c| *c == "length");
                    own.groups[column.unwrap()] = Some("21".to_owned());
                }
            }
            reseal(&mut wrong);
            if wrong.applicants == contents.applicants {
                continue;
            }
            let ineligible = contents.applicants[row].verdict != Verdict::Eligible;
            let dir = folder();
            let path = write(dir.path(), &wrong).unwrap().path;
            let told = anybody(&path).unwrap();
            // Facts of somebody who takes no part decide nothing that all can see but the
            // figures by group: the auditor sees them.
            if !(ineligible && [3, 7].contains(&what)) {
                assert!(!told.ok(), "{what}: {:?}", wrong.applicants[row]);
            }
            assert!(!city.audit(&path).ok(), "{what} by the auditor");
        }
    }
}

#[test]
fn no_forged_certificate_or_rule_is_accepted() {
    let mut dice = Dice(8);
    for source in [SELECT, RANK] {
        let contents = city(source, 12, 24).decide().unwrap();
        for _ in 0..120 {
            let mut wrong = contents.clone();
            let mut value = serde_json::to_value(&wrong.certificate).unwrap();
            change(&mut dice, &mut value, "");
            let Ok(certificate) = serde_json::from_value(value) else {
                continue;
            };
            wrong.certificate = certificate;
            if wrong == contents {
                continue;
            }
            let dir = folder();
            let Ok(written) = write(dir.path(), &wrong) else {
                continue;
            };
            let fresh = wrong
                .certificate
                .registers
                .iter()
                .zip(&contents.certificate.registers);
            // Which file a register was cannot be seen from the folder: the auditor sees it.
            let register = fresh.clone().any(|(a, b)| a.sha256 != b.sha256)
                && minsheng_bundle::unhex(&wrong.certificate.registers[0].sha256).is_some();
            assert!(
                register || rejected(&written.path),
                "{:#?}",
                wrong.certificate
            );
        }
        for _ in 0..120 {
            let mut wrong = contents.clone();
            let mut value = serde_json::to_value(&wrong.rules).unwrap();
            let what = change(&mut dice, &mut value, "");
            let Ok(rules) = serde_json::from_value(value) else {
                continue;
            };
            wrong.rules = rules;
            if wrong == contents {
                continue;
            }
            let dir = folder();
            let Ok(written) = write(dir.path(), &wrong) else {
                continue;
            };
            assert!(rejected(&written.path), "{what}");
        }
    }
}
