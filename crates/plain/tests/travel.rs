//! Travel from tables and saved answers of routing servers, and odd inputs of every
//! kind that has places.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_plain::{
    SiteOptions, solve_access, solve_assign, solve_site, verify_access, verify_assign,
    verify_outcome, verify_site, with_travel,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const SITE: &str = r#"{"model": "p-median", "p": 1,
 "demands": [{"id": "a", "weight": 2, "lon": 116.3, "lat": 39.9}, {"id": "b"}, {"id": "c,d"}],
 "sites": [{"id": "s"}, {"id": "t"}]}"#;

const TABLE: &str =
    "from_id,to_id,seconds\na,s,100\nb,s,50.5\n\"c,d\",s,7\na,t,40\nb,t,\n\"c,d\",t,9\n";

fn site(text: &str) -> Value {
    let outcome = solve_site(text, SiteOptions::default()).unwrap();
    let report = verify_site(&outcome, text, SiteOptions::default()).unwrap();
    assert!(report.ok(), "{outcome}\n{report:?}");
    serde_json::from_str(&outcome).unwrap()
}

fn wrong(travel: &str) -> String {
    with_travel(SITE, travel).unwrap_err().to_string()
}

#[test]
fn a_table_gives_the_travel_and_a_pair_without_a_way_is_not_used() {
    let out = site(&with_travel(SITE, TABLE).unwrap());
    // t does not reach b; 50.5 seconds are 51.
    assert_eq!(
        (&out["objective"], &out["open"], &out["status"]),
        (&json!(258), &json!(["s"]), &json!("proved-optimal"))
    );
    let minutes = TABLE.replace("seconds", "minutes").replace("50.5", "0.5");
    let out = site(&with_travel(SITE, &minutes).unwrap());
    assert_eq!(out["objective"], 200 * 60 + 30 + 7 * 60);
    let semicolons =
        "demand;site;extra;duration\r\nb;s;x;3\r\na;s;;4\r\nc,d;s;\"y;\"\"z\";5\r\n\r\n";
    assert_eq!(
        site(&with_travel(SITE, semicolons).unwrap())["objective"],
        16
    );
    let cut_off = "from,to,seconds\na,s,1\n";
    let out = site(&with_travel(SITE, cut_off).unwrap());
    assert_eq!(out["status"], "proved-infeasible");
    let mut cover: Value = serde_json::from_str(SITE).unwrap();
    cover["model"] = json!("max-cover");
    cover["reach"] = json!(50);
    let out = site(&with_travel(&cover.to_string(), TABLE).unwrap());
    assert_eq!(
        (&out["objective"], &out["open"]),
        (&json!(3), &json!(["t"]))
    );
}

#[test]
fn mistakes_in_a_table_stand_at_their_place() {
    for (text, place) in [
        ("", "1:1"),
        ("a,b,c\n", "1:1"),
        (
            "from,to,seconds\nx,s,1\n",
            "2:1: the instance has no demand `x`",
        ),
        (
            "from,to,seconds\n\na,x,1\n",
            "3:3: the instance has no site `x`",
        ),
        ("from,to,seconds\na,s,-1\n", "2:5"),
        ("from,to,seconds\na,s,nan\n", "2:5"),
        ("from,to,seconds\na,s,9223372036854775807\n", "2:5"),
        ("from,to,seconds\na,s\n", "2:1: has 2 columns, expected 3"),
        ("from,to,seconds\na,s,1\na,s,1\n", "3:1"),
        ("from,to,seconds\n\"a,s,1\n", "2:1: has a quote"),
    ] {
        let said = wrong(text);
        assert!(said.starts_with(place), "{text:?}: {said}");
    }
    // What is wrong with the instance is said by whoever solves it, in its own place.
    let broken = with_travel("{\"demands\": [", TABLE).unwrap();
    assert!(solve_site(&broken, SiteOptions::default()).is_err());
    let both = SITE.replace(
        "\"p\": 1,",
        "\"p\": 1, \"costs\": [[1, 1], [1, 1], [1, 1]],",
    );
    let both = with_travel(&both, TABLE).unwrap();
    let said = solve_site(&both, SiteOptions::default())
        .unwrap_err()
        .to_string();
    assert!(said.contains("/pairs") && said.contains("costs"), "{said}");
}

