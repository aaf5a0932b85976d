//! One number of any form: signs, percent, fractions, 成 and 折, ranges.

use minsheng_model::Decimal;

use crate::cardinal::{Cardinal, Scan, cardinal};
use crate::chars::{at, before, han, numeral, skip_blank, starts};
use crate::exact::{negated, product, quotient, shifted, sum};

/// What a number counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Plain,
    /// Of a hundred: %, 百分之, 成 and 折 brought to percent.
    Percent,
    PerMille,
    Fraction,
}

/// A number in its place; `lower` and `upper` only where the words leave it open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numeral {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) value: Decimal,
    pub(crate) upper: Option<Decimal>,
    pub(crate) shape: Shape,
    pub(crate) card: Cardinal,
    /// Numerator and denominator of a fraction.
    pub(crate) parts: Option<(Decimal, Decimal)>,
    /// ± or 正负 stands before.
    pub(crate) plus_minus: bool,
    /// A sign stands before.
    pub(crate) signed: bool,
    /// 折, so that the quantity can say so.
    pub(crate) discount: bool,
}

/// Reads the sign at `i`: the place after it, whether it is minus, whether it is
/// both.
fn sign(chars: &[char], i: usize) -> Option<(usize, bool, bool)> {
    let c = at(chars, i);
    let prev = before(chars, i);
    let free = !prev.is_ascii_alphanumeric()
        && !han(prev)
        && !matches!(prev, '-' | ')' | '）' | '.' | '%' | '+');
    if starts(chars, i, "正负") || starts(chars, i, "正負") {
        return Some((skip_blank(chars, i + 2), false, true));
    }
    match c {
        '±' => Some((skip_blank(chars, i + 1), false, true)),
        '负' | '負' => Some((skip_blank(chars, i + 1), true, false)),
        '正' | '+' if free => Some((i + 1, false, false)),
        '-' if free => Some((i + 1, true, false)),
        _ => None,
    }
}

/// Returns whether a number could begin with this character.
pub(crate) fn may_start(c: char) -> bool {
    matches!(
        c,
        '0'..='9' | '.' | '-' | '+' | '负' | '負' | '正' | '±' | '半' | '百' | '廿' | '卅'
    ) || numeral(c)
}

/// Reads the number that begins at `i`.
pub(crate) fn numeral_at(chars: &[char], i: usize) -> Scan<Numeral> {
    let c = at(chars, i);
    if c == '.'
        && (before(chars, i) == '.'
            || before(chars, i).is_ascii_digit()
            || !at(chars, i + 1).is_ascii_digit())
    {
        return Scan::Nothing;
    }
    let (from, minus, both) = sign(chars, i).unwrap_or((i, false, false));
    let signed = from > i;
    let mut found = match body(chars, from) {
        Scan::Found(n) => n,
        Scan::Skip(k) => return Scan::Skip(k.max(i + 1)),
        Scan::Nothing => return Scan::Nothing,
    };
    found.start = i;
    found.signed = signed;
    found.plus_minus = both;
    if minus {
        let Some(value) = negated(found.value) else {
            return Scan::Skip(found.end);
        };
        found.value = value;
        found.upper = None;
        found.parts = found.parts.and_then(|(n, d)| Some((negated(n)?, d)));
    }
    Scan::Found(found)
}

fn plain(card: Cardinal, start: usize) -> Numeral {
    Numeral {
        start,
        end: card.end,
        value: card.value,
        upper: card.upper,
        shape: Shape::Plain,
        card,
        parts: None,
        plus_minus: false,
        signed: false,
        discount: false,
    }
}

/// Returns the place after `word` with blanks allowed between its characters.
fn spaced(chars: &[char], mut i: usize, word: &str) -> Option<usize> {
    for c in word.chars() {
        i = skip_blank(chars, i);
        if at(chars, i) != c {
            return None;
        }
        i += 1;
    }
    Some(i)
}

