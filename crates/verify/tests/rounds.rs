//! Later rounds: what follows from answers, late applications and appeals holds, and
//! nothing else does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod common;
#[path = "common/later.rs"]
mod later;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{City, Dice, Table, Variant, city, cycle, folder};
use later::{Entered, day, later, solve_closing, standings, until};
use minsheng_bundle::{Contents, hex, read, rows_root, standings_root, write};
use minsheng_model::{Answer, Door, Placement, Standing, Value, Verdict};
use minsheng_spec::market::{Wish, choose};
use minsheng_verify::{Report, anybody, anybody_after};
use serde_json::Value as Json;

fn expect(report: &Report, what: &str) {
    let wrong: Vec<_> = report.checks.iter().filter(|c| !c.ok).collect();
    assert!(wrong.is_empty(), "{what}: {wrong:#?}");
}

/// Answers that may be given, to some.
fn answers(dice: &mut Dice, contents: &Contents) -> BTreeMap<String, Answer> {
    let mut given = BTreeMap::new();
    for (row, own) in contents.applicants.iter().zip(standings(contents)) {
        let answer = match (own.standing, dice.below(8)) {
            (Standing::Offered | Standing::Kept, 0 | 1) => Answer::Accept,
            (Standing::Offered | Standing::Kept, 2 | 3) => Answer::Keep,
            (Standing::Offered | Standing::Kept, 4 | 5) => Answer::Decline,
            (Standing::Out, _) => continue,
            (_, 6) => Answer::Withdraw,
            _ => continue,
        };
        given.insert(row.ticket.clone(), answer);
    }
    given
}

/// A chain of three rounds on disk.
struct Chain {
    dir: tempfile::TempDir,
    contents: Vec<Contents>,
    paths: Vec<PathBuf>,
}

/// Corrects the facts of somebody: everything that could be wrong is right now.
fn correct(city: &City, ticket: &str) -> City {
    let [people, places, wishes] = &city.0;
    let mut rows = people.rows.clone();
    for row in &mut rows {
        if row[0] == Some(Value::Text(ticket.to_owned())) {
            row[3] = Some(Value::Integer(3));
            row[4] = Some(Value::Boolean(true));
            row[5] = Some(Value::Text("north".to_owned()));
        }
    }
    City([Table::new(rows), places.clone(), wishes.clone()])
}

/// The position of the best place that somebody, as corrected, would have been chosen
/// for in the first round: by the definition of the choice.
fn owed(
    first: &Contents,
    seats: &[minsheng_spec::market::Seats],
    corrected: &common::Cycle,
    ticket: &str,
) -> Option<u32> {
    let index = first
        .applicants
        .iter()
        .position(|a| a.ticket == ticket)
        .unwrap();
    let held = first.applicants[index]
        .placement
        .as_ref()
        .map_or(u32::MAX, |p| p.position);
    // The corrected cycle draws the same pool, so its keys are those of the first round.
    let all = &corrected.contents;
    let mut order = corrected.keys.clone();
    order.sort_unstable();
    let key = |row: usize| order.partition_point(|k| *k < corrected.keys[row]) as u64;
    let wish = |row: usize| {
        let c = &all.choices[row];
        Wish {
            provider: c.provider as usize,
            key: key(row),
            kept: c.kept,
            reserves: c.reserves,
            ceilings: c.ceilings,
        }
    };
    let own = corrected.row_of[index].clone();
    let still = own.iter().any(|r| all.choices[*r].position == held);
    own.into_iter()
        .filter(|r| !still || all.choices[*r].position < held)
        .find(|r| {
            let provider = all.choices[*r].provider as usize;
            let mut people: Vec<Wish> = (0..all.choices.len())
                .filter(|o| {
                    let c = &all.choices[*o];
                    let place = first.applicants[c.applicant as usize].placement.as_ref();
                    c.provider as usize == provider
                        && c.applicant as usize != index
                        && place.is_some_and(|p| p.position == c.position)
                })
                .map(wish)
                .collect();
            people.push(wish(*r));
            choose(&seats[provider], &people).last().unwrap().is_some()
        })
        .map(|r| all.choices[r].position)
}

