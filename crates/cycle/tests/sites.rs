//! Programmes that choose sites: decided, written, verified at both levels, forged in
//! many ways, and told in letters.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod small_city;

use std::fmt::Write as _;

use minsheng_bundle::{hex, jcs, plain, read, rows_root, write};
use minsheng_model::Verdict;
use minsheng_verify::{Sites, anybody};
use serde_json::{Value, json};
use small_city::*;

const SITE: &str = include_str!("programmes/site.toml");

/// The programme under another model or other limits: what stands between the two
/// words gives way.
fn changed(from: &str, until: &str, new: &str) -> String {
    let start = SITE.find(from).unwrap();
    let end = start + SITE[start..].find(until).unwrap();
    format!("{}{new}{}", &SITE[..start], &SITE[end..])
}

fn variants() -> Vec<String> {
    let years = "[[site.years]]\nid = \"2024\"\nmost = '2'\nbudget = '$funds'\ncite = \"rule-1\"\n\n[[site.years]]\nid = \"2025\"\nleast = '1'\nmost = '3'\nweight = '2'\ncite = \"rule-1\"\n\n";
    let capacity = "[site.capacity]\ntitle = { zh = \"容量\", en = \"room\" }\nsql = 'spots.room'\ncite = \"rule-1\"\n\n";
    let p =
        "[site.p]\ntitle = { zh = \"开放\", en = \"open\" }\nsql = '$most'\ncite = \"rule-1\"\n\n";
    let more = "[site.spacing]\ntitle = { zh = \"间距\", en = \"apart\" }\nsql = '20'\ncite = \"rule-1\"\n\n[site.groups]\ntitle = { zh = \"各区\", en = \"by area\" }\nby = \"area\"\nmost = '6'\ncite = \"rule-1\"\n\n[site.floors]\ntitle = { zh = \"底线\", en = \"floor\" }\nper_mille = '50'\ncite = \"rule-1\"\n\n";
    let free = |s: String| {
        s.replace("reach = '$near'\n", "")
            .replace("same = [[\"kind\", \"kind\"]]\n", "")
    };
    vec![
        SITE.to_owned(),
        changed("[site.max_open]", "[site.travel]", more),
        changed("[site.budget]", "[site.travel]", years),
        changed("[site.max_open]", "[site.travel]", capacity),
        free(changed("[site.budget]", "[site.travel]", p).replace("max-cover", "p-median")),
        free(changed("[site.budget]", "[site.travel]", p).replace("max-cover", "p-center")),
        // Pairs are listed where more than one thing has to fit.
        SITE.replace(
            "same = [[\"kind\", \"kind\"]]",
            "same = [[\"kind\", \"kind\"], [\"area\", \"area\"]]",
        ),
        SITE.replace(
            "same = [[\"kind\", \"kind\"]]",
            "at_most = [[\"people\", \"room\"]]",
        ),
        SITE.replace("same = [[\"kind\", \"kind\"]]\n", ""),
    ]
}

fn city(source: &str, seed: u64, count: usize) -> City {
    let city = City::new(source, ["spots", "houses", "pairs"]);
    let mut dice = Dice(seed);
    let mut spots = "spot,name,area,kind,x,y,stands,clean,works,room\n".to_owned();
    for n in 0..count {
        // At least two stand already, and they would not pass the gate.
        let stands = n < 2;
        let clean = if stands {
            "false"
        } else {
            ["true", "true", "true", "false", ""][dice.below(5)]
        };
        writeln!(
            spots,
            "S{n:03},spot {n},{},{},{},{},{stands},{clean},{},{}",
            ["north", "south"][n % 2],
            ["tap", "cooler"][n / 2 % 2],
            dice.below(1500),
            dice.below(1500),
            50 + dice.below(300),
            dice.below(200),
        )
        .unwrap();
    }
    let mut houses = "house,name,street,area,kind,x,y,people\n".to_owned();
    for n in 0..count * 2 {
        writeln!(
            houses,
            "H{n:03},house {n},street {},{},{},{},{},{}",
            n / 2,
            ["north", "south"][n / 2 % 2],
            ["tap", "cooler"][n % 2],
            dice.below(1500),
            dice.below(1500),
            dice.below(90),
        )
        .unwrap();
    }
    city.put("spots", &spots);
    city.put("houses", &houses);
    city
}

