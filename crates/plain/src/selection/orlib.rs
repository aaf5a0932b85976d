//! OR-Library's multi-dimensional knapsacks (Beasley 1990): the counted layout of
//! `mknap1` and `mknapcb1` to `9`, one such problem alone, and the layout of
//! `mknap2`.

use minsheng_model::Text;
use minsheng_selection::{Problem, Row};

use super::case::{Case, Named};
use super::decimal::Decimal;
use crate::error::{Mistake, PlainError};

/// Coefficients of one problem.
const CELLS_MAX: usize = 100_000_000;

/// A word and where it stands.
#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    at: (usize, usize),
    word: &'a str,
}

fn wrong(at: (usize, usize), zh: String, en: String) -> PlainError {
    PlainError {
        mistakes: vec![Mistake {
            at: Some(at),
            pointer: String::new(),
            message: Text::new(zh, en),
        }],
    }
}

/// Reads every problem of a text.
///
/// # Errors
/// The first place that does not fit.
pub(crate) fn read(text: &str) -> Result<Vec<Case>, PlainError> {
    let mut blocks: Vec<Vec<Vec<Word<'_>>>> = Vec::new();
    let titled = text.lines().any(is_title);
    if !titled {
        blocks.push(Vec::new());
    }
    for (number, line) in (1..).zip(text.lines()) {
        if titled && is_title(line) {
            blocks.push(Vec::new());
            continue;
        }
        let words = words(number, line);
        let Some(first) = words.first() else { continue };
        // Between titles there may be remarks.
        let remark = titled && Decimal::read(first.word).is_none();
        if !remark && let Some(block) = blocks.last_mut() {
            block.push(words);
        }
    }
    let end = (text.lines().count().max(1), 1);
    let mut cases = Vec::new();
    for block in blocks.iter().filter(|b| titled || !b.is_empty()) {
        cases.extend(layouts(block, end)?);
    }
    if cases.is_empty() {
        return Err(wrong(
            end,
            "没有问题:应为 OR-Library 多维背包文本或 JSON".to_owned(),
            "there is no problem: expected an OR-Library multi-dimensional knapsack or JSON"
                .to_owned(),
        ));
    }
    Ok(cases)
}

/// `problem NAME`, alone on a line.
fn is_title(line: &str) -> bool {
    let line = line.split("//").next().unwrap_or(line);
    let words: Vec<&str> = line.split_whitespace().collect();
    matches!(words.as_slice(), [first, _] if first.eq_ignore_ascii_case("problem"))
}

/// Returns a line's words with their columns; comments and rules of `+` left out.
fn words(number: usize, line: &str) -> Vec<Word<'_>> {
    let line = line.split("//").next().unwrap_or(line);
    if line.trim().bytes().all(|b| b == b'+') {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut rest = line;
    let mut column = 1;
    loop {
        let trimmed = rest.trim_start();
        let gap = rest.len() - trimmed.len();
        column += rest.get(..gap).map_or(0, |g| g.chars().count());
        let Some(word) = trimmed.split_whitespace().next() else {
            return found;
        };
        found.push(Word {
            at: (number, column),
            word,
        });
        column += word.chars().count();
        rest = trimmed.get(word.len()..).unwrap_or("");
    }
}

fn layouts(block: &[Vec<Word<'_>>], end: (usize, usize)) -> Result<Vec<Case>, PlainError> {
    let width = block.first().map_or(0, Vec::len);
    let all: Vec<Word<'_>> = block.iter().flatten().copied().collect();
    let stream = || Stream {
        words: &all,
        next: 0,
        end,
    };
    let counted = || stream().counted();
    let single = || stream().alone(Stream::front);
    let turned = || stream().alone(Stream::back);
    match width {
        1 => counted(),
        2 => turned(),
        3 => single(),
        _ => counted().or_else(|said| single().or_else(|_| turned()).map_err(|_| said)),
    }
}

struct Stream<'a> {
    words: &'a [Word<'a>],
    next: usize,
    end: (usize, usize),
}

