//! Floors and groups, years, matrices and odd inputs, from plain files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_plain::{SiteOptions, solve_site, verify_site};
use serde_json::{Value, json};

fn solved(instance: &Value) -> Value {
    let text = instance.to_string();
    let options = SiteOptions::default();
    let outcome = solve_site(&text, options).unwrap();
    let report = verify_site(&outcome, &text, options).unwrap();
    assert!(report.ok(), "{outcome}\n{report:?}");
    serde_json::from_str(&outcome).unwrap()
}

fn refused(instance: &Value) -> String {
    solve_site(&instance.to_string(), SiteOptions::default())
        .unwrap_err()
        .to_string()
}

/// Whether a changed outcome is refused, by its form or by its checks.
fn caught(outcome: &Value, instance: &Value) -> bool {
    let (outcome, instance) = (outcome.to_string(), instance.to_string());
    verify_site(&outcome, &instance, SiteOptions::default()).is_ok_and(|r| !r.ok())
        || verify_site(&outcome, &instance, SiteOptions::default()).is_err()
}

fn districts() -> Value {
    json!({
        "model": "max-cover", "p": 2, "reach": 10,
        "demands": [
            {"id": "a", "weight": 50, "x": 0, "y": 0, "group": "town"},
            {"id": "b", "weight": 40, "x": 100, "y": 0, "group": "town"},
            {"id": "c", "weight": 3, "x": 900, "y": 0, "group": "hills"},
            {"id": "d", "weight": 2, "x": 905, "y": 0, "group": "hills"}
        ],
        "sites": [
            {"id": "s", "x": 1, "y": 0}, {"id": "t", "x": 101, "y": 0}, {"id": "u", "x": 902, "y": 0}
        ]
    })
}

#[test]
fn a_district_gets_its_floor_and_the_worst_served_is_named() {
    let free = solved(&districts());
    assert_eq!(free["objective"], 90);
    assert_eq!(free["worst_served"], "hills");
    assert_eq!(
        free["groups"],
        json!([
            {"id": "town", "weight": 90, "served": 90},
            {"id": "hills", "weight": 5, "served": 0}
        ])
    );
    let mut held = districts();
    held["floors"] = json!([{"group": "hills", "least": 4}]);
    let out = solved(&held);
    assert_eq!(
        (&out["objective"], &out["status"]),
        (&json!(55), &json!("proved-optimal"))
    );
    assert_eq!(out["open"], json!(["s", "u"]));
    assert_eq!(out["worst_served"], "town");
    held["floors"] =
        json!([{"group": "hills", "per_mille": 500}, {"group": "town", "per_mille": 1000}]);
    let none = solved(&held);
    assert_eq!(none["status"], "proved-infeasible");
    assert!(none["bound"].is_null() && none["open"].is_null());
}

#[test]
fn forged_groups_and_floors_are_caught() {
    let mut held = districts();
    held["floors"] = json!([{"group": "hills", "least": 4}]);
    let honest = solved(&held);
    for (pointer, value) in [
        ("/groups/1/served", json!(6)),
        ("/worst_served", json!("hills")),
        ("/groups", Value::Null),
        ("/open", json!(["s", "t"])),
        ("/objective", json!(90)),
        ("/bound", json!(54)),
        ("/certificate/multipliers/0/floor", json!([])),
        ("/certificate/multipliers/0/floor", json!([-5])),
    ] {
        let mut wrong = honest.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        assert!(caught(&wrong, &held), "{pointer}");
    }
    // An outcome without the floor does not pass with it.
    assert!(caught(&solved(&districts()), &held));
}

#[test]
fn mistakes_about_floors_are_located() {
    let with = |floors: Value| {
        let mut all = districts();
        all["floors"] = floors;
        all
    };
    for (floors, place) in [
        (json!([{"group": "sea", "least": 1}]), "/floors/0/group"),
        (json!([{"group": "hills"}]), "/floors/0"),
        (json!([{"group": "hills", "least": -1}]), "/floors/0"),
        (json!([{"group": "hills", "per_mille": 1001}]), "/floors/0"),
        (
            json!([{"group": "hills", "least": 1, "per_mille": 1}]),
            "/floors/0",
        ),
        (
            json!([{"group": "hills", "least": 1}, {"group": "hills", "least": 1}]),
            "/floors/1/group",
        ),
    ] {
        let said = refused(&with(floors));
        assert!(said.contains(place), "{said}");
    }
    let mut median = with(json!([{"group": "hills", "least": 1}]));
    median["model"] = json!("p-median");
    assert!(refused(&median).contains("max-cover"));
    let mut rooms = with(json!([{"group": "hills", "least": 1}]));
    rooms["sites"][0]["capacity"] = json!(5);
    assert!(refused(&rooms).contains("capacity"));
}

