//! The command as a user types it, on a small edition of the example city.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    reason = "tests may fail loudly"
)]

mod broken;
mod chosen;
mod city;
mod closings;
mod compare;
mod journey;
mod layout;
mod links;
mod programmes;
mod promises;
mod prose;
mod rounds;
mod same_bytes;
mod served;
mod sites;
mod travel;
