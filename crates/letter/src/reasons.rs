use minsheng_model::{ApplicantRow, Clause, Rules, Scope, Verdict};

use crate::words::Words;
use crate::{Lang, line};

/// What a mask says of one clause.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Failed,
    Unknown,
    Met,
}

pub(crate) fn state(bit: usize, holds: u32, unknown: u32) -> State {
    let set =
        |mask: u32| u32::try_from(bit).is_ok_and(|b| mask.checked_shr(b).unwrap_or(0) & 1 == 1);
    if set(holds) {
        State::Met
    } else if set(unknown) {
        State::Unknown
    } else {
        State::Failed
    }
}

/// Adds the applicant's own clauses: failed first, then missing papers, then met.
pub(crate) fn applicant(text: &mut String, rules: &Rules, row: &ApplicantRow, w: &Words) {
    line(text, w.pick("资格条件", "Conditions"));
    line(text, &"-".repeat(72));
    let clauses: Vec<&Clause> = rules.clauses_of(Scope::Applicant).collect();
    // To somebody eligible a condition that is not met has done no harm: another
    // stands in its place.
    let eligible = row.verdict == Verdict::Eligible;
    let spared = w.pick(
        "[无须,已以其他条件满足]",
        "[not needed, another condition is met]",
    );
    let order = [
        (
            State::Failed,
            if eligible {
                spared
            } else {
                w.pick("[不符合]", "[not met]")
            },
        ),
        (
            State::Unknown,
            if eligible {
                spared
            } else {
                w.pick("[缺材料]", "[missing]")
            },
        ),
        (State::Met, w.pick("[符合]", "[met]")),
    ];
    for (wanted, mark) in order {
        for (bit, clause) in clauses.iter().enumerate() {
            if state(bit, row.holds, row.unknown) == wanted {
                line(
                    text,
                    &format!(
                        "{mark} {}{}",
                        sentence(clause, wanted, w),
                        citation(rules, &clause.cite, w)
                    ),
                );
            }
        }
    }
    line(text, "");
}

/// Returns the clause's own sentence for the state.
pub(crate) fn sentence<'a>(clause: &'a Clause, state: State, w: &Words) -> &'a str {
    match state {
        State::Met => clause.met.get(w.code()),
        State::Failed => clause.failed.get(w.code()),
        State::Unknown => clause.unknown.get(w.code()),
    }
}

/// Returns the cited text in brackets.
pub(crate) fn citation(rules: &Rules, id: &str, w: &Words) -> String {
    let Some(law) = rules.law.iter().find(|l| l.id == id) else {
        return String::new();
    };
    let english = law.article_en.as_ref().filter(|_| w.lang() == Lang::En);
    let (title, article) = (law.title.get(w.code()), english.unwrap_or(&law.article));
    let gap = if article.is_empty() {
        ""
    } else {
        w.pick(":", ": ")
    };
    match w.lang() {
        Lang::Zh => format!("（{title}{gap}{article}）"),
        Lang::En => format!(" ({title}{gap}{article})"),
    }
}
