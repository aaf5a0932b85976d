//! After the decision: replies, late applicants, and the waiting list.

use crate::choice::{Candidate, choose};
use crate::deferred::Outcome;
use crate::lists::{NONE, at, bounds, set};
use crate::market::{Door, Market, MarketError, Seats, ceilings, pack_groups, unpack_groups};

/// What somebody with an offer says, or somebody on the waiting list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Takes the place for good and waits for nothing else.
    Accept,
    /// Takes the place and waits for better ones.
    Keep,
    /// Refuses the place for good and waits for all others of the own list.
    Decline,
    /// Did not answer in time, or withdraws: gives up place and waiting.
    Leave,
    /// Comes in now, after the deadline: waits behind everybody.
    Arrive,
}

/// Where somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Waits for all entries better than the place held, if any.
    Waiting,
    /// Has accepted.
    Settled,
    /// Takes no part.
    Out,
}

/// Where everybody stands between two rounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// For each applicant the entry held, counted on the own list, and the way in.
    pub place: Vec<Option<(u32, Door)>>,
    /// For each applicant.
    pub standing: Vec<Standing>,
    /// For each applicant whether it came after the deadline.
    pub late: Vec<bool>,
    /// For each entry of the market whether it was refused.
    pub refused: Vec<bool>,
    /// For each applicant whether the place held is one more than the provider's
    /// capacity: owed after a mistake, it takes no seat from anybody.
    pub extra: Vec<bool>,
}

/// A place that somebody did not have before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Who.
    pub applicant: u32,
    /// The entry, counted on the own list.
    pub entry: u32,
    /// The way in.
    pub door: Door,
    /// The entry given up for it.
    pub instead_of: Option<u32>,
}

impl State {
    /// Returns the state in which everybody has the offer that was decided; those for
    /// whom `present` is `false` have not come yet (they must have no place).
    #[must_use]
    pub fn new(market: &Market, outcome: &Outcome, present: &[bool]) -> Self {
        let pairs = outcome.entry.iter().zip(&outcome.door);
        let there = |p: &bool| if *p { Standing::Waiting } else { Standing::Out };
        Self {
            place: pairs.map(|(e, d)| (*e).zip(*d)).collect(),
            standing: present.iter().map(there).collect(),
            late: vec![false; market.applicants()],
            refused: vec![false; market.provider.len()],
            extra: vec![false; market.applicants()],
        }
    }

    fn reply(&mut self, market: &Market, applicant: u32, reply: Reply) {
        let place = self.place.get(applicant as usize).copied().flatten();
        if matches!(reply, Reply::Decline | Reply::Leave) {
            set(&mut self.extra, applicant, false);
        }
        match reply {
            Reply::Accept => set(&mut self.standing, applicant, Standing::Settled),
            Reply::Keep => set(&mut self.standing, applicant, Standing::Waiting),
            Reply::Decline => {
                if let Some((entry, _)) = place {
                    let start = bounds(&market.first, applicant as usize).start;
                    let entry = u32::try_from(start).unwrap_or(NONE).saturating_add(entry);
                    set(&mut self.refused, entry, true);
                }
                set(&mut self.place, applicant, None);
                set(&mut self.standing, applicant, Standing::Waiting);
            }
            Reply::Leave => {
                set(&mut self.place, applicant, None);
                set(&mut self.standing, applicant, Standing::Out);
            }
            Reply::Arrive => {
                set(&mut self.standing, applicant, Standing::Waiting);
                set(&mut self.late, applicant, true);
            }
        }
    }
}

/// Takes the replies, and gives the seats that became free to those who wait, by
/// priority, on-time applicants before late ones; whoever moves up leaves a seat that
/// goes on in the same way. Who did not reply keeps the offer and waits.
///
/// It is deferred acceptance once more, in which the place that somebody holds stands
/// at the end of the own list and is that person's for as long as it is wanted. So
/// **nobody who has a place is put out of it or gets a worse one**, nobody who waits is
/// passed over by somebody who is given a place now, no free seat is wanted by anybody
/// who could have it, and of all such results it is the one that everybody likes best.
///
/// A place that is held takes a seat of the door it was given at: it counts towards
/// that reserve, or under that ceiling, until it is left.
///
/// Returns the new state and the offers in the applicants' order. The order of the
/// replies does not matter, but that several of one applicant are taken in theirs.
///
/// # Errors
/// When market and state do not fit together.
pub fn next_round(
    market: &Market,
    state: &State,
    replies: &[(u32, Reply)],
) -> Result<(State, Vec<Offer>), MarketError> {
    market.check()?;
    let people = market.applicants();
    let fits = state.place.len() == people
        && state.standing.len() == people
        && state.late.len() == people
        && state.extra.len() == people
        && state.refused.len() == market.provider.len()
        && replies.iter().all(|(a, _)| (*a as usize) < people);
    if !fits {
        return Err(MarketError::Shape("the state does not fit the market"));
    }
    let mut now = state.clone();
    for (applicant, reply) in replies {
        now.reply(market, *applicant, *reply);
    }
    let before = now.place.clone();
    let mut run = Run::new(market, &now)?;
    while run.sweep() {}
    now.place = run.places();
    let mut offers = Vec::new();
    for (applicant, (new, old)) in (0u32..).zip(now.place.iter().zip(&before)) {
        if let Some((entry, door)) = new.filter(|_| new != old) {
            set(&mut now.extra, applicant, false);
            offers.push(Offer {
                applicant,
                entry,
                door,
                instead_of: old.map(|(e, _)| e),
            });
        }
    }
    Ok((now, offers))
}

