//! What-if answers against deciding the changed programme for real.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::city::{City, bytes, done, err, minsheng, out};

type Files = Vec<(String, Vec<u8>)>;
type Got = BTreeMap<String, Option<(String, u64)>>;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The city at a tenth of its size, where distances hardly count: much is left to tiers
/// and draws.
fn busy() -> City {
    let city = City::bare();
    done(&["synth", &city.path(), "--scale", "100"]);
    city.replace(
        "programmes/toddler-classes.toml",
        "value = 500, cite",
        "value = 90_000, cite",
    );
    let text = untested(&city);
    std::fs::write(city.programme(), text).unwrap();
    city
}

/// The programme file without its own tests, which know the rules as they stand.
fn untested(city: &City) -> String {
    let text = std::fs::read_to_string(city.programme()).unwrap();
    let end = text.find("[[tests]]").unwrap();
    text[..end].to_owned()
}

/// Decides the city by a programme file and returns who got what.
fn decided(city: &City, programme: &str) -> Got {
    let was = std::fs::read_to_string(city.programme()).unwrap();
    std::fs::write(city.programme(), programme).unwrap();
    let report = json(&done(&["run", &city.path(), "--json"]));
    std::fs::write(city.programme(), was).unwrap();
    let bundle = report[0]["bundle"].as_str().unwrap();
    let (contents, _) = minsheng_bundle::read(Path::new(bundle)).unwrap();
    let place = |a: &minsheng_model::ApplicantRow| {
        let place = a.placement.as_ref();
        place.map(|p| (p.provider.clone(), u64::from(p.position)))
    };
    let rows = contents.applicants.iter();
    rows.map(|a| (a.ticket.clone(), place(a))).collect()
}

/// Returns the alternatives of a comparison.
fn compared(city: &City, options: &[&str]) -> Vec<Value> {
    let path = city.path();
    let mut arguments = vec![
        "compare",
        &path,
        "--json",
        "--draws",
        "3",
        "--misreports",
        "0",
    ];
    arguments.extend(options);
    let found = json(&done(&arguments));
    found["alternatives"].as_array().unwrap().clone()
}

fn figure(side: &Value, kind: &Value) -> u64 {
    let mut figures = side["figures"].as_array().unwrap().iter();
    let found = figures.find(|f| f["kind"] == *kind).unwrap();
    found["value"].as_u64().unwrap()
}

/// Sees that movers and figures are those of two real decisions.
#[track_caller]
fn agrees(name: &str, versus: &Value, base: &Got, other: &Got) {
    let position = |got: &Option<(String, u64)>| got.as_ref().map_or(u64::MAX, |p| p.1);
    let place = |v: &Value| {
        let provider = v["provider"].as_str();
        provider.map(|p| (p.to_owned(), v["position"].as_u64().unwrap()))
    };
    let mut movers = versus["movers"].as_array().unwrap().iter();
    let (mut better, mut worse) = (0, 0);
    for (ticket, was) in base {
        let is = &other[ticket];
        match position(is).cmp(&position(was)) {
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Less => better += 1,
            std::cmp::Ordering::Greater => worse += 1,
        }
        let mover = movers
            .next()
            .unwrap_or_else(|| panic!("{name}: no {ticket}"));
        assert_eq!(mover["ticket"], *ticket, "{name}");
        assert_eq!(place(&mover["from"]), *was, "{name}");
        assert_eq!(place(&mover["to"]), *is, "{name}");
        assert_eq!(mover["better"], position(is) < position(was), "{name}");
    }
    assert!(movers.next().is_none(), "{name}: too many");
    let total = |better: bool| -> u64 {
        let reasons = versus["reasons"].as_array().unwrap().iter();
        let of = reasons.filter(|r| r["better"] == better);
        of.map(|r| r["count"].as_u64().unwrap()).sum()
    };
    assert_eq!((total(true), total(false)), (better, worse), "{name}");
    let count =
        |f: &dyn Fn(u64) -> bool| other.values().flatten().filter(|p| f(p.1)).count() as u64;
    assert_eq!(
        figure(&versus["side"], &"placed".into()),
        count(&|_| true),
        "{name}"
    );
    let first = serde_json::json!({ "position": 1 });
    assert_eq!(
        figure(&versus["side"], &first),
        count(&|p| p == 1),
        "{name}"
    );
}

