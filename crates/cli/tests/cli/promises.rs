//! Promises against what was done: figures counted by queries over registers and
//! bundles, and what is said when a query is wrong.

use std::fs;

use crate::city::{City, done, err, minsheng, out};

/// The figures that queries give: indicator, value, the reported one beside it.
fn counted(city: &City, extra: &[&str]) -> Vec<(String, Option<String>, Option<String>)> {
    let path = city.path();
    let mut arguments = vec![
        "commitments",
        "status",
        &path,
        "--as-of",
        "2024-09-01",
        "--json",
    ];
    arguments.extend(extra);
    let json: serde_json::Value = serde_json::from_str(&done(&arguments)).unwrap();
    let text = |v: &serde_json::Value| v.as_str().map(str::to_owned);
    json["commitments"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|c| c["computed"].as_array().unwrap())
        .map(|f| {
            let indicator = text(&f["indicator"]).unwrap();
            (indicator, text(&f["value"]), text(&f["reported"]))
        })
        .collect()
}

#[test]
fn figures_are_counted_from_registers_and_bundles() {
    let bare = City::bare();
    let none = counted(&bare, &[]);
    assert_eq!(none.len(), 3);
    assert!(none.iter().all(|(_, value, _)| value.is_none()));

    let city = City::small();
    let csv = fs::read_to_string(city.dir().join("registers/kindergartens.csv")).unwrap();
    let mut lines = csv.lines();
    let heading: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = heading.iter().position(|h| *h == "places").unwrap();
    let places: Vec<u64> = lines
        .map(|l| l.split(',').nth(column).unwrap().parse().unwrap())
        .collect();
    let found = counted(&city, &[]);
    let kindergartens = places.len().to_string();
    let sum = places.iter().sum::<u64>().to_string();
    // Reported and counted stand side by side and differ: this city is a small one.
    assert_eq!(
        found[0],
        (
            "toddler-kindergartens".into(),
            Some(kindergartens),
            Some("282".into())
        )
    );
    assert_eq!(
        found[1],
        ("toddler-places".into(), Some(sum), Some("9024".into()))
    );
    assert_eq!(found[2].1, None);

    let told = done(&["run", &city.path(), "--json"]);
    let run: serde_json::Value = serde_json::from_str(&told).unwrap();
    let bundle = city.bundles().remove(0);
    let placed = counted(&city, &[])[2].1.clone().unwrap();
    assert!(
        run.to_string().contains(&placed),
        "{placed} is not among what the run told"
    );
    let named = counted(&city, &["--bundle", &bundle.display().to_string()]);
    assert_eq!(named[2].1.as_ref(), Some(&placed));

    // A bundle that was changed counts nothing.
    let file = bundle.join("applicants.parquet");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let output = minsheng(&[
        "commitments",
        "status",
        &city.path(),
        "--as-of",
        "2024-09-01",
    ]);
    assert_eq!(output.status.code(), Some(3), "{}", out(&output));
    assert!(
        err(&output).contains("applicants.parquet"),
        "{}",
        err(&output)
    );
}

#[test]
fn a_wrong_query_is_shown_in_the_file() {
    for (from, to, said) in [
        ("sum(places)", "sum(placez)", "no column `placez`"),
        ("sum(places)", "random()", "`random` is not allowed"),
        ("sum(places)", "name", "one number in one row"),
        (
            "SELECT sum(places) FROM",
            "DELETE FROM",
            "only a single SELECT",
        ),
        (
            "FROM kindergartens'''",
            "FROM nurseries'''",
            "no table `nurseries`",
        ),
        (
            "register = \"kindergartens\"",
            "register = \"gardens\"",
            "no register `gardens`",
        ),
        (
            "programme = \"toddler-classes\"",
            "programme = \"other\"",
            "no programme `other`",
        ),
        (
            "bundle = \"applicants\"",
            "bundle = \"people\"",
            "no table of a bundle `people`",
        ),
    ] {
        let city = City::small();
        city.replace("commitments/register.toml", from, to);
        let path = city.path();
        let output = minsheng(&[
            "commitments",
            "status",
            &path,
            "--as-of",
            "2024-09-01",
            "--error-format",
            "plain",
        ]);
        assert_eq!(output.status.code(), Some(3), "{said}");
        let told = err(&output);
        assert!(told.contains(said), "{said}: {told}");
        assert!(told.contains("register.toml:"), "{told}");
    }
}
