//! Registers whose rows come over from the decision of an earlier programme.

use minsheng_model::{Carried, Diagnostic, Fate, Rules, Span, Table, Taken, Text};

use crate::Loaded;
use crate::sink::{Sink, closest};
use crate::tables::Register;
use crate::view::View;

/// Where a link to an earlier programme is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// The whole of it.
    pub from: Span,
    /// The name of the programme.
    pub programme: Span,
    /// The name of the cycle, or that of the programme where none is named.
    pub cycle: Span,
    /// The names of the columns there, in the order of [`Carried::columns`].
    pub columns: Vec<Span>,
}

/// Reads `from` of a register and of its columns, and notes what does not go together.
pub fn read(
    table: &Table,
    view: View<'_>,
    register: &mut Register,
    slot: usize,
    sink: &mut Sink<'_>,
) {
    let mut link = Link::default();
    let columns = columns(table, view, &mut link, sink);
    let span = register.span.clone();
    let Some(from) = view.item("from").map(toml::Spanned::span) else {
        if let Some(first) = link.columns.first() {
            sink.error(
                "programme/unknown-key",
                first.clone(),
                "只有写了 `from` 的名册,其列才能写 `from`",
                "a column has `from` only where its register has it",
            );
        }
        if view.item("file").is_none() {
            missing_file(&span, sink);
        }
        return;
    };
    if slot != 0 {
        sink.error(
            "programme/unknown-key",
            from,
            "`from` 只用于角色 `applicants`",
            "`from` belongs to the role `applicants` only",
        );
        return;
    }
    let item = view.table("from");
    link.programme = item.place("programme", &from);
    link.cycle = item.place("cycle", &link.programme);
    let others = item.boolean("others");
    let file = view.item("file").is_some();
    let rest = table.columns.len() > columns.len() + table.key.len();
    if !file && (others || rest) {
        missing_file(&span, sink);
        sink.help(
            "写出其余各列所在的文件,或给每列写 `from`",
            "name the file with the other columns, or write `from` for each of them",
        );
    }
    if file && !others && !rest {
        sink.error(
            "programme/unknown-key",
            view.place("file", &span),
            "各列均由以前的决定而来,文件无可读入",
            "every column comes over: nothing would be read from the file",
        );
        sink.help(
            "去掉 `file`,或写 `others = true` 以加入文件中的其他行",
            "remove `file`, or write `others = true` to add rows of the file",
        );
    }
    link.from = from;
    register.link = Some(link);
    register.carried = Some(Carried {
        programme: item.string("programme"),
        cycle: item.string("cycle"),
        decided: if item.string("decided") == "left-out" {
            Fate::LeftOut
        } else {
            Fate::Chosen
        },
        others,
        columns,
    });
}

fn columns(table: &Table, view: View<'_>, link: &mut Link, sink: &mut Sink<'_>) -> Vec<Taken> {
    let mut list = Vec::new();
    for (name, _, item) in view.table("columns").named() {
        let Some((of, span)) = item.words("from") else {
            continue;
        };
        link.columns.push(span.clone());
        list.push(Taken {
            column: name.to_owned(),
            of: of.to_owned(),
        });
        if table.key.iter().any(|k| k == name) {
            sink.error(
                "programme/bad-value",
                span,
                "编号总由以前的决定而来,不写 `from`",
                "the number comes over anyway: it has no `from`",
            );
        } else if !item.boolean("publish") {
            sink.error(
                "programme/private-key",
                span,
                format!("`{name}` 由公布的决定而来,须写 `publish = true`"),
                format!("`{name}` comes over from what is published: it needs `publish = true`"),
            );
        }
    }
    list
}

fn missing_file(span: &Span, sink: &mut Sink<'_>) {
    sink.error(
        "programme/missing-key",
        span.clone(),
        "缺少 `file`",
        "`file` is missing",
    );
}

/// Notes a link in a programme that matches.
pub fn not_here(link: &Link, sink: &mut Sink<'_>) {
    sink.error(
        "programme/bad-value",
        link.from.clone(),
        "`kind = \"match\"` 的申请人不能由以前的决定而来",
        "applicants of `kind = \"match\"` cannot come over from an earlier decision",
    );
}

/// Returns what does not fit between the programmes of a city that take candidates from
/// one another; `all` are all of them.
#[must_use]
pub fn links(all: &[Loaded]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for loaded in all {
        let parts = (&loaded.rules, &loaded.link);
        if let (Some(rules), Some(link)) = parts
            && let Some(carried) = &rules.carried
        {
            one(loaded, rules, carried, link, all, &mut found);
        }
    }
    found
}

