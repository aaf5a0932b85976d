//! Long lists of ids, as the instance names them, in little memory: an id of seven
//! letters takes eight bytes, where a text of its own would take fifty.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::input::{Class, Id};

/// Ids one after the other, each with its length before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Packed(String);

/// Bits of a length in one byte; the bit above says that more bytes follow.
const BITS: u32 = 6;
const MORE: u8 = 1 << BITS;

impl Packed {
    fn number(&mut self, mut number: usize) {
        loop {
            let low = u8::try_from(number & (usize::from(MORE) - 1)).unwrap_or(0);
            number >>= BITS;
            self.0
                .push(char::from(if number > 0 { low | MORE } else { low }));
            if number == 0 {
                return;
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.push_str(text);
    }
}

/// Reads what [`Packed`] wrote.
#[derive(Debug, Clone)]
struct Unpacked<'a>(&'a str);

impl<'a> Unpacked<'a> {
    fn number(&mut self) -> Option<usize> {
        let (mut number, mut shift) = (0usize, 0u32);
        for (at, byte) in self.0.bytes().enumerate() {
            number |= usize::from(byte & (MORE - 1)).checked_shl(shift)?;
            if byte & MORE == 0 {
                self.0 = self.0.get(at + 1..)?;
                return Some(number);
            }
            shift += BITS;
        }
        None
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text)
    }
}

/// A list of ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ids {
    packed: Packed,
    count: usize,
}

impl Ids {
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn iter(&self) -> IdsIter<'_> {
        IdsIter {
            rest: Unpacked(&self.packed.0),
            left: self.count,
        }
    }
}

/// The ids of a list in their order.
#[derive(Debug, Clone)]
pub(crate) struct IdsIter<'a> {
    rest: Unpacked<'a>,
    left: usize,
}

impl<'a> Iterator for IdsIter<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.left = self.left.checked_sub(1)?;
        self.rest.text()
    }
}

/// A provider's priorities: classes of ids, of which most have one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Classes {
    /// Before each class 0 where it is one id, else 1 and more than it has ids.
    packed: Packed,
    count: usize,
    /// How many ids there are in all.
    ids: usize,
}

/// The ids of one class.
#[derive(Debug, Clone)]
pub(crate) struct Members<'a> {
    /// Written as a list, if only of one.
    pub tied: bool,
    pub ids: IdsIter<'a>,
}

impl Members<'_> {
    pub fn len(&self) -> usize {
        self.ids.left
    }
}

impl Classes {
    /// Returns how many ids there are in all classes.
    pub fn ids(&self) -> usize {
        self.ids
    }

    pub fn iter(&self) -> impl Iterator<Item = Members<'_>> {
        let mut rest = Unpacked(&self.packed.0);
        (0..self.count).map_while(move |_| {
            let kind = rest.number()?;
            let ids = IdsIter {
                rest: rest.clone(),
                left: kind.checked_sub(1).unwrap_or(1),
            };
            for _ in 0..ids.left {
                rest.text()?;
            }
            Some(Members {
                tied: kind > 0,
                ids,
            })
        })
    }
}

impl JsonSchema for Ids {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        <Vec<Id>>::schema_name()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Vec<Id>>::json_schema(generator)
    }
}

impl JsonSchema for Classes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        <Vec<Class>>::schema_name()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Vec<Class>>::json_schema(generator)
    }
}

/// Takes one id, or where `tied` allows a list of them, to the end of a text.
struct Next<'p> {
    into: &'p mut Packed,
    /// How many ids were taken.
    taken: &'p mut usize,
    /// What stands in a list of classes; in a list of ids only ids do.
    classes: bool,
}

impl Next<'_> {
    fn id(self, text: &str) {
        if self.classes {
            self.into.number(0);
        }
        self.into.text(text);
        *self.taken += 1;
    }
}

impl<'de> DeserializeSeed<'de> for Next<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Next<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.classes {
            "an applicant's id, or a list of ids of equal priority"
        } else {
            "an id: text or a whole number"
        })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.id(text);
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.id(&number.to_string());
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.id(&number.to_string());
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.id(Id::of_number(map)?.as_str());
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        if !self.classes {
            return Err(A::Error::invalid_type(
                serde::de::Unexpected::Seq,
                &"an id: text or a whole number",
            ));
        }
        let own = IdsVisitor.visit_seq(list)?;
        self.into.number(1 + own.count);
        self.into.0.push_str(&own.packed.0);
        *self.taken += own.count;
        Ok(())
    }
}

struct IdsVisitor;

impl<'de> Visitor<'de> for IdsVisitor {
    type Value = Ids;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of ids")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Ids, A::Error> {
        let mut ids = Ids::default();
        let mut count = 0;
        loop {
            let next = Next {
                into: &mut ids.packed,
                taken: &mut count,
                classes: false,
            };
            if list.next_element_seed(next)?.is_none() {
                break;
            }
        }
        ids.count = count;
        ids.packed.0.shrink_to_fit();
        Ok(ids)
    }
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(IdsVisitor)
    }
}

struct ClassesVisitor;

impl<'de> Visitor<'de> for ClassesVisitor {
    type Value = Classes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of ids and lists of ids")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Classes, A::Error> {
        let mut classes = Classes::default();
        loop {
            let next = Next {
                into: &mut classes.packed,
                taken: &mut classes.ids,
                classes: true,
            };
            if list.next_element_seed(next)?.is_none() {
                break;
            }
            classes.count += 1;
        }
        classes.packed.0.shrink_to_fit();
        Ok(classes)
    }
}

impl<'de> Deserialize<'de> for Classes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(ClassesVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_as_they_went_in() {
        let long = "丙".repeat(3000);
        let text = serde_json::json!(["a", "", "\"\\", 12, -3, long, "名"]).to_string();
        let ids: Ids = serde_json::from_str(&text).unwrap();
        let found: Vec<&str> = ids.iter().collect();
        assert_eq!(found, ["a", "", "\"\\", "12", "-3", &long, "名"]);
        assert_eq!(ids.len(), 7);
        assert!(serde_json::from_str::<Ids>("[]").unwrap().is_empty());
        for wrong in [
            "[[]]", "[null]", "[1.5]", "[{}]", "{}", "\"a\"", "[true]", "[",
        ] {
            assert!(serde_json::from_str::<Ids>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn classes_come_back_as_they_went_in() {
        let text = r#"["a", ["b", 7], [], ["c"], "", 5]"#;
        let classes: Classes = serde_json::from_str(text).unwrap();
        let found: Vec<(bool, usize, Vec<&str>)> = classes
            .iter()
            .map(|m| (m.tied, m.len(), m.ids.collect()))
            .collect();
        let expected = [
            (false, 1, vec!["a"]),
            (true, 2, vec!["b", "7"]),
            (true, 0, vec![]),
            (true, 1, vec!["c"]),
            (false, 1, vec![""]),
            (false, 1, vec!["5"]),
        ];
        assert_eq!(found, expected);
        assert_eq!(classes.ids(), 6);
        for wrong in ["[[[]]]", "[null]", "[1.5]", "[{}]", "{}", "[[\"a\", null]]"] {
            assert!(serde_json::from_str::<Classes>(wrong).is_err(), "{wrong}");
        }
    }
}
