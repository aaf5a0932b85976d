#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_plain::{PlainError, solve_match};
use proptest::prelude::*;
use serde_json::{Value, json};

fn solve(instance: &Value) -> Value {
    serde_json::from_str(&solve_match(&instance.to_string()).unwrap()).unwrap()
}

fn with(instance: &Value, changes: Value) -> Value {
    let mut changed = instance.clone();
    for (key, value) in changes.as_object().unwrap() {
        changed[key] = value.clone();
    }
    changed
}

/// Abdulkadiroğlu and Sönmez 2003: three students, the stable result not efficient.
fn three() -> Value {
    json!({
        "mechanism": "deferred-acceptance",
        "applicants": [
            {"id": "i1", "preferences": ["s2", "s1", "s3"]},
            {"id": "i2", "preferences": ["s1", "s2", "s3"]},
            {"id": "i3", "preferences": ["s1", "s2", "s3"]},
        ],
        "providers": [
            {"id": "s1", "capacity": 1, "priorities": ["i1", "i3", "i2"]},
            {"id": "s2", "capacity": 1, "priorities": ["i2", "i1", "i3"]},
            {"id": "s3", "capacity": 1, "priorities": ["i2", "i1", "i3"]},
        ],
    })
}

#[test]
fn every_mechanism_on_the_same_three_students() {
    let stable = json!({"i1": "s1", "i2": "s2", "i3": "s3"});
    let traded = json!({"i1": "s2", "i2": "s1", "i3": "s3"});
    for (mechanism, expected) in [
        ("deferred-acceptance", &stable),
        ("provider-proposing", &stable),
        ("stable-improvement-cycles", &stable),
        ("maximum-size", &stable),
        ("top-trading-cycles", &traded),
        ("efficiency-adjusted", &traded),
    ] {
        let got = solve(&with(&three(), json!({"mechanism": mechanism})));
        assert_eq!(got["assignment"], *expected, "{mechanism}");
        assert_eq!(got["certificate"]["mechanism"], mechanism);
        let is_stable = expected == &stable;
        assert_eq!(got["certificate"]["stable"], is_stable, "{mechanism}");
        assert_eq!(got["certificate"]["efficient"], !is_stable, "{mechanism}");
        let blocking = if is_stable {
            json!([])
        } else {
            json!([{"i3": "s1"}])
        };
        assert_eq!(got["blocking"], blocking, "{mechanism}");
    }
    let binding = solve(&three());
    assert_eq!(binding["certificate"]["applicant_optimal"], true);
    assert_eq!(binding["certificate"]["unique"], true);
    assert!(binding.get("compared").is_none());
    let refused = json!({"mechanism": "efficiency-adjusted", "consent": ["i1", "i2"]});
    assert_eq!(solve(&with(&three(), refused))["assignment"], stable);
    let boston = solve(&with(
        &three(),
        json!({"mechanism": "immediate-acceptance"}),
    ));
    assert_eq!(
        boston["assignment"],
        json!({"i1": "s2", "i2": "s3", "i3": "s1"})
    );
    assert_eq!(boston["compared"]["gain"], json!(["i1", "i3"]));
    assert_eq!(boston["compared"]["lose"], json!(["i2"]));
    assert_eq!(
        boston["compared"]["misreports"],
        json!({"examined": true, "pays": {"i2": {"report": ["s2", "s1", "s3"], "gets": "s2"}}})
    );
    let serial = json!({"mechanism": "serial-dictatorship", "order": ["i3", "i2", "i1"]});
    let serial = solve(&with(&three(), serial));
    assert_eq!(
        serial["assignment"],
        json!({"i1": "s3", "i2": "s2", "i3": "s1"})
    );
    assert_eq!(serial["compared"]["misreports"]["pays"], json!({}));
}