#[test]
fn honest_bundles_hold_at_both_levels() {
    for (kind, source) in variants().iter().enumerate() {
        for seed in 0..3u64 {
            let city = city(source, seed, 20);
            let contents = city
                .decide()
                .unwrap_or_else(|e| panic!("{kind} {seed}: {e:?}"));
            let dir = folder();
            let path = write(dir.path(), &contents).unwrap().path;
            assert_eq!(read(&path).unwrap().0, contents);
            holds(&anybody(&path).unwrap());
            holds(&city.audit(&path));
            let chosen = contents.decided.as_ref().unwrap().chosen().unwrap();
            for ticket in &chosen {
                let row = contents.applicants.iter().find(|a| a.ticket == *ticket);
                assert_eq!(row.unwrap().verdict, Verdict::Eligible, "{kind} {seed}");
            }
            // What exists stays, though it would pass no gate.
            let open = outcome(&contents)["open"].clone();
            let open = open.as_array().unwrap();
            assert!(open.contains(&json!("S000")) && open.contains(&json!("S001")));
            assert_eq!(contents.applicants[0].verdict, Verdict::NotEligible);
            assert_eq!(open.len(), chosen.len() + 2);
        }
    }
}

#[test]
fn the_plain_checker_agrees() {
    for (kind, source) in variants().iter().enumerate() {
        let contents = city(source, 5, 18).decide().unwrap();
        let decided = contents.decided.as_ref().unwrap();
        let own = minsheng_verify::siting::published::check(&decided.instance, &decided.outcome);
        holds(&own);
        let options = minsheng_plain::SiteOptions::default();
        let other = minsheng_plain::verify_site(&decided.outcome, &decided.instance, options);
        assert!(other.unwrap().ok(), "{kind}");
    }
}

/// The best choice of few sites, by trying every set.
#[test]
fn nothing_better_is_possible() {
    let small = SITE.replace("value = 900,", "value = 420,");
    for seed in 0..12u64 {
        let contents = city(&small, seed, 10).decide().unwrap();
        let decided = contents.decided.as_ref().unwrap();
        let instance: Value = serde_json::from_str(&decided.instance).unwrap();
        let (sites, demands) = (
            instance["sites"].as_array().unwrap(),
            instance["demands"].as_array().unwrap(),
        );
        let reaches = |d: &Value, s: &Value| {
            let side = |k: &str| d[k].as_i64().unwrap() - s[k].as_i64().unwrap();
            let squared = side("x").pow(2) + side("y").pow(2);
            d["type"] == s["type"] && squared.isqrt() <= 300
        };
        let mut best = -1;
        for set in 0u32..1 << sites.len() {
            let inside = |j: usize| set >> j & 1 == 1;
            let kept = (0..sites.len()).all(|j| inside(j) || sites[j]["state"] != "open");
            let prices = (0..sites.len()).filter(|j| inside(*j));
            let spent: i64 = prices.map(|j| sites[j]["price"].as_i64().unwrap()).sum();
            if !kept || spent > 420 || set.count_ones() > 9 {
                continue;
            }
            let covered = demands
                .iter()
                .filter(|d| (0..sites.len()).any(|j| inside(j) && reaches(d, &sites[j])));
            best = best.max(covered.map(|d| d["weight"].as_i64().unwrap()).sum());
        }
        let outcome = outcome(&contents);
        assert_eq!(outcome["objective"], best, "{seed}");
        assert_eq!(outcome["status"], "proved-optimal", "{seed}");
    }
}

