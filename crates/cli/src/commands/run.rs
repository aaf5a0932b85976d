use std::path::{Path, PathBuf};

use minsheng_bundle::{Contents, Decided};
use minsheng_cycle::Step;
use minsheng_letter::Lang;
use minsheng_model::{Verdict, has_errors};
use minsheng_programme::Loaded;
use minsheng_verify::Report;

use crate::args::RunArgs;
use crate::carried;
use crate::city::{self, disk};
use crate::commands::gaps;
use crate::commands::publish::Aside;
use crate::commands::served;
use crate::commands::verify::show;
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::table;

/// Decides the city's programmes, writes and verifies their bundles, and shows a
/// summary, and of the first programme every check and one letter.
///
/// # Errors
/// Mistakes in files, own tests that fail, a bundle that does not verify.
pub fn run(console: &Console, options: &RunArgs) -> Result<(), Failure> {
    if let Some(threads) = options.threads {
        // Fails only when the pool is already there, which it is not.
        let _ = minsheng_cycle::set_threads(threads);
    }
    let dir = options.city.as_path();
    let (found, loaded) =
        city::programmes(console, dir, &options.programmes, city::Warnings::Counted)?;
    let loaded = carried::ordered(loaded);
    city::known_registers(&options.set_aside, &loaded)?;
    own_tests(&loaded)?;
    city::ensure_registers(console, dir, &found, &loaded)?;
    let out = options.out.clone().unwrap_or_else(|| dir.join("out"));
    std::fs::create_dir_all(&out).map_err(|e| disk(&out, &e))?;
    let mut summary = vec![headings(console.lang())];
    let mut documents = Vec::new();
    let mut gaps = Vec::new();
    let mut made: Vec<Made> = Vec::new();
    for (number, programme) in loaded.iter().enumerate() {
        let earlier = earlier(&out, programme, &made, options)?;
        let done = one(console, dir, &out, programme, options, earlier.as_deref())?;
        if let Some(rules) = &programme.rules {
            made.push(Made {
                programme: rules.programme.clone(),
                cycle: rules.cycle.clone(),
                path: done.path.clone(),
            });
        }
        let (path, id) = (&done.path, &done.id);
        if console.json() {
            documents.push(done.document);
        } else if number == 0 {
            show(console, path, &done.report);
            console.say("");
            for letter in &done.letters {
                console.say(letter);
            }
        } else {
            // One programme is shown whole; twelve nobody would read.
            let checks = done.report.checks.len();
            console.tell(
                &format!("{checks} 项检查全部成立"),
                &format!("all {checks} checks hold"),
            );
        }
        summary.push(done.row);
        gaps.extend(done.gaps);
        console.tell(
            &format!("公示包 {}\n标识 {id}", path.display()),
            &format!("bundle {}\nidentity {id}", path.display()),
        );
    }
    if console.json() {
        console.say(&serde_json::Value::from(documents).to_string());
    } else {
        console.say("");
        console.say(table::render(&summary).trim_end());
        for shown in gaps {
            console.say("");
            console.say(&shown);
        }
    }
    Ok(())
}

/// A bundle of this run.
struct Made {
    programme: String,
    cycle: String,
    path: PathBuf,
}

/// Returns the bundle that a programme's candidates come from, where the rules say so.
fn earlier(
    out: &Path,
    programme: &Loaded,
    made: &[Made],
    options: &RunArgs,
) -> Result<Option<PathBuf>, Failure> {
    let rules = programme.rules.as_ref();
    let Some(from) = rules.and_then(|r| r.carried.as_ref()) else {
        return Ok(None);
    };
    let own = made
        .iter()
        .find(|m| m.programme == from.programme && m.cycle == from.cycle);
    let own = own.map(|m| m.path.as_path());
    let found = carried::earlier(out, from, own, &options.previous).map_err(|f| Failure {
        code: f.code,
        diagnostics: f
            .diagnostics
            .into_iter()
            .map(|d| named(d, &programme.path))
            .collect(),
    });
    found.map(Some)
}

