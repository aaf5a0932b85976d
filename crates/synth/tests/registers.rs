//! The registers that a small plan makes, read back from the files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use arrow::array::{Array, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use minsheng_synth::{Plan, generate, load, load_str};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

const CITY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../cities/beijing/synth/toddler-classes.toml"
);

/// What a family's members have in common: street and birthday.
type Shared = (Option<String>, Option<i32>);

fn city() -> Plan {
    load(Path::new(CITY)).unwrap()
}

fn made(plan: &Plan) -> TempDir {
    let folder = TempDir::new().unwrap();
    let written = generate(plan, folder.path(), &|_, _, _| ()).unwrap();
    assert_eq!(written.len(), 4);
    folder
}

fn parquet(folder: &TempDir, name: &str) -> (Vec<RecordBatch>, String) {
    let file = fs::File::open(folder.path().join("registers").join(name)).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let said = reader
        .metadata()
        .file_metadata()
        .key_value_metadata()
        .unwrap()
        .clone();
    let notice = said
        .iter()
        .find(|k| k.key == "notice")
        .unwrap()
        .value
        .clone()
        .unwrap();
    (
        reader.build().unwrap().map(Result::unwrap).collect(),
        notice,
    )
}

fn column<'a, T: 'static>(
    batches: &'a [RecordBatch],
    name: &'a str,
) -> impl Iterator<Item = &'a T> {
    batches.iter().map(move |b| {
        b.column_by_name(name)
            .unwrap()
            .as_any()
            .downcast_ref()
            .unwrap()
    })
}

fn texts(batches: &[RecordBatch], name: &str) -> Vec<Option<String>> {
    column::<StringArray>(batches, name)
        .flat_map(|a| a.iter().map(|v| v.map(str::to_owned)))
        .collect()
}

fn kindergartens(folder: &TempDir) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.path().join("registers/kindergartens.csv")).unwrap();
    text.lines()
        .skip(1)
        .map(|l| l.split(',').map(str::to_owned).collect())
        .collect()
}

#[test]
fn totals_are_the_published_ones() {
    let folder = made(&city());
    let rows = kindergartens(&folder);
    assert_eq!(rows.len(), 282);
    let places: Vec<u64> = rows.iter().map(|r| r[5].parse().unwrap()).collect();
    assert_eq!(places.iter().sum::<u64>(), 9024);
    assert!(places.iter().all(|p| (10..=60).contains(p)));
    for (row, places) in rows.iter().zip(&places) {
        let classes: u64 = row[4].parse().unwrap();
        assert!(classes * 20 >= *places && (classes - 1) * 20 < *places);
    }
    let keys: BTreeSet<&String> = rows.iter().map(|r| &r[0]).collect();
    assert_eq!(keys.len(), 282);
    let districts: BTreeSet<&String> = rows.iter().map(|r| &r[2]).collect();
    assert_eq!(districts.len(), 16);
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let plan = city().scaled(100);
    let single = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let (one, two) = (made(&plan), single.install(|| made(&plan)));
    let other = made(&Plan {
        seed: "another".to_owned(),
        ..plan
    });
    for name in [
        "kindergartens.csv",
        "kindergartens.notice.txt",
        "children.parquet",
        "choices.parquet",
    ] {
        let bytes = |f: &TempDir| fs::read(f.path().join("registers").join(name)).unwrap();
        assert_eq!(bytes(&one), bytes(&two), "{name}");
        assert_eq!(
            bytes(&one) == bytes(&other),
            name.ends_with(".txt"),
            "{name}"
        );
    }
    assert_eq!(
        fs::read_dir(one.path().join("registers")).unwrap().count(),
        4
    );
}

#[test]
fn every_file_says_that_it_is_synthetic() {
    let plan = city().scaled(20);
    let folder = made(&plan);
    for name in ["children.parquet", "choices.parquet"] {
        let (_, notice) = parquet(&folder, name);
        assert!(notice.contains(&plan.notice.zh) && notice.contains(&plan.notice.en));
    }
    let beside =
        fs::read_to_string(folder.path().join("registers/kindergartens.notice.txt")).unwrap();
    assert!(beside.contains(&plan.notice.zh) && beside.contains(&plan.notice.en));
    assert!(kindergartens(&folder).iter().all(|r| r[1].contains("模拟")));
}

