//! One cardinal number: Arabic digits, Chinese digits with 十百千万亿, and the
//! mixtures of both that prose uses.

use minsheng_model::Decimal;

use crate::chars::{
    at, before, big_unit, digit, formal, han, narrow, numeral, skip_blank, small_unit, starts,
};
use crate::exact::{shifted, sum};

/// A cardinal with the place where it ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cardinal {
    pub(crate) end: usize,
    pub(crate) value: Decimal,
    /// The other end of 三四十 or 七八百.
    pub(crate) upper: Option<Decimal>,
    pub(crate) arabic: bool,
    pub(crate) chinese: bool,
    /// 十, 百, 千, 万 or 亿 took part.
    pub(crate) scaled: bool,
    /// Power of the last 万, 亿 or 兆.
    pub(crate) big: u8,
    /// 余 or 多 stands inside, as in 500余万.
    pub(crate) over: bool,
    /// Chinese digits read one by one, as in 二〇二四.
    pub(crate) positional: bool,
    /// How many Arabic digits stand in the whole part of a plain number.
    pub(crate) digits: usize,
}

/// What stands at a place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scan<T> {
    /// No number.
    Nothing,
    /// Digits that make no number that fits; go on after them.
    Skip(usize),
    /// A number.
    Found(T),
}

/// What follows 千 or 兆 when they belong to the unit: 千米, 千克, 兆瓦.
const PREFIXED: &[&str] = &[
    "米", "克", "瓦", "卡", "伏", "字节", "比特", "赫", "帕", "焦", "安", "欧", "位",
];

fn is_prefix(chars: &[char], i: usize) -> bool {
    matches!(at(chars, i), '千' | '兆') && PREFIXED.iter().any(|w| starts(chars, i + 1, w))
}

/// Reads Arabic digits with thousands groups and a fraction. A comma groups only
/// where exactly three digits follow every one of them and at most three stand
/// before the first: the press also uses it as punctuation.
pub(crate) fn arabic(chars: &[char], i: usize) -> Scan<(Decimal, usize, usize)> {
    let run = |mut k: usize| {
        while at(chars, k).is_ascii_digit() {
            k += 1;
        }
        k
    };
    let whole_end = run(i);
    let mut end = whole_end;
    let mut digits = Digits::default();
    digits.extend(chars, i, whole_end);
    let comma = |k: usize| matches!(at(chars, k), ',' | '，');
    let group = |k: usize| comma(k) && run(k + 1) == k + 4;
    if (1..=3).contains(&digits.count) && at(chars, i) != '0' && comma(whole_end) {
        let (mut k, mut grouped) = (whole_end, digits);
        while group(k) {
            grouped.extend(chars, k + 1, k + 4);
            k += 4;
        }
        if !(comma(k) && at(chars, k + 1).is_ascii_digit()) {
            (end, digits) = (k, grouped);
        }
    }
    let count = digits.count;
    let mut places = 0;
    if at(chars, end) == '.' && at(chars, end + 1).is_ascii_digit() {
        let stop = run(end + 1);
        let version = at(chars, stop) == '.' && at(chars, stop + 1).is_ascii_digit();
        let chained = before(chars, i) == '.' && i > 1 && at(chars, i - 2).is_ascii_digit();
        if !version && !chained {
            digits.extend(chars, end + 1, stop);
            places = stop - end - 1;
            end = stop;
        }
    }
    if end == i {
        return Scan::Nothing;
    }
    match digits.decimal(places) {
        Some(value) => Scan::Found((value, end, count)),
        None => Scan::Skip(run(end)),
    }
}

/// Arabic digits put together; `mantissa` is `None` when they are too many.
#[derive(Clone, Copy)]
struct Digits {
    mantissa: Option<i128>,
    count: usize,
}

impl Default for Digits {
    fn default() -> Self {
        Self {
            mantissa: Some(0),
            count: 0,
        }
    }
}

impl Digits {
    fn extend(&mut self, chars: &[char], from: usize, to: usize) {
        for c in chars.get(from..to).unwrap_or_default() {
            let digit = c.to_digit(10).map_or(0, i128::from);
            self.mantissa = self
                .mantissa
                .and_then(|m| m.checked_mul(10)?.checked_add(digit));
            self.count += 1;
        }
    }

    fn decimal(self, places: usize) -> Option<Decimal> {
        Decimal::new(self.mantissa?, u8::try_from(places).ok()?).ok()
    }
}

#[derive(Default)]
struct Building {
    total: Option<Decimal>,
    section: Option<Decimal>,
    pending: Option<Pending>,
    /// Power of the unit just read; `None` before the first.
    power: Option<u8>,
    /// Power of the last unit within the section.
    small: Option<u8>,
    zero: bool,
    fraction: bool,
    arabic: bool,
    chinese: bool,
    scaled: bool,
    positional: bool,
    over: bool,
    big: u8,
    digits: usize,
    /// How much more the upper end is.
    spread: Option<Decimal>,
    end: usize,
}

