//! Whether something was done, is promised, striven for, expected or asked for.

use std::sync::OnceLock;

use crate::chars::{any_of, at, before, starts};
use crate::frames::times_in;
use crate::lexicon::{Class, Hit};
use crate::scan::{Clause, Scanned};
use crate::statement::Role;
use crate::trie::Trie;

/// How a clause speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    Going,
    Done,
    Plan,
    Forecast,
    Aim,
    Proposal,
}

impl Mode {
    /// Looks ahead: it goes on to the clauses that follow.
    pub(crate) fn ahead(self) -> bool {
        matches!(self, Self::Plan | Self::Forecast | Self::Aim)
    }
}

fn in_clause(s: &Scanned, clause: Clause) -> &[Hit] {
    let first = s.hits.partition_point(|h| h.start < clause.start);
    let rest = s.hits.get(first..).unwrap_or_default();
    let count = rest.partition_point(|h| h.start < clause.end);
    rest.get(..count).unwrap_or_default()
}

/// The last hit that begins before `i`.
fn hit_before(s: &Scanned, i: usize) -> Option<&Hit> {
    s.hits
        .partition_point(|h| h.start < i)
        .checked_sub(1)
        .and_then(|k| s.hits.get(k))
}

/// The first verb of action from `i` on.
fn hit_after(s: &Scanned, i: usize) -> Option<&Hit> {
    let first = s.hits.partition_point(|h| h.start < i);
    s.hits
        .iter()
        .skip(first)
        .take(6)
        .find(|h| h.class.has(Class::ACT))
}

fn mode_of(s: &Scanned, clause: Clause, h: &Hit, role: Role) -> Option<Mode> {
    let chars = &s.block.chars;
    if h.class.has(Class::PROPOSE.or(Class::SHOULD)) && role == Role::Deputy {
        return Some(Mode::Proposal);
    }
    if h.class.has(Class::AIM) {
        return Some(Mode::Aim);
    }
    if h.class.has(Class::FORECAST) {
        return Some(Mode::Forecast);
    }
    if h.class.has(Class::PLAN) {
        return (!takes_object(s, clause, h.start)).then_some(Mode::Plan);
    }
    if h.class.has(Class::DONE) {
        // 了 counts behind a verb, not in 好了 or 为了.
        let behind_verb = h.end - h.start > 1
            || hit_before(s, h.start).is_some_and(|v| {
                v.end == h.start
                    && v.class
                        .has(Class::ACT.or(Class::COUNT).or(Class::WEAK_DONE))
            });
        let digits_follow = at(chars, h.end).is_ascii_digit();
        return (behind_verb || digits_follow || at(chars, h.start) != '了').then_some(Mode::Done);
    }
    h.class.has(Class::GOING).then_some(Mode::Going)
}

/// Returns the mode that the clause's own words give a quantity at `until`: the
/// strongest before it, or a word of result behind it up to `to`.
pub(crate) fn mode_before(
    s: &Scanned,
    clause: Clause,
    until: usize,
    to: usize,
    role: Role,
) -> Option<Mode> {
    let hits = in_clause(s, clause);
    let before = hits
        .iter()
        .filter(|h| h.start < until)
        .filter_map(|h| mode_of(s, clause, h, role))
        .max();
    before.or_else(|| {
        hits.iter()
            .filter(|h| h.start >= until && h.start < to)
            .filter_map(|h| mode_of(s, clause, h, role))
            .find(|m| *m != Mode::Going)
    })
}

/// Words that may stand before the verb of an undertaking.
const FILLERS: [&str; 104] = [
    "同时",
    "此外",
    "另外",
    "与此同时",
    "并且",
    "并",
    "还",
    "也",
    "再",
    "一是",
    "二是",
    "三是",
    "四是",
    "五是",
    "进一步",
    "积极",
    "大力",
    "全力",
    "着力",
    "继续",
    "持续",
    "不断",
    "加大",
    "全面",
    "深入",
    "及时",
    "适度",
    "重点",
    "逐步",
    "有序",
    "切实",
    "扎实",
    "加快",
    "适时",
    "如期",
    "按期",
    "尽早",
    "稳步",
    "分批",
    "统一",
    "率先",
    "努力",
    "认真",
    "严格",
    "同步",
    "充分",
    "系统",
    "科学",
    "精心",
    "提前",
    "按照",
    "年内",
    "今年",
    "明年",
    "未来",
    "下一步",
    "目前",
    "本市",
    "全市",
    "我市",
    "我县",
    "我区",
    "全县",
    "全区",
    "市区两级",
    "各区",
    "将",
    "拟",
    "计划",
    "力争",
    "要",
    "应",
    "可以",
    "应该",
    "应当",
    "需要",
    "建议",
    "希望",
    "期待",
    "提议",
    "已经",
    "已",
    "正在",
    "正",
    "组织",
    "推动",
    "可",
    "我们",
    "他",
    "她",
    "就",
    "会",
    "“",
    " ",
    "的",
    "在",
    "重新",
    "优先",
    "主动",
    "更好",
    "着手",
    "抓紧",
    "尽快",
    "广泛",
];