#[test]
fn the_gaps_add_up() {
    let contents = city(SITE, 3, 24).decide().unwrap();
    let outcome = outcome(&contents);
    let rows = outcome["gaps"].as_array().unwrap();
    let sum = |key: &str| -> i64 { rows.iter().map(|r| r[key].as_i64().unwrap()).sum() };
    assert_eq!(rows.len(), 4, "two areas, two kinds");
    assert_eq!(sum("places"), 48);
    assert_eq!(sum("weight_after"), outcome["objective"].as_i64().unwrap());
    assert_eq!(sum("places_after") + sum("places_beyond"), 48);
    assert!(sum("weight_before") <= sum("weight_after"));
    assert!(sum("places_before") <= sum("places_after"));
}

#[test]
fn neither_threads_nor_the_order_of_rows_matter() {
    for source in [SITE.to_owned(), variants()[2].clone()] {
        let city = city(&source, 9, 30);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().unwrap().install(|| city.decide().unwrap())
        };
        let first = with(1);
        assert_eq!(first, with(4));
        for file in ["spots.csv", "houses.csv"] {
            let path = city.dir.path().join("registers").join(file);
            let text = std::fs::read_to_string(&path).unwrap();
            let mut lines: Vec<&str> = text.lines().collect();
            lines[1..].reverse();
            std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        }
        assert_eq!(first, city.decide().unwrap());
    }
}

/// Ways listed in a register of pairs.
fn listed() -> String {
    let pairs = "[registers.ways]\nfile = \"registers/pairs.csv\"\nrole = \"pairs\"\nkey = [\"house\", \"spot\"]\nfrom_id = \"house\"\nto_id = \"spot\"\nvalue = \"seconds\"\n\n[registers.ways.columns]\nhouse = { type = \"text\", publish = true, label = { zh = \"起\", en = \"from\" } }\nspot = { type = \"text\", publish = true, label = { zh = \"止\", en = \"to\" } }\nseconds = { type = \"integer\", unit = \"second\", publish = true, label = { zh = \"秒\", en = \"seconds\" } }\n\n[parameters.near]";
    SITE.replacen("[parameters.near]", pairs, 1).replace(
        "metric = \"planar\"\nfrom = [\"x\", \"y\"]\nto = [\"x\", \"y\"]",
        "metric = \"pairs\"",
    )
}

#[test]
fn ways_from_a_register_of_pairs() {
    let city = city(&listed(), 4, 12);
    let mut dice = Dice(4);
    let mut text = "house,spot,seconds\n".to_owned();
    for house in 0..24 {
        for spot in 0..12 {
            if !dice.one_in(3) {
                writeln!(text, "H{house:03},S{spot:03},{}", dice.below(600)).unwrap();
            }
        }
    }
    let path = city.dir.path().join("registers/pairs.csv");
    std::fs::write(&path, &text).unwrap();
    let contents = city.decide().unwrap();
    let dir = folder();
    let bundle = write(dir.path(), &contents).unwrap().path;
    holds(&anybody(&bundle).unwrap());
    holds(&city.audit(&bundle));
    let said = minsheng_letter::write(&contents, "H003", minsheng_letter::Lang::En).unwrap();
    assert!(said.contains(" second"), "{said}");
    // A way that nobody can see to be wrong: the auditor has the register.
    let mut wrong = contents.clone();
    let decided = wrong.decided.as_mut().unwrap();
    let mut instance: Value = serde_json::from_str(&decided.instance).unwrap();
    let way = instance["pairs"][0][2].as_i64().unwrap();
    instance["pairs"][0][2] = json!(way ^ 1);
    decided.instance = String::from_utf8(jcs(&instance).unwrap()).unwrap();
    let dir = folder();
    let bundle = write(dir.path(), &wrong).unwrap().path;
    assert!(anybody(&bundle).unwrap().ok());
    assert!(!city.audit(&bundle).ok());
    // A way from nowhere.
    std::fs::write(&path, text + "H999,S001,5\n").unwrap();
    let told = city.decide().unwrap_err();
    assert_eq!(told[0].code, "cycle/unknown-pair");
    assert!(told[0].message.en.contains("H999"), "{told:?}");
}

