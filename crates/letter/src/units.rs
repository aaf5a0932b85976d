//! Numbers with their units, as people say them.

use crate::Lang;
use crate::words::Words;

/// Units of programme files that are common enough to have words: unit, English for
/// more than one, Chinese. Whoever uses another is read as written.
const WORDS: &[(&str, &str, &str)] = &[
    ("applicant", "applicants", "人"),
    ("bed", "beds", "张"),
    ("case", "cases", "件"),
    ("child", "children", "名"),
    ("class", "classes", "班"),
    ("crew", "crews", "队"),
    ("day", "days", "天"),
    ("family", "families", "户"),
    ("hour", "hours", "小时"),
    ("household", "households", "户"),
    ("kilometre", "kilometres", "公里"),
    ("metre", "metres", "米"),
    ("minute", "minutes", "分钟"),
    ("month", "months", "个月"),
    ("objection", "objections", "件"),
    ("owner", "owners", "人"),
    ("person", "people", "人"),
    ("person/class", "people/class", "人/班"),
    ("place", "places", "个"),
    ("point", "points", "分"),
    ("second", "seconds", "秒"),
    ("square-metre", "square metres", "平方米"),
    ("storey", "storeys", "层"),
    ("visit", "visits", "人次"),
    ("year", "years", "年"),
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
    let known = WORDS.iter().find(|(u, _, _)| *u == unit);
    match (known, w.lang()) {
        (Some((_, _, zh)), Lang::Zh) => format!("{number}{zh}"),
        (Some((_, many, _)), Lang::En) if !matches!(number, "1" | "-1") => {
            format!("{number} {many}")
        }
        _ => format!("{number} {}", unit.replace('-', " ")),
    }
}

fn word<'a>(unit: &'a str, w: &Words) -> &'a str {
    let known = WORDS.iter().find(|(u, _, _)| *u == unit);
    known.map_or(unit, |(_, _, zh)| w.pick(zh, unit))
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
        assert_eq!(quantity("12", Some("person"), &en), "12 people");
        assert_eq!(quantity("1", Some("storey"), &en), "1 storey");
        assert_eq!(quantity("0", Some("square-metre"), &en), "0 square metres");
        assert_eq!(quantity("3", Some("fence"), &zh), "3 fence");
        assert_eq!(quantity("3", None, &zh), "3");
        // Not a whole number: nothing is guessed.
        assert_eq!(quantity("1.5", Some("fen"), &en), "1.5 fen");
    }
}