#[test]
fn groups_are_reported_with_their_costs() {
    let mut median = districts();
    median["model"] = json!("p-median");
    median.as_object_mut().unwrap().remove("reach");
    let out = solved(&median);
    assert_eq!(
        out["groups"],
        json!([
            {"id": "town", "weight": 90, "served": 90, "cost": 4010, "farthest": 99},
            {"id": "hills", "weight": 5, "served": 5, "cost": 12, "farthest": 3}
        ])
    );
    // The town's people go farther in the mean.
    assert_eq!(out["worst_served"], "town");
}

fn over_years() -> Value {
    let mut all = districts();
    all.as_object_mut().unwrap().remove("p");
    all["sites"][0]["price"] = json!(60);
    all["sites"][1]["price"] = json!(50);
    all["sites"][2]["price"] = json!(10);
    all["years"] = json!([
        {"id": "2025", "most": 1, "budget": 55},
        {"id": "2026", "most": 2, "budget": 60}
    ]);
    all
}

#[test]
fn sites_are_opened_year_by_year_within_each_budget() {
    let out = solved(&over_years());
    // 2025 affords t or u; 2026 affords s, or u and t but not with s.
    assert_eq!(out["opened"], json!({"s": "2026", "t": "2025"}));
    assert_eq!(out["objective"], 40 + 90);
    // The best, with a bound that is near.
    assert_eq!(out["status"], "within 9 of optimum");
    assert_eq!(out["years"][1]["open"], json!(["s"]));
    assert_eq!(
        (&out["years"][0]["served"], &out["years"][1]["spent"]),
        (&json!(40), &json!(60))
    );
    assert!(out["years"][0]["assignment"]["a"].is_null());
    let mut carried = over_years();
    carried["carry"] = json!(true);
    carried["years"][0]["budget"] = json!(65);
    // 5 are left of 2025 after s, and 60 come: both others.
    let out = solved(&carried);
    assert_eq!(
        out["opened"],
        json!({"s": "2025", "t": "2026", "u": "2026"})
    );
    assert_eq!(out["objective"], 50 + 95);
    // What was open before takes nothing.
    let mut before = over_years();
    before["sites"][0]["state"] = json!("open");
    let out = solved(&before);
    assert_eq!(out["opened"], json!({"s": null, "t": "2025", "u": "2026"}));
    let mut median = over_years();
    median["model"] = json!("p-median");
    median.as_object_mut().unwrap().remove("reach");
    let out = solved(&median);
    assert_eq!(out["years"][0]["open"], json!(["t"]));
    assert!(out["years"][0]["cost"].is_number());
}

#[test]
fn forged_and_mistaken_years_are_caught() {
    let honest = solved(&over_years());
    for (pointer, value) in [
        ("/objective", json!(131)),
        ("/bound", json!(131)),
        ("/gap", json!(1)),
        ("/opened/s", json!("2025")),
        ("/opened/s", json!("2030")),
        ("/opened", json!({"t": "2025"})),
        ("/open", json!(["t"])),
        ("/years/0/served", json!(41)),
        ("/years/1/spent", json!(0)),
        ("/years/0/assignment/a", json!("s")),
        ("/years", json!([])),
        ("/certificate/demand/0", json!([])),
        ("/certificate/opening", json!([0])),
        ("/certificate/scale", json!(0)),
        ("/certificate/budget/0", json!(-1)),
    ] {
        let mut wrong = honest.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        assert!(caught(&wrong, &over_years()), "{pointer}");
    }
    let mut dearer = over_years();
    dearer["years"][1]["budget"] = json!(59);
    assert!(caught(&honest, &dearer));
    for (pointer, value, place) in [
        ("/years/1/id", json!("2025"), "/years/1/id"),
        ("/years/0/budget", json!(-1), "/years/0/budget"),
        ("/years/0", json!({"id": "x"}), "/years/0"),
        (
            "/years/0",
            json!({"id": "x", "least": 2, "most": 1}),
            "/years/0/least",
        ),
        ("/sites/0/price", json!(-1), "/sites/0/price"),
        ("/model", json!("p-center"), "p-median"),
    ] {
        let mut wrong = over_years();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let said = refused(&wrong);
        assert!(said.contains(place), "{said}");
    }
    for (name, value) in [
        ("p", json!(1)),
        ("budget", json!(5)),
        ("min_open", json!(1)),
    ] {
        let mut wrong = over_years();
        wrong[name] = value;
        assert!(refused(&wrong).contains("years"), "{name}");
    }
}
