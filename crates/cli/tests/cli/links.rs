//! A calendar of the works that another programme chose, as a user types it.

use std::fmt::Write as _;
use std::path::Path;

use minsheng_bundle::Contents;
use serde_json::Value;

use crate::chosen::compounds;
use crate::city::{City, done, err, minsheng, out};

const WORKS: &str = "programmes/compound-works.toml";

/// Returns a city that chooses 20 compounds and plans their works, listed the other way
/// round.
fn works() -> City {
    let city = compounds();
    city.replace(
        "city.toml",
        "[\"programmes/old-compounds.toml\"]",
        "[\"programmes/compound-works.toml\", \"programmes/old-compounds.toml\"]",
    );
    city.replace(WORKS, "value = 300, cite", "value = 20, cite");
    city.replace(WORKS, "value = 200, cite", "value = 15, cite");
    let mut designs = "compound_no,design,ready\n".to_owned();
    for n in 0..160 {
        writeln!(designs, "C{n:03},true,{}", 1 + n % 4).unwrap();
    }
    std::fs::write(city.dir().join("registers/compound-designs.csv"), designs).unwrap();
    let mut crews = "id,name,name_en,crews\n".to_owned();
    for (id, name, en) in [
        ("110101", "东城", "Dongcheng"),
        ("110102", "西城", "Xicheng"),
        ("110105", "朝阳", "Chaoyang"),
    ] {
        writeln!(crews, "{id},{name},{en},9").unwrap();
    }
    std::fs::write(city.dir().join("tables/work-districts.csv"), crews).unwrap();
    city
}

fn bundles(city: &City) -> (String, String) {
    let report: Value = serde_json::from_str(&done(&["run", &city.path(), "--json"])).unwrap();
    let path = |i: usize| report[i]["bundle"].as_str().unwrap().to_owned();
    // Whoever is needed first stands first.
    assert_eq!(report[0]["programme"], "old-compounds");
    assert_eq!(report[1]["programme"], "compound-works");
    assert_eq!(report[1]["chosen"], 20);
    (path(0), path(1))
}

#[track_caller]
fn refused(arguments: &[&str], code: i32, words: &[&str]) {
    let output = minsheng(arguments);
    let said = format!("{}{}", out(&output), err(&output));
    assert_eq!(output.status.code(), Some(code), "{said}");
    for word in words {
        assert!(said.contains(word), "no `{word}` in\n{said}");
    }
}

fn contents(bundle: &str) -> Contents {
    minsheng_bundle::read(Path::new(bundle)).unwrap().0
}

#[test]
fn works_follow_what_was_chosen() {
    let city = works();
    let path = city.path();
    let plain = ["--error-format", "plain"];
    let alone = [&["run", &path, "compound-works"][..], &plain].concat();
    refused(
        &alone,
        3,
        &["carried/no-bundle", "`old-compounds`, cycle `2024`"],
    );
    let (first, second) = bundles(&city);
    // The earlier bundle lies beside: it is found, alone and by an auditor.
    for level in [
        vec!["verify", &second],
        vec!["verify", &second, "--registers", &path],
    ] {
        let said = done(&level);
        assert!(!said.contains("FAILS"), "{said}");
        assert!(
            said.contains("exactly those decided on came over"),
            "{said}"
        );
    }
    let id = minsheng_bundle::read(Path::new(&first)).unwrap().1.id;
    let later = contents(&second);
    assert_eq!(later.certificate.carried.as_ref().unwrap().id, id);
    let letter = done(&[
        "explain",
        &second,
        &later.applicants[0].ticket,
        "--lang",
        "en",
    ]);
    assert!(
        letter.contains("come from the decision of `old-compounds`"),
        "{letter}"
    );
    // Decided again alone, from the bundle that is there: the same bytes.
    let again: Value =
        serde_json::from_str(&done(&["run", &path, "compound-works", "--json"])).unwrap();
    assert_eq!(again[0]["bundle"].as_str(), Some(second.as_str()));
    // Elsewhere, the earlier one is asked for.
    let aside = city.dir().join("aside");
    std::fs::create_dir(&aside).unwrap();
    let moved = aside.join(Path::new(&second).file_name().unwrap());
    std::fs::rename(&second, &moved).unwrap();
    let moved = moved.display().to_string();
    let said = done(&["verify", &moved]);
    assert!(said.contains("was not at hand"), "{said}");
    let said = done(&["verify", &moved, "--previous", &first]);
    assert!(
        said.contains("exactly those that `old-compounds`"),
        "{said}"
    );
    refused(
        &["verify", &moved, "--registers", &path],
        3,
        &["not at hand", "--previous"],
    );
    forgeries(&city, &first, &later);
}

