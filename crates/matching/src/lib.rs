//! Applicants to places: deferred acceptance on flat arrays.
//!
//! A market is three flat arrays of entries (provider, key, groups) cut into lists
//! by offsets; providers have seats and nothing else, so memory is what the lists
//! need. Keys are packed integers, the lower the better, and unique at a provider.
//!
//! # The choice function of a provider
//! Of the people who want it, a provider with `capacity` seats takes
//! 1. everybody for whom a seat is kept;
//! 2. for each reserve in the declared order the best members not yet in, up to the
//!    reserve's seats and what is left; unused seats become open or stay empty;
//! 3. into the seats left the best of the rest, passing over members of a ceiling
//!    whose number is already in through the open door.
//!
//! With reserves and ceilings over separate people this choice is substitutable,
//! so applicant-proposing deferred acceptance (Gale and Shapley 1962; Roth 1984
//! for choice functions; Hafalir, Yenmez and Yildirim 2013 for reserves; Abdulkadiroğlu
//! and Sönmez 2003 for ceilings) gives the stable assignment that every
//! applicant likes best, and the order of proposals does not matter.
//!
//! **Invariant:** no files, no threads, no clock, no chance: the outcome follows
//! from the market alone.

mod adjusted;
mod call;
mod caps;
mod choice;
mod couples;
mod deferred;
mod exact;
mod families;
mod heap;
mod improve;
mod jointly;
mod keys;
mod largest;
mod lists;
mod market;
mod minimum;
mod narrow;
mod providers;
mod rekeyed;
mod rounds;
mod scenarios;
mod trading;

pub use adjusted::efficiency_adjusted;
pub use call::call_order;
pub use caps::{Caps, Turn, deferred_acceptance_under_caps};
pub use choice::{Candidate, choose};
pub use couples::{Block, Couples, Joint, Search, couples};
pub use deferred::{Outcome, deferred_acceptance, deferred_acceptance_by_draw};
pub use exact::{Part, Proved, largest};
pub use families::{Families, Related, Wish, families};
pub use improve::stable_improvement_cycles;
pub use keys::{draw_at_each_provider, draw_by_family, single_draw};
pub use largest::{Largest, maximum_size};
pub use market::{Door, Market, MarketError, Seats, Unused, pack_groups, unpack_groups};
pub use minimum::{Closed, with_minimum, with_minimum_by};
pub use providers::{provider_proposing, unique};
pub use rekeyed::{immediate_acceptance, serial_dictatorship};
pub use rounds::{Offer, Reply, Standing, State, next_round};
pub use scenarios::{Figures, figures, scenarios};
pub use trading::{Priorities, top_trading_cycles};
