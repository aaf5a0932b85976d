//! `minsheng compare`: options and files in, a comparison out.

use std::path::{Path, PathBuf};

use minsheng_compare::{Comparison, Other, Question, Step};
use minsheng_model::{Column, Rules, Table, Text, TieMethod, Type, Value, has_errors};
use minsheng_programme::{Alternative, At, Change, Loaded, What, WhatIf};

use crate::args_compare::{CompareArgs, TieBreakArg};
use crate::city::{self, disk};
use crate::commands::compare_show as show;
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::interrupt::{Staging, uninterrupted};
use crate::png::Fonts;

/// Without a number of draws given.
const DRAWS: u32 = 100;

/// Compares a programme with alternatives and shows what changes.
///
/// # Errors
/// Mistakes in files, names that are not there, rules that have no answer.
pub fn run(console: &Console, options: &CompareArgs) -> Result<(), Failure> {
    if let Some(threads) = options.threads {
        // Fails only when the pool is already there, which it is not.
        let _ = minsheng_cycle::set_threads(threads);
    }
    let dir = options.city.as_path();
    let only: Vec<String> = options.programme.iter().cloned().collect();
    let (found, mut loaded) = city::programmes(console, dir, &only, city::Warnings::Counted)?;
    if loaded.len() > 1 {
        return Err(which(&loaded));
    }
    city::ensure_registers(console, dir, &found, &loaded)?;
    let Some(programme) = loaded.pop() else {
        return Err(which(&loaded));
    };
    let Some(rules) = &programme.rules else {
        return Err(Failure::wrong_file(programme.diagnostics));
    };
    let mut file = match &options.file {
        Some(path) => minsheng_programme::load_what_if(path),
        None => WhatIf::default(),
    };
    if has_errors(&file.diagnostics) {
        return Err(Failure::wrong_file(file.diagnostics));
    }
    let mut alternatives = std::mem::take(&mut file.alternatives);
    alternatives.extend(by_options(options));
    if alternatives.is_empty() {
        return Err(Failure::new(
            Code::WrongFile,
            "compare/nothing",
            "没有说明要与什么比较:加上如 `--set 参数=值`、`--capacity +10%` 的选项,或 `--file 文件`",
            "nothing to compare with: add options such as `--set PARAMETER=VALUE` or `--capacity +10%`, or `--file FILE`",
        ));
    }
    read_places(&mut alternatives)?;
    let others = others(console, dir, &programme, rules, &alternatives)?;
    let bar = console.spinner("读入名册", "reading registers");
    let out = dir.join("out");
    let registers = city::import(dir, &out, rules, &programme, &[])?;
    let (seed, by, travel) = asked(options, &file, rules);
    let question = Question {
        rules,
        alternatives: &alternatives,
        others: &others,
        draws: options.draws.or(file.draws).unwrap_or(DRAWS),
        seed: &seed,
        by: &by,
        travel: travel.as_ref(),
        misreports: options.misreports.or(file.misreports),
    };
    let comparison = minsheng_compare::compare(&question, registers, &|step| {
        let (zh, en) = match step {
            Step::Rules => ("核对条件".to_owned(), "applying rules".to_owned()),
            Step::Draw(done, all) => (
                format!("摇号 {done}/{all}"),
                format!("draw {done} of {all}"),
            ),
            Step::Misreports => ("试填其他志愿表".to_owned(), "trying other lists".to_owned()),
        };
        bar.set_message(console.lang().pick(&zh, &en).to_owned());
    })
    .map_err(|found| Failure::wrong_file(located(found, &programme.path)))?;
    bar.finish_and_clear();
    write(console, options, &comparison)
}

