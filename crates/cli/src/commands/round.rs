use std::path::{Path, PathBuf};

use minsheng_bundle::{Contents, RoundSeal};
use minsheng_cycle::{After, Appeal, Step};
use minsheng_letter::Lang;
use minsheng_model::{Diagnostic, Rules, Standing, Text};
use minsheng_programme::Loaded;

use crate::args::RoundArgs;
use crate::city::{self, disk};
use crate::commands::chain;
use crate::commands::publish::Aside;
use crate::commands::reply_lines::Replies;
use crate::commands::verify::{bundle_failure, show};
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::table;

/// Decides the round after a bundle, writes and verifies its bundle, and shows what
/// moved and one letter.
///
/// # Errors
/// A bundle that does not hold, mistakes in files, answers and appeals that do not fit.
pub fn run(console: &Console, options: &RoundArgs) -> Result<(), Failure> {
    if let Some(threads) = options.threads {
        // Fails only when the pool is already there, which it is not.
        let _ = minsheng_cycle::set_threads(threads);
    }
    let (dir, bundle) = (options.city.as_path(), options.bundle.as_path());
    let bar = console.spinner("复核上一轮", "verifying the round before");
    let (previous, hashes) =
        minsheng_bundle::read(bundle).map_err(|e| bundle_failure(bundle, &e))?;
    let report = chain::check(bundle, (&previous, &hashes), None)?;
    if !report.ok() {
        bar.finish_and_clear();
        show(console, bundle, &report);
        return Err(not_held(bundle));
    }
    let (rules, programme) = own(console, dir, &previous)?;
    city::known_registers(&options.set_aside, std::slice::from_ref(&programme))?;
    let out = options.out.clone().unwrap_or_else(|| dir.join("out"));
    std::fs::create_dir_all(&out).map_err(|e| disk(&out, &e))?;
    bar.set_message(
        console
            .lang()
            .pick("读入名册", "reading registers")
            .to_owned(),
    );
    let registers = city::import(dir, &out, &rules, &programme, &options.set_aside)?;
    let replies = city::import_replies(dir, &out, &rules, &programme, &options.set_aside)?;
    let previous = chain::with_rows(bundle, previous, &registers, Some(&replies))?;
    let appeals = options
        .appeals
        .iter()
        .map(|f| record(f))
        .collect::<Result<Vec<_>, _>>()?;
    let after = After {
        previous: &previous,
        id: &hashes.id,
        replies: &replies,
        appeals: &appeals,
    };
    let entered = entered(&rules, &registers, &after, options);
    let contents = entered
        .and_then(|()| {
            minsheng_cycle::next_round(
                &rules,
                programme.source.as_bytes(),
                &registers,
                &after,
                &|step| bar.set_message(console.lang().pick(name(step).0, name(step).1).to_owned()),
            )
        })
        .map_err(|found| {
            let round = previous.round_number();
            Failure::wrong_file(located(found, dir, &programme, (&rules, round)))
        })?;
    bar.set_message(
        console
            .lang()
            .pick("写公示包并复核", "writing and verifying")
            .to_owned(),
    );
    let (target, id) = publish(console, &out, &contents, bundle)?;
    bar.finish_and_clear();
    tell(console, &contents, &target, &id);
    Ok(())
}

fn not_held(path: &Path) -> Failure {
    Failure::new(
        Code::NotHeld,
        "round/previous",
        format!("`{}` 未通过复核", path.display()),
        format!("`{}` does not hold", path.display()),
    )
}

fn name(step: Step) -> (&'static str, &'static str) {
    match step {
        Step::Rules => ("核对答复与新申请", "taking answers and late applications"),
        Step::Draw => ("排定先后", "ordering"),
        Step::Match => ("递补", "passing places on"),
        Step::Certify => ("生成证明", "certifying"),
    }
}

