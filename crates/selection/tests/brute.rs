//! Every choice of many small problems is tried and compared.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may fail loudly"
)]

use minsheng_selection::{Effort, Problem, Row, Status, select};
use proptest::prelude::*;

fn brute(problem: &Problem) -> Option<i128> {
    let n = problem.values.len();
    (0..1u32 << n)
        .map(|bits| (0..n).map(|i| bits >> i & 1 == 1).collect::<Vec<_>>())
        .filter(|x| problem.allows(x))
        .map(|x| problem.value(&x))
        .max()
}

fn agree(problem: &Problem) -> Result<(), TestCaseError> {
    let outcome = select(problem, Effort::default()).unwrap();
    let best = brute(problem);
    prop_assert_eq!(outcome.objective, best);
    match best {
        Some(best) => {
            prop_assert_eq!(outcome.bound, Some(best));
            prop_assert_eq!(outcome.status, Status::ProvedOptimal);
            let chosen = outcome.chosen.unwrap();
            prop_assert!(problem.allows(&chosen));
            prop_assert_eq!(problem.value(&chosen), best);
        }
        None => prop_assert_eq!(outcome.status, Status::ProvedInfeasible),
    }
    Ok(())
}

prop_compose! {
    fn row(n: usize, size: i64)(
        terms in prop::collection::vec(prop::option::weighted(0.7, -size / 4..=size), n),
        lower in prop::option::weighted(0.3, -size..size * 2),
        upper in prop::option::weighted(0.8, -size..size * 4),
    ) -> Row {
        let terms = (0u32..).zip(terms).filter_map(|(i, a)| Some((i, a?))).collect();
        Row { lower, upper, terms }
    }
}

fn problem(n: usize, rows: usize, size: i64) -> impl Strategy<Value = Problem> {
    (
        prop::collection::vec(-size / 3..=size, n),
        prop::collection::vec(row(n, size), 0..=rows),
        prop::collection::vec(prop::option::weighted(0.1, any::<bool>()), n),
    )
        .prop_map(|(values, rows, fixed)| Problem {
            values,
            rows,
            fixed,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn small_numbers(problem in problem(8, 5, 4)) {
        agree(&problem)?;
    }

    #[test]
    fn large_numbers(problem in problem(9, 4, 1_000_000)) {
        agree(&problem)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn many_rows(problem in problem(7, 100, 3)) {
        agree(&problem)?;
    }

    #[test]
    fn huge_numbers(problem in problem(6, 3, i64::MAX / 8)) {
        agree(&problem)?;
    }

    #[test]
    fn one_value_for_all(mut problem in problem(11, 4, 30)) {
        problem.values.fill(7);
        agree(&problem)?;
    }
}

#[test]
fn nothing_at_all() {
    let outcome = select(&Problem::default(), Effort::default()).unwrap();
    assert_eq!(outcome.objective, Some(0));
    assert_eq!(outcome.status, Status::ProvedOptimal);
}
