use clap::CommandFactory as _;

use crate::args::Args;
use crate::exit::Failure;

/// Prints the completions of a shell.
///
/// # Errors
/// None.
#[expect(clippy::unnecessary_wraps, reason = "commands share one signature")]
pub fn run(shell: clap_complete::Shell) -> Result<(), Failure> {
    clap_complete::generate(
        shell,
        &mut Args::command(),
        "minsheng",
        &mut std::io::stdout(),
    );
    Ok(())
}
