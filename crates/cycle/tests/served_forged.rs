//! Bundles that send people to places or measure what they reach, forged in many ways.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod served_common;
mod small_city;

use minsheng_bundle::{Contents, jcs, plain, write};
use minsheng_model::Verdict;
use minsheng_verify::anybody;
use serde_json::{Value, json};
use served_common::*;
use small_city::*;

/// Every number and word of a value with its path.
fn leaves(value: &Value, at: &str, list: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                leaves(inner, &format!("{at}/{name}"), list);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                leaves(inner, &format!("{at}/{index}"), list);
            }
        }
        _ => list.push(at.to_owned()),
    }
}

fn forge(value: &mut Value, dice: &mut Dice) {
    *value = match value {
        Value::Number(n) => {
            let text = n.to_string();
            let by = 1 + i64::try_from(dice.below(3)).unwrap();
            match text.parse::<i64>() {
                Ok(n) => json!(n + by),
                // A score: another digit at the end.
                Err(_) => {
                    let last = if text.ends_with('7') { "3" } else { "7" };
                    let text = format!("{}{last}", &text[..text.len() - 1]);
                    serde_json::from_str(&text).unwrap()
                }
            }
        }
        Value::String(word) if word == "S01" => json!("S02"),
        Value::String(word) if word == "refuse" => json!("share"),
        Value::String(_) => json!("S01"),
        Value::Bool(b) => json!(!*b),
        _ => json!(1),
    };
}

/// Forgeries that are hashed and sealed anew, as a dishonest publisher would: every
/// single number, name and word of instance and outcome, one at a time.
#[test]
fn no_forged_flow_price_capacity_or_score_is_accepted() {
    for (index, source) in all().iter().enumerate() {
        let mut seed = index as u64;
        let (city, contents) = loop {
            let city = city(source, seed, 7, 3);
            match decided(&city) {
                Some(contents) => break (city, contents),
                None => seed += 100,
            }
        };
        let mut dice = Dice(seed);
        let registers = city.registers();
        let pairs = registers.choices.rows > 0;
        for (which, whole) in [
            ("instance", instance(&contents)),
            ("outcome", outcome(&contents)),
        ] {
            let mut paths = Vec::new();
            leaves(&whole, "", &mut paths);
            for path in paths {
                let mut forged = whole.clone();
                forge(forged.pointer_mut(&path).unwrap(), &mut dice);
                let mut wrong = contents.clone();
                let own = wrong.decided.as_mut().unwrap();
                let bytes = if which == "instance" {
                    jcs(&forged)
                } else {
                    plain(&forged)
                };
                let Ok(bytes) = bytes else { continue };
                let text = String::from_utf8(bytes).unwrap();
                let before = if which == "instance" {
                    std::mem::replace(&mut own.instance, text.clone())
                } else {
                    std::mem::replace(&mut own.outcome, text.clone())
                };
                if before == text {
                    continue;
                }
                let dir = tempfile::tempdir().unwrap();
                let folder = write(dir.path(), &wrong).unwrap().path;
                let accepted = anybody(&folder).is_ok_and(|r| r.ok());
                // What reads a register or a column that is not published, the auditor
                // sees; and another proof of the same bound is no forgery.
                let unseen = which == "instance"
                    && (path.contains("/amount")
                        || path.contains("/people")
                        || path.contains("/capacity")
                        || path.contains("/supply")
                        || pairs && path.starts_with("/pairs"));
                let proof = which == "outcome"
                    && (path.starts_with("/certificate/price")
                        || path.starts_with("/overload/witness"));
                if unseen {
                    assert!(!city.audit(&folder).ok(), "{index} {which} {path}");
                } else if !proof {
                    assert!(!accepted, "{index} {which} {path}");
                }
            }
        }
    }
}

/// A price changed alone gives another bound, unless it is that of a place whose
/// capacity is used up at a tie; where it does, it is refused.
#[test]
fn no_forged_price_claims_more() {
    let contents = city(ASSIGN, 5, 7, 3).decide().unwrap();
    let honest = outcome(&contents);
    let prices = honest["certificate"]["price"].as_array().unwrap().len();
    let mut refused = 0;
    for price in 0..prices {
        for by in [-40i64, 40] {
            let mut forged = honest.clone();
            let own = &mut forged["certificate"]["price"][price];
            *own = json!(own.as_i64().unwrap() + by);
            let mut wrong = contents.clone();
            let text = String::from_utf8(plain(&forged).unwrap()).unwrap();
            wrong.decided.as_mut().unwrap().outcome = text;
            let dir = tempfile::tempdir().unwrap();
            let path = write(dir.path(), &wrong).unwrap().path;
            refused += usize::from(!anybody(&path).is_ok_and(|r| r.ok()));
        }
    }
    assert!(refused >= prices, "{refused} of {}", prices * 2);
}

#[test]
fn no_forged_row_is_accepted() {
    for (index, source) in all().iter().enumerate() {
        let city = city(source, 40 + index as u64, 8, 3);
        let Some(contents) = decided(&city) else {
            continue;
        };
        let reseal = |contents: &mut Contents| {
            let root = minsheng_bundle::rows_root(&contents.applicants, &[], &contents.providers);
            contents.certificate.rows_root = minsheng_bundle::hex(&root);
        };
        let mut forgeries: Vec<Contents> = Vec::new();
        for (row, place) in contents.providers.iter().enumerate() {
            for fact in 0..place.facts.len() {
                let mut wrong = contents.clone();
                wrong.providers[row].facts[fact] = Some("3".to_owned());
                forgeries.push(wrong);
            }
            let mut wrong = contents.clone();
            wrong.providers[row].provider += "x";
            forgeries.push(wrong);
        }
        for (row, own) in contents.applicants.iter().enumerate() {
            let mut wrong = contents.clone();
            let turned = &mut wrong.applicants[row];
            if own.verdict == Verdict::Eligible {
                (turned.verdict, turned.holds) = (Verdict::NotEligible, 0);
                wrong.certificate.eligible -= 1;
                wrong.certificate.not_eligible += 1;
                forgeries.push(wrong);
            }
        }
        for mut wrong in forgeries {
            reseal(&mut wrong);
            if wrong == contents {
                continue;
            }
            let dir = tempfile::tempdir().unwrap();
            let path = write(dir.path(), &wrong).unwrap().path;
            assert!(!city.audit(&path).ok(), "{index}");
        }
    }
}
