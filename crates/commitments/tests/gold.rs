//! Texts in several manners against what a person reads in them: each text has a
//! table beside it, written by hand from the text before the reader saw it. A row
//! is a fact or an undertaking (`act`), required (`r`) or one that may be told
//! either way (`o`); a field lists its readings between bars, `*` is any.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    missing_docs,
    reason = "tests may fail loudly"
)]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use minsheng_commitments::{Published, Reader, Statement, Vocabulary};

const FIELDS: [&str; 11] = [
    "value",
    "lower",
    "upper",
    "unit",
    "comparator",
    "period_start",
    "period_end",
    "as_of",
    "status",
    "body",
    "speaker",
];

struct Gold {
    required: bool,
    fact: bool,
    /// Where it stands, in characters without blanks and line ends.
    place: (usize, usize),
    quote: String,
    fields: Vec<String>,
}

/// A text without blanks, and where each of its characters goes.
fn squeezed(text: &str) -> (String, Vec<usize>) {
    let (mut out, mut map) = (String::new(), Vec::new());
    let mut n = 0;
    for c in text.chars() {
        map.push(n);
        if !c.is_whitespace() {
            out.push(c);
            n += 1;
        }
    }
    map.push(n);
    (out, map)
}

fn gold(table: &str, squeezed: &str) -> Vec<Gold> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    table
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells.len(), FIELDS.len() + 3, "{line}");
            let quote: String = cells[2].chars().filter(|c| !c.is_whitespace()).collect();
            let from = seen.get(&quote).copied().unwrap_or(0);
            let byte = squeezed[from..].find(&quote).map_or_else(
                || {
                    squeezed
                        .find(&quote)
                        .unwrap_or_else(|| panic!("not in the text: {quote}"))
                },
                |b| from + b,
            );
            seen.insert(
                quote.clone(),
                byte + 1 + (quote.chars().next().unwrap().len_utf8() - 1),
            );
            let start = squeezed[..byte].chars().count();
            Gold {
                required: cells[0] == "r",
                fact: cells[1] == "fact",
                place: (start, start + quote.chars().count()),
                fields: cells[3..].iter().map(|c| (*c).to_owned()).collect(),
                quote,
            }
        })
        .collect()
}

/// The fields of a statement in the order of [`FIELDS`].
fn fields(s: &Statement) -> Vec<String> {
    let row = s.row();
    row[5..].to_vec()
}

fn fits(found: &str, wanted: &str) -> bool {
    wanted == "*" || wanted.split('|').any(|w| w == found)
}

#[derive(Default)]
struct Score {
    right: usize,
    missed: usize,
    invented: usize,
    fields: [usize; FIELDS.len()],
}

impl Score {
    /// F1 in thousandths: of a field, or of the statements themselves.
    fn f1(&self, right: usize) -> usize {
        let both = 2 * self.right + self.missed + self.invented;
        (2000 * right).checked_div(both).unwrap_or(1000)
    }
}

/// Holds a reading against the table; returns the scores of facts and acts and
/// every difference in words.
fn compare(found: &[Statement], map: &[usize], gold: &[Gold]) -> ([Score; 2], String) {
    let mut scores = [Score::default(), Score::default()];
    let mut told = String::new();
    let mut used = vec![false; found.len()];
    let mut order: Vec<&Gold> = gold.iter().collect();
    order.sort_by_key(|g| !g.required);
    for g in order {
        let score = &mut scores[usize::from(!g.fact)];
        let overlap = |s: &Statement| {
            let (a, b) = (map[s.start], map[s.end]);
            let common = b.min(g.place.1).saturating_sub(a.max(g.place.0));
            (2 * common >= (b - a).min(g.place.1 - g.place.0)).then_some(common)
        };
        let best = found
            .iter()
            .enumerate()
            .filter(|(k, s)| !used[*k] && s.comparator.is_some() == g.fact)
            .filter_map(|(k, s)| {
                let common = overlap(s)?;
                let own = fields(s);
                let same = (0..3).filter(|f| fits(&own[*f], &g.fields[*f])).count();
                Some((same, common, std::cmp::Reverse(k)))
            })
            .max();
        let Some((_, _, std::cmp::Reverse(k))) = best else {
            if g.required {
                score.missed += 1;
                writeln!(told, "missed: {}", g.quote).unwrap();
            }
            continue;
        };
        used[k] = true;
        let own = fields(&found[k]);
        score.right += usize::from(g.required);
        for (f, name) in FIELDS.iter().enumerate() {
            if fits(&own[f], &g.fields[f]) {
                score.fields[f] += usize::from(g.required);
            } else {
                writeln!(
                    told,
                    "{name} of {}: {} for {}",
                    g.quote, own[f], g.fields[f]
                )
                .unwrap();
            }
        }
    }
    for (s, _) in found.iter().zip(&used).filter(|(_, used)| !**used) {
        scores[usize::from(s.comparator.is_none())].invented += 1;
        writeln!(told, "invented: {}", s.quote).unwrap();
    }
    (scores, told)
}

/// Facts at least 0.95 and every field of theirs at least 0.95 over all texts, no
/// text below 0.9; undertakings in words at least 0.9.
#[test]
fn the_reader_finds_what_a_person_finds() {
    let reader = Reader::new(Vocabulary::default());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gold");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "txt"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 14);
    let mut all = [Score::default(), Score::default()];
    let mut told = String::new();
    for path in paths {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let day: Published = stem.rsplit_once('.').unwrap().1.parse().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let table = fs::read_to_string(path.with_extension("tsv")).unwrap();
        let (plain, map) = squeezed(&text);
        let (scores, words) = compare(
            &reader.read(&text, day).statements,
            &map,
            &gold(&table, &plain),
        );
        writeln!(told, "{stem}\n{words}").unwrap();
        assert!(scores[0].f1(scores[0].right) >= 900, "{told}");
        for (sum, one) in all.iter_mut().zip(&scores) {
            sum.right += one.right;
            sum.missed += one.missed;
            sum.invented += one.invented;
            for (a, b) in sum.fields.iter_mut().zip(one.fields) {
                *a += b;
            }
        }
    }
    assert!(all[0].right > 250 && all[1].right > 25);
    assert!(all[0].f1(all[0].right) >= 950, "{told}");
    assert!(all[1].f1(all[1].right) >= 900, "{told}");
    for (f, name) in FIELDS.iter().enumerate() {
        assert!(all[0].f1(all[0].fields[f]) >= 950, "{name}\n{told}");
        assert!(all[1].f1(all[1].fields[f]) >= 900, "{name}\n{told}");
    }
}
