use std::collections::BTreeMap;
use std::path::Path;

use minsheng_cycle::{Appeal, Seen};
use minsheng_letter::Lang;
use minsheng_model::{Diagnostic, Owed, Rules, Text};

use crate::args::AppealArgs;
use crate::city::{self, disk};
use crate::commands::chain;
use crate::commands::round::own;
use crate::commands::verify::bundle_failure;
use crate::console::Console;
use crate::exit::Failure;
use crate::interrupt::{Staging, uninterrupted};
use crate::table;

/// Evaluates one application again with corrected facts, says what changes and whether
/// a place is owed, and leaves the record that the next round takes.
///
/// # Errors
/// When bundle, registers or facts cannot be read, or do not fit.
pub fn run(console: &Console, options: &AppealArgs) -> Result<(), Failure> {
    let (dir, bundle) = (options.city.as_path(), options.bundle.as_path());
    let facts = facts(&options.facts)?;
    let (contents, hashes) =
        minsheng_bundle::read(bundle).map_err(|e| bundle_failure(bundle, &e))?;
    let (rules, programme) = own(console, dir, &contents)?;
    let staging = Staging::new(dir).map_err(|e| disk(dir, &e))?;
    let registers = city::import(dir, staging.path(), &rules, &programme, &options.set_aside)?;
    let replies = match contents.round {
        Some(_) => Some(city::import_replies(
            dir,
            staging.path(),
            &rules,
            &programme,
            &options.set_aside,
        )?),
        None => None,
    };
    let contents = chain::with_rows(bundle, contents, &registers, replies.as_ref())?;
    let record = minsheng_cycle::appeal(
        &rules,
        &registers,
        (&contents, &hashes.id),
        &options.ticket,
        &facts,
    )
    .map_err(|found| {
        let file = options.facts.display().to_string();
        let at = |d: Diagnostic| {
            if d.file.is_empty() {
                d.in_file(&file)
            } else {
                d
            }
        };
        Failure::wrong_file(found.into_iter().map(at).collect())
    })?;
    let path = options
        .record
        .clone()
        .unwrap_or_else(|| dir.join(format!("registers/appeal-{}.json", record.ticket)));
    keep(&staging, &record, &path)?;
    if console.json() {
        let document = serde_json::to_value(&record).map_err(|e| internal(&e))?;
        console.say(&document.to_string());
        return Ok(());
    }
    tell(console, &rules, &record, &path);
    Ok(())
}

/// Reads the corrected facts.
fn facts(file: &Path) -> Result<BTreeMap<String, Option<String>>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|e| disk(file, &e))?;
    serde_json::from_str(&text).map_err(|e| {
        let start = text
            .split_inclusive('\n')
            .take(e.line().saturating_sub(1))
            .map(str::len)
            .sum::<usize>()
            .saturating_add(e.column().saturating_sub(1));
        Failure::wrong_file(vec![
            Diagnostic::error(
                "appeal/facts",
                Text::new(
                    format!("应为由列名到文字的 JSON 对象:{e}"),
                    format!("expected a JSON object from column to text: {e}"),
                ),
            )
            .at(file.display().to_string(), start..start.saturating_add(1))
            .help(Text::new(
                r#"例如 {"birth": "2022-03-01", "hardship": "true", "permit_until": null}"#,
                r#"such as {"birth": "2022-03-01", "hardship": "true", "permit_until": null}"#,
            )),
        ])
    })
}

fn internal(error: &serde_json::Error) -> Failure {
    Failure::new(
        crate::exit::Code::Failed,
        "appeal/json",
        error.to_string(),
        error.to_string(),
    )
}

/// Puts the record in its place whole, or not at all.
fn keep(staging: &Staging, record: &Appeal, path: &Path) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(record).map_err(|e| internal(&e))?;
    let aside = staging.path().join("record.json");
    std::fs::write(&aside, text + "\n").map_err(|e| disk(&aside, &e))?;
    uninterrupted(|| {
        // Across file systems a rename is refused: then it is copied.
        std::fs::rename(&aside, path).or_else(|_| std::fs::copy(&aside, path).map(|_| ()))
    })
    .map_err(|e| disk(path, &e))
}

