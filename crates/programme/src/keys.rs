//! Every key of the programme file.

use crate::keys_tests::TEST;
use crate::kinds::keys::{CALENDAR, MECHANISM, RANK, SELECT};
use crate::kinds::places::{ACCESS, ASSIGN};
use crate::kinds::site::SITE;
use crate::offers::OFFERS;
use crate::shape::{Key, Shape, may, must};

const WHOLE: Shape = Shape::Integer(0, i64::MAX);
const STATUS: Shape = Shape::OneOf(&["verified", "unverified"]);

/// The programme file.
pub static PROGRAMME: &[Key] = &[
    must(
        "format",
        Shape::Integer(1, 1),
        "the version of this file format",
    ),
    must(
        "programme",
        Shape::Record(IDENTITY),
        "what this programme is and who is responsible",
    ),
    may(
        "mechanism",
        Shape::Record(MECHANISM),
        "what is decided; places for applicants when left out",
    ),
    must("cycle", Shape::Record(CYCLE), "one round with its dates"),
    must(
        "law",
        Shape::List(&Shape::Record(LAW)),
        "the texts that the rules cite",
    ),
    must(
        "registers",
        Shape::Named(&Shape::Record(REGISTER)),
        "the tables of applicants, providers and choices",
    ),
    may(
        "parameters",
        Shape::Named(&Shape::Record(PARAMETER)),
        "dated values, written `$name` in expressions",
    ),
    may(
        "variables",
        Shape::Named(&Shape::Record(VARIABLE)),
        "named expressions",
    ),
    must(
        "clauses",
        Shape::List(&Shape::Record(CLAUSE)),
        "named, cited conditions",
    ),
    must(
        "eligibility",
        Shape::Record(ELIGIBILITY),
        "how the conditions combine",
    ),
    may(
        "tiers",
        Shape::List(&Shape::Record(TIER)),
        "groups served in this order",
    ),
    may("score", Shape::Record(SCORE), "points within a tier"),
    may(
        "tie_break",
        Shape::Record(TIE_BREAK),
        "how equal priority is parted",
    ),
    may("draw", Shape::Record(DRAW), "the public draw"),
    may(
        "capacity",
        Shape::Record(CAPACITY),
        "seats of each provider",
    ),
    may(
        "reserves",
        Shape::List(&Shape::Record(RESERVE)),
        "seats kept for a group at each provider",
    ),
    may(
        "ceilings",
        Shape::List(&Shape::Record(CEILING)),
        "the most seats of a group at each provider",
    ),
    may(
        "select",
        Shape::Record(SELECT),
        "which candidates, for the greatest value",
    ),
    may("rank", Shape::Record(RANK), "a ranked list of candidates"),
    may(
        "offers",
        Shape::Record(OFFERS),
        "how places are offered, answered and passed on in rounds",
    ),
    may(
        "calendar",
        Shape::Record(CALENDAR),
        "in which period each candidate starts",
    ),
    may(
        "assign",
        Shape::Record(ASSIGN),
        "who goes where, so that all together go as short a way as can be",
    ),
    may(
        "access",
        Shape::Record(ACCESS),
        "how much of a supply people reach from where they are",
    ),
    may("site", Shape::Record(SITE), "where to open"),
    must("publish", Shape::Record(PUBLISH), "what the bundle shows"),
    may(
        "indicators",
        Shape::List(&Shape::Record(INDICATOR)),
        "published figures",
    ),
    may(
        "tests",
        Shape::List(&Shape::Record(TEST)),
        "named cases with the result expected",
    ),
];

static IDENTITY: &[Key] = &[
    must("id", Shape::Id, "short name"),
    must(
        "version",
        Shape::Integer(1, 4_294_967_295),
        "counts the versions of this file",
    ),
    must("title", Shape::Text, "what people call it"),
    must("body", Shape::Text, "the responsible body"),
    must("objection", Shape::Text, "how and where to object"),
    may(
        "notice",
        Shape::Text,
        "said in every published file, such as that the data are synthetic",
    ),
];

static CYCLE: &[Key] = &[
    must("id", Shape::Id, "short name of the round"),
    must(
        "as_of",
        Shape::Day,
        "the day on which facts and parameters are read; `$as_of` in expressions",
    ),
    may(
        "objections_until",
        Shape::Day,
        "the last day for objections",
    ),
];

