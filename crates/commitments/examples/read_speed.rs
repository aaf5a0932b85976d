//! Reads one text several times and prints megabytes a second of wall time, for a
//! profiler and for `bench/`: `cargo run --release -p minsheng-commitments
//! --example read_speed -- FILE [TIMES]`.
#![allow(clippy::print_stdout, reason = "an example prints what it measured")]

use std::time::Instant;

use minsheng_commitments::{Published, Reader, Vocabulary, ingest};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(file) = arguments.next() else {
        println!("read_speed FILE [TIMES]");
        return;
    };
    let times: usize = arguments.next().and_then(|t| t.parse().ok()).unwrap_or(3);
    let Ok(bytes) = std::fs::read(&file) else {
        println!("cannot read {file}");
        return;
    };
    let day = "2024-01-25"
        .parse()
        .unwrap_or_else(|_| Published::unknown());
    let reader = Reader::new(Vocabulary::default());
    for _ in 0..times {
        let start = Instant::now();
        let Ok(source) = ingest(&bytes) else {
            println!("{file} is no text");
            return;
        };
        let decoded = start.elapsed();
        let statements = reader.read(&source.text, day).statements.len();
        let all = start.elapsed();
        // Bytes a microsecond are megabytes a second.
        let speed = bytes.len() as u128 / all.as_micros().max(1);
        println!("{statements} statements, {speed} MB/s, decoding {decoded:?} of {all:?}");
    }
}
