//! From an instance to flat arrays, and every mistake on the way.

use std::collections::{HashMap, HashSet};

use minsheng_matching as matching;
use minsheng_model::{Text, Unused};
use minsheng_spec::market::{Seats, Wish};

use crate::error::{Mistake, PlainError};
use crate::extras::{self, Extras};
use crate::input::{self, Id, Instance, Mechanism, Provider};
use crate::known::Known;
use crate::locate::locate;
use crate::simple;

/// Mistakes beyond these are counted only.
const MISTAKES_MAX: usize = 100;

/// The market of an instance.
pub(crate) struct Built {
    /// The market in the solver's form.
    pub market: matching::Market,
    /// Each applicant's entries while the market is in the making, the most wanted
    /// first, those not acceptable left out.
    pub lists: Vec<Vec<Wish>>,
    pub seats: Vec<Seats>,
    /// Each provider's people in their order.
    pub orders: Vec<Vec<u32>>,
    /// Entries left out because the provider does not name the applicant.
    pub not_acceptable: Vec<(u32, u32)>,
    pub extras: Extras,
}

/// What a provider says of an applicant.
#[derive(Clone, Copy, Default)]
pub(crate) struct Standing {
    pub key: u64,
    /// The place by the provider's priorities alone, whether or not a seat is kept;
    /// the largest number for who is not named in them.
    pub place: u64,
    pub kept: bool,
    pub reserves: u16,
    pub ceilings: u16,
}

/// Reads an instance and collects its mistakes.
pub(crate) struct Builder<'a> {
    text: &'a str,
    pub applicant_of: Known<'a>,
    pub provider_of: Known<'a>,
    tie_rank: Option<Vec<u32>>,
    mistakes: Vec<Mistake>,
    /// How many were found in all.
    found: usize,
}

/// Returns the market.
///
/// # Errors
/// Every mistake of the instance.
pub(crate) fn build(text: &str, instance: &Instance) -> Result<Built, PlainError> {
    let mut builder = Builder::new(text, instance);
    match builder.simple(instance) {
        Some(mut built) => {
            extras::read(&mut builder, instance, &[], &mut built);
            builder.finish().map(|()| built)
        }
        None => builder.at_length(instance),
    }
}

/// Returns what [`build`] returns, by the way that tells mistakes.
#[cfg(test)]
pub(crate) fn build_at_length(text: &str, instance: &Instance) -> Result<Built, PlainError> {
    Builder::new(text, instance).at_length(instance)
}

/// Returns the entry of an applicant at a provider that names it.
pub(crate) fn wish(
    standing: &[HashMap<u32, Standing>],
    applicant: u32,
    provider: u32,
) -> Option<Wish> {
    let own = standing.get(provider as usize)?.get(&applicant)?;
    Some(Wish {
        provider: provider as usize,
        key: own.key,
        kept: own.kept,
        reserves: own.reserves,
        ceilings: own.ceilings,
    })
}

fn order(standing: &HashMap<u32, Standing>) -> Vec<u32> {
    let mut order: Vec<(u64, u32)> = standing.iter().map(|(a, s)| (s.key, *a)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, a)| a).collect()
}