/// Returns the city's programme that a bundle is of, and its rules.
///
/// # Errors
/// When the city has none, or its file is wrong.
pub fn own(console: &Console, dir: &Path, bundle: &Contents) -> Result<(Rules, Loaded), Failure> {
    let name = bundle.rules.programme.clone();
    let (_, loaded) = city::programmes(
        console,
        dir,
        std::slice::from_ref(&name),
        city::Warnings::Counted,
    )?;
    let found = loaded.into_iter().next();
    let rules = found.as_ref().and_then(|l| l.rules.clone());
    rules.zip(found).ok_or_else(|| {
        Failure::new(
            Code::WrongFile,
            "city/unknown-programme",
            format!("城市 `{}` 没有项目 `{name}`", dir.display()),
            format!("city `{}` has no programme `{name}`", dir.display()),
        )
    })
}

/// Reads the record of an appeal.
fn record(file: &Path) -> Result<Appeal, Failure> {
    let text = std::fs::read_to_string(file).map_err(|e| disk(file, &e))?;
    let wrong = |said: String| {
        Failure::wrong_file(vec![
            Diagnostic::error(
                "appeal/record",
                Text::new(
                    format!("不是复核记录:{said}"),
                    format!("not a record of an appeal: {said}"),
                ),
            )
            .in_file(file.display().to_string())
            .help(Text::new(
                "用 `minsheng appeal` 写出的文件",
                "give the file that `minsheng appeal` wrote",
            )),
        ])
    };
    let found: Appeal = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    if found.format != minsheng_cycle::APPEAL {
        return Err(wrong(format!("format `{}`", found.format)));
    }
    Ok(found)
}

/// Sees that every record is what bundle and registers give, and is entered once.
fn entered(
    rules: &Rules,
    registers: &minsheng_cycle::Registers,
    after: &After<'_>,
    options: &RoundArgs,
) -> Result<(), Vec<Diagnostic>> {
    for (index, (record, file)) in after.appeals.iter().zip(&options.appeals).enumerate() {
        let file = file.display().to_string();
        let refuse = |code: &str, zh: String, en: String, help: (&str, &str)| {
            vec![
                Diagnostic::error(code, Text::new(zh, en))
                    .help(Text::new(help.0, help.1))
                    .in_file(&file),
            ]
        };
        let ticket = &record.ticket;
        let twice = after
            .appeals
            .iter()
            .take(index)
            .any(|a| a.ticket == *ticket);
        if twice {
            return Err(refuse(
                "appeal/twice",
                format!("申请 `{ticket}` 有两份复核记录"),
                format!("there are two records of application `{ticket}`"),
                (
                    "只纳入最后一份,其中写全所有更正",
                    "enter the last one alone, with all corrections in it",
                ),
            ));
        }
        if record.bundle != after.id {
            let round = after.previous.round_number();
            return Err(refuse(
                "appeal/other-bundle",
                format!(
                    "该记录复核的是第 {} 轮的公示包,而不是所接续的第 {round} 轮",
                    record.round
                ),
                format!(
                    "the record is about the bundle of round {}, not of round {round} that this one follows",
                    record.round
                ),
                (
                    "对最近一轮的公示包重新复核",
                    "appeal again against the bundle of the last round",
                ),
            ));
        }
        let again = minsheng_cycle::appeal(
            rules,
            registers,
            (after.previous, after.id),
            ticket,
            &record.facts,
        )?;
        if again != *record {
            return Err(refuse(
                "appeal/other-result",
                format!("由名册与公示包重算,申请 `{ticket}` 的复核结果与记录不同"),
                format!(
                    "registers and bundle give another result for application `{ticket}` than the record"
                ),
                (
                    "记录不可手改:用 `minsheng appeal` 重新生成",
                    "a record is not edited by hand: make it again with `minsheng appeal`",
                ),
            ));
        }
    }
    Ok(())
}

/// Returns diagnostics with the file that they are about.
fn located(
    found: Vec<Diagnostic>,
    dir: &Path,
    programme: &Loaded,
    (rules, round): (&Rules, u32),
) -> Vec<Diagnostic> {
    let path = programme.files.replies.as_ref().map(|f| dir.join(f));
    let lines = path.as_ref().zip(rules.offers.as_ref());
    let lines = lines.and_then(|(path, offers)| Replies::read(path, offers, round));
    let replies = path.map(|p| p.display().to_string());
    found
        .into_iter()
        .map(|mut d| {
            if d.file.is_empty() {
                let about = d.code.starts_with("replies/") || d.code == "round/replies-changed";
                d.file = replies
                    .clone()
                    .filter(|_| about)
                    .unwrap_or_else(|| programme.path.clone());
                if let Some(lines) = lines.as_ref().filter(|_| d.code.starts_with("replies/")) {
                    lines.point(&mut d);
                }
            }
            d
        })
        .collect()
}

