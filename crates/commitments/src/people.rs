//! Who speaks and which body answers: names behind titles, pronouns, bodies by
//! their suffix or from the city's list.

use crate::bodies::{BodyAt, boundary};
use crate::chars::{any_of, at, before, ends_clause, han, starts, text};
use crate::lexicon::{Class, Hit, surname_at};
use crate::statement::Role;

/// Somebody named in the text.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// The body the title belongs to.
    pub(crate) body: String,
}

/// Somebody says something here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Saying {
    /// Where the phrase begins and where what is said begins.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) person: usize,
    pub(crate) proposes: bool,
    /// The quotation that ends right before, if one does.
    pub(crate) quoted: Option<(usize, usize)>,
}

/// Everybody met so far in one document.
#[derive(Debug, Default)]
pub(crate) struct People {
    pub(crate) all: Vec<Person>,
    /// The first character of each name, to look for all names at once.
    firsts: Vec<char>,
    last: Option<usize>,
}

/// More people than this are no press text; the rest stay unnamed.
const PEOPLE_MAX: usize = 128;

/// Words that begin like a surname and speak in documents.
const NOT_NAMES: &[&str] = &[
    "方案", "方面", "居民", "农民", "农户", "计划", "公告", "公报", "司机", "商家", "商户", "应急",
    "时任", "安排", "牧民", "国家", "路人", "车主", "项目", "校方", "官方", "常委", "全会", "全国",
    "全市", "都市", "车企", "店主", "店员", "古人", "双方", "各方", "家长", "专家", "医生", "有关",
    "相关", "群众", "单位", "市民", "部门", "党组", "明确", "和田", "从事", "于是", "别人", "居委",
    "强调", "支付", "贺信", "水利", "白皮", "毕业", "马上", "任务", "时候", "祝愿", "通过",
];

/// What may follow a name.
const FOLLOWERS: &[&str] = &[
    "在",
    "向",
    "对",
    "就",
    "也",
    "已",
    "还",
    "重点",
    "告诉",
    "和",
    "与",
    "及",
    "等",
    "一行",
    "出席",
    "代表",
    "委员",
    "的",
    "率",
    "带领",
    "走",
    "来",
    "到",
    "正",
    "同",
    "谈",
    "从",
    "为",
    "曾",
    "特别",
    "进一步",
    "分别",
    "则",
    "连续",
    "主持",
    "参加",
    "致辞",
    "宣布",
    "接受",
    "因",
    "是",
    "又",
    "今天",
    "昨天",
    "（",
    "(",
    "“",
    "、",
    "用",
    "给",
];

impl People {
    /// Returns the person's index, adding whoever is new; what is known already
    /// wins over less.
    pub(crate) fn meet(&mut self, name: &str, role: Role, body: &str) -> usize {
        if let Some(k) = self.all.iter().position(|p| p.name == name) {
            if let Some(p) = self.all.get_mut(k) {
                if p.role == Role::Other {
                    p.role = role;
                }
                if p.body.is_empty() {
                    body.clone_into(&mut p.body);
                }
            }
            self.last = Some(k);
            return k;
        }
        if self.all.len() >= PEOPLE_MAX {
            return 0;
        }
        self.firsts.push(name.chars().next().unwrap_or('\0'));
        self.all.push(Person {
            name: name.to_owned(),
            role,
            body: body.to_owned(),
        });
        self.last = Some(self.all.len() - 1);
        self.all.len() - 1
    }

    /// Returns the first known person whose name stands at `i`, and its end.
    fn known_at(&self, chars: &[char], i: usize) -> Option<(usize, usize)> {
        let first = at(chars, i);
        if !self.firsts.contains(&first) {
            return None;
        }
        self.all
            .iter()
            .enumerate()
            .find_map(|(n, p)| starts(chars, i, &p.name).then(|| (n, i + p.name.chars().count())))
    }
}

