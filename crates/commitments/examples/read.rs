//! Reads a file and prints its statements as CSV, and to the error stream how long
//! that took: for measurements without the command's start.
//!
//!     cargo run --release -p minsheng-commitments --example read -- FILE [DATE]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to its user"
)]

use std::time::Instant;

use minsheng_commitments::{Reader, Vocabulary, ingest, to_csv};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or("name a file")?;
    let published = args.next().and_then(|d| d.parse().ok()).unwrap_or_default();
    let bytes = std::fs::read(&file)?;
    let source = ingest(&bytes).map_err(|e| e.message.en)?;
    let reader = Reader::new(Vocabulary::default());
    let start = Instant::now();
    let reading = reader.read(&source.text, published);
    let took = start.elapsed();
    eprintln!(
        "{} bytes in {} ms: {} statements",
        bytes.len(),
        took.as_millis(),
        reading.statements.len()
    );
    print!("{}", to_csv(&reading.statements)?);
    Ok(())
}
