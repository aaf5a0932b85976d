//! Reads a file and prints its statements as CSV.
fn main() {
    let mut args = std::env::args().skip(1);
    let file = args.next().unwrap_or_default();
    let published = args.next().and_then(|d| d.parse().ok()).unwrap_or_default();
    let bytes = std::fs::read(&file).unwrap_or_default();
    let start = std::time::Instant::now();
    let source = match minsheng_commitments::ingest(&bytes) {
        Ok(s) => s,
        Err(e) => {
            eprintln!("{}", e.message.en);
            return;
        }
    };
    let reader = minsheng_commitments::Reader::new(minsheng_commitments::Vocabulary::default());
    let made = start.elapsed();
    let start = std::time::Instant::now();
    let reading = reader.read(&source.text, published);
    eprintln!(
        "{} bytes, setup {made:?}, read {:?}, {} statements, {} others",
        bytes.len(),
        start.elapsed(),
        reading.statements.len(),
        reading.others.len()
    );
    if args.next().is_some() {
        println!(
            "{}",
            serde_json::to_string_pretty(&reading).unwrap_or_default()
        );
    } else {
        print!(
            "{}",
            minsheng_commitments::to_csv(&reading.statements).unwrap_or_default()
        );
    }
}