#[derive(Clone, Copy)]
struct Pending {
    value: Decimal,
    /// One digit: it takes the next lower unit after 百 and above (二百五).
    single: bool,
    /// The second digit of 三四.
    next: Option<Decimal>,
}

impl Building {
    fn started(&self) -> bool {
        self.total.is_some() || self.section.is_some() || self.pending.is_some()
    }

    fn add_section(&mut self, value: Decimal) -> Option<()> {
        self.section = Some(sum(self.section.unwrap_or(Decimal::from(0)), value)?);
        Some(())
    }

    /// Adds the digit that waits, with the unit it implies, to the section.
    fn settle(&mut self) -> Option<()> {
        let Some(pending) = self.pending.take() else {
            return Some(());
        };
        let power = match self.power {
            Some(p) if p >= 2 && pending.single && !self.zero => i32::from(p) - 1,
            _ => 0,
        };
        if let Some(next) = pending.next {
            let gap = next.checked_sub(pending.value).ok()?;
            self.spread = Some(shifted(gap, power)?);
        }
        self.add_section(shifted(pending.value, power)?)
    }

    fn small_unit(&mut self, power: u8) -> Option<bool> {
        if self.small.is_some_and(|p| p <= power) || self.fraction {
            return Some(false);
        }
        let pending = match self.pending.take() {
            Some(p) => p,
            None if !self.started() || (self.power.is_some() && power == 1) => Pending {
                value: Decimal::from(1),
                single: false,
                next: None,
            },
            None => return Some(false),
        };
        if let Some(next) = pending.next {
            self.spread = Some(shifted(
                next.checked_sub(pending.value).ok()?,
                i32::from(power),
            )?);
        }
        self.add_section(shifted(pending.value, i32::from(power))?)?;
        (self.power, self.small, self.zero, self.scaled) = (Some(power), Some(power), false, true);
        Some(true)
    }

    fn big_unit(&mut self, power: u8) -> Option<bool> {
        if !self.started() {
            return Some(false);
        }
        if let Some(p) = self.pending.take() {
            if let Some(next) = p.next {
                self.spread = Some(next.checked_sub(p.value).ok()?);
            }
            self.add_section(p.value)?;
        }
        let by = i32::from(power);
        let section = self.section.take();
        let lifted = match (self.total, section) {
            (None, Some(s)) => shifted(s, by)?,
            (Some(t), None) => shifted(t, by)?,
            (Some(t), Some(s)) if self.big <= power => shifted(sum(t, s)?, by)?,
            (Some(t), Some(s)) => sum(t, shifted(s, by)?)?,
            (None, None) => return Some(false),
        };
        self.total = Some(lifted);
        if let Some(spread) = self.spread {
            self.spread = Some(shifted(spread, by)?);
        }
        self.big = if section.is_none() {
            self.big.saturating_add(power)
        } else {
            power
        };
        (self.power, self.small, self.zero) = (Some(power), None, false);
        (self.scaled, self.fraction) = (true, false);
        Some(true)
    }

    fn finish(mut self) -> Option<Cardinal> {
        self.settle()?;
        let zero = Decimal::from(0);
        let value = sum(self.total.unwrap_or(zero), self.section.unwrap_or(zero))?;
        Some(Cardinal {
            end: self.end,
            value,
            upper: match self.spread {
                Some(s) => Some(sum(value, s)?),
                None => None,
            },
            arabic: self.arabic,
            chinese: self.chinese,
            scaled: self.scaled,
            big: self.big,
            over: self.over,
            positional: self.positional,
            digits: self.digits,
        })
    }
}

/// Reads the cardinal that begins at `i`.
pub(crate) fn cardinal(chars: &[char], start: usize) -> Scan<Cardinal> {
    let mut b = Building {
        end: start,
        ..Building::default()
    };
    match grow(chars, start, &mut b) {
        Some(()) if b.started() => match b.finish() {
            Some(card) => Scan::Found(card),
            None => Scan::Skip(after_digits(chars, start)),
        },
        Some(()) => Scan::Nothing,
        None => Scan::Skip(after_digits(chars, start)),
    }
}

/// Returns the end of everything that looks like digits, for numbers that no
/// decimal holds.
fn after_digits(chars: &[char], mut i: usize) -> usize {
    while numeral(at(chars, i)) || matches!(at(chars, i), '0'..='9' | '.') {
        i += 1;
    }
    i.max(1)
}

