use std::io::Read as _;
use std::path::Path;

use minsheng_plain::{Model, PlainError, SiteOptions};

use crate::args::{Mechanism, SiteArgs, SiteModel};
use crate::city::disk;
use crate::console::Console;
use crate::exit::{Code, Failure};

/// Runs one mechanism on a plain instance and prints its outcome as JSON.
///
/// # Errors
/// A wrong instance, located.
pub fn run(console: &Console, mechanism: &Mechanism) -> Result<(), Failure> {
    let (file, outcome) = match mechanism {
        Mechanism::Match { file } => (file, minsheng_plain::solve_match(&read(file)?)),
        Mechanism::Assign { file, travel } => {
            let text = with_travel(file, travel.as_deref())?;
            (file, minsheng_plain::solve_assign(&text))
        }
        Mechanism::Site { file, options } => {
            let text = with_travel(file, options.travel.as_deref())?;
            let outcome = minsheng_plain::solve_site(&text, beside(options));
            (file, outcome)
        }
        Mechanism::Access { file, travel } => {
            let text = with_travel(file, travel.as_deref())?;
            (file, minsheng_plain::solve_access(&text))
        }
        Mechanism::Calendar { file } => (file, minsheng_plain::solve_calendar(&read(file)?)),
        Mechanism::Select { file } => (file, minsheng_plain::solve_select(&read(file)?)),
    };
    let outcome = outcome.map_err(|e| wrong(file, &e))?;
    console.say(outcome.trim_end());
    Ok(())
}

/// Reads an instance, and puts the travel of another file into it.
///
/// # Errors
/// When one cannot be read, or the file of travel has a mistake, with its place.
pub fn with_travel(file: &Path, travel: Option<&Path>) -> Result<String, Failure> {
    let text = read(file)?;
    let Some(travel) = travel else {
        return Ok(text);
    };
    minsheng_plain::with_travel(&text, &read(travel)?).map_err(|e| wrong(travel, &e))
}

/// Returns the failure of a wrong instance.
pub fn wrong(file: &Path, error: &PlainError) -> Failure {
    let (at, said) = (file.display(), error.text());
    let each = |text: &str| {
        let lines: Vec<String> = text.lines().map(|l| format!("{at}:{l}")).collect();
        lines.join("\n")
    };
    Failure::new(
        Code::WrongFile,
        "solve/instance",
        each(&said.zh),
        each(&said.en),
    )
}

/// Returns what is said beside a siting instance.
pub fn beside(options: &SiteArgs) -> SiteOptions {
    SiteOptions {
        model: options.model.map(|model| match model {
            SiteModel::PMedian => Model::PMedian,
            SiteModel::PCenter => Model::PCenter,
            SiteModel::SetCover => Model::SetCover,
            SiteModel::MaxCover => Model::MaxCover,
            SiteModel::Uncapacitated => Model::Uncapacitated,
            SiteModel::Capacitated => Model::Capacitated,
        }),
        p: options.p,
        reach: options.reach,
        capacity: options.capacity,
    }
}

/// Reads a text file, or standard input.
///
/// # Errors
/// When it cannot be read or is not UTF-8.
pub fn read(file: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|e| disk(file, &e))?;
    } else {
        bytes = std::fs::read(file).map_err(|e| disk(file, &e))?;
    }
    String::from_utf8(bytes).map_err(|e| {
        let offset = e.utf8_error().valid_up_to();
        Failure::new(
            Code::WrongFile,
            "solve/utf-8",
            format!("{}:第 {offset} 字节起不是 UTF-8", file.display()),
            format!("{}: not UTF-8 from byte {offset} on", file.display()),
        )
    })
}
