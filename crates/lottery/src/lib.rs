//! Public draws from a public seed, reproducible by hand.
//!
//! The pool is frozen and hashed before anybody can know the seed; the seed joins
//! that hash with numbers drawn in public; every ticket's place follows from a
//! keyed hash that `openssl` can compute. Nothing here reads a clock, a file or a
//! random number generator.
//!
//! | step | rule |
//! | --- | --- |
//! | pool | RFC 6962 root over the sorted distinct tickets |
//! | canonical string | RFC 3797, section 4 |
//! | seed | HKDF-Extract (RFC 5869), SHA-256: salt = root, input = announcement |
//! | number of a label | HKDF-Expand, 32 bytes, info = label; the smallest comes first |

mod merkle;
mod order;
pub mod rfc3797;
mod seed;
pub mod vrs;

pub use merkle::pool_root;
pub use order::ranks_single;
pub use seed::{Announcement, canonical, number, seed};
