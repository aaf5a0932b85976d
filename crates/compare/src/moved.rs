//! Who moved, and through which rule or cut-off.

use minsheng_matching::{Door, Outcome, unpack_groups};
use minsheng_model::{Order, Verdict};
use serde::Serialize;

use crate::figures::held;
use crate::setting::{Chance, Setting, bounds};
use crate::solve::{Ranks, Solved};

/// Why somebody has, or no longer has, a provider: the first of these that differs
/// between the two sets of rules, at the provider concerned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "id")]
pub enum Reason {
    /// A clause about the applicant holds under one set of rules only.
    Clause(String),
    /// The clauses are the same, but they combine otherwise.
    Eligibility,
    /// A clause about the choice holds under one set of rules only.
    ChoiceClause(String),
    /// The choice is beyond the most that count.
    ListLength,
    /// A seat is kept under one set of rules only.
    Kept,
    /// The tier is another; this is the better one.
    Tier(String),
    /// The score is another.
    Score,
    /// The seats or the members of a reserve are others.
    Reserve(String),
    /// The most that a group may have, or who is in it, is another.
    Ceiling(String),
    /// The provider does not open for want of people.
    Closing,
    /// The provider has another number of places.
    Capacity,
    /// Places are given by another mechanism.
    Mechanism,
    /// Another draw decided among equals at the cut-off.
    Draw,
    /// Nothing of these changed here: others came or went, and the cut-off moved.
    CutOff,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The provider's key.
    pub provider: String,
    /// Where it stands on the own list.
    pub position: u32,
    /// `kept`, `reserve:ID` or `open`.
    pub door: String,
}

/// What counts at a provider: tier, score, place in the draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The tier's id, `kept` or `last`.
    pub tier: String,
    /// The score.
    pub score: i64,
    /// The place in the draw, lower first; at one provider only where each has its own.
    pub place: u32,
}

/// Somebody whose place is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mover {
    /// The application number.
    pub ticket: String,
    /// Whether the alternative is better for this applicant.
    pub better: bool,
    /// Under the base.
    pub from: Option<Place>,
    /// Under the alternative.
    pub to: Option<Place>,
    /// Through what.
    pub reason: Reason,
    /// Where that is so.
    pub at: String,
    /// The own standing there under the base and under the alternative.
    pub own: [Option<Standing>; 2],
    /// The last one taken through the open door there, `null` while a place is free.
    pub cut_off: [Option<Standing>; 2],
}

/// How many moved through what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonCount {
    /// Whether it was for the better.
    pub better: bool,
    /// Through what.
    pub reason: Reason,
    /// How many.
    pub count: u64,
}

/// A setting with its outcome, and what is there at each provider.
pub(crate) struct Seen<'a> {
    pub setting: &'a Setting,
    pub outcome: &'a Outcome,
    ranks: Ranks,
    /// Which providers do not open.
    closed: Vec<bool>,
    /// The worst through the open door: class, place in the draw.
    worst: Vec<Option<(u32, u32)>>,
    placed: Vec<u32>,
    /// For each provider how many came through each reserve, and how many under each
    /// ceiling.
    by_reserve: Vec<Vec<u32>>,
    by_ceiling: Vec<Vec<u32>>,
}

fn add(counts: &mut [Vec<u32>], provider: u32, index: usize) {
    if let Some(row) = counts.get_mut(provider as usize) {
        if row.len() <= index {
            row.resize(index + 1, 0);
        }
        if let Some(count) = row.get_mut(index) {
            *count += 1;
        }
    }
}