/// Somebody who asks for a provider: to keep a place there, or to be given one.
#[derive(Clone, Copy)]
struct Asks {
    candidate: Candidate,
    /// The door of the place held here, and whether it takes one of the seats.
    held: Option<(Door, bool)>,
}

/// Applicants ask down their lists until the place they hold; providers choose.
struct Run<'a> {
    market: &'a Market,
    state: &'a State,
    /// The key of every entry that may be asked for, late applicants last.
    key: Vec<u64>,
    /// For each applicant the entry to ask for next, and where the list ends.
    next: Vec<(u32, u32)>,
    /// Whom each provider has so far, with the way in.
    people: Vec<Vec<(Asks, Door)>>,
    /// Who has to ask, ascending.
    free: Vec<u32>,
}

impl<'a> Run<'a> {
    fn new(market: &'a Market, state: &'a State) -> Result<Self, MarketError> {
        let mut run = Self {
            market,
            state,
            key: keys(market, &state.late)?,
            next: Vec::with_capacity(market.applicants()),
            people: vec![Vec::new(); market.seats.len()],
            free: Vec::new(),
        };
        let mut seats: Vec<u32> = market.seats.iter().map(|s| s.capacity).collect();
        for applicant in 0..market.applicants() {
            let list = bounds(&market.first, applicant);
            let place = state.place.get(applicant).copied().flatten();
            let end = place.map_or(list.end, |(entry, _)| list.start + entry as usize + 1);
            let wrong = MarketError::Shape("somebody has a place that is not there");
            if end > list.end {
                return Err(wrong);
            }
            let extra = state.extra.get(applicant).copied().unwrap_or(false);
            if place.is_some() && !extra {
                let held = u32::try_from(end - 1).unwrap_or(NONE);
                let left = seats.get_mut(at(&market.provider, held, NONE) as usize);
                match left.and_then(|left| Some((left.checked_sub(1)?, left))) {
                    Some((less, left)) => *left = less,
                    None => return Err(wrong),
                }
            }
            let number = |n: usize| u32::try_from(n).unwrap_or(NONE);
            let waits = state.standing.get(applicant) == Some(&Standing::Waiting);
            // Who does not wait asks for the place held alone.
            let start = if waits {
                list.start
            } else {
                end - usize::from(place.is_some())
            };
            run.next.push((number(start), number(end)));
            if start < end && (waits || place.is_some()) {
                run.free.push(number(applicant));
            }
        }
        Ok(run)
    }

    /// Lets everybody who is free ask once, and the providers asked choose; returns
    /// whether somebody was free.
    fn sweep(&mut self) -> bool {
        let free = std::mem::take(&mut self.free);
        let mut asked: Vec<(u32, Asks)> = Vec::with_capacity(free.len());
        for applicant in &free {
            asked.extend(self.ask(*applicant));
        }
        asked.sort_by_key(|(provider, _)| *provider);
        for here in asked.chunk_by(|a, b| a.0 == b.0) {
            let Some((provider, _)) = here.first() else {
                continue;
            };
            let (Some(seats), Some(people)) = (
                self.market.seats.get(*provider as usize),
                self.people.get_mut(*provider as usize),
            ) else {
                continue;
            };
            let all = people.drain(..).map(|(asks, _)| asks);
            let all: Vec<Asks> = all.chain(here.iter().map(|(_, asks)| *asks)).collect();
            let (taken, out) = take(seats, all);
            *people = taken;
            for applicant in out {
                if let Some((next, _)) = self.next.get_mut(applicant as usize) {
                    *next += 1;
                }
                self.free.push(applicant);
            }
        }
        self.free.sort_unstable();
        !free.is_empty()
    }

