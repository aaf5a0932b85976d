//! A number with its measure word and what the words around it leave open; and
//! the numbers that count nothing.

use std::sync::OnceLock;

use minsheng_model::Decimal;

use crate::chars::{at, before, han, skip_blank, starts};
use crate::exact::{last_place, negated, product, sum};
use crate::lexicon::{UnitKind, rows, unit_at};
use crate::numeral::{Numeral, Shape, range_to};
use crate::statement::Comparator;

/// Why a number is no fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoFact {
    Ordinal,
    Duration,
    Age,
    /// 号线, 12345, PM2.5: the digits are a name.
    Name,
    /// A number that says nothing of what it counts.
    Bare,
    /// 一个, 一种: an article.
    Article,
}

impl NoFact {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ordinal => "ordinal",
            Self::Duration => "duration",
            Self::Age => "age",
            Self::Name => "name",
            Self::Bare => "bare",
            Self::Article => "article",
        }
    }
}

/// A quantity in its place, offsets in the block's characters.
#[derive(Debug, Clone)]
pub(crate) struct Quantity {
    /// First character of the number.
    pub(crate) start: usize,
    /// After the measure word and what follows it (以上).
    pub(crate) end: usize,
    /// The first character of a comparator before the number.
    pub(crate) outer: usize,
    pub(crate) value: Option<Decimal>,
    pub(crate) lower: Option<Decimal>,
    pub(crate) upper: Option<Decimal>,
    pub(crate) comparator: Comparator,
    pub(crate) unit: String,
    pub(crate) shape: Shape,
    pub(crate) kind: Option<UnitKind>,
    pub(crate) parts: Option<(Decimal, Decimal)>,
}

struct Words {
    word: Vec<char>,
    text: String,
    comparator: Comparator,
    /// Thousandths below and above; `None` is open.
    below: Option<i64>,
    above: Option<i64>,
}

fn comparators(place: &str) -> &'static [Words] {
    static TABLE: OnceLock<(Vec<Words>, Vec<Words>)> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let (mut pre, mut post) = (Vec::new(), Vec::new());
        for row in rows(include_str!("../lexicon/comparators.tsv")) {
            let [word, place, comparator, below, above, ..] = row.as_slice() else {
                continue;
            };
            let Some(comparator) = Comparator::named(comparator) else {
                continue;
            };
            let words = Words {
                word: word.chars().collect(),
                text: (*word).to_owned(),
                comparator,
                below: below.parse().ok(),
                above: above.parse().ok(),
            };
            if *place == "pre" {
                pre.push(words)
            } else {
                post.push(words)
            }
        }
        (pre, post)
    });
    if place == "pre" { &table.0 } else { &table.1 }
}

/// Returns the comparator that ends at `i`, with its start.
fn comparator_before(chars: &[char], i: usize) -> Option<(&'static Words, usize)> {
    let mut end = i;
    while end > 0 && (at(chars, end - 1) == ' ' || at(chars, end - 1) == '了') && i - end < 3 {
        end -= 1;
    }
    let last = before(chars, end);
    let may = comparators("pre")
        .iter()
        .filter(|w| w.word.last() == Some(&last));
    may.into_iter().find_map(|w| {
        let start = end.checked_sub(w.word.len())?;
        let word = chars.get(start..end) == Some(w.word.as_slice());
        // 附近3个, 节约2吨: the character is part of another word.
        let prev = before(chars, start);
        let inside = match w.text.as_str() {
            "约" => matches!(
                prev,
                '预' | '节' | '条' | '契' | '制' | '违' | '签' | '合' | '大'
            ),
            "近" | "超" | "逾" => {
                matches!(prev, '附' | '最' | '靠' | '邻' | '临' | '亲' | '就' | '远')
            }
            _ => false,
        };
        (word && !inside).then_some((w, start))
    })
}