#[test]
fn what_cannot_be_decided_is_an_error() {
    let told = city(&SITE.replace("sql = '$most'", "sql = '1'"), 1, 10)
        .decide()
        .unwrap_err();
    assert_eq!(told[0].code, "cycle/no-choice", "{told:?}");
    let told = city(
        &SITE.replace("sql = 'houses.people'", "sql = 'houses.people - 80'"),
        1,
        10,
    )
    .decide()
    .unwrap_err();
    assert_eq!(told[0].code, "cycle/instance", "{told:?}");
    assert!(told[0].message.en.contains("/demands/"), "{told:?}");
}

/// Changes one random leaf; returns where.
fn change(dice: &mut Dice, value: &mut Value, at: &str) -> String {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let index = dice.below(fields.len());
            let name = fields.keys().nth(index).unwrap().clone();
            if dice.one_in(10) {
                fields.remove(&name);
                return format!("{at}.{name} removed");
            }
            change(dice, &mut fields[&name], &format!("{at}.{name}"))
        }
        Value::Array(items) if !items.is_empty() => {
            let index = dice.below(items.len());
            match dice.below(8) {
                0 => {
                    items.remove(index);
                    format!("{at}[{index}] removed")
                }
                1 => {
                    let twice = items[index].clone();
                    items.push(twice);
                    format!("{at}[{index}] twice")
                }
                _ => change(dice, &mut items[index], &format!("{at}[{index}]")),
            }
        }
        Value::Number(n) => {
            let by = 1 + i64::try_from(dice.below(3)).unwrap();
            *value = n
                .as_i64()
                .map_or_else(|| json!(by), |n| json!(n.wrapping_add(by)));
            format!("{at} by {by}")
        }
        Value::String(text) => {
            let words = ["", "S000", "S003", "H001", "north", "open", "tap", "closed"];
            let word = words[dice.below(words.len())];
            *value = if text == word {
                json!("x")
            } else {
                json!(word)
            };
            format!("{at} to {value}")
        }
        Value::Bool(b) => {
            *value = json!(!*b);
            format!("{at} turned")
        }
        _ => {
            *value = json!(1);
            format!("{at} to 1")
        }
    }
}

/// What an outcome claims of how good its plan is. Another plan that is proved as good
/// and keeps every limit is no forgery: of equal plans the rules prefer none.
fn claims(outcome: &str) -> Value {
    let value: Value = serde_json::from_str(outcome).unwrap();
    let claimed = ["objective", "bound", "gap", "status", "model"];
    let all: Vec<Value> = claimed.iter().map(|k| value[k].clone()).collect();
    Value::from(all)
}

/// Forgeries that are hashed and sealed anew, as a dishonest publisher would.
#[test]
fn no_forged_instance_or_outcome_is_accepted() {
    for (seed, source) in (1u64..).zip(variants()) {
        let contents = city(&source, seed, 20).decide().unwrap();
        let mut dice = Dice(seed);
        let mut tried = 0;
        while tried < 70 {
            let mut wrong = contents.clone();
            let decided = wrong.decided.as_mut().unwrap();
            let first = dice.one_in(2);
            let text = if first {
                &mut decided.instance
            } else {
                &mut decided.outcome
            };
            let mut value: Value = serde_json::from_str(text).unwrap();
            let what = change(&mut dice, &mut value, "");
            let bytes = if first { jcs(&value) } else { plain(&value) };
            let Ok(bytes) = bytes else { continue };
            let new = String::from_utf8(bytes).unwrap();
            if new == *text {
                continue;
            }
            *text = new;
            let dir = folder();
            let path = write(dir.path(), &wrong).unwrap().path;
            if !rejected(&path) {
                let honest = contents.decided.as_ref().unwrap();
                let forged = wrong.decided.as_ref().unwrap();
                // The price is not published: that only the auditor can see.
                if first {
                    assert!(what.contains(".price by"), "{seed}: {what}");
                } else {
                    let (a, b) = (claims(&honest.outcome), claims(&forged.outcome));
                    assert_eq!(a, b, "{seed}: {what}");
                }
            }
            tried += 1;
        }
    }
}