static LAW: &[Key] = &[
    must("id", Shape::Id, "what citations name"),
    must("title", Shape::Text, "title of the text"),
    must(
        "article",
        Shape::WordsOrText,
        "article or clause, as it stands or in both languages",
    ),
    must("source", Shape::Words, "where it was published"),
    must("status", STATUS, "whether it was read there"),
];

static REGISTER: &[Key] = &[
    may(
        "file",
        Shape::File,
        "CSV, Parquet or XLSX inside the city's folder",
    ),
    may(
        "from",
        Shape::Record(FROM),
        "applicants: those whom an earlier programme decided on",
    ),
    must(
        "role",
        Shape::OneOf(&[
            "applicants",
            "providers",
            "choices",
            "groups",
            "replies",
            "suppliers",
            "demands",
            "pairs",
        ]),
        "what its rows are",
    ),
    must(
        "key",
        Shape::List(&Shape::Words),
        "the columns that together name a row",
    ),
    may(
        "ticket",
        Shape::Words,
        "applicants: the column with the public application number",
    ),
    may(
        "secret",
        Shape::Words,
        "applicants: the column with the receipt's secret",
    ),
    may(
        "current",
        Shape::Words,
        "applicants: the column naming the provider where a seat is kept",
    ),
    may(
        "arrived",
        Shape::Words,
        "applicants: the column with the day on which the application came in",
    ),
    may(
        "applicant",
        Shape::Words,
        "choices and replies: the column with the application number",
    ),
    may(
        "provider",
        Shape::Words,
        "choices: the column with the provider's key",
    ),
    may(
        "position",
        Shape::Words,
        "choices: the column with the position, 1 the most wanted",
    ),
    may(
        "member",
        Shape::Words,
        "groups: the applicants' column that names a row of this register",
    ),
    may(
        "round",
        Shape::Words,
        "replies: the column with the round that is answered, 1 for the decision",
    ),
    may(
        "answer",
        Shape::Words,
        "replies: the column with accept, keep, decline or withdraw",
    ),
    may(
        "day",
        Shape::Words,
        "replies: the column with the day of the answer",
    ),
    may(
        "from_id",
        Shape::Words,
        "pairs: the column that names a row of the people's register",
    ),
    may(
        "to_id",
        Shape::Words,
        "pairs: the column that names a row of the places' register",
    ),
    may(
        "value",
        Shape::Words,
        "pairs: the column with the whole number that says how far",
    ),
    must(
        "columns",
        Shape::Named(&Shape::Record(COLUMN)),
        "every column, in the file's order",
    ),
];

static FROM: &[Key] = &[
    must("programme", Shape::Id, "the earlier programme"),
    may(
        "cycle",
        Shape::Id,
        "its cycle; this programme's when left out",
    ),
    must(
        "decided",
        Shape::OneOf(&["chosen", "left-out"]),
        "who comes over",
    ),
    may(
        "others",
        Shape::Boolean,
        "whether the file has rows of its own that take part too",
    ),
];

static COLUMN: &[Key] = &[
    must("type", Shape::Type, "never inferred"),
    may("unit", Shape::Words, "such as fen, metre, person"),
    may("nullable", Shape::Boolean, "whether a value may be missing"),
    may(
        "publish",
        Shape::Boolean,
        "whether it may appear in a bundle",
    ),
    must("label", Shape::Text, "what people call it"),
    may("document", Shape::Text, "the paper that proves it"),
    may(
        "values",
        Shape::List(&Shape::Words),
        "the only values allowed",
    ),
    may(
        "from",
        Shape::Words,
        "the column of the earlier programme whose values come over",
    ),
];

static PARAMETER: &[Key] = &[
    must("label", Shape::Text, "what people call it"),
    may("unit", Shape::Words, "the unit of its values"),
    must(
        "values",
        Shape::List(&Shape::Record(DATED)),
        "what holds from when on",
    ),
];

static DATED: &[Key] = &[
    must("since", Shape::Day, "the first day"),
    may("until", Shape::Day, "the last day"),
    must("value", Shape::Scalar, "what holds"),
    must("cite", Shape::Id, "the law it comes from"),
    must("status", STATUS, "whether it was found there"),
];

static VARIABLE: &[Key] = &[
    must("label", Shape::Text, "what people call it"),
    must(
        "scope",
        Shape::OneOf(&["applicant", "provider", "choice"]),
        "the rows it sees",
    ),
    must("sql", Shape::Sql, "the expression"),
    may("missing", Shape::Scalar, "what a missing result becomes"),
    may("missing_cite", Shape::Id, "the law that says so"),
];