/// Reads on as long as the grammar allows; `None` means too many digits.
fn grow(chars: &[char], start: usize, b: &mut Building) -> Option<()> {
    let mut i = start;
    loop {
        let j = if b.started() { skip_blank(chars, i) } else { i };
        let c = at(chars, j);
        let next = if c.is_ascii_digit() || (c == '.' && !b.started()) {
            step_arabic(chars, i, j, b)?
        } else if digit(c).is_some() {
            step_digit(chars, i, j, b)?
        } else if let Some(tens) = twenties(c) {
            step_twenties(j, tens, b)?
        } else if c == '个' && b.started() && at(chars, j + 1) == '亿' {
            // 两个亿: the measure word of the unit itself.
            b.big_unit(8)?.then(|| {
                (b.end, b.chinese) = (j + 2, b.chinese || !b.arabic);
                j + 2
            })
        } else if let Some(power) = small_unit(c) {
            step_small(chars, start, j, power, b)?
        } else if let Some(power) = big_unit(c) {
            let taken = !is_prefix(chars, j) && b.big_unit(power)?;
            if taken {
                b.end = j + 1;
                b.chinese |= !b.arabic;
            }
            taken.then_some(j + 1)
        } else if matches!(c, '余' | '餘' | '多' | '几' | '幾') && b.started() {
            let k = skip_blank(chars, j + 1);
            let inside = big_unit(at(chars, k)).is_some() && !is_prefix(chars, k);
            b.over |= inside;
            inside.then_some(j + 1)
        } else if matches!(c, '点' | '點') && b.chinese && b.started() && !b.fraction {
            step_point(chars, j, b)?
        } else {
            None
        };
        match next {
            Some(k) => i = k,
            None => return Some(()),
        }
    }
}

/// 廿 and 卅: twenty and thirty in one character.
fn twenties(c: char) -> Option<i64> {
    match c {
        '廿' => Some(2),
        '卅' => Some(3),
        _ => None,
    }
}

fn step_twenties(j: usize, tens: i64, b: &mut Building) -> Option<Option<usize>> {
    if b.started() {
        return Some(None);
    }
    b.pending = Some(Pending {
        value: Decimal::from(tens),
        single: true,
        next: None,
    });
    b.small_unit(1)?;
    (b.chinese, b.end) = (true, j + 1);
    Some(Some(j + 1))
}

fn step_small(
    chars: &[char],
    start: usize,
    j: usize,
    power: u8,
    b: &mut Building,
) -> Option<Option<usize>> {
    let alone = !b.started();
    let c = at(chars, j);
    if is_prefix(chars, j) && !alone {
        return Some(None);
    }
    if starts(chars, j, "百分点") || (starts(chars, j, "百分之") && alone) {
        return Some(None);
    }
    // 十 counts alone; 百 and 千 only before a digit (百三); 拾 only beside one.
    let followed = digit(at(chars, j + 1)).is_some()
        || (power > 1
            && small_unit(at(chars, j + 1)).is_none()
            && big_unit(at(chars, j + 1)).is_some());
    if alone
        && ((power > 1 && !followed)
            || (formal(c)
                && !followed
                && big_unit(at(chars, j + 1)).is_none()
                && han(before(chars, start))))
    {
        return Some(None);
    }
    if !b.small_unit(power)? {
        return Some(None);
    }
    b.chinese = true;
    b.end = j + 1;
    Some(Some(j + 1))
}

fn step_arabic(chars: &[char], i: usize, j: usize, b: &mut Building) -> Option<Option<usize>> {
    if b.pending.is_some() || b.fraction || (b.started() && b.power.is_none()) {
        return Some(None);
    }
    let (value, end, digits) = match arabic(chars, j) {
        Scan::Found(found) => found,
        Scan::Skip(_) => return None,
        Scan::Nothing => return Some(None),
    };
    if b.started() {
        // After a unit, Arabic digits go on only with a smaller unit of their own
        // (7万5千) or, unspaced, as the rest (1万2345).
        let after = at(chars, skip_blank(chars, end));
        let lower = small_unit(after)
            .or(big_unit(after))
            .is_some_and(|p| b.power.is_some_and(|q| p < q));
        let rest = i == j && value.scale() == 0 && digits < usize::from(b.power.unwrap_or(0)) + 1;
        let rest = rest && digits > 1 && b.power.is_some_and(|p| digits <= usize::from(p));
        if !lower && !rest {
            return Some(None);
        }
    }
    b.arabic = true;
    b.digits = digits;
    b.pending = Some(Pending {
        value,
        single: false,
        next: None,
    });
    b.end = end;
    Some(Some(end))
}

