//! `solve MECHANISM FILE` without the rest of the command, for measurements.
#![allow(clippy::print_stdout, reason = "an example for whoever measures")]

use minsheng_plain::{PlainError, solve_calendar, solve_match, solve_select};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1).skip_while(|a| a == "solve");
    let (mechanism, file) = (args.next(), args.next());
    let (Some(mechanism), Some(file)) = (mechanism, file) else {
        return Err("usage: solve MECHANISM FILE".into());
    };
    let solve: fn(&str) -> Result<String, PlainError> = match mechanism.as_str() {
        "match" => solve_match,
        "calendar" => solve_calendar,
        "select" => solve_select,
        _ => return Err("unknown mechanism".into()),
    };
    print!("{}", solve(&std::fs::read_to_string(file)?)?);
    Ok(())
}
