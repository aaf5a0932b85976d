//! What single characters are: digits, units of ten, punctuation.

/// Returns the half-width form of a full-width digit, sign, letter or blank and
/// the character itself otherwise, so that the grammar is written once and
/// offsets stay the same.
#[inline]
pub(crate) fn narrow(c: char) -> char {
    // Most characters of Chinese and English prose.
    if matches!(c, '\u{4e00}'..='\u{9fff}' | ' '..='~') {
        return c;
    }
    match c {
        '０'..='９'
        | 'Ａ'..='Ｚ'
        | 'ａ'..='ｚ'
        | '％'
        | '＋'
        | '－'
        | '．'
        | '／'
        | '＾'
        | '～'
        | '＃' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' | '\t' => ' ',
        '−' => '-',
        _ => c,
    }
}

/// Traditional characters and their simplified forms, so that the word lists hold
/// for both; one stands for one, and offsets stay the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain(&'static [u16]);

/// The first of the characters that have a slot in the table.
const HAN_FIRST: u32 = 0x4e00;

impl Plain {
    /// Returns the table.
    pub(crate) fn table() -> Self {
        static TABLE: std::sync::OnceLock<Vec<u16>> = std::sync::OnceLock::new();
        Self(TABLE.get_or_init(|| {
            let mut table: Vec<u16> = (0x4e00..=0x9fff).collect();
            for row in crate::lexicon::rows(include_str!("../lexicon/traditional.tsv")) {
                let [from, to, ..] = row.as_slice() else {
                    continue;
                };
                let (Some(from), Some(to)) = (from.chars().next(), to.chars().next()) else {
                    continue;
                };
                let slot = (from as u32).checked_sub(HAN_FIRST);
                if let Some(slot) = slot.and_then(|s| table.get_mut(s as usize))
                    && let Ok(to) = u16::try_from(to as u32)
                {
                    *slot = to;
                }
            }
            table
        }))
    }

    /// Returns the half-width and simplified form of a character.
    #[inline]
    pub(crate) fn of(self, c: char) -> char {
        let slot = (c as u32).wrapping_sub(HAN_FIRST) as usize;
        match self.0.get(slot) {
            Some(plain) => char::from_u32(u32::from(*plain)).unwrap_or(c),
            None => narrow(c),
        }
    }
}

