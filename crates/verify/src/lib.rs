//! The independent checker of a bundle.
