use crate::choice::{Candidate, choose};
use crate::heap::{Seated, heapify, sift_down};
use crate::lists::{NONE, at, bounds, set};
use crate::market::{Door, Market, MarketError};

/// Who got what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// For each applicant the entry of the own list, counted from 0.
    pub entry: Vec<Option<u32>>,
    /// For each applicant the way in.
    pub door: Vec<Option<Door>>,
    /// How many proposals (in top trading cycles: steps) were made.
    pub proposals: u64,
}

/// Returns the stable assignment that every applicant likes best, by
/// applicant-proposing deferred acceptance.
///
/// Time O(E log capacity) for E entries where providers have plain seats; where
/// they have groups, each batch of proposals costs one evaluation of the choice
/// function. Memory is the market plus 16 bytes a seat and 10 an applicant.
///
/// # Errors
/// When the market does not fit together.
pub fn deferred_acceptance(market: &Market) -> Result<Outcome, MarketError> {
    market.check()?;
    solve(market, PerEntry(&market.key))
}

/// [`deferred_acceptance`] where one draw orders everybody within the classes of
/// priority: the key of an entry is its class (lower first), then the applicant's
/// place in the draw (`rank`, all different), and `market.key` is not looked at.
///
/// With classes of one byte it needs 5 bytes for an entry and 4 for an applicant where
/// keys of their own need 12 for an entry, and another draw is another `rank`.
///
/// # Errors
/// When the market does not fit together.
pub fn deferred_acceptance_by_draw<C: Copy + Into<u32>>(
    market: &Market,
    class: &[C],
    rank: &[u32],
) -> Result<Outcome, MarketError> {
    market.check_lists()?;
    if class.len() != market.provider.len() || rank.len() != market.applicants() {
        return Err(MarketError::Shape("classes or draw do not fit the lists"));
    }
    solve(market, ByDraw { class, rank })
}

fn solve<K: Keys>(market: &Market, keys: K) -> Result<Outcome, MarketError> {
    let mut run = Run::new(market, keys);
    while run.sweep()? {}
    Ok(run.finish())
}

/// A run that goes on after providers close.
pub(crate) struct Closable<'a>(Run<'a, PerEntry<'a>>);

impl<'a> Closable<'a> {
    /// Begins with a checked market.
    pub fn new(market: &'a Market) -> Self {
        Self(Run::new(market, PerEntry(&market.key)))
    }

    /// Lets everybody propose who is free, until nobody is.
    pub fn settle(&mut self) -> Result<(), MarketError> {
        while self.0.sweep()? {}
        Ok(())
    }

    /// Returns how many each provider holds.
    pub fn counts(&self) -> Vec<u32> {
        let held = |p: &Provider| match p.grouped {
            true => {
                let own = self.0.grouped.get(p.start as usize);
                u32::try_from(own.map_or(0, |g| g.held.len())).unwrap_or(NONE)
            }
            false => p.count,
        };
        self.0.providers.iter().map(held).collect()
    }

    /// Closes a provider: its people are free again, and it takes nobody any more.
    pub fn close(&mut self, provider: u32) {
        let run = &mut self.0;
        let Some(own) = run.providers.get_mut(provider as usize) else {
            return;
        };
        let was = std::mem::replace(
            own,
            Provider {
                cutoff: 0,
                start: 0,
                count: 0,
                capacity: 0,
                grouped: false,
            },
        );
        let people: Vec<u32> = if was.grouped {
            let own = run.grouped.get_mut(was.start as usize);
            own.map_or_else(Vec::new, |g| {
                g.held.drain(..).map(|(c, _)| c.applicant).collect()
            })
        } else {
            let from = was.start as usize;
            let seats = run.seats.get(from..from + was.count as usize);
            seats.unwrap_or_default().iter().map(|s| s.1).collect()
        };
        for applicant in people {
            run.release(applicant);
        }
    }

    /// Returns who got what.
    pub fn finish(self) -> Outcome {
        self.0.finish()
    }
}

/// Where the key of an entry comes from.
trait Keys {
    fn of(&self, entry: u32, applicant: u32) -> u64;
}

struct PerEntry<'a>(&'a [u64]);

impl Keys for PerEntry<'_> {
    fn of(&self, entry: u32, _: u32) -> u64 {
        at(self.0, entry, u64::MAX)
    }
}

struct ByDraw<'a, C> {
    class: &'a [C],
    rank: &'a [u32],
}

