use std::io::Read as _;
use std::path::Path;

use crate::args::Mechanism;
use crate::city::disk;
use crate::console::Console;
use crate::exit::{Code, Failure};

/// Runs one mechanism on a plain instance and prints its outcome as JSON.
///
/// # Errors
/// A wrong instance, located.
pub fn run(console: &Console, mechanism: &Mechanism) -> Result<(), Failure> {
    let (file, solve): (_, fn(&str) -> Result<String, minsheng_plain::PlainError>) = match mechanism
    {
        Mechanism::Match { file } => (file, minsheng_plain::solve_match),
        Mechanism::Calendar { file } => (file, minsheng_plain::solve_calendar),
        Mechanism::Select { file } => (file, minsheng_plain::solve_select),
    };
    let text = read(file)?;
    let outcome = solve(&text).map_err(|e| {
        let (at, said) = (file.display(), e.text());
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
    })?;
    console.say(outcome.trim_end());
    Ok(())
}

fn read(file: &Path) -> Result<String, Failure> {
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
