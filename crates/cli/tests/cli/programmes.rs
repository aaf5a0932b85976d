//! Every programme of the example city, from its registers to its letters.

use std::path::{Path, PathBuf};

use minsheng_bundle::Contents;
use serde_json::Value;

use crate::city::{City, done, minsheng, out};

/// Programmes with the thousandths of their size that a test needs.
const PROGRAMMES: [(&str, &str); 5] = [
    ("school-places", "6"),
    ("summer-care", "60"),
    ("graduates-jobs", "9"),
    ("order-training", "250"),
    ("precise-training", "40"),
];

fn decided(city: &City) -> Vec<Value> {
    let path = city.path();
    let names: Vec<&str> = PROGRAMMES.iter().map(|(name, _)| *name).collect();
    for (name, scale) in PROGRAMMES {
        done(&["synth", &path, name, "--scale", scale]);
    }
    let mut arguments = vec!["run", path.as_str()];
    arguments.extend(names);
    arguments.push("--json");
    let text = done(&arguments);
    let report: Value = serde_json::from_str(&text).unwrap();
    report.as_array().unwrap().clone()
}

fn contents(bundle: &str) -> Contents {
    minsheng_bundle::read(Path::new(bundle)).unwrap().0
}

#[test]
fn every_programme_is_checked_decided_proved_and_explained() {
    let city = City::whole();
    let said = done(&["check", &city.path()]);
    let file = std::fs::read_to_string(city.dir().join("city.toml")).unwrap();
    let listed = file.matches("\"programmes/").count();
    assert!(listed > PROGRAMMES.len());
    assert_eq!(said.matches("no mistakes").count(), listed, "{said}");
    let reports = decided(&city);
    assert_eq!(reports.len(), PROGRAMMES.len());
    for report in &reports {
        assert_eq!(report["verified"], true, "{report}");
        for figure in ["eligible", "not_eligible", "undetermined", "placed"] {
            assert!(report[figure].as_u64().unwrap() > 0, "{figure} of {report}");
        }
        let bundle = report["bundle"].as_str().unwrap();
        let contents = contents(bundle);
        letters(bundle, &contents);
        if report["programme"] == "summer-care" {
            closings(bundle, contents, &city);
        }
    }
}

/// Letters of a few people say everything in their own language.
fn letters(bundle: &str, contents: &Contents) {
    let step = (contents.applicants.len() / 5).max(1);
    for row in contents.applicants.iter().step_by(step) {
        let english = done(&["explain", bundle, &row.ticket, "--lang", "en"]);
        assert!(english.contains("If you disagree"), "{english}");
        let chinese = done(&["explain", bundle, &row.ticket, "--lang", "zh"]);
        assert!(chinese.contains("如有异议"), "{chinese}");
        // Names and the places of publication stay as they are; sentences do not.
        for words in ["志愿", "条件", "缺少", "每班"] {
            assert!(!english.contains(words), "`{words}` in\n{english}");
        }
    }
}

/// Writes changed contents as a bundle of their own.
fn forged(contents: &Contents, city: &City) -> String {
    let folder: PathBuf = city.dir().join("forged");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let written = minsheng_bundle::write(&folder, contents).unwrap();
    written.path.display().to_string()
}

/// Sites with too few pupils do not open, are named, and nobody is there; another
/// list of closings does not hold.
fn closings(bundle: &str, honest: Contents, city: &City) {
    let closed = &honest.certificate.closed;
    assert!(closed.len() > 1, "{closed:?}");
    for site in closed {
        assert!(site.had < site.minimum);
        let row = honest
            .providers
            .iter()
            .find(|p| p.provider == site.provider);
        assert_eq!(row.map(|r| (r.capacity, r.placed)), Some((0, 0)));
    }
    let open = honest.providers.iter().filter(|p| p.capacity > 0);
    assert!(open.clone().count() > 0 && open.clone().all(|p| p.placed >= 20));
    let said = done(&["verify", bundle]);
    assert!(said.contains("the rule closes"), "{said}");
    done(&["verify", bundle, "--registers", &city.path()]);

    let first = closed.iter().find(|c| c.had > 0).unwrap().provider.clone();
    let index = honest
        .providers
        .iter()
        .position(|p| p.provider == first)
        .unwrap();
    let wanted = honest
        .choices
        .iter()
        .find(|c| c.provider as usize == index)
        .unwrap();
    let ticket = &honest.applicants[wanted.applicant as usize].ticket;
    let letter = done(&["explain", bundle, ticket, "--lang", "en"]);
    assert!(letter.contains("does not open: it needs 20"), "{letter}");

    let forge = |change: &dyn Fn(&mut Contents)| {
        let mut changed = honest.clone();
        change(&mut changed);
        let output = minsheng(&["verify", &forged(&changed, city)]);
        assert_eq!(output.status.code(), Some(4), "{}", out(&output));
    };
    forge(&|c| c.certificate.closed.swap(0, 1));
    forge(&|c| c.certificate.closed[0].had += 1);
    forge(&|c| c.certificate.closed[0].minimum += 1);
    forge(&|c| {
        c.certificate.closed.pop();
    });
    forge(&|c| {
        let again = c.certificate.closed[0].clone();
        c.certificate.closed.push(again);
    });
    forge(&|c| c.certificate.closed.clear());
}