#[test]
fn whole_numbers_are_names_too() {
    let got = solve(&json!({
        "mechanism": "deferred-acceptance",
        "applicants": [{"id": 1, "preferences": [10, "11"]}, {"id": "2", "preferences": [10]}],
        "providers": [{"id": 10, "capacity": 1, "priorities": [[2], 1]},
            {"id": "11", "capacity": 0, "priorities": [1]}],
    }));
    assert_eq!(got["assignment"], json!({"1": null, "2": "10"}));
    let half = r#"{"mechanism":"deferred-acceptance","applicants":[{"id":1.5}],"providers":[]}"#;
    let said = solve_match(half).unwrap_err().to_string();
    assert!(
        said.contains("an id has to be text or a whole number"),
        "{said}"
    );
}

#[test]
fn nobody_nothing_and_lists_of_one_side() {
    for mechanism in [
        "deferred-acceptance",
        "provider-proposing",
        "immediate-acceptance",
        "top-trading-cycles",
        "efficiency-adjusted",
        "stable-improvement-cycles",
        "maximum-size",
    ] {
        let empty = json!({"mechanism": mechanism, "applicants": [], "providers": []});
        assert_eq!(solve(&empty)["assignment"], json!({}), "{mechanism}");
        let one_sided = json!({
            "mechanism": mechanism,
            "applicants": [{"id": "a", "preferences": ["s", "t"]}, {"id": "b"}],
            "providers": [{"id": "s", "capacity": 2, "priorities": ["b"]},
                {"id": "t", "capacity": 3, "priorities": ["a", "b"]}],
        });
        let got = solve(&one_sided);
        assert_eq!(
            got["assignment"],
            json!({"a": "t", "b": null}),
            "{mechanism}"
        );
        assert_eq!(got["not_acceptable"], json!([["a", "s"]]), "{mechanism}");
    }
}

/// Erdil and Ergin 2008, and the smallest market where a tie costs a place.
#[test]
fn ties_are_improved_on_and_used_to_place_more() {
    let ties = json!({
        "mechanism": "stable-improvement-cycles",
        "applicants": [
            {"id": "1", "preferences": ["y", "x", "z"]},
            {"id": "2", "preferences": ["z", "y", "x"]},
            {"id": "3", "preferences": ["y", "z", "x"]},
        ],
        "providers": [
            {"id": "x", "capacity": 1, "priorities": ["1", "2", "3"]},
            {"id": "y", "capacity": 1, "priorities": ["2", ["1", "3"]]},
            {"id": "z", "capacity": 1, "priorities": ["3", "1", "2"]},
        ],
        "tie_break": ["1", "2", "3"],
    });
    let got = solve(&ties);
    assert_eq!(got["assignment"], json!({"1": "x", "2": "z", "3": "y"}));
    assert_eq!(got["compared"]["gain"], json!(["2", "3"]));
    let place = json!({
        "mechanism": "maximum-size",
        "applicants": [{"id": "a", "preferences": ["s", "t"]}, {"id": "b", "preferences": ["s"]}],
        "providers": [{"id": "s", "capacity": 1, "priorities": [["a", "b"]]},
            {"id": "t", "capacity": 1, "priorities": ["a"]}],
    });
    let got = solve(&place);
    assert_eq!(got["assignment"], json!({"a": "t", "b": "s"}));
    assert_eq!(got["certificate"]["most"]["bound"], 2);
    assert_eq!(got["certificate"]["most"]["reached"], true);
    assert_eq!(got["certificate"]["most"]["status"], "proved-largest");
    assert_eq!(got["compared"]["placed_by_deferred_acceptance"], 1);
}

fn capped() -> Value {
    json!({
        "mechanism": "deferred-acceptance",
        "applicants": [
            {"id": "a", "preferences": ["p", "q"]}, {"id": "b", "preferences": ["p", "r"]},
            {"id": "c", "preferences": ["q", "r"]}, {"id": "d", "preferences": ["r"]},
        ],
        "providers": [
            {"id": "p", "capacity": 2, "priorities": ["a", "b", "c", "d"]},
            {"id": "q", "capacity": 2, "priorities": ["a", "b", "c", "d"]},
            {"id": "r", "capacity": 2, "priorities": ["a", "b", "c", "d"]},
        ],
        "caps": [
            {"id": "district", "capacity": 3, "members": ["street", "r"]},
            {"id": "street", "capacity": 2, "members": ["p", "q"]},
        ],
    })
}

