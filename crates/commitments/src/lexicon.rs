//! The word lists, compiled in, and the tree that finds all of them in one pass. Each list is a TSV whose last column says where the words are from.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::trie::Trie;

const WORDS: &str = include_str!("../lexicon/words.tsv");
const IDIOMS: &str = include_str!("../lexicon/idioms.tsv");
const UNITS: &str = include_str!("../lexicon/units.tsv");
const HOUSES: &str = include_str!("../lexicon/houses.tsv");
const SURNAMES: &str = include_str!("../lexicon/surnames.tsv");

/// What a word does, as a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Class(u32);

impl Class {
    pub(crate) const PLAN: Self = Self(1);
    pub(crate) const AIM: Self = Self(1 << 1);
    pub(crate) const FORECAST: Self = Self(1 << 2);
    pub(crate) const DONE: Self = Self(1 << 3);
    pub(crate) const WEAK_DONE: Self = Self(1 << 4);
    pub(crate) const EVENT: Self = Self(1 << 5);
    pub(crate) const GOING: Self = Self(1 << 6);
    pub(crate) const PROGRESS: Self = Self(1 << 7);
    pub(crate) const PROPOSE: Self = Self(1 << 8);
    pub(crate) const SHOULD: Self = Self(1 << 9);
    pub(crate) const SAY: Self = Self(1 << 10);
    pub(crate) const THINK: Self = Self(1 << 11);
    pub(crate) const ACT: Self = Self(1 << 12);
    pub(crate) const GOAL: Self = Self(1 << 13);
    pub(crate) const COUNT: Self = Self(1 << 14);
    pub(crate) const SCOPE: Self = Self(1 << 15);
    pub(crate) const DEPUTY: Self = Self(1 << 16);
    pub(crate) const TITLE: Self = Self(1 << 17);
    pub(crate) const OFFICIAL: Self = Self(1 << 18);
    pub(crate) const RESULT: Self = Self(1 << 19);
    pub(crate) const CONTINUE: Self = Self(1 << 20);
    pub(crate) const IDIOM: Self = Self(1 << 21);
    pub(crate) const BODY: Self = Self(1 << 22);
    pub(crate) const PERSON: Self = Self(1 << 23);

    fn named(name: &str) -> Self {
        match name {
            "plan" => Self::PLAN,
            "aim" => Self::AIM,
            "forecast" => Self::FORECAST,
            "done" => Self::DONE,
            "weakdone" => Self::WEAK_DONE,
            "event" => Self::EVENT,
            "going" => Self::GOING,
            "progress" => Self::PROGRESS,
            "propose" => Self::PROPOSE,
            "should" => Self::SHOULD,
            "say" => Self::SAY,
            "think" => Self::THINK,
            "act" => Self::ACT,
            "goal" => Self::GOAL,
            "count" => Self::COUNT,
            "scope" => Self::SCOPE,
            "deputy" => Self::DEPUTY,
            "title" => Self::TITLE,
            "official" => Self::OFFICIAL,
            "result" => Self::RESULT,
            "continue" => Self::CONTINUE,
            _ => Self(0),
        }
    }

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A word found, in characters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) class: Class,
    /// Which of the city's words it is, for bodies and people.
    pub(crate) city: Option<usize>,
}

/// Rows of a TSV without its heading, comments and blank lines.
pub(crate) fn rows(tsv: &str) -> impl Iterator<Item = Vec<&str>> {
    tsv.lines()
        .skip(1)
        .filter(|l| !l.trim().is_empty() && !l.starts_with('#'))
        .map(|l| l.split('\t').collect())
}

/// All words as one tree.
pub(crate) struct Words {
    trie: Trie,
    classes: Vec<(Class, Option<usize>)>,
}

impl Words {
    /// Compiles the lists with a city's own words: bodies first, then people,
    /// then names whose digits count nothing.
    pub(crate) fn new(bodies: &[String], people: &[String], names: &[String]) -> Self {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut patterns: Vec<String> = Vec::new();
        let mut classes: Vec<(Class, Option<usize>)> = Vec::new();
        let mut put = |word: &str, class: Class, city: Option<usize>| {
            if word.is_empty() {
                return;
            }
            if let Some(k) = seen.get(word) {
                if let Some(slot) = classes.get_mut(*k) {
                    *slot = (slot.0.or(class), slot.1.or(city));
                }
                return;
            }
            seen.insert(word.to_owned(), patterns.len());
            patterns.push(word.to_owned());
            classes.push((class, city));
        };
        for (k, word) in bodies.iter().enumerate() {
            put(word, Class::BODY, Some(k));
        }
        for (k, word) in people.iter().enumerate() {
            put(word, Class::PERSON, Some(k));
        }
        for word in names {
            put(word, Class::IDIOM, None);
        }
        for row in rows(WORDS) {
            let (Some(word), Some(names)) = (row.first(), row.get(1)) else {
                continue;
            };
            let class = names
                .split('+')
                .map(Class::named)
                .fold(Class::default(), Class::or);
            put(word, class, None);
        }
        for row in rows(IDIOMS) {
            if let Some(word) = row.first() {
                put(word, Class::IDIOM, None);
            }
        }
        let trie = Trie::new(&patterns);
        Self { trie, classes }
    }