impl<C: Copy + Into<u32>> Keys for ByDraw<'_, C> {
    fn of(&self, entry: u32, applicant: u32) -> u64 {
        let class = self.class.get(entry as usize);
        let class = class.map_or(NONE, |c| (*c).into());
        u64::from(class) << 32 | u64::from(at(self.rank, applicant, NONE))
    }
}

/// The people that a provider with groups holds, and those who came since.
#[derive(Default)]
struct Grouped {
    held: Vec<(Candidate, Door)>,
    waiting: Vec<Candidate>,
}

/// A provider as the run sees it.
#[derive(Clone, Copy)]
struct Provider {
    /// Who has a key of at least this is turned away without a further look.
    cutoff: u64,
    /// Where its seats stand; for one with groups its number among those.
    start: u32,
    count: u32,
    capacity: u32,
    grouped: bool,
}

struct Run<'a, K> {
    market: &'a Market,
    keys: K,
    /// For each applicant the entry it stands at.
    next: Vec<u32>,
    providers: Vec<Provider>,
    /// The seats of all plain providers; a full one's are a heap.
    seats: Vec<Seated>,
    grouped: Vec<Grouped>,
    /// Providers with groups that have new proposals.
    touched: Vec<u32>,
    /// Who has to propose, a bit each: going through it in order keeps to the
    /// order of the lists in memory.
    free: Vec<u64>,
    proposals: u64,
}

impl<'a, K: Keys> Run<'a, K> {
    fn new(market: &'a Market, keys: K) -> Self {
        let mut asked = vec![0u32; market.seats.len()];
        for provider in &market.provider {
            if let Some(count) = asked.get_mut(*provider as usize) {
                *count += 1;
            }
        }
        let (mut start, mut groups) = (0u32, 0u32);
        let mut providers = Vec::with_capacity(market.seats.len());
        for ((seats, grouped), asked) in market.seats.iter().zip(market.grouped()).zip(asked) {
            // No more seats than people who ask can be taken.
            let capacity = seats.capacity.min(asked);
            providers.push(Provider {
                cutoff: if capacity == 0 { 0 } else { u64::MAX },
                start: if grouped { groups } else { start },
                count: 0,
                capacity,
                grouped,
            });
            if grouped {
                groups += 1;
            } else {
                start += capacity;
            }
        }
        let applicants = market.applicants();
        let mut free = vec![u64::MAX; applicants / 64];
        if !applicants.is_multiple_of(64) {
            free.push((1 << (applicants % 64)) - 1);
        }
        Self {
            market,
            keys,
            next: market.first.iter().take(applicants).copied().collect(),
            providers,
            seats: vec![(0, NONE); start as usize],
            grouped: (0..groups).map(|_| Grouped::default()).collect(),
            touched: Vec::new(),
            free,
            proposals: 0,
        }
    }

    /// Lets everybody who is free propose once through, then the providers with
    /// groups choose; returns whether somebody was free.
    fn sweep(&mut self) -> Result<bool, MarketError> {
        let mut any = false;
        for word in 0..self.free.len() {
            std::hint::black_box(self.touch(word));
            while let Some(bits) = self.free.get_mut(word).filter(|b| **b != 0) {
                let bit = bits.trailing_zeros();
                *bits &= *bits - 1;
                any = true;
                let applicant = u32::try_from(word * 64).unwrap_or(NONE) + bit;
                self.propose(applicant)?;
            }
        }
        self.settle_groups()?;
        Ok(any)
    }

    /// Reads what the free applicants of a word will need, so that the waits for
    /// memory overlap instead of following each other; the sum is of no interest.
    fn touch(&self, word: usize) -> u64 {
        let mut bits = self.free.get(word).copied().unwrap_or(0);
        let mut sum = 0u64;
        let first = u32::try_from(word * 64).unwrap_or(NONE);
        while bits != 0 {
            let applicant = first + bits.trailing_zeros();
            bits &= bits - 1;
            let entry = at(&self.next, applicant, 0);
            let provider = at(&self.market.provider, entry, 0);
            sum ^= self.keys.of(entry, applicant);
            if let Some(own) = self.providers.get(provider as usize) {
                sum ^= own.cutoff ^ self.seats.get(own.start as usize).map_or(0, |s| s.0);
            }
        }
        sum
    }

    fn release(&mut self, applicant: u32) {
        if let Some(next) = self.next.get_mut(applicant as usize) {
            *next += 1;
        }
        if let Some(word) = self.free.get_mut(applicant as usize / 64) {
            *word |= 1 << (applicant % 64);
        }
    }

