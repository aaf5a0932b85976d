//! A programme under one set of changes, as flat lists ready to be decided under any
//! draw.

use minsheng_cycle::{Names, Prepared, Registers};
use minsheng_matching::{Market, MarketError, Outcome, Unused, pack_groups, unpack_groups};
use minsheng_model::{Diagnostic, GUARANTEE_TIER, Rules, Text, TieMethod, Value, Verdict};
use minsheng_programme::At;
use rayon::prelude::*;

use crate::chance;
use crate::change::{Settled, unknown};
use crate::solve::{Crowd, Ranks, Solved, open, solve};

/// No distance is known.
pub(crate) const UNKNOWN: u32 = u32::MAX;

/// The lists that count, with what is known of each entry.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lists {
    /// Lists and seats; without keys, which follow from class and draw.
    pub market: Market,
    /// The class of each entry, an index into [`Setting::classes`].
    pub class: Vec<u32>,
    /// The position each entry has on the list as filed.
    pub position: Vec<u32>,
    /// Metres to the provider, [`UNKNOWN`] where there is no figure; empty when no
    /// column was named.
    pub travel: Vec<u32>,
    /// The place of each entry in the programme's own draw, if it was held.
    pub own: Option<Vec<u32>>,
}

/// A listed provider that the rules do not let the applicant have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refused {
    pub applicant: u32,
    pub provider: u32,
    pub holds: u32,
}

/// One set of rules, ready to be decided.
#[derive(Debug)]
pub(crate) struct Setting {
    pub id: String,
    pub title: Text,
    pub said: Vec<Text>,
    pub rules: Rules,
    pub mechanism: minsheng_programme::Mechanism,
    pub most: Option<u32>,
    /// Who consents; empty when nobody is asked.
    pub consent: Vec<bool>,
    /// How many people each provider needs to open; empty where all open.
    pub minimum: Vec<u32>,
    pub lists: Lists,
    /// The lists before they were cut to the most choices that count.
    pub full: Option<Lists>,
    /// Tier and score of each class, the best first.
    pub classes: Vec<(u8, i64)>,
    pub crowd: Crowd,
    pub verdicts: Vec<Verdict>,
    /// For each applicant the clauses that hold.
    pub holds: Vec<u32>,
    /// Sorted by applicant and provider.
    pub refused: Vec<Refused>,
}

/// Which chance decides.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Chance {
    /// The programme's own draw.
    Own,
    /// A what-if draw by its key.
    Drawn(u64),
}

impl Setting {
    /// Builds the lists of a settled alternative from evaluated rules.
    ///
    /// # Errors
    /// Providers that are not there, distances that are none, too many choices.
    pub fn new(
        settled: Settled<'_>,
        ground: &Ground,
        registers: &Registers,
    ) -> Result<Self, Vec<Diagnostic>> {
        let prepared = &ground.prepared;
        let rules = settled.rules.clone();
        let names = Names::new(&rules, registers)?;
        let own = prepared.own_draw(&rules, &names);
        let zeros;
        let ranks = match &own {
            Some(ranks) => ranks,
            None => {
                zeros = vec![0; prepared.choices.len()];
                &zeros
            }
        };
        let built = prepared.market(&rules, ranks)?;
        let mut lists = Lists {
            market: built.market,
            ..Lists::default()
        };
        let keys = std::mem::take(&mut lists.market.key);
        lists.own = own.map(|_| keys.iter().map(|k| low(*k)).collect());
        let raw = raw_classes(&keys, &built.row, prepared, &settled);
        drop(keys);
        let classes = dense(&raw, &built.row, prepared);
        lists.class = raw
            .iter()
            .map(|r| u32::try_from(classes.partition_point(|c| c.0 < *r)).unwrap_or(UNKNOWN))
            .collect();
        drop(raw);
        let rows = built.row.iter();
        lists.position = rows
            .clone()
            .map(|r| prepared.choices.get(*r as usize).map_or(0, |c| c.position))
            .collect();
        if !ground.metres.is_empty() {
            lists.travel = rows
                .map(|r| ground.metres.get(*r as usize).copied().unwrap_or(UNKNOWN))
                .collect();
        }
        without(&mut lists.market, &settled);
        capacities(&mut lists.market, &settled, &prepared.names.providers)?;
        let full = settled.most.map(|most| {
            let cut = shortened(&lists, &built.row, prepared, most);
            std::mem::replace(&mut lists, cut)
        });
        let consent = consent(registers, &settled);
        let minimum = match rules.minimum {
            Some(_) => prepared.seats.iter().map(|s| s.minimum).collect(),
            None => Vec::new(),
        };
        Ok(Self {
            id: settled.id,
            title: settled.title,
            said: settled.said,
            mechanism: settled.mechanism,
            most: settled.most,
            consent,
            minimum,
            lists,
            full,
            classes: classes.into_iter().map(|(_, class)| class).collect(),
            crowd: Crowd::new(&names.draw_tickets),
            verdicts: prepared.verdicts.clone(),
            holds: prepared.masks.iter().map(|m| m.holds).collect(),
            refused: refused(prepared),
            rules,
        })
    }