fn tell(console: &Console, rules: &Rules, record: &Appeal, path: &Path) {
    let lang = console.lang();
    let heading = [
        ("志愿", "choice"),
        ("原先", "before"),
        ("更正后", "corrected"),
    ];
    let mut rows: Vec<Vec<String>> = vec![
        heading
            .iter()
            .map(|(zh, en)| lang.pick(zh, en).to_owned())
            .collect(),
    ];
    rows.push(vec![
        lang.pick("资格", "verdict").to_owned(),
        verdict(&record.before, lang),
        verdict(&record.after, lang),
    ]);
    for (before, after) in record.before.choices.iter().zip(&record.after.choices) {
        let say = |c: &minsheng_cycle::Listed| {
            let tier = usize::from(c.tier)
                .checked_sub(1)
                .and_then(|t| rules.tiers.get(t));
            let tier = tier.map_or_else(
                || lang.pick("最后顺位", "last tier").to_owned(),
                |t| t.title.get(lang.as_str()).to_owned(),
            );
            match rules.score {
                Some(_) => format!("{tier}, {}", c.score),
                None => tier,
            }
        };
        rows.push(vec![
            format!("{} {}", before.position, before.provider),
            say(before),
            say(after),
        ]);
    }
    console.say(table::render(&rows).trim_end());
    changes(console, rules, record);
    let first = rules.offers.as_ref().is_some_and(|o| o.owed == Owed::First);
    match &record.owed {
        None => console.tell(
            "按所公布的末位,不欠名额。",
            "By the published cut-offs no place is owed.",
        ),
        Some(owed) => {
            let (provider, position) = (&owed.provider, owed.position);
            let (zh, en) = if first {
                (
                    "下一轮起排在该处所有候补者之前",
                    "from the next round on this application comes before all who wait there",
                )
            } else {
                (
                    "下一轮在名额之外另加一个,不影响任何人",
                    "the next round adds one above the capacity, which takes nothing from anybody",
                )
            };
            console.tell(
                &format!("按所公布的末位,应得 {provider}(第 {position} 志愿)的名额:{zh}。"),
                &format!("By the published cut-offs a place at {provider} (choice {position}) is owed: {en}."),
            );
        }
    }
    let at = path.display();
    console.tell(
        &format!("记录:{at}(含个人事实,只存于本市);纳入下一轮:minsheng round 城市 公示包 --appeal {at}"),
        &format!("record: {at} (personal facts: it stays with the city); enter it: minsheng round CITY BUNDLE --appeal {at}"),
    );
}

fn verdict(seen: &Seen, lang: Lang) -> String {
    use minsheng_model::Verdict;
    let (zh, en) = match seen.verdict {
        Verdict::Eligible => ("符合", "eligible"),
        Verdict::NotEligible => ("不符合", "not eligible"),
        Verdict::Undetermined => ("待定", "undetermined"),
    };
    lang.pick(zh, en).to_owned()
}

/// Names the clauses whose result changes.
fn changes(console: &Console, rules: &Rules, record: &Appeal) {
    let state = |seen: &Seen, id: &String| {
        if seen.met.contains(id) {
            ("符合", "met")
        } else if seen.unknown.contains(id) {
            ("缺材料", "missing")
        } else {
            ("不符合", "not met")
        }
    };
    for clause in rules.clauses_of(minsheng_model::Scope::Applicant) {
        let (was, is) = (
            state(&record.before, &clause.id),
            state(&record.after, &clause.id),
        );
        if was != is {
            let id = &clause.id;
            console.tell(
                &format!("条件 `{id}`:由“{}”变为“{}”", was.0, is.0),
                &format!("clause `{id}`: was {}, is {}", was.1, is.1),
            );
        }
    }
}
