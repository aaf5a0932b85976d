//! Worked examples of papers and of other programs' tests, by `solve match`: their
//! figures, in our words.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_plain::solve_match;
use serde_json::{Value, json};

type Lists<'a> = &'a [(&'a str, &'a str)];

/// A market from words: who wants what, and each provider with its capacity and order.
fn market(people: Lists<'_>, places: &[(&str, u32, &str)]) -> Value {
    let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
    let people = people.iter();
    let people: Vec<Value> = people
        .map(|(id, list)| json!({"id": id, "preferences": words(list)}))
        .collect();
    let places = places.iter();
    let places: Vec<Value> = places
        .map(|(id, seats, order)| json!({"id": id, "capacity": seats, "priorities": words(order)}))
        .collect();
    json!({"applicants": people, "providers": places})
}

fn solve(instance: &Value, changes: &Value) -> Value {
    let mut instance = instance.clone();
    for (key, value) in changes.as_object().unwrap() {
        instance[key] = value.clone();
    }
    serde_json::from_str(&solve_match(&instance.to_string()).unwrap()).unwrap()
}

fn by(instance: &Value, mechanism: &str) -> Value {
    solve(instance, &json!({"mechanism": mechanism}))
}

/// What everybody got, one word each, `-` for nothing.
fn got(answer: &Value) -> String {
    let all = answer["assignment"].as_object().unwrap().values();
    let all: Vec<&str> = all.map(|v| v.as_str().unwrap_or("-")).collect();
    all.join(" ")
}

/// Kesten 2010: six students and five schools, where a student who gains nothing by an
/// own priority keeps four others from what they would like better.
#[test]
fn kesten_2010_consent_of_one_lets_four_others_improve() {
    let schools = market(
        &[
            ("i1", "s2 s1 s3"),
            ("i2", "s3 s1 s5"),
            ("i3", "s3 s4 s2"),
            ("i4", "s1 s2 s4"),
            ("i5", "s1 s5"),
            ("i6", "s4 s1 s3 s2 s5"),
        ],
        &[
            ("s1", 1, "i2 i1 i5 i6 i4 i3"),
            ("s2", 1, "i3 i6 i4 i1"),
            ("s3", 1, "i1 i6 i2 i3"),
            ("s4", 1, "i4 i3 i6"),
            ("s5", 2, "i5 i6 i2"),
        ],
    );
    let stable = by(&schools, "deferred-acceptance");
    assert_eq!(got(&stable), "s3 s1 s2 s4 s5 s5");
    assert_eq!(stable["certificate"]["efficient"], false);
    let all = by(&schools, "efficiency-adjusted");
    assert_eq!(got(&all), "s2 s3 s4 s1 s5 s5");
    assert_eq!(all["certificate"]["efficient"], true);
    let without =
        json!({"mechanism": "efficiency-adjusted", "consent": ["i1", "i2", "i3", "i4", "i5"]});
    assert_eq!(got(&solve(&schools, &without)), "s3 s1 s2 s4 s5 s5");
}

/// Kojima 2012: a limit on the majority sends a member of it on to where it takes the
/// place of the minority student whom it was meant to help. Hafalir, Yenmez and Yildirim
/// 2013: seats kept for the minority that others may use do no such harm.
#[test]
fn a_ceiling_can_hurt_whom_a_reserve_does_not() {
    let plain = market(
        &[("M1", "c1"), ("M2", "c1 c2"), ("m", "c2 c1")],
        &[("c1", 2, "M1 M2 m"), ("c2", 1, "M2 m M1")],
    );
    assert_eq!(got(&by(&plain, "deferred-acceptance")), "c1 c1 c2");
    let mut limited = plain.clone();
    limited["providers"][0]["ceilings"] =
        json!([{"id": "majority", "seats": 1, "members": ["M1", "M2"]}]);
    assert_eq!(got(&by(&limited, "deferred-acceptance")), "c1 c2 c1");
    let mut kept = plain;
    kept["providers"][0]["reserves"] =
        json!([{"id": "minority", "seats": 1, "members": ["m"], "unused": "open"}]);
    assert_eq!(got(&by(&kept, "deferred-acceptance")), "c1 c1 c2");
}

