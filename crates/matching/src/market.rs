/// What becomes of reserved seats that members leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unused {
    /// They become open seats: a soft reserve, a guaranteed minimum.
    Open,
    /// They stay empty: a hard reserve.
    Empty,
}

/// The way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Door {
    /// A seat that was kept for this person.
    Kept,
    /// The `i`-th reserve.
    Reserve(u8),
    /// The open seats.
    Open,
}

/// A provider's seats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seats {
    /// All of them; 0 is allowed.
    pub capacity: u32,
    /// Seats kept for a group, in the order they are filled; at most 16.
    pub reserves: Vec<(u32, Unused)>,
    /// The most a group may have through the open door; at most 15.
    pub ceilings: Vec<u32>,
}

/// Applicants' lists and providers' seats.
///
/// Applicant `a` asks for the entries `first[a] .. first[a + 1]`, the most wanted
/// first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Market {
    /// Offsets into the entries, one more than there are applicants.
    pub first: Vec<u32>,
    /// The provider of each entry.
    pub provider: Vec<u32>,
    /// The key of each entry at its provider: lower is better, unique there.
    pub key: Vec<u64>,
    /// The groups of each entry, as [`pack_groups`] makes them; empty when nobody
    /// is in any.
    pub groups: Vec<u32>,
    /// One per provider.
    pub seats: Vec<Seats>,
}

const RESERVE_MASK: u32 = 0xffff;
const CEILING_SHIFT: u32 = 16;
const CEILING_MASK: u32 = 0x7fff;
const KEPT: u32 = 1 << 31;

/// Returns the groups of an entry in one word: whether the seat is kept, bit `i`
/// of `reserves` for a member of the `i`-th reserve, bit `i` of `ceilings` (0 to
/// 14) for a member of the `i`-th ceiling.
#[must_use]
pub fn pack_groups(kept: bool, reserves: u16, ceilings: u16) -> u32 {
    let kept = if kept { KEPT } else { 0 };
    kept | (u32::from(ceilings) & CEILING_MASK) << CEILING_SHIFT | u32::from(reserves)
}

/// Returns what [`pack_groups`] put together.
#[must_use]
pub fn unpack_groups(groups: u32) -> (bool, u16, u16) {
    let low = |bits: u32| u16::try_from(bits).unwrap_or(u16::MAX);
    (
        is_kept(groups),
        low(reserves(groups)),
        low(ceilings(groups)),
    )
}

pub(crate) fn is_kept(groups: u32) -> bool {
    groups & KEPT != 0
}

pub(crate) fn reserves(groups: u32) -> u32 {
    groups & RESERVE_MASK
}

pub(crate) fn ceilings(groups: u32) -> u32 {
    groups >> CEILING_SHIFT & CEILING_MASK
}

