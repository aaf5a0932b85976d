//! Who is within reach of what exists, who after the plan, and who is beyond.

use super::case::{Pairs, SitingCase};

/// How a class of demands is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gap {
    /// How many demands there are.
    pub places: u64,
    /// Their units.
    pub weight: i128,
    /// Demands within reach of a site that is open from the beginning.
    pub places_before: u64,
    /// Their units.
    pub weight_before: i128,
    /// Demands within reach of a site that is open in the plan.
    pub places_after: u64,
    /// Their units.
    pub weight_after: i128,
}

/// Counts each class again, pair by pair; room is not looked at, only reach. `open` are
/// the sites open in the end, `weight` the units of each demand, `class` its class.
#[must_use]
pub fn gaps(
    case: &SitingCase,
    open: &[usize],
    weight: &[i64],
    class: &[usize],
    classes: usize,
) -> Vec<Gap> {
    let mut after = vec![false; case.sites()];
    for site in open {
        if let Some(flag) = after.get_mut(*site) {
            *flag = true;
        }
    }
    let pairs = Pairs::new(case);
    let mut found = vec![Gap::default(); classes];
    for (demand, (class, units)) in class.iter().zip(weight).enumerate() {
        let (mut was, mut is) = (false, false);
        pairs.each(demand, None, &mut |site, _| {
            was |= case.must_open.get(site) == Some(&true);
            is |= after.get(site) == Some(&true);
        });
        let Some(own) = found.get_mut(*class) else {
            continue;
        };
        let units = i128::from(*units);
        own.places += 1;
        own.weight += units;
        if was {
            own.places_before += 1;
            own.weight_before += units;
        }
        if is {
            own.places_after += 1;
            own.weight_after += units;
        }
    }
    found
}