#[test]
fn a_saved_answer_of_osrm_is_read() {
    let answer = json!({
        "code": "Ok",
        "durations": [[100.4, 40], [50.5, null], [7, 9.0]],
        "sources": [
            {"hint": "", "distance": 4.2, "name": "", "location": [116.3, 39.9]},
            {"hint": "", "distance": 0.0, "name": "", "location": [116.3, 39.9]},
            {"hint": "", "distance": 1.1, "name": "", "location": [116.3, 39.9]}
        ],
        "destinations": [
            {"hint": "", "distance": 1.0, "name": "", "location": [116.3, 39.9]},
            {"hint": "", "distance": 1.0, "name": "", "location": [116.3, 39.9]}
        ]
    });
    let out = site(&with_travel(SITE, &answer.to_string()).unwrap());
    assert_eq!(
        (&out["objective"], &out["open"]),
        (&json!(258), &json!(["s"]))
    );
    for (pointer, value, place) in [
        (
            "/code",
            json!("TooBig"),
            "/code: the server refused: `TooBig`",
        ),
        (
            "/durations/0",
            json!([1]),
            "/durations/0: has 1 entries, expected 2",
        ),
        (
            "/durations",
            json!([[1, 2]]),
            "/durations: has 1 entries, expected 3",
        ),
        ("/durations/2/1", json!(-3), "/durations/2/1"),
        ("/durations/2/1", json!("3"), "/durations/2/1"),
    ] {
        let mut other = answer.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        let said = wrong(&other.to_string());
        assert!(said.contains(place), "{said}");
    }
    let mut guessed = answer.clone();
    guessed["fallback_speed_cells"] = json!([[1, 1]]);
    assert!(wrong(&guessed.to_string()).contains("fallback_speed"));
    let mut lengths = answer.clone();
    lengths.as_object_mut().unwrap().remove("durations");
    lengths["distances"] = json!([[1, 2], [1, 2], [1, 2]]);
    assert!(wrong(&lengths.to_string()).contains("annotations=duration"));
    assert!(wrong("{\"hello\": 1}").contains("OSRM"));
}

#[test]
fn a_saved_answer_of_valhalla_is_read() {
    let cell = |from: u32, to: u32, time: Value| json!({"distance": 1.2, "time": time, "to_index": to, "from_index": from});
    let answer = json!({
        "sources": [{"lat": 39.9, "lon": 116.3}], "targets": [],
        "sources_to_targets": [
            [cell(0, 0, json!(100)), cell(0, 1, json!(40))],
            [cell(1, 0, json!(51)), cell(1, 1, Value::Null)],
            [cell(2, 0, json!(7)), cell(2, 1, json!(9))]
        ],
        "units": "kilometers", "algorithm": "costmatrix"
    });
    let out = site(&with_travel(SITE, &answer.to_string()).unwrap());
    assert_eq!(
        (&out["objective"], &out["open"]),
        (&json!(258), &json!(["s"]))
    );
    let mut turned = answer.clone();
    turned["sources_to_targets"][1][0]["to_index"] = json!(1);
    assert!(wrong(&turned.to_string()).contains("/sources_to_targets/1/0"));
    let short = json!({
        "sources_to_targets": {
            "durations": [[100, 40], [51, null], [7, 9]],
            "distances": [[1, 1], [1, null], [1, 1]]
        },
        "units": "kilometers"
    });
    let out = site(&with_travel(SITE, &short.to_string()).unwrap());
    assert_eq!(out["objective"], 258);
}