/// 至少建成1家: a verb stands between the comparator and its number.
fn comparator_apart(chars: &[char], i: usize) -> Option<(&'static Words, usize)> {
    let mut k = i;
    while k > 1 && i - k < 6 && han(at(chars, k - 1)) {
        k -= 1;
        let word = match (at(chars, k), at(chars, k + 1)) {
            ('至', '少') | ('最', '少') | ('至', '多') | ('最', '多') | ('预', '计')
                if k + 2 < i =>
            {
                (k, k + 2)
            }
            _ => continue,
        };
        let found = comparators("pre")
            .iter()
            .find(|w| chars.get(word.0..word.1) == Some(w.word.as_slice()));
        return found.map(|w| (w, i));
    }
    None
}

fn bounds(value: Decimal, w: &Words) -> (Option<Decimal>, Option<Decimal>) {
    let part = |thousandths: i64| product(value, Decimal::new(i128::from(thousandths), 3).ok()?);
    let lower = w.below.and_then(|b| sum(value, negated(part(b)?)?));
    let upper = w.above.and_then(|a| sum(value, part(a)?));
    (lower, upper)
}

/// What stands behind the number: 余, a range, the measure word, 以上.
struct Tail {
    end: usize,
    unit: String,
    kind: Option<UnitKind>,
    over: bool,
    half: bool,
    /// 三角五分 behind 元, in the unit of what stands before.
    rest: Option<Decimal>,
    second: Option<(Decimal, Numeral)>,
}

fn tail(chars: &[char], n: &Numeral) -> Tail {
    let mut t = Tail {
        end: n.end,
        unit: String::new(),
        kind: None,
        over: n.card.over,
        half: false,
        rest: None,
        second: None,
    };
    let mut last = *n;
    if let Some((low, second)) = range_to(chars, n, n.end) {
        t.end = second.end;
        last = second;
        t.second = Some((low, second));
    }
    let k = skip_blank(chars, t.end);
    let over = match at(chars, k) {
        '余' | '餘' | '多' => true,
        '来' => round(&last),
        '几' | '幾' => last.card.scaled,
        _ => false,
    };
    if over {
        t.over = true;
        t.end = k + 1;
    }
    match last.shape {
        Shape::Percent => t.unit = "%".to_owned(),
        Shape::PerMille => t.unit = "‰".to_owned(),
        Shape::Fraction => {}
        Shape::Plain => unit_of(chars, n, &mut t),
    }
    t
}

fn round(n: &Numeral) -> bool {
    n.card.scaled && n.value.scale() == 0
}

fn unit_of(chars: &[char], n: &Numeral, t: &mut Tail) {
    let blank = skip_blank(chars, t.end);
    let spaced = blank > t.end;
    let Some((unit, end)) = unit_at(chars, blank) else {
        return;
    };
    // A blank may stand between Arabic digits and a measure word (29 所), not
    // before the next word of a sentence.
    if spaced && (!n.card.arabic && !n.card.scaled || blank - t.end > 1) {
        return;
    }
    t.unit = unit.word.iter().collect();
    t.kind = Some(unit.kind);
    t.end = end;
    if t.second.is_none() && unit.kind != UnitKind::Duration {
        // 2个至3个: the measure word stands twice.
        if let Some((low, second)) = range_to(chars, n, end)
            && let Some((again, e)) =
                unit_at(chars, second.end).filter(|(u, _)| u.word == unit.word)
        {
            let _ = again;
            t.second = Some((low, second));
            t.end = e;
        }
    }
    per(chars, t);
    if (unit.kind == UnitKind::Money || t.unit == "块") && t.second.is_none() {
        money_rest(chars, t);
    }
    let next = at(chars, t.end);
    if next == '半' && t.second.is_none() && !han(at(chars, t.end + 1)) {
        t.half = true;
        t.end += 1;
    } else if matches!(next, '余' | '多')
        && unit.kind != UnitKind::Count
        && !han_noun(at(chars, t.end + 1))
    {
        t.over = true;
        t.end += 1;
    }
}

