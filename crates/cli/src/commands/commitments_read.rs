//! `commitments read`: statements on their way from a text to the output, part by
//! part, so that a long text's are never held all at once.

use std::io::{Read as _, Write as _};
use std::path::Path;

use minsheng_commitments::{
    Published, Reader, Reading, Source, Statement, Vocabulary, csv_rows, ingest_owned, read_numbers,
};
use minsheng_model::{Diagnostic, Text};

use crate::args::{ReadArgs, TextArgs};
use crate::city::disk;
use crate::commands::commitments::{city_file, counted};
use crate::commands::whole_file::Out;
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::table;

/// A text with the day from which its relative times are told.
pub(super) struct Loaded {
    pub(super) file: String,
    pub(super) source: Source,
    pub(super) published: Published,
}

/// Texts and the reader for them.
pub(super) struct Texts {
    pub(super) reader: Reader,
    pub(super) all: Vec<Loaded>,
}

/// Returns the bytes of a file, or of standard input for `-`.
fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    if file.as_os_str() != "-" {
        return std::fs::read(file).map_err(|e| disk(file, &e));
    }
    let mut all = Vec::new();
    std::io::stdin()
        .read_to_end(&mut all)
        .map_err(|e| disk(file, &e))?;
    Ok(all)
}

/// Returns a file's characters.
pub(super) fn text_of(file: &Path) -> Result<Source, Failure> {
    ingest_owned(bytes(file)?).map_err(|e| {
        Failure::wrong_file(vec![
            Diagnostic::error("commitments/no-text", e.message).in_file(file.display().to_string()),
        ])
    })
}

fn vocabulary(city: Option<&Path>) -> Result<Vocabulary, Failure> {
    let Some(city) = city else {
        return Ok(Vocabulary::default());
    };
    let [bodies, people, names, indicators] =
        ["bodies.tsv", "people.tsv", "names.tsv", "indicators.tsv"].map(|n| city_file(city, n));
    Vocabulary::from_tsv(&bodies?, &people?, &names?, &indicators?).map_err(
        |(name, line, message)| {
            let path = city.join("commitments").join(name);
            let at = |t: &str| format!("{}:{line}: {t}", path.display());
            Failure::new(
                Code::WrongFile,
                "commitments/vocabulary",
                at(&message.zh),
                at(&message.en),
            )
        },
    )
}

/// The day in a file's name (`page-2024-01.txt`), if it has one.
fn from_name(file: &Path) -> Option<Published> {
    let name = file.file_stem()?.to_str()?;
    let digits: Vec<(usize, char)> = name.char_indices().collect();
    (0..digits.len()).find_map(|i| {
        let part = |length: usize| name.get(digits.get(i)?.0..digits.get(i)?.0 + length);
        let alone = |length: usize| {
            digits
                .get(i + length)
                .is_none_or(|(_, c)| !c.is_ascii_digit())
        };
        let year = |p: &Published| {
            ("1900".."2101").contains(&&*p.to_string().chars().take(4).collect::<String>())
        };
        [10, 7].into_iter().find_map(|length| {
            part(length)
                .filter(|_| alone(length))?
                .parse()
                .ok()
                .filter(year)
        })
    })
}

/// Loads every text before anything is written: one that is none stops the run.
pub(super) fn load(console: &Console, options: &TextArgs) -> Result<Texts, Failure> {
    let given: Published = match &options.published {
        Some(day) => day.parse().map_err(|t: Text| {
            Failure::new(Code::WrongFile, "commitments/published", t.zh, t.en)
        })?,
        None => Published::default(),
    };
    let reader = Reader::new(vocabulary(options.city.as_deref())?);
    let mut all = Vec::new();
    for path in &options.files {
        let source = text_of(path)?;
        let file = path.display().to_string();
        let mut published = reader.published(&source.text, given);
        if published.is_unknown() {
            published = named(console, path, &file);
        }
        all.push(Loaded {
            file,
            source,
            published,
        });
    }
    Ok(Texts { reader, all })
}

