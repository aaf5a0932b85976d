//! Plain interfaces: one mechanism alone, JSON and standard text in and out.
