//! Order of service, seats, the draw and what is published.

use minsheng_model::{
    Ceiling, Draw, DrawSource, DrawUnit, GROUP_LIMIT, Indicator, MASK_LIMIT, Measure, Minimum,
    Order, Publish, Reserve, Scope, Score, Span, Table, TieBreak, TieMethod, Tier, Type, Unused,
    Value,
};

use crate::draft::{Draft, Want, unique};
use crate::shape;
use crate::sink::Sink;
use crate::view::View;

/// Reads everything after eligibility that is not of another kind alone.
pub fn read(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    if draft.rules.mechanism.is_match() {
        seats(draft, view, sink);
    }
    draw(draft, view, sink);
    publish(draft, view, sink);
    indicators(draft, view, sink);
}

/// Reads what only a match has.
fn seats(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    tiers(draft, view, sink);
    score(draft, view);
    reserves(draft, view, sink);
    ceilings(draft, view, sink);
    draft.rules.capacity = draft.expression(
        view.table("capacity"),
        "seats",
        Scope::Provider,
        Want::Whole,
    );
    minimum(draft, view.table("capacity"), sink);
    tie_break(draft, view, sink);
}

fn publish(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    let publish = view.table("publish");
    if publish.string("mode") == "roots" && !draft.rules.mechanism.is_match() {
        let kind = draft.rules.mechanism.kind();
        sink.error(
            "programme/bad-value",
            publish.place("mode", &(0..0)),
            format!("`{kind}` 只能公布各行:所选与未选均列出编号"),
            format!("`{kind}` publishes rows: it names who is chosen and who is not"),
        );
        sink.help("写 `mode = \"rows\"`", "write `mode = \"rows\"`");
    }
    draft.rules.publish = if publish.string("mode") == "rows" {
        Publish::Rows
    } else {
        Publish::Roots
    };
    draft.rules.cell_min = publish
        .integer("cell_min")
        .and_then(|n| u32::try_from(n).ok())
        .unwrap_or_default();
}

/// Notes names that are there twice, and the first beyond the most.
pub fn limit(names: &[(String, Span)], most: usize, sink: &mut Sink<'_>) {
    unique(names, sink);
    if let Some((_, span)) = names.get(most) {
        sink.error(
            "programme/too-many",
            span.clone(),
            format!("最多 {most} 个"),
            format!("there can be at most {most}"),
        );
    }
}

fn tiers(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    let mut names = Vec::new();
    for (item, span) in view.tables("tiers") {
        let cited = item.item("unknown_cite").is_some();
        let tier = Tier {
            id: item.string("id"),
            title: item.text("title"),
            when: draft.expression(item, "when", Scope::Choice, Want::Tier { cited }),
            cite: draft.cite(item, "cite"),
            unknown_cite: cited.then(|| draft.cite(item, "unknown_cite")),
        };
        let place = item.place("id", &span);
        if tier.id == "last" || tier.id == "kept" {
            let id = &tier.id;
            sink.error(
                "programme/bad-name",
                place.clone(),
                format!("`{id}` 另有含义"),
                format!("`{id}` has a meaning of its own"),
            );
        }
        names.push((tier.id.clone(), place));
        draft.rules.tiers.push(tier);
    }
    limit(&names, MASK_LIMIT, sink);
}

fn score(draft: &mut Draft, view: View<'_>) {
    let item = view.table("score");
    if !item.exists() {
        return;
    }
    let unit = item.words("unit").map(|(u, _)| u.to_owned());
    let sql = draft.expression(item, "sql", Scope::Choice, Want::Whole);
    if let (Some(last), true) = (draft.expressions.last_mut(), item.words("sql").is_some()) {
        last.unit = unit.clone();
    }
    let order = if item.string("order") == "high-first" {
        Order::HighFirst
    } else {
        Order::LowFirst
    };
    let cite = draft.cite(item, "cite");
    draft.rules.score = Some(Score {
        sql,
        order,
        unit,
        title: item.text("title"),
        cite,
    });
}