fn named(console: &Console, path: &Path, file: &str) -> Published {
    if let Some(day) = from_name(path) {
        console.note(
            &format!("{file}:按文件名取发布时间 {day}"),
            &format!("{file}: taking {day} from the file's name as the day of publication"),
        );
        return day;
    }
    console.note(
        &format!("{file}:发布日期不明,相对时间没有日期;可用 --published 说明"),
        &format!(
            "{file}: the day of publication is unknown, relative times have no dates; name it with --published"
        ),
    );
    Published::unknown()
}

/// What one part of a text becomes on the thread that read it.
struct Made {
    text: String,
    others: String,
    statements: usize,
    no_facts: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Json,
    Lines,
    Table,
}

/// Reads the texts and writes what stands in them.
///
/// # Errors
/// A file that is no text, a disk that is full.
pub(super) fn read(console: &Console, options: &ReadArgs) -> Result<(), Failure> {
    let form = if options.csv {
        Form::Csv
    } else if options.lines {
        Form::Lines
    } else if console.json() {
        Form::Json
    } else {
        Form::Table
    };
    if form == Form::Csv && options.texts.files.len() > 1 {
        return Err(Failure::new(
            Code::WrongFile,
            "commitments/one-text",
            "`--csv` 一次只读一份文件,因为列里没有文件名;多份请用 `--lines`",
            "`--csv` takes one text at a time: its columns name no file; `--lines` does",
        ));
    }
    let texts = load(console, &options.texts)?;
    let mut out = Out::open(options.out.as_deref())?;
    let told = write(console, &texts, form, &mut out);
    out.finish(told)
}

fn write(console: &Console, texts: &Texts, form: Form, out: &mut Out) -> std::io::Result<()> {
    let many = texts.all.len() > 1;
    match form {
        Form::Csv => writeln!(out, "{}", minsheng_commitments::COLUMNS.join(","))?,
        Form::Json if many => out.write_all(b"[")?,
        _ => {}
    }
    for (k, text) in texts.all.iter().enumerate() {
        if form == Form::Json {
            if k > 0 {
                out.write_all(b",")?;
            }
            out.write_all(opening(text).as_bytes())?;
        }
        let all = one(&texts.reader, text, form, out)?;
        if form == Form::Json {
            write!(out, "],\"others\":[{}]}}", all.others)?;
        } else if form == Form::Table {
            summary(console, out, text, &all)?;
        }
    }
    match form {
        Form::Json => out.write_all(if many { b"]\n" } else { b"\n" }),
        _ => Ok(()),
    }
}

/// The beginning of a text's JSON, up to its first statement.
fn opening(text: &Loaded) -> String {
    let head = serde_json::json!({
        "file": text.file,
        "encoding": text.source.encoding,
        "sha256": text.source.sha256,
        "published": text.published.to_string(),
    })
    .to_string();
    format!("{},\"statements\":[", head.trim_end_matches('}'))
}

