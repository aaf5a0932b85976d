//! Times: absolute, relative to the day of publication, and open.

use minsheng_model::Date;

use crate::chars::{any_of, at, before, digit, skip_blank, starts};
use crate::published::Published;

/// What a time says about the statement beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeKind {
    /// Something happens between two days.
    Period,
    /// Something holds on a day (截至, 目前).
    AsOf,
    /// Something is due by a day (到2025年, 年底前).
    Deadline,
    /// The end of a period: a state of that day, or a due date when planned.
    Point,
    /// Later, without a date (未来, 届时).
    Open,
    /// A length of time.
    Duration,
    /// What something is compared with (比上年, 同期).
    Compare,
    /// Earlier, without a date (近日).
    Vague,
}

/// A time in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeRef {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: TimeKind,
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
    /// The day of publication itself.
    pub(crate) now: bool,
    /// From then on (以来): it reaches up to publication.
    pub(crate) since: bool,
    /// What the word alone says: -1 past, 1 to come.
    pub(crate) tense: i8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    end: usize,
    from: Option<Date>,
    to: Option<Date>,
    kind: TimeKind,
}

const AS_OF: &[&str] = &["截至到", "截止到", "截至", "截止"];
const NOW: &[&str] = &["现如今", "目前为止", "目前", "当前", "现在", "如今", "迄今", "眼下", "至今", "现阶段"];
const OPEN: &[&str] = &["面向未来", "下一阶段", "下一步", "接下来", "未来", "今后", "届时", "将来", "下阶段", "后续", "远期"];
const VAGUE: &[&str] = &["近日", "日前", "近期", "近年来", "近年", "一直以来", "长期以来", "此前", "历年", "多年来", "往年"];
const RELATIVE: &[(&str, i32)] = &[
    ("今年", 0), ("本年度", 0), ("本年", 0), ("当年", 0), ("上一年", -1), ("去年", -1), ("上年", -1), ("前年", -2), ("明年", 1), ("下一年", 1), ("后年", 2),
];

fn day(year: i32, month: u32, day: u32) -> Option<Date> {
    Date::from_ymd(year, month, day)
}

fn last_of(year: i32, month: u32) -> Option<Date> {
    day(year, month, 1)?.shift(1, -1)
}

/// Returns whether a time could begin with this character.
pub(crate) fn may_start(c: char) -> bool {
    c.is_ascii_digit() || digit(c).is_some() || "截目当现如迄眼至面下接未今后届将远近日一长此历多往本上去前明大年过到用连自从\u{201c}\"春暑寒全十第同比较末".contains(c)
}

/// Reads the time that begins at `i`.
pub(crate) fn time_at(chars: &[char], i: usize, p: &Published) -> Option<TimeRef> {
    if let Some((k, _)) = any_of(chars, i, AS_OF) {
        let k = skip_blank(chars, k);
        if let Some((end, _)) = any_of(chars, k, NOW).or_else(|| any_of(chars, k, &["今天", "今日"])) {
            return Some(now(i, end, p));
        }
        let inner = calendar(chars, k, p)?;
        let to = inner.to.or(inner.from);
        return Some(TimeRef { start: i, end: inner.end, kind: TimeKind::AsOf, from: None, to, now: false, since: false, tense: 0 });
    }
    let word = |list| any_of(chars, i, list);
    let plain = |end, kind| Some(TimeRef { start: i, end, kind, from: None, to: None, now: false, since: false, tense: 0 });
    if let Some((end, w)) = word(NOW) {
        return if w == "至今" { plain(end, TimeKind::Vague) } else { Some(now(i, end, p)) };
    }
    if starts(chars, i, "未来") || starts(chars, i, "今后") {
        if let Some(found) = ahead(chars, i, i + 2, p) {
            return Some(found);
        }
    }
    if let Some((end, _)) = word(OPEN) {
        return plain(end, TimeKind::Open);
    }
    if let Some((end, _)) = word(&["较上年同期", "去年同期", "上年同期", "同期", "同比", "环比"]) {
        return plain(end, TimeKind::Compare);
    }
    if let Some(found) = behind(chars, i, p).or_else(|| within(chars, i, p)) {
        return Some(found);
    }
    if let Some((end, _)) = word(VAGUE) {
        return plain(end, TimeKind::Vague);
    }
    due(chars, i, p).or_else(|| dated(chars, i, p))
}

