//! `[site]`.

use minsheng_model::{
    Amount, Column, Must, Scope, SiteFloors, SiteGroups, SiteModel, SiteYear, Siting, Span,
    TravelMetric, Type,
};

use super::select::figure;
use super::travel::travel;
use crate::draft::{Draft, Want, unique};
use crate::groups::{Personal, text_column, unknown_column};
use crate::shape::{Key, Shape, may, must};
use crate::sink::Sink;
use crate::view::View;

/// The keys of `[site]`.
pub static SITE: &[Key] = &[
    must(
        "model",
        Shape::OneOf(&[
            "p-median",
            "p-center",
            "set-cover",
            "max-cover",
            "uncapacitated",
            "capacitated",
        ]),
        "what is made best",
    ),
    must(
        "weight",
        Shape::Record(WEIGHT),
        "how many units a demand has",
    ),
    may(
        "open",
        Shape::Record(OPEN),
        "which sites exist already: they stay, whatever the conditions say of them",
    ),
    may(
        "cost",
        Shape::Record(FIGURE),
        "what opening a site adds to the sum that is made small",
    ),
    may(
        "price",
        Shape::Record(FIGURE),
        "what opening a site takes of the budget",
    ),
    may(
        "capacity",
        Shape::Record(FIGURE),
        "the most units that a site serves",
    ),
    may(
        "p",
        Shape::Record(AMOUNT),
        "exactly how many are open, those that exist among them",
    ),
    may("min_open", Shape::Record(AMOUNT), "at least how many"),
    may("max_open", Shape::Record(AMOUNT), "at most how many"),
    may(
        "budget",
        Shape::Record(AMOUNT),
        "what all open sites may cost together",
    ),
    may(
        "spacing",
        Shape::Record(AMOUNT),
        "how far open sites stand apart at least",
    ),
    may(
        "groups",
        Shape::Record(GROUPS),
        "how many of each group of sites are open",
    ),
    may(
        "by",
        Shape::Words,
        "a publishable text column of the demands: groups by which results are told",
    ),
    may(
        "floors",
        Shape::Record(FLOORS),
        "how much of each group of demands is within reach at least",
    ),
    may(
        "place",
        Shape::Words,
        "a publishable text column of the demands: what stands in one place, for letters",
    ),
    may(
        "years",
        Shape::List(&Shape::Record(YEAR)),
        "the years in which sites are opened, in their order",
    ),
    may(
        "carry",
        Shape::Boolean,
        "whether what a year leaves of its budget may be spent later",
    ),
    may(
        "effort",
        Shape::Integer(0, 1_000_000),
        "how hard to try, in millions of pairs looked at",
    ),
    must(
        "travel",
        Shape::Record(super::travel::TRAVEL),
        "how far it is from demands to sites",
    ),
];

static WEIGHT: &[Key] = &[
    must("title", Shape::Text, "what people call it"),
    must("sql", Shape::Sql, "a whole number, seen from a demand"),
    may("unit", Shape::Words, "the unit"),
    must("cite", Shape::Id, "the law it comes from"),
];

static FIGURE: &[Key] = &[
    must("title", Shape::Text, "what people call it"),
    must("sql", Shape::Sql, "a whole number, seen from a site"),
    may("unit", Shape::Words, "the unit"),
    must("cite", Shape::Id, "the law it comes from"),
];

static OPEN: &[Key] = &[
    must("title", Shape::Text, "what people call it"),
    must("when", Shape::Sql, "which sites, seen from a site"),
    must("cite", Shape::Id, "the law it comes from"),
];

static AMOUNT: &[Key] = &[
    must("title", Shape::Text, "what people call it"),
    must("sql", Shape::Sql, "a whole number, from parameters alone"),
    may("unit", Shape::Words, "the unit"),
    must("cite", Shape::Id, "the law it comes from"),
];

