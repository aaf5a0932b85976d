use minsheng_model::{Combine, Verdict};

/// Returns the verdict over the clauses' masks: AND is the least and OR the
/// greatest of "fails" < "unknown" < "holds" (Kleene's strong logic).
///
/// Because a combination has no negation, "unknown" comes out exactly when the
/// missing facts could still change the answer.
#[must_use]
pub fn combine(rule: &Combine, holds: u32, unknown: u32) -> Verdict {
    match level(rule, holds, unknown) {
        0 => Verdict::NotEligible,
        1 => Verdict::Undetermined,
        _ => Verdict::Eligible,
    }
}

/// 0 fails, 1 unknown, 2 holds.
fn level(rule: &Combine, holds: u32, unknown: u32) -> u8 {
    match rule {
        Combine::Clause(bit) => {
            let set = |mask: u32| {
                u32::try_from(*bit).is_ok_and(|b| mask.checked_shr(b).unwrap_or(0) & 1 == 1)
            };
            if set(holds) {
                2
            } else {
                u8::from(set(unknown))
            }
        }
        Combine::All(parts) => parts
            .iter()
            .map(|p| level(p, holds, unknown))
            .min()
            .unwrap_or(2),
        Combine::Any(parts) => parts
            .iter()
            .map(|p| level(p, holds, unknown))
            .max()
            .unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rules() -> impl Strategy<Value = Combine> {
        (0usize..5)
            .prop_map(Combine::Clause)
            .prop_recursive(3, 12, 3, |inner| {
                prop_oneof![
                    prop::collection::vec(inner.clone(), 1..4).prop_map(Combine::All),
                    prop::collection::vec(inner, 1..4).prop_map(Combine::Any),
                ]
            })
    }

    proptest! {
        /// Undetermined means: some filling of the missing facts says yes and some says no.
        #[test]
        fn undetermined_exactly_when_it_could_still_change(rule in rules(), holds in 0u32..32, unknown in 0u32..32) {
            let unknown = unknown & !holds;
            let fillings = (0u32..32).filter(|f| f & !unknown == 0).map(|f| combine(&rule, holds | f, 0));
            let answers: Vec<Verdict> = fillings.collect();
            let yes = answers.contains(&Verdict::Eligible);
            let no = answers.contains(&Verdict::NotEligible);
            let expected = match (yes, no) {
                (true, true) => Verdict::Undetermined,
                (true, false) => Verdict::Eligible,
                _ => Verdict::NotEligible,
            };
            prop_assert_eq!(combine(&rule, holds, unknown), expected);
        }
    }
}