static CLAUSE: &[Key] = &[
    must(
        "id",
        Shape::Id,
        "its name in combinations, tests and letters",
    ),
    may(
        "scope",
        Shape::OneOf(&["applicant", "choice"]),
        "the rows it sees; applicant when left out",
    ),
    must("cite", Shape::Id, "the law it comes from"),
    must("when", Shape::Sql, "the condition"),
    must("met", Shape::Text, "said to whom meets it"),
    must("failed", Shape::Text, "said to whom fails it"),
    must("unknown", Shape::Text, "said to whom a fact is missing"),
];

static ELIGIBILITY: &[Key] = &[
    must(
        "combine",
        Shape::Words,
        "the applicants' conditions with AND, OR and brackets",
    ),
    may(
        "choice_combine",
        Shape::Words,
        "the choices' conditions with AND, OR and brackets",
    ),
];

static TIER: &[Key] = &[
    must("id", Shape::Id, "its name in tests and letters"),
    must("title", Shape::Text, "what people call it"),
    must("when", Shape::Sql, "who belongs, seen from a choice"),
    must("cite", Shape::Id, "the law it comes from"),
    may(
        "unknown_cite",
        Shape::Id,
        "the rule that unknown counts as not met",
    ),
];

static SCORE: &[Key] = &[
    must("title", Shape::Text, "what people call it"),
    must("sql", Shape::Sql, "a whole number, seen from a choice"),
    must(
        "order",
        Shape::OneOf(&["high-first", "low-first"]),
        "which come first",
    ),
    may("unit", Shape::Words, "the unit"),
    must("cite", Shape::Id, "the law it comes from"),
];

static TIE_BREAK: &[Key] = &[
    must(
        "method",
        Shape::OneOf(&["single", "multiple"]),
        "one order for all providers, or one each",
    ),
    must(
        "unit",
        Shape::OneOf(&["applicant", "family"]),
        "who holds a number",
    ),
    may(
        "family",
        Shape::Words,
        "with `family`: the applicants' column that names it",
    ),
];

static DRAW: &[Key] = &[
    must("id", Shape::Id, "which draw this is"),
    must(
        "sources",
        Shape::List(&Shape::Record(SOURCE)),
        "public chance, in the announced order",
    ),
];

static SOURCE: &[Key] = &[
    must("id", Shape::Id, "short name"),
    must("title", Shape::Text, "what is read, when and where"),
    must("values", Shape::List(&WHOLE), "the numbers read"),
    may(
        "sorted",
        Shape::Boolean,
        "whether the order of the numbers means nothing",
    ),
];

static CAPACITY: &[Key] = &[
    must("seats", Shape::Sql, "a whole number, seen from a provider"),
    may(
        "minimum",
        Shape::Sql,
        "with fewer people a provider does not open: a whole number, seen from a provider",
    ),
    may("cite", Shape::Id, "the law that the minimum comes from"),
];

static RESERVE: &[Key] = &[
    must("id", Shape::Id, "its name"),
    must("title", Shape::Text, "what people call it"),
    must("members", Shape::Sql, "who belongs, seen from a choice"),
    must("seats", Shape::Sql, "how many, seen from a provider"),
    must(
        "unused",
        Shape::OneOf(&["open", "empty"]),
        "what becomes of the rest",
    ),
    must("cite", Shape::Id, "the law it comes from"),
];

static CEILING: &[Key] = &[
    must("id", Shape::Id, "its name"),
    must("title", Shape::Text, "what people call it"),
    must("members", Shape::Sql, "who belongs, seen from a choice"),
    must(
        "seats",
        Shape::Sql,
        "how many at most, seen from a provider",
    ),
    must("cite", Shape::Id, "the law it comes from"),
];

static PUBLISH: &[Key] = &[
    must(
        "mode",
        Shape::OneOf(&["rows", "roots"]),
        "every row by application number, or cut-offs and roots alone",
    ),
    may(
        "cell_min",
        Shape::Integer(0, 4_294_967_295),
        "counts below this are hidden",
    ),
];

static INDICATOR: &[Key] = &[
    must("id", Shape::Id, "its name"),
    must("title", Shape::Text, "what people call it"),
    must(
        "measure",
        Shape::OneOf(&[
            "applicants",
            "placed",
            "first-choice",
            "undetermined",
            "chosen",
        ]),
        "what is counted",
    ),
    may(
        "by",
        Shape::Words,
        "a publishable text column of the applicants to count by",
    ),
];
