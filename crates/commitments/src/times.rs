//! Times: absolute, relative to the day of publication, and open.

use minsheng_model::Date;

use crate::calendar::{calendar, day, small};
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
pub(crate) struct Span {
    pub(crate) end: usize,
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
    pub(crate) kind: TimeKind,
}

const AS_OF: &[&str] = &["截至到", "截止到", "截至", "截止"];
const NOW: &[&str] = &[
    "现如今",
    "目前为止",
    "目前",
    "当前",
    "现在",
    "如今",
    "迄今",
    "眼下",
    "至今",
    "现阶段",
];
const OPEN: &[&str] = &[
    "面向未来",
    "下一阶段",
    "下一步",
    "接下来",
    "未来",
    "今后",
    "届时",
    "将来",
    "下阶段",
    "后续",
    "远期",
];
const VAGUE: &[&str] = &[
    "近日",
    "日前",
    "近期",
    "近年来",
    "近年",
    "一直以来",
    "长期以来",
    "此前",
    "历年",
    "多年来",
    "往年",
];

/// A time begins with one of these, or with a digit.
pub(crate) const STARTS: &str = "截目当现如迄眼至面下接未今后届将远近日一长此历多往本上去前明大年过到用连自从\u{201c}\"春暑寒全十第同比较末";

/// Which of the lists below a word beginning with this character can be in, one
/// bit each.
fn lists(c: char) -> u8 {
    match c {
        '截' => AS,
        '现' | '目' | '当' | '如' | '迄' | '眼' => NOW_,
        '至' => NOW_ | BY,
        '未' | '今' | '面' | '下' | '接' | '届' | '将' | '后' | '远' => AHEAD,
        '较' | '去' | '上' | '同' | '环' => LIKE,
        '过' | '连' | '最' | '用' => SPAN,
        '近' => SPAN | VAGUELY,
        '日' | '一' | '长' | '此' | '历' | '多' | '往' => VAGUELY | SPAN,
        '力' | '到' => BY,
        _ if c.is_ascii_digit() || digit(c).is_some() || c == '十' => SPAN,
        _ => 0,
    }
}

const AS: u8 = 1;
const NOW_: u8 = 2;
const AHEAD: u8 = 4;
const LIKE: u8 = 8;
const SPAN: u8 = 16;
const VAGUELY: u8 = 32;
const BY: u8 = 64;

/// Reads the time that begins at `i`.
pub(crate) fn time_at(chars: &[char], i: usize, p: &Published) -> Option<TimeRef> {
    let lists = lists(at(chars, i));
    if lists == 0 {
        return dated(chars, i, p);
    }
    listed(chars, i, p, lists).or_else(|| dated(chars, i, p))
}

/// A time that begins with a word of the lists.
fn listed(chars: &[char], i: usize, p: &Published, lists: u8) -> Option<TimeRef> {
    if lists & AS != 0
        && let Some((k, _)) = any_of(chars, i, AS_OF)
    {
        let k = skip_blank(chars, k);
        if let Some((end, _)) =
            any_of(chars, k, NOW).or_else(|| any_of(chars, k, &["今天", "今日"]))
        {
            return Some(now(i, end, p));
        }
        let inner = calendar(chars, k, p)?;
        let mut to = inner.to.or(inner.from);
        // 截至12月底 in January is the December before: a state is never to come.
        let told = any_of(chars, k, &["今年", "本年", "明年", "后年"]).is_some()
            || (k..k + 4).all(|j| at(chars, j).is_ascii_digit() || digit(at(chars, j)).is_some());
        if !told && to.zip(p.last_day()).is_some_and(|(to, last)| to > last) {
            to = to.and_then(|to| to.shift(-12, 0));
        }
        return Some(TimeRef {
            start: i,
            end: inner.end,
            kind: TimeKind::AsOf,
            from: None,
            to,
            now: false,
            since: false,
            tense: 0,
        });
    }
    let word = |bit: u8, list| (lists & bit != 0).then(|| any_of(chars, i, list)).flatten();
    let plain = |end, kind| {
        Some(TimeRef {
            start: i,
            end,
            kind,
            from: None,
            to: None,
            now: false,
            since: false,
            tense: 0,
        })
    };
    if let Some((end, w)) = word(NOW_, NOW) {
        return if w == "至今" {
            plain(end, TimeKind::Vague)
        } else {
            Some(now(i, end, p))
        };
    }
    if lists & AHEAD != 0
        && (starts(chars, i, "未来") || starts(chars, i, "今后"))
        && let Some(found) = ahead(chars, i, i + 2, p)
    {
        return Some(found);
    }
    if let Some((end, _)) = word(AHEAD, OPEN) {
        return plain(end, TimeKind::Open);
    }
    if let Some((end, _)) = word(
        LIKE,
        &["较上年同期", "去年同期", "上年同期", "同期", "同比", "环比"],
    ) {
        return plain(end, TimeKind::Compare);
    }
    if lists & SPAN != 0
        && let Some(found) = behind(chars, i, p).or_else(|| within(chars, i, p))
    {
        return Some(found);
    }
    if let Some((end, _)) = word(VAGUELY, VAGUE) {
        return plain(end, TimeKind::Vague);
    }
    (lists & BY != 0).then(|| due(chars, i, p)).flatten()
}

