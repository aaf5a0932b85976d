//! The keys of the parts that belong to one kind.

use crate::shape::{Key, Shape, may, must};

/// `[mechanism]`.
pub static MECHANISM: &[Key] = &[must(
    "kind",
    Shape::OneOf(&["match", "select", "rank"]),
    "what is decided: places for applicants, which candidates, a ranked list",
)];

/// `[select]`.
pub static SELECT: &[Key] = &[
    must(
        "value",
        Shape::Record(FIGURE),
        "what a candidate is worth; the sum is made greatest",
    ),
    may("must", Shape::Record(MUST), "who is in beforehand"),
    may(
        "budgets",
        Shape::List(&Shape::Record(BUDGET)),
        "sums over what is chosen",
    ),
    may("count", Shape::Record(COUNT), "how many in all"),
    may(
        "quotas",
        Shape::List(&Shape::Record(QUOTA)),
        "how many of a group, or how much of a budget it has",
    ),
    may(
        "explain",
        Shape::Boolean,
        "choose again with each one left out, to say what would have changed the answer",
    ),
    may(
        "effort",
        Shape::Integer(1, 1_000_000),
        "how hard to try, in millions of multiplications",
    ),
];

/// `[rank]`.
pub static RANK: &[Key] = &[
    may(
        "tiers",
        Shape::List(&Shape::Record(TIER)),
        "groups served in this order",
    ),
    must("score", Shape::Record(SCORE), "points within a tier"),
    may(
        "tie",
        Shape::Record(FIGURE),
        "parts equal scores, the lowest first; before the draw, where there is one",
    ),
    may("must", Shape::Record(MUST), "who is in beforehand"),
    may(
        "budgets",
        Shape::List(&Shape::Record(RANK_BUDGET)),
        "sums over what is chosen",
    ),
    may("count", Shape::Record(RANK_COUNT), "how many in all"),
    may(
        "quotas",
        Shape::List(&Shape::Record(QUOTA)),
        "how many of a group, or how much of a budget it has",
    ),
    may(
        "stop_at_budget",
        Shape::Boolean,
        "the first candidate that a budget does not suffice for ends the list",
    ),
    may(
        "explain",
        Shape::Boolean,
        "search the least change that would have let in each one left out",
    ),
];

static FIGURE: &[Key] = &[
    must("title", Shape::Text, "what people call it"),
    must("sql", Shape::Sql, "a whole number, seen from a candidate"),
    may("unit", Shape::Words, "the unit"),
    must("cite", Shape::Id, "the law it comes from"),
];

static MUST: &[Key] = &[
    must("title", Shape::Text, "what people call it"),
    must("when", Shape::Sql, "who is in, seen from a candidate"),
    must("cite", Shape::Id, "the law it comes from"),
];

static TIER: &[Key] = &[
    must("id", Shape::Id, "its name in tests and letters"),
    must("title", Shape::Text, "what people call it"),
    must("when", Shape::Sql, "who belongs, seen from a candidate"),
    must("cite", Shape::Id, "the law it comes from"),
    may(
        "unknown_cite",
        Shape::Id,
        "the rule that unknown counts as not met",
    ),
];

static SCORE: &[Key] = &[
    must("title", Shape::Text, "what people call it"),
    must("sql", Shape::Sql, "a whole number, seen from a candidate"),
    must(
        "order",
        Shape::OneOf(&["high-first", "low-first"]),
        "which come first",
    ),
    may("unit", Shape::Words, "the unit"),
    must("cite", Shape::Id, "the law it comes from"),
];

const LEAST: Key = may("least", Shape::Sql, "the least, from parameters alone");
const MOST: Key = may("most", Shape::Sql, "the most, from parameters alone");
const COST: Key = must(
    "cost",
    Shape::Sql,
    "what a candidate takes of it: a whole number",
);

static BUDGET: &[Key] = &[
    must("id", Shape::Id, "its name"),
    must("title", Shape::Text, "what people call it"),
    may("unit", Shape::Words, "the unit"),
    COST,
    LEAST,
    MOST,
    must("cite", Shape::Id, "the law it comes from"),
];

static RANK_BUDGET: &[Key] = &[
    must("id", Shape::Id, "its name"),
    must("title", Shape::Text, "what people call it"),
    may("unit", Shape::Words, "the unit"),
    COST,
    MOST,
    must("cite", Shape::Id, "the law it comes from"),
];

static COUNT: &[Key] = &[
    LEAST,
    MOST,
    must("cite", Shape::Id, "the law it comes from"),
];

static RANK_COUNT: &[Key] = &[MOST, must("cite", Shape::Id, "the law it comes from")];

static QUOTA: &[Key] = &[
    must("id", Shape::Id, "its name"),
    must("title", Shape::Text, "what people call it"),
    may(
        "by",
        Shape::Words,
        "a publishable text column: one quota for each of its values",
    ),
    may(
        "members",
        Shape::Sql,
        "who belongs, seen from a candidate: one group",
    ),
    may(
        "budget",
        Shape::Id,
        "sums this budget's costs; candidates are counted when left out",
    ),
    may(
        "least",
        Shape::Sql,
        "the least, from the group's row or parameters",
    ),
    may(
        "most",
        Shape::Sql,
        "the most, from the group's row or parameters",
    ),
    must("cite", Shape::Id, "the law it comes from"),
];
