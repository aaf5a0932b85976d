//! What cannot be in a weakly stable assignment.

use crate::lists::{Askers, NONE, applicants, at, bounds, set};
use crate::market::Market;

/// What everybody may still get.
#[derive(Debug, Clone)]
pub(crate) struct Allowed {
    entries: Vec<bool>,
    nothing: Vec<bool>,
}

impl Allowed {
    pub fn all(market: &Market) -> Self {
        Self {
            entries: vec![true; market.provider.len()],
            nothing: vec![true; market.applicants()],
        }
    }

    pub fn entry(&self, entry: u32) -> bool {
        at(&self.entries, entry, false)
    }

    /// Takes away what the applicant likes less than an entry; returns whether there
    /// was something.
    pub fn no_worse(&mut self, market: &Market, applicant: u32, entry: u32) -> bool {
        let end = bounds(&market.first, applicant as usize).end;
        let mut changed = at(&self.nothing, applicant, false);
        set(&mut self.nothing, applicant, false);
        let worse = self.entries.get_mut(entry as usize + 1..end);
        for flag in worse.unwrap_or_default() {
            changed |= std::mem::take(flag);
        }
        changed
    }

    /// Takes away an entry and what the applicant likes better.
    pub fn no_better(&mut self, market: &Market, applicant: u32, entry: u32) {
        let start = bounds(&market.first, applicant as usize).start;
        let better = self.entries.get_mut(start..=entry as usize);
        better.unwrap_or_default().fill(false);
    }

    /// Leaves the applicant this entry alone; returns whether there was another.
    fn only(&mut self, market: &Market, applicant: u32, entry: u32) -> bool {
        let start = bounds(&market.first, applicant as usize).start;
        let mut changed = self.no_worse(market, applicant, entry);
        let better = self.entries.get_mut(start..entry as usize);
        for flag in better.unwrap_or_default() {
            changed |= std::mem::take(flag);
        }
        changed
    }

    /// Returns whether the applicant may get this entry or a better one, and also
    /// something worse.
    pub fn parts(&self, market: &Market, applicant: u32, entry: u32) -> bool {
        let list = bounds(&market.first, applicant as usize);
        let any = |range| {
            let flags: Option<&[bool]> = self.entries.get::<std::ops::Range<usize>>(range);
            flags.unwrap_or_default().contains(&true)
        };
        let worse = at(&self.nothing, applicant, false) || any(entry as usize + 1..list.end);
        worse && any(list.start..entry as usize + 1)
    }

    /// The first entry that the applicant may get, `NONE` for none.
    fn first(&self, market: &Market, applicant: u32) -> u32 {
        let list = bounds(&market.first, applicant as usize);
        let start = list.start;
        let flags = self.entries.get(list).unwrap_or_default();
        let place = flags.iter().position(|f| *f).map(|p| start + p);
        place.and_then(|p| u32::try_from(p).ok()).unwrap_or(NONE)
    }
}

/// The rules by which entries are taken away.
pub(crate) struct Narrow<'a> {
    market: &'a Market,
    class: &'a [u32],
    askers: &'a Askers,
    owner: Vec<u32>,
}

impl<'a> Narrow<'a> {
    pub fn new(market: &'a Market, class: &'a [u32], askers: &'a Askers) -> Self {
        Self {
            market,
            class,
            askers,
            owner: applicants(market),
        }
    }

    /// Takes away all that the rules of [`crate::largest`] take away; returns `false`
    /// when somebody has nothing left, so that there is nothing stable here.
    ///
    /// The order does not matter: what is taken away makes no rule apply less.
    pub fn reduce(&self, side: &mut Allowed) -> bool {
        let providers = u32::try_from(self.market.seats.len()).unwrap_or(NONE);
        let mut waiting: Vec<u32> = (0..providers).rev().collect();
        let mut queued = vec![true; providers as usize];
        while let Some(provider) = waiting.pop() {
            set(&mut queued, provider, false);
            for applicant in self.visit(side, provider) {
                let none = side.first(self.market, applicant) == NONE;
                if none && !at(&side.nothing, applicant, false) {
                    return false;
                }
                // Every provider on the list sees somebody changed.
                for entry in bounds(&self.market.first, applicant as usize) {
                    let other = self.market.provider.get(entry).copied().unwrap_or(NONE);
                    if !at(&queued, other, true) {
                        set(&mut queued, other, true);
                        waiting.push(other);
                    }
                }
            }
        }
        let mut people = (0..u32::try_from(self.market.applicants()).unwrap_or(NONE))
            .map(|a| at(&side.nothing, a, false) || side.first(self.market, a) != NONE);
        people.all(|has| has)
    }

    /// Applies the rules at one provider; returns whom they took something from.
    fn visit(&self, side: &mut Allowed, provider: u32) -> Vec<u32> {
        let own = self.askers.of(provider);
        let capacity = self.market.seats.get(provider as usize);
        let capacity = capacity.map_or(0, |s| s.capacity as usize);
        let class = |e: &u32| at(self.class, *e, NONE);
        let mut changed = Vec::new();
        // People of the classes so far: who may come, who comes unless refused, and
        // whether somebody gets less for certain.
        let (mut may, mut sure, mut less) = (0usize, 0usize, false);
        let mut must_fill = false;
        for group in own.chunk_by(|a, b| class(a) == class(b)) {
            if less || sure >= capacity {
                for entry in group
                    .iter()
                    .filter(|e| side.entry(**e))
                    .copied()
                    .collect::<Vec<_>>()
                {
                    set(&mut side.entries, entry, false);
                    changed.push(at(&self.owner, entry, NONE));
                }
            }
            may += group.iter().filter(|e| side.entry(**e)).count();
            for entry in group {
                let applicant = at(&self.owner, *entry, NONE);
                let others = may - usize::from(side.entry(*entry));
                if others < capacity && side.no_worse(self.market, applicant, *entry) {
                    changed.push(applicant);
                }
                let first = side.first(self.market, applicant);
                sure += usize::from(first == *entry);
                less |= first > *entry;
            }
            if less && !must_fill {
                must_fill = true;
                if may <= capacity {
                    let to = own
                        .iter()
                        .take_while(|e| class(e) <= group.first().map_or(0, class));
                    for entry in to.filter(|e| side.entry(**e)).copied().collect::<Vec<_>>() {
                        let applicant = at(&self.owner, entry, NONE);
                        if side.only(self.market, applicant, entry) {
                            changed.push(applicant);
                        }
                    }
                }
            }
        }
        changed
    }
}
