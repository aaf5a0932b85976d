//! The keys of the parts that belong to one kind.

use crate::shape::{Key, Shape, may, must};

/// `[mechanism]`.
pub static MECHANISM: &[Key] = &[must(
    "kind",
    Shape::OneOf(&[
        "match", "select", "rank", "calendar", "assign", "access", "site",
    ]),
    "what is decided: places for applicants, which candidates, a ranked list, when each starts, who goes where, who reaches how much, where to open",
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
        "needs",
        Shape::List(&Shape::Record(NEED)),
        "who is chosen only together with another candidate",
    ),
    may(
        "exclusions",
        Shape::List(&Shape::Record(EXCLUSION)),
        "candidates that stand in one another's way",
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
        "needs",
        Shape::List(&Shape::Record(NEED)),
        "who is chosen only together with another candidate",
    ),
    may(
        "exclusions",
        Shape::List(&Shape::Record(EXCLUSION)),
        "candidates that stand in one another's way",
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

/// `[calendar]`.
pub static CALENDAR: &[Key] = &[
    must(
        "periods",
        Shape::Integer(1, 1200),
        "how many periods there are; a period is a month",
    ),
    must("first", Shape::Day, "the day on which period 1 begins"),
    may(
        "no_start",
        Shape::List(&PERIOD),
        "periods in which nothing starts",
    ),
    may(
        "no_work",
        Shape::List(&PERIOD),
        "periods in which no work is done",
    ),
    may("seasons_cite", Shape::Id, "the law that says so"),
    may(
        "objective",
        Shape::OneOf(&["completion", "lateness"]),
        "what is made small; completion when left out",
    ),
    must(
        "capacity",
        Shape::Record(FIGURE),
        "crews of a group, seen from its row",
    ),
    must("duration", Shape::Record(FIGURE), "periods of work"),
    may(
        "crews",
        Shape::Record(FIGURE),
        "crews in every period of work; 1 when left out",
    ),
    may(
        "weight",
        Shape::Record(FIGURE),
        "how much finishing early matters",
    ),
    may(
        "earliest",
        Shape::Record(FIGURE),
        "the first period it may start in",
    ),
    may(
        "latest",
        Shape::Record(FIGURE),
        "the last period it may start in",
    ),
    may(
        "deadline",
        Shape::Record(FIGURE),
        "the last period it may finish in",
    ),
    may(
        "due",
        Shape::Record(FIGURE),
        "the period it ought to be finished in",
    ),
    may(
        "skip",
        Shape::Record(FIGURE),
        "it need not be done, at this cost",
    ),
    may(
        "after",
        Shape::List(&Shape::Record(NEED)),
        "who starts only after another candidate has finished",
    ),
    may(
        "budgets",
        Shape::List(&Shape::Record(PERIOD_BUDGET)),
        "what may be spent in each period on what starts in it",
    ),
    may(
        "targets",
        Shape::List(&Shape::Record(TARGET)),
        "how many have to be started or finished by when",
    ),
    may(
        "effort",
        Shape::Integer(1, 1_000_000),
        "how hard to try, in millions of multiplications",
    ),
];

const PERIOD: Shape = Shape::Integer(1, 1200);

static PERIOD_BUDGET: &[Key] = &[
    must("id", Shape::Id, "its name"),
    must("title", Shape::Text, "what people call it"),
    may("unit", Shape::Words, "the unit"),
    COST,
    must(
        "most",
        Shape::Sql,
        "the most of a period, from parameters alone",
    ),
    must("cite", Shape::Id, "the law it comes from"),
];

static TARGET: &[Key] = &[
    must("id", Shape::Id, "its name"),
    must("title", Shape::Text, "what people call it"),
    must(
        "count",
        Shape::OneOf(&["started", "finished"]),
        "what is counted",
    ),
    must(
        "least",
        Shape::Sql,
        "at least so many, from parameters alone",
    ),
    must("by", PERIOD, "the period by the end of which"),
    must("cite", Shape::Id, "the law it comes from"),
];

/// A cited whole number.
pub static FIGURE: &[Key] = &[
    must("title", Shape::Text, "what people call it"),
    must("sql", Shape::Sql, "a whole number, seen from a row"),
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

static NEED: &[Key] = &[
    must("id", Shape::Id, "its name"),
    must("title", Shape::Text, "what people call it"),
    must(
        "column",
        Shape::Words,
        "a published text column with the number of the candidate that is needed; missing where none is",
    ),
    must("cite", Shape::Id, "the law it comes from"),
];

static EXCLUSION: &[Key] = &[
    must("id", Shape::Id, "its name"),
    must("title", Shape::Text, "what people call it"),
    must(
        "by",
        Shape::Words,
        "a published text column: of those that share a value at most so many are chosen",
    ),
    may(
        "most",
        Shape::Sql,
        "the most, from parameters alone; 1 when left out",
    ),
    must("cite", Shape::Id, "the law it comes from"),
];

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