#[test]
fn columns_have_their_types_and_about_the_declared_gaps() {
    let (rows, _) = parquet(&made(&city()), "children.parquet");
    let total: usize = rows.iter().map(RecordBatch::num_rows).sum();
    assert_eq!(total, 12_800);
    let kind = |name: &str| {
        rows[0]
            .schema()
            .field_with_name(name)
            .unwrap()
            .data_type()
            .clone()
    };
    assert_eq!(kind("birth"), DataType::Date32);
    assert_eq!(kind("local_hukou"), DataType::Boolean);
    assert_eq!(kind("district"), DataType::Utf8);
    let missing = |name: &str| -> usize {
        rows.iter()
            .map(|b| b.column_by_name(name).unwrap().null_count())
            .sum()
    };
    assert_eq!(
        missing("application_no") + missing("receipt_code") + missing("district"),
        0
    );
    assert!(
        (40..=130).contains(&missing("birth")),
        "{}",
        missing("birth")
    );
    assert!(
        (140..=250).contains(&missing("health_check")),
        "{}",
        missing("health_check")
    );
    assert!(
        (11_300..=11_700).contains(&missing("sibling_at")),
        "{}",
        missing("sibling_at")
    );
    // A permit is there only for those from elsewhere.
    for batch in &rows {
        let local = batch.column_by_name("local_hukou").unwrap();
        let local: &BooleanArray = local.as_any().downcast_ref().unwrap();
        let until: &Date32Array = batch
            .column_by_name("permit_until")
            .unwrap()
            .as_any()
            .downcast_ref()
            .unwrap();
        for row in 0..batch.num_rows() {
            assert!(until.is_null(row) || (local.is_valid(row) && !local.value(row)));
        }
    }
    // Twins: a family's birthday and street are shared.
    let mut families: BTreeMap<String, BTreeSet<Shared>> = BTreeMap::new();
    let births = column::<Date32Array>(&rows, "birth")
        .flat_map(|a| a.iter())
        .collect::<Vec<_>>();
    for ((family, street), birth) in texts(&rows, "family")
        .into_iter()
        .zip(texts(&rows, "street"))
        .zip(births)
    {
        families
            .entry(family.unwrap())
            .or_default()
            .insert((street, birth));
    }
    assert!(families.len() < total && families.len() > total * 96 / 100);
    assert!(families.values().all(|members| members.len() == 1));
    let codes: BTreeSet<_> = texts(&rows, "receipt_code").into_iter().collect();
    assert_eq!(codes.len(), total);
}

#[test]
fn choices_name_near_providers_once_in_order() {
    let folder = made(&city());
    let known: BTreeSet<String> = kindergartens(&folder)
        .into_iter()
        .map(|r| r[0].clone())
        .collect();
    let (rows, _) = parquet(&folder, "choices.parquet");
    let mut lists: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    let positions = column::<Int64Array>(&rows, "position").flat_map(|a| a.values().to_vec());
    let providers = texts(&rows, "kindergarten").into_iter();
    for ((ticket, place), provider) in texts(&rows, "application_no")
        .into_iter()
        .zip(positions)
        .zip(providers)
    {
        lists
            .entry(ticket.unwrap())
            .or_default()
            .push((place, provider.unwrap()));
    }
    assert_eq!(lists.len(), 12_800);
    for list in lists.values() {
        assert!((1..=10).contains(&list.len()));
        assert!(list.iter().zip(1..).all(|((place, _), n)| *place == n));
        let distinct: BTreeSet<&String> = list.iter().map(|(_, p)| p).collect();
        assert_eq!(distinct.len(), list.len());
        assert!(list.iter().all(|(_, p)| known.contains(p)));
    }
    let far = column::<Int64Array>(&rows, "distance")
        .flat_map(|a| a.values().to_vec())
        .max()
        .unwrap();
    assert!((0..60_000).contains(&far), "{far}");
    // Who has a sibling somewhere mostly asks for that place first.
    let (children, _) = parquet(&folder, "children.parquet");
    let siblings = texts(&children, "application_no")
        .into_iter()
        .zip(texts(&children, "sibling_at"));
    let (mut all, mut first) = (0, 0);
    for (ticket, place) in siblings {
        let Some(place) = place else { continue };
        all += 1;
        first += u32::from(lists[&ticket.unwrap()][0].1 == place);
    }
    assert!(first * 100 > all * 90, "{first} of {all}");
}

