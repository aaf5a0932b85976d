use std::collections::VecDeque;

use crate::choice::{Candidate, choose};
use crate::market::{Door, Market, MarketError};

/// Who got what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// For each applicant the entry of the own list, counted from 0.
    pub entry: Vec<Option<u32>>,
    /// For each applicant the way in.
    pub door: Vec<Option<Door>>,
    /// How many proposals were made.
    pub proposals: u64,
}

const NOBODY: u32 = u32::MAX;

/// Returns the stable assignment that every applicant likes best, by
/// applicant-proposing deferred acceptance.
///
/// Time O(E log capacity) for E entries where providers have plain seats; where
/// they have groups, each batch of proposals costs one evaluation of the choice
/// function. Memory is the market plus 16 bytes a seat and 8 an applicant.
///
/// # Errors
/// When the market does not fit together.
pub fn deferred_acceptance(market: &Market) -> Result<Outcome, MarketError> {
    market.check()?;
    let mut run = Run::new(market);
    // First in, first out: neighbours in memory propose one after another.
    let mut queue: VecDeque<u32> =
        (0..u32::try_from(market.applicants()).unwrap_or(NOBODY)).collect();
    loop {
        while let Some(applicant) = queue.pop_front() {
            if let Some(rejected) = run.propose(applicant)? {
                queue.push_back(rejected);
            }
        }
        run.settle_groups(&mut queue)?;
        if queue.is_empty() {
            break;
        }
    }
    Ok(run.finish())
}

/// The people one provider holds.
enum Held {
    /// Plain seats: a heap with the worst on top.
    Plain {
        capacity: usize,
        heap: Vec<(u64, u32)>,
    },
    /// Seats with groups: those held, and those who came since the last choice.
    Grouped {
        held: Vec<(Candidate, Door)>,
        waiting: Vec<Candidate>,
    },
}

struct Run<'a> {
    market: &'a Market,
    /// For each applicant the entry it stands at.
    next: Vec<u32>,
    held: Vec<Held>,
    /// Providers with groups that have new proposals.
    touched: Vec<u32>,
    proposals: u64,
}

impl<'a> Run<'a> {
    fn new(market: &'a Market) -> Self {
        let mut grouped: Vec<bool> = market
            .seats
            .iter()
            .map(|s| !s.reserves.is_empty() || !s.ceilings.is_empty())
            .collect();
        for (provider, groups) in market.provider.iter().zip(&market.groups) {
            if let (Some(flag), true) = (grouped.get_mut(*provider as usize), *groups != 0) {
                *flag = true;
            }
        }
        let held = market
            .seats
            .iter()
            .zip(grouped)
            .map(|(seats, grouped)| {
                if grouped {
                    Held::Grouped {
                        held: Vec::new(),
                        waiting: Vec::new(),
                    }
                } else {
                    Held::Plain {
                        capacity: seats.capacity as usize,
                        heap: Vec::new(),
                    }
                }
            })
            .collect();
        let next = market
            .first
            .iter()
            .take(market.applicants())
            .copied()
            .collect();
        Self {
            market,
            next,
            held,
            touched: Vec::new(),
            proposals: 0,
        }
    }

