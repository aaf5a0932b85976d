use std::path::Path;

use minsheng_bundle::BundleError;
use minsheng_model::{Publish, Text};
use minsheng_verify::{RegisterRows, Report};

use crate::args::VerifyArgs;
use crate::city::{self, disk};
use crate::commands::chain;
use crate::commands::solve;
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::table;

/// Re-proves a bundle at one of the three levels and prints every check.
///
/// # Errors
/// When the bundle cannot be read or a check does not hold.
pub fn run(console: &Console, options: &VerifyArgs) -> Result<(), Failure> {
    let path = &options.bundle;
    if let Some(instance) = &options.instance {
        return plain(console, options, instance);
    }
    let bar = console.spinner("复核", "verifying");
    let report = if let Some(city) = &options.registers {
        auditor(console, path, city, options.previous.as_deref())?
    } else if let Some(file) = &options.receipt {
        let text = std::fs::read_to_string(file).map_err(|e| disk(file, &e))?;
        let receipt = serde_json::from_str(&text).map_err(|e| {
            let at = file.display();
            Failure::new(
                Code::WrongFile,
                "verify/receipt",
                format!("{at}:不是回执:{e}"),
                format!("{at}: not a receipt: {e}"),
            )
        })?;
        minsheng_verify::applicant(path, &receipt).map_err(|e| bundle_failure(path, &e))?
    } else {
        let (contents, hashes) =
            minsheng_bundle::read(path).map_err(|e| bundle_failure(path, &e))?;
        chain::check(path, (&contents, &hashes), options.previous.as_deref())?
    };
    bar.finish_and_clear();
    show(console, path, &report);
    held(path, &report)
}

/// Checks the outcome of a plain instance.
fn plain(console: &Console, options: &VerifyArgs, instance: &Path) -> Result<(), Failure> {
    let path = &options.bundle;
    let outcome = solve::read(path)?;
    let text = solve::with_travel(instance, options.site.travel.as_deref())?;
    let beside = solve::beside(&options.site);
    let report = minsheng_plain::verify_outcome(&outcome, &text, beside)
        .map_err(|e| solve::wrong(path, &e))?;
    show(console, path, &report);
    held(path, &report)
}

fn held(path: &Path, report: &Report) -> Result<(), Failure> {
    if report.ok() {
        return Ok(());
    }
    Err(Failure::new(
        Code::NotHeld,
        "verify/not-held",
        format!("`{}` 未通过复核", path.display()),
        format!("`{}` does not hold", path.display()),
    ))
}

fn auditor(
    console: &Console,
    bundle: &Path,
    dir: &Path,
    named: Option<&Path>,
) -> Result<Report, Failure> {
    let (contents, _) = minsheng_bundle::read(bundle).map_err(|e| bundle_failure(bundle, &e))?;
    let name = contents.rules.programme.clone();
    let (_, loaded) = city::programmes(
        console,
        dir,
        std::slice::from_ref(&name),
        city::Warnings::Counted,
    )?;
    let Some(programme) = loaded.first() else {
        return Err(Failure::new(
            Code::WrongFile,
            "verify/no-programme",
            "没有该项目",
            "no such programme",
        ));
    };
    let staging = crate::interrupt::Staging::new(&dir.join("out")).map_err(|e| disk(dir, &e))?;
    let rules = &contents.rules;
    let previous = chain::previous(bundle, &contents, named);
    let origin = previous.as_deref().filter(|_| rules.carried.is_some());
    let all = city::import_after(dir, staging.path(), rules, programme, &[], origin)?;
    let replies = match contents.round {
        Some(_) => Some(city::import_replies(
            dir,
            staging.path(),
            rules,
            programme,
            &[],
        )?),
        None => None,
    };
    let round = contents.round_number();
    let within = minsheng_cycle::in_time(rules, &all, round).map_err(Failure::wrong_file)?;
    let registers = within.as_ref().unwrap_or(&all);
    let answers = match &replies {
        None => None,
        Some(replies) => {
            let own = minsheng_cycle::replies_to(rules, replies, round.saturating_sub(1));
            Some(own.map_err(Failure::wrong_file)?)
        }
    };
    let rows: [&dyn RegisterRows; 3] = [
        &Rows(&registers.applicants),
        &Rows(&registers.providers),
        &Rows(&registers.choices),
    ];
    let answers = answers.as_ref().map(Rows);
    let round = minsheng_verify::Earlier {
        previous: previous.as_deref(),
        replies: answers.as_ref().map(|r| r as &dyn RegisterRows),
    };
    let report = if rules.publish == Publish::Rows {
        minsheng_verify::auditor(bundle, rows, &round)
    } else {
        let opened = chain::with_rows(bundle, contents, &all, replies.as_ref())?;
        minsheng_verify::auditor_opened(bundle, opened, rows, &round)
    };
    report.map_err(|e| bundle_failure(bundle, &e))
}

/// A register as the checker reads it.
struct Rows<'a>(&'a minsheng_registers::Register);

impl RegisterRows for Rows<'_> {
    fn len(&self) -> usize {
        self.0.rows
    }

    fn value(&self, row: usize, column: usize) -> Option<minsheng_model::Value> {
        self.0.value(row, column)
    }

    fn sha256(&self) -> &str {
        &self.0.sha256
    }
}

/// Returns the failure of a bundle that is not what it says.
pub fn bundle_failure(path: &Path, error: &BundleError) -> Failure {
    let text: Text = error.text();
    let at = path.display();
    Failure::new(
        Code::NotHeld,
        "bundle/refused",
        format!("{at}:{}", text.zh),
        format!("{at}: {}", text.en),
    )
}

/// Prints a report: each check with its count, the first offender, what it proves.
pub fn show(console: &Console, path: &Path, report: &Report) {
    if console.json() {
        let checks: Vec<_> = report
            .checks
            .iter()
            .map(|c| {
                serde_json::json!({
                    "id": c.id,
                    "ok": c.ok,
                    "count": c.count,
                    "offender": c.offender.as_ref().map(|o| serde_json::json!({ "zh": o.zh, "en": o.en })),
                })
            })
            .collect();
        let document = serde_json::json!({ "bundle": path, "ok": report.ok(), "checks": checks });
        console.say(&document.to_string());
        return;
    }
    let lang = console.lang();
    let mut rows = vec![vec![
        lang.pick("检查", "check").to_owned(),
        lang.pick("数量", "count").to_owned(),
        lang.pick("结果", "result").to_owned(),
    ]];
    for check in &report.checks {
        let mut outcome = lang
            .pick(
                if check.ok { "成立" } else { "不成立" },
                if check.ok { "holds" } else { "FAILS" },
            )
            .to_owned();
        if let Some(offender) = &check.offender {
            outcome = format!("{outcome}: {}", console.text(offender));
        }
        rows.push(vec![
            console.text(&check.title).to_owned(),
            check.count.to_string(),
            outcome,
        ]);
    }
    console.say(table::render(&rows).trim_end());
    console.say(&format!(
        "{}{}",
        lang.pick("已证明:", "Proved: "),
        console.text(&report.proved)
    ));
    console.say(&format!(
        "{}{}",
        lang.pick("未证明:", "Not proved: "),
        console.text(&report.not_proved)
    ));
}