/// 五元三角二分, 两美元三美分, 壹佰元整: tenths and hundredths, and the word that says
/// there are none.
fn money_rest(chars: &[char], t: &mut Tail) {
    let (tenths, hundredths): (&[&str], &[&str]) = match t.unit.as_str() {
        "元" | "圆" | "块" | "块钱" | "人民币" => (&["角", "毛"], &["分"]),
        "美元" | "欧元" | "澳元" | "加元" => (&[], &["美分", "欧分", "分"]),
        _ => return,
    };
    let mut cents = 0i64;
    let mut end = t.end;
    for (words, worth) in [(tenths, 10), (hundredths, 1)] {
        let from = if at(chars, end) == '又' {
            end + 1
        } else {
            end
        };
        let digit = crate::chars::digit(at(chars, from))
            .map(u32::from)
            .or_else(|| at(chars, from).to_digit(10))
            .filter(|d| *d > 0);
        let Some(digit) = digit else { continue };
        if let Some((stop, _)) = crate::chars::any_of(chars, from + 1, words)
            && !matches!(at(chars, stop), '之' | '钟' | '度')
        {
            cents += i64::from(digit) * worth;
            end = stop;
        }
    }
    if cents > 0 {
        t.rest = Decimal::new(i128::from(cents), 2).ok();
        t.end = end + usize::from(at(chars, end) == '钱');
    } else if matches!(at(chars, end), '整' | '正') && !han(at(chars, end + 1)) {
        t.end = end + 1;
    }
}

fn han_noun(c: char) -> bool {
    han(c)
}

/// A rate: `元/平方米`, `个/万人`.
fn per(chars: &[char], t: &mut Tail) {
    if at(chars, t.end) != '/' {
        return;
    }
    let scale = usize::from(matches!(at(chars, t.end + 1), '万' | '千' | '百'));
    if let Some((unit, end)) = unit_at(chars, t.end + 1 + scale) {
        let middle = crate::chars::text(chars, t.end, t.end + 1 + scale);
        let word: String = unit.word.iter().collect();
        t.unit = format!("{}{middle}{word}", t.unit);
        t.end = end;
        t.kind = Some(UnitKind::Physical);
    }
}

/// Returns the quantity of a number, or why it is none. `counted` says that a
/// verb of counting stands right before.
pub(crate) fn quantity(
    chars: &[char],
    n: &Numeral,
    counted: bool,
) -> Result<Quantity, (usize, NoFact)> {
    let t = tail(chars, n);
    if let Some(reason) = no_fact(chars, n, &t, counted) {
        return Err((t.end, reason));
    }
    let mut end = t.end;
    let mut value = n.value;
    if t.half {
        value = sum(value, Decimal::new(5, 1).unwrap_or(value)).unwrap_or(value);
    }
    if let Some(rest) = t.rest {
        value = sum(value, rest).unwrap_or(value);
    }
    let pre = comparator_before(chars, n.start).or_else(|| comparator_apart(chars, n.start));
    let post = comparators("post")
        .iter()
        .find(|w| starts(chars, skip_blank(chars, end), &w.text));
    if let Some(w) = post {
        end = skip_blank(chars, end) + w.word.len();
    }
    let outer = pre.map_or(n.start, |(_, s)| s);
    let words = post.or(pre.map(|(w, _)| w));
    let mut q = Quantity {
        start: n.start,
        end,
        outer,
        value: Some(value),
        lower: Some(value),
        upper: Some(value),
        comparator: Comparator::Exact,
        unit: t.unit.clone(),
        shape: n.shape,
        kind: t.kind,
        parts: n.parts,
    };
    if let Some(w) = words {
        (q.lower, q.upper) = bounds(value, w);
        q.comparator = w.comparator;
    }
    shade(&mut q, n, &t, value);
    Ok(q)
}

/// Ranges, ± and 余 decide the bounds over any comparator.
fn shade(q: &mut Quantity, n: &Numeral, t: &Tail, value: Decimal) {
    if t.over {
        q.lower = Some(value);
        q.upper = last_place(value).and_then(|step| sum(value, step));
        q.comparator = Comparator::MoreThan;
    }
    if n.plus_minus {
        (q.lower, q.upper) = (negated(value), Some(value));
        q.comparator = Comparator::Between;
    }
    let second = t
        .second
        .map(|(low, second)| (low, second.value))
        .or_else(|| n.upper.map(|u| (n.value, u)));
    if let Some((low, high)) = second {
        (q.value, q.lower, q.upper) = (None, Some(low), Some(high));
        q.comparator = Comparator::Between;
        if let Some((_, second)) = &t.second {
            q.shape = second.shape;
        }
    }
}