/// A cardinal made of nothing but a value, for 半 and 百分之百.
fn made(value: Decimal, end: usize) -> Cardinal {
    Cardinal {
        end,
        value,
        upper: None,
        arabic: false,
        chinese: true,
        scaled: false,
        big: 0,
        over: false,
        positional: false,
        digits: 0,
    }
}

fn body(chars: &[char], i: usize) -> Scan<Numeral> {
    if let Some(k) = spaced(chars, i, "百分之").filter(|_| at(chars, i) == '百') {
        return of(chars, i, k, Shape::Percent);
    }
    if let Some(k) = spaced(chars, i, "千分之").filter(|_| at(chars, i) == '千') {
        return of(chars, i, k, Shape::PerMille);
    }
    if starts(chars, i, "百分百") {
        let mut n = plain(made(Decimal::from(100), i + 3), i);
        n.shape = Shape::Percent;
        return Scan::Found(n);
    }
    if at(chars, i) == '半' {
        return half(chars, i);
    }
    if starts(chars, i, "一半") {
        return one_half(chars, i);
    }
    let card = match cardinal(chars, i) {
        Scan::Found(card) => card,
        Scan::Skip(k) => return Scan::Skip(k),
        Scan::Nothing => return Scan::Nothing,
    };
    match suffixed(chars, i, card) {
        Some(n) => Scan::Found(n),
        None => Scan::Skip(card.end),
    }
}

/// 一半 as a share: 占一半, 一半以上; elsewhere it counts nothing.
fn one_half(chars: &[char], i: usize) -> Scan<Numeral> {
    let told = matches!(
        before(chars, i),
        '占' | '近' | '约' | '超' | '过' | '达' | '了' | '到'
    ) || starts(chars, i + 2, "以上")
        || starts(chars, i + 2, "左右");
    if !told {
        return Scan::Skip(i + 2);
    }
    let half = Decimal::new(5, 1).unwrap_or(Decimal::from(0));
    let mut n = plain(made(half, i + 2), i);
    n.shape = Shape::Fraction;
    n.parts = Some((Decimal::from(1), Decimal::from(2)));
    Scan::Found(n)
}

/// 半成, 半折, 半数, 半百; other uses of 半 are units' business.
fn half(chars: &[char], i: usize) -> Scan<Numeral> {
    let next = at(chars, i + 1);
    let half = Decimal::new(5, 1).unwrap_or(Decimal::from(0));
    let (value, shape, end) = match next {
        '成' => (Decimal::from(5), Shape::Percent, i + 2),
        '折' => (Decimal::from(50), Shape::Percent, i + 2),
        '百' => (Decimal::from(50), Shape::Plain, i + 2),
        '数' => (half, Shape::Fraction, i + 2),
        _ => return Scan::Nothing,
    };
    let mut n = plain(made(value, end), i);
    n.shape = shape;
    n.discount = next == '折';
    if shape == Shape::Fraction {
        n.parts = Some((Decimal::from(1), Decimal::from(2)));
    }
    Scan::Found(n)
}

/// 百分之 and 千分之 with the number behind them.
fn of(chars: &[char], start: usize, k: usize, shape: Shape) -> Scan<Numeral> {
    let k = skip_blank(chars, k);
    let (from, minus) = match at(chars, k) {
        '负' | '負' => (k + 1, true),
        _ => (k, false),
    };
    let card = if at(chars, from) == '百' && cardinal_end(chars, from).is_none() {
        made(Decimal::from(100), from + 1)
    } else {
        match cardinal(chars, from) {
            Scan::Found(card) => card,
            Scan::Skip(e) => return Scan::Skip(e),
            Scan::Nothing => return Scan::Nothing,
        }
    };
    let mut n = plain(card, start);
    n.shape = shape;
    if minus {
        match negated(n.value) {
            Some(v) => n.value = v,
            None => return Scan::Skip(n.end),
        }
    }
    Scan::Found(n)
}

fn cardinal_end(chars: &[char], i: usize) -> Option<usize> {
    match cardinal(chars, i) {
        Scan::Found(c) => Some(c.end),
        _ => None,
    }
}

