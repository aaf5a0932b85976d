//! Assignment, siting and access from plain files: right answers, located mistakes,
//! every outcome verified again, tampering refused, garbage survived.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_plain::{
    Model, SiteOptions, solve_access, solve_assign, solve_site, verify_access, verify_assign,
    verify_outcome, verify_site,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn model(model: Model) -> SiteOptions {
    SiteOptions {
        model: Some(model),
        ..SiteOptions::default()
    }
}

fn with(text: &str, options: SiteOptions) -> Value {
    let outcome = solve_site(text, options).unwrap();
    assert!(
        verify_site(&outcome, text, options).unwrap().ok(),
        "{outcome}"
    );
    serde_json::from_str(&outcome).unwrap()
}

fn assigned(text: &str) -> Value {
    let outcome = solve_assign(text).unwrap();
    assert!(verify_assign(&outcome, text).unwrap().ok(), "{outcome}");
    serde_json::from_str(&outcome).unwrap()
}

const MIN: &str = "c an example\np min 4 5\nn 1 4\nn 4 -4\na 1 2 0 4 2\na 1 3 0 2 2\na 2 3 0 2 1\na 2 4 0 3 3\na 3 4 0 5 1\n";

#[test]
fn dimacs_is_solved_and_verified() {
    let out = assigned(MIN);
    assert_eq!(
        (&out["objective"], &out["status"]),
        (&json!(14), &json!("proved-optimal"))
    );
    let short = MIN
        .replace("a 3 4 0 5 1", "a 3 4 0 0 1")
        .replace("a 2 4 0 3 3", "a 2 4 0 2 3");
    assert_eq!(assigned(&short)["status"], "proved-infeasible");
    let endless = "p min 2 2\na 1 2 0 -1 -3\na 2 1 0 -1 2\n";
    assert_eq!(assigned(endless)["status"], "proved-unbounded");
    let unequal = "p min 2 1\nn 1 5\nn 2 -4\na 1 2 0 9 1\n";
    assert_eq!(assigned(unequal)["status"], "proved-infeasible");
    assert_eq!(assigned("p min 0 0\n")["objective"], 0);
    let big = format!(
        "p min 2 1\nn 1 1000\nn 2 -1000\na 1 2 0 1000 {}\n",
        i64::MAX
    );
    assert_eq!(
        assigned(&big)["objective"].to_string(),
        "9223372036854775807000"
    );
}

#[test]
fn mistakes_are_located() {
    for (text, place) in [
        ("", "1:1"),
        ("p min 2 1\nn 3 1\na 1 2 0 1 1\n", "2:3"),
        ("p min 2 1\na 1 2 0 1\n", "2:10"),
        ("p min 2 1\na 1 2 3 1 1\n", "2:9"),
        ("p min 2 2\na 1 2 0 1 1\n", "2:1"),
        ("p max 2 2\n", "1:3"),
        ("q\n", "1:1"),
        ("p min 2 1\na 1 2 0 1 99999999999999999999\n", "2:11"),
        ("p min 2 1\na 1 2 0 1 nan\n", "2:11"),
    ] {
        let error = solve_assign(text).unwrap_err().to_string();
        assert!(error.starts_with(place), "{text:?}: {error}");
    }
    for (text, options, place) in [
        ("", SiteOptions::default(), "1:1"),
        ("3 1 1\n1 4 5\n", SiteOptions::default(), "2:3"),
        ("3 1 1\n1 2\n", SiteOptions::default(), "2:1"),
        ("2 1 1\n1 2 5 6\n", SiteOptions::default(), "2:7"),
        ("1 1\n5\n1 2\n", model(Model::SetCover), "3:3"),
        ("1 1\ncapacity 5\n3 4\n", model(Model::Capacitated), "2:1"),
        ("1 1\n5 NaN\n3 4\n", model(Model::Capacitated), "2:3"),
    ] {
        let error = solve_site(text, options).unwrap_err().to_string();
        assert!(error.starts_with(place), "{text:?}: {error}");
    }
    let json = "{\"model\": \"p-median\", \"p\": 1,\n \"demands\": [{\"id\": \"a\", \"x\": 1, \"y\": 1e99}],\n \"sites\": [{\"id\": \"s\", \"x\": 0, \"y\": 0}]}";
    let error = solve_site(json, SiteOptions::default())
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("2:39: /demands/0/y"), "{error}");
    let nan = json.replace("1e99", "NaN");
    let error = solve_site(&nan, SiteOptions::default())
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("2:"), "{error}");
}