    /// Lets the applicant ask down the own list until a plain provider holds it or
    /// a grouped one has it in waiting.
    fn propose(&mut self, applicant: u32) -> Result<(), MarketError> {
        let market = self.market;
        let start = at(&self.next, applicant, 0);
        let end = at(&market.first, applicant + 1, 0);
        let wishes = market.provider.get(start as usize..end as usize);
        for (entry, &provider) in (start..).zip(wishes.unwrap_or_default()) {
            let key = self.keys.of(entry, applicant);
            self.proposals += 1;
            let Some(own) = self.providers.get_mut(provider as usize) else {
                return Err(MarketError::UnknownProvider { entry, provider });
            };
            if own.grouped {
                set(&mut self.next, applicant, entry);
                self.wait(
                    provider,
                    Candidate {
                        key,
                        applicant,
                        groups: market.groups_of(entry as usize),
                    },
                );
                return Ok(());
            }
            if key >= own.cutoff {
                if key == own.cutoff && own.capacity > 0 && own.count == own.capacity {
                    return Err(MarketError::SameKey { provider });
                }
                // The largest key of all is no cut-off while there is room.
                if own.count == own.capacity {
                    continue;
                }
            }
            let from = own.start as usize;
            set(&mut self.next, applicant, entry);
            if own.count < own.capacity {
                set(&mut self.seats, own.start + own.count, (key, applicant));
                own.count += 1;
                if own.count == own.capacity {
                    let seats = self.seats.get_mut(from..from + own.capacity as usize);
                    let seats = seats.unwrap_or_default();
                    heapify(seats);
                    own.cutoff = seats.first().map_or(0, |s| s.0);
                }
                return Ok(());
            }
            let seats = self.seats.get_mut(from..from + own.capacity as usize);
            let seats = seats.unwrap_or_default();
            if let Some(top) = seats.first_mut() {
                let (_, rejected) = std::mem::replace(top, (key, applicant));
                sift_down(seats, 0);
                own.cutoff = seats.first().map_or(0, |s| s.0);
                self.release(rejected);
            }
            return Ok(());
        }
        set(&mut self.next, applicant, end);
        Ok(())
    }

    fn wait(&mut self, provider: u32, candidate: Candidate) {
        let index = self
            .providers
            .get(provider as usize)
            .map_or(NONE, |p| p.start);
        if let Some(group) = self.grouped.get_mut(index as usize) {
            if group.waiting.is_empty() {
                self.touched.push(provider);
            }
            group.waiting.push(candidate);
        }
    }

    /// Lets every provider with groups and new proposals choose; whom it does not
    /// take is free again.
    fn settle_groups(&mut self) -> Result<(), MarketError> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        for provider in touched {
            let index = self
                .providers
                .get(provider as usize)
                .map_or(NONE, |p| p.start);
            let (Some(seats), Some(group)) = (
                self.market.seats.get(provider as usize),
                self.grouped.get_mut(index as usize),
            ) else {
                continue;
            };
            let held = group.held.drain(..).map(|(c, _)| c);
            let mut candidates: Vec<Candidate> = held.chain(group.waiting.drain(..)).collect();
            let doors = choose(seats, &mut candidates);
            if candidates
                .windows(2)
                .any(|pair| matches!(pair, [a, b] if a.key == b.key))
            {
                return Err(MarketError::SameKey { provider });
            }
            let mut out = Vec::new();
            for (candidate, door) in candidates.into_iter().zip(doors) {
                match door {
                    Some(door) => group.held.push((candidate, door)),
                    None => out.push(candidate.applicant),
                }
            }
            for applicant in out {
                self.release(applicant);
            }
        }
        Ok(())
    }

    fn finish(self) -> Outcome {
        let count = self.market.applicants();
        let mut door: Vec<Option<Door>> = vec![None; count];
        let plain = self.providers.iter().filter(|p| !p.grouped);
        for provider in plain {
            let from = provider.start as usize;
            let seats = self.seats.get(from..from + provider.count as usize);
            for (_, applicant) in seats.unwrap_or_default() {
                set(&mut door, *applicant, Some(Door::Open));
            }
        }
        for (candidate, way) in self.grouped.iter().flat_map(|g| &g.held) {
            set(&mut door, candidate.applicant, Some(*way));
        }
        let entry = (0..count)
            .zip(&self.next)
            .zip(&door)
            .map(|((applicant, next), door)| {
                let start = bounds(&self.market.first, applicant).start;
                door.map(|_| next - u32::try_from(start).unwrap_or(*next))
            })
            .collect();
        Outcome {
            entry,
            door,
            proposals: self.proposals,
        }
    }
}