fn sizes(plan: &Plan) -> (u32, u64, u32) {
    let providers = plan.providers.as_ref().unwrap();
    let people = plan.applicants.as_ref().unwrap();
    (providers.count, providers.places, people.count)
}

#[test]
fn scaling_keeps_the_shape() {
    let plan = city().scaled(500);
    assert_eq!(sizes(&plan), (141, 4512, 6400));
    let tiny = city().scaled(0);
    assert_eq!((sizes(&tiny).0, sizes(&tiny).2), (1, 1));
    assert_eq!(kindergartens(&made(&tiny)).len(), 1);
    let huge = city().scaled(u32::MAX);
    assert!(sizes(&huge).2 > 6400);
}

/// Returns the shared areas as a plan of its own has them.
fn areas() -> String {
    let beside = Path::new(CITY).with_file_name("areas.toml");
    let text = fs::read_to_string(beside).unwrap();
    text.replace("format = 1", "")
}

fn wrong(from: &str, to: &str) -> (String, String) {
    let text = fs::read_to_string(CITY)
        .unwrap()
        .replace("areas_file = \"areas.toml\"", &areas());
    assert!(text.contains(from), "{from}");
    let text = text.replacen(from, to, 1);
    let found = load_str("synth.toml", &text).unwrap_err();
    assert_eq!(found.len(), 1, "{found:#?}");
    let place = text.get(found[0].span.clone().unwrap()).unwrap().to_owned();
    (found[0].message.en.clone(), place)
}

#[test]
fn mistakes_have_their_place() {
    for (from, to, message, place) in [
        ("places = 9024", "places = 90240", "2820 to 16920", "90240"),
        (
            "make = \"groups\"",
            "make = \"group\"",
            "no maker `group`",
            "\"group\"",
        ),
        (
            "make = \"places\"",
            "make = \"nearest\"",
            "no maker",
            "\"nearest\"",
        ),
        ("per_mille = 988", "per_mille = 1988", "0 to 1000", "1988"),
        (
            "per_mille = 988",
            "percent = 98",
            "unknown field",
            "percent",
        ),
        (
            "until = 2022-09-11",
            "until = 2021-01-01",
            "in this order",
            "2021-08-20, until = 2021-01-01",
        ),
        (
            "until = 2022-09-11",
            "until = 7",
            "in this order",
            "2021-08-20, until = 7",
        ),
        ("{area}-{n:3}", "{area}", "rows are alike", "\"{area}\""),
        (
            "{area}-{n:3}",
            "{area}-{m}",
            "placeholder `m`",
            "\"{area}-{m}\"",
        ),
        (
            "column = \"local_hukou\"",
            "column = \"hukou\"",
            "no earlier column",
            "\"hukou\"",
        ),
        ("is = false", "is = 0", "not of the type", "0"),
        (
            "column = \"sibling_at\"",
            "column = \"family\"",
            "nearest",
            "\"family\"",
        ),
        (
            "registers/choices.parquet",
            "../choices.parquet",
            "inside the city",
            "\"../choices.parquet\"",
        ),
        (
            "registers/choices.parquet",
            "registers/children.parquet",
            "one file",
            "\"registers/children.parquet\"",
        ),
        ("value = 1_573_726", "value = 1.5", "no floats", "1.5"),
        (
            "length = 16",
            "length = 16, step = 2",
            "does not use `step`",
            "2",
        ),
        (
            "length = [1, 10]",
            "length = [5, 1]",
            "`[least, most]`",
            "[5, 1]",
        ),
        (
            "id = \"110102\"",
            "id = \"110101\"",
            "there twice",
            "\"110101\"",
        ),
        (
            "name = \"street\"",
            "name = \"district\"",
            "there twice",
            "\"district\"",
        ),
        ("format = 1", "format = 2", "1 to 1", "2"),
        ("count = 282", "count = \"282\"", "invalid type", "\"282\""),
    ] {
        let (said, at) = wrong(from, to);
        assert!(said.contains(message), "{said} / {message}");
        assert_eq!(at, place, "{said}");
    }
    assert_eq!(load(Path::new("/nowhere/synth.toml")).unwrap_err().len(), 1);
}

