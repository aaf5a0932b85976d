//! Tables in a text: rows of cells between tabs or `|`, under a heading row that
//! names targets and results. Each cell is read as a paragraph of its own.

use crate::context::Context;
use crate::mode::Mode;
use crate::times::{TimeKind, TimeRef};

/// What a cell's row and column say of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    pub(crate) mode: Option<Mode>,
    /// The task the row is about.
    pub(crate) name: String,
    /// The responsible body the row names.
    pub(crate) body: String,
    /// The year of the column, where its heading tells one.
    time: Option<(TimeRef, String)>,
}

impl Cell {
    /// Time and mode of the cell under the headings around the table.
    pub(crate) fn context(&self, around: &Context) -> Context {
        let (time, words) = match &self.time {
            Some((time, words)) => (Some(time.clone()), words.clone()),
            None => (around.time.clone(), around.words.clone()),
        };
        Context {
            mode: self.mode,
            time,
            words,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Name,
    Body,
    Plan,
    Done,
    None,
}

/// The columns of the table that is open.
#[derive(Debug)]
pub(crate) struct Columns(Vec<(Role, String)>);

/// The cells of a line with their bytes in it; fewer than two are no row.
pub(crate) fn cells(line: &str) -> Option<Vec<(usize, &str)>> {
    let bar = line.starts_with('|') && line.len() > 1;
    if !bar && !line.contains('\t') {
        return None;
    }
    let separator = if bar { '|' } else { '\t' };
    let mut all = Vec::new();
    let mut from = 0;
    for piece in line.split(separator) {
        let lead = piece.len() - piece.trim_start().len();
        all.push((from + lead, piece.trim()));
        from += piece.len() + 1;
    }
    if bar {
        all.remove(0);
        if all.last().is_some_and(|(_, c)| c.is_empty()) {
            all.pop();
        }
    }
    (all.len() >= 2).then_some(all)
}

impl Columns {
    /// Reads a heading row: short cells, one of which names targets or results.
    pub(crate) fn read(cells: &[(usize, &str)]) -> Option<Self> {
        if cells.iter().any(|(_, c)| c.chars().count() > 16) {
            return None;
        }
        let roles: Vec<(Role, String)> = cells
            .iter()
            .map(|(_, c)| (role(c), (*c).to_owned()))
            .collect();
        roles
            .iter()
            .any(|(r, _)| matches!(r, Role::Plan | Role::Done))
            .then_some(Self(roles))
    }

    /// The cells of a row that are to be read, each with its place.
    pub(crate) fn row<'a>(&self, cells: &[(usize, &'a str)]) -> Vec<(usize, &'a str, Cell)> {
        // A merged first column leaves later rows short on the left.
        let shift = self.0.len().saturating_sub(cells.len());
        let placed = || {
            cells
                .iter()
                .enumerate()
                .filter_map(|(k, c)| Some((c, self.0.get(k + shift)?)))
        };
        let of = |wanted: Role| {
            placed()
                .find(|(_, (role, _))| *role == wanted)
                .map_or("", |((_, text), _)| text)
        };
        let (name, body) = (of(Role::Name), of(Role::Body));
        placed()
            .filter_map(|((byte, text), (role, title))| {
                let mode = match role {
                    Role::Plan => Mode::Plan,
                    Role::Done => Mode::Done,
                    _ => return None,
                };
                let cell = Cell {
                    mode: Some(mode),
                    name: name.to_owned(),
                    body: body.to_owned(),
                    time: year(title),
                };
                (!text.is_empty()).then_some((*byte, *text, cell))
            })
            .collect()
    }
}

fn role(title: &str) -> Role {
    let has = |words: &[&str]| words.iter().any(|w| title.contains(w));
    if has(&[
        "完成",
        "进展",
        "实际",
        "实绩",
        "落实情况",
        "执行情况",
        "成效",
    ]) {
        Role::Done
    } else if has(&["单位", "部门", "负责", "责任人"]) {
        Role::Body
    } else if has(&["名称", "项目", "事项"]) {
        Role::Name
    } else if has(&["目标", "任务", "计划", "建设内容", "工作内容"]) {
        Role::Plan
    } else {
        Role::None
    }
}

/// 2024年目标: the year of the column.
fn year(title: &str) -> Option<(TimeRef, String)> {
    let plain = crate::chars::Plain::table();
    let chars: Vec<char> = title.chars().map(|c| plain.of(c)).collect();
    let found = (0..chars.len()).find_map(|i| {
        let digits: String = chars.get(i..i + 4)?.iter().collect();
        let year: i32 = digits.parse().ok()?;
        ((1900..=2100).contains(&year) && chars.get(i + 4) == Some(&'年')).then_some((i, year))
    });
    let (start, year) = found?;
    let time = TimeRef {
        start,
        end: start + 5,
        kind: TimeKind::Period,
        from: crate::calendar::day(year, 1, 1),
        to: crate::calendar::day(year, 12, 31),
        now: false,
        since: false,
        tense: 0,
    };
    Some((time, crate::chars::text(&chars, start, start + 5)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_at_tabs_and_bars() {
        let at = |line| {
            cells(line)
                .unwrap_or_default()
                .into_iter()
                .map(|(b, c)| (b, c.to_owned()))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            at("1\t 名称\t"),
            [(0, "1".into()), (3, "名称".into()), (10, String::new())]
        );
        assert_eq!(at("| a | b |"), [(2, "a".into()), (6, "b".into())]);
        assert!(cells("一行文字").is_none());
        assert!(Columns::read(&cells("甲\t乙").unwrap_or_default()).is_none());
    }
}