/// Why a market cannot be solved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarketError {
    /// Arrays whose lengths or offsets do not fit together.
    #[error("the lists do not fit together: {0}")]
    Shape(&'static str),
    /// An entry names a provider that is not there.
    #[error("entry {entry} names provider {provider}, which does not exist")]
    UnknownProvider {
        /// The entry.
        entry: u32,
        /// The index it gives.
        provider: u32,
    },
    /// An applicant lists a provider twice.
    #[error("applicant {applicant} lists provider {provider} twice")]
    Duplicate {
        /// The applicant.
        applicant: u32,
        /// The provider.
        provider: u32,
    },
    /// Two applicants have one key at a provider.
    #[error("two applicants have the same key at provider {provider}")]
    SameKey {
        /// The provider.
        provider: u32,
    },
    /// More seats are kept than there are.
    #[error("{kept} seats are kept at provider {provider}, which has {capacity}")]
    KeptSeats {
        /// The provider.
        provider: u32,
        /// How many are kept.
        kept: u32,
        /// How many there are.
        capacity: u32,
    },
    /// More seats are kept under a cap than it allows.
    #[error("{kept} seats are kept under cap {cap}, which allows {most}")]
    KeptUnderCap {
        /// The cap.
        cap: u32,
        /// How many are kept.
        kept: u32,
        /// How many it allows.
        most: u32,
    },
    /// The mechanism does not know a feature of the market.
    #[error("{0}")]
    Unsupported(&'static str),
    /// Under caps, an applicant has two keys in one tree, or a key that another has.
    #[error("applicant {applicant} has no single place in the order of people under a cap")]
    TwoOrders {
        /// The applicant.
        applicant: u32,
    },
    /// Somebody is under two ceilings, or under a ceiling and in a reserve.
    #[error("applicant {applicant} is under a ceiling and in another group at provider {provider}")]
    Overlap {
        /// The applicant.
        applicant: u32,
        /// The provider.
        provider: u32,
    },
}

impl MarketError {
    /// Returns the provider concerned.
    #[must_use]
    pub fn provider(&self) -> Option<u32> {
        match self {
            Self::Shape(_)
            | Self::Unsupported(_)
            | Self::TwoOrders { .. }
            | Self::KeptUnderCap { .. } => None,
            Self::UnknownProvider { provider, .. }
            | Self::Duplicate { provider, .. }
            | Self::SameKey { provider }
            | Self::KeptSeats { provider, .. }
            | Self::Overlap { provider, .. } => Some(*provider),
        }
    }
}

impl Market {
    /// Returns how many applicants there are.
    #[must_use]
    pub fn applicants(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// Returns for each provider whether it has reserves, ceilings or kept seats.
    pub(crate) fn grouped(&self) -> Vec<bool> {
        let groups = |s: &Seats| !s.reserves.is_empty() || !s.ceilings.is_empty();
        let mut grouped: Vec<bool> = self.seats.iter().map(groups).collect();
        for (provider, groups) in self.provider.iter().zip(&self.groups) {
            if let (Some(flag), true) = (grouped.get_mut(*provider as usize), *groups != 0) {
                *flag = true;
            }
        }
        grouped
    }

    /// Refuses reserves and ceilings; a kept seat is a key that comes first.
    pub(crate) fn plain_only(&self, why: &'static str) -> Result<(), MarketError> {
        let grouped = |s: &Seats| !s.reserves.is_empty() || !s.ceilings.is_empty();
        if self.seats.iter().any(grouped) {
            return Err(MarketError::Unsupported(why));
        }
        Ok(())
    }

    /// Returns the groups of an entry.
    pub(crate) fn groups_of(&self, entry: usize) -> u32 {
        self.groups.get(entry).copied().unwrap_or(0)
    }

    /// Checks everything that [`crate::deferred_acceptance`] relies on, except
    /// that keys are unique, which it sees for itself.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn check(&self) -> Result<(), MarketError> {
        if self.key.len() != self.provider.len() {
            return Err(MarketError::Shape("providers and keys differ in number"));
        }
        self.check_lists()
    }

    /// Checks everything but the keys.
    pub(crate) fn check_lists(&self) -> Result<(), MarketError> {
        let entries = self.provider.len();
        if !(self.groups.is_empty() || self.groups.len() == entries) {
            return Err(MarketError::Shape("providers and groups differ in number"));
        }
        let (Some(0), Some(last)) = (self.first.first(), self.first.last()) else {
            return Err(MarketError::Shape("the offsets do not begin with 0"));
        };
        if *last as usize != entries || !self.first.is_sorted() {
            return Err(MarketError::Shape(
                "the offsets do not rise to the number of entries",
            ));
        }
        if self
            .seats
            .iter()
            .any(|s| s.reserves.len() > 16 || s.ceilings.len() > 15)
        {
            return Err(MarketError::Shape("more than 16 reserves or 15 ceilings"));
        }
        self.check_entries()
    }

    fn check_entries(&self) -> Result<(), MarketError> {
        // The last applicant seen at each provider, plus one.
        let mut seen = vec![0u32; self.seats.len()];
        let mut kept = vec![0u32; self.seats.len()];
        for (applicant, bounds) in (0u32..).zip(self.first.windows(2)) {
            let &[start, end] = bounds else { continue };
            for entry in start..end {
                let provider = self
                    .provider
                    .get(entry as usize)
                    .copied()
                    .unwrap_or(u32::MAX);
                let Some(last) = seen.get_mut(provider as usize) else {
                    return Err(MarketError::UnknownProvider { entry, provider });
                };
                if *last == applicant + 1 {
                    return Err(MarketError::Duplicate {
                        applicant,
                        provider,
                    });
                }
                *last = applicant + 1;
                let groups = self.groups_of(entry as usize);
                if is_kept(groups) {
                    if let Some(count) = kept.get_mut(provider as usize) {
                        *count += 1;
                    }
                } else if ceilings(groups) != 0
                    && (ceilings(groups).count_ones() > 1 || reserves(groups) != 0)
                {
                    return Err(MarketError::Overlap {
                        applicant,
                        provider,
                    });
                }
            }
        }
        for ((provider, seats), kept) in (0u32..).zip(&self.seats).zip(kept) {
            if kept > seats.capacity {
                return Err(MarketError::KeptSeats {
                    provider,
                    kept,
                    capacity: seats.capacity,
                });
            }
        }
        Ok(())
    }
}