fn now(start: usize, end: usize, p: &Published) -> TimeRef {
    TimeRef { start, end, kind: TimeKind::AsOf, from: None, to: p.day(), now: true, since: false, tense: 0 }
}

/// 到2025年, 至2025年底: due by its end.
fn due(chars: &[char], i: usize, p: &Published) -> Option<TimeRef> {
    let (k, _) = any_of(chars, i, &["力争到", "到", "至"])?;
    let inner = calendar(chars, k, p)?;
    let prev = before(chars, i);
    if prev.is_ascii_digit() || matches!(prev, '年' | '月' | '日') {
        return None;
    }
    let end = any_of(chars, inner.end, &["之前", "以前", "前", "时"]).map_or(inner.end, |(e, _)| e);
    Some(TimeRef { start: i, end, kind: TimeKind::Deadline, from: None, to: inner.to, now: false, since: false, tense: 0 })
}

fn dated(chars: &[char], i: usize, p: &Published) -> Option<TimeRef> {
    let inner = calendar(chars, i, p)?;
    let prev = before(chars, i);
    let follows = |words| any_of(chars, inner.end, words);
    let tense = if any_of(chars, i, &["去年", "上年", "前年", "上一年", "昨", "上月"]).is_some() {
        -1
    } else {
        i8::from(any_of(chars, i, &["明年", "后年", "年内", "明天", "下月"]).is_some())
    };
    let mut found = TimeRef { start: i, end: inner.end, kind: inner.kind, from: inner.from, to: inner.to, now: false, since: false, tense };
    if matches!(prev, '比' | '较' | '与' | '同' | '和') && follows(&["同期", "相比", "的", "增", "下", "上", "提", "减", "翻", "多", "少", "底"]).is_some() {
        found.kind = TimeKind::Compare;
    } else if let Some((end, _)) = follows(&["之前", "以前", "前"]).filter(|(e, _)| !matches!(at(chars, *e), '三' | '两' | '十' | '0'..='9' | '五' | '半')) {
        (found.kind, found.end, found.from) = (TimeKind::Deadline, end, None);
    } else if let Some((end, w)) = follows(&["以来", "之后", "以后", "开始", "起"]) {
        (found.end, found.to) = (end, if w == "以来" { p.day() } else { None });
        (found.kind, found.since) = (TimeKind::Period, true);
    }
    Some(found)
}

/// Reads a date, a month, a quarter, a year or a plan period.
fn calendar(chars: &[char], i: usize, p: &Published) -> Option<Span> {
    if let Some(span) = plan(chars, i) {
        return Some(span);
    }
    if let Some(span) = days(chars, i, p) {
        return Some(span);
    }
    if let Some(span) = years(chars, i) {
        return Some(span);
    }
    if let Some((year, end)) = year(chars, i) {
        return Some(within_year(chars, end, year));
    }
    for (word, by) in RELATIVE {
        if starts(chars, i, word) {
            let end = i + word.chars().count();
            return Some(match p.year() {
                Some(y) => within_year(chars, end, y + by),
                None => detail(chars, end, None).unwrap_or(Span { end, from: None, to: None, kind: TimeKind::Period }),
            });
        }
    }
    standalone(chars, i, p)
}

/// 年内, 年底, 上半年, 6月底: of the year of publication.
fn standalone(chars: &[char], i: usize, p: &Published) -> Option<Span> {
    if before(chars, i) == '每' || before(chars, i).is_ascii_digit() {
        return None;
    }
    if starts(chars, i, "年") && digit(before(chars, i)).is_some() {
        return None;
    }
    if starts(chars, i, "全年") {
        return Some(Span { end: i + 2, from: None, to: None, kind: TimeKind::Vague });
    }
    detail(chars, i, p.year())
}