#[test]
fn caps_are_nested_and_told() {
    let got = solve(&capped());
    assert_eq!(
        got["assignment"],
        json!({"a": "p", "b": "p", "c": "r", "d": null})
    );
    assert_eq!(
        got["caps"],
        json!({"district": {"capacity": 3, "placed": 3, "last": "c"},
            "street": {"capacity": 2, "placed": 2, "last": "b"}})
    );
    assert_eq!(got["certificate"]["stable"], true);
    assert_eq!(got["certificate"]["applicant_optimal"], true);
    let mut turns = capped();
    turns["providers"][1]["priorities"] = json!(["d", "c", "b", "a"]);
    let said = solve_match(&turns.to_string()).unwrap_err();
    assert_eq!(said.mistakes[0].pointer, "/providers/1/priorities");
    turns["cap_order"] = json!("providers");
    let got = solve(&turns);
    assert_eq!(
        got["assignment"],
        json!({"a": "p", "b": "r", "c": "q", "d": null})
    );
    let mut ordered = capped();
    ordered["providers"][1]["priorities"] = json!(["d", "c", "b", "a"]);
    ordered["caps"][0]["order"] = json!(["d", "c", "b", "a"]);
    let got = solve(&ordered);
    assert_eq!(
        got["assignment"],
        json!({"a": null, "b": "p", "c": "q", "d": "r"})
    );
}

/// Under caps the guaranteed seats come first: a reserve at `r` takes a place of the
/// district from `c`, who is better placed; a kept seat takes one of the street.
#[test]
fn reserves_ceilings_and_kept_seats_under_caps() {
    let mut reserved = capped();
    reserved["providers"][2]["reserves"] =
        json!([{"id": "near", "seats": 1, "members": ["d"], "unused": "open"}]);
    let got = solve(&reserved);
    assert_eq!(
        got["assignment"],
        json!({"a": "p", "b": "p", "c": null, "d": "r"})
    );
    assert_eq!(got["doors"]["d"], "reserve:near");
    assert_eq!(got["caps"]["district"]["last"], "b");
    assert_eq!(got["certificate"]["applicant_optimal"], true);
    let mut ceiling = capped();
    ceiling["providers"][0]["ceilings"] = json!([{"id": "far", "seats": 1, "members": ["a", "b"]}]);
    assert_eq!(
        solve(&ceiling)["assignment"],
        json!({"a": "p", "b": "r", "c": "q", "d": null})
    );
    // The seat of `c` at `q` is kept, and `q` does not name `c` in any order.
    let mut kept = capped();
    kept["providers"][1]["priorities"] = json!(["a", "b", "d"]);
    kept["providers"][1]["kept"] = json!(["c"]);
    for order in ["people", "providers"] {
        kept["cap_order"] = json!(order);
        let got = solve(&kept);
        assert_eq!(
            got["assignment"],
            json!({"a": "p", "b": "r", "c": "q", "d": null}),
            "{order}"
        );
        assert_eq!(got["doors"]["c"], "kept");
    }
    kept["caps"][1]["capacity"] = json!(0);
    let said = solve_match(&kept.to_string()).unwrap_err();
    assert_eq!(said.mistakes[0].pointer, "/caps/1/capacity");
    assert!(
        said.to_string().contains("raise the cap or keep fewer"),
        "{said}"
    );
}

