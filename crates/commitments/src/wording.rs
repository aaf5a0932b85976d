//! The words of a statement: what is counted, and what it is about.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::chars::{at, han, text};
use crate::frames::times_in;
use crate::lexicon::{Class, Hit};
use crate::quantity::Quantity;
use crate::scan::Scanned;

/// Places that stand before a verb and say nothing of the subject.
const PLACES: &[&str] = &[
    "全市各区",
    "全市",
    "全区",
    "全县",
    "全省",
    "全国",
    "本市",
    "我市",
    "我区",
    "我县",
    "我省",
    "各区",
    "各县",
    "各地",
    "全州",
    "全镇",
    "本区",
    "本县",
    "我们",
    "共",
    "该区",
    "该市",
    "该县",
    "辖区",
    "城区",
];

/// Words cut away at the beginning of a phrase.
const HEADS: &[&str] = &[
    "一是", "二是", "三是", "四是", "五是", "六是", "七是", "八是", "九是", "十是", "全力", "基本",
    "全部", "建议", "希望", "其中", "同时", "此外", "另外", "届时", "并且", "并", "还", "也", "均",
    "共计", "总计", "累计", "共", "已经", "已", "将", "拟", "计划", "力争", "争取", "确保", "预计",
    "在", "再", "的", "了", "约", "仅", "达到", "就", "、", "”", "(", "（", ")", "）", " ", "和",
    "与", "以及", "年内", "全年", "分别", "#",
];

/// The heads that begin with a character, in the order of the list.
fn heads(c: char) -> &'static [&'static str] {
    static BY_FIRST: OnceLock<HashMap<char, Vec<&'static str>>> = OnceLock::new();
    let all = BY_FIRST.get_or_init(|| {
        let mut all: HashMap<char, Vec<&str>> = HashMap::new();
        for head in HEADS {
            if let Some(first) = head.chars().next() {
                all.entry(first).or_default().push(head);
            }
        }
        all
    });
    all.get(&c).map_or(&[], Vec::as_slice)
}

/// Returns the phrase without connectives and particles at both ends.
pub(crate) fn clean(phrase: &str) -> &str {
    let mut p = phrase.trim();
    loop {
        let before = p;
        // Most phrases begin with none of them.
        while let Some(rest) = p
            .chars()
            .next()
            .and_then(|c| heads(c).iter().find_map(|h| p.strip_prefix(h)))
        {
            p = rest.trim_start();
        }
        p = p.trim_end_matches([
            '的', '了', '、', ' ', '(', '（', '“', '：', ':', '，', ',', '中',
        ]);
        if p == before {
            return p;
        }
    }
}

/// Returns the phrase without a place before its verb.
fn without_place(phrase: &str) -> &str {
    let p = clean(phrase);
    let first = p.as_bytes().get(..3);
    for place in PLACES.iter().filter(|w| w.as_bytes().get(..3) == first) {
        if let Some(rest) = p.strip_prefix(*place) {
            return clean(rest);
        }
    }
    p
}

/// The phrase of a quantity: what is counted, what it is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phrase {
    pub(crate) indicator: String,
    pub(crate) subject: String,
    /// The verb alone was found: the noun is that of the clause before.
    pub(crate) bare: bool,
    pub(crate) scope: String,
}

