//! Joint applications of couples.

use std::collections::{BTreeMap, BTreeSet};

use crate::deferred::Outcome;
use crate::lists::{Askers, NONE, at, bounds, row, set};
use crate::market::{Market, MarketError};
use crate::providers::outcome;

/// Couples and their joint lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Couples {
    /// Who; nobody twice.
    pub members: Vec<[u32; 2]>,
    /// Offsets into the pairs, one more than there are couples.
    pub first: Vec<u32>,
    /// Pairs of entries of the market, the first member's and the second's, the most
    /// wanted pair first; [`Couples::NONE`] for no place.
    pub pair: Vec<[u32; 2]>,
}

/// A move that everybody concerned prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// An applicant alone to an entry of the market.
    Single(u32, u32),
    /// A couple to one of its pairs, counted from 0.
    Couple(u32, u32),
}

/// What is known of stable assignments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// Insertion found one.
    Inserted,
    /// Insertion did not; looking through assignments did.
    Found,
    /// There is none: every assignment was looked at.
    NoneExists,
    /// None was found, and there are too many assignments to look at all.
    Unknown,
}

/// An assignment, and what blocks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joint {
    /// The assignment with the fewest blocking moves that was met.
    pub outcome: Outcome,
    /// Every move that blocks it; empty when it is stable.
    pub blocking: Vec<Block>,
    /// What is known.
    pub search: Search,
}

/// How many assignments are looked at when insertion finds none.
const LOOK_MAX: u64 = 500_000;

impl Couples {
    /// No place.
    pub const NONE: u32 = NONE;

    fn pairs(&self, couple: u32) -> &[[u32; 2]] {
        row(&self.first, &self.pair, couple as usize)
    }

    fn check(&self, market: &Market) -> Result<(), MarketError> {
        let wrong = MarketError::Shape("the couples do not fit the market");
        let mut seen = vec![false; market.applicants()];
        for member in self.members.iter().flatten() {
            match seen.get_mut(*member as usize) {
                Some(flag) if !*flag => *flag = true,
                _ => return Err(wrong),
            }
        }
        let fits = self.first.len() == self.members.len() + 1
            && self.first.first() == Some(&0)
            && self.first.is_sorted()
            && self.first.last().map(|l| *l as usize) == Some(self.pair.len());
        let own = |member: u32, entry: u32| {
            entry == NONE || bounds(&market.first, member as usize).contains(&(entry as usize))
        };
        let listed = (0u32..).zip(&self.members).all(|(couple, [a, b])| {
            let mut pairs = self.pairs(couple).iter();
            pairs.all(|[x, y]| own(*a, *x) && own(*b, *y))
        });
        if fits && listed { Ok(()) } else { Err(wrong) }
    }
}

/// Looks for a stable assignment with couples, by inserting applicants one after
/// another, couples last; whoever is put out is inserted again, the other member of a
/// couple goes along, and people who now want the seats left behind are asked (in the
/// manner of Roth and Peranson 1999).
///
/// Nothing blocks a stable assignment: nobody alone prefers an entry, and no couple a
/// pair, where each provider concerned would take the newcomers out of its people,
/// without those one or two, and the newcomers. One need not exist (Roth 1984) and to
/// know is NP-complete (Ronn 1990), so the number of insertions is limited by
/// `steps`. Then, if there are few enough assignments, all are looked at; else the one
/// with the fewest blocking moves that was met is returned with all of them.
///
/// A member's own list in the market only says which entries there are; the couple's
/// pairs are its preferences. Seats are plain. It can pay to misreport.
///
/// # Errors
/// When market and couples do not fit together.
pub fn couples(market: &Market, couples: &Couples, steps: u64) -> Result<Joint, MarketError> {
    market.check()?;
    market.plain_only("couples know plain seats only")?;
    couples.check(market)?;
    let askers = Askers::new(market)?;
    let mut run = Run::new(market, couples, &askers);
    let (held, blocking) = run.insert_all(steps);
    let (held, blocking, search) = if blocking.is_empty() {
        (held, blocking, Search::Inserted)
    } else {
        match run.look() {
            Some(Some(found)) => (found, Vec::new(), Search::Found),
            Some(None) => (held, blocking, Search::NoneExists),
            None => (held, blocking, Search::Unknown),
        }
    };
    Ok(Joint {
        outcome: outcome(market, &held, run.steps),
        blocking,
        search,
    })
}

