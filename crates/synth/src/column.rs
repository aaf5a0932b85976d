use minsheng_model::Value;
use toml::Spanned;

use crate::file::ColumnFile;
use crate::make::{Reader, make, value};
use crate::plan::{Column, Condition, Per};
use crate::resolve::Found;

/// Which table a column belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Providers,
    Applicants,
    Choices,
}

/// Which makers a table may use.
const COMMON: &[&str] = &[
    "serial", "pattern", "token", "constant", "date", "integer", "boolean", "choice", "area",
    "part", "by-area",
];

fn allowed(kind: Kind) -> Vec<&'static str> {
    let own: &[&str] = match kind {
        Kind::Providers => &["places", "groups"],
        Kind::Applicants => &["family", "nearest"],
        Kind::Choices => return vec!["applicant", "provider", "position", "distance", "constant"],
    };
    COMMON.iter().chain(own).copied().collect()
}

/// Reads a table's columns; those that are wrong are left out and told of.
pub fn columns(
    found: &mut Found<'_>,
    file: &Spanned<Vec<Spanned<ColumnFile>>>,
    kind: Kind,
    areas: usize,
) -> Vec<Column> {
    let mut list: Vec<Column> = Vec::new();
    for column in file.get_ref() {
        let name = column.get_ref().name.get_ref();
        if list.iter().any(|c| c.name == *name) || name.is_empty() {
            found.wrong(
                column.get_ref().name.span(),
                format!("列名 `{name}` 重复或为空"),
                format!("the column name `{name}` is there twice or empty"),
            );
        }
        if let Some(made) = one(found, column, kind, areas, &list) {
            list.push(made);
        }
    }
    list
}

fn one(
    found: &mut Found<'_>,
    spanned: &Spanned<ColumnFile>,
    kind: Kind,
    areas: usize,
    earlier: &[Column],
) -> Option<Column> {
    let column = spanned.get_ref();
    let choices = allowed(kind);
    let name = column.make.get_ref().as_str();
    if !choices.contains(&name) {
        let choices = choices.join(", ");
        found.wrong(
            column.make.span(),
            format!("此处没有 `{name}` 这种生成方式;可用:{choices}"),
            format!("there is no maker `{name}` here; there are {choices}"),
        );
        return None;
    }
    unused(found, column);
    let make = make(
        &mut Reader {
            found,
            column,
            areas,
        },
        spanned.span(),
    )?;
    if let Some(missing) = &column.missing {
        found.within(missing, 0, 1000);
    }
    Some(Column {
        name: column.name.get_ref().clone(),
        make,
        per: per(found, column, kind)?,
        missing: column.missing.as_ref().map_or(0, |m| *m.get_ref()),
        when: when(found, column, earlier)?,
    })
}

/// Refuses keys that the maker does not read, so that none is ignored in silence.
fn unused(found: &mut Found<'_>, column: &ColumnFile) {
    let make = column.make.get_ref().as_str();
    let reads: &[&str] = match make {
        "serial" | "pattern" | "family" => &["pattern"],
        "token" => &["length"],
        "constant" => &["value"],
        "date" => &["from", "until"],
        "integer" => &["from", "until", "step"],
        "boolean" => &["per_mille"],
        "choice" => &["values", "weights"],
        "by-area" => &["values"],
        _ => &[],
    };
    // A key has no missing values, and neither has what a choice is about.
    let fixed = ["serial", "applicant", "provider", "position"].contains(&make);
    let given = [
        ("pattern", column.pattern.as_ref().map(Spanned::span)),
        ("length", column.length.as_ref().map(Spanned::span)),
        ("value", column.value.as_ref().map(Spanned::span)),
        ("from", column.from.as_ref().map(Spanned::span)),
        ("until", column.until.as_ref().map(Spanned::span)),
        ("step", column.step.as_ref().map(Spanned::span)),
        ("per_mille", column.per_mille.as_ref().map(Spanned::span)),
        ("values", column.values.as_ref().map(Spanned::span)),
        ("weights", column.weights.as_ref().map(Spanned::span)),
        (
            "missing",
            column.missing.as_ref().filter(|_| fixed).map(Spanned::span),
        ),
        (
            "when",
            column
                .when
                .as_ref()
                .filter(|_| fixed)
                .map(|w| w.column.span()),
        ),
    ];
    for (key, span) in given {
        if let Some(span) = span.filter(|_| !reads.contains(&key)) {
            found.wrong(
                span,
                format!("生成方式 `{make}` 不用 `{key}`"),
                format!("the maker `{make}` does not use `{key}`"),
            );
        }
    }
}

fn per(found: &mut Found<'_>, column: &ColumnFile, kind: Kind) -> Option<Per> {
    match column
        .per
        .as_ref()
        .map(|p| (p.get_ref().as_str(), p.span()))
    {
        None | Some(("row", _)) => Some(Per::Row),
        Some(("family", _)) if kind == Kind::Applicants => Some(Per::Family),
        Some((_, span)) => {
            found.wrong(
                span,
                "应为 `row`(申请人名册还可为 `family`)",
                "expected `row` (or `family`, for applicants)",
            );
            None
        }
    }
}

fn when(
    found: &mut Found<'_>,
    column: &ColumnFile,
    earlier: &[Column],
) -> Option<Option<Condition>> {
    let Some(when) = &column.when else {
        return Some(None);
    };
    let name = when.column.get_ref();
    let Some(place) = earlier.iter().position(|c| c.name == *name) else {
        found.wrong(
            when.column.span(),
            format!("前面没有列 `{name}`"),
            format!("there is no earlier column `{name}`"),
        );
        return None;
    };
    let is = value(when.is.get_ref());
    let expected = earlier.get(place).map(|c| c.make.data_type());
    if is.is_none() || is.as_ref().map(Value::type_of) != expected {
        found.wrong(
            when.is.span(),
            format!("与列 `{name}` 的类型不符"),
            format!("not of the type of column `{name}`"),
        );
        return None;
    }
    Some(is.map(|is| Condition { column: place, is }))
}
