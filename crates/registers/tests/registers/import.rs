//! Files in three formats, and everything that can be wrong with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use datafusion::parquet::arrow::ArrowWriter;
use minsheng_model::{Column, Table, Text, Type, Value};
use minsheng_registers::{Options, Register, import};
use proptest::prelude::*;

fn column(name: &str, data_type: Type, nullable: bool) -> Column {
    Column {
        name: name.to_owned(),
        data_type,
        unit: None,
        nullable,
        publish: false,
        label: Text::same(name),
        document: None,
        values: Vec::new(),
    }
}

fn table() -> Table {
    let mut area = column("area", Type::Text, false);
    area.values = vec!["110101".to_owned(), "110105".to_owned()];
    Table {
        name: "people".to_owned(),
        key: vec!["id".to_owned()],
        columns: vec![
            column("id", Type::Text, false),
            area,
            column("age", Type::Integer, true),
            column("paid", Type::Decimal { scale: 2 }, true),
            column("local", Type::Boolean, true),
            column("birth", Type::Date, true),
        ],
    }
}

const HEAD: &str = "id,area,age,paid,local,birth\n";
const GOOD: &str = "b,110105,7,1.50,true,2017-02-28\na,110101,,,,\n";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn csv(&self, text: &str) -> PathBuf {
        self.put("people.csv", text.as_bytes())
    }
}

fn read(path: &Path) -> Register {
    import(path, &table(), &Options::default()).unwrap_or_else(|d| panic!("{d:#?}"))
}

/// Sees that the file is refused with one message that says all of these.
#[track_caller]
fn refused(path: &Path, code: &str, says: &[&str]) {
    let found = import(path, &table(), &Options::default()).unwrap_err();
    assert_eq!(found.len(), 1, "{found:#?}");
    let (d, file) = (&found[0], path.display().to_string());
    assert_eq!(
        (d.code.as_str(), d.file.as_str()),
        (code, file.as_str()),
        "{d:#?}"
    );
    assert!(
        !d.message.zh.is_empty() && d.message.zh != d.message.en,
        "{d:#?}"
    );
    for words in says {
        assert!(d.message.en.contains(words), "`{words}` in {d:#?}");
    }
}

#[test]
fn cells_become_what_was_declared() {
    let dir = Folder::new();
    let register = read(&dir.csv(&format!("{HEAD}{GOOD}")));
    // By key, whatever the file's order; the code of an area stays a text.
    assert_eq!(register.value(0, 0), Some(Value::Text("a".to_owned())));
    assert_eq!(register.value(1, 1), Some(Value::Text("110105".to_owned())));
    assert_eq!(register.value(1, 2), Some(Value::Integer(7)));
    assert_eq!(
        register.value(1, 3),
        Some(Value::Decimal("1.50".parse().unwrap()))
    );
    assert_eq!(register.value(1, 4), Some(Value::Boolean(true)));
    assert_eq!(
        register.value(1, 5),
        Some(Value::Date("2017-02-28".parse().unwrap()))
    );
    assert!((2..6).all(|c| register.value(0, c).is_none()));
}

#[test]
fn order_of_rows_and_columns_and_a_mark_change_nothing() {
    let dir = Folder::new();
    let first = read(&dir.csv(&format!("{HEAD}{GOOD}")));
    let marked = format!("\u{feff}{HEAD}a,110101,,,,\nb,110105,7,1.5,true,2017-02-28\n");
    let turned = "age,birth,id,local,paid,area\n,,a,,,110101\n7,2017-02-28,b,true,1.50,110105\n";
    for text in [marked.as_str(), turned] {
        let again = read(&dir.csv(text));
        assert_eq!(
            (again.sha256.as_str(), again.rows),
            (first.sha256.as_str(), 2)
        );
    }
    let other = read(&dir.csv(&format!(
        "{HEAD}a,110101,,,,\nb,110105,8,1.50,true,2017-02-28\n"
    )));
    assert_ne!(other.sha256, first.sha256);
}

#[test]
fn the_hash_is_that_of_the_canonical_csv() {
    use sha2::{Digest as _, Sha256};
    let dir = Folder::new();
    let text = format!("{HEAD}\"q\"\"r,\",110101,-7,,false,\nz,110105,,0.05,,1999-12-31\n");
    let hash = Sha256::digest(text.as_bytes());
    let hex: String = hash.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(read(&dir.csv(&text)).sha256, hex);
}

