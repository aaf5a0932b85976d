//! Thousands of random changes to published bundles: none is accepted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod common;

use std::path::{Path, PathBuf};

use common::{City, Dice, Variant, city, cycle, facts, folder};
use minsheng_bundle::{Contents, hex, rows_root, write};
use minsheng_verify::{Earlier, anybody, applicant, auditor, receipt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn honest(seed: u64, variant: Variant) -> (City, Contents) {
    let city = city(&mut Dice(seed), 24, 5);
    let cycle = cycle(variant, &city);
    let contents = cycle.publish(&cycle.solve());
    (city, contents)
}

fn rejected(path: &Path) -> bool {
    !anybody(path).is_ok_and(|r| r.ok())
}

fn names(path: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(path)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    all.sort();
    all
}

/// One random change to the bytes of one file; returns the file, what it was
/// before, and what was done.
fn spoil(dice: &mut Dice, path: &Path) -> (PathBuf, Vec<u8>, String) {
    let files = names(path);
    let file = &files[dice.below(files.len())];
    let before = std::fs::read(file).unwrap();
    let mut bytes = before.clone();
    let what = dice.below(7);
    let at = dice.below(bytes.len());
    match what {
        0 | 1 => bytes[at] ^= 1 << dice.below(8),
        2 => bytes[at] = bytes[at].wrapping_add(1 + u8::try_from(dice.below(255)).unwrap()),
        3 => bytes.insert(at, u8::try_from(dice.below(256)).unwrap()),
        4 => drop(bytes.remove(at)),
        5 => bytes.truncate(at),
        _ => bytes.push(b'\n'),
    }
    std::fs::write(file, bytes).unwrap();
    let done = format!("{} at {at}: {what}", file.display());
    (file.clone(), before, done)
}

fn copy(from: &Path, to: &Path) -> PathBuf {
    let target = to.join(from.file_name().unwrap());
    if target.exists() {
        std::fs::remove_dir_all(&target).unwrap();
    }
    std::fs::create_dir(&target).unwrap();
    for file in names(from) {
        std::fs::copy(&file, target.join(file.file_name().unwrap())).unwrap();
    }
    target
}

#[test]
fn no_change_of_bytes_is_accepted() {
    for (seed, roots) in [(1u64, false), (2, true)] {
        let variant = Variant {
            roots,
            ..Variant::of(1 + 2 * usize::from(!roots))
        };
        let (_, contents) = honest(seed, variant);
        let (dir, other) = (folder(), folder());
        let path = write(dir.path(), &contents).unwrap().path;
        assert!(!rejected(&path));
        let mut dice = Dice(seed);
        for _ in 0..1_200 {
            let (file, before, what) = spoil(&mut dice, &path);
            assert!(rejected(&path), "{what}");
            std::fs::write(file, before).unwrap();
        }
        assert!(!rejected(&path));
        for file in names(&path) {
            let target = copy(&path, other.path());
            std::fs::remove_file(target.join(file.file_name().unwrap())).unwrap();
            assert!(rejected(&target), "without {}", file.display());
        }
        let target = copy(&path, other.path());
        std::fs::write(target.join("more.txt"), "x").unwrap();
        assert!(rejected(&target), "with a file more");
        let renamed = other.path().join("renamed");
        std::fs::rename(&target, &renamed).unwrap();
        assert!(rejected(&renamed), "under another name");
    }
}

/// Changes one random leaf of a JSON value; returns where.
fn change(dice: &mut Dice, value: &mut Value, at: &str) -> String {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let index = dice.below(fields.len());
            let (name, inner) = fields.iter_mut().nth(index).unwrap();
            let at = format!("{at}.{name}");
            change(dice, inner, &at)
        }
        Value::Array(items) if !items.is_empty() => {
            let index = dice.below(items.len());
            if dice.one_in(8) {
                items.remove(index);
                return format!("{at}[{index}] removed");
            }
            change(dice, &mut items[index], &format!("{at}[{index}]"))
        }
        Value::String(text) => {
            let words = [
                "",
                "x",
                "eligible",
                "not-eligible",
                "undetermined",
                "open",
                "north",
                "T003",
                "s1",
                "p1",
            ];
            let new = words[dice.below(words.len())];
            let new = if new == text {
                format!("{text}0")
            } else {
                new.to_owned()
            };
            *text = new;
            at.to_owned()
        }
        Value::Number(n) => {
            let old = n.as_i64().unwrap();
            let by = [-1, 1, 1 << dice.below(8)][dice.below(3)];
            *value = (old + by).into();
            at.to_owned()
        }
        Value::Bool(b) => {
            *b = !*b;
            at.to_owned()
        }
        Value::Null => {
            *value =
                [Value::from(1), Value::from("T001"), Value::from("north")][dice.below(3)].clone();
            at.to_owned()
        }
        Value::Object(_) | Value::Array(_) => format!("{at} is empty"),
    }
}

/// Changes a leaf of something that is written as JSON; nothing where the result
/// means nothing.
fn forge<T: Serialize + DeserializeOwned + PartialEq>(
    dice: &mut Dice,
    what: &mut T,
    at: &str,
) -> Option<String> {
    let mut value = serde_json::to_value(&*what).unwrap();
    let at = change(dice, &mut value, at);
    let new: T = serde_json::from_value(value).ok()?;
    if new == *what {
        return None;
    }
    *what = new;
    Some(at)
}

