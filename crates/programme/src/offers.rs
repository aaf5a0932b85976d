//! Rounds: until when offers are answered, what silence means, who comes late.

use minsheng_model::{Date, Late, Offers, Owed, Silence, Span, Type, Value};

use crate::draft::Draft;
use crate::shape::{self, Key, Shape, may, must};
use crate::sink::Sink;
use crate::view::View;

/// The keys of `[offers]`.
pub static OFFERS: &[Key] = &[
    must(
        "reply_until",
        Shape::List(&Shape::Day),
        "the last day for answers to each round's offers, as many as there are rounds",
    ),
    may(
        "reply_days",
        Shape::Integer(1, 366),
        "days from one round's last day to the next, where `reply_until` names the first alone",
    ),
    may(
        "rounds",
        Shape::Integer(1, 100),
        "how many rounds there are, the decision included",
    ),
    may(
        "silence",
        Shape::OneOf(&["lapse", "keep"]),
        "what it means not to answer; lapse when left out",
    ),
    may(
        "keep",
        Shape::Boolean,
        "whether one may accept a place and go on waiting for a better one",
    ),
    may(
        "closes",
        Shape::Day,
        "the last day on which an application is on time",
    ),
    may(
        "late",
        Shape::OneOf(&["behind", "none"]),
        "where those stand who come later: behind everybody on time, or nowhere",
    ),
    may(
        "owed",
        Shape::OneOf(&["extra", "first"]),
        "what a place is that an appeal shows to be owed: one above the capacity, or the first that becomes free",
    ),
    must("cite", Shape::Id, "the law it comes from"),
];

/// The words that a reply may be.
const ANSWERS: [&str; 4] = ["accept", "keep", "decline", "withdraw"];

/// Reads `[offers]` and sees that the registers fit it.
pub fn read(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    let item = view.table("offers");
    let registers = view.table("registers");
    if !item.exists() {
        without(draft, registers, sink);
        return;
    }
    if !draft.rules.mechanism.is_match() {
        // Told with the other parts that the kind does not have.
        return;
    }
    let span = view.item("offers").map_or(0..0, toml::Spanned::span);
    let cite = draft.cite(item, "cite");
    let reply_until = days(item, &span, draft.rules.as_of, sink);
    let late = late(draft, item, &span, sink);
    let Some(replies) = &draft.registers.replies else {
        sink.error(
            "programme/missing-register",
            span,
            "有 `[offers]` 就须有角色为 `replies` 的名册",
            "`[offers]` needs a register with the role `replies`",
        );
        sink.help(
            "声明答复名册:报名号、轮次、答复、日期四列",
            "declare the register of replies: application number, round, answer, day",
        );
        return;
    };
    let keep = item.boolean("keep");
    words(draft, registers, keep, sink);
    let (Some(table), Some(late)) = (replies.table.clone(), late) else {
        return;
    };
    draft.rules.offers = Some(Offers {
        reply_until,
        silence: if item.string("silence") == "keep" {
            Silence::Keep
        } else {
            Silence::Lapse
        },
        keep,
        late,
        owed: if item.string("owed") == "first" {
            Owed::First
        } else {
            Owed::Extra
        },
        replies: table,
        reply_applicant: replies.applicant.clone(),
        reply_round: replies.round.clone(),
        reply_answer: replies.answer.clone(),
        reply_day: replies.day.clone(),
        cite,
    });
}

/// What only rounds need is a slip where there are none: it would do nothing.
fn without(draft: &Draft, registers: View<'_>, sink: &mut Sink<'_>) {
    if let Some(replies) = &draft.registers.replies {
        sink.error(
            "programme/unused-register",
            replies.span.clone(),
            "没有 `[offers]`,答复名册无用",
            "without `[offers]` a register of replies means nothing",
        );
        sink.help(
            "写出 `[offers]`,或去掉这个名册",
            "add `[offers]`, or remove the register",
        );
    }
    for (_, span, register) in registers.named() {
        if register.item("arrived").is_some() {
            sink.error(
                "programme/unused-key",
                register.place("arrived", &span),
                "没有 `[offers]`,`arrived` 无用",
                "without `[offers]` `arrived` means nothing",
            );
            sink.help(
                "写出 `[offers]` 及 `closes`、`late`",
                "add `[offers]` with `closes` and `late`",
            );
        }
    }
}

