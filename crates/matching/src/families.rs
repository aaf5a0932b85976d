//! Brothers and sisters, grade by grade.

use crate::deferred::{Outcome, deferred_acceptance};
use crate::lists::{NONE, at, bounds, set};
use crate::market::{Market, MarketError};

/// What a family asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Priority where somebody of the family got a place in an earlier grade.
    Priority,
    /// As above, and that place comes first on the younger one's list.
    Linked,
    /// All at one site or none at all.
    Together,
}

/// Families over the grades of a market.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Families {
    /// The family of each applicant, [`Families::NONE`] for none.
    pub family: Vec<u32>,
    /// What each family asks for.
    pub wish: Vec<Wish>,
    /// The grade of each applicant; smaller ones are decided first. A provider has
    /// the places of one grade.
    pub grade: Vec<u32>,
    /// The site of each provider.
    pub site: Vec<u32>,
    /// The key of each entry once somebody of the family has a place at the site.
    pub sibling_key: Vec<u64>,
}

impl Families {
    /// No family.
    pub const NONE: u32 = NONE;
}

/// A decision with families.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The outcome on the original lists.
    pub outcome: Outcome,
    /// The lists as they were decided: sibling keys in force, linked places first,
    /// entries that would divide a family left out.
    pub decided: Market,
    /// Which entry of the original market each entry of [`Related::decided`] is.
    pub origin: Vec<u32>,
    /// Entries given up because somebody of the family could not get in there, in the
    /// order in which they were.
    pub struck: Vec<u32>,
}

/// Decides grade by grade (as in Chile: Correa and others 2022): after each grade the
/// families' places give the younger ones priority, or the first place on the list.
///
/// A family that stays together tries its sites in the order of the member decided
/// first: when another one does not get in at that site, the whole family gives it up
/// and everything is decided again, so that the others lose nothing by it. Each turn
/// gives up at least one site, so it ends. Stable assignments with linked families
/// need not exist; **the result is stable for the lists as decided**, and the entries
/// given up are named. It can pay to misreport.
///
/// # Errors
/// When market and families do not fit together.
pub fn families(market: &Market, families: &Families) -> Result<Related, MarketError> {
    market.check()?;
    check(market, families)?;
    let mut run = Run {
        market,
        families,
        members: members(families),
        given_up: vec![false; market.provider.len()],
        struck: Vec::new(),
    };
    for family in 0..run.members.len() {
        run.strike_unshared(family);
    }
    loop {
        let decided = run.decide()?;
        let divided = run.divided(&decided.held);
        if divided.is_empty() {
            return Ok(run.finish(decided));
        }
        for (family, site) in divided {
            run.strike(family, site);
        }
    }
}

fn check(market: &Market, families: &Families) -> Result<(), MarketError> {
    let people = market.applicants();
    let known = |f: &u32| *f == NONE || (*f as usize) < families.wish.len();
    let fits = families.family.len() == people
        && families.grade.len() == people
        && families.site.len() == market.seats.len()
        && families.sibling_key.len() == market.provider.len()
        && families.family.iter().all(known);
    if !fits {
        return Err(MarketError::Shape("the families do not fit the market"));
    }
    let mut grade = vec![NONE; market.seats.len()];
    for (applicant, own) in families.grade.iter().enumerate() {
        for provider in market
            .provider
            .get(bounds(&market.first, applicant))
            .unwrap_or_default()
        {
            match grade.get_mut(*provider as usize) {
                Some(slot) if *slot == NONE || *slot == *own => *slot = *own,
                _ => {
                    return Err(MarketError::Shape(
                        "a provider is asked for from two grades",
                    ));
                }
            }
        }
    }
    Ok(())
}

/// Returns each family's members, those decided first in front.
fn members(families: &Families) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); families.wish.len()];
    let mut order: Vec<(u32, u32)> = families.grade.iter().copied().zip(0u32..).collect();
    order.sort_unstable();
    for (_, applicant) in order {
        let family = at(&families.family, applicant, NONE);
        if let Some(list) = members.get_mut(family as usize) {
            list.push(applicant);
        }
    }
    members
}

struct Run<'a> {
    market: &'a Market,
    families: &'a Families,
    members: Vec<Vec<u32>>,
    given_up: Vec<bool>,
    struck: Vec<u32>,
}

/// What was decided, on the lists as decided.
struct Decided {
    market: Market,
    origin: Vec<u32>,
    /// For each applicant the original entry.
    held: Vec<u32>,
    door: Vec<Option<crate::market::Door>>,
    proposals: u64,
}

