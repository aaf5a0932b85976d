//! Programmes whose candidates come over from the decision of an earlier one.

use std::path::{Path, PathBuf};

use minsheng_model::{Carried, Diagnostic, Rules};
use minsheng_programme::Loaded;
use minsheng_registers::{Options, Register, file_table};

use crate::city::disk;
use crate::commands::verify::bundle_failure;
use crate::exit::{Code, Failure};

/// Puts every programme behind those that its candidates come from; otherwise they keep
/// their order.
#[must_use]
pub fn ordered(mut loaded: Vec<Loaded>) -> Vec<Loaded> {
    let mut done: Vec<Loaded> = Vec::with_capacity(loaded.len());
    while !loaded.is_empty() {
        let waits = |l: &Loaded| {
            let from = l.rules.as_ref().and_then(|r| r.carried.as_ref());
            from.is_some_and(|c| {
                let mut still = loaded.iter().filter_map(|o| o.rules.as_ref());
                still.any(|r| r.programme == c.programme && r.cycle == c.cycle)
            })
        };
        // Nobody is free only in a circle, which was told before.
        let next = loaded.iter().position(|l| !waits(l)).unwrap_or(0);
        done.push(loaded.remove(next));
    }
    done
}

fn failure(code: &str, zh: String, en: String, help: [&str; 2]) -> Failure {
    let [help_zh, help_en] = help;
    let said = minsheng_model::Text::new(zh, en);
    let help = minsheng_model::Text::new(help_zh, help_en);
    Failure {
        code: Code::WrongFile,
        diagnostics: vec![Diagnostic::error(code, said).help(help)],
    }
}

/// Returns the bundle that candidates come from: that of this run, the one named, or the
/// only one among the city's bundles; it is proved before it is used.
///
/// # Errors
/// There is none, there are several, it is of another cycle, or it does not hold.
pub fn earlier(
    out: &Path,
    carried: &Carried,
    of_this_run: Option<&Path>,
    named: &[PathBuf],
) -> Result<PathBuf, Failure> {
    if let Some(path) = of_this_run {
        // Proved when it was made.
        return Ok(path.to_owned());
    }
    let path = match named.iter().find(|p| is_of(p, carried)) {
        Some(path) => path.clone(),
        None => among(out, carried)?,
    };
    let report = minsheng_verify::anybody(&path).map_err(|e| bundle_failure(&path, &e))?;
    if report.ok() {
        return Ok(path);
    }
    let (at, name) = (path.display(), &carried.programme);
    let first = report.checks.iter().find(|c| !c.ok);
    let (zh, en) = first.map_or(("", ""), |c| (&c.title.zh, &c.title.en));
    Err(Failure::new(
        Code::NotHeld,
        "carried/not-held",
        format!("候选者来自 `{name}` 的公示包 `{at}`,而该包未通过复核:{zh}"),
        format!(
            "the candidates come from `{at}`, the bundle of `{name}`, which does not hold: {en}"
        ),
    ))
}

fn is_of(path: &Path, carried: &Carried) -> bool {
    minsheng_bundle::read(path).is_ok_and(|(c, _)| c.rules.programme == carried.programme)
}

/// Looks for the bundle among those of the city.
fn among(out: &Path, carried: &Carried) -> Result<PathBuf, Failure> {
    let (name, cycle) = (&carried.programme, &carried.cycle);
    let (mut fitting, mut others) = (Vec::new(), Vec::new());
    let entries = std::fs::read_dir(out).map_err(|e| disk(out, &e))?;
    for entry in entries {
        let path = entry.map_err(|e| disk(out, &e))?.path();
        let folder = path.file_name().map(|f| f.to_string_lossy().into_owned());
        let Some(rest) = folder
            .as_deref()
            .and_then(|f| f.strip_prefix(name.as_str()))
        else {
            continue;
        };
        let split = rest.strip_prefix('-').and_then(|r| r.rsplit_once('-'));
        let Some((found, hash)) = split else {
            continue;
        };
        if hash.len() != 16 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            continue;
        }
        if found == cycle {
            fitting.push(path);
        } else {
            others.push(found.to_owned());
        }
    }
    fitting.sort();
    others.sort();
    let at = out.display();
    match fitting.as_slice() {
        [one] => Ok(one.clone()),
        [] => {
            let (mut zh, mut en) = (String::new(), String::new());
            if !others.is_empty() {
                let list = others.join(", ");
                zh = format!(";有其他周期的:{list}");
                en = format!("; there are those of other cycles: {list}");
            }
            Err(failure(
                "carried/no-bundle",
                format!("候选者来自 `{name}` 的周期 `{cycle}`,而 `{at}` 中没有其公示包{zh}"),
                format!(
                    "the candidates come from `{name}`, cycle `{cycle}`, of which there is no bundle in `{at}`{en}"
                ),
                [
                    "先运行该项目,或与本项目一同运行;在别处的以 --previous 给出",
                    "run that programme first, or both together; name one that is elsewhere with --previous",
                ],
            ))
        }
        several => {
            let list: Vec<String> = several
                .iter()
                .map(|p| format!("`{}`", p.display()))
                .collect();
            let list = list.join(", ");
            Err(failure(
                "carried/several",
                format!("候选者来自 `{name}` 的周期 `{cycle}`,其公示包不止一个:{list}"),
                format!(
                    "the candidates come from `{name}`, cycle `{cycle}`, of which there are several bundles: {list}"
                ),
                [
                    "以 --previous 指明有效的一个,或移走其余",
                    "name the one that is in force with --previous, or move the others away",
                ],
            ))
        }
    }
}

/// Makes the register of candidates that come over from a bundle.
///
/// # Errors
/// As [`crate::city::import`]; what does not fit between bundle and file.
pub fn register(
    dir: &Path,
    rules: &Rules,
    carried: &Carried,
    file: &Path,
    bundle: &Path,
    options: &Options,
) -> Result<Register, Vec<Diagnostic>> {
    let (past, hashes) =
        minsheng_bundle::read(bundle).map_err(|e| bundle_failure(bundle, &e).diagnostics)?;
    let at = bundle.display().to_string();
    let named = |found: Vec<Diagnostic>| {
        let found = found.into_iter();
        found.map(|d| d.in_file(&at)).collect::<Vec<_>>()
    };
    let carry = minsheng_cycle::carry_over(carried, &past, &hashes.id).map_err(named)?;
    let table = &rules.applicants;
    let more = match file_table(table, &carry.columns, carried.others) {
        None => None,
        Some(own) => Some(minsheng_registers::import(&dir.join(file), &own, options)?),
    };
    minsheng_registers::carry(table, &carry, more.as_ref())
}