fn without(text: &str, section: &str) -> String {
    let start = text.find(section).unwrap();
    let end = start + section.len() + text[start + section.len()..].find("\n[").unwrap();
    format!("{}{}", &text[..start], &text[end..])
}

#[test]
fn a_what_if_is_what_the_changed_programme_decides() {
    let city = busy();
    let text = std::fs::read_to_string(city.programme()).unwrap();
    let base = decided(&city, &text);
    let edit = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let early = edit("choice_combine = \"opens\"", "choice_combine = \"opens AND early\"").replacen(
        "[eligibility]",
        "[[clauses]]\nid = \"early\"\nscope = \"choice\"\ncite = \"opening\"\nwhen = 'choices.position <= 2'\nmet = { zh = \"是\", en = \"yes\" }\nfailed = { zh = \"否\", en = \"no\" }\nunknown = { zh = \"不明\", en = \"unknown\" }\n\n[eligibility]",
        1,
    );
    let hardship = "value = 1, cite = \"hardship\"";
    let cases: Vec<(&str, Vec<&str>, String)> = vec![
        (
            "set",
            vec!["--set", "hardship_per_class=3"],
            edit(hardship, &hardship.replace('1', "3")),
        ),
        (
            "age",
            vec!["--set", "min_age=26"],
            edit("value = 24,", "value = 26,"),
        ),
        (
            "band",
            vec!["--set", "distance_band=2000"],
            edit("value = 90_000,", "value = 2000,"),
        ),
        (
            "reserve",
            vec!["--no-reserve", "hardship"],
            without(&text, "[[reserves]]"),
        ),
        (
            "ceiling",
            vec!["--no-ceiling", "outside"],
            without(&text, "[[ceilings]]"),
        ),
        (
            "tier",
            vec!["--no-tier", "street"],
            without(&text, "[[tiers]]\nid = \"street\""),
        ),
        (
            "draws",
            vec!["--tie-break", "multiple"],
            edit("method = \"single\"", "method = \"multiple\""),
        ),
        (
            "unit",
            vec!["--unit", "applicant"],
            edit(
                "unit = \"family\"\nfamily = \"family\"",
                "unit = \"applicant\"",
            ),
        ),
        ("length", vec!["--list-length", "2"], early),
    ];
    let other = city.dir().join("other.toml");
    let file = other.display().to_string();
    let mut seen = 0;
    for (name, options, changed) in cases {
        let real = decided(&city, &changed);
        let versus = &compared(&city, &options)[0];
        agrees(name, versus, &base, &real);
        seen += versus["movers"].as_array().unwrap().len();
        std::fs::write(&other, &changed).unwrap();
        let versus = &compared(&city, &["--with", &file])[0];
        agrees(name, versus, &base, &real);
    }
    assert!(seen > 1000, "{seen}");
    places(&city, &text, &base);
}

