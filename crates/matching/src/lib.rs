//! Applicants to places: deferred acceptance on flat arrays.
