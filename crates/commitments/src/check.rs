//! Contradictions within and between texts. A finding shows every quote it rests
//! on and the arithmetic; what cannot be compared exactly is left alone.

use minsheng_model::{Decimal, Text};
use serde::Serialize;

use crate::check_rules::{claims, states};
use crate::exact::{negated, product, quotient, sum};
use crate::statement::{Measure, Statement, Status};
use crate::track::Register;

/// A text's name and its statements.
#[derive(Debug, Clone)]
pub struct Document {
    /// As the user would open it.
    pub name: String,
    /// In the order of the text.
    pub statements: Vec<Statement>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Two statements cannot both hold.
    Contradiction,
    /// They can, but somebody should ask.
    Question,
}

/// One of the places that a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The text.
    pub document: String,
    /// First character in it.
    pub start: usize,
    /// The character after the last.
    pub end: usize,
    /// The characters.
    pub quote: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's name.
    pub rule: String,
    /// How bad it is.
    pub weight: Weight,
    /// The quotes, at least one.
    pub evidence: Vec<Evidence>,
    /// The arithmetic, in both languages.
    pub arithmetic: Text,
}

/// Names of one thing: alias and full name, from a city's `entities.tsv`.
#[derive(Debug, Clone, Default)]
pub struct Entities(pub(crate) Vec<(String, String)>);

impl Entities {
    /// Reads a TSV with the columns alias and name, with a heading.
    #[must_use]
    pub fn from_tsv(tsv: &str) -> Self {
        let mut all: Vec<(String, String)> = crate::lexicon::rows(tsv)
            .filter_map(|r| Some((r.first()?.to_string(), r.get(1)?.to_string())))
            .collect();
        all.sort_by_key(|(alias, _)| std::cmp::Reverse(alias.chars().count()));
        Self(all)
    }
}

pub(crate) type At<'a> = (&'a str, &'a Statement);

fn evidence(found: &[At<'_>]) -> Vec<Evidence> {
    let one = |(document, s): &At<'_>| Evidence {
        document: (*document).to_owned(),
        start: s.start,
        end: s.end,
        quote: s.quote.clone(),
    };
    found.iter().map(one).collect()
}

pub(crate) fn finding(
    rule: &str,
    weight: Weight,
    found: &[At<'_>],
    zh: String,
    en: String,
) -> Finding {
    Finding {
        rule: rule.to_owned(),
        weight,
        evidence: evidence(found),
        arithmetic: Text::new(zh, en),
    }
}

/// Runs every rule; findings come in the order of rules and texts.
#[must_use]
pub fn check(
    documents: &[Document],
    register: Option<&Register>,
    entities: &Entities,
) -> Vec<Finding> {
    let all: Vec<At<'_>> = documents
        .iter()
        .flat_map(|d| d.statements.iter().map(move |s| (d.name.as_str(), s)))
        .collect();
    let mut findings = Vec::new();
    headings(documents, &mut findings);
    same(&all, &mut findings);
    for document in documents {
        residual(document, &mut findings);
    }
    shares(&all, &mut findings);
    states(&all, entities, &mut findings);
    if let Some(register) = register {
        claims(&all, register, &mut findings);
    }
    findings
}

fn bounds(s: &Statement) -> (Option<Decimal>, Option<Decimal>) {
    (s.lower, s.upper)
}

/// Returns whether no number fits both.
fn apart(a: &Statement, b: &Statement) -> bool {
    let ((a_low, a_high), (b_low, b_high)) = (bounds(a), bounds(b));
    let below =
        |high: Option<Decimal>, low: Option<Decimal>| high.zip(low).is_some_and(|(h, l)| h < l);
    below(a_high, b_low) || below(b_high, a_low)
}

pub(crate) fn counted(s: &Statement) -> bool {
    s.measure != Measure::None && (s.lower.is_some() || s.upper.is_some())
}

/// The longest run of characters that two phrases share.
fn shared(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(60).collect(), b.chars().take(60).collect());
    let mut best = 0;
    let mut row = vec![0usize; b.len() + 1];
    for x in &a {
        let mut diagonal = 0;
        for (slot, y) in row.iter_mut().skip(1).zip(&b) {
            let next = if x == y { diagonal + 1 } else { 0 };
            diagonal = *slot;
            *slot = next;
            best = best.max(next);
        }
    }
    best
}

