//! `[KIND.travel]`: how far it is from people to places.

use minsheng_model::{
    Column, ColumnPair, Coordinates, PairColumns, Scope, Span, Table, Travel, TravelMetric, Type,
};

use crate::draft::{Draft, Want};
use crate::groups::unknown_column;
use crate::shape::{Key, Shape, may, must};
use crate::sink::Sink;
use crate::view::View;

/// The keys of `[KIND.travel]`.
pub static TRAVEL: &[Key] = &[
    must(
        "metric",
        Shape::OneOf(&["planar", "great-circle", "pairs"]),
        "how a distance is found: a plane in metres, the globe, or a register of pairs",
    ),
    may(
        "from",
        Shape::List(&Shape::Words),
        "two columns of the people: x and y in whole metres, or longitude and latitude",
    ),
    may("to", Shape::List(&Shape::Words), "the same of the places"),
    may(
        "reach",
        Shape::Sql,
        "pairs farther apart cannot be used: a whole number from parameters alone",
    ),
    may(
        "same",
        Shape::List(&Shape::List(&Shape::Words)),
        "pairs of columns, people's and places', that have to be equal",
    ),
    may(
        "at_most",
        Shape::List(&Shape::List(&Shape::Words)),
        "pairs of whole-number columns: the people's may not exceed the places'",
    ),
    must("cite", Shape::Id, "the law it comes from"),
];

/// Reads `travel` of a kind's table; `people` says in which slot the people's register
/// stands, applicants or providers.
pub fn travel(draft: &mut Draft, own: View<'_>, people: Scope, sink: &mut Sink<'_>) -> Travel {
    let view = own.table("travel");
    let whole = own.place("travel", &(0..0));
    let sides = Sides::of(draft, people);
    let metric = metric(draft, view, &whole, &sides, sink);
    let same = column_pairs(view, "same", &sides, sink);
    let at_most = column_pairs(view, "at_most", &sides, sink);
    Travel {
        metric,
        reach: view
            .item("reach")
            .map(|_| draft.expression(view, "reach", Scope::Provider, Want::Parameters)),
        same,
        at_most,
        cite: draft.cite(view, "cite"),
    }
}

/// The registers of people and of places; none while they are not understood.
struct Sides {
    from: Option<Table>,
    to: Option<Table>,
}

impl Sides {
    fn of(draft: &Draft, people: Scope) -> Self {
        let (applicants, providers) = (&draft.rules.applicants, &draft.rules.providers);
        let (from, to) = if people == Scope::Provider {
            (providers, applicants)
        } else {
            (applicants, providers)
        };
        let known = |t: &Table| draft.complete.then(|| t.clone());
        Self {
            from: known(from),
            to: known(to),
        }
    }
}

fn metric(
    draft: &Draft,
    view: View<'_>,
    whole: &Span,
    sides: &Sides,
    sink: &mut Sink<'_>,
) -> TravelMetric {
    let pairs = draft.registers.choices.pairs.clone();
    let word = view.string("metric");
    if word == "pairs" {
        for key in ["from", "to"] {
            if view.item(key).is_some() {
                sink.error(
                    "programme/unknown-key",
                    view.place(key, whole),
                    format!("`metric = \"pairs\"` 不用坐标,`{key}` 应去掉"),
                    format!("`metric = \"pairs\"` uses no coordinates: remove `{key}`"),
                );
            }
        }
        if pairs.is_none() && draft.complete {
            sink.error(
                "programme/missing-register",
                view.place("metric", whole),
                "`pairs` 须有角色为 `pairs` 的名册",
                "`pairs` needs a register with the role `pairs`",
            );
            sink.help(
                "该名册以 `from_id`、`to_id`、`value` 指明三列:从何处、到何处、多远",
                "that register names three columns by `from_id`, `to_id` and `value`: from where, to where, how far",
            );
        }
        return TravelMetric::Pairs(pairs.unwrap_or(PairColumns {
            from: String::new(),
            to: String::new(),
            value: String::new(),
        }));
    }
    if pairs.is_some() && view.words("metric").is_some() {
        sink.error(
            "programme/unknown-key",
            view.place("metric", whole),
            format!("有角色为 `pairs` 的名册,而 `{word}` 不用它"),
            format!("there is a register with the role `pairs`, which `{word}` does not use"),
        );
        sink.help(
            "写 `metric = \"pairs\"`,或去掉该名册",
            "write `metric = \"pairs\"`, or remove the register",
        );
    }
    let sphere = word == "great-circle";
    let mut of =
        |key: &str, table: &Option<Table>| point(view, key, whole, table.as_ref(), sphere, sink);
    let found = Coordinates {
        from: of("from", &sides.from),
        to: of("to", &sides.to),
    };
    if sphere {
        TravelMetric::GreatCircle(found)
    } else {
        TravelMetric::Planar(found)
    }
}