/// Prints the comparison, and writes the files asked for.
fn write(console: &Console, options: &CompareArgs, comparison: &Comparison) -> Result<(), Failure> {
    let mut written = Vec::new();
    if let Some(folder) = &options.charts {
        let charts = minsheng_compare::charts::all(comparison);
        let mut files = Vec::new();
        if options.png {
            let fonts = Fonts::of_system();
            for (name, svg) in &charts {
                let name = name.strip_suffix(".svg").unwrap_or(name);
                files.push((format!("{name}.png"), fonts.draw(svg)?));
            }
        }
        let drawings = charts.into_iter();
        files.extend(drawings.map(|(name, svg)| (name, svg.into_bytes())));
        written.extend(into(folder, &files)?);
    }
    if let Some(path) = &options.movers {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        let csv = (
            name.unwrap_or_default(),
            show::movers_csv(comparison).into_bytes(),
        );
        written.extend(into(folder.unwrap_or(Path::new(".")), &[csv])?);
    }
    if console.json() {
        let document = serde_json::to_value(comparison).map_err(|e| {
            Failure::new(Code::Failed, "compare/json", e.to_string(), e.to_string())
        })?;
        console.say(&document.to_string());
        return Ok(());
    }
    show::comparison(console, comparison);
    for path in written {
        let path = path.display();
        console.tell(&format!("已写入 {path}"), &format!("written {path}"));
    }
    Ok(())
}

/// Writes files into a folder: all of them or none.
fn into(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<Vec<PathBuf>, Failure> {
    std::fs::create_dir_all(folder).map_err(|e| disk(folder, &e))?;
    let staging = Staging::new(folder).map_err(|e| disk(folder, &e))?;
    for (name, bytes) in files {
        let path = staging.path().join(name);
        std::fs::write(&path, bytes).map_err(|e| disk(&path, &e))?;
    }
    uninterrupted(|| {
        let mut moved = Vec::new();
        for (name, _) in files {
            let target = folder.join(name);
            std::fs::rename(staging.path().join(name), &target).map_err(|e| disk(&target, &e))?;
            moved.push(target);
        }
        Ok(moved)
    })
}

fn which(loaded: &[Loaded]) -> Failure {
    let names: Vec<&str> = loaded
        .iter()
        .filter_map(|l| l.rules.as_ref())
        .map(|r| r.programme.as_str())
        .collect();
    let listed = names.join(", ");
    Failure::new(
        Code::WrongFile,
        "compare/programme",
        format!("要比较哪个项目?城市有:{listed}"),
        format!("which programme? the city has: {listed}"),
    )
}

/// A column and where it was named.
type Named = (String, At);

/// Returns seed, groups and travel: an option counts before the file, and without both
/// the programme's first grouped indicator says by what.
fn asked(
    options: &CompareArgs,
    file: &WhatIf,
    rules: &Rules,
) -> (String, Vec<Named>, Option<Named>) {
    let seed = options.seed.clone().or_else(|| file.seed.clone());
    let seed = seed.unwrap_or_else(|| format!("{} {} what-if", rules.programme, rules.cycle));
    let option = |column: &String| (column.clone(), At::default());
    let by = if !options.by.is_empty() {
        options.by.iter().map(option).collect()
    } else if !file.by.is_empty() {
        file.by.clone()
    } else {
        let first = rules.group_columns().into_iter().take(1);
        first.map(|c| (c.to_owned(), At::default())).collect()
    };
    let travel = options.travel.as_ref().map(option);
    (seed, by, travel.or_else(|| file.travel.clone()))
}

/// Returns the alternative that the options make, if any is there.
fn by_options(options: &CompareArgs) -> Option<Alternative> {
    let mut changes: Vec<What> = Vec::new();
    changes.extend(options.with.clone().map(What::Rules));
    // Read as the parameter's own type later.
    let set = options.set.iter().cloned();
    changes.extend(set.map(|(name, value)| What::Parameter(name, Value::Text(value))));
    changes.extend(options.tie_break.map(|t| {
        What::TieBreak(match t {
            TieBreakArg::Single => TieMethod::Single,
            TieBreakArg::Multiple => TieMethod::Multiple,
        })
    }));
    changes.extend(options.unit.clone().map(What::Unit));
    changes.extend(options.mechanism.map(What::Mechanism));
    changes.extend(options.consent.clone().map(What::Consent));
    changes.extend(options.no_reserve.iter().cloned().map(What::WithoutReserve));
    changes.extend(options.no_ceiling.iter().cloned().map(What::WithoutCeiling));
    changes.extend(options.no_tier.iter().cloned().map(What::WithoutTier));
    changes.extend(options.no_minimum.then_some(What::WithoutMinimum));
    changes.extend(options.capacity.iter().cloned());
    changes.extend(options.list_length.map(What::ListLength));
    if changes.is_empty() {
        return None;
    }
    let change = |what| Change {
        what,
        at: At::default(),
    };
    Some(Alternative {
        id: "what-if".to_owned(),
        title: Text::default(),
        changes: changes.into_iter().map(change).collect(),
        at: At::default(),
    })
}

/// Puts the lines of places files in the files' place.
fn read_places(alternatives: &mut [Alternative]) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for alternative in alternatives {
        let mut changes = Vec::new();
        for change in std::mem::take(&mut alternative.changes) {
            match &change.what {
                What::CapacityFile(path) => match places_of(path) {
                    Ok(lines) => changes.extend(lines),
                    Err(found) => wrong.extend(found),
                },
                _ => changes.push(change),
            }
        }
        alternative.changes = changes;
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure::wrong_file(wrong))
    }
}