impl Run<'_> {
    fn entries(&self, applicant: u32) -> impl Iterator<Item = u32> + use<> {
        let range = bounds(&self.market.first, applicant as usize);
        u32::try_from(range.start).unwrap_or(NONE)..u32::try_from(range.end).unwrap_or(0)
    }

    fn site(&self, entry: u32) -> u32 {
        at(
            &self.families.site,
            at(&self.market.provider, entry, NONE),
            NONE,
        )
    }

    fn together(&self, family: usize) -> bool {
        self.families.wish.get(family) == Some(&Wish::Together)
    }

    /// Gives up the sites of a family that not all its members ask for.
    fn strike_unshared(&mut self, family: usize) {
        let members = self.members.get(family).cloned().unwrap_or_default();
        if !self.together(family) {
            return;
        }
        let sites: Vec<Vec<u32>> = members
            .iter()
            .map(|m| self.entries(*m).map(|e| self.site(e)).collect())
            .collect();
        for member in &members {
            for entry in self.entries(*member) {
                let site = self.site(entry);
                if !sites.iter().all(|own: &Vec<u32>| own.contains(&site)) {
                    set(&mut self.given_up, entry, true);
                    self.struck.push(entry);
                }
            }
        }
    }

    fn strike(&mut self, family: usize, site: u32) {
        for member in self.members.get(family).cloned().unwrap_or_default() {
            for entry in self.entries(member) {
                if self.site(entry) == site && !at(&self.given_up, entry, true) {
                    set(&mut self.given_up, entry, true);
                    self.struck.push(entry);
                }
            }
        }
    }

    /// Decides all grades with what has been given up so far.
    fn decide(&self) -> Result<Decided, MarketError> {
        let people = u32::try_from(self.market.applicants()).unwrap_or(NONE);
        let mut grades: Vec<u32> = self.families.grade.clone();
        grades.sort_unstable();
        grades.dedup();
        let mut held = vec![NONE; people as usize];
        let mut door = vec![None; people as usize];
        let mut lists: Vec<Vec<(u32, u64)>> = vec![Vec::new(); people as usize];
        let mut proposals = 0;
        for grade in grades {
            for applicant in (0..people).filter(|a| at(&self.families.grade, *a, NONE) == grade) {
                let list = self.list(applicant, &held);
                set(&mut lists, applicant, list);
            }
            let in_grade = |a: u32| at(&self.families.grade, a, NONE) == grade;
            let (market, origin) = self.market_of(&lists, in_grade);
            let solved = deferred_acceptance(&market)?;
            proposals += solved.proposals;
            for (applicant, (entry, way)) in (0u32..).zip(solved.entry.iter().zip(solved.door)) {
                if let Some(entry) = entry {
                    let start = bounds(&market.first, applicant as usize).start;
                    let own = origin.get(start + *entry as usize).copied();
                    set(&mut held, applicant, own.unwrap_or(NONE));
                    set(&mut door, applicant, way);
                }
            }
        }
        let (market, origin) = self.market_of(&lists, |_| true);
        Ok(Decided {
            market,
            origin,
            held,
            door,
            proposals,
        })
    }

    /// Returns an applicant's list as it is decided: original entry and key.
    fn list(&self, applicant: u32, held: &[u32]) -> Vec<(u32, u64)> {
        let family = at(&self.families.family, applicant, NONE);
        let own_grade = at(&self.families.grade, applicant, 0);
        let earlier: Vec<u32> = self
            .members
            .get(family as usize)
            .into_iter()
            .flatten()
            .copied()
            .filter(|m| at(&self.families.grade, *m, NONE) < own_grade)
            .collect();
        let sites: Vec<u32> = earlier
            .iter()
            .map(|m| at(held, *m, NONE))
            .filter(|e| *e != NONE)
            .map(|e| self.site(e))
            .collect();
        let mut list: Vec<(bool, u32, u64)> = Vec::new();
        for entry in self.entries(applicant) {
            let with = sites.contains(&self.site(entry));
            let wish = self.families.wish.get(family as usize);
            // The family's place is settled by those before: the others follow.
            let follows = wish == Some(&Wish::Together) && !earlier.is_empty();
            if at(&self.given_up, entry, true) || follows && !with {
                continue;
            }
            let keys = if with {
                &self.families.sibling_key
            } else {
                &self.market.key
            };
            let later = wish == Some(&Wish::Linked) && !with;
            list.push((later, entry, at(keys, entry, 0)));
        }
        list.sort_by_key(|(later, ..)| *later);
        list.into_iter()
            .map(|(_, entry, key)| (entry, key))
            .collect()
    }

    fn market_of(
        &self,
        lists: &[Vec<(u32, u64)>],
        included: impl Fn(u32) -> bool,
    ) -> (Market, Vec<u32>) {
        let mut market = Market {
            first: vec![0],
            seats: self.market.seats.clone(),
            ..Market::default()
        };
        let mut origin = Vec::new();
        for (applicant, list) in (0u32..).zip(lists) {
            for (entry, key) in list.iter().filter(|_| included(applicant)) {
                market
                    .provider
                    .push(at(&self.market.provider, *entry, NONE));
                market.key.push(*key);
                if !self.market.groups.is_empty() {
                    market.groups.push(at(&self.market.groups, *entry, 0));
                }
                origin.push(*entry);
            }
            market
                .first
                .push(u32::try_from(origin.len()).unwrap_or(NONE));
        }
        (market, origin)
    }

    /// Returns the families that are divided, with the site they have to give up: the
    /// best that somebody got, as the member decided first sees it.
    fn divided(&self, held: &[u32]) -> Vec<(usize, u32)> {
        let mut divided = Vec::new();
        for (family, members) in self.members.iter().enumerate() {
            let got: Vec<u32> = members
                .iter()
                .map(|m| at(held, *m, NONE))
                .map(|e| if e == NONE { NONE } else { self.site(e) })
                .collect();
            if !self.together(family) || got.iter().all(|s| Some(s) == got.first()) {
                continue;
            }
            let first = members.first().copied().unwrap_or(NONE);
            let place = |site: &u32| self.entries(first).position(|e| self.site(e) == *site);
            let best = got.iter().filter(|s| **s != NONE).min_by_key(|s| place(s));
            divided.extend(best.map(|site| (family, *site)));
        }
        divided
    }

    fn finish(self, decided: Decided) -> Related {
        let entry = (0u32..).zip(&decided.held).map(|(applicant, entry)| {
            let start = bounds(&self.market.first, applicant as usize).start;
            (*entry != NONE).then(|| entry - u32::try_from(start).unwrap_or(0))
        });
        Related {
            outcome: Outcome {
                entry: entry.collect(),
                door: decided.door,
                proposals: decided.proposals,
            },
            decided: decided.market,
            origin: decided.origin,
            struck: self.struck,
        }
    }
}