/// 昨天, 今天, 本月, 上月.
fn days(chars: &[char], i: usize, p: &Published) -> Option<Span> {
    let (end, word) = any_of(chars, i, &["昨天", "昨日", "今天", "今日", "明天", "本月", "上月", "上个月", "下月", "下个月"])?;
    let today = p.day();
    let span = |from, to| Some(Span { end, from, to, kind: TimeKind::Period });
    let month = |by: i32| {
        let first = today.and_then(|d| day(d.ymd().0, d.ymd().1, 1)).and_then(|d| d.shift(by, 0));
        (first, first.and_then(|d| d.shift(1, -1)))
    };
    match word {
        "昨天" | "昨日" => {
            let d = today.and_then(|d| d.shift(0, -1));
            span(d, d)
        }
        "明天" => {
            let d = today.and_then(|d| d.shift(0, 1));
            span(d, d)
        }
        "今天" | "今日" => span(today, today),
        "本月" => span(month(0).0, month(0).1),
        "上月" | "上个月" => span(month(-1).0, month(-1).1),
        _ => span(month(1).0, month(1).1),
    }
}

/// Four digits and 年, Arabic or Chinese.
fn year(chars: &[char], i: usize) -> Option<(i32, usize)> {
    if before(chars, i).is_ascii_digit() || digit(before(chars, i)).is_some() {
        return None;
    }
    let mut value = 0i32;
    for k in i..i + 4 {
        let d = at(chars, k).to_digit(10).or_else(|| digit(at(chars, k)).map(u32::from))?;
        value = value * 10 + i32::try_from(d).ok()?;
    }
    let k = skip_blank(chars, i + 4);
    ((1900..=2100).contains(&value) && at(chars, k) == '年').then_some((value, if at(chars, k + 1) == '度' { k + 2 } else { k + 1 }))
}

/// 2023—2025年, 2021年至2023年.
fn years(chars: &[char], i: usize) -> Option<Span> {
    let four = |k: usize| -> Option<i32> {
        let mut value = 0i32;
        for j in k..k + 4 {
            value = value * 10 + i32::try_from(at(chars, j).to_digit(10)?).ok()?;
        }
        ((1900..=2100).contains(&value) && !at(chars, k + 4).is_ascii_digit()).then_some(value)
    };
    if before(chars, i).is_ascii_digit() {
        return None;
    }
    let from = four(i)?;
    let mut k = i + 4;
    if at(chars, k) == '年' {
        k += 1;
    }
    let (k, _) = any_of(chars, k, &["——", "—", "–", "-", "~", "至", "到"])?;
    let to = four(k)?;
    if to <= from || at(chars, k + 4) != '年' {
        return None;
    }
    Some(Span { end: k + 5, from: day(from, 1, 1), to: day(to, 12, 31), kind: TimeKind::Period })
}

/// “十四五”: five years each, the fourteenth from 2021.
fn plan(chars: &[char], i: usize) -> Option<Span> {
    let open = usize::from(matches!(at(chars, i), '\u{201c}' | '"'));
    let k = i + open;
    if at(chars, k) != '十' || at(chars, k + 2) != '五' {
        return None;
    }
    let n = digit(at(chars, k + 1)).filter(|d| *d > 0)?;
    let mut end = k + 3;
    if open == 1 {
        if !matches!(at(chars, end), '\u{201d}' | '"') {
            return None;
        }
        end += 1;
    }
    let from = 2021 + 5 * (i32::from(n) - 4);
    let all = Span { end, from: day(from, 1, 1), to: day(from + 4, 12, 31), kind: TimeKind::Period };
    if let Some((e, w)) = any_of(chars, end, &["时期", "期间", "末", "期末"]) {
        let kind = if w.contains('末') { TimeKind::Point } else { TimeKind::Period };
        let from = if w.contains('末') { None } else { all.from };
        return Some(Span { end: e, from, kind, ..all });
    }
    if starts(chars, end, "以来") {
        return Some(all);
    }
    if let Some((e, _)) = any_of(chars, end, &["规划", "前四年", "前三年"]) {
        return Some(Span { end: e, from: None, to: None, kind: TimeKind::Vague });
    }
    (open == 0).then_some(Span { from: None, to: None, kind: TimeKind::Vague, ..all })
}

fn within_year(chars: &[char], end: usize, year: i32) -> Span {
    let whole = Span { end, from: day(year, 1, 1), to: day(year, 12, 31), kind: TimeKind::Period };
    detail(chars, end, Some(year)).unwrap_or(whole)
}

