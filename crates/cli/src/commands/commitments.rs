use std::path::Path;

use minsheng_commitments::check::{Document, Entities, Finding, Weight, check};
use minsheng_commitments::register::Register;
use minsheng_commitments::{review, to_csv};
use minsheng_model::{Diagnostic, Text};

use crate::args::{Commitments, ReviewStep, TextArgs};
use crate::city::disk;
use crate::commands::commitments_read::{load, whole};
use crate::commands::commitments_sheet::tsv_of;
use crate::commands::{commitments_read, commitments_sheet, commitments_status, whole_file};
use crate::console::Console;
use crate::exit::{Code, Failure};

/// Runs one of the commitments commands.
///
/// # Errors
/// A file that is no text or no register, located; findings of a check.
pub fn run(console: &Console, what: &Commitments) -> Result<(), Failure> {
    match what {
        Commitments::Read(options) => commitments_read::read(console, options),
        Commitments::Numbers { file } => commitments_read::numbers(file),
        Commitments::Check(options) => contradictions(console, options),
        Commitments::Review { step } => reviewing(console, step),
        Commitments::Status {
            city,
            as_of,
            bundles,
        } => commitments_status::status(console, city, as_of, bundles),
        Commitments::Export(options) => commitments_status::export(console, options),
        Commitments::Import { table, year, out } => {
            commitments_sheet::import(table, *year, out.as_deref())
        }
    }
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

fn contradictions(console: &Console, options: &TextArgs) -> Result<(), Failure> {
    let texts = load(console, options)?;
    let documents: Vec<Document> = whole(&texts)
        .map(|(text, reading)| Document {
            name: text.file.clone(),
            statements: reading.statements,
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
pub(super) fn counted(n: usize, word: &str) -> String {
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
        ReviewStep::Sheet(options) => commitments_sheet::sheet(console, options),
        ReviewStep::Take { sheet, history } => take(console, sheet, history),
        ReviewStep::Accepted {
            texts: options,
            history,
        } => {
            let decisions = review::verify(&history_of(history)?)
                .map_err(|(line, t)| located(history, line, &t))?
                .0;
            let mut public = Vec::new();
            let texts = load(console, options)?;
            for (text, reading) in whole(&texts) {
                for a in review::accepted(&text.source.sha256, &reading.statements, &decisions) {
                    public.push(a.told().map_err(|t| {
                        let at = |t: &str| format!("{}: {t}", history.display());
                        Failure::new(Code::WrongFile, "commitments/review", at(&t.zh), at(&t.en))
                    })?);
                }
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
        review::import(&tsv_of(sheet)?).map_err(|(line, t)| located(sheet, line, &t))?;
    let longer = review::append(&history_of(history)?, &decisions)
        .map_err(|(line, t)| located(history, line, &t))?;
    // Written beside and renamed into place: never half a history.
    let beside = whole_file::beside(history);
    std::fs::write(&beside, longer).map_err(|e| disk(&beside, &e))?;
    std::fs::rename(&beside, history).map_err(|e| disk(history, &e))?;
    let n = decisions.len();
    console.tell(
        &format!("记入 {n} 条审核意见"),
        &format!("{} added to the history", counted(n, "verdict")),
    );
    Ok(())
}