const LEAST: Key = may(
    "least",
    Shape::Sql,
    "at least so many, from parameters alone",
);
const MOST: Key = may("most", Shape::Sql, "at most so many, from parameters alone");

static GROUPS: &[Key] = &[
    must("title", Shape::Text, "what people call it"),
    must(
        "by",
        Shape::Words,
        "a publishable text column of the sites: a group for each of its values",
    ),
    LEAST,
    MOST,
    must("cite", Shape::Id, "the law it comes from"),
];

static FLOORS: &[Key] = &[
    must("title", Shape::Text, "what people call it"),
    must(
        "per_mille",
        Shape::Sql,
        "thousandths of each group's units, from parameters alone",
    ),
    must("cite", Shape::Id, "the law it comes from"),
];

static YEAR: &[Key] = &[
    must("id", Shape::Id, "its name, such as 2025"),
    LEAST,
    MOST,
    may(
        "budget",
        Shape::Sql,
        "what is opened in it may cost together, from parameters alone",
    ),
    may(
        "weight",
        Shape::Sql,
        "how much the year counts, from parameters alone; 1 when left out",
    ),
    must("cite", Shape::Id, "the law it comes from"),
];

/// Returns the figures that a case may expect.
pub fn numbers(own: &Siting) -> Vec<&'static str> {
    let open = own.open.iter().map(|_| "open");
    let of_site = own.of_site().into_iter().map(|(key, _)| key);
    ["weight"].into_iter().chain(open).chain(of_site).collect()
}

/// Groups are shown.
const GROUPED: Personal = Personal {
    zh: "不公开,而分组是公布的",
    en: "is not published, but the groups are",
    mend_zh: "写上 `publish = true`",
    mend_en: "write `publish = true`",
};

/// Reads `[site]`.
pub fn siting(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) -> Siting {
    let model = SiteModel::named(&view.string("model")).unwrap_or(SiteModel::PMedian);
    let weight = view.table("weight");
    let unit = weight.words("unit").map(|(u, _)| u.to_owned());
    let weight = minsheng_model::Figure {
        title: weight.text("title"),
        sql: draft.measure(weight, "sql", Scope::Provider, Want::Whole, unit.clone()),
        unit,
        cite: draft.cite(weight, "cite"),
    };
    let open = view.item("open").map(|_| {
        let item = view.table("open");
        Must {
            title: item.text("title"),
            sql: draft.expression(item, "when", Scope::Applicant, Want::Members),
            cite: draft.cite(item, "cite"),
        }
    });
    let mut own = |key: &str| view.item(key).map(|_| figure(draft, view.table(key)));
    let [cost, price, capacity] = [own("cost"), own("price"), own("capacity")];
    let mut fixed = |key: &str| view.item(key).map(|_| amount(draft, view.table(key)));
    let [p, min_open, max_open, budget, spacing] = [
        fixed("p"),
        fixed("min_open"),
        fixed("max_open"),
        fixed("budget"),
        fixed("spacing"),
    ];
    let site = Siting {
        model,
        weight,
        open,
        cost,
        price,
        capacity,
        p,
        min_open,
        max_open,
        budget,
        spacing,
        groups: view
            .item("groups")
            .map(|_| groups(draft, view.table("groups"), sink)),
        by: demand_column(draft, view, "by", sink),
        floors: view.item("floors").map(|_| {
            let item = view.table("floors");
            SiteFloors {
                title: item.text("title"),
                per_mille: draft.measure(
                    item,
                    "per_mille",
                    Scope::Provider,
                    Want::Parameters,
                    None,
                ),
                cite: draft.cite(item, "cite"),
            }
        }),
        place: demand_column(draft, view, "place", sink),
        years: years(draft, view, sink),
        carry: view.boolean("carry"),
        travel: travel(draft, view, Scope::Provider, sink),
        effort: view.integer("effort").and_then(|n| u32::try_from(n).ok()),
    };
    stand_together(&site, view, sink);
    site
}

