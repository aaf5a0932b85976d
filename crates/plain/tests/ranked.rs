//! `solve select` with `"mechanism": "ranked"`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_plain::solve_select;
use minsheng_verify::selection::check;
use proptest::prelude::*;
use serde_json::{Value, json};

fn solve(instance: &Value) -> Value {
    serde_json::from_str(&solve_select(&instance.to_string()).unwrap()).unwrap()
}

fn list() -> Value {
    json!({
        "mechanism": "ranked",
        "projects": [
            {"id": "a", "score": 90, "costs": {"money": 50}, "groups": ["east"]},
            {"id": "b", "score": 80, "costs": {"money": 40}, "groups": ["east"]},
            {"id": "c", "score": 70, "costs": {"money": 30}, "groups": ["east"]},
            {"id": "d", "score": 60, "costs": {"money": 30}, "groups": ["west"], "needs": ["e"]},
            {"id": "e", "score": 50, "costs": {"money": 10}, "groups": ["west"], "tie": 1, "value": 3},
            {"id": "f", "score": 99, "costs": {"money": 10}, "groups": ["west"],
             "ineligible": "no property contract"},
            {"id": "g", "score": 10, "tier": -1, "costs": {"money": 15}, "value": 7},
            {"id": "h", "score": 1, "state": "must"},
        ],
        "budgets": [{"id": "money", "most": 110}],
        "count": {"most": 6},
        "quotas": [{"group": "east", "most": 2}, {"group": "west", "least": 1}],
        "explain": ["b", "c", "d"],
    })
}

#[test]
fn down_the_list() {
    let got = solve(&list());
    assert_eq!(
        got["chosen"],
        json!([
            {"id": "g", "rank": 1, "way": "open"},
            {"id": "a", "rank": 2, "way": "open"},
            {"id": "c", "rank": 4, "way": "open"},
            {"id": "e", "rank": 6, "way": "guarantee:quota:1:west"},
            {"id": "h", "rank": 7, "way": "must"},
        ])
    );
    assert_eq!(got["objective"], 10);
    assert_eq!(
        got["left_out"],
        json!([
            {"id": "b", "why": "passed-over", "rank": 3, "obstacles": [{"row": "budget:money", "over": 5}]},
            {"id": "d", "why": "passed-over", "rank": 5, "obstacles": [{"row": "budget:money", "over": 25}]},
            {"id": "f", "why": "ineligible", "said": "no property contract"},
        ])
    );
    assert_eq!(
        got["cut_lines"],
        json!([
            {"line": "all", "last_in": "h", "first_out": "b"},
            {"line": "quota:0:east", "last_in": "c", "first_out": "b"},
            {"line": "quota:1:west", "last_in": "e", "first_out": "d"},
        ])
    );
    assert_eq!(
        got["explanations"][0],
        json!({"id": "b", "score": 11, "costs": {"money": 5},
            "limits": [{"row": "budget:money", "raise": 5, "searched": 5}]})
    );
}

#[test]
fn a_budget_may_end_the_list() {
    let mut instance = list();
    instance["stop_at_budget"] = json!(true);
    let got = solve(&instance);
    let ids: Vec<_> = got["chosen"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["id"].clone())
        .collect();
    assert_eq!(ids, ["g", "a", "e", "h"]);
    assert_eq!(got["left_out"][1]["obstacles"], json!([{"ended": true}]));
}

#[test]
fn mistakes() {
    for (at, to, said) in [
        (
            "/projects/1/score",
            json!(90),
            "3:15: /projects/1: its tier, score and `tie` are those of `a`: the order would not be defined",
        ),
        ("/projects/1/costs/money", json!(-1), "a cost is negative"),
        (
            "/count/most",
            json!(0),
            "the projects that `must` be in exceed `count`",
        ),
        (
            "/budgets/0",
            json!({"id": "money", "least": 3}),
            "`least` has no meaning in `ranked`",
        ),
        (
            "/mechanism",
            json!("optimise"),
            "`score` has no meaning in `optimise`",
        ),
        ("/projects/0", json!({"id": "a"}), "`ranked` needs `score`"),
    ] {
        let mut bad = list();
        *bad.pointer_mut(at).unwrap() = to;
        let wrong = solve_select(&bad.to_string()).unwrap_err().to_string();
        let end = said.split(": ").last().unwrap();
        assert!(wrong.contains(end), "{wrong}");
    }
}