#[test]
fn answers_about_parts_are_put_together() {
    let osrm = |rows: Value| json!({"code": "Ok", "durations": rows});
    let mut tiles = json!({"tiles": [
        {"sources": ["b", "a"], "destinations": ["s"], "answer": osrm(json!([[51], [100]]))},
        {"sources": ["c,d"], "destinations": ["t", "s"], "answer": osrm(json!([[9, 7]]))},
        {"sources": ["a"], "destinations": ["t"], "answer": {"sources_to_targets": [[{"time": 40}]]}}
    ]});
    let out = site(&with_travel(SITE, &tiles.to_string()).unwrap());
    assert_eq!(
        (&out["objective"], &out["open"]),
        (&json!(258), &json!(["s"]))
    );
    tiles["tiles"][2]["sources"] = json!(["x"]);
    assert!(wrong(&tiles.to_string()).contains("/tiles/2/sources/0"));
    tiles["tiles"][2]["sources"] = json!(["c,d"]);
    assert!(wrong(&tiles.to_string()).contains("/tiles/2: has a pair"));
}

#[test]
fn access_and_assignment_take_the_same_files() {
    let access = json!({
        "method": "2sfca", "reach": 60,
        "demands": [{"id": "a", "people": 10, "group": "g"}, {"id": "b", "people": 20}, {"id": "c,d", "people": 5}],
        "suppliers": [{"id": "s", "supply": 50}, {"id": "t", "supply": 30}]
    });
    for method in ["2sfca", "bfca"] {
        let mut own = access.clone();
        own["method"] = json!(method);
        let text = with_travel(&own.to_string(), TABLE).unwrap();
        let outcome = solve_access(&text).unwrap();
        assert!(verify_access(&outcome, &text).unwrap().ok());
        assert!(
            verify_outcome(&outcome, &text, SiteOptions::default())
                .unwrap()
                .ok()
        );
        let mut value: Value = serde_json::from_str(&outcome).unwrap();
        // s is within 60 seconds of b and c,d; t of a and c,d.
        assert_eq!(
            (&value["now"]["served"], &value["now"]["covered"]),
            (&json!(80), &json!(35))
        );
        if method == "2sfca" {
            assert_eq!(value["now"]["score"]["a"], json!(2));
            assert_eq!(value["now"]["score"]["c,d"], json!(4));
        }
        value["now"]["score"]["b"] = json!(7);
        assert!(!verify_access(&value.to_string(), &text).unwrap().ok());
    }
    let assign = json!({
        "demands": [{"id": "a", "amount": 2}, {"id": "b"}, {"id": "c,d"}],
        "providers": [{"id": "s", "capacity": 2}, {"id": "t", "capacity": 9}]
    });
    let text = with_travel(&assign.to_string(), TABLE).unwrap();
    let outcome = solve_assign(&text).unwrap();
    assert!(verify_assign(&outcome, &text).unwrap().ok());
    let value: Value = serde_json::from_str(&outcome).unwrap();
    assert_eq!(value["objective"], 2 * 40 + 51 + 7);
    // Other travel is another instance.
    let other = with_travel(&assign.to_string(), &TABLE.replace("a,t,40", "a,t,41")).unwrap();
    assert!(!verify_assign(&outcome, &other).is_ok_and(|r| r.ok()));
    let mut pairs: Value = serde_json::from_str(&text).unwrap();
    for (pair, place) in [
        (json!(["x", "s", 1]), "/pairs/0/0"),
        (json!(["a", "x", 1]), "/pairs/0/1"),
        (json!(["a", "s", -1]), "/pairs/0/2"),
        (json!(["a", "t", 1]), "/pairs/3/0"),
    ] {
        pairs["pairs"][0] = pair;
        let said = solve_assign(&pairs.to_string()).unwrap_err().to_string();
        assert!(said.contains(place), "{said}");
    }
}