/// Returns whether only such words stand between the clause's beginning and `to`.
pub(crate) fn only_fillers(chars: &[char], mut from: usize, to: usize) -> bool {
    static TREE: OnceLock<Trie> = OnceLock::new();
    if from >= to {
        return true;
    }
    let tree = TREE.get_or_init(|| Trie::new(&FILLERS.map(str::to_owned)));
    while from < to {
        match tree.longest(chars, from) {
            Some((end, _)) => from = end,
            None => return false,
        }
    }
    true
}

/// Returns the verb and mode of an undertaking told by a clause without numbers.
///
/// A clause counts when a verb of action heads it (with nothing but adverbs
/// before) or a word of plan, result or proposal stands before that verb. What
/// merely names a purpose (提升…, 让…) does not.
pub(crate) fn undertaking(
    s: &Scanned,
    clause: Clause,
    explicit: Option<Mode>,
    carried: Option<Mode>,
    past: bool,
    topic: bool,
) -> Option<(usize, Mode)> {
    let chars = &s.block.chars;
    let hits = in_clause(s, clause);
    if let Some(h) = hits.iter().find(|h| h.class.has(Class::EVENT))
        && (past || explicit == Some(Mode::Done))
    {
        return Some((h.start, Mode::Done));
    }
    if let Some(h) = hits.iter().find(|h| h.class.has(Class::PROGRESS))
        && (carried.is_none() && !past || explicit == Some(Mode::Going))
    {
        return Some((h.start, Mode::Going));
    }
    let begin = hits
        .iter()
        .filter(|h| h.class.has(Class::SAY) && !h.class.has(Class::PROPOSE))
        .map(|h| h.end)
        .max()
        .unwrap_or(clause.start);
    let heads_goal = hits.iter().find(|h| h.start >= begin).is_some_and(|h| {
        h.class.has(Class::GOAL) && only_fillers(chars, begin, h.start) && !pressed(chars, h)
    });
    if heads_goal || purpose(chars, clause.start) {
        return None;
    }
    if lead_in(chars, clause) {
        return None;
    }
    let from = skip_topic(s, clause, begin);
    let taken = (from..clause.end.min(from + 8)).any(|i| matches!(at(chars, i), '将' | '把'));
    let marked = |h: &Hit| {
        explicit.is_some_and(|m| m != Mode::Going) && hits.iter().any(|m| m.start < h.start)
    };
    let act = hits.iter().find(|h| {
        (h.class.has(Class::ACT)
            || h.class.has(Class::GOAL) && (pressed(chars, h) || promised(hits, h)))
            && h.start >= begin
            && (h.end < clause.end || marked(h))
            && at(chars, h.end) != '的'
    });
    let act = act.or_else(|| {
        hits.iter()
            .find(|h| taken && h.class.has(Class::RESULT) && h.start >= begin)
    })?;
    let heads = only_fillers(chars, from, act.start) || before(chars, act.start) == '\0';
    let led = heads && urged(chars, act.start) || goes_about(hits, chars, from, act);
    let object = starts(chars, from, "对") || starts(chars, from, "把");
    let marker = hits.iter().any(|h| {
        h.start < act.start
            && h.class.has(
                Class::PLAN
                    .or(Class::PROPOSE)
                    .or(Class::SHOULD)
                    .or(Class::AIM),
            )
            && explicit.is_some()
    });
    let done = explicit == Some(Mode::Done)
        && (act.class.has(Class::DONE)
            || hits.iter().any(|h| {
                h.class.has(Class::DONE)
                    && (h.end - h.start > 1 || at(chars, h.start) == '已')
                    && h.start < act.start
            })
            || hits.iter().any(|h| {
                h.class.has(Class::DONE)
                    && hits
                        .iter()
                        .any(|a| a.class.has(Class::ACT) && a.end == h.start)
            }));
    let result = taken
        && hits
            .iter()
            .any(|h| h.class.has(Class::RESULT) && h.start > from + 1);
    let mode = match (explicit, carried) {
        (Some(Mode::Done), _) if done => Mode::Done,
        (Some(Mode::Done), _) => return None,
        (Some(Mode::Aim), _) if hits.iter().any(|h| starts(chars, h.start, "确保")) => {
            return None;
        }
        (Some(Mode::Going), Some(m)) if m.ahead() => m,
        (Some(m), _) => m,
        (None, Some(Mode::Forecast)) if led => Mode::Going,
        (None, Some(m)) => m,
        (None, None) if topic && past => Mode::Done,
        (None, None) if topic || led => Mode::Going,
        (None, None) => return None,
    };
    let told = match mode {
        Mode::Done => done || topic && heads,
        Mode::Going => heads || led || topic && object,
        Mode::Forecast => marker,
        Mode::Plan | Mode::Aim | Mode::Proposal => heads || marker || result || object,
    };
    told.then_some((act.start, mode))
}

/// 将提升: a word of plan right before a word of purpose makes an undertaking of it.
fn promised(hits: &[Hit], h: &Hit) -> bool {
    hits.iter()
        .any(|p| p.end == h.start && p.class.has(Class::PLAN))
}

