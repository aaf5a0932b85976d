//! What one seat more or less changes: potentials that a chain of moves reaches.

use super::transport::{PlanClaim, TransportCase};
use crate::report::{Found, differs, offends};

/// A unit of a demand that sits at a provider could sit at another instead, for so
/// much more: (from, to, more).
fn moves<'a>(
    case: &'a TransportCase<'_>,
    claim: &'a PlanClaim,
) -> impl Iterator<Item = (usize, usize, i128)> + 'a {
    let placed = claim.flow.iter().filter(|(_, _, units)| *units > 0);
    placed.flat_map(move |&(demand, from, _)| {
        let here = (case.cost)(demand, from);
        (0..case.capacity.len()).filter_map(move |to| {
            let more = i128::from((case.cost)(demand, to)?) - i128::from(here?);
            (to != from).then_some((from, to, more))
        })
    })
}

/// Checks that no chain of moves into a new seat saves more, and that one saves this.
pub(super) fn check_gains(case: &TransportCase<'_>, claim: &PlanClaim, gain: &[i128]) -> Found {
    let wrong = differs("one_more_seat", case.capacity.len(), gain.len());
    if wrong.is_some() {
        return wrong;
    }
    if gain.iter().any(|g| *g < 0) {
        return Some(offends("one_more_seat", "为负", "is negative"));
    }
    let of = |provider: usize| gain.get(provider).copied().unwrap_or(0);
    let reached = gain.iter().map(|g| *g == 0).collect();
    tight(case, claim, "one_more_seat", reached, |from, to, more| {
        // The seat left at `from` is free in turn.
        let saved = of(from).checked_sub(more)?;
        Some((from, to, saved.cmp(&of(to))))
    })
}

/// Checks that no chain of moves out of a lost seat costs less, and that one costs
/// this.
pub(super) fn check_losses(
    case: &TransportCase<'_>,
    claim: &PlanClaim,
    loss: &[Option<i128>],
) -> Found {
    let wrong = differs("one_seat_less", case.capacity.len(), loss.len());
    if wrong.is_some() {
        return wrong;
    }
    let mut load = vec![0i128; case.capacity.len()];
    for &(_, provider, units) in &claim.flow {
        if let Some(sum) = load.get_mut(provider) {
            *sum += i128::from(units);
        }
    }
    let free: Vec<bool> = load
        .iter()
        .zip(case.capacity)
        .map(|(l, c)| *l < i128::from(*c))
        .collect();
    if loss.iter().zip(&free).any(|(l, f)| *f && *l != Some(0)) {
        return Some(offends(
            "one_seat_less",
            "空席应为零",
            "is not nothing where a seat is free",
        ));
    }
    let reached = free
        .iter()
        .zip(loss)
        .map(|(f, l)| *f || l.is_none())
        .collect();
    tight(case, claim, "one_seat_less", reached, |from, to, more| {
        let beyond = loss.get(to).copied().flatten()?.checked_add(more)?;
        let order = match loss.get(from).copied().flatten() {
            // Said to be impossible, but this chain is possible.
            None => std::cmp::Ordering::Greater,
            Some(own) => own.cmp(&beyond),
        };
        Some((to, from, order))
    })
}

/// Checks that no move beats what is claimed (`Greater`), and that moves that are
/// `Equal` lead from what is reached to everything.
fn tight(
    case: &TransportCase<'_>,
    claim: &PlanClaim,
    what: &str,
    mut reached: Vec<bool>,
    judge: impl Fn(usize, usize, i128) -> Option<(usize, usize, std::cmp::Ordering)>,
) -> Found {
    let mut leads: Vec<Vec<usize>> = vec![Vec::new(); reached.len()];
    for (from, to, more) in moves(case, claim) {
        let Some((source, target, order)) = judge(from, to, more) else {
            continue;
        };
        match order {
            std::cmp::Ordering::Greater => {
                return Some(offends(
                    what,
                    "有更好的调整",
                    "a chain of moves does better",
                ));
            }
            std::cmp::Ordering::Equal => {
                if let Some(list) = leads.get_mut(source)
                    && !list.contains(&target)
                {
                    list.push(target);
                }
            }
            std::cmp::Ordering::Less => {}
        }
    }
    let mut queue: Vec<usize> = reached
        .iter()
        .enumerate()
        .filter(|(_, r)| **r)
        .map(|(index, _)| index)
        .collect();
    while let Some(source) = queue.pop() {
        for target in leads.get(source).into_iter().flatten() {
            if let Some(flag) = reached.get_mut(*target)
                && !std::mem::replace(flag, true)
            {
                queue.push(*target);
            }
        }
    }
    let missing = reached.iter().position(|r| !*r)?;
    Some(offends(
        &format!("{what} {missing}"),
        "没有达到该值的调整",
        "no chain of moves reaches it",
    ))
}
