use std::io::Read as _;
use std::path::Path;

use minsheng_commitments::check::{Document, Entities, Finding, Weight, check};
use minsheng_commitments::register::Register;
use minsheng_commitments::{
    Published, Reader, Reading, Source, Vocabulary, ingest, read_numbers, review, to_csv,
};
use minsheng_model::{Diagnostic, Text};

use crate::args::{Commitments, ReadArgs, ReviewStep};
use crate::city::disk;
use crate::commands::commitments_status;
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::table;

/// One text, read.
struct Read {
    file: String,
    source: Source,
    reading: Reading,
}

/// Runs one of the commitments commands.
///
/// # Errors
/// A file that is no text or no register, located; findings of a check.
pub fn run(console: &Console, what: &Commitments) -> Result<(), Failure> {
    match what {
        Commitments::Read(options) => print(console, options, &read(console, options)?),
        Commitments::Numbers { file } => numbers(console, file),
        Commitments::Check(options) => contradictions(console, options),
        Commitments::Review { step } => reviewing(console, step),
        Commitments::Status {
            city,
            as_of,
            bundles,
        } => commitments_status::status(console, city, as_of, bundles),
        Commitments::Export(options) => commitments_status::export(console, options),
    }
}

/// Returns the bytes of a file, or of standard input for `-`.
fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    if file.as_os_str() != "-" {
        return std::fs::read(file).map_err(|e| disk(file, &e));
    }
    let mut all = Vec::new();
    std::io::stdin()
        .read_to_end(&mut all)
        .map_err(|e| disk(file, &e))?;
    Ok(all)
}

fn text_of(file: &Path) -> Result<Source, Failure> {
    ingest(&bytes(file)?).map_err(|e| {
        Failure::wrong_file(vec![
            Diagnostic::error("commitments/no-text", e.message).in_file(file.display().to_string()),
        ])
    })
}

/// Returns a file of a city's `commitments` folder, empty if it is not there.
pub(super) fn city_file(city: &Path, name: &str) -> Result<String, Failure> {
    let path = city.join("commitments").join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(e) => Err(disk(&path, &e)),
    }
}

fn vocabulary(city: Option<&Path>) -> Result<Vocabulary, Failure> {
    let Some(city) = city else {
        return Ok(Vocabulary::default());
    };
    let [bodies, people, names, indicators] =
        ["bodies.tsv", "people.tsv", "names.tsv", "indicators.tsv"].map(|n| city_file(city, n));
    Vocabulary::from_tsv(&bodies?, &people?, &names?, &indicators?).map_err(
        |(name, line, message)| {
            let path = city.join("commitments").join(name);
            let at = |t: &str| format!("{}:{line}: {t}", path.display());
            Failure::new(
                Code::WrongFile,
                "commitments/vocabulary",
                at(&message.zh),
                at(&message.en),
            )
        },
    )
}