fn reserves(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    let mut names = Vec::new();
    for (item, span) in view.tables("reserves") {
        let reserve = Reserve {
            id: item.string("id"),
            title: item.text("title"),
            members: draft.expression(item, "members", Scope::Choice, Want::Members),
            seats: draft.expression(item, "seats", Scope::Provider, Want::Whole),
            unused: if item.string("unused") == "empty" {
                Unused::Empty
            } else {
                Unused::Open
            },
            cite: draft.cite(item, "cite"),
        };
        names.push((reserve.id.clone(), item.place("id", &span)));
        draft.rules.reserves.push(reserve);
    }
    limit(&names, GROUP_LIMIT, sink);
}

fn ceilings(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    let mut names = Vec::new();
    for (item, span) in view.tables("ceilings") {
        let ceiling = Ceiling {
            id: item.string("id"),
            title: item.text("title"),
            members: draft.expression(item, "members", Scope::Choice, Want::Members),
            seats: draft.expression(item, "seats", Scope::Provider, Want::Whole),
            cite: draft.cite(item, "cite"),
        };
        names.push((ceiling.id.clone(), item.place("id", &span)));
        draft.rules.ceilings.push(ceiling);
    }
    // One less than reserves: the matching keeps a bit for kept seats.
    limit(&names, GROUP_LIMIT - 1, sink);
}

/// Reads how many people a provider needs. Where seats are kept there is none: a kept
/// seat could be lost.
fn minimum(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    let (Some((_, span)), Some(_)) = (view.words("minimum"), view.words("cite")) else {
        let lone = [("minimum", "cite"), ("cite", "minimum")];
        for (given, lacks) in lone {
            if let Some((_, span)) = view.words(given) {
                sink.error(
                    "programme/missing-key",
                    span,
                    format!("写了 `{given}` 就要写 `{lacks}`"),
                    format!("where there is `{given}` there has to be `{lacks}`"),
                );
            }
        }
        return;
    };
    if draft.rules.current_provider.is_some() {
        sink.error(
            "programme/minimum-and-kept",
            span,
            "有保留名额(`current`)时不能有最少人数:不开班会使人失去保留的名额",
            "there can be no minimum where seats are kept (`current`): whoever has one could lose it",
        );
    }
    let sql = draft.expression(view, "minimum", Scope::Provider, Want::Whole);
    let cite = draft.cite(view, "cite");
    draft.rules.minimum = Some(Minimum { sql, cite });
}

/// What is said of a column that must not be personal.
pub struct Personal {
    pub zh: &'static str,
    pub en: &'static str,
    pub mend_zh: &'static str,
    pub mend_en: &'static str,
}

/// Sees that a column of the applicants is a published text that is never missing.
pub fn text_column(draft: &Draft, name: &str, span: Span, told: &Personal, sink: &mut Sink<'_>) {
    let table = &draft.rules.applicants;
    match table.columns.iter().find(|c| c.name == name) {
        None if draft.complete => unknown_column(table, name, span, sink),
        Some(c) if c.data_type != Type::Text || c.nullable => sink.error(
            "programme/column-type",
            span,
            format!("列 `{name}` 应为不可缺失的文字"),
            format!("column `{name}` has to be a text that is never missing"),
        ),
        Some(c) if !c.publish => {
            let (zh, en) = (told.zh, told.en);
            sink.error(
                "programme/personal-column",
                span,
                format!("列 `{name}` {zh}"),
                format!("column `{name}` {en}"),
            );
            sink.help(told.mend_zh, told.mend_en);
        }
        _ => {}
    }
}

/// Notes a column that the register does not have.
pub fn unknown_column(table: &Table, name: &str, span: Span, sink: &mut Sink<'_>) {
    sink.error(
        "programme/unknown-column",
        span,
        format!("名册 `{}` 没有列 `{name}`", table.name),
        format!("register `{}` has no column `{name}`", table.name),
    );
    sink.suggest(name, table.columns.iter().map(|c| c.name.as_str()));
}