#[test]
fn what_cannot_be_written_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join("registers/choices.parquet/in-the-way")).unwrap();
    let error = generate(&city().scaled(20), folder.path(), &|_, _, _| ()).unwrap_err();
    assert_eq!(error.code, "synth/unwritable");
    let left: Vec<_> = fs::read_dir(folder.path().join("registers"))
        .unwrap()
        .collect();
    assert!(left.iter().all(|e| {
        !e.as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .ends_with(".tmp")
    }));
}

/// A plan with two sessions, families that share a house, cases, and tables.
const SUMMER: &str = r#"
format = 1
seed = "summer"
notice = { zh = "模拟", en = "synthetic" }
part_name = "{area}-{n}"
parts = [3, 4]
areas = [
  { id = "a", name = "A", weight = 3, parts = 1, x = 0, y = 0, radius = 5000 },
  { id = "b", name = "B", weight = 1, parts = 1, x = 20000, y = 0, radius = 5000 },
]
[providers]
file = "sites.csv"
count = 8
places = 160
places_each = [5, 20]
group = 20
popularity = [1000, 1000]
editions = ["first", "second"]
columns = [
  { name = "id", make = "serial", pattern = "{area}-{n}-{e}" },
  { name = "session", make = "edition" },
  { name = "kind", make = "choice", values = ["x", "y"] },
  { name = "area", make = "area" },
]
[applicants]
file = "pupils.csv"
count = 400
twins = 300
housemates = 100
columns = [
  { name = "no", make = "serial", pattern = "P{n:4}" },
  { name = "family", make = "family", pattern = "F{n}" },
  { name = "house", make = "house", pattern = "H{n}" },
  { name = "shared", make = "shared" },
  { name = "session", make = "member", values = ["first", "second"] },
  { name = "grade", make = "integer", from = 1, until = 5, per = "house" },
  { name = "fee", make = "cases", of = "session", cases = [{ is = "first", make = "constant", value = 360 }, { make = "integer", from = 1, until = 9 }] },
  { name = "part", make = "part" },
  { name = "next", make = "near-part", rank = 1 },
  { name = "after", make = "near-part", rank = 3 },
  { name = "x_site", make = "nearest", where = { column = "kind", is = "x" } },
  { name = "area", make = "area" },
]
[choices]
file = "choices.csv"
length = [2, 2]
among = 3
whim = 10
within = "area"
where = { column = "kind", is = "y" }
match = [{ applicant = "session", provider = "session" }]
first = { column = "x_site", per_mille = 0 }
columns = [
  { name = "no", make = "applicant" },
  { name = "position", make = "position" },
  { name = "site", make = "provider" },
  { name = "mark", make = "integer", from = 0, until = 100, missing = 500 },
]
[[tables]]
file = "candidates.csv"
count = 20
columns = [
  { name = "id", make = "serial", pattern = "{area}-{n}" },
  { name = "x", make = "x" },
  { name = "y", make = "y" },
  { name = "next", make = "near-part", rank = 1 },
]
[[tables]]
file = "more.csv"
count = 5
columns = [{ name = "id", make = "serial", pattern = "M{n}" }, { name = "x", make = "x" }, { name = "y", make = "y" }, { name = "ring", make = "band", edges = [3000, 6000], values = ["near", "middle", "far"] }]
"#;