/// Whoever is added, lost or changed on the way over is seen.
fn forgeries(city: &City, first: &str, honest: &Contents) {
    let forge = |change: &dyn Fn(&mut Contents)| {
        let mut changed = honest.clone();
        change(&mut changed);
        let folder = city.dir().join("forged");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let written = minsheng_bundle::write(&folder, &changed).unwrap().path;
        let path = written.display().to_string();
        refused(&["verify", &path, "--previous", first], 4, &["FAILS"]);
    };
    let seal = |c: &mut Contents| c.certificate.carried.clone().unwrap();
    forge(&|c| c.certificate.carried = None);
    forge(&|c| {
        let mut own = seal(c);
        own.id = "0".repeat(64);
        c.certificate.carried = Some(own);
    });
    forge(&|c| {
        let mut own = seal(c);
        own.rows -= 1;
        c.certificate.carried = Some(own);
    });
    forge(&|c| {
        let mut own = seal(c);
        own.cycle = "2023".to_owned();
        c.certificate.carried = Some(own);
    });
    // A compound that was not chosen, in place of one that was: sealed anew, it holds by
    // itself as far as rows go, and not beside the earlier bundle.
    let resealed = |c: &mut Contents| {
        let root = minsheng_bundle::rows_root(&c.applicants, &[], &c.providers);
        c.certificate.rows_root = minsheng_bundle::hex(&root);
    };
    forge(&|c| {
        let ticket = c.applicants[0].ticket.clone();
        let other = format!("{ticket}x");
        c.applicants[0].ticket.clone_from(&other);
        let decided = c.decided.as_mut().unwrap();
        decided.instance = decided.instance.replace(&ticket, &other);
        decided.outcome = decided.outcome.replace(&ticket, &other);
        resealed(c);
    });
    forge(&|c| {
        let place = c.rules.group_columns().iter().position(|n| *n == "name");
        c.applicants[0].groups[place.unwrap()] = Some("another".to_owned());
        resealed(c);
    });
}