/// Returns the value of a Chinese digit, everyday, traditional or formal.
pub(crate) fn digit(c: char) -> Option<u8> {
    Some(match c {
        '零' | '〇' | '○' => 0,
        '一' | '壹' | '弌' => 1,
        '二' | '两' | '贰' | '貳' | '兩' | '俩' | '倆' | '弍' => 2,
        '三' | '叁' | '參' | '叄' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

/// Returns whether the digit is one of those written on cheques; they are also
/// parts of words and names.
pub(crate) fn formal(c: char) -> bool {
    matches!(
        c,
        '壹' | '贰'
            | '貳'
            | '叁'
            | '參'
            | '叄'
            | '肆'
            | '伍'
            | '陆'
            | '陸'
            | '柒'
            | '捌'
            | '玖'
            | '拾'
            | '佰'
            | '仟'
            | '俩'
            | '倆'
    )
}

/// Returns the power of ten of 十, 百, 千.
pub(crate) fn small_unit(c: char) -> Option<u8> {
    Some(match c {
        '十' | '拾' => 1,
        '百' | '佰' => 2,
        '千' | '仟' => 3,
        _ => return None,
    })
}

/// Returns the power of ten of 万, 亿, 兆.
pub(crate) fn big_unit(c: char) -> Option<u8> {
    Some(match c {
        '万' | '萬' => 4,
        '亿' | '億' => 8,
        '兆' => 12,
        _ => return None,
    })
}

/// Returns whether the character can stand in a Chinese numeral.
pub(crate) fn numeral(c: char) -> bool {
    digit(c).is_some() || small_unit(c).is_some() || big_unit(c).is_some()
}

/// Returns the character at `i`, or NUL outside: the grammar never indexes.
pub(crate) fn at(chars: &[char], i: usize) -> char {
    chars.get(i).copied().unwrap_or('\0')
}

/// Returns the character before `i`, or NUL at the beginning.
pub(crate) fn before(chars: &[char], i: usize) -> char {
    i.checked_sub(1).map_or('\0', |p| at(chars, p))
}

/// Returns whether `word` stands at `i`.
#[inline]
pub(crate) fn starts(chars: &[char], i: usize, word: &str) -> bool {
    end_of(chars, i, word).is_some()
}

/// Returns the end of `word` if it stands at `i`.
#[inline]
fn end_of(chars: &[char], i: usize, word: &str) -> Option<usize> {
    let mut k = i;
    for c in word.chars() {
        if chars.get(k) != Some(&c) {
            return None;
        }
        k += 1;
    }
    Some(k)
}

/// Returns the first of `words` that stands at `i`, with its end; list longer
/// words first.
pub(crate) fn any_of(
    chars: &[char],
    i: usize,
    words: &[&'static str],
) -> Option<(usize, &'static str)> {
    // Two bytes of the first character sort out nearly all words at once.
    let mut buffer = [0u8; 4];
    let (a, b) = match at(chars, i).encode_utf8(&mut buffer).as_bytes() {
        [a, _, b, ..] => (*a, *b),
        _ => (0, 0),
    };
    let may = |w: &str| match w.as_bytes() {
        [x, _, y, ..] if *x >= 0xE0 => *x == a && *y == b,
        _ => true,
    };
    words
        .iter()
        .find_map(|w| Some((may(w).then(|| end_of(chars, i, w)).flatten()?, *w)))
}

/// Returns the place after at most four blanks.
pub(crate) fn skip_blank(chars: &[char], mut i: usize) -> usize {
    let stop = i + 4;
    while i < stop && at(chars, i) == ' ' {
        i += 1;
    }
    i
}

/// Returns the place after a numbering such as （二）, 3. or 一、; `i` itself where
/// none stands.
pub(crate) fn numbering_end(chars: &[char], i: usize) -> usize {
    let inner = |c: char| c.is_ascii_digit() || digit(c).is_some() || small_unit(c).is_some();
    let open = usize::from(matches!(at(chars, i), '（' | '('));
    let mut k = i + open;
    while k < i + open + 3 && inner(at(chars, k)) {
        k += 1;
    }
    if k == i + open {
        return i;
    }
    let end = match (open, at(chars, k)) {
        (1, '）' | ')') | (0, '、') => k + 1,
        (0, '.' | '．') if !at(chars, k + 1).is_ascii_digit() => k + 1,
        _ => return i,
    };
    skip_blank(chars, end)
}

/// Returns whether the character is a Chinese one.
pub(crate) fn han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '〇')
}

/// Returns whether the character ends a sentence.
pub(crate) fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?' | '…')
}

/// Returns whether the character ends a clause.
pub(crate) fn ends_clause(c: char) -> bool {
    ends_sentence(c) || matches!(c, '，' | ',' | '；' | ';' | '：' | ':' | '\n')
}

/// Returns the characters as a string.
pub(crate) fn text(chars: &[char], from: usize, to: usize) -> String {
    let piece = chars.get(from..to.max(from)).unwrap_or_default();
    let mut text = String::with_capacity(piece.len() * 3);
    text.extend(piece);
    text
}

/// What a character can begin, looked up in one step: most characters of prose
/// begin nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Starts(u8);

impl Starts {
    pub(crate) fn time(self) -> bool {
        self.0 & 1 != 0
    }

    pub(crate) fn number(self) -> bool {
        self.0 & 2 != 0
    }

    pub(crate) fn nothing(self) -> bool {
        self.0 == 0
    }
}

/// Returns what the character can begin.
pub(crate) fn can_start(c: char) -> Starts {
    static TABLE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table = vec![0; 0x1_0000];
        for (u, slot) in (0u32..).zip(&mut table) {
            let c = char::from_u32(u).unwrap_or('\0');
            let digit = c.is_ascii_digit() || digit(c).is_some();
            *slot = u8::from(digit) | u8::from(crate::numeral::may_start(c)) << 1;
        }
        for c in crate::times::STARTS.chars() {
            if let Some(slot) = table.get_mut(c as usize) {
                *slot |= 1;
            }
        }
        table
    });
    Starts(table.get(c as usize).copied().unwrap_or(0))
}
