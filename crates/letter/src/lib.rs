//! One person's letter: what was decided, why, and what can be done about it.
//!
//! It is written from a bundle alone and shows nothing of anybody else: of the
//! last admitted it names tier, score and place in the draw, never the number.

mod choices;
mod kinds;
mod reasons;
mod round;
mod units;
mod ways;
mod words;

use minsheng_bundle::Contents;
use minsheng_model::{ApplicantRow, ChoiceRow, Door, Mechanism, Rules, Verdict};

use words::Words;

/// The letter's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Returns `zh` or `en`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// Returns the sentence of this language.
    #[must_use]
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// Returns the letter for an application number as plain text, or, where people are sent
/// to places or it is measured what they reach, that to a place by its key; where sites
/// are chosen, that to whoever is to be served, by a demand's key or the name of its
/// place. `None` when the bundle has no such row.
#[must_use]
pub fn write(contents: &Contents, ticket: &str, lang: Lang) -> Option<String> {
    let Ok(found) = contents
        .applicants
        .binary_search_by(|a| a.ticket.as_str().cmp(ticket))
    else {
        return match &contents.rules.mechanism {
            Mechanism::Site(_) => kinds::site::place(contents, ticket, &Words::new(lang)),
            _ => place(contents, ticket, lang),
        };
    };
    let row = contents.applicants.get(found)?;
    let index = u32::try_from(found).ok()?;
    let start = contents.choices.partition_point(|c| c.applicant < index);
    let end = contents.choices.partition_point(|c| c.applicant <= index);
    let list = contents.choices.get(start..end)?;
    let words = Words::new(lang);
    let mut text = String::new();
    let title = match &contents.rules.mechanism {
        // Points and places ask here, not people.
        Mechanism::Site(_) | Mechanism::Assign(_) | Mechanism::Access(_) => {
            words.pick("编号:", "Number: ")
        }
        _ => words.pick("申请编号:", "Application: "),
    };
    let shown = kinds::shown(contents, row);
    head(&mut text, contents, title, &shown, &words);
    if !contents.rules.mechanism.is_match() {
        kinds::section(&mut text, contents, row, &words);
        reasons::applicant(&mut text, &contents.rules, row, &words);
        next_steps(&mut text, &contents.rules, &row.ticket, &words);
        return Some(text);
    }
    let standing = round::standing(contents, found, row);
    let later = contents.round.as_ref();
    match later.and_then(|_| round::result(&standing, row, &words)) {
        Some(sentence) => {
            line(&mut text, words.pick("结果", "Result"));
            line(&mut text, &"-".repeat(72));
            line(&mut text, &sentence);
            line(&mut text, "");
        }
        None => result(&mut text, contents, row, list, &words),
    }
    round::section(&mut text, contents, (found, row), &standing, &words);
    reasons::applicant(&mut text, &contents.rules, row, &words);
    choices::section(&mut text, contents, row, list, &words);
    next_steps(&mut text, &contents.rules, &row.ticket, &words);
    Some(text)
}

