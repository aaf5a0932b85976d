//! Targets, review and exchange, on the example city's own register.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use std::fs;
use std::path::Path;

use minsheng_commitments::exchange::{iati, read_performance, table_schema, write_performance};

use minsheng_commitments::register::{Computed, Register};
use minsheng_commitments::track::{
    Actuals, ClockState, Official, ReportedOnly, Schedule, State, track,
};
use minsheng_commitments::{Published, Reader, Vocabulary, review};
use minsheng_model::{Date, Decimal, Text};

fn city() -> Register {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../cities/beijing/commitments/register.toml");
    Register::from_toml(&fs::read_to_string(path).unwrap()).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn a_day_shows_what_was_known_on_it() {
    let register = city();
    let all = track(&register, day("2023-08-29"), &ReportedOnly).unwrap();
    let compounds = all.iter().find(|c| c.id == "HO-01").unwrap();
    let started = compounds
        .targets
        .iter()
        .find(|t| t.indicator == "compounds-started")
        .unwrap();
    // 301 × 241 days of 365 is 198.7.
    assert_eq!(
        (started.expected, started.actual),
        (Some(Decimal::from(198)), Some(Decimal::from(208)))
    );
    assert_eq!(
        (started.evidence, started.schedule),
        (State::OnTrack, Schedule::Running)
    );
    assert_eq!(started.last_year, Some(Decimal::from(330)));
    let completed = compounds
        .targets
        .iter()
        .find(|t| t.indicator == "compounds-completed")
        .unwrap();
    assert_eq!(completed.evidence, State::NoData);
    assert!(all.iter().all(|c| c.id != "SK-06"), "not announced yet");
}

#[test]
fn later_facts_change_the_status() {
    let register = city();
    let on = |d: &str, id: &str| {
        track(&register, day(d), &ReportedOnly)
            .unwrap()
            .into_iter()
            .find(|c| c.id == id)
            .unwrap()
    };
    assert_eq!(
        on("2024-01-24", "HO-01")
            .targets
            .iter()
            .filter(|t| t.evidence == State::Done)
            .count(),
        2
    );
    assert_eq!(on("2022-06-01", "HO-02").targets.len(), 2);
    assert_eq!(on("2024-02-01", "SK-06").evidence, State::NoData);
    let contest = on("2024-12-20", "SK-06");
    assert_eq!(
        (contest.evidence, contest.official),
        (State::Done, Official::Completed)
    );
    let elderly = on("2024-09-30", "EL-01");
    let centres = elderly
        .targets
        .iter()
        .find(|t| t.indicator == "care-centres")
        .unwrap();
    // 60 of 100 by 20 September, where even progress expects 72.
    assert_eq!(
        (centres.actual, centres.evidence),
        (Some(Decimal::from(60)), State::Behind)
    );
    // The year's report came out on 9 September 2025.
    assert_eq!(
        on("2025-10-01", "EL-01")
            .targets
            .iter()
            .find(|t| t.indicator == "care-centres")
            .unwrap()
            .evidence,
        State::Done
    );
    assert_eq!(on("2025-02-01", "GR-02").evidence, State::Overdue);
    assert_eq!(
        on("2024-02-01", "DP-02").clocks.unwrap().state,
        ClockState::NotReceived
    );
    assert_eq!(on("2024-02-01", "SK-02").evidence, State::NotMeasurable);
}

#[test]
fn every_id_of_the_page_is_there() {
    let register = city();
    for id in [
        "SK-01", "SK-06", "ED-01", "ED-06", "HE-01", "HE-08", "HO-01", "HO-05", "GR-01", "GR-06",
        "DP-01", "DP-05", "EL-01", "MT-01", "MT-02",
    ] {
        assert!(register.commitments.iter().any(|c| c.id == id), "{id}");
    }
    assert_eq!(register.commitments.len(), 39);
}

const SMALL: &str = r#"
format = 1
tolerance = 100
[[indicator]]
id = "x"
title = { zh = "甲", en = "x" }
unit = "个"
kind = "flow"
[[commitment]]
id = "A-1"
title = { zh = "甲", en = "x" }
nature = "commitment"
body = "b"
[[commitment.target]]
indicator = "x"
value = "100"
period_start = "2024-01-01"
period_end = "2024-12-31"
announced = "2024-01-01"
source = "s"
curve = [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950, 1000]
[[commitment]]
id = "P-1"
title = { zh = "乙", en = "y" }
nature = "proposal"
body = ""
[commitment.proposal]
deputies = ["甲"]
host = "h"
received = "2024-02-01"
replied = "2024-06-15"
class = "B"
"#;

struct Fixed(i64);

impl Actuals for Fixed {
    fn actual(&self, _: &Computed) -> Result<Option<(Decimal, Text)>, Text> {
        Ok(Some((Decimal::from(self.0), Text::same("r"))))
    }
}

/// The register with an observation of a value known on a day.
fn observed(day: &str, value: i64) -> String {
    let at = SMALL.find("[[commitment]]\nid = \"P-1\"").unwrap();
    let mut text = SMALL.to_owned();
    text.insert_str(
        at,
        &format!(
            "[[commitment.observation]]\nindicator = \"x\"\nvalue = \"{value}\"\nperiod_start = \"2024-01-01\"\nperiod_end = \"{day}\"\nknown = \"{day}\"\nsource = \"s\"\n"
        ),
    );
    text
}

#[test]
fn a_query_stands_beside_what_was_reported() {
    let at = SMALL.find("[[commitment]]\nid = \"P-1\"").unwrap();
    let mut text = observed("2024-06-10", 30);
    text.insert_str(
        at,
        "[[commitment.computed]]\nindicator = \"x\"\nperiod_start = \"2024-01-01\"\nas_of = \"2024-06-10\"\nsql = 'select count(*) from t'\ntables = { t = { programme = \"p\", register = \"r\" } }\n",
    );
    let register = Register::from_toml(&text).unwrap();
    let one = |d: &str| track(&register, day(d), &Fixed(40)).unwrap().remove(0);
    assert!(one("2024-06-09").computed.is_empty());
    let c = one("2024-06-10");
    // Reported 30 of 40 expected is behind; counted 40 is on track: both are told.
    assert_eq!(c.evidence, State::Behind);
    assert_eq!(c.targets[0].actual, Some(Decimal::from(30)));
    assert_eq!(c.computed[0].value, Some(Decimal::from(40)));
    assert_eq!(c.computed[0].evidence, Some(State::OnTrack));
    assert_eq!(c.computed[0].reported, Some(Decimal::from(30)));
    let none = track(&register, day("2024-06-10"), &ReportedOnly).unwrap();
    assert_eq!(none[0].computed[0].evidence, Some(State::NoData));
    let bad = text.replace("register = \"r\" }", "register = \"r\", cycle = \"c\" }");
    let (span, message) = Register::from_toml(&bad).unwrap_err();
    assert!(bad.get(span.unwrap()).unwrap().contains("select count(*)"));
    assert!(message.en.contains("`register`, or `cycle` and `bundle`"));
}

#[test]
fn plans_tolerance_and_clocks() {
    let state = |d: &str, actual: i64| {
        let register = Register::from_toml(&observed("2024-06-10", actual)).unwrap();
        track(&register, day(d), &ReportedOnly).unwrap()[0].targets[0].evidence
    };
    let register = Register::from_toml(SMALL).unwrap();
    // By the end of May the curve expects 400 in a thousand: 40, less a tenth 36.
    assert_eq!(state("2024-06-10", 36), State::OnTrack);
    assert_eq!(state("2024-06-10", 35), State::Behind);
    assert_eq!(state("2024-06-10", 100), State::Done);
    assert_eq!(state("2025-01-01", 99), State::Overdue);
    let clock = |d: &str| {
        track(&register, day(d), &Fixed(0)).unwrap()[1]
            .clocks
            .clone()
            .unwrap()
    };
    assert_eq!(clock("2024-03-01").state, ClockState::Running);
    assert_eq!(clock("2024-05-02").state, ClockState::Extended);
    assert_eq!(
        (clock("2024-07-01").state, clock("2024-07-01").class),
        (ClockState::RepliedExtended, "B".to_owned())
    );
    assert_eq!(clock("2024-03-01").six_months, Some(day("2024-08-01")));
    for bad in [
        SMALL.replace("format = 1", "format = 2"),
        SMALL.replace("\"A-1\"", "\"P-1\""),
        SMALL.replace("indicator = \"x\"", "indicator = \"z\""),
        SMALL.replace("100, 200", "200, 100"),
        SMALL.replace("nature", "natur"),
    ] {
        assert!(Register::from_toml(&bad).is_err());
    }
}

#[test]
fn reviews_are_append_only_and_two_agree() {
    let source = "据市教育局局长沈远介绍,去年新增学位300个。今年计划出台服务规范。\n";
    let reading =
        Reader::new(Vocabulary::default()).read(source, "2024-02-01".parse::<Published>().unwrap());
    assert_eq!(reading.statements.len(), 2);
    let sheet = review::export("t", "abc", &reading.statements);
    let filled = |who: &str, verdict: &str| {
        sheet
            .lines()
            .enumerate()
            .map(|(k, l)| {
                if k == 0 {
                    l.to_owned()
                } else {
                    format!(
                        "{}\t{who}\t2024-03-01\t{verdict}",
                        l.split('\t').take(5).collect::<Vec<_>>().join("\t")
                    )
                }
            })
            .collect::<Vec<_>>()
            .join("\n")
    };
    let first = review::import(&filled("甲", "accept")).unwrap();
    let history = review::append("", &first).unwrap();
    let public =
        |h: &str| review::accepted("abc", &reading.statements, &review::verify(h).unwrap().0).len();
    assert_eq!(public(&history), 1, "the number alone: words need two");
    let again = review::append(&history, &first).unwrap();
    assert_eq!(public(&again), 1, "the same person twice is one");
    let both = review::append(&history, &review::import(&filled("乙", "accept")).unwrap()).unwrap();
    assert!(both.starts_with(&history));
    assert_eq!(public(&both), 2);
    let refused = review::append(&both, &review::import(&filled("丙", "reject")).unwrap()).unwrap();
    assert_eq!(public(&refused), 0);
    assert!(review::verify(&both.replace("甲", "丁")).is_err());
    assert!(review::verify(&both.lines().skip(1).collect::<Vec<_>>().join("\n")).is_err());
    assert!(review::append(&both.replacen("accept", "reject", 1), &[]).is_err());
    assert!(review::import(&filled("", "accept")).is_err());
    assert!(review::import(&filled("甲", "perhaps")).is_err());
    assert!(review::import(&filled("甲", "correct")).is_err());
    assert_eq!(review::import(&sheet).unwrap(), []);
}

/// What the schema of IATI activities 2.03 wants of each activity, in its order.
fn the_schema_is_kept(xml: &str) {
    let order = [
        ("iati-identifier", 1),
        ("reporting-org", 1),
        ("title", 1),
        ("description", 1),
        ("participating-org", 1),
        ("activity-status", 1),
        ("activity-date", 1),
        ("result", 0),
    ];
    let activities: Vec<&str> = xml.split("<iati-activity ").skip(1).collect();
    assert!(activities.len() > 20);
    for activity in activities {
        // Its own elements stand four blanks in.
        let own: Vec<usize> = activity
            .lines()
            .filter_map(|l| l.strip_prefix("    <"))
            .filter(|l| !l.starts_with('/'))
            .map(|l| {
                let name = l.split([' ', '>', '/']).next().unwrap();
                order.iter().position(|(n, _)| *n == name).unwrap()
            })
            .collect();
        assert!(own.is_sorted(), "{activity}");
        for (k, (name, least)) in order.iter().enumerate() {
            assert!(
                own.iter().filter(|o| **o == k).count() >= *least,
                "{name}: {activity}"
            );
        }
        for period in activity.split("<period>").skip(1) {
            let period = period.split("</period>").next().unwrap();
            let at = |tag: &str| period.find(tag);
            let (start, end) = (at("<period-start").unwrap(), at("<period-end").unwrap());
            let target = at("<target").unwrap_or(usize::MAX);
            assert!(start < end && end < target);
            let last = period.rfind("<target").unwrap_or(0);
            assert!(last <= at("<actual").unwrap_or(usize::MAX));
        }
    }
}

#[test]
fn forms_of_exchange() {
    let register = city();
    let xml = iati(&register, "beijing", day("2025-02-01"));
    assert!(xml.contains("<target value=\"301\">") && xml.contains("<actual value=\"355\">"));
    assert!(!xml.contains("1225"), "known only in 2026");
    assert_eq!(
        xml.matches("<iati-activity ").count(),
        xml.matches("</iati-activity>").count()
    );
    the_schema_is_kept(&xml);
    let table = write_performance(&register, 2023, day("2024-02-01")).unwrap();
    let rows = read_performance(&table).unwrap();
    let compounds = rows.iter().find(|r| r.task == "老旧小区改造").unwrap();
    assert!(compounds.target.contains("301个") && compounds.result.contains("355个"));
    assert!(read_performance("a,b\n1,2\n").is_err());
    assert!(read_performance("序号,任务名称,年度任务及目标,全年完成情况\n1,2,3\n").is_err());
    assert_eq!(table_schema()["fields"].as_array().unwrap().len(), 16);
}

#[test]
fn the_citys_words_link_what_they_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/beijing/commitments");
    let [bodies, people, names, indicators] = ["bodies", "people", "names", "indicators"]
        .map(|n| fs::read_to_string(folder.join(format!("{n}.tsv"))).unwrap());
    let vocabulary = Vocabulary::from_tsv(&bodies, &people, &names, &indicators).unwrap();
    let register = city();
    for i in &vocabulary.indicators {
        assert!(register.indicator(&i.id).is_some(), "{}", i.id);
    }
    let reader = Reader::new(vocabulary);
    let text = "据市住建委副主任马紫鸿介绍,去年老旧小区改造新开工12个、完工9个,在四元桥旁加装电梯新开工3部。\n";
    let found = reader.read(text, "2024-02-01".parse().unwrap()).statements;
    let ids: Vec<&str> = found.iter().map(|s| s.indicator_id.as_str()).collect();
    assert_eq!(
        ids,
        ["compounds-started", "compounds-completed", "lifts-started"]
    );
    assert!(
        found
            .iter()
            .all(|s| s.body_name == "北京市住房和城乡建设委员会")
    );
    assert!(Vocabulary::from_tsv("a\tb\nx", "", "", "").is_err());
    assert!(Vocabulary::from_tsv("", "h\nx\tking\ty", "", "").is_err());
}