#[test]
fn parquet_and_spreadsheet_give_the_same_register() {
    let dir = Folder::new();
    let wanted = read(&dir.csv(&format!("{HEAD}{GOOD}"))).sha256;

    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, name) in HEAD.trim().split(',').enumerate() {
        sheet.write(0, u16::try_from(at).unwrap(), name).unwrap();
    }
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    sheet
        .write(1, 0, "b")
        .unwrap()
        .write(1, 1, "110105")
        .unwrap();
    sheet
        .write(1, 2, 7)
        .unwrap()
        .write(1, 3, 1.5)
        .unwrap()
        .write(1, 4, true)
        .unwrap();
    let birth = rust_xlsxwriter::ExcelDateTime::from_ymd(2017, 2, 28).unwrap();
    sheet.write_with_format(1, 5, &birth, &day).unwrap();
    sheet
        .write(2, 0, "a")
        .unwrap()
        .write(2, 1, "110101")
        .unwrap();
    let path = dir.0.path().join("people.xlsx");
    book.save(&path).unwrap();
    assert_eq!(read(&path).sha256, wanted);

    let register = read(&dir.csv(&format!("{HEAD}{GOOD}")));
    let path = dir.0.path().join("people.parquet");
    write_parquet(&path, &register.batch);
    assert_eq!(read(&path).sha256, wanted);
}

fn write_parquet(path: &Path, batch: &RecordBatch) {
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn one_bad_row_imports_nothing_and_every_one_is_listed() {
    let dir = Folder::new();
    let bad = [
        ("c,110105,seven,,,", "age", "whole number"),
        ("d,110105,99999999999999999999,,,", "age", "64 bits"),
        ("e,110105,,1.505,,", "paid", "at most 2 decimals"),
        ("f,110105,,,yes,", "local", "true or false"),
        ("g,110105,,,,2023-02-29", "birth", "YYYY-MM-DD"),
        ("h,朝阳,,,,", "area", "one of 110101, 110105"),
        (",110105,,,,", "id", "may not be missing"),
        ("i,,,,,", "area", "may not be missing"),
        ("a,110105,,,,", "id", "same key as row 2"),
    ];
    let rows: String = bad.iter().map(|(row, ..)| format!("{row}\n")).collect();
    let path = dir.csv(&format!("{HEAD}{GOOD}{rows}"));
    let rejects = dir.0.path().join("out/bad.csv");
    let options = Options {
        rejects: Some(rejects.clone()),
        ..Options::default()
    };
    let found = import(&path, &table(), &options).unwrap_err();
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .message
            .en
            .starts_with("bad rows: 9; nothing was imported"),
        "{found:#?}"
    );
    let list = std::fs::read_to_string(&rejects).unwrap();
    let lines: Vec<&str> = list.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 1 + bad.len(), "{list}");
    for (index, (_, column, reason)) in bad.iter().enumerate() {
        let line = lines[index + 1];
        assert!(
            line.starts_with(&format!("{},{column},", index + 3)),
            "{line}"
        );
        assert!(line.contains(reason), "{line} should say {reason}");
    }
    assert_eq!(
        std::fs::read_dir(dir.0.path().join("out")).unwrap().count(),
        1
    );

    // By the officer's decision they stay out; the register is that of the good rows.
    let options = Options {
        set_aside: (3..=11).collect(),
        ..Options::default()
    };
    let register = import(&path, &table(), &options).unwrap();
    assert_eq!(
        register.sha256,
        read(&dir.csv(&format!("{HEAD}{GOOD}"))).sha256
    );
    let options = Options {
        set_aside: vec![12],
        ..Options::default()
    };
    let path = dir.csv(&format!("{HEAD}{GOOD}"));
    let found = import(&path, &table(), &options).unwrap_err();
    assert_eq!(found[0].code, "register/set-aside");
}