    /// Returns the places in a draw for some of this setting's lists.
    ///
    /// # Errors
    /// When there are too many numbers.
    pub fn ranks(&self, lists: &Lists, chance: Chance) -> Result<Ranks, MarketError> {
        let single = self.rules.tie_break.method == TieMethod::Single;
        Ok(match (chance, single) {
            (Chance::Drawn(key), true) => Ranks::Single(self.crowd.single(key)),
            (Chance::Drawn(key), false) => {
                Ranks::Multiple(self.crowd.multiple(key, &lists.market)?)
            }
            (Chance::Own, true) => {
                let own = lists.own.as_deref().unwrap_or_default();
                let starts = lists
                    .market
                    .first
                    .iter()
                    .zip(lists.market.first.iter().skip(1));
                // One without entries is not looked at.
                let of = |(start, end): (&u32, &u32)| match start < end {
                    true => own.get(*start as usize).copied().unwrap_or(UNKNOWN),
                    false => UNKNOWN,
                };
                Ranks::Single(starts.map(of).collect())
            }
            (Chance::Own, false) => Ranks::Multiple(lists.own.clone().unwrap_or_default()),
        })
    }

    /// Decides it.
    ///
    /// # Errors
    /// What the mechanism says of the market.
    pub fn decide(&self, chance: Chance) -> Result<Solved, MarketError> {
        let ranks = self.ranks(&self.lists, chance)?;
        let (mechanism, lists) = (self.mechanism, &self.lists);
        solve(mechanism, lists, &ranks, &self.consent, &self.minimum)
    }

    /// Decides it as if every provider opened, where it is otherwise.
    ///
    /// # Errors
    /// What the mechanism says of the market.
    pub fn decide_open(&self, chance: Chance) -> Result<Option<Outcome>, MarketError> {
        if self.minimum.is_empty() {
            return Ok(None);
        }
        let ranks = self.ranks(&self.lists, chance)?;
        open(self.mechanism, &self.lists, &ranks, &self.consent).map(Some)
    }

    /// Returns the entry of an applicant at a provider.
    pub fn entry(&self, applicant: u32, provider: u32) -> Option<usize> {
        let mut range = bounds(&self.lists.market.first, applicant as usize);
        range.find(|e| self.lists.market.provider.get(*e) == Some(&provider))
    }

    /// Returns tier and score of an entry.
    pub fn class(&self, entry: usize) -> Option<(u8, i64)> {
        let class = self.lists.class.get(entry)?;
        self.classes.get(*class as usize).copied()
    }

    /// Returns the id of a tier as it stands in keys: 0 is a kept seat, those declared
    /// count from 1, the last is for whoever meets none.
    pub fn tier_id(&self, tier: u8) -> String {
        if tier == GUARANTEE_TIER {
            return "kept".to_owned();
        }
        let declared = self.rules.tiers.get(usize::from(tier) - 1);
        declared.map_or_else(|| "last".to_owned(), |t| t.id.clone())
    }
}

/// Returns where an applicant's entries stand.
pub(crate) fn bounds(first: &[u32], applicant: usize) -> std::ops::Range<usize> {
    match (first.get(applicant), first.get(applicant + 1)) {
        (Some(start), Some(end)) => *start as usize..*end as usize,
        _ => 0..0,
    }
}

fn low(key: u64) -> u32 {
    u32::try_from(key & u64::from(u32::MAX)).unwrap_or(UNKNOWN)
}

/// Returns tier (8 bits) and place of the score (24 bits) of each entry, some tiers
/// not being there.
fn raw_classes(keys: &[u64], rows: &[u32], prepared: &Prepared, settled: &Settled<'_>) -> Vec<u32> {
    let gone = settled.tiers;
    let of = |key: &u64| u32::try_from(key >> 32).unwrap_or(UNKNOWN);
    if gone == 0 {
        return keys.iter().map(of).collect();
    }
    let last = u32::try_from(settled.rules.tiers.len()).unwrap_or(32);
    let entries = keys.iter().zip(rows);
    entries
        .map(|(key, row)| {
            let (raw, choice) = (of(key), prepared.choices.get(*row as usize));
            let Some(choice) = choice.filter(|c| !c.kept) else {
                return raw;
            };
            let held = choice.tier_holds & !gone;
            let tier = match held {
                0 => last,
                held => held.trailing_zeros(),
            };
            (tier + 1) << 24 | raw & 0x00ff_ffff
        })
        .collect()
}

