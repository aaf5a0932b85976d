//! Outcomes of matches, checked against their instances; and outcomes that were changed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

use minsheng_plain::{SiteOptions, solve_match, verify_match, verify_outcome};
use serde_json::{Map, Value, json};

struct Dice(u32);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize % limit
    }

    fn some(&mut self, letter: &str, of: usize) -> Vec<String> {
        let mut all: Vec<usize> = (0..of).collect();
        for i in 0..of {
            let j = self.below(of);
            all.swap(i, j);
        }
        let count = self.below(of) + 1;
        all.iter()
            .take(count)
            .map(|n| format!("{letter}{n}"))
            .collect()
    }
}

const MECHANISMS: [&str; 8] = [
    "deferred-acceptance",
    "provider-proposing",
    "immediate-acceptance",
    "serial-dictatorship",
    "top-trading-cycles",
    "efficiency-adjusted",
    "stable-improvement-cycles",
    "maximum-size",
];

/// A small market; every third has groups, every third caps.
fn market(dice: &mut Dice, number: usize) -> Value {
    let (people, places) = (3 + dice.below(6), 2 + dice.below(3));
    let applicants: Vec<Value> = (0..people)
        .map(|a| json!({"id": format!("a{a}"), "preferences": dice.some("p", places)}))
        .collect();
    let order: Vec<String> = dice.some("a", people);
    let all: Vec<String> = (0..people).map(|a| format!("a{a}")).collect();
    let providers: Vec<Value> = (0..places)
        .map(|p| {
            let mut priorities = dice.some("a", people);
            if number % 3 == 2 {
                priorities.clone_from(&order);
            }
            let mut own = json!({
                "id": format!("p{p}"),
                "capacity": 1 + dice.below(3),
                "priorities": priorities,
            });
            if number % 3 == 1 {
                own["reserves"] = json!([
                    {"id": "r", "seats": 1, "members": dice.some("a", people), "unused": "open"}
                ]);
                own["kept"] = json!([format!("a{}", p % people)]);
            }
            own
        })
        .collect();
    let mut market = json!({
        "mechanism": "deferred-acceptance",
        "applicants": applicants,
        "providers": providers,
        "tie_break": all,
    });
    match number % 3 {
        0 => market["mechanism"] = json!(MECHANISMS[dice.below(8)]),
        2 => {
            let inside = dice.some("p", places);
            market["caps"] = json!([{"id": "c", "capacity": dice.below(4), "members": inside}]);
        }
        _ => {}
    }
    market
}

fn holds(outcome: &Value, instance: &str) -> bool {
    verify_match(&outcome.to_string(), instance).is_ok_and(|r| r.ok())
}

#[test]
fn outcomes_hold() {
    let mut dice = Dice(3);
    for number in 0..600 {
        let instance = market(&mut dice, number).to_string();
        let outcome = solve_match(&instance).unwrap();
        let report = verify_outcome(&outcome, &instance, SiteOptions::default()).unwrap();
        let wrong: Vec<_> = report.checks.iter().filter(|c| !c.ok).collect();
        assert!(report.ok(), "{wrong:?}\n{instance}\n{outcome}");
        assert_eq!(report.checks.len(), 6);
    }
}

