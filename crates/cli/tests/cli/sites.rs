//! Programmes that choose sites, as an officer and a resident type it: from registers to
//! a proved choice, the gaps before and after, and letters to points and communities.

use std::fmt::Write as _;

use serde_json::Value;

use crate::city::{City, done, err, minsheng, out};

const KINDS: [&str; 6] = [
    "养老 elderly care",
    "托育 childcare",
    "便利店 convenience store",
    "早餐店 breakfast",
    "菜市场 vegetable market",
    "小修小补 repairs",
];

/// Returns a city that decides where facilities open, with 20 communities along a road
/// and some points for each facility.
fn communities() -> City {
    let city = City::bare();
    let file = "format = 1\n\n[city]\nname = \"beijing\"\ntitle = { zh = \"北京\", en = \"Beijing\" }\nprogrammes = [\"programmes/complete-communities.toml\"]\n";
    std::fs::write(city.dir().join("city.toml"), file).unwrap();
    city.replace(
        "programmes/complete-communities.toml",
        "value = 40_000_000_000",
        "value = 250_000_000",
    );
    let mut demands = "id,name,community,district,facility,x,y,residents\n".to_owned();
    let mut points =
        "point_no,name,district,facility,x,y,stands,floor_area,basement,operator\n".to_owned();
    let mut number = 0;
    for (e, kind) in KINDS.iter().enumerate() {
        for n in 0..20usize {
            let district = ["110101", "110102"][n / 10];
            writeln!(
                demands,
                "C{district}-{n:04}-{},社区{n},C{district}-{n:04},{district},{kind},{},0,{}",
                e + 1,
                n * 700,
                1000 + n * 37 % 400,
            )
            .unwrap();
        }
        for n in 0..9usize {
            let district = ["110101", "110102"][n / 5];
            let stands = n % 4 == 0;
            let area = if n == 5 {
                ""
            } else {
                ["10", "300"][usize::from(n % 3 > 0)]
            };
            writeln!(
                points,
                "P24-{number:05},{n}号点,{district},{kind},{},{},{stands},{area},{},true",
                n * 1700 + e * 160,
                100 * e,
                n == 7,
            )
            .unwrap();
            number += 1;
        }
    }
    std::fs::create_dir_all(city.dir().join("registers")).unwrap();
    std::fs::write(city.dir().join("registers/communities.csv"), demands).unwrap();
    std::fs::write(city.dir().join("registers/community-points.csv"), points).unwrap();
    city
}

fn letter(bundle: &str, id: &str, lang: &str) -> String {
    done(&["explain", bundle, id, "--lang", lang])
}

#[test]
fn facilities_are_opened_proved_and_told_why() {
    let city = communities();
    let path = city.path();
    done(&["check", &path]);
    let report: Value = serde_json::from_str(&done(&["run", &path, "--json"])).unwrap();
    let report = &report[0];
    assert_eq!(report["kind"], "site");
    assert_eq!(report["verified"], true);
    assert_eq!(report["status"], "proved-optimal", "{report}");
    let opened = report["chosen"].as_u64().unwrap();
    assert!(opened > 0);
    // Two districts, six facilities.
    let gaps = report["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), 12);
    let places = gaps.iter().map(|g| g["places"].as_u64().unwrap());
    assert_eq!(places.sum::<u64>(), 120);
    let bundle = report["bundle"].as_str().unwrap().to_owned();
    for level in [
        vec!["verify", &bundle],
        vec!["verify", &bundle, "--registers", &path],
    ] {
        let said = done(&level);
        assert!(!said.contains("FAILS"), "{said}");
        assert!(said.contains("exactly the eligible"), "{said}");
    }
    let folder = std::path::Path::new(&bundle);
    let file = |name: &str| folder.join(name).display().to_string();
    done(&[
        "verify",
        &file("outcome.json"),
        "--instance",
        &file("instance.json"),
    ]);
    // A community asks about all six, a household about breakfast alone.
    let said = letter(&bundle, "C110102-0013", "zh");
    for kind in KINDS {
        assert!(said.contains(kind), "no `{kind}` in\n{said}");
    }
    for words in [
        "现在",
        "决定之后:",
        "规定的 1000 米",
        "当年补建资金:2500000元",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    let said = letter(&bundle, "C110102-0013-4", "en");
    assert!(
        said.contains("breakfast") && !said.contains("repairs"),
        "{said}"
    );
    assert!(said.contains(": the nearest is"), "{said}");
    // A point that stands, and one in a basement.
    let said = letter(&bundle, "P24-00000", "en");
    assert!(said.contains("exists already"), "{said}");
    let said = letter(&bundle, "P24-00007", "en");
    assert!(said.contains("it is in a basement"), "{said}");
    let said = letter(&bundle, "P24-00005", "zh");
    assert!(said.contains("请交房屋测绘图"), "{said}");
    let nobody = minsheng(&["explain", &bundle, "C999999-0001"]);
    assert_eq!(nobody.status.code(), Some(3), "{}", err(&nobody));
}

#[test]
fn the_summary_shows_the_gaps() {
    let city = communities();
    let said = done(&["run", &city.path(), "--lang", "zh"]);
    for words in ["覆盖短板", "之外(前)", "早餐店 breakfast", "110102", "合计"] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
}

#[test]
fn a_moved_community_is_seen_by_the_auditor() {
    let city = communities();
    let path = city.path();
    let report: Value = serde_json::from_str(&done(&["run", &path, "--json"])).unwrap();
    let bundle = report[0]["bundle"].as_str().unwrap().to_owned();
    city.replace("registers/communities.csv", ",9100,0,", ",9101,0,");
    let wrong = minsheng(&["verify", &bundle, "--registers", &path]);
    assert_eq!(wrong.status.code(), Some(4), "{}", out(&wrong));
}

/// Programmes that open something, with the thousandths of their size that a test needs.
const PROGRAMMES: [(&str, &str); 4] = [
    ("complete-communities", "8"),
    ("ball-tables", "12"),
    ("toddler-sites", "25"),
    ("paediatric-beds", "300"),
];

#[test]
fn every_programme_of_sites_is_decided_and_explained() {
    let city = City::whole();
    let path = city.path();
    for (name, scale) in PROGRAMMES {
        done(&["synth", &path, name, "--scale", scale]);
    }
    let mut arguments = vec!["run", path.as_str()];
    arguments.extend(PROGRAMMES.iter().map(|(name, _)| *name));
    arguments.push("--json");
    let reports: Value = serde_json::from_str(&done(&arguments)).unwrap();
    for report in reports.as_array().unwrap() {
        assert_eq!(report["verified"], true, "{report}");
        assert!(report["bound"].is_number(), "{report}");
        let bundle = report["bundle"].as_str().unwrap();
        done(&["verify", bundle, "--registers", &path]);
        let (contents, _) = minsheng_bundle::read(std::path::Path::new(bundle)).unwrap();
        let points = contents.applicants.iter().map(|a| &a.ticket).step_by(7);
        let people = contents.providers.iter().map(|p| &p.provider).step_by(29);
        for id in points.take(4).chain(people.take(4)) {
            let english = letter(bundle, id, "en");
            assert!(english.contains("If you disagree"), "{english}");
            let chinese = letter(bundle, id, "zh");
            assert!(chinese.contains("如有异议"), "{chinese}");
            for words in ["现在", "最近的是", "没有开设", "共新开"] {
                assert!(!english.contains(words), "`{words}` in\n{english}");
            }
        }
    }
}
