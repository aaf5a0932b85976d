//! Providers that do not open for want of people: compared, and with rounds.

use std::path::Path;

use minsheng_bundle::{Contents, read};
use minsheng_model::{Standing, Verdict};
use serde_json::Value;

use crate::city::{City, done, minsheng, out};

const SUMMER: &str = "programmes/summer-care.toml";
const TODDLERS: &str = "programmes/toddler-classes.toml";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn contents(bundle: &str) -> Contents {
    read(Path::new(bundle)).unwrap().0
}

/// Decides a programme and returns its bundle.
fn decided(city: &City, programme: &str) -> Contents {
    let report = json(&done(&["run", &city.path(), programme, "--json"]));
    contents(report[0]["bundle"].as_str().unwrap())
}

/// Sees that an alternative's closings and movers are those of two real decisions.
fn agrees(versus: &Value, base: &Contents, other: &Contents) {
    let closed = |side: &Value| -> Vec<(String, u64, u64)> {
        let all = side["closings"].as_array().into_iter().flatten();
        let own = all.filter(|c| !c["had"].is_null());
        own.map(|c| {
            let number = |key: &str| c[key].as_u64().unwrap();
            let name = c["provider"].as_str().unwrap();
            (name.to_owned(), number("minimum"), number("had"))
        })
        .collect()
    };
    let really = |contents: &Contents| {
        let all = contents.certificate.closed.iter();
        let mut all: Vec<(String, u64, u64)> = all
            .map(|c| (c.provider.clone(), c.minimum.into(), c.had.into()))
            .collect();
        all.sort();
        all
    };
    assert_eq!(closed(&versus["side"]), really(other));
    let moved = base.applicants.iter().zip(&other.applicants);
    let moved = moved.filter(|(a, b)| a.placement != b.placement).count();
    assert_eq!(versus["movers"].as_array().unwrap().len(), moved);
    let number = |kind: &str| {
        let figures = versus["side"]["figures"].as_array().unwrap().iter();
        let mut own = figures.filter(|f| f["kind"] == kind);
        own.next().unwrap()["value"].as_u64().unwrap()
    };
    assert_eq!(number("closed") as usize, other.certificate.closed.len());
    assert_eq!(number("placed"), other.certificate.placed);
}

