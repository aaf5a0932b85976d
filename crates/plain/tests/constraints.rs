//! Side constraints of `solve site`: equal to every set tried, checked without the
//! general solver, mistakes pointed at.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_plain::{SiteOptions, solve_site, verify_site};
use serde_json::{Value, json};

fn refused(instance: &Value) -> String {
    let error = solve_site(&instance.to_string(), SiteOptions::default()).unwrap_err();
    assert!(!error.text().zh.is_empty());
    error.text().en
}

fn small() -> Value {
    json!({
        "model": "p-median", "p": 2,
        "costs": [[1, 9, 4], [8, 2, 5], [7, 6, 3]],
        "constraints": [{"id": "one bank", "sites": {"1": 1, "2": 1}, "most": 1}]
    })
}

#[test]
fn mistakes_are_pointed_at() {
    let with = |constraints: Value| {
        let mut own = small();
        own["constraints"] = constraints;
        refused(&own)
    };
    let said = with(json!([{"id": "a", "sites": {"9": 1}, "most": 1}]));
    assert!(
        said.contains("/constraints/0/sites/9: there is no site `9`"),
        "{said}"
    );
    let said = with(json!([{"id": "a", "sites": {"1": 1}}]));
    assert!(said.contains("has to have `least` or `most`"), "{said}");
    let said = with(json!([{"id": "a", "sites": {}, "least": 2, "most": 1}]));
    assert!(said.contains("the first not above the second"), "{said}");
    let twice = json!({"id": "a", "sites": {"1": 1}, "most": 1});
    let said = with(json!([twice, twice]));
    assert!(said.contains("`a` is named twice"), "{said}");
    let said = with(json!([{"id": "a", "sites": {"1": 1.5}, "most": 1}]));
    assert!(said.contains("1.5"), "{said}");
    let mut centre = small();
    centre["model"] = json!("p-center");
    assert!(refused(&centre).contains("cannot stand with `p-center`"));
}

#[cfg(not(feature = "highs"))]
#[test]
fn without_the_solver_it_says_how_to_get_it() {
    assert!(refused(&small()).contains("--features highs"));
}

/// An outcome that a build with the solver gave is checked by any build.
#[test]
fn an_outcome_is_checked_without_the_solver() {
    let instance = include_str!("data/two_banks.json");
    let outcome: Value = serde_json::from_str(include_str!("data/two_banks_outcome.json")).unwrap();
    let holds = |outcome: &Value| {
        verify_site(&outcome.to_string(), instance, SiteOptions::default())
            .is_ok_and(|report| report.checks.iter().all(|c| c.ok))
    };
    assert!(holds(&outcome));
    let gap = outcome["gap"].as_i64().unwrap();
    let price = outcome["certificate"]["constraints"][0].as_i64().unwrap();
    assert_ne!(price, 0, "a constraint that costs nothing shows nothing");
    let mut forged = 0;
    let mut refuse = |pointer: &str, value: Value| {
        let mut own = outcome.clone();
        *own.pointer_mut(pointer).unwrap() = value;
        assert!(!holds(&own), "{pointer}");
        forged += 1;
    };
    // A lower price proves a lower bound, or pulls at an end that is not there.
    refuse("/certificate/constraints/0", json!(0));
    refuse("/certificate/constraints/0", json!(price / 4));
    refuse("/certificate/constraints/0", json!(-price));
    refuse("/certificate/constraints", json!([]));
    refuse("/certificate/constraints", json!([price, 0, 0]));
    refuse("/certificate/constraints", Value::Null);
    refuse("/constraints", json!({}));
    refuse("/constraints", Value::Null);
    refuse("/bound", json!(outcome["bound"].as_i64().unwrap() + 1));
    refuse("/gap", json!(gap + 1));
    // The best sites of all do not keep the constraint.
    let free = solve_site(
        &{
            let mut own: Value = serde_json::from_str(instance).unwrap();
            own.as_object_mut().unwrap().remove("constraints");
            own.to_string()
        },
        SiteOptions::default(),
    );
    let free: Value = serde_json::from_str(&free.unwrap()).unwrap();
    assert!(free["objective"].as_i64() < outcome["objective"].as_i64());
    let mut own = free.clone();
    own["constraints"] = outcome["constraints"].clone();
    own["certificate"]["constraints"] = json!([0, 0]);
    assert!(!holds(&own));
    assert_eq!(forged, 10);
}

/// Prices and ends near the end of the integers are refused, whatever they add up to.
#[test]
fn huge_prices_prove_nothing() {
    let mut instance: Value = serde_json::from_str(include_str!("data/two_banks.json")).unwrap();
    let outcome: Value = serde_json::from_str(include_str!("data/two_banks_outcome.json")).unwrap();
    let huge = [i64::MAX, i64::MIN, i64::MAX / 2, -1];
    for end in [16, i64::MAX] {
        for side in instance["constraints"].as_array_mut().unwrap() {
            side["most"] = json!(end);
            for weight in side["sites"].as_object_mut().unwrap().values_mut() {
                *weight = json!(end);
            }
        }
        for (a, b) in huge.iter().flat_map(|a| huge.iter().map(move |b| (a, b))) {
            let mut own = outcome.clone();
            own["certificate"]["constraints"] = json!([a, b]);
            // The open sites' sums, as the outcome has to name them.
            for name in ["west bank", "upkeep"] {
                let n = if name == "upkeep" { 3 } else { 1 };
                let sum = i128::from(end) * n;
                own["constraints"][name] =
                    i64::try_from(sum).map_or_else(|_| json!(sum.to_string()), |s| json!(s));
            }
            let report = verify_site(
                &own.to_string(),
                &instance.to_string(),
                SiteOptions::default(),
            );
            assert!(
                !report.is_ok_and(|r| r.checks.iter().all(|c| c.ok)),
                "{a} {b}"
            );
        }
    }
}

