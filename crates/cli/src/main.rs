//! The `minsheng` command: reads arguments and files, calls the crates, prints.
//!
//! **Invariant:** this is the only place that prints, asks for the terminal or
//! sets an exit code.

mod args;
mod args_compare;
mod carried;
mod city;
mod commands;
mod console;
mod exit;
mod interrupt;
#[cfg(feature = "png")]
mod png;
#[cfg(not(feature = "png"))]
#[path = "png_left_out.rs"]
mod png;
mod report;
mod routing;
mod table;

use clap::Parser as _;

use args::{Args, Command};
use console::Console;

fn main() -> std::process::ExitCode {
    let args = Args::parse();
    let console = Console::new(&args.global);
    interrupt::install();
    let result = match &args.command {
        Command::Check { city, programmes } => commands::check::run(&console, city, programmes),
        Command::Run(options) => commands::run::run(&console, options),
        Command::Round(options) => commands::round::run(&console, options),
        Command::Appeal(options) => commands::appeal::run(&console, options),
        Command::Verify(options) => commands::verify::run(&console, options),
        Command::Explain { bundle, ticket } => commands::explain::run(&console, bundle, ticket),
        Command::Receipt {
            city,
            bundle,
            ticket,
        } => commands::receipt::run(&console, city, bundle, ticket),
        Command::Draw(options) => commands::draw::run(&console, options),
        Command::Compare(options) => commands::compare::run(&console, options),
        Command::Synth {
            city,
            programmes,
            scale,
            replies,
        } => match replies {
            Some(bundle) => commands::synth::replies(&console, city, bundle),
            None => commands::synth::run(&console, city, programmes, *scale),
        },
        Command::Solve { mechanism } => commands::solve::run(&console, mechanism),
        Command::Travel(options) => commands::travel::run(&console, options),
        Command::Commitments { what } => commands::commitments::run(&console, what),
        Command::Schema { of } => commands::schema::run(&console, *of),
        Command::Completions { shell } => commands::completions::run(*shell),
    };
    match result {
        Ok(()) => exit::Code::Done.into(),
        Err(failure) => {
            console.failure(&failure);
            failure.code.into()
        }
    }
}
