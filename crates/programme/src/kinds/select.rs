//! `[select]` and `[rank]`.

use minsheng_model::{Figure, Order, Ranking, Scope, Score, Selection, Tier};

use crate::draft::{Draft, Want};
use crate::groups::limit;
use crate::sink::Sink;
use crate::view::View;

use super::limits;

/// Reads `[select]`.
pub fn selection(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) -> Selection {
    Selection {
        value: figure(draft, view.table("value")),
        limits: limits::read(draft, view, false, sink),
        explain: view.boolean("explain"),
        effort: view.integer("effort").and_then(|n| u32::try_from(n).ok()),
    }
}

/// Reads `[rank]`.
pub fn ranking(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) -> Ranking {
    let tiers = tiers(draft, view, sink);
    let item = view.table("score");
    let own = figure(draft, item);
    let tie = view.item("tie").map(|_| figure(draft, view.table("tie")));
    Ranking {
        tiers,
        score: Score {
            sql: own.sql,
            order: if item.string("order") == "high-first" {
                Order::HighFirst
            } else {
                Order::LowFirst
            },
            unit: own.unit,
            title: own.title,
            cite: own.cite,
        },
        tie,
        limits: limits::read(draft, view, true, sink),
        stop_at_budget: view.boolean("stop_at_budget"),
        explain: view.boolean("explain"),
    }
}

/// Reads a cited figure over a candidate.
pub fn figure(draft: &mut Draft, item: View<'_>) -> Figure {
    seen(draft, item, Scope::Applicant)
}

/// Reads a cited figure over a row of the scope.
pub fn seen(draft: &mut Draft, item: View<'_>, scope: Scope) -> Figure {
    let unit = item.words("unit").map(|(u, _)| u.to_owned());
    Figure {
        title: item.text("title"),
        sql: draft.measure(item, "sql", scope, Want::Whole, unit.clone()),
        unit,
        cite: draft.cite(item, "cite"),
    }
}

fn tiers(draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) -> Vec<Tier> {
    let (mut names, mut tiers) = (Vec::new(), Vec::new());
    for (item, span) in view.tables("tiers") {
        let cited = item.item("unknown_cite").is_some();
        let place = item.place("id", &span);
        let id = item.string("id");
        if id == "last" || id == "kept" {
            sink.error(
                "programme/bad-name",
                place.clone(),
                format!("`{id}` 另有含义"),
                format!("`{id}` has a meaning of its own"),
            );
        }
        names.push((id.clone(), place));
        tiers.push(Tier {
            id,
            title: item.text("title"),
            when: draft.expression(item, "when", Scope::Applicant, Want::Tier { cited }),
            cite: draft.cite(item, "cite"),
            unknown_cite: cited.then(|| draft.cite(item, "unknown_cite")),
        });
    }
    limit(&names, minsheng_model::MASK_LIMIT, sink);
    tiers
}
