//! Decimal numbers as scaled integers.

/// Returns how many digits stand behind the point, trailing zeros left out; `None`
/// for what is not a plain decimal number.
pub(crate) fn decimals(word: &str) -> Option<u32> {
    let (whole, part) = word.split_once('.').unwrap_or((word, ""));
    let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let all = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !all(digits) || !all(part) || (digits.is_empty() && part.is_empty()) {
        return None;
    }
    u32::try_from(part.trim_end_matches('0').len()).ok()
}

/// Returns the number times ten to the power of `places`; `None` when that is not a
/// whole number of 128 bits.
pub(crate) fn scaled(word: &str, places: u32) -> Option<i128> {
    let own = decimals(word)?;
    let more = places.checked_sub(own)?;
    let (whole, part) = word.split_once('.').unwrap_or((word, ""));
    let mut digits: String = whole.strip_prefix('+').unwrap_or(whole).to_owned();
    digits.push_str(part.get(..own as usize)?);
    for _ in 0..more {
        digits.push('0');
    }
    match digits.as_str() {
        "" | "-" => Some(0),
        digits => digits.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::{decimals, scaled};

    #[test]
    fn reads_decimals() {
        assert_eq!(scaled("8706.10", 1), Some(87061));
        assert_eq!(scaled("-0.5", 2), Some(-50));
        assert_eq!(scaled("-.5", 1), Some(-5));
        assert_eq!(scaled("7.", 0), Some(7));
        assert_eq!(scaled("7.25", 1), None);
        assert_eq!(scaled("1e3", 0), None);
        assert_eq!(decimals("."), None);
        assert_eq!(decimals("x"), None);
    }
}