/// The part of a year; the days are `None` when the year is unknown.
fn detail(chars: &[char], i: usize, year: Option<i32>) -> Option<Span> {
    let date = |m: u32, d: u32| year.and_then(|y| day(y, m, d));
    let end_of = |m: u32| year.and_then(|y| last_of(y, m));
    let span = |end, from, to, kind| Some(Span { end, from, to, kind });
    if let Some((end, w)) = any_of(chars, i, &["年底", "年末", "底", "末"]) {
        let bare = w.chars().count() == 1;
        let after_year = before(chars, i) == '年' || before(chars, i) == '度';
        if !bare || after_year {
            return span(end, None, date(12, 31), TimeKind::Point);
        }
    }
    if let Some((end, w)) = any_of(chars, i, &["年初", "年内", "年中", "年度内", "初", "内", "上半年", "下半年", "前三季度", "前三个季度", "暑期", "暑假", "寒假", "春季学期", "秋季学期"]) {
        let after_year = before(chars, i) == '年';
        let (from, to) = match w {
            "年初" => (date(1, 1), date(3, 31)),
            "初" if after_year => (date(1, 1), date(3, 31)),
            "年内" | "年度内" => (date(1, 1), date(12, 31)),
            "内" if after_year => (date(1, 1), date(12, 31)),
            "年中" => (date(6, 1), date(6, 30)),
            "上半年" => (date(1, 1), date(6, 30)),
            "下半年" => (date(7, 1), date(12, 31)),
            "前三季度" | "前三个季度" => (date(1, 1), date(9, 30)),
            "暑期" | "暑假" if after_year => (date(7, 1), date(8, 31)),
            "春季学期" if after_year => (date(3, 1), date(7, 31)),
            "秋季学期" if after_year => (date(9, 1), year.and_then(|y| day(y + 1, 1, 31))),
            _ => return None,
        };
        return span(end, from, to, TimeKind::Period);
    }
    quarter(chars, i, year).or_else(|| month(chars, i, year)).or_else(|| {
        // 今年的, 2023年，全年: the year itself.
        let _ = end_of(1);
        None
    })
}

fn quarter(chars: &[char], i: usize, year: Option<i32>) -> Option<Span> {
    let k = i + usize::from(at(chars, i) == '第');
    let n = at(chars, k).to_digit(10).or_else(|| digit(at(chars, k)).map(u32::from)).filter(|n| (1..=4).contains(n))?;
    let (end, _) = any_of(chars, k + 1, &["季度", "个季度"])?;
    if at(chars, k + 1) == '个' {
        return None;
    }
    Some(Span { end, from: year.and_then(|y| day(y, n * 3 - 2, 1)), to: year.and_then(|y| last_of(y, n * 3)), kind: TimeKind::Period })
}

fn small(chars: &[char], i: usize, most: u32) -> Option<(u32, usize)> {
    let (mut value, mut k) = (0u32, i);
    while let Some(d) = at(chars, k).to_digit(10).filter(|_| k < i + 2) {
        value = value * 10 + d;
        k += 1;
    }
    if k == i {
        // 六月, 十二月
        let ten = u32::from(at(chars, k) == '十');
        k += usize::from(ten == 1);
        value = ten * 10;
        if let Some(d) = digit(at(chars, k)).filter(|d| *d > 0) {
            value += u32::from(d);
            k += 1;
        }
    }
    (k > i && (1..=most).contains(&value) && !at(chars, k).is_ascii_digit()).then_some((value, k))
}