fn tie_break(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    let item = view.table("tie_break");
    let method = if item.string("method") == "multiple" {
        TieMethod::Multiple
    } else {
        TieMethod::Single
    };
    let unit = match (item.string("unit").as_str(), item.words("family")) {
        ("family", Some((name, span))) => {
            let personal = Personal {
                zh: "是个人信息,而摇号用号是公布的",
                en: "is personal, but the numbers in the draw are published",
                mend_zh: "改用只为摇号编的家庭号,并写 `publish = true`",
                mend_en: "use a family number that was made for the draw alone, with `publish = true`",
            };
            text_column(draft, name, span, &personal, sink);
            DrawUnit::Family(name.to_owned())
        }
        ("family", None) if item.item("family").is_none() => {
            let place = item.place("unit", &(0..0));
            sink.error(
                "programme/missing-key",
                place,
                "以家庭为单位须写明 `family` 列",
                "drawing by family needs `family`, the column that names it",
            );
            DrawUnit::Applicant
        }
        (_, Some((_, span))) => {
            sink.error(
                "programme/unknown-key",
                span,
                "`family` 只用于 `unit = \"family\"`",
                "`family` belongs to `unit = \"family\"` only",
            );
            DrawUnit::Applicant
        }
        _ => DrawUnit::Applicant,
    };
    draft.rules.tie_break = TieBreak { method, unit };
}

fn draw(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    let item = view.table("draw");
    let mut names = Vec::new();
    let mut sources = Vec::new();
    let mut silent = Vec::new();
    for (source, span) in item.tables("sources") {
        let number = |v: Value| {
            if let Value::Integer(n) = v {
                u64::try_from(n).ok()
            } else {
                None
            }
        };
        let values: Vec<u64> = source
            .list("values")
            .into_iter()
            .filter_map(|i| shape::scalar(i.get_ref()).and_then(number))
            .collect();
        if source.item("values").is_some() && source.list("values").is_empty() {
            silent.push(source.place("values", &span));
        }
        names.push((source.string("id"), source.place("id", &span)));
        sources.push(DrawSource {
            id: source.string("id"),
            title: source.text("title"),
            values,
            sorted: source.boolean("sorted"),
        });
    }
    unique(&names, sink);
    // Before the draw no source has spoken: the pool's root can be known already, and
    // is what has to be published then. Later every one must have.
    if silent.len() < names.len() {
        for place in silent {
            sink.error(
                "programme/empty",
                place,
                "来源没有数,而别的来源已有",
                "the source has no numbers, while others have",
            );
        }
    }
    if item
        .item("sources")
        .is_some_and(|i| i.get_ref().as_array().is_some_and(|a| a.is_empty()))
    {
        sink.error(
            "programme/empty",
            item.place("sources", &(0..0)),
            "摇号没有来源",
            "the draw has no source",
        );
    }
    draft.rules.draw = Draw {
        id: item.string("id"),
        sources,
    };
}

fn indicators(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    let mut names = Vec::new();
    for (item, span) in view.tables("indicators") {
        if let (Some((name, place)), true) = (item.words("by"), draft.complete) {
            let table = &draft.rules.applicants;
            match table.columns.iter().find(|c| c.name == name) {
                None => unknown_column(table, name, place, sink),
                Some(c) if !c.publish => {
                    sink.error(
                        "programme/personal-column",
                        place,
                        format!("列 `{name}` 是个人信息,不能用于公开的指标"),
                        format!("column `{name}` is personal: a published figure cannot use it"),
                    );
                    sink.help(
                        "改用写有 `publish = true` 的列",
                        "use a column with `publish = true`",
                    );
                }
                Some(c) if c.data_type != Type::Text => {
                    sink.error(
                        "programme/column-type",
                        place,
                        format!("列 `{name}` 的类型是 {},应为 text", c.data_type),
                        format!("column `{name}` has type {}, expected text", c.data_type),
                    );
                }
                _ => {}
            }
        }
        let word = item.string("measure");
        if let Some((_, place)) = item.words("measure")
            && (draft.rules.mechanism.is_match() && word == "chosen"
                || !draft.rules.mechanism.is_match()
                    && ["placed", "first-choice"].contains(&word.as_str()))
        {
            let kind = draft.rules.mechanism.kind();
            sink.error(
                "programme/bad-value",
                place,
                format!("`{word}` 在 `{kind}` 中没有意义"),
                format!("`{word}` has no meaning in `{kind}`"),
            );
        }
        let measure = match word.as_str() {
            "chosen" => Measure::Chosen,
            "placed" => Measure::Placed,
            "first-choice" => Measure::FirstChoice,
            "undetermined" => Measure::Undetermined,
            _ => Measure::Applicants,
        };
        names.push((item.string("id"), item.place("id", &span)));
        draft.rules.indicators.push(Indicator {
            id: item.string("id"),
            title: item.text("title"),
            measure,
            by: item.words("by").map(|(b, _)| b.to_owned()),
        });
    }
    unique(&names, sink);
}