/// Returns the outcome with one thing said otherwise.
fn forged(dice: &mut Dice, outcome: &Value) -> Option<Value> {
    let mut wrong = outcome.clone();
    let fields: Vec<String> = outcome["assignment"].as_object()?.keys().cloned().collect();
    let who = &fields[dice.below(fields.len())];
    let place = format!("p{}", dice.below(5));
    match dice.below(9) {
        0 => wrong["assignment"][who] = json!(place),
        1 => wrong["assignment"][who] = Value::Null,
        2 => {
            wrong["assignment"].as_object_mut()?.remove(who)?;
        }
        3 => wrong["assignment"]["somebody"] = Value::Null,
        4 => {
            let doors: &mut Map<String, Value> = wrong["doors"].as_object_mut()?;
            let door = doors.values_mut().next()?;
            *door = json!(["kept", "open", "reserve:r", "window"][dice.below(4)]);
        }
        5 => {
            let name = ["stable", "applicant_optimal", "efficient"][dice.below(3)];
            let now = wrong["certificate"].get(name)?.as_bool()?;
            wrong["certificate"][name] = json!(!now);
        }
        6 => {
            let name = ["checked", "placed"][dice.below(2)];
            wrong["certificate"][name] = json!(outcome["certificate"][name].as_u64()? + 1);
        }
        7 => {
            let name = ["placed", "capacity", "last"][dice.below(3)];
            let first = wrong["cutoffs"].as_object_mut()?.values_mut().next()?;
            first[name] = match name {
                "last" if first[name].is_null() => json!(who),
                "last" => Value::Null,
                _ => json!(first[name].as_u64()? + 1),
            };
        }
        _ => {
            let block = json!({who: place});
            wrong["blocking"].as_array_mut()?.push(block);
        }
    }
    (wrong != *outcome).then_some(wrong)
}

#[test]
fn whatever_is_changed_is_found() {
    let mut dice = Dice(5);
    let mut tried = 0;
    for number in 0..400 {
        let instance = market(&mut dice, number).to_string();
        let outcome: Value = serde_json::from_str(&solve_match(&instance).unwrap()).unwrap();
        for _ in 0..10 {
            if let Some(wrong) = forged(&mut dice, &outcome) {
                tried += 1;
                assert!(!holds(&wrong, &instance), "{instance}\n{outcome}\n{wrong}");
            }
        }
    }
    assert!(tried > 2000, "{tried}");
}

#[test]
fn what_cannot_be_checked_is_refused() {
    let family = json!({
        "mechanism": "deferred-acceptance",
        "applicants": [{"id": "a", "preferences": ["p"]}, {"id": "b", "preferences": ["p"]}],
        "providers": [{"id": "p", "capacity": 2, "priorities": ["a", "b"]}],
        "families": [{"members": ["a", "b"], "wish": "together"}],
    })
    .to_string();
    let outcome = solve_match(&family).unwrap();
    let said = verify_match(&outcome, &family).unwrap_err().to_string();
    assert!(said.contains("families, couples or minimums"), "{said}");
    for garbage in ["", "{}", "[]", "{\"assignment\": 1, \"doors\": 2}", "null"] {
        let found = verify_outcome(garbage, &family, SiteOptions::default());
        assert!(found.is_err(), "{garbage}");
    }
    assert!(verify_match(&outcome, "{}").is_err());
}

#[test]
fn orders_are_checked_and_nothing_is_said_twice() {
    let instance = json!({
        "mechanism": "deferred-acceptance",
        "applicants": [{"id": "a", "preferences": ["p"]}, {"id": "b", "preferences": ["p"]}],
        "providers": [{
            "id": "p", "capacity": 1, "priorities": ["a", "b"],
            "shares": [{"id": "s", "percent": 50, "members": ["b"]}],
        }],
    })
    .to_string();
    let text = solve_match(&instance).unwrap();
    let outcome: Value = serde_json::from_str(&text).unwrap();
    assert!(holds(&outcome, &instance), "{outcome}");
    let mut wrong = outcome.clone();
    wrong["orders"]["p"].as_array_mut().unwrap().reverse();
    assert!(!holds(&wrong, &instance));
    let mut wrong = outcome.clone();
    wrong.as_object_mut().unwrap().remove("orders").unwrap();
    assert!(!holds(&wrong, &instance));
    let mut wrong = outcome;
    wrong["closed"] = json!([{"provider": "p"}]);
    assert!(!holds(&wrong, &instance));
    let twice = text.replace("\"assignment\": {", "\"assignment\": {\"a\": null,");
    let said = verify_match(&twice, &instance).unwrap_err().to_string();
    assert!(said.contains("a name comes twice"), "{said}");
}