/// 全力促进, 大力改善: a word of purpose that is itself the undertaking.
fn pressed(chars: &[char], h: &Hit) -> bool {
    ["全力", "大力"]
        .iter()
        .any(|w| h.start >= 2 && starts(chars, h.start - 2, w))
}

/// An adverb of effort right before the verb says that it goes on.
fn urged(chars: &[char], act: usize) -> bool {
    const ADVERBS: &[&str] = &[
        "大力", "全力", "积极", "着力", "深入", "扎实", "稳步", "持续", "不断", "继续", "认真",
        "切实", "有序",
    ];
    act >= 2 && ADVERBS.iter().any(|w| starts(chars, act - 2, w))
}

/// A short subject, a word of going on and the verb: 全城持续推出….
fn goes_about(hits: &[Hit], chars: &[char], from: usize, act: &Hit) -> bool {
    hits.iter().find(|h| h.start >= from).is_some_and(|h| {
        h.class.has(Class::GOING)
            && h.end <= act.start
            && h.start - from <= 8
            && (from..h.start).all(|i| crate::chars::han(at(chars, i)))
            && only_fillers(chars, h.end, act.start)
    })
}

/// A clause that only leads in: 在…方面, …过程中, …的基础上.
fn lead_in(chars: &[char], clause: Clause) -> bool {
    if at(chars, clause.start) == '在' && crate::scan::is_topic(chars, clause) {
        return true;
    }
    const ENDS: &[&str] = &[
        "方面",
        "过程中",
        "基础上",
        "的同时",
        "背景下",
        "形势下",
        "期间",
        "之际",
        "情况下",
        "以来",
    ];
    let last = before(chars, clause.end);
    matches!(last, '面' | '中' | '上' | '时' | '下' | '间' | '际' | '来')
        && ENDS.iter().any(|w| {
            clause
                .end
                .checked_sub(w.chars().count())
                .is_some_and(|k| k >= clause.start && starts(chars, k, w))
        })
}

/// 为…提供, 让…: a purpose.
fn purpose(chars: &[char], i: usize) -> bool {
    const WORDS: &[&str] = &["为", "让", "使", "以", "从而", "进而", "助力", "确保", "是"];
    matches!(
        at(chars, i),
        '为' | '让' | '使' | '以' | '从' | '进' | '助' | '确' | '是'
    ) && any_of(chars, i, WORDS).is_some()
        && !starts(chars, i, "为期")
}

/// Skips times, a topic and `在…` phrases at a clause's beginning.
fn skip_topic(s: &Scanned, clause: Clause, begin: usize) -> usize {
    let chars = &s.block.chars;
    let mut from = begin;
    for t in times_in(s, clause.start, clause.end) {
        if t.start <= from + 1 {
            from = from.max(t.end);
        }
    }
    let first = s.bodies.partition_point(|b| b.start < clause.start);
    for b in s
        .bodies
        .iter()
        .skip(first)
        .take_while(|b| b.start < clause.end)
    {
        if b.start <= from + 1 {
            from = from.max(b.end);
        }
    }
    while matches!(at(chars, from), ' ' | '“') {
        from += 1;
    }
    from = crate::chars::numbering_end(chars, from);
    if at(chars, from) == '在' {
        let act = hit_after(s, from).filter(|h| h.start < clause.end.min(from + 14));
        if let Some(end) = (from..clause.end.min(from + 14))
            .find(|i| matches!(at(chars, *i), '上' | '中' | '下' | '内' | '边'))
        {
            from = end + 1;
        } else if let Some(h) = act {
            from = h.start;
        }
    }
    from
}

/// Returns whether 将 at `i` means 把: no verb follows it directly, and a verb of
/// result stands later in the clause.
fn takes_object(s: &Scanned, clause: Clause, i: usize) -> bool {
    let chars = &s.block.chars;
    if at(chars, i) != '将' {
        return false;
    }
    let verb = Class::ACT.or(Class::COUNT).or(Class::GOAL).or(Class::GOING);
    let first = s.hits.partition_point(|h| h.start <= i);
    let after = || {
        s.hits
            .iter()
            .skip(first)
            .take_while(|h| h.start < clause.end)
    };
    let direct = after()
        .next()
        .is_some_and(|h| h.start == i + 1 && h.class.has(verb));
    const ADVERBS: &[&str] = &[
        "于",
        "在",
        "继续",
        "进一步",
        "持续",
        "陆续",
        "全面",
        "大力",
        "积极",
        "全力",
        "重点",
        "统一",
        "逐步",
        "分批",
        "按",
        "以",
        "从",
        "对",
        "为",
        "会",
        "有",
        "达",
        "成为",
        "不断",
        "加大",
        "着力",
        "根据",
        "围绕",
        "通过",
        "同步",
        "首次",
        "最",
        "再",
        "更",
        "深入",
        "是",
    ];
    let adverb = any_of(chars, i + 1, ADVERBS).is_some();
    let result = after().any(|h| h.start > i + 1 && h.class.has(Class::RESULT));
    !direct && !adverb && result
}
