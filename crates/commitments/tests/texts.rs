//! What holds for every text whatever.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use std::fs;
use std::path::{Path, PathBuf};

use minsheng_commitments::check::{Document, Entities, Weight, check};
use minsheng_commitments::{Published, Reader, Status, Vocabulary, ingest, read_numbers};

fn texts() -> Vec<(PathBuf, String, Published)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gold");
    let mut all: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "txt"))
        .collect();
    all.sort();
    all.into_iter()
        .map(|p| {
            let name = p.file_stem().unwrap().to_str().unwrap().to_owned();
            let day = name.rsplit_once('.').unwrap().1.parse().unwrap();
            let text = fs::read_to_string(&p).unwrap();
            (p, text, day)
        })
        .collect()
}

fn reader() -> Reader {
    Reader::new(Vocabulary::default())
}

#[test]
fn quotes_are_the_source() {
    let reader = reader();
    for (path, text, day) in texts() {
        let chars: Vec<char> = text.chars().collect();
        for s in reader.read(&text, day).statements {
            let quote: String = chars[s.start..s.end].iter().collect();
            assert_eq!(quote, s.quote, "{}", path.display());
            assert!(s.start <= s.value_start && s.value_end <= s.end + 4);
            let after: String = chars[s.end..]
                .iter()
                .take(s.suffix.chars().count())
                .collect();
            assert_eq!(after, s.suffix);
            assert!(s.prefix.chars().count() <= 20);
        }
    }
}

#[test]
fn encodings_and_line_ends_change_no_statement() {
    let reader = reader();
    let (_, text, day) = texts()
        .into_iter()
        .find(|(p, _, _)| p.to_str().unwrap().contains("press-columns"))
        .unwrap();
    let plain = reader.read(&text, day);
    let (gb, _, _) = encoding_rs::GB18030.encode(&text);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        gb.into_owned(),
        [b"\xFF\xFE".to_vec(), wide].concat(),
        [b"\xEF\xBB\xBF".to_vec(), text.clone().into_bytes()].concat(),
    ] {
        assert_eq!(reader.read(&ingest(&bytes).unwrap().text, day), plain);
    }
    let windows = reader.read(&text.replace('\n', "\r\n"), day);
    let values = |r: &minsheng_commitments::Reading| {
        r.statements
            .iter()
            .map(|s| (s.indicator.clone(), s.value, s.status))
            .collect::<Vec<_>>()
    };
    assert_eq!(values(&windows), values(&plain));
}

#[test]
fn contradictions_are_found_and_none_is_invented() {
    let reader = reader();
    let all: Vec<Document> = texts()
        .into_iter()
        .map(|(p, text, day)| Document {
            name: p.file_name().unwrap().to_str().unwrap().to_owned(),
            statements: reader.read(&text, day).statements,
        })
        .collect();
    let entities = Entities::from_tsv(
        "alias\tname\n第三医院东院区\t第三医院东院区\n第三医院(东院区)\t第三医院东院区\n",
    );
    let findings = check(&all, None, &entities);
    let told: Vec<(&str, Weight)> = findings
        .iter()
        .map(|f| (f.rule.as_str(), f.weight))
        .collect();
    // 96 − 70 = 26 kindergartens would hold 3400 − 1900 = 1500 places: 57.6 each
    // where all of them hold 35.4.
    assert_eq!(
        told,
        [
            ("stock-and-flow", Weight::Question),
            ("two-states", Weight::Contradiction)
        ]
    );
    assert!(findings[0].arithmetic.en.contains("3400 − 1900 = 1500"));
}

#[test]
fn planted_contradictions_are_found() {
    let reader = reader();
    let day: Published = "2024-06-01".parse().unwrap();
    let read = |name: &str, text: &str| Document {
        name: name.to_owned(),
        statements: reader.read(text, day).statements,
    };
    let rules = |docs: &[Document]| {
        check(docs, None, &Entities::default())
            .into_iter()
            .map(|f| f.rule)
            .collect::<Vec<_>>()
    };
    let a = read("a", "2023年,全市新增普惠性学位3.8万个。\n");
    let b = read("b", "2023年,全市新增普惠性学位3.6万个。\n");
    let c = read("c", "2023年,全市新增普惠性学位38000万个。\n");
    let d = read("d", "2023年,全市新增普惠性学位3.8万余个。\n");
    assert_eq!(rules(&[a.clone(), b]), ["same-indicator"]);
    assert_eq!(rules(&[a.clone(), c]), ["unit-jump"]);
    assert!(rules(&[a, d]).is_empty());
    let share = read(
        "s",
        "截至2023年底,全区技师总数300万人。截至2023年底,全区有高级技师118万人,占技师总数的20%。\n",
    );
    assert_eq!(rules(&[share]), ["share-of-total"]);
    let right = read(
        "s",
        "截至2023年底,全区技师总数354万人。截至2023年底,全区有高级技师118万人,占技师总数的三分之一。\n",
    );
    assert!(rules(&[right]).is_empty());
    let heading = read(
        "h",
        "## 全区已有280所幼儿园开设托班\n\n到现在为止,全区共有282所幼儿园开设托班。\n",
    );
    assert_eq!(rules(&[heading]), ["heading-against-body"]);
}

