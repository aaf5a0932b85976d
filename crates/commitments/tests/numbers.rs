//! The numeral reader alone: every form, its place and its value.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_commitments::{NumberKind, read_number, read_numbers};
use proptest::prelude::*;

fn all(text: &str) -> String {
    read_numbers(text)
        .iter()
        .map(|n| {
            let kind = match n.kind {
                NumberKind::Percent => "%",
                NumberKind::Permille => "‰",
                _ => "",
            };
            let upper = n.upper.map_or_else(String::new, |u| format!("..{u}"));
            format!("{}={}{upper}{kind}", n.text, n.value)
        })
        .collect::<Vec<_>>()
        .join(" | ")
}

#[test]
fn reads_every_form() {
    for (text, expected) in [
        ("三千六百零八人", "三千六百零八=3608"),
        ("二百六", "二百六=260"),
        ("一万五千", "一万五千=15000"),
        ("两万零三十", "两万零三十=20030"),
        ("叁仟零伍拾圆", "叁仟零伍拾=3050"),
        ("捌萬玖仟", "捌萬玖仟=89000"),
        ("五亿零二百万", "五亿零二百万=502000000"),
        ("三兆六亿", "三兆六亿=3000600000000"),
        ("二〇二四年", "二〇二四=2024"),
        ("6.75万亿元", "6.75万亿=6750000000000"),
        ("3万4千5百", "3万4千5百=34500"),
        ("一百 二 十 三", "一百 二 十 三=123"),
        ("１２，３４５", "１２，３４５=12345"),
        ("12,345,678", "12,345,678=12345678"),
        ("建成12,34座", "12=12 | 34=34"),
        ("负七点二五", "负七点二五=-7.25"),
        ("八点三十分", "八=8 | 三十=30"),
        ("四分之三", "四分之三=0.75"),
        ("二又五分之一", "二又五分之一=2.2"),
        ("2 3/4 和 5/8", "2 3/4=2.75 | 5/8=0.625"),
        ("百分之六点五", "百分之六点五=6.5%"),
        ("千分之三", "千分之三=3‰"),
        ("提高1.2个百分点", "1.2个百分点=1.2%"),
        ("七成五", "七成五=75%"),
        ("打八八折", "八八折=88%"),
        ("9.5折", "9.5折=95%"),
        ("折子工程三件", "三=3"),
        ("一成不变", "一=1"),
        ("三四十家", "三四十=30..40"),
        ("七八百", "七八百=700..800"),
        ("三百余万", "三百余万=3000000"),
        ("五双筷子", "五双=10"),
        ("3e4 与 2^4", "3e4=30000 | 2^4=16"),
        ("15k", "15k=15000"),
        ("12千米", "12=12"),
        ("一切顺利,统一安排", ""),
        ("", ""),
    ] {
        assert_eq!(all(text), expected, "{text}");
    }
    assert_eq!(read_number("壹佰零壹").unwrap().to_string(), "101");
    assert!(read_number("约三百").is_none());
}

/// Writes a number the way a book would, so that reading it back is a test.
fn in_chinese(mut n: u64) -> String {
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    if n == 0 {
        return "零".to_owned();
    }
    let mut groups = Vec::new();
    while n > 0 {
        groups.push(n % 10_000);
        n /= 10_000;
    }
    let mut out = String::new();
    let mut gap = false;
    for (k, group) in groups.iter().enumerate().rev() {
        if *group == 0 {
            gap = true;
            continue;
        }
        if !out.is_empty() && (gap || *group < 1000) {
            out.push('零');
        }
        gap = false;
        let mut zero = false;
        let mut begun = false;
        for (p, unit) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
            let d = group / p % 10;
            if d == 0 {
                zero = begun;
                continue;
            }
            if zero {
                out.push('零');
                zero = false;
            }
            out.push(DIGITS[usize::try_from(d).unwrap()]);
            out.push_str(unit);
            begun = true;
        }
        out.push_str(["", "万", "亿"][k]);
    }
    out
}

proptest! {
    #[test]
    fn what_is_written_is_read(n in 0u64..999_999_999_999) {
        let text = in_chinese(n);
        prop_assert_eq!(read_number(&text).map(|d| d.to_string()), Some(n.to_string()), "{}", text);
    }

    #[test]
    fn arabic_with_scales(whole in 1u32..99_999, part in 0u32..100, scale in 0usize..3) {
        let (unit, factor) = [("", 1u64), ("万", 10_000), ("亿", 100_000_000)][scale];
        let text = format!("{whole}.{part:02}{unit}");
        let value = (u64::from(whole) * 100 + u64::from(part)) * factor;
        let expected = format!("{}.{:02}", value / 100, value % 100);
        let read = read_number(&text).unwrap();
        prop_assert_eq!(read, expected.parse().unwrap());
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,60}") {
        for n in read_numbers(&text) {
            let chars: Vec<char> = text.chars().collect();
            prop_assert_eq!(chars[n.start..n.end].iter().collect::<String>(), n.text);
        }
    }
}
