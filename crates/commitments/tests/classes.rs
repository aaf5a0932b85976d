//! Classes of mistakes that specification suites and texts of others showed, each
//! in our own words.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_commitments::{Comparator, Published, Reader, Status, Vocabulary};

fn reader() -> Reader {
    Reader::new(Vocabulary::default())
}

/// Classes of mistakes that texts of others showed, in our own words.
#[test]
fn what_texts_of_others_showed() {
    let told = |text: &str| -> Vec<(String, String, String, String, String)> {
        reader()
            .read(text, "2025-03-09".parse().unwrap())
            .statements
            .into_iter()
            .map(|s| {
                let value = s.value.map_or_else(String::new, |v| v.to_string());
                (
                    value,
                    s.unit,
                    s.status.as_str().to_owned(),
                    s.body,
                    s.speaker,
                )
            })
            .collect()
    };
    let one = |text: &str| told(text).remove(0);
    let row = |v: &str, u: &str, st: &str, b: &str, sp: &str| {
        (
            v.to_owned(),
            u.to_owned(),
            st.to_owned(),
            b.to_owned(),
            sp.to_owned(),
        )
    };
    // A ministry is told by the title behind it, the saying by the place before it.
    assert_eq!(
        one(
            "水务和湿地部部长何青3月8日在某届代表大会第三次会议专题记者会上说,去年全国新建泵站近28座。"
        ),
        row("28", "座", "done", "水务和湿地部", "何青")
    );
    assert_eq!(
        one("国家泵站管理委员会副主任何青说,今年将新建泵站3座。"),
        row("3", "座", "planned", "国家泵站管理委员会", "何青")
    );
    // 个体 and 家乡 are words, 体育馆 and 乡镇 are counted.
    assert_eq!(one("去年开放5个体育馆。").0, "5");
    assert_eq!(one("去年新建3家乡镇食堂。").0, "3");
    assert_eq!(told("去年改造2—3人间病房。"), []);
    // A share as a fraction with a stroke; a date is none.
    assert_eq!(one("供水量占全县总量的1/6。").0, "0.166666666666667");
    assert_eq!(
        told("名单于2025/1/6公布。")
            .iter()
            .filter(|s| !s.0.is_empty())
            .count(),
        0
    );
    // A set phrase (三元) inside a longer number is none.
    assert_eq!(
        one("去年人均补贴一百四十三元。"),
        row("143", "元", "done", "", "")
    );
    // A list of plans goes on with its verbs, over a paragraph's end too.
    let list = told(
        "报告提出,全县将提升供水能力。老泵站基本完工。计划新建泵站五座以上。推进管网更新。\n\n此外,加强巡查,新增巡查员20名;占比提高到68%。健全值守制度。\n",
    );
    let states: Vec<&str> = list.iter().map(|s| s.2.as_str()).collect();
    assert_eq!(
        states,
        [
            "future", "done", "future", "future", "future", "future", "future", "future"
        ]
    );
    // What follows a plan and is a result says so.
    let mixed = told("今年计划新建泵站3座。去年已建成泵站2座。完成投资5亿元。");
    assert_eq!(mixed[1].2, "done");
    assert_eq!(mixed[2].2, "done");
    // 预计 before the verb.
    let s = reader()
        .read("护理床位占比预计提高到62%。", "2025-03-09".parse().unwrap())
        .statements
        .remove(0);
    assert_eq!(
        (s.comparator, s.status),
        (Some(Comparator::Expected), Status::Forecast)
    );
    // From a year on until now.
    let s = reader()
        .read(
            "从2019年实施改造以来,全国已改造小区28万个。",
            "2025-03-09".parse().unwrap(),
        )
        .statements
        .remove(0);
    assert_eq!(s.period_start.unwrap().to_string(), "2019-01-01");
    assert_eq!(s.period_end.unwrap().to_string(), "2025-03-09");
}

#[test]
fn traditional_characters_are_read_as_simplified_ones() {
    let text = "2025年，全縣計劃新開工改造老舊小區2.5萬個，開工率超過90%。";
    let reading = reader().read(text, "2025-03-09".parse().unwrap());
    let chars: Vec<char> = text.chars().collect();
    let all: Vec<(String, &str, Status, Option<Comparator>)> = reading
        .statements
        .iter()
        .map(|s| {
            assert_eq!(chars[s.start..s.end].iter().collect::<String>(), s.quote);
            (
                s.value.unwrap().to_string(),
                s.unit.as_str(),
                s.status,
                s.comparator,
            )
        })
        .collect();
    assert_eq!(
        all,
        [
            (
                "25000".to_owned(),
                "个",
                Status::Planned,
                Some(Comparator::Exact)
            ),
            (
                "90".to_owned(),
                "%",
                Status::Planned,
                Some(Comparator::MoreThan)
            ),
        ]
    );
}

/// Money in parts, units in traditional and colloquial forms, guesses and ranges.
#[test]
fn money_guesses_and_ranges() {
    let read = |text: &str| {
        let s = reader()
            .read(&format!("补贴{text}。"), Published::unknown())
            .statements
            .remove(0);
        let show = |d: Option<minsheng_model::Decimal>| d.map_or("-".to_owned(), |d| d.to_string());
        format!(
            "{} {}..{} {}",
            show(s.value),
            show(s.lower),
            show(s.upper),
            s.unit
        )
    };
    for (text, expected) in [
        ("五元三角", "5.3 5.3..5.3 元"),
        ("12块6毛5分钱", "12.65 12.65..12.65 块"),
        ("两美元三美分", "2.03 2.03..2.03 美元"),
        ("玖佰圆整", "900 900..900 圆"),
        ("两个亿元", "200000000 200000000..200000000 元"),
        ("廿六元", "26 26..26 元"),
        ("三五百元", "- 300..500 元"),
        ("几十万元", "- 200000..1000000 元"),
        ("两到三千元", "- 2000..3000 元"),
        ("两至三千万元", "- 20000000..30000000 元"),
        ("八到九百亿元", "- 80000000000..90000000000 元"),
        ("1万元--5万元", "- 10000..50000 元"),
        ("1万(含)-5万元", "- 10000..50000 元"),
        ("一美元", "1 1..1 美元"),
        ("近一吨", "1 0.95..1 吨"),
        ("30两", "30 30..30 两"),
        ("1.9万台币", "19000 19000..19000 台币"),
        ("25万瑞士法郎", "250000 250000..250000 瑞士法郎"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    assert_eq!(
        reader()
            .read("2024两会闭幕。", Published::unknown())
            .statements,
        []
    );
}
