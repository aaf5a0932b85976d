use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::json;

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
            let value = DIGITS.iter().position(|d| d == digit)?;
            *byte = (*byte << 4) | u8::try_from(value).ok()?;
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
    message.extend_from_slice(b"minsheng facts 1\n");
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

#[cfg(test)]
mod tests {
    use super::*;

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
