//! Three rounds as the tour tells them: answers, late applications, an appeal, letters,
//! proofs; and everything that can be broken.

use std::path::{Path, PathBuf};

use minsheng_bundle::{Contents, read};
use minsheng_model::{Standing, Verdict};
use serde_json::Value;

use crate::city::{City, bytes, done, err, minsheng, names, out};

const PROGRAMME: &str = "programmes/toddler-classes.toml";
const REPLIES: &str = "registers/replies.csv";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn contents(bundle: &str) -> Contents {
    read(Path::new(bundle)).unwrap().0
}

/// Runs the first round and returns its bundle.
fn first(city: &City) -> String {
    let report = json(&done(&["run", &city.path(), "--json"]));
    report[0]["bundle"].as_str().unwrap().to_owned()
}

/// Makes answers to a bundle and runs the next round.
fn next(city: &City, bundle: &str, more: &[&str]) -> Value {
    done(&["synth", &city.path(), "--replies", bundle]);
    let path = city.path();
    let mut arguments = vec!["round", &path, bundle, "--json"];
    arguments.extend(more);
    json(&done(&arguments))
}

#[test]
fn three_rounds_with_late_applications_an_appeal_and_letters() {
    let city = City::small();
    let one = first(&city);
    assert!(out(&minsheng(&["explain", &one, &offered(&one).0])).contains("until 2024-09-20"));

    let record = appeal(&city, &one);
    let report = next(&city, &one, &["--appeal", &record.display().to_string()]);
    let two = report["bundle"].as_str().unwrap().to_owned();
    assert_eq!(
        (&report["round"], &report["appeals"]),
        (&2.into(), &1.into())
    );
    assert!(report["offered"].as_u64().unwrap() > 5, "{report}");
    assert!(report["arrived"].as_u64().unwrap() > 0, "{report}");
    assert!(
        report["answers"]["silent"].as_u64().unwrap() > 0,
        "{report}"
    );

    let report = next(&city, &two, &[]);
    let three = report["bundle"].as_str().unwrap().to_owned();
    assert_eq!(report["round"], 3);
    let last = minsheng(&["round", &city.path(), &three]);
    assert_eq!(last.status.code(), Some(3));
    assert!(err(&last).contains("was the last one"), "{}", err(&last));

    for bundle in [&two, &three] {
        let said = done(&["verify", bundle]);
        assert!(
            said.contains("linked by hash") && said.contains("nobody who did not give up"),
            "{said}"
        );
        let said = done(&["verify", bundle, "--registers", &city.path()]);
        assert!(
            said.contains("the answers follow from the register"),
            "{said}"
        );
        assert!(said.contains("rows that appeals corrected"), "{said}");
        for lang in ["zh", "en"] {
            for row in contents(bundle).applicants.iter().step_by(9) {
                done(&["explain", bundle, &row.ticket, "--lang", lang]);
            }
        }
    }
    // Nobody lost a place, and the appeal took none.
    let (before, after) = (contents(&two), contents(&three));
    assert_eq!(before.applicants.len(), after.applicants.len());
    let settled = before.round.as_ref().unwrap().standings.iter();
    let settled = settled
        .zip(&before.applicants)
        .filter(|(s, _)| s.standing == Standing::Settled);
    for (_, row) in settled {
        let now = after
            .applicants
            .iter()
            .find(|a| a.ticket == row.ticket)
            .unwrap();
        let round = after.round.as_ref().unwrap();
        let at = after
            .applicants
            .iter()
            .position(|a| a.ticket == row.ticket)
            .unwrap();
        let gone = round.standings[at].standing == Standing::Out;
        assert!(gone || now.placement == row.placement);
    }
    alone(&city, &three);
}

/// Without the bundle before, what can be said is said, and what was not is named.
fn alone(city: &City, bundle: &str) {
    let apart = city.dir().join("apart");
    std::fs::create_dir_all(&apart).unwrap();
    let target = apart.join(Path::new(bundle).file_name().unwrap());
    std::fs::create_dir(&target).unwrap();
    for file in names(Path::new(bundle)) {
        std::fs::copy(&file, target.join(file.file_name().unwrap())).unwrap();
    }
    let target = target.display().to_string();
    let said = done(&["verify", &target]);
    assert!(
        said.contains("--previous") && !said.contains("linked by hash"),
        "{said}"
    );
    let wrong = minsheng(&["verify", &target, "--previous", &target]);
    assert_eq!(wrong.status.code(), Some(4), "{}", out(&wrong));
}

