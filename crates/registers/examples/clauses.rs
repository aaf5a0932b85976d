//! Times twelve clauses over millions of applicants, from a Parquet file to masks:
//!
//!     cargo run --release -p minsheng-registers --example clauses -- 3500000

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    reason = "a measurement may fail loudly, and prints"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::parquet::arrow::ArrowWriter;
use minsheng_model::{Clause, Combine, Rules, Scope, Text};
use minsheng_registers::{Engine, Options, import};

const CLAUSES: [&str; 12] = [
    "people.age >= 16",
    "people.age < 60",
    "people.birth <= $as_of - INTERVAL '16' YEAR",
    "people.points >= $limit",
    "people.points % 7 <> 3",
    "people.wage * $share <= 2000.00",
    "people.local OR people.member",
    "people.area IN ('a1', 'a2', 'a3', 'a5', 'a7')",
    "people.since >= DATE '2015-01-01'",
    "people.rate BETWEEN 0.100 AND 0.900",
    "NOT (people.age < 18 AND people.wage > 500.00)",
    "people.area LIKE 'a%' AND people.member",
];

fn rules() -> Rules {
    let text = include_str!("../tests/registers/base.toml");
    let mut rules = minsheng_programme::load_str("base.toml", text)
        .rules
        .unwrap();
    let clause = |(index, when): (usize, &&str)| Clause {
        id: format!("c{index}"),
        scope: Scope::Applicant,
        when: (*when).to_owned(),
        cite: "law".to_owned(),
        met: Text::same("y"),
        failed: Text::same("n"),
        unknown: Text::same("?"),
    };
    rules.clauses = CLAUSES.iter().enumerate().map(clause).collect();
    rules.eligibility = Combine::All((0..CLAUSES.len()).map(Combine::Clause).collect());
    rules
}

/// The same numbers everywhere (splitmix64).
fn dice(row: u64, salt: u64) -> u64 {
    let mut z = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn write(path: &Path, rows: u64) {
    let number =
        |salt: u64, below: u64| move |row: u64| i64::try_from(dice(row, salt) % below).unwrap();
    let day = |salt: u64| move |row: u64| i32::try_from(dice(row, salt) % 20_000).unwrap();
    let known = |salt: u64, row: u64| !dice(row, salt).is_multiple_of(20);
    let all = || 0..rows;
    let money = |array: Decimal128Array, scale| array.with_precision_and_scale(38, scale).unwrap();
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "id",
            Arc::new(StringArray::from_iter_values(
                all().map(|r| format!("p{r:08}")),
            )),
        ),
        (
            "area",
            Arc::new(
                all()
                    .map(|r| known(1, r).then(|| format!("a{}", dice(r, 2) % 16)))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "姓",
            Arc::new(StringArray::from_iter_values(all().map(|r| {
                ["王", "李", "张"][usize::try_from(dice(r, 3) % 3).unwrap()]
            }))),
        ),
        (
            "age",
            Arc::new(
                all()
                    .map(|r| known(4, r).then(|| number(5, 80)(r)))
                    .collect::<Int64Array>(),
            ),
        ),
        (
            "points",
            Arc::new(Int64Array::from_iter_values(all().map(number(6, 100)))),
        ),
        (
            "wage",
            Arc::new(money(
                all()
                    .map(|r| known(7, r).then(|| i128::from(number(8, 2_000_000)(r))))
                    .collect(),
                2,
            )),
        ),
        (
            "rate",
            Arc::new(money(
                all()
                    .map(|r| Some(i128::from(number(9, 1_000)(r))))
                    .collect(),
                3,
            )),
        ),
        (
            "local",
            Arc::new(
                all()
                    .map(|r| known(10, r).then(|| number(11, 2)(r) == 0))
                    .collect::<BooleanArray>(),
            ),
        ),
        (
            "member",
            Arc::new(
                all()
                    .map(|r| Some(number(12, 3)(r) > 0))
                    .collect::<BooleanArray>(),
            ),
        ),
        (
            "birth",
            Arc::new(
                all()
                    .map(|r| known(13, r).then(|| day(14)(r)))
                    .collect::<Date32Array>(),
            ),
        ),
        (
            "since",
            Arc::new(Date32Array::from_iter_values(all().map(day(15)))),
        ),
    ];
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
            .unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn main() {
    let rows = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(3_500_000);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("people.parquet");
    write(&path, rows);
    let rules = rules();
    let begun = Instant::now();
    let register =
        import(&path, &rules.applicants, &Options::default()).unwrap_or_else(|d| panic!("{d:?}"));
    let read = begun.elapsed();
    let engine = Engine::new(&rules).unwrap_or_else(|d| panic!("{d:?}"));
    let begun = Instant::now();
    let masks = engine
        .applicants(&register)
        .unwrap_or_else(|d| panic!("{d:?}"));
    let judged = begun.elapsed();
    let all = (1u32 << CLAUSES.len()) - 1;
    let eligible = masks.iter().filter(|m| m.holds == all).count();
    let undetermined = masks
        .iter()
        .filter(|m| m.holds != all && m.holds | m.unknown == all)
        .count();
    println!(
        "{rows} rows: read, checked and hashed in {read:.2?}; {} clauses in {judged:.2?}",
        CLAUSES.len()
    );
    println!("{eligible} eligible, {undetermined} undetermined");
}