    /// Lets the applicant ask down the own list until a plain provider holds it or
    /// a grouped one has it in waiting; returns whom a plain provider let go.
    fn propose(&mut self, applicant: u32) -> Result<Option<u32>, MarketError> {
        let market = self.market;
        let end = market
            .first
            .get(applicant as usize + 1)
            .copied()
            .unwrap_or(0);
        let Some(next) = self.next.get_mut(applicant as usize) else {
            return Ok(None);
        };
        while *next < end {
            let entry = *next as usize;
            let (Some(&provider), Some(&key)) = (market.provider.get(entry), market.key.get(entry))
            else {
                return Err(MarketError::Shape("an offset leads past the entries"));
            };
            let Some(held) = self.held.get_mut(provider as usize) else {
                return Err(MarketError::UnknownProvider {
                    entry: *next,
                    provider,
                });
            };
            self.proposals += 1;
            match held {
                Held::Grouped { waiting, .. } => {
                    if waiting.is_empty() {
                        self.touched.push(provider);
                    }
                    waiting.push(Candidate {
                        key,
                        applicant,
                        groups: market.groups_of(entry),
                    });
                    return Ok(None);
                }
                Held::Plain { capacity, heap } => {
                    if heap.len() < *capacity {
                        push(heap, (key, applicant));
                        return Ok(None);
                    }
                    match heap.first().copied() {
                        Some((worst, _)) if worst == key => {
                            return Err(MarketError::SameKey { provider });
                        }
                        Some((worst, rejected)) if key < worst => {
                            replace_worst(heap, (key, applicant));
                            if let Some(next) = self.next.get_mut(rejected as usize) {
                                *next += 1;
                            }
                            return Ok(Some(rejected));
                        }
                        _ => *next += 1,
                    }
                }
            }
        }
        Ok(None)
    }

    /// Lets every provider with groups and new proposals choose; whom it does not
    /// take goes back into the queue.
    fn settle_groups(&mut self, queue: &mut VecDeque<u32>) -> Result<(), MarketError> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        for provider in touched {
            let seats = self.market.seats.get(provider as usize);
            let (Some(seats), Some(Held::Grouped { held, waiting })) =
                (seats, self.held.get_mut(provider as usize))
            else {
                continue;
            };
            let mut candidates: Vec<Candidate> = held
                .drain(..)
                .map(|(c, _)| c)
                .chain(waiting.drain(..))
                .collect();
            let doors = choose(seats, &mut candidates);
            if candidates
                .windows(2)
                .any(|pair| matches!(pair, [a, b] if a.key == b.key))
            {
                return Err(MarketError::SameKey { provider });
            }
            for (candidate, door) in candidates.into_iter().zip(doors) {
                match door {
                    Some(door) => held.push((candidate, door)),
                    None => {
                        if let Some(next) = self.next.get_mut(candidate.applicant as usize) {
                            *next += 1;
                        }
                        queue.push_back(candidate.applicant);
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Outcome {
        let count = self.market.applicants();
        let mut door: Vec<Option<Door>> = vec![None; count];
        for held in &self.held {
            let pairs: Vec<(u32, Door)> = match held {
                Held::Plain { heap, .. } => heap.iter().map(|(_, a)| (*a, Door::Open)).collect(),
                Held::Grouped { held, .. } => held.iter().map(|(c, d)| (c.applicant, *d)).collect(),
            };
            for (applicant, way) in pairs {
                if let Some(slot) = door.get_mut(applicant as usize) {
                    *slot = Some(way);
                }
            }
        }
        let entry = self
            .next
            .iter()
            .zip(&self.market.first)
            .zip(&door)
            .map(|((next, first), door)| door.map(|_| next - first))
            .collect();
        Outcome {
            entry,
            door,
            proposals: self.proposals,
        }
    }
}

/// Adds to a heap whose largest is first.
fn push(heap: &mut Vec<(u64, u32)>, item: (u64, u32)) {
    heap.push(item);
    let mut child = heap.len() - 1;
    while child > 0 {
        let parent = (child - 1) / 2;
        if heap.get(parent) >= heap.get(child) {
            break;
        }
        heap.swap(parent, child);
        child = parent;
    }
}

/// Puts the item in place of the largest.
fn replace_worst(heap: &mut [(u64, u32)], item: (u64, u32)) {
    if let Some(top) = heap.first_mut() {
        *top = item;
    }
    let mut parent = 0;
    loop {
        let (left, right) = (2 * parent + 1, 2 * parent + 2);
        let larger = if heap.get(right) > heap.get(left) {
            right
        } else {
            left
        };
        if larger >= heap.len() || heap.get(larger) <= heap.get(parent) {
            break;
        }
        heap.swap(parent, larger);
        parent = larger;
    }
}
