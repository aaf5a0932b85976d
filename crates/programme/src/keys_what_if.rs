//! Every key of the file of what-if alternatives.

use crate::shape::{Key, Shape, may, must};

/// The file of what-if alternatives.
pub static WHAT_IF: &[Key] = &[
    must(
        "format",
        Shape::Integer(1, 1),
        "the version of this file format",
    ),
    may(
        "draws",
        Shape::Integer(0, 10_000),
        "how many draws bands are made of",
    ),
    may(
        "seed",
        Shape::Words,
        "the public text all draws follow from",
    ),
    may(
        "by",
        Shape::List(&Shape::Words),
        "columns of the applicants to show figures by",
    ),
    may(
        "travel",
        Shape::Words,
        "the whole-number column of the choices that holds metres to the provider",
    ),
    may(
        "misreports",
        Shape::Integer(0, 1_000_000),
        "for how many applicants it is tried whether another list would have paid",
    ),
    must(
        "alternatives",
        Shape::List(&Shape::Record(ALTERNATIVE)),
        "each is compared with the programme as it stands",
    ),
];

static ALTERNATIVE: &[Key] = &[
    must("id", Shape::Id, "short name"),
    may("title", Shape::Text, "what people call it"),
    may(
        "parameters",
        Shape::Named(&Shape::Scalar),
        "parameters with other values",
    ),
    may(
        "tie_break",
        Shape::OneOf(&["single", "multiple"]),
        "one draw for all providers, or one for each",
    ),
    may(
        "unit",
        Shape::OneOf(&["applicant", "family"]),
        "who holds a number of the draw",
    ),
    may(
        "family",
        Shape::Words,
        "for `unit = \"family\"` the applicants' column that families share; the programme's own without it",
    ),
    may(
        "mechanism",
        Shape::OneOf(&crate::whatif::MECHANISMS),
        "how places are given",
    ),
    may(
        "consent",
        Shape::Words,
        "for `efficiency-adjusted` the yes-or-no column of the applicants that says who consents; everybody without it",
    ),
    may(
        "without_reserves",
        Shape::List(&Shape::Words),
        "reserves that are not there",
    ),
    may(
        "without_ceilings",
        Shape::List(&Shape::Words),
        "ceilings that are not there",
    ),
    may(
        "without_tiers",
        Shape::List(&Shape::Words),
        "tiers that are not there",
    ),
    may(
        "without_minimum",
        Shape::Boolean,
        "whether every provider opens, however few its people",
    ),
    may(
        "capacity",
        Shape::Words,
        "all providers' places, such as `+10%`",
    ),
    may(
        "capacities",
        Shape::List(&Shape::Record(CAPACITY_OF)),
        "places of single providers",
    ),
    may(
        "capacity_file",
        Shape::File,
        "a CSV file with the columns `provider` and `places`",
    ),
    may(
        "list_length",
        Shape::Integer(1, 4_294_967_295),
        "the most choices that count",
    ),
    may(
        "rules",
        Shape::File,
        "another programme file over the same registers, beside this file",
    ),
];

static CAPACITY_OF: &[Key] = &[
    must("provider", Shape::Words, "the provider's key"),
    must("places", Shape::Integer(0, 4_294_967_295), "its places"),
];
