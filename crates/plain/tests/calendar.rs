//! `solve calendar`: seasons, crews, targets, mistakes with their place, and
//! outcomes that were tampered with.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_plain::solve_calendar;
use minsheng_verify::selection::check_calendar;
use proptest::prelude::*;
use serde_json::{Value, json};

fn solve(instance: &Value) -> Value {
    serde_json::from_str(&solve_calendar(&instance.to_string()).unwrap()).unwrap()
}

fn works() -> Value {
    json!({
        "periods": 8,
        "no_start": [5],
        "no_work": [3],
        "districts": [{"id": "east", "crews": [2]}, {"id": "west", "crews": [1, 1, 1, 1, 0, 1, 1, 1]}],
        "budgets": [{"id": "money", "most": [10]}],
        "projects": [
            {"id": "a", "district": "east", "duration": 2, "weight": 5, "costs": {"money": 6}},
            {"id": "b", "district": "east", "duration": 3, "crews": 2, "weight": 3, "costs": {"money": 5}},
            {"id": "c", "district": "west", "duration": 2, "weight": 2, "earliest": 2, "costs": {"money": 2}},
            {"id": "d", "district": "west", "duration": 1, "skip": 20, "deadline": 7},
            {"id": "e", "district": "east", "duration": 1, "latest": 2, "costs": {"money": 6}},
        ],
        "targets": [{"count": "started", "least": 3, "by": 2}, {"count": "finished", "least": 2, "by": 2}],
    })
}

#[test]
fn seasons_crews_budgets_and_targets() {
    let got = solve(&works());
    assert_eq!(got["status"], "proved-optimal");
    // a works in 1 and 2; c pauses in 3; b needs both crews, so it waits for a, and
    // 3 is out of season; e has to start by 2, when the money is not spent on a.
    assert_eq!(
        got["starts"],
        json!([
            {"id": "a", "start": 1, "finish": 2, "cost": 10},
            {"id": "b", "start": 4, "finish": 6, "cost": 18},
            {"id": "c", "start": 2, "finish": 4, "cost": 8},
            {"id": "d", "start": 1, "finish": 1, "cost": 1},
            {"id": "e", "start": 2, "finish": 2, "cost": 2},
        ])
    );
    assert_eq!(got["objective"], 39);
    assert_eq!(got["reached"], json!([4, 3]));
    assert_eq!(got["use"]["district:east"], json!([1, 2, 0, 2, 2, 2, 0, 0]));
}

#[test]
fn lateness_and_a_project_left_undone() {
    let mut instance = works();
    instance["objective"] = json!("lateness");
    instance["projects"][1]["due"] = json!(4);
    instance["projects"][3]["skip"] = json!(-1);
    instance["targets"] = json!([]);
    let got = solve(&instance);
    assert_eq!(got["status"], "proved-optimal");
    assert_eq!(
        got["starts"][3],
        json!({"id": "d", "start": null, "finish": null, "cost": -1})
    );
    // e holds a crew until 2, so that b finishes in 5, one late.
    assert_eq!(got["starts"][1]["finish"], 5);
    assert_eq!(got["objective"], 2);
}

#[test]
fn what_is_impossible_is_proved_so() {
    for (at, to) in [
        ("/targets/0/least", json!(5)),
        ("/projects/0/duration", json!(8)),
        ("/districts/0/crews", json!([1])),
        ("/projects/4/costs/money", json!(11)),
    ] {
        let mut instance = works();
        *instance.pointer_mut(at).unwrap() = to;
        let got = solve(&instance);
        assert_eq!(got["status"], "proved-infeasible", "{at}");
        assert_eq!(got["starts"], Value::Null);
    }
}

#[test]
fn edges() {
    let none = solve(&json!({"periods": 0, "districts": [], "projects": []}));
    assert_eq!(
        (&none["objective"], &none["status"]),
        (&json!(0), &json!("proved-optimal"))
    );
    let none = solve(&json!({"periods": 3, "districts": [], "projects": [],
        "targets": [{"count": "started", "least": 1, "by": 2}]}));
    assert_eq!(none["status"], "proved-infeasible");
    let huge = i64::MAX / 4;
    let got = solve(
        &json!({"periods": 3, "districts": [{"id": "x", "crews": [huge]}],
        "projects": [{"id": "a", "district": "x", "duration": 1, "crews": huge, "weight": huge},
            {"id": "b", "district": "x", "duration": 2, "crews": huge, "weight": huge}]}),
    );
    assert_eq!(got["status"], "proved-optimal");
    let wrong = solve_calendar(
        r#"{"periods": 9, "districts": [{"id": "x", "crews": [1]}],
 "projects": [{"id": "a", "district": "x", "duration": 2, "weight": 9223372036854775807}]}"#,
    );
    assert_eq!(
        wrong.unwrap_err().to_string(),
        "2:69: /projects/0/weight: the weight is too large: its product does not fit 64 bits"
    );
}