fn amount(draft: &mut Draft, item: View<'_>) -> Amount {
    let unit = item.words("unit").map(|(u, _)| u.to_owned());
    Amount {
        title: item.text("title"),
        sql: draft.measure(item, "sql", Scope::Provider, Want::Parameters, unit.clone()),
        unit,
        cite: draft.cite(item, "cite"),
    }
}

fn end(draft: &mut Draft, item: View<'_>, key: &str) -> Option<String> {
    item.item(key)?;
    Some(draft.measure(item, key, Scope::Provider, Want::Parameters, None))
}

fn groups(draft: &mut Draft, item: View<'_>, sink: &mut Sink<'_>) -> SiteGroups {
    if let Some((name, span)) = item.words("by") {
        text_column(draft, name, span, &GROUPED, sink);
    }
    let whole = item.place("title", &(0..0));
    if item.exists() && item.item("least").is_none() && item.item("most").is_none() {
        lacks(
            whole,
            [
                "`[site.groups]` 应有 `least`、`most` 或两者",
                "`[site.groups]` needs `least`, `most` or both",
            ],
            sink,
        );
    }
    SiteGroups {
        title: item.text("title"),
        by: item.string("by"),
        least: end(draft, item, "least"),
        most: end(draft, item, "most"),
        cite: draft.cite(item, "cite"),
    }
}

/// Reads the name of a column of the demands that is a published text.
fn demand_column(draft: &Draft, view: View<'_>, key: &str, sink: &mut Sink<'_>) -> Option<String> {
    let (name, span) = view.words(key)?;
    let table = &draft.rules.providers;
    let fits = |c: &Column| c.data_type == Type::Text && !c.nullable && c.publish;
    match table.columns.iter().find(|c| c.name == name) {
        None if draft.complete => unknown_column(table, name, span, sink),
        Some(column) if !fits(column) => {
            sink.error(
                "programme/column-type",
                span,
                format!("列 `{name}` 应为公开的、不可缺失的文字"),
                format!("column `{name}` has to be a published text that is never missing"),
            );
        }
        _ => {}
    }
    Some(name.to_owned())
}

fn years(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) -> Vec<SiteYear> {
    let (mut names, mut years) = (Vec::new(), Vec::new());
    for (item, span) in view.tables("years") {
        names.push((item.string("id"), item.place("id", &span)));
        if item.item("most").is_none() && item.item("budget").is_none() {
            lacks(
                item.place("id", &span),
                [
                    "每年应有 `most` 或 `budget`",
                    "a year needs `most` or `budget`",
                ],
                sink,
            );
        }
        years.push(SiteYear {
            id: item.string("id"),
            least: end(draft, item, "least"),
            most: end(draft, item, "most"),
            budget: end(draft, item, "budget"),
            weight: end(draft, item, "weight"),
            cite: draft.cite(item, "cite"),
        });
    }
    unique(&names, sink);
    years
}

fn lacks(span: Span, [zh, en]: [&str; 2], sink: &mut Sink<'_>) {
    sink.error("programme/missing-key", span, zh, en);
}