fn month(chars: &[char], i: usize, year: Option<i32>) -> Option<Span> {
    let (first, k) = small(chars, i, 12)?;
    let date = |m: u32, d: u32| year.and_then(|y| day(y, m, d));
    let last = |m: u32| year.and_then(|y| last_of(y, m));
    let k2 = if at(chars, k) == '月' { k + 1 } else { k };
    if let Some((j, _)) = any_of(chars, k2, &["——", "—", "–", "-", "~", "至", "到"]) {
        if let Some((second, e)) = small(chars, j, 12).filter(|(m, e)| *m > first && at(chars, *e) == '月') {
            let end = e + 1 + usize::from(at(chars, e + 1) == '份');
            return Some(Span { end, from: date(first, 1), to: last(second), kind: TimeKind::Period });
        }
    }
    if at(chars, k) != '月' {
        return None;
    }
    let k = k + 1;
    if let Some((d, e)) = small(chars, k, 31).filter(|(_, e)| matches!(at(chars, *e), '日' | '号')) {
        let on = date(first, d);
        return Some(Span { end: e + 1, from: on, to: on, kind: TimeKind::Period });
    }
    let span = |end, from, to, kind| Some(Span { end, from, to, kind });
    match any_of(chars, k, &["中旬", "上旬", "下旬", "底", "末", "初", "份"]) {
        Some((e, "底" | "末")) => span(e, None, last(first), TimeKind::Point),
        Some((e, "初" | "上旬")) => span(e, date(first, 1), date(first, 10), TimeKind::Period),
        Some((e, "中旬")) => span(e, date(first, 11), date(first, 20), TimeKind::Period),
        Some((e, "下旬")) => span(e, date(first, 21), last(first), TimeKind::Period),
        Some((e, _)) => span(e, date(first, 1), last(first), TimeKind::Period),
        None => span(k, date(first, 1), last(first), TimeKind::Period),
    }
}

/// Returns a small count and its end: 三, 3, 十.
fn count(chars: &[char], i: usize) -> Option<(i32, usize)> {
    let (value, k) = small(chars, i, 60).or_else(|| (at(chars, i) == '两').then_some((2, i + 1)))?;
    Some((i32::try_from(value).ok()?, k))
}

/// 未来三年, 今后5年: calendar years from the one of publication.
fn ahead(chars: &[char], start: usize, i: usize, p: &Published) -> Option<TimeRef> {
    let (n, k) = count(chars, i)?;
    let (end, _) = any_of(chars, k, &["年", "个年头"])?;
    Some(forward(start, end, n, p))
}

fn forward(start: usize, end: usize, n: i32, p: &Published) -> TimeRef {
    let from = p.year().and_then(|y| day(y, 1, 1));
    let to = p.year().and_then(|y| day(y + n - 1, 12, 31));
    TimeRef { start, end, kind: TimeKind::Period, from, to, now: false, since: false, tense: 0 }
}

/// 用三年的时间, 3年内: forward from publication.
fn within(chars: &[char], i: usize, p: &Published) -> Option<TimeRef> {
    let k = if at(chars, i) == '用' { i + 1 } else { i };
    let (n, e) = count(chars, k)?;
    if at(chars, e) != '年' || before(chars, i).is_ascii_digit() || before(chars, i) == '第' {
        return None;
    }
    let tail: &[&str] = if k > i { &["左右的时间", "的时间", "左右时间", "时间", "左右"] } else { &["内", "之内", "的时间内", "时间内"] };
    let (end, _) = any_of(chars, e + 1, tail)?;
    Some(forward(i, end, n, p))
}

/// 过去一年, 近三年, 五年来: backward from publication.
fn behind(chars: &[char], i: usize, p: &Published) -> Option<TimeRef> {
    let (k, word) = any_of(chars, i, &["过去的", "过去", "连续", "近", "最近", ""])?;
    let (n, e) = count(chars, k)?;
    if at(chars, e) != '年' {
        return None;
    }
    let came = any_of(chars, e + 1, &["多来", "间来", "来"]);
    if word.is_empty() && (came.is_none() || before(chars, i).is_ascii_digit()) {
        return None;
    }
    let end = came.map_or(e + 1, |(e, _)| e);
    if word == "连续" {
        return Some(TimeRef { start: i, end, kind: TimeKind::Duration, from: None, to: None, now: false, since: false, tense: 0 });
    }
    // In the first months of a year the past year is the calendar year before.
    let (from, to) = match (n, p.year(), p.month()) {
        (1, Some(y), Some(1..=3)) => (day(y - 1, 1, 1), day(y - 1, 12, 31)),
        _ => (p.day().and_then(|d| d.shift(-12 * n, 0)), p.day()),
    };
    Some(TimeRef { start: i, end, kind: TimeKind::Period, from, to, now: false, since: false, tense: 0 })
}
