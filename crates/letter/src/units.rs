//! Numbers with their units, as people say them.

use crate::Lang;
use crate::words::Words;

/// Units of programme files that are common enough to have a Chinese word: unit, word.
/// Whoever uses another is read as written.
const WORDS: &[(&str, &str)] = &[
    ("applicant", "人"),
    ("bed", "张"),
    ("case", "件"),
    ("child", "名"),
    ("class", "班"),
    ("crew", "队"),
    ("day", "天"),
    ("family", "户"),
    ("hour", "小时"),
    ("household", "户"),
    ("kilometre", "公里"),
    ("metre", "米"),
    ("minute", "分钟"),
    ("month", "个月"),
    ("objection", "件"),
    ("owner", "人"),
    ("person", "人"),
    ("person/class", "人/班"),
    ("place", "个"),
    ("point", "分"),
    ("second", "秒"),
    ("square-metre", "平方米"),
    ("storey", "层"),
    ("visit", "人次"),
    ("year", "年"),
];

/// Returns a number with its unit. Money is said in yuan, with its fen as decimals; a
/// unit that is not known here stands as the programme file has it.
pub(crate) fn quantity(number: &str, unit: Option<&str>, w: &Words) -> String {
    let Some(unit) = unit else {
        return number.to_owned();
    };
    if let Some(per) = unit.strip_prefix("fen")
        && (per.is_empty() || per.starts_with('/'))
        && let Ok(fen) = number.parse::<i128>()
    {
        let per = per.strip_prefix('/');
        return match w.lang() {
            Lang::Zh => {
                let per = per.map_or_else(String::new, |p| format!("/{}", word(p, w)));
                format!("{}元{per}", yuan(fen))
            }
            Lang::En => {
                let per = per.map_or_else(String::new, |p| format!(" a {p}"));
                format!("{} yuan{per}", yuan(fen))
            }
        };
    }
    match w.lang() {
        Lang::Zh if WORDS.iter().any(|(u, _)| *u == unit) => format!("{number}{}", word(unit, w)),
        Lang::Zh | Lang::En => format!("{number} {unit}"),
    }
}

fn word<'a>(unit: &'a str, w: &Words) -> &'a str {
    let known = WORDS.iter().find(|(u, _)| *u == unit);
    known.map_or(unit, |(_, zh)| w.pick(zh, unit))
}

/// Returns hundredths as a decimal, without what is nothing.
fn yuan(fen: i128) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    match fen % 100 {
        0 => format!("{sign}{}", fen / 100),
        rest => format!("{sign}{}.{rest:02}", fen / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_said_in_yuan_and_units_in_words() {
        let (zh, en) = (Words::new(Lang::Zh), Words::new(Lang::En));
        assert_eq!(quantity("35700000", Some("fen"), &zh), "357000元");
        assert_eq!(quantity("-1205", Some("fen"), &en), "-12.05 yuan");
        assert_eq!(
            quantity("7", Some("fen/square-metre"), &zh),
            "0.07元/平方米"
        );
        assert_eq!(
            quantity("250", Some("fen/person"), &en),
            "2.50 yuan a person"
        );
        assert_eq!(quantity("12", Some("person"), &zh), "12人");
        assert_eq!(quantity("12", Some("person"), &en), "12 person");
        assert_eq!(quantity("3", Some("fence"), &zh), "3 fence");
        assert_eq!(quantity("3", None, &zh), "3");
        // Not a whole number: nothing is guessed.
        assert_eq!(quantity("1.5", Some("fen"), &en), "1.5 fen");
    }
}