impl<'a> Seen<'a> {
    /// Looks at an outcome.
    ///
    /// # Errors
    /// What the draw says of the lists.
    pub fn new(
        setting: &'a Setting,
        solved: &'a Solved,
        chance: Chance,
    ) -> Result<Self, minsheng_matching::MarketError> {
        let market = &setting.lists.market;
        let outcome = &solved.outcome;
        let providers = market.seats.len();
        let mut closed = vec![false; providers];
        for one in &solved.closed {
            if let Some(flag) = closed.get_mut(one.provider as usize) {
                *flag = true;
            }
        }
        let mut seen = Self {
            setting,
            outcome,
            ranks: setting.ranks(&setting.lists, chance)?,
            closed,
            worst: vec![None; providers],
            placed: vec![0; providers],
            by_reserve: vec![Vec::new(); providers],
            by_ceiling: vec![Vec::new(); providers],
        };
        let people = outcome.entry.iter().zip(&outcome.door).enumerate();
        for (applicant, (entry, door)) in people {
            let Some(entry) = held(setting, applicant, *entry) else {
                continue;
            };
            let provider = market.provider.get(entry).copied().unwrap_or(u32::MAX);
            if let Some(count) = seen.placed.get_mut(provider as usize) {
                *count += 1;
            }
            match door {
                Some(Door::Reserve(index)) => {
                    add(&mut seen.by_reserve, provider, usize::from(*index))
                }
                Some(Door::Open) => {
                    let key = (
                        setting.lists.class.get(entry).copied().unwrap_or(u32::MAX),
                        seen.ranks
                            .of(u32::try_from(applicant).unwrap_or(u32::MAX), entry),
                    );
                    if let Some(worst) = seen.worst.get_mut(provider as usize) {
                        *worst = (*worst).max(Some(key));
                    }
                    let groups = market.groups.get(entry).copied().unwrap_or(0);
                    let (_, _, ceilings) = unpack_groups(groups);
                    let under = (0..16).filter(|i| ceilings >> i & 1 == 1);
                    under.for_each(|i| add(&mut seen.by_ceiling, provider, i));
                }
                _ => {}
            }
        }
        Ok(seen)
    }

    /// Returns class and place of the last one taken through the open door; `None`
    /// while a place is free.
    fn cut_off(&self, provider: u32) -> Option<(u32, u32)> {
        let at = provider as usize;
        let capacity = self.setting.lists.market.seats.get(at)?.capacity;
        let full = self.placed.get(at).copied()? >= capacity;
        self.worst.get(at).copied().flatten().filter(|_| full)
    }

    fn standing(&self, (class, place): (u32, u32)) -> Option<Standing> {
        let (tier, score) = self.setting.classes.get(class as usize).copied()?;
        Some(Standing {
            tier: self.setting.tier_id(tier),
            score,
            place,
        })
    }

    fn own(&self, applicant: u32, provider: u32) -> Option<Standing> {
        let entry = self.setting.entry(applicant, provider)?;
        let class = self.setting.lists.class.get(entry).copied()?;
        self.standing((class, self.ranks.of(applicant, entry)))
    }

    fn place(&self, applicant: u32, providers: &[String]) -> Option<(Place, u32)> {
        let index = applicant as usize;
        let entry = held(self.setting, index, *self.outcome.entry.get(index)?)?;
        let provider = self.setting.lists.market.provider.get(entry).copied()?;
        let door = match self.outcome.door.get(index).copied().flatten()? {
            Door::Kept => "kept".to_owned(),
            Door::Open => "open".to_owned(),
            Door::Reserve(i) => {
                let reserve = self.setting.rules.reserves.get(usize::from(i));
                format!("reserve:{}", reserve.map_or("", |r| r.id.as_str()))
            }
        };
        let place = Place {
            provider: providers.get(provider as usize)?.clone(),
            position: self.setting.lists.position.get(entry).copied()?,
            door,
        };
        Some((place, provider))
    }
}

/// Returns everybody whose position is another, by application number.
pub(crate) fn movers(
    base: &Seen<'_>,
    other: &Seen<'_>,
    positions: [&[u32]; 2],
    tickets: &[String],
    providers: &[String],
) -> Vec<Mover> {
    let [was, is] = positions;
    let mut movers = Vec::new();
    for (applicant, (was, is)) in (0u32..).zip(was.iter().zip(is)) {
        if was == is {
            continue;
        }
        let better = is < was;
        let (from, to) = (
            base.place(applicant, providers),
            other.place(applicant, providers),
        );
        // Where a place was won or lost, and who has it not.
        let (with, without, at) = if better {
            (other, base, &to)
        } else {
            (base, other, &from)
        };
        let Some((place, provider)) = at else {
            continue;
        };
        let at = place.provider.clone();
        let reason = why(with, without, applicant, *provider);
        let cut_off = |seen: &Seen<'_>| seen.cut_off(*provider).and_then(|c| seen.standing(c));
        movers.push(Mover {
            ticket: tickets.get(applicant as usize).cloned().unwrap_or_default(),
            better,
            reason,
            at,
            own: [
                base.own(applicant, *provider),
                other.own(applicant, *provider),
            ],
            cut_off: [cut_off(base), cut_off(other)],
            from: from.map(|(p, _)| p),
            to: to.map(|(p, _)| p),
        });
    }
    movers
}

