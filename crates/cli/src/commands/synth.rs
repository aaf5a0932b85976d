use std::path::Path;

use minsheng_bundle::Contents;
use minsheng_model::{Answer, Date, Offers, Standing, Value, Verdict, has_errors};
use minsheng_synth::Asked;

use crate::city::{self, disk};
use crate::commands::round::own;
use crate::commands::verify::bundle_failure;
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::interrupt::{Staging, uninterrupted};
use crate::table::quoted;

/// Makes synthetic registers, replacing those that are there: the whole city's,
/// or those of the programmes named.
///
/// # Errors
/// When there is no plan for them, or a plan is wrong.
pub fn run(console: &Console, dir: &Path, only: &[String], scale: u32) -> Result<(), Failure> {
    let found = minsheng_programme::load_city(dir);
    if has_errors(&found.diagnostics) {
        return Err(Failure::wrong_file(found.diagnostics));
    }
    let mut plans = city::plans(&found)?;
    if !only.is_empty() {
        let (_, loaded) = city::programmes(console, dir, only, city::Warnings::Counted)?;
        plans = city::wanted(plans, &loaded);
    }
    if plans.is_empty() {
        return Err(Failure::new(
            Code::WrongFile,
            "synth/no-plan",
            format!(
                "`{}` 的城市文件没有为此写明模拟方案(`synth`)",
                dir.display()
            ),
            format!(
                "the city file of `{}` names no plan for these synthetic registers (`synth`)",
                dir.display()
            ),
        ));
    }
    let mut written = Vec::new();
    for (_, plan) in &plans {
        let plan = if scale == 1000 {
            plan.clone()
        } else {
            plan.scaled(scale)
        };
        written.extend(city::synthesise(console, &plan, dir)?);
    }
    if console.json() {
        let files: Vec<_> = written
            .iter()
            .map(|(path, rows)| serde_json::json!({ "path": path, "rows": rows }))
            .collect();
        console.say(&serde_json::Value::from(files).to_string());
    }
    for (path, rows) in written {
        let path = path.display();
        console.tell(
            &format!("{path}:{rows} 行(模拟数据)"),
            &format!("{path}: {rows} rows (synthetic)"),
        );
    }
    Ok(())
}

/// Adds made-up answers to a bundle's offers to the register of replies, in place of
/// those to that round which are there.
///
/// # Errors
/// When the programme has no rounds, shows no rows, or keeps its replies in another
/// form than CSV with the four columns.
pub fn replies(console: &Console, dir: &Path, bundle: &Path) -> Result<(), Failure> {
    let refuse = |zh: &str, en: &str| Failure::new(Code::WrongFile, "synth/replies", zh, en);
    let (contents, _) = minsheng_bundle::read(bundle).map_err(|e| bundle_failure(bundle, &e))?;
    let (rules, programme) = own(console, dir, &contents)?;
    let (Some(offers), Some(file)) = (&rules.offers, &programme.files.replies) else {
        return Err(refuse(
            "该项目没有 `[offers]`,无从答复",
            "the programme has no `[offers]`: there is nothing to answer",
        ));
    };
    let four = [
        &offers.reply_applicant,
        &offers.reply_round,
        &offers.reply_answer,
        &offers.reply_day,
    ];
    let path = dir.join(file);
    let csv = path.extension().is_some_and(|e| e == "csv");
    if !csv
        || offers
            .replies
            .columns
            .iter()
            .any(|c| !four.contains(&&c.name))
    {
        return Err(refuse(
            "只能为只有四列的 CSV 答复名册生成模拟答复",
            "made-up answers are for a register of replies that is CSV with the four columns alone",
        ));
    }
    let Some(until) = offers.until(contents.round_number()) else {
        return Err(refuse(
            "该轮没有答复期限",
            "the round has no last day for answers",
        ));
    };
    if contents.applicants.is_empty() {
        return Err(refuse(
            "公示包只公布根值,看不出谁有名额",
            "the bundle shows roots only: nobody can tell who has an offer",
        ));
    }
    let staging = Staging::new(dir).map_err(|e| disk(dir, &e))?;
    let mut lines = made(&contents, offers, until);
    if path.exists() {
        let there = city::import_replies(dir, staging.path(), &rules, &programme, &[])?;
        let column = |name: &str| there.table.column_index(name);
        for row in 0..there.rows {
            let value = |name: &str| column(name).and_then(|c| there.value(row, c));
            if value(&offers.reply_round)
                == Some(Value::Integer(i64::from(contents.round_number())))
            {
                continue;
            }
            lines.push(four.map(|name| value(name).map_or_else(String::new, |v| v.to_string())));
        }
    }
    lines.sort_by(|a, b| (a.get(1), a.first()).cmp(&(b.get(1), b.first())));
    let count = lines.len();
    let mut text = four.map(String::as_str).join(",") + "\n";
    for line in lines {
        text += &line.map(|cell| quoted(&cell)).join(",");
        text.push('\n');
    }
    let aside = staging.path().join("replies.csv");
    std::fs::write(&aside, text).map_err(|e| disk(&aside, &e))?;
    uninterrupted(|| std::fs::rename(&aside, &path)).map_err(|e| disk(&path, &e))?;
    let at = path.display();
    if console.json() {
        console.say(&serde_json::json!([{ "path": path, "rows": count }]).to_string());
    }
    console.tell(
        &format!("{at}:{count} 行(模拟答复)"),
        &format!("{at}: {count} rows (made-up answers)"),
    );
    Ok(())
}

/// Returns made-up answers to a bundle's offers, a row each.
fn made(contents: &Contents, offers: &Offers, until: Date) -> Vec<[String; 4]> {
    let round = contents.round_number();
    let seed = format!("{} {}", contents.rules.programme, contents.rules.cycle);
    let mut lines = Vec::new();
    for (index, row) in (0u64..).zip(&contents.applicants) {
        let standings = contents.round.as_ref().map(|r| &r.standings);
        let standing = match standings.and_then(|s| s.get(usize::try_from(index).ok()?)) {
            Some(row) => row.standing,
            None if row.placement.is_some() => Standing::Offered,
            None if row.verdict == Verdict::Eligible => Standing::Waiting,
            None => Standing::Out,
        };
        let asked = match standing {
            Standing::Offered => Asked::Offer,
            Standing::Waiting => Asked::Waits,
            Standing::Kept | Standing::Settled | Standing::Out => continue,
        };
        let said = minsheng_synth::reply(&seed, round, index, asked, offers.keep, until);
        let Some((answer, day)) = said else { continue };
        let answer: Answer = answer;
        lines.push([
            row.ticket.clone(),
            round.to_string(),
            answer.as_str().to_owned(),
            day.to_string(),
        ]);
    }
    lines
}
