//! Budgets, counts and quotas.

use minsheng_model::{
    Budget, Count, Exclusion, Grouping, Limits, Must, Need, Quota, Scope, Span, Type,
};

use crate::draft::{Draft, Want, unique};
use crate::groups::{Personal, text_column, unknown_column};
use crate::sink::Sink;
use crate::view::View;

/// Groups are shown.
const GROUPED: Personal = Personal {
    zh: "不公开,而分组是公布的",
    en: "is not published, but the groups are",
    mend_zh: "写上 `publish = true`",
    mend_en: "write `publish = true`",
};

/// Reads what a choice has to keep to; a ranked list has no least but of quotas that
/// count.
pub fn read(draft: &mut Draft, view: View<'_>, ranked: bool, sink: &mut Sink<'_>) -> Limits {
    let member = draft.registers.providers.member.clone();
    let must = view.item("must").map(|_| {
        let item = view.table("must");
        Must {
            title: item.text("title"),
            sql: draft.expression(item, "when", Scope::Applicant, Want::Members),
            cite: draft.cite(item, "cite"),
        }
    });
    let (mut names, mut budgets) = (Vec::new(), Vec::new());
    for (item, span) in view.tables("budgets") {
        names.push((item.string("id"), item.place("id", &span)));
        budgets.push(budget(draft, item));
    }
    unique(&names, sink);
    let count = view.item("count").map(|whole| {
        let item = view.table("count");
        ends_or_none(item, &whole.span(), sink);
        Count {
            least: end(draft, item, "least", None, false),
            most: end(draft, item, "most", None, false),
            cite: draft.cite(item, "cite"),
        }
    });
    let (mut named, mut quotas) = (Vec::new(), Vec::new());
    for (item, span) in view.tables("quotas") {
        named.push((item.string("id"), item.place("id", &span)));
        ends_or_none(item, &span, sink);
        quotas.push(quota(draft, item, &span, member.as_deref(), &budgets, sink));
        if ranked && item.item("least").is_some() && item.item("budget").is_some() {
            sink.error(
                "programme/unknown-key",
                item.place("least", &span),
                "排序名单中,只有计数的配额可以有 `least`",
                "in a ranked list only a quota that counts has a `least`",
            );
            sink.help(
                "去掉 `budget`,或去掉 `least`",
                "remove `budget`, or remove `least`",
            );
        }
    }
    unique(&named, sink);
    Limits {
        member,
        must,
        budgets,
        count,
        quotas,
        needs: needs(draft, view, "needs", sink),
        exclusions: exclusions(draft, view, sink),
    }
}

/// Reads who is chosen, or starts, only with or after another candidate.
pub fn needs(draft: &mut Draft, view: View<'_>, key: &str, sink: &mut Sink<'_>) -> Vec<Need> {
    let (mut names, mut list) = (Vec::new(), Vec::new());
    for (item, span) in view.tables(key) {
        names.push((item.string("id"), item.place("id", &span)));
        list.push(Need {
            id: item.string("id"),
            title: item.text("title"),
            column: pairing(draft, item, "column", sink),
            cite: draft.cite(item, "cite"),
        });
    }
    unique(&names, sink);
    list
}

fn exclusions(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) -> Vec<Exclusion> {
    let (mut names, mut list) = (Vec::new(), Vec::new());
    for (item, span) in view.tables("exclusions") {
        names.push((item.string("id"), item.place("id", &span)));
        list.push(Exclusion {
            id: item.string("id"),
            title: item.text("title"),
            by: pairing(draft, item, "by", sink),
            most: end(draft, item, "most", None, false),
            cite: draft.cite(item, "cite"),
        });
    }
    unique(&names, sink);
    list
}