/// Publishes a bundle that holds together with the one before.
fn publish(
    console: &Console,
    out: &Path,
    contents: &Contents,
    previous: &Path,
) -> Result<(PathBuf, String), Failure> {
    let aside = Aside::write(out, contents)?;
    let report = aside.verify(console, Some(previous))?;
    let (target, id) = aside.publish()?;
    if !console.json() {
        show(console, &target, &report);
    }
    Ok((target, id))
}

fn tell(console: &Console, contents: &Contents, path: &Path, id: &str) {
    let Some(round) = &contents.round else { return };
    let seal = &round.seal;
    if console.json() {
        let document = serde_json::json!({
            "programme": contents.certificate.programme,
            "cycle": contents.certificate.cycle,
            "round": seal.number,
            "bundle": path,
            "id": id,
            "previous": seal.previous,
            "verified": true,
            "answers": {
                "accept": seal.answers.accept,
                "keep": seal.answers.keep,
                "decline": seal.answers.decline,
                "withdraw": seal.answers.withdraw,
                "silent": seal.answers.silent,
            },
            "arrived": seal.arrived,
            "appeals": seal.appeals,
            "vacant": seal.vacant,
            "offered": seal.offered,
            "moved": seal.moved,
            "waiting": seal.waiting,
            "placed": contents.certificate.placed,
        });
        console.say(&document.to_string());
        return;
    }
    console.say("");
    for letter in letters(contents) {
        console.say(&letter);
    }
    console.say(table::render(&[headings(console.lang()), row(contents, seal)]).trim_end());
    let at = path.display();
    console.say(console.lang().pick(
        &format!("公示包 {at}\n标识 {id}"),
        &format!("bundle {at}\nidentity {id}"),
    ));
}

fn headings(lang: Lang) -> Vec<String> {
    let pairs = [
        ("轮次", "round"),
        ("接受", "accepted"),
        ("接受并候补", "kept"),
        ("谢绝", "declined"),
        ("退出", "withdrew"),
        ("未答复", "silent"),
        ("逾期申请", "came late"),
        ("复核", "appeals"),
        ("空缺", "free places"),
        ("本轮给出", "offered"),
        ("其中递升", "moved up"),
        ("仍在候补", "waiting"),
        ("占有名额", "hold a place"),
    ];
    let word = |(zh, en): &(&str, &str)| lang.pick(zh, en).to_owned();
    pairs.iter().map(word).collect()
}

fn row(contents: &Contents, seal: &RoundSeal) -> Vec<String> {
    let a = &seal.answers;
    let numbers = [
        u64::from(seal.number),
        a.accept,
        a.keep,
        a.decline,
        a.withdraw,
        a.silent,
        seal.arrived,
        seal.appeals,
        seal.vacant,
        seal.offered,
        seal.moved,
        seal.waiting,
        contents.certificate.placed,
    ];
    numbers.iter().map(u64::to_string).collect()
}

/// Returns one letter in both languages: to somebody who moved up, else to somebody
/// who was offered a place, else to the first of all.
fn letters(contents: &Contents) -> Vec<String> {
    let Some(round) = &contents.round else {
        return Vec::new();
    };
    let mut pairs = contents.applicants.iter().zip(&round.standings);
    let offered = |s: &minsheng_model::StandingRow| s.standing == Standing::Offered;
    let up = pairs.clone().find(|(_, s)| offered(s) && s.held.is_some());
    let one = up
        .or_else(|| pairs.clone().find(|(_, s)| offered(s)))
        .or_else(|| pairs.next());
    let Some((row, _)) = one else {
        return Vec::new();
    };
    [Lang::Zh, Lang::En]
        .into_iter()
        .filter_map(|lang| minsheng_letter::write(contents, &row.ticket, lang))
        .collect()
}