/// Reads two columns that say where somebody is.
fn point(
    view: View<'_>,
    key: &str,
    whole: &Span,
    table: Option<&Table>,
    sphere: bool,
    sink: &mut Sink<'_>,
) -> [String; 2] {
    let nothing = || [String::new(), String::new()];
    if view.words("metric").is_none() {
        return nothing();
    }
    let names = view.strings(key);
    let [first, second] = names.as_slice() else {
        // What is no list of texts was told with the shape.
        let odd = view.list(key).len() != names.len();
        if !odd && (view.item(key).is_none() || !names.is_empty() || view.list(key).is_empty()) {
            let (zh, en) = if sphere {
                (
                    "`[\"经度列\", \"纬度列\"]`",
                    "`[\"LONGITUDE\", \"LATITUDE\"]`",
                )
            } else {
                ("`[\"x 列\", \"y 列\"]`", "`[\"X\", \"Y\"]`")
            };
            sink.error(
                "programme/missing-key",
                view.place(key, whole),
                format!("`{key}` 应为两列:{zh}"),
                format!("`{key}` has to name two columns: {en}"),
            );
        }
        return nothing();
    };
    for (name, span) in [first, second] {
        let Some(column) = shown(table, name, span, sink) else {
            continue;
        };
        let fits = match column.data_type {
            Type::Integer => true,
            Type::Decimal { .. } => sphere,
            _ => false,
        };
        if !fits {
            let found = column.data_type;
            let (zh, en) = if sphere {
                ("整数或小数(度)", "a whole number or a decimal, in degrees")
            } else {
                ("整数(米)", "a whole number, in metres")
            };
            sink.error(
                "programme/column-type",
                span.clone(),
                format!("列 `{name}` 的类型是 {found},应为{zh}"),
                format!("column `{name}` has type {found}, expected {en}"),
            );
        }
    }
    [first.0.to_owned(), second.0.to_owned()]
}

/// Returns a column that is there, published and never missing.
fn shown<'t>(
    table: Option<&'t Table>,
    name: &str,
    span: &Span,
    sink: &mut Sink<'_>,
) -> Option<&'t Column> {
    let table = table?;
    let Some(column) = table.columns.iter().find(|c| c.name == name) else {
        unknown_column(table, name, span.clone(), sink);
        return None;
    };
    if column.nullable {
        sink.error(
            "programme/nullable",
            span.clone(),
            format!("列 `{name}` 可能缺失,而每一对都要用它"),
            format!("column `{name}` may be missing, but every pair needs it"),
        );
        sink.help("去掉它的 `nullable = true`", "remove its `nullable = true`");
    }
    if !column.publish {
        sink.error(
            "programme/personal-column",
            span.clone(),
            format!("列 `{name}` 不公开,而距离须能由公示重算"),
            format!(
                "column `{name}` is not published, but distances are computed again from what is"
            ),
        );
        sink.help("写上 `publish = true`", "write `publish = true`");
    }
    Some(column)
}

/// Reads `same` or `at_most`.
fn column_pairs(view: View<'_>, key: &str, sides: &Sides, sink: &mut Sink<'_>) -> Vec<ColumnPair> {
    let mut found: Vec<ColumnPair> = Vec::new();
    for item in view.list(key) {
        let Some(list) = item.get_ref().as_array() else {
            continue;
        };
        let names: Vec<(&str, Span)> = list
            .iter()
            .filter_map(|i| Some((i.get_ref().as_str()?, i.span())))
            .collect();
        let [(from, from_at), (to, to_at)] = names.as_slice() else {
            if names.len() == list.len() {
                sink.error(
                    "programme/bad-value",
                    item.span(),
                    format!("`{key}` 的每一项应为两列:`[\"人的列\", \"地点的列\"]`"),
                    format!("each item of `{key}` is two columns: `[\"PEOPLE'S\", \"PLACES'\"]`"),
                );
            }
            continue;
        };
        let pair = ColumnPair {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
        };
        if found.contains(&pair) {
            sink.error(
                "programme/duplicate",
                item.span(),
                format!("`{from}`、`{to}` 重复"),
                format!("`{from}`, `{to}` is there twice"),
            );
        }
        let left = shown(sides.from.as_ref(), from, from_at, sink);
        let right = shown(sides.to.as_ref(), to, to_at, sink);
        if let (Some(left), Some(right)) = (left, right) {
            comparable(key, left, right, to_at, sink);
        }
        found.push(pair);
    }
    found
}

fn comparable(key: &str, left: &Column, right: &Column, span: &Span, sink: &mut Sink<'_>) {
    let fits = if key == "same" {
        left.data_type == right.data_type
    } else {
        left.data_type == Type::Integer && right.data_type == Type::Integer
    };
    if fits {
        return;
    }
    let (a, b) = (left.data_type, right.data_type);
    let (zh, en) = if key == "same" {
        ("两列的类型应相同", "the two have to have one type")
    } else {
        ("两列都应为整数", "both have to be whole numbers")
    };
    sink.error(
        "programme/column-type",
        span.clone(),
        format!("`{}` 是 {a},`{}` 是 {b};{zh}", left.name, right.name),
        format!("`{}` is {a}, `{}` is {b}: {en}", left.name, right.name),
    );
}