    /// Finds the words, the longest at each place, in order and without overlaps.
    pub(crate) fn find(&self, chars: &[char]) -> Vec<Hit> {
        let mut hits = Vec::with_capacity(chars.len() / 4);
        let mut i = 0;
        while i < chars.len() {
            let Some((end, word)) = self.trie.longest(chars, i) else {
                i += 1;
                continue;
            };
            let (class, city) = self.classes.get(word).copied().unwrap_or_default();
            hits.push(Hit {
                start: i,
                end,
                class,
                city,
            });
            i = end;
        }
        hits
    }
}

/// What a measure word counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnitKind {
    Count,
    Person,
    Money,
    /// Area, length, mass and other physical units, and rates.
    Physical,
    Points,
    Multiple,
    Duration,
    Age,
    /// 号线, 路: the number is a name.
    Label,
}

/// A measure word.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) word: Vec<char>,
    pub(crate) kind: UnitKind,
    /// Characters that make another word of it (部门, 家庭).
    not_before: String,
}

/// Words that a measure word counts although their first character makes another
/// word of it: 3家乡镇卫生院, 5个体育馆, 6个性化项目 is none.
const EVEN_BEFORE: &[&str] = &["乡镇", "乡村", "体育", "体验", "别墅"];

/// Returns the longest measure word at `i`, with its end.
pub(crate) fn unit_at(chars: &[char], i: usize) -> Option<(&'static Unit, usize)> {
    static TABLE: OnceLock<HashMap<char, Vec<Unit>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table: HashMap<char, Vec<Unit>> = HashMap::new();
        for row in rows(UNITS) {
            let (Some(word), Some(kind)) = (row.first(), row.get(1)) else {
                continue;
            };
            let word: Vec<char> = word.chars().collect();
            let kind = match *kind {
                "person" => UnitKind::Person,
                "money" => UnitKind::Money,
                "count" => UnitKind::Count,
                "points" => UnitKind::Points,
                "multiple" => UnitKind::Multiple,
                "duration" => UnitKind::Duration,
                "age" => UnitKind::Age,
                "label" => UnitKind::Label,
                _ => UnitKind::Physical,
            };
            let Some(first) = word.first() else { continue };
            let not_before = (*row.get(2).unwrap_or(&"")).to_owned();
            table.entry(*first).or_default().push(Unit {
                word,
                kind,
                not_before,
            });
        }
        for list in table.values_mut() {
            list.sort_by_key(|u| std::cmp::Reverse(u.word.len()));
        }
        table
    });
    let list = table.get(&crate::chars::at(chars, i))?;
    list.iter().find_map(|unit| {
        let end = i + unit.word.len();
        let same = chars.get(i..end).is_some_and(|s| s == unit.word.as_slice());
        let next = crate::chars::at(chars, end);
        let latin =
            unit.word.last().is_some_and(char::is_ascii_alphabetic) && next.is_ascii_alphabetic();
        let apart = next == '\0'
            || !unit.not_before.contains(next)
            || EVEN_BEFORE
                .iter()
                .any(|w| crate::chars::starts(chars, end, w));
        (same && !latin && apart).then_some((unit, end))
    })
}

/// Returns how many characters of a surname stand at `i`: 2, 1 or 0.
pub(crate) fn surname_at(chars: &[char], i: usize) -> usize {
    static TABLE: OnceLock<Trie> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let all: Vec<String> = rows(SURNAMES)
            .filter_map(|r| r.first().map(|w| (*w).to_owned()))
            .collect();
        Trie::new(&all)
    });
    table.longest(chars, i).map_or(0, |(end, _)| end - i)
}

/// Words in which the names of institutions end whose heads speak for them.
pub(crate) fn houses() -> &'static [&'static str] {
    static ALL: OnceLock<Vec<&str>> = OnceLock::new();
    ALL.get_or_init(|| rows(HOUSES).filter_map(|r| r.first().copied()).collect())
}