/// Returns why an applicant has a provider under one set of rules and not under the
/// other.
fn why(with: &Seen<'_>, without: &Seen<'_>, applicant: u32, provider: u32) -> Reason {
    let (yes, no) = (with.setting, without.setting);
    let (Some(here), Some(there)) = (
        yes.entry(applicant, provider),
        no.entry(applicant, provider),
    ) else {
        return not_listed(yes, no, applicant, provider);
    };
    let shut = |s: &Seen<'_>| s.closed.get(provider as usize).copied().unwrap_or(false);
    if shut(without) {
        return Reason::Closing;
    }
    let groups = |s: &Setting, entry: usize| {
        unpack_groups(s.lists.market.groups.get(entry).copied().unwrap_or(0))
    };
    let (kept, reserves, ceilings) = groups(yes, here);
    let (no_kept, no_reserves, no_ceilings) = groups(no, there);
    if kept && !no_kept {
        return Reason::Kept;
    }
    if let (Some((tier, score)), Some((no_tier, no_score))) = (yes.class(here), no.class(there)) {
        // Tiers by name: another file may count them otherwise.
        let (name, other) = (yes.tier_id(tier), no.tier_id(no_tier));
        if name != other && tier < no_tier {
            return Reason::Tier(name);
        }
        let order = |s: &Setting| s.rules.score.as_ref().map(|s| s.order);
        let better = match order(yes) {
            Some(Order::HighFirst) => score > no_score,
            _ => score < no_score,
        };
        if name == other && better {
            return Reason::Score;
        }
    }
    let door = with.outcome.door.get(applicant as usize).copied().flatten();
    if let Some(reason) = seats(
        with,
        without,
        provider,
        door,
        [reserves, no_reserves],
        [ceilings, no_ceilings],
    ) {
        return reason;
    }
    if yes.mechanism != no.mechanism {
        return Reason::Mechanism;
    }
    let own = no.lists.class.get(there).copied();
    let last = without.cut_off(provider).map(|(class, _)| class);
    let drawn = yes.rules.tie_break != no.rules.tie_break || yes.rules.draw != no.rules.draw;
    if drawn && own.is_some() && own == last {
        return Reason::Draw;
    }
    Reason::CutOff
}

/// Returns why a choice is not among those that can be served.
fn not_listed(yes: &Setting, no: &Setting, applicant: u32, provider: u32) -> Reason {
    let index = applicant as usize;
    let differing = |yes_holds: u32, no_holds: u32, scope| {
        let bit = (yes_holds & !no_holds).trailing_zeros() as usize;
        let clause = no.rules.clauses_of(scope).nth(bit);
        clause.map(|c| c.id.clone())
    };
    if no.verdicts.get(index) != Some(&Verdict::Eligible) {
        let holds = |s: &Setting| s.holds.get(index).copied().unwrap_or(0);
        let found = differing(holds(yes), holds(no), minsheng_model::Scope::Applicant);
        return found.map_or(Reason::Eligibility, Reason::Clause);
    }
    let beyond = no.full.as_ref().is_some_and(|full| {
        let mut own = bounds(&full.market.first, index);
        own.any(|e| full.market.provider.get(e) == Some(&provider))
    });
    if beyond {
        return Reason::ListLength;
    }
    let refused = |s: &Setting| {
        let key = |r: &crate::setting::Refused| (r.applicant, r.provider);
        let found = s
            .refused
            .binary_search_by_key(&(applicant, provider), key)
            .ok();
        found.and_then(|i| s.refused.get(i)).copied()
    };
    // Where it can be served every clause it needs holds.
    let holds = refused(no).map_or(u32::MAX, |r| r.holds);
    let found = differing(u32::MAX, holds, minsheng_model::Scope::Choice);
    found.map_or(Reason::Eligibility, Reason::ChoiceClause)
}