#[test]
fn a_comparison_closes_whom_the_programme_would_close() {
    let city = City::whole();
    done(&["synth", &city.path(), "summer-care", "--scale", "150"]);
    let path = city.path();
    let compare = |more: &[&str]| {
        let mut all = vec!["compare", &path, "summer-care", "--draws", "4", "--json"];
        all.extend(more);
        json(&done(&all))
    };
    let base = decided(&city, "summer-care");
    assert!(!base.certificate.closed.is_empty());
    let charts = city.dir().join("charts");
    let folder = charts.display().to_string();
    let more = compare(&[
        "--set",
        "least=26",
        "--misreports",
        "3",
        "--charts",
        &folder,
    ]);
    let chart = std::fs::read_to_string(charts.join("what-if-closings.svg")).unwrap();
    let shut = more["alternatives"][0]["side"]["closings"]
        .as_array()
        .unwrap();
    let drawn = shut.iter().filter(|c| c["draws"].as_u64() > Some(0));
    let drawn: Vec<&str> = drawn.filter_map(|c| c["provider"].as_str()).collect();
    let named = drawn.iter().filter(|name| chart.contains(**name)).count();
    assert_eq!(named, drawn.len().min(24), "{chart}");
    assert!(
        std::fs::read_to_string(charts.join("bands.svg"))
            .unwrap()
            .contains("do not open")
    );
    let none = compare(&["--no-minimum", "--misreports", "0"]);
    let serial = compare(&["--mechanism", "top-trading-cycles", "--misreports", "0"]);
    city.replace(
        SUMMER,
        "value = 20, cite = \"merge\"",
        "value = 26, cite = \"merge\"",
    );
    let other = decided(&city, "summer-care");
    let one = &more["alternatives"][0];
    agrees(one, &base, &other);
    assert_eq!(one["side"]["theory"], "can-pay-by-opening");
    let through = |versus: &Value, better: bool| -> Vec<String> {
        let all = versus["reasons"].as_array().unwrap().iter();
        let own = all.filter(|r| r["better"] == better);
        own.map(|r| r["reason"]["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(through(one, false).contains(&"closing".to_owned()), "{one}");

    city.replace(SUMMER, "minimum = '$least'\ncite = \"merge\"\n", "");
    let open = decided(&city, "summer-care");
    let two = &none["alternatives"][0];
    assert_eq!(two["side"]["closings"], Value::Null);
    agrees(two, &base, &open);
    assert!(through(two, true).contains(&"closing".to_owned()), "{two}");
    assert!(
        two["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .all(|r| r["better"] == true)
    );
    // Whoever has another place than if all opened is who moves when all open.
    let by = none["base"]["figures"].as_array().unwrap().iter();
    let by = by
        .filter(|f| f["kind"] == "by-closing")
        .map(|f| &f["value"]);
    let moved = two["movers"].as_array().unwrap().len();
    assert_eq!(by.collect::<Vec<_>>(), [&Value::from(moved)]);

    // Under another mechanism all that are open have people enough, too.
    let found = &serial["alternatives"][0]["side"]["closings"];
    assert!(!found.as_array().unwrap().is_empty());
    let wrong = minsheng(&["compare", &path, "summer-care", "--no-minimum"]);
    assert_eq!(wrong.status.code(), Some(3), "{}", out(&wrong));
}

/// Three rounds of a programme with a minimum: what the decision closed stays closed and
/// is waited for by nobody; what opened stays open, however many decline.
#[test]
fn rounds_neither_close_nor_open() {
    let city = City::bare();
    city.replace(
        TODDLERS,
        "seats = 'least(kindergartens.places, kindergartens.classes * $class_size)'\n",
        "seats = 'least(kindergartens.places, kindergartens.classes * $class_size)'\nminimum = '24'\ncite = \"class-size\"\n",
    );
    done(&["synth", &city.path(), "--scale", "60"]);
    let report = json(&done(&["run", &city.path(), "--json"]));
    let mut bundle = report[0]["bundle"].as_str().unwrap().to_owned();
    let decision = contents(&bundle);
    let closed = decision.certificate.closed.clone();
    assert!(closed.iter().any(|c| c.had > 0), "{closed:?}");
    let opens = |name: &str| closed.iter().all(|c| c.provider != name);
    let mut fewer = 0;
    for round in 0..2 {
        if round == 0 {
            leaving(&city, &decision, &opens);
        } else {
            done(&["synth", &city.path(), "--replies", &bundle]);
        }
        let report = json(&done(&["round", &city.path(), &bundle, "--json"]));
        bundle = report["bundle"].as_str().unwrap().to_owned();
        let said = done(&["verify", &bundle]);
        assert!(said.contains("linked by hash"), "{said}");
        done(&["verify", &bundle, "--registers", &city.path()]);
        let now = contents(&bundle);
        assert_eq!(now.certificate.closed, closed);
        let round = now.round.as_ref().unwrap();
        for (row, line) in now.providers.iter().zip(&round.seal.lines) {
            if opens(&row.provider) {
                fewer += usize::from(row.placed < 24);
            } else {
                assert_eq!((row.capacity, row.placed), (0, 0));
                assert_eq!((line.vacant, line.waiting, &line.next), (0, 0, &None));
            }
        }
        letters(&now, &bundle, &opens);
    }
    assert!(fewer > 0);
    // A round that forgets a closing does not hold.
    let mut forged = contents(&bundle);
    forged.certificate.closed.pop();
    let folder = city.dir().join("forged");
    std::fs::create_dir_all(&folder).unwrap();
    let written = minsheng_bundle::write(&folder, &forged).unwrap();
    let said = minsheng(&["verify", &written.path.display().to_string()]);
    assert_eq!(said.status.code(), Some(4), "{}", out(&said));
}

/// Nearly all who have a place at one provider decline, and whoever could come in their
/// stead withdraws.
fn leaving(city: &City, decision: &Contents, opens: &dyn Fn(&str) -> bool) {
    let left = decision.providers.iter().find(|p| opens(&p.provider));
    let left = &left.unwrap().provider;
    let mut stay = 0;
    let mut text = "application_no,round,answer,day\n".to_owned();
    for row in &decision.applicants {
        let answer = match &row.placement {
            Some(place) if place.provider == *left && stay < 3 => {
                stay += 1;
                "accept"
            }
            Some(place) if place.provider == *left => "decline",
            Some(_) => "accept",
            None if row.verdict == Verdict::Eligible => "withdraw",
            None => continue,
        };
        text.push_str(&format!("{},1,{answer},2024-09-11\n", row.ticket));
    }
    std::fs::write(city.dir().join("registers/replies.csv"), text).unwrap();
}

/// Who waits for closed places alone is told so.
fn letters(now: &Contents, bundle: &str, opens: &dyn Fn(&str) -> bool) {
    let round = now.round.as_ref().unwrap();
    for (index, (row, own)) in now.applicants.iter().zip(&round.standings).enumerate() {
        let list = now.choices.iter().filter(|c| c.applicant as usize == index);
        let names: Vec<&str> = list
            .map(|c| now.providers[c.provider as usize].provider.as_str())
            .collect();
        let none = !names.is_empty() && names.iter().all(|n| !opens(n));
        if own.standing == Standing::Waiting && none {
            let letter = done(&["explain", bundle, &row.ticket, "--lang", "en"]);
            assert!(letter.contains("nothing to wait for"), "{letter}");
            assert!(letter.contains("does not open"), "{letter}");
        }
    }
}