/// Looks behind the cardinal for 分之, 又, %, 成 and 折.
fn suffixed(chars: &[char], start: usize, card: Cardinal) -> Option<Numeral> {
    let k = skip_blank(chars, card.end);
    if let Some(from) = spaced(chars, k, "分之")
        && let Some(n) = fraction(chars, start, card, from)
    {
        return Some(n);
    }
    if at(chars, k) == '又'
        && let Scan::Found(second) = cardinal(chars, skip_blank(chars, k + 1))
    {
        let after = skip_blank(chars, second.end);
        let rest =
            spaced(chars, after, "分之").and_then(|from| fraction(chars, start, second, from));
        if let Some(rest) = rest {
            let mut n = plain(card, start);
            n.value = mixed(card.value, &rest)?;
            n.end = rest.end;
            n.shape = Shape::Fraction;
            return Some(n);
        }
    }
    if let Some(n) = slashed(chars, start, card) {
        return Some(n);
    }
    let mut n = plain(card, start);
    match at(chars, k) {
        '%' | '﹪' => (n.shape, n.end) = (Shape::Percent, k + 1),
        '‰' => (n.shape, n.end) = (Shape::PerMille, k + 1),
        '成' if tenths(chars, card, k) => {
            let (extra, end) = tenth_rest(chars, k + 1);
            n.value = sum(shifted(card.value, 1)?, Decimal::from(extra))?;
            n.upper = card.upper.and_then(|u| shifted(u, 1));
            (n.shape, n.end) = (Shape::Percent, end);
        }
        '折' if discounts(chars, card, k) => {
            let tens = card.digits >= 2 || card.positional;
            n.value = if tens {
                card.value
            } else {
                shifted(card.value, 1)?
            };
            n.upper = card.upper.and_then(|u| shifted(u, 1));
            (n.shape, n.end, n.discount) = (Shape::Percent, k + 1, true);
        }
        _ => {}
    }
    Some(n)
}

/// 1/6 as a share: the smaller number over the larger one, nothing of a date, a
/// road or a count of pages around it.
fn slashed(chars: &[char], start: usize, card: Cardinal) -> Option<Numeral> {
    if !card.arabic || card.scaled || card.value.scale() > 0 || at(chars, card.end) != '/' {
        return None;
    }
    let apart = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '/' | '-' | '.' | '第');
    let Scan::Found((below, end, digits)) = crate::cardinal::arabic(chars, card.end + 1) else {
        return None;
    };
    let after = at(chars, end);
    let fits = apart(before(chars, start))
        && apart(after)
        && !matches!(after, '月' | '日' | '号' | '页' | '年' | '届' | '期')
        && digits <= 2
        && below.scale() == 0
        && card.value > Decimal::from(0)
        && card.value < below;
    if !fits {
        return None;
    }
    let mut n = plain(card, start);
    n.value = quotient(card.value, below)?.0;
    n.parts = Some((card.value, below));
    n.end = end;
    n.shape = Shape::Fraction;
    Some(n)
}

/// Whole and fraction together, at most 15 digits where they do not end.
fn mixed(whole: Decimal, rest: &Numeral) -> Option<Decimal> {
    let all = sum(whole, rest.value)?;
    let exact = rest
        .parts
        .and_then(|(n, d)| quotient(n, d))
        .is_some_and(|(_, exact)| exact);
    if exact {
        Some(all)
    } else {
        crate::exact::short(all)
    }
}

/// 三成, 9.5成: at most ten, and not 成 as a verb or noun.
fn tenths(chars: &[char], card: Cardinal, k: usize) -> bool {
    let small = card.value <= Decimal::from(10) && card.value > Decimal::from(0);
    let verb = "立功为员果长本都熟套绩人品分就交份年型不名效语员"; // 一成不变, 成立, 成人
    small && !card.positional && !(verb.contains(at(chars, k + 1)) && at(chars, k + 1) != '\0')
}

