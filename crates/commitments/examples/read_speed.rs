//! Reads one text several times and prints megabytes a second of wall time, for a
//! profiler and for `bench/`: `cargo run --release -p minsheng-commitments
//! --example read_speed -- FILE [TIMES] [THREADS]`. What is read is written as CSV to
//! memory, part by part, as the command does.
#![allow(clippy::print_stdout, reason = "an example prints what it measured")]

use std::time::Instant;

use minsheng_commitments::{Published, Reader, Vocabulary, csv_rows, ingest_owned};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(file) = arguments.next() else {
        println!("read_speed FILE [TIMES]");
        return;
    };
    let times: usize = arguments.next().and_then(|t| t.parse().ok()).unwrap_or(3);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads: usize = arguments
        .next()
        .and_then(|t| t.parse().ok())
        .unwrap_or(cores);
    let day = "2024-01-25"
        .parse()
        .unwrap_or_else(|_| Published::unknown());
    let reader = Reader::new(Vocabulary::default());
    for _ in 0..times {
        let start = Instant::now();
        let Ok(bytes) = std::fs::read(&file) else {
            println!("cannot read {file}");
            return;
        };
        let length = bytes.len();
        let Ok(source) = ingest_owned(bytes) else {
            println!("{file} is no text");
            return;
        };
        let decoded = start.elapsed();
        let mut written = 0;
        let told = reader.read_parts(
            &source.text,
            day,
            threads,
            |part| csv_rows(&part.statements),
            |rows| rows.map(|rows| written += rows.len()),
        );
        let all = start.elapsed();
        // Bytes a microsecond are megabytes a second.
        let speed = length as u128 * 10 / all.as_micros().max(1);
        println!(
            "{}.{} MB/s on {threads} threads, decoding {decoded:?} of {all:?}, {written} bytes of CSV{}",
            speed / 10,
            speed % 10,
            if told.is_err() { ", which failed" } else { "" }
        );
    }
}
