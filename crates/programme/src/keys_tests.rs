//! Every key of a programme file's own tests.

use crate::shape::{Key, Shape, may, must};

const WHOLE: Shape = Shape::Integer(0, i64::MAX);

/// A case with what has to come out.
pub static TEST: &[Key] = &[
    must("name", Shape::Words, "what the case shows"),
    may(
        "applicant",
        Shape::Named(&Shape::Scalar),
        "the applicant's facts; what is left out is missing",
    ),
    may(
        "provider",
        Shape::Named(&Shape::Scalar),
        "the provider's facts",
    ),
    may("choice", Shape::Named(&Shape::Scalar), "the choice's facts"),
    may("kept", Shape::Boolean, "a seat is kept here"),
    may(
        "contest",
        Shape::List(&Shape::Record(RIVAL)),
        "others who want the same provider",
    ),
    must("expect", Shape::Record(EXPECT), "what has to come out"),
];

static RIVAL: &[Key] = &[
    may(
        "applicant",
        Shape::Named(&Shape::Scalar),
        "the rival's facts where they differ",
    ),
    may(
        "choice",
        Shape::Named(&Shape::Scalar),
        "the rival's choice where it differs",
    ),
    may("kept", Shape::Boolean, "a seat is kept here"),
];

const VERDICT: Shape = Shape::OneOf(&["eligible", "not-eligible", "undetermined"]);

static EXPECT: &[Key] = &[
    may("verdict", VERDICT, "the applicant's verdict"),
    may("choice_verdict", VERDICT, "the choice's own verdict"),
    may(
        "failed",
        Shape::List(&Shape::Id),
        "exactly these conditions fail",
    ),
    may(
        "unknown",
        Shape::List(&Shape::Id),
        "exactly these conditions are unknown",
    ),
    may(
        "tier",
        Shape::Id,
        "the tier's id, `last` when none is met, or `kept`",
    ),
    may("score", Shape::Integer(i64::MIN, i64::MAX), "the score"),
    may(
        "values",
        Shape::Named(&Shape::Scalar),
        "values of variables",
    ),
    may(
        "missing",
        Shape::List(&Shape::Words),
        "variables that have no value",
    ),
    may("seats", WHOLE, "the provider's seats"),
    may(
        "value",
        Shape::Integer(i64::MIN, i64::MAX),
        "`select`: what the candidate is worth",
    ),
    may(
        "costs",
        Shape::Named(&Shape::Integer(i64::MIN, i64::MAX)),
        "`select`, `rank`: what it takes of budgets",
    ),
    may(
        "groups",
        Shape::List(&Shape::Id),
        "`select`, `rank`: exactly these quotas with `members` have it",
    ),
    may(
        "numbers",
        Shape::Named(&Shape::Integer(i64::MIN, i64::MAX)),
        "`calendar`, `assign`, `access`: figures of the case, such as `duration`",
    ),
    may(
        "must",
        Shape::Boolean,
        "`select`, `rank`: whether it is in beforehand",
    ),
    may(
        "rank",
        Shape::Integer(1, i64::MAX),
        "1 plus the rivals strictly ahead, before the draw",
    ),
];
