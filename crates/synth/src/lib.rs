//! Registers of the right size from published totals, by a fixed seed: areas
//! with their weights, providers with their places, families with their homes,
//! and lists of wishes driven by distance and popularity.
//!
//! The plan is a TOML file that names every file and column; nothing here knows
//! what the columns are about.
//!
//! **Invariant:** the same plan gives the same bytes. Integers only, chance from
//! counted hashes of the seed ([`Chance`]), never from a clock, an order of
//! threads or a hash map. Every file says that it is synthetic.

mod areas;
mod chance;
mod column;
mod file;
mod generate;
mod land;
mod make;
mod near;
mod pattern;
mod people;
mod plan;
mod providers;
mod read;
mod replies;
mod resolve;
mod sink;
mod spread;
mod wanted;
mod wishes;

pub use chance::Chance;
pub use generate::{Written, generate};
pub use pattern::{Pattern, Piece};
pub use plan::{
    Area, Column, Condition, Limits, Make, People, Per, Plan, Providers, Spread, Wishes, Within,
};
pub use read::{load, load_str};
pub use replies::{Asked, reply};
