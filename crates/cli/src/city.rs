//! A city's folder: programmes, registers, and registers made where there are none.

use std::path::{Path, PathBuf};

use minsheng_cycle::Registers;
use minsheng_model::{Rules, Table, has_errors};
use minsheng_programme::{City, Loaded};
use minsheng_registers::{Options, Register};

use crate::args::SetAside;
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::interrupt::{Staging, uninterrupted};

/// Reads the city file and the programmes asked for (all when none is named),
/// showing warnings.
///
/// # Errors
/// Every mistake of every file at once.
pub fn programmes(
    console: &Console,
    dir: &Path,
    only: &[String],
) -> Result<(City, Vec<Loaded>), Failure> {
    let city = minsheng_programme::load_city(dir);
    let mut wrong = Vec::new();
    if has_errors(&city.diagnostics) {
        return Err(Failure::wrong_file(city.diagnostics));
    }
    let mut loaded = Vec::new();
    for path in &city.programmes {
        let name = path
            .file_stem()
            .and_then(|s| s.to_str())
            .unwrap_or("")
            .to_owned();
        if !only.is_empty() && !only.contains(&name) {
            continue;
        }
        let mut programme = minsheng_programme::load(path);
        let found = std::mem::take(&mut programme.diagnostics);
        if has_errors(&found) {
            wrong.extend(found)
        } else {
            console.diagnostics(&found)
        }
        loaded.push(programme);
    }
    if let (true, [first, ..]) = (loaded.is_empty(), only) {
        return Err(Failure::new(
            Code::WrongFile,
            "city/unknown-programme",
            format!("城市 `{}` 没有项目 `{first}`", dir.display()),
            format!("city `{}` has no programme `{first}`", dir.display()),
        ));
    }
    if wrong.is_empty() {
        Ok((city, loaded))
    } else {
        Err(Failure::wrong_file(wrong))
    }
}

/// Makes the city's synthetic registers when none of the programmes' register
/// files is there, and says so.
///
/// # Errors
/// When some files are there and others not, or they cannot be made.
pub fn ensure_registers(
    console: &Console,
    dir: &Path,
    city: &City,
    loaded: &[Loaded],
) -> Result<(), Failure> {
    let files: Vec<PathBuf> = loaded
        .iter()
        .flat_map(|l| [&l.files.applicants, &l.files.providers, &l.files.choices])
        .map(|f| dir.join(f))
        .collect();
    let (Some(plan), false) = (&city.synth, files.iter().any(|f| f.exists())) else {
        return Ok(());
    };
    console.note(
        "没有找到名册,按公布的总数生成模拟数据(固定种子,不是真实的人)……",
        "no registers found: making synthetic ones from published totals (fixed seed, nobody in them is real) ...",
    );
    synthesise(console, plan, dir, 1000).map(|_| ())
}

/// Makes the synthetic registers and returns what was written.
///
/// # Errors
/// When the plan is wrong or the files cannot be written.
pub fn synthesise(
    console: &Console,
    plan: &Path,
    dir: &Path,
    scale: u32,
) -> Result<Vec<(PathBuf, u64)>, Failure> {
    let plan = minsheng_synth::load(plan).map_err(Failure::wrong_file)?;
    let plan = if scale == 1000 {
        plan
    } else {
        plan.scaled(scale)
    };
    // Made aside and moved in whole, so that an interrupted run leaves nothing.
    let staging = Staging::new(dir).map_err(|e| disk(dir, &e))?;
    let bar = console.spinner("生成模拟名册", "making synthetic registers");
    let written = minsheng_synth::generate(&plan, staging.path(), &|name, done, all| {
        bar.set_message(format!("{name} {done}/{all}"));
    })
    .map_err(|d| Failure {
        code: Code::Failed,
        diagnostics: vec![d],
    })?;
    bar.finish_and_clear();
    uninterrupted(|| {
        let mut moved = Vec::new();
        for file in &written {
            let inside = file.path.strip_prefix(staging.path()).unwrap_or(&file.path);
            let target = dir.join(inside);
            if let Some(parent) = target.parent() {
                std::fs::create_dir_all(parent).map_err(|e| disk(parent, &e))?;
            }
            std::fs::rename(&file.path, &target).map_err(|e| disk(&target, &e))?;
            moved.push((target, file.rows));
        }
        Ok(moved)
    })
}