/// One more place everywhere, by a file of places.
fn places(city: &City, text: &str, base: &Got) {
    let more = text.replacen(
        "kindergartens.classes * $class_size)'",
        "kindergartens.classes * $class_size) + 1'",
        1,
    );
    assert_ne!(more, text);
    let real = decided(city, &more);
    let mut csv = String::from("provider,places\n");
    for path in city.bundles() {
        let (contents, _) = minsheng_bundle::read(&path).unwrap();
        if contents.rules.capacity.ends_with("+ 1") {
            let rows = contents.providers.iter();
            csv = rows.fold(csv, |csv, p| {
                format!("{csv}{},{}\n", p.provider, p.capacity)
            });
        }
    }
    let file = city.dir().join("places.csv");
    std::fs::write(&file, csv).unwrap();
    let versus = &compared(city, &["--capacity", &file.display().to_string()])[0];
    agrees("places", versus, base, &real);
    assert!(
        versus["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .any(|r| r["reason"]["kind"] == "capacity")
    );
}

#[test]
fn reasons_name_the_rule() {
    let city = busy();
    let kinds = |options: &[&str]| -> Vec<String> {
        let found = compared(&city, options);
        let reasons = found[0]["reasons"].as_array().unwrap().iter();
        let words = |v: &Value| v.as_str().unwrap_or("").to_owned();
        reasons
            .map(|r| {
                format!(
                    "{} {}",
                    words(&r["reason"]["kind"]),
                    words(&r["reason"]["id"])
                )
            })
            .collect()
    };
    let has = |found: Vec<String>, wanted: &str| {
        assert!(
            found.iter().any(|f| f.trim() == wanted),
            "no `{wanted}` in {found:?}"
        );
    };
    has(kinds(&["--set", "min_age=27"]), "clause age");
    has(kinds(&["--no-tier", "street"]), "tier street");
    has(kinds(&["--set", "distance_band=2000"]), "score");
    has(
        kinds(&["--set", "hardship_per_class=9"]),
        "reserve hardship",
    );
    has(kinds(&["--set", "outside_per_class=0"]), "ceiling outside");
    has(kinds(&["--capacity", "-30%"]), "capacity");
    has(kinds(&["--tie-break", "multiple"]), "draw");
    has(kinds(&["--mechanism", "immediate-acceptance"]), "mechanism");
    has(kinds(&["--list-length", "1"]), "list-length");
    has(kinds(&["--list-length", "1"]), "cut-off");
}

#[test]
fn every_mechanism_answers_and_says_whether_misreporting_pays() {
    let city = City::small();
    let path = city.path();
    for (mechanism, safe) in [
        ("deferred-acceptance", true),
        ("immediate-acceptance", false),
        ("serial-dictatorship", true),
        ("top-trading-cycles", true),
        ("efficiency-adjusted", false),
        ("stable-improvement-cycles", false),
        ("maximum-size", false),
    ] {
        let said = done(&[
            "compare",
            &path,
            "--mechanism",
            mechanism,
            "--no-reserve",
            "hardship",
            "--no-ceiling",
            "outside",
            "--draws",
            "2",
            "--json",
        ]);
        let found = &json(&said)["alternatives"][0];
        let told = &found["misreports"];
        assert_eq!(told["theory"] == "never-pays", safe, "{mechanism}");
        let pays = told["pays"].as_u64().unwrap();
        assert!(told["tried"].as_u64().unwrap() > 20, "{told}");
        match mechanism {
            "immediate-acceptance" => assert!(pays > 0, "{told}"),
            _ if safe => assert_eq!(pays, 0, "{mechanism}"),
            _ => {}
        }
    }
    // With everybody's consent nobody is worse off than under deferred acceptance.
    let plain = ["--no-reserve", "hardship", "--no-ceiling", "outside"];
    let file = city.dir().join("both.toml");
    let text = "format = 1\n[[alternatives]]\nid = \"plain\"\nwithout_reserves = [\"hardship\"]\nwithout_ceilings = [\"outside\"]\n[[alternatives]]\nid = \"adjusted\"\nwithout_reserves = [\"hardship\"]\nwithout_ceilings = [\"outside\"]\nmechanism = \"efficiency-adjusted\"\n";
    std::fs::write(&file, text).unwrap();
    let both = compared(&city, &["--file", &file.display().to_string()]);
    let first = serde_json::json!({ "position": 1 });
    assert!(figure(&both[1]["side"], &first) >= figure(&both[0]["side"], &first));
    // By consent of those in hardship alone.
    let mut options = vec![
        "--mechanism",
        "efficiency-adjusted",
        "--consent",
        "hardship",
    ];
    options.extend(plain);
    assert_eq!(compared(&city, &options).len(), 1);
}

#[test]
fn small_cells_are_hidden_in_tables_json_and_charts() {
    let city = City::small();
    let charts = city.dir().join("charts");
    let folder = charts.display().to_string();
    let versus = &compared(
        &city,
        &[
            "--set",
            "hardship_per_class=3",
            "--by",
            "district",
            "--by",
            "hardship",
            "--charts",
            &folder,
        ],
    )[0];
    let mut hidden = 0;
    for table in versus["groups"].as_array().unwrap() {
        for row in table["rows"].as_array().unwrap() {
            let mut cells = vec![&row["applicants"], &row["better"], &row["worse"]];
            for side in ["base", "alternative"] {
                cells.extend(row[side].as_object().unwrap().values());
            }
            hidden += cells.iter().filter(|c| c.is_null()).count();
            let small = |c: &&&Value| c.as_u64().is_some_and(|n| (1..5).contains(&n));
            assert_eq!(cells.iter().filter(small).count(), 0, "{row}");
        }
        for column in ["better", "worse", "applicants"] {
            let rows = table["rows"].as_array().unwrap().iter();
            let count = rows.filter(|r| r[column].is_null()).count();
            assert_ne!(count, 1, "{column} follows from its total");
        }
    }
    assert!(hidden > 10, "{hidden}");
    let names: Vec<String> = bytes(&charts).into_iter().map(|(n, _)| n).collect();
    assert_eq!(
        names,
        [
            "bands.svg",
            "what-if-by-district.svg",
            "what-if-by-hardship.svg",
            "what-if-choices.svg"
        ]
    );
    for (name, svg) in bytes(&charts) {
        let svg = String::from_utf8(svg).unwrap();
        balanced(&name, &svg);
        for part in [
            "role=\"img\"",
            "<title id=\"title\">",
            "<desc id=\"description\">",
            "Synthetic data",
            "模拟数据",
        ] {
            assert!(svg.contains(part), "no `{part}` in {name}");
        }
    }
}

/// Every element is closed in its turn.
fn balanced(name: &str, svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let inside = tag.split('>').next().unwrap();
        let word = inside
            .trim_start_matches('/')
            .split([' ', '/'])
            .next()
            .unwrap();
        if inside.starts_with('/') {
            assert_eq!(open.pop(), Some(word), "{name}");
        } else if !inside.ends_with('/') {
            open.push(word);
        }
    }
    assert!(open.is_empty(), "{name}: {open:?}");
    let bare = svg.split('&').skip(1).any(|rest| {
        !["amp;", "lt;", "gt;", "quot;"]
            .iter()
            .any(|e| rest.starts_with(e))
    });
    assert!(!bare, "{name}");
}

