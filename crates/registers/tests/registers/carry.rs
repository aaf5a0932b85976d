//! Registers whose rows come over from a decision.

use std::collections::BTreeMap;

use minsheng_model::{Column, Table, Text, Type, Value};
use minsheng_registers::{Carry, Options, Origin, Register, carry, file_table, import};

fn column(name: &str, data_type: Type, nullable: bool) -> Column {
    Column {
        name: name.to_owned(),
        data_type,
        unit: None,
        nullable,
        publish: true,
        label: Text::same(name),
        document: None,
        values: Vec::new(),
    }
}

fn table() -> Table {
    let mut area = column("area", Type::Text, false);
    area.values = vec!["north".to_owned(), "south".to_owned()];
    Table {
        name: "works".to_owned(),
        key: vec!["id".to_owned()],
        columns: vec![
            column("id", Type::Text, false),
            area,
            column("cost", Type::Decimal { scale: 2 }, true),
            column("ready", Type::Integer, false),
        ],
    }
}

fn over(rows: &[(&str, &str, Option<&str>)], others: bool) -> Carry {
    let rows = rows.iter().map(|(id, area, cost)| {
        let texts = vec![Some((*area).to_owned()), cost.map(str::to_owned)];
        ((*id).to_owned(), texts)
    });
    let rows: BTreeMap<_, _> = rows.collect();
    Carry {
        origin: Origin {
            programme: "earlier".to_owned(),
            cycle: "2024".to_owned(),
            id: "0".repeat(64),
            rows: rows.len() as u64,
        },
        columns: vec!["area".to_owned(), "cost".to_owned()],
        rows,
        others,
    }
}

fn file(carry: &Carry, text: &str) -> Register {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("works.csv");
    std::fs::write(&path, text).unwrap();
    let own = file_table(&table(), &carry.columns, carry.others).unwrap();
    import(&path, &own, &Options::default()).unwrap()
}

fn rows(register: &Register) -> Vec<String> {
    let cell = |row, c| {
        register
            .value(row, c)
            .map_or_else(String::new, |v: Value| v.to_string())
    };
    let row = |row| (0..4).map(|c| cell(row, c)).collect::<Vec<_>>().join(",");
    (0..register.rows).map(row).collect()
}

#[test]
fn what_was_decided_comes_over_and_the_file_adds_to_it() {
    let carried = over(&[("b", "south", None), ("a", "north", Some("1.50"))], false);
    // Rows of those not decided on are of no account.
    let file = file(&carried, "id,ready\nc,9\nb,2\na,1\n");
    let made = carry(&table(), &carried, Some(&file)).unwrap();
    assert_eq!(rows(&made), ["a,north,1.50,1", "b,south,,2"]);
    assert_eq!(made.origin.as_ref(), Some(&carried.origin));
    // The seal is that of the rows as if they stood in one file.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("all.csv");
    std::fs::write(&path, "id,area,cost,ready\na,north,1.50,1\nb,south,,2\n").unwrap();
    let whole = import(&path, &table(), &Options::default()).unwrap();
    assert_eq!(made.sha256, whole.sha256);
}

#[test]
fn others_of_the_file_take_part_where_the_rules_say_so() {
    let carried = over(&[("b", "south", Some("2"))], true);
    let file = file(&carried, "id,area,cost,ready\na,north,1.5,1\nb,,2.00,2\n");
    let made = carry(&table(), &carried, Some(&file)).unwrap();
    assert_eq!(rows(&made), ["a,north,1.50,1", "b,south,2.00,2"]);
}

#[test]
fn nobody_and_nothing_needs_no_file() {
    let carried = over(&[], false);
    let mut table = table();
    table.columns.pop();
    assert!(file_table(&table, &carried.columns, false).is_none());
    let made = carry(&table, &carried, None).unwrap();
    assert_eq!(made.rows, 0);
}

#[track_caller]
fn told(carried: &Carry, text: &str, code: &str, words: &str) {
    let file = file(carried, text);
    let found = carry(&table(), carried, Some(&file)).unwrap_err();
    assert_eq!(found[0].code, code, "{found:?}");
    assert!(found[0].message.en.contains(words), "{found:?}");
    assert!(found[0].help.is_some());
}

#[test]
fn what_does_not_fit_is_told() {
    let one = over(&[("a", "north", None)], false);
    told(
        &one,
        "id,ready\nb,1\n",
        "carried/missing",
        "`a` has no `ready`",
    );
    let west = over(&[("a", "west", None)], false);
    told(
        &west,
        "id,ready\na,1\n",
        "carried/value",
        "is `west` in `earlier`",
    );
    let garbled = over(&[("a", "north", Some("1.505"))], false);
    told(&garbled, "id,ready\na,1\n", "carried/value", "`1.505`");
    let both = over(&[("a", "north", Some("1"))], true);
    let twice = "id,area,cost,ready\na,south,,1\n";
    told(
        &both,
        twice,
        "carried/contradiction",
        "`south` in the file and `north`",
    );
    let bare = "id,area,cost,ready\na,,,1\nb,,,1\n";
    told(&both, bare, "carried/missing", "`b` has no `area`");
}