#[cfg(feature = "second-reader")]
#[test]
fn a_second_reader_has_to_quote() {
    use minsheng_commitments::second::{FrameReader, FromJson, supported};
    let source = "去年新增学位300个。";
    let said = r#"[{"quote":"新增学位300个","value":"300","unit":"个","suggested_by":"m"},{"quote":"新增学位301个","value":"301","suggested_by":"m"},{"quote":"新增学位300个","value":"301","suggested_by":"m"}]"#;
    let kept = supported(source, FromJson(said.to_owned()).suggest(source).unwrap());
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].start, kept[0].end), (2, 10));
    assert!(FromJson("{}".to_owned()).suggest(source).is_err());
}

/// A server on this machine that gives one answer and then another.
#[cfg(feature = "second-reader")]
fn server(answers: Vec<String>) -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = String::new();
            let mut buffer = [0u8; 4096];
            // A question is JSON: it ends where its braces do.
            loop {
                let n = stream.read(&mut buffer).unwrap();
                asked.push_str(&String::from_utf8_lossy(&buffer[..n]));
                let body = asked.split_once("\r\n\r\n").map_or("", |(_, b)| b);
                if n == 0 || serde_json::from_str::<serde_json::Value>(body).is_ok() {
                    break;
                }
            }
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

#[cfg(feature = "second-reader")]
#[test]
fn a_model_on_this_machine_suggests_and_a_person_accepts() {
    use minsheng_commitments::second::{FrameReader, LocalModel, accepted, rows, supported};
    use std::time::Duration;
    let source = "去年新增学位3.8万个。今后把服务送到家。";
    let list = r#"Here: ```json
[{"quote":"新增学位3.8万个","value":"38000","unit":"个"},{"quote":"新增学位4万个","value":"40000","unit":"个"},{"quote":"新增学位3.8万个","value":38001},{"quote":"把服务送到家","value":null},{"quote":"新增学位3.8万个","value":"many"}]
```"#;
    let body = serde_json::json!({"choices": [{"message": {"content": list}}]}).to_string();
    let url = server(vec![
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{body}"),
        "HTTP/1.1 500 No\r\n\r\n".to_owned(),
    ]);
    let model = LocalModel::new(&url, "small", Duration::from_secs(20)).unwrap();
    let kept = supported(source, model.suggest(source).unwrap());
    let quotes: Vec<&str> = kept.iter().map(|s| s.suggestion.quote.as_str()).collect();
    assert_eq!(quotes, ["新增学位3.8万个", "把服务送到家"]);
    // A refusal of the server is told, not taken for silence.
    assert!(
        model
            .suggest(source)
            .unwrap_err()
            .en
            .contains("gave no answer")
    );

    let sheet = format!(
        "{}\n{}",
        review::COLUMNS.join("\t"),
        rows("t", "abc", &kept)
    );
    assert!(sheet.contains("38000 个; suggested by small"));
    let by = |who: &str| {
        let filled = sheet
            .lines()
            .enumerate()
            .map(|(n, l)| {
                if n == 0 {
                    format!("{l}\n")
                } else {
                    format!(
                        "{}\t\t{who}\t2024-02-01\taccept\n",
                        l.trim_end_matches('\t')
                    )
                }
            })
            .collect::<String>();
        review::import(&filled).unwrap()
    };
    assert_eq!(accepted("abc", &kept, &[]), Vec::<&_>::new());
    let first = by("甲");
    assert_eq!(accepted("abc", &kept, &first).len(), 1, "words need two");
    let both: Vec<_> = first.into_iter().chain(by("乙")).collect();
    assert_eq!(accepted("abc", &kept, &both).len(), 2);
    assert!(accepted("other", &kept, &both).is_empty());
}

#[test]
fn what_a_person_corrects_is_what_is_published() {
    let reading = Reader::new(Vocabulary::default())
        .read("去年新增学位3.8万个。", "2024-02-01".parse().unwrap());
    let sheet = review::export("t", "abc", &reading.statements);
    let filled = |human: &str, verdict: &str| {
        let (heading, row) = sheet.trim_end_matches('\n').split_once('\n').unwrap();
        let row = row.trim_end_matches('\t');
        review::import(&format!(
            "{heading}\n{row}\t{human}\t甲\t2024-02-02\t{verdict}\n"
        ))
    };
    let told = |human: &str, verdict: &str| {
        let decisions = filled(human, verdict).unwrap();
        let all = review::accepted("abc", &reading.statements, &decisions);
        let s = all[0].told().unwrap();
        let show = |d: Option<Decimal>| d.map_or_else(String::new, |d| d.to_string());
        format!(
            "{} {}..{} {} {} {}/{} {}",
            show(s.value),
            show(s.lower),
            show(s.upper),
            s.unit,
            s.status.as_str(),
            s.period_start.map_or_else(String::new, |d| d.to_string()),
            s.period_end.map_or_else(String::new, |d| d.to_string()),
            s.body
        )
    };
    let read = "38000 38000..38000 个 done 2023-01-01/2023-12-31 ";
    assert_eq!(told("", "accept"), read);
    assert_eq!(told("looks right", "accept"), read);
    assert_eq!(told("39000 个", "correct"), read.replace("38000", "39000"));
    assert_eq!(
        told(
            "37000..40000 个; ; 2023-03-01/..; ongoing; 县教育局",
            "correct"
        ),
        " 37000..40000 个 ongoing 2023-03-01/ 县教育局"
    );
    for wrong in [
        "四万个",
        "1 个; roughly",
        "1; exact; soon",
        "1; ; ; perhaps",
        "1;;;;;;;x",
    ] {
        assert!(filled(wrong, "correct").is_err(), "{wrong}");
    }
}