/// Returns the distinct classes, the best first, with tier and score.
fn dense(raw: &[u32], rows: &[u32], prepared: &Prepared) -> Vec<(u32, (u8, i64))> {
    let mut distinct: Vec<u32> = raw.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let tier = |raw: u32| u8::try_from(raw >> 24).unwrap_or(u8::MAX);
    let mut classes: Vec<(u32, (u8, i64))> =
        distinct.into_iter().map(|r| (r, (tier(r), 0))).collect();
    for (raw, row) in raw.iter().zip(rows) {
        let at = classes.partition_point(|c| c.0 < *raw);
        let score = prepared.choices.get(*row as usize).map_or(0, |c| c.score);
        if let Some((_, class)) = classes.get_mut(at) {
            class.1 = score;
        }
    }
    classes
}

/// Takes reserves and ceilings away; when none of a kind is left, its places in the
/// seats go too.
fn without(market: &mut Market, settled: &Settled<'_>) {
    if settled.reserves == 0 && settled.ceilings == 0 {
        return;
    }
    let gone = |mask: u32| u16::try_from(mask).unwrap_or(u16::MAX);
    for groups in &mut market.groups {
        let (kept, reserves, ceilings) = unpack_groups(*groups);
        *groups = pack_groups(
            kept,
            reserves & !gone(settled.reserves),
            ceilings & !gone(settled.ceilings),
        );
    }
    for seats in &mut market.seats {
        for (index, (number, unused)) in seats.reserves.iter_mut().enumerate() {
            if settled.reserves >> index & 1 == 1 {
                (*number, *unused) = (0, Unused::Open);
            }
        }
        let all = |mask: u32, count: usize| (0..count).all(|i| mask >> i & 1 == 1);
        if all(settled.reserves, seats.reserves.len()) {
            seats.reserves.clear();
        }
        if all(settled.ceilings, seats.ceilings.len()) {
            seats.ceilings.clear();
        }
    }
}