#[test]
fn mistakes_in_caps_couples_and_families_are_located() {
    let pointers = |instance: &Value| -> Vec<String> {
        let found: PlainError = solve_match(&instance.to_string()).unwrap_err();
        assert!(found.mistakes.iter().all(|m| m.at.is_some()), "{found}");
        found.mistakes.into_iter().map(|m| m.pointer).collect()
    };
    let changed = |path: &str, value: Value| {
        let mut instance = capped();
        *instance.pointer_mut(path).unwrap() = value;
        pointers(&instance)
    };
    assert_eq!(
        changed("/caps/1/members/1", json!("zz")),
        ["/caps/1/members/1"]
    );
    assert_eq!(
        changed("/caps/1/members/1", json!("r")),
        ["/caps/1/members/1"]
    );
    assert_eq!(
        changed("/caps/1/members/1", json!("district")),
        ["/caps/0", "/caps/1"][..1]
    );
    assert_eq!(
        changed("/caps/1/id", json!("p")),
        ["/caps/0/members/0", "/caps/1/id"]
    );
    assert_eq!(
        changed("/mechanism", json!("top-trading-cycles")),
        ["/caps"]
    );
    assert_eq!(
        pointers(&with(
            &capped(),
            json!({"families": [{"members": ["a"], "wish": "linked"}]})
        )),
        ["/families"]
    );
    let couple =
        json!({"caps": [], "couples": [{"members": ["a", "zz"], "preferences": [["p", "yy"]]}]});
    assert_eq!(
        pointers(&with(&capped(), couple)),
        [
            "/applicants/0/preferences",
            "/couples/0/members/1",
            "/couples/0/preferences/0/1"
        ]
    );
    let grades = json!({"caps": [], "families": [{"members": ["a", "a"], "wish": "together"}],
        "applicants": [{"id": "a", "preferences": ["p"]}, {"id": "b", "preferences": ["p"], "grade": 2},
            {"id": "c"}, {"id": "d"}]});
    assert_eq!(
        pointers(&with(&capped(), grades)),
        ["/applicants/1/preferences/0", "/families/0/members/1"]
    );
    let order = json!({"mechanism": "serial-dictatorship", "caps": []});
    assert_eq!(pointers(&with(&capped(), order)), ["/mechanism"]);
    let consent = json!({"mechanism": "efficiency-adjusted", "caps": [], "consent": ["zz"]});
    assert_eq!(pointers(&with(&capped(), consent)), ["/consent/0"]);
}

/// Roth 1984, Klaus and Klijn 2005: with a couple there may be no stable result.
#[test]
fn couples_with_and_without_a_stable_result() {
    let mut instance = json!({
        "mechanism": "deferred-acceptance",
        "applicants": [{"id": "s1"}, {"id": "s2"}, {"id": "s3", "preferences": ["h1", "h2"]}],
        "providers": [
            {"id": "h1", "capacity": 1, "priorities": ["s1", "s3"]},
            {"id": "h2", "capacity": 1, "priorities": ["s3", "s2"]},
        ],
        "couples": [{"members": ["s1", "s2"], "preferences": [["h1", "h2"]]}],
    });
    let got = solve(&instance);
    assert_eq!(got["certificate"]["stable"], false);
    assert_eq!(got["certificate"]["search"], "none-exists");
    assert!(!got["blocking"].as_array().unwrap().is_empty());
    instance["couples"][0]["preferences"] = json!([["h1", "h2"], ["h1", null]]);
    let got = solve(&instance);
    assert_eq!(got["certificate"]["stable"], true);
    assert_eq!(
        got["assignment"],
        json!({"s1": "h1", "s2": null, "s3": "h2"})
    );
}

