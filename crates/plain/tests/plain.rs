#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_plain::{PlainError, draw_rfc3797, draw_vrs, schema_match, solve_match};
use proptest::prelude::*;
use serde_json::{Value, json};

fn solve(instance: &Value) -> Value {
    serde_json::from_str(&solve_match(&instance.to_string()).unwrap()).unwrap()
}

fn wrong(instance: &str) -> PlainError {
    solve_match(instance).unwrap_err()
}

/// Gale and Shapley 1962, example 2 of three: each man and woman ranks all others;
/// the men-proposing result gives every man his first choice.
#[test]
fn gale_and_shapley_1962() {
    let got = solve(&json!({
        "mechanism": "deferred-acceptance",
        "applicants": [
            {"id": "α", "preferences": ["A", "B", "C"]},
            {"id": "β", "preferences": ["B", "C", "A"]},
            {"id": "γ", "preferences": ["C", "A", "B"]},
        ],
        "providers": [
            {"id": "A", "capacity": 1, "priorities": ["β", "γ", "α"]},
            {"id": "B", "capacity": 1, "priorities": ["γ", "α", "β"]},
            {"id": "C", "capacity": 1, "priorities": ["α", "β", "γ"]},
        ],
    }));
    assert_eq!(got["assignment"], json!({"α": "A", "β": "B", "γ": "C"}));
    assert_eq!(
        got["cutoffs"]["A"],
        json!({"capacity": 1, "placed": 1, "last": "α"})
    );
}

/// The example by which Roth 1982 and Abdulkadiroğlu and Sönmez 2003 show that
/// stability costs efficiency: the stable matching is Pareto-dominated.
#[test]
fn abdulkadiroglu_and_sonmez_2003() {
    let got = solve(&json!({
        "mechanism": "deferred-acceptance",
        "applicants": [
            {"id": "i1", "preferences": ["s2", "s1", "s3"]},
            {"id": "i2", "preferences": ["s1", "s2", "s3"]},
            {"id": "i3", "preferences": ["s1", "s2", "s3"]},
        ],
        "providers": [
            {"id": "s1", "capacity": 1, "priorities": [["i1"], ["i3"], ["i2"]]},
            {"id": "s2", "capacity": 1, "priorities": [["i2"], ["i1"], ["i3"]]},
            {"id": "s3", "capacity": 1, "priorities": [["i2"], ["i1"], ["i3"]]},
        ],
    }));
    assert_eq!(
        got["assignment"],
        json!({"i1": "s1", "i2": "s2", "i3": "s3"})
    );
    assert_eq!(got["certificate"]["stable"], true);
}

#[test]
fn ties_reserves_ceilings_kept_and_nothing_at_all() {
    let got = solve(&json!({
        "mechanism": "deferred-acceptance",
        "applicants": [
            {"id": "a", "preferences": ["s"]}, {"id": "b", "preferences": ["s", "t"]},
            {"id": "c", "preferences": ["s", "t"]}, {"id": "d", "preferences": ["s"]},
            {"id": "e", "preferences": ["u", "s"]}, {"id": "f", "preferences": []},
        ],
        "providers": [
            {"id": "s", "capacity": 3, "priorities": [["a", "b", "c"], "d"],
             "reserves": [{"id": "near", "seats": 1, "members": ["d"], "unused": "open"}],
             "ceilings": [{"id": "far", "seats": 0, "members": ["a"]}], "kept": ["e"]},
            {"id": "t", "capacity": 0, "priorities": ["b", "c"]},
            {"id": "u", "capacity": 5, "priorities": []},
        ],
        "tie_break": ["c", "b", "a", "d", "e", "f"],
    }));
    assert_eq!(
        got["assignment"],
        json!({"a": null, "b": null, "c": "s", "d": "s", "e": "s", "f": null})
    );
    assert_eq!(
        got["doors"],
        json!({"c": "open", "d": "reserve:near", "e": "kept"})
    );
    assert_eq!(got["not_acceptable"], json!([["e", "u"]]));
    assert_eq!(
        got["cutoffs"]["u"],
        json!({"capacity": 5, "placed": 0, "last": null})
    );
}