fn csv(folder: &TempDir, name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.path().join(name)).unwrap();
    text.lines()
        .skip(1)
        .map(|l| l.split(',').map(str::to_owned).collect())
        .collect()
}

#[test]
fn sessions_houses_and_cases_hang_together() {
    let plan = load_str("plan.toml", SUMMER).unwrap();
    let folder = TempDir::new().unwrap();
    generate(&plan, folder.path(), &|_, _, _| ()).unwrap();
    let sites = csv(&folder, "sites.csv");
    assert_eq!(sites.len(), 16);
    for two in sites.chunks(2) {
        assert_eq!(
            (two[0][1].as_str(), two[1][1].as_str()),
            ("first", "second")
        );
        assert_eq!(two[0][2..], two[1][2..], "a site is one in both sessions");
    }
    let of_site: BTreeMap<&str, &Vec<String>> = sites.iter().map(|s| (s[0].as_str(), s)).collect();
    let pupils = csv(&folder, "pupils.csv");
    let mut by_family: BTreeMap<&str, Vec<&Vec<String>>> = BTreeMap::new();
    let mut by_house: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &pupils {
        by_family.entry(&row[1]).or_default().push(row);
        by_house.entry(&row[2]).or_default().insert(&row[1]);
    }
    assert!(by_family.values().filter(|f| f.len() == 2).count() > 50);
    for family in by_family.values() {
        let sessions: BTreeSet<&str> = family.iter().map(|r| r[4].as_str()).collect();
        assert_eq!(sessions.len(), family.len(), "each session once");
        assert!(
            family
                .iter()
                .all(|r| r[2] == family[0][2] && r[7] == family[0][7])
        );
    }
    assert!(by_house.values().any(|f| f.len() > 1) && by_house.len() > 200);
    for row in &pupils {
        assert_eq!(
            row[3] == "true",
            by_house[row[2].as_str()].len() > 1,
            "{row:?}"
        );
        assert_eq!(row[4] == "first", row[6] == "360");
        assert_ne!(row[7], row[8]);
        assert_eq!(
            row[9].is_empty(),
            row[11] == "a",
            "area a has three parts only"
        );
        if let Some(site) = of_site.get(row[10].as_str()) {
            assert_eq!((site[2].as_str(), &site[3]), ("x", &row[11]));
        }
    }
    let session: BTreeMap<&str, &str> = pupils
        .iter()
        .map(|r| (r[0].as_str(), r[4].as_str()))
        .collect();
    let choices = csv(&folder, "choices.csv");
    assert!(choices.len() > 300);
    assert!(choices.iter().all(|c| of_site[c[2].as_str()][2] == "y"));
    assert!(
        choices
            .iter()
            .all(|c| of_site[c[2].as_str()][1] == session[c[0].as_str()])
    );
    let missing = choices.iter().filter(|c| c[3].is_empty()).count();
    assert!(missing * 3 > choices.len() && missing * 3 < choices.len() * 2);
}

#[test]
fn a_plan_makes_tables_alone() {
    let start = SUMMER.split("[providers]").next().unwrap();
    let (_, tables) = SUMMER.split_once("[[tables]]").unwrap();
    let plan = load_str("plan.toml", &format!("{start}[[tables]]{tables}")).unwrap();
    let files: Vec<_> = plan.files().map(|f| f.display().to_string()).collect();
    assert_eq!(files, ["candidates.csv", "more.csv"]);
    let folder = TempDir::new().unwrap();
    generate(&plan.scaled(500), folder.path(), &|_, _, _| ()).unwrap();
    let rows = csv(&folder, "candidates.csv");
    assert_eq!(rows.len(), 10);
    let keys: BTreeSet<&str> = rows.iter().map(|r| r[0].as_str()).collect();
    assert_eq!(keys.len(), 10);
    for row in &rows {
        let east: i64 = row[1].parse().unwrap();
        assert_eq!(
            row[0].starts_with('a'),
            (-5000..=5000).contains(&east),
            "{row:?}"
        );
    }
    // Two tables do not draw the same chance.
    let more = csv(&folder, "more.csv");
    assert!(more.iter().zip(&rows).all(|(m, r)| m[1] != r[1]));
    for row in &more {
        let [x, y] = [&row[1], &row[2]].map(|n| n.parse::<i64>().unwrap());
        let band = match (x * x + y * y).isqrt() {
            ..=3000 => "near",
            3001..=6000 => "middle",
            _ => "far",
        };
        assert_eq!(row[3], band, "{row:?}");
    }
}