fn now(start: usize, end: usize, p: &Published) -> TimeRef {
    TimeRef {
        start,
        end,
        kind: TimeKind::AsOf,
        from: None,
        to: p.day(),
        now: true,
        since: false,
        tense: 0,
    }
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
    Some(TimeRef {
        start: i,
        end,
        kind: TimeKind::Deadline,
        from: None,
        to: inner.to,
        now: false,
        since: false,
        tense: 0,
    })
}

fn dated(chars: &[char], i: usize, p: &Published) -> Option<TimeRef> {
    let inner = calendar(chars, i, p)?;
    let prev = before(chars, i);
    let follows = |words| any_of(chars, inner.end, words);
    let tense = match at(chars, i) {
        '去' | '上' | '前' | '昨' => {
            -i8::from(any_of(chars, i, &["去年", "上年", "前年", "上一年", "昨", "上月"]).is_some())
        }
        '明' | '后' | '年' | '下' => {
            i8::from(any_of(chars, i, &["明年", "后年", "年内", "明天", "下月"]).is_some())
        }
        _ => 0,
    };
    let mut found = TimeRef {
        start: i,
        end: inner.end,
        kind: inner.kind,
        from: inner.from,
        to: inner.to,
        now: false,
        since: false,
        tense,
    };
    let compared = matches!(prev, '比' | '较')
        || matches!(prev, '与' | '同' | '和')
            && follows(&["同期", "相比", "的", "增", "下", "上", "提", "减", "底"]).is_some();
    if compared {
        found.kind = TimeKind::Compare;
    } else if let Some((end, _)) = follows(&["之前", "以前", "前"])
        .filter(|(e, _)| !matches!(at(chars, *e), '三' | '两' | '十' | '0'..='9' | '五' | '半'))
    {
        (found.kind, found.end, found.from) = (TimeKind::Deadline, end, None);
    } else if matches!(prev, '从' | '自') && lasting(chars, inner.end) {
        (found.kind, found.since, found.to) = (TimeKind::Period, true, p.day());
    } else if let Some((end, w)) = follows(&["以来", "之后", "以后", "开始", "起"]) {
        (found.end, found.to) = (end, if w == "以来" { p.day() } else { None });
        (found.kind, found.since) = (TimeKind::Period, true);
    }
    Some(found)
}

/// 从2019年中央部署…以来: the word that says that it lasts stands behind what began.
fn lasting(chars: &[char], from: usize) -> bool {
    (from..from + 24)
        .take_while(|i| !crate::chars::ends_clause(at(chars, *i)) && at(chars, *i) != '\0')
        .any(|i| starts(chars, i, "以来"))
}

/// Returns a small count and its end: 三, 3, 十.
fn count(chars: &[char], i: usize) -> Option<(i32, usize)> {
    let (value, k) =
        small(chars, i, 60).or_else(|| (at(chars, i) == '两').then_some((2, i + 1)))?;
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
    TimeRef {
        start,
        end,
        kind: TimeKind::Period,
        from,
        to,
        now: false,
        since: false,
        tense: 0,
    }
}

/// 用三年的时间, 3年内: forward from publication.
fn within(chars: &[char], i: usize, p: &Published) -> Option<TimeRef> {
    let k = if at(chars, i) == '用' { i + 1 } else { i };
    let (n, e) = count(chars, k)?;
    if at(chars, e) != '年' || before(chars, i).is_ascii_digit() || before(chars, i) == '第' {
        return None;
    }
    let tail: &[&str] = if k > i {
        &["左右的时间", "的时间", "左右时间", "时间", "左右"]
    } else {
        &["内", "之内", "的时间内", "时间内"]
    };
    let (end, _) = any_of(chars, e + 1, tail)?;
    Some(forward(i, end, n, p))
}

/// 过去一年, 近三年, 五年来: backward from publication.
fn behind(chars: &[char], i: usize, p: &Published) -> Option<TimeRef> {
    // An Arabic number of years is far before the year's character or not at all.
    if at(chars, i).is_ascii_digit()
        && at(chars, i + 1).is_ascii_digit()
        && at(chars, i + 2).is_ascii_digit()
    {
        return None;
    }
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
        return Some(TimeRef {
            start: i,
            end,
            kind: TimeKind::Duration,
            from: None,
            to: None,
            now: false,
            since: false,
            tense: 0,
        });
    }
    // In the first months of a year the past year is the calendar year before.
    let (from, to) = match (n, p.year(), p.month()) {
        (1, Some(y), Some(1..=3)) => (day(y - 1, 1, 1), day(y - 1, 12, 31)),
        _ => (p.day().and_then(|d| d.shift(-12 * n, 0)), p.day()),
    };
    Some(TimeRef {
        start: i,
        end,
        kind: TimeKind::Period,
        from,
        to,
        now: false,
        since: false,
        tense: 0,
    })
}