/// Returns the failure of a disk that refuses.
pub fn disk(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        Code::Failed,
        "io/failed",
        format!("无法读写 `{}`:{error}", path.display()),
        format!("cannot read or write `{}`: {error}", path.display()),
    )
}

/// Sees that every row to set aside is one of a register that is read: a slip in
/// the name would leave the wrong row in.
///
/// # Errors
/// The first name that no programme's register has.
pub fn known_registers(set_aside: &[SetAside], loaded: &[Loaded]) -> Result<(), Failure> {
    let known: Vec<&str> = loaded
        .iter()
        .filter_map(|l| l.rules.as_ref())
        .flat_map(|r| {
            let replies = r.offers.as_ref().map(|o| &o.replies);
            [&r.applicants, &r.providers, &r.choices]
                .into_iter()
                .chain(replies)
        })
        .map(|t| t.name.as_str())
        .collect();
    let unknown = |s: &&SetAside| !known.contains(&s.register.as_str());
    let Some(wrong) = set_aside.iter().find(unknown) else {
        return Ok(());
    };
    let (name, row, known) = (&wrong.register, wrong.row, known.join(", "));
    Err(Failure::new(
        Code::WrongFile,
        "run/set-aside",
        format!("要搁置 `{name}:{row}`,但没有名册 `{name}`;有:{known}"),
        format!(
            "`{name}:{row}` is to be set aside, but there is no register `{name}`; there are: {known}"
        ),
    ))
}

/// Imports a programme's three registers; rows to set aside are `REGISTER:ROW`.
///
/// # Errors
/// Every bad row of every register is in a file beside the bundles; the failure
/// names it.
pub fn import(
    dir: &Path,
    out: &Path,
    rules: &Rules,
    loaded: &Loaded,
    set_aside: &[SetAside],
) -> Result<Registers, Failure> {
    let mut wrong = Vec::new();
    let mut one = |file: &Path, table: &Table| -> Option<Register> {
        let rows = set_aside
            .iter()
            .filter(|s| s.register == table.name)
            .map(|s| s.row)
            .collect();
        let rejects = out.join(format!("{}-{}-bad-rows.csv", rules.programme, table.name));
        let options = Options {
            set_aside: rows,
            rejects: Some(rejects),
        };
        minsheng_registers::import(&dir.join(file), table, &options)
            .map_err(|found| wrong.extend(found))
            .ok()
    };
    let applicants = one(&loaded.files.applicants, &rules.applicants);
    let providers = one(&loaded.files.providers, &rules.providers);
    let choices = one(&loaded.files.choices, &rules.choices);
    match (applicants, providers, choices) {
        (Some(applicants), Some(providers), Some(choices)) => Ok(Registers {
            applicants,
            providers,
            choices,
        }),
        _ => Err(Failure::wrong_file(wrong)),
    }
}

/// Imports a programme's register of replies; rows to set aside are `REGISTER:ROW`.
///
/// # Errors
/// When the programme has no rounds; as [`import`].
pub fn import_replies(
    dir: &Path,
    out: &Path,
    rules: &Rules,
    loaded: &Loaded,
    set_aside: &[SetAside],
) -> Result<Register, Failure> {
    let (Some(offers), Some(file)) = (&rules.offers, &loaded.files.replies) else {
        return Err(Failure::new(
            Code::WrongFile,
            "round/no-offers",
            format!("`{}` 没有 `[offers]`:决定即为终局", loaded.path),
            format!("`{}` has no `[offers]`: the decision is final", loaded.path),
        ));
    };
    let table = &offers.replies;
    let options = Options {
        set_aside: set_aside
            .iter()
            .filter(|s| s.register == table.name)
            .map(|s| s.row)
            .collect(),
        rejects: Some(out.join(format!("{}-{}-bad-rows.csv", rules.programme, table.name))),
    };
    let path = dir.join(file);
    if !path.exists() {
        return Err(Failure::wrong_file(vec![
            minsheng_model::Diagnostic::error(
                "replies/no-file",
                minsheng_model::Text::new("还没有答复名册", "there is no register of replies yet"),
            )
            .in_file(path.display().to_string())
            .help(minsheng_model::Text::new(
                "把收到的答复写入该文件;没有人答复时,写只有表头的文件",
                "write the answers that came into this file; where nobody answered, one with the heading alone",
            )),
        ]));
    }
    minsheng_registers::import(&path, table, &options).map_err(Failure::wrong_file)
}