fn places_of(path: &Path) -> Result<Vec<Change>, Vec<minsheng_model::Diagnostic>> {
    let column = |name: &str, data_type| Column {
        name: name.to_owned(),
        data_type,
        unit: None,
        nullable: false,
        publish: false,
        label: Text::same(name),
        document: None,
        values: Vec::new(),
    };
    let table = Table {
        name: "places".to_owned(),
        key: vec!["provider".to_owned()],
        columns: vec![
            column("provider", Type::Text),
            column("places", Type::Integer),
        ],
    };
    let options = minsheng_registers::Options::default();
    let register = minsheng_registers::import(path, &table, &options)?;
    let at = At {
        file: path.display().to_string(),
        span: None,
    };
    let lines = (0..register.rows).map(|row| {
        let provider = register.text(row, 0).unwrap_or_default().into_owned();
        let places = match register.value(row, 1) {
            Some(Value::Integer(n)) => u32::try_from(n).ok(),
            _ => None,
        };
        let Some(places) = places else {
            return Err(vec![at.error(
                "compare/places",
                format!("`{provider}` 的 `places` 应为 0 至 4294967295 的整数"),
                format!("`places` of `{provider}` must be a whole number from 0 to 4294967295"),
            )]);
        };
        Ok(Change {
            what: What::CapacityOf(provider, places),
            at: at.clone(),
        })
    });
    lines.collect()
}

/// Reads the other programme files, and their registers where they declare them
/// otherwise.
fn others(
    console: &Console,
    dir: &Path,
    programme: &Loaded,
    rules: &Rules,
    alternatives: &[Alternative],
) -> Result<Vec<Other>, Failure> {
    let mut others: Vec<Other> = Vec::new();
    for change in alternatives.iter().flat_map(|a| &a.changes) {
        let What::Rules(path) = &change.what else {
            continue;
        };
        if others.iter().any(|o| o.path == *path) {
            continue;
        }
        let mut other = minsheng_programme::load(path);
        let found = std::mem::take(&mut other.diagnostics);
        let Some(own) = other.rules.take() else {
            return Err(Failure::wrong_file(found));
        };
        console.diagnostics(&found);
        let same = [
            own.applicants == rules.applicants,
            own.providers == rules.providers,
            own.choices == rules.choices,
            other.files == programme.files,
        ];
        let registers = if own.mechanism.is_match() && same.contains(&false) {
            Some(city::import(dir, &dir.join("out"), &own, &other, &[])?)
        } else {
            None
        };
        others.push(Other {
            path: path.clone(),
            rules: own,
            registers,
        });
    }
    Ok(others)
}

/// Gives what names no file the programme's, unless it is about an option.
fn located(found: Vec<minsheng_model::Diagnostic>, file: &str) -> Vec<minsheng_model::Diagnostic> {
    let named = |mut d: minsheng_model::Diagnostic| {
        if d.file.is_empty() && !d.code.starts_with("what-if/") {
            file.clone_into(&mut d.file);
        }
        d
    };
    found.into_iter().map(named).collect()
}
