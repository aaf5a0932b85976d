//! Prose as a user reads it: long texts, every encoding, files that are there whole
//! or not at all, sheets on their way through a spreadsheet program.

use std::fs;
use std::path::Path;
use std::process::Output;

use calamine::{Reader as _, Xlsx};
use rust_xlsxwriter::Workbook;

use crate::city::{done, err, minsheng, out};

const TEXT: &str =
    "去年全市新增学位38000个。今年计划新增托位1900个,并将开展分级培训。第3条规定不变。\n";

fn read(arguments: &[&str]) -> Output {
    minsheng(&[&["commitments"], arguments].concat())
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

#[test]
fn every_encoding_reads_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{TEXT}全年供水２６０万吨，占三分之一。\n");
    let wide = |le: bool| -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|u| if le { u.to_le_bytes() } else { u.to_be_bytes() })
            .collect()
    };
    // GB 18030 of the text, from its two-byte table.
    let (gb, _, unmappable) = encoding_rs::GB18030.encode(&text);
    assert!(!unmappable);
    let mut forms: Vec<String> = Vec::new();
    for (name, bytes) in [
        ("utf8", text.as_bytes().to_vec()),
        (
            "bom",
            [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat(),
        ),
        ("gb", gb.into_owned()),
        ("le", [b"\xFF\xFE".as_slice(), &wide(true)].concat()),
        ("be", [b"\xFE\xFF".as_slice(), &wide(false)].concat()),
        ("bare", wide(true)),
    ] {
        let path = file(folder.path(), &format!("{name}.2025-02-01.txt"), &bytes);
        let csv = done(&[
            "commitments",
            "read",
            &path,
            "--csv",
            "--published",
            "2025-02-01",
        ]);
        assert!(
            csv.contains("38000") && csv.contains("2600000") && csv.contains("0.333"),
            "{name}: {csv}"
        );
        forms.push(csv);
    }
    forms.dedup();
    assert_eq!(forms.len(), 1);
}

#[test]
fn a_long_text_is_written_as_it_is_read_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    // Over two MiB: three parts.
    let long = format!("## 学位\n\n{TEXT}\n").repeat(26_000);
    let path = file(folder.path(), "long.2025-02-01.txt", long.as_bytes());
    let csv = done(&["commitments", "read", &path, "--csv"]);
    assert_eq!(csv.lines().count(), 1 + 3 * 26_000);
    let chars: Vec<char> = long.chars().collect();
    let last: Vec<&str> = csv.lines().last().unwrap().split(',').collect();
    let place = |k: usize| last[k].parse::<usize>().unwrap();
    let quote: String = chars[place(0)..place(1)].iter().collect();
    assert_eq!(quote, last[2]);

    let json: serde_json::Value =
        serde_json::from_str(&done(&["commitments", "read", &path, "--json"])).unwrap();
    assert_eq!(json["statements"].as_array().unwrap().len(), 3 * 26_000);
    assert_eq!(json["others"].as_array().unwrap().len(), 26_000);
    assert_eq!(json["encoding"], "UTF-8");

    let lines = done(&["commitments", "read", &path, "--lines"]);
    let mut kinds = [0, 0];
    for line in lines.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        kinds[usize::from(line["kind"] == "other")] += 1;
        assert!(
            line["file"]
                .as_str()
                .unwrap()
                .ends_with("long.2025-02-01.txt")
        );
    }
    assert_eq!(kinds, [3 * 26_000, 26_000]);

    let table = done(&["commitments", "read", &path]);
    assert_eq!(table.matches("comparator").count(), 1, "one heading");
    assert!(
        table
            .trim_end()
            .ends_with("78000 statements; 26000 numbers are no facts")
    );

    // To a file: the same, and a second text that is none leaves no file behind.
    let wanted = folder.path().join("out.csv").display().to_string();
    done(&["commitments", "read", &path, "--csv", "--out", &wanted]);
    assert_eq!(
        fs::read_to_string(&wanted).unwrap().trim_end(),
        csv.trim_end()
    );
    let garbage: Vec<u8> = (0..200_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80)
        .collect();
    let none = file(folder.path(), "none.txt", &garbage);
    let other = folder.path().join("other.jsonl");
    let failed = read(&[
        "read",
        &path,
        &none,
        "--lines",
        "--out",
        &other.display().to_string(),
    ]);
    assert_eq!(failed.status.code(), Some(3), "{}", err(&failed));
    assert!(err(&failed).contains("none.txt"), "{}", err(&failed));
    assert!(!other.exists() && out(&failed).is_empty());
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .filter(|e| {
            e.as_ref()
                .unwrap()
                .path()
                .extension()
                .is_some_and(|e| e == "part")
        })
        .collect();
    assert!(left.is_empty());
}

/// The sheet as a spreadsheet program gives it back: cells filled in, days as days.
fn fill(path: &str, reviewer: &str, verdict: &str, human: &str) {
    let bytes = fs::read(path).unwrap();
    let mut book = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let rows = book.worksheet_range_at(0).unwrap().unwrap();
    let mut filled = Workbook::new();
    let sheet = filled.add_worksheet();
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    for (r, row) in rows.rows().enumerate() {
        let line = u32::try_from(r).unwrap();
        for (c, cell) in row.iter().enumerate().take(4) {
            sheet
                .write_string(line, u16::try_from(c).unwrap(), cell.to_string())
                .unwrap();
        }
        if r == 0 {
            for (c, name) in ["human", "reviewer", "date", "verdict"].iter().enumerate() {
                sheet
                    .write_string(0, u16::try_from(c + 4).unwrap(), *name)
                    .unwrap();
            }
        } else {
            sheet
                .write_string(line, 4, if r == 1 { human } else { "" })
                .unwrap();
            sheet.write_string(line, 5, reviewer).unwrap();
            let date = rust_xlsxwriter::ExcelDateTime::from_ymd(2025, 2, 3).unwrap();
            sheet
                .write_datetime_with_format(line, 6, &date, &day)
                .unwrap();
            let verdict = if r == 1 { verdict } else { "accept" };
            sheet.write_string(line, 7, verdict).unwrap();
        }
    }
    filled.save(path).unwrap();
}