#[test]
fn both_sides_of_the_antimeridian_are_one() {
    let text = json!({
        "model": "p-median", "p": 1, "metric": "great-circle",
        "demands": [{"id": "a", "lon": 179.999, "lat": 0}, {"id": "b", "lon": -179.999, "lat": 0}],
        "sites": [{"id": "here", "lon": 180, "lat": 0}, {"id": "far", "lon": 0, "lat": 0}]
    });
    let out = site(&text.to_string());
    assert_eq!(
        (&out["open"], &out["objective"]),
        (&json!(["here"]), &json!(222))
    );
    let mut other = text.clone();
    other["sites"][0]["lon"] = json!(-180);
    assert_eq!(site(&other.to_string())["objective"], 222);
    let access = json!({
        "method": "2sfca", "reach": 1000, "metric": "great-circle",
        "demands": [{"id": "a", "people": 4, "lon": 179.999, "lat": 0}],
        "suppliers": [{"id": "s", "supply": 8, "lon": -179.999, "lat": 0}]
    });
    let outcome: Value = serde_json::from_str(&solve_access(&access.to_string()).unwrap()).unwrap();
    assert_eq!(outcome["now"]["score"]["a"], 2);
    let mut years = text.clone();
    years.as_object_mut().unwrap().remove("p");
    years["years"] = json!([{"id": "1", "most": 1}]);
    assert_eq!(site(&years.to_string())["objective"], 222);
}

#[test]
fn nothing_to_serve_and_equal_costs_are_answered() {
    let equal = json!({"model": "p-median", "p": 2, "costs": [[5, 5, 5], [5, 5, 5]]});
    let out = site(&equal.to_string());
    assert_eq!(
        (&out["objective"], &out["open"]),
        (&json!(10), &out["open"])
    );
    // The same bytes every time.
    let again = solve_site(&equal.to_string(), SiteOptions::default()).unwrap();
    assert_eq!(
        again,
        solve_site(&equal.to_string(), SiteOptions::default()).unwrap()
    );
    for model in [
        "p-median",
        "p-center",
        "set-cover",
        "max-cover",
        "uncapacitated",
        "capacitated",
    ] {
        let zero = json!({
            "model": model, "p": 1, "reach": 5,
            "demands": [{"id": "a", "weight": 0, "x": 0, "y": 0}],
            "sites": [{"id": "s", "x": 0, "y": 0, "capacity": 0}]
        });
        assert_eq!(
            site(&zero.to_string())["status"],
            "proved-optimal",
            "{model}"
        );
        let none = json!({"model": model, "p": 0, "reach": 5, "demands": [], "sites": []});
        site(&none.to_string());
    }
    let years = json!({
        "model": "max-cover", "reach": 1, "years": [{"id": "1", "most": 1}],
        "demands": [{"id": "a", "weight": 0, "x": 0, "y": 0}], "sites": [{"id": "s", "x": 0, "y": 0}]
    });
    assert_eq!(site(&years.to_string())["status"], "proved-optimal");
    let floors = json!({
        "model": "max-cover", "reach": 1, "p": 1, "floors": [{"group": "g", "per_mille": 1000}],
        "demands": [{"id": "a", "weight": 0, "group": "g", "x": 0, "y": 0}], "sites": [{"id": "s", "x": 9, "y": 0}]
    });
    assert_eq!(site(&floors.to_string())["status"], "proved-optimal");
    let assign = json!({"demands": [], "providers": []});
    assert!(solve_assign(&assign.to_string()).is_ok());
}