/// The forgeries that somebody with something to win would try.
#[test]
fn no_forgery_with_a_purpose_is_accepted() {
    let city = city(SITE, 2, 20);
    let contents = city.decide().unwrap();
    let forged = |part: &str, how: &dyn Fn(&mut Value)| {
        let mut wrong = contents.clone();
        let decided = wrong.decided.as_mut().unwrap();
        let text = if part == "instance" {
            &mut decided.instance
        } else {
            &mut decided.outcome
        };
        let mut value: Value = serde_json::from_str(text).unwrap();
        let before = value.clone();
        how(&mut value);
        assert_ne!(before, value);
        let bytes = if part == "instance" {
            jcs(&value)
        } else {
            plain(&value)
        };
        *text = String::from_utf8(bytes.unwrap()).unwrap();
        let dir = folder();
        rejected(&write(dir.path(), &wrong).unwrap().path)
    };
    // Another site in place of one chosen; one more; one fewer.
    let out = contents
        .applicants
        .iter()
        .find(|a| {
            a.verdict == Verdict::Eligible
                && !contents
                    .decided
                    .as_ref()
                    .unwrap()
                    .chosen()
                    .unwrap()
                    .contains(&a.ticket)
        })
        .unwrap();
    let ticket = json!(out.ticket);
    assert!(forged("outcome", &|v| v["open"][0] = ticket.clone()));
    assert!(forged("outcome", &|v| v["open"]
        .as_array_mut()
        .unwrap()
        .push(ticket.clone())));
    assert!(forged("outcome", &|v| {
        v["open"].as_array_mut().unwrap().pop();
    }));
    // A better bound, and multipliers that do not give it.
    assert!(forged("outcome", &|v| {
        let bound = v["bound"].as_i64().unwrap();
        v["bound"] = json!(bound + 1);
        v["gap"] = json!(1);
        v["status"] = json!("within 1 of optimum");
    }));
    assert!(forged("outcome", &|v| {
        for own in v["certificate"]["multipliers"].as_array_mut().unwrap() {
            for m in own["demand"].as_array_mut().unwrap() {
                *m = json!(0);
            }
        }
    }));
    // The budget, the reach, a coordinate, a state.
    assert!(forged("instance", &|v| v["budget"] = json!(99_999)));
    assert!(forged("instance", &|v| v["reach"] = json!(301)));
    assert!(forged("instance", &|v| {
        let x = v["demands"][3]["x"].as_i64().unwrap();
        v["demands"][3]["x"] = json!(x + 1);
    }));
    assert!(forged("instance", &|v| v["sites"][4]["state"] = json!("open")));
    assert!(forged("instance", &|v| {
        v["sites"][0].as_object_mut().unwrap().remove("state");
    }));
    assert!(forged("instance", &|v| v["demands"][1]["weight"] = json!(9_999)));
    // Gaps that look smaller.
    assert!(forged("outcome", &|v| v["gaps"][0]["places_beyond"] = json!(0)));
    // A published coordinate of a row, with the root made right again.
    let mut wrong = contents.clone();
    let column = wrong
        .rules
        .group_columns()
        .iter()
        .position(|c| *c == "x")
        .unwrap();
    wrong.applicants[5].groups[column] = Some("7".to_owned());
    let root = rows_root(&wrong.applicants, &[], &wrong.providers);
    wrong.certificate.rows_root = hex(&root);
    let dir = folder();
    let path = write(dir.path(), &wrong).unwrap().path;
    assert!(rejected(&path) || wrong.applicants[5].verdict != Verdict::Eligible);
    assert!(!city.audit(&path).ok());
}