#[test]
fn mistakes_of_the_larger_plan_have_their_place() {
    for (from, to, message, place) in [
        (
            "edges = [3000, 6000]",
            "edges = [6000, 3000]",
            "one fewer than `values`",
            "[6000, 3000]",
        ),
        (
            "edges = [3000, 6000], ",
            "",
            "`edges`",
            "{ name = \"ring\", make = \"band\", values = [\"near\", \"middle\", \"far\"] }",
        ),
        (
            "parts = [3, 4]",
            "parts = [3]",
            "expected 2 whole numbers",
            "[3]",
        ),
        (
            "pattern = \"{area}-{n}-{e}\"",
            "pattern = \"{area}-{n}\"",
            "`{e}` in the key",
            "",
        ),
        ("rank = 3", "rank = 0", "1 to 100000", "0"),
        (
            "of = \"session\"",
            "of = \"sessions\"",
            "no earlier column",
            "\"sessions\"",
        ),
        (
            "is = \"first\", make",
            "is = 1, make",
            "not of the type",
            "1",
        ),
        (
            "value = 360",
            "value = \"360\"",
            "one type in all cases",
            "",
        ),
        (
            "make = \"constant\", value = 360",
            "make = \"places\"",
            "no maker `places`",
            "\"places\"",
        ),
        (
            "make = \"constant\", value = 360",
            "make = \"constant\", value = 360, missing = 1",
            "belong to the column",
            "1",
        ),
        (
            "column = \"kind\"",
            "column = \"kinds\"",
            "no earlier column",
            "\"kinds\"",
        ),
        (
            "applicant = \"session\"",
            "applicant = \"sessio\"",
            "no column `sessio`",
            "\"sessio\"",
        ),
        (
            "within = \"area\"",
            "within = \"street\"",
            "`city`, `area` or `part`",
            "\"street\"",
        ),
        (
            "\"first\", \"second\"]\ncolumns",
            "\"first\", \"first\"]\ncolumns",
            "none of them twice",
            "",
        ),
        ("places = 160", "places = 400", "80 to 320", "400"),
        (
            "per = \"house\"",
            "per = \"street\"",
            "`row` (or",
            "\"street\"",
        ),
        (
            "{ name = \"session\", make = \"edition\" }",
            "{ make = \"edition\" }",
            "no `name`",
            "",
        ),
    ] {
        assert!(SUMMER.contains(from), "{from}");
        let text = SUMMER.replacen(from, to, 1);
        let found = load_str("plan.toml", &text).unwrap_err();
        let hit = found.iter().find(|d| d.message.en.contains(message));
        let hit = hit.unwrap_or_else(|| panic!("{message}: {found:#?}"));
        let at = text.get(hit.span.clone().unwrap()).unwrap();
        assert!(place.is_empty() || at == place, "{at}");
    }
    let without = SUMMER.replace("areas = [", "areas_file = \"none.toml\"\nareas = [");
    assert!(
        load_str("plan.toml", &without).unwrap_err()[0]
            .message
            .en
            .contains("one of")
    );
    let start = SUMMER.find("[providers]").unwrap()..SUMMER.find("[applicants]").unwrap();
    let mut alone = SUMMER.to_owned();
    alone.replace_range(start, "");
    let found = load_str("plan.toml", &alone).unwrap_err();
    assert!(
        found.iter().any(|d| d.message.en.contains("choices need")),
        "{found:#?}"
    );
}
