//! One block's words, times, quantities, sentences and clauses.

use crate::bodies::{BodyAt, bodies};
use crate::cardinal::Scan;
use crate::chars::{any_of, at, before, can_start, ends_clause, ends_sentence, han, starts};
use crate::layout::Block;
use crate::lexicon::{Class, Hit, Words};
use crate::numeral::numeral_at;
use crate::people::{People, Saying, sayings};
use crate::published::Published;
use crate::quantity::{NoFact, Quantity, quantity};
use crate::times::{TimeRef, time_at};

/// A clause and the sentence it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clause {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) sentence: usize,
}

/// A block with everything found in it.
#[derive(Debug)]
pub(crate) struct Scanned {
    pub(crate) block: Block,
    pub(crate) hits: Vec<Hit>,
    pub(crate) times: Vec<TimeRef>,
    pub(crate) quantities: Vec<Quantity>,
    pub(crate) others: Vec<(usize, usize, &'static str)>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) bodies: Vec<BodyAt>,
    pub(crate) sayings: Vec<Saying>,
    /// Numbers whose measure word may follow those behind them.
    waiting: Vec<crate::numeral::Numeral>,
}

/// Scans a block.
pub(crate) fn scan(
    block: Block,
    words: &Words,
    aliases: &[String],
    published: &Published,
    people: &mut People,
) -> Scanned {
    let hits = words.find(&block.chars);
    let mut s = Scanned {
        hits,
        times: Vec::new(),
        quantities: Vec::new(),
        others: Vec::new(),
        clauses: clauses(&block.chars),
        bodies: Vec::new(),
        sayings: Vec::new(),
        waiting: Vec::new(),
        block,
    };
    tokens(&mut s, published);
    s.bodies = bodies(&s.block.chars, &s.hits, aliases);
    s.sayings = sayings(&s.block.chars, &s.hits, &s.bodies, people);
    s
}

/// Cuts into clauses. An ASCII comma between digits that group, and an ASCII
/// point, end nothing; a point ends an English sentence.
fn clauses(chars: &[char]) -> Vec<Clause> {
    let mut all = Vec::new();
    let (mut start, mut sentence) = (0usize, 0usize);
    let grouped = |i: usize| {
        matches!(at(chars, i), ',' | '，' | ':' | '：')
            && before(chars, i).is_ascii_digit()
            && at(chars, i + 1).is_ascii_digit()
            && at(chars, i + 2).is_ascii_digit()
            && (at(chars, i) == ':' && !at(chars, i + 3).is_ascii_digit()
                || at(chars, i + 3).is_ascii_digit() && !at(chars, i + 4).is_ascii_digit())
    };
    for (i, c) in chars.iter().enumerate() {
        if !ends_clause(*c) || grouped(i) {
            continue;
        }
        if i > start {
            all.push(Clause {
                start,
                end: i,
                sentence,
            });
        }
        // A closing quotation mark belongs to the sentence it ends.
        start = i + 1;
        sentence += usize::from(ends_sentence(*c));
    }
    if start < chars.len() {
        all.push(Clause {
            start,
            end: chars.len(),
            sentence,
        });
    }
    all
}

fn tokens(s: &mut Scanned, published: &Published) {
    let mut i = 0;
    let mut hit = 0usize;
    while i < s.block.chars.len() {
        let chars = &s.block.chars;
        let c = at(chars, i);
        let can = can_start(c);
        if can.nothing() {
            i += 1;
            continue;
        }
        let (time, number) = (can.time(), can.number());
        if time
            && !(c.is_ascii_digit() && before(chars, i).is_ascii_digit())
            && let Some(t) = time_at(chars, i, published)
        {
            i = t.end.max(i + 1);
            s.times.push(t);
            continue;
        }
        if !number {
            i += 1;
            continue;
        }
        while s.hits.get(hit).is_some_and(|h| h.end <= i) {
            hit += 1;
        }
        // 十分之一 is no 十分.
        let idiom = s
            .hits
            .get(hit)
            .filter(|h| h.start <= i && h.class.has(Class::IDIOM) && at(chars, h.end) != '之');
        if let Some(h) = idiom {
            s.others.push((h.start, h.end, "idiom"));
            i = h.end.max(i + 1);
            continue;
        }
        i = number_at(s, i, hit);
    }
}

/// Reads the number at `i` and returns where to go on.
fn number_at(s: &mut Scanned, i: usize, hit: usize) -> usize {
    let chars = &s.block.chars;
    if let Some((end, q)) = indefinite(chars, i) {
        if let Some(q) = q {
            s.quantities.push(q);
        }
        return end;
    }
    match numeral_at(chars, i) {
        Scan::Nothing => i + 1,
        Scan::Skip(k) => k.max(i + 1),
        Scan::Found(n) => {
            // 三等奖, 五粮液: a set phrase that begins with the number; 四十三元 holds
            // none.
            let phrase = s
                .hits
                .iter()
                .skip(hit)
                .take_while(|h| h.start < n.end)
                .find(|h| {
                    let whole = h.start <= i || !crate::chars::numeral(before(chars, h.start));
                    h.class.has(Class::IDIOM) && h.end > n.end && whole
                });
            if let Some(h) = phrase.filter(|_| n.card.chinese && !n.card.arabic) {
                s.others.push((i, h.end, "idiom"));
                return h.end.max(i + 1);
            }
            let counted = s.hits.get(hit.saturating_sub(2)..).is_some_and(|near| {
                near.iter().take(4).any(|h| {
                    h.class.has(Class::COUNT)
                        && (h.end == n.start
                            || h.end + 1 == n.start && matches!(at(chars, h.end), '了' | ' '))
                })
            });
            match quantity(chars, &n, counted) {
                Ok(q) => {
                    let end = q.end.max(i + 1);
                    share_unit(s, &q);
                    s.quantities.push(q);
                    end
                }
                Err((_, NoFact::Bare))
                    if matches!(at(chars, n.end), '、' | '和')
                        && can_start(at(chars, n.end + 1)).number() =>
                {
                    s.waiting.push(n);
                    n.end
                }
                Err((end, reason)) => {
                    s.others.push((i, end, reason.name()));
                    // A name's digits may go on in letters (PM2.5, A4).
                    let end = if reason == NoFact::Name { n.end } else { end };
                    end.max(i + 1)
                }
            }
        }
    }
}

/// 分别为3、5和8个, 提高0.5个、0.8个百分点: the last measure word is that of all.
fn share_unit(s: &mut Scanned, q: &Quantity) {
    let chars = &s.block.chars;
    let joined =
        |end: usize, start: usize| end + 1 == start && matches!(at(chars, end), '、' | '和' | '与');
    let mut start = q.outer;
    let mut found = Vec::new();
    while let Some(n) = s.waiting.pop() {
        if !joined(n.end, start) {
            s.others.push((n.start, n.end, NoFact::Bare.name()));
            continue;
        }
        start = n.start;
        let mut one = q.clone();
        (one.start, one.outer, one.end) = (n.start, n.start, n.end);
        (one.value, one.lower, one.upper) = (Some(n.value), Some(n.value), Some(n.value));
        (one.comparator, one.parts) = (crate::statement::Comparator::Exact, None);
        found.push(one);
    }
    s.quantities.extend(found.into_iter().rev());
    if q.unit.ends_with("百分点") {
        let mut start = q.outer;
        for before in s.quantities.iter_mut().rev() {
            if before.unit != "个" || !joined(before.end, start) {
                break;
            }
            before.unit.clone_from(&q.unit);
            before.kind = q.kind;
            start = before.start;
        }
    }
}

/// 上百家, 数千人, 百余家: only bounds are known.
fn indefinite(chars: &[char], i: usize) -> Option<(usize, Option<Quantity>)> {
    use crate::chars::{big_unit, small_unit};
    use crate::exact::shifted;
    use minsheng_model::Decimal;
    let c = at(chars, i);
    let prev = before(chars, i);
    // 几十万, but 十几 and 十多 are numbers of their own.
    let alone = matches!(c, '百' | '千' | '万' | '亿')
        || c == '十' && matches!(prev, '数' | '几') && han(at(chars, i + 1));
    if !alone || at(chars, i + 1) == '分' {
        return None;
    }
    let mut k = i;
    let mut power = 0u8;
    while let Some(p) = small_unit(at(chars, k))
        .or(big_unit(at(chars, k)))
        .filter(|_| k < i + 3)
    {
        power += p;
        k += 1;
    }
    let one = shifted(Decimal::from(1), i32::from(power))?;
    let ten = shifted(one, 1)?;
    let two = shifted(Decimal::from(2), i32::from(power))?;
    let (start, lower, upper, value) = if prev == '上' || prev == '近' && at(chars, k) != '余' {
        (i - 1, one, ten, Some(one))
    } else if matches!(prev, '数' | '几') {
        (i - 1, two, ten, None)
    } else if matches!(at(chars, k), '余' | '多') {
        (i, one, two, Some(one))
    } else {
        return None;
    };
    if matches!(at(chars, k), '余' | '多') {
        k += 1;
    }
    let (unit, end) = crate::lexicon::unit_at(chars, k)?;
    let duration = matches!(
        unit.kind,
        crate::lexicon::UnitKind::Duration
            | crate::lexicon::UnitKind::Age
            | crate::lexicon::UnitKind::Label
    );
    let nearly = prev == '近';
    let q = Quantity {
        start,
        end,
        outer: start,
        value,
        lower: if nearly { None } else { Some(lower) },
        upper: if nearly { Some(lower) } else { Some(upper) },
        comparator: if nearly {
            crate::statement::Comparator::Nearly
        } else if value.is_some() {
            crate::statement::Comparator::MoreThan
        } else {
            crate::statement::Comparator::Between
        },
        unit: unit.word.iter().collect(),
        shape: crate::numeral::Shape::Plain,
        kind: Some(unit.kind),
        parts: None,
    };
    Some((end, (!duration).then_some(q)))
}

/// Returns whether the word right at `i` continues what was said before.
pub(crate) fn goes_on(chars: &[char], i: usize) -> bool {
    const WORDS: &[&str] = &[
        "同时",
        "此外",
        "另外",
        "与此同时",
        "其中",
        "届时",
        "并",
        "还将",
        "还",
        "一是",
        "二是",
        "三是",
        "四是",
        "五是",
        "在此基础上",
        "到时",
        "下一步",
        "接下来",
        "今后",
        "未来",
    ];
    let i = crate::chars::skip_blank(chars, i);
    any_of(chars, i, WORDS).is_some() || topic(chars, i).is_some()
}

/// Returns whether a clause is a topic and nothing else.
pub(crate) fn is_topic(chars: &[char], clause: Clause) -> bool {
    matches!(before(chars, clause.end), '面' | '上' | '中' | '域')
        && topic(chars, clause.start) == Some(clause.end)
}

/// `在…方面`, `…方面，`, `在…上，`: returns its end.
pub(crate) fn topic(chars: &[char], i: usize) -> Option<usize> {
    let mut k = i;
    while k < i + 24 && k < chars.len() {
        let c = at(chars, k);
        if ends_clause(c) {
            let ends = |w: &str| k >= i + 2 && starts(chars, k - w.chars().count().min(k), w);
            return (ends("方面")
                || at(chars, i) == '在' && (ends("上") || ends("中") || ends("领域")))
            .then_some(k);
        }
        if !han(c) && !c.is_ascii_alphanumeric() && !matches!(c, '“' | '”' | '—' | '-' | '、')
        {
            return None;
        }
        k += 1;
    }
    None
}
