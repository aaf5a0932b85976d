//! Registers of the right size from published totals, by a fixed seed.
