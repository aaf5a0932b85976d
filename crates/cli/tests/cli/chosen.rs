//! Programmes that choose among candidates, as a user types it: from a register to a
//! proved choice and letters to those in, out, and without a paper.

use std::fmt::Write as _;

use serde_json::Value;

use crate::city::{City, done, err, minsheng, out};

/// Returns a city that decides old compounds alone, with a register of 160 of them.
pub fn compounds() -> City {
    let city = City::bare();
    let file = "format = 1\n\n[city]\nname = \"beijing\"\ntitle = { zh = \"北京\", en = \"Beijing\" }\nprogrammes = [\"programmes/old-compounds.toml\"]\n";
    std::fs::write(city.dir().join("city.toml"), file).unwrap();
    let programme = "programmes/old-compounds.toml";
    city.replace(
        programme,
        "value = 300, cite = \"press-2024\"",
        "value = 20, cite = \"press-2024\"",
    );
    city.replace(
        programme,
        "value = 620_000_000_000",
        "value = 52_000_000_000",
    );
    let mut districts = "id,name,name_en,starts_least,starts_most,funds\n".to_owned();
    for (id, name, english, least, most) in [
        ("110101", "东城", "Dongcheng", 3, 9),
        ("110102", "西城", "Xicheng", 4, 8),
        ("110105", "朝阳", "Chaoyang", 2, 10),
    ] {
        writeln!(
            districts,
            "{id},{name},{english},{least},{most},{}",
            most * 4_000_000_000_u64
        )
        .unwrap();
    }
    std::fs::write(city.dir().join("tables/compound-districts.csv"), districts).unwrap();
    let mut rows = "compound_no,name,district,street,built,households,floor_area,works,reserve,illegal_left,defects,hotline,opposed,agreed,duties,contract\n".to_owned();
    for n in 0..160_u64 {
        let district = ["110101", "110102", "110105"][usize::try_from(n % 3).unwrap()];
        let households = 200 + n * 37 % 500;
        let works = ["energy", "pipes", "single"][usize::try_from(n / 3 % 3).unwrap()];
        let illegal = if n % 11 == 5 { 2 } else { 0 };
        let defects = if n % 13 == 7 {
            String::new()
        } else {
            (n * 29 % 90 + 5).to_string()
        };
        let contract = ["true", "true", "true", "false", ""][usize::try_from(n * 7 % 5).unwrap()];
        writeln!(
            rows,
            "C{n:03},小区{n},{district},街道{n},{},{households},{},{works},true,{illegal},{defects},{},{},{},true,{contract}",
            1960 + n % 40,
            households * 70,
            n * 53 % 700,
            households / 20,
            households * 3 / 4,
        )
        .unwrap();
    }
    std::fs::create_dir_all(city.dir().join("registers")).unwrap();
    std::fs::write(city.dir().join("registers/compounds.csv"), rows).unwrap();
    city
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn letter(bundle: &str, ticket: &str, lang: &str) -> String {
    done(&["explain", bundle, ticket, "--lang", lang])
}

#[test]
fn compounds_are_chosen_proved_and_told_why() {
    let city = compounds();
    let path = city.path();
    done(&["check", &path]);
    let report = json(&done(&["run", &path, "--json"]))[0].clone();
    assert_eq!(report["kind"], "select");
    assert_eq!(report["verified"], true);
    assert_eq!(report["chosen"], 20);
    assert_eq!(report["status"], "proved-optimal", "{report}");
    assert!(report["undetermined"].as_u64().unwrap() > 0);
    let bundle = report["bundle"].as_str().unwrap().to_owned();
    for level in [
        vec!["verify", &bundle],
        vec!["verify", &bundle, "--registers", &path],
    ] {
        let said = done(&level);
        assert!(!said.contains("FAILS"), "{said}");
        assert!(said.contains("exactly the eligible"), "{said}");
    }
    let (contents, _) = minsheng_bundle::read(std::path::Path::new(&bundle)).unwrap();
    let chosen = contents.decided.as_ref().unwrap().chosen().unwrap();
    // Their own plain files, solved and checked by the plain command.
    let folder = std::path::Path::new(&bundle);
    let file = |name: &str| folder.join(name).display().to_string();
    done(&[
        "verify",
        &file("outcome.json"),
        "--instance",
        &file("instance.json"),
    ]);

    let inside = chosen.first().unwrap();
    let said = letter(&bundle, inside, "en");
    assert!(
        said.contains("Chosen.") && said.contains("starts of the district · "),
        "{said}"
    );
    assert!(
        said.contains("the smallest points among those chosen: "),
        "{said}"
    );
    let named = ["Dongcheng (东城)", "Xicheng (西城)", "Chaoyang (朝阳)"];
    assert!(named.iter().any(|n| said.contains(n)), "{said}");
    let outside = contents
        .applicants
        .iter()
        .find(|a| a.verdict == minsheng_model::Verdict::Eligible && !chosen.contains(&a.ticket))
        .unwrap();
    let said = letter(&bundle, &outside.ticket, "en");
    for words in [
        "Eligible, but not chosen",
        "points: ",
        "starts of the district",
        "What would have changed the answer",
        "If you disagree",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    let said = letter(&bundle, &outside.ticket, "zh");
    for words in ["符合条件,但本批未列入", "各区开工数", "怎样会有不同的结果"]
    {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    // The one whose only failed gate is the contract.
    let bit = contents
        .rules
        .clauses
        .iter()
        .position(|c| c.id == "contract")
        .unwrap();
    let all = (1u32 << contents.rules.clauses.len()) - 1;
    let gate = contents
        .applicants
        .iter()
        .find(|a| a.holds == all & !(1 << bit) && a.unknown == 0)
        .unwrap();
    let said = letter(&bundle, &gate.ticket, "en");
    assert!(
        said.contains("missing gate: the property contract"),
        "{said}"
    );
    assert!(
        said.contains("Not chosen: a condition is not met"),
        "{said}"
    );
}

#[test]
fn floors_that_cannot_be_met_publish_nothing() {
    let city = compounds();
    city.replace(
        "tables/compound-districts.csv",
        "110101,东城,Dongcheng,3,9",
        "110101,东城,Dongcheng,60,60",
    );
    let failed = minsheng(&["run", &city.path()]);
    assert_eq!(failed.status.code(), Some(3), "{}", err(&failed));
    assert!(
        err(&failed).contains("no choice at all keeps every limit"),
        "{}",
        err(&failed)
    );
    assert!(city.bundles().is_empty());
}

#[test]
fn a_changed_register_is_seen_by_the_auditor() {
    let city = compounds();
    let path = city.path();
    let report = json(&done(&["run", &path, "--json"]))[0].clone();
    let bundle = report["bundle"].as_str().unwrap().to_owned();
    city.replace("registers/compounds.csv", ",energy,", ",pipes,");
    let wrong = minsheng(&["verify", &bundle, "--registers", &path]);
    assert_eq!(wrong.status.code(), Some(4), "{}", out(&wrong));
    assert!(
        out(&wrong).contains("every number of the instance"),
        "{}",
        out(&wrong)
    );
}