fn one(
    loaded: &Loaded,
    rules: &Rules,
    carried: &Carried,
    link: &Link,
    all: &[Loaded],
    found: &mut Vec<Diagnostic>,
) {
    let mut told = |span: &Span, zh: String, en: String, help: Option<Text>| {
        let mut one = Diagnostic::error("programme/from", Text::new(zh, en));
        one.help = help;
        found.push(one.at(&loaded.path, span.clone()));
    };
    let name = &carried.programme;
    let mut known = all.iter().filter_map(|l| l.rules.as_ref());
    let Some(past) = known.clone().find(|r| r.programme == *name) else {
        // One with mistakes of its own is told of those.
        if all.iter().all(|l| l.rules.is_some()) {
            let names = known.map(|r| r.programme.as_str());
            let near = closest(name, names).map(|near| {
                Text::new(
                    format!("是不是 `{near}`?"),
                    format!("did you mean `{near}`?"),
                )
            });
            told(
                &link.programme,
                format!("城市没有项目 `{name}`"),
                format!("the city has no programme `{name}`"),
                near,
            );
        }
        return;
    };
    if past.cycle != carried.cycle && link.cycle != link.programme {
        // A cycle that is named and is not the one of the file: an earlier one, whose
        // bundle is looked at when it is there.
        return;
    }
    if let Some(circle) = circle(rules, past, &mut known) {
        told(
            &link.programme,
            format!("项目互为来源:{circle}"),
            format!("programmes take candidates from one another in a circle: {circle}"),
            None,
        );
        return;
    }
    for (span, zh, en) in differences(rules, carried, past, link) {
        told(&span, zh, en, None);
    }
}

/// Follows the links from an earlier programme; returns the names where they come back.
fn circle<'r>(
    rules: &Rules,
    past: &'r Rules,
    known: &mut (impl Iterator<Item = &'r Rules> + Clone),
) -> Option<String> {
    let mut names = vec![format!("`{}`", rules.programme)];
    let mut at = past;
    loop {
        let name = format!("`{}`", at.programme);
        if at.programme == rules.programme {
            names.push(name);
            return Some(names.join(" ← "));
        }
        if names.contains(&name) {
            // A circle that this programme is not in is told at those that are.
            return None;
        }
        names.push(name);
        let next = &at.carried.as_ref()?.programme;
        at = known.clone().find(|r| r.programme == *next)?;
    }
}

/// What of a link does not fit the earlier programme's rules: where, in both languages.
fn differences(
    rules: &Rules,
    carried: &Carried,
    past: &Rules,
    link: &Link,
) -> Vec<(Span, String, String)> {
    let name = &past.programme;
    if past.mechanism.is_match() {
        return vec![(
            link.programme.clone(),
            format!("`{name}` 是 `match`:没有被选的候选者"),
            format!("`{name}` is a `match`: it chooses no candidates"),
        )];
    }
    let mut list = Vec::new();
    if past.cycle != carried.cycle {
        let (has, asked) = (&past.cycle, &carried.cycle);
        list.push((
            link.cycle.clone(),
            format!("`{name}` 的周期是 `{has}`,这里要的是 `{asked}`"),
            format!("the cycle of `{name}` is `{has}`, and `{asked}` is asked for here"),
        ));
    }
    for (taken, span) in carried.columns.iter().zip(&link.columns) {
        let theirs = past.applicants.columns.iter().find(|c| c.name == taken.of);
        let own = rules.applicants.columns.iter();
        let own = own.clone().find(|c| c.name == taken.column);
        let (Some(theirs), Some(own)) = (theirs.filter(|c| c.publish), own) else {
            let of = &taken.of;
            list.push((
                span.clone(),
                format!("`{name}` 没有公布列 `{of}`"),
                format!("`{name}` publishes no column `{of}`"),
            ));
            continue;
        };
        let (a, b) = (theirs.data_type, own.data_type);
        if a != b {
            list.push((
                span.clone(),
                format!("该列在 `{name}` 中的类型是 {a},这里是 {b}"),
                format!("in `{name}` the column has type {a}, here {b}"),
            ));
        }
        let unit = |u: &Option<String>| u.clone().unwrap_or_else(|| "-".to_owned());
        if theirs.unit != own.unit {
            let (a, b) = (unit(&theirs.unit), unit(&own.unit));
            list.push((
                span.clone(),
                format!("该列在 `{name}` 中的单位是 `{a}`,这里是 `{b}`"),
                format!("in `{name}` the column's unit is `{a}`, here `{b}`"),
            ));
        }
        if theirs.nullable && !own.nullable {
            list.push((
                span.clone(),
                format!("该列在 `{name}` 中可以缺失,这里不可"),
                format!("in `{name}` the column may be missing, here it may not"),
            ));
        }
    }
    list
}
