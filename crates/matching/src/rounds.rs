//! After the decision: replies, late applicants, and the waiting list.

use crate::deferred::{Outcome, deferred_acceptance};
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
        }
    }

    fn reply(&mut self, market: &Market, applicant: u32, reply: Reply) {
        let place = self.place.get(applicant as usize).copied().flatten();
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
/// **Nobody who has a place is put out of it or gets a worse one**, and afterwards no
/// free seat is wanted by anybody who could have it. Seats go by the door they became
/// free at: members of a reserve first where its guaranteed number is not reached,
/// and ceilings count those who are in.
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
    while pass(market, &mut now)? {}
    let mut offers = Vec::new();
    for (applicant, (new, old)) in (0u32..).zip(now.place.iter().zip(&before)) {
        if let Some((entry, door)) = new.filter(|_| new != old) {
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

/// Gives the seats that are free now to those who wait; returns whether anybody got
/// one.
fn pass(market: &Market, state: &mut State) -> Result<bool, MarketError> {
    let seats = free_seats(market, state)?;
    if seats.iter().all(|s| s.capacity == 0) {
        return Ok(false);
    }
    let (waiting, origin) = waiting(market, state, seats);
    let solved = deferred_acceptance(&waiting)?;
    let mut any = false;
    for (applicant, (entry, door)) in (0u32..).zip(solved.entry.iter().zip(solved.door)) {
        let (Some(entry), Some(door)) = (entry, door) else {
            continue;
        };
        let start = bounds(&waiting.first, applicant as usize).start;
        let whole = origin.get(start + *entry as usize).copied().unwrap_or(NONE);
        let own = u32::try_from(bounds(&market.first, applicant as usize).start).unwrap_or(0);
        set(&mut state.place, applicant, Some((whole - own, door)));
        any = true;
    }
    Ok(any)
}

/// Returns the seats that are free at each provider, and what is left of its reserves
/// and ceilings.
fn free_seats(market: &Market, state: &State) -> Result<Vec<Seats>, MarketError> {
    let mut seats = market.seats.clone();
    for (applicant, place) in state.place.iter().enumerate() {
        let Some((entry, door)) = place else { continue };
        let list = bounds(&market.first, applicant);
        let whole = list.start + *entry as usize;
        let provider = market.provider.get(whole).filter(|_| list.contains(&whole));
        let own = provider.and_then(|p| seats.get_mut(*p as usize));
        let wrong = MarketError::Shape("somebody has a place that is not there");
        let Some(own) = own.filter(|s| s.capacity > 0) else {
            return Err(wrong);
        };
        own.capacity -= 1;
        match door {
            Door::Kept => {}
            Door::Reserve(index) => {
                if let Some((seats, _)) = own.reserves.get_mut(usize::from(*index)) {
                    *seats = seats.saturating_sub(1);
                }
            }
            Door::Open => {
                let groups = ceilings(market.groups_of(whole));
                for (bit, most) in own.ceilings.iter_mut().enumerate() {
                    if groups >> bit & 1 == 1 {
                        *most = most.saturating_sub(1);
                    }
                }
            }
        }
    }
    Ok(seats)
}

/// Returns the market of those who wait, for what is better than what they have.
fn waiting(market: &Market, state: &State, seats: Vec<Seats>) -> (Market, Vec<u32>) {
    let mut waiting = Market {
        first: vec![0],
        seats,
        ..Market::default()
    };
    let mut origin: Vec<u32> = Vec::new();
    // Late ones come last: keys are put in that order.
    let mut order: Vec<(u32, bool, u64, u32)> = Vec::new();
    for applicant in 0..market.applicants() {
        let list = bounds(&market.first, applicant);
        let standing = state.standing.get(applicant).copied();
        let place = state.place.get(applicant).copied().flatten();
        let end = place.map_or(list.end, |(entry, _)| list.start + entry as usize);
        let late = state.late.get(applicant).copied().unwrap_or(false);
        for entry in (list.start..end).filter(|_| standing == Some(Standing::Waiting)) {
            let entry = u32::try_from(entry).unwrap_or(NONE);
            let provider = at(&market.provider, entry, NONE);
            let room = waiting
                .seats
                .get(provider as usize)
                .is_some_and(|s| s.capacity > 0);
            if at(&state.refused, entry, true) || !room {
                continue;
            }
            let number = u32::try_from(origin.len()).unwrap_or(NONE);
            order.push((provider, late, at(&market.key, entry, 0), number));
            waiting.provider.push(provider);
            // A kept seat was offered in the first round.
            let (_, reserves, ceilings) = unpack_groups(market.groups_of(entry as usize));
            let member = reserves != 0;
            waiting.groups.push(pack_groups(
                false,
                reserves,
                if member { 0 } else { ceilings },
            ));
            origin.push(entry);
        }
        waiting
            .first
            .push(u32::try_from(origin.len()).unwrap_or(NONE));
    }
    order.sort_unstable();
    waiting.key = vec![0; origin.len()];
    for (place, (.., number)) in (0u64..).zip(order) {
        set(&mut waiting.key, number, place);
    }
    (waiting, origin)
}