/// Returns somebody with an offer, and somebody who waits.
fn offered(bundle: &str) -> (String, String) {
    let contents = contents(bundle);
    let mut rows = contents.applicants.iter();
    let one = rows.clone().find(|a| a.placement.is_some()).unwrap();
    let two = rows
        .find(|a| a.placement.is_none() && a.verdict == Verdict::Eligible)
        .unwrap();
    (one.ticket.clone(), two.ticket.clone())
}

/// Appeals for people whose papers were missing until somebody is owed a place, and
/// returns the record.
fn appeal(city: &City, bundle: &str) -> PathBuf {
    let facts = city.dir().join("facts.json");
    let path = city.path();
    std::fs::write(
        &facts,
        r#"{"birth": "2022-03-01", "health_check": "true", "local_hukou": "true"}"#,
    )
    .unwrap();
    let facts = facts.display().to_string();
    let rows = contents(bundle).applicants;
    for row in rows.iter().filter(|a| a.verdict != Verdict::Eligible) {
        let record = json(&done(&[
            "appeal",
            &path,
            bundle,
            &row.ticket,
            &facts,
            "--json",
        ]));
        assert_eq!(record["after"]["verdict"], "eligible", "{record}");
        if record["owed"].is_null() {
            continue;
        }
        let said = done(&["appeal", &path, bundle, &row.ticket, &facts, "--lang", "en"]);
        assert!(
            said.contains("is owed") && said.contains("clause `"),
            "{said}"
        );
        let file = city
            .dir()
            .join(format!("registers/appeal-{}.json", row.ticket));
        assert!(file.exists());
        return file;
    }
    panic!("nobody is owed a place");
}

/// Runs the next round after a bundle and sees that it is refused, with the words, and
/// that no bundle is left.
#[track_caller]
fn refused(city: &City, bundle: &str, more: &[&str], place: &str, words: &[&str]) {
    let before = city.bundles();
    let path = city.path();
    let mut arguments = vec!["round", &path, bundle, "--error-format", "plain"];
    arguments.extend(more);
    let output = minsheng(&arguments);
    let said = err(&output);
    assert!(
        matches!(output.status.code(), Some(3 | 4)),
        "{said}\n{}",
        out(&output)
    );
    let found = said
        .lines()
        .any(|l| l.contains(place) && words.iter().all(|w| l.contains(w)));
    assert!(found, "no line with `{place}` and {words:?} in\n{said}");
    let bad = |p: &PathBuf| p.to_string_lossy().ends_with("-bad-rows.csv");
    let left: Vec<PathBuf> = city.bundles().into_iter().filter(|p| !bad(p)).collect();
    let before: Vec<PathBuf> = before.into_iter().filter(|p| !bad(p)).collect();
    assert_eq!(left, before);
}

#[test]
fn everything_about_a_round_that_can_be_broken_is_told() {
    let city = City::small();
    let one = first(&city);
    refused(
        &city,
        &one,
        &[],
        "replies.csv",
        &["no register of replies", "heading alone"],
    );
    let (with, without) = offered(&one);
    let file = city.dir().join(REPLIES);
    let write = |rows: &str| {
        std::fs::write(&file, format!("application_no,round,answer,day\n{rows}")).unwrap()
    };
    let broken = |rows: &str, words: &[&str]| {
        write(rows);
        refused(&city, &one, &[], "replies.csv", words);
    };
    broken(
        &format!("{with},1,accept,2024-09-21\n"),
        &[
            &with,
            "2024-09-21",
            "after the last day 2024-09-20",
            "replies.csv:2:1",
            "--set-aside",
        ],
    );
    broken(
        &format!("{with},1,accept,2024-09-18\n{without},1,accept,2024-09-18\n"),
        &[&without, "has no offer of round 1", "replies.csv:3:1"],
    );
    broken(
        "TC24-999999,1,accept,2024-09-18\n",
        &["`TC24-999999`", "round 1 has no application"],
    );
    broken(
        &format!("{with},2,accept,2024-09-18\n"),
        &[
            &with,
            "round `2`",
            "the last one published is 1",
            "replies.csv:2:1",
        ],
    );
    broken(&format!("{with},1,acept,2024-09-18\n"), &["row 1", "acept"]);
    broken(
        &format!("{with},1,accept,2024-09-18\n{with},1,decline,2024-09-19\n"),
        &["same key"],
    );
    broken(&format!("{with},1,accept,soon\n"), &["`day`", "`soon`"]);
    write("");
    rules_and_registers(&city, &one);
    appeals(&city, &one);
    previous(&city, &one);
}

