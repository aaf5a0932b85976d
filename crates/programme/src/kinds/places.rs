//! `[assign]` and `[access]`.

use minsheng_model::{
    AccessMethod, AccessRules, Assignment, Catchment, Floor, Overload, Scope, Span, Zone,
};

use super::select::seen;
use super::travel::{TRAVEL, travel};
use crate::draft::{Draft, Want};
use crate::groups::{Personal, text_column};
use crate::kinds::keys::FIGURE;
use crate::shape::{Key, Shape, may, must};
use crate::sink::Sink;
use crate::view::View;

/// The keys of `[assign]`.
pub static ASSIGN: &[Key] = &[
    must(
        "amount",
        Shape::Record(FIGURE),
        "how many units a demand has",
    ),
    must(
        "capacity",
        Shape::Record(FIGURE),
        "how many units a provider takes at most, seen from its row",
    ),
    may(
        "minimum",
        Shape::Record(FIGURE),
        "how many a provider has to get at least, seen from its row",
    ),
    may(
        "whole",
        Shape::Boolean,
        "every demand stays together; the plan may then be above the least cost",
    ),
    may(
        "overload",
        Shape::OneOf(&["refuse", "share"]),
        "when capacity is short: refuse with a proof, or stretch all capacities alike; refuse when left out",
    ),
    must("travel", Shape::Record(TRAVEL), "how far it is"),
];

/// The keys of `[access]`.
pub static ACCESS: &[Key] = &[
    must(
        "method",
        Shape::OneOf(&["2sfca", "bfca"]),
        "how shares are made: two-step floating catchment, or balanced",
    ),
    must(
        "people",
        Shape::Record(FIGURE),
        "how many people a demand place has",
    ),
    must(
        "supply",
        Shape::Record(FIGURE),
        "what a supplier has, seen from its row",
    ),
    may(
        "before",
        Shape::Record(FIGURE),
        "what it had before, seen from its row: everything is told twice",
    ),
    may(
        "reach",
        Shape::Sql,
        "how far counts, from parameters alone; or `zones`",
    ),
    may(
        "zones",
        Shape::List(&Shape::Record(ZONE)),
        "rings with weights, from near to far; or `reach`",
    ),
    may(
        "gaussian_rings",
        Shape::Integer(1, 1000),
        "with `reach`: a Gaussian in so many rings",
    ),
    may(
        "group",
        Shape::Words,
        "a publishable text column: figures for each of its values",
    ),
    may(
        "floor",
        Shape::Record(FLOOR),
        "how much there ought to be: places below it are named",
    ),
    may(
        "per",
        Shape::Integer(1, 1_000_000),
        "scores are shown for so many people; 1000 when left out",
    ),
    must("cite", Shape::Id, "the law the catchment comes from"),
    must("travel", Shape::Record(TRAVEL), "how far it is"),
];

static ZONE: &[Key] = &[
    must(
        "distance",
        Shape::Sql,
        "up to so far, from parameters alone",
    ),
    must(
        "weight",
        Shape::Sql,
        "counts so many thousandths, from parameters alone",
    ),
];

static FLOOR: &[Key] = &[
    must("title", Shape::Text, "what people call it"),
    must("sql", Shape::Sql, "so much supply, from parameters alone"),
    must(
        "people",
        Shape::Integer(1, 1_000_000_000),
        "for so many people",
    ),
    must("cite", Shape::Id, "the law it comes from"),
];

/// Reads `[assign]`.
pub fn assignment(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) -> Assignment {
    let minimum = view.item("minimum");
    let shared = view.string("overload") == "share";
    if let Some(item) = minimum {
        let beside = [
            (view.boolean("whole"), "whole = true"),
            (shared, "overload = \"share\""),
        ];
        for (_, other) in beside.into_iter().filter(|(is, _)| *is) {
            sink.error(
                "programme/minimum-and-others",
                item.span(),
                format!("`minimum` 不能与 `{other}` 同用"),
                format!("`minimum` cannot stand with `{other}`"),
            );
            sink.help("去掉其中之一", "remove one of the two");
        }
    }
    Assignment {
        amount: seen(draft, view.table("amount"), Scope::Applicant),
        capacity: seen(draft, view.table("capacity"), Scope::Provider),
        minimum: minimum.map(|_| seen(draft, view.table("minimum"), Scope::Provider)),
        whole: view.boolean("whole"),
        overload: if shared {
            Overload::Share
        } else {
            Overload::Refuse
        },
        travel: travel(draft, view, Scope::Applicant, sink),
    }
}

