//! Bytes to characters: encodings, byte order marks, and the hash.

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};
use minsheng_model::Text;
use sha2::{Digest as _, Sha256};

/// The encodings that texts come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "UTF-8")]
    Utf8,
    /// GB 18030-2022, which contains GBK and GB 2312.
    #[serde(rename = "GB18030")]
    Gb18030,
    /// UTF-16, low byte first.
    #[serde(rename = "UTF-16LE")]
    Utf16Le,
    /// UTF-16, high byte first.
    #[serde(rename = "UTF-16BE")]
    Utf16Be,
}

/// A text as it was given.
#[derive(Debug, Clone)]
pub struct Source {
    /// The characters. A byte order mark is not one of them; line ends stay as
    /// they are.
    pub text: String,
    /// The encoding found.
    pub encoding: Encoding,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
}

/// Why bytes are no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotText {
    /// The first byte that fits no encoding, counted from 0.
    pub at: usize,
    /// What is wrong and what to do.
    pub message: Text,
}

/// Decodes a file: a byte order mark decides; otherwise UTF-8 if it is valid,
/// UTF-16 if zero bytes show it, GB 18030 if it is valid.
///
/// # Errors
/// When no encoding fits; nothing is replaced or guessed.
pub fn ingest(bytes: &[u8]) -> Result<Source, NotText> {
    ingest_owned(bytes.to_vec())
}

/// Decodes a file as [`ingest`] does; UTF-8 stays where it is, so that a long text
/// is in memory once.
///
/// # Errors
/// When no encoding fits.
pub fn ingest_owned(mut bytes: Vec<u8>) -> Result<Source, NotText> {
    let sha256 = hex(&Sha256::digest(&bytes));
    let source = |text: String, encoding| Source {
        text,
        encoding,
        sha256,
    };
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
        return match String::from_utf8(bytes) {
            Ok(text) => Ok(source(text, Encoding::Utf8)),
            Err(e) => Err(refused(e.utf8_error().valid_up_to() + 3)),
        };
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return wide(rest, Encoding::Utf16Le).map(|t| source(t, Encoding::Utf16Le));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return wide(rest, Encoding::Utf16Be).map(|t| source(t, Encoding::Utf16Be));
    }
    if let Some(encoding) = zeros(&bytes)
        && let Ok(text) = wide(&bytes, encoding)
    {
        return Ok(source(text, encoding));
    }
    let (bytes, broken) = match String::from_utf8(bytes) {
        Ok(text) => return Ok(source(text, Encoding::Utf8)),
        Err(e) => {
            let broken = e.utf8_error().valid_up_to();
            (e.into_bytes(), broken)
        }
    };
    match GB18030.decode_without_bom_handling_and_without_replacement(&bytes) {
        Some(text) => Ok(source(text.into_owned(), Encoding::Gb18030)),
        None => Err(refused(broken)),
    }
}

fn refused(at: usize) -> NotText {
    NotText {
        at,
        message: Text::new(
            format!(
                "第 {at} 字节(从 0 数起)起不是 UTF-8,整个文件也不是 GB18030 或 UTF-16;请先转换成其中一种编码"
            ),
            format!(
                "byte {at} (from 0) is not UTF-8, and the file as a whole is neither GB18030 nor UTF-16; convert it to one of them first"
            ),
        ),
    }
}

fn wide(bytes: &[u8], encoding: Encoding) -> Result<String, NotText> {
    let codec = if encoding == Encoding::Utf16Le {
        UTF_16LE
    } else {
        UTF_16BE
    };
    codec
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(|| refused(0))
}

/// UTF-16 without a mark: prose in it has zero bytes (of ASCII, or of 一), which no
/// other encoding has, and reads as prose in one order of the bytes only.
fn zeros(bytes: &[u8]) -> Option<Encoding> {
    let head = bytes.get(..bytes.len().min(1 << 16)).unwrap_or(bytes);
    if head.len() < 4 || !bytes.len().is_multiple_of(2) || !head.contains(&0) {
        return None;
    }
    let units = head.len() / 2;
    let prose = |of: fn([u8; 2]) -> u16| {
        let fits = head.as_chunks::<2>().0.iter().filter(|pair| {
            matches!(of(**pair),
                0x09 | 0x0A | 0x0D | 0x20..=0x7E | 0x2010..=0x2026
                | 0x3000..=0x303F | 0x3400..=0x9FFF | 0xFF00..=0xFFEF)
        });
        fits.count()
    };
    let (little, big) = (prose(u16::from_le_bytes), prose(u16::from_be_bytes));
    let enough = |n: usize| n * 10 >= units * 9;
    match little.cmp(&big) {
        std::cmp::Ordering::Greater if enough(little) => Some(Encoding::Utf16Le),
        std::cmp::Ordering::Less if enough(big) => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// Returns bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_give_the_same_text() {
        // 一 is U+4E00: its zero byte is on the other side than that of ASCII.
        let text = "全市新建学校35所,占三分之一。\n完。";
        let (gb, _, _) = GB18030.encode(text);
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            (marked(b"\xEF\xBB\xBF", text.as_bytes()), Encoding::Utf8),
            (gb.into_owned(), Encoding::Gb18030),
            (marked(b"\xFF\xFE", &le), Encoding::Utf16Le),
            (marked(b"\xFE\xFF", &be), Encoding::Utf16Be),
            (le, Encoding::Utf16Le),
            (be, Encoding::Utf16Be),
        ] {
            let source = ingest(&bytes).unwrap();
            assert_eq!((source.text.as_str(), source.encoding), (text, encoding));
        }
        assert_eq!(ingest(&[b'a', 0xFF, 0xFF, 0xFF]).unwrap_err().at, 1);
        assert_eq!(ingest(b"").unwrap().text, "");
    }
}