/// The rules and the registers have to be those of the round before.
fn rules_and_registers(city: &City, one: &str) {
    city.replace(PROGRAMME, "value = 500", "value = 600");
    refused(
        city,
        one,
        &[],
        "toml",
        &["are not those of the round before", "programme.toml"],
    );
    city.replace(PROGRAMME, "value = 600", "value = 500");
    let file = city.dir().join("registers/kindergartens.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.pop();
    std::fs::write(&file, lines.join("\n")).unwrap();
    refused(
        city,
        one,
        &[],
        "toml",
        &["`kindergartens`", "is not what it was", "minsheng appeal"],
    );
    std::fs::write(&file, text).unwrap();
}

/// A record has to be what registers and bundle give, entered once, after its bundle.
fn appeals(city: &City, one: &str) {
    let record = appeal(city, one);
    let path = record.display().to_string();
    refused(
        city,
        one,
        &["--appeal", &path, "--appeal", &path],
        "appeal-",
        &["two records"],
    );
    let text = std::fs::read_to_string(&record).unwrap();
    let edited = city.dir().join("edited.json");
    std::fs::write(&edited, text.replacen("2022-03-01", "2022-02-01", 1)).unwrap();
    let edited = edited.display().to_string();
    refused(
        city,
        one,
        &["--appeal", &edited],
        "edited.json",
        &["another result"],
    );
    std::fs::write(&edited, text.replacen("\"open\"", "\"kept\"", 1)).unwrap();
    if text.contains("\"open\"") {
        refused(
            city,
            one,
            &["--appeal", &edited],
            "edited.json",
            &["another result"],
        );
    }
    std::fs::write(&edited, "{}").unwrap();
    refused(
        city,
        one,
        &["--appeal", &edited],
        "edited.json",
        &["not a record"],
    );

    let ticket = offered(one).0;
    let facts = city.dir().join("facts.json");
    for (text, words) in [
        ("{\"birt\": \"2022-03-01\"}", ["`birt`", "birth"]),
        ("{\"birth\": \"soon\"}", ["`soon`", "date"]),
        (
            "{\"application_no\": \"X\"}",
            ["`application_no`", "not corrected"],
        ),
        ("{\"district\": \"119999\"}", ["`119999`", "110105"]),
        ("{}", ["no corrected fact", &ticket]),
        ("[1]", ["JSON object", "facts.json:1:1"]),
    ] {
        std::fs::write(&facts, text).unwrap();
        let output = minsheng(&[
            "appeal",
            &city.path(),
            one,
            &ticket,
            &facts.display().to_string(),
            "--error-format",
            "plain",
        ]);
        assert_eq!(output.status.code(), Some(3), "{}", err(&output));
        assert!(
            words.iter().all(|w| err(&output).contains(w)),
            "{words:?} in {}",
            err(&output)
        );
        assert!(
            !city
                .dir()
                .join(format!("registers/appeal-{ticket}.json"))
                .exists()
        );
    }
}

/// The bundle before has to hold; a chain is not mixed up, and what was taken into
/// account does not change.
fn previous(city: &City, one: &str) {
    let report = next(city, one, &[]);
    let two = report["bundle"].as_str().unwrap().to_owned();
    let file = city.dir().join(REPLIES);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen(",1,accept,", ",1,decline,", 1)).unwrap();
    refused(
        city,
        &two,
        &[],
        "replies.csv",
        &["answers to round 1", "have been changed since"],
    );
    std::fs::write(&file, text).unwrap();

    let doors = Path::new(&two).join("doors.parquet");
    let whole = std::fs::read(&doors).unwrap();
    let mut wrong = whole.clone();
    let middle = wrong.len() / 2;
    wrong[middle] ^= 1;
    std::fs::write(&doors, wrong).unwrap();
    refused(city, &two, &[], "r2-", &["SHA-256"]);
    std::fs::write(&doors, whole).unwrap();
    city.replace(
        PROGRAMME,
        "id = \"2024-autumn\"\nas_of",
        "id = \"2025-autumn\"\nas_of",
    );
    refused(city, &two, &[], "toml", &["cycle `2024-autumn`"]);
}