fn forge_choice(dice: &mut Dice, contents: &mut Contents) -> Option<String> {
    let providers = contents.providers.len();
    let row = dice.below(contents.choices.len());
    let before = contents.choices[row];
    let c = &mut contents.choices[row];
    let field = dice.below(12);
    match field {
        0 => c.position += 1,
        1 => c.provider = u32::try_from(dice.below(providers)).unwrap(),
        2 => c.holds ^= 1 << dice.below(2),
        3 => c.unknown ^= 1 << dice.below(2),
        4 => c.tier_holds ^= 1 << dice.below(3),
        5 => c.tier_unknown ^= 1 << dice.below(3),
        6 => c.score += [-1, 1, 5][dice.below(3)],
        7 => c.reserves ^= 1 << dice.below(2),
        8 => c.ceilings ^= 1 << dice.below(2),
        9 => c.tier = (c.tier + 1) % 4,
        10 => {
            c.verdict = [
                minsheng_model::Verdict::Eligible,
                minsheng_model::Verdict::NotEligible,
                minsheng_model::Verdict::Undetermined,
            ][dice.below(3)];
        }
        _ => c.kept = !c.kept,
    }
    (contents.choices[row] != before).then(|| format!("choices[{row}] field {field}"))
}

/// One random change to what a bundle says; the forger seals everything anew.
fn forged(dice: &mut Dice, contents: &mut Contents) -> Option<String> {
    let what = match dice.below(7) {
        0 => forge(dice, &mut contents.rules, "rules"),
        1 => forge(dice, &mut contents.certificate, "certificate"),
        2 | 3 => {
            let row = dice.below(contents.applicants.len());
            forge(
                dice,
                &mut contents.applicants[row],
                &format!("applicants[{row}]"),
            )
        }
        4 => {
            let row = dice.below(contents.providers.len());
            forge(
                dice,
                &mut contents.providers[row],
                &format!("providers[{row}]"),
            )
        }
        5 => {
            let row = dice.below(contents.doors.len());
            forge(dice, &mut contents.doors[row], &format!("doors[{row}]"))
        }
        _ => forge_choice(dice, contents),
    }?;
    // Half of the forgers also know how to compute the root.
    if !what.contains("rows_root") && dice.one_in(2) {
        let root = rows_root(&contents.applicants, &contents.choices, &contents.providers);
        contents.certificate.rows_root = hex(&root);
    }
    Some(what)
}

#[test]
fn no_forged_and_sealed_field_passes_the_auditor() {
    let (mut forgeries, mut by_anybody) = (0, 0);
    for seed in 0..24u64 {
        let variant = Variant::of(usize::try_from(seed * 5).unwrap());
        let (city, contents) = honest(seed, variant);
        let dir = folder();
        let mut dice = Dice(seed + 77);
        for _ in 0..110 {
            let mut wrong = contents.clone();
            let Some(what) = forged(&mut dice, &mut wrong) else {
                continue;
            };
            forgeries += 1;
            // What cannot even be written down is refused in the best way.
            let Ok(written) = write(dir.path(), &wrong) else {
                by_anybody += 1;
                continue;
            };
            by_anybody += usize::from(rejected(&written.path));
            let report = auditor(&written.path, city.rows(), &Earlier::default());
            let accepted = report.is_ok_and(|r| r.ok());
            assert!(
                !accepted,
                "seed {seed}: {what} passes\n{:#?}",
                wrong.certificate
            );
            std::fs::remove_dir_all(&written.path).unwrap();
        }
    }
    // The rest are facts of the registers, which only an auditor can see.
    assert!(
        forgeries > 2_000 && by_anybody * 10 > forgeries * 8,
        "{by_anybody} of {forgeries}"
    );
}

#[test]
fn no_forged_receipt_passes() {
    let mut forgeries = 0;
    for seed in 0..12u64 {
        let variant = Variant {
            secret: true,
            roots: seed % 3 == 0,
            ..Variant::of(usize::try_from(seed * 8).unwrap())
        };
        let (city, contents) = honest(seed + 900, variant);
        let dir = folder();
        let path = write(dir.path(), &contents).unwrap().path;
        let mut dice = Dice(seed + 3);
        for _ in 0..120 {
            let person = dice.below(contents.applicants.len());
            let (secret, facts) = facts(&contents.rules, &city, person);
            let ticket = contents.applicants[person].ticket.clone();
            let mut own = receipt(&contents, &ticket, &secret, facts).unwrap();
            let Some(what) = forge(&mut dice, &mut own, "receipt") else {
                continue;
            };
            // Without an identity a receipt is for any bundle that has the row.
            if what.contains("bundle_id") {
                continue;
            }
            forgeries += 1;
            let accepted = applicant(&path, &own).is_ok_and(|r| r.ok());
            assert!(!accepted, "seed {seed}: {what} passes");
        }
    }
    assert!(forgeries > 800, "{forgeries}");
}