/// What a letter says a site would cost is never more than what it does.
#[test]
fn what_forcing_a_site_costs_is_proved() {
    use minsheng_verify::siting::published::Forced;
    let mut proved = 0;
    let nearest = variants()[4].replace("value = 9,", "value = 5,");
    for (turn, source, seed) in (0..8u64).flat_map(|s| [(1, SITE, s), (-1, nearest.as_str(), s)]) {
        let contents = city(source, seed, 12).decide().unwrap();
        let sites = Sites::read(&contents).unwrap();
        let decided = contents.decided.as_ref().unwrap();
        let best = outcome(&contents)["objective"].as_i64().unwrap();
        for (row, applicant) in contents.applicants.iter().enumerate() {
            let Some(site) = sites.site(row).filter(|s| !sites.published.is_open(*s)) else {
                continue;
            };
            let mut instance: Value = serde_json::from_str(&decided.instance).unwrap();
            let index = instance["sites"]
                .as_array()
                .unwrap()
                .iter()
                .position(|s| s["id"] == json!(applicant.ticket))
                .unwrap();
            instance["sites"][index]["state"] = json!("open");
            let solved = minsheng_plain::solve_site(
                &instance.to_string(),
                minsheng_plain::SiteOptions::default(),
            )
            .unwrap();
            let solved: Value = serde_json::from_str(&solved).unwrap();
            match sites.published.forced(site) {
                Forced::Cannot => assert_eq!(solved["status"], "proved-infeasible"),
                Forced::Worse(by) => {
                    let real = turn * (best - solved["objective"].as_i64().unwrap());
                    assert!(
                        i128::from(real) >= by,
                        "{seed} {applicant:?}: {by} of {real}"
                    );
                    proved += 1;
                }
                Forced::Unknown => {}
            }
        }
    }
    assert!(proved > 8, "{proved}");
}

#[test]
fn letters_tell_both_sides() {
    let contents = city(SITE, 2, 20).decide().unwrap();
    let letter = |id: &str, lang| minsheng_letter::write(&contents, id, lang).unwrap();
    let (zh, en) = (minsheng_letter::Lang::Zh, minsheng_letter::Lang::En);
    let chosen = contents.decided.as_ref().unwrap().chosen().unwrap();
    let said = letter("S000", en);
    assert!(said.contains("exists already and stays open"), "{said}");
    assert!(letter("S000", zh).contains("继续开放"));
    let said = letter(chosen.first().unwrap(), en);
    assert!(
        said.contains("To be opened.") && said.contains("it serves"),
        "{said}"
    );
    let out = |verdict: Verdict| {
        let row = contents.applicants.iter().find(|a| {
            a.verdict == verdict && !chosen.contains(&a.ticket) && a.ticket.as_str() > "S001"
        });
        row.unwrap().ticket.clone()
    };
    let said = letter(&out(Verdict::NotEligible), en);
    assert!(
        said.contains("a condition is not met") && said.contains("not clean"),
        "{said}"
    );
    let said = letter(&out(Verdict::Eligible), en);
    assert!(
        said.contains("not chosen this time") && said.contains("If opened, it would have"),
        "{said}"
    );
    assert!(letter(&out(Verdict::Eligible), zh).contains("若开设"));
    // A house, and a street of two houses.
    let said = letter("H004", en);
    for words in [
        "fter this decision: the nearest is",
        "How near is near enough",
        "funds: 9 yuan",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    let said = letter("street 3", zh);
    for words in [
        "house 6 [H006]",
        "house 7 [H007]",
        "决定之后:",
        "规定的 300 米",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    assert!(minsheng_letter::write(&contents, "street 99", en).is_none());
    // Somebody who asks about a nearer candidate is told why not.
    let all = (0..40).map(|n| letter(&format!("H{n:03}"), en));
    let told: String = all.collect();
    assert!(
        told.contains("was not opened: the water is not clean"),
        "{told}"
    );
    assert!(
        told.contains("was not opened: proved:")
            || told.contains("no plan is better than this one"),
        "{told}"
    );
}
