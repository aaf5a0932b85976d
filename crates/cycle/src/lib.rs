//! Programme and registers in, decision and bundle out.
