//! Programmes that send people to places or measure what they reach, as a user types it:
//! at true size from registers to letters of both sides, and what is refused.

use serde_json::Value;

use crate::city::{City, done, err, minsheng, out};

const DIVERSION: &str = "paediatric-diversion";
const ACCESS: &str = "paediatric-access";

fn city() -> City {
    let city = City::whole();
    for name in [DIVERSION, ACCESS] {
        done(&["synth", &city.path(), name]);
    }
    city
}

fn run(city: &City, name: &str) -> (Value, String) {
    let text = done(&["run", &city.path(), name, "--json"]);
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    let bundle = report[0]["bundle"].as_str().unwrap().to_owned();
    (report[0].clone(), bundle)
}

/// Verifies at every level, and the plain files by the plain command.
fn verified(city: &City, bundle: &str) {
    let file = |name: &str| format!("{bundle}/{name}");
    for level in [
        vec!["verify", bundle],
        vec!["verify", bundle, "--registers", &city.path()],
        vec![
            "verify",
            &file("outcome.json"),
            "--instance",
            &file("instance.json"),
        ],
    ] {
        let said = done(&level);
        assert!(!said.contains("FAILS"), "{said}");
    }
}

#[track_caller]
fn says(bundle: &str, id: &str, lang: &str, wanted: &[&str]) -> String {
    let said = done(&["explain", bundle, id, "--lang", lang]);
    for words in wanted {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    said
}

fn json(bundle: &str, file: &str) -> Value {
    let text = std::fs::read_to_string(format!("{bundle}/{file}")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn sick_children_are_sent_the_shortest_way_and_the_severe_to_a_core() {
    let city = city();
    done(&["check", &city.path(), DIVERSION]);
    let (report, bundle) = run(&city, DIVERSION);
    assert_eq!(report["kind"], "assign");
    assert_eq!(report["verified"], true);
    assert_eq!(report["status"], "proved-optimal", "{report}");
    assert_eq!(report["chosen"], report["eligible"]);
    assert!(report["undetermined"].as_u64().unwrap() > 0);
    verified(&city, &bundle);
    let (contents, _) = minsheng_bundle::read(std::path::Path::new(&bundle)).unwrap();
    let outcome = json(&bundle, "outcome.json");
    let severity = contents
        .rules
        .group_columns()
        .iter()
        .position(|c| *c == "severity")
        .unwrap();
    let (mut severe, mut past) = (None, None);
    for row in &contents.applicants {
        let Some(goes) = outcome["assignment"][&row.ticket].as_object() else {
            continue;
        };
        let is_severe = row.groups[severity].as_deref() == Some("重症");
        if is_severe {
            assert!(goes.keys().all(|to| to.starts_with("core-")), "{goes:?}");
            severe = severe.or(Some(&row.ticket).filter(|_| !goes.is_empty()));
        } else if goes.len() > 1 {
            past = past.or(Some(&row.ticket));
        }
    }
    says(
        &bundle,
        severe.unwrap(),
        "en",
        &[" away: ", "places that can be used: 5"],
    );
    says(
        &bundle,
        past.unwrap(),
        "en",
        &[
            "Nearer places, and why not there",
            "full (",
            "Room for one more there would shorten all ways together by",
            "no plan is shorter",
        ],
    );
    says(
        &bundle,
        past.unwrap(),
        "zh",
        &["去往 ", "已满(", "多一个名额,全体合计可少走"],
    );
    says(
        &bundle,
        "div-17",
        "zh",
        &[
            "单位:通州区妇幼保健院",
            "接收 ",
            "这里多一个名额,全体路程合计可少",
        ],
    );
    says(
        &bundle,
        "core-1",
        "en",
        &["it takes 2600 at most", "would make no way shorter"],
    );
    let wrong = minsheng(&["explain", &bundle, "div-99"]);
    assert!(
        err(&wrong).contains("point or place `div-99`"),
        "{}",
        err(&wrong)
    );
}

#[test]
fn who_cannot_be_served_is_named_and_nothing_is_published() {
    let city = city();
    // Room enough, but not in the core hospitals.
    let table = city.dir().join("tables/paediatric-hospitals.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    let changed = text.lines().map(|line| {
        let (front, room) = line.rsplit_once(',').unwrap();
        match room.parse::<u64>() {
            Ok(room) if line.starts_with("core-") => format!("{front},{}\n", room / 10),
            Ok(room) => format!("{front},{}\n", room * 3),
            Err(_) => format!("{line}\n"),
        }
    });
    std::fs::write(&table, changed.collect::<String>()).unwrap();
    let failed = minsheng(&["run", &city.path(), DIVERSION, "--error-format", "plain"]);
    assert_eq!(failed.status.code(), Some(3), "{}", err(&failed));
    let said = err(&failed);
    for words in [
        "not everybody can be served, and that is proved",
        "PD-",
        "社区卫生服务中心",
        "take only 430",
        " more",
        "overload",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    assert!(!said.contains("div-"), "{said}");
    assert!(city.bundles().is_empty());
    // The same with capacities stretched alike.
    city.replace(
        &format!("programmes/{DIVERSION}.toml"),
        "overload = \"refuse\"",
        "overload = \"share\"",
    );
    let (report, bundle) = run(&city, DIVERSION);
    assert_eq!(report["status"], "proved-optimal");
    assert!(json(&bundle, "outcome.json")["overload"]["per_mille"].as_u64() > Some(0));
    says(
        &bundle,
        "core-1",
        "en",
        &["every place was stretched by the same"],
    );
    verified(&city, &bundle);
}

#[test]
fn beds_are_measured_before_and_after_by_ring_and_against_the_target() {
    let city = city();
    let (report, bundle) = run(&city, ACCESS);
    assert_eq!(report["kind"], "access");
    assert_eq!(report["applicants"], 349);
    verified(&city, &bundle);
    let outcome = json(&bundle, "outcome.json");
    let mean = |side: &str| outcome[side]["mean_score"].to_string();
    // 2.20 beds for 1,000 children before, 3.11 with 2,400 more.
    assert!(mean("before").starts_with("0.00220"), "{}", mean("before"));
    assert!(mean("now").starts_with("0.00311"), "{}", mean("now"));
    assert_eq!(outcome["before"]["served"], 5776);
    assert_eq!(outcome["now"]["served"], 8176);
    assert_eq!(outcome["now"]["groups"].as_object().unwrap().len(), 5);
    let below = |side: &str| outcome[side]["below"].as_array().unwrap().clone();
    assert!(below("now").len() < below("before").len());
    let still = below("now")[0].as_str().unwrap().to_owned();
    says(
        &bundle,
        &still,
        "en",
        &[
            "paediatric beds within reach of 1000 (children of 0 to 14): ",
            "the target of beds for 1,000 children (2.50): not reached.",
            "Before: ",
            " of 349; 1 has most.",
            "on average: ",
        ],
    );
    let lifted = below("before")
        .iter()
        .find(|b| !below("now").contains(b))
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned();
    says(
        &bundle,
        &lifted,
        "zh",
        &["(2.50):由此达到", "此前:", "范围内各处"],
    );
    says(
        &bundle,
        "new-2",
        "en",
        &["places are within reach", "paediatric beds: 1200"],
    );
    // The first step alone.
    city.replace(
        &format!("programmes/{ACCESS}.toml"),
        "en = \"the 2,000 beds are counted (1 yes, 0 no)\" }\nvalues = [{ since = 2024-01-01, value = 1",
        "en = \"the 2,000 beds are counted (1 yes, 0 no)\" }\nvalues = [{ since = 2024-01-01, value = 0",
    );
    let (_, first) = run(&city, ACCESS);
    assert_eq!(json(&first, "outcome.json")["now"]["served"], 6176);
}

#[test]
fn a_changed_table_is_seen_by_the_auditor() {
    let city = city();
    let (_, bundle) = run(&city, DIVERSION);
    city.replace(
        "tables/paediatric-hospitals.csv",
        "-3350,60,2600",
        "-3350,60,2601",
    );
    let wrong = minsheng(&["verify", &bundle, "--registers", &city.path()]);
    assert_eq!(wrong.status.code(), Some(4), "{}", out(&wrong));
    assert!(
        out(&wrong).contains("every number of the instance"),
        "{}",
        out(&wrong)
    );
}