#[test]
fn numbers_that_count_nothing_are_told_apart() {
    let reading = reader().read("第3条规定,年满18周岁的居民拨打12345,乘15号线,在一期工程旁等一个小时,参加2—3岁托班,看第六届比赛和PM2.5数据。", Published::unknown());
    assert_eq!(reading.statements, []);
    assert!(reading.others.len() >= 6);
}

/// Any text is read: seeded garbage out of the characters the grammar knows.
#[test]
fn garbage_is_read_without_a_panic() {
    let alphabet: Vec<char> = "一二三四五六七八九十百千万亿零两半点分之成折负正0123456789.,，。、;: %‰±-—~至到年月日季度今去前底内截目未届时个家所张市区局委主任王李说介绍建议计划将约近超余多以上左右“”()\n\t\r＃# abcXYZ%$¥the of will 第期岁\u{feff}\u{3000}🀄".chars().collect();
    let reader = reader();
    let mut state = 7u64;
    for round in 0..60 {
        let mut text = String::new();
        for _ in 0..(50 + round * 40) {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.push(alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()]);
        }
        let reading = reader.read(&text, "2024-01-25".parse().unwrap());
        let chars: Vec<char> = text.chars().collect();
        for s in &reading.statements {
            assert_eq!(chars[s.start..s.end].iter().collect::<String>(), s.quote);
        }
        for n in read_numbers(&text) {
            assert_eq!(chars[n.start..n.end].iter().collect::<String>(), n.text);
        }
    }
}

#[test]
fn a_line_of_a_million_characters_is_read() {
    let clause = "去年新增学位35个,";
    let line = clause.repeat(1_000_000 / clause.chars().count());
    let reading = reader().read(&line, "2024-01-25".parse().unwrap());
    assert_eq!(reading.statements.len(), 1_000_000 / clause.chars().count());
    assert!(
        reading
            .statements
            .iter()
            .all(|s| s.status == Status::Done && s.period_start.is_some())
    );
    for c in ["9", "一", "万", "“"] {
        let _ = reader().read(&c.repeat(1_000_000), Published::unknown());
        let _ = read_numbers(&c.repeat(300_000));
    }
}

#[test]
fn long_texts_read_the_same_in_parts() {
    let (_, text, day) = texts()
        .into_iter()
        .find(|(p, _, _)| p.to_str().unwrap().contains("press-columns"))
        .unwrap();
    let times = (3 << 20) / text.len() + 1;
    let long = format!("{text}\n\n").repeat(times);
    let one = reader().read(&text, day).statements.len();
    let chars: Vec<char> = long.chars().collect();
    let all = reader().read(&long, day).statements;
    assert_eq!(all.len(), one * times);
    assert!(all.windows(2).all(|w| w[0].start <= w[1].start));
    let mut parts = Vec::new();
    reader().read_each(&long, day, |r| parts.extend(r.statements));
    assert_eq!(parts, all);
    let last = all.last().unwrap();
    assert_eq!(
        chars[last.start..last.end].iter().collect::<String>(),
        last.quote
    );
}

/// 局局长 once read as a second body and hid the only one of the section.
#[test]
fn a_section_has_one_body() {
    let text = "## 技能人才\n\n截至2023年底,全市共有技能人才35万人。\n\n市人社局局长何青在会上介绍,今年将举办竞赛项目20个。\n";
    let found = reader()
        .read(text, "2024-01-25".parse().unwrap())
        .statements;
    let bodies: Vec<&str> = found.iter().map(|s| s.body.as_str()).collect();
    assert_eq!(bodies, ["市人社局", "市人社局"]);
}
