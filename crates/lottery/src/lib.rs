//! Public draws from a public seed, reproducible by hand.