/// Groups of access are published.
const SUMMED: Personal = Personal {
    zh: "不公开,而分组的数是公布的",
    en: "is not published, but the groups' figures are",
    mend_zh: "写上 `publish = true`",
    mend_en: "write `publish = true`",
};

/// Reads `[access]`.
pub fn access(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) -> AccessRules {
    let way = view.table("travel");
    if way.item("reach").is_some() {
        sink.error(
            "programme/unknown-key",
            way.place("reach", &(0..0)),
            "可达范围写在 `[access]` 的 `reach` 或 `zones` 中",
            "how far counts is said by `reach` or `zones` of `[access]`",
        );
        sink.help(
            "把 `reach` 移到 `[access]` 下",
            "move `reach` up to `[access]`",
        );
    }
    let group = view.words("group").map(|(name, place)| {
        text_column(draft, name, place, &SUMMED, sink);
        name.to_owned()
    });
    let before = view.item("before");
    AccessRules {
        method: if view.string("method") == "bfca" {
            AccessMethod::Balanced
        } else {
            AccessMethod::TwoStep
        },
        people: seen(draft, view.table("people"), Scope::Applicant),
        supply: seen(draft, view.table("supply"), Scope::Provider),
        before: before.map(|_| seen(draft, view.table("before"), Scope::Provider)),
        catchment: catchment(draft, view, sink),
        group,
        floor: view
            .item("floor")
            .map(|_| floor(draft, view.table("floor"))),
        per: view
            .integer("per")
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(1000),
        travel: travel(draft, view, Scope::Applicant, sink),
        cite: draft.cite(view, "cite"),
    }
}

fn floor(draft: &mut Draft, item: View<'_>) -> Floor {
    let people = item.integer("people").and_then(|n| u32::try_from(n).ok());
    Floor {
        title: item.text("title"),
        sql: draft.expression(item, "sql", Scope::Provider, Want::Parameters),
        people: people.unwrap_or(1),
        cite: draft.cite(item, "cite"),
    }
}

fn catchment(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) -> Catchment {
    let whole: Span = view.place("method", &(0..0));
    let (reach, zones) = (view.item("reach"), view.item("zones"));
    match (reach, zones) {
        (Some(_), Some(item)) => {
            sink.error(
                "programme/unknown-key",
                item.span(),
                "`reach` 与 `zones` 只能写一个",
                "there can be `reach` or `zones`, not both",
            );
        }
        (None, None) => {
            sink.error(
                "programme/missing-key",
                whole.clone(),
                "`[access]` 缺少 `reach` 或 `zones`",
                "`reach` or `zones` is missing from `[access]`",
            );
            sink.help(
                "`reach` 给出一个范围,`zones` 给出几圈各自的权重",
                "`reach` gives one distance, `zones` rings with weights of their own",
            );
        }
        _ => {}
    }
    let rings = view.item("gaussian_rings");
    if let (Some(item), None) = (rings, reach) {
        sink.error(
            "programme/missing-key",
            item.span(),
            "`gaussian_rings` 须与 `reach` 同用",
            "`gaussian_rings` needs `reach` beside it",
        );
    }
    if reach.is_some() {
        let reach = draft.expression(view, "reach", Scope::Provider, Want::Parameters);
        let rings = view.integer("gaussian_rings");
        return match rings.and_then(|n| u32::try_from(n).ok()) {
            Some(rings) => Catchment::Gaussian { reach, rings },
            None => Catchment::Reach(reach),
        };
    }
    let list = view.tables("zones");
    if let (Some(item), true) = (zones, list.is_empty()) {
        sink.error(
            "programme/empty",
            item.span(),
            "至少要有一圈",
            "there has to be one ring at least",
        );
    }
    let mut one = |item: View<'_>| Zone {
        distance: draft.expression(item, "distance", Scope::Provider, Want::Parameters),
        weight: draft.expression(item, "weight", Scope::Provider, Want::Parameters),
    };
    Catchment::Zones(list.into_iter().map(|(item, _)| one(item)).collect())
}
