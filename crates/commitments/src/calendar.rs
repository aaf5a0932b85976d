//! Dates, months, quarters, years and plan periods.

use minsheng_model::Date;

use crate::chars::{any_of, at, before, digit, skip_blank, starts};
use crate::published::Published;
use crate::times::{Span, TimeKind};

const RELATIVE: &[(&str, i32)] = &[
    ("今年", 0),
    ("本年度", 0),
    ("本年", 0),
    ("当年", 0),
    ("上一年", -1),
    ("去年", -1),
    ("上年", -1),
    ("前年", -2),
    ("明年", 1),
    ("下一年", 1),
    ("后年", 2),
];

pub(crate) fn day(year: i32, month: u32, day: u32) -> Option<Date> {
    Date::from_ymd(year, month, day)
}

fn last_of(year: i32, month: u32) -> Option<Date> {
    day(year, month, 1)?.shift(1, -1)
}

/// Reads a date, a month, a quarter, a year or a plan period.
pub(crate) fn calendar(chars: &[char], i: usize, p: &Published) -> Option<Span> {
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
    let relative = matches!(
        at(chars, i),
        '今' | '本' | '当' | '上' | '去' | '前' | '明' | '下' | '后'
    );
    for (word, by) in RELATIVE.iter().filter(|_| relative) {
        if starts(chars, i, word) {
            let end = i + word.chars().count();
            return Some(match p.year() {
                Some(y) => within_year(chars, end, y + by),
                None => detail(chars, end, None).unwrap_or(Span {
                    end,
                    from: None,
                    to: None,
                    kind: TimeKind::Period,
                }),
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
        return Some(Span {
            end: i + 2,
            from: None,
            to: None,
            kind: TimeKind::Vague,
        });
    }
    detail(chars, i, p.year())
}

/// 昨天, 今天, 本月, 上月.
fn days(chars: &[char], i: usize, p: &Published) -> Option<Span> {
    if !matches!(at(chars, i), '昨' | '今' | '明' | '本' | '上' | '下') {
        return None;
    }
    let (end, word) = any_of(
        chars,
        i,
        &[
            "昨天",
            "昨日",
            "今天",
            "今日",
            "明天",
            "本月",
            "上月",
            "上个月",
            "下月",
            "下个月",
        ],
    )?;
    let today = p.day();
    let span = |from, to| {
        Some(Span {
            end,
            from,
            to,
            kind: TimeKind::Period,
        })
    };
    let month = |by: i32| {
        let first = today
            .and_then(|d| day(d.ymd().0, d.ymd().1, 1))
            .and_then(|d| d.shift(by, 0));
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
        let d = at(chars, k)
            .to_digit(10)
            .or_else(|| digit(at(chars, k)).map(u32::from))?;
        value = value * 10 + i32::try_from(d).ok()?;
    }
    let k = skip_blank(chars, i + 4);
    ((1900..=2100).contains(&value) && at(chars, k) == '年').then_some((
        value,
        if at(chars, k + 1) == '度' {
            k + 2
        } else {
            k + 1
        },
    ))
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
    Some(Span {
        end: k + 5,
        from: day(from, 1, 1),
        to: day(to, 12, 31),
        kind: TimeKind::Period,
    })
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
    let all = Span {
        end,
        from: day(from, 1, 1),
        to: day(from + 4, 12, 31),
        kind: TimeKind::Period,
    };
    if let Some((e, w)) = any_of(chars, end, &["时期", "期间", "末", "期末"]) {
        let kind = if w.contains('末') {
            TimeKind::Point
        } else {
            TimeKind::Period
        };
        let from = if w.contains('末') { None } else { all.from };
        return Some(Span {
            end: e,
            from,
            kind,
            ..all
        });
    }
    if starts(chars, end, "以来") {
        return Some(all);
    }
    if let Some((e, _)) = any_of(chars, end, &["规划", "前四年", "前三年"]) {
        return Some(Span {
            end: e,
            from: None,
            to: None,
            kind: TimeKind::Vague,
        });
    }
    (open == 0).then_some(Span {
        from: None,
        to: None,
        kind: TimeKind::Vague,
        ..all
    })
}

fn within_year(chars: &[char], end: usize, year: i32) -> Span {
    let whole = Span {
        end,
        from: day(year, 1, 1),
        to: day(year, 12, 31),
        kind: TimeKind::Period,
    };
    detail(chars, end, Some(year)).unwrap_or(whole)
}

/// The part of a year; the days are `None` when the year is unknown.
fn detail(chars: &[char], i: usize, year: Option<i32>) -> Option<Span> {
    let date = |m: u32, d: u32| year.and_then(|y| day(y, m, d));
    let span = |end, from, to, kind| {
        Some(Span {
            end,
            from,
            to,
            kind,
        })
    };
    let part = matches!(
        at(chars, i),
        '年' | '初' | '内' | '上' | '下' | '前' | '暑' | '寒' | '春' | '秋' | '底' | '末'
    );
    if !part {
        return quarter(chars, i, year).or_else(|| month(chars, i, year));
    }
    if matches!(at(chars, i), '年' | '底' | '末')
        && let Some((end, w)) = any_of(chars, i, &["年底", "年末", "底", "末"])
    {
        let bare = w.chars().count() == 1;
        let after_year = before(chars, i) == '年' || before(chars, i) == '度';
        if !bare || after_year {
            return span(end, None, date(12, 31), TimeKind::Point);
        }
    }
    if let Some((end, w)) = any_of(
        chars,
        i,
        &[
            "年初",
            "年内",
            "年中",
            "年度内",
            "初",
            "内",
            "上半年",
            "下半年",
            "前三季度",
            "前三个季度",
            "暑期",
            "暑假",
            "寒假",
            "春季学期",
            "秋季学期",
        ],
    ) {
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
    quarter(chars, i, year).or_else(|| month(chars, i, year))
}

fn quarter(chars: &[char], i: usize, year: Option<i32>) -> Option<Span> {
    let k = i + usize::from(at(chars, i) == '第');
    let n = at(chars, k)
        .to_digit(10)
        .or_else(|| digit(at(chars, k)).map(u32::from))
        .filter(|n| (1..=4).contains(n))?;
    let (end, _) = any_of(chars, k + 1, &["季度", "个季度"])?;
    if at(chars, k + 1) == '个' {
        return None;
    }
    Some(Span {
        end,
        from: year.and_then(|y| day(y, n * 3 - 2, 1)),
        to: year.and_then(|y| last_of(y, n * 3)),
        kind: TimeKind::Period,
    })
}

pub(crate) fn small(chars: &[char], i: usize, most: u32) -> Option<(u32, usize)> {
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
    if let Some((j, _)) = any_of(chars, k2, &["——", "—", "–", "-", "~", "至", "到"])
        && let Some((second, e)) =
            small(chars, j, 12).filter(|(m, e)| *m > first && at(chars, *e) == '月')
    {
        let end = e + 1 + usize::from(at(chars, e + 1) == '份');
        return Some(Span {
            end,
            from: date(first, 1),
            to: last(second),
            kind: TimeKind::Period,
        });
    }
    if at(chars, k) != '月' {
        return None;
    }
    let k = k + 1;
    if let Some((d, e)) = small(chars, k, 31).filter(|(_, e)| matches!(at(chars, *e), '日' | '号'))
    {
        let on = date(first, d);
        return Some(Span {
            end: e + 1,
            from: on,
            to: on,
            kind: TimeKind::Period,
        });
    }
    let span = |end, from, to, kind| {
        Some(Span {
            end,
            from,
            to,
            kind,
        })
    };
    match any_of(chars, k, &["中旬", "上旬", "下旬", "底", "末", "初", "份"]) {
        Some((e, "底" | "末")) => span(e, None, last(first), TimeKind::Point),
        Some((e, "初" | "上旬")) => span(e, date(first, 1), date(first, 10), TimeKind::Period),
        Some((e, "中旬")) => span(e, date(first, 11), date(first, 20), TimeKind::Period),
        Some((e, "下旬")) => span(e, date(first, 21), last(first), TimeKind::Period),
        Some((e, _)) => span(e, date(first, 1), last(first), TimeKind::Period),
        None => span(k, date(first, 1), last(first), TimeKind::Period),
    }
}
