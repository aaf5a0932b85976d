//! Bodies that answer: from the city's list, by their suffix, and of the state.

use crate::chars::{any_of, at, before, han, starts, text};
use crate::lexicon::{Class, Hit};

/// A body named in the text.
#[derive(Debug, Clone)]
pub(crate) struct BodyAt {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) name: String,
}

/// Returns the bodies of a block, from the city's list and by suffix.
pub(crate) fn bodies(chars: &[char], hits: &[Hit], aliases: &[String]) -> Vec<BodyAt> {
    let mut found: Vec<BodyAt> = hits
        .iter()
        .filter(|h| h.class.has(Class::BODY))
        .filter_map(|h| {
            Some(BodyAt {
                start: h.start,
                end: h.end,
                name: aliases.get(h.city?)?.clone(),
            })
        })
        .collect();
    // 市人社局局长: the second 局 begins no body of its own.
    let mut taken = 0;
    let mut i = 0;
    while i < chars.len() {
        if matches!(at(chars, i), '局' | '委' | '厅' | '办' | '政' | '部')
            && let Some(body) = suffixed(chars, i).filter(|b| b.start >= taken)
        {
            let city = hits.partition_point(|h| h.end <= body.start);
            let apart = hits
                .iter()
                .skip(city)
                .take_while(|h| h.start < body.end)
                .all(|h| !h.class.has(Class::BODY));
            i = body.end.max(i + 1);
            taken = body.end;
            if apart {
                found.push(body);
            }
            continue;
        }
        i += 1;
    }
    found.sort_by_key(|b| (b.start, b.end));
    found
}

fn level(c: char) -> bool {
    matches!(c, '市' | '区' | '县' | '省' | '州' | '镇' | '乡' | '旗')
}

/// Boundaries of what precedes a body's name.
pub(crate) fn boundary(c: char) -> bool {
    !han(c)
        || matches!(
            c,
            '据' | '由'
                | '从'
                | '与'
                | '和'
                | '及'
                | '经'
                | '向'
                | '在'
                | '是'
                | '了'
                | '对'
                | '为'
                | '到'
                | '请'
                | '找'
                | '让'
                | '被'
                | '以'
                | '并'
                | '同'
                | '将'
                | '把'
                | '会'
                | '等'
                | '都'
                | '我'
                | '该'
                | '的'
                | '按'
                | '受'
        )
}

/// A body by its last word: a level (市, 区, 县 …), up to ten characters, 局, 委,
/// 厅, 办公室 or 政府.
fn suffixed(chars: &[char], i: usize) -> Option<BodyAt> {
    let (end, suffix) = any_of(
        chars,
        i,
        &["委员会", "办公室", "政府", "局", "委", "厅", "部"],
    )?;
    let next = at(chars, end);
    if suffix == "部" {
        return ministry(chars, i, end);
    }
    if let Some(body) = of_state(chars, i, end) {
        return Some(body);
    }
    if suffix == "政府"
        && (starts(chars, end, "工作报告") || starts(chars, end, "网站") || next == '令')
    {
        return None;
    }
    if suffix == "委"
        && matches!(next, '会' | '员' | '托' | '派' | '书' | '办')
        && !starts(chars, end, "会同")
    {
        return None;
    }
    if suffix == "局"
        && (matches!(next, '面' | '部' | '势' | '限')
            || matches!(
                before(chars, i),
                '布' | '格' | '结' | '大' | '全' | '开' | '当' | '时' | '破' | '僵' | '邮' | '棋'
            ))
    {
        return None;
    }
    let mut start = None;
    let mut k = i;
    while k > 0 && i - k < 12 {
        k -= 1;
        let c = at(chars, k);
        if !han(c)
            || matches!(
                c,
                '的' | '了'
                    | '在'
                    | '和'
                    | '与'
                    | '及'
                    | '是'
                    | '将'
                    | '把'
                    | '对'
                    | '为'
                    | '有'
                    | '个'
                    | '多'
                    | '各'
                    | '等'
                    | '着'
                    | '并'
                    | '也'
                    | '都'
                    | '由'
                    | '从'
                    | '，'
                    | '、'
            )
            || c.is_ascii_digit()
        {
            break;
        }
        if level(c) {
            let middle = i - k - 1;
            if middle >= 1 || suffix == "政府" {
                start = Some(k);
            }
        }
    }
    let mut start = start?;
    let place = (1..=3).find(|n| {
        start.checked_sub(*n).is_some_and(|from| {
            let all = (from..start).all(|j| han(at(chars, j)) && !boundary(at(chars, j)));
            let edge = boundary(before(chars, from));
            all && edge && *n >= 2
        })
    });
    let own = matches!(before(chars, start), '本' | '全' | '我' | '该' | '各');
    if own {
        if at(chars, start + 1) == '场' {
            return None;
        }
    } else if let Some(n) = place {
        start -= n;
    } else if !boundary(before(chars, start)) {
        // A city's name in mid-sentence: the level alone still names the body.
        if !level(at(chars, start)) {
            return None;
        }
    }
    let name = text(chars, start, end);
    (name.chars().count() >= 3).then_some(BodyAt { start, end, name })
}

/// 住房和城乡建设部部长, 教育部党组书记: a ministry is told by the title behind it; 部
/// ends too many other words.
fn ministry(chars: &[char], i: usize, end: usize) -> Option<BodyAt> {
    const TITLES: &[&str] = &[
        "部长",
        "副部长",
        "党组书记",
        "党组成员",
        "新闻发言人",
        "总工程师",
        "总规划师",
        "总经济师",
        "有关负责人",
        "相关负责人",
        "有关司局",
        "办公厅",
    ];
    any_of(chars, end, TITLES)?;
    let mut start = i;
    while start > 0 && i - start < 12 && han(at(chars, start - 1)) {
        let c = at(chars, start - 1);
        // 和 stands inside such names: 住房和城乡建设部.
        if c != '和' && boundary(c) {
            break;
        }
        start -= 1;
    }
    let name = text(chars, start, end);
    (name.chars().count() >= 3).then_some(BodyAt { start, end, name })
}

/// 国家发展和改革委员会, 国家统计局: the state's own bodies.
fn of_state(chars: &[char], i: usize, end: usize) -> Option<BodyAt> {
    let start = (i.saturating_sub(12)..i)
        .rev()
        .find(|k| starts(chars, *k, "国家"))?;
    let inside =
        (start..i).all(|k| han(at(chars, k)) && (at(chars, k) == '和' || !boundary(at(chars, k))));
    let apart = !matches!(
        at(chars, end),
        '面' | '部' | '势' | '限' | '员' | '托' | '派'
    );
    let name = text(chars, start, end);
    (inside && apart && i > start + 2).then_some(BodyAt { start, end, name })
}