#[test]
fn numbers_near_the_end_are_answered_or_refused_but_never_wrap() {
    let top = i64::MAX - 1;
    for weight in [1, 2, 1000, top] {
        for cost in [1, 1 << 40, top] {
            for model in [
                "p-median",
                "p-center",
                "max-cover",
                "uncapacitated",
                "capacitated",
            ] {
                let mut text = json!({
                    "model": model, "p": 1, "reach": top, "costs": [[cost, 3], [2, cost]],
                    "demands": [{"id": "a", "weight": weight, "group": "g"}, {"id": "b", "weight": weight}],
                    "sites": [{"id": "s"}, {"id": "t", "price": top}]
                });
                let solve =
                    |text: &Value| match solve_site(&text.to_string(), SiteOptions::default()) {
                        Ok(out) => {
                            let again =
                                verify_site(&out, &text.to_string(), SiteOptions::default());
                            assert!(again.unwrap().ok(), "{out}");
                        }
                        Err(error) => assert!(!error.to_string().contains("internal"), "{error}"),
                    };
                solve(&text);
                if model == "max-cover" {
                    text["floors"] = json!([{"group": "g", "least": weight}]);
                    solve(&text);
                    text.as_object_mut().unwrap().remove("floors");
                }
                if model != "p-center" && model != "capacitated" {
                    text.as_object_mut().unwrap().remove("p");
                    text["years"] = json!([
                        {"id": "1", "most": 1, "budget": top, "weight": weight},
                        {"id": "2", "budget": top, "weight": 1}
                    ]);
                    text["carry"] = json!(true);
                    solve(&text);
                }
            }
            let assign = json!({
                "demands": [{"id": "a", "amount": weight}, {"id": "b", "amount": 1}],
                "providers": [{"id": "x", "capacity": top}, {"id": "y", "capacity": weight}],
                "costs": [[cost, 1], [1, cost]]
            });
            match solve_assign(&assign.to_string()) {
                Ok(out) => assert!(verify_assign(&out, &assign.to_string()).unwrap().ok()),
                Err(error) => assert!(!error.to_string().contains("internal"), "{error}"),
            }
            let access = json!({
                "method": "bfca", "reach": top,
                "demands": [{"id": "a", "people": weight, "x": 0, "y": 0}, {"id": "b", "people": 1, "x": 1, "y": 0}],
                "suppliers": [{"id": "s", "supply": weight, "x": 0, "y": 0}, {"id": "t", "supply": 1, "x": 0, "y": 0}]
            });
            match solve_access(&access.to_string()) {
                Ok(out) => assert!(verify_access(&out, &access.to_string()).unwrap().ok()),
                Err(error) => assert!(!error.to_string().contains("internal"), "{error}"),
            }
        }
    }
}

#[test]
fn towns_without_a_way_between_them_are_told_apart() {
    let mut text = json!({
        "model": "p-median", "p": 1, "costs": [[1, null], [null, 1]],
    });
    assert_eq!(site(&text.to_string())["status"], "proved-infeasible");
    text["p"] = json!(2);
    assert_eq!(site(&text.to_string())["objective"], 2);
    text["model"] = json!("p-center");
    assert_eq!(site(&text.to_string())["objective"], 1);
    text["p"] = json!(1);
    assert_eq!(site(&text.to_string())["status"], "proved-infeasible");
    let years = json!({
        "model": "p-median", "costs": [[1, null, null], [null, null, null]],
        "years": [{"id": "1", "most": 3}]
    });
    assert_eq!(site(&years.to_string())["status"], "proved-infeasible");
    for text in [
        r#"{"model":"p-median","p":1,"demands":[{"id":"a","x":NaN,"y":0}],"sites":[{"id":"s","x":0,"y":0}]}"#,
        r#"{"model":"p-median","p":1,"demands":[{"id":"a","x":"NaN","y":0}],"sites":[{"id":"s","x":0,"y":0}]}"#,
        r#"{"model":"p-median","p":1,"demands":[{"id":"a","x":1e400,"y":0}],"sites":[{"id":"s","x":0,"y":0}]}"#,
        r#"{"model":"p-median","p":1,"metric":"great-circle","demands":[{"id":"a","lon":0,"lat":90.1}],"sites":[{"id":"s","lon":0,"lat":0}]}"#,
    ] {
        let said = solve_site(text, SiteOptions::default())
            .unwrap_err()
            .to_string();
        assert!(said.starts_with("1:"), "{said}");
    }
}

proptest! {
    #[test]
    fn garbage_travel_is_an_error_or_an_instance(travel in "[\\PC\n]{0,80}", tail in "[a-z0-9,;\"\n.-]{0,60}") {
        let _ = with_travel(SITE, &travel);
        let _ = with_travel(SITE, &format!("from,to,seconds\n{tail}"));
        let _ = with_travel(&travel, TABLE);
        let _ = with_travel(SITE, &format!("{{\"durations\": [[{tail}]]}}"));
    }
}