/// Notes what the mechanism refuses, while the officer still has the file at hand.
fn stand_together(own: &Siting, view: View<'_>, sink: &mut Sink<'_>) {
    let staged = !own.years.is_empty();
    let at = |key: &str| view.place(key, &(0..0));
    let model = own.model.as_str();
    let mut refuse = |key: &str, zh: String, en: String| {
        sink.error("programme/not-together", at(key), zh, en);
    };
    if own.p.is_some() && (own.min_open.is_some() || own.max_open.is_some()) {
        refuse(
            "p",
            "`p` 不能与 `min_open`、`max_open` 同用".to_owned(),
            "`p` cannot stand with `min_open` or `max_open`".to_owned(),
        );
    }
    let limited = own.p.is_some() || own.min_open.is_some() || own.max_open.is_some();
    let counted = matches!(
        own.model,
        SiteModel::PMedian | SiteModel::PCenter | SiteModel::MaxCover
    );
    if counted && !limited && own.budget.is_none() && !staged {
        refuse(
            "model",
            format!("`{model}` 须有 `p`、`max_open`、`budget` 或 `years`:否则全部开设"),
            format!(
                "`{model}` needs `p`, `max_open`, `budget` or `years`: else everything is opened"
            ),
        );
    }
    if own.model.covers() && own.travel.reach.is_none() && own.travel.pairs().is_none() {
        refuse(
            "travel",
            format!("`{model}` 须有 `reach`:多远以内算覆盖"),
            format!("`{model}` needs `reach`: how near is near enough"),
        );
    }
    if own.floors.is_some() {
        let said = if own.model != SiteModel::MaxCover {
            Some((
                "`floors` 只用于 `max-cover`:其他模型人人都得到服务",
                "`floors` stand with `max-cover` only: the other models serve everybody",
            ))
        } else if own.capacity.is_some() {
            Some((
                "`floors` 不能与 `capacity` 同用",
                "`floors` cannot stand with `capacity`",
            ))
        } else if own.by.is_none() {
            Some((
                "`floors` 须写明 `by`:按需求方的哪一列分组",
                "`floors` needs `by`: the demands' column that makes the groups",
            ))
        } else {
            None
        };
        if let Some((zh, en)) = said {
            refuse("floors", zh.to_owned(), en.to_owned());
        }
    }
    if (own.budget.is_some() || own.years.iter().any(|y| y.budget.is_some())) && own.price.is_none()
    {
        let key = if own.budget.is_some() {
            "budget"
        } else {
            "years"
        };
        refuse(
            key,
            "`budget` 须写明 `price`:一处占用多少".to_owned(),
            "`budget` needs `price`: what a site takes of it".to_owned(),
        );
    }
    let planar = matches!(own.travel.metric, TravelMetric::Planar(_));
    let points = planar && own.travel.same.len() < 2 && own.travel.at_most.is_empty();
    if own.spacing.is_some() && !points {
        refuse(
            "spacing",
            "`spacing` 须有平面坐标(`metric = \"planar\"`,`same` 至多一对,没有 `at_most`)".to_owned(),
            "`spacing` needs points of a plane (`metric = \"planar\"`, at most one pair in `same`, no `at_most`)".to_owned(),
        );
    }
    if own.carry && !staged {
        refuse(
            "carry",
            "`carry` 须有 `years`".to_owned(),
            "`carry` needs `years`".to_owned(),
        );
    }
    if own.model == SiteModel::Capacitated && own.capacity.is_none() {
        refuse(
            "model",
            "`capacitated` 须写明 `capacity`".to_owned(),
            "`capacitated` needs `capacity`".to_owned(),
        );
    }
    if staged {
        staged_with(own, &mut refuse);
    }
}

/// What cannot stand with years.
fn staged_with(own: &Siting, refuse: &mut dyn FnMut(&str, String, String)) {
    let with = [
        ("p", own.p.is_some()),
        ("min_open", own.min_open.is_some()),
        ("max_open", own.max_open.is_some()),
        ("budget", own.budget.is_some()),
        ("groups", own.groups.is_some()),
        ("floors", own.floors.is_some()),
        ("capacity", own.capacity.is_some()),
    ];
    for (key, _) in with.into_iter().filter(|(_, on)| *on) {
        refuse(
            key,
            format!("`{key}` 不能与 `years` 同用:每年的限制写在 `years` 里"),
            format!("`{key}` cannot stand with `years`: each year has its own limits there"),
        );
    }
    let fits = matches!(
        own.model,
        SiteModel::PMedian | SiteModel::MaxCover | SiteModel::Uncapacitated
    );
    if !fits {
        refuse(
            "model",
            "`years` 只用于 `p-median`、`max-cover`、`uncapacitated`".to_owned(),
            "`years` stand with `p-median`, `max-cover` and `uncapacitated` only".to_owned(),
        );
    }
}