fn seats(provider: &Provider) -> Seats {
    let unused = |u| match u {
        input::Unused::Open => Unused::Open,
        input::Unused::Empty => Unused::Empty,
    };
    Seats {
        capacity: provider.capacity,
        reserves: provider
            .reserves
            .iter()
            .map(|r| (r.seats, unused(r.unused)))
            .collect(),
        ceilings: provider.ceilings.iter().map(|c| c.seats).collect(),
    }
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, instance: &'a Instance) -> Self {
        let mut builder = Self {
            text,
            applicant_of: Known::new(instance.applicants.len()),
            provider_of: Known::new(instance.providers.len()),
            tie_rank: None,
            mistakes: Vec::new(),
            found: 0,
        };
        for (index, applicant) in (0u32..).zip(&instance.applicants) {
            if !builder.applicant_of.add(applicant.id.as_str(), index) {
                builder.twice(format!("/applicants/{index}/id"), applicant.id.as_str());
            }
        }
        for (index, provider) in (0u32..).zip(&instance.providers) {
            if !builder.provider_of.add(provider.id.as_str(), index) {
                builder.twice(format!("/providers/{index}/id"), provider.id.as_str());
            }
        }
        builder.tie_break(instance);
        builder
    }

    /// Returns the market of any instance.
    fn at_length(mut self, instance: &'a Instance) -> Result<Built, PlainError> {
        let mut standing: Vec<HashMap<u32, Standing>> =
            Vec::with_capacity(instance.providers.len());
        for (index, provider) in instance.providers.iter().enumerate() {
            standing.push(self.provider(index, provider));
        }
        let mut built = Built {
            market: matching::Market::default(),
            lists: Vec::with_capacity(instance.applicants.len()),
            seats: instance.providers.iter().map(seats).collect(),
            orders: standing.iter().map(order).collect(),
            not_acceptable: Vec::new(),
            extras: Extras::default(),
        };
        for (index, applicant) in (0u32..).zip(&instance.applicants) {
            let mut list = Vec::with_capacity(applicant.preferences.len());
            let mut named = HashSet::new();
            for (position, id) in applicant.preferences.iter().enumerate() {
                let at = || format!("/applicants/{index}/preferences/{position}");
                let Some(provider) = self.provider_of.get(id) else {
                    self.unknown(at(), id, "供给方", "provider");
                    continue;
                };
                if !named.insert(provider) {
                    self.twice(at(), id);
                    continue;
                }
                match wish(&standing, index, provider) {
                    None => built.not_acceptable.push((index, provider)),
                    Some(wish) => list.push(wish),
                }
            }
            built.lists.push(list);
        }
        extras::read(&mut self, instance, &standing, &mut built);
        self.finish()?;
        built.market = flat(&built)?;
        built.lists = Vec::new();
        Ok(built)
    }

    pub fn mistake(&mut self, pointer: String, zh: String, en: String) {
        self.found += 1;
        if self.mistakes.len() < MISTAKES_MAX {
            self.mistakes.push(Mistake {
                at: locate(self.text, &pointer),
                pointer,
                message: Text::new(zh, en),
            });
        }
    }

    pub fn twice(&mut self, pointer: String, id: &str) {
        self.mistake(
            pointer,
            format!("`{id}` 出现两次"),
            format!("`{id}` is named twice"),
        );
    }

    pub fn unknown(&mut self, pointer: String, id: &str, zh: &str, en: &str) {
        self.mistake(
            pointer,
            format!("没有{zh} `{id}`"),
            format!("there is no {en} `{id}`"),
        );
    }

    fn finish(mut self) -> Result<(), PlainError> {
        if self.mistakes.is_empty() {
            return Ok(());
        }
        self.mistakes.sort_by_key(|m| m.at);
        let more = self.found - self.mistakes.len();
        if more > 0 {
            self.mistakes.push(Mistake {
                at: None,
                pointer: String::new(),
                message: Text::new(format!("另有 {more} 处"), format!("and {more} more")),
            });
        }
        Err(PlainError {
            mistakes: self.mistakes,
        })
    }

    fn tie_break(&mut self, instance: &'a Instance) {
        let by_id = matches!(
            instance.mechanism,
            Mechanism::StableImprovementCycles | Mechanism::MaximumSize
        );
        let serial = instance.mechanism == Mechanism::SerialDictatorship;
        self.tie_rank = match &instance.tie_break {
            Some(order) => Some(self.places("/tie_break", order, instance)),
            // These two are about ties; any fixed order will do.
            None if by_id => {
                let ids = instance.applicants.iter().map(|a| a.id.as_str());
                let mut ids: Vec<(&str, u32)> = ids.zip(0..).collect();
                ids.sort_unstable();
                let mut ranks = vec![0; instance.applicants.len()];
                for (rank, (_, applicant)) in (0u32..).zip(ids) {
                    if let Some(slot) = ranks.get_mut(applicant as usize) {
                        *slot = rank;
                    }
                }
                Some(ranks)
            }
            // Priorities do not count here.
            None if serial => Some((0..).take(instance.applicants.len()).collect()),
            None => None,
        };
    }

    /// Returns the place of each applicant in an order of all.
    pub fn places(&mut self, pointer: &str, order: &[Id], instance: &Instance) -> Vec<u32> {
        let mut ranks = vec![u32::MAX; instance.applicants.len()];
        for (rank, id) in (0u32..).zip(order) {
            let at = format!("{pointer}/{rank}");
            let id = id.as_str();
            match self.applicant_of.get(id) {
                None => self.unknown(at, id, "申请人", "applicant"),
                Some(index) => match ranks.get_mut(index as usize) {
                    Some(slot) if *slot == u32::MAX => *slot = rank,
                    _ => self.twice(at, id),
                },
            }
        }
        let absent = ranks.iter().position(|r| *r == u32::MAX);
        if let Some(applicant) = absent.and_then(|i| instance.applicants.get(i)) {
            let id = &applicant.id;
            self.mistake(
                pointer.into(),
                format!("缺少 `{id}`:须列出全部申请人"),
                format!("`{id}` is missing: it has to name every applicant"),
            );
        }
        ranks
    }

    fn provider(&mut self, index: usize, provider: &'a Provider) -> HashMap<u32, Standing> {
        let mut standing: HashMap<u32, Standing> = HashMap::new();
        let mut untied = None;
        for (class, members) in (0u64..).zip(provider.priorities.iter()) {
            let (tied, count) = (members.tied, members.len());
            for (place, id) in members.ids.enumerate() {
                let at = || {
                    let inner = if tied {
                        format!("/{place}")
                    } else {
                        String::new()
                    };
                    format!("/providers/{index}/priorities/{class}{inner}")
                };
                let Some(applicant) = self.applicant_of.get(id) else {
                    self.unknown(at(), id, "申请人", "applicant");
                    continue;
                };
                let rank = self
                    .tie_rank
                    .as_ref()
                    .and_then(|r| r.get(applicant as usize))
                    .copied()
                    .unwrap_or(0);
                let own = Standing {
                    key: class << 32 | u64::from(rank),
                    ..Standing::default()
                };
                if standing.insert(applicant, own).is_some() {
                    self.twice(at(), id);
                }
            }
            if count > 1 && self.tie_rank.is_none() {
                untied.get_or_insert(class);
            }
        }
        if let Some(class) = untied {
            self.mistake(
                format!("/providers/{index}/priorities/{class}"),
                "同等优先而没有 `tie_break`:请给出全部申请人的先后".into(),
                "equal priorities and no `tie_break`: give one order of all applicants".into(),
            );
        }
        if !provider.shares.is_empty() {
            self.call(index, provider, &mut standing);
        }
        for own in standing.values_mut() {
            own.place = own.key;
        }
        self.groups(index, provider, &mut standing);
        self.kept(index, provider, &mut standing);
        self.overlaps(index, provider, &standing);
        standing
    }

    /// Puts the people of a provider in the order in which shares have them called.
    fn call(&mut self, index: usize, provider: &Provider, standing: &mut HashMap<u32, Standing>) {
        let order = order(standing);
        let mut groups: HashMap<u32, u32> = HashMap::new();
        let mut ids = HashSet::new();
        for (bit, share) in provider.shares.iter().enumerate() {
            if !ids.insert(share.id.as_str()) {
                self.twice(
                    format!("/providers/{index}/shares/{bit}/id"),
                    share.id.as_str(),
                );
            }
            for (place, id) in share.members.iter().enumerate() {
                let at = format!("/providers/{index}/shares/{bit}/members/{place}");
                match self.applicant_of.get(id.as_str()) {
                    None => self.unknown(at, id.as_str(), "申请人", "applicant"),
                    Some(applicant) => {
                        let own = groups.entry(applicant).or_default();
                        *own |= 1u32
                            .checked_shl(u32::try_from(bit).unwrap_or(32))
                            .unwrap_or(0);
                    }
                }
            }
        }
        let groups: Vec<u32> = order
            .iter()
            .map(|a| groups.get(a).copied().unwrap_or(0))
            .collect();
        let percent: Vec<u32> = provider.shares.iter().map(|s| s.percent).collect();
        let Ok(called) = matching::call_order(&groups, &percent) else {
            self.mistake(
                format!("/providers/{index}/shares"),
                "最多 16 个比例,每个不超过 100".into(),
                "at most 16 shares, none above 100".into(),
            );
            return;
        };
        for (place, who) in (0u64..).zip(called) {
            let applicant = order.get(who as usize);
            if let Some(own) = applicant.and_then(|a| standing.get_mut(a)) {
                own.key = place << 32;
            }
        }
    }

    fn groups(&mut self, index: usize, provider: &Provider, standing: &mut HashMap<u32, Standing>) {
        let reserves = provider
            .reserves
            .iter()
            .map(|r| ("reserves", r.id.as_str(), &r.members));
        let ceilings = provider
            .ceilings
            .iter()
            .map(|c| ("ceilings", c.id.as_str(), &c.members));
        let most = |kind: &str| if kind == "reserves" { 16 } else { 15 };
        let mut ids = HashSet::new();
        for (kind, list) in [
            ("reserves", reserves.collect::<Vec<_>>()),
            ("ceilings", ceilings.collect()),
        ] {
            if list.len() > most(kind) {
                let (n, m) = (list.len(), most(kind));
                self.mistake(
                    format!("/providers/{index}/{kind}"),
                    format!("有 {n} 个,最多 {m} 个"),
                    format!("{n} of them; at most {m} are possible"),
                );
                continue;
            }
            for (bit, (_, id, members)) in list.into_iter().enumerate() {
                if !ids.insert((kind, id)) {
                    self.twice(format!("/providers/{index}/{kind}/{bit}/id"), id);
                }
                for (place, member) in members.iter().enumerate() {
                    let at = || format!("/providers/{index}/{kind}/{bit}/members/{place}");
                    let Some(applicant) = self.applicant_of.get(member.as_str()) else {
                        self.unknown(at(), member.as_str(), "申请人", "applicant");
                        continue;
                    };
                    // A member whom the priorities do not name stays out.
                    let Some(own) = standing.get_mut(&applicant) else {
                        continue;
                    };
                    let mask = if kind == "reserves" {
                        &mut own.reserves
                    } else {
                        &mut own.ceilings
                    };
                    if *mask >> bit & 1 == 1 {
                        self.twice(at(), member.as_str());
                    }
                    *mask |= 1 << bit;
                }
            }
        }
    }

    fn kept(&mut self, index: usize, provider: &Provider, standing: &mut HashMap<u32, Standing>) {
        for (place, id) in provider.kept.iter().enumerate() {
            let at = format!("/providers/{index}/kept/{place}");
            let Some(applicant) = self.applicant_of.get(id.as_str()) else {
                self.unknown(at, id.as_str(), "申请人", "applicant");
                continue;
            };
            let own = standing.entry(applicant).or_insert(Standing {
                place: u64::MAX,
                ..Standing::default()
            });
            if own.kept {
                self.twice(at, id.as_str());
            }
            own.kept = true;
        }
        let (kept, capacity) = (provider.kept.len(), provider.capacity);
        if kept > capacity as usize {
            self.mistake(
                format!("/providers/{index}/kept"),
                format!("保留 {kept} 个,名额只有 {capacity} 个"),
                format!("{kept} seats are kept, there are {capacity}"),
            );
        }
        // Kept entries come first: their keys are turned below all others.
        let mut order: Vec<u32> = provider
            .kept
            .iter()
            .filter_map(|id| self.applicant_of.get(id.as_str()))
            .collect();
        order.sort_unstable();
        for (rank, applicant) in (0u64..).zip(order) {
            if let Some(own) = standing.get_mut(&applicant) {
                own.key = rank;
            }
        }
        for own in standing.values_mut().filter(|s| !s.kept) {
            own.key += 1 << 32;
        }
    }

    fn overlaps(&mut self, index: usize, provider: &Provider, standing: &HashMap<u32, Standing>) {
        for class in provider.priorities.iter() {
            for id in class.ids {
                let own = self.applicant_of.get(id).and_then(|a| standing.get(&a));
                let Some(own) = own.filter(|o| !o.kept) else {
                    continue;
                };
                if own.ceilings.count_ones() + u32::from(own.reserves != 0) > 1 && own.ceilings != 0
                {
                    self.mistake(
                        format!("/providers/{index}"),
                        format!("`{id}` 同属两个上限组,或同属上限组与保留组:先后无法确定"),
                        format!("`{id}` is in two ceilings, or in a ceiling and a reserve: who comes first would not be defined"),
                    );
                }
            }
        }
    }
}

