//! What may not decide is refused by the engine too, not only by the check of the
//! programme file; and what has no answer names its row.

use minsheng_model::{Rules, Scope};
use minsheng_registers::Engine;

use crate::dice::Dice;
use crate::differential::base;
use crate::generate;

fn with(when: &str) -> Rules {
    let mut rules = base();
    rules.clauses[0].when = when.to_owned();
    rules
}

#[test]
fn nothing_but_the_permitted_subset_passes() {
    for sql in [
        "now() > since",
        "random() < 1.5",
        "count(*) > 1",
        "sum(points) OVER () > 1",
        "points IN (SELECT 1)",
        "EXISTS (SELECT 1)",
        "points / 2 > 1",
        "CAST(points AS DOUBLE) > 1.5",
        "points = 1e3",
        "points > 'three'",
        "coalesce(local, TRUE)",
        "NULL",
        "local = NULL",
        "points",
        "brith > since",
        "points >",
        "points > 1; DROP TABLE people",
        "sqrt(points) > 2",
        "CURRENT_DATE > since",
        "area SIMILAR TO 'x'",
        "EXTRACT(HOUR FROM since) = 1",
        "since + INTERVAL '1' HOUR > since",
    ] {
        let rules = with(sql);
        assert!(
            minsheng_spec::rules::Compiled::new(&rules).is_err(),
            "specification: {sql}"
        );
        assert!(Engine::new(&rules).is_err(), "engine: {sql}");
    }
}

#[test]
fn an_overflow_names_the_rule_and_the_row() {
    let rules = with("points * 4611686018427387904 * 4 > 1");
    let mut dice = Dice(5);
    let mut case = generate::registers(&mut dice, &rules, false);
    for row in &mut case.applicants {
        row[4] = Some("0".to_owned());
    }
    case.applicants[7][4] = Some("3".to_owned());
    case.applicants[9][4] = Some("3".to_owned());
    let [people, ..] = case.registers();
    let found = Engine::new(&rules)
        .unwrap()
        .applicants(&people)
        .unwrap_err();
    assert!(found.message.en.contains("`clauses.adult`"), "{found:#?}");
    assert!(found.message.en.contains("[p07]"), "{found:#?}");
    assert!(found.message.en.contains("overflows"), "{found:#?}");
    assert!(found.message.zh.contains("溢出"), "{found:#?}");
}

#[test]
fn seats_are_whole_and_not_negative() {
    let mut rules = base();
    rules.capacity = "seats - 1000000".to_owned();
    let case = generate::registers(&mut Dice(1), &rules, false);
    let [_, places, _] = case.registers();
    let found = Engine::new(&rules).unwrap().providers(&places).unwrap_err();
    assert!(
        found.message.en.contains("[s0]") && found.message.en.contains("capacity"),
        "{found:#?}"
    );
    assert_eq!(
        case.expressions()
            .iter()
            .filter(|(_, s, _)| *s == Scope::Provider)
            .count(),
        1
    );
}