#[test]
fn threads_and_the_order_of_rows_change_nothing() {
    let city = busy();
    let path = city.path();
    let what_if = city.dir().join("what-if.toml").display().to_string();
    let mut seen: Vec<(String, Files)> = Vec::new();
    for (round, threads) in ["1", "4", "3"].iter().enumerate() {
        if round == 2 {
            let file = city.dir().join("registers/kindergartens.csv");
            let text = std::fs::read_to_string(&file).unwrap();
            let mut lines: Vec<&str> = text.lines().collect();
            lines[1..].reverse();
            std::fs::write(&file, lines.join("\n")).unwrap();
        }
        let folder = city.dir().join(format!("charts-{round}"));
        let (charts, movers) = (
            folder.display().to_string(),
            folder.join("movers.csv").display().to_string(),
        );
        let said = done(&[
            "compare",
            &path,
            "--file",
            &what_if,
            "--unit",
            "applicant",
            "--draws",
            "7",
            "--threads",
            threads,
            "--json",
            "--charts",
            &charts,
            "--movers",
            &movers,
        ]);
        assert_eq!(json(&said)["alternatives"].as_array().unwrap().len(), 7);
        seen.push((said, bytes(&folder)));
    }
    assert!(seen[0] == seen[1], "one thread and four");
    assert!(seen[0] == seen[2], "rows turned round");
    let again = done(&[
        "compare", &path, "--file", &what_if, "--draws", "7", "--seed", "another", "--json",
    ]);
    let bands = |text: &str| json(text)["base"]["figures"].to_string();
    assert_ne!(
        bands(&again),
        bands(&seen[0].0),
        "another seed, other draws"
    );
}

#[test]
fn before_the_draw_the_first_what_if_draw_stands_in() {
    let city = City::small();
    let file = "programmes/toddler-classes.toml";
    city.replace(file, "values = [5, 11, 14, 20, 27, 31]", "values = []");
    city.replace(file, "values = [9]", "values = []");
    let said = done(&[
        "compare",
        &city.path(),
        "--capacity",
        "+20%",
        "--draws",
        "5",
    ]);
    assert!(
        said.contains("the first what-if draw")
            && said.contains("toddler-classes 2024-autumn what-if"),
        "{said}"
    );
    assert!(said.contains("nobody is worse off"), "{said}");
}

/// The command is refused with these words in one line.
#[track_caller]
fn refused(city: &City, options: &[&str], code: i32, words: &[&str]) {
    let path = city.path();
    let mut arguments = vec!["compare", &path, "--error-format", "plain"];
    arguments.extend(options);
    let output = minsheng(&arguments);
    let said = err(&output);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{options:?}\n{said}{}",
        out(&output)
    );
    let found = said.lines().any(|l| words.iter().all(|w| l.contains(w)));
    assert!(found, "no line with {words:?} in\n{said}");
}