fn made(seed: u64, people: usize, places: usize) -> Chain {
    let mut dice = Dice(seed);
    let variant = Variant {
        offers: true,
        silent: seed % 2 == 1,
        first: seed % 3 == 1,
        minimum: seed % 5 < 2,
        ..Variant::of(dice.below(64))
    };
    let mut city = city(&mut dice, people, places);
    for row in &mut city.0[0].rows {
        if dice.one_in(5) {
            // A seat is kept only for who was there in time.
            row[7] = None;
            row[8] = Some(Value::Date(
                [day(9, 1), day(9, 12), day(9, 19)][dice.below(3)],
            ));
        }
    }
    let dir = folder();
    let first_city = until(&city, day(8, 15));
    let mut first = cycle(variant, &first_city);
    let solved = match variant.minimum {
        true => solve_closing(&mut first, 2),
        false => first.solve(),
    };
    let contents = first.publish(&solved);
    let mut chain = Chain {
        paths: vec![write(dir.path(), &contents).unwrap().path],
        contents: vec![contents],
        dir,
    };
    for last in [day(9, 10), day(9, 20)] {
        let before = chain.contents.last().unwrap().clone();
        let mut entered = Entered::new();
        if before.round.is_none() && !before.applicants.is_empty() {
            let ticket = before.applicants[dice.below(before.applicants.len())]
                .ticket
                .clone();
            city = correct(&city, &ticket);
            let corrected = cycle(variant, &until(&city, day(8, 15)));
            let position = owed(&before, &first.seats, &corrected, &ticket);
            entered.insert(ticket, position);
        }
        let there = until(&city, last);
        let mut base = cycle(variant, &there).contents;
        base.doors = before.doors.clone();
        let given = answers(&mut dice, &before);
        let id = read(chain.paths.last().unwrap()).unwrap().1.id;
        let next = later(&before, &id, &base, &there, &given, &entered);
        chain
            .paths
            .push(write(chain.dir.path(), &next).unwrap().path);
        chain.contents.push(next);
    }
    chain
}

#[test]
fn rounds_hold_alone_and_together_with_the_one_before() {
    let (mut moved, mut late, mut extra, mut heads) = (0, 0, 0, 0);
    let (mut closed, mut below) = (0, 0);
    for seed in 0..90u64 {
        let chain = made(
            seed,
            6 + usize::try_from(seed).unwrap() % 40,
            2 + usize::try_from(seed).unwrap() % 4,
        );
        for (index, path) in chain.paths.iter().enumerate() {
            let (again, _) = read(path).unwrap();
            assert_eq!(again, chain.contents[index]);
            expect(
                &anybody(path).unwrap(),
                &format!("seed {seed}, round {}", index + 1),
            );
            if index > 0 {
                let report = anybody_after(path, &chain.paths[index - 1]).unwrap();
                expect(
                    &report,
                    &format!("seed {seed}, round {} with the one before", index + 1),
                );
                assert!(report.checks.len() > anybody(path).unwrap().checks.len());
            }
        }
        let shut = &chain.contents[0].certificate.closed;
        closed += shut.iter().filter(|c| c.had > 0).count();
        for contents in &chain.contents[1..] {
            let round = contents.round.as_ref().unwrap();
            let opens = |name: &str| shut.iter().all(|c| c.provider != name);
            let few = |p: &&minsheng_model::ProviderRow| p.placed < 2 && opens(&p.provider);
            let rows = contents.providers.iter();
            below += if shut.is_empty() {
                0
            } else {
                rows.filter(few).count()
            };
            moved += round.seal.moved;
            late += contents
                .applicants
                .iter()
                .zip(&round.standings)
                .filter(|(a, s)| s.arrived.is_some() && a.placement.is_some())
                .count();
            extra += round.standings.iter().filter(|s| s.extra).count();
            heads += round.standings.iter().filter(|s| s.owed.is_some()).count();
        }
        // A chain is not mixed up.
        assert!(
            !anybody_after(&chain.paths[2], &chain.paths[0])
                .unwrap()
                .ok()
        );
        assert!(
            !anybody_after(&chain.paths[0], &chain.paths[0])
                .unwrap()
                .ok()
        );
    }
    // Enough of each was seen for the above to mean something.
    assert!(
        moved > 5 && late > 15 && extra > 5 && heads > 2 && closed > 20 && below > 5,
        "{moved} {late} {extra} {heads} {closed} {below}"
    );
}

/// Changes one random leaf of a JSON value; returns where.
fn change(dice: &mut Dice, value: &mut Json, at: &str) -> String {
    match value {
        Json::Object(fields) if !fields.is_empty() => {
            let index = dice.below(fields.len());
            let (name, inner) = fields.iter_mut().nth(index).unwrap();
            let at = format!("{at}.{name}");
            change(dice, inner, &at)
        }
        Json::Array(items) if !items.is_empty() => {
            let index = dice.below(items.len());
            if dice.one_in(8) {
                items.remove(index);
                return format!("{at}[{index}] removed");
            }
            change(dice, &mut items[index], &format!("{at}[{index}]"))
        }
        Json::Array(items) => {
            items.push(Json::from(1));
            format!("{at} grows")
        }
        Json::String(text) => {
            let words = [
                "accept",
                "keep",
                "decline",
                "withdraw",
                "silent",
                "offered",
                "kept",
                "settled",
                "waiting",
                "out",
                "open",
                "P0",
                "P1",
                "2024-09-01",
                "2024-09-12",
                "2024-09-19",
            ];
            let new = words[dice.below(words.len())];
            *text = if new == text {
                format!("{text}0")
            } else {
                new.to_owned()
            };
            at.to_owned()
        }
        Json::Number(n) => {
            let old = n.as_i64().unwrap();
            *value = (old + [-1, 1, 2][dice.below(3)]).into();
            at.to_owned()
        }
        Json::Bool(b) => {
            *b = !*b;
            at.to_owned()
        }
        Json::Null => {
            *value = [
                Json::from(1),
                Json::from(2),
                Json::from("accept"),
                Json::from("withdraw"),
                Json::from("2024-09-01"),
                Json::from("ab".repeat(32)),
            ][dice.below(6)]
            .clone();
            at.to_owned()
        }
        Json::Object(_) => format!("{at} is empty"),
    }
}

