//! A city's folder: programmes, registers, and registers made where there are none.

use std::path::{Path, PathBuf};

use minsheng_cycle::Registers;
use minsheng_model::{Carried, Diagnostic, Rules, Table, Text, has_errors};
use minsheng_programme::{City, Loaded};
use minsheng_registers::{Options, Register};

use crate::args::SetAside;
use crate::carried;
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
    warnings: Warnings,
) -> Result<(City, Vec<Loaded>), Failure> {
    let city = minsheng_programme::load_city(dir);
    let (mut wrong, mut told) = (Vec::new(), Vec::new());
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
            wrong.extend(found);
        } else {
            told.push((path.clone(), found));
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
    for (path, found) in told {
        match warnings {
            Warnings::Whole => console.diagnostics(&found),
            Warnings::Counted => console.counted(&path, &found),
        }
    }
    if only.is_empty() {
        wrong.extend(minsheng_programme::links(&loaded));
    }
    if wrong.is_empty() {
        Ok((city, loaded))
    } else {
        Err(Failure::wrong_file(wrong))
    }
}

/// How warnings of programme files are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warnings {
    /// Each with its place: for whom the files are the matter.
    Whole,
    /// People are told how many; machines each.
    Counted,
}

/// A plan for synthetic registers, and where it stands.
pub type Plan = (PathBuf, minsheng_synth::Plan);

/// Reads the city's plans for synthetic registers.
///
/// # Errors
/// Every mistake of every plan at once; a register that two plans make.
pub fn plans(city: &City) -> Result<Vec<Plan>, Failure> {
    let mut wrong = Vec::new();
    let mut read: Vec<Plan> = Vec::new();
    for path in &city.synth {
        match minsheng_synth::load(path) {
            Ok(plan) => read.push((path.clone(), plan)),
            Err(found) => wrong.extend(found),
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::wrong_file(wrong));
    }
    for (number, (path, plan)) in read.iter().enumerate() {
        for (other, earlier) in read.iter().take(number) {
            if let Some(file) = plan.files().find(|f| earlier.files().any(|e| e == *f)) {
                let (file, one, two) = (file.display(), other.display(), path.display());
                return Err(Failure::new(
                    Code::WrongFile,
                    "synth/same-register",
                    format!("`{one}` 和 `{two}` 都生成名册 `{file}`"),
                    format!("`{one}` and `{two}` both make the register `{file}`"),
                ));
            }
        }
    }
    Ok(read)
}

/// Leaves the plans that make a register of one of these programmes.
#[must_use]
pub fn wanted(plans: Vec<Plan>, loaded: &[Loaded]) -> Vec<Plan> {
    let read = |file: &Path| {
        let all = loaded.iter();
        all.flat_map(|l| [&l.files.applicants, &l.files.providers, &l.files.choices])
            .any(|f| f == file)
    };
    let makes = |(_, plan): &Plan| plan.files().any(read);
    plans.into_iter().filter(makes).collect()
}

/// Makes the synthetic registers of the programmes by each plan of which no
/// register is there, and says so.
///
/// # Errors
/// When a plan is wrong, or they cannot be made.
pub fn ensure_registers(
    console: &Console,
    dir: &Path,
    city: &City,
    loaded: &[Loaded],
) -> Result<(), Failure> {
    let bare = |(_, plan): &Plan| !plan.files().any(|f| dir.join(f).exists());
    let mut plans = wanted(plans(city)?, loaded);
    plans.retain(bare);
    if plans.is_empty() {
        return Ok(());
    }
    console.note(
        "没有找到名册,按公布的总数生成模拟数据(固定种子,不是真实的人)……",
        "no registers found: making synthetic ones from published totals (fixed seed, nobody in them is real) ...",
    );
    for (_, plan) in &plans {
        synthesise(console, plan, dir)?;
    }
    Ok(())
}

/// Makes the synthetic registers of a plan and returns what was written.
///
/// # Errors
/// When the files cannot be written.
pub fn synthesise(
    console: &Console,
    plan: &minsheng_synth::Plan,
    dir: &Path,
) -> Result<Vec<(PathBuf, u64)>, Failure> {
    // Made aside and moved in whole, so that an interrupted run leaves nothing.
    let staging = Staging::new(dir).map_err(|e| disk(dir, &e))?;
    let bar = console.spinner("生成模拟名册", "making synthetic registers");
    let written = minsheng_synth::generate(plan, staging.path(), &|name, done, all| {
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

/// Imports a programme's registers; rows to set aside are `REGISTER:ROW`.
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
    import_after(dir, out, rules, loaded, set_aside, None)
}

/// Imports a programme's registers, the candidates coming over from the bundle of an
/// earlier programme where the rules say so.
///
/// # Errors
/// As [`import`]; when that bundle is not given, or does not fit.
pub fn import_after(
    dir: &Path,
    out: &Path,
    rules: &Rules,
    loaded: &Loaded,
    set_aside: &[SetAside],
    earlier: Option<&Path>,
) -> Result<Registers, Failure> {
    let mut wrong = Vec::new();
    let mut one = |file: &Path, table: &Table, carried: Option<&Carried>| -> Option<Register> {
        if file.as_os_str().is_empty() && carried.is_none() {
            // The programme has no such register.
            return Some(Register::none(table));
        }
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
        let read = match (carried, earlier) {
            (None, _) => minsheng_registers::import(&dir.join(file), table, &options),
            (Some(carried), Some(bundle)) => {
                carried::register(dir, rules, carried, file, bundle, &options)
            }
            (Some(carried), None) => Err(no_earlier(carried)),
        };
        read.map_err(|found| wrong.extend(found)).ok()
    };
    let from = rules.carried.as_ref();
    let applicants = one(&loaded.files.applicants, &rules.applicants, from);
    let providers = one(&loaded.files.providers, &rules.providers, None);
    let choices = one(&loaded.files.choices, &rules.choices, None);
    match (applicants, providers, choices) {
        (Some(applicants), Some(providers), Some(choices)) => Ok(Registers {
            applicants,
            providers,
            choices,
        }),
        _ => Err(Failure::wrong_file(wrong)),
    }
}

fn no_earlier(carried: &Carried) -> Vec<Diagnostic> {
    let (name, cycle) = (&carried.programme, &carried.cycle);
    vec![Diagnostic::error(
        "carried/no-bundle",
        Text::new(
            format!("候选者来自 `{name}` 的周期 `{cycle}`,而其公示包不在手边"),
            format!("the candidates come from `{name}`, cycle `{cycle}`, whose bundle is not at hand"),
        ),
    )
    .help(Text::new(
        "把该包放在同一文件夹,或以 --previous 给出",
        "put that bundle into the same folder, or name it with --previous",
    ))]
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