/// Gusfield and Irving 1989: eight men and eight women, the two ends of all stable
/// results.
#[test]
fn gusfield_and_irving_1989_both_ends() {
    let eight = market(
        &[
            ("m1", "w5 w7 w1 w2 w6 w8 w4 w3"),
            ("m2", "w2 w3 w7 w5 w4 w1 w8 w6"),
            ("m3", "w8 w5 w1 w4 w6 w2 w3 w7"),
            ("m4", "w3 w2 w7 w4 w1 w6 w8 w5"),
            ("m5", "w7 w2 w5 w1 w3 w6 w8 w4"),
            ("m6", "w1 w6 w7 w5 w8 w4 w2 w3"),
            ("m7", "w2 w5 w7 w6 w3 w4 w8 w1"),
            ("m8", "w3 w8 w4 w5 w7 w2 w6 w1"),
        ],
        &[
            ("w1", 1, "m5 m3 m7 m6 m1 m2 m8 m4"),
            ("w2", 1, "m8 m6 m3 m5 m7 m2 m1 m4"),
            ("w3", 1, "m1 m5 m6 m2 m4 m8 m7 m3"),
            ("w4", 1, "m8 m7 m3 m2 m4 m1 m5 m6"),
            ("w5", 1, "m6 m4 m7 m3 m8 m1 m2 m5"),
            ("w6", 1, "m2 m8 m5 m3 m4 m6 m7 m1"),
            ("w7", 1, "m7 m5 m2 m1 m8 m6 m4 m3"),
            ("w8", 1, "m7 m4 m1 m5 m2 m3 m6 m8"),
        ],
    );
    let best = by(&eight, "deferred-acceptance");
    assert_eq!(got(&best), "w5 w3 w8 w6 w7 w1 w2 w4");
    assert_eq!(best["certificate"]["unique"], false);
    let worst = by(&eight, "provider-proposing");
    assert_eq!(got(&worst), "w3 w6 w2 w8 w1 w5 w7 w4");
    assert_eq!(worst["certificate"]["stable"], true);
}

/// The tests of the Python library `matching`: the example of its README, a topic that
/// stays empty although it was asked for, a resident for whom nothing is left.
#[test]
fn the_examples_of_matching() {
    let readme = market(
        &[
            ("A", "C"),
            ("D", "C M G"),
            ("J", "C G M"),
            ("L", "M C G"),
            ("S", "C M"),
        ],
        &[
            ("C", 2, "D A S L J"),
            ("G", 2, "D J L"),
            ("M", 2, "D L S J"),
        ],
    );
    assert_eq!(got(&by(&readme, "deferred-acceptance")), "C C G M M");
    let topics = market(
        &[
            ("g1", "ip privacy"),
            ("g2", "privacy fair"),
            ("g3", "privacy media"),
        ],
        &[
            ("fair", 2, "g2"),
            ("ip", 2, "g1"),
            ("media", 2, "g3"),
            ("privacy", 2, "g3 g2 g1"),
        ],
    );
    assert_eq!(
        got(&by(&topics, "deferred-acceptance")),
        "ip privacy privacy"
    );
    let left = market(
        &[("A", "X"), ("B", "X Y")],
        &[("X", 1, "B A"), ("Y", 1, "B")],
    );
    assert_eq!(got(&by(&left, "deferred-acceptance")), "- X");
}

