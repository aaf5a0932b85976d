//! The published folder of one cycle: write it, read it, hash it.
//!
//! **Invariant:** the same contents give the same bytes, and [`read`] accepts
//! nothing that [`write`] would not have written: every file listed, hashed,
//! canonical and of the declared schema. What the numbers mean is not judged
//! here; that is the checker's work.

mod contents;
mod datapackage;
mod entries;
mod error;
mod folder;
mod hash;
mod json;
mod leaf;
mod manifest;
mod merkle;
mod reader;
mod round;
mod rows;
mod schema;
mod standings;
mod tables;

pub use contents::{
    CarriedSeal, Certificate, Closing, Contents, Decided, DrawSeal, FORMAT, IndicatorValue,
    MECHANISM, RegisterSeal, mechanism_name,
};
pub use error::BundleError;
pub use folder::{Written, write};
pub use hash::{FactsForm, facts_hash, hex, unhex};
pub use json::{jcs, parse_canonical, plain};
pub use leaf::{inclusion_proof, row_leaf, rows_root};
pub use manifest::{FileEntry, Hashes};
pub use merkle::{leaf_hash, merkle_proof, merkle_root, verify_inclusion};
pub use reader::read;
pub use round::{Answers, Line, Next, Round, RoundSeal, standings_root};
pub use schema::{door_name, door_of};