/// Reads the words around a quantity within its segment.
pub(crate) fn phrase(s: &Scanned, q: &Quantity, from: usize, to: usize) -> Phrase {
    let chars = &s.block.chars;
    // What stands before the last time or saying in front of the number is not
    // its phrase.
    let mut start = from;
    for t in times_in(s, from, q.outer) {
        if t.end <= q.outer {
            start = start.max(t.end);
        }
    }
    let said = s.sayings.partition_point(|a| a.start < from);
    for a in s
        .sayings
        .iter()
        .skip(said)
        .take_while(|a| a.start < q.outer)
    {
        if a.end <= q.outer {
            start = start.max(a.end);
        }
    }
    let first = s.hits.partition_point(|h| h.start < start);
    let rest = s.hits.get(first..).unwrap_or_default();
    let count = rest.partition_point(|h| h.end <= q.outer);
    let hits = rest.get(..count).unwrap_or_default();
    let mut scope = String::new();
    for h in hits.iter().filter(|h| h.class.has(Class::SCOPE)) {
        scope.extend(chars.get(h.start..h.end).unwrap_or_default());
    }
    let after_mode = hits
        .iter()
        .rev()
        .find(|h| {
            h.class.has(Class::PLAN.or(Class::AIM).or(Class::FORECAST))
                && !h.class.has(Class::COUNT)
        })
        .map_or(start, |h| h.end);
    let verb = hits.iter().rev().find(|h| {
        h.start >= after_mode && h.class.has(Class::COUNT.or(Class::ACT)) && !weak(chars, h)
    });
    let tail = behind(s, q, to);
    let told = match verb {
        Some(v) => chained(s, v, start),
        None => q.outer,
    };
    let object = text(chars, told, q.outer);
    let before = match verb {
        Some(v) if told < v.start => text(chars, start, told),
        Some(v) => text(chars, after_mode.min(v.start), v.start),
        None => text(chars, start, q.outer),
    };
    let bare =
        tail.is_empty() && verb.is_some_and(|v| clean(&text(chars, v.end, q.outer)).is_empty());
    if verb.is_none() {
        return Phrase {
            indicator: join(without_place(last_words(&before)), &tail),
            subject: String::new(),
            bare,
            scope,
        };
    }
    Phrase {
        indicator: join(clean(&object), &tail),
        subject: subject(&before).to_owned(),
        bare,
        scope,
    }
}

/// What the words before a verb say it is about.
fn subject(before: &str) -> &str {
    let mut subject = without_place(before);
    for verb in ["实现", "完成", "达到", "推动", "开展"] {
        if let Some(rest) = subject.strip_prefix(verb) {
            subject = clean(rest);
        }
    }
    // 由61.2%提高到: the value it came from is no part of the subject.
    for word in ['由', '从'] {
        if let Some((head, rest)) = subject.split_once(word)
            && rest.starts_with(|c: char| c.is_ascii_digit() || crate::chars::numeral(c))
        {
            subject = clean(head);
        }
    }
    if subject.chars().count() > 24 {
        subject = last_words(subject);
    }
    subject
}

/// Verbs joined by 、 belong together: 新建、改扩建学校. Returns where the first
/// begins.
fn chained(s: &Scanned, v: &Hit, start: usize) -> usize {
    let chars = &s.block.chars;
    let mut from = v.start;
    while from > start && at(chars, from - 1) == '、' {
        let last = s
            .hits
            .partition_point(|h| h.start < from - 1)
            .checked_sub(1)
            .and_then(|k| s.hits.get(k));
        match last.filter(|h| {
            h.end == from - 1 && h.start >= start && h.class.has(Class::COUNT.or(Class::ACT))
        }) {
            Some(h) => from = h.start,
            None => break,
        }
    }
    from
}

/// 共, 有 and their like carry no meaning of their own before a noun.
fn weak(chars: &[char], h: &Hit) -> bool {
    matches!(
        chars.get(h.start..h.end),
        Some(
            ['为' | '共' | '有' | '达']
                | ['达', '到']
                | ['共', '有']
                | ['超', '过']
                | ['突', '破']
                | ['提', '出']
        )
    )
}

fn join(object: &str, tail: &str) -> String {
    let object = object.trim_start_matches("共有").trim_start_matches("已有");
    let object = object.strip_prefix('有').unwrap_or(object);
    if tail.is_empty() {
        return object.to_owned();
    }
    let latin = object.ends_with(|c: char| c.is_ascii_alphabetic());
    format!("{object}{}{tail}", if latin { " " } else { "" })
}

/// The last 18 characters.
fn last_words(phrase: &str) -> &str {
    let from = phrase.char_indices().rev().nth(17).map_or(0, |(b, _)| b);
    phrase.get(from..).unwrap_or(phrase)
}

/// The noun behind the measure word: 300个小区, 100余个竞赛项目.
fn behind(s: &Scanned, q: &Quantity, to: usize) -> String {
    let chars = &s.block.chars;
    if !han(at(chars, q.end)) || matches!(at(chars, q.end), '为' | '和' | '与' | '及' | '，' | '、')
    {
        return String::new();
    }
    let mut end = to.min(q.end + 20);
    if let Some(next) = s
        .quantities
        .get(s.quantities.partition_point(|n| n.start < q.end))
    {
        end = end.min(next.outer);
    }
    if let Some(stop) =
        (q.end..end).find(|i| matches!(at(chars, *i), '、' | '（' | '(' | '“' | '。') && *i > q.end)
    {
        end = stop;
    }
    clean(&text(chars, q.end, end)).to_owned()
}