const GRAPH: &str = "5 6 2\n1 2 9\n1 2 3\n2 3 4\n3 4 2\n4 5 6\n5 1 8\n";

#[test]
fn graphs_are_solved_under_every_model() {
    let median = with(GRAPH, model(Model::PMedian));
    // A later edge replaces the one before: 1-2 is 3 long.
    assert_eq!(
        (&median["objective"], &median["status"]),
        (&json!(11), &json!("proved-optimal"))
    );
    let centre = with(GRAPH, model(Model::PCenter));
    assert_eq!(
        (&centre["objective"], &centre["status"]),
        (&json!(6), &json!("proved-optimal"))
    );
    let mut options = model(Model::MaxCover);
    options.reach = Some(3);
    options.p = Some(1);
    let cover = with(GRAPH, options);
    assert_eq!(
        (&cover["objective"], &cover["status"]),
        (&json!(2), &json!("proved-optimal"))
    );
    let mut none = SiteOptions {
        p: Some(0),
        ..SiteOptions::default()
    };
    assert_eq!(with(GRAPH, none)["status"], "proved-infeasible");
    none.p = Some(6);
    assert_eq!(with(GRAPH, none)["status"], "proved-infeasible");
    assert_eq!(
        with("3 1 1\n1 2 5\n", SiteOptions::default())["status"],
        "proved-infeasible"
    );
    let split = with("3 1 2\n1 2 5\n", SiteOptions::default());
    assert_eq!(split["objective"], 5);
}

#[test]
fn covers_and_warehouses_are_solved() {
    let by_row = "3 4\n2 3 1 9\n2\n1 2\n1\n3\n2\n2 4\n";
    assert_eq!(with(by_row, model(Model::SetCover))["objective"], 4);
    let by_column = "3 4\n2 1 1\n3 2 1 3\n1 1 2\n9 1 3\n";
    assert_eq!(with(by_column, model(Model::SetCover))["objective"], 4);
    let uncovered = "2 1\n5\n1\n1\n0\n";
    assert_eq!(
        with(uncovered, model(Model::SetCover))["status"],
        "proved-infeasible"
    );
    let cap = "2 3\n10 7.5\n8 2.25\n4\n4.0 8.0\n5\n10.5 5\n6\n6 18\n";
    let uncapacitated = with(cap, model(Model::Uncapacitated));
    // Both open: 7.5 + 2.25 + 4 + 5 + 6; only the first: 7.5 + 20.5.
    assert_eq!(uncapacitated["objective"].to_string(), "24.75");
    let capacitated = with(cap, model(Model::Capacitated));
    assert_eq!(capacitated["objective"].to_string(), "24.75");
    assert_eq!(capacitated["status"], "proved-optimal");
    let tight = cap.replace("10 7.5", "7 7.5");
    // Seven seats at the first: all six of the third, one of the first.
    assert_eq!(
        with(&tight, model(Model::Capacitated))["objective"].to_string(),
        "27.75"
    );
    let short = cap.replace("10 7.5", "6 7.5");
    assert_eq!(
        with(&short, model(Model::Capacitated))["status"],
        "proved-infeasible"
    );
}

fn city() -> String {
    json!({
        "model": "p-median", "p": 2, "metric": "great-circle", "rounding": "nearest",
        "demands": [
            {"id": "east", "weight": 5, "lon": 179.9, "lat": 0},
            {"id": "west", "weight": 4, "lon": -179.9, "lat": 0},
            {"id": "pole", "weight": 1, "lon": 12, "lat": 90},
        ],
        "sites": [
            {"id": "line", "lon": 180, "lat": 0},
            {"id": "far", "lon": 0, "lat": 0},
            {"id": "north", "lon": -100, "lat": 89.9},
        ],
    })
    .to_string()
}

