use std::borrow::Cow;
use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::json;

/// What stands before the secret and the facts.
const FACTS: &[u8] = b"minsheng facts 1\n";

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Returns the bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.push(
                DIGITS
                    .get(usize::from(nibble))
                    .map_or('?', |d| char::from(*d)),
            );
        }
    }
    text
}

/// Returns the 32 bytes that 64 lower-case hexadecimal digits stand for.
#[must_use]
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0u8; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = (*byte << 4) | value;
        }
    }
    Some(bytes)
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Returns the hex hash that binds an applicant's facts to the own row: SHA-256
/// over `minsheng facts 1`, the secret and the facts as canonical JSON, a line
/// each.
///
/// `facts` holds every column of the applicants but the secret one, as text;
/// `None` where the value is missing.
#[must_use]
pub fn facts_hash(secret: &str, facts: &BTreeMap<String, Option<String>>) -> String {
    let mut message = Vec::with_capacity(512);
    message.extend_from_slice(FACTS);
    message.extend_from_slice(secret.as_bytes());
    message.push(b'\n');
    let mut fields: Vec<(&String, &Option<String>)> = facts.iter().collect();
    fields.sort_by(|a, b| json::key_order(a.0, b.0));
    message.push(b'{');
    for (index, (name, value)) in fields.into_iter().enumerate() {
        if index > 0 {
            message.push(b',');
        }
        json::string(&mut message, name);
        message.push(b':');
        json::optional(&mut message, value.as_deref());
    }
    message.push(b'}');
    hex(&sha256(&message))
}

/// The form of everybody's facts where they all have the same columns: [`facts_hash`]
/// for millions of rows.
#[derive(Debug, Clone)]
pub struct FactsForm {
    /// For each column, in canonical order, its place among the names as they were
    /// given, and what stands before its value.
    fields: Vec<(usize, Vec<u8>)>,
}

impl FactsForm {
    /// Returns the form of these columns, of which no two have one name.
    #[must_use]
    pub fn new(names: &[&str]) -> Self {
        let mut order: Vec<(usize, &str)> = names.iter().copied().enumerate().collect();
        order.sort_by(|a, b| json::key_order(a.1, b.1));
        let fields = order.into_iter().enumerate().map(|(place, (index, name))| {
            let mut before = Vec::new();
            before.push(if place == 0 { b'{' } else { b',' });
            json::string(&mut before, name);
            before.push(b':');
            (index, before)
        });
        Self {
            fields: fields.collect(),
        }
    }

    /// Returns what [`facts_hash`] returns; `value` gives the value of a column by its
    /// place among the names. The buffer is there to be used again.
    pub fn hash<'v>(
        &self,
        buffer: &mut Vec<u8>,
        secret: &str,
        value: impl Fn(usize) -> Option<Cow<'v, str>>,
    ) -> String {
        buffer.clear();
        buffer.extend_from_slice(FACTS);
        buffer.extend_from_slice(secret.as_bytes());
        buffer.push(b'\n');
        if self.fields.is_empty() {
            buffer.push(b'{');
        }
        for (index, before) in &self.fields {
            buffer.extend_from_slice(before);
            json::optional(buffer, value(*index).as_deref());
        }
        buffer.push(b'}');
        hex(&sha256(buffer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_gives_the_same_hash() {
        let facts: BTreeMap<String, Option<String>> = [
            ("\u{ff5e}", Some("1")),
            ("\u{1f600}", None),
            ("b", Some("x\"y")),
            ("", Some("")),
        ]
        .map(|(name, value)| (name.to_owned(), value.map(str::to_owned)))
        .into();
        for count in 0..=facts.len() {
            let some: BTreeMap<_, _> = facts.clone().into_iter().take(count).collect();
            let mut names: Vec<&str> = some.keys().map(String::as_str).collect();
            names.reverse();
            let value = |i: usize| some[names[i]].as_deref().map(Cow::Borrowed);
            let mut buffer = vec![1, 2, 3];
            let found = FactsForm::new(&names).hash(&mut buffer, "s", value);
            assert_eq!(found, facts_hash("s", &some));
        }
    }

    #[test]
    fn hex_goes_both_ways() {
        let bytes = sha256(b"abc");
        let text = hex(&bytes);
        assert_eq!(
            text,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(unhex(&text), Some(bytes));
        assert_eq!(unhex(&text.to_uppercase()), None);
        assert_eq!(unhex("ab"), None);
    }

    #[test]
    fn facts_are_hashed_as_canonical_json() {
        let facts: BTreeMap<_, _> = [
            ("b".to_owned(), None),
            ("a".to_owned(), Some("x\"y".to_owned())),
        ]
        .into();
        let expected = hex(&sha256(
            b"minsheng facts 1\ns3cret\n{\"a\":\"x\\\"y\",\"b\":null}",
        ));
        assert_eq!(facts_hash("s3cret", &facts), expected);
    }
}