#[test]
fn families_are_kept_together_and_small_classes_closed() {
    let family = |wish: &str| {
        json!({
            "mechanism": "deferred-acceptance",
            "applicants": [
                {"id": "old", "grade": 1, "preferences": ["x1", "y1"]},
                {"id": "young", "grade": 2, "preferences": ["y2", "x2"]},
                {"id": "other", "grade": 2, "preferences": ["x2"]},
            ],
            "providers": [
                {"id": "x1", "site": "x", "capacity": 1, "priorities": ["old"]},
                {"id": "y1", "site": "y", "capacity": 1, "priorities": ["old"]},
                {"id": "x2", "site": "x", "capacity": 1, "priorities": ["other", "young"]},
                {"id": "y2", "site": "y", "capacity": 1, "priorities": ["young"]},
            ],
            "families": [{"members": ["old", "young"], "wish": wish}],
        })
    };
    let got = solve(&family("priority"));
    assert_eq!(
        got["assignment"],
        json!({"old": "x1", "young": "y2", "other": "x2"})
    );
    let got = solve(&family("linked"));
    assert_eq!(
        got["assignment"],
        json!({"old": "x1", "young": "x2", "other": null})
    );
    let mut divided = family("together");
    divided["providers"][2]["capacity"] = json!(0);
    let got = solve(&divided);
    assert_eq!(
        got["assignment"],
        json!({"old": "y1", "young": "y2", "other": null})
    );
    assert_eq!(got["given_up"], json!([["old", "x1"], ["young", "x2"]]));
    let classes = json!({
        "mechanism": "deferred-acceptance",
        "applicants": [{"id": "a", "preferences": ["s", "t"]}, {"id": "b", "preferences": ["t", "s"]}],
        "providers": [{"id": "s", "capacity": 2, "minimum": 2, "priorities": ["a", "b"]},
            {"id": "t", "capacity": 2, "minimum": 2, "priorities": ["a", "b"]}],
    });
    let got = solve(&classes);
    assert_eq!(got["assignment"], json!({"a": "s", "b": "s"}));
    assert_eq!(
        got["closed"],
        json!([{"provider": "t", "minimum": 2, "placed": 1}])
    );
    assert_eq!(got["cutoffs"]["s"]["last"], "b");
}

/// A call order with shares: of every beginning half have a grant while there are any.
#[test]
fn shares_make_a_call_order() {
    let mut instance = json!({
        "mechanism": "deferred-acceptance",
        "applicants": [{"id": "a", "preferences": ["s"]}, {"id": "b", "preferences": ["s"]},
            {"id": "c", "preferences": ["s"]}, {"id": "d", "preferences": ["s"]}],
        "providers": [{"id": "s", "capacity": 2, "priorities": ["a", "b", "c", "d"],
            "shares": [{"id": "grant", "percent": 50, "members": ["c", "d"]}]}],
    });
    let got = solve(&instance);
    assert_eq!(got["orders"], json!({"s": ["c", "a", "d", "b"]}));
    assert_eq!(
        got["assignment"],
        json!({"a": "s", "b": null, "c": "s", "d": null})
    );
    instance["providers"][0]["shares"][0]["percent"] = json!(101);
    let said = solve_match(&instance.to_string()).unwrap_err();
    assert_eq!(said.mistakes[0].pointer, "/providers/0/shares");
}