#[test]
fn broken_files_are_told_with_their_place() {
    let dir = Folder::new();
    refused(&dir.0.path().join("none.csv"), "register/missing-file", &[]);
    refused(
        &dir.put("people.txt", b"x"),
        "register/format",
        &[".parquet"],
    );
    refused(&dir.csv(""), "register/empty", &["empty"]);
    refused(
        &dir.csv("id,area,age,paid,local\n"),
        "register/missing-column",
        &["`birth`"],
    );
    refused(
        &dir.csv(&format!("{},brith\n", HEAD.trim())),
        "register/unknown-column",
        &["`brith`"],
    );
    refused(
        &dir.csv(&format!("{},age\n", HEAD.trim())),
        "register/repeated-column",
        &["`age`"],
    );
    refused(
        &dir.csv(&format!("{HEAD}a,110101,,\n")),
        "register/csv",
        &["line 2", "6 cells", "4"],
    );
    let long = "长".repeat(10_000_000);
    refused(
        &dir.csv(&format!("{HEAD}{long},110101,,,,\n")),
        "register/bad-rows",
        &["row 1", "longer"],
    );
    let mut bytes = format!("{HEAD}a,110101,,,,\nb,1101").into_bytes();
    bytes.extend([0xff, 0xfe]);
    bytes.extend(b",,,,\n");
    refused(
        &dir.put("people.csv", &bytes),
        "register/csv",
        &["UTF-8", "line 3"],
    );
    let unclosed = format!("{HEAD}\"a,110101,,,,\nb,110101,,,,\n");
    assert!(import(&dir.csv(&unclosed), &table(), &Options::default()).is_err());
}

#[test]
fn damaged_parquet_and_spreadsheets_are_refused() {
    let dir = Folder::new();
    let register = read(&dir.csv(&format!("{HEAD}{GOOD}")));
    let path = dir.0.path().join("people.parquet");
    write_parquet(&path, &register.batch);
    let whole = std::fs::read(&path).unwrap();
    for length in [0, 3, whole.len() / 2, whole.len() - 1] {
        let path = dir.put("cut.parquet", &whole[..length]);
        refused(&path, "register/unreadable", &[]);
    }
    refused(
        &dir.put("people.xlsx", b"PK\x03\x04 not a workbook"),
        "register/unreadable",
        &[],
    );

    let batch = |area: ArrayRef| {
        let id: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
        let day: ArrayRef = Arc::new(Date32Array::from(vec![None::<i32>]));
        let mut columns = vec![("id", id), ("area", area), ("birth", day)];
        for name in ["age", "paid", "local"] {
            let at = table().column_index(name).unwrap();
            columns.push((name, register.batch.column(at).slice(0, 1)));
        }
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
            .unwrap()
    };
    write_parquet(&path, &batch(Arc::new(Int64Array::from(vec![110_101]))));
    refused(
        &path,
        "register/column-type",
        &["`area`", "declared text", "Int64"],
    );
    write_parquet(&path, &batch(Arc::new(StringArray::from(vec!["110101"]))));
    assert_eq!(read(&path).rows, 1);
}

#[test]
fn a_spreadsheets_number_is_no_code() {
    let dir = Folder::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, name) in HEAD.trim().split(',').enumerate() {
        sheet.write(0, u16::try_from(at).unwrap(), name).unwrap();
    }
    sheet
        .write(1, 0, "a")
        .unwrap()
        .write(1, 1, 110_101)
        .unwrap();
    let path = dir.0.path().join("people.xlsx");
    book.save(&path).unwrap();
    refused(
        &path,
        "register/bad-rows",
        &["row 1", "`area`", "expected a text"],
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn garbage_is_refused_and_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..600), ending in 0usize..3) {
        let dir = Folder::new();
        let name = ["people.csv", "people.parquet", "people.xlsx"][ending];
        let path = dir.put(name, &bytes);
        prop_assert!(import(&path, &table(), &Options::default()).is_err());
        let mut half = format!("{HEAD}{GOOD}").into_bytes();
        half.extend(&bytes);
        let path = dir.put("people.csv", &half);
        if let Err(found) = import(&path, &table(), &Options::default()) {
            prop_assert!(!found.is_empty());
        }
    }

    #[test]
    fn shuffled_rows_give_the_same_register(seed in any::<u64>()) {
        let mut dice = crate::dice::Dice(seed);
        let mut rows: Vec<String> = (0..40)
            .map(|i| format!("k{i:02},110101,{},{}.{:02},{},2020-01-{:02}\n", dice.below(90), dice.below(99), dice.below(100), dice.one_in(2), 1 + dice.below(28)))
            .collect();
        let dir = Folder::new();
        let first = read(&dir.csv(&format!("{HEAD}{}", rows.concat())));
        for i in (1..rows.len()).rev() {
            rows.swap(i, dice.below(i + 1));
        }
        let second = read(&dir.csv(&format!("{HEAD}{}", rows.concat())));
        prop_assert_eq!(first.sha256, second.sha256);
        prop_assert_eq!(first.batch, second.batch);
    }
}
