//! The JSON Schema of the programme file, from the same keys that check it.

use serde_json::{Map, Value, json};

use crate::keys;
use crate::shape::{Key, Shape, TEXT};

/// Returns the JSON Schema (2020-12) of the programme file, for editors.
#[must_use]
pub fn schema() -> Value {
    root("minsheng programme file", keys::PROGRAMME)
}

/// Returns the JSON Schema (2020-12) of the city file, for editors.
#[must_use]
pub fn city_schema() -> Value {
    root("minsheng city file", keys::CITY)
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