#[test]
fn the_antimeridian_is_no_border() {
    let out = with(&city(), SiteOptions::default());
    assert_eq!(out["open"], json!(["line", "north"]));
    // 0.1 degrees are 11,119.5 metres.
    assert_eq!(out["objective"].as_i64().unwrap() / 10, 11_119 + 1);
    assert_eq!(out["assignment"]["west"], "line");
}

#[test]
fn limits_are_kept() {
    let mut points = Vec::new();
    let mut sites = Vec::new();
    for k in 0..12 {
        points.push(
            json!({"id": format!("d{k}"), "weight": k % 3 + 1, "x": k * 100, "y": (k * 37) % 100}),
        );
        sites.push(json!({
            "id": format!("s{k}"), "x": k * 100 + 10, "y": 0, "price": 5 + k % 4,
            "group": if k < 6 { "a" } else { "b" }, "capacity": 9,
            "state": if k == 3 { "open" } else if k == 4 { "closed" } else { "candidate" },
        }));
    }
    let base = json!({
        "model": "p-median", "p": 4, "demands": points, "sites": sites, "budget": 27,
        "groups": [{"id": "a", "max": 2}, {"id": "b", "min": 1}], "spacing": 150,
    });
    for name in ["p-median", "p-center", "max-cover", "capacitated"] {
        let mut instance = base.clone();
        instance["model"] = json!(name);
        instance["reach"] = json!(700);
        let out = with(&instance.to_string(), SiteOptions::default());
        let open: Vec<i64> = out["open"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s.as_str().unwrap()[1..].parse().unwrap())
            .collect();
        assert_eq!(open.len(), 4, "{name} {out}");
        assert!(open.contains(&3) && !open.contains(&4));
        assert!(open.windows(2).all(|w| w[1] - w[0] >= 2), "{open:?}");
        assert!(open.iter().filter(|k| **k < 6).count() <= 2);
        assert_eq!(out["status"], "proved-optimal", "{name}");
    }
    let mut dear = base;
    dear["budget"] = json!(19);
    assert_eq!(
        with(&dear.to_string(), SiteOptions::default())["status"],
        "proved-infeasible"
    );
}

#[test]
fn types_go_to_their_own() {
    let text = json!({
        "model": "set-cover", "reach": 10,
        "demands": [{"id": "a", "type": "park", "x": 0, "y": 0}, {"id": "b", "type": "shop", "x": 0, "y": 0}],
        "sites": [{"id": "p", "type": "park", "x": 1, "y": 1}, {"id": "s", "type": "shop", "x": 2, "y": 2}],
    });
    let out = with(&text.to_string(), SiteOptions::default());
    assert_eq!(
        (&out["objective"], &out["assignment"]["b"]),
        (&json!(2), &json!("s"))
    );
}

fn wards() -> Value {
    json!({
        "demands": [{"id": "a", "amount": 4}, {"id": "b", "amount": 3}, {"id": "c", "amount": 2}],
        "providers": [{"id": "x", "capacity": 5}, {"id": "y", "capacity": 6}],
        "costs": [[1, 5], [2, 3], [null, 4]],
    })
}

#[test]
fn transports_are_solved_with_their_options() {
    let out = assigned(&wards().to_string());
    assert_eq!(out["objective"], 4 + 2 + 2 * 3 + 2 * 4);
    assert_eq!(out["one_more_seat"], json!({"x": 1, "y": 0}));
    let mut whole = wards();
    whole["whole"] = json!(true);
    let out = assigned(&whole.to_string());
    assert_eq!((&out["objective"], &out["bound"]), (&json!(21), &json!(20)));
    let mut least = wards();
    least["providers"][1]["minimum"] = json!(6);
    assert_eq!(assigned(&least.to_string())["objective"], 3 + 5 + 9 + 8);
    least["providers"][0]["minimum"] = json!(5);
    assert_eq!(assigned(&least.to_string())["status"], "proved-infeasible");
    let mut short = wards();
    short["providers"] = json!([{"id": "x", "capacity": 4}, {"id": "y", "capacity": 2}]);
    assert_eq!(assigned(&short.to_string())["status"], "proved-infeasible");
    short["overload"] = json!("share");
    let out = assigned(&short.to_string());
    assert_eq!(out["overload"]["per_mille"], 251, "{out}");
}

