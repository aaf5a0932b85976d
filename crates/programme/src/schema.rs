//! The JSON Schema of the programme file, from the same keys that check it.

use serde_json::{Map, Value, json};

use crate::kinds::{KINDS, Kind};
use crate::shape::{Key, Shape, TEXT};
use crate::{keys, keys_city, keys_what_if};

/// Returns the JSON Schema (2020-12) of the programme file, for editors.
#[must_use]
pub fn schema() -> Value {
    let mut schema = root("minsheng programme file", keys::PROGRAMME);
    if let Some(object) = schema.as_object_mut() {
        let kinds: Vec<Value> = KINDS.iter().map(kind).collect();
        object.insert("allOf".into(), kinds.into());
    }
    schema
}

/// What a kind has to have, where the file names it; the first kind also where it names
/// none.
fn kind(kind: &Kind) -> Value {
    let named = json!({
        "properties": { "mechanism": { "properties": { "kind": { "const": kind.name } } } },
        "required": ["mechanism"],
    });
    let silent = json!({ "not": { "required": ["mechanism"] } });
    let first = KINDS.first().is_some_and(|k| k.name == kind.name);
    let when = if first {
        json!({ "anyOf": [named, silent] })
    } else {
        named
    };
    json!({ "if": when, "then": { "required": kind.needs } })
}

/// Returns the JSON Schema (2020-12) of the city file, for editors.
#[must_use]
pub fn city_schema() -> Value {
    root("minsheng city file", keys_city::CITY)
}

/// Returns the JSON Schema (2020-12) of the file of what-if alternatives, for editors.
#[must_use]
pub fn what_if_schema() -> Value {
    root("minsheng what-if file", keys_what_if::WHAT_IF)
}

fn root(title: &str, keys: &[Key]) -> Value {
    let mut schema = record(keys);
    if let Some(object) = schema.as_object_mut() {
        object.insert(
            "$schema".into(),
            "https://json-schema.org/draft/2020-12/schema".into(),
        );
        object.insert("title".into(), title.into());
    }
    schema
}

fn record(keys: &[Key]) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut value = of(&key.shape);
        if let Some(object) = value.as_object_mut() {
            object.insert("description".into(), key.about.into());
        }
        properties.insert(key.name.into(), value);
    }
    let required: Vec<&str> = keys.iter().filter(|k| k.required).map(|k| k.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn of(shape: &Shape) -> Value {
    match shape {
        Shape::Text => record(TEXT),
        Shape::Words | Shape::File | Shape::Sql => json!({ "type": "string", "minLength": 1 }),
        Shape::WordsOrText => json!({ "anyOf": [of(&Shape::Words), of(&Shape::Text)] }),
        Shape::Id => json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$" }),
        Shape::OneOf(words) => json!({ "enum": words }),
        Shape::Type => {
            json!({ "type": "string", "pattern": "^(text|integer|boolean|date|decimal\\(([0-9]|1[0-8])\\))$" })
        }
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Integer(low, high) => {
            let mut found = json!({ "type": "integer" });
            if let Some(object) = found.as_object_mut() {
                if *low != i64::MIN {
                    object.insert("minimum".into(), (*low).into());
                }
                if *high != i64::MAX {
                    object.insert("maximum".into(), (*high).into());
                }
            }
            found
        }
        Shape::Day => json!({ "type": "string", "format": "date" }),
        Shape::Scalar => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Record(keys) => record(keys),
        Shape::Named(inner) => json!({ "type": "object", "additionalProperties": of(inner) }),
        Shape::List(inner) => json!({ "type": "array", "items": of(inner) }),
        Shape::OneOrList(inner) => {
            json!({ "anyOf": [of(inner), { "type": "array", "items": of(inner) }] })
        }
    }
}