/// No cycle is decided by a programme whose own tests fail.
fn own_tests(loaded: &[Loaded]) -> Result<(), Failure> {
    let failed: Vec<_> = loaded
        .iter()
        .map(|l| minsheng_programme::run_tests(l).1)
        .filter(|d| has_errors(d))
        .flatten()
        .collect();
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Failure {
            code: Code::NotHeld,
            diagnostics: failed,
        })
    }
}

/// A programme that was decided, published and verified.
struct Done {
    path: PathBuf,
    id: String,
    report: Report,
    /// Its row of the summary table.
    row: Vec<String>,
    /// The same for machines.
    document: serde_json::Value,
    letters: Vec<String>,
    /// Who is within reach before and after, where sites are chosen; which
    /// places are full, or who reaches how much, where that is decided.
    gaps: Option<String>,
}

/// Decides one programme, writes its bundle aside, verifies it there, and only then
/// puts it in its place.
fn one(
    console: &Console,
    dir: &Path,
    out: &Path,
    programme: &Loaded,
    options: &RunArgs,
    earlier: Option<&Path>,
) -> Result<Done, Failure> {
    let Some(rules) = &programme.rules else {
        return Err(Failure::wrong_file(programme.diagnostics.clone()));
    };
    let bar = console.spinner("读入名册", "reading registers");
    let aside = &options.set_aside;
    let registers = city::import_after(dir, out, rules, programme, aside, earlier)?;
    let contents =
        minsheng_cycle::decide_once(rules, programme.source.as_bytes(), registers, &|step| {
            let (zh, en) = match step {
                Step::Rules => ("核对条件", "applying rules"),
                Step::Draw => ("摇号", "holding the draw"),
                Step::Match => ("匹配", "matching"),
                Step::Certify => ("生成证明", "certifying"),
            };
            bar.set_message(console.lang().pick(zh, en).to_owned());
        })
        .map_err(|found| {
            Failure::wrong_file(
                found
                    .into_iter()
                    .map(|d| named(d, &programme.path))
                    .collect(),
            )
        })?;
    bar.set_message(
        console
            .lang()
            .pick("写公示包", "writing the bundle")
            .to_owned(),
    );
    let aside = Aside::write(out, &contents)?;
    // All that is shown is made now: the checker reads the bundle for itself, and a
    // city's rows need not be in memory twice.
    let row = row(&contents, console.lang());
    let document = document(&contents, &aside.target, aside.id(), true);
    let letters = letters(&contents);
    let gaps =
        gaps::shown(&contents, console.lang()).or_else(|| served::shown(&contents, console.lang()));
    drop(contents);
    bar.set_message(console.lang().pick("复核", "verifying").to_owned());
    let report = aside.verify(console, earlier);
    bar.finish_and_clear();
    let report = report?;
    let (path, id) = aside.publish()?;
    Ok(Done {
        path,
        id,
        report,
        row,
        document,
        letters,
        gaps,
    })
}

/// A diagnostic about a run names the programme when it names nothing closer.
fn named(mut diagnostic: minsheng_model::Diagnostic, file: &str) -> minsheng_model::Diagnostic {
    if diagnostic.file.is_empty() {
        file.clone_into(&mut diagnostic.file);
    }
    diagnostic
}

fn headings(lang: Lang) -> Vec<String> {
    let pairs = [
        ("项目", "programme"),
        ("名额", "places"),
        ("供给方", "providers"),
        ("申请", "applications"),
        ("符合", "eligible"),
        ("不符合", "not eligible"),
        ("待定", "undetermined"),
        ("已安排", "placed, chosen"),
        ("首选", "first choice"),
    ];
    pairs
        .iter()
        .map(|(zh, en)| lang.pick(zh, en).to_owned())
        .collect()
}

fn places(contents: &Contents) -> u64 {
    contents
        .providers
        .iter()
        .map(|p| u64::from(p.capacity))
        .sum()
}

fn first_choice(contents: &Contents) -> usize {
    let placed = contents
        .applicants
        .iter()
        .filter_map(|a| a.placement.as_ref());
    placed.filter(|p| p.position == 1).count()
}

