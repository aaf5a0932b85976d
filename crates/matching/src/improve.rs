//! Stable improvement cycles.

use crate::deferred::{Outcome, deferred_acceptance};
use crate::lists::{NONE, at, bounds, row, set};
use crate::market::{Market, MarketError};
use crate::providers::outcome;

/// Stable improvement cycles (Erdil and Ergin 2008): where priorities have ties,
/// deferred acceptance with tie-breaking keys can leave people who could trade
/// without passing over anybody of strictly higher priority. As long as there is a
/// cycle of people, each of the best class among all who want the next one's
/// provider, it is traded. The result is weakly stable, and no weakly stable one is
/// better for somebody and worse for nobody.
///
/// `class` gives the class of each entry at its provider, lower first; keys have to
/// refine it. Which cycle is traded first is fixed: providers and applicants in
/// their order. It pays to misreport.
///
/// Seats are plain. Each pass is O(E) for E entries and trades as many separate
/// cycles as it finds; there are at most as many passes as there are cycles.
///
/// # Errors
/// When market and classes do not fit together.
pub fn stable_improvement_cycles(market: &Market, class: &[u32]) -> Result<Outcome, MarketError> {
    let start = tied(market, class)?;
    let mut held: Vec<u32> = (0..market.applicants())
        .zip(&start.entry)
        .map(|(a, e)| {
            let from = u32::try_from(bounds(&market.first, a).start).unwrap_or(NONE);
            e.map_or(NONE, |e| from + e)
        })
        .collect();
    let mut steps = start.proposals;
    loop {
        let wishes = Wishes::new(market, class, &held);
        let cycles = wishes.cycles();
        if cycles.is_empty() {
            return Ok(outcome(market, &held, steps));
        }
        for (applicant, entry) in cycles.into_iter().flatten() {
            steps += 1;
            set(&mut held, applicant, entry);
        }
    }
}

/// Checks that keys refine the classes, and returns deferred acceptance.
pub(crate) fn tied(market: &Market, class: &[u32]) -> Result<Outcome, MarketError> {
    market.check()?;
    market.plain_only("ties are known for plain seats only")?;
    if class.len() != market.key.len() {
        return Err(MarketError::Shape("the classes do not fit the entries"));
    }
    let askers = crate::lists::Askers::new(market)?;
    for provider in 0..u32::try_from(market.seats.len()).unwrap_or(NONE) {
        let own = askers.of(provider).iter().map(|e| at(class, *e, 0));
        if !own.is_sorted() {
            return Err(MarketError::Shape("the keys do not refine the classes"));
        }
    }
    deferred_acceptance(market)
}

/// Who could move where without passing over a better class: for each provider its
/// people's moves.
struct Wishes {
    first: Vec<u32>,
    /// Applicant, entry, provider of the entry.
    moves: Vec<(u32, u32, u32)>,
}

impl Wishes {
    fn new(market: &Market, class: &[u32], held: &[u32]) -> Self {
        let better = |applicant: usize, own: u32| {
            let list = bounds(&market.first, applicant);
            let end = if own == NONE { list.end } else { own as usize };
            u32::try_from(list.start).unwrap_or(NONE)..u32::try_from(end).unwrap_or(0)
        };
        let mut best = vec![NONE; market.seats.len()];
        for (applicant, own) in held.iter().enumerate() {
            for entry in better(applicant, *own) {
                let provider = at(&market.provider, entry, NONE);
                if let Some(best) = best.get_mut(provider as usize) {
                    *best = (*best).min(at(class, entry, NONE));
                }
            }
        }
        let mut moves: Vec<(u32, u32, u32, u32)> = Vec::new();
        for (number, (applicant, own)) in (0u32..).zip(held.iter().enumerate()) {
            if *own == NONE {
                continue;
            }
            let from = at(&market.provider, *own, NONE);
            for entry in better(applicant, *own) {
                let to = at(&market.provider, entry, NONE);
                if at(class, entry, NONE) == at(&best, to, 0) {
                    moves.push((from, number, entry, to));
                }
            }
        }
        moves.sort_unstable();
        let mut first = vec![0u32; market.seats.len() + 1];
        for (from, ..) in &moves {
            if let Some(count) = first.get_mut(*from as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        let moves = moves.into_iter().map(|(_, a, e, to)| (a, e, to)).collect();
        Self { first, moves }
    }

    /// Returns cycles that share no provider, found depth first.
    fn cycles(&self) -> Vec<Vec<(u32, u32)>> {
        const NEW: u32 = NONE;
        const DONE: u32 = NONE - 1;
        let providers = self.first.len().saturating_sub(1);
        let mut place = vec![NEW; providers];
        let mut next = vec![0usize; providers];
        let mut cycles = Vec::new();
        for start in 0..u32::try_from(providers).unwrap_or(0) {
            if at(&place, start, DONE) != NEW {
                continue;
            }
            let mut path: Vec<u32> = vec![start];
            let mut taken: Vec<(u32, u32)> = Vec::new();
            set(&mut place, start, 0);
            while let Some(&provider) = path.last() {
                let own = row(&self.first, &self.moves, provider as usize);
                let index = next.get_mut(provider as usize);
                let step = index.and_then(|i| {
                    *i += 1;
                    own.get(*i - 1)
                });
                let Some(&(applicant, entry, to)) = step else {
                    set(&mut place, provider, DONE);
                    path.pop();
                    taken.pop();
                    continue;
                };
                match at(&place, to, DONE) {
                    DONE => {}
                    NEW => {
                        set(&mut place, to, u32::try_from(path.len()).unwrap_or(DONE));
                        path.push(to);
                        taken.push((applicant, entry));
                    }
                    from => {
                        taken.push((applicant, entry));
                        cycles.push(taken.split_off(from as usize));
                        for member in path.split_off(from as usize) {
                            set(&mut place, member, DONE);
                        }
                        // Who led to the first of the cycle goes on looking.
                        taken.pop();
                    }
                }
            }
        }
        cycles
    }
}