impl<'a> Stream<'a> {
    fn word(&mut self, zh: &str, en: &str) -> Result<Word<'a>, PlainError> {
        let Some(word) = self.words.get(self.next) else {
            return Err(wrong(
                self.end,
                format!("文本在{zh}之前结束"),
                format!("the text ends before {en}"),
            ));
        };
        self.next += 1;
        Ok(*word)
    }

    fn size(&mut self, zh: &str, en: &str) -> Result<usize, PlainError> {
        let word = self.word(zh, en)?;
        let n = word.word.parse().ok().filter(|n| *n <= CELLS_MAX);
        n.ok_or_else(|| {
            wrong(
                word.at,
                format!("`{}` 不是{zh}", word.word),
                format!("`{}` is not {en}", word.word),
            )
        })
    }

    fn number(&mut self, zh: &str, en: &str) -> Result<(Word<'a>, Decimal), PlainError> {
        let word = self.word(zh, en)?;
        let number = Decimal::read(word.word).ok_or_else(|| {
            wrong(
                word.at,
                format!("`{}` 不是数({zh})", word.word),
                format!("`{}` is not a number ({en})", word.word),
            )
        })?;
        Ok((word, number))
    }

    fn numbers(&mut self, n: usize, zh: &str, en: &str) -> Result<Numbers<'a>, PlainError> {
        let mut found = Vec::new();
        for _ in 0..n {
            found.push(self.number(zh, en)?);
        }
        Ok(Numbers(found))
    }

    fn rows(&mut self, n: usize, m: usize) -> Result<Vec<Numbers<'a>>, PlainError> {
        (0..m)
            .map(|_| self.numbers(n, "系数", "a coefficient"))
            .collect()
    }

    /// Refuses what would not fit memory before it is read.
    fn fits(&self, n: usize, m: usize) -> Result<(), PlainError> {
        let cells = n.checked_mul(m).filter(|c| *c <= CELLS_MAX);
        if cells.is_some() {
            return Ok(());
        }
        let last = self.next.checked_sub(1).and_then(|at| self.words.get(at));
        Err(wrong(
            last.map_or(self.end, |w| w.at),
            format!("问题过大:{n} 个项目,{m} 个约束"),
            format!("the problem is too large: {n} items, {m} constraints"),
        ))
    }

    fn ended(&self) -> Result<(), PlainError> {
        match self.words.get(self.next) {
            None => Ok(()),
            Some(word) => Err(wrong(
                word.at,
                format!("问题之后还有 `{}`", word.word),
                format!("`{}` stands after the last problem", word.word),
            )),
        }
    }

    fn counted(mut self) -> Result<Vec<Case>, PlainError> {
        let count = self.size("问题个数", "the number of problems")?;
        let mut cases = Vec::new();
        for _ in 0..count {
            cases.push(self.front()?);
        }
        self.ended()?;
        Ok(cases)
    }

    fn alone(
        mut self,
        read: fn(&mut Self) -> Result<Case, PlainError>,
    ) -> Result<Vec<Case>, PlainError> {
        let case = read(&mut self)?;
        self.ended()?;
        Ok(vec![case])
    }

    /// Items, rows, optimum; values; coefficients by row; ends.
    fn front(&mut self) -> Result<Case, PlainError> {
        let n = self.size("项目数", "the number of items")?;
        let m = self.size("约束数", "the number of constraints")?;
        self.fits(n, m)?;
        let optimum = self.number("最优值", "the optimum")?;
        let values = self.numbers(n, "价值", "a value")?;
        let rows = self.rows(n, m)?;
        let ends = self.numbers(m, "上限", "a right-hand side")?;
        case(&values, &rows, &ends, optimum)
    }

    /// Rows, items; values; ends; coefficients by row; optimum.
    fn back(&mut self) -> Result<Case, PlainError> {
        let m = self.size("约束数", "the number of constraints")?;
        let n = self.size("项目数", "the number of items")?;
        self.fits(n, m)?;
        let values = self.numbers(n, "价值", "a value")?;
        let ends = self.numbers(m, "上限", "a right-hand side")?;
        let rows = self.rows(n, m)?;
        let optimum = self.number("最优值", "the optimum")?;
        case(&values, &rows, &ends, optimum)
    }
}

struct Numbers<'a>(Vec<(Word<'a>, Decimal)>);

impl Numbers<'_> {
    fn places(&self) -> u32 {
        self.0.iter().map(|(_, d)| d.places).max().unwrap_or(0)
    }

    fn scaled(&self, places: u32) -> Result<Vec<i64>, PlainError> {
        self.0.iter().map(|n| scaled(n, places)).collect()
    }
}

fn scaled((word, number): &(Word<'_>, Decimal), places: u32) -> Result<i64, PlainError> {
    number.scaled(places).ok_or_else(|| {
        wrong(
            word.at,
            format!("`{}` 超出 64 位整数", word.word),
            format!("`{}` does not fit 64 bits", word.word),
        )
    })
}

fn case(
    values: &Numbers<'_>,
    rows: &[Numbers<'_>],
    ends: &Numbers<'_>,
    optimum: (Word<'_>, Decimal),
) -> Result<Case, PlainError> {
    let n = values.0.len();
    let places = values.places();
    let mut case = Case {
        ids: (1..=n).map(|i| i.to_string()).collect(),
        problem: Problem {
            values: values.scaled(places)?,
            rows: Vec::new(),
            fixed: vec![None; n],
        },
        places,
        ineligible: vec![None; n],
        ..Case::default()
    };
    // 0 says that no optimum is known.
    let whole = optimum.1.scaled(places);
    case.stated = whole
        .filter(|w| *w != 0)
        .map(|w| super::decimal::write(w.into(), places));
    for (index, (row, end)) in (1..).zip(rows.iter().zip(&ends.0)) {
        let places = row.places().max(end.1.places);
        let coefficients = row.scaled(places)?;
        let terms = (0u32..).zip(coefficients).filter(|(_, a)| *a != 0);
        case.problem.rows.push(Row {
            lower: None,
            upper: Some(scaled(end, places)?),
            terms: terms.collect(),
        });
        case.rows.push(Named {
            name: format!("constraint:{index}"),
            places,
        });
    }
    Ok(case)
}
