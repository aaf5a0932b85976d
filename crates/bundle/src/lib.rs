//! The published folder: write, read, hash.
