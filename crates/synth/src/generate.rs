#![allow(
    clippy::result_large_err,
    reason = "an error ends the run: its size costs nothing"
)]

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use minsheng_model::{Diagnostic, Text};
use rayon::prelude::*;

use crate::people::World;
use crate::plan::{Column, Plan};
use crate::providers::Providing;
use crate::sink::{Draft, Rows, Sink};
use crate::spread::Spreading;
use crate::wishes::Wishing;

/// How many applicants are made at a time.
const CHUNK: u64 = 16_384;

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where.
    pub path: PathBuf,
    /// How many rows; 0 for a notice beside a table.
    pub rows: u64,
}

/// Tells how far it is: file, rows done, rows in all.
type Progress<'a> = &'a dyn Fn(&str, u64, u64);

/// A table: file, columns, how many make rows, and the rows that one makes.
type Table<'a> = (
    &'a Path,
    &'a [Column],
    u64,
    Box<dyn Fn(u64) -> Rows + Sync + 'a>,
);

/// Makes the registers in the city's folder, replacing those of the same name.
/// All files get their names at the end, when all are complete; a notice stands
/// beside each CSV file, before it among those returned, and inside each
/// Parquet file.
///
/// # Errors
/// When a file cannot be written; nothing half-written is left.
pub fn generate(
    plan: &Plan,
    city_dir: &Path,
    progress: Progress<'_>,
) -> Result<Vec<Written>, Diagnostic> {
    let world = World::new(plan);
    let mut drafts = Vec::new();
    let providing = Providing {
        plan,
        land: &world.land,
        list: &world.providers,
        neighbours: &world.neighbours,
    };
    let others: Vec<Spreading<'_>> = plan
        .tables
        .iter()
        .map(|t| Spreading::new(plan, &world.land, &world.neighbours, t))
        .collect();
    let wishing = plan.choices.as_ref().map(|w| (w, Wishing::new(plan, w)));
    let people = plan.applicants.as_ref().map_or(0, |p| u64::from(p.count));
    let mut tables: Vec<Table<'_>> = Vec::new();
    if let Some(t) = &plan.providers {
        let make = |row| vec![providing.row(row)];
        tables.push((&t.file, &t.columns, t.rows(), Box::new(make)));
    }
    if let Some(t) = &plan.applicants {
        let make = |row| vec![world.row(row)];
        tables.push((&t.file, &t.columns, people, Box::new(make)));
    }
    if let Some((t, wishing)) = &wishing {
        let make = |row| wishing.rows(&world, t, row);
        tables.push((&t.file, &t.columns, people, Box::new(make)));
    }
    for (t, spreading) in plan.tables.iter().zip(&others) {
        let make = |row| vec![spreading.row(row)];
        tables.push((&t.file, &t.columns, u64::from(t.count), Box::new(make)));
    }
    for declared in tables {
        let path = city_dir.join(declared.0);
        let made =
            table(plan, &path, declared, progress).map_err(|error| refused(&path, &error))?;
        drafts.extend(made);
    }
    let keep = |(draft, rows): (Draft, u64)| {
        let path = draft.target().to_path_buf();
        draft
            .keep()
            .map(|path| Written { path, rows })
            .map_err(|error| refused(&path, &error))
    };
    drafts.into_iter().map(keep).collect()
}

fn table(
    plan: &Plan,
    path: &Path,
    (_, columns, many, make): Table<'_>,
    progress: Progress<'_>,
) -> io::Result<Vec<(Draft, u64)>> {
    let shown = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let draft = Draft::new(path.to_path_buf())?;
    let mut sink = Sink::open(&draft, columns, &plan.notice)?;
    let (mut done, mut written) = (0, 0);
    while done < many {
        let end = many.min(done + CHUNK);
        progress(&shown, done, many);
        let rows: Rows = (done..end).into_par_iter().flat_map_iter(&make).collect();
        written += u64::try_from(rows.len()).unwrap_or(0);
        sink.append(columns, &rows)?;
        done = end;
    }
    sink.close()?;
    progress(&shown, many, many);
    let mut made = Vec::new();
    if path.extension().is_some_and(|e| e == "csv") {
        made.push((notice(plan, path)?, 0));
    }
    made.push((draft, written));
    Ok(made)
}

/// Writes `NAME.notice.txt` beside `NAME.csv`.
fn notice(plan: &Plan, path: &Path) -> io::Result<Draft> {
    let draft = Draft::new(path.with_extension("notice.txt"))?;
    let mut file = draft.create()?;
    writeln!(file, "{}\n{}", plan.notice.zh, plan.notice.en)?;
    file.sync_all()?;
    Ok(draft)
}

fn refused(path: &Path, error: &io::Error) -> Diagnostic {
    let shown = path.display().to_string();
    let message = Text::new(
        format!("无法写入 `{shown}`:{error}"),
        format!("cannot write `{shown}`: {error}"),
    );
    Diagnostic::error("synth/unwritable", message).in_file(shown)
}
