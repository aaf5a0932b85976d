//! What was promised, what was done: from public prose to statements that people
//! confirm, checked against each other and tracked against what happened.
//!
//! [`Reader`] reads a text into [`Statement`]s with the exact quote; [`review`]
//! lets people confirm them; [`check`] finds contradictions; [`track`] holds
//! targets against actuals on a day; [`exchange`] writes what others read.
//! [`read_numbers`] is the numeral reader alone.
//!
//! Grammar is code, words are data (`lexicon/*.tsv`, each with its source); a
//! city's own words come in as a [`Vocabulary`].
//!
//! **Invariants:** a quote is the source's characters from `start` to `end`,
//! unchanged. Values are decimals, never floats. What no list names is linked to
//! nothing and goes to review. Only what people accepted becomes public. Nothing
//! asks a clock: the day is an argument. Any text is read in time proportional to
//! its length.

mod acts;
mod bodies;
mod calendar;
mod cardinal;
mod chars;
pub mod check;
mod check_rules;
mod computed;
mod context;
mod dateline;
mod english;
mod english_numbers;
mod english_people;
mod english_times;
mod english_words;
mod exact;
pub mod exchange;
mod frames;
mod iati;
mod ingest;
mod layout;
mod lexicon;
mod making;
mod mode;
mod numbers;
mod numeral;
mod parts;
mod people;
mod published;
mod quantity;
mod reading;
pub mod register;
pub mod review;
mod scan;
#[cfg(feature = "second-reader")]
pub mod second;
#[cfg(feature = "second-reader")]
mod second_local;
mod standing;
mod statement;
mod table;
mod times;
pub mod track;
mod trie;
mod vocabulary;
mod wording;

pub use ingest::{Encoding, NotText, Source, ingest, ingest_owned};
pub use numbers::{Number, NumberKind, read_number, read_numbers};
pub use published::Published;
pub use reading::{Reader, Reading};
pub use statement::{
    COLUMNS, Comparator, Measure, Other, Role, Statement, Status, csv_rows, to_csv,
};
pub use vocabulary::{BodyName, IndicatorWords, PersonName, Vocabulary};
