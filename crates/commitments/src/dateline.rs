//! The day of publication where the text itself prints it.

use crate::chars::{at, han, narrow};
use crate::published::Published;
use minsheng_model::Date;

/// Returns the day printed on a line of its own among the first or last eight
/// lines (`2024年1月25日 星期四`, `发布日期：2024-01-25`), or unknown.
pub(crate) fn dateline(source: &str) -> Published {
    let head = source.lines().filter(|l| !l.trim().is_empty()).take(8);
    let tail = source
        .lines()
        .rev()
        .take(40)
        .filter(|l| !l.trim().is_empty())
        .take(8);
    head.chain(tail)
        .find_map(day_of)
        .map_or_else(Published::unknown, Published::on)
}

fn day_of(line: &str) -> Option<Date> {
    if line.len() > 200 {
        return None;
    }
    let chars: Vec<char> = line.trim().chars().map(narrow).collect();
    let marked = [
        "发布",
        "日期",
        "时间",
        "来源",
        "星期",
        "Date",
        "date",
        "Published",
        "published",
    ]
    .iter()
    .any(|w| line.contains(w));
    let short = chars.iter().filter(|c| han(**c)).count() <= 5;
    if !(marked && chars.len() <= 60 || short && chars.len() <= 24) || line.contains(['。', '，'])
    {
        return None;
    }
    (0..chars.len()).find_map(|i| {
        let number = |from: usize, most: usize| {
            let mut k = from;
            let mut value = 0u32;
            while let Some(d) = at(&chars, k).to_digit(10).filter(|_| k < from + most) {
                value = value * 10 + d;
                k += 1;
            }
            (k > from).then_some((value, k))
        };
        let (year, k) = number(i, 4).filter(|(y, k)| (1900..=2100).contains(y) && k - i == 4)?;
        let sep = at(&chars, k);
        if !matches!(sep, '年' | '-' | '/' | '.') {
            return None;
        }
        let (month, k) = number(k + 1, 2)?;
        if !matches!(at(&chars, k), '月' | '-' | '/' | '.') {
            return None;
        }
        let (day, _) = number(k + 1, 2)?;
        Date::from_ymd(i32::try_from(year).ok()?, month, day)
    })
}