fn step_digit(chars: &[char], i: usize, j: usize, b: &mut Building) -> Option<Option<usize>> {
    if b.pending.is_some() || b.fraction || (b.started() && b.power.is_none()) {
        return Some(None);
    }
    let first = digit(at(chars, j)).unwrap_or(0);
    let spaced = j > i;
    if first == 0 && b.started() {
        b.zero = true;
        return Some(Some(j + 1));
    }
    let liang = |k: usize| matches!(at(chars, k), '两' | '兩');
    if b.started()
        && liang(j)
        && small_unit(at(chars, j + 1)).is_none()
        && big_unit(at(chars, j + 1)).is_none()
    {
        return Some(None);
    }
    let mut end = j + 1;
    while digit(at(chars, end)).is_some() && !liang(end) {
        end += 1;
    }
    let run = end - j;
    let pair = pair(chars, j, run, first);
    if run == 1 && !pair {
        return Some(single(chars, j, spaced, first, b));
    }
    if pair {
        let second = digit(at(chars, j + 1)).unwrap_or(0);
        b.pending = Some(Pending {
            value: Decimal::from(i64::from(first)),
            single: true,
            next: Some(Decimal::from(i64::from(second))),
        });
        // 七八 after 十 keeps its place; only 百 and above would lift it.
        b.chinese = true;
        b.end = j + 2;
        return Some(Some(j + 2));
    }
    if b.started() {
        return Some(None);
    }
    let mut mantissa: i128 = 0;
    for k in j..end {
        mantissa = mantissa
            .checked_mul(10)?
            .checked_add(i128::from(digit(at(chars, k)).unwrap_or(0)))?;
    }
    b.pending = Some(Pending {
        value: Decimal::new(mantissa, 0).ok()?,
        single: false,
        next: None,
    });
    (b.chinese, b.positional, b.end, b.digits) = (true, true, end, run);
    Some(Some(end))
}

fn single(chars: &[char], j: usize, spaced: bool, first: u8, b: &mut Building) -> Option<usize> {
    let alone = !b.started()
        && small_unit(at(chars, j + 1)).is_none()
        && big_unit(at(chars, j + 1)).is_none();
    // 伍 and 陆 alone, inside other words, are not numbers (队伍, 大陆).
    if alone && formal(at(chars, j)) && (han(before(chars, j)) || han(at(chars, j + 1))) {
        return None;
    }
    let unit_follows = small_unit(at(chars, skip_blank(chars, j + 1))).is_some()
        || big_unit(at(chars, skip_blank(chars, j + 1))).is_some();
    if spaced && !unit_follows && !b.started() {
        return None;
    }
    b.pending = Some(Pending {
        value: Decimal::from(i64::from(first)),
        single: true,
        next: None,
    });
    b.chinese = true;
    b.end = j + 1;
    Some(j + 1)
}

/// Returns whether two digits name both ends of a guess: 三四十, 七八个, 一两年.
fn pair(chars: &[char], j: usize, run: usize, first: u8) -> bool {
    let second = at(chars, j + 1);
    if run == 1 {
        let near = "个年天次家所名人位周件十百千万月项".contains(at(chars, j + 2));
        return at(chars, j) == '一'
            && matches!(second, '两' | '兩')
            && near
            && at(chars, j + 2) != '\0';
    }
    // 三五百, 三五个: the one guess that leaves a digit out.
    let loose = first == 3
        && matches!(second, '五')
        && before(chars, j) != '十'
        && (small_unit(at(chars, j + 2)).is_some()
            || matches!(at(chars, j + 2), '个' | '天' | '家' | '人' | '名'));
    if run == 2 && loose {
        return true;
    }
    run == 2
        && first > 0
        && digit(second) == Some(first + 1)
        && !formal(second)
        && !matches!(
            narrow(at(chars, j + 2)),
            '年' | '号' | '路' | '环' | '折' | '成' | '级' | '线' | '中' | '分' | '点'
        )
}

/// Reads 点 and its digits; not the hour of 八点三十分.
fn step_point(chars: &[char], j: usize, b: &mut Building) -> Option<Option<usize>> {
    let from = skip_blank(chars, j + 1);
    let mut k = from;
    let mut mantissa: i128 = 0;
    while let Some(d) =
        digit(at(chars, k)).filter(|_| !matches!(at(chars, k), '两' | '兩' | '俩' | '倆'))
    {
        mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(d))?;
        k += 1;
    }
    let clock = small_unit(at(chars, k)).is_some() || matches!(at(chars, k), '分' | '刻' | '钟');
    let places = k - from;
    if places == 0 || (clock && !starts(chars, k, "分之")) {
        return Some(None);
    }
    b.settle()?;
    let places = u8::try_from(places).ok()?;
    b.add_section(Decimal::new(mantissa, places).ok()?)?;
    b.fraction = true;
    b.end = k;
    Some(Some(k))
}
