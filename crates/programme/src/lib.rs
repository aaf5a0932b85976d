//! The programme and city files: read, check, point at the mistake.
