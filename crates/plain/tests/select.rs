//! `solve select`: known optima, mistakes with their place, garbage, and outcomes
//! that were tampered with.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use std::sync::LazyLock;

use minsheng_plain::{PlainError, solve_select};
use minsheng_verify::selection::check;
use proptest::prelude::*;
use serde_json::{Value, json};

/// OR-Library's `mknap1` (Beasley 1990; problems of Petersen 1967).
const MKNAP1: &str = include_str!("data/mknap1.txt");

fn solve(instance: &Value) -> Value {
    serde_json::from_str(&solve_select(&instance.to_string()).unwrap()).unwrap()
}

fn told(error: &PlainError) -> Vec<(Option<(usize, usize)>, &str)> {
    let all = error.mistakes.iter();
    all.map(|m| (m.at, m.message.en.as_str())).collect()
}

#[test]
fn petersen_1967() {
    let got: Value = serde_json::from_str(&solve_select(MKNAP1).unwrap()).unwrap();
    let problems = got["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 7);
    for (problem, optimum) in problems
        .iter()
        .zip(["3800", "8706.1", "4015", "6120", "12400", "10618", "16537"])
    {
        assert_eq!(problem["status"], "proved-optimal");
        assert_eq!(problem["objective"].to_string(), optimum);
        assert_eq!(problem["bound"].to_string(), optimum);
        assert_eq!(problem["stated_optimum"].to_string(), optimum);
        assert_eq!(problem["gap"].to_string(), "0");
    }
}

#[test]
fn the_other_layouts_say_the_same() {
    // Weingartner and Ness 1967, problem 1, in the layout of mknap2.
    let turned = "remarks before\nproblem WEING1.DAT\n+++++\n2 28 // knapsacks, objects
 1898 440 22507 270 14148 3100 4650 30800 615 4975
 1160 4225 510 11880 479 440 490 330 110 560
 24355 2885 11748 4550 750 3720 1950 10500
 600 600
 45 0 85 150 65 95 30 0 170 0 40 25 20 0 0 25 0 0 25 0 165 0 85 0 0 0 0 100
 30 20 125 5 80 25 35 73 12 15 15 40 5 10 10 12 10 9 0 20 60 40 50 36 49 40 19 150
 141278
";
    let got: Value = serde_json::from_str(&solve_select(turned).unwrap()).unwrap();
    assert_eq!(got["objective"], 141_278);
    assert_eq!(got["stated_optimum"], 141_278);
    let alone = "3 1 0\n5 4 3\n2 2 2\n4";
    let got: Value = serde_json::from_str(&solve_select(alone).unwrap()).unwrap();
    assert_eq!(got["objective"], 9);
    assert_eq!(got.get("stated_optimum"), None);
}

fn renovation() -> Value {
    json!({
        "projects": [
            {"id": "a", "value": 90, "costs": {"money": 50}, "groups": ["east"]},
            {"id": "b", "value": 80, "costs": {"money": 40}, "groups": ["east"]},
            {"id": "c", "value": 70, "costs": {"money": 30}, "groups": ["east"]},
            {"id": "d", "value": 20, "costs": {"money": 30}, "groups": ["west"], "needs": ["e"]},
            {"id": "e", "value": -5, "costs": {"money": 10}, "groups": ["west"]},
            {"id": "f", "value": 60, "costs": {"money": 10}, "groups": ["west"],
             "ineligible": "no property contract"},
            {"id": "g", "value": 5, "costs": {"money": 60, "crews": 1}, "state": "never"},
            {"id": "h", "value": 1, "costs": {"crews": 2}, "state": "must"},
            {"id": "i", "value": 30, "costs": {"money": 20, "crews": 1}, "groups": ["west"]},
        ],
        "budgets": [{"id": "money", "most": 130}, {"id": "crews", "most": 3}],
        "count": {"most": 5},
        "quotas": [{"group": "east", "most": 2}, {"group": "west", "least": 1},
                   {"group": "east", "budget": "money", "most": 95}],
        "exclusions": [{"projects": ["i", "d"]}],
        "explain": ["d", "a", "f", "c"],
    })
}

#[test]
fn rules_are_kept_and_reasons_given() {
    let got = solve(&renovation());
    assert_eq!(got["status"], "proved-optimal");
    assert_eq!(got["objective"], 201);
    assert_eq!(got["chosen"], json!(["a", "b", "h", "i"]));
    let left = got["left_out"].as_array().unwrap();
    let why: Vec<_> = left
        .iter()
        .map(|l| (l["id"].as_str().unwrap(), l["why"].as_str().unwrap()))
        .collect();
    assert_eq!(
        why,
        [
            ("c", "not-best"),
            ("d", "not-best"),
            ("e", "not-best"),
            ("f", "ineligible"),
            ("g", "never")
        ]
    );
    assert_eq!(left[3]["said"], "no property contract");
    // With d (and e, not i): 90 + 80 + 1 + 15 needs 130 money: 186.
    assert_eq!(got["explanations"][0]["id"], "d");
    assert_eq!(got["explanations"][0]["objective"], 186);
    assert_eq!(
        got["explanations"][0]["increase"],
        json!({"at_least": 15, "enough": 15})
    );
    assert_eq!(got["explanations"][1]["id"], "c");
    assert_eq!(
        got["explanations"][1]["increase"],
        json!({"at_least": 10, "enough": 10})
    );
}

#[test]
fn what_is_impossible_is_proved_so() {
    let mut instance = renovation();
    instance["quotas"][1]["least"] = json!(4);
    let got = solve(&instance);
    assert_eq!(got["status"], "proved-infeasible");
    assert_eq!(got["chosen"], Value::Null);
    assert_eq!(got["gap"], Value::Null);
    // An odd budget of even costs is missed exactly: only by splitting.
    let all: Vec<Value> = (0..12)
        .map(|i| json!({"id": i.to_string(), "value": 1, "costs": {"m": 2}}))
        .collect();
    let got = solve(&json!({"projects": all, "budgets": [{"id": "m", "least": 7, "most": 7}]}));
    assert_eq!(got["status"], "proved-infeasible");
}

/// Sums at the ends of 64 bits and beyond, equal values, nothing to pay with.
#[test]
fn sums_beyond_64_bits_are_right() {
    let most = i64::MAX;
    let all = |n: usize, of: &dyn Fn(usize) -> Value| -> Vec<Value> { (0..n).map(of).collect() };
    let value = |instance: Value| {
        let got: Value =
            serde_json::from_str(&solve_select(&instance.to_string()).unwrap()).unwrap();
        assert_eq!(got["status"], "proved-optimal", "{got}");
        got["objective"].to_string()
    };
    let big = |n: usize| json!({"id": n.to_string(), "value": most, "costs": {"m": most}});
    assert_eq!(
        value(json!({"projects": all(5, &big)  , "budgets": [{"id": "m"}]})),
        (5 * i128::from(most)).to_string()
    );
    assert_eq!(
        value(json!({"projects": all(5, &big), "budgets": [{"id": "m", "most": most}]})),
        most.to_string()
    );
    let least = |n: usize| json!({"id": n.to_string(), "value": i64::MIN, "state": "must"});
    assert_eq!(
        value(json!({"projects": all(5, &least)})),
        (5 * i128::from(i64::MIN)).to_string()
    );
    let near = json!([
        {"id": "a", "value": most - 1, "costs": {"m": most - 1}},
        {"id": "b", "value": 2, "costs": {"m": 2}},
        {"id": "c", "value": 1, "costs": {"m": 1}, "needs": ["a"]},
    ]);
    assert_eq!(
        value(json!({"projects": near, "budgets": [{"id": "m", "most": most}], "explain": ["b"]})),
        most.to_string()
    );
    let free = |n: usize| json!({"id": n.to_string(), "value": 1, "costs": {"m": 0}});
    assert_eq!(
        value(json!({"projects": all(50, &free), "budgets": [{"id": "m", "most": 0}]})),
        "50"
    );
    let same = |n: usize| json!({"id": n.to_string(), "value": 5, "costs": {"m": 3}});
    assert_eq!(
        value(json!({"projects": all(60, &same), "budgets": [{"id": "m", "most": 61}]})),
        "100"
    );
}

#[test]
fn edges() {
    let none = solve(&json!({"projects": []}));
    assert_eq!(
        (&none["objective"], &none["status"]),
        (&json!(0), &json!("proved-optimal"))
    );
    let broke = solve(
        &json!({"projects": [{"id": "a", "value": 3, "costs": {"m": 1}}, {"id": "b", "value": 2}],
        "budgets": [{"id": "m", "most": 0}]}),
    );
    assert_eq!(broke["chosen"], json!(["b"]));
    let forced = solve(&json!({"projects": [{"id": "a", "value": -3}], "count": {"least": 1}}));
    assert_eq!(
        (&forced["objective"], &forced["gap"]),
        (&json!(-3), &json!(0))
    );
    // Each needs the other: both or neither.
    let circle = solve(&json!({"projects": [
        {"id": "a", "value": 3, "needs": ["b"]}, {"id": "b", "value": -2, "needs": ["a"]}]}));
    assert_eq!(circle["chosen"], json!(["a", "b"]));
    let huge = i64::MAX;
    let got = solve(&json!({"projects": [
        {"id": "a", "value": huge, "costs": {"m": huge}}, {"id": "b", "value": huge, "costs": {"m": huge}},
        {"id": "c", "value": huge - 1, "costs": {"m": 1}}, {"id": "d", "value": i64::MIN}],
        "budgets": [{"id": "m", "most": huge}]}));
    assert_eq!(got["objective"].to_string(), huge.to_string());
    assert_eq!(got["status"], "proved-optimal");
    let got = solve(&json!({"projects": [{"id": "a", "value": huge}, {"id": "b", "value": huge}]}));
    assert_eq!(got["objective"].to_string(), "18446744073709551614");
    let same: Vec<Value> = (0..60)
        .map(|i| json!({"id": i.to_string(), "value": 5, "costs": {"m": 3 + i % 4}, "groups": [format!("g{}", i % 5)]}))
        .collect();
    let quotas: Vec<Value> = (0..5)
        .map(|g| json!({"group": format!("g{g}"), "least": 2, "most": 4}))
        .collect();
    let got =
        solve(&json!({"projects": same, "budgets": [{"id": "m", "most": 61}], "quotas": quotas}));
    assert_eq!(got["status"], "proved-optimal");
}

#[test]
fn mistakes_are_located() {
    let wrong = solve_select(
        r#"{"projects": [{"id": "a", "value": 1, "needs": ["a", "x"], "costs": {"m": 1}},
 {"id": "a", "value": 2, "state": "must", "ineligible": "no"}],
 "count": {"least": 3, "most": 2}, "quotas": [{"group": "g", "budget": "m"}],
 "exclusions": [{"projects": ["a", "a"]}], "explain": ["y"]}"#,
    )
    .unwrap_err();
    assert_eq!(
        told(&wrong),
        [
            (Some((2, 9)), "`a` is named twice"),
            (Some((2, 35)), "it is `must` and `ineligible` at once"),
            (Some((1, 75)), "there is no budget `m`"),
            (Some((3, 11)), "`least` 3 is more than `most` 2"),
            (Some((3, 72)), "there is no budget `m`"),
            (Some((1, 54)), "there is no project `x`"),
            (Some((4, 36)), "`a` is named twice"),
            (Some((4, 56)), "there is no project `y`"),
        ]
    );
    let wrong = solve_select(r#"{"projects": [{"id": "a", "value": 9223372036854775808}]}"#);
    assert_eq!(wrong.unwrap_err().mistakes[0].at.unwrap().0, 1);
    let wrong = solve_select(r#"{"projects": [{"id": "a", "value": 1.5}]}"#);
    assert_eq!(wrong.unwrap_err().mistakes[0].at.unwrap().0, 1);
    for (text, at, said) in [
        (
            "",
            (1, 1),
            "there is no problem: expected an OR-Library multi-dimensional knapsack or JSON",
        ),
        ("1\n2 1 0\n 5 x\n", (3, 4), "`x` is not a number (a value)"),
        (
            "1\n2 1 0\n 5 4\n 1 1\n",
            (4, 1),
            "the text ends before a right-hand side",
        ),
        (
            "1\n1 1 0\n5\n1\n3 9",
            (5, 3),
            "`9` stands after the last problem",
        ),
        ("1\n-1 1 0", (2, 1), "`-1` is not the number of items"),
        (
            "1\n1 1 0\n99999999999999999999 1 1",
            (3, 1),
            "`99999999999999999999` does not fit 64 bits",
        ),
        (
            "1\n90000000 90000000 0",
            (2, 10),
            "the problem is too large: 90000000 items, 90000000 constraints",
        ),
    ] {
        let wrong = solve_select(text).unwrap_err();
        let m = &wrong.mistakes[0];
        assert_eq!((m.at, m.message.en.as_str()), (Some(at), said), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn garbage_is_refused(text in ".{0,60}") {
        let _ = solve_select(&text);
        let _ = check(&text, &text);
    }

    #[test]
    fn numbers_without_sense_are_refused(words in prop::collection::vec("[0-9.]{1,2}|-?[0-9]{1,19}|//|\n", 0..40)) {
        let text = words.join(" ");
        let _ = solve_select(&text);
        let _ = check(&text, "{}");
    }
}

/// Every number, word and flag of a JSON value, by pointer.
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

fn other(value: &Value, by: i64) -> Value {
    match value {
        Value::Number(n) => match n.to_string().parse::<i64>() {
            Ok(n) => json!(n + by),
            Err(_) => json!(0),
        },
        Value::String(s) => json!(format!("{s}'")),
        Value::Bool(b) => json!(!b),
        _ => json!(1),
    }
}

/// Tampering is caught, or what is left is still a proof of the same claim: prices
/// may be others, since any prices that give the bound prove it.
#[test]
fn tampered_outcomes_are_rejected() {
    let small = format!("1\n{}", MKNAP1.split("\n\n").nth(2).unwrap());
    let json = renovation().to_string();
    for instance in [small.as_str(), json.as_str()] {
        let honest = solve_select(instance).unwrap();
        assert!(check(instance, &honest).ok());
        let outcome: Value = serde_json::from_str(&honest).unwrap();
        let mut all = Vec::new();
        leaves(&outcome, String::new(), &mut all);
        let mut survived = Vec::new();
        for at in &all {
            for by in [1, -1, 1_000_000] {
                let mut bad = outcome.clone();
                *bad.pointer_mut(at).unwrap() = other(outcome.pointer(at).unwrap(), by);
                if check(instance, &bad.to_string()).ok() {
                    survived.push(at.as_str());
                }
            }
        }
        survived.retain(|at| !at.contains("/tree/"));
        // A smaller shortfall claims less.
        survived.retain(|at| !at.ends_with("/short_by"));
        // Any scale that proves the claim is as good.
        survived.retain(|at| !at.ends_with("/scale"));
        assert_eq!(survived, Vec::<&str>::new());
    }
}

#[test]
fn tampered_instances_are_rejected() {
    let instance = renovation();
    let honest = solve_select(&instance.to_string()).unwrap();
    for (at, to) in [
        ("/projects/0/value", json!(89)),
        ("/projects/2/value", json!(190)),
        ("/projects/0/costs/money", json!(51)),
        ("/projects/0/state", json!("never")),
        ("/projects/0/groups", json!(["west"])),
        ("/projects/5/ineligible", json!(null)),
        ("/budgets/0/most", json!(129)),
        ("/budgets/0/most", json!(200)),
        ("/quotas/0/most", json!(1)),
        ("/exclusions/0/projects", json!(["a", "b"])),
        ("/explain", json!(["d"])),
    ] {
        let mut bad = instance.clone();
        if let Some(own) = bad.pointer_mut(at) {
            *own = to;
        } else {
            bad["projects"][0]["state"] = to;
        }
        assert!(!check(&bad.to_string(), &honest).ok(), "{at}");
    }
}

/// A bound that the prices do not give is refused, whatever the prices.
#[test]
fn no_prices_prove_what_is_false() {
    let outcome: Value = serde_json::from_str(&solve_select(MKNAP1).unwrap()).unwrap();
    let optimum = [3800, 87061, 4015, 6120, 12400, 10618, 16537];
    for (index, best) in optimum.iter().enumerate() {
        let mut bad = outcome.clone();
        let own = &mut bad["problems"][index];
        let lower = if index == 1 {
            json!(8706)
        } else {
            json!(best - 1)
        };
        own["objective"] = lower.clone();
        own["bound"] = lower;
        let chosen = own["chosen"].as_array_mut().unwrap();
        chosen.pop();
        assert!(!check(MKNAP1, &bad.to_string()).ok());
    }
}

/// The last problem of `mknap1`, and its outcome.
static SOLVED: LazyLock<(String, Value)> = LazyLock::new(|| {
    let small = format!("1\n{}", MKNAP1.split("\n\n").nth(7).unwrap());
    let outcome = serde_json::from_str(&solve_select(&small).unwrap()).unwrap();
    (small, outcome)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A tree that is changed at random, nodes and prices, never proves a bound
    /// below the optimum.
    #[test]
    fn no_tree_proves_what_is_false(
        changes in prop::collection::vec((0usize..10_000, -3i64..400_000), 1..6),
        cut in prop::option::of(0usize..40), less in 1i64..300,
    ) {
        let (small, honest) = &*SOLVED;
        let mut bad = honest.clone();
        let tree = bad["certificate"]["tree"].as_array_mut().unwrap();
        if let Some(cut) = cut {
            let at = cut % tree.len();
            tree.remove(at);
        }
        let mut all = Vec::new();
        leaves(&bad["certificate"], String::new(), &mut all);
        for (which, to) in changes {
            let at = &all[which % all.len()];
            *bad["certificate"].pointer_mut(at).unwrap() = json!(to);
        }
        let claimed = json!(16_537 - less);
        bad["bound"] = claimed;
        let report = check(small, &bad.to_string());
        let bound = report.checks.iter().find(|c| c.id == "select/bound");
        prop_assert!(bound.is_none_or(|c| !c.ok));
        prop_assert!(!report.ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Whatever the solver proves passes its check: a proof that fixes everything at
    /// one node once lost the prices that had fixed it.
    #[test]
    fn every_proof_passes(
        values in prop::collection::vec(1i64..40, 12..26),
        rows in prop::collection::vec(prop::collection::vec(1i64..40, 26), 2..5),
        tight in 2i64..5,
    ) {
        let n = values.len();
        let text = |all: &[i64]| all.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
        let mut lines = vec![format!("{n} {} 0", rows.len()), text(&values)];
        let mut ends = Vec::new();
        for row in &rows {
            lines.push(text(&row[..n]));
            ends.push(row[..n].iter().sum::<i64>() / tight);
        }
        lines.push(text(&ends));
        let got = solve_select(&lines.join("\n"));
        prop_assert!(got.is_ok(), "{}", got.unwrap_err());
    }

    /// The same with conditions of every kind.
    #[test]
    fn every_proof_of_conditions_passes(
        projects in prop::collection::vec((-5i64..30, 0i64..20, 0i64..20, 0usize..4, prop::option::weighted(0.2, 0usize..14)), 14),
        money in 10i64..120, crews in 10i64..120, count in 0i64..12,
        quotas in prop::collection::vec((0usize..4, 0i64..3, 0i64..4), 0..5),
        apart in prop::collection::vec((0usize..14, 0usize..14), 0..4),
    ) {
        let all: Vec<Value> = projects
            .iter()
            .enumerate()
            .map(|(i, (value, money, crews, group, needs))| {
                let needs: Vec<String> = needs.iter().filter(|n| **n != i).map(usize::to_string).collect();
                json!({"id": i.to_string(), "value": value, "costs": {"money": money, "crews": crews},
                    "groups": [format!("g{group}")], "needs": needs})
            })
            .collect();
        let quotas: Vec<Value> = quotas
            .iter()
            .map(|(g, l, m)| json!({"group": format!("g{g}"), "least": l, "most": l + m}))
            .collect();
        let apart: Vec<Value> = apart
            .iter()
            .filter(|(a, b)| a != b)
            .map(|(a, b)| json!({"projects": [a.to_string(), b.to_string()]}))
            .collect();
        let ids: Vec<String> = (0..4).map(|i| i.to_string()).collect();
        let instance = json!({"projects": all, "budgets": [{"id": "money", "most": money}, {"id": "crews", "most": crews, "least": 5}],
            "count": {"most": count}, "quotas": quotas, "exclusions": apart, "explain": ids});
        let got = solve_select(&instance.to_string());
        prop_assert!(got.is_ok(), "{}", got.unwrap_err());
    }
}

/// A node of this tree fixes every project that was free; the first proof that was
/// written for it was refused.
#[test]
fn a_node_that_fixes_everything_is_proved() {
    let got = solve_select(include_str!("data/fixed_at_once.txt")).unwrap();
    let got: Value = serde_json::from_str(&got).unwrap();
    assert_eq!(got["status"], "proved-optimal");
}

/// Even costs under an odd budget: prices and splitting do not see it, the table
/// does.
#[test]
fn one_budget_alone_has_its_table() {
    let mut all: Vec<Value> = (0..60)
        .map(|i| {
            let cost = 2 * (500 + i * 37 % 101);
            json!({"id": i.to_string(), "value": cost, "costs": {"m": cost}})
        })
        .collect();
    all.push(json!({"id": "large", "value": 1, "costs": {"m": 40_000}}));
    all.push(json!({"id": "not", "value": 9999, "costs": {"m": 0}, "state": "never"}));
    let instance = json!({"projects": all, "budgets": [{"id": "m", "most": 30_001}]});
    let got = solve(&instance);
    assert_eq!(got["objective"], 30_000);
    assert_eq!(got["status"], "proved-optimal");
    assert_eq!(got["certificate"]["method"], "table");
    let mut bad = got;
    bad["bound"] = json!(30_001);
    bad["status"] = json!("within 1 of optimum");
    bad["gap"] = "0.000033334".parse::<serde_json::Number>().unwrap().into();
    assert!(check(&instance.to_string(), &bad.to_string()).ok());
    bad["bound"] = json!(29_999);
    assert!(!check(&instance.to_string(), &bad.to_string()).ok());
}

/// Zero prices bounded a box and were taken to fix projects in it, which a proof cannot
/// say: the outcome did not pass its check.
#[test]
fn zero_prices_fix_nothing() {
    let values = [108, 246, 60, 270, 4, 66, 272, 368, 290, 212, 0];
    let costs = [
        376_200, 316_800, 287_100, 123_300, 90_900, 136_800, 491_400, 206_100, 666_000, 786_600,
        1_063_800,
    ];
    let projects: Vec<Value> = (0..values.len())
        .map(|at| {
            let few = [2, 4, 9].contains(&at);
            json!({
                "id": format!("p{at}"), "value": values[at], "costs": {"money": costs[at]},
                "groups": if few { vec!["few"] } else { vec![] },
            })
        })
        .collect();
    let found = solve(&json!({
        "projects": projects,
        "budgets": [{"id": "money", "most": 4_000_000}],
        "count": {"least": 1, "most": 12},
        "quotas": [{"group": "few", "most": 10}],
        "explain": ["p10"],
    }));
    assert_eq!(found["explanations"][0]["status"], "proved-optimal");
}