/// An applicant alone (its number), or a couple (behind the applicants).
type Unit = u32;

struct Run<'a> {
    market: &'a Market,
    couples: &'a Couples,
    askers: &'a Askers,
    /// The couple of each applicant.
    couple: Vec<u32>,
    held: Vec<u32>,
    seated: Vec<BTreeSet<(u64, u32)>>,
    /// Providers that lost somebody since their askers were looked at.
    vacated: BTreeSet<u32>,
    steps: u64,
}

impl<'a> Run<'a> {
    fn new(market: &'a Market, couples: &'a Couples, askers: &'a Askers) -> Self {
        let mut couple = vec![NONE; market.applicants()];
        for (index, members) in (0u32..).zip(&couples.members) {
            for member in members {
                set(&mut couple, *member, index);
            }
        }
        Self {
            market,
            couples,
            askers,
            couple,
            held: vec![NONE; market.applicants()],
            seated: vec![BTreeSet::new(); market.seats.len()],
            vacated: BTreeSet::new(),
            steps: 0,
        }
    }

    fn people(&self) -> u32 {
        u32::try_from(self.held.len()).unwrap_or(NONE)
    }

    fn unit_of(&self, applicant: u32) -> Unit {
        match at(&self.couple, applicant, NONE) {
            NONE => applicant,
            couple => self.people() + couple,
        }
    }

    fn members(&self, unit: Unit) -> Vec<u32> {
        match unit.checked_sub(self.people()) {
            None => vec![unit],
            Some(couple) => at(&self.couples.members, couple, [NONE, NONE]).to_vec(),
        }
    }

    /// Returns what a unit asks for, best first: an entry for each member.
    fn options(&self, unit: Unit) -> Vec<Vec<u32>> {
        match unit.checked_sub(self.people()) {
            None => bounds(&self.market.first, unit as usize)
                .filter_map(|e| u32::try_from(e).ok().map(|e| vec![e]))
                .collect(),
            Some(couple) => self
                .couples
                .pairs(couple)
                .iter()
                .map(|p| p.to_vec())
                .collect(),
        }
    }

    /// Returns how many options are better than what a unit has.
    fn better(&self, unit: Unit) -> usize {
        let now: Vec<u32> = self
            .members(unit)
            .iter()
            .map(|m| at(&self.held, *m, NONE))
            .collect();
        let options = self.options(unit);
        options
            .iter()
            .position(|o| *o == now)
            .unwrap_or(options.len())
    }

    fn capacity(&self, provider: u32) -> usize {
        let seats = self.market.seats.get(provider as usize);
        seats.map_or(0, |s| s.capacity as usize)
    }

    /// Returns whether every provider concerned would take the newcomers, those who
    /// leave being gone already.
    fn fits(&self, option: &[u32]) -> bool {
        option.iter().filter(|e| **e != NONE).all(|entry| {
            let provider = at(&self.market.provider, *entry, NONE);
            let key = at(&self.market.key, *entry, u64::MAX);
            let new = option
                .iter()
                .filter(|e| at(&self.market.provider, **e, NONE) == provider);
            let seated = self.seated.get(provider as usize);
            let count = seated.map_or(0, BTreeSet::len) + new.clone().count();
            // So many would have to leave; each of them worse than this newcomer,
            // unless the other newcomer is.
            let Some(over) = count
                .checked_sub(self.capacity(provider))
                .filter(|o| *o > 0)
            else {
                return true;
            };
            let worse_new = new.filter(|e| at(&self.market.key, **e, 0) > key).count();
            let worse = seated.into_iter().flatten().rev();
            worse.take(over).take_while(|(k, _)| *k > key).count() + worse_new >= over
        })
    }

