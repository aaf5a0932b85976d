//! What was decided by the rules holds at every level; the checker and the
//! definition by brute force agree on everything else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod common;

use common::{City, Cycle, Dice, Variant, city, cycle, facts, folder};
use minsheng_bundle::{Contents, read, write};
use minsheng_spec::market::{applicant_optimal, is_stable};
use minsheng_verify::{Earlier, Receipt, Report, anybody, applicant, auditor, receipt};

fn expect(report: &Report, what: &str) {
    let wrong: Vec<_> = report.checks.iter().filter(|c| !c.ok).collect();
    assert!(wrong.is_empty(), "{what}: {wrong:#?}");
}

fn made(seed: u64, people: usize, places: usize, variant: Variant) -> (City, Cycle) {
    let city = city(&mut Dice(seed), people, places);
    let cycle = cycle(variant, &city);
    (city, cycle)
}

fn publish(dir: &tempfile::TempDir, contents: &Contents) -> std::path::PathBuf {
    write(dir.path(), contents).unwrap().path
}

#[test]
fn holds_at_every_level() {
    for bits in 0..64usize {
        let variant = Variant::of(bits);
        let (city, cycle) = made(bits as u64, 5 + bits, 3 + bits % 4, variant);
        let contents = cycle.publish(&cycle.solve());
        let dir = folder();
        let path = publish(&dir, &contents);
        let (again, hashes) = read(&path).unwrap();
        assert_eq!(again, contents);
        assert_eq!(hashes.files.len(), 8);
        expect(&anybody(&path).unwrap(), "anybody");
        expect(
            &auditor(&path, city.rows(), &Earlier::default()).unwrap(),
            "auditor",
        );
        for person in [0, contents.applicants.len() - 1] {
            let (secret, facts) = facts(&contents.rules, &city, person);
            let own = receipt(
                &contents,
                &contents.applicants[person].ticket,
                &secret,
                facts,
            )
            .unwrap();
            let text = serde_json::to_string(&own).unwrap();
            let own: Receipt = serde_json::from_str(&text).unwrap();
            expect(&applicant(&path, &own).unwrap(), "applicant");
        }
    }
}

#[test]
fn the_same_contents_give_the_same_bytes_and_replace_themselves() {
    let (_, cycle) = made(1, 20, 4, Variant::of(1));
    let contents = cycle.publish(&cycle.solve());
    let dir = folder();
    let first = write(dir.path(), &contents).unwrap();
    let before: Vec<_> = files(&first.path);
    std::fs::write(first.path.join("doors.parquet"), b"spoilt").unwrap();
    let second = write(dir.path(), &contents).unwrap();
    assert_eq!(first, second);
    assert_eq!(files(&second.path), before);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

fn files(path: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = std::fs::read_dir(path)
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| {
            (
                p.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(&p).unwrap(),
            )
        })
        .collect();
    all.sort();
    all
}

#[test]
fn roots_show_no_rows_and_prove_them_to_their_owners() {
    for bits in 0..8usize {
        let variant = Variant {
            roots: true,
            secret: true,
            ..Variant::of(bits * 8)
        };
        let (city, cycle) = made(100 + bits as u64, 25, 4, variant);
        let contents = cycle.publish(&cycle.solve());
        let dir = folder();
        let path = publish(&dir, &contents);
        let (again, hashes) = read(&path).unwrap();
        assert_eq!(hashes.files.len(), 6);
        assert!(again.applicants.is_empty() && again.choices.is_empty());
        expect(&anybody(&path).unwrap(), "anybody");
        expect(
            &auditor(&path, city.rows(), &Earlier::default()).unwrap(),
            "auditor",
        );
        for person in 0..contents.applicants.len() {
            let (secret, facts) = facts(&contents.rules, &city, person);
            let own = receipt(
                &contents,
                &contents.applicants[person].ticket,
                &secret,
                facts,
            )
            .unwrap();
            expect(&applicant(&path, &own).unwrap(), "applicant");
            let mut wrong = own.clone();
            wrong.facts.insert("age".to_owned(), Some("77".to_owned()));
            assert!(!applicant(&path, &wrong).unwrap().ok());
            let mut wrong = own.clone();
            wrong.applicant.holds ^= 1;
            assert!(!applicant(&path, &wrong).unwrap().ok());
            let mut wrong = own;
            wrong.secret.push('x');
            assert!(!applicant(&path, &wrong).unwrap().ok());
        }
        assert!(receipt(&again, "T000", "", std::collections::BTreeMap::new()).is_none());
    }
}

/// Random assignments, each with the doors its providers give: the checker accepts
/// exactly the stable ones.
#[test]
fn accepts_exactly_the_stable_assignments() {
    let (mut stable, mut unstable, mut optimal) = (0, 0, 0);
    for seed in 0..150u64 {
        let mut dice = Dice(seed * 7919);
        let variant = Variant {
            notice: false,
            ..Variant::of(dice.below(64))
        };
        let (_, cycle) = made(seed, 5, 3, variant);
        let solved = cycle.solve();
        if cycle.wishes.iter().map(|w| w.len() + 1).product::<usize>() < 2000 {
            let best = applicant_optimal(&cycle.seats, &cycle.wishes).unwrap();
            assert_eq!(best, solved);
            optimal += 1;
        }
        for round in 0..10 {
            let mut result = solved.clone();
            for _ in 0..round {
                let person = dice.below(result.len());
                let entry = dice.below(cycle.wishes[person].len() + 1);
                result[person] = (entry < cycle.wishes[person].len())
                    .then_some((entry, minsheng_model::Door::Open));
            }
            cycle.give_doors(&mut result);
            let right = is_stable(&cycle.seats, &cycle.wishes, &result);
            let dir = folder();
            let report = anybody(&publish(&dir, &cycle.publish(&result))).unwrap();
            let wrong: Vec<_> = report
                .checks
                .iter()
                .filter(|c| !c.ok)
                .map(|c| c.id)
                .collect();
            assert_eq!(report.ok(), right, "seed {seed}: {result:?} {wrong:?}");
            assert!(right || wrong == ["no-envy"], "{wrong:?}");
            if right { stable += 1 } else { unstable += 1 }
        }
    }
    assert!(
        stable > 200 && unstable > 200 && optimal > 50,
        "{stable} {unstable} {optimal}"
    );
}

/// The same person through another door: caught, for the doors are part of the
/// decision.
#[test]
fn another_door_is_caught() {
    use minsheng_model::Door;
    let mut seen = 0;
    for seed in 0..60u64 {
        let (_, cycle) = made(
            seed + 500,
            12,
            3,
            Variant::of(usize::try_from(seed).unwrap()),
        );
        let solved = cycle.solve();
        for person in 0..solved.len() {
            let Some((entry, door)) = solved[person] else {
                continue;
            };
            for other in [Door::Kept, Door::Reserve(0), Door::Reserve(1), Door::Open] {
                if other == door {
                    continue;
                }
                let mut result = solved.clone();
                result[person] = Some((entry, other));
                // Kept seats beyond the capacity cannot even be written down.
                if is_stable(&cycle.seats, &cycle.wishes, &result) || other == Door::Kept {
                    continue;
                }
                let dir = folder();
                assert!(
                    !anybody(&publish(&dir, &cycle.publish(&result)))
                        .unwrap()
                        .ok()
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "{seen}");
}
