//! OR-Library's two layouts of the multi-dimensional knapsack, read again.

use minsheng_model::Text;

use super::case::{Case, Gate, Line};
use super::number::{decimals, scaled};
use crate::report::offends;

fn bad() -> Text {
    offends(
        "instance",
        "不是 OR-Library 的多维背包文本",
        "is not an OR-Library multi-dimensional knapsack",
    )
}

/// Reads every problem of a text.
pub(crate) fn read(text: &str) -> Result<Vec<Case>, Text> {
    let lines: Vec<&str> = text
        .lines()
        .map(|l| l.split("//").next().unwrap_or(l).trim())
        .collect();
    let title = |l: &str| {
        let mut words = l.split_whitespace();
        words
            .next()
            .is_some_and(|w| w.eq_ignore_ascii_case("problem"))
            && words.next().is_some()
            && words.next().is_none()
    };
    let titled = lines.iter().any(|l| title(l));
    let mut blocks: Vec<Vec<&str>> = if titled { vec![] } else { vec![vec![]] };
    for line in lines {
        if titled && title(line) {
            blocks.push(Vec::new());
            continue;
        }
        let words = !line.is_empty() && !line.bytes().all(|b| b == b'+');
        let number = line
            .split_whitespace()
            .next()
            .is_some_and(|w| decimals(w).is_some());
        if words
            && (number || !titled)
            && let Some(block) = blocks.last_mut()
        {
            block.push(line);
        }
    }
    let mut cases = Vec::new();
    for block in blocks {
        cases.extend(layouts(&block).ok_or_else(bad)?);
    }
    if cases.is_empty() {
        return Err(bad());
    }
    Ok(cases)
}

fn layouts(block: &[&str]) -> Option<Vec<Case>> {
    let words: Vec<&str> = block.iter().flat_map(|l| l.split_whitespace()).collect();
    let width = block.first()?.split_whitespace().count();
    let counted = |words: &[&str]| {
        let (count, mut rest) = words.split_first()?;
        let count: usize = count.parse().ok()?;
        let mut cases = Vec::new();
        for _ in 0..count {
            cases.push(front(&mut rest)?);
        }
        (rest.is_empty() && !cases.is_empty()).then_some(cases)
    };
    let single = |mut words: &[&str]| {
        let case = front(&mut words)?;
        words.is_empty().then_some(vec![case])
    };
    let turned = |mut words: &[&str]| {
        let case = back(&mut words)?;
        words.is_empty().then_some(vec![case])
    };
    match width {
        1 => counted(&words),
        2 => turned(&words),
        3 => single(&words),
        _ => counted(&words)
            .or_else(|| single(&words))
            .or_else(|| turned(&words)),
    }
}

fn take<'a, 'b>(rest: &mut &'b [&'a str], n: usize) -> Option<&'b [&'a str]> {
    let (own, after) = rest.split_at_checked(n)?;
    *rest = after;
    Some(own)
}

fn number(rest: &mut &[&str]) -> Option<usize> {
    take(rest, 1)?.first()?.parse().ok()
}

/// Items, rows, optimum; values; rows; ends.
fn front(rest: &mut &[&str]) -> Option<Case> {
    let (n, m) = (number(rest)?, number(rest)?);
    let optimum = *take(rest, 1)?.first()?;
    let values = take(rest, n)?;
    let matrix = take(rest, n.checked_mul(m)?)?;
    let ends = take(rest, m)?;
    case(values, matrix, ends, optimum)
}

/// Rows, items; values; ends; rows; optimum.
fn back(rest: &mut &[&str]) -> Option<Case> {
    let (m, n) = (number(rest)?, number(rest)?);
    let values = take(rest, n)?;
    let ends = take(rest, m)?;
    let matrix = take(rest, n.checked_mul(m)?)?;
    let optimum = *take(rest, 1)?.first()?;
    case(values, matrix, ends, optimum)
}

fn case(values: &[&str], matrix: &[&str], ends: &[&str], optimum: &str) -> Option<Case> {
    let most = |words: &[&str]| {
        let all: Option<Vec<u32>> = words.iter().map(|w| decimals(w)).collect();
        Some(all?.into_iter().max().unwrap_or(0))
    };
    let small = |w: &str, places| i64::try_from(scaled(w, places)?).ok();
    let places = most(values)?;
    let mut lines = Vec::new();
    for (index, end) in ends.iter().enumerate() {
        let from = index * values.len();
        let row = matrix.get(from..from + values.len())?;
        let places = most(row)?.max(decimals(end)?);
        let mut terms = Vec::new();
        for (at, word) in row.iter().enumerate() {
            let a = small(word, places)?;
            if a != 0 {
                terms.push((at, a));
            }
        }
        lines.push(Line {
            name: format!("constraint:{}", index + 1),
            least: None,
            most: Some(small(end, places)?),
            terms,
            places,
        });
    }
    let stated = decimals(optimum)?;
    let stated = scaled(optimum, stated.max(places)).filter(|s| *s != 0 && stated <= places);
    let whole: Option<Vec<i64>> = values.iter().map(|w| small(w, places)).collect();
    Some(Case {
        ids: (1..=values.len()).map(|n| n.to_string()).collect(),
        values: whole?,
        places,
        gates: vec![Gate::Open; values.len()],
        lines,
        explain: Vec::new(),
        stated,
    })
}
