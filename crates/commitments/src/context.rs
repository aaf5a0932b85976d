//! What headings say of the text below them: 二、2026年主要任务 makes plans of the
//! year of what follows, 工作回顾 results.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use crate::chars::numeral;
use crate::mode::Mode;
use crate::scan::Scanned;
use crate::times::{TimeKind, TimeRef};

/// Time and mode that hold where a clause says neither.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context {
    pub(crate) mode: Option<Mode>,
    pub(crate) time: Option<TimeRef>,
    /// The words of the time.
    pub(crate) words: String,
}

/// Words of a heading over results; they win over words of tasks (任务完成情况).
const RESULTS: &[&str] = &[
    "回顾",
    "总结",
    "完成情况",
    "工作情况",
    "进展情况",
    "执行情况",
    "落实情况",
    "成效",
    "主要成绩",
    "工作成绩",
];

/// Words of a heading over plans.
const PLANS: &[&str] = &[
    "主要任务",
    "重点任务",
    "目标任务",
    "工作任务",
    "工作安排",
    "工作打算",
    "工作计划",
    "工作思路",
    "工作重点",
    "重点工作",
    "工作部署",
    "预期目标",
    "主要目标",
    "总体目标",
    "下一步工作",
    "下步工作",
    "任务清单",
    "实施计划",
    "年度计划",
    "责任分工",
    "职责分工",
    "主要举措",
    "工作举措",
    "工作措施",
    "政策措施",
    "具体措施",
    "保障措施",
    "组织保障",
    "工作要求",
    "建设内容",
];

/// The headings that are open, outermost first, with their levels.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    open: Vec<(u8, Context)>,
}

impl Outline {
    /// Opens a heading, closes those of its level and below, and returns what
    /// holds under it: its own words, else those of the heading around it.
    pub(crate) fn open(&mut self, heading: &Scanned) -> Context {
        let level = level(&heading.block.chars);
        while self.open.last().is_some_and(|(l, _)| *l >= level) {
            self.open.pop();
        }
        let around = self.open.last().map(|(_, c)| c.clone()).unwrap_or_default();
        let own = read(heading);
        let context = if own.mode.is_some() { own } else { around };
        self.open.push((level, context.clone()));
        context
    }
}

/// A heading's own context; without a word of plan or result it has none, for a
/// newspaper's headlines name times of one thing only.
fn read(heading: &Scanned) -> Context {
    let chars = &heading.block.chars;
    let mode = told(&chars.iter().collect::<String>());
    let time = heading
        .times
        .iter()
        .find(|t| mode.is_some() && t.kind == TimeKind::Period)
        .cloned();
    let words = time
        .as_ref()
        .map_or_else(String::new, |t| crate::chars::text(chars, t.start, t.end));
    Context { mode, time, words }
}

/// Whether a heading's words are of results or of plans, in one pass.
fn told(heading: &str) -> Option<Mode> {
    static WORDS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let words = WORDS.get_or_init(|| AhoCorasick::new(RESULTS.iter().chain(PLANS)).ok());
    let first = words
        .as_ref()?
        .find_overlapping_iter(heading)
        .map(|m| m.pattern().as_usize())
        .min()?;
    Some(if first < RESULTS.len() {
        Mode::Done
    } else {
        Mode::Plan
    })
}

/// `#` by their number, 第一章, 一、, （一）, 1.; a bare title is between.
fn level(chars: &[char]) -> u8 {
    let hashes = chars.iter().take_while(|c| **c == '#').count();
    if hashes > 0 {
        return u8::try_from(hashes.min(9)).unwrap_or(9);
    }
    match chars {
        ['第', ..] => 1,
        ['（' | '(', ..] => 4,
        [c, ..] if c.is_ascii_digit() => 5,
        [c, '、', ..] | [c, _, '、', ..] if numeral(*c) => 3,
        _ => 2,
    }
}