#[test]
fn programme_files_with_rounds_point_at_their_mistakes() {
    let check = |from: &str, to: &str, words: &[&str]| {
        let city = City::bare();
        city.replace(PROGRAMME, from, to);
        let output = minsheng(&["check", &city.path(), "--error-format", "plain"]);
        assert_eq!(output.status.code(), Some(3), "{}", err(&output));
        let said = err(&output);
        let found = said
            .lines()
            .any(|l| l.contains("error") && words.iter().all(|w| l.contains(w)));
        assert!(found, "{words:?} in\n{said}");
    };
    check(
        "reply_until = [2024-09-20]",
        "reply_until = [2024-09-20, 2024-09-13]",
        &["2024-09-13 has to be after 2024-09-20"],
    );
    check("reply_days = 7", "", &["there are 3 rounds, but 1 days"]);
    check("rounds = 3\n", "", &["`reply_days` needs `rounds`"]);
    check("silence = \"lapse\"", "silence = \"laps\"", &["lapse"]);
    check("keep = true", "keep = false", &["nobody may answer `keep`"]);
    check("closes = 2024-08-20\n", "", &["`closes` is missing"]);
    check("arrived = \"arrived\"\n", "", &["`closes` means nothing"]);
    check(
        "role = \"replies\"",
        "role = \"choices\"",
        &["has this role already"],
    );
    check(
        "key = [\"application_no\", \"round\"]",
        "key = [\"application_no\"]",
        &["the key of the replies"],
    );
    check(
        "\"withdraw\"]",
        "\"withdrew\"]",
        &["`withdrew`", "did you mean `withdraw`"],
    );
    check(
        "cite = \"offers\"",
        "cite = \"offer\"",
        &["did you mean `offers`"],
    );
    check("[offers]\n", "[offer]\n", &["offers"]);
}

#[test]
fn threads_and_the_order_of_rows_change_nothing_in_a_round() {
    let city = City::small();
    let one = first(&city);
    done(&["synth", &city.path(), "--replies", &one]);
    let mut seen = Vec::new();
    for (turn, threads) in ["1", "4", "3"].iter().enumerate() {
        if turn == 2 {
            let file = city.dir().join(REPLIES);
            let text = std::fs::read_to_string(&file).unwrap();
            let mut lines: Vec<&str> = text.lines().collect();
            lines[1..].reverse();
            std::fs::write(&file, lines.join("\n")).unwrap();
        }
        let target = city.dir().join(format!("turn-{turn}"));
        done(&[
            "round",
            &city.path(),
            &one,
            "--threads",
            threads,
            "--out",
            &target.display().to_string(),
        ]);
        let bundles = names(&target);
        assert_eq!(bundles.len(), 1);
        seen.push((
            bundles[0].file_name().unwrap().to_owned(),
            bytes(&bundles[0]),
        ));
    }
    assert!(seen[0] == seen[1] && seen[0] == seen[2]);
}

/// Where bundles show roots only, the city makes the rows again from its registers.
#[test]
fn rounds_that_show_roots_go_on_from_the_registers() {
    let city = City::small();
    city.replace(PROGRAMME, "mode = \"rows\"", "mode = \"roots\"");
    let one = first(&city);
    std::fs::write(
        city.dir().join(REPLIES),
        "application_no,round,answer,day\n",
    )
    .unwrap();
    let two = json(&done(&["round", &city.path(), &one, "--json"]));
    let two = two["bundle"].as_str().unwrap().to_owned();
    assert!(!Path::new(&two).join("standings.parquet").exists());
    let three = json(&done(&["round", &city.path(), &two, "--json"]));
    let three = three["bundle"].as_str().unwrap().to_owned();
    let said = done(&["verify", &three]);
    assert!(said.contains("only roots are published"), "{said}");
    done(&["verify", &three, "--registers", &city.path()]);
}
