//! Every key of the city file.

use crate::shape::{Key, Shape, may, must};

/// The city file.
pub static CITY: &[Key] = &[
    must(
        "format",
        Shape::Integer(1, 1),
        "the version of this file format",
    ),
    must("city", Shape::Record(CITY_BODY), "the city"),
];

static CITY_BODY: &[Key] = &[
    must("name", Shape::Id, "short name"),
    must("title", Shape::Text, "what people call it"),
    must(
        "programmes",
        Shape::List(&Shape::File),
        "the programme files",
    ),
    may(
        "synth",
        Shape::OneOrList(&Shape::File),
        "plans for making synthetic registers when there are none",
    ),
];
