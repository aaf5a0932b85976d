use minsheng_model::{Type, Value};
use toml::Spanned;

use crate::file::{ColumnFile, WhenFile};
use crate::make::{Reader, make, value};
use crate::plan::{Column, Condition, Per};
use crate::resolve::Found;

/// Which table a column belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Providers,
    Applicants,
    Choices,
    Tables,
}

/// Which makers a table may use.
const COMMON: &[&str] = &[
    "serial",
    "pattern",
    "token",
    "constant",
    "date",
    "integer",
    "boolean",
    "choice",
    "cases",
    "area",
    "part",
    "by-area",
    "near-part",
    "band",
    "x",
    "y",
];

/// Which those may that a choice's table may use.
const OF_CHOICES: &[&str] = &[
    "applicant",
    "provider",
    "position",
    "distance",
    "constant",
    "date",
    "integer",
    "boolean",
    "choice",
];

pub fn allowed(kind: Kind) -> Vec<&'static str> {
    let own: &[&str] = match kind {
        Kind::Providers => &["places", "groups", "edition"],
        Kind::Applicants => &["family", "house", "shared", "member", "nearest"],
        Kind::Tables => &[],
        Kind::Choices => return OF_CHOICES.to_vec(),
    };
    COMMON.iter().chain(own).copied().collect()
}

/// What a table's columns are read for.
#[derive(Debug, Clone, Copy)]
pub struct About<'p> {
    pub kind: Kind,
    /// How many areas there are.
    pub areas: usize,
    /// The providers' columns, for applicants.
    pub providers: &'p [Column],
}

/// Reads a table's columns; those that are wrong are left out and told of.
pub fn columns(
    found: &mut Found<'_>,
    file: &Spanned<Vec<Spanned<ColumnFile>>>,
    about: About<'_>,
) -> Vec<Column> {
    let mut list: Vec<Column> = Vec::new();
    for column in file.get_ref() {
        let Some(name) = &column.get_ref().name else {
            found.wrong(column.span(), "列缺少 `name`", "the column has no `name`");
            continue;
        };
        let word = name.get_ref();
        if list.iter().any(|c| c.name == *word) || word.is_empty() {
            found.wrong(
                name.span(),
                format!("列名 `{word}` 重复或为空"),
                format!("the column name `{word}` is there twice or empty"),
            );
        }
        if let Some(made) = one(found, column, word, about, &list) {
            list.push(made);
        }
    }
    list
}

fn one(
    found: &mut Found<'_>,
    spanned: &Spanned<ColumnFile>,
    name: &str,
    about: About<'_>,
    earlier: &[Column],
) -> Option<Column> {
    let column = spanned.get_ref();
    if let Some(is) = &column.is {
        found.wrong(
            is.span(),
            "`is` 只用于 `cases` 中",
            "`is` stands in `cases` only",
        );
    }
    let make = make(
        &mut Reader {
            found,
            column,
            about,
            earlier,
        },
        spanned.span(),
    )?;
    if let Some(missing) = &column.missing {
        found.within(missing, 0, 1000);
    }
    Some(Column {
        name: name.to_owned(),
        make,
        per: per(found, column, about.kind)?,
        missing: column.missing.as_ref().map_or(0, |m| *m.get_ref()),
        when: match &column.when {
            Some(when) => Some(condition(found, when, earlier)?),
            None => None,
        },
    })
}

/// Refuses keys that the maker does not read, so that none is ignored in silence.
pub fn unused(found: &mut Found<'_>, column: &ColumnFile) {
    let make = column.make.get_ref().as_str();
    let reads: &[&str] = match make {
        "serial" | "pattern" | "family" | "house" => &["pattern"],
        "token" => &["length"],
        "constant" => &["value"],
        "date" => &["from", "until"],
        "integer" => &["from", "until", "step"],
        "boolean" => &["per_mille"],
        "choice" => &["values", "weights"],
        "by-area" | "member" => &["values"],
        "cases" => &["of", "cases"],
        "near-part" => &["rank"],
        "band" => &["edges", "values"],
        "nearest" => &["where"],
        _ => &[],
    };
    // A key has no missing values, and neither has what a choice is about.
    let fixed = ["serial", "applicant", "provider", "position"].contains(&make);
    let when = |w: &Option<WhenFile>| w.as_ref().map(|w| w.column.span());
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
        ("of", column.of.as_ref().map(Spanned::span)),
        ("cases", column.cases.as_ref().map(Spanned::span)),
        ("rank", column.rank.as_ref().map(Spanned::span)),
        ("edges", column.edges.as_ref().map(Spanned::span)),
        ("where", when(&column.only)),
        (
            "missing",
            column.missing.as_ref().filter(|_| fixed).map(Spanned::span),
        ),
        ("when", when(&column.when).filter(|_| fixed)),
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
        Some(("house", _)) if kind == Kind::Applicants => Some(Per::House),
        Some((_, span)) => {
            found.wrong(
                span,
                "应为 `row`(申请人名册还可为 `family` 或 `house`)",
                "expected `row` (or `family` or `house`, for applicants)",
            );
            None
        }
    }
}

/// Reads that a column, which stands before, has a value.
pub fn condition(found: &mut Found<'_>, when: &WhenFile, earlier: &[Column]) -> Option<Condition> {
    let name = when.column.get_ref();
    let Some(place) = earlier.iter().position(|c| c.name == *name) else {
        found.wrong(
            when.column.span(),
            format!("前面没有列 `{name}`"),
            format!("there is no earlier column `{name}`"),
        );
        return None;
    };
    let expected = earlier.get(place).map(|c| c.make.data_type());
    let is = of_type(found, &when.is, name, expected)?;
    Some(Condition { column: place, is })
}

/// Reads a value of this type.
pub fn of_type(
    found: &mut Found<'_>,
    given: &Spanned<toml::Value>,
    name: &str,
    expected: Option<Type>,
) -> Option<Value> {
    let is = value(given.get_ref());
    if is.is_none() || is.as_ref().map(Value::type_of) != expected {
        found.wrong(
            given.span(),
            format!("与列 `{name}` 的类型不符"),
            format!("not of the type of column `{name}`"),
        );
        return None;
    }
    is
}