    /// Takes a unit out of its seats.
    fn withdraw(&mut self, unit: Unit) {
        for member in self.members(unit) {
            let entry = at(&self.held, member, NONE);
            if entry != NONE {
                let provider = at(&self.market.provider, entry, NONE);
                let key = at(&self.market.key, entry, 0);
                if let Some(seated) = self.seated.get_mut(provider as usize) {
                    seated.remove(&(key, member));
                }
                self.vacated.insert(provider);
                set(&mut self.held, member, NONE);
            }
        }
    }

    /// Seats a unit; returns who is put out.
    fn seat(&mut self, unit: Unit, option: &[u32]) -> Vec<u32> {
        for (member, entry) in self.members(unit).into_iter().zip(option) {
            set(&mut self.held, member, *entry);
            let provider = at(&self.market.provider, *entry, NONE);
            if let Some(seated) = self.seated.get_mut(provider as usize) {
                seated.insert((at(&self.market.key, *entry, 0), member));
            }
        }
        let mut out = Vec::new();
        for entry in option {
            let provider = at(&self.market.provider, *entry, NONE);
            let capacity = self.capacity(provider);
            if let Some(seated) = self.seated.get_mut(provider as usize) {
                while seated.len() > capacity {
                    out.extend(seated.pop_last().map(|(_, a)| a));
                }
            }
        }
        for applicant in &out {
            set(&mut self.held, *applicant, NONE);
        }
        out
    }

    /// Lets a unit go down its options to the first that takes it.
    fn insert(&mut self, unit: Unit, stack: &mut Vec<Unit>) {
        self.steps += 1;
        self.withdraw(unit);
        let option = self.options(unit).into_iter().find(|o| self.fits(o));
        for applicant in option.map_or_else(Vec::new, |o| self.seat(unit, &o)) {
            let other = self.unit_of(applicant);
            self.withdraw(other);
            stack.push(other);
        }
    }

    /// Inserts everybody; returns the best met and what blocks it.
    fn insert_all(&mut self, limit: u64) -> (Vec<u32>, Vec<Block>) {
        let couples = u32::try_from(self.couples.members.len()).unwrap_or(NONE);
        let singles = (0..self.people()).filter(|a| at(&self.couple, *a, NONE) == NONE);
        let all: Vec<Unit> = singles
            .chain((0..couples).map(|c| self.people() + c))
            .collect();
        let mut best: Option<(Vec<u32>, Vec<Block>)> = None;
        let mut waiting = all.into_iter();
        let mut stack: Vec<Unit> = Vec::new();
        loop {
            let next = stack
                .pop()
                .or_else(|| waiting.next())
                .or_else(|| self.wants_vacated());
            if let Some(unit) = next
                && self.steps < limit
            {
                self.insert(unit, &mut stack);
                continue;
            }
            let blocking = self.blocking();
            if best.as_ref().is_none_or(|(_, b)| blocking.len() < b.len()) {
                best = Some((self.held.clone(), blocking.clone()));
            }
            match blocking.first() {
                Some(block) if self.steps < limit => stack.push(match block {
                    Block::Single(applicant, _) => *applicant,
                    Block::Couple(couple, _) => self.people() + couple,
                }),
                _ => return best.unwrap_or_default(),
            }
        }
    }

    /// Returns the first who wants a seat that was left and would get it.
    fn wants_vacated(&mut self) -> Option<Unit> {
        while let Some(provider) = self.vacated.first().copied() {
            for entry in self.askers.of(provider) {
                let unit = self.unit_of(at(&self.askers.applicant, *entry, NONE));
                let better = self.better(unit);
                let options = self.options(unit).into_iter().take(better);
                let mut with = options.filter(|o| o.contains(entry));
                if with.any(|o| self.would_fit(unit, &o)) {
                    return Some(unit);
                }
            }
            self.vacated.remove(&provider);
        }
        None
    }