fn field() -> Value {
    let mut demands = Vec::new();
    let mut suppliers = Vec::new();
    for k in 0..30 {
        demands.push(json!({"id": format!("d{k}"), "people": k * 7 % 11, "x": k * 90, "y": k * k % 500, "group": if k < 9 { "old" } else { "new" }}));
    }
    for k in 0..6 {
        suppliers.push(
            json!({"id": format!("s{k}"), "supply": 5 + k, "before": k, "x": k * 400, "y": 100}),
        );
    }
    json!({ "method": "2sfca", "reach": 800, "demands": demands, "suppliers": suppliers })
}

#[test]
fn access_adds_up_to_supply() {
    for method in ["2sfca", "bfca"] {
        for zones in [
            None,
            Some(json!([{"distance": 300, "weight": 1000}, {"distance": 800, "weight": 420}])),
        ] {
            let mut text = field();
            text["method"] = json!(method);
            if let Some(zones) = &zones {
                text["zones"] = zones.clone();
                text["reach"] = Value::Null;
            } else {
                text["gaussian_rings"] = json!(8);
            }
            let outcome = solve_access(&text.to_string()).unwrap();
            assert!(verify_access(&outcome, &text.to_string()).unwrap().ok());
            let out: Value = serde_json::from_str(&outcome).unwrap();
            assert_eq!(out["now"]["served"], 5 + 6 + 7 + 8 + 9 + 10);
            assert_eq!(out["before"]["served"], 1 + 2 + 3 + 4 + 5);
            assert!(out["now"]["certificate"]["left_over"].as_i64().unwrap() < 30 * 11 * 6);
            for key in ["served", "covered", "people", "mean_score"] {
                let mut wrong = out.clone();
                wrong["now"][key] = json!(out["now"][key].as_f64().unwrap() as i64 + 1);
                assert!(
                    !verify_access(&wrong.to_string(), &text.to_string())
                        .unwrap()
                        .ok(),
                    "{key}"
                );
            }
        }
    }
}

#[test]
fn a_floor_names_who_is_below_it() {
    let text = json!({ "method": "2sfca", "reach": 10,
        "demands": [
            { "id": "d", "people": 4, "x": 0, "y": 0 }, { "id": "e", "people": 4, "x": 100, "y": 0 },
            { "id": "f", "people": 9, "x": 900, "y": 0 }],
        "suppliers": [
            { "id": "s", "supply": 2, "x": 0, "y": 5 },
            { "id": "t", "supply": 3, "before": 1, "x": 100, "y": 5 }],
        "floor": { "supply": 50, "people": 100 } });
    let text = text.to_string();
    let outcome = solve_access(&text).unwrap();
    let out: Value = serde_json::from_str(&outcome).unwrap();
    // Exactly half is enough.
    assert_eq!(out["now"]["below"], json!(["f"]));
    assert_eq!(out["before"]["below"], json!(["e", "f"]));
    assert!(verify_access(&outcome, &text).unwrap().ok());
    for below in [json!([]), json!(["f", "f"]), json!(["e", "f"]), json!(null)] {
        let mut wrong = out.clone();
        wrong["now"]["below"] = below;
        let report = verify_access(&wrong.to_string(), &text);
        assert!(!report.is_ok_and(|r| r.ok()), "{wrong}");
    }
    for (floor, said) in [
        ("-1, \"people\": 100", "/floor"),
        ("1, \"people\": 0", "/floor"),
    ] {
        let broken = text.replace("50,\"people\":100", &floor.replace(' ', ""));
        let broken = broken.replace(
            "\"people\":100,\"supply\":50",
            &format!("\"supply\":{floor}"),
        );
        let error = solve_access(&broken).unwrap_err();
        assert_eq!(error.mistakes[0].pointer, said);
    }
}