/// Returns the last days for answers, one for each round.
fn days(item: View<'_>, span: &Span, as_of: Date, sink: &mut Sink<'_>) -> Vec<Date> {
    let mut days: Vec<Date> = Vec::new();
    for one in item.list("reply_until") {
        let Some(day) = shape::day(one.get_ref()) else {
            continue;
        };
        if days.last().is_some_and(|last| *last >= day) {
            let last = days.last().map(Date::to_string).unwrap_or_default();
            sink.error(
                "programme/order",
                one.span(),
                format!("{day} 应在 {last} 之后"),
                format!("{day} has to be after {last}"),
            );
        }
        days.push(day);
    }
    let place = item.place("reply_until", span);
    let (step, rounds) = (item.integer("reply_days"), item.integer("rounds"));
    if let Some(step) = step {
        let (Some(rounds), [first]) = (rounds, days.as_slice()) else {
            sink.error(
                "programme/bad-value",
                item.place("reply_days", span),
                "`reply_days` 须与 `rounds` 一起用,且 `reply_until` 只写第一轮的日期",
                "`reply_days` needs `rounds`, and `reply_until` with the first round's day alone",
            );
            return days;
        };
        let day = |round: i64| {
            let days = i32::try_from(step.checked_mul(round)?).ok()?;
            Date::from_days(first.days().checked_add(days)?)
        };
        days = (0..rounds).filter_map(day).collect();
    } else if let Some(rounds) = rounds.filter(|r| usize::try_from(*r) != Ok(days.len())) {
        let count = days.len();
        sink.error(
            "programme/bad-value",
            place.clone(),
            format!("共 {rounds} 轮,却有 {count} 个日期"),
            format!("there are {rounds} rounds, but {count} days"),
        );
        sink.help(
            "每轮写一个日期,或写第一轮的日期和 `reply_days`",
            "write a day for each round, or the first day and `reply_days`",
        );
    }
    if item
        .item("reply_until")
        .is_some_and(|i| i.get_ref().as_array().is_some_and(|a| a.is_empty()))
    {
        sink.error(
            "programme/empty",
            place,
            "至少要有一个日期",
            "at least one day is needed",
        );
    } else if days.first().is_some_and(|first| *first < as_of) {
        sink.warning(
            "programme/order",
            place,
            format!("答复期限早于基准日 {as_of}"),
            format!("the first day for answers is before the day of the facts, {as_of}"),
        );
    }
    days
}

/// Returns who comes late; nothing where what is said of it does not fit together.
fn late(draft: &Draft, item: View<'_>, span: &Span, sink: &mut Sink<'_>) -> Option<Option<Late>> {
    let Some(arrived) = draft.registers.applicants.arrived.clone() else {
        for key in ["closes", "late"]
            .into_iter()
            .filter(|k| item.item(k).is_some())
        {
            sink.error(
                "programme/unused-key",
                item.place(key, span),
                format!("申请人名册没有写明 `arrived`,`{key}` 无用"),
                format!("`{key}` means nothing: the applicants' register names no `arrived`"),
            );
            sink.help(
                "在申请人名册写 `arrived = \"…\"`,指明申请到达日期的列",
                "write `arrived = \"…\"` in the applicants' register: the column with the day of arrival",
            );
        }
        return Some(None);
    };
    let mut whole = true;
    for key in ["closes", "late"]
        .into_iter()
        .filter(|k| item.item(k).is_none())
    {
        whole = false;
        sink.error(
            "programme/missing-key",
            span.clone(),
            format!("申请人名册有 `arrived`,须写 `{key}`"),
            format!("`{key}` is missing, for the applicants' register has `arrived`"),
        );
    }
    let closes = item.day("closes")?;
    whole.then(|| {
        Some(Late {
            arrived,
            closes,
            admitted: item.string("late") == "behind",
        })
    })
}

/// Sees that the column of answers takes the words that an answer may be.
fn words(draft: &Draft, registers: View<'_>, keep: bool, sink: &mut Sink<'_>) {
    let Some((replies, table)) = draft
        .registers
        .replies
        .as_ref()
        .and_then(|r| Some((r, r.table.as_ref()?)))
    else {
        return;
    };
    let Some(column) = table
        .columns
        .iter()
        .find(|c| c.name == replies.answer && c.data_type == Type::Text)
    else {
        return;
    };
    let inner = registers.table(&table.name).table("columns");
    let inner = inner.table(&replies.answer);
    for item in inner.list("values") {
        let Some(Value::Text(word)) = shape::scalar(item.get_ref()) else {
            continue;
        };
        let known = ANSWERS.contains(&word.as_str());
        if known && (keep || word != "keep") {
            continue;
        }
        sink.error(
            "programme/bad-value",
            item.span(),
            if known {
                "`[offers]` 没有写 `keep = true`,不能答复 `keep`".to_owned()
            } else {
                format!("没有 `{word}` 这种答复")
            },
            if known {
                "`[offers]` does not say `keep = true`, so that nobody may answer `keep`".to_owned()
            } else {
                format!("`{word}` is no answer")
            },
        );
        if known {
            sink.help(
                "在 `[offers]` 写 `keep = true`,或去掉这个取值",
                "write `keep = true` in `[offers]`, or remove this value",
            );
        } else {
            sink.suggest(&word, ANSWERS);
        }
    }
    if column.values.is_empty() {
        sink.warning(
            "programme/open-values",
            replies.span.clone(),
            "答复列没有列出取值,写错的答复到运行时才会发现",
            "the column of answers lists no values: a misspelt answer is found only in the run",
        );
        sink.help(
            "写 `values = [\"accept\", \"keep\", \"decline\", \"withdraw\"]`",
            "write `values = [\"accept\", \"keep\", \"decline\", \"withdraw\"]`",
        );
    }
}