/// A published text column that says with whom, or against whom, a candidate stands; it
/// may be missing, and it is not the candidate's own number.
fn pairing(draft: &Draft, item: View<'_>, key: &str, sink: &mut Sink<'_>) -> String {
    let Some((name, span)) = item.words(key) else {
        return String::new();
    };
    let table = &draft.rules.applicants;
    match table.columns.iter().find(|c| c.name == name) {
        None if draft.complete => unknown_column(table, name, span, sink),
        Some(c) if c.data_type != Type::Text => sink.error(
            "programme/column-type",
            span,
            format!("列 `{name}` 的类型是 {},应为 text", c.data_type),
            format!("column `{name}` has type {}, expected text", c.data_type),
        ),
        Some(c) if !c.publish => {
            sink.error(
                "programme/personal-column",
                span,
                format!("列 `{name}` 不公开,而谁与谁相关联是公布的"),
                format!("column `{name}` is not published, but who stands with whom is"),
            );
            sink.help("写上 `publish = true`", "write `publish = true`");
        }
        Some(_) if *name == draft.rules.ticket => sink.error(
            "programme/bad-value",
            span,
            format!("`{name}` 是候选者自己的编号"),
            format!("`{name}` is the candidate's own number"),
        ),
        _ => {}
    }
    name.to_owned()
}

fn budget(draft: &mut Draft, item: View<'_>) -> Budget {
    let unit = item.words("unit").map(|(u, _)| u.to_owned());
    Budget {
        id: item.string("id"),
        title: item.text("title"),
        cost: draft.measure(item, "cost", Scope::Applicant, Want::Whole, unit.clone()),
        least: end(draft, item, "least", unit.clone(), false),
        most: end(draft, item, "most", unit.clone(), false),
        unit,
        cite: draft.cite(item, "cite"),
    }
}

/// Reads an end: over the group's row, or over parameters alone.
fn end(
    draft: &mut Draft,
    item: View<'_>,
    key: &str,
    unit: Option<String>,
    grouped: bool,
) -> Option<String> {
    item.item(key)?;
    let want = if grouped {
        Want::Whole
    } else {
        Want::Parameters
    };
    Some(draft.measure(item, key, Scope::Provider, want, unit))
}

fn ends_or_none(item: View<'_>, span: &Span, sink: &mut Sink<'_>) {
    if item.item("least").is_none() && item.item("most").is_none() {
        sink.error(
            "programme/missing-key",
            span.clone(),
            "缺少 `least` 或 `most`",
            "`least` or `most` is missing",
        );
        sink.help(
            "写 `least`(至少)、`most`(至多)或两者",
            "write `least`, `most` or both",
        );
    }
}

fn quota(
    draft: &mut Draft,
    item: View<'_>,
    span: &Span,
    member: Option<&str>,
    budgets: &[Budget],
    sink: &mut Sink<'_>,
) -> Quota {
    let group = grouping(draft, item, span, sink);
    let grouped = matches!((&group, member), (Grouping::By(by), Some(m)) if by == m);
    let budget = item.words("budget").map(|(id, place)| {
        if !budgets.iter().any(|b| b.id == id) {
            sink.error(
                "programme/unknown-budget",
                place,
                format!("没有预算 `{id}`"),
                format!("there is no budget `{id}`"),
            );
            sink.suggest(id, budgets.iter().map(|b| b.id.as_str()));
        }
        id.to_owned()
    });
    let unit = budgets
        .iter()
        .find(|b| Some(&b.id) == budget.as_ref())
        .and_then(|b| b.unit.clone());
    Quota {
        id: item.string("id"),
        title: item.text("title"),
        group,
        least: end(draft, item, "least", unit.clone(), grouped),
        most: end(draft, item, "most", unit, grouped),
        budget,
        cite: draft.cite(item, "cite"),
    }
}

fn grouping(draft: &mut Draft, item: View<'_>, span: &Span, sink: &mut Sink<'_>) -> Grouping {
    match (item.words("by"), item.item("members")) {
        (Some((name, place)), None) => {
            text_column(draft, name, place, &GROUPED, sink);
            Grouping::By(name.to_owned())
        }
        (None, Some(_)) => {
            let sql = draft.expression(item, "members", Scope::Applicant, Want::Members);
            Grouping::Members(sql)
        }
        (by, _) => {
            let both = by.is_some();
            sink.error(
                "programme/missing-key",
                if both {
                    item.place("members", span)
                } else {
                    span.clone()
                },
                if both {
                    "`by` 与 `members` 只能写一个"
                } else {
                    "缺少 `by` 或 `members`"
                },
                if both {
                    "there can be `by` or `members`, not both"
                } else {
                    "`by` or `members` is missing"
                },
            );
            sink.help(
                "`by` 按一列的各个取值分别设额,`members` 只设一组",
                "`by` sets a quota for each value of a column, `members` one for one group",
            );
            Grouping::Members(String::new())
        }
    }
}