#[test]
fn mistakes_are_located() {
    let wrong = solve_calendar(
        r#"{"periods": 4, "no_work": [5], "districts": [{"id": "x", "crews": [1, 2]}, {"id": "x", "crews": [-1]}],
 "budgets": [{"id": "m", "most": []}],
 "projects": [{"id": "a", "district": "y", "duration": 0, "crews": -1, "costs": {"n": 1, "m": -2}},
  {"id": "a", "district": "x", "duration": 1}],
 "targets": [{"count": "started", "least": 1, "by": 0}]}"#,
    )
    .unwrap_err();
    let told: Vec<_> = wrong
        .mistakes
        .iter()
        .map(|m| (m.at.unwrap(), m.message.en.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ((1, 67), "there are 2 numbers, expected 1 or 4"),
            ((1, 83), "`x` is named twice"),
            ((1, 98), "-1 is negative"),
            ((2, 34), "there are 0 numbers, expected 1 or 4"),
            ((1, 28), "period 5 is not between 1 and 4"),
            ((5, 53), "period 0 is not between 1 and 4"),
            ((3, 39), "there is no district `y`"),
            ((3, 56), "the duration is 0"),
            ((3, 68), "the crews are negative"),
            ((3, 95), "the cost is negative"),
            ((3, 87), "there is no budget `n`"),
            ((4, 10), "`a` is named twice"),
        ]
    );
    assert!(solve_calendar("").is_err());
    let long = r#"{"periods": 4000000000, "districts": [], "projects": []}"#;
    assert_eq!(
        solve_calendar(long).unwrap_err().to_string(),
        "1:13: /periods: too large: periods times projects times durations are more than 50000000"
    );
    assert!(!check_calendar(long, "{}").ok());
    assert!(solve_calendar(r#"{"periods": 4000000000, "districts": [], "projects": [{"id": "a", "district": "x", "duration": 1}]}"#).is_err());
}

/// Every timetable of a small instance, by the words of its definition alone.
fn cheapest(instance: &Value) -> Option<i64> {
    let projects = instance["projects"].as_array().unwrap();
    let periods = instance["periods"].as_u64().unwrap();
    let crews = instance["districts"][0]["crews"][0].as_u64().unwrap();
    let number = |p: &Value, key: &str, or: u64| p[key].as_u64().unwrap_or(or);
    let mut best = None;
    let mut starts = vec![0u64; projects.len()];
    loop {
        let finish = |i: usize| starts[i] + number(&projects[i], "duration", 1) - 1;
        let place = |id: &Value| projects.iter().position(|p| p["id"] == *id).unwrap();
        let mut fits = true;
        let mut cost = 0;
        for (i, p) in projects.iter().enumerate() {
            if starts[i] == 0 {
                fits &= p["skip"].is_i64();
                cost += p["skip"].as_i64().unwrap_or(0);
                continue;
            }
            fits &= finish(i) <= periods;
            cost += p["weight"].as_i64().unwrap() * i64::try_from(finish(i)).unwrap();
            let after = p["after"].as_array().into_iter().flatten();
            fits &= after
                .map(&place)
                .all(|b| starts[b] > 0 && finish(b) < starts[i]);
        }
        for t in 1..=periods {
            let at =
                (0..starts.len()).filter(|i| starts[*i] > 0 && starts[*i] <= t && t <= finish(*i));
            fits &= at.map(|i| number(&projects[i], "crews", 1)).sum::<u64>() <= crews;
        }
        if fits {
            best = Some(best.map_or(cost, |b: i64| b.min(cost)));
        }
        // The next timetable, as one counts.
        let Some(next) = starts.iter().rposition(|s| *s < periods) else {
            return best;
        };
        starts[next] += 1;
        starts[next + 1..].fill(0);
    }
}

#[test]
fn one_starts_after_another_has_finished() {
    let mut instance = works();
    instance["projects"][0]["after"] = json!(["e"]);
    instance["targets"] = json!([]);
    let got = solve(&instance);
    assert_eq!(got["status"], "proved-optimal");
    let (e, a) = (&got["starts"][4], &got["starts"][0]);
    assert!(a["start"].as_u64() > e["finish"].as_u64(), "{got}");
    assert!(got["use"].get("after").is_none());
    // The other way round is not a calendar, whatever the file says of it.
    let mut wrong = works();
    wrong["targets"] = json!([]);
    let other = solve(&wrong);
    let report = check_calendar(&instance.to_string(), &other.to_string());
    assert!(!report.ok());
    // In a circle nothing starts.
    instance["projects"][4]["after"] = json!(["a"]);
    assert_eq!(solve(&instance)["status"], "proved-infeasible");
    for (after, said) in [
        (json!(["a"]), "waits for itself"),
        (json!(["z"]), "there is no project `z`"),
        (json!(["b", "b"]), "is named twice"),
    ] {
        instance["projects"][0]["after"] = after;
        let wrong = solve_calendar(&instance.to_string())
            .unwrap_err()
            .to_string();
        assert!(wrong.contains(said), "{wrong}");
    }
    instance["projects"][0]["after"] = json!([]);
    instance["projects"][4]["after"] = json!([]);
    instance["projects"][4]["ineligible"] = json!("no permit");
    let got = solve(&instance);
    assert_eq!(
        got["starts"][4],
        json!({"id": "e", "start": null, "finish": null, "cost": 0})
    );
}

prop_compose! {
    fn waiting(at: usize)(
        duration in 1u64..3, crews in 1u64..3, weight in 0i64..5, skip in prop::option::weighted(0.3, 0i64..20),
        after in prop::collection::btree_set(0usize..4, 0..3),
    ) -> Value {
        let after: Vec<String> = after.into_iter().filter(|o| *o != at).map(|o| o.to_string()).collect();
        let mut project = json!({"id": at.to_string(), "district": "x", "duration": duration,
            "crews": crews, "weight": weight, "after": after});
        if let Some(skip) = skip {
            project["skip"] = json!(skip);
        }
        project
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn waiting_agrees_with_every_timetable(
        projects in (0..4usize).map(waiting).collect::<Vec<_>>(), crews in 1u64..4,
    ) {
        let instance = json!({"periods": 6, "districts": [{"id": "x", "crews": [crews]}], "projects": projects});
        let got = solve(&instance);
        match cheapest(&instance) {
            None => prop_assert_eq!(&got["status"], "proved-infeasible"),
            Some(cost) => {
                prop_assert_eq!(&got["status"], "proved-optimal");
                prop_assert_eq!(got["objective"].as_i64(), Some(cost));
            }
        }
    }
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

/// One function checks whatever `solve select` and `solve calendar` give.
#[test]
fn one_door_for_every_outcome() {
    let (instance, outcome) = (works().to_string(), solve(&works()).to_string());
    assert!(minsheng_plain::verify_selection(&instance, &outcome).ok());
    let other = r#"{"projects": [{"id": "a", "value": 1}]}"#;
    let chosen = minsheng_plain::solve_select(other).unwrap();
    assert!(minsheng_plain::verify_selection(other, &chosen).ok());
    assert!(!minsheng_plain::verify_selection(other, &outcome).ok());
    assert!(!minsheng_plain::verify_selection(&instance, &chosen).ok());
}

/// Other prices may prove the same; everything else is caught.
#[test]
fn tampered_outcomes_are_rejected() {
    let instance = works();
    let outcome = solve(&instance);
    let text = instance.to_string();
    let mut all = Vec::new();
    leaves(&outcome, String::new(), &mut all);
    for at in all
        .iter()
        .filter(|at| !at.contains("/tree/") && !at.ends_with("/scale"))
    {
        for by in [1, -1] {
            let mut bad = outcome.clone();
            let own = bad.pointer_mut(at).unwrap();
            *own = match &*own {
                Value::Number(n) => json!(n.as_i64().unwrap() + by),
                Value::String(s) => json!(format!("{s}'")),
                _ => json!(1),
            };
            assert!(!check_calendar(&text, &bad.to_string()).ok(), "{at}");
        }
    }
    for (at, to) in [
        ("/projects/0/weight", json!(6)),
        ("/projects/0/duration", json!(3)),
        ("/districts/0/crews", json!([1])),
        ("/districts/0/crews", json!([3])),
        ("/budgets/0/most", json!([7])),
        ("/no_work", json!([3, 4])),
        ("/targets/0/least", json!(5)),
        ("/objective", json!("lateness")),
    ] {
        let mut bad = instance.clone();
        match bad.pointer_mut(at) {
            Some(own) => *own = to,
            None => bad["objective"] = to,
        }
        assert!(
            !check_calendar(&bad.to_string(), &outcome.to_string()).ok(),
            "{at}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The prices of an outcome, changed at random, never prove a bound that is
    /// above what the outcome itself costs.
    #[test]
    fn no_prices_prove_what_is_false(which in 0usize..1000, to in -5i64..5_000_000, more in 1i64..4) {
        let instance = works();
        let mut bad = solve(&instance);
        let mut all = Vec::new();
        leaves(&bad["certificate"], String::new(), &mut all);
        let at = all[which % all.len()].clone();
        *bad["certificate"].pointer_mut(&at).unwrap() = json!(to);
        let parts = bad["certificate"]["parts"].as_array_mut().unwrap();
        parts[0]["bound"] = json!(39 + more);
        bad["bound"] = json!(39 + more);
        bad["status"] = json!(format!("within {} of optimum", -more));
        let report = check_calendar(&instance.to_string(), &bad.to_string());
        prop_assert!(!report.checks.iter().find(|c| c.id == "calendar/bound").is_none_or(|c| c.ok));
    }

    #[test]
    fn garbage_is_refused(text in "[\\[\\]{}:,\"a-z0-9-]{0,60}") {
        prop_assert!(solve_calendar(&text).is_err());
        prop_assert!(!check_calendar(&text, &text).ok());
    }
}