fn forge<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq>(
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

/// Seals everything anew, as a forger would who knows how.
fn sealed(contents: &mut Contents) {
    let root = rows_root(&contents.applicants, &contents.choices, &contents.providers);
    contents.certificate.rows_root = hex(&root);
    let round = contents.round.as_mut().unwrap();
    round.seal.standings_root =
        hex(&standings_root(&contents.applicants, &round.standings).unwrap());
}

fn rejected(path: &Path, previous: &Path) -> (bool, bool) {
    // With the one before all of this is checked again, and more.
    let alone = !anybody(path).is_ok_and(|r| r.ok());
    (
        alone,
        alone || !anybody_after(path, previous).is_ok_and(|r| r.ok()),
    )
}

#[test]
fn no_forged_and_sealed_field_of_a_round_passes() {
    let (mut forgeries, mut alone) = (0, 0);
    for seed in 0..16u64 {
        let chain = made(1000 + seed, 20, 4);
        let mut dice = Dice(seed + 5);
        let dir = folder();
        for at in [1, 2] {
            for _ in 0..60 {
                let mut wrong = chain.contents[at].clone();
                let people = wrong.applicants.len();
                let who = dice.below(people);
                let what = match dice.below(6) {
                    0 => forge(&mut dice, &mut wrong.round.as_mut().unwrap().seal, "round"),
                    1 | 2 => forge(
                        &mut dice,
                        &mut wrong.round.as_mut().unwrap().standings[who],
                        &format!("standings[{who}]"),
                    ),
                    3 => forge(
                        &mut dice,
                        &mut wrong.applicants[who],
                        &format!("applicants[{who}]"),
                    ),
                    4 => {
                        let row = dice.below(wrong.doors.len());
                        forge(&mut dice, &mut wrong.doors[row], &format!("doors[{row}]"))
                    }
                    _ => forge(&mut dice, &mut wrong.certificate, "certificate"),
                };
                let Some(what) = what else { continue };
                // The hash of a register is told by the register alone.
                if what.contains("sha256") || what.contains("registers") {
                    continue;
                }
                if !what.contains("_root") {
                    sealed(&mut wrong);
                }
                if wrong == chain.contents[at] {
                    continue;
                }
                // So are the facts of those who are new, or corrected.
                let then = &chain.contents[at - 1].applicants;
                let carried = then
                    .iter()
                    .any(|a| a.ticket == wrong.applicants[who].ticket);
                let corrected = chain.contents[at].round.as_ref().unwrap().standings[who]
                    .appeal
                    .is_some();
                let fact = what.starts_with("applicants") && !what.contains("placement");
                if fact && (!carried || corrected) {
                    continue;
                }
                // The seal of an appeal's record is told by the record alone.
                if what.ends_with(".appeal")
                    && wrong.round.as_ref().unwrap().standings[who]
                        .appeal
                        .is_some()
                    && chain.contents[at].round.as_ref().unwrap().standings[who]
                        .appeal
                        .is_some()
                {
                    continue;
                }
                forgeries += 1;
                let Ok(written) = write(dir.path(), &wrong) else {
                    alone += 1;
                    continue;
                };
                let (one, both) = rejected(&written.path, &chain.paths[at - 1]);
                alone += usize::from(one);
                assert!(both, "seed {seed}, round {}: {what} passes", at + 1);
                std::fs::remove_dir_all(&written.path).unwrap();
            }
        }
    }
    assert!(
        forgeries > 800 && alone * 10 > forgeries * 7,
        "{alone} of {forgeries}"
    );
}

/// A forger who computes everything anew after giving somebody another place: what the
/// round claims of each is whole, only the decision is wrong.
#[test]
fn no_other_decision_passes() {
    let (mut tried, mut by_doors) = (0, 0);
    for seed in 0..30u64 {
        let chain = made(2000 + seed, 18, 4);
        let mut dice = Dice(seed);
        for at in [1, 2] {
            for _ in 0..12 {
                let mut wrong = chain.contents[at].clone();
                let mut now = wrong.round.clone().unwrap().standings;
                let who = dice.below(wrong.applicants.len());
                let number = u32::try_from(at + 1).unwrap();
                let list: Vec<_> = wrong
                    .choices
                    .iter()
                    .filter(|c| c.applicant as usize == who)
                    .copied()
                    .collect();
                if list.is_empty() {
                    continue;
                }
                let c = list[dice.below(list.len())];
                let door = [Door::Open, Door::Reserve(0), Door::Reserve(1)][dice.below(3)];
                let provider = wrong.providers[c.provider as usize].provider.clone();
                let place = (!dice.one_in(4)).then_some(Placement {
                    provider,
                    door,
                    position: c.position,
                });
                if place == wrong.applicants[who].placement {
                    continue;
                }
                let own = &mut now[who];
                if place.is_some() && place != own.held {
                    (own.since, own.standing) = (Some(number), Standing::Offered);
                } else if place.is_none() {
                    own.since = None;
                    own.standing = if wrong.applicants[who].verdict == Verdict::Eligible {
                        Standing::Waiting
                    } else {
                        Standing::Out
                    };
                }
                wrong.applicants[who].placement = place;
                let keys = later::keys_of(&wrong, &now);
                let answers = BTreeMap::new();
                let before = &chain.contents[at - 1];
                let id = chain.contents[at]
                    .round
                    .as_ref()
                    .unwrap()
                    .seal
                    .previous
                    .clone();
                let rows = chain.contents[at].round.as_ref().unwrap().seal.replies.rows;
                // Seats beyond the capacity cannot even be written down.
                let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    let mut wrong = wrong.clone();
                    later::publish(
                        &mut wrong,
                        now.clone(),
                        &keys,
                        (number, &id),
                        &answers,
                        before,
                    );
                    wrong
                }));
                let Ok(mut wrong) = made else { continue };
                wrong.round.as_mut().unwrap().seal.replies.rows = rows;
                let written = write(chain.dir.path(), &wrong).unwrap();
                let (alone, both) = rejected(&written.path, &chain.paths[at - 1]);
                let round = chain.contents[at].round.as_ref().unwrap();
                let was = (&chain.contents[at].applicants[who], &round.standings[who]);
                let got = &wrong.applicants[who].placement;
                // Alone nobody can tell that somebody had given up all waiting.
                let known = round.standings[who].standing != Standing::Out;
                assert!(
                    both && (alone || !known),
                    "seed {seed}: {alone} {both} {who} gets {got:?}, was {was:?}"
                );
                tried += 1;
                by_doors += usize::from(both);
                std::fs::remove_dir_all(&written.path).unwrap();
            }
        }
    }
    assert!(tried > 150 && by_doors == tried, "{tried}");
}