fn row(contents: &Contents, lang: Lang) -> Vec<String> {
    let c = &contents.certificate;
    let title = contents.rules.title.get(lang.as_str()).to_owned();
    if !contents.rules.mechanism.is_match() {
        // No places, no providers, no first choice: candidates are chosen.
        let numbers = [
            c.applicants,
            c.eligible,
            c.not_eligible,
            c.undetermined,
            c.placed,
        ];
        let mut row = vec![title, "-".to_owned(), "-".to_owned()];
        row.extend(numbers.iter().map(u64::to_string));
        row.push("-".to_owned());
        return row;
    }
    let numbers = [
        places(contents),
        c.providers,
        c.applicants,
        c.eligible,
        c.not_eligible,
        c.undetermined,
        c.placed,
    ];
    let mut row = vec![title];
    row.extend(numbers.iter().map(u64::to_string));
    row.push(first_choice(contents).to_string());
    row
}

fn document(contents: &Contents, path: &Path, id: &str, verified: bool) -> serde_json::Value {
    let c = &contents.certificate;
    if let Some(decided) = &contents.decided {
        // Numbers as the outcome writes them.
        let outcome: serde_json::Value = serde_json::from_str(&decided.outcome).unwrap_or_default();
        let mut document = serde_json::json!({
            "programme": c.programme,
            "kind": contents.rules.mechanism.kind(),
            "cycle": c.cycle,
            "bundle": path,
            "id": id,
            "verified": verified,
            "applicants": c.applicants,
            "eligible": c.eligible,
            "not_eligible": c.not_eligible,
            "undetermined": c.undetermined,
            "chosen": c.placed,
            "status": outcome.get("status"),
            "objective": outcome.get("objective"),
            "bound": outcome.get("bound"),
            "gap": outcome.get("gap"),
        });
        if let (Some(gaps), Some(fields)) = (outcome.get("gaps"), document.as_object_mut()) {
            fields.insert("gaps".to_owned(), gaps.clone());
        }
        // Scores have no objective: their means stand in its place.
        for (key, side) in [("mean_score", "now"), ("mean_score_before", "before")] {
            let mean = outcome.get(side).and_then(|s| s.get("mean_score"));
            if let (Some(mean), Some(fields)) = (mean, document.as_object_mut()) {
                fields.insert(key.to_owned(), mean.clone());
            }
        }
        return document;
    }
    serde_json::json!({
        "programme": c.programme,
        "kind": contents.rules.mechanism.kind(),
        "cycle": c.cycle,
        "bundle": path,
        "id": id,
        "verified": verified,
        "places": places(contents),
        "providers": c.providers,
        "applicants": c.applicants,
        "eligible": c.eligible,
        "not_eligible": c.not_eligible,
        "undetermined": c.undetermined,
        "placed": c.placed,
        "first_choice": first_choice(contents),
    })
}

/// Returns one letter in both languages: the first eligible person without a
/// place, for whom the reasons matter most; else the first of all.
fn letters(contents: &Contents) -> Vec<String> {
    let chosen = contents.decided.as_ref().and_then(|d| d.chosen());
    let mut chosen = chosen.unwrap_or_default();
    // What exists already was not passed over.
    chosen.extend(contents.decided.as_ref().map(stands).unwrap_or_default());
    let unlucky = contents.applicants.iter().find(|a| {
        let out = a.placement.is_none() && !chosen.contains(&a.ticket);
        a.verdict == Verdict::Eligible && out
    });
    let Some(row) = unlucky.or_else(|| contents.applicants.first()) else {
        return Vec::new();
    };
    [Lang::Zh, Lang::En]
        .into_iter()
        .filter_map(|lang| minsheng_letter::write(contents, &row.ticket, lang))
        .collect()
}

/// Returns the sites that are open, those that stood before among them.
fn stands(decided: &Decided) -> Vec<String> {
    let outcome: serde_json::Value = serde_json::from_str(&decided.outcome).unwrap_or_default();
    let open = outcome.get("open").and_then(serde_json::Value::as_array);
    let ids = open.into_iter().flatten().filter_map(|id| id.as_str());
    ids.map(str::to_owned).collect()
}