fn no_fact(chars: &[char], n: &Numeral, t: &Tail, counted: bool) -> Option<NoFact> {
    let prev = before(chars, n.start);
    let next = at(chars, t.end);
    // 第三条, 二次会议, 十六届: places in an order.
    let session = n.card.chinese
        && !n.card.arabic
        && (t.unit == "届"
            || t.unit == "次"
                && ["会议", "全会", "全体", "大会", "代表大会"]
                    .iter()
                    .any(|w| starts(chars, t.end, w)));
    if prev == '第' || session || t.unit == "届" && n.card.arabic {
        return Some(NoFact::Ordinal);
    }
    let latin = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '@';
    if n.card.arabic
        && (latin(prev) || (t.unit.is_empty() && latin(next)) || matches!(prev, '〔' | '#'))
    {
        return Some(NoFact::Name);
    }
    match t.kind {
        Some(UnitKind::Age) => return Some(NoFact::Age),
        Some(UnitKind::Label) => return Some(NoFact::Name),
        Some(UnitKind::Duration) => {
            let changed = [
                "缩短至",
                "压缩至",
                "缩短到",
                "压缩到",
                "减至",
                "减少到",
                "延长至",
                "延长到",
                "提前",
                "压减",
                "缩短",
                "压缩",
            ];
            let told = changed.iter().any(|w| {
                n.start
                    .checked_sub(w.chars().count())
                    .is_some_and(|s| starts(chars, s, w))
            });
            // 提前14天开放 tells a day, 提前2个月完成 a result.
            let early = n.start >= 2 && starts(chars, n.start - 2, "提前");
            let result = ["完成", "实现", "建成", "竣工", "投用", "交付", "达到"];
            let told = told && (!early || result.iter().any(|w| starts(chars, t.end, w)));
            return (!told).then_some(NoFact::Duration);
        }
        _ => {}
    }
    if n.shape != Shape::Plain {
        return None;
    }
    if n.card.chinese && !n.card.arabic {
        let weighed = counted || comparator_before(chars, n.start).is_some();
        return chinese_no_fact(n, t, counted, weighed);
    }
    if t.unit.is_empty() && !n.card.scaled {
        let stop = !han(next)
            && !next.is_ascii_alphanumeric()
            && !matches!(next, '.' | ':' | '-' | '/' | '—' | '~');
        let weighty = comparator_before(chars, n.start).is_some() || counted;
        return (!(stop && weighty && !n.signed)).then_some(if han(next) {
            NoFact::Name
        } else {
            NoFact::Bare
        });
    }
    None
}

fn chinese_no_fact(n: &Numeral, t: &Tail, counted: bool, weighed: bool) -> Option<NoFact> {
    if n.card.positional && n.upper.is_none() {
        return Some(NoFact::Name);
    }
    let one = n.value == Decimal::from(1) && n.upper.is_none();
    if one && !t.half && !t.over && t.second.is_none() {
        let article = matches!(
            t.unit.as_str(),
            "批" | "种"
                | "类"
                | "个"
                | "次"
                | "番"
                | "份"
                | "遍"
                | "层"
                | "级"
                | "面"
                | "点"
                | "套"
                | "支"
                | "片"
        );
        // 近一吨, 一美元, but 一元 in many words and 一块 of everything.
        let measured = t.kind == Some(UnitKind::Physical) && weighed
            || t.kind == Some(UnitKind::Money) && t.unit.ends_with('元') && t.unit != "元";
        let weighs = !matches!(t.kind, Some(UnitKind::Person | UnitKind::Money) | None)
            && counted
            && !article
            || measured;
        return (!weighs).then_some(NoFact::Article);
    }
    if t.unit.is_empty() {
        return (n.card.big == 0).then_some(NoFact::Bare);
    }
    None
}