/// The digit or 半 that may follow 成: 七成六, 三成半.
fn tenth_rest(chars: &[char], k: usize) -> (i64, usize) {
    let j = skip_blank(chars, k);
    if at(chars, j) == '半' {
        return (5, j + 1);
    }
    match crate::chars::digit(at(chars, j)) {
        Some(d) if d > 0 && !numeral(at(chars, j + 1)) && !han(at(chars, j + 1)) => {
            (i64::from(d), j + 1)
        }
        _ => (0, k),
    }
}

/// 八折, 75折, 八五折: below ten, or two digits; not 折子 or 折叠.
fn discounts(chars: &[char], card: Cardinal, k: usize) -> bool {
    let one = card.value < Decimal::from(10) && card.value > Decimal::from(0);
    let two = card.value < Decimal::from(100)
        && (card.digits == 2 || card.positional)
        && card.value.scale() == 0;
    let word = matches!(
        at(chars, k + 1),
        '子' | '叠' | '断' | '旧' | '腾' | '射' | '中' | '返' | '磨' | '算'
    );
    (one || two) && !word && !card.scaled
}

/// `denominator 分之 numerator`.
fn fraction(chars: &[char], start: usize, denominator: Cardinal, from: usize) -> Option<Numeral> {
    let k = skip_blank(chars, from);
    let (k, minus) = match at(chars, k) {
        '负' | '負' => (k + 1, true),
        _ => (k, false),
    };
    let Scan::Found(numerator) = cardinal(chars, k) else {
        return None;
    };
    let top = if minus {
        negated(numerator.value)?
    } else {
        numerator.value
    };
    let mut n = plain(denominator, start);
    n.value = quotient(top, denominator.value)?.0;
    n.parts = Some((top, denominator.value));
    n.end = numerator.end;
    n.shape = Shape::Fraction;
    n.upper = None;
    Some(n)
}

/// Returns the second number of a range whose first ends at `end` (`—`, `～`,
/// `-`, 至, 到), with a common scale passed back to the first.
pub(crate) fn range_to(chars: &[char], first: &Numeral, end: usize) -> Option<(Decimal, Numeral)> {
    let mut k = skip_blank(chars, end);
    if starts(chars, k, "(含)") || starts(chars, k, "（含）") {
        k = skip_blank(chars, k + 3);
    }
    let width = match at(chars, k) {
        '—' | '―' if matches!(at(chars, k + 1), '—' | '―') => 2,
        '-' if at(chars, k + 1) == '-' => 2,
        '—' | '―' | '–' | '~' | '～' | '-' | '至' | '到' | '─' => 1,
        _ => return None,
    };
    let from = skip_blank(chars, k + width);
    let c = at(chars, from);
    if !(c.is_ascii_digit() || numeral(c)) {
        return None;
    }
    let Scan::Found(second) = numeral_at(chars, from) else {
        return None;
    };
    let mut low = first.value;
    if let Some(lifted) = digit_lifted(first, &second) {
        low = lifted;
    } else if first.shape == Shape::Plain
        && first.card.big == 0
        && second.card.big > 0
        && low < second.value
    {
        let lifted = shifted(low, i32::from(second.card.big))?;
        if lifted < second.value {
            low = lifted;
        }
    }
    (low < second.value).then_some((low, second))
}

/// 两到三千, 2—3百万: one digit before one digit with its units takes them all.
fn digit_lifted(first: &Numeral, second: &Numeral) -> Option<Decimal> {
    let bare = |n: &Numeral| n.shape == Shape::Plain && n.value.scale() == 0 && n.upper.is_none();
    if !bare(first) || !bare(second) || first.card.scaled || !second.card.scaled {
        return None;
    }
    let (mut digit, mut power) = (second.value.mantissa(), 0);
    while digit > 9 && digit % 10 == 0 {
        (digit, power) = (digit / 10, power + 1);
    }
    let low = first.value.mantissa();
    // 一到十: ten is a number of its own here.
    let fits = (1..10).contains(&low) && low < digit && digit < 10 && power > 1;
    fits.then(|| shifted(first.value, power)).flatten()
}

/// Multiplies a plain number, for 双, 对 and 打.
pub(crate) fn times(n: &Numeral, factor: i64) -> Option<Decimal> {
    product(n.value, Decimal::from(factor))
}
