//! Canonical JSON (RFC 8785) of values without fractions.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use crate::BundleError;

/// The largest whole number that every JSON reader keeps exactly.
const EXACT_MAX: u64 = 1 << 53;

/// Returns the value as canonical JSON: no spaces, keys in the order of their
/// UTF-16 code units, the shortest escapes.
///
/// # Errors
/// A number that is not whole, or is beyond 2^53 in size.
pub fn jcs(value: &Value) -> Result<Vec<u8>, BundleError> {
    let mut out = Vec::with_capacity(256);
    write(&mut out, value)?;
    Ok(out)
}

/// Returns the value of canonical JSON bytes.
///
/// # Errors
/// Bytes that are no JSON, or another form of it; the error names `file`.
pub fn parse_canonical(file: &str, bytes: &[u8]) -> Result<Value, BundleError> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|e| BundleError::file(file, format!("不是 JSON:{e}"), format!("not JSON: {e}")))?;
    let again = jcs(&value).map_err(|e| BundleError::file(file, e.text().zh, e.text().en))?;
    if again == bytes {
        return Ok(value);
    }
    let at = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(BundleError::file(
        file,
        format!("第 {at} 字节起不是规范 JSON(RFC 8785)"),
        format!("not canonical JSON (RFC 8785) from byte {at} on"),
    ))
}

/// Returns the value as canonical JSON, but that numbers may be of any size and have
/// decimals: whole ones in plain digits, others without a zero at the end, none with an
/// exponent.
///
/// # Errors
/// A number that is written otherwise.
pub fn plain(value: &Value) -> Result<Vec<u8>, BundleError> {
    let mut out = Vec::with_capacity(256);
    write_with(&mut out, value, &|out, number| {
        let text = number.to_string();
        if !plain_number(&text) {
            return Err(BundleError::file(
                "json",
                format!("数值 {text} 的写法不是唯一的"),
                format!("the number {text} is not written in its one form"),
            ));
        }
        out.extend_from_slice(text.as_bytes());
        Ok(())
    })?;
    Ok(out)
}

/// `-12.05`, `0`; not `-0`, `1.0`, `01`, `1e3`.
fn plain_number(text: &str) -> bool {
    let size = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = match size.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (size, None),
    };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let part_fits = part.is_none_or(|p| digits(p) && !p.ends_with('0'));
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && part_fits && text != "-0"
}

fn write(out: &mut Vec<u8>, value: &Value) -> Result<(), BundleError> {
    write_with(out, value, &|out, number| {
        let small = number.as_i64().filter(|n| n.unsigned_abs() <= EXACT_MAX);
        let Some(whole) = small else {
            return Err(BundleError::file(
                "json",
                format!("数值 {number} 不是绝对值不超过 2^53 的整数"),
                format!("the number {number} is not a whole one of at most 2^53"),
            ));
        };
        integer(out, whole);
        Ok(())
    })
}

/// Writes one number.
type NumberWriter<'a> = &'a dyn Fn(&mut Vec<u8>, &Number) -> Result<(), BundleError>;

fn write_with(
    out: &mut Vec<u8>,
    value: &Value,
    number_of: NumberWriter<'_>,
) -> Result<(), BundleError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => number_of(out, number)?,
        Value::String(text) => string(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_with(out, item, number_of)?;
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by(|a, b| key_order(a.0, b.0));
            out.push(b'{');
            for (index, (name, item)) in fields.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                string(out, name);
                out.push(b':');
                write_with(out, item, number_of)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// Compares two keys as RFC 8785 wants them: by UTF-16 code units.
pub(crate) fn key_order(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// Writes a text with the escapes of RFC 8785, section 3.2.2.2.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    // Millions of numbers and names need no escape at all.
    // No early end: so the whole text is looked at many bytes at a time.
    let escape = |b: u8| (b == b'"') | (b == b'\\') | (b < 0x20);
    if !text.bytes().fold(false, |found, b| found | escape(b)) {
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x0d => out.extend_from_slice(b"\\r"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Writes a text, or `null`.
pub(crate) fn optional(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

/// Writes a whole number in decimal digits.
pub(crate) fn integer(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    unsigned(out, number.unsigned_abs());
}

/// Writes a natural number in decimal digits.
pub(crate) fn unsigned(out: &mut Vec<u8>, number: u64) {
    // Most numbers in rows are positions and empty masks.
    if let Some(digit) = u8::try_from(number).ok().filter(|n| *n < 10) {
        out.push(b'0' + digit);
        return;
    }
    let mut digits = [0u8; 20];
    let mut rest = number;
    let mut used = 0;
    for slot in digits.iter_mut().rev() {
        // A digit is below 10, so it fits.
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        used += 1;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: &Value) -> String {
        String::from_utf8(jcs(value).unwrap()).unwrap()
    }

    #[test]
    fn sorts_by_utf16_as_the_rfcs_example() {
        let value = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis",
        });
        assert_eq!(
            text(&value),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        );
    }

    #[test]
    fn escapes_as_the_rfcs_example() {
        let value =
            json!({"string": "\u{20ac}$\u{f}\nA'B\"\\\\\"/", "literals": [null, true, false]});
        assert_eq!(
            text(&value),
            r#"{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        );
    }

    #[test]
    fn whole_numbers_only() {
        let limit = 9_007_199_254_740_992_i64;
        assert_eq!(
            text(&json!([0, -7, 10, limit, -limit])),
            "[0,-7,10,9007199254740992,-9007199254740992]"
        );
        for bad in [
            "1.5",
            "1.0",
            "1e3",
            "9007199254740993",
            "18446744073709551615",
        ] {
            let value: Value = serde_json::from_str(bad).unwrap();
            assert!(jcs(&value).is_err(), "{bad}");
        }
    }

    #[test]
    fn plain_numbers_have_one_form() {
        for good in ["0", "-7", "18446744073709551616", "0.000000001", "-12.05"] {
            assert!(plain_number(good), "{good}");
        }
        for bad in ["-0", "1.0", "01", "1e3", "1.", ".5", "", "-", "+1", "1.50"] {
            assert!(!plain_number(bad), "{bad}");
        }
    }

    #[test]
    fn refuses_every_other_form() {
        assert!(parse_canonical("f", br#"{"a":1,"b":[]}"#).is_ok());
        for bad in [
            "{\"b\":1,\"a\":2}",
            "{\"a\":1,\"a\":1}",
            " {}",
            "{}\n",
            "-0",
            "\"\\u0041\"",
            "{\"a\": 1}",
            "{",
            "1.0",
            "",
        ] {
            assert!(parse_canonical("f", bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse_canonical("f", b"\"\xff\"").is_err());
    }
}