/// Nobody, nothing, everybody the same, and numbers at both ends of 64 bits.
#[test]
fn edges() {
    let ids = |got: &Value| -> Vec<String> {
        let list = got["chosen"].as_array().unwrap().iter();
        list.map(|c| c["id"].as_str().unwrap().to_owned()).collect()
    };
    let none = solve(
        &json!({"mechanism": "ranked", "projects": [], "count": {"most": 0},
        "budgets": [{"id": "m", "most": 0}], "quotas": [{"group": "g", "least": 3}]}),
    );
    assert_eq!(ids(&none), Vec::<String>::new());
    assert_eq!(none["lacking"], json!([{"row": "quota:0:g", "by": 3}]));
    let most = i64::MAX;
    for (tier, score, cost) in [
        (0, most - 1, most),
        (i64::MIN, i64::MIN, 0),
        (most, most, 1),
    ] {
        let project = |n: usize| {
            json!({"id": n.to_string(), "tier": tier, "score": score, "tie": n, "value": most,
                "costs": {"m": cost}, "groups": ["g"]})
        };
        let projects: Vec<Value> = (0..5).map(project).collect();
        let all: Vec<String> = (0..5).map(|n| n.to_string()).collect();
        let got = solve(
            &json!({"mechanism": "ranked", "projects": projects, "count": {"most": 2},
            "budgets": [{"id": "m", "most": most}], "quotas": [{"group": "g", "budget": "m", "most": most}],
            "explain": all}),
        );
        let fit = if cost == most { 1 } else { 2 };
        assert_eq!(ids(&got).len(), fit);
        assert_eq!(
            got["objective"].to_string(),
            (i128::from(most) * fit as i128).to_string()
        );
        assert_eq!(got["explanations"].as_array().unwrap().len(), 5 - fit);
        // Who is at the top already cannot be moved further up.
        let none = score == most;
        assert_eq!(got["explanations"][0]["score"].is_null(), none, "{got}");
    }
    let wrong = solve_select(
        &json!({"mechanism": "ranked", "projects": [{"id": "a", "score": 1}],
            "exclusions": [{"group": "x=1", "projects": ["a"], "most": -1}]})
        .to_string(),
    );
    let said = wrong.unwrap_err().to_string();
    assert!(
        said.contains("`exclusion:0:x=1` allows at most -1, which nothing can keep"),
        "{said}"
    );
}

fn leaves(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Array(all) => {
            for (i, v) in all.iter().enumerate() {
                leaves(v, format!("{at}/{i}"), found);
            }
        }
        Value::Object(all) => {
            for (k, v) in all {
                leaves(v, format!("{at}/{k}"), found);
            }
        }
        _ => found.push(at),
    }
}

#[test]
fn every_change_of_an_outcome_is_caught() {
    let instance = list().to_string();
    let outcome: Value = serde_json::from_str(&solve_select(&instance).unwrap()).unwrap();
    let mut all = Vec::new();
    leaves(&outcome, String::new(), &mut all);
    assert!(all.len() > 60);
    for at in &all {
        let mut bad = outcome.clone();
        let own = bad.pointer_mut(at).unwrap();
        *own = match &*own {
            Value::Number(n) => json!(n.as_i64().unwrap() + 1),
            Value::String(s) => json!(format!("{s}'")),
            Value::Bool(b) => json!(!b),
            _ => json!(1),
        };
        assert!(!check(&instance, &bad.to_string()).ok(), "{at}");
    }
    for at in [
        "/projects/0/score",
        "/projects/1/costs/money",
        "/budgets/0/most",
        "/quotas/0/most",
    ] {
        let mut bad = list();
        *bad.pointer_mut(at).unwrap() = json!(1);
        assert!(!check(&bad.to_string(), &outcome.to_string()).ok(), "{at}");
    }
}

prop_compose! {
    fn project(at: usize)(
        score in 0i64..6, tier in 0i64..2, cost in 0i64..9, group in 0usize..3,
        needs in prop::option::weighted(0.15, 0usize..7), gate in 0u8..10,
    ) -> Value {
        let mut p = json!({"id": at.to_string(), "score": score, "tier": tier, "tie": at,
            "costs": {"m": cost}, "groups": [format!("g{group}")]});
        if let Some(other) = needs.filter(|o| *o != at) {
            p["needs"] = json!([other.to_string()]);
        }
        if gate == 0 {
            p["ineligible"] = json!("no");
        }
        p
    }
}

fn projects() -> impl Strategy<Value = Vec<Value>> {
    (0..7usize).map(project).collect::<Vec<_>>()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// The checker goes down the list by other code and comes to the same, with
    /// every explanation.
    #[test]
    fn two_ways_down_agree(
        projects in projects(), most in 0i64..30, count in 0i64..7,
        quotas in prop::collection::vec((0usize..3, prop::option::of(0i64..3), prop::option::of(0i64..4)), 0..4),
        stop in any::<bool>(),
    ) {
        let quotas: Vec<Value> = quotas
            .into_iter()
            .filter(|(_, l, m)| l.zip(*m).is_none_or(|(l, m)| l <= m))
            .map(|(g, l, m)| json!({"group": format!("g{g}"), "least": l, "most": m}))
            .collect();
        let all: Vec<String> = (0..7).map(|i| i.to_string()).collect();
        let instance = json!({"mechanism": "ranked", "projects": projects, "stop_at_budget": stop,
            "budgets": [{"id": "m", "most": most}], "count": {"most": count}, "quotas": quotas,
            "explain": all});
        prop_assert!(solve_select(&instance.to_string()).is_ok());
    }
}

/// A search for a raise that gives up says that no smaller one does, not what the one
/// does at which it gave up.
#[test]
fn a_raise_at_which_the_search_ends_may_let_in() {
    let project =
        |n: i32| json!({"id": format!("p{n:03}"), "score": 1000 - n, "costs": {"money": 1}});
    let projects: Vec<Value> = (0..400).map(project).collect();
    let got = solve(&json!({
        "mechanism": "ranked",
        "projects": projects,
        "budgets": [{"id": "money", "most": 0}],
        "explain": ["p398", "p399"],
    }));
    let limits = |i: usize| got["explanations"][i]["limits"].clone();
    assert_eq!(
        limits(0),
        json!([{"row": "budget:money", "raise": 399, "searched": 399}])
    );
    assert_eq!(
        limits(1),
        json!([{"row": "budget:money", "raise": null, "searched": 400}])
    );
}