#[test]
fn an_earlier_bundle_that_does_not_fit_stops_the_run() {
    let city = works();
    let path = city.path();
    let works = ["run", &path, "compound-works", "--error-format", "plain"];
    let (first, _) = bundles(&city);
    // A second one of the same cycle: which is in force?
    city.replace(
        "programmes/old-compounds.toml",
        "version = 1",
        "version = 2",
    );
    let report: Value =
        serde_json::from_str(&done(&["run", &path, "old-compounds", "--json"])).unwrap();
    let second = report[0]["bundle"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    refused(&works, 3, &["carried/several", "--previous"]);
    done(&["run", &path, "compound-works", "--previous", &second]);
    std::fs::remove_dir_all(&second).unwrap();
    // One that does not hold.
    let honest = contents(&first);
    let mut forged = honest.clone();
    forged.certificate.eligible += 1;
    std::fs::remove_dir_all(&first).unwrap();
    let written = minsheng_bundle::write(&city.dir().join("out"), &forged)
        .unwrap()
        .path;
    refused(&works, 4, &["carried/not-held", "does not hold"]);
    std::fs::remove_dir_all(&written).unwrap();
    // One of another cycle.
    city.replace(
        "programmes/old-compounds.toml",
        "id = \"2024\"",
        "id = \"2023\"",
    );
    done(&["run", &path, "old-compounds"]);
    refused(&works, 3, &["carried/no-bundle", "of other cycles: 2023"]);
    let whole = ["check", &path, "--error-format", "plain"];
    refused(
        &whole,
        3,
        &["programme/from", "is `2023`, and `2024` is asked for"],
    );
}

/// Lifts that were chosen and lifts that are under way stand in one calendar.
#[test]
fn others_of_the_file_stand_beside_those_chosen() {
    let city = City::whole();
    let path = city.path();
    for name in ["lifts", "lift-works"] {
        done(&["synth", &path, name, "--scale", "40"]);
    }
    city.replace(
        "programmes/lift-works.toml",
        "value = 600, cite",
        "value = 20, cite",
    );
    let arguments = ["run", &path, "lift-works", "lifts", "--json"];
    let report: Value = serde_json::from_str(&done(&arguments)).unwrap();
    assert_eq!(report[1]["programme"], "lift-works");
    let chosen = report[0]["chosen"].as_u64().unwrap();
    let bundle = report[1]["bundle"].as_str().unwrap();
    let later = contents(bundle);
    let begun = |t: &str| t.starts_with("DT23-");
    let own = later.applicants.iter().filter(|a| begun(&a.ticket)).count();
    assert!(own > 20 && chosen > 20, "{own} {chosen}");
    assert_eq!(later.applicants.len() as u64, own as u64 + chosen);
    assert_eq!(later.certificate.carried.as_ref().unwrap().rows, chosen);
    for level in [
        vec!["verify", bundle],
        vec!["verify", bundle, "--registers", &path],
    ] {
        let said = done(&level);
        assert!(!said.contains("FAILS"), "{said}");
        assert!(
            said.contains("exactly those decided on came over"),
            "{said}"
        );
    }
    for row in later.applicants.iter().step_by(9) {
        let letter = done(&["explain", bundle, &row.ticket, "--lang", "en"]);
        assert!(
            letter.contains("and from the programme's own register"),
            "{letter}"
        );
    }
}

/// Of two firms of one name the one with the better sheet is recognised.
#[test]
fn old_brands_are_recognised_one_of_a_name() {
    let city = City::whole();
    let path = city.path();
    let report: Value =
        serde_json::from_str(&done(&["run", &path, "brand-recognition", "--json"])).unwrap();
    let bundle = report[0]["bundle"].as_str().unwrap();
    let contents = contents(bundle);
    assert_eq!(contents.applicants.len(), 290);
    let decided = contents.decided.as_ref().unwrap();
    let outcome: Value = serde_json::from_str(&decided.outcome).unwrap();
    let out = &outcome["left_out"][0];
    assert!(
        out["obstacles"][0]["row"]
            .as_str()
            .unwrap()
            .contains("same_sign=")
    );
    let ticket = out["id"].as_str().unwrap();
    let letter = done(&["explain", bundle, ticket, "--lang", "en"]);
    assert!(letter.contains("firms of one name"), "{letter}");
    assert!(letter.contains("a score better by"), "{letter}");
    assert!(!letter.contains("Limits and cut lines"), "{letter}");
}

/// Those whom a programme left out last year are who it decides on this year.
#[test]
fn a_programme_can_go_on_from_its_own_last_cycle() {
    let city = works();
    let path = city.path();
    let file = "programmes/old-compounds.toml";
    let report: Value =
        serde_json::from_str(&done(&["run", &path, "old-compounds", "--json"])).unwrap();
    let left = report[0]["eligible"].as_u64().unwrap() - 20;
    let first = report[0]["bundle"].as_str().unwrap().to_owned();
    city.replace(file, "id = \"2024\"", "id = \"2025\"");
    city.replace(
        file,
        "file = \"registers/compounds.csv\"",
        "file = \"registers/compounds.csv\"\nfrom = { programme = \"old-compounds\", cycle = \"2024\", decided = \"left-out\" }",
    );
    city.replace(
        file,
        "district = { type = \"text\", ",
        "district = { type = \"text\", from = \"district\", ",
    );
    // The district comes over; the file of the year has the other facts.
    let csv = city.dir().join("registers/compounds.csv");
    let text = std::fs::read_to_string(&csv).unwrap();
    let without = text.lines().map(|l| {
        let mut cells: Vec<&str> = l.split(',').collect();
        cells.remove(2);
        cells.join(",")
    });
    std::fs::write(&csv, without.collect::<Vec<_>>().join("\n")).unwrap();
    let report: Value =
        serde_json::from_str(&done(&["run", &path, "old-compounds", "--json"])).unwrap();
    assert_eq!(report[0]["cycle"], "2025");
    assert_eq!(report[0]["applicants"].as_u64(), Some(left));
    let second = report[0]["bundle"].as_str().unwrap();
    let said = done(&["verify", second, "--previous", &first]);
    assert!(
        said.contains("exactly those decided on came over"),
        "{said}"
    );
}