/// Returns a name at `i` if one of two to four characters can be told.
fn name_at(chars: &[char], i: usize, hits: &[Hit], known: &People) -> Option<(String, usize)> {
    if let Some((n, end)) = known.known_at(chars, i) {
        return known.all.get(n).map(|p| (p.name.clone(), end));
    }
    let surname = surname_at(chars, i);
    if surname == 0 {
        return None;
    }
    [2usize, 1].into_iter().find_map(|given| {
        let end = i + surname + given;
        let name = text(chars, i, end);
        let whole = name.chars().count() == surname + given && name.chars().all(han);
        let word = NOT_NAMES.iter().any(|w| name.starts_with(w))
            || (i..end).any(|k| "的了在和与等是，、".contains(at(chars, k)));
        let next = at(chars, end);
        let follower = next == '\0'
            || (!han(next) && next != ' ')
            || any_of(chars, end, FOLLOWERS).is_some()
            || near(hits, end, end + 1).any(|h| {
                h.class.has(
                    Class::SAY
                        .or(Class::PROPOSE)
                        .or(Class::DONE)
                        .or(Class::PLAN),
                )
            });
        // 李智认为: the verb begins inside what looks like a longer name.
        let verb = near(hits, i + 1, end).any(|h| h.class.has(Class::SAY.or(Class::PROPOSE)));
        (whole && !word && follower && !verb).then_some((name, end))
    })
}

fn near(hits: &[Hit], from: usize, to: usize) -> impl Iterator<Item = &Hit> {
    let first = hits.partition_point(|h| h.start < from);
    hits.iter().skip(first).take_while(move |h| h.start < to)
}

/// Finds who is introduced and who speaks in a block.
pub(crate) fn sayings(
    chars: &[char],
    hits: &[Hit],
    bodies: &[BodyAt],
    people: &mut People,
) -> Vec<Saying> {
    let mut all: Vec<Saying> = Vec::new();
    let mut last_deputy: Option<usize> = None;
    for (k, hit) in hits.iter().enumerate() {
        if hit.class.has(Class::DEPUTY) {
            last_deputy = Some(hit.end);
        }
        if hit.class.has(Class::DEPUTY)
            && !hit.class.has(Class::TITLE)
            && let Some((name, _)) = name_at(chars, hit.end, hits, people)
        {
            people.meet(&name, Role::Deputy, "");
        }
        if hit.class.has(Class::TITLE) {
            let deputy = last_deputy.is_some_and(|d| hit.start.saturating_sub(d) <= 40);
            introduce(chars, hits, hit, deputy, bodies, people);
        }
        if (hit.class.has(Class::SAY) || hit.class.has(Class::PROPOSE))
            && let Some(saying) = saying(chars, hits, k, people)
        {
            all.push(saying);
        }
    }
    all
}

/// `title NAME` and `NAME代表`.
fn introduce(
    chars: &[char],
    hits: &[Hit],
    hit: &Hit,
    deputy: bool,
    bodies: &[BodyAt],
    people: &mut People,
) {
    let here = text(chars, hit.start, hit.end);
    if matches!(here.as_str(), "代表" | "委员") {
        for length in [3usize, 2, 4] {
            let Some(from) = hit.start.checked_sub(length) else {
                continue;
            };
            let surname = surname_at(chars, from);
            let name = text(chars, from, hit.start);
            let edge = !han(before(chars, from));
            if surname > 0
                && length > surname
                && edge
                && name.chars().all(han)
                && !NOT_NAMES.iter().any(|w| name.starts_with(w))
                && !"市区县省国人".contains(before(chars, hit.start))
            {
                people.meet(&name, Role::Deputy, "");
                return;
            }
        }
    }
    if let Some((name, _)) = name_at(chars, hit.end, hits, people) {
        let last = bodies.partition_point(|b| b.start < hit.start);
        let body = bodies.iter().take(last).rev().take(3).find(|b| {
            b.end <= hit.start
                && hit.start - b.end <= 12
                && !(b.end..hit.start).any(|i| matches!(at(chars, i), '，' | ',' | '。' | '；'))
        });
        let house = house_before(chars, hit.start);
        let deputy =
            deputy || matches!(here.as_str(), "代表") || here.ends_with("委员") && here.len() > 6;
        let role = if deputy {
            Role::Deputy
        } else if body.is_some() && hit.class.has(Class::OFFICIAL) {
            Role::Official
        } else {
            Role::Other
        };
        let body = body.map_or(house, |b| b.name.clone());
        people.meet(&name, role, &body);
    }
}