#[cfg(feature = "highs")]
mod solved {
    use super::*;

    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (z ^ (z >> 31)) % n
        }
    }

    const MODELS: [&str; 4] = ["p-median", "max-cover", "uncapacitated", "set-cover"];

    struct Case {
        model: &'static str,
        p: Option<usize>,
        weight: Vec<i64>,
        cost: Vec<Vec<i64>>,
        opening: Vec<i64>,
        sides: Vec<(Vec<i64>, i64, i64)>,
    }

    const REACH: i64 = 20;

    fn draw(dice: &mut Dice) -> Case {
        let (n, m) = (2 + dice.below(5) as usize, 3 + dice.below(4) as usize);
        let model = MODELS[dice.below(4) as usize];
        let counted = matches!(model, "p-median" | "max-cover");
        Case {
            model,
            p: counted.then(|| 1 + dice.below(m as u64 - 1) as usize),
            weight: (0..n).map(|_| 1 + dice.below(9) as i64).collect(),
            cost: (0..n)
                .map(|_| (0..m).map(|_| dice.below(50) as i64).collect())
                .collect(),
            opening: (0..m).map(|_| 1 + dice.below(60) as i64).collect(),
            sides: (0..1 + dice.below(2))
                .map(|_| {
                    let weights = (0..m).map(|_| dice.below(7) as i64 - 3).collect();
                    let least = dice.below(6) as i64 - 3;
                    (weights, least, least + dice.below(4) as i64)
                })
                .collect(),
        }
    }

    fn instance(case: &Case) -> Value {
        let mut own = json!({
            "model": case.model,
            "demands": case.weight.iter().enumerate()
                .map(|(i, w)| json!({"id": format!("d{i}"), "weight": w})).collect::<Vec<_>>(),
            "sites": case.opening.iter().enumerate().map(|(j, f)| match case.model {
                "uncapacitated" | "set-cover" => json!({"id": format!("s{j}"), "cost": f}),
                _ => json!({"id": format!("s{j}")}),
            }).collect::<Vec<_>>(),
            "costs": case.cost,
            "constraints": case.sides.iter().enumerate().map(|(k, (weights, least, most))| {
                let sites: serde_json::Map<String, Value> = weights.iter().enumerate()
                    .map(|(j, w)| (format!("s{j}"), json!(w))).collect();
                json!({"id": format!("c{k}"), "sites": sites, "least": least, "most": most})
            }).collect::<Vec<_>>(),
        });
        if let Some(p) = case.p {
            own["p"] = json!(p);
        }
        if case.model.ends_with("cover") {
            own["reach"] = json!(REACH);
        }
        own
    }

    /// The best over all sets of sites; for a cover the most weight.
    fn best(case: &Case) -> Option<i64> {
        let m = case.opening.len();
        let mut best: Option<i64> = None;
        for set in 0u32..1 << m {
            let open = |j: usize| set >> j & 1 == 1;
            if case.p.is_some_and(|p| set.count_ones() as usize != p) {
                continue;
            }
            let kept = case.sides.iter().all(|(weights, least, most)| {
                let sum: i64 = (0..m).filter(|j| open(*j)).map(|j| weights[j]).sum();
                (*least..=*most).contains(&sum)
            });
            let nearest: Vec<Option<i64>> = case
                .cost
                .iter()
                .map(|row| (0..m).filter(|j| open(*j)).map(|j| row[j]).min())
                .collect();
            let within = |c: &Option<i64>| c.is_some_and(|c| c <= REACH);
            let opening: i64 = (0..m).filter(|j| open(*j)).map(|j| case.opening[j]).sum();
            let serving = || {
                nearest
                    .iter()
                    .zip(&case.weight)
                    .map(|(c, w)| c.map(|c| c * w))
                    .sum::<Option<i64>>()
            };
            let value = match case.model {
                "p-median" => serving(),
                "uncapacitated" => serving().map(|s| s + opening),
                "set-cover" => nearest.iter().all(within).then_some(opening),
                _ => Some(
                    -nearest
                        .iter()
                        .zip(&case.weight)
                        .filter(|(c, _)| within(c))
                        .map(|(_, w)| w)
                        .sum::<i64>(),
                ),
            };
            if let Some(value) = value.filter(|_| kept) {
                best = Some(best.map_or(value, |b| b.min(value)));
            }
        }
        best
    }

    #[test]
    fn equals_every_set_tried() {
        let mut dice = Dice(2024);
        let (mut found, mut none, mut proved) = (0, 0, 0);
        for round in 0..600 {
            let case = draw(&mut dice);
            let text = instance(&case).to_string();
            let out = solve_site(&text, SiteOptions::default())
                .unwrap_or_else(|e| panic!("{round}: {e}\n{text}"));
            let out: Value = serde_json::from_str(&out).unwrap();
            let turn = if case.model == "max-cover" { -1 } else { 1 };
            match best(&case) {
                Some(best) => {
                    found += 1;
                    assert_eq!(
                        out["objective"].as_i64(),
                        Some(best * turn),
                        "{round} {text}"
                    );
                    let bound = out["bound"].as_i64().unwrap() * turn;
                    assert!(bound <= best, "{round}: {bound} above {best}\n{text}");
                    proved += usize::from(bound == best);
                }
                None => {
                    none += 1;
                    assert!(out["objective"].is_null(), "{round} {text}");
                }
            }
        }
        assert!(found > 200 && none > 50, "{found} {none}");
        assert!(proved * 2 > found, "{proved} of {found} proved");
    }
}