/// Returns what of a provider's seats differs for the applicant.
fn seats(
    with: &Seen<'_>,
    without: &Seen<'_>,
    provider: u32,
    door: Option<Door>,
    [member, no_member]: [u16; 2],
    [under, no_under]: [u16; 2],
) -> Option<Reason> {
    let at = provider as usize;
    let (yes, no) = (with.setting, without.setting);
    let (here, there) = (
        yes.lists.market.seats.get(at)?,
        no.lists.market.seats.get(at)?,
    );
    let reserve =
        |seats: &minsheng_matching::Seats, i: usize| seats.reserves.get(i).map_or(0, |r| r.0);
    let named = |s: &Setting, i: usize| {
        s.rules
            .reserves
            .get(i)
            .map(|r| Reason::Reserve(r.id.clone()))
    };
    let bit = |mask: u16, i: usize| mask >> i & 1 == 1;
    if let Some(Door::Reserve(i)) = door {
        let i = usize::from(i);
        if !bit(no_member, i) && bit(member, i) || reserve(there, i) < reserve(here, i) {
            return named(yes, i);
        }
    }
    let ceiling = |s: &Setting, i: usize| {
        s.rules
            .ceilings
            .get(i)
            .map(|c| Reason::Ceiling(c.id.clone()))
    };
    let most = |seats: &minsheng_matching::Seats, i: usize| {
        seats.ceilings.get(i).copied().unwrap_or(u32::MAX)
    };
    for i in (0..16).filter(|i| bit(no_under, *i)) {
        if !bit(under, i) || most(there, i) < most(here, i) {
            return ceiling(no, i);
        }
    }
    // Seats that a reserve, or people beyond a ceiling, take from the others.
    let count =
        |rows: &[Vec<u32>], i: usize| rows.get(at).and_then(|r| r.get(i)).copied().unwrap_or(0);
    for i in 0..16 {
        let more = reserve(there, i) > reserve(here, i);
        if more && !bit(no_member, i) && count(&without.by_reserve, i) > count(&with.by_reserve, i)
        {
            return named(no, i);
        }
        // A group that is under no ceiling any more is not counted under it.
        let lifted = most(there, i) > most(here, i);
        if lifted
            && yes.rules.ceilings.len() > i
            && !bit(under, i)
            && without.placed.get(at) >= with.placed.get(at)
            && full(with, at, i, &count)
        {
            return ceiling(yes, i);
        }
    }
    (there.capacity < here.capacity).then_some(Reason::Capacity)
}

/// Whether a ceiling is reached at a provider.
fn full(
    seen: &Seen<'_>,
    at: usize,
    ceiling: usize,
    count: &dyn Fn(&[Vec<u32>], usize) -> u32,
) -> bool {
    let seats = seen.setting.lists.market.seats.get(at);
    let most = seats.and_then(|s| s.ceilings.get(ceiling)).copied();
    most.is_some_and(|most| count(&seen.by_ceiling, ceiling) >= most)
}

/// Counts movers by reason, the most frequent first.
pub(crate) fn reasons(movers: &[Mover]) -> Vec<ReasonCount> {
    let mut all: Vec<(bool, &Reason)> = movers.iter().map(|m| (!m.better, &m.reason)).collect();
    all.sort_unstable();
    let mut counts: Vec<ReasonCount> = all
        .chunk_by(|a, b| a == b)
        .filter_map(|same| {
            let (worse, reason) = same.first()?;
            Some(ReasonCount {
                better: !worse,
                reason: (*reason).clone(),
                count: same.len() as u64,
            })
        })
        .collect();
    counts.sort_by_key(|c| (!c.better, std::cmp::Reverse(c.count)));
    counts
}