#[test]
fn mistakes_are_located_all_at_once() {
    let found = wrong(
        r#"{"mechanism": "deferred-acceptance",
 "applicants": [{"id": "a", "preferences": ["s", "s", "x"]},
  {"id": "a", "preferences": []}],
 "providers": [{"id": "s", "capacity": 1, "priorities": [["a", "a"], "zz"]}],
 "tie_break": []}"#,
    );
    let told: Vec<_> = found
        .mistakes
        .iter()
        .map(|m| (m.pointer.as_str(), m.at.unwrap(), m.message.en.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("/applicants/0/preferences/1", (2, 50), "`s` is named twice"),
            (
                "/applicants/0/preferences/2",
                (2, 55),
                "there is no provider `x`"
            ),
            ("/applicants/1/id", (3, 10), "`a` is named twice"),
            ("/providers/0/priorities/0/1", (4, 64), "`a` is named twice"),
            (
                "/providers/0/priorities/1",
                (4, 70),
                "there is no applicant `zz`"
            ),
            (
                "/tie_break",
                (5, 15),
                "`a` is missing: it has to name every applicant"
            ),
        ]
    );
}

#[test]
fn wrong_types_and_unknown_keys_say_line_and_column() {
    let told = |text: &str| wrong(text).to_string();
    assert_eq!(told(""), "1:0: EOF while parsing a value");
    assert!(told(r#"{"mechanism": "auction"}"#).starts_with("1:23: unknown variant `auction`"));
    let negative = "{\"mechanism\":\"deferred-acceptance\",\"applicants\":[],\n\"providers\":[{\"id\":\"s\",\"capacity\":-1,\"priorities\":[]}]}";
    assert!(
        told(negative).starts_with("2:36: invalid value: integer `-1`"),
        "{}",
        told(negative)
    );
    let unknown =
        r#"{"mechanism":"deferred-acceptance","applicants":[],"providers":[],"capcity":1}"#;
    assert!(told(unknown).contains("unknown field `capcity`"));
    let tie = r#"{"mechanism":"deferred-acceptance","applicants":[{"id":"a","preferences":[]},{"id":"b","preferences":[]}],
"providers":[{"id":"s","capacity":1,"priorities":[["a","b"]]}]}"#;
    assert_eq!(
        told(tie),
        "2:51: /providers/0/priorities/0: equal priorities and no `tie_break`: give one order of all applicants"
    );
    let deep = format!(
        r#"{{"mechanism":"deferred-acceptance","applicants":[],"providers":[{{"id":"s","capacity":1,"priorities":{}"#,
        "[".repeat(100_000)
    );
    // Lists in lists are refused where the third begins, however many follow.
    let said = "1:103: invalid type: sequence, expected an id: text or a whole number";
    assert_eq!(told(&deep), said);
    let ignored = format!(r#"{{"mechanism":{}"#, "[".repeat(100_000));
    assert!(!told(&ignored).is_empty());
    assert!(!told(&"[".repeat(100_000)).is_empty());
}

#[test]
fn the_schema_names_every_key() {
    let schema = schema_match();
    assert_eq!(schema["additionalProperties"], false);
    for key in ["mechanism", "applicants", "providers", "tie_break"] {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
}

#[test]
fn draws_equal_the_published_example() {
    let pool: String = (1..=25).map(|i| format!("{i}\n")).collect();
    let sources = "9319./2.5.8.10.12./9.18.26.34.41.45./";
    let won = draw_rfc3797(sources, &pool, 10).unwrap();
    assert_eq!(
        won,
        ["17", "7", "2", "16", "25", "23", "8", "24", "19", "13"]
    );
    let order = draw_vrs(sources, &pool, 25).unwrap();
    let backwards: String = (1..=25).rev().map(|i| format!("{i}\n")).collect();
    assert_eq!(order, draw_vrs(sources, &backwards, 25).unwrap());
    for bad in ["", "1", "1./2", "01./", "./", "1../", "1.5", "a./"] {
        assert!(draw_vrs(bad, &pool, 1).is_err(), "{bad}");
    }
    assert!(
        draw_rfc3797("1./", "a\nb\na\n", 1)
            .unwrap_err()
            .to_string()
            .contains("line 3")
    );
}

/// A random market, small enough for names of one letter.
fn instance() -> impl Strategy<Value = Value> {
    let applicants = 1usize..7;
    let providers = 1usize..4;
    (applicants, providers).prop_flat_map(|(n, m)| {
        let order = |k: usize| Just((0..k).collect::<Vec<_>>()).prop_shuffle();
        let lists = prop::collection::vec((order(m), 0..=m), n);
        let provider = (order(n), 0..=n, 0u32..4, prop::collection::vec(0u8..4, n), 0u32..3, 0u32..3, any::<bool>());
        (lists, prop::collection::vec(provider, m), order(n)).prop_map(move |(lists, providers, ties)| {
            let name = |i: usize| format!("a{i}");
            let applicants: Vec<_> = lists.iter().enumerate().map(|(i, (order, k))| {
                json!({"id": name(i), "preferences": order.iter().take(*k).map(|p| format!("p{p}")).collect::<Vec<_>>()})
            }).collect();
            let providers: Vec<_> = providers.iter().enumerate().map(|(i, (order, k, capacity, groups, r, c, open))| {
                let known: Vec<_> = order.iter().take(*k).map(|a| name(*a)).collect();
                let of = |g: u8| (0..n).filter(|a| groups[*a] == g).map(name).collect::<Vec<_>>();
                json!({"id": format!("p{i}"), "capacity": capacity,
                    "priorities": known.chunks(2).collect::<Vec<_>>(),
                    "reserves": [{"id": "r", "seats": r, "members": of(1), "unused": if *open { "open" } else { "empty" }}],
                    "ceilings": [{"id": "c", "seats": c, "members": of(2)}]})
            }).collect();
            json!({"mechanism": "deferred-acceptance", "applicants": applicants, "providers": providers,
                "tie_break": ties.iter().map(|a| name(*a)).collect::<Vec<_>>()})
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The outcome passes the check inside, respects capacities, and is the same
    /// whatever the order of applicants and providers in the file.
    #[test]
    fn any_market_is_solved_and_the_files_order_does_not_matter(instance in instance()) {
        let got = solve(&instance);
        prop_assert_eq!(&got["certificate"]["stable"], true);
        for (id, cutoff) in got["cutoffs"].as_object().unwrap() {
            let placed = got["assignment"].as_object().unwrap().values().filter(|v| v.as_str() == Some(id)).count();
            prop_assert_eq!(cutoff["placed"].as_u64().unwrap(), placed as u64);
            prop_assert!(cutoff["placed"].as_u64() <= cutoff["capacity"].as_u64());
        }
        let mut turned = instance.clone();
        turned["applicants"].as_array_mut().unwrap().reverse();
        turned["providers"].as_array_mut().unwrap().reverse();
        let again = solve(&turned);
        prop_assert_eq!(&got["assignment"], &again["assignment"]);
        prop_assert_eq!(&got["doors"], &again["doors"]);
        prop_assert_eq!(&got["cutoffs"], &again["cutoffs"]);
    }

    #[test]
    fn garbage_never_panics(text in ".{0,200}") {
        prop_assert!(solve_match(&text).is_err());
    }

    #[test]
    fn damaged_instances_never_panic(instance in instance(), at in any::<prop::sample::Index>(), with in any::<char>()) {
        let text = instance.to_string();
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        chars[at] = with;
        let _ = solve_match(&chars.into_iter().collect::<String>());
    }
}
