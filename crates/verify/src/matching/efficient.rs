//! Efficiency for applicants.

use super::view::{Got, View};

/// A change that is better for somebody and worse for nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Better {
    /// The applicant could have this entry of the own list: there is a seat left.
    Seat(u32, u32),
    /// Each could have the seat of the next, the last that of the first.
    Trade(Vec<u32>),
}

/// Returns a change of an assignment to plain seats that is better for somebody and
/// worse for nobody; `None` proves that there is none.
///
/// Time is linear in the entries.
#[must_use]
pub fn inefficiency<K: Ord + Copy>(view: &View<'_, K>, got: &Got) -> Option<Better> {
    let people = view.people(got);
    for applicant in 0..view.applicants() {
        for (position, entry) in (0u32..).zip(view.better(got, applicant)) {
            let provider = view.provider(entry);
            let capacity = view.seats.get(provider).map_or(0, |s| s.capacity as usize);
            if people.of(provider).len() < capacity {
                return Some(Better::Seat(u32::try_from(applicant).ok()?, position));
            }
        }
    }
    // From provider to provider by the wishes of the people seated: depth first.
    let mut state = vec![State::New; view.seats.len()];
    for start in 0..view.seats.len() {
        if state.get(start) != Some(&State::New) {
            continue;
        }
        // Provider, its wishes still to follow, and who leads on from it.
        let mut path: Vec<(usize, Vec<(u32, usize)>)> =
            vec![(start, wishes(view, got, &people, start))];
        let mut leads: Vec<u32> = Vec::new();
        mark(&mut state, start, State::On);
        while let Some((provider, rest)) = path.last_mut() {
            let Some((applicant, wanted)) = rest.pop() else {
                mark(&mut state, *provider, State::Done);
                path.pop();
                leads.pop();
                continue;
            };
            match state.get(wanted) {
                Some(State::On) => {
                    leads.push(applicant);
                    let from = path.iter().position(|(p, _)| *p == wanted)?;
                    return Some(Better::Trade(leads.split_off(from)));
                }
                Some(State::New) => {
                    leads.push(applicant);
                    mark(&mut state, wanted, State::On);
                    path.push((wanted, wishes(view, got, &people, wanted)));
                }
                _ => {}
            }
        }
    }
    None
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    On,
    Done,
}

fn mark(state: &mut [State], provider: usize, to: State) {
    if let Some(slot) = state.get_mut(provider) {
        *slot = to;
    }
}

/// Returns who of a provider's people would rather be where, each place once.
fn wishes<K: Ord + Copy>(
    view: &View<'_, K>,
    got: &Got,
    people: &super::view::People<K>,
    provider: usize,
) -> Vec<(u32, usize)> {
    let mut all: Vec<(u32, usize)> = Vec::new();
    for person in people.of(provider) {
        let better = view.better(got, person.applicant as usize);
        all.extend(better.map(|entry| (person.applicant, view.provider(entry))));
    }
    all.sort_unstable_by_key(|(applicant, wanted)| (*wanted, *applicant));
    all.dedup_by_key(|(_, wanted)| *wanted);
    all
}
