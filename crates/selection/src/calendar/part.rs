use super::{Calendar, Choice};

/// Projects that share cells or targets, directly or through others.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// In rising order.
    pub projects: Vec<usize>,
    /// Targets that its projects count towards, or all for the first part, so that
    /// a target nobody counts towards is somebody's.
    pub targets: Vec<u32>,
}

/// Finds the parts; a calendar without projects is one part.
pub(super) fn parts(calendar: &Calendar) -> Vec<Part> {
    let n = calendar.projects.len();
    let mut leader: Vec<usize> = (0..n).collect();
    fn root(leader: &mut [usize], mut at: usize) -> usize {
        while let Some(&up) = leader.get(at)
            && up != at
        {
            let over = leader.get(up).copied().unwrap_or(up);
            if let Some(own) = leader.get_mut(at) {
                *own = over;
            }
            at = up;
        }
        at
    }
    let cells = calendar.cells.len();
    let mut first: Vec<Option<usize>> = vec![None; cells + calendar.targets.len()];
    for (at, choices) in calendar.projects.iter().enumerate() {
        for thing in choices.iter().flat_map(|c| things(c, cells)) {
            match first.get_mut(thing) {
                Some(Some(other)) => {
                    let (a, b) = (root(&mut leader, at), root(&mut leader, *other));
                    if let Some(own) = leader.get_mut(a.max(b)) {
                        *own = a.min(b);
                    }
                }
                Some(empty) => *empty = Some(at),
                None => {}
            }
        }
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut part_of: Vec<Option<usize>> = vec![None; n];
    for at in 0..n {
        let top = root(&mut leader, at);
        let known = part_of.get(top).copied().flatten();
        let part = known.unwrap_or_else(|| {
            parts.push(Part::default());
            parts.len() - 1
        });
        for slot in [top, at] {
            if let Some(own) = part_of.get_mut(slot) {
                *own = Some(part);
            }
        }
        if let Some(own) = parts.get_mut(part) {
            own.projects.push(at);
        }
    }
    if parts.is_empty() {
        parts.push(Part::default());
    }
    for (target, _) in (0u32..).zip(&calendar.targets) {
        let counted = first.get(cells + target as usize).copied().flatten();
        let part = counted.and_then(|at| part_of.get(at).copied().flatten());
        if let Some(own) = parts.get_mut(part.unwrap_or(0)) {
            own.targets.push(target);
        }
    }
    parts
}

fn things(choice: &Choice, cells: usize) -> impl Iterator<Item = usize> {
    let uses = choice.uses.iter().filter(|(_, a)| *a > 0);
    let counts = choice.counts.iter().map(move |c| cells + *c as usize);
    uses.map(|(c, _)| *c as usize).chain(counts)
}