/// A heading's number stands in its section, too.
fn headings(documents: &[Document], findings: &mut Vec<Finding>) {
    for d in documents {
        for h in d.statements.iter().filter(|s| s.in_heading && counted(s)) {
            let below: Vec<&Statement> = d
                .statements
                .iter()
                .filter(|s| {
                    !s.in_heading
                        && s.heading == h.heading
                        && counted(s)
                        && s.unit == h.unit
                        && s.measure == h.measure
                })
                .filter(|s| {
                    shared(&s.indicator, &h.indicator) >= 2
                        && (s.status == Status::Done) == (h.status == Status::Done)
                })
                .collect();
            if below.is_empty() || below.iter().any(|s| !apart(s, h)) {
                continue;
            }
            let [only] = below.as_slice() else { continue };
            if shared(&only.indicator, &h.indicator) < 4 {
                continue;
            }
            let (a, b) = (shown(h), shown(only));
            findings.push(finding(
                "heading-against-body",
                Weight::Contradiction,
                &[(&d.name, h), (&d.name, only)],
                format!("标题为 {a},正文为 {b}"),
                format!("the heading says {a}, the text {b}"),
            ));
        }
    }
}

fn shown(s: &Statement) -> String {
    let number = match (s.value, s.lower, s.upper) {
        (Some(v), _, _) => v.to_string(),
        (None, Some(a), Some(b)) => format!("{a}–{b}"),
        _ => String::new(),
    };
    format!(
        "{number}{}{}",
        if s.unit.is_ascii() && !s.unit.is_empty() && s.unit != "%" {
            " "
        } else {
            ""
        },
        s.unit
    )
}

/// The quote without its number and what only colours it: two places that say
/// the same of the same.
fn signature(s: &Statement) -> String {
    let from = s.value_start.saturating_sub(s.start);
    let to = s.value_end.saturating_sub(s.start);
    s.quote
        .chars()
        .enumerate()
        .filter(|(k, c)| {
            !(from..to).contains(k)
                && !c.is_whitespace()
                && !"共有已了约近超余多达到的，,。约计为现在本“”".contains(*c)
        })
        .map(|(_, c)| c)
        .collect()
}

/// The smaller places a quote names: figures of two districts are two figures.
fn area(quote: &str) -> String {
    let mut plain = quote.to_owned();
    for word in [
        "小区",
        "社区",
        "院区",
        "全区",
        "城区",
        "地区",
        "园区",
        "校区",
        "片区",
        "全县",
        "景区",
        "新区建设",
        "乡村",
        "农村",
    ] {
        plain = plain.replace(word, "");
    }
    let chars: Vec<char> = plain.chars().collect();
    let mut found = String::new();
    for (k, c) in chars.iter().enumerate() {
        if matches!(c, '区' | '县' | '镇' | '乡' | '村' | '街') {
            found.extend(chars.get(k.saturating_sub(3)..=k).unwrap_or_default());
        }
    }
    found
}

fn same_time(a: &Statement, b: &Statement) -> bool {
    (a.period_start, a.period_end, a.as_of.as_str())
        == (b.period_start, b.period_end, b.as_of.as_str())
}