/// The institution right before a title (医院院长): no body that decides, but the
/// one its head speaks for.
fn house_before(chars: &[char], title: usize) -> String {
    let ends = crate::lexicon::houses().iter().any(|w| {
        title
            .checked_sub(w.chars().count())
            .is_some_and(|k| starts(chars, k, w))
    });
    if !ends {
        return String::new();
    }
    let mut from = title;
    while from > 0 && title - from < 20 && !boundary(at(chars, from - 1)) {
        from -= 1;
    }
    let name = text(chars, from, title);
    if name.chars().count() >= 4 {
        name
    } else {
        String::new()
    }
}

/// What may stand between a name and its verb.
fn filler(chars: &[char], from: usize, to: usize) -> bool {
    // 在…记者会上, 接受…采访时: where it was said, however long its name.
    let place = matches!(before(chars, to), '上' | '时' | '中' | '间')
        && (from..to).any(|i| matches!(at(chars, i), '在' | '就' | '接'));
    to - from <= if place { 36 } else { 14 }
        && !(from..to).any(|i| matches!(at(chars, i), '。' | '；' | '，' | ',' | ';' | '！'))
}

fn saying(chars: &[char], hits: &[Hit], k: usize, people: &mut People) -> Option<Saying> {
    let hit = hits.get(k)?;
    let window = hit.start.saturating_sub(42);
    let mut from = hit.start;
    while from > window
        && !ends_clause(at(chars, from - 1))
        && !matches!(at(chars, from - 1), '”' | '"')
    {
        from -= 1;
    }
    let known = (from..hit.start).rev().find_map(|i| {
        let (index, end) = people.known_at(chars, i)?;
        (end <= hit.start && filler(chars, end, hit.start)).then_some((index, i))
    });
    let pronoun = || {
        let i = (from..hit.start)
            .find(|i| matches!(at(chars, *i), '他' | '她') && at(chars, i + 1) != '们')?;
        (filler(chars, i + 1, hit.start) && hit.start - i <= 6).then_some((people.last?, i))
    };
    let (person, start) = match known.or_else(pronoun) {
        Some(found) => found,
        None => stranger(chars, from, hit.start, people)?,
    };
    people.last = Some(person);
    let start = if before(chars, start) == '据' {
        start - 1
    } else {
        start
    };
    // ”市交通局局长高翔说: the title belongs to the saying.
    let titled = matches!(before(chars, from), '”' | '"')
        && hits
            .iter()
            .take(k)
            .rev()
            .take(3)
            .any(|h| h.class.has(Class::TITLE) && h.end == start && h.start >= from);
    let lead = titled || (from..start).all(|i| !han(at(chars, i))) || start == from;
    let begin = if lead { from } else { start };
    let quoted = matches!(before(chars, begin), '”' | '"').then(|| {
        let close = begin - 1;
        let open = (close.saturating_sub(4000)..close)
            .rev()
            .find(|i| at(chars, *i) == '“');
        (open.unwrap_or(close), close)
    });
    Some(Saying {
        start: begin,
        end: hit.end,
        person,
        proposes: hit.class.has(Class::PROPOSE),
        quoted,
    })
}

/// `据NAME介绍` and `NAME说` at a clause's beginning, without any title before.
fn stranger(
    chars: &[char],
    from: usize,
    verb: usize,
    people: &mut People,
) -> Option<(usize, usize)> {
    let start = if at(chars, from) == '据' {
        from + 1
    } else {
        from
    };
    let length = verb.checked_sub(start).filter(|n| (2..=4).contains(n))?;
    let surname = surname_at(chars, start);
    let name = text(chars, start, verb);
    let fits = surname > 0 && length > surname && length <= surname + 2 && name.chars().all(han);
    if !fits
        || NOT_NAMES
            .iter()
            .any(|w| name.starts_with(w) || name.ends_with(w))
    {
        return None;
    }
    Some((people.meet(&name, Role::Other, ""), start))
}
