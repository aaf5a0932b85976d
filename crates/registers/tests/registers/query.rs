//! Queries for one figure: what they give, and what they refuse.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray, UInt32Array,
};
use datafusion::arrow::datatypes::Int32Type;
use datafusion::parquet::arrow::ArrowWriter;
use minsheng_model::{Date, Decimal};
use minsheng_registers::Queries;

fn day() -> Date {
    "2024-08-31".parse().unwrap()
}

/// Places of kindergartens in three districts, and numbers at the edge of 64 bits.
fn queries(folder: &std::path::Path) -> Queries {
    let district: DictionaryArray<Int32Type> =
        vec![Some("a"), Some("a"), Some("b"), Some("c"), None]
            .into_iter()
            .collect();
    let table = RecordBatch::try_from_iter(vec![
        ("district", Arc::new(district) as ArrayRef),
        (
            "places",
            Arc::new(UInt32Array::from(vec![20, 40, 60, 0, 5])) as ArrayRef,
        ),
        (
            "big",
            Arc::new(Int64Array::from(vec![i64::MAX; 5])) as ArrayRef,
        ),
        (
            "id",
            Arc::new(StringArray::from(vec!["k1", "k2", "k3", "k4", "k5"])) as ArrayRef,
        ),
    ])
    .unwrap();
    let path = folder.join("k.parquet");
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, table.schema(), None).unwrap();
    writer.write(&table).unwrap();
    writer.close().unwrap();
    let mut queries = Queries::new().unwrap();
    queries.parquet("k", &path).unwrap();
    queries.parquet("other", &path).unwrap();
    assert!(queries.parquet("k", &path).is_err());
    queries
}

#[test]
fn one_select_gives_one_number() {
    let folder = tempfile::tempdir().unwrap();
    let q = queries(folder.path());
    let value = |sql: &str| q.scalar(sql, day()).map(|v| v.map(|d| d.to_string()));
    for (sql, wanted) in [
        ("select count(*) from k", "5"),
        ("select sum(places) from k", "125"),
        (
            "SELECT count(*) FROM k WHERE places >= 20 AND district = 'a'",
            "2",
        ),
        ("select count(distinct district) from k", "3"),
        (
            "select sum(case when places > 0 then 1 else 0 end) from k",
            "4",
        ),
        (
            "select count(*) from (select district, sum(places) as s from k group by district having sum(places) >= 60) t",
            "2",
        ),
        (
            "select sum(k.places) from k join other on k.id = other.id",
            "125",
        ),
        ("select count(*) > 4 from k", "1"),
        ("select sum(places) * 1000 / count(*) from k", "25000"),
        ("select avg(places) from k", "25"),
        (
            "select max(places) - min(places) from k where $as_of >= date '2024-01-01'",
            "60",
        ),
        // Beyond 64 bits a sum goes on exactly.
        ("select sum(big) from k", "46116860184273879035"),
        (
            "select count(*) from k where places = (select max(places) from other)",
            "1",
        ),
    ] {
        assert_eq!(value(sql).unwrap().as_deref(), Some(wanted), "{sql}");
    }
    assert_eq!(
        value("select sum(places) from k where id = 'none'").unwrap(),
        None
    );
    assert_eq!(
        q.scalar("select count(*) from k", day()).unwrap(),
        Some(Decimal::from(5))
    );
}

#[test]
fn what_is_no_query_is_refused_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let q = queries(folder.path());
    for (sql, at, said) in [
        ("delete from k", "", "only a single SELECT"),
        ("select count(*) from k; select 1", "", ""),
        ("create table t (a int)", "", "only a single SELECT"),
        ("copy k to 'x.csv'", "", "only a single SELECT"),
        ("select count(*) into t from k", "", "only a single SELECT"),
        (
            "select random() from k",
            "random",
            "`random` is not allowed",
        ),
        ("select now()", "now", "`now` is not allowed"),
        (
            "select count(*) from nothing",
            "nothing",
            "there is no table `nothing`; there are: k, other",
        ),
        (
            "select sum(place) from k",
            "place",
            "there is no column `place`",
        ),
        ("select sum(places) frm k where", "", ""),
        ("select places from k", "", "one number in one row"),
        ("select count(*), 1 from k", "", "one number in one row"),
        (
            "select max(district) from k",
            "",
            "a whole number, a decimal or a truth value",
        ),
        (
            "select count(*) from generate_series(1, 10)",
            "generate_series",
            "",
        ),
        (
            "select cast(sum(places) as double precision) from k",
            "",
            "is a float",
        ),
        (
            "select stddev(places) from k",
            "stddev",
            "`stddev` is not allowed",
        ),
        (
            "select sum(places) over () from k",
            "",
            "`OVER` is not allowed",
        ),
        (
            "select count(*) from k cross join other",
            "",
            "joined on equal keys",
        ),
        (
            "select count(*) from k union select 1",
            "",
            "only a single SELECT",
        ),
        (
            "select count(*) from (select * from k limit 2) t",
            "LIMIT",
            "`LIMIT` is not allowed",
        ),
        (
            "select count(*) from k where district = $x",
            "$x",
            "`$x` is not allowed",
        ),
        ("select sum(big) * sum(big) from k", "", ""),
        ("select 1 / (count(*) - count(*)) from k", "", ""),
        ("select version()", "version", "not allowed"),
        ("select count(*) from information_schema.tables", "", ""),
        (
            "select array_agg(places) from k",
            "array_agg",
            "not allowed",
        ),
    ] {
        let error = q.scalar(sql, day()).expect_err(sql);
        assert!(error.at.end <= sql.len(), "{sql}: {error:?}");
        if !at.is_empty() {
            assert!(
                sql.get(error.at.clone()).unwrap().eq_ignore_ascii_case(at),
                "{sql}: {error:?}"
            );
        }
        assert!(error.message.en.contains(said), "{sql}: {error:?}");
        assert!(!error.message.zh.is_empty());
    }
}

/// Any text is a query or an error.
#[test]
fn garbage_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let q = queries(folder.path());
    let words = [
        "select",
        "count(*)",
        "from",
        "k",
        "other",
        "where",
        "(",
        ")",
        ",",
        "places",
        "sum(places)",
        "group by",
        "district",
        "'",
        "\"",
        ";",
        "--",
        "/*",
        "$as_of",
        "9",
        "1.5",
        "join",
        "on",
        "=",
        "*",
        "in",
        "exists",
        "case",
        "when",
        "end",
        "和",
        "null",
        "having",
        "order by",
    ];
    let mut state = 11u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap()
    };
    for _ in 0..1500 {
        let length = 1 + next() % 14;
        let sql: Vec<&str> = (0..length).map(|_| words[next() % words.len()]).collect();
        let sql = sql.join(" ");
        if let Err(error) = q.scalar(&sql, day()) {
            assert!(
                error.at.end <= sql.len() && sql.get(error.at.clone()).is_some(),
                "{sql}"
            );
        }
    }
    assert!(q.scalar(&"(".repeat(7000), day()).is_err());
    assert!(q.scalar(&"select ".repeat(2000), day()).is_err());
}
