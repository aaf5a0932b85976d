//! Every timetable of many small calendars is tried and compared.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_selection::{Calendar, Choice, Effort, Status, schedule};
use proptest::prelude::*;

fn cost(calendar: &Calendar, taken: &[usize]) -> Option<i128> {
    let mut used = vec![0i128; calendar.cells.len()];
    let mut counted = vec![0i64; calendar.targets.len()];
    let mut total = 0;
    for (choices, at) in calendar.projects.iter().zip(taken) {
        let choice = &choices[*at];
        total += i128::from(choice.cost);
        for (cell, amount) in &choice.uses {
            used[*cell as usize] += i128::from(*amount);
        }
        for target in &choice.counts {
            counted[*target as usize] += 1;
        }
    }
    let fits = used
        .iter()
        .zip(&calendar.cells)
        .all(|(u, c)| *u <= i128::from(*c));
    let met = counted.iter().zip(&calendar.targets).all(|(c, t)| c >= t);
    (fits && met).then_some(total)
}

fn brute(calendar: &Calendar, taken: &mut Vec<usize>) -> Option<i128> {
    let Some(choices) = calendar.projects.get(taken.len()) else {
        return cost(calendar, taken);
    };
    (0..choices.len())
        .filter_map(|at| {
            taken.push(at);
            let own = brute(calendar, taken);
            taken.pop();
            own
        })
        .min()
}

const PERIODS: u32 = 5;

prop_compose! {
    /// Two districts, five periods.
    fn project()(
        district in 0u32..2, duration in 1u32..3, crews in 1i64..3, weight in 0i64..5,
        from in 0u32..3, skip in prop::option::weighted(0.2, 0i64..30),
    ) -> Vec<Choice> {
        let mut choices: Vec<Choice> = (from..=PERIODS - duration)
            .map(|start| Choice {
                start: Some(start),
                cost: weight * i64::from(start + duration),
                uses: (start..start + duration).map(|t| (district * PERIODS + t, crews)).collect(),
                counts: [(0, start < 2), (1, start + duration <= 3)]
                    .iter()
                    .filter(|(_, c)| *c)
                    .map(|(t, _)| *t)
                    .collect(),
            })
            .collect();
        if let Some(cost) = skip {
            choices.push(Choice { cost, ..Choice::default() });
        }
        choices
    }
}

prop_compose! {
    fn calendar()(
        projects in prop::collection::vec(project(), 0..6),
        cells in prop::collection::vec(0i64..4, 2 * PERIODS as usize),
        targets in [0i64..3, 0i64..3],
    ) -> Calendar {
        Calendar { cells, targets: targets.to_vec(), projects }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn agrees_with_every_timetable(calendar in calendar()) {
        let table = schedule(&calendar, Effort::default()).unwrap();
        match brute(&calendar, &mut Vec::new()) {
            Some(best) => {
                prop_assert_eq!(table.objective, Some(best));
                prop_assert_eq!(table.bound, Some(best));
                prop_assert_eq!(table.status, Status::ProvedOptimal);
                prop_assert_eq!(cost(&calendar, &table.taken.unwrap()), Some(best));
            }
            None => prop_assert_eq!(table.status, Status::ProvedInfeasible),
        }
    }
}