    /// Returns whether an option would take a unit that leaves its seats for it.
    fn would_fit(&mut self, unit: Unit, option: &[u32]) -> bool {
        let seats: Vec<(u32, u32)> = self
            .members(unit)
            .iter()
            .map(|m| (*m, at(&self.held, *m, NONE)))
            .filter(|(_, entry)| *entry != NONE)
            .collect();
        for (member, entry) in &seats {
            let key = at(&self.market.key, *entry, 0);
            let provider = at(&self.market.provider, *entry, NONE);
            if let Some(seated) = self.seated.get_mut(provider as usize) {
                seated.remove(&(key, *member));
            }
        }
        let fits = self.fits(option);
        for (member, entry) in &seats {
            let key = at(&self.market.key, *entry, 0);
            let provider = at(&self.market.provider, *entry, NONE);
            if let Some(seated) = self.seated.get_mut(provider as usize) {
                seated.insert((key, *member));
            }
        }
        fits
    }

    /// Returns everything that blocks.
    fn blocking(&mut self) -> Vec<Block> {
        let mut found = Vec::new();
        let couples = u32::try_from(self.couples.members.len()).unwrap_or(NONE);
        for unit in 0..self.people() + couples {
            if unit < self.people() && at(&self.couple, unit, NONE) != NONE {
                continue;
            }
            let better = self.better(unit);
            for (index, option) in (0u32..).zip(self.options(unit)).take(better) {
                if !self.would_fit(unit, &option) {
                    continue;
                }
                found.push(match unit.checked_sub(self.people()) {
                    None => Block::Single(unit, option.first().copied().unwrap_or(NONE)),
                    Some(couple) => Block::Couple(couple, index),
                });
            }
        }
        found
    }

    /// Looks through all assignments for a stable one: `None` when there are too many,
    /// `Some(None)` when there is none.
    fn look(&mut self) -> Option<Option<Vec<u32>>> {
        let couples = u32::try_from(self.couples.members.len()).unwrap_or(NONE);
        let units: Vec<Unit> = (0..self.people() + couples)
            .filter(|u| *u >= self.people() || at(&self.couple, *u, NONE) == NONE)
            .collect();
        let options: Vec<Vec<Vec<u32>>> = units.iter().map(|u| self.options(*u)).collect();
        let mut count = 1u64;
        for own in &options {
            count = count
                .checked_mul(own.len() as u64 + 1)
                .filter(|c| *c <= LOOK_MAX)?;
        }
        for number in 0..count {
            let mut rest = number;
            let mut used: BTreeMap<u32, usize> = BTreeMap::new();
            self.held.fill(NONE);
            for (unit, own) in units.iter().zip(&options) {
                let pick = (rest % (own.len() as u64 + 1)) as usize;
                rest /= own.len() as u64 + 1;
                let entries = own.get(pick).cloned().unwrap_or_default();
                for (member, entry) in self.members(*unit).into_iter().zip(entries) {
                    set(&mut self.held, member, entry);
                    if entry != NONE {
                        *used
                            .entry(at(&self.market.provider, entry, NONE))
                            .or_default() += 1;
                    }
                }
            }
            if used.iter().any(|(p, n)| *n > self.capacity(*p)) {
                continue;
            }
            self.seated.iter_mut().for_each(BTreeSet::clear);
            for (applicant, entry) in (0u32..).zip(&self.held) {
                let provider = at(&self.market.provider, *entry, NONE);
                if let Some(seated) = self.seated.get_mut(provider as usize) {
                    seated.insert((at(&self.market.key, *entry, 0), applicant));
                }
            }
            if self.blocking().is_empty() {
                return Some(Some(self.held.clone()));
            }
        }
        Some(None)
    }
}