#[test]
fn no_change_of_bytes_of_a_round_is_accepted() {
    let chain = made(3000, 24, 5);
    let (path, previous) = (&chain.paths[1], &chain.paths[0]);
    assert_eq!(rejected(path, previous), (false, false));
    let mut dice = Dice(4);
    let mut files: Vec<_> = std::fs::read_dir(path)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    assert_eq!(files.len(), 11);
    for _ in 0..600 {
        let file = &files[dice.below(files.len())];
        let before = std::fs::read(file).unwrap();
        let mut bytes = before.clone();
        let at = dice.below(bytes.len());
        match dice.below(3) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => drop(bytes.remove(at)),
            _ => bytes.insert(at, b'0'),
        }
        std::fs::write(file, bytes).unwrap();
        assert!(rejected(path, previous).0, "{} at {at}", file.display());
        std::fs::write(file, before).unwrap();
    }
}

/// Roots show no rows, and what is left is consistent.
#[test]
fn rounds_that_show_roots_only_are_checked_as_far_as_they_go() {
    let chain = made(7, 20, 4);
    let mut contents = chain.contents.clone();
    for one in &mut contents {
        one.rules.publish = minsheng_model::Publish::Roots;
        let text = String::from_utf8(one.programme_file.clone()).unwrap();
        one.programme_file = text.replace("\"rows\" #MODE", "\"roots\"").into_bytes();
    }
    let dir = folder();
    let first = write(dir.path(), &contents[0]).unwrap();
    contents[1].round.as_mut().unwrap().seal.previous = first.id;
    let second = write(dir.path(), &contents[1]).unwrap();
    let (again, hashes) = read(&second.path).unwrap();
    assert_eq!(hashes.files.len(), 7);
    assert!(again.round.unwrap().standings.is_empty());
    expect(&anybody_after(&second.path, &first.path).unwrap(), "roots");
    contents[1].round.as_mut().unwrap().seal.vacant += 1;
    let wrong = write(dir.path(), &contents[1]).unwrap();
    assert!(!anybody(&wrong.path).unwrap().ok());
}