/// Writes one text; returns the counts, and what stands behind the statements.
fn one(reader: &Reader, text: &Loaded, form: Form, out: &mut Out) -> std::io::Result<Made> {
    let mut all = Made {
        text: String::new(),
        others: String::new(),
        statements: 0,
        no_facts: 0,
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    reader.read_parts(
        &text.source.text,
        text.published,
        threads,
        |part| made(&text.file, form, &part),
        |part| {
            let part = part?;
            if form == Form::Json && all.statements > 0 && part.statements > 0 {
                out.write_all(b",")?;
            }
            // The heading of a table stands once.
            let rows = match form {
                Form::Table if all.statements > 0 => part.text.splitn(3, '\n').nth(2).unwrap_or(""),
                _ => part.text.as_str(),
            };
            out.write_all(rows.as_bytes())?;
            if !all.others.is_empty() && !part.others.is_empty() {
                all.others.push(',');
            }
            all.others.push_str(&part.others);
            all.statements += part.statements;
            all.no_facts += part.no_facts;
            Ok::<(), std::io::Error>(())
        },
    )?;
    Ok(all)
}

fn made(file: &str, form: Form, part: &Reading) -> std::io::Result<Made> {
    let mut made = Made {
        text: String::new(),
        others: String::new(),
        statements: part.statements.len(),
        no_facts: part.others.len(),
    };
    match form {
        Form::Csv => made.text = csv_rows(&part.statements).map_err(std::io::Error::other)?,
        Form::Json => {
            made.text = listed(&part.statements)?;
            made.others = listed(&part.others)?;
        }
        Form::Lines => {
            for s in &part.statements {
                line(&mut made.text, file, "statement", s)?;
            }
            for o in &part.others {
                line(&mut made.text, file, "other", o)?;
            }
        }
        Form::Table if part.statements.is_empty() => {}
        Form::Table => made.text = rendered(&part.statements),
    }
    Ok(made)
}

/// A JSON list without its brackets.
fn listed<T: serde::Serialize>(items: &[T]) -> std::io::Result<String> {
    let list = serde_json::to_string(items)?;
    let inner = list.strip_prefix('[').and_then(|l| l.strip_suffix(']'));
    Ok(inner.unwrap_or_default().to_owned())
}

fn line<T: serde::Serialize>(
    to: &mut String,
    file: &str,
    kind: &str,
    item: &T,
) -> std::io::Result<()> {
    let item = serde_json::to_string(item)?;
    let head = serde_json::json!({ "file": file, "kind": kind }).to_string();
    let (head, item) = (head.trim_end_matches('}'), item.trim_start_matches('{'));
    to.push_str(head);
    to.push(',');
    to.push_str(item);
    to.push('\n');
    Ok(())
}

fn rendered(statements: &[Statement]) -> String {
    let heading = [
        "statement",
        "value",
        "unit",
        "comparator",
        "time",
        "status",
        "body",
        "speaker",
    ]
    .map(str::to_owned)
    .to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(heading)
        .chain(statements.iter().map(row))
        .collect();
    table::render(&rows)
}

fn row(s: &Statement) -> Vec<String> {
    let range = |parts: [Option<String>; 2], between: &str| {
        parts
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(between)
    };
    let value = match s.value {
        Some(v) => v.to_string(),
        None => range([s.lower, s.upper].map(|d| d.map(|d| d.to_string())), "–"),
    };
    let time = range(
        [s.period_start, s.period_end].map(|d| d.map(|d| d.to_string())),
        "/",
    );
    let quote: String = s
        .quote
        .split_whitespace()
        .collect::<String>()
        .chars()
        .take(36)
        .collect();
    vec![
        quote,
        value,
        s.unit.clone(),
        s.comparator.map_or("", |c| c.as_str()).to_owned(),
        if time.is_empty() {
            s.as_of.clone()
        } else {
            time
        },
        s.status.as_str().to_owned(),
        s.body.clone(),
        s.speaker.clone(),
    ]
}

fn summary(console: &Console, out: &mut Out, text: &Loaded, all: &Made) -> std::io::Result<()> {
    let (n, other) = (all.statements, all.no_facts);
    let zh = format!("{}:{n} 条陈述,另有 {other} 个数不是事实", text.file);
    let numbers = if other == 1 {
        "1 number is".to_owned()
    } else {
        format!("{other} numbers are")
    };
    let en = format!(
        "{}: {}; {numbers} no facts",
        text.file,
        counted(n, "statement")
    );
    writeln!(out, "{}", console.lang().pick(&zh, &en))
}

/// Reads numbers alone, each line by itself.
pub(super) fn numbers(file: &Path) -> Result<(), Failure> {
    let source = text_of(file)?;
    let mut out = Out::open(None)?;
    let told = source.text.lines().try_for_each(|line| {
        let found = serde_json::to_string(&read_numbers(line))?;
        writeln!(out, "{found}")
    });
    out.finish(told)
}

/// Everything read from the texts, for what needs all of it.
pub(super) fn whole(texts: &Texts) -> impl Iterator<Item = (&Loaded, Reading)> {
    texts
        .all
        .iter()
        .map(|t| (t, texts.reader.read(&t.source.text, t.published)))
}