/// Returns the letter to those who run a place.
fn place(contents: &Contents, name: &str, lang: Lang) -> Option<String> {
    let rows = contents.providers.iter();
    rows.clone().find(|p| p.provider == name)?;
    let words = Words::new(lang);
    let mut text = String::new();
    let shown = provider_name(contents, name, &words);
    head(
        &mut text,
        contents,
        words.pick("单位:", "Place: "),
        &shown,
        &words,
    );
    if !kinds::place(&mut text, contents, name, &words) {
        return None;
    }
    next_steps(&mut text, &contents.rules, name, &words);
    Some(text)
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn head(text: &mut String, contents: &Contents, title: &str, name: &str, w: &Words) {
    let rules = &contents.rules;
    line(text, rules.title.get(w.code()));
    line(text, &"=".repeat(72));
    if !rules.notice.get(w.code()).is_empty() {
        line(text, &format!("[{}]", rules.notice.get(w.code())));
    }
    line(text, &format!("{title}{name}"));
    line(
        text,
        &format!("{}{}", w.pick("批次:", "Cycle: "), rules.cycle),
    );
    if contents.rules.offers.is_some() {
        line(
            text,
            &format!("{}{}", w.pick("轮次:", "Round: "), contents.round_number()),
        );
    }
    line(
        text,
        &format!(
            "{}{}",
            w.pick("依据的情况截至:", "Facts as of: "),
            rules.as_of
        ),
    );
    line(
        text,
        &format!(
            "{}{}",
            w.pick("负责单位:", "Responsible body: "),
            rules.body.get(w.code())
        ),
    );
    line(text, "");
}

fn result(
    text: &mut String,
    contents: &Contents,
    row: &ApplicantRow,
    list: &[ChoiceRow],
    w: &Words,
) {
    line(text, w.pick("结果", "Result"));
    line(text, &"-".repeat(72));
    let sentence = match (&row.placement, row.verdict) {
        (Some(place), _) => {
            let name = provider_name(contents, &place.provider, w);
            let door = door_title(&contents.rules, place.door, w);
            match w.lang() {
                Lang::Zh => format!("已安排:{name}(第 {} 志愿,{door})。", place.position),
                Lang::En => format!("A place at {name} (choice {}, {door}).", place.position),
            }
        }
        (None, Verdict::NotEligible) => w.pick("不符合条件,原因如下。", "Not eligible, for the reasons below.").to_owned(),
        (None, Verdict::Undetermined) => w
            .pick(
                "尚不能确定资格:缺少材料。这不等于不符合条件,补齐后会重新核定。",
                "Undetermined: a paper is missing. This is not a refusal; the case is decided again once it is there.",
            )
            .to_owned(),
        (None, Verdict::Eligible) if list.is_empty() => {
            w.pick("符合条件,但没有填报志愿。", "Eligible, but no place was asked for.").to_owned()
        }
        (None, Verdict::Eligible) if !ranked(list) => w
            .pick(
                "符合资格,但所填报的志愿都没有参加排序,原因见各志愿。",
                "Eligible, but none of the places asked for could be ranked; see each of them for the reason.",
            )
            .to_owned(),
        (None, Verdict::Eligible) if !full(contents, list) => w
            .pick(
                "符合条件,但所填报的各处没有名额给您,原因见各志愿。",
                "Eligible, but no place asked for could be given; see each of them for the reason.",
            )
            .to_owned(),
        (None, Verdict::Eligible) => w
            .pick("符合条件,但所填报的各处名额均已满。", "Eligible, but every place asked for went to somebody before you.")
            .to_owned(),
    };
    line(text, &sentence);
    line(text, "");
}

/// Returns whether any choice of an eligible person took part.
fn ranked(list: &[ChoiceRow]) -> bool {
    list.iter()
        .any(|c| c.kept || c.verdict == Verdict::Eligible)
}

/// Returns whether every choice took part and went to others: none was refused for
/// another reason, and every provider opened.
fn full(contents: &Contents, list: &[ChoiceRow]) -> bool {
    list.iter().all(|c| {
        let provider = contents.providers.get(c.provider as usize);
        let closed = provider.is_some_and(|p| choices::closing(contents, &p.provider).is_some());
        c.verdict == Verdict::Eligible && !closed
    })
}

fn next_steps(text: &mut String, rules: &Rules, name: &str, w: &Words) {
    line(text, w.pick("如有异议", "If you disagree"));
    line(text, &"-".repeat(72));
    line(text, rules.objection.get(w.code()));
    if let Some(day) = rules.objections_until {
        line(
            text,
            &format!("{}{day}", w.pick("异议截止日期:", "Objections until: ")),
        );
    }
    line(
        text,
        &match w.lang() {
            Lang::Zh => format!(
                "任何人都可以自行复核:minsheng verify 公示包;本信可重印:minsheng explain 公示包 {name} --lang zh"
            ),
            Lang::En => format!(
                "Anybody can check this: minsheng verify BUNDLE; this letter again: minsheng explain BUNDLE {name} --lang en"
            ),
        },
    );
}

/// Returns what people call a provider, with its key: the first published column of its
/// register. In English that is the column of the same name with `_en` behind it; where
/// there is none, the name stands as it is behind the column's English label.
fn provider_name(contents: &Contents, key: &str, w: &Words) -> String {
    let found = contents
        .providers
        .binary_search_by(|p| p.provider.as_str().cmp(key))
        .ok();
    let row = found.and_then(|i| contents.providers.get(i));
    let Some(name) = row.and_then(|r| r.facts.first().cloned().flatten()) else {
        return key.to_owned();
    };
    if w.lang() == Lang::Zh || name.is_ascii() {
        return format!("{name} [{key}]");
    }
    let table = &contents.rules.providers;
    let shown = table.columns.iter();
    let mut shown = shown.filter(|c| c.publish && !table.key.contains(&c.name));
    let Some(first) = shown.next() else {
        return format!("{name} [{key}]");
    };
    let english = format!("{}_en", first.name);
    // The first is gone: the others are counted from 1.
    let place = shown.position(|c| c.name == english).map(|at| at + 1);
    let english = place.and_then(|at| row?.facts.get(at)?.clone());
    match english {
        Some(english) => format!("{english} ({name}) [{key}]"),
        None => format!("{} {name} [{key}]", first.label.get(w.code())),
    }
}

fn door_title(rules: &Rules, door: Door, w: &Words) -> String {
    match door {
        Door::Kept => w.pick("保留的名额", "the seat kept for you").to_owned(),
        Door::Open => w.pick("一般名额", "open seats").to_owned(),
        Door::Reserve(i) => rules
            .reserves
            .get(usize::from(i))
            .map_or_else(String::new, |r| r.title.get(w.code()).to_owned()),
    }
}
