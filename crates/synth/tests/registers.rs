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
    "/../../cities/beijing/synth.toml"
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

#[test]
fn scaling_keeps_the_shape() {
    let plan = city().scaled(500);
    assert_eq!(
        (
            plan.providers.count,
            plan.providers.places,
            plan.applicants.count
        ),
        (141, 4512, 6400)
    );
    let tiny = city().scaled(0);
    assert_eq!((tiny.providers.count, tiny.applicants.count), (1, 1));
    assert_eq!(kindergartens(&made(&tiny)).len(), 1);
    let huge = city().scaled(u32::MAX);
    assert!(huge.applicants.count > plan.applicants.count);
}

fn wrong(from: &str, to: &str) -> (String, String) {
    let text = fs::read_to_string(CITY).unwrap();
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