/// The tests of the R package `matchingR` that name an outcome: three proposers and two
/// reviewers, one seat each and two seats each.
#[test]
fn the_outcomes_of_matching_r() {
    let people = [("a", "y x"), ("b", "x y"), ("c", "y x")];
    let with = |seats: u32| market(&people, &[("x", seats, "b c a"), ("y", seats, "c a b")]);
    assert_eq!(got(&by(&with(1), "deferred-acceptance")), "- x y");
    assert_eq!(got(&by(&with(2), "deferred-acceptance")), "y x y");
    assert_eq!(got(&by(&with(2), "provider-proposing")), "y x y");
}

/// A group, the least share of it in per cent, and who is in it.
type Share<'a> = (&'a str, u32, &'a dyn Fn(usize) -> bool);

/// Who is called in which order where groups have minimum shares.
fn called(people: usize, shares: &[Share<'_>]) -> Vec<usize> {
    let ids: Vec<String> = (1..=people).map(|n| n.to_string()).collect();
    let shares = shares.iter().map(|(id, percent, member)| {
        let members: Vec<String> = (1..=people)
            .filter(|n| member(*n))
            .map(|n| n.to_string())
            .collect();
        json!({"id": id, "percent": percent, "members": members})
    });
    let shares: Vec<Value> = shares.collect();
    let lists = ids.iter();
    let lists: Vec<Value> = lists
        .map(|id| json!({"id": id, "preferences": ["f"]}))
        .collect();
    let instance = json!({
        "mechanism": "deferred-acceptance",
        "applicants": lists,
        "providers": [{"id": "f", "capacity": people, "priorities": ids, "shares": shares}],
    });
    let answer: Value = serde_json::from_str(&solve_match(&instance.to_string()).unwrap()).unwrap();
    let order = answer["orders"]["f"].as_array().unwrap().iter();
    order
        .map(|id| id.as_str().unwrap().parse().unwrap())
        .collect()
}

/// The six examples A1 to A6 of the call orders that France publishes with its
/// allocator: shares of grant holders, and of residents.
#[test]
fn the_call_orders_that_france_publishes() {
    let grant = |percent: u32, who: &dyn Fn(usize) -> bool, people| {
        called(people, &[("grant", percent, who)])
    };
    let a1 = grant(20, &|n| n == 6 || n == 7, 8);
    assert_eq!(a1, [6, 1, 2, 3, 4, 7, 5, 8]);
    assert_eq!(grant(2, &|n| n == 6, 8), [6, 1, 2, 3, 4, 5, 7, 8]);
    let a4 = grant(10, &|n| [2, 3, 8].contains(&n), 10);
    assert_eq!(a4, [2, 1, 3, 4, 5, 6, 7, 8, 9, 10]);
    // One in ten, the first of each ten, as long as there are any.
    let a3 = grant(10, &|n| n > 900, 1000);
    for (place, who) in (0..).zip(&a3) {
        let right = match place % 10 {
            0 => 901 + place / 10,
            _ => place - place / 10,
        };
        assert_eq!(*who, right, "{place}");
    }
    // Nearly all are residents: the list as ranked keeps both shares already.
    let both = |n: usize| [1, 2, 21, 22, 41].contains(&n);
    let a5_grant = |n: usize| both(n) || [51, 61, 71, 81, 91].contains(&n);
    let a5_resident = |n: usize| !(n == 20 || n == 40 || a5_grant(n) && !both(n));
    let a5 = called(
        100,
        &[("grant", 10, &a5_grant), ("resident", 95, &a5_resident)],
    );
    assert!(a5.iter().copied().eq(1..=100), "{a5:?}");
    // Where both cannot be kept the share of residents gives way.
    let a6 = called(
        111,
        &[("grant", 10, &|n| n > 100), ("resident", 95, &|n| n <= 100)],
    );
    let places = (1..).zip(&a6).filter(|(_, who)| **who > 100);
    let places: Vec<(usize, usize)> = places.map(|(place, who)| (place, *who)).collect();
    let right: Vec<(usize, usize)> = (0..11).map(|n| (1 + 10 * n, 101 + n)).collect();
    assert_eq!(places, right);
}