impl<'a> Builder<'a> {
    /// Returns the market where providers have nothing but priorities: by another way
    /// that needs a tenth of the memory. `None` where there is more, or a mistake,
    /// which the longer way tells.
    fn simple(&self, instance: &'a Instance) -> Option<Built> {
        if self.found > 0 {
            return None;
        }
        let simple = simple::read(
            instance,
            &self.applicant_of,
            &self.provider_of,
            self.tie_rank.as_deref(),
        )?;
        let seats: Vec<Seats> = instance.providers.iter().map(seats).collect();
        let mut market = simple.market;
        market.seats = flat_seats(&seats);
        Some(Built {
            market,
            lists: Vec::new(),
            seats,
            orders: simple.orders,
            not_acceptable: simple.not_acceptable,
            extras: Extras::default(),
        })
    }
}

/// Returns the market in the solver's form.
///
/// # Errors
/// When it has more than 2^32 entries.
fn flat(built: &Built) -> Result<matching::Market, PlainError> {
    let too_large = || PlainError::whole("志愿过多", "there are too many preferences");
    let number = |n: usize| u32::try_from(n).map_err(|_| too_large());
    let mut market = matching::Market::default();
    let grouped = built
        .lists
        .iter()
        .flatten()
        .any(|w| w.kept || w.reserves != 0 || w.ceilings != 0);
    for list in &built.lists {
        market.first.push(number(market.provider.len())?);
        for wish in list {
            market.provider.push(number(wish.provider)?);
            market.key.push(wish.key);
            if grouped {
                market.groups.push(matching::pack_groups(
                    wish.kept,
                    wish.reserves,
                    wish.ceilings,
                ));
            }
        }
    }
    market.first.push(number(market.provider.len())?);
    market.seats = flat_seats(&built.seats);
    Ok(market)
}

fn flat_seats(seats: &[Seats]) -> Vec<matching::Seats> {
    let unused = |u: Unused| match u {
        Unused::Open => matching::Unused::Open,
        Unused::Empty => matching::Unused::Empty,
    };
    seats
        .iter()
        .map(|s| matching::Seats {
            capacity: s.capacity,
            reserves: s.reserves.iter().map(|(n, u)| (*n, unused(*u))).collect(),
            ceilings: s.ceilings.clone(),
        })
        .collect()
}