/// A random market of plain seats with everything beyond it that one can have.
fn instance() -> impl Strategy<Value = Value> {
    (1usize..6, 1usize..5).prop_flat_map(|(n, m)| {
        let order = |k: usize| Just((0..k).collect::<Vec<_>>()).prop_shuffle();
        let lists = prop::collection::vec((order(m), 0..=m), n);
        let providers = prop::collection::vec((order(n), 0..=n, 0u32..4, 1usize..4), m);
        let kind = 0usize..12;
        (lists, providers, order(n), kind, any::<u64>()).prop_map(move |(lists, providers, ties, kind, bits)| {
            let bit = |i: usize| bits >> (i % 64) & 1 == 1;
            let name = |i: &usize| format!("a{i}");
            let couple = kind == 8 && n > 1;
            let applicants: Vec<_> = lists.iter().enumerate().map(|(i, (order, k))| {
                let list: Vec<_> = order.iter().take(*k).map(|p| format!("p{p}")).collect();
                json!({"id": name(&i), "preferences": if couple && i < 2 { vec![] } else { list }})
            }).collect();
            let providers: Vec<_> = providers.iter().enumerate().map(|(i, (order, k, capacity, size))| {
                let order = if kind == 9 { &ties } else { order };
                let known: Vec<_> = order.iter().take(*k).map(name).collect();
                json!({"id": format!("p{i}"), "capacity": capacity, "site": i / 2,
                    "minimum": if kind == 11 { i } else { 0 }, "target": i % 2,
                    "priorities": known.chunks(*size).collect::<Vec<_>>()})
            }).collect();
            let mechanisms = ["provider-proposing", "immediate-acceptance", "serial-dictatorship",
                "top-trading-cycles", "efficiency-adjusted", "stable-improvement-cycles", "maximum-size"];
            let mut instance = json!({"mechanism": mechanisms.get(kind).unwrap_or(&"deferred-acceptance"),
                "applicants": applicants, "providers": providers,
                "tie_break": ties.iter().map(name).collect::<Vec<_>>()});
            if kind == 4 {
                instance["consent"] = (0..n).filter(|i| bit(*i)).map(|i| name(&i)).collect();
            }
            if couple {
                let both: Vec<_> = (0..m * m).filter(|i| bit(*i))
                    .map(|i| json!([format!("p{}", i / m), format!("p{}", i % m)])).collect();
                instance["couples"] = json!([{"members": ["a0", "a1"], "preferences": both}]);
            }
            if kind == 9 || kind == 10 {
                let inner: Vec<_> = (0..m / 2).map(|p| format!("p{p}")).collect();
                let outer: Vec<_> = (m / 2..m).map(|p| format!("p{p}")).chain(["inner".into()]).collect();
                instance["caps"] = json!([{"id": "inner", "capacity": bits % 3, "members": inner},
                    {"id": "outer", "capacity": bits % 5, "members": outer}]);
                instance["cap_order"] = json!(if kind == 9 { "people" } else { "providers" });
                if kind == 9 {
                    instance["caps"][1]["order"] = ties.iter().map(name).collect();
                }
                let mut kept = 0;
                for (i, p) in instance["providers"].as_array_mut().unwrap().iter_mut().enumerate() {
                    let (members, others): (Vec<_>, Vec<_>) =
                        (0..n).partition(|a| bit(3 * a + i));
                    let named = |all: Vec<usize>| all.iter().map(name).collect::<Vec<_>>();
                    p["reserves"] = json!([{"id": "r", "seats": bits % 2 + 1, "members": named(members),
                        "unused": if bit(i) { "open" } else { "empty" }}]);
                    p["ceilings"] = json!([{"id": "c", "seats": bits % 3, "members": named(others)}]);
                    if bit(i + 20) && p["capacity"] != 0 {
                        p["kept"] = json!(["a0"]);
                        kept += 1;
                    }
                }
                instance["caps"][0]["capacity"] = json!(bits % 3 + kept);
                instance["caps"][1]["capacity"] = json!(bits % 5 + kept);
            }
            if kind == 7 {
                let wish = ["priority", "linked", "together"][(bits % 3) as usize];
                let members: Vec<_> = (0..n).filter(|i| bit(*i)).map(|i| name(&i)).collect();
                instance["families"] = json!([{"members": members, "wish": wish}]);
            }
            instance
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// What is promised was checked inside, and the order of the file does not matter.
    #[test]
    fn any_market_is_solved_whatever_the_files_order(instance in instance()) {
        let got = solve(&instance);
        let promised = match instance["mechanism"].as_str().unwrap() {
            "deferred-acceptance" => instance.get("couples").is_none(),
            "provider-proposing" | "stable-improvement-cycles" | "maximum-size" => true,
            _ => false,
        };
        let blocking = got["blocking"].as_array().unwrap();
        prop_assert_eq!(got["certificate"]["stable"] == true, blocking.is_empty());
        prop_assert!(!promised || blocking.is_empty());
        // Only turns are taken in the file's order.
        let by_order = instance["cap_order"] == "providers";
        let mut turned = instance.clone();
        turned["applicants"].as_array_mut().unwrap().reverse();
        turned["providers"].as_array_mut().unwrap().reverse();
        let again = solve(&turned);
        if !by_order {
            prop_assert_eq!(&got["assignment"], &again["assignment"]);
            prop_assert_eq!(&got["cutoffs"], &again["cutoffs"]);
            prop_assert_eq!(&got["closed"], &again["closed"]);
        }
    }

    #[test]
    fn damaged_instances_never_panic(
        instance in instance(), at in any::<prop::sample::Index>(), with in any::<char>()
    ) {
        let mut chars: Vec<char> = instance.to_string().chars().collect();
        let at = at.index(chars.len());
        chars[at] = with;
        let _ = solve_match(&chars.into_iter().collect::<String>());
    }
}