/// The checker's own series gives the solver's weights.
#[test]
fn both_sides_have_one_gaussian() {
    for rings in (1..=120).chain([333, 500, 777, 1000]) {
        let own = minsheng_verify::siting::gaussian_zones(30_001, rings).unwrap();
        assert_eq!(minsheng_siting::access::gaussian(30_001, rings), own);
    }
    assert!(minsheng_verify::siting::gaussian_zones(5, 6).is_none());
}

/// Changes one number anywhere in the value.
fn mutate(value: &mut Value, mut at: usize, by: i64) -> bool {
    fn go(value: &mut Value, at: &mut usize, by: i64) -> bool {
        match value {
            Value::Number(n) => {
                if *at == 0 {
                    let old: i128 = n.to_string().parse().unwrap_or(0);
                    *value = json!(i64::try_from(old + i128::from(by)).unwrap_or(0));
                    return true;
                }
                *at -= 1;
                false
            }
            Value::Array(list) => list.iter_mut().any(|v| go(v, at, by)),
            Value::Object(map) => map.values_mut().any(|v| go(v, at, by)),
            _ => false,
        }
    }
    go(value, &mut at, by)
}

#[test]
fn changed_numbers_never_prove_a_better_answer() {
    let mut refused = 0;
    let mut all = 0;
    let instances: Vec<(String, SiteOptions)> = vec![
        (GRAPH.into(), model(Model::PMedian)),
        (GRAPH.into(), model(Model::PCenter)),
        (city(), SiteOptions::default()),
        (
            "2 3\n10 7.5\n8 2.25\n4\n4.0 8.0\n5\n10.5 5\n6\n6 18\n".into(),
            model(Model::Capacitated),
        ),
        (MIN.into(), SiteOptions::default()),
        (wards().to_string(), SiteOptions::default()),
    ];
    for (text, options) in instances {
        let site = options.model.is_some() || text.contains("p-median");
        let honest = if site {
            solve_site(&text, options)
        } else {
            solve_assign(&text)
        }
        .unwrap();
        let honest: Value = serde_json::from_str(&honest).unwrap();
        for at in 0..60 {
            for by in [-7, -1, 1, 900] {
                let mut wrong = honest.clone();
                if !mutate(&mut wrong, at, by) {
                    continue;
                }
                all += 1;
                match verify_outcome(&wrong.to_string(), &text, options) {
                    Ok(report) if report.ok() => {
                        // Another proof, of the same answer.
                        assert_eq!(wrong["objective"], honest["objective"]);
                        assert_eq!(wrong["bound"], honest["bound"]);
                    }
                    _ => refused += 1,
                }
            }
        }
    }
    assert!(all > 200 && refused * 2 > all, "{refused} of {all}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever the text, there is an answer or an error, never a panic.
    #[test]
    fn garbage_is_survived(text in "[ -~\n]{0,120}", numbers in prop::collection::vec(-3i64..12, 0..40), kind in 0..6usize) {
        let kinds = [Model::PMedian, Model::PCenter, Model::SetCover, Model::MaxCover, Model::Uncapacitated, Model::Capacitated];
        let mut options = model(kinds[kind]);
        options.reach = Some(5);
        let shown: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        for text in [text.clone(), shown.join(" "), format!("{{{text}"), format!("p min 3 2\n{text}")] {
            let _ = solve_assign(&text);
            let _ = solve_access(&text);
            if let Ok(outcome) = solve_site(&text, options) {
                prop_assert!(verify_site(&outcome, &text, options).unwrap().ok());
            }
            let _ = verify_outcome(&text, GRAPH, options);
        }
    }

    /// Broken JSON instances are refused or solved.
    #[test]
    fn broken_json_is_survived(cut in 0..600usize, other in "[ -~]{0,3}") {
        for text in [city(), wards().to_string(), field().to_string()] {
            let cut = cut.min(text.len());
            let broken = format!("{}{other}{}", &text[..cut], &text[(cut + 1).min(text.len())..]);
            let _ = solve_site(&broken, SiteOptions::default());
            let _ = solve_assign(&broken);
            let _ = solve_access(&broken);
        }
    }
}