fn capacities(
    market: &mut Market,
    settled: &Settled<'_>,
    providers: &[String],
) -> Result<(), Vec<Diagnostic>> {
    if let Some(percent) = settled.percent {
        let factor = u64::try_from(100 + percent).unwrap_or(0);
        for seats in &mut market.seats {
            // To the nearest whole place, halves up.
            let number = (u64::from(seats.capacity) * factor + 50) / 100;
            seats.capacity = u32::try_from(number).unwrap_or(u32::MAX);
        }
    }
    let mut wrong = Vec::new();
    for (name, number, at) in &settled.places {
        let found = providers.binary_search(name).ok();
        match found.and_then(|p| market.seats.get_mut(p)) {
            Some(seats) => seats.capacity = *number,
            None => {
                let known: Vec<&str> = providers.iter().map(String::as_str).collect();
                let what = ("没有供给方", "there is no provider");
                wrong.push(unknown(&known, name, at, what));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Returns the lists cut to the first rows of each applicant; a kept seat stays.
fn shortened(lists: &Lists, rows: &[u32], prepared: &Prepared, most: u32) -> Lists {
    let mut cut = Lists {
        market: Market {
            first: vec![0],
            seats: lists.market.seats.clone(),
            ..Market::default()
        },
        own: lists.own.as_ref().map(|_| Vec::new()),
        ..Lists::default()
    };
    // The first row of each applicant.
    let mut begin = vec![UNKNOWN; prepared.verdicts.len()];
    for (row, choice) in (0u32..).zip(&prepared.choices) {
        if let Some(first) = begin.get_mut(choice.applicant as usize) {
            *first = (*first).min(row);
        }
    }
    for applicant in 0..lists.market.applicants() {
        let begin = begin.get(applicant).copied().unwrap_or(0);
        for entry in bounds(&lists.market.first, applicant) {
            let row = rows.get(entry).copied().unwrap_or(UNKNOWN);
            let kept = prepared.choices.get(row as usize).is_some_and(|c| c.kept);
            if row.saturating_sub(begin) < most || kept {
                cut.push(lists, entry);
            }
        }
        cut.close();
    }
    cut
}

impl Lists {
    /// Adds an entry of other lists to the list being written.
    pub fn push(&mut self, from: &Self, entry: usize) {
        self.market.provider.extend(from.market.provider.get(entry));
        self.market.groups.extend(from.market.groups.get(entry));
        self.class.extend(from.class.get(entry));
        self.position.extend(from.position.get(entry));
        self.travel.extend(from.travel.get(entry));
        if let (Some(own), Some(other)) = (&mut self.own, &from.own) {
            own.extend(other.get(entry));
        }
    }

    /// Ends the list being written.
    pub fn close(&mut self) {
        let end = u32::try_from(self.market.provider.len()).unwrap_or(UNKNOWN);
        self.market.first.push(end);
    }
}

fn consent(registers: &Registers, settled: &Settled<'_>) -> Vec<bool> {
    if settled.mechanism != minsheng_programme::Mechanism::EfficiencyAdjusted {
        return Vec::new();
    }
    let people = &registers.applicants;
    let column = settled.consent.as_ref();
    let column = column.map(|(name, _)| people.table.column_index(name));
    (0..people.rows)
        .map(|row| match column {
            None => true,
            // Nobody consents by leaving it open.
            Some(column) => column.and_then(|c| people.value(row, c)) == Some(Value::Boolean(true)),
        })
        .collect()
}

fn refused(prepared: &Prepared) -> Vec<Refused> {
    let rows = prepared.choices.iter();
    let mut refused: Vec<Refused> = rows
        .filter(|c| c.verdict != Verdict::Eligible && !c.kept)
        .map(|c| Refused {
            applicant: c.applicant,
            provider: c.provider,
            holds: c.holds,
        })
        .collect();
    refused.sort_unstable_by_key(|r| (r.applicant, r.provider));
    refused
}

/// Rules evaluated over registers, with the metres of each choice.
#[derive(Debug)]
pub(crate) struct Ground {
    pub prepared: Prepared,
    /// Empty when no column was named.
    metres: Vec<u32>,
}

impl Ground {
    /// Evaluates rules.
    ///
    /// # Errors
    /// What the rules or the registers say; a column of metres that is none.
    pub fn new(
        rules: &Rules,
        registers: &Registers,
        travel: Option<&(String, At)>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let prepared = Prepared::new(rules, registers)?;
        let metres = match travel {
            Some((column, at)) => metres(registers, rules, &prepared, column, at)?,
            None => Vec::new(),
        };
        Ok(Self { prepared, metres })
    }
}

/// Returns the metres of each choice row; the rows of kept seats that were not listed
/// have none.
fn metres(
    registers: &Registers,
    rules: &Rules,
    prepared: &Prepared,
    column: &str,
    at: &At,
) -> Result<Vec<u32>, Vec<Diagnostic>> {
    let register = &registers.choices;
    let columns = register.table.columns.iter();
    let whole = columns.filter(|c| c.data_type == minsheng_model::Type::Integer);
    let known: Vec<&str> = whole.map(|c| c.name.as_str()).collect();
    let found = register.table.column_index(column);
    let Some(index) = found.filter(|_| known.contains(&column)) else {
        let what = (
            "志愿名册没有整数列",
            "the choices' register has no whole-number column",
        );
        return Err(vec![unknown(&known, column, at, what)]);
    };
    let key = |name: &str| register.table.column_index(name).unwrap_or(usize::MAX);
    let (ticket, position) = (key(&rules.choice_applicant), key(&rules.choice_position));
    let tickets = &prepared.names.tickets;
    // Rows of one applicant mostly stand together: the last look-up is kept.
    let known = |last: &mut (u32, usize), row: usize| -> Option<(u32, u32)> {
        let name = register.text(row, ticket)?;
        if tickets.get(last.0 as usize).map(String::as_str) != Some(&*name) {
            let found = tickets.binary_search_by(|t| t.as_str().cmp(&name)).ok()?;
            *last = (u32::try_from(found).ok()?, row);
        }
        let Some(Value::Integer(n)) = register.value(row, position) else {
            return None;
        };
        Some((last.0, u32::try_from(n).ok()?))
    };
    let read = |last: &mut (u32, usize), row: usize| -> Result<(usize, u32), usize> {
        let key = known(last, row).ok_or(row)?;
        let choices = &prepared.choices;
        let at = choices.partition_point(|c| (c.applicant, c.position) < key);
        match register.value(row, index) {
            Some(Value::Integer(n)) => match u32::try_from(n).ok().filter(|n| *n < UNKNOWN) {
                Some(n) => Ok((at, n)),
                None => Err(row),
            },
            _ => Ok((at, UNKNOWN)),
        }
    };
    let found: Result<Vec<(usize, u32)>, usize> = (0..register.rows)
        .into_par_iter()
        .map_init(|| (0, 0), |last, row| read(last, row))
        .collect();
    let found = found.map_err(|row| {
        let name = register.text(row, ticket).unwrap_or_default();
        vec![at.error(
            "what-if/travel",
            format!("申请 `{name}` 的 `{column}` 不是距离"),
            format!("`{column}` of application `{name}` is no distance"),
        )]
    })?;
    let mut metres = vec![UNKNOWN; prepared.choices.len()];
    for (row, value) in found {
        if let Some(slot) = metres.get_mut(row) {
            *slot = value;
        }
    }
    Ok(metres)
}

/// Returns applicants in an order that follows from the seed alone.
pub(crate) fn sampled(seed: &str, mut people: Vec<u32>, most: usize) -> Vec<u32> {
    chance::sample_order(seed, &mut people);
    people.truncate(most);
    people.sort_unstable();
    people
}