/// Returns a city's register.
pub(super) fn register(city: &Path) -> Result<Register, Failure> {
    let path = city.join("commitments").join("register.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| disk(&path, &e))?;
    Register::from_toml(&text).map_err(|(span, message)| {
        let error = Diagnostic::error("commitments/register", message);
        let file = path.display().to_string();
        Failure::wrong_file(vec![match span {
            Some(span) => error.at(file, span),
            None => error.in_file(file),
        }])
    })
}

/// The day in a file's name (`page-2024-01.txt`), if it has one.
fn from_name(file: &Path) -> Option<Published> {
    let name = file.file_stem()?.to_str()?;
    let digits: Vec<(usize, char)> = name.char_indices().collect();
    (0..digits.len()).find_map(|i| {
        let part = |length: usize| name.get(digits.get(i)?.0..digits.get(i)?.0 + length);
        let alone = |length: usize| {
            digits
                .get(i + length)
                .is_none_or(|(_, c)| !c.is_ascii_digit())
        };
        let year = |p: &Published| {
            ("1900".."2101").contains(&&*p.to_string().chars().take(4).collect::<String>())
        };
        [10, 7].into_iter().find_map(|length| {
            part(length)
                .filter(|_| alone(length))?
                .parse()
                .ok()
                .filter(year)
        })
    })
}

fn read(console: &Console, options: &ReadArgs) -> Result<Vec<Read>, Failure> {
    let published: Option<Published> = match &options.published {
        Some(day) => Some(day.parse().map_err(|t: Text| {
            Failure::new(Code::WrongFile, "commitments/published", t.zh, t.en)
        })?),
        None => None,
    };
    let reader = Reader::new(vocabulary(options.city.as_deref())?);
    let mut all = Vec::new();
    for file in &options.files {
        let source = text_of(file)?;
        let mut reading = reader.read(&source.text, published.unwrap_or_default());
        if reading.published.is_empty() {
            if let Some(day) = from_name(file) {
                console.note(
                    &format!("{}:按文件名取发布时间 {day}", file.display()),
                    &format!(
                        "{}: taking {day} from the file's name as the day of publication",
                        file.display()
                    ),
                );
                reading = reader.read(&source.text, day);
            } else {
                console.note(&format!("{}:发布日期不明,相对时间没有日期;可用 --published 说明", file.display()), &format!("{}: the day of publication is unknown, relative times have no dates; name it with --published", file.display()));
            }
        }
        all.push(Read {
            file: file.display().to_string(),
            source,
            reading,
        });
    }
    Ok(all)
}

fn print(console: &Console, options: &ReadArgs, all: &[Read]) -> Result<(), Failure> {
    if console.json() {
        let one = |r: &Read| {
            serde_json::json!({
                "file": r.file,
                "encoding": r.source.encoding,
                "sha256": r.source.sha256,
                "published": r.reading.published,
                "statements": r.reading.statements,
                "others": r.reading.others,
            })
        };
        let value = match all {
            [only] => one(only),
            many => many.iter().map(one).collect(),
        };
        console.say(&value.to_string());
        return Ok(());
    }
    if options.csv {
        let [only] = all else {
            return Err(Failure::new(
                Code::WrongFile,
                "commitments/one-text",
                "`--csv` 一次只读一份文件,因为列里没有文件名",
                "`--csv` takes one text at a time: its columns name no file",
            ));
        };
        console.say(csv(&only.reading.statements)?.trim_end());
        return Ok(());
    }
    for r in all {
        let heading = [
            "statement",
            "value",
            "unit",
            "comparator",
            "time",
            "status",
            "body",
            "speaker",
        ]
        .map(str::to_owned)
        .to_vec();
        let mut rows = vec![heading];
        for s in &r.reading.statements {
            let value = s.value.map_or_else(
                || {
                    [s.lower, s.upper]
                        .into_iter()
                        .flatten()
                        .map(|d| d.to_string())
                        .collect::<Vec<_>>()
                        .join("–")
                },
                |v| v.to_string(),
            );
            let time = [s.period_start, s.period_end]
                .into_iter()
                .flatten()
                .map(|d| d.to_string())
                .collect::<Vec<_>>()
                .join("/");
            let quote: String = s
                .quote
                .split_whitespace()
                .collect::<String>()
                .chars()
                .take(36)
                .collect();
            rows.push(vec![
                quote,
                value,
                s.unit.clone(),
                s.comparator.map_or("", |c| c.as_str()).to_owned(),
                if time.is_empty() {
                    s.as_of.clone()
                } else {
                    time
                },
                s.status.as_str().to_owned(),
                s.body.clone(),
                s.speaker.clone(),
            ]);
        }
        let (n, other) = (r.reading.statements.len(), r.reading.others.len());
        console.tell(
            &format!("{}:{n} 条陈述,另有 {other} 个数不是事实", r.file),
            &format!(
                "{}: {}; {} no facts",
                r.file,
                counted(n, "statement"),
                if other == 1 {
                    "1 number is".to_owned()
                } else {
                    format!("{other} numbers are")
                }
            ),
        );
        console.say(table::render(&rows).trim_end());
    }
    Ok(())
}

fn csv(statements: &[minsheng_commitments::Statement]) -> Result<String, Failure> {
    to_csv(statements).map_err(|e| {
        Failure::new(
            Code::Failed,
            "commitments/csv",
            e.to_string(),
            e.to_string(),
        )
    })
}

fn numbers(console: &Console, file: &Path) -> Result<(), Failure> {
    let source = text_of(file)?;
    for line in source.text.lines() {
        let found = serde_json::to_string(&read_numbers(line)).map_err(|e| {
            Failure::new(
                Code::Failed,
                "commitments/json",
                e.to_string(),
                e.to_string(),
            )
        })?;
        console.say(&found);
    }
    Ok(())
}

fn contradictions(console: &Console, options: &ReadArgs) -> Result<(), Failure> {
    let documents: Vec<Document> = read(console, options)?
        .into_iter()
        .map(|r| Document {
            name: r.file,
            statements: r.reading.statements,
        })
        .collect();
    let (entities, register) = match &options.city {
        Some(city) if city.join("commitments").join("register.toml").exists() => (
            Entities::from_tsv(&city_file(city, "entities.tsv")?),
            Some(register(city)?),
        ),
        Some(city) => (Entities::from_tsv(&city_file(city, "entities.tsv")?), None),
        None => (Entities::default(), None),
    };
    let findings = check(&documents, register.as_ref(), &entities);
    if console.json() {
        console.say(&serde_json::json!({ "findings": findings }).to_string());
    } else {
        for f in &findings {
            show(console, f);
        }
        console.tell(
            &format!("{} 处发现", findings.len()),
            &counted(findings.len(), "finding"),
        );
    }
    let wrong = findings
        .iter()
        .filter(|f| f.weight == Weight::Contradiction)
        .count();
    if wrong > 0 {
        return Err(Failure::new(
            Code::NotHeld,
            "commitments/contradiction",
            format!("{wrong} 处矛盾"),
            counted(wrong, "contradiction"),
        ));
    }
    Ok(())
}

/// `1 finding`, `2 findings`.
fn counted(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn show(console: &Console, f: &Finding) {
    let weight = match f.weight {
        Weight::Contradiction => console.lang().pick("矛盾", "contradiction"),
        Weight::Question => console.lang().pick("待问", "question"),
    };
    console.say(&format!(
        "{weight} [{}]: {}",
        f.rule,
        console.text(&f.arithmetic)
    ));
    for e in &f.evidence {
        let quote: String = e.quote.split_whitespace().collect();
        console.say(&format!(
            "    {}:{}-{}  {quote}",
            e.document, e.start, e.end
        ));
    }
}

fn reviewing(console: &Console, step: &ReviewStep) -> Result<(), Failure> {
    match step {
        ReviewStep::Sheet(options) => {
            for (k, r) in read(console, options)?.iter().enumerate() {
                let sheet = review::export(&r.file, &r.source.sha256, &r.reading.statements);
                let rows = if k == 0 {
                    sheet.as_str()
                } else {
                    sheet.split_once('\n').map_or("", |(_, rest)| rest)
                };
                console.say(rows.trim_end());
            }
            Ok(())
        }
        ReviewStep::Take { sheet, history } => take(console, sheet, history),
        ReviewStep::Accepted {
            read: options,
            history,
        } => {
            let decisions = review::verify(&history_of(history)?)
                .map_err(|(line, t)| located(history, line, &t))?
                .0;
            let mut public = Vec::new();
            for r in read(console, options)? {
                public.extend(
                    review::accepted(&r.source.sha256, &r.reading.statements, &decisions)
                        .into_iter()
                        .map(|a| a.statement.clone()),
                );
            }
            console.say(csv(&public)?.trim_end());
            Ok(())
        }
    }
}

fn located(file: &Path, line: usize, message: &Text) -> Failure {
    let at = |t: &str| format!("{}:{line}: {t}", file.display());
    Failure::new(
        Code::WrongFile,
        "commitments/review",
        at(&message.zh),
        at(&message.en),
    )
}

fn history_of(path: &Path) -> Result<String, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(e) => Err(disk(path, &e)),
    }
}

fn take(console: &Console, sheet: &Path, history: &Path) -> Result<(), Failure> {
    let decisions =
        review::import(&text_of(sheet)?.text).map_err(|(line, t)| located(sheet, line, &t))?;
    let longer = review::append(&history_of(history)?, &decisions)
        .map_err(|(line, t)| located(history, line, &t))?;
    // Written beside and renamed into place: never half a history.
    let beside = history.with_extension("new");
    std::fs::write(&beside, longer).map_err(|e| disk(&beside, &e))?;
    std::fs::rename(&beside, history).map_err(|e| disk(history, &e))?;
    let n = decisions.len();
    console.tell(
        &format!("记入 {n} 条审核意见"),
        &format!("{} added to the history", counted(n, "verdict")),
    );
    Ok(())
}