    /// Returns what the applicant asks for now; nothing at the end of the list.
    fn ask(&mut self, applicant: u32) -> Option<(u32, Asks)> {
        let place = self.state.place.get(applicant as usize).copied().flatten();
        let own = u32::try_from(bounds(&self.market.first, applicant as usize).start).ok()?;
        let (next, end) = self.next.get_mut(applicant as usize)?;
        while *next < *end {
            let entry = *next;
            let held = place.filter(|(held, _)| own + held == entry);
            if held.is_none() && at(&self.state.refused, entry, true) {
                *next += 1;
                continue;
            }
            let extra = self.state.extra.get(applicant as usize) == Some(&true);
            let (_, reserves, ceilings) = unpack_groups(self.market.groups_of(entry as usize));
            let asks = Asks {
                candidate: Candidate {
                    key: at(&self.key, entry, u64::MAX),
                    applicant,
                    // A seat that was kept for somebody was offered at the beginning;
                    // only there could a member of a reserve be under a ceiling.
                    groups: pack_groups(false, reserves, if reserves == 0 { ceilings } else { 0 }),
                },
                held: held.map(|(_, door)| (door, !extra)),
            };
            return Some((at(&self.market.provider, entry, NONE), asks));
        }
        None
    }

    /// Returns who has which place now.
    fn places(self) -> Vec<Option<(u32, Door)>> {
        let mut place = vec![None; self.market.applicants()];
        for (asks, door) in self.people.iter().flatten() {
            let applicant = asks.candidate.applicant;
            let own = bounds(&self.market.first, applicant as usize).start;
            let entry = self.next.get(applicant as usize).map_or(NONE, |(n, _)| *n);
            let entry = entry - u32::try_from(own).unwrap_or(0);
            set(&mut place, applicant, Some((entry, *door)));
        }
        place
    }
}

/// Lets a provider choose: everybody keeps the place held here, and the seats that
/// are left at each door go to the best of the others. Returns whom it takes, with
/// the way in, and who is turned away.
fn take(seats: &Seats, all: Vec<Asks>) -> (Vec<(Asks, Door)>, Vec<u32>) {
    let mut left = seats.clone();
    let mut taken: Vec<(Asks, Door)> = Vec::with_capacity(all.len());
    let mut others: Vec<Candidate> = Vec::new();
    for asks in all {
        let Some((door, counts)) = asks.held else {
            others.push(asks.candidate);
            continue;
        };
        taken.push((asks, door));
        if counts {
            less(&mut left, door, asks.candidate.groups);
        }
    }
    let doors = choose(&left, &mut others);
    let mut out = Vec::new();
    for (candidate, door) in others.into_iter().zip(doors) {
        match door {
            Some(door) => taken.push((
                Asks {
                    candidate,
                    held: None,
                },
                door,
            )),
            None => out.push(candidate.applicant),
        }
    }
    (taken, out)
}

/// Takes the seat of a place that is held out of those that can be given.
fn less(left: &mut Seats, door: Door, groups: u32) {
    left.capacity = left.capacity.saturating_sub(1);
    match door {
        Door::Kept => {}
        Door::Reserve(index) => {
            if let Some((seats, _)) = left.reserves.get_mut(usize::from(index)) {
                *seats = seats.saturating_sub(1);
            }
        }
        Door::Open => {
            for (bit, most) in left.ceilings.iter_mut().enumerate() {
                if ceilings(groups) >> bit & 1 == 1 {
                    *most = most.saturating_sub(1);
                }
            }
        }
    }
}

/// Returns a key for every entry, unique at its provider: on-time applicants come
/// before late ones, and each of them in the market's order.
fn keys(market: &Market, late: &[bool]) -> Result<Vec<u64>, MarketError> {
    let mut order: Vec<(u32, bool, u64, u32)> = Vec::with_capacity(market.provider.len());
    for (applicant, late) in late.iter().enumerate() {
        for entry in bounds(&market.first, applicant) {
            let entry = u32::try_from(entry).unwrap_or(NONE);
            let provider = at(&market.provider, entry, NONE);
            order.push((provider, *late, at(&market.key, entry, 0), entry));
        }
    }
    order.sort_unstable();
    let same = |pair: &[(u32, bool, u64, u32)]| match pair {
        [a, b] if (a.0, a.1, a.2) == (b.0, b.1, b.2) => Some(a.0),
        _ => None,
    };
    if let Some(provider) = order.windows(2).find_map(same) {
        return Err(MarketError::SameKey { provider });
    }
    let mut keys = vec![0; market.provider.len()];
    for (place, (.., entry)) in (0u64..).zip(order) {
        set(&mut keys, entry, place);
    }
    Ok(keys)
}