/// Same indicator, same time, same kind of statement: the values agree. A gap of
/// a whole power of ten from a thousand up is a slip of the unit.
fn same(all: &[At<'_>], findings: &mut Vec<Finding>) {
    let mut keyed: Vec<(String, At<'_>)> = Vec::new();
    for (document, s) in all.iter().filter(|(_, s)| counted(s) && !s.in_heading) {
        // 其中: a part of the whole is not the whole.
        if s.quote.starts_with("其中") {
            continue;
        }
        let subject = if s.indicator_id.is_empty() {
            signature(s)
        } else {
            format!("#{}", s.indicator_id)
        };
        // A bare verb is no indicator: 完工, 新开工 of different things.
        if subject.chars().count() >= 6 || !s.indicator_id.is_empty() {
            let area = area(&s.quote);
            keyed.push((
                format!(
                    "{subject}\t{}\t{}\t{area}\t{}",
                    s.unit,
                    s.status.as_str(),
                    s.scope
                ),
                (document, s),
            ));
        }
    }
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    for group in keyed.chunk_by(|a, b| a.0 == b.0) {
        let dated = |s: &Statement| s.period_end.is_some() || !s.as_of.is_empty();
        let mut told: Vec<usize> = Vec::new();
        for (k, (_, a)) in group.iter().enumerate().take(200) {
            for (n, (_, b)) in group.iter().enumerate().skip(k + 1).take(200) {
                let comparable =
                    same_time(a.1, b.1) && dated(a.1) && apart(a.1, b.1) && !told.contains(&n);
                if !comparable {
                    continue;
                }
                told.push(n);
                let jump =
                    a.1.value
                        .zip(b.1.value)
                        .and_then(|(x, y)| power_apart(x, y));
                let (x, y) = (shown(a.1), shown(b.1));
                findings.push(match jump {
                    Some(power) => finding(
                        "unit-jump",
                        Weight::Contradiction,
                        &[*a, *b],
                        format!("同一指标 {x} 与 {y} 相差 10^{power} 倍"),
                        format!("the same indicator is {x} and {y}: 10^{power} apart"),
                    ),
                    None => finding(
                        "same-indicator",
                        Weight::Contradiction,
                        &[*a, *b],
                        format!("同一指标同一时间为 {x} 与 {y}"),
                        format!("the same indicator at the same time is {x} and {y}"),
                    ),
                });
            }
        }
    }
}

fn power_apart(a: Decimal, b: Decimal) -> Option<u32> {
    let zero = Decimal::from(0);
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if small <= zero {
        return None;
    }
    (3..=8).find(|p| {
        10i64
            .checked_pow(*p)
            .and_then(|f| product(small, Decimal::from(f)))
            .is_some_and(|v| v == large)
    })
}

/// Stock and flow in pairs: so many more places in so many more institutions, and
/// all there are. What is left over has a mean; where that is far above the
/// overall mean, somebody should ask.
fn residual(d: &Document, findings: &mut Vec<Finding>) {
    let pairs: Vec<(&Statement, &Statement)> = d
        .statements
        .windows(2)
        .filter_map(|w| {
            let [a, b] = w else { return None };
            let near = b.start.saturating_sub(a.end) <= 3 && a.unit != b.unit && same_time(a, b);
            let plain = |s: &Statement| {
                s.measure == Measure::Count
                    && s.value.is_some()
                    && s.status == Status::Done
                    && !s.in_heading
            };
            (near && plain(a) && plain(b)).then_some((a, b))
        })
        .collect();
    for (k, flow) in pairs.iter().enumerate() {
        let added = ["新增", "增加", "增设", "adding", "added"]
            .iter()
            .any(|w| flow.1.indicator.contains(w));
        let stock = pairs.iter().enumerate().find(|(n, p)| {
            *n != k
                && !p.1.as_of.is_empty()
                && p.0.unit == flow.0.unit
                && p.1.unit == flow.1.unit
                && shared(&p.0.indicator, &flow.0.indicator) >= 3
                && !["新增", "增加"].iter().any(|w| p.1.indicator.contains(w))
        });
        let Some((_, stock)) = stock.filter(|_| added && flow.0.as_of.is_empty()) else {
            continue;
        };
        if let Some(f) = compare(d, flow, stock) {
            findings.push(f);
        }
    }
}

fn compare(
    d: &Document,
    flow: &(&Statement, &Statement),
    stock: &(&Statement, &Statement),
) -> Option<Finding> {
    let (n, c) = (flow.0.value?, flow.1.value?);
    let (all_n, all_c) = (stock.0.value?, stock.1.value?);
    let (left_n, left_c) = (sum(all_n, negated(n)?)?, sum(all_c, negated(c)?)?);
    let zero = Decimal::from(0);
    let places = [
        (d.name.as_str(), flow.0),
        (d.name.as_str(), flow.1),
        (d.name.as_str(), stock.0),
        (d.name.as_str(), stock.1),
    ];
    if left_n < zero || left_c < zero {
        let zh = format!("总量 {all_n}/{all_c} 小于新增 {n}/{c}");
        return Some(finding(
            "flow-above-stock",
            Weight::Contradiction,
            &places,
            zh,
            format!("the whole {all_n}/{all_c} is less than what was added, {n}/{c}"),
        ));
    }
    if left_n == zero {
        return None;
    }
    // left_c / left_n > 1.3 × all_c / all_n, without division.
    let left = product(product(left_c, all_n)?, Decimal::from(10))?;
    let whole = product(product(all_c, left_n)?, Decimal::from(13))?;
    if left <= whole {
        return None;
    }
    let mean = |a: Decimal, b: Decimal| quotient(a, b).map(|(q, _)| short(q)).unwrap_or_default();
    let (before, overall, new) = (mean(left_c, left_n), mean(all_c, all_n), mean(c, n));
    let zh = format!(
        "{all_n} − {n} = {left_n},{all_c} − {c} = {left_c};余下平均 {before},总体平均 {overall},新增平均 {new}"
    );
    let en = format!(
        "{all_n} − {n} = {left_n}, {all_c} − {c} = {left_c}; the rest has a mean of {before}, all of them {overall}, the new ones {new}"
    );
    Some(finding("stock-and-flow", Weight::Question, &places, zh, en))
}

/// One digit behind the point is enough to read.
fn short(q: Decimal) -> String {
    let text = q.to_string();
    match text.split_once('.') {
        Some((whole, part)) => format!("{whole}.{}", part.chars().next().unwrap_or('0')),
        None => text,
    }
}

/// A part, its share and the whole, stated in one or several texts: part = share ×
/// whole within the rounding of the share.
fn shares(all: &[At<'_>], findings: &mut Vec<Finding>) {
    for (k, share) in all.iter().enumerate() {
        if share.1.measure != Measure::Share
            || share.1.value.is_none()
            || !share.1.indicator.starts_with('占')
        {
            continue;
        }
        let whole_name = share
            .1
            .indicator
            .trim_start_matches('占')
            .trim_end_matches(['的', '量', '数'])
            .trim_end_matches('总')
            .to_owned();
        if whole_name.chars().count() < 2 {
            continue;
        }
        let Some(part) = k
            .checked_sub(1)
            .and_then(|p| all.get(p))
            .filter(|p| p.0 == share.0 && p.1.measure == Measure::Count && same_time(p.1, share.1))
        else {
            continue;
        };
        let whole = all.iter().find(|w| {
            w.1.measure == Measure::Count
                && w.1.unit == part.1.unit
                && same_time(w.1, share.1)
                && w.1.indicator != part.1.indicator
                && w.1
                    .indicator
                    .trim_end_matches("总数")
                    .ends_with(&whole_name)
                && !w.1.indicator.contains(&part.1.indicator)
        });
        let Some(whole) = whole else { continue };
        if let Some(f) = share_of(part, share, whole) {
            findings.push(f);
        }
    }
}

fn share_of(part: &At<'_>, share: &At<'_>, whole: &At<'_>) -> Option<Finding> {
    let (p, w) = (part.1.value?, whole.1.value?);
    let (actual, _) = quotient(p, w)?;
    let said = share.1.value?;
    let (said, step) = if share.1.unit == "%" {
        (
            quotient(said, Decimal::from(100))?.0,
            quotient(crate::exact::last_place(said)?, Decimal::from(100))?.0,
        )
    } else {
        (said, Decimal::new(2, 2).ok()?)
    };
    let gap = sum(actual, negated(said)?)?;
    let size = if gap < Decimal::from(0) {
        negated(gap)?
    } else {
        gap
    };
    // A fraction in words is round; a percentage is right to its last digit.
    if size <= step || share.1.comparator != Some(crate::statement::Comparator::Exact) {
        return None;
    }
    let zh = format!("{p} ÷ {w} = {actual},文中为 {said}");
    Some(finding(
        "share-of-total",
        Weight::Contradiction,
        &[*part, *share, *whole],
        zh,
        format!("{p} ÷ {w} = {actual}, the text says {said}"),
    ))
}