#[test]
fn wrong_options_are_told_with_what_was_meant() {
    let city = City::small();
    let city = &city;
    refused(city, &[], 3, &["nothing to compare with", "--set"]);
    refused(
        city,
        &["--set", "hardship_per_clas=2"],
        3,
        &["`hardship_per_clas`", "did you mean `hardship_per_class`"],
    );
    refused(
        city,
        &["--set", "hardship_per_class=two"],
        3,
        &["`two`", "expected integer, such as `1`"],
    );
    refused(
        city,
        &["--set", "fee_share=0.255"],
        3,
        &["`0.255`", "decimal(2)"],
    );
    refused(
        city,
        &["--set", "hardship_per_class"],
        2,
        &["expected PARAMETER=VALUE"],
    );
    refused(
        city,
        &["--set", "hardship_per_class=-1"],
        3,
        &["seats are whole numbers from 0"],
    );
    refused(
        city,
        &["--no-reserve", "hardshp"],
        3,
        &["no reserve `hardshp`", "did you mean `hardship`"],
    );
    refused(
        city,
        &["--no-ceiling", "inside"],
        3,
        &["no ceiling `inside`", "there are: outside"],
    );
    refused(
        city,
        &["--no-tier", "sibing"],
        3,
        &["no tier `sibing`", "did you mean `sibling`"],
    );
    refused(
        city,
        &["--capacity", "110105-1=4"],
        3,
        &["no provider `110105-1`", "did you mean"],
    );
    refused(city, &["--capacity", "10"], 2, &["expected +10%"]);
    refused(city, &["--capacity", "nowhere.csv"], 3, &["nowhere.csv"]);
    refused(
        city,
        &["--capacity", "+5%", "--by", "distric"],
        3,
        &["no column `distric`", "did you mean `district`"],
    );
    refused(
        city,
        &["--capacity", "+5%", "--by", "application_no"],
        3,
        &["more than 200 different values"],
    );
    refused(
        city,
        &["--capacity", "+5%", "--travel", "distnce"],
        3,
        &["`distnce`", "did you mean `distance`"],
    );
    refused(
        city,
        &["--capacity", "+5%", "--travel", "kindergarten"],
        3,
        &["no whole-number column `kindergarten`"],
    );
    refused(
        city,
        &["--mechanism", "boston"],
        2,
        &["immediate-acceptance"],
    );
    refused(
        city,
        &["--mechanism", "maximum-size"],
        3,
        &[
            "plain seats only",
            "--no-reserve hardship --no-ceiling outside",
        ],
    );
    refused(
        city,
        &["--consent", "hardship"],
        3,
        &["efficiency-adjusted"],
    );
    refused(
        city,
        &["--unit", "family=familly"],
        3,
        &["`familly`", "did you mean `family`"],
    );
    refused(city, &["--list-length", "0"], 2, &["0"]);
    refused(city, &["--with", "nowhere.toml"], 3, &["nowhere.toml"]);
    refused(
        city,
        &["toddler-class", "--capacity", "+5%"],
        3,
        &["toddler-class"],
    );
    what_if_files(city);
}

fn what_if_files(city: &City) {
    let file: PathBuf = city.dir().join("w.toml");
    let path = file.display().to_string();
    let with = |text: &str, words: &[&str]| {
        std::fs::write(&file, text).unwrap();
        refused(city, &["--file", &path], 3, words);
    };
    with(
        "format = 1\n[[alternatives]]\nid = \"a\"\nparameters = { min_agee = 3 }\n",
        &["w.toml:4:16", "did you mean `min_age`"],
    );
    with(
        "format = 1\n[[alternatives]]\nid = \"a\"\nwithout_tiers = [\"street\", \"stret\"]\n",
        &["w.toml:4:28", "did you mean `street`"],
    );
    with(
        "format = 1\n[[alternatives]]\nid = \"a\"\ncapacities = [{ provider = \"x\", places = 3 }]\n",
        &["w.toml:4:28", "no provider `x`"],
    );
    with(
        "format = 1\nby = [\"distrct\"]\n[[alternatives]]\nid = \"a\"\nlist_length = 3\n",
        &["w.toml:2:7", "did you mean `district`"],
    );
    with(
        "format = 1\n[[alternatives]]\nid = \"a\"\nmechanism = \"top-trading-cycle\"\n",
        &["w.toml:4:13", "did you mean `top-trading-cycles`"],
    );
    with(
        "format = 1\n[[alternatives]]\nid = \"a\"\n",
        &["w.toml:2:1", "nothing is otherwise"],
    );
    with("format = 1\n", &["w.toml", "alternatives"]);
    let schema = json(&done(&["schema", "what-if"]));
    assert!(schema["properties"]["alternatives"].is_object());
}