#[test]
fn a_sheet_goes_through_a_spreadsheet_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let text = file(folder.path(), "page.2025-02-01.txt", TEXT.as_bytes());
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (sheet, history) = (place("sheet.xlsx"), place("history.tsv"));
    done(&["commitments", "review", "sheet", &text, "--out", &sheet]);
    fill(&sheet, "甲", "correct", "39000 个");
    done(&[
        "commitments",
        "review",
        "take",
        &sheet,
        "--history",
        &history,
    ]);
    let public = done(&[
        "commitments",
        "review",
        "accepted",
        &text,
        "--history",
        &history,
    ]);
    // Two numbers; the undertaking in words waits for a second reviewer.
    assert_eq!(public.lines().count(), 3, "{public}");
    assert!(
        public.contains(",39000,39000,39000,个,") && public.contains("去年全市新增学位38000个")
    );

    // The second reviewer, in TSV, agrees on everything.
    let tsv = place("sheet.tsv");
    done(&["commitments", "review", "sheet", &text, "--out", &tsv]);
    let filled: String = fs::read_to_string(&tsv)
        .unwrap()
        .lines()
        .enumerate()
        .map(|(n, l)| {
            let row = l.trim_end_matches('\t');
            match n {
                0 => format!("{l}\n"),
                1 => format!("{row}\t39000 个\t乙\t2025-02-04\tcorrect\n"),
                _ => format!("{row}\t\t乙\t2025-02-04\taccept\n"),
            }
        })
        .collect();
    fs::write(&tsv, filled).unwrap();
    done(&["commitments", "review", "take", &tsv, "--history", &history]);
    let public = done(&[
        "commitments",
        "review",
        "accepted",
        &text,
        "--history",
        &history,
    ]);
    assert_eq!(public.lines().count(), 4, "{public}");

    // A line of the history changed: nothing is published.
    let changed = fs::read_to_string(&history)
        .unwrap()
        .replacen("39000", "93000", 1);
    fs::write(&history, changed).unwrap();
    let refused = read(&["review", "accepted", &text, "--history", &history]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(err(&refused).contains("history.tsv:1"), "{}", err(&refused));
    // A correction that says nothing readable is refused at its line.
    fs::remove_file(&history).unwrap();
    done(&["commitments", "review", "sheet", &text, "--out", &sheet]);
    fill(&sheet, "甲", "correct", "about right");
    let refused = read(&["review", "take", &sheet, "--history", &history]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(
        err(&refused).contains("sheet.xlsx:2") && err(&refused).contains("`about right`"),
        "{}",
        err(&refused)
    );
    assert!(!Path::new(&history).exists());
}

#[test]
fn a_table_of_tasks_comes_in_and_goes_out() {
    let folder = tempfile::tempdir().unwrap();
    let csv = "\u{feff}序号,任务名称,年度任务及目标,全年完成情况\n1,泵站改造,\"新开工改造泵站300个,\n完工200个\",新开工355个;完工183个\n2,巡查,全年巡查不少于50次,已巡查60余次\n";
    let path = file(folder.path(), "table.csv", csv.as_bytes());
    let text = folder.path().join("table.txt").display().to_string();
    done(&[
        "commitments",
        "import",
        &path,
        "--year",
        "2023",
        "--out",
        &text,
    ]);
    let lines = done(&[
        "commitments",
        "read",
        &text,
        "--lines",
        "--published",
        "2024-01-20",
    ]);
    let told: Vec<(String, String, String)> = lines
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap())
        .filter(|v| v["kind"] == "statement" && !v["value"].is_null())
        .map(|v| {
            let text = |k: &str| v[k].as_str().unwrap_or("").to_owned();
            (text("value"), text("status"), text("subject"))
        })
        .collect();
    let row = |v: &str, s: &str, n: &str| (v.to_owned(), s.to_owned(), n.to_owned());
    assert_eq!(
        told,
        [
            row("300", "planned", "新开工"),
            row("200", "planned", "新开工"),
            row("355", "done", "泵站改造"),
            row("183", "done", "泵站改造"),
            row("50", "planned", "巡查"),
            row("60", "done", "巡查"),
        ]
    );
    // The same as a workbook.
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in [
        ["序号", "任务名称", "年度任务及目标", "全年完成情况"],
        ["1", "巡查", "全年巡查不少于50次", "已巡查60余次"],
    ]
    .iter()
    .enumerate()
    {
        for (c, cell) in row.iter().enumerate() {
            sheet
                .write_string(u32::try_from(r).unwrap(), u16::try_from(c).unwrap(), *cell)
                .unwrap();
        }
    }
    let workbook = folder.path().join("table.xlsx");
    book.save(&workbook).unwrap();
    let text = done(&["commitments", "import", &workbook.display().to_string()]);
    assert!(
        text.contains("1\t巡查\t全年巡查不少于50次\t已巡查60余次"),
        "{text}"
    );
    let wrong = file(folder.path(), "wrong.csv", b"a,b\n1,2\n");
    let refused = read(&["import", &wrong]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(err(&refused).contains("wrong.csv:1"), "{}", err(&refused));
}
