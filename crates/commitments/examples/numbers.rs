//! Reads lines and prints the numbers of each as JSON.
fn main() {
    for line in std::io::stdin().lines() {
        let line = line.unwrap_or_default();
        let found = minsheng_commitments::read_numbers(&line);
        println!("{}", serde_json::to_string(&found).unwrap_or_default());
    }
}
